//! Approvals of providers: applied for, looked at, decided, priced anew, suspended and ended.
use super::{check_registered, service_arranged, tidied, voucher};
use crate::{
    act::{catalogue::refer_area, prefixed, timed::Tally, under},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Role,
    catalogue::{service::ProvisionMode, session::day},
    code::Coded,
    event::Happening,
    funding::{
        contract::ContractSide,
        price::DatedPrice,
        provider_approval::{ApprovalMove, ApprovalState, PendingPrice, ProviderApprovalContent},
    },
    id::{ApprovedProviderId, Kinded, NetworkId, OrganizationId, ProviderApprovalId, RulebookId, ServiceId},
    machine::Machine,
    policy::{Action, moves_contract},
    rejection::{Code, Rejection},
};
use entity::{
    catalogue::{organization, publication, service_unit},
    funding::{provider_approval as table, rulebook},
};
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use serde::Serialize;
use std::collections::HashMap;

/// What is said when a provider begins to apply.
#[derive(Clone, Debug, Serialize)]
pub struct DraftApproval {
    /// The provider.
    pub organization: OrganizationId,
    /// The version of the rulebook that it commits to.
    pub rulebook: RulebookId,
    /// What it says.
    pub content: ProviderApprovalContent,
}

/// Begins an application of a provider; nobody else sees it yet.
///
/// # Errors
/// Faults of the content, a rulebook of another network or of the provider itself, [`Code::Unfinished`] while another approval by the same version goes on,
/// or a caller without the right.
pub async fn draft(caller: &Caller, key: Option<&str>, input: DraftApproval) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = ProviderApprovalId::new();
    caller
        .write_once::<table::Entity>(key, "draftProviderApproval", &input, id, async |work: &mut Work| {
            let provider = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            work.allow::<table::Entity>(Action::Create, provider.network_id, provider.id)?;
            let rulebook = work.refer::<rulebook::Entity>(input.rulebook, &["rulebook"]).await?;
            if rulebook.network_id != provider.network_id {
                return Err(Error::reject(Code::OtherNetwork, &["rulebook"]));
            }
            if rulebook.organization_id == provider.id || rulebook.published_at.is_none() {
                return Err(Error::reject(Code::DoesNotAgree, &["rulebook"]));
            }
            check_references(work, &input.content, provider.network_id, provider.id).await?;
            // One at a time: a provider has one list of prices by a version of a rulebook.
            hold_series(work, provider.id, rulebook.series_id).await?;
            let own = table::Column::OrganizationId.eq(provider.id).and(table::Column::RulebookId.eq(rulebook.id));
            if work.find::<table::Entity>(own).await?.iter().any(|other| !other.state.is_over()) {
                return Err(Error::reject(Code::Unfinished, &["rulebook"]));
            }
            let now = work.now();
            let row = table::Model {
                id,
                network_id: provider.network_id,
                organization_id: provider.id,
                authority_id: rulebook.organization_id,
                rulebook_id: rulebook.id,
                state: ApprovalState::Draft,
                content: input.content.clone().tidy(),
                listing: None,
                pending: None,
                submitted_at: None,
                submitted_by: None,
                decided_at: None,
                decided_by: None,
                reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Services of the network that are arranged by voucher or permit, areas of it, and the provider's own units.
async fn check_references(work: &Work, content: &ProviderApprovalContent, network: NetworkId, provider: OrganizationId) -> Result<()> {
    for (i, offered) in content.services.iter().enumerate() {
        let path = ["content", "services", &i.to_string(), "service"];
        service_arranged(work, offered.service, network, &[ProvisionMode::Voucher, ProvisionMode::Permit], &path).await?;
    }
    for (i, site) in content.sites.iter().enumerate() {
        let i = i.to_string();
        let path = ["content", "sites", &i, "area"];
        if refer_area(work, site.area, &path).await?.network_id.is_some_and(|of| of != network) {
            return Err(Error::reject(Code::OtherNetwork, &path));
        }
        if let Some(unit) = site.unit {
            let path = ["content", "sites", &i, "unit"];
            if work.refer::<service_unit::Entity>(unit, &path).await?.organization_id != provider {
                return Err(Error::reject(Code::DoesNotAgree, &path));
            }
        }
    }
    Ok(())
}

/// Replaces what an application says that has not been submitted, or to which more is asked for.
///
/// # Errors
/// As [`draft`], an application that is looked at or decided, and a stale version.
pub async fn update(caller: &Caller, id: ProviderApprovalId, expected: i32, content: ProviderApprovalContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            if !before.state.is_written_on() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], before.state.code()).into());
            }
            check_references(work, &content, before.network_id, before.organization_id).await?;
            work.update::<table::Entity>(&before, table::Model { content: content.clone().tidy(), ..before.clone() }, Action::Update).await
        })
        .await
}

/// Moves an approval on, but for asking for another price; the other side is told.
///
/// # Errors
/// Each part that is missing or against the rulebook, [`Code::NotRegistered`], [`Code::TooEarly`] for a price of the past, the other side's move, a reason
/// that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: ProviderApprovalId, expected: i32, by: ApprovalMove, reason: Option<&str>) -> Result<table::Model> {
    caller.signed_in()?;
    let reason = tidied(reason, "reason", by.needs_reason())?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_for(work, id, expected, by).await?;
            let state = before.state.step(by)?;
            let (now, by_whom) = (work.now(), work.actor().subject().map(str::to_owned));
            let today = day(now);
            if by.needs_four_eyes() && before.submitted_by == by_whom {
                return Err(Error::reject(Code::FourEyes, &["id"]));
            }
            let mut next = table::Model { state, reason: reason.or_else(|| before.reason.clone()), ..before.clone() };
            let mut earlier = Vec::new();
            match by {
                ApprovalMove::Submit => {
                    check_ready(work, &before, today).await?;
                    // What was in time the first time is so after more was asked for.
                    if before.submitted_at.is_none() {
                        under("content", &before.content.check_days(today))?;
                    }
                    next.submitted_at = before.submitted_at.or(Some(now));
                    next.submitted_by = by_whom;
                }
                ApprovalMove::Approve => {
                    let rulebook = check_ready(work, &before, today).await?;
                    next.listing = before.content.listing((rulebook.series_id, rulebook.edition), &rulebook.content, today);
                    (next.decided_at, next.decided_by, next.reason) = (Some(now), by_whom, None);
                    earlier = giving_way(work, &before, &rulebook, today).await?;
                }
                ApprovalMove::Reject => (next.decided_at, next.decided_by) = (Some(now), by_whom),
                ApprovalMove::ApprovePrice => {
                    let (Some(listing), Some(pending)) = (&before.listing, &before.pending) else { return Err(Error::Internal) };
                    next.listing = Some(listing.priced(&pending.clone().from_no_earlier(today), today)?);
                    (next.pending, next.reason) = (None, None);
                }
                ApprovalMove::Reinstate => {
                    check_registered(work, before.organization_id, [today], &["id"]).await?;
                    if before.listing.as_ref().is_some_and(|listing| listing.is_over(today)) {
                        return Err(Rejection::with(Code::RulebookNotInForce, &["id"], before.state.code()).into());
                    }
                    next.reason = None;
                }
                ApprovalMove::RecallPrice | ApprovalMove::DeclinePrice | ApprovalMove::Suspend | ApprovalMove::Withdraw | ApprovalMove::GiveUp => {
                    next.pending = None;
                }
                ApprovalMove::Review | ApprovalMove::RequestSupplement | ApprovalMove::SubmitPrice => {}
            }
            let row = keep(work, &before, next, by).await?;
            // After it, so that the one goes on where the others end.
            for before in earlier {
                replace(work, before).await?;
            }
            Ok(row)
        })
        .await
}

/// Whoever approves a provider by versions of one rulebook, or applies, goes one after the other.
async fn hold_series(work: &Work, provider: OrganizationId, series: RulebookId) -> Result<()> {
    work.hold_word(&format!("approval:{}:{}", provider.0, series.0)).await
}

/// A provider is approved by one version of a rulebook at a time: the earlier ones, which give way at once, or on the first day of a later one, by the time.
/// Nobody is approved by an earlier version beside a later one.
async fn giving_way(work: &Work, to: &table::Model, rulebook: &rulebook::Model, today: NaiveDate) -> Result<Vec<table::Model>> {
    hold_series(work, to.organization_id, rulebook.series_id).await?;
    let mut rows = approved_in(work, to.organization_id, rulebook.series_id).await?;
    if rows.iter().any(|row| row.listing.as_ref().is_some_and(|listing| listing.edition > rulebook.edition)) {
        return Err(Error::reject(Code::NotUnique, &["rulebook"]));
    }
    rows.retain(|_| rulebook.content.holds_on(today));
    Ok(rows)
}

/// The provider is approved by another version of the same rulebook, which holds today.
async fn goes_on(work: &Work, row: &table::Model) -> Result<bool> {
    let Some(listing) = &row.listing else { return Ok(false) };
    let today = day(work.now());
    let holds = |other: &table::Model| other.id != row.id && other.state.is_in_force() && other.listing.as_ref().is_some_and(|other| other.holds_on(today));
    Ok(approved_in(work, row.organization_id, listing.series).await?.iter().any(holds))
}

/// What a provider is approved for by versions of a rulebook, suspended or not.
async fn approved_in(work: &Work, provider: OrganizationId, series: RulebookId) -> Result<Vec<table::Model>> {
    let own = Condition::all().add(table::Column::OrganizationId.eq(provider)).add(table::Column::State.is_in(ApprovalState::APPROVED_ONCE));
    let mut rows = work.find::<table::Entity>(own).await?;
    rows.retain(|row| row.listing.as_ref().is_some_and(|listing| listing.series == series));
    Ok(rows)
}

async fn replace(work: &mut Work, before: table::Model) -> Result<()> {
    let state = before.state.step(ApprovalMove::Withdraw)?;
    let next = table::Model { state, pending: None, reason: Some(REPLACED.to_owned()), ..before.clone() };
    keep(work, &before, next, ApprovalMove::Withdraw).await.map(drop)
}

/// Asks for another price of a service, from today or a later day on; the ones before hold until it is approved.
///
/// # Errors
/// Faults of the price, [`Code::TooEarly`] for a day that is past, a service that is not listed, and as [`move_on`].
pub async fn submit_price(caller: &Caller, id: ProviderApprovalId, expected: i32, service: ServiceId, price: DatedPrice) -> Result<table::Model> {
    caller.signed_in()?;
    under("price", &price.check())?;
    caller
        .write(async |work: &mut Work| {
            let by = ApprovalMove::SubmitPrice;
            let before = fetch_for(work, id, expected, by).await?;
            let state = before.state.step(by)?;
            let pending = PendingPrice { service, price: price.clone().tidy() };
            let listing = before.listing.as_ref().ok_or(Error::Internal)?;
            listing.priced(&pending, day(work.now()))?;
            let next = table::Model { state, pending: Some(pending), submitted_by: work.actor().subject().map(str::to_owned), ..before.clone() };
            keep(work, &before, next, by).await
        })
        .await
}

/// An approval, held until the commit, for a move of one's own side.
async fn fetch_for(work: &Work, id: ProviderApprovalId, expected: i32, by: ApprovalMove) -> Result<table::Model> {
    work.hold::<table::Entity>(id).await?;
    let row = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
    let side = by.side();
    let organization = if side == ContractSide::Provider { row.organization_id } else { row.authority_id };
    if work.actor().acts_for(organization, |role| moves_contract(role, side)) { Ok(row) } else { Err(Error::reject(Code::OtherSide, &["id"])) }
}

/// Everything is there that must be before it is looked at: services and sites by a rulebook in use, and a provider in the registers. The rulebook.
async fn check_ready(work: &Work, row: &table::Model, today: NaiveDate) -> Result<rulebook::Model> {
    work.hold::<rulebook::Entity>(row.rulebook_id).await?;
    let rulebook = work.refer::<rulebook::Entity>(row.rulebook_id, &["rulebook"]).await?;
    if !rulebook.is_in_force(Ord::max(today, rulebook.content.valid_from.0)) {
        return Err(Rejection::with(Code::RulebookNotInForce, &["rulebook"], rulebook.state.code()).into());
    }
    prefixed("content", &row.content.missing(&rulebook.content)).into_result()?;
    check_references(work, &row.content, row.network_id, row.organization_id).await?;
    check_registered(work, row.organization_id, [today], &["organization"]).await?;
    Ok(rulebook)
}

/// Keeps what became of an approval, what everybody sees of it, and tells the other side.
async fn keep(work: &mut Work, before: &table::Model, next: table::Model, by: ApprovalMove) -> Result<table::Model> {
    let row = work.update::<table::Entity>(before, next, Action::Transition).await?;
    show(work, before, &row).await?;
    // Where another approval of the same provider goes on, nothing changes for those who have chosen it.
    if before.state.is_in_force() && !row.state.is_in_force() && !goes_on(work, &row).await? {
        voucher::tell_of_approval(work, row.id).await?;
    }
    let (kind, role, told) = match by.side() {
        ContractSide::Provider => (NoticeKind::ApprovalSubmitted, Role::ProcurementOfficer, row.authority_id),
        ContractSide::Orderer | ContractSide::Time => (NoticeKind::ApprovalMoved, Role::ProviderManager, row.organization_id),
    };
    let mut sides = vec![(kind, role, told)];
    // What time has done is news to both.
    if work.actor().subject().is_none() {
        sides.push((NoticeKind::ApprovalMoved, Role::ProcurementOfficer, row.authority_id));
    }
    // A draft that is thrown away was never anybody else's.
    for (kind, role, organization) in sides.into_iter().filter(|_| row.submitted_at.is_some()) {
        for subject in work.holders_of(role, organization).await? {
            work.notify_of_approval(row.network_id, Addressee::Worker(organization, subject), kind, row.id);
        }
    }
    Ok(row)
}

/// Brings what everybody sees of an approval up to date.
async fn show(work: &mut Work, before: &table::Model, row: &table::Model) -> Result<()> {
    let happening = match (before.shown(), row.shown()) {
        (None, None) => return Ok(()),
        (Some(last), Some(next)) if last.listing == next.listing => return Ok(()),
        (last, Some(next)) => {
            let copy = publication::Model {
                id: row.id.0,
                kind: ApprovedProviderId::KIND.to_owned(),
                network_id: row.network_id,
                organization_id: row.organization_id,
                owner_id: row.authority_id,
                parent_id: None,
                row: serde_json::to_value(next).map_err(Error::internal)?,
                published_at: work.now(),
            };
            work.put::<publication::Entity>(copy).await?;
            if last.is_some() { Happening::Changed } else { Happening::Published }
        }
        (Some(_), None) => {
            work.remove::<publication::Entity>(row.id.0).await?;
            Happening::Withdrawn
        }
    };
    work.tell_as::<table::Entity>(ApprovedProviderId::KIND, row, happening, true);
    Ok(())
}

/// Suspends the approvals of providers whose registration is over, and ends those by rulebooks whose time is over or of which a later version has begun, as the
/// system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn by_time(system: &Caller) -> Result<Tally> {
    let (today, reader) = (day(system.now()), system.reader());
    let rows = reader.find::<table::Entity>().filter(table::Column::State.is_in(ApprovalState::APPROVED_ONCE)).all().await?;
    let named = organization::Column::Id.is_in(rows.iter().map(|row| row.organization_id));
    let providers: HashMap<_, _> = reader.find::<organization::Entity>().filter(named).all().await?.into_iter().map(|row| (row.id, row.content)).collect();
    let mut tally = Tally::default();
    for row in &rows {
        let Some(listing) = &row.listing else { continue };
        let later = |other: &&table::Model| {
            let newer = other.listing.as_ref().filter(|newer| newer.series == listing.series && newer.edition > listing.edition);
            other.organization_id == row.organization_id && newer.is_some_and(|newer| newer.holds_on(today))
        };
        let lapsed = providers.get(&row.organization_id).is_some_and(|provider| !provider.is_registered_on(today));
        let (by, why) = if listing.is_over(today) {
            (ApprovalMove::Withdraw, OVER)
        } else if rows.iter().any(|other| later(&other)) {
            (ApprovalMove::Withdraw, REPLACED)
        } else if lapsed && row.state.is_in_force() {
            (ApprovalMove::Suspend, LAPSED)
        } else {
            continue;
        };
        let outcome = move_on(system, row.id, row.version, by, Some(why)).await;
        tally.note("provider approvals", row.id.0, outcome.map(|_| 1));
    }
    Ok(tally)
}

/// Why time suspends an approval.
const LAPSED: &str = "Tuottaja ei ole rekisterissä: y-tunnus tai Soteri-rekisteröinti puuttuu tai ei ole voimassa, tai toiminta on päättynyt.";
/// Why time ends one.
const OVER: &str = "Sääntökirjan voimassaolo on päättynyt.";
/// Why another approval ends one.
const REPLACED: &str = "Tuottaja on hyväksytty sääntökirjan toisen version mukaan.";
