//! What reports count (tilastointi): a door of its own, that no reach scopes. It gives keys of clients and what is counted of them to whoever is told reports of the
//! organisation, and neither names nor identities: the table of persons is not read here.
//!
//! Every row is read as it was known at a moment. The audit of writes keeps each row as it was before a change, so that what was written later is taken back; what was
//! destroyed by rule is gone, and is counted no more.
use super::{Reader, dialect::fault, many::AT_ONCE};
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    casework::{
        baseline::IntakeBaselineContent,
        case::CaseContent,
        final_assessment::{BenefitThemes, FinalAssessmentState},
        follow_on_path::{PathDestination, PathState},
        instrument::MeasurementPhase,
        referral::{ReferralContent, ReferralDirection, ReferralOutcome, ReferralState},
    },
    catalogue::{
        offering::ServiceOfferingContent,
        route::TransportRouteContent,
        service::{ProvisionMode, ReportClass, ServiceContent},
        session::{SessionState, day},
        unit::ServiceUnitContent,
    },
    deadline::Times,
    delivery::attendance::AttendanceStatus,
    funding::delivery::DeliveryState,
    id::{
        AnonymousContactId, AreaId, AttendanceId, CaseId, ClientId, ConsentId, DeliveryEventId, DropInDayId, FinalAssessmentId, FollowOnPathId,
        FrameworkContractId, InstrumentResponseId, IntakeBaselineId, NetworkId, OrganizationId, ParticipationId, ReferralId, ServiceId, ServiceOfferingId,
        ServiceUnitId, SessionId, TransportRouteId, VenueId,
    },
    outreach::{
        anonymous_contact::AnonymousContactContent,
        drop_in_day::{DropInDayContent, DropInState},
        place::OutreachPlace,
        record::OutreachState,
    },
    person::{
        consent::{ConsentMethod, ConsentPurpose, ConsentState},
        identity::Gender,
        purpose::Purpose,
    },
    policy::reads_reports,
    report::{
        Cut, Rendering,
        activation::{BenefitFact, PathFact, Taken},
        capacity::HeldSession,
        cohort::CaseFact,
        consent::ConsentFact,
        cost::Spent,
        open_work::{CountedContact, CountedDay},
        participation::Begun,
    },
};
use entity::{
    Guarded, SealedText,
    casework::{case, final_assessment, follow_on_path, instrument_response, intake_baseline, referral},
    catalogue::{service, service_offering, service_unit, session, transport_route, venue},
    delivery::{attendance, participation},
    funding::{delivery_event, purchase_order, voucher},
    outreach::{anonymous_contact, drop_in_day},
    person::consent,
    sealed::audit,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, prelude::Json, sea_query::IntoCondition};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// The columns of a table that reports read, and no other.
trait Glimpse: FromQueryResult + DeserializeOwned + Send {
    /// The table.
    type Of: Guarded;
    /// The columns.
    const FIELDS: &'static [&'static str];
    /// The id of the row.
    fn id(&self) -> Uuid;
}

macro_rules! glimpse {
    ($name:ident of $table:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(FromQueryResult, Deserialize)]
        struct $name { $($field: $type),* }

        impl Glimpse for $name {
            type Of = $table::Entity;
            const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];
            fn id(&self) -> Uuid {
                self.id.into()
            }
        }
    };
}

glimpse!(Case of case {
    id: CaseId,
    client_id: ClientId,
    content: CaseContent,
    referral_id: Option<ReferralId>,
    pending_at: DateTime<Utc>,
    opened_at: Option<DateTime<Utc>>,
    urgent_checked_at: Option<DateTime<Utc>>,
    assessed_at: Option<DateTime<Utc>>,
    served_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
});
glimpse!(Referral of referral {
    id: ReferralId,
    client_id: Option<ClientId>,
    service_id: Option<ServiceId>,
    content: ReferralContent,
    state: ReferralState,
    answered_at: Option<DateTime<Utc>>,
    outcome: Option<ReferralOutcome>,
    outcome_at: Option<DateTime<Utc>>,
});
glimpse!(Baseline of intake_baseline {
    id: IntakeBaselineId,
    case_id: CaseId,
    content: IntakeBaselineContent,
    age_at_start: i32,
    gender: Gender,
    version: i32,
    created_at: DateTime<Utc>,
});
glimpse!(Response of instrument_response {
    id: InstrumentResponseId,
    client_id: ClientId,
    case_id: CaseId,
    instrument_version: String,
    phase: MeasurementPhase,
    answered_on: NaiveDate,
});
glimpse!(Participation of participation {
    id: ParticipationId,
    client_id: Option<ClientId>,
    offering_id: ServiceOfferingId,
    started_on: Option<NaiveDate>,
});
glimpse!(Path of follow_on_path {
    id: FollowOnPathId,
    client_id: ClientId,
    destination: PathDestination,
    state: PathState,
    guided_on: Option<NaiveDate>,
    arrived_on: Option<NaiveDate>,
    verified_on: Option<NaiveDate>,
});
glimpse!(Assessment of final_assessment {
    id: FinalAssessmentId,
    client_id: ClientId,
    state: FinalAssessmentState,
    benefit_themes: BenefitThemes,
    approved_at: Option<DateTime<Utc>>,
});
glimpse!(Service of service { id: ServiceId, content: ServiceContent });
glimpse!(Consented of consent {
    id: ConsentId,
    purpose: ConsentPurpose,
    method: ConsentMethod,
    given_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    state: ConsentState,
    ended_at: Option<DateTime<Utc>>,
});
glimpse!(Delivery of delivery_event {
    id: DeliveryEventId,
    client_id: ClientId,
    ground_id: Uuid,
    contract_id: Option<FrameworkContractId>,
    state: DeliveryState,
    effective_date: NaiveDate,
    cost_cents: i64,
});
glimpse!(DropIn of drop_in_day { id: DropInDayId, effective_date: NaiveDate, state: DropInState, content: DropInDayContent });
glimpse!(Contact of anonymous_contact { id: AnonymousContactId, effective_date: NaiveDate, state: OutreachState, content: AnonymousContactContent });
glimpse!(Offering of service_offering { id: ServiceOfferingId, service_id: ServiceId, content: ServiceOfferingContent });
glimpse!(Held of session { id: SessionId, offering_id: ServiceOfferingId, starts_at: DateTime<Utc>, state: SessionState });
glimpse!(Attended of attendance { id: AttendanceId, session_id: SessionId, status: AttendanceStatus });
glimpse!(Venue of venue { id: VenueId, area_id: AreaId });
glimpse!(Unit of service_unit { id: ServiceUnitId, content: ServiceUnitContent });
glimpse!(Route of transport_route { id: TransportRouteId, content: TransportRouteContent });

/// A baseline with what is sealed of it, which only the vault opens.
#[derive(Debug)]
pub struct SealedBaseline {
    /// The row.
    pub id: IntakeBaselineId,
    /// The case.
    pub case: CaseId,
    /// What was told, but for health.
    pub content: IntakeBaselineContent,
    /// Age in whole years.
    pub age: i32,
    /// Gender.
    pub gender: Gender,
    /// What was told of health and hardship.
    pub health: SealedText,
}

/// A response to an instrument with its sealed answers.
#[derive(Debug)]
pub struct SealedResponse {
    /// The row.
    pub id: InstrumentResponseId,
    /// Whose.
    pub client: ClientId,
    /// In which case.
    pub case: CaseId,
    /// The version of the instrument.
    pub version: String,
    /// In which phase.
    pub phase: MeasurementPhase,
    /// The day.
    pub on: NaiveDate,
    /// The answers.
    pub answers: SealedText,
}

/// Counts what an organisation has recorded of its clients, as it was known at a moment.
pub struct Counting<'a> {
    reader: &'a Reader,
    organization: OrganizationId,
    known_at: DateTime<Utc>,
}

impl Reader {
    /// The network in which the actor is told reports of an organisation in a rendering; none for whoever is not told them.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`] of whoever is told them as they are, and has not said that it is for statistics.
    pub fn reports_of(&self, organization: OrganizationId, rendering: Rendering) -> Result<Option<NetworkId>> {
        let mut standings = self.actor.standings().iter();
        let Some(standing) = standings.find(|one| one.organization == organization && reads_reports(one.role, rendering)) else { return Ok(None) };
        let purpose = self.actor.occasion().and_then(|occasion| occasion.purpose);
        if rendering == Rendering::Internal && purpose != Some(Purpose::Statistics) {
            return Err(Error::PurposeRequired);
        }
        Ok(Some(standing.network))
    }

    /// Counts for a report.
    ///
    /// # Errors
    /// As [`Self::reports_of`], and [`Error::Forbidden`] for whoever is not told it.
    pub fn counting(&self, organization: OrganizationId, rendering: Rendering, known_at: DateTime<Utc>) -> Result<Counting<'_>> {
        self.reports_of(organization, rendering)?.ok_or(Error::Forbidden)?;
        Ok(Counting { reader: self, organization, known_at })
    }
}

fn column<E: EntityTrait>(name: &str) -> Result<E::Column> {
    name.parse().map_err(|_| Error::internal(format!("there is no column {name}")))
}

impl Counting<'_> {
    /// Rows that were made by the moment, as they were known then.
    async fn known<G: Glimpse>(&self, are: impl IntoCondition) -> Result<Vec<G>> {
        let columns = G::FIELDS.iter().map(|name| column::<G::Of>(name)).collect::<Result<Vec<_>>>()?;
        let made = column::<G::Of>("created_at")?.lte(self.known_at);
        let rows = G::Of::find().filter(are.into_condition()).filter(made).select_only().columns(columns).into_model::<G>();
        let mut rows = rows.all(self.reader.conn()).await.map_err(fault)?;
        // Of what is known now nothing has been changed later.
        if self.reader.actor.occasion().is_none_or(|occasion| self.known_at < occasion.at) {
            for chunk in rows.chunks_mut(AT_ONCE) {
                self.take_back(chunk).await?;
            }
        }
        Ok(rows)
    }

    /// Takes back what was changed after the moment: the first change from then on tells how the row was before it.
    async fn take_back<G: Glimpse>(&self, rows: &mut [G]) -> Result<()> {
        let resource = format!("{:?}", G::Of::RESOURCE);
        let changes = audit::Entity::find()
            .filter(audit::Column::RowId.is_in(rows.iter().map(Glimpse::id)))
            .filter(audit::Column::Resource.eq(&resource))
            .filter(audit::Column::At.gt(self.known_at))
            .filter(audit::Column::Before.is_not_null())
            .order_by_asc(audit::Column::At)
            .order_by_asc(audit::Column::Id)
            .select_only()
            .columns([audit::Column::RowId, audit::Column::Before]);
        // The audit is of all networks, and nobody's but the system's.
        let changes: Vec<(Uuid, Json)> = changes.into_tuple().all(&self.reader.conn().lifted()).await.map_err(fault)?;
        let mut before = HashMap::new();
        for (row, was) in changes {
            before.entry(row).or_insert(was);
        }
        for row in rows {
            if let Some(was) = before.remove(&row.id()) {
                *row = serde_json::from_value(was).map_err(|_| Error::internal(format!("a {resource} of the audit is not of its form")))?;
            }
        }
        Ok(())
    }

    /// One column of these rows.
    async fn of_rows<E: Guarded, T>(&self, name: &str, ids: &[Uuid]) -> Result<HashMap<Uuid, T>>
    where
        T: sea_orm::TryGetable + Send,
    {
        let mut found = HashMap::new();
        for chunk in ids.chunks(AT_ONCE) {
            let rows = E::find().filter(E::columns().id.is_in(chunk.iter().copied())).select_only().columns([E::columns().id, column::<E>(name)?]);
            let rows: Vec<(Uuid, T)> = rows.into_tuple().all(self.reader.conn()).await.map_err(fault)?;
            found.extend(rows);
        }
        Ok(found)
    }

    /// Rows that name these ids in a column, as they were known.
    async fn naming<G: Glimpse>(&self, by: <G::Of as EntityTrait>::Column, ids: Vec<Uuid>) -> Result<Vec<G>> {
        let mut found = Vec::new();
        for chunk in ids.chunks(AT_ONCE) {
            found.extend(self.known::<G>(by.is_in(chunk.iter().copied())).await?);
        }
        Ok(found)
    }

    /// Rows of these ids, as they were known.
    async fn these<G: Glimpse>(&self, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, G>> {
        let rows = self.naming::<G>(G::Of::columns().id, ids.into_iter().collect()).await?;
        Ok(rows.into_iter().map(|row| (row.id(), row)).collect())
    }

    /// Its cases, each with who steered the client in.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn cases(&self) -> Result<Vec<CaseFact>> {
        let cases = self.known::<Case>(case::Column::OrganizationId.eq(self.organization)).await?;
        // A referral is kept by those who sent it: of theirs only who steers is read.
        let referrals = self.these::<Referral>(cases.iter().filter_map(|case| case.referral_id.map(Uuid::from)).collect()).await?;
        let fact = |case: Case| CaseFact {
            case: case.id,
            client: case.client_id,
            times: Times {
                pending_at: case.pending_at,
                urgent_checked_at: case.urgent_checked_at,
                opened_at: case.opened_at,
                assessed_at: case.assessed_at,
                served_at: case.served_at,
            },
            groups: case.content.groups,
            urgent: case.content.urgent,
            closed_on: case.closed_at.map(day),
            service_task: case.content.service_task,
            referrer: case.referral_id.and_then(|id| referrals.get(&id.into())).map(|referral| referral.content.referrer),
        };
        Ok(cases.into_iter().map(fact).collect())
    }

    /// The baselines of its cases, each as it was corrected last.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn baselines(&self) -> Result<Vec<SealedBaseline>> {
        let mut newest = BTreeMap::<CaseId, Baseline>::new();
        for row in self.known::<Baseline>(intake_baseline::Column::OrganizationId.eq(self.organization)).await? {
            let older = newest.get(&row.case_id).is_none_or(|other| (other.version, other.created_at) < (row.version, row.created_at));
            if older {
                newest.insert(row.case_id, row);
            }
        }
        let ids: Vec<_> = newest.values().map(|row| row.id.into()).collect();
        // What is sealed is read as it is sealed now: it is never changed but to be sealed with another key.
        let mut sealed = self.of_rows::<intake_baseline::Entity, SealedText>("health", &ids).await?;
        let with_health = |row: Baseline| {
            let health = sealed.remove(&row.id.into())?;
            Some(SealedBaseline { id: row.id, case: row.case_id, content: row.content, age: row.age_at_start, gender: row.gender, health })
        };
        Ok(newest.into_values().filter_map(with_health).collect())
    }

    /// What clients were measured by in these phases, with one instrument.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn responses(&self, instrument: &str, phases: &[MeasurementPhase]) -> Result<Vec<SealedResponse>> {
        use instrument_response::Column as C;
        let are = C::OrganizationId.eq(self.organization).and(C::Instrument.eq(instrument)).and(C::Phase.is_in(phases.iter().copied()));
        let rows = self.known::<Response>(are).await?;
        let ids: Vec<_> = rows.iter().map(Glimpse::id).collect();
        let mut sealed = self.of_rows::<instrument_response::Entity, SealedText>("answers", &ids).await?;
        let with_answers = |row: Response| {
            let answers = sealed.remove(&row.id.into())?;
            let Response { id, client_id: client, case_id: case, instrument_version: version, phase, answered_on: on } = row;
            Some(SealedResponse { id, client, case, version, phase, on, answers })
        };
        Ok(rows.into_iter().filter_map(with_answers).collect())
    }

    /// How these services are arranged, and under which row of a report they count.
    async fn arranged(&self, services: BTreeSet<Uuid>) -> Result<HashMap<Uuid, (ProvisionMode, Option<ReportClass>)>> {
        let services = self.these::<Service>(services).await?;
        Ok(services.into_iter().map(|(id, row)| (id, (row.content.provision, row.content.report_class))).collect())
    }

    /// Who came to which service, and when for the first time.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn begun(&self) -> Result<Vec<Begun>> {
        let rows = self.known::<Participation>(participation::Column::OrganizationId.eq(self.organization)).await?;
        let begun: Vec<_> = rows.into_iter().filter_map(|row| Some((row.client_id?, row.offering_id, row.started_on?))).collect();
        let offerings: BTreeSet<Uuid> = begun.iter().map(|(_, offering, _)| (*offering).into()).collect();
        let offerings: Vec<_> = offerings.into_iter().collect();
        // An offering stays an offering of its service.
        let services = self.of_rows::<service_offering::Entity, Uuid>("service_id", &offerings).await?;
        let arranged = self.arranged(services.values().copied().collect()).await?;
        let fact = |(client, offering, on): (ClientId, ServiceOfferingId, NaiveDate)| {
            let service = services.get(&offering.into())?;
            let (provision, class) = *arranged.get(service)?;
            Some(Begun { client, on, service: (*service).into(), provision, class })
        };
        Ok(begun.into_iter().filter_map(fact).collect())
    }

    /// Who was steered to a service and taken on there.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn taken(&self) -> Result<Vec<Taken>> {
        let sent = self.known::<Referral>(referral::Column::OrganizationId.eq(self.organization)).await?;
        let outbound = |row: &Referral| row.content.direction == ReferralDirection::Outbound && row.state == ReferralState::Accepted;
        let absent = |row: &Referral| row.outcome_at.filter(|_| row.outcome == Some(ReferralOutcome::DidNotArrive)).map(day);
        let taken: Vec<_> = sent.into_iter().filter(outbound).collect();
        let arranged = self.arranged(taken.iter().filter_map(|row| row.service_id.map(Uuid::from)).collect()).await?;
        let fact = |row: Referral| {
            let (provision, _) = *arranged.get(&row.service_id?.into())?;
            Some(Taken { client: row.client_id?, on: day(row.answered_at?), provision, absent_on: absent(&row) })
        };
        Ok(taken.into_iter().filter_map(fact).collect())
    }

    /// The follow-on paths of its clients.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn paths(&self) -> Result<Vec<PathFact>> {
        let rows = self.known::<Path>(follow_on_path::Column::OrganizationId.eq(self.organization)).await?;
        let fact = |row: Path| PathFact {
            client: row.client_id,
            destination: row.destination,
            state: row.state,
            guided_on: row.guided_on,
            arrived_on: row.arrived_on,
            verified_on: row.verified_on,
        };
        Ok(rows.into_iter().map(fact).collect())
    }

    /// What its clients have got from it, of approved final assessments.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn benefits(&self) -> Result<Vec<BenefitFact>> {
        let rows = self.known::<Assessment>(final_assessment::Column::OrganizationId.eq(self.organization)).await?;
        let approved = rows.into_iter().filter(|row| row.state == FinalAssessmentState::Approved);
        Ok(approved.filter_map(|row| Some(BenefitFact { client: row.client_id, on: day(row.approved_at?), themes: row.benefit_themes.0 })).collect())
    }

    /// What was delivered to its clients of what it has ordered, and accepted.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn spent(&self) -> Result<Vec<Spent>> {
        let rows = self.known::<Delivery>(delivery_event::Column::OrganizationId.eq(self.organization)).await?;
        let accepted: Vec<_> = rows.into_iter().filter(|row| row.state.is_accepted()).collect();
        let grounds = |by_order: bool| {
            let those = accepted.iter().filter(|row| row.contract_id.is_some() == by_order).map(|row| row.ground_id);
            those.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        };
        // An order, and a voucher, stays one of its service.
        let mut services = self.of_rows::<purchase_order::Entity, Uuid>("service_id", &grounds(true)).await?;
        services.extend(self.of_rows::<voucher::Entity, Uuid>("service_id", &grounds(false)).await?);
        let arranged = self.arranged(services.values().copied().collect()).await?;
        let class = |row: &Delivery| services.get(&row.ground_id).and_then(|service| arranged.get(service)).and_then(|(_, class)| *class);
        Ok(accepted.iter().map(|row| Spent { client: row.client_id, on: row.effective_date, cents: row.cost_cents, class: class(row) }).collect())
    }

    /// The consents that it keeps.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn consents(&self) -> Result<Vec<ConsentFact>> {
        let rows = self.known::<Consented>(consent::Column::OrganizationId.eq(self.organization)).await?;
        let fact = |row: Consented| ConsentFact {
            purpose: row.purpose,
            method: row.method,
            given_on: day(row.given_at),
            expires_on: day(row.expires_at),
            ended: row.ended_at.filter(|_| row.state != ConsentState::Given).map(|at| (row.state, day(at))),
        };
        Ok(rows.into_iter().map(fact).collect())
    }

    /// Its drop-in days whose counts hold, at places of the cut; `lineage` tells in which areas an area lies, itself among them.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn drop_in_days<'c>(&self, cut: &Cut, lineage: impl Fn(AreaId) -> &'c [AreaId]) -> Result<Vec<CountedDay>> {
        let rows = self.known::<DropIn>(drop_in_day::Column::OrganizationId.eq(self.organization)).await?;
        let hold = |row: &DropIn| matches!(row.state, DropInState::Closed | DropInState::Corrected);
        let rows: Vec<_> = rows.into_iter().filter(hold).collect();
        let places = self.places(cut, rows.iter().map(|row| &row.content.place)).await?;
        let inside = |row: &DropIn| cut.has_place(places.area(&row.content.place).map_or(&[], &lineage));
        Ok(rows.into_iter().filter(inside).map(|row| CountedDay { on: row.effective_date, content: row.content }).collect())
    }

    /// Its anonymous contacts that hold, at places of the cut; `lineage` tells in which areas an area lies, itself among them.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn contacts<'c>(&self, cut: &Cut, lineage: impl Fn(AreaId) -> &'c [AreaId]) -> Result<Vec<CountedContact>> {
        let rows = self.known::<Contact>(anonymous_contact::Column::OrganizationId.eq(self.organization)).await?;
        let rows: Vec<_> = rows.into_iter().filter(|row| row.state != OutreachState::Voided).collect();
        let places = self.places(cut, rows.iter().map(|row| &row.content.place)).await?;
        let inside = |row: &Contact| cut.has_place(places.area(&row.content.place).map_or(&[], &lineage));
        Ok(rows.into_iter().filter(inside).map(|row| CountedContact { on: row.effective_date, content: row.content }).collect())
    }

    /// In which areas these places lie.
    async fn places<'p>(&self, cut: &Cut, places: impl Iterator<Item = &'p OutreachPlace> + Clone + Send) -> Result<Places> {
        // Everywhere takes in every place, wherever it lies.
        if cut.area.is_none() {
            return Ok(Places::default());
        }
        let venues = self.these::<Venue>(places.clone().filter_map(|place| place.venue.map(Uuid::from)).collect()).await?;
        let units = self.these::<Unit>(places.clone().filter_map(|place| place.unit.map(Uuid::from)).collect()).await?;
        let routes = self.these::<Route>(places.filter_map(|place| place.route.map(Uuid::from)).collect()).await?;
        Ok(Places { venues, units, routes })
    }

    /// The sessions that were held of what it offers, or others offer of its services, in offerings with so many places: with how many came.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn held_sessions(&self) -> Result<Vec<HeldSession>> {
        use service_offering::Column as C;
        let offerings = self.known::<Offering>(C::OrganizationId.eq(self.organization).or(C::OwnerId.eq(self.organization))).await?;
        let places: HashMap<_, _> = offerings.iter().filter_map(|row| Some((row.id, (row.service_id, row.content.capacity?)))).collect();
        let arranged = self.arranged(places.values().map(|(service, _)| (*service).into()).collect()).await?;
        let held = self.naming::<Held>(session::Column::OfferingId, places.keys().map(|id| (*id).into()).collect()).await?;
        let held: Vec<_> = held.into_iter().filter(|row| row.state == SessionState::Held).collect();
        let mut told = HashMap::<SessionId, (i32, i32)>::new();
        for row in self.naming::<Attended>(attendance::Column::SessionId, held.iter().map(|row| row.id.into()).collect()).await? {
            let (came, absent) = told.entry(row.session_id).or_default();
            *(if row.status.was_there() { came } else { absent }) += 1;
        }
        let fact = |row: Held| {
            let (service, places) = *places.get(&row.offering_id)?;
            let (provision, _) = *arranged.get(&service.into())?;
            let (came, absent) = told.get(&row.id).copied().unwrap_or_default();
            Some(HeldSession { on: day(row.starts_at), places, came, absent, provision })
        };
        Ok(held.into_iter().filter_map(fact).collect())
    }
}

/// Where open work is done, as it was known.
#[derive(Default)]
struct Places {
    venues: HashMap<Uuid, Venue>,
    units: HashMap<Uuid, Unit>,
    routes: HashMap<Uuid, Route>,
}

impl Places {
    /// The area in which a place lies. A route lies in none, but a stop of it does.
    fn area(&self, place: &OutreachPlace) -> Option<AreaId> {
        let venue = place.venue.and_then(|id| self.venues.get(&id.into())).map(|row| row.area_id);
        let unit = place.unit.and_then(|id| self.units.get(&id.into())).map(|row| row.content.area);
        let stop = place.stop.and_then(|at| usize::try_from(at).ok());
        let stop = || place.route.zip(stop).and_then(|(id, at)| self.routes.get(&id.into())?.content.stops.get(at)).map(|stop| stop.area);
        let then = place.stop_then.as_ref().map(|stop| stop.area);
        place.area.or(venue).or(unit).or(then).or_else(stop)
    }
}
