//! Organisations: adding one to a network, and keeping it up to date.
use crate::{act::under, caller::Caller, error::Result, store::Work};
use chrono::{DateTime, Utc};
use domain::{
    catalogue::organization::OrganizationContent,
    event::Happening,
    id::{NetworkId, OrganizationId},
    policy::{Action, Resource, reach},
};
use entity::catalogue::{network, organization};
use serde::Serialize;

/// What is said when an organisation joins.
#[derive(Clone, Debug, Serialize)]
pub struct AddOrganization {
    /// The network that it joins.
    pub network: NetworkId,
    /// What is said of it.
    pub content: OrganizationContent,
}

/// Adds an organisation to a network.
///
/// # Errors
/// What the content lacks, a business id that is taken, or a caller without the right.
pub async fn add(caller: &Caller, key: Option<&str>, input: AddOrganization) -> Result<organization::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = OrganizationId::new();
    caller
        .write_once::<organization::Entity>(key, "addOrganization", &input, id, async |work: &mut Work| {
            work.refer::<network::Entity>(input.network, &["network"]).await?;
            let row = row(id, input.network, input.content.clone(), work.now());
            let row = work.insert::<organization::Entity>(row).await?;
            work.tell::<organization::Entity>(&row, Happening::Published, true);
            Ok(row)
        })
        .await
}

/// Replaces what is said of an organisation.
///
/// # Errors
/// As [`add`], and a stale version.
pub async fn update(caller: &Caller, id: OrganizationId, expected: i32, content: OrganizationContent) -> Result<organization::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<organization::Entity>(id, expected, Action::Update).await?;
            let whole_network = reach(work.actor(), Action::Update, Resource::Organization).covers(before.network_id, None);
            if !whole_network {
                under("content", &content.identity_changes(&before.content))?;
            }
            let next =
                organization::Model { version: before.version, created_at: before.created_at, ..row(id, before.network_id, content.clone(), work.now()) };
            let row = work.update::<organization::Entity>(&before, next, Action::Update).await?;
            work.tell::<organization::Entity>(&row, Happening::Changed, true);
            Ok(row)
        })
        .await
}

/// A row that is not kept yet.
pub(super) fn row(id: OrganizationId, network: NetworkId, mut content: OrganizationContent, now: DateTime<Utc>) -> organization::Model {
    content.name = content.name.tidy();
    organization::Model {
        id,
        network_id: network,
        business_id: content.business_id.as_ref().map(|b| b.as_str().to_owned()),
        search: entity::search_text(&[&content.name]),
        content,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}
