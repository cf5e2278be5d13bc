//! An organisation (organisaatio) of the network.
use super::check_distinct;
use crate::{
    rejection::Rejections,
    scalar::{BusinessId, Date, MunicipalityCode, Url},
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What kind of organisation it is (organisaation laji).
    pub enum OrganizationKind ["organization-kind"] {
        /// Wellbeing services county (hyvinvointialue).
        WellbeingCounty,
        /// Municipality (kunta).
        Municipality,
        /// Employment area (työllisyysalue).
        EmploymentArea,
        /// Company (yritys).
        Company,
        /// Foundation (säätiö).
        Foundation,
        /// Association (yhdistys).
        Association,
        /// Parish (seurakunta).
        Parish,
        /// Educational institution (oppilaitos).
        Education,
        /// Hospital (sairaala).
        Hospital,
        /// State (valtio).
        State,
        /// Centre of expertise (osaamiskeskus).
        CompetenceCentre,
        /// Residents' association (asukasyhdistys).
        ResidentsAssociation,
        /// Other (muu).
        Other,
    }
}

impl OrganizationKind {
    /// It is an authority, to whom what is kept from others for a person's safety may be told.
    #[must_use]
    pub const fn is_authority(self) -> bool {
        matches!(self, Self::WellbeingCounty | Self::Municipality | Self::EmploymentArea | Self::Hospital | Self::State)
    }
}

vocabulary! {
    /// What an organisation does in the network (tehtävä verkostossa).
    pub enum NetworkRole ["network-role"] {
        /// Arranges the services (järjestäjä).
        Organiser,
        /// Produces services itself (oma tuotanto).
        OwnProduction,
        /// Produces purchased services (ostopalvelun tuottaja).
        PurchasedProvider,
        /// Offers services as a partner (kumppani).
        Partner,
        /// Offers open activities (avoin toiminta).
        OpenActivity,
        /// Steers people into the network (ohjaava taho).
        Referrer,
        /// Develops or funds the services (kehittäjä).
        Developer,
    }
}

/// What is said of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "OrganizationContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganizationContent {
    /// What it is called.
    pub name: LocalizedText,
    /// What kind of organisation it is.
    pub kind: OrganizationKind,
    /// What it does in the network.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub network_roles: Vec<NetworkRole>,
    /// Business id (Y-tunnus); unique in the network. A provider of purchased services needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_id: Option<BusinessId>,
    /// The municipality where it has its seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_municipality: Option<MunicipalityCode>,
    /// What it is and does, at most 2500 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedText>,
    /// Its web pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<Url>,
    /// Its id in the national register of social and health care providers (Soteri, act 741/2023).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soteri_id: Option<String>,
    /// The last day of that registration, where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soteri_valid_until: Option<Date>,
    /// Its id in the Finnish Service Catalogue (PTV).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ptv_id: Option<String>,
    /// Its OID in the register of social and health care organisations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// The first day on which it takes part in the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_from: Option<Date>,
    /// The last day on which it takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_to: Option<Date>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl OrganizationContent {
    /// What of an organisation's identity differs from `before`: only the network's administrator changes that.
    #[must_use]
    pub fn identity_changes(&self, before: &Self) -> Rejections {
        let mut out = Rejections::default();
        for (field, changed) in [
            ("name", self.name != before.name),
            ("kind", self.kind != before.kind),
            ("networkRoles", self.network_roles != before.network_roles),
            ("businessId", self.business_id != before.business_id),
            ("soteriId", self.soteri_id != before.soteri_id),
            ("soteriValidUntil", self.soteri_valid_until != before.soteri_valid_until),
            ("ptvId", self.ptv_id != before.ptv_id),
            ("oid", self.oid != before.oid),
            ("activeFrom", self.active_from != before.active_from),
            ("activeTo", self.active_to != before.active_to),
        ] {
            if changed {
                out.add(crate::rejection::Code::AdministratorOnly, &[field]);
            }
        }
        out
    }

    /// It may provide social services on a day: it is active, has a business id and is in the Soteri register then (741/2023, 7 §).
    #[must_use]
    pub fn is_registered_on(&self, day: NaiveDate) -> bool {
        let active = self.active_from.is_none_or(|first| first.0 <= day) && self.active_to.is_none_or(|last| day <= last.0);
        active && self.business_id.is_some() && self.soteri_id.is_some() && self.soteri_valid_until.is_none_or(|last| day <= last.0)
    }

    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        check_distinct(&self.network_roles, "networkRoles", &mut out);
        if let Some(description) = &self.description {
            description.check("description", 2_500, &mut out);
        }
        for (field, value) in [("soteriId", &self.soteri_id), ("ptvId", &self.ptv_id), ("oid", &self.oid), ("source", &self.source)] {
            if let Some(value) = value {
                text::check(value, &[field], 200, &mut out);
            }
        }
        if self.soteri_valid_until.is_some() && self.soteri_id.is_none() {
            out.add(crate::rejection::Code::Required, &["soteriId"]);
        }
        if self.active_to.zip(self.active_from).is_some_and(|(to, from)| to < from) {
            out.add(crate::rejection::Code::DateOrder, &["activeTo"]);
        }
        out
    }
}
