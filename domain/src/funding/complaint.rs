//! Complaints about providers (reklamaatiot) and incidents (poikkeamat): reported by a client, a worker or procurement, an incident by the provider's own staff
//! too (act 741/2023: staff tell of faults and of the danger of one, and nothing follows for them from telling); handled by the procurement of the organisation
//! that arranges the service, answered by the provider. The provider is told what it is to answer to, and never who has reported.
use crate::{
    access::NoticeKind,
    code::Coded,
    dated,
    id::ComplaintId,
    machine::machine,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
    working_day,
};
use chrono::{Days, NaiveDate};
use serde::Deserialize;
use std::sync::LazyLock;

vocabulary! {
    /// What is reported (ilmoituksen laji).
    pub enum ComplaintKind ["complaint-kind"] {
        /// The service is not what was agreed (reklamaatio).
        Fault,
        /// Something went wrong, or nearly did (poikkeama).
        Incident,
    }
}

vocabulary! {
    /// As whom somebody has reported (ilmoittaja).
    pub enum ComplaintReporter ["complaint-reporter"] {
        /// The client, or who acts for the client.
        Client,
        /// Who works with clients.
        Worker,
        /// Procurement.
        Procurement,
        /// Who works for the provider: of an incident in its own work (omavalvonta).
        Provider,
    }
}

vocabulary! {
    /// Where a complaint is (reklamaation tila).
    pub enum ComplaintState ["complaint-state"] {
        /// Procurement is to take it up; the provider knows nothing of it (ilmoitettu).
        Reported,
        /// The provider is to answer (käsittelyssä).
        InHandling,
        /// What is done about it is told; procurement is to close it (toimenpiteet).
        Measures,
        /// Over, with its outcome (päätetty).
        Closed,
        /// There was nothing to it; the provider never learns of it (aiheeton).
        Unfounded,
    }
}

machine! {
    /// A move of a complaint.
    ComplaintState as "Complaint (reklamaatio)", pub enum ComplaintMove {
        /// Take it up as procurement, and tell the provider what it is to answer to.
        TakeUp,
        /// Tell what is done about it: as the provider, or as procurement once the time for that is over.
        Answer,
        /// Close it as procurement, with the outcome.
        Close,
        /// Find nothing to it as procurement, with the reason.
        Dismiss,
    }
    Reported -- TakeUp -> InHandling;
    Reported -- Dismiss -> Unfounded;
    InHandling -- Answer -> Measures;
    Measures -- Close -> Closed;
}

impl ComplaintState {
    /// States in which it is over.
    pub const OVER: [Self; 2] = [Self::Closed, Self::Unfounded];
}

/// The most characters of each of the texts of a complaint.
pub const LONGEST: usize = 4_000;
/// How long before the last day of a step those are reminded whose step it is.
pub const REMINDED_DAYS: u64 = 3;

/// Every fault of what is reported on a day.
#[must_use]
pub fn check(occurred_on: NaiveDate, description: &str, today: NaiveDate) -> Rejections {
    let mut out = Rejections::default();
    if occurred_on > today {
        out.add_with(Code::OutOfRange, &["occurredOn"], format!("–{today}"));
    }
    text::check(description, &["description"], LONGEST, &mut out);
    out
}

/// A step for which there is a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Step {
    /// Procurement takes it up, or finds nothing to it.
    TakeUp,
    /// The provider answers.
    Answer,
    /// Procurement closes it.
    Close,
}

/// A dated rule of the time for a step: data beside this crate.
#[derive(Clone, Debug, Deserialize)]
pub struct ComplaintTime {
    /// The step.
    pub step: Step,
    /// How many days there are; a last day that is no working day moves to the next one.
    pub days: u32,
    /// What it rests on.
    pub source: String,
    /// It was read in its source; one that was not is to be checked before it is relied on.
    pub confirmed: bool,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; none while it holds.
    pub valid_to: Option<NaiveDate>,
}

/// Every rule, in the order of the table.
pub fn times() -> &'static [ComplaintTime] {
    static TIMES: LazyLock<Vec<ComplaintTime>> = LazyLock::new(|| dated::rows("times of complaints", include_str!("../../data/complaint-times.csv")));
    &TIMES
}

/// The last day of a step that can be taken from a day on; none where no rule tells.
#[must_use]
pub fn due_on(step: Step, from: NaiveDate) -> Option<NaiveDate> {
    let time = times().iter().find(|time| time.step == step && dated::holds(time.valid_from, time.valid_to, from))?;
    from.checked_add_days(Days::new(time.days.into())).map(working_day::on_or_after)
}

/// The key under which the reminder of the step that a complaint waits for is kept, so that it is given once before its last day and once when that is over; none
/// on days on which there is none to give.
#[must_use]
pub fn reminder_key(complaint: ComplaintId, state: ComplaintState, due_on: NaiveDate, today: NaiveDate) -> Option<String> {
    let near = today.checked_add_days(Days::new(REMINDED_DAYS)).is_some_and(|near| due_on <= near);
    let when = if due_on < today { "late" } else { "soon" };
    near.then(|| format!("{}:{complaint}:{}:{due_on}:{when}:", NoticeKind::ComplaintDue.code(), state.code()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_over_leads_nowhere_and_everything_else_does() {
        for state in ComplaintState::ALL {
            assert_eq!(ComplaintState::OVER.contains(state), state.moves().count() == 0, "{state:?}");
        }
    }

    #[test]
    fn there_is_a_time_for_each_step_and_it_ends_on_a_working_day() {
        // The Monday after a week ends on a Monday; Independence Day is a Sunday.
        assert_eq!(due_on(Step::TakeUp, day("2026-11-30")), Some(day("2026-12-07")));
        assert_eq!(due_on(Step::TakeUp, day("2026-11-28")), Some(day("2026-12-07")));
        assert_eq!(due_on(Step::Answer, day("2026-11-30")), Some(day("2026-12-14")));
        assert_eq!(due_on(Step::Close, day("2026-11-30")), Some(day("2026-12-07")));
        assert_eq!(due_on(Step::Answer, day("2022-12-31")), None);
        assert!(times().iter().all(|time| !time.source.is_empty()));
    }

    #[test]
    fn a_step_is_reminded_of_before_its_last_day_and_after_it() {
        let complaint = ComplaintId::new();
        let told = |today: &str| reminder_key(complaint, ComplaintState::Reported, day("2026-12-07"), day(today));
        assert_eq!(told("2026-12-03"), None);
        assert!(told("2026-12-04").is_some() && told("2026-12-04") == told("2026-12-07") && told("2026-12-08") != told("2026-12-07"));
        assert_eq!(told("2026-12-08"), told("2027-01-08"));
        assert_ne!(told("2026-12-08"), reminder_key(complaint, ComplaintState::Measures, day("2026-12-07"), day("2026-12-08")));
    }

    #[test]
    fn nothing_has_occurred_that_is_still_to_come_and_something_is_said_of_it() {
        let told = |on: &str, words: &str| check(day(on), words, day("2026-11-29")).iter().map(|fault| fault.path.join(".")).collect::<Vec<_>>();
        assert_eq!(told("2026-11-29", "Ryhmä jäi pitämättä."), Vec::<String>::new());
        assert_eq!(told("2026-11-30", " "), ["occurredOn", "description"]);
        assert_eq!(told("2026-11-29", &"a".repeat(LONGEST + 1)), ["description"]);
    }
}
