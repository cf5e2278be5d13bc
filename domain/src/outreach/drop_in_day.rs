//! A day of an open drop-in space (avoimen oleskelutilan päivä): how many came and with what, and nobody's name.
use super::{
    place::OutreachPlace,
    record::{Correctable, corrections},
    unnamed_text,
};
use crate::{
    machine::machine,
    person::identity::Gender,
    rejection::{Code, Rejections},
    scalar::Time,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How far a drop-in day is (avoimen päivän tila).
    pub enum DropInState ["drop-in-state"] {
        /// Visits are being counted (avoinna).
        Open,
        /// The counts hold (suljettu).
        Closed,
        /// The counts have been corrected, with a reason (korjattu).
        Corrected,
        /// It was recorded by mistake: it is kept, and counts for nothing (mitätöity).
        Voided,
    }
}

machine! {
    /// A move of the drop-in day machine.
    DropInState as "Drop-in day (avoimen oleskelutilan päivä)", pub enum DropInMove {
        /// The counts hold from now on.
        Close,
        /// The counts were wrong.
        Correct,
        /// It was recorded by mistake.
        Void,
    }
    Open -- Close -> Closed;
    Open -- Void -> Voided;
    Closed -- Correct -> Corrected;
    Closed -- Void -> Voided;
    Corrected -- Correct -> Corrected;
    Corrected -- Void -> Voided;
}

vocabulary! {
    /// With what somebody was helped (käynnin tai neuvonnan aihe).
    pub enum HelpTheme ["visit-help-theme"] {
        /// Benefits and forms (etuudet ja lomakkeet).
        BenefitsForms,
        /// Housing (asuminen).
        Housing,
        /// Debts and money (velat ja raha-asiat).
        Debt,
        /// Digital support (digituki).
        DigitalHelp,
        /// Guidance to health services (ohjaus terveyspalveluihin).
        HealthGuidance,
        /// Substance use (päihteet).
        Substance,
        /// Loneliness (yksinäisyys).
        Loneliness,
        /// Food aid (ruoka-apu).
        FoodAid,
        /// Work and studies (työ ja opiskelu).
        WorkStudy,
        /// Crisis (kriisi).
        Crisis,
        /// Another theme (muu aihe).
        Other,
    }
}

/// The oldest age that a band begins or ends with.
pub const OLDEST: i32 = 120;
/// How many years a band has at least: a narrower one could tell who somebody is.
pub const NARROWEST_BAND: i32 = 10;
/// The most that is counted of anything on a day.
pub const MOST: i32 = 100_000;

/// A band of ages, at least ten years wide (ikähaarukka).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject, async_graphql::SimpleObject), graphql(input_name = "AgeBandInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgeBand {
    /// The youngest, in full years.
    pub from: i32,
    /// The oldest, in full years; null when there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i32>,
}

impl AgeBand {
    /// Every fault of the band at `path`.
    pub fn check(self, path: &[&str], out: &mut Rejections) {
        let last = self.to.unwrap_or(OLDEST);
        if !(0..=OLDEST).contains(&self.from) || !(0..=OLDEST).contains(&last) || last - self.from + 1 < NARROWEST_BAND {
            out.add(Code::AgeBandTooNarrow, path);
        }
    }

    fn meets(self, other: Self) -> bool {
        self.from <= other.to.unwrap_or(OLDEST) && other.from <= self.to.unwrap_or(OLDEST)
    }
}

/// How many visits were made by people of an age (käynnit ikähaarukoittain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject, async_graphql::SimpleObject), graphql(input_name = "AgeBandCountInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgeBandCount {
    /// The ages.
    pub band: AgeBand,
    /// How many.
    pub count: i32,
}

/// How many visits were made by people of a gender (käynnit sukupuolittain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject, async_graphql::SimpleObject), graphql(input_name = "GenderCountInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GenderCount {
    /// The gender, as the worker took it or the visitor told it.
    pub gender: Gender,
    /// How many.
    pub count: i32,
}

/// How often there was help with a theme (annettu apu).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject, async_graphql::SimpleObject), graphql(input_name = "HelpCountInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HelpCount {
    /// With what.
    pub theme: HelpTheme,
    /// How often.
    pub count: i32,
}

/// The counts of a day (kävijämäärät).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject, async_graphql::SimpleObject), graphql(input_name = "DropInCountsInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DropInCounts {
    /// Visits; somebody who comes twice makes two.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub visits: i32,
    /// How many different people that is, as far as one can tell; at most the visits.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub estimated_persons: i32,
    /// How many of them were there for the first time; at most the people.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub first_timers: i32,
    /// Visits by age; together at most the visits, since not every age is known.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub by_age_band: Vec<AgeBandCount>,
    /// Visits by gender; together at most the visits.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub by_gender: Vec<GenderCount>,
}

impl DropInCounts {
    /// Every fault of the counts, each at its own path.
    pub fn check(&self, out: &mut Rejections) {
        let mut one = |count: i32, most: i32, field: &str| {
            if !(0..=most).contains(&count) {
                out.add_with(Code::OutOfRange, &["counts", field], format!("0–{most}"));
            }
        };
        one(self.visits, MOST, "visits");
        one(self.estimated_persons, self.visits, "estimatedPersons");
        one(self.first_timers, self.estimated_persons, "firstTimers");
        self.check_parts(self.by_age_band.iter().map(|part| part.count), "byAgeBand", out);
        self.check_parts(self.by_gender.iter().map(|part| part.count), "byGender", out);
        for (i, part) in self.by_age_band.iter().enumerate().take(20) {
            part.band.check(&["counts", "byAgeBand", &i.to_string(), "band"], out);
            if self.by_age_band[..i].iter().any(|other| other.band.meets(part.band)) {
                out.add(Code::Duplicate, &["counts", "byAgeBand", &i.to_string(), "band"]);
            }
        }
        if (1..self.by_gender.len()).any(|i| self.by_gender[..i].iter().any(|other| other.gender == self.by_gender[i].gender)) {
            out.add(Code::Duplicate, &["counts", "byGender"]);
        }
    }

    fn check_parts(&self, counts: impl ExactSizeIterator<Item = i32> + Clone, field: &str, out: &mut Rejections) {
        if counts.len() > 20 {
            out.add_with(Code::TooLong, &["counts", field], 20);
        }
        let sum: i64 = counts.clone().map(i64::from).sum();
        if counts.into_iter().any(|count| count < 0) || sum > i64::from(self.visits) {
            out.add_with(Code::OutOfRange, &["counts", field], format!("0–{}", self.visits));
        }
    }
}

/// Faults of a list of what there was help with.
pub fn check_help(help: &[HelpCount], out: &mut Rejections) {
    for (i, one) in help.iter().enumerate().take(HelpTheme::ALL.len() + 1) {
        if !(1..=MOST).contains(&one.count) {
            out.add_with(Code::OutOfRange, &["helpGiven", &i.to_string(), "count"], format!("1–{MOST}"));
        }
        if help[..i].iter().any(|other| other.theme == one.theme) {
            out.add(Code::Duplicate, &["helpGiven", &i.to_string(), "theme"]);
        }
    }
}

/// What is said of a drop-in day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "DropInDayContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DropInDayContent {
    /// Where.
    pub place: OutreachPlace,
    /// From when it was open, by the clock in Finland.
    pub open_from: Time,
    /// Until when.
    pub open_to: Time,
    /// The counts.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub counts: DropInCounts,
    /// With what people were helped, each theme once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub help_given: Vec<HelpCount>,
    /// What else should be known, at most 2000 characters, without anything that tells who somebody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl DropInDayContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.place.check("place", &mut out);
        if self.place.route.is_some() {
            out.add(Code::DoesNotAgree, &["place", "route"]);
        }
        if self.open_to <= self.open_from {
            out.add(Code::DateOrder, &["openTo"]);
        }
        self.counts.check(&mut out);
        check_help(&self.help_given, &mut out);
        unnamed_text::check(self.note.as_deref(), &["note"], 2_000, &mut out);
        out
    }
}

/// What comes on top of the counts of a day that is open (lisäys).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DropInMore {
    /// More visits.
    pub visits: i32,
    /// More people.
    pub estimated_persons: i32,
    /// More of those who were there for the first time.
    pub first_timers: i32,
    /// Help that was given besides.
    pub help_given: Vec<HelpCount>,
}

impl DropInMore {
    /// The content with this on top.
    #[must_use]
    pub fn on(&self, mut content: DropInDayContent) -> DropInDayContent {
        let counts = &mut content.counts;
        for (count, more) in
            [(&mut counts.visits, self.visits), (&mut counts.estimated_persons, self.estimated_persons), (&mut counts.first_timers, self.first_timers)]
        {
            *count = count.saturating_add(more);
        }
        for more in &self.help_given {
            match content.help_given.iter_mut().find(|had| had.theme == more.theme) {
                Some(had) => had.count = had.count.saturating_add(more.count),
                None => content.help_given.push(*more),
            }
        }
        content
    }

    /// Faults: what is added is never less than nothing.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        for (count, field) in [(self.visits, "visits"), (self.estimated_persons, "estimatedPersons"), (self.first_timers, "firstTimers")] {
            if !(0..=MOST).contains(&count) {
                out.add_with(Code::OutOfRange, &[field], format!("0–{MOST}"));
            }
        }
        check_help(&self.help_given, &mut out);
        out
    }
}

/// What is corrected of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DropInSaid {
    /// The counts.
    pub counts: DropInCounts,
    /// The help.
    pub help_given: Vec<HelpCount>,
    /// What else should be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl DropInSaid {
    /// Every fault of it.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.counts.check(&mut out);
        check_help(&self.help_given, &mut out);
        unnamed_text::check(self.note.as_deref(), &["note"], 2_000, &mut out);
        out
    }
}

impl Correctable for DropInDayContent {
    type Said = DropInSaid;
    fn exchange(&mut self, right: DropInSaid) -> DropInSaid {
        let DropInSaid { counts, help_given, note } = right;
        DropInSaid {
            counts: std::mem::replace(&mut self.counts, counts),
            help_given: std::mem::replace(&mut self.help_given, help_given),
            note: std::mem::replace(&mut self.note, note),
        }
    }
}

corrections! {
    /// What a day said before each correction, the first one first.
    DropInCorrections of DropInDayContent, said: DropInSaid
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(counts: &DropInCounts) -> Vec<String> {
        let mut out = Rejections::default();
        counts.check(&mut out);
        out.iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect()
    }

    fn band(from: i32, to: Option<i32>, count: i32) -> AgeBandCount {
        AgeBandCount { band: AgeBand { from, to }, count }
    }

    #[test]
    fn each_count_has_its_own_fault() {
        let good = DropInCounts {
            visits: 10,
            estimated_persons: 8,
            first_timers: 8,
            by_age_band: vec![band(0, Some(17), 4), band(18, None, 6)],
            by_gender: vec![GenderCount { gender: Gender::Female, count: 10 }],
        };
        assert_eq!(told(&good), Vec::<String>::new());
        assert_eq!(told(&DropInCounts { estimated_persons: 11, ..good.clone() }), ["OutOfRange counts.estimatedPersons"]);
        assert_eq!(told(&DropInCounts { first_timers: 9, ..good.clone() }), ["OutOfRange counts.firstTimers"]);
        assert_eq!(told(&DropInCounts { by_age_band: vec![band(18, None, 11)], ..good.clone() }), ["OutOfRange counts.byAgeBand"]);
        assert_eq!(told(&DropInCounts { by_gender: vec![GenderCount { gender: Gender::Male, count: 11 }], ..good.clone() }), ["OutOfRange counts.byGender"]);
        assert_eq!(told(&DropInCounts { by_age_band: vec![band(20, Some(28), 1)], ..good.clone() }), ["AgeBandTooNarrow counts.byAgeBand.0.band"]);
        assert_eq!(told(&DropInCounts { by_age_band: vec![band(20, Some(29), 1), band(29, Some(40), 1)], ..good }), ["Duplicate counts.byAgeBand.1.band"]);
        assert_eq!(told(&DropInCounts { visits: -1, ..DropInCounts::default() }).len(), 4, "nothing fits into less than nothing");
    }

    #[test]
    fn what_is_added_is_summed_by_theme() {
        let help = |count| HelpCount { theme: HelpTheme::Debt, count };
        let time = |text| Time::parse(text).unwrap();
        let content = DropInDayContent {
            place: OutreachPlace::default(),
            open_from: time("09:00"),
            open_to: time("12:00"),
            counts: DropInCounts::default(),
            help_given: vec![help(1)],
            note: None,
        };
        let more = DropInMore { visits: 2, estimated_persons: 1, first_timers: 0, help_given: vec![help(2)] };
        let after = more.on(content);
        assert_eq!((after.counts.visits, after.counts.estimated_persons, after.help_given), (2, 1, vec![help(3)]));
    }

    #[test]
    fn what_was_kept_before_notes_were_corrected_is_understood() {
        let kept = r#"[{"counts":{"visits":3},"helpGiven":[{"theme":"DEBT","count":1}],"reason":"r","at":"2026-01-01T00:00:00Z","by":"b"}]"#;
        let read: DropInCorrections = serde_json::from_str(kept).unwrap();
        assert_eq!((read.0[0].said.counts.visits, &read.0[0].said.note, read.0[0].by.as_str()), (3, &None, "b"));
        assert_eq!(serde_json::from_str::<DropInCorrections>(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    }
}
