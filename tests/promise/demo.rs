//! The demo network: loaded through the use cases, whole, and harmless to load again or to be killed while loading.
use api::{act::catalogue::area, caller::Caller, clock::Clock, demo, snapshot::Snapshot, store::Store};
use std::time::Duration;

async fn system(folder: &std::path::Path) -> (Store, Caller) {
    let url = format!("sqlite://{}?mode=rwc", folder.join("demo.db").display());
    let store = Store::open(&url.into(), 2, Clock::real(), tests::vault()).await.unwrap();
    store.migrate().await.unwrap();
    let caller = Caller::system(&store);
    area::register_national(&caller).await.unwrap();
    (store, caller)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_is_killed_is_completed_by_the_next_and_a_third_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (_, killed) = system(folder.path()).await;
    // Wherever the axe falls, what is there is whole.
    let _ = tokio::time::timeout(Duration::from_millis(700), Box::pin(demo::load(&killed))).await;
    let (store, caller) = system(folder.path()).await;
    demo::load(&caller).await.unwrap();
    let first = Snapshot::load(&store).await.unwrap();
    let (services, offerings, sessions) = (first.services.positions().len(), first.offerings.positions().len(), first.sessions.positions().len());
    assert_eq!((services, first.networks.positions().len(), first.organizations.positions().len(), first.routes.positions().len()), (78, 2, 32, 1));
    assert!(offerings > 110 && sessions > 500, "{offerings} offerings, {sessions} sessions");
    assert!(first.venues.iter().filter(|v| first.is_multi_activity_stop(v.id)).count() >= 3);
    demo::load(&caller).await.unwrap();
    assert_eq!(Snapshot::load(&store).await.unwrap().position, first.position);
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    for (table, condition, rows) in [
        ("client", "1 = 1", 8),
        ("referral", "1 = 1", 9),
        ("referral", "state = 'WITHDRAWN'", 1),
        ("client_case", "stage = 'PENDING'", 1),
        ("client_case", "1 = 1", 8),
        ("client_case", "stage = 'CLOSED'", 1),
        ("client_plan", "state = 'SHARED'", 1),
        ("final_assessment", "state = 'SHARED'", 1),
        ("follow_on_path", "state = 'VERIFIED'", 1),
    ] {
        assert_eq!(tests::count(&url, table, condition).await, rows, "{table} {condition}");
    }
    assert!(store.verify_logs().await.unwrap().iter().all(|log| log.entries > 0 && log.broken.is_none()));
}
