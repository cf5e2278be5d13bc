//! Keys rotate: nothing stays sealed with an old key, whatever table and column it is in.
use crate::{casework::given as casework_given, person::given};
use tests::{parity, stories};

stories! {
    async fn everything_that_is_sealed_moves_to_the_newest_key(app) {
        let (client, _) = given::client(app, given::aino()).await;
        given::sent(app, &client).await;
        given::accepted(app).await;
        casework_given::furnish(app).await;
        let (tables, _) = parity::columns(app.kind).await;
        let sealed_with = async |key: &str| {
            let mut found = Vec::new();
            // What a key is known again by stays, and so do the logs.
            for (table, columns) in tables.iter().filter(|(table, _)| !["key_check", "audit"].contains(&table.as_str())) {
                for column in columns.keys() {
                    if app.count(table, &format!("CAST(\"{column}\" AS TEXT) LIKE '1:{key}:%'")).await > 0 {
                        found.push(format!("{table}.{column}"));
                    }
                }
            }
            found
        };
        let before = sealed_with("test").await;
        assert!(before.len() >= 12, "{before:?}");
        assert!(app.store_with_newer_key().await.rotate_keys().await.unwrap() > 0);
        assert_eq!((sealed_with("test").await, sealed_with("next").await), (Vec::<String>::new(), before));
    }
}
