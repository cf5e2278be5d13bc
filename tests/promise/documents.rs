//! Documents that are printed from the code equal what is kept. `UPDATE_DOCUMENTS=1` writes them anew.
use api::{
    graphql,
    http::{Limits, harden, sdl},
};
use domain::{
    catalogue::{closing::PlaceState, publishing::PublishingState, session::SessionState, venue::VenueStatus},
    machine::mermaid,
    policy,
};
use std::path::Path;

fn kept(name: &str, printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, printed).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == printed, "{name} is not what the code says: run the tests with UPDATE_DOCUMENTS=1, and read the difference");
}

#[test]
fn the_schema_at_the_root_is_the_one_that_is_served() {
    let sdl = sdl(&harden(graphql::schema(), &Limits::default()).finish());
    kept("schema.graphql", &format!("{}\n", sdl.trim_end()));
}

#[test]
fn the_machines_are_drawn_from_their_tables() {
    let machines = [mermaid::<PublishingState>(), mermaid::<SessionState>(), mermaid::<VenueStatus>(), mermaid::<PlaceState>()];
    kept(
        "docs/machines.md",
        &format!("# State machines\n\nPrinted from the tables in `domain`; every other move is refused as ILLEGAL_TRANSITION.\n\n{}", machines.join("\n")),
    );
}

#[test]
fn the_policy_is_printed_from_its_function() {
    kept(
        "docs/policy.md",
        &format!(
            "# Who may do what\n\nPrinted from `domain::policy`. A dash is nothing; own: the rows of one's organisation; network: of one's network.\n\n{}",
            policy::table()
        ),
    );
}

#[test]
fn the_readme_names_every_setting() {
    use clap::CommandFactory;
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let command = api::config::Cli::command();
    let serve = command.find_subcommand("serve").unwrap();
    let missing: Vec<_> =
        serve.get_arguments().filter_map(|a| a.get_long()).filter(|flag| *flag != "help" && !readme.contains(&format!("`--{flag}`"))).collect();
    assert!(missing.is_empty(), "README does not name {missing:?}");
}
