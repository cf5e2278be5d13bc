//! Subscriptions that look again whenever something may have changed, each time as the caller is then.
use crate::{caller::Caller, error::Result};
use domain::catalogue::session::{day, end_of};
use futures_util::{Stream, stream};
use std::future::Future;
use tokio::{sync::watch::Receiver, time::timeout};

/// What a subscription looks at, and what of it is known already.
pub trait Look: Send + 'static {
    /// What is told.
    type Event: Send;

    /// What has changed since the last look; none when there is nothing to look at any more.
    fn look(&mut self, caller: &Caller) -> impl Future<Output = Result<Option<Vec<Self::Event>>>> + Send;
}

/// Looks at once, and again after each piece of news and when a day begins, until there is nothing to look at any more, or the caller may not or has lost a
/// membership.
pub fn follow<L: Look, T: Send + Sync + 'static>(caller: Caller, news: Receiver<T>, look: L) -> impl Stream<Item = Result<L::Event>> {
    let watch = Watch { asked: caller.clone(), caller, news, look, ready: Vec::new().into_iter(), looked: false, over: false };
    stream::unfold(watch, |mut watch| async move { watch.next().await.map(|event| (event, watch)) })
}

struct Watch<L: Look, T> {
    /// Who has subscribed: as whom what is told is answered.
    asked: Caller,
    caller: Caller,
    news: Receiver<T>,
    look: L,
    ready: std::vec::IntoIter<L::Event>,
    /// Nothing has been told since the last look.
    looked: bool,
    over: bool,
}

impl<L: Look, T> Watch<L, T> {
    async fn next(&mut self) -> Option<Result<L::Event>> {
        loop {
            if let Some(event) = self.ready.next() {
                let may = self.may_still().await;
                self.over = !matches!(may, Ok(true));
                return may.map(|may| may.then_some(event)).transpose();
            }
            if self.over {
                return None;
            }
            self.news.mark_unchanged();
            match self.again().await {
                Err(fault) => {
                    self.over = true;
                    return Some(Err(fault));
                }
                Ok(None) => self.over = true,
                Ok(Some(events)) if events.is_empty() => {
                    // Some of it changes by the day alone: places that are kept until one, what is over.
                    let now = self.caller.now();
                    let tomorrow = (end_of(day(now)) - now).to_std().unwrap_or_default();
                    match timeout(tomorrow, self.news.changed()).await {
                        Ok(changed) => changed.ok()?,
                        Err(_new_day) => {}
                    }
                }
                Ok(Some(events)) => (self.ready, self.looked) = (events.into_iter(), true),
            }
        }
    }

    async fn again(&mut self) -> Result<Option<Vec<L::Event>>> {
        self.renew().await?;
        let found = self.look.look(&self.caller).await?;
        // What an event leads to is answered to whoever has subscribed: one who may do less since then subscribes anew.
        Ok(found.filter(|_| !self.asked.has_lost(&self.caller)))
    }

    /// Whoever takes the events of a look one after the other is asked for anew at each but the first.
    async fn may_still(&mut self) -> Result<bool> {
        if !std::mem::take(&mut self.looked) {
            self.renew().await?;
        }
        Ok(!self.asked.has_lost(&self.caller))
    }

    async fn renew(&mut self) -> Result<()> {
        self.caller = self.caller.renewed().await?;
        self.asked.sees_as(&self.caller);
        Ok(())
    }
}
