//! Every field, list, filter, order, count, look-up and subscription about clients that the schema has, for every role: read from the schema itself,
//! so that what is new is in the table or fails. What is printed is to be read in review like a policy.
mod refusals;
mod schema;
mod world;

use self::{
    schema::{Schema, bare, each, name, questions, selection, told},
    world::{SITUATIONS, Table, World, everybody, furnish, next},
};
use super::who_sees_clients::OTHER_PROVIDER;
use crate::{casework::opened, person::given::text};
use domain::{noted_field::NotedField, policy::Resource};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tests::stories;

/// A line of the next table.
type Filter = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// What is asked of each thing that a filter can name: the filter and its field, a value that fits a row of this world and one that fits none, and
/// what of a row tells by itself whether it fits. A field that is missing here fails.
const FILTERS: &[Filter] = &[
    ("ComplaintFilter", "kinds", "[FAULT]", "[INCIDENT]", "kind"),
    ("ComplaintFilter", "overdue", "false", "true", "overdue"),
    ("ComplaintFilter", "states", "[MEASURES]", "[UNFOUNDED]", "state"),
    ("CaseFilter", "overdue", "false", "true", "overdue"),
    ("CaseFilter", "ownWorkers", "[\"{own}\"]", "[\"urn:x|nobody\"]", "ownWorker"),
    ("CaseFilter", "stages", "[ASSESSMENT]", "[FOLLOW_ON]", "stage"),
    ("CaseFilter", "suspended", "true", "false", "suspension { reviewOn }"),
    ("ClientFilter", "keepers", "[\"{county}\"]", "[\"{parish}\"]", "keeper { id }"),
    ("ClientFilter", "search", "\"mallinen aino\"", "\"olematon\"", "person { id }"),
    ("LogFilter", "actor", "\"{own}\"", "\"urn:x|nobody\"", "actor"),
    ("LogFilter", "client", "\"{client}\"", "\"{nobody}\"", "requestId"),
    ("LogFilter", "flagged", "false", "true", "requestId"),
    ("LogFilter", "from", "\"2020-01-01T00:00:00Z\"", "\"2060-01-01T00:00:00Z\"", "at"),
    ("LogFilter", "outcome", "SHOWN", "DENIED", "requestId"),
    ("LogFilter", "to", "\"2060-01-01T00:00:00Z\"", "\"2020-01-01T00:00:00Z\"", "at"),
    ("NoticeFilter", "from", "\"2020-01-01T00:00:00Z\"", "\"2060-01-01T00:00:00Z\"", "at"),
    ("NoticeFilter", "kinds", "[REFERRAL_SENT, REFERRAL_ACCEPTED]", "[REFERRAL_EXPIRED]", "kind"),
    ("ParticipationFilter", "offerings", "[\"{offering}\"]", "[\"{none}\"]", "offering { id }"),
    ("ParticipationFilter", "sessions", "[\"{session}\"]", "[\"{never}\"]", "session { id }"),
    ("ParticipationFilter", "states", "[STARTED]", "[NO_SHOW]", "state"),
    ("ReferralFilter", "dueBefore", "\"2060-01-01T00:00:00Z\"", "\"2020-01-01T00:00:00Z\"", "dueAt"),
    ("ReferralFilter", "services", "[\"{service}\"]", "[\"{nothing}\"]", "service { id }"),
    ("ReferralFilter", "states", "[INFO_REQUESTED, ACCEPTED]", "[EXPIRED]", "state"),
    ("PurchaseOrderFilter", "states", "[TERMINATED]", "[EXPIRED]", "state"),
    ("DeliveryEventFilter", "byVoucher", "false", "true", "orderNumber"),
    ("DeliveryEventFilter", "from", "\"2020-01-01\"", "\"2199-01-01\"", "effectiveDate"),
    ("DeliveryEventFilter", "states", "[APPROVED]", "[INVOICED]", "state"),
    ("DeliveryEventFilter", "to", "\"2199-01-01\"", "\"2020-01-01\"", "effectiveDate"),
    ("ProviderReportFilter", "dueBy", "\"2199-01-01\"", "\"2020-01-01\"", "dueOn"),
    ("ProviderReportFilter", "states", "[APPROVED]", "[LAPSED]", "state"),
    ("SubjectRequestFilter", "keepers", "[\"{county}\"]", "[\"{parish}\"]", "keeper { id }"),
    ("SubjectRequestFilter", "kinds", "[ACCESS]", "[ERASURE]", "kind"),
    ("SubjectRequestFilter", "overdue", "false", "true", "overdue"),
    ("SubjectRequestFilter", "states", "[RECEIVED]", "[REFUSED]", "state"),
    ("VisitFilter", "from", "\"2020-01-01\"", "\"2199-01-01\"", "effectiveDate"),
    ("VisitFilter", "kinds", "[HOME]", "[OUTING]", "kind"),
    ("VisitFilter", "states", "[DONE]", "[CANCELLED]", "state"),
    ("VisitFilter", "to", "\"2199-01-01\"", "\"2020-01-01\"", "effectiveDate"),
    ("VoucherFilter", "numbers", "[\"1234 5678 9012\"]", "[\"0000-0000-0000\"]", "number"),
    ("VoucherFilter", "states", "[IN_USE]", "[EXPIRED]", "state"),
    ("VisitFilter", "worker", "\"{own}\"", "\"urn:x|nobody\"", "workers"),
];

/// What a question refuses to be narrowed by, whoever asks.
const REFUSED: &[(&str, &str)] = &[("disclosureLog", "flagged"), ("disclosureLog", "outcome")];

/// By what a list can be ordered, and what of a row tells its place by itself. One that is missing here fails.
const ORDERS: &[(&str, &str, &str)] = &[
    ("CaseOrderField", "CREATED_AT", "createdAt"),
    ("CaseOrderField", "NEXT_DEADLINE", "overdue"),
    ("CaseOrderField", "PENDING_AT", "pendingAt"),
    ("CaseOrderField", "UPDATED_AT", "updatedAt"),
    ("ParticipationOrderField", "CREATED_AT", "createdAt"),
    ("ParticipationOrderField", "UPDATED_AT", "updatedAt"),
    ("ReferralOrderField", "CREATED_AT", "createdAt"),
    ("ReferralOrderField", "UPDATED_AT", "version"),
    ("PurchaseOrderOrderField", "CREATED_AT", "createdAt"),
    ("PurchaseOrderOrderField", "UPDATED_AT", "updatedAt"),
    ("DeliveryEventOrderField", "EFFECTIVE_DATE", "effectiveDate"),
    ("DeliveryEventOrderField", "RECORDED_AT", "recordedAt"),
    ("ComplaintOrderField", "DUE_ON", "dueOn"),
    ("ProviderReportOrderField", "DUE_ON", "dueOn"),
    ("ProviderReportOrderField", "UPDATED_AT", "updatedAt"),
    ("VisitOrderField", "EFFECTIVE_DATE", "effectiveDate"),
    ("VisitOrderField", "RECORDED_AT", "recordedAt"),
];

/// Subscriptions; those that tell of clients are followed by everybody below. One that is missing here fails.
const SUBSCRIPTIONS: &[(&str, bool)] =
    &[("catalogueChanged", false), ("placesChanged", false), ("sessionChanged", false), ("noticed", true), ("registrationsChanged", true)];

/// Questions of the root that are not about clients: the catalogue, codes, and who one is oneself. Look-ups of any kind are asked above all; what is
/// put together from many rows, and what was destroyed, has stories of its own (`person/rights.rs`, `person/retention.rs`, `person/merging.rs`), and so
/// have calendars of one's own (`catalogue/calendar.rs`), webhooks (`partners/webhook.rs`) and days of access (`person/log.rs`).
const ELSEWHERE: &[&str] = &[
    "unusualAccess",
    "invoice",
    "invoices",
    "voucherSettlement",
    "voucherSettlements",
    "node",
    "nodes",
    "network",
    "networks",
    "organization",
    "organizations",
    "serviceUnit",
    "serviceUnits",
    "area",
    "areas",
    "venue",
    "venues",
    "transportRoute",
    "transportRoutes",
    "service",
    "services",
    "serviceOffering",
    "serviceOfferings",
    "session",
    "sessions",
    "partnershipAgreement",
    "partnershipAgreements",
    "serviceMap",
    "changes",
    "instruments",
    "viewer",
    "calendarFeeds",
    "webhook",
    "webhooks",
    "webhookDeliveries",
    "dropInDay",
    "dropInDays",
    "anonymousContact",
    "anonymousContacts",
    "outreachShift",
    "outreachShifts",
    "openEvent",
    "openEvents",
    "anonymousHandle",
    "anonymousHandles",
    "procurement",
    "purchasingOverview",
    "reports",
    "serviceSupply",
    "providerWorkList",
    "procurements",
    "frameworkContract",
    "frameworkContracts",
    "contractLine",
    "contractLines",
    "rulebook",
    "rulebooks",
    "providerApproval",
    "providerApprovals",
    "approvedProvider",
    "approvedProviders",
    "memberships",
    "codeList",
    "codeLists",
    "myData",
    "requestedData",
    "clientMergePreview",
    "retentionRules",
    "destructions",
];

/// Arguments below the root, beside those of pages. One that is missing here fails: `case` is tried below, and `since` chooses among what is shown.
const ARGUMENTS: &[&str] = &["first", "after", "last", "before", "case", "since"];

/// Lists that grow by being asked: that something is in them is what counts.
const GROWING: &[&str] = &["useLog", "myAccessLog"];

stories! {
    async fn every_field_about_clients_is_told_to_those_of_the_table(app) {
        let schema = Schema::read(app).await;
        let actors = everybody(app).await;
        let World { rows, consent, .. } = furnish(app).await;
        for resource in Resource::ALL.iter().filter(|r| r.is_about_clients()) {
            assert!(rows.iter().any(|(kind, _)| *kind == format!("{resource:?}")), "{resource:?} is not asked for");
        }
        let paths: Vec<_> = rows.iter().map(|(kind, _)| schema.leaves(kind, 0)).collect();
        let mut seen: BTreeMap<(usize, usize, usize), String> = BTreeMap::new();
        for situation in 0..SITUATIONS {
            next(app, situation, &consent).await;
            for (who, actor) in actors.iter().enumerate() {
                for (chunk, some) in rows.chunks(6).enumerate() {
                    let ask = |(at, (kind, id)): (usize, &(String, String))| format!("r{at}: node(id: \"{id}\") {{ ... on {kind} {{ {} }} }}", selection(&paths[chunk * 6 + at]));
                    let query: Vec<_> = some.iter().enumerate().map(ask).collect();
                    let answer = app.ask(actor, &format!("{{ {} }}", query.join(" ")), json!({})).await;
                    for at in 0..some.len() {
                        let row = &answer[format!("r{at}")];
                        for (path, leaf) in paths[chunk * 6 + at].iter().enumerate() {
                            seen.entry((chunk * 6 + at, path, who)).or_default().push(if told(row, leaf) { '+' } else { '-' });
                        }
                    }
                }
                // Looked up together, rows are no more seen than one by one.
                let ids: Vec<_> = rows.iter().map(|(_, id)| id).collect();
                let together = app.ask(actor, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids })).await;
                for (at, node) in together["nodes"].as_array().unwrap().iter().enumerate() {
                    let id = paths[at].iter().position(|path| path == &["id"]).unwrap();
                    assert_eq!(!node.is_null(), seen[&(at, id, who)].ends_with('+'), "{actor} {:?} {situation}", rows[at]);
                }
            }
        }
        for ((at, _, who), marks) in &seen {
            let told = OTHER_PROVIDER.contains(&actors[*who].as_str()) && marks.contains('+');
            assert!(!told, "{} is told something of {}", actors[*who], rows[*at].0);
        }
        let mut table = Table::default();
        for (at, (kind, _)) in rows.iter().enumerate() {
            let before = rows[..at].iter().filter(|(other, _)| other == kind).count();
            let thing = if before == 0 { kind.clone() } else { format!("{kind} ({})", before + 1) };
            for (path, leaf) in paths[at].iter().enumerate() {
                let verdicts = actors.iter().enumerate().map(|(who, actor)| (actor.clone(), seen[&(at, path, who)].clone()));
                table.line(&thing, verdicts, leaf.join("."));
            }
        }
        insta::assert_snapshot!("who_sees_fields", table.print());
        // Whatever of it is guarded was noted by its name.
        let mut unread = Vec::new();
        for field in NotedField::ALL {
            if app.count("use_log_entry", &format!("' ' || what || ' ' LIKE '% {} %'", field.name())).await == 0 {
                unread.push(field.name());
            }
        }
        assert_eq!(unread, Vec::<&str>::new());
    }

    async fn every_question_about_clients_is_answered_to_those_of_the_table(app) {
        let schema = Schema::read(app).await;
        let actors = everybody(app).await;
        let world = furnish(app).await;
        let questions = questions(app, &schema, &world);
        let mut totals: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        for situation in 0..SITUATIONS {
            next(app, situation, &world.consent).await;
            for (at, question) in questions.iter().enumerate() {
                for (who, actor) in actors.iter().enumerate() {
                    let data = app.ask(actor, &format!("{{ it: {} {{ {} }} }}", question.asked(""), question.selection("id")), json!({})).await;
                    totals.entry((at, who)).or_default().push(question.total(&data["it"]));
                }
            }
        }
        for ((at, who), totals) in &totals {
            let told = OTHER_PROVIDER.contains(&actors[*who].as_str()) && totals.iter().any(|total| total != "0");
            assert!(!told, "{} is told something by {}", actors[*who], questions[*at].label);
        }
        let mut table = Table::default();
        for (at, question) in questions.iter().enumerate() {
            let marks = |who: usize| {
                let totals = &totals[&(at, who)];
                if totals.iter().all(|total| total == "0") { "-".to_owned() } else { totals.join("/") }
            };
            table.line("questions: how many rows, or + for one", actors.iter().enumerate().map(|(who, actor)| (actor.clone(), marks(who))), question.label.clone());
        }
        insta::assert_snapshot!("who_asks_what", table.print());
    }

    async fn no_filter_and_no_order_tells_what_is_not_shown(app) {
        let schema = Schema::read(app).await;
        let actors = everybody(app).await;
        let world = furnish(app).await;
        let rows = &world.rows;
        let id = |kind: &str| rows.iter().find(|(of, _)| of == kind).unwrap().1.clone();
        let own = opened::subject(app, "social-worker").await;
        // The service of a referral.
        let services = app.ask("", "{ services { nodes { id name { fi } } } }", json!({})).await;
        let service = each(&services["services"], "nodes").find(|service| service["name"]["fi"] == "Kävelyryhmä").map(|service| text(&service["id"])).unwrap();
        let taking_part = app.ask("client", "{ me { participations { nodes { offering { id } session { id } } } } }", json!({})).await;
        let group = text(&taking_part["me"]["participations"]["nodes"][0]["offering"]["id"]);
        let session = each(&taking_part["me"]["participations"], "nodes").find_map(|row| row["session"]["id"].as_str()).unwrap();
        let fill = |value: &str| {
            let value = value.replace("{own}", &own).replace("{county}", &app.world.organization("county")).replace("{parish}", &app.world.organization("parish"));
            let nobody = domain::id::Kinded::to_public(domain::id::ClientId::new());
            let nothing = domain::id::Kinded::to_public(domain::id::ServiceId::new());
            let none = domain::id::Kinded::to_public(domain::id::ServiceOfferingId::new());
            let never = domain::id::Kinded::to_public(domain::id::SessionId::new());
            let value = value.replace("{offering}", &group).replace("{none}", &none).replace("{session}", session).replace("{never}", &never);
            value.replace("{client}", &id("Client")).replace("{nobody}", &nobody).replace("{nothing}", &nothing).replace("{service}", &service)
        };
        let mut works: BTreeSet<(&str, &str)> = BTreeSet::new();
        for question in questions(app, &schema, &world) {
            let field = schema.field("Query", &question.field).unwrap();
            let argument = |called: &str| each(field, "args").find(|a| name(a) == called).map(bare);
            let growing = GROWING.contains(&question.field.as_str());
            let mut wide = Vec::new();
            let mut narrowed: Vec<(&Filter, String, String)> = Vec::new();
            if let Some(filter) = argument("filter") {
                for input in each(&schema.0[filter], "inputFields") {
                    let values: Vec<_> = each(&schema.0[bare(input)], "enumValues").map(name).collect();
                    if !values.is_empty() && bare(input) != "UseOutcome" {
                        wide.push(format!("filter: {{ {}: [{}] }}", name(input), values.join(", ")));
                    }
                    let line = FILTERS.iter().find(|(of, field, ..)| *of == filter && *field == name(input));
                    let line = line.unwrap_or_else(|| panic!("{filter}.{} is not tried: add it to FILTERS", name(input)));
                    narrowed.push((line, format!("filter: {{ {}: {} }}", line.1, fill(line.2)), format!("filter: {{ {}: {} }}", line.1, fill(line.3))));
                }
            }
            let mut ordered: Vec<(&str, String, String)> = Vec::new();
            if let Some(order) = argument("orderBy") {
                let by = bare(each(&schema.0[order], "inputFields").find(|input| name(input) == "field").unwrap());
                for value in each(&schema.0[by], "enumValues").map(name) {
                    let line = ORDERS.iter().find(|(of, named, _)| *of == by && *named == value);
                    let (_, _, shows) = line.unwrap_or_else(|| panic!("{by}.{value} is not tried: add it to ORDERS"));
                    let to = |direction: &str| format!("orderBy: [{{ field: {value}, direction: {direction} }}]");
                    ordered.push((shows, to("ASC"), to("DESC")));
                }
            }
            for actor in &actors {
                let ask = async |arguments: &str, shows: &str| {
                    let data = app.ask(actor, &format!("{{ it: {} {{ {} }} }}", question.asked(arguments), question.selection(shows)), json!({})).await;
                    data["it"].clone()
                };
                let ids = |data: &Value| data["nodes"].as_array().unwrap().iter().map(|node| text(&node["id"])).collect::<Vec<_>>();
                let all = if narrowed.is_empty() && ordered.is_empty() { continue } else { ask("", "id").await };
                let mut reach: BTreeSet<_> = ids(&all).into_iter().collect();
                // What is left out unless it is asked for is in reach as well.
                for wide in &wide {
                    reach.extend(ids(&ask(wide, "id").await));
                }
                let most = reach.len() as u64;
                for (line, fits, fits_not) in &narrowed {
                    if REFUSED.contains(&(&question.field, line.1)) {
                        let query = format!("{{ it: {} {{ totalCount }} }}", question.asked(fits));
                        assert_eq!(app.refuse(actor, &query, json!({})).await, "BAD_INPUT", "{actor} {query}");
                        continue;
                    }
                    let (with, without) = (ask(fits, line.4).await, ask(fits_not, line.4).await);
                    for (found, arguments) in [(&with, fits), (&without, fits_not)] {
                        let inside = ids(found).iter().all(|id| reach.contains(id));
                        assert!(inside || growing && !reach.is_empty(), "{actor} gets by {arguments} of {} what is not in the list: {found}", question.label);
                        assert!(growing || found["totalCount"].as_u64() <= Some(most), "{actor} {arguments} {}: {found}", question.label);
                        if reach.is_empty() {
                            assert_eq!((&found["totalCount"], &found["nodes"]), (&json!(0), &json!([])), "{actor} {arguments} {}", question.label);
                        }
                    }
                    // Whoever is told that a row fits is shown by the row itself why.
                    let first = line.4.split_whitespace().next().unwrap();
                    let shown = with["nodes"].as_array().unwrap().iter().all(|node| !node[first].is_null());
                    assert!(shown, "{actor} learns by {fits} of {} what is not shown: {with}", question.label);
                    // What is so and what is not are all there is.
                    let parted = ids(&with).iter().all(|id| !ids(&without).contains(id)) && ids(&with).len() + ids(&without).len() == reach.len();
                    if with["totalCount"] != 0 && (without["totalCount"] == 0 || growing || parted) {
                        works.insert((line.0, line.1));
                    }
                }
                for (shows, up, down) in &ordered {
                    let (up, down) = (ask(up, shows).await, ask(down, shows).await);
                    let mut turned = ids(&down);
                    turned.reverse();
                    assert!(up["totalCount"] == all["totalCount"] && ids(&up).len() == ids(&all).len() && ids(&up) == turned, "{actor} {}: {up} {down}", question.label);
                    let first = shows.split_whitespace().next().unwrap();
                    assert!(up["nodes"].as_array().unwrap().iter().all(|node| !node[first].is_null()), "{actor} learns an order that is not shown: {up}");
                }
            }
        }
        for (filter, field, ..) in FILTERS {
            assert!(works.contains(&(filter, field)), "nobody finds anything by {filter}.{field}, or finds it by what does not fit");
        }
    }

    async fn no_argument_below_the_root_reaches_another_client(app) {
        let schema = Schema::read(app).await;
        let actors = everybody(app).await;
        let World { rows, .. } = furnish(app).await;
        let kinds: BTreeSet<_> = rows.iter().map(|(kind, _)| kind.as_str()).collect();
        let mut by_case = Vec::new();
        for kind in kinds {
            for field in schema.fields(kind) {
                for argument in each(field, "args").map(name) {
                    assert!(ARGUMENTS.contains(&argument), "{kind}.{}({argument}:) is not tried: add it to ARGUMENTS", name(field));
                }
                if each(field, "args").any(|argument| name(argument) == "case") {
                    assert_eq!(kind, "Client", "say here how {kind}.{} is asked of a case", name(field));
                    by_case.push(name(field));
                }
            }
        }
        let of = |kind: &str| rows.iter().filter(|(of, _)| of == kind).map(|(_, id)| id.clone()).collect::<Vec<_>>();
        let (clients, cases) = (of("Client"), of("Case"));
        let mut told = 0;
        for (client, own, other) in [(&clients[0], &cases[0], &cases[1]), (&clients[1], &cases[1], &cases[0])] {
            for actor in &actors {
                let ask = async |case: &str| {
                    let fields: Vec<_> = by_case.iter().map(|field| format!("{field}(case: \"{case}\") {{ totalCount nodes {{ id }} }}")).collect();
                    app.ask(actor, &format!("{{ client(id: \"{client}\") {{ {} }} }}", fields.join(" ")), json!({})).await["client"].clone()
                };
                let (within, beyond) = (ask(own).await, ask(other).await);
                for field in &by_case {
                    let total = |of: &Value| of[*field]["totalCount"].as_u64().unwrap_or_default();
                    assert_eq!(total(&beyond), 0, "{actor} gets by the case of another client {beyond}");
                    told += total(&within);
                }
            }
        }
        assert!(told >= by_case.len() as u64, "nobody is told anything by a case of one's own client");
    }

    async fn every_subscription_about_clients_tells_those_of_the_table(app) {
        let schema = Schema::read(app).await;
        for field in schema.fields("Subscription").map(name) {
            assert!(SUBSCRIPTIONS.iter().any(|(known, _)| *known == field), "{field} is followed by nobody: add it to SUBSCRIPTIONS");
        }
        let mut actors = everybody(app).await;
        actors.push(String::new());
        let World { rows, consent, .. } = furnish(app).await;
        let case = rows.iter().find(|(kind, _)| kind == "Case").unwrap().1.clone();
        let number = app.ask("client", "{ me { number } }", json!({})).await["me"]["number"].clone();
        let mut streams = Vec::new();
        for (field, about_clients) in SUBSCRIPTIONS {
            for actor in actors.iter().filter(|_| *about_clients) {
                let of = if *field == "registrationsChanged" { format!("(organization: \"{}\")", app.world.organization("ngo")) } else { String::new() };
                streams.push((*field, actor.clone(), app.listen(actor, &format!("subscription {{ {field}{of} {{ id kind }} }}")).await));
            }
        }
        // What is there already is not told: the streams must be open first.
        tokio::time::sleep(Duration::from_millis(500)).await;
        app.done("client", "withdrawConsent", "consent { id }", json!({ "id": consent, "expectedVersion": 1 })).await;
        let hand = opened::at(app, &case, json!({ "to": opened::subject(app, "service-guide").await })).await;
        app.done("social-worker", "handOverCase", "case { id }", hand).await;
        app.tamper("UPDATE care_relation SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        let glass = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Asiakas on soittanut hätääntyneenä." });
        app.done("service-guide", "breakGlass", "careRelation { id }", glass).await;
        let mut heard = tokio::task::JoinSet::new();
        for (field, actor, mut stream) in streams {
            heard.spawn(async move { (field, actor, stream.heard(Duration::from_millis(1_500)).await) });
        }
        let mut table = Table::default();
        let mut lines: Vec<_> = heard.join_all().await;
        lines.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        for (field, actor, told) in lines {
            let kinds = told.iter().map(|event| match event["errors"][0]["extensions"]["code"].as_str() {
                Some(code) => code.to_owned(),
                None => text(&event["data"][field]["kind"]),
            });
            let kinds: Vec<_> = kinds.collect();
            let actor = if actor.is_empty() { "(nobody)".to_owned() } else { actor };
            let kinds = if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") };
            table.put(field, kinds, actor);
        }
        insta::assert_snapshot!("who_is_noticed", table.print());
    }
}
