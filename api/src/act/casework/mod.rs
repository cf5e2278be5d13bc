//! Use cases of the client's way.
pub mod baseline;
pub mod case;
pub mod client_entry;
pub mod client_plan;
pub mod closing;
pub mod deadline;
pub mod event;
pub mod feedback;
pub mod final_assessment;
pub mod follow_on_path;
pub mod follow_up;
pub mod goal;
pub mod ground;
pub mod instrument_response;
pub mod needs_assessment;
pub mod network_meeting;
pub mod referral;
pub mod service_decision;
pub mod substitution;
pub mod worker;

use super::person::consent::is_client;
use crate::{
    error::{Error, Result},
    store::{Addressee, Work},
};
use domain::{
    access::NoticeKind,
    actor::Actor,
    casework::case::CaseStage,
    code::Coded,
    id::{CaseId, ClientId},
    machine::Machine,
    policy::{Action, Party, Resource, Scope, scope},
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{Kept, OfCase, casework::case as table};
use sea_orm::ColumnTrait;
use std::collections::BTreeSet;
use uuid::Uuid;

/// The case to which something is added: one that is not closed.
pub(crate) async fn open_case(work: &Work, id: CaseId) -> Result<table::Model> {
    work.hold::<table::Entity>(id).await?;
    let case = work.refer::<table::Entity>(id, &["case"]).await?;
    if case.stage == CaseStage::Closed { Err(Error::reject(Code::CaseClosed, &["case"])) } else { Ok(case) }
}

/// The case in which something is written, and what that corrects, which is of the same case: one that is closed takes corrections only.
async fn written_in<E: OfCase>(work: &Work, id: CaseId, corrects: Option<impl Into<Uuid>>) -> Result<(table::Model, Option<E::Model>)> {
    let Some(corrects) = corrects else { return Ok((open_case(work, id).await?, None)) };
    let case = work.refer::<table::Entity>(id, &["case"]).await?;
    let corrected = work.fetch::<E>(corrects, Action::Read).await?;
    if E::case_id(&corrected) == case.id { Ok((case, Some(corrected))) } else { Err(Error::reject(Code::OtherCase, &["corrects"])) }
}

/// The rows of a case that the actor may read.
async fn of_case<E: OfCase>(work: &Work, case: CaseId) -> Result<Vec<E::Model>> {
    work.find::<E>(E::case_column().eq(case)).await
}

/// Whoever acts is the client or acts for the client, and is nobody who works with clients.
async fn speaks_as_client(work: &Work, client: ClientId) -> Result<bool> {
    if is_client(work, Some(client)).await? {
        return Ok(true);
    }
    let works = |role| scope(Party::In(role), Action::Create, Resource::Goal) != Scope::Nothing;
    Ok(!matches!(work.actor(), Actor::System) && !work.actor().standings().iter().any(|s| works(s.role)))
}

/// A row for a move that decides: clients reach what is shown to them for their own word on it only.
pub(crate) async fn fetch_to_decide<E: Kept>(work: &Work, id: impl Into<Uuid>, expected: i32) -> Result<E::Model> {
    let row = work.fetch_at::<E>(id, expected, Action::Transition).await?;
    match E::client(&row) {
        Some(client) if speaks_as_client(work, client).await? => Err(Error::reject(Code::WorkerOnly, &["id"])),
        _ => Ok(row),
    }
}

/// By which action a row is moved that clients move too, and whether it is the client: workers need no right to decide for it.
pub(crate) async fn whose_word(work: &Work, client: ClientId) -> Result<(Action, bool)> {
    let as_client = speaks_as_client(work, client).await?;
    Ok((if as_client { Action::Transition } else { Action::Update }, as_client))
}

/// Who acts, by the stable key.
pub(crate) fn author(work: &Work) -> String {
    work.actor().subject().unwrap_or_default().to_owned()
}

/// Tells the client, and those who act for the client, what awaits their word in a case.
async fn tell_client(work: &mut Work, client: ClientId, case: CaseId, kind: NoticeKind) -> Result<()> {
    let network = work.client_behind(client).await?.network_id;
    for account in work.voices_of(client).await? {
        work.notify_of_case(network, Addressee::Client(account), kind, case, None);
    }
    Ok(())
}

/// The own worker of a case, and whoever else is named, by the stable key.
pub(crate) fn workers_of(case: &table::Model, also: Option<String>) -> BTreeSet<String> {
    case.own_worker.iter().cloned().chain(also).collect()
}

/// Tells whoever wrote it, and the own worker of the case, what the client has said.
async fn tell_workers(work: &mut Work, case: CaseId, author: &str, kind: NoticeKind) -> Result<()> {
    let case = work.case_behind(case).await?;
    for worker in workers_of(&case, Some(author.to_owned())) {
        work.notify_of_case(case.network_id, Addressee::Worker(case.organization_id, worker), kind, case.id, None);
    }
    Ok(())
}

/// A state in which the content is not written on any more.
fn settled(state: impl Machine + Coded) -> Error {
    Rejection::with(Code::IllegalTransition, &["id"], state.code()).into()
}

/// The longest reason in words, in characters.
pub(crate) const LONGEST_REASON: usize = 2_000;

/// A reason in words, which must be given.
pub(crate) fn check_reason(reason: &str, field: &str) -> Result<()> {
    let mut out = Rejections::default();
    text::check(reason, &[field], LONGEST_REASON, &mut out);
    Ok(out.into_result()?)
}
