//! Purchase orders (palvelutilaukset): what is bought for a client by a decision and a line of a contract, at a price that is frozen, never above what the
//! decision grants or the contract allows.
use super::price::Quantity;
use crate::{
    code::Coded,
    machine::machine,
    money::Money,
    person::consent::DataItem,
    rejection::{Code, Rejections},
    scalar::Date,
    text,
    vocabulary::vocabulary,
};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

vocabulary! {
    /// Where a purchase order is (palvelutilauksen tila).
    pub enum OrderState ["order-state"] {
        /// Being written; the provider does not see it (luonnos).
        Draft,
        /// With the provider, to be answered (tuottajan vahvistettavana).
        Placed,
        /// The provider gives the service from a day on (vahvistettu).
        Confirmed,
        /// The provider does not give it, for a reason (hylätty).
        Rejected,
        /// The provider has not answered in the time of the contract, or has confirmed and never begun in the days of the order (vanhentunut).
        Expired,
        /// The service has begun (toteutuksessa).
        InDelivery,
        /// The service is interrupted for a while (keskeytetty).
        Paused,
        /// The service was given as ordered (toteutettu).
        Completed,
        /// The service ended before it was given as ordered (päätetty ennen aikojaan).
        Terminated,
        /// Taken back before the service was known to have begun (peruttu).
        Cancelled,
        /// The service is over, and all that was delivered of it is on invoices that were paid (loppuunlaskutettu).
        Settled,
    }
}

machine! {
    /// A move of the purchase order machine.
    OrderState as "Purchase order (palvelutilaus)", pub enum OrderMove {
        /// Put it before the provider: from here on it takes of what may be ordered.
        Place,
        /// Confirm it as the provider, with the first day.
        Confirm,
        /// Answer as the provider that the service is not given, with the reason.
        Reject,
        /// The time for the answer is over, or the days of an order that never began are.
        Expire,
        /// The service has begun.
        Begin,
        /// Interrupt the service for a while.
        Pause,
        /// Go on with it.
        Resume,
        /// The service was given as ordered.
        Complete,
        /// End the service before that, with the reason.
        Terminate,
        /// Take it back before the service has begun.
        Cancel,
        /// All that was delivered of it was paid.
        Settle,
        /// That is so no more, of one that was completed: an invoice was credited, or more was delivered.
        UnsettleCompleted,
        /// The same of one that was terminated.
        UnsettleTerminated,
    }
    Draft -- Place -> Placed;
    Draft -- Cancel -> Cancelled;
    Placed -- Confirm -> Confirmed;
    Placed -- Reject -> Rejected;
    Placed -- Expire -> Expired;
    Placed -- Cancel -> Cancelled;
    Confirmed -- Begin -> InDelivery;
    Confirmed -- Expire -> Expired;
    Confirmed -- Cancel -> Cancelled;
    InDelivery -- Pause -> Paused;
    InDelivery -- Complete -> Completed;
    InDelivery -- Terminate -> Terminated;
    Paused -- Resume -> InDelivery;
    Paused -- Terminate -> Terminated;
    Completed -- Settle -> Settled;
    Terminated -- Settle -> Settled;
    Settled -- UnsettleCompleted -> Completed;
    Settled -- UnsettleTerminated -> Terminated;
}

/// On whose side a move of an order is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderSide {
    /// Those who order.
    Orderer,
    /// Those who provide.
    Provider,
    /// Either of them.
    Either,
    /// The time itself.
    Time,
    /// The invoices that ask for what was delivered of it.
    Invoice,
}

impl OrderMove {
    /// Whose move it is.
    #[must_use]
    pub const fn side(self) -> OrderSide {
        match self {
            Self::Place | Self::Complete | Self::Cancel => OrderSide::Orderer,
            Self::Confirm | Self::Reject | Self::Begin => OrderSide::Provider,
            Self::Pause | Self::Resume | Self::Terminate => OrderSide::Either,
            Self::Expire => OrderSide::Time,
            Self::Settle | Self::UnsettleCompleted | Self::UnsettleTerminated => OrderSide::Invoice,
        }
    }
}

impl OrderState {
    /// States in which an order takes of what may be ordered.
    pub const COMMITTED: [Self; 7] = [Self::Placed, Self::Confirmed, Self::InDelivery, Self::Paused, Self::Completed, Self::Terminated, Self::Settled];
    /// States in which an order waits for its service to begin.
    pub const WAITING: [Self; 2] = [Self::Placed, Self::Confirmed];
    /// States in which the service was given and is over.
    pub const OVER: [Self; 3] = [Self::Completed, Self::Terminated, Self::Settled];
    /// States in which an order still goes on: its case is not closed before.
    pub const OPEN: [Self; 5] = [Self::Draft, Self::Placed, Self::Confirmed, Self::InDelivery, Self::Paused];

    /// It takes of what may be ordered: all of it, or what was delivered once it is over.
    #[must_use]
    pub fn is_committed(self) -> bool {
        Self::COMMITTED.contains(&self)
    }

    /// The service was given and is over: what was not delivered is free again.
    #[must_use]
    pub fn is_over(self) -> bool {
        Self::OVER.contains(&self)
    }

    /// The move that settles one that is over, or brings it back to how it ended, by whether all that was delivered of it was paid; none where it stays as it
    /// is.
    #[must_use]
    pub fn settling(self, ended_as: Option<Self>, paid: bool) -> Option<OrderMove> {
        match (self, paid) {
            (Self::Completed | Self::Terminated, true) => Some(OrderMove::Settle),
            (Self::Settled, false) if ended_as == Some(Self::Terminated) => Some(OrderMove::UnsettleTerminated),
            (Self::Settled, false) => Some(OrderMove::UnsettleCompleted),
            _ => None,
        }
    }

    /// It still goes on.
    #[must_use]
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    /// The service was never given: the provider has no need to know any more whom it was for.
    #[must_use]
    pub const fn came_to_nothing(self) -> bool {
        matches!(self, Self::Rejected | Self::Expired | Self::Cancelled)
    }
}

/// An interruption (keskeytys) of a service that has gone on since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Interruption {
    /// The last day on which the service was given before.
    pub paused_on: Date,
    /// The first day on which it was given again.
    pub resumed_on: Date,
}

/// The interruptions of a service that are over, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct Interruptions(pub Vec<Interruption>);

impl Interruptions {
    /// With another one that is over now.
    #[must_use]
    pub fn and(mut self, paused_on: NaiveDate, resumed_on: NaiveDate) -> Self {
        self.0.push(Interruption { paused_on: Date(paused_on), resumed_on: Date(resumed_on) });
        self
    }

    /// The one that a day lies within: nothing was given then.
    #[must_use]
    pub fn around(&self, day: NaiveDate) -> Option<Interruption> {
        self.0.iter().copied().find(|gap| gap.paused_on.0 < day && day < gap.resumed_on.0)
    }
}

/// What of a client may be told to the provider beside the first name or alias, where the service needs it.
pub const TOLD: [DataItem; 4] = [DataItem::FullName, DataItem::BirthDate, DataItem::Contact, DataItem::Language];

/// What a provider that is no authority is told of a client under non-disclosure, at most: the alias that was chosen, never the first name in its place.
pub const TOLD_OF_PROTECTED: [DataItem; 2] = [DataItem::Alias, DataItem::Language];

/// Refuses what no provider needs to be told of a client.
pub fn check_disclosed(items: &BTreeSet<DataItem>, path: &[&str], out: &mut Rejections) {
    if items.iter().any(|item| !TOLD.contains(item)) {
        out.add(Code::DoesNotAgree, path);
    }
}

/// Refuses each item that a provider that is no authority is not told of a client under non-disclosure.
pub fn check_disclosed_of_protected(items: &BTreeSet<DataItem>, path: &[&str], out: &mut Rejections) {
    for item in items.iter().filter(|item| !TOLD_OF_PROTECTED.contains(item)) {
        out.add_with(Code::ProtectedPerson, path, item.code());
    }
}

/// What is said of an order. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "PurchaseOrderContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PurchaseOrderContent {
    /// The first day on which the service can be given.
    pub starts_on: Date,
    /// The last day.
    pub ends_on: Date,
    /// How much, in the unit of the line.
    pub quantity: Quantity,
    /// What the provider is to do, and needs to know for it, at most 4000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// What the provider is told of the client beside the first name or alias: `FULL_NAME`, `BIRTH_DATE`, `CONTACT` or `LANGUAGE`, and only what the service
    /// needs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub disclose: BTreeSet<DataItem>,
}

crate::private::masked!(PurchaseOrderContent);

impl PurchaseOrderContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.quantity.check("quantity", &mut out);
        if self.ends_on < self.starts_on {
            out.add(Code::DateOrder, &["endsOn"]);
        }
        text::check_some(self.instructions.as_deref(), &["instructions"], 4_000, &mut out);
        check_disclosed(&self.disclose, &["disclose"], &mut out);
        out
    }

    /// What may not be told of a client under non-disclosure to a provider that is no authority.
    #[must_use]
    pub fn check_protected(&self) -> Rejections {
        let mut out = Rejections::default();
        check_disclosed_of_protected(&self.disclose, &["content", "disclose"], &mut out);
        if self.instructions.is_some() {
            out.add_with(Code::ProtectedPerson, &["content", "instructions"], DataItem::Reason.code());
        }
        out
    }

    /// What the provider is told of the client.
    #[must_use]
    pub fn told(&self) -> BTreeSet<DataItem> {
        self.disclose.iter().copied().chain([DataItem::Alias]).collect()
    }
}

/// The last day on which a provider answers an order that is placed on a day: never after the last day of the service.
#[must_use]
pub fn answer_due_on(placed_on: NaiveDate, answer_days: i32, ends_on: NaiveDate) -> NaiveDate {
    let days = u64::try_from(answer_days).unwrap_or_default();
    placed_on.checked_add_days(Days::new(days)).unwrap_or(placed_on).min(ends_on)
}

/// How much of something, and what it costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// In hundredths of the unit.
    pub hundredths: i64,
    /// In cents, without value added tax.
    pub cents: i64,
}

impl Drawn {
    /// So much of a service at a price.
    #[must_use]
    pub fn of(quantity: Quantity, price: Money) -> Self {
        Self { hundredths: quantity.hundredths.into(), cents: quantity.cost(price) }
    }

    /// Both together; none where that is more than can be counted.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self { hundredths: self.hundredths.checked_add(other.hundredths)?, cents: self.cents.checked_add(other.cents)? })
    }

    /// The one without the other; none where that is less than nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        let left = Self { hundredths: self.hundredths.checked_sub(other.hundredths)?, cents: self.cents.checked_sub(other.cents)? };
        (left.hundredths >= 0 && left.cents >= 0).then_some(left)
    }

    /// The sum of many; none where that is more than can be counted.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().try_fold(Self::default(), Self::plus)
    }
}

/// What is counted of a line of a contract in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// What was ordered in it and takes of what may be ordered.
    pub ordered: Drawn,
    /// What was delivered in it and not taken back.
    pub delivered: Drawn,
    /// What of that is on an invoice.
    pub invoiced: Drawn,
}

impl Counts {
    /// Something ordered.
    #[must_use]
    pub fn of_ordered(ordered: Drawn) -> Self {
        Self { ordered, ..Self::default() }
    }

    /// Both together; none where that is more than can be counted.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let delivered = self.delivered.plus(other.delivered)?;
        Some(Self { ordered: self.ordered.plus(other.ordered)?, delivered, invoiced: self.invoiced.plus(other.invoiced)? })
    }

    /// The one without the other; none where that is less than nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        let delivered = self.delivered.minus(other.delivered)?;
        Some(Self { ordered: self.ordered.minus(other.ordered)?, delivered, invoiced: self.invoiced.minus(other.invoiced)? })
    }

    /// The sum of many; none where that is more than can be counted.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().try_fold(Self::default(), Self::plus)
    }
}

/// What has been ordered of something that has bounds, and the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What has been ordered.
    pub ordered: Drawn,
    /// The most, in hundredths of the unit; none without a bound.
    pub most_hundredths: Option<i64>,
    /// The most, in cents; none without a bound.
    pub ceiling_cents: Option<i64>,
}

impl Room {
    /// How much is left, in hundredths of the unit; none without a bound.
    #[must_use]
    pub fn free_hundredths(&self) -> Option<i64> {
        self.most_hundredths.map(|most| most.saturating_sub(self.ordered.hundredths))
    }

    /// How much money is left, in cents; none without a bound.
    #[must_use]
    pub fn free_cents(&self) -> Option<i64> {
        self.ceiling_cents.map(|most| most.saturating_sub(self.ordered.cents))
    }

    /// More has been ordered than the bounds allow.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        [self.free_hundredths(), self.free_cents()].into_iter().flatten().any(|free| free < 0)
    }

    /// Refuses what is more than is left.
    pub fn check(&self, next: Drawn, path: &[&str], out: &mut Rejections) {
        if let Some(free) = self.free_hundredths().filter(|free| *free < next.hundredths) {
            out.add_with(Code::QuantityReached, path, free.to_string());
        }
        if let Some(free) = self.free_cents().filter(|free| *free < next.cents) {
            out.add_with(Code::CeilingReached, path, free.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn content() -> PurchaseOrderContent {
        let day = |text: &str| Date(text.parse().unwrap());
        PurchaseOrderContent {
            starts_on: day("2026-12-01"),
            ends_on: day("2027-03-31"),
            quantity: Quantity { hundredths: 1_000 },
            instructions: None,
            disclose: BTreeSet::new(),
        }
    }

    #[test]
    fn no_more_of_a_client_is_told_than_a_provider_may_need() {
        assert_eq!(content().check(), Rejections::default());
        assert_eq!(content().told(), [DataItem::Alias].into());
        for item in DataItem::ALL {
            let faults = PurchaseOrderContent { disclose: [*item].into(), ..content() }.check();
            assert_eq!(faults == Rejections::default(), TOLD.contains(item), "{item:?}");
        }
        assert_eq!(format!("{:?}", content()), "•••");
    }

    #[test]
    fn of_one_under_non_disclosure_neither_birth_date_nor_free_text_is_told() {
        assert_eq!(content().check_protected(), Rejections::default());
        for item in TOLD {
            let faults = PurchaseOrderContent { disclose: [item].into(), ..content() }.check_protected();
            assert_eq!(faults == Rejections::default(), item == DataItem::Language, "{item:?}");
        }
        assert_ne!(PurchaseOrderContent { instructions: Some("Asuu Testikujalla.".to_owned()), ..content() }.check_protected(), Rejections::default());
    }

    #[test]
    fn nothing_is_ordered_beyond_what_is_left_and_nothing_overflows() {
        let ordered = Drawn { hundredths: 900, cents: 90_000 };
        let room = Room { ordered, most_hundredths: Some(1_000), ceiling_cents: Some(100_000) };
        let told = |room: Room, next| {
            let mut out = Rejections::default();
            room.check(next, &["line"], &mut out);
            out.iter().map(|fault| format!("{:?} {}", fault.code, fault.detail.clone().unwrap_or_default())).collect::<Vec<_>>()
        };
        assert!(told(room, Drawn { hundredths: 100, cents: 10_000 }).is_empty());
        let passed = |hundredths, cents| Room { ordered: Drawn { hundredths, cents }, ..room }.is_passed();
        assert_eq!([passed(1_000, 100_000), passed(1_001, 0), passed(0, 100_001)], [false, true, true]);
        assert_eq!(told(room, Drawn { hundredths: 101, cents: 10_001 }), ["QuantityReached 100", "CeilingReached 10000"]);
        let boundless = Room { most_hundredths: None, ceiling_cents: None, ..room };
        assert!(told(boundless, Drawn { hundredths: i64::MAX, cents: i64::MAX }).is_empty());
        assert_eq!(
            told(Room { ordered: Drawn { hundredths: i64::MIN, cents: i64::MIN }, ..room }, Drawn { hundredths: i64::MAX, cents: 0 }),
            Vec::<String>::new()
        );
        assert_eq!(Drawn { hundredths: i64::MAX, cents: 0 }.plus(Drawn { hundredths: 1, cents: 0 }), None);
        assert_eq!(ordered.minus(Drawn { hundredths: 901, cents: 0 }), None);
        assert_eq!(Drawn::sum([ordered, ordered]), Some(Drawn { hundredths: 1_800, cents: 180_000 }));
    }

    #[test]
    fn what_came_to_nothing_takes_nothing_and_what_was_begun_takes_what_was_delivered() {
        for state in OrderState::ALL {
            assert!(!state.is_over() || state.is_committed() && !state.is_open(), "{state:?}");
            assert!(!(state.is_committed() && state.came_to_nothing()), "{state:?}");
            assert_eq!(state.is_open(), state.moves().any(|by| by.side() != OrderSide::Invoice), "{state:?}");
        }
        for edge in OrderState::EDGES {
            let gives_back = edge.from.is_committed() && !edge.to.is_committed();
            assert!(!gives_back || edge.to.came_to_nothing() && matches!(edge.from, OrderState::Placed | OrderState::Confirmed), "{edge:?}");
        }
    }

    #[test]
    fn nothing_is_given_between_the_day_of_an_interruption_and_the_day_on_which_the_service_goes_on() {
        let day = |text: &str| text.parse().unwrap();
        let gaps = Interruptions::default().and(day("2026-12-01"), day("2026-12-04")).and(day("2026-12-10"), day("2026-12-10"));
        let within = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-10"].map(|on| gaps.around(day(on)).is_some());
        assert_eq!(within, [false, false, true, true, false, false]);
    }

    #[test]
    fn what_was_paid_is_settled_and_comes_back_as_it_ended() {
        for ended in [OrderState::Completed, OrderState::Terminated] {
            let settled = ended.step(ended.settling(Some(ended), true).unwrap()).unwrap();
            assert_eq!((settled, settled.settling(Some(ended), true)), (OrderState::Settled, None));
            assert_eq!(settled.step(settled.settling(Some(ended), false).unwrap()), Ok(ended));
            assert_eq!(ended.settling(Some(ended), false), None);
        }
        for state in OrderState::ALL.iter().filter(|state| !state.is_over()) {
            assert_eq!([true, false].map(|paid| state.settling(None, paid)), [None; 2], "{state:?}");
        }
        for edge in OrderState::EDGES {
            assert_eq!(edge.by.side() == OrderSide::Invoice, edge.from.is_over() && edge.to.is_over(), "{edge:?}");
        }
    }

    #[test]
    fn an_answer_is_due_within_the_days_of_the_contract() {
        let due = |days, ends_on: &str| answer_due_on("2026-12-30".parse().unwrap(), days, ends_on.parse().unwrap()).to_string();
        assert_eq!(due(3, "2027-03-31"), "2027-01-02");
        assert_eq!(due(3, "2026-12-31"), "2026-12-31", "nobody waits for an answer when the days are over");
    }
}
