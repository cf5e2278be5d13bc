//! Delivery events: told by the provider by hand or from who came, looked at by those who order, approved by them or by the time.
use super::{check_words, purchase_order as orders, tell_workers};
use crate::{
    act::{casework::author, device_id, device_key, timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
    vault::{Place, Vault},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Actor,
    catalogue::session::{SessionState, day},
    code::Coded,
    funding::{
        delivery::{DeliveryContent, DeliveryCorrections, DeliveryMove, DeliverySide, DeliveryState, Dispute, disputable_until, month_of, open_until},
        purchase_order::{Drawn, OrderMove, OrderState, Room},
    },
    id::{AttendanceId, DeliveryEventId, PurchaseOrderId},
    machine::Machine,
    money::Money,
    outreach::record::{Correction, Voiding},
    policy::{Action, gives_ordered, looks_after_invoices, works_with_clients},
    private::Private,
    rejection::{Code, Rejection, Rejections},
};
use entity::{
    SealedText,
    casework::service_decision,
    catalogue::{service_offering, session},
    delivery::attendance,
    funding::{delivery_event as table, framework_contract, purchase_order},
};
use sea_orm::{ColumnTrait, Condition};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

const CONTENT: &str = "delivery_event.content";
const DISPUTE: &str = "delivery_event.dispute";
const CORRECTIONS: &str = "delivery_event.corrections";
const VOIDED: &str = "delivery_event.voided";

fn open<T: DeserializeOwned>(vault: &Vault, column: &'static str, id: DeliveryEventId, sealed: Option<&SealedText>) -> Result<Option<Private<T>>> {
    sealed.map(|sealed| vault.open(Place::new(column, id), sealed)).transpose()
}

/// Opens what is told of a delivery.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<DeliveryContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Opens why it was not accepted as it was.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn dispute_of(vault: &Vault, row: &table::Model) -> Result<Option<Private<Dispute>>> {
    open(vault, DISPUTE, row.id, row.dispute.as_ref())
}

/// Opens what it told before it was corrected.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn corrections(vault: &Vault, row: &table::Model) -> Result<Option<Private<DeliveryCorrections>>> {
    open(vault, CORRECTIONS, row.id, row.corrections.as_ref())
}

/// Opens why it is void.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn voided(vault: &Vault, row: &table::Model) -> Result<Option<Private<Voiding>>> {
    open(vault, VOIDED, row.id, row.voided.as_ref())
}

/// What is said in words is shown to the caller: to whoever gave it, and to those who see the order. Whoever only looks after the invoices is told the money.
///
/// # Errors
/// A fault of the database.
pub async fn words_are_shown(caller: &Caller, row: &table::Model) -> Result<bool> {
    Ok(caller.actor().is_in(row.provider_id, gives_ordered) || caller.peek::<purchase_order::Entity>(row.order_id).await?.is_some())
}

/// Why it was not accepted is shown to the caller as the words of those who order are: of a client under non-disclosure only a provider that is an authority
/// reads it.
///
/// # Errors
/// A fault of the database.
pub async fn dispute_is_shown(caller: &Caller, row: &table::Model) -> Result<bool> {
    let provides = caller.actor().is_in(row.provider_id, gives_ordered) && !caller.actor().is_in(row.organization_id, works_with_clients);
    Ok(words_are_shown(caller, row).await? && (!provides || orders::may_be_told(caller, row.provider_id, row.client_id).await?))
}

/// What was delivered.
#[derive(Clone, Debug, Serialize)]
pub struct RecordDelivery {
    /// Of which order.
    pub order: PurchaseOrderId,
    /// The UUID that the device has made.
    pub uuid: Option<Uuid>,
    /// The attendance that it is told from.
    pub attendance: Option<AttendanceId>,
    /// What is told.
    pub content: DeliveryContent,
}

/// Records as the provider what was delivered of an order. With the first of it the service has begun.
///
/// # Errors
/// Faults of the content, an order that is not being given, a day outside the order or that its contract does not carry, [`Code::MonthLocked`],
/// [`Code::QuantityReached`] and [`Code::CeilingReached`], an attendance that is not of this client and service, or counted already; or a caller without the
/// right.
pub async fn record(caller: &Caller, given: Option<&str>, input: RecordDelivery) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check(day(caller.now())))?;
    let id = device_id(input.uuid);
    caller
        .write_once::<table::Entity>(device_key(given, input.uuid).as_deref(), "recordDeliveryEvent", &input, id, async |work: &mut Work| {
            let seen = work.fetch::<purchase_order::Entity>(input.order, Action::Transition).await?;
            if !work.actor().acts_for(seen.provider_id, gives_ordered) {
                return Err(Error::reject(Code::OtherSide, &["order"]));
            }
            work.unused::<table::Entity>(input.uuid).await?;
            if let Some(attendance) = input.attendance {
                work.hold::<attendance::Entity>(attendance).await?;
            }
            // What is told after the end draws of the decision again.
            work.hold::<service_decision::Entity>(seen.decision_id).await?;
            let (contract, order) = work.hold_order(seen.contract_id, seen.id).await?;
            check_given(&order)?;
            let told = &input.content;
            let on = told.effective_date.0;
            check_open(on, day(work.now()), &["content", "effectiveDate"])?;
            let delivery = Delivery { contract: &contract, order: &order, before: None };
            let price = order.unit_price_cents.map(|amount_cents| Money { amount_cents }).ok_or(Error::Internal)?;
            let next = delivery.check(told, price)?;
            if order.state.is_over() {
                let (line, decision) = (work.line_behind(order.line_id).await?, work.decision_behind(order.decision_id).await?);
                let faults = orders::room_faults(work, &contract, &line, &decision, next).await?;
                // What the decision has left is between the client and those who decide.
                if faults.iter().any(|fault| fault.path == ["decision"]) {
                    return Err(Rejection::with(Code::QuantityReached, &["content", "quantity"], "0").into());
                }
                faults.into_result()?;
            }
            if let Some(attendance) = input.attendance {
                check_attendance(work, &order, attendance, on).await?;
            }
            let order = begun(work, order, on).await?;
            let in_all =
                work.deliveries_of(order.id).await?.iter().filter(|event| event.effective_date == on).map(|event| event.delivered().hundredths).sum::<i64>();
            let now = work.now();
            let row = table::Model {
                id,
                network_id: order.network_id,
                organization_id: order.organization_id,
                client_id: order.client_id,
                case_id: order.case_id,
                provider_id: order.provider_id,
                order_id: order.id,
                contract_id: order.contract_id,
                line_id: order.line_id,
                unit: order.unit,
                state: DeliveryState::Recorded,
                effective_date: on,
                quantity_hundredths: told.quantity.hundredths,
                unit_price_cents: price.amount_cents,
                vat_rate_bp: order.vat_rate_bp.ok_or(Error::Internal)?,
                cost_cents: next.cents,
                attendance_id: input.attendance,
                content: work.vault().seal(Place::new(CONTENT, id), told)?,
                dispute: None,
                corrections: None,
                voided: None,
                recorded_by: author(work),
                disputable_until: disputable_until(day(now), on, order.unit, in_all.saturating_add(next.hundredths)),
                approved_at: None,
                approved_by: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.record_delivery(&order, row).await?;
            if order.state.is_over() {
                // What is told after the end is not paid yet.
                orders::settle(work, order.contract_id, [order.id].into()).await?;
            }
            Ok(row)
        })
        .await
}

/// What was delivered of it can be told: it is given, or was.
fn check_given(order: &purchase_order::Model) -> Result<()> {
    if matches!(order.state, OrderState::Confirmed | OrderState::InDelivery | OrderState::Paused) || order.state.is_over() {
        return Ok(());
    }
    Err(Rejection::with(Code::IllegalTransition, &["order"], order.state.code()).into())
}

/// The month of a day can still be written on.
fn check_open(on: NaiveDate, today: NaiveDate, path: &[&str]) -> Result<()> {
    match open_until(on) {
        None => Err(Rejection::with(Code::RuleMissing, path, on.to_string()).into()),
        Some(until) if until < today => Err(Rejection::with(Code::MonthLocked, path, until.to_string()).into()),
        Some(_) => Ok(()),
    }
}

/// What bounds a delivery: the contract and the order, both held, and the event that it takes the place of.
struct Delivery<'r> {
    contract: &'r framework_contract::Model,
    order: &'r purchase_order::Model,
    before: Option<&'r table::Model>,
}

impl Delivery<'_> {
    /// What it comes to: it is on a day of the order that its contract carries, and passes nothing; put right after the end of the order, not what that has
    /// drawn. Cents that rounding would put on top of what the order costs are left out, so that all of it can be delivered.
    fn check(&self, told: &DeliveryContent, price: Money) -> Result<Drawn> {
        let (order, on) = (self.order, told.effective_date.0);
        let first = order.agreed_start_on.unwrap_or(order.starts_on).max(order.starts_on);
        // What was given before an interruption is told, and nothing of the time in which there was no service.
        let last = [order.ended_on, order.paused_on].into_iter().flatten().fold(order.ends_on, NaiveDate::min);
        if !(first..=last).contains(&on) {
            return Err(Rejection::with(Code::OutOfRange, &["content", "effectiveDate"], format!("{first}–{last}")).into());
        }
        if !self.contract.carries_on(on) {
            return Err(Rejection::with(Code::ContractNotInForce, &["content", "effectiveDate"], self.contract.state.code()).into());
        }
        let bound = if order.state.is_over() && self.before.is_some() { order.delivered() } else { order.ordered() };
        let others = order.delivered().minus(self.before.map(table::Model::delivered).unwrap_or_default()).ok_or(Error::Internal)?;
        let room = Room { ordered: others, most_hundredths: Some(bound.hundredths), ceiling_cents: Some(bound.cents) };
        let mut next = Drawn::of(told.quantity, price);
        if room.free_hundredths().is_some_and(|free| next.hundredths <= free) {
            next.cents = next.cents.min(room.free_cents().unwrap_or(next.cents));
        }
        let mut out = Rejections::default();
        room.check(next, &["content", "quantity"], &mut out);
        out.into_result()?;
        Ok(next)
    }
}

/// The client of the order was there, in a session of the ordered service that the provider held on that day; and that was not told before.
async fn check_attendance(work: &Work, order: &purchase_order::Model, id: AttendanceId, on: NaiveDate) -> Result<()> {
    let path = &["attendance"];
    let row = work.refer::<attendance::Entity>(id, path).await?;
    let held = work.refer::<session::Entity>(row.session_id, path).await?;
    let offering = work.refer::<service_offering::Entity>(held.offering_id, path).await?;
    let same = row.client_id == Some(order.client_id) && row.provider_id == order.provider_id && offering.service_id == order.service_id;
    if !same || !row.status.was_there() || held.state != SessionState::Held || day(held.starts_at) != on {
        return Err(Error::reject(Code::DoesNotAgree, path));
    }
    if work.is_delivered(id).await? { Err(Error::reject(Code::RecordedAlready, path)) } else { Ok(()) }
}

/// An order that is given: it begins with the first that is told of it, on the earliest day that is. What was given before it was interrupted or ended is told
/// afterwards too.
async fn begun(work: &mut Work, before: purchase_order::Model, on: NaiveDate) -> Result<purchase_order::Model> {
    let begun_on = Some(before.begun_on.map_or(on, |known| known.min(on)));
    match before.state {
        OrderState::Confirmed => {
            let next = purchase_order::Model { state: before.state.step(OrderMove::Begin)?, begun_on, ..before.clone() };
            let row = work.move_order(&before, next, Action::Transition).await?;
            orders::follow(work, row, OrderMove::Begin).await
        }
        _ if before.begun_on == begun_on => Ok(before),
        _ => work.move_order(&before, purchase_order::Model { begun_on, ..before.clone() }, Action::Transition).await,
    }
}

/// One event, and the version that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// The event.
    pub id: DeliveryEventId,
    /// The version.
    pub expected: i32,
}

impl Which {
    /// Makes a move as its side, with what it changes.
    async fn go(
        self,
        caller: &Caller,
        by: DeliveryMove,
        change: impl AsyncFnOnce(&mut Work, &framework_contract::Model, &purchase_order::Model, table::Model) -> Result<table::Model>,
    ) -> Result<table::Model> {
        caller.signed_in()?;
        let action = if by == DeliveryMove::Correct { Action::Update } else { Action::Transition };
        caller
            .write(async |work: &mut Work| {
                let seen = work.fetch::<table::Entity>(self.id, action).await?;
                check_side(work, &seen, by)?;
                if by == DeliveryMove::Approve {
                    // The order may end with it, and the relations by it.
                    work.hold_client_of(seen.case_id).await?;
                }
                let (contract, order) = work.hold_order(seen.contract_id, seen.order_id).await?;
                let before = work.fetch_at::<table::Entity>(self.id, self.expected, action).await?;
                let state = before.state.step(by)?;
                let next = change(work, &contract, &order, table::Model { state, ..before.clone() }).await?;
                let row = work.move_delivery(&order, &before, next, action).await?;
                follow(work, &order, &before, &row, by).await?;
                Ok(row)
            })
            .await
    }
}

/// The move is made by its side.
fn check_side(work: &Work, row: &table::Model, by: DeliveryMove) -> Result<()> {
    let actor = work.actor();
    let fits = match by.side() {
        DeliverySide::Provider => actor.acts_for(row.provider_id, gives_ordered),
        DeliverySide::Orderer => actor.acts_for(row.organization_id, works_with_clients),
        DeliverySide::Payer => actor.acts_for(row.organization_id, |role| works_with_clients(role) || looks_after_invoices(role)),
        DeliverySide::Invoice => false,
    };
    if fits { Ok(()) } else { Err(Error::reject(Code::OtherSide, &["id"])) }
}

/// Approves an event as those who order; with the last of what was ordered, the order is completed.
///
/// # Errors
/// The other side's move, one that its state does not allow, a stale version, or a caller without the right.
pub async fn approve(caller: &Caller, which: Which) -> Result<table::Model> {
    let change = async |work: &mut Work, _: &framework_contract::Model, _: &purchase_order::Model, row: table::Model| {
        let by_time = *work.actor() == Actor::System;
        if let Some(until) = row.disputable_until.filter(|until| by_time && *until >= day(work.now())) {
            return Err(Rejection::with(Code::TooEarly, &["id"], until.to_string()).into());
        }
        let approved_by = (!by_time).then(|| author(work));
        Ok(table::Model { approved_at: Some(work.now()), approved_by, ..row })
    };
    which.go(caller, DeliveryMove::Approve, change).await
}

/// Does not accept an event as it is; the provider is told.
///
/// # Errors
/// As [`approve`], and no reason.
pub async fn dispute(caller: &Caller, which: Which, reason: String) -> Result<table::Model> {
    check_words(Some(&reason), "reason", true)?;
    let change = async |work: &mut Work, _: &framework_contract::Model, _: &purchase_order::Model, row: table::Model| {
        let dispute = Dispute { reason, at: work.now(), by: author(work) };
        Ok(table::Model { dispute: Some(work.vault().seal(Place::new(DISPUTE, row.id), &dispute)?), ..row })
    };
    which.go(caller, DeliveryMove::Dispute, change).await
}

/// Puts a disputed event right as the provider; what it told before is kept. It is looked at again: what was disputed once, no time approves. Once the month is
/// closed, it stays in its month.
///
/// # Errors
/// As [`record`] and [`approve`], and no reason.
pub async fn correct(caller: &Caller, which: Which, told: DeliveryContent, reason: String) -> Result<table::Model> {
    under("content", &told.check(day(caller.now())))?;
    check_words(Some(&reason), "reason", true)?;
    let change = async |work: &mut Work, contract: &framework_contract::Model, order: &purchase_order::Model, row: table::Model| {
        let (vault, on) = (work.vault(), told.effective_date.0);
        if row.attendance_id.is_some() && on != row.effective_date {
            return Err(Error::reject(Code::DoesNotAgree, &["content", "effectiveDate"]));
        }
        if month_of(on) != month_of(row.effective_date) {
            for on in [on, row.effective_date] {
                check_open(on, day(work.now()), &["content", "effectiveDate"])?;
            }
        }
        let next = Delivery { contract, order, before: Some(&row) }.check(&told, Money { amount_cents: row.unit_price_cents })?;
        let said = content(vault, &row)?.reveal().clone();
        let mut before = corrections(vault, &row)?.map_or_else(Vec::new, |before| before.reveal().clone());
        before.push(Correction { said, reason, at: work.now(), by: author(work) });
        Ok(table::Model {
            effective_date: on,
            quantity_hundredths: told.quantity.hundredths,
            cost_cents: next.cents,
            content: vault.seal(Place::new(CONTENT, row.id), &told)?,
            corrections: Some(vault.seal(Place::new(CORRECTIONS, row.id), &before)?),
            disputable_until: None,
            ..row
        })
    };
    which.go(caller, DeliveryMove::Correct, change).await
}

/// Takes an event back as the provider: it is kept, and counts for nothing. One that nobody disputes only while its month is open.
///
/// # Errors
/// As [`approve`], no reason, and [`Code::MonthLocked`].
pub async fn void(caller: &Caller, which: Which, reason: String) -> Result<table::Model> {
    check_words(Some(&reason), "reason", true)?;
    let change = async |work: &mut Work, _: &framework_contract::Model, _: &purchase_order::Model, row: table::Model| {
        if row.dispute.is_none() {
            check_open(row.effective_date, day(work.now()), &["id"])?;
        }
        let voiding = Voiding { reason, at: work.now(), by: author(work) };
        Ok(table::Model { voided: Some(work.vault().seal(Place::new(VOIDED, row.id), &voiding)?), ..row })
    };
    which.go(caller, DeliveryMove::Void, change).await
}

/// What follows a move: notice to the other side, and the end of an order of which everything was given and accepted.
async fn follow(work: &mut Work, order: &purchase_order::Model, before: &table::Model, row: &table::Model, by: DeliveryMove) -> Result<()> {
    match by {
        DeliveryMove::Approve => drop(complete(work, order).await?),
        DeliveryMove::Dispute => {
            work.notify_of_order(row.network_id, Addressee::Organization(row.provider_id), NoticeKind::DeliveryDisputed, row.order_id);
        }
        DeliveryMove::Correct | DeliveryMove::Void => {
            // Whoever has disputed it is to look at it again, and so is the own worker.
            if let Some(dispute) = dispute_of(work.vault(), before)? {
                tell_workers(work, order, Some(dispute.reveal().by.clone()), NoticeKind::DeliveryAnswered).await?;
            }
            if by == DeliveryMove::Correct {
                // It may have been given on an earlier day than was told.
                begun(work, work.order_behind(row.order_id).await?, row.effective_date).await?;
            }
            if order.state.is_over() {
                // What is void is not waited for.
                orders::settle(work, order.contract_id, [order.id].into()).await?;
            }
        }
        DeliveryMove::Invoice | DeliveryMove::Release => {}
    }
    Ok(())
}

/// Completes an order of which all that was ordered has been given and accepted; as it is then.
pub(super) async fn complete(work: &mut Work, order: &purchase_order::Model) -> Result<Option<purchase_order::Model>> {
    let accepted: i64 = work.deliveries_of(order.id).await?.iter().filter(|event| event.state.is_accepted()).map(|event| event.delivered().hundredths).sum();
    if order.state == OrderState::InDelivery && accepted >= order.ordered().hundredths { orders::complete(work, order).await.map(Some) } else { Ok(None) }
}

/// Approves what nobody has disputed in time, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn by_time(system: &Caller) -> Result<Tally> {
    let due = Condition::all().add(table::Column::State.eq(DeliveryState::Recorded)).add(table::Column::DisputableUntil.lt(day(system.now())));
    let mut tally = Tally::default();
    for (id, expected) in system.reader().find::<table::Entity>().filter(due).versions().await? {
        tally.note("delivery events", id, approve(system, Which { id: id.into(), expected }).await.map(|_| 1));
    }
    Ok(tally)
}
