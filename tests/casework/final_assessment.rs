//! Final assessments: against the beginning, with what the client has got from it.
use super::given::{begun, goal, step};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const OF: (&str, &str) = ("finalAssessment", "state approvedByClient words unheardReason moves");

/// A final assessment that is shown, with everything that it must say.
pub async fn shown(app: &TestApp, case: &str) -> Value {
    let goal = goal(app, "service-guide", case, "WORKER", "Käy ryhmässä.").await;
    let made = app.done("service-guide", "draftFinalAssessment", "finalAssessment { id version }", json!({ "case": case })).await["finalAssessment"].clone();
    let content = json!({
        "versusBaseline": "Enemmän seuraa kuin alussa.", "goalResults": [{ "goal": goal, "text": "Kävi ryhmässä." }],
        "clientExperience": "Uskallan taas.", "recommendations": "Jatkaa järjestön ryhmässä.",
    });
    let more = json!({ "content": content, "benefitThemes": ["HOPE", "SOCIAL_CONTACT"] });
    let saved = step(app, "service-guide", "saveFinalAssessment", OF, &made, more).await;
    step(app, "service-guide", "shareFinalAssessment", OF, &saved, json!({})).await
}

stories! {
    async fn it_is_approved_when_the_client_has_been_heard(app) {
        let (_, case) = begun(app).await;
        let shown = shown(app, &case).await;
        let read = "benefitThemes clientExperience goalResults { goal { text } text } words";
        let seen = app.ask("client", &format!("{{ me {{ finalAssessments {{ nodes {{ {read} }} }} }} }}"), json!({})).await["me"]["finalAssessments"]["nodes"].clone();
        let expected = json!([{
            "benefitThemes": ["SOCIAL_CONTACT", "HOPE"], "clientExperience": "Uskallan taas.",
            "goalResults": [{ "goal": { "text": "Käy ryhmässä." }, "text": "Kävi ryhmässä." }], "words": null,
        }]);
        assert_eq!(seen, expected);
        let input = json!({ "id": shown["id"], "expectedVersion": shown["version"] });
        assert_eq!(app.rejected("social-worker", "approveFinalAssessment", "finalAssessment { id }", input.clone()).await, ["AGREEMENT_MISSING unheardReason"]);
        for decision in ["approveFinalAssessment", "discardFinalAssessment"] {
            assert_eq!(app.rejected("client", decision, "finalAssessment { id }", input.clone()).await, ["WORKER_ONLY id"], "{decision}");
        }
        let answered = step(app, "client", "answerFinalAssessment", OF, &shown, json!({ "approvedByClient": true, "words": "Näin se meni." })).await;
        assert_eq!((answered["approvedByClient"].clone(), answered["words"].clone()), (json!(true), json!("Näin se meni.")));
        let approved = step(app, "social-worker", "approveFinalAssessment", OF, &answered, json!({})).await;
        assert_eq!((approved["state"].clone(), approved["moves"].clone()), (json!("APPROVED"), json!([])));
        assert_eq!(app.count("final_assessment", "content LIKE '%Uskallan%' OR words LIKE '%meni%'").await, 0);
    }

    async fn one_who_cannot_be_heard_leaves_a_reason(app) {
        let (_, case) = begun(app).await;
        let shown = shown(app, &case).await;
        let again = step(app, "service-guide", "rewriteFinalAssessment", OF, &shown, json!({})).await;
        let shown = step(app, "service-guide", "shareFinalAssessment", OF, &again, json!({})).await;
        let approved = step(app, "social-worker", "approveFinalAssessment", OF, &shown, json!({ "unheardReason": "Ei tavoiteta." })).await;
        assert_eq!((approved["state"].clone(), approved["unheardReason"].clone(), approved["approvedByClient"].clone()), (json!("APPROVED"), json!("Ei tavoiteta."), json!(null)));
    }

    async fn each_mandatory_part_is_needed_and_one_is_made_at_a_time(app) {
        let (_, case) = begun(app).await;
        let made = app.done("service-guide", "draftFinalAssessment", "finalAssessment { id version }", json!({ "case": case })).await["finalAssessment"].clone();
        assert_eq!(app.rejected("service-guide", "draftFinalAssessment", "finalAssessment { id }", json!({ "case": case })).await, ["UNFINISHED case"]);
        let shown = step(app, "service-guide", "shareFinalAssessment", OF, &made, json!({})).await;
        let input = json!({ "id": shown["id"], "expectedVersion": shown["version"] });
        let missing = ["REQUIRED content.versusBaseline", "REQUIRED content.clientExperience", "REQUIRED content.recommendations"];
        assert_eq!(app.rejected("social-worker", "approveFinalAssessment", "finalAssessment { id }", input).await, missing);
        assert_eq!(step(app, "social-worker", "discardFinalAssessment", OF, &shown, json!({})).await["state"], "DISCARDED");
    }
}
