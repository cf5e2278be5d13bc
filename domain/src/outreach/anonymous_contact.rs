//! Meeting somebody without asking who it is (anonyymi kohtaaminen): where, with what and with what result.
use super::{
    drop_in_day::{AgeBand, HelpTheme},
    place::OutreachPlace,
    record::{DAY, check_count, check_themes, corrections},
    unnamed_text,
};
use crate::{code::Coded, person::identity::Gender, rejection::Rejections, text::Language, vocabulary::vocabulary};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

vocabulary! {
    /// How somebody was met (kohtaamisen tapa).
    pub enum ContactChannel ["contact-channel"] {
        /// In the field: on a street, in a yard, at a shop (kentällä).
        Field,
        /// At the door of a home (kotiovella).
        HomeDoor,
        /// By telephone (puhelimessa).
        Phone,
        /// In a chat (chatissa).
        Chat,
        /// In an open drop-in space (avoimessa oleskelutilassa).
        DropIn,
        /// On a bus such as Reissu-Ellu (bussissa).
        Bus,
    }
}

vocabulary! {
    /// What came of it (kohtaamisen tulos).
    pub enum ContactResult ["contact-result"] {
        /// Advice was given (neuvottu).
        Advised,
        /// Information was given (annettu tietoa).
        GivenInfo,
        /// Guided to an open activity (ohjattu avoimeen toimintaan).
        GuidedOpenActivity,
        /// Meeting again was agreed (sovittu uudesta tapaamisesta).
        AgreedReturn,
        /// The person told who it is, by the person's own will (kertoi itse kuka on).
        BecameIdentified,
    }
}

/// What is said of an anonymous contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "AnonymousContactContentInput"))]
#[serde(rename_all = "camelCase")]
pub struct AnonymousContactContent {
    /// Where.
    pub place: OutreachPlace,
    /// How.
    pub channel: ContactChannel,
    /// How old, as far as one can tell; at least ten years wide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_band: Option<AgeBand>,
    /// The gender, as the worker took it or the person told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// With what there was help, each theme once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub themes: Vec<HelpTheme>,
    /// How many minutes it took, at most a day's.
    pub minutes: i32,
    /// What came of it.
    pub result: ContactResult,
    /// What else should be known, at most 2000 characters, without anything that tells who somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

corrections! {
    /// What a contact said before each correction, the first one first.
    ContactCorrections of AnonymousContactContent
}

impl AnonymousContactContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.place.check("place", &mut out);
        if let Some(band) = self.age_band {
            band.check(&["ageBand"], &mut out);
        }
        check_themes(&self.themes, &mut out);
        check_count(self.minutes, DAY, "minutes", &mut out);
        unnamed_text::check(self.note.as_deref(), &["note"], 2_000, &mut out);
        out
    }
}

/// How long a summary is at most: it fits into the reason of a referral.
pub const LONGEST_SUMMARY: usize = 2_500;

/// Contacts in words, a line each in the order of their days, for whoever was met to take along: themes, minutes and results. The worker's notes and the
/// places stay where they are. When there are too many lines, the last ones count.
#[must_use]
pub fn summary(contacts: &[(NaiveDate, &AnonymousContactContent)], language: Language) -> String {
    let mut lines: Vec<_> = contacts.iter().map(|(day, contact)| (*day, line(*day, contact, language))).collect();
    lines.sort_by_key(|(day, _)| *day);
    let mut kept = VecDeque::new();
    let mut length = 0;
    for (_, line) in lines.into_iter().rev() {
        length += line.chars().count() + 1;
        if length > LONGEST_SUMMARY {
            break;
        }
        kept.push_front(line);
    }
    Vec::from(kept).join("\n")
}

fn line(day: NaiveDate, contact: &AnonymousContactContent, language: Language) -> String {
    let themes: Vec<_> = contact.themes.iter().map(|theme| theme.label().in_language(language).to_owned()).collect();
    let parts =
        [day.format("%-d.%-m.%Y").to_string(), themes.join(", "), format!("{} min", contact.minutes), contact.result.label().in_language(language).to_owned()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::VenueId;

    fn contact() -> AnonymousContactContent {
        AnonymousContactContent {
            place: OutreachPlace { venue: Some(VenueId::new()), ..OutreachPlace::default() },
            channel: ContactChannel::Field,
            age_band: Some(AgeBand { from: 30, to: Some(39) }),
            gender: None,
            themes: vec![HelpTheme::Housing, HelpTheme::Debt],
            minutes: 25,
            result: ContactResult::AgreedReturn,
            note: Some("Odottaa rappukäytävässä".to_owned()),
        }
    }

    #[test]
    fn each_part_has_its_own_fault() {
        let told = |content: AnonymousContactContent| content.check().iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect::<Vec<_>>();
        assert_eq!(told(contact()), Vec::<String>::new());
        assert_eq!(told(AnonymousContactContent { age_band: Some(AgeBand { from: 30, to: Some(38) }), ..contact() }), ["AgeBandTooNarrow ageBand"]);
        assert_eq!(told(AnonymousContactContent { themes: vec![HelpTheme::Debt, HelpTheme::Debt], ..contact() }), ["Duplicate themes"]);
        assert_eq!(told(AnonymousContactContent { minutes: DAY + 1, ..contact() }), ["OutOfRange minutes"]);
        assert_eq!(told(AnonymousContactContent { place: OutreachPlace::default(), ..contact() }), ["NoPlace place"]);
        assert_eq!(told(AnonymousContactContent { note: Some("aino@example.fi".to_owned()), ..contact() }), ["PersonalData note"]);
    }

    #[test]
    fn a_summary_tells_themes_and_results_and_no_note() {
        let (day, contact) = (NaiveDate::from_ymd_opt(2026, 3, 5).unwrap(), contact());
        let told = summary(&[(day, &contact)], Language::Fi);
        assert_eq!(told, "5.3.2026 · Asuminen, Velat ja raha-asiat · 25 min · Sovittu uudesta tapaamisesta");
        let many: Vec<_> = (0..200).map(|n| (day + chrono::TimeDelta::days(n), &contact)).rev().collect();
        let told = summary(&many, Language::En);
        assert!(told.chars().count() <= LONGEST_SUMMARY && told.lines().count() > 20, "{told}");
        assert!(told.ends_with("20.9.2026 · Housing, Debts and money · 25 min · Meeting again was agreed"), "{told}");
    }
}
