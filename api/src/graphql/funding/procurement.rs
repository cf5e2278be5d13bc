//! Procurements: type, lists, moves.
use crate::{
    act::funding::procurement as act,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, Area, Organization, Service, access, area_named, organization, published_service},
        order::{self, SortedBy, order_by},
        page::{self, Page},
        payload::payload,
        text::{LocalizedText, Money, shown},
    },
    store::Window,
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::{
    funding::{
        procurement::{Award, ProcurementCategory, ProcurementContent, ProcurementMove, ProcurementProcedure, ProcurementState},
        threshold,
    },
    id::{Kinded, OrganizationId, ProcurementId},
    machine::Machine,
    policy::Resource,
    scalar::{Date, DateTime},
};
use entity::funding::procurement as table;
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// A procurement (hankinta).
pub struct Procurement(Arc<table::Model>);

impl From<table::Model> for Procurement {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A procurement (hankinta): from the plan over the market dialogue and the tendering to the award. Only the organisation that buys sees it.
#[Object]
impl Procurement {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The organisation that buys.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.organization_id).await
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// What is needed, for whom and why; null until it is written.
    async fn description(&self) -> Option<LocalizedText> {
        shown(self.0.content.description.as_ref())
    }
    /// What is bought.
    async fn category(&self) -> ProcurementCategory {
        self.0.content.category
    }
    /// By which procedure.
    async fn procedure(&self) -> ProcurementProcedure {
        self.0.content.procedure
    }
    /// What it is worth over its whole time with all options, without value added tax, as it was estimated before.
    async fn estimated_value(&self) -> Money {
        self.0.content.estimated_value.into()
    }
    /// The national threshold of the day on which it began; null where none holds.
    async fn threshold(&self) -> Option<ProcurementThreshold> {
        threshold::threshold(self.0.category, self.0.begun_on).map(|found| ProcurementThreshold(found, found.binds(self.0.content.estimated_value)))
    }
    /// The day on which it began.
    async fn begun_on(&self) -> Date {
        Date(self.0.begun_on)
    }
    /// The services that are bought; those of them that are public.
    async fn services(&self, ctx: &Context<'_>) -> Result<Vec<Service>> {
        let mut found = Vec::new();
        for id in &self.0.content.services {
            found.extend(published_service(ctx, *id).await?);
        }
        Ok(found)
    }
    /// Where; everywhere when none is named.
    async fn areas(&self, ctx: &Context<'_>) -> Result<Vec<Area>> {
        let mut found = Vec::new();
        for id in &self.0.content.areas {
            found.extend(area_named(ctx, *id).await?);
        }
        Ok(found)
    }
    /// A pilot (kokeilu), bought to learn from.
    async fn pilot(&self) -> bool {
        self.0.content.pilot
    }
    /// The number of its notice in the national channel; null until there is one.
    async fn notice(&self) -> Option<&str> {
        self.0.content.notice.as_deref()
    }
    /// The last day for tenders; null until it is set.
    async fn tenders_due_on(&self) -> Option<Date> {
        self.0.content.tenders_due_on
    }
    /// How those who use the service were heard; null until it is written.
    async fn user_consultation(&self) -> Option<LocalizedText> {
        shown(self.0.content.user_consultation.as_ref())
    }
    /// By what tenders are compared; null until it is written.
    async fn criteria(&self) -> Option<LocalizedText> {
        shown(self.0.content.criteria.as_ref())
    }
    /// The ground of a direct award; null with other procedures.
    async fn direct_award_ground(&self) -> Option<LocalizedText> {
        shown(self.0.content.direct_award_ground.as_ref())
    }
    /// Where it is.
    async fn state(&self) -> ProcurementState {
        self.0.state
    }
    /// The moves that its state allows; whose they are tells the mutation.
    async fn moves(&self) -> Vec<ProcurementMove> {
        self.0.state.moves().collect()
    }
    /// Who provides, and why; null until it is decided.
    async fn award(&self) -> Option<ProcurementAward> {
        self.0.award.clone().map(ProcurementAward)
    }
    /// Why it was given up, or what the appeal was about; null when neither.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> Access {
        access(ctx, Resource::Procurement, Some(self.0.network_id), Some(self.0.organization_id))
    }
    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// A national threshold, and whether it binds.
pub struct ProcurementThreshold(&'static threshold::Threshold, bool);

/// A national threshold of public procurement (kansallinen kynnysarvo).
#[Object]
impl ProcurementThreshold {
    /// The estimated value from which on the act binds the procedure, without value added tax.
    async fn value(&self) -> Money {
        domain::money::Money { amount_cents: self.0.cents }.into()
    }
    /// The estimated value is at the threshold or above it.
    async fn binds(&self) -> bool {
        self.1
    }
    /// The law behind it.
    async fn law(&self) -> &str {
        &self.0.law
    }
    /// It was read in its source; one that was not is to be checked before it is relied on.
    async fn confirmed(&self) -> bool {
        self.0.confirmed
    }
}

/// Who provides.
pub struct ProcurementAward(Award);

/// Who provides (hankintapäätös), and why.
#[Object]
impl ProcurementAward {
    /// Those who were chosen.
    async fn providers(&self, ctx: &Context<'_>) -> Result<Vec<Organization>> {
        let mut found = Vec::new();
        for id in &self.0.providers {
            found.push(organization(ctx, *id).await?);
        }
        Ok(found)
    }
    /// Why they.
    async fn reasoning(&self) -> &str {
        &self.0.reasoning
    }
    /// The day of the decision.
    async fn decided_on(&self) -> Date {
        self.0.decided_on
    }
    /// Who decided, by the stable key.
    async fn decided_by(&self) -> &str {
        &self.0.decided_by
    }
}

payload! {
    /// The outcome of planning, changing or moving a procurement.
    ProcurementPayload {
        /// The procurement as it is now; null when it was refused.
        procurement: Procurement
    }
}

/// A procurement that is planned.
#[derive(InputObject)]
struct PlanProcurementInput {
    /// The organisation that buys: your own.
    organization: OrganizationId,
    /// What is said of it.
    content: ProcurementContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// What is said of a procurement from now on.
#[derive(InputObject)]
struct UpdateProcurementInput {
    /// The procurement.
    id: ProcurementId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is said of it, whole: what you leave out is gone.
    content: ProcurementContent,
}

/// A procurement that goes on.
#[derive(InputObject)]
struct ProcurementMoveInput {
    /// The procurement.
    id: ProcurementId,
    /// The version that you have seen.
    expected_version: i32,
}

/// A procurement that is given up, or whose decision is appealed against.
#[derive(InputObject)]
struct ProcurementReasonInput {
    /// The procurement.
    id: ProcurementId,
    /// The version that you have seen.
    expected_version: i32,
    /// Why, in words, at most 2000 characters.
    reason: String,
}

/// A procurement that is decided.
#[derive(InputObject)]
struct AwardProcurementInput {
    /// The procurement.
    id: ProcurementId,
    /// The version that you have seen.
    expected_version: i32,
    /// Those who are chosen: one or more organisations of the network.
    providers: Vec<OrganizationId>,
    /// Why they, at most 5000 characters.
    reasoning: String,
}

/// Which procurements.
#[derive(InputObject, Default)]
struct ProcurementFilter {
    /// In one of these states.
    #[graphql(validator(max_items = 20))]
    states: Option<Vec<ProcurementState>>,
    /// Of one of these categories.
    #[graphql(validator(max_items = 20))]
    categories: Option<Vec<ProcurementCategory>>,
    /// With this text in the name, whatever its case and accents.
    search: Option<String>,
}

/// By what procurements are put in order.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum ProcurementOrderField {
    /// When they were made.
    CreatedAt,
    /// When they were last changed.
    UpdatedAt,
}

order_by! {
    /// How procurements are put in order.
    ProcurementOrder by ProcurementOrderField
}

/// Questions about procurements.
#[derive(Default)]
pub struct ProcurementQuery;

/// Questions about procurements.
#[Object]
impl ProcurementQuery {
    /// A procurement (hankinta); null when there is none, or it is not yours to see.
    async fn procurement(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: ProcurementId) -> Result<Option<Procurement>> {
        ctx.caller().signed_in()?;
        Ok(ctx.caller().load::<table::Entity>(id).await?.map(Procurement::from))
    }
    /// The procurements of your organisation (hankinnat), by default the newest first.
    async fn procurements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<ProcurementFilter>,
        #[graphql(desc = "In what order, the first counting most. The id is the last tie-break.")] order_by: Option<Vec<ProcurementOrder>>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Procurement>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = Condition::all()
            .add_option(f.states.map(|states| table::Column::State.is_in(states)))
            .add_option(f.categories.map(|of| table::Column::Category.is_in(of)))
            .add_option(page::words(f.search.as_deref())?.map(|text| page::contains(table::Column::Search, &text)));
        let by = order::keys(order_by, (ProcurementOrderField::CreatedAt, true))?;
        let order = order::in_database(&by, |field| {
            Ok(match field {
                ProcurementOrderField::CreatedAt => SortedBy::Creation,
                ProcurementOrderField::UpdatedAt => SortedBy::Time(table::Column::UpdatedAt, |row: &table::Model| order::moment(row.updated_at)),
            })
        })?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &order, &window, Procurement::from).await
    }
}

async fn go(ctx: &Context<'_>, input: ProcurementMoveInput, by: ProcurementMove) -> Result<ProcurementPayload> {
    ProcurementPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, None).await)
}

async fn reasoned(ctx: &Context<'_>, input: ProcurementReasonInput, by: ProcurementMove) -> Result<ProcurementPayload> {
    ProcurementPayload::of(ctx, act::move_on(ctx.caller(), input.id, input.expected_version, by, Some(input.reason)).await)
}

/// Changes of procurements.
#[derive(Default)]
pub struct ProcurementMutation;

/// Changes of procurements.
#[Object]
impl ProcurementMutation {
    /// Plans a procurement of your own organisation (suunnittele hankinta).
    async fn plan_procurement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose procurement, and what is said of it.")] input: PlanProcurementInput,
    ) -> Result<ProcurementPayload> {
        let what = act::PlanProcurement { organization: input.organization, content: input.content };
        ProcurementPayload::of(ctx, act::plan(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
    /// Replaces what is said of a procurement, until tenders are asked for; while they are compared, only how users were heard, by what was compared and the
    /// ground of a direct award.
    async fn update_procurement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which procurement, and what is said of it.")] input: UpdateProcurementInput,
    ) -> Result<ProcurementPayload> {
        ProcurementPayload::of(ctx, act::update(ctx.caller(), input.id, input.expected_version, input.content).await)
    }
    /// Begins to talk with those who could provide it (markkinavuoropuhelu).
    async fn open_market_dialogue(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ProcurementMoveInput) -> Result<ProcurementPayload> {
        go(ctx, input, ProcurementMove::OpenDialogue).await
    }
    /// Asks for tenders (julkaise tarjouspyyntö): what is asked for stands from then on.
    async fn tender_procurement(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ProcurementMoveInput) -> Result<ProcurementPayload> {
        go(ctx, input, ProcurementMove::Tender).await
    }
    /// Begins to compare the tenders (avaa tarjoukset), after their last day.
    async fn evaluate_procurement(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ProcurementMoveInput) -> Result<ProcurementPayload> {
        go(ctx, input, ProcurementMove::Evaluate).await
    }
    /// Decides who provides (tee hankintapäätös): as lead or decision maker of the organisation, never as the procurement officer who prepared it.
    async fn award_procurement(&self, ctx: &Context<'_>, #[graphql(desc = "Which, whom and why.")] input: AwardProcurementInput) -> Result<ProcurementPayload> {
        ProcurementPayload::of(ctx, act::award(ctx.caller(), input.id, input.expected_version, input.providers, input.reasoning).await)
    }
    /// Records that the decision is appealed against (muutoksenhaku).
    async fn appeal_procurement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what the appeal is about.")] input: ProcurementReasonInput,
    ) -> Result<ProcurementPayload> {
        reasoned(ctx, input, ProcurementMove::Appeal).await
    }
    /// Records that the decision stands after the appeal (päätös pysyy).
    async fn uphold_procurement(&self, ctx: &Context<'_>, #[graphql(desc = "Which.")] input: ProcurementMoveInput) -> Result<ProcurementPayload> {
        go(ctx, input, ProcurementMove::Uphold).await
    }
    /// Gives a procurement up (keskeytä).
    async fn interrupt_procurement(&self, ctx: &Context<'_>, #[graphql(desc = "Which, and why.")] input: ProcurementReasonInput) -> Result<ProcurementPayload> {
        reasoned(ctx, input, ProcurementMove::Interrupt).await
    }
}
