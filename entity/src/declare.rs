//! How tables are declared: what several of them say in the same words.

/// Says of a table that its rows are kept: their kind, their versions, whose they are. Without `network_of` and `organization_of` the columns tell.
macro_rules! kept {
    ($kind:ident) => {
        $crate::declare::kept! { $kind, network_of: |row| Some(row.network_id), organization_of: |row| Some(row.organization_id) }
    };
    ($kind:ident, network_of: $network_of:expr, organization_of: $organization_of:expr) => {
        impl $crate::Kept for Entity {
            const KIND: &'static str = stringify!($kind);
            fn version(row: &Model) -> i32 {
                row.version
            }
            fn version_column() -> Column {
                Column::Version
            }
            fn stamp(row: &mut Model, now: sea_orm::prelude::DateTimeUtc) {
                row.updated_at = now;
                row.version += 1;
            }
            fn network(row: &Model) -> Option<domain::id::NetworkId> {
                let of: fn(&Model) -> Option<domain::id::NetworkId> = $network_of;
                of(row)
            }
            fn organization(row: &Model) -> Option<domain::id::OrganizationId> {
                let of: fn(&Model) -> Option<domain::id::OrganizationId> = $organization_of;
                of(row)
            }
        }
    };
}
pub(crate) use kept;

/// Declares the model of a kept table: id, own columns, stamps and version.
macro_rules! model {
    ($(#[$meta:meta])* $table:literal, $id:ty, { $($(#[$cmeta:meta])* $column:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, sea_orm::DeriveEntityModel, serde::Serialize, serde::Deserialize)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            /// The id.
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: $id,
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
    };
}
pub(crate) use model;

/// Declares a table of an organisation's own work, none of it about clients: id, network, organisation, own columns, stamps and version. `sealed:`
/// names the columns that only the vault opens, `addressed:` says which rows others see.
macro_rules! organization_table {
    ($(#[$meta:meta])* $table:literal, $kind:ident, $id:ty, { $($(#[$cmeta:meta])* $column:ident: $type:ty),* $(,)? } $(sealed: [$($sealed:ident),*],)? $(addressed: $addressed:expr,)?) => {
        $crate::declare::model! {
            $(#[$meta])*
            $table, $id, {
                /// The network that it belongs to.
                network_id: domain::id::NetworkId,
                /// Whose it is: of outreach the organisation that does it, of purchasing the one that orders, of an approval
                /// the provider.
                organization_id: domain::id::OrganizationId,
                $($(#[$cmeta])* $column: $type,)*
            }
        }

        impl $crate::Guarded for Entity {
            const RESOURCE: domain::policy::Resource = domain::policy::Resource::$kind;
            fn columns() -> $crate::Columns<Column> {
                $crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
            }
            $(fn sealed() -> &'static [(&'static str, &'static str)] {
                &[$((stringify!($sealed), concat!($table, ".", stringify!($sealed)))),*]
            })?
            $(fn addressed(to: &domain::policy::Worker, action: domain::policy::Action) -> sea_orm::Condition {
                let of: fn(&domain::policy::Worker, domain::policy::Action) -> sea_orm::Condition = $addressed;
                of(to, action)
            })?
        }

        $crate::declare::kept! { $kind }
    };
}
pub(crate) use organization_table;
