//! Clients: taken up, their identity kept and mended, their accounts and representatives.
use super::{disclosure, relation};
use crate::{
    act::under,
    caller::Caller,
    error::{Error, Result},
    store::Work,
    vault::Place,
};
use domain::{
    catalogue::session::day,
    id::{ClientId, NetworkId, OrganizationId, PersonId, RepresentationId},
    noted_field::NotedField,
    person::{
        identity::Identity,
        relation::{RelationBasis, check_reason},
        representation::RepresentationKind,
    },
    policy::Action,
    private::Private,
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{
    catalogue::organization,
    person::{client, person, representation},
};
use sea_orm::ColumnTrait;
use serde::Serialize;

/// What is said when a client is taken up.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterClient {
    /// The organisation that keeps the register: one's own.
    pub keeper: OrganizationId,
    /// Who the client is.
    pub identity: Identity,
    /// Non-disclosure for safety (turvakielto).
    pub protected: bool,
}

/// Takes up a client, with a care relation of whoever does.
///
/// # Errors
/// What the identity lacks, an identity code that the network knows already, or a caller without the right.
pub async fn register(caller: &Caller, key: Option<&str>, input: RegisterClient) -> Result<client::Model> {
    caller.signed_in()?;
    let identity = input.identity.clone().tidy();
    under("identity", &identity.check(day(caller.now())))?;
    let id = ClientId::new();
    caller
        .write_once::<client::Entity>(key, "registerClient", &input, id, async |work: &mut Work| {
            let keeper = work.refer::<organization::Entity>(input.keeper, &["keeper"]).await?;
            work.allow::<client::Entity>(Action::Create, keeper.network_id, keeper.id)?;
            if let Some(hetu) = &identity.hetu
                && work.client_by_hetu(keeper.network_id, hetu).await?.is_some()
            {
                return Err(Error::reject(Code::NotUnique, &["identity", "hetu"]));
            }
            let row = row(work, id, keeper.network_id, keeper.id);
            let person = person_row(work, &row, input.protected);
            // Whoever takes up a matter has the relation first: what follows is written inside it.
            relation::open(work, &row, keeper.id, RelationBasis::Intake, None, None).await?;
            let row = work.insert::<client::Entity>(row).await?;
            work.keep_person(person, &identity, None).await?;
            Ok(row)
        })
        .await
}

/// A client that is taken up now.
pub(crate) fn row(work: &Work, id: ClientId, network: NetworkId, organization: OrganizationId) -> client::Model {
    let now = work.now();
    client::Model {
        id,
        network_id: network,
        organization_id: organization,
        person_id: PersonId::new(),
        number: number(id),
        account: None,
        merged_into_id: None,
        merged_at: None,
        merged_by: None,
        merge_reason: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// The person of a client that is taken up now.
pub(crate) fn person_row(work: &Work, client: &client::Model, protected: bool) -> person::Model {
    person::Model {
        id: client.person_id,
        network_id: client.network_id,
        organization_id: client.organization_id,
        client_id: client.id,
        identity: entity::SealedText(String::new()),
        hetu_hash: None,
        key_id: String::new(),
        protected,
        created_at: work.now(),
        updated_at: work.now(),
        version: 1,
    }
}

/// The number by which workers speak of a client: nine characters without a meaning, none of which is easily misread.
fn number(id: ClientId) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let random = id.0.as_u128();
    let letter = |i: u32| char::from(LETTERS[((random >> (5 * i)) & 31) as usize]);
    let letters: Vec<char> = (0..9).map(letter).collect();
    letters.chunks(3).map(|three| three.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What is mended in who a client is.
#[derive(Clone, Debug)]
pub struct UpdateIdentity {
    /// The client.
    pub client: ClientId,
    /// The version of the person that was seen.
    pub expected: i32,
    /// Who the client is, whole.
    pub identity: Identity,
    /// Non-disclosure for safety (turvakielto).
    pub protected: bool,
}

/// Replaces what is known of who a client is; what it was before stays in the audit, sealed.
///
/// # Errors
/// What the identity lacks, an identity code of another client, a stale version, or a caller without a relation.
pub async fn update_identity(caller: &Caller, input: UpdateIdentity) -> Result<person::Model> {
    caller.signed_in()?;
    let mut identity = input.identity.clone().tidy();
    under("identity", &identity.check(day(caller.now())))?;
    caller
        .write(async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Update).await?;
            let before = work.fetch_at::<person::Entity>(client.person_id, input.expected, Action::Update).await?;
            if let Some(hetu) = &identity.hetu {
                if work.client_by_hetu(client.network_id, hetu).await?.is_some_and(|other| other != client.id) {
                    return Err(Error::reject(Code::NotUnique, &["identity", "hetu"]));
                }
            } else {
                // The code is only written: leaving it out keeps the one that is known.
                identity.hetu.clone_from(&open(work.vault(), &before)?.reveal().hetu);
                under("identity", &identity.check(day(work.now())))?;
            }
            if before.protected {
                keep_whereabouts(&mut identity, open(work.vault(), &before)?.reveal());
            }
            if before.protected != input.protected {
                caller.reader().note_field(client.id, NotedField::PersonProtected, true);
            }
            let next = person::Model { protected: input.protected, ..before.clone() };
            if input.protected && !before.protected {
                work.withhold_protected(client.id).await?;
            }
            let row = work.keep_person(next, &identity, Some(&before)).await?;
            if before.protected && !row.protected {
                disclosure::disclose_shared_entries(work, &client).await?;
            }
            Ok(row)
        })
        .await
}

/// Whoever mends an identity under non-disclosure does not see where the person lives: what is left out of that stays.
fn keep_whereabouts(identity: &mut Identity, known: &Identity) {
    identity.municipality = identity.municipality.take().or_else(|| known.municipality.clone());
    identity.address = identity.address.take().or_else(|| known.address.clone());
    identity.phone = identity.phone.take().or_else(|| known.phone.clone());
    identity.email = identity.email.take().or_else(|| known.email.clone());
}

/// Opens who somebody is.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn open(vault: &crate::vault::Vault, row: &person::Model) -> Result<Private<Identity>> {
    vault.open(Place::new("person.identity", row.id), &row.identity)
}

/// Opens who somebody under non-disclosure is, with a reason; the data protection officer sees it.
///
/// # Errors
/// A reason that is too short, or a caller without a relation.
pub async fn reveal_protected(caller: &Caller, id: ClientId, reason: &str) -> Result<Private<Identity>> {
    caller.signed_in()?;
    check_reason(reason)?;
    caller
        .write(async |work: &mut Work| {
            let client = work.named_client(id, Action::Update).await?;
            let row = work.fetch::<person::Entity>(client.person_id, Action::Update).await?;
            caller.reader().note_field(client.id, NotedField::PersonProtectedContact, true);
            // The reason is kept as a relation like the one that is there, which opens nothing more and ends with it.
            relation::open_alike(work, &client, row.id.0, reason).await?;
            open(work.vault(), &row)
        })
        .await
}

/// Ties the account with which a client signs in to the client; the client sees the own data from then on.
///
/// # Errors
/// An account of another client, a stale version, or a caller without a relation.
pub async fn link_account(caller: &Caller, id: ClientId, expected: i32, account: String) -> Result<client::Model> {
    caller.signed_in()?;
    check_subject(&account, "account")?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<client::Entity>(work.hold_client(id).await?, expected, Action::Update).await?;
            // A worker who tied the own account to a client would see the client's view of the logs.
            let linked = before.account.is_some();
            if linked || work.actor().subject() == Some(account.as_str()) || work.account_is_taken(before.network_id, &account).await? {
                return Err(Error::reject(Code::NotUnique, &["account"]));
            }
            let next = client::Model { account: Some(account.clone()), ..before.clone() };
            work.update::<client::Entity>(&before, next, Action::Update).await
        })
        .await
}

/// What is said when a representative is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct AddRepresentation {
    /// The client.
    pub client: ClientId,
    /// The stable key of the representative.
    pub subject: String,
    /// By what right.
    pub kind: RepresentationKind,
}

/// Records who acts for a client; the representative sees what the client sees.
///
/// # Errors
/// Oneself, or a caller without a relation.
pub async fn add_representation(caller: &Caller, key: Option<&str>, input: AddRepresentation) -> Result<representation::Model> {
    caller.signed_in()?;
    check_subject(&input.subject, "subject")?;
    let id = RepresentationId::new();
    caller
        .write_once::<representation::Entity>(key, "addRepresentation", &input, id, async |work: &mut Work| {
            let client = work.named_client(input.client, Action::Update).await?;
            let there = representation::Column::ClientId.eq(client.id);
            let same = |row: &representation::Model| row.subject == input.subject && row.ended_at.is_none();
            if work.actor().subject() == Some(input.subject.as_str()) || work.find::<representation::Entity>(there).await?.iter().any(same) {
                return Err(Error::reject(Code::NotUnique, &["subject"]));
            }
            let now = work.now();
            let row = representation::Model {
                id,
                network_id: client.network_id,
                organization_id: client.organization_id,
                client_id: client.id,
                subject: input.subject.clone(),
                kind: input.kind,
                ended_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<representation::Entity>(row).await
        })
        .await
}

/// Ends a representation: the representative sees nothing of the client any more.
///
/// # Errors
/// One that has ended, a stale version, or a caller without a relation.
pub async fn end_representation(caller: &Caller, id: RepresentationId, expected: i32) -> Result<representation::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<representation::Entity>(id, expected, Action::Transition).await?;
            if before.ended_at.is_some() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "ENDED").into());
            }
            let next = representation::Model { ended_at: Some(work.now()), ..before.clone() };
            work.update::<representation::Entity>(&before, next, Action::Transition).await
        })
        .await
}

fn check_subject(subject: &str, field: &str) -> Result<()> {
    let mut out = Rejections::default();
    text::check(subject, &[field], 300, &mut out);
    Ok(out.into_result()?)
}
