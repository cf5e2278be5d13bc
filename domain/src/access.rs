//! Memberships: who has which role in which organisation, and from when to when.
use crate::{
    actor::Role,
    id::OrganizationId,
    rejection::{Code, Rejections},
    text,
};
use chrono::NaiveDate;

/// What an administrator says when granting a membership (käyttövaltuus).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Grant {
    /// The stable key of the person or machine: issuer and subject.
    pub subject: String,
    /// The organisation.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day, where it is known.
    pub valid_to: Option<NaiveDate>,
}

impl Grant {
    /// The grant makes sense: a subject, a real period, and administrators only at the organiser.
    ///
    /// # Errors
    /// One rejection for each fault.
    pub fn check(&self, organizer: OrganizationId) -> Result<(), Rejections> {
        let mut out = Rejections::default();
        text::check(&self.subject, &["subject"], 300, &mut out);
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            out.add(Code::DateOrder, &["validTo"]);
        }
        if self.role == Role::Admin && self.organization != organizer {
            out.add(Code::Invalid, &["role"]);
        }
        out.into_result()
    }
}
