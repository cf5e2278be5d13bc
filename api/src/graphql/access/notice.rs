//! Notices, and watching them.
use crate::{
    caller::Caller,
    error::Result,
    graphql::{
        Asked,
        casework::{Case, Referral},
        page::{self, Page},
    },
    store::{Order, Window},
};
use async_graphql::{Context, ID, InputObject, Object, Subscription};
use domain::{
    access::NoticeKind,
    id::{Kinded, NoticeId},
    scalar::DateTime,
};
use entity::{
    access::notice as table,
    casework::{case, referral},
};
use futures_util::{Stream, stream};
use sea_orm::ColumnTrait;
use std::sync::Arc;

/// A notice (ilmoitus).
pub struct Notice(Arc<table::Model>);

impl From<table::Model> for Notice {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A notice (ilmoitus): something that you or your organisation should know of. It tells nothing about a person itself.
#[Object]
impl Notice {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What it tells.
    async fn kind(&self) -> NoticeKind {
        self.0.kind
    }
    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// The id of the referral that it is about; null when it is about none.
    async fn referral_id(&self) -> Option<ID> {
        self.0.referral_id.map(|id| ID(id.to_public()))
    }
    /// The referral that it is about; null when there is none, or it is not yours to see any more.
    async fn referral(&self, ctx: &Context<'_>) -> Result<Option<Referral>> {
        match self.0.referral_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<referral::Entity>(id).await?.map(Referral::from)),
        }
    }
    /// The id of the case that it is about; null when it is about none.
    async fn case_id(&self) -> Option<ID> {
        self.0.case_id.map(|id| ID(id.to_public()))
    }
    /// The case that it is about; null when there is none, or it is not yours to see any more.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        match self.0.case_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<case::Entity>(id).await?.map(Case::from)),
        }
    }
    /// The id of the care relation that it is about; null when it is about none.
    async fn relation_id(&self) -> Option<ID> {
        self.0.relation_id.map(|id| ID(id.to_public()))
    }
}

/// Which notices.
#[derive(InputObject, Default)]
struct NoticeFilter {
    /// Of one of these kinds.
    #[graphql(validator(max_items = 50))]
    kinds: Option<Vec<NoticeKind>>,
    /// From this time on.
    from: Option<DateTime>,
}

/// Questions about notices.
#[derive(Default)]
pub struct NoticeQuery;

/// Questions about notices.
#[Object]
impl NoticeQuery {
    /// The notices (ilmoitukset) for you and your organisations, the newest first.
    async fn notices(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which of them.")] filter: Option<NoticeFilter>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Notice>> {
        let window = Window::parse(first, after, last, before)?;
        ctx.caller().signed_in()?;
        let f = filter.unwrap_or_default();
        let condition = sea_orm::Condition::all()
            .add_option(f.kinds.map(|kinds| table::Column::Kind.is_in(kinds)))
            .add_option(f.from.map(|from| table::Column::At.gte(from.0)));
        let reader = ctx.caller().reader();
        page::of_rows(ctx, || reader.find::<table::Entity>().filter(condition.clone()), &Order::by_id(true), &window, Notice::from).await
    }
}

/// What can be watched of notices.
#[derive(Default)]
pub struct NoticeSubscription;

/// What can be watched of notices.
#[Subscription]
impl NoticeSubscription {
    /// Notices for you and your organisations, each once and as they come. Who you are and what you may see is found out again for each.
    async fn noticed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Go on after this notice, by its id; without it only coming notices are told.")] after: Option<NoticeId>,
    ) -> Result<impl Stream<Item = Result<Notice>>> {
        let caller = ctx.caller().clone();
        caller.signed_in()?;
        let from = match after {
            Some(id) => Some(id),
            None => newest(&caller).await?,
        };
        let watch = Watch { news: caller.follow_notices(), caller, from, ready: Vec::new().into_iter(), over: false };
        Ok(stream::unfold(watch, |mut watch| async move { watch.next().await.map(|notice| (notice, watch)) }))
    }
}

/// The newest notice that the caller may see.
async fn newest(caller: &Caller) -> Result<Option<NoticeId>> {
    let window = Window::parse(Some(1), None, None, None)?;
    let slice = caller.reader().find::<table::Entity>().page(&Order::by_id(true), &window).await?;
    Ok(slice.rows.first().map(|row| row.id))
}

/// A stream of notices, and how far it has come.
struct Watch {
    news: tokio::sync::watch::Receiver<()>,
    caller: Caller,
    from: Option<NoticeId>,
    ready: std::vec::IntoIter<table::Model>,
    over: bool,
}

impl Watch {
    async fn next(&mut self) -> Option<Result<Notice>> {
        while !self.over {
            if let Some(row) = self.ready.next() {
                return Some(Ok(row.into()));
            }
            self.news.mark_unchanged();
            match self.read().await {
                Err(fault) => {
                    self.over = true;
                    return Some(Err(fault));
                }
                Ok(true) => {}
                Ok(false) => self.news.changed().await.ok()?,
            }
        }
        None
    }

    /// Reads what has come since, as the caller is now; whether there was anything.
    async fn read(&mut self) -> Result<bool> {
        self.caller = self.caller.renewed().await?;
        let mut found = self.caller.reader().find::<table::Entity>();
        if let Some(from) = self.from {
            found = found.filter(table::Column::Id.gt(from));
        }
        let rows = found.page(&Order::by_id(false), &Window::parse(Some(100), None, None, None)?).await?.rows;
        self.from = rows.last().map(|row| row.id).or(self.from);
        let any = !rows.is_empty();
        self.ready = rows.into_iter();
        Ok(any)
    }
}
