//! The client's own view.
use super::Client;
use crate::{error::Result, graphql::Asked};
use async_graphql::{Context, Object};
use entity::person::client as table;
use sea_orm::ColumnTrait;

/// Questions of clients about themselves.
#[derive(Default)]
pub struct MeQuery;

/// Questions of clients about themselves.
#[Object]
impl MeQuery {
    /// You as a client (minä): your referrals, consents and relations; null when your account is tied to no client.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<Client>> {
        let Some(subject) = ctx.caller().signed_in()?.subject().map(str::to_owned) else { return Ok(None) };
        let own = ctx.caller().reader().find::<table::Entity>().filter(table::Column::Account.eq(subject));
        // One who was merged into another has no account any more.
        Ok(own.all().await?.into_iter().next().map(Client::from))
    }
}
