//! One transaction, of one actor or of several who take turns: the only writer. Audit, events and versions are its side effects, not its caller's duty.
use super::{
    Reader,
    dialect::{fault, lock_word, notify_of_notices},
    idempotency::{SYSTEM, forgotten_before},
    later::{self, Later},
    ledger::{self, Disclosure, Seen, Signature, Written},
    many, outbox,
    places::Held,
    pool::{self, Transaction, Walled},
    read::purposeful,
};
use crate::{
    error::{Error, Result},
    vault::Vault,
};
use chrono::{DateTime, Utc};
use domain::{
    access::NoticeKind,
    actor::Actor,
    event::{Event, Happening},
    id::{
        CareRelationId, CaseId, ClientId, ComplaintId, ConsentId, FrameworkContractId, NetworkId, NoticeId, OrganizationId, OutreachShiftId, ParticipationId,
        ProviderApprovalId, PurchaseOrderId, ReferralId, ServiceOfferingId, VisitId, VoucherId, WebhookId,
    },
    noted_field::NotedField,
    policy::{Action, Reach, Resource, reach},
    rejection::{Code, Rejection},
};
use entity::{Guarded, Kept, access::notice, catalogue::publication, sealed::idempotency};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
    prelude::Json,
    sea_query::{IntoCondition, OnConflict},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// One transaction of one actor. Every write is checked against the actor's reach, before and after, and leaves an audit row.
#[must_use = "nothing is kept until commit"]
pub struct Work {
    tx: Transaction,
    actor: Arc<Actor>,
    request_id: Arc<str>,
    now: DateTime<Utc>,
    vault: Vault,
    seen: Arc<Seen>,
    /// What is written with the commit.
    later: Later,
    events: Vec<Event>,
    disclosures: Vec<(Signature, Disclosure)>,
    notices: Vec<notice::Model>,
    audits: Vec<(Signature, Written)>,
    /// The offerings that are held, and their counts.
    pub(super) held: HashMap<ServiceOfferingId, Held>,
    /// Something was written that others watch who are given no notice of it.
    stirred: bool,
    /// The clients of whom it is known already that their data may be processed.
    pub(super) processable: BTreeSet<ClientId>,
    /// The clients of whom it is known already that they were not merged into others.
    pub(super) standing: BTreeSet<ClientId>,
}

/// Where a turn in a transaction began.
pub(super) struct Mark {
    later: later::Mark,
    lengths: [usize; 4],
    held: HashMap<ServiceOfferingId, Held>,
    stirred: bool,
}

/// What a commit has made known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Committed {
    /// The position that the event feed has reached, when there was an event.
    pub position: Option<i64>,
    /// Somebody has been given notice, or those who watch are to look again.
    pub noticed: bool,
    /// Rows were changed.
    pub changed: bool,
}

/// Whom a notice is for.
#[derive(Clone, Debug)]
pub enum Addressee {
    /// One person or machine of an organisation.
    Worker(OrganizationId, String),
    /// Everybody of an organisation who handles such things.
    Organization(OrganizationId),
    /// Those who answer for an organisation: its leads and data protection officers.
    Officers(OrganizationId),
    /// A client or a representative, by the account.
    Client(String),
}

impl Addressee {
    /// The stable key of the one that it is for; none where it is for several.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Worker(_, subject) | Self::Client(subject) => Some(subject),
            Self::Organization(_) | Self::Officers(_) => None,
        }
    }
}

impl Work {
    pub(super) async fn begin(conn: &Walled, reader: &Reader, request_id: Arc<str>, now: DateTime<Utc>, vault: Vault) -> Result<Self> {
        let tx = conn.begin().await?;
        let (actor, seen) = (Arc::clone(&reader.actor), Arc::clone(&reader.seen));
        Ok(Self {
            tx,
            actor,
            request_id,
            now,
            vault,
            seen,
            later: Later::default(),
            events: Vec::new(),
            disclosures: Vec::new(),
            notices: Vec::new(),
            audits: Vec::new(),
            held: HashMap::new(),
            stirred: false,
            processable: BTreeSet::new(),
            standing: BTreeSet::new(),
        })
    }

    /// Writes what was kept for the commit.
    async fn flush(&mut self) -> Result<()> {
        std::mem::take(&mut self.later).write(self).await?;
        self.write_places().await
    }

    /// Does all that a commit does but keep it.
    ///
    /// # Errors
    /// What a commit would say.
    pub async fn rehearse(mut self) -> Result<()> {
        self.flush().await
    }

    /// Commits; what that makes known.
    ///
    /// # Errors
    /// A fault of the database: then nothing is kept.
    pub async fn commit(mut self) -> Result<Committed> {
        self.flush().await?;
        let changed = !self.audits.is_empty();
        ledger::audit(&self.tx, self.audits).await?;
        if !self.disclosures.is_empty() {
            ledger::disclose(&self.tx, &self.vault, self.disclosures).await?;
        }
        let noticed = !self.notices.is_empty() || self.stirred;
        if !self.notices.is_empty() {
            let rows = self.notices.into_iter().map(|row| row.into_active_model().reset_all());
            // What is told only once may have been told by another server.
            let told = OnConflict::column(notice::Column::Once).do_nothing().to_owned();
            notice::Entity::insert_many(rows).on_conflict(told).exec_without_returning(&self.tx).await.map_err(fault)?;
        }
        if noticed {
            notify_of_notices(&self.tx).await?;
        }
        let position = if self.events.is_empty() { None } else { Some(outbox::keep(&self.tx, self.events, self.now).await?) };
        self.tx.commit().await?;
        Ok(Committed { position, noticed, changed })
    }

    /// Lets another take a turn in this transaction.
    pub(super) async fn turn_to(&mut self, reader: &Reader, request_id: &Arc<str>, now: DateTime<Utc>) -> Result<()> {
        pool::turn_to(&self.tx, &self.actor, &reader.actor).await?;
        (self.actor, self.seen) = (Arc::clone(&reader.actor), Arc::clone(&reader.seen));
        (self.request_id, self.now) = (Arc::clone(request_id), now);
        // Whose data may be processed depends on who does it.
        self.processable.clear();
        Ok(())
    }

    /// Where a turn begins.
    pub(super) async fn mark(&self) -> Mark {
        self.tx.begin_turn().await;
        Mark {
            later: self.later.mark(),
            lengths: [self.events.len(), self.disclosures.len(), self.notices.len(), self.audits.len()],
            held: self.held.clone(),
            stirred: self.stirred,
        }
    }

    /// Keeps what a turn has done.
    pub(super) async fn keep(&self) -> Result<()> {
        self.tx.end_turn(true).await
    }

    /// Takes back what a turn has done.
    pub(super) async fn back_to(&mut self, mark: Mark) -> Result<()> {
        self.later.back_to(&mark.later);
        let [events, disclosures, notices, audits] = mark.lengths;
        self.events.truncate(events);
        self.disclosures.truncate(disclosures);
        self.notices.truncate(notices);
        self.audits.truncate(audits);
        (self.held, self.stirred) = (mark.held, mark.stirred);
        self.tx.end_turn(false).await
    }

    /// The time of this transaction: one reading of the clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Who writes.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What seals and opens.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Logs, with the commit, that data about somebody goes to another organisation.
    pub fn disclose(&mut self, disclosure: Disclosure) {
        let by = self.signature();
        self.disclosures.push((by, disclosure));
    }

    /// The transaction itself: for the store alone.
    pub(super) fn tx(&self) -> &Transaction {
        &self.tx
    }

    /// Gives notice, with the commit.
    pub fn notify(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, referral: Option<ReferralId>, relation: Option<CareRelationId>) {
        self.keep_notice(network, to, kind, |row| notice::Model { referral_id: referral, relation_id: relation, ..row });
    }

    /// Gives notice about a case, with the commit; under a key, only once.
    pub fn notify_of_case(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, case: CaseId, once: Option<String>) {
        self.keep_notice(network, to, kind, |row| notice::Model { case_id: Some(case), once, ..row });
    }

    /// Gives notice about a participation, with the commit; under a key, only once.
    pub fn notify_of_participation(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, row: ParticipationId, once: Option<String>) {
        self.keep_notice(network, to, kind, |notice| notice::Model { participation_id: Some(row), once, ..notice });
    }

    /// Gives notice about a purchase order, with the commit.
    pub fn notify_of_order(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, order: PurchaseOrderId) {
        self.keep_notice(network, to, kind, |row| notice::Model { order_id: Some(order), ..row });
    }

    /// Gives notice about a contract, with the commit: to those who see it, and not what was ordered by it.
    pub fn notify_of_contract(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, contract: FrameworkContractId) {
        self.keep_notice(network, to, kind, |row| notice::Model { contract_id: Some(contract), ..row });
    }

    /// Gives notice about the approval of a provider, with the commit.
    pub fn notify_of_approval(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, approval: ProviderApprovalId) {
        self.keep_notice(network, to, kind, |row| notice::Model { approval_id: Some(approval), ..row });
    }

    /// Gives notice about a voucher, with the commit; under a key, only once.
    pub fn notify_of_voucher(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, voucher: VoucherId, once: Option<String>) {
        self.keep_notice(network, to, kind, |row| notice::Model { voucher_id: Some(voucher), once, ..row });
    }

    /// Gives notice about a complaint, with the commit; under a key, only once.
    pub fn notify_of_complaint(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, complaint: ComplaintId, once: Option<String>) {
        self.keep_notice(network, to, kind, |row| notice::Model { complaint_id: Some(complaint), once, ..row });
    }

    /// Gives notice, with the commit, that a consent which binds no referral was withdrawn.
    pub fn notify_of_consent(&mut self, network: NetworkId, to: Addressee, consent: ConsentId) {
        self.keep_notice(network, to, NoticeKind::ConsentWithdrawn, |row| notice::Model { consent_id: Some(consent), ..row });
    }

    /// Gives notice about a visit, with the commit; under a key, only once.
    pub fn notify_of_visit(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, row: VisitId, once: String) {
        self.keep_notice(network, to, kind, |notice| notice::Model { visit_id: Some(row), once: Some(once), ..notice });
    }

    /// Gives notice about an outreach shift, with the commit, only once under a key.
    pub fn notify_of_shift(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, row: OutreachShiftId, once: String) {
        self.keep_notice(network, to, kind, |notice| notice::Model { shift_id: Some(row), once: Some(once), ..notice });
    }

    /// Gives notice about a webhook, with the commit.
    pub fn notify_of_webhook(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, row: WebhookId) {
        self.keep_notice(network, to, kind, |notice| notice::Model { webhook_id: Some(row), ..notice });
    }

    fn keep_notice(&mut self, network: NetworkId, to: Addressee, kind: NoticeKind, about: impl FnOnce(notice::Model) -> notice::Model) {
        let confidential = matches!(to, Addressee::Officers(_));
        let (organization_id, subject) = match to {
            Addressee::Worker(organization, subject) => (Some(organization), Some(subject)),
            Addressee::Organization(organization) | Addressee::Officers(organization) => (Some(organization), None),
            Addressee::Client(account) => (None, Some(account)),
        };
        self.notices.push(about(notice::Model {
            id: NoticeId::new(),
            network_id: network,
            organization_id,
            subject,
            confidential,
            kind,
            referral_id: None,
            relation_id: None,
            case_id: None,
            participation_id: None,
            order_id: None,
            contract_id: None,
            approval_id: None,
            voucher_id: None,
            complaint_id: None,
            visit_id: None,
            consent_id: None,
            shift_id: None,
            webhook_id: None,
            once: None,
            at: self.now,
        }));
    }

    fn reach<E: Guarded>(&self, action: Action) -> Reach {
        reach(&self.actor, action, E::RESOURCE)
    }

    /// The actor may do this to rows of an organisation: asked before anything is looked up that would tell who is known.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`] or [`Error::Forbidden`].
    pub fn allow<E: Guarded>(&self, action: Action, network: NetworkId, organization: OrganizationId) -> Result<()> {
        self.purposed::<E>(action)?;
        if self.reach::<E>(action).covers(network, Some(organization)) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Whoever could do this to some rows by a role has named a purpose that fits: asked before a row is looked up by an id alone.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`].
    pub fn purposed<E: Guarded>(&self, action: Action) -> Result<()> {
        purposeful(&self.actor, action, E::RESOURCE)
    }

    /// Notes that the network was asked whether it knows a client, and that it does: looking at closed doors leaves a trace.
    pub(super) fn note_asked(&self, client: ClientId) {
        self.seen.asked(client, NotedField::PersonHetu);
    }

    /// Notes that a client was asked for whose will keeps the client's register back.
    pub(crate) fn note_prohibited(&self, client: ClientId) {
        self.seen.asked(client, NotedField::ClientDisclosureProhibitions);
    }

    async fn within<E: Guarded>(&self, id: Uuid, action: Action) -> Result<Option<E::Model>> {
        purposeful(&self.actor, action, E::RESOURCE)?;
        let select = E::find().filter(E::columns().id.eq(id)).filter(E::within(&self.reach::<E>(action), action));
        select.one(&self.tx).await.map_err(fault)
    }

    /// A copy of the row is published: a row of another kind may have one under the same id.
    async fn is_published<E: Guarded>(&self, id: Uuid) -> Result<bool> {
        let copy = self.within::<publication::Entity>(id, Action::Read).await?;
        Ok(copy.is_some_and(|copy| copy.kind == format!("{:?}", E::RESOURCE)))
    }

    /// The row, for an action.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a hidden row, [`Error::Forbidden`] for a visible one that is out of reach for this action.
    pub async fn fetch<E: Guarded>(&self, id: impl Into<Uuid>, action: Action) -> Result<E::Model> {
        let id = id.into();
        if let Some(row) = self.within::<E>(id, action).await? {
            self.seen.shown::<E>(&self.actor, [&row]);
            return Ok(row);
        }
        pool::lifted(&self.tx, async |tx| ledger::note_denied::<E>(tx, &self.seen, vec![id]).await).await?;
        // What is published can be seen by everybody, although its working copy cannot.
        let visible = action != Action::Read && (self.within::<E>(id, Action::Read).await?.is_some() || self.is_published::<E>(id).await?);
        Err(if visible { Error::Forbidden } else { Error::NotFound })
    }

    /// A row that the actor has moved before, as it is now: one that the actor may read, or that was addressed to the actor's organisations when it was last
    /// changed, as it is no more once it is over. No relation that has ended opens it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for any other.
    pub(crate) async fn moved_before<E: Guarded>(&self, id: Uuid, action: Action, changed: impl Fn(&E::Model) -> DateTime<Utc>) -> Result<E::Model> {
        if let Some(row) = self.within::<E>(id, Action::Read).await? {
            self.seen.shown::<E>(&self.actor, [&row]);
            return Ok(row);
        }
        let row = E::find().filter(E::columns().id.eq(id)).one(&self.tx).await.map_err(fault)?.ok_or(Error::NotFound)?;
        let then = Reach { addressed: self.reach::<E>(action).at(changed(&row)).addressed, ..Reach::default() };
        let reached = E::find().filter(E::columns().id.eq(id)).filter(E::within(&then, action)).count(&self.tx).await.map_err(fault)?;
        if reached == 0 {
            return self.fetch::<E>(id, Action::Read).await;
        }
        self.seen.shown::<E>(&self.actor, [&row]);
        Ok(row)
    }

    /// Holds a row until the commit, so that those who decide something of it go one after the other, and read it as the one before has left it. Nothing
    /// of it is told. SQLite has one writer anyway.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn hold<E: Guarded>(&self, id: impl Into<Uuid>) -> Result<()> {
        let row = E::find().select_only().column(E::columns().id).filter(E::columns().id.eq(id.into()));
        row.lock_exclusive().into_tuple::<Uuid>().one(&self.tx).await.map_err(fault).map(drop)
    }

    /// No row has the id that a device has made, whoever sees that row.
    ///
    /// # Errors
    /// [`Code::NotUnique`], or a fault of the database.
    pub(crate) async fn unused<E: Guarded>(&self, uuid: Option<Uuid>) -> Result<()> {
        let Some(uuid) = uuid else { return Ok(()) };
        let row = E::find().filter(E::columns().id.eq(uuid));
        let taken = pool::lifted(&self.tx, async |tx| row.count(tx).await.map_err(fault)).await? > 0;
        if taken { Err(Error::reject(Code::NotUnique, &["uuid"])) } else { Ok(()) }
    }

    /// Holds a word until the commit, so that those who do something under the same word go one after the other.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn hold_word(&self, word: &str) -> Result<()> {
        lock_word(&self.tx, word).await
    }

    /// A row that the input refers to at `path`: one that the actor may read.
    ///
    /// # Errors
    /// [`Code::UnknownReference`] when there is none.
    pub async fn refer<E: Guarded>(&self, id: impl Into<Uuid>, path: &[&str]) -> Result<E::Model> {
        let row = self.within::<E>(id.into(), Action::Read).await?.ok_or_else(|| Error::reject(Code::UnknownReference, path))?;
        self.seen.shown::<E>(&self.actor, [&row]);
        Ok(row)
    }

    /// The rows that the actor may read and that meet `condition`.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn find<E: Guarded>(&self, condition: impl IntoCondition) -> Result<Vec<E::Model>> {
        purposeful(&self.actor, Action::Read, E::RESOURCE)?;
        let found = E::find().filter(E::within(&self.reach::<E>(Action::Read), Action::Read)).filter(condition.into_condition());
        let rows = found.all(&self.tx).await.map_err(fault)?;
        self.seen.shown::<E>(&self.actor, &rows);
        Ok(rows)
    }

    /// The row for an action, if it is still at the version that the caller has seen.
    ///
    /// # Errors
    /// As [`Work::fetch`], and [`Code::StaleVersion`] with the version it has now.
    pub async fn fetch_at<E: Kept>(&self, id: impl Into<Uuid>, expected: i32, action: Action) -> Result<E::Model> {
        let row = self.fetch::<E>(id, action).await?;
        if E::version(&row) == expected { Ok(row) } else { Err(Rejection::with(Code::StaleVersion, &["expectedVersion"], E::version(&row)).into()) }
    }

    /// Makes a row.
    ///
    /// # Errors
    /// [`Code::ProcessingRestricted`], [`Code::MergedAlready`], or [`Error::Forbidden`] when the new row is outside the actor's reach.
    pub async fn insert<E: Guarded>(&mut self, row: E::Model) -> Result<E::Model> {
        self.unrestricted::<E>(None, Some(&row)).await?;
        let id = E::row_id(&row);
        let after = json(&row);
        E::insert(row.into_active_model().reset_all()).exec_without_returning(&self.tx).await.map_err(fault)?;
        self.checked::<E>(id, Action::Create, None, after).await
    }

    /// Makes many rows at once, all of which must be inside the actor's reach.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when one is outside the actor's reach.
    pub async fn insert_many<E: Guarded>(&mut self, rows: Vec<E::Model>) -> Result<()> {
        for row in &rows {
            self.unrestricted::<E>(None, Some(row)).await?;
        }
        let ids: Vec<_> = rows.iter().map(E::row_id).collect();
        many::insert::<E>(&self.tx, &rows).await?;
        many::within::<E>(&self.tx, &self.reach::<E>(Action::Create), &ids).await?;
        for (id, row) in ids.into_iter().zip(&rows) {
            self.record(Written { resource: E::RESOURCE, action: Action::Create, row: id, before: None, after: json(row) })?;
        }
        Ok(())
    }

    /// Makes a row with the commit, in one statement with others of its table: for what nobody looks for before.
    ///
    /// # Errors
    /// As [`Work::insert`]; that the new row is outside the actor's reach is told by the commit.
    pub async fn insert_later<E: Guarded>(&mut self, row: E::Model) -> Result<E::Model> {
        self.unrestricted::<E>(None, Some(&row)).await?;
        let written = Written { resource: E::RESOURCE, action: Action::Create, row: E::row_id(&row), before: None, after: json(&row) };
        self.later.push::<E>(row.clone(), self.reach::<E>(Action::Create).at(self.now));
        self.record(written)?;
        Ok(row)
    }

    /// Changes a row that was fetched in this transaction.
    ///
    /// # Errors
    /// [`Code::StaleVersion`] when another was quicker, [`Error::Forbidden`] when the changed row is outside the actor's reach.
    pub async fn update<E: Kept>(&mut self, before: &E::Model, mut next: E::Model, action: Action) -> Result<E::Model> {
        self.unrestricted::<E>(Some(before), Some(&next)).await?;
        let (id, old, new) = self.replace::<E>(before, &mut next).await?;
        self.checked::<E>(id, action, old, new).await
    }

    /// Changes a row in a named step of the store that no reach scopes; it leaves an audit row like any other.
    pub(super) async fn change<E: Kept>(&mut self, before: &E::Model, mut next: E::Model) -> Result<()> {
        let (row, before, after) = self.replace::<E>(before, &mut next).await?;
        self.record(Written { resource: E::RESOURCE, action: Action::Transition, row, before, after })
    }

    /// Makes a row in a named step of the store that no reach scopes; it leaves an audit row like any other.
    pub(super) async fn make<E: Guarded>(&mut self, row: &E::Model) -> Result<()> {
        E::insert(row.clone().into_active_model().reset_all()).exec_without_returning(&self.tx).await.map_err(fault)?;
        self.record(Written { resource: E::RESOURCE, action: Action::Create, row: E::row_id(row), before: None, after: json(row) })
    }

    async fn replace<E: Kept>(&mut self, before: &E::Model, next: &mut E::Model) -> Result<(Uuid, Option<Json>, Option<Json>)> {
        let id = E::row_id(before);
        E::stamp(next, self.now);
        let (old, new) = (json(before), json(next));
        let update = E::update_many()
            .set(next.clone().into_active_model().reset_all())
            .filter(E::columns().id.eq(id))
            .filter(E::version_column().eq(E::version(before)));
        if update.exec(&self.tx).await.map_err(fault)?.rows_affected == 0 {
            return Err(Error::reject(Code::StaleVersion, &["expectedVersion"]));
        }
        Ok((id, old, new))
    }

    /// Puts a row in place of the one with its id, or makes it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when the row is outside the actor's reach.
    pub async fn put<E: Guarded>(&mut self, row: E::Model) -> Result<E::Model> {
        let id = E::row_id(&row);
        self.remove::<E>(id).await?;
        self.insert::<E>(row).await
    }

    /// Removes a row, where there is one.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a visible row outside the actor's reach.
    pub async fn remove<E: Guarded>(&mut self, id: Uuid) -> Result<()> {
        let Some(row) = self.within::<E>(id, Action::Transition).await? else {
            return if self.within::<E>(id, Action::Read).await?.is_some() { Err(Error::Forbidden) } else { Ok(()) };
        };
        self.unrestricted::<E>(Some(&row), None).await?;
        self.record(Written { resource: E::RESOURCE, action: Action::Transition, row: id, before: json(&row), after: None })?;
        row.into_active_model().delete(&self.tx).await.map_err(fault)?;
        Ok(())
    }

    /// The written row, re-read inside the actor's reach: the second half of the check, like row security's WITH CHECK.
    async fn checked<E: Guarded>(&mut self, id: Uuid, action: Action, before: Option<Json>, after: Option<Json>) -> Result<E::Model> {
        let row = self.within::<E>(id, action).await?.ok_or(Error::Forbidden)?;
        self.record(Written { resource: E::RESOURCE, action, row: id, before, after })?;
        Ok(row)
    }

    pub(super) fn record(&mut self, written: Written) -> Result<()> {
        self.seen.keep_apart(&self.actor, written.resource)?;
        if written.resource == Resource::Participation {
            self.stirred = true;
            if written.before.is_some() {
                self.recount();
            }
        }
        let mut by = self.signature();
        if written.resource.is_of_somebody_unknown() {
            // The request's own id is in the logs of reading and of the server.
            by.request_id = Uuid::now_v7().to_string().into();
        }
        self.audits.push((by, written));
        Ok(())
    }

    fn signature(&self) -> Signature {
        Signature { actor: self.actor.subject().unwrap_or_default().to_owned(), request_id: Arc::clone(&self.request_id), at: self.now }
    }

    /// Tells, with the commit, that something happened to a row.
    pub fn tell<E: Kept>(&mut self, row: &E::Model, happening: Happening, public: bool) {
        self.tell_as::<E>(E::KIND, row, happening, public);
    }

    /// Tells, with the commit, that something happened to what everybody sees of a row under another kind than its own.
    pub fn tell_as<E: Kept>(&mut self, kind: &'static str, row: &E::Model, happening: Happening, public: bool) {
        let event = Event { happening, kind, subject: E::row_id(row), network: E::network(row), organization: E::organization(row), public };
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// Claims an idempotency key for the row that is about to be made; when the same input was sent under it before, the row that was made then.
    ///
    /// # Errors
    /// [`Code::IdempotencyMismatch`] when the key stands for another input, [`Error::Busy`] when it is being claimed right now.
    pub(crate) async fn claim(&mut self, key: &str, inputs: &[String], row: Uuid) -> Result<Option<Uuid>> {
        let actor = self.actor.subject().unwrap_or_default().to_owned();
        let known = idempotency::Entity::find().filter(idempotency::Column::Actor.eq(&actor)).filter(idempotency::Column::Key.eq(key));
        match known.one(&self.tx).await.map_err(fault)? {
            None => {}
            Some(old) if old.actor != SYSTEM && old.at < forgotten_before(self.now) => {
                idempotency::Entity::delete_by_id(old.id).exec(&self.tx).await.map_err(fault)?;
            }
            Some(same) if inputs.contains(&same.input) => return Ok(Some(same.row_id)),
            Some(_) => return Err(Error::reject(Code::IdempotencyMismatch, &["idempotencyKey"])),
        }
        let claim = idempotency::ActiveModel {
            id: Set(Uuid::now_v7()),
            actor: Set(actor),
            key: Set(key.to_owned()),
            input: Set(inputs.first().cloned().unwrap_or_default()),
            row_id: Set(row),
            at: Set(self.now),
        };
        // At once: whoever sends the same meanwhile waits for what comes of it.
        idempotency::Entity::insert(claim).exec_without_returning(&self.tx).await.map_err(fault)?;
        Ok(None)
    }
}

fn json<M: serde::Serialize>(row: &M) -> Option<Json> {
    serde_json::to_value(row).ok()
}
