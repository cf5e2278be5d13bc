//! Invoices as Finvoice 3.0 (Finanssiala ry), the XML in which Finnish organisations send invoices to each other, and as CSV for accounting. What is written
//! of a delivery names an order and a service, never a client.
#![expect(clippy::struct_field_names, reason = "the fields are elements of Finvoice, named by their parent in front")]
use crate::{
    error::{Error, Result},
    sheet::{self, decimal},
};
use chrono::NaiveDate;
use domain::{
    code::Coded,
    funding::{
        delivery::DeliveryKind,
        invoice::{Amounts, InvoiceLine, InvoiceState, totals},
        price::QuantityUnit,
    },
    id::Kinded,
    scalar::BusinessId,
    text::Language,
};
use entity::funding::invoice;
use quick_xml::se::Serializer;
use serde::Serialize;

/// An invoice, or the credit note that takes it back.
#[derive(Clone, Copy)]
pub struct Document<'a> {
    row: &'a invoice::Model,
    number: &'a str,
    dated_on: NaiveDate,
    credits: bool,
}

impl<'a> Document<'a> {
    /// The invoice itself; none before it is approved.
    #[must_use]
    pub fn invoice(row: &'a invoice::Model) -> Option<Self> {
        let approved = row.approved_at.is_some() && row.state != InvoiceState::Rejected;
        approved.then(|| Self { row, number: &row.number, dated_on: row.issued_on, credits: false })
    }

    /// The credit note that takes it back; none where there is none, or nothing was approved.
    #[must_use]
    pub fn credit_note(row: &'a invoice::Model) -> Option<Self> {
        row.approved_at?;
        Some(Self { row, number: row.credit_number.as_deref()?, dated_on: row.credited_on?, credits: true })
    }
}

/// Why services are exempt from value added tax.
const EXEMPT: &str = "Sosiaalihuolto, arvonlisäverolaki (1501/1993) 37 §";

/// Everything in Finvoice has a length of its own.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// The address of e-invoices (OVT-tunnus): 0037 and the business id without its dash.
fn ovt(id: Option<&BusinessId>) -> Option<String> {
    id.map(|id| format!("0037{}", id.as_str().replace('-', "")))
}

/// The VAT number: FI and the business id without its dash.
fn vat_number(id: Option<&BusinessId>) -> Option<String> {
    id.map(|id| format!("FI{}", id.as_str().replace('-', "")))
}

/// A unit as Finvoice shows it, and by UN/ECE recommendation 20.
const fn unit(unit: QuantityUnit) -> (&'static str, &'static str) {
    match unit {
        QuantityUnit::Hour => ("h", "HUR"),
        QuantityUnit::Session => ("kerta", "C62"),
        QuantityUnit::Day => ("pv", "DAY"),
        QuantityUnit::Week => ("vk", "WEE"),
        QuantityUnit::Month => ("kk", "MON"),
    }
}

/// What a line is called: by its service, and a fee by what it is.
fn called(line: &InvoiceLine, language: Language) -> String {
    let service = line.service_name.in_language(language);
    match line.kind {
        DeliveryKind::Service => service.to_owned(),
        DeliveryKind::CancellationFee => format!("{}: {service}", line.kind.label().in_language(language)),
    }
}

/// The category of value added tax by UN/CEFACT 5305.
const fn category(rate_bp: i32) -> &'static str {
    if rate_bp == 0 { "E" } else { "S" }
}

#[derive(Serialize)]
struct Day {
    #[serde(rename = "@Format")]
    format: &'static str,
    #[serde(rename = "$text")]
    value: String,
}

impl From<NaiveDate> for Day {
    fn from(day: NaiveDate) -> Self {
        Self { format: "CCYYMMDD", value: day.format("%Y%m%d").to_string() }
    }
}

#[derive(Serialize)]
struct Amount {
    #[serde(rename = "@AmountCurrencyIdentifier")]
    currency: &'static str,
    #[serde(rename = "$text")]
    value: String,
}

impl Amount {
    fn of(cents: i64) -> Self {
        Self { currency: "EUR", value: decimal(cents) }
    }
}

#[derive(Serialize)]
struct UnitPrice {
    #[serde(rename = "@AmountCurrencyIdentifier")]
    currency: &'static str,
    #[serde(rename = "@UnitPriceUnitCode")]
    unit: &'static str,
    #[serde(rename = "@QuantityUnitCodeUN")]
    unit_un: &'static str,
    #[serde(rename = "$text")]
    value: String,
}

#[derive(Serialize)]
struct InvoicedQuantity {
    #[serde(rename = "@QuantityUnitCode")]
    unit: &'static str,
    #[serde(rename = "@QuantityUnitCodeUN")]
    unit_un: &'static str,
    #[serde(rename = "$text")]
    value: String,
}

/// An identifier and the scheme that it is of.
#[derive(Serialize)]
struct Schemed {
    #[serde(rename = "@IdentificationSchemeName")]
    scheme: &'static str,
    #[serde(rename = "$text")]
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Seller {
    #[serde(skip_serializing_if = "Option::is_none")]
    seller_party_identifier: Option<String>,
    seller_organisation_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller_organisation_tax_code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SellerAccount {
    #[serde(rename = "SellerAccountID")]
    seller_account_id: Schemed,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller_bic: Option<Schemed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SellerInformation {
    seller_account_details: SellerAccount,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Buyer {
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_party_identifier: Option<String>,
    buyer_organisation_name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct VatSpecification {
    vat_base_amount: Amount,
    vat_rate_percent: String,
    vat_code: &'static str,
    vat_rate_amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat_free_text: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PaymentTerms {
    invoice_due_date: Day,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    invoice_type_code: &'static str,
    #[serde(rename = "InvoiceTypeCodeUN")]
    invoice_type_code_un: &'static str,
    invoice_type_text: &'static str,
    origin_code: &'static str,
    invoice_number: String,
    invoice_date: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_invoice_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_invoice_date: Option<Day>,
    invoicing_period_start_date: Day,
    invoicing_period_end_date: Day,
    agreement_identifier: String,
    rows_total_vat_excluded_amount: Amount,
    invoice_total_vat_excluded_amount: Amount,
    invoice_total_vat_amount: Amount,
    invoice_total_vat_included_amount: Amount,
    vat_specification_details: Vec<VatSpecification>,
    payment_terms_details: PaymentTerms,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    article_name: String,
    invoiced_quantity: InvoicedQuantity,
    start_date: Day,
    unit_price_amount: UnitPrice,
    row_identifier: String,
    row_position_identifier: String,
    row_vat_rate_percent: String,
    row_vat_code: &'static str,
    row_vat_amount: Amount,
    row_vat_excluded_amount: Amount,
    row_amount: Amount,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EpiIdentification {
    epi_date: Day,
    epi_reference: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EpiBank {
    #[serde(skip_serializing_if = "Option::is_none")]
    epi_bfi_identifier: Option<Schemed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EpiBeneficiary {
    epi_name_address_details: String,
    #[serde(rename = "EpiAccountID")]
    epi_account_id: Schemed,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EpiParty {
    epi_bfi_party_details: EpiBank,
    epi_beneficiary_party_details: EpiBeneficiary,
}

#[derive(Serialize)]
struct EpiCharge {
    #[serde(rename = "@ChargeOption")]
    option: &'static str,
    #[serde(rename = "$text")]
    value: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EpiInstruction {
    #[serde(skip_serializing_if = "Option::is_none")]
    epi_remittance_info_identifier: Option<Schemed>,
    epi_instructed_amount: Amount,
    epi_charge: EpiCharge,
    epi_date_option_date: Day,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Epi {
    epi_identification_details: EpiIdentification,
    epi_party_details: EpiParty,
    epi_payment_instruction_details: EpiInstruction,
}

#[derive(Serialize)]
#[serde(rename = "Finvoice", rename_all = "PascalCase")]
struct Finvoice {
    #[serde(rename = "@Version")]
    version: &'static str,
    seller_party_details: Seller,
    #[serde(skip_serializing_if = "Option::is_none")]
    seller_organisation_unit_number: Option<String>,
    seller_information_details: SellerInformation,
    buyer_party_details: Buyer,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_organisation_unit_number: Option<String>,
    invoice_details: Details,
    invoice_row: Vec<Row>,
    epi_details: Epi,
}

impl Document<'_> {
    /// A credit note asks for less than nothing: what is multiplied with each amount and quantity.
    const fn sign(&self) -> i64 {
        if self.credits { -1 } else { 1 }
    }

    fn written(&self, position: usize, line: &InvoiceLine, language: Language) -> Row {
        let (amounts, sign) = (line.amounts(), self.sign());
        let (shown, code) = unit(line.unit);
        Row {
            article_name: cut(&called(line, language), 100),
            invoiced_quantity: InvoicedQuantity { unit: shown, unit_un: code, value: decimal(sign * i64::from(line.quantity.hundredths)) },
            start_date: line.delivered_on.0.into(),
            unit_price_amount: UnitPrice { currency: "EUR", unit: shown, unit_un: code, value: decimal(line.unit_price.amount_cents.into()) },
            row_identifier: line.order.to_public(),
            row_position_identifier: (position + 1).to_string(),
            row_vat_rate_percent: decimal(line.vat_rate_bp.into()),
            row_vat_code: category(line.vat_rate_bp),
            row_vat_amount: Amount::of(sign * amounts.vat),
            row_vat_excluded_amount: Amount::of(sign * amounts.net),
            row_amount: Amount::of(sign * amounts.gross()),
        }
    }

    fn details(&self, sum: Amounts, vat: Vec<VatSpecification>) -> Details {
        let (invoice_type_code, invoice_type_code_un, invoice_type_text) =
            if self.credits { ("INV02", "381", "HYVITYSLASKU") } else { ("INV01", "380", "LASKU") };
        let days = self.row.reckoned.lines.iter().map(|line| line.delivered_on.0);
        let sign = self.sign();
        Details {
            invoice_type_code,
            invoice_type_code_un,
            invoice_type_text,
            origin_code: "Original",
            invoice_number: cut(self.number, 20),
            invoice_date: self.dated_on.into(),
            original_invoice_number: self.credits.then(|| cut(&self.row.number, 20)),
            original_invoice_date: self.credits.then(|| self.row.issued_on.into()),
            invoicing_period_start_date: days.clone().min().unwrap_or(self.dated_on).into(),
            invoicing_period_end_date: days.max().unwrap_or(self.dated_on).into(),
            agreement_identifier: cut(&self.row.reckoned.contract, 70),
            rows_total_vat_excluded_amount: Amount::of(sign * sum.net),
            invoice_total_vat_excluded_amount: Amount::of(sign * sum.net),
            invoice_total_vat_amount: Amount::of(sign * sum.vat),
            invoice_total_vat_included_amount: Amount::of(sign * sum.gross()),
            vat_specification_details: vat,
            payment_terms_details: PaymentTerms { invoice_due_date: self.row.due_on.into() },
        }
    }

    fn payment(&self, sum: Amounts, language: Language) -> Epi {
        let reference = self.row.content.payee.reference.as_ref().map(|reference| reference.as_str().to_owned());
        let scheme = |reference: &str| if reference.starts_with("RF") { "ISO" } else { "SPY" };
        Epi {
            epi_identification_details: EpiIdentification { epi_date: self.dated_on.into(), epi_reference: reference.clone().unwrap_or_default() },
            epi_party_details: EpiParty {
                epi_bfi_party_details: EpiBank { epi_bfi_identifier: self.bic() },
                epi_beneficiary_party_details: EpiBeneficiary {
                    epi_name_address_details: cut(self.row.reckoned.seller.name.in_language(language), 35),
                    epi_account_id: self.iban(),
                },
            },
            epi_payment_instruction_details: EpiInstruction {
                epi_remittance_info_identifier: reference.map(|value| Schemed { scheme: scheme(&value), value }),
                epi_instructed_amount: Amount::of(self.sign() * sum.gross()),
                epi_charge: EpiCharge { option: "SHA", value: "SHA" },
                epi_date_option_date: self.row.due_on.into(),
            },
        }
    }

    fn iban(&self) -> Schemed {
        Schemed { scheme: "IBAN", value: self.row.content.payee.iban.as_str().to_owned() }
    }

    fn bic(&self) -> Option<Schemed> {
        self.row.content.payee.bic.as_ref().map(|bic| Schemed { scheme: "BIC", value: bic.as_str().to_owned() })
    }

    /// The whole as Finvoice 3.0, in UTF-8.
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written.
    pub fn xml(&self, language: Language) -> Result<String> {
        let (sum, by_rate) = totals(self.row.reckoned.lines.iter().map(|line| (line.vat_rate_bp, line.amounts())));
        let sign = self.sign();
        let specify = |(rate, amounts): (i32, Amounts)| VatSpecification {
            vat_base_amount: Amount::of(sign * amounts.net),
            vat_rate_percent: decimal(rate.into()),
            vat_code: category(rate),
            vat_rate_amount: Amount::of(sign * amounts.vat),
            vat_free_text: (rate == 0).then_some(EXEMPT),
        };
        let whole = Finvoice {
            version: "3.0",
            seller_party_details: Seller {
                seller_party_identifier: self.row.reckoned.seller.business_id.as_ref().map(|id| id.as_str().to_owned()),
                seller_organisation_name: cut(self.row.reckoned.seller.name.in_language(language), 70),
                seller_organisation_tax_code: vat_number(self.row.reckoned.seller.business_id.as_ref()),
            },
            seller_organisation_unit_number: ovt(self.row.reckoned.seller.business_id.as_ref()),
            seller_information_details: SellerInformation { seller_account_details: SellerAccount { seller_account_id: self.iban(), seller_bic: self.bic() } },
            buyer_party_details: Buyer {
                buyer_party_identifier: self.row.reckoned.buyer.business_id.as_ref().map(|id| id.as_str().to_owned()),
                buyer_organisation_name: cut(self.row.reckoned.buyer.name.in_language(language), 70),
            },
            buyer_organisation_unit_number: ovt(self.row.reckoned.buyer.business_id.as_ref()),
            invoice_details: self.details(sum, by_rate.into_iter().map(specify).collect()),
            invoice_row: self.row.reckoned.lines.iter().enumerate().map(|(i, line)| self.written(i, line, language)).collect(),
            epi_details: self.payment(sum, language),
        };
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let mut serializer = Serializer::new(&mut out);
        serializer.indent(' ', 2);
        whole.serialize(serializer).map_err(Error::internal)?;
        out.push('\n');
        Ok(out)
    }

    /// The lines as CSV for accounting: semicolons, decimal commas, a heading, one row a line.
    ///
    /// # Errors
    /// [`Error::Internal`] when it cannot be written.
    pub fn csv(&self, language: Language) -> Result<String> {
        let mut out = sheet::writer("");
        let heads = [
            "invoice",
            "dated on",
            "due on",
            "credits",
            "seller",
            "seller business id",
            "contract",
            "line",
            "order",
            "delivered on",
            "service",
            "unit",
            "quantity",
            "unit price",
            "vat percent",
            "net",
            "vat",
            "total",
        ];
        out.write_record(heads).map_err(Error::internal)?;
        let sign = self.sign();
        for (i, line) in self.row.reckoned.lines.iter().enumerate() {
            let amounts = line.amounts();
            let cells = [
                sheet::plain(self.number),
                self.dated_on.to_string(),
                self.row.due_on.to_string(),
                if self.credits { sheet::plain(&self.row.number) } else { String::new() },
                sheet::plain(self.row.reckoned.seller.name.in_language(language)),
                self.row.reckoned.seller.business_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
                sheet::plain(&self.row.reckoned.contract),
                (i + 1).to_string(),
                line.order.to_public(),
                line.delivered_on.0.to_string(),
                sheet::plain(&called(line, language)),
                unit(line.unit).0.to_owned(),
                decimal(sign * i64::from(line.quantity.hundredths)),
                decimal(line.unit_price.amount_cents.into()),
                decimal(line.vat_rate_bp.into()),
                decimal(sign * amounts.net),
                decimal(sign * amounts.vat),
                decimal(sign * amounts.gross()),
            ];
            out.write_record(cells).map_err(Error::internal)?;
        }
        sheet::text(out)
    }
}
