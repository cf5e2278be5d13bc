//! Invoices: type, list, moves, and the two forms in which they go on to accounting.
use super::{DeliveryEvent, FrameworkContract, PurchaseOrder, Quantity};
use crate::{
    act::funding::invoice::{self as act, Said, SendInvoice},
    error::Result,
    finvoice::Document,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
        text::{LocalizedText, Money},
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use domain::{
    funding::{
        delivery::DeliveryKind,
        invoice::{self as rules, InvoiceContent, InvoiceDifference, InvoiceMove, InvoiceState},
        price::QuantityUnit,
    },
    id::{FrameworkContractId, InvoiceId, Kinded, OrganizationId},
    machine::Machine,
    scalar::{Bic, Date, DateTime, Iban, PaymentReference},
};
use entity::funding::{delivery_event, framework_contract, invoice as table, purchase_order};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// An invoice (lasku).
pub struct Invoice(Arc<table::Model>);

impl From<table::Model> for Invoice {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// An invoice (ostolasku) of a provider for what it has delivered by a contract. The finance and procurement of the organisation that pays see it, and the
/// manager of the provider; nobody else. No client is named in it.
#[Object]
impl Invoice {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The provider's own number of it.
    async fn number(&self) -> &str {
        &self.0.number
    }
    /// The organisation that pays.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// Who asks.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.provider_id).await
    }
    /// The contract by which the services were ordered; null when it is not yours to see.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<FrameworkContract>> {
        Ok(ctx.caller().load::<framework_contract::Entity>(self.0.contract_id).await?.map(FrameworkContract::from))
    }
    /// Where it is.
    async fn state(&self) -> InvoiceState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<InvoiceMove> {
        self.0.state.moves().collect()
    }
    /// The day of the invoice.
    async fn issued_on(&self) -> Date {
        Date(self.0.issued_on)
    }
    /// The currency by ISO 4217: always `EUR`.
    async fn currency(&self) -> &str {
        &self.0.content.currency
    }
    /// The day on which it is due.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }
    /// To whom and how it is paid.
    async fn payee(&self) -> Payee {
        let rules::Payee { iban, bic, reference } = self.0.content.payee.clone();
        Payee { iban, bic, reference }
    }
    /// The lines, each of one delivery: as the provider wrote them, and once it was put right, as they are paid. At most 500.
    async fn lines(&self) -> Vec<InvoiceLine> {
        self.0.reckoned.lines.iter().cloned().map(InvoiceLine).collect()
    }
    /// What does not agree with the deliveries, as it came in; nothing when it agrees to the cent.
    async fn mismatches(&self) -> Vec<InvoiceMismatch> {
        self.0.reckoned.mismatches.iter().map(InvoiceMismatch::from).collect()
    }
    /// What it comes to without value added tax: the sum of the lines.
    async fn net(&self) -> Result<Money> {
        Money::of_cents(self.0.net_cents)
    }
    /// The value added tax: the sum of the lines, each rounded half up.
    async fn vat(&self) -> Result<Money> {
        Money::of_cents(self.0.vat_cents)
    }
    /// What it comes to with value added tax.
    async fn total(&self) -> Result<Money> {
        Money::of_cents(self.0.net_cents.saturating_add(self.0.vat_cents))
    }
    /// What the provider has asked in all, with value added tax.
    async fn asked(&self) -> Money {
        self.0.content.total.into()
    }
    /// Who sent it, by the stable key.
    async fn sent_by(&self) -> &str {
        &self.0.sent_by
    }
    /// Who put it right, by the stable key; null when it came in right, or was not put right.
    async fn corrected_by(&self) -> Option<&str> {
        self.0.corrected_by.as_deref()
    }
    /// Who approved it, by the stable key; null until then.
    async fn approved_by(&self) -> Option<&str> {
        self.0.approved_by.as_deref()
    }
    /// When it was approved; null until then.
    async fn approved_at(&self) -> Option<DateTime> {
        self.0.approved_at.map(DateTime)
    }
    /// The day on which it was paid; null until then.
    async fn paid_on(&self) -> Option<Date> {
        self.0.paid_on.map(Date)
    }
    /// Why it was put right, refused or taken back, as was said last; null when nothing was.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// The number of the credit note by which it was taken back; null when it was not.
    async fn credit_number(&self) -> Option<&str> {
        self.0.credit_number.as_deref()
    }
    /// The day of the credit note; null when there is none.
    async fn credited_on(&self) -> Option<Date> {
        self.0.credited_on.map(Date)
    }
    /// The invoice as Finvoice 3.0, XML in UTF-8, in the language of the request; null until it is approved, so that nothing else goes on to be paid.
    async fn finvoice(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Document::invoice(&self.0).map(|invoice| invoice.xml(ctx.caller().language())).transpose()
    }
    /// The credit note as Finvoice 3.0; null when there is none, or the invoice never was approved.
    async fn credit_finvoice(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Document::credit_note(&self.0).map(|note| note.xml(ctx.caller().language())).transpose()
    }
    /// Its lines as CSV for accounting: semicolons, decimal commas, one row a line under a heading; null until it is approved.
    async fn csv(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Document::invoice(&self.0).map(|invoice| invoice.csv(ctx.caller().language())).transpose()
    }
    /// The lines of the credit note as CSV; null like the credit note.
    async fn credit_csv(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Document::credit_note(&self.0).map(|note| note.csv(ctx.caller().language())).transpose()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// When it came in.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// To whom and how an invoice is paid.
#[derive(SimpleObject)]
pub struct Payee {
    /// The account of the provider.
    iban: Iban,
    /// The bank of the account; null inside Finland.
    bic: Option<Bic>,
    /// The reference with which it is paid; null without one.
    reference: Option<PaymentReference>,
}

/// A line of an invoice.
pub struct InvoiceLine(rules::InvoiceLine);

/// A line of an invoice (laskurivi): one delivery.
#[Object]
impl InvoiceLine {
    /// The delivery; null when it is not yours to see.
    async fn delivery(&self, ctx: &Context<'_>) -> Result<Option<DeliveryEvent>> {
        Ok(ctx.caller().peek::<delivery_event::Entity>(self.0.delivery).await?.map(DeliveryEvent::from))
    }
    /// The order by which it was delivered; null when it is not yours to see.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        Ok(ctx.caller().peek::<purchase_order::Entity>(self.0.order).await?.map(PurchaseOrder::from))
    }
    /// The number of the order: its id.
    async fn order_number(&self) -> ID {
        ID(self.0.order.to_public())
    }
    /// For what it is paid: the service, or the fee of an order that was cancelled late.
    async fn kind(&self) -> DeliveryKind {
        self.0.kind
    }
    /// What the service was called when the invoice came in.
    async fn service_name(&self) -> LocalizedText {
        (&self.0.service_name).into()
    }
    /// The day of the delivery.
    async fn delivered_on(&self) -> Date {
        self.0.delivered_on
    }
    /// How much.
    async fn quantity(&self) -> Quantity {
        self.0.quantity.into()
    }
    /// In what that is counted.
    async fn unit(&self) -> QuantityUnit {
        self.0.unit
    }
    /// The price of a unit, without value added tax.
    async fn unit_price(&self) -> Money {
        self.0.unit_price.into()
    }
    /// The rate of value added tax in basis points.
    async fn vat_rate_bp(&self) -> i32 {
        self.0.vat_rate_bp
    }
    /// What it comes to without value added tax, half a cent rounded up.
    async fn net(&self) -> Result<Money> {
        Money::of_cents(self.0.amounts().net)
    }
    /// The value added tax, half a cent rounded up.
    async fn vat(&self) -> Result<Money> {
        Money::of_cents(self.0.amounts().vat)
    }
}

/// One thing of an invoice that does not agree with the deliveries (laskun poikkeama).
#[derive(SimpleObject)]
pub struct InvoiceMismatch {
    /// Which line as the provider wrote it, the first being 0; null for the invoice as a whole.
    line: Option<i32>,
    /// What differs.
    what: InvoiceDifference,
    /// What it should be, in hundredths of the unit, cents or basis points; null where the delivery cannot be invoiced at all.
    expected: Option<i32>,
    /// What was written; null likewise.
    claimed: Option<i32>,
}

impl From<&rules::Mismatch> for InvoiceMismatch {
    fn from(mismatch: &rules::Mismatch) -> Self {
        let short = |value: Option<i64>| value.map(|value| i32::try_from(value).unwrap_or(i32::MAX));
        Self { line: mismatch.line, what: mismatch.what, expected: short(mismatch.expected), claimed: short(mismatch.claimed) }
    }
}

payload! {
    /// The outcome of sending or moving an invoice.
    InvoicePayload {
        /// The invoice as it is now; null when it was refused.
        invoice: Invoice
    }
}

/// An invoice that is sent.
#[derive(InputObject)]
struct SendInvoiceInput {
    /// The contract by which the services were ordered: one that your organisation provides by.
    contract: FrameworkContractId,
    /// What the invoice says.
    content: InvoiceContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// An invoice that goes on.
#[derive(InputObject)]
struct InvoiceMoveInput {
    /// The invoice.
    id: InvoiceId,
    /// The version that you have seen.
    expected_version: i32,
}

/// An invoice that is put right or refused.
#[derive(InputObject)]
struct InvoiceReasonInput {
    /// The invoice.
    id: InvoiceId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, in words, at most 2000 characters; both sides read it.
    reason: String,
}

/// An invoice that was paid.
#[derive(InputObject)]
struct PayInvoiceInput {
    /// The invoice.
    id: InvoiceId,
    /// The version that you have seen.
    expected_version: i32,
    /// The day: from that of the invoice to today; today when it is left out.
    paid_on: Option<Date>,
}

/// An invoice that its provider takes back.
#[derive(InputObject)]
struct CreditInvoiceInput {
    /// The invoice.
    id: InvoiceId,
    /// The version that you have seen.
    expected_version: i32,
    /// The number of the credit note, at most 20 characters; no other invoice or credit note of the provider has it.
    number: String,
    /// The day of the credit note: from that of the invoice to today; today when it is left out.
    credited_on: Option<Date>,
    /// Why, in words, at most 2000 characters; both sides read it.
    reason: String,
}

/// Which invoices.
#[derive(InputObject, Default)]
struct InvoiceFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<InvoiceState>>,
    /// Of one of these providers.
    #[graphql(validator(max_items = 100))]
    providers: Option<Vec<OrganizationId>>,
    /// By this contract.
    contract: Option<FrameworkContractId>,
    /// With this number.
    number: Option<String>,
    /// Due on this day or earlier.
    due_by: Option<Date>,
}

/// By what invoices are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum InvoiceOrderField {
    /// When they came in.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
    /// By the day on which they are due.
    DueOn,
}

order_by! {
    /// How invoices are put in order.
    InvoiceOrder by InvoiceOrderField
}

/// Questions about invoices.
#[derive(Default)]
pub struct InvoiceQuery;

/// Questions about invoices.
#[Object]
impl InvoiceQuery {
    /// An invoice (lasku); null when there is none, or it is not yours to see.
    async fn invoice(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: InvoiceId) -> Result<Option<Invoice>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Invoice::from))
    }
    /// The invoices that your organisation pays or has sent (laskut), by default the newest first.
    async fn invoices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<InvoiceFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<InvoiceOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Invoice>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.states.map(|states| table::Column::State.is_in(states)))
            .add_option(f.providers.map(|providers| table::Column::ProviderId.is_in(providers)))
            .add_option(f.contract.map(|contract| table::Column::ContractId.eq(contract)))
            .add_option(f.number.map(|number| table::Column::Number.eq(domain::text::tidy(&number))))
            .add_option(f.due_by.map(|day| table::Column::DueOn.lte(day.0)));
        let by = order::keys(order_by, (InvoiceOrderField::CreatedAt, true))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                InvoiceOrderField::CreatedAt => SortedBy::Creation,
                InvoiceOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
                InvoiceOrderField::DueOn => SortedBy::Day(table::Column::DueOn, |row: &table::Model| row.due_on.to_string()),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, Invoice::from).await
    }
}

async fn moved(ctx: &Context<'_>, id: InvoiceId, expected: i32, by: InvoiceMove, said: Said) -> Result<InvoicePayload> {
    InvoicePayload::of(ctx, act::move_on(ctx.caller(), id, expected, by, said).await)
}

async fn reasoned(ctx: &Context<'_>, input: InvoiceReasonInput, by: InvoiceMove) -> Result<InvoicePayload> {
    moved(ctx, input.id, input.expected_version, by, Said { reason: Some(input.reason), ..Said::default() }).await
}

/// Changes of invoices.
#[derive(Default)]
pub struct InvoiceMutation;

/// Changes of invoices.
#[Object]
impl InvoiceMutation {
    /// Sends an invoice (lähetä lasku) as the manager of the provider. It is compared with the deliveries and the prices of the orders at once; what does not
    /// agree is told in `mismatches`. The same invoice sent again is answered as it is.
    async fn send_invoice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which contract, and what it says.")] input: SendInvoiceInput,
    ) -> Result<InvoicePayload> {
        let what = SendInvoice { contract: input.contract, content: input.content };
        InvoicePayload::of(ctx, act::send(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Puts an invoice that does not agree right as finance (oikaise lasku): each line as it was delivered, without those that cannot be invoiced.
    async fn correct_invoice(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: InvoiceReasonInput) -> Result<InvoicePayload> {
        reasoned(ctx, input, InvoiceMove::Match).await
    }
    /// Approves an invoice to be paid (hyväksy lasku) as finance: never by whoever ordered what it asks for, or put it right.
    async fn approve_invoice(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: InvoiceMoveInput) -> Result<InvoicePayload> {
        moved(ctx, input.id, input.expected_version, InvoiceMove::Approve, Said::default()).await
    }
    /// Writes down as finance that an invoice was paid (merkitse maksetuksi). Orders that are over and wholly paid by then are settled.
    async fn pay_invoice(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and when.")] input: PayInvoiceInput) -> Result<InvoicePayload> {
        moved(ctx, input.id, input.expected_version, InvoiceMove::Pay, Said { on: input.paid_on.map(|day| day.0), ..Said::default() }).await
    }
    /// Refuses an invoice as finance (hylkää lasku): its deliveries can be on another one.
    async fn reject_invoice(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: InvoiceReasonInput) -> Result<InvoicePayload> {
        reasoned(ctx, input, InvoiceMove::Reject).await
    }
    /// Takes an invoice back as its provider, with a credit note (hyvitä lasku): its deliveries can be on another one.
    async fn credit_invoice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, by which credit note, and why.")] input: CreditInvoiceInput,
    ) -> Result<InvoicePayload> {
        let said = Said { reason: Some(input.reason), on: input.credited_on.map(|day| day.0), number: Some(input.number) };
        moved(ctx, input.id, input.expected_version, InvoiceMove::Credit, said).await
    }
}
