//! Tables of figures (taulukot): what a report counts, and how it is told in either rendering.
use super::{
    LEAST_OF_MEANS, LEAST_OF_SHARES, Rendering, ReportName,
    release::Released,
    suppression::{Bond, Cell, Sheet},
};
use crate::{text::LocalizedText, vocabulary::vocabulary};
use std::collections::BTreeMap;

/// So many of so many, as it is told (luku).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// How many; none where it is kept back.
    pub numerator: Option<i32>,
    /// Of how many; none where that is kept back.
    pub denominator: Option<i32>,
    /// The share in hundredths of a per cent, half of one rounded up; none where it is kept back, and of nothing.
    pub share: Option<i32>,
    /// It is kept back, as too small or because another one could be reckoned from it.
    pub suppressed: bool,
}

impl Figure {
    /// The share in whole per cent, half of one rounded up.
    #[must_use]
    pub fn percent(self) -> Option<i32> {
        self.share.and(self.numerator.zip(self.denominator)).and_then(|(part, whole)| ratio(part, whole, 100))
    }
}

/// `part` of `whole`, in so many parts of one, half of one rounded up; none of nothing.
fn ratio(part: i32, whole: i32, of_one: i64) -> Option<i32> {
    let (part, whole) = (i64::from(part), i64::from(whole));
    (whole > 0).then(|| (2 * part * of_one + whole) / (2 * whole)).and_then(|ratio| i32::try_from(ratio).ok())
}

/// A row of a table, as it was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// By which it is known: a code of its code list, where there is one.
    pub key: String,
    /// What it is called.
    pub label: LocalizedText,
    /// How many of what the section counts.
    pub count: i32,
    /// Of health or hardship: that there is none tells as much as a small number.
    pub sensitive: bool,
    /// The row that it is a part of, by its place in the section.
    pub within: Option<usize>,
    /// How many services it is made of, where that is told.
    pub services: Option<i32>,
}

impl Row {
    /// A row of a code list.
    pub fn of(key: impl Into<String>, label: LocalizedText, count: i32) -> Self {
        Self { key: key.into(), label, count, sensitive: false, within: None, services: None }
    }
}

/// How the rows of a section hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Each client of the base is in one row: they make up the base.
    Partition,
    /// A client may be in several rows or in none.
    Overlapping,
}

/// Figures beside the rows that may overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The sum of the rows is told: how often somebody takes part in one.
    pub total: bool,
    /// How many different clients are in some row.
    pub distinct: i32,
}

vocabulary! {
    /// What a report counts (mitä lasketaan).
    pub enum Counted ["report-counted"] {
        /// Different clients of the cohort (asiakkaat).
        Clients,
        /// Clients who wait or have waited, those with whom work has begun among them (odottaneet asiakkaat).
        Waiting,
        /// Visits; somebody who comes twice makes two (käynnit).
        Visits,
        /// Contacts (kohtaamiset).
        Contacts,
        /// Places at sessions (paikat kerroilla).
        Places,
        /// Consents (suostumukset).
        Consents,
    }
}

vocabulary! {
    /// In what an average is told (keskiarvon yksikkö).
    pub enum MeanUnit ["mean-unit"] {
        /// Points of an instrument (pisteet).
        Points,
        /// Days of the calendar (vuorokaudet).
        Days,
        /// Euros without value added tax of orders, with it of vouchers, as they are paid (eurot).
        Euros,
    }
}

/// An average (keskiarvo).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mean {
    /// In what it is told.
    pub unit: MeanUnit,
    /// Of how many clients.
    pub clients: i32,
    /// The mean in hundredths, half of one rounded up.
    pub hundredths: i32,
    /// The value below or at which half of them lie, in hundredths; none of what is no value of single clients.
    pub median_hundredths: Option<i32>,
    /// The rows of the section whose clients it is of, where that is known, by their places.
    pub of_rows: Vec<usize>,
}

impl Mean {
    /// Out of values in hundredths; none of nothing.
    #[must_use]
    pub fn of(values: &[i32], unit: MeanUnit) -> Option<Self> {
        let sum = values.iter().copied().map(i64::from).sum();
        let shared = Self::shared(sum, i32::try_from(values.len()).ok()?, unit)?;
        Some(Self { median_hundredths: crate::funding::quality::percentile(values, 50), ..shared })
    }

    /// What falls to each of so many clients; none of nobody.
    #[must_use]
    pub fn shared(hundredths: i64, clients: i32, unit: MeanUnit) -> Option<Self> {
        let twice = 2 * i64::from(clients);
        let mean = (2 * hundredths + i64::from(clients)).checked_div_euclid(twice)?;
        Some(Self { unit, clients, hundredths: i32::try_from(mean).ok()?, median_hundredths: None, of_rows: Vec::new() })
    }
}

/// All that a report speaks of (perusjoukko).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// The clients of the cohort.
    Clients(i32),
    /// The clients of the cohort, and beside them those with whom work has not begun.
    Waiting {
        /// The clients of the cohort, whose number other reports tell.
        clients: i32,
        /// They and the others.
        all: i32,
    },
    /// Something else than clients of the cohort.
    Others(Counted, i32),
}

impl Whole {
    /// How many.
    #[must_use]
    pub const fn size(self) -> i32 {
        match self {
            Self::Clients(all) | Self::Waiting { all, .. } | Self::Others(_, all) => all,
        }
    }

    /// What it is made of.
    #[must_use]
    pub const fn counted(self) -> Counted {
        match self {
            Self::Clients(_) => Counted::Clients,
            Self::Waiting { .. } => Counted::Waiting,
            Self::Others(counted, _) => counted,
        }
    }

    /// So few clients wait that everything told of all of them beside the cohort would tell of these.
    const fn leaves_few(self, least: i32) -> bool {
        matches!(self, Self::Waiting { clients, all } if clients < all && all - clients < least)
    }

    fn name(self, report: ReportName) -> String {
        if matches!(self, Self::Clients(_)) { POPULATION.to_owned() } else { format!("{report:?}/ALL") }
    }
}

/// Of what a section speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Of all that the report speaks of.
    Whole,
    /// Of so many of these.
    Part(i32),
    /// Of so many of something else.
    Own(i32),
}

/// A section of a table, as it was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// By which it is known.
    pub key: String,
    /// What it is called.
    pub title: LocalizedText,
    /// How its rows hang together.
    pub shape: Shape,
    /// Of what it speaks.
    pub base: Base,
    /// The section that it is a part of, by its place: with its like it makes that up, row by row.
    pub splits: Option<usize>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What is told beside them.
    pub beside: Option<Beside>,
    /// An average.
    pub mean: Option<Mean>,
}

impl Section {
    /// Rows of which each that is counted has one.
    pub fn partition(key: impl Into<String>, title: LocalizedText, rows: Vec<Row>) -> Self {
        Self { key: key.into(), title, shape: Shape::Partition, base: Base::Whole, splits: None, rows, beside: None, mean: None }
    }

    /// Rows that may overlap, with what is told beside them.
    pub fn overlapping(key: impl Into<String>, title: LocalizedText, rows: Vec<Row>, beside: Option<Beside>) -> Self {
        Self { shape: Shape::Overlapping, beside, ..Self::partition(key, title, rows) }
    }

    /// An average and nothing else; none where nobody has a value.
    pub fn average(key: impl Into<String>, title: LocalizedText, mean: Option<Mean>) -> Self {
        Self { mean, ..Self::overlapping(key, title, Vec::new(), None) }
    }

    /// The same, of something else than all.
    #[must_use]
    pub fn based(self, base: Base) -> Self {
        Self { base, ..self }
    }
}

/// A report, as it was counted (raportti).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Which report.
    pub name: ReportName,
    /// All that it speaks of.
    pub whole: Whole,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A row, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRow {
    /// By which it is known.
    pub key: String,
    /// What it is called.
    pub label: LocalizedText,
    /// How many.
    pub figure: Figure,
    /// The key of the row that it is a part of.
    pub within: Option<String>,
    /// How many services it is made of.
    pub services: Option<i32>,
}

/// A section, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldSection {
    /// By which it is known.
    pub key: String,
    /// What it is called.
    pub title: LocalizedText,
    /// Its rows make up the whole.
    pub adds_up: bool,
    /// Its rows.
    pub rows: Vec<ToldRow>,
    /// The sum of the rows; it has no share, since it is no part of the clients.
    pub total: Option<Figure>,
    /// How many different clients are in some row.
    pub distinct: Option<Figure>,
    /// How many clients are in none.
    pub without: Option<Figure>,
    /// The average, where one is told and it is of enough.
    pub mean: Option<ToldMean>,
}

/// An average, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldMean {
    /// In what it is told.
    pub unit: MeanUnit,
    /// Of how many of the clients.
    pub of: Figure,
    /// The mean in hundredths; none where it is kept back.
    pub hundredths: Option<i32>,
    /// The median in hundredths; none where it is kept back, or there is none.
    pub median_hundredths: Option<i32>,
    /// It is kept back: of too few.
    pub suppressed: bool,
}

/// A report, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which report.
    pub name: ReportName,
    /// What it counts.
    pub counted: Counted,
    /// How many that is; none where that is kept back, and everything with it.
    pub population: Option<i32>,
    /// Its sections.
    pub sections: Vec<ToldSection>,
    /// What was told, each figure by its name: what the ledger of releases keeps.
    pub cells: Released,
}

/// The name of the figure of the whole cohort: the same in every report.
pub const POPULATION: &str = "POPULATION";

/// A table laid out as figures that hang together.
struct Laid {
    sheet: Sheet,
    names: BTreeMap<String, usize>,
    sections: Vec<Placed>,
}

/// Where the figures of a section are.
struct Placed {
    base: usize,
    rows: Vec<usize>,
}

impl Laid {
    fn put(&mut self, name: String, cell: Cell) -> usize {
        let place = self.sheet.add(cell);
        self.names.insert(name, place);
        place
    }

    /// A printed part of a whole, and what is left of the whole: a share tells both.
    fn share(&mut self, name: String, (whole, of): (usize, i32), count: i32, sensitive: bool) -> usize {
        let rest = self.put(format!("{name}/REST"), Cell::implied(of - count, sensitive));
        let part = self.put(name, Cell::printed(count, sensitive));
        self.sheet.bind(Bond::Sum { whole, parts: vec![part, rest] });
        part
    }

    /// All that a report speaks of.
    fn whole(&mut self, report: ReportName, whole: Whole) -> usize {
        let all = self.put(whole.name(report), Cell::printed(whole.size(), false));
        if let Whole::Waiting { clients, all: size } = whole {
            // Other reports tell how many clients the cohort has.
            let cohort = self.put(POPULATION.to_owned(), Cell::told(clients));
            let others = self.put(format!("{report:?}/WAITING"), Cell::implied(size - clients, false));
            self.sheet.bind(Bond::Sum { whole: all, parts: vec![cohort, others] });
        }
        all
    }

    fn section(&mut self, report: ReportName, section: &Section, whole: (usize, Whole)) {
        let name = |what: &str| format!("{report:?}/{}/{what}", section.key);
        let all = (whole.0, whole.1.size());
        let base = match section.base {
            Base::Whole => all,
            Base::Part(base) => (self.share(name("BASE"), all, base, false), base),
            Base::Own(base) => (self.put(name("BASE"), Cell::printed(base, false)), base),
        };
        let rows: Vec<_> = section.rows.iter().map(|row| self.share(name(&row.key), base, row.count, row.sensitive)).collect();
        let whole_rows = || rows.iter().zip(&section.rows).filter(|(_, row)| row.within.is_none()).map(|(place, _)| *place);
        for (at, row) in section.rows.iter().enumerate() {
            let parts: Vec<_> = section.rows.iter().zip(&rows).filter(|(part, _)| part.within == Some(at)).map(|(_, place)| *place).collect();
            let inside: i32 = parts.iter().map(|part| self.sheet.value(*part)).sum();
            if !parts.is_empty() {
                let rest = self.put(name(&format!("{}/OTHERS", row.key)), Cell::implied(row.count - inside, row.sensitive));
                self.sheet.bind(Bond::Sum { whole: rows[at], parts: parts.into_iter().chain([rest]).collect() });
            }
        }
        if section.shape == Shape::Partition && !section.rows.is_empty() {
            self.sheet.bind(Bond::Sum { whole: base.0, parts: whole_rows().collect() });
        }
        if let Some(beside) = section.beside {
            let distinct = self.put(name("DISTINCT"), Cell::printed(beside.distinct, false));
            let without = self.put(name("WITHOUT"), Cell::printed(base.1 - beside.distinct, false));
            self.sheet.bind(Bond::Sum { whole: base.0, parts: vec![distinct, without] });
            self.sheet.bind(Bond::Union { whole: distinct, parts: whole_rows().collect() });
            if beside.total {
                let total = self.put(name("TOTAL"), Cell::printed(section.total(), false));
                self.sheet.bind(Bond::Sum { whole: total, parts: whole_rows().collect() });
                self.sheet.bind(Bond::Share { whole: total, parts: whole_rows().collect(), most: distinct });
            }
        }
        if let Some(mean) = &section.mean {
            let of = if section.base == Base::Part(mean.clients) {
                // It is of all of them: one figure, and not two of which one would tell the other.
                self.names.insert(name("MEAN"), base.0);
                base.0
            } else {
                self.share(name("MEAN"), base, mean.clients, false)
            };
            if !mean.of_rows.is_empty() {
                self.sheet.bind(Bond::Sum { whole: of, parts: mean.of_rows.iter().map(|row| rows[*row]).collect() });
            }
            // Those of whom an average is told may be those of the cohort, whose number is known.
            if let (Whole::Waiting { clients, .. }, Some(cohort)) = (whole.1, self.names.get(POPULATION))
                && clients == mean.clients
            {
                self.sheet.bind(Bond::Sum { whole: *cohort, parts: vec![of] });
            }
        }
        self.sections.push(Placed { base: base.0, rows });
    }

    /// Sections that make up another do so row by row.
    fn splits(&mut self, sections: &[Section]) {
        for (at, whole) in sections.iter().enumerate() {
            let parts: Vec<_> = sections.iter().enumerate().filter(|(_, part)| part.splits == Some(at)).map(|(place, _)| place).collect();
            if parts.is_empty() {
                continue;
            }
            let bases = parts.iter().map(|part| self.sections[*part].base).collect();
            self.sheet.bind(Bond::Sum { whole: self.sections[at].base, parts: bases });
            for (place, row) in whole.rows.iter().enumerate() {
                let of_part = |part: &usize| sections[*part].rows.iter().position(|other| other.key == row.key).map(|there| self.sections[*part].rows[there]);
                let cells = parts.iter().filter_map(of_part).collect();
                self.sheet.bind(Bond::Sum { whole: self.sections[at].rows[place], parts: cells });
            }
        }
    }
}

impl Section {
    /// The sum of the rows that are no part of another.
    fn total(&self) -> i32 {
        self.rows.iter().filter(|row| row.within.is_none()).map(|row| row.count).fold(0, i32::saturating_add)
    }
}

impl Table {
    fn laid(&self) -> Laid {
        let mut laid = Laid { sheet: Sheet::default(), names: BTreeMap::new(), sections: Vec::new() };
        let whole = laid.whole(self.name, self.whole);
        for section in &self.sections {
            laid.section(self.name, section, (whole, self.whole));
        }
        laid.splits(&self.sections);
        laid
    }

    /// The report as it is told: internally all of it; for publishing without what is of fewer than `least`, and without what would tell that beside what was
    /// `released` before of the same clients.
    #[must_use]
    pub fn render(&self, rendering: Rendering, least: i32, released: &[Released]) -> Told {
        let Laid { mut sheet, names, .. } = self.laid();
        let hidden = match rendering {
            Rendering::Internal => vec![false; names.len()],
            Rendering::Publishable if self.whole.leaves_few(least) => sheet.all_hidden(),
            Rendering::Publishable => {
                for earlier in released {
                    earlier.bind_to(&mut sheet, &names);
                }
                sheet.hidden(least)
            }
        };
        let teller = Teller { table: self, names: &names, hidden: &hidden, rendering };
        let shown = |(name, place): (&String, &usize)| (!hidden[*place]).then(|| (name.clone(), sheet.value(*place)));
        Told {
            name: self.name,
            counted: self.whole.counted(),
            population: teller.whole(),
            sections: self.sections.iter().map(|section| teller.section(section)).collect(),
            cells: Released(names.iter().filter_map(shown).collect()),
        }
    }
}

/// Tells a table with some of its figures kept back.
struct Teller<'a> {
    table: &'a Table,
    names: &'a BTreeMap<String, usize>,
    hidden: &'a [bool],
    rendering: Rendering,
}

impl Teller<'_> {
    fn count(&self, name: &str, value: i32) -> Option<i32> {
        self.names.get(name).is_some_and(|place| !self.hidden[*place]).then_some(value)
    }

    fn whole(&self) -> Option<i32> {
        self.count(&self.table.whole.name(self.table.name), self.table.whole.size())
    }

    fn figure(&self, section: &Section, what: &str, value: i32) -> Figure {
        let name = |what: &str| format!("{:?}/{}/{what}", self.table.name, section.key);
        let numerator = self.count(&name(what), value);
        let denominator = match section.base {
            Base::Part(base) | Base::Own(base) => self.count(&name("BASE"), base),
            Base::Whole => self.whole(),
        };
        let told = numerator.zip(denominator).filter(|(_, whole)| self.rendering == Rendering::Internal || *whole >= LEAST_OF_SHARES);
        Figure { numerator, denominator, share: told.and_then(|(part, whole)| ratio(part, whole, 10_000)), suppressed: numerator.is_none() }
    }

    fn section(&self, section: &Section) -> ToldSection {
        let row = |row: &Row| ToldRow {
            key: row.key.clone(),
            label: row.label.clone(),
            figure: self.figure(section, &row.key, row.count),
            within: row.within.map(|at| section.rows[at].key.clone()),
            services: row.services,
        };
        let base = match section.base {
            Base::Whole => self.table.whole.size(),
            Base::Part(base) | Base::Own(base) => base,
        };
        let beside = section.beside;
        let total = beside.filter(|beside| beside.total).map(|_| Figure { denominator: None, share: None, ..self.figure(section, "TOTAL", section.total()) });
        ToldSection {
            key: section.key.clone(),
            title: section.title.clone(),
            adds_up: section.shape == Shape::Partition,
            rows: section.rows.iter().map(row).collect(),
            total,
            distinct: beside.map(|beside| self.figure(section, "DISTINCT", beside.distinct)),
            without: beside.map(|beside| self.figure(section, "WITHOUT", base - beside.distinct)),
            mean: section.mean.as_ref().map(|mean| self.mean(section, mean)),
        }
    }

    fn mean(&self, section: &Section, mean: &Mean) -> ToldMean {
        let of = self.figure(section, "MEAN", mean.clients);
        let told = self.rendering == Rendering::Internal || mean.clients >= LEAST_OF_MEANS && !of.suppressed;
        ToldMean {
            unit: mean.unit,
            of,
            hundredths: told.then_some(mean.hundredths),
            median_hundredths: mean.median_hundredths.filter(|_| told),
            suppressed: !told,
        }
    }
}

impl Told {
    /// How many it speaks of, as a figure: all of them.
    #[must_use]
    pub fn population_figure(&self) -> Figure {
        let share = self.population.and_then(|all| ratio(all, all, 10_000));
        Figure { numerator: self.population, denominator: self.population, share, suppressed: self.population.is_none() }
    }
}

/// A chart that is drawn without reckoning (kaavio): a bar for each label, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What the bars are called.
    pub labels: Vec<LocalizedText>,
    /// How many clients each stands for; none where that is kept back.
    pub counts: Vec<Option<i32>>,
    /// The same in hundredths of a per cent.
    pub shares: Vec<Option<i32>>,
}

impl ToldSection {
    /// The section as bars.
    #[must_use]
    pub fn series(&self) -> Series {
        Series {
            labels: self.rows.iter().map(|row| row.label.clone()).collect(),
            counts: self.rows.iter().map(|row| row.figure.numerator).collect(),
            shares: self.rows.iter().map(|row| row.figure.share).collect(),
        }
    }
}
