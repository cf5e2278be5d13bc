//! Notices (ilmoitukset): what somebody should know of, without anything that tells about a person. Written by the store alone.
use domain::{
    access::NoticeKind,
    id::{
        CareRelationId, CaseId, ComplaintId, ConsentId, FrameworkContractId, NetworkId, NoticeId, OrganizationId, OutreachShiftId, ParticipationId,
        ProviderApprovalId, PurchaseOrderId, ReferralId, VisitId, VoucherId, WebhookId,
    },
    policy::{Action, Resource, Worker},
};
use sea_orm::{
    Condition, ExprTrait,
    entity::prelude::*,
    sea_query::{Query, SimpleExpr},
};

/// A notice: to one person or machine, or to an organisation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NoticeId,
    /// The network.
    pub network_id: NetworkId,
    /// The organisation that it is for; none for one that is for a client.
    pub organization_id: Option<OrganizationId>,
    /// The stable key of whom it is for; none for one that is for a whole organisation.
    pub subject: Option<String>,
    /// Only those who answer for the organisation are told: its leads and data protection officers.
    pub confidential: bool,
    /// What happened.
    pub kind: NoticeKind,
    /// The referral that it is about.
    pub referral_id: Option<ReferralId>,
    /// The care relation that it is about.
    pub relation_id: Option<CareRelationId>,
    /// The case that it is about.
    pub case_id: Option<CaseId>,
    /// The participation that it is about.
    pub participation_id: Option<ParticipationId>,
    /// The purchase order that it is about.
    pub order_id: Option<PurchaseOrderId>,
    /// The contract that it is about.
    pub contract_id: Option<FrameworkContractId>,
    /// The approval of a provider that it is about.
    pub approval_id: Option<ProviderApprovalId>,
    /// The voucher that it is about.
    pub voucher_id: Option<VoucherId>,
    /// The complaint that it is about.
    pub complaint_id: Option<ComplaintId>,
    /// The visit that it is about.
    pub visit_id: Option<VisitId>,
    /// The consent that it is about, where that binds no referral.
    pub consent_id: Option<ConsentId>,
    /// The outreach shift that it is about.
    pub shift_id: Option<OutreachShiftId>,
    /// The webhook that it is about.
    pub webhook_id: Option<WebhookId>,
    /// What is told only once is told under this key.
    pub once: Option<String>,
    /// When.
    pub at: DateTimeUtc,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::Notice;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: Some(Column::Subject) }
    }
    fn addressed(to: &Worker, _action: Action) -> Condition {
        Condition::all()
            .add(Column::OrganizationId.is_in(to.organizations.iter().copied()))
            .add(Column::Confidential.eq(false))
            .add(Condition::any().add(Column::Subject.is_null()).add(Column::Subject.eq(&to.subject)))
    }
}

/// Notice of a kind was given of a row, which it names in a column, from the moment in a column of the row on.
pub(crate) fn given_since<E: EntityTrait>(kind: NoticeKind, about: Column, id: E::Column, since: E::Column) -> SimpleExpr {
    let row = |column: E::Column| Expr::col((E::default(), column));
    let told = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, about)).eq(row(id)))
        .and_where(Column::Kind.eq(kind))
        .and_where(Expr::col((Entity, Column::At)).gte(row(since)))
        .take();
    Expr::exists(told)
}
