//! Stories of procurements.
use super::given::{cast, in_days, procurement, service};
use api::clock::Clock;
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

/// Plans a procurement: it, with id and version.
pub(super) async fn planned(app: &TestApp, content: Value) -> Value {
    let plan = json!({ "organization": app.world.organization("county"), "content": content });
    app.done("procurement", "planProcurement", "procurement { id version }", plan).await["procurement"].clone()
}

pub(super) async fn go(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> Value {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.done(actor, mutation, "procurement { id version state moves award { providers { name { fi } } reasoning decidedBy } reason }", input).await["procurement"]
        .clone()
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> Vec<String> {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.rejected(actor, mutation, "procurement { id }", input).await
}

/// Begins tomorrow to compare what was tendered: the procurement as it is then.
pub(super) async fn opened(app: &TestApp, of: &Value) -> Value {
    let tomorrow = app.process_at(Clock::fixed(tests::at_this_time_in(1))).await;
    let input = json!({ "id": of["id"], "expectedVersion": of["version"] });
    let answer =
        app.post_to(&tomorrow, "procurement", &TestApp::mutation("evaluateProcurement", "procurement { id version state }"), json!({ "input": input })).await;
    let payload = &answer.body["data"]["evaluateProcurement"];
    assert_eq!(payload["userErrors"], json!([]), "{}", answer.text);
    payload["procurement"].clone()
}

/// What the procedure of special services needs besides.
pub(super) fn special(app: &TestApp, service: &str, due: &str) -> Value {
    let mut content = procurement(service);
    content["procedure"] = json!("SPECIAL_SERVICES");
    content["estimatedValue"] = json!({ "amountCents": 40_000_000 });
    content["notice"] = json!("2026-900001");
    content["tendersDueOn"] = json!(due);
    content["areas"] = json!([app.world.municipality("297")]);
    content
}

stories! {
    async fn a_procurement_goes_from_the_plan_to_the_award_and_two_decide(app) {
        cast(app).await;
        let service = service(app).await;
        let plan = planned(app, special(app, &service, &in_days(0))).await;
        let threshold = "query($id: ID!) { procurement(id: $id) { threshold { binds confirmed law value { amountCents } } } }";
        let told = app.ask("lead", threshold, json!({ "id": plan["id"] })).await["procurement"]["threshold"].clone();
        assert_eq!((&told["binds"], &told["value"]["amountCents"]), (&json!(true), &json!(40_000_000)));
        assert!(told["law"].as_str().unwrap().contains("1397/2016"));
        let talked = go(app, "procurement", "openMarketDialogue", &plan, json!({})).await;
        let tendered = go(app, "procurement", "tenderProcurement", &talked, json!({})).await;
        assert_eq!(tendered["moves"], json!(["EVALUATE", "INTERRUPT"]));
        let compared = opened(app, &tendered).await;
        let company = app.world.organization("company");
        let chosen = json!({ "providers": [company], "reasoning": "Paras laatu käyttäjien arvion mukaan." });
        // Users were not heard yet, and nothing was weighed.
        let missing = ["REQUIRED content.userConsultation", "REQUIRED content.criteria"];
        assert_eq!(said_no(app, "lead", "awardProcurement", &compared, chosen.clone()).await, missing);
        let mut heard = special(app, &service, &in_days(0));
        heard["userConsultation"] = json!({ "fi": "Asiakasraati 12.3." });
        heard["criteria"] = json!({ "fi": "Laatu 60, hinta 40." });
        // What tenderers were told stands.
        let mut other = heard.clone();
        other["estimatedValue"] = json!({ "amountCents": 50_000_000 });
        assert_eq!(said_no(app, "procurement", "updateProcurement", &compared, json!({ "content": other })).await, ["ILLEGAL_TRANSITION id"]);
        let heard = go(app, "procurement", "updateProcurement", &compared, json!({ "content": heard })).await;
        // Whoever prepares does not decide.
        let mut input = chosen.clone();
        input["id"] = heard["id"].clone();
        input["expectedVersion"] = heard["version"].clone();
        let award = TestApp::mutation("awardProcurement", "procurement { id }");
        assert_eq!(app.refuse("procurement", &award, json!({ "input": input })).await, "FORBIDDEN");
        let other = json!({ "providers": [app.world.organization("ngo-x")], "reasoning": "Ei tästä verkostosta." });
        assert_eq!(said_no(app, "lead", "awardProcurement", &heard, other).await, ["OTHER_NETWORK providers.0"]);
        assert_eq!(said_no(app, "lead", "awardProcurement", &heard, json!({ "providers": [], "reasoning": " " })).await, ["REQUIRED providers", "REQUIRED reasoning"]);
        let awarded = go(app, "council", "awardProcurement", &heard, chosen).await;
        assert_eq!((&awarded["state"], &awarded["award"]["providers"][0]["name"]["fi"]), (&json!("AWARDED"), &json!("company")));
        let appealed = go(app, "procurement", "appealProcurement", &awarded, json!({ "reason": "Valitus markkinaoikeuteen." })).await;
        let upheld = go(app, "procurement", "upholdProcurement", &appealed, json!({})).await;
        assert_eq!((&upheld["state"], &upheld["moves"]), (&json!("AWARDED"), &json!(["APPEAL"])));
    }

    async fn a_small_purchase_ends_at_the_threshold_and_tenders_are_opened_when_their_time_is_over(app) {
        cast(app).await;
        let service = service(app).await;
        let plan = |content: Value| json!({ "organization": app.world.organization("county"), "content": content });
        let mut dear = procurement(&service);
        dear["estimatedValue"] = json!({ "amountCents": 40_000_000 });
        assert_eq!(app.rejected("procurement", "planProcurement", "procurement { id }", plan(dear)).await, ["ABOVE_THRESHOLD content.procedure"]);
        let mut below = procurement(&service);
        below["estimatedValue"] = json!({ "amountCents": -1 });
        assert_eq!(app.rejected("procurement", "planProcurement", "procurement { id }", plan(below)).await, ["OUT_OF_RANGE content.estimatedValue.amountCents"]);
        // A service that is given otherwise is not bought.
        let own = crate::catalogue_given::published(app, "partner", "ngo", crate::catalogue_given::whole_service("Oma")).await;
        assert_eq!(app.rejected("procurement", "planProcurement", "procurement { id }", plan(procurement(&own))).await, ["DOES_NOT_AGREE content.services.0"]);
        // Nobody is asked for tenders whose last day is over.
        let late = planned(app, special(app, &service, &in_days(-1))).await;
        assert_eq!(said_no(app, "procurement", "tenderProcurement", &late, json!({})).await, ["TOO_EARLY content.tendersDueOn"]);
        let today = planned(app, special(app, &service, &in_days(0))).await;
        let tendered = go(app, "procurement", "tenderProcurement", &today, json!({})).await;
        assert_eq!(said_no(app, "procurement", "evaluateProcurement", &tendered, json!({})).await, ["TOO_EARLY id"]);
        let given_up = go(app, "procurement", "interruptProcurement", &tendered, json!({ "reason": "Rahoitus raukesi." })).await;
        assert_eq!((&given_up["state"], &given_up["moves"], &given_up["reason"]), (&json!("INTERRUPTED"), &json!([]), &json!("Rahoitus raukesi.")));
        assert_eq!(said_no(app, "procurement", "tenderProcurement", &given_up, json!({})).await, ["ILLEGAL_TRANSITION id"]);
    }

    async fn only_the_organisation_that_buys_knows_of_a_procurement(app) {
        cast(app).await;
        let service = service(app).await;
        let plan = planned(app, procurement(&service)).await;
        let list = "query($id: ID!) { procurement(id: $id) { id } node(id: $id) { id } procurements(filter: { search: \"ryhmä\" }) { totalCount nodes { id } } }";
        let others = ["manager", "manager-b", "finance", "council"];
        for actor in CAST.iter().map(|(name, ..)| *name).chain(others) {
            let knows = ["procurement", "lead", "finance", "council"].contains(&actor);
            let seen = app.ask(actor, list, json!({ "id": plan["id"] })).await;
            let told = [!seen["procurement"].is_null(), !seen["node"].is_null(), seen["procurements"]["totalCount"] == 1, seen["procurements"]["nodes"] != json!([])];
            assert_eq!(told, [knows; 4], "{actor}");
            if actor != "procurement" {
                let update = json!({ "id": plan["id"], "expectedVersion": 1, "content": procurement(&service) });
                let expected = if knows { "FORBIDDEN" } else { "NOT_FOUND" };
                let document = TestApp::mutation("updateProcurement", "procurement { id }");
                assert_eq!(app.refuse(actor, &document, json!({ "input": update })).await, expected, "{actor}");
            }
        }
        assert_eq!(app.refuse("", "{ procurements { totalCount } }", json!({})).await, "UNAUTHENTICATED");
    }
}
