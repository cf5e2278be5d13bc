//! Delivery events: told by the provider by hand or from who came, looked at by those who order or issue vouchers, approved by them or by the time.
use super::{check_words, purchase_order as orders, tell_workers, terms::Terms, voucher as vouchers};
use crate::{
    act::{casework::author, device_id, device_key, timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, DeliveryGround, Work},
    vault::{Place, Vault},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Actor,
    catalogue::session::{SessionState, day},
    code::Coded,
    funding::{
        delivery::{
            DeliveryContent, DeliveryCorrections, DeliveryKind, DeliveryMove, DeliverySide, DeliveryState, Dispute, disputable_until, month_of, open_until,
        },
        price::Quantity,
        purchase_order::{Drawn, OrderMove, OrderState},
    },
    id::{AttendanceId, ClientId, DeliveryEventId, OrganizationId, PurchaseOrderId, ServiceId, VoucherId},
    machine::Machine,
    outreach::record::{Correction, Voiding},
    policy::{Action, gives_ordered, looks_after_invoices, works_with_clients},
    private::Private,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
};
use entity::{
    SealedText,
    casework::service_decision,
    catalogue::{service_offering, session},
    delivery::attendance,
    funding::{delivery_event as table, framework_contract, purchase_order, voucher},
};
use sea_orm::{ColumnTrait, Condition};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;
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

/// Whoever told what it says, put it right or approved it, by the stable key.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub(super) fn told_by(vault: &Vault, row: &table::Model) -> Result<Vec<String>> {
    let corrected = corrections(vault, row)?.map_or_else(Vec::new, |before| before.reveal().iter().map(|correction| correction.by.clone()).collect());
    Ok(corrected.into_iter().chain([row.recorded_by.clone()]).chain(row.approved_by.clone()).collect())
}

/// Opens why it is void.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn voided(vault: &Vault, row: &table::Model) -> Result<Option<Private<Voiding>>> {
    open(vault, VOIDED, row.id, row.voided.as_ref())
}

/// What is said in words is shown to the caller: to whoever gave it, and to those who see the order or voucher. Whoever only looks after the invoices is told the
/// money.
///
/// # Errors
/// A fault of the database.
pub async fn words_are_shown(caller: &Caller, row: &table::Model) -> Result<bool> {
    if caller.actor().is_in(row.provider_id, gives_ordered) {
        return Ok(true);
    }
    Ok(match row.voucher() {
        Some(voucher) => caller.peek::<voucher::Entity>(voucher).await?.is_some(),
        None => caller.peek::<purchase_order::Entity>(row.ground_id).await?.is_some(),
    })
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

/// By what something was delivered.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum By {
    /// An order.
    Order(PurchaseOrderId),
    /// A voucher.
    Voucher(VoucherId),
}

/// What was delivered.
#[derive(Clone, Debug, Serialize)]
pub struct RecordDelivery {
    /// By what.
    #[serde(flatten)]
    pub by: By,
    /// The UUID that the device has made.
    pub uuid: Option<Uuid>,
    /// The attendance that it is told from.
    pub attendance: Option<AttendanceId>,
    /// What is told.
    pub content: DeliveryContent,
}

/// Records as the provider what was delivered of an order or by a voucher. With the first of it the service has begun.
///
/// # Errors
/// Faults of the content, an order or voucher that is not being given, a day outside it or that its contract does not carry, [`Code::MonthLocked`],
/// [`Code::QuantityReached`] and [`Code::CeilingReached`], an attendance that is not of this client and service, or counted already; or a caller without the
/// right.
pub async fn record(caller: &Caller, given: Option<&str>, input: RecordDelivery) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check(day(caller.now())))?;
    let id = device_id(input.uuid);
    caller
        .write_once::<table::Entity>(device_key(given, input.uuid).as_deref(), "recordDeliveryEvent", &input, id, async |work: &mut Work| {
            let mut ground = held(work, &input).await?;
            let told = &input.content;
            let on = told.effective_date.0;
            check_open(on, day(work.now()), &["content", "effectiveDate"])?;
            let terms = Terms::of(&ground)?;
            let next = terms.check(told, None)?;
            check_left(work, &ground, next).await?;
            if let Some(attendance) = input.attendance {
                check_attendance(work, &terms, attendance, on).await?;
            }
            if let DeliveryGround::Order(contract, order) = ground {
                ground = DeliveryGround::Order(contract, begun(work, *order, on).await?.into());
            }
            let others = work.deliveries_of(terms.ground).await?;
            let row = table::Model { attendance_id: input.attendance, ..recorded(work, &terms, (id, DeliveryKind::Service), told, next, &others)? };
            let row = work.record_delivery(&ground, row).await?;
            match &ground {
                // What is told after the end is not paid yet.
                DeliveryGround::Order(_, order) if order.state.is_over() => orders::settle(work, order.contract_id, [order.id].into()).await?,
                DeliveryGround::Order(..) => {}
                DeliveryGround::Voucher(before) => vouchers::follow_use(work, before).await?,
            }
            Ok(row)
        })
        .await
}

/// An event of so much, beside the others by the same order or voucher, that nobody has looked at yet.
fn recorded(
    work: &Work,
    terms: &Terms,
    (id, kind): (DeliveryEventId, DeliveryKind),
    told: &DeliveryContent,
    next: Drawn,
    others: &[table::Model],
) -> Result<table::Model> {
    let (on, now) = (told.effective_date.0, work.now());
    let in_all = others.iter().filter(|event| event.effective_date == on).map(|event| event.delivered().hundredths).sum::<i64>();
    Ok(table::Model {
        id,
        network_id: terms.network,
        organization_id: terms.organization,
        client_id: terms.client,
        case_id: terms.case,
        provider_id: terms.provider,
        ground_id: terms.ground,
        contract_id: terms.line.map(|(contract, _)| contract),
        line_id: terms.line.map(|(_, line)| line),
        voucher_number: terms.voucher_number.clone(),
        unit: terms.unit,
        kind,
        state: DeliveryState::Recorded,
        effective_date: on,
        quantity_hundredths: told.quantity.hundredths,
        unit_price_cents: terms.unit_price.amount_cents,
        vat_rate_bp: terms.vat_rate_bp,
        cost_cents: next.cents,
        own_share_cents: terms.own_share(told.quantity, others),
        attendance_id: None,
        content: work.vault().seal(Place::new(CONTENT, id), told)?,
        dispute: None,
        corrections: None,
        voided: None,
        recorded_by: author(work),
        disputable_until: disputable_until(day(now), on, terms.unit, in_all.saturating_add(next.hundredths)),
        approved_at: None,
        approved_by: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

/// Writes down the fee of an order that is cancelled or ended late, held with its contract, at its price: an event that those who order look at as at any other. The
/// order as it is then.
pub(super) async fn charge(work: &mut Work, contract: framework_contract::Model, order: purchase_order::Model, fee: Quantity) -> Result<purchase_order::Model> {
    let which = order.id;
    let ground = DeliveryGround::Order(contract.into(), order.into());
    let terms = Terms::of(&ground)?;
    let told = DeliveryContent { effective_date: Date(day(work.now())), quantity: fee, note: None, performer: None };
    let next = terms.fee(fee)?;
    let row = recorded(work, &terms, (DeliveryEventId::new(), DeliveryKind::CancellationFee), &told, next, &[])?;
    work.record_fee(&ground, &row).await?;
    work.order_behind(which).await
}

/// What a provider tells of, held: it is given by the caller's organisation, or was.
async fn held(work: &Work, input: &RecordDelivery) -> Result<DeliveryGround> {
    let ground = match input.by {
        By::Order(id) => {
            let seen = work.fetch::<purchase_order::Entity>(id, Action::Transition).await?;
            check_gives(work, Some(seen.provider_id), "order")?;
            work.unused::<table::Entity>(input.uuid).await?;
            hold_attendance(work, input).await?;
            // What is told after the end draws of the decision again.
            work.hold::<service_decision::Entity>(seen.decision_id).await?;
            let (contract, order) = work.hold_order(seen.contract_id, seen.id).await?;
            DeliveryGround::Order(contract.into(), order.into())
        }
        By::Voucher(id) => {
            let seen = work.fetch::<voucher::Entity>(id, Action::Read).await?;
            check_gives(work, seen.provider_id, "voucher")?;
            work.unused::<table::Entity>(input.uuid).await?;
            // Whoever chooses, leaves or ends one holds the client.
            work.hold_client_of(seen.case_id).await?;
            hold_attendance(work, input).await?;
            work.hold::<service_decision::Entity>(seen.decision_id).await?;
            let ground = work.hold_voucher(id).await?;
            if let DeliveryGround::Voucher(now) = &ground {
                check_gives(work, now.provider_id, "voucher")?;
            }
            ground
        }
    };
    let (state, given, path) = match &ground {
        DeliveryGround::Order(_, order) => (order.state.code(), order.is_given(), "order"),
        DeliveryGround::Voucher(voucher) => (voucher.state.code(), voucher.state.is_given(), "voucher"),
    };
    if given { Ok(ground) } else { Err(Rejection::with(Code::IllegalTransition, &[path], state).into()) }
}

async fn hold_attendance(work: &Work, input: &RecordDelivery) -> Result<()> {
    match input.attendance {
        Some(attendance) => work.hold::<attendance::Entity>(attendance).await,
        None => Ok(()),
    }
}

fn check_gives(work: &Work, provider: Option<OrganizationId>, field: &str) -> Result<()> {
    let gives = provider.is_some_and(|provider| work.actor().acts_for(provider, gives_ordered));
    if gives { Ok(()) } else { Err(Error::reject(Code::OtherSide, &[field])) }
}

/// What is told after the end draws of what was granted and contracted again, which may be gone.
async fn check_left(work: &Work, ground: &DeliveryGround, next: Drawn) -> Result<()> {
    let faults = match ground {
        DeliveryGround::Order(contract, order) if !order.state.is_open() => {
            let (line, decision) = (work.line_behind(order.line_id).await?, work.decision_behind(order.decision_id).await?);
            orders::room_faults(work, contract, &line, &decision, next).await?
        }
        DeliveryGround::Voucher(voucher) if !voucher.state.is_open() => {
            let mut out = Rejections::default();
            work.room_of(&work.decision_behind(voucher.decision_id).await?).await?.check(next, &["decision"], &mut out);
            out
        }
        DeliveryGround::Order(..) | DeliveryGround::Voucher(_) => return Ok(()),
    };
    // What the decision has left is between the client and those who decide.
    if faults.iter().any(|fault| fault.path == ["decision"]) {
        return Err(Rejection::with(Code::QuantityReached, &["content", "quantity"], "0").into());
    }
    Ok(faults.into_result()?)
}

/// The month of a day can still be written on.
fn check_open(on: NaiveDate, today: NaiveDate, path: &[&str]) -> Result<()> {
    match open_until(on) {
        None => Err(Rejection::with(Code::RuleMissing, path, on.to_string()).into()),
        Some(until) if until < today => Err(Rejection::with(Code::MonthLocked, path, until.to_string()).into()),
        Some(_) => Ok(()),
    }
}

/// The client was there, in a session of the service that the provider held on that day; and that was not told before.
async fn check_attendance(work: &Work, terms: &Terms, id: AttendanceId, on: NaiveDate) -> Result<()> {
    let path = &["attendance"];
    let row = work.refer::<attendance::Entity>(id, path).await?;
    let held = work.refer::<session::Entity>(row.session_id, path).await?;
    let offering = work.refer::<service_offering::Entity>(held.offering_id, path).await?;
    let same = row.client_id == Some(terms.client) && row.provider_id == terms.provider && offering.service_id == terms.service;
    if !same || !row.status.was_there() || held.state != SessionState::Held || day(held.starts_at) != on {
        return Err(Error::reject(Code::DoesNotAgree, path));
    }
    if work.is_delivered(id).await? { Err(Error::reject(Code::RecordedAlready, path)) } else { Ok(()) }
}

/// An order that is given: it begins with the first that is told of it, on the earliest day that is. What was given before it was interrupted, ended or taken back
/// is told afterwards too.
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

/// Somebody came to a service that was ordered: with that it has begun, of several orders the one whose first day is the earliest.
///
/// # Errors
/// A fault of the database.
pub(in crate::act) async fn begin_with(work: &mut Work, clients: &BTreeSet<ClientId>, by: (OrganizationId, ServiceId), on: NaiveDate) -> Result<()> {
    let seen = work.orders_given_on(clients, by, on).await?;
    let waiting: BTreeSet<_> = seen.iter().filter(|order| order.state == OrderState::Confirmed).map(|order| order.contract_id).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    work.hold_contracts(waiting).await?;
    let mut known = BTreeSet::new();
    // Read again as they are then.
    for before in work.orders_given_on(clients, by, on).await? {
        if known.insert(before.client_id) && before.state == OrderState::Confirmed {
            let next = purchase_order::Model { state: before.state.step(OrderMove::Begin)?, begun_on: Some(on), ..before.clone() };
            work.keep_order(&before, next.clone()).await?;
            orders::follow(work, next, OrderMove::Begin).await?;
        }
    }
    Ok(())
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
        change: impl AsyncFnOnce(&mut Work, &DeliveryGround, table::Model) -> Result<table::Model>,
    ) -> Result<table::Model> {
        caller.signed_in()?;
        let action = if by == DeliveryMove::Correct { Action::Update } else { Action::Transition };
        caller
            .write(async |work: &mut Work| {
                let seen = work.fetch::<table::Entity>(self.id, action).await?;
                check_side(work, &seen, by)?;
                if by == DeliveryMove::Approve || seen.voucher().is_some() {
                    // The order may end with it, and the relations by it; whoever moves a voucher holds the client.
                    work.hold_client_of(seen.case_id).await?;
                }
                if let Some(voucher) = seen.voucher() {
                    // It may be usable again with it, which the decision must still grant.
                    work.hold::<service_decision::Entity>(work.voucher_behind(voucher).await?.decision_id).await?;
                }
                let ground = work.hold_ground(&seen).await?;
                let before = work.fetch_at::<table::Entity>(self.id, self.expected, action).await?;
                let state = before.state.step(by)?;
                let next = table::Model { state, ..change(work, &ground, before.clone()).await? };
                let row = work.move_delivery(&ground, &before, next, action).await?;
                follow(work, &ground, &before, &row, by).await?;
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
/// The other side's move, [`Code::FourEyes`] for whoever has told it, one that its state does not allow, a stale version, or a caller without the right.
pub async fn approve(caller: &Caller, which: Which) -> Result<table::Model> {
    let change = async |work: &mut Work, _: &DeliveryGround, row: table::Model| {
        let by_time = *work.actor() == Actor::System;
        if let Some(until) = row.disputable_until.filter(|until| by_time && *until >= day(work.now())) {
            return Err(Rejection::with(Code::TooEarly, &["id"], until.to_string()).into());
        }
        if told_by(work.vault(), &row)?.contains(&author(work)) {
            return Err(Error::reject(Code::FourEyes, &["id"]));
        }
        let approved_by = (!by_time).then(|| author(work));
        Ok(table::Model { approved_at: Some(work.now()), approved_by, ..row })
    };
    which.go(caller, DeliveryMove::Approve, change).await
}

/// Does not accept an event as it is, until it is on an invoice or in a settlement; the provider is told.
///
/// # Errors
/// As [`approve`], and no reason.
pub async fn dispute(caller: &Caller, which: Which, reason: String) -> Result<table::Model> {
    check_words(Some(&reason), "reason", true)?;
    let change = async |work: &mut Work, _: &DeliveryGround, row: table::Model| {
        let dispute = Dispute { reason, at: work.now(), by: author(work) };
        let dispute = Some(work.vault().seal(Place::new(DISPUTE, row.id), &dispute)?);
        Ok(table::Model { dispute, disputable_until: None, approved_at: None, approved_by: None, ..row })
    };
    which.go(caller, DeliveryMove::Dispute, change).await
}

/// Puts a disputed event right as the provider; what it told before is kept. It is looked at again: what was disputed once, no time approves. Once the month is
/// closed, it stays in its month and is no more than it was.
///
/// # Errors
/// As [`record`] and [`approve`], and no reason.
pub async fn correct(caller: &Caller, which: Which, told: DeliveryContent, reason: String) -> Result<table::Model> {
    under("content", &told.check(day(caller.now())))?;
    check_words(Some(&reason), "reason", true)?;
    let change = async |work: &mut Work, ground: &DeliveryGround, row: table::Model| {
        if row.kind == DeliveryKind::CancellationFee {
            return Err(Rejection::with(Code::IllegalTransition, &["id"], row.kind.code()).into());
        }
        let (vault, on) = (work.vault(), told.effective_date.0);
        if row.attendance_id.is_some() && on != row.effective_date {
            return Err(Error::reject(Code::DoesNotAgree, &["content", "effectiveDate"]));
        }
        if month_of(on) != month_of(row.effective_date) {
            for on in [on, row.effective_date] {
                check_open(on, day(work.now()), &["content", "effectiveDate"])?;
            }
        } else if told.quantity > row.quantity() {
            check_open(on, day(work.now()), &["content", "quantity"])?;
        }
        let terms = Terms::of(ground)?;
        let next = terms.check(&told, Some(&row))?;
        let mut others = work.deliveries_of(terms.ground).await?;
        others.retain(|event| event.id != row.id);
        let said = content(vault, &row)?.reveal().clone();
        let mut before = corrections(vault, &row)?.map_or_else(Vec::new, |before| before.reveal().clone());
        before.push(Correction { said, reason, at: work.now(), by: author(work) });
        Ok(table::Model {
            effective_date: on,
            quantity_hundredths: told.quantity.hundredths,
            cost_cents: next.cents,
            own_share_cents: terms.own_share(told.quantity, &others),
            content: vault.seal(Place::new(CONTENT, row.id), &told)?,
            corrections: Some(vault.seal(Place::new(CORRECTIONS, row.id), &before)?),
            disputable_until: None,
            ..row
        })
    };
    which.go(caller, DeliveryMove::Correct, change).await
}

/// Takes an event back as the provider: it is kept, and counts for nothing. One that is not disputed only while its month is open.
///
/// # Errors
/// As [`approve`], no reason, and [`Code::MonthLocked`].
pub async fn void(caller: &Caller, which: Which, reason: String) -> Result<table::Model> {
    check_words(Some(&reason), "reason", true)?;
    let change = async |work: &mut Work, _: &DeliveryGround, row: table::Model| {
        if row.state != DeliveryState::Disputed {
            check_open(row.effective_date, day(work.now()), &["id"])?;
        }
        let voiding = Voiding { reason, at: work.now(), by: author(work) };
        Ok(table::Model { voided: Some(work.vault().seal(Place::new(VOIDED, row.id), &voiding)?), ..row })
    };
    which.go(caller, DeliveryMove::Void, change).await
}

/// What follows a move: notice to the other side, and the end of an order of which everything was given and accepted.
async fn follow(work: &mut Work, ground: &DeliveryGround, before: &table::Model, row: &table::Model, by: DeliveryMove) -> Result<()> {
    let provider = Addressee::Organization(row.provider_id);
    // Whoever has disputed it is to look at it again, and so is the own worker.
    let asks = if matches!(by, DeliveryMove::Correct | DeliveryMove::Void) { dispute_of(work.vault(), before)? } else { None };
    let asks = asks.map(|dispute| dispute.reveal().by.clone());
    match ground {
        DeliveryGround::Order(_, order) => {
            match by {
                DeliveryMove::Approve => drop(complete(work, order).await?),
                DeliveryMove::Dispute => work.notify_of_order(row.network_id, provider, NoticeKind::DeliveryDisputed, order.id),
                // It may have been given on an earlier day than was told.
                DeliveryMove::Correct => drop(begun(work, work.order_behind(order.id).await?, row.effective_date).await?),
                DeliveryMove::Void | DeliveryMove::Invoice | DeliveryMove::Release => {}
            }
            if asks.is_some() {
                tell_workers(work, order, asks, NoticeKind::DeliveryAnswered).await?;
            }
            if order.state.is_over() && matches!(by, DeliveryMove::Correct | DeliveryMove::Void) {
                // What is void is not waited for.
                orders::settle(work, order.contract_id, [order.id].into()).await?;
            }
        }
        DeliveryGround::Voucher(voucher) => {
            if by == DeliveryMove::Dispute {
                work.notify_of_voucher(row.network_id, provider, NoticeKind::DeliveryDisputed, voucher.id, None);
            }
            if asks.is_some() {
                vouchers::tell_workers(work, voucher, asks, NoticeKind::DeliveryAnswered).await?;
            }
            vouchers::follow_use(work, voucher).await?;
        }
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
