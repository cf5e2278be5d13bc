//! Operations that are named instead of sent: learned from the callers by hash, or listed by the operator.
use super::ask::Ask;
use super::failure::{Code, Refusal};
use super::guard::{Digest, digest};
use super::limits::{Limits, Persisted};
use quick_cache::{Weighter, sync::Cache};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

/// The texts that can be asked for by name.
pub(super) enum Operations {
    /// Whatever was sent with its hash and passed the guard (Apollo's automatic persisted queries).
    Learned(Cache<Digest, Arc<str>, Weight>),
    /// None.
    Off,
    /// What the operator has listed, and nothing else.
    Listed(Listed),
}

/// The operations of the list, by the hash of their text and, where the list gives one, by id.
#[derive(Default)]
pub(super) struct Listed {
    by_hash: HashMap<Digest, Arc<str>>,
    by_id: HashMap<String, Arc<str>>,
}

#[derive(Clone)]
pub(super) struct Weight;

impl Weighter<Digest, Arc<str>> for Weight {
    fn weight(&self, _: &Digest, text: &Arc<str>) -> u64 {
        64 + text.len() as u64
    }
}

/// The text of an operation, and the hash under which to remember it once the guard has passed it.
#[derive(Debug)]
pub(super) struct Text {
    pub text: Arc<str>,
    pub learn: Option<Digest>,
}

impl Text {
    fn known(text: Arc<str>) -> Self {
        Self { text, learn: None }
    }
}

impl Operations {
    /// Reads the list, when there is one.
    pub fn new(limits: &Limits) -> io::Result<Self> {
        Ok(match &limits.persisted_operations {
            Persisted::Off => Self::Off,
            Persisted::Automatic => {
                let capacity = limits.persisted_cache_bytes;
                Self::Learned(Cache::with_weighter(usize::try_from(capacity / 1_024).unwrap_or(usize::MAX), capacity, Weight))
            }
            Persisted::AllowList(folder) => {
                let mut listed = Listed::default();
                for entry in fs::read_dir(folder)? {
                    listed.read(&entry?.path())?;
                }
                Self::Listed(listed)
            }
        })
    }

    /// The text a request is about.
    pub fn text(&self, ask: &mut Ask) -> Result<Text, Refusal> {
        let text: Option<Arc<str>> = ask.query.take().map(Into::into);
        let named = ask.extensions.take().and_then(|extensions| extensions.persisted_query);
        if named.as_ref().is_some_and(|named| named.version != 1) {
            return Err(Refusal::new(Code::PersistedQueryNotSupported, "only version 1 of persisted queries is known"));
        }
        let id = named.map(|named| named.sha256_hash).or_else(|| ask.document_id.take().map(bare));
        match (self, text, id) {
            (Self::Listed(listed), Some(text), _) => match listed.by_hash.get(&digest(&text)) {
                Some(text) => Ok(Text::known(Arc::clone(text))),
                None => Err(Refusal::new(Code::OperationNotAllowed, "only listed operations are run here")),
            },
            (Self::Listed(listed), None, Some(id)) => listed.find(&id).map(Text::known).ok_or_else(not_found),
            (Self::Off, Some(text), _) | (Self::Learned(_), Some(text), None) => Ok(Text::known(text)),
            (Self::Off, None, Some(_)) => Err(Refusal::new(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported")),
            (Self::Learned(_), Some(text), Some(id)) => match parsed(&id) {
                Some(hash) if hash == digest(&text) => Ok(Text { text, learn: Some(hash) }),
                _ => Err(Refusal::new(Code::BadRequest, "provided sha does not match query")),
            },
            (Self::Learned(known), None, Some(id)) => parsed(&id).and_then(|hash| known.get(&hash)).map(Text::known).ok_or_else(not_found),
            (_, None, None) => Err(Refusal::new(Code::BadRequest, "query must be a non-empty string")),
        }
    }

    /// Remembers a text that the guard has passed.
    pub fn learn(&self, text: Text) {
        if let (Self::Learned(known), Some(hash)) = (self, text.learn) {
            known.insert(hash, text.text);
        }
    }
}

/// The message is the one Apollo's clients wait for.
fn not_found() -> Refusal {
    Refusal::new(Code::PersistedQueryNotFound, "PersistedQueryNotFound")
}

/// The id without the prefix that the draft of GraphQL over HTTP gives hashes.
fn bare(id: String) -> String {
    id.strip_prefix("sha256:").map(str::to_owned).unwrap_or(id)
}

fn parsed(hex: &str) -> Option<Digest> {
    let mut hash = Digest::default();
    let digits = hex.as_bytes();
    if digits.len() != 2 * hash.len() {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    digits.iter().all(u8::is_ascii_hexdigit).then_some(hash)
}

impl Listed {
    fn find(&self, id: &str) -> Option<Arc<str>> {
        let by_hash = parsed(id).and_then(|hash| self.by_hash.get(&hash));
        by_hash.or_else(|| self.by_id.get(id)).cloned()
    }

    /// Reads a file of operations: one document, Relay's map of ids to texts, or Apollo's manifest.
    fn read(&mut self, file: &Path) -> io::Result<()> {
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("graphql") => {
                self.add(fs::read_to_string(file)?);
            }
            Some("json") => match serde_json::from_slice(&fs::read(file)?)? {
                Manifest::Apollo { operations } => {
                    for Operation { id, body } in operations {
                        let text = self.add(body);
                        self.by_id.insert(id, text);
                    }
                }
                Manifest::Relay(texts) => {
                    for (id, text) in texts {
                        let text = self.add(text);
                        self.by_id.insert(id, text);
                    }
                }
            },
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, text: String) -> Arc<str> {
        let text: Arc<str> = text.into();
        self.by_hash.insert(digest(&text), Arc::clone(&text));
        text
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    Apollo { operations: Vec<Operation> },
    Relay(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{__typename}";
    const HASH: &str = "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38";

    fn ask(query: Option<&str>, hash: Option<&str>) -> Ask {
        let extensions = hash.map(|hash| format!(r#""persistedQuery":{{"version":1,"sha256Hash":"{hash}"}}"#)).unwrap_or_default();
        let query = query.map(|query| format!(r#""query":"{query}","#)).unwrap_or_default();
        Ask::from_json(format!(r#"{{{query}"extensions":{{{extensions}}}}}"#).as_bytes()).unwrap()
    }

    fn code(result: Result<Text, Refusal>) -> Code {
        result.unwrap_err().code
    }

    #[test]
    fn a_hash_is_unknown_until_a_text_that_passed_was_sent_with_it() {
        let operations = Operations::new(&Limits::default()).unwrap();
        assert_eq!(code(operations.text(&mut ask(None, Some(HASH)))), Code::PersistedQueryNotFound);
        let sent = operations.text(&mut ask(Some(TEXT), Some(HASH))).unwrap();
        assert_eq!(code(operations.text(&mut ask(None, Some(HASH)))), Code::PersistedQueryNotFound);
        operations.learn(sent);
        assert_eq!(&*operations.text(&mut ask(None, Some(HASH))).unwrap().text, TEXT);
        assert_eq!(&*operations.text(&mut ask(None, Some(&HASH.to_uppercase()))).unwrap().text, TEXT);
    }

    #[test]
    fn a_hash_must_be_that_of_the_text() {
        let operations = Operations::new(&Limits::default()).unwrap();
        for wrong in [&HASH.replace('e', "f"), "", "ab", &"+1".repeat(32), &"ä".repeat(32)] {
            assert_eq!(code(operations.text(&mut ask(Some(TEXT), Some(wrong)))), Code::BadRequest, "{wrong}");
        }
    }

    #[test]
    fn switched_off_a_text_is_all_there_is() {
        let operations = Operations::Off;
        assert_eq!(code(operations.text(&mut ask(None, Some(HASH)))), Code::PersistedQueryNotSupported);
        assert!(operations.text(&mut ask(Some(TEXT), None)).is_ok());
    }

    #[test]
    fn a_list_runs_what_is_on_it_and_nothing_else() {
        let folder = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.graphql"), TEXT).unwrap();
        fs::write(folder.join("relay.json"), r#"{"r1":"{a}"}"#).unwrap();
        fs::write(
            folder.join("apollo.json"),
            r#"{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a1","name":"B","type":"query","body":"{b}"}]}"#,
        )
        .unwrap();
        fs::write(folder.join("notes.txt"), "{c}").unwrap();
        let limits = Limits { persisted_operations: Persisted::AllowList(folder.clone()), ..Limits::default() };
        let operations = Operations::new(&limits).unwrap();
        fs::remove_dir_all(folder).unwrap();
        for id in [HASH, "r1", "a1"] {
            assert!(operations.text(&mut ask(None, Some(id))).is_ok(), "{id}");
        }
        assert!(operations.text(&mut ask(Some("{a}"), None)).is_ok());
        assert_eq!(code(operations.text(&mut ask(Some("{c}"), None))), Code::OperationNotAllowed);
        assert_eq!(code(operations.text(&mut ask(None, Some("c1")))), Code::PersistedQueryNotFound);
    }
}
