//! The handle of somebody who does not tell who it is (nimimerkki): a code word that is told once, and of which only a keyed hash is kept.
use crate::{
    machine::machine,
    rejection::{Code, Rejections},
    text::fold,
    vocabulary::vocabulary,
};
use chrono::{Months, NaiveDate};
use std::sync::LazyLock;

vocabulary! {
    /// How far a handle is (nimimerkin tila).
    pub enum AnonymousHandleState ["anonymous-handle-state"] {
        /// Contacts are recorded under it by whoever is told the code word (voimassa).
        Active,
        /// Whoever has the code word has told who it is, somewhere else (esitetty).
        Presented,
        /// Its time is over (vanhentunut).
        Expired,
        /// It was given up (peruttu).
        Revoked,
    }
}

machine! {
    /// A move of a handle.
    AnonymousHandleState as "Anonymous handle (nimimerkki)", pub enum AnonymousHandleMove {
        /// The code word is presented by whoever has it.
        Present,
        /// Its time is over.
        Expire,
        /// It is given up.
        Revoke,
    }
    Active -- Present -> Presented;
    Active -- Expire -> Expired;
    Active -- Revoke -> Revoked;
}

/// For how many months a handle stands when nothing else is said.
const USUAL: Months = Months::new(6);
/// For how many months it stands at most.
const LONGEST: Months = Months::new(12);

/// The last day of a handle that is made `today`: the one that is wished, or in six months.
///
/// # Errors
/// A day before today, or one that is more than a year away.
pub fn last_day(today: NaiveDate, wished: Option<NaiveDate>) -> Result<NaiveDate, Rejections> {
    let day = wished.unwrap_or(today + USUAL);
    let latest = today + LONGEST;
    let mut out = Rejections::default();
    if day < today || day > latest {
        out.add_with(Code::OutOfRange, &["expiresOn"], format!("{today}–{latest}"));
    }
    out.into_result().map(|()| day)
}

/// How many random bytes a code word is made of.
pub const RANDOM_BYTES: usize = 16;
const WORDS: usize = 4;
/// The number behind the words is below this.
const NUMBERS: u64 = 100_000;
/// Longer than any code word that was ever told.
const LONGEST_WORD: usize = 100;

static LIST: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("../../data/code-words.txt").lines().collect());

/// A code word of four Finnish words and five digits, for example `karhu-puro-saavi-kello-04821`: 52 bits that nobody guesses, without ä and ö, so that
/// any telephone writes it.
#[must_use]
pub fn code_word(random: [u8; RANDOM_BYTES]) -> String {
    let (words, number) = random.split_at(2 * WORDS);
    let mut parts: Vec<String> = words.chunks_exact(2).map(|two| LIST[usize::from(u16::from_le_bytes([two[0], two[1]])) % LIST.len()].to_owned()).collect();
    let number = number.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    parts.push(format!("{:05}", number % NUMBERS));
    parts.join("-")
}

/// A code word as it is hashed, however it was written: in capitals, with spaces, commas or dashes between its parts. None when it cannot be one.
#[must_use]
pub fn normal(given: &str) -> Option<String> {
    if given.len() > LONGEST_WORD {
        return None;
    }
    let folded = fold(given);
    let parts: Vec<_> = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    (parts.len() == WORDS + 1).then(|| parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_word_has_more_than_fifty_bits() {
        let unlike: BTreeSet<_> = LIST.iter().collect();
        assert!(unlike.len() == LIST.len() && LIST.iter().all(|word| word.len() >= 4 && word.bytes().all(|b| b.is_ascii_lowercase())));
        // A number of words that divides 65536, so that each is as likely as another.
        assert!(LIST.len().is_power_of_two());
        let guesses = LIST.len().pow(4) as u64 * NUMBERS;
        assert!(guesses.ilog2() >= 52, "{guesses}");
    }

    #[test]
    fn every_byte_counts() {
        let words: BTreeSet<_> = (0..RANDOM_BYTES).map(|at| std::array::from_fn(|i| u8::from(i == at))).map(code_word).collect();
        assert_eq!(words.len(), RANDOM_BYTES, "{words:?}");
        assert_eq!(code_word([0; RANDOM_BYTES]), "aalto-aalto-aalto-aalto-00000");
    }

    #[test]
    fn it_is_known_however_it_is_written() {
        for written in ["karhu-puro-saavi-kello-04821", " Karhu puro, SAAVI kello 04821.", "karhu–puro–saavi–kello–04821"] {
            assert_eq!(normal(written).as_deref(), Some("karhu-puro-saavi-kello-04821"), "{written}");
        }
        for wrong in ["", "karhu", "karhu-puro-saavi-kello", "a-b-c-d-e-f", &"a-".repeat(51)] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn it_stands_for_a_year_at_most() {
        let day = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
        let today = day("2026-08-31");
        assert_eq!(last_day(today, None).unwrap(), day("2027-02-28"));
        assert_eq!(last_day(today, Some(day("2027-08-31"))).unwrap(), day("2027-08-31"));
        assert!(last_day(today, Some(day("2027-09-01"))).is_err() && last_day(today, Some(day("2026-08-30"))).is_err());
    }
}
