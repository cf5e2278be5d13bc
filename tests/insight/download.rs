//! Reports as files: what GraphQL tells, by the same rules, in CSV and in a workbook.
use super::given::{clients, come, report, service, told};
use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use calamine::{Data, Reader, Xlsx};
use serde_json::json;
use std::{collections::BTreeMap, io::Cursor};
use tests::{Answer, TestApp, in_days, send, stories};

/// Fetches a report of the county as an actor, for a purpose; the empty name is nobody.
pub async fn fetch(app: &TestApp, (actor, purpose): (&str, &str), file: &str, said: &str, language: &str) -> Answer {
    let path = format!("/reports/{file}?organization={}&asOf={}{said}", app.world.organization("county"), in_days(0));
    let mut request = Request::builder().uri(path).header("x-purpose", purpose).header("accept-language", language);
    if !actor.is_empty() {
        request = request.header("authorization", format!("Bearer {}", app.token(actor)));
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

pub const ANALYST: (&str, &str) = ("analyst", "STATISTICS");

/// The rows of a CSV, each by its headings.
fn table(answer: &Answer) -> Vec<BTreeMap<String, String>> {
    let text = answer.text.strip_prefix('\u{feff}').unwrap();
    let mut lines = text.split("\r\n").filter(|line| !line.is_empty()).map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>());
    let headings = lines.next().unwrap();
    lines.map(|cells| headings.iter().cloned().zip(cells).collect()).collect()
}

fn line<'a>(rows: &'a [BTreeMap<String, String>], report: &str, key: &str) -> &'a BTreeMap<String, String> {
    rows.iter().find(|row| row["report"] == report && row["key"] == key).unwrap_or_else(|| panic!("no {report} {key}"))
}

fn header_of(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers[name].to_str().unwrap()
}

/// Twelve clients, of whom six came to a group of one kind and three to one of another.
pub async fn twelve(app: &TestApp) {
    let all = clients(app, 0..12).await;
    for (name, class, came) in [("Hyvinvointi", "GROUP_WELLBEING", 0..6), ("Arki", "GROUP_EVERYDAY", 6..9)] {
        let group = service(app, name, class).await;
        come(app, &group, &all[came], "2026-03-02").await;
    }
}

stories! {
    async fn a_file_tells_what_graphql_tells(app) {
        twelve(app).await;
        let asked = told(app, &report("purchasedParticipation"), json!({})).await["purchasedParticipation"].clone();
        let answer = fetch(app, ANALYST, "purchased-participation.csv", "&rendering=INTERNAL", "sv").await;
        assert_eq!((answer.status, header_of(&answer.headers, header::CONTENT_TYPE)), (StatusCode::OK, "text/csv; charset=utf-8"));
        assert_eq!(header_of(&answer.headers, header::CACHE_CONTROL), "no-store");
        assert_eq!(header_of(&answer.headers, header::CONTENT_DISPOSITION), format!("attachment; filename=\"purchased-participation_{}.csv\"", in_days(0)));
        let rows = table(&answer);
        for row in asked["sections"][0]["rows"].as_array().unwrap() {
            let line = line(&rows, "PURCHASED_PARTICIPATION", row["key"].as_str().unwrap());
            assert_eq!((&line["count"], &line["of"]), (&row["figure"]["numerator"].to_string(), &row["figure"]["denominator"].to_string()));
        }
        let wellbeing = line(&rows, "PURCHASED_PARTICIPATION", "GROUP_WELLBEING");
        assert_eq!((&*wellbeing["percent"], &*wellbeing["suppressed"], &*wellbeing["rendering"], &*wellbeing["sectionTitle"]), ("50,00", "false", "INTERNAL", "Köpta tjänster"));
        // That it was told is in the ledger, as GraphQL's answer is.
        assert_eq!(app.count("report_release", "report = 'PURCHASED_PARTICIPATION'").await, 2);
    }

    async fn a_workbook_has_a_sheet_for_each_report(app) {
        twelve(app).await;
        let answer = fetch(app, ANALYST, "purchased-participation.xlsx", "&rendering=INTERNAL", "en").await;
        assert_eq!((answer.status, header_of(&answer.headers, header::CONTENT_TYPE)), (StatusCode::OK, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["Participation in purchased serv"]);
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let row = sheet.rows().find(|row| row[1] == Data::Float(6.0)).unwrap();
        assert_eq!((&row[1], &row[2], &row[3], &row[6]), (&Data::Float(6.0), &Data::Float(12.0), &Data::Float(50.0), &Data::Bool(false)));
        // What is kept back is a sign and no number.
        let answer = fetch(app, ANALYST, "purchased-participation.xlsx", "&rendering=PUBLISHABLE", "en").await;
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        assert!(sheet.rows().any(|row| row[1] == Data::String("...".into()) && row[6] == Data::Bool(true)));
        assert!(!sheet.rows().any(|row| row[1] == Data::Float(6.0) || row[1] == Data::Float(3.0)));
    }

    async fn what_is_published_is_kept_back_in_files_too(app) {
        twelve(app).await;
        let answer = fetch(app, ANALYST, "purchased-participation.csv", "&rendering=PUBLISHABLE", "fi").await;
        let rows = table(&answer);
        let everyday = line(&rows, "PURCHASED_PARTICIPATION", "GROUP_EVERYDAY");
        assert_eq!((&*everyday["count"], &*everyday["percent"], &*everyday["suppressed"]), ("...", "", "true"));
        // What was told in a file is held against what is asked by GraphQL, and the other way around.
        clients(app, 12..13).await;
        let again = fetch(app, ANALYST, "registered-clients.csv", "&rendering=PUBLISHABLE", "fi").await;
        assert_eq!((again.status, &again.body["code"], &again.body["reasons"][0]["code"]), (StatusCode::BAD_REQUEST, &json!("BAD_INPUT"), &json!("RELEASED_LATELY")));
        assert_eq!(super::given::refused(app, &report("registeredClients"), json!({ "as": "PUBLISHABLE" })).await, ["RELEASED_LATELY asOf"]);
    }

    async fn whoever_is_not_told_a_report_gets_no_file(app) {
        clients(app, 0..5).await;
        let status = async |who: (&str, &str), file: &str, said: &str| {
            let answer = fetch(app, who, file, said, "fi").await;
            (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or("none").to_owned())
        };
        let file = "registered-clients.csv";
        assert_eq!(status(ANALYST, file, "&rendering=INTERNAL").await.0, 200);
        assert_eq!(status(("analyst", "CARE"), file, "&rendering=INTERNAL").await, (403, "PURPOSE_REQUIRED".into()));
        assert_eq!(status(("", "STATISTICS"), file, "&rendering=INTERNAL").await, (401, "UNAUTHENTICATED".into()));
        for actor in ["social-worker", "dpo", "admin", "partner", "client", "admin-x"] {
            assert_eq!(status((actor, "STATISTICS"), file, "&rendering=PUBLISHABLE").await, (404, "NOT_FOUND".into()), "{actor}");
        }
        for (file, said, told) in [
            ("nothing.csv", "&rendering=INTERNAL", (404, "NOT_FOUND")),
            ("registered-clients.pdf", "&rendering=INTERNAL", (404, "NOT_FOUND")),
            (file, "", (400, "BAD_REQUEST")),
            (file, "&rendering=OPEN", (400, "BAD_REQUEST")),
            (file, "&rendering=INTERNAL&asof=2026-01-01", (400, "BAD_REQUEST")),
            (file, "&rendering=INTERNAL&k=5&k=5", (400, "BAD_REQUEST")),
            (file, "&rendering=INTERNAL&k=4", (400, "BAD_INPUT")),
            (file, "&rendering=INTERNAL&serviceTasks=NOPE", (400, "BAD_INPUT")),
            ("outcome-change.csv", "&rendering=INTERNAL", (400, "BAD_INPUT")),
        ] {
            assert_eq!(status(ANALYST, file, said).await, (told.0, told.1.to_owned()), "{file}{said}");
        }
        let request = Request::builder().method("POST").uri("/reports/registered-clients.csv").header("authorization", format!("Bearer {}", app.token("analyst")));
        assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::METHOD_NOT_ALLOWED);
        // A report costs its caller something, as a question does.
        let process = app.process_with(&["--rate-complexity", "2500"]).await;
        let mut answers = Vec::new();
        for _ in 0..3 {
            let path = format!("/reports/{file}?organization={}&asOf={}&rendering=INTERNAL", app.world.organization("county"), in_days(0));
            let request = Request::builder().uri(path).header("x-purpose", "STATISTICS").header("authorization", format!("Bearer {}", app.token("analyst")));
            answers.push(send(&process, request.body(Body::empty()).unwrap()).await.status.as_u16());
        }
        assert_eq!(answers, [200, 200, 429]);
    }
}
