//! Outreach shifts (jalkautumiset). The organisation's own workers see them.
use domain::{
    id::OutreachShiftId,
    outreach::outreach_shift::{OutreachShiftContent, ShiftCorrections, ShiftMove, ShiftState},
};
use sea_orm::entity::prelude::*;

super::record_table! {
    /// An outreach shift.
    "outreach_shift", OutreachShift, OutreachShiftId, content: OutreachShiftContent, corrections: ShiftCorrections, machine: ShiftState by ShiftMove, {}
    mirrored: {}
}
