//! Cases: pending from an accepted referral or the client's own contact on, moved through their stages, closed.
use super::{deadline, event, ground, worker};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    actor::Actor,
    casework::{
        case::{CaseClosingReason, CaseContent, CaseEventKind, CaseMove, CaseStage, Suspension, SuspensionReason},
        referral::Urgency,
    },
    catalogue::session::day,
    deadline::NEVER,
    id::{CaseId, ClientId, OrganizationId},
    machine::Machine,
    policy::{Action, moves_case, starts_case},
    rejection::{Code, Rejections},
    text,
};
use entity::{
    casework::{case, referral},
    catalogue::organization,
    person::client,
};
use serde::Serialize;

/// The service task of social rehabilitation where a referral says no other: services for people of working age.
const USUAL_TASK: &str = "WORKING_AGE_SERVICES";
/// Where an input says of which service task a case is.
const TASK: [&str; 2] = ["content", "serviceTask"];
/// The longest that is said of a move, in characters.
const LONGEST_WORDS: usize = 5_000;

/// Opens the case of a client whom an authority takes on; whoever steered the client in keeps the responsibility for the process. The client is held.
///
/// # Errors
/// [`Code::NotUnique`] where the client has an open case of the same task.
pub(crate) async fn open(work: &mut Work, referral: &referral::Model, client: &client::Model) -> Result<case::Model> {
    let content =
        CaseContent { service_task: USUAL_TASK.to_owned(), parallel: Vec::new(), urgent: referral.content.urgency == Urgency::Urgent, groups: Vec::new() };
    let row = pending(work, CaseId::new(), client, referral.recipient_id, content);
    let row = case::Model { responsible_id: referral.organization_id, referral_id: Some(referral.id), ..row };
    keep(work, row, &["id"]).await
}

/// A case that becomes pending now.
fn pending(work: &Work, id: CaseId, client: &client::Model, organization: OrganizationId, content: CaseContent) -> case::Model {
    let now = work.now();
    case::Model {
        id,
        network_id: client.network_id,
        organization_id: organization,
        client_id: client.id,
        stage: CaseStage::Pending,
        content,
        own_worker: None,
        responsible_id: organization,
        referral_id: None,
        previous_id: None,
        pending_at: now,
        opened_at: None,
        suspension: None,
        closed_at: None,
        closing_reason: None,
        urgent_checked_at: None,
        assessed_at: None,
        served_at: None,
        next_due_on: NEVER,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// A client has one open case of a service task in an organisation: what comes beside it belongs to that one.
async fn check_alone(work: &Work, row: &case::Model, path: &[&str]) -> Result<()> {
    let same = |other: &case::Model| other.id != row.id && other.content.service_task == row.content.service_task;
    let taken = work.open_cases(row.client_id, row.organization_id).await?.iter().any(same);
    if taken { Err(Error::reject(Code::NotUnique, path)) } else { Ok(()) }
}

async fn keep(work: &mut Work, row: case::Model, path: &[&str]) -> Result<case::Model> {
    check_alone(work, &row, path).await?;
    let row = work.insert::<case::Entity>(deadline::dated(row)).await?;
    event::record(work, &row, CaseEventKind::Opened, None).await?;
    Ok(row)
}

/// What is said when a case is opened for a client without a referral.
#[derive(Clone, Debug, Serialize)]
pub struct StartCase {
    /// The client.
    pub client: ClientId,
    /// The organisation that handles the case: one's own.
    pub organization: OrganizationId,
    /// What is said of it.
    pub content: CaseContent,
    /// The case before, of a client who has come back.
    pub previous: Option<CaseId>,
}

/// Opens a case for a client without a referral: the client, or somebody for the client, has made contact.
///
/// # Errors
/// What the content lacks, an open case of the same task, a case before that is not the client's or not closed, or a caller without the right.
pub async fn start(caller: &Caller, key: Option<&str>, input: StartCase) -> Result<case::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = CaseId::new();
    caller
        .write_once::<case::Entity>(key, "startCase", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Read).await?;
            let organization = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            if organization.network_id != client.network_id {
                return Err(Error::reject(Code::OtherNetwork, &["organization"]));
            }
            let starts = work.actor().is_in(organization.id, starts_case);
            if !(starts || matches!(work.actor(), Actor::System)) {
                return Err(Error::Forbidden);
            }
            // Handling a referral, or an emergency, is no matter of one's own: what it opens ends with it.
            if organization.id != client.organization_id && !matches!(work.actor(), Actor::System) && !work.has_taken_on(client.id, organization.id).await? {
                return Err(Error::Forbidden);
            }
            if let Some(previous) = input.previous {
                let previous = work.refer::<case::Entity>(previous, &["previous"]).await?;
                if previous.client_id != client.id || previous.stage != CaseStage::Closed {
                    return Err(Error::reject(Code::DoesNotAgree, &["previous"]));
                }
            }
            let row = pending(work, id, &client, organization.id, input.content.clone());
            keep(work, case::Model { previous_id: input.previous, ..row }, &TASK).await
        })
        .await
}

/// What is said of a case from now on.
#[derive(Clone, Debug)]
pub struct UpdateCase {
    /// The case.
    pub id: CaseId,
    /// The version that was seen.
    pub expected: i32,
    /// What is said of it, whole.
    pub content: CaseContent,
}

/// Replaces what is said of a case: its task, the clienthoods beside it, urgency and groups. What was there before stays in the audit.
///
/// # Errors
/// What the content lacks, an open case of the same task, a closed case, a stale version, or a caller without the right.
pub async fn update(caller: &Caller, input: UpdateCase) -> Result<case::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    caller
        .write(async |work: &mut Work| {
            work.hold_client_of(input.id).await?;
            // The lead reaches every case of the organisation to hand it over; what is said of it is for those with a relation.
            let before = work.fetch_at::<case::Entity>(input.id, input.expected, Action::Transition).await?;
            still_open(&before)?;
            let next = case::Model { content: input.content.clone(), ..before.clone() };
            // Two that were there before are told apart by closing one; until then each can be written on.
            if next.content.service_task != before.content.service_task {
                check_alone(work, &next, &TASK).await?;
            }
            let row = work.update::<case::Entity>(&before, deadline::dated(next), Action::Update).await?;
            event::record(work, &row, CaseEventKind::Update, None).await?;
            Ok(row)
        })
        .await
}

/// Refuses what is done to a closed case.
pub(super) fn still_open(row: &case::Model) -> Result<()> {
    if row.stage == CaseStage::Closed {
        let closed = domain::rejection::Rejection::with(Code::IllegalTransition, &["id"], format!("{:?}", row.stage));
        return Err(closed.into());
    }
    Ok(())
}

/// The case, for a move that is the actor's and that its state allows; the stage after it.
pub(super) async fn fetch(work: &Work, id: CaseId, expected: i32, by: CaseMove) -> Result<(case::Model, CaseStage)> {
    work.hold::<case::Entity>(id).await?;
    let row = work.fetch_at::<case::Entity>(id, expected, Action::Transition).await?;
    let may = work.actor().is_in(row.organization_id, |role| moves_case(role, by));
    if !(may || matches!(work.actor(), Actor::System)) {
        return Err(Error::Forbidden);
    }
    let stage = row.stage.step(by)?;
    match (by, row.suspension.is_some()) {
        (CaseMove::Resume, false) => Err(domain::rejection::Rejection::with(Code::IllegalTransition, &["id"], format!("{:?}", row.stage)).into()),
        (CaseMove::Resume | CaseMove::Close, true) | (_, false) => Ok((row, stage)),
        (_, true) => Err(Error::reject(Code::CaseSuspended, &["id"])),
    }
}

/// Keeps a move: the row, and what happened.
pub(super) async fn keep_move(work: &mut Work, before: &case::Model, next: case::Model, by: CaseMove, words: Option<&str>) -> Result<case::Model> {
    let row = work.update::<case::Entity>(before, deadline::dated(next), Action::Transition).await?;
    event::record(work, &row, by.into(), words).await?;
    Ok(row)
}

/// What is said is within its bounds; with `needed`, something is.
pub(super) fn check_words(words: Option<&str>, field: &str, needed: bool) -> Result<()> {
    let mut out = Rejections::default();
    match words {
        Some(words) => text::check(words, &[field], LONGEST_WORDS, &mut out),
        None if needed => out.add(Code::Required, &[field]),
        None => {}
    }
    Ok(out.into_result()?)
}

/// What is said when the assessment of needs is begun.
#[derive(Clone, Debug)]
pub struct AssessCase {
    /// The case.
    pub id: CaseId,
    /// The version that was seen.
    pub expected: i32,
    /// The own worker, by the stable key; none where one is named already.
    pub own_worker: Option<String>,
    /// Whether there is an urgent need: it has been looked at.
    pub urgent: bool,
    /// More in words.
    pub words: Option<String>,
}

/// Begins to assess the need of services: the urgent need has been looked at, and there is an own worker from now on.
///
/// # Errors
/// No own worker, or one who does not work with clients here; a move that the state does not allow, a stale version, or a caller without the right.
pub async fn assess(caller: &Caller, input: AssessCase) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(input.words.as_deref(), "words", false)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, input.id, input.expected, CaseMove::Assess).await?;
            let now = work.now();
            let own_worker = input.own_worker.clone().or_else(|| before.own_worker.clone());
            let own_worker = own_worker.ok_or_else(|| Error::reject(Code::Required, &["ownWorker"]))?;
            worker::check_colleague(work, &own_worker, before.organization_id, "ownWorker").await?;
            let next = case::Model {
                stage,
                own_worker: Some(own_worker.clone()),
                content: CaseContent { urgent: input.urgent, ..before.content.clone() },
                urgent_checked_at: before.urgent_checked_at.or(Some(now)),
                opened_at: before.opened_at.or(Some(now)),
                ..before.clone()
            };
            let row = keep_move(work, &before, next, CaseMove::Assess, input.words.as_deref()).await?;
            worker::succeed(work, &row, before.own_worker.as_deref(), &own_worker).await?;
            Ok(row)
        })
        .await
}

/// Suspends a case for a reason, until it is looked at again; the stage stays, and nothing else moves meanwhile.
///
/// # Errors
/// A day that has passed or is more than a year away, a move that the state does not allow, a stale version, or a caller without the right.
pub async fn suspend(caller: &Caller, id: CaseId, expected: i32, reason: SuspensionReason, review_on: NaiveDate, words: Option<&str>) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(words, "words", false)?;
    let today = day(caller.now());
    let latest = today.checked_add_days(chrono::Days::new(366)).unwrap_or(NaiveDate::MAX);
    if review_on <= today || review_on > latest {
        return Err(domain::rejection::Rejection::with(Code::OutOfRange, &["reviewOn"], format!("{}–{latest}", today.succ_opt().unwrap_or(today))).into());
    }
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, CaseMove::Suspend).await?;
            let suspension = Some(Suspension { reason, since: work.now(), review_on });
            keep_move(work, &before, case::Model { stage, suspension, ..before.clone() }, CaseMove::Suspend, words).await
        })
        .await
}

/// Goes on after a suspension, in the stage in which it was.
///
/// # Errors
/// A case that is not suspended, a stale version, or a caller without the right.
pub async fn resume(caller: &Caller, id: CaseId, expected: i32, words: Option<&str>) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(words, "words", false)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, CaseMove::Resume).await?;
            keep_move(work, &before, case::Model { stage, suspension: None, ..before.clone() }, CaseMove::Resume, words).await
        })
        .await
}

/// Begins to plan: the assessment of needs is completed.
///
/// # Errors
/// [`Code::AssessmentMissing`], a move that the state does not allow, a stale version, or a caller without the right.
pub async fn plan(caller: &Caller, id: CaseId, expected: i32, words: Option<&str>) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(words, "words", false)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, CaseMove::Plan).await?;
            let completed = ground::assessed(work, &before).await?;
            let assessed_at = before.assessed_at.or(Some(completed));
            keep_move(work, &before, case::Model { stage, assessed_at, ..before.clone() }, CaseMove::Plan, words).await
        })
        .await
}

/// Begins with the services: a plan is in force, and something of it has begun or is ordered.
///
/// # Errors
/// [`Code::PlanMissing`], [`Code::NothingBegun`], a move that the state does not allow, a stale version, or a caller without the right.
pub async fn activate(caller: &Caller, id: CaseId, expected: i32, words: Option<&str>) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(words, "words", false)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, CaseMove::Activate).await?;
            ground::planned(work, &before).await?;
            let served_at = before.served_at.or(Some(work.now()));
            keep_move(work, &before, case::Model { stage, served_at, ..before.clone() }, CaseMove::Activate, words).await
        })
        .await
}

/// Arranges what follows: the final assessment is approved. The plan ends: services do.
///
/// # Errors
/// [`Code::FinalAssessmentMissing`], a move that the state does not allow, a stale version, or a caller without the right.
pub async fn arrange_follow_on(caller: &Caller, id: CaseId, expected: i32, words: Option<&str>) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(words, "words", false)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, CaseMove::ArrangeFollowOn).await?;
            ground::finally_assessed(work, &before).await?;
            ground::end_plan(work, &before).await?;
            keep_move(work, &before, case::Model { stage, ..before.clone() }, CaseMove::ArrangeFollowOn, words).await
        })
        .await
}

/// Assesses the need anew: it has changed, and how is said.
///
/// # Errors
/// No words, a move that the state does not allow, a stale version, or a caller without the right.
pub async fn reassess(caller: &Caller, id: CaseId, expected: i32, words: &str) -> Result<case::Model> {
    with_words(caller, id, expected, CaseMove::Reassess, words).await
}

/// Takes the plan up for a revision, and says why.
///
/// # Errors
/// No words, a move that the state does not allow, a stale version, or a caller without the right.
pub async fn revise(caller: &Caller, id: CaseId, expected: i32, words: &str) -> Result<case::Model> {
    with_words(caller, id, expected, CaseMove::Revise, words).await
}

/// Goes on with the services after all: the client continues, or a path has failed and another plan was put in force.
///
/// # Errors
/// [`Code::PlanMissing`], no words, a move that the state does not allow, a stale version, or a caller without the right.
pub async fn carry_on(caller: &Caller, id: CaseId, expected: i32, words: &str) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(Some(words), "words", true)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, CaseMove::Continue).await?;
            ground::has_plan(work, &before).await?;
            keep_move(work, &before, case::Model { stage, ..before.clone() }, CaseMove::Continue, Some(words)).await
        })
        .await
}

/// Begins the final assessment: the goals have been reviewed, none of them being pursued any more, or the end is agreed with the client; and what is said.
///
/// # Errors
/// [`Code::GoalOpen`] for each goal that is still pursued where no exit is agreed, no words, a move that the state does not allow, a stale version, or a
/// caller without the right.
pub async fn assess_finally(caller: &Caller, id: CaseId, expected: i32, exit_agreed: bool, words: &str) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(Some(words), "words", true)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, CaseMove::AssessFinally).await?;
            if exit_agreed {
                event::record(work, &before, CaseEventKind::ExitAgreed, None).await?;
            } else {
                ground::goals_reviewed(work, &before).await?;
            }
            keep_move(work, &before, case::Model { stage, ..before.clone() }, CaseMove::AssessFinally, Some(words)).await
        })
        .await
}

/// A move whose ground is what is said of it.
async fn with_words(caller: &Caller, id: CaseId, expected: i32, by: CaseMove, words: &str) -> Result<case::Model> {
    caller.signed_in()?;
    check_words(Some(words), "words", true)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = fetch(work, id, expected, by).await?;
            keep_move(work, &before, case::Model { stage, ..before.clone() }, by, Some(words)).await
        })
        .await
}

/// What is said when a case is closed.
#[derive(Clone, Debug)]
pub struct CloseCase {
    /// The case.
    pub id: CaseId,
    /// The version that was seen.
    pub expected: i32,
    /// Why.
    pub reason: CaseClosingReason,
    /// The entry that there is no basis for going on (SHL 34 §).
    pub note: String,
    /// Why no path follows, where none does.
    pub without_path: Option<String>,
}
