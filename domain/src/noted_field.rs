//! What the use log names beside kinds of things: the fields of them that are guarded. A field that is not here cannot be noted, so each has words in which
//! its client is told of it.
use crate::{code::Coded, person::rights::RecordKind, text::Language, vocabulary::vocabulary};

macro_rules! noted {
    ($($(#[$meta:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        vocabulary! {
            /// A field of a client's data whose reading is noted (käyttölokiin merkittävä tieto): what stands in a sealed column, and what tells of special
            /// categories or where somebody is.
            pub enum NotedField ["noted-field"] { $($(#[$meta])* $variant),+ }
        }

        impl NotedField {
            /// As the use log names it: the kind of thing and the field.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

noted! {
    /// First names (etunimet).
    PersonFirstNames = "Person.firstNames",
    /// Last name (sukunimi).
    PersonLastName = "Person.lastName",
    /// First name or alias (kutsumanimi tai nimimerkki).
    PersonAlias = "Person.alias",
    /// Personal identity code (henkilötunnus).
    PersonHetu = "Person.hetu",
    /// Beginning of the personal identity code (henkilötunnuksen alku).
    PersonMaskedHetu = "Person.maskedHetu",
    /// Day of birth (syntymäaika).
    PersonBirthDate = "Person.birthDate",
    /// Gender (sukupuoli).
    PersonGender = "Person.gender",
    /// Language (asiointikieli).
    PersonLanguage = "Person.language",
    /// Need of an interpreter (tulkin tarve).
    PersonNeedsInterpreter = "Person.needsInterpreter",
    /// Municipality of residence (kotikunta).
    PersonMunicipality = "Person.municipality",
    /// Address (osoite).
    PersonAddress = "Person.address",
    /// Telephone number (puhelinnumero).
    PersonPhone = "Person.phone",
    /// E-mail address (sähköpostiosoite).
    PersonEmail = "Person.email",
    /// Non-disclosure for safety (turvakielto).
    PersonProtected = "Person.protected",
    /// Contact details under non-disclosure (turvakiellon alaiset yhteystiedot).
    PersonProtectedContact = "Person.protectedContact",
    /// Disclosure prohibitions (luovutuskiellot).
    ClientDisclosureProhibitions = "Client.disclosureProhibitions",
    /// Reason for merging (yhdistämisen syy).
    ClientMergeReason = "Client.mergeReason",
    /// What goes along (saatetiedot).
    ReferralIntroduction = "Referral.introduction",
    /// Message (viesti).
    ReferralMessage = "Referral.message",
    /// How far the matter has come (asian eteneminen).
    ReferralProgress = "Referral.progress",
    /// Groups that the law hurries (lain kiirehtimät ryhmät).
    CaseGroups = "Case.groups",
    /// Reason for the suspension (keskeytyksen syy).
    CaseSuspensionReason = "Case.suspension.reason",
    /// What was said (mitä sanottiin).
    CaseEventWords = "CaseEvent.words",
    /// Health and hardship (terveys ja kuormitus).
    IntakeBaselineHealth = "IntakeBaseline.health",
    /// Reason for the correction (korjauksen syy).
    IntakeBaselineReason = "IntakeBaseline.reason",
    /// Content of the assessment (arvion sisältö).
    NeedsAssessmentContent = "NeedsAssessment.content",
    /// Health (terveys).
    NeedsAssessmentPartsHealth = "NeedsAssessment.parts.health",
    /// Observations of functioning (ICF) (toimintakyvyn havainnot).
    NeedsAssessmentIcf = "NeedsAssessment.icf",
    /// Reason for no assessment (arvioimatta jättämisen syy).
    NeedsAssessmentReason = "NeedsAssessment.reason",
    /// Content of the plan (suunnitelman sisältö).
    ClientPlanContent = "ClientPlan.content",
    /// The client's word on the plan (asiakkaan kanta suunnitelmaan).
    ClientPlanWords = "ClientPlan.words",
    /// The client's comment (asiakkaan kommentti).
    ClientPlanComment = "ClientPlan.comment",
    /// Note on the review (tarkistuksen kirjaus).
    ClientPlanReviewNote = "ClientPlan.reviewNote",
    /// Content of the goal (tavoitteen sisältö).
    GoalContent = "Goal.content",
    /// Why the goal was moved (tavoitteen muutoksen syy).
    GoalReason = "Goal.reason",
    /// Content of the final assessment (loppuarvion sisältö).
    FinalAssessmentContent = "FinalAssessment.content",
    /// The client's word on the final assessment (asiakkaan kanta loppuarvioon).
    FinalAssessmentWords = "FinalAssessment.words",
    /// Why the client was not heard (miksi asiakasta ei kuultu).
    FinalAssessmentUnheardReason = "FinalAssessment.unheardReason",
    /// Content of the decision (päätöksen sisältö).
    ServiceDecisionContent = "ServiceDecision.content",
    /// Request for rectification (oikaisuvaatimus).
    ServiceDecisionRectification = "ServiceDecision.rectification",
    /// Grounds of the rectification (oikaisun perustelut).
    ServiceDecisionRectificationGrounds = "ServiceDecision.rectificationGrounds",
    /// Why the decision was taken back (peruuttamisen syy).
    ServiceDecisionReason = "ServiceDecision.reason",
    /// Content of the order (tilauksen sisältö).
    PurchaseOrderContent = "PurchaseOrder.content",
    /// What the provider is told (tuottajalle kerrotut tiedot).
    PurchaseOrderIntroduction = "PurchaseOrder.introduction",
    /// Message (viesti).
    PurchaseOrderMessage = "PurchaseOrder.message",
    /// What the provider is told (tuottajalle kerrotut tiedot).
    VoucherIntroduction = "Voucher.introduction",
    /// Why it was refused or taken back (kieltäytymisen tai peruuttamisen syy).
    VoucherReason = "Voucher.reason",
    /// Other arrangement (muu järjestely).
    VoucherAlternative = "Voucher.alternative",
    /// What was delivered (toteutuman sisältö).
    DeliveryEventContent = "DeliveryEvent.content",
    /// Why it was disputed (riitautuksen syy).
    DeliveryEventDispute = "DeliveryEvent.dispute",
    /// Corrections (korjaukset).
    DeliveryEventCorrections = "DeliveryEvent.corrections",
    /// Why it is void (mitätöinnin syy).
    DeliveryEventVoided = "DeliveryEvent.voided",
    /// Content of the report (raportin sisältö).
    ProviderReportContent = "ProviderReport.content",
    /// Why it was given back (palauttamisen syy).
    ProviderReportReturned = "ProviderReport.returned",
    /// Content of the path (jatkopolun sisältö).
    FollowOnPathContent = "FollowOnPath.content",
    /// Why it was given up (keskeytymisen syy).
    FollowOnPathReason = "FollowOnPath.reason",
    /// Content of the entry (merkinnän sisältö).
    ClientEntryContent = "ClientEntry.content",
    /// Content of the follow-up (seurannan sisältö).
    FollowUpContent = "FollowUp.content",
    /// Answers (vastaukset).
    InstrumentResponseAnswers = "InstrumentResponse.answers",
    /// Notes of the meeting (palaverin kirjaus).
    NetworkMeetingContent = "NetworkMeeting.content",
    /// Content of the feedback (palautteen sisältö).
    FeedbackContent = "Feedback.content",
    /// First name or alias (kutsumanimi tai nimimerkki).
    ParticipationAlias = "Participation.alias",
    /// Why it ended (päättymisen syy).
    ParticipationReason = "Participation.reason",
    /// Place of meeting (tapaamispaikka).
    VisitFrom = "Visit.from",
    /// Destination (kohde).
    VisitDestination = "Visit.destination",
    /// Address (osoite).
    VisitAddress = "Visit.address",
    /// Address under non-disclosure (turvakiellon alainen osoite).
    VisitProtectedAddress = "Visit.protectedAddress",
    /// Safety note (turvallisuustieto).
    VisitSafetyNote = "Visit.safetyNote",
    /// Report of the visit (käynnin kirjaus).
    VisitReport = "Visit.report",
    /// Corrections (korjaukset).
    VisitCorrections = "Visit.corrections",
    /// Why it is void (mitätöinnin syy).
    VisitVoided = "Visit.voided",
    /// What was asked (pyynnön sisältö).
    SubjectRequestWords = "SubjectRequest.words",
    /// Why the time was extended (jatkoajan syy).
    SubjectRequestExtensionReason = "SubjectRequest.extensionReason",
    /// Answer (vastaus).
    SubjectRequestAnswer = "SubjectRequest.answer",
    /// Why it is restricted (rajoituksen syy).
    RestrictionWords = "Restriction.words",
    /// Exceptions (poikkeukset).
    RestrictionExceptions = "Restriction.exceptions",
    /// Why it is kept (säilyttämisen syy).
    LegalHoldReason = "LegalHold.reason",
    /// Why it is kept no more (säilyttämisen päättämisen syy).
    LegalHoldLiftReason = "LegalHold.liftReason",
    /// All data, as a copy (kaikki tiedot jäljennöksenä).
    Export = "Export",
}

impl NotedField {
    /// The field of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

/// What the use log names, in plain words: kinds of things, each with the guarded fields of it that were read.
#[must_use]
pub fn in_words(what: &str, language: Language) -> String {
    let mut kinds: Vec<(&str, Vec<String>)> = Vec::new();
    for name in what.split_whitespace() {
        let kind = name.split('.').next().unwrap_or(name);
        let at = kinds.iter().position(|(known, _)| *known == kind).unwrap_or_else(|| {
            kinds.push((kind, Vec::new()));
            kinds.len() - 1
        });
        if name != kind {
            kinds[at].1.push(NotedField::named(name).map_or_else(|| name.to_owned(), |field| label(field, language)));
        }
    }
    let of_kind = |kind: &str| {
        let known = RecordKind::ALL.iter().find(|known| format!("{known:?}") == kind).map(|known| label(*known, language));
        known.or_else(|| NotedField::named(kind).map(|field| label(field, language))).unwrap_or_else(|| kind.to_owned())
    };
    let told = kinds.iter().map(|(kind, fields)| match fields.as_slice() {
        [] => of_kind(kind),
        fields => format!("{} ({})", of_kind(kind), fields.join(", ")),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The label of a code, as it stands within a sentence.
fn label(code: impl Coded, language: Language) -> String {
    let label = code.label();
    let mut letters = label.in_language(language).chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Resource;

    #[test]
    fn what_was_read_is_told_in_plain_words() {
        let what = "Client NeedsAssessment.icf Person Person.firstNames Person.lastName";
        assert_eq!(in_words(what, Language::Fi), "asiakas, palvelutarpeen arviointi (toimintakyvyn havainnot (ICF)), henkilötiedot (etunimet, sukunimi)");
        assert_eq!(in_words("Export", Language::En), "all data, as a copy");
        assert_eq!(in_words("Goal", Language::Sv), "mål");
        // What was written before a field had its words is told as it stands.
        assert_eq!(in_words("Goal.unknown Unheard", Language::En), "goal (Goal.unknown), Unheard");
    }

    #[test]
    fn everything_about_clients_has_words() {
        for resource in Resource::ALL.iter().filter(|resource| resource.is_about_clients()) {
            let kind = format!("{resource:?}");
            assert!(RecordKind::ALL.iter().any(|known| format!("{known:?}") == kind), "{kind}");
        }
    }

    #[test]
    fn each_is_a_field_of_something_about_clients() {
        for field in NotedField::ALL.iter().filter(|field| **field != NotedField::Export) {
            let kind = field.name().split('.').next().unwrap();
            assert!(Resource::ALL.iter().any(|resource| resource.is_about_clients() && format!("{resource:?}") == kind), "{field:?}");
            assert_eq!(NotedField::named(field.name()), Some(*field));
        }
    }
}
