//! Stories of the front door, as a frontend meets it.
mod gdpr;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;
use tests::stories;

fn get(uri: &str) -> Request<Body> {
    Request::builder().uri(uri).body(Body::empty()).unwrap()
}

stories! {
    async fn it_says_that_it_lives_and_that_it_is_ready(app) {
        assert!(app.send(get("/health/live")).await.status.is_success());
        assert!(app.send(get("/health/ready")).await.status.is_success());
        assert_eq!(app.send(get("/nowhere")).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_public_answer_is_given_again_without_work_and_not_sent_twice(app) {
        let first = app.send(get("/graphql?query=%7Bnetworks%7Bnodes%7Bid%7D%7D%7D")).await;
        assert_eq!(first.status, StatusCode::OK);
        let tag = first.headers[header::ETAG].clone();
        let again = Request::builder().uri("/graphql?query=%7Bnetworks%7Bnodes%7Bid%7D%7D%7D").header(header::IF_NONE_MATCH, &tag).body(Body::empty()).unwrap();
        let second = app.send(again).await;
        assert_eq!((second.status, second.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    }

    async fn what_one_caller_sees_is_never_given_to_another(app) {
        let query = "{ viewer { subject } networks { nodes { access { canUpdate } } } }";
        let admin = app.ask("admin", query, json!({})).await;
        let client = app.ask("client", query, json!({})).await;
        let nobody = app.ask("", query, json!({})).await;
        assert_eq!(admin["viewer"]["subject"], "urn:monituottaja:demo|admin");
        assert_eq!(client["viewer"]["subject"], "urn:monituottaja:demo|client");
        assert!(nobody["viewer"].is_null());
        assert_eq!(nobody["networks"]["nodes"], json!([{ "access": { "canUpdate": false } }, { "access": { "canUpdate": false } }]));
        assert_ne!(admin["networks"], client["networks"]);
    }

    async fn forged_and_foreign_tokens_get_one_and_the_same_refusal(app) {
        let mut bodies = Vec::new();
        let other = api::identity::demo::DemoIssuer::open(tempfile::tempdir().unwrap().path()).unwrap();
        let foreign = other.mint("admin", chrono::Utc::now(), chrono::TimeDelta::hours(1)).unwrap();
        let mut expired = app.token("admin");
        expired.push('x');
        for token in ["nonsense", "a.b.c", &foreign, &expired] {
            let request = Request::builder().method("POST").uri("/graphql").header("content-type", "application/json").header("authorization", format!("Bearer {token}"));
            let mut answer = app.send(request.body(Body::from(r#"{"query":"{ __typename }"}"#)).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            answer.body["errors"][0]["extensions"].as_object_mut().unwrap().remove("requestId");
            bodies.push(answer.body);
        }
        assert!(bodies.windows(2).all(|two| two[0] == two[1]), "{bodies:?}");
    }

    async fn messages_speak_the_language_of_the_request(app) {
        for (language, words) in [("fi", "Tämä tieto puuttuu."), ("sv;q=1, fi;q=0.5", "Uppgiften saknas."), ("de, en;q=0.8", "This is missing.")] {
            let query = tests::TestApp::mutation("createService", "service { id }");
            let content = json!({ "name": { "fi": "" }, "provision": "OWN", "form": "GROUP", "chargeType": "FREE" });
            let body = json!({ "query": query, "variables": { "input": { "organization": app.world.organization("ngo"), "content": content } } });
            let request = Request::builder().method("POST").uri("/graphql").header("content-type", "application/json");
            let request = request.header("accept-language", language).header("authorization", format!("Bearer {}", app.token("partner")));
            let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!(answer.body["data"]["createService"]["userErrors"][0]["message"], words, "{}", answer.text);
        }
    }

    async fn a_field_that_must_not_be_null_takes_what_is_above_it_along(app) {
        let whole = app.post("", "{ viewer { subject } services(edition: WORKING) { totalCount } }", json!({})).await;
        assert_eq!((whole.status, whole.code()), (StatusCode::OK, "UNAUTHENTICATED"));
        assert!(whole.text.ends_with(r#""data":null}"#), "{}", whole.text);
        assert_eq!(whole.body["errors"][0]["path"], json!(["services"]));
    }

    async fn an_answer_has_the_order_of_its_question(app) {
        let query = "{ z: viewer { roles subject } networks(first: 1) { totalCount pageInfo { hasNextPage } nodes { ...N id } } a: viewer { subject } } fragment N on Network { __typename name { en fi } }";
        let answer = app.post("admin", query, json!({})).await;
        let keys: Vec<_> = [r#""z":{"roles""#, r#""subject""#, r#""networks":{"totalCount""#, r#""pageInfo""#, r#""nodes":[{"__typename""#, r#""name":{"en""#, r#""id""#, r#""a":"#]
            .map(|key| answer.text.find(key).unwrap_or_else(|| panic!("{key}: {}", answer.text)))
            .into();
        assert!(keys.is_sorted(), "{}", answer.text);
    }

    async fn pages_have_a_size_that_is_told(app) {
        assert_eq!(app.refuse("", "{ areas(first: 101) { totalCount } }", json!({})).await, "PAGE_SIZE_TOO_LARGE");
        assert_eq!(app.refuse("", "{ areas(first: 1, last: 1) { totalCount } }", json!({})).await, "BAD_INPUT");
        assert_eq!(app.refuse("", r#"{ areas(after: "nonsense!") { totalCount } }"#, json!({})).await, "BAD_INPUT");
        let found = app.ask("", "{ areas { totalCount nodes { id } } }", json!({})).await;
        assert_eq!((found["areas"]["totalCount"].as_i64(), found["areas"]["nodes"].as_array().map(Vec::len)), (Some(332), Some(25)));
    }

    async fn a_cursor_is_the_same_however_it_is_asked_for(app) {
        let whole = app.ask("", "{ areas(first: 3) { edges { cursor node { id } } pageInfo { startCursor endCursor } } }", json!({})).await;
        let cursor = |at: usize| whole["areas"]["edges"][at]["cursor"].clone();
        assert_eq!(whole["areas"]["pageInfo"], json!({ "startCursor": cursor(0), "endCursor": cursor(2) }));
        for question in [
            "{ areas(first: 3) { nodes { id } pageInfo { end: endCursor } } }",
            "{ areas(first: 3) { ...F } } fragment F on AreaConnection { info: pageInfo { ... on PageInfo { endCursor } } }",
            "{ areas(first: 3) { ...F } } fragment F on AreaConnection { edges { ...E } } fragment E on AreaEdge { c: cursor }",
        ] {
            let part = app.ask("", question, json!({})).await;
            assert!(part.to_string().contains(&cursor(2).to_string()), "{question}: {part}");
        }
        let next = app.ask("", "query($after: String) { areas(first: 1, after: $after) { edges { cursor } } }", json!({ "after": cursor(1) })).await;
        assert_eq!(next["areas"]["edges"][0]["cursor"], cursor(2));
        let back = app.ask("", "query($before: String) { areas(last: 2, before: $before) { pageInfo { startCursor } } }", json!({ "before": cursor(2) })).await;
        assert_eq!(back["areas"]["pageInfo"]["startCursor"], cursor(0));
    }
}
