//! Client plans: drafted, shown to the client, who comments, agrees or dissents; in force one version at a time; reviewed, and ended.
use super::{author, check_reason, fetch_to_decide, of_case, open_case, settled, tell_client, tell_workers, whose_word, worker};
use crate::{
    act::{
        catalogue::published,
        timed::{Tally, told},
        under,
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Order, Window, Work},
    vault::{Place, Vault},
};
use domain::{
    access::NoticeKind,
    casework::{
        case::CaseStage,
        client_plan::{ClientPlanContent, PlanAgreement, PlanMove, PlanState, check_agreement, lacks, withdrawal_key},
    },
    catalogue::{publishing::PublishingState, session::day},
    id::{CaseId, ClientPlanId, ServiceId},
    machine::Machine,
    policy::Action,
    private::Private,
    rejection::{Code, Rejections},
    text,
};
use entity::{
    SealedText,
    access::notice,
    casework::{case, client_plan as table, goal},
    catalogue::{organization, service},
};
use sea_orm::{ColumnTrait, Condition};
use std::collections::BTreeSet;

const CONTENT: &str = "client_plan.content";
const WORDS: &str = "client_plan.words";
const COMMENT: &str = "client_plan.comment";
const REVIEW_NOTE: &str = "client_plan.review_note";

/// Opens what a plan says.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<ClientPlanContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Words about a plan that are sealed on their own.
#[derive(Clone, Copy, Debug)]
pub enum Said {
    /// The client's own about agreeing or not.
    Words,
    /// What the client has commented last.
    Comment,
    /// Why it was looked at again, or what came of that.
    ReviewNote,
}

/// Opens words about a plan.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open them.
pub fn said(vault: &Vault, row: &table::Model, what: Said) -> Result<Option<Private<String>>> {
    let (place, sealed) = match what {
        Said::Words => (WORDS, &row.words),
        Said::Comment => (COMMENT, &row.comment),
        Said::ReviewNote => (REVIEW_NOTE, &row.review_note),
    };
    sealed.as_ref().map(|sealed| vault.open(Place::new(place, row.id), sealed)).transpose()
}

fn seal(work: &Work, id: ClientPlanId, content: &ClientPlanContent) -> Result<SealedText> {
    work.vault().seal(Place::new(CONTENT, id), content)
}

fn seal_words(work: &Work, place: &'static str, id: ClientPlanId, words: Option<&str>) -> Result<Option<SealedText>> {
    words.map(|words| work.vault().seal(Place::new(place, id), &words)).transpose()
}

/// Drafts the next version of a case's plan: from the one in force, or empty. Goals that are not pursued any more stay behind.
///
/// # Errors
/// [`Code::Unfinished`] while another version is being made, [`Code::CaseClosed`], or a caller without the right.
pub async fn draft(caller: &Caller, key: Option<&str>, case: CaseId) -> Result<table::Model> {
    caller.signed_in()?;
    let id = ClientPlanId::new();
    caller
        .write_once::<table::Entity>(key, "draftClientPlan", &case, id, async |work: &mut Work| {
            let case = open_case(work, case).await?;
            let versions = of_case::<table::Entity>(work, case.id).await?;
            if versions.iter().any(|other| other.state.is_in_the_making()) {
                return Err(Error::reject(Code::Unfinished, &["case"]));
            }
            let base = versions.iter().find(|other| other.state.is_in_force());
            let mut drafted = match base {
                Some(base) => content(work.vault(), base)?.reveal().clone(),
                None => ClientPlanContent::default(),
            };
            let pursued: Vec<_> = of_case::<goal::Entity>(work, case.id).await?.into_iter().filter(|goal| goal.state.is_open()).map(|goal| goal.id).collect();
            drafted.goals.retain(|goal| pursued.contains(goal));
            let now = work.now();
            drafted.evaluation_dates.retain(|date| date.0 >= day(now));
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                number: versions.iter().map(|other| other.number).max().unwrap_or(0) + 1,
                state: PlanState::Draft,
                based_on_id: base.map(|base| base.id),
                author: author(work),
                content: seal(work, id, &drafted)?,
                shared_at: None,
                agreement: None,
                words: None,
                agreed_by_client: None,
                agreed_at: None,
                comment: None,
                in_force_at: None,
                evaluate_on: None,
                review_note: None,
                ended_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Everything that a plan names is there: goals of the same case, published services, organisations of the network.
async fn check_references(work: &Work, row: &table::Model, content: &ClientPlanContent) -> Result<()> {
    let goals: Vec<_> = of_case::<goal::Entity>(work, row.case_id).await?.into_iter().map(|goal| goal.id).collect();
    let mut out = Rejections::default();
    // One of another case and one that there is not are the same to whoever asks.
    for (i, _) in content.goals.iter().enumerate().filter(|(_, goal)| !goals.contains(goal)) {
        out.add(Code::OtherCase, &["content", "goals", &i.to_string()]);
    }
    out.into_result()?;
    for (i, action) in content.actions.iter().enumerate() {
        if let Some(service) = action.service {
            let i = i.to_string();
            let path = ["content", "actions", &i, "service"];
            if published::<service::Entity>(work, service, &path).await?.network_id != row.network_id {
                return Err(Error::reject(Code::OtherNetwork, &path));
            }
        }
    }
    for (i, partner) in content.partners.iter().enumerate() {
        if let Some(organization) = partner.organization {
            let i = i.to_string();
            let path = ["content", "partners", &i, "organization"];
            if work.refer::<organization::Entity>(organization, &path).await?.network_id != row.network_id {
                return Err(Error::reject(Code::OtherNetwork, &path));
            }
        }
    }
    Ok(())
}

/// Saves what a draft says.
///
/// # Errors
/// Faults of the content, one that is no draft, a stale version, or a caller without the right.
pub async fn save(caller: &Caller, id: ClientPlanId, expected: i32, content: ClientPlanContent) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            if before.state != PlanState::Draft {
                return Err(settled(before.state));
            }
            check_references(work, &before, &content).await?;
            let next = table::Model { content: seal(work, id, &content)?, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Shows a draft to the client. What the client has said of an earlier draft does not count for this one.
///
/// # Errors
/// A move that its state does not allow, a stale version, or a caller without the right.
pub async fn share(caller: &Caller, id: ClientPlanId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            let next = table::Model {
                state: before.state.step(PlanMove::Share)?,
                shared_at: before.shared_at.or(Some(work.now())),
                agreement: None,
                words: None,
                agreed_by_client: None,
                agreed_at: None,
                ..before.clone()
            };
            let row = work.update::<table::Entity>(&before, next, Action::Update).await?;
            tell_client(work, row.client_id, row.case_id, NoticeKind::PlanShared).await?;
            Ok(row)
        })
        .await
}

/// A row that the client moves too, for that action.
async fn fetch_shared(work: &Work, id: ClientPlanId, expected: i32) -> Result<(table::Model, Action, bool)> {
    let row = work.fetch::<table::Entity>(id, Action::Read).await?;
    let (action, as_client) = whose_word(work, row.client_id).await?;
    Ok((work.fetch_at::<table::Entity>(id, expected, action).await?, action, as_client))
}

/// The client comments on what is shown, or a worker writes down what the client said: it is a draft again.
///
/// # Errors
/// A comment that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn comment(caller: &Caller, id: ClientPlanId, expected: i32, words: &str) -> Result<table::Model> {
    caller.signed_in()?;
    let mut out = Rejections::default();
    text::check(words, &["comment"], 4_000, &mut out);
    out.into_result()?;
    caller
        .write(async |work: &mut Work| {
            let (before, action, as_client) = fetch_shared(work, id, expected).await?;
            let comment = seal_words(work, COMMENT, id, Some(words))?;
            let next = table::Model { state: before.state.step(PlanMove::Comment)?, comment, ..before.clone() };
            let row = work.update::<table::Entity>(&before, next, action).await?;
            if as_client {
                tell_workers(work, row.case_id, &row.author, NoticeKind::PlanCommented).await?;
            }
            Ok(row)
        })
        .await
}

/// The client agrees or dissents in own words, or a worker writes down what the client said.
///
/// # Errors
/// Dissent without words, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn agree(caller: &Caller, id: ClientPlanId, expected: i32, agreement: PlanAgreement, words: Option<&str>) -> Result<table::Model> {
    caller.signed_in()?;
    check_agreement(agreement, words).into_result()?;
    caller
        .write(async |work: &mut Work| {
            let (before, action, as_client) = fetch_shared(work, id, expected).await?;
            let next = table::Model {
                state: before.state.step(PlanMove::Agree)?,
                agreement: Some(agreement),
                words: seal_words(work, WORDS, id, words)?,
                agreed_by_client: Some(as_client),
                agreed_at: Some(work.now()),
                ..before.clone()
            };
            let row = work.update::<table::Entity>(&before, next, action).await?;
            if as_client {
                tell_workers(work, row.case_id, &row.author, NoticeKind::PlanAnswered).await?;
            }
            Ok(row)
        })
        .await
}

/// Puts a version in force; the one before is superseded.
///
/// # Errors
/// Each mandatory part that is missing, [`Code::AgreementMissing`], a service that is not published any more, a move that its state does not allow, a
/// stale version, or a caller without the right.
pub async fn put_in_force(caller: &Caller, id: ClientPlanId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            let state = before.state.step(PlanMove::PutInForce)?;
            let content = content(work.vault(), &before)?;
            lacks(content.reveal(), before.agreement).into_result()?;
            check_references(work, &before, content.reveal()).await?;
            let now = work.now();
            for older in of_case::<table::Entity>(work, before.case_id).await? {
                if let Ok(state) = older.state.step(PlanMove::Supersede) {
                    let next = table::Model { state, ended_at: Some(now), ..older.clone() };
                    work.update::<table::Entity>(&older, next, Action::Transition).await?;
                }
            }
            let evaluate_on = content.reveal().next_evaluation(day(now));
            let next = table::Model { state, in_force_at: Some(now), evaluate_on, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Looks at a plan again: a worker, or at the client's request.
///
/// # Errors
/// A note that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn review(caller: &Caller, id: ClientPlanId, expected: i32, note: &str) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(note, "note")?;
    caller
        .write(async |work: &mut Work| {
            let (before, action, _) = fetch_shared(work, id, expected).await?;
            let review_note = seal_words(work, REVIEW_NOTE, id, Some(note))?;
            let next = table::Model { state: before.state.step(PlanMove::Review)?, review_note, ..before.clone() };
            work.update::<table::Entity>(&before, next, action).await
        })
        .await
}

/// A plan that was looked at again stays as it is.
///
/// # Errors
/// A note that is missing, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn confirm(caller: &Caller, id: ClientPlanId, expected: i32, note: &str) -> Result<table::Model> {
    check_reason(note, "note")?;
    step(caller, id, expected, PlanMove::Confirm, Some(note)).await
}

/// Ends a plan of a case whose services are over: one that was put in force to go on after all. The plan by which services are given ends with them.
///
/// # Errors
/// [`Code::InUse`], a move that its state does not allow, a stale version, or a caller without the right.
pub async fn end(caller: &Caller, id: ClientPlanId, expected: i32) -> Result<table::Model> {
    step(caller, id, expected, PlanMove::End, None).await
}

/// Throws away what is not in force yet.
///
/// # Errors
/// As [`end`].
pub async fn discard(caller: &Caller, id: ClientPlanId, expected: i32) -> Result<table::Model> {
    step(caller, id, expected, PlanMove::Discard, None).await
}

async fn step(caller: &Caller, id: ClientPlanId, expected: i32, by: PlanMove, note: Option<&str>) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            let state = before.state.step(by)?;
            if by == PlanMove::End {
                work.hold::<case::Entity>(before.case_id).await?;
                if !matches!(work.case_behind(before.case_id).await?.stage, CaseStage::FollowOn | CaseStage::Closed) {
                    return Err(Error::reject(Code::InUse, &["id"]));
                }
            }
            let now = work.now();
            let (mut evaluate_on, mut review_note) = (before.evaluate_on, before.review_note.clone());
            if let Some(note) = note {
                review_note = seal_words(work, REVIEW_NOTE, id, Some(note))?;
            }
            if by == PlanMove::Confirm {
                // It has been evaluated today.
                let tomorrow = day(now).succ_opt().unwrap_or(day(now));
                evaluate_on = content(work.vault(), &before)?.reveal().next_evaluation(tomorrow);
            }
            let ended_at = if state.is_in_force() { None } else { Some(now) };
            let next = table::Model { state, evaluate_on, review_note, ended_at, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Looks again at the plans whose day of evaluation has come, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn review_due(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let come = Condition::all().add(table::Column::State.eq(PlanState::InForce)).add(table::Column::EvaluateOn.lte(today));
    let mut looked = Tally::default();
    for (id, version) in system.reader().find::<table::Entity>().filter(come).versions().await? {
        looked.note("plans", id, step(system, id.into(), version, PlanMove::Review, None).await.map(|_| 1));
    }
    Ok(looked)
}

/// How many plans are looked at together.
const BATCH: usize = 100;

/// Tells whoever sees to the cases of plans in force which services these name that were withdrawn since, each once, as the system itself; how many were told of.
///
/// # Errors
/// A fault of the database.
pub async fn tell_withdrawn(system: &Caller) -> Result<Tally> {
    let in_force = table::Column::State.is_in([PlanState::InForce, PlanState::UnderReview]);
    let mut window = Window { first: Some(BATCH), ..Window::default() };
    let mut tally = Tally::default();
    loop {
        let slice = system.reader().find::<table::Entity>().filter(in_force.clone()).page(&Order::by_id(false), &window).await?;
        let mut named = Vec::new();
        for row in &slice.rows {
            // One that does not open hides no other.
            match content(system.vault(), row) {
                Ok(content) => named.push((row, content.reveal().services(day(system.now())).collect::<BTreeSet<_>>())),
                Err(why) => tally.note("services of plans", row.id, Err(why)),
            }
        }
        let all: BTreeSet<_> = named.iter().flat_map(|(_, services)| services).copied().collect();
        let gone = Condition::all().add(service::Column::Id.is_in(all)).add(service::Column::Publishing.eq(PublishingState::Withdrawn));
        let gone: BTreeSet<_> = system.reader().find::<service::Entity>().filter(gone).all().await?.into_iter().map(|row| row.id).collect();
        for (row, services) in &named {
            for service in services.intersection(&gone) {
                tally.note("services of plans", row.id, tell_of_withdrawn(system, row, *service).await);
            }
        }
        let Some(last) = slice.rows.last().filter(|_| slice.has_next).map(|row| row.id) else { return Ok(tally) };
        window.after = Some((String::new(), last.0));
    }
}

async fn tell_of_withdrawn(system: &Caller, row: &table::Model, service: ServiceId) -> Result<usize> {
    let key = withdrawal_key(row.id, service);
    if told(system, notice::Column::CaseId.eq(row.case_id), &key).await? {
        return Ok(0);
    }
    system
        .write(async |work: &mut Work| {
            let case = work.case_behind(row.case_id).await?;
            for worker in worker::on_duty(work, case.organization_id, case.own_worker.as_deref()).await? {
                let (to, once) = (Addressee::Worker(case.organization_id, worker.clone()), Some(format!("{key}{worker}")));
                work.notify_of_case(case.network_id, to, NoticeKind::PlanServiceWithdrawn, case.id, once);
            }
            Ok(1)
        })
        .await
}
