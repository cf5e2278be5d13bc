//! Pages by keyset: a cursor names the last row seen by its sort key and id, so it survives inserts.
use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::Guarded;
use sea_orm::{ColumnTrait, Condition, Value};
use uuid::Uuid;

/// Items on a page when the caller does not say.
pub const DEFAULT_PAGE: usize = 25;
/// The largest page.
pub const MAX_PAGE: usize = 100;

/// What part of a list is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first so many.
    pub first: Option<usize>,
    /// The last so many.
    pub last: Option<usize>,
    /// After the row of this cursor.
    pub after: Option<(String, Uuid)>,
    /// Before the row of this cursor.
    pub before: Option<(String, Uuid)>,
}

impl Window {
    /// Reads the four arguments of a connection.
    ///
    /// # Errors
    /// [`Error::PageSizeTooLarge`], or [`Error::BadInput`] for a negative size, both ends at once, or a cursor that is none.
    pub fn parse(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Result<Self> {
        if first.is_some() && last.is_some() {
            return Err(Error::BadInput("Give first or last, not both.".into()));
        }
        let size = |n: Option<i32>| match n.map(usize::try_from) {
            None => Ok(None),
            Some(Ok(n)) if n <= MAX_PAGE => Ok(Some(n)),
            Some(Ok(_)) => Err(Error::PageSizeTooLarge(MAX_PAGE)),
            Some(Err(_)) => Err(Error::BadInput("A page cannot have a negative size.".into())),
        };
        let cursor = |c: Option<String>| c.map(|c| decode_cursor(&c).ok_or_else(|| Error::BadInput("This is not a cursor of this list.".into()))).transpose();
        Ok(Self { first: size(first)?, last: size(last)?, after: cursor(after)?, before: cursor(before)? })
    }

    /// How many rows at the most.
    #[must_use]
    pub fn size(&self) -> usize {
        self.last.or(self.first).unwrap_or(DEFAULT_PAGE)
    }
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// There are rows before these.
    pub has_previous: bool,
    /// There are rows after these.
    pub has_next: bool,
}

impl<T: Copy> Slice<T> {
    /// The window of a list that is in memory, in ascending order of `key`; the key is asked for only where it is needed.
    pub fn of(sorted: &[T], window: &Window, key: impl Fn(T) -> (String, Uuid)) -> Self {
        let total = sorted.len();
        let start = window.after.as_ref().map_or(0, |after| sorted.partition_point(|row| key(*row) <= *after));
        let end = window.before.as_ref().map_or(total, |before| sorted.partition_point(|row| key(*row) < *before)).max(start);
        let size = window.size();
        let (low, high) = if window.last.is_some() { (end.saturating_sub(size).max(start), end) } else { (start, end.min(start + size)) };
        Self { rows: sorted[low..high].to_vec(), has_previous: low > 0, has_next: high < total }
    }
}

/// The opaque form of a cursor.
#[must_use]
pub fn encode_cursor(key: &str, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{key}", id.simple()))
}

/// Reads a cursor back.
#[must_use]
pub fn decode_cursor(cursor: &str) -> Option<(String, Uuid)> {
    if cursor.len() > 1_000 {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (id, key) = text.split_once(':')?;
    Some((key.to_owned(), Uuid::try_parse(id).ok()?))
}

/// How a table's rows are put in order: by a column, or by id alone.
pub struct Order<E: Guarded> {
    key: Option<SortKey<E>>,
    /// From high to low.
    pub descending: bool,
}

/// A column to sort by, and how its value is written into a cursor and read back.
type SortKey<E> = (<E as sea_orm::EntityTrait>::Column, fn(&str) -> Option<Value>, fn(&<E as sea_orm::EntityTrait>::Model) -> String);

impl<E: Guarded> Order<E> {
    /// By id: by the time of creation.
    #[must_use]
    pub const fn by_id(descending: bool) -> Self {
        Self { key: None, descending }
    }

    /// By a column that is never null.
    #[must_use]
    pub const fn by(column: E::Column, read: fn(&str) -> Option<Value>, write: fn(&E::Model) -> String, descending: bool) -> Self {
        Self { key: Some((column, read, write)), descending }
    }

    /// The cursor of a row.
    #[must_use]
    pub fn cursor(&self, row: &E::Model) -> String {
        encode_cursor(&self.key.as_ref().map(|(_, _, write)| write(row)).unwrap_or_default(), E::row_id(row))
    }

    pub(super) fn column(&self) -> Option<E::Column> {
        self.key.as_ref().map(|(column, _, _)| *column)
    }

    /// The rows inside the window, and whether they are read from its end.
    pub(super) fn bounds(&self, window: &Window) -> Result<(Condition, bool)> {
        let mut all = Condition::all();
        if let Some(after) = &window.after {
            all = all.add(self.beyond(after, !self.descending)?);
        }
        if let Some(before) = &window.before {
            all = all.add(self.beyond(before, self.descending)?);
        }
        Ok((all, window.last.is_some()))
    }

    fn beyond(&self, (key, id): &(String, Uuid), greater: bool) -> Result<Condition> {
        let id_column = E::columns().id;
        let id_beyond = if greater { id_column.gt(*id) } else { id_column.lt(*id) };
        let Some((column, read, _)) = &self.key else { return Ok(Condition::all().add(id_beyond)) };
        let value = read(key).ok_or_else(|| Error::BadInput("This is not a cursor of this list.".into()))?;
        let beyond = if greater { column.gt(value.clone()) } else { column.lt(value.clone()) };
        Ok(Condition::any().add(beyond).add(Condition::all().add(column.eq(value)).add(id_beyond)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: u128) -> (String, Uuid) {
        (String::new(), Uuid::from_u128(n))
    }
    fn page(window: &Window) -> (Vec<u128>, bool, bool) {
        let slice = Slice::of(&[1, 2, 3, 4, 5], window, row);
        (slice.rows, slice.has_previous, slice.has_next)
    }

    #[test]
    fn a_window_is_cut_from_both_ends() {
        assert_eq!(page(&Window { first: Some(2), ..Window::default() }), (vec![1, 2], false, true));
        assert_eq!(page(&Window { first: Some(2), after: Some(row(2)), ..Window::default() }), (vec![3, 4], true, true));
        assert_eq!(page(&Window { last: Some(2), ..Window::default() }), (vec![4, 5], true, false));
        assert_eq!(page(&Window { last: Some(1), before: Some(row(3)), ..Window::default() }), (vec![2], true, true));
        assert_eq!(page(&Window { first: Some(9), after: Some(row(5)), ..Window::default() }), (vec![], true, false));
    }

    #[test]
    fn a_cursor_survives_the_loss_of_its_row() {
        let slice = Slice::of(&[1, 3, 5], &Window { first: Some(1), after: Some(row(2)), ..Window::default() }, row);
        assert_eq!(slice.rows, [3]);
    }

    #[test]
    fn junk_is_no_cursor() {
        for junk in ["", "nonsense!", "AAAA", "' OR 1=1 --", &"x".repeat(5_000)] {
            assert_eq!(decode_cursor(junk), None);
        }
    }
}
