//! Use cases of purchased services.
pub mod contract;
pub mod delivery;
pub mod invoice;
pub mod line;
pub mod procurement;
pub mod provider_approval;
pub mod purchase_order;
pub mod report;
pub mod rulebook;

use crate::{
    error::{Error, Result},
    store::{Addressee, Work},
};
use chrono::NaiveDate;
use domain::{
    access::NoticeKind,
    catalogue::service::ProvisionMode,
    id::{NetworkId, OrganizationId, ServiceId},
    rejection::{Code, Rejection, Rejections},
    text,
};
use entity::{
    Kept as _,
    catalogue::{organization, publication, service},
    funding::purchase_order as order,
};
use std::collections::BTreeSet;

/// A purchased service as everybody sees it, in the network.
async fn purchased_service(work: &Work, id: ServiceId, network: NetworkId, path: &[&str]) -> Result<service::Model> {
    service_arranged(work, id, network, &[ProvisionMode::Purchased], path).await
}

/// A service as everybody sees it, in the network, that is arranged in one of these ways.
async fn service_arranged(work: &Work, id: ServiceId, network: NetworkId, ways: &[ProvisionMode], path: &[&str]) -> Result<service::Model> {
    let copy = work.refer::<publication::Entity>(id, path).await?;
    if copy.kind != service::Entity::KIND {
        return Err(Error::reject(Code::UnknownReference, path));
    }
    if copy.network_id != network {
        return Err(Error::reject(Code::OtherNetwork, path));
    }
    let shown: service::Model = serde_json::from_value(copy.row).map_err(Error::internal)?;
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

/// A day that is one of these.
fn within(on: NaiveDate, first: NaiveDate, last: NaiveDate, field: &str) -> Result<NaiveDate> {
    if (first..=last).contains(&on) { Ok(on) } else { Err(Rejection::with(Code::OutOfRange, &[field], format!("{first}–{last}")).into()) }
}

/// Tells those who order of an order: the own worker, and whoever else is named.
async fn tell_workers(work: &mut Work, order: &order::Model, also: Option<String>, kind: NoticeKind) -> Result<()> {
    let case = work.case_behind(order.case_id).await?;
    let workers: BTreeSet<String> = case.own_worker.into_iter().chain(also).collect();
    for worker in workers {
        work.notify_of_order(order.network_id, Addressee::Worker(order.organization_id, worker), kind, order.id);
    }
    Ok(())
}
