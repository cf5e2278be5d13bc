//! What a mutation answers: the thing as it is now, or why it was refused.
use super::Asked;
use crate::error::{Error, Result};
use async_graphql::{Context, SimpleObject};
use domain::{
    outreach::unnamed_text::{PersonalData, PersonalDataKind},
    rejection::{Code, Rejection, Rejections, Severity},
};

/// Why an input was refused (hylkäyksen syy).
#[derive(SimpleObject)]
pub struct UserError {
    /// The stable code.
    code: Code,
    /// The reason in words, in the language of the request.
    message: String,
    /// Where in the input, from the outside in.
    path: Vec<String>,
    /// How much it weighs.
    severity: Severity,
    /// What in the text tells who somebody is, with PERSONAL_DATA; null otherwise. The words themselves are not told.
    personal_data: Option<PersonalDataFound>,
}

/// What in a text tells who somebody is, and where it stands (löydetty henkilötieto).
#[derive(SimpleObject)]
pub struct PersonalDataFound {
    /// What it is.
    kind: PersonalDataKind,
    /// At which character of the text it begins, counted from 0.
    position: i32,
}

impl From<PersonalData> for PersonalDataFound {
    fn from(found: PersonalData) -> Self {
        Self { kind: found.kind, position: i32::try_from(found.position).unwrap_or(i32::MAX) }
    }
}

/// Splits what a use case answers: refusals are data, everything else is an error.
pub fn split<T>(ctx: &Context<'_>, outcome: Result<T>) -> Result<(Option<T>, Vec<UserError>)> {
    let commits = ctx.caller().commits();
    debug_assert!(commits <= 1, "a mutation that is killed after the first of its {commits} commits leaves a half");
    match outcome {
        Ok(made) => Ok((Some(made), Vec::new())),
        Err(Error::Rejected(rejections)) => Ok((None, tell(ctx, &rejections))),
        Err(fault) => Err(fault),
    }
}

/// Refusals as they are told to the caller.
pub fn tell(ctx: &Context<'_>, rejections: &Rejections) -> Vec<UserError> {
    let language = ctx.caller().language();
    let one = |r: &Rejection| UserError {
        code: r.code,
        message: r.words(language),
        path: r.path.clone(),
        severity: Severity::Error,
        personal_data: r.found.map(PersonalDataFound::from),
    };
    rejections.iter().map(one).collect()
}

/// An answer of which it can be told whether anything was kept.
pub trait Told {
    /// Nothing was kept.
    fn is_refused(&self) -> bool;
}

/// Declares the payload of a mutation.
macro_rules! payload {
    ($(#[$meta:meta])* $name:ident { $(#[$field_meta:meta])* $field:ident: $type:ty }) => {
        $(#[$meta])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$field_meta])*
            $field: Option<$type>,
            /// Why nothing was kept; empty when it was.
            user_errors: Vec<$crate::graphql::payload::UserError>,
        }
        impl $crate::graphql::payload::Told for $name {
            fn is_refused(&self) -> bool {
                !self.user_errors.is_empty()
            }
        }
        impl $name {
            fn of<R>(ctx: &async_graphql::Context<'_>, outcome: $crate::error::Result<R>) -> $crate::error::Result<Self>
            where
                $type: From<R>,
            {
                let (made, user_errors) = $crate::graphql::payload::split(ctx, outcome)?;
                Ok(Self { $field: made.map(<$type>::from), user_errors })
            }
        }
    };
}
pub(super) use payload;
