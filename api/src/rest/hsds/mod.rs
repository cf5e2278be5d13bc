//! HSDS 3, the Human Services Data Specification of Open Referral, over its own API (HSDA): services, organisations, places and code lists as partners abroad and
//! at home read them with ordinary tools. What is whose is told in `docs/hsds.md`.
pub(super) mod ask;
pub(super) mod describe;
mod find;
mod object;
mod place;
mod schedule;
mod tables;
mod taxonomy;
mod view;

use crate::{
    caller::Caller,
    http::{Form, Listing, PublicOf, Wrong},
};
use ask::{Asked, Format, What};
use object::{About, Page};
use serde::Serialize;
use std::iter::once;
use uuid::Uuid;

/// The version of the standard that is spoken when nothing is said.
const VERSION: &str = "3.0";
/// Where the standard is described.
const PROFILE: &str = "https://docs.openreferral.org/en/3.0/";

/// What one thing costs, in the values that it can hold.
pub(super) mod cost {
    pub const MINIMAL: usize = 1;
    pub const ROW: usize = 8;
    pub const FULL: usize = 40;
    pub const CODE: usize = 2;
}

pub(super) use tables::package;
pub(super) use view::View;

/// What is asked for, ready to be written.
///
/// # Errors
/// There is no such thing, or what is asked makes no sense.
pub fn look(caller: &Caller, of: &PublicOf) -> Result<Listing, Wrong> {
    let (route, id) = ask::route(&of.path).ok_or(Wrong::Nothing)?;
    let asked = Asked::read(route, &of.query)?;
    let view = View { s: caller.catalogue(), language: caller.language(), now: caller.now(), origin: of.origin.clone(), capacities: asked.newer };
    let id = || id.and_then(|id| Uuid::try_parse(id).ok()).ok_or(Wrong::Nothing);
    Ok(match route.what {
        What::About => {
            let openapi_url = format!("{}/hsds/openapi.json", of.origin);
            one(cost::ROW, move || About { version: VERSION, profile: PROFILE.to_owned(), openapi_url })
        }
        What::Description => one(cost::FULL, describe::description),
        What::Service => {
            let row = view.s.services.get(id()?).cloned().ok_or(Wrong::Nothing)?;
            one(cost::FULL, move || view.service_full(&row))
        }
        What::Services => {
            let found = view.services(&asked)?;
            match (asked.minimal, asked.full) {
                (true, _) => list(&asked, found, cost::MINIMAL, move |row| view.service_minimal(row)),
                (_, true) => list(&asked, found, cost::FULL, move |row| view.service_full(row)),
                _ => list(&asked, found, cost::ROW, move |row| view.service_row(row)),
            }
        }
        What::Organization => {
            let row = view.s.organizations.get(id()?).cloned().ok_or(Wrong::Nothing)?;
            one(cost::FULL, move || view.organization_full(&row, asked.full_service))
        }
        What::Organizations => {
            let found = view.organizations(&asked);
            match (asked.full_service, asked.full) {
                (true, _) => list(&asked, found, cost::FULL * 4, move |row| view.organization_full(row, true)),
                (_, true) => list(&asked, found, cost::FULL, move |row| view.organization_full(row, false)),
                _ => list(&asked, found, cost::ROW, move |row| view.organization_row(row)),
            }
        }
        What::Spot => {
            let id = id()?;
            // Nearly always the id of the offering itself.
            let usual = view.s.offerings.get(id).map(|row| view.spots(row)).unwrap_or_default();
            let all = || view.s.offerings.iter().filter(|row| row.content.route.is_some()).flat_map(|row| view.spots(row));
            let spot = usual.into_iter().find(|spot| spot.id() == id).or_else(|| all().find(|spot| spot.id() == id)).ok_or(Wrong::Nothing)?;
            one(cost::FULL, move || view.spot_full(&spot, true))
        }
        What::Spots => {
            let found = view.found_spots(&asked)?;
            if asked.full {
                list(&asked, found, cost::FULL, move |spot| view.spot_full(spot, true))
            } else {
                list(&asked, found, cost::ROW, move |spot| view.spot_row(spot))
            }
        }
        What::Taxonomy => {
            let id = id()?;
            let found = taxonomy::taxonomies().find(|list| taxonomy::taxonomy_id(list) == id).ok_or(Wrong::Nothing)?;
            one(cost::CODE, move || taxonomy::taxonomy(found, view.language))
        }
        What::Taxonomies => {
            let found = View::taxonomies(&asked);
            list(&asked, found, cost::CODE, move |list| taxonomy::taxonomy(list, view.language))
        }
        What::Term => {
            let found = taxonomy::term(id()?).ok_or(Wrong::Nothing)?;
            one(cost::CODE, move || found.told(view.language))
        }
        What::Terms => {
            let found = View::terms(&asked);
            list(&asked, found, cost::CODE, move |term| term.told(view.language))
        }
    })
}

/// As JSON.
pub(super) fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// One thing.
fn one<T: Serialize>(cost: usize, write: impl FnOnce() -> T + Send + 'static) -> Listing {
    Listing { cost: cost as u64, form: Form::Whole, cursor: None, parts: Box::new(once(write).map(|write| bytes(&write()))) }
}

/// A page of a list, or all of it line by line. Each thing is written when its turn comes: nothing but the catalogue itself is held in memory.
fn list<I, T>(asked: &Asked, mut found: Vec<I>, cost: usize, write: impl Fn(&I) -> T + Send + 'static) -> Listing
where
    I: Send + 'static,
    T: Serialize,
{
    if asked.format == Format::Lines {
        let cost = (cost * found.len()) as u64;
        let line = move |row: I| {
            let mut line = bytes(&write(&row));
            line.push(b'\n');
            line
        };
        return Listing { cost, form: Form::Lines, cursor: None, parts: Box::new(found.into_iter().map(line)) };
    }
    let (total, size, page) = (found.len(), asked.size(), asked.page.unwrap_or(1));
    let pages = total.div_ceil(size);
    let start = (page - 1).saturating_mul(size).min(total);
    let rows: Vec<I> = found.drain(start..(start + size).min(total)).collect();
    let told = Page {
        total_items: total,
        total_pages: pages,
        page_number: page,
        size: rows.len(),
        first_page: page == 1,
        last_page: page >= pages,
        empty: rows.is_empty(),
    };
    let cost = (cost * rows.len()) as u64;
    let mut head = bytes(&told);
    head.pop();
    head.extend_from_slice(b",\"contents\":[");
    let row = move |(number, row): (usize, I)| {
        let mut text = if number == 0 { Vec::new() } else { vec![b','] };
        text.extend(bytes(&write(&row)));
        text
    };
    let parts = once(head).chain(rows.into_iter().enumerate().map(row)).chain(once(b"]}".to_vec()));
    Listing { cost, form: Form::Whole, cursor: None, parts: Box::new(parts) }
}
