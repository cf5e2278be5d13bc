//! The demo's issuer: one key for every process, believed only where the demo is meant.
use super::super::demo::{AUDIENCE, DemoError, DemoIssuer, ISSUER, KEY_FILE};
use super::*;
use chrono::TimeDelta;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use tempfile::TempDir;

const HOUR: TimeDelta = TimeDelta::hours(1);

fn believing(demo: Option<&DemoIssuer>) -> Identity {
    Identity::start(&defaults(), demo, Clock::fixed(noon())).unwrap()
}

#[tokio::test]
async fn a_token_from_another_process_is_believed() {
    let folder = TempDir::new().unwrap();
    let server = DemoIssuer::open(folder.path()).unwrap();
    let shell = DemoIssuer::open(folder.path()).unwrap();
    let token = shell.mint("partner", noon(), HOUR).unwrap();
    let verified = believing(Some(&server)).verify(&token).await.unwrap();
    assert_eq!(verified.key(), "urn:monituottaja:demo|partner");
    assert_eq!(verified.expires_at, noon() + HOUR);
    assert_eq!(verified.client_id, None);
}

#[tokio::test]
async fn without_the_demo_its_tokens_are_refused() {
    let folder = TempDir::new().unwrap();
    let demo = DemoIssuer::open(folder.path()).unwrap();
    let token = demo.mint("partner", noon(), HOUR).unwrap();
    assert!(believing(Some(&demo)).verify(&token).await.is_ok());
    assert_eq!(believing(None).verify(&token).await, Err(Refused::Invalid));
}

#[tokio::test]
async fn the_demo_is_judged_like_any_issuer() {
    let folder = TempDir::new().unwrap();
    let demo = DemoIssuer::open(folder.path()).unwrap();
    let identity = believing(Some(&demo));
    let stranger = DemoIssuer::open(&folder.path().join("other")).unwrap();
    let forger = Signer::ed("demo");
    let claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "partner", "exp": NOON + 300});
    let refused = [
        demo.mint("partner", noon() - HOUR - HOUR, HOUR).unwrap(),
        demo.mint("partner", noon() + HOUR, HOUR).unwrap(),
        stranger.mint("partner", noon(), HOUR).unwrap(),
        forger.token(&claims),
        forger.sign(&changed(forger.header(), &json!({"kid": "unknown"})), &claims),
        format!("{}.{}.", base64url(r#"{"alg":"none","kid":"demo"}"#), base64url(claims.to_string())),
    ];
    for token in refused {
        assert_eq!(identity.verify(&token).await, Err(Refused::Invalid), "{token}");
    }
}

#[test]
fn names_that_cannot_be_subjects_get_no_token() {
    let folder = TempDir::new().unwrap();
    let demo = DemoIssuer::open(folder.path()).unwrap();
    for name in ["", "a\nb", "\0", &"x".repeat(256)] {
        assert!(matches!(demo.mint(name, noon(), HOUR), Err(DemoError::NoToken)), "{name:?}");
    }
    assert!(matches!(demo.mint("partner", noon(), TimeDelta::MAX), Err(DemoError::NoToken)));
}

#[test]
fn many_processes_at_once_make_one_key() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| DemoIssuer::open(&data).unwrap());
        }
    });
    let left = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(left, [KEY_FILE]);
    let mode = fs::metadata(data.join(KEY_FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn racing_processes_hold_the_same_key() {
    for _ in 0..20 {
        let folder = TempDir::new().unwrap();
        let (first, second) = thread::scope(|scope| {
            let open = || DemoIssuer::open(folder.path()).unwrap();
            let (first, second) = (scope.spawn(open), scope.spawn(open));
            (first.join().unwrap(), second.join().unwrap())
        });
        let token = first.mint("partner", noon(), HOUR).unwrap();
        assert!(believing(Some(&second)).verify(&token).await.is_ok());
    }
}

#[test]
fn a_broken_key_file_is_told_not_replaced() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(KEY_FILE);
    fs::write(&path, "not a key").unwrap();
    assert!(matches!(DemoIssuer::open(folder.path()), Err(DemoError::NotAKey(_))));
    assert_eq!(fs::read(&path).unwrap(), b"not a key");
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(matches!(DemoIssuer::open(&folder.path().join("file")), Err(DemoError::File { .. })));
}
