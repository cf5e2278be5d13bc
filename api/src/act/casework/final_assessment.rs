//! Final assessments: written with the client, shown, answered by the client, approved.
use super::{author, check_reason, fetch_to_decide, of_case, open_case, settled, tell_client, tell_workers, whose_word};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::{Place, Vault},
};
use domain::{
    access::NoticeKind,
    casework::final_assessment::{BenefitTheme, BenefitThemes, FinalAssessmentContent, FinalAssessmentMove, FinalAssessmentState},
    id::{CaseId, FinalAssessmentId},
    machine::Machine,
    policy::Action,
    private::Private,
    rejection::{Code, Rejections},
    text,
};
use entity::{
    SealedText,
    casework::{final_assessment as table, goal},
};
use std::collections::BTreeSet;

const CONTENT: &str = "final_assessment.content";
const WORDS: &str = "final_assessment.words";
const UNHEARD_REASON: &str = "final_assessment.unheard_reason";

/// Opens what a final assessment says.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<FinalAssessmentContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// Opens the client's own words.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open them.
pub fn words(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.words.as_ref().map(|sealed| vault.open(Place::new(WORDS, row.id), sealed)).transpose()
}

/// Opens why it was approved without the client's word.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn unheard_reason(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    row.unheard_reason.as_ref().map(|sealed| vault.open(Place::new(UNHEARD_REASON, row.id), sealed)).transpose()
}

fn seal(work: &Work, id: FinalAssessmentId, content: &FinalAssessmentContent) -> Result<SealedText> {
    work.vault().seal(Place::new(CONTENT, id), content)
}

/// Begins the final assessment of a case.
///
/// # Errors
/// [`Code::Unfinished`] while another is being made, [`Code::CaseClosed`], or a caller without the right.
pub async fn draft(caller: &Caller, key: Option<&str>, case: CaseId) -> Result<table::Model> {
    caller.signed_in()?;
    let id = FinalAssessmentId::new();
    caller
        .write_once::<table::Entity>(key, "draftFinalAssessment", &case, id, async |work: &mut Work| {
            let case = open_case(work, case).await?;
            if of_case::<table::Entity>(work, case.id).await?.iter().any(|other| other.state.is_in_the_making()) {
                return Err(Error::reject(Code::Unfinished, &["case"]));
            }
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                state: FinalAssessmentState::Draft,
                author: author(work),
                content: seal(work, id, &FinalAssessmentContent::default())?,
                benefit_themes: BenefitThemes::default(),
                shared_at: None,
                approved_by_client: None,
                words: None,
                answered_at: None,
                unheard_reason: None,
                approved_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<table::Entity>(row).await
        })
        .await
}

/// Saves what a draft says, and the themes of what the client has got from it.
///
/// # Errors
/// Faults of the content, a goal of another case, one that is no draft, a stale version, or a caller without the right.
pub async fn save(
    caller: &Caller,
    id: FinalAssessmentId,
    expected: i32,
    content: FinalAssessmentContent,
    themes: BTreeSet<BenefitTheme>,
) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &content.check())?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            if before.state != FinalAssessmentState::Draft {
                return Err(settled(before.state));
            }
            let goals: Vec<_> = of_case::<goal::Entity>(work, before.case_id).await?.into_iter().map(|goal| goal.id).collect();
            let mut out = Rejections::default();
            for (i, _) in content.goal_results.iter().enumerate().filter(|(_, result)| !goals.contains(&result.goal)) {
                out.add(Code::OtherCase, &["content", "goalResults", &i.to_string(), "goal"]);
            }
            out.into_result()?;
            let next = table::Model { content: seal(work, id, &content)?, benefit_themes: BenefitThemes(themes.clone()), ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Shows a draft to the client, or takes it back to be written on. What the client has said of an earlier draft does not count for the next.
///
/// # Errors
/// A move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a caller without the right.
pub async fn step(caller: &Caller, id: FinalAssessmentId, expected: i32, by: FinalAssessmentMove) -> Result<table::Model> {
    caller.signed_in()?;
    // Throwing away is deciding; showing and writing are not.
    let action = if by == FinalAssessmentMove::Discard { Action::Transition } else { Action::Update };
    caller
        .write(async |work: &mut Work| {
            let before = match action {
                Action::Transition => fetch_to_decide::<table::Entity>(work, id, expected).await?,
                _ => work.fetch_at::<table::Entity>(id, expected, action).await?,
            };
            let mut next = table::Model { state: before.state.step(by)?, ..before.clone() };
            if by == FinalAssessmentMove::Share {
                next.shared_at = before.shared_at.or(Some(work.now()));
                (next.approved_by_client, next.words, next.answered_at) = (None, None, None);
            }
            let row = work.update::<table::Entity>(&before, next, action).await?;
            if by == FinalAssessmentMove::Share {
                tell_client(work, row.client_id, row.case_id, NoticeKind::FinalAssessmentShared).await?;
            }
            Ok(row)
        })
        .await
}

/// The client says whether it is right, or a worker writes down what the client said.
///
/// # Errors
/// Dissent without words, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn answer(caller: &Caller, id: FinalAssessmentId, expected: i32, approved: bool, words: Option<&str>) -> Result<table::Model> {
    caller.signed_in()?;
    let mut out = Rejections::default();
    text::check_some(words, &["words"], 4_000, &mut out);
    if !approved && words.is_none() {
        out.add(Code::Required, &["words"]);
    }
    out.into_result()?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<table::Entity>(id, Action::Read).await?;
            let (action, as_client) = whose_word(work, seen.client_id).await?;
            let before = work.fetch_at::<table::Entity>(id, expected, action).await?;
            let next = table::Model {
                state: before.state.step(FinalAssessmentMove::Answer)?,
                approved_by_client: Some(approved),
                words: words.map(|words| work.vault().seal(Place::new(WORDS, id), &words)).transpose()?,
                answered_at: Some(work.now()),
                ..before.clone()
            };
            let row = work.update::<table::Entity>(&before, next, action).await?;
            if as_client {
                tell_workers(work, row.case_id, &row.author, NoticeKind::FinalAssessmentAnswered).await?;
            }
            Ok(row)
        })
        .await
}

/// Approves a final assessment: the client has answered, or there is a reason why the client could not be heard.
///
/// # Errors
/// Each mandatory part that is missing, [`Code::AgreementMissing`], a move that its state does not allow, [`Code::WorkerOnly`], a stale version, or a
/// caller without the right.
pub async fn approve(caller: &Caller, id: FinalAssessmentId, expected: i32, unheard: Option<&str>) -> Result<table::Model> {
    caller.signed_in()?;
    if let Some(reason) = unheard {
        check_reason(reason, "unheardReason")?;
    }
    caller
        .write(async |work: &mut Work| {
            let before = fetch_to_decide::<table::Entity>(work, id, expected).await?;
            let state = before.state.step(FinalAssessmentMove::Approve)?;
            under("content", &content(work.vault(), &before)?.reveal().missing())?;
            if before.approved_by_client.is_none() && unheard.is_none() {
                return Err(Error::reject(Code::AgreementMissing, &["unheardReason"]));
            }
            let unheard_reason = unheard.map(|reason| work.vault().seal(Place::new(UNHEARD_REASON, id), &reason)).transpose()?;
            let next = table::Model { state, unheard_reason, approved_at: Some(work.now()), ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}
