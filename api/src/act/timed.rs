//! What is done by time: each of what is due by itself, so that one that fails keeps nothing else from being done.
use crate::{
    caller::Caller,
    error::{Error, Result},
};
use domain::rejection::Code;
use entity::access::notice;
use sea_orm::{ColumnTrait, ExprTrait, sea_query::SimpleExpr};
use std::fmt::Display;

/// How much of one kind was done by time, and how much could not be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// What was done.
    pub done: usize,
    /// What was due and could not be done; the next minute tries again.
    pub failed: usize,
}

impl Tally {
    /// Counts what came of one thing that was due. That another server, or somebody at work, was quicker is no fault.
    pub fn note(&mut self, kind: &'static str, which: impl Display, outcome: Result<usize>) {
        match outcome {
            Ok(count) => self.done += count,
            Err(why) if was_quicker(&why) => {}
            Err(why) => {
                // The code and the row: the cause itself is in the log already where it is a fault of the server.
                tracing::warn!(kind, %which, code = why.code(), "one of what is due could not be done");
                self.failed += 1;
            }
        }
    }
}

/// Something was told about this under a key that begins so.
///
/// # Errors
/// A fault of the database.
pub async fn told(system: &Caller, about: SimpleExpr, key: &str) -> Result<bool> {
    Ok(system.reader().find::<notice::Entity>().filter(about.and(notice::Column::Once.starts_with(key))).count().await? > 0)
}

/// Somebody else has done it meanwhile, or has made it impossible.
fn was_quicker(why: &Error) -> bool {
    match why {
        Error::NotFound => true,
        Error::Rejected(why) => why.iter().all(|r| matches!(r.code, Code::StaleVersion | Code::IllegalTransition)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_counted_and_what_somebody_else_did_is_not() {
        let mut tally = Tally::default();
        for outcome in
            [Ok(2), Err(Error::reject(Code::StaleVersion, &[])), Err(Error::NotFound), Err(Error::Internal), Err(Error::reject(Code::NotUnique, &[])), Ok(0)]
        {
            tally.note("test", 1, outcome);
        }
        assert_eq!(tally, Tally { done: 2, failed: 2 });
    }
}
