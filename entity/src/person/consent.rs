//! Consents (suostumukset). None is ever deleted.
use crate::casework::referral;
use domain::{
    casework::referral::ReferralState,
    catalogue::session::{day, end_of},
    code::Coded,
    id::{ClientId, ConsentId, OrganizationId, ReferralId},
    person::consent::{ConsentMethod, ConsentPurpose, ConsentState, DataItem, DataItems},
    policy::Action,
};
use sea_orm::{
    Condition, ExprTrait, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, SimpleExpr},
};

super::client_table! {
    /// A consent. The client is none where the person who gave it is not a client of the network yet.
    "consent", Consent, ConsentId, client: client_id / ClientId: Option<ClientId>, {
        /// What for.
        purpose: ConsentPurpose,
        /// To whom data is disclosed.
        recipient_id: OrganizationId,
        /// What data.
        #[sea_orm(column_type = "JsonBinary")]
        scope: DataItems,
        /// The referral that it binds.
        referral_id: Option<ReferralId>,
        /// How it was given.
        method: ConsentMethod,
        /// The version of the text that was shown.
        text_version: String,
        /// When it was given.
        given_at: DateTimeUtc,
        /// When it ends.
        expires_at: DateTimeUtc,
        /// What has become of it.
        state: ConsentState,
        /// When it was withdrawn, expired or was superseded.
        ended_at: Option<DateTimeUtc>,
        /// Who recorded it, by the stable key.
        recorded_by: String,
        /// Who withdrew it, by the stable key.
        withdrawn_by: Option<String>,
    }
    // The recipient may know of what it may read, the recorder of what was recorded.
    addressed: |to, action| {
        let in_force = in_force(to.at);
        // A client may tell the recipient too that a consent is withdrawn; whoever has written that down may see that it is written.
        let withdrawn = Condition::all().add(Column::WithdrawnBy.eq(&to.subject));
        let state = if action == Action::Transition { Condition::any().add(in_force).add(withdrawn) } else { in_force };
        // A recipient never writes down what it may be told itself.
        if action == Action::Create {
            return Condition::all().add(recorded_by(to));
        }
        let recipient = Condition::all().add(Column::RecipientId.is_in(to.organizations.iter().copied())).add(state).add(told_to_recipient());
        Condition::any().add(recipient).add(recorded_by(to))
    },
}

impl Model {
    /// It is in force at a moment, which is now.
    #[must_use]
    pub fn is_in_force(&self, now: DateTimeUtc) -> bool {
        self.state == ConsentState::Given && self.expires_at > now
    }

    /// It was given by a day that has come, and had not ended before the day was over: of one that ended on that day, it is not known what came first.
    #[must_use]
    pub fn was_in_force_on(&self, on: Date, now: DateTimeUtc) -> bool {
        let ended_at = self.ended_at.map_or(self.expires_at, |ended| Ord::min(ended, self.expires_at));
        day(self.given_at) <= on && (self.is_in_force(now) || ended_at >= end_of(on))
    }
}

/// Consents by which a worker's organisations read the shared entries of a client's record now.
pub(crate) fn opens_entries_to(to: &domain::policy::Worker) -> Condition {
    in_force_for(to).add(told_to_recipient()).add(covers(DataItem::Entries))
}

/// Consents that cover an item of data.
pub(crate) fn covers(item: DataItem) -> SimpleExpr {
    // The scope is kept as JSON: a list of codes, each in quotation marks.
    Expr::col((Entity, Column::Scope)).cast_as("text").like(format!("%\"{}\"%", item.code()))
}

/// Consents that are in force at a moment.
pub fn in_force(at: DateTimeUtc) -> Condition {
    Condition::all().add(Column::State.eq(ConsentState::Given)).add(Column::ExpiresAt.gt(at))
}

/// Consents by which a worker's organisations are told something now.
pub(crate) fn in_force_for(to: &domain::policy::Worker) -> Condition {
    in_force(to.at).add(Column::RecipientId.is_in(to.organizations.iter().copied()))
}

/// What is only being written is told to nobody else: of a consent that binds a referral, the recipient hears with the referral.
fn told_to_recipient() -> Condition {
    let unsent = referral::Entity::find()
        .select_only()
        .column(referral::Column::Id)
        .filter(referral::Column::State.is_in([ReferralState::Draft, ReferralState::Cancelled]));
    Condition::any().add(Column::ReferralId.is_null()).add(Column::ReferralId.not_in_subquery(unsent.into_query()))
}

fn recorded_by(worker: &domain::policy::Worker) -> Condition {
    Condition::all().add(Column::RecordedBy.eq(&worker.subject)).add(Column::OrganizationId.is_in(worker.organizations.iter().copied()))
}
