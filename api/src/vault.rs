//! The vault: seals what tells who people are, and makes the keyed hashes by which they are found and the logs are chained.
//!
//! A ring of keys is given by the settings. The first seals; each opens what it has sealed, so keys rotate while the server runs.
use crate::error::{Error, Result};
use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, Nonce, RandomizedNonceKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    hmac, rand,
};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::private::Private;
use entity::SealedText;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use std::{fs::OpenOptions, io::Write, path::Path, sync::Arc};
use uuid::Uuid;

/// The form of sealed values that this version writes.
const VERSION: &str = "1";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// The file in the data folder that holds the keys of the embedded database, readable by its owner only.
pub const KEY_FILE: &str = "data-keys";

/// A ring of keys, the current one first.
#[derive(Clone)]
pub struct Vault(Arc<Vec<Key>>);

struct Key {
    id: String,
    seal: RandomizedNonceKey,
    index: hmac::Key,
    chain: hmac::Key,
}

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error("no data key is given: make one with `monituottaja keys generate`, and name it by --data-keys-file")]
    None,
    /// A line is not `id:key`.
    #[error("line {0} of the data keys is not an id of 1 to 16 lower-case letters, digits or dashes, a colon and 32 bytes in base64")]
    Form(usize),
    /// Two keys have one id.
    #[error("the data key {0} is given twice")]
    Twice(String),
    /// The file cannot be read or written.
    #[error("the data keys {path}: {source}")]
    File {
        /// Where the keys are.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Where a sealed value stands: it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The table and column, for example `person.identity`.
    pub column: &'static str,
    /// The row.
    pub row: Uuid,
}

impl Place {
    /// A column of a row.
    pub fn new(column: &'static str, row: impl Into<Uuid>) -> Self {
        Self { column, row: row.into() }
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Key {
    fn derive(id: &str, secret: &[u8]) -> Option<Self> {
        let root = Salt::new(HKDF_SHA256, b"monituottaja data key").extract(secret);
        let part = |label: &[u8]| {
            let mut bytes = [0; KEY_BYTES];
            root.expand(&[label], Length(KEY_BYTES)).ok()?.fill(&mut bytes).ok()?;
            Some(bytes)
        };
        Some(Self {
            id: id.to_owned(),
            seal: RandomizedNonceKey::new(&AES_256_GCM_SIV, &part(b"seal")?).ok()?,
            index: hmac::Key::new(hmac::HMAC_SHA256, &part(b"index")?),
            chain: hmac::Key::new(hmac::HMAC_SHA256, &part(b"chain")?),
        })
    }

    fn hash(&self, key: &hmac::Key, text: &[u8]) -> String {
        format!("{}:{}", self.id, URL_SAFE_NO_PAD.encode(hmac::sign(key, text)))
    }
}

/// A new key, as a line of the setting.
///
/// # Errors
/// [`Error::Internal`] when the system gives no random numbers.
pub fn generate(id: &str) -> Result<String> {
    Ok(format!("{id}:{}", STANDARD.encode(random::<KEY_BYTES>()?)))
}

/// Random bytes, from which a secret is made that is told once.
///
/// # Errors
/// [`Error::Internal`] when the system gives no random numbers.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

impl Vault {
    /// Reads a ring of keys: lines or comma-separated parts of `id:base64`, the current one first.
    ///
    /// # Errors
    /// A [`KeyError`]; it never repeats a key.
    pub fn parse(text: &SecretString) -> std::result::Result<Self, KeyError> {
        let mut keys: Vec<Key> = Vec::new();
        let lines = text.expose_secret().split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (i, line) in lines.enumerate() {
            let form = || KeyError::Form(i + 1);
            let (id, key) = line.split_once(':').ok_or_else(form)?;
            let named = (1..=16).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            let secret = STANDARD.decode(key.trim()).ok().filter(|secret| named && secret.len() == KEY_BYTES).ok_or_else(form)?;
            if keys.iter().any(|known| known.id == id) {
                return Err(KeyError::Twice(id.to_owned()));
            }
            keys.push(Key::derive(id, &secret).ok_or_else(form)?);
        }
        if keys.is_empty() { Err(KeyError::None) } else { Ok(Self(Arc::new(keys))) }
    }

    /// The keys of the embedded database, in a file beside it; made when there is none.
    ///
    /// # Errors
    /// A [`KeyError`].
    pub fn beside(folder: &Path) -> std::result::Result<Self, KeyError> {
        let path = folder.join(KEY_FILE);
        let fault = |source| KeyError::File { path: path.display().to_string(), source };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text.into()),
            Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
                let line = generate("first").map_err(|_| KeyError::None)?;
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                match options.open(&path) {
                    Ok(mut file) => {
                        writeln!(file, "{line}").and_then(|()| file.sync_all()).map_err(fault)?;
                        Self::parse(&line.into())
                    }
                    // Another process was quicker.
                    Err(there) if there.kind() == std::io::ErrorKind::AlreadyExists => Self::parse(&std::fs::read_to_string(&path).map_err(fault)?.into()),
                    Err(source) => Err(fault(source)),
                }
            }
            Err(source) => Err(fault(source)),
        }
    }

    fn current(&self) -> &Key {
        &self.0[0]
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.current().id
    }

    /// How every value begins that the current key has sealed.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{VERSION}:{}:", self.current().id)
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    /// [`Error::Internal`] when the cipher does not work.
    pub fn seal<T: Serialize>(&self, place: Place, value: &T) -> Result<SealedText> {
        let key = self.current();
        let mut bytes = serde_json::to_vec(value).map_err(Error::internal)?;
        let nonce = key.seal.seal_in_place_append_tag(Aad::from(bound(place, &key.id)), &mut bytes).map_err(Error::internal)?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut bytes);
        Ok(SealedText(format!("{VERSION}:{}:{}", key.id, URL_SAFE_NO_PAD.encode(whole))))
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// [`Error::Internal`] when its key is missing, or it is not what was sealed here.
    pub fn open<T: DeserializeOwned>(&self, place: Place, sealed: &SealedText) -> Result<Private<T>> {
        let wrong = || Error::internal(format!("a value of {} does not open", place.column));
        let (key, whole) = self.parts(sealed).ok_or_else(wrong)?;
        let mut whole = URL_SAFE_NO_PAD.decode(whole).map_err(|_| wrong())?;
        if whole.len() < NONCE_BYTES {
            return Err(wrong());
        }
        let mut bytes = whole.split_off(NONCE_BYTES);
        let nonce = Nonce::try_assume_unique_for_key(&whole).map_err(|_| wrong())?;
        let plain = key.seal.open_in_place(nonce, Aad::from(bound(place, &key.id)), &mut bytes).map_err(|_| wrong())?;
        serde_json::from_slice(plain).map(Private::new).map_err(|_| wrong())
    }

    fn parts<'s>(&self, sealed: &'s SealedText) -> Option<(&Key, &'s str)> {
        let (version, rest) = sealed.0.split_once(':')?;
        let (id, whole) = rest.split_once(':')?;
        Some((self.key(id).filter(|_| version == VERSION)?, whole))
    }

    fn key(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }

    /// The ring has this key.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.key(id).is_some()
    }

    /// The keyed hash under which a word is kept now.
    #[must_use]
    pub fn index(&self, kind: &str, word: &str) -> String {
        let key = self.current();
        key.hash(&key.index, format!("{kind}\0{word}").as_bytes())
    }

    /// The keyed hashes under which a word may have been kept, by each key of the ring.
    #[must_use]
    pub fn indexes(&self, kind: &str, word: &str) -> Vec<String> {
        self.0.iter().map(|key| key.hash(&key.index, format!("{kind}\0{word}").as_bytes())).collect()
    }

    /// The keyed hash of a word by the key whose id comes first: the same for every server, in whatever order its ring lies.
    #[must_use]
    pub fn oldest_index(&self, kind: &str, word: &str) -> String {
        let mut hashes = self.indexes(kind, word);
        hashes.sort();
        hashes.swap_remove(0)
    }

    /// The keyed hash that chains an entry of a log to the one before.
    #[must_use]
    pub fn chain(&self, entry: &[u8]) -> String {
        let key = self.current();
        key.hash(&key.chain, entry)
    }

    /// The hash is the one of this entry.
    #[must_use]
    pub fn chains(&self, entry: &[u8], hash: &str) -> bool {
        let key = hash.split_once(':').and_then(|(id, _)| self.key(id));
        key.is_some_and(|key| subtle::ConstantTimeEq::ct_eq(key.hash(&key.chain, entry).as_bytes(), hash.as_bytes()).into())
    }
}

/// What a sealed value is bound to.
fn bound(place: Place, key: &str) -> Vec<u8> {
    format!("{VERSION}\0{key}\0{}\0{}", place.column, place.row).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(ids: &[&str]) -> Vault {
        let lines: Vec<_> = ids.iter().map(|id| format!("{id}:{}", STANDARD.encode([id.as_bytes()[0]; KEY_BYTES]))).collect();
        Vault::parse(&lines.join("\n").into()).unwrap()
    }
    fn place(n: u128) -> Place {
        Place::new("person.identity", Uuid::from_u128(n))
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let vault = ring(&["a"]);
        let sealed = vault.seal(place(1), &"Aino").unwrap();
        assert!(!sealed.0.contains("Aino"));
        assert_eq!(*vault.open::<String>(place(1), &sealed).unwrap().reveal(), "Aino");
        assert!(vault.open::<String>(place(2), &sealed).is_err());
        assert!(vault.open::<String>(Place { column: "referral.message", ..place(1) }, &sealed).is_err());
        let mut changed = sealed.0.clone();
        let last = changed.pop().unwrap();
        changed.push(if last == 'A' { 'B' } else { 'A' });
        for wrong in [changed, sealed.0.replace("1:a:", "2:a:"), "1:a:".to_owned(), String::new()] {
            assert!(vault.open::<String>(place(1), &SealedText(wrong)).is_err());
        }
    }

    #[test]
    fn the_same_value_is_never_sealed_alike() {
        let vault = ring(&["a"]);
        assert_ne!(vault.seal(place(1), &"x").unwrap(), vault.seal(place(1), &"x").unwrap());
    }

    #[test]
    fn an_old_key_still_opens_and_finds_while_the_new_one_seals() {
        let (old, both, new) = (ring(&["a"]), ring(&["b", "a"]), ring(&["b"]));
        let sealed = old.seal(place(1), &7).unwrap();
        assert_eq!(*both.open::<i32>(place(1), &sealed).unwrap().reveal(), 7);
        assert!(new.open::<i32>(place(1), &sealed).is_err());
        assert!(both.seal(place(1), &7).unwrap().0.starts_with("1:b:"));
        assert!(both.indexes("hetu", "x").contains(&old.index("hetu", "x")));
        assert!(both.chains(b"entry", &old.chain(b"entry")) && !both.chains(b"other", &old.chain(b"entry")));
    }

    #[test]
    fn a_wrong_ring_is_refused_without_telling_a_key() {
        let good = format!("a:{}", STANDARD.encode([1; KEY_BYTES]));
        for (wrong, told) in [
            (String::new(), "no data key"),
            ("# nothing\n".to_owned(), "no data key"),
            ("a:c2hvcnQ=".to_owned(), "line 1"),
            (format!("{good}\nsecretsecret"), "line 2"),
            (format!("A B:{}", STANDARD.encode([1; KEY_BYTES])), "line 1"),
            (format!("{good},{good}"), "twice"),
        ] {
            let told_now = Vault::parse(&wrong.clone().into()).err().unwrap().to_string();
            assert!(told_now.contains(told) && !told_now.contains("c2hv") && !told_now.contains("secretsecret"), "{told_now}");
        }
        assert!(Vault::parse(&generate("first").unwrap().into()).is_ok());
    }

    #[test]
    fn the_embedded_database_keeps_its_own_keys() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = Vault::beside(folder.path()).unwrap().seal(place(1), &1).unwrap();
        assert_eq!(*Vault::beside(folder.path()).unwrap().open::<i32>(place(1), &sealed).unwrap().reveal(), 1);
    }
}
