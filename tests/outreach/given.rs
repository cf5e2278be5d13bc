//! What stories of open work begin with.
use serde_json::{Value, json};
use tests::TestApp;

/// A drop-in day of the association, as it is opened.
pub fn day(app: &TestApp) -> Value {
    json!({
        "organization": app.world.organization("ngo"), "effectiveDate": "2026-01-15",
        "content": { "place": { "area": app.world.municipality("297"), "text": "Tori" }, "openFrom": "09:00", "openTo": "14:00" },
    })
}

/// Opens a drop-in day; its id.
pub async fn opened(app: &TestApp, input: Value) -> String {
    let made = app.done("partner", "openDropInDay", "dropInDay { id }", input).await;
    made["dropInDay"]["id"].as_str().unwrap().to_owned()
}

/// An anonymous contact of the association, as it is recorded.
pub fn contact(app: &TestApp) -> Value {
    json!({
        "organization": app.world.organization("ngo"), "effectiveDate": "2026-01-15",
        "content": {
            "place": { "area": app.world.municipality("297"), "text": "Tori" }, "channel": "FIELD", "ageBand": { "from": 30, "to": 39 }, "gender": "FEMALE",
            "themes": ["HOUSING", "DEBT"], "minutes": 25, "result": "AGREED_RETURN", "note": "Odottaa rappukäytävässä",
        },
    })
}

/// An outreach shift of the association, as it begins.
pub fn shift(app: &TestApp) -> Value {
    json!({
        "organization": app.world.organization("ngo"), "effectiveDate": "2026-01-15",
        "content": { "place": { "area": app.world.municipality("297") }, "from": "18:00" },
    })
}

/// An outing of the association, as it is recorded.
pub fn outing(app: &TestApp) -> Value {
    json!({
        "organization": app.world.organization("ngo"), "effectiveDate": "2026-01-15",
        "content": { "kind": "OUTING", "place": { "area": app.world.municipality("297") }, "themes": ["LONELINESS"], "attendees": 12, "minutes": 240, "cost": { "amountCents": 18_050 } },
    })
}

/// Records an anonymous contact; its id.
pub async fn met(app: &TestApp, input: Value) -> String {
    let made = app.done("partner", "recordAnonymousContact", "anonymousContact { id }", input).await;
    made["anonymousContact"]["id"].as_str().unwrap().to_owned()
}

/// Begins an outreach shift; its id.
pub async fn gone_out(app: &TestApp, input: Value) -> String {
    let made = app.done("partner", "beginOutreachShift", "outreachShift { id }", input).await;
    made["outreachShift"]["id"].as_str().unwrap().to_owned()
}

/// Records an open event; its id.
pub async fn arranged(app: &TestApp, input: Value) -> String {
    let made = app.done("partner", "recordOpenEvent", "openEvent { id }", input).await;
    made["openEvent"]["id"].as_str().unwrap().to_owned()
}

/// Makes a handle in the association: its id and its code word.
pub async fn handle(app: &TestApp) -> (String, String) {
    let input = json!({ "organization": app.world.organization("ngo") });
    let made = app.done("partner", "createAnonymousHandle", "codeWord anonymousHandle { id }", input).await;
    (made["anonymousHandle"]["id"].as_str().unwrap().to_owned(), made["codeWord"].as_str().unwrap().to_owned())
}

/// One of each kind of record beside the drop-in day, and a handle with a contact under it: kinds and ids.
pub async fn furnish(app: &TestApp) -> Vec<(&'static str, String)> {
    let (handle, word) = handle(app).await;
    let shift = gone_out(app, shift(app)).await;
    let mut contact = contact(app);
    contact["shift"] = json!(shift);
    contact["codeWord"] = json!(word);
    vec![("AnonymousContact", met(app, contact).await), ("OutreachShift", shift), ("OpenEvent", arranged(app, outing(app)).await), ("AnonymousHandle", handle)]
}

/// Who may: each actor of the cast sees rows of a kind and makes them, or neither.
pub async fn only_the_association(app: &TestApp, kind: &str, id: &str, list: &str, mutation: &str, input: &Value) {
    assert_eq!(app.refuse("", &format!("{{ {list} {{ totalCount }} }}"), json!({})).await, "UNAUTHENTICATED");
    for (actor, _, _) in tests::CAST {
        let expected = *actor == "partner";
        let seen = app
            .ask(
                actor,
                &format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ id }} }} {list} {{ totalCount nodes {{ id }} }} }}"),
                json!({ "id": id }),
            )
            .await;
        assert_eq!((!seen["node"].is_null(), &seen[list]["totalCount"]), (expected, &json!(i32::from(expected))), "{actor}");
        if !expected {
            let document = TestApp::mutation(mutation, &format!("{}{} {{ id }}", kind[..1].to_lowercase(), &kind[1..]));
            assert_eq!(app.refuse(actor, &document, json!({ "input": input })).await, "FORBIDDEN", "{actor}");
        }
    }
}
