//! Entries of the client's record (asiakaskertomusmerkinnät): written once, corrected by another; the client reads all but what is hidden on a ground.
use crate::{
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Who reads an entry (merkinnän näkyvyys).
    pub enum EntryVisibility ["entry-visibility"] {
        /// The authority and the client (viranomainen ja asiakas).
        Authority,
        /// Providers who work with the client too (myös palveluntuottaja).
        Shared,
        /// Not the client, on a recorded ground (ei näytetä asiakkaalle).
        ClientHidden,
    }
}

/// What is entered. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ClientEntryContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientEntryContent {
    /// What is entered, at most 10000 characters.
    pub text: String,
    /// On which ground it is hidden from the client, 20 to 1000 characters: the law, and why. With CLIENT_HIDDEN only, and then it must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
}

crate::private::masked!(ClientEntryContent);

/// The shortest ground on which an entry is hidden, in characters.
pub const SHORTEST_GROUND: usize = 20;

impl ClientEntryContent {
    /// Every fault.
    #[must_use]
    pub fn check(&self, visibility: EntryVisibility) -> Rejections {
        let mut out = Rejections::default();
        text::check(&self.text, &["text"], 10_000, &mut out);
        match (visibility, &self.ground) {
            (EntryVisibility::ClientHidden, None) => out.add(Code::Required, &["ground"]),
            (EntryVisibility::ClientHidden, Some(ground)) => {
                text::check(ground, &["ground"], 1_000, &mut out);
                if ground.trim().chars().count() < SHORTEST_GROUND {
                    out.add_with(Code::TooShort, &["ground"], SHORTEST_GROUND.to_string());
                }
            }
            (EntryVisibility::Authority | EntryVisibility::Shared, Some(_)) => out.add(Code::DoesNotAgree, &["ground"]),
            (EntryVisibility::Authority | EntryVisibility::Shared, None) => {}
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_has_a_ground_and_nothing_else_has() {
        for visibility in EntryVisibility::ALL {
            let hidden = *visibility == EntryVisibility::ClientHidden;
            let content = |ground: Option<&str>| ClientEntryContent { text: "Puhelu.".into(), ground: ground.map(str::to_owned) };
            let ok = |ground| content(ground).check(*visibility).into_result().is_ok();
            assert_eq!((ok(None), ok(Some("Lyhyt.")), ok(Some("JulkL 11 § 2 mom. 1 k.: lapsen etu."))), (!hidden, false, hidden), "{visibility:?}");
        }
    }
}
