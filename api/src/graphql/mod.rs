//! The contract: what callers ask, translated to use cases and back. No rule lives here.
mod access;
mod casework;
mod catalogue;
mod code;
mod node;
mod order;
mod page;
mod payload;
mod person;
mod text;

use crate::caller::Caller;
use async_graphql::{Context, MergedObject, MergedSubscription, QueryPathNode, QueryPathSegment, SchemaBuilder};

/// Every question.
#[derive(MergedObject, Default)]
pub struct Query(node::NodeQuery, catalogue::CatalogueQuery, person::PersonQuery, casework::CaseworkQuery, access::AccessQuery, code::CodeQuery);

/// Every change. Each member lies one deeper than the one behind it, and the compiler's patience with that is bounded: the largest group is last.
#[derive(MergedObject, Default)]
pub struct Mutation(access::AccessMutation, person::PersonMutation, casework::CaseworkMutation, casework::PlanMutation, catalogue::CatalogueMutation);

/// Everything that can be watched.
#[derive(MergedSubscription, Default)]
pub struct Subscription(catalogue::ChangeSubscription, access::NoticeSubscription);

/// The schema of this server.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema, before the front door sets its limits.
#[must_use]
pub fn schema() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
}

/// What a resolver takes from its context: the caller, and nothing else.
trait Asked {
    /// The caller of this request.
    fn caller(&self) -> &Caller;
}

impl Asked for Context<'_> {
    fn caller(&self) -> &Caller {
        let caller = self.data_unchecked::<Caller>();
        if let Some(QueryPathNode { parent: None, segment: QueryPathSegment::Name(root) }) = self.path_node {
            caller.note_operation(root);
        }
        caller
    }
}
