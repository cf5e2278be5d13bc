//! The client's way through the network: referral, case, assessment, plan and the paths that follow.
pub mod baseline;
pub mod case;
pub mod client_entry;
pub mod client_plan;
pub mod feedback;
pub mod final_assessment;
pub mod follow_on_path;
pub mod follow_up;
pub mod goal;
pub mod instrument;
pub mod needs_assessment;
pub mod network_meeting;
pub mod referral;
pub mod service_decision;
