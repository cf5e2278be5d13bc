//! The last month of the demo's partners: doors that were open, tours, events and a group, recorded by the demo's actors through the use cases. Each day is
//! recorded once, so that a demo that is started later has its last month too. What is counted follows from the date alone.
use super::{Loading, clock_time, people::at_work, weekday};
use crate::{
    act::{
        catalogue::session,
        delivery::{
            attendance,
            registration::{self, RegisterWalkIn},
        },
        outreach::{
            anonymous_contact::{self, RecordContact},
            anonymous_handle::{self, CreateHandle},
            drop_in_day, open_event,
            outreach_shift::{self, BeginShift},
            record::Recording,
        },
    },
    caller::Caller,
    error::{Error, Result},
};
use chrono::{Datelike, NaiveDate, TimeDelta};
use domain::{
    catalogue::{
        route::Weekday,
        session::{SessionMove, SessionState, day},
    },
    delivery::{attendance::AttendanceStatus, participation::ParticipationState},
    id::{OrganizationId, OutreachShiftId, ServiceOfferingId, TransportRouteId, VenueId},
    money::Money,
    outreach::{
        anonymous_contact::{AnonymousContactContent, ContactChannel, ContactResult},
        drop_in_day::{AgeBand, AgeBandCount, DropInCounts, DropInDayContent, GenderCount, HelpCount, HelpTheme},
        open_event::{OpenEventContent, OpenEventKind},
        outreach_shift::OutreachShiftContent,
        place::OutreachPlace,
    },
    person::identity::Gender,
    scalar::Date,
};
use entity::{Guarded, catalogue as tables, delivery::participation, outreach};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Deserialize;
use std::sync::LazyLock;
use uuid::Uuid;

/// So many days are recorded.
const DAYS: i64 = 28;
/// The namespace of the demo's records, an arbitrary number: a day that is recorded already is known by its id.
const RECORDS: Uuid = Uuid::from_u128(0x6d6f_6e69_7475_6f74_7461_6a61_2d64_656d);
/// The text to which those have consented who take part.
const TEXT: &str = "osallistuminen-2026-1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Month {
    drop_in_days: Vec<DropIn>,
    shifts: Vec<Shift>,
    rounds: Vec<Round>,
    handles: Vec<Handle>,
    events: Vec<Event>,
    groups: Vec<Group>,
    /// Those who come to a session of their own.
    appointments: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DropIn {
    key: String,
    actor: String,
    venue: String,
    weekdays: Vec<String>,
    open_from: String,
    open_to: String,
    /// The fewest and the most.
    visits: [i32; 2],
    themes: Vec<HelpTheme>,
}

#[derive(Deserialize)]
struct Shift {
    key: String,
    actor: String,
    route: String,
    km: [i32; 2],
    /// At each stop.
    contacts: [i32; 2],
    channel: ContactChannel,
    themes: Vec<HelpTheme>,
}

/// A shift on foot in an area, each week; nobody goes alone.
#[derive(Deserialize)]
struct Round {
    key: String,
    actor: String,
    area: String,
    text: String,
    weekdays: Vec<String>,
    from: String,
    to: String,
    contacts: [i32; 2],
    channel: ContactChannel,
    themes: Vec<HelpTheme>,
}

/// Somebody who is met again and again by a code word, without telling who it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Handle {
    key: String,
    actor: String,
    area: String,
    channel: ContactChannel,
    themes: Vec<HelpTheme>,
    /// The first one first.
    days_ago: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    key: String,
    actor: String,
    kind: OpenEventKind,
    venue: Option<String>,
    area: Option<String>,
    text: Option<String>,
    days_ago: i64,
    attendees: i32,
    leaflets: i32,
    minutes: i32,
    cost_cents: Option<i32>,
    themes: Vec<HelpTheme>,
}

#[derive(Deserialize)]
struct Group {
    actor: String,
    offering: String,
    aliases: Vec<String>,
}

/// Records what is not there yet.
pub(super) async fn load(loading: &Loading<'_>) -> Result<()> {
    static MONTH: LazyLock<Month> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../demo/month.json")).unwrap_or_else(|fault| unreachable!("the demo is part of the program: {fault}"))
    });
    for days_ago in (1..=DAYS).rev() {
        for each in &MONTH.drop_in_days {
            each.record(loading, days_ago).await?;
        }
        for each in &MONTH.shifts {
            each.record(loading, days_ago).await?;
        }
        for each in &MONTH.rounds {
            each.record(loading, days_ago).await?;
        }
        for each in MONTH.events.iter().filter(|event| event.days_ago == days_ago) {
            each.record(loading).await?;
        }
    }
    for each in &MONTH.handles {
        each.record(loading).await?;
    }
    for each in &MONTH.groups {
        each.play(loading).await?;
    }
    for each in &MONTH.appointments {
        each.book(loading).await?;
    }
    Ok(())
}

/// A number between two, the same for the same day: as uneven as days are.
fn between([fewest, most]: [i32; 2], day: NaiveDate, salt: i32) -> i32 {
    fewest + (day.num_days_from_ce().wrapping_mul(31) + salt.wrapping_mul(17)).rem_euclid(most - fewest + 1)
}

fn is_on(day: NaiveDate, weekdays: &[String]) -> bool {
    weekdays.iter().any(|name| weekday(name) == Some(day.weekday().into()))
}

/// A day on which a record of the demo is made, and the record's id.
struct Recorded {
    caller: Caller,
    organization: OrganizationId,
    day: NaiveDate,
    uuid: Uuid,
}

impl Recorded {
    /// None where it is there already.
    async fn due<E: Guarded>(loading: &Loading<'_>, actor: &str, key: &str, days_ago: i64) -> Result<Option<Self>> {
        let day = loading.today - TimeDelta::days(days_ago);
        let uuid = Uuid::new_v5(&RECORDS, format!("{key}:{day}").as_bytes());
        match loading.row::<E>(uuid).await {
            Ok(_) => return Ok(None),
            Err(Error::NotFound) => {}
            Err(fault) => return Err(fault),
        }
        let caller = at_work(loading, actor, days_ago).await?;
        Ok(Some(Self { caller, organization: loading.organization_of(actor)?, day, uuid }))
    }

    fn recording<C>(&self, content: C) -> Recording<C> {
        Recording { organization: self.organization, uuid: Some(self.uuid), effective_date: Date(self.day), content }
    }
}

impl Recorded {
    /// What is said of somebody who is met.
    fn met(&self, place: OutreachPlace, channel: ContactChannel, themes: &[HelpTheme], number: i32) -> AnonymousContactContent {
        let results = [ContactResult::Advised, ContactResult::GivenInfo, ContactResult::GuidedOpenActivity, ContactResult::AgreedReturn];
        let bands = [(18, Some(29)), (30, Some(49)), (50, Some(64)), (65, None)];
        let pick = |of: usize, salt: i32| usize::try_from(between([0, i32::try_from(of).unwrap_or(1) - 1], self.day, number + salt)).unwrap_or_default();
        let (from, to) = bands[pick(bands.len(), 1)];
        AnonymousContactContent {
            place,
            channel,
            age_band: Some(AgeBand { from, to }),
            gender: None,
            themes: vec![themes[pick(themes.len(), 2)]],
            minutes: between([5, 40], self.day, number),
            result: results[pick(results.len(), 3)],
            note: None,
        }
    }

    /// Somebody is met in a shift.
    async fn meet(&self, met: AnonymousContactContent, number: i32, shift: OutreachShiftId) -> Result<()> {
        let recording = Recording { uuid: Some(Uuid::new_v5(&self.uuid, &number.to_be_bytes())), ..self.recording(met) };
        anonymous_contact::record(&self.caller, None, RecordContact { recording, shift: Some(shift), code_word: None }).await.map(drop)
    }
}

impl DropIn {
    async fn record(&self, loading: &Loading<'_>, days_ago: i64) -> Result<()> {
        if !is_on(loading.today - TimeDelta::days(days_ago), &self.weekdays) {
            return Ok(());
        }
        let Some(on) = Recorded::due::<outreach::drop_in_day::Entity>(loading, &self.actor, &self.key, days_ago).await? else { return Ok(()) };
        let visits = between(self.visits, on.day, 0);
        let persons = visits - visits / 6;
        let bands = [(18, Some(29), persons / 5), (30, Some(49), persons / 3), (50, Some(64), persons / 4), (65, None, persons / 10)];
        let content = DropInDayContent {
            place: OutreachPlace { venue: Some(loading.id::<VenueId>("venue", &self.venue)?), ..OutreachPlace::default() },
            open_from: clock_time(&self.open_from)?,
            open_to: clock_time(&self.open_to)?,
            counts: DropInCounts {
                visits,
                estimated_persons: persons,
                first_timers: between([0, 3], on.day, 1),
                by_age_band: bands
                    .map(|(from, to, count)| AgeBandCount { band: AgeBand { from, to }, count })
                    .into_iter()
                    .filter(|band| band.count > 0)
                    .collect(),
                by_gender: [(Gender::Female, visits / 2), (Gender::Male, visits / 3)].map(|(gender, count)| GenderCount { gender, count }).into(),
            },
            help_given: self
                .themes
                .iter()
                .zip(2..)
                .map(|(theme, salt)| HelpCount { theme: *theme, count: between([0, 5], on.day, salt) })
                .filter(|help| help.count > 0)
                .collect(),
            note: None,
        };
        let made = drop_in_day::open(&on.caller, None, on.recording(content)).await?;
        drop_in_day::close(&on.caller, None, made.id, made.version).await?;
        on.caller.finish().await
    }
}

impl Shift {
    async fn record(&self, loading: &Loading<'_>, days_ago: i64) -> Result<()> {
        let route = loading.row::<tables::transport_route::Entity>(loading.id::<TransportRouteId>("route", &self.route)?).await?;
        let weekday = Weekday::from((loading.today - TimeDelta::days(days_ago)).weekday());
        let calls: Vec<_> = route.content.calendar.iter().filter(|call| call.weekday == weekday).collect();
        let (Some(from), Some(to)) = (calls.iter().map(|call| call.from).min(), calls.iter().map(|call| call.to).max()) else { return Ok(()) };
        let Some(on) = Recorded::due::<outreach::outreach_shift::Entity>(loading, &self.actor, &self.key, days_ago).await? else { return Ok(()) };
        let on_tour = OutreachPlace { route: Some(route.id), ..OutreachPlace::default() };
        let km = between(self.km, on.day, 0);
        let content = OutreachShiftContent { workers: Vec::new(), pair_required: false, place: on_tour.clone(), from, to: Some(to), km: Some(km), note: None };
        let shift = outreach_shift::begin(&on.caller, None, BeginShift { recording: on.recording(content), due_at: None }).await?;
        for (stop, salt) in calls.iter().map(|call| call.stop).zip(1..) {
            for number in 0..between(self.contacts, on.day, salt) {
                let met = on.met(OutreachPlace { stop: Some(stop), ..on_tour.clone() }, self.channel, &self.themes, salt * 10 + number);
                on.meet(met, salt * 10 + number, shift.id).await?;
            }
        }
        on.caller.finish().await
    }
}

impl Round {
    async fn record(&self, loading: &Loading<'_>, days_ago: i64) -> Result<()> {
        if !is_on(loading.today - TimeDelta::days(days_ago), &self.weekdays) {
            return Ok(());
        }
        let Some(on) = Recorded::due::<outreach::outreach_shift::Entity>(loading, &self.actor, &self.key, days_ago).await? else { return Ok(()) };
        let place = OutreachPlace { area: Some(loading.area(&self.area)?), text: Some(self.text.clone()), ..OutreachPlace::default() };
        let content = OutreachShiftContent {
            workers: Vec::new(),
            pair_required: false,
            place: place.clone(),
            from: clock_time(&self.from)?,
            to: Some(clock_time(&self.to)?),
            km: None,
            note: None,
        };
        let shift = outreach_shift::begin(&on.caller, None, BeginShift { recording: on.recording(content), due_at: None }).await?;
        for number in 0..between(self.contacts, on.day, 1) {
            let met = on.met(place.clone(), self.channel, &self.themes, number);
            on.meet(met, number, shift.id).await?;
        }
        on.caller.finish().await
    }
}

impl Handle {
    async fn record(&self, loading: &Loading<'_>) -> Result<()> {
        let mut word = None;
        for (days_ago, number) in self.days_ago.iter().copied().zip(0..) {
            let Some(on) = Recorded::due::<outreach::anonymous_contact::Entity>(loading, &self.actor, &self.key, days_ago).await? else { return Ok(()) };
            if number == 0 {
                let made = CreateHandle { organization: on.organization, expires_on: None };
                word = anonymous_handle::create(&on.caller, None, made).await?.1;
            }
            let place = OutreachPlace { area: Some(loading.area(&self.area)?), ..OutreachPlace::default() };
            let recording = on.recording(on.met(place, self.channel, &self.themes, number));
            let code_word = word.as_ref().map(|word| word.reveal().clone());
            anonymous_contact::record(&on.caller, None, RecordContact { recording, shift: None, code_word }).await?;
            on.caller.finish().await?;
        }
        Ok(())
    }
}

impl Event {
    async fn record(&self, loading: &Loading<'_>) -> Result<()> {
        let Some(on) = Recorded::due::<outreach::open_event::Entity>(loading, &self.actor, &self.key, self.days_ago).await? else { return Ok(()) };
        let venue = self.venue.as_ref().map(|key| loading.id::<VenueId>("venue", key)).transpose()?;
        let area = self.area.as_ref().map(|key| loading.area(key)).transpose()?;
        let content = OpenEventContent {
            kind: self.kind,
            place: OutreachPlace { venue, area, text: self.text.clone(), ..OutreachPlace::default() },
            themes: self.themes.clone(),
            attendees: self.attendees,
            leaflets: self.leaflets,
            minutes: self.minutes,
            cost: self.cost_cents.map(|amount_cents| Money { amount_cents }),
            note: None,
        };
        open_event::record(&on.caller, None, on.recording(content)).await?;
        on.caller.finish().await
    }
}

impl Group {
    /// Each has one of the next sessions.
    async fn book(&self, loading: &Loading<'_>) -> Result<()> {
        let offering: ServiceOfferingId = loading.id("offering", &self.offering)?;
        let known = participation::Column::OfferingId.eq(offering);
        if loading.system.reader().find::<participation::Entity>().filter(known).count().await? > 0 {
            return Ok(());
        }
        let to_come = tables::session::Column::OfferingId.eq(offering).and(tables::session::Column::StartsAt.gt(loading.system.now()));
        let mut to_come = loading.system.reader().find::<tables::session::Entity>().filter(to_come).all().await?;
        to_come.sort_by_key(|session| session.starts_at);
        let caller = at_work(loading, &self.actor, 0).await?;
        for (session, alias) in to_come.iter().zip(&self.aliases) {
            let books = RegisterWalkIn {
                offering,
                session: Some(session.id),
                alias: alias.clone(),
                text_version: TEXT.to_owned(),
                came: false,
                uuid: None,
                effective_date: None,
            };
            registration::register_walk_in(&caller, None, books).await?;
        }
        caller.finish().await
    }

    /// Some walk in before the first session, and the sessions that are over were held.
    async fn play(&self, loading: &Loading<'_>) -> Result<()> {
        let offering: ServiceOfferingId = loading.id("offering", &self.offering)?;
        let of_group = tables::session::Column::OfferingId.eq(offering).and(tables::session::Column::EndsAt.lt(loading.system.now()));
        let mut over = loading.system.reader().find::<tables::session::Entity>().filter(of_group).all().await?;
        over.sort_by_key(|session| session.starts_at);
        let Some(first) = over.first() else { return Ok(()) };
        let days_ago = |at: NaiveDate| (loading.today - at).num_days();
        let known = participation::Column::OfferingId.eq(offering);
        if loading.system.reader().find::<participation::Entity>().filter(known.clone()).count().await? == 0 {
            let caller = at_work(loading, &self.actor, days_ago(day(first.starts_at)) + 1).await?;
            for alias in &self.aliases {
                let walks_in = RegisterWalkIn {
                    offering,
                    session: None,
                    alias: alias.clone(),
                    text_version: TEXT.to_owned(),
                    came: false,
                    uuid: None,
                    effective_date: None,
                };
                registration::register_walk_in(&caller, None, walks_in).await?;
            }
            caller.finish().await?;
        }
        for session in over.iter().filter(|session| session.state == SessionState::Planned) {
            // At this time of the next day, unless that is still to come.
            let held_on = day(session.starts_at);
            let caller = at_work(loading, &self.actor, Ord::max(days_ago(held_on) - 1, 0)).await?;
            session::end(&caller, None, session.id, session.version, SessionMove::Hold, None).await?;
            let group = loading.system.reader().find::<participation::Entity>().filter(known.clone()).all().await?;
            let rows: Vec<_> = group
                .iter()
                .filter(|row| matches!(row.state, ParticipationState::Enrolled | ParticipationState::Started))
                .zip(0..)
                .map(|(row, salt)| {
                    let came = between([0, 4], held_on, salt) > 0;
                    let status = if came { AttendanceStatus::Present } else { AttendanceStatus::AbsentNotified };
                    attendance::Row { participation: row.id, status, minutes: None }
                })
                .collect();
            attendance::record(&caller, None, session.id, &rows).await?;
            caller.finish().await?;
        }
        Ok(())
    }
}
