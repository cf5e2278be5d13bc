//! Tables of the client's way through the network.
pub mod case;
pub mod case_event;
pub mod client_entry;
pub mod client_plan;
pub mod feedback;
pub mod final_assessment;
pub mod follow_on_path;
pub mod follow_up;
pub mod goal;
pub mod instrument_response;
pub mod intake_baseline;
pub mod needs_assessment;
pub mod network_meeting;
pub mod referral;
pub mod service_decision;
pub mod substitution;

/// Declares a table whose rows belong to a case: as `client_table!`, and the case.
macro_rules! case_table {
    ($(#[$meta:meta])* $table:literal, $kind:ident, $id:ty, { $($columns:tt)* } $($rest:tt)*) => {
        $crate::person::client_table! {
            $(#[$meta])*
            $table, $kind, $id, client: client_id / ClientId: domain::id::ClientId, {
                /// The case that it belongs to.
                case_id: domain::id::CaseId,
                $($columns)*
            }
            $($rest)*
        }

        impl $crate::OfCase for Entity {
            fn case_id(row: &Model) -> domain::id::CaseId { row.case_id }
            fn case_column() -> Column { Column::CaseId }
        }
    };
}
pub(crate) use case_table;
