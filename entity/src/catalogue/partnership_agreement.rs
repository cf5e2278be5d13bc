//! Partnership agreements (kumppanuussopimukset). A party sees those it is bound by, through [`super::agreement_party`].
use domain::{
    catalogue::agreement::PartnershipAgreementContent,
    id::{NetworkId, OrganizationId, PartnershipAgreementId},
    policy::{Action, Reach, Resource},
};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*};

/// A partnership agreement.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "partnership_agreement")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PartnershipAgreementId,
    /// The network that it belongs to.
    pub network_id: NetworkId,
    /// The organisation that keeps it.
    pub organization_id: OrganizationId,
    /// What is agreed.
    #[sea_orm(column_type = "JsonBinary")]
    pub content: PartnershipAgreementContent,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
    /// Counts the changes.
    pub version: i32,
}

/// Relations are walked by scoped loaders, never by joins.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::Guarded for Entity {
    const RESOURCE: Resource = Resource::PartnershipAgreement;
    fn columns() -> crate::Columns<Column> {
        crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
    }
    fn within(reach: &Reach, action: Action) -> Condition {
        use super::agreement_party as party;
        let own = Self::by_columns(reach);
        // Every party may read what binds it; changing it is for the organisation that keeps it.
        if reach.everything || action != Action::Read {
            return own;
        }
        let bound = party::Entity::find()
            .select_only()
            .column(party::Column::AgreementId)
            .filter(party::Column::OrganizationId.is_in(reach.organizations.iter().copied()));
        Condition::any().add(own).add(Column::Id.in_subquery(bound.into_query()))
    }
}

crate::declare::kept! { PartnershipAgreement }
