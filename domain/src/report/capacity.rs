//! How many of the places at sessions were used (kapasiteetin käyttö): of sessions that were held, in offerings that have so many places and no more. Source: chapters 3.1,
//! 4.8 and 7.5 of the design of the domain.
use super::{
    Cut, Moments, ReportName,
    table::{Base, Counted, Row, Section, Table, Whole},
};
use crate::{catalogue::service::ProvisionMode, code::Coded, text::LocalizedText};
use chrono::NaiveDate;

/// What is known of a session that was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldSession {
    /// The day.
    pub on: NaiveDate,
    /// How many places it had.
    pub places: i32,
    /// How many came.
    pub came: i32,
    /// How many had a place and did not come.
    pub absent: i32,
    /// How the service is arranged.
    pub provision: ProvisionMode,
}

impl HeldSession {
    /// All of its places; where more came than it had, as many as these.
    fn all(&self) -> i32 {
        self.places.max(self.came.saturating_add(self.absent))
    }
}

fn by_use(held: &[&HeldSession]) -> (i32, Vec<Row>) {
    let sum = |of: fn(&HeldSession) -> i32| held.iter().map(|one| of(one)).fold(0_i32, i32::saturating_add);
    let rows = vec![
        Row::of("USED", LocalizedText::of("Käytetty", "Använda", "Used"), sum(|one| one.came)),
        Row::of("ABSENT", LocalizedText::of("Varattu, ei tullut", "Bokad, kom inte", "Taken, did not come"), sum(|one| one.absent)),
        Row::of("FREE", LocalizedText::of("Vapaa", "Lediga", "Free"), sum(|one| one.all() - one.came - one.absent)),
    ];
    (sum(HeldSession::all), rows)
}

/// How many places of held sessions were used (kapasiteetin käyttö): of all, by how the service is arranged, and by month.
#[must_use]
pub fn capacity_use(held: &[HeldSession], cut: &Cut, moments: Moments) -> Table {
    let told: Vec<_> = held.iter().filter(|one| cut.has(one.on, moments)).collect();
    let (all, rows) = by_use(&told);
    let mut sections = vec![Section::partition("USE", LocalizedText::of("Paikkojen käyttö", "Användning av platserna", "Use of places"), rows)];
    for provision in ProvisionMode::ALL {
        let (places, rows) = by_use(&told.iter().copied().filter(|one| one.provision == *provision).collect::<Vec<_>>());
        let section = Section::partition(provision.code(), provision.label(), rows).based(Base::Part(places));
        sections.push(Section { splits: Some(0), ..section });
    }
    let months = super::by_month(told.iter().map(|one| (one.on, one.all())));
    sections.push(Section::partition("MONTHS", super::months_title(), months));
    Table { name: ReportName::CapacityUse, whole: Whole::Others(Counted::Places, all), sections }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_by_whoever_came_and_by_nobody_else() {
        let held = |on: &str, came, absent| HeldSession { on: on.parse().unwrap(), places: 8, came, absent, provision: ProvisionMode::Own };
        let moments = Moments { as_of: "2026-03-31".parse().unwrap(), known_at: "2026-12-31T00:00:00Z".parse().unwrap() };
        let all = [held("2026-01-31", 8, 0), held("2026-02-02", 5, 2), held("2026-03-30", 9, 1), held("2026-04-01", 8, 0)];
        let cut = Cut { from: Some(crate::scalar::Date("2026-02-01".parse().unwrap())), ..Cut::default() };
        let told = capacity_use(&all, &cut, moments);
        let counts = |at: usize| told.sections[at].rows.iter().map(|row| (row.key.as_str(), row.count)).collect::<Vec<_>>();
        assert_eq!((told.whole.size(), counts(0)), (18, vec![("USED", 14), ("ABSENT", 3), ("FREE", 1)]));
        assert_eq!(counts(told.sections.len() - 1), [("2026-02", 8), ("2026-03", 10)]);
    }
}
