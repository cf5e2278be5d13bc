//! Service decisions (palvelupäätökset). The client sees one from the day on which it is sent to be served.
use crate::SealedText;
use domain::{
    casework::{
        case::CaseClosingReason,
        service_decision::{DecisionOutcome, DecisionState, NoticeMethod},
    },
    id::{ServiceDecisionId, ServiceId},
};
use sea_orm::{Condition, entity::prelude::*};

super::case_table! {
    /// A service decision.
    "service_decision", ServiceDecision, ServiceDecisionId, {
        /// Where it is.
        state: DecisionState,
        /// What it comes to.
        outcome: DecisionOutcome,
        /// The service.
        service_id: ServiceId,
        /// Who prepared it, by the stable key.
        author: String,
        /// What it says, sealed.
        content: SealedText,
        /// The first day of what it grants.
        valid_from: Option<Date>,
        /// The last day of what it grants.
        valid_to: Option<Date>,
        /// How much it grants, in hundredths of its unit.
        quantity_hundredths: Option<i32>,
        /// What that costs at most, in cents.
        value_cents: Option<i64>,
        /// Who made it, by the stable key.
        made_by: Option<String>,
        /// When it was made.
        made_at: Option<DateTimeUtc>,
        /// How it was served.
        notice_method: Option<NoticeMethod>,
        /// The day on which it was sent or handed over.
        sent_on: Option<Date>,
        /// The day on which the client is held to have received it.
        served_on: Option<Date>,
        /// The last day on which rectification is sought.
        rectification_until: Option<Date>,
        /// What the client says against it, sealed.
        rectification: Option<SealedText>,
        /// The day on which the client asked for rectification.
        requested_on: Option<Date>,
        /// Why the rectification ended as it did, sealed.
        rectification_grounds: Option<SealedText>,
        /// The rectification amends it.
        to_amend: bool,
        /// Why it was taken back, sealed.
        reason: Option<SealedText>,
        /// The decision in whose place it stands.
        amends_id: Option<ServiceDecisionId>,
        /// The first day on which another one stands in its place.
        ends_before: Option<Date>,
        /// The day on which it ended with the case: it grants nothing from then on.
        ended_on: Option<Date>,
        /// Why the case was closed with which it ended.
        closing_reason: Option<CaseClosingReason>,
    }
    sealed: [content, rectification, rectification_grounds, reason],
    shown: || Condition::all().add(Column::ServedOn.is_not_null()),
}

impl Model {
    /// The first day of what it says, once it is served; one that amends another begins with the day on which the client has it at the earliest.
    #[must_use]
    pub fn begins_on(&self) -> Option<Date> {
        let served_on = self.served_on?;
        match (self.valid_from, self.amends_id) {
            (Some(first), None) => Some(first),
            (first, _) => Some(first.map_or(served_on, |first| first.max(served_on))),
        }
    }

    /// What it grants may be used on a day: by its days, since the state is moved by time only afterwards.
    #[must_use]
    pub fn grants_on(&self, on: Date) -> bool {
        let within = self.begins_on().is_some_and(|first| first <= on) && self.valid_to.is_some_and(|last| on <= last);
        let before = |end: Option<Date>| end.is_none_or(|end| on < end);
        self.outcome.grants() && self.state.stands() && within && before(self.ends_before) && before(self.ended_on)
    }

    /// Rectification can be sought on a day: once, and within its time.
    #[must_use]
    pub fn is_contestable_on(&self, on: Date) -> bool {
        self.requested_on.is_none() && self.rectification_until.is_some_and(|until| on <= until)
    }
}
