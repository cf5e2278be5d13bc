//! The pair of the City of Helsinki's GDPR API.
use crate::{
    casework::opened,
    person::given::{aino, client, text},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::{Value, json};
use tests::{Answer, TestApp, send, stories};

const ACCOUNT: &str = "0190f3a2-7a11-7c3e-8000-5a1d00000001";
const UNKNOWN: &str = "0190f3a2-7a11-7c3e-8000-5a1d00000002";
const SCOPES: &str = "gdprquery gdprdelete";

async fn served(app: &TestApp) -> Router {
    app.process_with(&["--gdpr-api"]).await
}

async fn asked(routes: &Router, method: &str, path: &str, token: Option<String>) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/gdpr/{path}"));
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    send(routes, request.body(Body::empty()).unwrap()).await
}

/// Aino, who signs in with an account of the profile service.
async fn with_account(app: &TestApp) -> String {
    let (id, _) = client(app, aino()).await;
    let account = format!("urn:monituottaja:demo|{ACCOUNT}");
    app.done("social-worker", "linkAccount", "client { hasAccount }", json!({ "client": id, "expectedVersion": 1, "account": account })).await;
    id
}

fn child<'v>(node: &'v Value, key: &str) -> &'v Value {
    node["children"].as_array().and_then(|children| children.iter().find(|child| child["key"] == key)).unwrap_or(&Value::Null)
}

stories! {
    async fn an_account_is_told_everything_as_a_tree(app) {
        with_account(app).await;
        let routes = served(app).await;
        for token in [app.token_for(ACCOUNT, SCOPES, None), app.token_for(ACCOUNT, "gdprquery", Some("profile"))] {
            let answer = asked(&routes, "GET", ACCOUNT, Some(token)).await;
            assert_eq!((answer.status, answer.headers[header::CACHE_CONTROL].to_str().unwrap()), (StatusCode::OK, "no-store"));
            assert_eq!(answer.body["key"], "MONITUOTTAJA");
            let person = child(&answer.body, "PERSON");
            assert_eq!(person["label"], json!({ "fi": "Henkilötiedot", "sv": "Personuppgifter", "en": "Who you are" }));
            let identity = child(person, "IDENTITY");
            assert_eq!((&child(identity, "LAST_NAME")["value"], &child(identity, "HETU")["value"]), (&json!("Mallinen"), &json!("010190-900P")));
            assert_eq!(child(person, "LEGAL_BASIS")["value"], "STATUTORY_DUTY");
        }
        assert!(app.count("use_log_entry", "operation = 'gdpr' AND basis = 'OWN'").await >= 2);
    }

    async fn an_account_that_nobody_knows_has_nothing(app) {
        let routes = served(app).await;
        let token = || Some(app.token_for(UNKNOWN, SCOPES, None));
        for (method, path) in [("GET", UNKNOWN.to_owned()), ("DELETE", UNKNOWN.to_owned()), ("DELETE", format!("{UNKNOWN}?dry_run=true"))] {
            let answer = asked(&routes, method, &path, token()).await;
            assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NO_CONTENT, ""), "{method} {path}");
        }
    }

    async fn whoever_may_not_ask_is_told_the_same_whether_somebody_is_known_or_not(app) {
        with_account(app).await;
        let routes = served(app).await;
        for method in ["GET", "DELETE"] {
            for account in [ACCOUNT, UNKNOWN] {
                assert_eq!(asked(&routes, method, account, None).await.status, StatusCode::UNAUTHORIZED);
                assert_eq!(asked(&routes, method, account, Some("nonsense".into())).await.status, StatusCode::UNAUTHORIZED);
                let wrong = [
                    app.token_for("0190f3a2-7a11-7c3e-8000-5a1d00000009", SCOPES, None),
                    app.token_for("social-worker", SCOPES, None),
                    app.token_for("dpo", SCOPES, Some("another")),
                    app.token_for(account, "", None),
                    app.token_for(account, if method == "GET" { "gdprdelete" } else { "gdprquery" }, None),
                    // Which application has fetched a token tells nothing of whose it is.
                    app.token_for("profile-service", SCOPES, Some("profile")),
                ];
                for token in wrong {
                    let answer = asked(&routes, method, account, Some(token)).await;
                    assert_eq!((answer.status, &answer.body["errors"][0]["code"]), (StatusCode::FORBIDDEN, &json!("FORBIDDEN")));
                    assert!(["fi", "sv", "en"].iter().all(|language| answer.body["errors"][0]["message"][language].is_string()));
                }
            }
            assert_eq!(asked(&routes, method, "nonsense", Some(app.token_for(ACCOUNT, SCOPES, None))).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(asked(&routes, "DELETE", &format!("{ACCOUNT}?dryRun=true"), Some(app.token_for(ACCOUNT, SCOPES, None))).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(asked(&routes, "DELETE", &format!("{ACCOUNT}?dry_run=perhaps"), Some(app.token_for(ACCOUNT, SCOPES, None))).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(asked(&routes, "POST", ACCOUNT, Some(app.token_for(ACCOUNT, SCOPES, None))).await.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(app.count("client", "1 = 1").await, 1);
    }

    async fn where_it_is_not_switched_on_there_is_nothing(app) {
        with_account(app).await;
        let routes = app.second_process().await;
        for method in ["GET", "DELETE"] {
            assert_eq!(asked(&routes, method, ACCOUNT, Some(app.token_for(ACCOUNT, SCOPES, None))).await.status, StatusCode::NOT_FOUND);
        }
    }

    async fn what_need_not_be_kept_is_erased_and_what_must_be_says_why(app) {
        let id = with_account(app).await;
        let routes = served(app).await;
        let erase = async |query: &str| asked(&routes, "DELETE", &format!("{ACCOUNT}{query}"), Some(app.token_for(ACCOUNT, SCOPES, None))).await;
        let case = opened::started(app, &id).await;
        for query in ["?dry_run=true", ""] {
            let answer = erase(query).await;
            assert_eq!((answer.status, &answer.body["errors"][0]["code"]), (StatusCode::FORBIDDEN, &json!("STATUTORY_RECORD")), "{query}");
            let message = &answer.body["errors"][0]["message"];
            assert!(["fi", "sv", "en"].iter().all(|language| message[language].as_str().is_some_and(|words| words.contains("1301/2014"))), "{message}");
        }
        opened::step(app, "social-worker", "closeCase", &case, json!({ "reason": "NO_LEGAL_GROUND", "note": "Ei perustetta." })).await;
        let closed = erase("").await;
        let year = chrono::Datelike::year(&chrono::Utc::now()) + 30;
        let words = text(&closed.body["errors"][0]["message"]["fi"]);
        assert!(words.contains("703/2023") && words.contains(&year.to_string()), "{words}");
        assert_eq!(app.count("client", "1 = 1").await, 1);
        // Without a case nothing of it is statutory.
        app.unguard("case_event").await;
        app.tamper("DELETE FROM case_event").await;
        app.tamper("DELETE FROM client_case").await;
        assert_eq!(erase("?dry_run=1").await.status, StatusCode::NO_CONTENT);
        assert_eq!(app.count("client", "1 = 1").await, 1);
        assert_eq!(erase("").await.status, StatusCode::NO_CONTENT);
        assert_eq!((app.count("client", "1 = 1").await, app.count("person", "1 = 1").await, app.count("person_word", "1 = 1").await), (0, 0, 0));
        assert_eq!(app.count("destruction", "rule = 'ERASURE_BY_REQUEST'").await, 1);
        assert_eq!(erase("").await.status, StatusCode::NO_CONTENT);
    }
}
