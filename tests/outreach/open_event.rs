//! Stories of open events.
use super::given::{arranged, only_the_association, outing};
use serde_json::{Value, json};
use tests::stories;

const SEEN: &str = "query($id: ID!) { openEvent(id: $id) { state kind themes attendees leaflets minutes cost { amountCents } note corrections { reason kind attendees cost { amountCents } } voided { reason } moves } }";

stories! {
    async fn an_outing_that_was_a_pop_up_is_corrected_with_what_it_said_before_kept(app) {
        let id = arranged(app, outing(app)).await;
        let seen = async || app.ask("partner", SEEN, json!({ "id": id })).await["openEvent"].clone();
        assert_eq!((&seen().await["cost"], &seen().await["leaflets"]), (&json!({ "amountCents": 18_050 }), &json!(0)));
        let mut right = json!({ "id": id, "expectedVersion": 1, "content": outing(app)["content"], "reason": "Oli pop-up" });
        right["content"]["kind"] = json!("POP_UP");
        assert_eq!(app.rejected("partner", "correctOpenEvent", "openEvent { id }", right.clone()).await, ["DOES_NOT_AGREE content.cost"]);
        right["content"]["cost"] = Value::Null;
        right["content"]["leaflets"] = json!(40);
        app.done("partner", "correctOpenEvent", "openEvent { id }", right).await;
        let last = seen().await;
        assert_eq!((&last["state"], &last["kind"], &last["leaflets"]), (&json!("CORRECTED"), &json!("POP_UP"), &json!(40)));
        assert_eq!(last["corrections"], json!([{ "reason": "Oli pop-up", "kind": "OUTING", "attendees": 12, "cost": { "amountCents": 18_050 } }]));
        let kinds = "{ pop: openEvents(filter: { kinds: [POP_UP] }) { totalCount } out: openEvents(filter: { kinds: [OUTING] }) { totalCount } }";
        let kinds = app.ask("partner", kinds, json!({})).await;
        assert_eq!((&kinds["pop"]["totalCount"], &kinds["out"]["totalCount"]), (&json!(1), &json!(0)));
        app.done("partner", "voidOpenEvent", "openEvent { id }", json!({ "id": id, "expectedVersion": 2, "reason": "Peruttiin" })).await;
        assert_eq!((&seen().await["voided"]["reason"], &seen().await["moves"]), (&json!("Peruttiin"), &json!([])));
        assert_eq!(app.ask("partner", "{ openEvents { totalCount } }", json!({})).await["openEvents"]["totalCount"], 0);
    }

    async fn advice_is_given_without_names(app) {
        let mut advice = outing(app);
        advice["content"]["kind"] = json!("ADVICE_SESSION");
        let told = app.rejected("partner", "recordOpenEvent", "openEvent { id }", advice.clone()).await;
        assert_eq!(told, ["DOES_NOT_AGREE content.cost"]);
        advice["content"]["cost"] = Value::Null;
        advice["content"]["note"] = json!("Täytettiin hakemus: 010190-900P");
        assert_eq!(app.rejected("partner", "recordOpenEvent", "openEvent { id }", advice.clone()).await, ["PERSONAL_DATA content.note"]);
        advice["content"]["note"] = json!("Täytettiin hakemuksia");
        arranged(app, advice.clone()).await;
        advice["content"]["attendees"] = json!(-1);
        advice["content"]["leaflets"] = json!(-1);
        advice["effectiveDate"] = json!("2199-01-01");
        let told = app.rejected("partner", "recordOpenEvent", "openEvent { id }", advice.clone()).await;
        assert_eq!(told, ["OUT_OF_RANGE content.attendees", "OUT_OF_RANGE content.leaflets"]);
        advice["content"]["attendees"] = json!(1);
        advice["content"]["leaflets"] = json!(1);
        assert_eq!(app.rejected("partner", "recordOpenEvent", "openEvent { id }", advice).await, ["OUT_OF_RANGE effectiveDate"]);
    }

    async fn only_those_of_the_organisation_see_it(app) {
        let mut input = outing(app);
        input["idempotencyKey"] = json!("outing");
        let id = arranged(app, input.clone()).await;
        assert_eq!(arranged(app, input).await, id);
        only_the_association(app, "OpenEvent", &id, "openEvents", "recordOpenEvent", &outing(app)).await;
    }
}
