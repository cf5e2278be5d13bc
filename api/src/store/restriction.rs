//! Restriction of processing (GDPR 18), held where everything is written: whatever the use case, no row about a client whose data is restricted is made,
//! changed or removed but on a ground that the law knows.
use super::{Work, dialect::fault};
use crate::{
    error::{Error, Result},
    vault::{Place, Vault},
};
use domain::{actor::Actor, id::ClientId, person::rights::Exceptions, policy::Resource, private::Private, rejection::Code};
use entity::{Guarded, SealedText, person::restriction};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value};

/// Where the exceptions from a restriction are kept.
pub const EXCEPTIONS: &str = "processing_restriction.exceptions";

impl Work {
    /// The data of the client whom a row is about, where it is about one, may be written: made without `before`, removed without `next`.
    ///
    /// # Errors
    /// [`Code::ProcessingRestricted`], or a fault of the database.
    pub(super) async fn unrestricted<E: Guarded>(&mut self, before: Option<&E::Model>, next: Option<&E::Model>) -> Result<()> {
        if let Some(client) = next.and_then(E::client) {
            self.stands(client).await?;
        }
        if only_protects::<E>(self.vault(), before, next)? {
            return Ok(());
        }
        // Of both: what is taken from one client and given to another is about either.
        for row in [before, next].into_iter().flatten() {
            if let Some(client) = E::client(row) {
                self.processable::<E>(client).await?;
            }
        }
        Ok(())
    }

    /// Nothing new is written about one who was merged into another: an input that names the old one is followed to the other, and what is about the
    /// old one comes too late.
    async fn stands(&mut self, client: ClientId) -> Result<()> {
        if !self.standing.contains(&client) {
            if self.merged_into(client).await?.is_some() {
                return Err(Error::reject(Code::MergedAlready, &[]));
            }
            self.standing.insert(client);
        }
        Ok(())
    }

    async fn processable<E: Guarded>(&mut self, client: ClientId) -> Result<()> {
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

/// What ends or narrows what others do with the client's data, and nothing else: a restriction protects the client, and does not keep that off.
fn only_protects<E: Guarded>(vault: &Vault, before: Option<&E::Model>, next: Option<&E::Model>) -> Result<bool> {
    let Some(row) = before else { return Ok(E::RESOURCE == Resource::DisclosureProhibition && next.is_some()) };
    let (Some(Value::Object(before)), Some(Value::Object(next))) = (serde_json::to_value(row).ok(), next.and_then(|row| serde_json::to_value(row).ok())) else {
        return Ok(false);
    };
    let only = |columns: &[&str]| next.iter().all(|(name, value)| columns.contains(&name.as_str()) || before.get(name) == Some(value));
    let begins = |column: &str| before.get(column).is_some_and(Value::is_null) && next.get(column).is_some_and(|value| !value.is_null());
    let ends = |states: &[&str]| next.get("state").and_then(Value::as_str).is_some_and(|state| states.contains(&state));
    let was = |state: &str| before.get("state").and_then(Value::as_str) == Some(state);
    Ok(match E::RESOURCE {
        Resource::Consent => begins("withdrawn_by") && begins("ended_at") && only(&["state", "ended_at", "withdrawn_by"]),
        Resource::Referral => ends(&["WITHDRAWN", "CANCELLED"]) && only(&["state", "introduction", "message"]),
        Resource::Participation => {
            ends(&["CANCELLED", "LEFT_QUEUE", "DISCONTINUED", "DECLINED_BY_CLIENT"]) && only(&["state", "ended_on", "ended_for", "reason", "held_until"])
        }
        Resource::PurchaseOrder => {
            let said = ["state", "introduction", "message", "ended_on", "ended_as", "answered_at", "handler", "reject_reason"];
            ends(&["CANCELLED", "REJECTED", "TERMINATED"]) && only(&said)
        }
        Resource::Voucher => {
            let of_choice = ["approval_id", "provider_id", "chosen_at", "chosen_by", "unit_price_cents", "vat_rate_bp"];
            ends(&["REFUSED", "CANCELLED", "ISSUED"]) && only(&[&["state", "introduction", "reason", "ended_on", "ended_by"][..], &of_choice].concat())
        }
        // Nobody pays for what was not given.
        Resource::DeliveryEvent => ends(&["DISPUTED", "VOIDED"]) && only(&["state", "dispute", "voided", "disputable_until", "approved_at", "approved_by"]),
        // Who is with the client comes back, and is not looked for in vain.
        Resource::Visit => {
            let over = (was("PLANNED") || was("UNDER_WAY")) && ends(&["DONE", "NOT_REACHED", "CANCELLED"]);
            (over && only(&["state", "report", "checked_out_at", "minutes", "effective_date"])) || (was("UNDER_WAY") && only(&["due_at"]))
        }
        Resource::DisclosurePermission => begins("withdrawn_at") && only(&["withdrawn_at", "withdrawn_by"]),
        Resource::Representation => begins("ended_at") && only(&["ended_at"]),
        // Who somebody is is sealed anew whenever it is kept, whether or not it is another.
        Resource::Person if next.get("protected") == Some(&Value::Bool(true)) && only(&["protected", "identity", "hetu_hash", "key_id"]) => {
            let mut same = true;
            for (column, place) in E::sealed() {
                let open = |row: &Map<String, Value>, id| -> Result<Option<Private<Value>>> {
                    let sealed = row.get(*column).and_then(Value::as_str);
                    sealed.map(|sealed| vault.open(Place::new(place, id), &SealedText(sealed.to_owned()))).transpose()
                };
                let (known, told) = (open(&before, E::row_id(row))?, open(&next, E::row_id(row))?);
                same &= known.as_ref().map(Private::reveal) == told.as_ref().map(Private::reveal);
            }
            same
        }
        _ => false,
    })
}

/// What sees to the restriction itself and to the client's other rights, complaints among them; and care relations, which let read and are not what is restricted: reading
/// is flagged in the use log instead. What ends by time is the system's own, and only ends.
const fn is_outside(resource: Resource) -> bool {
    matches!(resource, Resource::Restriction | Resource::LegalHold | Resource::SubjectRequest | Resource::Complaint | Resource::CareRelation)
}
