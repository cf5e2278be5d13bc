//! A token is believed only by the server it is meant for, from the issuer that made it, at its time, for a usable subject.
use super::*;

#[tokio::test]
async fn honest_variants_are_believed() {
    let issuer = usual_issuer().await;
    let identity = issuer.identity();
    let claims = issuer.claims();
    let honest = [
        ED.token(&issuer.claims_with(&json!({"aud": ["other", "monituottaja"]}))),
        ED.token(&issuer.claims_with(&json!({"client_id": null, "azp": "case-system"}))),
        ED.token(&issuer.claims_with(&json!({"exp": 1_780_000_000.5, "nbf": 1_779_999_999.5}))),
        ED.token(&issuer.claims_with(&json!({"exp": NOON - 4, "nbf": NOON + 5}))),
        ED.sign(&changed(ED.header(), &json!({"typ": null})), &claims),
        ED.sign(&changed(ED.header(), &json!({"typ": "JWT"})), &claims),
        ED.sign(&changed(ED.header(), &json!({"kid": null})), &claims),
        ED.token(&issuer.claims_with(&json!({"sub": "ä".repeat(127)}))),
    ];
    for token in honest {
        assert!(identity.verify(&token).await.is_ok(), "{token}");
    }
}

#[tokio::test]
async fn tokens_of_another_time_are_refused() {
    let issuer = usual_issuer().await;
    let with = |changes: Value| ED.token(&issuer.claims_with(&changes));
    let tokens = vec![
        ("expired", with(json!({"exp": NOON - 3600}))),
        ("expired beyond the leeway", with(json!({"exp": NOON - 5}))),
        ("not yet", with(json!({"nbf": NOON + 6}))),
        ("never ends", with(json!({"exp": null}))),
        ("ends as text", with(json!({"exp": (NOON + 300).to_string()}))),
        ("ends in no year", with(json!({"exp": i64::MAX}))),
        ("ends in 1e300", with(json!({"exp": 1e300}))),
        ("ended before 1970", with(json!({"exp": -1}))),
        ("ends at true", with(json!({"exp": true}))),
        ("begins as text", with(json!({"nbf": "now"}))),
    ];
    all_refused(&issuer.identity(), tokens).await;
}

#[tokio::test]
async fn the_leeway_is_a_setting() {
    let issuer = usual_issuer().await;
    let settings = IdentitySettings { token_leeway: Duration::ZERO, ..issuer.settings() };
    let strict = Identity::start(&settings, None, Clock::fixed(noon())).unwrap();
    let last = ED.token(&issuer.claims_with(&json!({"exp": NOON + 1, "nbf": NOON})));
    assert!(strict.verify(&last).await.is_ok());
    let tokens = vec![
        ("ends now", ED.token(&issuer.claims_with(&json!({"exp": NOON})))),
        ("begins in a second", ED.token(&issuer.claims_with(&json!({"nbf": NOON + 1})))),
    ];
    all_refused(&strict, tokens).await;
}

#[tokio::test]
async fn tokens_for_others_or_from_others_are_refused() {
    let issuer = usual_issuer().await;
    let other = LocalIssuer::start(&[Signer::ed("other-1").public]).await;
    let settings = IdentitySettings { oidc_issuers: vec![issuer.url.clone(), other.url.clone()], ..defaults() };
    let identity = Identity::start(&settings, None, Clock::fixed(noon())).unwrap();
    assert!(identity.verify(&ED.token(&issuer.claims())).await.is_ok());
    let with = |changes: Value| ED.token(&issuer.claims_with(&changes));
    let tokens = vec![
        ("another audience", with(json!({"aud": "someone-else"}))),
        ("a longer audience", with(json!({"aud": "monituottaja2"}))),
        ("another spelling", with(json!({"aud": "Monituottaja"}))),
        ("audiences without ours", with(json!({"aud": ["a", "b"]}))),
        ("an empty list", with(json!({"aud": []}))),
        ("no audience", with(json!({"aud": null}))),
        ("an audience that is a number", with(json!({"aud": 7}))),
        ("no issuer", with(json!({"iss": null}))),
        ("an unknown issuer", with(json!({"iss": "https://id.example.fi"}))),
        ("the issuer with a slash", with(json!({"iss": format!("{}/", issuer.url)}))),
        ("a list with the issuer", with(json!({"iss": [issuer.url]}))),
        ("another trusted issuer's name", with(json!({"iss": other.url}))),
        ("the demo's issuer", with(json!({"iss": "urn:monituottaja:demo"}))),
        ("no subject", with(json!({"sub": null}))),
        ("an empty subject", with(json!({"sub": ""}))),
        ("a subject that is a number", with(json!({"sub": 7}))),
        ("a subject that is too long", with(json!({"sub": "x".repeat(256)}))),
        ("a subject with a NUL", with(json!({"sub": "worker-7\0"}))),
        ("a subject with a line end", with(json!({"sub": "worker-7\nadmin"}))),
        ("a client with a control character", with(json!({"client_id": "a\u{1b}[31m"}))),
    ];
    all_refused(&identity, tokens).await;
    let twice = issuer.claims().to_string().replacen('{', r#"{"sub":"director","#, 1);
    let twice = signed(&ED.header(), &twice, &ED.private, Algorithm::EdDSA);
    all_refused(&identity, vec![("two subjects", twice)]).await;
}
