//! Settings that would make identity weak or useless are refused with words that help.
use super::*;

fn with_issuer(issuer: &str) -> Result<(), String> {
    let settings = IdentitySettings { oidc_issuers: vec![issuer.to_owned()], ..defaults() };
    settings.validate().map_err(|error| error.to_string())
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let settings = defaults();
    assert!(settings.oidc_issuers.is_empty());
    assert_eq!(settings.oidc_audience, "monituottaja");
    let seconds =
        [settings.token_leeway, settings.oidc_refetch, settings.oidc_refresh, settings.oidc_keep, settings.oidc_timeout].map(|setting| setting.as_secs());
    assert_eq!(seconds, [5, 30, 600, 86_400, 5]);
    settings.validate().unwrap();
}

#[test]
fn issuers_are_secure_urls() {
    for issuer in [
        "https://id.example.fi",
        "https://id.example.fi/realms/network",
        "https://id.example.fi:8443/",
        "http://127.0.0.1:4000",
        "http://[::1]:4000",
        "http://localhost:4000/realms/network",
    ] {
        assert_eq!(with_issuer(issuer), Ok(()), "{issuer}");
    }
    for issuer in [
        "",
        "id.example.fi",
        "http://id.example.fi",
        "http://127.0.0.1.example.fi",
        "http://localhost.example.fi",
        "ftp://id.example.fi",
        "urn:monituottaja:demo",
        "https://user:secret@id.example.fi",
        "https://id.example.fi?tenant=1",
        "https://id.example.fi#a",
        "https://id.example.fi/a|b",
        "https://id.example.fi/ ",
        "https://id.example.fi/\n",
        &format!("https://id.example.fi/{}", "x".repeat(255)),
    ] {
        let refusal = with_issuer(issuer).unwrap_err();
        assert!(refusal.starts_with("--oidc-issuer"), "{refusal}");
    }
}

#[test]
fn several_issuers_are_separate_and_few() {
    let settings = parsed(&["--oidc-issuer", "https://a.example.fi,https://b.example.fi"]).unwrap();
    assert_eq!(settings.oidc_issuers.len(), 2);
    settings.validate().unwrap();
    let twice = parsed(&["--oidc-issuer", "https://a.example.fi", "--oidc-issuer", "https://a.example.fi"]).unwrap();
    assert!(twice.validate().unwrap_err().to_string().ends_with("is given twice"));
    let many = (0..9).map(|number| format!("https://{number}.example.fi")).collect();
    assert!(IdentitySettings { oidc_issuers: many, ..defaults() }.validate().is_err());
}

#[test]
fn numbers_stay_in_their_ranges() {
    assert_eq!(parsed(&["--token-leeway-seconds", "60"]).unwrap().token_leeway, Duration::from_mins(1));
    for flags in [
        ["--token-leeway-seconds", "61"],
        ["--oidc-refetch-seconds", "0"],
        ["--oidc-refresh-seconds", "0"],
        ["--oidc-keep-seconds", "604801"],
        ["--oidc-timeout-seconds", "31"],
    ] {
        assert!(parsed(&flags).is_err(), "{flags:?}");
    }
    assert!(parsed(&["--oidc-refetch-seconds", "700"]).unwrap().validate().is_err());
    assert!(parsed(&["--oidc-keep-seconds", "500"]).unwrap().validate().is_err());
    assert!(parsed(&["--oidc-audience", ""]).unwrap().validate().is_err());
    let lax = IdentitySettings { token_leeway: Duration::from_secs(61), ..defaults() };
    assert!(lax.validate().is_err());
}
