//! Network meetings (verkostopalaverit): who takes part with the client's consent, what is on the agenda, and what was decided.
use crate::{
    id::{ConsentId, OrganizationId},
    rejection::{Code, Rejections},
    text,
};
use serde::{Deserialize, Serialize};

/// Somebody who takes part in a network meeting.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "AttendeeInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attendee {
    /// The name, at most 200 characters.
    pub name: String,
    /// In which role, at most 200 characters.
    pub role: String,
    /// For which organisation of the network. Another than the one that keeps the case takes part with a consent only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The client's consent to a network meeting with that organisation, in force now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentId>,
}

/// What is said of a network meeting. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "NetworkMeetingContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NetworkMeetingContent {
    /// Who takes part beside the client, 1 to 30.
    pub attendees: Vec<Attendee>,
    /// What is talked about, at most 4000 characters.
    pub agenda: String,
    /// What was decided, at most 4000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisions: Option<String>,
}

crate::private::masked!(NetworkMeetingContent, Attendee);

impl NetworkMeetingContent {
    /// Every fault that can be seen without the consents.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        if !(1..=30).contains(&self.attendees.len()) {
            out.add_with(Code::OutOfRange, &["attendees"], "1–30");
        }
        for (i, attendee) in self.attendees.iter().enumerate() {
            let i = i.to_string();
            text::check(&attendee.name, &["attendees", &i, "name"], 200, &mut out);
            text::check(&attendee.role, &["attendees", &i, "role"], 200, &mut out);
            if attendee.organization.is_none() && attendee.consent.is_some() {
                out.add(Code::DoesNotAgree, &["attendees", &i, "consent"]);
            }
        }
        text::check(&self.agenda, &["agenda"], 4_000, &mut out);
        text::check_some(self.decisions.as_deref(), &["decisions"], 4_000, &mut out);
        out
    }
}
