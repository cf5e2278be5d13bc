//! Merging of clients who are one human being.
use super::Client;
use crate::{
    act::person::merging::{self, MergeClients},
    error::Result,
    graphql::{
        Asked,
        payload::{UserError, payload, tell},
    },
};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::id::ClientId;

/// What a merging of two clients would come to (yhdistämisen esikatselu).
#[derive(SimpleObject)]
struct ClientMergePreview {
    /// What stands against it, as the merging itself would tell; empty when nothing does.
    user_errors: Vec<UserError>,
    /// How many things of each kind would be the other client's.
    moves: Vec<ClientMergeMove>,
    /// The one who stays would be under non-disclosure for safety (turvakielto), as either of the two is.
    protected: bool,
}

/// How many things of a kind would be the other client's (siirtyvät tiedot).
#[derive(SimpleObject)]
struct ClientMergeMove {
    /// The name of their type.
    kind: String,
    /// How many.
    count: i32,
}

payload! {
    /// The outcome of merging two clients.
    ClientMergePayload {
        /// The client who stays, as it is now; null when it was refused.
        client: Client
    }
}

/// Two clients who are one human being.
#[derive(InputObject)]
struct MergeClientsInput {
    /// The client who stays.
    surviving: ClientId,
    /// The version of that one that you have seen.
    expected_version: i32,
    /// The client who is merged into that one.
    merged: ClientId,
    /// The version of this one that you have seen.
    expected_merged_version: i32,
    /// Why they are one human being, 20 to 1000 characters.
    reason: String,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Questions about merging.
#[derive(Default)]
pub struct MergingQuery;

/// Questions about merging.
#[Object]
impl MergingQuery {
    /// What merging two clients would come to; nothing is changed. For those who may merge them: a social worker or the lead with a relation to both.
    async fn client_merge_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The client who would stay.")] surviving: ClientId,
        #[graphql(desc = "The client who would be merged into that one.")] merged: ClientId,
    ) -> Result<ClientMergePreview> {
        let preview = merging::preview(ctx.caller(), surviving, merged).await?;
        let moves =
            preview.moves.into_iter().map(|(kind, count)| ClientMergeMove { kind: format!("{kind:?}"), count: i32::try_from(count).unwrap_or(i32::MAX) });
        Ok(ClientMergePreview { user_errors: tell(ctx, &preview.collisions), moves: moves.collect(), protected: preview.protected })
    }
}

/// Changes by merging.
#[derive(Default)]
pub struct MergingMutation;

/// Changes by merging.
#[Object]
impl MergingMutation {
    /// Merges a client into another one who is the same human being (yhdistä asiakkaat). It is not undone. The payload's client is the one who stays.
    async fn merge_clients(&self, ctx: &Context<'_>, #[graphql(desc = "Who, into whom, and why.")] input: MergeClientsInput) -> Result<ClientMergePayload> {
        let what = MergeClients {
            surviving: input.surviving,
            expected: input.expected_version,
            merged: input.merged,
            expected_merged: input.expected_merged_version,
            reason: input.reason,
        };
        let outcome = merging::merge(ctx.caller(), input.idempotency_key.as_deref(), what).await;
        ClientMergePayload::of(ctx, outcome)
    }
}
