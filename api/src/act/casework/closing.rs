//! Closing cases: what keeps one open is told one by one, and what a case leaves behind is ended with it.
use super::{
    case::{self as cases, CloseCase},
    worker,
};
use crate::{
    caller::Caller,
    error::Result,
    store::{Addressee, Work},
};
use domain::{
    access::NoticeKind,
    casework::{
        case::{CaseMove, Closing, closes_dependants},
        referral::{ReferralMove, ReferralState},
    },
    catalogue::session::day,
    id::Kinded,
    rejection::{Code, Rejections},
};
use entity::casework::{case, referral};

/// Closes a case: with a reason that its stage allows, and an entry. For some reasons what is still open is closed with it; for the others
/// each open thing is told, and nothing is done.
///
/// # Errors
/// A reason that does not fit, what is still open, a move that the state does not allow, a stale version, or a caller without the right.
pub async fn close(caller: &Caller, input: CloseCase) -> Result<case::Model> {
    caller.signed_in()?;
    cases::check_words(Some(&input.note), "note", true)?;
    caller
        .write(async |work: &mut Work| {
            let (before, stage) = cases::fetch(work, input.id, input.expected, CaseMove::Close).await?;
            check(work, &before, &input).await?;
            let left = dependants(work, &before).await?;
            if closes_dependants(input.reason) {
                end(work, left).await?;
            } else {
                left.blockers().into_result()?;
            }
            let next = case::Model { stage, suspension: None, closed_at: Some(work.now()), closing_reason: Some(input.reason), ..before.clone() };
            let row = cases::keep_move(work, &before, next, CaseMove::Close, Some(&input.note)).await?;
            worker::leave(work, &row).await?;
            Ok(row)
        })
        .await
}

/// The reason fits the stage.
async fn check(_work: &Work, before: &case::Model, input: &CloseCase) -> Result<()> {
    let review_has_come = before.suspension.as_ref().is_some_and(|suspension| suspension.review_on <= day(_work.now()));
    let closing = Closing { stage: before.stage, review_has_come, assessed: false };
    let mut out = Rejections::default();
    if !closing.allows(input.reason) {
        out.add_with(Code::ClosingReason, &["reason"], domain::code::Coded::code(before.stage));
    }
    Ok(out.into_result()?)
}

/// What of a case is still open.
struct Dependants {
    referrals: Vec<referral::Model>,
}

impl Dependants {
    /// One refusal for each.
    fn blockers(&self) -> Rejections {
        let mut out = Rejections::default();
        for row in &self.referrals {
            out.add_with(Code::ReferralOpen, &["id"], row.id.to_public());
        }
        out
    }
}

/// What is still open. Referrals are the client's: another open case of the organisation may need them.
async fn dependants(work: &Work, row: &case::Model) -> Result<Dependants> {
    let others = work.open_cases(row.client_id, row.organization_id).await?.iter().any(|other| other.id != row.id);
    let referrals = if others { Vec::new() } else { work.open_referrals(row.client_id, row.organization_id).await? };
    Ok(Dependants { referrals })
}

/// Ends what is still open; those who wait for the client are told.
async fn end(work: &mut Work, left: Dependants) -> Result<()> {
    for row in left.referrals {
        let by = if row.state == ReferralState::Draft { ReferralMove::Cancel } else { ReferralMove::Withdraw };
        work.end_referral(&row, by).await?;
        work.end_relations(row.id.0).await?;
        if by == ReferralMove::Withdraw {
            work.notify(row.network_id, Addressee::Organization(row.recipient_id), NoticeKind::ReferralWithdrawn, Some(row.id), None);
        }
    }
    Ok(())
}
