//! The two logs: who has read data about a client, and to whom it was disclosed. Clients read their own, the data protection officer all of the network.
use crate::{
    error::Result,
    graphql::{
        Asked,
        catalogue::{Organization, organization},
        page::{self, Page},
        text::LocalizedText,
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object};
use chrono::TimeDelta;
use domain::{
    access::{LogBasis, UseOutcome},
    actor::Role,
    catalogue::session::day,
    code::Coded,
    id::{ClientId, Kinded, OrganizationId},
    noted_field,
    person::{consent::DataItem, purpose::Purpose},
    scalar::{Date, DateTime},
    text, unusual_access,
};
use entity::{
    Guarded,
    access::{disclosure_log_entry, use_log_entry},
};
use sea_orm::{ColumnTrait, Condition};
use std::sync::Arc;

/// An entry of the use log (käyttölokin merkintä).
pub struct UseLogEntry(Arc<use_log_entry::Model>);

impl From<use_log_entry::Model> for UseLogEntry {
    fn from(row: use_log_entry::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// An entry of the use log (käyttölokin merkintä): somebody has read data about a client, or was refused it.
#[Object]
impl UseLogEntry {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// The whole entry in plain words: who, what and why.
    async fn summary(&self, ctx: &Context<'_>) -> Result<LocalizedText> {
        let organization = match self.0.organization_id {
            Some(id) => Some(organization(ctx, id).await?.0.content.name.clone()),
            None => None,
        };
        Ok(LocalizedText(summary(&self.0, organization.as_ref())))
    }
    /// Who read, by the stable key.
    async fn actor(&self) -> &str {
        &self.0.actor
    }
    /// For which organisation; null for what one reads about oneself.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.organization_id {
            Some(id) => Ok(Some(organization(ctx, id).await?)),
            None => Ok(None),
        }
    }
    /// In which role; null for what one reads about oneself.
    async fn role(&self) -> Option<Role> {
        self.0.role
    }
    /// What for; null for what one reads about oneself.
    async fn purpose(&self) -> Option<Purpose> {
        self.0.purpose
    }
    /// On what basis.
    async fn basis(&self) -> LogBasis {
        self.0.basis
    }
    /// What was read: kinds of things, and guarded fields of them, as in the list `noted-field`; `summary` tells them in plain words.
    async fn what(&self) -> Vec<&str> {
        self.0.what.split(' ').collect()
    }
    /// Whether it was shown.
    async fn outcome(&self) -> UseOutcome {
        self.0.outcome
    }
    /// It is before the data protection officer: an emergency, or contact details kept back for safety.
    async fn flagged(&self) -> bool {
        self.0.flagged
    }
    /// The question or change in which it was read: a field of the root.
    async fn operation(&self) -> &str {
        &self.0.operation
    }
    /// The id of the request.
    async fn request_id(&self) -> &str {
        &self.0.request_id
    }
}

/// An entry in plain words, in each language.
fn summary(row: &use_log_entry::Model, organization: Option<&text::LocalizedText>) -> text::LocalizedText {
    let say = |language: text::Language| {
        let label = |label: text::LocalizedText| label.in_language(language).to_lowercase();
        let who = match (row.basis, row.role) {
            (LogBasis::Own, _) => ["Sinä tai edustajasi", "Du eller din företrädare", "You, or somebody who acts for you"].map(str::to_owned),
            (_, Some(role)) => [text::Language::Fi, text::Language::Sv, text::Language::En].map(|l| role.label().in_language(l).to_owned()),
            (_, None) => ["Joku", "Någon", "Somebody"].map(str::to_owned),
        };
        let [fi, sv, en] = who;
        let of = organization.map(|name| format!(" ({})", name.in_language(language))).unwrap_or_default();
        let (basis, purpose) = (label(row.basis.label()), row.purpose.map(|purpose| label(purpose.label())));
        let why = |because: &str| purpose.as_ref().map_or_else(|| format!("{because} {basis}"), |purpose| format!("{because} {purpose}, {basis}"));
        let shown = row.outcome == UseOutcome::Shown;
        let what = noted_field::in_words(&row.what, language);
        match language {
            text::Language::Fi => {
                format!("{fi}{of} {}: {what}. {}.", if shown { "katsoi tietojasi" } else { "yritti katsoa tietojasi, mutta niitä ei näytetty" }, why("Syy:"))
            }
            text::Language::Sv => {
                format!("{sv}{of} {}: {what}. {}.", if shown { "såg dina uppgifter" } else { "försökte se dina uppgifter, men de visades inte" }, why("Orsak:"))
            }
            text::Language::En => {
                format!("{en}{of} {}: {what}. {}.", if shown { "saw your data" } else { "tried to see your data, but it was not shown" }, why("Reason:"))
            }
        }
    };
    text::LocalizedText { fi: say(text::Language::Fi), sv: Some(say(text::Language::Sv)), en: Some(say(text::Language::En)) }
}

/// An entry of the disclosure log (luovutuslokin merkintä).
pub struct DisclosureLogEntry(Arc<disclosure_log_entry::Model>);

impl From<disclosure_log_entry::Model> for DisclosureLogEntry {
    fn from(row: disclosure_log_entry::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// An entry of the disclosure log (luovutuslokin merkintä): data about a client was given to another organisation.
#[Object]
impl DisclosureLogEntry {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// Who disclosed, by the stable key.
    async fn actor(&self) -> &str {
        &self.0.actor
    }
    /// Which organisation disclosed.
    async fn discloser(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.organization_id {
            Some(id) => Ok(Some(organization(ctx, id).await?)),
            None => Ok(None),
        }
    }
    /// To whom.
    async fn recipient(&self, ctx: &Context<'_>) -> Result<Organization> {
        organization(ctx, self.0.recipient_id).await
    }
    /// What.
    async fn items(&self) -> Vec<DataItem> {
        self.0.items.0.iter().copied().collect()
    }
    /// On what basis.
    async fn basis(&self) -> LogBasis {
        self.0.basis
    }
    /// The id of the request.
    async fn request_id(&self) -> &str {
        &self.0.request_id
    }
}

/// Which entries of a log.
#[derive(InputObject, Default)]
struct LogFilter {
    /// About this client.
    client: Option<ClientId>,
    /// Of what this person or machine has done, by the stable key.
    actor: Option<String>,
    /// From this time on. A client is shown the last two years unless this asks for more.
    from: Option<DateTime>,
    /// Before this time.
    to: Option<DateTime>,
    /// Only what is put before the data protection officer: emergencies, and contact details kept back for safety.
    flagged: Option<bool>,
    /// Only what was shown, or only what was refused.
    outcome: Option<UseOutcome>,
}

/// Whose days of access are looked through, and which.
#[derive(InputObject, Default)]
struct UnusualAccessFilter {
    /// From this day on; without it, the last seven days.
    from: Option<Date>,
    /// Up to and with this day; without it, today. At most 31 days in all.
    to: Option<Date>,
    /// Of what this person or machine has read, by the stable key.
    actor: Option<String>,
    /// Of what was read in this organisation.
    organization: Option<OrganizationId>,
}

/// A day on which somebody has read client data in an unusual way (poikkeava käyttö): a question, and no proof of anything.
struct UnusualAccess {
    day: chrono::NaiveDate,
    actor: String,
    organization: Option<OrganizationId>,
    signs: Vec<unusual_access::Told>,
}

/// A day on which somebody has read client data in an unusual way (poikkeava käyttö): a question, and no proof of anything. `useLog` tells what was read.
#[Object]
impl UnusualAccess {
    /// The day, in Europe/Helsinki; the night belongs to the day on which it begins.
    async fn day(&self) -> Date {
        Date(self.day)
    }
    /// Who read, by the stable key.
    async fn actor(&self) -> &str {
        &self.actor
    }
    /// For which organisation; null where that is not known.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.organization {
            Some(id) => Ok(Some(organization(ctx, id).await?)),
            None => Ok(None),
        }
    }
    /// What is unusual.
    async fn signs(&self) -> Vec<SignOfAccess> {
        self.signs.iter().map(|told| SignOfAccess(*told)).collect()
    }
}

/// Something unusual about a day of access.
struct SignOfAccess(unusual_access::Told);

/// Something unusual about a day of access.
#[Object]
impl SignOfAccess {
    /// What it is.
    async fn kind(&self) -> unusual_access::AccessSign {
        self.0.sign
    }
    /// How many clients.
    async fn count(&self) -> i64 {
        self.0.count
    }
    /// How many are usual: the median of the days with any reading among the 30 before; null where that does not matter.
    async fn usual(&self) -> Option<i64> {
        self.0.usual
    }
}

/// Questions about the logs.
#[derive(Default)]
pub struct LogQuery;

/// Questions about the logs.
#[Object]
impl LogQuery {
    /// Who has read your data (kuka on katsonut tietojani), the newest first; for a representative, of whom you act for.
    async fn my_access_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] filter: Option<LogFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<UseLogEntry>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let recent = DateTime(ctx.caller().now() - TimeDelta::days(2 * 365));
        let mut filter = filter.unwrap_or_default();
        filter.from = filter.from.or(Some(recent));
        use_log(ctx, &filter, true, &window).await
    }
    /// The use log (käyttöloki) of the network, the newest first: for the data protection officer, with the purpose DATA_PROTECTION.
    async fn use_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] filter: Option<LogFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<UseLogEntry>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        use_log(ctx, &filter.unwrap_or_default(), false, &window).await
    }
    /// The days on which somebody has read client data in an unusual way (poikkeava käyttö), the newest first: far more clients than this person usually reads
    /// about, reading by night, many refusals, the own record. For the data protection officer, with the purpose DATA_PROTECTION.
    async fn unusual_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose days, and which.")] filter: Option<UnusualAccessFilter>,
    ) -> Result<Vec<UnusualAccess>> {
        ctx.caller().signed_in()?;
        unusual(ctx, &filter.unwrap_or_default()).await
    }
    /// The disclosure log (luovutusloki), the newest first: your own as a client, the network's for the data protection officer.
    async fn disclosure_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries.")] filter: Option<LogFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<DisclosureLogEntry>> {
        use disclosure_log_entry::Column;
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = &filter.unwrap_or_default();
        page::refuse(f.flagged.is_some() || f.outcome.is_some(), "The disclosure log has neither flags nor refusals.")?;
        let condition = times(f, Column::At)
            .add_option(clients(ctx, f).await?.map(|clients| Column::ClientId.is_in(clients)))
            .add_option(actor(f)?.map(|actor| Column::Actor.eq(actor)));
        let reader = ctx.caller().reader();
        let order = newest::<disclosure_log_entry::Entity>();
        page::of_rows(ctx, || reader.find::<disclosure_log_entry::Entity>().filter(condition.clone()), &order, &window, DisclosureLogEntry::from).await
    }
}

fn times(f: &LogFilter, at: impl ColumnTrait) -> Condition {
    Condition::all().add_option(f.from.map(|from| at.gte(from.0))).add_option(f.to.map(|to| at.lt(to.0)))
}

/// Whose doings the filter asks for.
fn actor(f: &LogFilter) -> Result<Option<String>> {
    f.actor.as_deref().map(page::plain).transpose()
}

/// The client whom the filter names, and those who were merged into the same one: what was read about one of them was read about all.
async fn clients(ctx: &Context<'_>, f: &LogFilter) -> Result<Option<Vec<ClientId>>> {
    match f.client {
        None => Ok(None),
        Some(client) => Ok(Some(ctx.caller().same_clients(client).await?)),
    }
}

/// Ids are made in the order of time.
const fn newest<E: Guarded>() -> Order<E> {
    Order::by_id(true)
}

async fn use_log(ctx: &Context<'_>, f: &LogFilter, own: bool, window: &Window) -> Result<Page<UseLogEntry>> {
    use use_log_entry::Column;
    let mut condition = times(f, Column::At)
        .add_option(clients(ctx, f).await?.map(|clients| Column::ClientId.is_in(clients)))
        .add_option(actor(f)?.map(|actor| Column::Actor.eq(actor)))
        .add_option(f.flagged.map(|flagged| Column::Flagged.eq(flagged)))
        .add_option(f.outcome.map(|outcome| Column::Outcome.eq(outcome)));
    if own {
        let clients = ctx.caller().own_clients().await?;
        condition = condition.add(Column::ClientId.is_in(clients));
    }
    let reader = ctx.caller().reader();
    page::of_rows(ctx, || reader.find::<use_log_entry::Entity>().filter(condition.clone()), &newest(), window, UseLogEntry::from).await
}

/// The longest time that is looked through at once, in days.
const LONGEST: i64 = 31;

async fn unusual(ctx: &Context<'_>, f: &UnusualAccessFilter) -> Result<Vec<UnusualAccess>> {
    use use_log_entry::Column;
    let to = f.to.map_or_else(|| day(ctx.caller().now()), |to| to.0);
    let from = f.from.map_or_else(|| to - TimeDelta::days(6), |from| from.0);
    page::refuse(from > to || to - from >= TimeDelta::days(LONGEST), "unusualAccess looks through 1 to 31 days.")?;
    let first = from - TimeDelta::days(unusual_access::DAYS_BEFORE.into());
    let days: Vec<_> = first.iter_days().take_while(|day| *day <= to).collect();
    let narrowed = Condition::all()
        .add_option(f.actor.as_deref().map(page::plain).transpose()?.map(|actor| Column::Actor.eq(actor)))
        .add_option(f.organization.map(|organization| Column::OrganizationId.eq(organization)));
    let mut out = Vec::new();
    for ((actor, organization), read) in ctx.caller().reader().days_of_access(&days, narrowed).await? {
        for (day, of) in read.range(from..) {
            let since = *day - TimeDelta::days(unusual_access::DAYS_BEFORE.into());
            let before: Vec<_> = read.range(since..*day).map(|(_, of)| *of).collect();
            let signs = unusual_access::signs(*of, &before);
            if !signs.is_empty() {
                out.push(UnusualAccess { day: *day, actor: actor.clone(), organization, signs });
            }
        }
    }
    out.sort_by(|one, other| (other.day, &one.actor).cmp(&(one.day, &other.actor)));
    Ok(out)
}
