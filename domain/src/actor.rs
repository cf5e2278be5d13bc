//! Who is asking: a person or machine with its standings in the networks, the system itself, or anyone at all.
use crate::{
    id::{MembershipId, NetworkId, OrganizationId},
    person::purpose::Purpose,
    vocabulary::vocabulary,
};
use chrono::{DateTime, Utc};

vocabulary! {
    /// A role (rooli) in an organisation of the network. What each may do is the table of [`crate::policy`].
    pub enum Role ["role"] {
        /// Social worker (sosiaalityöntekijä): has the power of decision in a client's matter.
        SocialWorker,
        /// Social counsellor (sosiaaliohjaaja).
        SocialCounsellor,
        /// Service guide (palveluohjaaja): finds the right services with the client and follows them.
        ServiceGuide,
        /// Lead social worker (johtava sosiaalityöntekijä).
        Lead,
        /// Referrer (ohjaava taho): steers people into the network.
        Referrer,
        /// Outreach worker (etsivä, jalkautuva työntekijä).
        OutreachWorker,
        /// Manager of a service provider (palveluntuottajan vastuuhenkilö).
        ProviderManager,
        /// Staff of a service provider (palveluntuottajan työntekijä).
        ProviderStaff,
        /// Coordinator of a partner: association, parish, city service or school (kumppanin vastuuhenkilö).
        PartnerCoordinator,
        /// Worker of a partner (kumppanin työntekijä).
        PartnerWorker,
        /// Procurement officer (hankinta-asiantuntija).
        ProcurementOfficer,
        /// Finance officer (laskujen käsittelijä).
        FinanceOfficer,
        /// Project manager (hankepäällikkö).
        ProjectManager,
        /// Client (asiakas).
        Client,
        /// Representative of a client (edustaja: Suomi.fi-valtuutettu tai edunvalvoja).
        Representative,
        /// Decision maker (päättäjä).
        DecisionMaker,
        /// Analyst (tilastojen laatija).
        Analyst,
        /// Data protection officer (tietosuojavastaava).
        Dpo,
        /// Administrator of the network (pääkäyttäjä); only in the organiser's organisation.
        Admin,
        /// Integration partner's machine client (integraatio).
        Integration,
    }
}

/// One membership that is in force: this role, in this organisation, of this network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The membership that gives it.
    pub membership: MembershipId,
    /// The network.
    pub network: NetworkId,
    /// The organisation.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
}

/// When somebody asks, and what personal data is looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// The moment at which relations and consents must be in force.
    pub at: DateTime<Utc>,
    /// What for; without it no worker sees data about a client.
    pub purpose: Option<Purpose>,
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Anyone, without signing in.
    Anyone,
    /// A signed-in person or machine client.
    Person {
        /// The stable key of the issuer's subject.
        subject: String,
        /// The memberships in force now.
        standings: Vec<Standing>,
        /// When, and what for.
        occasion: Occasion,
    },
    /// The system itself: imports, timers and the demo. Its rights are rows of the same policy.
    System,
}

impl Actor {
    /// The stable key of the person or machine, as the logs keep it.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Anyone => None,
            Self::Person { subject, .. } => Some(subject),
            Self::System => Some("system"),
        }
    }

    /// The memberships in force.
    #[must_use]
    pub fn standings(&self) -> &[Standing] {
        match self {
            Self::Person { standings, .. } => standings,
            Self::Anyone | Self::System => &[],
        }
    }

    /// Has a fitting role in an organisation. The system itself has none.
    pub fn is_in(&self, organization: OrganizationId, fits: impl Fn(Role) -> bool) -> bool {
        self.standings().iter().any(|standing| standing.organization == organization && fits(standing.role))
    }

    /// Acts for an organisation: has a fitting role in it, or is the system itself.
    pub fn acts_for(&self, organization: OrganizationId, fits: impl Fn(Role) -> bool) -> bool {
        *self == Self::System || self.is_in(organization, fits)
    }

    /// When a person or machine asks, and what for.
    #[must_use]
    pub const fn occasion(&self) -> Option<Occasion> {
        match self {
            Self::Person { occasion, .. } => Some(*occasion),
            Self::Anyone | Self::System => None,
        }
    }
}
