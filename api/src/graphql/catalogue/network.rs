//! Networks.
use super::{Organization, access, public};
use crate::{
    act::catalogue::network,
    error::Result,
    graphql::{
        Asked,
        page::{self, Page},
        payload::payload,
        text::LocalizedText,
    },
    snapshot::name_key,
    store::Window,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    id::{Kinded, NetworkId},
    policy::Resource,
    text::{self, Language},
};
use entity::catalogue::network as table;
use std::sync::Arc;

/// A network (verkosto).
pub struct Network(pub Arc<table::Model>);

impl From<table::Model> for Network {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

/// A network (verkosto): one organiser with its member organisations.
#[Object]
impl Network {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// What it is called.
    async fn name(&self) -> LocalizedText {
        (&self.0.content.name).into()
    }
    /// Who arranges the services (järjestäjä).
    async fn organizer(&self, ctx: &Context<'_>) -> Result<Organization> {
        Ok(Organization(public(ctx, |s| &s.organizations, self.0.content.organizer).await?))
    }
    /// Its member organisations, by name.
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Organization>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let members: Vec<u32> = s.organizations.positions().filter(|i| s.organizations.at(*i).network_id == self.0.id).collect();
        Ok(page::of_memory(ctx, &members, &window, |i| super::organization::key(s.organizations.at(i)), |i| Organization(Arc::clone(s.organizations.at(i)))))
    }
    /// What you may do with it.
    async fn access(&self, ctx: &Context<'_>) -> super::Access {
        access(ctx, Resource::Network, Some(self.0.id), None)
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

payload! {
    /// The outcome of changing a network.
    NetworkPayload {
        /// The network as it is now; null when it was refused.
        network: Network
    }
}

/// A new name for a network.
#[derive(InputObject)]
struct RenameNetworkInput {
    /// The network.
    id: NetworkId,
    /// The version that you have seen.
    expected_version: i32,
    /// Its new name, at most 150 characters a language.
    name: text::LocalizedText,
}

/// Questions about networks.
#[derive(Default)]
pub struct NetworkQuery;

/// Questions about networks.
#[Object]
impl NetworkQuery {
    /// A network (verkosto); null when there is none.
    async fn network(&self, ctx: &Context<'_>, #[graphql(desc = "Its id.")] id: NetworkId) -> Option<Network> {
        ctx.caller().catalogue().networks.get(id).map(|row| Network(Arc::clone(row)))
    }
    /// The networks (verkostot), by name.
    async fn networks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; at most 100, 25 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100. Not together with first.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Page<Network>> {
        let window = Window::parse(first, after, last, before)?;
        let s = ctx.caller().catalogue();
        let all: Vec<u32> = s.networks.positions().collect();
        let key = |i| (name_key(&s.networks.at(i).content.name, Language::Fi), s.networks.at(i).id.0);
        Ok(page::of_memory(ctx, &all, &window, key, |i| Network(Arc::clone(s.networks.at(i)))))
    }
}

/// Changes of networks.
#[derive(Default)]
pub struct NetworkMutation;

/// Changes of networks.
#[Object]
impl NetworkMutation {
    /// Gives a network another name. For its administrator.
    async fn rename_network(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which network, and its new name.")] input: RenameNetworkInput,
    ) -> Result<NetworkPayload> {
        NetworkPayload::of(ctx, network::rename(ctx.caller(), input.id, input.expected_version, input.name).await)
    }
}
