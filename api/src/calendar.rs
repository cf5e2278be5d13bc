//! Sessions as calendars (iCalendar, RFC 5545): public ones from the snapshot, and one's own.
use crate::{
    act::access::calendar::{self, Item},
    caller::Caller,
    error::Result,
    snapshot::Snapshot,
};
use chrono::{DateTime, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::Helsinki;
use domain::{
    catalogue::session::{SessionState, local},
    id::{Kinded, OrganizationId, ServiceOfferingId, VenueId},
    text::{Language, LocalizedText},
};
use entity::catalogue::{service, service_offering, session};
use icalendar::{Calendar, CalendarDateTime, Component, Event, EventLike, EventStatus, Property, ValueType};
use std::sync::Arc;

/// The zone by whose clock sessions are planned.
const ZONE: &str = "Europe/Helsinki";
/// The changes of a place that is gone, and the most that are counted of any: two places beside what else is told fit into a number of RFC 5545.
const GONE: u32 = 1_000;
/// The most sessions in one calendar: the next ones.
const MOST: usize = 2_000;

/// The clock in Finland since 1996, when summer time began to end in October. The library writes components with a time stamp and an id of their own, which
/// a time zone has not; so this one stands here as it is sent.
const CLOCK: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Helsinki\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:19960331T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nTZNAME:EEST\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\nEND:DAYLIGHT\r\n\
    BEGIN:STANDARD\r\nDTSTART:19961027T040000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nTZNAME:EET\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\n\
    END:VTIMEZONE\r\n";

/// The calendar of a published thing, by the kind and the public id in its address; none when there is no such thing.
#[must_use]
pub fn of_thing(caller: &Caller, kind: &str, id: &str) -> Option<String> {
    let (s, language) = (caller.catalogue(), caller.language());
    let every = |holds: &dyn Fn(&session::Model) -> bool| s.sessions.positions().filter(|i| holds(s.sessions.at(*i))).collect::<Vec<_>>();
    let (name, found) = match kind {
        "offering" => {
            let row = s.offerings.get(ServiceOfferingId::from_public(id)?)?;
            (title(&s, row, None, language), s.sessions_of(row.id).to_vec())
        }
        "venue" => {
            let row = s.venues.get(VenueId::from_public(id)?)?;
            let here = |session: &session::Model| session.venue_id.or_else(|| s.offerings.get(session.offering_id)?.content.venue) == Some(row.id);
            (row.content.name.in_language(language).to_owned(), every(&here))
        }
        "organization" => {
            let row = s.organizations.get(OrganizationId::from_public(id)?)?;
            (row.content.name.in_language(language).to_owned(), every(&|session| session.organization_id == row.id))
        }
        _ => return None,
    };
    let events = found.into_iter().take(MOST).filter_map(|i| {
        let session = s.sessions.at(i);
        let offering = s.offerings.get(session.offering_id)?;
        Some(told(event(&s, session, offering, &session.id.to_public()), &s, session, offering, None, language))
    });
    Some(calendar(&name, events))
}

/// The calendar of a person, as the person alone and with the roles that the person has.
///
/// # Errors
/// A fault of the database.
pub async fn of_person(oneself: &Caller, at_work: &Caller) -> Result<String> {
    let (s, language) = (oneself.catalogue(), oneself.language());
    let mut events = Vec::new();
    for Item { session, offering, withheld } in calendar::items(oneself, at_work).await?.into_iter().take(MOST) {
        if withheld {
            // Public ids would tell what public calendars say of the same session.
            let unlike = oneself.vault().oldest_index("calendar", &session.id.to_public());
            events.push(event(&s, &session, &offering, &unlike).summary(withheld_title().in_language(language)).done());
            continue;
        }
        // What is being written is called by its service, which nobody else may see yet.
        let hidden = if s.services.get(offering.service_id).is_some() { None } else { at_work.load::<service::Entity>(offering.service_id).await? };
        events.push(told(event(&s, &session, &offering, &session.id.to_public()), &s, &session, &offering, hidden.as_ref(), language));
    }
    let name = LocalizedText::of("Omat kerrat", "Mina träffar", "My sessions");
    Ok(calendar(name.in_language(language), events.into_iter()))
}

fn calendar(name: &str, events: impl Iterator<Item = Event>) -> String {
    let mut out = Calendar::empty();
    for (key, value) in [("VERSION", "2.0"), ("PRODID", "-//Monituottaja//Calendar 1.0//FI"), ("CALSCALE", "GREGORIAN")] {
        out.append_property(Property::new(key, value));
    }
    for key in ["NAME", "X-WR-CALNAME"] {
        // The library escapes what it knows to be text.
        out.append_property(Property::new(key, name).append_parameter(ValueType::Text).done());
    }
    out.timezone(ZONE).ttl(&chrono::Duration::hours(1));
    out.extend(events);
    let text = out.to_string();
    // Before the first component, or the end where there is none: whole lines, which no escaped text holds.
    let at = text.find("\r\nBEGIN:VEVENT\r\n").or_else(|| text.rfind("\r\nEND:VCALENDAR")).map_or(text.len(), |end| end + 2);
    format!("{}{CLOCK}{}", &text[..at], &text[at..])
}

/// A session with nothing but its times, and whether it is cancelled.
fn event(s: &Snapshot, row: &session::Model, offering: &service_offering::Model, uid: &str) -> Event {
    let (changed, number) = newest(s, row, offering);
    let mut out = Event::new();
    out.uid(&format!("{uid}@monituottaja"))
        .sequence(number)
        .timestamp(changed)
        .last_modified(changed)
        .starts(at(row.starts_at))
        .ends(at(row.ends_at))
        .status(if row.state == SessionState::Cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed });
    out
}

/// The same with what is told of it.
fn told(mut out: Event, s: &Snapshot, row: &session::Model, offering: &service_offering::Model, hidden: Option<&service::Model>, language: Language) -> Event {
    out.summary(&title(s, offering, hidden, language));
    let said: Vec<_> = [row.reason.as_ref(), offering.content.info.as_ref()].into_iter().flatten().map(|text| text.in_language(language)).collect();
    if !said.is_empty() {
        out.description(&said.join("\n\n"));
    }
    if let Some(place) = place(s, row, offering, language) {
        out.location(&place);
    }
    out.done()
}

/// When the newest of what an event tells was changed, and the number of its changes, which only grows. Where it is may become another place, with fewer changes
/// of its own, only by a change of the session or the offering: each of these is worth more than any place can have. A place that everybody saw and that is
/// gone has had the last of its changes. The service tells no more than its name, and may come and go.
fn newest(s: &Snapshot, row: &session::Model, offering: &service_offering::Model) -> (DateTime<Utc>, u32) {
    let service = s.services.get(offering.service_id).map(|service| service.updated_at);
    let named = row.venue_id.or(offering.content.venue);
    let venue = named.and_then(|venue| s.venues.get(venue)).map(|venue| (venue.updated_at, venue.version));
    let unit = offering.content.unit.and_then(|unit| s.units.get(unit)).map(|unit| (unit.updated_at, unit.version));
    let places = [venue, unit].into_iter().flatten().map(|(at, _)| at);
    let latest = places.chain(service).chain([offering.updated_at]).fold(row.updated_at, Ord::max);
    let changes = row.version.unsigned_abs() + offering.version.unsigned_abs();
    let of_place = |is_named: bool, place: Option<(DateTime<Utc>, i32)>| match place {
        Some((_, version)) => version.unsigned_abs().min(GONE),
        None if is_named => GONE,
        None => 0,
    };
    let places = of_place(named.is_some(), venue) + of_place(offering.content.unit.is_some(), unit);
    (latest, changes * (2 * GONE + 1) + places)
}

/// What a session is called whose participant is under non-disclosure, or whose service is not public any more.
fn withheld_title() -> LocalizedText {
    LocalizedText { fi: "Oma kerta".to_owned(), sv: Some("Egen träff".to_owned()), en: Some("Own session".to_owned()) }
}

/// A time by the clock on the wall. The hour that comes twice in autumn is told by UTC, which says which of the two.
fn at(time: DateTime<Utc>) -> CalendarDateTime {
    let wall = wall(time);
    match Helsinki.from_local_datetime(&wall) {
        LocalResult::Ambiguous(..) => CalendarDateTime::Utc(time),
        _ => CalendarDateTime::WithTimezone { date_time: wall, tzid: ZONE.to_owned() },
    }
}

/// The clock on the wall.
fn wall(time: DateTime<Utc>) -> NaiveDateTime {
    local(time).naive_local()
}

fn title(s: &Snapshot, offering: &service_offering::Model, hidden: Option<&service::Model>, language: Language) -> String {
    let service = || s.services.get(offering.service_id).map(Arc::as_ref).or(hidden).map(|service| &service.content.name);
    offering.content.name.as_ref().or_else(service).cloned().unwrap_or_else(withheld_title).in_language(language).to_owned()
}

/// Where a session is, as everybody may know.
fn place(s: &Snapshot, row: &session::Model, offering: &service_offering::Model, language: Language) -> Option<String> {
    let at = |name: &LocalizedText, address: Option<&domain::place::Address>| {
        let address = address.map(|address| format!("{}, {} {}", address.street, address.postal_code, address.city));
        [Some(name.in_language(language).to_owned()), address].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    if let Some(venue) = row.venue_id.or(offering.content.venue) {
        return s.venues.get(venue).map(|venue| at(&venue.content.name, venue.content.address.as_ref()));
    }
    if let Some(unit) = offering.content.unit {
        return s.units.get(unit).map(|unit| at(&unit.content.name, unit.content.address.as_ref()));
    }
    let route = s.routes.get(offering.content.route?)?;
    Some(route.content.name.in_language(language).to_owned())
}
