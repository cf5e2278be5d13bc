//! The issuer's keys are followed when it rotates them, kept when it is down, and never fetched more often than agreed.
use super::*;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const SOON: Duration = Duration::from_millis(250);

/// An identity that may refetch after `SOON` and refreshes after `refresh`.
fn following(issuer: &LocalIssuer, refresh: Duration) -> Identity {
    let settings = IdentitySettings { oidc_refetch: SOON, oidc_refresh: refresh, ..issuer.settings() };
    Identity::start(&settings, None, Clock::fixed(noon())).unwrap()
}

const HOUR: Duration = Duration::from_hours(1);

/// Waits until `token` is refused as invalid, at most five seconds.
async fn until_invalid(identity: &Identity, token: &str) {
    let limit = Instant::now() + Duration::from_secs(5);
    while identity.verify(token).await != Err(Refused::Invalid) {
        assert!(Instant::now() < limit, "still accepted");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the keys of `issuer` have been fetched so often, at most five seconds, without asking for it.
async fn fetched(issuer: &LocalIssuer, times: usize) {
    let limit = Instant::now() + Duration::from_secs(5);
    while issuer.fetches() < times {
        assert!(Instant::now() < limit, "not fetched");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_new_key_is_found_and_a_withdrawn_key_is_dropped() {
    let (a, b) = (Signer::ec("a"), Signer::ed("b"));
    let issuer = LocalIssuer::start(std::slice::from_ref(&a.public)).await;
    let identity = following(&issuer, Duration::from_secs(1));
    let (by_a, by_b) = (a.token(&issuer.claims()), b.token(&issuer.claims()));
    assert!(identity.verify(&by_a).await.is_ok());
    assert_eq!(identity.verify(&by_b).await, Err(Refused::Invalid), "not published yet");

    issuer.publish(&[a.public.clone(), b.public.clone()]);
    sleep(SOON).await;
    assert!(identity.verify(&by_b).await.is_ok(), "found by its unknown name");
    assert!(identity.verify(&by_a).await.is_ok(), "both hold while both are published");

    issuer.publish(std::slice::from_ref(&b.public));
    until_invalid(&identity, &by_a).await;
    assert!(identity.verify(&by_b).await.is_ok());
}

/// Two hundred callers at once, each with a token that names a key of its own.
async fn flood(identity: &Identity, issuer: &LocalIssuer) {
    let mut callers = JoinSet::new();
    for number in 0..200 {
        let header = changed(ED.header(), &json!({"kid": format!("unknown-{number}")}));
        let token = ED.sign(&header, &issuer.claims());
        let identity = identity.clone();
        callers.spawn(async move { identity.verify(&token).await });
    }
    for answer in callers.join_all().await {
        assert_eq!(answer, Err(Refused::Invalid));
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_causes_one_fetch() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let identity = following(&issuer, HOUR);
    assert!(identity.verify(&ED.token(&issuer.claims())).await.is_ok());
    assert_eq!(issuer.fetches(), 1);
    sleep(SOON).await;
    flood(&identity, &issuer).await;
    assert_eq!(issuer.fetches(), 2);
    assert!(identity.verify(&ED.token(&issuer.claims())).await.is_ok());
}

#[tokio::test]
async fn a_flood_right_after_a_fetch_causes_none() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let settings = IdentitySettings { oidc_refetch: HOUR, oidc_refresh: HOUR, ..issuer.settings() };
    let identity = Identity::start(&settings, None, Clock::fixed(noon())).unwrap();
    for _ in 0..3 {
        flood(&identity, &issuer).await;
        sleep(SOON).await;
        assert_eq!(issuer.fetches(), 1, "the one at the start");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_stop_the_fetch() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let identity = following(&issuer, HOUR);
    assert!(identity.verify(&ED.token(&issuer.claims())).await.is_ok());
    let new = Signer::ed("new");
    issuer.publish(&[ED.public.clone(), new.public.clone()]);
    sleep(SOON).await;
    let token = new.token(&issuer.claims());
    let mut impatient = Box::pin(identity.verify(&token));
    assert!(futures_util::poll!(&mut impatient).is_pending());
    drop(impatient);
    fetched(&issuer, 2).await;
    assert!(identity.verify(&token).await.is_ok());
    assert_eq!(issuer.fetches(), 2, "the fetch that was asked for by the one who left");
}

#[tokio::test]
async fn the_last_good_keys_hold_while_the_issuer_is_down() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let identity = following(&issuer, SOON);
    let token = ED.token(&issuer.claims());
    assert!(identity.verify(&token).await.is_ok());
    issuer.set_down(true);
    sleep(SOON * 3).await;
    assert!(identity.verify(&token).await.is_ok());
    let unknown = Signer::ed("unknown").token(&issuer.claims());
    assert!(is_unavailable(&identity.verify(&unknown).await), "nobody can say whether this key is good");
    let forged = Signer::ed("ed-1").token(&issuer.claims());
    assert_eq!(identity.verify(&forged).await, Err(Refused::Invalid));

    issuer.set_down(false);
    issuer.publish(&[]);
    until_invalid(&identity, &token).await;
}

#[tokio::test]
async fn old_keys_are_not_kept_for_ever() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let settings = IdentitySettings { oidc_refetch: SOON, oidc_refresh: SOON, oidc_keep: SOON * 4, ..issuer.settings() };
    let identity = Identity::start(&settings, None, Clock::fixed(noon())).unwrap();
    let token = ED.token(&issuer.claims());
    assert!(identity.verify(&token).await.is_ok());
    issuer.set_down(true);
    sleep(SOON * 6).await;
    assert!(is_unavailable(&identity.verify(&token).await));
    issuer.set_down(false);
    sleep(SOON * 2).await;
    assert!(identity.verify(&token).await.is_ok(), "and come back with the issuer");
}

#[tokio::test]
async fn an_issuer_that_is_down_from_the_start_is_asked_again() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    issuer.set_down(true);
    let identity = following(&issuer, HOUR);
    let token = ED.token(&issuer.claims());
    assert!(is_unavailable(&identity.verify(&token).await));
    issuer.set_down(false);
    fetched(&issuer, 1).await;
    assert!(identity.verify(&token).await.is_ok());
}

#[tokio::test]
async fn a_silent_issuer_is_given_up_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let settings = IdentitySettings { oidc_issuers: vec![url.clone()], oidc_timeout: Duration::from_millis(300), ..defaults() };
    let identity = Identity::start(&settings, None, Clock::fixed(noon())).unwrap();
    let claims = json!({"iss": url, "aud": "monituottaja", "sub": "worker-7", "exp": NOON + 300});
    let begun = Instant::now();
    assert!(is_unavailable(&identity.verify(&ED.token(&claims)).await));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn documents_that_cannot_be_trusted_are_not_used() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let token = ED.token(&issuer.claims());
    for wrong in [
        json!({"issuer": "https://id.example.fi"}),
        json!({"issuer": format!("{}/", issuer.url)}),
        json!({"issuer": null}),
        json!({"jwks_uri": null}),
        // Reaches this very issuer, but is not a loopback address.
        json!({"jwks_uri": issuer.url.replace("127.0.0.1", "0.0.0.0") + "/keys"}),
        json!({"jwks_uri": "file:///etc/passwd"}),
        json!({"jwks_uri": format!("{}/.well-known/openid-configuration", issuer.url)}),
        json!({"filling": "x".repeat(300_000)}),
    ] {
        issuer.describe(&wrong);
        assert!(is_unavailable(&issuer.identity().verify(&token).await), "{wrong}");
    }
    assert_eq!(issuer.fetches(), 0);
    issuer.describe(&json!({}));
    assert!(issuer.identity().verify(&token).await.is_ok());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    use axum::response::Redirect;
    let target = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    target.describe(&json!({"issuer": url}));
    let there = format!("{}/.well-known/openid-configuration", target.url);
    let routes = Router::new().fallback(move || async move { Redirect::temporary(&there) });
    tokio::spawn(async { axum::serve(listener, routes).await });
    let settings = IdentitySettings { oidc_issuers: vec![url.clone()], ..defaults() };
    let identity = Identity::start(&settings, None, Clock::fixed(noon())).unwrap();
    assert!(is_unavailable(&identity.verify(&ED.token(&target.claims_with(&json!({"iss": url})))).await));
    assert_eq!(target.fetches(), 0);
}

#[tokio::test]
async fn the_fetching_ends_with_the_last_identity() {
    let issuer = LocalIssuer::start(std::slice::from_ref(&ED.public)).await;
    let identity = following(&issuer, SOON);
    assert!(identity.verify(&ED.token(&issuer.claims())).await.is_ok());
    let clone = identity.clone();
    drop(identity);
    sleep(SOON * 3).await;
    let alive = issuer.fetches();
    assert!(alive > 1, "a clone keeps it going");
    drop(clone);
    sleep(SOON / 2).await;
    let left = issuer.fetches();
    sleep(SOON * 3).await;
    assert_eq!(issuer.fetches(), left);
}
