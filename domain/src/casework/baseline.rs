//! The intake baseline (alkutilanne): the client's situation when a case begins, against which the end is held. Source: seed 001, the ESF start form.
use crate::{
    code::lists,
    rejection::{Code, Rejections},
    scalar::Date,
    vocabulary::vocabulary,
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// An answer to a yes or no question (vastaus); not to know is an answer, too.
    pub enum YesNoUnknown ["yes-no-unknown"] {
        /// Yes (kyllä).
        Yes,
        /// No (ei).
        No,
        /// Not known (ei tiedossa).
        Unknown,
    }
}

/// What is told of a client's situation at the start, but for health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "IntakeBaselineContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntakeBaselineContent {
    /// The day of which it tells.
    pub as_of: Date,
    /// On social assistance (toimeentulotuki) at the start.
    pub social_assistance: YesNoUnknown,
    /// On regular social assistance since; none when not, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub social_assistance_since: Option<Date>,
    /// A client of social services at the start.
    pub social_services: YesNoUnknown,
    /// A client of social services since; none when not, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub social_services_since: Option<Date>,
    /// Employment (työllisyystilanne), by its code in the list `employment-status`.
    pub employment: String,
    /// Unemployed since; none when not, or not known. The months since then must fit the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unemployed_since: Option<Date>,
    /// Education (koulutusaste), by its code in the list `education-level`.
    pub education: String,
    /// The only adult of the household.
    pub single_adult: YesNoUnknown,
    /// Nobody of working age in the household has work.
    pub all_working_age_jobless: YesNoUnknown,
    /// Has dependent children.
    pub dependent_children: YesNoUnknown,
    /// Feels at a disadvantage in the labour market (oma arvio).
    pub labour_market_disadvantage: YesNoUnknown,
}

/// What is told of a client's health and hardship at the start. Kept sealed: data of a special category (GDPR article 9).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "BaselineHealthInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BaselineHealth {
    /// A mental limitation has been diagnosed.
    pub mental_limitation_diagnosed: YesNoUnknown,
    /// In mental health care.
    pub mental_care_active: YesNoUnknown,
    /// The client acknowledges harm from substances.
    pub substance_harm_acknowledged: YesNoUnknown,
    /// In substance care.
    pub substance_care_active: YesNoUnknown,
    /// Finds social situations hard.
    pub social_situations_hard: YesNoUnknown,
}

impl std::fmt::Debug for BaselineHealth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(crate::private::MASK)
    }
}

/// So many days after it was recorded, a baseline is corrected with a reason only.
pub const SETTLES_DAYS: i64 = 30;

/// A baseline that was recorded then is settled now: whoever corrects it says why.
#[must_use]
pub fn is_settled(recorded_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - recorded_at >= TimeDelta::days(SETTLES_DAYS)
}

/// Whole months from one day to another; none when the other is earlier.
#[must_use]
pub fn whole_months(from: NaiveDate, to: NaiveDate) -> Option<i32> {
    let months = (to.year() - from.year()) * 12 + i32::try_from(to.month0()).ok()? - i32::try_from(from.month0()).ok()?;
    let months = if to.day() < from.day() { months - 1 } else { months };
    (to >= from).then_some(months)
}

/// The code of employment of somebody unemployed for so many whole months: less than 6, 6 to 12, more than 12.
#[must_use]
pub const fn unemployment(months: i32) -> &'static str {
    match months {
        ..6 => "UNEMPLOYED_LT_6M",
        6..=12 => "UNEMPLOYED_6_12M",
        13.. => "UNEMPLOYED_GT_12M",
    }
}

impl IntakeBaselineContent {
    /// Every fault; `today` is the day on which it is told.
    #[must_use]
    pub fn check(&self, today: NaiveDate) -> Rejections {
        let mut out = Rejections::default();
        if self.as_of.0 > today {
            out.add(Code::DateOrder, &["asOf"]);
        }
        for (list, field, code) in [("employment-status", "employment", &self.employment), ("education-level", "education", &self.education)] {
            if !lists().knows(list, code) {
                out.add_with(Code::UnknownCode, &[field], code.as_str());
            }
        }
        let since = [
            ("socialAssistanceSince", self.social_assistance_since, Some(self.social_assistance)),
            ("socialServicesSince", self.social_services_since, Some(self.social_services)),
            ("unemployedSince", self.unemployed_since, None),
        ];
        for (field, day, answer) in since {
            if day.is_some_and(|day| day.0 > self.as_of.0) {
                out.add(Code::DateOrder, &[field]);
            } else if day.is_some() && answer.is_some_and(|answer| answer != YesNoUnknown::Yes) {
                out.add(Code::DoesNotAgree, &[field]);
            }
        }
        if let Some(months) = self.unemployed_since.and_then(|since| whole_months(since.0, self.as_of.0))
            && self.employment != unemployment(months)
        {
            out.add(Code::DoesNotAgree, &["employment"]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(employment: &str, unemployed_since: Option<&str>) -> IntakeBaselineContent {
        IntakeBaselineContent {
            as_of: Date::parse("2026-11-27").unwrap(),
            social_assistance: YesNoUnknown::Yes,
            social_assistance_since: None,
            social_services: YesNoUnknown::Unknown,
            social_services_since: None,
            employment: employment.into(),
            unemployed_since: unemployed_since.map(|day| Date::parse(day).unwrap()),
            education: "COMPULSORY".into(),
            single_adult: YesNoUnknown::No,
            all_working_age_jobless: YesNoUnknown::Yes,
            dependent_children: YesNoUnknown::No,
            labour_market_disadvantage: YesNoUnknown::Yes,
        }
    }

    fn faults(content: &IntakeBaselineContent) -> Vec<(Code, String)> {
        content.check("2026-11-27".parse().unwrap()).iter().map(|r| (r.code, r.path.join("."))).collect()
    }

    #[test]
    fn months_of_unemployment_fit_their_code_at_each_boundary() {
        for (since, code) in [
            ("2026-11-27", "UNEMPLOYED_LT_6M"),
            ("2026-05-28", "UNEMPLOYED_LT_6M"),
            ("2026-05-27", "UNEMPLOYED_6_12M"),
            ("2025-10-28", "UNEMPLOYED_6_12M"),
            ("2025-10-27", "UNEMPLOYED_GT_12M"),
        ] {
            assert_eq!(faults(&content(code, Some(since))), [], "{since}");
            assert_eq!(faults(&content("EMPLOYED", Some(since))), [(Code::DoesNotAgree, "employment".into())], "{since}");
        }
        assert_eq!(faults(&content("UNEMPLOYED_GT_12M", None)), []);
        assert_eq!(faults(&content("IDLE", None)), [(Code::UnknownCode, "employment".into())]);
    }

    #[test]
    fn a_day_since_when_needs_the_yes_that_it_speaks_of() {
        let mut told = content("OTHER", None);
        told.social_services_since = Some(Date::parse("2020-01-01").unwrap());
        told.social_assistance_since = Some(Date::parse("2027-01-01").unwrap());
        assert_eq!(faults(&told), [(Code::DateOrder, "socialAssistanceSince".into()), (Code::DoesNotAgree, "socialServicesSince".into())]);
    }

    #[test]
    fn a_baseline_settles_after_thirty_days() {
        let at = |text: &str| text.parse().unwrap();
        assert!(!is_settled(at("2026-11-01T10:00:00Z"), at("2026-12-01T09:59:59Z")));
        assert!(is_settled(at("2026-11-01T10:00:00Z"), at("2026-12-01T10:00:00Z")));
    }

    #[test]
    fn nothing_of_health_is_seen_in_a_log() {
        let no = YesNoUnknown::No;
        let health = BaselineHealth {
            mental_limitation_diagnosed: no,
            mental_care_active: no,
            substance_harm_acknowledged: no,
            substance_care_active: no,
            social_situations_hard: no,
        };
        assert_eq!(format!("{health:?}"), crate::private::MASK);
    }
}
