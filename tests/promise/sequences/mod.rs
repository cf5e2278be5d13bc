//! Random sequences of moves by random actors, against a model of what the machines of `domain` allow: what is refused changes nothing, what is
//! done is legal, everybody sees what they should, and the invariants of the domain hold at the end. `PROPTEST_CASES` says how many sequences,
//! `MONITUOTTAJA_TEST_SEED` which ones.
mod asked;
mod model;
mod tried;

use self::{
    asked::{Asked, Ground, merges, role},
    model::{Client, PARTNERS, RELATED, is_free, merge, promote},
    tried::{MUNICIPAL, Try, What, Who, tries},
};
use super::{
    random::{Seed, cases},
    wrong::nothing_is_wrong,
};
use crate::{
    delivery::given::{held, offered},
    person::given::{self, text},
};
use api::{act::casework::referral, caller::Caller};
use domain::{
    casework::{
        case::CaseMove,
        referral::{ACKNOWLEDGE_DAYS, ReferralMove, ReferralState},
    },
    delivery::participation::ParticipationMove,
    id::split_public,
    machine::Machine,
    policy::moves_case,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{Kind, TestApp, databases, literal, parity, texts};

/// How many sequences there are, unless the environment names another number.
const CASES: u32 = 5;
/// How many shorter ones are tried of a sequence that fails.
const SHORTER: u32 = 120;
/// The telephone number of the client under non-disclosure, which no partner is ever told.
const KEPT_BACK: &str = "+358500000777";

/// What came of a try.
enum Outcome {
    Done(Value),
    Refused(String),
}

/// A server, its two clients for as long as they are two, and the model of both.
struct World<'t> {
    app: &'t TestApp,
    ground: Ground<'t>,
    clients: Vec<Client>,
    /// How much was tried.
    tried: usize,
    /// How often the other authority opened a client in an emergency.
    alarms: i64,
    /// The count of rows and of versions of every table but the use log.
    print: String,
    fingerprint: String,
}

/// A query of one text that changes with every row that is made, changed or removed; the use log grows by being looked at.
fn fingerprint(tables: &BTreeMap<String, BTreeMap<String, bool>>) -> String {
    let of = |(table, columns): (&String, &BTreeMap<String, bool>)| {
        let version = if columns.contains_key("version") { "CAST(COALESCE(SUM(version), 0) AS TEXT)" } else { "''" };
        format!("SELECT '{table} ' || CAST(COUNT(*) AS TEXT) || ' ' || {version} FROM {table}")
    };
    let kept = tables.iter().filter(|(table, _)| !["use_log_entry", "ledger_head"].contains(&table.as_str()));
    kept.map(of).collect::<Vec<_>>().join(" UNION ALL ")
}

async fn begin<'t>(app: &'t TestApp, print: &str) -> World<'t> {
    let county = app.world.organization("county");
    let mut clients = Vec::new();
    for (protected, identity) in [
        (false, given::aino()),
        (
            true,
            json!({
                "firstNames": "Salla", "lastName": "Suojattu", "birthDate": "1990-01-01", "gender": "FEMALE", "language": "fi", "phone": KEPT_BACK,
            }),
        ),
    ] {
        let input = json!({ "keeper": county, "identity": identity, "protected": protected });
        let made = app.done("social-worker", "registerClient", "client { id number }", input).await["client"].clone();
        let open = json!({ "organization": county, "client": { "number": made["number"] }, "reason": "Palveluohjaaja vastaa asiasta." });
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", open).await;
        clients.push(Client {
            id: text(&made["id"]),
            number: text(&made["number"]),
            version: if protected { 1 } else { 2 },
            account: !protected,
            protected,
            taken_on: !protected,
            cases: vec![],
            referrals: vec![],
            places: vec![],
            informed: false,
            permissions: vec![],
            prohibitions: vec![],
            emergencies: vec![],
            disclosed: 0,
            permitted: 0,
        });
    }
    given::account(app, &clients[0].id).await;
    // Another authority has the first client in a case of its own, to which the county has referred on a law.
    let authority = given::municipality(app).await;
    let referral = given::by_law(app, &clients[0].id, &authority, None).await;
    for (version, (actor, mutation)) in (1..).zip([("social-worker", "sendReferral"), (MUNICIPAL, "acknowledgeReferral"), (MUNICIPAL, "acceptReferral")]) {
        app.done(actor, mutation, "referral { id }", json!({ "id": referral, "expectedVersion": version })).await;
    }
    // A group of the partner's with one place, which has met once.
    let group = offered(app, "partner", "ngo", 1, 5).await;
    let session = held(app, "partner", &group, "2026-03-02").await;
    let ground = Ground { app, authority, group, session };
    let mut world = World { app, ground, clients, tried: 0, alarms: 0, print: print.to_owned(), fingerprint: String::new() };
    world.fingerprint = world.looked().await;
    world
}

/// What is asked for of the row that is answered.
fn selection(what: What) -> &'static str {
    match what {
        What::StartCase | What::Case(_) | What::Close(_) | What::HandOver => "id version state: stage moves",
        What::Inform | What::Place(ParticipationMove::Start) => "id",
        What::Permit | What::WithdrawPermission | What::Prohibit(_) | What::RemoveProhibition(_) | What::BreakGlass | What::EndEmergency | What::Merge => {
            "id version"
        }
        _ => "id version state",
    }
}

impl World<'_> {
    async fn looked(&self) -> String {
        let mut lines = texts(self.app.database(), &self.print).await;
        lines.sort();
        lines.join("\n")
    }

    async fn ask(&self, actor: &str, asked: &Asked, what: What) -> Outcome {
        let query = TestApp::mutation(asked.mutation, &format!("{} {{ {} }}", asked.field, selection(what)));
        let answer = self.app.post(actor, &query, json!({ "input": asked.input })).await;
        let payload = &answer.body["data"][asked.mutation];
        if answer.body["errors"].is_array() {
            assert!(!["INTERNAL", "none"].contains(&answer.code()), "{actor}: {}: {}", asked.mutation, answer.text);
            return Outcome::Refused(answer.code().to_owned());
        }
        let row = &payload[asked.field];
        match payload["userErrors"][0]["code"].as_str() {
            Some(code) => Outcome::Refused(code.to_owned()),
            None => Outcome::Done(row.get(0).unwrap_or(row).clone()),
        }
    }

    /// Tries one thing; what is wrong with what came of it.
    async fn play(&mut self, one: &Try) -> Result<(), String> {
        self.tried += 1;
        match one.what {
            What::Read => return self.read(one).await,
            What::Expire => return self.expire().await,
            _ => {}
        }
        let at = one.client.min(self.clients.len() - 1);
        let client = &self.clients[at];
        let what = client.forward(one.what);
        let asked = if what == What::Merge { merges(&self.clients) } else { client.asks(&self.ground, what) };
        let Some(mut asked) = asked else { return Ok(()) };
        let actor = match one.who {
            Who::Right => match asked.allowed.first() {
                Some(actor) => *actor,
                None => return Ok(()),
            },
            // These may begin referrals too, of which the model knows nothing.
            Who::Any("lead" | "client") if matches!(what, What::CreateReferral(_)) => return Ok(()),
            Who::Any(actor) => actor,
        };
        let allowed = asked.allowed.contains(&actor);
        let stale = one.stale && asked.versioned;
        if stale {
            asked.input["expectedVersion"] = json!(asked.input["expectedVersion"].as_i64().unwrap() + 7);
        }
        let outcome = self.ask(actor, &asked, what).await;
        let after = self.looked().await;
        let told = format!("{actor}: {what:?} on {client:?}");
        match outcome {
            Outcome::Refused(code) => {
                if after != self.fingerprint {
                    return Err(format!("{told}: refused as {code}, but it has changed\n{}\nto\n{after}", self.fingerprint));
                }
                if allowed && asked.legal && !stale {
                    return Err(format!("{told}: refused as {code}, but it is legal"));
                }
                if allowed && stale && asked.legal && code != "STALE_VERSION" {
                    return Err(format!("{told}: stale, but refused as {code}"));
                }
            }
            Outcome::Done(row) => {
                if !allowed || !asked.legal || stale {
                    return Err(format!("{told}: done, but allowed: {allowed}, legal: {}, stale: {stale}", asked.legal));
                }
                if after == self.fingerprint {
                    return Err(format!("{told}: done, but nothing has changed"));
                }
                self.fingerprint = after;
                // What became of a client is told without a consent, and nothing is read for it.
                let unread = what == What::Referral(ReferralMove::ReportOutcome) && client.referrals.last().is_some_and(|r| !r.is_visible());
                if unread != row.is_null() {
                    return Err(format!("{told}: answered {row}"));
                }
                self.alarms += i64::from(what == What::BreakGlass);
                if what == What::Merge {
                    merge(&mut self.clients, &row);
                    self.catch_up(true).await.map_err(|fault| format!("{told}: {fault}"))?;
                } else {
                    let free = is_free(&self.clients);
                    self.clients[at].apply(what, actor, &row, (self.tried, free));
                    promote(&mut self.clients);
                }
                if what == What::Referral(ReferralMove::Accept) && asked.input.get("offering").is_some() {
                    let proposed = self.proposed().await.map_err(|fault| format!("{told}: {fault}"))?;
                    self.clients[at].is_proposed(&proposed, self.tried);
                }
                if !unread && what != What::Merge {
                    self.agrees(at, actor, &row).map_err(|fault| format!("{told}: {fault}"))?;
                }
            }
        }
        match what {
            What::CreateReferral(_)
            | What::Consent(_)
            | What::Referral(_)
            | What::WithdrawConsent
            | What::Close(_)
            | What::Register { .. }
            | What::Place(_)
            | What::Prohibit(_) => self.recipients_see().await,
            What::Merge => {
                self.recipients_see().await?;
                self.elsewhere_sees().await
            }
            What::Permit | What::WithdrawPermission | What::RemoveProhibition(_) | What::BreakGlass | What::EndEmergency => self.elsewhere_sees().await,
            _ => Ok(()),
        }
    }

    /// The participation that the partner sees and the model does not know.
    async fn proposed(&self) -> Result<Value, String> {
        let query = "query($o: ID!) { participations(organization: $o, first: 100) { nodes { id version state } } }";
        let seen = self.app.ask("partner", query, json!({ "o": self.app.world.organization("ngo") })).await["participations"]["nodes"].clone();
        let known: BTreeSet<_> = self.clients.iter().flat_map(|client| &client.places).map(|place| place.thing.id.clone()).collect();
        let new = seen.as_array().unwrap().iter().find(|row| !known.contains(row["id"].as_str().unwrap()));
        new.filter(|row| row["state"] == "PROPOSED").cloned().ok_or_else(|| format!("nothing is proposed: {seen}"))
    }

    /// Time passes for referrals that nobody has acknowledged.
    async fn expire(&mut self) -> Result<(), String> {
        let mut sent: Vec<_> = self.clients.iter_mut().flat_map(|client| &mut client.referrals).filter(|r| r.thing.state == ReferralState::Sent).collect();
        if sent.is_empty() {
            return Ok(());
        }
        let later = self.app.later(ACKNOWLEDGE_DAYS + 1).await;
        let done = referral::expire(&Caller::system(&later)).await.map_err(|fault| format!("{fault:?}"))?;
        if (done.done, done.failed) != (sent.len(), 0) {
            return Err(format!("{done:?} have expired of {sent:?}"));
        }
        for r in &mut sent {
            r.thing.step(ReferralMove::Expire);
        }
        self.catch_up(false).await?;
        self.fingerprint = self.looked().await;
        self.recipients_see().await
    }

    /// Everything is in the state in which the model has it, and at its version, unless that is looked up here.
    async fn catch_up(&mut self, versions: bool) -> Result<(), String> {
        let url = self.app.database();
        let mut rows: Vec<_> = self.clients.iter_mut().flat_map(Client::rows).collect();
        let one = |row: &model::Row<'_>| {
            let id = literal(url, split_public(row.id).unwrap().1);
            format!("SELECT '{}' || ' ' || {} || ' ' || CAST(version AS TEXT) FROM {} WHERE id = {id}", row.id, row.column, row.table)
        };
        let query: Vec<_> = rows.iter().map(one).collect();
        if query.is_empty() {
            return Ok(());
        }
        let found = texts(url, &query.join(" UNION ALL ")).await;
        let found: BTreeMap<&str, (&str, i64)> = found
            .iter()
            .filter_map(|line| {
                let (id, rest) = line.split_once(' ')?;
                let (state, version) = rest.split_once(' ')?;
                Some((id, (state, version.parse().ok()?)))
            })
            .collect();
        for row in &mut rows {
            let (state, version) = found.get(row.id).copied().unwrap_or_default();
            if versions {
                *row.version = version;
            }
            if (state, version) != (&*row.state, *row.version) {
                return Err(format!("{} {} is {state} {version}, and should be {} {}", row.table, row.id, row.state, row.version));
            }
        }
        Ok(())
    }

    /// The row is as the model has it, and its moves are those that the machine has for the actor.
    fn agrees(&self, client: usize, actor: &str, row: &Value) -> Result<(), String> {
        let client = &self.clients[client];
        if let Some(expected) = row["id"].as_str().and_then(|id| client.told(id)) {
            let found = format!("{} {}", row["state"].as_str().unwrap(), row["version"]);
            if expected != found {
                return Err(format!("is {found} now, in the model {expected}"));
            }
        }
        if let (Some(case), true, Some(moves)) = (client.cases.last(), RELATED.contains(&actor), row["moves"].as_array()) {
            let expected: Vec<_> = case.thing.state.moves().filter(|by| case.allows(*by) && moves_case(role(actor), *by)).map(shouted).collect();
            if *moves != expected {
                return Err(format!("has the moves {moves:?}, by the machine {expected:?}"));
            }
        }
        Ok(())
    }

    /// Each recipient reads what is with it, with a consent in force, and what it passes on for as long, and nothing else; nothing that is kept back.
    async fn recipients_see(&self) -> Result<(), String> {
        let query = "query($o: ID!, $s: [ReferralState!], $all: [ID!]!) { \
             nodes(ids: $all) { id ... on Referral { introduction { alias fullName phone email reason } } } \
             referralOutbox(organization: $o, first: 100, filter: { states: $s }) { totalCount nodes { id client { id } introduction { alias fullName phone email reason } } } \
             referralInbox(organization: $o, first: 100, filter: { states: $s }) { totalCount nodes { id client { id } introduction { alias fullName phone email reason municipality { value } address { street } } } } \
             participations(organization: $o, first: 100) { nodes { id alias client { id } } } }";
        let referrals = || self.clients.iter().flat_map(|client| &client.referrals);
        for (organization, actor) in PARTNERS {
            if !referrals().any(|r| r.recipient == organization) {
                continue;
            }
            let all: Vec<_> = referrals().map(|r| &r.thing.id).collect();
            let answer = self.app.post(actor, query, json!({ "o": self.app.world.organization(organization), "s": ReferralState::ALL, "all": all })).await;
            let ids = |list: &Value| list["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect::<BTreeSet<_>>();
            let (inbox, places) = (&answer.body["data"]["referralInbox"], &answer.body["data"]["participations"]);
            let mut visible: BTreeSet<_> = referrals().filter(|r| r.recipient == organization && r.is_visible()).map(|r| r.thing.id.clone()).collect();
            if ids(inbox) != visible || inbox["totalCount"] != visible.len() {
                return Err(format!("{actor} sees {inbox}, and should see {visible:?}"));
            }
            let outbox = &answer.body["data"]["referralOutbox"];
            let written =
                self.clients.iter().flat_map(|client| client.referrals.iter().filter(move |r| r.sender == organization && client.is_read_by_writer(r)));
            let written: BTreeSet<_> = written.map(|r| r.thing.id.clone()).collect();
            if ids(outbox) != written || outbox["totalCount"] != written.len() {
                return Err(format!("{actor} has passed on {outbox}, and should see {written:?}"));
            }
            visible.extend(written);
            let found: BTreeSet<_> = answer.body["data"]["nodes"].as_array().unwrap().iter().filter_map(|node| Some(node["id"].as_str()?.to_owned())).collect();
            if found != visible {
                return Err(format!("{actor} finds {found:?}, and should find {visible:?}"));
            }
            // Of those under non-disclosure it is told to nobody where they are.
            let of = self.clients.iter().flat_map(|client| client.places.iter().map(move |place| (client, place)));
            let taken: BTreeMap<_, _> = of
                .filter(|(_, place)| organization == "ngo" && place.thing.state.is_open())
                .map(|(client, place)| (place.thing.id.clone(), client.protected))
                .collect();
            if ids(places) != taken.keys().cloned().collect() {
                return Err(format!("{actor} sees {places}, and should see {taken:?}"));
            }
            let named = places["nodes"].as_array().unwrap().iter().any(|node| taken[node["id"].as_str().unwrap()] != node["alias"].is_null());
            let nodes = || [inbox, outbox, places].into_iter().flat_map(|list| list["nodes"].as_array().unwrap());
            let told = nodes().any(|node| !node["client"].is_null());
            if named || told || answer.text.contains(KEPT_BACK) || answer.text.contains("Suojattu") {
                return Err(format!("{actor} is told what it may not be told: {}", answer.text));
            }
        }
        Ok(())
    }

    /// The other authority's worker sees of each client what the client permits, what a case of its own tells, and all in an emergency.
    async fn elsewhere_sees(&self) -> Result<(), String> {
        for client in &self.clients {
            let query = "query($id: ID!) { client(id: $id) { person { lastName } cases(first: 100) { nodes { id } } } }";
            let seen = self.app.post(MUNICIPAL, query, json!({ "id": client.id })).await.body["data"]["client"].clone();
            elsewhere_saw(client, &seen)?;
        }
        Ok(())
    }

    /// Whoever looks at a client sees what a relation opens, and leaves one entry in the log, whatever was seen.
    async fn read(&self, one: &Try) -> Result<(), String> {
        let client = &self.clients[one.client.min(self.clients.len() - 1)];
        let actor = match one.who {
            Who::Right => "social-worker",
            Who::Any(actor) => actor,
        };
        let query = "query($id: ID!) { client(id: $id) { number person { lastName } relations { nodes { id } } consents { nodes { id } } referrals { nodes { id } } \
                     cases(first: 100) { nodes { id stage history { nodes { kind } } } } plans { nodes { id goals { text } } } } }";
        let before: Vec<i64> = vec![self.entries("SHOWN").await, self.entries("DENIED").await];
        let seen = self.app.post(actor, query, json!({ "id": client.id })).await.body["data"]["client"].clone();
        let more = (self.entries("SHOWN").await - before[0], self.entries("DENIED").await - before[1]);
        if actor == MUNICIPAL {
            elsewhere_saw(client, &seen)?;
        } else {
            let related = client.with_client().contains(&actor);
            if seen.is_null() == (related || actor == "lead") || seen["person"].is_null() == related {
                return Err(format!("{actor} sees {seen} of {client:?}"));
            }
        }
        let expected = if seen.is_null() { (0, 1) } else { (1, 0) };
        if more != expected {
            return Err(format!("{actor} sees {seen} of {client:?}, and leaves {more:?} entries shown and denied"));
        }
        let of_others = self.clients.iter().filter(|other| other.id != client.id).any(|other| seen.to_string().contains(&other.id));
        if of_others { Err(format!("{actor} sees another in {seen}")) } else { Ok(()) }
    }

    async fn entries(&self, outcome: &str) -> i64 {
        self.app.count("use_log_entry", &format!("outcome = '{outcome}'")).await
    }

    /// What must hold when all is done.
    async fn end(&mut self) -> Result<(), String> {
        nothing_is_wrong(self.app.database()).await;
        self.catch_up(false).await?;
        for verdict in self.app.store().await.verify_logs().await.unwrap() {
            assert_eq!(verdict.broken, None, "{}", verdict.log);
        }
        let disclosed: usize = self.clients.iter().map(|client| client.disclosed).sum();
        let query = "SELECT CAST(d.items AS TEXT) || '|' || CAST(c.scope AS TEXT) FROM disclosure_log_entry d JOIN consent c ON c.id = d.ground_id";
        let entries = texts(self.app.database(), query).await;
        if entries.len() != disclosed {
            return Err(format!("{} entries in the disclosure log for {disclosed} disclosures", entries.len()));
        }
        for entry in entries {
            let (items, scope) = entry.split_once('|').unwrap();
            let of = |text: &str| serde_json::from_str::<BTreeSet<String>>(text).unwrap();
            if !of(items).is_subset(&of(scope)) {
                return Err(format!("{items} were disclosed by a consent to {scope}"));
            }
        }
        // What the client permits and what an emergency opens is told in the log, and of an emergency both controllers are told at once.
        let permitted: usize = self.clients.iter().map(|client| client.permitted).sum();
        let opened = (
            self.app.count("disclosure_log_entry", "basis = 'PERMISSION'").await,
            self.app.count("disclosure_log_entry", "basis = 'BREAK_GLASS'").await,
            self.app.count("notice", "kind = 'EMERGENCY_ACCESS'").await,
        );
        let expected = (i64::try_from(permitted).unwrap(), self.alarms, 2 * self.alarms);
        if opened == expected { Ok(()) } else { Err(format!("{opened:?} entries and notices of what was opened to others, and not {expected:?}")) }
    }
}

/// What the other authority's worker was shown of a client is what should be.
fn elsewhere_saw(client: &Client, seen: &Value) -> Result<(), String> {
    let cases: BTreeSet<_> = seen["cases"]["nodes"].as_array().into_iter().flatten().map(|case| text(&case["id"])).collect();
    let of_county = client.cases.iter().filter(|case| cases.contains(&case.thing.id)).count();
    let found = (!seen.is_null(), !seen["person"].is_null(), of_county);
    let read = if client.is_read_elsewhere() { client.cases.len() } else { 0 };
    let expected = (client.is_seen_elsewhere(), client.is_known_elsewhere(), read);
    if found == expected { Ok(()) } else { Err(format!("the other authority sees {seen} of {client:?}, and should see {expected:?}")) }
}

/// A move as it is spelled in public.
fn shouted(by: CaseMove) -> Value {
    let mut out = String::new();
    for c in format!("{by:?}").chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_uppercase());
    }
    json!(out)
}

async fn sequence(kind: Kind, print: &str, tries: &[Try]) -> Result<(), String> {
    let app = TestApp::start(kind).await;
    let mut world = begin(&app, print).await;
    let mut outcome = Ok(());
    for (at, one) in tries.iter().enumerate() {
        outcome = world.play(one).await.map_err(|fault| format!("at {at}, {one:?}: {fault}"));
        if outcome.is_err() {
            break;
        }
    }
    if outcome.is_ok() {
        outcome = world.end().await;
    }
    app.stop().await;
    outcome.map_err(|fault| format!("{kind:?}: {fault}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sequence_of_moves_leads_where_the_machines_do_not() {
    let seed = Seed::any();
    for kind in databases().await {
        let (tables, _) = parity::columns(kind).await;
        let print = fingerprint(&tables);
        seed.tries(cases(CASES), SHORTER, &tries(), async |tries| sequence(kind, &print, &tries).await);
    }
}
