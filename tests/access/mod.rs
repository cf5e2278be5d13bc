//! Stories of access: memberships, and what they open at once.
use serde_json::{Value, json};
use tests::stories;

stories! {
    async fn a_membership_counts_at_once_and_ends_at_once(app) {
        let drafts = "{ services(edition: WORKING) { totalCount } viewer { subject roles } }";
        let subject = app.ask("newcomer", drafts, json!({})).await["viewer"]["subject"].clone();
        let input = json!({ "organization": app.world.organization("ngo"), "role": "PARTNER_WORKER", "subject": subject });
        let made = app.done("admin", "grantMembership", "membership { id version inForce }", input).await;
        assert_eq!(made["membership"]["inForce"], true);
        assert_eq!(app.ask("newcomer", drafts, json!({})).await["viewer"]["roles"], json!(["PARTNER_WORKER"]));
        let content = json!({ "name": { "fi": "Uusi" }, "provision": "OWN", "form": "GROUP", "chargeType": "FREE" });
        app.done("newcomer", "createService", "service { id }", json!({ "organization": app.world.organization("ngo"), "content": content })).await;
        app.done("admin", "endMembership", "membership { id }", json!({ "id": made["membership"]["id"], "expectedVersion": 1 })).await;
        assert_eq!(app.ask("newcomer", drafts, json!({})).await, json!({ "services": { "totalCount": 0 }, "viewer": { "subject": subject, "roles": [] } }));
    }

    async fn only_the_networks_administrator_grants_and_only_in_its_own_network(app) {
        let document = tests::TestApp::mutation("grantMembership", "membership { id }");
        let input = |organization: &str, role: &str| json!({ "input": { "organization": app.world.organization(organization), "role": role, "subject": "urn:x|y" } });
        for other in ["lead", "partner", "dpo", "client", "provider", "stranger"] {
            assert_eq!(app.refuse(other, &document, input("ngo", "PARTNER_WORKER")).await, "FORBIDDEN", "{other}");
        }
        assert_eq!(app.refuse("admin-x", &document, input("ngo", "PARTNER_WORKER")).await, "FORBIDDEN");
        assert_eq!(app.refuse("", &document, input("ngo", "PARTNER_WORKER")).await, "UNAUTHENTICATED");
        let rejected = app.rejected("admin", "grantMembership", "membership { id }", input("ngo", "ADMIN")["input"].clone()).await;
        assert_eq!(rejected, ["INVALID role"], "administrators only at the organiser");
        assert_eq!(app.count("membership", "subject = 'urn:x|y'").await, 0);
    }

    async fn who_an_organisation_is_only_the_administrator_says(app) {
        let content = |name: &str, kind: &str| json!({ "name": { "fi": name, "en": name }, "kind": kind, "description": { "fi": "Kuvaus." } });
        let update = async |actor: &str, content: serde_json::Value| {
            app.payload(actor, "updateOrganization", "organization { version }", json!({ "id": app.world.organization("ngo"), "expectedVersion": 1, "content": content })).await
        };
        let refused = update("partner", content("Hyvinvointialue", "WELLBEING_COUNTY")).await;
        let codes: Vec<_> = refused["userErrors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["ADMINISTRATOR_ONLY", "ADMINISTRATOR_ONLY"]);
        let described = update("partner", content("ngo", "ASSOCIATION")).await;
        assert_eq!(described["userErrors"], json!([]));
    }

    async fn a_network_keeps_an_administrator(app) {
        let own = app.ask("admin", "{ viewer { memberships { nodes { id version } } } }", json!({})).await["viewer"]["memberships"]["nodes"][0].clone();
        let last = app.rejected("admin", "endMembership", "membership { id }", json!({ "id": own["id"], "expectedVersion": own["version"] })).await;
        assert_eq!(last, ["LAST_ADMINISTRATOR id"]);
        let input = json!({ "organization": app.world.organization("county"), "role": "ADMIN", "subject": "urn:x|second" });
        app.done("admin", "grantMembership", "membership { id }", input).await;
        app.done("admin", "endMembership", "membership { id }", json!({ "id": own["id"], "expectedVersion": own["version"] })).await;
    }

    async fn a_date_beyond_four_digits_opens_nothing(app) {
        let document = tests::TestApp::mutation("grantMembership", "membership { id }");
        let input = json!({ "input": { "organization": app.world.organization("ngo"), "role": "PARTNER_WORKER", "subject": "urn:x|y", "validFrom": "+10000-01-01" } });
        assert_eq!(app.refuse("admin", &document, input).await, "BAD_INPUT");
    }

    async fn seeing_other_peoples_memberships_leaves_a_trace_and_ones_own_does_not(app) {
        let all = "{ memberships(first: 100) { totalCount nodes { subject role } } }";
        let own = app.ask("partner", all, json!({})).await["memberships"].clone();
        assert_eq!(own["totalCount"], 1);
        assert_eq!(app.count("use_log_entry", "1 = 1").await, 0);
        let network = app.ask("dpo", all, json!({})).await["memberships"].clone();
        assert_eq!(network["totalCount"], 12);
        assert_eq!(app.count("use_log_entry", "actor = 'urn:monituottaja:demo|dpo'").await, 11, "one row for each other person");
        assert_eq!(app.ask("admin-x", all, json!({})).await["memberships"]["totalCount"], 2, "another network's stay hidden");
        assert_eq!(app.ask("analyst", all, json!({})).await["memberships"]["totalCount"], 1);
        let hidden = r#"{ memberships(filter: { subject: "urn:monituottaja:demo|admin" }) { totalCount } }"#;
        assert_eq!(app.ask("partner", hidden, json!({})).await["memberships"]["totalCount"], 0);
    }

    async fn the_viewer_is_told_by_the_policy_itself_what_may_be_done(app) {
        let query = "query($o: ID!) { viewer { can(action: UPDATE, subject: SERVICE, organization: $o) } }";
        for (actor, organization, expected) in [("partner", "ngo", true), ("partner", "parish", false), ("partner-x", "ngo", false), ("client", "county", false), ("lead", "county", true)] {
            let answer = app.ask(actor, query, json!({ "o": app.world.organization(organization) })).await;
            assert_eq!(answer["viewer"]["can"], expected, "{actor} {organization}");
        }
        assert_eq!(app.ask("", "{ viewer { subject } }", json!({})).await["viewer"], Value::Null);
    }

    async fn every_write_is_in_the_audit_with_who_and_what(app) {
        let content = json!({ "name": { "fi": "Kirjattu" }, "provision": "OWN", "form": "GROUP", "chargeType": "FREE" });
        app.done("partner", "createService", "service { id }", json!({ "organization": app.world.organization("ngo"), "content": content })).await;
        let who = "actor = 'urn:monituottaja:demo|partner' AND resource = 'Service' AND action = 'Create'";
        assert_eq!(app.count("audit", who).await, 1);
    }
}
