//! The contract: what callers ask, translated to use cases and back. No rule lives here.
mod access;
mod batch;
mod casework;
mod catalogue;
mod code;
mod delivery;
mod funding;
mod node;
mod order;
mod outreach;
mod page;
mod payload;
mod person;
mod report;
mod text;
mod watch;

use crate::caller::Caller;
use async_graphql::{Context, MergedObject, MergedSubscription, SchemaBuilder};

/// Every question.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    catalogue::CatalogueQuery,
    person::PersonQuery,
    casework::CaseworkQuery,
    GivenQuery,
    outreach::OutreachQuery,
    access::AccessQuery,
    code::CodeQuery,
);

/// Every change.
#[derive(MergedObject, Default)]
pub struct Mutation(
    catalogue::CatalogueMutation,
    person::PersonMutation,
    casework::CaseworkMutation,
    casework::PlanMutation,
    GivenMutation,
    outreach::OutreachMutation,
    batch::BatchMutation,
    access::AccessMutation,
);

/// Questions about services as they are given, as they are bought, and as they are told in figures. Roots lie inside one another, a layer of the stack for each: kept together, these
/// take no more of it than one.
#[derive(MergedObject, Default)]
pub struct GivenQuery(delivery::DeliveryQuery, funding::FundingQuery, report::ReportQuery);

/// Changes of services as they are given, and as they are bought.
#[derive(MergedObject, Default)]
pub struct GivenMutation(delivery::DeliveryMutation, funding::FundingMutation);

/// Everything that can be watched.
#[derive(MergedSubscription, Default)]
pub struct Subscription(catalogue::ChangeSubscription, catalogue::OfferingSubscription, delivery::RegistrationSubscription, access::NoticeSubscription);

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

/// What is never written down as an operation: beside a client's name it would tell that the client was met before as somebody unknown.
const UNTOLD: &str = "presentAnonymousHandle";

/// As what an operation is written down: one about complaints as any reading by id, for beside a client's name it would tell who has reported.
fn told_as(field: &str) -> &str {
    if field.to_ascii_lowercase().contains("complaint") { "node" } else { field }
}

impl Asked for Context<'_> {
    fn caller(&self) -> &Caller {
        let (caller, field) = (self.data_unchecked::<Caller>(), self.item.node.name.node.as_str());
        if self.path_node.is_some_and(|node| node.parent.is_none()) && field != UNTOLD {
            caller.note_operation(told_as(field));
        }
        caller
    }
}
