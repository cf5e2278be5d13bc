//! Charts of reports as SVG, drawn by the server: a bar for each row, with its name and its figure in words beside it.
use crate::error::{Error, Result};
use plotters::coord::Shift;
use plotters::{
    backend::SVGBackend,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Rectangle, Text},
    style::{Color, IntoFont, RGBColor},
};

/// A bar of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// What it is called.
    pub label: String,
    /// How long it is; none where that is kept back.
    pub count: Option<i32>,
    /// Its figure, as it is read.
    pub words: String,
}

const WIDTH: i32 = 640;
/// The width of the names.
const NAMES: i32 = 300;
/// The width of the longest bar.
const LONGEST: i32 = 230;
const ROW: i32 = 26;
const BAR: i32 = 16;
/// A longer name is cut: the table beside has it whole.
const CHARACTERS: usize = 42;
const INK: RGBColor = RGBColor(26, 26, 26);
const FILL: RGBColor = RGBColor(31, 95, 168);

/// The bars as an SVG element.
///
/// # Errors
/// [`Error::Internal`] when it cannot be drawn.
pub(crate) fn svg(bars: &[Bar]) -> Result<String> {
    let rows = i32::try_from(bars.len()).unwrap_or(i32::MAX);
    let height = u32::try_from(rows.saturating_mul(ROW)).unwrap_or_default();
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (WIDTH.unsigned_abs(), height)).into_drawing_area();
    let most = bars.iter().filter_map(|bar| bar.count).max().unwrap_or_default().max(1);
    for (at, bar) in (0..).zip(bars) {
        draw(&root, bar, at * ROW, most)?;
    }
    root.present().map_err(Error::internal)?;
    drop(root);
    Ok(svg)
}

fn draw(root: &DrawingArea<SVGBackend<'_>, Shift>, bar: &Bar, top: i32, most: i32) -> Result<()> {
    let font = ("sans-serif", 16).into_font().color(&INK);
    root.draw(&Text::new(short(&bar.label), (0, top + 4), font.clone())).map_err(Error::internal)?;
    let length = bar.count.map_or(0, |count| i64::from(count) * i64::from(LONGEST) / i64::from(most));
    let end = NAMES + i32::try_from(length).unwrap_or(LONGEST);
    root.draw(&Rectangle::new([(NAMES, top + 4), (end, top + 4 + BAR)], FILL.filled())).map_err(Error::internal)?;
    root.draw(&Text::new(bar.words.clone(), (end + 6, top + 4), font)).map_err(Error::internal)
}

fn short(label: &str) -> String {
    if label.chars().count() <= CHARACTERS { label.to_owned() } else { label.chars().take(CHARACTERS - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_figures_and_what_is_kept_back_has_none() {
        let bar = |label: &str, count| Bar { label: label.into(), count, words: count.map_or("...".into(), |count: i32| count.to_string()) };
        let drawn = svg(&[bar("Iso", Some(40)), bar("Pieni <&>", Some(10)), bar("Salattu", None), bar(&"pitkä ".repeat(20), Some(0))]).unwrap();
        let widths: Vec<_> =
            drawn.match_indices("<rect").map(|(at, _)| drawn[at..].split("width=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect();
        assert_eq!(widths, ["230", "57", "0", "0"]);
        assert!(drawn.starts_with("<svg") && drawn.trim_end().ends_with("</svg>") && drawn.contains("Pieni &lt;&amp;&gt;") && drawn.contains('…'));
        for foreign in ["<script", "style=", "href", " on"] {
            assert!(!drawn.contains(foreign), "{foreign}");
        }
    }
}
