//! Whatever happens arrives at a webhook at least once, and of each thing in order, whoever is killed meanwhile and however the receiver answers.
use super::{
    followed::{Servers, write_on},
    killed::Server,
    random::{Seed, named},
};
use crate::partners::{
    receiver::{Heard, How, Receiver},
    webhook::assert_in_order,
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tests::{Kind, TestApp, count, databases, texts};

/// How many changes are made, unless the environment names another number.
const CHANGES: usize = 40;
/// How often a server is killed, at least.
const KILLS: usize = 3;

async fn hooked(kind: Kind, random: &mut fastrand::Rng, changes: usize) {
    let app = TestApp::start(kind).await;
    let world = app.world;
    let receiver = Receiver::start(Duration::from_secs(2)).await;
    let mut of_receiver = random.fork();
    receiver.answer(move |_| match of_receiver.u8(..16) {
        0 => How::Refuse(500),
        1 => How::Hang,
        2 => How::Late,
        3 => How::Close,
        _ => How::Take,
    });
    let hook = json!({ "organization": world.organization("county"), "content": { "url": receiver.url } });
    app.done("integration", "createWebhook", "webhook { id }", hook).await;
    let fresh = app.leave();
    let positions = async |condition: &str| {
        let found = texts(&fresh.url, &format!("SELECT CAST(position AS TEXT) FROM {condition}")).await;
        found.into_iter().map(|position| position.parse::<i64>().unwrap()).collect::<BTreeSet<_>>()
    };
    let from = positions("webhook_progress").await.pop_first().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let processes = if kind == Kind::Postgres { 2 } else { 1 };
    let folders: Vec<PathBuf> = (0..processes).map(|number| folder.path().join(number.to_string())).collect();
    let mut running = Vec::new();
    for folder in &folders {
        std::fs::create_dir(folder).unwrap();
        running.push(Server::start(&fresh.url, folder).await);
    }
    let servers = Servers::new(folders.clone());
    let (done, kills) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let enough = || done.load(Ordering::Relaxed) >= changes && kills.load(Ordering::Relaxed) >= KILLS;
    let mut of_killer = random.fork();
    let kill = async {
        while !enough() {
            // After something was heard rather than after some time, however busy the machine is; and a moment later.
            let next = receiver.count() + of_killer.usize(1..changes.div_ceil(KILLS).max(2));
            while receiver.count() < next && !enough() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_micros(of_killer.u64(..30_000))).await;
            let one = of_killer.usize(..folders.len());
            drop(running.remove(one));
            running.insert(one, Server::start(&fresh.url, &folders[one]).await);
            kills.fetch_add(1, Ordering::Relaxed);
        }
    };
    let mut write = |number| write_on(&servers, world, number, random.fork(), &done, enough);
    let (first, second) = (write(0), write(1));
    tokio::join!(kill, first, second);

    receiver.answer(|_| How::Take);
    let through = "position = (SELECT position FROM feed) AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.state <> 'DELIVERED')";
    for _ in 0..600 {
        if count(&fresh.url, "webhook_progress", through).await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let heard = receiver.heard();
    let told: BTreeSet<_> = heard.iter().map(Heard::position).collect();
    assert_eq!(told, positions(&format!("event WHERE position > {from}")).await, "every event arrives");
    assert!(told.len() >= changes && heard.len() > told.len(), "some of it more than once: {} of {}", heard.len(), told.len());
    assert_in_order(&heard);
    drop(running);
    fresh.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_arrives_at_a_webhook_at_least_once_and_in_order_whoever_is_killed() {
    let seed = Seed::any();
    let changes = named("MONITUOTTAJA_TEST_CHANGES").unwrap_or(CHANGES);
    for kind in databases().await {
        hooked(kind, &mut fastrand::Rng::with_seed(seed.0), changes).await;
    }
}
