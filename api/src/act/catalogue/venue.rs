//! Venues of the inventory: found, inspected, agreed, in use, withdrawn.
use super::booking;
use super::closing::{check_open, refer_area};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use domain::{
    catalogue::venue::{VenueContent, VenueMove, VenueStatus},
    event::Happening,
    id::{NetworkId, OrganizationId, VenueId},
    machine::Machine,
    policy::Action,
    rejection::Code,
};
use entity::catalogue::{organization, service_unit, venue};
use serde::Serialize;

/// What is said when a venue is found.
#[derive(Clone, Debug, Serialize)]
pub struct AddVenue {
    /// Who owns or keeps it.
    pub organization: OrganizationId,
    /// What is said of it.
    pub content: VenueContent,
}

/// Adds a venue to the inventory, as identified.
///
/// # Errors
/// What the content lacks, or a caller without the right.
pub async fn add(caller: &Caller, key: Option<&str>, input: AddVenue) -> Result<venue::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = VenueId::new();
    caller
        .write_once::<venue::Entity>(key, "addVenue", &input, id, async |work: &mut Work| {
            let owner = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            check_references(work, &input.content, owner.network_id, None).await?;
            let (now, content) = (work.now(), tidy(input.content.clone()));
            let row = venue::Model {
                id,
                network_id: owner.network_id,
                organization_id: owner.id,
                area_id: content.area,
                status: VenueStatus::Identified,
                search: entity::search_text(&[&content.name]),
                content,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<venue::Entity>(row).await
        })
        .await
}

/// Replaces what is said of a venue.
///
/// # Errors
/// As [`add`], two sessions at once in a venue that is to hold one at a time, and a stale version.
pub async fn update(caller: &Caller, id: VenueId, expected: i32, content: VenueContent) -> Result<venue::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            // Held, so that nobody books it meanwhile as what it was.
            work.hold_venue(id).await?;
            let before = work.fetch_at::<venue::Entity>(id, expected, Action::Update).await?;
            if before.content.shared && !content.shared {
                booking::check_one_at_a_time(work, id, &["content", "shared"]).await?;
            }
            check_references(work, &content, before.network_id, Some(&before.content)).await?;
            let content = tidy(content.clone());
            let next = venue::Model { search: entity::search_text(&[&content.name]), area_id: content.area, content, ..before.clone() };
            let row = work.update::<venue::Entity>(&before, next, Action::Update).await?;
            if is_agreed(row.status) {
                work.tell::<venue::Entity>(&row, Happening::Changed, true);
            }
            Ok(row)
        })
        .await
}

/// Moves a venue along its life cycle.
///
/// # Errors
/// A move that its status does not allow, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: VenueId, expected: i32, by: VenueMove) -> Result<venue::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<venue::Entity>(id, expected, Action::Transition).await?;
            let next = venue::Model { status: before.status.step(by)?, ..before.clone() };
            let row = work.update::<venue::Entity>(&before, next, Action::Transition).await?;
            match (is_agreed(before.status), is_agreed(row.status)) {
                (false, false) => {}
                (false, true) => work.tell::<venue::Entity>(&row, Happening::Published, true),
                (true, true) => work.tell::<venue::Entity>(&row, Happening::Changed, true),
                (true, false) => work.tell::<venue::Entity>(&row, Happening::Withdrawn, true),
            }
            Ok(row)
        })
        .await
}

/// Its use is agreed: everybody sees it, and people can be sent there.
pub(super) const fn is_agreed(status: VenueStatus) -> bool {
    matches!(status, VenueStatus::Agreed | VenueStatus::InUse)
}

/// Area and unit are of the network and in use. The unit that keeps a venue may be closed later: then the venue may still be changed.
async fn check_references(work: &Work, content: &VenueContent, network: NetworkId, before: Option<&VenueContent>) -> Result<()> {
    refer_area(work, content.area, &["content", "area"]).await?;
    if let Some(unit) = content.unit {
        let path = ["content", "unit"];
        let row = work.refer::<service_unit::Entity>(unit, &path).await?;
        if row.network_id != network {
            return Err(Error::reject(Code::OtherNetwork, &path));
        }
        if before.is_none_or(|before| before.unit != Some(unit)) {
            check_open::<service_unit::Entity>(&row, &path)?;
        }
    }
    Ok(())
}

fn tidy(mut content: VenueContent) -> VenueContent {
    content.name = content.name.tidy();
    content
}
