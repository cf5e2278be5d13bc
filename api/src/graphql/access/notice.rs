//! Notices, and watching them.
use crate::{
    caller::Caller,
    error::Result,
    graphql::{
        Asked,
        casework::{Case, Referral},
        delivery::Visit,
        funding::{Complaint, FrameworkContract, ProviderApproval, PurchaseOrder, Voucher},
        page::{self, Page},
        person::Consent,
        watch::{Look, follow},
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Subscription};
use chrono::{TimeDelta, Utc};
use domain::{
    access::NoticeKind,
    id::{Kinded, NoticeId},
    scalar::DateTime,
};
use entity::{
    access::notice as table,
    casework::{case, referral},
    delivery::visit,
    funding::{complaint, framework_contract, provider_approval, purchase_order, voucher},
    person::consent,
};
use futures_util::Stream;
use sea_orm::ColumnTrait;
use std::{collections::HashSet, sync::Arc};

/// A notice (ilmoitus).
pub struct Notice(Arc<table::Model>);

impl From<table::Model> for Notice {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A notice (ilmoitus): something that you or your organisation should know of. It tells nothing about a person itself.
#[Object]
impl Notice {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What it tells.
    async fn kind(&self) -> NoticeKind {
        self.0.kind
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// The id of the referral that it is about; null when it is about none.
    async fn referral_id(&self) -> Option<ID> {
        self.0.referral_id.map(|id| ID(id.to_public()))
    }
    /// The referral that it is about; null when there is none, or it is not yours to see any more.
    async fn referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>> {
        match self.0.referral_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<referral::Entity>(id).await?.map(Referral::from)),
        }
    }
    /// The id of the case that it is about; null when it is about none.
    async fn case_id(&self) -> Option<ID> {
        self.0.case_id.map(|id| ID(id.to_public()))
    }
    /// The case that it is about; null when there is none, or it is not yours to see any more.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        match self.0.case_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<case::Entity>(id).await?.map(Case::from)),
        }
    }
    /// The id of the participation that it is about; null when it is about none.
    async fn participation_id(&self) -> Option<ID> {
        self.0.participation_id.map(|id| ID(id.to_public()))
    }
    /// The id of the purchase order that it is about; null when it is about none.
    async fn order_id(&self) -> Option<ID> {
        self.0.order_id.map(|id| ID(id.to_public()))
    }
    /// The purchase order that it is about; null when there is none, or it is not yours to see.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<PurchaseOrder>> {
        match self.0.order_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<purchase_order::Entity>(id).await?.map(PurchaseOrder::from)),
        }
    }
    /// The id of the contract that it is about; null when it is about none.
    async fn contract_id(&self) -> Option<ID> {
        self.0.contract_id.map(|id| ID(id.to_public()))
    }
    /// The contract that it is about; null when there is none, or it is not yours to see.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<FrameworkContract>> {
        match self.0.contract_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<framework_contract::Entity>(id).await?.map(FrameworkContract::from)),
        }
    }
    /// The id of the approval of a provider that it is about; null when it is about none.
    async fn approval_id(&self) -> Option<ID> {
        self.0.approval_id.map(|id| ID(id.to_public()))
    }
    /// The approval of a provider that it is about; null when there is none, or it is not yours to see.
    async fn approval(&self, ctx: &Context<'_>) -> Result<Option<ProviderApproval>> {
        match self.0.approval_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<provider_approval::Entity>(id).await?.map(ProviderApproval::from)),
        }
    }
    /// The id of the voucher that it is about; null when it is about none.
    async fn voucher_id(&self) -> Option<ID> {
        self.0.voucher_id.map(|id| ID(id.to_public()))
    }
    /// The voucher that it is about; null when there is none, or it is not yours to see.
    async fn voucher(&self, ctx: &Context<'_>) -> Result<Option<Voucher>> {
        match self.0.voucher_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<voucher::Entity>(id).await?.map(Voucher::from)),
        }
    }
    /// The id of the complaint that it is about; null when it is about none.
    async fn complaint_id(&self) -> Option<ID> {
        self.0.complaint_id.map(|id| ID(id.to_public()))
    }
    /// The complaint that it is about; null when there is none, or it is not yours to see.
    async fn complaint(&self, ctx: &Context<'_>) -> Result<Option<Complaint>> {
        match self.0.complaint_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<complaint::Entity>(id).await?.map(Complaint::from)),
        }
    }
    /// The id of the visit that it is about; null when it is about none.
    async fn visit_id(&self) -> Option<ID> {
        self.0.visit_id.map(|id| ID(id.to_public()))
    }
    /// The visit that it is about; null when there is none, or it is not yours to see.
    async fn visit(&self, ctx: &Context<'_>) -> Result<Option<Visit>> {
        match self.0.visit_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<visit::Entity>(id).await?.map(Visit::from)),
        }
    }
    /// The id of the consent that it is about, where that binds no referral; null when it is about none.
    async fn consent_id(&self) -> Option<ID> {
        self.0.consent_id.map(|id| ID(id.to_public()))
    }
    /// The consent that it is about; null when there is none, or it is not yours to see any more.
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<Consent>> {
        match self.0.consent_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<consent::Entity>(id).await?.map(Consent::from)),
        }
    }
    /// The id of the outreach shift that it is about; null when it is about none.
    async fn shift_id(&self) -> Option<ID> {
        self.0.shift_id.map(|id| ID(id.to_public()))
    }
    /// The id of the webhook that it is about; null when it is about none.
    async fn webhook_id(&self) -> Option<ID> {
        self.0.webhook_id.map(|id| ID(id.to_public()))
    }
    /// The id of the care relation that it is about; null when it is about none.
    async fn relation_id(&self) -> Option<ID> {
        self.0.relation_id.map(|id| ID(id.to_public()))
    }
}

/// Which notices.
#[derive(InputObject, Default)]
struct NoticeFilter {
    /// Of one of these kinds.
    #[graphql(validator(max_items = 100))]
    kinds: Option<Vec<NoticeKind>>,
    /// From this time on.
    from: Option<DateTime>,
}

/// Questions about notices.
#[derive(Default)]
pub struct NoticeQuery;

/// Questions about notices.
#[Object]
impl NoticeQuery {
    /// The notices (ilmoitukset) for you and your organisations, the newest first.
    async fn notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<NoticeFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Notice>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = sea_orm::Condition::all()
            .add_option(f.kinds.map(|kinds| table::Column::Kind.is_in(kinds)))
            .add_option(f.from.map(|from| table::Column::At.gte(from.0)));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Notice::from).await
    }
}

/// A notice that has just come (ilmoitustapahtuma). It carries ids: what they stand for is asked for as you are then.
#[derive(SimpleObject)]
struct NoticeEvent {
    /// The id of the notice.
    id: ID,
    /// What it tells.
    kind: NoticeKind,
    /// When.
    at: DateTime,
    /// The id of the referral that it is about; null when it is about none.
    referral_id: Option<ID>,
    /// The id of the case that it is about; null when it is about none.
    case_id: Option<ID>,
    /// The id of the care relation that it is about; null when it is about none.
    relation_id: Option<ID>,
    /// The id of the visit that it is about; null when it is about none.
    visit_id: Option<ID>,
    /// The id of the participation that it is about; null when it is about none.
    participation_id: Option<ID>,
    /// The id of the purchase order that it is about; null when it is about none.
    order_id: Option<ID>,
    /// The id of the approval of a provider that it is about; null when it is about none.
    approval_id: Option<ID>,
    /// The id of the voucher that it is about; null when it is about none.
    voucher_id: Option<ID>,
    /// The id of the complaint that it is about; null when it is about none.
    complaint_id: Option<ID>,
    /// The id of the outreach shift that it is about; null when it is about none.
    shift_id: Option<ID>,
    /// The id of the consent that it is about, where that binds no referral; null when it is about none.
    consent_id: Option<ID>,
    /// The id of the webhook that it is about; null when it is about none.
    webhook_id: Option<ID>,
}

impl From<table::Model> for NoticeEvent {
    fn from(row: table::Model) -> Self {
        Self {
            id: ID(row.id.to_public()),
            kind: row.kind,
            at: DateTime(row.at),
            referral_id: row.referral_id.map(|id| ID(id.to_public())),
            case_id: row.case_id.map(|id| ID(id.to_public())),
            relation_id: row.relation_id.map(|id| ID(id.to_public())),
            visit_id: row.visit_id.map(|id| ID(id.to_public())),
            participation_id: row.participation_id.map(|id| ID(id.to_public())),
            order_id: row.order_id.map(|id| ID(id.to_public())),
            approval_id: row.approval_id.map(|id| ID(id.to_public())),
            voucher_id: row.voucher_id.map(|id| ID(id.to_public())),
            complaint_id: row.complaint_id.map(|id| ID(id.to_public())),
            shift_id: row.shift_id.map(|id| ID(id.to_public())),
            consent_id: row.consent_id.map(|id| ID(id.to_public())),
            webhook_id: row.webhook_id.map(|id| ID(id.to_public())),
        }
    }
}

/// How long the transaction that gives a notice can last: until then a notice may come to light that is older than one already told.
const LATE: TimeDelta = TimeDelta::seconds(60);

/// What can be watched of notices.
#[derive(Default)]
pub struct NoticeSubscription;

/// What can be watched of notices.
#[Subscription]
impl NoticeSubscription {
    /// Notices for you and your organisations, each once and as they come. What you may be told is found out again for each.
    async fn noticed(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<NoticeEvent>>> {
        let caller = ctx.caller().clone();
        caller.signed_in()?;
        let news = caller.follow_notices();
        let mut notices = Notices { since: caller.now() - LATE, told: HashSet::new() };
        // What is there already is not told.
        notices.look(&caller).await?;
        Ok(follow(caller, news, notices))
    }
}

/// What has been told of the notices that can still come to light.
struct Notices {
    since: chrono::DateTime<Utc>,
    told: HashSet<NoticeId>,
}

impl Look for Notices {
    type Event = NoticeEvent;

    async fn look(&mut self, caller: &Caller) -> Result<Option<Vec<NoticeEvent>>> {
        let rows = caller.reader().find::<table::Entity>().filter(table::Column::At.gte(self.since)).all().await?;
        self.since = self.since.max(caller.now() - LATE);
        let new = rows.iter().filter(|row| !self.told.contains(&row.id)).cloned().map(NoticeEvent::from).collect();
        self.told = rows.into_iter().filter(|row| row.at >= self.since).map(|row| row.id).collect();
        Ok(Some(new))
    }
}
