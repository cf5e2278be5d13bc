//! Every failure that a caller can be given, and the one place that writes its code.
use async_graphql::ServerError;
use domain::{
    rejection::{Code, Rejection, Rejections},
    text::Language,
};

/// A result whose failure can be shown.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure. What is told of it is its code and its words here, never its cause.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Signing in is needed.
    #[error("Sign in to do this.")]
    Unauthenticated,
    /// The row is visible, but this is not permitted on it.
    #[error("You may not do this.")]
    Forbidden,
    /// There is no such thing, or you may not see it: the answer is the same.
    #[error("There is no such thing.")]
    NotFound,
    /// Data about clients is looked at for a named purpose only.
    #[error("Say in the header X-Purpose what you look at personal data for: CARE, SUPERVISION, DATA_PROTECTION, INVOICING or STATISTICS, as fits your role.")]
    PurposeRequired,
    /// A key that the database was written with is not given.
    #[error("The database was written with the data key {0}, which is not among the data keys.")]
    KeyMissing(String),
    /// A key is not the one that the database was written with.
    #[error("The data key {0} is not the one that the database was written with.")]
    KeyWrong(String),
    /// The database cannot keep the networks apart.
    #[error("The networks are not walled off from each other: {0}.")]
    Unwalled(String),
    /// The tables are older than this program, and it may not bring them up to date.
    #[error("The tables are not up to date, and they belong to another role: run `monituottaja migrate` as their owner.")]
    Outdated,
    /// An argument makes no sense.
    #[error("{0}")]
    BadInput(String),
    /// A cursor that this feed has never told.
    #[error("This cursor was never told of this feed: begin anew with a whole copy.")]
    CursorUnknown,
    /// A cursor of what has not happened.
    #[error("The feed has not come to this cursor: begin anew with a whole copy.")]
    CursorAhead,
    /// A page is larger than allowed.
    #[error("A page has at most {0} items.")]
    PageSizeTooLarge(usize),
    /// Rules said no; mutations answer these as user errors.
    #[error("The input is refused.")]
    Rejected(Rejections),
    /// The same row or key is being written by somebody else: try again.
    #[error("Somebody else is writing the same: try again.")]
    Busy,
    /// Too many wrong code words were tried.
    #[error("Too many code words were wrong: try again in an hour.")]
    RateLimited,
    /// The database cannot be reached or cannot take more.
    #[error("The database is not available: try again later.")]
    Unavailable,
    /// A fault of the server; the cause is in the log under the request's id.
    #[error("Something went wrong in the server.")]
    Internal,
}

impl Error {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::PurposeRequired => "PURPOSE_REQUIRED",
            Self::BadInput(_) | Self::Rejected(_) => "BAD_INPUT",
            Self::CursorUnknown => "CURSOR_UNKNOWN",
            Self::CursorAhead => "CURSOR_AHEAD",
            Self::PageSizeTooLarge(_) => "PAGE_SIZE_TOO_LARGE",
            Self::Busy => "BUSY",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal | Self::KeyMissing(_) | Self::KeyWrong(_) | Self::Unwalled(_) | Self::Outdated => "INTERNAL",
        }
    }

    /// Why rules said no to a question, as a value: the code, the place and the words of each reason. Mutations tell them as user errors.
    fn reasons(&self) -> Option<async_graphql::Value> {
        let Self::Rejected(rejections) = self else { return None };
        let one = |why: &Rejection| serde_json::json!({ "code": why.code, "path": why.path, "message": why.words(Language::En) });
        async_graphql::Value::from_json(rejections.iter().map(one).collect()).ok()
    }

    /// A fault whose cause goes to the log and nowhere else.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal fault");
        Self::Internal
    }

    /// Refuses the part of the input at `path`.
    #[must_use]
    pub fn reject(code: Code, path: &[&str]) -> Self {
        Self::Rejected(Rejection::new(code, path).into())
    }
}

impl From<Rejections> for Error {
    fn from(rejections: Rejections) -> Self {
        Self::Rejected(rejections)
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection.into())
    }
}

impl From<domain::machine::IllegalTransition> for Error {
    fn from(illegal: domain::machine::IllegalTransition) -> Self {
        Rejection::with(Code::IllegalTransition, &["id"], illegal.from).into()
    }
}

/// Gives an error of the house its code, and to a refused question the reasons. Any other is left without one: the front door then tells it as INTERNAL and withholds its words.
pub fn write_code(error: &mut ServerError) {
    let Some((code, reasons)) = error.source::<Error>().map(|error| (error.code(), error.reasons())) else { return };
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", code);
    if let Some(reasons) = reasons {
        extensions.set("reasons", reasons);
    }
}
