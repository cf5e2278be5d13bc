//! Service decisions: prepared, made by those with the power to, served on the client, who may seek rectification; amended, taken back, and over by time.
use super::{author, check_reason, fetch_to_decide, of_case, open_case, settled, speaks_as_client, tell_client, tell_workers};
use crate::{
    act::{timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::{Place, Vault},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Role,
    casework::service_decision::{self as rules, DecisionMove, DecisionOutcome, DecisionState, NoticeMethod, ServiceDecisionContent},
    catalogue::session::day,
    id::{CaseId, Kinded, ServiceDecisionId},
    machine::Machine,
    money::Money,
    policy::Action,
    private::Private,
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{
    SealedText,
    casework::{case, service_decision as table},
    catalogue::publication,
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;

const CONTENT: &str = "service_decision.content";
const RECTIFICATION: &str = "service_decision.rectification";
const REASON: &str = "service_decision.reason";

/// Opens what a decision says.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<ServiceDecisionContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Opens what the client says against a decision.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn rectification(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.rectification.as_ref().map(|sealed| vault.open(Place::new(RECTIFICATION, row.id), sealed)).transpose()
}

/// Opens why a decision was taken back, or why its rectification ended as it did.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}

fn seal(work: &Work, place: &'static str, id: ServiceDecisionId, what: &impl Serialize) -> Result<SealedText> {
    work.vault().seal(Place::new(place, id), what)
}

/// The row with what it says, and what SQL must know of that.
fn saying(work: &Work, row: table::Model, content: &ServiceDecisionContent) -> Result<table::Model> {
    let granted = content.granted.as_ref();
    Ok(table::Model {
        outcome: content.outcome,
        service_id: content.service,
        content: seal(work, CONTENT, row.id, content)?,
        valid_from: granted.map(|granted| granted.valid_from.0),
        valid_to: granted.map(|granted| granted.valid_to.0),
        quantity_hundredths: granted.map(|granted| granted.quantity.hundredths),
        value_cents: granted.map(|granted| granted.value.amount_cents.into()),
        ..row
    })
}

/// What is said when a decision is begun to be prepared.
#[derive(Clone, Debug, Serialize)]
pub struct DraftDecision {
    /// The case.
    pub case: CaseId,
    /// The decision in whose place it is to stand.
    pub amends: Option<ServiceDecisionId>,
    /// What it says so far.
    pub content: ServiceDecisionContent,
}

/// Begins to prepare a decision.
///
/// # Errors
/// Faults of the content, a service of another network, a decision that cannot be amended, [`Code::CaseClosed`], or a caller without the right.
pub async fn draft(caller: &Caller, key: Option<&str>, input: DraftDecision) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = ServiceDecisionId::new();
    caller
        .write_once::<table::Entity>(key, "draftServiceDecision", &input, id, async |work: &mut Work| {
            let case = open_case(work, input.case).await?;
            check_service(work, &input.content, &case).await?;
            if let Some(amended) = input.amends {
                check_amended(work, amended, &case).await?;
            }
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                state: DecisionState::Draft,
                outcome: input.content.outcome,
                service_id: input.content.service,
                author: author(work),
                content: seal(work, CONTENT, id, &input.content)?,
                valid_from: None,
                valid_to: None,
                quantity_hundredths: None,
                value_cents: None,
                made_by: None,
                made_at: None,
                notice_method: None,
                sent_on: None,
                served_on: None,
                rectification_until: None,
                rectification: None,
                requested_on: None,
                reason: None,
                amends_id: input.amends,
                ends_before: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = saying(work, row, &input.content)?;
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// The service is public, in the network of the case.
async fn check_service(work: &Work, content: &ServiceDecisionContent, case: &case::Model) -> Result<()> {
    let path = ["content", "service"];
    let copy = work.refer::<publication::Entity>(content.service, &path).await?;
    if copy.network_id == case.network_id { Ok(()) } else { Err(Error::reject(Code::OtherNetwork, &path)) }
}

/// The decision is one of the same case, the client has been told of it, and no other one is to stand in its place.
async fn check_amended(work: &Work, id: ServiceDecisionId, case: &case::Model) -> Result<()> {
    let path = ["amends"];
    work.hold::<table::Entity>(id).await?;
    let amended = work.refer::<table::Entity>(id, &path).await?;
    if amended.case_id != case.id {
        return Err(Error::reject(Code::OtherCase, &path));
    }
    // One that the rectification has amended waits for the one that says how.
    if !(amended.state.stands() || amended.state == DecisionState::Amended) {
        return Err(Rejection::with(Code::IllegalTransition, &path, domain::code::Coded::code(amended.state)).into());
    }
    let gone = |row: &table::Model| matches!(row.state, DecisionState::Discarded | DecisionState::Revoked);
    let others = of_case::<table::Entity>(work, case.id).await?;
    if others.iter().any(|row| row.amends_id == Some(id) && !gone(row)) { Err(Error::reject(Code::NotUnique, &path)) } else { Ok(()) }
}

/// Saves what a draft says; parts may be missing.
///
/// # Errors
/// As [`draft`], a decision that is no draft, and a stale version.
pub async fn save(caller: &Caller, id: ServiceDecisionId, expected: i32, content: ServiceDecisionContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            if before.state != DecisionState::Draft {
                return Err(settled(before.state));
            }
            let case = open_case(work, before.case_id).await?;
            check_service(work, &content, &case).await?;
            let next = saying(work, before.clone(), &content)?;
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Whoever acts has the power to decide on what a decision grants.
fn check_power(work: &Work, row: &table::Model, value: Option<Money>) -> Result<()> {
    let roles = work.actor().standings().iter().filter(|s| s.organization == row.organization_id).map(|s| s.role);
    let power = rules::power(roles, day(work.now())).ok_or(Error::Forbidden)?;
    if power.covers(value) {
        return Ok(());
    }
    let limit = power.cents.map(|cents| cents.to_string()).unwrap_or_default();
    Err(Rejection::with(Code::AbovePower, &["content", "granted", "value", "amountCents"], limit).into())
}

fn value(content: &ServiceDecisionContent) -> Option<Money> {
    content.granted.as_ref().map(|granted| granted.value)
}

/// Makes a decision: from here on what it says stands.
///
/// # Errors
/// Each mandatory part that is missing, [`Code::AbovePower`], a move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a caller
/// without the power.
pub async fn make(caller: &Caller, id: ServiceDecisionId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            let state = before.state.step(DecisionMove::Make)?;
            let said = content(work.vault(), &before)?;
            under("content", &said.reveal().missing())?;
            check_power(work, &before, value(said.reveal()))?;
            let next = table::Model { state, made_by: Some(author(work)), made_at: Some(work.now()), ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Throws a draft away.
///
/// # Errors
/// A move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a caller without the right.
pub async fn discard(caller: &Caller, id: ServiceDecisionId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            let next = table::Model { state: before.state.step(DecisionMove::Discard)?, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Serves a decision on the client: the time for rectification runs from the day on which the client is held to have received it. The decision in whose
/// place it stands ends when this one begins.
///
/// # Errors
/// A day before it was made or to come, a move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a caller without the right.
pub async fn serve(caller: &Caller, id: ServiceDecisionId, expected: i32, method: NoticeMethod, sent_on: NaiveDate) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            let state = before.state.step(DecisionMove::Serve)?;
            let (made, today) = (before.made_at.map_or_else(|| day(work.now()), day), day(work.now()));
            if !(made..=today).contains(&sent_on) {
                return Err(Rejection::with(Code::OutOfRange, &["sentOn"], format!("{made}–{today}")).into());
            }
            let served_on = method.received_on(sent_on);
            let next = table::Model {
                state,
                notice_method: Some(method),
                sent_on: Some(sent_on),
                served_on: Some(served_on),
                rectification_until: rules::rectification_until(served_on),
                ..before.clone()
            };
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            if let Some(amended) = row.amends_id {
                take_the_place_of(work, amended, row.valid_from.unwrap_or(served_on)).await?;
            }
            tell_client(work, row.client_id, row.case_id, NoticeKind::DecisionServed).await?;
            Ok(row)
        })
        .await
}

/// From a day on another decision stands in the place of this one, unless it is over already.
async fn take_the_place_of(work: &mut Work, id: ServiceDecisionId, from: NaiveDate) -> Result<()> {
    work.hold::<table::Entity>(id).await?;
    let before = work.fetch::<table::Entity>(id, Action::Transition).await?;
    if !before.state.stands() {
        return Ok(());
    }
    let state = if from <= day(work.now()) { before.state.step(DecisionMove::Amend)? } else { before.state };
    let next = table::Model { state, ends_before: Some(from), ..before.clone() };
    work.update::<table::Entity>(&before, next, Action::Transition).await.map(drop)
}

/// Asks for rectification: the client, or a worker who writes down what the client has sent.
///
/// # Errors
/// No words, [`Code::TooLate`], a day that a client names, one before it was sent or to come, a move that its state does not allow, a stale version, or a
/// caller without the right.
pub async fn request_rectification(caller: &Caller, id: ServiceDecisionId, expected: i32, words: &str, received_on: Option<NaiveDate>) -> Result<table::Model> {
    caller.signed_in()?;
    let mut out = Rejections::default();
    text::check(words, &["words"], 10_000, &mut out);
    out.into_result()?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Read).await?;
            let as_client = speaks_as_client(work, seen.client_id).await?;
            if as_client && received_on.is_some() {
                return Err(Error::reject(Code::WorkerOnly, &["receivedOn"]));
            }
            let action = if as_client { Action::Transition } else { Action::Update };
            let before = work.fetch_at::<table::Entity>(id, expected, action).await?;
            let requested_on = check_in_time(work, &before, received_on)?;
            let state = before.state.step(DecisionMove::RequestRectification)?;
            // It is sought once of one decision.
            if before.requested_on.is_some() {
                return Err(settled(before.state));
            }
            let next = table::Model { state, rectification: Some(seal(work, RECTIFICATION, id, &words)?), requested_on: Some(requested_on), ..before.clone() };
            let row = work.update::<table::Entity>(&before, next, action).await?;
            if as_client {
                let made_by = row.made_by.clone().unwrap_or_else(|| row.author.clone());
                tell_workers(work, row.case_id, &made_by, NoticeKind::RectificationRequested).await?;
            }
            Ok(row)
        })
        .await
}

/// The day on which rectification was sought: from the day on which the decision was sent to the last day of its time.
fn check_in_time(work: &Work, row: &table::Model, received_on: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = day(work.now());
    let (Some(sent_on), Some(until)) = (row.sent_on, row.rectification_until) else { return Err(settled(row.state)) };
    let received_on = received_on.unwrap_or(today);
    if !(sent_on..=today).contains(&received_on) {
        return Err(Rejection::with(Code::OutOfRange, &["receivedOn"], format!("{sent_on}–{today}")).into());
    }
    if received_on > until { Err(Rejection::with(Code::TooLate, &["id"], until.to_string()).into()) } else { Ok(received_on) }
}

/// Whoever answers for the organisation writes down what its body for individual cases has decided of a rectification.
fn check_lead(work: &Work, row: &table::Model) -> Result<()> {
    if work.actor().acts_for(row.organization_id, |role| role == Role::Lead) { Ok(()) } else { Err(Error::Forbidden) }
}

/// Ends a rectification in which the decision stands, or is amended; one that is amended waits for another decision that says how.
///
/// # Errors
/// No reason, a decision that is not under rectification, a stale version, or a caller who is not the lead.
pub async fn end_rectification(caller: &Caller, id: ServiceDecisionId, expected: i32, by: DecisionMove, words: &str) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(words, "reason")?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            check_lead(work, &before)?;
            if before.state != DecisionState::UnderRectification {
                return Err(settled(before.state));
            }
            change(work, &before, by, words).await
        })
        .await
}

/// Takes a decision back. One that grants something is taken back by the client's wish, or by what the rectification comes to; against the client's will
/// another decision takes its place (434/2003, 50 §). What was ordered by it ends first.
///
/// # Errors
/// No reason, [`Code::AgreementMissing`], [`Code::AbovePower`], [`Code::OrderOpen`] for each order that goes on, a move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a caller
/// without the power.
pub async fn revoke(caller: &Caller, id: ServiceDecisionId, expected: i32, words: &str, client_agrees: bool) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(words, "reason")?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            if before.state == DecisionState::UnderRectification {
                check_lead(work, &before)?;
            } else {
                let said = content(work.vault(), &before)?;
                check_power(work, &before, value(said.reveal()))?;
                let mut out = Rejections::default();
                for order in work.orders_by(id).await?.iter().filter(|order| order.state.is_open() && order.placed_at.is_some()) {
                    out.add_with(Code::OrderOpen, &["id"], order.id.to_public());
                }
                out.into_result()?;
                if before.state.stands() && before.outcome.grants() && !client_agrees {
                    return Err(Error::reject(Code::AgreementMissing, &["clientAgrees"]));
                }
            }
            change(work, &before, DecisionMove::Revoke, words).await
        })
        .await
}

/// Moves a decision for a reason; the client who knew of it is told.
async fn change(work: &mut Work, before: &table::Model, by: DecisionMove, words: &str) -> Result<table::Model> {
    let next = table::Model { state: before.state.step(by)?, reason: Some(seal(work, REASON, before.id, &words)?), ..before.clone() };
    let row = work.update::<table::Entity>(before, next, Action::Transition).await?;
    if row.served_on.is_some() {
        tell_client(work, row.client_id, row.case_id, NoticeKind::DecisionChanged).await?;
    }
    Ok(row)
}

/// Ends the decisions of a case of which the client has not been told: drafts are thrown away, what was made is taken back, for a reason in words.
pub(super) async fn end_unserved(work: &mut Work, rows: Vec<table::Model>, words: &str) -> Result<()> {
    for row in rows {
        if row.state == DecisionState::Draft {
            let next = table::Model { state: row.state.step(DecisionMove::Discard)?, ..row.clone() };
            work.update::<table::Entity>(&row, next, Action::Transition).await?;
        } else {
            change(work, &row, DecisionMove::Revoke, words).await?;
        }
    }
    Ok(())
}

/// Lets decisions begin, end and give way to others by their days, as the system itself; how many moved.
///
/// # Errors
/// A fault of the database.
pub async fn by_time(system: &Caller) -> Result<Tally> {
    use table::Column;
    let today = day(system.now());
    let is = |states: &[DecisionState]| Column::State.is_in(states.iter().copied());
    let grants = || Column::Outcome.ne(DecisionOutcome::Denied);
    let gives_way = is(&[DecisionState::Served, DecisionState::InForce, DecisionState::Upheld]).and(Column::EndsBefore.lte(today));
    let begins = is(&[DecisionState::Served]).and(grants()).and(Column::ValidFrom.lte(today));
    let stays_denied = is(&[DecisionState::Served]).and(grants().not()).and(Column::RectificationUntil.lt(today));
    let is_over = is(&[DecisionState::InForce, DecisionState::Upheld]).and(Column::ValidTo.lt(today));
    let mut tally = Tally::default();
    for (by, due) in [(DecisionMove::Amend, gives_way), (DecisionMove::Begin, begins), (DecisionMove::Close, stays_denied), (DecisionMove::Expire, is_over)] {
        for (id, version) in system.reader().find::<table::Entity>().filter(due).versions().await? {
            tally.note("service decisions", id, step(system, ServiceDecisionId(id), version, by).await.map(|()| 1));
        }
    }
    Ok(tally)
}

async fn step(system: &Caller, id: ServiceDecisionId, version: i32, by: DecisionMove) -> Result<()> {
    system
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, version, Action::Transition).await?;
            let next = table::Model { state: before.state.step(by)?, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await.map(drop)
        })
        .await
}
