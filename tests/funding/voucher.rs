//! Stories of vouchers: issued by a decision, used with a provider of the client's choice, refused and arranged in another way, taken back, expired.
use super::{
    given::{cast, due, in_days, registered_until},
    provider_approval as approval,
    purchase_order::granting,
};
use crate::{
    casework::{
        given::{begun, step},
        opened::at,
        service_decision as decision,
    },
    person::given::text,
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

pub(super) const OF: (&str, &str) = (
    "voucher",
    "number state moves unit value { amountCents } worth { amountCents } provider { name { fi } } unitPrice { amountCents } ownShare { amountCents } chosenBy issuedBy endedBy reason alternative endedOn \
     introduction { alias fullName birthDate language }",
);

/// A client with a case, a decision that grants fifty sessions by voucher, the rulebook, and a provider that is approved by it.
pub(super) struct Ground {
    client: String,
    pub case: String,
    decision: Value,
    rulebook: String,
    approval: Value,
    provider: String,
}

/// What vouchers in a case begin with.
async fn in_case(app: &TestApp, client: String, case: String) -> Ground {
    cast(app).await;
    let service = approval::service(app).await;
    let rulebook = approval::published_rulebook(app, &service).await;
    let approval = approval::approved_by(app, &service, &rulebook).await;
    let query = "query($service: ID!) { approvedProviders(filter: { services: [$service] }) { nodes { id } } }";
    let provider = text(&app.ask("", query, json!({ "service": service })).await["approvedProviders"]["nodes"][0]["id"]);
    let decision = decision::served(app, &case, granting(&service, 50, 300_000)).await;
    Ground { client, case, decision, rulebook: text(&rulebook["id"]), approval, provider }
}

impl Ground {
    /// The service of its rulebook.
    pub(super) async fn service(&self, app: &TestApp) -> String {
        approval::of_rulebook(app, &self.rulebook).await
    }
}

pub(super) async fn ground(app: &TestApp) -> Ground {
    let (client, case) = begun(app).await;
    in_case(app, client, case).await
}

/// What is said of a voucher for so many sessions in the next sixty days.
pub(super) fn of_sessions(of: &Ground, sessions: i32) -> Value {
    json!({ "decision": of.decision["id"], "rulebook": of.rulebook, "quantity": { "hundredths": sessions * 100 }, "validFrom": in_days(0), "validTo": in_days(60) })
}

pub(super) async fn issued(app: &TestApp, of: &Ground, sessions: i32) -> Value {
    app.done("social-worker", "issueVoucher", "voucher { id version }", of_sessions(of, sessions)).await["voucher"].clone()
}

pub(super) async fn chosen(app: &TestApp, of: &Ground, voucher: &Value, disclose: &Value) -> Value {
    step(app, "client", "chooseVoucherProvider", OF, voucher, choice(of, disclose)).await
}

/// The provider, at the own share of its list.
fn choice(of: &Ground, disclose: &Value) -> Value {
    json!({ "provider": of.provider, "ownShare": { "amountCents": 500 }, "disclose": disclose })
}

/// Whom somebody can choose with a voucher: their names, and what is left to pay.
async fn offers(app: &TestApp, actor: &str, of: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Voucher { offers { approvedProvider { id provider { name { fi } } } unitPrice { amountCents } ownShare { amountCents } } } } }";
    app.ask(actor, query, json!({ "id": of["id"] })).await["node"]["offers"].clone()
}

pub(super) async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> Vec<String> {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.rejected(actor, mutation, "voucher { id }", input).await
}

async fn refused(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> String {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.refuse(actor, &TestApp::mutation(mutation, "voucher { id }"), json!({ "input": input })).await
}

pub(super) async fn seen(app: &TestApp, actor: &str, of: &Value) -> Value {
    let query =
        format!("query($id: ID!) {{ node(id: $id) {{ ... on Voucher {{ id version client {{ id }} decision {{ id }} rulebook {{ id }} {} }} }} }}", OF.1);
    app.ask(actor, &query, json!({ "id": of["id"] })).await["node"].clone()
}

async fn notices(app: &TestApp, actor: &str) -> Vec<String> {
    let told = app.ask(actor, "{ notices(first: 100) { nodes { kind voucher { id } } } }", json!({})).await["notices"]["nodes"].clone();
    told.as_array().unwrap().iter().filter(|notice| notice["kind"].as_str().unwrap().starts_with("VOUCHER")).map(|notice| text(&notice["kind"])).collect()
}

/// A voucher in a case of the social worker's, that says what it can say: refused and arranged in another way, and chosen with all the same.
pub async fn furnish(app: &TestApp, client: &str, case: &str) -> Value {
    let of = in_case(app, client.to_owned(), case.to_owned()).await;
    let voucher = issued(app, &of, 10).await;
    let refused = step(app, "social-worker", "refuseVoucher", OF, &voucher, json!({ "reason": "Ei halua valita itse." })).await;
    let arranged = step(app, "social-worker", "arrangeVoucherAlternative", OF, &refused, json!({ "alternative": "Kaupungin oma ryhmä." })).await;
    app.tamper("UPDATE voucher SET state = 'ISSUED', number = '1234-5678-9012'").await;
    let input = choice(&of, &json!(["FULL_NAME", "BIRTH_DATE", "CONTACT", "LANGUAGE"]));
    step(app, "social-worker", "chooseVoucherProvider", OF, &arranged, input).await
}

stories! {
    async fn a_client_chooses_a_provider_leaves_it_and_chooses_again(app) {
        let ground = ground(app).await;
        let voucher = issued(app, &ground, 10).await;
        assert_eq!(notices(app, "client").await, ["VOUCHER_ISSUED"]);
        let own = app.ask("client", "{ me { vouchers { nodes { id version number state unit quantity { hundredths } value { amountCents } worth { amountCents } ownShare { amountCents } freeOfCharge validTo } } } }", json!({})).await;
        let own = own["me"]["vouchers"]["nodes"][0].clone();
        assert_eq!((&own["id"], &own["state"], &own["value"]["amountCents"], &own["worth"]["amountCents"], &own["ownShare"]), (&voucher["id"], &json!("ISSUED"), &json!(4_500), &json!(45_000), &json!(null)));
        assert_eq!((own["number"].as_str().unwrap().len(), seen(app, "provider", &voucher).await), (14, json!(null)));
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &voucher, choice(&ground, &json!(["ADDRESS"]))).await, ["DOES_NOT_AGREE disclose"]);
        // Whom it can be used with, and what is left to pay there, is told; the client chooses what it has seen.
        let offer = json!({ "approvedProvider": { "id": ground.provider, "provider": { "name": { "fi": "company" } } }, "unitPrice": { "amountCents": 5_000 }, "ownShare": { "amountCents": 500 } });
        assert_eq!(offers(app, "client", &voucher).await, json!([offer]));
        let unseen = json!({ "provider": ground.provider, "ownShare": { "amountCents": 400 } });
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &voucher, unseen).await, ["DOES_NOT_AGREE ownShare.amountCents"]);
        let one = chosen(app, &ground, &voucher, &json!(["FULL_NAME"])).await;
        assert_eq!((&one["state"], &one["moves"]), (&json!("CHOSEN"), &json!(["LEAVE", "BEGIN", "EXPIRE", "CANCEL"])));
        assert_eq!((&one["unitPrice"]["amountCents"], &one["ownShare"]["amountCents"]), (&json!(5_000), &json!(500)));
        // The provider finds it by its number, and is told of the client what was chosen, and no more.
        let inbox = "query($of: ID!, $numbers: [String!]) { voucherInbox(organization: $of, filter: { numbers: $numbers, states: [CHOSEN] }) { totalCount nodes { id } } }";
        let found = app.ask("provider", inbox, json!({ "of": app.world.organization("company"), "numbers": [text(&one["number"]).replace('-', " ")] })).await["voucherInbox"].clone();
        assert_eq!(found, json!({ "totalCount": 1, "nodes": [{ "id": voucher["id"] }] }));
        let nothing = app.ask("provider", inbox, json!({ "of": app.world.organization("company"), "numbers": ["\0", "1234"] })).await["voucherInbox"].clone();
        assert_eq!(nothing, json!({ "totalCount": 0, "nodes": [] }));
        let told = seen(app, "provider", &one).await;
        assert_eq!(told["introduction"], json!({ "alias": "Eino", "fullName": "Eino Testilä", "birthDate": null, "language": null }));
        for hidden in ["client", "decision", "chosenBy", "issuedBy", "reason"] {
            assert_eq!((&told[hidden], seen(app, "social-worker", &one).await["issuedBy"].is_null()), (&json!(null), false), "{hidden}");
        }
        assert_eq!((notices(app, "provider").await, notices(app, "service-guide").await.len()), (vec!["VOUCHER_CHOSEN".to_owned()], 0));
        assert!(notices(app, "social-worker").await.contains(&"VOUCHER_MOVED".to_owned()));
        assert_eq!(app.count("disclosure_log_entry", "basis = 'ORDER' AND ground_id = (SELECT v.id FROM voucher v)").await, 1);
        let log = app.ask("client", "{ myAccessLog(first: 100) { nodes { role basis } } }", json!({})).await["myAccessLog"]["nodes"].clone();
        assert!(log.as_array().unwrap().contains(&json!({ "role": "PROVIDER_STAFF", "basis": "ORDER" })), "{log}");
        // Another price of the list is not the price that was chosen.
        let price = json!({ "id": ground.approval["id"], "expectedVersion": ground.approval["version"], "service": approval::of_rulebook(app, &ground.rulebook).await, "price": { "validFrom": in_days(0), "price": { "amountCents": 6_000 } } });
        let pending = app.done("manager", "submitApprovedPrice", "providerApproval { id version }", price).await["providerApproval"].clone();
        app.done("procurement", "approveProviderPrice", "providerApproval { id }", json!({ "id": pending["id"], "expectedVersion": pending["version"] })).await;
        assert_eq!(seen(app, "client", &one).await["ownShare"]["amountCents"], 500);
        // Nothing is chosen twice; who is left reads nothing any more.
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &one, choice(&ground, &json!([]))).await, ["ILLEGAL_TRANSITION id"]);
        assert_eq!(refused(app, "provider", "leaveVoucherProvider", &one, json!({})).await, "FORBIDDEN");
        let left = step(app, "client", "leaveVoucherProvider", OF, &one, json!({})).await;
        assert_eq!((&left["state"], &left["provider"], &left["introduction"], &left["ownShare"]), (&json!("ISSUED"), &json!(null), &json!(null), &json!(null)));
        assert_eq!((seen(app, "provider", &one).await, notices(app, "provider").await.contains(&"VOUCHER_ENDED".to_owned())), (json!(null), true));
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &left, choice(&ground, &json!([]))).await, ["DOES_NOT_AGREE ownShare.amountCents"]);
        let dearer = json!({ "provider": ground.provider, "ownShare": { "amountCents": 1_500 } });
        let again = step(app, "client", "chooseVoucherProvider", OF, &left, dearer).await;
        assert_eq!((&again["ownShare"]["amountCents"], &again["introduction"]["fullName"]), (&json!(1_500), &json!(null)));
        nothing_is_wrong(app.database()).await;
    }

    async fn who_refuses_a_voucher_is_served_in_another_way_before_the_case_is_closed(app) {
        let ground = ground(app).await;
        let voucher = issued(app, &ground, 50).await;
        assert_eq!(app.rejected("social-worker", "issueVoucher", "voucher { id }", of_sessions(&ground, 1)).await, ["QUANTITY_REACHED decision"]);
        assert_eq!(said_no(app, "social-worker", "arrangeVoucherAlternative", &voucher, json!({ "alternative": "Oma ryhmä." })).await, ["ILLEGAL_TRANSITION id"]);
        let said = step(app, "client", "refuseVoucher", OF, &voucher, json!({ "reason": "En halua valita itse." })).await;
        assert_eq!((&said["state"], &said["reason"], &said["endedOn"]), (&json!("REFUSED"), &json!("En halua valita itse."), &json!(in_days(0))));
        assert!(notices(app, "social-worker").await.contains(&"VOUCHER_REFUSED".to_owned()));
        let waiting = "query($of: ID!) { refusedVouchers(organization: $of) { totalCount nodes { id } } }";
        let waits = async |actor: &str| app.ask(actor, waiting, json!({ "of": app.world.organization("county") })).await["refusedVouchers"]["totalCount"].clone();
        assert_eq!((waits("social-worker").await, waits("provider").await, waits("social-worker-b").await), (json!(1), json!(0), json!(0)));
        let close = at(app, &ground.case, json!({ "reason": "NO_NEED", "note": "Päätetään." })).await;
        let told = app.rejected("social-worker", "closeCase", "case { id }", close.clone()).await;
        assert!(told.contains(&"VOUCHER_OPEN id".to_owned()), "{told:?}");
        // It takes nothing of the decision any more; the client does not write down for the workers how the service is arranged.
        issued(app, &ground, 50).await;
        assert_eq!(said_no(app, "client", "arrangeVoucherAlternative", &said, json!({ "alternative": "Oma ryhmä." })).await, ["WORKER_ONLY id"]);
        assert_eq!(said_no(app, "social-worker", "arrangeVoucherAlternative", &said, json!({ "alternative": " " })).await, ["REQUIRED alternative"]);
        // Until something is arranged, the workers are reminded of it each week.
        for (days, reminded) in [(6, 0), (7, 1), (8, 0), (14, 1)] {
            assert_eq!(due(app, days).await.alternatives, reminded, "{days}");
        }
        let reminders = async || notices(app, "social-worker").await.iter().filter(|kind| *kind == "VOUCHER_ALTERNATIVE_DUE").count();
        assert_eq!((reminders().await, notices(app, "client").await.contains(&"VOUCHER_ALTERNATIVE_DUE".to_owned())), (2, false));
        let arranged = step(app, "social-worker", "arrangeVoucherAlternative", OF, &said, json!({ "alternative": "Kaupungin oma ryhmä tiistaisin." })).await;
        assert_eq!((due(app, 21).await.alternatives, reminders().await), (0, 2));
        assert_eq!(waits("social-worker").await, 0);
        assert_eq!(said_no(app, "social-worker", "arrangeVoucherAlternative", &arranged, json!({ "alternative": "Toinen." })).await, ["RECORDED_ALREADY id"]);
        assert_eq!(seen(app, "client", &arranged).await["alternative"], "Kaupungin oma ryhmä tiistaisin.");
        nothing_is_wrong(app.database()).await;
    }

    async fn a_voucher_is_issued_by_what_the_decision_and_the_rulebook_say(app) {
        let ground = ground(app).await;
        let tried = async |field: &str, value: Value| {
            let mut input = of_sessions(&ground, 1);
            input[field] = value;
            app.rejected("social-worker", "issueVoucher", "voucher { id }", input).await
        };
        assert_eq!(tried("validFrom", json!(in_days(-1))).await, ["TOO_EARLY validFrom"]);
        assert_eq!(tried("validTo", json!(in_days(91))).await, ["DECISION_NOT_IN_FORCE validTo"]);
        assert_eq!(tried("validFrom", json!(in_days(61))).await, ["DATE_ORDER validTo"]);
        assert_eq!(tried("quantity", json!({ "hundredths": 0 })).await, ["OUT_OF_RANGE quantity.hundredths"]);
        assert_eq!(tried("quantity", json!({ "hundredths": 5_001 })).await, ["QUANTITY_REACHED decision"]);
        let other = approval::service(app).await;
        let other = approval::published_rulebook(app, &other).await;
        assert_eq!(tried("rulebook", other["id"].clone()).await, ["DOES_NOT_AGREE rulebook"]);
        for actor in ["client", "provider", "manager", "partner", "procurement", "finance"] {
            let outcome = app.post(actor, &TestApp::mutation("issueVoucher", "voucher { id }"), json!({ "input": of_sessions(&ground, 1) })).await;
            let code = &outcome.body["data"]["issueVoucher"]["userErrors"][0]["code"];
            assert!(outcome.code() == "FORBIDDEN" || code == "UNKNOWN_REFERENCE" || (actor == "client" && code == "WORKER_ONLY"), "{actor}: {}", outcome.text);
        }
        app.done("procurement", "withdrawRulebook", "rulebook { id }", json!({ "id": ground.rulebook, "expectedVersion": 2, "reason": "Uusi tulossa." })).await;
        assert_eq!(tried("quantity", json!({ "hundredths": 100 })).await, ["RULEBOOK_NOT_IN_FORCE validFrom", "RULEBOOK_NOT_IN_FORCE validTo"]);
        assert_eq!(app.count("voucher", "1 = 1").await, 0);
    }

    async fn a_decision_is_not_taken_back_nor_replaced_while_a_voucher_by_it_can_be_used(app) {
        let ground = ground(app).await;
        let voucher = issued(app, &ground, 10).await;
        let wish = json!({ "id": ground.decision["id"], "expectedVersion": ground.decision["version"], "reason": "Asiakkaan toive.", "clientAgrees": true });
        assert_eq!(app.rejected("social-worker", "revokeServiceDecision", "serviceDecision { id }", wish).await, ["VOUCHER_OPEN id"]);
        let service = approval::of_rulebook(app, &ground.rulebook).await;
        let next = decision::amending(app, "social-worker", &ground.case, &ground.decision, granting(&service, 20, 100_000)).await;
        let made = step(app, "social-worker", "makeServiceDecision", decision::OF, &next, json!({})).await;
        let serve = json!({ "id": made["id"], "expectedVersion": made["version"], "method": "HANDED_OVER", "sentOn": in_days(0) });
        assert_eq!(app.rejected("social-worker", "serveServiceDecision", "serviceDecision { id }", serve.clone()).await, ["VOUCHER_OPEN id"]);
        step(app, "social-worker", "cancelVoucher", OF, &voucher, json!({ "reason": "Uusi päätös tulossa." })).await;
        app.done("social-worker", "serveServiceDecision", "serviceDecision { id }", serve).await;
        assert_eq!(app.rejected("social-worker", "issueVoucher", "voucher { id }", of_sessions(&ground, 1)).await, ["DECISION_NOT_IN_FORCE validFrom", "DECISION_NOT_IN_FORCE validTo"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn several_who_issue_at_once_never_pass_the_decision_and_a_provider_is_chosen_once(app) {
        let ground = ground(app).await;
        let one = async |_| app.payload("social-worker", "issueVoucher", "voucher { id version }", of_sessions(&ground, 10)).await;
        let answers = futures_util::future::join_all((0..8).map(one)).await;
        assert_eq!(answers.iter().filter(|answer| !answer["voucher"].is_null()).count(), 5);
        assert_eq!(app.count("voucher", "state = 'ISSUED'").await, 5);
        let voucher = answers.iter().find(|answer| !answer["voucher"].is_null()).unwrap()["voucher"].clone();
        let mut input = choice(&ground, &json!([]));
        (input["id"], input["expectedVersion"]) = (voucher["id"].clone(), voucher["version"].clone());
        let choose = async |_| app.payload("client", "chooseVoucherProvider", "voucher { id }", input.clone()).await;
        let answers = futures_util::future::join_all((0..4).map(choose)).await;
        assert_eq!(answers.iter().filter(|answer| !answer["voucher"].is_null()).count(), 1);
        assert_eq!(app.count("notice", "kind = 'VOUCHER_CHOSEN'").await, 1);
        nothing_is_wrong(app.database()).await;
    }

    async fn whoever_is_chosen_is_in_the_register_on_the_first_day_too(app) {
        let ground = ground(app).await;
        registered_until(app, &in_days(4)).await;
        let from = async |days: i64| {
            let mut input = of_sessions(&ground, 1);
            input["validFrom"] = json!(in_days(days));
            app.done("social-worker", "issueVoucher", "voucher { id version }", input).await["voucher"].clone()
        };
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &from(5).await, choice(&ground, &json!([]))).await, ["NOT_REGISTERED provider"]);
        assert_eq!(chosen(app, &ground, &from(4).await, &json!([])).await["state"], "CHOSEN");
    }

    async fn nobody_is_chosen_who_may_not_be_and_time_ends_what_is_not_used(app) {
        let ground = ground(app).await;
        let (waits, used) = (issued(app, &ground, 5).await, issued(app, &ground, 5).await);
        let used = chosen(app, &ground, &used, &json!([])).await;
        let suspend = json!({ "id": ground.approval["id"], "expectedVersion": ground.approval["version"], "reason": "Valvonta kesken." });
        let suspended = app.done("procurement", "suspendProviderApproval", "providerApproval { id version }", suspend).await["providerApproval"].clone();
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &waits, choice(&ground, &json!([]))).await, ["UNKNOWN_REFERENCE provider"]);
        assert_eq!(offers(app, "client", &waits).await, json!([]));
        // Whoever has chosen it is told.
        assert_eq!(notices(app, "client").await.iter().filter(|kind| *kind == "VOUCHER_MOVED").count(), 1);
        app.done("procurement", "reinstateProviderApproval", "providerApproval { id }", json!({ "id": suspended["id"], "expectedVersion": suspended["version"] })).await;
        let other = approval::service(app).await;
        let rulebook = approval::published_rulebook(app, &other).await;
        approval::approved_by(app, &other, &rulebook).await;
        let query = "query($service: ID!) { approvedProviders(filter: { services: [$service] }) { nodes { id } } }";
        let stranger = app.ask("", query, json!({ "service": other })).await["approvedProviders"]["nodes"][0]["id"].clone();
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &waits, json!({ "provider": stranger, "ownShare": { "amountCents": 500 } })).await, ["DOES_NOT_AGREE provider"]);
        // What was chosen may be told to have been used as long as its month is open; what nobody chose is over with its last day.
        assert_eq!((due(app, 60).await.vouchers, due(app, 61).await.vouchers), (0, 1));
        assert_eq!(seen(app, "client", &waits).await["state"], "EXPIRED");
        assert_eq!((due(app, 110).await.vouchers, seen(app, "client", &used).await["state"].clone()), (1, json!("EXPIRED")));
        assert!(notices(app, "provider").await.contains(&"VOUCHER_ENDED".to_owned()));
        assert_eq!(said_no(app, "social-worker", "cancelVoucher", &seen(app, "social-worker", &used).await, json!({ "reason": "Tarve muuttui." })).await, ["ILLEGAL_TRANSITION id"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn what_is_taken_back_or_ends_with_the_case_is_nobodys_to_read(app) {
        let ground = ground(app).await;
        let (first, second) = (issued(app, &ground, 5).await, issued(app, &ground, 5).await);
        let first = chosen(app, &ground, &first, &json!(["FULL_NAME"])).await;
        let second = chosen(app, &ground, &second, &json!(["FULL_NAME"])).await;
        assert_eq!(said_no(app, "client", "cancelVoucher", &first, json!({ "reason": "En halua." })).await, ["WORKER_ONLY id"]);
        let back = step(app, "social-worker", "cancelVoucher", OF, &first, json!({ "reason": "Tarve muuttui." })).await;
        assert_eq!((&back["state"], &back["introduction"], &back["reason"]), (&json!("CANCELLED"), &json!(null), &json!("Tarve muuttui.")));
        let told = seen(app, "provider", &back).await;
        assert_eq!((&told["state"], &told["introduction"], &told["reason"]), (&json!("CANCELLED"), &json!(null), &json!(null)));
        let close = at(app, &ground.case, json!({ "reason": "MOVED_AWAY", "note": "Muutti." })).await;
        app.done("social-worker", "closeCase", "case { id }", close).await;
        assert_eq!(app.count("voucher", "state = 'CANCELLED' AND introduction IS NULL").await, 2);
        assert_eq!(seen(app, "provider", &second).await["state"], "CANCELLED");
        nothing_is_wrong(app.database()).await;
    }

    async fn of_one_under_non_disclosure_a_chosen_provider_is_told_the_alias_only(app) {
        let ground = ground(app).await;
        let (before, after) = (issued(app, &ground, 5).await, issued(app, &ground, 5).await);
        let before = chosen(app, &ground, &before, &json!(["FULL_NAME", "LANGUAGE"])).await;
        let version = app.ask("social-worker", "query($id: ID!) { client(id: $id) { person { version } } }", json!({ "id": ground.client })).await["client"]["person"]["version"].clone();
        let identity = json!({ "firstNames": "Eino", "lastName": "Testilä", "alias": "Kettu", "birthDate": "1985-05-05", "gender": "MALE", "language": "fi" });
        app.done("social-worker", "updateIdentity", "person { version }", json!({ "client": ground.client, "expectedVersion": version, "identity": identity, "protected": true })).await;
        let language = json!({ "alias": null, "fullName": null, "birthDate": null, "language": "fi" });
        assert_eq!(seen(app, "provider", &before).await["introduction"], language);
        assert_eq!(said_no(app, "client", "chooseVoucherProvider", &after, choice(&ground, &json!(["FULL_NAME", "CONTACT"]))).await, ["PROTECTED_PERSON disclose", "PROTECTED_PERSON disclose"]);
        let after = chosen(app, &ground, &after, &json!([])).await;
        assert_eq!(seen(app, "provider", &after).await["introduction"]["alias"], "Kettu");
    }

    async fn a_restriction_of_processing_keeps_nobody_from_giving_a_voucher_up(app) {
        let ground = ground(app).await;
        let (refused_one, left, back) = (issued(app, &ground, 5).await, issued(app, &ground, 5).await, issued(app, &ground, 5).await);
        let left = chosen(app, &ground, &left, &json!([])).await;
        let restrict = json!({ "client": ground.client, "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." });
        app.done("social-worker", "restrictProcessing", "restriction { id }", restrict).await;
        // Written down by a worker, who processes nothing else.
        assert_eq!(said_no(app, "social-worker", "chooseVoucherProvider", &refused_one, choice(&ground, &json!([]))).await, ["PROCESSING_RESTRICTED "]);
        assert_eq!(step(app, "social-worker", "refuseVoucher", OF, &refused_one, json!({ "reason": "Ei halua." })).await["state"], "REFUSED");
        assert_eq!(step(app, "social-worker", "leaveVoucherProvider", OF, &left, json!({})).await["state"], "ISSUED");
        assert_eq!(step(app, "social-worker", "cancelVoucher", OF, &back, json!({ "reason": "Tarve muuttui." })).await["state"], "CANCELLED");
    }

    async fn whoever_has_no_part_in_a_voucher_learns_nothing_of_it(app) {
        let ground = ground(app).await;
        let voucher = issued(app, &ground, 5).await;
        let voucher = chosen(app, &ground, &voucher, &json!([])).await;
        let (company, ngo) = (app.world.organization("company"), app.world.organization("ngo"));
        let list = "query($id: ID!, $company: ID!, $ngo: ID!, $numbers: [String!]) { node(id: $id) { id } a: voucherInbox(organization: $company, filter: { numbers: $numbers }) { totalCount nodes { id } }
            b: voucherInbox(organization: $ngo) { totalCount nodes { id } } }";
        for actor in CAST.iter().map(|(name, ..)| *name).chain(["manager", "manager-b", "finance", "council"]) {
            let told = app.ask(actor, list, json!({ "id": voucher["id"], "company": company, "ngo": ngo, "numbers": [voucher["number"]] })).await;
            let sees = ["provider", "manager", "social-worker", "service-guide", "client"].contains(&actor);
            assert_eq!([!told["node"].is_null(), told["a"]["totalCount"] == 1, told["a"]["nodes"] != json!([])], [sees; 3], "{actor}");
            assert_eq!(told["b"]["totalCount"], 0, "{actor}");
            if !sees {
                for (mutation, more) in [("leaveVoucherProvider", json!({})), ("cancelVoucher", json!({ "reason": "X" })), ("refuseVoucher", json!({})), ("chooseVoucherProvider", choice(&ground, &json!([])))] {
                    assert_eq!(refused(app, actor, mutation, &voucher, more).await, "NOT_FOUND", "{actor} {mutation}");
                }
            }
        }
        assert_eq!(app.refuse("", "query($id: ID!) { voucherInbox(organization: $id) { totalCount } }", json!({ "id": company })).await, "UNAUTHENTICATED");
    }
}
