//! Visits with clients: worker safety, who sees where somebody lives, and recording in the field.
use super::given::{home_visit, minutes_ago, planned_visit};
use crate::{
    casework::opened::subject,
    person::given::{account, aino, client, municipality, text},
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use tests::{CAST, TestApp, stories};

const SEEN: &str = "query($id: ID!) { visit(id: $id) { state version moves kind effectiveDate startsAt dueAt checkedInAt checkedOutAt minutes overdue workers pairRequired from destination \
     address { street } safetyNote outcome note client { id } corrections { minutes outcome reason } voided { reason } access { canTransition } } }";

async fn seen(app: &TestApp, actor: &str, id: &Value) -> Value {
    app.ask(actor, SEEN, json!({ "id": id })).await["visit"].clone()
}

/// Makes a move of a visit at the version that it has.
async fn go(app: &TestApp, actor: &str, mutation: &str, of: &Value, more: Value) -> Value {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.done(actor, mutation, "visit { id version state minutes }", input).await["visit"].clone()
}

/// The faults of a move.
async fn faults(app: &TestApp, mutation: &str, of: &Value, more: Value) -> Vec<String> {
    let mut input = more;
    input["id"] = of["id"].clone();
    input["expectedVersion"] = of["version"].clone();
    app.rejected("social-worker", mutation, "visit { id }", input).await
}

async fn told_overdue(app: &TestApp, actor: &str) -> Value {
    app.ask(actor, "{ notices(filter: { kinds: [VISIT_OVERDUE] }) { totalCount nodes { visitId visit { address { street } workers } } } }", json!({})).await["notices"].clone()
}

stories! {
    async fn two_workers_visit_a_home_and_tell_what_came_of_it(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let input = home_visit(app, &id, &[&me, &pair]);
        let visit = planned_visit(app, input.clone()).await;
        let first = seen(app, "social-worker", &visit["id"]).await;
        assert_eq!((&first["state"], &first["address"], &first["workers"]), (&json!("PLANNED"), &json!({ "street": "Mallikatu 1" }), &json!([me, pair])));
        assert_eq!(first["moves"], json!(["REPLAN", "CHECK_IN", "MISS", "CANCEL", "VOID"]));
        // Where the client lived then is kept with the visit.
        let mut moved = aino();
        moved["address"]["street"] = json!("Toinen katu 2");
        app.done("social-worker", "updateIdentity", "person { version }", json!({ "client": id, "expectedVersion": 1, "identity": moved, "protected": false })).await;
        // Whoever goes along has no care relation, and sees where to go and nothing else of the client.
        let along = seen(app, "service-guide", &visit["id"]).await;
        assert_eq!((&along["address"]["street"], &along["safetyNote"], &along["client"]), (&json!("Mallikatu 1"), &json!("Pihalla on koira."), &Value::Null));
        assert_eq!(app.ask("service-guide", "query($id: ID!) { client(id: $id) { id } }", json!({ "id": id })).await["client"], Value::Null);
        let at = |minutes: i64| json!({ "at": minutes_ago(minutes) });
        let inside = go(app, "service-guide", "checkInToVisit", &visit, at(50)).await;
        assert_eq!(inside["state"], "UNDER_WAY");
        let mut left = at(5);
        left["report"] = json!({ "outcome": "Sovittiin jatkosta.", "note": "Keittiö on remontissa." });
        let over = go(app, "service-guide", "checkOutOfVisit", &inside, left).await;
        assert_eq!((&over["state"], &over["minutes"]), (&json!("DONE"), &json!(45)));
        let right = json!({ "minutes": 40, "report": { "outcome": "Sovittiin uusi aika." }, "reason": "Väärä kirjaus" });
        let over = go(app, "social-worker", "correctVisit", &over, right).await;
        let last = seen(app, "social-worker", &visit["id"]).await;
        assert_eq!((&last["outcome"], &last["note"], &last["minutes"]), (&json!("Sovittiin uusi aika."), &Value::Null, &json!(40)));
        assert_eq!(last["corrections"], json!([{ "minutes": 45, "outcome": "Sovittiin jatkosta.", "reason": "Väärä kirjaus" }]));
        assert_eq!(last["moves"], json!(["CORRECT", "VOID"]));
        // Nothing of it lies open in the database.
        for column in ["details", "report", "corrections"] {
            assert_eq!(app.count("visit", &format!("{column} LIKE '%katu%' OR {column} LIKE '%Sovit%'")).await, 0, "{column}");
        }
        go(app, "social-worker", "voidVisit", &over, json!({ "reason": "Kirjattu väärälle asiakkaalle" })).await;
        assert_eq!(seen(app, "social-worker", &visit["id"]).await["voided"], json!({ "reason": "Kirjattu väärälle asiakkaalle" }));
        let list = "query($o: ID!, $f: VisitFilter) { visits(organization: $o, filter: $f) { totalCount } }";
        let found = async |filter: Value| app.ask("social-worker", list, json!({ "o": app.world.organization("county"), "f": filter })).await["visits"]["totalCount"].clone();
        assert_eq!((found(json!({})).await, found(json!({ "states": ["VOIDED"] })).await), (json!(0), json!(1)));
        nothing_is_wrong(app.database()).await;
    }

    async fn a_wrong_time_of_checking_in_or_out_is_put_right_and_the_former_is_kept(app) {
        let (id, _) = client(app, aino()).await;
        let visit = planned_visit(app, home_visit(app, &id, &[&subject(app, "social-worker").await, &subject(app, "service-guide").await])).await;
        let (wrong, came, left, later) = (minutes_ago(50), minutes_ago(40), minutes_ago(10), minutes_ago(5));
        let inside = go(app, "social-worker", "checkInToVisit", &visit, json!({ "at": wrong })).await;
        let report = json!({ "outcome": "Sovittiin jatkosta." });
        let over = go(app, "social-worker", "checkOutOfVisit", &inside, json!({ "at": left, "report": report })).await;
        let with = |more: Value| {
            let mut right = json!({ "report": report, "reason": "Väärä kellonaika" });
            for (field, value) in more.as_object().unwrap() {
                right[field] = value.clone();
            }
            right
        };
        for (more, fault) in [
            (json!({ "checkedInAt": minutes_ago(-10) }), "OUT_OF_RANGE checkedInAt"),
            (json!({ "checkedInAt": minutes_ago(60 + 12 * 60 + 1) }), "OUT_OF_RANGE checkedInAt"),
            (json!({ "checkedInAt": later }), "DATE_ORDER checkedInAt"),
            (json!({ "checkedOutAt": minutes_ago(55) }), "DATE_ORDER checkedOutAt"),
            (json!({ "minutes": 1_441 }), "OUT_OF_RANGE minutes"),
        ] {
            assert_eq!(faults(app, "correctVisit", &over, with(more.clone())).await, [fault], "{more}");
        }
        let over = go(app, "social-worker", "correctVisit", &over, with(json!({ "checkedInAt": came }))).await;
        let over = go(app, "social-worker", "correctVisit", &over, with(json!({ "checkedOutAt": later, "minutes": 30 }))).await;
        let over = go(app, "social-worker", "correctVisit", &over, with(json!({ "report": { "outcome": "Toisin." } }))).await;
        let query = "query($id: ID!) { visit(id: $id) { checkedInAt checkedOutAt minutes outcome corrections { checkedInAt checkedOutAt minutes } } }";
        let seen = app.ask("social-worker", query, json!({ "id": visit["id"] })).await["visit"].clone();
        let was = |came: &str, left: &str, minutes: i32| json!({ "checkedInAt": came, "checkedOutAt": left, "minutes": minutes });
        let corrections = [was(&wrong, &left, 40), was(&came, &left, 30), was(&came, &later, 30)];
        assert_eq!(seen["corrections"], json!(corrections), "{over}");
        assert_eq!(
            (&seen["checkedInAt"], &seen["checkedOutAt"], &seen["minutes"], &seen["outcome"]),
            (&json!(came), &json!(later), &json!(30), &json!("Toisin."))
        );
        // Nobody has checked in to what was recorded later.
        let recorded = json!({
            "organization": app.world.organization("county"), "client": id, "kind": "OFFICE", "effectiveDate": "2026-02-02", "minutes": 75,
            "details": { "destination": "Kela" }, "report": report,
        });
        let recorded = app.done("social-worker", "recordVisit", "visit { id version }", recorded).await["visit"].clone();
        let told = with(json!({ "checkedInAt": came, "checkedOutAt": left }));
        assert_eq!(faults(app, "correctVisit", &recorded, told).await, ["DOES_NOT_AGREE checkedInAt", "DOES_NOT_AGREE checkedOutAt"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn nobody_goes_alone_where_it_takes_a_pair(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let refused = async |input: Value| app.rejected("social-worker", "planVisit", "visit { id }", input).await;
        for alone in [&[][..], &[me.as_str()]] {
            assert_eq!(refused(home_visit(app, &id, alone)).await, ["PAIR_REQUIRED plan.workers"]);
        }
        assert_eq!(refused(home_visit(app, &id, &[&me, &me])).await, ["DUPLICATE plan.workers"]);
        let partner = subject(app, "partner").await;
        assert_eq!(refused(home_visit(app, &id, &[&me, &partner])).await, ["NOT_COLLEAGUE plan.workers.1"]);
        assert_eq!(app.count("visit", "1 = 1").await, 0);
        let visit = planned_visit(app, home_visit(app, &id, &[&me, &pair])).await;
        let plan = json!({ "plan": home_visit(app, &id, &[&me])["plan"] });
        assert_eq!(faults(app, "replanVisit", &visit, plan.clone()).await, ["PAIR_REQUIRED plan.workers"]);
        let mut nobody = plan.clone();
        (nobody["plan"]["workers"], nobody["plan"]["pairRequired"]) = (json!([]), json!(false));
        assert_eq!(faults(app, "replanVisit", &visit, nobody).await, ["REQUIRED plan.workers"]);
        // Where none is needed, one goes.
        let mut alone = plan;
        alone["plan"]["pairRequired"] = json!(false);
        go(app, "social-worker", "replanVisit", &visit, alone).await;
        let now = seen(app, "social-worker", &visit["id"]).await;
        assert_eq!((&now["workers"], &now["address"]["street"]), (&json!([me]), &json!("Mallikatu 1")));
        assert_eq!(seen(app, "service-guide", &visit["id"]).await, Value::Null, "who does not go any more does not see it");
    }

    async fn when_nobody_has_come_back_in_time_the_others_are_told_once(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let mut input = home_visit(app, &id, &[&me, &pair]);
        input["plan"]["startsAt"] = json!(minutes_ago(120));
        input["plan"]["dueAt"] = json!(minutes_ago(60));
        let visit = planned_visit(app, input.clone()).await;
        let due = async |store: api::store::Store| { let done = api::job::due(&store).await; (done.visits, done.failed) };
        assert_eq!((due(app.store().await).await, due(app.store().await).await), ((1, 0), (0, 0)), "nobody has checked in");
        let inside = go(app, "social-worker", "checkInToVisit", &visit, json!({ "at": minutes_ago(110) })).await;
        assert_eq!(seen(app, "social-worker", &visit["id"]).await["overdue"], true);
        assert_eq!(due(app.store().await).await, (0, 0), "it is told for that time already");
        // Those who answer for the organisation see what is for the two as well.
        for (actor, count) in [("social-worker", 1), ("service-guide", 1), ("lead", 3), ("dpo", 3)] {
            let told = told_overdue(app, actor).await;
            assert_eq!((&told["totalCount"], &told["nodes"][0]["visitId"]), (&json!(count), &visit["id"]), "{actor}");
        }
        for actor in ["client", "partner", "admin", "analyst"] {
            assert_eq!(told_overdue(app, actor).await["totalCount"], 0, "{actor}");
        }
        // Whoever answers for the organisation knows where to look, and who is there, for as long as it lasts.
        assert_eq!(told_overdue(app, "lead").await["nodes"][0]["visit"], json!({ "address": { "street": "Mallikatu 1" }, "workers": [me, pair] }));
        let asked = TestApp::mutation("replanVisit", "visit { id }");
        let later = json!({ "id": visit["id"], "expectedVersion": inside["version"], "plan": input["plan"] });
        assert_eq!(app.refuse("lead", &asked, json!({ "input": later })).await, "FORBIDDEN");
        // It takes longer: then it is told again when that is over too.
        let mut longer = json!({ "plan": input["plan"] });
        longer["plan"]["dueAt"] = json!(minutes_ago(-60));
        let inside = go(app, "service-guide", "replanVisit", &inside, longer).await;
        assert_eq!(inside["state"], "UNDER_WAY");
        assert_eq!(told_overdue(app, "lead").await["nodes"][0]["visit"], Value::Null);
        assert_eq!(due(app.store().await).await, (0, 0));
        assert_eq!((due(app.later(1).await).await.0, due(app.later(1).await).await.0), (1, 0));
        let over = go(app, "service-guide", "checkOutOfVisit", &inside, json!({ "report": { "outcome": "Puhuttiin pitkään." } })).await;
        assert_eq!(over["state"], "DONE");
        assert_eq!(due(app.later(2).await).await.0, 0);
        assert_eq!(told_overdue(app, "service-guide").await["totalCount"], 2);
        nothing_is_wrong(app.database()).await;
    }

    async fn where_a_protected_client_lives_is_opened_with_a_reason_only(app) {
        let input = json!({ "keeper": app.world.organization("county"), "identity": aino(), "protected": true });
        let id = text(&app.done("social-worker", "registerClient", "client { id }", input).await["client"]["id"]);
        account(app, &id).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let visit = planned_visit(app, home_visit(app, &id, &[&me, &pair])).await;
        for actor in ["social-worker", "service-guide", "client"] {
            let told = seen(app, actor, &visit["id"]).await;
            assert_eq!((&told["address"], &told["safetyNote"]), (&Value::Null, &json!("Pihalla on koira.")), "{actor}");
        }
        let reveal = |reason: &str| json!({ "id": visit["id"], "reason": reason });
        assert_eq!(app.rejected("social-worker", "revealVisitAddress", "address { street }", reveal("Käynti")).await, ["TOO_SHORT reason"]);
        let document = TestApp::mutation("revealVisitAddress", "address { street }");
        let why = "Sovittu kotikäynti tänään kello kymmenen.";
        assert_eq!(app.refuse("service-guide", &document, json!({ "input": reveal(why) })).await, "NOT_FOUND", "whoever has no relation asks the other");
        assert_eq!(app.refuse("client", &document, json!({ "input": reveal(why) })).await, "FORBIDDEN");
        let opened = app.done("social-worker", "revealVisitAddress", "address { street }", reveal(why)).await;
        assert_eq!(opened["address"]["street"], "Mallikatu 1");
        let flagged = app.ask("dpo", "{ useLog(filter: { flagged: true }) { nodes { what } } }", json!({})).await["useLog"]["nodes"].to_string();
        assert!(flagged.contains("Visit.protectedAddress"), "{flagged}");
    }

    async fn another_authority_learns_that_there_was_a_visit_and_not_where(app) {
        let (id, number) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let visit = planned_visit(app, home_visit(app, &id, &[&me, &pair])).await;
        assert_eq!(seen(app, "municipal", &visit["id"]).await, Value::Null);
        let organization = municipality(app).await;
        let open = json!({ "organization": organization, "client": { "number": number }, "reason": "Laki velvoittaa selvittämään asian." });
        app.done("municipal", "openByStatutoryRight", "careRelation { id }", open).await;
        let told = seen(app, "municipal", &visit["id"]).await;
        assert_eq!((&told["state"], &told["address"], &told["safetyNote"]), (&json!("PLANNED"), &Value::Null, &Value::Null));
        let check_in = json!({ "input": { "id": visit["id"], "expectedVersion": 1 } });
        assert_eq!(app.refuse("municipal", &TestApp::mutation("checkInToVisit", "visit { id }"), check_in).await, "FORBIDDEN");
    }

    async fn who_has_nothing_to_do_with_it_sees_nothing_and_cannot_act(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let input = home_visit(app, &id, &[&me, &pair]);
        let visit = planned_visit(app, input.clone()).await;
        let (county, plan, check_in) = (app.world.organization("county"), TestApp::mutation("planVisit", "visit { id }"), TestApp::mutation("checkInToVisit", "visit { id }"));
        for (actor, ..) in CAST.iter().filter(|(name, ..)| !["social-worker", "service-guide"].contains(name)) {
            assert_eq!(seen(app, actor, &visit["id"]).await, Value::Null, "{actor}");
            let list = app.ask(actor, "query($o: ID!) { visits(organization: $o) { totalCount nodes { id } } }", json!({ "o": county })).await;
            assert_eq!(list["visits"]["totalCount"], 0, "{actor}");
            let refused = app.refuse(actor, &plan, json!({ "input": input })).await;
            assert_eq!(refused, if *actor == "lead" { "FORBIDDEN" } else { "NOT_FOUND" }, "{actor}");
            assert_eq!(app.refuse(actor, &check_in, json!({ "input": { "id": visit["id"], "expectedVersion": 1 } })).await, "NOT_FOUND", "{actor}");
        }
        // Nor for an organisation that is not one's own, or of a client whom one only goes along to.
        let mut elsewhere = input.clone();
        elsewhere["organization"] = json!(app.world.organization("ngo"));
        assert_eq!(app.refuse("social-worker", &plan, json!({ "input": elsewhere })).await, "FORBIDDEN");
        assert_eq!(app.refuse("service-guide", &plan, json!({ "input": input })).await, "NOT_FOUND");
        assert_eq!(app.count("visit", "1 = 1").await, 1);
        // Without a purpose nobody does.
        assert_eq!(app.without_purpose("social-worker", SEEN, json!({ "id": visit["id"] })).await.code(), "PURPOSE_REQUIRED");
        assert_eq!(app.refuse("", SEEN, json!({ "id": visit["id"] })).await, "UNAUTHENTICATED");
    }

    async fn the_client_reads_what_is_kept_and_who_has_read_it(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let visit = planned_visit(app, home_visit(app, &id, &[&me, &pair])).await;
        let own = seen(app, "client", &visit["id"]).await;
        assert_eq!((&own["safetyNote"], &own["address"]["street"]), (&json!("Pihalla on koira."), &json!("Mallikatu 1")));
        assert_eq!(own["access"]["canTransition"], false);
        assert_eq!(app.ask("client", "{ me { visits { totalCount } } }", json!({})).await["me"]["visits"]["totalCount"], 1);
        let cancel = TestApp::mutation("cancelVisit", "visit { id }");
        assert_eq!(app.refuse("client", &cancel, json!({ "input": { "id": visit["id"], "expectedVersion": 1, "reason": "En ehdi" } })).await, "FORBIDDEN");
        seen(app, "service-guide", &visit["id"]).await;
        let log = app.ask("client", "{ myAccessLog(first: 3) { nodes { what basis outcome } } }", json!({})).await["myAccessLog"]["nodes"].clone();
        assert_eq!(log[0]["what"], json!(["Visit", "Visit.address", "Visit.destination", "Visit.from", "Visit.safetyNote"]));
        assert_eq!((&log[0]["basis"], &log[0]["outcome"]), (&json!("OFFICE"), &json!("SHOWN")));
        // What was recorded of the wrong client is about somebody else.
        go(app, "social-worker", "voidVisit", &visit, json!({ "reason": "Kirjattu väärälle asiakkaalle" })).await;
        assert_eq!(seen(app, "client", &visit["id"]).await, Value::Null);
        assert_eq!(app.ask("client", "{ me { visits { totalCount } } }", json!({})).await["me"]["visits"]["totalCount"], 0);
        assert_eq!(seen(app, "social-worker", &visit["id"]).await["state"], "VOIDED");
    }

    async fn what_nobody_else_can_end_the_lead_ends_when_it_is_overdue(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let in_time = planned_visit(app, home_visit(app, &id, &[&me, &pair])).await;
        let late = || late_visit(app, &id, &[&me, &pair]);
        let (inside, planned) = (planned_visit(app, late()).await, planned_visit(app, late()).await);
        let inside = go(app, "service-guide", "checkInToVisit", &inside, json!({ "at": minutes_ago(110) })).await;
        let out = |of: &Value| json!({ "id": of["id"], "expectedVersion": of["version"], "report": { "outcome": "Haettiin kotiin." } });
        let (asked, miss, check_in) = (TestApp::mutation("checkOutOfVisit", "visit { id }"), TestApp::mutation("recordVisitNotReached", "visit { id }"), TestApp::mutation("checkInToVisit", "visit { id }"));
        let missed = |of: &Value| json!({ "id": of["id"], "expectedVersion": of["version"], "outcome": "Kukaan ei mennyt." });
        // Nobody else who is told of it does, and the lead neither while there is time nor in the place of whoever goes.
        assert_eq!(app.refuse("lead", &miss, json!({ "input": missed(&in_time) })).await, "NOT_FOUND");
        assert_eq!(app.refuse("partner", &asked, json!({ "input": out(&inside) })).await, "NOT_FOUND");
        assert_eq!(app.refuse("lead", &check_in, json!({ "input": { "id": planned["id"], "expectedVersion": 1 } })).await, "FORBIDDEN");
        // Whoever went does not work there any more, and no relation is left.
        app.tamper("UPDATE care_relation SET ended_at = created_at").await;
        app.tamper("UPDATE membership SET valid_to = '2026-01-02' WHERE subject LIKE '%|service-guide'").await;
        let over = app.done("lead", "checkOutOfVisit", "visit { state client { person { id } } }", out(&inside)).await["visit"].clone();
        assert_eq!(over, json!({ "state": "DONE", "client": { "person": null } }));
        assert_eq!(seen(app, "lead", &inside["id"]).await, Value::Null, "then it is nobody's any more to look at who has no relation");
        assert_eq!(app.done("lead", "recordVisitNotReached", "visit { state }", missed(&planned)).await["visit"]["state"], "NOT_REACHED");
        assert_eq!(app.refuse("lead", &asked, json!({ "input": out(&inside) })).await, "NOT_FOUND");
        nothing_is_wrong(app.database()).await;
    }

    async fn the_lead_who_sends_the_end_of_a_visit_again_is_told_what_came_of_it(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let inside = planned_visit(app, late_visit(app, &id, &[&me, &pair])).await;
        let inside = go(app, "service-guide", "checkInToVisit", &inside, json!({ "at": minutes_ago(110) })).await;
        let report = json!({ "outcome": "Haettiin kotiin." });
        let out = json!({ "id": inside["id"], "expectedVersion": inside["version"], "report": report, "idempotencyKey": "ulos-1" });
        let first = app.done("lead", "checkOutOfVisit", "visit { state version }", out.clone()).await["visit"].clone();
        assert_eq!(app.done("lead", "checkOutOfVisit", "visit { state version }", out.clone()).await["visit"], first);
        assert_eq!(seen(app, "lead", &inside["id"]).await, Value::Null, "and sees no more of it than before");
        // Whoever leads nothing there any more is told nothing.
        app.tamper("UPDATE membership SET valid_to = '2026-01-02' WHERE subject LIKE '%|lead' AND role = 'LEAD'").await;
        let again = app.refuse("lead", &TestApp::mutation("checkOutOfVisit", "visit { state }"), json!({ "input": out })).await;
        assert!(["NOT_FOUND", "FORBIDDEN"].contains(&again.as_str()), "{again}");
        nothing_is_wrong(app.database()).await;
    }

    async fn whoever_acts_for_a_protected_client_is_not_told_where_that_client_is_met(app) {
        let (id, _) = client(app, aino()).await;
        let guardian = subject(app, "client").await;
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": id, "subject": guardian, "kind": "GUARDIAN" })).await;
        let mut office = home_visit(app, &id, &[&subject(app, "social-worker").await]);
        (office["kind"], office["plan"]["pairRequired"]) = (json!("OFFICE"), json!(false));
        office["plan"]["details"] = json!({ "from": "Asema", "destination": "Kela", "safetyNote": "Pihalla on koira." });
        let visit = planned_visit(app, office).await;
        let told = async |actor: &str| {
            let seen = seen(app, actor, &visit["id"]).await;
            (seen["from"].clone(), seen["destination"].clone(), seen["safetyNote"].clone())
        };
        let all = (json!("Asema"), json!("Kela"), json!("Pihalla on koira."));
        assert_eq!(told("client").await, all);
        app.done("social-worker", "updateIdentity", "person { version }", json!({ "client": id, "expectedVersion": 1, "identity": aino(), "protected": true })).await;
        assert_eq!(told("client").await, (Value::Null, Value::Null, all.2.clone()));
        assert_eq!(told("social-worker").await, all);
        // The client oneself knows it anyway.
        app.tamper("UPDATE representation SET ended_at = created_at").await;
        account(app, &id).await;
        assert_eq!(told("client").await, all);
    }

    async fn a_case_is_not_closed_over_a_visit(app) {
        let (id, case) = crate::casework::given::begun(app).await;
        let me = subject(app, "social-worker").await;
        let alone = || {
            let mut visit = home_visit(app, &id, &[&me]);
            (visit["kind"], visit["plan"]["pairRequired"], visit["plan"]["details"]) = (json!("OFFICE"), json!(false), json!({ "destination": "Kela" }));
            visit
        };
        let (planned, inside) = (planned_visit(app, alone()).await, planned_visit(app, alone()).await);
        let inside = go(app, "social-worker", "checkInToVisit", &inside, json!({ "at": minutes_ago(20) })).await;
        let close = async |reason: &str| {
            let input = crate::casework::opened::at(app, &case, json!({ "reason": reason, "note": "Päätetään." })).await;
            app.payload("social-worker", "closeCase", "case { stage }", input).await
        };
        let refused = close("NO_NEED").await["userErrors"].clone();
        assert_eq!(refused.as_array().unwrap().iter().filter(|error| error["code"] == "VISIT_OPEN").count(), 2, "{refused}");
        assert_eq!(close("DECEASED").await["case"]["stage"], "CLOSED");
        assert_eq!(app.count("visit", "state = 'CANCELLED' AND report IS NOT NULL").await, 1, "{}", planned["id"]);
        // Whoever is there is still waited for.
        let over = go(app, "social-worker", "checkOutOfVisit", &inside, json!({ "report": { "outcome": "Lähdettiin." } })).await;
        assert_eq!(over["state"], "DONE");
        nothing_is_wrong(app.database()).await;
    }

    async fn where_to_look_for_those_who_are_with_a_protected_client_is_opened_to_whoever_looks(app) {
        let input = json!({ "keeper": app.world.organization("county"), "identity": aino(), "protected": true });
        let id = text(&app.done("social-worker", "registerClient", "client { id }", input).await["client"]["id"]);
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let visit = planned_visit(app, late_visit(app, &id, &[&me, &pair])).await;
        go(app, "social-worker", "checkInToVisit", &visit, json!({ "at": minutes_ago(110) })).await;
        assert_eq!(seen(app, "lead", &visit["id"]).await["address"], Value::Null);
        let reveal = |reason: &str| json!({ "id": visit["id"], "reason": reason });
        let why = "Käynniltä ei ole palattu, eikä puhelimeen vastata.";
        assert_eq!(app.rejected("lead", "revealVisitAddress", "address { street }", reveal("Etsitään")).await, ["TOO_SHORT reason"]);
        for actor in ["lead", "service-guide"] {
            assert_eq!(app.done(actor, "revealVisitAddress", "address { street }", reveal(why)).await["address"]["street"], "Mallikatu 1", "{actor}");
            // And nothing else of the client.
            assert_eq!(app.ask(actor, "query($id: ID!) { client(id: $id) { person { id } } }", json!({ "id": id })).await["client"]["person"], Value::Null, "{actor}");
        }
        let document = TestApp::mutation("revealVisitAddress", "address { street }");
        for actor in ["municipal", "partner", "analyst", "admin"] {
            assert_eq!(app.refuse(actor, &document, json!({ "input": reveal(why) })).await, "NOT_FOUND", "{actor}");
        }
        let flagged = app.ask("dpo", "{ useLog(filter: { flagged: true }) { nodes { what } } }", json!({})).await["useLog"]["nodes"].to_string();
        assert!(flagged.contains("Visit.protectedAddress"), "{flagged}");
        let told = app.ask("dpo", "{ notices(filter: { kinds: [EMERGENCY_ACCESS] }) { totalCount } }", json!({})).await;
        assert_eq!(told["notices"]["totalCount"], 2);
        assert_eq!(app.count("care_relation", "basis = 'BREAK_GLASS' AND reason LIKE 'Käynniltä%' AND expires_at = created_at").await, 2);
        nothing_is_wrong(app.database()).await;
    }

    async fn a_restriction_keeps_nobody_from_coming_back(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let input = home_visit(app, &id, &[&me, &pair]);
        let (inside, planned, other) = (planned_visit(app, input.clone()).await, planned_visit(app, input.clone()).await, planned_visit(app, input.clone()).await);
        let inside = go(app, "social-worker", "checkInToVisit", &inside, json!({ "at": minutes_ago(50) })).await;
        let restrict = json!({ "client": id, "ground": "ACCURACY_CONTESTED", "words": "Asiakas kiistää arvion." });
        app.done("social-worker", "restrictProcessing", "restriction { id }", restrict).await;
        let mut plan = json!({ "plan": input["plan"] });
        assert_eq!(faults(app, "replanVisit", &planned, plan.clone()).await, ["PROCESSING_RESTRICTED "]);
        assert_eq!(faults(app, "checkInToVisit", &planned, json!({})).await, ["PROCESSING_RESTRICTED "]);
        plan["plan"]["dueAt"] = json!(minutes_ago(-90));
        let inside = go(app, "social-worker", "replanVisit", &inside, plan).await;
        let over = go(app, "service-guide", "checkOutOfVisit", &inside, json!({ "report": { "outcome": "Sovittiin jatkosta." } })).await;
        assert_eq!(over["state"], "DONE");
        let right = json!({ "minutes": 40, "report": { "outcome": "Toisin." }, "reason": "Väärä kirjaus" });
        assert_eq!(faults(app, "correctVisit", &over, right).await, ["PROCESSING_RESTRICTED "]);
        assert_eq!(go(app, "social-worker", "recordVisitNotReached", &planned, json!({ "outcome": "Ei avattu." })).await["state"], "NOT_REACHED");
        assert_eq!(go(app, "social-worker", "cancelVisit", &other, json!({ "reason": "Peruttu" })).await["state"], "CANCELLED");
        nothing_is_wrong(app.database()).await;
    }

    async fn under_way_a_plan_changes_only_how_long_it_takes_and_who_comes_along(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let visit = planned_visit(app, home_visit(app, &id, &[&me, &pair])).await;
        let mut moved = aino();
        moved["address"]["street"] = json!("Toinen katu 2");
        app.done("social-worker", "updateIdentity", "person { version }", json!({ "client": id, "expectedVersion": 1, "identity": moved, "protected": false })).await;
        // Planned anew, it goes to where the client lives now.
        let visit = go(app, "social-worker", "replanVisit", &visit, json!({ "plan": home_visit(app, &id, &[&me, &pair])["plan"] })).await;
        assert_eq!(seen(app, "social-worker", &visit["id"]).await["address"]["street"], "Toinen katu 2");
        let inside = go(app, "social-worker", "checkInToVisit", &visit, json!({ "at": minutes_ago(50) })).await;
        let before = seen(app, "social-worker", &visit["id"]).await;
        let due = minutes_ago(-90);
        // What is left out, or said otherwise, is not forgotten.
        let longer = json!({ "plan": { "startsAt": minutes_ago(30), "dueAt": due }, "idempotencyKey": "longer" });
        let first = go(app, "service-guide", "replanVisit", &inside, longer.clone()).await;
        assert_eq!(go(app, "service-guide", "replanVisit", &inside, longer).await, first, "sent again, nothing is done");
        let after = seen(app, "social-worker", &visit["id"]).await;
        for field in ["startsAt", "workers", "pairRequired", "safetyNote", "address"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        assert_eq!(after["dueAt"].as_str().unwrap()[..19], due[..19]);
        let lead = subject(app, "lead").await;
        let more = json!({ "plan": { "startsAt": minutes_ago(30), "dueAt": due, "workers": [lead] } });
        go(app, "social-worker", "replanVisit", &first, more).await;
        assert_eq!(seen(app, "social-worker", &visit["id"]).await["workers"], json!([me, pair, lead]));
        nothing_is_wrong(app.database()).await;
    }

    async fn a_phone_without_coverage_sends_the_whole_visit_again_and_nothing_is_made_twice(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let uuid = "0192f3b0-5a1c-7d2e-8f00-0000000000a1";
        let mut plan = home_visit(app, &id, &[&me, &pair]);
        plan["uuid"] = json!(uuid);
        let named = format!("uuid:{uuid}");
        let rows = json!([
            { "planVisit": plan },
            { "checkInToVisit": { "id": named, "expectedVersion": 1, "at": minutes_ago(90), "idempotencyKey": "in" } },
            { "checkOutOfVisit": { "id": named, "expectedVersion": 2, "at": minutes_ago(30), "report": { "outcome": "Käytiin läpi laskut." }, "idempotencyKey": "out" } },
        ]);
        let batch = "mutation($input: RecordBatchInput!) { recordBatch(input: $input) { rows { state userErrors { code } error { code } payload { ... on VisitPayload { visit { id state minutes } userErrors { code } } } } } }";
        let mut answers = Vec::new();
        for _ in 0..2 {
            let answer = app.ask("social-worker", batch, json!({ "input": { "rows": rows } })).await["recordBatch"]["rows"].clone();
            assert_eq!([0, 1, 2].map(|row| answer[row]["state"].clone()), ["DONE", "DONE", "DONE"], "{answer}");
            answers.push(answer[2]["payload"]["visit"].clone());
        }
        assert_eq!((&answers[0]["state"], &answers[0]["minutes"]), (&json!("DONE"), &json!(60)));
        assert_eq!(answers[0], answers[1]);
        assert_eq!(app.count("visit", "1 = 1").await, 1);
        // The same UUID for another is refused, and somebody unknown is not sent together with a client.
        let mut other = home_visit(app, &id, &[&me, &pair]);
        other["uuid"] = json!(uuid);
        other["kind"] = json!("OFFICE");
        other["plan"]["details"] = json!({ "destination": "Kela" });
        assert_eq!(app.rejected("social-worker", "planVisit", "visit { id }", other.clone()).await, ["IDEMPOTENCY_MISMATCH idempotencyKey"]);
        other["idempotencyKey"] = json!("another");
        assert_eq!(app.rejected("social-worker", "planVisit", "visit { id }", other).await, ["NOT_UNIQUE uuid"]);
        let mut met = crate::outreach_given::contact(app);
        met["organization"] = json!(app.world.organization("county"));
        met["idempotencyKey"] = json!("met");
        let mixed = json!([{ "checkInToVisit": { "id": named, "expectedVersion": 1, "at": minutes_ago(90), "idempotencyKey": "in" } }, { "planVisit": home_visit_keyed(app, &id, &[&me, &pair]) }, { "recordAnonymousContact": met }]);
        let code = "mutation($input: RecordBatchInput!) { recordBatch(input: $input) { rows { state payload { ... on AnonymousContactPayload { userErrors { code } } } } } }";
        let answer = app.ask("social-worker", code, json!({ "input": { "rows": mixed } })).await["recordBatch"]["rows"].clone();
        assert_eq!((&answer[1]["state"], &answer[2]["payload"]["userErrors"]), (&json!("DONE"), &json!([{ "code": "SEND_APART" }])), "{answer}");
        nothing_is_wrong(app.database()).await;
    }

    async fn a_visit_is_recorded_late_and_what_is_wrong_is_told(app) {
        let (id, _) = client(app, aino()).await;
        let late = json!({
            "organization": app.world.organization("county"), "client": id, "kind": "OFFICE", "effectiveDate": "2026-02-02", "minutes": 75,
            "details": { "from": "Asema", "destination": "Kela" }, "report": { "outcome": "Hakemus jätettiin." }, "idempotencyKey": "late",
        });
        let record = async |input: Value| app.done("social-worker", "recordVisit", "visit { id state effectiveDate minutes from destination startsAt workers }", input).await["visit"].clone();
        let made = record(late.clone()).await;
        assert_eq!((&made["state"], &made["effectiveDate"], &made["startsAt"]), (&json!("DONE"), &json!("2026-02-02"), &Value::Null));
        assert_eq!((&made["from"], &made["destination"], &made["workers"]), (&json!("Asema"), &json!("Kela"), &json!([subject(app, "social-worker").await])));
        assert_eq!(record(late.clone()).await["id"], made["id"]);
        let refused = async |field: &str, value: Value| {
            let mut input = late.clone();
            input[field] = value;
            input["idempotencyKey"] = Value::Null;
            app.rejected("social-worker", "recordVisit", "visit { id }", input).await
        };
        assert_eq!(refused("effectiveDate", json!("2199-01-01")).await, ["OUT_OF_RANGE effectiveDate"]);
        assert_eq!(refused("minutes", json!(1441)).await, ["OUT_OF_RANGE minutes"]);
        assert_eq!(refused("details", json!({})).await, ["REQUIRED details.destination"]);
        assert_eq!(refused("report", json!({ "outcome": " " })).await, ["REQUIRED report.outcome"]);
        assert_eq!(refused("workers", json!(["urn:x|nobody"])).await, ["NOT_COLLEAGUE workers.0"]);
        assert_eq!(refused("kind", json!("HOME")).await, ["DOES_NOT_AGREE details.from", "DOES_NOT_AGREE details.destination"]);
        assert_eq!(app.count("visit", "1 = 1").await, 1);
        let mut correct = json!({ "id": made["id"], "expectedVersion": 1, "minutes": -1, "report": { "outcome": "Hakemus." }, "reason": "Virhe" });
        assert_eq!(app.rejected("social-worker", "correctVisit", "visit { id }", correct.clone()).await, ["OUT_OF_RANGE minutes"]);
        correct["minutes"] = json!(70);
        correct["reason"] = json!("");
        assert_eq!(app.rejected("social-worker", "correctVisit", "visit { id }", correct).await, ["REQUIRED reason"]);
    }

    async fn times_that_cannot_be_are_refused_and_nothing_goes_twice(app) {
        let (id, _) = client(app, aino()).await;
        let (me, pair) = (subject(app, "social-worker").await, subject(app, "service-guide").await);
        let mut input = home_visit(app, &id, &[&me, &pair]);
        for (due, told) in [(minutes_ago(1_000), "DATE_ORDER plan.dueAt"), (minutes_ago(-2_000), "OUT_OF_RANGE plan.dueAt")] {
            input["plan"]["dueAt"] = json!(due);
            assert_eq!(app.rejected("social-worker", "planVisit", "visit { id }", input.clone()).await, [told]);
        }
        let mut input = home_visit(app, &id, &[&me, &pair]);
        (input["plan"]["startsAt"], input["plan"]["dueAt"]) = (json!(minutes_ago(1_900)), json!(minutes_ago(1_800)));
        let visit = planned_visit(app, input).await;
        for minutes in [-60, 1_900 + 12 * 60 + 1] {
            assert_eq!(faults(app, "checkInToVisit", &visit, json!({ "at": minutes_ago(minutes) })).await, ["OUT_OF_RANGE at"]);
        }
        assert_eq!(faults(app, "checkOutOfVisit", &visit, json!({ "report": { "outcome": "x" } })).await, ["ILLEGAL_TRANSITION id"]);
        let inside = go(app, "social-worker", "checkInToVisit", &visit, json!({ "at": minutes_ago(2_000) })).await;
        assert_eq!(faults(app, "checkInToVisit", &visit, json!({})).await, ["STALE_VERSION expectedVersion"]);
        assert_eq!(faults(app, "cancelVisit", &inside, json!({ "reason": "Peruttu" })).await, ["ILLEGAL_TRANSITION id"]);
        let out = |minutes: i64| json!({ "at": minutes_ago(minutes), "report": { "outcome": "x" } });
        assert_eq!(faults(app, "checkOutOfVisit", &inside, out(2_001)).await, ["DATE_ORDER at"]);
        assert_eq!(faults(app, "checkOutOfVisit", &inside, out(1)).await, ["OUT_OF_RANGE at"]);
        let over = go(app, "social-worker", "recordVisitNotReached", &inside, json!({ "at": minutes_ago(1_990), "outcome": "Kukaan ei avannut." })).await;
        assert_eq!((&over["state"], &over["minutes"]), (&json!("NOT_REACHED"), &json!(10)));
        let cancelled = planned_visit(app, home_visit(app, &id, &[&me, &pair])).await;
        go(app, "social-worker", "cancelVisit", &cancelled, json!({ "reason": "Asiakas on sairaalassa." })).await;
        let told = seen(app, "social-worker", &cancelled["id"]).await;
        assert_eq!((&told["state"], &told["outcome"], &told["moves"]), (&json!("CANCELLED"), &json!("Asiakas on sairaalassa."), &json!(["VOID"])));
        // A home whose address nobody knows is not gone to.
        let (somebody, _) = client(app, crate::person::given::eino()).await;
        assert_eq!(app.rejected("social-worker", "planVisit", "visit { id }", home_visit(app, &somebody, &[&me, &pair])).await, ["REQUIRED plan.details.address"]);
    }
}

/// A home visit that should have been over an hour ago.
fn late_visit(app: &TestApp, client: &str, workers: &[&str]) -> Value {
    let mut input = home_visit(app, client, workers);
    (input["plan"]["startsAt"], input["plan"]["dueAt"]) = (json!(minutes_ago(120)), json!(minutes_ago(60)));
    input
}

fn home_visit_keyed(app: &TestApp, client: &str, workers: &[&str]) -> Value {
    let mut input = home_visit(app, client, workers);
    input["idempotencyKey"] = json!("keyed");
    input
}
