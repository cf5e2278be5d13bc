//! Orders: a list of what to sort by, the first counting most, with the id as the last tie-break.
use super::page::{Page, of_slice, refuse};
use crate::{
    error::{Error, Result},
    store::{Directions, Order, Slice, Window},
};
use async_graphql::{Context, Enum, OutputType};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::Guarded;
use sea_orm::Value;
use std::borrow::Cow;
use uuid::Uuid;

/// The direction of an order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OrderDirection {
    /// From low to high, from a to ö, from early to late.
    Asc,
    /// From high to low, from ö to a, from late to early.
    Desc,
}

/// Declares one key of an order by the values of an enum. In a list of them the first counts most.
macro_rules! order_by {
    ($(#[$meta:meta])* $order:ident by $field:ident) => {
        $(#[$meta])*
        #[derive(async_graphql::InputObject, Clone, Copy)]
        pub struct $order {
            /// By what; each field at most once in a list.
            field: $field,
            /// In which direction.
            direction: $crate::graphql::order::OrderDirection,
        }
        impl From<$order> for ($field, bool) {
            fn from(by: $order) -> Self {
                (by.field, by.direction == $crate::graphql::order::OrderDirection::Desc)
            }
        }
    };
}
pub(super) use order_by;

/// What a list is sorted by: each field, and whether it runs from high to low.
pub type Keys<F> = Vec<(F, bool)>;

/// Reads the argument `orderBy`; without it, or when it is empty, `usual`.
pub fn keys<F: Copy + PartialEq>(asked: Option<Vec<impl Into<(F, bool)>>>, usual: (F, bool)) -> Result<Keys<F>> {
    let keys: Keys<F> = asked.unwrap_or_default().into_iter().map(Into::into).collect();
    let twice = (1..keys.len()).any(|i| keys[..i].iter().any(|(field, _)| *field == keys[i].0));
    refuse(twice, "A field can be in orderBy only once.")?;
    Ok(if keys.is_empty() { vec![usual] } else { keys })
}

/// A page of rows in memory that lie in ascending order of `lying`, put in another order where one is asked for.
pub fn in_memory<R: Copy, T: OutputType, F: Copy + PartialEq>(
    ctx: &Context<'_>,
    rows: &[R],
    lying: F,
    by: &[(F, bool)],
    window: &Window,
    key: impl Fn(R, F) -> (String, Uuid),
    node: impl Fn(R) -> T,
) -> Result<Page<T>> {
    let directions: Directions = by.iter().map(|(_, descending)| *descending).collect();
    directions.check(window)?;
    let place = |row: R| {
        let (keys, ids): (Vec<_>, Vec<_>) = by.iter().map(|(field, _)| key(row, *field)).unzip();
        (Directions::join(keys), ids.first().copied().unwrap_or_default())
    };
    // A list that lies as it is asked for is not copied.
    let rows = match by {
        [(field, false)] if *field == lying => Cow::Borrowed(rows),
        [(field, true)] if *field == lying => Cow::Owned(rows.iter().rev().copied().collect()),
        _ => {
            let mut placed: Vec<_> = rows.iter().map(|row| (place(*row), *row)).collect();
            placed.sort_unstable_by(|a, b| directions.compare(&a.0, &b.0));
            Cow::Owned(placed.into_iter().map(|(_, row)| row).collect::<Vec<_>>())
        }
    };
    let slice = Slice::cut(&rows, window, |row, cursor| directions.compare(&place(row), cursor));
    Ok(of_slice(ctx, slice, rows.len(), place, node))
}

/// What the database sorts by.
pub enum SortedBy<E: Guarded> {
    /// The time of creation.
    Creation,
    /// A column that holds a time and is never null, and its value as a sort key.
    Time(E::Column, fn(&E::Model) -> String),
    /// A column that holds a day and is never null, and its value as a sort key.
    Day(E::Column, fn(&E::Model) -> String),
}

/// The order of rows in the database.
pub fn in_database<E: Guarded, F: Copy>(by: &[(F, bool)], column: impl Fn(F) -> Result<SortedBy<E>>) -> Result<Order<E>> {
    let mut order = Order::by_id(true);
    for (field, descending) in by {
        order = match column(*field)? {
            // Ids follow the time of creation and are unique: what is asked for behind them decides nothing.
            SortedBy::Creation => return Ok(order.then_by_id(*descending)),
            SortedBy::Time(column, write) => order.then(column, read_moment, write, *descending),
            SortedBy::Day(column, write) => order.then(column, read_day, write, *descending),
        };
    }
    Ok(order)
}

/// By what most things can be put in order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Usual {
    /// By name, in Finnish.
    Name,
    /// By when it was made.
    CreatedAt,
    /// By when it was last changed.
    UpdatedAt,
}

impl Usual {
    /// What a row in memory is sorted by.
    pub fn key(self, name: impl FnOnce() -> (String, Uuid), id: impl Into<Uuid>, created_at: DateTime<Utc>, updated_at: DateTime<Utc>) -> (String, Uuid) {
        match self {
            Self::Name => name(),
            Self::CreatedAt => (moment(created_at), id.into()),
            Self::UpdatedAt => (moment(updated_at), id.into()),
        }
    }

    /// The same order in the database, which keeps no names to sort by.
    pub fn in_database<E: Guarded>(by: &[(Self, bool)], updated_at: E::Column, write: fn(&E::Model) -> String) -> Result<Order<E>> {
        in_database(by, |field| match field {
            Self::CreatedAt => Ok(SortedBy::Creation),
            Self::UpdatedAt => Ok(SortedBy::Time(updated_at, write)),
            Self::Name => Err(Error::BadInput("The order NAME is for the published edition only.".into())),
        })
    }
}

/// Declares the order of things that have a name and the usual times.
macro_rules! usual_order {
    ($(#[$meta:meta])* $order:ident by $(#[$field_meta:meta])* $field:ident) => {
        $(#[$field_meta])*
        #[derive(async_graphql::Enum, Clone, Copy, PartialEq, Eq)]
        pub enum $field {
            /// By name, in Finnish. Published edition only, where there are two.
            Name,
            /// By when it was made.
            CreatedAt,
            /// By when it was last changed.
            UpdatedAt,
        }
        $crate::graphql::order::order_by! {
            $(#[$meta])*
            $order by $field
        }
        impl From<$order> for ($crate::graphql::order::Usual, bool) {
            fn from(by: $order) -> Self {
                use $crate::graphql::order::Usual;
                let (field, descending) = <($field, bool)>::from(by);
                let field = match field {
                    $field::Name => Usual::Name,
                    $field::CreatedAt => Usual::CreatedAt,
                    $field::UpdatedAt => Usual::UpdatedAt,
                };
                (field, descending)
            }
        }
    };
}
pub(super) use usual_order;

/// A time as a sort key.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads a time back from a cursor.
pub fn read_moment(key: &str) -> Option<Value> {
    DateTime::parse_from_rfc3339(key).ok().map(|at| Value::from(at.to_utc()))
}

/// Reads a day back from a cursor.
pub fn read_day(key: &str) -> Option<Value> {
    key.parse::<chrono::NaiveDate>().ok().map(Value::from)
}
