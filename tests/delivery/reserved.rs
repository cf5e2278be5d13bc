//! Places that are kept for clients of the network.
use super::given::{taken_on, walk_in};
use crate::{
    catalogue_given::{offering, published, whole_service},
    person::given::{account, aino, client, eino, text},
    promise::{
        by_time::{loose, stuck},
        wrong::nothing_is_wrong,
    },
};
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

/// A published group of the association that keeps some of its places.
async fn keeping(app: &TestApp, capacity: i32, reserved: i32, more: Value) -> String {
    let mut service = whole_service("Kurssi");
    service["deliveryForms"] = json!(["REMOTE"]);
    let service = published(app, "partner", "ngo", service).await;
    let mut content = json!({ "startsOn": "2026-01-01", "capacity": capacity, "reservedPlaces": reserved, "waitlistMax": 5 });
    for (field, value) in more.as_object().unwrap() {
        content[field] = value.clone();
    }
    offering(app, "partner", "ngo", &service, content).await
}

async fn places(app: &TestApp, offering: &str) -> (Value, Value, Value) {
    let seen = app.ask("", "query($id: ID!) { serviceOffering(id: $id) { placesTaken freePlaces reservedFree } }", json!({ "id": offering })).await;
    let seen = &seen["serviceOffering"];
    (seen["placesTaken"].clone(), seen["freePlaces"].clone(), seen["reservedFree"].clone())
}

async fn state(app: &TestApp, participation: &Value) -> String {
    text(&app.ask("partner", "query($id: ID!) { participation(id: $id) { state } }", json!({ "id": participation["id"] })).await["participation"]["state"])
}

async fn report(app: &TestApp, offering: &str, taken: i32) -> Vec<String> {
    let seen = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { version } }", json!({ "id": offering })).await;
    let input = json!({ "id": offering, "expectedVersion": seen["serviceOffering"]["version"], "placesTaken": taken });
    let payload = app.payload("partner", "reportPlacesTaken", "serviceOffering { id }", input).await;
    payload["userErrors"].as_array().unwrap().iter().map(|error| text(&error["code"])).collect()
}

stories! {
    async fn places_reported_while_a_client_is_registered_count_that_client(app) {
        let (aino, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &aino).await;
        for _ in 0..6 {
            let group = keeping(app, 10, 4, json!({})).await;
            let seen = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { version } }", json!({ "id": group })).await;
            let reported = json!({ "id": group, "expectedVersion": seen["serviceOffering"]["version"], "placesTaken": 3 });
            tokio::join!(
                app.payload("social-worker", "registerParticipation", "participation { id }", json!({ "client": aino, "offering": group, "referral": referral })),
                app.payload("partner", "reportPlacesTaken", "serviceOffering { id }", reported)
            );
        }
        let placed = "SELECT COUNT(*) FROM participation p WHERE p.offering_id = service_offering.id AND p.state = 'ENROLLED'";
        assert_eq!(app.count("service_offering", &format!("network_taken <> ({placed})")).await, 0);
    }

    async fn kept_places_are_for_those_who_are_referred(app) {
        let group = keeping(app, 3, 1, json!({})).await;
        assert_eq!(places(app, &group).await, (json!(0), json!(2), json!(1)));
        let (first, second, third) = (walk_in(app, &group, "A").await, walk_in(app, &group, "B").await, walk_in(app, &group, "C").await);
        assert_eq!([state(app, &first).await, state(app, &second).await, state(app, &third).await], ["ENROLLED", "ENROLLED", "WAITLISTED"]);
        assert_eq!(places(app, &group).await, (json!(2), json!(0), json!(1)));
        let filtered = async |filter: &str| app.ask("", &format!("{{ serviceMap(filter: {{ {filter} }}) {{ totalCount }} }}"), json!({})).await["serviceMap"]["totalCount"].clone();
        assert_eq!((filtered("hasFreePlaces: true").await, filtered("hasReservedPlaces: true").await), (json!(0), json!(1)));
        // A client who registers oneself without a referral has none of them; one who is referred has, before those who wait for the others.
        let (aino, _) = client(app, aino()).await;
        account(app, &aino).await;
        let own = json!({ "client": aino, "offering": group, "textVersion": "x" });
        assert_eq!(app.done("client", "registerParticipation", "participation { state }", own).await["participation"]["state"], "WAITLISTED");
        let (eino, _) = client(app, eino()).await;
        let (referral, _) = taken_on(app, &eino).await;
        let referred = json!({ "client": eino, "offering": group, "referral": referral });
        let made = app.done("social-worker", "registerParticipation", "participation { id state version }", referred).await["participation"].clone();
        assert_eq!(made["state"], "ENROLLED");
        assert_eq!(places(app, &group).await, (json!(3), json!(0), json!(0)));
        // Given up, the kept place waits for the next who is referred, and goes to nobody else.
        let end = json!({ "id": made["id"], "expectedVersion": made["version"], "why": "OTHER" });
        app.done("social-worker", "cancelParticipation", "participation { state }", end).await;
        assert_eq!((state(app, &third).await, places(app, &group).await), ("WAITLISTED".to_owned(), (json!(2), json!(0), json!(1))));
        nothing_is_wrong(app.database()).await;
        // An open place that comes free is for whoever came first.
        let end = json!({ "id": first["id"], "expectedVersion": first["version"], "why": "OTHER" });
        app.done("partner", "cancelParticipation", "participation { state }", end).await;
        assert_eq!(state(app, &third).await, "ENROLLED");
        nothing_is_wrong(app.database()).await;
    }

    async fn places_told_of_by_hand_use_none_that_are_kept(app) {
        let group = keeping(app, 10, 4, json!({})).await;
        assert_eq!(report(app, &group, 7).await, ["OVER_CAPACITY"]);
        assert!(report(app, &group, 6).await.is_empty());
        assert_eq!(places(app, &group).await, (json!(6), json!(0), json!(4)));
        let (aino, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &aino).await;
        app.done("social-worker", "registerParticipation", "participation { id }", json!({ "client": aino, "offering": group, "referral": referral })).await;
        assert_eq!(places(app, &group).await, (json!(7), json!(0), json!(3)));
        // Whoever is referred is among those that are told of.
        assert!(report(app, &group, 7).await.is_empty());
        assert_eq!(report(app, &group, 8).await, ["OVER_CAPACITY"]);
        assert_eq!(places(app, &group).await, (json!(7), json!(0), json!(3)));
    }

    async fn what_is_kept_lapses_by_its_day_and_goes_to_those_who_wait(app) {
        let group = keeping(app, 2, 1, json!({ "reservedUntil": "2099-01-01" })).await;
        walk_in(app, &group, "A").await;
        let second = walk_in(app, &group, "B").await;
        assert_eq!(state(app, &second).await, "WAITLISTED");
        assert_eq!(api::job::due(&app.store().await).await.given, 0);
        let version = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { version } }", json!({ "id": group })).await["serviceOffering"]["version"].clone();
        let content = json!({ "startsOn": "2026-01-01", "capacity": 2, "reservedPlaces": 1, "reservedUntil": "2026-02-01", "waitlistMax": 5 });
        let changed = json!({ "id": group, "expectedVersion": version, "content": content });
        let version = app.done("partner", "updateServiceOffering", "serviceOffering { version }", changed).await["serviceOffering"]["version"].clone();
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", json!({ "id": group, "expectedVersion": version })).await;
        assert_eq!(places(app, &group).await, (json!(1), json!(1), json!(0)));
        // Nobody passes those who wait, and they have it within the minute.
        assert_eq!(walk_in(app, &group, "C").await["state"], "WAITLISTED");
        assert_eq!(api::job::due(&app.store().await).await.given, 1);
        assert_eq!(state(app, &second).await, "ENROLLED");
        assert_eq!(app.count("service_offering", "places_taken = 2 AND network_taken = 0").await, 1);
    }

    async fn nobody_is_given_a_place_where_everything_is_over(app) {
        let group = keeping(app, 2, 1, json!({ "reservedUntil": in_days(5), "endsOn": in_days(4) })).await;
        walk_in(app, &group, "A").await;
        let second = walk_in(app, &group, "B").await;
        assert_eq!(state(app, &second).await, "WAITLISTED");
        // Kept until a day after the end: what lapses then is of use to nobody.
        assert_eq!(api::job::due(&app.later(8).await).await.given, 0);
        assert_eq!(state(app, &second).await, "LEFT_QUEUE");
    }

    async fn what_was_agreed_with_others_gives_no_place_of_the_keepers_own(app) {
        let (aino, _) = client(app, aino()).await;
        account(app, &aino).await;
        let (referral, _) = taken_on(app, &aino).await;
        let own = crate::delivery::given::offered(app, "service-guide", "county", 2, 0).await;
        let input = json!({ "client": aino, "offering": own, "referral": referral, "textVersion": "x" });
        assert_eq!(app.rejected("client", "registerParticipation", "participation { id }", input).await, ["DOES_NOT_AGREE referral"]);
        nothing_is_wrong(app.database()).await;
    }

    async fn fewer_places_in_all_do_not_take_what_is_kept(app) {
        let group = keeping(app, 10, 4, json!({})).await;
        assert!(report(app, &group, 4).await.is_empty());
        let update = async |capacity: i32| {
            let seen = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { version } }", json!({ "id": group })).await;
            let content = json!({ "startsOn": "2026-01-01", "capacity": capacity, "reservedPlaces": 4, "waitlistMax": 5 });
            let input = json!({ "id": group, "expectedVersion": seen["serviceOffering"]["version"], "content": content });
            let payload = app.payload("partner", "updateServiceOffering", "serviceOffering { id }", input).await;
            payload["userErrors"].as_array().unwrap().iter().map(|error| format!("{} {}", error["code"], error["limit"])).collect::<Vec<_>>()
        };
        assert_eq!(update(7).await.len(), 1, "four are others' and four are kept");
        assert!(update(8).await.is_empty());
        // Until that is published, places are taken by what everybody sees; that there are as many, or fewer, can be told all the same.
        walk_in(app, &group, "A").await;
        assert_eq!(report(app, &group, 6).await, ["OVER_CAPACITY"]);
        assert!(report(app, &group, 5).await.is_empty());
        assert!(report(app, &group, 3).await.is_empty());
    }

    async fn one_whose_row_fails_keeps_nobody_else_waiting(app) {
        let group = keeping(app, 2, 1, json!({ "reservedUntil": "2099-01-01" })).await;
        walk_in(app, &group, "A").await;
        let (second, third) = (walk_in(app, &group, "B").await, walk_in(app, &group, "C").await);
        let version = app.ask("partner", "query($id: ID!) { serviceOffering(id: $id, edition: WORKING) { version } }", json!({ "id": group })).await["serviceOffering"]["version"].clone();
        let content = json!({ "startsOn": "2026-01-01", "capacity": 3, "waitlistMax": 5 });
        let changed = json!({ "id": group, "expectedVersion": version, "content": content });
        let version = app.done("partner", "updateServiceOffering", "serviceOffering { version }", changed).await["serviceOffering"]["version"].clone();
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", json!({ "id": group, "expectedVersion": version })).await;
        let id = domain::id::split_public(second["id"].as_str().unwrap()).unwrap().1;
        stuck(app, "participation", &format!("OLD.id = {}", tests::literal(app.database(), id))).await;
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.given, done.failed), (1, 1));
        assert_eq!((state(app, &second).await, state(app, &third).await), ("WAITLISTED".to_owned(), "ENROLLED".to_owned()));
        loose(app, "participation").await;
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.given, done.failed, state(app, &second).await), (1, 0, "ENROLLED".to_owned()));
        nothing_is_wrong(app.database()).await;
    }

    async fn no_more_is_kept_than_there_is(app) {
        let service = published(app, "partner", "ngo", whole_service("Kurssi")).await;
        for (content, refusals) in [
            (json!({ "capacity": 5, "reservedPlaces": 6 }), ["OVER_CAPACITY content.reservedPlaces"]),
            (json!({ "capacity": 5, "reservedPlaces": -1 }), ["OUT_OF_RANGE content.reservedPlaces"]),
            (json!({ "reservedPlaces": 1 }), ["REQUIRED content.capacity"]),
            (json!({ "capacity": 5, "reservedUntil": "2035-01-01" }), ["REQUIRED content.reservedPlaces"]),
        ] {
            let input = json!({ "service": service, "provider": app.world.organization("ngo"), "content": content });
            assert_eq!(app.rejected("partner", "createServiceOffering", "serviceOffering { id }", input).await, refusals, "{content}");
        }
        // Nor what others have already, told when it is written and when it is published.
        let group = keeping(app, 3, 0, json!({})).await;
        for alias in ["A", "B"] {
            walk_in(app, &group, alias).await;
        }
        let content = |reserved: i32| json!({ "startsOn": "2026-01-01", "capacity": 3, "reservedPlaces": reserved, "waitlistMax": 5 });
        let update = |reserved: i32| json!({ "id": group, "expectedVersion": 2, "content": content(reserved) });
        assert_eq!(app.rejected("partner", "updateServiceOffering", "serviceOffering { id }", update(2)).await, ["OVER_CAPACITY content.reservedPlaces"]);
        app.done("partner", "updateServiceOffering", "serviceOffering { id }", update(1)).await;
        walk_in(app, &group, "C").await;
        let publish = json!({ "id": group, "expectedVersion": 3 });
        assert_eq!(app.rejected("partner", "publishServiceOffering", "serviceOffering { id }", publish).await, ["OVER_CAPACITY content.reservedPlaces"]);
        nothing_is_wrong(app.database()).await;
    }
}
