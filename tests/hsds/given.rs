//! What the stories of partners begin with.
use super::schema::{Is, check};
use crate::catalogue_given::{offering, published, venue, whole_service};
use axum::{
    body::Body,
    http::{HeaderName, Method, Request, StatusCode, header},
};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

/// Asks as a partner would.
pub async fn fetch(app: &TestApp, method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "palvelut.example");
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

/// Asks, and expects an answer.
pub async fn get(app: &TestApp, path: &str) -> Value {
    let answer = fetch(app, Method::GET, path, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json; charset=utf-8", "{path}");
    answer.body
}

/// Asks, and expects to be refused: the status, the code and the parameter that is meant.
pub async fn refused(app: &TestApp, path: &str) -> (u16, String, String) {
    let answer = fetch(app, Method::GET, path, &[]).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{path}: {}", answer.text);
    assert_eq!(answer.body["status"], json!(answer.status.as_u16()), "{path}");
    let text = |key: &str| answer.body[key].as_str().unwrap_or_default().to_owned();
    assert!(!text("detail").is_empty() && !text("title").is_empty() && !text("requestId").is_empty(), "{path}: {}", answer.text);
    (answer.status.as_u16(), text("code"), text("parameter"))
}

/// The things of a list, all of its pages and each as the standard says.
pub async fn all(app: &TestApp, path: &str, is: Is) -> Vec<Value> {
    let mut out = Vec::new();
    let separator = if path.contains('?') { '&' } else { '?' };
    for number in 1.. {
        let page = get(app, &format!("{path}{separator}page={number}&per_page=100")).await;
        out.extend(page["contents"].as_array().unwrap().clone());
        if page["last_page"] == json!(true) {
            assert_eq!(page["total_items"], json!(out.len()));
            break;
        }
    }
    for thing in &out {
        check(is, thing);
    }
    out
}

/// Of each, what stands under a key.
pub fn each<'a>(things: &'a [Value], key: &str) -> Vec<&'a str> {
    things.iter().map(|thing| thing[key].as_str().unwrap()).collect()
}

/// The UUID in an id of the API.
pub fn uuid(public: &str) -> String {
    domain::id::split_public(public).unwrap().1.to_string()
}

/// What there is to be told of: each by its id in the API.
pub struct Rich {
    /// A service with everything.
    pub service: String,
    /// Its offering at a venue, with a unit.
    pub at_venue: String,
    /// A service that is given remotely.
    pub remote: String,
    /// Its offering.
    pub remotely: String,
    /// A service that is given at home.
    pub at_home: String,
    /// The venue.
    pub venue: String,
    /// The unit.
    pub unit: String,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A catalogue in which everything is told that can be told.
pub async fn rich(app: &TestApp) -> Rich {
    let ngo = app.world.organization("ngo");
    let known = json!({
        "name": { "fi": "ngo", "en": "ngo" }, "kind": "ASSOCIATION", "networkRoles": ["PARTNER", "OPEN_ACTIVITY"], "businessId": "2211414-8", "website": "https://yhdistys.example/",
        "description": { "fi": "Yhdistys.", "sv": "En förening." }, "soteriId": "S-1", "ptvId": "PTV-1", "oid": "1.2.246.10.1",
    });
    let update = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { userErrors { code path } } }";
    let done = app.ask("admin", update, json!({ "input": { "id": ngo, "expectedVersion": 1, "content": known } })).await;
    assert_eq!(done["updateOrganization"]["userErrors"], json!([]));
    let address = json!({ "street": "Kylätie 1", "postalCode": "70100", "city": "Kuopio" });
    let unit = json!({
        "name": { "fi": "Toimipiste" }, "area": app.world.municipality("297"), "point": { "latitude": 62.89, "longitude": 27.68 }, "address": address,
        "phone": "+358401234567", "email": "toimipiste@yhdistys.example", "soteriUnitId": "S-1-1",
    });
    let unit =
        text(&app.done("partner", "createServiceUnit", "serviceUnit { id }", json!({ "organization": ngo, "content": unit })).await["serviceUnit"]["id"]);
    let mut content = venue(app, "Kylätalo", true);
    content["address"] = json!({ "street": "Rantatie 2", "postalCode": "70200", "city": "Kuopio" });
    content["point"] = json!({ "latitude": 62.9, "longitude": 27.7 });
    content["note"] = json!({ "fi": "Avain naapurista." });
    content["buildingId"] = json!("103456789A");
    content["accessibility"] = json!({ "stepFree": true, "accessibleToilet": true, "inductionLoop": true, "accessibleParking": true });
    let venue = text(&app.done("partner", "addVenue", "venue { id }", json!({ "organization": ngo, "content": content })).await["venue"]["id"]);
    app.done("partner", "inspectVenue", "venue { id }", json!({ "id": venue, "expectedVersion": 1 })).await;
    app.done("partner", "agreeVenue", "venue { id }", json!({ "id": venue, "expectedVersion": 2 })).await;
    let stop = |name: &str, latitude: f64, venue: Option<&str>| {
        let mut stop = json!({ "name": { "fi": name }, "area": app.world.municipality("297"), "point": { "latitude": latitude, "longitude": 27.7 } });
        if let Some(venue) = venue {
            stop["venue"] = json!(venue);
        }
        stop
    };
    let call = |stop: i32, from: &str, to: &str| json!({ "stop": stop, "weekday": "TUESDAY", "from": from, "to": to });
    let route = json!({
        "name": { "fi": "Kyläauto", "sv": "Bybilen" }, "stops": [stop("Kaupan piha", 62.8, None), stop("Kylätalo", 62.9, Some(&venue))],
        "calendar": [call(0, "09:00", "09:30"), call(1, "10:00", "11:00")],
    });
    let route =
        text(&app.done("partner", "createTransportRoute", "transportRoute { id }", json!({ "operator": ngo, "content": route })).await["transportRoute"]["id"]);

    let mut content = whole_service("Palikkaverstas");
    for (key, value) in [
        ("description", json!({ "fi": "Tehdään palikoita yhdessä.", "sv": "Vi gör klossar tillsammans." })),
        ("userInstruction", json!({ "fi": "Soita etukäteen." })),
        ("chargeInfo", json!({ "fi": "Kahvi sisältyy." })),
        ("chargeType", json!("CHARGEABLE")),
        ("price", json!({ "amountCents": 1250 })),
        ("targetGroups", json!(["KR1.3"])),
        ("classes", json!(["P4.13", "P5.13"])),
        ("lifeEvents", json!(["KE8"])),
        ("languages", json!(["fi", "sv", "en"])),
        ("minAge", json!(18)),
        ("maxAge", json!(64)),
        ("referralRequired", json!(true)),
        ("consentRequired", json!(true)),
        ("task", json!("WORKING_AGE_SERVICES")),
    ] {
        content[key] = value;
    }
    let service = published(app, "partner", "ngo", content).await;
    let at = json!({
        "startsOn": "2035-01-01", "venue": venue, "unit": unit, "capacity": 8, "reservedPlaces": 2, "name": { "fi": "Kylätalon verstas" },
        "info": { "fi": "Tule ajoissa." }, "price": { "amountCents": 999 },
    });
    let at_venue = offering(app, "partner", "ngo", &service, at).await;
    offering(app, "partner", "ngo", &service, json!({ "startsOn": "2035-01-01", "route": route })).await;
    let plan =
        json!({ "offering": at_venue, "rule": "FREQ=WEEKLY", "date": "2035-10-17", "time": "10:00", "until": "2035-11-07", "minutes": 90, "leader": "Aino" });
    app.done("partner", "scheduleSessions", "serviceOffering { id }", plan).await;
    let mut content = whole_service("Etäkahvila");
    content["deliveryForms"] = json!(["REMOTE"]);
    let remote = published(app, "partner", "ngo", content).await;
    let remotely = offering(app, "partner", "ngo", &remote, json!({ "startsOn": "2035-01-01" })).await;
    let mut content = whole_service("Kotikäynnit");
    content["deliveryForms"] = json!(["HOME_VISIT"]);
    let at_home = published(app, "partner", "ngo", content).await;
    let at_homes = offering(app, "partner", "ngo", &at_home, json!({ "startsOn": "2035-01-01" })).await;
    app.done("partner", "scheduleSessions", "serviceOffering { id }", json!({ "offering": at_homes, "date": "2035-05-02", "time": "10:00", "minutes": 60 }))
        .await;
    Rich { service, at_venue, remote, remotely, at_home, venue, unit }
}
