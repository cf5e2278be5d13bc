//! How far the cases of the demo's people have come: played by the demo's actors through the use cases, each step on its own day in the past. A way that was cut off
//! is gone on with from where it ended.
use super::{
    Loading,
    people::{OWN_WORKER, at_work},
};
use crate::{
    act::{
        casework::{
            baseline, case, client_entry, client_plan, closing, final_assessment, follow_on_path, follow_up, goal, instrument_response, needs_assessment,
        },
        delivery::visit::{self, RecordVisit, Visiting},
    },
    caller::Caller,
    error::{Error, Result},
    identity::{self, demo::ISSUER},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    casework::{
        baseline::{BaselineHealth, IntakeBaselineContent, YesNoUnknown},
        case::{CaseClosingReason, CaseContent, CaseEventKind, SuspensionReason},
        client_entry::{ClientEntryContent, EntryVisibility},
        client_plan::{ClientPlanContent, PlanAction, PlanAgreement, PlanPartner, PlanState},
        final_assessment::{BenefitTheme, FinalAssessmentContent, FinalAssessmentMove, FinalAssessmentState, GoalResult},
        follow_on_path::{FollowOnPathContent, KnowledgeSource, PathDestination, PathState},
        follow_up::{FollowUpContent, FollowUpKind},
        goal::{GoalContent, GoalMove, GoalOwner, GoalState},
        instrument::{InstrumentAnswer, MeasurementPhase},
        needs_assessment::{AssessmentState, NeedsAssessmentContent},
    },
    catalogue::{service::RehabContent, session::day},
    delivery::visit::{VisitDetails, VisitKind, VisitReport},
    id::{CaseId, ClientId, GoalId, ServiceId},
    machine::Machine,
    scalar::Date,
};
use entity::{Guarded, casework as tables, delivery::visit as visits};
use sea_orm::{ColumnTrait, ExprTrait, sea_query::IntoCondition};
use serde::Deserialize;
use std::collections::BTreeSet;

/// How far a case goes.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Until {
    /// The assessment is being made.
    Assessing,
    /// The plan is shown to the client, who has not answered yet.
    PlanShared,
    /// The plan is in force, services are used.
    Active,
    /// In services, and suspended.
    Suspended,
    /// The final assessment is shown to the client.
    FinallyAssessed,
    /// Guided to what follows.
    FollowOn,
    /// Arrived there, verified, closed.
    Closed,
}

/// The days on which each step is taken, counted from the beginning of the case.
mod on {
    pub const ASSESS: i64 = 1;
    pub const MEASURE: i64 = 3;
    pub const COMPLETE: i64 = 12;
    pub const SHARE: i64 = 15;
    pub const AGREE: i64 = 18;
    pub const IN_FORCE: i64 = 20;
    pub const ACTIVATE: i64 = 21;
    pub const FOLLOW_UP: i64 = 50;
    pub const SUSPEND: i64 = 60;
    pub const FINAL: i64 = 150;
    pub const ANSWER: i64 = 155;
    pub const APPROVE: i64 = 156;
    pub const GUIDE: i64 = 158;
    pub const ARRIVE: i64 = 165;
    pub const VERIFY: i64 = 260;
    pub const CLOSE: i64 = 261;
}

/// The case of one person.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Way {
    until: Until,
    #[serde(default)]
    urgent: bool,
    baseline: Baseline,
    health: BaselineHealth,
    work_ability: [i32; 2],
    assessment: NeedsAssessmentContent,
    #[serde(default)]
    goals: Vec<Goal>,
    plan: Option<Plan>,
    #[serde(default)]
    entries: Vec<Entry>,
    #[serde(default)]
    visits: Vec<Visit>,
    follow_up: Option<FollowUpContent>,
    suspension: Option<SuspensionReason>,
    ending: Option<Ending>,
}

/// What is told of a situation, but for the day.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Baseline {
    social_assistance: YesNoUnknown,
    employment: String,
    education: String,
    single_adult: YesNoUnknown,
    dependent_children: YesNoUnknown,
}

#[derive(Deserialize)]
struct Goal {
    owner: GoalOwner,
    #[serde(flatten)]
    content: GoalContent,
    /// What becomes of it in the final assessment.
    result: Option<GoalState>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plan {
    client_estimate: String,
    professional_estimate: String,
    strengths_client: String,
    strengths_professional: String,
    meeting_rhythm: String,
    estimated_months: i32,
    /// Services by the demo's keys.
    actions: Vec<Action>,
    partner: Option<Partner>,
    agreement: PlanAgreement,
    words: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    service: String,
    rehab_content: RehabContent,
    responsible: String,
}

#[derive(Deserialize)]
struct Partner {
    organization: String,
    responsibility: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Counted from the beginning of the case.
    on: i64,
    visibility: EntryVisibility,
    #[serde(default)]
    client_is_told: bool,
    #[serde(flatten)]
    content: ClientEntryContent,
}

#[derive(Deserialize)]
struct Visit {
    /// Counted from the beginning of the case.
    on: i64,
    kind: VisitKind,
    from: Option<String>,
    destination: Option<String>,
    minutes: i32,
    outcome: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ending {
    versus_baseline: String,
    client_experience: String,
    recommendations: String,
    themes: BTreeSet<BenefitTheme>,
    destination: PathDestination,
    place: String,
    arrives: PathState,
}

/// One case while it is played.
struct Playing<'a> {
    loading: &'a Loading<'a>,
    way: &'a Way,
    /// How many days ago it began.
    began: i64,
    /// The account of the client, where the client signs in.
    account: Option<&'a str>,
    client: ClientId,
    case: CaseId,
    /// The moves of the case that were made before this load.
    made: Vec<CaseEventKind>,
}

impl Way {
    /// Plays the way of a client's case: one that a referral has opened, or a new one.
    pub(super) async fn play(&self, loading: &Loading<'_>, client: ClientId, began: i64, account: Option<&str>, opener: &str) -> Result<()> {
        let of_client = loading.system.reader().find::<tables::case::Entity>().filter(tables::case::Column::ClientId.eq(client)).all().await?;
        let first = of_client.into_iter().min_by_key(|row| row.id);
        // One that a load of another day has begun has its own beginning.
        let began = first.as_ref().map_or(began, |row| (loading.system.now() - row.pending_at).num_days());
        let case = if let Some(opened) = first {
            opened.id
        } else {
            let worker = at_work(loading, opener, began).await?;
            let content = CaseContent { service_task: "WORKING_AGE_SERVICES".to_owned(), parallel: Vec::new(), urgent: self.urgent, groups: Vec::new() };
            let what = case::StartCase { client, organization: loading.organization_of(opener)?, content, previous: None };
            let row = case::start(&worker, None, what).await?;
            worker.finish().await?;
            row.id
        };
        let mut playing = Playing { loading, way: self, began, account, client, case, made: Vec::new() };
        let events = playing.rows::<tables::case_event::Entity>(tables::case_event::Column::CaseId.eq(case)).await?;
        playing.made.extend(events.iter().map(|event| event.kind));
        if playing.is_over().await? {
            return Ok(());
        }
        playing.assess(opener).await?;
        let entered = playing.rows::<tables::client_entry::Entity>(tables::client_entry::Column::CaseId.eq(case)).await?.len();
        for entry in self.entries.iter().skip(entered) {
            playing.enter(entry).await?;
        }
        let visited = playing.rows::<visits::Entity>(visits::Column::ClientId.eq(client)).await?.len();
        for each in self.visits.iter().skip(visited) {
            playing.visit(each).await?;
        }
        let (Some(plan), true) = (&self.plan, self.until >= Until::PlanShared) else { return Ok(()) };
        let goals = playing.plan(plan).await?;
        if self.until >= Until::Active {
            playing.serve(&goals).await?;
        }
        let Some(ending) = &self.ending else { return Ok(()) };
        if self.until >= Until::FinallyAssessed {
            playing.assess_finally(ending, &goals).await?;
        }
        if self.until >= Until::FollowOn {
            playing.follow_on(ending).await?;
        }
        Ok(())
    }
}

impl Playing<'_> {
    /// The rows of which this is true, the oldest first.
    async fn rows<E: Guarded>(&self, condition: impl IntoCondition) -> Result<Vec<E::Model>> {
        let mut rows = self.loading.system.reader().find::<E>().filter(condition).all().await?;
        rows.sort_by_key(E::row_id);
        Ok(rows)
    }

    fn has_made(&self, what: CaseEventKind) -> bool {
        self.made.contains(&what)
    }

    /// It has come as far as it goes, or somebody has closed it.
    async fn is_over(&self) -> Result<bool> {
        let way = self.way;
        let followed = || self.rows::<tables::follow_up::Entity>(tables::follow_up::Column::CaseId.eq(self.case));
        Ok(self.has_made(CaseEventKind::Close)
            || match way.until {
                Until::Assessing => {
                    let saved = self.assessment().await?.is_some_and(|row| row.version > 1);
                    let entered = self.rows::<tables::client_entry::Entity>(tables::client_entry::Column::CaseId.eq(self.case)).await?.len();
                    saved && entered >= way.entries.len()
                }
                Until::PlanShared => self.planned().await?.is_some_and(|row| row.state != PlanState::Draft),
                Until::Active => self.has_made(CaseEventKind::Activate) && (way.follow_up.is_none() || !followed().await?.is_empty()),
                Until::Suspended => self.has_made(CaseEventKind::Suspend),
                Until::FinallyAssessed => self.finally().await?.is_some_and(|row| row.state != FinalAssessmentState::Draft),
                Until::FollowOn => self.path().await?.is_some_and(|row| row.state != PathState::Planned),
                Until::Closed => false,
            })
    }

    async fn assessment(&self) -> Result<Option<tables::needs_assessment::Model>> {
        Ok(self.rows::<tables::needs_assessment::Entity>(tables::needs_assessment::Column::CaseId.eq(self.case)).await?.into_iter().next())
    }

    async fn planned(&self) -> Result<Option<tables::client_plan::Model>> {
        Ok(self.rows::<tables::client_plan::Entity>(tables::client_plan::Column::CaseId.eq(self.case)).await?.into_iter().next())
    }

    async fn finally(&self) -> Result<Option<tables::final_assessment::Model>> {
        Ok(self.rows::<tables::final_assessment::Entity>(tables::final_assessment::Column::CaseId.eq(self.case)).await?.into_iter().next())
    }

    async fn path(&self) -> Result<Option<tables::follow_on_path::Model>> {
        Ok(self.rows::<tables::follow_on_path::Entity>(tables::follow_on_path::Column::CaseId.eq(self.case)).await?.into_iter().next())
    }

    /// An actor at work on a day of the case.
    async fn on(&self, day: i64, actor: &str) -> Result<Caller> {
        at_work(self.loading, actor, self.began - day).await
    }

    /// The own worker on a day of the case.
    async fn worker(&self, day: i64) -> Result<Caller> {
        self.on(day, OWN_WORKER).await
    }

    /// The day of the calendar.
    fn date(&self, on: i64) -> NaiveDate {
        day(self.loading.system.now() - TimeDelta::days(self.began - on))
    }

    /// The version that the case has now.
    async fn version(&self) -> Result<i32> {
        Ok(self.loading.row::<tables::case::Entity>(self.case).await?.version)
    }

    async fn assess(&self, opener: &str) -> Result<()> {
        if !self.has_made(CaseEventKind::Assess) {
            let opener = self.on(on::ASSESS, opener).await?;
            let what = case::AssessCase {
                id: self.case,
                expected: self.version().await?,
                own_worker: Some(identity::subject_key(ISSUER, OWN_WORKER)),
                urgent: self.way.urgent,
                words: None,
            };
            case::assess(&opener, what).await?;
            opener.finish().await?;
        }
        let worker = self.worker(on::ASSESS).await?;
        if self.rows::<tables::intake_baseline::Entity>(tables::intake_baseline::Column::CaseId.eq(self.case)).await?.is_empty() {
            baseline::record(&worker, None, self.case, self.told()).await?;
        }
        let mut made = match self.assessment().await? {
            Some(row) => row,
            None => needs_assessment::start(&worker, None, needs_assessment::StartNeedsAssessment { case: self.case, due_on: None }).await?,
        };
        worker.finish().await?;
        self.measure(on::MEASURE, MeasurementPhase::Baseline, self.way.work_ability[0]).await?;
        let worker = self.worker(on::COMPLETE).await?;
        if made.state == AssessmentState::InProgress {
            made = needs_assessment::save(&worker, made.id, made.version, self.way.assessment.clone()).await?;
        }
        if self.way.until > Until::Assessing && made.state == AssessmentState::InProgress {
            needs_assessment::complete(&worker, made.id, made.version).await?;
        }
        if self.way.until > Until::Assessing && !self.has_made(CaseEventKind::Plan) {
            case::plan(&worker, self.case, self.version().await?, None).await?;
        }
        worker.finish().await
    }

    fn told(&self) -> baseline::Told {
        let Baseline { social_assistance, employment, education, single_adult, dependent_children } = &self.way.baseline;
        let content = IntakeBaselineContent {
            as_of: Date(self.date(0)),
            social_assistance: *social_assistance,
            social_assistance_since: None,
            social_services: YesNoUnknown::Unknown,
            social_services_since: None,
            employment: employment.clone(),
            unemployed_since: None,
            education: education.clone(),
            single_adult: *single_adult,
            all_working_age_jobless: YesNoUnknown::Unknown,
            dependent_children: *dependent_children,
            labour_market_disadvantage: YesNoUnknown::Yes,
        };
        baseline::Told { content, health: self.way.health }
    }

    /// Self-rated work ability: by the client, or asked by the worker.
    async fn measure(&self, on: i64, phase: MeasurementPhase, value: i32) -> Result<()> {
        use tables::instrument_response::Column;
        if !self.rows::<tables::instrument_response::Entity>(Column::CaseId.eq(self.case).and(Column::Phase.eq(phase))).await?.is_empty() {
            return Ok(());
        }
        let by = self.on(on, self.account.unwrap_or(OWN_WORKER)).await?;
        let answers = vec![InstrumentAnswer { item: "work_ability".to_owned(), value }];
        let what = instrument_response::RecordInstrumentResponse { case: self.case, instrument: "WAS".to_owned(), phase, answered_on: None, answers };
        instrument_response::record(&by, None, what).await?;
        by.finish().await
    }

    async fn enter(&self, entry: &Entry) -> Result<()> {
        let worker = self.worker(entry.on).await?;
        let what = client_entry::WriteClientEntry {
            case: self.case,
            happened_on: Date(self.date(entry.on)),
            visibility: entry.visibility,
            client_is_told: entry.client_is_told,
            corrects: None,
            content: entry.content.clone(),
        };
        client_entry::write(&worker, None, what).await?;
        worker.finish().await
    }

    async fn visit(&self, visit: &Visit) -> Result<()> {
        let worker = self.worker(visit.on).await?;
        let what = RecordVisit {
            of: Visiting { organization: self.loading.organization_of(OWN_WORKER)?, client: self.client, uuid: None, kind: visit.kind },
            effective_date: Date(self.date(visit.on)),
            workers: Vec::new(),
            details: VisitDetails { from: visit.from.clone(), destination: visit.destination.clone(), ..VisitDetails::default() },
            minutes: visit.minutes,
            report: VisitReport { outcome: visit.outcome.clone(), note: None },
        };
        visit::record(&worker, None, what).await?;
        worker.finish().await
    }

    async fn plan(&self, plan: &Plan) -> Result<Vec<GoalId>> {
        let worker = self.worker(on::SHARE).await?;
        let mut goals: Vec<_> = self.rows::<tables::goal::Entity>(tables::goal::Column::CaseId.eq(self.case)).await?.iter().map(|row| row.id).collect();
        goals.truncate(self.way.goals.len());
        for each in self.way.goals.iter().skip(goals.len()) {
            // The client's own goals are set by the client, where there is an account for it.
            let client = match (each.owner, self.account) {
                (GoalOwner::Client, Some(account)) => Some(self.on(on::SHARE, account).await?),
                _ => None,
            };
            let what = goal::SetGoal { case: self.case, owner: each.owner, content: each.content.clone() };
            goals.push(goal::set(client.as_ref().unwrap_or(&worker), None, what).await?.id);
            if let Some(client) = client {
                client.finish().await?;
            }
        }
        let mut shown = match self.planned().await? {
            Some(row) => row,
            None => client_plan::draft(&worker, None, self.case).await?,
        };
        if shown.state == PlanState::Draft {
            let made = client_plan::save(&worker, shown.id, shown.version, self.content(plan, goals.clone())?).await?;
            shown = client_plan::share(&worker, made.id, made.version).await?;
        }
        worker.finish().await?;
        if self.way.until > Until::PlanShared && shown.state == PlanState::Shared {
            let client = self.on(on::AGREE, self.account.unwrap_or(OWN_WORKER)).await?;
            let agreed = client_plan::agree(&client, shown.id, shown.version, plan.agreement, plan.words.as_deref()).await?;
            client.finish().await?;
            let worker = self.worker(on::IN_FORCE).await?;
            client_plan::put_in_force(&worker, agreed.id, agreed.version).await?;
            worker.finish().await?;
        }
        Ok(goals)
    }

    fn content(&self, plan: &Plan, goals: Vec<GoalId>) -> Result<ClientPlanContent> {
        let mut actions = Vec::new();
        for each in &plan.actions {
            actions.push(PlanAction {
                service: Some(self.loading.id::<ServiceId>("service", &each.service)?),
                text: None,
                rehab_content: Some(each.rehab_content),
                responsible: each.responsible.clone(),
                starts_on: Some(Date(self.date(on::IN_FORCE))),
                ends_on: None,
                intensity: None,
            });
        }
        let mut partners = Vec::new();
        if let Some(each) = &plan.partner {
            let organization = Some(self.loading.id("organization", &each.organization)?);
            partners.push(PlanPartner { organization, name: None, responsibility: each.responsibility.clone() });
        }
        Ok(ClientPlanContent {
            client_estimate: Some(plan.client_estimate.clone()),
            professional_estimate: Some(plan.professional_estimate.clone()),
            strengths_client: Some(plan.strengths_client.clone()),
            strengths_professional: Some(plan.strengths_professional.clone()),
            goals,
            actions,
            partners,
            meeting_rhythm: Some(plan.meeting_rhythm.clone()),
            estimated_months: Some(plan.estimated_months),
            evaluation_dates: vec![Date(self.date(on::IN_FORCE + 90)), Date(self.date(on::IN_FORCE + 180))],
        })
    }

    /// Services are used and followed.
    async fn serve(&self, goals: &[GoalId]) -> Result<()> {
        let worker = self.worker(on::ACTIVATE).await?;
        if !self.has_made(CaseEventKind::Activate) {
            case::activate(&worker, self.case, self.version().await?, None).await?;
        }
        for id in goals {
            let row = self.loading.row::<tables::goal::Entity>(*id).await?;
            // The client's own goals are the client's to move.
            if row.owner == GoalOwner::Worker && row.state == GoalState::Open {
                goal::move_on(&worker, *id, row.version, GoalMove::Begin, None).await?;
            }
        }
        worker.finish().await?;
        let followed = self.rows::<tables::follow_up::Entity>(tables::follow_up::Column::CaseId.eq(self.case)).await?;
        if let Some(content) = self.way.follow_up.as_ref().filter(|_| followed.is_empty()) {
            let worker = self.worker(on::FOLLOW_UP).await?;
            let what = follow_up::RecordFollowUp {
                case: self.case,
                happened_on: Date(self.date(on::FOLLOW_UP)),
                kind: FollowUpKind::Meeting,
                corrects: None,
                content: content.clone(),
            };
            follow_up::record(&worker, None, what).await?;
            worker.finish().await?;
        }
        if let (Until::Suspended, Some(reason)) = (self.way.until, self.way.suspension) {
            let worker = self.worker(on::SUSPEND).await?;
            case::suspend(&worker, self.case, self.version().await?, reason, self.date(self.began + 30), None).await?;
            worker.finish().await?;
        }
        Ok(())
    }

    async fn assess_finally(&self, ending: &Ending, goals: &[GoalId]) -> Result<()> {
        let worker = self.worker(on::FINAL).await?;
        let mut reviewed = true;
        for (id, each) in goals.iter().zip(&self.way.goals) {
            let row = self.loading.row::<tables::goal::Entity>(*id).await?;
            if let (GoalOwner::Worker, Some(result)) = (row.owner, each.result) {
                if row.state == GoalState::InProgress {
                    goal::move_on(&worker, *id, row.version, leads(row.state, result)?, None).await?;
                }
            } else {
                reviewed = false;
            }
        }
        // What is the client's own goes on after the end that was agreed.
        let words = if reviewed { "Tavoitteet on käyty läpi yhdessä." } else { "Lopettamisesta on sovittu yhdessä: oma tavoite jatkuu." };
        if !self.has_made(CaseEventKind::AssessFinally) {
            case::assess_finally(&worker, self.case, self.version().await?, !reviewed, words).await?;
        }
        worker.finish().await?;
        self.measure(on::FINAL, MeasurementPhase::Final, self.way.work_ability[1]).await?;
        let worker = self.worker(on::FINAL).await?;
        let mut shown = match self.finally().await? {
            Some(row) => row,
            None => final_assessment::draft(&worker, None, self.case).await?,
        };
        let result = |(goal, each): (&GoalId, &Goal)| GoalResult { goal: *goal, text: format!("{} Käyty läpi asiakkaan kanssa.", each.content.text) };
        let content = FinalAssessmentContent {
            versus_baseline: Some(ending.versus_baseline.clone()),
            goal_results: goals.iter().zip(&self.way.goals).map(result).collect(),
            client_experience: Some(ending.client_experience.clone()),
            recommendations: Some(ending.recommendations.clone()),
        };
        if shown.state == FinalAssessmentState::Draft {
            let made = final_assessment::save(&worker, shown.id, shown.version, content, ending.themes.clone()).await?;
            shown = final_assessment::step(&worker, made.id, made.version, FinalAssessmentMove::Share).await?;
        }
        worker.finish().await?;
        if self.way.until == Until::FinallyAssessed {
            return Ok(());
        }
        if shown.approved_by_client.is_none() && shown.state == FinalAssessmentState::Shared {
            let client = self.on(on::ANSWER, self.account.unwrap_or(OWN_WORKER)).await?;
            shown = final_assessment::answer(&client, shown.id, shown.version, true, None).await?;
            client.finish().await?;
        }
        let worker = self.worker(on::APPROVE).await?;
        if shown.state == FinalAssessmentState::Shared {
            final_assessment::approve(&worker, shown.id, shown.version, None).await?;
        }
        if !self.has_made(CaseEventKind::ArrangeFollowOn) {
            case::arrange_follow_on(&worker, self.case, self.version().await?, None).await?;
        }
        worker.finish().await
    }

    async fn follow_on(&self, ending: &Ending) -> Result<()> {
        let worker = self.worker(on::GUIDE).await?;
        let content = FollowOnPathContent { place: Some(ending.place.clone()), note: None };
        let what = follow_on_path::PlanFollowOnPath { case: self.case, destination: ending.destination, recipient: None, content };
        let mut path = match self.path().await? {
            Some(row) => row,
            None => follow_on_path::plan(&worker, None, what).await?,
        };
        if path.state == PathState::Planned {
            path = follow_on_path::guide(&worker, path.id, path.version, None, None).await?;
        }
        worker.finish().await?;
        if self.way.until < Until::Closed {
            return Ok(());
        }
        if path.state == PathState::Guided {
            let worker = self.worker(on::ARRIVE).await?;
            let (by, arrived) = (leads(path.state, ending.arrives)?, Date(self.date(on::ARRIVE)));
            path = follow_on_path::arrive(&worker, path.id, path.version, by, arrived, KnowledgeSource::Client).await?;
            worker.finish().await?;
        }
        if path.state == ending.arrives {
            let worker = self.worker(on::VERIFY).await?;
            follow_on_path::verify(&worker, path.id, path.version, KnowledgeSource::Client).await?;
            worker.finish().await?;
        }
        let worker = self.worker(on::CLOSE).await?;
        let what = case::CloseCase {
            id: self.case,
            expected: self.version().await?,
            reason: CaseClosingReason::GoalsReached,
            note: "Tavoitteet saavutettu, jatkopolku varmistettu.".to_owned(),
            without_path: None,
        };
        closing::close(&worker, what).await?;
        worker.finish().await
    }
}

/// The move that leads from one state to another.
fn leads<S: Machine>(from: S, to: S) -> Result<S::Move> {
    let edge = S::EDGES.iter().find(|edge| edge.from == from && edge.to == to);
    edge.map(|edge| edge.by).ok_or_else(|| Error::internal(format!("no move leads from {from:?} to {to:?}")))
}
