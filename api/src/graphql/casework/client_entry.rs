//! Entries of clients' records.
use crate::{
    act::casework::client_entry::{self, WriteClientEntry},
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        payload::payload,
    },
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    casework::client_entry::{ClientEntryContent, EntryVisibility},
    id::{CaseId, ClientEntryId, Kinded},
    noted_field::NotedField,
    private::Private,
    scalar::{Date, DateTime},
};
use entity::casework::client_entry as table;
use std::sync::Arc;

/// An entry of a client's record (asiakaskertomusmerkintä).
pub struct ClientEntry(Arc<table::Model>);

impl From<table::Model> for ClientEntry {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl ClientEntry {
    fn content(&self, ctx: &Context<'_>) -> Result<Private<ClientEntryContent>> {
        ctx.caller().reader().note_field(self.0.client_id, NotedField::ClientEntryContent, false);
        client_entry::content(ctx.caller().vault(), &self.0)
    }
}

/// An entry of a client's record (asiakaskertomusmerkintä). It is never changed; it may be corrected by another. The client reads all but what is hidden
/// on a ground.
#[Object]
impl ClientEntry {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// The id of the case that it belongs to.
    async fn case_id(&self) -> ID {
        ID(self.0.case_id.to_public())
    }
    /// The day that it is about.
    async fn happened_on(&self) -> Date {
        Date(self.0.happened_on)
    }
    /// When it was written.
    async fn written_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }
    /// Who wrote it, by the stable key.
    async fn author(&self) -> &str {
        &self.0.author
    }
    /// Who reads it.
    async fn visibility(&self) -> EntryVisibility {
        self.0.visibility
    }
    /// The client may know that something is hidden.
    async fn client_is_told(&self) -> bool {
        self.0.client_is_told
    }
    /// What is entered.
    async fn text(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.content(ctx)?.reveal().text.clone())
    }
    /// On which ground it is hidden from the client; null unless it is.
    async fn ground(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.content(ctx)?.reveal().ground.clone())
    }
    /// The entry that it corrects: the first, however often that was corrected before; null when it corrects none, or one that is not yours to see.
    async fn corrects(&self, ctx: &Context<'_>) -> Result<Option<ClientEntry>> {
        match self.0.corrects_id {
            None => Ok(None),
            Some(id) => Ok(ctx.caller().peek::<table::Entity>(id).await?.map(ClientEntry::from)),
        }
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
}

payload! {
    /// The outcome of writing an entry.
    ClientEntryPayload {
        /// The entry; null when it was refused.
        client_entry: ClientEntry
    }
}

/// An entry that is written.
#[derive(InputObject)]
struct WriteClientEntryInput {
    /// The case.
    case: CaseId,
    /// The day that it is about.
    happened_on: Date,
    /// Who reads it.
    visibility: EntryVisibility,
    /// With CLIENT_HIDDEN: the client may know that something is hidden.
    #[graphql(default = true)]
    client_is_told: bool,
    /// The entry that it corrects, of the same case; a correction of it says the same as the entry itself.
    corrects: Option<ClientEntryId>,
    /// What is entered.
    content: ClientEntryContent,
    /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice.
    idempotency_key: Option<String>,
}

/// Changes of clients' records.
#[derive(Default)]
pub struct ClientEntryMutation;

/// Changes of clients' records.
#[Object]
impl ClientEntryMutation {
    /// Writes an entry into a client's record.
    async fn write_client_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which case, and what.")] input: WriteClientEntryInput,
    ) -> Result<ClientEntryPayload> {
        let what = WriteClientEntry {
            case: input.case,
            happened_on: input.happened_on,
            visibility: input.visibility,
            client_is_told: input.client_is_told,
            corrects: input.corrects,
            content: input.content,
        };
        ClientEntryPayload::of(ctx, client_entry::write(ctx.caller(), input.idempotency_key.as_deref(), what).await)
    }
}
