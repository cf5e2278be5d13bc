//! Which rows an actor may reach: the one trait that opens a table.
use domain::{
    id::{CaseId, ClientId, NetworkId, OrganizationId},
    person::relation::RelationBasis,
    policy::{Action, Elsewhere, Reach, Resource, Worker},
    text::LocalizedText,
};
use sea_orm::{
    ActiveModelBehavior, ColumnTrait, Condition, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel, ModelTrait, PrimaryKeyTrait, QueryFilter,
    QuerySelect, QueryTrait, Value,
    prelude::{DateTimeUtc, Uuid},
    sea_query::{Expr, Query, SelectStatement, SimpleExpr},
};

/// The columns by which a row is found and reached.
#[derive(Clone, Copy, Debug)]
pub struct Columns<C: 'static> {
    /// The id.
    pub id: C,
    /// The network that the row belongs to.
    pub network: Option<C>,
    /// The organisations that the row belongs to.
    pub organizations: &'static [C],
    /// The person that the row is about.
    pub subject: Option<C>,
}

/// A table that callers can reach, and the rows of it that a reach covers. A table without this is out of reach.
pub trait Guarded:
    EntityTrait<
        Model: ModelTrait<Entity = Self>
                   + FromQueryResult
                   + IntoActiveModel<<Self as EntityTrait>::ActiveModel>
                   + serde::Serialize
                   + Clone
                   + Send
                   + Sync
                   + 'static,
        ActiveModel: ActiveModelBehavior + Send + 'static,
        PrimaryKey: PrimaryKeyTrait,
    >
{
    /// The resource that the policy speaks of.
    const RESOURCE: Resource;

    /// The columns by which rows are found and reached.
    fn columns() -> Columns<Self::Column>;

    /// The columns whose values only the vault opens, by name, each with the place that its values are bound to.
    fn sealed() -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// The rows that everybody may see.
    fn public() -> Condition {
        nothing()
    }

    /// The person that a row is about, where reading it must leave a trace in the use log.
    fn subject(_row: &Self::Model) -> Option<String> {
        None
    }

    /// The column that names the client whom a row is about.
    fn client_column() -> Option<Self::Column> {
        None
    }

    /// The client that a row is about: reading it leaves a trace in the use log.
    fn client(_row: &Self::Model) -> Option<ClientId> {
        None
    }

    /// The rows that the client whom they are about is shown: all, unless the table knows better.
    fn shown_to_client() -> Condition {
        Condition::all()
    }

    /// The rows that were taken back as recorded by mistake, where the table has such: since they may be about somebody else, their client is told that there
    /// are such, and nothing of them.
    fn taken_back() -> Option<Condition> {
        None
    }

    /// The column that names the row that a row corrects, where rows are corrected by others: always the first one, so that all corrections of it are one matter.
    fn corrects() -> Option<Self::Column> {
        None
    }

    /// The order or voucher by which a provider has to do with a row: the ground of its reading.
    fn ordered_as(_row: &Self::Model) -> Option<Uuid> {
        None
    }

    /// Of the rows about clients of a worker that others keep, those that have come to the worker's organisations to stay, or have gone on from them.
    fn received(_by: &Worker) -> Condition {
        nothing()
    }

    /// The rows that are addressed to a worker's organisations, or made by the worker; the table that knows such rows says which.
    fn addressed(_to: &Worker, _action: Action) -> Condition {
        nothing()
    }

    /// What every row must fulfil, however it is reached; the table that has such a rule says which.
    fn only(_reach: &Reach) -> Condition {
        Condition::all()
    }

    /// The rows that a reach covers for an action: those of its own columns, unless the table knows better.
    fn within(reach: &Reach, action: Action) -> Condition {
        let by_columns = Self::by_columns(reach);
        if reach.everything {
            return by_columns;
        }
        let any = match &reach.addressed {
            Some(worker) => Condition::any().add(by_columns).add(Self::addressed(worker, action)),
            None => by_columns,
        };
        Condition::all().add(any).add(Self::only(reach))
    }

    /// The rows whose columns a reach covers.
    fn by_columns(reach: &Reach) -> Condition {
        if reach.everything {
            return Condition::all();
        }
        let columns = Self::columns();
        let mut any = Condition::any().add(Expr::value(false));
        if reach.public {
            any = any.add(Self::public());
        }
        if let Some(network) = columns.network.filter(|_| !reach.networks.is_empty()) {
            any = any.add(network.is_in(reach.networks.iter().copied()));
        }
        if !reach.organizations.is_empty() {
            for organization in columns.organizations {
                any = any.add(organization.is_in(reach.organizations.iter().copied()));
            }
        }
        if let Some((column, subject)) = columns.subject.zip(reach.subject.as_ref()) {
            any = any.add(column.eq(subject));
        }
        if let Some(column) = Self::client_column() {
            any = any.add(of_clients(column, reach, Self::shown_to_client()));
            if let Some(worker) = &reach.related {
                any = any.add(Condition::all().add(related(column, worker)).add(disclosed::<Self>(column, worker)));
            }
            if let Some(worker) = &reach.entrusted {
                let mut own = Condition::any().add(Expr::value(false));
                for organization in columns.organizations {
                    own = own.add(organization.is_in(worker.organizations.iter().copied()));
                }
                any = any.add(Condition::all().add(own).add(related(column, worker)));
            }
        }
        any
    }

    /// The id of a row.
    fn row_id(row: &Self::Model) -> Uuid {
        match row.get(Self::columns().id) {
            Value::Uuid(Some(id)) => id,
            other => unreachable!("an id is a uuid, not {other:?}"),
        }
    }
}

/// A row that several may change: it has a version, and says where it belongs.
pub trait Kept: Guarded {
    /// The kind, as in public ids.
    const KIND: &'static str;
    /// The version of a row.
    fn version(row: &Self::Model) -> i32;
    /// The column of the version.
    fn version_column() -> Self::Column;
    /// Marks a row as changed now: a new version.
    fn stamp(row: &mut Self::Model, now: DateTimeUtc);
    /// The network of a row; none for the national register.
    fn network(row: &Self::Model) -> Option<NetworkId>;
    /// The organisation of a row, where it belongs to one.
    fn organization(row: &Self::Model) -> Option<OrganizationId>;
}

/// A row that hangs under another, loaded by its parent's id.
pub trait Child: Guarded {
    /// The column that names the parent.
    fn parent() -> Self::Column;
    /// The parent's id.
    fn parent_id(row: &Self::Model) -> Uuid;
}

/// A row that belongs to a case.
pub trait OfCase: Child {
    /// The case of a row.
    fn case_id(row: &Self::Model) -> CaseId;
    /// The column that names the case.
    fn case_column() -> Self::Column;
}

/// Rows whose client is the subject of a reach, or is represented by that subject.
fn of_clients(column: impl ColumnTrait, reach: &Reach, shown: Condition) -> Condition {
    use crate::person::{client, representation};
    let mut any = Condition::any().add(Expr::value(false));
    if let Some(subject) = &reach.subject {
        let own = client::Entity::find().select_only().column(client::Column::Id).filter(client::Column::Account.eq(subject));
        let represented = representation::Entity::find().select_only().column(representation::Column::ClientId).filter(representation::in_force(subject));
        let theirs = |id: &dyn Fn(SelectStatement) -> SimpleExpr| Condition::any().add(id(own.clone().into_query())).add(id(represented.clone().into_query()));
        // What the logs tell of a client who was merged into this one is about the same human being.
        let merged = client::Entity::find().select_only().column(client::Column::Id).filter(theirs(&|of| client::Column::MergedIntoId.in_subquery(of)));
        let theirs = theirs(&|of| column.in_subquery(of)).add(column.in_subquery(merged.into_query()));
        any = any.add(Condition::all().add(theirs).add(shown));
    }
    any
}

/// Rows whose client is this person or machine, or is represented by it, or was merged into such a one.
pub fn of_subject(client: impl ColumnTrait, subject: &str) -> Condition {
    of_clients(client, &Reach { subject: Some(subject.to_owned()), ..Reach::default() }, Condition::all())
}

/// Rows that the organisations of a worker keep themselves; of those that another controller keeps, what the worker sees by a care relation
/// ([`Elsewhere`]): the register where the client has permitted it (luovutuslupa) and not kept this one back (kielto), or where a right by law or an
/// emergency opens it with its reason in words.
fn disclosed<E: Guarded>(client: impl ColumnTrait, worker: &Worker) -> Condition {
    use crate::person::{disclosure_permission, disclosure_prohibition};
    let elsewhere = E::RESOURCE.elsewhere();
    let columns = E::columns();
    let mut any = Condition::any();
    for organization in columns.organizations {
        any = any.add(organization.is_in(worker.organizations.iter().copied()));
    }
    if elsewhere == Elsewhere::Hidden {
        return any;
    }
    // Whoever gives what was ordered knows what the order says: that opens nothing else of those who order.
    let bases: Vec<_> = RelationBasis::ALL.iter().copied().filter(|basis| *basis != RelationBasis::Order).collect();
    let beyond_orders = on_basis(client, worker, &bases);
    if elsewhere == Elsewhere::Shown {
        return any.add(beyond_orders);
    }
    any = any.add(E::received(worker));
    if elsewhere == Elsewhere::WhoSomebodyIs {
        let taken_on = Condition::all().add(on_basis(client, worker, &[RelationBasis::Intake]));
        any = any.add(taken_on.add(client.not_in_subquery(disclosure_prohibition::keeps_from(worker))));
        // Whose case is theirs they know already: a prohibition keeps further data back.
        any = any.add(on_basis(client, worker, &[RelationBasis::Case]));
    }
    let by_law = on_basis(client, worker, &[RelationBasis::StatutoryInfo, RelationBasis::BreakGlass]);
    let permitted = client.in_subquery(disclosure_permission::opens_to(worker).into_query());
    any.add(by_law).add(Condition::all().add(beyond_orders).add(permitted).add(kept_back::<E>().not()))
}

/// The row is kept back by its client as a document, or it corrects one that is, or one of which another correction is: a correction tells what was written as well.
pub(crate) fn kept_back<E: Guarded>() -> Condition {
    use crate::person::disclosure_prohibition::{document, document_at};
    let id = E::columns().id;
    let itself = Condition::any().add(document(id));
    let Some(corrects) = E::corrects() else { return itself };
    let beside = Expr::col(("beside", corrects)).equals((E::default(), corrects));
    let corrections = Query::select().expr(Expr::val(1)).from_as(E::default(), "beside").and_where(beside).and_where(document_at(("beside", id))).take();
    let others = Condition::any().add(document(corrects)).add(Expr::exists(corrections));
    // What is asked of nothing is neither true nor false, and neither is its opposite.
    itself.add(Condition::all().add(corrects.is_not_null()).add(others))
}

/// Of the clients whom a reach covers, those whose data of special categories it covers too: oneself and whom one acts for, and those with a care relation
/// that rests on what opens it.
pub fn special_categories(client: impl ColumnTrait, reach: &Reach) -> Condition {
    if reach.everything {
        return Condition::all();
    }
    let bases: Vec<_> = RelationBasis::ALL.iter().copied().filter(|basis| basis.opens_special_categories()).collect();
    let own = of_clients(client, reach, Condition::all());
    match &reach.related {
        Some(worker) => Condition::any().add(own).add(on_basis(client, worker, &bases)),
        None => own,
    }
}

/// Rows whose client has a care relation to a worker that rests on one of these.
fn on_basis(client: impl ColumnTrait, worker: &Worker, bases: &[RelationBasis]) -> SimpleExpr {
    use crate::person::care_relation;
    let live = care_relation::Entity::find().select_only().column(care_relation::Column::ClientId).filter(care_relation::live(worker));
    client.in_subquery(live.filter(care_relation::Column::Basis.is_in(bases.iter().copied())).into_query())
}

/// Rows whose client has a care relation to a worker.
fn related(column: impl ColumnTrait, worker: &Worker) -> Condition {
    use crate::person::care_relation;
    let live = care_relation::Entity::find().select_only().column(care_relation::Column::ClientId).filter(care_relation::live(worker));
    Condition::all().add(column.in_subquery(live.into_query()))
}

/// A column names one of these rows of another table: each is looked up by its id, however many of these there are.
pub(crate) fn names<E: EntityTrait, R: EntityTrait>(column: E::Column, id: R::Column, these: Condition) -> SimpleExpr {
    let named = Expr::col((R::default(), id)).eq(Expr::col((E::default(), column)));
    Expr::exists(Query::select().expr(Expr::val(1)).from(R::default()).and_where(named).cond_where(these).take())
}

/// No row at all.
#[must_use]
pub fn nothing() -> Condition {
    Condition::all().add(Expr::value(false))
}

/// What working copies are searched by: a folded text of every language.
#[must_use]
pub fn search_text(texts: &[&LocalizedText]) -> String {
    let all: Vec<_> = texts.iter().flat_map(|t| domain::text::Language::ALL.into_iter().filter_map(|l| t.given(l))).collect();
    domain::text::fold(&all.join(" "))
}
