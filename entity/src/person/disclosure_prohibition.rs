//! Disclosure prohibitions (kiellot). None is ever deleted.
use domain::{
    id::{ClientId, DisclosureProhibitionId, OrganizationId},
    person::disclosure::{DocumentKind, ProhibitionTarget},
    policy::Worker,
};
use sea_orm::{
    Condition, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{SelectStatement, SimpleExpr},
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
pub(super) fn closes_to(worker: &Worker) -> SelectStatement {
    let from_them =
        Condition::all().add(Column::Target.eq(ProhibitionTarget::Controller)).add(Column::ControllerId.is_in(worker.organizations.iter().copied()));
    let any = Condition::any().add(from_them).add(Column::Target.eq(ProhibitionTarget::ServiceTask));
    Entity::find().select_only().column(Column::ClientId).filter(Column::RemovedAt.is_null()).filter(any).into_query()
}

/// The document that a column names is kept back by its client.
pub(crate) fn document(id: impl ColumnTrait) -> SimpleExpr {
    let kept = Entity::find().select_only().column(Column::DocumentId).filter(Column::RemovedAt.is_null()).filter(Column::DocumentId.is_not_null());
    id.in_subquery(kept.into_query())
}
