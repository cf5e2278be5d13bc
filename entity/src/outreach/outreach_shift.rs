//! Outreach shifts (jalkautumiset). The organisation's own workers see them.
use crate::access::notice;
use domain::{
    access::NoticeKind,
    id::OutreachShiftId,
    outreach::outreach_shift::{OutreachShiftContent, ShiftCorrections, ShiftMove, ShiftState},
};
use sea_orm::{Condition, ExprTrait, entity::prelude::*};

super::record_table! {
    /// An outreach shift.
    "outreach_shift", OutreachShift, OutreachShiftId, content: OutreachShiftContent, corrections: ShiftCorrections, machine: ShiftState by ShiftMove, {
        /// By when the workers mean to be back, or to have said that all is well; none where nobody is told when they are not.
        due_at: Option<DateTimeUtc>,
        /// When they last said that all is well.
        checked_in_at: Option<DateTimeUtc>,
    }
    mirrored: {}
}

impl Model {
    /// The workers are not back by the time by which they meant to be, nor have they said that all is well.
    #[must_use]
    pub fn is_overdue(&self, at: DateTimeUtc) -> bool {
        self.state == ShiftState::Out && self.due_at.is_some_and(|due| due <= at)
    }
}

/// As [`Model::is_overdue`], where it has not been told since.
#[must_use]
pub fn overdue_untold(at: DateTimeUtc) -> Condition {
    let told = notice::given_since::<Entity>(NoticeKind::ShiftOverdue, notice::Column::ShiftId, Column::Id, Column::DueAt);
    Condition::all().add(Column::State.eq(ShiftState::Out)).add(Column::DueAt.lte(at)).add(told.not())
}
