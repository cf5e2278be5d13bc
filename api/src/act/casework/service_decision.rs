//! Service decisions: prepared, made by those with the power to, served on the client, who may seek rectification; amended, taken back, and over by time.
use super::{author, check_reason, fetch_to_decide, of_case, open_case, settled, tell_client, tell_workers, whose_word};
use crate::{
    act::{catalogue::published, timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
    vault::{Place, Vault},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Role,
    casework::case::CaseClosingReason,
    casework::service_decision::{self as rules, DecisionMove, DecisionOutcome, DecisionState, NoticeMethod, ServiceDecisionContent},
    catalogue::session::day,
    id::{CaseId, Kinded, NetworkId, ServiceDecisionId},
    machine::Machine,
    policy::Action,
    private::Private,
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{
    SealedText,
    casework::{case, service_decision as table},
    catalogue::service,
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use std::{cmp::max, iter::successors};

const CONTENT: &str = "service_decision.content";
const RECTIFICATION: &str = "service_decision.rectification";
const GROUNDS: &str = "service_decision.rectification_grounds";
const REASON: &str = "service_decision.reason";
/// Where an input or what it moves tells the value.
const VALUE: &[&str] = &["content", "granted", "value", "amountCents"];

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

/// Opens why the rectification of a decision ended as it did.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn rectification_grounds(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.rectification_grounds.as_ref().map(|sealed| vault.open(Place::new(GROUNDS, row.id), sealed)).transpose()
}

/// Opens why a decision was taken back.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}

fn seal(work: &Work, place: &'static str, id: ServiceDecisionId, what: &impl Serialize) -> Result<SealedText> {
    work.vault().seal(Place::new(place, id), what)
}

/// The row with what it says now.
fn saying(work: &Work, row: table::Model, content: &ServiceDecisionContent) -> Result<table::Model> {
    Ok(with_columns(table::Model { content: seal(work, CONTENT, row.id, content)?, ..row }, content))
}

/// The row with what SQL must know of what it says.
fn with_columns(row: table::Model, content: &ServiceDecisionContent) -> table::Model {
    let granted = content.granted.as_ref();
    table::Model {
        outcome: content.outcome,
        service_id: content.service,
        valid_from: granted.map(|granted| granted.valid_from.0),
        valid_to: granted.map(|granted| granted.valid_to.0),
        quantity_hundredths: granted.map(|granted| granted.quantity.hundredths),
        value_cents: granted.map(|granted| granted.value.amount_cents.into()),
        ..row
    }
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
            let case = case_for(work, input.case, input.amends).await?;
            check_service(work, &input.content, case.network_id).await?;
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
                rectification_grounds: None,
                to_amend: false,
                reason: None,
                amends_id: input.amends,
                ends_before: None,
                ended_on: None,
                closing_reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(with_columns(row, &input.content)).await
        })
        .await
}

/// The case in which a decision is prepared: one that is not closed, but for the decision that a rectification asks for.
async fn case_for(work: &Work, id: CaseId, amends: Option<ServiceDecisionId>) -> Result<case::Model> {
    if let Some(amends) = amends
        && work.refer::<table::Entity>(amends, &["amends"]).await?.state == DecisionState::ToBeAmended
    {
        work.hold::<case::Entity>(id).await?;
        return work.refer::<case::Entity>(id, &["case"]).await;
    }
    open_case(work, id).await
}

/// The service is public, in the network of the case.
async fn check_service(work: &Work, content: &ServiceDecisionContent, network: NetworkId) -> Result<()> {
    let path = ["content", "service"];
    let service = published::<service::Entity>(work, content.service, &path).await?;
    if service.network_id == network { Ok(()) } else { Err(Error::reject(Code::OtherNetwork, &path)) }
}

/// The decision is one of the same case, the client has been told of it and waits for no rectification, and no other one is to stand in its place.
async fn check_amended(work: &Work, id: ServiceDecisionId, case: &case::Model) -> Result<()> {
    let path = ["amends"];
    work.hold::<table::Entity>(id).await?;
    let amended = work.refer::<table::Entity>(id, &path).await?;
    if amended.case_id != case.id {
        return Err(Error::reject(Code::OtherCase, &path));
    }
    if amended.state.step(DecisionMove::GiveWay).is_err() {
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
            let case = case_for(work, before.case_id, before.amends_id).await?;
            check_service(work, &content, case.network_id).await?;
            let next = saying(work, before.clone(), &content)?;
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Whoever acts has the power to decide up to a value in cents in the organisation of a decision.
fn check_power(work: &Work, row: &table::Model, cents: i64, path: &[&str]) -> Result<()> {
    let roles = work.actor().standings().iter().filter(|s| s.organization == row.organization_id).map(|s| s.role);
    let power = rules::power(roles, day(work.now())).ok_or(Error::Forbidden)?;
    if power.covers(cents) {
        return Ok(());
    }
    let limit = power.cents.map(|cents| cents.to_string()).unwrap_or_default();
    Err(Rejection::with(Code::AbovePower, path, limit).into())
}

/// The decisions of a case in whose place one is to stand, and those in whose place these stand.
fn before_it<'a>(rows: &'a [table::Model], row: &'a table::Model) -> impl Iterator<Item = &'a table::Model> {
    successors(Some(row), |row| rows.iter().find(|other| Some(other.id) == row.amends_id)).skip(1)
}

/// The value in cents of what a decision takes the place of: the greatest, since one who could not grant it does not take it away either.
fn replaced_value(rows: &[table::Model], row: &table::Model) -> Option<i64> {
    before_it(rows, row).filter(|other| other.state.stands()).map(|other| other.value_cents.unwrap_or(0)).max()
}

/// For what in cents the power is needed to make a decision: what it grants, with what else of the service is granted in the case, so that none is
/// divided to stay below a limit; and no less than what it takes the place of.
fn weight(rows: &[table::Model], row: &table::Model, today: NaiveDate) -> i64 {
    let goes_on = |other: &table::Model| {
        let is_granted = other.state == DecisionState::Made || other.state.stands();
        is_granted && other.service_id == row.service_id && other.valid_to.is_some_and(|last| today <= last) && other.ended_on.is_none()
    };
    let beside = rows.iter().filter(|other| other.id != row.id && goes_on(other) && before_it(rows, row).all(|replaced| replaced.id != other.id));
    let beside: i64 = beside.filter_map(|other| other.value_cents).sum();
    let granted = row.value_cents.map_or(0, |cents| cents + beside);
    max(granted, replaced_value(rows, row).unwrap_or(0))
}

/// What takes the place of another grants something still, when the client has it: else it would take away without saying so.
fn check_not_over(row: &table::Model, from: NaiveDate, refusal: Rejection) -> Result<()> {
    let is_over = row.amends_id.is_some() && row.valid_to.is_some_and(|last| last < from);
    if is_over { Err(refusal.into()) } else { Ok(()) }
}

/// A row for a move that decides. Decisions of a case end and bring back each other: they go one after the other; and whoever orders by one holds it.
async fn fetch_in_turn(work: &Work, id: ServiceDecisionId, expected: i32) -> Result<table::Model> {
    hold_case_of(work, id).await?;
    work.hold::<table::Entity>(id).await?;
    fetch_to_decide::<table::Entity>(work, id, expected).await
}

/// Holds the case of a decision; the decision as it was before that.
async fn hold_case_of(work: &Work, id: ServiceDecisionId) -> Result<table::Model> {
    let seen = work.fetch::<table::Entity>(id, Action::Read).await?;
    work.hold::<case::Entity>(seen.case_id).await?;
    Ok(seen)
}

/// Makes a decision: from here on what it says stands.
///
/// # Errors
/// Each mandatory part that is missing, a service that is not public any more, [`Code::AbovePower`], [`Code::TooEarly`] when what is to take the place of
/// another is over already, a move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a caller
/// without the power.
pub async fn make(caller: &Caller, id: ServiceDecisionId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_in_turn(work, id, expected).await?;
            let state = before.state.step(DecisionMove::Make)?;
            let said = content(work.vault(), &before)?;
            under("content", &said.reveal().missing())?;
            check_service(work, said.reveal(), before.network_id).await?;
            let today = day(work.now());
            check_not_over(&before, today, Rejection::with(Code::TooEarly, &["content", "granted", "validTo"], today.to_string()))?;
            let rows = of_case::<table::Entity>(work, before.case_id).await?;
            check_power(work, &before, weight(&rows, &before, today), VALUE)?;
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

/// How a decision was sent to the client.
#[derive(Clone, Copy, Debug)]
pub struct Notice {
    /// How.
    pub method: NoticeMethod,
    /// The day on which it was sent or handed over.
    pub sent_on: NaiveDate,
    /// The day on the receipt, where there is one.
    pub received_on: Option<NaiveDate>,
}

impl Notice {
    /// The day on which the client is held to have received it: as the receipt tells, or as is presumed.
    fn served_on(self, made_on: NaiveDate, today: NaiveDate) -> Result<NaiveDate> {
        let within = |from: NaiveDate, on: NaiveDate, field: &str| {
            let refusal = || Rejection::with(Code::OutOfRange, &[field], format!("{from}–{today}"));
            if (from..=today).contains(&on) { Ok(on) } else { Err(Error::from(refusal())) }
        };
        let sent_on = within(made_on, self.sent_on, "sentOn")?;
        match (self.method.has_receipt(), self.received_on) {
            (true, Some(on)) => within(sent_on, on, "receivedOn"),
            (true, None) => Err(Error::reject(Code::Required, &["receivedOn"])),
            (false, Some(_)) => Err(Error::reject(Code::DoesNotAgree, &["receivedOn"])),
            (false, None) => self.method.received_on(sent_on).ok_or_else(|| no_rule(sent_on)),
        }
    }
}

/// Dated data has a gap there: nothing is guessed against the client.
fn no_rule(on: NaiveDate) -> Error {
    Rejection::with(Code::RuleMissing, &["sentOn"], on.to_string()).into()
}

/// Serves a decision on the client: the time for rectification runs from the day on which the client is held to have received it. The decision in whose
/// place it stands ends when this one begins.
///
/// # Errors
/// A day before it was made or to come, a receipt that is missing or does not belong to the method, [`Code::RuleMissing`], [`Code::TooLate`] when what is to
/// take the place of another is over before the client has it, [`Code::AbovePower`], a decision in whose place it is to stand and that is under
/// rectification or has orders that go on ([`Code::OrderOpen`]) or vouchers that can still be used ([`Code::VoucherOpen`]), a move that its state does not
/// allow, [`Code::WorkerOnly`], a stale version, or a caller without the right.
pub async fn serve(caller: &Caller, id: ServiceDecisionId, expected: i32, notice: Notice) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_in_turn(work, id, expected).await?;
            let state = before.state.step(DecisionMove::Serve)?;
            let today = day(work.now());
            let served_on = notice.served_on(before.made_at.map_or(today, day), today)?;
            if let Some(last) = before.valid_to {
                check_not_over(&before, served_on, Rejection::with(Code::TooLate, &["sentOn"], last.to_string()))?;
            }
            let rows = of_case::<table::Entity>(work, before.case_id).await?;
            check_gives_way(work, &rows, &before)?;
            check_used_end(work, &rows, &before, served_on).await?;
            let next = table::Model {
                state,
                notice_method: Some(notice.method),
                sent_on: Some(notice.sent_on),
                served_on: Some(served_on),
                rectification_until: Some(rules::rectification_until(served_on).ok_or_else(|| no_rule(served_on))?),
                ..before.clone()
            };
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            settle(work, row.case_id).await?;
            tell_client(work, row.client_id, row.case_id, NoticeKind::DecisionServed).await?;
            Ok(row)
        })
        .await
}

/// Refuses each order by a decision that goes on and each voucher that can still be used, on a day or later.
async fn check_unused(work: &Work, decision: ServiceDecisionId, from: Option<NaiveDate>, out: &mut Rejections) -> Result<()> {
    let reaches = |last: NaiveDate| from.is_none_or(|first| first <= last);
    let orders = work.orders_by(decision).await?.into_iter().filter(|row| row.state.is_open() && row.placed_at.is_some());
    for row in orders.filter(|row| reaches(row.ends_on)) {
        out.add_with(Code::OrderOpen, &["id"], row.id.to_public());
    }
    let vouchers = work.vouchers_by(decision).await?.into_iter().filter(|row| row.state.is_open());
    for row in vouchers.filter(|row| reaches(row.valid_to)) {
        out.add_with(Code::VoucherOpen, &["id"], row.id.to_public());
    }
    Ok(())
}

/// Orders and vouchers by what it takes the place of are ended first: what they come to would be granted twice.
async fn check_used_end(work: &Work, rows: &[table::Model], row: &table::Model, served_on: NaiveDate) -> Result<()> {
    let first = row.valid_from.map_or(served_on, |first| max(first, served_on));
    let mut open = Rejections::default();
    for replaced in before_it(rows, row) {
        work.hold::<table::Entity>(replaced.id).await?;
        check_unused(work, replaced.id, Some(first), &mut open).await?;
    }
    Ok(open.into_result()?)
}

/// Nothing that it takes the place of is under rectification, which only the body for individual cases ends; and whoever acts has the power over that.
fn check_gives_way(work: &Work, rows: &[table::Model], row: &table::Model) -> Result<()> {
    if let Some(sought) = before_it(rows, row).find(|other| other.state == DecisionState::UnderRectification) {
        return Err(settled(sought.state));
    }
    match replaced_value(rows, row) {
        Some(cents) => check_power(work, row, max(cents, row.value_cents.unwrap_or(0)), &["id"]),
        None => Ok(()),
    }
}

/// Brings up to date what stands in whose place in a case: a decision ends when the first begins of those that stand in its place, at once or one in the
/// place of the other; and it stands again when that was taken back.
async fn settle(work: &mut Work, case: CaseId) -> Result<()> {
    let rows = of_case::<table::Entity>(work, case).await?;
    let today = day(work.now());
    let (was_served, replaces) =
        (|row: &table::Model| row.served_on.is_some() && row.state != DecisionState::Revoked, |row: &table::Model| row.amends_id.is_some());
    for row in rows.iter().filter(|row| was_served(row)) {
        let after_it = rows.iter().filter(|other| was_served(other) && replaces(other) && before_it(&rows, other).any(|replaced| replaced.id == row.id));
        let ends_before = after_it.filter_map(table::Model::begins_on).min();
        let by = match (row.state, ends_before.is_some_and(|end| end <= today)) {
            (_, true) => DecisionMove::GiveWay,
            (DecisionState::Amended, false) if row.to_amend => DecisionMove::AwaitAnother,
            (_, false) => DecisionMove::BringBack,
        };
        let state = row.state.step(by).unwrap_or(row.state);
        if (state, ends_before) != (row.state, row.ends_before) {
            let next = table::Model { state, ends_before, ..row.clone() };
            work.update::<table::Entity>(row, next, Action::Transition).await?;
        }
    }
    Ok(())
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
            let seen = hold_case_of(work, id).await?;
            let (action, as_client) = whose_word(work, seen.client_id).await?;
            if as_client && received_on.is_some() {
                return Err(Error::reject(Code::WorkerOnly, &["receivedOn"]));
            }
            let before = work.fetch_at::<table::Entity>(id, expected, action).await?;
            let requested_on = check_in_time(work, &before, received_on)?;
            let state = before.state.step(DecisionMove::RequestRectification)?;
            // It is sought once of one decision.
            if before.requested_on.is_some() {
                return Err(settled(before.state));
            }
            let next = table::Model { state, rectification: Some(seal(work, RECTIFICATION, id, &words)?), requested_on: Some(requested_on), ..before.clone() };
            let row = work.update::<table::Entity>(&before, next, action).await?;
            // Whoever decided, the own worker and the lead act on it, whoever has written it down.
            let made_by = row.made_by.as_ref().unwrap_or(&row.author);
            tell_workers(work, row.case_id, made_by, NoticeKind::RectificationRequested).await?;
            work.notify_of_case(row.network_id, Addressee::Officers(row.organization_id), NoticeKind::RectificationRequested, row.case_id, None);
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

/// Ends a rectification in which the decision stands, or is amended; one that is amended stands until the client is told of the decision that says how.
///
/// # Errors
/// No reason, a decision that is not under rectification, a stale version, or a caller who is not the lead.
pub async fn end_rectification(caller: &Caller, id: ServiceDecisionId, expected: i32, by: DecisionMove, words: &str) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(words, "reason")?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_in_turn(work, id, expected).await?;
            check_lead(work, &before)?;
            if before.state != DecisionState::UnderRectification {
                return Err(settled(before.state));
            }
            let next = table::Model {
                state: before.state.step(by)?,
                rectification_grounds: Some(seal(work, GROUNDS, id, &words)?),
                to_amend: by == DecisionMove::Amend,
                ..before.clone()
            };
            change(work, &before, next).await
        })
        .await
}

/// Takes a decision back. One that grants something is taken back by the client's wish, or by what the rectification comes to; against the client's will
/// another decision takes its place (434/2003, 50 §). What was ordered or issued by it ends first.
///
/// # Errors
/// No reason, [`Code::AgreementMissing`], [`Code::AbovePower`], [`Code::OrderOpen`] and [`Code::VoucherOpen`] for each that goes on, a move that its state
/// does not allow, [`Code::WorkerOnly`], a stale version, or a caller without the power.
pub async fn revoke(caller: &Caller, id: ServiceDecisionId, expected: i32, words: &str, client_agrees: bool) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(words, "reason")?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_in_turn(work, id, expected).await?;
            let by_body = before.state == DecisionState::UnderRectification;
            if by_body {
                check_lead(work, &before)?;
            } else {
                check_power(work, &before, before.value_cents.unwrap_or(0), VALUE)?;
            }
            let mut open = Rejections::default();
            check_unused(work, id, None, &mut open).await?;
            open.into_result()?;
            if !by_body && before.state.stands() && before.outcome.grants() && !client_agrees {
                return Err(Error::reject(Code::AgreementMissing, &["clientAgrees"]));
            }
            let next = table::Model { state: before.state.step(DecisionMove::Revoke)?, reason: Some(seal(work, REASON, id, &words)?), ..before.clone() };
            let row = change(work, &before, next).await?;
            settle(work, row.case_id).await?;
            Ok(row)
        })
        .await
}

/// Keeps a change of a decision; the client who knew of it is told.
async fn change(work: &mut Work, before: &table::Model, next: table::Model) -> Result<table::Model> {
    let row = work.update::<table::Entity>(before, next, Action::Transition).await?;
    if row.served_on.is_some() {
        tell_client(work, row.client_id, row.case_id, NoticeKind::DecisionChanged).await?;
    }
    Ok(row)
}

/// Ends the decisions of a case with it: drafts are thrown away, what the client was not told of is taken back, and what is granted is over. What the client
/// has sought rectification of goes on, and so does the time for it.
pub(super) async fn end_with_case(work: &mut Work, case: CaseId, reason: CaseClosingReason) -> Result<()> {
    let today = day(work.now());
    for row in of_case::<table::Entity>(work, case).await? {
        let is_granted = row.served_on.is_some() && row.outcome.grants() && row.valid_to.is_some_and(|last| today <= last);
        let with_case = table::Model { closing_reason: Some(reason), ..row.clone() };
        let next = match row.state {
            DecisionState::Draft => table::Model { state: row.state.step(DecisionMove::Discard)?, ..row.clone() },
            DecisionState::Made => table::Model { state: row.state.step(DecisionMove::Revoke)?, ..with_case },
            // What another one has taken the place of stays ended too, if that is taken back.
            state if is_granted && (state.stands() || state == DecisionState::Amended) => {
                table::Model { state: state.step(DecisionMove::Expire).unwrap_or(state), ended_on: Some(today), ..with_case }
            }
            _ => continue,
        };
        // Nobody is left to be told of it; else whoever could not grant it does not end it by closing the case.
        if reason != CaseClosingReason::Deceased && row.state != DecisionState::Draft {
            check_power(work, &row, row.value_cents.unwrap_or(0), &["id"])?;
        }
        change(work, &row, next).await?;
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
    let gives_way = is(&[DecisionState::Served, DecisionState::InForce, DecisionState::Upheld, DecisionState::ToBeAmended]).and(Column::EndsBefore.lte(today));
    // What takes the place of another begins with the day on which the client has it at the earliest.
    let has_it = Column::AmendsId.is_null().or(Column::ServedOn.lte(today));
    let begins = is(&[DecisionState::Served]).and(grants()).and(Column::ValidFrom.lte(today)).and(has_it);
    let stays_denied = is(&[DecisionState::Served]).and(grants().not()).and(Column::RectificationUntil.lt(today));
    let is_over = is(&[DecisionState::InForce, DecisionState::Upheld]).and(Column::ValidTo.lt(today));
    let is_closed = is(&[DecisionState::Served, DecisionState::InForce, DecisionState::Upheld]).and(Column::EndedOn.lte(today));
    let is_over = is_over.or(is_closed);
    let mut tally = Tally::default();
    for (by, due) in [(DecisionMove::GiveWay, gives_way), (DecisionMove::Begin, begins), (DecisionMove::Close, stays_denied), (DecisionMove::Expire, is_over)] {
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
