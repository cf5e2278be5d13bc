//! Framework contracts: written, signed by both sides, prolonged, suspended, ended.
use super::{check_words, member, purchase_order as orders, tell_sides};
use crate::{
    act::{timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Role,
    catalogue::session::day,
    code::Coded,
    funding::{
        contract::{ContractMove, ContractSide, ContractState, FrameworkContractContent, is_in_force},
        procurement::{ProcurementCategory, ProcurementState},
        threshold,
    },
    id::{FrameworkContractId, NetworkId, OrganizationId},
    machine::Machine,
    policy::{Action, moves_contract},
    rejection::{Code, Rejection, Rejections},
};
use entity::{
    catalogue::organization,
    funding::{contract_line, framework_contract as table, procurement},
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;

/// What is said when a contract is drafted.
#[derive(Clone, Debug, Serialize)]
pub struct DraftContract {
    /// The organisation that orders.
    pub organization: OrganizationId,
    /// What is said of it.
    pub content: FrameworkContractContent,
}

/// Drafts a framework contract.
///
/// # Errors
/// Faults of the content, a number that is in use, a provider of another network or one that was not chosen, or a caller without the right.
pub async fn draft(caller: &Caller, key: Option<&str>, input: DraftContract) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = FrameworkContractId::new();
    caller
        .write_once::<table::Entity>(key, "draftFrameworkContract", &input, id, async |work: &mut Work| {
            let organization = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            work.allow::<table::Entity>(Action::Create, organization.network_id, organization.id)?;
            let content = tidy(input.content.clone());
            check_references(work, &content, organization.network_id, organization.id).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                provider_id: content.provider,
                procurement_id: content.procurement,
                state: ContractState::Draft,
                number: content.number.clone(),
                valid_from: content.valid_from.0,
                valid_to: content.valid_to.0,
                terminated_on: None,
                options_taken: 0,
                ceiling_cents: content.ceiling.amount_cents.into(),
                offered_at: None,
                offered_by: None,
                signed_at: None,
                signed_by: None,
                reason: None,
                search: search(&content),
                content,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

fn tidy(content: FrameworkContractContent) -> FrameworkContractContent {
    FrameworkContractContent { number: domain::text::tidy(&content.number), name: content.name.tidy(), ..content }
}

fn search(content: &FrameworkContractContent) -> String {
    format!("{} {}", domain::text::fold(&content.number), entity::search_text(&[&content.name]))
}

/// Replaces what is said of a draft. Who provides stays while there are lines: their services are the provider's.
///
/// # Errors
/// As [`draft`], a contract that is no draft, and a stale version.
pub async fn update(caller: &Caller, id: FrameworkContractId, expected: i32, content: FrameworkContractContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    let content = tidy(content);
    caller
        .write(async |work: &mut Work| {
            let before = draft_at(work, id, expected).await?;
            check_references(work, &content, before.network_id, before.organization_id).await?;
            let lines = lines_of(work, id).await?;
            if content.provider != before.provider_id && !lines.is_empty() {
                return Err(Error::reject(Code::DoesNotAgree, &["content", "provider"]));
            }
            if content.valid_from != before.content.valid_from {
                for line in lines {
                    let prices = line.prices.begun_on(content.valid_from);
                    work.update::<contract_line::Entity>(&line, contract_line::Model { prices, ..line.clone() }, Action::Update).await?;
                }
            }
            let next = table::Model {
                provider_id: content.provider,
                procurement_id: content.procurement,
                number: content.number.clone(),
                valid_from: content.valid_from.0,
                valid_to: content.valid_to.0,
                ceiling_cents: content.ceiling.amount_cents.into(),
                search: search(&content),
                content: content.clone(),
                ..before.clone()
            };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// A contract that is still written on, held until the commit.
async fn draft_at(work: &Work, id: FrameworkContractId, expected: i32) -> Result<table::Model> {
    work.hold::<table::Entity>(id).await?;
    let row = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
    check_draft(&row)?;
    Ok(row)
}

/// What is signed is not written on.
pub(super) fn check_draft(row: &table::Model) -> Result<()> {
    if row.state == ContractState::Draft { Ok(()) } else { Err(Rejection::with(Code::IllegalTransition, &["id"], row.state.code()).into()) }
}

pub(super) async fn lines_of(work: &Work, id: FrameworkContractId) -> Result<Vec<contract_line::Model>> {
    work.find::<contract_line::Entity>(contract_line::Column::ContractId.eq(id)).await
}

/// The provider is another organisation of the network; the procurement is the orderer's, decided, and the provider was chosen in it.
async fn check_references(work: &Work, content: &FrameworkContractContent, network: NetworkId, orderer: OrganizationId) -> Result<()> {
    let path = ["content", "provider"];
    if member(work, content.provider, network, &path).await?.id == orderer {
        return Err(Error::reject(Code::DoesNotAgree, &path));
    }
    let Some(procurement) = content.procurement else { return Ok(()) };
    let path = ["content", "procurement"];
    let row = work.refer::<procurement::Entity>(procurement, &path).await?;
    let chosen = row.award.as_ref().is_some_and(|award| award.providers.contains(&content.provider));
    if row.organization_id == orderer && row.state == ProcurementState::Awarded && chosen { Ok(()) } else { Err(Error::reject(Code::DoesNotAgree, &path)) }
}

/// Moves a contract on. With one that is ended, what was ordered by it and has not begun is taken back; what runs is ended within its wind-down.
///
/// # Errors
/// Each part that is missing before it is signed, a last day that is over, [`Code::FourEyes`] for whoever signs for both sides, the other side's move, no option that is
/// left, a procurement that does not stand, a reason that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: FrameworkContractId, expected: i32, by: ContractMove, reason: Option<String>) -> Result<table::Model> {
    caller.signed_in()?;
    check_words(reason.as_deref(), "reason", by.needs_reason())?;
    caller
        .write(async |work: &mut Work| {
            // Held: whoever orders by it holds it too.
            work.hold::<table::Entity>(id).await?;
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            check_side(work, &before, by)?;
            let state = before.state.step(by)?;
            let mut next = table::Model { state, reason: reason.or_else(|| before.reason.clone()), ..before.clone() };
            let (now, by_whom) = (work.now(), work.actor().subject().map(str::to_owned));
            match by {
                ContractMove::Offer => {
                    check_ready(work, &before).await?;
                    check_ahead(&before, day(now))?;
                    (next.offered_at, next.offered_by) = (Some(now), by_whom);
                }
                ContractMove::TakeBack => (next.offered_at, next.offered_by) = (None, None),
                ContractMove::Sign => {
                    if before.offered_by == by_whom {
                        return Err(Error::reject(Code::FourEyes, &["id"]));
                    }
                    check_award(work, &before, &[]).await?;
                    check_ahead(&before, day(now))?;
                    (next.signed_at, next.signed_by) = (Some(now), by_whom);
                }
                ContractMove::Extend => {
                    if !is_in_force(before.state, before.valid_from, before.valid_to, day(now)) {
                        return Err(Rejection::with(Code::ContractNotInForce, &["id"], before.valid_to.to_string()).into());
                    }
                    check_award(work, &before, &[]).await?;
                    next.valid_to = before.content.extended(before.options_taken, before.valid_to)?;
                    next.options_taken += 1;
                }
                ContractMove::Begin if before.valid_from > day(now) => {
                    return Err(Rejection::with(Code::TooEarly, &["id"], before.valid_from.to_string()).into());
                }
                ContractMove::Expire if before.valid_to >= day(now) => {
                    return Err(Rejection::with(Code::TooEarly, &["id"], before.valid_to.to_string()).into());
                }
                ContractMove::Begin | ContractMove::Suspend | ContractMove::Resume | ContractMove::Terminate | ContractMove::Expire | ContractMove::Cancel => {}
            }
            if by == ContractMove::Terminate {
                next.terminated_on = Some(day(now));
                orders::take_back_all(work, before.id).await?;
            }
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            // What was never put before its provider is known to nobody else.
            if before.state != ContractState::Draft || row.state == ContractState::Offered {
                tell_sides(work, &row, Role::ProcurementOfficer, NoticeKind::ContractMoved).await?;
            }
            Ok(row)
        })
        .await
}

/// A contract is not put before its provider, nor signed, once its last day is over.
fn check_ahead(row: &table::Model, today: NaiveDate) -> Result<()> {
    if row.valid_to < today { Err(Rejection::with(Code::TooEarly, &["content", "validTo"], today.to_string()).into()) } else { Ok(()) }
}

/// The move is made by its side.
fn check_side(work: &Work, row: &table::Model, by: ContractMove) -> Result<()> {
    let side = by.side();
    let organization = if side == ContractSide::Provider { row.provider_id } else { row.organization_id };
    if work.actor().acts_for(organization, |role| moves_contract(role, side)) { Ok(()) } else { Err(Error::reject(Code::OtherSide, &["id"])) }
}

/// Everything is there that must be before a contract is signed: lines, the agreement on personal data, the provider's business id, and, from the
/// national threshold on, the procurement.
async fn check_ready(work: &Work, row: &table::Model) -> Result<()> {
    let lines = lines_of(work, row.id).await?;
    let mut faults = crate::act::prefixed("content", &row.content.missing(lines.len()));
    let provider = work.refer::<organization::Entity>(row.provider_id, &["content", "provider"]).await?;
    if provider.content.business_id.is_none() {
        faults.add(Code::Required, &["content", "provider", "businessId"]);
    }
    let today = day(work.now());
    if let (None, Some(bound)) = (row.procurement_id, threshold::binding(ProcurementCategory::SocialAndHealth, row.content.ceiling, today)) {
        faults.add_with(Code::ProcurementMissing, &["content", "procurement"], bound.law.as_str());
    }
    faults.into_result()?;
    check_award(work, row, &lines).await
}

/// The procurement that a contract rests on stands, the provider was chosen in it, it was for what the contract is for, and all contracts by it together are
/// worth no more than it was estimated to be: what was tendered is what is bought (1397/2016, 136 §). Held until the commit.
async fn check_award(work: &Work, row: &table::Model, lines: &[contract_line::Model]) -> Result<()> {
    let Some(id) = row.procurement_id else { return Ok(()) };
    let procurement = work.hold_procurement(id).await?;
    let path = ["content", "procurement"];
    if procurement.state != ProcurementState::Awarded {
        return Err(Rejection::with(Code::ProcurementNotAwarded, &path, procurement.state.code()).into());
    }
    let mut faults = Rejections::default();
    if !procurement.award.is_some_and(|award| award.providers.contains(&row.provider_id)) {
        faults.add(Code::DoesNotAgree, &path);
    }
    let bought = &procurement.content.services;
    if !bought.is_empty() && lines.iter().any(|line| !bought.contains(&line.service_id)) {
        faults.add(Code::DoesNotAgree, &["content", "procurement", "services"]);
    }
    let most = i64::from(procurement.content.estimated_value.amount_cents);
    let left = most - work.contracted(id, row.id).await?;
    if row.ceiling_cents > left {
        faults.add_with(Code::OutOfRange, &["content", "ceiling"], format!("0–{left}"));
    }
    Ok(faults.into_result()?)
}

/// Lets contracts begin whose first day has come, and end whose last day is over, as the system itself; how many moved.
///
/// # Errors
/// A fault of the database.
pub async fn by_time(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let (state, valid_from, valid_to) = (table::Column::State, table::Column::ValidFrom, table::Column::ValidTo);
    let begins = state.eq(ContractState::Signed).and(valid_from.lte(today));
    let is_over = state.is_in([ContractState::InForce, ContractState::Suspended]).and(valid_to.lt(today));
    let mut tally = Tally::default();
    for (by, due) in [(ContractMove::Begin, begins), (ContractMove::Expire, is_over)] {
        for (id, version) in system.reader().find::<table::Entity>().filter(due).versions().await? {
            tally.note("contracts", id, move_on(system, FrameworkContractId(id), version, by, None).await.map(|_| 1));
        }
    }
    Ok(tally)
}
