//! Two hundred at once, through servers in processes of their own: clients of the register and people whom nobody knows want the same ten places.
use super::{killed::Server, wrong::nothing_is_wrong};
use crate::{delivery::given::offered, person::given};
use api::identity::demo::DemoIssuer;
use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{Kind, TestApp, count, databases};

/// So many of those who come are clients.
const CLIENTS: usize = 60;
/// So many come in all.
const ALL: usize = 200;

/// One who comes: how one registers.
struct Comer {
    mutation: &'static str,
    input: Value,
}

impl Comer {
    fn client(client: &str, offering: &str) -> Self {
        Self { mutation: "registerParticipation", input: json!({ "client": client, "offering": offering }) }
    }

    fn walk_in(number: usize, offering: &str) -> Self {
        let input = json!({ "offering": offering, "alias": format!("Nro {number}"), "textVersion": "osallistuminen-2026-1" });
        Self { mutation: "registerWalkIn", input }
    }
}

/// The servers, and whoever asks them: the county's social worker.
struct Doors {
    servers: Vec<(Server, String)>,
    client: reqwest::Client,
}

impl Doors {
    /// The payload of a mutation at one of the servers.
    async fn ask(&self, number: usize, mutation: &str, input: &Value) -> Value {
        let (server, token) = &self.servers[number % self.servers.len()];
        let query = TestApp::mutation(mutation, "participation { id state version }");
        let request = self.client.post(format!("http://{}/graphql", server.address)).bearer_auth(token).header("x-purpose", "CARE");
        let answer: Value = request.json(&json!({ "query": query, "variables": { "input": input } })).send().await.unwrap().json().await.unwrap();
        assert!(answer["errors"].is_null(), "{answer}");
        answer["data"][mutation].clone()
    }

    async fn come(&self, comers: &[Comer]) -> Vec<Value> {
        join_all(comers.iter().enumerate().map(async |(number, comer)| self.ask(number, comer.mutation, &comer.input).await)).await
    }
}

/// How often each state, or else each reason, was answered.
fn told(answers: &[Value]) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for payload in answers {
        let what = payload["participation"]["state"].as_str().or_else(|| payload["userErrors"][0]["code"].as_str()).unwrap();
        *told.entry(what.to_owned()).or_default() += 1;
    }
    told
}

async fn crowded(kind: Kind) {
    let app = TestApp::start(kind).await;
    let group = offered(&app, "service-guide", "county", 10, 20).await;
    let mut comers = Vec::new();
    for number in 0..CLIENTS {
        let identity = json!({ "firstNames": format!("Malli{number}"), "lastName": "Mallinen", "birthDate": "1990-01-01", "language": "fi" });
        comers.push(Comer::client(&given::client(&app, identity).await.0, &group));
    }
    comers.extend((CLIENTS..ALL).map(|number| Comer::walk_in(number, &group)));
    fastrand::shuffle(&mut comers);
    let fresh = app.leave();
    let folder = tempfile::tempdir().unwrap();
    let mut doors = Doors { servers: Vec::new(), client: reqwest::Client::new() };
    for number in 0..if kind == Kind::Postgres { 2 } else { 1 } {
        let folder = folder.path().join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        let server = Server::start(&fresh.url, &folder).await;
        let token = DemoIssuer::open(&folder).unwrap().mint("social-worker", Utc::now(), TimeDelta::hours(1)).unwrap();
        doors.servers.push((server, token));
    }
    let here = async |condition: &str| count(&fresh.url, "participation", condition).await;
    let answers = doors.come(&comers).await;
    let expected = [("ENROLLED", 10), ("OFFERING_FULL", 170), ("WAITLISTED", 20)].map(|(what, times)| (what.to_owned(), times));
    assert_eq!(told(&answers), expected.into());
    // Of those who are told that they have a place or wait, each is there as told, and whoever waits came after whoever has a place.
    assert_eq!((here("state = 'ENROLLED'").await, here("state = 'WAITLISTED'").await), (10, 20));
    let passed = "state = 'WAITLISTED' AND arrival < (SELECT MAX(arrival) FROM participation WHERE state = 'ENROLLED')";
    assert_eq!(here(passed).await, 0);
    // Five give their places up while those come again who were told that it was full.
    let gone: Vec<_> = answers.iter().map(|payload| &payload["participation"]).filter(|row| row["state"] == "ENROLLED").take(5).collect();
    let leave = join_all(gone.iter().enumerate().map(async |(number, row)| {
        let input = json!({ "id": row["id"], "expectedVersion": row["version"], "why": "CLIENT_WISH" });
        doors.ask(number, "cancelParticipation", &input).await
    }));
    let again: Vec<_> = comers.into_iter().zip(&answers).filter(|(_, told)| told["participation"].is_null()).map(|(comer, _)| comer).collect();
    let (left, came) = tokio::join!(leave, doors.come(&again));
    assert_eq!(told(&left), [("CANCELLED".to_owned(), 5)].into());
    let came = told(&came);
    assert!(came.keys().all(|what| ["WAITLISTED", "OFFERING_FULL"].contains(&what.as_str())), "{came:?}");
    let waited = i64::try_from(came.get("WAITLISTED").copied().unwrap_or_default()).unwrap();
    assert_eq!((here("state = 'ENROLLED'").await, here("state = 'WAITLISTED'").await), (10, 15 + waited));
    assert_eq!(here(passed).await, 0, "nobody was passed");
    let twice = "client_id IN (SELECT client_id FROM participation WHERE state IN ('ENROLLED', 'WAITLISTED') GROUP BY client_id HAVING COUNT(*) > 1)";
    assert_eq!(here(twice).await, 0);
    nothing_is_wrong(&fresh.url).await;
    drop(doors);
    fresh.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_want_ten_places_at_servers_in_processes_of_their_own() {
    for kind in databases().await {
        crowded(kind).await;
    }
}
