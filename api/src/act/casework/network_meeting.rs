//! Network meetings: whoever comes from another organisation takes part with the client's consent, and what that discloses is logged.
use super::{author, written_in};
use crate::{
    act::{
        person::disclosure::{self, Going},
        under,
    },
    caller::Caller,
    error::{Error, Result},
    store::{Disclosure, Work},
    vault::{Place, Vault},
};
use chrono::NaiveDate;
use domain::{
    access::LogBasis,
    casework::network_meeting::{Attendee, NetworkMeetingContent},
    catalogue::session::day,
    id::{CaseId, NetworkMeetingId},
    person::{
        consent::ConsentPurpose,
        disclosure::{Extent, Will},
    },
    private::Private,
    rejection::{Code, Rejection},
    scalar::Date,
};
use entity::{
    casework::{case, network_meeting as table},
    catalogue::organization,
    person::consent,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const CONTENT: &str = "network_meeting.content";

/// Opens what is said of a meeting.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn content(vault: &Vault, row: &table::Model) -> Result<Private<NetworkMeetingContent>> {
    vault.open(Place::new(CONTENT, row.id), &row.content)
}

/// What is said when a meeting is recorded.
#[derive(Clone, Debug, Serialize)]
pub struct RecordNetworkMeeting {
    /// The case.
    pub case: CaseId,
    /// The day.
    pub held_on: Date,
    /// The record that it corrects.
    pub corrects: Option<NetworkMeetingId>,
    /// Who took part, and what was decided.
    pub content: NetworkMeetingContent,
}

/// Records a meeting that was held. A closed case takes corrections only.
///
/// # Errors
/// [`Code::ConsentMissing`], [`Code::ConsentBinding`] or [`Code::DisclosureProhibited`] for somebody of another organisation, faults of the content, a day to come,
/// a record of another case that it is to correct, [`Code::CaseClosed`], or a caller without the right.
pub async fn record(caller: &Caller, key: Option<&str>, input: RecordNetworkMeeting) -> Result<table::Model> {
    caller.signed_in()?;
    under("content", &input.content.check())?;
    let today = day(caller.now());
    if input.held_on.0 > today {
        return Err(Rejection::with(Code::OutOfRange, &["heldOn"], format!("–{today}")).into());
    }
    let id = NetworkMeetingId::new();
    caller
        .write_once::<table::Entity>(key, "recordNetworkMeeting", &input, id, async |work: &mut Work| {
            let (case, corrected) = written_in::<table::Entity>(work, input.case, input.corrects).await?;
            let mut consents = BTreeMap::new();
            for (i, attendee) in input.content.attendees.iter().enumerate() {
                if let Some(consent) = consent_of(work, &case, input.held_on.0, attendee, &i.to_string()).await? {
                    consents.insert(consent.id, consent);
                }
            }
            // A correction tells nobody anew who was there by what it corrects.
            let told: BTreeSet<_> = match &corrected {
                Some(row) => content(work.vault(), row)?.reveal().attendees.iter().filter_map(|attendee| attendee.consent).collect(),
                None => BTreeSet::new(),
            };
            let now = work.now();
            let row = table::Model {
                id,
                network_id: case.network_id,
                organization_id: case.organization_id,
                client_id: case.client_id,
                case_id: case.id,
                held_on: input.held_on.0,
                author: author(work),
                content: work.vault().seal(Place::new(CONTENT, id), &input.content)?,
                corrects_id: corrected.map(|first| first.corrects_id.unwrap_or(first.id)),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<table::Entity>(row).await?;
            for consent in consents.into_values().filter(|consent| !told.contains(&consent.id)) {
                work.disclose(Disclosure {
                    network: row.network_id,
                    client: Some(row.client_id),
                    organization: row.organization_id,
                    recipient: consent.recipient_id,
                    items: consent.scope.0,
                    basis: LogBasis::Consent,
                    ground: Some(consent.id.0),
                });
            }
            Ok(row)
        })
        .await
}

/// The consent by which somebody of another organisation took part, in force on the day of the meeting, whatever has become of it since; none is needed for those who keep
/// the case and for those of no organisation of the network, whom the client brings along.
async fn consent_of(work: &Work, case: &case::Model, held_on: NaiveDate, attendee: &Attendee, i: &str) -> Result<Option<consent::Model>> {
    let Some(organization) = attendee.organization else { return Ok(None) };
    let path = ["content", "attendees", i, "consent"];
    if work.refer::<organization::Entity>(organization, &["content", "attendees", i, "organization"]).await?.network_id != case.network_id {
        return Err(Error::reject(Code::OtherNetwork, &["content", "attendees", i, "organization"]));
    }
    if organization == case.organization_id {
        return Ok(None);
    }
    let Some(consent) = attendee.consent else { return Err(Error::reject(Code::ConsentMissing, &path)) };
    let consent = work.refer::<consent::Entity>(consent, &path).await?;
    if !consent.was_in_force_on(held_on, work.now()) {
        return Err(Error::reject(Code::ConsentMissing, &path));
    }
    let binds = consent.client_id == Some(case.client_id) && consent.purpose == ConsentPurpose::NetworkMeeting && consent.recipient_id == organization;
    if !binds {
        return Err(Error::reject(Code::ConsentBinding, &path));
    }
    // Of what was set since, nothing was known when they met.
    if !consent.is_in_force(work.now()) {
        return Ok(Some(consent));
    }
    let client = work.client_behind(case.client_id).await?;
    let services = work.services_taken_on(client.id, organization).await?;
    let extent = Extent::Tasks(disclosure::tasks_of(case.content.clone()).collect());
    let going = Going { client: &client, recipient: organization, services: &services, extent, will: Will::Consented(consent.given_at) };
    disclosure::check(work, going, &path).await?;
    Ok(Some(consent))
}
