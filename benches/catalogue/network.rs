//! The network that is asked: made up, the same in every run, and written in bulk past all doors.
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    catalogue::{publishing::PublishingState, session::SessionState, venue::VenueStatus},
    id::{Kinded, OrganizationId, ServiceId, ServiceOfferingId, SessionId, VenueId},
};
use entity::{
    catalogue::{organization, publication, service, service_offering, session, venue},
    search_text,
};
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, query};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tests::World;
use uuid::Uuid;

/// How much there is.
#[derive(Clone, Copy)]
pub struct Size {
    /// Published services, each with one published offering.
    pub services: u32,
    /// Sessions of each offering, all of them still to come.
    pub sessions: u32,
}

/// So many rows go to the database at once.
const BATCH: usize = 5_000;

const WHAT: &[(&str, &str, &str)] = &[
    ("Vertaisryhmä", "Kamratgrupp", "Peer group"),
    ("Työpaja", "Verkstad", "Workshop"),
    ("Avoin kohtaamispaikka", "Öppen mötesplats", "Open meeting place"),
    ("Arjen valmennus", "Vardagscoachning", "Everyday coaching"),
    ("Ruokaryhmä", "Matgrupp", "Cooking group"),
    ("Luontoryhmä", "Naturgrupp", "Nature group"),
    ("Digineuvonta", "Digital rådgivning", "Digital advice"),
];
const WHOM: &[(&str, &str, &str)] = &[
    ("nuorille aikuisille", "för unga vuxna", "for young adults"),
    ("perheille", "för familjer", "for families"),
    ("ikääntyneille", "för äldre", "for older people"),
    ("työttömille", "för arbetslösa", "for unemployed people"),
    ("maahan muuttaneille", "för invandrare", "for immigrants"),
];
const LEADERS: &[&str] = &["Aino", "Eero", "Leena", "Otso", "Saara"];

/// The id of the `n`th row of a table: ids ascend as they do in service, where they begin with the time.
fn id<T: From<Uuid>>(table: u32, n: u32) -> T {
    Uuid::from_u128((u128::from(table) << 96) | u128::from(n)).into()
}

/// The id of the `n`th service.
pub fn service_id(n: u32) -> ServiceId {
    id(4, n)
}

/// The name of the `n`th service. Names are in the order of the ids: the first page by name is the first by age.
pub fn service_name(n: u32) -> Value {
    let ((fi, sv, en), (for_fi, for_sv, for_en)) = (pick(WHAT, n), pick(WHOM, n / 7));
    json!({ "fi": format!("Palvelu {n:06} {fi} {for_fi}"), "sv": format!("Service {n:06} {sv} {for_sv}"), "en": format!("Service {n:06} {en} {for_en}") })
}

/// Fills a database that holds the fixed cast.
pub async fn fill(url: &str, world: &World, size: Size, now: DateTime<Utc>) -> Result<()> {
    let mut conn = PgConnection::connect(url).await?;
    let (organizations, venues) = ((size.services / 100).max(2), (size.services / 20).max(2));
    write(&mut conn, "organization", (0..organizations).map(|n| an_organization(n, world, now))).await?;
    write(&mut conn, "venue", (0..venues).map(|n| a_venue(n, organizations, world, now))).await?;
    write(&mut conn, "service", (0..size.services).map(|n| a_service(n, organizations, world, now))).await?;
    write(&mut conn, "publication", (0..size.services).map(|n| a_service(n, organizations, world, now).and_then(|row| service_copy(&row)))).await?;
    write(&mut conn, "service_offering", (0..size.services).map(|n| an_offering(n, organizations, venues, world, now))).await?;
    write(&mut conn, "publication", (0..size.services).map(|n| an_offering(n, organizations, venues, world, now).and_then(|row| offering_copy(&row)))).await?;
    let sessions = (0..size.services).flat_map(|n| (0..size.sessions).map(move |k| (n, k)));
    write(&mut conn, "session", sessions.map(|(n, k)| Ok(a_session(n, k, size.sessions, organizations, world, now)))).await?;
    // Without this the planner would not know yet how much there is.
    query("VACUUM (ANALYZE)").execute(&mut conn).await?;
    Ok(conn.close().await?)
}

/// Rows as their own types write them, read by PostgreSQL as rows of the table: a bulk insert that fits whatever the columns are.
async fn write<M: Serialize>(conn: &mut PgConnection, table: &str, rows: impl Iterator<Item = Result<M>>) -> Result<()> {
    let insert = format!("INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)");
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let batch = rows.by_ref().take(BATCH).collect::<Result<Vec<_>>>()?;
        query(AssertSqlSafe(insert.as_str())).bind(serde_json::to_string(&batch)?).execute(&mut *conn).await?;
    }
    Ok(())
}

fn an_organization(n: u32, world: &World, now: DateTime<Utc>) -> Result<organization::Model> {
    let content: domain::catalogue::organization::OrganizationContent =
        content(json!({ "name": { "fi": format!("Yhdistys {n:04} ry"), "en": format!("Association {n:04}") }, "kind": "ASSOCIATION" }))?;
    let search = search_text(&[&content.name]);
    let network_id = world.networks["kuopio"];
    Ok(organization::Model { id: id(1, n), network_id, business_id: None, content, search, created_at: now, updated_at: now, version: 1 })
}

fn a_venue(n: u32, organizations: u32, world: &World, now: DateTime<Utc>) -> Result<venue::Model> {
    let content: domain::catalogue::venue::VenueContent = content(json!({
        "name": { "fi": format!("Tila {n:05}"), "sv": format!("Lokal {n:05}") },
        "area": api::act::catalogue::area::national_id(domain::catalogue::area::AreaKind::Municipality, "297"),
        "address": { "street": format!("Esimerkkikatu {n}"), "postalCode": "70100", "city": "Kuopio" },
        "point": { "latitude": 62.5 + f64::from(n % 100) / 100.0, "longitude": 27.0 + f64::from(n % 130) / 100.0 },
        "capacityPersons": 20,
        "accessibility": { "stepFree": n.is_multiple_of(2), "accessibleToilet": n.is_multiple_of(3), "inductionLoop": false, "accessibleParking": true },
    }))?;
    let search = search_text(&[&content.name]);
    let (network_id, organization_id) = (world.networks["kuopio"], id::<OrganizationId>(1, n % organizations));
    let (area_id, status) = (content.area, VenueStatus::InUse);
    Ok(venue::Model { id: id(2, n), network_id, organization_id, area_id, status, content, search, created_at: now, updated_at: now, version: 1 })
}

fn a_service(n: u32, organizations: u32, world: &World, now: DateTime<Utc>) -> Result<service::Model> {
    let ((fi, sv, en), (for_fi, for_sv, for_en)) = (pick(WHAT, n), pick(WHOM, n / 7));
    let content: domain::catalogue::service::ServiceContent = content(json!({
        "name": service_name(n),
        "summary": {
            "fi": format!("{fi} {for_fi}: kokoonnumme viikoittain, juttelemme ja teemme yhdessä. Mukaan voi tulla ilman ajanvarausta."),
            "sv": format!("{sv} {for_sv}: vi träffas varje vecka, pratar och gör saker tillsammans. Man kan komma utan tidsbokning."),
            "en": format!("{en} {for_en}: we meet every week, talk and do things together. One can come without an appointment."),
        },
        "description": {
            "fi": format!("{fi} on tarkoitettu {for_fi}, jotka kaipaavat tukea arkeen, tekemistä ja toisia ihmisiä. Ryhmää ohjaavat sosiaaliohjaaja ja \
                vertaisohjaaja. Tapaamisilla sovitaan yhdessä, mitä tehdään: ruokaa, retkiä, käsitöitä tai papereiden täyttämistä. Tavoitteena on löytää oma \
                rytmi, rohkaistua kodin ulkopuolelle ja saada kiinni seuraavasta askeleesta, olipa se harrastus, opinnot tai työ."),
            "en": format!("{en} is meant {for_en} who long for support in everyday life, for something to do and for other people. It is led by a social \
                counsellor and a peer. What is done is agreed together: food, trips, handicraft or filling in papers. The aim is to find a rhythm of one's own."),
        },
        "keywords": [{ "fi": "yhdessä tekeminen" }, { "fi": "arjen tuki" }],
        "provision": "OPEN_NGO", "form": "GROUP", "deliveryForms": ["ON_SITE"], "openActivity": true,
        "rehabContents": ["GROUP_AND_INTERACTION"], "supportNeeds": ["EVERYDAY_LIVING", "EXCLUSION_AND_PARTICIPATION"],
        "targetGroups": ["KR1"], "serviceClasses": ["P5"], "languages": ["fi", "sv"], "chargeType": "FREE", "minAge": 18,
    }))?;
    let search = search_text(&[&content.name]);
    let (network_id, organization_id, publishing) = (world.networks["kuopio"], id(1, n % organizations), PublishingState::Published);
    Ok(service::Model {
        id: service_id(n),
        network_id,
        organization_id,
        publishing,
        source: None,
        source_id: None,
        source_content: None,
        content,
        search,
        created_at: now,
        updated_at: now,
        version: 2,
    })
}

fn an_offering(n: u32, organizations: u32, venues: u32, world: &World, now: DateTime<Utc>) -> Result<service_offering::Model> {
    let content: domain::catalogue::offering::ServiceOfferingContent = content(json!({
        "info": { "fi": "Kahvi on keitetty puoli tuntia ennen. Ovikello on rikki: koputa ikkunaan.", "sv": "Kaffet är kokat en halvtimme före." },
        "venue": id::<VenueId>(2, n % venues), "capacity": 12, "startsOn": "2026-01-01",
    }))?;
    let (network_id, organization_id) = (world.networks["kuopio"], id::<OrganizationId>(1, n % organizations));
    let (publishing, places_taken) = (PublishingState::Published, i32::try_from(n % 12)?);
    let row = service_offering::Model {
        id: offering_id(n),
        network_id,
        organization_id,
        service_id: service_id(n),
        owner_id: organization_id,
        publishing,
        venue_id: content.venue,
        places_taken,
        network_taken: 0,
        content,
        search: String::new(),
        created_at: now,
        updated_at: now,
        version: 2,
    };
    Ok(row)
}

fn offering_id(n: u32) -> ServiceOfferingId {
    id(5, n)
}

fn a_session(n: u32, k: u32, each: u32, organizations: u32, world: &World, now: DateTime<Utc>) -> session::Model {
    // Weekly, from the day after tomorrow on: none of them ends while it is measured.
    let starts_at = now + TimeDelta::days(2 + i64::from(n % 7) + 7 * i64::from(k)) + TimeDelta::hours(i64::from(n % 8));
    session::Model {
        id: id::<SessionId>(7, n * each + k),
        network_id: world.networks["kuopio"],
        organization_id: id(1, n % organizations),
        offering_id: offering_id(n),
        series_id: Some(id(6, n)),
        planned_start: starts_at,
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(90),
        state: SessionState::Planned,
        leader: Some((*pick(LEADERS, n)).to_owned()),
        leader_account: None,
        venue_id: None,
        places_taken: 0,
        network_taken: 0,
        reason: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// What publishing keeps of a service.
fn service_copy(row: &service::Model) -> Result<publication::Model> {
    Ok(publication::Model {
        id: row.id.0,
        kind: ServiceId::KIND.into(),
        network_id: row.network_id,
        organization_id: row.organization_id,
        owner_id: row.organization_id,
        parent_id: None,
        row: serde_json::to_value(row)?,
        published_at: row.updated_at,
    })
}

/// What publishing keeps of an offering.
fn offering_copy(row: &service_offering::Model) -> Result<publication::Model> {
    Ok(publication::Model {
        id: row.id.0,
        kind: ServiceOfferingId::KIND.into(),
        network_id: row.network_id,
        organization_id: row.organization_id,
        owner_id: row.owner_id,
        parent_id: Some(row.service_id.0),
        row: serde_json::to_value(row)?,
        published_at: row.updated_at,
    })
}

fn content<T: DeserializeOwned>(content: Value) -> Result<T> {
    Ok(serde_json::from_value(content)?)
}

fn pick<T>(from: &[T], n: u32) -> &T {
    &from[n as usize % from.len()]
}
