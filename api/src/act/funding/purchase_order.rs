//! Purchase orders: written by a decision and a line of a contract, placed within what both allow, answered by the provider, given, ended.
use super::{check_registered, check_words, delivery as deliveries, introduced, procurement_of, purchased_service, report as reports, tell_workers, within};
use crate::{
    act::{
        casework::{author, open_case},
        person::relation,
        timed::Tally,
        under,
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Disclosure, ORDER_INTRODUCTION, Work},
    vault::{Place, Vault},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    access::{LogBasis, NoticeKind},
    actor::Actor,
    casework::referral::{DeclineReason, Introduction},
    catalogue::session::day,
    code::Coded,
    funding::{
        contract::{ContractState, is_in_force},
        delivery::{open_since, open_until},
        price::Quantity,
        purchase_order::{Drawn, OrderMove, OrderSide, OrderState, PurchaseOrderContent, answer_due_on},
    },
    id::{CaseId, ClientId, ContractLineId, FrameworkContractId, OrganizationId, PurchaseOrderId, ServiceDecisionId},
    machine::Machine,
    person::{
        consent::DataItem,
        relation::{LASTS_DAYS, RelationBasis},
    },
    policy::{Action, gives_ordered, works_with_clients},
    private::Private,
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{
    casework::service_decision,
    catalogue::organization,
    funding::{contract_line, drawdown, framework_contract, purchase_order as table},
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use std::collections::BTreeSet;

const CONTENT: &str = "purchase_order.content";
const MESSAGE: &str = "purchase_order.message";

/// Opens what is said of an order.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<PurchaseOrderContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Opens what the provider is told of the client.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn introduction(vault: &Vault, row: &table::Model) -> Result<Option<Private<Introduction>>> {
    row.introduction.as_ref().map(|sealed| vault.open(Place::new(ORDER_INTRODUCTION, row.id), sealed)).transpose()
}

/// Opens what was said with the last move.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn message(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.message.as_ref().map(|sealed| vault.open(Place::new(MESSAGE, row.id), sealed)).transpose()
}

/// What is said of an order in words is shown to the caller. A provider reads none of it once the order came to nothing; of a client under non-disclosure
/// only a provider that is an authority reads it at all.
///
/// # Errors
/// A fault of the database.
pub async fn words_are_shown(caller: &Caller, row: &table::Model) -> Result<bool> {
    let actor = caller.actor();
    let provides = actor.is_in(row.provider_id, gives_ordered) && !actor.is_in(row.organization_id, works_with_clients);
    if !provides {
        return Ok(true);
    }
    if row.state.came_to_nothing() {
        return Ok(false);
    }
    may_be_told(caller, row.provider_id, row.client_id).await
}

/// A provider may be told of a client in words: the client is not under non-disclosure, or the provider is an authority.
///
/// # Errors
/// A fault of the database.
pub(super) async fn may_be_told(caller: &Caller, provider: OrganizationId, client: ClientId) -> Result<bool> {
    let by_authority = caller.peek::<organization::Entity>(provider).await?.is_some_and(|provider| provider.content.kind.is_authority());
    Ok(by_authority || !caller.is_protected(client).await?)
}

/// What is said when an order is begun.
#[derive(Clone, Debug, Serialize)]
pub struct DraftOrder {
    /// The decision by which it is bought.
    pub decision: ServiceDecisionId,
    /// The line of a contract by which it is bought.
    pub line: ContractLineId,
    /// What is said of it.
    pub content: PurchaseOrderContent,
}

/// Begins an order as a draft, of which the provider is told nothing.
///
/// # Errors
/// Faults of the content, a line of another organisation or for another service than the decision's, days that the decision does not grant,
/// [`Code::CaseClosed`], or a caller without the right.
pub async fn draft(caller: &Caller, key: Option<&str>, input: DraftOrder) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = PurchaseOrderId::new();
    caller
        .write_once::<table::Entity>(key, "draftPurchaseOrder", &input, id, async |work: &mut Work| {
            let decision = work.refer::<service_decision::Entity>(input.decision, &["decision"]).await?;
            open_case(work, decision.case_id).await?;
            let line = work.refer::<contract_line::Entity>(input.line, &["line"]).await?;
            check_ground(work, &decision, &line, &input.content)?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: decision.network_id,
                organization_id: decision.organization_id,
                client_id: decision.client_id,
                case_id: decision.case_id,
                state: OrderState::Draft,
                decision_id: decision.id,
                contract_id: line.contract_id,
                line_id: line.id,
                provider_id: line.provider_id,
                service_id: line.service_id,
                unit: line.unit,
                created_by: author(work),
                content: work.vault().seal(Place::new(CONTENT, id), &input.content)?,
                introduction: None,
                starts_on: input.content.starts_on.0,
                ends_on: input.content.ends_on.0,
                quantity_hundredths: input.content.quantity.hundredths,
                unit_price_cents: None,
                vat_rate_bp: None,
                cost_cents: None,
                cancel_notice_days: None,
                cancel_share_bp: None,
                delivered_hundredths: 0,
                delivered_cents: 0,
                placed_at: None,
                placed_by: None,
                answer_due_on: None,
                answered_at: None,
                handler: None,
                agreed_start_on: None,
                reject_reason: None,
                message: None,
                begun_on: None,
                paused_on: None,
                interruptions: None,
                ended_on: None,
                ended_as: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Replaces what is said of a draft.
///
/// # Errors
/// As [`draft`], an order that was placed, and a stale version.
pub async fn update(caller: &Caller, id: PurchaseOrderId, expected: i32, content: PurchaseOrderContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            if before.state != OrderState::Draft {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], before.state.code()).into());
            }
            let (decision, line) = grounds(work, &before).await?;
            check_ground(work, &decision, &line, &content)?;
            let next = table::Model {
                content: work.vault().seal(Place::new(CONTENT, id), &content)?,
                starts_on: content.starts_on.0,
                ends_on: content.ends_on.0,
                quantity_hundredths: content.quantity.hundredths,
                ..before.clone()
            };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

async fn grounds(work: &Work, row: &table::Model) -> Result<(service_decision::Model, contract_line::Model)> {
    let decision = work.refer::<service_decision::Entity>(row.decision_id, &["decision"]).await?;
    Ok((decision, work.refer::<contract_line::Entity>(row.line_id, &["line"]).await?))
}

/// The line is the deciding organisation's own and for the service that is granted, in the same unit, and the decision grants it on all its days.
fn check_ground(work: &Work, decision: &service_decision::Model, line: &contract_line::Model, content: &PurchaseOrderContent) -> Result<()> {
    let mut out = Rejections::default();
    let granted = crate::act::casework::service_decision::content(work.vault(), decision)?.reveal().granted.clone();
    let same = line.organization_id == decision.organization_id && line.service_id == decision.service_id;
    if !same || granted.as_ref().is_some_and(|granted| granted.unit != line.unit) {
        out.add(Code::DoesNotAgree, &["line"]);
    }
    for (field, on) in [("startsOn", content.starts_on), ("endsOn", content.ends_on)] {
        if !decision.grants_on(on.0) {
            out.add_with(Code::DecisionNotInForce, &["content", field], decision.state.code());
        }
    }
    Ok(out.into_result()?)
}

/// Places an order with the provider: it takes of what the decision grants and of what the contract allows, at the price of its first day, which is frozen.
/// What the provider is to know of the client is taken from the register now, and the disclosure is logged.
///
/// # Errors
/// [`Code::ContractNotInForce`], [`Code::DecisionNotInForce`], [`Code::NotRegistered`], a service that is not public or not purchased any more,
/// [`Code::QuantityReached`] and [`Code::CeilingReached`] for each that would be passed, [`Code::ProtectedPerson`], [`Code::TooEarly`] for days that are over, a move
/// that its state does not allow, a stale version, or a caller without the right.
pub async fn place(caller: &Caller, id: PurchaseOrderId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Transition).await?;
            check_side(work, &seen, OrderMove::Place)?;
            work.hold_client_of(seen.case_id).await?;
            open_case(work, seen.case_id).await?;
            work.hold::<service_decision::Entity>(seen.decision_id).await?;
            let contract = work.hold_contract(seen.contract_id).await?;
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let state = before.state.step(OrderMove::Place)?;
            let (decision, line) = grounds(work, &before).await?;
            let said = content(work.vault(), &before)?;
            check_ground(work, &decision, &line, said.reveal())?;
            purchased_service(work, line.service_id, line.network_id, &["line"]).await?;
            let today = day(work.now());
            if before.starts_on < today {
                return Err(Rejection::with(Code::TooEarly, &["content", "startsOn"], today.to_string()).into());
            }
            check_provider(work, &contract, &before, before.starts_on, "line").await?;
            let price = line.prices.on(before.starts_on).ok_or_else(|| not_in_force(&contract, "line"))?;
            let next = Drawn::of(before.quantity(), price.price);
            check_room(work, &contract, &line, &decision, next).await?;
            let (told, items) = told(work, &before, said.reveal()).await?;
            let cancelling = contract.content.cancellation;
            let next = table::Model {
                state,
                introduction: Some(told),
                unit_price_cents: Some(price.price.amount_cents),
                vat_rate_bp: Some(price.vat_rate_bp),
                cost_cents: Some(next.cents),
                cancel_notice_days: cancelling.map(|terms| terms.notice_days),
                cancel_share_bp: cancelling.map(|terms| terms.share_bp),
                placed_at: Some(work.now()),
                placed_by: Some(author(work)),
                answer_due_on: Some(answer_due_on(today, contract.content.answer_days, before.ends_on)),
                ..before.clone()
            };
            let row = work.move_order(&before, next, Action::Transition).await?;
            work.disclose(Disclosure {
                network: row.network_id,
                client: Some(row.client_id),
                organization: row.organization_id,
                recipient: row.provider_id,
                items,
                basis: LogBasis::Order,
                ground: Some(row.id.0),
            });
            work.notify_of_order(row.network_id, Addressee::Organization(row.provider_id), NoticeKind::OrderPlaced, row.id);
            Ok(row)
        })
        .await
}

fn not_in_force(contract: &framework_contract::Model, path: &str) -> Error {
    Rejection::with(Code::ContractNotInForce, &[path], contract.state.code()).into()
}

/// The contract is in force on all days of the service and takes new orders, and the provider is in the registers today and on its first day.
async fn check_provider(work: &Work, contract: &framework_contract::Model, row: &table::Model, first: NaiveDate, path: &str) -> Result<()> {
    let holds = |on| is_in_force(contract.state, contract.valid_from, contract.valid_to, on);
    if contract.state == ContractState::Suspended || ![row.starts_on, row.ends_on].into_iter().all(holds) {
        return Err(not_in_force(contract, path));
    }
    check_registered(work, row.provider_id, [day(work.now()), first], &[path]).await
}

/// What was ordered still rests on what it was ordered by: whoever confirms it begins nothing that nobody may pay for.
async fn check_stands(work: &Work, contract: &framework_contract::Model, row: &table::Model, first: NaiveDate) -> Result<()> {
    check_provider(work, contract, row, first, "id").await?;
    let decision = work.decision_behind(row.decision_id).await?;
    match [first, row.ends_on].into_iter().find(|on| !decision.grants_on(*on)) {
        // The day, and not what became of the decision: that is between the client and those who decide.
        Some(on) => Err(Rejection::with(Code::DecisionNotInForce, &["id"], on.to_string()).into()),
        None => Ok(()),
    }
}

/// Nothing is passed: not what the decision grants, nor what the line or the contract allows.
async fn check_room(
    work: &Work,
    contract: &framework_contract::Model,
    line: &contract_line::Model,
    decision: &service_decision::Model,
    next: Drawn,
) -> Result<()> {
    Ok(room_faults(work, contract, line, decision, next).await?.into_result()?)
}

/// What would be passed, by what it is of.
pub(super) async fn room_faults(
    work: &Work,
    contract: &framework_contract::Model,
    line: &contract_line::Model,
    decision: &service_decision::Model,
    next: Drawn,
) -> Result<Rejections> {
    let counters = work.drawn_by(contract.id).await?;
    let by_contract = drawdown::room_of_contract(contract, &counters).ok_or(Error::Internal)?;
    let by_line = drawdown::room_of_line(line, &counters).ok_or(Error::Internal)?;
    let by_decision = work.room_of(decision).await?;
    let mut out = Rejections::default();
    for (room, path) in [(by_decision, "decision"), (by_line, "line"), (by_contract, "contract")] {
        room.check(next, &[path], &mut out);
    }
    Ok(out)
}

/// What the provider is told of the client, sealed, and which items that is.
async fn told(work: &Work, row: &table::Model, said: &PurchaseOrderContent) -> Result<(entity::SealedText, BTreeSet<DataItem>)> {
    let told = introduced(work, row.provider_id, row.client_id, &said.told()).await?;
    if told.withheld {
        said.check_protected().into_result()?;
    }
    let mut items = told.introduction.items();
    if said.instructions.is_some() {
        items.insert(DataItem::Reason);
    }
    Ok((work.vault().seal(Place::new(ORDER_INTRODUCTION, row.id), &told.introduction)?, items))
}

/// The move is made by its side.
fn check_side(work: &Work, row: &table::Model, by: OrderMove) -> Result<()> {
    let orders = work.actor().acts_for(row.organization_id, works_with_clients);
    let provides = work.actor().acts_for(row.provider_id, gives_ordered);
    let fits = match by.side() {
        OrderSide::Orderer => orders,
        OrderSide::Provider => provides,
        OrderSide::Either => orders || provides,
        OrderSide::Time => *work.actor() == Actor::System,
        // They follow from what is paid.
        OrderSide::Invoice => false,
    };
    if fits { Ok(()) } else { Err(Error::reject(Code::OtherSide, &["id"])) }
}

/// What is said with a move.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Words for the other side, at most 2000 characters.
    pub words: Option<String>,
    /// The first day that is confirmed, or the day on which the service began or ended; today when it is left out.
    pub on: Option<NaiveDate>,
    /// Why the provider does not give the service.
    pub reason: Option<DeclineReason>,
}

/// Moves an order on, once it is written.
///
/// # Errors
/// The other side's move, an answer that comes too late, one that confirms what contract, provider or decision do not carry any more, a day outside those of
/// the order or to come, a reason that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: PurchaseOrderId, expected: i32, by: OrderMove, said: Said) -> Result<table::Model> {
    caller.signed_in()?;
    let said = Said { words: said.words.as_deref().map(text::tidy), ..said };
    // The time ends a service without words.
    let needed = matches!(by, OrderMove::Pause | OrderMove::Terminate) && *caller.actor() != Actor::System;
    check_words(said.words.as_deref(), "words", needed)?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Transition).await?;
            let contract = hold_for(work, &seen, by).await?;
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            check_side(work, &before, by)?;
            if matches!(by, OrderMove::Complete | OrderMove::Terminate) {
                check_end(work, &before, said.on).await?;
            }
            let next = moved(work, &before, by, &said)?;
            if let (Some(contract), Some(first)) = (&contract, next.agreed_start_on.filter(|_| by == OrderMove::Confirm)) {
                check_stands(work, contract, &before, first).await?;
            }
            let mut row = work.move_order(&before, next, Action::Transition).await?;
            if let Some(contract) = contract
                && let Some(fee) = fee(work, &contract, &before, by)
            {
                row = deliveries::charge(work, contract, row, fee).await?;
            }
            let row = follow(work, row, by).await?;
            if by == OrderMove::Resume {
                // All of it may have been approved meanwhile.
                return Ok(deliveries::complete(work, &row).await?.unwrap_or(row));
            }
            Ok(row)
        })
        .await
}

/// How much of an order is paid for where those who order cancel it now or end its service, as its contract says it: of one that was confirmed by its first day, and of
/// what is left of a service by its last. With a contract that was terminated services are wound down without a fee.
fn fee(work: &Work, contract: &framework_contract::Model, row: &table::Model, by: OrderMove) -> Option<Quantity> {
    let (terms, today) = (row.cancellation()?, day(work.now()));
    let orders = work.actor().is_in(row.organization_id, works_with_clients) && !work.actor().is_in(row.provider_id, gives_ordered);
    match by {
        OrderMove::Cancel if row.state == OrderState::Confirmed => terms.fee(row.quantity(), row.agreed_start_on.unwrap_or(row.starts_on), today),
        OrderMove::Terminate if orders && contract.state != ContractState::Terminated => terms.fee_of_ending(row.left(), row.ends_on, today),
        _ => None,
    }
}

/// An order does not end before what was delivered of it.
async fn check_end(work: &Work, row: &table::Model, on: Option<NaiveDate>) -> Result<()> {
    let last = work.deliveries_of(row.id).await?.iter().map(|event| event.effective_date).max();
    match on.zip(last).filter(|(on, last)| on < last) {
        Some((_, last)) => Err(Rejection::with(Code::OutOfRange, &["endedOn"], format!("{last}–{}", day(work.now()))).into()),
        None => Ok(()),
    }
}

/// Holds what a move depends on or draws of: the decision and the contract for one that is confirmed, the contract for one that may come to
/// nothing, or gives back what was not delivered.
async fn hold_for(work: &Work, row: &table::Model, by: OrderMove) -> Result<Option<framework_contract::Model>> {
    if by == OrderMove::Confirm {
        work.hold::<service_decision::Entity>(row.decision_id).await?;
    }
    let draws = match by {
        OrderMove::Confirm | OrderMove::Reject | OrderMove::Expire | OrderMove::Cancel | OrderMove::Resume | OrderMove::Complete | OrderMove::Terminate => true,
        OrderMove::Place | OrderMove::Begin | OrderMove::Pause | OrderMove::Settle | OrderMove::UnsettleCompleted | OrderMove::UnsettleTerminated => false,
    };
    if draws && row.state.is_committed() { work.hold_contract(row.contract_id).await.map(Some) } else { Ok(None) }
}

/// An order after a move, whoever's it is.
fn moved(work: &Work, before: &table::Model, by: OrderMove, said: &Said) -> Result<table::Model> {
    let state = before.state.step(by)?;
    let today = day(work.now());
    let message = said.words.as_ref().map(|words| work.vault().seal(Place::new(MESSAGE, before.id), words)).transpose()?;
    // What was said last stays until something else is said.
    let mut next = table::Model { state, message: message.or_else(|| before.message.clone()), ..before.clone() };
    match by {
        // That is [`place`], and those are [`settle`].
        OrderMove::Place | OrderMove::Settle | OrderMove::UnsettleCompleted | OrderMove::UnsettleTerminated => return Err(Error::Internal),
        OrderMove::Confirm | OrderMove::Reject => {
            if let Some(due) = before.answer_due_on.filter(|due| *due < today) {
                return Err(Rejection::with(Code::TooLate, &["id"], due.to_string()).into());
            }
            next.answered_at = Some(work.now());
            next.reject_reason = said.reason;
            next.handler = Some(author(work));
            if by == OrderMove::Confirm {
                next.agreed_start_on = Some(within(said.on.unwrap_or(before.starts_on), before.starts_on, before.ends_on, "startsOn")?);
            }
        }
        OrderMove::Expire => {
            // What was given of one that was confirmed may be told as long as its month is open.
            let told_until = || open_until(before.ends_on).unwrap_or(before.ends_on);
            let last = if before.state == OrderState::Placed { before.answer_due_on } else { Some(told_until()) };
            if let Some(due) = last.filter(|due| *due >= today) {
                return Err(Rejection::with(Code::TooEarly, &["id"], due.to_string()).into());
            }
        }
        OrderMove::Begin => {
            let first = before.agreed_start_on.unwrap_or(before.starts_on);
            next.begun_on = Some(within(said.on.unwrap_or(today), first, Ord::min(today, before.ends_on), "begunOn")?);
        }
        OrderMove::Complete | OrderMove::Terminate => {
            let first = before.begun_on.unwrap_or(before.starts_on);
            next.ended_on = Some(within(said.on.unwrap_or(today), first, today, "endedOn")?);
            next.ended_as = Some(state);
        }
        OrderMove::Pause => next.paused_on = Some(today),
        OrderMove::Resume => {
            if let Some(paused_on) = next.paused_on.take() {
                next.interruptions = Some(before.interruptions.clone().unwrap_or_default().and(paused_on, today));
            }
        }
        OrderMove::Cancel => {}
    }
    if state.came_to_nothing() {
        (next.introduction, next.ended_on) = (None, Some(today));
    }
    Ok(next)
}

/// What follows a move: the relations of those who give the service, what it is to report, notice to the other side, and that nothing is left to be paid; the
/// order as it is then.
pub(super) async fn follow(work: &mut Work, row: table::Model, by: OrderMove) -> Result<table::Model> {
    follow_relations(work, &row).await?;
    if row.placed_at.is_some() {
        reports::follow(work, &row).await?;
    }
    tell(work, &row, by).await?;
    if row.state.is_over() {
        settle(work, row.contract_id, [row.id].into()).await?;
        return work.order_behind(row.id).await;
    }
    Ok(row)
}

/// Settles what is over of these orders by a contract, which is held, and of which all that was delivered was paid; and brings back what was settled and of
/// which that is so no more. One of which nothing was delivered stays as it ended: nothing is asked for it.
pub(super) async fn settle(work: &mut Work, contract: FrameworkContractId, ids: BTreeSet<PurchaseOrderId>) -> Result<()> {
    for (before, paid) in work.orders_over(contract, ids).await? {
        if let Some(by) = before.state.settling(before.ended_as, paid) {
            let next = table::Model { state: before.state.step(by)?, ..before.clone() };
            work.keep_order(&before, next).await?;
        }
    }
    Ok(())
}

/// Whoever gives the service has a care relation to the client by the order, for as long as it goes on.
async fn follow_relations(work: &mut Work, row: &table::Model) -> Result<()> {
    if !row.state.is_open() {
        return work.end_relations(row.id.0).await;
    }
    let subject = author(work);
    if !work.actor().is_in(row.provider_id, gives_ordered) || work.relation_on(row.id.0, row.client_id, &subject).await?.is_some() {
        return Ok(());
    }
    let client = work.client_behind(row.client_id).await?;
    let until = domain::catalogue::session::end_of(row.ends_on) + TimeDelta::days(LASTS_DAYS);
    relation::open_until(work, &client, row.provider_id, &subject, (RelationBasis::Order, Some(row.id.0), None), until).await.map(drop)
}

/// Tells the other side.
async fn tell(work: &mut Work, row: &table::Model, by: OrderMove) -> Result<()> {
    let kind = match by {
        OrderMove::Place => NoticeKind::OrderPlaced,
        OrderMove::Confirm => NoticeKind::OrderConfirmed,
        OrderMove::Reject => NoticeKind::OrderRejected,
        OrderMove::Expire => NoticeKind::OrderExpired,
        OrderMove::Cancel => NoticeKind::OrderCancelled,
        OrderMove::Begin | OrderMove::Pause | OrderMove::Resume | OrderMove::Complete | OrderMove::Terminate => NoticeKind::OrderMoved,
        // Both sides know it by the invoice.
        OrderMove::Settle | OrderMove::UnsettleCompleted | OrderMove::UnsettleTerminated => return Ok(()),
    };
    let by_provider = work.actor().is_in(row.provider_id, gives_ordered);
    // A draft is known to nobody else.
    if row.placed_at.is_some() && !by_provider {
        work.notify_of_order(row.network_id, Addressee::Organization(row.provider_id), kind, row.id);
    }
    if by_provider || !work.actor().is_in(row.organization_id, works_with_clients) {
        tell_workers(work, row, row.placed_by.clone(), kind).await?;
    }
    if by == OrderMove::Reject {
        // Of whom the order was is nothing to procurement: it is told by which contract.
        for to in procurement_of(work, row.organization_id).await? {
            work.notify_of_contract(row.network_id, to, kind, row.contract_id);
        }
    }
    Ok(())
}

/// Ends orders with their case: what has not begun is taken back, what goes on ends.
pub(crate) async fn end_all(work: &mut Work, case: CaseId) -> Result<()> {
    // Held in the one order for all, and read again as they are then.
    let contracts = work.open_orders(case).await?.iter().map(|row| row.contract_id).collect();
    work.hold_contracts(contracts).await?;
    for row in work.open_orders(case).await? {
        let by = if matches!(row.state, OrderState::InDelivery | OrderState::Paused) { OrderMove::Terminate } else { OrderMove::Cancel };
        let next = moved(work, &row, by, &Said::default())?;
        let row = work.move_order(&row, next, Action::Transition).await?;
        follow(work, row, by).await?;
    }
    Ok(())
}

/// Completes an order, held with its contract, of which everything was delivered.
pub(super) async fn complete(work: &mut Work, row: &table::Model) -> Result<table::Model> {
    let next = moved(work, row, OrderMove::Complete, &Said::default())?;
    let row = work.move_order(row, next, Action::Transition).await?;
    follow(work, row, OrderMove::Complete).await
}

/// Takes back with their contract, which is held, the orders whose service has not begun: both sides are told.
pub(super) async fn take_back_all(work: &mut Work, contract: FrameworkContractId) -> Result<()> {
    for row in work.waiting_orders(contract).await? {
        let next = moved(work, &row, OrderMove::Cancel, &Said::default())?;
        let row = work.take_back_order(&row, next).await?;
        follow(work, row, OrderMove::Cancel).await?;
    }
    Ok(())
}

/// Lets orders expire that nobody has answered in time, or that never began in their days, and ends those that run beyond the winding down of their contract, or of
/// whose days nothing can be told any more, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn by_time(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let unanswered = table::Column::State.eq(OrderState::Placed).and(table::Column::AnswerDueOn.lt(today));
    let never_begun = table::Column::State.eq(OrderState::Confirmed).and(table::Column::EndsOn.lt(open_since(today)));
    let terminated = framework_contract::Column::State.eq(ContractState::Terminated);
    let terminated = system.reader().find::<framework_contract::Entity>().filter(terminated).all().await?;
    let over = terminated.iter().filter(|contract| contract.wound_down_on().is_some_and(|last| last < today)).map(|contract| contract.id);
    let left_over = table::Column::State.is_in([OrderState::InDelivery, OrderState::Paused]).and(table::Column::ContractId.is_in(over));
    let mut tally = Tally::default();
    for (which, by) in [(unanswered.or(never_begun), OrderMove::Expire), (left_over, OrderMove::Terminate)] {
        for (id, version) in system.reader().find::<table::Entity>().filter(which).versions().await? {
            tally.note("purchase orders", id, move_on(system, PurchaseOrderId(id), version, by, Said::default()).await.map(|_| 1));
        }
    }
    let left_behind = table::Column::State.is_in([OrderState::InDelivery, OrderState::Paused]).and(table::Column::EndsOn.lt(open_since(today)));
    for row in system.reader().find::<table::Entity>().filter(left_behind).all().await? {
        let said = Said { on: Some(row.ends_on), ..Said::default() };
        tally.note("purchase orders", row.id.0, move_on(system, row.id, row.version, OrderMove::Terminate, said).await.map(|_| 1));
    }
    Ok(tally)
}
