//! Tables of open and outreach work (avoin ja jalkautuva työ). No column of them names a client, a person or anything of theirs.
pub mod drop_in_day;

/// Declares a table of open work: id, network, organisation, own columns, typed content, stamps and version.
macro_rules! outreach_table {
    ($(#[$meta:meta])* $table:literal, $kind:ident, $id:ty, content: $content:ty, { $($(#[$cmeta:meta])* $column:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, sea_orm::DeriveEntityModel, serde::Serialize, serde::Deserialize)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            /// The id.
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: $id,
            /// The network that it belongs to.
            pub network_id: domain::id::NetworkId,
            /// Whose work it is.
            pub organization_id: domain::id::OrganizationId,
            $($(#[$cmeta])* pub $column: $type,)*
            /// What is said of it.
            #[sea_orm(column_type = "JsonBinary")]
            pub content: $content,
            /// When the server was told of it.
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
use outreach_table;
