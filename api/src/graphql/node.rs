//! Any thing by its id.
use super::{
    Asked,
    access::{DisclosureLogEntry, Membership, Notice, UseLogEntry, Webhook, WebhookDelivery},
    casework::{
        Case, CaseEvent, ClientEntry, ClientPlan, Feedback, FinalAssessment, FollowOnPath, FollowUp, Goal, Instrument, InstrumentResponse, IntakeBaseline,
        NeedsAssessment, NetworkMeeting, Referral, ServiceDecision, Substitution, instrument_by_id,
    },
    catalogue::{
        Area, Network, Organization, PartnershipAgreement, Service, ServiceMapEntry, ServiceOffering, ServiceUnit, Session, SessionSeries, TransportRoute,
        Venue,
    },
    code::{self, Code, CodeList},
    delivery::{Attendance, Participation, Visit},
    funding::{
        ApprovedProvider, Complaint, ContractLine, DeliveryEvent, FrameworkContract, Invoice, Procurement, ProviderApproval, ProviderReport, PurchaseOrder,
        Rulebook, Voucher, VoucherSettlement,
    },
    outreach::{AnonymousContact, AnonymousHandle, DropInDay, OpenEvent, OutreachShift},
    page::Edition,
    person::{
        CareRelation, Client, Consent, Destruction, DisclosurePermission, DisclosureProhibition, Informing, LegalHold, Person, Representation, Restriction,
        SubjectRequest, client_by_id,
    },
};
use crate::{
    act::funding::complaint::is_known,
    caller::Caller,
    error::{Error, Result},
};
use async_graphql::{Context, ID, Interface, Object};
use domain::id::{ClientId, ServiceOfferingId, split_public};
use entity::{
    access::{destruction, disclosure_log_entry, membership, notice, use_log_entry, webhook, webhook_delivery},
    casework as cases, catalogue as tables, delivery as given, funding as bought, outreach as open, person as people,
};
use std::sync::Arc;
use uuid::Uuid;

/// A thing with an opaque id of its own (Relay's global object identification).
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Opaque id."))]
pub enum Node {
    /// An anonymous contact.
    AnonymousContact(AnonymousContact),
    /// An anonymous handle.
    AnonymousHandle(AnonymousHandle),
    /// An area.
    Area(Area),
    /// A care relation.
    CareRelation(CareRelation),
    /// A case.
    Case(Case),
    /// What happened to a case.
    CaseEvent(CaseEvent),
    /// A client.
    Client(Client),
    /// An entry of a client's record.
    ClientEntry(ClientEntry),
    /// A version of a client plan.
    ClientPlan(ClientPlan),
    /// A code.
    Code(Code),
    /// A code list.
    CodeList(CodeList),
    /// A consent.
    Consent(Consent),
    /// An entry of the destruction log.
    Destruction(Destruction),
    /// An entry of the disclosure log.
    DisclosureLogEntry(DisclosureLogEntry),
    /// Attendance at a session.
    Attendance(Attendance),
    /// An approved provider.
    ApprovedProvider(ApprovedProvider),
    /// A version of a rulebook.
    Rulebook(Rulebook),
    /// An approval of a provider, or the application for it.
    ProviderApproval(ProviderApproval),
    /// A voucher.
    Voucher(Voucher),
    /// A complaint about a provider.
    Complaint(Complaint),
    /// A line of a framework contract.
    ContractLine(ContractLine),
    /// A framework contract.
    FrameworkContract(FrameworkContract),
    /// An invoice.
    Invoice(Invoice),
    /// A settlement of vouchers.
    VoucherSettlement(VoucherSettlement),
    /// A procurement.
    Procurement(Procurement),
    /// A disclosure permission.
    DisclosurePermission(DisclosurePermission),
    /// A disclosure prohibition.
    DisclosureProhibition(DisclosureProhibition),
    /// A day of an open drop-in space.
    DropInDay(DropInDay),
    /// Feedback of a client.
    Feedback(Feedback),
    /// That a client was informed.
    Informing(Informing),
    /// The situation at the start of a case.
    IntakeBaseline(IntakeBaseline),
    /// A final assessment.
    FinalAssessment(FinalAssessment),
    /// A service decision.
    ServiceDecision(ServiceDecision),
    /// A purchase order.
    PurchaseOrder(PurchaseOrder),
    /// A delivery event.
    DeliveryEvent(DeliveryEvent),
    /// A report of a provider.
    ProviderReport(ProviderReport),
    /// A follow-on path.
    FollowOnPath(FollowOnPath),
    /// A follow-up.
    FollowUp(FollowUp),
    /// A goal.
    Goal(Goal),
    /// An instrument.
    Instrument(Instrument),
    /// A response to an instrument.
    InstrumentResponse(InstrumentResponse),
    /// A legal hold.
    LegalHold(LegalHold),
    /// A membership.
    Membership(Membership),
    /// A needs assessment.
    NeedsAssessment(NeedsAssessment),
    /// A network.
    Network(Network),
    /// A network meeting.
    NetworkMeeting(NetworkMeeting),
    /// A notice.
    Notice(Notice),
    /// An open event.
    OpenEvent(OpenEvent),
    /// An organisation.
    Organization(Organization),
    /// An outreach shift.
    OutreachShift(OutreachShift),
    /// A partnership agreement.
    PartnershipAgreement(PartnershipAgreement),
    /// A participation.
    Participation(Participation),
    /// A visit with a client.
    Visit(Visit),
    /// Who a client is.
    Person(Person),
    /// A referral.
    Referral(Referral),
    /// A representation.
    Representation(Representation),
    /// A restriction of processing.
    Restriction(Restriction),
    /// A service.
    Service(Service),
    /// A find on the service map.
    ServiceMapEntry(ServiceMapEntry),
    /// An offering.
    ServiceOffering(ServiceOffering),
    /// A service unit.
    ServiceUnit(ServiceUnit),
    /// A session.
    Session(Session),
    /// A series of sessions.
    SessionSeries(SessionSeries),
    /// A request about one's data.
    SubjectRequest(SubjectRequest),
    /// A substitution.
    Substitution(Substitution),
    /// A transport route.
    TransportRoute(TransportRoute),
    /// An entry of the use log.
    UseLogEntry(UseLogEntry),
    /// A venue.
    Venue(Venue),
    /// A webhook.
    Webhook(Webhook),
    /// A delivery of a webhook.
    WebhookDelivery(WebhookDelivery),
}

/// The thing of this kind with this id as everybody sees it; `None` when it is not public.
pub fn public(caller: &Caller, kind: &str, id: Uuid) -> Option<Node> {
    let s = &caller.catalogue();
    match kind {
        "ApprovedProvider" => ApprovedProvider::of(caller, id).map(Node::ApprovedProvider),
        "Network" => s.networks.get(id).map(|row| Node::Network(Network(Arc::clone(row)))),
        "Organization" => s.organizations.get(id).map(|row| Node::Organization(Organization(Arc::clone(row)))),
        "ServiceUnit" => s.units.get(id).map(|row| Node::ServiceUnit(ServiceUnit(Arc::clone(row)))),
        "Area" => s.areas.get(id).map(|row| Node::Area(Area(Arc::clone(row)))),
        "Venue" => s.venues.get(id).map(|row| Node::Venue(Venue(Arc::clone(row)))),
        "TransportRoute" => s.routes.get(id).map(|row| Node::TransportRoute(TransportRoute(Arc::clone(row)))),
        "Service" => s.services.get(id).map(|row| Node::Service(Service { row: Arc::clone(row), edition: Edition::Published })),
        "ServiceOffering" => s.offerings.get(id).map(|row| Node::ServiceOffering(ServiceOffering { row: Arc::clone(row), edition: Edition::Published })),
        "Session" => s.sessions.get(id).map(|row| Node::Session(Session(Arc::clone(row)))),
        "SessionSeries" => s.series.get(id).map(|row| Node::SessionSeries(SessionSeries { row: Arc::clone(row), edition: Edition::Published })),
        "ServiceMapEntry" => ServiceMapEntry::of(s, ServiceOfferingId(id)).map(Node::ServiceMapEntry),
        "Code" => code::code_by_id(id).map(Node::Code),
        "CodeList" => code::list_by_id(id).map(Node::CodeList),
        "Instrument" => instrument_by_id(id).map(Node::Instrument),
        _ => None,
    }
}

/// The thing of this kind with this id: as everybody sees it, or as the caller may; the answer for a hidden one is the same as for none.
async fn find(caller: &Caller, kind: &str, id: Uuid) -> Result<Option<Node>> {
    if let Some(node) = public(caller, kind, id) {
        return Ok(Some(node));
    }
    Ok(match kind {
        "Venue" => caller.load::<tables::venue::Entity>(id).await?.map(|row| Node::Venue(row.into())),
        "Session" => caller.load::<tables::session::Entity>(id).await?.map(|row| Node::Session(row.into())),
        "SessionSeries" => caller.load::<tables::session_series::Entity>(id).await?.map(|row| Node::SessionSeries(row.into())),
        "Service" => caller.load::<tables::service::Entity>(id).await?.map(|row| Node::Service(row.into())),
        "ServiceOffering" => caller.load::<tables::service_offering::Entity>(id).await?.map(|row| Node::ServiceOffering(row.into())),
        "PartnershipAgreement" => caller.load::<tables::partnership_agreement::Entity>(id).await?.map(|row| Node::PartnershipAgreement(row.into())),
        "AnonymousContact" => caller.load::<open::anonymous_contact::Entity>(id).await?.map(|row| Node::AnonymousContact(row.into())),
        "AnonymousHandle" => caller.load::<open::anonymous_handle::Entity>(id).await?.map(|row| Node::AnonymousHandle(row.into())),
        "DropInDay" => caller.load::<open::drop_in_day::Entity>(id).await?.map(|row| Node::DropInDay(row.into())),
        "OpenEvent" => caller.load::<open::open_event::Entity>(id).await?.map(|row| Node::OpenEvent(row.into())),
        "OutreachShift" => caller.load::<open::outreach_shift::Entity>(id).await?.map(|row| Node::OutreachShift(row.into())),
        "Client" => client_by_id(caller, ClientId(id)).await?.map(Node::Client),
        "Person" => caller.load::<people::person::Entity>(id).await?.map(|row| Node::Person(row.into())),
        "Representation" => caller.load::<people::representation::Entity>(id).await?.map(|row| Node::Representation(row.into())),
        "CareRelation" => caller.load::<people::care_relation::Entity>(id).await?.map(|row| Node::CareRelation(row.into())),
        "Informing" => caller.load::<people::informing::Entity>(id).await?.map(|row| Node::Informing(row.into())),
        "DisclosurePermission" => caller.load::<people::disclosure_permission::Entity>(id).await?.map(|row| Node::DisclosurePermission(row.into())),
        "DisclosureProhibition" => caller.load::<people::disclosure_prohibition::Entity>(id).await?.map(|row| Node::DisclosureProhibition(row.into())),
        "Consent" => caller.load::<people::consent::Entity>(id).await?.map(|row| Node::Consent(row.into())),
        "SubjectRequest" => caller.load::<people::subject_request::Entity>(id).await?.map(|row| Node::SubjectRequest(row.into())),
        "Restriction" => caller.load::<people::restriction::Entity>(id).await?.map(|row| Node::Restriction(row.into())),
        "LegalHold" => caller.load::<people::legal_hold::Entity>(id).await?.map(|row| Node::LegalHold(row.into())),
        "Destruction" => caller.load::<destruction::Entity>(id).await?.map(|row| Node::Destruction(row.into())),
        "Referral" => caller.load::<cases::referral::Entity>(id).await?.map(|row| Node::Referral(row.into())),
        "Case" => caller.load::<cases::case::Entity>(id).await?.map(|row| Node::Case(row.into())),
        "CaseEvent" => caller.load::<cases::case_event::Entity>(id).await?.map(|row| Node::CaseEvent(row.into())),
        "IntakeBaseline" => caller.load::<cases::intake_baseline::Entity>(id).await?.map(|row| Node::IntakeBaseline(row.into())),
        "Substitution" => caller.load::<cases::substitution::Entity>(id).await?.map(|row| Node::Substitution(row.into())),
        "ClientPlan" => caller.load::<cases::client_plan::Entity>(id).await?.map(|row| Node::ClientPlan(row.into())),
        "FinalAssessment" => caller.load::<cases::final_assessment::Entity>(id).await?.map(|row| Node::FinalAssessment(row.into())),
        "ServiceDecision" => caller.load::<cases::service_decision::Entity>(id).await?.map(|row| Node::ServiceDecision(row.into())),
        "Visit" => caller.load::<given::visit::Entity>(id).await?.map(|row| Node::Visit(row.into())),
        "Participation" => caller.load::<given::participation::Entity>(id).await?.map(|row| Node::Participation(row.into())),
        "Attendance" => caller.load::<given::attendance::Entity>(id).await?.map(|row| Node::Attendance(row.into())),
        "Procurement" => caller.load::<bought::procurement::Entity>(id).await?.map(|row| Node::Procurement(row.into())),
        "ProviderReport" => caller.load::<bought::provider_report::Entity>(id).await?.map(|row| Node::ProviderReport(row.into())),
        "DeliveryEvent" => caller.load::<bought::delivery_event::Entity>(id).await?.map(|row| Node::DeliveryEvent(row.into())),
        "Rulebook" => caller.load::<bought::rulebook::Entity>(id).await?.map(|row| Node::Rulebook(row.into())),
        "ProviderApproval" => caller.load::<bought::provider_approval::Entity>(id).await?.map(|row| Node::ProviderApproval(row.into())),
        "Voucher" => caller.load::<bought::voucher::Entity>(id).await?.map(|row| Node::Voucher(row.into())),
        "Complaint" => caller.load::<bought::complaint::Entity>(id).await?.filter(|row| is_known(caller, row)).map(|row| Node::Complaint(row.into())),
        "PurchaseOrder" => caller.load::<bought::purchase_order::Entity>(id).await?.map(|row| Node::PurchaseOrder(row.into())),
        "FrameworkContract" => caller.load::<bought::framework_contract::Entity>(id).await?.map(|row| Node::FrameworkContract(row.into())),
        "Invoice" => caller.load::<bought::invoice::Entity>(id).await?.map(|row| Node::Invoice(row.into())),
        "VoucherSettlement" => caller.load::<bought::voucher_settlement::Entity>(id).await?.map(|row| Node::VoucherSettlement(row.into())),
        "ContractLine" => caller.load::<bought::contract_line::Entity>(id).await?.map(|row| Node::ContractLine(row.into())),
        "FollowOnPath" => caller.load::<cases::follow_on_path::Entity>(id).await?.map(|row| Node::FollowOnPath(row.into())),
        "Goal" => caller.load::<cases::goal::Entity>(id).await?.map(|row| Node::Goal(row.into())),
        "NeedsAssessment" => caller.load::<cases::needs_assessment::Entity>(id).await?.map(|row| Node::NeedsAssessment(row.into())),
        "ClientEntry" => caller.load::<cases::client_entry::Entity>(id).await?.map(|row| Node::ClientEntry(row.into())),
        "FollowUp" => caller.load::<cases::follow_up::Entity>(id).await?.map(|row| Node::FollowUp(row.into())),
        "InstrumentResponse" => caller.load::<cases::instrument_response::Entity>(id).await?.map(|row| Node::InstrumentResponse(row.into())),
        "NetworkMeeting" => caller.load::<cases::network_meeting::Entity>(id).await?.map(|row| Node::NetworkMeeting(row.into())),
        "Feedback" => caller.load::<cases::feedback::Entity>(id).await?.map(|row| Node::Feedback(row.into())),
        "Notice" => caller.load::<notice::Entity>(id).await?.map(|row| Node::Notice(row.into())),
        "UseLogEntry" => caller.load::<use_log_entry::Entity>(id).await?.map(|row| Node::UseLogEntry(row.into())),
        "DisclosureLogEntry" => caller.load::<disclosure_log_entry::Entity>(id).await?.map(|row| Node::DisclosureLogEntry(row.into())),
        "Webhook" => caller.load::<webhook::Entity>(id).await?.map(|row| Node::Webhook(row.into())),
        "WebhookDelivery" => caller.load::<webhook_delivery::Entity>(id).await?.map(|row| Node::WebhookDelivery(row.into())),
        "Membership" => caller.load::<membership::Entity>(id).await?.map(|row| Node::Membership(row.into())),
        _ => None,
    })
}

/// Questions by id.
#[derive(Default)]
pub struct NodeQuery;

/// Questions by id.
#[Object]
impl NodeQuery {
    /// Any thing by its id; null when there is none, or it is not yours to see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ID) -> Result<Option<Node>> {
        match split_public(&id) {
            Some((kind, id)) => find(ctx.caller(), &kind, id).await,
            None => Ok(None),
        }
    }
    /// Many things by their ids, at most 100, in the same order; null for each that there is not, or that is not yours to see.
    async fn nodes(&self, ctx: &Context<'_>, #[graphql(desc = "Their ids.")] ids: Vec<ID>) -> Result<Vec<Option<Node>>> {
        if ids.len() > 100 {
            return Err(Error::PageSizeTooLarge(100));
        }
        let each = ids.iter().map(|id| async move {
            match split_public(id) {
                Some((kind, id)) => find(ctx.caller(), &kind, id).await,
                None => Ok(None),
            }
        });
        futures_util::future::try_join_all(each).await
    }
}
