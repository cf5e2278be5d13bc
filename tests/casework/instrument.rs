//! Instruments: data with terms, answered by clients themselves too, and change is told between phases.
use super::given::begun;
use serde_json::{Value, json};
use tests::{TestApp, stories};

/// A response to the life situation meter.
pub async fn answered(app: &TestApp, actor: &str, case: &str, phase: &str, answers: &[(&str, i32)]) -> Value {
    let answers: Vec<_> = answers.iter().map(|(item, value)| json!({ "item": item, "value": value })).collect();
    let input = json!({ "case": case, "instrument": "X3_10D", "phase": phase, "answers": answers });
    let read = "instrumentResponse { id byClient instrument { key } score change { before { phase } items { item before after change } score } }";
    app.done(actor, "recordInstrumentResponse", read, input).await["instrumentResponse"].clone()
}

stories! {
    async fn everybody_reads_what_instruments_there_are_and_under_which_terms(app) {
        let seen = app.ask("", "{ instruments { nodes { id key version licence leastAnswers scoring higherIsBetter name { fi } items { key min max text { en } } } } }", json!({})).await;
        let all = seen["instruments"]["nodes"].as_array().unwrap().clone();
        assert_eq!(all.iter().map(|i| i["key"].as_str().unwrap()).collect::<Vec<_>>(), ["ESIS", "KYKYVIISARI", "WAS", "X3_10D"]);
        assert_eq!(all[3]["items"].as_array().unwrap().len(), 10);
        assert_eq!(all[2]["items"][0]["max"], 10);
        let again = app.ask("", "query ($id: ID!) { node(id: $id) { ... on Instrument { key } } }", json!({ "id": all[2]["id"] })).await;
        assert_eq!(again, json!({ "node": { "key": "WAS" } }));
    }

    async fn change_is_told_from_the_beginning_to_the_end(app) {
        let (_, case) = begun(app).await;
        let first = answered(app, "client", &case, "BASELINE", &[("health", 4), ("friends", 2)]).await;
        assert_eq!((first["byClient"].clone(), first["change"].clone(), first["score"].clone()), (json!(true), json!(null), json!(null)));
        let last = answered(app, "service-guide", &case, "FINAL", &[("friends", 7), ("finance", 5)]).await;
        assert_eq!(last["byClient"], false);
        let change = json!({ "before": { "phase": "BASELINE" }, "items": [{ "item": "friends", "before": 2, "after": 7, "change": 5 }], "score": null });
        assert_eq!(last["change"], change);
        let work = |phase: &str, value: i32| json!({ "case": case, "instrument": "WAS", "phase": phase, "answers": [{ "item": "work_ability", "value": value }] });
        let read = "instrumentResponse { score change { score } }";
        app.done("client", "recordInstrumentResponse", read, work("BASELINE", 3)).await;
        let later = app.done("client", "recordInstrumentResponse", read, work("INTERIM", 5)).await["instrumentResponse"].clone();
        assert_eq!(later, json!({ "score": 5.0, "change": { "score": 2.0 } }));
        let mine = app.ask("client", "{ me { instrumentResponses { totalCount nodes { phase answers { item value } } } } }", json!({})).await["me"]["instrumentResponses"].clone();
        assert_eq!((mine["totalCount"].clone(), mine["nodes"][0]["answers"][0].clone()), (json!(4), json!({ "item": "health", "value": 4 })));
    }

    async fn answers_are_of_the_instrument(app) {
        let (_, case) = begun(app).await;
        let input = |instrument: &str, answers: Value| json!({ "case": case, "instrument": instrument, "phase": "BASELINE", "answers": answers });
        for (given, fault) in [
            (input("NOPE", json!([])), "UNKNOWN_CODE instrument"),
            (input("X3_10D", json!([])), "REQUIRED answers"),
            (input("X3_10D", json!([{ "item": "health", "value": 11 }])), "OUT_OF_RANGE answers.0.value"),
            (input("WAS", json!([{ "item": "health", "value": 1 }])), "UNKNOWN_CODE answers.0.item"),
        ] {
            assert_eq!(app.rejected("client", "recordInstrumentResponse", "instrumentResponse { id }", given).await, [fault]);
        }
    }
}
