//! How much somebody has read on each day, as the use log tells it: counted by the database, of all that the data protection officer may see.
use super::{Reader, dialect::fault, read::purposeful};
use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    access::{LogBasis, UseOutcome},
    catalogue::session::{end_of, instant},
    id::OrganizationId,
    policy::{Action, Reach, Resource, reach},
    unusual_access::{DayOfAccess, NIGHT},
};
use entity::{
    Guarded,
    access::use_log_entry::{self as log, Column},
    person::client,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{CaseStatement, Expr, IntoCondition},
};
use std::collections::BTreeMap;

/// Somebody who reads in an organisation: a stable key, and where.
pub type Who = (String, Option<OrganizationId>);

/// The moments that part the log: up to each, and the day to which what lies before it counts; none for what does not count.
type Parts = Vec<(DateTime<Utc>, Option<NaiveDate>)>;

impl Reader {
    /// What everybody has read on each of these days, which follow one another; of readings of one's own as a client, nothing.
    ///
    /// # Errors
    /// [`Error::PurposeRequired`], or a fault of the database.
    pub async fn days_of_access(&self, days: &[NaiveDate], narrowed: Condition) -> Result<BTreeMap<Who, BTreeMap<NaiveDate, DayOfAccess>>> {
        let whole: Parts = days.iter().map(|day| (end_of(*day), Some(*day))).collect();
        let mut nights = Parts::new();
        for day in days {
            nights.push((hour(*day, NIGHT.0)?, None));
            nights.push((hour(day.succ_opt().ok_or(Error::Internal)?, NIGHT.1)?, Some(*day)));
        }
        let start = days.first().and_then(NaiveDate::pred_opt).map(end_of).ok_or(Error::Internal)?;
        let own = client::Entity::find().select_only().column(client::Column::Id);
        let own = own.filter(Expr::col((client::Entity, client::Column::Account)).equals((log::Entity, Column::Actor)));
        let of = |outcome| Column::Outcome.eq(outcome).into_condition();
        let mut found = BTreeMap::<Who, BTreeMap<NaiveDate, DayOfAccess>>::new();
        for (parts, what, keep) in [
            (&whole, of(UseOutcome::Shown), (|day, count| day.clients = count) as fn(&mut DayOfAccess, i64)),
            (&whole, of(UseOutcome::Denied), |day, count| day.refused = count),
            (&whole, of(UseOutcome::Shown).add(Column::ClientId.in_subquery(own.into_query())), |day, count| day.own = count),
            (&nights, of(UseOutcome::Shown), |day, count| day.by_night = count),
        ] {
            for (part, who, count) in self.clients_by(start, parts, narrowed.clone().add(what)).await? {
                let day = usize::try_from(part).ok().and_then(|part| parts.get(part)).and_then(|(_, day)| *day);
                if let Some(day) = day {
                    keep(found.entry(who).or_default().entry(day).or_default(), count);
                }
            }
        }
        Ok(found)
    }

    /// How many clients everybody has read about in each part.
    async fn clients_by(&self, start: DateTime<Utc>, parts: &Parts, what: Condition) -> Result<Vec<(i32, Who, i64)>> {
        purposeful(&self.actor, Action::Read, Resource::UseLogEntry)?;
        let Some((end, _)) = parts.last() else { return Ok(Vec::new()) };
        let mut part = CaseStatement::new();
        for (number, (until, _)) in (0..).zip(parts) {
            part = part.case(Column::At.lt(*until), Expr::value(number));
        }
        let counted = log::Entity::find()
            // What is about oneself is for `myAccessLog`.
            .filter(log::Entity::within(&Reach { subject: None, ..reach(&self.actor, Action::Read, Resource::UseLogEntry) }, Action::Read))
            .filter(what.add(Column::At.gte(start)).add(Column::At.lt(*end)).add(Column::Basis.ne(LogBasis::Own)).add(Column::ClientId.is_not_null()))
            .select_only()
            .expr_as(Expr::Case(Box::new(part)), "part")
            .column(Column::Actor)
            .column(Column::OrganizationId)
            .expr_as(Expr::col((log::Entity, Column::ClientId)).count_distinct(), "clients")
            // By its place: said once more, the parts would be other parameters to PostgreSQL, and so another expression.
            .group_by(Expr::cust("1"))
            .group_by(Column::Actor)
            .group_by(Column::OrganizationId);
        let rows: Vec<(i32, String, Option<OrganizationId>, i64)> = counted.into_tuple().all(self.conn()).await.map_err(fault)?;
        Ok(rows.into_iter().map(|(part, actor, organization, count)| (part, (actor, organization), count)).collect())
    }
}

fn hour(day: NaiveDate, hour: u32) -> Result<DateTime<Utc>> {
    let at = day.and_hms_opt(hour, 0, 0).ok_or(Error::Internal)?;
    Ok(instant(at, "day")?)
}
