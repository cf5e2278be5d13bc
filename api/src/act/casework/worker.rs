//! Who works on cases: own workers, those who take part, and handing over. Their care relations come and go with that.
use super::{case::still_open, deadline, event, substitution};
use crate::{
    act::person::relation,
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
};
use domain::{
    access::NoticeKind,
    actor::Role,
    casework::{
        case::{CaseEventKind, CaseStage, closes_dependants},
        follow_on_path::seen_to_until,
    },
    catalogue::session::day,
    id::{CaseId, OrganizationId},
    person::relation::RelationBasis,
    policy::{Action, leads_cases},
    rejection::{Code, Rejections},
    text,
};
use entity::casework::case;
use sea_orm::{ColumnTrait, Condition};
use std::collections::BTreeSet;

/// Somebody works with clients in the organisation, and is named in a form that can be one.
pub(super) async fn check_colleague(work: &Work, subject: &str, organization: OrganizationId, field: &str) -> Result<()> {
    let mut out = Rejections::default();
    text::check(subject, &[field], 300, &mut out);
    out.into_result()?;
    if work.takes_cases(subject, organization).await? { Ok(()) } else { Err(Error::reject(Code::NotColleague, &[field])) }
}

/// Who sees to the cases of an own worker now, by the stable key: that one and whoever stands in; those who lead the casework where there is none who works there.
pub(super) async fn on_duty(work: &Work, organization: OrganizationId, own_worker: Option<&str>) -> Result<BTreeSet<String>> {
    match own_worker {
        Some(own) if work.takes_cases(own, organization).await? => {
            let mut all = substitution::standing_in(work, organization, own).await?;
            all.insert(own.to_owned());
            Ok(all)
        }
        _ => work.holders_of(Role::Lead, organization).await,
    }
}

/// Whoever leads the organisation's casework.
pub(super) fn leads(work: &Work, organization: OrganizationId) -> bool {
    work.actor().acts_for(organization, leads_cases)
}

/// The case, for whoever governs who works on it: its own worker, or the lead.
async fn governed(work: &Work, id: CaseId, expected: i32) -> Result<case::Model> {
    let row = work.fetch_at::<case::Entity>(id, expected, Action::Update).await?;
    still_open(&row)?;
    let own = row.own_worker.is_some() && row.own_worker.as_deref() == work.actor().subject();
    if own || leads(work, row.organization_id) { Ok(row) } else { Err(Error::Forbidden) }
}

/// Gives a worker a relation to the client of a case, unless there is one on this ground.
async fn relate(work: &mut Work, row: &case::Model, subject: &str) -> Result<()> {
    if work.relation_on(row.id.0, row.client_id, subject).await?.is_none() {
        let client = work.client_behind(row.client_id).await?;
        relation::open_for(work, &client, row.organization_id, subject, RelationBasis::Case, Some(row.id.0), None).await?;
    }
    Ok(())
}

/// The own worker of a case is another from now on: the relations follow, those of whoever stands in too.
pub(super) async fn succeed(work: &mut Work, row: &case::Model, before: Option<&str>, now: &str) -> Result<()> {
    relate(work, row, now).await?;
    substitution::begin_for(work, row, now).await?;
    if let Some(before) = before.filter(|before| *before != now) {
        work.end_relation_of(row.id.0, row.client_id, before).await?;
        substitution::end_for(work, row, before).await?;
    }
    if Some(now) != work.actor().subject() && before != Some(now) {
        let to = Addressee::Worker(row.organization_id, now.to_owned());
        work.notify_of_case(row.network_id, to, NoticeKind::CaseHandedOver, row.id, None);
    }
    Ok(())
}

/// Nobody works on a case any more: every relation that rests on it ends, but the own worker's while a path is to be looked at.
pub(super) async fn leave(work: &mut Work, row: &case::Model) -> Result<()> {
    if let Some(own_worker) = &row.own_worker {
        substitution::end_for(work, row, own_worker).await?;
    }
    see_to_paths(work, row).await
}

/// Whether the client comes and stays where the paths of a closed case lead, its own worker sees until the time for that is over; without such a path nobody does.
pub(super) async fn see_to_paths(work: &mut Work, row: &case::Model) -> Result<()> {
    let followed = row.closing_reason.is_some_and(|reason| !closes_dependants(reason));
    let (Some(own_worker), Some(closed_at), true) = (&row.own_worker, row.closed_at, followed) else { return work.end_relations(row.id.0).await };
    let open = work.open_paths(row.id).await?;
    match open.iter().map(|path| seen_to_until(path.arrived_on.unwrap_or_else(|| day(closed_at)))).max() {
        Some(until) => work.leave_relation(row.id.0, own_worker, until).await,
        None => work.end_relations(row.id.0).await,
    }
}

async fn hand(work: &mut Work, before: &case::Model, to: &str, words: Option<&str>) -> Result<case::Model> {
    let next = case::Model { own_worker: Some(to.to_owned()), ..before.clone() };
    let row = work.update::<case::Entity>(before, deadline::dated(next), Action::Update).await?;
    event::record(work, &row, CaseEventKind::HandOver, words).await?;
    succeed(work, &row, before.own_worker.as_deref(), to).await?;
    Ok(row)
}

/// Hands a case over to a colleague of the same organisation, who is its own worker from now on. By the own worker, or the lead.
///
/// # Errors
/// The one who has it already, one who does not work with clients here, a closed case, a stale version, or a caller without the right.
pub async fn hand_over(caller: &Caller, id: CaseId, expected: i32, to: &str, words: Option<&str>) -> Result<case::Model> {
    caller.signed_in()?;
    super::case::check_words(words, "words", false)?;
    caller
        .write(async |work: &mut Work| {
            let before = governed(work, id, expected).await?;
            check_colleague(work, to, before.organization_id, "to").await?;
            if before.own_worker.as_deref() == Some(to) {
                return Err(Error::reject(Code::DoesNotAgree, &["to"]));
            }
            hand(work, &before, to, words).await
        })
        .await
}

/// Hands all open cases of a worker in an organisation over to a colleague: one's own, or by the lead; how many.
///
/// # Errors
/// One who does not work with clients here, or a caller without the right.
pub async fn hand_over_all(caller: &Caller, organization: OrganizationId, from: Option<&str>, to: &str, words: Option<&str>) -> Result<i32> {
    let own = caller.signed_in()?.subject().unwrap_or_default().to_owned();
    let from = from.unwrap_or(&own);
    super::case::check_words(words, "words", false)?;
    caller
        .write(async |work: &mut Work| {
            if from != own && !leads(work, organization) {
                return Err(Error::Forbidden);
            }
            check_colleague(work, to, organization, "to").await?;
            if from == to {
                return Err(Error::reject(Code::DoesNotAgree, &["to"]));
            }
            let cases = open_cases_of(work, organization, from).await?;
            for before in &cases {
                hand(work, before, to, words).await?;
            }
            Ok(i32::try_from(cases.len()).unwrap_or(i32::MAX))
        })
        .await
}

/// The open cases of an own worker in an organisation that the actor may see.
pub(super) async fn open_cases_of(work: &Work, organization: OrganizationId, own_worker: &str) -> Result<Vec<case::Model>> {
    let theirs = Condition::all()
        .add(case::Column::OrganizationId.eq(organization))
        .add(case::Column::OwnWorker.eq(own_worker))
        .add(case::Column::Stage.ne(CaseStage::Closed));
    work.find::<case::Entity>(theirs).await
}

/// Lets a colleague take part in a case: the colleague has a care relation to the client for as long.
///
/// # Errors
/// One who takes part already, or does not work with clients here; a closed case, a stale version, or a caller without the right.
pub async fn add(caller: &Caller, id: CaseId, expected: i32, subject: &str) -> Result<case::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = governed(work, id, expected).await?;
            check_colleague(work, subject, before.organization_id, "worker").await?;
            if work.relation_on(id.0, before.client_id, subject).await?.is_some() {
                return Err(Error::reject(Code::NotUnique, &["worker"]));
            }
            let row = work.update::<case::Entity>(&before, before.clone(), Action::Update).await?;
            relate(work, &row, subject).await?;
            Ok(row)
        })
        .await
}

/// Ends a colleague's part in a case.
///
/// # Errors
/// The own worker, who hands over instead; one who takes no part; a stale version, or a caller without the right.
pub async fn end(caller: &Caller, id: CaseId, expected: i32, subject: &str) -> Result<case::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = governed(work, id, expected).await?;
            if before.own_worker.as_deref() == Some(subject) {
                return Err(Error::reject(Code::InUse, &["worker"]));
            }
            let row = work.update::<case::Entity>(&before, before.clone(), Action::Update).await?;
            if work.end_relation_of(id.0, before.client_id, subject).await? { Ok(row) } else { Err(Error::reject(Code::UnknownReference, &["worker"])) }
        })
        .await
}
