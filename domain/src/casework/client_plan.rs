//! The client plan (asiakassuunnitelma): in versions, made with the client, who agrees or dissents in own words.
use crate::{
    access::NoticeKind,
    catalogue::service::RehabContent,
    code::Coded,
    id::{ClientPlanId, GoalId, OrganizationId, ServiceId},
    machine::machine,
    rejection::{Code, Rejections},
    scalar::Date,
    text,
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where a version of a client plan is (suunnitelman tila).
    pub enum PlanState ["plan-state"] {
        /// Being written (luonnos).
        Draft,
        /// Shown to the client (asiakkaan nähtävänä).
        Shared,
        /// In force (voimassa).
        InForce,
        /// In force, and being looked at again (tarkistettavana).
        UnderReview,
        /// A newer version is in force (korvattu).
        Superseded,
        /// Ended (päättynyt).
        Ended,
        /// Thrown away before it was in force (poistettu).
        Discarded,
    }
}

machine! {
    /// A move of the client plan machine.
    PlanState as "Client plan (asiakassuunnitelma)", pub enum PlanMove {
        /// Show it to the client.
        Share,
        /// The client comments: it is a draft again.
        Comment,
        /// The client, or a worker for the client, records agreement or dissent.
        Agree,
        /// Put it in force.
        PutInForce,
        /// Look at it again.
        Review,
        /// It stays as it is.
        Confirm,
        /// A newer version is in force.
        Supersede,
        /// End it.
        End,
        /// Throw it away.
        Discard,
    }
    Draft -- Share -> Shared;
    Draft -- Discard -> Discarded;
    Shared -- Comment -> Draft;
    Shared -- Agree -> Shared;
    Shared -- PutInForce -> InForce;
    Shared -- Discard -> Discarded;
    InForce -- Review -> UnderReview;
    InForce -- Supersede -> Superseded;
    InForce -- End -> Ended;
    UnderReview -- Confirm -> InForce;
    UnderReview -- Supersede -> Superseded;
    UnderReview -- End -> Ended;
}

impl PlanState {
    /// It holds now.
    #[must_use]
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::InForce | Self::UnderReview)
    }

    /// It is being made.
    #[must_use]
    pub const fn is_in_the_making(self) -> bool {
        matches!(self, Self::Draft | Self::Shared)
    }
}

vocabulary! {
    /// Whether the client agrees with a plan (asiakkaan kanta).
    pub enum PlanAgreement ["plan-agreement"] {
        /// Agrees (samaa mieltä).
        Agrees,
        /// Agrees in part (osin samaa mieltä).
        Partly,
        /// Disagrees (eri mieltä).
        Disagrees,
    }
}

vocabulary! {
    /// The time that an intensity counts in (jakso).
    pub enum IntensityPeriod {
        /// A week (viikko).
        Week,
        /// A month (kuukausi).
        Month,
    }
}

/// How often something is done.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject, async_graphql::InputObject), graphql(name = "Intensity", input_name = "IntensityInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intensity {
    /// How many times, 1 to 50.
    pub times: i32,
    /// In what time.
    pub period: IntensityPeriod,
}

/// What is done (toimenpide): a service of the catalogue, or something in words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "PlanActionInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanAction {
    /// The published service, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceId>,
    /// What is done in words, at most 1000 characters. Needed where no service is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Which content of social rehabilitation it is (SHL 17 §).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehab_content: Option<RehabContent>,
    /// Who sees to it, in words, at most 200 characters.
    pub responsible: String,
    /// The first day: of an action without one, nothing says that it has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Date>,
    /// How often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intensity: Option<Intensity>,
}

/// A partner of the plan (yhteistyötaho), and what it answers for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "PlanPartnerInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanPartner {
    /// The organisation of the network, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// Its name in words, at most 200 characters. Needed where no organisation is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it answers for, at most 1000 characters.
    pub responsibility: String,
}

/// What a client plan says (SHL 39 §). Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ClientPlanContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClientPlanContent {
    /// The client's own estimate of the need of support, at most 4000 characters. Must be there before it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_estimate: Option<String>,
    /// The professional's estimate of the need of support, at most 4000 characters. Must be there before it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub professional_estimate: Option<String>,
    /// The client's own estimate of strengths and resources, at most 4000 characters. Must be there before it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strengths_client: Option<String>,
    /// The professional's estimate of strengths and resources, at most 4000 characters. Must be there before it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strengths_professional: Option<String>,
    /// The goals of this version, at most 20, of the same case. At least one must be there before it is in force.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub goals: Vec<GoalId>,
    /// What is done, at most 30. At least one must be there before it is in force.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub actions: Vec<PlanAction>,
    /// Partners and what they answer for, at most 20.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub partners: Vec<PlanPartner>,
    /// How often client and worker meet, in words, at most 500 characters. Must be there before it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting_rhythm: Option<String>,
    /// How many months the case is estimated to take, 1 to 120. Must be there before it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_months: Option<i32>,
    /// The days on which the plan is evaluated, at most 20. At least one must be there before it is in force.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub evaluation_dates: Vec<Date>,
}

crate::private::masked!(ClientPlanContent, PlanAction, PlanPartner, Intensity);

impl ClientPlanContent {
    fn words(&self) -> [(&'static str, &Option<String>, usize); 5] {
        [
            ("clientEstimate", &self.client_estimate, 4_000),
            ("professionalEstimate", &self.professional_estimate, 4_000),
            ("strengthsClient", &self.strengths_client, 4_000),
            ("strengthsProfessional", &self.strengths_professional, 4_000),
            ("meetingRhythm", &self.meeting_rhythm, 500),
        ]
    }

    /// Every fault of what is saved on the way.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        for (field, words, most) in self.words() {
            text::check_some(words.as_deref(), &[field], most, &mut out);
        }
        for (field, count, most) in [
            ("goals", self.goals.len(), 20),
            ("actions", self.actions.len(), 30),
            ("partners", self.partners.len(), 20),
            ("evaluationDates", self.evaluation_dates.len(), 20),
        ] {
            if count > most {
                out.add_with(Code::TooLong, &[field], most.to_string());
            }
        }
        for (i, goal) in self.goals.iter().enumerate() {
            if self.goals[..i].contains(goal) {
                out.add(Code::Duplicate, &["goals", &i.to_string()]);
            }
        }
        for (i, action) in self.actions.iter().enumerate() {
            action.check(&i.to_string(), &mut out);
        }
        for (i, partner) in self.partners.iter().enumerate() {
            let i = i.to_string();
            if partner.organization.is_none() && partner.name.is_none() {
                out.add(Code::Required, &["partners", &i, "name"]);
            }
            text::check_some(partner.name.as_deref(), &["partners", &i, "name"], 200, &mut out);
            text::check(&partner.responsibility, &["partners", &i, "responsibility"], 1_000, &mut out);
        }
        if self.estimated_months.is_some_and(|months| !(1..=120).contains(&months)) {
            out.add_with(Code::OutOfRange, &["estimatedMonths"], "1–120");
        }
        out
    }

    /// Every mandatory part that is not there yet (SHL 39 §).
    #[must_use]
    pub fn missing(&self) -> Rejections {
        let mut out = Rejections::default();
        let lists = [("goals", self.goals.is_empty()), ("actions", self.actions.is_empty()), ("evaluationDates", self.evaluation_dates.is_empty())];
        let words = self.words().map(|(field, words, _)| (field, words.is_none()));
        for (field, lacks) in words.into_iter().chain([("estimatedMonths", self.estimated_months.is_none())]).chain(lists) {
            if lacks {
                out.add(Code::Required, &[field]);
            }
        }
        out
    }

    /// The services that are to be given by it from a day on.
    pub fn services(&self, today: NaiveDate) -> impl Iterator<Item = ServiceId> {
        self.actions.iter().filter(move |action| !action.is_over(today)).filter_map(|action| action.service)
    }

    /// The next day of evaluation, as of `today`.
    #[must_use]
    pub fn next_evaluation(&self, today: NaiveDate) -> Option<NaiveDate> {
        self.evaluation_dates.iter().map(|day| day.0).filter(|day| *day >= today).min()
    }
}

impl PlanAction {
    /// Its first day has come: of one without, nothing says that it has begun.
    #[must_use]
    pub fn has_begun(&self, today: NaiveDate) -> bool {
        self.starts_on.is_some_and(|first| first.0 <= today)
    }

    /// Its last day has passed.
    #[must_use]
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.ends_on.is_some_and(|last| last.0 < today)
    }

    fn check(&self, i: &str, out: &mut Rejections) {
        if self.service.is_none() && self.text.is_none() {
            out.add(Code::Required, &["actions", i, "text"]);
        }
        text::check_some(self.text.as_deref(), &["actions", i, "text"], 1_000, out);
        text::check(&self.responsible, &["actions", i, "responsible"], 200, out);
        if self.starts_on.zip(self.ends_on).is_some_and(|(start, end)| end < start) {
            out.add(Code::DateOrder, &["actions", i, "endsOn"]);
        }
        if self.intensity.is_some_and(|intensity| !(1..=50).contains(&intensity.times)) {
            out.add_with(Code::OutOfRange, &["actions", i, "intensity", "times"], "1–50");
        }
    }
}

/// What the client says of a plan.
#[must_use]
pub fn check_agreement(agreement: PlanAgreement, words: Option<&str>) -> Rejections {
    let mut out = Rejections::default();
    text::check_some(words, &["words"], 4_000, &mut out);
    // Whoever does not agree is heard in own words: that is the view that stands beside the professional's.
    if agreement != PlanAgreement::Agrees && words.is_none() {
        out.add(Code::Required, &["words"]);
    }
    out
}

/// The key under which it is told once that a service of a plan was withdrawn; whom it is told follows.
#[must_use]
pub fn withdrawal_key(plan: ClientPlanId, service: ServiceId) -> String {
    format!("{}:{plan}:{service}:", NoticeKind::PlanServiceWithdrawn.code())
}

/// What a plan lacks to be put in force: the mandatory parts, and the client's word. Of one that the client disagrees with, both views are mandatory
/// parts already.
#[must_use]
pub fn lacks(content: &ClientPlanContent, agreement: Option<PlanAgreement>) -> Rejections {
    let mut out = Rejections::default();
    for part in &content.missing() {
        let path: Vec<_> = std::iter::once("content").chain(part.path.iter().map(String::as_str)).collect();
        out.add(part.code, &path);
    }
    if agreement.is_none() {
        out.add(Code::AgreementMissing, &["agreement"]);
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::machine::Machine;

    pub(crate) fn whole() -> ClientPlanContent {
        let said = || Some("Sanottu.".to_owned());
        let action = PlanAction {
            service: None,
            text: Some("Kävelyryhmä.".into()),
            rehab_content: Some(RehabContent::GroupAndInteraction),
            responsible: "Asiakas".into(),
            starts_on: None,
            ends_on: None,
            intensity: Some(Intensity { times: 1, period: IntensityPeriod::Week }),
        };
        ClientPlanContent {
            client_estimate: said(),
            professional_estimate: said(),
            strengths_client: said(),
            strengths_professional: said(),
            goals: vec![GoalId::new()],
            actions: vec![action],
            partners: vec![],
            meeting_rhythm: said(),
            estimated_months: Some(6),
            evaluation_dates: vec![Date("2027-03-01".parse().unwrap()), Date("2027-01-01".parse().unwrap())],
        }
    }

    #[test]
    fn each_mandatory_part_and_the_clients_word_is_asked_for() {
        let faults = |content: &ClientPlanContent, agreement| lacks(content, agreement).iter().map(|r| r.path.join(".")).collect::<Vec<_>>();
        assert_eq!(faults(&ClientPlanContent::default(), None).len(), 10);
        assert_eq!(faults(&whole(), None), ["agreement"]);
        for agreement in PlanAgreement::ALL {
            assert!(faults(&whole(), Some(*agreement)).is_empty());
        }
    }

    #[test]
    fn whoever_dissents_is_heard_in_own_words() {
        for agreement in PlanAgreement::ALL {
            assert_eq!(check_agreement(*agreement, None).into_result().is_ok(), *agreement == PlanAgreement::Agrees);
            assert!(check_agreement(*agreement, Some("En halua ryhmään.")).into_result().is_ok());
        }
    }

    #[test]
    fn an_action_is_something_and_ends_after_it_starts() {
        let mut content = whole();
        content.actions[0].text = None;
        content.actions[0].starts_on = Some(Date("2027-02-01".parse().unwrap()));
        content.actions[0].ends_on = Some(Date("2027-01-01".parse().unwrap()));
        content.actions[0].intensity = Some(Intensity { times: 0, period: IntensityPeriod::Month });
        let faults: Vec<_> = content.check().iter().map(|r| r.path.join(".")).collect();
        assert_eq!(faults, ["actions.0.text", "actions.0.endsOn", "actions.0.intensity.times"]);
    }

    #[test]
    fn an_action_has_begun_once_its_first_day_has_come_and_is_over_after_its_last() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let PlanAction { text, responsible, .. } = whole().actions.remove(0);
        let action = |starts: Option<&str>, ends: Option<&str>| PlanAction {
            service: None,
            text: text.clone(),
            rehab_content: None,
            responsible: responsible.clone(),
            starts_on: starts.map(|on| Date(day(on))),
            ends_on: ends.map(|on| Date(day(on))),
            intensity: None,
        };
        let at = |today: &str, action: PlanAction| (action.has_begun(day(today)), action.is_over(day(today)));
        assert_eq!(at("2027-02-01", action(None, None)), (false, false));
        for (today, begun, over) in [("2027-01-31", false, false), ("2027-02-01", true, false), ("2027-03-01", true, false), ("2027-03-02", true, true)] {
            assert_eq!(at(today, action(Some("2027-02-01"), Some("2027-03-01"))), (begun, over), "{today}");
        }
    }

    #[test]
    fn the_next_evaluation_is_the_earliest_that_is_not_over() {
        let next = |today: &str| whole().next_evaluation(today.parse().unwrap()).map(|day| day.to_string());
        assert_eq!((next("2026-12-01").as_deref(), next("2027-01-02").as_deref(), next("2027-03-02")), (Some("2027-01-01"), Some("2027-03-01"), None));
    }

    #[test]
    fn a_state_is_in_the_making_or_in_force_or_the_end() {
        for state in PlanState::ALL {
            assert_eq!(state.moves().count() > 0, state.is_in_force() || state.is_in_the_making(), "{state:?}");
        }
    }
}
