//! A report as lines, one under the other (rivit): what files and pages tell of it.
use super::table::{Figure, MeanUnit, Told, ToldSection};
use crate::text::LocalizedText;

/// A line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// By which it is known in its section.
    pub key: String,
    /// What it is called.
    pub label: LocalizedText,
    /// It is a part of the line before, or of one before that.
    pub is_part: bool,
    /// How many, of how many.
    pub figure: Figure,
    /// What is averaged, where it is an average.
    pub average: Option<Average>,
}

/// An average of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Average {
    /// In hundredths; none where it is kept back.
    pub hundredths: Option<i32>,
    /// In what it is told.
    pub unit: MeanUnit,
}

impl Line {
    fn new(key: &str, label: LocalizedText, figure: Figure) -> Self {
        Self { key: key.to_owned(), label, is_part: false, figure, average: None }
    }

    /// It is kept back.
    #[must_use]
    pub fn is_suppressed(&self) -> bool {
        self.average.map_or(self.figure.suppressed, |average| average.hundredths.is_none())
    }
}

impl ToldSection {
    /// Its rows, and what is told beside them.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let row = |row: &super::table::ToldRow| Line { is_part: row.within.is_some(), ..Line::new(&row.key, row.label.clone(), row.figure) };
        let mut lines: Vec<_> = self.rows.iter().map(row).collect();
        let beside = [
            ("TOTAL", LocalizedText::of("Yhteensä", "Sammanlagt", "Total"), self.total),
            ("DISTINCT", LocalizedText::of("Eri henkilöitä jossakin", "Olika personer i någon", "Different ones in some"), self.distinct),
            ("WITHOUT", LocalizedText::of("Ei missään", "I ingen", "In none"), self.without),
        ];
        lines.extend(beside.into_iter().filter_map(|(key, label, figure)| Some(Line::new(key, label, figure?))));
        if let Some(mean) = self.mean {
            let average = |hundredths| Some(Average { hundredths, unit: mean.unit });
            let line = Line::new("MEAN", LocalizedText::of("Keskiarvo", "Medelvärde", "Mean"), mean.of);
            lines.push(Line { average: average(mean.hundredths), ..line });
            if mean.median_hundredths.is_some() {
                let line = Line::new("MEDIAN", LocalizedText::of("Mediaani", "Median", "Median"), mean.of);
                lines.push(Line { average: average(mean.median_hundredths), ..line });
            }
        }
        lines
    }
}

impl Told {
    /// All that it speaks of, as a line.
    #[must_use]
    pub fn whole_line(&self) -> Line {
        use crate::code::Coded;
        Line::new("ALL", self.counted.label(), self.population_figure())
    }
}
