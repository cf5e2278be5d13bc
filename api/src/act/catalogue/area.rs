//! Areas: the national register from the code lists, and the local areas that a network adds below it.
use super::closing::{check_open, in_use, refer_area, step};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::{DateTime, Utc};
use domain::{
    catalogue::{
        area::{AreaContent, AreaKind},
        closing::PlaceMove,
        venue::VenueStatus,
    },
    code::lists,
    event::Happening,
    id::{AreaId, NetworkId},
    policy::Action,
    rejection::Code,
};
use entity::catalogue::{area, network, service_unit, transport_route, venue};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;
use uuid::Uuid;

/// What is said when a local area is added.
#[derive(Clone, Debug, Serialize)]
pub struct AddArea {
    /// The network that speaks of it.
    pub network: NetworkId,
    /// What is said of it.
    pub content: AreaContent,
}

/// Adds a district, village or postal area below a municipality.
///
/// # Errors
/// What the content lacks, or a caller without the right.
pub async fn add(caller: &Caller, key: Option<&str>, input: AddArea) -> Result<area::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let id = AreaId::new();
    caller
        .write_once::<area::Entity>(key, "addArea", &input, id, async |work: &mut Work| {
            work.refer::<network::Entity>(input.network, &["network"]).await?;
            check_parent(work, id, &input.content, Some(input.network)).await?;
            let row = work.insert::<area::Entity>(row(id, Some(input.network), input.content.clone(), work.now())).await?;
            work.tell::<area::Entity>(&row, Happening::Published, true);
            Ok(row)
        })
        .await
}

/// Replaces what is said of a local area.
///
/// # Errors
/// As [`add`], a closed area, and a stale version.
pub async fn update(caller: &Caller, id: AreaId, expected: i32, content: AreaContent) -> Result<area::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<area::Entity>(id, expected, Action::Update).await?;
            check_open::<area::Entity>(&before, &["id"])?;
            check_parent(work, id, &content, before.network_id).await?;
            let next = area::Model { version: before.version, created_at: before.created_at, ..row(id, before.network_id, content.clone(), work.now()) };
            let row = work.update::<area::Entity>(&before, next, Action::Update).await?;
            work.tell::<area::Entity>(&row, Happening::Changed, true);
            Ok(row)
        })
        .await
}

/// Closes a local area, or takes it into use again. The national register is not a network's to close.
///
/// # Errors
/// Something open in it, a closed area around it, an illegal move, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: AreaId, expected: i32, by: PlaceMove) -> Result<area::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<area::Entity>(id, expected, Action::Transition).await?;
            if !before.content.kind.is_local() {
                return Err(Error::Forbidden);
            }
            match (by, before.parent_id) {
                (PlaceMove::Close, _) => check_nothing_inside(work, id).await?,
                (PlaceMove::Reopen, Some(parent)) => {
                    refer_area(work, parent, &["id"]).await?;
                }
                (PlaceMove::Reopen, None) => {}
            }
            step::<area::Entity>(work, &before, by).await
        })
        .await
}

/// No area, venue, unit or route that is in use lies in the area.
async fn check_nothing_inside(work: &Work, id: AreaId) -> Result<()> {
    let areas = area::Column::ParentId.eq(id).and(area::Column::ClosedOn.is_null());
    let venues = venue::Column::AreaId.eq(id).and(venue::Column::Status.ne(VenueStatus::Withdrawn));
    let inside = !work.find::<area::Entity>(areas).await?.is_empty()
        || !work.find::<venue::Entity>(venues).await?.is_empty()
        // Where a unit or a stop lies is a part of the content, and nothing that the database knows.
        || work.find::<service_unit::Entity>(service_unit::Column::ClosedOn.is_null()).await?.iter().any(|unit| unit.content.area == id)
        || work.find::<transport_route::Entity>(transport_route::Column::ClosedOn.is_null()).await?.iter().any(|route| route.content.stops.iter().any(|stop| stop.area == id));
    if inside { Err(in_use()) } else { Ok(()) }
}

/// The parent is national or of the same network, and the area does not come to lie inside itself.
async fn check_parent(work: &Work, id: AreaId, content: &AreaContent, network: Option<NetworkId>) -> Result<()> {
    if let Some(parent) = content.parent {
        refer_area(work, parent, &["content", "parent"]).await?;
    }
    let mut above = content.parent;
    while let Some(parent) = above {
        if parent == id {
            return Err(Error::reject(Code::Cycle, &["content", "parent"]));
        }
        let parent = work.refer::<area::Entity>(parent, &["content", "parent"]).await?;
        if parent.network_id.is_some() && parent.network_id != network {
            return Err(Error::reject(Code::OtherNetwork, &["content", "parent"]));
        }
        above = parent.parent_id;
    }
    Ok(())
}

fn row(id: AreaId, network: Option<NetworkId>, mut content: AreaContent, now: DateTime<Utc>) -> area::Model {
    content.name = content.name.tidy();
    area::Model {
        id,
        network_id: network,
        parent_id: content.parent,
        code: content.code.clone(),
        closed_on: None,
        search: entity::search_text(&[&content.name]),
        content,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// The id of a county or municipality: the same in every installation.
#[must_use]
pub fn national_id(kind: AreaKind, code: &str) -> AreaId {
    AreaId(Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("monituottaja:area:{kind:?}:{code}").as_bytes()))
}

/// Brings the counties and municipalities of the code lists into the register. Done at every start; nothing happens when they are there.
///
/// # Errors
/// A fault of the database; only the system itself may.
pub async fn register_national(caller: &Caller) -> Result<()> {
    let mut wanted = Vec::new();
    for (key, kind) in [("wellbeing-county", AreaKind::WellbeingCounty), ("municipality", AreaKind::Municipality)] {
        for entry in lists().get(key).into_iter().flat_map(|list| &list.codes) {
            let parent = entry.parent.as_ref().map(|county| national_id(AreaKind::WellbeingCounty, county));
            let content = AreaContent { kind, name: entry.label.clone(), code: Some(entry.code.clone()), parent, point: None, source: None };
            wanted.push((national_id(kind, &entry.code), content));
        }
    }
    caller
        .write(async |work: &mut Work| {
            let known = work.find::<area::Entity>(area::Column::NetworkId.is_null()).await?;
            let now = work.now();
            let missing: Vec<_> =
                wanted.iter().filter(|(id, _)| !known.iter().any(|a| a.id == *id)).map(|(id, content)| row(*id, None, content.clone(), now)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            for new in &missing {
                work.tell::<area::Entity>(new, Happening::Published, true);
            }
            work.insert_many::<area::Entity>(missing).await
        })
        .await
}
