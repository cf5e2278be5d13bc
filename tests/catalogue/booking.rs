//! Shared venues and leaders: nothing is planned where, or with whom, something else is at the time.
use super::given::{agreed_venue, offering, published, subject, whole_service};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{TestApp, stories};

const PLAN: &str = "serviceOffering { id sessions { nodes { id version leaderAccount } } }";

/// A published group of the association or the parish, given in a venue or remotely.
async fn group(app: &TestApp, actor: &str, organization: &str, venue: Option<&str>) -> String {
    let mut content = whole_service("Ryhmä");
    content["deliveryForms"] = json!(["ON_SITE", "REMOTE"]);
    let service = published(app, actor, organization, content).await;
    let mut content = json!({ "startsOn": "2020-01-01", "endsOn": "2040-12-31" });
    if let Some(venue) = venue {
        content["venue"] = json!(venue);
    }
    offering(app, actor, organization, &service, content).await
}

fn at(offering: &str, date: &str, time: &str) -> Value {
    json!({ "offering": offering, "date": date, "time": time, "minutes": 60 })
}

fn led(mut input: Value, name: Option<&str>, account: Option<&str>) -> Value {
    input["leader"] = json!(name);
    input["leaderAccount"] = json!(account);
    input
}

async fn plan(app: &TestApp, actor: &str, input: Value) -> Vec<Value> {
    app.done(actor, "scheduleSessions", PLAN, input).await["serviceOffering"]["sessions"]["nodes"].as_array().unwrap().clone()
}

async fn refused(app: &TestApp, actor: &str, input: Value) -> Vec<String> {
    app.rejected(actor, "scheduleSessions", PLAN, input).await
}

async fn message(app: &TestApp, actor: &str, input: Value) -> String {
    app.payload(actor, "scheduleSessions", PLAN, input).await["userErrors"][0]["message"].as_str().unwrap().to_owned()
}

stories! {
    async fn a_venue_holds_one_group_at_a_time_whoever_gives_it(app) {
        let venue = agreed_venue(app, false).await;
        let (ours, theirs) = (group(app, "partner", "ngo", Some(&venue)).await, group(app, "partner-b", "parish", None).await);
        plan(app, "partner", at(&ours, "2035-05-02", "10:00")).await;
        let mut there = at(&theirs, "2035-05-02", "10:30");
        there["venue"] = json!(venue);
        assert_eq!(refused(app, "partner-b", there.clone()).await, ["VENUE_TAKEN venue"]);
        assert_eq!(refused(app, "partner", at(&ours, "2035-05-02", "09:30")).await, ["VENUE_TAKEN venue"]);
        let mut series = there.clone();
        series["rule"] = json!("FREQ=WEEKLY");
        (series["date"], series["until"]) = (json!("2035-04-18"), json!("2035-05-09"));
        assert_eq!(refused(app, "partner-b", series).await, ["VENUE_TAKEN venue"], "one of a series is enough");
        assert_eq!(app.count("session", "1 = 1").await, 1, "all or none");
        // One that begins as the other ends is fine, and so is the same time elsewhere.
        there["time"] = json!("11:00");
        let next = plan(app, "partner-b", there).await[0].clone();
        plan(app, "partner-b", at(&theirs, "2035-05-02", "10:30")).await;
        let reason = json!({ "fi": "Aika vaihtui." });
        let back = json!({ "id": next["id"], "expectedVersion": 1, "date": "2035-05-02", "time": "10:15", "minutes": 30, "venue": venue, "reason": reason });
        assert_eq!(app.rejected("partner-b", "moveSession", "session { id }", back).await, ["VENUE_TAKEN venue"]);
        // It does not stand in its own way.
        let longer = json!({ "id": next["id"], "expectedVersion": 1, "date": "2035-05-02", "time": "11:15", "minutes": 60, "venue": venue, "reason": reason });
        app.done("partner-b", "moveSession", "session { id }", longer).await;
    }

    async fn what_is_cancelled_withdrawn_or_discarded_takes_nothing_and_what_comes_back_asks_again(app) {
        let venue = agreed_venue(app, false).await;
        let (ours, theirs) = (group(app, "partner", "ngo", Some(&venue)).await, group(app, "partner-b", "parish", Some(&venue)).await);
        let first = plan(app, "partner", at(&ours, "2035-05-02", "10:00")).await[0].clone();
        let cancelled = json!({ "id": first["id"], "expectedVersion": 1, "reason": { "fi": "Peruttu." } });
        app.done("partner", "cancelSession", "session { id }", cancelled).await;
        plan(app, "partner", at(&ours, "2035-05-03", "10:00")).await;
        plan(app, "partner-b", at(&theirs, "2035-05-02", "10:00")).await;
        app.done("partner", "withdrawServiceOffering", "serviceOffering { id }", json!({ "id": ours, "expectedVersion": 2 })).await;
        plan(app, "partner-b", at(&theirs, "2035-05-03", "10:00")).await;
        let again = json!({ "id": ours, "expectedVersion": 3 });
        assert_eq!(app.rejected("partner", "publishServiceOffering", "serviceOffering { id }", again).await, ["VENUE_TAKEN content.venue"]);
    }

    async fn an_offering_that_moves_to_another_venue_takes_its_sessions_along_when_it_is_published(app) {
        let (venue, other) = (agreed_venue(app, false).await, agreed_venue(app, false).await);
        let (ours, theirs) = (group(app, "partner", "ngo", Some(&venue)).await, group(app, "partner-b", "parish", Some(&other)).await);
        plan(app, "partner", at(&ours, "2035-05-02", "10:00")).await;
        let taken = plan(app, "partner-b", at(&theirs, "2035-05-02", "10:00")).await[0].clone();
        let content = json!({ "startsOn": "2020-01-01", "endsOn": "2040-12-31", "venue": other });
        app.done("partner", "updateServiceOffering", "serviceOffering { id }", json!({ "id": ours, "expectedVersion": 2, "content": content })).await;
        let publish = json!({ "id": ours, "expectedVersion": 3 });
        assert_eq!(app.rejected("partner", "publishServiceOffering", "serviceOffering { id }", publish.clone()).await, ["VENUE_TAKEN content.venue"]);
        app.done("partner-b", "cancelSession", "session { id }", json!({ "id": taken["id"], "expectedVersion": 1, "reason": { "fi": "Peruttu." } })).await;
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", publish).await;
        // The one it has left is free now, the one it has come to is not.
        assert_eq!(refused(app, "partner-b", at(&theirs, "2035-05-02", "10:00")).await, ["VENUE_TAKEN venue"]);
        let mut elsewhere = at(&theirs, "2035-05-02", "10:00");
        elsewhere["venue"] = json!(venue);
        plan(app, "partner-b", elsewhere).await;
    }

    async fn a_shared_venue_holds_several_until_it_does_not(app) {
        let venue = agreed_venue(app, true).await;
        let (ours, theirs) = (group(app, "partner", "ngo", Some(&venue)).await, group(app, "partner-b", "parish", Some(&venue)).await);
        plan(app, "partner", at(&ours, "2035-05-02", "10:00")).await;
        let second = plan(app, "partner-b", at(&theirs, "2035-05-02", "10:00")).await[0].clone();
        let content = super::given::venue(app, "Kylätalo", false);
        let update = json!({ "id": venue, "expectedVersion": 3, "content": content });
        assert_eq!(app.rejected("partner", "updateVenue", "venue { id }", update.clone()).await, ["VENUE_TAKEN content.shared"]);
        app.done("partner-b", "cancelSession", "session { id }", json!({ "id": second["id"], "expectedVersion": 1, "reason": { "fi": "Peruttu." } })).await;
        assert_eq!(app.done("partner", "updateVenue", "venue { shared }", update).await["venue"]["shared"], false);
        assert_eq!(refused(app, "partner-b", at(&theirs, "2035-05-02", "10:00")).await, ["VENUE_TAKEN venue"]);
    }

    async fn whoever_leads_is_at_one_session_at_a_time(app) {
        let (ours, second, theirs) =
            (group(app, "partner", "ngo", None).await, group(app, "partner", "ngo", None).await, group(app, "partner-b", "parish", None).await);
        let aino = subject("partner");
        let planned = plan(app, "partner", led(at(&ours, "2035-05-02", "10:00"), Some("Aino"), Some(&aino))).await;
        assert_eq!(planned[0]["leaderAccount"], json!(aino));
        for (name, account, outcome) in [
            (Some("Leena"), Some(aino.as_str()), &["LEADER_TAKEN leader"][..]),
            (Some(" aino"), None, &["LEADER_TAKEN leader"]),
            (Some("Leena"), None, &[]),
            (None, None, &[]),
        ] {
            let input = led(at(&second, "2035-05-02", "10:30"), name, account);
            if outcome.is_empty() {
                plan(app, "partner", input).await;
            } else {
                assert_eq!(refused(app, "partner", input).await, outcome, "{name:?}");
            }
        }
        // Another Aino of another organisation is another person; the same account is the same one, wherever one works.
        plan(app, "partner-b", led(at(&theirs, "2035-05-02", "10:00"), Some("Aino"), None)).await;
        assert_eq!(refused(app, "partner-b", led(at(&theirs, "2035-06-02", "10:00"), None, Some(&aino))).await, ["UNKNOWN_REFERENCE leaderAccount"]);
        let both = json!({ "organization": app.world.organization("parish"), "role": "PARTNER_WORKER", "subject": aino });
        app.done("admin", "grantMembership", "membership { id }", both).await;
        let abroad = led(at(&theirs, "2035-05-02", "10:30"), None, Some(&aino));
        assert_eq!(refused(app, "partner-b", abroad).await, ["LEADER_TAKEN leader"]);
        // Two series of one rule do not lead over each other either.
        let mut long = led(at(&second, "2035-07-02", "10:00"), Some("Kaisa"), None);
        (long["rule"], long["until"], long["minutes"]) = (json!("FREQ=DAILY"), json!("2035-07-04"), json!(1_440));
        plan(app, "partner", long).await;
    }

    async fn what_takes_a_venue_is_told_only_to_whoever_may_see_it(app) {
        let venue = agreed_venue(app, false).await;
        let theirs = group(app, "partner-b", "parish", Some(&venue)).await;
        // A draft of the association: nobody else sees it, and it has the venue.
        let service = published(app, "partner", "ngo", whole_service("Salainen")).await;
        let input = json!({ "service": service, "provider": app.world.organization("ngo"), "content": { "venue": venue, "startsOn": "2030-01-01" } });
        let draft = app.done("partner", "createServiceOffering", "serviceOffering { id }", input).await["serviceOffering"]["id"].as_str().unwrap().to_owned();
        plan(app, "partner", at(&draft, "2035-05-02", "10:00")).await;
        let own = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { sessions { nodes { id } } } }", json!({ "id": draft })).await;
        let own = own["serviceOffering"]["sessions"]["nodes"][0]["id"].as_str().unwrap().to_owned();
        let told = message(app, "partner-b", at(&theirs, "2035-05-02", "10:00")).await;
        assert!(told.contains("2035-05-02 10:00–11:00") && !told.contains(&own), "{told}");
        let told = message(app, "partner", at(&draft, "2035-05-02", "10:30")).await;
        assert!(told.contains(&own), "{told}");
    }

    async fn only_the_providers_own_staff_learn_by_which_account_a_session_is_led(app) {
        let ours = group(app, "partner", "ngo", None).await;
        let session = plan(app, "partner", led(at(&ours, "2035-05-02", "10:00"), None, Some(&subject("partner")))).await[0]["id"].clone();
        let query = "query($id: ID!) { session(id: $id) { leaderAccount } }";
        assert_eq!(app.ask("partner", query, json!({ "id": session })).await["session"]["leaderAccount"], json!(subject("partner")));
        for other in ["", "client", "partner-b", "provider", "admin", "partner-x"] {
            assert_eq!(app.ask(other, query, json!({ "id": session })).await["session"]["leaderAccount"], Value::Null, "{other}");
        }
    }

    async fn of_those_who_book_at_once_one_has_it(app) {
        let venue = agreed_venue(app, false).await;
        let (ours, theirs) = (group(app, "partner", "ngo", Some(&venue)).await, group(app, "partner-b", "parish", Some(&venue)).await);
        let second = app.second_process().await;
        let document = TestApp::mutation("scheduleSessions", "serviceOffering { id }");
        let ask = async |number: usize| {
            let (actor, offering) = if number.is_multiple_of(2) { ("partner", &ours) } else { ("partner-b", &theirs) };
            let input = json!({ "input": at(offering, "2035-05-02", &format!("10:{number:02}")) });
            if number.is_multiple_of(3) { app.post(actor, &document, input).await } else { app.post_to(&second, actor, &document, input).await }
        };
        let answers = join_all((0..20).map(ask)).await;
        let made = answers.iter().filter(|answer| answer.body["data"]["scheduleSessions"]["userErrors"] == json!([])).count();
        let told: Vec<_> = answers.iter().filter_map(|answer| answer.body["data"]["scheduleSessions"]["userErrors"][0]["code"].as_str()).collect();
        assert_eq!((made, told), (1, vec!["VENUE_TAKEN"; 19]));
        assert_eq!(app.count("session", "1 = 1").await, 1);
        crate::promise::wrong::nothing_is_wrong(app.database()).await;
    }
}
