//! Rulebooks (sääntökirjat), a row for each version. Its network reads what has been published.
use crate::catalogue::organization;
use domain::{
    funding::rulebook::{RulebookContent, RulebookState},
    id::RulebookId,
    policy::{Action, Worker},
};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*};

crate::declare::organization_table! {
    /// A version of a rulebook.
    "rulebook", Rulebook, RulebookId, {
        /// Its first version.
        series_id: RulebookId,
        /// Which version it is: 1 is the first.
        edition: i32,
        /// Where it is.
        state: RulebookState,
        /// What it says.
        #[sea_orm(column_type = "JsonBinary")]
        content: RulebookContent,
        /// When it was published.
        published_at: Option<DateTimeUtc>,
        /// Who published it, by the stable key.
        published_by: Option<String>,
        /// Why it was taken out of use.
        reason: Option<String>,
    }
    addressed: addressed_to,
}

/// What has been published in the networks of a worker's organisations.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    let own = organization::Column::Id.is_in(to.organizations.iter().copied());
    let networks = organization::Entity::find().select_only().column(organization::Column::NetworkId).filter(own);
    Condition::all().add(Column::NetworkId.in_subquery(networks.into_query())).add(Column::PublishedAt.is_not_null())
}

impl Model {
    /// It is in use and holds on a day.
    #[must_use]
    pub fn is_in_force(&self, day: Date) -> bool {
        self.state == RulebookState::Published && self.content.holds_on(day)
    }
}
