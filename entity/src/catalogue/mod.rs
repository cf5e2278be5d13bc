//! Tables of the catalogue. Columns are what SQL must know (owner, state, references, what is unique); the rest is one typed content.
pub mod agreement_party;
pub mod area;
pub mod network;
pub mod organization;
pub mod partnership_agreement;
pub mod publication;
pub mod service;
pub mod service_offering;
pub mod service_unit;
pub mod session;
pub mod session_series;
pub mod transport_route;
pub mod venue;

/// Declares the table of a kept thing: id, own columns, typed content, search text, stamps and version.
macro_rules! kept_table {
    ($(#[$meta:meta])* $table:literal, $kind:ident, $id:ty, network: $network:ty, content: $content:ty, { $($(#[$cmeta:meta])* $column:ident: $type:ty),* $(,)? }
        network_of: $network_of:expr, organization_of: $organization_of:expr, $(also: $also:expr,)? columns: $columns:expr, $(public: $public:expr,)?) => {
        $crate::declare::model! {
            $(#[$meta])*
            $table, $id, {
                /// The network that it belongs to.
                network_id: $network,
                $($(#[$cmeta])* $column: $type,)*
                /// What is said of it.
                #[sea_orm(column_type = "JsonBinary")]
                content: $content,
                /// What working copies are searched by.
                search: String,
            }
        }

        impl $crate::Guarded for Entity {
            const RESOURCE: domain::policy::Resource = domain::policy::Resource::$kind;
            fn columns() -> $crate::Columns<Column> { $columns }
            $(fn public() -> sea_orm::Condition { $public })?
            $(fn within(reach: &domain::policy::Reach, action: domain::policy::Action) -> sea_orm::Condition {
                use domain::policy::Action::{Read, Transition};
                let own = Self::by_columns(reach);
                if reach.everything || !matches!(action, Read | Transition) { own } else {
                    sea_orm::Condition::any().add(own).add($also.is_in(reach.organizations.iter().copied()))
                }
            })?
        }

        $crate::declare::kept! { $kind, network_of: $network_of, organization_of: $organization_of }
    };
}
use kept_table;
