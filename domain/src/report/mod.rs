//! Reports (raportit): figures out of what was recorded, by the definitions of chapter 7 of the design of the domain. A report counts clients by their keys and never
//! reads who they are.
//!
//! Each report is a [`Table`](table::Table) made of facts; [`render`](table::Table::render) tells it, whole to those who make statistics, with small figures kept back
//! to everybody else.
pub mod activation;
#[cfg(test)]
mod attack;
pub mod capacity;
pub mod cohort;
pub mod consent;
pub mod cost;
pub mod description;
pub mod lines;
pub mod open_work;
pub mod outcome;
pub mod participation;
pub mod release;
pub mod suppression;
pub mod table;
pub mod waiting;

use crate::{
    id::AreaId,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text::LocalizedText,
    vocabulary::vocabulary,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use table::Row;

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
    pub enum ReportName ["report-name"] {
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
        /// How long clients waited, against what the law asks and the network promises (odotusajat).
        WaitingTimes,
        /// How clients have changed by an instrument, from the beginning to the end (muutos mittarilla).
        OutcomeChange,
        /// How many of the places at sessions were used (kapasiteetin käyttö).
        CapacityUse,
        /// Visits to open drop-in spaces (avoimen toiminnan käynnit).
        DropInCounts,
        /// Contacts in outreach (jalkautuvan työn kohtaamiset).
        OutreachCounts,
        /// What purchased services have cost a client (kustannus asiakasta kohden).
        CostPerClient,
        /// What purchased services have cost for each client who has come to the end of a path (kustannus päätökseen tullutta polkua kohden).
        CostPerCompletedPath,
        /// What has become of consents (suostumukset).
        ConsentStatistics,
    }
}

impl ReportName {
    /// It is about the clients of the cohort; others are about what an organisation has recorded, whoever it was about.
    #[must_use]
    pub const fn is_of_cohort(self) -> bool {
        !matches!(self, Self::CapacityUse | Self::DropInCounts | Self::OutreachCounts | Self::ConsentStatistics)
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

/// What of an organisation's open work or sessions is asked (rajaus), where a report is not about clients of a cohort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Cut {
    /// In this area, or in an area inside it; without it, everywhere.
    pub area: Option<AreaId>,
    /// That area, and those in which it lies.
    pub lineage: Vec<AreaId>,
    /// From this day on; without it, from the beginning.
    pub from: Option<Date>,
}

impl Cut {
    /// A day lies in it.
    #[must_use]
    pub fn has(&self, on: NaiveDate, moments: Moments) -> bool {
        on <= moments.as_of && self.from.is_none_or(|from| from.0 <= on)
    }

    /// It is the same, whatever the areas have come to lie in.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        (self.area, self.from) == (other.area, other.from)
    }

    /// Nothing is of both: they are of areas of which none lies in the other.
    #[must_use]
    pub fn is_apart_from(&self, other: &Self) -> bool {
        self.area.zip(other.area).is_some_and(|(one, another)| !self.lineage.contains(&another) && !other.lineage.contains(&one))
    }

    /// A place lies in it, by the areas in which that lies; one that lies in none is only everywhere.
    #[must_use]
    pub fn has_place(&self, lineage: &[AreaId]) -> bool {
        self.area.is_none_or(|area| lineage.contains(&area))
    }

    /// Every fault, of a report of a day.
    #[must_use]
    pub fn check(&self, moments: Moments) -> Rejections {
        let mut out = Rejections::default();
        if self.from.is_some_and(|from| from.0 > moments.as_of) {
            out.add(Code::DateOrder, &["from"]);
        }
        out
    }
}

/// So many on each day, by month.
fn by_month(days: impl Iterator<Item = (NaiveDate, i32)>) -> Vec<Row> {
    let mut months = BTreeMap::<(i32, u32), i32>::new();
    for (on, many) in days {
        let sum = months.entry((on.year(), on.month())).or_default();
        *sum = sum.saturating_add(many);
    }
    let row = |((year, month), many): ((i32, u32), i32)| Row::of(format!("{year}-{month:02}"), LocalizedText::fi(format!("{month}/{year}")), many);
    months.into_iter().map(row).collect()
}

fn months_title() -> LocalizedText {
    LocalizedText::of("Kuukausittain", "Per månad", "By month")
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
