//! Attendance out of a table.
use super::{brought, ends, faults, sums, totals, upload};
use crate::{
    delivery::given::{held, offered, taken_on, walk_in},
    person::given::{aino, client, text},
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tests::{TestApp, stories};

const PATH: &str = "/import/attendance";
const DRY: &str = "/import/attendance?dryRun=true";

/// A group of three and a session of it that was held.
async fn group(app: &TestApp) -> (String, Vec<String>) {
    let group = offered(app, "partner", "ngo", 8, 0).await;
    let mut people = Vec::new();
    for alias in ["Kettu", "Susi", "Ilves"] {
        people.push(text(&walk_in(app, &group, alias).await["id"]));
    }
    (held(app, "partner", &group, "2026-03-02").await, people)
}

async fn recorded(app: &TestApp, of: &str) -> Value {
    let query = "query($id: ID!) { participation(id: $id) { state attendances { nodes { status minutes } } } }";
    app.ask("partner", query, json!({ "id": of })).await["participation"].clone()
}

stories! {
    async fn a_table_is_recorded_and_the_same_again_changes_nothing(app) {
        let (session, people) = group(app).await;
        let table = |second: &str| format!(
            "Kerta;Päivä;Osallistuminen;Kutsumanimi;Läsnäolo;Minuutit\r\n{session};2.3.2026;{};Kettu;Läsnä;60\r\n{session};2026-03-02;{};;{second};\r\n;;;;;\r\n{session};;{};;poissa;\r\n",
            people[0], people[1], people[2],
        );
        let first = brought(app, "partner", PATH, table("Myöhässä")).await;
        assert_eq!((sums(&first), ends(&first)), ([3, 0, 0, 0], vec!["2 CREATED".to_owned(), "3 CREATED".into(), "5 CREATED".into()]));
        assert_eq!((&first["encoding"], &first["delimiter"], &first["dryRun"]), (&json!("UTF-8"), &json!(";"), &json!(false)));
        assert_eq!(recorded(app, &people[0]).await, json!({ "state": "STARTED", "attendances": { "nodes": [{ "status": "PRESENT", "minutes": 60 }] } }));
        let after = totals(app).await;
        let again = brought(app, "partner", PATH, table("Myöhässä")).await;
        assert_eq!((sums(&again), &again["rows"][0]["id"]), ([0, 0, 3, 0], &first["rows"][0]["id"]));
        assert_eq!(totals(app).await, after);
        assert_eq!(sums(&brought(app, "partner", PATH, table("ABSENT_NOTIFIED")).await), [0, 1, 2, 0]);
        assert_eq!(recorded(app, &people[1]).await["attendances"]["nodes"][0]["status"], "ABSENT_NOTIFIED");
        assert_eq!(app.count("audit", "resource = 'Attendance'").await, 4, "each row that was written left its trace, and no other");
    }

    async fn it_is_read_in_the_encoding_and_with_the_delimiter_that_it_has(app) {
        let (session, people) = group(app).await;
        let rows = |between: &str| {
            ["Kerta|Osallistuminen|Läsnäolo".to_owned(), format!("{session}|{}|Myöhässä", people[0]), format!("{session}|{}|Läsnä", people[1])].join("\r\n").replace('|', between)
        };
        let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
        let bytes = |of: &str| of.as_bytes().to_vec();
        for (file, encoding, delimiter, expected) in [
            (latin(&rows(";")), "windows-1252", ";", [2, 0, 0, 0]),
            (bytes(&rows(";")), "UTF-8", ";", [0, 0, 2, 0]),
            (bytes(&format!("\u{feff}{}", rows(","))), "UTF-8", ",", [0, 0, 2, 0]),
            (latin(&rows("\t")), "windows-1252", "\t", [0, 0, 2, 0]),
        ] {
            let report = brought(app, "partner", PATH, file).await;
            assert_eq!((sums(&report), &report["encoding"], &report["delimiter"]), (expected, &json!(encoding), &json!(delimiter)));
        }
        assert_eq!(recorded(app, &people[0]).await["attendances"]["nodes"][0]["status"], "LATE");
    }

    async fn each_bad_row_is_refused_by_its_column_and_the_others_are_kept(app) {
        let (session, people) = group(app).await;
        let other = offered(app, "partner", "ngo", 8, 0).await;
        let elsewhere = text(&walk_in(app, &other, "Karhu").await["id"]);
        let planned = held(app, "partner", &other, "2026-03-03").await;
        app.tamper("UPDATE session SET state = 'PLANNED' WHERE starts_at > '2026-03-03'").await;
        let nobody = domain::id::Kinded::to_public(domain::id::ParticipationId::new());
        let (a, b, c) = (&people[0], &people[1], &people[2]);
        let table = format!(
            "session,date,participation,status,minutes\n{session},,{a},PRESENT,60\n{session},,{a},ABSENT,\n{session},,{elsewhere},PRESENT,\n{session},,{nobody},PRESENT,\n\
             {session},,{b},ABSENT,5\n{session},2026-03-09,{c},PRESENT,\n{planned},,{elsewhere},PRESENT,\n{a},,{session},maybe,much\n{session},,{c},LATE,30,more\n,,,PRESENT,\n"
        );
        let expected = [
            "2 CREATED",
            "3 REFUSED DUPLICATE participation",
            "4 REFUSED UNKNOWN_REFERENCE participation",
            "5 REFUSED UNKNOWN_REFERENCE participation",
            "6 REFUSED DOES_NOT_AGREE minutes",
            "7 REFUSED DOES_NOT_AGREE date",
            "8 REFUSED SESSION_NOT_HELD session",
            "9 REFUSED INVALID session INVALID participation INVALID status INVALID minutes",
            "10 REFUSED UNKNOWN_COLUMN F",
            "11 REFUSED REQUIRED session REQUIRED participation",
        ];
        // Tried first, it tells the same and keeps nothing at all.
        let before = totals(app).await;
        let tried = brought(app, "partner", DRY, table.clone()).await;
        assert_eq!((ends(&tried), &tried["dryRun"]), (expected.map(str::to_owned).to_vec(), &json!(true)));
        assert_eq!(totals(app).await, before);
        assert_eq!(recorded(app, a).await, json!({ "state": "ENROLLED", "attendances": { "nodes": [] } }));
        let done = brought(app, "partner", PATH, table).await;
        assert_eq!((ends(&done), sums(&done)), (expected.map(str::to_owned).to_vec(), [1, 0, 0, 9]));
        assert_eq!(app.count("attendance", "1 = 1").await, 1);
        assert!(done["rows"][1]["errors"][0]["message"].as_str().unwrap().contains("kahdesti"), "{done}");
    }

    async fn headings_that_are_wrong_refuse_the_file_and_are_told(app) {
        let refused = async |file: &str| faults(&app.send(upload(app, "partner", PATH, file.to_owned())).await);
        assert_eq!(refused("Kerta;Nimi;Läsnäolo;kerta\nx;Aino Mallinen;y;z\n").await, ["REQUIRED participation", "DUPLICATE session", "UNKNOWN_COLUMN B"]);
        let bare = app.send(upload(app, "partner", PATH, "Aino Mallinen;010190-900P\nx;y\n")).await;
        assert_eq!(faults(&bare), ["REQUIRED session", "REQUIRED participation", "REQUIRED status", "UNKNOWN_COLUMN A", "UNKNOWN_COLUMN B"]);
        assert!(!bare.text.contains("Aino") && !bare.text.contains("900P"), "{}", bare.text);
        assert_eq!(refused("kerta;osallistuminen;läsnäolo\n;;\n").await, ["REQUIRED rows"]);
        assert_eq!(refused("PK\u{3}\u{4}\0\0\0").await, ["UNREADABLE file"]);
        let long = "kerta;osallistuminen;läsnäolo\n".to_owned() + &"a;b;c\n".repeat(10_001);
        assert_eq!(refused(&long).await, ["TOO_LONG rows"]);
    }

    async fn the_table_to_fill_in_comes_back_filled_in(app) {
        let (id, _) = client(app, aino()).await;
        let (referral, _) = taken_on(app, &id).await;
        let group = offered(app, "partner", "ngo", 8, 0).await;
        app.done("social-worker", "registerParticipation", "participation { id }", json!({ "client": id, "offering": group, "referral": referral })).await;
        walk_in(app, &group, "=1+1").await;
        let session = held(app, "partner", &group, "2026-03-02").await;
        let fetch = async |actor: &str, purpose: Option<&str>| {
            let mut request = Request::builder().uri(format!("{PATH}?session={session}")).header("authorization", format!("Bearer {}", app.token(actor)));
            if let Some(purpose) = purpose {
                request = request.header("x-purpose", purpose);
            }
            app.send(request.body(Body::empty()).unwrap()).await
        };
        let answer = fetch("partner", Some("CARE")).await;
        assert_eq!((answer.status, answer.headers["content-type"].to_str().unwrap()), (StatusCode::OK, "text/csv; charset=utf-8"));
        let lines: Vec<_> = answer.text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (3, "\u{feff}Kerta;Päivä;Osallistuminen;Kutsumanimi;Läsnäolo;Minuutit"));
        assert!(lines[1].contains(";2026-03-02;") && lines[1].contains(";Aino;;"), "{}", lines[1]);
        assert!(lines[2].contains(";'=1+1;;"), "no formula: {}", lines[2]);
        assert!(!answer.text.contains("Mallinen"));
        assert_eq!(app.count("use_log_entry", "operation = 'attendanceTemplate' AND client_id IS NOT NULL").await, 1, "who was shown to whom is written down");
        let filled = answer.text.replace(";Aino;;", ";Aino;Läsnä;90").replace(";'=1+1;;", ";'=1+1;Poissa;");
        assert_eq!(sums(&brought(app, "partner", PATH, filled).await), [2, 0, 0, 0]);
        let again = fetch("partner", Some("CARE")).await;
        assert!(again.text.contains(";Aino;Läsnä;90"), "{}", again.text);
        assert_eq!(sums(&brought(app, "partner", PATH, again.text).await), [0, 0, 2, 0]);
        // Others see the session, and nobody in it; and without a purpose nobody is shown.
        assert_eq!(fetch("partner-b", Some("CARE")).await.text.lines().count(), 1);
        let aimless = fetch("partner", None).await;
        assert_eq!((aimless.status, aimless.code()), (StatusCode::FORBIDDEN, "PURPOSE_REQUIRED"));
    }
}
