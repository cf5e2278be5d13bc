//! Consents: given for a referral or another purpose, and withdrawn at any time, which halts what rests on them at once.
use crate::{
    act::{delivery::participation, timed::Tally},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
};
use domain::{
    access::NoticeKind,
    casework::referral::ReferralState,
    id::{ClientId, ConsentId, ReferralId},
    machine::Machine,
    person::consent::{ConsentMethod, ConsentMove, ConsentPurpose, ConsentState, ConsentTerms, DataItem, DataItems, uncovered},
    policy::Action,
    rejection::Code,
};
use entity::{casework::referral, catalogue::organization, person::consent};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is said when a consent is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct RecordConsent {
    /// The client; not with a referral, which knows whom it is about.
    pub client: Option<ClientId>,
    /// The referral that it binds, for the purpose of a referral.
    pub referral: Option<ReferralId>,
    /// What is consented to.
    pub terms: ConsentTerms,
}

/// Records a consent that a client has given, or gives it as the client. One that bound the same referral before is superseded.
///
/// # Errors
/// Terms that do not hold, a recipient that is not the referral's, or a caller without the right.
pub async fn record(caller: &Caller, key: Option<&str>, input: RecordConsent) -> Result<consent::Model> {
    caller.signed_in()?;
    input.terms.check(caller.now()).into_result()?;
    let id = ConsentId::new();
    caller
        .write_once::<consent::Entity>(key, "recordConsent", &input, id, async |work: &mut Work| {
            let recipient = work.refer::<organization::Entity>(input.terms.recipient, &["recipient"]).await?;
            let (network, organization, client_id) = match (input.terms.purpose, input.referral, input.client) {
                (ConsentPurpose::Referral, Some(referral), None) => {
                    work.hold_referral(referral).await?;
                    let row = work.fetch::<referral::Entity>(referral, Action::Read).await?;
                    let unsent = matches!(row.state, ReferralState::Draft);
                    if row.recipient_id != recipient.id || !(unsent || row.state.is_open()) {
                        return Err(Error::reject(Code::ConsentBinding, &["referral"]));
                    }
                    if row.content.is_advice() {
                        return Err(Error::reject(Code::NothingDisclosed, &["referral"]));
                    }
                    (row.network_id, row.organization_id, row.client_id)
                }
                (purpose, None, Some(client)) if purpose != ConsentPurpose::Referral => {
                    let row = work.named_client(client, Action::Read).await?;
                    (row.network_id, row.organization_id, Some(row.id))
                }
                (ConsentPurpose::Referral, _, _) => return Err(Error::reject(Code::ConsentBinding, &["referral"])),
                _ => return Err(Error::reject(Code::Required, &["client"])),
            };
            if recipient.network_id != network {
                return Err(Error::reject(Code::OtherNetwork, &["recipient"]));
            }
            let own_act = is_client(work, client_id).await?;
            let now = work.now();
            let row = consent::Model {
                id,
                network_id: network,
                organization_id: organization,
                client_id,
                purpose: input.terms.purpose,
                recipient_id: recipient.id,
                scope: DataItems(input.terms.scope.clone()),
                referral_id: input.referral,
                // What somebody does when signed in as the client is an electronic act, whatever else it is called.
                method: if own_act { ConsentMethod::Electronic } else { input.terms.method },
                text_version: input.terms.text_version.clone(),
                given_at: now,
                expires_at: input.terms.expires_at,
                state: ConsentState::Given,
                ended_at: None,
                recorded_by: work.actor().subject().unwrap_or_default().to_owned(),
                withdrawn_by: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            if let Some(referral) = input.referral
                && let Some(before) = work.consent_of(referral).await?
            {
                work.end_consent(&before, ConsentMove::Supersede).await?;
                work.rebind(referral, id, &input.terms.scope).await?;
                if uncovered(&BTreeSet::from([DataItem::Alias]), &input.terms.scope).is_empty() {
                    work.rebind_participations(before.id, id).await?;
                } else {
                    participation::halt(work, &before).await?;
                }
            }
            work.insert::<consent::Entity>(row).await
        })
        .await
}

/// Whoever acts is the client, or represents the client.
pub(crate) async fn is_client(work: &Work, client: Option<ClientId>) -> Result<bool> {
    match client {
        Some(id) => work.acts_for(id).await,
        None => Ok(false),
    }
}

/// Withdraws a consent: what rests on it is halted at once, the recipient reads nothing of it any more, and both sides are told.
///
/// # Errors
/// One that has ended, a stale version, or a caller without the right.
pub async fn withdraw(caller: &Caller, id: ConsentId, expected: i32) -> Result<consent::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<consent::Entity>(id, Action::Transition).await?;
            if let Some(referral) = seen.referral_id {
                work.hold_referral(referral).await?;
            }
            let before = work.fetch_at::<consent::Entity>(id, expected, Action::Transition).await?;
            let next = consent::Model {
                state: before.state.step(ConsentMove::Withdraw)?,
                ended_at: Some(work.now()),
                withdrawn_by: work.actor().subject().map(str::to_owned),
                ..before.clone()
            };
            let row = work.update::<consent::Entity>(&before, next, Action::Transition).await?;
            halt(work, &row, NoticeKind::ConsentWithdrawn).await?;
            Ok(row)
        })
        .await
}

/// Halts what rests on a consent that has ended, and tells both sides.
pub(crate) async fn halt(work: &mut Work, consent: &consent::Model, kind: NoticeKind) -> Result<()> {
    participation::halt(work, consent).await?;
    match consent.referral_id {
        Some(referral) => halt_referral(work, referral, kind).await,
        // That its time is over is known to whoever was given it.
        None if kind == NoticeKind::ConsentWithdrawn => tell_withdrawn(work, consent).await,
        None => Ok(()),
    }
}

/// Tells both sides of the withdrawal of a consent that binds no referral: whom data was disclosed to, and whoever has recorded it or works on the client's
/// cases where the client has given it oneself; and the client, unless it is the client's own act.
async fn tell_withdrawn(work: &mut Work, consent: &consent::Model) -> Result<()> {
    let (network, organization) = (consent.network_id, consent.organization_id);
    let mut clients_own = BTreeSet::new();
    let mut workers = BTreeSet::new();
    if let Some(client) = consent.client_id {
        let row = work.client_behind(client).await?;
        clients_own = work.voices_of(client).await?;
        if clients_own.contains(&consent.recorded_by) {
            workers.extend(work.open_cases(client, organization).await?.into_iter().filter_map(|case| case.own_worker));
        }
        if let Some(account) = row.account.filter(|account| Some(account.as_str()) != work.actor().subject()) {
            work.notify_of_consent(network, Addressee::Client(account), consent.id);
        }
    }
    if !clients_own.contains(&consent.recorded_by) {
        workers.insert(consent.recorded_by.clone());
    }
    for worker in workers {
        work.notify_of_consent(network, Addressee::Worker(organization, worker), consent.id);
    }
    work.notify_of_consent(network, Addressee::Organization(consent.recipient_id), consent.id);
    Ok(())
}

/// Halts a referral that has lost its ground, and what it is passed on as, and tells both sides.
pub(crate) async fn halt_referral(work: &mut Work, id: ReferralId, kind: NoticeKind) -> Result<()> {
    let Some(referral) = work.referral_behind(id).await? else { return Ok(()) };
    if referral.state.is_open() {
        work.halt_referral(&referral).await?;
    }
    work.end_relations(id.0).await?;
    work.cancel_passed_on(id).await?;
    let network = referral.network_id;
    if !matches!(referral.state, ReferralState::Draft | ReferralState::Cancelled) {
        work.notify(network, Addressee::Organization(referral.recipient_id), kind, Some(id), None);
    }
    work.notify(network, Addressee::Worker(referral.organization_id, referral.created_by.clone()), kind, Some(id), None);
    if let Some(client) = referral.client_id
        && let Some(account) = work.client_behind(client).await?.account
        && account != referral.created_by
    {
        work.notify(network, Addressee::Client(account), kind, Some(id), None);
    }
    Ok(())
}

/// Ends the consents whose time is over, as the system itself, and halts what rests on them; how many.
///
/// # Errors
/// A fault of the database.
pub async fn expire(system: &Caller) -> Result<Tally> {
    use sea_orm::ColumnTrait;
    let over = |now| sea_orm::Condition::all().add(consent::Column::State.eq(ConsentState::Given)).add(consent::Column::ExpiresAt.lte(now));
    let mut ended = Tally::default();
    for (id, version) in system.reader().find::<consent::Entity>().filter(over(system.now())).versions().await? {
        let done = system.write(async |work: &mut Work| {
            let before = work.fetch_at::<consent::Entity>(id, version, Action::Transition).await?;
            work.end_consent(&before, ConsentMove::Expire).await?;
            halt(work, &before, NoticeKind::ReferralExpired).await
        });
        ended.note("consents", id, done.await.map(|()| 1));
    }
    Ok(ended)
}
