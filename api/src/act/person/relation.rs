//! Care relations: opened by what people do, by a statutory right, or in an emergency; ended with their ground.
use super::disclosure::{self, Going};
use crate::{
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Disclosure, Work},
};
use chrono::{DateTime, Utc};
use domain::{
    access::{LogBasis, NoticeKind},
    actor::{Actor, Role},
    id::{CareRelationId, NetworkId, OrganizationId},
    person::{
        consent::DataItem,
        disclosure::{Extent, Will},
        hetu::Hetu,
        relation::{RelationBasis, check_reason},
    },
    policy::Action,
    rejection::{Code, Rejection},
    text,
};
use entity::person::{care_relation, client};
use uuid::Uuid;

/// Opens a relation of the actor to a client.
pub(crate) async fn open(
    work: &mut Work,
    client: &client::Model,
    organization: OrganizationId,
    basis: RelationBasis,
    ground: Option<Uuid>,
    reason: Option<&str>,
) -> Result<care_relation::Model> {
    let subject = work.actor().subject().unwrap_or_default().to_owned();
    open_for(work, client, organization, &subject, basis, ground, reason).await
}

/// Opens a relation of somebody to a client.
pub(crate) async fn open_for(
    work: &mut Work,
    client: &client::Model,
    organization: OrganizationId,
    subject: &str,
    basis: RelationBasis,
    ground: Option<Uuid>,
    reason: Option<&str>,
) -> Result<care_relation::Model> {
    let until = basis.expires(work.now());
    open_until(work, client, organization, subject, (basis, ground, reason), until).await
}

/// Opens a relation of somebody to a client that ends by itself at a given time.
pub(crate) async fn open_until(
    work: &mut Work,
    client: &client::Model,
    organization: OrganizationId,
    subject: &str,
    (basis, ground, reason): (RelationBasis, Option<Uuid>, Option<&str>),
    until: DateTime<Utc>,
) -> Result<care_relation::Model> {
    let opens = Opens::before(work, client, organization, basis).await?;
    let now = work.now();
    let row = care_relation::Model {
        id: CareRelationId::new(),
        network_id: client.network_id,
        organization_id: organization,
        client_id: client.id,
        subject: subject.to_owned(),
        basis,
        ground_id: ground,
        reason: reason.map(text::tidy),
        expires_at: until,
        ended_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let row = work.insert::<care_relation::Entity>(row).await?;
    if let Some(opens) = opens {
        opens.disclose(work, client, &row).await?;
    }
    Ok(row)
}

/// What a relation opens of another controller's register: who the client is, where the client is taken on, and the rest where the client permits it. What
/// a law or an emergency opens is told of by whoever opens it.
struct Opens {
    /// Who has read the register by permission before.
    readers: disclosure::Readers,
    /// The client is taken on with it for the first time, and keeps nothing back.
    identity: bool,
}

impl Opens {
    /// None of a relation that opens nothing by itself: within the register, and by a law or in an emergency.
    async fn before(work: &Work, client: &client::Model, organization: OrganizationId, basis: RelationBasis) -> Result<Option<Self>> {
        let takes_on = |basis| matches!(basis, RelationBasis::Intake | RelationBasis::Case);
        if organization == client.organization_id || matches!(basis, RelationBasis::StatutoryInfo | RelationBasis::BreakGlass) {
            return Ok(None);
        }
        let taken_on = work.relations_elsewhere(client).await?.iter().any(|row| row.organization_id == organization && takes_on(row.basis));
        let identity = takes_on(basis) && !taken_on && (basis == RelationBasis::Case || !work.keeps_all_from(client.id, organization).await?);
        Ok(Some(Self { readers: disclosure::readers_by_permission(work, client).await?, identity }))
    }

    async fn disclose(self, work: &mut Work, client: &client::Model, row: &care_relation::Model) -> Result<()> {
        disclosure::disclose_to_new_readers(work, client, &self.readers).await?;
        if self.identity && !self.readers.contains_key(&row.organization_id) {
            let items = [DataItem::FullName, DataItem::BirthDate, DataItem::Contact, DataItem::Address, DataItem::Language].into();
            work.disclose(Disclosure {
                network: client.network_id,
                client: Some(client.id),
                organization: client.organization_id,
                recipient: row.organization_id,
                items,
                basis: LogBasis::StatutoryInfo,
                ground: Some(row.id.0),
            });
        }
        Ok(())
    }
}

/// Opens a relation like the actor's longest one to a client, on the same basis and until the same time, to keep a reason.
pub(crate) async fn open_alike(work: &mut Work, client: &client::Model, ground: Uuid, reason: &str) -> Result<()> {
    use sea_orm::{ColumnTrait, ExprTrait};
    let subject = work.actor().subject().unwrap_or_default().to_owned();
    let own = care_relation::Column::ClientId.eq(client.id).and(care_relation::Column::Subject.eq(&subject)).and(care_relation::Column::EndedAt.is_null());
    let live = work.find::<care_relation::Entity>(own).await?.into_iter().max_by_key(|row| row.expires_at).ok_or(Error::NotFound)?;
    let now = work.now();
    let row = care_relation::Model {
        id: CareRelationId::new(),
        ground_id: Some(ground),
        reason: Some(text::tidy(reason)),
        created_at: now,
        updated_at: now,
        version: 1,
        ..live
    };
    work.insert::<care_relation::Entity>(row).await?;
    Ok(())
}

/// By what a client is named who is out of one's reach.
#[derive(Clone, Debug)]
pub enum Named {
    /// By the number.
    Number(String),
    /// By the identity code.
    Hetu(Hetu),
}

/// What is said when a client is opened without a relation.
#[derive(Clone, Debug)]
pub struct OpenRelation {
    /// The organisation in which one acts.
    pub organization: OrganizationId,
    /// Who.
    pub client: Named,
    /// The ground in words.
    pub reason: String,
    /// On which law the data is opened in spite of a prohibition of the client, in words.
    pub despite_prohibition: Option<String>,
}

/// Opens a client by the statutory right to information, or in an emergency. Both are told to the data protection officer and the lead of those who keep what is
/// opened, an emergency to those of one's own organisation as well.
///
/// # Errors
/// A reason that is too short, a client that the network does not know, or a caller whose role does not work with clients.
pub async fn open_without(caller: &Caller, basis: RelationBasis, input: OpenRelation) -> Result<care_relation::Model> {
    let network = worker(caller, input.organization)?;
    check_reason(&input.reason)?;
    if let Some(ground) = &input.despite_prohibition {
        disclosure::check_despite(ground)?;
    }
    caller
        .write(async |work: &mut Work| {
            let found = match &input.client {
                Named::Number(number) => work.client_by_number(network, number).await?,
                Named::Hetu(hetu) => work.known_by_hetu(network, hetu).await?,
            };
            let Some(id) = found else { return Err(Error::reject(Code::UnknownReference, &["client"])) };
            let id = work.hold_client(id).await?;
            let client = work.client_behind(id).await?;
            heed_prohibitions(work, &client, basis, &input).await?;
            let reason = [Some(input.reason.as_str()), input.despite_prohibition.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" — ");
            let row = open(work, &client, input.organization, basis, None, Some(&reason)).await?;
            // From here on the relation lets the client be read like any other.
            let client = work.fetch::<client::Entity>(id, Action::Read).await?;
            // Those who answer for what is opened are told, whoever opens it; of an emergency, those too for whom it is opened.
            let emergency = basis == RelationBasis::BreakGlass;
            let (kind, basis) =
                if emergency { (NoticeKind::EmergencyAccess, LogBasis::BreakGlass) } else { (NoticeKind::StatutoryAccess, LogBasis::StatutoryInfo) };
            let keepers = work.keepers_of(&client).await?;
            for keeper in &keepers {
                work.notify(network, Addressee::Officers(*keeper), kind, None, Some(row.id));
            }
            if emergency && !keepers.contains(&input.organization) {
                work.notify(network, Addressee::Officers(input.organization), kind, None, Some(row.id));
            }
            for keeper in keepers.into_iter().filter(|keeper| *keeper != input.organization) {
                disclose_register(work, &client, keeper, input.organization, basis, Some(row.id.0));
            }
            Ok(row)
        })
        .await
}

/// What a client keeps back from another controller is opened by a right by law that holds in spite of it, with its ground in words; an emergency needs
/// no other ground than itself: it is the client's life or health, lasts for hours and is told to those who answer for the register.
async fn heed_prohibitions(work: &Work, client: &client::Model, basis: RelationBasis, input: &OpenRelation) -> Result<()> {
    if basis == RelationBasis::BreakGlass {
        return Ok(());
    }
    let will = if input.despite_prohibition.is_some() { Will::StatutoryRight } else { Will::Other };
    let going = Going { client, recipient: input.organization, services: &[], extent: Extent::Register, will };
    let heeded = disclosure::check(work, going, &["despiteProhibition"]).await;
    if heeded.is_err() {
        work.note_prohibited(client.id);
    }
    heeded
}

/// Logs that the register of a client is opened to another controller's worker: all that it tells of who the client is and what was written.
pub(crate) fn disclose_register(
    work: &mut Work,
    client: &client::Model,
    keeper: OrganizationId,
    recipient: OrganizationId,
    basis: LogBasis,
    ground: Option<Uuid>,
) {
    // Neither what only referrals tell of.
    let items = DataItem::ALL.iter().copied().filter(|item| !matches!(item, DataItem::Reason | DataItem::Progress)).collect();
    work.disclose(Disclosure { network: client.network_id, client: Some(client.id), organization: keeper, recipient, items, basis, ground });
}

/// Ends a relation before its time.
///
/// # Errors
/// One that has ended, somebody else's where one is not the lead, a stale version, or a caller without the right.
pub async fn end(caller: &Caller, id: CareRelationId, expected: i32) -> Result<care_relation::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<care_relation::Entity>(id, expected, Action::Transition).await?;
            let leads = work.actor().is_in(before.organization_id, |role| role == Role::Lead);
            if work.actor().subject() != Some(before.subject.as_str()) && !leads {
                return Err(Error::Forbidden);
            }
            if before.ended_at.is_some() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "ENDED").into());
            }
            let next = care_relation::Model { ended_at: Some(work.now()), ..before.clone() };
            work.update::<care_relation::Entity>(&before, next, Action::Transition).await
        })
        .await
}

/// The network in which the caller works with clients for this organisation.
fn worker(caller: &Caller, organization: OrganizationId) -> Result<NetworkId> {
    let Actor::Person { standings, .. } = caller.signed_in()? else { return Err(Error::Forbidden) };
    let works =
        |role: Role| domain::policy::scope(domain::policy::Party::In(role), Action::Read, domain::policy::Resource::Person) != domain::policy::Scope::Nothing;
    standings.iter().find(|s| s.organization == organization && works(s.role)).map(|s| s.network).ok_or(Error::Forbidden)
}
