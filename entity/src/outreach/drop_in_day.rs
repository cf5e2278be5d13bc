//! Days of open drop-in spaces (avoimen oleskelutilan päivät). The organisation's own workers see them.
use domain::{
    id::DropInDayId,
    outreach::drop_in_day::{DropInCorrections, DropInDayContent, DropInState},
};
use sea_orm::entity::prelude::*;

super::outreach_table! {
    /// A drop-in day.
    "drop_in_day", DropInDay, DropInDayId, content: DropInDayContent, {
        /// The day on which it was, which may be long before it was recorded.
        effective_date: Date,
        /// How far it is.
        state: DropInState,
        /// What it said before it was corrected.
        #[sea_orm(column_type = "JsonBinary")]
        corrections: DropInCorrections,
    }
}
