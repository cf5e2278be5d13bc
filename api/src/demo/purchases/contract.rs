//! Framework contracts of the demo, with their lines and prices.
use super::{Buying, OFFICER, invoice::Billing};
use crate::{
    act::funding::{
        contract::{self, DraftContract},
        line::{self, AddLine, FirstPrice},
    },
    error::{Error, Result},
};
use domain::{
    funding::{
        contract::{
            CancellationTerms, ContractLineContent, ContractMove, ContractOption, ContractState, FrameworkContractContent, IndexRule, KeyFigure,
            ProcessingAgreement,
        },
        price::{DatedPrice, Quantity, QuantityUnit},
    },
    money::Money,
    scalar::Date,
    text::LocalizedText,
};
use entity::funding::{contract_line, framework_contract as table};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Deserialize;

/// One contract.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contract {
    pub(super) key: String,
    provider: String,
    /// Who signs for the provider and sends its invoices.
    pub(super) manager: String,
    /// Who gives its services.
    pub(super) staff: String,
    number: String,
    name: LocalizedText,
    pub(super) drafted: i64,
    begins: i64,
    ends: i64,
    /// It rests on the first procurement.
    procured: bool,
    /// The provider has not signed it yet.
    #[serde(default)]
    waits: bool,
    ceiling_cents: i32,
    answer_days: i32,
    report_days: i32,
    lines: Vec<Line>,
    pub(super) invoices: Option<Billing>,
}

/// One line.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    service: String,
    area: Option<String>,
    unit: QuantityUnit,
    cents: i32,
    /// At most so many hundredths of the unit.
    most: i32,
    ceiling_cents: Option<i32>,
    index_rule: Option<IndexRule>,
    raised: Option<Raised>,
}

/// Another price from a day on.
#[derive(Deserialize)]
struct Raised {
    told: i64,
    from: i64,
    cents: i32,
    reason: String,
}

impl Contract {
    /// The contract, as it stands.
    pub(super) async fn row(&self, buying: &Buying<'_>) -> Result<Option<table::Model>> {
        let of = table::Column::Number.eq(self.number.as_str()).and(table::Column::OrganizationId.eq(buying.orderer));
        buying.known::<table::Entity>(of).await
    }

    /// The line for a service.
    pub(super) async fn line(&self, buying: &Buying<'_>, service: &str) -> Result<Option<contract_line::Model>> {
        let contract = self.row(buying).await?.ok_or(Error::NotFound)?;
        let service: domain::id::ServiceId = buying.loading.id("service", service)?;
        buying.known::<contract_line::Entity>(contract_line::Column::ContractId.eq(contract.id).and(contract_line::Column::ServiceId.eq(service))).await
    }

    /// Draws it up, and has it signed by both sides.
    pub(super) async fn play(&self, buying: &Buying<'_>) -> Result<()> {
        let officer = buying.on(OFFICER, self.drafted).await?;
        let mut row = match self.row(buying).await? {
            Some(row) => row,
            None => contract::draft(&officer, None, DraftContract { organization: buying.orderer, content: self.content(buying).await? }).await?,
        };
        for each in self.lines.iter().filter(|_| row.state == ContractState::Draft) {
            if self.line(buying, &each.service).await?.is_none() {
                line::add(&officer, None, each.added(buying, &row)?).await?;
            }
        }
        if row.state == ContractState::Draft {
            row = contract::move_on(&officer, row.id, row.version, ContractMove::Offer, None).await?;
        }
        if row.state == ContractState::Offered && !self.waits {
            let manager = buying.on(&self.manager, self.drafted - 2).await?;
            contract::move_on(&manager, row.id, row.version, ContractMove::Sign, None).await?;
        }
        Ok(())
    }

    /// How many days ago its prices are raised.
    pub(super) fn raised(&self) -> impl Iterator<Item = i64> {
        self.lines.iter().filter_map(|line| Some(line.raised.as_ref()?.told))
    }

    /// Raises the prices that are told on a day.
    pub(super) async fn raise(&self, buying: &Buying<'_>, ago: i64) -> Result<()> {
        for each in self.lines.iter().filter(|line| line.raised.as_ref().is_some_and(|raised| raised.told == ago)) {
            let (Some(raised), Some(row)) = (&each.raised, self.line(buying, &each.service).await?) else { continue };
            let price = raised.price(buying);
            if row.prices.on(price.valid_from.0).is_none_or(|known| known.price != price.price) {
                line::change_price(&buying.on(OFFICER, ago).await?, row.id, row.version, price).await?;
            }
        }
        Ok(())
    }

    async fn content(&self, buying: &Buying<'_>) -> Result<FrameworkContractContent> {
        let procurement = match buying.all.procurements.first().filter(|_| self.procured) {
            Some(first) => first.row(buying).await?.map(|row| row.id),
            None => None,
        };
        Ok(FrameworkContractContent {
            number: self.number.clone(),
            name: self.name.clone(),
            provider: buying.loading.id("organization", &self.provider)?,
            procurement,
            valid_from: Date(buying.date(self.begins)),
            valid_to: Date(buying.date(self.ends)),
            options: vec![ContractOption { months: 12 }],
            ceiling: Money { amount_cents: self.ceiling_cents },
            answer_days: self.answer_days,
            report_days: Some(self.report_days),
            wind_down_days: 60,
            cancellation: Some(CancellationTerms { notice_days: 2, share_bp: 1_000 }),
            terms: Some(LocalizedText::fi("Peruuttamaton poissaolo laskutetaan, jos siitä ei ole kerrottu edellisenä päivänä.")),
            key_figures: vec![KeyFigure { name: LocalizedText::fi("Loppuun suorittaneet"), target: LocalizedText::fi("vähintään 80 %") }],
            processing_agreement: Some(ProcessingAgreement {
                reference: format!("{}/HTK", self.number),
                dated_on: Date(buying.date(self.drafted)),
                subprocessors_allowed: false,
            }),
            pilot: false,
        })
    }
}

impl Line {
    fn added(&self, buying: &Buying<'_>, contract: &table::Model) -> Result<AddLine> {
        let content = ContractLineContent {
            service: buying.loading.id("service", &self.service)?,
            area: self.area.as_deref().map(|key| buying.loading.area(key)).transpose()?,
            unit: self.unit,
            most: Some(Quantity { hundredths: self.most }),
            ceiling: self.ceiling_cents.map(|amount_cents| Money { amount_cents }),
            index_rule: self.index_rule.clone(),
            pilot: false,
        };
        Ok(AddLine { contract: contract.id, content, price: FirstPrice { price: Money { amount_cents: self.cents }, vat_rate_bp: 0 } })
    }
}

impl Raised {
    fn price(&self, buying: &Buying<'_>) -> DatedPrice {
        DatedPrice { valid_from: Date(buying.date(self.from)), price: Money { amount_cents: self.cents }, vat_rate_bp: 0, reason: Some(self.reason.clone()) }
    }
}
