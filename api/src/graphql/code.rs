//! Code lists: what the codes of every other type are called.
use super::{page::Page, text::LocalizedText};
use crate::{
    error::Result,
    graphql::{page, text::shown},
    store::Window,
};
use async_graphql::{Context, ID, Object};
use domain::{
    code::{self, lists},
    id::public_id,
    scalar::Date,
};
use uuid::Uuid;

/// The id that a list, a code or an instrument has in every installation.
pub(super) fn stable_id(kind: &str, key: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("monituottaja:{kind}:{key}").as_bytes())
}

/// A code list (koodisto) in one version.
#[derive(Clone, Copy)]
pub struct CodeList(&'static code::CodeList);

/// A code list (koodisto) in one version.
#[Object]
impl CodeList {
    /// Opaque id, the same in every installation.
    pub async fn id(&self) -> ID {
        ID(public_id("CodeList", stable_id("list", &self.0.key)))
    }
    /// Its key, for example `support-need`.
    async fn key(&self) -> &str {
        &self.0.key
    }
    /// Its version, as its source names it.
    async fn version(&self) -> &str {
        &self.0.version
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.name).into()
    }
    /// The law, standard or decision that it comes from.
    async fn source(&self) -> &str {
        &self.0.source
    }
    /// Where the source is published; null when it is not published on the web.
    async fn source_uri(&self) -> Option<&str> {
        self.0.source_uri.as_deref()
    }
    /// Under which licence the list may be used.
    async fn licence(&self) -> &str {
        &self.0.licence
    }
    /// The codes, in the order of the list.
    async fn codes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only the codes directly below this one.")] parent: Option<String>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Code>> {
        let window = Window::parse(first, after, last, before)?;
        let list = self.0;
        let positions: Vec<usize> = (0..list.codes.len()).filter(|i| parent.is_none() || list.codes[*i].parent == parent).collect();
        let key = |i: usize| (format!("{i:06}"), stable_id(&list.key, &list.codes[i].code));
        Ok(page::of_memory(ctx, &positions, &window, key, |i| Code { list, entry: &list.codes[i] }))
    }
}

/// A code of a code list (koodi).
#[derive(Clone, Copy)]
pub struct Code {
    list: &'static code::CodeList,
    entry: &'static code::CodeEntry,
}

/// A code of a code list (koodi).
#[Object]
impl Code {
    /// Opaque id, the same in every installation.
    pub async fn id(&self) -> ID {
        ID(public_id("Code", stable_id(&self.list.key, &self.entry.code)))
    }
    /// The code itself, for example KR1.3.
    async fn value(&self) -> &str {
        &self.entry.code
    }
    /// What it is called.
    async fn label(&self) -> LocalizedText {
        (&self.entry.label).into()
    }
    /// What it means; null where the name tells it all.
    async fn description(&self) -> Option<LocalizedText> {
        shown(self.entry.description.as_ref())
    }
    /// The code above it; null at the top. For a municipality, its wellbeing services county.
    async fn parent(&self) -> Option<&str> {
        self.entry.parent.as_deref()
    }
    /// The first day on which it may be used; null when it always could.
    async fn valid_from(&self) -> Option<Date> {
        self.entry.valid_from.map(Date)
    }
    /// The last day on which it may be used; null when it still may.
    async fn valid_to(&self) -> Option<Date> {
        self.entry.valid_to.map(Date)
    }
    /// Its address in the source; null where it has none.
    async fn uri(&self) -> Option<&str> {
        self.entry.uri.as_deref()
    }
}

/// The code that a vocabulary's own value or a stored code names.
pub fn code(list: &str, code: &str) -> Option<Code> {
    let list = lists().get(list)?;
    Some(Code { list, entry: list.get(code)? })
}

/// The codes of one list; what the list does not know is left out.
pub fn codes(list: &str, of: &[String]) -> Vec<Code> {
    of.iter().filter_map(|c| code(list, c)).collect()
}

pub(super) fn list_by_id(id: Uuid) -> Option<CodeList> {
    lists().iter().find(|list| stable_id("list", &list.key) == id).map(CodeList)
}

pub(super) fn code_by_id(id: Uuid) -> Option<Code> {
    lists().iter().flat_map(|list| list.codes.iter().map(move |entry| Code { list, entry })).find(|c| stable_id(&c.list.key, &c.entry.code) == id)
}

/// Questions about code lists.
#[derive(Default)]
pub struct CodeQuery;

/// Questions about code lists.
#[Object]
impl CodeQuery {
    /// A code list (koodisto) by its key; null when there is none.
    async fn code_list(&self, #[graphql(desc = "The key of the list, for example support-need.")] key: String) -> Option<CodeList> {
        lists().get(&key).map(CodeList)
    }
    /// Every code list (koodistot), by key.
    async fn code_lists(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<CodeList>> {
        let window = Window::parse(first, after, last, before)?;
        let all: Vec<&'static code::CodeList> = lists().iter().collect();
        Ok(page::of_memory(ctx, &all, &window, |list| (list.key.clone(), stable_id("list", &list.key)), CodeList))
    }
}
