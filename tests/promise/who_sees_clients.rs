//! Every row about clients for every actor, as things are and as they change: what is seen, changed and moved, as one table to be read in review.
use crate::{
    casework::{given as casework_given, opened},
    person::given::{self, text},
};
use domain::policy::Resource;
use serde_json::{Value, json};
use std::fmt::Write;
use tests::{CAST, TestApp, stories};

/// The client of the rows that are not those of the actor `client`: what was made in the service guide's case.
pub const OTHER_CLIENT: &str = "client-b";

/// Staff and manager of a provider that has to do with none of it.
pub const OTHER_PROVIDER: &[&str] = &["provider-b", "manager-b"];

/// The social worker of another authority, which has taken the client on in a case of its own: of what the county keeps, the client permits the disclosure.
pub const ELSEWHERE: &str = "municipal";

/// One of each thing about clients. A kind that is missing here is told by the test.
pub async fn furnish(app: &TestApp) -> (Vec<(&'static str, String)>, String) {
    let (mut rows, consent) = unrestricted(app).await;
    rows.extend(elsewhere(app, &rows[0].1).await.0);
    let restricted = restricted(app, &rows[0].1).await;
    rows.push(("Restriction", restricted));
    (rows, consent)
}

/// What another authority has of the client: the referral on a law by which the client has come there, and a case of its own; and that authority.
pub async fn elsewhere(app: &TestApp, client: &str) -> (Vec<(&'static str, String)>, String) {
    let authority = given::municipality(app).await;
    let referral = given::by_law(app, client, &authority, None).await;
    for (version, (actor, mutation)) in (1..).zip([("social-worker", "sendReferral"), (ELSEWHERE, "acknowledgeReferral"), (ELSEWHERE, "acceptReferral")]) {
        app.done(actor, mutation, "referral { id }", json!({ "id": referral, "expectedVersion": version })).await;
    }
    let case = app.cases().await.pop().unwrap();
    (vec![("Referral", referral), ("Case", case)], authority)
}

/// The client wills otherwise: consents are withdrawn, and so is the permission by which another authority reads the register.
pub async fn withdraw(app: &TestApp, consent: &str) {
    app.done("client", "withdrawConsent", "consent { id }", json!({ "id": consent, "expectedVersion": 1 })).await;
    crate::delivery::given::withdraw(app).await;
    let given =
        app.ask("client", "{ me { disclosurePermissions { nodes { id version } } } }", json!({})).await["me"]["disclosurePermissions"]["nodes"][0].clone();
    let which = json!({ "id": given["id"], "expectedVersion": given["version"] });
    app.done("client", "withdrawDisclosurePermission", "disclosurePermission { id }", which).await;
}

/// The last thing: from here on nothing is written about the client. The restriction's id.
pub async fn restricted(app: &TestApp, client: &str) -> String {
    let restricted = json!({ "client": client, "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." });
    text(&app.done("social-worker", "restrictProcessing", "restriction { id }", restricted).await["restriction"]["id"])
}

/// The same but for the restriction; the client comes first.
pub async fn unrestricted(app: &TestApp) -> (Vec<(&'static str, String)>, String) {
    let (client, _) = given::client(app, given::aino()).await;
    given::account(app, &client).await;
    let add = json!({ "client": client, "subject": "urn:x|y", "kind": "GUARDIAN" });
    let representation = text(&app.done("social-worker", "addRepresentation", "representation { id }", add).await["representation"]["id"]);
    let (referral, consent) = given::sent(app, &client).await;
    let draft = given::draft(app, &client, &["ALIAS"]).await;
    // What is done in a case is done with another client, who has an account as well, and of whom the association that has steered the client in is told.
    let (sent, other) = given::accepted_with(app, &["FULL_NAME", "CONTACT", "REASON", "PROGRESS"]).await;
    given::account_of(app, "service-guide", OTHER_CLIENT, &other).await;
    let mut done = casework_given::furnish(app).await;
    done.extend(given::willed(app, &client).await);
    done.extend(crate::delivery::given::furnish(app, &client).await);
    let case = opened::started(app, &client).await;
    let mut baseline = opened::baseline();
    baseline["case"] = json!(case);
    let baseline = app.done("social-worker", "recordIntakeBaseline", "intakeBaseline { id }", baseline).await;
    let history = app.ask("social-worker", "query($id: ID!) { case(id: $id) { history(first: 1) { nodes { id } } } }", json!({ "id": case })).await;
    done.push(("CaseEvent", text(&history["case"]["history"]["nodes"][0]["id"])));
    done.push(("IntakeBaseline", text(&baseline["intakeBaseline"]["id"])));
    let order = crate::funding::purchase_order::furnish(app, &case).await;
    done.push(("DeliveryEvent", crate::funding::delivery::furnish(app, &order).await));
    done.push(("ProviderReport", crate::funding::report::furnish(app, &order).await));
    done.push(("Complaint", crate::funding::complaint::furnish(app, &order).await));
    done.push(("PurchaseOrder", text(&order["id"])));
    let voucher = crate::funding::voucher::furnish(app, &client, &case).await;
    done.push(("DeliveryEvent", crate::funding::voucher_use::furnish_delivery(app, &voucher).await));
    done.push(("Voucher", text(&voucher["id"])));
    done.push(("Case", case));
    let asked = json!({ "client": client, "kind": "ACCESS", "words": "Haluan nähdä tietoni." });
    done.push(("SubjectRequest", text(&app.done("client", "makeSubjectRequest", "subjectRequest { id }", asked).await["subjectRequest"]["id"])));
    let held = json!({ "client": client, "reason": "Hallinto-oikeus käsittelee asiakkaan valitusta." });
    done.push(("LegalHold", text(&app.done("dpo", "setLegalHold", "legalHold { id }", held).await["legalHold"]["id"])));
    let query = "query($id: ID!) { client(id: $id) { person { id } relations(first: 1) { nodes { id } } } }";
    let of = app.ask("social-worker", query, json!({ "id": client })).await["client"].clone();
    let log = |list: &'static str| format!("{{ {list}(filter: {{ client: \"{client}\" }}, first: 1) {{ nodes {{ id }} }} }}");
    let first = |answer: Value, list: &str| text(&answer[list]["nodes"][0]["id"]);
    let used = first(app.ask("dpo", &log("useLog"), json!({})).await, "useLog");
    let disclosed = first(app.ask("dpo", &log("disclosureLog"), json!({})).await, "disclosureLog");
    let mut rows = vec![
        ("Client", client),
        ("Person", text(&of["person"]["id"])),
        ("Representation", representation),
        ("CareRelation", text(&of["relations"]["nodes"][0]["id"])),
        ("Consent", consent.clone()),
        ("Referral", referral),
        ("Referral", draft),
        ("Referral", sent),
        ("UseLogEntry", used),
        ("DisclosureLogEntry", disclosed),
    ];
    rows.extend(done);
    (rows, consent)
}

async fn sees(app: &TestApp, actor: &str, kind: &str, id: &str) -> String {
    // What is never changed has no rights to tell, and what may be done with a case is told by its moves.
    let plain = ["UseLogEntry", "DisclosureLogEntry", "CaseEvent", "IntakeBaseline", "Case", "Substitution"].contains(&kind);
    let access = if plain { "id" } else { "access { canUpdate canTransition }" };
    let node = app.ask(actor, &format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {access} }} }} }}"), json!({ "id": id })).await["node"].clone();
    let mark = |may: &Value, letter: &str| if may == &json!(true) { letter.to_owned() } else { "-".to_owned() };
    if node.is_null() { "---".to_owned() } else { format!("s{}{}", mark(&node["access"]["canUpdate"], "c"), mark(&node["access"]["canTransition"], "m")) }
}

stories! {
    async fn who_sees_and_changes_what_about_clients(app) {
        let (rows, consent) = furnish(app).await;
        for resource in Resource::ALL.iter().filter(|r| r.is_about_clients()) {
            assert!(rows.iter().any(|(kind, _)| *kind == format!("{resource:?}")), "{resource:?} is not in the table");
        }
        let cast = ["stranger"].into_iter().chain(CAST.iter().map(|(name, ..)| *name)).chain([OTHER_CLIENT, ELSEWHERE, "manager"]);
        let actors: Vec<&str> = cast.chain(OTHER_PROVIDER.iter().copied()).collect();
        let mut columns: Vec<Vec<String>> = Vec::new();
        let mut look = async || {
            let mut column = Vec::new();
            for (kind, id) in &rows {
                for actor in &actors {
                    column.push(sees(app, actor, kind, id).await);
                }
            }
            columns.push(column);
        };
        look().await;
        withdraw(app, &consent).await;
        look().await;
        app.tamper("UPDATE care_relation SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        look().await;
        for (at, column) in columns.iter().enumerate() {
            for (kind, seen) in rows.iter().zip(column.chunks(actors.len())) {
                let told = seen.iter().zip(&actors).filter(|(seen, actor)| OTHER_PROVIDER.contains(*actor) && *seen != "---");
                assert_eq!(told.count(), 0, "another provider sees a {} in situation {at}", kind.0);
            }
        }
        let mut table = String::from(
            "s sees, c changes, m moves. As it is; after the client has withdrawn the consent and the disclosure permission; after the care relations have ended too.\n\
             provider and manager are of the company that provides, provider-b and manager-b of another provider.\n\
             The client is the actor client; of NeedsAssessment, ClientPlan, Goal, FinalAssessment, ServiceDecision, FollowOnPath, ClientEntry, FollowUp,\n\
             InstrumentResponse and NetworkMeeting it is client-b. municipal is of another authority, which has taken the client on by Referral (4) in a case of\n\
             its own, Case (2). Referral (2) is a draft, Referral (3) is by which partner has steered client-b in.\n\n\
             row                | actor          | now | withdrawn | ended\n",
        );
        for (i, (kind, _)) in rows.iter().enumerate() {
            let before = rows[..i].iter().filter(|(other, _)| other == kind).count();
            let thing = if before == 0 { (*kind).to_owned() } else { format!("{kind} ({})", before + 1) };
            for (j, actor) in actors.iter().enumerate() {
                let at = i * actors.len() + j;
                let _ = writeln!(table, "{thing:<18} | {actor:<14} | {} | {:<9} | {}", columns[0][at], columns[1][at], columns[2][at]);
            }
        }
        insta::assert_snapshot!("who_sees_clients", table);
        // Without a purpose no worker sees any of it, and neither does nobody.
        for (kind, id) in &rows {
            let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ id }} }} }}");
            for actor in CAST.iter().map(|(name, ..)| *name).chain([ELSEWHERE]).filter(|name| *name != "client") {
                let answer = app.without_purpose(actor, &query, json!({ "id": id })).await;
                assert!(answer.body["data"]["node"].is_null(), "{actor} {kind}: {}", answer.text);
            }
            assert_eq!(app.ask("", &query, json!({ "id": id })).await["node"], json!(null), "{kind}");
        }
    }

    async fn lists_and_totals_tell_no_more_than_rows(app) {
        let (rows, _) = furnish(app).await;
        let mut table = String::from("list              | actor          | total\n");
        let (county, ngo) = (app.world.organization("county"), app.world.organization("ngo"));
        let lists = [
            ("clients", "clients".to_owned()),
            ("inbox of county", format!("referralInbox(organization: \"{county}\")")),
            ("inbox of ngo", format!("referralInbox(organization: \"{ngo}\")")),
            ("outbox of county", format!("referralOutbox(organization: \"{county}\")")),
            ("outbox of ngo", format!("referralOutbox(organization: \"{ngo}\", filter: {{ states: [ACCEPTED] }})")),
            ("disclosureLog", "disclosureLog".to_owned()),
            ("myAccessLog", "myAccessLog".to_owned()),
            ("notices", "notices".to_owned()),
        ];
        for (name, list) in &lists {
            for actor in CAST.iter().map(|(name, ..)| *name).chain([OTHER_CLIENT, ELSEWHERE]) {
                let data = app.ask(actor, &format!("{{ list: {list} {{ totalCount nodes {{ id }} }} }}"), json!({})).await["list"].clone();
                let (total, shown) = (data["totalCount"].as_u64().unwrap(), data["nodes"].as_array().unwrap().len() as u64);
                assert!(total == shown || shown == 25, "{name} {actor}: {total} {shown}");
                // How often a client was read about grows with the story; that it is seen or not is what counts.
                let told = if *name == "myAccessLog" && total > 0 { "some".to_owned() } else { total.to_string() };
                let _ = writeln!(table, "{name:<17} | {actor:<14} | {told}");
            }
        }
        insta::assert_snapshot!("lists_about_clients", table);
        assert!(!rows.is_empty());
    }
}
