//! Follow-ups (seuranta): what has changed in functioning and needs, and what comes next.
use crate::{
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How a follow-up was made (seurannan laji).
    pub enum FollowUpKind ["follow-up-kind"] {
        /// A meeting (tapaaminen).
        Meeting,
        /// A call (puhelu).
        Call,
        /// A visit (käynti).
        Visit,
        /// A network meeting (verkostopalaveri).
        NetworkMeeting,
        /// A report of the provider (palveluntuottajan raportti).
        ProviderReport,
    }
}

/// What a follow-up tells. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "FollowUpContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FollowUpContent {
    /// What has changed in functioning (toimintakyvyn muutos), at most 4000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub functional_change: Option<String>,
    /// What has changed in the needs (tarpeiden muutos), at most 4000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need_change: Option<String>,
    /// What comes next (jatko), at most 2000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

crate::private::masked!(FollowUpContent);

impl FollowUpContent {
    /// Every fault.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        for (field, words, most) in
            [("functionalChange", &self.functional_change, 4_000), ("needChange", &self.need_change, 4_000), ("next", &self.next, 2_000)]
        {
            text::check_some(words.as_deref(), &[field], most, &mut out);
        }
        if *self == Self::default() {
            out.add(Code::Required, &["functionalChange"]);
        }
        out
    }
}
