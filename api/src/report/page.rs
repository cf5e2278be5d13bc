//! Reports as a page to be read and printed (tulostettava raportti): charts with their tables beside, in one file that fetches nothing and runs nothing.
use super::{
    Reports,
    chart::{self, Bar},
    download::{KEPT_BACK, headings, rendering},
};
use crate::{error::Result, sheet};
use base64::prelude::{BASE64_STANDARD, Engine};
use chrono_tz::Europe::Helsinki;
use domain::{
    code::Coded,
    report::{
        Rendering,
        lines::Line,
        table::{Told, ToldSection},
    },
    text::{Language, LocalizedText},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../../assets/report/page.css");

/// What a browser lets the page do: to show itself in this style, and nothing else.
pub(crate) fn policy() -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

/// A page of reports.
pub(crate) struct Page<'a> {
    /// What was asked.
    pub reports: &'a Reports,
    /// Of whom.
    pub organization: Option<&'a LocalizedText>,
    /// What is told.
    pub told: &'a [Told],
    /// In which language.
    pub language: Language,
}

impl Page<'_> {
    fn say<'t>(&self, text: &'t LocalizedText) -> &'t str {
        text.in_language(self.language)
    }

    fn words(&self, fi: &'static str, sv: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::Fi => fi,
            Language::Sv => sv,
            Language::En => en,
        }
    }

    /// The page as text.
    ///
    /// # Errors
    /// A fault of drawing.
    pub fn html(&self) -> Result<String> {
        let title = self.title();
        let mut parts = Vec::new();
        for told in self.told {
            parts.push(self.report(told)?);
        }
        let page = html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header {
                        h1 { (title) }
                        (self.asked())
                        @if self.reports.asked().rendering == Rendering::Internal {
                            p.internal { (self.words("Sisäinen: ei saa luovuttaa eteenpäin eikä julkaista.", "Intern: får inte lämnas vidare eller publiceras.", "Internal: not to be passed on or published.")) }
                        }
                    }
                    main { @for part in parts { (part) } }
                    footer { p { (KEPT_BACK) " " (self.words("= luku on salattu, jotta kukaan ei ole tunnistettavissa.", "= siffran är dold så att ingen kan identifieras.", "= kept back, so that nobody can be identified.")) } }
                }
            }
        };
        Ok(page.into_string())
    }

    fn title(&self) -> String {
        let of = self.organization.map(|name| format!("{}: ", self.say(name))).unwrap_or_default();
        match self.told {
            [one] => format!("{of}{}", self.say(&one.name.label())),
            _ => format!("{of}{}", self.words("raportit", "rapporter", "reports")),
        }
    }

    /// Of what it is told.
    fn asked(&self) -> Markup {
        let asked = self.reports.asked();
        let known_at = asked.moments.known_at.with_timezone(&Helsinki).format("%Y-%m-%d %H:%M");
        html! {
            dl {
                dt { (self.words("Tilanne", "Läget", "As of")) } dd { (asked.moments.as_of) }
                dt { (self.words("Kirjattu viimeistään", "Antecknat senast", "Recorded by")) } dd { (known_at) }
                dt { (self.words("Esitystapa", "Framställning", "Rendering")) } dd { (rendering(asked.rendering)) " (k = " (asked.least) ")" }
                @if !asked.cohort.service_tasks.is_empty() {
                    dt { (self.words("Palvelutehtävät", "Serviceuppgifter", "Service tasks")) } dd { (asked.cohort.service_tasks.iter().cloned().collect::<Vec<_>>().join(", ")) }
                }
                @if !asked.cohort.referrers.is_empty() {
                    dt { (self.words("Ohjaajat", "Hänvisande", "Steered by")) }
                    dd { (asked.cohort.referrers.iter().map(|one| self.say(&one.label()).to_owned()).collect::<Vec<_>>().join(", ")) }
                }
                @if asked.cohort.opened_from.is_some() || asked.cohort.opened_to.is_some() {
                    dt { (self.words("Aloitettu", "Inlett", "Opened")) }
                    dd { (asked.cohort.opened_from.map(|on| on.0.to_string()).unwrap_or_default()) "–" (asked.cohort.opened_to.map(|on| on.0.to_string()).unwrap_or_default()) }
                }
            }
        }
    }

    fn report(&self, told: &Told) -> Result<Markup> {
        let whole = told.whole_line();
        let mut sections = Vec::new();
        for section in &told.sections {
            sections.push(self.section(section)?);
        }
        Ok(html! {
            section {
                h2 { (self.say(&told.name.label())) }
                p { (self.say(&whole.label)) ": " strong { (count(&whole)) } }
                @for section in sections { (section) }
            }
        })
    }

    fn section(&self, section: &ToldSection) -> Result<Markup> {
        let title = self.say(&section.title);
        let bar = |row: &domain::report::table::ToldRow| {
            let line = Line { key: String::new(), label: row.label.clone(), is_part: false, figure: row.figure, average: None };
            Bar { label: self.say(&row.label).to_owned(), count: row.figure.numerator, words: in_short(&line) }
        };
        let bars: Vec<_> = section.rows.iter().map(bar).collect();
        let chart = if bars.is_empty() { None } else { Some(chart::svg(&bars)?) };
        let lines = section.lines();
        Ok(html! {
            section.part {
                h3 { (title) }
                @if lines.is_empty() {
                    p { (self.words("Ei tietoja.", "Inga uppgifter.", "Nothing is known.")) }
                } @else {
                    div.beside {
                        // The table beside says the same in words.
                        @if let Some(chart) = chart { div.chart role="img" aria-label=(title) { (PreEscaped(chart)) } }
                        (self.table(title, &lines))
                    }
                }
            }
        })
    }

    fn table(&self, title: &str, lines: &[Line]) -> Markup {
        let [counted, of, share, average, ..] = headings();
        let averages = lines.iter().any(|line| line.average.is_some());
        html! {
            table {
                caption { (title) }
                thead { tr {
                    th scope="col" { span { (self.words("Rivi", "Rad", "Row")) } }
                    th scope="col" { (self.say(&counted)) }
                    th scope="col" { (self.say(&of)) }
                    th scope="col" { (self.say(&share)) }
                    @if averages { th scope="col" { (self.say(&average)) } }
                } }
                tbody { @for line in lines { tr {
                    th scope="row" class=[line.is_part.then_some("within")] { (self.say(&line.label)) }
                    td { (count(line)) }
                    td { @if let Some(of) = line.figure.denominator { (of) } }
                    td { @if let Some(percent) = line.figure.percent() { (percent) " %" } }
                    @if averages { td { (self.average(line)) } }
                } } }
            }
        }
    }

    fn average(&self, line: &Line) -> String {
        let Some(average) = line.average else { return String::new() };
        let Some(hundredths) = average.hundredths else { return KEPT_BACK.to_owned() };
        let decimal = sheet::decimal(hundredths.into());
        let decimal = if self.language == Language::En { decimal.replace(',', ".") } else { decimal };
        format!("{decimal} {}", self.say(&average.unit.label()))
    }
}

fn count(line: &Line) -> String {
    line.figure.numerator.map_or_else(|| KEPT_BACK.to_owned(), |count| count.to_string())
}

/// A figure as it stands beside a bar.
fn in_short(line: &Line) -> String {
    match line.figure.percent() {
        Some(percent) => format!("{} ({percent} %)", count(line)),
        None => count(line),
    }
}
