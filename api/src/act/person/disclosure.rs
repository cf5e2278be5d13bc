//! Informing (informointi), disclosure permission (luovutuslupa) and prohibition (kielto): recorded, ended, and heeded wherever data goes to another
//! controller.
use super::{
    consent::{halt, halt_referral, is_client},
    relation,
};
use crate::{
    act::casework::client_entry as entries,
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Disclosure, Work},
};
use chrono::{DateTime, Utc};
use domain::{
    access::{LogBasis, NoticeKind},
    casework::case::{CaseContent, CaseStage},
    catalogue::session::day,
    code::lists,
    id::{CareRelationId, ClientId, DisclosurePermissionId, DisclosureProhibitionId, InformingId, OrganizationId, ServiceId},
    person::{
        consent::{ConsentPurpose, DataItem},
        disclosure::{
            DisclosureSector, DocumentKind, Extent, InformingKind, InformingMethod, Kept, Prohibited, ProhibitionTarget, Will, check_text_version, prohibits,
        },
        relation::RelationBasis,
    },
    policy::{Action, Party, Resource, Scope, scope},
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{
    Guarded,
    casework::{case, client_entry, client_plan, final_assessment, follow_up, instrument_response, needs_assessment, network_meeting, service_decision},
    catalogue::organization,
    person::{client, consent, disclosure_permission, disclosure_prohibition, informing},
};
use sea_orm::ColumnTrait;
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is said when an informing is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct RecordInforming {
    /// The client.
    pub client: ClientId,
    /// About what.
    pub kind: InformingKind,
    /// The day.
    pub given_on: Date,
    /// How.
    pub method: InformingMethod,
    /// The version of the text.
    pub text_version: String,
}

/// Records that a client was informed, or that a client has read it in an own account.
///
/// # Errors
/// A version of the text that is missing, a day to come, or a caller without the right.
pub async fn inform(caller: &Caller, key: Option<&str>, input: RecordInforming) -> Result<informing::Model> {
    caller.signed_in()?;
    check_text_version(&input.text_version).into_result()?;
    let today = day(caller.now());
    if input.given_on.0 > today {
        return Err(Rejection::with(Code::OutOfRange, &["givenOn"], format!("–{today}")).into());
    }
    let id = InformingId::new();
    caller
        .write_once::<informing::Entity>(key, "recordInforming", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Read).await?;
            let own_act = is_client(work, Some(client.id)).await?;
            let now = work.now();
            let row = informing::Model {
                id,
                network_id: client.network_id,
                organization_id: client.organization_id,
                client_id: client.id,
                kind: input.kind,
                given_on: input.given_on.0,
                // What a client reads in an own account, the client has read there, and now.
                method: if own_act { InformingMethod::Electronic } else { input.method },
                text_version: input.text_version.clone(),
                informed_by: actor(work),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<informing::Entity>(row).await
        })
        .await
}

/// What is said when a disclosure permission is given.
#[derive(Clone, Debug, Serialize)]
pub struct GivePermission {
    /// The client.
    pub client: ClientId,
    /// Data of which sector.
    pub sector: DisclosureSector,
}

/// Gives a disclosure permission as the client, or records it for the client. What the client's register tells can then be read by workers of other
/// controllers who have a care relation, until it is withdrawn.
///
/// # Errors
/// [`Code::InformingMissing`] unless the client was informed about Kanta before, [`Code::RecordedAlready`] while one for the sector is in force, or a
/// caller without the right.
pub async fn permit(caller: &Caller, key: Option<&str>, input: GivePermission) -> Result<disclosure_permission::Model> {
    use disclosure_permission::{Column, Entity, Model};
    caller.signed_in()?;
    let id = DisclosurePermissionId::new();
    caller
        .write_once::<Entity>(key, "giveDisclosurePermission", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Read).await?;
            speaks_for(work, &client).await?;
            let informed = work.find::<informing::Entity>(informing::Column::ClientId.eq(client.id)).await?;
            if !informed.iter().any(|row| row.kind == InformingKind::Kanta) {
                return Err(Error::reject(Code::InformingMissing, &["client"]));
            }
            let given = work.find::<Entity>(Column::ClientId.eq(client.id)).await?;
            if given.iter().any(|row| row.sector == input.sector && row.withdrawn_at.is_none()) {
                return Err(Error::reject(Code::RecordedAlready, &["sector"]));
            }
            let now = work.now();
            let row = Model {
                id,
                network_id: client.network_id,
                organization_id: client.organization_id,
                client_id: client.id,
                sector: input.sector,
                given_at: now,
                recorded_by: actor(work),
                withdrawn_at: None,
                withdrawn_by: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let before = readers_by_permission(work, &client).await?;
            let row = work.insert::<Entity>(row).await?;
            disclose_to_new_readers(work, &client, &before).await?;
            Ok(row)
        })
        .await
}

/// The caller is the client, or works with the client where the register is kept: others are not told how far the client has come with it.
async fn speaks_for(work: &Work, client: &client::Model) -> Result<()> {
    let records = |role| scope(Party::In(role), Action::Create, Resource::DisclosurePermission) != Scope::Nothing;
    let works_there = work.actor().is_in(client.organization_id, records);
    if works_there && work.own_relation(client.id).await?.is_some() || is_client(work, Some(client.id)).await? { Ok(()) } else { Err(Error::Forbidden) }
}

/// Other controllers, each with a care relation of a worker by which it reads the client's register, since the client permits that. Those who read it by a
/// law or in an emergency were told of then.
pub(crate) type Readers = BTreeMap<OrganizationId, CareRelationId>;

/// Who reads a client's register by permission now.
pub(crate) async fn readers_by_permission(work: &Work, client: &client::Model) -> Result<Readers> {
    let mut out = Readers::new();
    if !work.permits_disclosure(client.id).await? {
        return Ok(out);
    }
    let set = work.prohibitions_of(client.id).await?;
    for relation in work.relations_elsewhere(client).await? {
        let by_law = matches!(relation.basis, RelationBasis::StatutoryInfo | RelationBasis::BreakGlass);
        let recipient = relation.organization_id;
        if by_law || out.contains_key(&recipient) || !work.takes_cases(&relation.subject, recipient).await? {
            continue;
        }
        if prohibits(&set, recipient, &Extent::Rest, &Will::Other).is_none() {
            out.insert(recipient, relation.id);
        }
    }
    Ok(out)
}

/// Logs that the register is disclosed by permission to each controller that has not read it before.
pub(crate) async fn disclose_to_new_readers(work: &mut Work, client: &client::Model, before: &Readers) -> Result<()> {
    for (recipient, relation) in readers_by_permission(work, client).await? {
        if !before.contains_key(&recipient) {
            relation::disclose_register(work, client, client.organization_id, recipient, LogBasis::Permission, Some(relation.0));
        }
    }
    Ok(())
}

/// To whom it is told how far the cases of a client have come, as those who have sent the client and keep the responsibility for the process: each
/// disclosure as the log has it, by its ground.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn followed(work: &Work, client: &client::Model) -> Result<BTreeMap<Uuid, Disclosure>> {
    let set = work.prohibitions_of(client.id).await?;
    let mut out = BTreeMap::new();
    for (row, consent) in work.followed_referrals(client.id).await? {
        if prohibits(&set, row.organization_id, &Extent::Rest, &Will::Other).is_some() {
            continue;
        }
        let ground = consent.map_or(row.id.0, |consent| consent.0);
        let told = Disclosure {
            network: row.network_id,
            client: Some(client.id),
            organization: row.recipient_id,
            recipient: row.organization_id,
            items: [DataItem::Progress].into(),
            basis: if consent.is_some() { LogBasis::Consent } else { LogBasis::StatutoryInfo },
            ground: Some(ground),
        };
        out.insert(ground, told);
    }
    Ok(out)
}

/// Logs that it is told from now on to those who were not told of it before how far a client's cases have come.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn disclose_to_new_followers(work: &mut Work, client: &client::Model, before: &BTreeMap<Uuid, Disclosure>) -> Result<()> {
    for (ground, told) in followed(work, client).await? {
        if !before.contains_key(&ground) {
            work.disclose(told);
        }
    }
    Ok(())
}

/// Withdraws a disclosure permission: workers of other controllers read nothing by it any more.
///
/// # Errors
/// One that is withdrawn, a stale version, or a caller without the right.
pub async fn withdraw_permission(caller: &Caller, id: DisclosurePermissionId, expected: i32) -> Result<disclosure_permission::Model> {
    use disclosure_permission::{Entity, Model};
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<Entity>(id, expected, Action::Transition).await?;
            if before.withdrawn_at.is_some() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "WITHDRAWN").into());
            }
            let next = Model { withdrawn_at: Some(work.now()), withdrawn_by: Some(actor(work)), ..before.clone() };
            work.update::<Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// What a client keeps back.
#[derive(Clone, Debug, Serialize)]
pub enum KeepsBack {
    /// One document of the register.
    Document(DocumentKind, Uuid),
    /// Everything of a service task, by its code.
    ServiceTask(String),
    /// Everything, from one controller.
    Controller(OrganizationId),
}

/// What is said when a prohibition is set.
#[derive(Clone, Debug, Serialize)]
pub struct SetProhibition {
    /// The client.
    pub client: ClientId,
    /// What is kept back.
    pub target: KeepsBack,
}

/// Sets a disclosure prohibition as the client, or records it for the client. It is the client's newest will: consents that were given before and that
/// it stands against are withdrawn with it, what rests on them is halted, and so is what was opened or sent before on a law that gives way to it.
///
/// # Errors
/// A document, task or organisation that there is not, the controller that keeps the register, [`Code::RecordedAlready`] while the same is in force, or
/// a caller without the right.
pub async fn prohibit(caller: &Caller, key: Option<&str>, input: SetProhibition) -> Result<disclosure_prohibition::Model> {
    use disclosure_prohibition::{Column, Entity, Model};
    caller.signed_in()?;
    let id = DisclosureProhibitionId::new();
    caller
        .write_once::<Entity>(key, "setDisclosureProhibition", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Read).await?;
            check_target(work, &client, &input.target).await?;
            let now = work.now();
            let row = Model {
                id,
                network_id: client.network_id,
                organization_id: client.organization_id,
                client_id: client.id,
                target: match input.target {
                    KeepsBack::Document(..) => ProhibitionTarget::Document,
                    KeepsBack::ServiceTask(_) => ProhibitionTarget::ServiceTask,
                    KeepsBack::Controller(_) => ProhibitionTarget::Controller,
                },
                document_kind: if let KeepsBack::Document(kind, _) = input.target { Some(kind) } else { None },
                document_id: if let KeepsBack::Document(_, id) = input.target { Some(id) } else { None },
                service_task: if let KeepsBack::ServiceTask(task) = &input.target { Some(task.clone()) } else { None },
                controller_id: if let KeepsBack::Controller(id) = input.target { Some(id) } else { None },
                set_at: now,
                recorded_by: actor(work),
                removed_at: None,
                removed_by: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            if work.find::<Entity>(Column::ClientId.eq(client.id)).await?.iter().any(|other| other.removed_at.is_none() && other.keeps_the_same(&row)) {
                return Err(Error::reject(Code::RecordedAlready, &["target"]));
            }
            let row = work.insert::<Entity>(row).await?;
            give_way(work, &client).await?;
            tell(work, &client).await?;
            Ok(row)
        })
        .await
}

/// Removes a prohibition. What it has halted stays halted: a consent is given again.
///
/// # Errors
/// One that is removed, a stale version, or a caller without the right.
pub async fn remove_prohibition(caller: &Caller, id: DisclosureProhibitionId, expected: i32) -> Result<disclosure_prohibition::Model> {
    use disclosure_prohibition::{Entity, Model};
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let seen = work.fetch::<Entity>(id, Action::Transition).await?;
            work.hold_client(seen.client_id).await?;
            let before = work.fetch_at::<Entity>(id, expected, Action::Transition).await?;
            if before.removed_at.is_some() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "REMOVED").into());
            }
            let client = work.client_behind(before.client_id).await?;
            // A document that was kept back goes to those too who have read the rest.
            let readers = if before.target == ProhibitionTarget::Document { Readers::new() } else { readers_by_permission(work, &client).await? };
            let followers = followed(work, &client).await?;
            let next = Model { removed_at: Some(work.now()), removed_by: Some(actor(work)), ..before.clone() };
            let row = work.update::<Entity>(&before, next, Action::Transition).await?;
            disclose_to_new_readers(work, &client, &readers).await?;
            disclose_to_new_followers(work, &client, &followers).await?;
            if row.document_kind == Some(DocumentKind::ClientEntry) {
                disclose_shared_entries(work, &client).await?;
            }
            Ok(row)
        })
        .await
}

/// Logs that the shared entries go to those who have taken the client on with a consent, now that what kept them back is gone.
pub(crate) async fn disclose_shared_entries(work: &mut Work, client: &client::Model) -> Result<()> {
    for keeper in work.keepers_of_shared_entries(client.id).await? {
        for consent in work.readers_of_entries(client.id, keeper).await? {
            work.disclose(entries::disclosure(&consent, client.network_id, keeper));
        }
    }
    Ok(())
}

fn actor(work: &Work) -> String {
    work.actor().subject().unwrap_or_default().to_owned()
}

/// What is to be kept back is there, and whoever keeps it back may see it.
async fn check_target(work: &Work, client: &client::Model, target: &KeepsBack) -> Result<()> {
    match target {
        KeepsBack::ServiceTask(task) if lists().knows("service-task", task) => Ok(()),
        KeepsBack::ServiceTask(task) => Err(Rejection::with(Code::UnknownCode, &["target", "serviceTask"], task.as_str()).into()),
        KeepsBack::Controller(id) => {
            let controller = work.refer::<organization::Entity>(*id, &["target", "controller"]).await?;
            if controller.network_id != client.network_id {
                return Err(Error::reject(Code::OtherNetwork, &["target", "controller"]));
            }
            // Nothing is disclosed to those who keep the register: restricting what they do with it is another right.
            if controller.id == client.organization_id { Err(Error::reject(Code::DoesNotAgree, &["target", "controller"])) } else { Ok(()) }
        }
        KeepsBack::Document(kind, id) => match kind {
            DocumentKind::NeedsAssessment => check_document::<needs_assessment::Entity>(work, client, *id).await,
            DocumentKind::ClientPlan => check_document::<client_plan::Entity>(work, client, *id).await,
            DocumentKind::FinalAssessment => check_document::<final_assessment::Entity>(work, client, *id).await,
            DocumentKind::ServiceDecision => check_document::<service_decision::Entity>(work, client, *id).await,
            DocumentKind::ClientEntry => check_document::<client_entry::Entity>(work, client, *id).await,
            DocumentKind::FollowUp => check_document::<follow_up::Entity>(work, client, *id).await,
            DocumentKind::InstrumentResponse => check_document::<instrument_response::Entity>(work, client, *id).await,
            DocumentKind::NetworkMeeting => check_document::<network_meeting::Entity>(work, client, *id).await,
        },
    }
}

async fn check_document<E: Guarded>(work: &Work, client: &client::Model, id: Uuid) -> Result<()> {
    let path = ["target", "document"];
    let row = work.refer::<E>(id, &path).await?;
    if E::client(&row) == Some(client.id) { Ok(()) } else { Err(Error::reject(Code::UnknownReference, &path)) }
}

/// Ends what the prohibitions of a client stand against that was there before them: consents, what was opened by a statutory right, and what was sent on a
/// law. What goes to the keeper's own producers stays: there a prohibition does not apply. What came after a prohibition came in spite of it, and stays.
pub(crate) async fn give_way(work: &mut Work, client: &client::Model) -> Result<()> {
    let mut set = work.prohibitions_of(client.id).await?;
    // Whatever was there when the client was held came before what is said now, though its own transaction may have begun later.
    for said_now in set.iter_mut().filter(|one| one.set_at >= work.now()) {
        said_now.set_at = DateTime::<Utc>::MAX_UTC;
    }
    let tasks = tasks(work, client).await?;
    end_what_stands_against(work, client, &set, &tasks).await
}

/// Ends what the prohibitions of either of two clients stand against that was there for the other, before they become one: whichever came first, nobody has
/// weighed the one against the other.
pub(crate) async fn give_way_to_each_other(work: &mut Work, one: &client::Model, other: &client::Model) -> Result<()> {
    let mut both = tasks(work, one).await?;
    both.extend(tasks(work, other).await?);
    for (client, theirs) in [(one, other), (other, one)] {
        let now = work.now();
        let set: Vec<_> = work.prohibitions_of(theirs.id).await?.into_iter().map(|set| Prohibited { set_at: now, ..set }).collect();
        end_what_stands_against(work, client, &set, &both).await?;
    }
    Ok(())
}

async fn end_what_stands_against(work: &mut Work, client: &client::Model, set: &[Prohibited], tasks: &[String]) -> Result<()> {
    for seen in work.consents_in_force(client.id).await? {
        if seen.recipient_id == client.organization_id || !stand_against(set, &seen) || is_own_producer(work, client, &seen).await? {
            continue;
        }
        // The referral first, as whoever withdraws the consent takes it: the one who comes second finds it withdrawn.
        if let Some(referral) = seen.referral_id {
            work.referral_behind(referral).await?;
        }
        if let Some(consent) = work.hold_given_consent(seen.id).await? {
            work.withdraw_consent(&consent).await?;
            halt(work, &consent, NoticeKind::ConsentWithdrawn).await?;
        }
    }
    close_what_a_law_opened(work, client, set).await?;
    halt_what_a_law_sent(work, client, set, tasks).await
}

/// A prohibition stands against a consent that was given before: from its recipient, against all by which that is told anything; of a service task,
/// against being told on and on what is written, whatever the task, since that is not told apart. A document is left out, and the rest goes on.
fn stand_against(set: &[Prohibited], consent: &consent::Model) -> bool {
    newer(set, consent.given_at).iter().any(|one| match &one.what {
        Kept::Controller(controller) => {
            consent.recipient_id == *controller
                && matches!(consent.purpose, ConsentPurpose::Referral | ConsentPurpose::NetworkMeeting | ConsentPurpose::Participation)
        }
        Kept::ServiceTask(_) => consent.scope.0.contains(&DataItem::Entries),
        Kept::Document(_) => false,
    })
}

/// The prohibitions that were set at that time or later.
fn newer(set: &[Prohibited], than: DateTime<Utc>) -> Vec<Prohibited> {
    set.iter().filter(|one| one.set_at >= than).cloned().collect()
}

/// Ends what other controllers' workers opened by a statutory right before a prohibition against which it could not be opened now. Whether a law holds in
/// spite of it was not asked then: it is opened again by naming that law.
async fn close_what_a_law_opened(work: &mut Work, client: &client::Model, set: &[Prohibited]) -> Result<()> {
    for relation in work.relations_elsewhere(client).await?.into_iter().filter(|row| row.basis == RelationBasis::StatutoryInfo) {
        if prohibits(&newer(set, relation.created_at), relation.organization_id, &Extent::Register, &Will::Other).is_some() {
            work.end_relation(&relation).await?;
            let worker = Addressee::Worker(relation.organization_id, relation.subject.clone());
            work.notify(relation.network_id, worker, NoticeKind::DisclosureProhibited, None, Some(relation.id));
        }
    }
    Ok(())
}

/// Halts the referrals that were sent on a law before a prohibition against which they could not be sent now, and what those are to be passed on as.
async fn halt_what_a_law_sent(work: &mut Work, client: &client::Model, set: &[Prohibited], tasks: &[String]) -> Result<()> {
    let extent = Extent::Tasks(tasks.to_vec());
    for row in work.sent_on_a_law(client.id).await? {
        let newer = newer(set, row.sent_at.unwrap_or(row.created_at));
        let prohibited = row.recipient_id != client.organization_id && prohibits(&newer, row.recipient_id, &extent, &Will::Other).is_some();
        if prohibited && !work.produces_for(client.organization_id, row.recipient_id, row.service_id.as_slice()).await? {
            if row.state.is_open() {
                halt_referral(work, row.id, NoticeKind::ReferralWithdrawn).await?;
            } else {
                work.cancel_passed_on(row.id).await?;
            }
        }
    }
    Ok(())
}

/// The recipient of a consent is told by it as a producer of the keeper's own.
async fn is_own_producer(work: &Work, client: &client::Model, consent: &consent::Model) -> Result<bool> {
    let services: Vec<ServiceId> = match consent.referral_id {
        Some(referral) => work.referral_behind(referral).await?.and_then(|row| row.service_id).into_iter().collect(),
        None => work.services_taken_on(client.id, consent.recipient_id).await?,
    };
    work.produces_for(client.organization_id, consent.recipient_id, &services).await
}

/// The service tasks of a client's cases, main and parallel: of closed ones too, since what was written in them is still told of.
pub(crate) async fn tasks(work: &Work, client: &client::Model) -> Result<Vec<String>> {
    Ok(work.cases_of(client.id).await?.into_iter().flat_map(|case| tasks_of(case.content)).collect())
}

/// The service tasks of a case, main and parallel.
pub(crate) fn tasks_of(content: CaseContent) -> impl Iterator<Item = String> {
    std::iter::once(content.service_task).chain(content.parallel)
}

/// Tells the own workers of a client's cases of a new prohibition.
async fn tell(work: &mut Work, client: &client::Model) -> Result<()> {
    let cases: Vec<case::Model> = work.open_cases(client.id, client.organization_id).await?;
    for case in cases.into_iter().filter(|case| case.stage != CaseStage::Closed) {
        if let Some(worker) = case.own_worker.filter(|worker| Some(worker.as_str()) != work.actor().subject()) {
            let to = Addressee::Worker(case.organization_id, worker);
            work.notify_of_case(case.network_id, to, NoticeKind::DisclosureProhibited, case.id, None);
        }
    }
    Ok(())
}

/// A disclosure that is about to be made.
#[derive(Debug)]
pub(crate) struct Going<'a> {
    /// Of whom.
    pub client: &'a client::Model,
    /// To whom.
    pub recipient: OrganizationId,
    /// For which services.
    pub services: &'a [ServiceId],
    /// What.
    pub extent: Extent,
    /// On what ground.
    pub will: Will,
}

/// Refuses what a client has prohibited. Not asked about what stays with those who keep the register, nor about their own producers.
///
/// # Errors
/// [`Code::DisclosureProhibited`] at `path`, or a fault of the database.
pub(crate) async fn check(work: &Work, going: Going<'_>, path: &[&str]) -> Result<()> {
    if going.recipient == going.client.organization_id {
        return Ok(());
    }
    let set = work.prohibitions_of(going.client.id).await?;
    if prohibits(&set, going.recipient, &going.extent, &going.will).is_none() {
        return Ok(());
    }
    if work.produces_for(going.client.organization_id, going.recipient, going.services).await? {
        return Ok(());
    }
    Err(Error::reject(Code::DisclosureProhibited, path))
}

/// The ground on which data goes in spite of a prohibition is told in words.
///
/// # Errors
/// As for any reason, at `despiteProhibition`.
pub(crate) fn check_despite(ground: &str) -> Result<()> {
    let faults = domain::person::relation::check_reason(ground).err().unwrap_or_default();
    let mut out = domain::rejection::Rejections::default();
    for fault in &faults {
        out.push(Rejection { path: vec!["despiteProhibition".to_owned()], ..fault.clone() });
    }
    Ok(out.into_result()?)
}
