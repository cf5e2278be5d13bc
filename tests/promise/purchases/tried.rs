//! What is tried, by whom, and how much of it at once: made at random.
use domain::funding::{
    complaint::ComplaintMove, contract::ContractMove, delivery::DeliveryMove, invoice::InvoiceMove, procurement::ProcurementMove, purchase_order::OrderMove,
    settlement::SettlementMove, voucher::VoucherMove,
};
use proptest::{prelude::*, sample::select};

/// How many bursts of a sequence are made at random, at most.
const LONGEST: usize = 20;
/// How many try something at once, at most.
const AT_ONCE: usize = 4;

/// So many days ago the month is closed, whichever day it is.
const LOCKED: i64 = 45;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// The next step of an order or a voucher on its usual way, up to its payment.
    Forward,
    /// An order of so many hundredths, drafted and placed.
    Order(i32),
    Move(OrderMove),
    /// A delivery of so many hundredths of an order, so many days ago.
    Record(i32, i64),
    /// A move of a delivery; what it is corrected to, and on which day, so many days ago.
    Delivery(DeliveryMove, i32, i64),
    /// An invoice of what was approved, or one that asks for too much.
    Send(bool),
    Invoice(InvoiceMove),
    /// A voucher for so many hundredths.
    Issue(i32),
    Voucher(VoucherMove),
    /// A delivery of so many hundredths by a voucher, so many days ago.
    Use(i32, i64),
    /// A settlement of what was given by vouchers and approved, up to so many days ago.
    Settle(i64),
    Settlement(SettlementMove),
    /// Another price of the approved provider from today on, in cents: asked for, or answered where one is.
    Listed(i32),
    Contract(ContractMove),
    /// Another contract, signed by both sides, which begins with the next thing that is done by time.
    Renew,
    /// Another price of a contract, in cents, from so many days from now on.
    Price(i32, i64),
    /// A decision that grants so many hundredths.
    Decide(i32),
    /// A decision in the place of another.
    Amend(i32),
    Revoke,
    /// A complaint about an order.
    Complain,
    Complaint(ComplaintMove),
    /// A move of a procurement, or a plan where there is none.
    Procurement(ProcurementMove),
    /// A case is closed.
    Close,
    /// So many days pass, and what is done by time is done.
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
    /// Under a key, and once more after the burst.
    pub(super) again: bool,
}

/// How many days ago something was given: mostly today, or not long ago.
fn ago() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0), 4 => 1..14_i64, 1 => 14..LOCKED, 1 => Just(LOCKED)]
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![6 => ordering(), 4 => by_voucher(), 2 => terms(), 1 => beside()]
}

/// What becomes of orders, of what is delivered, and of the invoices of it.
fn ordering() -> impl Strategy<Value = What> {
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
    prop_oneof![
        20 => Just(What::Forward),
        6 => (1..600_i32).prop_map(What::Order),
        6 => moves.prop_map(What::Move),
        4 => (1..400_i32, ago()).prop_map(|(hundredths, ago)| What::Record(hundredths, ago)),
        6 => (deliveries, 1..400_i32, ago()).prop_map(|(by, hundredths, ago)| What::Delivery(by, hundredths, ago)),
        3 => prop::bool::weighted(0.8).prop_map(What::Send),
        5 => invoices.prop_map(What::Invoice),
    ]
}

/// What becomes of vouchers, and of the settlements of what is given by them.
fn by_voucher() -> impl Strategy<Value = What> {
    let vouchers = select(vec![VoucherMove::Choose, VoucherMove::Choose, VoucherMove::Leave, VoucherMove::Refuse, VoucherMove::Cancel]);
    let settlements = select(vec![
        SettlementMove::Approve,
        SettlementMove::Approve,
        SettlementMove::Pay,
        SettlementMove::Pay,
        SettlementMove::Discard,
        SettlementMove::Reverse,
    ]);
    prop_oneof![
        6 => Just(What::Forward),
        3 => (1..600_i32).prop_map(What::Issue),
        4 => vouchers.prop_map(What::Voucher),
        5 => (1..400_i32, ago()).prop_map(|(hundredths, ago)| What::Use(hundredths, ago)),
        2 => (0..14_i64).prop_map(What::Settle),
        4 => settlements.prop_map(What::Settlement),
        1 => (1..9_999_i32).prop_map(What::Listed),
    ]
}

/// What becomes of contracts, prices and decisions, and the time.
fn terms() -> impl Strategy<Value = What> {
    let contracts = select(vec![ContractMove::Suspend, ContractMove::Resume, ContractMove::Resume, ContractMove::Extend, ContractMove::Terminate]);
    prop_oneof![
        2 => contracts.prop_map(What::Contract),
        1 => Just(What::Renew),
        2 => (1..9_999_i32, 0..20_i64).prop_map(|(cents, from)| What::Price(cents, from)),
        1 => (1..1_500_i32).prop_map(What::Decide),
        1 => (1..1_500_i32).prop_map(What::Amend),
        1 => Just(What::Revoke),
        3 => select(vec![0, 1, 4, 9, 31]).prop_map(What::Time),
    ]
}

/// What becomes of complaints, procurements and cases.
fn beside() -> impl Strategy<Value = What> {
    let complaints = select(vec![ComplaintMove::TakeUp, ComplaintMove::TakeUp, ComplaintMove::Answer, ComplaintMove::Close, ComplaintMove::Dismiss]);
    let procurements = select(vec![
        ProcurementMove::OpenDialogue,
        ProcurementMove::Tender,
        ProcurementMove::Tender,
        ProcurementMove::Evaluate,
        ProcurementMove::Evaluate,
        ProcurementMove::Award,
        ProcurementMove::Award,
        ProcurementMove::Appeal,
        ProcurementMove::Uphold,
        ProcurementMove::Interrupt,
    ]);
    prop_oneof![
        3 => Just(What::Complain),
        4 => complaints.prop_map(What::Complaint),
        6 => procurements.prop_map(What::Procurement),
        1 => Just(What::Close),
    ]
}

/// Several who try the same at once.
fn rush(what: impl Strategy<Value = What>) -> impl Strategy<Value = Vec<Try>> {
    (what, prop::collection::vec(who(), AT_ONCE)).prop_map(|(what, all)| all.into_iter().map(|who| tried(what, who)).collect())
}

type Who = (usize, bool, [bool; 2]);

fn who() -> impl Strategy<Value = Who> {
    (0..5_usize, prop::bool::weighted(0.06), any::<[bool; 2]>())
}

fn tried(what: What, (which, by_another, [elsewhere, again]): Who) -> Try {
    Try { what, which, by_another, elsewhere, again }
}

/// The usual way of orders and vouchers from their beginning to what comes back of what was paid, with several on it at once; each by those whose move it is.
/// Whatever is made at random afterwards, this much was done.
const WAY: &[[What; AT_ONCE]] = &[
    [What::Order(200); AT_ONCE],
    [What::Move(OrderMove::Confirm), What::Move(OrderMove::Confirm), What::Issue(400), What::Issue(300)],
    [What::Record(150, 0), What::Record(200, 0), What::Voucher(VoucherMove::Choose), What::Voucher(VoucherMove::Choose)],
    [What::Delivery(DeliveryMove::Dispute, 0, 0), What::Delivery(DeliveryMove::Dispute, 0, 0), What::Use(150, 0), What::Use(100, 0)],
    [What::Delivery(DeliveryMove::Correct, 120, 0), What::Delivery(DeliveryMove::Correct, 50, 0), What::Contract(ContractMove::Extend), What::Renew],
    [What::Delivery(DeliveryMove::Approve, 0, 0); AT_ONCE],
    [What::Price(4_999, 0), What::Listed(5_250), What::Delivery(DeliveryMove::Approve, 0, 0), What::Delivery(DeliveryMove::Approve, 0, 0)],
    [What::Send(true), What::Send(true), What::Settle(0), What::Settle(0)],
    [
        What::Invoice(InvoiceMove::Approve),
        What::Invoice(InvoiceMove::Approve),
        What::Settlement(SettlementMove::Approve),
        What::Settlement(SettlementMove::Approve),
    ],
    [What::Invoice(InvoiceMove::Pay), What::Invoice(InvoiceMove::Pay), What::Settlement(SettlementMove::Pay), What::Settlement(SettlementMove::Pay)],
    [
        What::Invoice(InvoiceMove::Credit),
        What::Contract(ContractMove::Suspend),
        What::Settlement(SettlementMove::Reverse),
        What::Settlement(SettlementMove::Reverse),
    ],
    [What::Send(false), What::Send(false), What::Contract(ContractMove::Resume), What::Order(150)],
    // What was credited is asked for again, at first wrongly.
    [What::Invoice(InvoiceMove::Match), What::Invoice(InvoiceMove::Match), What::Time(9), What::Issue(200)],
    [What::Order(110), What::Order(130), What::Order(100), What::Order(70)],
    [What::Move(OrderMove::Confirm), What::Move(OrderMove::Confirm), What::Move(OrderMove::Confirm), What::Move(OrderMove::Reject)],
    [What::Record(50, 0), What::Move(OrderMove::Terminate), What::Record(60, 0), What::Voucher(VoucherMove::Cancel)],
    [What::Delivery(DeliveryMove::Void, 0, 0), What::Complain, What::Complain, What::Procurement(ProcurementMove::Tender)],
    [What::Move(OrderMove::Cancel); AT_ONCE],
    [What::Move(OrderMove::Cancel); AT_ONCE],
];
/// How each sequence ends: a month is closed, a contract is ended under what goes on, and so are the cases.
const END: &[[What; AT_ONCE]] = &[
    [What::Record(100, LOCKED), What::Record(100, LOCKED), What::Use(100, LOCKED), What::Use(100, LOCKED)],
    [What::Contract(ContractMove::Terminate), What::Contract(ContractMove::Terminate), What::Forward, What::Forward],
    [What::Close, What::Close, What::Forward, What::Forward],
];

/// Those bursts, each try for another row and by another actor, in either process.
fn on_the_way(way: &'static [[What; AT_ONCE]]) -> impl Strategy<Value = Vec<Vec<Try>>> {
    prop::collection::vec(prop::array::uniform4(any::<[bool; 2]>()), way.len()).prop_map(|how| {
        let burst = |(of, how): (&[What; AT_ONCE], [[bool; 2]; AT_ONCE])| {
            let each = of.iter().zip(how).enumerate();
            each.map(|(which, (what, how))| tried(*what, (which, false, how))).collect()
        };
        way.iter().zip(how).map(burst).collect()
    })
}

/// Sequences of bursts: each burst is tried at once. They begin with a rush for the contracts, which have room for one of those orders each, and go the usual way;
/// then everything is tried.
pub(super) fn bursts() -> impl Strategy<Value = Vec<Vec<Try>>> {
    let mixed = prop::collection::vec((what(), who()).prop_map(|(what, who)| tried(what, who)), 2..=AT_ONCE);
    let scarce = prop_oneof![
        2 => (200..600_i32).prop_map(What::Order),
        1 => (50..300_i32, 0..9_i64).prop_map(|(hundredths, ago)| What::Record(hundredths, ago)),
        1 => (200..600_i32).prop_map(What::Issue),
        1 => (50..300_i32, 0..9_i64).prop_map(|(hundredths, ago)| What::Use(hundredths, ago)),
        1 => Just(What::Settle(0)),
        1 => what(),
    ];
    let more = prop::collection::vec(prop_oneof![3 => mixed, 1 => rush(scarce)], LONGEST / 2..LONGEST);
    let first = rush((510..600_i32).prop_map(What::Order)).prop_map(|first| vec![first]);
    (first, on_the_way(WAY), more, on_the_way(END)).prop_map(|(first, way, more, end)| [first, way, more, end].concat())
}
