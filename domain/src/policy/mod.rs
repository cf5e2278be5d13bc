//! Who may do what to which rows: the only place that knows roles. Everything not allowed here is closed.
mod resource;
#[cfg(test)]
mod tests;

pub use resource::{Elsewhere, Resource};

use crate::{
    actor::{Actor, Role, Standing},
    casework::{case::CaseMove, referral::ReferralDirection},
    funding::{contract::ContractSide, invoice::InvoiceMove, procurement::ProcurementMove},
    id::{NetworkId, OrganizationId},
    person::relation::{LASTS_DAYS, RelationBasis},
    report::Rendering,
    vocabulary::vocabulary,
};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

vocabulary! {
    /// What is done to a row.
    pub enum Action {
        /// Seeing it.
        Read,
        /// Making it.
        Create,
        /// Changing its content.
        Update,
        /// Moving it to another state: publishing, withdrawing, cancelling, ending.
        Transition,
    }
}

/// Which rows a role reaches, before it is known whose role it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No row.
    Nothing,
    /// What everybody may see.
    Public,
    /// What everybody may see, and the rows about oneself.
    Personal,
    /// The rows about clients to whom one has a care relation (asiayhteys) in the organisation.
    Related,
    /// The rows that the organisation itself keeps about clients to whom one has a care relation in it.
    Entrusted,
    /// What is addressed to the organisation with a consent in force, and what one has made oneself.
    Addressed,
    /// Both: what is addressed to the organisation, and what is about clients to whom one has a care relation.
    Handled,
    /// What is addressed to the organisation, and what it keeps itself about clients to whom one has a care relation in it.
    Managed,
    /// The rows of the organisation in which one has the role.
    Own,
    /// The rows of the network in which one has the role.
    Network,
    /// Every row.
    Everything,
}

/// For whom a rule speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Anyone, signed in or not.
    Anyone,
    /// A person or machine in a role.
    In(Role),
    /// The system itself.
    System,
}

/// The policy: which rows `party` reaches for `action` on `resource`. Exhaustive, so a new resource does not compile without its rule.
#[must_use]
pub const fn scope(party: Party, action: Action, resource: Resource) -> Scope {
    use Action::{Create, Read, Transition, Update};
    use Resource as R;
    use Scope::{Addressed, Entrusted, Everything, Handled, Managed, Network, Nothing, Own, Personal, Public, Related};
    let role = match party {
        Party::System => return Everything,
        Party::Anyone => {
            return match (resource, action) {
                (
                    R::Network
                    | R::Organization
                    | R::ServiceUnit
                    | R::Area
                    | R::TransportRoute
                    | R::Venue
                    | R::Publication
                    | R::SessionSeries
                    | R::Session
                    | R::Event,
                    Read,
                ) => Public,
                (
                    R::Membership
                    | R::Person
                    | R::Client
                    | R::Representation
                    | R::CareRelation
                    | R::Consent
                    | R::Informing
                    | R::DisclosurePermission
                    | R::DisclosureProhibition
                    | R::Referral
                    | R::Case
                    | R::CaseEvent
                    | R::IntakeBaseline
                    | R::NeedsAssessment
                    | R::ClientPlan
                    | R::Goal
                    | R::FinalAssessment
                    | R::ServiceDecision
                    | R::PurchaseOrder
                    | R::Voucher
                    | R::Complaint
                    | R::DeliveryEvent
                    | R::ProviderReport
                    | R::FollowOnPath
                    | R::ClientEntry
                    | R::FollowUp
                    | R::InstrumentResponse
                    | R::NetworkMeeting
                    | R::SubjectRequest
                    | R::Restriction
                    | R::LegalHold
                    | R::Feedback
                    | R::Participation
                    | R::Attendance
                    | R::Visit
                    | R::UseLogEntry
                    | R::DisclosureLogEntry
                    | R::Notice
                    | R::CalendarFeed,
                    Read,
                )
                // Clients give and withdraw their own consents, permissions and prohibitions, steer themselves, register for services and give them up, and
                // ask what they want of their data. Whoever has signed in makes calendars of one's own, and ends them.
                | (
                    R::Consent
                    | R::DisclosurePermission
                    | R::DisclosureProhibition
                    | R::Referral
                    | R::SubjectRequest
                    | R::Participation
                    | R::CalendarFeed,
                    Create | Transition,
                )
                // Their word on plan, final assessment, decisions, vouchers and paths is theirs, and so are their own goals, what they tell of themselves, their feedback, and
                // that they have read what comes before a permission.
                | (R::ClientPlan | R::FinalAssessment | R::ServiceDecision | R::Voucher | R::FollowOnPath, Transition)
                | (R::Goal, Create | Update | Transition)
                | (R::InstrumentResponse | R::Informing | R::Feedback | R::Complaint, Create) => Personal,
                (
                    R::Service
                    | R::ServiceOffering
                    | R::PartnershipAgreement
                    | R::AgreementParty
                    | R::Procurement
                    | R::FrameworkContract
                    | R::ContractLine
                    | R::Rulebook
                    | R::ProviderApproval
                    | R::Drawdown
                    | R::Invoice
                    | R::VoucherSettlement
                    | R::Substitution
                    | R::Destruction
                    | R::DropInDay
                    | R::AnonymousContact
                    | R::OutreachShift
                    | R::OpenEvent
                    | R::AnonymousHandle
                    | R::Webhook
                    | R::WebhookDelivery,
                    Read,
                )
                | (_, Create | Update | Transition) => Nothing,
            };
        }
        Party::In(role) => role,
    };
    let editor = edits_catalogue(role);
    match resource {
        R::Network => match (action, role) {
            (Update, Role::Admin) => Network,
            _ => Nothing,
        },
        R::Organization => match (action, role) {
            (Create | Update, Role::Admin) => Network,
            (Update, Role::Lead | Role::ProviderManager | Role::PartnerCoordinator) => Own,
            _ => Nothing,
        },
        R::Area => match (action, role) {
            (Create | Update | Transition, Role::Admin) => Network,
            _ => Nothing,
        },
        // The inventory is shared work of the network (VIHTORI): its staff see every venue, each organisation changes its own.
        R::Venue => match action {
            Read if editor => Network,
            Create | Update | Transition if editor => Own,
            _ => Nothing,
        },
        R::Service | R::ServiceOffering | R::SessionSeries | R::Session => match (action, role) {
            (Read, Role::Admin) => Network,
            _ if editor => Own,
            _ => Nothing,
        },
        // What everybody sees of an approved provider is written by those who approve it.
        R::Publication if matches!((action, role), (Create | Transition, Role::ProcurementOfficer)) => Own,
        R::ServiceUnit | R::TransportRoute | R::Publication | R::Event => {
            if editor {
                Own
            } else {
                Nothing
            }
        }
        R::PartnershipAgreement | R::AgreementParty => match (action, role) {
            (Read, Role::Admin | Role::Lead | Role::ProcurementOfficer | Role::DecisionMaker | Role::Dpo | Role::ProjectManager) => Network,
            (Read, _) if editor => Own,
            (Create | Update | Transition, Role::Admin | Role::Lead | Role::ProjectManager | Role::PartnerCoordinator) => Own,
            _ => Nothing,
        },
        // What is planned and tendered stays within the organisation that buys: procurement prepares, and those who answer for the organisation decide.
        R::Procurement => match (action, role) {
            (_, Role::ProcurementOfficer) | (Read | Transition, Role::Lead | Role::DecisionMaker) | (Read, Role::FinanceOfficer) => Own,
            _ => Nothing,
        },
        // A provider sees its own contracts from the day on which they are put before it, and nobody else's.
        R::FrameworkContract => match (action, role) {
            (_, Role::ProcurementOfficer) | (Read, Role::Lead | Role::FinanceOfficer | Role::DecisionMaker | Role::Dpo) => Own,
            (Read | Transition, Role::ProviderManager) => Addressed,
            _ => Nothing,
        },
        // Whoever orders sees at which price, once a contract is put before its provider: what is tendered is nobody's but procurement's.
        R::ContractLine => match (action, role) {
            (_, Role::ProcurementOfficer) | (Read, Role::FinanceOfficer | Role::DecisionMaker) => Own,
            (Read, Role::ProviderManager | Role::ProviderStaff) => Addressed,
            (Read, _) if works_with_clients(role) => Addressed,
            _ => Nothing,
        },
        // What is published is read by those of the network who may commit to it or who work by it; what is written is procurement's.
        R::Rulebook => match (action, role) {
            (_, Role::ProcurementOfficer) | (Read, Role::Lead | Role::DecisionMaker) => Own,
            (Read, Role::ProviderManager | Role::ProviderStaff) => Addressed,
            (Read, _) if works_with_clients(role) => Addressed,
            _ => Nothing,
        },
        // A provider applies, and nobody else sees that it does, but those with whom: once it is put before them.
        R::ProviderApproval => match (action, role) {
            (_, Role::ProviderManager) => Own,
            (Read | Transition, Role::ProcurementOfficer) | (Read, Role::Lead | Role::DecisionMaker) => Addressed,
            _ => Nothing,
        },
        // What is drawn of a contract is for those who see the contract or its lines. It is counted by the store: nobody writes it.
        R::Drawdown => match (action, role) {
            (Read, Role::ProcurementOfficer | Role::FinanceOfficer | Role::DecisionMaker | Role::Dpo) => Own,
            (Read, Role::ProviderManager | Role::ProviderStaff) => Addressed,
            (Read, _) if works_with_clients(role) => Addressed,
            _ => Nothing,
        },
        // Finance pays, procurement looks on; a provider sends its own and sees nobody else's.
        R::Invoice => match (action, role) {
            (Read | Transition, Role::FinanceOfficer) | (Read, Role::ProcurementOfficer | Role::DecisionMaker) => Own,
            (Read | Create | Transition, Role::ProviderManager) => Addressed,
            _ => Nothing,
        },
        // Finance puts it together and pays; the provider sees its own.
        R::VoucherSettlement => match (action, role) {
            (Read | Create | Transition, Role::FinanceOfficer) | (Read, Role::ProcurementOfficer | Role::DecisionMaker) => Own,
            (Read, Role::ProviderManager) => Addressed,
            _ => Nothing,
        },
        // Whoever works with the client orders; the provider answers what was placed with it, and sees nothing of any other.
        R::PurchaseOrder => match action {
            Read if works_with_clients(role) => Handled,
            Transition if works_with_clients(role) => Managed,
            Create | Update if works_with_clients(role) => Entrusted,
            Read | Transition if gives_ordered(role) => Addressed,
            _ => Nothing,
        },
        // Whoever works with the client issues one and takes it back, and writes down what the client has said; the provider sees those with which it was chosen.
        R::Voucher => match action {
            Read if works_with_clients(role) => Handled,
            Transition if works_with_clients(role) => Managed,
            Create | Update if works_with_clients(role) => Entrusted,
            Read if gives_ordered(role) => Addressed,
            _ => Nothing,
        },
        // Procurement of the organisation that arranges the service handles it. Whoever has reported sees it, and the provider what it is asked; nobody else.
        R::Complaint => match action {
            _ if handles_complaints(role) => Own,
            Read | Create if works_with_clients(role) => Addressed,
            // Whoever gives the service tells of incidents in it, too.
            Read | Create | Transition if gives_ordered(role) => Addressed,
            _ => Nothing,
        },
        // Whoever gives the service tells what was delivered; those who work with the client look at it, and those who look after the invoices of the organisation
        // see how much it was and what it costs, and neither whose it is nor what was said.
        R::DeliveryEvent => match action {
            Read if works_with_clients(role) => Handled,
            Transition if works_with_clients(role) => Managed,
            Read | Transition if looks_after_invoices(role) => Own,
            Read | Create | Update | Transition if gives_ordered(role) => Addressed,
            _ => Nothing,
        },
        // Those who order ask for it and look at it; whoever gives the service tells. By the terms of the contract it is asked for as the order is confirmed.
        R::ProviderReport => match action {
            Read if works_with_clients(role) => Handled,
            Create | Transition if works_with_clients(role) => Managed,
            Read | Create | Transition if gives_ordered(role) => Addressed,
            _ => Nothing,
        },
        // Open work is without names, and still its organisation's own: others are told of it in sums, later.
        R::DropInDay | R::AnonymousContact | R::OutreachShift | R::OpenEvent | R::AnonymousHandle => {
            if does_open_work(role) {
                Own
            } else {
                Nothing
            }
        }
        R::Membership => match (action, role) {
            (_, Role::Admin) | (Read, Role::Dpo) => Network,
            _ => Nothing,
        },
        // Role alone opens no client: a care relation does. Making a client is taking up a matter, in one's own organisation.
        R::Person => match (action, works_with_clients(role)) {
            (Create, true) => Own,
            (Read, true) => Related,
            (Update | Transition, true) => Entrusted,
            (_, false) => Nothing,
        },
        // The lead sees which clients the organisation has, and nobody's identity without a relation.
        R::Client => match (action, role) {
            (Read, Role::Lead) | (Create, _) if works_with_clients(role) => Own,
            (Read, _) if works_with_clients(role) => Related,
            _ if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        R::Representation | R::Goal | R::FollowOnPath | R::FollowUp | R::NetworkMeeting => match action {
            Read if works_with_clients(role) => Related,
            _ if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        R::CareRelation => match (action, role) {
            (Read, Role::Dpo) => Network,
            (Read | Transition, Role::Lead) => Own,
            (Create | Transition, _) if handles_referrals(role) => Own,
            (Read, _) if works_with_clients(role) => Related,
            _ => Nothing,
        },
        R::Consent => match action {
            Read if works_with_clients(role) => Handled,
            Create | Transition if works_with_clients(role) => Managed,
            Read | Create | Transition if handles_referrals(role) => Addressed,
            _ => Nothing,
        },
        R::Referral => match action {
            Read if works_with_clients(role) => Handled,
            Update | Transition if works_with_clients(role) => Managed,
            Create if handles_referrals(role) => Own,
            Read | Update | Transition if handles_referrals(role) => Addressed,
            _ => Nothing,
        },
        // The lead sees which cases the organisation has and how far they have come, and hands them over; everything in them hangs on a relation.
        R::Case => match (action, role) {
            (Read | Update, Role::Lead) | (Create, _) if works_with_clients(role) => Own,
            (Read, _) if works_with_clients(role) => Related,
            _ if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        // What happens to a case is written by whoever does it, and read by those with a relation.
        R::CaseEvent => match action {
            Create if works_with_clients(role) => Own,
            Read if works_with_clients(role) => Related,
            _ => Nothing,
        },
        R::Substitution => {
            if works_with_clients(role) {
                Own
            } else {
                Nothing
            }
        }
        // Service guides write assessments and plans and prepare decisions; what decides in the client's matter is for social work.
        R::NeedsAssessment | R::ClientPlan | R::FinalAssessment | R::ServiceDecision => match action {
            Read if works_with_clients(role) => Related,
            Transition if decides_for_clients(role) => Entrusted,
            Create | Update if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        // The client's will is written down for the client by those who keep the register, and never changed: it is ended, by the client at any time.
        R::DisclosurePermission | R::DisclosureProhibition => match action {
            Read if works_with_clients(role) => Related,
            Create | Transition if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        // Feedback is the client's own: workers read it, nobody writes it for the client.
        R::Feedback => match action {
            Read if works_with_clients(role) => Related,
            _ => Nothing,
        },
        // Whoever gives the service keeps its list: of clients of a register only what their consent carries, of others what they said themselves.
        R::Participation => match action {
            Read if works_with_clients(role) => Handled,
            Create | Transition if works_with_clients(role) => Managed,
            Read | Create | Transition if handles_referrals(role) => Addressed,
            _ => Nothing,
        },
        R::Attendance => match action {
            Read if works_with_clients(role) => Handled,
            Read | Create | Update if handles_referrals(role) => Addressed,
            _ => Nothing,
        },
        // Whoever goes on a visit sees it as long as it goes on, with a relation or without: one goes along for the other's safety. What nobody has come to
        // or back from in time is seen by all who work with clients there, so that somebody can go and look, and the lead ends it where nobody else can.
        R::Visit => match action {
            Read if works_with_clients(role) => Handled,
            Create | Update | Transition if works_with_clients(role) => Managed,
            _ => Nothing,
        },
        // What has been entered or answered stays: it is corrected by another one.
        // Shared entries are read by whoever has taken the client on with a consent that covers them.
        R::ClientEntry => match action {
            Read if works_with_clients(role) => Handled,
            Create if works_with_clients(role) => Entrusted,
            Read if handles_referrals(role) => Addressed,
            _ => Nothing,
        },
        R::InstrumentResponse | R::IntakeBaseline | R::Informing => match action {
            Read if works_with_clients(role) => Related,
            Create if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        // The controller decides, and the lead does so for it; the data protection officer sees every request of the network and looks after those of the own
        // organisation, and decides on none (GDPR 38(6)). Whoever works with the client writes down what the client asks.
        R::SubjectRequest => match (action, role) {
            (_, Role::Lead) | (Update, Role::Dpo) => Own,
            (Read, Role::Dpo) => Network,
            (Read, _) if works_with_clients(role) => Related,
            (Create, _) if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        // Restricting protects, so whoever works with the client may do it at once; it is lifted by those who decide. An update is an exception on a ground.
        R::Restriction => match (action, role) {
            (_, Role::Lead) => Own,
            (Read, Role::Dpo) => Network,
            (Read, _) if works_with_clients(role) => Related,
            (Create | Update, _) if works_with_clients(role) => Entrusted,
            _ => Nothing,
        },
        R::LegalHold => match (action, role) {
            (Read, Role::Dpo) => Network,
            (Create | Transition, Role::Dpo) | (Read, Role::Lead) => Own,
            (Read, _) if works_with_clients(role) => Related,
            _ => Nothing,
        },
        R::Destruction => match (action, role) {
            (Read, Role::Dpo) => Network,
            (Read, Role::Lead) => Own,
            _ => Nothing,
        },
        // Those who answer for an organisation are told what nobody else in it is.
        R::Notice => match (action, role) {
            (Read, Role::Lead | Role::Dpo) => Own,
            (Read, _) if handles_referrals(role) => Addressed,
            _ => Nothing,
        },
        // A calendar is its owner's alone, in whatever role.
        R::CalendarFeed => Nothing,
        // The machine client makes its own, so that a webhook never sees more than its client; those who answer for the organisation look after it.
        R::Webhook => match (action, role) {
            (_, Role::Integration) => Own,
            (Create, _) => Nothing,
            _ if looks_after_webhooks(role) => Own,
            _ => Nothing,
        },
        // Written by the store as it is sent.
        R::WebhookDelivery => match (action, role) {
            (Read | Create | Transition, Role::Integration) => Own,
            (Read | Create | Transition, _) if looks_after_webhooks(role) => Own,
            _ => Nothing,
        },
        R::UseLogEntry | R::DisclosureLogEntry => match (action, role) {
            (Read, Role::Dpo) => Network,
            _ => Nothing,
        },
    }
}

/// Who merges two clients that are one human being, beside a care relation to each: it decides who somebody is and cannot be undone, so it is for those
/// who decide in the client's matter, and for the lead who answers for the register; a service guide tells them.
#[must_use]
pub const fn merges_clients(role: Role) -> bool {
    matches!(role, Role::SocialWorker | Role::Lead)
}

/// Who makes which move of a case, beside the care relation that it takes: social work decides, the service guide opens and looks after, the lead closes.
#[must_use]
pub const fn moves_case(role: Role, by: CaseMove) -> bool {
    match by {
        CaseMove::Assess | CaseMove::AssessFinally | CaseMove::Suspend => {
            matches!(role, Role::SocialWorker | Role::SocialCounsellor | Role::ServiceGuide)
        }
        CaseMove::Close => matches!(role, Role::SocialWorker | Role::SocialCounsellor | Role::Lead),
        CaseMove::Plan | CaseMove::Activate | CaseMove::Reassess | CaseMove::Revise | CaseMove::Continue | CaseMove::ArrangeFollowOn | CaseMove::Resume => {
            matches!(role, Role::SocialWorker | Role::SocialCounsellor)
        }
    }
}

/// Who makes which move of a procurement: procurement prepares and looks after it, and whoever answers for the organisation decides who provides.
#[must_use]
pub const fn moves_procurement(role: Role, by: ProcurementMove) -> bool {
    match by {
        ProcurementMove::Award => matches!(role, Role::Lead | Role::DecisionMaker),
        ProcurementMove::OpenDialogue
        | ProcurementMove::Tender
        | ProcurementMove::Evaluate
        | ProcurementMove::Appeal
        | ProcurementMove::Uphold
        | ProcurementMove::Interrupt => matches!(role, Role::ProcurementOfficer),
    }
}

/// Who signs a contract and moves it on, on either side.
#[must_use]
pub const fn moves_contract(role: Role, side: ContractSide) -> bool {
    match side {
        ContractSide::Orderer => matches!(role, Role::ProcurementOfficer),
        ContractSide::Provider => matches!(role, Role::ProviderManager),
        ContractSide::Time => false,
    }
}

/// Who makes which move of an invoice: finance pays or refuses, and the provider takes back.
#[must_use]
pub const fn moves_invoice(role: Role, by: InvoiceMove) -> bool {
    match by {
        InvoiceMove::Match | InvoiceMove::Approve | InvoiceMove::Pay | InvoiceMove::Reject => matches!(role, Role::FinanceOfficer),
        InvoiceMove::Credit => matches!(role, Role::ProviderManager),
        InvoiceMove::Differ => false,
    }
}

/// Who opens a case for a client without a referral.
#[must_use]
pub const fn starts_case(role: Role) -> bool {
    matches!(role, Role::SocialWorker | Role::SocialCounsellor)
}

/// Who leads the casework of an organisation: sees its worklist, hands cases over, arranges who stands in.
#[must_use]
pub const fn leads_cases(role: Role) -> bool {
    matches!(role, Role::Lead)
}

/// Who can be the own worker of a case, stand in for one, or take part in one.
#[must_use]
pub const fn takes_cases(role: Role) -> bool {
    works_with_clients(role)
}

/// Roles of the authority whose work is with clients: theirs is the client register, and only an authority has them.
#[must_use]
pub const fn works_with_clients(role: Role) -> bool {
    matches!(role, Role::SocialWorker | Role::SocialCounsellor | Role::ServiceGuide | Role::Lead)
}

/// Roles of social work, which decide in a client's matter.
const fn decides_for_clients(role: Role) -> bool {
    matches!(role, Role::SocialWorker | Role::SocialCounsellor | Role::Lead)
}

/// Roles that send and receive referrals: the authority's, and producers and partners, who see only what the referral carries.
const fn handles_referrals(role: Role) -> bool {
    works_with_clients(role)
        || matches!(role, Role::Referrer | Role::OutreachWorker | Role::ProviderManager | Role::ProviderStaff | Role::PartnerCoordinator | Role::PartnerWorker)
}

/// Who answers for an organisation to which a referral goes: acknowledges it, asks for more, takes the client on or does not, passes it on, and tells what came of it. At
/// an authority those who work with clients, and beside them those who give its services, of what is steered to a service; anywhere else those who give its services.
#[must_use]
pub const fn receives_referrals(role: Role, direction: ReferralDirection, at_authority: bool) -> bool {
    works_with_clients(role) || gives_ordered(role) && (!at_authority || matches!(direction, ReferralDirection::Outbound))
}

/// Roles that give what is ordered of their organisation.
#[must_use]
pub const fn gives_ordered(role: Role) -> bool {
    works_with_clients(role) || matches!(role, Role::ProviderManager | Role::ProviderStaff | Role::PartnerCoordinator | Role::PartnerWorker)
}

/// Roles that handle complaints about those who give services for their organisation.
#[must_use]
pub const fn handles_complaints(role: Role) -> bool {
    matches!(role, Role::ProcurementOfficer)
}

/// Roles that look over what their organisation buys and how those do who provide it: in figures, which tell of nobody.
#[must_use]
pub const fn oversees_purchasing(role: Role) -> bool {
    matches!(role, Role::ProcurementOfficer | Role::DecisionMaker)
}

/// Roles that are told the reports of their organisation in a rendering: figures, which tell of nobody. As they are, they are for those who make statistics, and for a
/// purpose that says so; what can be published is told as well to those who decide and who lead projects.
#[must_use]
pub const fn reads_reports(role: Role, rendering: Rendering) -> bool {
    match rendering {
        Rendering::Internal => matches!(role, Role::Analyst | Role::Lead),
        Rendering::Publishable => matches!(role, Role::Analyst | Role::Lead | Role::DecisionMaker | Role::ProjectManager),
    }
}

/// Who is told the reports of an organisation, as a table.
#[must_use]
pub fn table_of_reports() -> String {
    use std::fmt::Write as _;
    let mut out = String::from("| role | internal | publishable |\n|---|---|---|\n");
    let word = |told: bool| if told { "told" } else { "–" };
    for role in Role::ALL {
        let told = |rendering| word(reads_reports(*role, rendering));
        let _ = writeln!(out, "| {role:?} | {} | {} |", told(Rendering::Internal), told(Rendering::Publishable));
    }
    out
}

/// Roles that look after the invoices of their organisation.
#[must_use]
pub const fn looks_after_invoices(role: Role) -> bool {
    matches!(role, Role::FinanceOfficer)
}

/// Roles that look after the webhooks of their organisation, beside its machine clients: those who answer for it.
const fn looks_after_webhooks(role: Role) -> bool {
    matches!(role, Role::Lead | Role::ProviderManager | Role::PartnerCoordinator | Role::Admin)
}

/// Roles that do open and outreach work (avoin ja jalkautuva työ).
#[must_use]
pub const fn does_open_work(role: Role) -> bool {
    works_with_clients(role) || matches!(role, Role::OutreachWorker | Role::PartnerCoordinator | Role::PartnerWorker)
}

/// Who can lead sessions of an organisation.
#[must_use]
pub const fn leads_sessions(role: Role) -> bool {
    edits_catalogue(role)
}

/// Roles whose work is to keep their organisation's part of the catalogue.
const fn edits_catalogue(role: Role) -> bool {
    match role {
        Role::SocialWorker
        | Role::SocialCounsellor
        | Role::ServiceGuide
        | Role::Lead
        | Role::OutreachWorker
        | Role::ProviderManager
        | Role::ProviderStaff
        | Role::PartnerCoordinator
        | Role::PartnerWorker
        | Role::ProjectManager
        | Role::Admin => true,
        Role::Referrer
        | Role::ProcurementOfficer
        | Role::FinanceOfficer
        | Role::Client
        | Role::Representative
        | Role::DecisionMaker
        | Role::Analyst
        | Role::Dpo
        | Role::Integration => false,
    }
}

impl Worker {
    /// What the worker has written oneself stays in sight for so long after it last moved.
    #[must_use]
    pub fn followed_since(&self) -> DateTime<Utc> {
        self.at - TimeDelta::days(LASTS_DAYS)
    }
}

/// Which rows an actor reaches: the union of what each standing gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reach {
    /// Every row.
    pub everything: bool,
    /// What everybody may see.
    pub public: bool,
    /// Every row of these networks.
    pub networks: BTreeSet<NetworkId>,
    /// Every row of these organisations.
    pub organizations: BTreeSet<OrganizationId>,
    /// The rows about this subject.
    pub subject: Option<String>,
    /// The rows about clients to whom a worker has a care relation.
    pub related: Option<Worker>,
    /// The same, of what these organisations keep themselves.
    pub entrusted: Option<Worker>,
    /// What is addressed to these organisations with a consent in force, and what the worker has made.
    pub addressed: Option<Worker>,
}

/// A worker at a moment, in one organisation or more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Worker {
    /// The stable key.
    pub subject: String,
    /// The organisations.
    pub organizations: BTreeSet<OrganizationId>,
    /// Those of them whose casework the worker leads.
    pub led: BTreeSet<OrganizationId>,
    /// The moment at which relations and consents must be in force.
    pub at: DateTime<Utc>,
}

impl Reach {
    fn add(&mut self, scope: Scope, actor: &Actor, standing: Option<&Standing>) {
        let (network, organization) = (standing.map(|s| s.network), standing.map(|s| s.organization));
        let into = |workers: &mut Option<Worker>| {
            if let (Actor::Person { subject, occasion, .. }, Some(standing)) = (actor, standing) {
                let new = || Worker { subject: subject.clone(), organizations: BTreeSet::new(), led: BTreeSet::new(), at: occasion.at };
                let worker = workers.get_or_insert_with(new);
                worker.organizations.insert(standing.organization);
                worker.led.extend(leads_cases(standing.role).then_some(standing.organization));
            }
        };
        match scope {
            Scope::Nothing => {}
            Scope::Public => self.public = true,
            Scope::Personal => {
                self.public = true;
                self.subject = actor.subject().map(str::to_owned);
            }
            Scope::Related => into(&mut self.related),
            Scope::Entrusted => into(&mut self.entrusted),
            Scope::Addressed => into(&mut self.addressed),
            Scope::Managed => {
                into(&mut self.entrusted);
                into(&mut self.addressed);
            }
            Scope::Handled => {
                into(&mut self.related);
                into(&mut self.addressed);
            }
            Scope::Own => self.organizations.extend(organization),
            Scope::Network => self.networks.extend(network),
            Scope::Everything => self.everything = true,
        }
    }

    /// The same at another moment: what has ended by then is out of reach.
    #[must_use]
    pub fn at(mut self, moment: DateTime<Utc>) -> Self {
        for worker in [&mut self.related, &mut self.entrusted, &mut self.addressed].into_iter().flatten() {
            worker.at = moment;
        }
        self
    }

    /// A row of this network and organisation is reached (beyond what is public).
    #[must_use]
    pub fn covers(&self, network: NetworkId, organization: Option<OrganizationId>) -> bool {
        self.everything || self.networks.contains(&network) || organization.is_some_and(|o| self.organizations.contains(&o))
    }

    /// No row at all is reached.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The rows that `actor` reaches for `action` on `resource`.
#[must_use]
pub fn reach(actor: &Actor, action: Action, resource: Resource) -> Reach {
    let mut reach = Reach::default();
    reach.add(scope(Party::Anyone, action, resource), actor, None);
    if matches!(actor, Actor::System) {
        reach.add(scope(Party::System, action, resource), actor, None);
    }
    for standing in actor.standings().iter().filter(|s| counts(actor, s.role, resource)) {
        reach.add(scope(Party::In(standing.role), action, resource), actor, Some(standing));
    }
    reach
}

/// A role counts for data about clients only under a purpose that fits it.
fn counts(actor: &Actor, role: Role, resource: Resource) -> bool {
    !resource.is_about_clients() || actor.occasion().and_then(|o| o.purpose).is_some_and(|purpose| purpose.opens_clients() && purpose.fits(role))
}

/// Those who are told in coarse form how far a case has come that has arisen from what their organisation has sent: it keeps the responsibility for the
/// process (prosessivastuu), and so whoever handles its referrals follows them, without any part in the case itself. For which cases the client's consent
/// or a law lets them be told, the table of cases says.
#[must_use]
pub fn follows_cases(actor: &Actor) -> Option<Worker> {
    reach(actor, Action::Read, Resource::Referral).addressed
}

/// The actor could reach rows by a role, if only a purpose that fits it were named.
#[must_use]
pub fn lacks_purpose(actor: &Actor, action: Action, resource: Resource) -> bool {
    let without = |s: &Standing| !counts(actor, s.role, resource) && scope(Party::In(s.role), action, resource) != Scope::Nothing;
    let with = |s: &Standing| counts(actor, s.role, resource) && scope(Party::In(s.role), action, resource) != Scope::Nothing;
    actor.standings().iter().any(without) && !actor.standings().iter().any(with)
}

/// What other controllers than the keeper of a client's data see of it, as a table beside [`table`].
#[must_use]
pub fn table_elsewhere() -> String {
    use std::fmt::Write as _;
    let mut out = String::from("| of what is kept elsewhere about a client | resources |\n|---|---|\n");
    for (elsewhere, words) in [
        (Elsewhere::WhoSomebodyIs, "who somebody is: of a client of their own cases, of one whom they have taken on, and as for the register"),
        (Elsewhere::WithOthers, "what has come to themselves or gone on from them, and as for the register"),
        (Elsewhere::Register, "the register: by the client's permission (luovutuslupa), a right by law or an emergency"),
        (Elsewhere::Hidden, "nothing: it is between the client and the keeper"),
    ] {
        let resources: Vec<_> = Resource::ALL.iter().filter(|resource| resource.elsewhere() == elsewhere).map(|resource| format!("{resource:?}")).collect();
        let _ = writeln!(out, "| {words} | {} |", resources.join(", "));
    }
    // Not a row of the case, and not only for authorities: see [`follows_cases`].
    out.push_str("| how far it has come, in coarse form: of a client whom they have sent there, by a consent that covers that or on a law | Case |\n");
    out
}

/// Which care relations open data of special categories, as a table.
#[must_use]
pub fn table_of_special_categories() -> String {
    use std::fmt::Write as _;
    let mut out = String::from("| care relation | data of special categories |\n|---|---|\n");
    for basis in RelationBasis::ALL {
        let _ = writeln!(out, "| {basis:?} | {} |", if basis.opens_special_categories() { "shown" } else { "–" });
    }
    out
}

/// The whole policy as a table, for the documents and for review.
#[must_use]
pub fn table() -> String {
    use std::fmt::Write as _;
    let mut out = String::from("| resource | action | anyone |");
    for role in Role::ALL {
        let _ = write!(out, " {role:?} |");
    }
    let _ = write!(out, "\n|---|---|---|{}\n", "---|".repeat(Role::ALL.len()));
    let word = |scope: Scope| match scope {
        Scope::Nothing => "–".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    for resource in Resource::ALL {
        for action in Action::ALL {
            let _ = write!(out, "| {resource:?} | {action:?} | {} |", word(scope(Party::Anyone, *action, *resource)));
            for role in Role::ALL {
                let _ = write!(out, " {} |", word(scope(Party::In(*role), *action, *resource)));
            }
            out.push('\n');
        }
    }
    out
}
