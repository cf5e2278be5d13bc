//! Representation (edustus): somebody acts for a client.
use crate::vocabulary::vocabulary;

vocabulary! {
    /// By what right somebody acts for a client (edustuksen peruste).
    pub enum RepresentationKind ["representation-kind"] {
        /// Guardian (edunvalvoja).
        Guardian,
        /// Authorised by the client, for example by a Suomi.fi mandate (valtuutettu).
        Authorized,
        /// Parent or other custodian (huoltaja).
        Parent,
    }
}
