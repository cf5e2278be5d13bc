//! Intake baselines.
use crate::{
    act::casework::baseline::{self, CorrectIntakeBaseline, Told},
    error::Result,
    graphql::{
        Asked,
        code::{self, Code},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::baseline::{self as rules, IntakeBaselineContent, YesNoUnknown},
    id::{CaseId, IntakeBaselineId, Kinded},
    noted_field::NotedField,
    person::identity::Gender,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::casework::intake_baseline as table;
use std::sync::Arc;

/// The client's situation at the start of a case (alkutilanne).
pub struct IntakeBaseline(Arc<table::Model>);

impl From<table::Model> for IntakeBaseline {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// The client's situation at the start of a case (alkutilanne), as it was recorded or corrected. Never changed: a correction is another one.
#[Object]
impl IntakeBaseline {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The day of which it tells.
    async fn as_of(&self) -> Date {
        self.0.content.as_of
    }
    /// The client's age in whole years on that day.
    async fn age_at_start(&self) -> i32 {
        self.0.age_at_start
    }
    /// The client's gender, as it is told.
    async fn gender(&self) -> Gender {
        self.0.gender
    }
    /// On social assistance (toimeentulotuki) at the start.
    async fn social_assistance(&self) -> YesNoUnknown {
        self.0.content.social_assistance
    }
    /// On regular social assistance since; null when not, or not known.
    async fn social_assistance_since(&self) -> Option<Date> {
        self.0.content.social_assistance_since
    }
    /// A client of social services at the start.
    async fn social_services(&self) -> YesNoUnknown {
        self.0.content.social_services
    }
    /// A client of social services since; null when not, or not known.
    async fn social_services_since(&self) -> Option<Date> {
        self.0.content.social_services_since
    }
    /// Employment (työllisyystilanne), of the list `employment-status`.
    async fn employment(&self) -> Option<Code> {
        code::code("employment-status", &self.0.content.employment)
    }
    /// Unemployed since; null when not, or not known.
    async fn unemployed_since(&self) -> Option<Date> {
        self.0.content.unemployed_since
    }
    /// Education (koulutusaste), of the list `education-level`.
    async fn education(&self) -> Option<Code> {
        code::code("education-level", &self.0.content.education)
    }
    /// The only adult of the household.
    async fn single_adult(&self) -> YesNoUnknown {
        self.0.content.single_adult
    }
    /// Nobody of working age in the household has work.
    async fn all_working_age_jobless(&self) -> YesNoUnknown {
        self.0.content.all_working_age_jobless
    }
    /// Has dependent children.
    async fn dependent_children(&self) -> YesNoUnknown {
        self.0.content.dependent_children
    }
    /// Feels at a disadvantage in the labour market (oma arvio).
    async fn labour_market_disadvantage(&self) -> YesNoUnknown {
        self.0.content.labour_market_disadvantage
    }
    /// What is told of health and hardship; null for those whose care relation rests on the handling of a referral alone. Reading it is kept in the use log.
    async fn health(&self, ctx: &Context<'_>) -> Result<Option<BaselineHealth>> {
        if !ctx.caller().sees_special_category(self.0.client_id, NotedField::IntakeBaselineHealth).await? {
            return Ok(None);
        }
        Ok(Some(BaselineHealth(baseline::health(ctx.caller().vault(), &self.0)?)))
    }
    /// Why the one before was corrected; null for the first, or when nothing was said.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(ctx.caller().revealed(self.0.client_id, NotedField::IntakeBaselineReason, baseline::reason(ctx.caller().vault(), &self.0)?))
    }
    /// When it was recorded.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// Who recorded it, by the stable key.
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
    /// Which it is in the row of corrections, from 1; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// What is told of a client's health and hardship at the start (terveys ja kuormitus).
pub struct BaselineHealth(Private<rules::BaselineHealth>);

/// What is told of a client's health and hardship at the start (terveys ja kuormitus): data of a special category.
#[Object]
impl BaselineHealth {
    /// A mental limitation has been diagnosed.
    async fn mental_limitation_diagnosed(&self) -> YesNoUnknown {
        self.0.reveal().mental_limitation_diagnosed
    }
    /// In mental health care.
    async fn mental_care_active(&self) -> YesNoUnknown {
        self.0.reveal().mental_care_active
    }
    /// The client acknowledges harm from substances.
    async fn substance_harm_acknowledged(&self) -> YesNoUnknown {
        self.0.reveal().substance_harm_acknowledged
    }
    /// In substance care.
    async fn substance_care_active(&self) -> YesNoUnknown {
        self.0.reveal().substance_care_active
    }
    /// Finds social situations hard.
    async fn social_situations_hard(&self) -> YesNoUnknown {
        self.0.reveal().social_situations_hard
    }
}

payload! {
    /// The outcome of recording or correcting a baseline.
    IntakeBaselinePayload {
        /// The baseline as it was recorded now; null when it was refused.
        intake_baseline: IntakeBaseline
    }
}

/// A baseline that is recorded.
#[derive(InputObject)]
struct RecordIntakeBaselineInput {
    /// The case; one that has none yet.
    case: CaseId,
    /// What is told, but for health.
    content: IntakeBaselineContent,
    /// What is told of health and hardship.
    health: rules::BaselineHealth,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// A baseline that is corrected.
#[derive(InputObject)]
struct CorrectIntakeBaselineInput {
    /// The newest baseline of the case.
    id: IntakeBaselineId,
    /// The version that you have seen.
    expected_version: i32,
    /// What is told, whole.
    content: IntakeBaselineContent,
    /// What is told of health and hardship, whole.
    health: rules::BaselineHealth,
    /// Why, at most 5000 characters; it must be said from 30 days after the first recording on. The client can read it.
    reason: Option<String>,
}

/// Changes of baselines.
#[derive(Default)]
pub struct BaselineMutation;

/// Changes of baselines.
#[Object]
impl BaselineMutation {
    /// Records the client's situation at the start of a case (alkutilanne), once.
    async fn record_intake_baseline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which case, and what.")] input: RecordIntakeBaselineInput,
    ) -> Result<IntakeBaselinePayload> {
        let told = Told { content: input.content, health: input.health };
        IntakeBaselinePayload::of(ctx, baseline::record(ctx.caller(), input.idempotency_key.as_deref(), input.case, told).await)
    }
    /// Corrects a baseline by another record; the one before stays as it was.
    async fn correct_intake_baseline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, what, and why.")] input: CorrectIntakeBaselineInput,
    ) -> Result<IntakeBaselinePayload> {
        let told = Told { content: input.content, health: input.health };
        let what = CorrectIntakeBaseline { id: input.id, expected: input.expected_version, told, reason: input.reason };
        IntakeBaselinePayload::of(ctx, baseline::correct(ctx.caller(), what).await)
    }
}
