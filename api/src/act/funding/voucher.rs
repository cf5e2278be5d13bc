//! Vouchers: issued by a decision, refused or used with a provider of the client's choice, taken back, expired.
use super::{check_registered, introduced, service_arranged, tidied};
use crate::{
    act::{
        casework::{author, fetch_to_decide, open_case, whose_word, workers_of},
        timed::{Tally, told},
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Disclosure, VOUCHER_INTRODUCTION, Work},
    vault::{self, Place, Vault},
};
use chrono::NaiveDate;
use domain::{
    access::{LogBasis, NoticeKind},
    casework::{case::CaseStage, referral::Introduction},
    catalogue::{service::ProvisionMode, session::day},
    code::Coded,
    funding::{
        delivery::open_since,
        price::{DatedPrice, Quantity},
        provider_approval::Listing,
        purchase_order::{check_disclosed, check_disclosed_of_protected},
        voucher::{self as rules, Shares, VoucherMove, VoucherState, worth},
    },
    id::{ApprovedProviderId, ProviderApprovalId, RulebookId, ServiceDecisionId, VoucherId},
    machine::Machine,
    money::Money,
    person::consent::DataItem,
    policy::{Action, gives_ordered, works_with_clients},
    private::Private,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
};
use entity::{
    access::notice,
    casework::service_decision,
    funding::{provider_approval, rulebook, voucher as table},
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use std::collections::BTreeSet;

const REASON: &str = "voucher.reason";
const ALTERNATIVE: &str = "voucher.alternative";

/// Opens what the provider is told of the client.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn introduction(vault: &Vault, row: &table::Model) -> Result<Option<Private<Introduction>>> {
    row.introduction.as_ref().map(|sealed| vault.open(Place::new(VOUCHER_INTRODUCTION, row.id), sealed)).transpose()
}

/// Opens why it was refused or taken back.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.reason.as_ref().map(|sealed| vault.open(Place::new(REASON, row.id), sealed)).transpose()
}

/// Opens how the service is arranged instead.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn alternative(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.alternative.as_ref().map(|sealed| vault.open(Place::new(ALTERNATIVE, row.id), sealed)).transpose()
}

/// What is said of it in words, and who said it, is shown to the caller: to the client and to those who have issued it, and not to the provider.
///
/// # Errors
/// A fault of the database.
pub async fn words_are_shown(caller: &Caller, row: &table::Model) -> Result<bool> {
    let actor = caller.actor();
    let provides = row.provider_id.is_some_and(|provider| actor.is_in(provider, gives_ordered));
    Ok(!provides || actor.is_in(row.organization_id, works_with_clients) || caller.is_oneself(row.client_id).await?)
}

/// What is said when a voucher is issued.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct IssueVoucher {
    /// The decision by which it is issued.
    pub decision: ServiceDecisionId,
    /// The version of the rulebook by which it is worth what it is.
    pub rulebook: RulebookId,
    /// How much of the service it is for.
    pub quantity: Quantity,
    /// The first day on which it can be used.
    pub valid_from: Date,
    /// The last day.
    pub valid_to: Date,
}

/// Issues a voucher to a client by a decision that grants the service; the client is told.
///
/// # Errors
/// Faults of quantity and days, a rulebook of another organisation or that does not know the service in the unit that is granted,
/// [`Code::RulebookNotInForce`], [`Code::DecisionNotInForce`], [`Code::QuantityReached`] and [`Code::CeilingReached`] for each that would be passed,
/// [`Code::CaseClosed`], or a caller without the right.
pub async fn issue(caller: &Caller, key: Option<&str>, input: IssueVoucher) -> Result<table::Model> {
    caller.signed_in()?;
    let mut faults = Rejections::default();
    input.quantity.check("quantity", &mut faults);
    if input.valid_to < input.valid_from {
        faults.add(Code::DateOrder, &["validTo"]);
    }
    if input.valid_from.0 < day(caller.now()) {
        faults.add_with(Code::TooEarly, &["validFrom"], day(caller.now()).to_string());
    }
    faults.into_result()?;
    let id = VoucherId::new();
    caller
        .write_once::<table::Entity>(key, "issueVoucher", &input, id, async |work: &mut Work| {
            let seen = work.refer::<service_decision::Entity>(input.decision, &["decision"]).await?;
            work.hold_client_of(seen.case_id).await?;
            if whose_word(work, seen.client_id).await?.1 {
                return Err(Error::reject(Code::WorkerOnly, &["decision"]));
            }
            open_case(work, seen.case_id).await?;
            work.hold::<service_decision::Entity>(seen.id).await?;
            let decision = work.refer::<service_decision::Entity>(seen.id, &["decision"]).await?;
            work.hold_rulebook(input.rulebook).await?;
            let rulebook = work.refer::<rulebook::Entity>(input.rulebook, &["rulebook"]).await?;
            let days = [("validFrom", input.valid_from.0), ("validTo", input.valid_to.0)];
            check_ground(work, &decision, &rulebook, days)?;
            service_arranged(work, decision.service_id, decision.network_id, &[ProvisionMode::Voucher], &["decision"]).await?;
            let rule = rulebook.content.service(decision.service_id).ok_or(Error::Internal)?;
            let value = rule.value_on(input.valid_from.0).ok_or(Error::Internal)?;
            let mut out = Rejections::default();
            if !(Shares { covered: value.amount_cents.into(), own: 0 }).is_payable(input.quantity) {
                out.add(Code::OutOfRange, &["quantity", "hundredths"]);
            }
            work.room_of(&decision).await?.check(worth(input.quantity, value), &["decision"], &mut out);
            out.into_result()?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: decision.network_id,
                organization_id: decision.organization_id,
                client_id: decision.client_id,
                case_id: decision.case_id,
                number: number()?,
                state: VoucherState::Issued,
                decision_id: decision.id,
                rulebook_id: rulebook.id,
                series_id: rulebook.series_id,
                service_id: decision.service_id,
                unit: rule.unit,
                quantity_hundredths: input.quantity.hundredths,
                value_cents: value.amount_cents,
                free_of_charge: rule.free_of_charge,
                valid_from: input.valid_from.0,
                valid_to: input.valid_to.0,
                used_hundredths: 0,
                used_cents: 0,
                issued_by: author(work),
                approval_id: None,
                provider_id: None,
                chosen_at: None,
                chosen_by: None,
                unit_price_cents: None,
                vat_rate_bp: None,
                introduction: None,
                reason: None,
                alternative: None,
                arranged_at: None,
                arranged_by: None,
                ended_on: None,
                ended_by: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<table::Entity>(row).await?;
            tell_client(work, &row, NoticeKind::VoucherIssued).await?;
            Ok(row)
        })
        .await
}

/// A number by which client and provider speak of a voucher: twelve digits that tell nothing of it.
fn number() -> Result<String> {
    let digits = format!("{:012}", u64::from_le_bytes(vault::random()?) % 1_000_000_000_000);
    rules::number(&digits).ok_or(Error::Internal)
}

/// The rulebook is the deciding organisation's own, in use and holds on these days; it knows the service that is granted, in the same unit; and the decision
/// grants it on them.
fn check_ground(work: &Work, decision: &service_decision::Model, rulebook: &rulebook::Model, days: [(&str, NaiveDate); 2]) -> Result<()> {
    let granted = crate::act::casework::service_decision::content(work.vault(), decision)?.reveal().granted.clone();
    let rule = rulebook.content.service(decision.service_id).filter(|rule| granted.is_none_or(|granted| granted.unit == rule.unit));
    if rule.is_none() || rulebook.organization_id != decision.organization_id {
        return Err(Error::reject(Code::DoesNotAgree, &["rulebook"]));
    }
    let mut out = Rejections::default();
    for (field, on) in days {
        if !decision.grants_on(on) {
            out.add_with(Code::DecisionNotInForce, &[field], decision.state.code());
        }
        if !rulebook.is_in_force(on) {
            out.add_with(Code::RulebookNotInForce, &[field], rulebook.state.code());
        }
    }
    Ok(out.into_result()?)
}

/// The client's word on a voucher, which may be written down by a worker.
struct Word {
    before: table::Model,
    action: Action,
    as_client: bool,
}

impl Word {
    /// Keeps what became of it. The workers are told, and the client where it was written down for the client.
    async fn keep(&self, work: &mut Work, next: table::Model, kind: NoticeKind) -> Result<table::Model> {
        let row = work.update::<table::Entity>(&self.before, next, self.action).await?;
        tell_workers(work, &row, Some(row.issued_by.clone()), kind).await?;
        if !self.as_client {
            tell_client(work, &row, NoticeKind::VoucherMoved).await?;
        }
        Ok(row)
    }
}

/// One voucher, and the version that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// The voucher.
    pub id: VoucherId,
    /// The version.
    pub expected: i32,
}

impl Which {
    /// The voucher, held with its client, for the client's own word on it or a worker who writes that down.
    async fn for_client(self, work: &Work) -> Result<Word> {
        let seen = work.fetch::<table::Entity>(self.id, Action::Read).await?;
        work.hold_client_of(seen.case_id).await?;
        let (action, as_client) = whose_word(work, seen.client_id).await?;
        Ok(Word { before: work.fetch_at::<table::Entity>(self.id, self.expected, action).await?, action, as_client })
    }

    /// The voucher, held with its client, for those who have issued it.
    async fn for_issuer(self, work: &Work) -> Result<table::Model> {
        let seen = work.fetch::<table::Entity>(self.id, Action::Read).await?;
        work.hold_client_of(seen.case_id).await?;
        fetch_to_decide::<table::Entity>(work, self.id, self.expected).await
    }
}

/// Refuses a voucher as the client: what it took of the decision is free again, and the workers are to arrange the service in another way (569/2009, 6 §).
///
/// # Errors
/// One with which a provider was chosen or that is over, a stale version, or a caller without the right.
pub async fn refuse(caller: &Caller, which: Which, reason: Option<&str>) -> Result<table::Model> {
    caller.signed_in()?;
    let reason = tidied(reason, "reason", false)?;
    caller
        .write(async |work: &mut Work| {
            let word = which.for_client(work).await?;
            let next = ended(work, &word.before, VoucherMove::Refuse, reason.as_deref())?;
            word.keep(work, next, NoticeKind::VoucherRefused).await
        })
        .await
}

/// Writes down how the service is arranged instead of a voucher that was refused.
///
/// # Errors
/// One that was not refused, or for which that is written down already, a stale version, or a caller without the right.
pub async fn arrange(caller: &Caller, which: Which, words: &str) -> Result<table::Model> {
    caller.signed_in()?;
    let words = tidied(Some(words), "alternative", true)?.ok_or(Error::Internal)?;
    caller
        .write(async |work: &mut Work| {
            let before = which.for_issuer(work).await?;
            if before.state != VoucherState::Refused {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], before.state.code()).into());
            }
            if before.alternative.is_some() {
                return Err(Error::reject(Code::RecordedAlready, &["id"]));
            }
            let alternative = Some(work.vault().seal(Place::new(ALTERNATIVE, before.id), &words)?);
            let next = table::Model { alternative, arranged_at: Some(work.now()), arranged_by: Some(author(work)), ..before.clone() };
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            tell_client(work, &row, NoticeKind::VoucherMoved).await?;
            Ok(row)
        })
        .await
}

/// What is said when a provider is chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The approved provider.
    pub provider: ApprovedProviderId,
    /// The own share of a unit that the client has seen.
    pub own_share: Money,
    /// What the provider is told of the client beside the first name or alias.
    pub disclose: BTreeSet<DataItem>,
}

/// Chooses an approved provider as the client, at the price of its list: the provider is told of the client the first name or alias and what `disclose` names,
/// and the disclosure is logged.
///
/// # Errors
/// Items that a provider does not need, [`Code::DoesNotAgree`] with the own share of now where it is not the one that was seen, a provider that is not
/// approved by this rulebook for this service, or not in the registers, [`Code::TooLate`], [`Code::DecisionNotInForce`], [`Code::ProtectedPerson`], a move that
/// its state does not allow, a stale version, or a caller without the right.
pub async fn choose(caller: &Caller, which: Which, choice: Choice) -> Result<table::Model> {
    caller.signed_in()?;
    let Choice { provider, own_share, disclose } = choice;
    let mut faults = Rejections::default();
    check_disclosed(&disclose, &["disclose"], &mut faults);
    faults.into_result()?;
    caller
        .write(async |work: &mut Work| {
            let word = which.for_client(work).await?;
            let before = &word.before;
            let state = before.state.step(VoucherMove::Choose)?;
            let first = Ord::max(day(work.now()), before.valid_from);
            check_usable(work, before, first).await?;
            let (approval, price) = offered(work, before, provider, first).await?;
            check_seen(work, &word, &approval, &price, own_share).await?;
            let items = disclose.iter().copied().chain([DataItem::Alias]).collect();
            let told = introduced(work, approval.organization_id, before.client_id, &items).await?;
            if told.withheld {
                let mut out = Rejections::default();
                check_disclosed_of_protected(&disclose, &["disclose"], &mut out);
                out.into_result()?;
            }
            let items = told.introduction.items();
            let next = table::Model {
                state,
                approval_id: Some(approval.id),
                provider_id: Some(approval.organization_id),
                chosen_at: Some(work.now()),
                chosen_by: Some(author(work)),
                unit_price_cents: Some(price.price.amount_cents),
                vat_rate_bp: Some(price.vat_rate_bp),
                introduction: Some(work.vault().seal(Place::new(VOUCHER_INTRODUCTION, before.id), &told.introduction)?),
                ..before.clone()
            };
            let row = word.keep(work, next, NoticeKind::VoucherMoved).await?;
            work.disclose(Disclosure {
                network: row.network_id,
                client: Some(row.client_id),
                organization: row.organization_id,
                recipient: approval.organization_id,
                items,
                basis: LogBasis::Order,
                ground: Some(row.id.0),
            });
            work.notify_of_voucher(row.network_id, Addressee::Organization(approval.organization_id), NoticeKind::VoucherChosen, row.id, None);
            Ok(row)
        })
        .await
}

/// The client has seen what is left to pay, all of it can be paid, and whoever speaks for the client chooses no organisation of one's own.
async fn check_seen(work: &Work, word: &Word, approval: &provider_approval::Model, price: &DatedPrice, seen: Money) -> Result<()> {
    let shares = Shares::of_unit(price.gross_cents(), word.before.value());
    if !shares.is_payable(word.before.quantity()) {
        return Err(Error::reject(Code::OutOfRange, &["provider"]));
    }
    let own = shares.own;
    if own != i64::from(seen.amount_cents) {
        return Err(Rejection::with(Code::DoesNotAgree, &["ownShare", "amountCents"], own.to_string()).into());
    }
    let oneself = work.client_behind(word.before.client_id).await?.account.is_some_and(|account| work.actor().subject() == Some(account.as_str()));
    if word.as_client && !oneself && work.actor().is_in(approval.organization_id, |_| true) {
        return Err(Error::reject(Code::OtherSide, &["provider"]));
    }
    Ok(())
}

/// The voucher can be used from a day on: its time is not over, and the decision still grants the service.
async fn check_usable(work: &Work, row: &table::Model, first: NaiveDate) -> Result<()> {
    if row.valid_to < first {
        return Err(Rejection::with(Code::TooLate, &["id"], row.valid_to.to_string()).into());
    }
    let decision = work.decision_behind(row.decision_id).await?;
    if decision.grants_on(first) { Ok(()) } else { Err(Rejection::with(Code::DecisionNotInForce, &["id"], first.to_string()).into()) }
}

/// The approval by which a provider gives the service of a voucher from a day on, held until the commit, and its price of that day.
async fn offered(work: &Work, voucher: &table::Model, provider: ApprovedProviderId, first: NaiveDate) -> Result<(provider_approval::Model, DatedPrice)> {
    let path = &["provider"];
    let unknown = || Error::reject(Code::UnknownReference, path);
    let approval = work.hold_approval(ProviderApprovalId(provider.0)).await?.filter(|row| row.state.is_in_force()).ok_or_else(unknown)?;
    if approval.network_id != voucher.network_id {
        return Err(unknown());
    }
    let listing = approval.listing.clone().ok_or(Error::Internal)?;
    let price = price_of(voucher, &listing, first).cloned().ok_or_else(|| Error::reject(Code::DoesNotAgree, path))?;
    service_arranged(work, voucher.service_id, voucher.network_id, &[ProvisionMode::Voucher], path).await?;
    check_registered(work, approval.organization_id, [day(work.now()), first], path).await?;
    Ok((approval, price))
}

/// The price of a listed provider for the service of a voucher from a day on; none where it does not give it by the same rulebook in the same unit, or for
/// more than the voucher is worth where the service is free by law.
#[must_use]
pub fn price_of<'l>(voucher: &table::Model, listing: &'l Listing, first: NaiveDate) -> Option<&'l DatedPrice> {
    let listed = listing.service(voucher.service_id).filter(|listed| listed.unit() == voucher.unit)?;
    let price = listed.prices.on(first).filter(|_| listing.series == voucher.series_id && listing.holds_on(first))?;
    (!voucher.free_of_charge || price.gross_cents() <= i64::from(voucher.value_cents)).then_some(price)
}

/// Leaves the provider as the client, before anything is used: another can be chosen, and the provider reads nothing of the client any more.
///
/// # Errors
/// A move that its state does not allow, a stale version, or a caller without the right.
pub async fn leave(caller: &Caller, which: Which) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let word = which.for_client(work).await?;
            let next = left(&word.before, word.before.state.step(VoucherMove::Leave)?);
            let row = word.keep(work, next, NoticeKind::VoucherMoved).await?;
            tell_provider(work, &word.before, &row);
            Ok(row)
        })
        .await
}

/// A voucher with which no provider is chosen any more.
fn left(before: &table::Model, state: VoucherState) -> table::Model {
    table::Model {
        state,
        approval_id: None,
        provider_id: None,
        chosen_at: None,
        chosen_by: None,
        unit_price_cents: None,
        vat_rate_bp: None,
        introduction: None,
        ..before.clone()
    }
}

/// Takes a voucher back as those who have issued it: the need has changed. Client and provider are told.
///
/// # Errors
/// No reason, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn cancel(caller: &Caller, which: Which, reason: &str) -> Result<table::Model> {
    caller.signed_in()?;
    let reason = tidied(Some(reason), "reason", true)?;
    caller
        .write(async |work: &mut Work| {
            let before = which.for_issuer(work).await?;
            end(work, &before, VoucherMove::Cancel, reason.as_deref()).await
        })
        .await
}

/// Takes back what of these can still be used, with their case; the client is held.
pub(crate) async fn end_all(work: &mut Work, rows: &[table::Model]) -> Result<()> {
    for row in rows.iter().filter(|row| row.state.is_open()) {
        end(work, row, VoucherMove::Cancel, None).await?;
    }
    Ok(())
}

/// Ends a voucher that can be used; both sides are told.
async fn end(work: &mut Work, before: &table::Model, by: VoucherMove, reason: Option<&str>) -> Result<table::Model> {
    let next = ended(work, before, by, reason)?;
    let row = work.update::<table::Entity>(before, next, Action::Transition).await?;
    tell_client(work, &row, NoticeKind::VoucherMoved).await?;
    tell_provider(work, before, &row);
    if by == VoucherMove::Expire {
        tell_workers(work, &row, Some(row.issued_by.clone()), NoticeKind::VoucherMoved).await?;
    }
    Ok(row)
}

/// Tells the clients who have chosen a provider, and their workers, that it can be chosen no more.
pub(super) async fn tell_of_approval(work: &mut Work, approval: ProviderApprovalId) -> Result<()> {
    for row in work.vouchers_with(approval).await? {
        tell_client(work, &row, NoticeKind::VoucherMoved).await?;
        tell_workers(work, &row, Some(row.issued_by.clone()), NoticeKind::VoucherMoved).await?;
    }
    Ok(())
}

/// Tells the client and the workers when the last of a voucher is used, or was not after all; `before` is as it was.
pub(super) async fn follow_use(work: &mut Work, before: &table::Model) -> Result<()> {
    let row = work.voucher_behind(before.id).await?;
    if row.state != before.state && [before.state, row.state].contains(&VoucherState::UsedUp) {
        tell_client(work, &row, NoticeKind::VoucherMoved).await?;
        tell_workers(work, &row, Some(row.issued_by.clone()), NoticeKind::VoucherMoved).await?;
        if row.state == VoucherState::Cancelled {
            tell_provider(work, before, &row);
        }
    }
    Ok(())
}

/// A voucher after its last move: whoever was chosen, and has given nothing, need not know any more whom it was for.
fn ended(work: &Work, before: &table::Model, by: VoucherMove, reason: Option<&str>) -> Result<table::Model> {
    let state = before.state.step(by)?;
    let reason = reason.map(|words| work.vault().seal(Place::new(REASON, before.id), &words)).transpose()?;
    let introduction = before.introduction.clone().filter(|_| before.state == VoucherState::InUse);
    let ended_by = work.actor().subject().map(str::to_owned);
    Ok(table::Model { state, reason, introduction, ended_on: Some(day(work.now())), ended_by, ..before.clone() })
}

fn tell_provider(work: &mut Work, before: &table::Model, row: &table::Model) {
    if let Some(provider) = before.provider_id {
        work.notify_of_voucher(row.network_id, Addressee::Organization(provider), NoticeKind::VoucherEnded, row.id, None);
    }
}

/// Tells the own worker, and whoever else is named.
pub(super) async fn tell_workers(work: &mut Work, row: &table::Model, also: Option<String>, kind: NoticeKind) -> Result<()> {
    let case = work.case_behind(row.case_id).await?;
    for worker in workers_of(&case, also) {
        work.notify_of_voucher(row.network_id, Addressee::Worker(row.organization_id, worker), kind, row.id, None);
    }
    Ok(())
}

async fn tell_client(work: &mut Work, row: &table::Model, kind: NoticeKind) -> Result<()> {
    for account in work.voices_of(row.client_id).await? {
        work.notify_of_voucher(row.network_id, Addressee::Client(account), kind, row.id, None);
    }
    Ok(())
}

/// Lets vouchers expire whose time is over, as the system itself; how many. What was chosen may still be told to have been used while its month is open.
///
/// # Errors
/// A fault of the database.
pub async fn by_time(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let unused = table::Column::State.eq(VoucherState::Issued).and(table::Column::ValidTo.lt(today));
    let used = table::Column::State.is_in([VoucherState::Chosen, VoucherState::InUse]).and(table::Column::ValidTo.lt(open_since(today)));
    let mut tally = Tally::default();
    for (id, expected) in system.reader().find::<table::Entity>().filter(unused.or(used)).versions().await? {
        let outcome = system
            .write(async |work: &mut Work| {
                let before = Which { id: id.into(), expected }.for_issuer(work).await?;
                end(work, &before, VoucherMove::Expire, None).await
            })
            .await;
        tally.note("vouchers", id, outcome.map(|_| 1));
    }
    Ok(tally)
}

/// Reminds the workers of vouchers that were refused and instead of which nothing is arranged, week by week, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn remind(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let (first, last) = rules::reminded_of(today).into_inner();
    let waiting = table::Column::State.eq(VoucherState::Refused).and(table::Column::ArrangedAt.is_null()).and(table::Column::EndedOn.between(first, last));
    let mut tally = Tally::default();
    for row in system.reader().find::<table::Entity>().filter(waiting).all().await? {
        let Some(key) = row.ended_on.and_then(|refused_on| rules::reminder_key(row.id, refused_on, today)) else { continue };
        if told(system, notice::Column::VoucherId.eq(row.id), &key).await? {
            continue;
        }
        let outcome = system.write(async |work: &mut Work| {
            let case = work.case_behind(row.case_id).await?;
            // With the case, what was to be arranged in it came to an end.
            if case.stage == CaseStage::Closed {
                return Ok(0);
            }
            for worker in workers_of(&case, Some(row.issued_by.clone())) {
                let (to, once) = (Addressee::Worker(row.organization_id, worker.clone()), Some(format!("{key}{worker}")));
                work.notify_of_voucher(row.network_id, to, NoticeKind::VoucherAlternativeDue, row.id, once);
            }
            Ok(1)
        });
        tally.note("vouchers that were refused", row.id, outcome.await);
    }
    Ok(tally)
}
