//! Every known way to forge or misuse a token is refused, each beside the honest token that is accepted.
use super::super::token::MAX_TOKEN;
use super::*;
use std::io;
use std::sync::MutexGuard;
use tracing_subscriber::fmt::MakeWriter;

#[tokio::test]
async fn honest_tokens_of_each_algorithm_are_believed() {
    let issuer = usual_issuer().await;
    let identity = issuer.identity();
    for signer in [&*RSA, &*EC, &*ED] {
        let verified = identity.verify(&signer.token(&issuer.claims())).await.unwrap();
        assert_eq!(verified.issuer, issuer.url);
        assert_eq!(verified.subject, "worker-7");
        assert_eq!(verified.client_id.as_deref(), Some("case-system"));
        assert_eq!(verified.expires_at.timestamp(), NOON + 300);
        assert_eq!(verified.key(), format!("{}|worker-7", issuer.url));
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let issuer = usual_issuer().await;
    let good = ED.token(&issuer.claims());
    let padded = format!("{good}==");
    let tokens = vec![
        ("nothing", String::new()),
        ("one part", "token".to_owned()),
        ("two parts", good.rsplit_once('.').unwrap().0.to_owned()),
        ("empty parts", "..".to_owned()),
        ("four parts", format!("{good}.{good}")),
        ("encrypted, five parts", "eyJhbGciOiJkaXIifQ..a.b.c".to_owned()),
        ("not base64", "ä.ö.å".to_owned()),
        ("padded", padded),
        ("space before", format!(" {good}")),
        ("line end", format!("{good}\r\n")),
        ("NUL", format!("{good}\0")),
        ("header is a list", format!("{}.e30.e30", base64url("[]"))),
        ("claims are a list", ED.token(&json!([]))),
        ("deep header", format!("{}.e30.e30", base64url("[".repeat(3000)))),
    ];
    all_refused(&issuer.identity(), tokens).await;
}

#[tokio::test]
async fn unsigned_tokens_are_refused() {
    let issuer = usual_issuer().await;
    let good = ED.token(&issuer.claims());
    let (_, signature) = good.rsplit_once('.').unwrap();
    let mut tokens = Vec::new();
    for algorithm in ["none", "None", "NONE", "nOnE", ""] {
        for header in [json!({"alg": algorithm}), changed(ED.header(), &json!({"alg": algorithm}))] {
            let message = format!("{}.{}", base64url(header.to_string()), base64url(issuer.claims().to_string()));
            tokens.push((algorithm, format!("{message}.")));
            tokens.push((algorithm, format!("{message}.{signature}")));
        }
    }
    tokens.push(("signature cut off", good.strip_suffix(signature).unwrap().to_owned()));
    tokens.push(("no algorithm", ED.sign(&json!({"kid": "ed-1"}), &issuer.claims())));
    all_refused(&issuer.identity(), tokens).await;
}

#[tokio::test]
async fn a_public_key_is_no_secret_to_sign_with() {
    let issuer = LocalIssuer::start(&[
        RSA.public.clone(),
        EC.public.clone(),
        ED.public.clone(),
        json!({"kty": "oct", "k": base64url("a shared secret, published"), "kid": "oct-1", "alg": "HS256", "use": "sig"}),
    ])
    .await;
    let claims = issuer.claims().to_string();
    let mut tokens = Vec::new();
    for (signer, member) in [(&*RSA, "n"), (&*EC, "x"), (&*ED, "x")] {
        let component = signer.public[member].as_str().unwrap();
        let raw = URL_SAFE_NO_PAD.decode(component).unwrap();
        let jwk = signer.public.to_string();
        for secret in [component.as_bytes(), &raw, jwk.as_bytes(), b""] {
            for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                let header = changed(signer.header(), &json!({"alg": algorithm}));
                tokens.push(("confused", signed(&header, &claims, &EncodingKey::from_secret(secret), algorithm)));
            }
        }
    }
    let published = EncodingKey::from_secret(b"a shared secret, published");
    let header = json!({"alg": "HS256", "kid": "oct-1"});
    tokens.push(("symmetric key in the set", signed(&header, &claims, &published, Algorithm::HS256)));
    tokens.push(("the same, unnamed", signed(&json!({"alg": "HS256"}), &claims, &published, Algorithm::HS256)));
    all_refused(&issuer.identity(), tokens).await;
}

#[tokio::test]
async fn a_key_has_one_algorithm() {
    let issuer = usual_issuer().await;
    let claims = issuer.claims();
    let with = |signer: &Signer, algorithm, id: &str| {
        let header = json!({"alg": algorithm, "kid": id});
        signed(&header, &claims.to_string(), &signer.private, algorithm)
    };
    let tokens = vec![
        ("RS384 of the RS256 key", with(&RSA, Algorithm::RS384, "rsa-1")),
        ("RS512 of the RS256 key", with(&RSA, Algorithm::RS512, "rsa-1")),
        ("PS256 of the RS256 key", with(&RSA, Algorithm::PS256, "rsa-1")),
        ("PS256, unnamed", RSA.sign(&json!({"alg": "PS256"}), &claims)),
        ("ES256 under the RSA key's name", with(&EC, Algorithm::ES256, "rsa-1")),
        ("RS256 under the EC key's name", with(&RSA, Algorithm::RS256, "ec-1")),
        ("EdDSA under the EC key's name", with(&ED, Algorithm::EdDSA, "ec-1")),
        ("says RS256, signed EdDSA", ED.sign(&RSA.header(), &claims)),
        ("says ES384", EC.sign(&changed(EC.header(), &json!({"alg": "ES384"})), &claims)),
        ("says rs256", RSA.sign(&changed(RSA.header(), &json!({"alg": "rs256"})), &claims)),
    ];
    all_refused(&issuer.identity(), tokens).await;
    assert_eq!(issuer.fetches(), 1, "a known name with another algorithm is no reason to fetch");
}

#[tokio::test]
async fn changed_tokens_are_refused() {
    let issuer = usual_issuer().await;
    let identity = issuer.identity();
    for signer in [&*RSA, &*EC, &*ED] {
        let good = signer.token(&issuer.claims());
        assert!(identity.verify(&good).await.is_ok());
        let [header, claims, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
        let other = base64url(issuer.claims_with(&json!({"sub": "director"})).to_string());
        let plain = base64url(changed(signer.header(), &json!({"typ": "JWT"})).to_string());
        let half = &signature[..signature.len() / 2 / 4 * 4];
        let stranger = match signer.algorithm {
            Algorithm::RS256 => Signer::rsa(&signer.id),
            Algorithm::ES256 => Signer::ec(&signer.id),
            _ => Signer::ed(&signer.id),
        };
        let tokens = vec![
            ("other claims", format!("{header}.{other}.{signature}")),
            ("other header", format!("{plain}.{claims}.{signature}")),
            ("half the signature", format!("{header}.{claims}.{half}")),
            ("no signature", format!("{header}.{claims}.")),
            ("a longer signature", format!("{header}.{claims}.{signature}AAAA")),
            ("zeroes for a signature", format!("{header}.{claims}.{}", base64url([0; 64]))),
            ("a stranger's key under this key's name", stranger.token(&issuer.claims())),
        ];
        all_refused(&identity, tokens).await;
    }
}

#[tokio::test]
async fn keys_offered_by_the_token_are_never_used() {
    let issuer = usual_issuer().await;
    let identity = issuer.identity();
    let thief = Signer::ed("thief");
    let trap = LocalIssuer::start(std::slice::from_ref(&thief.public)).await;
    let claims = issuer.claims();
    let mut tokens = Vec::new();
    for id in [json!("thief"), json!("ed-1"), Value::Null] {
        for offer in [
            json!({"jku": format!("{}/keys", trap.url)}),
            json!({"x5u": format!("{}/chain.pem", trap.url)}),
            json!({"jwk": thief.public}),
            json!({"x5c": [base64url("not a certificate")]}),
            json!({"jku": format!("{}/jku", issuer.url)}),
        ] {
            let header = changed(changed(thief.header(), &json!({"kid": id})), &offer);
            tokens.push(("offers a key", thief.sign(&header, &claims)));
        }
    }
    all_refused(&identity, tokens).await;
    assert_eq!(trap.fetches() + trap.desk.elsewhere.load(Ordering::SeqCst), 0);
    assert_eq!(issuer.desk.elsewhere.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn key_names_are_only_compared() {
    let issuer = usual_issuer().await;
    let named = |id: Value| ED.sign(&changed(ED.header(), &json!({"kid": id})), &issuer.claims());
    let tokens = vec![
        ("a path", named(json!("../../../../../../dev/null"))),
        ("a file", named(json!("/etc/passwd"))),
        ("a URL", named(json!(format!("{}/keys", issuer.url)))),
        ("SQL", named(json!("ed-1' OR '1'='1"))),
        ("a NUL", named(json!("ed-1\0"))),
        ("other case", named(json!("ED-1"))),
        ("nothing", named(json!(""))),
        ("a number", named(json!(1))),
        ("a list", named(json!(["ed-1"]))),
        ("long", named(json!("k".repeat(4000)))),
    ];
    all_refused(&issuer.identity(), tokens).await;
    assert_eq!(issuer.desk.elsewhere.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn extensions_and_other_kinds_of_tokens_are_refused() {
    let issuer = usual_issuer().await;
    let with = |changes: Value| ED.sign(&changed(ED.header(), &changes), &issuer.claims());
    let tokens = vec![
        ("crit", with(json!({"crit": ["exp"]}))),
        ("crit, empty", with(json!({"crit": []}))),
        ("unencoded payload", with(json!({"crit": ["b64"], "b64": false}))),
        ("proof of possession", with(json!({"typ": "dpop+jwt"}))),
        ("logout token", with(json!({"typ": "logout+jwt"}))),
    ];
    all_refused(&issuer.identity(), tokens).await;
}

#[tokio::test]
async fn long_tokens_are_refused() {
    let issuer = usual_issuer().await;
    let identity = issuer.identity();
    let token = |filling: usize| ED.token(&issuer.claims_with(&json!({"note": "x".repeat(filling)})));
    let spare = MAX_TOKEN - token(0).len();
    let fits = token(spare / 4 * 3 - 3);
    assert!(fits.len() <= MAX_TOKEN && identity.verify(&fits).await.is_ok());
    all_refused(&identity, vec![("too long", token(spare)), ("huge", "a".repeat(10_000_000))]).await;
}

#[tokio::test]
async fn unfit_keys_of_the_issuer_are_not_used() {
    let issuer = LocalIssuer::start(&[
        ED.public_as(&json!({"kid": "for-encryption", "use": "enc"})),
        ED.public_as(&json!({"kid": "for-signing-only", "key_ops": ["sign"]})),
        RSA.public_as(&json!({"kid": "for-pss", "alg": "PS256"})),
        EC.public_as(&json!({"kid": "says-rsa", "alg": "RS256"})),
        json!({"kty": "AKP", "kid": "of-a-later-kind", "alg": "ML-DSA-44", "pub": "AAAA"}),
        json!({"kid": "of-no-kind"}),
        json!("not a key"),
        EC.public_as(&json!({"kid": "undeclared", "alg": null, "use": null})),
    ])
    .await;
    let identity = issuer.identity();
    let named = |signer: &Signer, id: &str| signer.sign(&changed(signer.header(), &json!({"kid": id})), &issuer.claims());
    assert!(identity.verify(&named(&EC, "undeclared")).await.is_ok());
    let tokens = vec![
        ("a key for encryption", named(&ED, "for-encryption")),
        ("a key that may not verify", named(&ED, "for-signing-only")),
        ("a key for another algorithm", named(&RSA, "for-pss")),
        ("a key that contradicts itself", named(&EC, "says-rsa")),
        ("an unnamed key for encryption", ED.sign(&json!({"alg": "EdDSA"}), &issuer.claims())),
    ];
    all_refused(&identity, tokens).await;
}

#[tokio::test]
async fn an_unnamed_key_must_be_the_only_one_of_its_algorithm() {
    let second = Signer::ed("ed-2");
    let issuer = LocalIssuer::start(&[ED.public.clone(), second.public.clone(), EC.public.clone()]).await;
    let identity = issuer.identity();
    let unnamed = |signer: &Signer| signer.sign(&changed(signer.header(), &json!({"kid": null})), &issuer.claims());
    assert!(identity.verify(&unnamed(&EC)).await.is_ok());
    let tokens = vec![("first", unnamed(&ED)), ("second", unnamed(&second)), ("none", unnamed(&RSA))];
    all_refused(&identity, tokens).await;
}

#[tokio::test]
async fn the_log_holds_the_cause_but_nothing_of_the_token() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE).with_writer(lines.clone()).finish();
    let _scope = tracing::subscriber::set_default(subscriber);
    let issuer = usual_issuer().await;
    let identity = issuer.identity();
    let marked = json!({"sub": "marker-in-subject", "note": "marker\r\n\u{1b}[31m", "aud": "marker-in-aud"});
    let tokens = [
        ED.token(&issuer.claims_with(&marked)),
        ED.token(&issuer.claims_with(&json!({"sub": 7, "exp": "marker-in-exp"}))),
        ED.sign(&changed(ED.header(), &json!({"kid": "marker-in-kid"})), &issuer.claims_with(&marked)),
        "marker-in-nothing".to_owned(),
    ];
    // Another test, on a thread that logs nothing, may be the first to reach the event: listen until it is heard here.
    for _ in 0..100 {
        assert_eq!(identity.verify("").await, Err(Refused::Invalid));
        tracing::callsite::rebuild_interest_cache();
        if lines.text().contains("token refused") {
            break;
        }
    }
    lines.0.lock().unwrap().clear();
    for token in &tokens {
        assert_eq!(identity.verify(token).await, Err(Refused::Invalid));
    }
    let log = lines.text();
    let causes = log.lines().filter(|line| line.contains("token refused")).collect::<Vec<_>>();
    assert_eq!(causes.len(), tokens.len());
    assert!(causes[0].contains("another audience") && causes[2].contains("unknown key"), "{causes:?}");
    assert!(!log.contains("marker"), "{log}");
    for token in &tokens[..3] {
        assert!(token.split('.').all(|part| !log.contains(part)));
    }
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Writer<'w>;

    fn make_writer(&'w self) -> Writer<'w> {
        Writer(self.0.lock().unwrap())
    }
}

struct Writer<'w>(MutexGuard<'w, Vec<u8>>);

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
