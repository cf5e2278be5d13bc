//! What is tried, by whom, and how much of it at once: made at random.
use domain::funding::{contract::ContractMove, delivery::DeliveryMove, invoice::InvoiceMove, purchase_order::OrderMove};
use proptest::{prelude::*, sample::select};

/// How many bursts the longest sequence has.
const LONGEST: usize = 32;
/// How many try something at once, at most.
const AT_ONCE: usize = 4;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// The next step of an order on its usual way, up to its payment.
    Forward,
    /// An order of so many hundredths, drafted and placed.
    Order(i32),
    Move(OrderMove),
    /// A delivery of so many hundredths.
    Record(i32),
    /// A move of a delivery; what it is corrected to.
    Delivery(DeliveryMove, i32),
    /// An invoice of what was approved, or one that asks for too much.
    Send(bool),
    Invoice(InvoiceMove),
    Contract(ContractMove),
    /// Another price from today on, in cents.
    Price(i32),
    /// A decision that grants so many hundredths.
    Decide(i32),
    /// A decision in the place of another.
    Amend(i32),
    Revoke,
    /// What is done by time, so many days from now.
    Time(i64),
}

/// One try.
#[derive(Clone, Debug)]
pub(super) struct Try {
    pub(super) what: What,
    /// Which of those that there are.
    pub(super) which: usize,
    /// By somebody whose move it is not.
    pub(super) by_another: bool,
    /// In the other process.
    pub(super) elsewhere: bool,
}

fn what() -> impl Strategy<Value = What> {
    let by_hand = [
        OrderMove::Place,
        OrderMove::Confirm,
        OrderMove::Reject,
        OrderMove::Cancel,
        OrderMove::Begin,
        OrderMove::Pause,
        OrderMove::Resume,
        OrderMove::Complete,
        OrderMove::Terminate,
    ];
    // As the usual way has it, much is confirmed and little is rejected.
    let moves = prop_oneof![3 => select(by_hand.to_vec()), 2 => Just(OrderMove::Confirm)];
    let deliveries = select(vec![DeliveryMove::Approve, DeliveryMove::Approve, DeliveryMove::Dispute, DeliveryMove::Correct, DeliveryMove::Void]);
    let invoices = select(vec![
        InvoiceMove::Match,
        InvoiceMove::Approve,
        InvoiceMove::Approve,
        InvoiceMove::Pay,
        InvoiceMove::Pay,
        InvoiceMove::Reject,
        InvoiceMove::Credit,
    ]);
    let contracts = select(vec![ContractMove::Suspend, ContractMove::Resume, ContractMove::Resume, ContractMove::Extend, ContractMove::Terminate]);
    prop_oneof![
        28 => Just(What::Forward),
        6 => (1..600_i32).prop_map(What::Order),
        6 => moves.prop_map(What::Move),
        4 => (1..400_i32).prop_map(What::Record),
        6 => (deliveries, 1..400_i32).prop_map(|(by, hundredths)| What::Delivery(by, hundredths)),
        3 => prop::bool::weighted(0.8).prop_map(What::Send),
        5 => invoices.prop_map(What::Invoice),
        1 => contracts.prop_map(What::Contract),
        1 => (1..9_999_i32).prop_map(What::Price),
        1 => (1..1_500_i32).prop_map(What::Decide),
        1 => (1..1_500_i32).prop_map(What::Amend),
        1 => Just(What::Revoke),
        2 => select(vec![0, 4, 8, 31]).prop_map(What::Time),
    ]
}

/// Several who try the same at once.
fn rush(what: impl Strategy<Value = What>) -> impl Strategy<Value = Vec<Try>> {
    (what, prop::collection::vec(who(), AT_ONCE)).prop_map(|(what, all)| all.into_iter().map(|who| tried(what, who)).collect())
}

type Who = (usize, bool, bool);

fn who() -> impl Strategy<Value = Who> {
    (0..5_usize, prop::bool::weighted(0.06), any::<bool>())
}

fn tried(what: What, (which, by_another, elsewhere): Who) -> Try {
    Try { what, which, by_another, elsewhere }
}

/// Sequences of bursts: each burst is tried at once. They begin with a rush for the contracts, which have room for one of those orders each.
pub(super) fn bursts() -> impl Strategy<Value = Vec<Vec<Try>>> {
    let mixed = prop::collection::vec((what(), who()).prop_map(|(what, who)| tried(what, who)), 2..=AT_ONCE);
    let scarce = prop_oneof![2 => (200..600_i32).prop_map(What::Order), 1 => (50..300_i32).prop_map(What::Record), 1 => what()];
    let more = prop::collection::vec(prop_oneof![3 => mixed, 1 => rush(scarce)], LONGEST / 2..LONGEST);
    (rush((510..600_i32).prop_map(What::Order)), more).prop_map(|(first, more)| [vec![first], more].concat())
}
