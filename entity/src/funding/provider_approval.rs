//! Approvals of providers (palveluntuottajaksi hyväksymiset), and the applications for them. Those who approve see one from the day on which it was submitted.
use domain::{
    funding::provider_approval::{ApprovalState, Listing, PendingPrice, ProviderApprovalContent},
    id::{OrganizationId, ProviderApprovalId, RulebookId},
    policy::{Action, Worker},
};
use sea_orm::{Condition, entity::prelude::*};

crate::declare::organization_table! {
    /// An approval of a provider, or the application for it.
    "provider_approval", ProviderApproval, ProviderApprovalId, {
        /// Who approves.
        authority_id: OrganizationId,
        /// The version of the rulebook that the provider commits to.
        rulebook_id: RulebookId,
        /// Where it is.
        state: ApprovalState,
        /// What the provider says.
        #[sea_orm(column_type = "JsonBinary")]
        content: ProviderApprovalContent,
        /// What was approved, as everybody is told it while it is in force; none before.
        #[sea_orm(column_type = "JsonBinary", nullable)]
        listing: Option<Listing>,
        /// Another price that waits to be looked at.
        #[sea_orm(column_type = "JsonBinary", nullable)]
        pending: Option<PendingPrice>,
        /// When it was first submitted: it is with those who approve from then on.
        submitted_at: Option<DateTimeUtc>,
        /// Who signed it for the provider last, by the stable key.
        submitted_by: Option<String>,
        /// When it was approved or rejected.
        decided_at: Option<DateTimeUtc>,
        /// Who decided, by the stable key.
        decided_by: Option<String>,
        /// What was said with the last move that has words.
        reason: Option<String>,
    }
    addressed: addressed_to,
}

/// What was put before a worker's organisations.
fn addressed_to(to: &Worker, _action: Action) -> Condition {
    Condition::all().add(Column::AuthorityId.is_in(to.organizations.iter().copied())).add(Column::SubmittedAt.is_not_null())
}

impl Model {
    /// What everybody is told of it, while it is in force: neither what was said between the two sides, nor who said it, nor a price that waits.
    #[must_use]
    pub fn shown(&self) -> Option<Self> {
        let listing = self.listing.clone().filter(|_| self.state.is_in_force())?;
        let content = ProviderApprovalContent { services: Vec::new(), sites: Vec::new(), statement: None };
        let state = ApprovalState::Approved;
        Some(Self {
            state,
            content,
            listing: Some(listing),
            pending: None,
            submitted_at: None,
            submitted_by: None,
            decided_by: None,
            reason: None,
            ..self.clone()
        })
    }
}
