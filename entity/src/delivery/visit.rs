//! Visits with clients (käynnit). Those who go see it while it goes on; who works with clients there, when nobody has come to it or back from it in time.
use crate::{SealedText, access::notice, nothing};
use domain::{
    access::NoticeKind,
    delivery::visit::{VisitKind, VisitState, VisitWorkers},
    id::{ClientId, VisitId},
    policy::{Action, Worker},
};
use sea_orm::{
    Condition, ExprTrait,
    entity::prelude::*,
    sea_query::{Expr, Func, SimpleExpr},
};

crate::person::client_table! {
    /// A visit.
    "visit", Visit, VisitId, client: client_id / ClientId: ClientId, {
        /// What kind of visit it is.
        kind: VisitKind,
        /// How far it is.
        state: VisitState,
        /// The day on which it is or was, which may be long before it was recorded.
        effective_date: Date,
        /// When it is planned to begin; none where it was recorded later.
        starts_at: Option<DateTimeUtc>,
        /// By when the workers are to check out; none where it was recorded later.
        due_at: Option<DateTimeUtc>,
        /// When the workers checked in.
        checked_in_at: Option<DateTimeUtc>,
        /// When they checked out.
        checked_out_at: Option<DateTimeUtc>,
        /// How many minutes it took.
        minutes: Option<i32>,
        /// Who goes, by the stable keys.
        #[sea_orm(column_type = "JsonBinary")]
        workers: VisitWorkers,
        /// Nobody goes alone.
        pair_required: bool,
        /// Where it goes, and what those who go must know, sealed.
        details: SealedText,
        /// What came of it, or why nothing did, sealed.
        report: Option<SealedText>,
        /// What it said before it was corrected, sealed.
        corrections: Option<SealedText>,
        /// Why it is void, sealed.
        voided: Option<SealedText>,
        /// Who recorded it, by the stable key.
        recorded_by: String,
    }
    sealed: [details, report, corrections, voided],
    addressed: addressed_to,
    // What was recorded by mistake may be about somebody else.
    shown: || Condition::all().add(Column::State.ne(VisitState::Voided)),
    taken_back: || Condition::all().add(Column::State.eq(VisitState::Voided)),
}

impl Model {
    /// Nobody has checked out by the planned time, or come at all.
    #[must_use]
    pub fn is_overdue(&self, at: DateTimeUtc) -> bool {
        VisitState::OPEN.contains(&self.state) && self.due_at.is_some_and(|due| due <= at)
    }
}

/// The visits of a worker's organisations on which the worker goes, and for a while has gone; and those that are overdue, which the lead ends as well.
fn addressed_to(to: &Worker, action: Action) -> Condition {
    let mut any = Condition::any().add(goes(&to.subject));
    match action {
        Action::Create => return nothing(),
        Action::Read => any = any.add(overdue(to.at)),
        Action::Update => {}
        Action::Transition => {
            // What has just been ended is looked at once more before it is kept.
            let ends = Condition::any().add(overdue(to.at)).add(Column::UpdatedAt.gte(to.at));
            any = any.add(Condition::all().add(Column::OrganizationId.is_in(to.led.iter().copied())).add(ends));
        }
    }
    // A plan that nobody has carried out does not stay in sight for ever.
    let planned = Condition::all().add(Column::State.eq(VisitState::Planned)).add(Column::DueAt.gt(to.followed_since()));
    let current = Condition::any().add(Column::State.eq(VisitState::UnderWay)).add(planned).add(Column::UpdatedAt.gt(to.followed_since()));
    Condition::all().add(Column::OrganizationId.is_in(to.organizations.iter().copied())).add(current).add(any)
}

/// Somebody is among those who go. The list is kept as JSON: a key stands in it in quotation marks, and taking it out leaves another text where it was in.
#[must_use]
pub fn goes(subject: &str) -> SimpleExpr {
    let workers = || Expr::col((Entity, Column::Workers)).cast_as("text");
    let key = serde_json::Value::from(subject).to_string();
    let without = Func::cust("replace").arg(workers()).arg(key).arg("");
    workers().ne(without)
}

/// As [`Model::is_overdue`].
#[must_use]
pub fn overdue(at: DateTimeUtc) -> Condition {
    Condition::all().add(Column::State.is_in(VisitState::OPEN)).add(Column::DueAt.lte(at))
}

/// The same, where it has not been told since.
#[must_use]
pub fn overdue_untold(at: DateTimeUtc) -> Condition {
    let told = notice::given_since::<Entity>(NoticeKind::VisitOverdue, notice::Column::VisitId, Column::Id, Column::DueAt);
    overdue(at).add(told.not())
}
