//! What is done by time: one row that fails, or one kind, keeps nothing else from being done.
use crate::{
    outreach::given::handle,
    person::given::{aino, client, sent},
};
use tests::{Kind, TestApp, stories};

/// Makes the database refuse to change the rows of a table that meet a condition, as a fault of one row would.
pub async fn stuck(app: &TestApp, table: &str, condition: &str) {
    match app.kind {
        Kind::Sqlite => app.tamper(&format!("CREATE TRIGGER stuck BEFORE UPDATE ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'stuck'); END")).await,
        Kind::Postgres => {
            app.tamper("CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stuck'; END $$").await;
            app.tamper(&format!("CREATE TRIGGER stuck BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION stuck()")).await;
        }
    }
}

/// Lets it change them again.
pub async fn loose(app: &TestApp, table: &str) {
    app.tamper(&if app.kind == Kind::Sqlite { "DROP TRIGGER stuck".to_owned() } else { format!("DROP TRIGGER stuck ON {table}") }).await;
}

stories! {
    async fn a_row_that_cannot_be_changed_keeps_no_other_from_it(app) {
        for _ in 0..3 {
            handle(app).await;
        }
        app.tamper("UPDATE anonymous_handle SET expires_on = '2026-01-01'").await;
        app.tamper("UPDATE anonymous_handle SET expires_on = '2026-01-02' WHERE id = (SELECT id FROM anonymous_handle ORDER BY id LIMIT 1)").await;
        stuck(app, "anonymous_handle", "OLD.expires_on = '2026-01-02'").await;
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.handles, done.failed), (2, 1));
        loose(app, "anonymous_handle").await;
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.handles, done.failed), (1, 0), "the next minute tries again");
    }

    async fn a_row_that_cannot_be_read_keeps_no_other_from_being_done(app) {
        let (id, _) = client(app, aino()).await;
        for _ in 0..2 {
            sent(app, &id).await;
        }
        app.tamper("UPDATE consent SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        app.tamper("UPDATE consent SET scope = '[\"NOTHING_OF_THE_KIND\"]' WHERE id = (SELECT id FROM consent ORDER BY id LIMIT 1)").await;
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.consents, done.failed), (1, 1));
        assert_eq!(app.count("referral", "state = 'WITHDRAWN'").await, 1);
    }

    async fn a_kind_that_fails_keeps_no_other_from_being_done(app) {
        let (id, _) = client(app, aino()).await;
        sent(app, &id).await;
        handle(app).await;
        app.tamper("UPDATE anonymous_handle SET expires_on = '2026-01-01'").await;
        app.tamper("UPDATE referral SET expires_at = '2020-01-01 00:00:00+00:00'").await;
        for table in ["consent", "participation", "client_plan"] {
            app.tamper(&format!("ALTER TABLE {table} RENAME COLUMN state TO lost")).await;
        }
        let done = api::job::due(&app.store().await).await;
        assert_eq!((done.handles, done.referrals, done.consents, done.failed), (1, 1, 0, 6), "{done:?}");
        for table in ["consent", "participation", "client_plan"] {
            app.tamper(&format!("ALTER TABLE {table} RENAME COLUMN lost TO state")).await;
        }
        assert_eq!(api::job::due(&app.store().await).await.failed, 0);
    }
}
