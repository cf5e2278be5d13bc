//! Everything that is kept about somebody, page by page.
use crate::{
    act::person::rights::{self, Export, Whose},
    error::{Error, Result},
    graphql::{
        Asked,
        catalogue::{Organization, organization},
        text::LocalizedText,
    },
    store::{Part, Position, Record},
};
use async_graphql::{Context, ID, Object};
use domain::{
    code::Coded,
    id::{ClientId, Kinded, SubjectRequestId, public_id, split_public},
    person::rights::{RecordBasis, RecordKind, WITHHELD_BASIS},
    scalar::{DateTime, Json},
};

/// How many records a page has when nobody says.
const PAGE: i32 = 50;

/// A page of everything that is kept about somebody (omien tietojen vienti).
struct DataExport(Export);

/// A page of everything that is kept about somebody (omien tietojen vienti): what, by whom, when and on what legal basis.
#[Object]
impl DataExport {
    /// The id of the client whom it is about.
    async fn client_id(&self) -> ID {
        ID(self.0.client.id.to_public())
    }
    /// When it was put together.
    async fn made_at(&self) -> DateTime {
        DateTime(self.0.made_at)
    }
    /// How much is kept, of each kind of record that there is.
    async fn parts(&self) -> Vec<DataPart> {
        self.0.parts.iter().map(|part| DataPart(*part)).collect()
    }
    /// The records of this page.
    async fn records(&self) -> Vec<DataRecord<'_>> {
        self.0.records.iter().map(DataRecord).collect()
    }
    /// Where the next page begins: name it in `after`; null on the last page.
    async fn next(&self) -> Option<String> {
        self.0.next.map(|at| public_id(&at.kind.code(), at.id))
    }
}

/// How much of one kind is kept (osuus).
struct DataPart(Part);

/// How much of one kind is kept about somebody.
#[Object]
impl DataPart {
    /// The kind.
    async fn kind(&self) -> RecordKind {
        self.0.kind
    }
    /// The kind in plain words.
    async fn label(&self) -> LocalizedText {
        LocalizedText(self.0.kind.label())
    }
    /// How many records there are.
    async fn total(&self) -> i32 {
        i32::try_from(self.0.shown).unwrap_or(i32::MAX)
    }
    /// How many more are withheld on a recorded ground, of those of which the client may know that they are.
    async fn withheld(&self) -> i32 {
        i32::try_from(self.0.withheld).unwrap_or(i32::MAX)
    }
    /// How many more were taken back as recorded by mistake (mitätöidyt). What they say is not told: it may be about somebody else.
    async fn taken_back(&self) -> i32 {
        i32::try_from(self.0.taken_back).unwrap_or(i32::MAX)
    }
    /// The law on which something is withheld; null when nothing is.
    async fn withheld_basis(&self) -> Option<&str> {
        (self.0.withheld > 0).then_some(WITHHELD_BASIS)
    }
}

/// One record about somebody (tietue).
struct DataRecord<'a>(&'a Record);

/// One record about somebody, with where it comes from.
#[Object]
impl DataRecord<'_> {
    /// Opaque id of the thing.
    async fn id(&self) -> ID {
        ID(public_id(&format!("{:?}", self.0.resource), self.0.id))
    }
    /// What it is.
    async fn kind(&self) -> RecordKind {
        self.0.kind
    }
    /// What it is, in plain words.
    async fn label(&self) -> LocalizedText {
        LocalizedText(self.0.kind.label())
    }
    /// On what legal basis it is kept.
    async fn basis(&self) -> RecordBasis {
        self.0.kind.basis()
    }
    /// The legal basis, in plain words.
    async fn basis_label(&self) -> LocalizedText {
        LocalizedText(self.0.kind.basis().label())
    }
    /// Which organisation keeps it; null for what none does.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Option<Organization>> {
        match self.0.organization {
            Some(id) => Ok(Some(organization(ctx, id).await?)),
            None => Ok(None),
        }
    }
    /// Who made it, by the stable key; null for what the system writes of itself.
    async fn made_by(&self) -> Option<&str> {
        self.0.made_by.as_deref()
    }
    /// When it was made.
    async fn made_at(&self) -> Option<DateTime> {
        self.0.made_at.map(DateTime)
    }
    /// When it was last changed; null for what never is.
    async fn changed_at(&self) -> Option<DateTime> {
        self.0.changed_at.map(DateTime)
    }
    /// What it says, by the names under which it is kept; what is sealed is opened.
    async fn data(&self) -> Json {
        Json(serde_json::Value::Object(self.0.data.clone()))
    }
}

/// Questions of everything that is kept about somebody.
#[derive(Default)]
pub struct ExportQuery;

/// Questions of everything that is kept about somebody.
#[Object]
impl ExportQuery {
    /// Everything that is kept about you as a client (omat tietoni), a page at a time; null when your account is tied to no client. GDPR 15 and 20.
    async fn my_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of the client whom you act for; without it, of yourself.")] client: Option<ClientId>,
        #[graphql(desc = "How many records; at most 100, 50 when it is not given.")] first: Option<i32>,
        #[graphql(desc = "Where to go on from: `next` of the page before.")] after: Option<String>,
    ) -> Result<Option<DataExport>> {
        page(ctx, Whose::Own(client), first, after).await
    }
    /// The same, of whoever has made a request for access or portability: for those who see to it while it is open. Each page is put before the data protection officer.
    async fn requested_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The request.")] request: SubjectRequestId,
        #[graphql(desc = "How many records; at most 100, 50 when it is not given.")] first: Option<i32>,
        #[graphql(desc = "Where to go on from: `next` of the page before.")] after: Option<String>,
    ) -> Result<Option<DataExport>> {
        page(ctx, Whose::Asked(request), first, after).await
    }
}

async fn page(ctx: &Context<'_>, whose: Whose, first: Option<i32>, after: Option<String>) -> Result<Option<DataExport>> {
    ctx.caller().signed_in()?;
    let after = after.map(|text| position(&text).ok_or_else(|| Error::BadInput("This is not where a page of this ends.".to_owned()))).transpose()?;
    let limit = usize::try_from(first.unwrap_or(PAGE)).unwrap_or(0);
    Ok(rights::export(ctx.caller(), whose, after, limit).await?.map(DataExport))
}

fn position(text: &str) -> Option<Position> {
    let (kind, id) = split_public(text)?;
    let kind = RecordKind::ALL.iter().copied().find(|known| known.code() == kind)?;
    Some(Position { kind, id })
}
