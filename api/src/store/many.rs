//! Many rows with few statements.
use super::dialect::fault;
use crate::error::{Error, Result};
use domain::policy::{Action, Reach};
use entity::Guarded;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

/// So many rows are named in one statement.
pub(super) const AT_ONCE: usize = 500;
/// From so many rows on, their statement is longer to prepare than to run.
const MANY: usize = 16;

/// Writes new rows.
pub(super) async fn insert<E>(tx: &impl ConnectionTrait, rows: &[E::Model]) -> Result<()>
where
    E: EntityTrait<Model: IntoActiveModel<E::ActiveModel> + Sync, ActiveModel: Send>,
{
    for portion in portions(rows) {
        insert_at_once::<E>(tx, portion).await?;
    }
    Ok(())
}

/// Writes new rows with one statement, or as few as can be: where each is waited for.
pub(super) async fn insert_at_once<E>(tx: &impl ConnectionTrait, rows: &[E::Model]) -> Result<()>
where
    E: EntityTrait<Model: IntoActiveModel<E::ActiveModel> + Sync, ActiveModel: Send>,
{
    for chunk in rows.chunks(AT_ONCE) {
        let rows = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        E::insert_many(rows).exec_without_returning(tx).await.map_err(fault)?;
    }
    Ok(())
}

/// Few rows as they are, many by powers of two, the most first: so there are few different statements, and the database has each of them prepared. To prepare
/// one for many rows takes it longer than to run several.
fn portions<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let most = if rows.len() < MANY { rows.len() } else { 1 << rows.len().min(AT_ONCE).ilog2() };
        let (portion, rest) = rows.split_at(most);
        rows = rest;
        Some(portion).filter(|portion| !portion.is_empty())
    })
}

/// The rows with these ids, which were just made, are within reach: what a single row is checked for, of all at once.
///
/// # Errors
/// [`Error::Forbidden`] when one is outside.
pub(super) async fn within<E: Guarded>(tx: &impl ConnectionTrait, reach: &Reach, ids: &[Uuid]) -> Result<()> {
    let within = E::within(reach, Action::Create);
    for portion in portions(ids) {
        let inside = E::find().filter(E::columns().id.is_in(portion.iter().copied())).filter(within.clone());
        if inside.count(tx).await.map_err(fault)? != portion.len() as u64 {
            return Err(Error::Forbidden);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_written_by_powers_of_two_and_none_is_left_out() {
        let rows: Vec<_> = (0..1_300).collect();
        for len in [0, 1, 2, 7, 64, 511, 1_300] {
            let of: Vec<_> = portions(&rows[..len]).collect();
            assert_eq!(of.concat(), rows[..len]);
            assert!(of.iter().all(|portion| portion.len() < MANY || (portion.len().is_power_of_two() && portion.len() <= AT_ONCE)), "{len}");
        }
    }
}
