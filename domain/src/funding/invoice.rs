//! Invoices of purchased services (ostolaskut): what a provider asks for what it has delivered, told line by line against the deliveries and the price of
//! their day, and paid when somebody other than whoever ordered has approved it.
use super::{
    delivery::DeliveryKind,
    price::{DEAREST, Quantity, QuantityUnit, vat},
};
use crate::{
    id::{ContractLineId, DeliveryEventId, PurchaseOrderId, ServiceId},
    machine::machine,
    money::Money,
    rejection::{Code, Rejection, Rejections},
    scalar::{Bic, BusinessId, Date, Iban, PaymentReference},
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

vocabulary! {
    /// Where an invoice is (laskun tila).
    pub enum InvoiceState ["invoice-state"] {
        /// Just come in; it is compared with the deliveries at once (saapunut).
        Received,
        /// It agrees with what was delivered, to the cent (täsmää).
        Matched,
        /// It does not; what differs is told line by line (ei täsmää).
        Mismatch,
        /// To be paid (hyväksytty).
        Approved,
        /// Paid (maksettu).
        Paid,
        /// Not paid, for a reason (hylätty).
        Rejected,
        /// Taken back by the provider with a credit note (hyvitetty).
        Credited,
    }
}

machine! {
    /// A move of the invoice machine.
    InvoiceState as "Invoice (lasku)", pub enum InvoiceMove {
        /// It agrees with the deliveries: as it came, or as finance has put it right.
        Match,
        /// It does not agree.
        Differ,
        /// Say that it is to be paid; never by whoever ordered or put it right.
        Approve,
        /// Write down that it was paid.
        Pay,
        /// Refuse it, with the reason.
        Reject,
        /// Take it back as the provider, with a credit note.
        Credit,
    }
    Received -- Match -> Matched;
    Received -- Differ -> Mismatch;
    Mismatch -- Match -> Matched;
    Mismatch -- Reject -> Rejected;
    Mismatch -- Credit -> Credited;
    Matched -- Approve -> Approved;
    Matched -- Reject -> Rejected;
    Matched -- Credit -> Credited;
    Approved -- Pay -> Paid;
    Approved -- Reject -> Rejected;
    Approved -- Credit -> Credited;
    Paid -- Credit -> Credited;
}

impl InvoiceState {
    /// States in which what it asks for counts as invoiced.
    pub const COUNTED: [Self; 3] = [Self::Matched, Self::Approved, Self::Paid];

    /// What it asks for counts as invoiced: its deliveries are on no other invoice.
    #[must_use]
    pub fn is_counted(self) -> bool {
        Self::COUNTED.contains(&self)
    }
}

/// The most lines of an invoice.
pub const MOST_LINES: usize = 500;
/// The most that one invoice asks for.
pub const MOST_ASKED: Money = Money { amount_cents: 2_000_000_000 };

/// A line as the provider has written it: one delivery, and what is asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "InvoiceLineInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimedLine {
    /// The delivery that is asked for.
    pub delivery: DeliveryEventId,
    /// How much, in the unit of the order.
    pub quantity: Quantity,
    /// The price of a unit, without value added tax.
    pub unit_price: Money,
    /// The rate of value added tax in basis points: 2550 is 25.5 per cent; 0 for services that are exempt.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub vat_rate_bp: i32,
}

/// To whom and how it is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "PayeeInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Payee {
    /// The account of the provider.
    pub iban: Iban,
    /// The bank of the account; left out inside Finland.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<Bic>,
    /// The reference with which it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<PaymentReference>,
}

/// What a provider writes on an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "InvoiceContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvoiceContent {
    /// The provider's own number of it, at most 20 characters; never used twice.
    pub number: String,
    /// The day of the invoice.
    pub issued_on: Date,
    /// The day on which it is due.
    pub due_on: Date,
    /// The currency by ISO 4217. Only `EUR` is taken.
    #[serde(default = "euro")]
    #[cfg_attr(feature = "graphql", graphql(default_with = "euro()"))]
    pub currency: String,
    /// To whom it is paid.
    pub payee: Payee,
    /// The lines, at least one and at most 500, one for each delivery.
    #[cfg_attr(feature = "graphql", graphql(validator(max_items = 500)))]
    pub lines: Vec<ClaimedLine>,
    /// What is asked in all, with value added tax.
    pub total: Money,
}

fn euro() -> String {
    "EUR".to_owned()
}

impl InvoiceContent {
    /// Every fault of the form. What does not agree with the deliveries is no fault of the form: [`compare`] tells it.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        check_number(&self.number, "number", &mut out);
        if self.due_on < self.issued_on {
            out.add(Code::DateOrder, &["dueOn"]);
        }
        if self.currency != "EUR" {
            out.add(Code::OtherCurrency, &["currency"]);
        }
        match self.lines.len() {
            0 => out.add(Code::Required, &["lines"]),
            1..=MOST_LINES => {}
            _ => out.add_with(Code::TooLong, &["lines"], MOST_LINES.to_string()),
        }
        let mut seen = BTreeSet::new();
        for (i, line) in self.lines.iter().enumerate() {
            let mut faults = Rejections::default();
            line.quantity.check("quantity", &mut faults);
            line.unit_price.check("unitPrice", DEAREST, &mut faults);
            if !(0..=10_000).contains(&line.vat_rate_bp) {
                faults.add_with(Code::OutOfRange, &["vatRateBp"], "0–10000");
            }
            if !seen.insert(line.delivery) {
                faults.add(Code::Duplicate, &["delivery"]);
            }
            for fault in &faults {
                let path = ["lines".to_owned(), i.to_string()].into_iter().chain(fault.path.iter().cloned()).collect();
                out.push(Rejection { path, ..fault.clone() });
            }
        }
        self.total.check("total", MOST_ASKED, &mut out);
        let (sum, _) = totals(self.lines.iter().map(|line| (line.vat_rate_bp, Amounts::of(line.quantity, line.unit_price, line.vat_rate_bp))));
        if sum.gross() > i64::from(MOST_ASKED.amount_cents) {
            out.add_with(Code::OutOfRange, &["lines"], format!("0–{}", MOST_ASKED.amount_cents));
        }
        out
    }
}

/// A number of an invoice or a credit note: some characters, at most 20, as Finvoice takes it.
pub fn check_number(number: &str, field: &str, out: &mut Rejections) {
    text::check(number, &[field], 20, out);
}

/// What is asked for a delivery, reckoned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Without value added tax, in cents.
    pub net: i64,
    /// The value added tax, in cents.
    pub vat: i64,
}

impl Amounts {
    /// Of so much at a price and a rate; half a cent is rounded up, line by line.
    #[must_use]
    pub fn of(quantity: Quantity, price: Money, rate_bp: i32) -> Self {
        Self::on(quantity.cost(price), rate_bp)
    }

    /// Of so many cents without value added tax, at a rate.
    #[must_use]
    pub fn on(net: i64, rate_bp: i32) -> Self {
        Self { net, vat: vat(net, rate_bp) }
    }

    /// With value added tax, in cents.
    #[must_use]
    pub const fn gross(self) -> i64 {
        self.net.saturating_add(self.vat)
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { net: self.net.saturating_add(other.net), vat: self.vat.saturating_add(other.vat) }
    }
}

/// The sum of lines, which is what an invoice comes to, and the same by the rate of value added tax, the lowest first.
#[must_use]
pub fn totals(lines: impl IntoIterator<Item = (i32, Amounts)>) -> (Amounts, BTreeMap<i32, Amounts>) {
    let mut by_rate: BTreeMap<i32, Amounts> = BTreeMap::new();
    for (rate, amounts) in lines {
        let sum = by_rate.entry(rate).or_default();
        *sum = sum.plus(amounts);
    }
    (by_rate.values().copied().fold(Amounts::default(), Amounts::plus), by_rate)
}

vocabulary! {
    /// What of an invoice does not agree with the deliveries (laskun poikkeama).
    pub enum InvoiceDifference ["invoice-difference"] {
        /// The delivery is not approved: it waits, is disputed or is void (toteumaa ei ole hyväksytty).
        NotApproved,
        /// The delivery is on another invoice (toteuma on jo laskutettu).
        AlreadyInvoiced,
        /// Another quantity than was delivered (määrä poikkeaa).
        Quantity,
        /// Another price than that of the order (hinta poikkeaa).
        Price,
        /// Another rate of value added tax than that of the order (verokanta poikkeaa).
        VatRate,
        /// The total is not the sum of the lines (loppusumma poikkeaa).
        Total,
    }
}

/// A line as it is paid: one delivery, with what it comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvoiceLine {
    /// The delivery.
    pub delivery: DeliveryEventId,
    /// For what it is paid.
    #[serde(default = "service")]
    pub kind: DeliveryKind,
    /// The order by which it was delivered.
    pub order: PurchaseOrderId,
    /// The line of the contract.
    pub contract_line: ContractLineId,
    /// The service.
    pub service: ServiceId,
    /// What the service was called when the invoice came in.
    pub service_name: LocalizedText,
    /// The day of the delivery.
    pub delivered_on: Date,
    /// In what it is counted.
    pub unit: QuantityUnit,
    /// How much.
    pub quantity: Quantity,
    /// The price of a unit, without value added tax.
    pub unit_price: Money,
    /// The rate of value added tax in basis points.
    pub vat_rate_bp: i32,
    /// What it comes to without value added tax, in cents: the quantity by the price, half a cent rounded up, but never more than the delivery.
    pub net_cents: i64,
}

/// A fee was told apart from the service only later.
const fn service() -> DeliveryKind {
    DeliveryKind::Service
}

impl InvoiceLine {
    /// What it comes to.
    #[must_use]
    pub fn amounts(&self) -> Amounts {
        Amounts::on(self.net_cents, self.vat_rate_bp)
    }
}

/// A side of an invoice, as it was called when the invoice came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Side {
    /// What it is called.
    pub name: LocalizedText,
    /// Its business id.
    pub business_id: Option<BusinessId>,
}

/// One thing that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mismatch {
    /// Which line, the first being 0; none for the invoice as a whole.
    pub line: Option<i32>,
    /// What differs.
    pub what: InvoiceDifference,
    /// What it should be, in hundredths, cents or basis points; none where the delivery cannot be invoiced at all.
    pub expected: Option<i64>,
    /// What was written.
    pub claimed: Option<i64>,
}

/// What is known of a delivery that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// It is approved and on no invoice; none of the rest counts otherwise.
    pub standing: Standing,
    /// How much was delivered.
    pub quantity: Quantity,
    /// The price of a unit, frozen when it was ordered.
    pub unit_price: Money,
    /// The rate of value added tax, frozen when it was ordered.
    pub vat_rate_bp: i32,
    /// What it costs without value added tax, in cents; the last of an order may cost a cent less than its quantity by the price.
    pub cost_cents: i64,
}

impl Delivered {
    /// What a line comes to without value added tax: what the delivery costs where it is asked for as it was delivered.
    #[must_use]
    pub fn net(&self, quantity: Quantity, unit_price: Money) -> i64 {
        if (quantity, unit_price) == (self.quantity, self.unit_price) { self.cost_cents } else { quantity.cost(unit_price) }
    }
}

/// Whether a delivery can be invoiced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Approved,
    /// It is on another invoice.
    Invoiced,
    /// It waits, is disputed or is void.
    Other,
}

/// What does not agree, line by line: nothing when the invoice equals its deliveries to the cent. `delivered` tells of each line in its order.
#[must_use]
pub fn compare(content: &InvoiceContent, delivered: &[Delivered]) -> Vec<Mismatch> {
    let mut out = Vec::new();
    for (line, (claimed, known)) in (0_i32..).zip(content.lines.iter().zip(delivered)) {
        let line = Some(line);
        let barred = match known.standing {
            Standing::Approved => None,
            Standing::Invoiced => Some(InvoiceDifference::AlreadyInvoiced),
            Standing::Other => Some(InvoiceDifference::NotApproved),
        };
        out.extend(barred.map(|what| Mismatch { line, what, expected: None, claimed: None }));
        let pairs = [
            (InvoiceDifference::Quantity, known.quantity.hundredths, claimed.quantity.hundredths),
            (InvoiceDifference::Price, known.unit_price.amount_cents, claimed.unit_price.amount_cents),
            (InvoiceDifference::VatRate, known.vat_rate_bp, claimed.vat_rate_bp),
        ];
        let differ = pairs.into_iter().filter(|(_, expected, claimed)| expected != claimed);
        out.extend(differ.map(|(what, expected, claimed)| Mismatch { line, what, expected: Some(expected.into()), claimed: Some(claimed.into()) }));
    }
    let lines = content.lines.iter().zip(delivered);
    let (sum, _) = totals(lines.map(|(line, known)| (line.vat_rate_bp, Amounts::on(known.net(line.quantity, line.unit_price), line.vat_rate_bp))));
    if sum.gross() != i64::from(content.total.amount_cents) {
        let what = InvoiceDifference::Total;
        out.push(Mismatch { line: None, what, expected: Some(sum.gross()), claimed: Some(content.total.amount_cents.into()) });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;
    use proptest::prelude::*;

    fn line(quantity: i32, price: i32, rate: i32) -> ClaimedLine {
        ClaimedLine {
            delivery: DeliveryEventId::new(),
            quantity: Quantity { hundredths: quantity },
            unit_price: Money { amount_cents: price },
            vat_rate_bp: rate,
        }
    }

    fn invoice(lines: Vec<ClaimedLine>) -> InvoiceContent {
        let day = |text: &str| Date(text.parse().unwrap());
        let (sum, _) = totals(lines.iter().map(|line| (line.vat_rate_bp, Amounts::of(line.quantity, line.unit_price, line.vat_rate_bp))));
        InvoiceContent {
            number: "2026-17".to_owned(),
            issued_on: day("2026-12-01"),
            due_on: day("2026-12-31"),
            currency: euro(),
            payee: Payee { iban: Iban::parse("FI21 1234 5600 0007 85").unwrap(), bic: None, reference: None },
            lines,
            total: Money { amount_cents: i32::try_from(sum.gross()).unwrap() },
        }
    }

    fn as_claimed(content: &InvoiceContent) -> Vec<Delivered> {
        let known = |line: &ClaimedLine| Delivered {
            standing: Standing::Approved,
            quantity: line.quantity,
            unit_price: line.unit_price,
            vat_rate_bp: line.vat_rate_bp,
            cost_cents: line.quantity.cost(line.unit_price),
        };
        content.lines.iter().map(known).collect()
    }

    #[test]
    fn what_differs_is_told_line_by_line() {
        let content = invoice(vec![line(150, 8_000, 0), line(100, 8_000, 2_550)]);
        let mut delivered = as_claimed(&content);
        assert_eq!(compare(&content, &delivered), []);
        delivered[0].quantity.hundredths = 100;
        delivered[1].standing = Standing::Invoiced;
        delivered[1].unit_price.amount_cents = 7_900;
        let told: Vec<_> = compare(&content, &delivered).into_iter().map(|m| (m.line, m.what, m.expected, m.claimed)).collect();
        assert_eq!(
            told,
            [
                (Some(0), InvoiceDifference::Quantity, Some(100), Some(150)),
                (Some(1), InvoiceDifference::AlreadyInvoiced, None, None),
                (Some(1), InvoiceDifference::Price, Some(7_900), Some(8_000)),
            ]
        );
        let mut last = as_claimed(&content);
        last[0].cost_cents -= 1;
        assert_eq!(compare(&content, &last)[0].expected, Some(i64::from(content.total.amount_cents) - 1), "the last of an order may cost a cent less");
        let dearer = InvoiceContent { total: Money { amount_cents: content.total.amount_cents + 1 }, ..content.clone() };
        assert_eq!(compare(&dearer, &as_claimed(&content)).len(), 1, "a cent is a cent");
    }

    #[test]
    fn what_no_invoice_may_say_is_refused() {
        let told = |content: InvoiceContent| content.check().iter().map(|fault| (fault.code, fault.path.join("."))).collect::<Vec<_>>();
        assert!(told(invoice(vec![line(150, 8_000, 0)])).is_empty());
        assert_eq!(told(invoice(vec![])), [(Code::Required, "lines".to_owned())]);
        let twice = line(100, 1, 0);
        assert_eq!(told(invoice(vec![twice.clone(), twice])), [(Code::Duplicate, "lines.1.delivery".to_owned())]);
        let dollars = InvoiceContent { currency: "USD".to_owned(), ..invoice(vec![line(100, 1, 0)]) };
        assert_eq!(told(dollars), [(Code::OtherCurrency, "currency".to_owned())]);
        let wrong = InvoiceContent { lines: vec![ClaimedLine { vat_rate_bp: -1, ..line(0, -1, 0) }], ..invoice(vec![line(100, 1, 0)]) };
        let paths: Vec<_> = told(wrong).into_iter().map(|(_, path)| path).collect();
        assert_eq!(paths, ["lines.0.quantity.hundredths", "lines.0.unitPrice.amountCents", "lines.0.vatRateBp"]);
    }

    #[test]
    fn only_what_counts_as_invoiced_is_approved_or_paid() {
        for edge in InvoiceState::EDGES {
            assert!(!matches!(edge.by, InvoiceMove::Approve | InvoiceMove::Pay) || edge.from.is_counted() && edge.to.is_counted(), "{edge:?}");
            assert!(!matches!(edge.by, InvoiceMove::Reject | InvoiceMove::Credit) || !edge.to.is_counted(), "{edge:?}");
        }
    }

    proptest! {
        #[test]
        fn the_total_is_the_sum_of_the_lines_to_the_cent(lines in prop::collection::vec((1..=10_000, 0..=1_000_000, prop::sample::select(vec![0, 1_000, 1_350, 2_550])), 1..40)) {
            let lines: Vec<_> = lines.into_iter().map(|(quantity, price, rate)| line(quantity, price, rate)).collect();
            let each = || lines.iter().map(|line| (line.vat_rate_bp, Amounts::of(line.quantity, line.unit_price, line.vat_rate_bp)));
            let (sum, by_rate) = totals(each());
            prop_assert_eq!(sum.gross(), each().map(|(_, amounts)| amounts.gross()).sum::<i64>());
            prop_assert_eq!(sum.net, by_rate.values().map(|amounts| amounts.net).sum::<i64>());
        }
    }
}
