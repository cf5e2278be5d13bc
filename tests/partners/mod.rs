//! Partners who keep a copy of the catalogue: the feed of its changes, and all of it at once.
pub mod copy;
mod description;
pub mod receiver;
mod tables;
pub mod webhook;

use crate::{
    catalogue_given::{agreed_venue, offering, published, whole_service},
    hsds::{fetch, refused, rich, uuid},
};
use axum::http::{Method, StatusCode, header};
use copy::{Copy, lines};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tests::{TestApp, stories};

/// What GraphQL answers to the same question.
async fn asked(app: &TestApp, arguments: &str) -> Value {
    let query =
        format!("{{ changes({arguments}) {{ cursor hasMore changes {{ cursor at happening kind subjectId networkId deletedAt subject {{ id }} }} }} }}");
    app.ask("", &query, json!({})).await["changes"].clone()
}

/// The version of a working copy, by the name of its query.
async fn version(app: &TestApp, query: &str, id: &str) -> Value {
    let query_of_it = format!("query($id: ID!) {{ {query}(id: $id, edition: WORKING) {{ version }} }}");
    app.ask("partner", &query_of_it, json!({ "id": id })).await[query]["version"].clone()
}

async fn withdraw(app: &TestApp, service: &str) {
    let version = version(app, "service", service).await;
    app.done("partner", "withdrawService", "service { id }", json!({ "id": service, "expectedVersion": version })).await;
}

/// The happenings, the kinds and what became of the things that are told.
fn in_short(told: &[Value]) -> Vec<(&str, &str, bool)> {
    told.iter().map(|line| (line["happening"].as_str().unwrap(), line["kind"].as_str().unwrap(), line["object"].is_object())).collect()
}

stories! {
    async fn whoever_follows_the_feed_from_nothing_has_the_catalogue(app) {
        let rich = rich(app).await;
        let mut copy = Copy::default();
        // By few at a time, too.
        copy.follow(app, "&limit=7").await;
        let mut whole = Copy::exported(app).await;
        assert_eq!(copy, whole);
        assert!(whole.count("AREA") > 300 && whole.count("SERVICE") == 3 && whole.count("SERVICE_OFFERING") == 4 && whole.count("VENUE") == 1);
        let thing = whole.things[&format!("SERVICE_OFFERING {}", uuid(&rich.at_venue))].clone();
        assert_eq!((&thing["id"], &thing["service"], &thing["content"]["venue"]), (&json!(rich.at_venue), &json!(uuid(&rich.service)), &json!(uuid(&rich.venue))));
        assert_eq!((&thing["placesTaken"], &thing["freePlaces"], &thing["reservedFree"]), (&json!(0), &json!(6), &json!(2)));
        assert_eq!((thing["sessions"].as_array().unwrap().len(), &thing["sessions"][0]["leader"], &thing["sessions"][0]["state"]), (4, &json!("Aino"), &json!("PLANNED")));
        assert!(!thing.to_string().contains("leaderAccount") && !thing.to_string().contains("networkTaken"));

        // What GraphQL lists of each kind is what the copy holds, neither more nor less.
        for (list, kind) in [
            ("networks", "NETWORK"), ("organizations", "ORGANIZATION"), ("serviceUnits", "SERVICE_UNIT"), ("areas", "AREA"), ("venues", "VENUE"),
            ("transportRoutes", "TRANSPORT_ROUTE"), ("services", "SERVICE"), ("serviceOfferings", "SERVICE_OFFERING"),
        ] {
            let total = app.ask("", &format!("{{ {list} {{ totalCount }} }}"), json!({})).await[list]["totalCount"].as_u64().unwrap();
            assert_eq!(total, u64::try_from(whole.count(kind)).unwrap(), "{kind}");
        }

        // From the export on, only what has changed since is told.
        assert_eq!(whole.follow(app, "").await, Vec::<Value>::new());
        let seen = version(app, "serviceOffering", &rich.at_venue).await;
        app.done("partner", "reportPlacesTaken", "serviceOffering { id }", json!({ "id": rich.at_venue, "expectedVersion": seen, "placesTaken": 3 })).await;
        withdraw(app, &rich.remote).await;
        let told = whole.follow(app, "").await;
        assert_eq!(in_short(&told), [("PLACES_CHANGED", "SERVICE_OFFERING", true), ("WITHDRAWN", "SERVICE", false), ("WITHDRAWN", "SERVICE_OFFERING", false)]);
        assert_eq!((&told[0]["object"]["placesTaken"], &told[0]["deletedAt"], &told[1]["deletedAt"]), (&json!(3), &Value::Null, &told[1]["at"]));
        assert_eq!((&told[1]["uuid"], &told[2]["id"]), (&json!(uuid(&rich.remote)), &json!(rich.remotely)));
        assert_eq!(whole, Copy::exported(app).await);
        // And whoever begins anew does not learn what has left.
        let mut anew = Copy::default();
        let told = anew.follow(app, "").await;
        assert_eq!(anew, whole);
        assert!(!told.iter().any(|line| line["uuid"] == json!(uuid(&rich.remote)) && line["object"] != Value::Null));
    }

    async fn the_feed_is_the_same_in_graphql(app) {
        let rich = rich(app).await;
        withdraw(app, &rich.remote).await;
        let (mut since, mut cursors) = (String::new(), Vec::new());
        loop {
            let page = asked(app, &format!("since: \"{since}\", first: 100")).await;
            let told = lines(app, &format!("/catalogue/changes?since={since}&limit=100")).await;
            let (end, told) = told.split_last().unwrap();
            assert_eq!((&page["cursor"], &page["hasMore"]), (&end["cursor"], &end["hasMore"]));
            let changes = page["changes"].as_array().unwrap();
            assert_eq!(changes.len(), told.len());
            for (change, line) in changes.iter().zip(told) {
                for (ours, theirs) in [("cursor", "cursor"), ("happening", "happening"), ("kind", "kind"), ("subjectId", "id")] {
                    assert_eq!(change[ours], line[theirs], "{ours}");
                }
                assert_eq!((change["subject"].is_null(), change["deletedAt"].is_null()), (line["object"].is_null(), line.get("deletedAt").is_none()));
                cursors.push(change["cursor"].as_str().unwrap().to_owned());
            }
            since = end["cursor"].as_str().unwrap().to_owned();
            if end["hasMore"] == json!(false) {
                break;
            }
        }
        // A cursor of the one is a cursor of the other, and of the subscription.
        let from = &cursors[cursors.len() - 3];
        assert_eq!(asked(app, &format!("since: \"{from}\"")).await["changes"].as_array().unwrap().len(), 2);
        let query = format!("subscription {{ catalogueChanged(after: \"{from}\", first: 2) {{ cursor }} }}");
        let heard = app.listen("", &query).await.heard(Duration::from_secs(2)).await;
        assert_eq!(heard.iter().map(|event| event["data"]["catalogueChanged"]["cursor"].as_str().unwrap()).collect::<Vec<_>>(), cursors[cursors.len() - 2..]);
        for (arguments, code) in [("first: 101", "PAGE_SIZE_TOO_LARGE"), ("first: 0", "BAD_INPUT"), ("since: \"nonsense\"", "CURSOR_UNKNOWN")] {
            assert_eq!(app.refuse("", &format!("{{ changes({arguments}) {{ cursor }} }}"), json!({})).await, code, "{arguments}");
        }
        // Whoever asks is told the same.
        for actor in ["partner", "admin-x"] {
            let answer = app.ask(actor, "{ changes(first: 100) { cursor changes { subjectId } } }", json!({})).await;
            assert_eq!(answer, app.ask("", "{ changes(first: 100) { cursor changes { subjectId } } }", json!({})).await, "{actor}");
        }
    }

    async fn only_the_kinds_that_are_asked_for_are_told(app) {
        let rich = rich(app).await;
        let mut some = Copy::default();
        let told = some.follow(app, "&types=SERVICE,VENUE&limit=2").await;
        assert_eq!(told.iter().map(|line| line["kind"].as_str().unwrap()).collect::<BTreeSet<_>>(), BTreeSet::from(["SERVICE", "VENUE"]));
        let whole = Copy::exported(app).await;
        let wanted = |copy: &Copy| copy.things.iter().filter(|(key, _)| key.starts_with("SERVICE ") || key.starts_with("VENUE ")).map(|(key, thing)| (key.clone(), thing.clone())).collect::<Vec<_>>();
        assert_eq!((some.things.clone().into_iter().collect::<Vec<_>>(), &some.cursor), (wanted(&whole), &whole.cursor), "and one has come as far as anybody");
        // What is of other kinds is passed over, and not read again.
        withdraw(app, &rich.at_home).await;
        let told = some.follow(app, "&types=NETWORK").await;
        assert_eq!((told, &some.cursor), (Vec::new(), &Copy::exported(app).await.cursor));
        assert!(asked(app, &format!("since: \"{}\", types: [SERVICE]", whole.cursor)).await["changes"][0]["deletedAt"].is_string());
    }

    async fn a_venue_that_goes_is_not_named_any_more_and_one_that_comes_back_is(app) {
        let rich = rich(app).await;
        let mut copies = [Copy::exported(app).await, Copy::exported(app).await];
        let [all, offerings] = &mut copies;
        let before = all.clone();
        app.done("partner", "withdrawVenue", "venue { id }", json!({ "id": rich.venue, "expectedVersion": 3 })).await;
        let told = all.follow(app, "").await;
        // What names it is told anew, from the place that was asked from, and then the change itself.
        assert_eq!(in_short(&told), [("CHANGED", "TRANSPORT_ROUTE", true), ("CHANGED", "SERVICE_OFFERING", true), ("WITHDRAWN", "VENUE", false)]);
        assert!(told[..2].iter().all(|line| line["cursor"] == json!(before.cursor)) && told[2]["cursor"] != json!(before.cursor));
        assert_eq!(*all, Copy::exported(app).await);
        let left = serde_json::to_string(&all.things).unwrap();
        assert!(!left.contains(&uuid(&rich.venue)), "its id is not told either");
        // Whoever follows offerings alone learns it too.
        let told = offerings.follow(app, "&types=SERVICE_OFFERING").await;
        assert_eq!(in_short(&told), [("CHANGED", "SERVICE_OFFERING", true)]);
        assert_eq!((offerings.things[&format!("SERVICE_OFFERING {}", uuid(&rich.at_venue))]["content"].get("venue"), &offerings.cursor), (None, &all.cursor));
        // A subscription tells each change once, and only that.
        let query = format!("subscription {{ catalogueChanged(after: \"{}\", first: 1) {{ kind }} }}", before.cursor);
        assert_eq!(app.listen("", &query).await.heard(Duration::from_secs(2)).await[0]["data"]["catalogueChanged"]["kind"], "VENUE");
    }

    async fn cursors_that_were_never_told_are_refused(app) {
        published(app, "partner", "ngo", whole_service("Palvelu")).await;
        let told = lines(app, "/catalogue/changes").await;
        let (first, last) = (told[0]["cursor"].as_str().unwrap(), told.last().unwrap()["cursor"].as_str().unwrap());
        let (place, id) = api::store::decode_cursor(last).unwrap();
        let (_, other) = api::store::decode_cursor(first).unwrap();
        let made = |place: &str, id: uuid::Uuid| api::store::encode_cursor(place, id);
        let later = format!("{:020}", place.parse::<i64>().unwrap() + 1);
        let offering = app.ask("", "{ areas(first: 1) { pageInfo { endCursor } } }", json!({})).await["areas"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
        for (cursor, code) in [
            ("nonsense".to_owned(), "CURSOR_UNKNOWN"), (made(&place, other), "CURSOR_UNKNOWN"), (made(&format!("{:020}", 0), id), "CURSOR_UNKNOWN"),
            (made(place.trim_start_matches('0'), id), "CURSOR_UNKNOWN"), (made("-1", id), "CURSOR_UNKNOWN"), (offering, "CURSOR_UNKNOWN"), (last[1..].to_owned(), "CURSOR_UNKNOWN"),
            (made(&later, id), "CURSOR_AHEAD"), (made(&i64::MAX.to_string(), id), "CURSOR_UNKNOWN"), (made(&format!("{:020}", i64::MAX), id), "CURSOR_AHEAD"),
        ] {
            assert_eq!(refused(app, &format!("/catalogue/changes?since={cursor}")).await, (400, code.into(), "since".into()), "{cursor}");
            let query = format!("{{ changes(since: \"{cursor}\") {{ cursor }} }}");
            assert_eq!(app.refuse("", &query, json!({})).await, code, "{cursor}");
        }
        for (query, parameter) in [("types=service", "types"), ("limit=0", "limit"), ("limit=1001", "limit"), ("wait=31", "wait"), ("x=1", "x"), ("since=a&since=b", "since"), ("format=ndjson", "format")] {
            assert_eq!(refused(app, &format!("/catalogue/changes?{query}")).await, (400, "BAD_INPUT".into(), parameter.into()), "{query}");
        }
        assert_eq!(refused(app, "/catalogue/export?format=csv").await, (400, "BAD_INPUT".into(), "format".into()));
        for nowhere in ["/catalogue/x", "/catalogue/changes/x", "/catalogue//changes"] {
            assert_eq!(refused(app, nowhere).await.0, 404, "{nowhere}");
        }
        let posted = fetch(app, Method::POST, "/catalogue/changes", &[]).await;
        assert_eq!((posted.status, posted.body["code"].as_str(), posted.headers[header::ALLOW].to_str().unwrap()), (StatusCode::METHOD_NOT_ALLOWED, Some("METHOD_NOT_ALLOWED"), "GET, HEAD"));
        assert_eq!(fetch(app, Method::GET, "/catalogue/changes", &[(header::AUTHORIZATION, "Bearer nonsense")]).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn whoever_waits_is_told_once_there_is_something(app) {
        let here = Copy::exported(app).await.cursor;
        let begun = Instant::now();
        let told = lines(app, &format!("/catalogue/changes?since={here}&wait=1")).await;
        assert!(told.len() == 1 && begun.elapsed() >= Duration::from_secs(1) && told[0]["cursor"] == json!(here), "nothing came: {told:?}");
        let begun = Instant::now();
        let address = format!("/catalogue/changes?since={here}&wait=30&types=SERVICE");
        let (told, _) = tokio::join!(lines(app, &address), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            // Not what is waited for.
            agreed_venue(app, true).await;
            published(app, "partner", "ngo", whole_service("Palvelu")).await
        });
        assert_eq!(in_short(&told[..1]), [("PUBLISHED", "SERVICE", true)]);
        assert!(told.len() == 2 && begun.elapsed() < Duration::from_secs(25), "{told:?}");
        // What another process has committed is waited for as well.
        let second = app.second_process().await;
        let here = told[1]["cursor"].as_str().unwrap().to_owned();
        let address = format!("/catalogue/changes?since={here}&wait=30");
        let (told, ()) = tokio::join!(lines(app, &address), async {
            let input = json!({ "organization": app.world.organization("ngo"), "content": { "name": { "fi": "Toinen" }, "area": app.world.municipality("297") } });
            let made = app.post_to(&second, "partner", &TestApp::mutation("createServiceUnit", "serviceUnit { id }"), json!({ "input": input })).await;
            assert_eq!(made.body["data"]["createServiceUnit"]["userErrors"], json!([]), "{}", made.text);
        });
        assert_eq!(in_short(&told[..1]), [("PUBLISHED", "SERVICE_UNIT", true)]);
    }

    async fn what_is_known_is_not_sent_again_and_what_is_sent_is_packed(app) {
        rich(app).await;
        let tagged = async |path: &str| {
            let answer = fetch(app, Method::GET, path, &[]).await;
            (answer.headers[header::ETAG].to_str().unwrap().to_owned(), answer.headers[header::CACHE_CONTROL].to_str().unwrap().to_owned())
        };
        for (path, keep) in [("/catalogue/changes", "no-cache"), ("/catalogue/export", "public, max-age=60"), ("/catalogue/export?format=hsds-csv", "public, max-age=60"), ("/catalogue/openapi.json", "public, max-age=60")] {
            let (tag, told) = tagged(path).await;
            assert_eq!(told, keep, "{path}");
            let again = fetch(app, Method::GET, path, &[(header::IF_NONE_MATCH, &tag)]).await;
            assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
            let head = fetch(app, Method::HEAD, path, &[]).await;
            assert_eq!((head.status, head.text.as_str(), head.headers[header::ETAG].to_str().unwrap()), (StatusCode::OK, "", tag.as_str()), "{path}");
            let packed = fetch(app, Method::GET, path, &[(header::ACCEPT_ENCODING, "gzip")]).await;
            assert_eq!(packed.headers.get(header::CONTENT_ENCODING).map(|how| how.to_str().unwrap()), (!path.ends_with("csv")).then_some("gzip"), "{path}");
        }
        let (changes, export) = (tagged("/catalogue/changes").await.0, tagged("/catalogue/export").await.0);
        published(app, "partner", "ngo", whole_service("Toinen")).await;
        assert!(tagged("/catalogue/changes").await.0 != changes && tagged("/catalogue/export").await.0 != export);
    }

    async fn what_is_not_public_is_never_in_the_feed(app) {
        let (draft, _) = crate::catalogue_given::draft(app, "partner", "ngo", whole_service("Salainen luonnos")).await;
        let venue = crate::catalogue_given::found_venue(app, true).await;
        let service = published(app, "partner", "ngo", whole_service("Julkinen")).await;
        let seen = version(app, "service", &service).await;
        app.done("partner", "updateService", "service { id }", json!({ "id": service, "expectedVersion": seen, "content": whole_service("Salainen muutos") })).await;
        offering(app, "partner", "ngo", &service, json!({ "startsOn": "2035-01-01", "unit": crate::catalogue_given::unit(app, "partner", "ngo").await })).await;
        for token in [None, Some(app.token("partner"))] {
            for path in ["/catalogue/changes", "/catalogue/export"] {
                let bearer = token.as_ref().map(|token| format!("Bearer {token}"));
                let headers: Vec<_> = bearer.iter().map(|bearer| (header::AUTHORIZATION, bearer.as_str())).collect();
                let told = fetch(app, Method::GET, path, &headers).await.text;
                assert!(told.contains("Julkinen") && !told.contains("Salainen"), "{path}");
                assert!(!told.contains(&uuid(&draft)) && !told.contains(&uuid(&venue)), "{path}");
            }
        }
    }
}
