//! Entries of clients' records (asiakaskertomusmerkinnät). The client does not see what is hidden on a ground.
use super::referral;
use crate::catalogue::{publication, service};
use crate::person::{consent, disclosure_prohibition, person};
use crate::{Kept, SealedText};
use domain::{
    casework::{
        client_entry::EntryVisibility,
        referral::{ReferralOutcome, ReferralState},
    },
    catalogue::service::ProvisionMode,
    code::Coded,
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
        /// The entry that it corrects: the first, however often that was corrected before.
        corrects_id: Option<ClientEntryId>,
    }
    sealed: [content],
    addressed: shared_with,
    only: |reach| {
        // Words tell anything. Those of others are for whom the relation opens special categories too: not for who only handles a referral.
        let writer = [reach.addressed.as_ref(), reach.related.as_ref(), reach.entrusted.as_ref()].into_iter().flatten().next().map(|worker| &worker.subject);
        let own = writer.or(reach.subject.as_ref()).map(|subject| Column::Author.eq(subject));
        let shared = reach.addressed.as_ref().map(|worker| shared_with(worker, Action::Read));
        // At another controller it is the client's permission that opens them.
        let elsewhere = reach.related.as_ref().map(|worker| Column::OrganizationId.is_not_in(worker.organizations.iter().copied()));
        Condition::any().add(crate::special_categories(Column::ClientId, reach)).add_option(own).add_option(shared).add_option(elsewhere)
    },
    shown: || Condition::all().add(Column::Visibility.ne(EntryVisibility::ClientHidden)),
    corrects: CorrectsId,
}

/// The shared entries that a worker's organisations may read without a relation: of a client whose accepted referral from the same register is theirs
/// and goes on, by a consent in force that covers the entries. Nothing of one under non-disclosure, since words may tell where somebody is; and not
/// what the client keeps back by a prohibition: a document, or everything by one that is newer than the consent. That is asked here, where it is read,
/// because consents, cases and prohibitions come in any order; it does not stand between those who keep the entries and their own producers.
fn shared_with(to: &Worker, action: Action) -> Condition {
    if action != Action::Read {
        return crate::nothing();
    }
    let consented = consent::Entity::find().select_only().column(consent::Column::Id).filter(consent::opens_entries_to(to));
    let of = |ours: referral::Column, theirs: Column| Expr::col((referral::Entity, ours)).equals((Entity, theirs));
    let prohibited = Expr::exists(disclosure_prohibition::newer_than_consent((Entity, Column::ClientId)));
    let willed = Condition::any()
        .add(referral::Column::ConsentId.in_subquery(consented.clone().filter(prohibited.not()).into_query()))
        .add(of(referral::Column::RecipientId, Column::OrganizationId))
        .add(to_own_producer(to));
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
        .cond_where(willed)
        .take();
    Condition::all()
        .add(Column::Visibility.eq(EntryVisibility::Shared))
        .add(Expr::exists(accepted))
        .add(Column::ClientId.not_in_subquery(person::protected().into_query()))
        .add(is_kept_back().not())
}

/// The entries of a client's record that are hidden from the client who may know that they are.
#[must_use]
pub fn hidden_from_who_is_told() -> Condition {
    Condition::all().add(Column::Visibility.eq(EntryVisibility::ClientHidden)).add(Column::ClientIsTold.eq(true))
}

/// The entry is kept back by its client as a document, or it corrects one that is.
#[must_use]
pub fn is_kept_back() -> Condition {
    crate::guarded::kept_back::<Entity>()
}

/// A referral is to a service that those who keep the entry purchase from the recipient, or give by voucher at it: then it processes them on their behalf.
fn to_own_producer(to: &Worker) -> Condition {
    // The copy is kept as JSON: codes and ids stand in quotation marks.
    let says = |word: &str| Expr::col((publication::Entity, publication::Column::Row)).cast_as("text").like(format!("%\"{word}\"%"));
    let of = |ours: publication::Column, theirs: referral::Column| Expr::col((publication::Entity, ours)).equals((referral::Entity, theirs));
    let on_behalf = Condition::any().add(says(&ProvisionMode::Purchased.code())).add(says(&ProvisionMode::Voucher.code()));
    let mut by = Condition::any().add(Expr::value(false));
    for producer in &to.organizations {
        by = by.add(Condition::all().add(referral::Column::RecipientId.eq(*producer)).add(says(&producer.0.to_string())));
    }
    let service = Query::select()
        .expr(Expr::val(1))
        .from(publication::Entity)
        .and_where(Expr::col((publication::Entity, publication::Column::Kind)).eq(<service::Entity as Kept>::KIND))
        .and_where(of(publication::Column::Id, referral::Column::ServiceId))
        .and_where(of(publication::Column::OrganizationId, referral::Column::OrganizationId))
        .cond_where(on_behalf)
        .cond_where(by)
        .take();
    Condition::all().add(Expr::exists(service))
}
