//! Stories of rulebooks and of providers that are approved by them.
use super::given::{cast, due, in_days};
use crate::{
    catalogue_given::{published, whole_service},
    person::given::text,
    promise::wrong::nothing_is_wrong,
};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{CAST, TestApp, stories};

const RULEBOOK: &str = "rulebook { id version state edition moves }";
const OF: &str = "providerApproval { id version state reason }";

/// A service of the county that is given by voucher.
pub async fn service(app: &TestApp) -> String {
    let mut content = whole_service("Liikuntaryhmä palvelusetelillä");
    content["provision"] = json!("VOUCHER");
    content["producers"] = json!([app.world.organization("company")]);
    published(app, "social-worker", "county", content).await
}

/// What a rulebook for a service says.
pub(super) fn rulebook(service: &str) -> Value {
    json!({
        "name": { "fi": "Sosiaalisen kuntoutuksen sääntökirja" }, "validFrom": in_days(-30), "url": "https://example.org/saantokirja",
        "services": [{ "service": service, "unit": "SESSION", "values": [{ "validFrom": in_days(-30), "value": { "amountCents": 4_500 } }] }],
        "conditions": [{ "fi": "Ohjaajalla on soveltuva tutkinto." }],
    })
}

/// What the company says in its application.
pub(super) fn offered(app: &TestApp, service: &str) -> Value {
    json!({
        "services": [{ "service": service, "price": { "validFrom": in_days(0), "price": { "amountCents": 5_000 } } }],
        "sites": [{ "name": { "fi": "Keskustan toimipaikka" }, "area": app.world.municipality("297"), "languages": ["fi", "sv"], "phone": "+358401234567" }],
        "statement": "Ohjaajamme ovat sosionomeja.",
    })
}

/// A draft of a rulebook: id and version.
async fn drafted_rulebook(app: &TestApp, service: &str) -> Value {
    let draft = json!({ "organization": app.world.organization("county"), "content": rulebook(service) });
    app.done("procurement", "draftRulebook", RULEBOOK, draft).await["rulebook"].clone()
}

/// A version of a rulebook that is published: id and version.
pub async fn published_rulebook(app: &TestApp, service: &str) -> Value {
    let draft = drafted_rulebook(app, service).await;
    app.done("procurement", "publishRulebook", RULEBOOK, json!({ "id": draft["id"], "expectedVersion": draft["version"] })).await["rulebook"].clone()
}

/// An application of the company that nobody else sees.
async fn drafted(app: &TestApp, service: &str) -> Value {
    let rulebook = published_rulebook(app, service).await;
    drafted_by(app, service, &rulebook).await
}

async fn drafted_by(app: &TestApp, service: &str, rulebook: &Value) -> Value {
    let draft = json!({ "organization": app.world.organization("company"), "rulebook": rulebook["id"], "content": offered(app, service) });
    app.done("manager", "draftProviderApproval", OF, draft).await["providerApproval"].clone()
}

fn at(row: &Value, more: Value) -> Value {
    let mut input = more;
    input["id"] = row["id"].clone();
    input["expectedVersion"] = row["version"].clone();
    input
}

async fn step(app: &TestApp, actor: &str, mutation: &str, row: &Value, more: Value) -> Value {
    app.done(actor, mutation, OF, at(row, more)).await["providerApproval"].clone()
}

async fn said_no(app: &TestApp, actor: &str, mutation: &str, row: &Value, more: Value) -> Vec<String> {
    app.rejected(actor, mutation, "providerApproval { id }", at(row, more)).await
}

/// The company, approved by a rulebook of the county for a service.
async fn approved(app: &TestApp, service: &str) -> Value {
    let rulebook = published_rulebook(app, service).await;
    approved_by(app, service, &rulebook).await
}

/// The service of a rulebook.
pub async fn of_rulebook(app: &TestApp, rulebook: &str) -> String {
    let seen = app.ask("procurement", "query($id: ID!) { rulebook(id: $id) { services { service { id } } } }", json!({ "id": rulebook })).await;
    text(&seen["rulebook"]["services"][0]["service"]["id"])
}

/// The company, approved by a version of a rulebook for a service.
pub async fn approved_by(app: &TestApp, service: &str, rulebook: &Value) -> Value {
    let draft = drafted_by(app, service, rulebook).await;
    let submitted = step(app, "manager", "submitProviderApproval", &draft, json!({})).await;
    let reviewed = step(app, "procurement", "reviewProviderApproval", &submitted, json!({})).await;
    step(app, "procurement", "approveProvider", &reviewed, json!({})).await
}

/// What somebody sees in the public list, of a service.
async fn listed(app: &TestApp, actor: &str, service: &str) -> Value {
    let query = "query($service: ID!) { approvedProviders(filter: { services: [$service] }) { totalCount nodes {
        id provider { name { fi } } services { unit price { price { amountCents } } voucherValue { amountCents } ownShare { amountCents } }
        sites { name { fi } languages area { id } } } } }";
    app.ask(actor, query, json!({ "service": service })).await["approvedProviders"].clone()
}

async fn notices(app: &TestApp, actor: &str, kind: &str) -> usize {
    let query = "query($kinds: [NoticeKind!]) { notices(filter: { kinds: $kinds }) { nodes { approval { id } } } }";
    let told = app.ask(actor, query, json!({ "kinds": [kind] })).await["notices"]["nodes"].clone();
    told.as_array().unwrap().iter().filter(|notice| !notice["approval"].is_null()).count()
}

/// One of each, but for the approved provider, which everybody sees: a draft of a rulebook, and an approval. Kinds and ids.
pub async fn furnish(app: &TestApp) -> Vec<(&'static str, String)> {
    let service = service(app).await;
    let draft = drafted_rulebook(app, &service).await;
    let approval = approved(app, &service).await;
    vec![("Rulebook", text(&draft["id"])), ("ProviderApproval", text(&approval["id"]))]
}

stories! {
    async fn a_provider_applies_is_asked_for_more_and_is_approved_for_everybody_to_see(app) {
        cast(app).await;
        let service = service(app).await;
        let draft = drafted(app, &service).await;
        assert_eq!(listed(app, "", &service).await["totalCount"], json!(0));
        let submitted = step(app, "manager", "submitProviderApproval", &draft, json!({})).await;
        assert_eq!(notices(app, "procurement", "APPROVAL_SUBMITTED").await, 1);
        // Each side makes its own moves.
        assert_eq!(said_no(app, "procurement", "giveUpProviderApproval", &submitted, json!({})).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "manager", "reviewProviderApproval", &submitted, json!({})).await, ["OTHER_SIDE id"]);
        assert_eq!(said_no(app, "procurement", "approveProvider", &submitted, json!({})).await, ["ILLEGAL_TRANSITION id"]);
        let reviewed = step(app, "procurement", "reviewProviderApproval", &submitted, json!({})).await;
        let asked = step(app, "procurement", "requestProviderSupplement", &reviewed, json!({ "reason": "Mikä on ohjaajan tutkinto?" })).await;
        let update = at(&asked, json!({ "content": offered(app, &service) }));
        let again = app.done("manager", "updateProviderApproval", OF, update).await["providerApproval"].clone();
        let again = step(app, "manager", "submitProviderApproval", &again, json!({})).await;
        let reviewed = step(app, "procurement", "reviewProviderApproval", &again, json!({})).await;
        assert_eq!(listed(app, "", &service).await["totalCount"], json!(0), "nothing is public before it is approved");
        let approved = step(app, "procurement", "approveProvider", &reviewed, json!({})).await;
        assert_eq!((approved["state"].as_str(), notices(app, "manager", "APPROVAL_MOVED").await), (Some("APPROVED"), 4));
        // Everybody reads it, without signing in.
        let seen = listed(app, "", &service).await;
        let expected = json!([{ "unit": "SESSION", "price": { "price": { "amountCents": 5_000 } }, "voucherValue": { "amountCents": 4_500 }, "ownShare": { "amountCents": 500 } }]);
        assert_eq!((&seen["totalCount"], &seen["nodes"][0]["services"]), (&json!(1), &expected));
        assert_eq!(seen["nodes"][0]["sites"][0]["languages"], json!(["fi", "sv"]));
        let elsewhere = app.ask("", "query($areas: [ID!]) { approvedProviders(filter: { areas: $areas }) { totalCount } }", json!({ "areas": [app.world.municipality("091")] })).await;
        assert_eq!(elsewhere["approvedProviders"]["totalCount"], json!(0));
        // One approval at a time by a version.
        let rulebook = app.ask("manager", "{ rulebooks { nodes { id } } }", json!({})).await["rulebooks"]["nodes"][0]["id"].clone();
        let twice = json!({ "organization": app.world.organization("company"), "rulebook": rulebook, "content": offered(app, &service) });
        assert_eq!(app.rejected("manager", "draftProviderApproval", "providerApproval { id }", twice).await, ["UNFINISHED rulebook"]);
    }

    async fn another_price_is_seen_once_it_is_approved_and_none_is_of_the_past(app) {
        cast(app).await;
        let service = service(app).await;
        let approval = approved(app, &service).await;
        let price = |from: i64, cents: i32| json!({ "service": service, "price": { "validFrom": in_days(from), "price": { "amountCents": cents } } });
        let past = at(&approval, price(-1, 4_000));
        assert_eq!(app.rejected("manager", "submitApprovedPrice", "providerApproval { id }", past).await, ["TOO_EARLY price.validFrom"]);
        let pending = step(app, "manager", "submitApprovedPrice", &approval, price(0, 4_800)).await;
        assert_eq!(pending["state"], json!("PRICE_PENDING"));
        let cents = async || listed(app, "", &service).await["nodes"][0]["services"][0]["price"]["price"]["amountCents"].clone();
        assert_eq!(cents().await, json!(5_000), "a price that waits is nobody's to see");
        let declined = step(app, "procurement", "declineProviderPrice", &pending, json!({ "reason": "Perustelu puuttuu." })).await;
        let pending = step(app, "manager", "submitApprovedPrice", &declined, price(0, 4_700)).await;
        let approved = step(app, "procurement", "approveProviderPrice", &pending, json!({})).await;
        assert_eq!((approved["state"].as_str(), cents().await), (Some("APPROVED"), json!(4_700)));
        // What waits holds from the day on which it is approved, at the earliest.
        let pending = step(app, "manager", "submitApprovedPrice", &approved, price(1, 4_600)).await;
        app.tamper(&format!("UPDATE provider_approval SET pending = '{}'", json!({ "service": domain::id::split_public(&service).unwrap().1, "price": { "validFrom": "2020-01-31", "price": { "amountCents": 1 }, "vatRateBp": 0 } }))).await;
        let approved = step(app, "procurement", "approveProviderPrice", &pending, json!({})).await;
        assert_eq!(cents().await, json!(1));
        // The provider takes back what has not been looked at.
        let pending = step(app, "manager", "submitApprovedPrice", &approved, price(0, 4_500)).await;
        assert_eq!(said_no(app, "procurement", "recallApprovedPrice", &pending, json!({})).await, ["OTHER_SIDE id"]);
        let recalled = step(app, "manager", "recallApprovedPrice", &pending, json!({})).await;
        assert_eq!((recalled["state"].as_str(), cents().await), (Some("APPROVED"), json!(1)));
        nothing_is_wrong(app.database()).await;
    }

    async fn what_is_said_between_the_two_sides_is_nobody_elses_and_takes_two(app) {
        cast(app).await;
        let service = service(app).await;
        let rulebook = published_rulebook(app, &service).await;
        let mut content = offered(app, &service);
        content["services"][0]["price"]["reason"] = json!("Ohjaajan sijainen on kalliimpi.");
        content["sites"][0]["description"] = json!({ "fi": "Kysy Ainolta, 010190-999P." });
        let input = |content: &Value| json!({ "organization": app.world.organization("company"), "rulebook": rulebook["id"], "content": content });
        assert_eq!(app.rejected("manager", "draftProviderApproval", "providerApproval { id }", input(&content)).await, ["PERSONAL_DATA content.sites.0.description.fi"]);
        content["sites"][0].as_object_mut().unwrap().remove("description");
        let draft = app.done("manager", "draftProviderApproval", OF, input(&content)).await["providerApproval"].clone();
        let submitted = step(app, "manager", "submitProviderApproval", &draft, json!({})).await;
        let reviewed = step(app, "procurement", "reviewProviderApproval", &submitted, json!({})).await;
        // Whoever has signed it does not approve it, with whatever other role.
        let procurement = crate::casework::opened::subject(app, "procurement").await;
        app.tamper(&format!("UPDATE provider_approval SET submitted_by = '{procurement}'")).await;
        assert_eq!(said_no(app, "procurement", "approveProvider", &reviewed, json!({})).await, ["FOUR_EYES id"]);
        app.tamper("UPDATE provider_approval SET submitted_by = 'somebody'").await;
        step(app, "procurement", "approveProvider", &reviewed, json!({})).await;
        let query = "query($service: ID!) { approvedProviders(filter: { services: [$service] }) { nodes { services { price { reason } } } } }";
        let shown = app.ask("", query, json!({ "service": service })).await["approvedProviders"]["nodes"].clone();
        assert_eq!(shown, json!([{ "services": [{ "price": { "reason": null } }] }]));
        nothing_is_wrong(app.database()).await;
    }

    async fn who_is_approved_by_the_next_version_is_listed_once_and_time_ends_what_is_over(app) {
        cast(app).await;
        let service = service(app).await;
        let first = published_rulebook(app, &service).await;
        let before = approved_by(app, &service, &first).await;
        let mut content = rulebook(&service);
        (content["validFrom"], content["validTo"]) = (json!(in_days(5)), json!(in_days(10)));
        content["services"][0]["values"][0]["value"]["amountCents"] = json!(4_000);
        let next = json!({ "organization": app.world.organization("county"), "follows": first["id"], "content": content });
        let next = app.done("procurement", "draftRulebook", RULEBOOK, next).await["rulebook"].clone();
        let next = app.done("procurement", "publishRulebook", RULEBOOK, json!({ "id": next["id"], "expectedVersion": next["version"] })).await["rulebook"].clone();
        let newer = approved_by(app, &service, &next).await;
        // Whoever keeps a copy of the catalogue is told of both, and from and to when.
        let feed = "{ changes(types: [APPROVED_PROVIDER]) { changes { deletedAt subject { ... on ApprovedProvider { rulebookEdition validFrom validTo } } } } }";
        let told = app.ask("", feed, json!({})).await["changes"]["changes"].as_array().unwrap().last().cloned();
        let coming = json!({ "rulebookEdition": 2, "validFrom": in_days(5), "validTo": in_days(10) });
        assert_eq!(told, Some(json!({ "deletedAt": null, "subject": coming })));
        let query = "query($service: ID!) { approvedProviders(filter: { services: [$service] }) { nodes { rulebookEdition services { ownShare { amountCents } } } } }";
        let shown = async || app.ask("", query, json!({ "service": service })).await["approvedProviders"]["nodes"].clone();
        // The earlier version holds until the later one does, and nobody is approved by it any more.
        assert_eq!(shown().await, json!([{ "rulebookEdition": 1, "services": [{ "ownShare": { "amountCents": 500 } }] }]));
        let state = async |of: &Value| app.ask("manager", "query($id: ID!) { providerApproval(id: $id) { state reason } }", json!({ "id": of["id"] })).await["providerApproval"].clone();
        assert_eq!((due(app, 4).await.approvals, due(app, 5).await.approvals), (0, 1));
        assert_eq!((&state(&before).await["state"], state(&before).await["reason"].is_null(), &state(&newer).await["state"]), (&json!("WITHDRAWN"), false, &json!("APPROVED")));
        let again = drafted_by(app, &service, &first).await;
        let submitted = step(app, "manager", "submitProviderApproval", &again, json!({})).await;
        let reviewed = step(app, "procurement", "reviewProviderApproval", &submitted, json!({})).await;
        assert_eq!(said_no(app, "procurement", "approveProvider", &reviewed, json!({})).await, ["NOT_UNIQUE rulebook"]);
        assert_eq!((due(app, 10).await.approvals, due(app, 11).await.approvals), (0, 1));
        assert_eq!(app.count("publication", "kind = 'ApprovedProvider'").await, 0);
        nothing_is_wrong(app.database()).await;
    }

    async fn a_rulebook_names_the_own_services_of_an_authority_alone(app) {
        cast(app).await;
        let mut content = whole_service("Järjestön ryhmä");
        content["provision"] = json!("VOUCHER");
        let others = published(app, "partner", "ngo", content).await;
        let draft = json!({ "organization": app.world.organization("county"), "content": rulebook(&others) });
        assert_eq!(app.rejected("procurement", "draftRulebook", RULEBOOK, draft).await, ["DOES_NOT_AGREE content.services.0.service"]);
        // What is published under the same id and is of another kind is no service.
        let service = service(app).await;
        let approval = approved(app, &service).await;
        let (_, id) = domain::id::split_public(approval["id"].as_str().unwrap()).unwrap();
        let forged = domain::id::Kinded::to_public(domain::id::ServiceId(id));
        let draft = json!({ "organization": app.world.organization("county"), "content": rulebook(&forged) });
        assert_eq!(app.rejected("procurement", "draftRulebook", RULEBOOK, draft).await, ["UNKNOWN_REFERENCE content.services.0.service"]);
        let offering = json!({ "service": forged, "provider": app.world.organization("ngo"), "content": { "name": { "fi": "Ryhmä" } } });
        assert_eq!(app.rejected("partner", "createServiceOffering", "serviceOffering { id }", offering).await, ["UNKNOWN_REFERENCE service"]);
        // Procurement writes what everybody sees of those it has approved, and publishes and withdraws no service.
        for mutation in ["publishService", "withdrawService"] {
            let input = json!({ "input": { "id": service, "expectedVersion": 2 } });
            assert_eq!(app.refuse("procurement", &TestApp::mutation(mutation, "service { id }"), input).await, "FORBIDDEN", "{mutation}");
        }
    }

    async fn the_feed_of_changes_tells_who_can_be_chosen(app) {
        cast(app).await;
        let service = service(app).await;
        approved(app, &service).await;
        let query = "subscription { catalogueChanged(after: \"\", kinds: [APPROVED_PROVIDER]) { happening subject { ... on ApprovedProvider { provider { name { fi } } } } } }";
        let told = app.listen("", query).await.heard(Duration::from_secs(2)).await;
        assert_eq!(told[0]["data"]["catalogueChanged"], json!({ "happening": "PUBLISHED", "subject": { "provider": { "name": { "fi": "company" } } } }));
    }

    async fn who_is_no_side_of_an_application_is_told_nothing_of_it(app) {
        cast(app).await;
        let service = service(app).await;
        let draft = drafted(app, &service).await;
        let query = "query($id: ID!) { providerApproval(id: $id) { id } node(id: $id) { id } providerApprovals { totalCount } }";
        let actors: Vec<&str> = CAST.iter().map(|(name, ..)| *name).chain(["manager", "manager-b", "finance", "council"]).collect();
        let look = async |sees: &[&str]| {
            for actor in &actors {
                let seen = app.ask(actor, query, json!({ "id": draft["id"] })).await;
                let told = [!seen["providerApproval"].is_null(), !seen["node"].is_null(), seen["providerApprovals"]["totalCount"] == 1];
                assert_eq!(told, [sees.contains(actor); 3], "{actor}");
                if !sees.contains(actor) {
                    let tried = json!({ "input": at(&draft, json!({})) });
                    let code = app.refuse(actor, &TestApp::mutation("submitProviderApproval", "providerApproval { id }"), tried).await;
                    assert_eq!(code, "NOT_FOUND", "{actor}");
                }
            }
        };
        look(&["manager"]).await;
        let submitted = step(app, "manager", "submitProviderApproval", &draft, json!({})).await;
        look(&["manager", "procurement", "lead", "council"]).await;
        assert_eq!(app.refuse("lead", &TestApp::mutation("reviewProviderApproval", "providerApproval { id }"), json!({ "input": at(&submitted, json!({})) })).await, "FORBIDDEN");
        // Nobody applies for another, and a draft of a rulebook is procurement's.
        let rulebook = drafted_rulebook(app, &service).await;
        let input = json!({ "organization": app.world.organization("company"), "rulebook": rulebook["id"], "content": offered(app, &service) });
        assert_eq!(app.rejected("manager", "draftProviderApproval", "providerApproval { id }", input.clone()).await, ["UNKNOWN_REFERENCE rulebook"]);
        for actor in ["manager-b", "provider", "procurement"] {
            let tried = app.refuse(actor, &TestApp::mutation("draftProviderApproval", "providerApproval { id }"), json!({ "input": input })).await;
            assert_eq!(tried, "FORBIDDEN", "{actor}");
        }
    }

    async fn a_registration_that_ends_suspends_the_provider(app) {
        cast(app).await;
        let service = service(app).await;
        let approval = approved(app, &service).await;
        assert_eq!(due(app, 0).await.approvals, 0);
        let company = app.world.organization("company");
        let version = app.ask("admin", "query($id: ID!) { organization(id: $id) { version } }", json!({ "id": company })).await["organization"]["version"].clone();
        let content = |until: &str| {
            json!({ "name": { "fi": "company", "en": "company" }, "kind": "COMPANY", "businessId": "2211414-8", "soteriId": "SOTERI-900", "soteriValidUntil": until })
        };
        // Only the network's administrator says how long the registration lasts.
        let own = json!({ "id": company, "expectedVersion": version, "content": content(&in_days(-1)) });
        assert_eq!(app.rejected("manager", "updateOrganization", "organization { id }", own.clone()).await, ["ADMINISTRATOR_ONLY content.soteriValidUntil"]);
        app.done("admin", "updateOrganization", "organization { id }", own).await;
        assert_eq!(listed(app, "", &service).await["totalCount"], json!(0), "at once, before the job has run");
        assert_eq!((due(app, 0).await.approvals, due(app, 0).await.approvals), (1, 0));
        let state = async || app.ask("manager", "query($id: ID!) { providerApproval(id: $id) { id version state reason } }", json!({ "id": approval["id"] })).await["providerApproval"].clone();
        let suspended = state().await;
        assert_eq!(suspended["state"], json!("SUSPENDED"));
        assert_eq!(app.count("publication", "kind = 'ApprovedProvider'").await, 0);
        assert_eq!(said_no(app, "procurement", "reinstateProviderApproval", &suspended, json!({})).await, ["NOT_REGISTERED id"]);
        let version: Value = app.ask("admin", "query($id: ID!) { organization(id: $id) { version } }", json!({ "id": company })).await["organization"]["version"].clone();
        app.done("admin", "updateOrganization", "organization { id }", json!({ "id": company, "expectedVersion": version, "content": content(&in_days(30)) })).await;
        let back = step(app, "procurement", "reinstateProviderApproval", &suspended, json!({})).await;
        assert_eq!((back["state"].as_str(), &listed(app, "", &service).await["totalCount"]), (Some("APPROVED"), &json!(1)));
        let gone = step(app, "manager", "giveUpProviderApproval", &back, json!({})).await;
        assert_eq!((gone["state"].as_str(), &listed(app, "", &service).await["totalCount"]), (Some("WITHDRAWN"), &json!(0)));
    }

    async fn a_published_rulebook_stays_as_it_is_and_the_next_version_is_another_one(app) {
        cast(app).await;
        let service = service(app).await;
        let first = published_rulebook(app, &service).await;
        let update = at(&first, json!({ "content": rulebook(&service) }));
        assert_eq!(app.rejected("procurement", "updateRulebook", "rulebook { id }", update).await, ["ILLEGAL_TRANSITION id"]);
        let county = app.world.organization("county");
        let next = json!({ "organization": county, "follows": first["id"], "content": rulebook(&service) });
        let second = app.done("procurement", "draftRulebook", RULEBOOK, next.clone()).await["rulebook"].clone();
        assert_eq!(second["edition"], json!(2));
        assert_eq!(app.rejected("procurement", "draftRulebook", "rulebook { id }", next).await, ["UNFINISHED follows"]);
        let mut own = rulebook(&super::given::service(app).await);
        let purchased = json!({ "organization": county, "content": own.clone() });
        assert_eq!(app.rejected("procurement", "draftRulebook", "rulebook { id }", purchased).await, ["DOES_NOT_AGREE content.services.0.service"]);
        own = rulebook(&service);
        own["services"][0]["values"][0]["validFrom"] = json!(in_days(1));
        let late = json!({ "organization": county, "content": own });
        assert_eq!(app.rejected("procurement", "draftRulebook", "rulebook { id }", late).await, ["TOO_LATE content.services.0.values"]);
        // Nobody commits to one that is out of use.
        let draft = json!({ "organization": app.world.organization("company"), "rulebook": first["id"], "content": offered(app, &service) });
        let application = app.done("manager", "draftProviderApproval", OF, draft).await["providerApproval"].clone();
        app.done("procurement", "withdrawRulebook", RULEBOOK, at(&first, json!({ "reason": "Korvattu." }))).await;
        assert_eq!(said_no(app, "manager", "submitProviderApproval", &application, json!({})).await, ["RULEBOOK_NOT_IN_FORCE rulebook"]);
    }
}
