//! One declaration for each closed vocabulary: the Rust name, the stored spelling and the public spelling are the same word.

/// Declares an enum that is stored, sent and shown as its `SCREAMING_SNAKE_CASE` word and (with a `[list]`) labelled by that code list.
macro_rules! vocabulary {
    ($(#[$meta:meta])* pub enum $name:ident [$list:literal] { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $crate::vocabulary::vocabulary! { $(#[$meta])* pub enum $name { $($(#[$vmeta])* $variant),+ } }

        impl $crate::code::Coded for $name {
            const LIST: &'static str = $list;
        }
    };
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[cfg_attr(feature = "orm", derive(sea_orm::EnumIter, sea_orm::DeriveActiveEnum), sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE"))]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order of the code list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}
pub(crate) use vocabulary;
