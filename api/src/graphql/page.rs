//! Connections: one page of a list, with its cursors and, where it is asked for, the total.
use crate::{
    error::{Error, Result},
    store::{Found, Order, Slice, Window, encode_cursor},
};
use async_graphql::{
    Context, Enum, OutputType, SimpleObject,
    connection::{Connection, Edge, EmptyFields},
};
use entity::Guarded;
use chrono::DateTime;
use sea_orm::{ColumnTrait, Value, sea_query::{LikeExpr, SimpleExpr}};
use uuid::Uuid;

/// From which copy of the catalogue to read.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edition {
    /// What everybody sees (julkaistu).
    #[default]
    Published,
    /// The working copies that you may see as staff: drafts, changes that are not published yet, the whole inventory (työversio).
    Working,
}

/// The direction of an order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum OrderDirection {
    /// From low to high, from a to ö, from early to late.
    Asc,
    /// From high to low, from ö to a, from late to early.
    Desc,
}

/// The size of a whole list.
#[derive(SimpleObject)]
pub struct Total {
    /// How many there are in all; counted only when it is asked for.
    total_count: i32,
}

/// A page of a domain list.
pub type Page<T> = Connection<String, T, Total, EmptyFields>;

/// A page of rows in memory that are in ascending order of `key`.
pub fn of_memory<R: Copy, T: OutputType>(sorted: &[R], window: &Window, key: impl Fn(R) -> (String, Uuid), node: impl Fn(R) -> T) -> Page<T> {
    let slice = Slice::of(sorted, window, &key);
    let total_count = i32::try_from(sorted.len()).unwrap_or(i32::MAX);
    let mut page = Connection::with_additional_fields(slice.has_previous, slice.has_next, Total { total_count });
    page.edges.extend(slice.rows.into_iter().map(|row| {
        let (key, id) = key(row);
        Edge::new(encode_cursor(&key, id), node(row))
    }));
    page
}

/// A page of guarded rows; they are counted only when the total is asked for.
pub async fn of_rows<'r, E: Guarded, T: OutputType>(
    ctx: &Context<'_>,
    found: impl Fn() -> Found<'r, E>,
    order: &Order<E>,
    window: &Window,
    node: impl Fn(E::Model) -> T,
) -> Result<Page<T>> {
    let slice = found().page(order, window).await?;
    let counted = ctx.look_ahead().field("totalCount").exists();
    let total_count = if counted { i32::try_from(found().count().await?).unwrap_or(i32::MAX) } else { 0 };
    let mut page = Connection::with_additional_fields(slice.has_previous, slice.has_next, Total { total_count });
    page.edges.extend(slice.rows.into_iter().map(|row| Edge::new(order.cursor(&row), node(row))));
    Ok(page)
}

/// What a page costs: itself, and its children as often as they can come.
pub fn cost(first: Option<i32>, last: Option<i32>, child: usize) -> usize {
    let size = first.or(last).and_then(|n| usize::try_from(n).ok()).unwrap_or(25).min(100);
    1 + size * child
}

/// The column holds the text, taken letter by letter: `%` and `_` are only letters.
pub fn contains(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    let plain = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    column.like(LikeExpr::new(format!("%{plain}%")).escape('\\'))
}

/// As [`of_memory`], read from either end.
pub fn of_memory_either_way<R: Copy, T: OutputType>(sorted: &[R], descending: bool, window: &Window, key: impl Fn(R) -> (String, Uuid), node: impl Fn(R) -> T) -> Page<T> {
    if !descending {
        return of_memory(sorted, window, key, node);
    }
    // The last of the ascending list are the first of the descending one.
    let turned = Window { first: window.last, last: window.first.or_else(|| window.last.is_none().then(|| window.size())), after: window.before.clone(), before: window.after.clone() };
    let mut page = of_memory(sorted, &turned, key, node);
    page.edges.reverse();
    (page.has_previous_page, page.has_next_page) = (page.has_next_page, page.has_previous_page);
    page
}

/// Refuses an argument that makes no sense here.
pub fn refuse(refused: bool, why: &str) -> Result<()> {
    if refused { Err(Error::BadInput(why.to_owned())) } else { Ok(()) }
}

/// Reads a time back from a cursor.
pub fn read_moment(key: &str) -> Option<Value> {
    DateTime::parse_from_rfc3339(key).ok().map(|at| Value::from(at.to_utc()))
}
