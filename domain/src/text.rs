//! Texts in the languages of the service: Finnish first, Swedish and English beside it.
use crate::rejection::{Code, Rejections};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A language that the network speaks to people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum Language {
    /// Finnish (suomi).
    #[default]
    Fi,
    /// Swedish (ruotsi).
    Sv,
    /// English (englanti).
    En,
}

impl Language {
    /// Every language, in the order in which texts fall back.
    pub const ALL: [Self; 3] = [Self::Fi, Self::Sv, Self::En];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fi => "fi",
            Self::Sv => "sv",
            Self::En => "en",
        }
    }
}

/// The same text in up to three languages. Finnish is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "LocalizedTextInput"))]
#[serde(deny_unknown_fields)]
pub struct LocalizedText {
    /// In Finnish (suomeksi).
    pub fi: String,
    /// In Swedish (ruotsiksi).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sv: Option<String>,
    /// In English (englanniksi).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl LocalizedText {
    /// A text that is given in Finnish only.
    pub fn fi(text: impl Into<String>) -> Self {
        Self { fi: text.into(), sv: None, en: None }
    }

    /// A text that is given in all three languages.
    pub fn of(fi: impl Into<String>, sv: impl Into<String>, en: impl Into<String>) -> Self {
        Self { fi: fi.into(), sv: Some(sv.into()), en: Some(en.into()) }
    }

    /// The text in `language`, where it is given.
    #[must_use]
    pub fn given(&self, language: Language) -> Option<&str> {
        match language {
            Language::Fi => Some(&self.fi),
            Language::Sv => self.sv.as_deref(),
            Language::En => self.en.as_deref(),
        }
    }

    /// The text in `language`, or in Finnish where it is not given.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        self.given(language).unwrap_or(&self.fi)
    }

    /// Each language's text is present (Finnish), within `max` characters and free of control characters.
    pub fn check(&self, field: &str, max: usize, out: &mut Rejections) {
        for language in Language::ALL {
            if let Some(text) = self.given(language) {
                check(text, &[field, language.tag()], max, out);
            }
        }
    }

    /// Trims white space around each text and drops the languages that are left empty.
    #[must_use]
    pub fn tidy(self) -> Self {
        let keep = |text: Option<String>| text.map(|t| tidy(&t)).filter(|t| !t.is_empty());
        Self { fi: tidy(&self.fi), sv: keep(self.sv), en: keep(self.en) }
    }
}

/// White space off both ends, and characters composed (NFC), so that equal texts are equal bytes.
#[must_use]
pub fn tidy(text: &str) -> String {
    text.trim().nfc().collect()
}

/// Texts of at most so many characters are one line.
const ONE_LINE: usize = 200;

/// Characters that are not seen but change what is seen: zero width, direction overrides, line and paragraph separators.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text is present, within `max` characters and free of control characters (line feed and tab are fine).
pub fn check(text: &str, path: &[&str], max: usize, out: &mut Rejections) {
    if text.trim().is_empty() {
        out.add(Code::Required, path);
    } else if text.chars().count() > max {
        out.add_with(Code::TooLong, path, max.to_string());
    }
    let lines = max > ONE_LINE;
    if text.chars().any(|c| is_invisible(c) || c.is_control() && !(lines && matches!(c, '\n' | '\t'))) {
        out.add(Code::ControlCharacter, path);
    }
}

/// A text that may be left out, by the rules of [`check`] where it is not.
pub fn check_some(text: Option<&str>, path: &[&str], max: usize, out: &mut Rejections) {
    if let Some(text) = text {
        check(text, path, max, out);
    }
}

/// A list of at most `most` texts, each by the rules of [`check`].
pub fn check_list(texts: &[String], field: &str, most: usize, max: usize, out: &mut Rejections) {
    if texts.len() > most {
        out.add_with(Code::TooLong, &[field], most.to_string());
    }
    for (i, text) in texts.iter().enumerate() {
        check(text, &[field, &i.to_string()], max, out);
    }
}

/// The form in which working copies are searched: lower case, without diacritics, single spaces.
#[must_use]
pub fn fold(text: &str) -> String {
    let bare: String = text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect();
    bare.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_language_falls_back_to_finnish() {
        let text = LocalizedText { fi: "Avoin tila".into(), sv: None, en: Some("Open space".into()) };
        assert_eq!(text.in_language(Language::Sv), "Avoin tila");
        assert_eq!(text.in_language(Language::En), "Open space");
    }

    #[test]
    fn empty_long_and_control_texts_are_each_refused() {
        let mut out = Rejections::default();
        LocalizedText { fi: " ".into(), sv: Some("abc".into()), en: Some("\u{202e}a".into()) }.check("name", 2, &mut out);
        let codes: Vec<_> = out.iter().map(|r| (r.code, r.path.join("."))).collect();
        assert_eq!(codes, [(Code::Required, "name.fi".into()), (Code::TooLong, "name.sv".into()), (Code::ControlCharacter, "name.en".into())]);
    }

    #[test]
    fn folding_ignores_case_and_diacritics() {
        assert_eq!(fold("  Pömpeli \n ÅBO"), "pompeli abo");
    }
}
