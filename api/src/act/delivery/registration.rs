//! Coming to an offering: proposed, registered, or taken up by those who give it.
use super::participation::{place, seal_alias, works_at};
use crate::{
    act::{
        casework::{author, referral::introduction},
        device_id, device_key,
        person::{client as clients, consent::is_client},
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Disclosure, OnOffer, Work},
};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    access::{LogBasis, NoticeKind},
    casework::referral::ReferralState,
    catalogue::{
        offering::RegistrationUnit,
        session::{day, end_of},
    },
    delivery::participation::{ParticipationMove, ParticipationSource, ParticipationState, Spot, check_alias, check_unnamed_alias},
    id::{ClientId, ConsentId, ParticipationId, ReferralId, ServiceOfferingId, SessionId},
    machine::Machine,
    person::consent::{ConsentMethod, ConsentPurpose, ConsentState, ConsentTerms, DataItem, DataItems, uncovered},
    policy::Action,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{
    casework::referral,
    catalogue::{service_offering, session},
    delivery::participation as table,
    person::{client, consent, person},
};
use futures_util::FutureExt;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

/// How long a consent to take part lasts where the offering has no end, and how long it lasts after the end, in days.
const CONSENTED_DAYS: i64 = 365;
const CONSENTED_AFTER: i64 = 30;

/// What is said when a client is proposed to an offering, or registered for it.
#[derive(Clone, Debug, Serialize)]
pub struct Register {
    /// The client; none where those who give the service name the referral by which alone they know the client.
    pub client: Option<ClientId>,
    /// The offering.
    pub offering: ServiceOfferingId,
    /// The session of it, where one registers for a session at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The accepted referral that led to it, where those who give the service keep no register of the client.
    pub referral: Option<ReferralId>,
    /// What those who give the service call the client, where the client says so oneself.
    pub alias: Option<String>,
    /// The version of the text that the client has consented to, where the client registers oneself.
    pub text_version: Option<String>,
}

/// Proposes an offering to a client, who accepts it or not.
///
/// # Errors
/// An offering that nobody can register for, no consent that covers it, a place taken twice, or a caller without the right.
pub async fn propose(caller: &Caller, key: Option<&str>, input: Register) -> Result<table::Model> {
    caller.signed_in()?;
    let id = ParticipationId::new();
    caller
        .write_once::<table::Entity>(key, "proposeParticipation", &input, id, async |work: &mut Work| {
            let client = named(work, &input).await?;
            if is_client(work, Some(client.id)).await? {
                return Err(Error::reject(Code::WorkerOnly, &["client"]));
            }
            let (row, _) = begin(work, id, &client, &input, None).await?;
            let row = work.insert::<table::Entity>(row).await?;
            tell_client(work, client.id, NoticeKind::ParticipationProposed, &row).await?;
            Ok(row)
        })
        .await
}

/// Proposes an offering of those who have taken a client on by a referral to the client, by them: they know what the referral tells, and no more.
///
/// # Errors
/// A person whom no register knows, an offering of another or of another service, and as [`propose`].
pub(in crate::act) async fn propose_to_referred(work: &mut Work, referral: &referral::Model, spot: Spot) -> Result<table::Model> {
    let Some(client) = referral.client_id else { return Err(Error::reject(Code::DoesNotAgree, &["offering"])) };
    let client = work.client_behind(client).await?;
    let stays = referral.recipient_id == client.organization_id;
    // The consent before the offering, as whoever withdraws it takes it.
    let consent = if stays { None } else { Some(consented(work, referral, "offering").await?.id) };
    let offer = on_offer(work, spot).await?;
    if offer.shown.organization_id != referral.recipient_id || !is_of_service(referral, &offer) {
        return Err(Error::reject(Code::DoesNotAgree, &["offering"]));
    }
    if work.takes_part(client.id, spot).await?.is_some() {
        return Err(registered_already(spot));
    }
    let id = ParticipationId::new();
    let told = referred_alias(work, Some(referral))?;
    let alias = if stays || !work.is_protected(Some(client.id)).await? { told } else { None };
    let row = table::Model {
        organization_id: client.organization_id,
        client_id: Some(client.id),
        source: if stays { ParticipationSource::OwnService } else { ParticipationSource::Referral },
        alias: alias.as_deref().map(|alias| seal_alias(work, id, alias)).transpose()?,
        referral_id: Some(referral.id),
        consent_id: consent,
        ..unnamed(work, id, &offer).await?
    };
    let row = work.insert::<table::Entity>(row).await?;
    tell_client(work, client.id, NoticeKind::ParticipationProposed, &row).await?;
    Ok(row)
}

/// Registers a client for an offering, by the client, by a worker whom the client has told to, or by those who give the service and have taken the client on:
/// a place at once, or the end of the waiting list.
///
/// # Errors
/// As [`propose`], and [`Code::OfferingFull`].
pub async fn register(caller: &Caller, key: Option<&str>, input: Register) -> Result<table::Model> {
    caller.signed_in()?;
    let id = ParticipationId::new();
    if input.referral.is_some() {
        // Whoever holds a referral and its consent does so before the offering, and so goes alone.
        return caller.write_once::<table::Entity>(key, REGISTER, &input, id, async |work: &mut Work| take_place(work, id, &input).await).await;
    }
    let lane = (input.offering.0, input.client);
    let registers = input.clone();
    caller
        .write_together::<table::Entity>(lane, key, REGISTER, &input, id, move |work| {
            let input = registers.clone();
            async move { take_place(work, id, &input).await }.boxed()
        })
        .await
}

/// The operation by which a client is registered.
const REGISTER: &str = "registerParticipation";

async fn take_place(work: &mut Work, id: ParticipationId, input: &Register) -> Result<table::Model> {
    let client = named(work, input).await?;
    let (row, offer) = begin(work, id, &client, input, None).await?;
    let row = table::Model { state: ParticipationState::AcceptedByClient, ..row };
    let row = place(work, &offer, row).await?.ok_or_else(|| Error::reject(Code::OfferingFull, &["offering"]))?;
    work.insert_later::<table::Entity>(row).await
}

/// The client who is named, or who was referred by the referral that is; held until the commit.
async fn named(work: &Work, input: &Register) -> Result<client::Model> {
    match (input.client, input.referral) {
        (Some(client), _) => work.named_client(client, Action::Read).await,
        (None, Some(referral)) => taken_on(work, referral).await,
        (None, None) => Err(Error::reject(Code::Required, &["client"])),
    }
}

/// The client whom those who give the service know by a referral to them alone.
async fn taken_on(work: &Work, referral: ReferralId) -> Result<client::Model> {
    let row = work.refer::<referral::Entity>(referral, &["referral"]).await?;
    if !works_at(work.actor(), row.recipient_id) {
        return Err(Error::reject(Code::OtherSide, &["referral"]));
    }
    let client = row.client_id.ok_or_else(|| Error::reject(Code::DoesNotAgree, &["referral"]))?;
    let client = work.hold_client(client).await?;
    work.client_behind(client).await
}

/// Somebody whom those who give the service take up themselves.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterWalkIn {
    /// The offering.
    pub offering: ServiceOfferingId,
    /// The session of it, where one registers for a session at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// What the person wants to be called.
    pub alias: String,
    /// The version of the text that the person has consented to.
    pub text_version: String,
    /// The person has come already, and takes part from that day.
    pub came: bool,
    /// The UUID that the device has made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<Uuid>,
    /// The day on which the person came; none is today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_date: Option<Date>,
}

/// Takes up somebody by alias, as those who give the service: no register of clients knows of it.
///
/// # Errors
/// An alias or a text that is missing, an alias that tells who somebody is, a day to come or one on which nobody came, an offering that nobody could register
/// for then, [`Code::OfferingFull`], or a caller without the right.
pub async fn register_walk_in(caller: &Caller, key: Option<&str>, input: RegisterWalkIn) -> Result<table::Model> {
    caller.signed_in()?;
    check_unnamed_alias(&input.alias).into_result()?;
    if input.effective_date.is_some() && !input.came {
        return Err(Error::reject(Code::DoesNotAgree, &["effectiveDate"]));
    }
    let (id, consent_id) = (device_id(input.uuid), ConsentId::new());
    let key = device_key(key, input.uuid);
    let walks_in = input.clone();
    caller
        .write_together::<table::Entity>((input.offering.0, None), key.as_deref(), "registerWalkIn", &input, id, move |work| {
            let input = walks_in.clone();
            async move { take_up(work, id, consent_id, &input).await }.boxed()
        })
        .await
}

async fn take_up(work: &mut Work, id: ParticipationId, consent_id: ConsentId, input: &RegisterWalkIn) -> Result<table::Model> {
    work.purposed::<table::Entity>(Action::Create)?;
    work.unused::<table::Entity>(input.uuid).await?;
    let spot = Spot { offering: input.offering, session: input.session };
    let today = day(work.now());
    let on = input.effective_date.map_or(today, |on| on.0);
    if on > today {
        return Err(Rejection::with(Code::OutOfRange, &["effectiveDate"], format!("–{today}")).into());
    }
    let offer = if input.came {
        // Whoever was there has come to what was held then, and not to another time.
        let at = work.now().min(end_of(on) - TimeDelta::seconds(1));
        on_offer_when(work, spot, on, |session| session.is_on(at)).await?
    } else {
        on_offer(work, spot).await?
    };
    if input.came && !offer.shown.content.covers(on) {
        return Err(Error::reject(Code::OutsideDates, &["came"]));
    }
    if offer.service.content.referral_required {
        return Err(Error::reject(Code::ReferralNeeded, &["offering"]));
    }
    let row = table::Model {
        state: ParticipationState::AcceptedByClient,
        alias: Some(seal_alias(work, id, input.alias.trim())?),
        consent_id: Some(consent_id),
        ..unnamed(work, id, &offer).await?
    };
    let consent = Consented { id: consent_id, method: ConsentMethod::OralRecorded, text_version: &input.text_version };
    give_consent(work, &offer, &row, &consent).await?;
    let mut row = place(work, &offer, row).await?.ok_or_else(|| Error::reject(Code::OfferingFull, &["offering"]))?;
    if input.came {
        if row.state != ParticipationState::Enrolled {
            return Err(Error::reject(Code::OfferingFull, &["offering"]));
        }
        row.state = row.state.step(ParticipationMove::Start)?;
        row.started_on = Some(on);
    }
    work.insert_later::<table::Entity>(row).await
}

/// The offering or the session of it, if one can register for that now; held until the commit.
pub(super) async fn on_offer(work: &mut Work, spot: Spot) -> Result<OnOffer> {
    let now = work.now();
    on_offer_when(work, spot, day(now), |session| session.is_to_come(now)).await
}

/// The same as it was on a day, for a session that fits.
async fn on_offer_when(work: &mut Work, spot: Spot, on: NaiveDate, fits: impl Fn(&session::Model) -> bool) -> Result<OnOffer> {
    let none = |field| Error::reject(Code::NotOnOffer, &[field]);
    let offer = work.on_offer(spot).await?.filter(|offer| offer.shown.content.ends_on.is_none_or(|end| on <= end.0));
    let offer = offer.ok_or_else(|| none("offering"))?;
    match (offer.shown.content.registration_unit, spot.session) {
        (RegistrationUnit::Offering, Some(_)) => Err(Error::reject(Code::DoesNotAgree, &["session"])),
        (RegistrationUnit::Session, None) => Err(Error::reject(Code::Required, &["session"])),
        (RegistrationUnit::Session, Some(_)) if offer.session.as_ref().is_none_or(|session| !fits(session)) => Err(none("session")),
        _ => Ok(offer),
    }
}

/// One has a place there already, or waits for one.
pub(super) fn registered_already(spot: Spot) -> Error {
    Error::reject(Code::AlreadyRegistered, &[if spot.session.is_some() { "session" } else { "offering" }])
}

/// A participation of somebody whom no register knows, with nothing said yet; the offering is held.
pub(super) async fn unnamed(work: &mut Work, id: ParticipationId, offer: &OnOffer) -> Result<table::Model> {
    let (provider, now) = (offer.shown.organization_id, work.now());
    Ok(table::Model {
        id,
        network_id: offer.shown.network_id,
        organization_id: provider,
        client_id: None,
        provider_id: provider,
        offering_id: offer.shown.id,
        session_id: offer.spot.session,
        source: ParticipationSource::WalkIn,
        state: ParticipationState::Proposed,
        alias: None,
        referral_id: None,
        consent_id: None,
        transferred_from_id: None,
        registered_by: author(work),
        arrival: work.next_arrival(offer.shown.id).await?,
        held_until: None,
        started_on: None,
        ended_on: None,
        ended_for: None,
        reason: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

/// On what ground those who give the service may know of a client.
struct Ground {
    source: ParticipationSource,
    referral: Option<ReferralId>,
    consent: Option<ConsentId>,
}

/// A participation as it begins, and the offering, held; with it the one from which the client comes.
pub(super) async fn begin(
    work: &mut Work,
    id: ParticipationId,
    client: &client::Model,
    input: &Register,
    from: Option<ServiceOfferingId>,
) -> Result<(table::Model, OnOffer)> {
    if let Some(alias) = &input.alias {
        check_alias(alias).into_result()?;
    }
    let own_act = is_client(work, Some(client.id)).await?;
    // The referral and its consent before the offering, as whoever withdraws them takes them.
    let referred = match input.referral {
        Some(referral) => Some(referred(work, client, referral).await?),
        None => None,
    };
    hold_both(work, from, input.offering).await?;
    let offer = on_offer(work, Spot { offering: input.offering, session: input.session }).await?;
    let provider = offer.shown.organization_id;
    if offer.shown.network_id != client.network_id {
        return Err(Error::reject(Code::OtherNetwork, &["offering"]));
    }
    if work.takes_part(client.id, offer.spot).await?.is_some() {
        return Err(registered_already(offer.spot));
    }
    let stays = provider == client.organization_id;
    let referred_by = referred.as_ref().map(|(referral, _)| referral.clone());
    let ground = match referred {
        // What was agreed with others says nothing of the keeper's own places.
        Some((referral, _)) if stays && referral.recipient_id != provider => return Err(Error::reject(Code::DoesNotAgree, &["referral"])),
        _ if stays => Ground { source: ParticipationSource::OwnService, referral: input.referral, consent: None },
        Some((referral, consent)) if referral.recipient_id == provider && is_of_service(&referral, &offer) => {
            Ground { source: ParticipationSource::Referral, referral: Some(referral.id), consent: Some(consent.id) }
        }
        Some(_) => return Err(Error::reject(Code::DoesNotAgree, &["referral"])),
        None if own_act && offer.service.content.referral_required => return Err(Error::reject(Code::ReferralNeeded, &["referral"])),
        None if own_act => Ground { source: ParticipationSource::SelfRegistration, referral: None, consent: Some(ConsentId::new()) },
        None => return Err(Error::reject(Code::ConsentMissing, &["referral"])),
    };
    let protected = work.is_protected(Some(client.id)).await?;
    let alias = match &input.alias {
        // Where somebody is and when is told of one under non-disclosure to nobody by name.
        _ if protected && !stays => None,
        Some(alias) if own_act => Some(alias.trim().to_owned()),
        // Whoever has been told of the client by the referral calls the client as that does.
        _ if input.client.is_none() => referred_alias(work, referred_by.as_ref())?,
        _ => Some(known_alias(work, client, own_act).await?),
    };
    let row = table::Model {
        organization_id: client.organization_id,
        client_id: Some(client.id),
        source: if own_act { ParticipationSource::SelfRegistration } else { ground.source },
        alias: alias.as_deref().map(|alias| seal_alias(work, id, alias)).transpose()?,
        referral_id: ground.referral,
        consent_id: ground.consent,
        ..unnamed(work, id, &offer).await?
    };
    if let Some(consent) = ground.consent
        && ground.source == ParticipationSource::SelfRegistration
    {
        let text_version = input.text_version.as_deref().ok_or_else(|| Error::reject(Code::Required, &["textVersion"]))?;
        give_consent(work, &offer, &row, &Consented { id: consent, method: ConsentMethod::Electronic, text_version }).await?;
    }
    // What those who give the service know by the referral was logged with it.
    if let (Some(consent), true, true) = (ground.consent, row.alias.is_some(), input.client.is_some()) {
        work.disclose(Disclosure {
            network: client.network_id,
            client: Some(client.id),
            organization: client.organization_id,
            recipient: provider,
            items: BTreeSet::from([DataItem::Alias]),
            basis: LogBasis::Consent,
            ground: Some(consent.0),
        });
    }
    Ok((row, offer))
}

/// Holds two offerings in the order in which whoever ends several holds them.
pub(super) async fn hold_both(work: &Work, from: Option<ServiceOfferingId>, into: ServiceOfferingId) -> Result<()> {
    let Some(from) = from else { return Ok(()) };
    for offering in [from.min(into), from.max(into)] {
        work.hold::<service_offering::Entity>(offering).await?;
    }
    Ok(())
}

/// The accepted referral of a client, and its consent that covers the alias; both held until the commit.
async fn referred(work: &Work, client: &client::Model, id: ReferralId) -> Result<(referral::Model, consent::Model)> {
    work.referral_behind(id).await?;
    let row = work.refer::<referral::Entity>(id, &["referral"]).await?;
    if row.client_id != Some(client.id) || row.state != ReferralState::Accepted || !row.goes_on() {
        return Err(Error::reject(Code::DoesNotAgree, &["referral"]));
    }
    let consent = consented(work, &row, "referral").await?;
    Ok((row, consent))
}

/// The consent behind a referral, which covers the alias; held until the commit.
async fn consented(work: &Work, referral: &referral::Model, field: &str) -> Result<consent::Model> {
    let missing = || Error::reject(Code::ConsentMissing, &[field]);
    let consent = work.hold_consent_in_force(referral.consent_id.ok_or_else(missing)?).await?.ok_or_else(missing)?;
    match uncovered(&BTreeSet::from([DataItem::Alias]), &consent.scope.0)[..] {
        [] => Ok(consent),
        _ => Err(Error::reject(Code::ConsentScope, &[field])),
    }
}

/// An offering is of the service to which the client was referred, where it was to a certain one.
fn is_of_service(referral: &referral::Model, offer: &OnOffer) -> bool {
    referral.service_id.is_none_or(|service| service == offer.shown.service_id)
}

/// What the referral calls the client.
fn referred_alias(work: &Work, referral: Option<&referral::Model>) -> Result<Option<String>> {
    let told = referral.map(|referral| introduction(work.vault(), referral)).transpose()?.flatten();
    let names = told.map(|told| (told.reveal().alias.clone(), told.reveal().full_name.clone()));
    Ok(names.and_then(|(alias, full)| alias.or_else(|| full?.split_whitespace().next().map(str::to_owned))))
}

/// What the register knows the client by among others.
async fn known_alias(work: &Work, client: &client::Model, own_act: bool) -> Result<String> {
    let who = if own_act {
        work.refer::<person::Entity>(client.person_id, &["client"]).await?
    } else {
        work.fetch::<person::Entity>(client.person_id, Action::Read).await?
    };
    Ok(clients::open(work.vault(), &who)?.reveal().service_alias().to_owned())
}

/// A consent that is given with a registration.
struct Consented<'a> {
    id: ConsentId,
    method: ConsentMethod,
    text_version: &'a str,
}

/// Keeps the consent that a registration rests on: that those who give the service know the alias, for as long as it is given and a while after.
async fn give_consent(work: &mut Work, offer: &OnOffer, row: &table::Model, given: &Consented<'_>) -> Result<()> {
    let now = work.now();
    let end = offer.session.as_ref().map(|session| day(session.ends_at)).or_else(|| offer.shown.content.ends_on.map(|end| end.0));
    let lasts = match end {
        Some(end) => TimeDelta::days((end - day(now)).num_days().max(0) + CONSENTED_AFTER),
        None => TimeDelta::days(CONSENTED_DAYS),
    };
    let terms = ConsentTerms {
        purpose: ConsentPurpose::Participation,
        recipient: row.provider_id,
        scope: BTreeSet::from([DataItem::Alias]),
        method: given.method,
        text_version: given.text_version.to_owned(),
        expires_at: now + lasts.min(TimeDelta::days(domain::person::consent::LONGEST_DAYS - 1)),
    };
    terms.check(now).into_result()?;
    let consent = consent::Model {
        id: given.id,
        network_id: row.network_id,
        organization_id: row.organization_id,
        client_id: row.client_id,
        purpose: terms.purpose,
        recipient_id: terms.recipient,
        scope: DataItems(terms.scope),
        referral_id: None,
        method: terms.method,
        text_version: terms.text_version,
        given_at: now,
        expires_at: terms.expires_at,
        state: ConsentState::Given,
        ended_at: None,
        recorded_by: author(work),
        withdrawn_by: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    work.insert_later::<consent::Entity>(consent).await.map(drop)
}

/// Tells a client, and those who act for the client; where none of them can sign in, whoever has led the client there or is the own worker, and else all who
/// work with clients where the register is kept.
pub(super) async fn tell_client(work: &mut Work, client: ClientId, kind: NoticeKind, row: &table::Model) -> Result<()> {
    let mut to: Vec<_> = work.voices_of(client).await?.into_iter().map(Addressee::Client).collect();
    if to.is_empty() {
        let worker = |subject| Addressee::Worker(row.organization_id, subject);
        to.extend(led_by(work, row).await?.map(worker));
        if to.is_empty() {
            to.extend(own_workers(work, client, row).await?.into_iter().map(worker));
        }
    }
    if to.is_empty() {
        to.push(Addressee::Organization(row.organization_id));
    }
    for to in to {
        work.notify_of_participation(row.network_id, to, kind, row.id, None);
    }
    Ok(())
}

/// The own workers of a client's open cases where the register is kept.
pub(super) async fn own_workers(work: &Work, client: ClientId, row: &table::Model) -> Result<BTreeSet<String>> {
    Ok(work.open_cases(client, row.organization_id).await?.into_iter().filter_map(|case| case.own_worker).collect())
}

/// The worker of the client's register who has led the client to a participation, and works there still: who registered the client, or else who wrote the
/// referral by which those who give the service did.
pub(super) async fn led_by(work: &Work, row: &table::Model) -> Result<Option<String>> {
    let wrote = match row.referral_id {
        Some(referral) => work.writer_of(referral, row.organization_id).await?,
        None => None,
    };
    for worker in [Some(row.registered_by.clone()), wrote].into_iter().flatten() {
        if work.takes_cases(&worker, row.organization_id).await? {
            return Ok(Some(worker));
        }
    }
    Ok(None)
}
