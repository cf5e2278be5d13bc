//! Random sequences of moves by random actors, against a model of what the machines of `domain` allow: what is refused changes nothing, what is
//! done is legal, everybody sees what they should, and the invariants of the domain hold at the end. `PROPTEST_CASES` says how many sequences,
//! `MONITUOTTAJA_TEST_SEED` which ones.
mod asked;
mod model;
mod tried;

use self::{
    asked::{Asked, role},
    model::{Client, RELATED},
    tried::{Try, What, Who, tries},
};
use super::{
    random::{Seed, cases},
    wrong::nothing_is_wrong,
};
use crate::person::given::{self, text};
use domain::{
    casework::{
        case::CaseMove,
        referral::{ReferralMove, ReferralState},
    },
    machine::Machine,
    policy::moves_case,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{Kind, TestApp, databases, parity, texts};

/// How many sequences there are, unless the environment names another number.
const CASES: u32 = 8;
/// How many shorter ones are tried of a sequence that fails.
const SHORTER: u32 = 120;
/// The telephone number of the client under non-disclosure, which no partner is ever told.
const KEPT_BACK: &str = "+358500000777";

/// What came of a try.
enum Outcome {
    Done(Value),
    Refused(String),
}

/// A server, its two clients, and the model of both.
struct World<'t> {
    app: &'t TestApp,
    clients: [Client; 2],
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
    let mut clients = Vec::new();
    for (protected, identity) in [
        (false, given::aino()),
        (
            true,
            json!({
                "firstNames": "Salla", "lastName": "Suojattu", "birthDate": "1991-01-01", "gender": "FEMALE", "language": "fi", "phone": KEPT_BACK,
            }),
        ),
    ] {
        let input = json!({ "keeper": app.world.organization("county"), "identity": identity, "protected": protected });
        let made = app.done("social-worker", "registerClient", "client { id number }", input).await["client"].clone();
        let open =
            json!({ "organization": app.world.organization("county"), "client": { "number": made["number"] }, "reason": "Palveluohjaaja vastaa asiasta." });
        app.done("service-guide", "openByStatutoryRight", "careRelation { id }", open).await;
        clients.push(Client { id: text(&made["id"]), account: !protected, protected, cases: vec![], referrals: vec![], disclosed: 0 });
    }
    given::account(app, &clients[0].id).await;
    let clients = clients.try_into().unwrap();
    let mut world = World { app, clients, print: print.to_owned(), fingerprint: String::new() };
    world.fingerprint = world.looked().await;
    world
}

impl World<'_> {
    async fn looked(&self) -> String {
        let mut lines = texts(self.app.database(), &self.print).await;
        lines.sort();
        lines.join("\n")
    }

    async fn ask(&self, actor: &str, asked: &Asked, what: What) -> Outcome {
        let fields = if matches!(what, What::StartCase | What::Case(_) | What::Close(_) | What::HandOver) { "state: stage moves" } else { "state" };
        let query = TestApp::mutation(asked.mutation, &format!("{} {{ id version {fields} }}", asked.field));
        let answer = self.app.post(actor, &query, json!({ "input": asked.input })).await;
        let payload = &answer.body["data"][asked.mutation];
        if answer.body["errors"].is_array() {
            assert!(!["INTERNAL", "none"].contains(&answer.code()), "{actor}: {}: {}", asked.mutation, answer.text);
            return Outcome::Refused(answer.code().to_owned());
        }
        match payload["userErrors"][0]["code"].as_str() {
            Some(code) => Outcome::Refused(code.to_owned()),
            None => Outcome::Done(payload[asked.field].clone()),
        }
    }

    /// Tries one thing; what is wrong with what came of it.
    async fn play(&mut self, one: &Try) -> Result<(), String> {
        if one.what == What::Read {
            return self.read(one).await;
        }
        let client = &self.clients[one.client];
        let what = client.forward(one.what);
        let Some(mut asked) = client.asks(self.app, what) else { return Ok(()) };
        let actor = match one.who {
            Who::Right => asked.allowed[0],
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
                self.clients[one.client].apply(what, actor, &row);
                if !unread {
                    self.agrees(one.client, actor, &row).map_err(|fault| format!("{told}: {fault}"))?;
                }
            }
        }
        let of_referrals = matches!(what, What::CreateReferral(_) | What::Consent(_) | What::Referral(_) | What::WithdrawConsent | What::Close(_));
        if of_referrals { self.recipient_sees().await } else { Ok(()) }
    }

    /// The row is as the model has it, and its moves are those that the machine has for the actor.
    fn agrees(&self, client: usize, actor: &str, row: &Value) -> Result<(), String> {
        let client = &self.clients[client];
        let expected = client.told(row["id"].as_str().unwrap());
        let found = format!("{} {}", row["state"].as_str().unwrap(), row["version"]);
        if expected.is_some_and(|expected| expected != found) {
            return Err(format!("is {found} now, in the model {:?}", client.told(row["id"].as_str().unwrap())));
        }
        if let (Some(case), true, Some(moves)) = (client.cases.last(), RELATED.contains(&actor), row["moves"].as_array()) {
            let expected: Vec<_> = case.thing.state.moves().filter(|by| case.allows(*by) && moves_case(role(actor), *by)).map(shouted).collect();
            if *moves != expected {
                return Err(format!("has the moves {moves:?}, by the machine {expected:?}"));
            }
        }
        Ok(())
    }

    /// The recipient reads what is with it, with a consent in force, and nothing else; nothing that is kept back.
    async fn recipient_sees(&self) -> Result<(), String> {
        let inbox = "query($o: ID!, $s: [ReferralState!]) { referralInbox(organization: $o, first: 100, filter: { states: $s }) { totalCount nodes { id client { id } introduction { alias fullName phone email reason municipality { value } address { street } } } } }";
        let answer = self.app.post("partner", inbox, json!({ "o": self.app.world.organization("ngo"), "s": ReferralState::ALL })).await;
        let list = &answer.body["data"]["referralInbox"];
        let seen: BTreeSet<_> = list["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect();
        let visible: BTreeSet<_> = self.clients.iter().flat_map(|c| &c.referrals).filter(|r| r.is_visible()).map(|r| r.thing.id.clone()).collect();
        if seen != visible || list["totalCount"] != visible.len() {
            return Err(format!("the recipient sees {list}, and should see {visible:?}"));
        }
        let told = list["nodes"].as_array().unwrap().iter().any(|node| !node["client"].is_null());
        if told || answer.text.contains(KEPT_BACK) || answer.text.contains("Suojattu") {
            return Err(format!("the recipient is told what it may not be told: {}", answer.text));
        }
        Ok(())
    }

    /// Whoever looks at a client sees what a relation opens, and leaves one entry in the log, whatever was seen.
    async fn read(&self, one: &Try) -> Result<(), String> {
        let client = &self.clients[one.client];
        let actor = match one.who {
            Who::Right => "social-worker",
            Who::Any(actor) => actor,
        };
        let query = "query($id: ID!) { client(id: $id) { number person { lastName } relations { nodes { id } } consents { nodes { id } } referrals { nodes { id } } \
                     cases { nodes { id stage history { nodes { kind } } } } plans { nodes { id goals { text } } } } }";
        let before: Vec<i64> = vec![self.entries("SHOWN").await, self.entries("DENIED").await];
        let seen = self.app.post(actor, query, json!({ "id": client.id })).await.body["data"]["client"].clone();
        let more = (self.entries("SHOWN").await - before[0], self.entries("DENIED").await - before[1]);
        let related = client.with_client().contains(&actor);
        if seen.is_null() == (related || actor == "lead") || seen["person"].is_null() == related {
            return Err(format!("{actor} sees {seen} of {client:?}"));
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
    async fn end(&self) -> Result<(), String> {
        nothing_is_wrong(self.app.database()).await;
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
        Ok(())
    }
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
