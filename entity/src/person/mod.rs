//! Tables of people: who clients are, who acts for them, and what lets others see data about them.
pub mod care_relation;
pub mod client;
pub mod consent;
pub mod disclosure_permission;
pub mod disclosure_prohibition;
pub mod informing;
pub mod legal_hold;
#[expect(clippy::module_inception, reason = "one word, one path: the table of persons in the context of people")]
pub mod person;
pub mod representation;
pub mod restriction;
pub mod subject_request;

/// Declares a table whose rows are about clients: id, network, organisation, client, own columns, stamps and version. They are loaded under
/// their client, or under the thing that `under` names.
/// `sealed:` names the columns that only the vault opens; `shown:` says which of them the client may see, where that is not all, and `taken_back:` which were
/// recorded by mistake; `corrects:` names the column of the row that a row corrects, and `ordered_as:` says by which order a provider has to do with a row.
macro_rules! client_table {
    (@child $client:ident / $client_column:ident) => {
        impl $crate::Child for Entity {
            fn parent() -> Column { Column::$client_column }
            fn parent_id(row: &Model) -> sea_orm::prelude::Uuid {
                Option::<domain::id::ClientId>::from(row.$client).map_or(sea_orm::prelude::Uuid::nil(), |id| id.0)
            }
        }
    };
    (@child $client:ident / $client_column:ident, $parent:ident / $parent_column:ident) => {
        impl $crate::Child for Entity {
            fn parent() -> Column { Column::$parent_column }
            fn parent_id(row: &Model) -> sea_orm::prelude::Uuid { row.$parent.into() }
        }
    };
    ($(#[$meta:meta])* $table:literal, $kind:ident, $id:ty, client: $client:ident / $client_column:ident: $client_type:ty, { $($(#[$cmeta:meta])* $column:ident: $type:ty),* $(,)? }
        $(sealed: [$($sealed:ident),*],)? $(under: $parent:ident / $parent_column:ident,)? $(received: $received:expr,)? $(addressed: $addressed:expr,)? $(only: $only:expr,)? $(shown: $shown:expr,)? $(taken_back: $taken_back:expr,)? $(corrects: $corrects:ident,)? $(ordered_as: $ordered_as:expr,)?) => {
        $crate::declare::model! {
            $(#[$meta])*
            $table, $id, {
                /// The network that it belongs to.
                network_id: domain::id::NetworkId,
                /// The organisation that keeps it.
                organization_id: domain::id::OrganizationId,
                /// The client whom it is about.
                $client: $client_type,
                $($(#[$cmeta])* $column: $type,)*
            }
        }

        impl $crate::Guarded for Entity {
            const RESOURCE: domain::policy::Resource = domain::policy::Resource::$kind;
            fn columns() -> $crate::Columns<Column> {
                $crate::Columns { id: Column::Id, network: Some(Column::NetworkId), organizations: &[Column::OrganizationId], subject: None }
            }
            fn client_column() -> Option<Column> {
                Some(Column::$client_column)
            }
            fn client(row: &Model) -> Option<domain::id::ClientId> {
                row.$client.into()
            }
            fn subject(row: &Model) -> Option<String> {
                // A person who is no client yet is known by the row itself.
                Option::<domain::id::ClientId>::from(row.$client).is_none().then(|| format!("{}:{}", stringify!($kind), row.id))
            }
            $(fn sealed() -> &'static [(&'static str, &'static str)] {
                &[$((stringify!($sealed), concat!($table, ".", stringify!($sealed)))),*]
            })?
            $(fn received(by: &domain::policy::Worker) -> sea_orm::Condition {
                let of: fn(&domain::policy::Worker) -> sea_orm::Condition = $received;
                of(by)
            })?
            $(fn addressed(to: &domain::policy::Worker, action: domain::policy::Action) -> sea_orm::Condition {
                let of: fn(&domain::policy::Worker, domain::policy::Action) -> sea_orm::Condition = $addressed;
                of(to, action)
            })?
            $(fn only(reach: &domain::policy::Reach) -> sea_orm::Condition {
                let of: fn(&domain::policy::Reach) -> sea_orm::Condition = $only;
                of(reach)
            })?
            $(fn shown_to_client() -> sea_orm::Condition {
                let of: fn() -> sea_orm::Condition = $shown;
                of()
            })?
            $(fn taken_back() -> Option<sea_orm::Condition> {
                let of: fn() -> sea_orm::Condition = $taken_back;
                Some(of())
            })?
            $(fn corrects() -> Option<Column> {
                Some(Column::$corrects)
            })?
            $(fn ordered_as(row: &Model) -> Option<sea_orm::prelude::Uuid> {
                let of: fn(&Model) -> sea_orm::prelude::Uuid = $ordered_as;
                Some(of(row))
            })?
        }

        $crate::declare::kept! { $kind }

        $crate::person::client_table!(@child $client / $client_column $(, $parent / $parent_column)?);
    };
}
pub(crate) use client_table;
