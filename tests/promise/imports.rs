//! The arrows of the house point one way.
use std::{fs, path::Path};

/// Each module of `api`, and the modules of `api` that it may name.
const MAY: &[(&str, &[&str])] = &[
    ("store", &["clock", "error"]),
    ("snapshot", &["error", "store"]),
    ("caller", &["error", "snapshot", "store"]),
    ("job", &["act", "caller", "error", "store"]),
    ("calendar", &["act", "caller", "error", "snapshot"]),
    ("import", &["act", "caller", "error", "http", "identity"]),
    ("target", &[]),
    ("webhook", &["act", "caller", "error", "feed", "store", "target"]),
    ("feed", &["caller", "error", "snapshot", "store"]),
    ("rest", &["act", "caller", "error", "feed", "http", "snapshot"]),
    ("act", &["act", "caller", "error", "store", "target"]),
    ("graphql", &["act", "caller", "error", "feed", "graphql", "report", "snapshot", "store"]),
    ("report", &["act", "caller", "error", "http", "store"]),
    ("http", &["clock", "environment"]),
    ("identity", &["clock"]),
];

fn files(path: &Path, out: &mut Vec<String>) {
    for entry in fs::read_dir(path).unwrap().flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), out);
        } else {
            out.push(fs::read_to_string(entry.path()).unwrap());
        }
    }
}

#[test]
fn a_module_names_only_those_below_it() {
    let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src");
    for (module, may) in MAY {
        let mut texts = Vec::new();
        let folder = api.join(module);
        if folder.is_dir() {
            files(&folder, &mut texts);
        } else {
            texts.push(fs::read_to_string(api.join(format!("{module}.rs"))).unwrap());
        }
        for text in texts {
            // `use crate::{a, b::c}` is one path after another; every name after `crate::` or at the first level of its braces counts.
            for part in text.split("crate::").skip(1) {
                let names: Vec<String> = if let Some(list) = part.strip_prefix('{') { first_level(list) } else { vec![word(part)] };
                for name in names {
                    let known = MAY.iter().any(|(m, _)| *m == name)
                        || ["clock", "config", "demo", "environment", "error", "explorer", "house", "telemetry"].contains(&name.as_str());
                    assert!(!known || may.contains(&name.as_str()) || *module == name, "{module} names {name}");
                }
            }
        }
    }
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn first_level(list: &str) -> Vec<String> {
    let (mut depth, mut names, mut start) = (0, Vec::new(), true);
    for (i, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            c if c.is_alphabetic() && depth == 0 && start => {
                names.push(word(&list[i..]));
                start = false;
            }
            _ => {}
        }
    }
    names
}
