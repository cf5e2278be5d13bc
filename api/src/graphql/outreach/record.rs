//! What the face of every record of open work has in common.
use crate::{
    error::Result,
    graphql::{
        Asked,
        order::{self, Keys, SortedBy},
        page::{self, Page},
    },
    store::Window,
};
use async_graphql::{Context, ObjectType, OutputType, SimpleObject, TypeName};
use domain::{
    id::OrganizationId,
    outreach::record::{Correction, Voiding},
    scalar::{self, Date},
};
use entity::outreach::Record;
use sea_orm::{ColumnTrait, Condition};
use std::borrow::Cow;

/// What was said before a correction, of which kind.
pub trait Said: ObjectType {
    /// What the correction of it is called in the schema.
    const CORRECTION: &'static str;
}

/// What a record said before it was corrected (korjausta edeltävät tiedot).
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct Corrected<T: Said> {
    #[graphql(flatten)]
    said: T,
    /// Why that was wrong.
    reason: String,
    /// When it was corrected.
    at: scalar::DateTime,
    /// The stable key of the worker who corrected it.
    by: String,
}

impl<T: Said> TypeName for Corrected<T> {
    fn type_name() -> Cow<'static, str> {
        T::CORRECTION.into()
    }
}

impl<T: Said> Corrected<T> {
    /// As it is told, each the same way.
    pub fn all<S: Clone>(corrections: &[Correction<S>]) -> Vec<Self>
    where
        T: From<S>,
    {
        let one = |c: &Correction<S>| Self { said: c.said.clone().into(), reason: c.reason.clone(), at: scalar::DateTime(c.at), by: c.by.clone() };
        corrections.iter().map(one).collect()
    }
}

/// That a record was made by mistake (mitätöinti).
#[derive(SimpleObject)]
pub struct RecordVoiding {
    /// Why.
    reason: String,
    /// When that was said.
    at: scalar::DateTime,
    /// The stable key of the worker who said it.
    by: String,
}

impl From<Voiding> for RecordVoiding {
    fn from(voided: Voiding) -> Self {
        Self { reason: voided.reason, at: scalar::DateTime(voided.at), by: voided.by }
    }
}

/// Declares the type of a kind of record, with what all kinds tell of themselves beside what is said.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident of $table:ident, said: $said:ty, machine: $state:ident by $moves:ident { $($own:tt)* }) => {
        $(#[$meta])*
        pub struct $name(Box<$table::Model>);

        impl From<$table::Model> for $name {
            fn from(row: $table::Model) -> Self {
                Self(Box::new(row))
            }
        }

        $(#[$meta])*
        #[async_graphql::Object]
        impl $name {
            /// Opaque id.
            pub async fn id(&self) -> async_graphql::ID {
                async_graphql::ID(domain::id::Kinded::to_public(self.0.id))
            }
            /// Whose work it was.
            async fn organization(&self, ctx: &async_graphql::Context<'_>) -> $crate::error::Result<$crate::graphql::catalogue::Organization> {
                $crate::graphql::catalogue::organization(ctx, self.0.organization_id).await
            }
            /// The day on which it was.
            async fn effective_date(&self) -> domain::scalar::Date {
                domain::scalar::Date(self.0.effective_date)
            }
            /// When the server was told of it.
            async fn recorded_at(&self) -> domain::scalar::DateTime {
                domain::scalar::DateTime(self.0.created_at)
            }
            #[graphql(flatten)]
            async fn said(&self) -> $said {
                self.0.content.clone().into()
            }
            $($own)*
            /// How far it is.
            async fn state(&self) -> $state {
                self.0.state
            }
            /// What it said before each correction, the first one first; empty when it never was corrected.
            async fn corrections(&self) -> Vec<$crate::graphql::outreach::record::Corrected<$said>> {
                $crate::graphql::outreach::record::Corrected::all(&self.0.corrections.0)
            }
            /// Why it is void; null when it is not.
            async fn voided(&self) -> Option<$crate::graphql::outreach::record::RecordVoiding> {
                self.0.voided.clone().map(Into::into)
            }
            /// The moves that its state allows and that you may make.
            async fn moves(&self, ctx: &async_graphql::Context<'_>) -> Vec<$moves> {
                let resource = <$table::Entity as entity::Guarded>::RESOURCE;
                let (network, organization) = (Some(self.0.network_id), Some(self.0.organization_id));
                let allowed = $crate::graphql::catalogue::may(ctx, domain::policy::Action::Transition, resource, network, organization);
                domain::machine::Machine::moves(self.0.state).filter(|_| allowed).collect()
            }
            /// What you may do with it.
            async fn access(&self, ctx: &async_graphql::Context<'_>) -> $crate::graphql::catalogue::Access {
                let resource = <$table::Entity as entity::Guarded>::RESOURCE;
                $crate::graphql::catalogue::access(ctx, resource, Some(self.0.network_id), Some(self.0.organization_id))
            }
            /// When it was last changed.
            async fn updated_at(&self) -> domain::scalar::DateTime {
                domain::scalar::DateTime(self.0.updated_at)
            }
            /// Counts its changes; name it in `expectedVersion`.
            async fn version(&self) -> i32 {
                self.0.version
            }
        }
    };
}
pub(super) use record;

/// Declares the filter and the order of a kind of record: what all are narrowed by, and more of its own.
macro_rules! listing {
    ($what:literal, $filter:ident, $order:ident by $field:ident, state: $state:ty { $($(#[$meta:meta])* $own:ident: $type:ty),* $(,)? }) => {
        #[doc = concat!("Which ", $what, ".")]
        #[derive(async_graphql::InputObject, Default)]
        struct $filter {
            /// Of one of these organisations.
            #[graphql(validator(max_items = 100))]
            organizations: Option<Vec<domain::id::OrganizationId>>,
            /// In one of these states; all but the void ones when nothing is said.
            #[graphql(validator(max_items = 100))]
            states: Option<Vec<$state>>,
            /// On this day or after.
            from: Option<domain::scalar::Date>,
            /// On this day or before.
            to: Option<domain::scalar::Date>,
            $($(#[$meta])* $own: $type,)*
        }

        #[doc = concat!("By what ", $what, " are put in order.")]
        #[derive(async_graphql::Enum, Clone, Copy, PartialEq, Eq)]
        enum $field {
            /// By the day on which they were.
            EffectiveDate,
            /// By when they were recorded.
            RecordedAt,
        }

        impl From<$field> for $crate::graphql::outreach::record::By {
            fn from(field: $field) -> Self {
                match field {
                    $field::EffectiveDate => Self::Day,
                    $field::RecordedAt => Self::Recording,
                }
            }
        }

        $crate::graphql::order::order_by! {
            #[doc = concat!("One key of an order of ", $what, ".")]
            $order by $field
        }
    };
}
pub(super) use listing;

/// By what records are put in order.
#[derive(Clone, Copy)]
pub enum By {
    /// The day on which they were.
    Day,
    /// When they were recorded.
    Recording,
}

/// The records of some organisations, states and days; void ones only when they are asked for.
pub fn narrowed<E: Record>(organizations: Option<Vec<OrganizationId>>, states: Option<Vec<E::State>>, from: Option<Date>, to: Option<Date>) -> Condition {
    let column = <E as entity::Guarded>::columns().organizations[0];
    let states = states.map_or_else(|| E::state_column().ne(E::VOIDED), |of| E::state_column().is_in(of));
    Condition::all()
        .add_option(organizations.map(|of| column.is_in(of)))
        .add(states)
        .add_option(from.map(|from| E::day_column().gte(from.0)))
        .add_option(to.map(|to| E::day_column().lte(to.0)))
}

/// A page of records.
pub async fn list<E: Record, T: OutputType + From<E::Model>, F: Copy + Into<By>>(
    ctx: &Context<'_>,
    condition: Condition,
    by: Keys<F>,
    window: &Window,
) -> Result<Page<T>> {
    let order = order::in_database::<E, F>(&by, |field| {
        Ok(match field.into() {
            By::Day => SortedBy::Day(E::day_column(), |row| E::day(row).to_string()),
            By::Recording => SortedBy::Time(E::recorded_column(), |row| order::moment(E::recorded_at(row))),
        })
    })?;
    let reader = ctx.caller().reader();
    page::of_rows(ctx, || reader.find::<E>().filter(condition.clone()), &order, window, T::from).await
}

/// Declares the input by which a record is voided.
macro_rules! void_input {
    ($(#[$meta:meta])* $name:ident of $id:ty) => {
        $(#[$meta])*
        #[derive(async_graphql::InputObject)]
        struct $name {
            /// The record.
            id: $id,
            /// The version that you have seen.
            expected_version: i32,
            /// Why it was a mistake, at most 500 characters, without anything that tells who somebody is.
            reason: String,
        }

        impl From<$name> for $crate::act::outreach::record::Mistaken<$id> {
            fn from(input: $name) -> Self {
                Self { id: input.id, expected: input.expected_version, reason: input.reason }
            }
        }
    };
}
pub(super) use void_input;

/// Declares the input by which a record is made.
macro_rules! recording_input {
    ($(#[$meta:meta])* $name:ident of $content:ty { $($(#[$own_meta:meta])* $own:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(async_graphql::InputObject)]
        pub struct $name {
            /// Whose work it was: your own organisation's.
            organization: domain::id::OrganizationId,
            /// A UUID that your device has made for it, before it had coverage: sent again, the same record is answered.
            uuid: Option<uuid::Uuid>,
            /// The day on which it was: today or before.
            effective_date: domain::scalar::Date,
            $($(#[$own_meta])* $own: $type,)*
            /// What is said of it.
            content: $content,
            /// A key of your own: sent again with the same input, the first outcome is answered and nothing is made twice. Without it, `uuid` is the key.
            idempotency_key: Option<String>,
        }

        $crate::graphql::batch::keyed! { $name or uuid }
    };
}
pub(super) use recording_input;

/// Declares the input by which a record is corrected as a whole.
macro_rules! correction_input {
    ($(#[$meta:meta])* $name:ident of $id:ty, content: $content:ty) => {
        $(#[$meta])*
        #[derive(async_graphql::InputObject)]
        struct $name {
            /// The record.
            id: $id,
            /// The version that you have seen.
            expected_version: i32,
            /// What is right, whole: what you leave out is gone.
            content: $content,
            /// Why it was wrong, at most 500 characters, without anything that tells who somebody is.
            reason: String,
        }

        impl $name {
            fn split(self) -> ($crate::act::outreach::record::Mistaken<$id>, $content) {
                ($crate::act::outreach::record::Mistaken { id: self.id, expected: self.expected_version, reason: self.reason }, self.content)
            }
        }
    };
}
pub(super) use correction_input;
