//! The data keys: rotated while the server runs; one that is missing or wrong is told at the start.
use super::given::{aino, client, sent};
use api::{
    clock::Clock,
    error::Error,
    store::Store,
    vault::{Vault, generate},
};
use serde_json::json;
use tests::stories;

async fn open(url: &str, keys: &str) -> (Store, Result<(), Error>) {
    let vault = Vault::parse(&keys.to_owned().into()).unwrap();
    let store = Store::open(&url.to_owned().into(), 2, Clock::real(), vault).await.unwrap();
    let checked = store.check_keys().await;
    (store, checked)
}

stories! {
    async fn keys_rotate_and_everything_still_opens_and_is_found(app) {
        let (id, _) = client(app, aino()).await;
        sent(app, &id).await;
        let both = format!("{}\n{}", generate("new").unwrap(), tests::KEY);
        let (store, checked) = open(app.database(), &both).await;
        assert!(checked.is_ok());
        assert_eq!(store.rotate_keys().await.unwrap(), 2, "a person and a referral");
        assert_eq!(store.rotate_keys().await.unwrap(), 0);
        for (table, column) in [("person", "identity"), ("person", "hetu_hash"), ("person_word", "hash"), ("referral", "introduction")] {
            assert_eq!(app.count(table, &format!("{column} LIKE '%test:%'")).await, 0, "{table}.{column}");
        }
        // A server that has not heard of the new key says so, and shows nothing.
        let who = "query($id: ID!) { client(id: $id) { person { lastName } } }";
        assert_eq!(app.refuse("social-worker", who, json!({ "id": id })).await, "INTERNAL");
        // The chains of the logs hold with both keys.
        assert!(store.verify_logs().await.unwrap().iter().all(|v| v.broken.is_none()));
    }

    async fn a_key_that_is_missing_or_wrong_is_told_at_the_start(app) {
        let (_, checked) = open(app.database(), &generate("other").unwrap()).await;
        assert!(matches!(checked, Err(Error::KeyMissing(id)) if id == "test"));
        let (_, checked) = open(app.database(), &generate("test").unwrap()).await;
        assert!(matches!(checked, Err(Error::KeyWrong(id)) if id == "test"));
        assert!(open(app.database(), tests::KEY).await.1.is_ok());
    }
}
