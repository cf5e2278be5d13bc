//! Publishing (julkaiseminen) of a service or an offering: what everybody sees is a copy, so a draft beside it changes nothing yet.
use crate::{machine::machine, vocabulary::vocabulary};

vocabulary! {
    /// Where a service or an offering is on its way to the public (julkaisutila).
    pub enum PublishingState ["publishing-state"] {
        /// Being written; nobody outside the organisation sees it.
        Draft,
        /// Everybody sees it as it is.
        Published,
        /// Everybody sees the published copy; a changed one is being written beside it.
        Modified,
        /// It was public and is not any more.
        Withdrawn,
        /// Thrown away before it was ever public.
        Discarded,
    }
}

machine! {
    /// A move of the publishing machine.
    PublishingState as "Publishing (julkaiseminen)", pub enum PublishingMove {
        /// Make the working copy public.
        Publish,
        /// Change the working copy.
        Modify,
        /// Take it from the public.
        Withdraw,
        /// Throw a draft away.
        Discard,
    }
    Draft -- Modify -> Draft;
    Draft -- Publish -> Published;
    Draft -- Discard -> Discarded;
    Published -- Modify -> Modified;
    Published -- Withdraw -> Withdrawn;
    Modified -- Modify -> Modified;
    Modified -- Publish -> Published;
    Modified -- Withdraw -> Withdrawn;
    Withdrawn -- Modify -> Withdrawn;
    Withdrawn -- Publish -> Published;
}

impl PublishingState {
    /// Everybody sees a published copy.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Modified)
    }
}
