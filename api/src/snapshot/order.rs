//! The order of names: Finnish collation, with å, ä and ö after z.
use domain::text::{Language, LocalizedText};
use unicode_normalization::UnicodeNormalization;

/// What a name is sorted by.
#[must_use]
pub fn name_key(name: &LocalizedText, language: Language) -> String {
    // In ASCII, {, | and } come after z in that order.
    let mut key = String::new();
    for c in name.in_language(language).to_lowercase().nfc() {
        match c {
            'å' => key.push('{'),
            'ä' | 'æ' => key.push('|'),
            'ö' | 'ø' => key.push('}'),
            'a'..='z' | '0'..='9' => key.push(c),
            c if c.is_whitespace() || c == '-' || c == '–' => key.push(' '),
            c if c.is_alphanumeric() => key.extend(std::iter::once(c).nfd().filter(|d| !unicode_normalization::char::is_combining_mark(*d))),
            _ => {}
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finnish_letters_come_after_z() {
        let mut names = ["Öljymäki", "Zeppelin", "Ähtäri", "Åbo", "Arki", "Arki – ryhmä"].map(LocalizedText::fi);
        names.sort_by_key(|n| name_key(n, Language::Fi));
        assert_eq!(names.map(|n| n.fi), ["Arki", "Arki – ryhmä", "Zeppelin", "Åbo", "Ähtäri", "Öljymäki"]);
    }
}
