//! Merging of clients who are one human being: looked at first, done once, in one transaction, with a trace.
use super::{client as clients, disclosure};
use crate::{
    act::{casework::client_entry, delivery::participation, timed::Tally},
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
    vault::{Place, Vault},
};
use domain::{
    access::NoticeKind,
    casework::case::CaseStage,
    id::{ClientId, ConsentId, OrganizationId},
    noted_field::NotedField,
    person::{identity::Identity, relation::check_reason},
    policy::{Action, Resource, merges_clients},
    private::Private,
    rejection::{Code, Rejections},
};
use entity::{
    casework::case,
    person::{client, person},
};
use serde::Serialize;
use std::collections::BTreeSet;

fn place(id: ClientId) -> Place {
    Place::new("client.merge_reason", id)
}

/// Opens why a client was merged.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn reason(vault: &Vault, row: &client::Model) -> Result<Option<Private<String>>> {
    row.merge_reason.as_ref().map(|sealed| vault.open(place(row.id), sealed)).transpose()
}

/// What would come of a merging.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What stands against it.
    pub collisions: Rejections,
    /// How many rows of each kind would move.
    pub moves: Vec<(Resource, u64)>,
    /// The one who stays would be under non-disclosure.
    pub protected: bool,
}

/// Looks at what a merging would come to, and changes nothing.
///
/// # Errors
/// A caller without a relation to both, or whose role does not merge.
pub async fn preview(caller: &Caller, surviving: ClientId, merged: ClientId) -> Result<Preview> {
    caller.signed_in()?;
    caller
        // A transaction that writes nothing: what it sees is of one moment.
        .write(async |work: &mut Work| {
            let pair = Pair::fetch(work, surviving, merged).await?;
            let collisions = pair.collisions(work).await?;
            let protected = pair.stays.person.protected || pair.goes.person.protected;
            Ok(Preview { collisions, moves: work.rows_about(merged).await?, protected })
        })
        .await
}

/// What is said when clients are merged.
#[derive(Clone, Debug, Serialize)]
pub struct MergeClients {
    /// The client who stays.
    pub surviving: ClientId,
    /// The version of that one that was seen.
    pub expected: i32,
    /// The client who is merged into that one.
    pub merged: ClientId,
    /// The version of this one that was seen.
    pub expected_merged: i32,
    /// Why they are one human being.
    pub reason: String,
}

/// Merges a client into another one who is the same human being: all that is about the one is about the other from then on, the logs tell of both, and
/// the id and the number of the one lead to the other. It is not undone; the audit tells of each row that was moved.
///
/// # Errors
/// Each thing that stands against it, [`Code::MergedAlready`], a reason that is too short, a stale version of either, or a caller without a relation to
/// both or whose role does not merge, or [`Code::ProcessingRestricted`] of either.
pub async fn merge(caller: &Caller, key: Option<&str>, input: MergeClients) -> Result<client::Model> {
    caller.signed_in()?;
    check_reason(&input.reason)?;
    caller
        .write_once::<client::Entity>(key, "mergeClients", &input, input.surviving, async |work: &mut Work| {
            work.lock_clients(input.surviving, input.merged).await?;
            let pair = Pair::fetch(work, input.surviving, input.merged).await?;
            work.fetch_at::<client::Entity>(input.surviving, input.expected, Action::Update).await?;
            if pair.goes.client.version != input.expected_merged {
                return Err(domain::rejection::Rejection::with(Code::StaleVersion, &["expectedMergedVersion"], pair.goes.client.version).into());
            }
            pair.collisions(work).await?.into_result()?;
            work.both_unrestricted(&pair.stays.client, &pair.goes.client).await?;
            let apart = [Shared::of(work, input.surviving).await?, Shared::of(work, input.merged).await?];
            disclosure::give_way_to_each_other(work, &pair.stays.client, &pair.goes.client).await?;
            pair.join_persons(work, caller).await?;
            let reason = work.vault().seal(place(input.merged), &domain::text::tidy(&input.reason))?;
            participation::join(work, input.surviving, input.merged).await?;
            work.merge_client(&pair.goes.client, &pair.stays.client, reason).await?;
            if pair.stays.person.protected || pair.goes.person.protected {
                work.withhold_protected(input.surviving).await?;
            }
            let row = work.fetch::<client::Entity>(input.surviving, Action::Update).await?;
            disclosure::give_way(work, &row).await?;
            // The register of each is open now to those who have read that of the other.
            disclosure::disclose_to_new_readers(work, &row, &disclosure::Readers::new()).await?;
            disclose_entries(work, &row, &apart).await?;
            tell(work, &row).await?;
            Ok(row)
        })
        .await
}

/// Moves what others were writing about a client while it was merged, as the system itself; how many rows.
///
/// # Errors
/// A fault of the database.
pub async fn follow_up(system: &Caller) -> Result<Tally> {
    let mut moved = Tally::default();
    for (from, into) in system.write(async |work: &mut Work| work.merged_lately().await).await? {
        let done = system.write(async |work: &mut Work| {
            participation::join(work, into, from).await?;
            let rows = work.move_rows_about(from, into).await?;
            if rows > 0 {
                let client = work.client_behind(into).await?;
                // What was prohibited or consented to meanwhile holds for the one who stays.
                disclosure::give_way(work, &client).await?;
            }
            Ok(usize::try_from(rows).unwrap_or(usize::MAX))
        });
        moved.note("merged clients", from, done.await);
    }
    Ok(moved)
}

/// One of the two, and who that is.
struct One {
    client: client::Model,
    person: person::Model,
    identity: Private<Identity>,
}

impl One {
    async fn fetch(work: &Work, id: ClientId) -> Result<Self> {
        let client = work.fetch::<client::Entity>(id, Action::Update).await?;
        let person = work.fetch::<person::Entity>(client.person_id, Action::Update).await?;
        let identity = clients::open(work.vault(), &person)?;
        Ok(Self { client, person, identity })
    }
}

/// The one who stays, and the one who is merged into that one.
struct Pair {
    stays: One,
    goes: One,
}

impl Pair {
    /// Both, for one who has a care relation to each and whose role merges in the organisation that keeps them.
    async fn fetch(work: &Work, surviving: ClientId, merged: ClientId) -> Result<Self> {
        let stays = One::fetch(work, surviving).await?;
        if !work.actor().is_in(stays.client.organization_id, merges_clients) {
            return Err(Error::Forbidden);
        }
        if merged == surviving {
            return Err(Error::reject(Code::DoesNotAgree, &["merged"]));
        }
        // Only who sees the one who stays is told that the other is a part of it.
        if work.merged_into(merged).await? == Some(surviving) {
            return Err(Error::reject(Code::MergedAlready, &["merged"]));
        }
        Ok(Self { stays, goes: One::fetch(work, merged).await? })
    }

    /// All that stands against it.
    ///
    /// Plans, assessments and goals hang on cases, of which each keeps its own: they collide only where two cases of one task would be open beside one
    /// another, as no client's are.
    async fn collisions(&self, work: &Work) -> Result<Rejections> {
        let mut out = Rejections::default();
        let (stays, goes) = (&self.stays, &self.goes);
        if stays.client.network_id != goes.client.network_id {
            out.add(Code::OtherNetwork, &["merged"]);
        }
        if stays.client.organization_id != goes.client.organization_id {
            out.add(Code::OtherRegister, &["merged"]);
        }
        let (known, other) = (stays.identity.reveal(), goes.identity.reveal());
        if known.hetu.is_some() && other.hetu.is_some() && known.hetu != other.hetu {
            out.add_with(Code::IdentityDiffers, &["merged"], "HETU");
        }
        if known.birth_date != other.birth_date {
            out.add_with(Code::IdentityDiffers, &["merged"], "BIRTH_DATE");
        }
        if stays.client.account.is_some() && goes.client.account.is_some() {
            out.add(Code::AccountDiffers, &["merged"]);
        }
        let open = work.open_cases_anywhere(stays.client.id).await?;
        for case in work.open_cases_anywhere(goes.client.id).await? {
            let same = |other: &case::Model| (other.organization_id, &other.content.service_task) == (case.organization_id, &case.content.service_task);
            if open.iter().any(same) {
                out.add_with(Code::CasesCollide, &["merged"], case.content.service_task.clone());
            }
        }
        Ok(out)
    }

    /// One person out of two: what is known of the one who stays goes before, what is not known is taken from the other; non-disclosure of either counts.
    async fn join_persons(&self, work: &mut Work, caller: &Caller) -> Result<()> {
        let (known, other) = (self.stays.identity.reveal(), self.goes.identity.reveal());
        work.unname(&self.goes.person, other).await?;
        let before = &self.stays.person;
        let protected = before.protected || self.goes.person.protected;
        if protected != before.protected {
            caller.reader().note_field(self.stays.client.id, NotedField::PersonProtected, true);
        }
        let next = person::Model { protected, ..before.clone() };
        work.keep_person(next, &known.completed_by(other), Some(before)).await?;
        Ok(())
    }
}

/// The shared entries of one of the two, while each stood alone.
struct Shared {
    /// Who has written such.
    keepers: BTreeSet<OrganizationId>,
    /// The consents by which they were read.
    read_by: BTreeSet<ConsentId>,
}

impl Shared {
    async fn of(work: &Work, client: ClientId) -> Result<Self> {
        let keepers = work.keepers_of_shared_entries(client).await?;
        let mut read_by = BTreeSet::new();
        for keeper in &keepers {
            read_by.extend(work.readers_of_entries(client, *keeper).await?.into_iter().map(|consent| consent.id));
        }
        Ok(Self { keepers, read_by })
    }
}

/// Logs that whoever reads the shared entries of the one by a consent reads those of the other from now on.
async fn disclose_entries(work: &mut Work, row: &client::Model, apart: &[Shared]) -> Result<()> {
    let keepers: BTreeSet<_> = apart.iter().flat_map(|one| one.keepers.iter().copied()).collect();
    for keeper in keepers {
        for consent in work.readers_of_entries(row.id, keeper).await? {
            if apart.iter().any(|one| one.keepers.contains(&keeper) && !one.read_by.contains(&consent.id)) {
                work.disclose(client_entry::disclosure(&consent, row.network_id, keeper));
            }
        }
    }
    Ok(())
}

/// Tells those who answer for the register, the own workers, and the client.
async fn tell(work: &mut Work, row: &client::Model) -> Result<()> {
    let relation = work.own_relation(row.id).await?;
    work.notify(row.network_id, Addressee::Officers(row.organization_id), NoticeKind::ClientsMerged, None, relation);
    let acting = work.actor().subject().map(str::to_owned);
    for case in work.open_cases(row.id, row.organization_id).await?.into_iter().filter(|case| case.stage != CaseStage::Closed) {
        if let Some(worker) = case.own_worker.filter(|worker| Some(worker) != acting.as_ref()) {
            work.notify_of_case(case.network_id, Addressee::Worker(case.organization_id, worker), NoticeKind::ClientsMerged, case.id, None);
        }
    }
    if let Some(account) = row.account.clone() {
        work.notify(row.network_id, Addressee::Client(account), NoticeKind::ClientsMerged, None, None);
    }
    Ok(())
}
