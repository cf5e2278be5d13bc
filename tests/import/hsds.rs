//! Services out of feeds of HSDS 3: drafts, and what the source changes of them later.
use super::{ends, faults, sums};
use crate::catalogue_given::{published, whole_service};
use api::import::fetch::{FetchError, pages};
use axum::{
    Json, Router,
    body::Body,
    extract::Query,
    http::{HeaderValue, Request, StatusCode, header},
    response::Redirect,
    routing::get,
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Read};
use tests::{Answer, TestApp, send, stories};
use url::Url;

/// The page of 128 records that all have one id.
fn sample() -> Vec<u8> {
    let mut text = Vec::new();
    GzDecoder::new(include_bytes!("feed/service_list.json.gz").as_slice()).read_to_end(&mut text).unwrap();
    text
}

fn path(app: &TestApp, organization: &str, more: &str) -> String {
    format!("/import/hsds?organization={}{more}", app.world.organization(organization))
}

fn upload(app: &TestApp, actor: &str, path: &str, feed: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method("POST").uri(path).header("content-type", "application/json");
    request.header("authorization", format!("Bearer {}", app.token(actor))).body(feed.into()).unwrap()
}

async fn brought(app: &TestApp, actor: &str, path: &str, feed: impl Into<Body>) -> Value {
    let answer = app.send(upload(app, actor, path, feed)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.body
}

/// A record of which the least is told.
fn record(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "status": "active", "description": format!("{name}: yhdessä tekemistä.") })
}

fn feed(records: &[Value]) -> String {
    json!({ "total_items": records.len(), "contents": records }).to_string()
}

async fn totals(app: &TestApp) -> Vec<i64> {
    let mut out = Vec::new();
    for table in ["service", "publication", "idempotency", "audit", "event", "notice"] {
        out.push(app.count(table, "1 = 1").await);
    }
    out
}

async fn seen(app: &TestApp, id: &Value) -> Value {
    let query = "query($id: ID!) { service(id: $id, edition: WORKING) { publishing version name { fi sv en } description { fi } chargeInfo { fi } form provision chargeType price { amountCents } minAge maxAge classes { value } source } }";
    app.ask("partner", query, json!({ "id": id })).await["service"].clone()
}

/// Changes the working copy as its people do.
async fn edited(app: &TestApp, id: &Value, version: &Value, content: Value) -> Value {
    let input = json!({ "id": id, "expectedVersion": version, "content": content });
    app.done("partner", "updateService", "service { id version }", input).await["service"].clone()
}

stories! {
    async fn a_feed_of_others_becomes_drafts_and_the_same_again_changes_nothing(app) {
        let (to, tried) = (path(app, "ngo", "&language=en"), path(app, "ngo", "&language=en&dryRun=true"));
        // All records of the sample have one id: the first holds, those that say the same are the same, and the others are told.
        let before = totals(app).await;
        let rehearsed = brought(app, "partner", &tried, sample()).await;
        assert_eq!((sums(&rehearsed), &rehearsed["dryRun"], totals(app).await), ([1, 0, 58, 69], &json!(true), before));
        let first = brought(app, "partner", &to, sample()).await;
        assert_eq!((sums(&first), first["rows"].as_array().unwrap().len(), &first["encoding"], &first["delimiter"]), ([1, 0, 58, 69], 128, &json!("UTF-8"), &Value::Null));
        let ends = ends(&first);
        assert_eq!(ends[..4], ["1 CREATED", "2 REFUSED DUPLICATE id", "3 UNCHANGED", "4 REFUSED DUPLICATE id"].map(str::to_owned));
        assert!(ends[1..].iter().all(|end| end.ends_with(" UNCHANGED") || end.ends_with(" REFUSED DUPLICATE id")));
        let row = &first["rows"][0];
        assert_eq!((&row["sourceId"], &first["rows"][2]["id"]), (&json!("ac148810-d857-441c-9679-408f346de14b"), &row["id"]));
        let service = seen(app, &row["id"]).await;
        let name = "Community Counselling";
        assert_eq!((&service["publishing"], &service["name"]), (&json!("DRAFT"), &json!({ "fi": name, "sv": null, "en": name })));
        assert_eq!((&service["minAge"], &service["maxAge"], &service["chargeInfo"]["fi"], &service["source"]), (&json!(12), &json!(100), &json!("fees_description"), &json!("hsds")));
        let after = totals(app).await;
        assert_eq!(sums(&brought(app, "partner", &to, sample()).await), [0, 0, 59, 69]);
        assert_eq!(totals(app).await, after, "a second time writes nothing");
        // With ids of their own they are as many services.
        let mut page: Value = serde_json::from_slice(&sample()).unwrap();
        for (number, record) in page["contents"].as_array_mut().unwrap().iter_mut().enumerate() {
            record["id"] = json!(format!("community-{number}"));
        }
        let own = path(app, "ngo", "&language=en&source=Own%20ids");
        assert_eq!(sums(&brought(app, "partner", &own, page.to_string()).await), [128, 0, 0, 0]);
        assert_eq!(sums(&brought(app, "partner", &own, page.to_string()).await), [0, 0, 128, 0]);
        assert_eq!((app.count("service", "source = 'Own ids' AND publishing = 'DRAFT'").await, app.count("service", "source = 'hsds'").await), (128, 1));
        assert_eq!(app.count("audit", "resource = 'Service' AND action = 'Create'").await, 129);
        page["contents"][5]["fees"] = json!("£2");
        let changed = brought(app, "partner", &own, page.to_string()).await;
        assert_eq!((sums(&changed), &changed["rows"][5]["outcome"]), ([0, 1, 127, 0], &json!("CHANGED")));
    }

    async fn what_people_have_edited_stays_and_is_told_and_what_is_public_waits_for_them(app) {
        let to = path(app, "ngo", "");
        let told = |name: &str, description: &str, age: i32| {
            feed(&[json!({ "id": "kerho", "name": name, "status": "active", "description": description, "minimum_age": age, "cost_options": [{ "amount": 0 }] })])
        };
        let first = brought(app, "partner", &to, told("Kerho", "Vanha kuvaus.", 18)).await;
        let id = &first["rows"][0]["id"];
        let begun = seen(app, id).await;
        assert_eq!((&begun["form"], &begun["provision"], &begun["chargeType"]), (&json!("INDIVIDUAL"), &json!("OWN"), &json!("FREE")));
        // What the source has no words for is added, and one thing said otherwise.
        let mut content = whole_service("Kerho");
        content["name"] = json!({ "fi": "Kerho", "sv": "Klubben" });
        content["description"] = json!({ "fi": "Oma kuvaus." });
        content["minAge"] = json!(18);
        let mended = edited(app, id, &begun["version"], content).await;
        app.done("partner", "publishService", "service { id }", json!({ "id": id, "expectedVersion": mended["version"] })).await;
        let same = brought(app, "partner", &to, told("Kerho", "Vanha kuvaus.", 18)).await;
        assert_eq!((sums(&same), &same["rows"][0]["kept"]), ([0, 0, 1, 0], &json!(["description.fi"])), "told each time, also where the source has changed nothing");
        let next = brought(app, "partner", &to, told("Uusi kerho", "Uusi kuvaus.", 16)).await;
        assert_eq!((sums(&next), &next["rows"][0]["kept"], &next["rows"][0]["id"]), ([0, 1, 0, 0], &json!(["description.fi"]), id));
        let now = seen(app, id).await;
        assert_eq!((&now["publishing"], &now["name"]["fi"], &now["name"]["sv"]), (&json!("MODIFIED"), &json!("Uusi kerho"), &json!("Klubben")));
        assert_eq!((&now["description"]["fi"], &now["minAge"], &now["form"], &now["provision"]), (&json!("Oma kuvaus."), &json!(16), &json!("GROUP"), &json!("PARTNER_NGO")));
        let public = app.ask("", "query($id: ID!) { service(id: $id) { name { fi } minAge } }", json!({ "id": id })).await["service"].clone();
        assert_eq!(public, json!({ "name": { "fi": "Kerho" }, "minAge": 18 }), "everybody sees what was published");
        let after = totals(app).await;
        assert_eq!(sums(&brought(app, "partner", &to, told("Uusi kerho", "Uusi kuvaus.", 16)).await), [0, 0, 1, 0]);
        assert_eq!(totals(app).await, after);
        // Only what is kept has changed in the source: the content stays as it is, and that is known the next time.
        let quarrel = brought(app, "partner", &to, told("Uusi kerho", "Uusin kuvaus.", 16)).await;
        assert_eq!((sums(&quarrel), &quarrel["rows"][0]["kept"]), ([0, 0, 1, 0], &json!(["description.fi"])));
        let after = totals(app).await;
        brought(app, "partner", &to, told("Uusi kerho", "Uusin kuvaus.", 16)).await;
        assert_eq!(totals(app).await, after);
    }

    async fn what_has_left_the_feed_is_told_and_stays_and_what_was_discarded_stays_away(app) {
        let to = path(app, "ngo", "");
        let all = [record("a", "Kerho"), record("b", "Paja"), record("c", "Kuoro")];
        let first = brought(app, "partner", &to, feed(&all)).await;
        let (b, c) = (&first["rows"][1]["id"], &first["rows"][2]["id"]);
        assert_eq!(first["gone"], json!([]));
        app.done("partner", "discardService", "service { id }", json!({ "id": c, "expectedVersion": 1 })).await;
        let closed = json!({ "id": "a", "name": "Kerho", "status": "inactive" });
        let less = brought(app, "partner", &to, feed(&[closed, record("c", "Kuoro")])).await;
        assert_eq!((ends(&less), &less["gone"]), (vec!["1 REFUSED NOT_ACTIVE status".to_owned(), "2 UNCHANGED".into()], &json!([{ "id": b, "sourceId": "b" }])));
        let changed = brought(app, "partner", &to, feed(&[record("a", "Kerho"), record("b", "Paja"), record("c", "Suuri kuoro")])).await;
        assert_eq!(ends(&changed), ["1 UNCHANGED", "2 UNCHANGED", "3 REFUSED ILLEGAL_TRANSITION id"]);
        assert_eq!((app.count("service", "1 = 1").await, app.count("service", "publishing = 'DISCARDED'").await), (3, 1));
        // Another source has ids of its own.
        let other = brought(app, "partner", &path(app, "ngo", "&source=other"), feed(&all[..1])).await;
        assert_eq!((sums(&other), &other["gone"]), ([1, 0, 0, 0], &json!([])));
    }

    async fn each_bad_record_is_refused_by_its_field_and_the_others_are_kept(app) {
        let deep = format!("{{\"id\":\"deep\",\"name\":\"x\",\"description\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
        let records = [
            record("a", "Kerho"),
            json!({ "id": "long", "name": "x".repeat(101), "status": "active", "description": "y".repeat(2_501), "application_process": "z".repeat(2_501) }),
            json!({ "id": "lines", "name": "Kerho\nja toinen", "status": "active" }),
            json!({ "id": "bytes", "name": "Kerho", "description": "a\u{0}b\u{202e}c", "status": "active" }),
            json!({ "name": "Kerho" }),
            json!({ "id": ["a"], "name": 5, "minimum_age": "nuori", "languages": [{ "code": "suomi ja ruotsi" }] }),
            json!({ "id": "ages", "name": "Kerho", "minimum_age": 90, "maximum_age": 10 }),
            json!({ "id": "pounds", "name": "Kerho", "cost_options": [{ "amount": 5, "currency": "GBP" }] }),
            json!("a service"),
            record("a", "Toinen kerho"),
        ];
        let text = feed(&records).replace("\"a service\"", &format!("\"a service\",{deep}"));
        let expected = [
            "1 CREATED",
            "2 REFUSED TOO_LONG name TOO_LONG description TOO_LONG application_process",
            "3 REFUSED CONTROL_CHARACTER name",
            "4 REFUSED CONTROL_CHARACTER description",
            "5 REFUSED REQUIRED id",
            "6 REFUSED INVALID id INVALID name INVALID minimum_age INVALID languages",
            "7 REFUSED DATE_ORDER maximum_age",
            "8 REFUSED OTHER_CURRENCY cost_options",
            "9 REFUSED INVALID record",
            "10 REFUSED INVALID record",
            "11 REFUSED DUPLICATE id",
        ];
        let tried = brought(app, "partner", &path(app, "ngo", "&dryRun=true"), text.clone()).await;
        assert_eq!((ends(&tried), app.count("service", "1 = 1").await), (expected.map(str::to_owned).to_vec(), 0));
        let done = brought(app, "partner", &path(app, "ngo", ""), text).await;
        assert_eq!((ends(&done), sums(&done)), (expected.map(str::to_owned).to_vec(), [1, 0, 0, 10]));
        assert!(!done.to_string().contains("toinen") && !done.to_string().contains("nuori"), "nothing that a record says is repeated");
        assert_eq!(app.count("service", "1 = 1").await, 1);
    }

    async fn scripts_are_text_and_cycles_are_not_walked(app) {
        let script = "<script>alert(1)</script> '; DROP TABLE service; -- {{7*7}}";
        let around = json!({ "id": "o1", "name": "Yksi", "parent_organization_id": "o2", "services": [{ "id": "a", "organization": { "id": "o1" } }] });
        let term = json!({ "id": "t1", "parent_id": "t2", "taxonomy_term": { "id": "t2", "parent_id": "t1" } });
        let hostile = json!({
            "id": "../../etc/passwd", "name": script, "status": "active", "description": format!("{script}\r\nja toinen rivi"), "organization": around,
            "attributes": [{ "taxonomy_term": term, "link_type": "support-need" }], "url": "file:///etc/passwd", "__proto__": { "admin": true }, "publishing": "PUBLISHED",
        });
        let report = brought(app, "partner", &path(app, "ngo", ""), feed(&[hostile])).await;
        assert_eq!(sums(&report), [1, 0, 0, 0]);
        let service = seen(app, &report["rows"][0]["id"]).await;
        // As what a person types: kept as it is, and shown as text by whoever shows it.
        assert_eq!((&service["name"]["fi"], &service["description"]["fi"]), (&json!(script), &json!(format!("{script}\nja toinen rivi"))));
        assert_eq!(service["publishing"], "DRAFT");
    }

    async fn a_feed_that_is_cut_off_or_wrongly_encoded_or_enormous_is_refused_and_nothing_of_it_is_kept(app) {
        let to = path(app, "ngo", "");
        let refused = async |feed: Vec<u8>| faults(&app.send(upload(app, "partner", &to, feed)).await);
        let whole = feed(&[record("a", "Yöllä"), record("b", "Paja")]);
        for end in [1, whole.len() / 2, whole.len() - 1] {
            let end = (0..=end).rev().find(|end| whole.is_char_boundary(*end)).unwrap();
            assert_eq!(refused(whole.as_bytes()[..end].to_vec()).await, ["FEED_BROKEN feed"], "{end}");
        }
        let latin = whole.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
        assert_eq!(refused(latin).await, ["FEED_BROKEN feed"]);
        assert_eq!(refused(whole.encode_utf16().flat_map(u16::to_le_bytes).collect()).await, ["FEED_BROKEN feed"]);
        assert_eq!(refused(b"<html>not found</html>".to_vec()).await, ["FEED_BROKEN feed"]);
        assert_eq!((refused(feed(&[]).into()).await, refused(vec![]).await), (vec!["REQUIRED rows".to_owned()], vec!["REQUIRED rows".to_owned()]));
        assert_eq!(refused(format!("[{}{{}}]", "{},".repeat(10_000)).into_bytes()).await, ["TOO_LONG rows"]);
        let enormous = app.send(upload(app, "partner", &to, format!("[\"{}\"]", "x".repeat(3 * 1024 * 1024)))).await;
        assert_eq!((enormous.status, enormous.code()), (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"));
        assert_eq!(app.count("service", "1 = 1").await, 0);
        // Lines are a feed as well.
        let lines = format!("{}\n{}\n", record("a", "Yöllä"), record("b", "Paja"));
        let mut request = upload(app, "partner", &to, lines);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
        assert_eq!(sums(&app.send(request).await.body), [2, 0, 0, 0]);
    }

    async fn a_feed_is_taken_in_for_one_organisation_and_records_of_others_are_refused(app) {
        let of = |id: &str, organization: Value| json!({ "id": id, "name": "Kerho", "status": "active", "organization": organization });
        let uuid = |name: &str| app.world.organizations[name].0.to_string();
        let two = feed(&[of("a", json!({ "id": "o1" })), of("b", json!({ "id": "o2" })), record("c", "Kuoro")]);
        let unsure = app.send(upload(app, "partner", &path(app, "ngo", ""), two.clone())).await;
        assert_eq!(faults(&unsure), ["REQUIRED feedOrganization"]);
        let first = brought(app, "partner", &path(app, "ngo", "&feedOrganization=o1"), two).await;
        assert_eq!(ends(&first), ["1 CREATED", "2 REFUSED OTHER_ORGANIZATION organization", "3 REFUSED REQUIRED organization"]);
        // One that is known here by its UUID or its business id is known to be itself, or another.
        let known = feed(&[of("d", json!({ "id": uuid("ngo") })), of("e", json!({ "id": uuid("parish") }))]);
        assert_eq!(ends(&brought(app, "partner", &path(app, "ngo", ""), known.clone()).await), ["1 CREATED", "2 REFUSED OTHER_ORGANIZATION organization"]);
        let others = brought(app, "partner", &path(app, "ngo", &format!("&feedOrganization={}", uuid("parish"))), known).await;
        assert_eq!(ends(&others), ["1 UNCHANGED", "2 REFUSED OTHER_ORGANIZATION organization"], "whatever the caller calls it");
        app.tamper("UPDATE organization SET business_id = '2211414-8' WHERE search LIKE 'parish%'").await;
        let theirs = feed(&[of("f", json!({ "id": "o9", "tax_id": "2211414-8" }))]);
        assert_eq!(ends(&brought(app, "partner", &path(app, "ngo", ""), theirs).await), ["1 REFUSED OTHER_ORGANIZATION organization"]);
        // What this house tells itself is nothing new to it.
        let own = published(app, "partner", "ngo", whole_service("Oma")).await;
        let others = published(app, "partner-b", "parish", whole_service("Toisen")).await;
        let inside = |id: &str| domain::id::split_public(id).unwrap().1.to_string();
        let back = feed(&[record(&inside(&own), "Oma"), record(&inside(&others), "Toisen")]);
        assert_eq!(ends(&brought(app, "partner", &path(app, "ngo", ""), back).await), ["1 REFUSED NOT_UNIQUE id", "2 REFUSED OTHER_ORGANIZATION id"]);
    }

    async fn nobody_brings_services_to_an_organisation_of_others(app) {
        let one = feed(&[record("a", "Kerho")]);
        brought(app, "partner", &path(app, "ngo", ""), one.clone()).await;
        let before = totals(app).await;
        for stranger in ["partner-b", "partner-x", "client", "admin-x"] {
            let report = brought(app, stranger, &path(app, "ngo", ""), one.clone()).await;
            assert_eq!((ends(&report), &report["gone"]), (vec!["1 REFUSED FORBIDDEN -".to_owned()], &json!([])), "{stranger}");
        }
        let told = |answer: Answer| (answer.status.as_u16(), answer.code().to_owned());
        assert_eq!(told(app.send(upload(app, "partner", "/import/hsds", one.clone())).await), (400, "BAD_REQUEST".into()));
        for wrong in ["&language=de", "&source=", "&source=a%0Ab", "&session=x", "&dryrun=true"] {
            assert_eq!(told(app.send(upload(app, "partner", &path(app, "ngo", wrong), one.clone())).await), (400, "BAD_REQUEST".into()), "{wrong}");
        }
        let nobody = format!("/import/hsds?organization={}", domain::id::Kinded::to_public(domain::id::OrganizationId::new()));
        assert_eq!(told(app.send(upload(app, "partner", &nobody, one.clone())).await), (404, "NOT_FOUND".into()));
        let mut silent = upload(app, "partner", &path(app, "ngo", ""), one.clone());
        silent.headers_mut().remove(header::AUTHORIZATION);
        assert_eq!(told(app.send(silent).await), (401, "UNAUTHENTICATED".into()));
        for plain in ["text/plain", "text/csv", "application/x-www-form-urlencoded", "application/json; charset=iso-8859-1"] {
            let mut request = upload(app, "partner", &path(app, "ngo", ""), one.clone());
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(plain));
            assert_eq!(told(app.send(request).await), (415, "UNSUPPORTED_MEDIA_TYPE".into()), "{plain}");
        }
        let mut fetched = upload(app, "partner", &path(app, "ngo", ""), Body::empty());
        *fetched.method_mut() = "GET".parse().unwrap();
        let answer = app.send(fetched).await;
        assert_eq!((answer.headers[header::ALLOW].clone(), told(answer)), (HeaderValue::from_static("POST"), (405, "METHOD_NOT_ALLOWED".into())));
        assert_eq!(totals(app).await, before);
    }

    async fn two_who_bring_the_same_feed_at_once_make_each_service_once(app) {
        let records: Vec<_> = (0..20).map(|number| record(&format!("s{number}"), "Kerho")).collect();
        let (other, to) = (app.second_process().await, path(app, "county", ""));
        let (one, two) = (upload(app, "admin", &to, feed(&records)), upload(app, "lead", &to, feed(&records)));
        let (one, two) = tokio::join!(app.send(one), send(&other, two));
        let sum = |of: usize| sums(&one.body)[of] + sums(&two.body)[of];
        assert_eq!((sum(0), sum(2), sum(3)), (20, 20, 0), "{} {}", one.text, two.text);
        assert_eq!(app.count("service", "source = 'hsds'").await, 20);
    }

    async fn a_feed_tells_what_our_own_feed_tells(app) {
        let mut content = whole_service("Palikkaverstas");
        content["minAge"] = json!(18);
        content["classes"] = json!(["P4.1"]);
        content["price"] = json!({ "amountCents": 250 });
        content["chargeType"] = json!("CHARGEABLE");
        published(app, "partner-b", "parish", content).await;
        let answer = app.send(Request::get("/hsds/services?full=true").header(header::HOST, "palvelut.example").body(Body::empty()).unwrap()).await;
        // As another house would tell it, by ids of its own.
        let mut page = answer.body;
        page["contents"][0]["id"] = json!("9c1a7b9e-0000-4000-8000-000000000001");
        page["contents"][0]["organization"]["id"] = json!("o1");
        page["contents"][0]["organization_id"] = json!("o1");
        let report = brought(app, "partner", &path(app, "ngo", ""), page.to_string()).await;
        assert_eq!(sums(&report), [1, 0, 0, 0], "{report}");
        let seen = seen(app, &report["rows"][0]["id"]).await;
        let words = (&seen["name"]["fi"], &seen["form"], &seen["provision"], &seen["chargeType"], &seen["classes"][0]["value"]);
        assert_eq!(words, (&json!("Palikkaverstas"), &json!("GROUP"), &json!("PARTNER_NGO"), &json!("CHARGEABLE"), &json!("P4.1")), "{seen}");
        assert_eq!((&seen["minAge"], &seen["price"]["amountCents"]), (&json!(18), &json!(250)));
    }
}

/// What is said beside an address.
type Asked = Query<BTreeMap<String, String>>;

/// The number of the page that is asked for.
fn number(asked: &Asked) -> u64 {
    asked.get("page").map_or(1, |page| page.parse().unwrap())
}

async fn three_pages(asked: Asked) -> Json<Value> {
    let number = number(&asked);
    Json(json!({ "page_number": number, "total_pages": 3, "key": asked.get("key"), "contents": [record(&format!("s{number}"), "Kerho")] }))
}

async fn always_the_first() -> Json<Value> {
    Json(json!({ "page_number": 1, "last_page": false, "contents": [record("a", "Kerho")] }))
}

async fn without_end(asked: Asked) -> Json<Value> {
    Json(json!({ "page_number": number(&asked), "last_page": false, "contents": [] }))
}

/// A server of another house, on this machine: its address.
async fn another_house() -> Url {
    let routes = Router::new()
        .route("/services", get(three_pages))
        .route("/round", get(always_the_first))
        .route("/endless", get(without_end))
        .route("/lines", get("{\"id\":\"a\"}\n{\"id\":\"b\"}\n"))
        .route("/away", get(Redirect::temporary("http://169.254.169.254/latest/meta-data")))
        .route("/broken", get(StatusCode::BAD_GATEWAY));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

#[tokio::test]
async fn a_feed_is_fetched_page_by_page_within_bounds_and_from_nowhere_else() {
    let house = another_house().await;
    let fetched = async |path: &str, most: usize| pages(&house.join(path).unwrap(), most).await;
    let text = String::from_utf8(fetched("services?key=k&page=1", 10_000).await.unwrap()).unwrap();
    let told: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        told.iter().map(|page| (page["page_number"].as_i64().unwrap(), page["key"].as_str().unwrap())).collect::<Vec<_>>(),
        [(1, "k"), (2, "k"), (3, "k")]
    );
    let read = domain::import::hsds::read(text.as_bytes(), domain::text::Language::Fi).unwrap();
    assert_eq!(read.records.iter().map(|record| record.id.as_deref().unwrap()).collect::<Vec<_>>(), ["s1", "s2", "s3"]);
    assert_eq!(fetched("lines", 10_000).await.unwrap().len(), 22);
    assert!(matches!(fetched("services", text.len() - 1).await, Err(FetchError::TooLong(_))));
    assert!(matches!(fetched("round", 10_000).await, Err(FetchError::OtherPage { asked: 2, answered: 1 })));
    assert!(matches!(fetched("endless", 1_000_000).await, Err(FetchError::TooManyPages)));
    assert!(matches!(fetched("away", 10_000).await, Err(FetchError::Status(StatusCode::TEMPORARY_REDIRECT))));
    assert!(matches!(fetched("broken", 10_000).await, Err(FetchError::Status(StatusCode::BAD_GATEWAY))));
    for outside in ["http://palvelut.example/services", "http://169.254.169.254/", "ftp://127.0.0.1/services", "file:///etc/passwd"] {
        assert!(matches!(pages(&outside.parse().unwrap(), 10_000).await, Err(FetchError::Insecure)), "{outside}");
    }
}
