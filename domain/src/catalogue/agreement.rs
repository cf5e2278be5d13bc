//! A partnership agreement (kumppanuussopimus) between organisations of the network.
use crate::{
    id::OrganizationId,
    rejection::{Code, Rejections},
    scalar::Date,
    text::LocalizedText,
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What kind of agreement it is (sopimuksen laji).
    pub enum AgreementKind ["agreement-kind"] {
        /// Partnership in social rehabilitation (soskumppanuus).
        Soskumppanuus,
        /// Co-operation with city services (kaupunkipalveluyhteistyö).
        CityCooperation,
        /// Co-operation with a school (oppilaitosyhteistyö).
        EducationCooperation,
        /// Co-operation with an employment area (työllisyysalueyhteistyö).
        EmploymentAreaCooperation,
    }
}

/// What is said of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "PartnershipAgreementContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartnershipAgreementContent {
    /// What kind of agreement it is.
    pub kind: AgreementKind,
    /// The parties: two or more organisations of the network.
    pub parties: Vec<OrganizationId>,
    /// What is agreed, at most 5000 characters a language.
    pub contents: LocalizedText,
    /// How data is shared between the parties, at most 2500 characters a language.
    pub data_sharing: LocalizedText,
    /// The first day.
    pub valid_from: Date,
    /// The last day; none when it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl PartnershipAgreementContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        super::check_distinct(&self.parties, "parties", &mut out);
        if self.parties.len() < 2 {
            out.add(Code::Required, &["parties"]);
        }
        self.contents.check("contents", 5_000, &mut out);
        self.data_sharing.check("dataSharing", 2_500, &mut out);
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            out.add(Code::DateOrder, &["validTo"]);
        }
        out
    }
}
