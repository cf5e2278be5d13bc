//! What the policy speaks of: one resource for each guarded table.

/// What can be reached: one variant for each guarded table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A network.
    Network,
    /// A member organisation.
    Organization,
    /// A service unit.
    ServiceUnit,
    /// An area.
    Area,
    /// A venue of the inventory.
    Venue,
    /// A transport route.
    TransportRoute,
    /// The working copy of a service.
    Service,
    /// The working copy of an offering.
    ServiceOffering,
    /// The published copy of a service or an offering.
    Publication,
    /// A series of sessions.
    SessionSeries,
    /// A session.
    Session,
    /// A partnership agreement.
    PartnershipAgreement,
    /// The bond between an agreement and one of its parties.
    AgreementParty,
    /// A membership: who has which role where.
    Membership,
    /// What happened, for subscribers and feeds.
    Event,
    /// A day of an open drop-in space.
    DropInDay,
    /// Meeting somebody without asking who it is.
    AnonymousContact,
    /// Going out to where people are.
    OutreachShift,
    /// What open work arranges for whoever comes.
    OpenEvent,
    /// The handle of somebody who does not tell who it is.
    AnonymousHandle,
    /// Who a client is.
    Person,
    /// A client.
    Client,
    /// Who acts for a client.
    Representation,
    /// A care relation between a worker and a client.
    CareRelation,
    /// A consent of a client.
    Consent,
    /// That a client was informed.
    Informing,
    /// A disclosure permission of a client.
    DisclosurePermission,
    /// A disclosure prohibition of a client.
    DisclosureProhibition,
    /// A referral.
    Referral,
    /// A case.
    Case,
    /// What happened to a case.
    CaseEvent,
    /// The situation of a client at the start of a case.
    IntakeBaseline,
    /// Who stands in for a worker.
    Substitution,
    /// A needs assessment.
    NeedsAssessment,
    /// A version of a client plan.
    ClientPlan,
    /// A goal of a client.
    Goal,
    /// A final assessment.
    FinalAssessment,
    /// A service decision.
    ServiceDecision,
    /// A purchase order.
    PurchaseOrder,
    /// A voucher of a client.
    Voucher,
    /// A complaint about a provider.
    Complaint,
    /// What was delivered of an order.
    DeliveryEvent,
    /// What a provider tells of an order.
    ProviderReport,
    /// A follow-on path.
    FollowOnPath,
    /// An entry of a client's record.
    ClientEntry,
    /// A follow-up.
    FollowUp,
    /// A response to an instrument.
    InstrumentResponse,
    /// A network meeting.
    NetworkMeeting,
    /// What somebody asks of the data about oneself.
    SubjectRequest,
    /// A restriction of processing.
    Restriction,
    /// A legal hold.
    LegalHold,
    /// What was destroyed, when and by which rule.
    Destruction,
    /// Feedback of a client.
    Feedback,
    /// Who has read data about whom.
    UseLogEntry,
    /// To whom data about a client was disclosed.
    DisclosureLogEntry,
    /// A place in an offering, or waiting for one.
    Participation,
    /// Who came to a session.
    Attendance,
    /// A visit with a client.
    Visit,
    /// A procurement.
    Procurement,
    /// A framework contract.
    FrameworkContract,
    /// A line of a framework contract.
    ContractLine,
    /// A version of a rulebook.
    Rulebook,
    /// An approval of a provider, or the application for it.
    ProviderApproval,
    /// What was ordered by a line in a month.
    Drawdown,
    /// An invoice of a provider.
    Invoice,
    /// A settlement of vouchers with a provider.
    VoucherSettlement,
    /// What somebody should know of.
    Notice,
    /// A calendar of one's own.
    CalendarFeed,
    /// A webhook.
    Webhook,
    /// A delivery of a webhook.
    WebhookDelivery,
}

impl Resource {
    /// Every resource.
    pub const ALL: &'static [Self] = &[
        Self::Network,
        Self::Organization,
        Self::ServiceUnit,
        Self::Area,
        Self::Venue,
        Self::TransportRoute,
        Self::Service,
        Self::ServiceOffering,
        Self::Publication,
        Self::SessionSeries,
        Self::Session,
        Self::PartnershipAgreement,
        Self::AgreementParty,
        Self::Membership,
        Self::Event,
        Self::DropInDay,
        Self::AnonymousContact,
        Self::OutreachShift,
        Self::OpenEvent,
        Self::AnonymousHandle,
        Self::Person,
        Self::Client,
        Self::Representation,
        Self::CareRelation,
        Self::Consent,
        Self::Informing,
        Self::DisclosurePermission,
        Self::DisclosureProhibition,
        Self::Referral,
        Self::Case,
        Self::CaseEvent,
        Self::IntakeBaseline,
        Self::Substitution,
        Self::NeedsAssessment,
        Self::ClientPlan,
        Self::Goal,
        Self::FinalAssessment,
        Self::ServiceDecision,
        Self::PurchaseOrder,
        Self::Voucher,
        Self::Complaint,
        Self::DeliveryEvent,
        Self::ProviderReport,
        Self::FollowOnPath,
        Self::ClientEntry,
        Self::FollowUp,
        Self::InstrumentResponse,
        Self::NetworkMeeting,
        Self::SubjectRequest,
        Self::Restriction,
        Self::LegalHold,
        Self::Destruction,
        Self::Feedback,
        Self::Participation,
        Self::Attendance,
        Self::Visit,
        Self::Procurement,
        Self::FrameworkContract,
        Self::ContractLine,
        Self::Rulebook,
        Self::ProviderApproval,
        Self::Drawdown,
        Self::Invoice,
        Self::VoucherSettlement,
        Self::UseLogEntry,
        Self::DisclosureLogEntry,
        Self::Notice,
        Self::CalendarFeed,
        Self::Webhook,
        Self::WebhookDelivery,
    ];

    /// Rows that are only ever added to: not even their version changes.
    #[must_use]
    pub const fn is_only_added_to(self) -> bool {
        matches!(self, Self::CaseEvent | Self::IntakeBaseline | Self::UseLogEntry | Self::DisclosureLogEntry)
    }

    /// Rows of somebody who does not tell who it is: nothing written about clients may stand beside them in one request.
    #[must_use]
    pub const fn is_of_somebody_unknown(self) -> bool {
        matches!(self, Self::AnonymousContact | Self::AnonymousHandle)
    }

    /// What the workers of another controller than the one that keeps a row see of it by a care relation alone.
    #[must_use]
    pub const fn elsewhere(self) -> Elsewhere {
        match self {
            Self::Network
            | Self::Organization
            | Self::ServiceUnit
            | Self::Area
            | Self::Venue
            | Self::TransportRoute
            | Self::Service
            | Self::ServiceOffering
            | Self::Publication
            | Self::SessionSeries
            | Self::Session
            | Self::PartnershipAgreement
            | Self::AgreementParty
            | Self::Membership
            | Self::Event
            | Self::DropInDay
            | Self::AnonymousContact
            | Self::OutreachShift
            | Self::OpenEvent
            | Self::AnonymousHandle
            | Self::Procurement
            | Self::FrameworkContract
            | Self::ContractLine
            | Self::Rulebook
            | Self::ProviderApproval
            | Self::Drawdown
            | Self::Invoice
            | Self::VoucherSettlement
            | Self::Client
            | Self::Substitution
            | Self::Destruction
            | Self::UseLogEntry
            | Self::DisclosureLogEntry
            | Self::Notice
            | Self::CalendarFeed
            | Self::Webhook
            | Self::WebhookDelivery => Elsewhere::Shown,
            Self::Person | Self::Representation => Elsewhere::WhoSomebodyIs,
            Self::CareRelation | Self::Consent | Self::Referral => Elsewhere::WithOthers,
            Self::Informing
            | Self::DisclosurePermission
            | Self::Case
            | Self::CaseEvent
            | Self::IntakeBaseline
            | Self::NeedsAssessment
            | Self::ClientPlan
            | Self::Goal
            | Self::FinalAssessment
            | Self::ServiceDecision
            | Self::PurchaseOrder
            | Self::Voucher
            | Self::DeliveryEvent
            | Self::ProviderReport
            | Self::FollowOnPath
            | Self::ClientEntry
            | Self::FollowUp
            | Self::InstrumentResponse
            | Self::NetworkMeeting
            | Self::Participation
            | Self::Attendance
            | Self::Visit
            | Self::Feedback => Elsewhere::Register,
            Self::DisclosureProhibition | Self::SubjectRequest | Self::Restriction | Self::LegalHold | Self::Complaint => Elsewhere::Hidden,
        }
    }

    /// What a controller's register tells of a client, which no other controller gives out.
    #[must_use]
    pub const fn is_of_register(self) -> bool {
        matches!(self.elsewhere(), Elsewhere::Register | Elsewhere::Hidden)
    }

    /// Rows about clients: a worker sees them for a named purpose only, and each reading is kept in the use log.
    #[must_use]
    pub const fn is_about_clients(self) -> bool {
        match self {
            Self::Network
            | Self::Organization
            | Self::ServiceUnit
            | Self::Area
            | Self::Venue
            | Self::TransportRoute
            | Self::Service
            | Self::ServiceOffering
            | Self::Publication
            | Self::SessionSeries
            | Self::Session
            | Self::PartnershipAgreement
            | Self::AgreementParty
            | Self::Membership
            | Self::Event
            | Self::DropInDay
            | Self::AnonymousContact
            | Self::OutreachShift
            | Self::OpenEvent
            | Self::AnonymousHandle
            | Self::Procurement
            | Self::FrameworkContract
            | Self::ContractLine
            | Self::Rulebook
            | Self::ProviderApproval
            | Self::Drawdown
            | Self::Invoice
            | Self::VoucherSettlement
            | Self::Substitution
            | Self::Destruction
            | Self::Notice
            | Self::CalendarFeed
            | Self::Webhook
            | Self::WebhookDelivery => false,
            Self::Person
            | Self::Client
            | Self::Representation
            | Self::CareRelation
            | Self::Consent
            | Self::Informing
            | Self::DisclosurePermission
            | Self::DisclosureProhibition
            | Self::Referral
            | Self::Case
            | Self::CaseEvent
            | Self::IntakeBaseline
            | Self::NeedsAssessment
            | Self::ClientPlan
            | Self::Goal
            | Self::FinalAssessment
            | Self::ServiceDecision
            | Self::PurchaseOrder
            | Self::Voucher
            | Self::Complaint
            | Self::DeliveryEvent
            | Self::ProviderReport
            | Self::FollowOnPath
            | Self::ClientEntry
            | Self::FollowUp
            | Self::InstrumentResponse
            | Self::NetworkMeeting
            | Self::SubjectRequest
            | Self::Restriction
            | Self::LegalHold
            | Self::Feedback
            | Self::Participation
            | Self::Attendance
            | Self::Visit
            | Self::UseLogEntry
            | Self::DisclosureLogEntry => true,
        }
    }
}

/// What the workers of another controller see of what one keeps about a client, when they have a care relation to the client and have named a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// It: it tells nothing of the client, or it has rules of its own.
    Shown,
    /// Who somebody is: of a client of their own cases; of one whom they have taken on, unless the client keeps everything back from them; and as for the
    /// register.
    WhoSomebodyIs,
    /// What the client has to do with others, and with whom: as for the register, and what has come to themselves or gone on from them.
    WithOthers,
    /// The register: by the client's permission (luovutuslupa), a right by law or an emergency.
    Register,
    /// Nothing: it is between the client and the keeper.
    Hidden,
}
