//! Substitutions: while somebody is away, another has the relations of the own worker, until a day.
use super::worker;
use crate::{
    act::person::relation,
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::{Days, NaiveDate};
use domain::{
    catalogue::session::{day, end_of},
    id::{OrganizationId, SubstitutionId},
    person::relation::RelationBasis,
    policy::Action,
    rejection::{Code, Rejection},
};
use entity::{
    casework::{case, substitution},
    catalogue::organization,
};
use sea_orm::{ColumnTrait, Condition};
use serde::Serialize;
use std::collections::BTreeSet;

/// The longest substitution, in days.
const LONGEST_DAYS: u64 = 366;

/// What is said when somebody stands in.
#[derive(Clone, Debug, Serialize)]
pub struct ArrangeSubstitution {
    /// The organisation of both.
    pub organization: OrganizationId,
    /// Who is away; none for oneself.
    pub worker: Option<String>,
    /// Who stands in.
    pub substitute: String,
    /// The last day.
    pub until: NaiveDate,
}

/// Lets a colleague stand in for a worker from now on, until the end of a day: for oneself, or by the lead.
///
/// # Errors
/// A day that has passed or is too far away, one who does not work with clients here, or a caller without the right.
pub async fn arrange(caller: &Caller, key: Option<&str>, input: ArrangeSubstitution) -> Result<substitution::Model> {
    let own = caller.signed_in()?.subject().unwrap_or_default().to_owned();
    let today = day(caller.now());
    let latest = today.checked_add_days(Days::new(LONGEST_DAYS)).unwrap_or(NaiveDate::MAX);
    if input.until < today || input.until > latest {
        return Err(Rejection::with(Code::OutOfRange, &["until"], format!("{today}–{latest}")).into());
    }
    let away = input.worker.clone().unwrap_or_else(|| own.clone());
    let id = SubstitutionId::new();
    caller
        .write_once::<substitution::Entity>(key, "arrangeSubstitution", &input, id, async |work: &mut Work| {
            let organization = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            if away != own && !worker::leads(work, organization.id) {
                return Err(Error::Forbidden);
            }
            worker::check_colleague(work, &away, organization.id, "worker").await?;
            worker::check_colleague(work, &input.substitute, organization.id, "substitute").await?;
            if input.substitute == away {
                return Err(Error::reject(Code::DoesNotAgree, &["substitute"]));
            }
            let now = work.now();
            let row = substitution::Model {
                id,
                network_id: organization.network_id,
                organization_id: organization.id,
                worker: away.clone(),
                substitute: input.substitute.clone(),
                until: input.until,
                ended_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<substitution::Entity>(row).await?;
            for case in worker::open_cases_of(work, organization.id, &away).await? {
                relate(work, &case, &row).await?;
            }
            Ok(row)
        })
        .await
}

/// Ends a substitution before its day: by whoever is away or stands in, or the lead.
///
/// # Errors
/// One that has ended, a stale version, or a caller without the right.
pub async fn end(caller: &Caller, id: SubstitutionId, expected: i32) -> Result<substitution::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<substitution::Entity>(id, expected, Action::Transition).await?;
            let own = work.actor().subject().is_some_and(|subject| subject == before.worker || subject == before.substitute);
            if !(own || worker::leads(work, before.organization_id)) {
                return Err(Error::Forbidden);
            }
            if before.ended_at.is_some() {
                return Err(Rejection::with(Code::IllegalTransition, &["id"], "ENDED").into());
            }
            let next = substitution::Model { ended_at: Some(work.now()), ..before.clone() };
            let row = work.update::<substitution::Entity>(&before, next, Action::Transition).await?;
            work.end_relations(id.0).await?;
            Ok(row)
        })
        .await
}

/// Gives whoever stands in a relation to the client of a case.
async fn relate(work: &mut Work, row: &case::Model, substitution: &substitution::Model) -> Result<()> {
    if work.relation_on(substitution.id.0, row.client_id, &substitution.substitute).await?.is_none() {
        let client = work.client_behind(row.client_id).await?;
        let ground = (RelationBasis::Case, Some(substitution.id.0), None);
        relation::open_until(work, &client, row.organization_id, &substitution.substitute, ground, end_of(substitution.until)).await?;
    }
    Ok(())
}

/// The substitutions of a worker who is away today.
async fn in_force(work: &Work, organization: OrganizationId, away: &str) -> Result<Vec<substitution::Model>> {
    let now = Condition::all()
        .add(substitution::Column::OrganizationId.eq(organization))
        .add(substitution::Column::Worker.eq(away))
        .add(substitution::Column::EndedAt.is_null())
        .add(substitution::Column::Until.gte(day(work.now())));
    work.find::<substitution::Entity>(now).await
}

/// Who stands in for a worker today, by the stable key.
pub(super) async fn standing_in(work: &Work, organization: OrganizationId, away: &str) -> Result<BTreeSet<String>> {
    Ok(in_force(work, organization, away).await?.into_iter().map(|row| row.substitute).collect())
}

/// A case is a worker's from now on: whoever stands in for the worker follows.
pub(super) async fn begin_for(work: &mut Work, row: &case::Model, away: &str) -> Result<()> {
    for substitution in in_force(work, row.organization_id, away).await? {
        relate(work, row, &substitution).await?;
    }
    Ok(())
}

/// A case is a worker's no more: whoever stands in has no relation to its client any more, unless by another case of the worker's.
pub(super) async fn end_for(work: &mut Work, row: &case::Model, away: &str) -> Result<()> {
    let others = work.open_cases(row.client_id, row.organization_id).await?;
    if others.iter().any(|other| other.id != row.id && other.own_worker.as_deref() == Some(away)) {
        return Ok(());
    }
    for substitution in in_force(work, row.organization_id, away).await? {
        work.end_relation_of(substitution.id.0, row.client_id, &substitution.substitute).await?;
    }
    Ok(())
}
