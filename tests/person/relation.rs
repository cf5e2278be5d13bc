//! Care relations: nothing is opened without one, and an emergency is told.
use super::given::{aino, client, municipality};
use serde_json::json;
use tests::stories;

const SEES: &str = "query($id: ID!) { client(id: $id) { person { lastName } } }";

stories! {
    async fn an_emergency_opens_a_client_with_a_reason_and_tells_the_officer_and_the_lead(app) {
        let (id, number) = client(app, aino()).await;
        let county = app.world.organization("county");
        let open = |reason: &str| json!({ "organization": county, "client": { "number": number }, "reason": reason });
        assert_eq!(app.rejected("service-guide", "breakGlass", "careRelation { id }", open("kiire")).await, ["TOO_SHORT reason"]);
        let made = app.done("service-guide", "breakGlass", "careRelation { id basis inForce expiresAt }", open("Asiakas tuli tajuttomana päivystykseen")).await;
        assert_eq!(made["careRelation"]["basis"], "BREAK_GLASS");
        assert_eq!(app.ask("service-guide", SEES, json!({ "id": id })).await["client"]["person"]["lastName"], "Mallinen");
        for told in ["dpo", "lead"] {
            let notices = app.ask(told, "{ notices { nodes { kind } } }", json!({})).await["notices"]["nodes"].clone();
            assert_eq!(notices, json!([{ "kind": "EMERGENCY_ACCESS" }]), "{told}");
        }
        for untold in ["social-worker", "service-guide", "partner", "admin-x"] {
            assert_eq!(app.ask(untold, "{ notices { totalCount } }", json!({})).await["notices"]["totalCount"], 0, "{untold}");
        }
        let flagged = app.ask("dpo", "{ useLog(filter: { flagged: true }) { nodes { basis flagged } } }", json!({})).await["useLog"]["nodes"].clone();
        assert!(flagged.as_array().unwrap().iter().all(|e| e["basis"] == "BREAK_GLASS") && !flagged.as_array().unwrap().is_empty(), "{flagged}");
    }

    async fn what_is_opened_by_a_statutory_right_is_told_to_the_officer_and_the_lead_whoever_opens_it(app) {
        let (_, number) = client(app, aino()).await;
        let kunta = municipality(app).await;
        for (count, (actor, organization)) in (1..).zip([("service-guide", app.world.organization("county")), ("municipal", kunta)]) {
            let open = json!({ "organization": organization, "client": { "number": number }, "reason": "Palvelutarpeen arviointi vaatii tiedot." });
            let made = app.done(actor, "openByStatutoryRight", "careRelation { id }", open).await["careRelation"]["id"].clone();
            for told in ["dpo", "lead"] {
                let notices = app.ask(told, "{ notices(filter: { kinds: [STATUTORY_ACCESS] }) { totalCount nodes { relationId } } }", json!({})).await["notices"].clone();
                assert_eq!((&notices["totalCount"], &notices["nodes"][0]["relationId"]), (&json!(count), &made), "{told} of {actor}");
            }
        }
        for untold in ["social-worker", "service-guide", "municipal", "partner", "admin-x"] {
            assert_eq!(app.ask(untold, "{ notices { totalCount } }", json!({})).await["notices"]["totalCount"], 0, "{untold}");
        }
    }

    async fn who_has_no_work_with_clients_opens_none(app) {
        let (_, number) = client(app, aino()).await;
        for (actor, organization) in [("partner", "ngo"), ("admin", "county"), ("procurement", "county"), ("client", "county"), ("service-guide", "ngo"), ("admin-x", "county-x")] {
            let input = json!({ "organization": app.world.organization(organization), "client": { "number": number }, "reason": "Haluan vain katsoa kuka tämä on" });
            let code = app.refuse(actor, &tests::TestApp::mutation("breakGlass", "careRelation { id }").replace("BreakGlassInput", "OpenRelationInput"), json!({ "input": input })).await;
            assert_eq!(code, "FORBIDDEN", "{actor}");
        }
    }

    async fn a_relation_that_has_ended_opens_nothing(app) {
        let (id, number) = client(app, aino()).await;
        let input = json!({ "organization": app.world.organization("county"), "client": { "hetu": "010190-900P" }, "reason": "Palvelutarpeen arvioinnin tiedot pyydetty" });
        let made = app.done("service-guide", "openByStatutoryRight", "careRelation { id version }", input).await["careRelation"].clone();
        assert_eq!(app.ask("service-guide", SEES, json!({ "id": id })).await["client"]["person"]["lastName"], "Mallinen");
        let end = json!({ "id": made["id"], "expectedVersion": made["version"] });
        assert_eq!(app.refuse("social-worker", &tests::TestApp::mutation("endCareRelation", "careRelation { id }"), json!({ "input": end })).await, "FORBIDDEN");
        app.done("lead", "endCareRelation", "careRelation { inForce }", end).await;
        assert_eq!(app.ask("service-guide", SEES, json!({ "id": id })).await["client"], json!(null));
        let unknown = json!({ "organization": app.world.organization("county"), "client": { "number": "ZZZ-ZZZ-ZZZ" }, "reason": "Palvelutarpeen arvioinnin tiedot pyydetty" });
        assert_eq!(app.rejected("service-guide", "openByStatutoryRight", "careRelation { id }", unknown).await, ["UNKNOWN_REFERENCE client"]);
        assert!(!number.is_empty());
    }
}
