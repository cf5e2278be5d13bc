//! Stories of services as they are given.
mod attendance;
mod batch;
mod crowd;
pub mod given;
mod participation;
mod reserved;
mod seat;
mod transfer;
mod visit;
mod watching;
mod week;
