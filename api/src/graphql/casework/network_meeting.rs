//! Network meetings.
use crate::{
    act::casework::network_meeting::{self, RecordNetworkMeeting},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Organization, organization, row_access},
        payload::payload,
        person::Consent,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::network_meeting::{self as rules, NetworkMeetingContent},
    id::{CaseId, Kinded, NetworkMeetingId},
    noted_field::NotedField,
    private::Private,
    scalar::Date,
};
use entity::{casework::network_meeting as table, person::consent};
use std::sync::Arc;

/// A network meeting (verkostopalaveri).
pub struct NetworkMeeting(Arc<table::Model>);

impl From<table::Model> for NetworkMeeting {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl NetworkMeeting {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<NetworkMeetingContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::NetworkMeetingContent, false);
        network_meeting::content(ctx.caller().vault(), &self.0)
    }
}

/// A network meeting (verkostopalaveri) of the client with those who work with the client.
#[Object]
impl NetworkMeeting {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// The day.
    async fn held_on(&self) -> Date {
        Date(self.0.held_on)
    }
    /// Who wrote it, by the stable key.
    async fn author(&self) -> &str {
        &self.0.author
    }
    /// Who took part beside the client.
    async fn attendees(&self, ctx: &Context<'_>) -> Result<Vec<Attendee>> {
        Ok(self.content(ctx)?.reveal().attendees.iter().cloned().map(Attendee).collect())
    }
    /// What was talked about.
    async fn agenda(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.content(ctx)?.reveal().agenda.clone())
    }
    /// What was decided; null when nothing was.
    async fn decisions(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().decisions.clone())
    }
    /// The record that it corrects: the first, however often that was corrected before; null when it corrects none, or one that is not yours to see.
    async fn corrects(&self, ctx: &Context<'_>) -> Result<Option<NetworkMeeting>> {
        match self.0.corrects_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(NetworkMeeting::from)),
        }
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
}

/// Somebody who took part in a network meeting.
pub struct Attendee(rules::Attendee);

/// Somebody who took part in a network meeting (osallistuja).
#[Object]
impl Attendee {
    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }
    /// In which role.
    async fn role(&self) -> &str {
        &self.0.role
    }
    /// For which organisation of the network; null when for none.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.organization {
            None => Ok(None),
            Some(id) => organization(ctx, id).await.map(Some),
        }
    }
    /// The consent with which that organisation took part; null where none is needed, or it is not yours to see.
    async fn consent(&self, ctx: &Context<'_>) -> Result<Option<Consent>> {
        match self.0.consent {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<consent::Entity>(id).await?.map(Consent::from)),
        }
    }
}

payload! {
    /// The outcome of recording a network meeting.
    NetworkMeetingPayload {
        /// The meeting; null when it was refused.
        network_meeting: NetworkMeeting
    }
}

/// A network meeting that was held.
#[derive(InputObject)]
struct RecordNetworkMeetingInput {
    /// The case.
    case: CaseId,
    /// The day.
    held_on: Date,
    /// The record that it corrects, of the same case; a correction of it says the same as the record itself.
    corrects: Option<NetworkMeetingId>,
    /// Who took part, and what was decided.
    content: NetworkMeetingContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Changes of network meetings.
#[derive(Default)]
pub struct NetworkMeetingMutation;

/// Changes of network meetings.
#[Object]
impl NetworkMeetingMutation {
    /// Records a network meeting, or a correction of such a record: a closed case takes corrections only. Whoever came for another organisation took part with a consent of
    /// the client that was in force on the day, and that is kept in the disclosure log.
    async fn record_network_meeting(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which case, and what.")] input: RecordNetworkMeetingInput,
    ) -> Result<NetworkMeetingPayload> {
        let what = RecordNetworkMeeting { case: input.case, held_on: input.held_on, corrects: input.corrects, content: input.content };
        NetworkMeetingPayload::of(ctx, network_meeting::record(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
}
