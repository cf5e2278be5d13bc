//! Many rows with few statements.
use super::dialect::fault;
use crate::error::{Error, Result};
use domain::policy::{Action, Reach};
use entity::Guarded;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

/// So many rows are named in one statement.
pub(super) const AT_ONCE: usize = 500;

/// Writes new rows.
pub(super) async fn insert<E>(tx: &impl ConnectionTrait, rows: &[E::Model]) -> Result<()>
where
    E: EntityTrait<Model: IntoActiveModel<E::ActiveModel> + Sync, ActiveModel: Send>,
{
    for chunk in rows.chunks(AT_ONCE) {
        let rows = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        E::insert_many(rows).exec_without_returning(tx).await.map_err(fault)?;
    }
    Ok(())
}

/// The rows with these ids, which were just made, are within reach: what a single row is checked for, of all at once.
///
/// # Errors
/// [`Error::Forbidden`] when one is outside.
pub(super) async fn within<E: Guarded>(tx: &impl ConnectionTrait, reach: &Reach, ids: &[Uuid]) -> Result<()> {
    let within = E::within(reach, Action::Create);
    for chunk in ids.chunks(AT_ONCE) {
        let inside = E::find().filter(E::columns().id.is_in(chunk.iter().copied())).filter(within.clone());
        if inside.count(tx).await.map_err(fault)? != chunk.len() as u64 {
            return Err(Error::Forbidden);
        }
    }
    Ok(())
}
