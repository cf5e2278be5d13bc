//! What every record of open work has in common: it is corrected with what it said before kept, and voided when it was made by mistake.
use super::{drop_in_day::HelpTheme, unnamed_text};
use crate::{
    machine::machine,
    rejection::{Code, Rejections},
    vocabulary::vocabulary,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How far the record of a contact or an event is (kirjauksen tila).
    pub enum OutreachState ["outreach-state"] {
        /// What it says holds (kirjattu).
        Recorded,
        /// It has been corrected, with a reason (korjattu).
        Corrected,
        /// It was made by mistake: it is kept, and counts for nothing (mitätöity).
        Voided,
    }
}

machine! {
    /// A move of the record of a contact or an event.
    OutreachState as "Anonymous contact and open event (anonyymi kohtaaminen, avoin tapahtuma)", pub enum OutreachMove {
        /// What it says was wrong.
        Correct,
        /// It was made by mistake.
        Void,
    }
    Recorded -- Correct -> Corrected;
    Recorded -- Void -> Voided;
    Corrected -- Correct -> Corrected;
    Corrected -- Void -> Voided;
}

/// What a record said before it was corrected. It lies flat beside the rest, so what is said must not refuse fields that it does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Correction<T> {
    /// What it said.
    #[serde(flatten)]
    pub said: T,
    /// Why that was wrong.
    pub reason: String,
    /// When it was corrected.
    pub at: DateTime<Utc>,
    /// The stable key of the worker who corrected it.
    pub by: String,
}

/// That a record was made by mistake (mitätöinti).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase")]
pub struct Voiding {
    /// Why.
    pub reason: String,
    /// When that was said.
    pub at: DateTime<Utc>,
    /// The stable key of the worker who said it.
    pub by: String,
}

/// What is said of something, of which a part is corrected, or all of it.
pub trait Correctable: Clone {
    /// What is corrected.
    type Said: Clone;
    /// Says what is right, and gives back what was said before.
    fn exchange(&mut self, right: Self::Said) -> Self::Said;
}

/// Declares what a kind of record said before each correction, the first one first; without a part, all of what is said is corrected.
macro_rules! corrections {
    ($(#[$meta:meta])* $name:ident of $content:ty) => {
        $crate::outreach::record::corrections! { $(#[$meta])* $name of $content, said: $content }
        impl $crate::outreach::record::Correctable for $content {
            type Said = Self;
            fn exchange(&mut self, right: Self) -> Self {
                std::mem::replace(self, right)
            }
        }
    };
    ($(#[$meta:meta])* $name:ident of $content:ty, said: $said:ty) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
        #[serde(transparent)]
        pub struct $name(pub Vec<$crate::outreach::record::Correction<$said>>);
    };
}
pub(crate) use corrections;

/// Faults of the reason of a correction or a voiding.
pub fn check_reason(reason: &str, out: &mut Rejections) {
    unnamed_text::check(Some(reason), &["reason"], 500, out);
}

/// Faults of a list of themes: each once.
pub(super) fn check_themes(themes: &[HelpTheme], out: &mut Rejections) {
    if (1..themes.len()).any(|i| themes[..i].contains(&themes[i])) {
        out.add(Code::Duplicate, &["themes"]);
    }
}

/// Faults of a count.
pub(super) fn check_count(count: i32, most: i32, field: &str, out: &mut Rejections) {
    if !(0..=most).contains(&count) {
        out.add_with(Code::OutOfRange, &[field], format!("0–{most}"));
    }
}

/// The minutes of a day.
pub(super) const DAY: i32 = 24 * 60;
