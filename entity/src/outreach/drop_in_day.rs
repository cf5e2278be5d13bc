//! Days of open drop-in spaces (avoimen oleskelutilan päivät). The organisation's own workers see them.
use domain::{
    id::DropInDayId,
    outreach::drop_in_day::{DropInCorrections, DropInDayContent, DropInMove, DropInState},
};
use sea_orm::entity::prelude::*;

super::record_table! {
    /// A drop-in day.
    "drop_in_day", DropInDay, DropInDayId, content: DropInDayContent, corrections: DropInCorrections, machine: DropInState by DropInMove, {} mirrored: {}
}
