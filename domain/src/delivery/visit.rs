//! Visits with clients (käynnit): at the client's home, and going along to offices, services and outings. Who goes alone and does not come back in time is
//! looked for.
use crate::{
    machine::machine,
    outreach::record::Correction,
    place::Address,
    rejection::{Code, Rejections},
    scalar::DateTime,
    text,
    vocabulary::vocabulary,
};
use chrono::{TimeDelta, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What kind of visit it is (käynnin laji).
    pub enum VisitKind ["visit-kind"] {
        /// At the client's home (kotikäynti).
        Home,
        /// Going along to an office (virastokäynti).
        Office,
        /// Going along to a service or another place where the client has something to do (saattotuki palveluun).
        Service,
        /// An outing with the client (retki).
        Outing,
    }
}

vocabulary! {
    /// How far a visit is (käynnin tila).
    pub enum VisitState ["visit-state"] {
        /// It is to come (suunniteltu).
        Planned,
        /// The workers have checked in and are with the client (käynnissä).
        UnderWay,
        /// It is over (toteutunut).
        Done,
        /// The workers came and did not meet the client (ei tavattu).
        NotReached,
        /// It does not take place (peruttu).
        Cancelled,
        /// It was recorded by mistake: it is kept, and counts for nothing (mitätöity).
        Voided,
    }
}

machine! {
    /// A move of a visit.
    VisitState as "Visit (käynti)", pub enum VisitMove {
        /// Plan it anew, or for longer.
        Replan,
        /// The workers are there.
        CheckIn,
        /// The workers have left.
        CheckOut,
        /// The client was not met.
        Miss,
        /// It does not take place.
        Cancel,
        /// What was said of it was wrong.
        Correct,
        /// It was recorded by mistake.
        Void,
    }
    Planned -- Replan -> Planned;
    Planned -- CheckIn -> UnderWay;
    Planned -- Miss -> NotReached;
    Planned -- Cancel -> Cancelled;
    Planned -- Void -> Voided;
    UnderWay -- Replan -> UnderWay;
    UnderWay -- CheckOut -> Done;
    UnderWay -- Miss -> NotReached;
    UnderWay -- Void -> Voided;
    Done -- Correct -> Done;
    Done -- Void -> Voided;
    NotReached -- Void -> Voided;
    Cancelled -- Void -> Voided;
}

impl VisitMove {
    /// It ends a visit: what the lead does as well once it is overdue, so that none stays open that nobody else can end.
    #[must_use]
    pub const fn ends(self) -> bool {
        matches!(self, Self::CheckOut | Self::Miss | Self::Cancel | Self::Void)
    }
}

impl VisitState {
    /// Those that are not over.
    pub const OPEN: [Self; 2] = [Self::Planned, Self::UnderWay];
}

/// How many go together at most.
pub const MOST_WORKERS: usize = 20;
/// How many minutes a visit takes at most: a day.
pub const MOST_MINUTES: i32 = 24 * 60;
/// How far ahead a visit is planned at most.
pub const AHEAD: TimeDelta = TimeDelta::days(366);
/// How long before the planned beginning somebody checks in at most: who goes earlier plans it anew, since the alarm goes by the planned times.
pub const EARLY: TimeDelta = TimeDelta::hours(12);

/// The stable keys of those who go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct VisitWorkers(pub Vec<String>);

impl VisitWorkers {
    /// Every fault: somebody at least, each once, not too many, and two at least where it takes a pair.
    pub fn check(&self, pair_required: bool, out: &mut Rejections) {
        if self.0.is_empty() {
            out.add(Code::Required, &["workers"]);
        } else if self.0.len() > MOST_WORKERS {
            out.add_with(Code::TooLong, &["workers"], MOST_WORKERS.to_string());
        } else if (1..self.0.len()).any(|i| self.0[..i].contains(&self.0[i])) {
            out.add(Code::Duplicate, &["workers"]);
        } else if pair_required && self.0.len() < 2 {
            out.add(Code::PairRequired, &["workers"]);
        }
    }
}

/// Where a visit goes, and what those who go must know. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "VisitDetailsInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct VisitDetails {
    /// Where the client is met before going along, at most 200 characters; not of a home visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The office, service or destination, at most 200 characters; needed but for a home visit, which has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Where the home is; of a home visit only. Left out, the client's address as it is known now is kept with the visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// What those who go must know for their safety, at most 2000 characters. The client reads it with the rest of what is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_note: Option<String>,
}

crate::private::masked!(VisitDetails, VisitReport, VisitSaid);

impl VisitDetails {
    /// Every fault.
    #[must_use]
    pub fn check(&self, kind: VisitKind) -> Rejections {
        let mut out = Rejections::default();
        let at_home = kind == VisitKind::Home;
        for (field, words) in [("from", &self.from), ("destination", &self.destination)] {
            if at_home && words.is_some() {
                out.add(Code::DoesNotAgree, &[field]);
            }
            text::check_some(words.as_deref(), &[field], 200, &mut out);
        }
        match &self.address {
            Some(_) if !at_home => out.add(Code::DoesNotAgree, &["address"]),
            Some(address) => address.check("address", &mut out),
            None => {}
        }
        if !at_home && self.destination.is_none() {
            out.add(Code::Required, &["destination"]);
        }
        text::check_some(self.safety_note.as_deref(), &["safetyNote"], 2_000, &mut out);
        out
    }
}

/// When a visit is, and who goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "VisitPlanInput"))]
pub struct VisitPlan {
    /// Who goes, by the stable keys of workers with clients of the organisation, at most 20; of a new plan you alone when nobody is named.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub workers: Vec<String>,
    /// Nobody goes alone (parityö): then two workers or more are named.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub pair_required: bool,
    /// When it begins, at most a year ahead.
    pub starts_at: DateTime,
    /// By when the workers check out, within a day of the beginning: when nobody has by then, the others are told.
    pub due_at: DateTime,
    /// Where it goes, and what must be known.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub details: VisitDetails,
}

impl VisitPlan {
    /// What of the plan holds under way: by when the workers check out, and who comes along too. The rest is as it was when they came.
    #[must_use]
    pub fn under_way(self, starts_at: DateTime, pair_required: bool, workers: &VisitWorkers, details: VisitDetails) -> Self {
        let mut all = workers.0.clone();
        all.extend(self.workers.into_iter().filter(|worker| !workers.0.contains(worker)));
        Self { workers: all, pair_required, starts_at, details, ..self }
    }

    /// The plan, with whoever makes it as the one who goes where nobody is named.
    #[must_use]
    pub fn led_by(mut self, by: &str) -> Self {
        if self.workers.is_empty() {
            self.workers.push(by.to_owned());
        }
        self
    }

    /// Every fault but those of the details.
    #[must_use]
    pub fn check(&self, now: chrono::DateTime<Utc>) -> Rejections {
        let mut out = Rejections::default();
        VisitWorkers(self.workers.clone()).check(self.pair_required, &mut out);
        if self.starts_at.0 > now + AHEAD {
            out.add_with(Code::OutOfRange, &["startsAt"], moments(None, now + AHEAD));
        }
        check_end((self.starts_at.0, self.due_at.0), "dueAt", &mut out);
        out
    }
}

/// Faults of the end of something that lasts a day at most.
pub fn check_end((from, to): (chrono::DateTime<Utc>, chrono::DateTime<Utc>), field: &str, out: &mut Rejections) {
    let last = from + TimeDelta::minutes(i64::from(MOST_MINUTES));
    if to < from {
        out.add(Code::DateOrder, &[field]);
    } else if to > last {
        out.add_with(Code::OutOfRange, &[field], moments(Some(from), last));
    }
}

/// A range of moments, as a refusal tells it.
#[must_use]
pub fn moments(from: Option<chrono::DateTime<Utc>>, to: chrono::DateTime<Utc>) -> String {
    let told = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    format!("{}–{}", from.map(told).unwrap_or_default(), told(to))
}

/// What came of a visit. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "VisitReportInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VisitReport {
    /// What came of it, at most 2000 characters.
    pub outcome: String,
    /// What else belongs into the client's record, at most 4000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl VisitReport {
    /// Every fault.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        text::check(&self.outcome, &["outcome"], 2_000, &mut out);
        text::check_some(self.note.as_deref(), &["note"], 4_000, &mut out);
        out
    }
}

/// What is corrected of a visit that is over. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VisitSaid {
    /// How many minutes it took.
    pub minutes: i32,
    /// When the workers checked in; none where it was recorded later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_in_at: Option<chrono::DateTime<Utc>>,
    /// When they checked out; none where it was recorded later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_out_at: Option<chrono::DateTime<Utc>>,
    /// What came of it.
    #[serde(flatten)]
    pub report: VisitReport,
}

/// What a visit said before each correction, the first one first. Kept sealed.
pub type VisitCorrections = Vec<Correction<VisitSaid>>;

/// Faults of how long it took.
pub fn check_minutes(minutes: i32, out: &mut Rejections) {
    if !(0..=MOST_MINUTES).contains(&minutes) {
        out.add_with(Code::OutOfRange, &["minutes"], format!("0–{MOST_MINUTES}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn plan() -> VisitPlan {
        VisitPlan {
            workers: vec!["a".to_owned()],
            pair_required: false,
            starts_at: DateTime::parse("2026-02-02T10:00:00Z").unwrap(),
            due_at: DateTime::parse("2026-02-02T11:00:00Z").unwrap(),
            details: VisitDetails::default(),
        }
    }

    fn told(faults: &Rejections) -> Vec<String> {
        faults.iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect()
    }

    #[test]
    fn a_plan_has_its_pair_and_its_end() {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let check = |plan: VisitPlan| told(&plan.check(now));
        assert_eq!(check(plan()), Vec::<String>::new());
        assert_eq!(check(VisitPlan { pair_required: true, ..plan() }), ["PairRequired workers"]);
        assert_eq!(check(VisitPlan { pair_required: true, workers: vec!["a".to_owned(), "b".to_owned()], ..plan() }), Vec::<String>::new());
        assert_eq!(check(VisitPlan { pair_required: true, workers: vec!["a".to_owned(); 2], ..plan() }), ["Duplicate workers"], "twice the same is no pair");
        assert_eq!(check(VisitPlan { workers: Vec::new(), ..plan() }), ["Required workers"]);
        assert_eq!(check(VisitPlan { workers: (0..21).map(|n| n.to_string()).collect(), ..plan() }), ["TooLong workers"]);
        assert_eq!(check(VisitPlan { due_at: DateTime::parse("2026-02-02T09:59:00Z").unwrap(), ..plan() }), ["DateOrder dueAt"]);
        assert_eq!(check(VisitPlan { due_at: DateTime::parse("2026-02-03T10:01:00Z").unwrap(), ..plan() }), ["OutOfRange dueAt"]);
        let far = VisitPlan { starts_at: DateTime::parse("2027-02-02T10:00:00Z").unwrap(), due_at: DateTime::parse("2027-02-02T10:00:00Z").unwrap(), ..plan() };
        assert_eq!(check(far), ["OutOfRange startsAt"]);
    }

    #[test]
    fn under_way_nobody_is_taken_off_and_nothing_is_forgotten() {
        let known = VisitDetails { safety_note: Some("Koira".into()), ..VisitDetails::default() };
        let workers = VisitWorkers(vec!["a".to_owned(), "b".to_owned()]);
        let longer = VisitPlan { workers: vec!["b".to_owned(), "c".to_owned()], due_at: DateTime::parse("2026-02-02T12:00:00Z").unwrap(), ..plan() };
        let began = DateTime::parse("2026-02-02T09:00:00Z").unwrap();
        let now = longer.clone().under_way(began, true, &workers, known.clone());
        assert_eq!((now.workers, now.pair_required, now.starts_at.0), (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], true, began.0));
        assert!(now.details == known && now.due_at.0 == longer.due_at.0);
    }

    #[test]
    fn a_home_has_an_address_and_everything_else_a_destination() {
        let home = VisitDetails {
            address: Some(Address { street: "Mallikatu 1".into(), postal_code: "70100".into(), city: "Kuopio".into() }),
            ..VisitDetails::default()
        };
        let office = VisitDetails { destination: Some("Kela".into()), ..VisitDetails::default() };
        assert_eq!(told(&home.check(VisitKind::Home)), Vec::<String>::new());
        assert_eq!(told(&VisitDetails::default().check(VisitKind::Home)), Vec::<String>::new(), "the known address is taken");
        assert_eq!(told(&office.check(VisitKind::Home)), ["DoesNotAgree destination"]);
        for kind in [VisitKind::Office, VisitKind::Service, VisitKind::Outing] {
            assert_eq!(told(&office.check(kind)), Vec::<String>::new());
            assert_eq!(told(&home.check(kind)), ["DoesNotAgree address", "Required destination"]);
        }
    }

    #[test]
    fn whatever_is_open_can_be_left_out_of_account() {
        for state in VisitState::ALL {
            let open = state.step(VisitMove::Replan).is_ok();
            assert_eq!(open, VisitState::OPEN.contains(state), "{state:?}");
            assert_eq!(state.step(VisitMove::Void).is_ok(), *state != VisitState::Voided, "{state:?}");
        }
    }
}
