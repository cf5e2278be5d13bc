//! People, and what lets others see data about them: relations, consents and purposes.
pub mod consent;
pub mod disclosure;
pub mod hetu;
pub mod identity;
pub mod purpose;
pub mod relation;
pub mod representation;
pub mod rights;
