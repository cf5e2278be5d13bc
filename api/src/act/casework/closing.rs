//! Closing cases: what keeps one open is told one by one, and what a case leaves behind is ended with it.
use super::{
    case::{self as cases, CloseCase},
    ground::{self, Unfinished},
    worker,
};
use crate::{
    act::{
        delivery::{participation::break_off, visit::cancel_planned},
        funding::{purchase_order as orders, voucher as vouchers},
    },
    caller::Caller,
    error::Result,
    store::{Addressee, Work},
};
use domain::{
    access::NoticeKind,
    casework::{
        case::{CaseClosingReason, CaseMove, CaseStage, Closing, closes_dependants},
        referral::{ReferralMove, ReferralState},
    },
    catalogue::session::day,
    delivery::participation::{ParticipationEnd, ParticipationSource},
    id::Kinded,
    rejection::{Code, Rejections},
};
use entity::{
    casework::{case, referral},
    delivery::{participation, visit},
    funding::{purchase_order, voucher},
};

/// Closes a case: with a reason that its stage allows, and an entry. For some reasons what is still open is closed with it; for the others
/// each open thing is told, and nothing is done. A plan that is in force ends with the case.
///
/// # Errors
/// A reason that does not fit, no path at the end of the way and no word why, what is still open, a move that the state does not allow, a stale
/// version, or a caller without the right.
pub async fn close(caller: &Caller, input: CloseCase) -> Result<case::Model> {
    caller.signed_in()?;
    cases::check_words(Some(&input.note), "note", true)?;
    cases::check_words(input.without_path.as_deref(), "withoutPath", false)?;
    caller
        .write(async |work: &mut Work| {
            work.hold_client_of(input.id).await?;
            let (before, stage) = cases::fetch(work, input.id, input.expected, CaseMove::Close).await?;
            check(work, &before, &input).await?;
            let left = Left::of(work, &before).await?;
            if closes_dependants(input.reason) {
                left.end(work, &before, input.reason).await?;
            } else {
                let mut out = left.blockers();
                let at_the_end = before.stage == CaseStage::FollowOn;
                if at_the_end && input.without_path.is_none() && !ground::has_path(work, &before).await? {
                    out.add(Code::PathMissing, &["withoutPath"]);
                }
                out.into_result()?;
            }
            ground::end_plan(work, &before).await?;
            let next = case::Model { stage, suspension: None, closed_at: Some(work.now()), closing_reason: Some(input.reason), ..before.clone() };
            let words = match &input.without_path {
                Some(why) => format!("{}\n\n{why}", input.note),
                None => input.note.clone(),
            };
            let row = cases::keep_move(work, &before, next, CaseMove::Close, Some(&words)).await?;
            worker::leave(work, &row).await?;
            Ok(row)
        })
        .await
}

/// The reason fits the stage.
async fn check(work: &Work, before: &case::Model, input: &CloseCase) -> Result<()> {
    let review_has_come = before.suspension.as_ref().is_some_and(|suspension| suspension.review_on <= day(work.now()));
    let closing = Closing { stage: before.stage, review_has_come, assessed: ground::assessed_or_declined(work, before).await? };
    let mut out = Rejections::default();
    if !closing.allows(input.reason) {
        out.add_with(Code::ClosingReason, &["reason"], domain::code::Coded::code(before.stage));
    }
    Ok(out.into_result()?)
}

/// What of a case is still open.
struct Left {
    referrals: Vec<referral::Model>,
    participations: Vec<participation::Model>,
    visits: Vec<visit::Model>,
    orders: Vec<purchase_order::Model>,
    vouchers: Vec<voucher::Model>,
    unfinished: Unfinished,
}

impl Left {
    /// What is still open. Referrals, participations and visits are the client's: another open case of the organisation may need them.
    async fn of(work: &Work, row: &case::Model) -> Result<Self> {
        let others = work.open_cases(row.client_id, row.organization_id).await?.iter().any(|other| other.id != row.id);
        let referrals = if others { Vec::new() } else { work.open_referrals(row.client_id, row.organization_id).await? };
        // What clients have registered themselves for is none of the case's.
        let mut participations = if others { Vec::new() } else { work.participations_of(row.client_id, row.organization_id).await? };
        participations.retain(|row| row.source != ParticipationSource::SelfRegistration);
        let visits = if others { Vec::new() } else { work.open_visits(row.client_id, row.organization_id).await? };
        Ok(Self {
            referrals,
            participations,
            visits,
            orders: work.open_orders(row.id).await?,
            vouchers: work.unfinished_vouchers(row.id).await?,
            unfinished: ground::unfinished(work, row).await?,
        })
    }

    /// One refusal for each.
    fn blockers(&self) -> Rejections {
        let mut out = Rejections::default();
        for row in &self.referrals {
            out.add_with(Code::ReferralOpen, &["id"], row.id.to_public());
        }
        for row in &self.participations {
            out.add_with(Code::ParticipationOpen, &["id"], row.id.to_public());
        }
        for row in &self.visits {
            out.add_with(Code::VisitOpen, &["id"], row.id.to_public());
        }
        for row in &self.orders {
            out.add_with(Code::OrderOpen, &["id"], row.id.to_public());
        }
        for row in &self.vouchers {
            out.add_with(Code::VoucherOpen, &["id"], row.id.to_public());
        }
        for row in &self.unfinished.assessments {
            out.add_with(Code::AssessmentOpen, &["id"], row.id.to_public());
        }
        for row in &self.unfinished.plans {
            out.add_with(Code::PlanOpen, &["id"], row.id.to_public());
        }
        for row in &self.unfinished.finals {
            out.add_with(Code::FinalAssessmentOpen, &["id"], row.id.to_public());
        }
        for row in &self.unfinished.decisions {
            out.add_with(Code::DecisionOpen, &["id"], row.id.to_public());
        }
        out
    }

    /// Ends what is still open; those who wait for the client are told.
    async fn end(self, work: &mut Work, case: &case::Model, reason: CaseClosingReason) -> Result<()> {
        for row in self.referrals {
            let by = if row.state == ReferralState::Draft { ReferralMove::Cancel } else { ReferralMove::Withdraw };
            work.end_referral(&row, by).await?;
            work.end_relations(row.id.0).await?;
            if by == ReferralMove::Withdraw {
                work.notify(row.network_id, Addressee::Organization(row.recipient_id), NoticeKind::ReferralWithdrawn, Some(row.id), None);
            }
        }
        for row in &self.participations {
            break_off(work, row, ParticipationEnd::CaseClosed).await?;
        }
        cancel_planned(work, &self.visits).await?;
        if let Some(row) = self.orders.first() {
            orders::end_all(work, row.case_id).await?;
        }
        vouchers::end_all(work, &self.vouchers).await?;
        ground::end_unfinished(work, case, self.unfinished, reason).await
    }
}
