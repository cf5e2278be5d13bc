//! Memberships: granted and ended by an administrator, effective at once.
use crate::{
    caller::Caller,
    error::{Error, Result},
    store::Work,
};
use chrono::NaiveDate;
use domain::{access::Grant, actor::Role, catalogue::session::day, id::MembershipId, policy::Action, rejection::Code};
use entity::{
    access::membership,
    catalogue::{network, organization},
};
use sea_orm::{ColumnTrait, ExprTrait};

/// Grants a membership.
///
/// # Errors
/// What the grant lacks, an organisation of another network, or a caller without the right.
pub async fn grant(caller: &Caller, key: Option<&str>, grant: Grant) -> Result<membership::Model> {
    caller.signed_in()?;
    let id = MembershipId::new();
    caller
        .write_once::<membership::Entity>(key, "grantMembership", &grant, id, async |work: &mut Work| {
            let organization = work.refer::<organization::Entity>(grant.organization, &["organization"]).await?;
            let network = work.refer::<network::Entity>(organization.network_id, &["organization"]).await?;
            grant.check(network.content.organizer, organization.content.kind)?;
            let now = work.now();
            let row = membership::Model {
                id,
                network_id: network.id,
                organization_id: organization.id,
                subject: grant.subject.clone(),
                role: grant.role,
                valid_from: grant.valid_from,
                valid_to: grant.valid_to,
                granted_by: work.actor().subject().unwrap_or_default().to_owned(),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            work.insert::<membership::Entity>(row).await
        })
        .await
}

/// Ends a membership: `last_day` is the last day on which it holds; a day that is past ends it now.
///
/// # Errors
/// A day before the first, a stale version, or a caller without the right.
pub async fn end(caller: &Caller, id: MembershipId, expected: i32, last_day: Option<NaiveDate>) -> Result<membership::Model> {
    caller.signed_in()?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<membership::Entity>(id, expected, Action::Transition).await?;
            let yesterday = day(work.now()).pred_opt().unwrap_or(NaiveDate::MIN);
            let last = last_day.unwrap_or(yesterday);
            if last_day.is_some_and(|day| day < before.valid_from) || before.valid_to.is_some_and(|to| to < last) {
                return Err(Error::reject(Code::DateOrder, &["lastDay"]));
            }
            if before.role == Role::Admin {
                let others =
                    membership::Column::Role.eq(Role::Admin).and(membership::Column::NetworkId.eq(before.network_id)).and(membership::Column::Id.ne(id));
                let lasting = |m: &membership::Model| m.valid_to.is_none_or(|to| to > last);
                // A network without an administrator could not be opened again from inside.
                if !work.find::<membership::Entity>(others).await?.iter().any(lasting) {
                    return Err(Error::reject(Code::LastAdministrator, &["id"]));
                }
            }
            let next = membership::Model { valid_to: Some(last), ..before.clone() };
            work.update::<membership::Entity>(&before, next, Action::Transition).await
        })
        .await
}
