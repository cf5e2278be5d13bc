//! Tables of purchased services. What belongs to a contract names both its sides: the organisation that orders and the one that provides.
pub mod contract_line;
pub mod framework_contract;
pub mod procurement;

/// Declares a table of purchased services: id, network, the organisation that orders, own columns, stamps and version. `addressed:` says which rows the
/// provider sees, and those who order by a contract.
macro_rules! funding_table {
    ($(#[$meta:meta])* $table:literal, $kind:ident, $id:ty, { $($(#[$cmeta:meta])* $column:ident: $type:ty),* $(,)? } $(addressed: $addressed:expr,)?) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, sea_orm::DeriveEntityModel, serde::Serialize, serde::Deserialize)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            /// The id.
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: $id,
            /// The network that it belongs to.
            pub network_id: domain::id::NetworkId,
            /// The organisation that orders.
            pub organization_id: domain::id::OrganizationId,
            $($(#[$cmeta])* pub $column: $type,)*
            /// When it was made.
            pub created_at: sea_orm::prelude::DateTimeUtc,
            /// When it was last changed.
            pub updated_at: sea_orm::prelude::DateTimeUtc,
            /// Counts the changes; a change names the version it was made from.
            pub version: i32,
        }

        /// Relations are walked by scoped loaders, never by joins.
        #[derive(Copy, Clone, Debug, sea_orm::EnumIter, sea_orm::DeriveRelation)]
        pub enum Relation {}

        impl sea_orm::ActiveModelBehavior for ActiveModel {}

        impl $crate::Guarded for Entity {
            const RESOURCE: domain::policy::Resource = domain::policy::Resource::$kind;
            fn columns() -> $crate::Columns<Column> {
                $crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
            }
            $(fn addressed(to: &domain::policy::Worker, action: domain::policy::Action) -> sea_orm::Condition {
                let of: fn(&domain::policy::Worker, domain::policy::Action) -> sea_orm::Condition = $addressed;
                of(to, action)
            })?
        }

        impl $crate::Kept for Entity {
            const KIND: &'static str = stringify!($kind);
            fn version(row: &Model) -> i32 { row.version }
            fn version_column() -> Column { Column::Version }
            fn stamp(row: &mut Model, now: sea_orm::prelude::DateTimeUtc) { row.updated_at = now; row.version += 1; }
            fn network(row: &Model) -> Option<domain::id::NetworkId> { Some(row.network_id) }
            fn organization(row: &Model) -> Option<domain::id::OrganizationId> { Some(row.organization_id) }
        }
    };
}
use funding_table;
