//! Until when what is kept about somebody is kept, and its destruction: named steps that no reach scopes. One client is one transaction: everything
//! goes or nothing. What tables that are only added to let go of is named in `doomed`, together with an entry of the destruction log.
use super::{
    Store,
    dialect::{fault, forget_what_was_written},
    drawdown,
    idempotency::SYSTEM,
    ledger::{self, Chained},
    many::AT_ONCE,
    pool::Transaction,
    rights::DataSubject,
};
use crate::{
    error::{Error, Result},
    vault::Vault,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    actor::Role,
    casework::{
        case::{CaseClosingReason, CaseStage},
        referral::{ReferralOutcome, ReferralState},
    },
    catalogue::session::{day, end_of},
    delivery::{participation::ParticipationState, visit::VisitState},
    id::{CaseId, ClientId, DestructionId, LegalHoldId, NetworkId, OrganizationId, ReferralId},
    person::rights::RequestState,
    policy::Resource,
    retention::{Counts, Retention, RetentionEvent, RetentionSubject, retention, rules_of},
};
use entity::{
    EachTable, Guarded, Kept,
    access::{calendar_feed, destruction, disclosure_log_entry, membership, notice, use_log_entry},
    casework::{case, referral},
    delivery::{participation, visit},
    each_table,
    funding::complaint,
    person::{care_relation, client, consent, legal_hold, representation, restriction, subject_request},
    sealed::{audit, doomed, doomed_log, idempotency, job_run, ledger_head, person_word},
};
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{OnConflict, SelectStatement},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What keeps a client's record although its time is over, or although somebody asks for erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// A matter is going on: an open case, a referral on its way, a service in which the client takes part, a visit or a complaint that is not over.
    Live,
    /// A legal hold.
    Legal(LegalHoldId),
    /// A restriction of processing: what is restricted is stored (GDPR 18(1)).
    Restricted,
    /// A request that waits for an answer.
    RequestOpen,
}

/// How long a client's record is kept.
#[derive(Clone, Debug)]
pub struct KeptRecord {
    /// Until when, and by which rule; none while something goes on that keeps it.
    pub retention: Option<Retention>,
    /// What keeps it beside the rule.
    pub holds: Vec<Hold>,
    /// There has been a case: its documents are statutory.
    pub statutory: bool,
}

impl KeptRecord {
    /// Its time is over and nothing holds it.
    #[must_use]
    pub fn is_due(&self, today: NaiveDate) -> bool {
        self.holds.is_empty() && self.retention.is_some_and(|kept| kept.is_due(today))
    }

    /// Nothing must be kept: no statutory document, and nothing holds it but a matter that is only being taken up.
    #[must_use]
    pub fn may_be_erased(&self) -> bool {
        !self.statutory && self.holds.is_empty()
    }
}

/// What a run has destroyed, or would.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// Clients.
    pub clients: u64,
    /// Clients whose time is over and whom something holds.
    pub held: u64,
    /// Clients whose time is over and who could not be destroyed: the server's log tells why, and the next night tries again.
    pub failed: u64,
    /// Referrals of people who did not become clients.
    pub referrals: u64,
    /// Complaints about providers that are about no client.
    pub complaints: u64,
    /// Entries of the logs.
    pub log_entries: u64,
}

/// How many clients or referrals are looked at in one read.
const BATCH: u64 = 100;
/// How many entries of a log go in one transaction: its lock holds up every reader of clients' data.
const LOG_BATCH: i64 = 2_000;

/// Who had it destroyed that somebody asked for one's own erasure: the log does not name whom it says nothing of.
const DATA_SUBJECT: &str = "data subject";

/// Why something is destroyed, as the destruction log tells it.
struct Why<'a> {
    subject: RetentionSubject,
    rule: &'a str,
    version: &'a str,
    legal_basis: &'a str,
    actor: &'a str,
}

impl<'a> Why<'a> {
    fn by_rule(kept: &'a Retention) -> Self {
        let rule = kept.rule;
        Self { subject: rule.subject, rule: &rule.key, version: &rule.version, legal_basis: &rule.legal_basis, actor: SYSTEM }
    }
}

impl Store {
    /// How long a client's record is kept.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn retention_of(&self, id: ClientId) -> Result<KeptRecord> {
        kept(&self.reads.as_system(), id, self.clock.now()).await
    }

    /// Destroys what is due by the rules, or counts what would be. Killed in the middle, it has destroyed each client wholly or not at all.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn destroy_due(&self, dry_run: bool) -> Result<Destroyed> {
        let mut done = Destroyed::default();
        self.destroy_clients(dry_run, &mut done).await?;
        done.referrals += self.destroy_unclaimed::<referral::Entity>(dry_run).await?;
        done.complaints += self.destroy_unclaimed::<complaint::Entity>(dry_run).await?;
        done.log_entries += self.destroy_entries::<use_log_entry::Entity>(RetentionSubject::UseLog, dry_run).await?;
        done.log_entries += self.destroy_entries::<disclosure_log_entry::Entity>(RetentionSubject::DisclosureLog, dry_run).await?;
        if !dry_run && done.clients + done.referrals + done.complaints + done.log_entries > 0 {
            forget_what_was_written(&self.writes.as_system()).await?;
        }
        Ok(done)
    }

    /// Begins the nightly work of a day, unless another server has.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn begin_job(&self, job: &str, today: NaiveDate) -> Result<bool> {
        let run = job_run::ActiveModel { job: Set(job.to_owned()), day: Set(today), at: Set(self.clock.now()) };
        let first = OnConflict::columns([job_run::Column::Job, job_run::Column::Day]).do_nothing().to_owned();
        Ok(job_run::Entity::insert(run).on_conflict(first).exec_without_returning(&self.writes.as_system()).await.map_err(fault)? == 1)
    }

    /// Lets another server do the nightly work of a day, or this one once more.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn give_up_job(&self, job: &str, today: NaiveDate) -> Result<()> {
        job_run::Entity::delete_by_id((job.to_owned(), today)).exec(&self.writes.as_system()).await.map_err(fault).map(drop)
    }

    async fn destroy_clients(&self, dry_run: bool, done: &mut Destroyed) -> Result<()> {
        let today = day(self.clock.now());
        // Nobody is due who was taken up within the shortest period that there is.
        let Some(shortest) = rules_of(RetentionSubject::ClientRecord, today).map(|rule| rule.due_until(today)).max() else { return Ok(()) };
        let mut after = Uuid::nil();
        loop {
            let page = client::Entity::find().filter(client::Column::CreatedAt.lt(end_of(shortest))).filter(client::Column::Id.gt(after));
            // One who was merged goes with the one whom it is.
            let page = page.filter(client::Column::MergedIntoId.is_null());
            let rows = page.order_by_asc(client::Column::Id).limit(BATCH).all(&self.reads.as_system()).await.map_err(fault)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id.0;
            for row in rows {
                let kept = kept(&self.reads.as_system(), row.id, self.clock.now()).await?;
                if kept.is_due(today) {
                    match if dry_run { Ok(true) } else { self.destroy_client(&row).await } {
                        Ok(gone) => done.clients += u64::from(gone),
                        // One that does not go keeps nobody else.
                        Err(cause) => {
                            tracing::error!(client = %row.id, %cause, "a client whose time is over could not be destroyed");
                            done.failed += 1;
                        }
                    }
                } else if kept.retention.is_some_and(|kept| kept.is_due(today)) {
                    done.held += 1;
                }
            }
        }
    }

    /// Destroys a client whose time is over, unless something has happened since that was seen; whether it was done.
    async fn destroy_client(&self, row: &client::Model) -> Result<bool> {
        let now = self.clock.now();
        let tx = self.writes.as_system().begin().await?;
        // Locked, so that two runs at once do not both write the log.
        let standing = client::Entity::find_by_id(row.id).filter(client::Column::MergedIntoId.is_null());
        let Some(row) = standing.lock_exclusive().one(&tx).await.map_err(fault)? else { return Ok(false) };
        let kept = kept(&tx, row.id, now).await?;
        let Some(by) = kept.retention.filter(|_| kept.is_due(day(now))) else { return Ok(false) };
        destroy(&tx, &self.vault, Doomed::client(&tx, &row).await?, &Why::by_rule(&by), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Erases a client on the client's own request where nothing must be kept, or tells what must.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn erase(&self, subject: &DataSubject, dry_run: bool) -> Result<Option<KeptRecord>> {
        let now = self.clock.now();
        let tx = self.writes.as_system().begin().await?;
        let standing = client::Entity::find_by_id(subject.client().id).filter(client::Column::MergedIntoId.is_null());
        let Some(row) = standing.lock_exclusive().one(&tx).await.map_err(fault)? else { return Ok(None) };
        let kept = kept(&tx, row.id, now).await?;
        if !kept.may_be_erased() {
            return Ok(Some(kept));
        }
        if !dry_run {
            let legal_basis = "Yleinen tietosuoja-asetus (EU) 2016/679, 17 art. 1 b";
            let why = Why { subject: RetentionSubject::ClientRecord, rule: "ERASURE_BY_REQUEST", version: "2026-1", legal_basis, actor: DATA_SUBJECT };
            destroy(&tx, &self.vault, Doomed::client(&tx, &row).await?, &why, now).await?;
            tx.commit().await?;
            forget_what_was_written(&self.writes.as_system()).await?;
        }
        Ok(None)
    }

    /// What is about no client and goes by a rule of its own, with the consents and notices that hang on it; how many rows.
    async fn destroy_unclaimed<E: Unclaimed>(&self, dry_run: bool) -> Result<u64> {
        let today = day(self.clock.now());
        let mut count = 0;
        for rule in rules_of(E::SUBJECT, today) {
            let old = || E::find().filter(E::is_unclaimed()).filter(E::touched().lt(end_of(rule.due_until(today))));
            if dry_run {
                count += old().count(&self.reads.as_system()).await.map_err(fault)?;
                continue;
            }
            loop {
                let rows = old().order_by_asc(E::columns().id).limit(BATCH).all(&self.reads.as_system()).await.map_err(fault)?;
                if rows.is_empty() {
                    break;
                }
                for row in rows {
                    let tx = self.writes.as_system().begin().await?;
                    let still = old().filter(E::columns().id.eq(E::row_id(&row))).lock_exclusive().one(&tx).await.map_err(fault)?;
                    let Some(row) = still else { continue };
                    let by = Retention { rule, destroy_after: rule.last_day(day(E::touched_at(&row))) };
                    destroy(&tx, &self.vault, Doomed::alone::<E>(&tx, &row).await?, &Why::by_rule(&by), self.clock.now()).await?;
                    tx.commit().await?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// The oldest entries of a log, up to the first that is younger than its period or about somebody under a legal hold. The chain is anchored anew.
    async fn destroy_entries<E: Chained + Guarded>(&self, subject: RetentionSubject, dry_run: bool) -> Result<u64> {
        let today = day(self.clock.now());
        let Some(rule) = rules_of(subject, today).next() else { return Ok(0) };
        let cutoff = end_of(rule.due_until(today));
        let mut count = 0;
        loop {
            let tx = self.writes.as_system().begin().await?;
            let head = ledger_head::Entity::find_by_id(E::LOG.to_owned()).lock_exclusive().one(&tx).await.map_err(fault)?.ok_or(Error::Internal)?;
            let kept_from = first_kept::<E>(&tx, cutoff).await?;
            let last = kept_from.map_or(head.position, |first| first - 1);
            if dry_run {
                return Ok(u64::try_from(last - head.anchor_position).unwrap_or_default());
            }
            let last = last.min(head.anchor_position + LOG_BATCH);
            if last <= head.anchor_position {
                return Ok(count);
            }
            let gone = u64::try_from(last - head.anchor_position).unwrap_or_default();
            let hash = ledger::hash_at::<E>(&tx, last).await?;
            let why = Why { subject, rule: &rule.key, version: &rule.version, legal_basis: &rule.legal_basis, actor: SYSTEM };
            let id = DestructionId::new();
            let rows = BTreeMap::from([(E::default().table_name().to_owned(), gone)]);
            log(&tx, id, &why, (None, None, None), rows, self.clock.now()).await?;
            let doom = doomed_log::ActiveModel { log: Set(E::LOG.to_owned()), position: Set(last), destruction_id: Set(id) };
            doomed_log::Entity::insert(doom).exec_without_returning(&tx).await.map_err(fault)?;
            let removed = E::delete_many().filter(E::position().lte(last)).exec(&tx).await.map_err(fault)?.rows_affected;
            if removed != gone {
                return Err(Error::internal(format!("{} has {removed} entries where there should be {gone}", E::LOG)));
            }
            ledger::anchor(&tx, &self.vault, E::LOG, last, &hash).await?;
            doomed_log::Entity::delete_by_id(E::LOG.to_owned()).exec(&tx).await.map_err(fault)?;
            tx.commit().await?;
            count += gone;
        }
    }
}

/// The position of the first entry that is kept, where there is one.
async fn first_kept<E: Chained + Guarded>(tx: &Transaction, cutoff: DateTime<Utc>) -> Result<Option<i64>> {
    let held = || legal_hold::Entity::find().select_only().column(legal_hold::Column::ClientId).filter(legal_hold::Column::LiftedAt.is_null()).into_query();
    // What the logs tell of one who was merged is about the one whom the hold names.
    let merged = client::Entity::find().select_only().column(client::Column::Id).filter(client::Column::MergedIntoId.in_subquery(held()));
    let mut stays = Condition::any().add(E::at().gte(cutoff));
    if let Some(client) = E::client_column() {
        stays = stays.add(client.in_subquery(held())).add(client.in_subquery(merged.into_query()));
    }
    let first: Select<E> = E::find().select_only().column(E::position()).filter(stays).order_by_asc(E::position()).limit(1);
    first.into_tuple::<i64>().one(tx).await.map_err(fault)
}

/// A client with those who were merged into the same one: the one who stands first.
async fn same(conn: &impl ConnectionTrait, id: ClientId) -> Result<Vec<ClientId>> {
    let into = client::Entity::find_by_id(id).one(conn).await.map_err(fault)?.and_then(|row| row.merged_into_id).unwrap_or(id);
    let merged = client::Entity::find().filter(client::Column::MergedIntoId.eq(into)).all(conn).await.map_err(fault)?;
    Ok(std::iter::once(into).chain(merged.into_iter().map(|row| row.id)).collect())
}

/// A referral of clients keeps their record: it is on its way, or goes on at another organisation. A draft is nothing yet, and what the client's own
/// keeper has taken up lives in its cases.
fn goes_on(of: &[ClientId]) -> Condition {
    let open = [ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested];
    let keepers = client::Entity::find().select_only().column(client::Column::OrganizationId).filter(client::Column::Id.is_in(of.iter().copied()));
    let elsewhere = Condition::all()
        .add(referral::Column::State.eq(ReferralState::Accepted))
        .add(Condition::any().add(referral::Column::Outcome.is_null()).add(referral::Column::Outcome.eq(ReferralOutcome::Arrived)))
        .add(referral::Column::RecipientId.not_in_subquery(keepers.into_query()));
    Condition::any().add(referral::Column::State.is_in(open)).add(elsewhere)
}

/// How long a client's record is kept, as things are.
async fn kept(conn: &impl ConnectionTrait, id: ClientId, now: DateTime<Utc>) -> Result<KeptRecord> {
    let same = same(conn, id).await?;
    let ids = || same.iter().copied();
    let cases = case::Entity::find().filter(case::Column::ClientId.is_in(ids())).all(conn).await.map_err(fault)?;
    let on_its_way = referral::Entity::find().filter(referral::Column::ClientId.is_in(ids())).filter(goes_on(&same));
    let mut holds = Vec::new();
    let takes_part =
        participation::Entity::find().filter(participation::Column::ClientId.is_in(ids())).filter(participation::Column::State.is_in(ParticipationState::OPEN));
    let visited = visit::Entity::find().filter(visit::Column::ClientId.is_in(ids())).filter(visit::Column::State.is_in(VisitState::OPEN));
    let complained = complaint::Entity::find().filter(complaint::Column::ClientId.is_in(ids())).filter(complaint::Column::EndedAt.is_null());
    let open_case = cases.iter().any(|row| row.stage != CaseStage::Closed);
    if open_case
        || on_its_way.count(conn).await.map_err(fault)? > 0
        || takes_part.count(conn).await.map_err(fault)? > 0
        || visited.count(conn).await.map_err(fault)? > 0
        || complained.count(conn).await.map_err(fault)? > 0
    {
        holds.push(Hold::Live);
    }
    let legal = legal_hold::Entity::find().filter(legal_hold::Column::ClientId.is_in(ids())).filter(legal_hold::Column::LiftedAt.is_null());
    holds.extend(legal.all(conn).await.map_err(fault)?.into_iter().map(|row| Hold::Legal(row.id)));
    let restricted = restriction::Entity::find().filter(restriction::Column::ClientId.is_in(ids())).filter(restriction::in_force(now));
    if restricted.count(conn).await.map_err(fault)? > 0 {
        holds.push(Hold::Restricted);
    }
    let asked =
        subject_request::Entity::find().filter(subject_request::Column::ClientId.is_in(ids())).filter(subject_request::Column::State.is_in(RequestState::OPEN));
    if asked.count(conn).await.map_err(fault)? > 0 {
        holds.push(Hold::RequestOpen);
    }
    let retention = if holds.contains(&Hold::Live) { None } else { retention(RetentionSubject::ClientRecord, day(now), &happened(conn, &same, &cases).await?) };
    Ok(KeptRecord { retention, holds, statutory: !cases.is_empty() })
}

/// What has happened that starts a retention period.
async fn happened(conn: &impl ConnectionTrait, of: &[ClientId], cases: &[case::Model]) -> Result<Vec<(RetentionEvent, NaiveDate)>> {
    let mut out = Vec::new();
    for row in cases {
        let Some(closed) = row.closed_at.map(day) else { continue };
        out.push((RetentionEvent::ClienthoodEnded, closed));
        // The day of death itself is not known here: the day on which a case was closed for it is later, and keeps longer.
        if row.closing_reason == Some(CaseClosingReason::Deceased) {
            out.push((RetentionEvent::Died, closed));
        }
    }
    // What goes on after the last case, or without one, starts the time anew.
    let event = if cases.is_empty() { RetentionEvent::LastTouched } else { RetentionEvent::ClienthoodEnded };
    out.extend(last_touched(conn, of, cases.is_empty()).await?.map(|at| (event, day(at))));
    Ok(out)
}

/// When something last began with a client: being taken up, a referral, a consent; without a case, a worker's looking at it too.
async fn last_touched(conn: &impl ConnectionTrait, ids: &[ClientId], without_case: bool) -> Result<Option<DateTime<Utc>>> {
    async fn newest<E: EntityTrait>(conn: &impl ConnectionTrait, of: E::Column, ids: &[ClientId], at: E::Column) -> Result<Option<DateTime<Utc>>> {
        let found = E::find().select_only().column(at).filter(of.is_in(ids.iter().copied())).order_by_desc(at).limit(1);
        found.into_tuple::<DateTime<Utc>>().one(conn).await.map_err(fault)
    }
    let mut times = vec![
        newest::<client::Entity>(conn, client::Column::Id, ids, client::Column::CreatedAt).await?,
        newest::<referral::Entity>(conn, referral::Column::ClientId, ids, referral::Column::CreatedAt).await?,
        newest::<consent::Entity>(conn, consent::Column::ClientId, ids, consent::Column::GivenAt).await?,
        newest::<participation::Entity>(conn, participation::Column::ClientId, ids, participation::Column::UpdatedAt).await?,
        newest::<visit::Entity>(conn, visit::Column::ClientId, ids, visit::Column::UpdatedAt).await?,
        newest::<complaint::Entity>(conn, complaint::Column::ClientId, ids, complaint::Column::UpdatedAt).await?,
    ];
    if without_case {
        times.push(newest::<care_relation::Entity>(conn, care_relation::Column::ClientId, ids, care_relation::Column::CreatedAt).await?);
    }
    Ok(times.into_iter().flatten().max())
}

/// A table of which rows that are about no client go by a rule of their own.
trait Unclaimed: Kept {
    const SUBJECT: RetentionSubject;
    /// They are about no client, and may go.
    fn is_unclaimed() -> Condition;
    fn touched() -> Self::Column;
    fn touched_at(row: &Self::Model) -> DateTime<Utc>;
}

impl Unclaimed for referral::Entity {
    const SUBJECT: RetentionSubject = RetentionSubject::UnidentifiedReferral;

    fn is_unclaimed() -> Condition {
        Condition::all().add(referral::Column::ClientId.is_null())
    }

    fn touched() -> Self::Column {
        referral::Column::UpdatedAt
    }

    fn touched_at(row: &Self::Model) -> DateTime<Utc> {
        row.updated_at
    }
}

impl Unclaimed for complaint::Entity {
    const SUBJECT: RetentionSubject = RetentionSubject::ComplaintWithoutClient;

    fn is_unclaimed() -> Condition {
        Condition::all().add(complaint::Column::ClientId.is_null()).add(complaint::Column::EndedAt.is_not_null())
    }

    fn touched() -> Self::Column {
        complaint::Column::UpdatedAt
    }

    fn touched_at(row: &Self::Model) -> DateTime<Utc> {
        row.updated_at
    }
}

/// The rows that go together: of one client, or one that is about none.
struct Doomed {
    network: NetworkId,
    organization: OrganizationId,
    subject: Uuid,
    rows: BTreeMap<Resource, Vec<Uuid>>,
}

impl Doomed {
    async fn client(tx: &Transaction, row: &client::Model) -> Result<Self> {
        let same = same(tx, row.id).await?;
        let mut rows = BTreeMap::new();
        let mut walk = Tables::default();
        each_table(&mut walk);
        for table in &walk.0 {
            rows.insert(table.resource, (table.ids)(tx, &same).await?);
        }
        let referrals = rows.get(&Resource::Referral).cloned().unwrap_or_default();
        rows.entry(Resource::Consent).or_default().extend(consents_of(tx, &referrals).await?);
        rows.insert(Resource::Notice, notices(tx, &rows, own_notices(tx, row).await?).await?);
        if let Some(account) = &row.account {
            // A membership as a client tells that somebody is one; what somebody is at work stays.
            let own = membership::Entity::find().select_only().column(membership::Column::Id).filter(membership::Column::Subject.eq(account));
            let own = own.filter(membership::Column::Role.eq(Role::Client)).filter(membership::Column::NetworkId.eq(row.network_id));
            rows.insert(Resource::Membership, own.into_tuple().all(tx).await.map_err(fault)?);
            // Whoever needs a calendar at work or elsewhere makes another.
            let own = calendar_feed::Entity::find().select_only().column(calendar_feed::Column::Id).filter(calendar_feed::Column::Subject.eq(account));
            rows.insert(Resource::CalendarFeed, own.into_tuple().all(tx).await.map_err(fault)?);
        }
        Ok(Self { network: row.network_id, organization: row.organization_id, subject: row.id.0, rows })
    }

    async fn alone<E: Unclaimed>(tx: &Transaction, row: &E::Model) -> Result<Self> {
        let subject = E::row_id(row);
        let mut rows = BTreeMap::from([(E::RESOURCE, vec![subject])]);
        let referrals = rows.get(&Resource::Referral).cloned().unwrap_or_default();
        rows.insert(Resource::Consent, consents_of(tx, &referrals).await?);
        rows.insert(Resource::Notice, notices(tx, &rows, None).await?);
        let (network, organization) = E::network(row).zip(E::organization(row)).ok_or(Error::Internal)?;
        Ok(Self { network, organization, subject, rows })
    }
}

/// The consents that bind referrals and name no client.
async fn consents_of(tx: &Transaction, referrals: &[Uuid]) -> Result<Vec<Uuid>> {
    let found = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::Column::ClientId.is_null());
    found.filter(consent::Column::ReferralId.is_in(referrals.iter().map(|id| ReferralId(*id)))).into_tuple().all(tx).await.map_err(fault)
}

/// The notices that are for the client as one of this network; none where they cannot be told from those that the account has been given for others.
async fn own_notices(tx: &Transaction, row: &client::Model) -> Result<Option<Condition>> {
    let Some(account) = &row.account else { return Ok(None) };
    let for_others = representation::Entity::find().filter(representation::Column::Subject.eq(account));
    if for_others.count(tx).await.map_err(fault)? > 0 {
        return Ok(None);
    }
    let own = Condition::all().add(notice::Column::Subject.eq(account)).add(notice::Column::OrganizationId.is_null());
    Ok(Some(own.add(notice::Column::NetworkId.eq(row.network_id))))
}

/// The notices that name one of these rows, and those of the client's own.
async fn notices(tx: &Transaction, rows: &BTreeMap<Resource, Vec<Uuid>>, own: Option<Condition>) -> Result<Vec<Uuid>> {
    let of = |resource| rows.get(&resource).cloned().unwrap_or_default();
    let any = Condition::any()
        .add(notice::Column::ReferralId.is_in(of(Resource::Referral)))
        .add(notice::Column::RelationId.is_in(of(Resource::CareRelation)))
        .add(notice::Column::CaseId.is_in(of(Resource::Case).into_iter().map(CaseId)))
        .add(notice::Column::ParticipationId.is_in(of(Resource::Participation)))
        .add(notice::Column::OrderId.is_in(of(Resource::PurchaseOrder)))
        .add(notice::Column::VoucherId.is_in(of(Resource::Voucher)))
        .add(notice::Column::ComplaintId.is_in(of(Resource::Complaint)))
        .add(notice::Column::VisitId.is_in(of(Resource::Visit)))
        .add(notice::Column::ConsentId.is_in(of(Resource::Consent)))
        .add_option(own);
    notice::Entity::find().select_only().column(notice::Column::Id).filter(any).into_tuple().all(tx).await.map_err(fault)
}

type Ids = Box<dyn for<'a> Fn(&'a Transaction, &'a [ClientId]) -> BoxFuture<'a, Result<Vec<Uuid>>> + Send + Sync>;
type Delete = Box<dyn for<'a> Fn(&'a Transaction, SelectStatement) -> BoxFuture<'a, Result<u64>> + Send + Sync>;

/// What destruction does with one table.
struct Table {
    resource: Resource,
    name: String,
    ids: Ids,
    delete: Delete,
}

/// Every table of which a row can go; the logs go by their own rule.
#[derive(Default)]
struct Tables(Vec<Table>);

impl EachTable for Tables {
    fn table<E: Guarded>(&mut self) {
        let own_rule = matches!(E::RESOURCE, Resource::UseLogEntry | Resource::DisclosureLogEntry);
        let goes_along = matches!(E::RESOURCE, Resource::Notice | Resource::Membership | Resource::CalendarFeed);
        if own_rule || (E::client_column().is_none() && !goes_along) {
            return;
        }
        let ids: Ids = Box::new(|tx, clients| {
            Box::pin(async move {
                let Some(column) = E::client_column() else { return Ok(Vec::new()) };
                E::find().select_only().column(E::columns().id).filter(column.is_in(clients.iter().copied())).into_tuple().all(tx).await.map_err(fault)
            })
        });
        let delete: Delete = Box::new(|tx, doomed| {
            Box::pin(async move { Ok(E::delete_many().filter(E::columns().id.in_subquery(doomed)).exec(tx).await.map_err(fault)?.rows_affected) })
        });
        self.0.push(Table { resource: E::RESOURCE, name: E::default().table_name().to_owned(), ids, delete });
    }
}

/// Destroys rows with everything that tells of them, and writes what was destroyed to the destruction log.
async fn destroy(tx: &Transaction, vault: &Vault, gone: Doomed, why: &Why<'_>, now: DateTime<Utc>) -> Result<()> {
    let id = DestructionId::new();
    let all: Vec<Uuid> = gone.rows.values().flatten().copied().collect();
    for chunk in all.chunks(AT_ONCE) {
        let rows = chunk.iter().map(|row| doomed::ActiveModel { row_id: Set(*row), destruction_id: Set(id) });
        doomed::Entity::insert_many(rows).exec_without_returning(tx).await.map_err(fault)?;
    }
    let these = || doomed::Entity::find().select_only().column(doomed::Column::RowId).filter(doomed::Column::DestructionId.eq(id)).into_query();
    let mut tables = Tables::default();
    each_table(&mut tables);
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    for table in &tables.0 {
        rows.insert(table.name.clone(), gone.rows.get(&table.resource).map_or(0, Vec::len) as u64);
    }
    let audited = audit::Entity::find().filter(audit::Column::RowId.in_subquery(these())).count(tx).await.map_err(fault)?;
    let words = person_word::Entity::find().filter(person_word::Column::PersonId.in_subquery(these())).count(tx).await.map_err(fault)?;
    rows.extend([("audit".to_owned(), audited), ("person_word".to_owned(), words)]);
    rows.retain(|_, count| *count > 0);
    // The triggers let nothing go before this is written.
    let hash = vault.index("destroyed", &gone.subject.to_string());
    log(tx, id, why, (Some(gone.network), Some(gone.organization), Some(hash)), rows, now).await?;
    audit::Entity::delete_many().filter(audit::Column::RowId.in_subquery(these())).exec(tx).await.map_err(fault)?;
    person_word::Entity::delete_many().filter(person_word::Column::PersonId.in_subquery(these())).exec(tx).await.map_err(fault)?;
    idempotency::Entity::delete_many().filter(idempotency::Column::RowId.in_subquery(these())).exec(tx).await.map_err(fault)?;
    let of = |resource| gone.rows.get(&resource).map_or(&[][..], Vec::as_slice);
    drawdown::outlive(tx, of(Resource::PurchaseOrder), of(Resource::DeliveryEvent), now).await?;
    // What hangs under another goes first.
    for table in tables.0.iter().rev() {
        let expected = gone.rows.get(&table.resource).map_or(0, Vec::len) as u64;
        let removed = (table.delete)(tx, these()).await?;
        if removed != expected {
            return Err(Error::internal(format!("{} rows of {} went where {expected} should", removed, table.name)));
        }
    }
    doomed::Entity::delete_many().filter(doomed::Column::DestructionId.eq(id)).exec(tx).await.map_err(fault)?;
    Ok(())
}

/// Adds an entry to the destruction log.
async fn log(
    tx: &Transaction,
    id: DestructionId,
    why: &Why<'_>,
    (network, organization, hash): (Option<NetworkId>, Option<OrganizationId>, Option<String>),
    rows: BTreeMap<String, u64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = destruction::Model {
        id,
        at: now,
        network_id: network,
        organization_id: organization,
        subject: why.subject,
        rule: why.rule.to_owned(),
        rule_version: why.version.to_owned(),
        legal_basis: why.legal_basis.to_owned(),
        subject_hash: hash,
        rows: Counts(rows),
        actor: why.actor.to_owned(),
    };
    destruction::Entity::insert(entry.into_active_model().reset_all()).exec_without_returning(tx).await.map_err(fault)?;
    Ok(())
}
