//! What the stories stand on: the real router in process, on a fresh database each, with a fixed cast.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot be set up fails where it stands")]
#![expect(clippy::disallowed_methods, reason = "tests look behind the doors, and at the clock")]
mod app;
mod database;
pub mod parity;
mod world;

pub use app::{Answer, Listening, TestApp, ask, assemble, post, send};
pub use database::{Application, Fresh, KEY, Kind, Server, count, databases, execute, keep_to_the_disk, literal, open, texts, vault};
pub use world::{CAST, World};

/// The day after so many days, as the server's clock tells it in Finland.
#[must_use]
pub fn in_days(days: i64) -> String {
    (domain::catalogue::session::day(chrono::Utc::now()) + chrono::TimeDelta::days(days)).to_string()
}

/// The moment so many days of the calendar from now at which the clock on the wall says what it says now.
#[must_use]
pub fn at_this_time_in(days: i64) -> chrono::DateTime<chrono::Utc> {
    use chrono::{Offset, SubsecRound, TimeDelta};
    let now = chrono::Utc::now().trunc_subsecs(3);
    let ahead = |at| domain::catalogue::session::local(at).offset().fix().local_minus_utc();
    let then = now + TimeDelta::days(days);
    then - TimeDelta::seconds((ahead(then) - ahead(now)).into())
}

/// Declares stories: each runs on SQLite and, where there is one, on PostgreSQL, on a database of its own.
#[macro_export]
macro_rules! stories {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)+) => { $(
        $(#[$meta])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for kind in $crate::databases().await {
                let test = $crate::TestApp::start(kind).await;
                {
                    let $app = &test;
                    $body
                }
                test.stop().await;
            }
        }
    )+ };
}
