//! Webhooks: where an integration of an organisation is told what happens. How far each has come is kept apart, in `sealed`.
use crate::SealedText;
use domain::{
    id::WebhookId,
    webhook::{WebhookContent, WebhookFault, WebhookState},
};
use sea_orm::entity::prelude::*;

crate::declare::organization_table! {
    /// A webhook.
    "webhook", Webhook, WebhookId, {
        /// The stable key of the integration that has made it: it sees what this one may see.
        subject: String,
        /// Whether anything is sent.
        state: WebhookState,
        /// Why it is disabled.
        fault: Option<WebhookFault>,
        /// What is said of it.
        #[sea_orm(column_type = "JsonBinary")]
        content: WebhookContent,
        /// The secrets that sign: the current one, and the one before it.
        secrets: SealedText,
        /// Until when the secret before it signs as well.
        overlaps_until: Option<DateTimeUtc>,
    }
    sealed: [secrets],
}
