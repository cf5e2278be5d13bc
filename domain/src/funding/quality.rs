//! How providers do (tuottajien laatu): figures out of what an organisation has ordered of them. Each is so many of so many, so that whoever reads it sees of how
//! many it speaks, and none tells of whom.
use super::{complaint::ComplaintState, purchase_order::OrderState};
use crate::{catalogue::session::day, id::ClientId};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::collections::BTreeSet;

/// The longest time that figures are reckoned of at once, in days.
pub const LONGEST_DAYS: i64 = 400;

/// Of how many clients a figure is told at the least: k of the suppression of small cells (chapter 7.6 of the design of the domain). Of fewer it would tell of
/// somebody.
pub const FEWEST: usize = 5;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub part: i32,
    /// Of how many.
    pub whole: i32,
}

impl Share {
    /// How many of these there are that are so.
    fn of(these: impl IntoIterator<Item = bool>) -> Self {
        these.into_iter().fold(Self::default(), |share, so| Self { part: share.part.saturating_add(i32::from(so)), whole: share.whole.saturating_add(1) })
    }

    /// The same of what is about clients; nothing where it is of too few of them, whatever they did how often.
    pub fn of_clients(these: impl IntoIterator<Item = (ClientId, bool)>) -> Self {
        let mut clients = BTreeSet::new();
        let share = Self::of(these.into_iter().map(|(client, so)| {
            clients.insert(client);
            so
        }));
        share.of_so_many(clients.len())
    }

    /// The share where it is of enough clients; nothing of too few.
    #[must_use]
    pub fn of_so_many(self, clients: usize) -> Self {
        if clients < FEWEST { Self::default() } else { self }
    }

    /// The share where it is of enough to be told.
    #[must_use]
    pub fn told(self) -> Option<Self> {
        usize::try_from(self.whole).is_ok_and(|whole| whole >= FEWEST).then_some(self)
    }

    /// The two together.
    #[must_use]
    pub const fn and(self, part: i32, whole: i32) -> Self {
        Self { part: self.part.saturating_add(part), whole: self.whole.saturating_add(whole) }
    }
}

/// The value below or at which so many per cent of these lie (nearest rank); none of nothing.
#[must_use]
pub fn percentile(values: &[i32], percent: usize) -> Option<i32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The same where it is of enough clients to be told.
fn told(values: &[(ClientId, i32)], percent: usize) -> Option<i32> {
    let clients: BTreeSet<_> = values.iter().map(|(client, _)| client).collect();
    let values: Vec<_> = values.iter().map(|(_, value)| *value).collect();
    percentile(&values, percent).filter(|_| clients.len() >= FEWEST)
}

/// Figures are of whole months in Finland: of days that somebody chooses they would tell what happened on each.
#[must_use]
pub fn are_whole_months(from: NaiveDate, to: NaiveDate) -> bool {
    from.day() == 1 && to.succ_opt().is_some_and(|next| next.day() == 1)
}

/// What is known of an order that was placed.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// For whom.
    pub client: ClientId,
    /// Where it is.
    pub state: OrderState,
    /// How its service ended.
    pub ended_as: Option<OrderState>,
    /// When it was placed.
    pub placed_at: DateTime<Utc>,
    /// When the provider answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// The last day on which it was to answer.
    pub answer_due_on: Option<NaiveDate>,
    /// The first day for which it was ordered.
    pub starts_on: NaiveDate,
    /// The day on which its service began.
    pub begun_on: Option<NaiveDate>,
}

impl Placed {
    /// How many whole hours the provider took for its answer.
    fn hours(&self) -> Option<i32> {
        self.answered_at.and_then(|at| i32::try_from((at - self.placed_at).num_hours()).ok())
    }

    /// How many days its service was waited for: from when it could begin, which is the day for which it was ordered, or on which it was placed after that.
    fn start_days(&self) -> Option<i32> {
        let could = self.starts_on.max(day(self.placed_at));
        self.begun_on.and_then(|on| i32::try_from((on - could).num_days().max(0)).ok())
    }

    /// It was answered in time, or not; none while there is time.
    fn in_time(&self, today: NaiveDate) -> Option<bool> {
        match (self.answered_at, self.answer_due_on) {
            (Some(at), due) => Some(due.is_none_or(|due| day(at) <= due)),
            (None, due) => (self.state == OrderState::Expired || self.state == OrderState::Placed && due.is_some_and(|due| due < today)).then_some(false),
        }
    }

    /// Its service was given as ordered, or ended before; none while it goes on or where it never began.
    fn completed(&self) -> Option<bool> {
        OrderState::OVER.contains(&self.state).then(|| self.ended_as.unwrap_or(self.state) == OrderState::Completed)
    }
}

/// How a provider has answered orders and given what was ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFigures {
    /// How many were placed.
    pub placed: i32,
    /// How many were answered by the last day for that, of those that were answered or are not answered in time.
    pub answered_in_time: Share,
    /// In how many hours half of the answers came; none of too few.
    pub median_hours: Option<i32>,
    /// In how many hours nine of ten answers came; none of too few.
    pub ninetieth_hours: Option<i32>,
    /// For how many days half of those that began were waited for; none of too few.
    pub median_start_days: Option<i32>,
    /// How many began.
    pub begun: i32,
    /// How many were refused, of those that were answered.
    pub rejected: Share,
    /// How many were given as ordered, of those whose service is over.
    pub completed: Share,
}

impl OrderFigures {
    /// Out of orders, on a day.
    #[must_use]
    pub fn of(orders: &[Placed], today: NaiveDate) -> Self {
        let hours: Vec<_> = orders.iter().filter_map(|order| Some((order.client, order.hours()?))).collect();
        let starts: Vec<_> = orders.iter().filter_map(|order| Some((order.client, order.start_days()?))).collect();
        let answered = orders.iter().filter(|order| order.answered_at.is_some());
        Self {
            placed: i32::try_from(orders.len()).unwrap_or(i32::MAX),
            answered_in_time: Share::of_clients(orders.iter().filter_map(|order| Some((order.client, order.in_time(today)?)))),
            median_hours: told(&hours, 50),
            ninetieth_hours: told(&hours, 90),
            median_start_days: told(&starts, 50),
            begun: i32::try_from(starts.len()).unwrap_or(i32::MAX),
            rejected: Share::of_clients(answered.map(|order| (order.client, order.state == OrderState::Rejected))),
            completed: Share::of_clients(orders.iter().filter_map(|order| Some((order.client, order.completed()?)))),
        }
    }
}

/// What is known of a complaint.
#[derive(Clone, Copy, Debug)]
pub struct Complained {
    /// Where it is.
    pub state: ComplaintState,
    /// When the provider answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// The last day on which it was to answer.
    pub answer_due_on: Option<NaiveDate>,
}

/// What there was to complain of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComplaintFigures {
    /// How many there was nothing to, of those that were reported.
    pub unfounded: Share,
    /// How many were answered by the last day for that, of those that were answered or are not answered in time.
    pub answered_in_time: Share,
}

impl ComplaintFigures {
    /// Out of complaints, on a day.
    #[must_use]
    pub fn of(complaints: &[Complained], today: NaiveDate) -> Self {
        let in_time = |one: &Complained| match (one.answered_at, one.answer_due_on) {
            (Some(at), Some(due)) => Some(day(at) <= due),
            (None, Some(due)) => (due < today).then_some(false),
            (_, None) => None,
        };
        Self {
            unfounded: Share::of(complaints.iter().map(|one| one.state == ComplaintState::Unfounded)),
            answered_in_time: Share::of(complaints.iter().filter_map(in_time)),
        }
    }
}

/// How a provider has done for an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Its orders.
    pub orders: OrderFigures,
    /// How many attendances of clients at what was ordered for them were absences of which nothing was said before.
    pub no_shows: Share,
    /// How many deliveries were disputed, of those that were told.
    pub disputed: Share,
    /// How many invoices did not agree with the deliveries, of those that were sent.
    pub mismatched: Share,
    /// Its complaints.
    pub complaints: ComplaintFigures,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn placed(state: OrderState, hours: Option<i64>) -> Placed {
        let placed_at: DateTime<Utc> = "2026-11-02T08:00:00Z".parse().unwrap();
        Placed {
            client: ClientId::new(),
            state,
            ended_as: None,
            placed_at,
            answered_at: hours.map(|hours| placed_at + TimeDelta::hours(hours)),
            answer_due_on: Some("2026-11-05".parse().unwrap()),
            starts_on: "2026-11-05".parse().unwrap(),
            begun_on: hours.map(|_| "2026-11-12".parse().unwrap()),
        }
    }

    #[test]
    fn percentiles_are_values_that_there_are() {
        assert_eq!([percentile(&[], 50), percentile(&[7], 50), percentile(&[7], 90)], [None, Some(7), Some(7)]);
        assert_eq!([percentile(&[4, 1, 3, 2], 50), percentile(&[5, 4, 1, 3, 2], 50)], [Some(2), Some(3)]);
        let ten: Vec<i32> = (1..=10).collect();
        assert_eq!([percentile(&ten, 90), percentile(&ten, 100), percentile(&ten, 1)], [Some(9), Some(10), Some(1)]);
    }

    #[test]
    fn an_answer_is_late_after_its_last_day_or_where_there_is_none() {
        use OrderState::{Completed, Confirmed, Expired, Rejected, Settled, Terminated};
        let mut settled = placed(Settled, Some(10));
        settled.ended_as = Some(Terminated);
        let orders = [
            placed(Confirmed, Some(1)),
            placed(Rejected, Some(30)),
            placed(Confirmed, Some(20)),
            placed(Expired, None),
            placed(Completed, Some(200)),
            settled,
            placed(OrderState::Placed, None),
        ];
        let of = |today: &str| OrderFigures::of(&orders, today.parse().unwrap());
        let early = of("2026-11-05");
        assert_eq!((early.placed, early.answered_in_time), (7, Share { part: 4, whole: 6 }));
        assert_eq!((early.rejected, early.completed), (Share { part: 1, whole: 5 }, Share::default()));
        assert_eq!((early.median_hours, early.ninetieth_hours, early.median_start_days), (Some(20), Some(200), Some(7)));
        // What waits for its answer is late from the day after on.
        assert_eq!(of("2026-11-06").answered_in_time, Share { part: 4, whole: 7 });
        // Of fewer than five nothing is told but how many there were.
        let few = OrderFigures::of(&orders[..4], "2026-11-05".parse().unwrap());
        assert_eq!((few.median_hours, few.ninetieth_hours, few.median_start_days, few.begun), (None, None, None, 3));
        assert_eq!((few.rejected.told(), early.rejected.told()), (None, Some(early.rejected)));
        // Ten orders of one client tell of that client.
        let one = OrderFigures::of(&[orders[2]; 10], "2026-11-05".parse().unwrap());
        assert_eq!((one.placed, one.answered_in_time, one.rejected, one.median_hours), (10, Share::default(), Share::default(), None));
        assert_eq!(OrderFigures::of(&[], "2026-11-06".parse().unwrap()), OrderFigures::default());
    }

    #[test]
    fn a_service_is_waited_for_from_when_it_could_begin() {
        let order = placed(OrderState::InDelivery, Some(1));
        let waited = |starts_on: &str, begun_on: Option<&str>| {
            Placed { starts_on: starts_on.parse().unwrap(), begun_on: begun_on.map(|on| on.parse().unwrap()), ..order }.start_days()
        };
        assert_eq!([waited("2026-10-01", Some("2026-11-04")), waited("2026-12-01", Some("2026-12-01")), waited("2026-12-01", None)], [Some(2), Some(0), None]);
    }

    #[test]
    fn months_are_whole_from_their_first_day_to_their_last() {
        let whole = |from: &str, to: &str| are_whole_months(from.parse().unwrap(), to.parse().unwrap());
        assert_eq!([whole("2026-02-01", "2026-02-28"), whole("2026-01-01", "2026-12-31")], [true, true]);
        assert_eq!([whole("2026-02-02", "2026-02-28"), whole("2026-02-01", "2026-02-27"), whole("2026-02-01", "2026-02-01")], [false, false, false]);
    }

    #[test]
    fn a_complaint_of_which_the_provider_was_not_asked_is_not_answered_late() {
        let one = |state, answered: Option<&str>, due: Option<&str>| Complained {
            state,
            answered_at: answered.map(|at| at.parse().unwrap()),
            answer_due_on: due.map(|on| on.parse().unwrap()),
        };
        let complaints = [
            one(ComplaintState::Reported, None, None),
            one(ComplaintState::Unfounded, None, None),
            one(ComplaintState::InHandling, None, Some("2026-11-10")),
            one(ComplaintState::Closed, Some("2026-11-10T20:00:00Z"), Some("2026-11-10")),
        ];
        let of = |today: &str| ComplaintFigures::of(&complaints, today.parse().unwrap());
        assert_eq!((of("2026-11-10").unfounded, of("2026-11-10").answered_in_time), (Share { part: 1, whole: 4 }, Share { part: 1, whole: 1 }));
        assert_eq!(of("2026-11-11").answered_in_time, Share { part: 1, whole: 2 });
    }
}
