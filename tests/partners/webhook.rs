//! Webhooks: what is sent to whom, signed by what, and what becomes of it when the receiver does not do as it should.
use super::{
    receiver::{Heard, How, Receiver},
    withdraw,
};
use crate::{
    catalogue_given::{published, subject, whole_service},
    person::given::text,
};
use api::{
    clock::Clock,
    store::Store,
    webhook::{Pace, Sender, deliver},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tests::{TestApp, stories};

/// How long a receiver is waited for.
const TIMEOUT: Duration = Duration::from_millis(400);

/// A webhook as it is read.
const WEBHOOK: &str = "webhook { id version state fault url kinds happenings moves subject overlapsUntil organization { id } }";

/// A receiver that is late by more than it is waited for.
async fn receiver() -> Receiver {
    Receiver::start(TIMEOUT * 3).await
}

/// A webhook of the county's integration to a target: id and secret.
pub async fn hooked(app: &TestApp, content: Value) -> (String, String) {
    let input = json!({ "organization": app.world.organization("county"), "content": content });
    let made = app.done("integration", "createWebhook", "webhook { id } secret", input).await;
    (text(&made["webhook"]["id"]), text(&made["secret"]))
}

/// A webhook as it is now.
async fn now(app: &TestApp, id: &str) -> Value {
    app.ask("integration", &format!("query($id: ID!) {{ {} }}", WEBHOOK.replacen("webhook", "webhook(id: $id)", 1)), json!({ "id": id })).await["webhook"]
        .clone()
}

/// Moves a webhook on.
async fn step(app: &TestApp, mutation: &str, id: &str) -> Value {
    let input = json!({ "id": id, "expectedVersion": now(app, id).await["version"] });
    app.done("integration", mutation, "webhook { state }", input).await["webhook"]["state"].clone()
}

/// What was sent, the oldest first, in this state or in any.
async fn log(app: &TestApp, state: Option<&str>) -> Vec<Value> {
    let query = "query($states: [WebhookDeliveryState!]) { webhookDeliveries(last: 100, filter: { states: $states }) { nodes {
        id version state subjectId happening cursor moves dueAt attempts { outcome status } } } }";
    let told = app.ask("integration", query, json!({ "states": state.map(|state| [state]) })).await;
    told["webhookDeliveries"]["nodes"].as_array().unwrap().iter().rev().cloned().collect()
}

/// What came of sending.
fn outcomes(delivery: &Value) -> Vec<&str> {
    delivery["attempts"].as_array().unwrap().iter().map(|attempt| attempt["outcome"].as_str().unwrap()).collect()
}

/// A server that sends, at whatever time it is told.
struct Server {
    store: Store,
    sender: Sender,
    at: Arc<AtomicI64>,
}

impl Server {
    async fn start(app: &TestApp, timeout: Duration) -> Self {
        let at = Arc::new(AtomicI64::default());
        let told = Arc::clone(&at);
        let clock = Clock::telling(move || DateTime::from_timestamp_millis(told.load(Ordering::Relaxed)).unwrap());
        let store = app.store_at(clock).await;
        let sender = Sender::new(Arc::clone(store.allowed_hosts()), Pace { timeout, ..Pace::default() }).unwrap();
        Self { store, sender, at }
    }

    /// Sends what is due after a time from now; how much has arrived.
    async fn deliver_after(&self, time: TimeDelta) -> usize {
        self.at.store((Utc::now() + time).timestamp_millis(), Ordering::Relaxed);
        let tally = deliver(&self.store, &self.sender).await.unwrap();
        assert_eq!(tally.failed, 0);
        tally.done
    }

    /// Sends what is due now; how much has arrived.
    async fn deliver(&self) -> usize {
        self.deliver_after(TimeDelta::zero()).await
    }

    /// Sends what is due as so many hours from now go by.
    async fn deliver_for(&self, hours: i64) {
        let (mut after, end) = (TimeDelta::minutes(1), TimeDelta::hours(hours));
        while after < end {
            self.deliver_after(after).await;
            after += TimeDelta::minutes(10).max(after / 6);
        }
        self.deliver_after(end).await;
    }
}

/// Publishes a service anew.
async fn republish(app: &TestApp, service: &str, name: &str) {
    let version = super::version(app, "service", service).await;
    let changed = json!({ "id": service, "expectedVersion": version, "content": whole_service(name) });
    let changed = app.done("partner", "updateService", "service { version }", changed).await;
    app.done("partner", "publishService", "service { id }", json!({ "id": service, "expectedVersion": changed["service"]["version"] })).await;
}

/// Whatever was heard of a thing, everything that had happened to it before had been taken by then.
pub fn assert_in_order(heard: &[Heard]) {
    for (at, one) in heard.iter().enumerate() {
        let taken: BTreeSet<_> = heard[..at].iter().filter(|other| matches!(other.how, How::Take | How::Late)).map(Heard::position).collect();
        let earlier = heard.iter().filter(|other| other.subject() == one.subject() && other.position() < one.position());
        for other in earlier {
            assert!(taken.contains(&other.position()), "{} came before {}", one.body, other.body);
        }
    }
}

stories! {
    async fn what_happens_is_sent_with_ids_alone_signed_and_cannot_be_replayed(app) {
        let (receiver, server) = (receiver().await, Server::start(app, TIMEOUT).await);
        published(app, "partner", "ngo", whole_service("Ennen")).await;
        let (id, secret) = hooked(app, json!({ "url": receiver.url })).await;
        let service = published(app, "partner", "ngo", whole_service("Kävelyryhmä")).await;
        assert_eq!(server.deliver().await, 1, "what happened before is not sent");
        let one = receiver.heard().pop().unwrap();
        let (_, uuid) = domain::id::split_public(&service).unwrap();
        let data = json!({ "kind": "SERVICE", "happening": "PUBLISHED", "id": service, "uuid": uuid, "cursor": one.body["data"]["cursor"] });
        assert_eq!(one.body, json!({ "type": "service.published", "timestamp": one.body["timestamp"], "data": data }));
        assert_eq!(one.headers["content-type"], "application/json");
        assert!(one.is_signed_by(&secret));
        // By another secret, with another body, under another id or at another time it is not what was signed.
        assert!(!one.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        let forged = |change: &dyn Fn(&mut Heard)| {
            let mut forged = one.clone();
            change(&mut forged);
            forged.is_signed_by(&secret)
        };
        assert!(forged(&|_| ()));
        assert!(!forged(&|heard| heard.bytes[10] ^= 1));
        assert!(!forged(&|heard| drop(heard.headers.insert("webhook-id", "another".parse().unwrap()))));
        let at: i64 = one.headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
        assert!(!forged(&|heard| drop(heard.headers.insert("webhook-timestamp", (at - 1).into()))));
        // However well it is signed, what was signed an hour away is refused.
        republish(app, &service, "Pyöräryhmä").await;
        assert_eq!(server.deliver_after(TimeDelta::hours(1)).await, 1);
        let next = receiver.heard().pop().unwrap();
        assert!(!next.is_signed_by(&secret));
        // Whoever keeps a copy goes on from what one was told.
        let query = "query($since: String!) { changes(since: $since) { changes { cursor at happening subjectId } } }";
        let changes = app.ask("", query, json!({ "since": one.body["data"]["cursor"] })).await["changes"]["changes"].clone();
        let told = json!([{ "cursor": next.body["data"]["cursor"], "at": changes[0]["at"], "happening": "CHANGED", "subjectId": service }]);
        assert_eq!(changes, told);
        let moment = |at: &Value| at.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        assert_eq!(moment(&next.body["timestamp"]), moment(&changes[0]["at"]));
        let log = log(app, None).await;
        assert_eq!((&log[0]["state"], &log[0]["id"], &log[0]["cursor"]), (&json!("DELIVERED"), &json!(one.id()), &one.body["data"]["cursor"]));
        assert_eq!((&log[0]["attempts"], &log[0]["dueAt"]), (&json!([{ "outcome": "ARRIVED", "status": 204 }]), &Value::Null));
        assert_eq!(server.deliver().await, 0, "what has arrived is not sent again");
        // Nothing of the secret is kept in the open.
        assert_eq!(app.count("webhook", &format!("secrets LIKE '%{}%'", &secret[6..])).await, 0);
        assert_eq!(now(app, &id).await["state"], "ACTIVE");
    }

    async fn a_receiver_that_fails_hangs_is_late_or_closes_has_everything_in_the_end_and_in_order(app) {
        let (receiver, server) = (receiver().await, Server::start(app, TIMEOUT).await);
        hooked(app, json!({ "url": receiver.url })).await;
        let (first, second) = (published(app, "partner", "ngo", whole_service("Yksi")).await, published(app, "partner", "ngo", whole_service("Kaksi")).await);
        for n in 0..3 {
            republish(app, &first, &format!("Yksi {n}")).await;
        }
        withdraw(app, &first).await;
        let mut ways = [How::Refuse(500), How::Hang, How::Late, How::Close, How::Refuse(302), How::Close].into_iter();
        let stubborn = first.clone();
        receiver.answer(move |body| if body["data"]["id"] == stubborn { ways.next().unwrap_or(How::Take) } else { How::Take });
        assert_eq!(server.deliver().await, 1, "another thing does not wait for it");
        assert_eq!(receiver.heard().len(), 2, "what happened to it after waits");
        server.deliver_for(12).await;
        let heard = receiver.heard();
        assert_in_order(&heard);
        let of_first: Vec<_> = heard.iter().filter(|one| one.subject() == first).collect();
        assert_eq!(of_first.iter().map(|one| one.body["type"].as_str().unwrap()).collect::<Vec<_>>(), {
            let mut types = vec!["service.published"; 7];
            types.extend(["service.changed"; 3]);
            types.push("service.withdrawn");
            types
        });
        assert!(of_first[..7].iter().all(|one| one.id() == of_first[0].id()), "it is known again by its id");
        assert_eq!(heard.iter().filter(|one| one.subject() == second).count(), 1);
        let log = log(app, None).await;
        assert!(log.len() == 6 && log.iter().all(|row| row["state"] == "DELIVERED"));
        assert_eq!(outcomes(&log[0]), ["REFUSED", "TIMED_OUT", "TIMED_OUT", "UNREACHABLE", "REFUSED", "UNREACHABLE", "ARRIVED"]);
    }

    async fn what_does_not_arrive_for_three_days_is_a_dead_letter_that_keeps_nothing_back_and_can_be_replayed(app) {
        let (receiver, server) = (receiver().await, Server::start(app, TIMEOUT).await);
        let (id, _) = hooked(app, json!({ "url": receiver.url })).await;
        let poison = published(app, "partner", "ngo", whole_service("Myrkky")).await;
        let of_poison = poison.clone();
        receiver.answer(move |body| if body["data"]["id"] == of_poison && body["data"]["happening"] == "PUBLISHED" { How::Refuse(422) } else { How::Take });
        assert_eq!(server.deliver().await, 0);
        let other = published(app, "partner", "ngo", whole_service("Toinen")).await;
        withdraw(app, &poison).await;
        server.deliver_for(71).await;
        assert!(receiver.heard().iter().all(|one| one.body["data"]["happening"] == "PUBLISHED"), "it waits for what is tried");
        assert_eq!(log(app, Some("DEAD_LETTER")).await, Vec::<Value>::new());
        let tries = receiver.heard().iter().filter(|one| one.subject() == poison).count();
        assert!((10..30).contains(&tries), "{tries} times in three days");
        let after = TimeDelta::hours(73);
        assert_eq!(server.deliver_after(after).await, 0);
        assert_eq!(server.deliver_after(after + TimeDelta::minutes(1)).await, 1, "what waited for it");
        assert_eq!(receiver.heard().last().unwrap().body["type"], "service.withdrawn");
        let dead = log(app, Some("DEAD_LETTER")).await;
        let [dead] = &dead[..] else { panic!("{dead:?}") };
        assert_eq!((&dead["subjectId"], &dead["moves"], &dead["dueAt"]), (&json!(poison), &json!(["REPLAY"]), &json!(null)));
        let state = now(app, &id).await;
        assert_eq!(state["state"], "ACTIVE", "others arrive");
        receiver.answer(|_| How::Take);
        let replay = json!({ "id": dead["id"], "expectedVersion": dead["version"] });
        // Whoever looks after the webhook for the organisation may, too.
        let again = app.done("lead", "replayWebhookDelivery", "webhookDelivery { version state }", replay.clone()).await["webhookDelivery"].clone();
        assert_eq!(again["state"], "PENDING");
        assert_eq!(app.rejected("lead", "replayWebhookDelivery", "webhookDelivery { id }", replay).await, ["STALE_VERSION expectedVersion"]);
        assert_eq!(server.deliver_after(after + TimeDelta::minutes(2)).await, 1);
        assert_eq!(receiver.heard().last().unwrap().id(), dead["id"].as_str().unwrap());
        let done = log(app, None).await.into_iter().find(|row| row["id"] == dead["id"]).unwrap();
        assert_eq!(done["state"], "DELIVERED");
        let twice = json!({ "id": done["id"], "expectedVersion": done["version"] });
        assert_eq!(app.rejected("lead", "replayWebhookDelivery", "webhookDelivery { id }", twice).await, ["ILLEGAL_TRANSITION id"]);
        assert!(receiver.heard().iter().any(|one| one.subject() == other));
        // What is over is forgotten after thirty days.
        assert_eq!(app.later(20).await.forget_webhook_deliveries().await.unwrap(), 0);
        assert_eq!(app.later(40).await.forget_webhook_deliveries().await.unwrap(), 3);
    }

    async fn a_webhook_at_which_nothing_arrives_is_disabled_with_a_notice_and_loses_nothing(app) {
        let (receiver, server) = (receiver().await, Server::start(app, TIMEOUT).await);
        let (id, _) = hooked(app, json!({ "url": receiver.url })).await;
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        receiver.answer(|_| How::Refuse(503));
        server.deliver_for(71).await;
        assert_eq!(now(app, &id).await["state"], "ACTIVE");
        server.deliver_after(TimeDelta::hours(73)).await;
        let disabled = now(app, &id).await;
        assert_eq!((&disabled["state"], &disabled["fault"], &disabled["moves"]), (&json!("DISABLED"), &json!("FAILING"), &json!(["RESUME"])));
        for (actor, told) in [("integration", 1), ("lead", 2), ("partner", 0)] {
            let notices = app.ask(actor, "{ notices(filter: { kinds: [WEBHOOK_DISABLED] }) { nodes { webhookId } } }", json!({})).await;
            assert_eq!(notices["notices"]["nodes"], json!(vec![json!({ "webhookId": id }); told]), "{actor}");
        }
        republish(app, &service, "Ryhmä 2").await;
        receiver.answer(|_| How::Take);
        let before = receiver.heard().len();
        assert_eq!(server.deliver_after(TimeDelta::hours(74)).await, 0);
        assert_eq!(step(app, "resumeWebhook", &id).await, "ACTIVE");
        assert_eq!(now(app, &id).await["fault"], json!(null));
        assert_eq!(server.deliver_after(TimeDelta::hours(75)).await, 2);
        let types: Vec<_> = receiver.heard()[before..].iter().map(|one| text(&one.body["type"])).collect();
        assert_eq!(types, ["service.published", "service.changed"], "all of it, from where it stopped");
        // A receiver that says that nobody is there any more is believed at once.
        receiver.answer(|_| How::Refuse(410));
        withdraw(app, &service).await;
        server.deliver_after(TimeDelta::hours(76)).await;
        assert_eq!((now(app, &id).await["fault"].clone(), app.count("notice", "kind = 'WEBHOOK_DISABLED'").await), (json!("GONE"), 4));
    }

    async fn nothing_is_sent_to_the_inside_whatever_a_target_stands_for(app) {
        let county = app.world.organization("county");
        let create = async |url: &str| {
            let input = json!({ "organization": county, "content": { "url": url } });
            app.rejected("integration", "createWebhook", "webhook { id }", input).await
        };
        for url in ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://2130706434/", "https://0x7f.2/", "https://localhost/", "https://[::ffff:127.0.0.1]/"] {
            assert_eq!(create(url).await, ["TARGET_INSIDE content.url"], "{url}");
        }
        for url in ["http://example.org/", "https://user:password@example.org/", "https://9.9.9.9/#fragment"] {
            assert_eq!(create(url).await, ["INVALID content.url"], "{url}");
        }
        let twice = json!({ "organization": county, "content": { "url": "https://9.9.9.9/", "kinds": ["SERVICE", "SERVICE"] } });
        assert_eq!(app.rejected("integration", "createWebhook", "webhook { id }", twice).await, ["DUPLICATE content.kinds"]);
        // The name of a target that was public stands for the inside by the time it is sent.
        let (outside, inside, server) = (receiver().await, receiver().await, Server::start(app, TIMEOUT).await);
        let (id, _) = hooked(app, json!({ "url": outside.url })).await;
        let renamed = inside.url.replace("http://127.0.0.1", "https://localhost");
        app.tamper(&format!("UPDATE webhook SET content = '{}'", json!({ "url": renamed, "kinds": [], "happenings": [] }))).await;
        published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        assert_eq!(server.deliver().await, 0);
        assert_eq!(outcomes(&log(app, None).await[0]), ["TARGET_INSIDE"]);
        // What a target points to is not followed.
        let pointing = json!({ "id": id, "expectedVersion": 1, "content": { "url": outside.url } });
        app.done("integration", "updateWebhook", "webhook { id }", pointing).await;
        let to = inside.url.clone();
        outside.answer(move |_| How::Point(to.clone()));
        server.deliver_after(TimeDelta::hours(1)).await;
        let sent = log(app, None).await[0].clone();
        assert_eq!((outcomes(&sent), sent["attempts"][1]["status"].clone()), (vec!["TARGET_INSIDE", "REFUSED"], json!(307)));
        assert_eq!((outside.heard().len(), inside.heard().len()), (1, 0));
    }

    async fn a_secret_is_rotated_without_a_gap(app) {
        let (receiver, server) = (receiver().await, Server::start(app, TIMEOUT).await);
        let (id, old) = hooked(app, json!({ "url": receiver.url })).await;
        let rotate = async |version: i64, hours: i64| {
            let input = json!({ "id": id, "expectedVersion": version, "overlapHours": hours });
            app.payload("integration", "rotateWebhookSecret", "webhook { id version overlapsUntil } secret", input).await
        };
        assert_eq!(rotate(1, 200).await["userErrors"][0]["code"], "OUT_OF_RANGE");
        let new = text(&rotate(1, 2).await["secret"]);
        assert_ne!(old, new);
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        server.deliver().await;
        let both = receiver.heard()[0].clone();
        assert!(both.is_signed_by(&old) && both.is_signed_by(&new));
        assert_eq!(both.headers["webhook-signature"].to_str().unwrap().split(' ').filter(|one| one.starts_with("v1,")).count(), 2);
        withdraw(app, &service).await;
        server.deliver_after(TimeDelta::hours(3)).await;
        assert_eq!(receiver.heard()[1].headers["webhook-signature"].to_str().unwrap().split(' ').count(), 1, "the overlap is over");
        // At once where the old one has come to light.
        let newest = text(&rotate(2, 0).await["secret"]);
        published(app, "partner", "ngo", whole_service("Toinen")).await;
        server.deliver().await;
        let last = receiver.heard()[2].clone();
        assert!(last.is_signed_by(&newest) && !last.is_signed_by(&new) && !last.is_signed_by(&old));
    }

    async fn a_webhook_belongs_to_an_integration_and_those_who_answer_for_its_organisation(app) {
        let (receiver, server) = (receiver().await, Server::start(app, TIMEOUT).await);
        let (id, _) = hooked(app, json!({ "url": receiver.url, "kinds": ["SERVICE"], "happenings": ["PUBLISHED"] })).await;
        let ping = app.done("lead", "pingWebhook", "webhookDelivery { id }", json!({ "id": id })).await["webhookDelivery"]["id"].clone();
        for (actor, sees) in [("integration", true), ("lead", true), ("admin", true), ("social-worker", false), ("dpo", false), ("partner", false), ("admin-x", false)] {
            let query = "query($id: ID!, $ping: ID!) { webhook(id: $id) { id } webhooks { nodes { id } } webhookDeliveries { nodes { id } } node(id: $ping) { id } }";
            let told = app.ask(actor, query, json!({ "id": id, "ping": ping })).await;
            let shown = if sees { vec![json!({ "id": id })] } else { Vec::new() };
            assert_eq!((&told["webhook"], &told["webhooks"]["nodes"]), (shown.first().unwrap_or(&Value::Null), &json!(shown)), "{actor}");
            assert_eq!((!told["node"].is_null(), told["webhookDeliveries"]["nodes"].as_array().unwrap().len()), (sees, usize::from(sees)), "{actor}");
        }
        let create = TestApp::mutation("createWebhook", "webhook { id }");
        for (actor, organization) in [("lead", "county"), ("partner", "ngo"), ("integration", "ngo")] {
            let input = json!({ "organization": app.world.organization(organization), "content": { "url": receiver.url } });
            assert_eq!(app.refuse(actor, &create, json!({ "input": input })).await, "FORBIDDEN", "{actor}");
        }
        let update = TestApp::mutation("updateWebhook", "webhook { id }");
        let stolen = json!({ "input": { "id": id, "expectedVersion": 1, "content": { "url": "https://9.9.9.9/" } } });
        assert_eq!((app.refuse("partner", &update, stolen.clone()).await, app.refuse("", &update, stolen).await), ("NOT_FOUND".to_owned(), "UNAUTHENTICATED".to_owned()));
        // Only what it is for.
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        withdraw(app, &service).await;
        assert_eq!(server.deliver().await, 2);
        let types: BTreeSet<_> = receiver.heard().iter().map(|one| text(&one.body["type"])).collect();
        assert_eq!(types, BTreeSet::from(["ping".to_owned(), "service.published".to_owned()]));
        // Whose client is no integration any more is told nothing more.
        let member = app.ask("admin", "query($of: String) { memberships(filter: { subject: $of }) { nodes { id version } } }", json!({ "of": subject("integration") })).await;
        let member = &member["memberships"]["nodes"][0];
        app.done("admin", "endMembership", "membership { id }", json!({ "id": member["id"], "expectedVersion": member["version"] })).await;
        published(app, "partner", "ngo", whole_service("Salaisuus")).await;
        assert_eq!(server.deliver().await, 0);
        let seen = app.ask("lead", "{ webhooks(filter: { states: [DISABLED] }) { nodes { fault } } }", json!({})).await;
        assert_eq!((&seen["webhooks"]["nodes"], receiver.heard().len()), (&json!([{ "fault": "CLIENT_ENDED" }]), 2));
    }

    async fn a_webhook_can_be_tested_paused_and_removed(app) {
        let (receiver, server) = (receiver().await, Server::start(app, TIMEOUT).await);
        let (id, secret) = hooked(app, json!({ "url": receiver.url })).await;
        assert_eq!(step(app, "pauseWebhook", &id).await, "PAUSED");
        let service = published(app, "partner", "ngo", whole_service("Ryhmä")).await;
        let ping = async || app.done("integration", "pingWebhook", "webhookDelivery { id state }", json!({ "id": id })).await["webhookDelivery"].clone();
        receiver.answer_in_turn(&[How::Refuse(500)]);
        let first = ping().await;
        assert_eq!(ping().await["id"], first["id"], "one at a time");
        assert_eq!(server.deliver().await, 0);
        let failed = log(app, None).await[0].clone();
        assert_eq!((failed["state"].clone(), outcomes(&failed)), (json!("DEAD_LETTER"), vec!["REFUSED"]), "a test is sent once");
        ping().await;
        assert_eq!(server.deliver_after(TimeDelta::minutes(1)).await, 1);
        let heard = receiver.heard().pop().unwrap();
        assert_eq!((&heard.body["type"], &heard.body["data"]), (&json!("ping"), &json!({ "webhook": id })));
        assert!(heard.is_signed_by(&secret));
        assert_eq!(step(app, "resumeWebhook", &id).await, "ACTIVE");
        assert_eq!(server.deliver_after(TimeDelta::minutes(2)).await, 1, "what happened meanwhile");
        assert_eq!(receiver.heard().pop().unwrap().subject(), service);
        let twice = json!({ "id": id, "expectedVersion": now(app, &id).await["version"] });
        assert_eq!(app.rejected("integration", "resumeWebhook", "webhook { id }", twice).await, ["ILLEGAL_TRANSITION id"]);
        step(app, "deleteWebhook", &id).await;
        assert_eq!(now(app, &id).await, Value::Null);
        for table in ["webhook", "webhook_delivery", "webhook_progress"] {
            assert_eq!(app.count(table, "1 = 1").await, 0, "{table}");
        }
        withdraw(app, &service).await;
        assert_eq!((server.deliver_after(TimeDelta::minutes(3)).await, receiver.heard().len()), (0, 3));
        // So many an organisation has, and no more.
        for _ in 0..20 {
            hooked(app, json!({ "url": receiver.url })).await;
        }
        let input = json!({ "organization": app.world.organization("county"), "content": { "url": receiver.url } });
        assert_eq!(app.rejected("integration", "createWebhook", "webhook { id }", input).await, ["TOO_LONG organization"]);
    }

    async fn several_servers_send_everything_once_as_long_as_nobody_is_killed(app) {
        let receivers = [receiver().await, receiver().await];
        for receiver in &receivers {
            hooked(app, json!({ "url": receiver.url })).await;
        }
        let mut services = Vec::new();
        for n in 0..6 {
            services.push(published(app, "partner", "ngo", whole_service(&format!("Ryhmä {n}"))).await);
        }
        // None takes it that another was killed, however busy the machine is.
        let patience = Duration::from_mins(1);
        let servers = [Server::start(app, patience).await, Server::start(app, patience).await, Server::start(app, patience).await];
        let [first, second, third] = servers.each_ref().map(async |server| {
            for _ in 0..20 {
                server.deliver().await;
            }
        });
        let write = async {
            for (n, service) in services.iter().enumerate() {
                republish(app, service, &format!("Uusi {n}")).await;
            }
        };
        tokio::join!(first, second, third, write);
        servers[0].deliver().await;
        for receiver in &receivers {
            let heard = receiver.heard();
            assert_in_order(&heard);
            let ids: BTreeSet<_> = heard.iter().map(Heard::id).collect();
            assert_eq!((heard.len(), ids.len()), (12, 12));
        }
    }
}
