//! Activities of partners: published from a short form, and copied to the next season.
use super::ServiceOffering;
use crate::{
    act::catalogue::{activity, season},
    error::Result,
    graphql::{
        Asked,
        payload::{UserError, payload, split},
    },
};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::{
    catalogue::{offering::RegistrationUnit, service::ServiceForm, session::LeftOut},
    id::{OrganizationId, ServiceOfferingId, ServiceUnitId, VenueId},
    scalar::{self, Date, RecurrenceRule, Time},
    text,
};
use entity::catalogue::service_offering as table;

payload! {
    /// The outcome of publishing an open activity.
    PublishOpenActivityPayload {
        /// The offering with its service and sessions, as everybody sees it from now on; null when it was refused.
        service_offering: ServiceOffering
    }
}

/// A session of the last season that is left out of the new one.
#[derive(SimpleObject)]
struct LeftOutSession {
    /// When it would start, in UTC.
    starts_at: scalar::DateTime,
    /// Why it is left out.
    why: LeftOut,
}

/// The outcome of copying an offering to a new season.
#[derive(SimpleObject)]
struct CopyServiceOfferingPayload {
    /// The new offering, as its working copy; null when it was refused.
    service_offering: Option<ServiceOffering>,
    /// The sessions of the last season that are not in the new one, by their new start.
    left_out: Vec<LeftOutSession>,
    /// Why nothing was kept; empty when it was.
    user_errors: Vec<UserError>,
}

/// An open activity (avoin toiminta), as a short form tells of it. Free of charge, on site, for whoever comes; what else should be said of it is said later
/// by changing its service and offering.
#[derive(InputObject)]
struct PublishOpenActivityInput {
    /// Who gives it: your own organisation.
    organization: OrganizationId,
    /// What it is called, at most 100 characters a language.
    name: text::LocalizedText,
    /// For whom it is, in a sentence: at most 150 characters a language.
    for_whom: text::LocalizedText,
    /// Whom to ask: a telephone number, an address or a name that everybody may know; at most 500 characters a language.
    contact: text::LocalizedText,
    /// In what form it is given.
    #[graphql(default_with = "ServiceForm::OpenDropIn")]
    form: ServiceForm,
    /// The venue where it is given; this or the unit is needed.
    venue: Option<VenueId>,
    /// The unit where it is given.
    unit: Option<ServiceUnitId>,
    /// The day of the first session.
    date: Date,
    /// The time at which each starts, in Europe/Helsinki.
    time: Time,
    /// The length of each in minutes: 5 to 1440.
    minutes: i32,
    /// How the sessions recur (RFC 5545, without DTSTART); without a rule there is one.
    rule: Option<RecurrenceRule>,
    /// The last day on which one may start; needed with a rule.
    until: Option<Date>,
    /// Who leads them; everybody sees it, so a first name is enough.
    leader: Option<String>,
    /// The stable key of the worker who leads them.
    leader_account: Option<String>,
    /// For what one registers (ilmoittautumisen kohde): for all of it, or for one session at a time. Then the places are those of each session.
    #[graphql(default)]
    registration_unit: RegistrationUnit,
    /// Places in all; without it there is no limit.
    capacity: Option<i32>,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// An offering that is given again in a new season.
#[derive(InputObject)]
struct CopyServiceOfferingInput {
    /// The offering of the last season.
    id: ServiceOfferingId,
    /// The first day of the new season. All sessions move by the same whole weeks: the first to the first such day of the week from this day on.
    starts_on: Date,
    /// Sessions are held on public holidays too; otherwise those are left out.
    #[graphql(default)]
    on_free_days: bool,
    /// It is published at once; otherwise it is a draft.
    #[graphql(default)]
    publish: bool,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Changes that partners make with a form.
#[derive(Default)]
pub struct ActivityMutation;

/// Changes that partners make with a form.
#[Object]
impl ActivityMutation {
    /// Publishes an open activity of your own organisation in one step: the service, or the one that it gives under this name for the same people already,
    /// its offering, and the sessions. All of it or nothing; refusals name the fields of the form.
    async fn publish_open_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is, where, when and for whom.")] input: PublishOpenActivityInput,
    ) -> Result<PublishOpenActivityPayload> {
        let what = activity::OpenActivity {
            organization: input.organization,
            name: input.name,
            for_whom: input.for_whom,
            contact: input.contact,
            form: input.form,
            venue: input.venue,
            unit: input.unit,
            first_start: input.date.0.and_time(input.time.0),
            minutes: input.minutes,
            rule: input.rule,
            until: input.until.map(|until| until.0),
            leader: input.leader,
            leader_account: input.leader_account,
            registration_unit: input.registration_unit,
            capacity: input.capacity,
        };
        PublishOpenActivityPayload::of(ctx, activity::publish(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Copies an offering of your own organisation to a new season (kopioi viime kauden): a draft with the same content and its sessions on the same days of the
    /// week at the same times. Nothing of those who took part comes along.
    async fn copy_service_offering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offering, and when the new season begins.")] input: CopyServiceOfferingInput,
    ) -> Result<CopyServiceOfferingPayload> {
        let what = season::CopyOffering { id: input.id, starts_on: input.starts_on, on_free_days: input.on_free_days, publish: input.publish };
        let (made, user_errors) = split(ctx, season::copy(ctx.caller(), input.idempotency_key.as_deref(), what).await)?;
        let (row, omitted): (Option<table::Model>, _) = made.map_or((None, Vec::new()), |(row, omitted)| (Some(row), omitted));
        let left_out = omitted.into_iter().map(|each| LeftOutSession { starts_at: scalar::DateTime(each.at), why: each.why });
        Ok(CopyServiceOfferingPayload { service_offering: row.map(ServiceOffering::from), left_out: left_out.collect(), user_errors })
    }
}
