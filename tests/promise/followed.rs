//! Whoever follows the feed of changes has the catalogue in the end, whoever is killed meanwhile: the servers, or the one that follows.
use super::{
    killed::{Process, Server, end_with_parent, process_of, put},
    random::{Seed, named},
};
use crate::{catalogue_given::whole_service, partners::copy::Copy, person::given::text};
use api::identity::demo::DemoIssuer;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tests::{Kind, TestApp, World, count, databases, literal};

/// How many changes are made, unless the environment names another number.
const CHANGES: usize = 120;
/// How often a server and the one that follows are killed, at least.
const KILLS: usize = 3;
const WRITERS: usize = 4;
/// Things that a writer has a hand in.
const OWN: usize = 4;

const SERVERS: &str = "MONITUOTTAJA_FOLLOWED_SERVERS";
const COPY: &str = "MONITUOTTAJA_FOLLOWED_COPY";

/// The process that follows: it keeps its copy in a file, and knows nothing else after it was killed.
#[tokio::test]
#[ignore = "not a story: the process that the story of this file starts and kills"]
async fn the_partner_that_is_killed() {
    let (Ok(servers), Ok(file)) = (std::env::var(SERVERS), std::env::var(COPY)) else { return };
    end_with_parent();
    let servers: Vec<_> = std::env::split_paths(&servers).collect();
    let (client, file) = (reqwest::Client::new(), PathBuf::from(file));
    let mut copy = read(&file).unwrap_or_default();
    let mut random = fastrand::Rng::new();
    loop {
        let server = &servers[random.usize(..servers.len())];
        let Ok(address) = std::fs::read_to_string(server.join("address")) else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let limit = random.u32(1..40);
        let question = format!("http://{address}/catalogue/changes?since={}&limit={limit}&wait=1", copy.cursor);
        let Ok(mut answer) = client.get(question).send().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        assert!(answer.status().is_success() || answer.status() == 503, "{}", answer.status());
        if !answer.status().is_success() {
            continue;
        }
        // What comes is taken line by line, and half a line is not taken; nor is the rest after it.
        let mut rest = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            rest.extend(chunk);
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                copy.take(&serde_json::from_slice(&line).unwrap());
                if random.u8(..8) == 0 {
                    put(&file, serde_json::to_vec(&copy).unwrap());
                }
            }
        }
        put(&file, serde_json::to_vec(&copy).unwrap());
    }
}

fn read(file: &Path) -> Option<Copy> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// Starts the one that follows, in a process of its own.
fn follow(servers: &[PathBuf], file: &Path) -> Process {
    let servers = std::env::join_paths(servers).unwrap();
    Process::start(process_of(module_path!(), "the_partner_that_is_killed").env(SERVERS, servers).env(COPY, file))
}

/// The servers as they are asked: any of them, while they come and go.
pub(super) struct Servers {
    folders: Vec<PathBuf>,
    tokens: Vec<String>,
    client: reqwest::Client,
}

impl Servers {
    pub(super) fn new(folders: Vec<PathBuf>) -> Self {
        let token = |folder: &PathBuf| DemoIssuer::open(folder).unwrap().mint("partner", Utc::now(), TimeDelta::hours(6)).unwrap();
        Self { tokens: folders.iter().map(token).collect(), folders, client: reqwest::Client::new() }
    }

    /// The answer of one of them, where there was one before it was gone.
    async fn ask(&self, random: &mut fastrand::Rng, query: &str, variables: Value) -> Option<Value> {
        let one = random.usize(..self.folders.len());
        let Ok(address) = std::fs::read_to_string(self.folders[one].join("address")) else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            return None;
        };
        let request = self.client.post(format!("http://{address}/graphql")).bearer_auth(&self.tokens[one]);
        let answer = request.json(&json!({ "query": query, "variables": variables })).send().await;
        if answer.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut answer: Value = answer.ok()?.json().await.ok()?;
        assert!(
            answer["errors"].is_null() || answer["errors"][0]["extensions"]["code"] == "BUSY" || answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE",
            "{answer}"
        );
        Some(answer["data"].take()).filter(|data| !data.is_null())
    }

    /// Does a mutation; the payload, where it was answered and done.
    async fn done(&self, random: &mut fastrand::Rng, mutation: &str, selection: &str, input: Value) -> Option<Value> {
        let payload = self.ask(random, &TestApp::mutation(mutation, selection), json!({ "input": input })).await?[mutation].take();
        // What was done unanswered makes the version stale that was read before, or has taken the service from the public.
        let refused = payload["userErrors"][0]["code"].clone();
        assert!(refused.is_null() || refused == "STALE_VERSION" || refused == "UNKNOWN_REFERENCE", "{mutation}: {payload}");
        refused.is_null().then_some(payload)
    }

    /// Makes something under a key until that is answered.
    async fn made(&self, random: &mut fastrand::Rng, mutation: &str, field: &str, input: Value) -> String {
        loop {
            if let Some(payload) = self.done(random, mutation, &format!("{field} {{ id }}"), input.clone()).await {
                return text(&payload[field]["id"]);
            }
        }
    }
}

/// One of those who write, until enough is done.
pub(super) async fn write_on(servers: &Servers, world: &World, number: usize, mut random: fastrand::Rng, changes: &AtomicUsize, enough: impl Fn() -> bool) {
    let ngo = world.organization("ngo");
    let mut content = whole_service("Palvelu");
    content["deliveryForms"] = json!(["REMOTE"]);
    let mut things: Vec<(String, String)> = Vec::new();
    let mut made = 0;
    while !enough() {
        if things.len() < OWN || (things.len() < 3 * OWN && random.u8(..12) == 0) {
            made += 1;
            let key = |what: &str| format!("{what}-{number}-{made}");
            let input = json!({ "organization": ngo, "content": content, "idempotencyKey": key("service") });
            let service = servers.made(&mut random, "createService", "service", input).await;
            let input =
                json!({ "service": service, "provider": ngo, "content": { "startsOn": "2035-01-01", "capacity": 50 }, "idempotencyKey": key("offering") });
            let offering = servers.made(&mut random, "createServiceOffering", "serviceOffering", input).await;
            things.push((service, offering));
        }
        let (service, offering) = things[random.usize(..things.len())].clone();
        let query = "query($service: ID!, $offering: ID!) { service(id: $service, edition: WORKING) { version publishing } serviceOffering(id: $offering, edition: WORKING) { version publishing } }";
        let Some(now) = servers.ask(&mut random, query, json!({ "service": service, "offering": offering })).await else { continue };
        let of_service = random.bool();
        let (thing, id, kind) = if of_service { (&now["service"], &service, "Service") } else { (&now["serviceOffering"], &offering, "ServiceOffering") };
        let mut input = json!({ "id": id, "expectedVersion": thing["version"] });
        let field = if of_service { "service" } else { "serviceOffering" };
        let is_shown = now["service"]["publishing"] == "PUBLISHED" || now["service"]["publishing"] == "MODIFIED";
        let (mutation, is_change) = match thing["publishing"].as_str().unwrap() {
            // An offering comes with its service.
            "DRAFT" | "WITHDRAWN" if !of_service && !is_shown => continue,
            "PUBLISHED" | "MODIFIED" if random.u8(..4) == 0 => (format!("withdraw{kind}"), of_service || is_shown),
            "PUBLISHED" if of_service => {
                content["name"]["fi"] = json!(format!("Palvelu {}", random.u32(..)));
                input["content"] = content.clone();
                ("updateService".to_owned(), false)
            }
            "PUBLISHED" if !is_shown => continue,
            "PUBLISHED" => {
                input["placesTaken"] = json!(random.i32(0..50));
                ("reportPlacesTaken".to_owned(), true)
            }
            _ => (format!("publish{kind}"), true),
        };
        if servers.done(&mut random, &mutation, &format!("{field} {{ id }}"), input).await.is_some() && is_change {
            changes.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn followed(kind: Kind, random: &mut fastrand::Rng, changes: usize) {
    let app = TestApp::start(kind).await;
    let world = app.world;
    let fresh = app.leave();
    let folder = tempfile::tempdir().unwrap();
    let processes = if kind == Kind::Postgres { 2 } else { 1 };
    let folders: Vec<PathBuf> = (0..processes).map(|number| folder.path().join(number.to_string())).collect();
    for folder in &folders {
        std::fs::create_dir(folder).unwrap();
    }
    let file = folder.path().join("copy.json");
    let servers = Servers::new(folders.clone());
    let (done, kills) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let enough = || done.load(Ordering::Relaxed) >= changes && kills.load(Ordering::Relaxed) >= KILLS;
    let mut running = Vec::new();
    for folder in &folders {
        running.push(Server::start(&fresh.url, folder).await);
    }
    let mut of_killer = random.fork();
    let kill = async {
        let mut partner = follow(&folders, &file);
        while !enough() {
            // After some changes rather than some time, however busy the machine is; and a moment later.
            let next = done.load(Ordering::Relaxed) + of_killer.usize(1..changes.div_ceil(KILLS).clamp(2, 120));
            while done.load(Ordering::Relaxed) < next && !enough() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_micros(of_killer.u64(..30_000))).await;
            drop(partner);
            let one = of_killer.usize(..folders.len());
            drop(running.remove(one));
            partner = follow(&folders, &file);
            running.insert(one, Server::start(&fresh.url, &folders[one]).await);
            kills.fetch_add(1, Ordering::Relaxed);
        }
        partner
    };
    let mut write = |number| write_on(&servers, world, number, random.fork(), &done, enough);
    let [first, second, third, fourth]: [_; WRITERS] = std::array::from_fn(&mut write);
    let (partner, (), (), (), ()) = tokio::join!(kill, first, second, third, fourth);

    let mut whole = Copy::default();
    let address = &running[0].address;
    for _ in 0..600 {
        let export = servers.client.get(format!("http://{address}/catalogue/export")).send().await.unwrap().text().await.unwrap();
        whole = Copy::default();
        for line in export.lines() {
            whole.take(&serde_json::from_str(line).unwrap());
        }
        let (_, last) = api::store::decode_cursor(&whole.cursor).unwrap();
        let is_last = format!("id = {} AND position = (SELECT position FROM feed)", literal(&fresh.url, last));
        if read(&file).is_some_and(|copy| copy.cursor == whole.cursor) && count(&fresh.url, "event", &is_last).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let copy = read(&file).unwrap();
    drop(partner);
    assert_eq!(copy.cursor, whole.cursor, "the copy has come as far as the catalogue");
    for key in copy.things.keys().chain(whole.things.keys()) {
        assert_eq!(copy.things.get(key), whole.things.get(key), "{key}");
    }
    // What is published in the database, and nothing else, is in the copy.
    let published = |condition: &str| format!("kind = {condition}");
    assert_eq!(copy.count("SERVICE"), usize::try_from(count(&fresh.url, "publication", &published("'Service'")).await).unwrap());
    let with_service = "'ServiceOffering' AND EXISTS (SELECT 1 FROM publication parent WHERE parent.id = publication.parent_id)";
    assert_eq!(copy.count("SERVICE_OFFERING"), usize::try_from(count(&fresh.url, "publication", &published(with_service)).await).unwrap());
    // Every event has its number, and each number its event.
    assert_eq!(count(&fresh.url, "feed", "position = (SELECT COUNT(*) FROM event) AND position = (SELECT MAX(position) FROM event)").await, 1);
    assert!(count(&fresh.url, "event", "happening = 'WITHDRAWN'").await > 0 && copy.count("SERVICE") > 0);
    drop(running);
    fresh.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_the_changes_has_the_catalogue_in_the_end_whoever_is_killed() {
    let seed = Seed::any();
    let changes = named("MONITUOTTAJA_TEST_CHANGES").unwrap_or(CHANGES);
    for kind in databases().await {
        followed(kind, &mut fastrand::Rng::with_seed(seed.0), changes).await;
    }
}
