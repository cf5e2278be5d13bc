//! What the client wills of disclosures, whoever asks: named steps that no actor scopes, since a prohibition holds against those too who do not see it.
use super::{Work, dialect::fault};
use crate::error::Result;
use domain::{
    casework::{client_entry::EntryVisibility, referral::ReferralState},
    catalogue::service::ProvisionMode,
    id::{ClientEntryId, ClientId, ConsentId, OrganizationId, ServiceId},
    machine::Machine,
    person::{
        consent::{ConsentMove, ConsentState, DataItem},
        disclosure::{DisclosureSector, Extent, Kept, Prohibited, Will, prohibits},
    },
};
use entity::{
    casework::{client_entry, referral},
    catalogue::{publication, service},
    person::{care_relation, client, consent, disclosure_permission, disclosure_prohibition},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};

impl Work {
    /// The prohibitions of a client that are in force.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn prohibitions_of(&self, client: ClientId) -> Result<Vec<Prohibited>> {
        use disclosure_prohibition::Column;
        let found = disclosure_prohibition::Entity::find().filter(Column::ClientId.eq(client)).filter(Column::RemovedAt.is_null());
        let rows = found.all(self.tx()).await.map_err(fault)?;
        Ok(rows.iter().filter_map(|row| Some(Prohibited { what: kept(row)?, set_at: row.set_at })).collect())
    }

    /// A client keeps everything back from an organisation.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn keeps_all_from(&self, client: ClientId, organization: OrganizationId) -> Result<bool> {
        Ok(self.prohibitions_of(client).await?.iter().any(|one| one.what == Kept::Controller(organization)))
    }

    /// A client has permitted that data of social welfare is disclosed to other controllers.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn permits_disclosure(&self, client: ClientId) -> Result<bool> {
        use disclosure_permission::Column;
        let found = disclosure_permission::Entity::find()
            .filter(Column::ClientId.eq(client))
            .filter(Column::Sector.eq(DisclosureSector::Social))
            .filter(Column::WithdrawnAt.is_null());
        Ok(found.one(self.tx()).await.map_err(fault)?.is_some())
    }

    /// One of these services is purchased from an organisation, or given by voucher at it, in the name of the one that keeps the register: then it
    /// processes what it is told on the keeper's behalf.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn produces_for(&self, keeper: OrganizationId, producer: OrganizationId, services: &[ServiceId]) -> Result<bool> {
        let copies = publication::Entity::find().filter(publication::Column::Id.is_in(services.iter().map(|id| id.0)));
        let rows = copies.all(self.tx()).await.map_err(fault)?;
        let services = rows.into_iter().filter_map(|copy| serde_json::from_value::<service::Model>(copy.row).ok());
        let on_behalf = |of: &service::Model| matches!(of.content.provision, ProvisionMode::Purchased | ProvisionMode::Voucher);
        Ok(services.into_iter().any(|of| of.organization_id == keeper && on_behalf(&of) && of.content.producers.contains(&producer)))
    }

    /// The services to which a client has been taken on at an organisation, and where the client still is.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn services_taken_on(&self, client: ClientId, at: OrganizationId) -> Result<Vec<ServiceId>> {
        let rows = self.accepted_referrals(client).await?;
        Ok(rows.into_iter().filter(|row| row.recipient_id == at && row.goes_on()).filter_map(|row| row.service_id).collect())
    }

    async fn accepted_referrals(&self, client: ClientId) -> Result<Vec<referral::Model>> {
        let found = referral::Entity::find().filter(referral::Column::ClientId.eq(client)).filter(referral::Column::State.eq(ReferralState::Accepted));
        found.all(self.tx()).await.map_err(fault)
    }

    /// The referrals by which a client has come to a case that is kept for them, of which the sender is told how far it has come: each with the consent that
    /// covers that, or by a law.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn followed_referrals(&self, client: ClientId) -> Result<Vec<(referral::Model, Option<ConsentId>)>> {
        let arisen: BTreeSet<_> = self.cases_of(client).await?.into_iter().filter_map(|case| case.referral_id).collect();
        let consents = self.consents_in_force(client).await?;
        let covers = |id| consents.iter().any(|consent| consent.id == id && consent.scope.0.contains(&DataItem::Progress));
        let told = |row: &referral::Model| row.consent_id.map_or(!row.anonymous, covers);
        let rows = self.accepted_referrals(client).await?.into_iter();
        Ok(rows
            .filter(|row| arisen.contains(&row.id) && row.organization_id != row.recipient_id && told(row))
            .map(|row| (row.clone(), row.consent_id))
            .collect())
    }

    /// The consents of a client that are in force, the oldest first.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn consents_in_force(&self, client: ClientId) -> Result<Vec<consent::Model>> {
        let found = consent::Entity::find()
            .filter(consent::Column::ClientId.eq(client))
            .filter(consent::Column::State.eq(ConsentState::Given))
            .filter(consent::Column::ExpiresAt.gt(self.now()))
            .order_by_asc(consent::Column::Id);
        found.all(self.tx()).await.map_err(fault)
    }

    /// The referrals of a client that were sent on a law alone and are not answered yet, or are being passed on, whoever sees them. One that a law holds for
    /// in spite of any prohibition, and one that asks for advice and tells of nobody, are not among them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn sent_on_a_law(&self, client: ClientId) -> Result<Vec<referral::Model>> {
        let told = [ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested, ReferralState::Redirected];
        let found = referral::Entity::find()
            .filter(referral::Column::ClientId.eq(client))
            .filter(referral::Column::ConsentId.is_null())
            .filter(referral::Column::State.is_in(told))
            .order_by_asc(referral::Column::Id);
        let mut rows = found.all(self.tx()).await.map_err(fault)?;
        rows.retain(|row| row.content.despite_prohibition.is_none() && !row.content.is_advice());
        Ok(rows)
    }

    /// The care relations that workers of other controllers have to a client now, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn relations_elsewhere(&self, client: &client::Model) -> Result<Vec<care_relation::Model>> {
        let found = care_relation::Entity::find()
            .filter(care_relation::Column::ClientId.eq(client.id))
            .filter(care_relation::Column::OrganizationId.ne(client.organization_id))
            .filter(care_relation::Column::EndedAt.is_null())
            .filter(care_relation::Column::ExpiresAt.gt(self.now()))
            .order_by_asc(care_relation::Column::Id);
        found.all(self.tx()).await.map_err(fault)
    }

    /// Ends a care relation that has lost its ground, whoever has it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn end_relation(&mut self, before: &care_relation::Model) -> Result<()> {
        let next = care_relation::Model { ended_at: Some(self.now()), ..before.clone() };
        self.change::<care_relation::Entity>(before, next).await
    }

    /// A consent as it is now, held until the commit, if it is still given: whoever withdraws it goes before or after.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_given_consent(&self, id: ConsentId) -> Result<Option<consent::Model>> {
        let held = consent::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?;
        Ok(held.filter(|row| row.state == ConsentState::Given))
    }

    /// As [`Work::hold_given_consent`], where its time is not over either.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_consent_in_force(&self, id: ConsentId) -> Result<Option<consent::Model>> {
        Ok(self.hold_given_consent(id).await?.filter(|consent| consent.expires_at > self.now()))
    }

    /// Withdraws a consent to which the client's newer will has put an end, whoever recorded it.
    ///
    /// # Errors
    /// A move that its state does not allow, or a fault of the database.
    pub(crate) async fn withdraw_consent(&mut self, before: &consent::Model) -> Result<()> {
        let next = consent::Model {
            state: before.state.step(ConsentMove::Withdraw)?,
            ended_at: Some(self.now()),
            withdrawn_by: self.actor().subject().map(str::to_owned),
            ..before.clone()
        };
        self.change::<consent::Entity>(before, next).await
    }

    /// The client keeps an entry back, as a document or since it corrects one.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn is_kept_back(&self, entry: ClientEntryId) -> Result<bool> {
        let found = client_entry::Entity::find_by_id(entry).filter(client_entry::is_kept_back());
        Ok(found.one(self.tx()).await.map_err(fault)?.is_some())
    }

    /// An organisation has written shared entries into a client's record that the client does not keep back.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn has_shared_entries(&self, client: ClientId, keeper: OrganizationId) -> Result<bool> {
        let shared = client_entry::Entity::find()
            .filter(client_entry::Column::ClientId.eq(client))
            .filter(client_entry::Column::OrganizationId.eq(keeper))
            .filter(client_entry::Column::Visibility.eq(EntryVisibility::Shared))
            .filter(client_entry::is_kept_back().not());
        Ok(shared.one(self.tx()).await.map_err(fault)?.is_some())
    }

    /// The organisations that have written shared entries into a client's record that the client does not keep back.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn keepers_of_shared_entries(&self, client: ClientId) -> Result<BTreeSet<OrganizationId>> {
        let shared = client_entry::Entity::find()
            .select_only()
            .column(client_entry::Column::OrganizationId)
            .distinct()
            .filter(client_entry::Column::ClientId.eq(client))
            .filter(client_entry::Column::Visibility.eq(EntryVisibility::Shared))
            .filter(client_entry::is_kept_back().not());
        Ok(shared.into_tuple::<OrganizationId>().all(self.tx()).await.map_err(fault)?.into_iter().collect())
    }

    /// The organisations that read the shared entries of a client's record now, each with the consent behind it: by an accepted referral of the
    /// organisation that keeps the record. None reads those of a client under non-disclosure, nor by a consent that is older than a prohibition.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn readers_of_entries(&self, client: ClientId, keeper: OrganizationId) -> Result<Vec<consent::Model>> {
        if self.is_protected(Some(client)).await? {
            return Ok(Vec::new());
        }
        let referrals = self.accepted_referrals(client).await?;
        let by: BTreeMap<_, _> =
            referrals.iter().filter(|row| row.organization_id == keeper && row.goes_on()).filter_map(|row| Some((row.consent_id?, row.service_id))).collect();
        let set = self.prohibitions_of(client).await?;
        let mut readers = Vec::new();
        for consent in self.consents_in_force(client).await?.into_iter().filter(|row| row.scope.0.contains(&DataItem::Entries)) {
            let Some(service) = by.get(&consent.id) else { continue };
            let prohibited = prohibits(&set, consent.recipient_id, &Extent::Rest, &Will::Consented(consent.given_at)).is_some();
            let stays = consent.recipient_id == keeper || prohibited && self.produces_for(keeper, consent.recipient_id, service.as_slice()).await?;
            if stays || !prohibited {
                readers.push(consent);
            }
        }
        Ok(readers)
    }
}

/// What a prohibition keeps back.
fn kept(row: &disclosure_prohibition::Model) -> Option<Kept> {
    let document = row.document_id.map(Kept::Document);
    document.or_else(|| row.service_task.clone().map(Kept::ServiceTask)).or_else(|| row.controller_id.map(Kept::Controller))
}
