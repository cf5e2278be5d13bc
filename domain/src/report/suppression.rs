//! Small cells kept back (pienten solujen suojaus): which figures of a table are not shown, so that nobody can reckon them out of those that are. Source: chapter 7.6
//! of the design of the domain.
//!
//! A small figure is hidden. As long as a hidden one can be reckoned from what is left, the next smallest beside it is hidden too: the secondary rule of 7.6 where
//! a total leaves one unknown, and the same for what several sums tell together.

/// A figure of a table, shown or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// How many.
    pub value: i32,
    /// It is printed. What is not can be reckoned by whoever knows the others: how many have not, how many have come since.
    pub printed: bool,
    /// That there is none, or that all are, tells as much as a small number: of health and hardship.
    pub sensitive: bool,
    /// It was told before, and cannot be taken back.
    pub known: bool,
}

impl Cell {
    /// A printed figure.
    #[must_use]
    pub const fn printed(value: i32, sensitive: bool) -> Self {
        Self { value, printed: true, sensitive, known: false }
    }

    /// A figure that is not printed but can be reckoned.
    #[must_use]
    pub const fn implied(value: i32, sensitive: bool) -> Self {
        Self { value, printed: false, sensitive, known: false }
    }

    /// A figure that was told before.
    #[must_use]
    pub const fn told(value: i32) -> Self {
        Self { value, printed: true, sensitive: false, known: true }
    }

    /// Too few to be told (primary rule): more than none and fewer than `least`.
    const fn is_small(self, least: i32) -> bool {
        !self.known && self.value < least && (self.value > 0 || self.sensitive)
    }
}

/// What everybody knows of how figures hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bond {
    /// The parts make up the whole.
    Sum {
        /// The whole.
        whole: usize,
        /// Its parts.
        parts: Vec<usize>,
    },
    /// The whole is of those who are in some part: no less than the greatest part, no more than all together.
    Union {
        /// The whole.
        whole: usize,
        /// Its parts.
        parts: Vec<usize>,
    },
    /// The parts make up the whole, and none is more than another figure: those that are not known are together at most as often that.
    Share {
        /// The whole.
        whole: usize,
        /// Its parts.
        parts: Vec<usize>,
        /// What no part is more than.
        most: usize,
    },
}

impl Bond {
    fn ends(&self) -> (usize, &[usize]) {
        match self {
            Self::Sum { whole, parts } | Self::Union { whole, parts } => (*whole, parts),
            Self::Share { whole, most, .. } => (*whole, std::slice::from_ref(most)),
        }
    }
}

/// Figures and how they hang together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    cells: Vec<Cell>,
    bonds: Vec<Bond>,
}

/// Between what a reader knows a figure to lie, and the bond that told it last.
#[derive(Clone, Copy)]
struct Range {
    low: i32,
    high: i32,
    by: Option<usize>,
}

impl Range {
    fn raise(&mut self, low: i32, by: usize) -> bool {
        let better = low > self.low;
        if better {
            (self.low, self.by) = (low, Some(by));
        }
        better
    }

    fn lower(&mut self, high: i32, by: usize) -> bool {
        let better = high < self.high;
        if better {
            (self.high, self.by) = (high, Some(by));
        }
        better
    }
}

impl Sheet {
    /// Adds a figure; its place.
    pub fn add(&mut self, cell: Cell) -> usize {
        self.cells.push(cell);
        self.cells.len() - 1
    }

    /// Adds what binds figures.
    pub fn bind(&mut self, bond: Bond) {
        self.bonds.push(bond);
    }

    /// A figure.
    #[must_use]
    pub fn value(&self, cell: usize) -> i32 {
        self.cells[cell].value
    }

    /// The bonds.
    #[must_use]
    pub fn bonds(&self) -> &[Bond] {
        &self.bonds
    }

    /// Which figures are hidden, by their places, where none of fewer than `least` may be known.
    #[must_use]
    pub fn hidden(&self, least: i32) -> Vec<bool> {
        let mut hidden: Vec<bool> = self.cells.iter().map(|cell| cell.is_small(least)).collect();
        while let Some((cell, bond)) = self.reckoned(&hidden) {
            let Some(next) = self.beside(cell, bond, &hidden) else { return self.all_hidden() };
            hidden[next] = true;
        }
        hidden
    }

    /// A hidden figure that a reader can reckon, and the bond that tells it.
    fn reckoned(&self, hidden: &[bool]) -> Option<(usize, usize)> {
        let ranges = self.ranges(hidden);
        let told = |cell: usize| ranges[cell].by.filter(|_| hidden[cell] && ranges[cell].low >= ranges[cell].high);
        (0..self.cells.len()).find_map(|cell| Some((cell, told(cell)?)))
    }

    /// The figure that is hidden beside one that could be reckoned: the smallest part that is shown under the same bond, or else its whole, or else the smallest of all.
    fn beside(&self, cell: usize, bond: usize, hidden: &[bool]) -> Option<usize> {
        let shown = |other: &usize| *other != cell && !hidden[*other] && self.cells[*other].printed && !self.cells[*other].known;
        let shown = |other: &usize| shown(other) && self.cells[*other].value > 0;
        let (whole, parts) = self.bonds[bond].ends();
        let smallest = |of: &mut dyn Iterator<Item = usize>| of.filter(shown).min_by_key(|other| self.cells[*other].value);
        smallest(&mut parts.iter().copied()).or_else(|| Some(whole).filter(shown)).or_else(|| smallest(&mut (0..self.cells.len())))
    }

    /// Nothing but what was told before.
    pub(super) fn all_hidden(&self) -> Vec<bool> {
        self.cells.iter().map(|cell| !cell.known).collect()
    }

    /// Between what a reader knows each figure to lie who sees what is shown, and knows that of what is not sensitive a zero is never hidden.
    fn ranges(&self, hidden: &[bool]) -> Vec<Range> {
        let most = self.cells.iter().map(|cell| cell.value).max().unwrap_or_default().saturating_mul(2).saturating_add(1);
        let range = |(at, cell): (usize, &Cell)| match (cell.printed && !hidden[at], cell.printed && !cell.sensitive) {
            (true, _) => Range { low: cell.value, high: cell.value, by: None },
            (false, printed) => Range { low: i32::from(printed), high: most, by: None },
        };
        let mut ranges: Vec<_> = self.cells.iter().enumerate().map(range).collect();
        while self.bonds.iter().enumerate().fold(false, |better, (at, bond)| narrow(bond, at, &mut ranges) || better) {}
        ranges
    }
}

/// What one bond tells of its figures beyond what is known; it told something.
fn narrow(bond: &Bond, at: usize, ranges: &mut [Range]) -> bool {
    let (whole, parts) = bond.ends();
    if let Bond::Share { parts, most, .. } = bond {
        let (known, open): (Vec<_>, Vec<_>) = parts.iter().map(|part| ranges[*part]).partition(|range| range.low >= range.high);
        let (known, open) = (known.iter().map(|range| range.low).fold(0, i32::saturating_add), i32::try_from(open.len()).unwrap_or(i32::MAX));
        let least = (ranges[whole].low - known).max(0).saturating_add(open - 1).checked_div(open).unwrap_or_default();
        let high = ranges[*most].high.saturating_mul(open).saturating_add(known);
        return ranges[*most].raise(least, at) | ranges[whole].lower(high, at);
    }
    let is_sum = matches!(bond, Bond::Sum { .. });
    let sum = |ranges: &[Range], of: fn(&Range) -> i32| parts.iter().map(|part| of(&ranges[*part])).fold(0_i32, i32::saturating_add);
    let greatest = parts.iter().map(|part| ranges[*part].low).max().unwrap_or_default();
    let low = if is_sum { sum(ranges, |range| range.low) } else { greatest };
    let high = sum(ranges, |range| range.high);
    let mut better = ranges[whole].raise(low, at) | ranges[whole].lower(high, at);
    let all = ranges[whole];
    for part in parts {
        let [lows, highs] = [sum(ranges, |range| range.low), sum(ranges, |range| range.high)];
        let others = (lows - ranges[*part].low, highs.saturating_sub(ranges[*part].high));
        better |= ranges[*part].raise(all.low.saturating_sub(others.1), at);
        better |= ranges[*part].lower(if is_sum { all.high.saturating_sub(others.0) } else { all.high }, at);
    }
    better
}
