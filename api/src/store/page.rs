//! Pages by keyset: a cursor names the last row seen by its sort key and id, so it survives inserts.
use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::Guarded;
use sea_orm::{ColumnTrait, Condition, Value};
use std::cmp::Ordering;
use uuid::Uuid;

/// Items on a page when the caller does not say.
pub const DEFAULT_PAGE: usize = 25;
/// The largest page.
pub const MAX_PAGE: usize = 100;

/// Stands between the sort keys of a cursor; no key holds a control character.
const BETWEEN: char = '\u{1f}';

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
        let cursor = |c: Option<String>| c.map(|c| decode_cursor(&c).ok_or_else(not_of_this_list)).transpose();
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
        Self::cut(sorted, window, |row, place| key(row).cmp(place))
    }

    /// The same of a list in any order: `compare` tells where a row stands beside the place of a cursor.
    pub fn cut(sorted: &[T], window: &Window, compare: impl Fn(T, &(String, Uuid)) -> Ordering) -> Self {
        let total = sorted.len();
        let start = window.after.as_ref().map_or(0, |after| sorted.partition_point(|row| compare(*row, after).is_le()));
        let end = window.before.as_ref().map_or(total, |before| sorted.partition_point(|row| compare(*row, before).is_lt())).max(start);
        let size = window.size();
        let (low, high) = if window.last.is_some() { (end.saturating_sub(size).max(start), end) } else { (start, end.min(start + size)) };
        Self { rows: sorted[low..high].to_vec(), has_previous: low > 0, has_next: high < total }
    }
}

/// In which direction each sort key of a list runs: `true` is from high to low. The id breaks ties, in the direction of the last key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directions(Vec<bool>);

impl FromIterator<bool> for Directions {
    fn from_iter<I: IntoIterator<Item = bool>>(descending: I) -> Self {
        Self(descending.into_iter().collect())
    }
}

impl Directions {
    /// Sort keys as a cursor holds them.
    #[must_use]
    pub fn join(keys: impl IntoIterator<Item = String>) -> String {
        keys.into_iter().collect::<Vec<_>>().join(&BETWEEN.to_string())
    }

    /// Which of two places comes first.
    #[must_use]
    pub fn compare(&self, a: &(String, Uuid), b: &(String, Uuid)) -> Ordering {
        let keys = a.0.split(BETWEEN).zip(b.0.split(BETWEEN)).zip(&self.0);
        let by_keys = keys.map(|((a, b), descending)| turned(a.cmp(b), *descending)).find(|order| order.is_ne());
        by_keys.unwrap_or_else(|| turned(a.1.cmp(&b.1), self.0.last().copied().unwrap_or_default()))
    }

    /// Refuses a cursor that has not as many keys as this order.
    ///
    /// # Errors
    /// [`Error::BadInput`].
    pub fn check(&self, window: &Window) -> Result<()> {
        let wrong = |(keys, _): &(String, Uuid)| keys.split(BETWEEN).count() != self.0.len().max(1);
        if [&window.after, &window.before].into_iter().flatten().any(wrong) { Err(not_of_this_list()) } else { Ok(()) }
    }
}

const fn turned(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}

fn not_of_this_list() -> Error {
    Error::BadInput("This is not a cursor of this list.".into())
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

/// How a table's rows are put in order: by columns, one after the other, and last by id.
pub struct Order<E: Guarded> {
    keys: Vec<SortKey<E>>,
    /// The ids run from high to low.
    descending: bool,
}

/// A column to sort by, how its value is written into a cursor and read back, and whether it runs from high to low.
struct SortKey<E: Guarded> {
    column: E::Column,
    read: fn(&str) -> Option<Value>,
    write: fn(&E::Model) -> String,
    descending: bool,
}

impl<E: Guarded> Order<E> {
    /// By id: by the time of creation.
    #[must_use]
    pub const fn by_id(descending: bool) -> Self {
        Self { keys: Vec::new(), descending }
    }

    /// By a column that is never null. The id follows in its direction.
    #[must_use]
    pub fn by(column: E::Column, read: fn(&str) -> Option<Value>, write: fn(&E::Model) -> String, descending: bool) -> Self {
        Self::by_id(descending).then(column, read, write, descending)
    }

    /// And among those that are the same so far, by another column that is never null.
    #[must_use]
    pub fn then(mut self, column: E::Column, read: fn(&str) -> Option<Value>, write: fn(&E::Model) -> String, descending: bool) -> Self {
        self.keys.push(SortKey { column, read, write, descending });
        self.then_by_id(descending)
    }

    /// And last by id in this direction, whatever the one of the columns.
    #[must_use]
    pub fn then_by_id(self, descending: bool) -> Self {
        Self { descending, ..self }
    }

    /// The cursor of a row.
    #[must_use]
    pub fn cursor(&self, row: &E::Model) -> String {
        encode_cursor(&Directions::join(self.keys.iter().map(|key| (key.write)(row))), E::row_id(row))
    }

    /// What to sort by, and whether it runs from high to low; read from the end, everything is turned.
    pub(super) fn columns(&self, backwards: bool) -> impl Iterator<Item = (E::Column, bool)> {
        let id = (E::columns().id, self.descending);
        self.keys.iter().map(|key| (key.column, key.descending)).chain([id]).map(move |(column, descending)| (column, descending != backwards))
    }

    /// The rows inside the window, and whether they are read from its end.
    pub(super) fn bounds(&self, window: &Window) -> Result<(Condition, bool)> {
        let mut all = Condition::all();
        if let Some(after) = &window.after {
            all = all.add(self.beyond(after, false)?);
        }
        if let Some(before) = &window.before {
            all = all.add(self.beyond(before, true)?);
        }
        Ok((all, window.last.is_some()))
    }

    /// The rows behind a place, or before it: those that differ from it in the right direction by the first key in which they differ.
    fn beyond(&self, (keys, id): &(String, Uuid), backwards: bool) -> Result<Condition> {
        let directions: Directions = self.keys.iter().map(|key| key.descending).collect();
        directions.check(&Window { after: Some((keys.clone(), *id)), ..Window::default() })?;
        let mut place = Vec::with_capacity(self.keys.len() + 1);
        for (key, text) in self.keys.iter().zip(keys.split(BETWEEN)) {
            place.push((key.read)(text).ok_or_else(not_of_this_list)?);
        }
        place.push((*id).into());
        let (mut any, mut same) = (Condition::any(), Condition::all());
        for ((column, descending), value) in self.columns(backwards).zip(place) {
            let beyond = if descending { column.lt(value.clone()) } else { column.gt(value.clone()) };
            any = any.add(same.clone().add(beyond));
            same = same.add(column.eq(value));
        }
        Ok(any)
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

    #[test]
    fn keys_run_each_in_its_direction_and_the_id_with_the_last() {
        let place = |keys: [&str; 2], id| (Directions::join(keys.map(str::to_owned)), Uuid::from_u128(id));
        let mut rows = [place(["a", "1"], 1), place(["b", "1"], 2), place(["a", "2"], 3), place(["a", "1"], 4)];
        let order: Directions = [false, true].into_iter().collect();
        rows.sort_by(|a, b| order.compare(a, b));
        assert_eq!(rows.map(|(_, id)| id.as_u128()), [3, 4, 1, 2]);
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let window = Window { after: Some(("a".to_owned(), Uuid::nil())), ..Window::default() };
        let of = |keys: &[bool]| keys.iter().copied().collect::<Directions>().check(&window).is_ok();
        assert_eq!((of(&[]), of(&[true]), of(&[true, false])), (true, true, false));
    }
}
