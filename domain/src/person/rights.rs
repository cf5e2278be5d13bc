//! The rights of those whom data is about (rekisteröidyn oikeudet): what they are shown, what they ask, and how processing is restricted.
//! Source: General Data Protection Regulation (EU) 2016/679, articles 12 to 22.
use crate::{
    machine::machine,
    policy::Resource,
    rejection::{Code, Rejection, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What a record about somebody is (tietojen laji): one for each table in which something is kept about a client.
    pub enum RecordKind ["record-kind"] {
        /// The client (asiakas).
        Client,
        /// Who the client is (henkilötiedot).
        Person,
        /// Who acts for the client (edustus).
        Representation,
        /// What opens the client's data to a worker (asiayhteys).
        CareRelation,
        /// A consent (suostumus).
        Consent,
        /// That the client was informed (informointi).
        Informing,
        /// A disclosure permission (luovutuslupa).
        DisclosurePermission,
        /// A disclosure prohibition (luovutuskielto).
        DisclosureProhibition,
        /// A referral (ohjaus).
        Referral,
        /// A case (asiakkuus).
        Case,
        /// What happened to a case (asiakkuuden tapahtuma).
        CaseEvent,
        /// The situation at the start of a case (alkutilanne).
        IntakeBaseline,
        /// A needs assessment (palvelutarpeen arviointi).
        NeedsAssessment,
        /// A version of a client plan (asiakassuunnitelma).
        ClientPlan,
        /// A goal (tavoite).
        Goal,
        /// A final assessment (loppuarvio).
        FinalAssessment,
        /// A service decision (palvelupäätös).
        ServiceDecision,
        /// A purchase order (palvelutilaus).
        PurchaseOrder,
        /// A voucher (palveluseteli).
        Voucher,
        /// A complaint about a provider (reklamaatio).
        Complaint,
        /// A delivery event (toteutuma).
        DeliveryEvent,
        /// A report of a provider (tuottajan raportti).
        ProviderReport,
        /// A follow-on path (jatkopolku).
        FollowOnPath,
        /// An entry of the record (asiakaskertomusmerkintä).
        ClientEntry,
        /// A follow-up (seuranta).
        FollowUp,
        /// A response to an instrument (mittarin vastaus).
        InstrumentResponse,
        /// A network meeting (verkostopalaveri).
        NetworkMeeting,
        /// Feedback (palaute).
        Feedback,
        /// A participation in a service (osallistuminen).
        Participation,
        /// Attendance at a session (läsnäolo).
        Attendance,
        /// A visit with a client (käynti).
        Visit,
        /// A request about one's data (rekisteröidyn pyyntö).
        SubjectRequest,
        /// A restriction of processing (käsittelyn rajoitus).
        Restriction,
        /// A legal hold (säilytysvelvoite).
        LegalHold,
        /// An entry of the use log (käyttölokin merkintä).
        UseLogEntry,
        /// An entry of the disclosure log (luovutuslokin merkintä).
        DisclosureLogEntry,
        /// A notice (ilmoitus).
        Notice,
        /// A membership (käyttövaltuus).
        Membership,
        /// A calendar of one's own (oma kalenteri).
        CalendarFeed,
    }
}

vocabulary! {
    /// On what legal basis something is kept about somebody (käsittelyn oikeusperuste).
    pub enum RecordBasis ["record-basis"] {
        /// A statutory task of the authority (lakisääteinen tehtävä).
        StatutoryDuty,
        /// Consent (suostumus).
        Consent,
        /// The duty to keep logs (lokivelvoite).
        LogDuty,
        /// The rights of the data subject themselves (rekisteröidyn oikeuksien toteuttaminen).
        DataProtection,
        /// Use of the service (palvelun käyttäminen).
        ServiceUse,
    }
}

impl RecordKind {
    /// What the rows of a table are to whom they are about; none for a table in which nothing is about anybody.
    #[must_use]
    pub const fn of(resource: Resource) -> Option<Self> {
        Some(match resource {
            Resource::Client => Self::Client,
            Resource::Person => Self::Person,
            Resource::Representation => Self::Representation,
            Resource::CareRelation => Self::CareRelation,
            Resource::Consent => Self::Consent,
            Resource::Informing => Self::Informing,
            Resource::DisclosurePermission => Self::DisclosurePermission,
            Resource::DisclosureProhibition => Self::DisclosureProhibition,
            Resource::Referral => Self::Referral,
            Resource::Case => Self::Case,
            Resource::CaseEvent => Self::CaseEvent,
            Resource::IntakeBaseline => Self::IntakeBaseline,
            Resource::NeedsAssessment => Self::NeedsAssessment,
            Resource::ClientPlan => Self::ClientPlan,
            Resource::Goal => Self::Goal,
            Resource::FinalAssessment => Self::FinalAssessment,
            Resource::ServiceDecision => Self::ServiceDecision,
            Resource::PurchaseOrder => Self::PurchaseOrder,
            Resource::Voucher => Self::Voucher,
            Resource::Complaint => Self::Complaint,
            Resource::DeliveryEvent => Self::DeliveryEvent,
            Resource::ProviderReport => Self::ProviderReport,
            Resource::FollowOnPath => Self::FollowOnPath,
            Resource::ClientEntry => Self::ClientEntry,
            Resource::FollowUp => Self::FollowUp,
            Resource::InstrumentResponse => Self::InstrumentResponse,
            Resource::NetworkMeeting => Self::NetworkMeeting,
            Resource::Feedback => Self::Feedback,
            Resource::Participation => Self::Participation,
            Resource::Attendance => Self::Attendance,
            Resource::Visit => Self::Visit,
            Resource::SubjectRequest => Self::SubjectRequest,
            Resource::Restriction => Self::Restriction,
            Resource::LegalHold => Self::LegalHold,
            Resource::UseLogEntry => Self::UseLogEntry,
            Resource::DisclosureLogEntry => Self::DisclosureLogEntry,
            Resource::Notice => Self::Notice,
            Resource::Membership => Self::Membership,
            Resource::CalendarFeed => Self::CalendarFeed,
            Resource::Network
            | Resource::Organization
            | Resource::ServiceUnit
            | Resource::Area
            | Resource::Procurement
            | Resource::FrameworkContract
            | Resource::ContractLine
            | Resource::Rulebook
            | Resource::ProviderApproval
            | Resource::Drawdown
            | Resource::Invoice
            | Resource::VoucherSettlement
            | Resource::Venue
            | Resource::TransportRoute
            | Resource::Service
            | Resource::ServiceOffering
            | Resource::Publication
            | Resource::SessionSeries
            | Resource::Session
            | Resource::PartnershipAgreement
            | Resource::AgreementParty
            | Resource::Event
            | Resource::Substitution
            | Resource::Destruction
            | Resource::DropInDay
            | Resource::AnonymousContact
            | Resource::OutreachShift
            | Resource::OpenEvent
            | Resource::AnonymousHandle
            | Resource::Webhook
            | Resource::WebhookDelivery => return None,
        })
    }

    /// On what legal basis it is kept.
    #[must_use]
    pub const fn basis(self) -> RecordBasis {
        match self {
            Self::Consent | Self::InstrumentResponse | Self::Feedback => RecordBasis::Consent,
            Self::UseLogEntry | Self::DisclosureLogEntry => RecordBasis::LogDuty,
            Self::SubjectRequest | Self::Restriction | Self::LegalHold => RecordBasis::DataProtection,
            Self::Notice | Self::Membership | Self::CalendarFeed => RecordBasis::ServiceUse,
            Self::Client
            | Self::Person
            | Self::Representation
            | Self::CareRelation
            // Informing, permission and prohibition: act 703/2023.
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
            | Self::DeliveryEvent
            | Self::ProviderReport
            | Self::FollowOnPath
            | Self::ClientEntry
            | Self::FollowUp
            | Self::NetworkMeeting
            | Self::Participation
            | Self::Attendance
            | Self::Visit
            | Self::Complaint => RecordBasis::StatutoryDuty,
        }
    }
}

/// On what ground something is left out of what a client is shown.
pub const WITHHELD_BASIS: &str =
    "Tietosuoja-asetus (EU) 2016/679, 15 art. 4 kohta ja 23 art.; tietosuojalaki 1050/2018, 34 §; julkisuuslaki 621/1999, 11 § 2 mom.";

vocabulary! {
    /// On what ground processing is restricted (käsittelyn rajoittamisen peruste). Source: GDPR 18(1).
    pub enum RestrictionGround ["restriction-ground"] {
        /// The client contests that the data is correct; for as long as that is looked into (paikkansapitävyys kiistetty).
        AccuracyContested,
        /// Processing is unlawful, and the client does not want erasure (lainvastainen käsittely).
        Unlawful,
        /// The client needs the data for a legal claim (oikeusvaade).
        NeededForClaim,
        /// The client objects; for as long as the grounds are weighed (vastustaminen).
        ObjectionPending,
    }
}

vocabulary! {
    /// On what ground restricted data is processed all the same (rajoitetun tiedon käsittelyn peruste). Source: GDPR 18(2).
    pub enum ExceptionGround ["restriction-exception"] {
        /// The client has consented (asiakkaan suostumus).
        ClientConsent,
        /// A legal claim (oikeusvaade).
        LegalClaim,
        /// Protection of another person's rights (toisen henkilön oikeuksien suojaaminen).
        ProtectionOfAnother,
        /// An important public interest (tärkeä yleinen etu).
        PublicInterest,
    }
}

/// The client is told so many days before a restriction ends (GDPR 18(3) asks that it is before).
pub const TOLD_DAYS_BEFORE: i64 = 7;
/// An exception from a restriction lets one worker write for so many hours.
pub const EXCEPTION_HOURS: i64 = 12;

/// One worker may process restricted data for a while, on a recorded ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// The worker, by the stable key.
    pub subject: String,
    /// On what ground.
    pub ground: ExceptionGround,
    /// The ground in words.
    pub reason: String,
    /// From when.
    pub at: DateTime<Utc>,
}

impl Exception {
    /// When it ends.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.at + TimeDelta::hours(EXCEPTION_HOURS)
    }
}

/// The exceptions from one restriction, as they are kept: sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exceptions(pub Vec<Exception>);

impl Exceptions {
    /// Somebody may process the restricted data at this time.
    #[must_use]
    pub fn allow(&self, subject: &str, now: DateTime<Utc>) -> bool {
        self.0.iter().any(|exception| exception.subject == subject && exception.at <= now && now < exception.until())
    }
}

vocabulary! {
    /// What somebody asks of the data about oneself (rekisteröidyn pyynnön laji).
    pub enum RequestKind ["request-kind"] {
        /// To see it (oikeus saada pääsy tietoihin).
        Access,
        /// To have it mended (oikaiseminen).
        Rectification,
        /// To have it erased (poistaminen).
        Erasure,
        /// To have its processing restricted (käsittelyn rajoittaminen).
        Restriction,
        /// To take along what was given on consent (siirtäminen).
        Portability,
        /// To object (vastustaminen).
        Objection,
    }
}

vocabulary! {
    /// How far a request has come (rekisteröidyn pyynnön tila).
    pub enum RequestState ["request-state"] {
        /// Received (vastaanotettu).
        Received,
        /// The time for the answer was extended (määräaikaa jatkettu).
        Extended,
        /// Done as asked (toteutettu).
        Granted,
        /// Done in part (toteutettu osittain).
        PartlyGranted,
        /// Refused, with the ground (evätty).
        Refused,
        /// Withdrawn by whoever asked (peruttu).
        Withdrawn,
    }
}

machine! {
    /// A move of the machine of requests.
    RequestState as "Request about one's data (rekisteröidyn pyyntö)", pub enum RequestMove {
        /// Extend the time for the answer, once.
        Extend,
        /// Do as asked.
        Grant,
        /// Do it in part.
        GrantPartly,
        /// Refuse.
        Refuse,
        /// Withdraw the request.
        Withdraw,
    }
    Received -- Extend -> Extended;
    Received -- Grant -> Granted;
    Received -- GrantPartly -> PartlyGranted;
    Received -- Refuse -> Refused;
    Received -- Withdraw -> Withdrawn;
    Extended -- Grant -> Granted;
    Extended -- GrantPartly -> PartlyGranted;
    Extended -- Refuse -> Refused;
    Extended -- Withdraw -> Withdrawn;
}

vocabulary! {
    /// Why a request is refused, wholly or in part (pyynnön epäämisen peruste).
    pub enum RefusalGround ["request-refusal"] {
        /// A statutory document must be kept (lakisääteinen asiakirja).
        StatutoryRecord,
        /// The data is correct, or an assessment that the client does not share: the client's statement stays beside it.
        DataIsCorrect,
        /// The rights of others, or an inquiry (toisen oikeudet).
        RightsOfOthers,
        /// Manifestly unfounded or excessive (ilmeisen perusteeton). Source: GDPR 12(5).
        Unfounded,
        /// Whoever asks cannot be identified. Source: GDPR 12(2).
        NotIdentified,
    }
}

impl RequestState {
    /// It waits for an answer.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Extended)
    }

    /// The states in which a request waits for an answer.
    pub const OPEN: [Self; 2] = [Self::Received, Self::Extended];
}

/// The last day of the answer: one month from the request (GDPR 12(3)), and two more where that was extended.
#[must_use]
pub fn answer_due(received: NaiveDate, extended: bool) -> NaiveDate {
    received.checked_add_months(Months::new(if extended { 3 } else { 1 })).unwrap_or(received)
}

/// A decision says why, and why not: what is refused has a ground and words, what is granted needs none.
///
/// # Errors
/// One rejection for each fault.
pub fn check_decision(by: RequestMove, ground: Option<RefusalGround>, words: Option<&str>) -> Result<(), Rejections> {
    let mut out = Rejections::default();
    text::check_some(words, &["words"], 4_000, &mut out);
    let refuses = match by {
        RequestMove::Grant => false,
        RequestMove::GrantPartly | RequestMove::Refuse => true,
        RequestMove::Extend | RequestMove::Withdraw => {
            out.push(Rejection::new(Code::Invalid, &["decision"]));
            return out.into_result();
        }
    };
    if refuses && ground.is_none() {
        out.add(Code::Required, &["ground"]);
    }
    if refuses && words.is_none() {
        out.add(Code::Required, &["words"]);
    }
    if !refuses && ground.is_some() {
        out.add(Code::DoesNotAgree, &["ground"]);
    }
    out.into_result()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn every_table_about_clients_is_a_kind_of_record() {
        for resource in Resource::ALL.iter().filter(|resource| resource.is_about_clients()) {
            assert!(RecordKind::of(*resource).is_some(), "{resource:?}");
        }
    }

    #[test]
    fn an_answer_is_due_in_a_month_and_is_extended_once() {
        let received: NaiveDate = "2026-11-30".parse().unwrap();
        assert_eq!((answer_due(received, false).to_string(), answer_due(received, true).to_string()), ("2026-12-30".into(), "2027-02-28".into()));
        assert_eq!(RequestState::Received.step(RequestMove::Extend), Ok(RequestState::Extended));
        assert!(RequestState::Extended.step(RequestMove::Extend).is_err());
    }

    #[test]
    fn what_is_refused_says_why() {
        assert!(check_decision(RequestMove::Grant, None, None).is_ok());
        assert_eq!(check_decision(RequestMove::Refuse, None, None).unwrap_err().iter().count(), 2);
        assert!(check_decision(RequestMove::Refuse, Some(RefusalGround::DataIsCorrect), Some("Arvio on perusteltu.")).is_ok());
        assert!(check_decision(RequestMove::Grant, Some(RefusalGround::DataIsCorrect), None).is_err());
    }

    #[test]
    fn an_exception_is_one_workers_and_ends() {
        let at: DateTime<Utc> = "2026-11-28T10:00:00Z".parse().unwrap();
        let one = Exception { subject: "w".into(), ground: ExceptionGround::LegalClaim, reason: "Hallinto-oikeus pyysi lausunnon.".into(), at };
        let all = Exceptions(vec![one]);
        assert!(all.allow("w", at) && !all.allow("x", at) && !all.allow("w", at + TimeDelta::hours(EXCEPTION_HOURS)));
    }
}
