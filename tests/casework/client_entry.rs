//! Entries of the client's record: the client reads all but what is hidden on a ground, and is told that something is.
use super::given::begun;
use serde_json::{Value, json};
use tests::{TestApp, stories};

async fn write(app: &TestApp, case: &str, more: Value) -> Value {
    let mut input = more;
    input["case"] = json!(case);
    input["happenedOn"] = json!("2026-01-02");
    let read = "clientEntry { id text ground visibility happenedOn corrects { text } }";
    app.done("service-guide", "writeClientEntry", read, input).await["clientEntry"].clone()
}

stories! {
    async fn the_client_reads_all_but_what_is_hidden_and_knows_that_something_is(app) {
        let (client, case) = begun(app).await;
        write(app, &case, json!({ "visibility": "AUTHORITY", "content": { "text": "Soitto asiakkaalle." } })).await;
        let ground = "JulkL 11 § 2 mom. 1 k.: toisen henkilön turvallisuus.";
        let hidden = write(app, &case, json!({ "visibility": "CLIENT_HIDDEN", "content": { "text": "Läheinen pelkää.", "ground": ground } })).await;
        assert_eq!(hidden["ground"], ground);
        write(app, &case, json!({ "visibility": "CLIENT_HIDDEN", "clientIsTold": false, "content": { "text": "Läheinen soitti.", "ground": ground } })).await;
        let mine = app.ask("client", "{ me { hiddenEntries entries { totalCount nodes { text ground } } } }", json!({})).await["me"].clone();
        assert_eq!(mine, json!({ "hiddenEntries": 1, "entries": { "totalCount": 1, "nodes": [{ "text": "Soitto asiakkaalle.", "ground": null }] } }));
        assert_eq!(app.ask("client", "query($id: ID!) { node(id: $id) { id } }", json!({ "id": hidden["id"] })).await["node"], json!(null));
        let theirs = app.ask("social-worker", "query($id: ID!) { client(id: $id) { entries { totalCount } } }", json!({ "id": client })).await;
        assert_eq!(theirs["client"]["entries"]["totalCount"], 3);
        assert_eq!(app.count("client_entry", "content LIKE '%pelkää%' OR content LIKE '%JulkL%'").await, 0);
    }

    async fn hiding_needs_a_ground_and_an_entry_is_corrected_by_another(app) {
        let (_, case) = begun(app).await;
        let input = |visibility: &str, content: Value| json!({ "case": case, "happenedOn": "2026-01-02", "visibility": visibility, "content": content });
        for (given, fault) in [
            (input("CLIENT_HIDDEN", json!({ "text": "Asia." })), "REQUIRED content.ground"),
            (input("CLIENT_HIDDEN", json!({ "text": "Asia.", "ground": "Muuten vain." })), "TOO_SHORT content.ground"),
            (input("AUTHORITY", json!({ "text": "Asia.", "ground": "JulkL 11 § 2 mom. 1 k." })), "DOES_NOT_AGREE content.ground"),
        ] {
            assert_eq!(app.rejected("service-guide", "writeClientEntry", "clientEntry { id }", given).await, [fault]);
        }
        let wrong = write(app, &case, json!({ "visibility": "SHARED", "content": { "text": "Tapaaminen ma." } })).await;
        let right = write(app, &case, json!({ "visibility": "SHARED", "corrects": wrong["id"], "content": { "text": "Tapaaminen ti." } })).await;
        assert_eq!(right["corrects"]["text"], "Tapaaminen ma.");
        for writer in ["client", "partner"] {
            let mutation = TestApp::mutation("writeClientEntry", "clientEntry { id }");
            let code = app.post(writer, &mutation, json!({ "input": input("AUTHORITY", json!({ "text": "Oma." })) })).await;
            assert!(code.code() == "FORBIDDEN" || code.body["data"]["writeClientEntry"]["userErrors"][0]["code"] == "UNKNOWN_REFERENCE", "{writer}: {}", code.text);
        }
        assert_eq!(app.count("client_entry", "1 = 1").await, 2);
    }
}
