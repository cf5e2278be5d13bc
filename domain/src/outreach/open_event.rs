//! What open work arranges for whoever comes (avoin tapahtuma): pop-ups, outings and advice, with estimates and nobody's name.
use super::{
    drop_in_day::{HelpTheme, MOST},
    place::OutreachPlace,
    record::{DAY, check_count, check_themes, corrections},
    unnamed_text,
};
use crate::{
    money::Money,
    rejection::{Code, Rejections},
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What kind of event it was (tapahtuman laji).
    pub enum OpenEventKind ["open-event-kind"] {
        /// A pop-up event of activity and information (pop-up virike- ja tiedotustapahtuma).
        PopUp,
        /// An outing (retki).
        Outing,
        /// A session of advice and help with errands; nobody is asked who it is (asiointituki ja neuvonta).
        AdviceSession,
    }
}

/// The most that an outing costs.
const DEAREST: Money = Money { amount_cents: 10_000_000 };

/// What is said of an open event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "OpenEventContentInput"))]
#[serde(rename_all = "camelCase")]
pub struct OpenEventContent {
    /// What kind of event.
    pub kind: OpenEventKind,
    /// Where; the destination of an outing.
    pub place: OutreachPlace,
    /// What it was about, each theme once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub themes: Vec<HelpTheme>,
    /// How many people took part, as far as one can tell.
    pub attendees: i32,
    /// How many leaflets were given out.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub leaflets: i32,
    /// How many minutes it took, at most a day's.
    pub minutes: i32,
    /// What an outing cost in all; only with OUTING.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// What else should be known, at most 2000 characters, without anything that tells who somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

corrections! {
    /// What an event said before each correction, the first one first.
    EventCorrections of OpenEventContent
}

impl OpenEventContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.place.check("place", &mut out);
        check_themes(&self.themes, &mut out);
        check_count(self.attendees, MOST, "attendees", &mut out);
        check_count(self.leaflets, MOST, "leaflets", &mut out);
        check_count(self.minutes, DAY, "minutes", &mut out);
        if let Some(cost) = self.cost {
            if self.kind != OpenEventKind::Outing {
                out.add(Code::DoesNotAgree, &["cost"]);
            }
            cost.check("cost", DEAREST, &mut out);
        }
        unnamed_text::check(self.note.as_deref(), &["note"], 2_000, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::VenueId;

    #[test]
    fn each_part_has_its_own_fault() {
        let event = || OpenEventContent {
            kind: OpenEventKind::Outing,
            place: OutreachPlace { venue: Some(VenueId::new()), ..OutreachPlace::default() },
            themes: vec![HelpTheme::Loneliness],
            attendees: 12,
            leaflets: 0,
            minutes: 240,
            cost: Some(Money { amount_cents: 18_050 }),
            note: None,
        };
        let told = |content: OpenEventContent| content.check().iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect::<Vec<_>>();
        assert_eq!(told(event()), Vec::<String>::new());
        assert_eq!(told(OpenEventContent { kind: OpenEventKind::PopUp, ..event() }), ["DoesNotAgree cost"]);
        assert_eq!(told(OpenEventContent { cost: Some(Money { amount_cents: -1 }), ..event() }), ["OutOfRange cost.amountCents"]);
        assert_eq!(
            told(OpenEventContent { attendees: -1, leaflets: MOST + 1, minutes: -1, ..event() }),
            ["OutOfRange attendees", "OutOfRange leaflets", "OutOfRange minutes"]
        );
        assert_eq!(told(OpenEventContent { themes: vec![HelpTheme::Crisis; 2], ..event() }), ["Duplicate themes"]);
        assert_eq!(told(OpenEventContent { note: Some("010190-900P".to_owned()), ..event() }), ["PersonalData note"]);
    }
}
