//! Feedback (palaute) of a client on a case or a service: what it was like, and what the client has got from it.
use super::final_assessment::BenefitTheme;
use crate::{
    rejection::{Code, Rejections},
    text,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The best grade; the worst is 1.
pub const BEST_GRADE: i32 = 5;

/// What is said. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "FeedbackContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedbackContent {
    /// From 1, bad, to 5, good (arvosana).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<i32>,
    /// What the client has got from it (koettu hyöty).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub benefits: BTreeSet<BenefitTheme>,
    /// In the client's own words, at most 4000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

crate::private::masked!(FeedbackContent);

impl FeedbackContent {
    /// Every fault.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        if self.grade.is_some_and(|grade| !(1..=BEST_GRADE).contains(&grade)) {
            out.add_with(Code::OutOfRange, &["grade"], format!("1–{BEST_GRADE}"));
        }
        text::check_some(self.words.as_deref(), &["words"], 4_000, &mut out);
        if self.grade.is_none() && self.benefits.is_empty() && self.words.is_none() {
            out.add(Code::Required, &["words"]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_says_something_and_grades_from_one_to_five() {
        let content = |grade, words: Option<&str>| FeedbackContent { grade, benefits: BTreeSet::new(), words: words.map(str::to_owned) };
        let codes = |content: FeedbackContent| content.check().iter().map(|r| r.code).collect::<Vec<_>>();
        assert_eq!(codes(content(None, None)), [Code::Required]);
        assert_eq!(codes(content(Some(6), None)), [Code::OutOfRange]);
        assert_eq!(codes(content(Some(0), Some("x"))), [Code::OutOfRange]);
        assert_eq!(codes(content(Some(5), None)), []);
        assert_eq!(codes(content(None, Some("Kiitos."))), []);
    }
}
