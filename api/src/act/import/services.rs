//! Services out of a feed of another system, whatever its form: one transaction for each record, by the use case that begins and changes services.
use super::{Form, Gone, Outcome, Progress, Report, Row, TRIES};
use crate::{
    act::catalogue::service::{self, Change, SourcedService, Taken, of_source},
    caller::Caller,
    error::{Error, Result},
};
use bytes::Bytes;
use domain::{
    catalogue::publishing::PublishingState,
    id::{Kinded, OrganizationId},
    import::catalogue::{Feed, ServiceTold},
    rejection::{Code, Rejection, Rejections},
};
use entity::{
    Kept as _,
    catalogue::{organization, publication, service as table},
};
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Where a feed comes from, and for whom it is taken in.
#[derive(Clone, Debug)]
pub struct Source {
    /// Whose services these are here.
    pub organization: OrganizationId,
    /// What the source is called: ids are told apart by it.
    pub name: String,
    /// Which of the feed's organisations that is; needed where the feed has several and none is known to be it.
    pub feed_organization: Option<String>,
}

/// Takes in a feed, record by record; a dry run tells the same and keeps nothing. `read` makes sense of the bytes.
///
/// # Errors
/// A caller that has not signed in, or an organisation that is missing.
pub async fn bring(
    caller: &Caller,
    source: &Source,
    bytes: Bytes,
    read: impl FnOnce(&[u8]) -> Result<Feed, Rejections> + Send + 'static,
    dry_run: bool,
    tell: &Progress,
) -> Result<Report> {
    caller.signed_in()?;
    let own = caller.load::<organization::Entity>(source.organization).await?.ok_or(Error::NotFound)?;
    // Work without a pause, which must not hold up other callers.
    let read = tokio::task::spawn_blocking(move || read(&bytes)).await.map_err(Error::internal)?;
    let feed = match read {
        Ok(feed) => feed,
        Err(faults) => return Ok(Report::refused(dry_run, faults)),
    };
    let whose = match Whose::find(caller, source, &feed, &own).await? {
        Ok(whose) => whose,
        Err(fault) => return Ok(Report::refused(dry_run, fault.into())),
    };
    let by = if dry_run { caller.rehearsing() } else { caller.clone() };
    let ours = ours(&by, &feed).await?;
    let mut rows: Vec<Row> = Vec::with_capacity(feed.records.len());
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, record) in feed.records.iter().enumerate() {
        tell(at, feed.records.len());
        let came = async {
            let told = record.read.as_ref().map_err(|faults| Error::from(faults.clone()))?;
            whose.check(told)?;
            not_ours(&ours, told, own.id)?;
            if let Some(before) = first.get(told.id.as_str()) {
                return again(&rows[*before], feed.records[*before].read.as_ref().is_ok_and(|first| first.said == told.said));
            }
            first.insert(&told.id, at);
            take(&by, source, &feed, told).await
        };
        let (outcome, kept) = match came.await {
            Ok((outcome, id, kept)) => (Ok((outcome, id)), kept),
            Err(fault) => (Err(fault), Vec::new()),
        };
        rows.push(Row { line: at as u64 + 1, source_id: record.id.clone(), outcome, kept });
    }
    tell(feed.records.len(), feed.records.len());
    let gone = gone(&by, source, &feed).await?;
    Ok(Report { dry_run, form: Some(Form { encoding: "UTF-8", delimiter: None }), faults: Rejections::default(), rows, gone })
}

/// What became of a record: the public id of the service, and what was edited here and stays.
type Came = Result<(Outcome, String, Vec<String>)>;

/// Takes a record.
async fn take(caller: &Caller, source: &Source, feed: &Feed, told: &ServiceTold) -> Came {
    let input = SourcedService { organization: source.organization, source: source.name.clone(), source_id: told.id.clone(), said: told.said.clone() };
    let mut tries = 0;
    loop {
        match service::take(caller, &input).await {
            Err(Error::Busy) if tries < TRIES => tries += 1,
            Err(Error::Rejected(why)) if tries < TRIES && why.iter().all(|fault| fault.code == Code::StaleVersion) => tries += 1,
            Err(Error::Rejected(why)) => return Err(feed.told(&why).into()),
            Err(fault) => return Err(fault),
            Ok(Taken { id, change, kept }) => {
                let outcome = match change {
                    Change::Begun => Outcome::Created,
                    Change::Revised => Outcome::Changed,
                    Change::Nothing => Outcome::Unchanged,
                };
                return Ok((outcome, id.to_public(), kept));
            }
        }
    }
}

/// What becomes of a record whose id another one had before it: the first holds, whatever comes after it, so that the same feed again changes nothing.
fn again(first: &Row, says_the_same: bool) -> Came {
    match &first.outcome {
        Ok((_, id)) if says_the_same => Ok((Outcome::Unchanged, id.clone(), first.kept.clone())),
        Err(fault) if says_the_same => Err(fault.clone()),
        _ => Err(Error::reject(Code::Duplicate, &["id"])),
    }
}

/// Which organisation of a feed is the one for which it is taken in.
struct Whose {
    /// Its id in the feed; none where the feed names no organisation.
    id: Option<String>,
    /// There are others in the feed: a record that names none could be theirs.
    of_several: bool,
}

impl Whose {
    /// The one that the caller names, the one that is known by its UUID or business id, or the only one.
    async fn find(caller: &Caller, source: &Source, feed: &Feed, own: &organization::Model) -> Result<std::result::Result<Self, Rejection>> {
        let named = feed.organizations();
        let own_id = own.id.0.to_string();
        let known = || {
            let by_business_id = || named.iter().find(|(_, id)| id.is_some() && **id == own.business_id.as_deref()).map(|(id, _)| id);
            named.keys().find(|id| **id == own_id).or_else(by_business_id).copied()
        };
        let only = || if named.len() == 1 { named.keys().next().copied() } else { None };
        let id = source.feed_organization.as_deref().or_else(known).or_else(only);
        if id.is_none() && !named.is_empty() {
            return Ok(Err(Rejection::new(Code::Required, &["feedOrganization"])));
        }
        let business_id = id.and_then(|id| named.get(id).copied().flatten());
        let mut id = id.map(str::to_owned);
        if let Some(of) = &id
            && is_another(caller, own, of, business_id).await?
        {
            // Nothing of it is this organisation's.
            id = Some(own_id);
        }
        Ok(Ok(Self { id, of_several: named.len() > 1 }))
    }

    /// The record is of this organisation.
    fn check(&self, told: &ServiceTold) -> std::result::Result<(), Rejection> {
        match (&told.organization, &self.id) {
            (Some(organization), Some(id)) if organization.id != *id => Err(Rejection::new(Code::OtherOrganization, &["organization"])),
            (None, _) if self.of_several => Err(Rejection::new(Code::Required, &["organization"])),
            _ => Ok(()),
        }
    }
}

/// An organisation of a feed is known to be another one than ours: by its business id, or by the UUID that it has here.
async fn is_another(caller: &Caller, own: &organization::Model, id: &str, business_id: Option<&str>) -> Result<bool> {
    if business_id.zip(own.business_id.as_deref()).is_some_and(|(theirs, ours)| theirs != ours) {
        return Ok(true);
    }
    let mut same = Condition::any();
    if let Ok(id) = Uuid::try_parse(id) {
        same = same.add(organization::Column::Id.eq(id));
    }
    if let Some(business_id) = business_id {
        same = same.add(organization::Column::BusinessId.eq(business_id));
    }
    if same.is_empty() {
        return Ok(false);
    }
    let found = caller.reader().find::<organization::Entity>().filter(same).all().await?;
    Ok(!found.is_empty() && found.iter().all(|row| row.id != own.id))
}

/// Services of this house that a feed names by the ids which they have here, and whose they are.
async fn ours(caller: &Caller, feed: &Feed) -> Result<BTreeMap<Uuid, OrganizationId>> {
    let ids: Vec<Uuid> = feed.records.iter().filter_map(|record| Uuid::try_parse(record.id.as_deref()?).ok()).collect();
    let is_service = publication::Column::Kind.eq(table::Entity::KIND).and(publication::Column::Id.is_in(ids.iter().copied()));
    let published = caller.reader().find::<publication::Entity>().filter(is_service).all().await?;
    let working = caller.reader().find::<table::Entity>().filter(table::Column::Id.is_in(ids)).all().await?;
    Ok(published.into_iter().map(|copy| (copy.id, copy.organization_id)).chain(working.into_iter().map(|row| (row.id.0, row.organization_id))).collect())
}

/// What this house tells the world itself does not come back as something new.
fn not_ours(ours: &BTreeMap<Uuid, OrganizationId>, told: &ServiceTold, own: OrganizationId) -> std::result::Result<(), Rejection> {
    match Uuid::try_parse(&told.id).ok().and_then(|id| ours.get(&id)) {
        None => Ok(()),
        Some(organization) if *organization == own => Err(Rejection::new(Code::NotUnique, &["id"])),
        Some(_) => Err(Rejection::new(Code::OtherOrganization, &["id"])),
    }
}

/// What came from the source before and is not in the feed any more. It stays: whether it is withdrawn, somebody decides.
async fn gone(caller: &Caller, source: &Source, feed: &Feed) -> Result<Vec<Gone>> {
    let told: BTreeSet<&str> = feed.records.iter().filter_map(|record| record.id.as_deref()).collect();
    let known = caller.reader().find::<table::Entity>().filter(of_source(source.organization, &source.name)).all().await?;
    let is_there = |row: &table::Model| row.source_id.as_deref().is_none_or(|id| told.contains(id));
    let left = known.into_iter().filter(|row| row.publishing != PublishingState::Discarded && !is_there(row));
    let mut gone: Vec<_> = left.map(|row| Gone { id: row.id.to_public(), source_id: row.source_id.unwrap_or_default() }).collect();
    gone.sort_by(|a, b| a.source_id.cmp(&b.source_id));
    Ok(gone)
}
