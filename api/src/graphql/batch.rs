//! Many records at once, from a phone that had no coverage: each row is done as its own mutation would be, and answered for itself.
use super::{
    Asked,
    catalogue::{HoldSessionInput, SessionPayload},
    delivery::{
        CancelParticipation, CheckInToVisitInput, CheckOutOfVisitInput, CompleteParticipation, DiscontinueParticipation, LeaveWaitlist, ParticipationPayload,
        PauseParticipation, PlanVisitInput, RecordAttendanceInput, RecordAttendancePayload, RecordNoShow, RecordVisitInput, RecordVisitNotReachedInput,
        RegisterWalkInInput, ResumeParticipation, VisitPayload,
    },
    funding::{DeliveryEventPayload, RecordDeliveryEventInput},
    outreach::{
        AddToDropInDayInput, AnonymousContactPayload, BeginOutreachShiftInput, CloseDropInDayInput, DropInDayPayload, EndOutreachShiftInput,
        OpenDropInDayInput, OpenEventPayload, OutreachShiftPayload, RecordAnonymousContactInput, RecordOpenEventInput,
    },
    payload::{Told, UserError, tell},
};
use crate::error::{Error, Result};
use async_graphql::{Context, Enum, InputObject, InputType, InputValueResult, Object, OneofObject, Pos, SimpleObject, Union, Value, registry::Registry};
use domain::{
    delivery::batch::check_length,
    rejection::{Code, Rejections},
};
use std::borrow::Cow;

/// An input that knows how it is done: the one way for the mutation of its name and for a row of a batch.
pub trait Done {
    /// What is answered.
    type Payload: Told;

    /// Does it.
    fn done(self, ctx: &Context<'_>) -> impl Future<Output = Result<Self::Payload>> + Send;
}

/// An input that can be sent again.
pub trait Keyed {
    /// The key by which it is known again: the caller's own or the UUID that the device has made.
    fn key(&self) -> Option<String>;
}

/// Says of an input that it is known again by the key that it gives, or else by the UUID that the device has made.
macro_rules! keyed {
    ($input:ident or uuid) => {
        impl $crate::graphql::batch::Keyed for $input {
            fn key(&self) -> Option<String> {
                self.idempotency_key.clone().or_else(|| self.uuid.map(|uuid| uuid.to_string()))
            }
        }
    };
    ($input:ident) => {
        impl $crate::graphql::batch::Keyed for $input {
            fn key(&self) -> Option<String> {
                self.idempotency_key.clone()
            }
        }
    };
}
pub(crate) use keyed;

/// Declares what a row may be: the inputs of mutations, by their names.
macro_rules! rows {
    ($($(#[$meta:meta])* $variant:ident($input:ty)),+ $(,)?) => {
        /// One row of a batch: the input of one mutation, under its name.
        #[derive(OneofObject)]
        enum BatchRowInput { $($(#[$meta])* $variant($input)),+ }

        impl BatchRowInput {
            fn key(&self) -> Option<String> {
                match self { $(Self::$variant(input) => input.key()),+ }
            }

            async fn done(self, ctx: &Context<'_>) -> Result<BatchRowPayload> {
                // Each on the heap: a batch is as large as its largest row otherwise.
                match self { $(Self::$variant(input) => Box::pin(input.done(ctx)).await.map(BatchRowPayload::from)),+ }
            }
        }
    };
}

rows! {
    /// As `openDropInDay`.
    OpenDropInDay(OpenDropInDayInput),
    /// As `addToDropInDay`.
    AddToDropInDay(AddToDropInDayInput),
    /// As `closeDropInDay`.
    CloseDropInDay(CloseDropInDayInput),
    /// As `recordAnonymousContact`.
    RecordAnonymousContact(RecordAnonymousContactInput),
    /// As `beginOutreachShift`.
    BeginOutreachShift(BeginOutreachShiftInput),
    /// As `endOutreachShift`.
    EndOutreachShift(EndOutreachShiftInput),
    /// As `recordOpenEvent`.
    RecordOpenEvent(RecordOpenEventInput),
    /// As `registerWalkIn`.
    RegisterWalkIn(RegisterWalkInInput),
    /// As `holdSession`.
    HoldSession(HoldSessionInput),
    /// As `recordAttendance`.
    RecordAttendance(RecordAttendanceInput),
    /// As `leaveWaitlist`.
    LeaveWaitlist(LeaveWaitlist),
    /// As `cancelParticipation`.
    CancelParticipation(CancelParticipation),
    /// As `recordNoShow`.
    RecordNoShow(RecordNoShow),
    /// As `pauseParticipation`.
    PauseParticipation(PauseParticipation),
    /// As `resumeParticipation`.
    ResumeParticipation(ResumeParticipation),
    /// As `completeParticipation`.
    CompleteParticipation(CompleteParticipation),
    /// As `discontinueParticipation`.
    DiscontinueParticipation(DiscontinueParticipation),
    /// As `planVisit`.
    PlanVisit(PlanVisitInput),
    /// As `checkInToVisit`.
    CheckInToVisit(CheckInToVisitInput),
    /// As `checkOutOfVisit`.
    CheckOutOfVisit(CheckOutOfVisitInput),
    /// As `recordVisitNotReached`.
    RecordVisitNotReached(RecordVisitNotReachedInput),
    /// As `recordVisit`.
    RecordVisit(RecordVisitInput),
    /// As `recordDeliveryEvent`.
    RecordDeliveryEvent(RecordDeliveryEventInput),
}

impl BatchRowInput {
    /// It is about a client of a register.
    const fn is_about_client(&self) -> bool {
        matches!(
            self,
            Self::PlanVisit(_)
                | Self::CheckInToVisit(_)
                | Self::CheckOutOfVisit(_)
                | Self::RecordVisitNotReached(_)
                | Self::RecordVisit(_)
                | Self::RecordDeliveryEvent(_)
        )
    }
}

/// A row as it was sent: one that is not of the form that the schema asks for, such as an id that is none, stops no other.
struct SentRow(std::result::Result<BatchRowInput, Illegible>);

/// A row that cannot be read.
struct Illegible {
    key: Option<String>,
    words: String,
}

impl InputType for SentRow {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        BatchRowInput::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        BatchRowInput::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let key = value.as_ref().and_then(key_of);
        let read = BatchRowInput::parse(value);
        Ok(Self(read.map_err(|fault| Illegible { key, words: fault.into_server_error(Pos::default()).message })))
    }

    fn to_value(&self) -> Value {
        self.0.as_ref().map_or(Value::Null, InputType::to_value)
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// The key of a row that cannot be read otherwise, by which the device knows it.
fn key_of(row: &Value) -> Option<String> {
    let Value::Object(row) = row else { return None };
    let Value::Object(input) = row.values().next()? else { return None };
    ["idempotencyKey", "uuid"].into_iter().find_map(|name| match input.get(name) {
        Some(Value::String(key)) => Some(key.clone()),
        _ => None,
    })
}

/// What a row answers: the payload of its mutation.
#[derive(Union)]
enum BatchRowPayload {
    DropInDay(DropInDayPayload),
    AnonymousContact(AnonymousContactPayload),
    OutreachShift(OutreachShiftPayload),
    OpenEvent(OpenEventPayload),
    Participation(ParticipationPayload),
    Session(SessionPayload),
    Attendance(RecordAttendancePayload),
    Visit(VisitPayload),
    DeliveryEvent(DeliveryEventPayload),
}

impl BatchRowPayload {
    fn is_refused(&self) -> bool {
        match self {
            Self::DropInDay(of) => of.is_refused(),
            Self::AnonymousContact(of) => of.is_refused(),
            Self::OutreachShift(of) => of.is_refused(),
            Self::OpenEvent(of) => of.is_refused(),
            Self::Participation(of) => of.is_refused(),
            Self::Session(of) => of.is_refused(),
            Self::Attendance(of) => of.is_refused(),
            Self::Visit(of) => of.is_refused(),
            Self::DeliveryEvent(of) => of.is_refused(),
        }
    }
}

/// What has become of a row (rivin tila).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum BatchRowState {
    /// It is kept, now or when it was sent before: the device may forget it.
    Done,
    /// Nothing was kept, and nothing would be if it was sent again: a human being looks at it.
    Refused,
    /// Nothing is known to be kept, or it was refused after a row that is to be sent again: send it again with the same key, later.
    Again,
}

/// Why a row was not judged by rules: what is a top-level error of its mutation.
#[derive(SimpleObject)]
struct BatchRowError {
    /// The stable code, for example FORBIDDEN.
    code: &'static str,
    /// The reason in words.
    message: String,
}

/// What came of one row (rivin tulos).
#[derive(SimpleObject)]
struct BatchRowOutcome {
    /// Its number among the rows, from 0.
    index: i32,
    /// The key by which it is known again: yours, or the UUID that your device has made; null when it had none.
    key: Option<String>,
    /// Whether it is kept.
    state: BatchRowState,
    /// What its mutation answers, with its user errors; null when there is `error`, or it had no key.
    payload: Option<BatchRowPayload>,
    /// What the mutation would have answered as a top-level error; null otherwise.
    error: Option<BatchRowError>,
    /// Why it was not tried: it had no key; empty otherwise.
    user_errors: Vec<UserError>,
}

/// What was recorded without coverage.
#[derive(InputObject)]
struct RecordBatchInput {
    /// The rows, in the order in which they are done; at most 50, each with a key of its own.
    rows: Vec<SentRow>,
}

/// The outcome of a batch.
#[derive(SimpleObject)]
struct RecordBatchPayload {
    /// What came of each row, in their order; null when the batch was refused as a whole.
    rows: Option<Vec<BatchRowOutcome>>,
    /// Why no row was tried; empty when they were.
    user_errors: Vec<UserError>,
}

/// Many records at once.
#[derive(Default)]
pub struct BatchMutation;

/// Many records at once.
#[Object]
impl BatchMutation {
    /// Records what a device has gathered without coverage (kirjaa erä), row by row: each is kept or refused for itself, as its own mutation would be. After
    /// a broken connection the same batch is sent again: what was done is answered as done, and nothing is made twice.
    async fn record_batch(&self, ctx: &Context<'_>, #[graphql(desc = "The rows.")] input: RecordBatchInput) -> Result<RecordBatchPayload> {
        ctx.caller().signed_in()?;
        if let Err(faults) = check_length(input.rows.len()) {
            return Ok(RecordBatchPayload { rows: None, user_errors: tell(ctx, &faults) });
        }
        let mut rows = Vec::with_capacity(input.rows.len());
        let mut open = false;
        let with_clients = input.rows.iter().any(|row| row.0.as_ref().is_ok_and(BatchRowInput::is_about_client));
        for (index, row) in (0..).zip(input.rows) {
            // Each row is a transaction of its own; one batch would join somebody unknown and a client all the same, whom a visit or a delivery is with.
            if !with_clients {
                ctx.caller().reader().begin_apart();
            }
            let mut row = outcome(ctx, index, row).await;
            open |= row.state == BatchRowState::Again;
            // It may rest on a row before it that is not done yet.
            if open && row.state == BatchRowState::Refused {
                row.state = BatchRowState::Again;
            }
            rows.push(row);
        }
        Ok(RecordBatchPayload { rows: Some(rows), user_errors: Vec::new() })
    }
}

async fn outcome(ctx: &Context<'_>, index: i32, row: SentRow) -> BatchRowOutcome {
    let none = BatchRowOutcome { index, key: None, state: BatchRowState::Refused, payload: None, error: None, user_errors: Vec::new() };
    let row = match row.0 {
        Ok(row) => row,
        Err(Illegible { key, words }) => return BatchRowOutcome { key, error: Some(BatchRowError { code: "BAD_INPUT", message: words }), ..none },
    };
    let key = row.key();
    let none = BatchRowOutcome { key: key.clone(), ..none };
    if key.is_none() {
        // What has no key is made twice when it is sent twice, and of a batch nobody knows how far it came.
        let mut faults = Rejections::default();
        faults.add(Code::Required, &["idempotencyKey"]);
        return BatchRowOutcome { user_errors: tell(ctx, &faults), ..none };
    }
    match row.done(ctx).await {
        Ok(payload) => {
            let state = if payload.is_refused() { BatchRowState::Refused } else { BatchRowState::Done };
            BatchRowOutcome { state, payload: Some(payload), ..none }
        }
        Err(fault) => {
            let passes = matches!(fault, Error::Busy | Error::Unavailable | Error::RateLimited | Error::Internal);
            let state = if passes { BatchRowState::Again } else { BatchRowState::Refused };
            BatchRowOutcome { state, error: Some(BatchRowError { code: fault.code(), message: fault.to_string() }), ..none }
        }
    }
}
