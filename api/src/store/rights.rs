//! Everything that is kept about somebody, for the one whom it is about: walked table by table, so that none is forgotten. Named steps of the store
//! that no reach scopes; whom they are about is proved first, by a [`DataSubject`].
use super::{Reader, Store, Work, dialect::fault, many::AT_ONCE, pool::Transaction, read::purposeful};
use crate::{
    error::{Error, Result},
    vault::{Place, Vault},
};
use chrono::{DateTime, Utc};
use domain::{
    actor::Role,
    casework::client_entry::EntryVisibility,
    id::{ClientId, OrganizationId, SubjectRequestId},
    noted_field::NotedField,
    person::rights::{RecordKind, RequestKind},
    policy::{Action, Reach, Resource, reach},
};
use entity::{
    EachTable, Guarded, SealedText,
    access::{membership, notice},
    casework::{case, client_entry, referral},
    delivery::{participation, visit},
    each_table,
    funding::complaint,
    person::{care_relation, client, consent, person, representation, subject_request},
    sealed::audit,
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::IntoCondition};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Somebody whose data may be given out: proved to be the caller, to be represented by the caller, or to have asked for it.
#[derive(Clone, Debug)]
pub struct DataSubject {
    client: client::Model,
    /// The client, and those who were merged into the same one: whom rows that were not moved speak of.
    same: Vec<ClientId>,
    /// The stable key of whoever asks as the client, or for the client; empty for those who answer for an organisation.
    asker: String,
    /// Where the person lives and can be reached is kept back: somebody else asks about one under non-disclosure.
    kept_back: bool,
    /// For whom whoever acts for the client works: complaints about them are not told, however they are reached.
    works_for: BTreeSet<OrganizationId>,
    /// Who gives it out.
    by: By,
}

/// Who gives out data about somebody: how much of it is theirs to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The client's own account, which is told what the account has in other networks and in other roles too.
    Account,
    /// Somebody who acts for the client.
    Representative,
    /// Somebody who works for the organisation that has been asked.
    Worker {
        /// The organisation: what another one keeps is for that one to tell.
        keeper: OrganizationId,
        /// The worker reads the logs.
        reads_logs: bool,
    },
}

impl DataSubject {
    /// The client.
    #[must_use]
    pub fn client(&self) -> &client::Model {
        &self.client
    }
}

/// One record about somebody, with where it comes from.
#[derive(Clone, Debug)]
pub struct Record {
    /// What it is.
    pub kind: RecordKind,
    /// The kind as in public ids.
    pub resource: Resource,
    /// Its id.
    pub id: Uuid,
    /// Which organisation keeps it.
    pub organization: Option<OrganizationId>,
    /// Who made it, by the stable key.
    pub made_by: Option<String>,
    /// When it was made.
    pub made_at: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub changed_at: Option<DateTime<Utc>>,
    /// What it says.
    pub data: Map<String, Value>,
}

/// How much of a kind is kept about somebody.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The kind.
    pub kind: RecordKind,
    /// How many records are shown.
    pub shown: u64,
    /// How many are not, of those whose being there the client may know.
    pub withheld: u64,
    /// How many were taken back as recorded by mistake.
    pub taken_back: u64,
}

/// After which record the next page begins.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// The kind of the last record.
    pub kind: RecordKind,
    /// Its id.
    pub id: Uuid,
}

/// What is of no meaning to anybody, or is told beside the data.
const ASIDE: [&str; 15] = [
    "id",
    // Nobody is told who has complained.
    "reported_by",
    "network_id",
    "organization_id",
    "client_id",
    "created_at",
    "updated_at",
    "version",
    "hetu_hash",
    "key_id",
    "position",
    "previous",
    "hash",
    "once",
    "confidential",
];

/// What names another record, and the column that tells its kind: one that is not shown is not told to be there.
const NAMES: [(&str, &str); 3] = [("corrects_id", ""), ("correction_id", "correction_kind"), ("document_id", "document_kind")];

/// Where somebody under non-disclosure lives and can be reached, or is met.
const WHEREABOUTS: [&str; 6] = ["municipality", "address", "phone", "email", "from", "destination"];

impl Store {
    /// The client, as a data subject whom the caller is or acts for.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody else, or a fault of the database.
    pub async fn own_data(&self, reader: &Reader, id: ClientId) -> Result<DataSubject> {
        let subject = reader.actor.subject().ok_or(Error::Unauthenticated)?;
        let same = self.same_clients(id).await?;
        let id = self.surviving_client(id).await?;
        let client = client::Entity::find_by_id(id).one(&self.reads.as_system()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        if client.account.as_deref() == Some(subject) {
            return Ok(DataSubject { client, same, kept_back: false, works_for: BTreeSet::new(), asker: subject.to_owned(), by: By::Account });
        }
        let acts = representation::Entity::find().filter(representation::Column::ClientId.eq(id)).filter(representation::in_force(subject));
        if acts.one(&self.reads.as_system()).await.map_err(fault)?.is_none() {
            reader.note_denied::<client::Entity>(vec![id.0]).await?;
            return Err(Error::NotFound);
        }
        let kept_back = self.is_protected(&same).await?;
        let works_for = reader.actor.standings().iter().map(|standing| standing.organization).collect();
        Ok(DataSubject { client, same, kept_back, works_for, asker: subject.to_owned(), by: By::Representative })
    }

    /// One of these is under non-disclosure for safety.
    async fn is_protected(&self, same: &[ClientId]) -> Result<bool> {
        let protected = person::protected().filter(person::Column::ClientId.is_in(same.iter().copied()));
        Ok(protected.count(&self.reads.as_system()).await.map_err(fault)? > 0)
    }

    /// The caller as a client of each network: not those whom the caller acts for, nor those who are merged.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn own_subjects(&self, reader: &Reader) -> Result<Vec<DataSubject>> {
        let subject = reader.actor.subject().ok_or(Error::Unauthenticated)?;
        let own = client::Entity::find().filter(client::Column::Account.eq(subject)).filter(client::Column::MergedIntoId.is_null());
        let mut out = Vec::new();
        for client in own.order_by_asc(client::Column::Id).all(&self.reads.as_system()).await.map_err(fault)? {
            let same = self.same_clients(client.id).await?;
            out.push(DataSubject { same, client, kept_back: false, works_for: BTreeSet::new(), asker: subject.to_owned(), by: By::Account });
        }
        Ok(out)
    }

    /// The client who has asked for access or portability, for those who see to such requests while this one is open. A request that the caller has
    /// recorded opens nothing to the caller: nobody asks in a client's name for what only the asking opens.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`], [`Error::NotFound`] for a request that is none of theirs, or asks for something else, or is answered.
    pub async fn requested_data(&self, reader: &Reader, id: SubjectRequestId) -> Result<DataSubject> {
        purposeful(&reader.actor, Action::Update, Resource::SubjectRequest)?;
        let officers = Reach { subject: None, ..reach(&reader.actor, Action::Update, Resource::SubjectRequest) };
        let request = subject_request::Entity::find_by_id(id).filter(subject_request::Entity::within(&officers, Action::Update));
        let request = request.one(&self.reads.as_system()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        if !request.state.is_open() || !matches!(request.kind, RequestKind::Access | RequestKind::Portability) {
            return Err(Error::NotFound);
        }
        if !request.by_client && reader.actor.subject() == Some(request.recorded_by.as_str()) {
            return Err(Error::NotFound);
        }
        let client = client::Entity::find_by_id(request.client_id).one(&self.reads.as_system()).await.map_err(fault)?.ok_or(Error::NotFound)?;
        let reads_logs = reach(&reader.actor, Action::Read, Resource::UseLogEntry).covers(client.network_id, None);
        let by = By::Worker { keeper: request.organization_id, reads_logs };
        let same = self.same_clients(client.id).await?;
        // What a representative has asked for is answered to a representative.
        let for_another = request.by_client && client.account.as_ref() != Some(&request.recorded_by);
        let kept_back = for_another && self.is_protected(&same).await?;
        Ok(DataSubject { same, client, kept_back, works_for: BTreeSet::new(), asker: String::new(), by })
    }

    /// How much is kept about somebody, of each kind.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn parts_about(&self, subject: &DataSubject) -> Result<Vec<Part>> {
        let mut out = Vec::new();
        for table in tables() {
            out.push((table.part)(self, subject).await?);
        }
        Ok(out)
    }

    /// The next records about somebody, `limit` at the most, and where to go on from when there are more. Each is in the use log.
    ///
    /// # Errors
    /// A value that does not open, or a fault of the database.
    pub async fn records_about(
        &self,
        reader: &Reader,
        subject: &DataSubject,
        after: Option<Position>,
        limit: usize,
    ) -> Result<(Vec<Record>, Option<Position>)> {
        reader.note_field(subject.client.id, NotedField::Export, matches!(subject.by, By::Worker { .. }));
        let all = tables();
        let begin = after.map_or(0, |at| all.iter().position(|table| table.kind == at.kind).unwrap_or(all.len()));
        let mut out: Vec<Record> = Vec::new();
        for (i, table) in all.iter().enumerate().skip(begin) {
            let from = after.filter(|_| i == begin).map(|at| at.id);
            // One more than fits tells whether there is a next page.
            let wanted = u64::try_from(limit + 1 - out.len()).unwrap_or_default();
            out.append(&mut (table.records)(self, reader, subject, from, wanted).await?);
            if out.len() > limit {
                out.truncate(limit);
                let next = out.last().map(|last| Position { kind: last.kind, id: last.id });
                return Ok((self.finished(subject, out).await?, next));
            }
        }
        Ok((self.finished(subject, out).await?, None))
    }

    /// Records as they are told: with who made each, and naming none that is not shown.
    async fn finished(&self, subject: &DataSubject, mut records: Vec<Record>) -> Result<Vec<Record>> {
        let id_of = |value: &Value| value.as_str().and_then(|text| text.parse::<Uuid>().ok());
        let named: BTreeSet<Uuid> = records.iter().flat_map(|record| NAMES.iter().filter_map(|(name, _)| record.data.get(*name).and_then(id_of))).collect();
        if !named.is_empty() {
            let mut told = BTreeSet::new();
            for table in tables() {
                told.extend((table.told)(self, subject, &named).await?);
            }
            for record in &mut records {
                for (name, beside) in NAMES {
                    if record.data.get(name).is_some_and(|value| id_of(value).is_none_or(|id| !told.contains(&id))) {
                        record.data.remove(name);
                        record.data.remove(beside);
                    }
                }
            }
        }
        self.with_makers(records).await
    }

    /// Those of these rows that somebody is shown of oneself.
    async fn told<E: Guarded>(&self, subject: &DataSubject, ids: &BTreeSet<Uuid>) -> Result<Vec<Uuid>> {
        let Some(about) = about::<E>(subject) else { return Ok(Vec::new()) };
        let id = E::columns().id;
        let found = E::find().select_only().column(id).filter(about).filter(shown::<E>(subject)).filter(id.is_in(ids.iter().copied()));
        found.into_tuple().all(&self.reads.as_system()).await.map_err(fault)
    }

    /// Who made each record, as the audit knows it.
    async fn with_makers(&self, mut records: Vec<Record>) -> Result<Vec<Record>> {
        let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
        let mut makers: HashMap<Uuid, String> = HashMap::new();
        for chunk in ids.chunks(AT_ONCE) {
            let made = audit::Entity::find()
                .select_only()
                .column(audit::Column::RowId)
                .column(audit::Column::Actor)
                .filter(audit::Column::RowId.is_in(chunk.iter().copied()))
                .filter(audit::Column::Action.eq(format!("{:?}", Action::Create)));
            makers.extend(made.into_tuple::<(Uuid, String)>().all(&self.reads.as_system()).await.map_err(fault)?);
        }
        // Nobody is told who has complained.
        for record in records.iter_mut().filter(|record| record.resource != Resource::Complaint) {
            record.made_by = makers.remove(&record.id);
        }
        Ok(records)
    }

    async fn part<E: Guarded>(&self, kind: RecordKind, subject: &DataSubject) -> Result<Part> {
        let Some(about) = about::<E>(subject) else { return Ok(Part { kind, shown: 0, withheld: 0, taken_back: 0 }) };
        let taken_back = match E::taken_back() {
            Some(void) => E::find().filter(about.clone()).filter(void).count(&self.reads.as_system()).await.map_err(fault)?,
            None => 0,
        };
        let shown = E::find().filter(about).filter(shown::<E>(subject)).count(&self.reads.as_system()).await.map_err(fault)?;
        let withheld = if E::RESOURCE == Resource::ClientEntry { self.told_to_be_hidden(subject).await? } else { 0 };
        Ok(Part { kind, shown, withheld, taken_back })
    }

    async fn told_to_be_hidden(&self, subject: &DataSubject) -> Result<u64> {
        let Some(about) = about::<client_entry::Entity>(subject) else { return Ok(0) };
        let hidden = client_entry::Entity::find()
            .filter(about)
            .filter(client_entry::Column::Visibility.eq(EntryVisibility::ClientHidden))
            .filter(client_entry::Column::ClientIsTold.eq(true));
        hidden.count(&self.reads.as_system()).await.map_err(fault)
    }

    async fn records<E: Guarded>(&self, kind: RecordKind, reader: &Reader, subject: &DataSubject, after: Option<Uuid>, limit: u64) -> Result<Vec<Record>> {
        let Some(about) = about::<E>(subject) else { return Ok(Vec::new()) };
        let id = E::columns().id;
        let found = E::find().filter(about).filter(shown::<E>(subject)).filter(Condition::all().add_option(after.map(|after| id.gt(after))));
        let rows = found.order_by_asc(id).limit(limit).all(&self.reads.as_system()).await.map_err(fault)?;
        reader.note_shown::<E>(&rows);
        rows.iter().map(|row| record::<E>(&self.vault, kind, row, subject.kept_back)).collect()
    }
}

impl Work {
    /// A record with the kind and id of a public id is one about this client.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn is_record_of(&self, kind: &str, id: Uuid, client: ClientId) -> Result<bool> {
        struct Find(Vec<(String, Known)>);
        impl EachTable for Find {
            fn table<E: Guarded>(&mut self) {
                let known: Known = Box::new(|tx, id, client| {
                    Box::pin(async move {
                        let Some(column) = E::client_column() else { return Ok(false) };
                        Ok(E::find().filter(E::columns().id.eq(id)).filter(column.eq(client)).count(tx).await.map_err(fault)? > 0)
                    })
                });
                self.0.push((format!("{:?}", E::RESOURCE), known));
            }
        }
        let mut find = Find(Vec::new());
        each_table(&mut find);
        match find.0.iter().find(|(resource, _)| resource == kind) {
            Some((_, known)) => known(self.tx(), id, client).await,
            None => Ok(false),
        }
    }
}

type Known = Box<dyn for<'a> Fn(&'a Transaction, Uuid, ClientId) -> BoxFuture<'a, Result<bool>> + Send + Sync>;

/// The rows of a table that are about somebody; none where the table knows of nobody.
fn about<E: Guarded>(subject: &DataSubject) -> Option<Condition> {
    let columns = E::columns();
    if let Some(column) = E::client_column() {
        let of_them = column.is_in(subject.same.iter().copied()).into_condition();
        let By::Worker { keeper, reads_logs } = subject.by else { return Some(of_them) };
        if !reads_logs && matches!(E::RESOURCE, Resource::UseLogEntry | Resource::DisclosureLogEntry) {
            return None;
        }
        let of_the_keeper = columns.organizations.iter().fold(Condition::any(), |any, organization| any.add(organization.eq(keeper)));
        return Some(if E::RESOURCE.is_of_register() { of_them.add(of_the_keeper) } else { of_them });
    }
    let account = subject.client.account.as_ref()?;
    let own = columns.subject?.eq(account).into_condition();
    // What somebody is told at work is about others.
    let told_at_work = E::RESOURCE == Resource::Notice;
    let own = columns.organizations.iter().filter(|_| told_at_work).fold(own, |own, organization| own.add(organization.is_null()));
    if subject.by == By::Account {
        return Some(own);
    }
    // Whoever is told about the client is not told what else the account does: at work, in other networks, and for others.
    let as_client = match E::RESOURCE {
        Resource::Membership => membership::Column::Role.eq(Role::Client).into_condition(),
        Resource::Notice => names_clients(&subject.same),
        _ => return None,
    };
    Some(own.add(columns.network?.eq(subject.client.network_id)).add(as_client))
}

/// The notices that name a referral, a consent, a case or a care relation of these clients.
fn names_clients(clients: &[ClientId]) -> Condition {
    let clients = || clients.iter().copied();
    let referrals = referral::Entity::find().select_only().column(referral::Column::Id).filter(referral::Column::ClientId.is_in(clients()));
    let relations = care_relation::Entity::find().select_only().column(care_relation::Column::Id).filter(care_relation::Column::ClientId.is_in(clients()));
    let cases = case::Entity::find().select_only().column(case::Column::Id).filter(case::Column::ClientId.is_in(clients()));
    let taken = participation::Entity::find().select_only().column(participation::Column::Id).filter(participation::Column::ClientId.is_in(clients()));
    let visits = visit::Entity::find().select_only().column(visit::Column::Id).filter(visit::Column::ClientId.is_in(clients()));
    let consents = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::Column::ClientId.is_in(clients()));
    Condition::any()
        .add(notice::Column::VisitId.in_subquery(visits.into_query()))
        .add(notice::Column::ParticipationId.in_subquery(taken.into_query()))
        .add(notice::Column::ReferralId.in_subquery(referrals.into_query()))
        .add(notice::Column::RelationId.in_subquery(relations.into_query()))
        .add(notice::Column::CaseId.in_subquery(cases.into_query()))
        .add(notice::Column::ConsentId.in_subquery(consents.into_query()))
}

/// What of a table somebody is shown of oneself, in whichever way.
fn shown<E: Guarded>(subject: &DataSubject) -> Condition {
    let own = Reach { subject: Some(subject.asker.clone()), ..Reach::default() };
    let shown = Condition::all().add(E::shown_to_client()).add(E::only(&own));
    if E::RESOURCE == Resource::Complaint { shown.add(complaint::Column::ProviderId.is_not_in(subject.works_for.iter().copied())) } else { shown }
}

/// A row as a record, with what the vault opens of it.
fn record<E: Guarded>(vault: &Vault, kind: RecordKind, row: &E::Model, kept_back: bool) -> Result<Record> {
    let id = E::row_id(row);
    let Value::Object(mut data) = serde_json::to_value(row).map_err(Error::internal)? else { return Err(Error::Internal) };
    for (column, place) in E::sealed() {
        if let Some(Value::String(sealed)) = data.get(*column) {
            let opened = vault.open::<Value>(Place::new(place, id), &SealedText(sealed.clone()))?;
            data.insert((*column).to_owned(), opened.reveal().clone());
        }
    }
    for told in ["identity", "introduction", "details"] {
        if let Some(Value::Object(person)) = data.get_mut(told).filter(|_| kept_back) {
            person.retain(|field, _| !WHEREABOUTS.contains(&field.as_str()));
        }
    }
    let time = |name: &str| data.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok());
    let (made_at, changed_at) = (time("created_at").or_else(|| time("at")), time("updated_at"));
    let organization = data.get("organization_id").and_then(Value::as_str).and_then(|id| id.parse().ok()).map(OrganizationId);
    if E::RESOURCE == Resource::Complaint && data.get("taken_up_at").is_none_or(Value::is_null) {
        // Before it is taken up the last day is reckoned from the day on which it was reported.
        data.remove("due_on");
    }
    data.retain(|name, value| !value.is_null() && !ASIDE.contains(&name.as_str()));
    // When somebody complained would tell, beside the use log, who has.
    let (made_at, changed_at) = if E::RESOURCE == Resource::Complaint { (None, None) } else { (made_at, changed_at) };
    Ok(Record { kind, resource: E::RESOURCE, id, organization, made_by: None, made_at, changed_at, data })
}

type Count = Box<dyn for<'a> Fn(&'a Store, &'a DataSubject) -> BoxFuture<'a, Result<Part>> + Send + Sync>;
type Records = Box<dyn for<'a> Fn(&'a Store, &'a Reader, &'a DataSubject, Option<Uuid>, u64) -> BoxFuture<'a, Result<Vec<Record>>> + Send + Sync>;

type Told = Box<dyn for<'a> Fn(&'a Store, &'a DataSubject, &'a BTreeSet<Uuid>) -> BoxFuture<'a, Result<Vec<Uuid>>> + Send + Sync>;

/// What is done with one table in which something is kept about people.
struct Table {
    kind: RecordKind,
    told: Told,
    part: Count,
    records: Records,
}

/// The tables in which something is kept about people.
fn tables() -> Vec<Table> {
    let mut walk = About::default();
    each_table(&mut walk);
    walk.0
}

#[derive(Default)]
struct About(Vec<Table>);

impl EachTable for About {
    fn table<E: Guarded>(&mut self) {
        let speaks_of_people = E::client_column().is_some() || E::columns().subject.is_some();
        if let Some(kind) = RecordKind::of(E::RESOURCE).filter(|_| speaks_of_people) {
            let part: Count = Box::new(move |store, subject| Box::pin(store.part::<E>(kind, subject)));
            let records: Records = Box::new(move |store, reader, subject, after, limit| Box::pin(store.records::<E>(kind, reader, subject, after, limit)));
            let told: Told = Box::new(|store, subject, ids| Box::pin(store.told::<E>(subject, ids)));
            self.0.push(Table { kind, told, part, records });
        }
    }
}

/// The kinds of records that are walked: what the promise that no table is forgotten is held against.
#[must_use]
pub fn walked_kinds() -> Vec<RecordKind> {
    tables().iter().map(|table| table.kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{IdenStatic, Iterable};

    /// A table that names a client, or in which somebody is the subject, is one that its client is shown.
    #[test]
    fn no_table_about_people_is_forgotten() {
        struct Forgotten(Vec<String>);
        impl EachTable for Forgotten {
            fn table<E: Guarded>(&mut self) {
                let names_client = E::Column::iter().any(|column| IdenStatic::as_str(&column).contains("client_id"));
                let about = E::client_column().is_some() || E::columns().subject.is_some() || names_client;
                if about && !walked_kinds().iter().any(|kind| RecordKind::of(E::RESOURCE) == Some(*kind)) {
                    self.0.push(format!("{:?}", E::RESOURCE));
                }
            }
        }
        let mut forgotten = Forgotten(Vec::new());
        each_table(&mut forgotten);
        assert_eq!(forgotten.0, Vec::<String>::new());
        assert_eq!(walked_kinds().len(), RecordKind::ALL.len());
    }
}
