//! How long what is kept about clients is kept, and what was destroyed.
use crate::{
    error::Result,
    graphql::{
        Asked,
        catalogue::{Organization, organization},
        page::{self, Page},
        text::LocalizedText,
    },
    store::{Hold, KeptRecord, Order, Window},
};
use async_graphql::{Context, ID, Object, SimpleObject};
use domain::{
    id::{ClientId, Kinded},
    retention::{RetentionEvent, RetentionSubject, Rule, rules},
    scalar::{Date, DateTime},
};
use entity::access::destruction as table;
use std::sync::Arc;

/// A rule of retention (säilytyssääntö).
struct RetentionRule(&'static Rule);

/// A rule of retention (säilytyssääntö): how long something is kept, counted from what, and by which law.
#[Object]
impl RetentionRule {
    /// Its stable key.
    async fn key(&self) -> &str {
        &self.0.key
    }
    /// What it says.
    async fn name(&self) -> LocalizedText {
        LocalizedText(self.0.name())
    }
    /// What it is about.
    async fn subject(&self) -> RetentionSubject {
        self.0.subject
    }
    /// What its period is counted from.
    async fn counted_from(&self) -> RetentionEvent {
        self.0.from
    }
    /// How many years it is kept.
    async fn years(&self) -> i32 {
        i32::try_from(self.0.years).unwrap_or(i32::MAX)
    }
    /// The law or decision behind it.
    async fn legal_basis(&self) -> &str {
        &self.0.legal_basis
    }
    /// Where the period was read, and what is still to be checked.
    async fn source(&self) -> &str {
        &self.0.source
    }
    /// It was read in its source; one that was not is to be checked before it is relied on.
    async fn confirmed(&self) -> bool {
        self.0.confirmed
    }
    /// Its version.
    async fn version(&self) -> &str {
        &self.0.version
    }
}

/// How long a client's record is kept (säilytysaika).
#[derive(SimpleObject)]
pub struct Retention {
    /// The last day on which it is kept (hävitettävä tämän jälkeen); null while something goes on that keeps it.
    destroy_after: Option<Date>,
    /// The rule that says so; null while none counts yet.
    rule: Option<RetentionRule>,
    /// A legal hold keeps it.
    held: bool,
    /// A restriction of processing keeps it.
    restricted: bool,
    /// A request about the data waits for an answer, and keeps it.
    request_open: bool,
    /// A case or a referral goes on.
    going_on: bool,
}

impl From<KeptRecord> for Retention {
    fn from(kept: KeptRecord) -> Self {
        let has = |hold: fn(&Hold) -> bool| kept.holds.iter().any(hold);
        Self {
            destroy_after: kept.retention.map(|retention| Date(retention.destroy_after)),
            rule: kept.retention.map(|retention| RetentionRule(retention.rule)),
            held: has(|hold| matches!(hold, Hold::Legal(_))),
            restricted: has(|hold| *hold == Hold::Restricted),
            request_open: has(|hold| *hold == Hold::RequestOpen),
            going_on: has(|hold| *hold == Hold::Live),
        }
    }
}

/// How long the record of a client is kept; none for those who do not keep it.
pub async fn of(ctx: &Context<'_>, client: ClientId) -> Result<Option<Retention>> {
    Ok(ctx.caller().retention_of(client).await?.map(Retention::from))
}

/// An entry of the destruction log (hävittämislokin merkintä).
pub struct Destruction(Arc<table::Model>);

impl From<table::Model> for Destruction {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// How many rows of one table were destroyed.
#[derive(SimpleObject)]
struct DestroyedRows {
    /// The table.
    table: String,
    /// How many.
    count: i32,
}

/// An entry of the destruction log (hävittämislokin merkintä): what was destroyed, when and by which rule, and nothing of whom it was about.
#[Object]
impl Destruction {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// The organisation that kept it; null for a log.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.organization_id {
            Some(id) => Ok(Some(organization(ctx, id).await?)),
            None => Ok(None),
        }
    }
    /// What it was.
    async fn subject(&self) -> RetentionSubject {
        self.0.subject
    }
    /// The key of the rule, or ERASURE_BY_REQUEST.
    async fn rule(&self) -> &str {
        &self.0.rule
    }
    /// The version of the rule.
    async fn rule_version(&self) -> &str {
        &self.0.rule_version
    }
    /// The law or decision behind it.
    async fn legal_basis(&self) -> &str {
        &self.0.legal_basis
    }
    /// How many rows of each table.
    async fn rows(&self) -> Vec<DestroyedRows> {
        let row = |(table, count): (&String, &u64)| DestroyedRows { table: table.clone(), count: i32::try_from(*count).unwrap_or(i32::MAX) };
        self.0.rows.0.iter().map(row).collect()
    }
}

/// Questions about retention.
#[derive(Default)]
pub struct RetentionQuery;

/// Questions about retention.
#[Object]
impl RetentionQuery {
    /// The rules of retention (säilytyssäännöt): how long what is kept about clients, and the logs.
    async fn retention_rules(&self) -> Vec<RetentionRule> {
        rules().iter().map(RetentionRule).collect()
    }
    /// The destruction log (hävittämisloki), the newest first: of the network for the data protection officer, of the organisation for its lead.
    async fn destructions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Destruction>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>(), &Order::by_id(true), &window, Destruction::from).await
    }
}
