//! Reports as a page: charts with tables beside, in three languages, that run nothing and fetch nothing.
use super::download::{ANALYST, fetch, twelve};
use axum::http::{StatusCode, header};
use tests::stories;

stories! {
    async fn a_page_shows_charts_with_their_tables_and_runs_nothing(app) {
        twelve(app).await;
        for (language, tag, title, heading) in [
            ("fi", "fi", "Osallistuminen ostopalveluihin", "Lukumäärä"),
            ("sv", "sv", "Deltagande i köpta tjänster", "Antal"),
            ("en-GB", "en", "Participation in purchased services", "Count"),
        ] {
            let answer = fetch(app, ANALYST, "purchased-participation.html", "&rendering=INTERNAL", language).await;
            assert_eq!((answer.status, answer.headers[header::CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, "text/html; charset=utf-8"), "{}", answer.text);
            let page = &answer.text;
            assert!(page.starts_with("<!DOCTYPE html><html lang=\"") && page.contains(&format!("<html lang=\"{tag}\"")), "{page}");
            for part in [title, heading, "<svg", "role=\"img\"", "<caption>", "scope=\"row\"", "6 (50 %)", "3 (25 %)"] {
                assert!(page.contains(part), "{language}: {part}");
            }
            // As many tables as charts at the least, and nothing that could run or be fetched.
            assert!(page.matches("<table").count() >= page.matches("<svg").count());
            for foreign in ["<script", "<link", "<img", "<iframe", "javascript:", " style=", " onload", "href="] {
                assert!(!page.contains(foreign), "{foreign}");
            }
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe") && !policy.contains("script"), "{policy}");
        }
    }

    async fn a_page_of_all_reports_keeps_back_what_is_kept_back(app) {
        twelve(app).await;
        let answer = fetch(app, ANALYST, "purchased-participation.html", "&rendering=PUBLISHABLE", "fi").await;
        // Three who came to the one group, and six beside them, are neither in the table nor in the chart.
        assert!(!answer.text.contains("<td>3</td>") && !answer.text.contains("3 (25 %)") && !answer.text.contains("6 (50 %)"), "{}", answer.text);
        assert!(answer.text.contains("<td>...</td>") && !answer.text.contains("Sisäinen"));
        let internal = fetch(app, ANALYST, "purchased-participation.html", "&rendering=INTERNAL", "fi").await;
        assert!(internal.text.contains("Sisäinen"));
    }
}
