//! Procurements: planned, tendered, compared and decided.
use super::{check_words, member, purchased_service};
use crate::{
    act::{catalogue::refer_area, under},
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use domain::{
    catalogue::session::day,
    funding::procurement::{Award, ProcurementContent, ProcurementMove, ProcurementState},
    id::{NetworkId, OrganizationId, ProcurementId},
    machine::Machine,
    policy::{Action, moves_procurement},
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{catalogue::organization, funding::procurement as table};
use serde::Serialize;

/// What is said when a procurement is planned.
#[derive(Clone, Debug, Serialize)]
pub struct PlanProcurement {
    /// The organisation that buys.
    pub organization: OrganizationId,
    /// What is said of it.
    pub content: ProcurementContent,
}

/// Plans a procurement.
///
/// # Errors
/// Faults of the content, a small purchase at the threshold or above it, a service that is not purchased, or a caller without the right.
pub async fn plan(caller: &Caller, key: Option<&str>, input: PlanProcurement) -> Result<table::Model> {
    caller.signed_in()?;
    let begun_on = day(caller.now());
    under("content", &input.content.check(begun_on))?;
    let id = ProcurementId::new();
    caller
        .write_once::<table::Entity>(key, "planProcurement", &input, id, async |work: &mut Work| {
            let organization = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            work.allow::<table::Entity>(Action::Create, organization.network_id, organization.id)?;
            check_references(work, &input.content, organization.network_id).await?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                state: ProcurementState::Planned,
                category: input.content.category,
                begun_on,
                search: entity::search_text(&[&input.content.name]),
                content: input.content.clone(),
                award: None,
                reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Replaces what is said of a procurement for which nobody has been asked to tender yet.
///
/// # Errors
/// As [`plan`], one that is tendered, and a stale version.
pub async fn update(caller: &Caller, id: ProcurementId, expected: i32, content: ProcurementContent) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            under("content", &content.check(before.begun_on))?;
            // What tenderers have been told stands; how users were heard and what was weighed is written down until the decision.
            let open = before.state.is_written_on() || before.state == ProcurementState::Evaluation && content.same_tender(&before.content);
            if !open {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], domain::code::Coded::code(before.state)).into());
            }
            check_references(work, &content, before.network_id).await?;
            let next = table::Model { category: content.category, search: entity::search_text(&[&content.name]), content: content.clone(), ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Services that are purchased, and areas, of the network.
async fn check_references(work: &Work, content: &ProcurementContent, network: NetworkId) -> Result<()> {
    for (i, service) in content.services.iter().enumerate() {
        purchased_service(work, *service, network, &["content", "services", &i.to_string()]).await?;
    }
    for (i, area) in content.areas.iter().enumerate() {
        refer_area(work, *area, &["content", "areas", &i.to_string()]).await?;
    }
    Ok(())
}

/// Moves a procurement on, but for the award.
///
/// # Errors
/// Each part that the move needs and that is missing, a last day for tenders that is past when they are asked for, or not over when they are opened, a reason that is missing, a move that its state does not allow, a
/// stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: ProcurementId, expected: i32, by: ProcurementMove, reason: Option<String>) -> Result<table::Model> {
    caller.signed_in()?;
    check_words(reason.as_deref(), "reason", matches!(by, ProcurementMove::Interrupt | ProcurementMove::Appeal))?;
    step(caller, id, expected, by, async |_, before| Ok(table::Model { reason: reason.or_else(|| before.reason.clone()), ..before.clone() })).await
}

/// Decides who provides.
///
/// # Errors
/// As [`move_on`], and an organisation of another network.
pub async fn award(caller: &Caller, id: ProcurementId, expected: i32, providers: Vec<OrganizationId>, reasoning: String) -> Result<table::Model> {
    caller.signed_in()?;
    Award::check(&providers, &reasoning).into_result()?;
    step(caller, id, expected, ProcurementMove::Award, async |work, before| {
        for (i, provider) in providers.iter().enumerate() {
            member(work, *provider, before.network_id, &["providers", &i.to_string()]).await?;
        }
        let award = Award { providers, reasoning, decided_on: Date(day(work.now())), decided_by: work.actor().subject().unwrap_or_default().to_owned() };
        Ok(table::Model { award: Some(award), ..before.clone() })
    })
    .await
}

async fn step(
    caller: &Caller,
    id: ProcurementId,
    expected: i32,
    by: ProcurementMove,
    with: impl AsyncFnOnce(&mut Work, &table::Model) -> Result<table::Model>,
) -> Result<table::Model> {
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            if !work.actor().acts_for(before.organization_id, |role| moves_procurement(role, by)) {
                return Err(Error::Forbidden);
            }
            let state = before.state.step(by)?;
            under("content", &before.content.missing(by))?;
            match by {
                ProcurementMove::Tender => before.content.check_due(day(work.now()))?,
                ProcurementMove::Evaluate => before.content.check_opened(day(work.now()))?,
                _ => {}
            }
            let next = table::Model { state, ..with(work, &before).await? };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}
