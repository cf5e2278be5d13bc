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
        /// Going along to an office or a service, without asking who it is (asioinnilla mukana).
        Accompanying,
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

/// Contacts in words, as a whole, for whoever was met to take along: how often and in which months, about how long, and with what there was help. No contact
/// can be told from it: no day, no minutes and no result of any one, and neither places nor the workers' notes. Empty when nothing was recorded.
#[must_use]
pub fn summary(contacts: &[(NaiveDate, &AnonymousContactContent)], language: Language) -> String {
    let month = |day: &NaiveDate| day.format("%-m/%Y").to_string();
    let (Some((first, _)), Some((last, _))) = (contacts.iter().min_by_key(|(day, _)| *day), contacts.iter().max_by_key(|(day, _)| *day)) else {
        return String::new();
    };
    let months = if month(first) == month(last) { month(first) } else { format!("{}–{}", month(first), month(last)) };
    // Whole hours, begun ones too.
    let hours = (contacts.iter().map(|(_, contact)| contact.minutes).sum::<i32>() + 59) / 60;
    let themes: Vec<_> = HelpTheme::ALL.iter().filter(|theme| contacts.iter().any(|(_, contact)| contact.themes.contains(theme))).collect();
    let themes: Vec<_> = themes.into_iter().map(|theme| theme.label().in_language(language).to_owned()).collect();
    let (met, about) = match (language, contacts.len()) {
        (Language::Fi, 1) => (format!("Tavattu kerran, {months}, yhteensä enintään {hours} h."), "Aiheet"),
        (Language::Fi, n) => (format!("Tavattu {n} kertaa, {months}, yhteensä enintään {hours} h."), "Aiheet"),
        (Language::Sv, 1) => (format!("Träffats en gång, {months}, sammanlagt högst {hours} h."), "Teman"),
        (Language::Sv, n) => (format!("Träffats {n} gånger, {months}, sammanlagt högst {hours} h."), "Teman"),
        (Language::En, 1) => (format!("Met once, {months}, at most {hours} h in all."), "Themes"),
        (Language::En, n) => (format!("Met {n} times, {months}, at most {hours} h in all."), "Themes"),
    };
    if themes.is_empty() { met } else { format!("{met} {about}: {}.", themes.join(", ")) }
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
    fn a_summary_tells_months_sums_and_themes_and_of_no_contact_by_itself() {
        let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
        let long = AnonymousContactContent { themes: vec![HelpTheme::FoodAid, HelpTheme::Debt], minutes: 50, result: ContactResult::Advised, ..contact() };
        let first = contact();
        assert_eq!(summary(&[(day(3, 5), &first)], Language::Fi), "Tavattu kerran, 3/2026, yhteensä enintään 1 h. Aiheet: Asuminen, Velat ja raha-asiat.");
        let both = [(day(5, 2), &long), (day(3, 5), &first)];
        assert_eq!(summary(&both, Language::En), "Met 2 times, 3/2026–5/2026, at most 2 h in all. Themes: Housing, Debts and money, Food aid.");
        let turned = [both[1], both[0]];
        assert_eq!(summary(&both, Language::Sv), summary(&turned, Language::Sv), "in whatever order they were");
        // Another day of the month, other minutes within the hour, another result: nothing of it shows.
        let other = AnonymousContactContent { minutes: 5, result: ContactResult::BecameIdentified, note: None, ..contact() };
        assert_eq!(summary(&[(day(3, 28), &other)], Language::Fi), summary(&[(day(3, 5), &first)], Language::Fi));
        assert_eq!(summary(&[], Language::Fi), "");
    }
}
