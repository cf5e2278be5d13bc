//! Where in a document something stands, as the `locations` of errors tell it.
use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

/// Finds the line and the column of an offset.
pub(super) struct Places {
    text: Box<str>,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Places {
    pub fn of(text: &str) -> Self {
        let mut lines = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                lines.push(at + 1);
            }
        }
        Self { text: text.into(), lines }
    }

    /// The place of a span.
    pub fn find(&self, span: Option<SourceSpan>) -> Option<Pos> {
        self.at(span?.offset())
    }

    /// The place of an offset, line and column counted from one, the column in characters.
    pub fn at(&self, offset: usize) -> Option<Pos> {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let column = self.text.get(start..offset)?.chars().count() + 1;
        Some(Pos { line, column })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_graphql_has_it_and_columns_are_characters() {
        let places = Places::of("ää\r\nb\rc\nd");
        for (offset, line, column) in [(0, 1, 1), (4, 1, 3), (6, 2, 1), (8, 3, 1), (10, 4, 1)] {
            assert_eq!(places.at(offset), Some(Pos { line, column }), "{offset}");
        }
        assert_eq!(places.at(100), None);
    }
}
