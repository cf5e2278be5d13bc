//! Networks: founding one with its organiser, and renaming it.
use crate::{act::under, caller::Caller, error::Result, store::Work};
use domain::{
    catalogue::{network::NetworkContent, organization::OrganizationContent},
    event::Happening,
    id::{NetworkId, OrganizationId},
    policy::Action,
    text::LocalizedText,
};
use entity::catalogue::{network, organization};
use serde::Serialize;

/// What is said when a network is founded.
#[derive(Clone, Debug, Serialize)]
pub struct FoundNetwork {
    /// What the network is called.
    pub name: LocalizedText,
    /// Its organiser.
    pub organizer: OrganizationContent,
}

/// Founds a network together with its organiser (järjestäjä).
///
/// # Errors
/// What the contents lack; only the system itself may.
pub async fn found(caller: &Caller, key: Option<&str>, input: FoundNetwork) -> Result<network::Model> {
    caller.signed_in()?;
    under("organizer", &input.organizer.check())?;
    let organizer = OrganizationId::new();
    let content = NetworkContent { name: input.name.clone().tidy(), organizer };
    content.check().into_result()?;
    let id = NetworkId::new();
    caller
        .write_once::<network::Entity>(key, "foundNetwork", &input, id, async |work: &mut Work| {
            let now = work.now();
            let search = entity::search_text(&[&content.name]);
            let row = network::Model { id, network_id: None, content: content.clone(), search, created_at: now, updated_at: now, version: 1 };
            let row = work.insert::<network::Entity>(row).await?;
            let first = super::organization::row(organizer, id, input.organizer.clone(), now);
            let first = work.insert::<organization::Entity>(first).await?;
            work.tell::<network::Entity>(&row, Happening::Published, true);
            work.tell::<organization::Entity>(&first, Happening::Published, true);
            Ok(row)
        })
        .await
}

/// Gives a network another name.
///
/// # Errors
/// What the name lacks, a stale version, or a caller without the right.
pub async fn rename(caller: &Caller, id: NetworkId, expected: i32, name: LocalizedText) -> Result<network::Model> {
    caller.signed_in()?;
    let name = name.tidy();
    caller
        .write(async |work: &mut Work| {
            let row = work.fetch_at::<network::Entity>(id, expected, Action::Update).await?;
            let mut next = row.clone();
            next.content.name = name.clone();
            next.search = entity::search_text(&[&name]);
            next.content.check().into_result()?;
            let row = work.update::<network::Entity>(&row, next, Action::Update).await?;
            work.tell::<network::Entity>(&row, Happening::Changed, true);
            Ok(row)
        })
        .await
}
