//! Connections: one page of a list, with its cursors and, where it is asked for, the total.
use crate::{
    error::{Error, Result},
    graphql::Asked,
    store::{Found, Order, Slice, Window, encode_cursor},
};
use async_graphql::{
    ComplexObject, Context, Enum, ObjectType, OutputType, SimpleObject, TypeName,
    connection::{EmptyFields, PageInfo},
};
use domain::text::fold;
use entity::{Child, Guarded};
use sea_orm::{
    ColumnTrait,
    sea_query::{LikeExpr, SimpleExpr},
};
use std::borrow::Cow;
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

/// An item of a list, and where in the list it stands (listan kohta).
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Item<T: OutputType> {
    /// The item.
    node: T,
    /// Names this item's place in the list; give it as `after` or `before`.
    cursor: String,
}

/// A page of a list, with its cursors (sivu).
#[derive(SimpleObject)]
#[graphql(name_type, complex)]
#[expect(clippy::struct_field_names, reason = "pageInfo is Relay's name")]
pub struct Page<T: OutputType, X: ObjectType = Plain> {
    /// The items, each with its cursor.
    edges: Vec<Item<T>>,
    /// Whether there is more on either side.
    page_info: PageInfo,
    /// How many items the whole list has; counted only when it is asked for.
    total_count: i32,
    #[graphql(flatten)]
    more: X,
}

/// Nothing beyond what every page has.
pub type Plain = EmptyFields;

const PLAIN: Plain = EmptyFields;

impl<T: OutputType> TypeName for Item<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

impl<T: OutputType, X: ObjectType> TypeName for Page<T, X> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

#[ComplexObject]
impl<T: OutputType, X: ObjectType> Page<T, X> {
    /// The items, without their cursors.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

impl<T: OutputType, X: ObjectType> Page<T, X> {
    /// A page of items with their cursors, out of a list of `total` items.
    pub fn new(items: Vec<(String, T)>, has_previous_page: bool, has_next_page: bool, total: usize, more: X) -> Self {
        let cursor = |item: Option<&(String, T)>| item.map(|(cursor, _)| cursor.clone());
        let page_info = PageInfo { has_previous_page, has_next_page, start_cursor: cursor(items.first()), end_cursor: cursor(items.last()) };
        let edges = items.into_iter().map(|(cursor, node)| Item { node, cursor }).collect();
        Self { edges, page_info, total_count: i32::try_from(total).unwrap_or(i32::MAX), more }
    }
}

/// The items of a page, with the cursors that are asked for: to write one may cost more than to find its row.
pub fn items<R: Copy, T>(ctx: &Context<'_>, rows: Vec<R>, key: impl Fn(R) -> (String, Uuid), node: impl Fn(R) -> T) -> Vec<(String, T)> {
    let asked = ctx.look_ahead();
    let each = asked.field("edges").field("cursor").exists();
    let ends = ["startCursor", "endCursor"].map(|end| asked.field("pageInfo").field(end).exists()).contains(&true);
    let last = rows.len().saturating_sub(1);
    let cursor = |at: usize, row: R| {
        let wanted = each || ends && (at == 0 || at == last);
        wanted.then(|| key(row)).map(|(key, id)| encode_cursor(&key, id)).unwrap_or_default()
    };
    rows.into_iter().enumerate().map(|(at, row)| (cursor(at, row), node(row))).collect()
}

/// A page of rows in memory that are in ascending order of `key`.
pub fn of_memory<R: Copy, T: OutputType>(
    ctx: &Context<'_>,
    sorted: &[R],
    window: &Window,
    key: impl Fn(R) -> (String, Uuid),
    node: impl Fn(R) -> T,
) -> Page<T> {
    of_slice(ctx, Slice::of(sorted, window, &key), sorted.len(), key, node)
}

/// The page of a slice of a list of `total` rows.
pub fn of_slice<R: Copy, T: OutputType>(ctx: &Context<'_>, slice: Slice<R>, total: usize, key: impl Fn(R) -> (String, Uuid), node: impl Fn(R) -> T) -> Page<T> {
    Page::new(items(ctx, slice.rows, key, node), slice.has_previous, slice.has_next, total, PLAIN)
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
    let total = if counted { usize::try_from(found().count().await?).unwrap_or(usize::MAX) } else { 0 };
    let items = slice.rows.into_iter().map(|row| (order.cursor(&row), node(row)));
    Ok(Page::new(items.collect(), slice.has_previous, slice.has_next, total, PLAIN))
}

/// A page of rows under one parent, by id: by the time of creation.
pub fn of_children<E: Guarded, T: OutputType>(rows: Vec<E::Model>, window: &Window, node: impl Fn(E::Model) -> T) -> Page<T> {
    of_children_by::<E, T>(rows, window, |_| String::new(), node)
}

/// A page of rows under one parent, by a key that their cursors carry, and by id.
pub fn of_children_by<E: Guarded, T: OutputType>(
    rows: Vec<E::Model>,
    window: &Window,
    key: impl Fn(&E::Model) -> String,
    node: impl Fn(E::Model) -> T,
) -> Page<T> {
    let mut rows: Vec<((String, Uuid), E::Model)> = rows.into_iter().map(|row| ((key(&row), E::row_id(&row)), row)).collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let positions: Vec<usize> = (0..rows.len()).collect();
    let slice = Slice::of(&positions, window, |i: usize| rows[i].0.clone());
    let wanted: std::collections::BTreeSet<usize> = slice.rows.into_iter().collect();
    let total = rows.len();
    let items = rows.into_iter().enumerate().filter(|(i, _)| wanted.contains(i)).map(|(_, ((key, id), row))| (encode_cursor(&key, id), node(row)));
    Page::new(items.collect(), slice.has_previous, slice.has_next, total, PLAIN)
}

/// A page of the rows under a parent that the caller may see.
pub async fn children<E: Child, T: OutputType + From<E::Model>>(ctx: &Context<'_>, parent: impl Into<Uuid>, window: &Window) -> Result<Page<T>> {
    let rows = ctx.caller().children::<E>(parent).await?;
    Ok(of_children::<E, _>(rows, window, T::from))
}

/// The column holds the text, taken letter by letter: `%` and `_` are only letters.
pub fn contains(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    let plain = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    column.like(LikeExpr::new(format!("%{plain}%")).escape('\\'))
}

/// The words of a filter, folded as what they are looked for in: at most 200 characters, no control characters.
pub fn words(text: Option<&str>) -> Result<Option<String>> {
    text.map(plain).transpose().map(|text| text.map(|text| fold(&text)))
}

/// A text argument: at most 200 characters, no control characters.
pub fn plain(text: &str) -> Result<String> {
    refuse(text.chars().count() > 200 || text.chars().any(char::is_control), "A text to look for has at most 200 characters, and no control characters.")?;
    Ok(text.to_owned())
}

/// Refuses an argument that makes no sense here.
pub fn refuse(refused: bool, why: &str) -> Result<()> {
    if refused { Err(Error::BadInput(why.to_owned())) } else { Ok(()) }
}
