//! Stories of framework contracts and their lines.
use super::given::{agreed, cast, contract, drafted, due, in_days, line, moved, procurement, service, signed};
use crate::{casework::opened::subject, person::given::text};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

const PRICES: &str = "contractLine { id version prices { validFrom validTo price { amountCents } vatRateBp reason } }";

async fn price(app: &TestApp, line: &Value, from: &str, cents: i32) -> Value {
    let input =
        json!({ "id": line["id"], "expectedVersion": line["version"], "price": { "validFrom": from, "price": { "amountCents": cents }, "reason": "Indeksi" } });
    app.payload("procurement", "changeContractPrice", PRICES, input).await
}

fn codes(payload: &Value) -> Vec<String> {
    let path = |e: &Value| e["path"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".");
    payload["userErrors"].as_array().unwrap().iter().map(|e| format!("{} {}", e["code"].as_str().unwrap(), path(e))).collect()
}

async fn state(app: &TestApp, id: &Value) -> Value {
    app.ask("procurement", "query($id: ID!) { frameworkContract(id: $id) { state validTo } }", json!({ "id": id })).await["frameworkContract"].clone()
}

stories! {
    async fn a_contract_is_signed_by_both_sides_and_begins_and_ends_by_its_days(app) {
        cast(app).await;
        let (contract, _) = drafted(app, "HVA-1", &service(app).await).await;
        let id = &contract["id"];
        let offered = moved(app, "procurement", "offerFrameworkContract", id, json!({})).await;
        // Neither side signs for the other, and staff do not sign.
        let sign = json!({ "id": id, "expectedVersion": offered["version"] });
        assert_eq!(app.rejected("procurement", "signFrameworkContract", "frameworkContract { id }", sign.clone()).await, ["OTHER_SIDE id"]);
        assert_eq!(app.rejected("manager", "takeBackFrameworkContract", "frameworkContract { id }", sign.clone()).await, ["OTHER_SIDE id"]);
        assert_eq!(app.refuse("provider", &TestApp::mutation("signFrameworkContract", "frameworkContract { id }"), json!({ "input": sign })).await, "NOT_FOUND");
        let taken_back = moved(app, "procurement", "takeBackFrameworkContract", id, json!({})).await;
        assert_eq!((&taken_back["state"], &taken_back["offeredBy"]), (&json!("DRAFT"), &json!(null)));
        moved(app, "procurement", "offerFrameworkContract", id, json!({})).await;
        let signed = moved(app, "manager", "signFrameworkContract", id, json!({})).await;
        assert_eq!((signed["state"].as_str(), signed["signedBy"].is_string()), (Some("SIGNED"), true));
        let done = due(app, 0).await;
        assert_eq!((done.contracts, state(app, id).await["state"].as_str()), (1, Some("IN_FORCE")));
        let suspended = moved(app, "procurement", "suspendFrameworkContract", id, json!({ "reason": "Omavalvonta puuttuu." })).await;
        assert_eq!(suspended["moves"], json!(["RESUME", "TERMINATE", "EXPIRE"]));
        moved(app, "procurement", "resumeFrameworkContract", id, json!({})).await;
        let extended = moved(app, "procurement", "extendFrameworkContract", id, json!({})).await;
        assert_eq!((&extended["state"], &extended["options"]), (&json!("IN_FORCE"), &json!([{ "months": 12, "takenUp": true }])));
        assert!(extended["validTo"].as_str().unwrap() > in_days(600).as_str());
        let again = json!({ "id": id, "expectedVersion": extended["version"] });
        assert_eq!(app.rejected("procurement", "extendFrameworkContract", "frameworkContract { id }", again).await, ["NO_OPTION_LEFT id"]);
        // On the day after its first end it goes on, and after the new one it is over; a second run has nothing to do.
        assert_eq!(due(app, 336).await.contracts, 0);
        assert_eq!(due(app, 710).await.contracts, 1);
        assert_eq!((state(app, id).await["state"].as_str(), due(app, 711).await.contracts), (Some("EXPIRED"), 0));
    }

    async fn a_contract_that_lacks_something_is_not_put_before_its_provider(app) {
        cast(app).await;
        let service = service(app).await;
        let mut bare = contract(app, "HVA-2");
        bare["processingAgreement"] = json!(null);
        // From the threshold on there is a procurement behind it.
        bare["ceiling"] = json!({ "amountCents": 40_000_000 });
        let draft = json!({ "organization": app.world.organization("county"), "content": bare });
        let made = app.done("procurement", "draftFrameworkContract", "frameworkContract { id version }", draft.clone()).await["frameworkContract"].clone();
        let offer = json!({ "id": made["id"], "expectedVersion": made["version"] });
        let missing = ["REQUIRED content.processingAgreement", "REQUIRED content.lines", "PROCUREMENT_MISSING content.procurement"];
        assert_eq!(app.rejected("procurement", "offerFrameworkContract", "frameworkContract { id }", offer).await, missing);
        // The number is the orderer's own, once.
        assert_eq!(app.rejected("procurement", "draftFrameworkContract", "frameworkContract { id }", draft).await, ["NOT_UNIQUE content.number"]);
        // One does not provide for oneself, nor does another network; nobody who was not chosen provides by a procurement.
        let mut own = contract(app, "HVA-3");
        own["provider"] = json!(app.world.organization("county"));
        let refused = async |content: Value| {
            let draft = json!({ "organization": app.world.organization("county"), "content": content });
            app.rejected("procurement", "draftFrameworkContract", "frameworkContract { id }", draft).await
        };
        assert_eq!(refused(own.clone()).await, ["DOES_NOT_AGREE content.provider"]);
        own["provider"] = json!(app.world.organization("ngo-x"));
        assert_eq!(refused(own).await, ["OTHER_NETWORK content.provider"]);
        let plan = json!({ "organization": app.world.organization("county"), "content": procurement(&service) });
        let planned = app.done("procurement", "planProcurement", "procurement { id }", plan).await["procurement"].clone();
        let mut chosen = contract(app, "HVA-4");
        chosen["procurement"] = planned["id"].clone();
        assert_eq!(refused(chosen).await, ["DOES_NOT_AGREE content.procurement"]);
        // A service that the provider does not produce, one that is there already, a quantity that is none, and one that overflows.
        let add = async |input: Value| app.rejected("procurement", "addContractLine", "contractLine { id }", input).await;
        let contract = text(&made["id"]);
        let mut elsewhere = crate::catalogue_given::whole_service("Toisen palvelu");
        elsewhere["provision"] = json!("PURCHASED");
        let elsewhere = crate::catalogue_given::published(app, "social-worker", "county", elsewhere).await;
        assert_eq!(add(line(&contract, &elsewhere)).await, ["DOES_NOT_AGREE content.service"]);
        for hundredths in [0, -1, i32::MAX] {
            let mut bad = line(&contract, &service);
            bad["content"]["most"] = json!({ "hundredths": hundredths });
            bad["price"] = json!({ "price": { "amountCents": -1 }, "vatRateBp": 5_001 });
            assert_eq!(add(bad).await, ["OUT_OF_RANGE content.most.hundredths", "OUT_OF_RANGE price.price.amountCents", "OUT_OF_RANGE price.vatRateBp"]);
        }
        app.done("procurement", "addContractLine", "contractLine { id }", line(&contract, &service)).await;
        assert_eq!(add(line(&contract, &service)).await, ["NOT_UNIQUE content.service"]);
        // Money is euros: there is no field for any other.
        let dollars = TestApp::mutation("addContractLine", "contractLine { id }");
        let mut input = line(&contract, &service);
        input["price"]["price"]["currency"] = json!("USD");
        assert_eq!(app.post("procurement", &dollars, json!({ "input": input })).await.body["data"], json!(null));
    }

    async fn one_person_does_not_sign_for_both_sides_nor_anybody_what_is_over(app) {
        cast(app).await;
        let member = json!({ "organization": app.world.organization("company"), "role": "PROVIDER_MANAGER", "subject": subject(app, "procurement").await });
        app.done("admin", "grantMembership", "membership { id }", member).await;
        let (made, _) = drafted(app, "HVA-10", &service(app).await).await;
        let id = &made["id"];
        let said_no = async |actor: &str, mutation: &str| {
            let seen = app.ask("procurement", "query($id: ID!) { frameworkContract(id: $id) { version } }", json!({ "id": id })).await;
            let input = json!({ "id": id, "expectedVersion": seen["frameworkContract"]["version"] });
            app.rejected(actor, mutation, "frameworkContract { id }", input).await
        };
        let last = async |day: i64| app.tamper(&format!("UPDATE framework_contract SET valid_to = '{}'", in_days(day))).await;
        last(-1).await;
        assert_eq!(said_no("procurement", "offerFrameworkContract").await, ["TOO_EARLY content.validTo"]);
        last(0).await;
        moved(app, "procurement", "offerFrameworkContract", id, json!({})).await;
        assert_eq!(said_no("procurement", "signFrameworkContract").await, ["FOUR_EYES id"]);
        last(-1).await;
        assert_eq!(said_no("manager", "signFrameworkContract").await, ["TOO_EARLY content.validTo"]);
        last(0).await;
        moved(app, "manager", "signFrameworkContract", id, json!({})).await;
        // Its last day over, it is not prolonged, whether or not the time has moved it yet.
        due(app, 0).await;
        last(-1).await;
        assert_eq!(said_no("procurement", "extendFrameworkContract").await, ["CONTRACT_NOT_IN_FORCE id"]);
        last(0).await;
        moved(app, "procurement", "extendFrameworkContract", id, json!({})).await;
    }

    async fn both_sides_are_told_what_becomes_of_a_contract_and_of_its_price(app) {
        cast(app).await;
        let told = async |actor: &str| {
            let query = "{ notices(first: 100) { nodes { kind contract { number } } } }";
            let seen = app.ask(actor, query, json!({})).await["notices"]["nodes"].clone();
            let of_contracts = seen.as_array().unwrap().iter().filter(|notice| notice["kind"] == "CONTRACT_MOVED");
            of_contracts.inspect(|notice| assert_eq!(notice["contract"]["number"], "HVA-11", "{actor}")).count()
        };
        let both = async || [told("procurement").await, told("manager").await];
        let (made, line) = drafted(app, "HVA-11", &service(app).await).await;
        let id = &made["id"];
        assert_eq!(both().await, [0, 0]);
        moved(app, "procurement", "offerFrameworkContract", id, json!({})).await;
        assert_eq!(both().await, [0, 1]);
        moved(app, "manager", "signFrameworkContract", id, json!({})).await;
        assert_eq!(both().await, [1, 1]);
        price(app, &line, &in_days(1), 5_100).await;
        assert_eq!(both().await, [1, 2]);
        // Nobody has done what the time does.
        due(app, 0).await;
        assert_eq!(both().await, [2, 3]);
        for mutation in ["suspendFrameworkContract", "terminateFrameworkContract"] {
            moved(app, "procurement", mutation, id, json!({ "reason": "Omavalvonta." })).await;
        }
        assert_eq!(both().await, [2, 5]);
        for actor in ["provider", "manager-b", "social-worker", "finance"] {
            assert_eq!(told(actor).await, 0, "{actor}");
        }
        // What was thrown away before anybody was asked is told to nobody.
        let (draft, _) = drafted(app, "HVA-12", &service(app).await).await;
        moved(app, "procurement", "cancelFrameworkContract", &draft["id"], json!({})).await;
        assert_eq!(both().await, [2, 5]);
    }

    async fn a_draft_is_written_on_and_its_first_price_begins_with_it(app) {
        cast(app).await;
        let service = service(app).await;
        let (made, added) = drafted(app, "HVA-5", &service).await;
        let mut later = contract(app, "HVA-5b");
        later["validFrom"] = json!(in_days(5));
        let update = json!({ "id": made["id"], "expectedVersion": made["version"], "content": later });
        app.done("procurement", "updateFrameworkContract", "frameworkContract { number }", update).await;
        let query = "query($id: ID!) { contractLine(id: $id) { version prices { validFrom validTo price { amountCents } } } }";
        let seen = app.ask("procurement", query, json!({ "id": added["id"] })).await["contractLine"].clone();
        assert_eq!(seen["prices"], json!([{ "validFrom": in_days(5), "validTo": null, "price": { "amountCents": 5_000 } }]));
        let mut content = line(&text(&made["id"]), &service)["content"].clone();
        content["unit"] = json!("HOUR");
        let changed = json!({ "id": added["id"], "expectedVersion": seen["version"], "content": content, "price": { "price": { "amountCents": 4_500 } } });
        let changed = app.done("procurement", "updateContractLine", "contractLine { id version unit }", changed).await["contractLine"].clone();
        assert_eq!(changed["unit"], json!("HOUR"));
        // A price does not change before anybody has signed it.
        assert_eq!(codes(&price(app, &changed, &in_days(6), 5_100).await), ["CONTRACT_NOT_IN_FORCE id"]);
        let gone = json!({ "id": added["id"], "expectedVersion": changed["version"] });
        app.done("procurement", "removeContractLine", "contractLine { id }", gone).await;
        assert_eq!(app.ask("procurement", query, json!({ "id": added["id"] })).await["contractLine"], json!(null));
        let cancelled = moved(app, "procurement", "cancelFrameworkContract", &made["id"], json!({})).await;
        assert_eq!((&cancelled["state"], &cancelled["moves"]), (&json!("CANCELLED"), &json!([])));
    }

    async fn a_price_changes_from_a_day_to_come_and_never_in_the_past(app) {
        cast(app).await;
        let (contract, added) = drafted(app, "HVA-6", &service(app).await).await;
        let mut content = json!({ "service": service(app).await, "unit": "HOUR" });
        content["indexRule"] = json!({ "index": "Palkkasummaindeksi", "basePeriod": "2026Q1", "reviewMonth": 1, "mostChangeBp": 1_000 });
        let second = json!({ "contract": contract["id"], "content": content, "price": { "price": { "amountCents": 10_000 }, "vatRateBp": 2_550 } });
        let second = app.done("procurement", "addContractLine", "contractLine { id version }", second).await["contractLine"].clone();
        moved(app, "procurement", "offerFrameworkContract", &contract["id"], json!({})).await;
        moved(app, "manager", "signFrameworkContract", &contract["id"], json!({})).await;
        assert_eq!(codes(&price(app, &added, &in_days(-1), 5_100).await), ["TOO_EARLY price.validFrom"]);
        assert_eq!(codes(&price(app, &added, &in_days(336), 5_100).await), ["OUT_OF_RANGE price.validFrom"]);
        assert_eq!(codes(&price(app, &added, &in_days(10), -5).await), ["OUT_OF_RANGE price.price.amountCents"]);
        let changed = price(app, &added, &in_days(10), 5_100).await["contractLine"].clone();
        let expected = json!([
            { "validFrom": in_days(-30), "validTo": in_days(9), "price": { "amountCents": 5_000 }, "vatRateBp": 0, "reason": null },
            { "validFrom": in_days(10), "validTo": null, "price": { "amountCents": 5_100 }, "vatRateBp": 0, "reason": "Indeksi" },
        ]);
        assert_eq!(changed["prices"], expected);
        let on = "query($id: ID!, $on: Date) { contractLine(id: $id) { today: price { price { amountCents } } then: price(on: $on) { price { amountCents } } } }";
        let told = app.ask("provider", on, json!({ "id": added["id"], "on": in_days(10) })).await["contractLine"].clone();
        assert_eq!((&told["today"]["price"]["amountCents"], &told["then"]["price"]["amountCents"]), (&json!(5_000), &json!(5_100)));
        // What is to come gives way; somebody who has seen the line before is told.
        assert_eq!(codes(&price(app, &added, &in_days(12), 5_200).await), ["STALE_VERSION expectedVersion"]);
        let again = price(app, &changed, &in_days(5), 5_050).await["contractLine"].clone();
        assert_eq!(again["prices"].as_array().unwrap().len(), 2);
        // The index rule limits how much at once.
        assert_eq!(codes(&price(app, &second, &in_days(5), 11_001).await), ["OUT_OF_RANGE price.price.amountCents"]);
        let raised = price(app, &second, &in_days(5), 11_000).await;
        assert_eq!(codes(&raised), Vec::<String>::new());
        // Nor by several changes of one day.
        assert_eq!(codes(&price(app, &raised["contractLine"], &in_days(6), 12_100).await), ["OUT_OF_RANGE price.price.amountCents"]);
        assert_eq!(codes(&price(app, &raised["contractLine"], &in_days(6), 10_500).await), Vec::<String>::new());
    }

    async fn a_price_that_was_signed_bounds_the_next_also_before_it_has_held(app) {
        cast(app).await;
        let service = service(app).await;
        let (mut later, mut line) = (contract(app, "HVA-6b"), line("", &service));
        later["validFrom"] = json!(in_days(5));
        line["content"]["indexRule"] = json!({ "index": "Palkkasummaindeksi", "basePeriod": "2026Q1", "reviewMonth": 1, "mostChangeBp": 1_000 });
        let (_, line) = agreed(app, later, line).await;
        let too_much = ["OUT_OF_RANGE price.price.amountCents"];
        // From the first day of the contract on nothing has held on the day before.
        assert_eq!(codes(&price(app, &line, &in_days(5), 5_501).await), too_much);
        let raised = price(app, &line, &in_days(5), 5_500).await["contractLine"].clone();
        assert_eq!(raised["prices"], json!([{ "validFrom": in_days(5), "validTo": null, "price": { "amountCents": 5_500 }, "vatRateBp": 0, "reason": "Indeksi" }]));
        // What was signed is not forgotten with that.
        for (day, cents) in [(5, 6_050), (6, 6_050), (5, 4_499), (40, 5_501)] {
            assert_eq!(codes(&price(app, &raised, &in_days(day), cents).await), too_much, "{day} {cents}");
        }
        assert_eq!(codes(&price(app, &raised, &in_days(5), 4_500).await), Vec::<String>::new());
    }

    async fn who_is_no_side_of_a_contract_is_told_nothing_of_it(app) {
        cast(app).await;
        let (contract, line) = drafted(app, "HVA-7", &service(app).await).await;
        let company = app.world.organization("company");
        let everything = "query($contract: ID!, $line: ID!, $company: ID!) {
            frameworkContract(id: $contract) { id } contractLine(id: $line) { id } a: node(id: $contract) { id } b: node(id: $line) { id }
            frameworkContracts(filter: { search: \"hva-7\", providers: [$company] }) { totalCount nodes { id } }
            contractLines(filter: { providers: [$company] }) { totalCount nodes { id contract { id } } } }";
        let variables = json!({ "contract": contract["id"], "line": line["id"], "company": company });
        let others = ["manager", "manager-b", "finance", "council"];
        let actors: Vec<&str> = CAST.iter().map(|(name, ..)| *name).chain(others).collect();
        let look = async |of_contract: &[&str], of_line: &[&str]| {
            for actor in &actors {
                let seen = app.ask(actor, everything, variables.clone()).await;
                let told = |one: &str, node: &str, list: &str| {
                    [!seen[one].is_null(), !seen[node].is_null(), seen[list]["totalCount"] == 1, seen[list]["nodes"] != json!([])]
                };
                assert_eq!(told("frameworkContract", "a", "frameworkContracts"), [of_contract.contains(actor); 4], "{actor}");
                assert_eq!(told("contractLine", "b", "contractLines"), [of_line.contains(actor); 4], "{actor}");
                if of_line.contains(actor) {
                    assert_eq!(!seen["contractLines"]["nodes"][0]["contract"].is_null(), of_contract.contains(actor), "{actor}");
                }
                // What is hidden is not there, whatever is tried of it.
                let price = json!({ "id": line["id"], "expectedVersion": 1, "price": { "validFrom": in_days(9), "price": { "amountCents": 1 } } });
                if *actor != "procurement" {
                    let code = app.refuse(actor, &TestApp::mutation("changeContractPrice", "contractLine { id }"), json!({ "input": price })).await;
                    assert_eq!(code, if of_line.contains(actor) { "FORBIDDEN" } else { "NOT_FOUND" }, "{actor}");
                }
                let terminate = json!({ "id": contract["id"], "expectedVersion": 1, "reason": "Kokeilen." });
                if !of_contract.contains(actor) {
                    let code = app.refuse(actor, &TestApp::mutation("terminateFrameworkContract", "frameworkContract { id }"), json!({ "input": terminate })).await;
                    assert_eq!(code, "NOT_FOUND", "{actor}");
                }
            }
        };
        // While it is written on, it is the orderer's alone.
        look(&["procurement", "lead", "finance", "dpo", "council"], &["procurement", "finance", "council"]).await;
        moved(app, "procurement", "offerFrameworkContract", &contract["id"], json!({})).await;
        look(
            &["procurement", "lead", "finance", "dpo", "council", "manager"],
            &["procurement", "finance", "council", "lead", "social-worker", "service-guide", "manager", "provider"],
        )
        .await;
    }

    async fn sent_again_a_contract_and_its_line_are_made_once(app) {
        cast(app).await;
        let mut draft = json!({ "organization": app.world.organization("county"), "content": contract(app, "HVA-8"), "idempotencyKey": "sopimus-1" });
        let first = app.done("procurement", "draftFrameworkContract", "frameworkContract { id }", draft.clone()).await;
        assert_eq!(app.done("procurement", "draftFrameworkContract", "frameworkContract { id }", draft.clone()).await, first);
        draft["content"]["number"] = json!("HVA-8b");
        assert_eq!(app.rejected("procurement", "draftFrameworkContract", "frameworkContract { id }", draft).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        let mut added = line(&text(&first["frameworkContract"]["id"]), &service(app).await);
        added["idempotencyKey"] = json!("rivi-1");
        let once = app.done("procurement", "addContractLine", "contractLine { id }", added.clone()).await;
        assert_eq!(app.done("procurement", "addContractLine", "contractLine { id }", added).await, once);
        let (signed, _) = signed(app, "HVA-9", &service(app).await).await;
        assert_eq!(signed["state"], json!("SIGNED"));
    }
}
