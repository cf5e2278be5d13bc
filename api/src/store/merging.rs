//! Clients who are one human being become one: named steps that no actor scopes, since what belongs to the one belongs to the other, whoever sees it.
use super::{
    Store, Work,
    dialect::fault,
    ledger::Written,
    many::AT_ONCE,
    sealing::{forget_words, sealed_person},
};
use crate::error::Result;
use chrono::TimeDelta;
use domain::{
    id::{CareRelationId, ClientId},
    person::{identity::Identity, relation::RelationBasis},
    policy::{Action, Resource},
};
use entity::{
    EachTable, Guarded, SealedText, each_table,
    person::{care_relation, client, disclosure_permission, disclosure_prohibition, person},
};
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Json, sea_query::Expr};
use std::collections::HashMap;
use uuid::Uuid;

/// For how long after a merging it is looked again for rows that others were writing while it was done.
const LATE: TimeDelta = TimeDelta::minutes(10);

type Move = Box<dyn for<'w> Fn(&'w mut Work, ClientId, ClientId) -> BoxFuture<'w, Result<u64>> + Send + Sync>;
type Count = Box<dyn for<'w> Fn(&'w Work, ClientId) -> BoxFuture<'w, Result<u64>> + Send + Sync>;

/// What is done for each table whose rows move: all that name a client, but for the two that say who it is and the logs, which are never written again.
#[derive(Default)]
struct Moving {
    moves: Vec<Move>,
    counts: Vec<(Resource, Count)>,
}

impl EachTable for Moving {
    fn table<E: Guarded>(&mut self) {
        let stays = matches!(E::RESOURCE, Resource::Client | Resource::Person | Resource::UseLogEntry | Resource::DisclosureLogEntry);
        if let Some(column) = E::client_column().filter(|_| !stays) {
            self.moves.push(Box::new(move |work, from, into| Box::pin(move_rows::<E>(work, column, from, into))));
            self.counts.push((E::RESOURCE, Box::new(move |work, from| Box::pin(count_rows::<E>(work, column, from)))));
        }
    }
}

async fn count_rows<E: Guarded>(work: &Work, column: E::Column, of: ClientId) -> Result<u64> {
    E::find().filter(column.eq(of)).count(work.tx()).await.map_err(fault)
}

/// Moves the rows of one table, each with its trace in the audit: by that a wrong merging is found and undone by hand.
async fn move_rows<E: Guarded>(work: &mut Work, column: E::Column, from: ClientId, into: ClientId) -> Result<u64> {
    let rows = E::find().filter(column.eq(from)).order_by_asc(E::columns().id).all(work.tx()).await.map_err(fault)?;
    for chunk in rows.chunks(AT_ONCE) {
        let ids: Vec<Uuid> = chunk.iter().map(E::row_id).collect();
        let these = || E::columns().id.is_in(ids.iter().copied());
        let mut update = E::update_many().col_expr(column, Expr::value(into.0)).filter(these());
        // Whoever is changing such a row now has read it as the other client's, and is to read it again.
        if !E::RESOURCE.is_only_added_to()
            && let Ok(version) = "version".parse::<E::Column>()
        {
            update = update.col_expr(version, Expr::col(version).add(1));
        }
        update.exec(work.tx()).await.map_err(fault)?;
        let moved = E::find().filter(these()).all(work.tx()).await.map_err(fault)?;
        let mut after: HashMap<Uuid, Option<Json>> = moved.iter().map(|row| (E::row_id(row), serde_json::to_value(row).ok())).collect();
        for before in chunk {
            let row = E::row_id(before);
            let (before, after) = (serde_json::to_value(before).ok(), after.remove(&row).flatten());
            work.record(Written { resource: E::RESOURCE, action: Action::Transition, row, before, after })?;
        }
    }
    Ok(rows.len() as u64)
}

impl Work {
    /// Holds two clients until the commit, in the same order whoever asks.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn lock_clients(&self, one: ClientId, other: ClientId) -> Result<()> {
        let both = client::Entity::find().filter(client::Column::Id.is_in([one, other])).order_by_asc(client::Column::Id);
        both.lock_exclusive().all(self.tx()).await.map_err(fault)?;
        Ok(())
    }

    /// The data of two clients may be written: a restriction of either holds against merging them.
    ///
    /// # Errors
    /// [`domain::rejection::Code::ProcessingRestricted`], or a fault of the database.
    pub(crate) async fn both_unrestricted(&mut self, one: &client::Model, other: &client::Model) -> Result<()> {
        self.unrestricted::<client::Entity>(Some(one), Some(other)).await
    }

    /// The client into whom another one was merged, whoever sees it; none for one who stands alone.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn merged_into(&self, id: ClientId) -> Result<Option<ClientId>> {
        Ok(client::Entity::find_by_id(id).one(self.tx()).await.map_err(fault)?.and_then(|row| row.merged_into_id))
    }

    /// How many rows of each kind are about a client, whoever sees them: kinds without any are left out.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn rows_about(&self, client: ClientId) -> Result<Vec<(Resource, u64)>> {
        let mut walk = Moving::default();
        each_table(&mut walk);
        let mut counted = Vec::new();
        for (resource, count) in walk.counts {
            let rows = count(self, client).await?;
            if rows > 0 {
                counted.push((resource, rows));
            }
        }
        Ok(counted)
    }

    /// Moves all that is about one client to another, whoever sees it; how many rows.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn move_rows_about(&mut self, from: ClientId, into: ClientId) -> Result<u64> {
        let mut walk = Moving::default();
        each_table(&mut walk);
        let mut moved = 0;
        for step in walk.moves {
            moved += step(self, from, into).await?;
        }
        Ok(moved)
    }

    /// Merges a client into another: the row of the one stays and tells of the other, and all that is about the one is about the other from now on.
    ///
    /// # Errors
    /// [`domain::rejection::Code::StaleVersion`] when another was quicker, or a fault of the database.
    pub(crate) async fn merge_client(&mut self, from: &client::Model, into: &client::Model, reason: SealedText) -> Result<()> {
        self.end_what_is_not_carried_over(from.id, into.id).await?;
        let next = client::Model {
            account: None,
            merged_into_id: Some(into.id),
            merged_at: Some(self.now()),
            merged_by: self.actor().subject().map(str::to_owned),
            merge_reason: Some(reason),
            ..from.clone()
        };
        self.change::<client::Entity>(from, next).await?;
        let survivor = client::Model { account: into.account.clone().or_else(|| from.account.clone()), ..into.clone() };
        self.change::<client::Entity>(into, survivor).await?;
        for earlier in client::Entity::find().filter(client::Column::MergedIntoId.eq(from.id)).all(self.tx()).await.map_err(fault)? {
            let next = client::Model { merged_into_id: Some(into.id), ..earlier.clone() };
            self.change::<client::Entity>(&earlier, next).await?;
        }
        self.move_rows_about(from.id, into.id).await?;
        Ok(())
    }

    /// Ends what was opened for the one alone with a reason in words, and what the other has in force as well.
    async fn end_what_is_not_carried_over(&mut self, from: ClientId, into: ClientId) -> Result<()> {
        let (now, by) = (self.now(), self.actor().subject().map(str::to_owned));
        let opened = care_relation::Entity::find()
            .filter(care_relation::Column::ClientId.eq(from))
            .filter(care_relation::Column::EndedAt.is_null())
            .filter(care_relation::Column::Basis.is_in([RelationBasis::StatutoryInfo, RelationBasis::BreakGlass]));
        for before in opened.all(self.tx()).await.map_err(fault)? {
            self.end_relation(&before).await?;
        }
        let permissions = disclosure_permission::Entity::find()
            .filter(disclosure_permission::Column::ClientId.is_in([from, into]))
            .filter(disclosure_permission::Column::WithdrawnAt.is_null());
        let (twice, kept): (Vec<_>, Vec<_>) = permissions.all(self.tx()).await.map_err(fault)?.into_iter().partition(|row| row.client_id == from);
        for before in twice.into_iter().filter(|row| kept.iter().any(|other| other.sector == row.sector)) {
            let next = disclosure_permission::Model { withdrawn_at: Some(now), withdrawn_by: by.clone(), ..before.clone() };
            self.change::<disclosure_permission::Entity>(&before, next).await?;
        }
        let prohibitions = disclosure_prohibition::Entity::find()
            .filter(disclosure_prohibition::Column::ClientId.is_in([from, into]))
            .filter(disclosure_prohibition::Column::RemovedAt.is_null());
        let (twice, kept): (Vec<_>, Vec<_>) = prohibitions.all(self.tx()).await.map_err(fault)?.into_iter().partition(|row| row.client_id == from);
        // Of two that keep back the same, the later one is the client's will: consents between the two give way to it.
        let earlier = twice.iter().filter_map(|one| {
            let other = kept.iter().find(|other| other.keeps_the_same(one))?;
            Some(if one.set_at > other.set_at { other } else { one })
        });
        for before in earlier {
            let next = disclosure_prohibition::Model { removed_at: Some(now), removed_by: by.clone(), ..before.clone() };
            self.change::<disclosure_prohibition::Entity>(before, next).await?;
        }
        Ok(())
    }

    /// Takes from a person what finds the person: the identity code and the words of the names are with the one into whom the client is merged.
    ///
    /// # Errors
    /// A value that does not seal, or a fault of the database.
    pub(crate) async fn unname(&mut self, before: &person::Model, identity: &Identity) -> Result<()> {
        let nameless = Identity { hetu: None, ..identity.clone() };
        let next = sealed_person(self.vault(), before, &nameless)?;
        self.change::<person::Entity>(before, next).await?;
        forget_words(self.tx(), before.id).await
    }

    /// A care relation of the actor to a client that is in force, to name in a notice.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn own_relation(&self, client: ClientId) -> Result<Option<CareRelationId>> {
        let own = care_relation::Entity::find()
            .filter(care_relation::Column::ClientId.eq(client))
            .filter(care_relation::Column::Subject.eq(self.actor().subject().unwrap_or_default()))
            .filter(care_relation::Column::EndedAt.is_null());
        Ok(own.one(self.tx()).await.map_err(fault)?.map(|row| row.id))
    }

    /// Clients who were merged so lately that others may still have been writing about them, and into whom.
    ///
    /// # Errors
    /// A fault of the database.
    pub(crate) async fn merged_lately(&self) -> Result<Vec<(ClientId, ClientId)>> {
        let lately = client::Entity::find().select_only().column(client::Column::Id).column(client::Column::MergedIntoId);
        let lately = lately.filter(client::Column::MergedAt.gt(self.now() - LATE)).filter(client::Column::MergedIntoId.is_not_null());
        lately.into_tuple().all(self.tx()).await.map_err(fault)
    }
}

impl Store {
    /// The client to whom an id leads: the one into whom that client was merged, or the same.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn surviving_client(&self, id: ClientId) -> Result<ClientId> {
        let row = client::Entity::find_by_id(id).one(&self.reads.as_system()).await.map_err(fault)?;
        Ok(row.and_then(|row| row.merged_into_id).unwrap_or(id))
    }

    /// The clients who were merged into one.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn merged_clients(&self, into: ClientId) -> Result<Vec<client::Model>> {
        client::Entity::find().filter(client::Column::MergedIntoId.eq(into)).all(&self.reads.as_system()).await.map_err(fault)
    }

    /// A client, and those who were merged into the same one: whom the logs speak of when they speak of any of them.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn same_clients(&self, id: ClientId) -> Result<Vec<ClientId>> {
        let into = self.surviving_client(id).await?;
        Ok(std::iter::once(into).chain(self.merged_clients(into).await?.into_iter().map(|row| row.id)).collect())
    }
}
