//! Rows that are written with the commit: those of a table with one statement, whoever makes them.
use super::{Work, many};
use crate::error::Result;
use domain::policy::Reach;
use entity::Guarded;
use futures_util::future::BoxFuture;
use std::{any::Any, collections::HashMap};
use uuid::Uuid;

/// New rows, by table: in the order in which each table was first written to, so that what a row rests on is there before it.
#[derive(Default)]
pub(super) struct Later(Vec<Box<dyn Rows>>);

/// How far rows were collected.
pub(super) struct Mark(Vec<usize>);

/// The new rows of one table, each with the reach of whoever makes it.
struct RowsOf<E: Guarded>(Vec<(E::Model, Reach)>);

trait Rows: Any + Send + Sync {
    fn len(&self) -> usize;
    fn truncate(&mut self, to: usize);
    fn write(self: Box<Self>, work: &mut Work) -> BoxFuture<'_, Result<()>>;
}

impl Later {
    /// Keeps a row for the commit.
    pub(super) fn push<E: Guarded>(&mut self, row: E::Model, reach: Reach) {
        let rows = |rows: &mut Box<dyn Rows>| (rows.as_mut() as &mut dyn Any).is::<RowsOf<E>>();
        let table = self.0.iter_mut().position(rows).unwrap_or_else(|| {
            self.0.push(Box::new(RowsOf::<E>(Vec::new())));
            self.0.len() - 1
        });
        if let Some(rows) = (self.0[table].as_mut() as &mut dyn Any).downcast_mut::<RowsOf<E>>() {
            rows.0.push((row, reach));
        }
    }

    /// How far it has come.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.0.iter().map(|rows| rows.len()).collect())
    }

    /// Forgets what was kept since.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        self.0.truncate(mark.0.len());
        self.0.iter_mut().zip(&mark.0).for_each(|(rows, len)| rows.truncate(*len));
    }

    /// Writes everything.
    pub(super) async fn write(self, work: &mut Work) -> Result<()> {
        for rows in self.0 {
            rows.write(work).await?;
        }
        Ok(())
    }
}

impl<E: Guarded> Rows for RowsOf<E> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn truncate(&mut self, to: usize) {
        self.0.truncate(to);
    }

    fn write(self: Box<Self>, work: &mut Work) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let (rows, reaches): (Vec<_>, Vec<_>) = self.0.into_iter().unzip();
            many::insert::<E>(work.tx(), &rows).await?;
            let mut of_reach = HashMap::<Reach, Vec<Uuid>>::new();
            for (row, reach) in rows.iter().zip(reaches) {
                of_reach.entry(reach).or_default().push(E::row_id(row));
            }
            for (reach, ids) in of_reach {
                many::within::<E>(work.tx(), &reach, &ids).await?;
            }
            Ok(())
        })
    }
}
