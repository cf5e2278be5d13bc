//! The public catalogue in open standards, for partners who know nothing of GraphQL: from the snapshot alone, which holds what everybody may see and nothing else.
pub mod catalogue;
pub mod hsds;
