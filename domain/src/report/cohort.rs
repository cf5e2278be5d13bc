//! The clients that a report is about (kohortti), and where they came from.
use super::{
    Moments, ReportName,
    table::{Beside, Row, Section, Table, Whole},
};
use crate::{
    casework::referral::ReferrerKind,
    catalogue::session::day,
    code::{Coded, lists},
    deadline::{DeadlineGroup, Times},
    id::{CaseId, ClientId},
    rejection::{Code, Rejections},
    scalar::Date,
    text::LocalizedText,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which clients: those with a case that is so. What is left empty does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ReportCohortInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Cohort {
    /// Of one of these service tasks (palvelutehtävä): codes of the list `service-task`.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub service_tasks: BTreeSet<String>,
    /// Steered by one of these.
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub referrers: BTreeSet<ReferrerKind>,
    /// Opened on this day or later.
    pub opened_from: Option<Date>,
    /// Opened on this day or before.
    pub opened_to: Option<Date>,
}

impl Cohort {
    /// Every fault.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        for task in self.service_tasks.iter().filter(|task| !lists().knows("service-task", task)) {
            out.add_with(Code::UnknownCode, &["cohort", "serviceTasks"], task.as_str());
        }
        if self.opened_from.zip(self.opened_to).is_some_and(|(from, to)| to.0 < from.0) {
            out.add(Code::DateOrder, &["cohort", "openedTo"]);
        }
        out
    }

    /// No case is of both cohorts, whatever was recorded.
    #[must_use]
    pub fn is_apart_from(&self, other: &Self) -> bool {
        fn differ<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
            !one.is_empty() && !other.is_empty() && one.is_disjoint(other)
        }
        let ends_before = |one: &Self, other: &Self| one.opened_to.zip(other.opened_from).is_some_and(|(to, from)| to.0 < from.0);
        differ(&self.service_tasks, &other.service_tasks) || differ(&self.referrers, &other.referrers) || ends_before(self, other) || ends_before(other, self)
    }

    /// A case is of it that was opened on a day, or has not been.
    fn has(&self, case: &CaseFact, opened_on: Option<NaiveDate>) -> bool {
        (self.service_tasks.is_empty() || self.service_tasks.contains(&case.service_task))
            && (self.referrers.is_empty() || case.referrer.is_some_and(|referrer| self.referrers.contains(&referrer)))
            && self.opened_from.is_none_or(|from| opened_on.is_some_and(|on| from.0 <= on))
            && self.opened_to.is_none_or(|to| opened_on.is_some_and(|on| on <= to.0))
    }
}

/// What is known of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFact {
    /// The case.
    pub case: CaseId,
    /// Of whom.
    pub client: ClientId,
    /// Its service task.
    pub service_task: String,
    /// What has happened in it so far, and when.
    pub times: Times,
    /// Whose matter it is for the law.
    pub groups: Vec<DeadlineGroup>,
    /// The need is urgent.
    pub urgent: bool,
    /// The day on which it was closed.
    pub closed_on: Option<NaiveDate>,
    /// Who steered the client into it; none where nobody did.
    pub referrer: Option<ReferrerKind>,
}

impl CaseFact {
    /// The day on which work with the client began, where it has by a day.
    fn opened_by(&self, as_of: NaiveDate) -> Option<NaiveDate> {
        self.times.opened_at.map(day).filter(|on| *on <= as_of)
    }
}

/// The first case of a client in the cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// The case.
    pub case: CaseId,
    /// The day on which work with the client began.
    pub opened_on: NaiveDate,
}

/// The clients of a cohort on a day: each counts once, however many cases there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    first: BTreeMap<ClientId, First>,
    cases: BTreeSet<CaseId>,
    referrers: BTreeMap<ClientId, BTreeSet<Option<ReferrerKind>>>,
}

/// So many, as figures count them.
pub(super) fn count(many: usize) -> i32 {
    i32::try_from(many).unwrap_or(i32::MAX)
}

impl Population {
    /// Those with a case of the cohort that was opened by the day.
    #[must_use]
    pub fn of(cases: &[CaseFact], cohort: &Cohort, moments: Moments) -> Self {
        let mut found = Self::default();
        for case in cases {
            let Some(opened_on) = case.opened_by(moments.as_of) else { continue };
            if !cohort.has(case, Some(opened_on)) {
                continue;
            }
            found.cases.insert(case.case);
            let this = First { case: case.case, opened_on };
            let first = found.first.entry(case.client).or_insert(this);
            if (this.opened_on, this.case) < (first.opened_on, first.case) {
                *first = this;
            }
            found.referrers.entry(case.client).or_default().insert(case.referrer);
        }
        found
    }

    /// How many there are.
    #[must_use]
    pub fn size(&self) -> i32 {
        count(self.first.len())
    }

    /// A client is one of them.
    #[must_use]
    pub fn has(&self, client: ClientId) -> bool {
        self.first.contains_key(&client)
    }

    /// A case is one of theirs in the cohort.
    #[must_use]
    pub fn has_case(&self, case: CaseId) -> bool {
        self.cases.contains(&case)
    }

    /// Their first cases.
    pub fn firsts(&self) -> impl Iterator<Item = (ClientId, First)> {
        self.first.iter().map(|(client, first)| (*client, *first))
    }
}

/// The first case of each client that was pending by the day, whether or not work had begun: of a cohort by days of opening only where it had.
pub(super) fn first_pending<'a>(cases: &'a [CaseFact], cohort: &Cohort, as_of: NaiveDate) -> Vec<&'a CaseFact> {
    let pending_on = |case: &CaseFact| day(case.times.pending_at);
    let mut first = BTreeMap::<ClientId, &CaseFact>::new();
    for case in cases.iter().filter(|case| pending_on(case) <= as_of && cohort.has(case, case.opened_by(as_of))) {
        let one = first.entry(case.client).or_insert(case);
        if (pending_on(case), case.case) < (pending_on(one), one.case) {
            *one = case;
        }
    }
    first.into_values().collect()
}

/// How many clients were taken in (kirjatut asiakkaat): different persons, not participations.
#[must_use]
pub fn registered(population: &Population) -> Table {
    Table { name: ReportName::RegisteredClients, whole: Whole::Clients(population.size()), sections: Vec::new() }
}

/// Who steered clients (ohjanneet tahot): by the referral behind each case of the cohort. Whoever was steered by two counts under both; beside them, those who came
/// without a referral.
#[must_use]
pub fn referral_sources(population: &Population) -> Table {
    let so_many = |is: &dyn Fn(&BTreeSet<Option<ReferrerKind>>) -> bool| count(population.referrers.values().filter(|all| is(all)).count());
    let row = |kind: &ReferrerKind| Row::of(kind.code(), kind.label(), so_many(&|all| all.contains(&Some(*kind))));
    let title = LocalizedText::of("Asiakkaita ohjanneet tahot", "Parter som hänvisat klienter", "Who steered clients");
    let beside = Beside { total: true, distinct: so_many(&|all| all.iter().any(Option::is_some)) };
    let section = Section::overlapping("REFERRERS", title, ReferrerKind::ALL.iter().map(row).collect(), Some(beside));
    Table { name: ReportName::ReferralSources, whole: Whole::Clients(population.size()), sections: vec![section] }
}
