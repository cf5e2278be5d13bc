//! Vouchers of the demo: a rulebook, providers that are approved by it at different prices, and clients who have a voucher.
use super::{Buying, OFFICER, OWN_WORKER};
use crate::{
    act::funding::{
        provider_approval::{self, DraftApproval},
        rulebook::{self, DraftRulebook},
        voucher::{self, Choice, IssueVoucher, Which},
    },
    error::{Error, Result},
};
use domain::{
    casework::service_decision::{DecisionBasis, DecisionOutcome, GrantedService, ServiceDecisionContent},
    funding::{
        price::{DatedPrice, Quantity, QuantityUnit},
        provider_approval::{ApprovalMove, ApprovalState, OfferedService, ProviderApprovalContent, ProviderSite},
        rulebook::{RulebookContent, RulebookMove, RulebookService, RulebookState, VoucherValue},
        voucher::{Shares, VoucherState},
    },
    id::{ApprovedProviderId, OrganizationId, ServiceId},
    money::Money,
    scalar::{Date, LanguageTag},
    text::LocalizedText,
};
use entity::funding::{provider_approval as approvals, rulebook as rulebooks, voucher as table};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The law by which the service of the vouchers is granted.
const LAW: &str = "Sosiaalihuoltolaki 1301/2014, 19 § (tukipalvelut); laki sosiaali- ja terveydenhuollon palvelusetelistä 569/2009";

/// A rulebook with one service.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rulebook {
    pub(super) written: i64,
    service: String,
    unit: QuantityUnit,
    value_cents: i32,
    content: Words,
}

/// What a rulebook says in words.
#[derive(Deserialize)]
struct Words {
    name: LocalizedText,
    text: LocalizedText,
    conditions: Vec<LocalizedText>,
}

/// How far a provider has come.
#[derive(Deserialize)]
pub(super) struct Approval {
    provider: String,
    manager: String,
    pub(super) drafted: i64,
    until: ApprovalState,
    cents: i32,
    site: Site,
    statement: String,
}

/// Where a provider gives the service.
#[derive(Deserialize)]
struct Site {
    name: LocalizedText,
    area: String,
    languages: Vec<LanguageTag>,
}

/// A client's voucher.
#[derive(Deserialize)]
pub(super) struct Voucher {
    client: String,
    pub(super) decided: i64,
    from: i64,
    to: i64,
    hundredths: i32,
    /// The provider that the client chooses on the day after, as the own worker writes down.
    chooses: Option<String>,
    reasoning: String,
}

impl Rulebook {
    /// Writes and publishes it.
    pub(super) async fn play(&self, buying: &Buying<'_>) -> Result<()> {
        let officer = buying.on(OFFICER, self.written).await?;
        let row = if let Some(row) = self.row(buying).await? {
            row
        } else {
            let valid_from = Date(buying.date(self.written));
            let values = vec![VoucherValue { valid_from, value: Money { amount_cents: self.value_cents } }];
            let service = RulebookService { service: buying.loading.id("service", &self.service)?, unit: self.unit, values, free_of_charge: false };
            let content = RulebookContent {
                name: self.content.name.clone(),
                services: vec![service],
                valid_from,
                valid_to: None,
                text: Some(self.content.text.clone()),
                url: None,
                conditions: self.content.conditions.clone(),
            };
            rulebook::draft(&officer, None, DraftRulebook { organization: buying.orderer, follows: None, content }).await?
        };
        if row.state == RulebookState::Draft {
            rulebook::move_on(&officer, row.id, row.version, RulebookMove::Publish, None).await?;
        }
        Ok(())
    }

    /// Its first version: those who order may have written others meanwhile, and for other services.
    async fn row(&self, buying: &Buying<'_>) -> Result<Option<rulebooks::Model>> {
        let service: ServiceId = buying.loading.id("service", &self.service)?;
        let own = rulebooks::Column::OrganizationId.eq(buying.orderer);
        let all = buying.loading.system.reader().find::<rulebooks::Entity>().filter(own).all().await?;
        let same = |row: &rulebooks::Model| row.content.name == self.content.name && row.content.service(service).is_some();
        Ok(all.into_iter().filter(same).min_by_key(|row| row.id))
    }
}

/// The rulebook of the demo.
async fn rulebook_of(buying: &Buying<'_>) -> Result<Option<rulebooks::Model>> {
    buying.all.rulebook.row(buying).await
}

/// The service of a rulebook that has one.
fn service_of(rulebook: &rulebooks::Model) -> Result<&RulebookService> {
    rulebook.content.services.first().ok_or(Error::Internal)
}

async fn approval_of(buying: &Buying<'_>, provider: &str, rulebook: &rulebooks::Model) -> Result<Option<approvals::Model>> {
    let provider: OrganizationId = buying.loading.id("organization", provider)?;
    buying.known::<approvals::Entity>(approvals::Column::OrganizationId.eq(provider).and(approvals::Column::RulebookId.eq(rulebook.id))).await
}

impl Approval {
    fn content(&self, buying: &Buying<'_>, service: ServiceId) -> Result<ProviderApprovalContent> {
        let price = DatedPrice { valid_from: Date(buying.date(self.drafted)), price: Money { amount_cents: self.cents }, vat_rate_bp: 0, reason: None };
        let site = ProviderSite {
            name: self.site.name.clone(),
            area: buying.loading.area(&self.site.area)?,
            unit: None,
            address: None,
            languages: self.site.languages.clone(),
            phone: None,
            email: None,
            description: None,
        };
        Ok(ProviderApprovalContent { services: vec![OfferedService { service, price }], sites: vec![site], statement: Some(self.statement.clone()) })
    }

    /// Applies, and is looked at.
    pub(super) async fn play(&self, buying: &Buying<'_>) -> Result<()> {
        let rulebook = &rulebook_of(buying).await?.ok_or(Error::NotFound)?;
        let mut row = if let Some(row) = approval_of(buying, &self.provider, rulebook).await? {
            row
        } else {
            let content = self.content(buying, service_of(rulebook)?.service)?;
            let what = DraftApproval { organization: buying.loading.id("organization", &self.provider)?, rulebook: rulebook.id, content };
            provider_approval::draft(&buying.on(&self.manager, self.drafted).await?, None, what).await?
        };
        while row.state != self.until {
            let (by, actor, ago) = match row.state {
                ApprovalState::Draft => (ApprovalMove::Submit, self.manager.as_str(), self.drafted),
                ApprovalState::Submitted => (ApprovalMove::Review, OFFICER, self.drafted - 3),
                ApprovalState::UnderReview => (ApprovalMove::Approve, OFFICER, self.drafted - 7),
                _ => return Err(Error::internal("an approval of the demo has nowhere to go")),
            };
            row = provider_approval::move_on(&buying.on(actor, ago).await?, row.id, row.version, by, None).await?;
        }
        Ok(())
    }
}

impl Voucher {
    /// Grants it, issues it on the day after, and has a provider chosen.
    pub(super) async fn play(&self, buying: &Buying<'_>) -> Result<()> {
        let rulebook = &rulebook_of(buying).await?.ok_or(Error::NotFound)?;
        let rule = service_of(rulebook)?;
        let (valid_from, valid_to) = (Date(buying.date(self.from)), Date(buying.date(self.to)));
        let value = rule.value_on(valid_from.0).ok_or(Error::NotFound)?;
        let quantity = Quantity { hundredths: self.hundredths };
        let granted = GrantedService {
            valid_from,
            valid_to,
            quantity,
            unit: rule.unit,
            value: Money { amount_cents: i32::try_from(quantity.cost(value)).map_err(Error::internal)? },
        };
        let content = ServiceDecisionContent {
            service: rule.service,
            outcome: DecisionOutcome::Granted,
            basis: DecisionBasis::Other,
            basis_details: Some(LAW.to_owned()),
            reasoning: Some(self.reasoning.clone()),
            granted: Some(granted),
        };
        let Some(decision) = buying.decide(&self.client, self.decided, content, true).await? else { return Ok(()) };
        let worker = buying.on(OWN_WORKER, self.decided - 1).await?;
        let row = match buying.known::<table::Entity>(table::Column::DecisionId.eq(decision.id)).await? {
            Some(row) => row,
            None => voucher::issue(&worker, None, IssueVoucher { decision: decision.id, rulebook: rulebook.id, quantity, valid_from, valid_to }).await?,
        };
        if let (VoucherState::Issued, Some(chosen)) = (row.state, &self.chooses) {
            let approval = approval_of(buying, chosen, rulebook).await?.ok_or(Error::NotFound)?;
            let listed = approval.listing.as_ref().and_then(|listing| listing.service(rule.service)).ok_or(Error::NotFound)?;
            let price = listed.prices.on(valid_from.0).ok_or(Error::NotFound)?;
            let own = Shares::of_unit(price.gross_cents(), row.value()).own;
            let own_share = Money { amount_cents: i32::try_from(own).map_err(Error::internal)? };
            let choice = Choice { provider: ApprovedProviderId(approval.id.0), own_share, disclose: BTreeSet::new() };
            voucher::choose(&worker, Which { id: row.id, expected: row.version }, choice).await?;
        }
        worker.finish().await
    }
}
