//! Keys rotate: nothing stays sealed with an old key, whatever table and column it is in.
use crate::{casework::given as casework_given, person::given};
use api::{
    clock::Clock,
    store::Store,
    vault::{Vault, generate},
};
use serde_json::json;
use tests::{parity, stories};

stories! {
    async fn everything_that_is_sealed_moves_to_the_newest_key(app) {
        let (client, _) = given::client(app, given::aino()).await;
        given::account(app, &client).await;
        given::sent(app, &client).await;
        given::willed(app, &client).await;
        given::accepted(app).await;
        casework_given::furnish(app).await;
        crate::partners::webhook::hooked(app, json!({ "url": "https://9.9.9.9/hook" })).await;
        let (_, code_word) = crate::outreach::given::handle(app).await;
        // One who was merged into another is not found by name any more, whichever key the rest is sealed with.
        let mut walk_in = given::aino();
        walk_in.as_object_mut().unwrap().remove("hetu");
        let (walked, _) = given::client(app, walk_in).await;
        let merge = json!({ "surviving": client, "expectedVersion": 2, "merged": walked, "expectedMergedVersion": 1, "reason": "Sama henkilö kahdesti rekisterissä." });
        app.done("social-worker", "mergeClients", "client { id }", merge).await;
        let words = app.count("person_word", "1 = 1").await;
        let (tables, _) = parity::columns(app.kind).await;
        let sealed_with = async |key: &str| {
            let mut found = Vec::new();
            // What a key is known again by stays, and so do the logs.
            for (table, columns) in tables.iter().filter(|(table, _)| !["key_check", "audit"].contains(&table.as_str())) {
                let with = |column: &String| format!("CAST(\"{column}\" AS TEXT) LIKE '1:{key}:%'");
                let any: Vec<_> = columns.keys().map(with).collect();
                if app.count(table, &any.join(" OR ")).await == 0 {
                    continue;
                }
                for column in columns.keys() {
                    if app.count(table, &with(column)).await > 0 {
                        found.push(format!("{table}.{column}"));
                    }
                }
            }
            found
        };
        let before = sealed_with("test").await;
        assert!(before.len() >= 12, "{before:?}");
        let keys = Vault::parse(&format!("{}\n{}", generate("next").unwrap(), tests::KEY).into()).unwrap();
        let store = Store::open(&app.database().to_owned().into(), 2, Clock::real(), keys).await.unwrap();
        assert!(store.rotate_keys().await.unwrap() > 0);
        assert_eq!(app.count("person_word", "1 = 1").await, words);
        assert_eq!((sealed_with("test").await, sealed_with("next").await), (Vec::<String>::new(), before));
        // Of a code word only the hash is kept, which cannot move: it is found by the key that made it.
        assert!(store.present_handle(&code_word).await.unwrap().is_some());
    }
}
