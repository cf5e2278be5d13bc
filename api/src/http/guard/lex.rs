//! One pass over the bytes of a document, before any parser may recurse over it.
use crate::http::failure::{Code, Refusal};
use crate::http::limits::Limits;

/// The tokens of a document with their offsets, comments among them. Whether the document is GraphQL at all is the
/// parser's question: any other byte is a token of its own, and an unclosed string ends where its line does.
struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        // What is not ASCII is a byte order mark, which GraphQL ignores, or no GraphQL.
        let ignored = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | 0x80..);
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.iter().position(|byte| !ignored(byte))?;
        let rest = &self.text[start..];
        let length = match rest[0] {
            b'#' => until(rest, |byte| matches!(byte, b'\r' | b'\n')),
            b'"' => string(rest),
            byte if is_name(byte) => until(rest, |byte| !is_name(byte)),
            _ => 1,
        };
        self.at = start + length;
        Some((start, &rest[..length]))
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn until(text: &[u8], end: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| end(*byte)).unwrap_or(text.len())
}

/// The length of the string, or block string, at the beginning of a text.
fn string(text: &[u8]) -> usize {
    const BLOCK: &[u8] = br#"""""#;
    let (mark, escaped): (&[u8], &[u8]) = if text.starts_with(BLOCK) { (BLOCK, br#"\""""#) } else { (b"\"", b"\\") };
    let mut at = mark.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(mark) {
            return at + mark.len();
        }
        at += match rest[0] {
            b'\r' | b'\n' if mark.len() == 1 => return at,
            b'\\' if rest.starts_with(escaped) => escaped.len().max(2),
            _ => 1,
        };
    }
    text.len()
}

/// Refuses a text that is too long, nested too deep or made of too many tokens.
pub(super) fn check(text: &str, limits: &Limits) -> Result<(), Refusal> {
    let too_large = |what: &str, most: usize| Err(Refusal::new(Code::DocumentTooLarge, format!("the document has more than {most} {what}")));
    if text.len() > limits.document_bytes {
        return too_large("bytes", limits.document_bytes);
    }
    let mut nesting = 0_usize;
    for (number, (_, token)) in (Tokens { text: text.as_bytes(), at: 0 }).enumerate() {
        match token {
            b"{" | b"[" | b"(" => nesting += 1,
            b"}" | b"]" | b")" => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if nesting > limits.document_nesting {
            let message = format!("brackets are nested deeper than {}", limits.document_nesting);
            return Err(Refusal::new(Code::TooDeep, message));
        }
        if number >= limits.document_tokens {
            return too_large("tokens", limits.document_tokens);
        }
    }
    Ok(())
}

/// Where a document says something that is missing from what was understood of it, printed as a document again.
///
/// apollo-parser 0.8 leaves out what it does not understand in places, such as an argument without a value.
pub(super) fn lost(written: &str, understood: &str) -> Option<usize> {
    let tokens = |text| Tokens { text: str::as_bytes(text), at: 0 }.filter(|(_, token)| token[0] != b'#').peekable();
    let (mut written, mut understood) = (tokens(written), tokens(understood));
    // The short form of a query is printed for the long one.
    if understood.peek().is_some_and(|(_, token)| *token == b"{") {
        written.next_if(|(_, token)| *token == b"query");
    }
    written.find_map(|(at, token)| {
        let same = understood.next().is_some_and(|(_, other)| {
            // Strings may be printed with other escapes, and block strings as plain ones.
            token == other || (token[0] == b'"' && other[0] == b'"')
        });
        (!same).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        check(text, &Limits::default()).err().map(|refusal| refusal.code)
    }

    #[test]
    fn brackets_of_every_kind_count_wherever_they_nest() {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("(", ")")] {
            let nested = |n: usize| format!("{{a(b:{}1{})}}", open.repeat(n), close.repeat(n));
            assert_eq!(code(&nested(38)), None, "{open}");
            assert_eq!(code(&nested(39)), Some(Code::TooDeep), "{open}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "[".repeat(500);
        assert_eq!(code(&format!(r#"{{a(b:"{many}\" {many}")}} # {many}"#)), None);
        assert_eq!(code(&format!(r#"{{a(b:"""{many} " "" \""" {many}""")}}"#)), None);
    }

    #[test]
    fn what_looks_like_a_string_or_a_comment_cannot_hide_brackets() {
        let many = "[".repeat(500);
        for text in [
            format!("# \r{many}"),
            format!("\"a\n{many}"),
            format!(r#""\\"{many}"#),
            format!(r#"""""""{many}"#),
            format!(r#"""{many}"#),
            format!("\u{feff}{many}"),
        ] {
            assert_eq!(code(&text), Some(Code::TooDeep), "{text}");
        }
    }

    #[test]
    fn length_and_tokens_are_bounded() {
        assert_eq!(code(&format!("{{{}}}", "a ".repeat(1_998))), None);
        assert_eq!(code(&format!("{{{}}}", "a ".repeat(1_999))), Some(Code::DocumentTooLarge));
        assert_eq!(code(&" ".repeat(20_000)), None);
        assert_eq!(code(&" ".repeat(20_001)), Some(Code::DocumentTooLarge));
        assert_eq!(code(&"#\n".repeat(2_001)), Some(Code::DocumentTooLarge));
    }

    #[test]
    fn nothing_that_was_written_may_be_lost() {
        assert_eq!(lost("query{a(b:\"\\u0041\")} # c", "{ a(b: \"A\") }"), None);
        assert_eq!(lost("query A{a}query{b}", "query A { a } query { b }"), None);
        assert_eq!(lost("{a(b:1 c)}", "{ a(b: 1) }"), Some(7));
        assert_eq!(lost("query(){a}", "{ a }"), Some(5));
        assert_eq!(lost("{a} b", "{ a }"), Some(4));
    }
}
