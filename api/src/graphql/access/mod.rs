//! The face of access: who I am, and who may do what.
mod calendar;
mod log;
mod membership;
mod notice;
mod viewer;
mod webhook;

pub use log::{DisclosureLogEntry, UseLogEntry};
pub use membership::Membership;
pub use notice::{Notice, NoticeSubscription};
pub use webhook::{Webhook, WebhookDelivery};

use async_graphql::MergedObject;

/// Questions about access.
#[derive(MergedObject, Default)]
pub struct AccessQuery(viewer::ViewerQuery, membership::MembershipQuery, log::LogQuery, notice::NoticeQuery, calendar::CalendarQuery, webhook::WebhookQuery);

/// Changes of access.
#[derive(MergedObject, Default)]
pub struct AccessMutation(membership::MembershipMutation, calendar::CalendarMutation, webhook::WebhookMutation);
