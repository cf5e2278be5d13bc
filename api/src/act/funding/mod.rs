//! Use cases of purchased services.
pub mod contract;
pub mod delivery;
pub mod invoice;
pub mod line;
pub mod procurement;
pub mod purchase_order;
pub mod report;

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
    catalogue::{organization, publication, service},
    funding::purchase_order as order,
};
use std::collections::BTreeSet;

/// A purchased service as everybody sees it, in the network.
async fn purchased_service(work: &Work, id: ServiceId, network: NetworkId, path: &[&str]) -> Result<service::Model> {
    let copy = work.refer::<publication::Entity>(id, path).await?;
    if copy.network_id != network {
        return Err(Error::reject(Code::OtherNetwork, path));
    }
    let shown: service::Model = serde_json::from_value(copy.row).map_err(Error::internal)?;
    if shown.content.provision == ProvisionMode::Purchased { Ok(shown) } else { Err(Error::reject(Code::DoesNotAgree, path)) }
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
