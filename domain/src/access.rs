//! Memberships: who has which role in which organisation, and from when to when.
use crate::{
    actor::Role,
    catalogue::organization::OrganizationKind,
    id::OrganizationId,
    policy::works_with_clients,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::NaiveDate;

/// What an administrator says when granting a membership (käyttövaltuus).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Grant {
    /// The stable key of the person or machine: issuer and subject.
    pub subject: String,
    /// The organisation.
    pub organization: OrganizationId,
    /// The role.
    pub role: Role,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day, where it is known.
    pub valid_to: Option<NaiveDate>,
}

impl Grant {
    /// The grant makes sense: a subject, a real period, and administrators only at the organiser.
    ///
    /// # Errors
    /// One rejection for each fault.
    pub fn check(&self, organizer: OrganizationId, kind: OrganizationKind) -> Result<(), Rejections> {
        let mut out = Rejections::default();
        text::check(&self.subject, &["subject"], 300, &mut out);
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            out.add(Code::DateOrder, &["validTo"]);
        }
        // Whoever works with the client register works for an authority.
        if works_with_clients(self.role) && !kind.is_authority() {
            out.add(Code::Invalid, &["role"]);
        }
        if self.role == Role::Admin && self.organization != organizer {
            out.add(Code::Invalid, &["role"]);
        }
        out.into_result()
    }
}

vocabulary! {
    /// On what basis data about somebody was read or disclosed (käytön tai luovutuksen peruste).
    pub enum LogBasis ["log-basis"] {
        /// By the one it is about, or somebody who acts for that one (omat tiedot).
        Own,
        /// A care relation: taking up the matter.
        Intake,
        /// A care relation: the case.
        Case,
        /// Handling a referral that was sent to one's organisation, or that one has sent.
        ReferralHandling,
        /// The statutory right to information.
        StatutoryInfo,
        /// An emergency.
        BreakGlass,
        /// An order of a service that is bought, or a voucher: the provider acts for the organisation that arranges the service.
        Order,
        /// A consent.
        Consent,
        /// A disclosure permission for a sector (luovutuslupa).
        Permission,
        /// A duty of one's office: supervision, data protection, keeping the memberships.
        Office,
        /// None: the reading was refused.
        Nothing,
    }
}

vocabulary! {
    /// Whether what was asked for was shown (käytön tulos).
    pub enum UseOutcome ["use-outcome"] {
        /// It was shown.
        Shown,
        /// It was refused.
        Denied,
    }
}

vocabulary! {
    /// What a notice tells (ilmoituksen laji).
    pub enum NoticeKind ["notice-kind"] {
        /// A referral has come (ohjaus on tullut).
        ReferralSent,
        /// The recipient asks for more (lisätietoja pyydetään).
        ReferralInfoRequested,
        /// What was asked has been answered (lisätiedot annettu).
        ReferralInfoSupplied,
        /// The recipient takes the client on (ohjaus hyväksytty).
        ReferralAccepted,
        /// The recipient does not take the client on (ohjausta ei oteta vastaan).
        ReferralDeclined,
        /// A referral was passed on (ohjattu edelleen).
        ReferralRedirected,
        /// A referral was withdrawn; what it carried is not to be read any more (ohjaus peruttu).
        ReferralWithdrawn,
        /// Nobody acknowledged a referral in time (ohjaus vanhentunut).
        ReferralExpired,
        /// The recipient has told what became of an accepted referral (ohjauksen tulos).
        ReferralOutcomeReported,
        /// A consent was withdrawn (suostumus peruttu).
        ConsentWithdrawn,
        /// Somebody has opened a client's data in an emergency (hätäkäyttö).
        EmergencyAccess,
        /// Somebody has opened a client's data by a statutory right (lakisääteinen tiedonsaanti).
        StatutoryAccess,
        /// A case has been handed over to you (asiakkuus siirretty).
        CaseHandedOver,
        /// A deadline of a case of yours is near, or has passed (määräaika lähestyy).
        DeadlineApproaching,
        /// A restriction of processing is about to end; the client is told before (käsittelyn rajoitus päättyy).
        RestrictionEnding,
        /// Restricted data is processed on an exceptional ground (rajoitettuja tietoja käsitellään).
        RestrictedDataProcessed,
        /// Somebody asks something of the own data (rekisteröidyn pyyntö).
        SubjectRequestMade,
        /// The time for the answer to such a request was extended (määräaikaa jatkettu).
        SubjectRequestExtended,
        /// Such a request was answered (pyyntöön vastattu).
        SubjectRequestDecided,
        /// A client plan has been shown to you for your word on it (suunnitelma on nähtävänäsi).
        PlanShared,
        /// The client has commented on a plan (asiakas on kommentoinut suunnitelmaa).
        PlanCommented,
        /// The client has agreed to a plan, or dissented (asiakas on ottanut kantaa suunnitelmaan).
        PlanAnswered,
        /// A final assessment has been shown to you for your word on it (loppuarvio on nähtävänäsi).
        FinalAssessmentShared,
        /// The client has answered a final assessment (asiakas on vastannut loppuarvioon).
        FinalAssessmentAnswered,
        /// Two clients were found to be one human being and merged (asiakkaat yhdistetty).
        ClientsMerged,
        /// A client of yours has prohibited a disclosure (luovutuskielto).
        DisclosureProhibited,
        /// A place is proposed to you (osallistumista ehdotettu).
        ParticipationProposed,
        /// A place has come free for you, and is held for a while (paikka vapautunut).
        PlaceFree,
        /// A client has been absent three times in a row (toistuvia poissaoloja).
        RepeatedAbsence,
        /// Nobody has checked out of a visit by the planned time (käynniltä ei ole kirjauduttu ulos).
        VisitOverdue,
        /// Nobody has come back from an outreach shift, or said that all is well, by the planned time (jalkautumiselta ei ole palattu).
        ShiftOverdue,
        /// You go on in another group (siirretty toiseen ryhmään).
        ParticipationTransferred,
        /// A session for which you have registered is cancelled (kerta on peruttu).
        SessionCancelled,
        /// A session for which you have registered is at another time or place (kerta on siirretty).
        SessionMoved,
        /// A service decision has been served on you (palvelupäätös on annettu tiedoksi).
        DecisionServed,
        /// A client has asked for rectification of a decision (oikaisuvaatimus on tehty).
        RectificationRequested,
        /// A decision of yours was taken back, or its rectification has come to an end (päätös on muuttunut).
        DecisionChanged,
        /// A service is ordered of your organisation (palvelutilaus on tullut).
        OrderPlaced,
        /// The provider gives an ordered service (tuottaja on vahvistanut tilauksen).
        OrderConfirmed,
        /// The provider does not give an ordered service; procurement is told by which contract (tuottaja on hylännyt tilauksen).
        OrderRejected,
        /// An order was not answered in the time of the contract (tilaukseen ei vastattu ajoissa).
        OrderExpired,
        /// An order was taken back; what it told of the client is not to be read any more (tilaus on peruttu).
        OrderCancelled,
        /// An ordered service has begun, paused, gone on or ended (tilatun palvelun vaihe on muuttunut).
        OrderMoved,
        /// You have been given a voucher (sinulle on myönnetty palveluseteli).
        VoucherIssued,
        /// A client has refused a voucher: the service is to be arranged in another way (asiakas on kieltäytynyt palvelusetelistä).
        VoucherRefused,
        /// A client has chosen your organisation with a voucher (asiakas on valinnut organisaationne).
        VoucherChosen,
        /// A voucher of yours has moved on (palvelusetelin vaihe on muuttunut).
        VoucherMoved,
        /// A client uses a voucher with your organisation no more; what it told of the client is not to be read any more (palveluseteli ei ole enää käytössä).
        VoucherEnded,
        /// A voucher was refused some time ago, and nothing is arranged in its place (palvelusetelistä kieltäytyneen palvelu on järjestämättä).
        VoucherAlternativeDue,
        /// Those who order do not accept a delivery as it is (toteutuma on riitautettu).
        DeliveryDisputed,
        /// A disputed delivery was corrected or taken back (riitautettu toteutuma on korjattu tai mitätöity).
        DeliveryAnswered,
        /// Those who order ask for a report (raporttia pyydetään).
        ReportRequested,
        /// A report is due soon, or late (raportin määräaika lähestyy tai on ohi).
        ReportDue,
        /// The provider has given a report (raportti on toimitettu).
        ReportSubmitted,
        /// A report was given back to the provider (raportti on palautettu).
        ReportReturned,
        /// A provider has applied for approval, asks for another price, or gives its approval up (tuottajahakemus on tullut).
        ApprovalSubmitted,
        /// Your organisation's approval as a provider, or the application for it, has moved on (tuottajahyväksyntä on muuttunut).
        ApprovalMoved,
        /// A provider was complained of: procurement is to take it up (palveluntuottajasta on tehty reklamaatio).
        ComplaintReported,
        /// Your organisation is to answer to a complaint (reklamaatioon pyydetään vastausta).
        ComplaintAsked,
        /// The provider has told what is done about a complaint (reklamaatioon on vastattu).
        ComplaintAnswered,
        /// A complaint that you have reported, or that your organisation has answered, has moved on (reklamaation vaihe on muuttunut).
        ComplaintMoved,
        /// The next step of a complaint is due soon, or late (reklamaation määräaika lähestyy tai on ohi).
        ComplaintDue,
        /// It is time to look whether a client has come and stayed where a follow-on path leads, or soon too late (jatkopolku on varmistettava).
        PathVerificationDue,
        /// A service that a client plan in force names was withdrawn (asiakassuunnitelman palvelu on poistunut).
        PlanServiceWithdrawn,
        /// A contract of your organisation was put before its provider, signed, prolonged, suspended or ended, or a price of it has changed (puitesopimus on muuttunut).
        ContractMoved,
        /// An invoice by a contract of your organisation has come, or has moved on (lasku on saapunut tai sen vaihe on muuttunut).
        InvoiceMoved,
        /// Nothing arrives at a webhook of your organisation any more, and nothing is sent (webhook on poistettu käytöstä).
        WebhookDisabled,
    }
}
