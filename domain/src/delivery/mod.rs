//! Services as they are given: who takes part in them, and who came.
pub mod attendance;
pub mod batch;
pub mod participation;
pub mod visit;
