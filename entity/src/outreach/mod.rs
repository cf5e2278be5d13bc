//! Tables of open and outreach work (avoin ja jalkautuva työ). No column of them names a client, a person or anything of theirs.
pub mod anonymous_contact;
pub mod anonymous_handle;
pub mod drop_in_day;
pub mod open_event;
pub mod outreach_shift;

use crate::Kept;
use domain::{
    machine::Machine,
    outreach::record::{Correctable, Correction, Voiding},
};
use sea_orm::{
    Value,
    prelude::{Date, DateTimeUtc},
};

/// The kept moves of a record's machine.
pub type MoveOf<E> = <<E as Record>::State as Machine>::Move;
/// What is corrected of a record.
pub type SaidOf<E> = <<E as Record>::Content as Correctable>::Said;

/// A record of open work: of a day, corrected with what it said before kept, and voided when it was made by mistake.
pub trait Record: Kept {
    /// How far it is.
    type State: Machine + Into<Value>;
    /// What is said of it.
    type Content: Correctable;
    /// The move by which it is corrected.
    const CORRECT: MoveOf<Self>;
    /// The move by which it is voided.
    const VOID: MoveOf<Self>;
    /// Where that leads.
    const VOIDED: Self::State;
    /// How far a row is.
    fn state(row: &Self::Model) -> Self::State;
    /// Moves a row.
    fn go(row: &mut Self::Model, to: Self::State);
    /// What a row says.
    fn content(row: &Self::Model) -> &Self::Content;
    /// Says something else.
    fn say(row: &mut Self::Model, content: Self::Content);
    /// What a row said before.
    fn corrections(row: &mut Self::Model) -> &mut Vec<Correction<SaidOf<Self>>>;
    /// Why a row is void.
    fn voided(row: &mut Self::Model) -> &mut Option<Voiding>;
    /// The day of a row.
    fn day(row: &Self::Model) -> Date;
    /// When the server was told of it.
    fn recorded_at(row: &Self::Model) -> DateTimeUtc;
    /// The column of the day.
    fn day_column() -> Self::Column;
    /// The column of the time of recording.
    fn recorded_column() -> Self::Column;
    /// The column of the state.
    fn state_column() -> Self::Column;
}

/// Declares a table of records: its day, state, corrections and typed content beside its own columns. What is `mirrored` is said in the content, and
/// stands in columns as well, for SQL.
macro_rules! record_table {
    ($(#[$meta:meta])* $table:literal, $kind:ident, $id:ty, content: $content:ty, corrections: $corrections:ty, machine: $state:ident by $moves:ident,
        { $($(#[$cmeta:meta])* $column:ident: $type:ty),* $(,)? } mirrored: { $($(#[$mmeta:meta])* $mirror:ident: $mtype:ty),* $(,)? }) => {
        crate::declare::organization_table! {
            $(#[$meta])*
            $table, $kind, $id, {
                /// The day on which it was, which may be long before it was recorded.
                effective_date: Date,
                /// How far it is.
                state: $state,
                $($(#[$cmeta])* $column: $type,)*
                $($(#[$mmeta])* $mirror: $mtype,)*
                /// What is said of it.
                #[sea_orm(column_type = "JsonBinary")]
                content: $content,
                /// What it said before it was corrected.
                #[sea_orm(column_type = "JsonBinary")]
                corrections: $corrections,
                /// Why it is void.
                #[sea_orm(column_type = "JsonBinary", nullable)]
                voided: Option<domain::outreach::record::Voiding>,
            }
        }

        impl crate::outreach::Record for Entity {
            type State = $state;
            type Content = $content;
            const CORRECT: $moves = $moves::Correct;
            const VOID: $moves = $moves::Void;
            const VOIDED: $state = $state::Voided;
            fn state(row: &Model) -> $state { row.state }
            fn go(row: &mut Model, to: $state) { row.state = to; }
            fn content(row: &Model) -> &$content { &row.content }
            fn say(row: &mut Model, content: $content) {
                $(row.$mirror = content.$mirror;)*
                row.content = content;
            }
            fn corrections(row: &mut Model) -> &mut Vec<domain::outreach::record::Correction<crate::outreach::SaidOf<Self>>> { &mut row.corrections.0 }
            fn voided(row: &mut Model) -> &mut Option<domain::outreach::record::Voiding> { &mut row.voided }
            fn day(row: &Model) -> Date { row.effective_date }
            fn recorded_at(row: &Model) -> DateTimeUtc { row.created_at }
            fn day_column() -> Column { Column::EffectiveDate }
            fn recorded_column() -> Column { Column::CreatedAt }
            fn state_column() -> Column { Column::State }
        }
    };
}
use record_table;
