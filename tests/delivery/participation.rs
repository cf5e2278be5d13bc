//! Participation: proposed, accepted, registered, and seen by those who give the service for as long as there is a consent.
use super::given::{group, offered, taken_on, walk_in};
use crate::catalogue_given::{offering, published, subject, whole_service};
use crate::funding::given::due;
use crate::person::given::{account, aino, client, consent, draft, eino, text};
use crate::promise::wrong::nothing_is_wrong;
use serde_json::{Value, json};
use tests::{TestApp, in_days, stories};

const SEEN: &str = "query($id: ID!) { participation(id: $id) { alias state client { number } offering { freePlaces } } }";
const LIST: &str = "query($p: ID!) { participations(organization: $p) { totalCount nodes { id } } }";

async fn seen(app: &TestApp, actor: &str, id: &Value) -> Value {
    app.ask(actor, SEEN, json!({ "id": id })).await["participation"].clone()
}

fn version(of: &Value) -> Value {
    json!({ "id": of["id"], "expectedVersion": of["version"] })
}

stories! {
    async fn a_client_is_proposed_accepts_and_is_known_by_the_alias_alone(app) {
        let (id, number) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, consent) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 8, 4).await;
        let input = json!({ "client": id, "offering": group, "referral": referral });
        let made = app.done("social-worker", "proposeParticipation", "participation { id state source version }", input).await["participation"].clone();
        assert_eq!((made["state"].clone(), made["source"].clone()), (json!("PROPOSED"), json!("REFERRAL")));
        let told = app.ask("client", "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"][0].clone();
        assert_eq!(told, json!({ "kind": "PARTICIPATION_PROPOSED", "participationId": made["id"] }));
        assert_eq!(app.rejected("partner", "acceptParticipation", "participation { id }", version(&made)).await, ["OTHER_SIDE id"]);
        let accepted = app.done("client", "acceptParticipation", "participation { id state version }", version(&made)).await["participation"].clone();
        assert_eq!(accepted["state"], "ENROLLED");
        let partner = seen(app, "partner", &made["id"]).await;
        assert_eq!(partner, json!({ "alias": "Aino", "state": "ENROLLED", "client": null, "offering": { "freePlaces": 7 } }));
        assert_eq!(seen(app, "social-worker", &made["id"]).await["client"]["number"], json!(number));
        for stranger in ["partner-b", "municipal", "dpo", "admin"] {
            assert_eq!(seen(app, stranger, &made["id"]).await, json!(null), "{stranger}");
        }
        // Withdrawn, the consent gives the place back and cuts those who give the service off.
        app.done("client", "withdrawConsent", "consent { state }", json!({ "id": consent, "expectedVersion": 1 })).await;
        assert_eq!(seen(app, "partner", &made["id"]).await, json!(null));
        assert_eq!(app.ask("partner", LIST, json!({ "p": app.world.organization("ngo") })).await["participations"], json!({ "totalCount": 0, "nodes": [] }));
        let left = app.ask("client", "{ me { participations { nodes { state endedFor offering { freePlaces } } } } }", json!({})).await["me"].clone();
        assert_eq!(left["participations"]["nodes"], json!([{ "state": "CANCELLED", "endedFor": "CONSENT_ENDED", "offering": { "freePlaces": 8 } }]));
        nothing_is_wrong(app.database()).await;
    }

    async fn whoever_takes_a_client_on_proposes_at_once_which_group_it_is(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let group = offered(app, "partner", "ngo", 1, 1).await;
        let theirs = offered(app, "provider", "company", 1, 1).await;
        let received = async |disclose: &[&str], scope: &[&str]| {
            let referral = draft(app, &id, disclose).await;
            consent(app, "social-worker", &referral, scope).await;
            app.done("social-worker", "sendReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 1 })).await;
            app.done("partner", "acknowledgeReferral", "referral { state }", json!({ "id": referral, "expectedVersion": 2 })).await;
            referral
        };
        let accept = |referral: &str, to: Value| {
            let mut input = to;
            (input["id"], input["expectedVersion"]) = (json!(referral), json!(3));
            input
        };
        // Nobody is known there by a name that was not consented to.
        let unnamed = received(&[], &["REASON"]).await;
        let refused = app.rejected("partner", "acceptReferral", "referral { id }", accept(&unnamed, json!({ "offering": group }))).await;
        assert_eq!(refused, ["CONSENT_SCOPE offering"]);
        let referral = received(&["ALIAS"], &["ALIAS", "REASON"]).await;
        let refused = app.rejected("partner", "acceptReferral", "referral { id }", accept(&referral, json!({ "offering": theirs }))).await;
        assert_eq!(refused, ["DOES_NOT_AGREE offering"]);
        app.done("partner", "acceptReferral", "referral { state }", accept(&referral, json!({ "offering": group }))).await;
        let mine = "{ me { participations { nodes { id state source version referral { id } } } } notices { nodes { kind participationId } } }";
        let mine = app.ask("client", mine, json!({})).await;
        let proposed = mine["me"]["participations"]["nodes"][0].clone();
        assert_eq!((&proposed["state"], &proposed["source"], &proposed["referral"]["id"]), (&json!("PROPOSED"), &json!("REFERRAL"), &json!(referral)));
        let told = json!({ "kind": "PARTICIPATION_PROPOSED", "participationId": proposed["id"] });
        assert!(mine["notices"]["nodes"].as_array().unwrap().contains(&told), "{mine}");
        let partner = seen(app, "partner", &proposed["id"]).await;
        assert_eq!(partner, json!({ "alias": "Aino", "state": "PROPOSED", "client": null, "offering": { "freePlaces": 1 } }));
        // The proposal is the client's to answer, and one is enough.
        assert_eq!(app.rejected("partner", "acceptParticipation", "participation { id }", version(&proposed)).await, ["OTHER_SIDE id"]);
        let again = received(&["ALIAS"], &["ALIAS", "REASON"]).await;
        let refused = app.rejected("partner", "acceptReferral", "referral { id }", accept(&again, json!({ "offering": group }))).await;
        assert_eq!(refused, ["ALREADY_REGISTERED offering"]);
        let accepted = app.done("client", "acceptParticipation", "participation { state }", version(&proposed)).await;
        assert_eq!(accepted["participation"]["state"], "ENROLLED");
        // What was told of the client was told by the referral: there is nothing more to log.
        assert_eq!(app.count("disclosure_log_entry", "1 = 1").await, 3);
        nothing_is_wrong(app.database()).await;
    }

    async fn a_client_registers_oneself_and_gives_the_place_up(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let group = offered(app, "partner", "ngo", 1, 1).await;
        let input = json!({ "client": id, "offering": group, "alias": "Kettu", "textVersion": "osallistuminen-2026-1" });
        let mut without = input.clone();
        without.as_object_mut().unwrap().remove("textVersion");
        assert_eq!(app.rejected("client", "registerParticipation", "participation { id }", without).await, ["REQUIRED textVersion"]);
        let made = app.done("client", "registerParticipation", "participation { id state version source consent { purpose } }", input.clone()).await["participation"].clone();
        assert_eq!((made["state"].clone(), made["source"].clone()), (json!("ENROLLED"), json!("SELF_REGISTRATION")));
        assert_eq!(made["consent"]["purpose"], "PARTICIPATION");
        assert_eq!(seen(app, "partner", &made["id"]).await["alias"], "Kettu");
        assert_eq!(app.rejected("client", "registerParticipation", "participation { id }", input).await, ["ALREADY_REGISTERED offering"]);
        let next = walk_in(app, &group, "Repo").await;
        assert_eq!(next["state"], "WAITLISTED");
        let mut end = version(&made);
        end["why"] = json!("HEALTH");
        end["reason"] = json!("Sairastuin.");
        app.done("client", "cancelParticipation", "participation { state }", end).await;
        // Why is the client's, and for those who keep the register.
        let why = "query($id: ID!) { participation(id: $id) { state endedFor reason } }";
        let seen_by = async |actor: &str| app.ask(actor, why, json!({ "id": made["id"] })).await["participation"].clone();
        assert_eq!(seen_by("partner").await, json!({ "state": "CANCELLED", "endedFor": null, "reason": null }));
        assert_eq!(seen_by("social-worker").await, json!({ "state": "CANCELLED", "endedFor": "HEALTH", "reason": "Sairastuin." }));
        // Whoever waited has the place now, and is to confirm it.
        let after = app.ask("partner", "query($id: ID!) { participation(id: $id) { id state heldUntil version } }", json!({ "id": next["id"] })).await["participation"].clone();
        assert_eq!((after["state"].clone(), after["heldUntil"].is_null()), (json!("ENROLLED"), false));
        // What the client has disclosed oneself is in the client's disclosure log.
        let log = app.ask("client", "{ disclosureLog { nodes { recipient { id } items } } }", json!({})).await["disclosureLog"]["nodes"][0].clone();
        assert_eq!(log["items"], json!(["ALIAS"]));
        nothing_is_wrong(app.database()).await;
    }

    async fn a_client_does_not_register_for_what_one_is_referred_to(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let mut content = whole_service("Valmennus");
        content["deliveryForms"] = json!(["REMOTE"]);
        content["referralRequired"] = json!(true);
        content["consentRequired"] = json!(true);
        let service = published(app, "partner", "ngo", content).await;
        let group = offering(app, "partner", "ngo", &service, group(2, 0)).await;
        let input = json!({ "client": id, "offering": group, "textVersion": "osallistuminen-2026-1" });
        assert_eq!(app.rejected("client", "registerParticipation", "participation { id }", input.clone()).await, ["REFERRAL_NEEDED referral"]);
        let off_the_street = json!({ "offering": group, "alias": "Kettu", "textVersion": "osallistuminen-2026-1" });
        assert_eq!(app.rejected("partner", "registerWalkIn", "participation { id }", off_the_street).await, ["REFERRAL_NEEDED offering"]);
        let (referral, _) = taken_on(app, &id).await;
        let referred = json!({ "client": id, "offering": group, "referral": referral });
        let made = app.done("client", "registerParticipation", "participation { state referral { id } }", referred).await["participation"].clone();
        assert_eq!(made, json!({ "state": "ENROLLED", "referral": { "id": referral } }));
    }

    async fn without_a_consent_that_covers_it_nobody_is_told_of_a_client(app) {
        let (id, _) = client(app, aino()).await;
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let without = json!({ "client": id, "offering": group });
        assert_eq!(app.rejected("social-worker", "proposeParticipation", "participation { id }", without.clone()).await, ["CONSENT_MISSING referral"]);
        assert_eq!(app.rejected("social-worker", "registerParticipation", "participation { id }", without.clone()).await, ["CONSENT_MISSING referral"]);
        let (other, _) = client(app, eino()).await;
        let (referral, _) = taken_on(app, &other).await;
        let of_another = json!({ "client": id, "offering": group, "referral": referral });
        assert_eq!(app.rejected("social-worker", "registerParticipation", "participation { id }", of_another).await, ["DOES_NOT_AGREE referral"]);
        for stranger in ["partner", "partner-b", "client", "admin"] {
            let code = app.refuse(stranger, &TestApp::mutation("registerParticipation", "participation { id }"), json!({ "input": without })).await;
            assert_eq!(code, "NOT_FOUND", "{stranger}");
        }
    }

    async fn one_under_non_disclosure_takes_part_without_a_name(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let (first, second) = (offered(app, "partner", "ngo", 8, 0).await, offered(app, "partner", "ngo", 8, 0).await);
        let register = |group: &str| json!({ "client": id, "offering": group, "referral": referral });
        let made = app.done("social-worker", "registerParticipation", "participation { id }", register(&first)).await["participation"].clone();
        assert_eq!(seen(app, "partner", &made["id"]).await["alias"], "Aino");
        app.done("social-worker", "updateIdentity", "person { protected }", json!({ "client": id, "expectedVersion": 1, "identity": aino(), "protected": true })).await;
        let later = app.done("social-worker", "registerParticipation", "participation { id }", register(&second)).await["participation"].clone();
        for participation in [&made, &later] {
            assert_eq!(seen(app, "partner", &participation["id"]).await["alias"], json!(null));
        }
    }

    async fn the_keepers_own_service_needs_no_consent_and_its_workers_see_who_takes_part(app) {
        let (id, _) = client(app, aino()).await;
        let group = offered(app, "service-guide", "county", 2, 0).await;
        let made = app.done("social-worker", "registerParticipation", "participation { id source state }", json!({ "client": id, "offering": group })).await;
        assert_eq!((made["participation"]["source"].clone(), made["participation"]["state"].clone()), (json!("OWN_SERVICE"), json!("ENROLLED")));
        // The service guide has no relation to the client, and keeps the list of the own service.
        let guide = seen(app, "service-guide", &made["participation"]["id"]).await;
        assert_eq!((guide["alias"].clone(), guide["client"].clone()), (json!("Aino"), json!(null)));
        assert_eq!(seen(app, "partner", &made["participation"]["id"]).await, json!(null));
    }

    async fn a_place_that_nobody_confirms_goes_to_the_next(app) {
        let group = offered(app, "partner", "ngo", 1, 2).await;
        let (first, second, third) = (walk_in(app, &group, "A").await, walk_in(app, &group, "B").await, walk_in(app, &group, "C").await);
        let mut gone = version(&first);
        gone["why"] = json!("OTHER");
        app.done("partner", "cancelParticipation", "participation { state }", gone).await;
        let state = async |of: &Value| text(&seen(app, "partner", &of["id"]).await["state"]);
        assert_eq!((state(&second).await, state(&third).await), ("ENROLLED".to_owned(), "WAITLISTED".to_owned()));
        assert_eq!(api::job::due(&app.store().await).await.places, 0);
        app.tamper("UPDATE participation SET held_until = '2026-01-01 00:00:00+00:00' WHERE held_until IS NOT NULL").await;
        assert_eq!(api::job::due(&app.store().await).await.places, 1);
        assert_eq!((state(&second).await, state(&third).await), ("CANCELLED".to_owned(), "ENROLLED".to_owned()));
        assert_eq!(app.count("notice", "kind = 'PLACE_FREE'").await, 2);
        // Whoever came by walking in says it to those who give the service, and keeps the place.
        let held = json!({ "id": third["id"], "expectedVersion": 2 });
        let kept = app.done("partner", "confirmPlace", "participation { state heldUntil }", held).await["participation"].clone();
        assert_eq!(kept, json!({ "state": "ENROLLED", "heldUntil": null }));
        assert_eq!(api::job::due(&app.later(4).await).await.places, 0);
        assert_eq!(state(&third).await, "ENROLLED");
    }

    async fn a_clients_word_is_the_clients(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let group = offered(app, "partner", "ngo", 1, 1).await;
        let first = walk_in(app, &group, "Kettu").await;
        let input = json!({ "client": id, "offering": group, "textVersion": "osallistuminen-2026-1" });
        let waits = app.done("client", "registerParticipation", "participation { id state version }", input.clone()).await["participation"].clone();
        assert_eq!(waits["state"], "WAITLISTED");
        assert_eq!(app.rejected("partner", "leaveWaitlist", "participation { id }", version(&waits)).await, ["OTHER_SIDE id"]);
        // What the service alone finds out is no reason that somebody gives.
        for why in ["ABSENCE_ANNOUNCED", "NOT_CONFIRMED", "CONSENT_ENDED", "PLANNED"] {
            let mut end = version(&first);
            end["why"] = json!(why);
            assert_eq!(app.rejected("partner", "cancelParticipation", "participation { id }", end).await, ["INVALID why"], "{why}");
        }
        let left = app.done("client", "leaveWaitlist", "participation { state endedFor }", version(&waits)).await["participation"].clone();
        assert_eq!(left, json!({ "state": "LEFT_QUEUE", "endedFor": "CLIENT_WISH" }));
        // Of somebody whom no register knows, it is told to those who give the service.
        let second = walk_in(app, &group, "Repo").await;
        assert_eq!(app.done("partner", "leaveWaitlist", "participation { state }", version(&second)).await["participation"]["state"], "LEFT_QUEUE");
    }

    async fn whoever_accepts_when_it_is_full_has_the_first_place_that_comes_free(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = taken_on(app, &id).await;
        let proposed = async |group: &str| {
            let input = json!({ "client": id, "offering": group, "referral": referral });
            app.done("social-worker", "proposeParticipation", "participation { id version }", input).await["participation"].clone()
        };
        let (full, grows, not_wanted) = (offered(app, "partner", "ngo", 1, 0).await, offered(app, "partner", "ngo", 1, 0).await, offered(app, "partner", "ngo", 1, 0).await);
        let (waits, lucky, declined) = (proposed(&full).await, proposed(&grows).await, proposed(&not_wanted).await);
        let (before, _) = (walk_in(app, &full, "Kettu").await, walk_in(app, &grows, "Repo").await);
        for row in [&waits, &lucky] {
            let accepted = app.done("client", "acceptParticipation", "participation { state moves }", version(row)).await["participation"].clone();
            assert_eq!(accepted, json!({ "state": "ACCEPTED_BY_CLIENT", "moves": ["ENROL", "CANCEL"] }));
        }
        let by_hand = |row: &Value| json!({ "id": row["id"], "expectedVersion": 2 });
        assert_eq!(app.rejected("partner", "enrolParticipant", "participation { id }", by_hand(&waits)).await, ["OFFERING_FULL id"]);
        let mut gone = version(&before);
        gone["why"] = json!("OTHER");
        app.done("partner", "cancelParticipation", "participation { state }", gone).await;
        let now = app.ask("client", "query($id: ID!) { participation(id: $id) { state heldUntil } }", json!({ "id": waits["id"] })).await["participation"].clone();
        assert_eq!((now["state"].clone(), now["heldUntil"].is_null()), (json!("ENROLLED"), false));
        assert_eq!(app.count("notice", "kind = 'PLACE_FREE'").await, 1);
        // Where those who give the service find room themselves, they give it by hand.
        app.done("partner", "updateServiceOffering", "serviceOffering { id }", json!({ "id": grows, "expectedVersion": 2, "content": group(2, 0) })).await;
        app.done("partner", "publishServiceOffering", "serviceOffering { id }", json!({ "id": grows, "expectedVersion": 3 })).await;
        let newcomer = json!({ "offering": grows, "alias": "Supi", "textVersion": "osallistuminen-2026-1" });
        assert_eq!(app.rejected("partner", "registerWalkIn", "participation { id }", newcomer).await, ["OFFERING_FULL offering"]);
        let given = app.done("partner", "enrolParticipant", "participation { state heldUntil }", by_hand(&lucky)).await["participation"].clone();
        assert_eq!(given, json!({ "state": "ENROLLED", "heldUntil": null }));
        assert_eq!(app.count("notice", "kind = 'PLACE_FREE'").await, 2);
        // What is proposed is declined by the client alone.
        assert_eq!(app.rejected("partner", "declineParticipation", "participation { id }", version(&declined)).await, ["OTHER_SIDE id"]);
        let no = app.done("client", "declineParticipation", "participation { state endedFor }", version(&declined)).await["participation"].clone();
        assert_eq!(no, json!({ "state": "DECLINED_BY_CLIENT", "endedFor": "CLIENT_WISH" }));
        nothing_is_wrong(app.database()).await;
    }

    async fn nothing_is_accepted_on_a_consent_that_has_ended(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let (referral, _) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 1, 0).await;
        let input = json!({ "client": id, "offering": group, "referral": referral });
        let made = app.done("social-worker", "proposeParticipation", "participation { id version }", input).await["participation"].clone();
        app.tamper("UPDATE consent SET expires_at = '2026-01-01 00:00:00+00:00'").await;
        assert_eq!(app.rejected("client", "acceptParticipation", "participation { id }", version(&made)).await, ["CONSENT_MISSING id"]);
    }

    async fn those_who_have_taken_a_client_on_register_the_client_by_the_referral(app) {
        let (id, number) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 2, 0).await;
        let input = json!({ "offering": group, "referral": referral });
        let made = app.done("partner", "registerParticipation", "participation { id state source alias client { number } }", input.clone()).await["participation"].clone();
        assert_eq!(made["client"], json!(null));
        assert_eq!((made["state"].clone(), made["source"].clone(), made["alias"].clone()), (json!("ENROLLED"), json!("REFERRAL"), json!("Aino")));
        let known = app.ask("social-worker", SEEN, json!({ "id": made["id"] })).await["participation"].clone();
        assert_eq!(known["client"]["number"], json!(number));
        assert_eq!(app.rejected("partner", "registerParticipation", "participation { id }", input.clone()).await, ["ALREADY_REGISTERED offering"]);
        assert_eq!(app.rejected("partner", "registerParticipation", "participation { id }", json!({ "offering": group })).await, ["REQUIRED client"]);
        assert_eq!(app.rejected("partner-b", "registerParticipation", "participation { id }", input.clone()).await, ["UNKNOWN_REFERENCE referral"]);
        assert_eq!(app.rejected("social-worker", "registerParticipation", "participation { id }", input).await, ["OTHER_SIDE referral"]);
        // The referral has told already what the client is called.
        assert_eq!(app.count("disclosure_log_entry", "CAST(items AS TEXT) LIKE '%ALIAS%'").await, 1);
        nothing_is_wrong(app.database()).await;
    }

    async fn what_becomes_of_a_client_who_cannot_sign_in_is_told_to_who_led_the_client_there(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 1, 1).await;
        let before = walk_in(app, &group, "Kettu").await;
        let input = json!({ "offering": group, "referral": referral });
        let waits = app.done("partner", "registerParticipation", "participation { id state }", input).await["participation"].clone();
        assert_eq!(waits["state"], "WAITLISTED");
        let mut gone = version(&before);
        gone["why"] = json!("OTHER");
        app.done("partner", "cancelParticipation", "participation { state }", gone).await;
        let told = app.ask("social-worker", "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"].clone();
        assert!(told.as_array().unwrap().contains(&json!({ "kind": "PLACE_FREE", "participationId": waits["id"] })), "{told}");
    }

    async fn whoever_acts_for_a_client_is_told_and_else_those_who_work_with_clients(app) {
        let (id, _) = client(app, aino()).await;
        let subject = subject("client-b");
        let group = offered(app, "service-guide", "county", 1, 2).await;
        let before = app.done("social-worker", "registerWalkIn", "participation { id version }", json!({ "offering": group, "alias": "Kettu", "textVersion": "o-1" })).await;
        let waits = app.done("social-worker", "registerParticipation", "participation { id version }", json!({ "client": id, "offering": group })).await;
        let waits = waits["participation"].clone();
        // The worker who registered the client is there no more.
        app.tamper("UPDATE membership SET valid_to = '2026-01-01' WHERE role = 'SOCIAL_WORKER'").await;
        let mut gone = version(&before["participation"]);
        gone["why"] = json!("OTHER");
        app.done("service-guide", "cancelParticipation", "participation { id }", gone).await;
        let told = async |actor: &str| {
            let notices = app.ask(actor, "{ notices { nodes { kind participationId } } }", json!({})).await["notices"]["nodes"].clone();
            notices.as_array().unwrap().iter().filter(|notice| notice["participationId"] == waits["id"]).count()
        };
        assert_eq!((told("service-guide").await, told("client-b").await), (1, 0));
        app.tamper("UPDATE membership SET valid_to = NULL WHERE role = 'SOCIAL_WORKER'").await;
        app.done("social-worker", "addRepresentation", "representation { id }", json!({ "client": id, "subject": subject, "kind": "GUARDIAN" })).await;
        let mut end = version(&waits);
        end["expectedVersion"] = json!(2);
        app.done("client-b", "confirmPlace", "participation { id }", end).await;
        let session = json!({ "offering": group, "date": "2035-01-02", "time": "10:00", "minutes": 60 });
        let made = app.done("service-guide", "scheduleSessions", "serviceOffering { sessions { nodes { id } } }", session).await;
        let session = made["serviceOffering"]["sessions"]["nodes"][0]["id"].clone();
        let reason = json!({ "fi": "Ohjaaja on sairaana." });
        app.done("service-guide", "cancelSession", "session { id }", json!({ "id": session, "expectedVersion": 1, "reason": reason })).await;
        assert_eq!((told("service-guide").await, told("client-b").await), (1, 1), "whoever takes part in all sessions is told of one that is not held");
    }

    async fn nobody_waits_for_what_is_over(app) {
        let mut content = group(1, 2);
        content["endsOn"] = json!(in_days(3));
        let mut service = whole_service("Kurssi");
        service["deliveryForms"] = json!(["REMOTE"]);
        let service = published(app, "partner", "ngo", service).await;
        let course = offering(app, "partner", "ngo", &service, content).await;
        let (has, waits) = (walk_in(app, &course, "A").await, walk_in(app, &course, "B").await);
        let state = async |of: &Value| {
            let row = app.ask("partner", "query($id: ID!) { participation(id: $id) { state endedOn endedFor } }", json!({ "id": of["id"] })).await;
            row["participation"].clone()
        };
        due(app, 3).await;
        assert_eq!(state(&waits).await["state"], "WAITLISTED");
        due(app, 4).await;
        assert_eq!(state(&waits).await, json!({ "state": "LEFT_QUEUE", "endedOn": in_days(3), "endedFor": "OFFERING_OVER" }));
        assert_eq!(state(&has).await["state"], "ENROLLED", "how it went is for those who know");
        nothing_is_wrong(app.database()).await;
    }

    async fn a_reason_tells_nothing_of_who_it_is_whom_no_register_knows(app) {
        let group = offered(app, "partner", "ngo", 8, 0).await;
        let mut end = version(&walk_in(app, &group, "Kettu").await);
        (end["why"], end["reason"]) = (json!("OTHER"), json!("Soita 040 123 4567"));
        assert_eq!(app.rejected("partner", "cancelParticipation", "participation { id }", end.clone()).await, ["PERSONAL_DATA reason"]);
        end["reason"] = json!("Aika ei sovi.");
        app.done("partner", "cancelParticipation", "participation { id }", end).await;
    }

    async fn a_referral_to_one_service_opens_no_other(app) {
        let (id, _) = client(app, aino()).await;
        let (group, other) = (offered(app, "partner", "ngo", 8, 0).await, offered(app, "partner", "ngo", 8, 0).await);
        let service = app.ask("", "query($id: ID!) { serviceOffering(id: $id) { service { id } } }", json!({ "id": group })).await;
        let input = json!({
            "sender": app.world.organization("county"), "recipient": app.world.organization("ngo"), "client": id, "service": service["serviceOffering"]["service"]["id"],
            "content": { "direction": "OUTBOUND", "referrer": "ADULT_SOCIAL_WORK", "needs": ["EXCLUSION_AND_PARTICIPATION"], "urgency": "NORMAL", "disclose": ["ALIAS"] },
            "introduction": { "reason": "Kaipaa tekemistä arkeen." },
        });
        let referral = text(&app.done("social-worker", "createReferral", "referral { id }", input).await["referral"]["id"]);
        consent(app, "social-worker", &referral, &["ALIAS", "REASON"]).await;
        let of = |version: i32| json!({ "id": referral, "expectedVersion": version });
        app.done("social-worker", "sendReferral", "referral { id }", of(1)).await;
        app.done("partner", "acknowledgeReferral", "referral { id }", of(2)).await;
        app.done("partner", "acceptReferral", "referral { id }", of(3)).await;
        let of = |group: &str| json!({ "offering": group, "referral": referral });
        assert_eq!(app.rejected("partner", "registerParticipation", "participation { id }", of(&other)).await, ["DOES_NOT_AGREE referral"]);
        assert_eq!(app.done("partner", "registerParticipation", "participation { state }", of(&group)).await["participation"]["state"], "ENROLLED");
    }

    async fn by_the_key_of_an_account_nobody_knows_a_client_again(app) {
        let (id, _) = client(app, aino()).await;
        account(app, &id).await;
        let group = offered(app, "partner", "ngo", 2, 0).await;
        let input = json!({ "client": id, "offering": group, "alias": "Kettu", "textVersion": "osallistuminen-2026-1" });
        let made = app.done("client", "registerParticipation", "participation { id }", input).await["participation"].clone();
        let keys = "query($id: ID!) { participation(id: $id) { registeredBy consent { recordedBy } } }";
        let told = async |actor: &str| app.ask(actor, keys, json!({ "id": made["id"] })).await["participation"].clone();
        assert_eq!(told("partner").await, json!({ "registeredBy": null, "consent": { "recordedBy": null } }));
        let own = json!({ "registeredBy": subject("client"), "consent": { "recordedBy": subject("client") } });
        assert_eq!((told("client").await, told("social-worker").await["registeredBy"].clone()), (own.clone(), own["registeredBy"].clone()));
        // A worker's key tells of the worker.
        let (referral, _) = taken_on(app, &id).await;
        let other = offered(app, "partner", "ngo", 2, 0).await;
        let input = json!({ "client": id, "offering": other, "referral": referral });
        let by_worker = app.done("social-worker", "registerParticipation", "participation { id }", input).await["participation"].clone();
        let seen = app.ask("partner", keys, json!({ "id": by_worker["id"] })).await["participation"].clone();
        assert_eq!(seen, json!({ "registeredBy": subject("social-worker"), "consent": { "recordedBy": subject("social-worker") } }));
        let wrote = "query($id: ID!) { referral(id: $id) { createdBy } }";
        assert_eq!(app.ask("partner", wrote, json!({ "id": referral })).await["referral"]["createdBy"], json!(subject("social-worker")));
    }

    async fn whoever_waits_with_a_lapsed_consent_is_passed_over(app) {
        let group = offered(app, "partner", "ngo", 1, 2).await;
        let (first, second, third) = (walk_in(app, &group, "A").await, walk_in(app, &group, "B").await, walk_in(app, &group, "C").await);
        app.tamper("UPDATE consent SET expires_at = '2026-01-01 00:00:00+00:00' WHERE id = (SELECT consent_id FROM participation WHERE arrival = 2)").await;
        let mut gone = version(&first);
        gone["why"] = json!("OTHER");
        app.done("partner", "cancelParticipation", "participation { state }", gone).await;
        assert_eq!(seen(app, "partner", &second["id"]).await, json!(null));
        assert_eq!(seen(app, "partner", &third["id"]).await["state"], "ENROLLED");
        // Once it has ended, nothing tells what the person was called.
        assert_eq!(app.count("participation", "alias IS NULL").await, 0);
        api::job::due(&app.store().await).await;
        assert_eq!(app.count("participation", "alias IS NULL AND state = 'LEFT_QUEUE' AND ended_for = 'CONSENT_ENDED'").await, 1);
    }

    async fn a_case_is_not_closed_over_a_participation(app) {
        let (id, case) = crate::casework::given::begun(app).await;
        let group = offered(app, "service-guide", "county", 2, 0).await;
        let made = app.done("social-worker", "registerParticipation", "participation { id }", json!({ "client": id, "offering": group })).await["participation"].clone();
        let close = async |reason: &str| {
            let input = crate::casework::opened::at(app, &case, json!({ "reason": reason, "note": "Päätetään." })).await;
            app.payload("social-worker", "closeCase", "case { stage }", input).await
        };
        let refused = close("NO_NEED").await["userErrors"].clone();
        assert!(refused.as_array().unwrap().iter().any(|error| error["code"] == "PARTICIPATION_OPEN"), "{refused}");
        assert_eq!(close("DECEASED").await["case"]["stage"], "CLOSED");
        let left = app.count("participation", "state = 'CANCELLED' AND ended_for = 'CASE_CLOSED'").await;
        assert_eq!(left, 1);
        assert_eq!(app.count("service_offering", "places_taken = 0").await, 1, "{}", made["id"]);
    }

    async fn what_cannot_be_registered_for_is_refused(app) {
        let (id, _) = client(app, aino()).await;
        let group = offered(app, "service-guide", "county", 1, 0).await;
        let register = |offering: &str| json!({ "client": id, "offering": offering });
        let refused = async |input: Value| app.rejected("social-worker", "registerParticipation", "participation { id }", input).await;
        app.tamper("UPDATE service_offering SET places_taken = 1").await;
        assert_eq!(refused(register(&group)).await, ["OFFERING_FULL offering"]);
        app.tamper("DELETE FROM publication").await;
        assert_eq!(refused(register(&group)).await, ["NOT_ON_OFFER offering"]);
        let alias = json!({ "offering": group, "alias": " ", "textVersion": "x" });
        assert_eq!(app.rejected("partner", "registerWalkIn", "participation { id }", alias).await, ["REQUIRED alias"]);
        let alias = json!({ "offering": group, "alias": "Kettu 040 123 4567", "textVersion": "x" });
        assert_eq!(app.rejected("partner", "registerWalkIn", "participation { id }", alias).await, ["PERSONAL_DATA alias"]);
        let alias = json!({ "offering": group, "alias": "Kettu", "textVersion": "x" });
        assert_eq!(app.rejected("partner", "registerWalkIn", "participation { id }", alias).await, ["NOT_ON_OFFER offering"]);
    }

    async fn those_who_give_another_service_take_nobody_up_for_it(app) {
        let group = offered(app, "partner", "ngo", 1, 0).await;
        let input = json!({ "input": { "offering": group, "alias": "Kettu", "textVersion": "x" } });
        for stranger in ["partner-b", "client", "admin", "social-worker"] {
            assert_eq!(app.refuse(stranger, &TestApp::mutation("registerWalkIn", "participation { id }"), input.clone()).await, "FORBIDDEN", "{stranger}");
        }
        assert_eq!(app.count("participation", "1 = 1").await, 0);
        assert_eq!(app.count("service_offering", "places_taken = 0").await, 1);
    }
}
