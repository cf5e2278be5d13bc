//! Those who want the same at once, together in one transaction: a row that all of them must hold is then held once, and what they write is on the disk
//! once for all of them. Each takes a turn in the order of arrival, as oneself and within one's own reach; who is refused spoils nothing for the others.
//! Should the transaction come to nothing, everybody goes alone, as if there were no lane.
use super::{Reader, Store, Work, line::Lines, write::Committed};
use crate::error::{Error, Result};
use domain::id::ClientId;
use futures_util::{FutureExt, future::BoxFuture};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// So many go together at the most: those behind them wait no longer than for that.
const MOST: usize = 64;

/// Those who wait in each lane.
pub(super) type Lanes = Lines<Uuid, Waiting>;

/// Where somebody stands in line, and with whom not.
#[derive(Clone, Debug)]
pub struct Place {
    /// The row that everybody in the lane must hold.
    pub lane: Uuid,
    /// The client whom it is about: held before the lane's row, as everywhere.
    pub client: Option<ClientId>,
    /// The idempotency key, where there is one: what is sent twice does not go together with itself.
    pub key: Option<String>,
}

pub(super) struct Waiting {
    store: Store,
    reader: Reader,
    request_id: Arc<str>,
    place: Place,
    turn: Box<dyn Turn>,
}

/// What somebody in a lane does, and to whom the outcome is told.
trait Turn: Send {
    fn take<'w>(&'w mut self, work: &'w mut Work) -> BoxFuture<'w, Result<()>>;
    fn tell(self: Box<Self>, committed: Committed);
    fn fail(self: Box<Self>, fault: Error);
}

/// Something that is done in a transaction, and may be done again from the beginning.
pub(crate) type Act<T> = Arc<dyn for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send + Sync>;

/// Makes an [`Act`].
pub(crate) fn act<T>(act: impl for<'w> Fn(&'w mut Work) -> BoxFuture<'w, Result<T>> + Send + Sync + 'static) -> Act<T> {
    Arc::new(act)
}

struct TurnOf<T> {
    act: Act<T>,
    outcome: Option<Result<T>>,
    to: oneshot::Sender<Result<(T, Committed)>>,
}

impl<T: Send> Turn for TurnOf<T> {
    fn take<'w>(&'w mut self, work: &'w mut Work) -> BoxFuture<'w, Result<()>> {
        let act = (self.act)(work);
        async {
            let outcome = act.await;
            let done = outcome.as_ref().map(drop).map_err(Clone::clone);
            self.outcome = Some(outcome);
            done
        }
        .boxed()
    }

    fn tell(self: Box<Self>, committed: Committed) {
        // Who does not listen any more has gone away.
        let outcome = self.outcome.unwrap_or(Err(Error::Internal));
        drop(self.to.send(outcome.map(|done| (done, committed))));
    }

    fn fail(self: Box<Self>, fault: Error) {
        drop(self.to.send(Err(fault)));
    }
}

/// Who go together: in the order of arrival, up to one who must come after somebody before.
fn next(waiting: &mut VecDeque<Waiting>) -> Vec<Waiting> {
    let (mut clients, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let mut round = Vec::new();
    while round.len() < MOST
        && let Some(next) = waiting.pop_front_if(|next| {
            let Place { client, key, .. } = &next.place;
            let key = key.as_ref().map(|key| (next.reader.actor.subject().map(str::to_owned), key.clone()));
            client.is_none_or(|client| clients.insert(client)) && key.is_none_or(|key| keys.insert(key))
        })
    {
        round.push(next);
    }
    round
}

impl Store {
    /// Does something in one transaction with what others in the same lane do at the same time. It may be done again from the beginning, and is kept once.
    ///
    /// # Errors
    /// Whatever it refuses, or a fault of the database.
    pub(crate) async fn together<T: Send + 'static>(&self, reader: &Reader, request_id: &Arc<str>, place: Place, act: Act<T>) -> Result<(T, Committed)> {
        let (to, outcome) = oneshot::channel();
        let lane = place.lane;
        let turn = Box::new(TurnOf { act, outcome: None, to });
        let waiting = Waiting { store: self.clone(), reader: reader.clone(), request_id: Arc::clone(request_id), place, turn };
        self.lanes.join(lane, waiting, next, serve);
        outcome.await.unwrap_or(Err(Error::Internal))
    }
}

async fn serve(mut round: Vec<Waiting>) {
    if round.len() > 1
        && let Ok(committed) = at_once(&mut round).await
    {
        for each in round {
            each.turn.tell(committed);
        }
        return;
    }
    for mut each in round {
        match at_once(std::slice::from_mut(&mut each)).await {
            Ok(committed) => each.turn.tell(committed),
            Err(fault) => each.turn.fail(fault),
        }
    }
}

/// One transaction of everybody in a round. Whose turn is refused leaves nothing in it.
async fn at_once(round: &mut [Waiting]) -> Result<Committed> {
    let Some(first) = round.first() else { return Ok(Committed::default()) };
    let mut work = first.store.write_as(&first.reader, Arc::clone(&first.request_id)).await?;
    if let [alone] = round {
        return match alone.turn.take(&mut work).await {
            Ok(()) => work.commit().await,
            Err(fault) if is_fault(&fault) => Err(fault),
            Err(_refused) => Ok(Committed::default()),
        };
    }
    // Clients before what they register for, and in one order, as everybody holds them.
    let clients: BTreeSet<_> = round.iter().filter_map(|each| each.place.client).collect();
    let mut held = BTreeSet::new();
    for client in clients {
        if !held.insert(work.hold_client(client).await?) {
            // The same one by an old id and the new: these do not go together.
            return Err(Error::Busy);
        }
    }
    let mut kept = None;
    for (place, each) in round.iter_mut().enumerate() {
        work.turn_to(&each.reader, &each.request_id, each.store.clock().now()).await?;
        let mark = work.mark().await;
        match each.turn.take(&mut work).await {
            Ok(()) => {
                work.keep().await?;
                kept = Some(place);
            }
            Err(fault) if is_fault(&fault) => return Err(fault),
            Err(_refused) => work.back_to(mark).await?,
        }
    }
    let Some(last) = kept.and_then(|place| round.get(place)) else { return Ok(Committed::default()) };
    // Behind the wall of somebody whose turn is kept, not of whoever was refused last.
    work.turn_to(&last.reader, &last.request_id, last.store.clock().now()).await?;
    work.commit().await
}

/// It is no refusal of what was asked.
const fn is_fault(error: &Error) -> bool {
    matches!(error, Error::Busy | Error::Unavailable | Error::Internal)
}
