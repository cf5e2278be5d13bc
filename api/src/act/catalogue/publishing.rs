//! Publishing, shared by services and offerings: a frozen copy of the row is what everybody sees.
use crate::{
    error::{Error, Result},
    store::Work,
};
use domain::{
    catalogue::publishing::{PublishingMove, PublishingState},
    event::Happening,
    id::{NetworkId, OrganizationId},
    machine::Machine,
    policy::Action,
    rejection::Code,
};
use entity::{Kept, catalogue::publication};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A kept thing that is published by copy.
pub(super) trait Published: Kept {
    /// Where it is on its way to the public.
    fn state(row: &Self::Model) -> PublishingState;
    /// The same row in another state.
    fn with_state(row: Self::Model, state: PublishingState) -> Self::Model;
    /// Where it belongs.
    fn belonging(row: &Self::Model) -> Belonging;
}

/// Where a published thing belongs.
pub(super) struct Belonging {
    /// Its network.
    pub(super) network: NetworkId,
    /// The organisation that keeps it.
    pub(super) organization: OrganizationId,
    /// The organisation whose service it is.
    pub(super) owner: OrganizationId,
    /// The published service that it hangs under.
    pub(super) parent: Option<Uuid>,
}

/// Moves a fetched row, with what changes beside, through the publishing machine, with its published copy and the event that tells of it.
pub(super) async fn step<E: Published>(work: &mut Work, before: &E::Model, next: E::Model, by: PublishingMove) -> Result<E::Model> {
    let was_public = E::state(before).is_public();
    let next = E::with_state(next, E::state(before).step(by)?);
    let row = work.update::<E>(before, next, Action::Transition).await?;
    match by {
        PublishingMove::Publish => {
            put_copy::<E>(work, &row).await?;
            work.tell::<E>(&row, if was_public { Happening::Changed } else { Happening::Published }, true);
        }
        PublishingMove::Withdraw => {
            work.remove::<publication::Entity>(E::row_id(&row)).await?;
            work.tell::<E>(&row, Happening::Withdrawn, true);
        }
        PublishingMove::Modify | PublishingMove::Discard => {}
    }
    Ok(row)
}

/// Keeps the row as what everybody sees from now on.
pub(super) async fn put_copy<E: Published>(work: &mut Work, row: &E::Model) -> Result<()> {
    let belonging = E::belonging(row);
    let copy = publication::Model {
        id: E::row_id(row),
        kind: E::KIND.to_owned(),
        network_id: belonging.network,
        organization_id: belonging.organization,
        owner_id: belonging.owner,
        parent_id: belonging.parent,
        row: serde_json::to_value(row).map_err(Error::internal)?,
        published_at: work.now(),
    };
    work.put::<publication::Entity>(copy).await?;
    Ok(())
}

/// Something that is published, as everybody sees it. A row of another kind under the same id is none.
///
/// # Errors
/// [`Code::UnknownReference`] at `path`, or a fault of the database.
pub(in crate::act) async fn published<E: Kept>(work: &Work, id: impl Into<Uuid>, path: &[&str]) -> Result<E::Model>
where
    E::Model: DeserializeOwned,
{
    let copy = work.refer::<publication::Entity>(id.into(), path).await?;
    if copy.kind != E::KIND {
        return Err(Error::reject(Code::UnknownReference, path));
    }
    serde_json::from_value(copy.row).map_err(Error::internal)
}
