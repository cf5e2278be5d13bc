//! A network (verkosto): one organiser with its member organisations; the tenant of the system.
use crate::{id::OrganizationId, rejection::Rejections, text::LocalizedText};
use serde::{Deserialize, Serialize};

/// What is said of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkContent {
    /// What the network is called.
    pub name: LocalizedText,
    /// The organisation that arranges the services (järjestäjä) and is the controller of the client register.
    pub organizer: OrganizationId,
}

impl NetworkContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        out
    }
}
