//! Reading as one actor: a select that can only be narrowed.
use super::{
    dialect::fault,
    ledger::{self, Seen},
    page::{Order, Slice, Window},
    pool::Walled,
    retention::{self, KeptRecord},
};
use crate::error::{Error, Result};
use domain::{
    actor::Actor,
    casework::case::CaseStage,
    id::{ClientId, ReferralId},
    noted_field::NotedField,
    policy::{Action, Reach, Resource, follows_cases, lacks_purpose, reach},
};
use entity::{
    Guarded,
    casework::{case, client_entry},
    of_subject,
    person::{client, person, representation},
    special_categories,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, TryGetableMany, sea_query::IntoCondition};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Reads as one actor, and remembers about whom it has read.
#[derive(Clone)]
pub struct Reader {
    conn: Walled,
    pub(super) actor: Arc<Actor>,
    pub(super) seen: Arc<Seen>,
}

impl Reader {
    pub(super) fn new(conn: Walled, actor: Arc<Actor>) -> Self {
        Self { conn, actor, seen: Arc::default() }
    }

    /// The connection itself: for the store alone.
    pub(super) const fn conn(&self) -> &Walled {
        &self.conn
    }

    /// The rows of a table that the actor may see.
    pub fn find<E: Guarded>(&self) -> Found<'_, E> {
        Found { select: E::find().filter(E::within(&reach(&self.actor, Action::Read, E::RESOURCE), Action::Read)), reader: self }
    }

    /// The rows of a table that are the actor's own business: what everybody may see only where the actor's standing reaches it too.
    pub fn find_own<E: Guarded>(&self) -> Found<'_, E> {
        let reach = Reach { public: false, ..reach(&self.actor, Action::Read, E::RESOURCE) };
        Found { select: E::find().filter(E::within(&reach, Action::Read)), reader: self }
    }

    /// What of a table the actor may see.
    pub(super) fn within<E: Guarded>(&self) -> Condition {
        E::within(&reach(&self.actor, Action::Read, E::RESOURCE), Action::Read)
    }

    /// Those of these rows to which the actor may do something.
    pub(super) async fn reaches<E: Guarded>(&self, ids: Vec<Uuid>, action: Action) -> Result<Vec<Uuid>> {
        let within = E::find().filter(E::columns().id.is_in(ids)).filter(E::within(&reach(&self.actor, action, E::RESOURCE), action));
        within.select_only().column(E::columns().id).into_tuple().all(&self.conn).await.map_err(fault)
    }

    /// Some columns of the rows that the actor may see, for a named step of the store that tells nobody anything about a person.
    pub(super) async fn outlines<E: Guarded, T: TryGetableMany>(&self, columns: impl IntoIterator<Item = E::Column>, condition: Condition) -> Result<Vec<T>> {
        purposeful(&self.actor, Action::Read, E::RESOURCE)?;
        let rows = E::find().filter(self.within::<E>()).filter(condition).select_only().columns(columns);
        rows.into_tuple().all(&self.conn).await.map_err(fault)
    }

    /// Those of these clients who are under non-disclosure for safety, whoever sees them: where they are is kept back from those too who do not.
    pub(super) async fn protected(&self, clients: Vec<Uuid>) -> Result<Vec<Uuid>> {
        person::protected().filter(person::Column::ClientId.is_in(clients)).into_tuple().all(&self.conn).await.map_err(fault)
    }

    /// Those of these clients whose data of special categories the actor may see, beside the rows in which it stands.
    pub(super) async fn special_categories(&self, clients: Vec<Uuid>) -> Result<Vec<Uuid>> {
        clients_with_special_categories(&self.actor, clients).into_tuple().all(&self.conn).await.map_err(fault)
    }

    /// How far the cases have come that have arisen from these referrals: to whoever sees the case, and to those who have sent the client and are told.
    pub(super) async fn progress(&self, referrals: Vec<Uuid>) -> Result<Vec<(ReferralId, CaseStage)>> {
        let told = follows_cases(&self.actor).map(|worker| case::followed_by(&worker));
        let found = case::Entity::find().select_only().column(case::Column::ReferralId).column(case::Column::Stage);
        let found = found.filter(case::Column::ReferralId.is_in(referrals)).filter(Condition::any().add(self.within::<case::Entity>()).add_option(told));
        found.into_tuple().all(&self.conn).await.map_err(fault)
    }

    /// Those of these clients who are the actor, or for whom the actor acts, with those who were merged into them.
    pub(super) async fn own(&self, clients: Vec<Uuid>) -> Result<Vec<Uuid>> {
        let Some(subject) = self.actor.subject() else { return Ok(Vec::new()) };
        let own = client::Entity::find().select_only().column(client::Column::Id).filter(client::Column::Id.is_in(clients));
        own.filter(of_subject(client::Column::Id, subject)).into_tuple().all(&self.conn.lifted()).await.map_err(fault)
    }

    /// The clients who were merged into these, whoever sees them.
    pub(super) async fn merged(&self, into: Vec<Uuid>) -> Result<Vec<client::Model>> {
        let merged = client::Entity::find().filter(client::Column::MergedIntoId.is_in(into));
        merged.order_by_asc(client::Column::Id).all(&self.conn.lifted()).await.map_err(fault)
    }

    /// How many entries of these clients' records are hidden from the client who may know that they are: to the client and those who act for the client, that
    /// there are, and nothing of them; to anybody else, those that are the actor's to read.
    pub(super) async fn hidden(&self, clients: Vec<Uuid>) -> Result<Vec<(ClientId, i64)>> {
        purposeful(&self.actor, Action::Read, Resource::ClientEntry)?;
        let (own, others): (Vec<_>, Vec<_>) = {
            let own: HashSet<_> = self.own(clients.clone()).await?.into_iter().collect();
            clients.into_iter().partition(|client| own.contains(client))
        };
        let hidden = |clients: Vec<Uuid>| {
            let of = client_entry::Entity::find().filter(client_entry::hidden_from_who_is_told()).filter(client_entry::Column::ClientId.is_in(clients));
            of.select_only()
                .column(client_entry::Column::ClientId)
                .column_as(client_entry::Column::Id.count(), "hidden")
                .group_by(client_entry::Column::ClientId)
        };
        let mut counts = Vec::new();
        if !own.is_empty() {
            counts = hidden(own).into_tuple().all(&self.conn.lifted()).await.map_err(fault)?;
        }
        if !others.is_empty() {
            let within = hidden(others).filter(self.within::<client_entry::Entity>());
            counts.extend(within.into_tuple::<(ClientId, i64)>().all(&self.conn).await.map_err(fault)?);
        }
        Ok(counts)
    }

    /// The accounts of these clients, and of those who act or have acted for them, whoever sees that.
    pub(super) async fn voices(&self, clients: Vec<Uuid>) -> Result<Vec<(ClientId, String)>> {
        let own = client::Entity::find().select_only().column(client::Column::Id).column(client::Column::Account);
        let own = own.filter(client::Column::Id.is_in(clients.iter().copied())).filter(client::Column::Account.is_not_null());
        let acts = representation::Entity::find().select_only().column(representation::Column::ClientId).column(representation::Column::Subject);
        let acts = acts.filter(representation::Column::ClientId.is_in(clients));
        let mut voices: Vec<(ClientId, String)> = own.into_tuple().all(&self.conn).await.map_err(fault)?;
        voices.extend(acts.into_tuple::<(ClientId, String)>().all(&self.conn).await.map_err(fault)?);
        Ok(voices)
    }

    /// How long the records of these clients are kept, whoever sees them.
    pub(super) async fn kept(&self, clients: Vec<Uuid>) -> Result<HashMap<ClientId, KeptRecord>> {
        let Some(occasion) = self.actor.occasion() else { return Ok(HashMap::new()) };
        let clients: Vec<_> = clients.into_iter().map(ClientId).collect();
        retention::kept_of(&self.conn.lifted(), &clients, occasion.at).await
    }

    /// Remembers the persons that these rows are about, for the use log.
    fn note<'r, E: Guarded>(&self, rows: impl IntoIterator<Item = &'r E::Model>) {
        self.seen.shown::<E>(&self.actor, rows);
    }

    /// As [`Self::note`], for rows that a named step of the store has read.
    pub(super) fn note_shown<E: Guarded>(&self, rows: &[E::Model]) {
        self.note::<E>(rows);
    }

    /// What is written from here on stands apart from what was written before.
    pub fn begin_apart(&self) {
        self.seen.begin_apart();
    }

    /// Remembers that a guarded field about a client is shown; `flagged` puts it before the data protection officer.
    pub fn note_field(&self, client: ClientId, field: NotedField, flagged: bool) {
        self.seen.field(client, field, flagged);
    }

    /// As [`Seen::keep_apart`].
    pub(crate) fn keep_apart(&self, resource: Resource) -> Result<()> {
        self.seen.keep_apart(&self.actor, resource)
    }

    /// Remembers what is behind ids that were asked for and not found.
    pub(super) async fn note_denied<E: Guarded>(&self, missed: Vec<Uuid>) -> Result<()> {
        ledger::note_denied::<E>(&self.conn.lifted(), &self.seen, missed).await
    }
}

/// Those of these clients whose data of special categories an actor may see.
pub(super) fn clients_with_special_categories(actor: &Actor, clients: Vec<Uuid>) -> Select<client::Entity> {
    let reach = reach(actor, Action::Read, Resource::IntakeBaseline);
    let open = client::Entity::find().select_only().column(client::Column::Id).filter(client::Column::Id.is_in(clients));
    open.filter(special_categories(client::Column::Id, &reach))
}

/// Data about clients is read for a named purpose only.
pub(super) fn purposeful(actor: &Actor, action: Action, resource: Resource) -> Result<()> {
    if resource.is_about_clients() && lacks_purpose(actor, action, resource) { Err(Error::PurposeRequired) } else { Ok(()) }
}

/// A select that can only be narrowed.
#[must_use]
pub struct Found<'a, E: EntityTrait> {
    select: Select<E>,
    reader: &'a Reader,
}

impl<E: Guarded> Found<'_, E> {
    /// Only the rows that also meet `condition`.
    pub fn filter(self, condition: impl IntoCondition) -> Self {
        Self { select: self.select.filter(Condition::all().add(condition.into_condition())), ..self }
    }

    fn purposeful(&self) -> Result<()> {
        purposeful(&self.reader.actor, Action::Read, E::RESOURCE)
    }

    /// Every row, by id.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn all(self) -> Result<Vec<E::Model>> {
        self.purposeful()?;
        let rows = self.select.order_by_asc(E::columns().id).all(&self.reader.conn).await.map_err(fault)?;
        self.reader.note::<E>(&rows);
        Ok(rows)
    }

    /// The id and the version of every row, by id, and nothing of what they say: a row that cannot be read hides no other from what is done by time.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn versions(self) -> Result<Vec<(uuid::Uuid, i32)>>
    where
        E: entity::Kept,
    {
        self.purposeful()?;
        let both = self.select.order_by_asc(E::columns().id).select_only().column(E::columns().id).column(E::version_column());
        both.into_tuple().all(&self.reader.conn).await.map_err(fault)
    }

    /// The row, where there is one.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn one(self) -> Result<Option<E::Model>> {
        self.purposeful()?;
        let row = self.select.one(&self.reader.conn).await.map_err(fault)?;
        self.reader.note::<E>(&row);
        Ok(row)
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn count(self) -> Result<u64> {
        self.purposeful()?;
        self.select.count(&self.reader.conn).await.map_err(fault)
    }

    /// One page in `order`; one row more is read to know whether there is another page.
    ///
    /// # Errors
    /// A bad cursor, or a fault of the database.
    pub async fn page(self, order: &Order<E>, window: &Window) -> Result<Slice<E::Model>> {
        self.purposeful()?;
        let (condition, backwards) = order.bounds(window)?;
        let size = window.size();
        let mut select = self.select.filter(condition);
        for (column, descending) in order.columns(backwards) {
            select = select.order_by(column, if descending { sea_orm::Order::Desc } else { sea_orm::Order::Asc });
        }
        let limit = u64::try_from(size + 1).unwrap_or(u64::MAX);
        let mut rows = select.limit(limit).all(&self.reader.conn).await.map_err(fault)?;
        let more = rows.len() > size;
        rows.truncate(size);
        if backwards {
            rows.reverse();
        }
        self.reader.note::<E>(&rows);
        let (has_previous, has_next) = if backwards { (more, window.before.is_some()) } else { (window.after.is_some(), more) };
        Ok(Slice { rows, has_previous, has_next })
    }

    /// The rows under one of `parents`, by id.
    pub(super) fn under(self, column: E::Column, parents: &[uuid::Uuid]) -> Self {
        self.filter(column.is_in(parents.iter().copied()))
    }
}
