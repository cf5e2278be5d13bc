//! Reports of providers (tuottajan raportit): asked for with an order, told by the provider, looked at by those who order.
use crate::{
    machine::machine,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What a report tells of (raportin laji).
    pub enum ReportKind ["report-kind"] {
        /// How the service goes (väliraportti).
        Interim,
        /// How it went (loppuraportti).
        End,
    }
}

vocabulary! {
    /// Where a report is (raportin tila).
    pub enum ReportState ["report-state"] {
        /// The provider is to tell (pyydetty).
        Requested,
        /// The provider has told; those who order are to look at it (toimitettu).
        Submitted,
        /// The provider is to tell more (palautettu).
        Returned,
        /// Accepted (hyväksytty).
        Approved,
        /// Nothing is to be told: the service was never given (rauennut).
        Lapsed,
    }
}

machine! {
    /// A move of a report.
    ReportState as "Provider's report (tuottajan raportti)", pub enum ReportMove {
        /// Tell, as the provider.
        Submit,
        /// Give it back, with the reason, as those who order.
        Return,
        /// Accept it as those who order.
        Approve,
        /// The service was never given.
        Lapse,
    }
    Requested -- Submit -> Submitted;
    Requested -- Lapse -> Lapsed;
    Submitted -- Approve -> Approved;
    Submitted -- Return -> Returned;
    Submitted -- Lapse -> Lapsed;
    Returned -- Submit -> Submitted;
    Returned -- Lapse -> Lapsed;
}

impl ReportState {
    /// States in which the provider is to tell something.
    pub const AWAITED: [Self; 2] = [Self::Requested, Self::Returned];
    /// States in which it still leads to something.
    pub const OPEN: [Self; 3] = [Self::Requested, Self::Submitted, Self::Returned];
}

/// How long before its last day the provider is reminded of a report.
pub const REMINDED_DAYS: u64 = 7;

/// What is told in a report. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ProviderReportContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProviderReportContent {
    /// How the service goes or went, at most 8000 characters.
    pub text: String,
    /// How the client's functional capacity has changed (toimintakyvyn muutos), at most 4000 characters; needed in an end report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functional_change: Option<String>,
    /// What is recommended from here on (suositus), at most 4000 characters; needed in an end report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<String>,
}

crate::private::masked!(ProviderReportContent);

impl ProviderReportContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self, kind: ReportKind) -> Rejections {
        let mut out = Rejections::default();
        text::check(&self.text, &["text"], 8_000, &mut out);
        for (field, words) in [("functionalChange", &self.functional_change), ("recommendation", &self.recommendation)] {
            text::check_some(words.as_deref(), &[field], 4_000, &mut out);
            if words.is_none() && kind == ReportKind::End {
                out.add(Code::Required, &[field]);
            }
        }
        out
    }
}

/// The last day of the end report of a service that ends on a day.
#[must_use]
pub fn due_on(ends_on: NaiveDate, report_days: i32) -> NaiveDate {
    ends_on.checked_add_days(Days::new(u64::try_from(report_days).unwrap_or_default())).unwrap_or(ends_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn an_end_report_says_what_has_changed_and_what_comes_next() {
        let bare = ProviderReportContent { text: "Sujui.".to_owned(), functional_change: None, recommendation: None };
        let told = |content: &ProviderReportContent, kind| content.check(kind).iter().map(|fault| fault.path.join(".")).collect::<Vec<_>>();
        assert_eq!(told(&bare, ReportKind::Interim), Vec::<String>::new());
        assert_eq!(told(&bare, ReportKind::End), ["functionalChange", "recommendation"]);
        let whole = ProviderReportContent { functional_change: Some("Asioi yksin.".to_owned()), recommendation: Some("Ryhmä.".to_owned()), ..bare };
        assert_eq!(told(&whole, ReportKind::End), Vec::<String>::new());
        assert_eq!(format!("{whole:?}"), "•••");
    }

    #[test]
    fn whatever_is_open_leads_to_something() {
        for state in ReportState::ALL {
            assert_eq!(ReportState::OPEN.contains(state), state.moves().count() > 0, "{state:?}");
            assert_eq!(ReportState::AWAITED.contains(state), state.step(ReportMove::Submit).is_ok(), "{state:?}");
        }
    }

    #[test]
    fn an_end_report_is_due_some_days_after_the_end() {
        assert_eq!(due_on("2026-12-30".parse().unwrap(), 14).to_string(), "2027-01-13");
        assert_eq!(due_on("2026-12-30".parse().unwrap(), 0).to_string(), "2026-12-30");
    }
}
