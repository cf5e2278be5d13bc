//! The public catalogue for those who keep a copy of it: what has changed, and all of it at once. What is what is told in `docs/partners.md`.
mod describe;
mod record;

use super::hsds::{
    View,
    ask::{Kind, Parameter, number, parameter, said, word, wrong},
    bytes, cost, package,
};
use crate::{
    caller::Caller,
    error::Error,
    feed::{self, Place},
    http::{Form, Listing, PublicOf, Wrong},
    snapshot::Snapshot,
};
use domain::event::CatalogueKind;
use record::{End, Record, Told, count, id_at};
use std::{iter::once, sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

/// Most changes at once, and how many there are when nothing is said.
const LARGEST_PAGE: u32 = 1_000;
/// Longest text of a cursor, and of kinds.
const LONGEST: usize = 200;

/// What an address gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// What has changed.
    Changes,
    /// All of it.
    Export,
    /// The description of this API.
    Description,
}

/// An address.
struct Route {
    /// Its path below `/catalogue`.
    path: &'static str,
    what: What,
    operation: &'static str,
    /// In one sentence.
    summary: &'static str,
    /// What can be said with it.
    parameters: &'static [&'static str],
}

/// The one table by which is answered and described.
const ROUTES: &[Route] = &[
    Route {
        path: "/changes",
        what: What::Changes,
        operation: "getCatalogueChanges",
        summary: "What has changed after a cursor, in the order in which it was committed, each thing as it is now; the last line tells where to go on.",
        parameters: &["since", "types", "limit", "wait"],
    },
    Route {
        path: "/export",
        what: What::Export,
        operation: "getCatalogueExport",
        summary: "All of the catalogue in one state, with the cursor from which its changes go on.",
        parameters: &["format"],
    },
    Route { path: "/openapi.json", what: What::Description, operation: "getDescription", summary: "This description.", parameters: &[] },
];

/// The forms of an export.
const FORMATS: &[&str] = &["ndjson", "hsds-csv"];

const PARAMETERS: &[Parameter] = &[
    parameter("since", Kind::Text(LONGEST), "Go on after this cursor; without it, from the first change ever."),
    parameter("types", Kind::Text(LONGEST), "Only changes of these kinds, with commas between them, as in `SERVICE,SERVICE_OFFERING`."),
    parameter("limit", Kind::Number(LARGEST_PAGE), "How many changes at the most, beside things that are told anew: 1000 when nothing is said."),
    parameter("wait", Kind::Number(crate::http::LONGEST_WAIT), "Where there are none, wait so many seconds for one."),
    parameter(
        "format",
        Kind::Word(FORMATS),
        "`ndjson`: one JSON object a line; `hsds-csv`: the tables of HSDS 3.0 as CSV with a `datapackage.json`, in a zip file.",
    ),
];

/// What was said with an address.
#[derive(Default)]
struct Asked {
    since: String,
    kinds: Option<Vec<CatalogueKind>>,
    limit: Option<u32>,
    wait: Duration,
    tables: bool,
}

impl Asked {
    fn read(route: &Route, query: &str) -> Result<Self, Wrong> {
        let mut asked = Self::default();
        for (of, text) in said(PARAMETERS, route.parameters, query)? {
            match of.kind {
                Kind::Text(most) if text.len() > most => return Err(wrong(of.name, format!("a text of at most {most} characters"))),
                Kind::Number(most) => {
                    let number = number(of.name, &text, most)?;
                    match of.name {
                        "wait" => asked.wait = Duration::from_secs(number.into()),
                        _ => asked.limit = Some(number),
                    }
                }
                Kind::Word(words) => asked.tables = word(of.name, &text, words)? == 1,
                _ if of.name == "types" => asked.kinds = Some(kinds(&text)?),
                _ => asked.since = text,
            }
        }
        Ok(asked)
    }
}

/// How a kind is written.
fn written(kind: CatalogueKind) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn kinds(text: &str) -> Result<Vec<CatalogueKind>, Wrong> {
    let all: Vec<_> = CatalogueKind::ALL.iter().map(|kind| (written(*kind), *kind)).collect();
    let known = |name: &str| all.iter().find(|(word, _)| word == name.trim()).map(|(_, kind)| *kind);
    let words = || all.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(", ");
    text.split(',').map(|name| known(name).ok_or_else(|| wrong("types", format!("one or several of: {}", words())))).collect()
}

/// What is asked for, ready to be written. Whoever waits for changes is answered once there is one, or once the time is over.
///
/// # Errors
/// There is no such thing, or what is asked makes no sense.
pub async fn look(caller: &Caller, of: &PublicOf) -> Result<Listing, Wrong> {
    let path = of.path.strip_suffix('/').unwrap_or(&of.path);
    let route = ROUTES.iter().find(|route| route.path == path).ok_or(Wrong::Nothing)?;
    let asked = Asked::read(route, &of.query)?;
    match route.what {
        What::Changes => changes(caller, &asked).await,
        What::Export => {
            let cursor = Place::here(caller).await?.cursor();
            let s = caller.catalogue();
            let rows: u32 = CatalogueKind::ALL.iter().map(|kind| count(&s, *kind)).sum();
            let cost = u64::from(rows).saturating_mul(cost::ROW as u64);
            if asked.tables {
                let view = View { s, language: caller.language(), now: caller.now(), origin: of.origin.clone(), capacities: false };
                return Ok(Listing { cost, form: Form::Zip, cursor: Some(cursor.clone()), parts: Box::new(package(view, &cursor)) });
            }
            Ok(Listing { cost, form: Form::Lines, cursor: Some(cursor.clone()), parts: Box::new(lines(caller, s, cursor)) })
        }
        What::Description => {
            let parts = Box::new(once(describe::description).map(|write| bytes(&write())));
            Ok(Listing { cost: cost::FULL as u64, form: Form::Whole, cursor: None, parts })
        }
    }
}

async fn changes(caller: &Caller, asked: &Asked) -> Result<Listing, Wrong> {
    let since = Place::read(caller, &asked.since).await?;
    let most = asked.limit.unwrap_or(LARGEST_PAGE) as usize;
    let until = Instant::now() + asked.wait;
    let mut news = caller.follow();
    let mut now = caller.clone();
    let mut from = since;
    let found = loop {
        // Before looking: what comes while one looks is looked for once more.
        news.mark_unchanged();
        if !asked.wait.is_zero() {
            now = caller.renewed().await?;
        }
        let found = feed::changes(&now, from, asked.kinds.as_deref(), most).await?;
        if !found.changes.is_empty() || !found.beside.is_empty() || found.has_more {
            break found;
        }
        // Up to there is nothing of these kinds.
        from = found.place;
        if !matches!(timeout_at(until, news.changed()).await, Ok(Ok(()))) {
            break found;
        }
    };
    let (s, at, cursor) = (now.catalogue(), now.now(), found.place.cursor());
    let cost = found.changes.len().saturating_add(found.beside.len()).saturating_add(1).saturating_mul(cost::ROW) as u64;
    let end = End { cursor: cursor.clone(), has_more: found.has_more };
    let told = found.beside.into_iter().chain(found.changes).map(move |change| line(&Told::of(&s, &change, at)));
    Ok(Listing { cost, form: Form::Page, cursor: Some(cursor), parts: Box::new(told.chain(once(end).map(|end| line(&end)))) })
}

/// All of the catalogue, thing by thing, and last the cursor. Each is written when its turn comes: nothing but the catalogue itself is held in memory.
fn lines(caller: &Caller, s: Arc<Snapshot>, cursor: String) -> impl Iterator<Item = Vec<u8>> + Send + 'static {
    let now = caller.now();
    let end = once(End { cursor, has_more: false }).map(|end| line(&end));
    let counted: Vec<_> = CatalogueKind::ALL.iter().map(|kind| (*kind, count(&s, *kind))).collect();
    let each = counted.into_iter().flat_map(|(kind, count)| (0..count).map(move |position| (kind, position)));
    each.filter_map(move |(kind, position)| Some(line(&Record::of(&s, kind, id_at(&s, kind, position), now)?))).chain(end)
}

fn line(value: &impl serde::Serialize) -> Vec<u8> {
    let mut line = bytes(value);
    line.push(b'\n');
    line
}

impl From<Error> for Wrong {
    fn from(fault: Error) -> Self {
        match fault {
            Error::CursorUnknown => Self::CursorUnknown,
            Error::CursorAhead => Self::CursorAhead,
            Error::Unavailable | Error::Busy => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, query: &str) -> Result<Asked, Wrong> {
        Asked::read(ROUTES.iter().find(|route| route.path == path).unwrap(), query)
    }

    #[test]
    fn what_is_said_is_understood_or_refused() {
        let asked = read("/changes", "since=abc&types=SERVICE,%20VENUE&limit=7&wait=30").unwrap();
        assert_eq!((asked.since.as_str(), asked.limit, asked.wait), ("abc", Some(7), Duration::from_secs(30)));
        assert_eq!(asked.kinds, Some(vec![CatalogueKind::Service, CatalogueKind::Venue]));
        assert!(read("/export", "format=hsds-csv").unwrap().tables && !read("/export", "format=ndjson").unwrap().tables);
        for query in [
            "types=",
            "types=service",
            "types=SERVICE,,VENUE",
            "limit=0",
            "limit=1001",
            "wait=31",
            "wait=0",
            "wait=-1",
            "format=ndjson",
            "since=a&since=b",
            "x=1",
        ] {
            assert!(read("/changes", query).is_err(), "{query}");
        }
        assert!(read("/export", "format=csv").is_err() && read("/export", "since=a").is_err() && read("/openapi.json", "limit=1").is_err());
        assert!(read("/changes", &format!("since={}", "a".repeat(201))).is_err());
    }

    #[test]
    fn every_parameter_of_every_address_is_known_and_every_known_one_used() {
        let used: Vec<_> = ROUTES.iter().flat_map(|route| route.parameters).collect();
        assert!(used.iter().all(|name| PARAMETERS.iter().any(|known| known.name == **name)) && PARAMETERS.iter().all(|known| used.contains(&&known.name)));
    }
}
