//! Code lists (koodistot): versioned, labelled in Finnish, Swedish and English, read from the data files beside this crate.
//!
//! A record keeps the code it was given; a list that changes gets a new version and keeps its old codes with an end date.
use crate::text::LocalizedText;
use chrono::NaiveDate;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// A vocabulary whose values are labelled by a code list.
pub trait Coded: serde::Serialize + Copy {
    /// The key of the list.
    const LIST: &'static str;

    /// The code as it is stored and sent.
    #[must_use]
    fn code(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(code)) => code,
            _ => String::new(),
        }
    }

    /// The label of this value.
    #[must_use]
    fn label(self) -> LocalizedText {
        let code = self.code();
        lists().get(Self::LIST).and_then(|list| list.get(&code)).map_or_else(|| LocalizedText::fi(code.clone()), |found| found.label.clone())
    }
}

/// One list in one version.
#[derive(Clone, Debug)]
pub struct CodeList {
    /// Its key, for example `support-need`.
    pub key: String,
    /// Its version, as its source names it.
    pub version: String,
    /// What it is called.
    pub name: LocalizedText,
    /// The law, standard or decision that it comes from.
    pub source: String,
    /// Where the source is published.
    pub source_uri: Option<String>,
    /// Under which licence the list may be used.
    pub licence: String,
    /// The codes, in the order of the list.
    pub codes: Vec<CodeEntry>,
    by_code: BTreeMap<String, usize>,
}

impl CodeList {
    /// The entry of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&CodeEntry> {
        self.by_code.get(code).map(|i| &self.codes[*i])
    }
}

/// One code.
#[derive(Clone, Debug)]
pub struct CodeEntry {
    /// The code.
    pub code: String,
    /// The code above it, in a list with levels (for municipalities: their wellbeing services county).
    pub parent: Option<String>,
    /// What it is called.
    pub label: LocalizedText,
    /// What it means, where the name does not tell.
    pub description: Option<LocalizedText>,
    /// The first day on which it may be used.
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it may be used.
    pub valid_to: Option<NaiveDate>,
    /// Its address in the source, where it has one.
    pub uri: Option<String>,
}

/// Every code list of this build.
#[derive(Debug)]
pub struct CodeLists(BTreeMap<String, CodeList>);

impl CodeLists {
    /// A list by its key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&CodeList> {
        self.0.get(key)
    }

    /// The list `key` has the code `code`.
    #[must_use]
    pub fn knows(&self, key: &str, code: &str) -> bool {
        self.get(key).is_some_and(|list| list.get(code).is_some())
    }

    /// Every list, by key.
    pub fn iter(&self) -> impl Iterator<Item = &CodeList> {
        self.0.values()
    }
}

/// The code lists, read once.
pub fn lists() -> &'static CodeLists {
    static LISTS: LazyLock<CodeLists> = LazyLock::new(|| read().unwrap_or_else(|fault| unreachable!("the code lists are part of the program: {fault}")));
    &LISTS
}

#[derive(Deserialize)]
struct ListRow {
    key: String,
    version: String,
    name_fi: String,
    name_sv: String,
    name_en: String,
    source: String,
    source_uri: Option<String>,
    licence: String,
}

#[derive(Deserialize)]
struct CodeRow {
    code: String,
    parent: Option<String>,
    fi: String,
    sv: String,
    en: String,
    description_fi: Option<String>,
    description_en: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    uri: Option<String>,
}

macro_rules! files { ($($key:literal),+ $(,)?) => { &[$(($key, include_str!(concat!("../data/codes/", $key, ".csv")))),+] } }

const FILES: &[(&str, &str)] = files![
    "age-band",
    "agreement-kind",
    "anonymous-handle-state",
    "approval-state",
    "area-kind",
    "assessment-state",
    "attendance-status",
    "benefit-theme",
    "case-closing-reason",
    "case-event-kind",
    "case-progress",
    "case-stage",
    "charge-type",
    "complaint-kind",
    "complaint-reporter",
    "complaint-state",
    "consent-method",
    "consent-purpose",
    "consent-state",
    "contact-channel",
    "contact-result",
    "contract-state",
    "data-item",
    "deadline-group",
    "deadline-unit",
    "decision-basis",
    "decision-outcome",
    "decision-state",
    "decline-reason",
    "delivery-form",
    "delivery-kind",
    "delivery-state",
    "dialogue-method",
    "disclosure-sector",
    "document-kind",
    "drop-in-state",
    "education-level",
    "employment-status",
    "entry-visibility",
    "final-assessment-state",
    "follow-up-kind",
    "gender",
    "goal-owner",
    "goal-state",
    "informing-kind",
    "informing-method",
    "interruption-reason",
    "invoice-difference",
    "invoice-state",
    "knowledge-source",
    "life-area",
    "life-event",
    "log-basis",
    "mean-unit",
    "measurement-phase",
    "municipality",
    "network-role",
    "noted-field",
    "notice-kind",
    "notice-method",
    "open-event-kind",
    "order-state",
    "organization-kind",
    "outreach-state",
    "participation-end",
    "participation-source",
    "participation-state",
    "path-destination",
    "path-state",
    "personal-data-kind",
    "place-state",
    "plan-agreement",
    "plan-state",
    "procurement-category",
    "procurement-procedure",
    "procurement-state",
    "prohibition-target",
    "provision-mode",
    "publishing-state",
    "purpose",
    "quantity-unit",
    "record-basis",
    "record-kind",
    "referral-direction",
    "referral-outcome",
    "referral-state",
    "referrer-kind",
    "registration-unit",
    "rehab-content",
    "relation-basis",
    "report-class",
    "report-counted",
    "report-kind",
    "report-name",
    "report-state",
    "representation-kind",
    "request-kind",
    "request-refusal",
    "request-state",
    "restriction-exception",
    "restriction-ground",
    "retention-subject",
    "role",
    "rulebook-state",
    "service-class",
    "service-form",
    "service-task",
    "session-omission",
    "session-state",
    "settlement-state",
    "shift-state",
    "support-need",
    "suspension-reason",
    "target-group",
    "urgency",
    "use-outcome",
    "venue-status",
    "visit-help-theme",
    "visit-kind",
    "visit-state",
    "voucher-state",
    "webhook-delivery-state",
    "webhook-state",
    "wellbeing-county",
    "yes-no-unknown",
];

fn read() -> Result<CodeLists, csv::Error> {
    let mut lists = BTreeMap::new();
    for row in csv::Reader::from_reader(include_str!("../data/codes/lists.csv").as_bytes()).deserialize::<ListRow>() {
        let row = row?;
        let Some((_, file)) = FILES.iter().find(|(key, _)| *key == row.key) else {
            continue;
        };
        let mut codes = Vec::new();
        for code in csv::Reader::from_reader(file.as_bytes()).deserialize::<CodeRow>() {
            let code = code?;
            codes.push(CodeEntry {
                label: LocalizedText::of(code.fi, code.sv, code.en),
                description: code.description_fi.map(|fi| LocalizedText { fi, sv: None, en: code.description_en }),
                code: code.code,
                parent: code.parent,
                valid_from: code.valid_from,
                valid_to: code.valid_to,
                uri: code.uri,
            });
        }
        let by_code = codes.iter().enumerate().map(|(i, c)| (c.code.clone(), i)).collect();
        let name = LocalizedText::of(row.name_fi, row.name_sv, row.name_en);
        lists.insert(
            row.key.clone(),
            CodeList { key: row.key, version: row.version, name, source: row.source, source_uri: row.source_uri, licence: row.licence, codes, by_code },
        );
    }
    Ok(CodeLists(lists))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{access::*, actor::Role, casework::*, catalogue::*, deadline, delivery::*, funding::*, outreach::*, person::*};

    #[test]
    fn every_file_is_a_list_and_every_parent_is_known() {
        assert_eq!(lists().iter().count(), FILES.len());
        for list in lists().iter() {
            let above = if list.key == "municipality" { "wellbeing-county" } else { list.key.as_str() };
            for code in &list.codes {
                assert!(code.parent.as_ref().is_none_or(|parent| lists().knows(above, parent)), "{}: {}", list.key, code.code);
            }
        }
        assert_eq!(lists().get("municipality").map(|l| l.codes.len()), Some(309));
        assert_eq!(lists().get("wellbeing-county").map(|l| l.codes.len()), Some(23));
    }

    #[test]
    fn every_vocabulary_equals_its_list() {
        fn same<T: Coded>(all: &[T]) {
            let list = lists().get(T::LIST).unwrap();
            let ours: Vec<_> = all.iter().map(|v| v.code()).collect();
            let theirs: Vec<_> = list.codes.iter().map(|c| c.code.clone()).collect();
            assert_eq!(ours, theirs, "{}", T::LIST);
        }
        same(Role::ALL);
        same(area::AreaKind::ALL);
        same(agreement::AgreementKind::ALL);
        same(organization::OrganizationKind::ALL);
        same(organization::NetworkRole::ALL);
        same(closing::PlaceState::ALL);
        same(publishing::PublishingState::ALL);
        same(service::ProvisionMode::ALL);
        same(service::RehabContent::ALL);
        same(service::SupportNeed::ALL);
        same(service::ServiceForm::ALL);
        same(service::DeliveryForm::ALL);
        same(service::ChargeType::ALL);
        same(service::ReportClass::ALL);
        same(session::SessionState::ALL);
        same(crate::report::ReportName::ALL);
        same(crate::report::table::Counted::ALL);
        same(crate::report::table::MeanUnit::ALL);
        same(venue::VenueStatus::ALL);
        same(purpose::Purpose::ALL);
        same(identity::Gender::ALL);
        same(relation::RelationBasis::ALL);
        same(LogBasis::ALL);
        same(crate::noted_field::NotedField::ALL);
        same(NoticeKind::ALL);
        same(UseOutcome::ALL);
        same(representation::RepresentationKind::ALL);
        same(consent::ConsentPurpose::ALL);
        same(consent::ConsentMethod::ALL);
        same(consent::DataItem::ALL);
        same(consent::ConsentState::ALL);
        same(disclosure::InformingKind::ALL);
        same(disclosure::InformingMethod::ALL);
        same(disclosure::DisclosureSector::ALL);
        same(disclosure::ProhibitionTarget::ALL);
        same(disclosure::DocumentKind::ALL);
        same(case::CaseStage::ALL);
        same(case::CaseProgress::ALL);
        same(baseline::YesNoUnknown::ALL);
        same(case::CaseEventKind::ALL);
        same(case::CaseClosingReason::ALL);
        same(deadline::DeadlineGroup::ALL);
        same(deadline::DeadlineUnit::ALL);
        same(case::SuspensionReason::ALL);
        same(referral::ReferralDirection::ALL);
        same(referral::Urgency::ALL);
        same(referral::ReferrerKind::ALL);
        same(referral::ReferralState::ALL);
        same(referral::DeclineReason::ALL);
        same(referral::ReferralOutcome::ALL);
        same(needs_assessment::AssessmentState::ALL);
        same(needs_assessment::InterruptionReason::ALL);
        same(needs_assessment::LifeArea::ALL);
        same(client_plan::PlanState::ALL);
        same(client_plan::PlanAgreement::ALL);
        same(goal::GoalState::ALL);
        same(goal::GoalOwner::ALL);
        same(final_assessment::FinalAssessmentState::ALL);
        same(final_assessment::BenefitTheme::ALL);
        same(service_decision::DecisionState::ALL);
        same(service_decision::DecisionOutcome::ALL);
        same(service_decision::DecisionBasis::ALL);
        same(service_decision::NoticeMethod::ALL);
        same(follow_on_path::PathState::ALL);
        same(follow_on_path::PathDestination::ALL);
        same(follow_on_path::KnowledgeSource::ALL);
        same(client_entry::EntryVisibility::ALL);
        same(follow_up::FollowUpKind::ALL);
        same(instrument::MeasurementPhase::ALL);
        same(offering::RegistrationUnit::ALL);
        same(participation::ParticipationState::ALL);
        same(participation::ParticipationSource::ALL);
        same(participation::ParticipationEnd::ALL);
        same(attendance::AttendanceStatus::ALL);
        same(unnamed_text::PersonalDataKind::ALL);
        same(drop_in_day::DropInState::ALL);
        same(drop_in_day::HelpTheme::ALL);
        same(record::OutreachState::ALL);
        same(anonymous_contact::ContactChannel::ALL);
        same(anonymous_contact::ContactResult::ALL);
        same(outreach_shift::ShiftState::ALL);
        same(open_event::OpenEventKind::ALL);
        same(anonymous_handle::AnonymousHandleState::ALL);
        same(procurement::ProcurementState::ALL);
        same(procurement::ProcurementCategory::ALL);
        same(procurement::ProcurementProcedure::ALL);
        same(contract::ContractState::ALL);
        same(price::QuantityUnit::ALL);
        same(purchase_order::OrderState::ALL);
        same(delivery::DeliveryKind::ALL);
        same(delivery::DeliveryState::ALL);
        same(report::ReportKind::ALL);
        same(report::ReportState::ALL);
        same(invoice::InvoiceState::ALL);
        same(invoice::InvoiceDifference::ALL);
        same(rulebook::RulebookState::ALL);
        same(provider_approval::ApprovalState::ALL);
        same(voucher::VoucherState::ALL);
        same(settlement::SettlementState::ALL);
        same(complaint::ComplaintKind::ALL);
        same(complaint::ComplaintReporter::ALL);
        same(complaint::ComplaintState::ALL);
        same(crate::webhook::WebhookState::ALL);
        same(crate::webhook::WebhookDeliveryState::ALL);
    }
}
