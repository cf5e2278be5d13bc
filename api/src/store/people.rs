//! The few steps about people that no actor scopes, each named: knowing a client again, sealing who one is, ending what has lost its ground.
use super::{
    Reader, Store, Work,
    dialect::{self, fault},
    pool,
    read::clients_with_special_categories,
    sealing::{HETU, WORD_OF_NAME, index_person, sealed_person},
};
use crate::{
    error::{Error, Result},
    vault::{Place, Vault},
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    actor::{Actor, Role},
    casework::{
        case::CaseStage,
        referral::{Introduction, PROTECTED_ITEMS, ReferralMove, ReferralState},
    },
    catalogue::session::day,
    delivery::visit::VisitState,
    id::{CaseId, ClientId, ConsentId, NetworkId, OrganizationId, ReferralId},
    machine::Machine,
    person::{
        consent::{ConsentMove, ConsentState, DataItem},
        hetu::Hetu,
        identity::Identity,
        relation::RelationBasis,
    },
    policy::{Action, Resource, does_open_work, reach, takes_cases, works_with_clients},
    private::Private,
    text::fold,
};
use entity::{
    Guarded,
    access::membership,
    casework::{case, follow_on_path, referral},
    catalogue::organization,
    delivery::visit,
    person::{care_relation, client, consent, person, representation},
    sealed::person_word,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::IntoCondition};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Work {
    /// The client of this identity code, if the network knows one: that there is one is told, nothing of who it is.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn client_by_hetu(&self, network: NetworkId, hetu: &Hetu) -> Result<Option<ClientId>> {
        // While keys rotate, the same code has two hashes: whoever registers it waits for whoever does so now.
        dialect::lock_word(self.tx(), &self.vault().oldest_index(HETU, hetu.whole().reveal())).await?;
        self.known_by_hetu(network, hetu).await
    }

    /// The same, for whoever registers nobody by it and waits for nobody.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn known_by_hetu(&self, network: NetworkId, hetu: &Hetu) -> Result<Option<ClientId>> {
        let hashes = self.vault().indexes(HETU, hetu.whole().reveal());
        let found = person::Entity::find().filter(person::Column::NetworkId.eq(network)).filter(person::Column::HetuHash.is_in(hashes));
        let known = found.one(self.tx()).await.map_err(fault)?.map(|row| row.client_id);
        if let Some(client) = known {
            self.note_asked(client);
        }
        Ok(known)
    }

    /// The client of this number, if the network knows one.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn client_by_number(&self, network: NetworkId, number: &str) -> Result<Option<ClientId>> {
        // No number has such a character, and PostgreSQL takes no text with the first of them.
        if number.chars().any(char::is_control) {
            return Ok(None);
        }
        let found = client::Entity::find().filter(client::Column::NetworkId.eq(network)).filter(client::Column::Number.eq(number));
        // The number of one who was merged into another leads to the other.
        Ok(found.one(self.tx()).await.map_err(fault)?.map(|row| row.merged_into_id.unwrap_or(row.id)))
    }

    /// The row of a client to whom a relation is about to be opened.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn client_behind(&self, id: ClientId) -> Result<client::Model> {
        client::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// The actor is the client, or represents the client now.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn acts_for(&self, client: ClientId) -> Result<bool> {
        let Some(subject) = self.actor().subject() else { return Ok(false) };
        if self.client_behind(client).await?.account.as_deref() == Some(subject) {
            return Ok(true);
        }
        let acts = representation::Entity::find().filter(representation::Column::ClientId.eq(client)).filter(representation::in_force(subject));
        Ok(acts.one(self.tx()).await.map_err(fault)?.is_some())
    }

    /// The accounts of a client and of those who act for the client now.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn voices_of(&self, client: ClientId) -> Result<BTreeSet<String>> {
        let acts = representation::Entity::find().filter(representation::Column::ClientId.eq(client)).filter(representation::Column::EndedAt.is_null());
        let mut voices: BTreeSet<String> = acts.all(self.tx()).await.map_err(fault)?.into_iter().map(|row| row.subject).collect();
        voices.extend(self.client_behind(client).await?.account);
        Ok(voices)
    }

    /// The case to which something belongs, whoever sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`], or a fault of the database.
    pub(crate) async fn case_behind(&self, id: CaseId) -> Result<case::Model> {
        case::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)
    }

    /// Takes from what recipients who are no authority have been told of a client what may not be told of one under non-disclosure.
    ///
    /// # Errors
    /// A value that does not open, or a fault of the database.
    pub(crate) async fn withhold_protected(&mut self, client: ClientId) -> Result<()> {
        for before in referral::Entity::find().filter(referral::Column::ClientId.eq(client)).all(self.tx()).await.map_err(fault)? {
            let recipient = organization::Entity::find_by_id(before.recipient_id).one(self.tx()).await.map_err(fault)?.ok_or(Error::NotFound)?;
            if !recipient.content.kind.is_authority() {
                let told = DataItem::ALL.iter().copied().filter(|item| !PROTECTED_ITEMS.contains(item)).collect();
                self.cut(&before, &told, None).await?;
            }
        }
        self.withhold_from_providers(client).await?;
        self.withhold_aliases(client).await
    }

    /// Cuts what a referral tells to some items, and binds it to another consent where one is given.
    async fn cut(&mut self, before: &referral::Model, items: &BTreeSet<DataItem>, consent: Option<ConsentId>) -> Result<()> {
        let place = Place::new("referral.introduction", before.id);
        let introduction = match &before.introduction {
            None => None,
            Some(sealed) => {
                let told: Private<Introduction> = self.vault().open(place, sealed)?;
                Some(self.vault().seal(place, &told.reveal().clone().only(items))?)
            }
        };
        let next = referral::Model { introduction, consent_id: consent.or(before.consent_id), ..before.clone() };
        self.change::<referral::Entity>(before, next).await
    }

    /// A client is under non-disclosure for safety; nobody else is known to be.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn is_protected(&self, client: Option<ClientId>) -> Result<bool> {
        let Some(client) = client else { return Ok(false) };
        Ok(person::protected().filter(person::Column::ClientId.eq(client)).count(self.tx()).await.map_err(fault)? > 0)
    }

    /// Refuses who may not see a client's data of special categories: what is not seen is not written over.
    ///
    /// # Errors
    /// [`Error::Forbidden`], or a fault of the database.
    pub(crate) async fn sees_special_categories(&self, client: ClientId) -> Result<()> {
        let open = clients_with_special_categories(self.actor(), vec![client.0]).into_tuple::<Uuid>().one(self.tx()).await.map_err(fault)?;
        open.map(drop).ok_or(Error::Forbidden)
    }

    /// An account signs in for another client of the network already.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn account_is_taken(&self, network: NetworkId, account: &str) -> Result<bool> {
        let found = client::Entity::find().filter(client::Column::NetworkId.eq(network)).filter(client::Column::Account.eq(account));
        Ok(found.one(self.tx()).await.map_err(fault)?.is_some())
    }

    /// Seals who a person is and keeps it, with the hashes by which the person is found: a new row, or in place of the one before.
    ///
    /// # Errors
    /// As for inserting and updating a row.
    pub async fn keep_person(&mut self, row: person::Model, identity: &Identity, before: Option<&person::Model>) -> Result<person::Model> {
        let sealed = sealed_person(self.vault(), &row, identity)?;
        let row = match before {
            None => self.insert::<person::Entity>(sealed).await?,
            Some(before) => self.update::<person::Entity>(before, sealed, Action::Update).await?,
        };
        index_person(self.tx(), self.vault(), &row, identity).await?;
        Ok(row)
    }

    /// Ends the care relations that rest on a ground that is no more, whoever has them.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn end_relations(&mut self, ground: Uuid) -> Result<()> {
        let live = care_relation::Entity::find().filter(care_relation::Column::GroundId.eq(ground)).filter(care_relation::Column::EndedAt.is_null());
        for before in live.all(self.tx()).await.map_err(fault)? {
            self.end_relation(&before).await?;
        }
        Ok(())
    }

    /// Ends the care relations that rest on a ground that is no more, but for that of the one worker who sees to what it has left behind, until a time.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn leave_relation(&mut self, ground: Uuid, subject: &str, until: DateTime<Utc>) -> Result<()> {
        let live = care_relation::Entity::find().filter(care_relation::Column::GroundId.eq(ground)).filter(care_relation::Column::EndedAt.is_null());
        for before in live.all(self.tx()).await.map_err(fault)? {
            if before.subject != subject {
                self.end_relation(&before).await?;
            } else if before.expires_at != until {
                self.change::<care_relation::Entity>(&before, care_relation::Model { expires_at: until, ..before.clone() }).await?;
            }
        }
        Ok(())
    }

    /// The follow-on paths of a case of which it is still to be seen whether the client comes, or has stayed, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn open_paths(&self, case: CaseId) -> Result<Vec<follow_on_path::Model>> {
        let rows = follow_on_path::Entity::find().filter(follow_on_path::Column::CaseId.eq(case)).all(self.tx()).await.map_err(fault)?;
        Ok(rows.into_iter().filter(follow_on_path::Model::is_awaited).collect())
    }

    /// Ends the care relation of one worker that rests on a ground, where there is one; whether there was.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn end_relation_of(&mut self, ground: Uuid, client: ClientId, subject: &str) -> Result<bool> {
        let found = self.relation_on(ground, client, subject).await?;
        if let Some(before) = &found {
            self.end_relation(before).await?;
        }
        Ok(found.is_some())
    }

    /// The actor has taken a client on in an organisation, or has opened the client's data by a law.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn has_taken_on(&self, client: ClientId, organization: OrganizationId) -> Result<bool> {
        let own = care_relation::Entity::find()
            .filter(care_relation::Column::ClientId.eq(client))
            .filter(care_relation::Column::OrganizationId.eq(organization))
            .filter(care_relation::Column::Subject.eq(self.actor().subject().unwrap_or_default()))
            .filter(care_relation::Column::Basis.is_in([RelationBasis::Intake, RelationBasis::Case, RelationBasis::StatutoryInfo]))
            .filter(care_relation::Column::EndedAt.is_null())
            .filter(care_relation::Column::ExpiresAt.gt(self.now()));
        Ok(own.one(self.tx()).await.map_err(fault)?.is_some())
    }

    /// The care relation of a worker to a client that rests on a ground and is in force now, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn relation_on(&self, ground: Uuid, client: ClientId, subject: &str) -> Result<Option<care_relation::Model>> {
        let live = care_relation::Entity::find()
            .filter(care_relation::Column::GroundId.eq(ground))
            .filter(care_relation::Column::ClientId.eq(client))
            .filter(care_relation::Column::Subject.eq(subject))
            .filter(care_relation::Column::EndedAt.is_null())
            .filter(care_relation::Column::ExpiresAt.gt(self.now()));
        live.one(self.tx()).await.map_err(fault)
    }

    /// Somebody works with clients in an organisation today: nothing else of the memberships is told.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn takes_cases(&self, subject: &str, organization: OrganizationId) -> Result<bool> {
        Ok(self.roles_at(subject, organization).await?.into_iter().any(takes_cases))
    }

    /// Somebody did open work in an organisation on a day: nothing else of the memberships is told.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn did_open_work(&self, subject: &str, organization: OrganizationId, on: NaiveDate) -> Result<bool> {
        Ok(self.roles_of(subject, organization, on).await?.into_iter().any(does_open_work))
    }

    /// The visits with a client that are to come or under way, of an organisation, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn open_visits(&self, client: ClientId, organization: OrganizationId) -> Result<Vec<visit::Model>> {
        let open = visit::Entity::find()
            .filter(visit::Column::ClientId.eq(client))
            .filter(visit::Column::OrganizationId.eq(organization))
            .filter(visit::Column::State.is_in(VisitState::OPEN))
            .order_by_asc(visit::Column::Id);
        open.all(self.tx()).await.map_err(fault)
    }

    /// Moves a visit for a reason that nobody who sees it has given.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn move_visit(&mut self, before: &visit::Model, next: visit::Model) -> Result<()> {
        self.change::<visit::Entity>(before, next).await
    }

    /// Somebody works with clients in an organisation on a day.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn worked_with_clients(&self, subject: &str, organization: OrganizationId, on: NaiveDate) -> Result<bool> {
        Ok(self.roles_of(subject, organization, on).await?.into_iter().any(works_with_clients))
    }

    /// The roles that somebody has in an organisation today.
    pub(super) async fn roles_at(&self, subject: &str, organization: OrganizationId) -> Result<Vec<Role>> {
        self.roles_of(subject, organization, day(self.now())).await
    }

    /// Somebody has a role in an organisation today: nothing else of the memberships is told.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn works_at(&self, subject: &str, organization: OrganizationId) -> Result<bool> {
        Ok(!self.roles_at(subject, organization).await?.is_empty())
    }

    /// Whoever has a role in an organisation today, each once, by the stable key.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn holders_of(&self, role: Role, organization: OrganizationId) -> Result<BTreeSet<String>> {
        let on = day(self.now());
        let rows = membership::Entity::find()
            .filter(membership::Column::Role.eq(role))
            .filter(membership::Column::OrganizationId.eq(organization))
            .filter(membership::Column::ValidFrom.lte(on))
            .filter(Condition::any().add(membership::Column::ValidTo.is_null()).add(membership::Column::ValidTo.gte(on)));
        // Who they are is for the notice alone: the caller is told nothing of them.
        pool::lifted(self.tx(), async |tx| rows.all(tx).await.map_err(fault)).await.map(|rows| rows.into_iter().map(|row| row.subject).collect())
    }

    async fn roles_of(&self, subject: &str, organization: OrganizationId, on: NaiveDate) -> Result<Vec<Role>> {
        let rows = membership::Entity::find()
            .filter(membership::Column::Subject.eq(subject))
            .filter(membership::Column::OrganizationId.eq(organization))
            .filter(membership::Column::ValidFrom.lte(on))
            .filter(Condition::any().add(membership::Column::ValidTo.is_null()).add(membership::Column::ValidTo.gte(on)));
        Ok(rows.all(self.tx()).await.map_err(fault)?.into_iter().map(|row| row.role).collect())
    }

    /// All cases of a client, open or closed, in whatever organisation, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn cases_of(&self, client: ClientId) -> Result<Vec<case::Model>> {
        case::Entity::find().filter(case::Column::ClientId.eq(client)).all(self.tx()).await.map_err(fault)
    }

    /// The organisations that keep something of a client: the register, and each its own cases.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn keepers_of(&self, client: &client::Model) -> Result<BTreeSet<OrganizationId>> {
        let cases = case::Entity::find().select_only().column(case::Column::OrganizationId).distinct().filter(case::Column::ClientId.eq(client.id));
        let mut keepers: BTreeSet<OrganizationId> = cases.into_tuple().all(self.tx()).await.map_err(fault)?.into_iter().collect();
        keepers.insert(client.organization_id);
        Ok(keepers)
    }

    /// Holds a client until the commit, so that what a client has only one of is begun once, and what is decided of the client's rows goes one after the
    /// other; SQLite has one writer anyway. Who is held: the client into whom that one was merged, where it was.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_client(&self, id: ClientId) -> Result<ClientId> {
        // Looked up first, so that whoever merges holds what is held here in the same order.
        let mut id = self.merged_into(id).await?.unwrap_or(id);
        loop {
            let held = client::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)?;
            match held.and_then(|row| row.merged_into_id) {
                Some(into) => id = into,
                None => return Ok(id),
            }
        }
    }

    /// The client whom an input names, for an action, held until the commit: one who was merged is the other from then on.
    ///
    /// # Errors
    /// As [`Work::fetch`].
    pub(crate) async fn named_client(&self, id: ClientId, action: Action) -> Result<client::Model> {
        let id = self.hold_client(id).await?;
        self.fetch::<client::Entity>(id, action).await
    }

    /// Holds the client of a case, until the commit: before what is closed with it, in the order in which merging holds them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_client_of(&self, id: CaseId) -> Result<()> {
        match case::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)? {
            Some(row) => self.hold_client(row.client_id).await.map(drop),
            None => Ok(()),
        }
    }

    /// Holds the client of a referral and then the referral, until the commit: in the order in which the client's will holds them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_referral(&self, id: ReferralId) -> Result<()> {
        let seen = referral::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?;
        if let Some(client) = seen.and_then(|row| row.client_id) {
            self.hold_client(client).await?;
        }
        self.referral_behind(id).await?;
        Ok(())
    }

    /// The cases of a client in an organisation that are not closed, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn open_cases(&self, client: ClientId, organization: OrganizationId) -> Result<Vec<case::Model>> {
        let open = case::Entity::find()
            .filter(case::Column::ClientId.eq(client))
            .filter(case::Column::OrganizationId.eq(organization))
            .filter(case::Column::Stage.ne(CaseStage::Closed));
        open.all(self.tx()).await.map_err(fault)
    }

    /// The cases of a client that are not closed, in whatever organisation, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn open_cases_anywhere(&self, client: ClientId) -> Result<Vec<case::Model>> {
        let open = case::Entity::find().filter(case::Column::ClientId.eq(client)).filter(case::Column::Stage.ne(CaseStage::Closed));
        open.all(self.tx()).await.map_err(fault)
    }

    /// The referrals of a client that an organisation has begun or sent and that are not answered yet, whoever sees them.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn open_referrals(&self, client: ClientId, organization: OrganizationId) -> Result<Vec<referral::Model>> {
        let open = [ReferralState::Draft, ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested];
        let found = referral::Entity::find()
            .filter(referral::Column::ClientId.eq(client))
            .filter(referral::Column::OrganizationId.eq(organization))
            .filter(referral::Column::State.is_in(open))
            .order_by_asc(referral::Column::Id);
        found.all(self.tx()).await.map_err(fault)
    }

    /// The consent that binds a referral and is in force now, whoever recorded it.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn consent_of(&self, referral: ReferralId) -> Result<Option<consent::Model>> {
        let found = consent::Entity::find()
            .filter(consent::Column::ReferralId.eq(referral))
            .filter(consent::Column::State.eq(ConsentState::Given))
            .filter(consent::Column::ExpiresAt.gt(self.now()));
        found.one(self.tx()).await.map_err(fault)
    }

    /// Ends a consent by another way than withdrawal, whoever recorded it.
    ///
    /// # Errors
    /// A move that its state does not allow, or a fault of the database.
    pub(crate) async fn end_consent(&mut self, before: &consent::Model, by: ConsentMove) -> Result<()> {
        let next = consent::Model { state: before.state.step(by)?, ended_at: Some(self.now()), ..before.clone() };
        self.change::<consent::Entity>(before, next).await
    }

    /// Puts a newer consent behind a referral that is on its way already.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn rebind(&mut self, referral: ReferralId, consent: ConsentId, scope: &BTreeSet<DataItem>) -> Result<()> {
        match self.referral_behind(referral).await? {
            // A narrower consent narrows what was told before; a wider one tells nothing more by itself.
            Some(before) if before.consent_id.is_some() => {
                let mut told = scope.clone();
                if scope.contains(&DataItem::FullName) {
                    told.insert(DataItem::Alias);
                }
                self.cut(&before, &told, Some(consent)).await
            }
            _ => Ok(()),
        }
    }

    /// Writes behind a consent whose it is, once the person has become a client.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn know_consent(&mut self, referral: ReferralId, client: ClientId) -> Result<()> {
        match self.consent_of(referral).await? {
            Some(before) if before.client_id.is_none() => {
                let next = consent::Model { client_id: Some(client), ..before.clone() };
                self.change::<consent::Entity>(&before, next).await
            }
            _ => Ok(()),
        }
    }

    /// Withdraws a referral that has lost its consent, whoever sees it.
    ///
    /// # Errors
    /// A move that its state does not allow, or a fault of the database.
    pub(crate) async fn halt_referral(&mut self, before: &referral::Model) -> Result<()> {
        self.end_referral(before, ReferralMove::Withdraw).await
    }

    /// Ends a referral that has lost its ground, whoever sees it.
    ///
    /// # Errors
    /// A move that its state does not allow, or a fault of the database.
    pub(crate) async fn end_referral(&mut self, before: &referral::Model, by: ReferralMove) -> Result<()> {
        let next = referral::Model { state: before.state.step(by)?, ..before.clone() };
        self.change::<referral::Entity>(before, next).await
    }

    /// Throws away what a referral that has lost its ground is to be passed on as, whoever writes it: a draft tells what that referral told, which is taken
    /// out of it. What was sent already rests on a ground of its own.
    ///
    /// # Errors
    /// A move that its state does not allow, or a fault of the database.
    pub(crate) async fn cancel_passed_on(&mut self, previous: ReferralId) -> Result<()> {
        let drafts = referral::Entity::find()
            .filter(referral::Column::PreviousId.eq(previous))
            .filter(referral::Column::State.eq(ReferralState::Draft))
            .order_by_asc(referral::Column::Id)
            .lock_exclusive();
        for before in drafts.all(self.tx()).await.map_err(fault)? {
            let next = referral::Model { state: before.state.step(ReferralMove::Cancel)?, introduction: None, ..before.clone() };
            self.change::<referral::Entity>(&before, next).await?;
        }
        Ok(())
    }

    /// A referral with which the actor's organisations have taken somebody on, and which they may move no more: its consent has ended. It is for the word
    /// that goes back to the sender, and nothing of it is for the actor.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`], or a fault of the database.
    pub(crate) async fn taken_on_before(&self, id: ReferralId) -> Result<Option<referral::Model>> {
        self.purposed::<referral::Entity>(Action::Transition)?;
        let reach = reach(self.actor(), Action::Transition, Resource::Referral);
        let Some(worker) = reach.addressed.as_ref() else { return Ok(None) };
        let within = referral::Entity::find_by_id(id).filter(referral::Entity::within(&reach, Action::Transition));
        if within.count(self.tx()).await.map_err(fault)? > 0 {
            return Ok(None);
        }
        referral::Entity::find_by_id(id).filter(referral::taken_on_by(worker)).one(self.tx()).await.map_err(fault)
    }

    /// Keeps the word on such a referral. What stands against it is told no more than the referral is.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the client's data is not to be processed, [`Code::StaleVersion`](domain::rejection::Code::StaleVersion), or a fault of the database.
    pub(crate) async fn word_back(&mut self, before: &referral::Model, next: referral::Model) -> Result<()> {
        self.unrestricted::<referral::Entity>(Some(before), Some(&next)).await.map_err(|why| match why {
            Error::Rejected(_) => Error::NotFound,
            fault => fault,
        })?;
        self.change::<referral::Entity>(before, next).await
    }

    /// Who wrote a referral that an organisation has sent, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn writer_of(&self, id: ReferralId, sender: OrganizationId) -> Result<Option<String>> {
        let sent = referral::Entity::find_by_id(id).filter(referral::Column::OrganizationId.eq(sender));
        sent.select_only().column(referral::Column::CreatedBy).into_tuple().one(self.tx()).await.map_err(fault)
    }

    /// The referral that a consent binds, whoever sees it.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn referral_behind(&self, id: ReferralId) -> Result<Option<referral::Model>> {
        // Locked, so that sending, consenting and withdrawing go one after the other; SQLite has one writer anyway.
        referral::Entity::find_by_id(id).lock_exclusive().one(self.tx()).await.map_err(fault)
    }
}

impl Store {
    /// The clients that an actor is, or acts for, with those who were merged into them.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn own_clients(&self, actor: &Actor) -> Result<Vec<ClientId>> {
        let Some(subject) = actor.subject() else { return Ok(Vec::new()) };
        let conn = self.reads.of_subject(subject);
        let own = client::Entity::find().filter(client::Column::Account.eq(subject)).all(&conn).await.map_err(fault)?;
        let acts_for = representation::Entity::find().filter(representation::in_force(subject));
        let represented = acts_for.all(&conn).await.map_err(fault)?;
        let mut all: Vec<ClientId> = own.into_iter().map(|row| row.id).chain(represented.into_iter().map(|row| row.client_id)).collect();
        let merged = client::Entity::find().filter(client::Column::MergedIntoId.is_in(all.iter().copied()));
        all.extend(merged.all(&self.reads.as_system()).await.map_err(fault)?.into_iter().map(|row| row.id));
        Ok(all)
    }

    /// Clients whose names have a word that begins with each of these, or whose number or identity code this is. Names are found by their
    /// first three letters or more, in any order and without regard to case and diacritics; not by what is inside a word, nor with a slip.
    /// Who finds somebody by who that is, may know who that is: only among those whose identity the reader reaches.
    #[must_use]
    pub fn clients_named(reader: &Reader, vault: &Vault, words: &str) -> Condition {
        let mut by_name = Condition::all();
        let folded = fold(words);
        for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let hashes = vault.indexes(WORD_OF_NAME, word);
            let persons = person_word::Entity::find().select_only().column(person_word::Column::PersonId).filter(person_word::Column::Hash.is_in(hashes));
            by_name = by_name.add(client::Column::PersonId.in_subquery(persons.into_query()));
        }
        let number = words.trim().to_uppercase();
        let merged = client::Entity::find().select_only().column(client::Column::MergedIntoId).filter(client::Column::Number.eq(&number));
        let merged = merged.filter(client::Column::MergedIntoId.is_not_null());
        let mut any = Condition::any().add(client::Column::Number.eq(number)).add(client::Column::Id.in_subquery(merged.into_query()));
        if !by_name.is_empty() {
            any = any.add(by_name);
        }
        if let Ok(hetu) = Hetu::parse(words) {
            let hashes = vault.indexes(HETU, hetu.whole().reveal());
            let persons = person::Entity::find().select_only().column(person::Column::Id).filter(person::Column::HetuHash.is_in(hashes));
            any = any.add(client::Column::PersonId.in_subquery(persons.into_query()));
        }
        let known = person::Entity::find().select_only().column(person::Column::Id).filter(reader.within::<person::Entity>());
        Condition::all().add(any.into_condition()).add(client::Column::PersonId.in_subquery(known.into_query()))
    }
}
