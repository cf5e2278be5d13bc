//! Published copies of services, offerings and approved providers: what everybody sees, whatever is being written beside it.
use domain::{
    id::{NetworkId, OrganizationId},
    policy::Resource,
};
use sea_orm::{
    Condition, ExprTrait,
    entity::prelude::*,
    sea_query::{Expr, Query},
};

/// A published copy.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "publication")]
pub struct Model {
    /// The id of the service, the offering or the approval.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its kind, as in public ids.
    pub kind: String,
    /// The network that it belongs to.
    pub network_id: NetworkId,
    /// The organisation that it belongs to.
    pub organization_id: OrganizationId,
    /// Whose service it is, or who has approved: that organisation may withdraw what others offer.
    pub owner_id: OrganizationId,
    /// The service, for an offering: an offering is public only with its service.
    pub parent_id: Option<Uuid>,
    /// The row as it was when it was published.
    #[sea_orm(column_type = "JsonBinary")]
    pub row: Json,
    /// When it was published.
    pub published_at: DateTimeUtc,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Everybody sees the offering that the column names.
pub(super) fn shows<C: ColumnTrait>(offering: C) -> Condition {
    // EXISTS, not IN: beside another way to reach a row, PostgreSQL would gather every published id before it looks at the first one.
    let copy = Expr::col((Entity, Column::Id)).equals(offering.as_column_ref());
    let published = Query::select().expr(Expr::val(1)).from(Entity).and_where(copy).cond_where(<Entity as crate::Guarded>::public()).take();
    Condition::all().add(Expr::exists(published))
}
impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::Publication;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId, Column::OwnerId], subject: None }
    }
    fn public() -> Condition {
        let parent = Expr::col(("parent", Column::Id)).equals((Entity, Column::ParentId));
        let service = Query::select().expr(Expr::val(1)).from_as(Entity, "parent").and_where(parent).take();
        Condition::any().add(Column::ParentId.is_null()).add(Expr::exists(service))
    }
}
