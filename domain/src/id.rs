//! One type for the id of each kind of thing: an id of the wrong kind does not compile, and an opaque public id of the wrong kind is refused.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

/// An id that names its kind in public.
pub trait Kinded: Copy + From<Uuid> + Into<Uuid> {
    /// The GraphQL type that the id belongs to.
    const KIND: &'static str;

    /// Devices make such things under a UUID of their own, and name them by it before they were answered an id.
    const BY_DEVICE: bool = false;

    /// The opaque public form: kind and UUID, in URL-safe base64.
    #[must_use]
    fn to_public(self) -> String {
        public_id(Self::KIND, self.into())
    }

    /// Reads the public form; an id of another kind, or none at all, is `None`.
    #[must_use]
    fn from_public(text: &str) -> Option<Self> {
        let (kind, uuid) = split_public(text)?;
        (kind == Self::KIND).then(|| uuid.into())
    }

    /// Reads an id as callers give it: the public form or, of what devices make, `uuid:` and the UUID of the device.
    #[must_use]
    fn from_caller(text: &str) -> Option<Self> {
        let by_device = || text.strip_prefix("uuid:").filter(|_| Self::BY_DEVICE).and_then(|uuid| Uuid::try_parse(uuid).ok()).map(Self::from);
        Self::from_public(text).or_else(by_device)
    }
}

/// The opaque public form of an id: kind and UUID, in URL-safe base64.
#[must_use]
pub fn public_id(kind: &str, id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}:{}", id.simple()))
}

/// The kind and the UUID of a public id.
#[must_use]
pub fn split_public(text: &str) -> Option<(String, Uuid)> {
    if text.len() > 120 {
        return None;
    }
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (kind, uuid) = decoded.split_once(':')?;
    let uuid = Uuid::try_parse(uuid).ok().filter(|id| id.simple().to_string() == uuid)?;
    Some((kind.to_owned(), uuid))
}

macro_rules! ids { ($($(#[$meta:meta])* $name:ident = $kind:literal $(by device $by_device:literal)?),* $(,)?) => { $(
    $(#[$meta])*
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
    #[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
    #[serde(transparent)]
    pub struct $name(pub Uuid);
    impl $name {
        /// A new id: UUID version 7, so ids sort by the time they were made.
        #[must_use]
        #[expect(clippy::new_without_default, reason = "a new id is never a default value")]
        pub fn new() -> Self { Self(Uuid::now_v7()) }
    }
    impl Kinded for $name {
        const KIND: &'static str = $kind;
        $(const BY_DEVICE: bool = $by_device;)?
    }
    impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }
    impl From<$name> for Uuid { fn from(id: $name) -> Self { id.0 } }
    impl std::fmt::Display for $name { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) } }
    #[cfg(feature = "orm")]
    impl sea_orm::TryFromU64 for $name {
        fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> { Err(sea_orm::DbErr::ConvertFromU64(stringify!($name))) }
    }
    #[cfg(feature = "graphql")]
    impl async_graphql::InputType for $name {
        type RawValueType = Self;
        fn type_name() -> std::borrow::Cow<'static, str> { "ID".into() }
        fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String { <async_graphql::ID as async_graphql::InputType>::create_type_info(registry) }
        fn parse(value: Option<async_graphql::Value>) -> async_graphql::InputValueResult<Self> {
            match value {
                Some(async_graphql::Value::String(text)) => Self::from_caller(&text).ok_or_else(|| async_graphql::InputValueError::custom(concat!("this is not the id of a ", $kind))),
                other => Err(async_graphql::InputValueError::expected_type(other.unwrap_or_default())),
            }
        }
        fn to_value(&self) -> async_graphql::Value { async_graphql::Value::String(self.to_public()) }
        fn as_raw_value(&self) -> Option<&Self::RawValueType> { Some(self) }
    }
)* } }

ids! {
    /// A network (verkosto): one organiser with its member organisations.
    NetworkId = "Network",
    /// An organisation (organisaatio).
    OrganizationId = "Organization",
    /// A service unit (palveluyksikkö).
    ServiceUnitId = "ServiceUnit",
    /// An area (alue).
    AreaId = "Area",
    /// A venue (tila).
    VenueId = "Venue",
    /// A transport route (kulkureitti).
    TransportRouteId = "TransportRoute",
    /// A service (palvelu).
    ServiceId = "Service",
    /// A service offering (tarjonta).
    ServiceOfferingId = "ServiceOffering",
    /// A session (kerta).
    SessionId = "Session",
    /// A series of sessions (kertasarja).
    SessionSeriesId = "SessionSeries",
    /// A partnership agreement (kumppanuussopimus).
    PartnershipAgreementId = "PartnershipAgreement",
    /// A membership (jäsenyys, käyttövaltuus).
    MembershipId = "Membership",
    /// A person (henkilö).
    PersonId = "Person",
    /// A client (asiakas).
    ClientId = "Client",
    /// A representation (edustus): who acts for a client.
    RepresentationId = "Representation",
    /// A care relation (asiayhteys).
    CareRelationId = "CareRelation",
    /// A consent (suostumus).
    ConsentId = "Consent",
    /// An informing (informointi).
    InformingId = "Informing",
    /// A disclosure permission (luovutuslupa).
    DisclosurePermissionId = "DisclosurePermission",
    /// A disclosure prohibition (kielto).
    DisclosureProhibitionId = "DisclosureProhibition",
    /// Feedback of a client (palaute).
    FeedbackId = "Feedback",
    /// A day of an open drop-in space (avoimen oleskelutilan päivä).
    DropInDayId = "DropInDay" by device true,
    /// An anonymous contact (anonyymi kohtaaminen).
    AnonymousContactId = "AnonymousContact" by device true,
    /// An outreach shift (jalkautuminen).
    OutreachShiftId = "OutreachShift" by device true,
    /// An open event (avoin tapahtuma).
    OpenEventId = "OpenEvent" by device true,
    /// An anonymous handle (nimimerkki).
    AnonymousHandleId = "AnonymousHandle",
    /// A case (asiakkuus).
    CaseId = "Case",
    /// What happened to a case (asiakkuuden tapahtuma).
    CaseEventId = "CaseEvent",
    /// The situation at the start of a case (alkutilanne).
    IntakeBaselineId = "IntakeBaseline",
    /// A substitution (sijaisuus).
    SubstitutionId = "Substitution",
    /// A referral (ohjaus).
    ReferralId = "Referral",
    /// A needs assessment (palvelutarpeen arviointi).
    NeedsAssessmentId = "NeedsAssessment",
    /// A version of a client plan (asiakassuunnitelma).
    ClientPlanId = "ClientPlan",
    /// A goal (tavoite).
    GoalId = "Goal",
    /// A final assessment (loppuarvio).
    FinalAssessmentId = "FinalAssessment",
    /// A service decision (palvelupäätös).
    ServiceDecisionId = "ServiceDecision",
    /// A follow-on path (jatkopolku).
    FollowOnPathId = "FollowOnPath",
    /// An entry of the client's record (asiakaskertomusmerkintä).
    ClientEntryId = "ClientEntry",
    /// A follow-up (seuranta).
    FollowUpId = "FollowUp",
    /// A response to an instrument (mittarin vastaus).
    InstrumentResponseId = "InstrumentResponse",
    /// A network meeting (verkostopalaveri).
    NetworkMeetingId = "NetworkMeeting",
    /// A procurement (hankinta).
    ProcurementId = "Procurement",
    /// A framework contract (puitesopimus).
    FrameworkContractId = "FrameworkContract",
    /// A line of a framework contract (sopimusrivi).
    ContractLineId = "ContractLine",
    /// A version of a rulebook (sääntökirja).
    RulebookId = "Rulebook",
    /// An approval of a provider (palveluntuottajaksi hyväksyminen), or the application for it.
    ProviderApprovalId = "ProviderApproval",
    /// An approved provider as everybody sees it (hyväksytty tuottaja).
    ApprovedProviderId = "ApprovedProvider",
    /// A complaint about a provider (reklamaatio).
    ComplaintId = "Complaint",
    /// A voucher (palveluseteli).
    VoucherId = "Voucher",
    /// A settlement of vouchers (palvelusetelitilitys).
    VoucherSettlementId = "VoucherSettlement",
    /// A purchase order (palvelutilaus).
    PurchaseOrderId = "PurchaseOrder",
    /// A delivery event (toteutuma).
    DeliveryEventId = "DeliveryEvent",
    /// A report of a provider (tuottajan raportti).
    ProviderReportId = "ProviderReport",
    /// A counter of what was ordered by a line in a month.
    DrawdownId = "Drawdown",
    /// An invoice (lasku).
    InvoiceId = "Invoice",
    /// A participation (osallistuminen).
    ParticipationId = "Participation" by device true,
    /// Somebody's attendance at a session (läsnäolo).
    AttendanceId = "Attendance",
    /// A visit with a client (käynti).
    VisitId = "Visit" by device true,
    /// An entry of the use log (käyttölokin merkintä).
    UseLogEntryId = "UseLogEntry",
    /// An entry of the disclosure log (luovutuslokin merkintä).
    DisclosureLogEntryId = "DisclosureLogEntry",
    /// A calendar of one's own.
    CalendarFeedId = "CalendarFeed",
    /// A webhook.
    WebhookId = "Webhook",
    /// A delivery of a webhook (webhook-lähetys).
    WebhookDeliveryId = "WebhookDelivery",
    /// A notice (ilmoitus).
    NoticeId = "Notice",
    /// A request of somebody about the own data (rekisteröidyn pyyntö).
    SubjectRequestId = "SubjectRequest",
    /// A restriction of processing (käsittelyn rajoitus).
    RestrictionId = "Restriction",
    /// A legal hold (säilytysvelvoite).
    LegalHoldId = "LegalHold",
    /// An entry of the destruction log (hävittämislokin merkintä).
    DestructionId = "Destruction",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_id_comes_back_only_as_its_own_kind() {
        let id = ServiceId::new();
        assert_eq!(ServiceId::from_public(&id.to_public()), Some(id));
        assert_eq!(VenueId::from_public(&id.to_public()), None);
    }

    #[test]
    fn what_a_device_has_made_is_named_by_its_uuid() {
        let id = OutreachShiftId::new();
        assert_eq!(OutreachShiftId::from_caller(&format!("uuid:{id}")), Some(id));
        assert_eq!(OutreachShiftId::from_caller(&id.to_public()), Some(id));
        assert_eq!(ClientId::from_caller(&format!("uuid:{id}")), None, "clients are not made by devices");
        assert_eq!(OutreachShiftId::from_caller("uuid:1"), None);
    }

    #[test]
    fn junk_is_no_id() {
        for junk in ["", "x", "Nope:1", "Tm9wZTox", "-1", "'; DROP TABLE service; --", &"9".repeat(400)] {
            assert_eq!(split_public(junk), None, "{junk}");
        }
    }
}
