//! Use cases of purchased services.
pub mod complaint;
pub mod contract;
pub mod delivery;
pub mod invoice;
pub mod line;
pub mod procurement;
pub mod provider_approval;
pub mod purchase_order;
pub mod report;
pub mod rulebook;
pub mod settlement;
mod terms;
pub mod voucher;

use crate::{
    act::{
        casework::{author, workers_of},
        catalogue::published,
        person::client as clients,
    },
    error::{Error, Result},
    store::{Addressee, Work},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    actor::Role,
    casework::referral::Introduction,
    catalogue::service::ProvisionMode,
    id::{ClientId, NetworkId, OrganizationId, ServiceId},
    outreach::unnamed_text,
    person::consent::DataItem,
    policy::Action,
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{
    catalogue::{organization, service},
    funding::{framework_contract, purchase_order as order},
    person::{client, person},
};
use std::collections::BTreeSet;

/// A purchased service as everybody sees it, in the network.
async fn purchased_service(work: &Work, id: ServiceId, network: NetworkId, path: &[&str]) -> Result<service::Model> {
    service_arranged(work, id, network, &[ProvisionMode::Purchased], path).await
}

/// A service as everybody sees it, in the network, that is arranged in one of these ways.
async fn service_arranged(work: &Work, id: ServiceId, network: NetworkId, ways: &[ProvisionMode], path: &[&str]) -> Result<service::Model> {
    let shown = published::<service::Entity>(work, id, path).await?;
    if shown.network_id != network {
        return Err(Error::reject(Code::OtherNetwork, path));
    }
    if ways.contains(&shown.content.provision) { Ok(shown) } else { Err(Error::reject(Code::DoesNotAgree, path)) }
}

/// A provider that is in the registers on these days: it has a business id, and its registration in Soteri is in force.
async fn check_registered(work: &Work, provider: OrganizationId, days: impl IntoIterator<Item = NaiveDate>, path: &[&str]) -> Result<()> {
    let provider = work.refer::<organization::Entity>(provider, path).await?.content;
    if days.into_iter().all(|day| provider.is_registered_on(day)) { Ok(()) } else { Err(Error::reject(Code::NotRegistered, path)) }
}

/// An organisation of the network.
async fn member(work: &Work, id: OrganizationId, network: NetworkId, path: &[&str]) -> Result<organization::Model> {
    let found = work.refer::<organization::Entity>(id, path).await?;
    if found.network_id == network { Ok(found) } else { Err(Error::reject(Code::OtherNetwork, path)) }
}

/// Words, at most 2000 characters, given where they must be.
fn check_words(words: Option<&str>, field: &str, needed: bool) -> Result<()> {
    let mut out = Rejections::default();
    text::check_some(words, &[field], 2_000, &mut out);
    if needed && words.is_none() {
        out.add(Code::Required, &[field]);
    }
    Ok(out.into_result()?)
}

/// Words, at most 2000 characters, without what does not belong into a text.
fn tidied(words: Option<&str>, field: &str, needed: bool) -> Result<Option<String>> {
    let words = words.map(text::tidy).filter(|words| !words.is_empty());
    check_words(words.as_deref(), field, needed)?;
    Ok(words)
}

/// Why something is done with money, at most 2000 characters: it is read by those who see no client, and kept when the client's record is not.
fn unnamed_reason(words: Option<&str>, needed: bool) -> Result<Option<String>> {
    let words = words.map(text::tidy);
    check_words(words.as_deref(), "reason", needed)?;
    let mut personal = Rejections::default();
    unnamed_text::check(words.as_deref(), &["reason"], 2_000, &mut personal);
    personal.into_result()?;
    Ok(words)
}

/// A day that is one of these.
fn within(on: NaiveDate, first: NaiveDate, last: NaiveDate, field: &str) -> Result<NaiveDate> {
    if (first..=last).contains(&on) { Ok(on) } else { Err(Rejection::with(Code::OutOfRange, &[field], format!("{first}–{last}")).into()) }
}

/// What a provider is told of a client.
struct Introduced {
    introduction: Introduction,
    /// The client is under non-disclosure, and the provider is no authority.
    withheld: bool,
}

/// What a provider is told of a client: these items, as the register says them now.
async fn introduced(work: &Work, provider: OrganizationId, client: ClientId, items: &BTreeSet<DataItem>) -> Result<Introduced> {
    let provider = work.refer::<organization::Entity>(provider, &["provider"]).await?;
    let withheld = !provider.content.kind.is_authority() && work.is_protected(Some(client)).await?;
    let client = work.fetch::<client::Entity>(client, Action::Read).await?;
    let who = work.fetch::<person::Entity>(client.person_id, Action::Read).await?;
    let identity = clients::open(work.vault(), &who)?;
    let mut introduction = Introduction::of(identity.reveal(), items, None);
    if withheld {
        // The first name does not stand in for an alias.
        introduction.alias.clone_from(&identity.reveal().alias);
    }
    Ok(Introduced { introduction, withheld })
}

/// Those who hold an office at an organisation, but for whoever acts.
async fn holders(work: &Work, role: Role, organization: OrganizationId) -> Result<Vec<Addressee>> {
    let by = author(work);
    let holders = work.holders_of(role, organization).await?;
    Ok(holders.into_iter().filter(|subject| *subject != by).map(|subject| Addressee::Worker(organization, subject)).collect())
}

/// The procurement of an organisation, but for whoever acts.
async fn procurement_of(work: &Work, organization: OrganizationId) -> Result<Vec<Addressee>> {
    holders(work, Role::ProcurementOfficer, organization).await
}

/// Tells both sides of a contract what has become of it, or of what is asked by it: the managers of its provider, and an office of those who order.
async fn tell_sides(work: &mut Work, contract: &framework_contract::Model, office: Role, kind: NoticeKind) -> Result<()> {
    for (role, organization) in [(Role::ProviderManager, contract.provider_id), (office, contract.organization_id)] {
        for to in holders(work, role, organization).await? {
            work.notify_of_contract(contract.network_id, to, kind, contract.id);
        }
    }
    Ok(())
}

/// Tells those who order of an order: the own worker, and whoever else is named.
async fn tell_workers(work: &mut Work, order: &order::Model, also: Option<String>, kind: NoticeKind) -> Result<()> {
    let case = work.case_behind(order.case_id).await?;
    for worker in workers_of(&case, also) {
        work.notify_of_order(order.network_id, Addressee::Worker(order.organization_id, worker), kind, order.id);
    }
    Ok(())
}
