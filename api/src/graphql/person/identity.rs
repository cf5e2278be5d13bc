//! Who a client is: sealed in the database, opened field by field.
use crate::{
    act::person::client,
    error::Result,
    graphql::{
        Asked,
        catalogue::{Access, row_access},
        code::{self, Code},
        text::Address,
    },
};
use async_graphql::{Context, ID, Object};
use domain::{
    id::Kinded,
    noted_field::NotedField,
    person::identity::{Gender, Identity},
    private::Private,
    scalar::{Date, EmailAddress, LanguageTag, PhoneNumber},
};
use entity::person::person as table;
use std::sync::Arc;

/// A person (henkilö): who a client is.
pub struct Person(pub Arc<table::Model>);

impl From<table::Model> for Person {
    fn from(row: table::Model) -> Self {
        Self(Arc::new(row))
    }
}

impl Person {
    /// Opens who the person is, and remembers which field of it is shown.
    fn open(&self, ctx: &Context<'_>, field: NotedField) -> Result<Private<Identity>> {
        ctx.caller().reader().note_field(self.0.client_id, field, false);
        client::open(ctx.caller().vault(), &self.0)
    }

    /// As [`Self::open`], for what tells where the person lives or can be reached: not shown under non-disclosure.
    fn open_whereabouts(&self, ctx: &Context<'_>, field: NotedField) -> Result<Option<Private<Identity>>> {
        if self.0.protected { Ok(None) } else { self.open(ctx, field).map(Some) }
    }
}

/// A person (henkilö): who a client is. Kept sealed; which fields were shown is kept in the use log.
#[Object]
impl Person {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(self.0.id.to_public())
    }
    /// First names.
    async fn first_names(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.open(ctx, NotedField::PersonFirstNames)?.reveal().first_names.clone())
    }
    /// Last name.
    async fn last_name(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.open(ctx, NotedField::PersonLastName)?.reveal().last_name.clone())
    }
    /// The name by which partners and other participants know the person.
    async fn alias(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(self.open(ctx, NotedField::PersonAlias)?.reveal().service_alias().to_owned())
    }
    /// The personal identity code (henkilötunnus), masked: day of birth and century mark; null when there is none.
    async fn masked_hetu(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        Ok(self.open(ctx, NotedField::PersonMaskedHetu)?.reveal().hetu.as_ref().map(domain::person::hetu::Hetu::masked))
    }
    /// Day of birth.
    async fn birth_date(&self, ctx: &Context<'_>) -> Result<Date> {
        Ok(self.open(ctx, NotedField::PersonBirthDate)?.reveal().birth_date)
    }
    /// Gender, as the person tells it.
    async fn gender(&self, ctx: &Context<'_>) -> Result<Gender> {
        Ok(self.open(ctx, NotedField::PersonGender)?.reveal().gender)
    }
    /// The language that the person speaks with the services.
    async fn language(&self, ctx: &Context<'_>) -> Result<LanguageTag> {
        Ok(self.open(ctx, NotedField::PersonLanguage)?.reveal().language.clone())
    }
    /// An interpreter is needed.
    async fn needs_interpreter(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.open(ctx, NotedField::PersonNeedsInterpreter)?.reveal().needs_interpreter)
    }
    /// The municipality of residence; null when it is not known, or under non-disclosure.
    async fn municipality(&self, ctx: &Context<'_>) -> Result<Option<Code>> {
        let identity = self.open_whereabouts(ctx, NotedField::PersonMunicipality)?;
        Ok(identity.and_then(|i| i.reveal().municipality.as_ref().and_then(|m| code::code("municipality", m.as_str()))))
    }
    /// The address; null when it is not known, or under non-disclosure.
    async fn address(&self, ctx: &Context<'_>) -> Result<Option<Address>> {
        Ok(self.open_whereabouts(ctx, NotedField::PersonAddress)?.and_then(|i| i.reveal().address.as_ref().map(Address::from)))
    }
    /// The telephone number; null when it is not known, or under non-disclosure.
    async fn phone(&self, ctx: &Context<'_>) -> Result<Option<PhoneNumber>> {
        Ok(self.open_whereabouts(ctx, NotedField::PersonPhone)?.and_then(|i| i.reveal().phone.clone()))
    }
    /// The e-mail address; null when it is not known, or under non-disclosure.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<EmailAddress>> {
        Ok(self.open_whereabouts(ctx, NotedField::PersonEmail)?.and_then(|i| i.reveal().email.clone()))
    }
    /// Non-disclosure for safety (turvakielto): address, municipality, telephone and e-mail are opened by `revealProtectedContact` only.
    async fn protected(&self) -> bool {
        self.0.protected
    }
    /// What you may do with it, as relations and consents are now.
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        row_access::<table::Entity>(ctx, self.0.id).await
    }
    /// Counts its changes; name it in `expectedVersion`.
    async fn version(&self) -> i32 {
        self.0.version
    }
}
