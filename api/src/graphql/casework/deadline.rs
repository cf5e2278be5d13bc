//! Deadlines of cases, and the rules behind them.
use crate::graphql::{Asked, text::LocalizedText};
use async_graphql::{Context, Object};
use domain::{
    deadline::{Deadline, DeadlineUnit, Rule},
    scalar::Date,
};

/// A deadline of a case (määräaika).
pub struct CaseDeadline(pub Deadline);

/// A deadline of a case (määräaika): worked out from what has happened, by a rule.
#[Object]
impl CaseDeadline {
    /// The rule behind it.
    async fn rule(&self) -> DeadlineRule {
        DeadlineRule(self.0.rule)
    }
    /// The last day.
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }
    /// The day on which it was met, be it late; null while it is not.
    async fn met_on(&self) -> Option<Date> {
        self.0.met_on.map(Date)
    }
    /// Its last day has passed, and it is not met.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        self.0.is_overdue(domain::catalogue::session::day(ctx.caller().now()))
    }
}

/// A rule of the table of deadlines (määräaikasääntö).
pub struct DeadlineRule(&'static Rule);

/// A rule of the table of deadlines (määräaikasääntö), with its ground.
#[Object]
impl DeadlineRule {
    /// Its stable key.
    async fn key(&self) -> &str {
        &self.0.key
    }
    /// What it asks.
    async fn name(&self) -> LocalizedText {
        LocalizedText::from(&self.0.name)
    }
    /// The law or decision behind it.
    async fn legal_basis(&self) -> &str {
        &self.0.legal_basis
    }
    /// It is what the network promises (palvelulupaus), not what a law asks.
    async fn promise(&self) -> bool {
        self.0.promise
    }
    /// The rule was read in its source. One that was not is to be checked before it is relied on.
    async fn confirmed(&self) -> bool {
        self.0.confirmed
    }
    /// In what its time is counted.
    async fn unit(&self) -> DeadlineUnit {
        self.0.unit
    }
    /// How many of them; none at all is at once.
    async fn amount(&self) -> i32 {
        i32::try_from(self.0.amount).unwrap_or(i32::MAX)
    }
    /// The first day on which an event starts it.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }
    /// The last day on which an event starts it; null without end.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}
