//! Open activities (avoin toiminta) from a short form: the service, its offering and the sessions, published at once.
use super::{
    offering, service,
    session::{self, ScheduleSessions},
};
use crate::{
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::{NaiveDate, NaiveDateTime};
use domain::{
    catalogue::{
        offering::{RegistrationUnit, ServiceOfferingContent},
        publishing::PublishingMove,
        service::{ChargeType, DeliveryForm, ProvisionMode, ServiceContent, ServiceForm, SupportNeed},
    },
    id::{OrganizationId, ServiceId, ServiceOfferingId, ServiceUnitId, VenueId},
    rejection::{Code, Rejection, Rejections},
    scalar::{Date, LanguageTag, RecurrenceRule},
    text::{Language, LocalizedText},
};
use entity::{
    Kept,
    catalogue::{organization, publication, service as services, service_offering},
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde::Serialize;

/// The longest contact, in characters of a language.
const LONGEST_CONTACT: usize = 500;

/// What is said of an open activity.
#[derive(Clone, Debug, Serialize)]
pub struct OpenActivity {
    /// Who gives it.
    pub organization: OrganizationId,
    /// What it is called.
    pub name: LocalizedText,
    /// For whom it is.
    pub for_whom: LocalizedText,
    /// Whom to ask.
    pub contact: LocalizedText,
    /// In what form it is given.
    pub form: ServiceForm,
    /// The venue where it is given.
    pub venue: Option<VenueId>,
    /// The unit where it is given.
    pub unit: Option<ServiceUnitId>,
    /// The first start by the clock on the wall, Europe/Helsinki.
    pub first_start: NaiveDateTime,
    /// The length of each session in minutes.
    pub minutes: i32,
    /// How the sessions recur; without a rule there is one.
    pub rule: Option<RecurrenceRule>,
    /// The last day on which one may start; needed with a rule.
    pub until: Option<NaiveDate>,
    /// Who leads them.
    pub leader: Option<String>,
    /// The stable key of the worker who leads them.
    pub leader_account: Option<String>,
    /// For what one registers.
    #[serde(skip_serializing_if = "RegistrationUnit::is_usual")]
    pub registration_unit: RegistrationUnit,
    /// Places in all, or in each session; none when there is no limit.
    pub capacity: Option<i32>,
}

/// Where the parts of what is made from the form stand in it: the longest first.
const FIELDS: &[(&[&str], &str)] = &[
    (&["content", "summary"], "forWhom"),
    (&["content", "info"], "contact"),
    (&["content", "startsOn"], "date"),
    (&["content", "endsOn"], "until"),
    (&["summary"], "forWhom"),
    (&["info"], "contact"),
    (&["startsOn"], "date"),
    (&["endsOn"], "until"),
    (&["provider"], "organization"),
];

/// Publishes an open activity: the service, or the one that the organisation gives under this name already; its offering, and its sessions.
///
/// # Errors
/// What is wrong with the form, by its fields; a venue or leader that is taken; or a caller without the right.
pub async fn publish(caller: &Caller, key: Option<&str>, input: OpenActivity) -> Result<service_offering::Model> {
    caller.signed_in()?;
    let id = ServiceOfferingId::new();
    let plan = input.sessions(id);
    input.check(&plan).into_result().map_err(|found| in_form(found.into()))?;
    let starts = session::starts(&plan).await?;
    caller
        .write_once::<service_offering::Entity>(key, "publishOpenActivity", &input, id, async |work: &mut Work| {
            let made = async {
                let owner = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
                let content = input.service(&owner);
                // Two who publish the same at once make one service.
                work.hold_word(&format!("activities:{}", owner.id.0)).await?;
                let service = if let Some(service) = same_service(work, &owner, &content).await? {
                    service
                } else {
                    let draft = service::begin(work, ServiceId::new(), owner.id, content).await?;
                    service::go_on(work, &draft, PublishingMove::Publish).await?.id
                };
                let draft = offering::begin(work, id, service, owner.id, input.offering()).await?;
                session::plan(work, &draft, &plan, &starts).await?;
                offering::go_on(work, &draft, PublishingMove::Publish).await
            };
            made.await.map_err(in_form)
        })
        .await
}

/// The published open activity of an organisation that is called so and is for the same people.
async fn same_service(work: &Work, owner: &organization::Model, content: &ServiceContent) -> Result<Option<ServiceId>> {
    let own = publication::Column::Kind.eq(services::Entity::KIND).and(publication::Column::OrganizationId.eq(owner.id));
    for copy in work.find::<publication::Entity>(own).await? {
        let row: services::Model = serde_json::from_value(copy.row).map_err(Error::internal)?;
        let is_same = row.content.open_activity && row.content.name == content.name && row.content.summary == content.summary;
        if is_same && row.organization_id == owner.id {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}

/// Puts refusals of what is made from the form at its fields.
fn in_form(fault: Error) -> Error {
    let Error::Rejected(found) = fault else { return fault };
    let mut out = Rejections::default();
    for rejection in &found {
        let at: Vec<_> = rejection.path.iter().map(String::as_str).collect();
        let path = match FIELDS.iter().find(|(of, _)| at.starts_with(of)) {
            Some((of, field)) => std::iter::once(*field).chain(at[of.len()..].iter().copied()).collect(),
            None => at.iter().copied().skip(usize::from(at.first() == Some(&"content"))).collect::<Vec<_>>(),
        };
        out.push(Rejection { path: path.into_iter().map(str::to_owned).collect(), ..rejection.clone() });
    }
    Error::Rejected(out)
}

impl OpenActivity {
    /// Everything that is wrong before anything is looked up, so that the form tells it at once.
    fn check(&self, plan: &ScheduleSessions) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 100, &mut out);
        self.for_whom.check("forWhom", 150, &mut out);
        self.contact.check("contact", LONGEST_CONTACT, &mut out);
        let parts = [self.offering().check(), session::check_form(plan)];
        for rejection in parts.iter().flatten().filter(|rejection| rejection.path.first().is_none_or(|field| field != "info")) {
            out.push(rejection.clone());
        }
        // A rule without an end is asked for it with the other faults of the sessions; here the offering needs to know it too.
        if self.rule.as_ref().is_some_and(RecurrenceRule::ends) && self.until.is_none() {
            out.add(Code::Required, &["until"]);
        }
        if self.venue.is_none() && self.unit.is_none() {
            out.add(Code::NoPlace, &["venue"]);
        }
        out
    }

    fn service(&self, owner: &organization::Model) -> ServiceContent {
        let spoken = Language::ALL.into_iter().filter(|language| self.name.given(*language).is_some());
        ServiceContent {
            name: self.name.clone().tidy(),
            summary: Some(self.for_whom.clone().tidy()),
            description: None,
            user_instruction: None,
            keywords: Vec::new(),
            provision: ProvisionMode::of_open_activity(owner.content.kind),
            producers: Vec::new(),
            report_class: None,
            form: self.form,
            delivery_forms: vec![DeliveryForm::OnSite],
            tailored: false,
            open_activity: true,
            rehab_contents: Vec::new(),
            support_needs: vec![SupportNeed::ExclusionAndParticipation],
            target_groups: Vec::new(),
            classes: Vec::new(),
            life_events: Vec::new(),
            languages: spoken.filter_map(|language| LanguageTag::parse(language.tag()).ok()).collect(),
            charge_type: ChargeType::Free,
            price: None,
            charge_info: None,
            referral_required: false,
            consent_required: false,
            anonymous_allowed: true,
            min_age: None,
            max_age: None,
            duration_weeks: None,
            response_days: None,
            task: None,
            statutory_basis: None,
            ptv_id: None,
            general_description_id: None,
            source: None,
        }
    }

    fn offering(&self) -> ServiceOfferingContent {
        let first = self.first_start.date();
        ServiceOfferingContent {
            info: Some(self.contact.clone().tidy()),
            unit: self.unit,
            venue: self.venue,
            registration_unit: self.registration_unit,
            capacity: self.capacity,
            starts_on: Some(Date(first)),
            ends_on: Some(Date(self.rule.as_ref().and(self.until).unwrap_or(first))),
            ..ServiceOfferingContent::default()
        }
    }

    fn sessions(&self, offering: ServiceOfferingId) -> ScheduleSessions {
        ScheduleSessions {
            offering,
            rule: self.rule.clone(),
            first_start: self.first_start,
            until: self.until,
            minutes: self.minutes,
            leader: self.leader.clone(),
            leader_account: self.leader_account.clone(),
            // The offering's own place.
            venue: None,
        }
    }
}
