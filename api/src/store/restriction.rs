//! Restriction of processing (GDPR 18), held where everything is written: whatever the use case, no row about a client whose data is restricted is made,
//! changed or removed but on a ground that the law knows.
use super::{Work, dialect::fault};
use crate::{
    error::{Error, Result},
    vault::Place,
};
use domain::{actor::Actor, person::rights::Exceptions, policy::Resource, rejection::Code};
use entity::{Guarded, person::restriction};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Where the exceptions from a restriction are kept.
pub const EXCEPTIONS: &str = "processing_restriction.exceptions";

impl Work {
    /// The data of the client whom a row is about, where it is about one, may be written.
    ///
    /// # Errors
    /// [`Code::ProcessingRestricted`], or a fault of the database.
    pub(super) async fn unrestricted<E: Guarded>(&mut self, row: &E::Model) -> Result<()> {
        let Some(client) = E::client(row) else { return Ok(()) };
        if is_outside(E::RESOURCE) || matches!(self.actor(), Actor::System) || self.processable.contains(&client) {
            return Ok(());
        }
        let now = self.now();
        let found = restriction::Entity::find().filter(restriction::Column::ClientId.eq(client)).filter(restriction::in_force(now));
        let restrictions = found.all(self.tx()).await.map_err(fault)?;
        let subject = self.actor().subject().unwrap_or_default();
        let mut excepted = true;
        for row in &restrictions {
            let exceptions = self.vault().open::<Exceptions>(Place::new(EXCEPTIONS, row.id), &row.exceptions)?;
            excepted &= exceptions.reveal().allow(subject, now);
        }
        // What clients do themselves is done with their consent (18(2)).
        if !excepted && !self.acts_for(client).await? {
            return Err(Error::reject(Code::ProcessingRestricted, &[]));
        }
        self.processable.insert(client);
        Ok(())
    }
}

/// What sees to the restriction itself and to the client's other rights; and care relations, which let read and are not what is restricted: reading
/// is flagged in the use log instead. What ends by time is the system's own, and only ends.
const fn is_outside(resource: Resource) -> bool {
    matches!(resource, Resource::Restriction | Resource::LegalHold | Resource::SubjectRequest | Resource::CareRelation)
}
