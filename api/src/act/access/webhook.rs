//! Webhooks: made by the machine clients of an organisation, looked after by those who answer for it, and disabled by time. What is sent is
//! not told here.
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
    target::{Unreachable, look_up},
    vault::{Place, Vault, random},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use domain::{
    access::NoticeKind,
    actor::{Actor, Role},
    id::{OrganizationId, WebhookDeliveryId, WebhookId},
    machine::Machine,
    policy::Action,
    rejection::{Code, Rejection},
    webhook::{
        Attempts, LONGEST_OVERLAP, MOST_WEBHOOKS, Target, WebhookContent, WebhookDeliveryMove, WebhookDeliveryState, WebhookFault, WebhookMove, WebhookState,
    },
};
use entity::{
    SealedText,
    access::{webhook as table, webhook_delivery},
    catalogue::organization,
};
use sea_orm::{ColumnTrait, ExprTrait};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many bytes of chance are in a secret: Standard Webhooks asks for 24 to 64.
const SECRET_BYTES: usize = 32;
/// How long it is looked for what a host stands for, before it is taken as it is: it is looked up whenever something is sent.
const PATIENCE: Duration = Duration::from_secs(3);

/// By what is signed.
#[derive(Serialize, Deserialize)]
struct Secrets {
    current: String,
    previous: Option<String>,
}

impl Secrets {
    fn place(id: WebhookId) -> Place {
        Place::new("webhook.secrets", id)
    }

    fn seal(&self, vault: &Vault, id: WebhookId) -> Result<SealedText> {
        vault.seal(Self::place(id), self)
    }
}

/// A new secret, in the form that Standard Webhooks gives it.
fn new_secret() -> Result<SecretString> {
    Ok(format!("whsec_{}", STANDARD.encode(random::<SECRET_BYTES>()?)).into())
}

/// The secrets by which it is signed now: the current one, and the one before it where they overlap.
///
/// # Errors
/// What does not open.
pub(crate) fn secrets(system: &Caller, row: &table::Model) -> Result<Vec<SecretString>> {
    let opened = system.vault().open::<Secrets>(Secrets::place(row.id), &row.secrets)?;
    let Secrets { current, previous } = opened.reveal();
    let overlaps = row.overlaps_until.is_some_and(|until| system.now() < until);
    Ok([Some(current), previous.as_ref().filter(|_| overlaps)].into_iter().flatten().cloned().map(SecretString::from).collect())
}

/// Faults of what is said of a webhook, with what its host stands for now.
async fn check(caller: &Caller, content: &WebhookContent) -> Result<()> {
    let allowed = caller.allowed_hosts();
    under("content", &content.check(allowed))?;
    if let Ok(Target::Named(host)) = Target::of(&content.url, allowed)
        && let Ok(Err(Unreachable::Inside)) = tokio::time::timeout(PATIENCE, look_up(&host, allowed)).await
    {
        return Err(Error::reject(Code::TargetInside, &["content", "url"]));
    }
    Ok(())
}

/// Makes a webhook for the caller, and tells its secret this once: sent again, it would be another one, so there is no key for that.
///
/// # Errors
/// Faults of the content, more webhooks than an organisation has, or a caller who is no machine client of the organisation.
pub async fn create(caller: &Caller, organization: OrganizationId, content: WebhookContent) -> Result<(table::Model, SecretString)> {
    let subject = caller.signed_in()?.subject().unwrap_or_default().to_owned();
    check(caller, &content).await?;
    let secret = new_secret()?;
    let row = caller
        .write(async |work: &mut Work| {
            let organization = work.refer::<organization::Entity>(organization, &["organization"]).await?;
            work.allow::<table::Entity>(Action::Create, organization.network_id, organization.id)?;
            // Two at once are counted one after the other.
            work.hold_word(&format!("webhooks:{}", organization.id)).await?;
            if work.find::<table::Entity>(table::Column::OrganizationId.eq(organization.id)).await?.len() >= MOST_WEBHOOKS {
                return Err(Rejection::with(Code::TooLong, &["organization"], MOST_WEBHOOKS.to_string()).into());
            }
            let (id, now) = (WebhookId::new(), work.now());
            let secrets = Secrets { current: secret.expose_secret().to_owned(), previous: None }.seal(work.vault(), id)?;
            let row = table::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                subject: subject.clone(),
                state: WebhookState::Active,
                fault: None,
                content: content.clone(),
                secrets,
                overlaps_until: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<table::Entity>(row).await?;
            work.follow_feed(&row).await?;
            Ok(row)
        })
        .await?;
    Ok((row, secret))
}

/// Replaces what is said of a webhook. What is to be sent already goes to the new target.
///
/// # Errors
/// Faults of the content, a stale version, or a caller without the right.
pub async fn update(caller: &Caller, id: WebhookId, expected: i32, content: WebhookContent) -> Result<table::Model> {
    caller.signed_in()?;
    check(caller, &content).await?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            let next = table::Model { content: content.clone(), ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// Gives a webhook another secret, told this once; for so many hours the one before it signs as well.
///
/// # Errors
/// An overlap that is too long, a stale version, or a caller without the right.
pub async fn rotate_secret(caller: &Caller, id: WebhookId, expected: i32, overlap_hours: i32) -> Result<(table::Model, SecretString)> {
    caller.signed_in()?;
    if !(0..=LONGEST_OVERLAP).contains(&overlap_hours) {
        return Err(Rejection::with(Code::OutOfRange, &["overlapHours"], format!("0–{LONGEST_OVERLAP}")).into());
    }
    let secret = new_secret()?;
    let row = caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Update).await?;
            let previous = work.vault().open::<Secrets>(Secrets::place(id), &before.secrets)?.reveal().current.clone();
            let secrets = Secrets { current: secret.expose_secret().to_owned(), previous: Some(previous) }.seal(work.vault(), id)?;
            let overlaps_until = Some(work.now() + TimeDelta::hours(overlap_hours.into()));
            let next = table::Model { secrets, overlaps_until, ..before.clone() };
            work.update::<table::Entity>(&before, next, Action::Update).await
        })
        .await?;
    Ok((row, secret))
}

/// Pauses a webhook, or has it sent to again: from where it stopped, what did not arrive before from the beginning.
///
/// # Errors
/// A move that its state does not allow, a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: WebhookId, expected: i32, by: WebhookMove) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let next = table::Model { state: before.state.step(by)?, fault: None, ..before.clone() };
            if by == WebhookMove::Resume {
                work.send_anew(id).await?;
            }
            work.update::<table::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// Removes a webhook with what was sent to it, and tells how it was.
///
/// # Errors
/// A stale version, or a caller without the right.
pub async fn delete(caller: &Caller, id: WebhookId, expected: i32) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let row = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            work.forget_webhook(id).await?;
            work.remove::<table::Entity>(id.into()).await?;
            Ok(row)
        })
        .await
}

/// Has a test sent once, whatever the state of the webhook; while one is to be sent, that one.
///
/// # Errors
/// A caller without the right.
pub async fn ping(caller: &Caller, id: WebhookId) -> Result<webhook_delivery::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let webhook = work.fetch::<table::Entity>(id, Action::Transition).await?;
            work.hold::<table::Entity>(id).await?;
            let waits = webhook_delivery::Column::WebhookId
                .eq(id)
                .and(webhook_delivery::Column::Position.is_null())
                .and(webhook_delivery::Column::State.eq(WebhookDeliveryState::Pending));
            if let Some(row) = work.find::<webhook_delivery::Entity>(waits).await?.pop() {
                return Ok(row);
            }
            let now = work.now();
            let row = webhook_delivery::Model {
                id: WebhookDeliveryId::new(),
                network_id: webhook.network_id,
                organization_id: webhook.organization_id,
                webhook_id: id,
                position: None,
                event_id: None,
                kind: None,
                happening: None,
                subject_id: None,
                happened_at: now,
                state: WebhookDeliveryState::Pending,
                attempts: Attempts::default(),
                tried_since: None,
                due_at: now,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<webhook_delivery::Entity>(row).await
        })
        .await
}

/// Has a dead letter sent once more, for as long as anything is: in the order of its thing before what is pending, and after what has arrived meanwhile.
///
/// # Errors
/// A delivery that is not dead, a stale version, or a caller without the right.
pub async fn replay(caller: &Caller, id: WebhookDeliveryId, expected: i32) -> Result<webhook_delivery::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<webhook_delivery::Entity>(id, expected, Action::Transition).await?;
            let state = before.state.step(WebhookDeliveryMove::Replay)?;
            let next = webhook_delivery::Model { state, tried_since: None, due_at: work.now(), ..before.clone() };
            work.update::<webhook_delivery::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// What happens is sent to it.
#[must_use]
pub(crate) fn sends(row: &table::Model) -> bool {
    row.state == WebhookState::Active
}

/// Whoever a webhook tells, as it is now; none when it is no machine client of the organisation any more.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn client(system: &Caller, row: &table::Model) -> Result<Option<Actor>> {
    let client = system.acting_as(&row.subject, None, system.now()).await?.actor().clone();
    Ok(client.is_in(row.organization_id, |role| role == Role::Integration).then_some(client))
}

/// Disables a webhook that sends, as the system itself, and tells its client and its organisation.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn disable(system: &Caller, id: WebhookId, fault: WebhookFault) -> Result<()> {
    system
        .write(async |work: &mut Work| {
            work.hold::<table::Entity>(id).await?;
            let before = work.fetch::<table::Entity>(id, Action::Transition).await?;
            // Paused or disabled meanwhile.
            let Ok(state) = before.state.step(WebhookMove::Disable) else { return Ok(()) };
            let next = table::Model { state, fault: Some(fault), ..before.clone() };
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            for to in [Addressee::Worker(row.organization_id, row.subject), Addressee::Organization(row.organization_id)] {
                work.notify_of_webhook(row.network_id, to, NoticeKind::WebhookDisabled, id);
            }
            Ok(())
        })
        .await
}
