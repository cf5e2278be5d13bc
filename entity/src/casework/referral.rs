//! Referrals (ohjaukset). A recipient sees what is sent to it, for as long as the consent behind it is in force.
use crate::{SealedText, person::consent};
use domain::{
    casework::referral::{DeclineReason, ReferralContent, ReferralOutcome, ReferralState},
    id::{ClientId, ConsentId, OrganizationId, ReferralId, ServiceId},
    person::consent::{ConsentState, DataItem},
    policy::{Action, Worker},
};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*};

crate::person::client_table! {
    /// A referral. The organisation that keeps it is the sender's; the client is none while the person is not linked to one.
    "referral", Referral, ReferralId, client: client_id / ClientId: Option<ClientId>, {
        /// To whom.
        recipient_id: OrganizationId,
        /// To which service, where one is meant.
        service_id: Option<ServiceId>,
        /// What is said of it.
        #[sea_orm(column_type = "JsonBinary")]
        content: ReferralContent,
        /// What of the person goes along, sealed: exactly what the recipient is told.
        introduction: Option<SealedText>,
        /// The person is known by an alias only, and no consent is needed.
        anonymous: bool,
        /// Where it is on its way.
        state: ReferralState,
        /// Who wrote it, by the stable key.
        created_by: String,
        /// The consent that binds it.
        consent_id: Option<ConsentId>,
        /// When it was sent.
        sent_at: Option<DateTimeUtc>,
        /// By when it is to be acknowledged.
        due_at: Option<DateTimeUtc>,
        /// When it expires unless it is acknowledged.
        expires_at: Option<DateTimeUtc>,
        /// Who handles it at the recipient, by the stable key.
        handler: Option<String>,
        /// What the recipient asks or answers, sealed.
        message: Option<SealedText>,
        /// Why the recipient did not take the client on.
        decline_reason: Option<DeclineReason>,
        /// When the recipient answered.
        answered_at: Option<DateTimeUtc>,
        /// What became of it.
        outcome: Option<ReferralOutcome>,
        /// When that became of it.
        outcome_at: Option<DateTimeUtc>,
        /// The referral that was passed on as this one.
        previous_id: Option<ReferralId>,
    }
    sealed: [introduction, message],
    received: received_by,
    addressed: addressed_to,
    only: |reach| {
        // A draft is its writer's alone.
        let writer = [reach.addressed.as_ref(), reach.related.as_ref(), reach.entrusted.as_ref()].into_iter().flatten().next().map(|worker| &worker.subject);
        let own = writer.or(reach.subject.as_ref()).map(|subject| Column::CreatedBy.eq(subject));
        Condition::any().add(Column::State.ne(ReferralState::Draft)).add_option(own)
    },
}

impl Model {
    /// Somebody handles it at the recipient, or has taken the client on there, who is there still.
    #[must_use]
    pub fn is_handled_by(&self, subject: Option<&str>) -> bool {
        self.is_in_hand() && self.goes_on() && self.handler.is_some() && self.handler.as_deref() == subject
    }

    /// The recipient has acknowledged it: somebody there has taken it up.
    #[must_use]
    pub const fn is_in_hand(&self) -> bool {
        matches!(self.state, ReferralState::Received | ReferralState::InfoRequested | ReferralState::Accepted)
    }

    /// The client has come to the recipient, or is still expected there.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        matches!(self.outcome, None | Some(ReferralOutcome::Arrived))
    }
}

/// What a worker's organisations have taken somebody on with, whatever has become of the consent behind it: of that, how it went is told to the sender
/// and nothing is read.
#[must_use]
pub fn taken_on_by(worker: &Worker) -> Condition {
    Condition::all().add(Column::RecipientId.is_in(worker.organizations.iter().copied())).add(Column::State.eq(ReferralState::Accepted))
}

/// What a worker's organisations have accepted is a part of their own records, unless its consent was withdrawn; and what was passed on of what they have
/// sent, they follow.
fn received_by(by: &Worker) -> Condition {
    let withdrawn = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::Column::State.eq(ConsentState::Withdrawn));
    let kept = Condition::any().add(Column::ConsentId.is_null()).add(Column::ConsentId.not_in_subquery(withdrawn.into_query()));
    let accepted = taken_on_by(by).add(kept);
    let own = Entity::find().select_only().column(Column::Id).filter(Column::OrganizationId.is_in(by.organizations.iter().copied()));
    Condition::any().add(accepted).add(Column::PreviousId.in_subquery(own.into_query()))
}

/// What is passed on tells what was told to whoever passes it on: it is theirs to read for as long as the ground of that holds.
fn passed_on_with_ground(to: &Worker) -> Condition {
    let consented = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::in_force(to.at));
    let ground = Condition::any().add(Column::ConsentId.is_null()).add(Column::ConsentId.in_subquery(consented.into_query()));
    let told = Entity::find().select_only().column(Column::Id).filter(ground);
    Condition::any().add(Column::PreviousId.is_null()).add(Column::PreviousId.in_subquery(told.into_query()))
}

/// What a worker's organisations have been sent and may still read, and what the worker has written.
fn addressed_to(to: &Worker, action: Action) -> Condition {
    // Who has written one follows it to its end, and for a while after: having written it once is no ground for ever. With a consent to be told how far the
    // client has come, for as long as that is in force.
    let told = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::in_force(to.at)).filter(consent::covers(DataItem::Progress));
    let followed = Condition::any()
        .add(Column::State.is_in([ReferralState::Draft, ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested]))
        .add(Column::UpdatedAt.gt(to.followed_since()))
        .add(Condition::all().add(Column::State.eq(ReferralState::Accepted)).add(Column::ConsentId.in_subquery(told.into_query())));
    let own = Condition::all()
        .add(Column::CreatedBy.eq(&to.subject))
        .add(Column::OrganizationId.is_in(to.organizations.iter().copied()))
        .add(followed)
        .add(passed_on_with_ground(to));
    let consented = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::in_force_for(to));
    // Without a consent only what an authority sends on a law, or what tells of nobody by name, is read.
    let open = Condition::any().add(Column::ConsentId.is_null()).add(Column::ConsentId.in_subquery(consented.into_query()));
    // From sent to accepted (domain invariant): what was declined or passed on is not read again, only written down.
    let mut states = vec![ReferralState::Sent, ReferralState::Received, ReferralState::InfoRequested, ReferralState::Accepted];
    if action == Action::Transition {
        states.extend([ReferralState::Declined, ReferralState::Redirected]);
    }
    let sent = Condition::all().add(Column::RecipientId.is_in(to.organizations.iter().copied())).add(Column::State.is_in(states)).add(open);
    Condition::any().add(own).add(sent)
}
