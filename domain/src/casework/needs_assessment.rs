//! The needs assessment (palvelutarpeen arviointi, sosiaalisen toimintakyvyn selvittäminen): both views, a conclusion, and the need of an own worker.
use crate::{
    machine::machine,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

vocabulary! {
    /// Where a needs assessment is (arvioinnin tila).
    pub enum AssessmentState ["assessment-state"] {
        /// Not begun (ei aloitettu).
        NotStarted,
        /// Being made (käynnissä).
        InProgress,
        /// Completed (valmis).
        Completed,
        /// Interrupted, with a reason (keskeytynyt).
        Interrupted,
        /// Not made, because it is obviously unnecessary (ilmeisen tarpeeton).
        Waived,
        /// A newer one is completed (korvattu).
        Superseded,
    }
}

machine! {
    /// A move of the needs assessment machine.
    AssessmentState as "Needs assessment (palvelutarpeen arviointi)", pub enum AssessmentMove {
        /// Begin it.
        Start,
        /// Complete it: every mandatory part is there.
        Complete,
        /// Interrupt it, with a reason.
        Interrupt,
        /// Go on with it.
        Resume,
        /// Do without it, with a reason.
        Waive,
        /// A newer one is completed.
        Supersede,
    }
    NotStarted -- Start -> InProgress;
    NotStarted -- Waive -> Waived;
    InProgress -- Complete -> Completed;
    InProgress -- Interrupt -> Interrupted;
    Interrupted -- Resume -> InProgress;
    Completed -- Supersede -> Superseded;
}

impl AssessmentState {
    /// It is being made, or will be gone on with.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::NotStarted | Self::InProgress | Self::Interrupted)
    }
}

vocabulary! {
    /// Why an assessment was interrupted (keskeytymisen syy).
    pub enum InterruptionReason ["interruption-reason"] {
        /// The client does not want it (asiakas kieltäytyi).
        ClientDeclined,
        /// The client cannot be reached (ei tavoiteta).
        Unreachable,
    }
}

vocabulary! {
    /// An area of life that is looked at (elämänalue).
    pub enum LifeArea ["life-area"] {
        /// Skills of everyday life (arjen taidot).
        EverydaySkills,
        /// Being with others (vuorovaikutus).
        Interaction,
        /// People around (verkostot).
        Networks,
        /// Housing (asuminen).
        Housing,
        /// Money (talous).
        Economy,
        /// Health (terveys).
        Health,
        /// Work and study (työ ja opiskelu).
        WorkStudy,
        /// Participation (osallisuus).
        Participation,
        /// Strengths and resources (vahvuudet ja voimavarat).
        Strengths,
    }
}

impl LifeArea {
    /// What is said of it is data of a special category (GDPR 9).
    #[must_use]
    pub const fn is_special_category(self) -> bool {
        matches!(self, Self::Health)
    }
}

/// What is said of one area of life.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject, async_graphql::InputObject),
    graphql(name = "AssessmentPart", input_name = "AssessmentPartInput")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssessmentPart {
    /// Which area.
    pub area: LifeArea,
    /// What is said of it, at most 4000 characters.
    pub text: String,
}

vocabulary! {
    /// Whose observation it is (havainnon tekijä).
    pub enum Observer {
        /// The client (asiakas).
        Client,
        /// The professional (ammattilainen).
        Professional,
    }
}

/// An observation of functioning by the ICF (toimintakykyluokitus).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject, async_graphql::InputObject),
    graphql(name = "IcfObservation", input_name = "IcfObservationInput")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IcfObservation {
    /// The category, for example `d750`: a letter of b, s, d or e and one to five digits.
    pub code: String,
    /// The qualifier: 0 no problem to 4 complete problem, 8 not specified, 9 not applicable.
    pub qualifier: i32,
    /// Whose observation it is.
    pub observer: Observer,
}

/// What a needs assessment says. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "NeedsAssessmentContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NeedsAssessmentContent {
    /// What is said of the areas of life, each at most once.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub parts: Vec<AssessmentPart>,
    /// The client's own view (asiakkaan näkemys), at most 4000 characters. Must be there before it is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_view: Option<String>,
    /// The professional's view (ammattilaisen näkemys), at most 4000 characters. Must be there before it is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub professional_view: Option<String>,
    /// The conclusion on the grounds for clienthood (johtopäätös), at most 4000 characters. Must be there before it is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<String>,
    /// The client needs special support (erityisen tuen tarve, SHL 3 §).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub special_support: Option<bool>,
    /// The client's estimate of the need of an own worker, at most 1000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_worker_need_client: Option<String>,
    /// The professional's estimate of the need of an own worker (omatyöntekijän tarve), at most 1000 characters. Must be there before it is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_worker_need_professional: Option<String>,
    /// Other authorities that take part, at most 20.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub other_authorities: Vec<String>,
    /// Observations by the ICF, at most 50.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub icf: Vec<IcfObservation>,
}

crate::private::masked!(NeedsAssessmentContent, AssessmentPart, IcfObservation);

impl NeedsAssessmentContent {
    /// Every fault of what is saved on the way.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        let mut areas = BTreeSet::new();
        for (i, part) in self.parts.iter().enumerate() {
            let i = i.to_string();
            if !areas.insert(part.area) {
                out.add(Code::Duplicate, &["parts", &i, "area"]);
            }
            text::check(&part.text, &["parts", &i, "text"], 4_000, &mut out);
        }
        for (field, words, most) in [
            ("clientView", &self.client_view, 4_000),
            ("professionalView", &self.professional_view, 4_000),
            ("conclusion", &self.conclusion, 4_000),
            ("ownWorkerNeedClient", &self.own_worker_need_client, 1_000),
            ("ownWorkerNeedProfessional", &self.own_worker_need_professional, 1_000),
        ] {
            text::check_some(words.as_deref(), &[field], most, &mut out);
        }
        text::check_list(&self.other_authorities, "otherAuthorities", 20, 200, &mut out);
        if self.icf.len() > 50 {
            out.add_with(Code::TooLong, &["icf"], 50);
        }
        for (i, seen) in self.icf.iter().enumerate() {
            let i = i.to_string();
            if !is_icf(&seen.code) {
                out.add(Code::Invalid, &["icf", &i, "code"]);
            }
            if !matches!(seen.qualifier, 0..=4 | 8 | 9) {
                out.add_with(Code::OutOfRange, &["icf", &i, "qualifier"], "0–4, 8–9");
            }
        }
        out
    }

    /// Every mandatory part that is not there yet (SHL 37 §).
    #[must_use]
    pub fn missing(&self) -> Rejections {
        let mut out = Rejections::default();
        for (field, words) in [
            ("clientView", &self.client_view),
            ("professionalView", &self.professional_view),
            ("conclusion", &self.conclusion),
            ("ownWorkerNeedProfessional", &self.own_worker_need_professional),
        ] {
            if words.is_none() {
                out.add(Code::Required, &[field]);
            }
        }
        out
    }
}

fn is_icf(code: &str) -> bool {
    let digits = code.strip_prefix(['b', 's', 'd', 'e']).unwrap_or_default();
    (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// By when an assessment that begins now is to be completed where no earlier day is set: without delay when the need is urgent (SHL 36 §), else
/// so that a decision can be made within three months from when the case became pending (SHL 45 §).
#[must_use]
pub fn due(urgent: bool, pending_at: DateTime<Utc>, now: DateTime<Utc>) -> NaiveDate {
    use crate::catalogue::session::day;
    if urgent {
        return day(now);
    }
    let last = day(pending_at);
    last.checked_add_months(Months::new(3)).unwrap_or(last).max(day(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn each_mandatory_part_is_asked_for() {
        let paths = |content: &NeedsAssessmentContent| content.missing().iter().map(|r| r.path.join(".")).collect::<Vec<_>>();
        assert_eq!(paths(&NeedsAssessmentContent::default()), ["clientView", "professionalView", "conclusion", "ownWorkerNeedProfessional"]);
        let said = || Some("Sanottu.".to_owned());
        let whole = NeedsAssessmentContent {
            client_view: said(),
            professional_view: said(),
            conclusion: said(),
            own_worker_need_professional: said(),
            ..NeedsAssessmentContent::default()
        };
        assert!(paths(&whole).is_empty() && whole.check().into_result().is_ok());
    }

    #[test]
    fn an_area_is_spoken_of_once_and_icf_is_of_its_form() {
        let part = || AssessmentPart { area: LifeArea::Housing, text: "Vuokra-asunto.".into() };
        let icf = |code: &str, qualifier| IcfObservation { code: code.into(), qualifier, observer: Observer::Professional };
        let content =
            NeedsAssessmentContent { parts: vec![part(), part()], icf: vec![icf("d750", 2), icf("x7", 2), icf("d7", 5)], ..NeedsAssessmentContent::default() };
        let faults: Vec<_> = content.check().iter().map(|r| (r.code, r.path.join("."))).collect();
        let expected = [(Code::Duplicate, "parts.1.area"), (Code::Invalid, "icf.1.code"), (Code::OutOfRange, "icf.2.qualifier")];
        assert_eq!(faults, expected.map(|(code, path)| (code, path.to_owned())));
    }

    #[test]
    fn what_has_ended_is_not_moved_but_for_a_newer_one() {
        for state in AssessmentState::ALL {
            assert_eq!(state.moves().any(|by| by != AssessmentMove::Supersede), state.is_open(), "{state:?}");
        }
    }

    #[test]
    fn it_is_due_in_three_months_or_at_once() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(due(false, at("2026-11-30T10:00:00Z"), at("2026-12-02T10:00:00Z")), day("2027-02-28"));
        assert_eq!(due(true, at("2026-11-30T10:00:00Z"), at("2026-12-02T10:00:00Z")), day("2026-12-02"));
        assert_eq!(due(false, at("2026-01-01T10:00:00Z"), at("2026-12-02T10:00:00Z")), day("2026-12-02"));
    }
}
