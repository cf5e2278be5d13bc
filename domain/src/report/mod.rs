//! Reports (raportit): figures out of what was recorded, by the definitions of chapter 7 of the design of the domain. A report counts clients by their keys and never
//! reads who they are.
//!
//! Each report is a [`Table`](table::Table) made of facts; [`render`](table::Table::render) tells it, whole to those who make statistics, with small figures kept back
//! to everybody else.
pub mod activation;
#[cfg(test)]
mod attack;
pub mod cohort;
pub mod description;
pub mod participation;
pub mod release;
pub mod suppression;
pub mod table;

use crate::{
    rejection::{Code, Rejection, Rejections},
    vocabulary::vocabulary,
};
use chrono::{DateTime, NaiveDate, Utc};

vocabulary! {
    /// For whom a report is told (raportin esitystapa).
    pub enum Rendering {
        /// As it is, for those who make statistics: it is not passed on (sisäinen).
        Internal,
        /// So that it can be published: small figures are kept back, and so is what would tell them (julkaistava).
        Publishable,
    }
}

vocabulary! {
    /// Which report (raportti).
    pub enum ReportName {
        /// Who the clients are (asiakaskuvaus).
        ClientCohort,
        /// How many clients were taken in (kirjatut asiakkaat).
        RegisteredClients,
        /// Clients in purchased services (ostopalvelut).
        PurchasedParticipation,
        /// Clients in what is done together with partners (yhteistyötoiminnat).
        CooperationParticipation,
        /// Clients who went on to other activities (muu aktivoituminen).
        OtherActivation,
        /// What clients have got from it (koettu hyöty).
        BenefitThemes,
        /// Who steered clients (ohjanneet tahot).
        ReferralSources,
        /// Where paths lead and how far clients have come on them (jatkopolkujen kulku).
        PathFlow,
    }
}

/// Of how many clients a figure is told at the least, where nobody asks for more: k of chapter 7.6.
pub const LEAST: i32 = 5;
/// The most that k can be raised to.
pub const MOST_LEAST: i32 = 100;
/// Of how many an average is told at the least, and never of fewer (chapter 7.6).
pub const LEAST_OF_MEANS: i32 = 10;
/// Of how many a share is told at the least (chapter 7.6).
pub const LEAST_OF_SHARES: i32 = 20;

/// The moments that a report speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moments {
    /// What was so by the end of this day counts.
    pub as_of: NaiveDate,
    /// What was recorded by this moment counts.
    pub known_at: DateTime<Utc>,
}

/// Every fault of what is asked, on a day and at a moment.
#[must_use]
pub fn check(moments: Moments, least: i32, today: NaiveDate, now: DateTime<Utc>) -> Rejections {
    let mut out = Rejections::default();
    if moments.as_of > today {
        out.add(Code::InFuture, &["asOf"]);
    }
    if moments.known_at > now {
        out.add(Code::InFuture, &["knownAt"]);
    }
    if least < LEAST {
        out.add_with(Code::ThresholdTooLow, &["k"], LEAST);
    } else if least > MOST_LEAST {
        out.add_with(Code::OutOfRange, &["k"], format!("{LEAST}–{MOST_LEAST}"));
    }
    out
}

/// A cohort of these many clients is told of: nobody is told of by being the only one, in whatever rendering.
///
/// # Errors
/// [`Code::CohortTooSmall`] for more than none and fewer than `least`.
pub fn check_size(clients: i32, least: i32) -> Result<(), Rejection> {
    if clients > 0 && clients < least { Err(Rejection::with(Code::CohortTooSmall, &["cohort"], least)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_and_too_low_a_threshold_are_refused() {
        let (today, now): (NaiveDate, DateTime<Utc>) = ("2026-11-29".parse().unwrap(), "2026-11-29T10:00:00Z".parse().unwrap());
        let faults = |as_of: &str, known_at: &str, least| {
            let moments = Moments { as_of: as_of.parse().unwrap(), known_at: known_at.parse().unwrap() };
            check(moments, least, today, now).iter().map(|why| (why.code, why.path.join("."))).collect::<Vec<_>>()
        };
        assert_eq!(faults("2026-11-29", "2026-11-29T10:00:00Z", LEAST), []);
        assert_eq!(
            faults("2026-11-30", "2026-11-29T10:00:01Z", 4),
            [(Code::InFuture, "asOf".into()), (Code::InFuture, "knownAt".into()), (Code::ThresholdTooLow, "k".into())]
        );
        assert_eq!(faults("2016-12-31", "2026-11-29T10:00:00Z", 101), [(Code::OutOfRange, "k".into())]);
        assert_eq!([0, 1, 4, 5].map(|clients| check_size(clients, 5).is_ok()), [true, false, false, true]);
    }
}
