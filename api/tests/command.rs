//! The program as it is started by people and by supervisors: what it reads from the environment, and what it tells.
#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]
use api::{
    clock::Clock,
    config::Cli,
    identity::{demo::ISSUER, subject_key},
    store::Store,
    vault::Vault,
};
use clap::CommandFactory;
use domain::{
    delivery::attendance::AttendanceStatus,
    id::{Kinded, OrganizationId},
};
use entity::delivery::attendance;
use sea_orm::{ColumnTrait, ConnectionTrait, Database, EntityTrait, QueryFilter, QueryOrder};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_monituottaja"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Every variable of the environment that the program knows.
fn variables(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env()).map(|name| name.to_str().unwrap().to_owned());
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

fn done(output: &Output) {
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    let folder = tempfile::tempdir().unwrap();
    let empty: Vec<_> = variables(&Cli::command()).into_iter().map(|name| (name, "")).collect();
    assert!(empty.len() > 50);
    for arguments in [&["schema"][..], &["migrate"]] {
        done(&program(folder.path(), arguments).envs(empty.iter().cloned()).output().unwrap());
    }
    let serve = ["serve", "--bind", "127.0.0.1:0"];
    let mut server = program(folder.path(), &serve).envs(empty).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut said).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(said.starts_with("Monituottaja listens on "), "{said}");
}

#[test]
fn a_flag_that_is_set_to_nothing_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    for flag in ["--oidc-issuer", "--metrics-token", "--bind", "--database-url", "--rate-requests"] {
        let output = program(folder.path(), &["serve", "--bind", "127.0.0.1:0", flag, ""]).output().unwrap();
        assert!(!output.status.success() && !output.stderr.is_empty(), "{flag}");
    }
}

#[test]
fn a_secret_is_given_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty"), "\n").unwrap();
    for (file, plain, words) in [("token", "a", "cannot be used with"), ("nowhere", "", "--metrics-token-file"), ("empty", "", "an empty secret is none")] {
        let variables = [("MONITUOTTAJA_METRICS_TOKEN_FILE", file), ("MONITUOTTAJA_METRICS_TOKEN", plain)];
        let output = program(folder.path(), &["serve", "--bind", "127.0.0.1:0"]).envs(variables).output().unwrap();
        assert!(!output.status.success() && text(&output.stderr).contains(words), "{file}: {}", text(&output.stderr));
    }
}

#[test]
fn what_works_on_the_database_tells_of_it_like_the_server() {
    let found = ["found", "--network", "Verkosto", "--organizer", "Alue", "--admin", "urn:test|1"];
    for arguments in [&["migrate"][..], &["demo", "load"], &found] {
        let folder = tempfile::tempdir().unwrap();
        let output = program(folder.path(), arguments).output().unwrap();
        done(&output);
        let log = text(&output.stderr);
        assert!(!log.is_empty(), "{arguments:?} tells nothing");
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|fault| panic!("{arguments:?}: {line}: {fault}"));
            assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
        }
        assert!(!text(&output.stdout).is_empty());
        let folder = tempfile::tempdir().unwrap();
        let quiet = program(folder.path(), arguments).env("MONITUOTTAJA_LOG", "error").output().unwrap();
        done(&quiet);
        assert_eq!(text(&quiet.stderr), "", "{arguments:?}");
        let loud = program(folder.path(), arguments).env("MONITUOTTAJA_LOG", "all=of=it").output().unwrap();
        assert!(!loud.status.success() && text(&loud.stderr).contains("--log"), "{arguments:?}");
    }
}

/// The address of the database that the program keeps in a folder.
fn database(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("data").join("monituottaja.db").display())
}

/// The organisation of one of the demo's actors, by its public id.
fn organization_of(folder: &Path, account: &str) -> String {
    let (data, address) = (folder.join("data"), database(folder));
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&address.into(), 1, Clock::real(), Vault::beside(&data).unwrap()).await.unwrap();
        store.sign_in(account, None).await.unwrap().standings()[0].organization.to_public()
    })
}

#[test]
fn a_table_is_taken_in_by_the_rights_of_an_account() {
    let folder = tempfile::tempdir().unwrap();
    done(&program(folder.path(), &["demo", "load"]).output().unwrap());
    let account = subject_key(ISSUER, "partner");
    let organization = organization_of(folder.path(), &account);
    let head = "date;open from;open to;municipality;place;visits;estimated persons\n";
    let good = format!("{head}5.11.2025;9:00;14:00;Kuopio;Tori;24;18\n");
    std::fs::write(folder.path().join("good.csv"), &good).unwrap();
    std::fs::write(folder.path().join("bad.csv"), format!("{good}6.11.2025;9:00;14:00;Kuopio;Tori;5;6\n")).unwrap();
    std::fs::write(folder.path().join("wrong.csv"), "date;visits;secret\n5.11.2025;1;2\n").unwrap();
    let import = |file: &str, account: &str, more: &[&str]| {
        let arguments = [&["import", "drop-in-counts", file, "--organization", &organization, "--as", account][..], more].concat();
        let output = program(folder.path(), &arguments).output().unwrap();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let told = |file: &str, more: &[&str]| import(file, &account, more);
    assert_eq!(told("good.csv", &["--dry-run"]).1, "1 created, 0 changed, 0 unchanged, 0 refused. Nothing was kept: it was a dry run.\n");
    let (done, said, _) = told("good.csv", &[]);
    assert_eq!((done, said.as_str()), (true, "1 created, 0 changed, 0 unchanged, 0 refused.\n"));
    assert_eq!(told("good.csv", &[]).1, "0 created, 0 changed, 1 unchanged, 0 refused.\n");
    let (done, said, _) = told("bad.csv", &[]);
    let words: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(!done && words[1][..4] == ["3", "estimated", "persons", "OUT_OF_RANGE"] && words[2][..2] == ["0", "created,"], "{said}");
    let (done, said, _) = told("wrong.csv", &[]);
    assert!(!done && said.contains("open from") && said.contains("UNKNOWN_COLUMN") && !said.contains("secret"), "{said}");
    // Somebody else's rights, and nobody's.
    let (done, said, _) = import("good.csv", &subject_key(ISSUER, "social-worker"), &[]);
    assert!(!done && said.contains("FORBIDDEN"), "{said}");
    let (done, _, why) = import("good.csv", "urn:nobody|1", &[]);
    assert!(!done && why.contains("no member"), "{why}");
    let (done, _, why) = import("nowhere.csv", &account, &[]);
    assert!(!done && why.contains("cannot read"), "{why}");
}

#[test]
fn a_feed_is_taken_in_from_a_file_and_from_an_address() {
    let folder = tempfile::tempdir().unwrap();
    done(&program(folder.path(), &["demo", "load"]).output().unwrap());
    let account = subject_key(ISSUER, "partner");
    let organization = organization_of(folder.path(), &account);
    let feed = |name: &str| format!(r#"{{"contents":[{{"id":"a","name":"{name}","status":"active"}},{{"id":"b","name":"","status":"active"}}]}}"#);
    std::fs::write(folder.path().join("feed.json"), feed("Kerho")).unwrap();
    let import = |from: &str, more: &[&str]| {
        let arguments = [&["import", "hsds", from, "--organization", &organization, "--as", &account][..], more].concat();
        let output = program(folder.path(), &arguments).output().unwrap();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let (whole, said, _) = import("feed.json", &["--dry-run"]);
    let words: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(!whole && words[1][..3] == ["2", "name", "REQUIRED"] && words[2][..6] == ["1", "created,", "0", "changed,", "0", "unchanged,"], "{said}");
    let (_, said, log) = import("feed.json", &["--json"]);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&report["created"], &report["rows"][0]["sourceId"], &report["rows"][1]["errors"][0]["code"]), (&1.into(), &"a".into(), &"REQUIRED".into()));
    assert!(!log.contains('\u{1b}'), "no bar is drawn where there is no terminal: {log}");
    // The same from a server on this machine.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/services?key=secret", listener.local_addr().unwrap());
    let body = feed("Uusi kerho");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        BufReader::new(&stream).read_line(&mut String::new()).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
    });
    let (_, said, _) = import(&address, &[]);
    server.join().unwrap();
    assert!(said.ends_with("0 created, 1 changed, 0 unchanged, 1 refused.\n"), "{said}");
    let (whole, _, why) = import(&address, &[]);
    assert!(!whole && why.contains("could not be fetched") && !why.contains("secret"), "{why}");
}

/// A row of the attendance of an organisation of the demo, that somebody came: its session and its participation, by their public ids.
fn attended(folder: &Path, organization: &str) -> (String, String) {
    let address = database(folder);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let conn = Database::connect(address).await.unwrap();
        let there = attendance::Entity::find()
            .filter(attendance::Column::Status.eq(AttendanceStatus::Present))
            .filter(attendance::Column::OrganizationId.eq(OrganizationId::from_public(organization).unwrap()));
        let row = there.order_by_desc(attendance::Column::SessionAt).one(&conn).await.unwrap().unwrap();
        (row.session_id.to_public(), row.participation_id.to_public())
    })
}

#[test]
fn who_came_is_put_right_by_a_table() {
    let folder = tempfile::tempdir().unwrap();
    done(&program(folder.path(), &["demo", "load"]).output().unwrap());
    let account = subject_key(ISSUER, "partner-b");
    let (session, participation) = attended(folder.path(), &organization_of(folder.path(), &account));
    let table = format!("session;participation;status\n{session};{participation};absent\n{session};{session};absent\n");
    std::fs::write(folder.path().join("came.csv"), table).unwrap();
    let import = |account: &str| {
        let output = program(folder.path(), &["import", "attendance", "came.csv", "--as", account]).output().unwrap();
        (output.status.success(), text(&output.stdout))
    };
    let (whole, said) = import(&account);
    let words: Vec<&str> = said.lines().nth(1).unwrap().split_whitespace().collect();
    assert!(!whole && words[..2] == ["3", "participation"], "{said}");
    assert!(said.ends_with("0 created, 1 changed, 0 unchanged, 1 refused.\n"), "{said}");
    assert!(import(&account).1.ends_with("0 created, 0 changed, 1 unchanged, 1 refused.\n"));
    assert!(import(&subject_key(ISSUER, "partner-c")).1.ends_with("0 created, 0 changed, 0 unchanged, 2 refused.\n"));
}

/// Runs statements on the database of a folder, past all doors, as only its owner can; how many rows the last one changed.
fn tamper(folder: &Path, sql: &[&str]) -> u64 {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let conn = Database::connect(database(folder)).await.unwrap();
        let mut changed = 0;
        for statement in sql {
            changed = conn.execute_unprepared(statement).await.unwrap().rows_affected();
        }
        conn.close().await.unwrap();
        changed
    })
}

#[test]
fn a_log_that_was_changed_is_told_of_by_the_status() {
    let folder = tempfile::tempdir().unwrap();
    done(&program(folder.path(), &["demo", "load"]).output().unwrap());
    let verify = || program(folder.path(), &["audit", "verify"]).output().unwrap();
    let right = verify();
    done(&right);
    let said = text(&right.stdout);
    let whole = |line: &str| line.contains(" entries hold. Keep this elsewhere: ") && !line.contains(": 0 entries");
    assert!(said.lines().count() == 2 && said.lines().all(whole), "{said}");
    let changed = tamper(
        folder.path(),
        &["DROP TRIGGER append_only_disclosure_log_entry_UPDATE", "UPDATE disclosure_log_entry SET actor = 'urn:nobody|1' WHERE position = 2"],
    );
    assert_eq!(changed, 1);
    let wrong = verify();
    let said = text(&wrong.stdout);
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("a log does not hold"), "{}", text(&wrong.stderr));
    assert!(said.lines().any(|line| line.starts_with("disclosure_log: broken at entry 2: ")) && said.lines().any(whole), "{said}");
}

#[test]
fn keys_rotate_and_a_database_is_opened_with_all_of_its_keys_only() {
    let folder = tempfile::tempdir().unwrap();
    done(&program(folder.path(), &["demo", "load"]).output().unwrap());
    let generate = |id: &str| text(&program(folder.path(), &["keys", "generate", id]).output().unwrap().stdout);
    let (next, first) = (generate("next"), std::fs::read_to_string(folder.path().join("data").join("data-keys")).unwrap());
    let keep = |name: &str, keys: &str| std::fs::write(folder.path().join(name), keys).unwrap();
    keep("both", &format!("{next}{first}"));
    keep("next", &next);
    // The id of the key that the database was written with, and another key.
    keep("wrong", &generate("first"));
    let with = |arguments: &[&str], keys: &str| program(folder.path(), arguments).env("MONITUOTTAJA_DATA_KEYS_FILE", keys).output().unwrap();
    let serve = ["serve", "--bind", "127.0.0.1:0"];
    for (keys, why) in [("next", "written with the data key first, which is not among"), ("wrong", "The data key first is not the one")] {
        let refused = with(&serve, keys);
        assert!(!refused.status.success() && text(&refused.stderr).contains(why), "{keys}: {}", text(&refused.stderr));
        assert_eq!(text(&refused.stdout), "", "{keys}");
    }
    // Beside a database of one's own there are none by themselves.
    let elsewhere = program(folder.path(), &serve).env("DATABASE_URL", "postgres://db.example.fi/monituottaja").output().unwrap();
    assert!(!elsewhere.status.success() && text(&elsewhere.stderr).contains("no data key is given"), "{}", text(&elsewhere.stderr));
    let rotate = || {
        let output = with(&["keys", "rotate"], "both");
        done(&output);
        text(&output.stdout)
    };
    let moved = rotate();
    let count = moved.split(' ').next().and_then(|count| count.parse::<u64>().ok());
    assert!(count.is_some_and(|count| count > 0) && moved.ends_with(" values are sealed with the current key now.\n"), "{moved}");
    assert_eq!(rotate(), "0 values are sealed with the current key now.\n");
}

#[test]
fn what_is_due_by_the_retention_rules_is_counted_and_then_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    done(&program(folder.path(), &["demo", "load"]).output().unwrap());
    let run = |arguments: &[&str]| {
        let output = program(folder.path(), &[&["retention", "run"][..], arguments].concat()).output().unwrap();
        done(&output);
        text(&output.stdout)
    };
    let told = |referrals: u64, how: &str| {
        format!(
            "0 clients, {referrals} referrals of people who did not become clients, 0 complaints that are about no client and 0 entries of the logs {how}. \
             0 clients are due and held, and 0 could not be destroyed.\n"
        )
    };
    assert_eq!(run(&["--dry-run"]), told(0, "would be destroyed"));
    let due = tamper(folder.path(), &["UPDATE referral SET updated_at = '2000-01-01 00:00:00+00:00' WHERE client_id IS NULL"]);
    assert!(due > 0);
    for _ in 0..2 {
        assert_eq!(run(&["--dry-run"]), told(due, "would be destroyed"));
    }
    assert_eq!(run(&[]), told(due, "were destroyed"));
    assert_eq!(run(&[]), told(0, "were destroyed"));
}

/// A contract of a thousand cents, and a counter by which more was ordered: of no order at all.
const MISCOUNTED: &str = r#"
    INSERT INTO framework_contract (id, network_id, organization_id, provider_id, state, number, valid_from, valid_to, options_taken, ceiling_cents, search,
        content, created_at, updated_at, version)
    VALUES (x'01', x'02', x'03', x'04', 'IN_FORCE', 'HVA-1', '2026-01-01', '2026-12-31', 0, 1000, '',
        '{"number":"HVA-1","name":{"fi":"Puitesopimus"},"provider":"00000000-0000-0000-0000-000000000004","validFrom":"2026-01-01","validTo":"2026-12-31",
          "ceiling":{"amountCents":1000},"answerDays":3,"windDownDays":30}',
        '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 1);
    INSERT INTO drawdown (id, network_id, organization_id, provider_id, contract_id, line_id, month, ordered_hundredths, ordered_cents, destroyed_hundredths,
        destroyed_cents, created_at, updated_at, version)
    VALUES (x'05', x'02', x'03', x'04', x'01', x'06', '2026-11-01', 100, 5000, 0, 0, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 1)
"#;

#[test]
fn a_counter_of_a_contract_that_says_what_was_never_ordered_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    done(&program(folder.path(), &["migrate"]).output().unwrap());
    let verify = || program(folder.path(), &["contracts", "verify"]).output().unwrap();
    let right = verify();
    done(&right);
    assert_eq!(
        text(&right.stdout),
        "Every counter says what is ordered, delivered and invoiced, every voucher what is used of it, every delivery whether it is asked for, and no contract, line or decision is passed.\n"
    );
    // Ids are sixteen bytes each.
    let miscounted = (1..=6).fold(MISCOUNTED.to_owned(), |sql, id| sql.replace(&format!("x'0{id}'"), &format!("x'{id:032}'")));
    tamper(folder.path(), &[&miscounted]);
    let wrong = verify();
    let said = text(&wrong.stdout);
    assert!(
        !wrong.status.success() && text(&wrong.stderr).contains("1 counters, orders, vouchers, deliveries, contracts, lines or decisions"),
        "{}",
        text(&wrong.stderr)
    );
    assert!(said.starts_with("HVA-1, ") && said.ends_with(", 2026-11: 100 hundredths and 5000 cents are counted as ordered, 0 and 0 are.\n"), "{said}");
}
