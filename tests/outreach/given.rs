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
