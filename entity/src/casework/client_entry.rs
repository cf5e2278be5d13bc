//! Entries of clients' records (asiakaskertomusmerkinnät). The client does not see what is hidden on a ground.
use super::referral;
use crate::SealedText;
use crate::person::{consent, disclosure_prohibition, person};
use domain::{
    casework::{
        client_entry::EntryVisibility,
        referral::{ReferralOutcome, ReferralState},
    },
    id::ClientEntryId,
    policy::{Action, Worker},
};
use sea_orm::{
    Condition, ExprTrait, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, Query},
};

super::case_table! {
    /// An entry.
    "client_entry", ClientEntry, ClientEntryId, {
        /// The day that it is about.
        happened_on: Date,
        /// Who wrote it, by the stable key.
        author: String,
        /// Who reads it.
        visibility: EntryVisibility,
        /// The client may know that something is hidden.
        client_is_told: bool,
        /// What is entered, and the ground on which it is hidden, sealed.
        content: SealedText,
        /// The entry that it corrects.
        corrects_id: Option<ClientEntryId>,
    }
    sealed: [content],
    addressed: shared_with,
    shown: || Condition::all().add(Column::Visibility.ne(EntryVisibility::ClientHidden)),
}

/// The shared entries that a worker's organisations may read without a relation: of a client whose accepted referral from the same register is theirs
/// and goes on, by a consent in force that covers the entries. Nothing of one under non-disclosure, since words may tell where somebody is; and not
/// what the client keeps back by a prohibition.
fn shared_with(to: &Worker, action: Action) -> Condition {
    if action != Action::Read {
        return crate::nothing();
    }
    let consented = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::opens_entries_to(to));
    let of = |ours: referral::Column, theirs: Column| Expr::col((referral::Entity, ours)).equals((Entity, theirs));
    let going_on = Condition::any().add(referral::Column::Outcome.is_null()).add(referral::Column::Outcome.eq(ReferralOutcome::Arrived));
    let accepted = Query::select()
        .expr(Expr::val(1))
        .from(referral::Entity)
        .and_where(of(referral::Column::ClientId, Column::ClientId))
        .and_where(of(referral::Column::OrganizationId, Column::OrganizationId))
        .and_where(referral::Column::State.eq(ReferralState::Accepted))
        .and_where(referral::Column::RecipientId.is_in(to.organizations.iter().copied()))
        .and_where(referral::Column::ConsentId.in_subquery(consented.into_query()))
        .cond_where(going_on)
        .take();
    let protected = person::Entity::find().select_only().column(person::Column::ClientId).filter(person::Column::Protected.eq(true));
    Condition::all()
        .add(Column::Visibility.eq(EntryVisibility::Shared))
        .add(Expr::exists(accepted))
        .add(Column::ClientId.not_in_subquery(protected.into_query()))
        .add(Condition::all().not().add(disclosure_prohibition::document(Column::Id)))
}
