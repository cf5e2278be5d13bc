//! The personal identity code (henkilötunnus, hetu): parsed once, masked ever after.
use crate::private::Private;
use chrono::NaiveDate;
use std::fmt;

/// The check characters, by the remainder of division by 31.
const CHECK: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// A personal identity code that holds together: `DDMMYY`, a century mark, an individual number and a check character.
///
/// The marks of each century, the new ones of 1.1.2023 among them, are those of decree 128/2010 as amended. Numbers 900–999 are temporary ones;
/// made-up people have these. The mark is no part of the sum, so two people may differ by it alone: all eleven characters make the code.
/// Neither gender nor anything else is read from it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hetu {
    text: String,
    born: NaiveDate,
}

/// The text is no personal identity code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a personal identity code")]
pub struct NotHetu;

impl Hetu {
    /// Reads a code, in upper or lower case.
    ///
    /// # Errors
    /// [`NotHetu`] for a wrong form, century mark, calendar day, individual number or check character.
    pub fn parse(text: &str) -> Result<Self, NotHetu> {
        let text = text.trim().to_ascii_uppercase();
        let bytes: &[u8; 11] = text.as_bytes().try_into().map_err(|_| NotHetu)?;
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit).then(|| part.iter().fold(0_u32, |n, d| n * 10 + u32::from(d - b'0')));
        let (date, number) = digits(&bytes[..6]).zip(digits(&bytes[7..10])).ok_or(NotHetu)?;
        let century = match bytes[6] {
            b'+' => 1800,
            b'-' | b'U'..=b'Y' => 1900,
            b'A'..=b'F' => 2000,
            _ => return Err(NotHetu),
        };
        if number < 2 || CHECK[((date * 1000 + number) % 31) as usize] != bytes[10] {
            return Err(NotHetu);
        }
        let year = century + i32::try_from(date % 100).map_err(|_| NotHetu)?;
        let born = NaiveDate::from_ymd_opt(year, date / 100 % 100, date / 10_000).ok_or(NotHetu)?;
        Ok(Self { text, born })
    }

    /// The day of birth that the code tells.
    #[must_use]
    pub const fn born(&self) -> NaiveDate {
        self.born
    }

    /// The whole code: for the keyed hash and the sealed identity only.
    #[must_use]
    pub fn whole(&self) -> Private<&str> {
        Private::new(&self.text)
    }

    /// What is shown of it: the day of birth and the century mark, as `010190-****`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}****", &self.text[..7])
    }
}

impl fmt::Debug for Hetu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(crate::private::MASK)
    }
}

impl TryFrom<String> for Hetu {
    type Error = NotHetu;
    fn try_from(text: String) -> Result<Self, NotHetu> {
        Self::parse(&text)
    }
}

impl From<Hetu> for String {
    fn from(hetu: Hetu) -> Self {
        hetu.text
    }
}

/// A personal identity code (henkilötunnus), for example `010190-900P`. It is only written: what is read is the masked form.
#[cfg(feature = "graphql")]
#[async_graphql::Scalar(specified_by_url = "https://dvv.fi/en/personal-identity-code")]
impl async_graphql::ScalarType for Hetu {
    fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
        match value {
            async_graphql::Value::String(text) => Self::parse(&text).map_err(async_graphql::InputValueError::custom),
            _ => Err(async_graphql::InputValueError::custom(NotHetu)),
        }
    }
    fn to_value(&self) -> async_graphql::Value {
        async_graphql::Value::String(self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code of a made-up person born on the day, with any century mark.
    fn made(date: &str, mark: char, number: u32) -> String {
        let sum = date.parse::<u32>().unwrap() * 1000 + number;
        format!("{date}{mark}{number:03}{}", char::from(CHECK[(sum % 31) as usize]))
    }

    #[test]
    fn known_codes_of_made_up_people_are_read() {
        for code in ["010190-900P", "020516C903K", "010594Y9032", " 010190-900p "] {
            assert!(Hetu::parse(code).is_ok(), "{code}");
        }
        assert_eq!(Hetu::parse("020516C903K").unwrap().born().to_string(), "2016-05-02");
    }

    #[test]
    fn every_century_mark_tells_its_century() {
        for (marks, year) in [("+", 1885), ("-UVWXY", 1985), ("ABCDEF", 2085)] {
            for mark in marks.chars() {
                let born = Hetu::parse(&made("130285", mark, 942)).unwrap().born();
                assert_eq!(born.to_string(), format!("{year}-02-13"), "{mark}");
            }
        }
    }

    #[test]
    fn what_does_not_hold_together_is_refused() {
        for wrong in ["010190-900R", "320190-900P", "010190G900P", "010190-001", "0101909900P", "", "310290-9001", "ÄÄÄÄÄ", "010190-900PP"] {
            assert_eq!(Hetu::parse(wrong), Err(NotHetu), "{wrong}");
        }
        assert_eq!(Hetu::parse(&made("010190", '-', 1)), Err(NotHetu));
        assert_eq!(Hetu::parse(&made("310290", '-', 900)), Err(NotHetu));
    }

    #[test]
    fn only_its_mask_is_seen() {
        let hetu = Hetu::parse("010190-900P").unwrap();
        assert_eq!((hetu.masked().as_str(), format!("{hetu:?}").as_str()), ("010190-****", "•••"));
    }
}
