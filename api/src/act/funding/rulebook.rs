//! Rulebooks: written, published, taken out of use. What has been published is not written on: the next version is.
use super::{check_words, service_arranged};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use domain::{
    catalogue::{service::ProvisionMode, session::day},
    code::Coded,
    funding::rulebook::{RulebookContent, RulebookMove, RulebookState},
    id::{NetworkId, OrganizationId, RulebookId},
    machine::Machine,
    policy::Action,
    rejection::{Code, Rejection},
};
use entity::{catalogue::organization, funding::rulebook as table};
use sea_orm::ColumnTrait;
use serde::Serialize;

/// What is said when a version of a rulebook is drafted.
#[derive(Clone, Debug, Serialize)]
pub struct DraftRulebook {
    /// The organisation that arranges the services.
    pub organization: OrganizationId,
    /// A version of the same rulebook; none for the first.
    pub follows: Option<RulebookId>,
    /// What it says.
    pub content: RulebookContent,
}

/// Drafts a version of a rulebook.
///
/// # Errors
/// Faults of the content, an organisation that is no authority, a service that is not its own or not arranged by voucher or permit, a version of another organisation or one that is a draft, or a caller
/// without the right.
pub async fn draft(caller: &Caller, key: Option<&str>, input: DraftRulebook) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = RulebookId::new();
    caller
        .write_once::<table::Entity>(key, "draftRulebook", &input, id, async |work: &mut Work| {
            let organization = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            work.allow::<table::Entity>(Action::Create, organization.network_id, organization.id)?;
            // Only an authority arranges services by voucher or permit (569/2009, 3 §).
            if !organization.content.kind.is_authority() {
                return Err(Error::reject(Code::DoesNotAgree, &["organization"]));
            }
            check_services(work, &input.content, organization.network_id, organization.id).await?;
            let (series_id, edition) = match input.follows {
                None => (id, 1),
                Some(before) => next_of(work, before, organization.id).await?,
            };
            let now = work.now();
            let row = table::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                series_id,
                edition,
                state: RulebookState::Draft,
                content: RulebookContent { name: input.content.name.clone().tidy(), ..input.content.clone() },
                published_at: None,
                published_by: None,
                reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// The rulebook of a version, and the number of the next one. The first version is held, so that two are not written under one number.
async fn next_of(work: &Work, before: RulebookId, organization: OrganizationId) -> Result<(RulebookId, i32)> {
    let path = ["follows"];
    let row = work.refer::<table::Entity>(before, &path).await?;
    if row.organization_id != organization || row.published_at.is_none() {
        return Err(Error::reject(Code::DoesNotAgree, &path));
    }
    work.hold::<table::Entity>(row.series_id).await?;
    let versions = work.find::<table::Entity>(table::Column::SeriesId.eq(row.series_id)).await?;
    if versions.iter().any(|version| version.state == RulebookState::Draft) {
        return Err(Error::reject(Code::Unfinished, &path));
    }
    Ok((row.series_id, versions.iter().map(|version| version.edition).max().unwrap_or_default() + 1))
}

/// Services of the organisation's own that are arranged by voucher or permit.
async fn check_services(work: &Work, content: &RulebookContent, network: NetworkId, organization: OrganizationId) -> Result<()> {
    for (i, service) in content.services.iter().enumerate() {
        let path = ["content", "services", &i.to_string(), "service"];
        let own = service_arranged(work, service.service, network, &[ProvisionMode::Voucher, ProvisionMode::Permit], &path).await?;
        if own.organization_id != organization {
            return Err(Error::reject(Code::DoesNotAgree, &path));
        }
    }
    Ok(())
}

/// Replaces what a draft says.
///
/// # Errors
/// As [`draft`], a version that is no draft, and a stale version.
pub async fn update(caller: &Caller, id: RulebookId, expected: i32, content: RulebookContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            if before.state != RulebookState::Draft {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], before.state.code()).into());
            }
            check_services(work, &content, before.network_id, before.organization_id).await?;
            let content = RulebookContent { name: content.name.clone().tidy(), ..content.clone() };
            work.update::<table::Entity>(&before, table::Model { content, ..before.clone() }, Action::Update).await
        })
        .await
}

/// Moves a version on.
///
/// # Errors
/// Each part that is missing before it is published, a reason that is missing, a move that its state does not allow, a stale version, or a caller without
/// the right.
pub async fn move_on(caller: &Caller, id: RulebookId, expected: i32, by: RulebookMove, reason: Option<String>) -> Result<table::Model> {
    caller.signed_in()?;
    check_words(reason.as_deref(), "reason", by == RulebookMove::Withdraw)?;
    caller
        .write(async |work: &mut Work| {
            // Held: who commits to it holds it too.
            work.hold::<table::Entity>(id).await?;
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let mut next = table::Model { state: before.state.step(by)?, reason, ..before.clone() };
            if by == RulebookMove::Publish {
                let now = work.now();
                under("content", &before.content.missing(day(now)))?;
                check_services(work, &before.content, before.network_id, before.organization_id).await?;
                (next.published_at, next.published_by) = (Some(now), work.actor().subject().map(str::to_owned));
            }
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}
