//! Who asks, what there is to be told, and what becomes of it.
use super::super::who_sees_clients;
use crate::{
    casework::{given as casework_given, opened, service_decision as decision},
    catalogue_given::{published, whole_service},
    delivery::given as delivery,
    funding::{given::in_days, purchase_order as order},
    person::given::{self, text},
};
use api::identity::{demo::ISSUER, subject_key};
use domain::actor::Role;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write};
use tests::{CAST, TestApp};

/// Everybody who asks: a stranger, the cast, and one of each role that the cast has not.
pub(super) async fn everybody(app: &TestApp) -> Vec<String> {
    let others = [who_sees_clients::OTHER_CLIENT, who_sees_clients::ELSEWHERE];
    let cast = ["stranger"].into_iter().chain(CAST.iter().map(|(name, ..)| *name)).chain(others);
    // Beside the cast, the manager of the company that provides, and both of another provider.
    crate::funding::given::cast(app).await;
    let mut actors: Vec<_> = cast.chain(["manager"]).chain(who_sees_clients::OTHER_PROVIDER.iter().copied()).map(str::to_owned).collect();
    for role in Role::ALL.iter().filter(|role| !CAST.iter().any(|(_, of, _)| of == *role)) {
        let actor = format!("{role:?}");
        let code = domain::code::Coded::code(*role);
        let member = json!({ "organization": app.world.organization("county"), "role": code, "subject": subject_key(ISSUER, &actor) });
        app.done("admin", "grantMembership", "membership { id }", member).await;
        actors.push(actor);
    }
    actors
}

/// What there is to be told of clients.
pub(super) struct World {
    /// One row of each thing about clients, and what is said of them beside.
    pub(super) rows: Vec<(String, String)>,
    /// The consent that is withdrawn.
    pub(super) consent: String,
    /// Another authority of the network.
    pub(super) authority: String,
}

/// One row of each thing about clients, and what is said of them beside.
pub(super) async fn furnish(app: &TestApp) -> World {
    let (rows, consent) = who_sees_clients::unrestricted(app).await;
    let mut rows: Vec<_> = rows.into_iter().map(|(kind, id)| (kind.to_owned(), id)).collect();
    elaborate(app, &mut rows).await;
    let until = in_days(2);
    let away = json!({ "organization": app.world.organization("county"), "substitute": opened::subject(app, "lead").await, "until": until });
    let away = app.done("service-guide", "arrangeSubstitution", "substitution { id }", away).await;
    rows.push(("Substitution".to_owned(), text(&away["substitution"]["id"])));
    let notice = app.ask("partner", "{ notices(first: 1) { nodes { id } } }", json!({})).await;
    rows.push(("Notice".to_owned(), text(&notice["notices"]["nodes"][0]["id"])));
    let guided = app.ask("service-guide", "{ clients { nodes { id cases { nodes { id } } } } }", json!({})).await["clients"]["nodes"][0].clone();
    rows.push(("Client".to_owned(), text(&guided["id"])));
    rows.push(("Case".to_owned(), text(&guided["cases"]["nodes"][0]["id"])));
    let (elsewhere, authority) = who_sees_clients::elsewhere(app, &rows[0].1).await;
    rows.extend(elsewhere.into_iter().map(|(kind, id)| (kind.to_owned(), id)));
    protected(app, &mut rows, &text(&guided["id"]), &authority).await;
    said(app, &mut rows).await;
    let given_up = crate::delivery::given::given_up(app, &rows[0].1).await;
    rows.push(("Participation".to_owned(), given_up));
    app.tamper("UPDATE participation SET held_until = '2060-01-01 00:00:00+00:00' WHERE state = 'STARTED'").await;
    let restriction = who_sees_clients::restricted(app, &rows[0].1).await;
    // The social worker writes all the same, on a recorded ground.
    let ground = json!({ "id": restriction, "expectedVersion": 1, "ground": "PROTECTION_OF_ANOTHER", "reason": "Läheisen turvallisuus vaatii kirjaamista." });
    app.done("social-worker", "exceptFromRestriction", "restriction { id }", ground).await;
    rows.push(("Restriction".to_owned(), restriction));
    // All of it at once is read by the client alone.
    app.ask("client", "{ myData { clientId } }", json!({})).await;
    World { rows, consent, authority }
}

/// The service guide's client is under non-disclosure, keeps everything back from the other authority, and is visited at home.
async fn protected(app: &TestApp, rows: &mut Vec<(String, String)>, client: &str, authority: &str) {
    let mut identity = given::eino();
    identity["phone"] = json!("+358500000002");
    let identity = json!({ "client": client, "expectedVersion": 1, "identity": identity, "protected": true });
    app.done("service-guide", "updateIdentity", "person { protected }", identity).await;
    let seen = app.ask("service-guide", "query($id: ID!) { client(id: $id) { number person { id } } }", json!({ "id": client })).await["client"].clone();
    rows.push(("Person".to_owned(), text(&seen["person"]["id"])));
    let why = "Kotikäynti on sovittava puhelimitse.";
    app.done("service-guide", "revealProtectedContact", "contact { phone }", json!({ "client": client, "reason": why })).await;
    let (guide, pair) = (opened::subject(app, "service-guide").await, opened::subject(app, "social-worker").await);
    let mut home = delivery::home_visit(app, client, &[&guide, &pair]);
    home["plan"]["details"]["address"] = json!({ "street": "Suojakatu 1", "postalCode": "70100", "city": "Kuopio" });
    let visit = text(&app.done("service-guide", "planVisit", "visit { id }", home).await["visit"]["id"]);
    app.done("service-guide", "revealVisitAddress", "address { street }", json!({ "id": visit, "reason": why })).await;
    rows.push(("Visit".to_owned(), visit));
    let kept = json!({ "client": client, "target": { "controller": authority } });
    app.done("service-guide", "setDisclosureProhibition", "disclosureProhibition { id }", kept).await;
    let open = json!({ "organization": authority, "client": { "number": seen["number"] }, "reason": "Palvelutarpeen arviointi vaatii tiedot." });
    let refused = app.rejected(who_sees_clients::ELSEWHERE, "openByStatutoryRight", "careRelation { id }", open).await;
    assert_eq!(refused, ["DISCLOSURE_PROHIBITED despiteProhibition"]);
}

/// Of the social worker's client: what is said only when things are done without, commented on, given up, extended or lifted, or turn out to be two of one.
async fn said(app: &TestApp, rows: &mut Vec<(String, String)>) {
    let find = |rows: &[(String, String)], kind: &str| rows.iter().find(|(of, _)| of == kind).unwrap().1.clone();
    let (client, case) = (find(rows, "Client"), find(rows, "Case"));
    let mut push = |kind: &str, id: &Value| rows.push((kind.to_owned(), text(id)));
    let step = casework_given::step;
    let made = json!({ "case": case, "reason": "Tarve on ilmeinen." });
    push("NeedsAssessment", &app.done("social-worker", "waiveNeedsAssessment", "needsAssessment { id }", made).await["needsAssessment"]["id"]);
    let of = ("clientPlan", "state");
    let goals = [casework_given::goal(app, "social-worker", &case, "WORKER", "Käy ryhmässä.").await];
    let shown = casework_given::shared_by(app, "social-worker", &case, casework_given::whole_plan(&goals)).await;
    let commented = step(app, "client", "commentOnClientPlan", of, &shown, json!({ "comment": "Entä liikunta?" })).await;
    let again = step(app, "social-worker", "shareClientPlan", of, &commented, json!({})).await;
    let agreed = step(app, "client", "recordPlanAgreement", of, &again, json!({ "agreement": "AGREES" })).await;
    let in_force = step(app, "social-worker", "putClientPlanInForce", of, &agreed, json!({})).await;
    push("ClientPlan", &step(app, "social-worker", "reviewClientPlan", of, &in_force, json!({ "note": "Tarkistetaan." })).await["id"]);
    let of = ("finalAssessment", "state");
    let draft = app.done("social-worker", "draftFinalAssessment", "finalAssessment { id version }", json!({ "case": case })).await["finalAssessment"].clone();
    let content = json!({ "content": casework_given::whole_final(), "benefitThemes": ["HOPE"] });
    let saved = step(app, "social-worker", "saveFinalAssessment", of, &draft, content).await;
    let shown = step(app, "social-worker", "shareFinalAssessment", of, &saved, json!({})).await;
    let unheard = json!({ "unheardReason": "Asiakasta ei tavoitettu." });
    push("FinalAssessment", &step(app, "social-worker", "approveFinalAssessment", of, &shown, unheard).await["id"]);
    let of = ("followOnPath", "state");
    let path = json!({ "case": case, "destination": "EDUCATION" });
    let path = app.done("social-worker", "planFollowOnPath", "followOnPath { id version }", path).await["followOnPath"].clone();
    push("FollowOnPath", &step(app, "social-worker", "dropFollowOnPath", of, &path, json!({ "reason": "Opisto on täynnä." })).await["id"]);
    let of = ("subjectRequest", "state");
    let asked = json!({ "client": client, "kind": "PORTABILITY", "words": "Haluan tiedot mukaani." });
    let asked = app.done("client", "makeSubjectRequest", "subjectRequest { id version }", asked).await["subjectRequest"].clone();
    let extended = step(app, "lead", "extendSubjectRequest", of, &asked, json!({ "reason": "Tietoja on monessa järjestelmässä." })).await;
    let answer = json!({ "decision": "GRANT_PARTLY", "ground": "STATUTORY_RECORD", "words": "Vain suostumukseen perustuvat tiedot." });
    push("SubjectRequest", &step(app, "lead", "decideSubjectRequest", of, &extended, answer).await["id"]);
    let of = ("legalHold", "reason");
    let held = json!({ "client": client, "reason": "Kantelu on vireillä aluehallintovirastossa." });
    let held = app.done("dpo", "setLegalHold", "legalHold { id version }", held).await["legalHold"].clone();
    push("LegalHold", &step(app, "dpo", "liftLegalHold", of, &held, json!({ "reason": "Kantelu on ratkaistu." })).await["id"]);
    // Somebody who came without an identity code was the same human being.
    let (twice, _) = given::client(app, given::walk_in()).await;
    let version = app.ask("social-worker", "query($id: ID!) { client(id: $id) { version } }", json!({ "id": client })).await["client"]["version"].clone();
    let merger = json!({
        "surviving": client, "expectedVersion": version, "merged": twice, "expectedMergedVersion": 1, "reason": "Sama henkilö: tuli ensin ilman tunnusta.",
    });
    app.done("social-worker", "mergeClients", "client { id }", merger).await;
}

/// Says of things what they can say, so that as little as can be is told to nobody.
pub(super) async fn elaborate(app: &TestApp, rows: &mut [(String, String)]) {
    let find = |rows: &[(String, String)], kind: &str| rows.iter().find(|(of, _)| of == kind).unwrap().1.clone();
    let put = |rows: &mut [(String, String)], kind: &str, id: &Value| rows.iter_mut().find(|(of, _)| of == kind).unwrap().1 = text(id);
    // The social worker's client: a case that is suspended, and a referral about which the recipient asks.
    let mut identity = given::aino();
    identity["email"] = json!("aino@example.org");
    let identity = json!({ "client": find(rows, "Client"), "expectedVersion": 1, "identity": identity, "protected": false });
    app.done("social-worker", "updateIdentity", "person { version }", identity).await;
    let case = find(rows, "Case");
    let content = json!({ "serviceTask": "WORKING_AGE_SERVICES", "parallel": ["CHILD_FAMILY_SERVICES"], "groups": ["HIGHEST_CARE_ALLOWANCE"] });
    opened::step(app, "social-worker", "updateCase", &case, json!({ "content": content })).await;
    let own = opened::subject(app, "social-worker").await;
    opened::step(app, "social-worker", "assessCase", &case, json!({ "ownWorker": own, "urgent": false })).await;
    let until = in_days(14);
    opened::step(app, "social-worker", "suspendCase", &case, json!({ "reason": "HOSPITAL", "reviewOn": until, "words": "Sairaalassa." })).await;
    let last = app.ask("social-worker", "query($id: ID!) { case(id: $id) { history(last: 1) { nodes { id } } } }", json!({ "id": case })).await;
    put(rows, "CaseEvent", &last["case"]["history"]["nodes"][0]["id"]);
    let referral = json!({ "id": find(rows, "Referral"), "version": 2 });
    let referral = casework_given::step(app, "partner", "acknowledgeReferral", ("referral", "state"), &referral, json!({})).await;
    casework_given::step(app, "partner", "requestReferralInfo", ("referral", "state"), &referral, json!({ "message": "Sopiiko aamupäivä?" })).await;
    // Another referral of the same client, to a service, that is not acknowledged yet.
    let service = published(app, "partner", "ngo", whole_service("Kävelyryhmä")).await;
    let another = json!({
        "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "service": service, "client": find(rows, "Client"),
        "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": ["ALIAS"] },
        "introduction": { "reason": "Kaipaa liikettä." },
    });
    let another = text(&app.done("social-worker", "createReferral", "referral { id }", another).await["referral"]["id"]);
    given::consent(app, "social-worker", &another, &["ALIAS", "REASON"]).await;
    app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": another, "expectedVersion": 1 })).await;
    // A decision in the place of another, of which the client has sought rectification, taken back.
    let content = decision::granting(&service);
    let first = decision::served(app, &case, content.clone()).await;
    let next = json!({ "case": case, "amends": first["id"], "content": content });
    let next = app.done("social-worker", "draftServiceDecision", "serviceDecision { id version }", next).await["serviceDecision"].clone();
    let made = casework_given::step(app, "social-worker", "makeServiceDecision", decision::OF, &next, json!({})).await;
    let serve = json!({ "method": "LETTER", "sentOn": in_days(0) });
    let served = casework_given::step(app, "social-worker", "serveServiceDecision", decision::OF, &made, serve).await;
    let sought = casework_given::step(app, "client", "requestDecisionRectification", decision::OF, &served, json!({ "words": "Tarvitsen enemmän." })).await;
    // The body for individual cases lets it stand; the lead has a relation for as long as it takes to write that down.
    let number =
        app.ask("social-worker", "query($id: ID!) { client(id: $id) { number } }", json!({ "id": find(rows, "Client") })).await["client"]["number"].clone();
    let open = json!({ "organization": app.world.organization("county"), "client": { "number": number }, "reason": "Oikaisun kirjaaminen yksilöjaostolta." });
    let relation = app.done("lead", "openByStatutoryRight", "careRelation { id version }", open).await["careRelation"].clone();
    let upheld = casework_given::step(app, "lead", "upholdServiceDecision", decision::OF, &sought, json!({ "reason": "Jaosto: pysytetään." })).await;
    app.done("lead", "endCareRelation", "careRelation { id }", json!({ "id": relation["id"], "expectedVersion": relation["version"] })).await;
    app.tamper("UPDATE service_decision SET state = 'SERVED', ends_before = '2060-01-01' WHERE requested_on IS NOT NULL").await;
    let wish = json!({ "reason": "Asiakkaan toive.", "clientAgrees": true });
    casework_given::step(app, "social-worker", "revokeServiceDecision", decision::OF, &upheld, wish).await;
    put(rows, "ServiceDecision", &next["id"]);
    // What was found out of health is noted by itself.
    let mut content = casework_given::whole_assessment();
    content["parts"].as_array_mut().unwrap().push(json!({ "area": "HEALTH", "text": "Uni on lyhyttä." }));
    let assessed = json!({ "id": find(rows, "NeedsAssessment"), "version": 2 });
    casework_given::step(app, "service-guide", "saveNeedsAssessment", ("needsAssessment", "state"), &assessed, json!({ "content": content })).await;
    let mut baseline = opened::baseline();
    (baseline["id"], baseline["expectedVersion"], baseline["reason"]) = (json!(find(rows, "IntakeBaseline")), json!(1), json!("Päivä oli väärin."));
    let corrected = app.done("social-worker", "correctIntakeBaseline", "intakeBaseline { id }", baseline).await;
    put(rows, "IntakeBaseline", &corrected["intakeBaseline"]["id"]);
    // What was ordered was interrupted, and ended before it was given as ordered; its row says what it can say.
    let of = order::OF;
    let running = app
        .ask("social-worker", "query($id: ID!) { node(id: $id) { ... on PurchaseOrder { id version } } }", json!({ "id": find(rows, "PurchaseOrder") }))
        .await;
    let paused = casework_given::step(app, "provider", "pausePurchaseOrder", of, &running["node"], json!({ "words": "Ohjaaja sairastui." })).await;
    let resumed = casework_given::step(app, "provider", "resumePurchaseOrder", of, &paused, json!({})).await;
    casework_given::step(app, "provider", "terminatePurchaseOrder", of, &resumed, json!({ "words": "Asiakas keskeytti." })).await;
    app.tamper("UPDATE purchase_order SET reject_reason = 'OTHER'").await;
    // What was delivered was disputed, corrected and taken back; its row says what it can say.
    let of = ("deliveryEvent", "state");
    let event = json!({ "id": find(rows, "DeliveryEvent"), "version": 1 });
    let disputed = casework_given::step(app, "social-worker", "disputeDeliveryEvent", of, &event, json!({ "reason": "Ei käynyt." })).await;
    let right = json!({ "effectiveDate": in_days(0), "quantity": { "hundredths": 50 }, "note": "Puoli kertaa.", "performer": "Olga Ohjaaja" });
    let corrected = casework_given::step(app, "provider", "correctDeliveryEvent", of, &disputed, json!({ "content": right, "reason": "Puolet." })).await;
    casework_given::step(app, "provider", "voidDeliveryEvent", of, &corrected, json!({ "reason": "Väärä tilaus." })).await;
    app.tamper(
        "UPDATE delivery_event SET state = 'APPROVED', approved_at = updated_at, approved_by = recorded_by, disputable_until = effective_date, \
         attendance_id = (SELECT a.id FROM attendance a WHERE a.client_id = delivery_event.client_id LIMIT 1) WHERE contract_id IS NOT NULL",
    )
    .await;
    // How it went is told, given back, told again and accepted.
    let of = ("providerReport", "state");
    let seen = app
        .ask("social-worker", "query($id: ID!) { node(id: $id) { ... on ProviderReport { id version } } }", json!({ "id": find(rows, "ProviderReport") }))
        .await;
    let told = json!({ "content": { "text": "Kävi ryhmässä.", "functionalChange": "Asioi yksin.", "recommendation": "Vertaisryhmä." } });
    let given = casework_given::step(app, "provider", "submitProviderReport", of, &seen["node"], told.clone()).await;
    let back = casework_given::step(app, "social-worker", "returnProviderReport", of, &given, json!({ "reason": "Kerro lisää." })).await;
    let again = casework_given::step(app, "provider", "submitProviderReport", of, &back, told).await;
    casework_given::step(app, "social-worker", "approveProviderReport", of, &again, json!({})).await;
    // The service guide's client: what was drafted is said and shown, what was planned is done.
    let goal = find(rows, "Goal");
    let of = ("finalAssessment", "state");
    let content = json!({
        "versusBaseline": "Enemmän seuraa kuin alussa.", "goalResults": [{ "goal": goal, "text": "Kävi ryhmässä." }], "clientExperience": "Uskallan taas.",
        "recommendations": "Jatkaa ryhmässä.",
    });
    let made = json!({ "id": find(rows, "FinalAssessment"), "version": 1 });
    let saved = casework_given::step(app, "service-guide", "saveFinalAssessment", of, &made, json!({ "content": content, "benefitThemes": ["HOPE"] })).await;
    let shown = casework_given::step(app, "service-guide", "shareFinalAssessment", of, &saved, json!({})).await;
    casework_given::step(app, "service-guide", "answerFinalAssessment", of, &shown, json!({ "approvedByClient": true, "words": "Näin se meni." })).await;
    let case = app.ask("service-guide", "query($id: ID!) { node(id: $id) { ... on Goal { caseId } } }", json!({ "id": goal })).await["node"]["caseId"].clone();
    let pursued = json!({ "text": "Käy uimassa.", "lifeArea": "PARTICIPATION", "means": "Uimaseura.", "targetOn": "2031-01-01", "gasLevel": 1 });
    let goal = json!({ "case": case, "owner": "WORKER", "content": pursued });
    let goal = app.done("service-guide", "setGoal", "goal { id version }", goal).await["goal"].clone();
    casework_given::step(app, "service-guide", "dropGoal", ("goal", "state"), &goal, json!({ "reason": "Uimahalli on kiinni." })).await;
    put(rows, "Goal", &goal["id"]);
    let path =
        json!({ "case": case, "destination": "EDUCATION", "recipient": app.world.organization("ngo"), "content": { "place": "Opisto", "note": "Syksyllä." } });
    let path = app.done("service-guide", "planFollowOnPath", "followOnPath { id version }", path).await["followOnPath"].clone();
    let of = ("followOnPath", "state");
    let guided = casework_given::step(app, "service-guide", "guideToFollowOnPath", of, &path, json!({})).await;
    let arrived = json!({ "arrival": "STARTED", "arrivedOn": in_days(0), "source": "CLIENT" });
    casework_given::step(app, "service-guide", "recordPathArrival", of, &guided, arrived).await;
    put(rows, "FollowOnPath", &path["id"]);
    let entry = json!({
        "case": case, "happenedOn": "2026-01-02", "visibility": "CLIENT_HIDDEN", "corrects": find(rows, "ClientEntry"),
        "content": { "text": "Soitto läheiseltä.", "ground": "Läheisen turvallisuus vaarantuisi." },
    });
    put(rows, "ClientEntry", &app.done("service-guide", "writeClientEntry", "clientEntry { id }", entry).await["clientEntry"]["id"]);
}

/// What becomes of things: as they are, after the client has withdrawn the consent and the disclosure permission, and after the care relations have ended too.
pub(super) async fn next(app: &TestApp, situation: usize, consent: &str) {
    match situation {
        1 => who_sees_clients::withdraw(app, consent).await,
        2 => app.tamper("UPDATE care_relation SET expires_at = '2020-01-01 00:00:00+00:00'").await,
        _ => {}
    }
}

pub(super) const SITUATIONS: usize = 3;
pub(super) const HEADING: &str = "+ told, - not told: as it is; after the client has withdrawn the consent and the disclosure permission; after the care relations have ended too.\n\
    Whoever is not named is told nothing.\n\
    The client of these rows is the actor `client`, and of the service guide's client and case `client-b`. social-worker and service-guide each have a relation to a client of their own: of one's rows the other is a\n\
    colleague of the same organisation without a relation. partner belongs to the recipient and sender, provider and partner-b to other organisations of the network,\n\
    manager to that of provider, provider-b and manager-b to that of partner-b, which provides too and has to do with none of it,\n\
    admin-x and partner-x to another network; municipal to another authority, which has taken the client on by Referral (4) in a case of its own, Case (3):\n\
    what the county keeps it reads by the client's permission. Actors named after a role are of the county. Rows of a kind after its first are\n\
    numbered: Client (2), Person (2), Case (2) and Visit (3) are the service guide's, whose client is under non-disclosure and was steered in by partner with\n\
    Referral (3); Referral (2) is a draft of the social worker, Participation (2) is for one session and Participation (3) was given up, Visit (2) is void,\n\
    DeliveryEvent (2) was given by a voucher. What is made in a case is the service guide's, and where it is numbered the social worker's.\n";

/// Lines of what has the same verdicts, under the thing to which it belongs.
#[derive(Default)]
pub(super) struct Table(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Table {
    pub(super) fn line(&mut self, thing: &str, verdicts: impl Iterator<Item = (String, String)>, what: String) {
        let verdicts: Vec<_> = verdicts.filter(|(_, marks)| marks.chars().any(|mark| mark != '-')).map(|(actor, marks)| format!("{actor} {marks}")).collect();
        self.put(thing, if verdicts.is_empty() { "nobody in this world".to_owned() } else { verdicts.join(", ") }, what);
    }

    /// One more of those that have this verdict.
    pub(super) fn put(&mut self, thing: &str, verdicts: String, what: String) {
        self.0.entry(thing.to_owned()).or_default().entry(verdicts).or_default().push(what);
    }

    pub(super) fn print(&self) -> String {
        let mut out = String::from(HEADING);
        for (thing, lines) in &self.0 {
            let _ = writeln!(out, "\n{thing}");
            for (verdicts, what) in lines {
                let mut width = 0;
                let _ = write!(out, "  {verdicts}:");
                for one in what {
                    width = if width == 0 || width + one.len() > 140 {
                        let _ = write!(out, "\n     ");
                        0
                    } else {
                        width
                    };
                    let _ = write!(out, " {one}");
                    width += one.len() + 1;
                }
                out.push('\n');
            }
        }
        out
    }
}
