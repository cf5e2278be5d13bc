//! Counts of drop-in days out of a table.
use super::{brought, ends, sums, totals, upload};
use crate::outreach::given::{day, opened};
use axum::http::StatusCode;
use serde_json::json;
use tests::{TestApp, send, stories};

fn path(app: &TestApp, organization: &str, dry: bool) -> String {
    format!("/import/drop-in-counts?organization={}&dryRun={dry}", app.world.organization(organization))
}

const HEAD: &str = "Päivä;Avattu;Suljettu;Kunta;Paikka;Käynnit;Henkilöt;Ensikertalaiset;Ikä 18–29;Sukupuoli: Nainen;Apu: Ruoka-apu;Huomautus;Syy\r\n";

fn table(rows: &[&str]) -> String {
    format!("{HEAD}{}\r\n", rows.join("\r\n"))
}

const SEEN: &str = "{ dropInDays(orderBy: { field: EFFECTIVE_DATE, direction: ASC }) { nodes { id state version effectiveDate openFrom place { text area { id } } counts { visits estimatedPersons firstTimers byAgeBand { band { from to } count } byGender { gender count } } helpGiven { theme count } note corrections { reason counts { visits } } } } }";

stories! {
    async fn days_are_recorded_closed_and_corrected_with_a_reason(app) {
        let rows = ["5.11.2025;9.00;14:00;Kuopio;Tori;24;18;3;4;11;6;Sade;", "2025-11-06;09:00;14:00;297;Tori;7;7;;;;;;"];
        let first = brought(app, "partner", &path(app, "ngo", false), table(&rows)).await;
        assert_eq!(sums(&first), [2, 0, 0, 0]);
        let seen = app.ask("partner", SEEN, json!({})).await["dropInDays"]["nodes"].clone();
        assert_eq!(
            seen[0],
            json!({
                "id": first["rows"][0]["id"], "state": "CLOSED", "version": 2, "effectiveDate": "2025-11-05", "openFrom": "09:00",
                "place": { "text": "Tori", "area": { "id": app.world.municipality("297") } },
                "counts": { "visits": 24, "estimatedPersons": 18, "firstTimers": 3, "byAgeBand": [{ "band": { "from": 18, "to": 29 }, "count": 4 }], "byGender": [{ "gender": "FEMALE", "count": 11 }] },
                "helpGiven": [{ "theme": "FOOD_AID", "count": 6 }], "note": "Sade", "corrections": [],
            })
        );
        let after = totals(app).await;
        assert_eq!(sums(&brought(app, "partner", &path(app, "ngo", false), table(&rows)).await), [0, 0, 2, 0]);
        // The keys are forgotten after some days: it is the day itself that is known again.
        app.tamper("DELETE FROM idempotency").await;
        assert_eq!(sums(&brought(app, "partner", &path(app, "ngo", false), table(&rows)).await), [0, 0, 2, 0]);
        assert_eq!(totals(app).await[..3], after[..3]);
        let silent = brought(app, "partner", &path(app, "ngo", false), table(&["5.11.2025;9.00;14:00;Kuopio;Tori;25;18;3;4;11;6;Sade;", rows[1]])).await;
        assert_eq!(ends(&silent), ["2 REFUSED RECORDED_ALREADY reason", "3 UNCHANGED"]);
        let right = table(&["5.11.2025;9.00;14:00;Kuopio;Tori;25;18;3;4;11;6;Sade;Yksi unohtui", rows[1]]);
        assert_eq!(sums(&brought(app, "partner", &path(app, "ngo", false), right.clone()).await), [0, 1, 1, 0]);
        assert_eq!(sums(&brought(app, "partner", &path(app, "ngo", false), right).await), [0, 0, 2, 0]);
        let seen = app.ask("partner", SEEN, json!({})).await["dropInDays"]["nodes"].clone();
        assert_eq!((&seen[0]["state"], &seen[0]["corrections"]), (&json!("CORRECTED"), &json!([{ "reason": "Yksi unohtui", "counts": { "visits": 24 } }])));
    }

    async fn counts_that_do_not_add_up_and_days_that_are_counted_already_are_refused(app) {
        // Somebody counts this day with a phone, at the same place.
        let open = opened(app, day(app)).await;
        app.done("partner", "addToDropInDay", "dropInDay { version }", json!({ "id": open, "visits": 5 })).await;
        let rows = [
            "5.11.2025;9.00;14:00;297;Tori;5;6;7;6;6;;;",
            "15.1.2026;10:00;12:00;297;Tori;9;9;;;;;;",
            "6.11.2025;9:00;14:00;297;Tori;9;9;;;;;;",
            "6.11.2025;13:00;16:00;297;Tori;9;9;;;;;;",
            "6.11.2025;14:00;16:00;297;Tori;9;9;;;;;;",
            "1.1.2199;9:00;14:00;297;Tori;9;9;;;;;;",
            "7.11.2025;9:00;14:00;297;Tori;9;9;;;;;Äiti 010190-900P tuli;",
            "8.11.2025;9:00;14:00;;;9;9;;;;;;",
            "x;9;14:00;Atlantis;Tori;paljon;;;;;;;",
        ];
        let expected = [
            "2 REFUSED OUT_OF_RANGE estimated persons OUT_OF_RANGE first timers OUT_OF_RANGE age OUT_OF_RANGE gender",
            "3 REFUSED RECORDED_ALREADY date",
            "4 CREATED",
            "5 REFUSED DUPLICATE date",
            "6 CREATED",
            "7 REFUSED OUT_OF_RANGE date",
            "8 REFUSED PERSONAL_DATA note",
            "9 REFUSED NO_PLACE place",
            "10 REFUSED INVALID date INVALID open from INVALID municipality INVALID visits",
        ];
        let before = totals(app).await;
        let tried = app.send(upload(app, "partner", &path(app, "ngo", true), table(&rows))).await;
        assert_eq!((tried.status, ends(&tried.body)), (StatusCode::OK, expected.map(str::to_owned).to_vec()));
        assert!(!tried.text.contains("900P") && !tried.text.contains("Atlantis"), "{}", tried.text);
        assert_eq!(totals(app).await, before);
        assert_eq!(ends(&brought(app, "partner", &path(app, "ngo", false), table(&rows)).await), expected);
        assert_eq!((app.count("drop_in_day", "1 = 1").await, app.count("drop_in_day", "state = 'OPEN'").await), (3, 1));
    }

    async fn a_day_that_was_voided_makes_room_for_another(app) {
        let rows = table(&["5.11.2025;9.00;14:00;297;Tori;24;18;;;;;;"]);
        for round in 0..2 {
            let made = brought(app, "partner", &path(app, "ngo", false), rows.clone()).await;
            assert_eq!(sums(&made), [1, 0, 0, 0], "{round}");
            let void = json!({ "id": made["rows"][0]["id"], "expectedVersion": 2, "reason": "Väärä paikka" });
            app.done("partner", "voidDropInDay", "dropInDay { id }", void).await;
        }
        assert_eq!(app.count("drop_in_day", "state = 'VOIDED'").await, 2);
    }

    async fn who_may_not_record_there_records_nothing(app) {
        let rows = table(&["5.11.2025;9.00;14:00;297;Tori;24;18;;;;;;"]);
        for (actor, organization) in [("partner", "parish"), ("social-worker", "ngo"), ("partner-b", "ngo"), ("admin", "ngo"), ("client", "ngo")] {
            let report = brought(app, actor, &path(app, organization, false), rows.clone()).await;
            assert_eq!(ends(&report), ["2 REFUSED FORBIDDEN -"], "{actor}");
        }
        assert_eq!(ends(&brought(app, "partner-x", &path(app, "ngo", false), rows.clone()).await).len(), 1);
        assert_eq!(app.count("drop_in_day", "1 = 1").await, 0);
        let nowhere = app.send(upload(app, "partner", "/import/drop-in-counts", rows)).await;
        assert_eq!((nowhere.status, nowhere.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
    }

    async fn two_who_bring_the_same_table_at_once_record_it_once(app) {
        let days: Vec<_> = (1..=9).map(|day| format!("{day}.11.2025;9.00;14:00;297;Tori;24;18;;;;;;")).collect();
        let file = table(&days.iter().map(String::as_str).collect::<Vec<_>>());
        let other = app.second_process().await;
        let request = || upload(app, "partner", &path(app, "ngo", false), file.clone());
        let (here, there) = tokio::join!(app.send(request()), send(&other, request()));
        for answer in [here, there] {
            assert_eq!((answer.status, sums(&answer.body)[3]), (StatusCode::OK, 0), "{}", answer.text);
        }
        assert_eq!((app.count("drop_in_day", "1 = 1").await, app.count("drop_in_day", "state = 'CLOSED' AND version = 2").await), (9, 9));
    }
}
