//! How providers do (tuottajien laatu): figures out of what an organisation has ordered of them, or issued vouchers for. Each is so many of so many, so that whoever
//! reads it sees of how many it speaks, and none tells of whom: each is of a quarter that is over, and of five clients of whom something is so, or of none, and the
//! same of whom it is not (chapter 7.6 of the design of the domain, 3 and 5).
use super::{complaint::ComplaintState, delivery::open_until, purchase_order::OrderState, voucher::VoucherState};
use crate::{
    catalogue::session::day,
    id::{ClientId, OrganizationId},
};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Of how many clients a figure is told at the least: k of the suppression of small cells (chapter 7.6 of the design of the domain). Of fewer it would tell of
/// somebody.
pub const FEWEST: usize = 5;

/// So few are told that there are none of them, or enough.
fn may_be_told(many: usize) -> bool {
    many == 0 || many >= FEWEST
}

/// A quarter of a year (vuosineljännes) in Finland. Figures are told of one that is over and into which nothing is written any more: those of periods that overlap
/// could be subtracted from each other, and so could those of one that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter(NaiveDate);

impl Quarter {
    /// The one in which a day lies.
    #[must_use]
    pub fn around(day: NaiveDate) -> Self {
        Self(NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1).unwrap_or(day))
    }

    /// The one with this first day and this last one, where there is one.
    #[must_use]
    pub fn of(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        Some(Self::around(first)).filter(|quarter| (quarter.first(), quarter.last()) == (first, last))
    }

    /// Its first day.
    #[must_use]
    pub const fn first(self) -> NaiveDate {
        self.0
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> NaiveDate {
        self.0.checked_add_months(Months::new(3)).and_then(|next| next.pred_opt()).unwrap_or(self.0)
    }

    /// A day lies in it.
    #[must_use]
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.first()..=self.last()).contains(&day)
    }

    /// The first day on which figures of it are told: what was given in its last month is not written down any more (kuukausilukko).
    #[must_use]
    pub fn told_from(self) -> NaiveDate {
        let closed = open_until(self.last()).unwrap_or_else(|| self.last());
        closed.checked_add_days(Days::new(1)).unwrap_or(closed)
    }

    /// The latest one of which figures are told on a day.
    #[must_use]
    pub fn latest(today: NaiveDate) -> Self {
        let mut quarter = Self::around(today);
        while let Some(eve) = quarter.first().pred_opt().filter(|_| today < quarter.told_from()) {
            quarter = Self::around(eve);
        }
        quarter
    }
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

    /// The same of what is about clients; nothing where it is so of too few of them, or not so, whatever they did how often.
    pub fn of_clients(these: impl IntoIterator<Item = (ClientId, bool)>) -> Self {
        let mut clients: [BTreeSet<ClientId>; 2] = Default::default();
        let share = Self::of(these.into_iter().map(|(client, so)| {
            clients[usize::from(so)].insert(client);
            so
        }));
        if clients.iter().all(|clients| may_be_told(clients.len())) { share } else { Self::default() }
    }

    /// The same of what each stands for somebody of its own.
    pub fn of_each(these: impl IntoIterator<Item = bool>) -> Self {
        let share = Self::of(these);
        let told = |many: i32| usize::try_from(many).is_ok_and(may_be_told);
        if told(share.part) && told(share.whole - share.part) { share } else { Self::default() }
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

/// Whole numbers, each of a client.
type Values = Vec<(ClientId, i32)>;

/// They are of enough clients to be told.
fn are_enough(values: &Values) -> bool {
    values.iter().map(|(client, _)| client).collect::<BTreeSet<_>>().len() >= FEWEST
}

/// The percentile where it is of enough clients to be told.
fn told(values: &Values, percent: usize) -> Option<i32> {
    let all: Vec<_> = values.iter().map(|(_, value)| *value).collect();
    percentile(&all, percent).filter(|_| are_enough(values))
}

/// How many there are where they are of enough clients to be told.
fn many(values: &Values) -> Option<i32> {
    i32::try_from(values.len()).ok().filter(|_| are_enough(values))
}

/// For how many days something was waited for that could begin on one day and began on another.
fn waited(could: NaiveDate, begun: NaiveDate) -> Option<i32> {
    i32::try_from((begun - could).num_days().max(0)).ok()
}

/// Whether an answer came in time, and the day from which on that is known: that of the answer, or the last one for it.
fn in_time(answered_at: Option<DateTime<Utc>>, due_on: Option<NaiveDate>) -> Option<(NaiveDate, bool)> {
    match (answered_at.map(day), due_on) {
        (Some(on), Some(due)) => Some((on.min(due), on <= due)),
        (Some(on), None) => Some((on, true)),
        (None, due) => due.map(|due| (due, false)),
    }
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
    /// The day on which it ended.
    pub ended_on: Option<NaiveDate>,
}

impl Placed {
    /// How many whole hours the provider took for its answer, and on which day it came.
    fn hours(&self) -> Option<(NaiveDate, i32)> {
        let at = self.answered_at?;
        Some((day(at), i32::try_from((at - self.placed_at).num_hours()).ok()?))
    }

    /// How many days its service was waited for: from when it could begin, which is the day for which it was ordered, or on which it was placed after that.
    fn start_days(&self) -> Option<(NaiveDate, i32)> {
        let begun = self.begun_on?;
        Some((begun, waited(self.starts_on.max(day(self.placed_at)), begun)?))
    }

    /// It was answered in time, or not, and from which day on that is known; none of one that was taken back before.
    fn in_time(&self) -> Option<(NaiveDate, bool)> {
        let waits = matches!(self.state, OrderState::Placed | OrderState::Expired);
        in_time(self.answered_at, self.answer_due_on).filter(|_| self.answered_at.is_some() || waits)
    }

    /// Its service was given as ordered, or ended before, and when; none while it goes on or where it never began.
    fn completed(&self) -> Option<(NaiveDate, bool)> {
        let over = OrderState::OVER.contains(&self.state);
        self.ended_on.filter(|_| over).map(|on| (on, self.ended_as.unwrap_or(self.state) == OrderState::Completed))
    }
}

/// What of these happened in a quarter, each of a client.
fn within<R: Copy, V>(rows: &[R], quarter: Quarter, client: fn(R) -> ClientId, what: impl Fn(&R) -> Option<(NaiveDate, V)>) -> Vec<(ClientId, V)> {
    let of = |row: &R| what(row).filter(|(on, _)| quarter.contains(*on)).map(|(_, value)| (client(*row), value));
    rows.iter().filter_map(of).collect()
}

/// How many lie in a quarter.
fn count(days: impl Iterator<Item = NaiveDate>, quarter: Quarter) -> i32 {
    i32::try_from(days.filter(|on| quarter.contains(*on)).count()).unwrap_or(i32::MAX)
}

/// How a provider has answered orders and given what was ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
    /// How many began; none of too few.
    pub begun: Option<i32>,
    /// How many were refused, of those that were answered.
    pub rejected: Share,
    /// How many were given as ordered, of those whose service is over.
    pub completed: Share,
}

impl OrderFigures {
    /// Out of orders: what happened with them in a quarter.
    #[must_use]
    pub fn of(orders: &[Placed], quarter: Quarter) -> Self {
        let of = |order: Placed| order.client;
        let hours = within(orders, quarter, of, Placed::hours);
        let starts = within(orders, quarter, of, Placed::start_days);
        let rejected = |order: &Placed| order.answered_at.map(|at| (day(at), order.state == OrderState::Rejected));
        Self {
            placed: count(orders.iter().map(|order| day(order.placed_at)), quarter),
            answered_in_time: Share::of_clients(within(orders, quarter, of, Placed::in_time)),
            median_hours: told(&hours, 50),
            ninetieth_hours: told(&hours, 90),
            median_start_days: told(&starts, 50),
            begun: many(&starts),
            rejected: Share::of_clients(within(orders, quarter, of, rejected)),
            completed: Share::of_clients(within(orders, quarter, of, Placed::completed)),
        }
    }
}

/// What is known of a voucher with which a provider was chosen.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// Whose it is.
    pub client: ClientId,
    /// Where it is.
    pub state: VoucherState,
    /// When the provider was chosen.
    pub chosen_at: DateTime<Utc>,
    /// The first day on which it could be used.
    pub valid_from: NaiveDate,
    /// The first day on which something was given by it.
    pub begun_on: Option<NaiveDate>,
    /// The day on which it ended.
    pub ended_on: Option<NaiveDate>,
}

impl Chosen {
    /// How many days the service was waited for: from when it could begin, which is the first day of the voucher, or that of the choice after that.
    fn start_days(&self) -> Option<(NaiveDate, i32)> {
        let begun = self.begun_on?;
        Some((begun, waited(self.valid_from.max(day(self.chosen_at)), begun)?))
    }

    /// All of it was given, or it ended before, and when; none of one of which nothing was ever given.
    fn used_up(&self) -> Option<(NaiveDate, bool)> {
        self.ended_on.filter(|_| self.begun_on.is_some()).map(|on| (on, self.state == VoucherState::UsedUp))
    }
}

/// How a provider has given what it was chosen for with vouchers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VoucherFigures {
    /// With how many it was chosen.
    pub chosen: i32,
    /// For how many days half of those were waited for by which something began to be given; none of too few.
    pub median_start_days: Option<i32>,
    /// By how many something began to be given; none of too few.
    pub begun: Option<i32>,
    /// How many were used up, of those that ended after something was given by them.
    pub used_up: Share,
}

impl VoucherFigures {
    /// Out of vouchers: what happened with them in a quarter.
    #[must_use]
    pub fn of(vouchers: &[Chosen], quarter: Quarter) -> Self {
        let of = |voucher: Chosen| voucher.client;
        let starts = within(vouchers, quarter, of, Chosen::start_days);
        Self {
            chosen: count(vouchers.iter().map(|voucher| day(voucher.chosen_at)), quarter),
            median_start_days: told(&starts, 50),
            begun: many(&starts),
            used_up: Share::of_clients(within(vouchers, quarter, of, Chosen::used_up)),
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
    /// When it came to its end.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What there was to complain of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ComplaintFigures {
    /// How many there was nothing to, of those that came to their end.
    pub unfounded: Share,
    /// How many were answered by the last day for that, of those that were answered or are not answered in time.
    pub answered_in_time: Share,
}

impl ComplaintFigures {
    /// Out of complaints: what happened with them in a quarter.
    #[must_use]
    pub fn of(complaints: &[Complained], quarter: Quarter) -> Self {
        let ended = complaints.iter().filter(|one| one.ended_at.is_some_and(|at| quarter.contains(day(at))));
        let answers = complaints.iter().filter_map(|one| in_time(one.answered_at, one.answer_due_on)).filter(|(on, _)| quarter.contains(*on));
        Self {
            unfounded: Share::of_each(ended.map(|one| one.state == ComplaintState::Unfounded)),
            answered_in_time: Share::of_each(answers.map(|(_, in_time)| in_time)),
        }
    }
}

/// How a provider has done for an organisation in a quarter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quality {
    /// Its orders.
    pub orders: OrderFigures,
    /// The vouchers with which it was chosen.
    pub vouchers: VoucherFigures,
    /// How many attendances of clients at what was ordered for them, or what they have chosen with a voucher, were absences of which nothing was said before.
    pub no_shows: Share,
    /// How many deliveries were disputed, of those that were told.
    pub disputed: Share,
    /// How many invoices did not agree with the deliveries, of those that were sent.
    pub mismatched: Share,
    /// Its complaints.
    pub complaints: ComplaintFigures,
}

/// How each provider has done for an organisation in a quarter: as it was told first, it is told ever after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct QualityOfProviders(pub BTreeMap<OrganizationId, Quality>);

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn on(day: &str) -> NaiveDate {
        day.parse().unwrap()
    }

    fn autumn() -> Quarter {
        Quarter::around(on("2026-11-05"))
    }

    fn placed(state: OrderState, hours: Option<i64>) -> Placed {
        let placed_at: DateTime<Utc> = "2026-11-02T08:00:00Z".parse().unwrap();
        Placed {
            client: ClientId::new(),
            state,
            ended_as: None,
            placed_at,
            answered_at: hours.map(|hours| placed_at + TimeDelta::hours(hours)),
            answer_due_on: Some(on("2026-11-05")),
            starts_on: on("2026-11-05"),
            begun_on: hours.map(|_| on("2026-11-12")),
            ended_on: None,
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
    fn a_share_is_of_five_clients_who_are_so_and_five_who_are_not_or_of_none() {
        let share = |so: usize, not: usize| Share::of_clients((0..so + not).map(|at| (ClientId::new(), at < so))).told();
        assert_eq!(
            [share(0, 4), share(0, 5), share(4, 5), share(5, 4), share(5, 5)].map(|share| share.map(|share| (share.part, share.whole))),
            [None, Some((0, 5)), None, None, Some((5, 10))]
        );
        // Ten of one client tell of that client.
        let one = ClientId::new();
        assert_eq!(Share::of_clients([(one, true); 10]).told(), None);
        assert_eq!([Share::of_each([true; 5]).told().is_some(), Share::of_each([true, false, false, false, false, false]).told().is_some()], [true, false]);
    }

    #[test]
    fn an_answer_is_late_after_its_last_day_or_where_there_is_none() {
        use OrderState::{Cancelled, Confirmed, Expired, Rejected};
        let mut orders = vec![placed(Confirmed, Some(1)); 5];
        orders.extend([placed(Rejected, Some(30)), placed(Rejected, Some(20)), placed(Rejected, Some(200)), placed(Rejected, Some(200))]);
        orders.extend([placed(Expired, None), placed(OrderState::Placed, None), placed(OrderState::Placed, None), placed(Cancelled, None)]);
        for order in &mut orders {
            order.client = ClientId::new();
        }
        let told = OrderFigures::of(&orders, autumn());
        // Seven came in time, two after their day, and three never; what was taken back was not to be answered.
        assert_eq!((told.placed, told.answered_in_time), (13, Share { part: 7, whole: 12 }));
        // Four refused, which are too few, and five took them on.
        assert_eq!((told.rejected.told(), told.median_hours, told.ninetieth_hours, told.begun), (None, Some(1), Some(200), Some(9)));
        orders[0].state = Rejected;
        orders.push(Placed { client: ClientId::new(), ..placed(Confirmed, Some(1)) });
        assert_eq!(OrderFigures::of(&orders, autumn()).rejected, Share { part: 5, whole: 10 });
        // Of the quarter before and the one after there is nothing to tell.
        for other in ["2026-09-30", "2027-01-01"] {
            assert_eq!(OrderFigures::of(&orders, Quarter::around(on(other))), OrderFigures::default(), "{other}");
        }
        let few = OrderFigures::of(&orders[..4], autumn());
        assert_eq!((few.placed, few.median_hours, few.ninetieth_hours, few.median_start_days, few.begun), (4, None, None, None, None));
    }

    #[test]
    fn what_ends_counts_in_the_quarter_in_which_it_ended() {
        let ended = |state, ended_as, day: &str| Placed { ended_as, ended_on: Some(on(day)), ..placed(state, Some(1)) };
        let orders: Vec<_> = (0..5)
            .flat_map(|_| {
                [
                    ended(OrderState::Completed, None, "2026-12-31"),
                    ended(OrderState::Settled, Some(OrderState::Terminated), "2026-10-01"),
                    ended(OrderState::Completed, None, "2027-01-01"),
                    ended(OrderState::Cancelled, None, "2026-12-01"),
                ]
            })
            .collect();
        assert_eq!(OrderFigures::of(&orders, autumn()).completed, Share { part: 5, whole: 10 });
    }

    #[test]
    fn a_service_is_waited_for_from_when_it_could_begin() {
        let order = placed(OrderState::InDelivery, Some(1));
        let waited = |starts_on: &str, begun_on: Option<&str>| {
            Placed { starts_on: on(starts_on), begun_on: begun_on.map(on), ..order }.start_days().map(|(_, days)| days)
        };
        assert_eq!([waited("2026-10-01", Some("2026-11-04")), waited("2026-12-01", Some("2026-12-01")), waited("2026-12-01", None)], [Some(2), Some(0), None]);
    }

    #[test]
    fn of_vouchers_it_is_told_how_soon_they_are_used_and_how_many_to_their_end() {
        let chosen = |state, begun_on: Option<&str>, ended_on: Option<&str>| Chosen {
            client: ClientId::new(),
            state,
            chosen_at: "2026-11-02T08:00:00Z".parse().unwrap(),
            valid_from: on("2026-11-04"),
            begun_on: begun_on.map(on),
            ended_on: ended_on.map(on),
        };
        let vouchers: Vec<_> = (0..5)
            .flat_map(|_| {
                [
                    chosen(VoucherState::UsedUp, Some("2026-11-10"), Some("2026-12-01")),
                    chosen(VoucherState::Expired, Some("2026-11-05"), Some("2026-12-31")),
                    chosen(VoucherState::Expired, None, Some("2026-12-31")),
                    chosen(VoucherState::InUse, Some("2027-01-10"), None),
                ]
            })
            .collect();
        let told = VoucherFigures::of(&vouchers, autumn());
        assert_eq!((told.chosen, told.begun, told.median_start_days, told.used_up), (20, Some(10), Some(1), Share { part: 5, whole: 10 }));
        assert_eq!(VoucherFigures::of(&vouchers[..4], autumn()), VoucherFigures { chosen: 4, ..VoucherFigures::default() });
    }

    #[test]
    fn a_quarter_is_told_of_once_nothing_is_written_into_it_any_more() {
        assert_eq!([Quarter::of(on("2026-10-01"), on("2026-12-31")).is_some(), Quarter::of(on("2026-10-01"), on("2026-11-30")).is_some()], [true, false]);
        assert_eq!([Quarter::of(on("2026-11-01"), on("2027-01-31")), Quarter::of(on("2026-01-01"), on("2026-12-31"))], [None, None]);
        assert_eq!((autumn().first(), autumn().last(), autumn().told_from()), (on("2026-10-01"), on("2026-12-31"), on("2027-01-11")));
        for (today, first) in [("2027-01-10", "2026-07-01"), ("2027-01-11", "2026-10-01"), ("2027-04-10", "2026-10-01"), ("2027-04-11", "2027-01-01")] {
            assert_eq!(Quarter::latest(on(today)).first(), on(first), "{today}");
        }
    }

    #[test]
    fn a_complaint_of_which_the_provider_was_not_asked_is_not_answered_late() {
        let one = |state, answered: Option<&str>, due: Option<&str>, ended: Option<&str>| Complained {
            state,
            answered_at: answered.map(|at| at.parse().unwrap()),
            answer_due_on: due.map(on),
            ended_at: ended.map(|at| at.parse().unwrap()),
        };
        let complaints: Vec<_> = (0..5)
            .flat_map(|_| {
                [
                    one(ComplaintState::Reported, None, None, None),
                    one(ComplaintState::Unfounded, None, None, Some("2026-11-10T20:00:00Z")),
                    one(ComplaintState::InHandling, None, Some("2026-11-10"), None),
                    one(ComplaintState::Closed, Some("2026-11-10T20:00:00Z"), Some("2026-11-10"), Some("2026-11-12T20:00:00Z")),
                ]
            })
            .collect();
        let told = ComplaintFigures::of(&complaints, autumn());
        assert_eq!((told.unfounded, told.answered_in_time), (Share { part: 5, whole: 10 }, Share { part: 5, whole: 10 }));
        assert_eq!(ComplaintFigures::of(&complaints[..8], autumn()), ComplaintFigures::default());
    }
}
