//! What has become of consents (suostumukset): as they stood at the end of a day, whatever the clock of the server has marked since. Source: chapters 4.16 and 7.5 of
//! the design of the domain.
use super::{
    Moments, ReportName,
    cohort::count,
    table::{Base, Counted, Row, Section, Table, Whole},
};
use crate::{
    code::Coded,
    person::consent::{ConsentMethod, ConsentPurpose, ConsentState},
    text::LocalizedText,
};
use chrono::NaiveDate;

/// What is known of a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentFact {
    /// What for.
    pub purpose: ConsentPurpose,
    /// How it was given.
    pub method: ConsentMethod,
    /// The day on which it was given.
    pub given_on: NaiveDate,
    /// The last day on which it holds.
    pub expires_on: NaiveDate,
    /// What it was ended by, and on which day.
    pub ended: Option<(ConsentState, NaiveDate)>,
}

impl ConsentFact {
    /// What had become of it by the end of a day.
    fn state(&self, as_of: NaiveDate) -> ConsentState {
        match self.ended {
            Some((state, on)) if on <= as_of => state,
            _ if self.expires_on < as_of => ConsentState::Expired,
            _ => ConsentState::Given,
        }
    }
}

fn by_state(given: &[&ConsentFact], as_of: NaiveDate) -> Vec<Row> {
    let so_many = |state: ConsentState| count(given.iter().filter(|one| one.state(as_of) == state).count());
    ConsentState::ALL.iter().map(|state| Row::of(state.code(), state.label(), so_many(*state))).collect()
}

/// What has become of the consents that were given by the day (suostumukset): of all, by what they were given for, and how.
#[must_use]
pub fn consent_statistics(consents: &[ConsentFact], moments: Moments) -> Table {
    let given: Vec<_> = consents.iter().filter(|one| one.given_on <= moments.as_of).collect();
    let title = LocalizedText::of("Annetut suostumukset tilan mukaan", "Givna samtycken enligt status", "Consents by what has become of them");
    let mut sections = vec![Section::partition("STATE", title, by_state(&given, moments.as_of))];
    for purpose in ConsentPurpose::ALL {
        let of_purpose: Vec<_> = given.iter().copied().filter(|one| one.purpose == *purpose).collect();
        let section = Section::partition(purpose.code(), purpose.label(), by_state(&of_purpose, moments.as_of)).based(Base::Part(count(of_purpose.len())));
        sections.push(Section { splits: Some(0), ..section });
    }
    let by_method = |method: &ConsentMethod| Row::of(method.code(), method.label(), count(given.iter().filter(|one| one.method == *method).count()));
    let title = LocalizedText::of("Antotapa", "Hur samtycket gavs", "How they were given");
    sections.push(Section::partition("METHOD", title, ConsentMethod::ALL.iter().map(by_method).collect()));
    Table { name: ReportName::ConsentStatistics, whole: Whole::Others(Counted::Consents, count(given.len())), sections }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_consent_stands_as_it_stood_on_the_day() {
        let given = ConsentFact {
            purpose: ConsentPurpose::Referral,
            method: ConsentMethod::Written,
            given_on: day("2026-01-10"),
            expires_on: day("2026-06-30"),
            ended: Some((ConsentState::Withdrawn, day("2026-03-01"))),
        };
        assert_eq!(["2026-02-28", "2026-03-01"].map(|on| given.state(day(on))), [ConsentState::Given, ConsentState::Withdrawn]);
        // Its time is over whether or not anybody has marked it.
        let unmarked = ConsentFact { ended: None, ..given };
        assert_eq!(["2026-06-30", "2026-07-01"].map(|on| unmarked.state(day(on))), [ConsentState::Given, ConsentState::Expired]);
        let moments = |on: &str| Moments { as_of: day(on), known_at: "2026-12-31T00:00:00Z".parse().unwrap() };
        assert_eq!(consent_statistics(&[given], moments("2026-01-09")).whole.size(), 0);
        assert_eq!(
            consent_statistics(&[given, unmarked], moments("2026-03-31")).sections[0].rows.iter().map(|row| row.count).collect::<Vec<_>>(),
            [1, 1, 0, 0]
        );
    }
}
