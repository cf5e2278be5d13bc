//! Disclosure prohibitions (kiellot). None is ever deleted.
use domain::{
    id::{ClientId, DisclosureProhibitionId, OrganizationId},
    person::disclosure::{DocumentKind, ProhibitionTarget},
    policy::Worker,
};
use sea_orm::{
    Condition, ExprTrait, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{ColumnRef, Expr, IntoColumnRef, Query, SelectStatement, SimpleExpr},
};

super::client_table! {
    /// A disclosure prohibition.
    "disclosure_prohibition", DisclosureProhibition, DisclosureProhibitionId, client: client_id / ClientId: ClientId, {
        /// What kind of thing it keeps back.
        target: ProhibitionTarget,
        /// What kind of document, of one that keeps back a document.
        document_kind: Option<DocumentKind>,
        /// Which document.
        document_id: Option<Uuid>,
        /// Which service task, by its code.
        service_task: Option<String>,
        /// From which controller.
        controller_id: Option<OrganizationId>,
        /// When it was set.
        set_at: DateTimeUtc,
        /// Who recorded it, by the stable key: the client, who has set it in an own account.
        recorded_by: String,
        /// When it was removed; none while it holds.
        removed_at: Option<DateTimeUtc>,
        /// Who removed it, by the stable key.
        removed_by: Option<String>,
    }
}

impl Model {
    /// Another prohibition keeps back the same.
    #[must_use]
    pub fn keeps_the_same(&self, other: &Self) -> bool {
        (self.document_id, &self.service_task, self.controller_id) == (other.document_id, &other.service_task, other.controller_id)
    }
}

/// The clients who keep their register back from the organisations of a worker: all of it, or, with a service task, so much of it that the rest cannot
/// be told apart.
pub(crate) fn closes_to(worker: &Worker) -> SelectStatement {
    clients_who(Condition::any().add(from_those_of(worker)).add(Column::Target.eq(ProhibitionTarget::ServiceTask)))
}

/// The clients who keep everything back from the organisations of a worker.
pub(crate) fn keeps_from(worker: &Worker) -> SelectStatement {
    clients_who(from_those_of(worker))
}

fn from_those_of(worker: &Worker) -> Condition {
    Condition::all().add(Column::Target.eq(ProhibitionTarget::Controller)).add(Column::ControllerId.is_in(worker.organizations.iter().copied()))
}

fn clients_who(prohibit: Condition) -> SelectStatement {
    Entity::find().select_only().column(Column::ClientId).filter(Column::RemovedAt.is_null()).filter(prohibit).into_query()
}

/// The prohibitions of the client whom a column names that are newer than the consent of the query around it, and stand against what is read by that from
/// day to day: those from its recipient, and those of a service task, since what is written is not told apart by task.
pub(crate) fn newer_than_consent(client: impl IntoColumnRef) -> SelectStatement {
    use super::consent;
    let of_consent = |ours: Column, theirs: consent::Column| Expr::col((Entity, ours)).equals((consent::Entity, theirs));
    let client: ColumnRef = client.into_column_ref();
    let from_recipient =
        Condition::all().add(Column::Target.eq(ProhibitionTarget::Controller)).add(of_consent(Column::ControllerId, consent::Column::RecipientId));
    Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ClientId)).equals(client))
        .and_where(Column::RemovedAt.is_null())
        .and_where(Expr::col((Entity, Column::SetAt)).gte(Expr::col((consent::Entity, consent::Column::GivenAt))))
        .cond_where(Condition::any().add(from_recipient).add(Column::Target.eq(ProhibitionTarget::ServiceTask)))
        .take()
}

/// The document that a column names is kept back by its client.
pub(crate) fn document(id: impl ColumnTrait) -> SimpleExpr {
    document_at(id.as_column_ref())
}

/// The document that a column names, of whatever table of the query, is kept back by its client.
pub(crate) fn document_at(id: impl IntoColumnRef) -> SimpleExpr {
    let kept = Entity::find().select_only().column(Column::DocumentId).filter(Column::RemovedAt.is_null()).filter(Column::DocumentId.is_not_null());
    Expr::col(id).in_subquery(kept.into_query())
}
