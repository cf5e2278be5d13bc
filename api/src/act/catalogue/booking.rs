//! Booking (varaus): a venue that holds one group at a time, and whoever leads, are at one session at a time, across the offerings of a network.
use crate::{
    error::{Error, Result},
    store::{Span, Work},
};
use chrono::TimeDelta;
use domain::{
    catalogue::session::{Leader, local, overlap},
    id::{Kinded, SessionId, VenueId},
    rejection::{Code, Rejection},
};
use entity::catalogue::{service_offering, session};
use sea_orm::ColumnTrait;
use std::collections::BTreeSet;

/// Where in the input the venue and the leader of what is booked stand.
#[derive(Clone, Copy)]
pub(super) struct Paths<'a> {
    pub(super) venue: &'a [&'a str],
    pub(super) leader: &'a [&'a str],
}

/// Where a form of sessions has them.
pub(super) const OF_SESSIONS: Paths<'static> = Paths { venue: &["venue"], leader: &["leader"] };

/// Books venues and leaders for sessions of one offering as they will be; none of them may be taken by another session. Both are held until the commit.
///
/// # Errors
/// [`Code::VenueTaken`] or [`Code::LeaderTaken`], which tell when, and by which session if the caller may see it.
pub(super) async fn book(work: &Work, offering: &service_offering::Model, rows: &[session::Model], paths: Paths<'_>) -> Result<()> {
    let Some(within) = bounds(rows) else { return Ok(()) };
    let own: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    let takes = |row: &session::Model| row.venue_id.or(offering.venue_id);
    // Always in the same order, so that two who book at once wait for each other and not for ever.
    let venues: BTreeSet<VenueId> = rows.iter().filter_map(takes).collect();
    for at in venues {
        // What is not in the inventory any more holds nobody up: whether it may be named is judged elsewhere.
        if work.hold_venue(at).await?.is_none_or(|venue| venue.content.shared) {
            continue;
        }
        let here: Vec<_> = rows.iter().filter(|row| takes(row) == Some(at)).collect();
        let taken = work.sessions_in(at, within).await?;
        check(work, &here, &taken, &own, |_, _| true, Code::VenueTaken, paths.venue).await?;
    }
    let words: BTreeSet<_> = rows.iter().flat_map(|row| Work::words_of(offering.network_id, leader(row))).collect();
    for word in &words {
        work.hold_word(word).await?;
    }
    if !words.is_empty() {
        let accounts: BTreeSet<_> = rows.iter().filter_map(|row| row.leader_account.as_deref()).collect();
        let accounts: Vec<_> = accounts.into_iter().collect();
        let taken = work.sessions_led(offering.network_id, offering.organization_id, &accounts, within).await?;
        let rows: Vec<_> = rows.iter().collect();
        check(work, &rows, &taken, &own, |one, other| leader(one).is_same(leader(other)), Code::LeaderTaken, paths.leader).await?;
    }
    Ok(())
}

/// How far ahead it is looked for sessions when a venue is to hold one at a time: a hundred years.
const AHEAD: TimeDelta = TimeDelta::days(36_525);

/// Refuses two sessions at once in a venue that is to hold one at a time.
///
/// # Errors
/// [`Code::VenueTaken`].
pub(super) async fn check_one_at_a_time(work: &Work, venue: VenueId, path: &[&str]) -> Result<()> {
    let mut rows = work.sessions_in(venue, (work.now(), work.now() + AHEAD)).await?;
    rows.sort_unstable_by_key(|row| (row.starts_at, row.id));
    match rows.windows(2).find(|pair| overlap(span(&pair[0]), span(&pair[1]))) {
        Some(pair) => Err(taken_by(work, &pair[1], Code::VenueTaken, path).await?),
        None => Ok(()),
    }
}

/// None of `rows` goes on while one that is taken does, nor while another of them does, where the two cannot be at once.
async fn check(
    work: &Work,
    rows: &[&session::Model],
    taken: &[session::Model],
    own: &BTreeSet<SessionId>,
    clashes: impl Fn(&session::Model, &session::Model) -> bool,
    code: Code,
    path: &[&str],
) -> Result<()> {
    for (i, row) in rows.iter().enumerate() {
        let others = taken.iter().filter(|other| !own.contains(&other.id)).chain(rows[..i].iter().copied());
        if let Some(other) = others.into_iter().find(|other| overlap(span(row), span(other)) && clashes(row, other)) {
            return Err(taken_by(work, other, code, path).await?);
        }
    }
    Ok(())
}

async fn taken_by(work: &Work, other: &session::Model, code: Code, path: &[&str]) -> Result<Error> {
    let when = format!("{}–{}", local(other.starts_at).format("%Y-%m-%d %H:%M"), local(other.ends_at).format("%H:%M"));
    let seen = !work.find::<session::Entity>(session::Column::Id.eq(other.id)).await?.is_empty();
    let detail = if seen { format!("{when} ({})", other.id.to_public()) } else { when };
    Ok(Rejection::with(code, path, detail).into())
}

fn leader(row: &session::Model) -> Leader<'_> {
    Leader { organization: row.organization_id, account: row.leader_account.as_deref(), name: row.leader.as_deref() }
}

fn span(row: &session::Model) -> Span {
    (row.starts_at, row.ends_at)
}

fn bounds(rows: &[session::Model]) -> Option<Span> {
    Some((rows.iter().map(|row| row.starts_at).min()?, rows.iter().map(|row| row.ends_at).max()?))
}
