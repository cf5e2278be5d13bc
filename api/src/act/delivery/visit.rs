//! Visits with clients: planned, checked in to and out of, or recorded later; and told of when nobody has come back in time.
use crate::{
    act::{
        casework::{author, check_reason},
        device_id, device_key,
        person::{client, relation},
        prefixed,
        timed::Tally,
        under,
    },
    caller::{Caller, Once},
    error::{Error, Result},
    store::{Addressee, Work},
    vault::{Place, Vault},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    access::NoticeKind,
    catalogue::session::day,
    code::Coded,
    delivery::{
        participation::ParticipationEnd,
        visit::{
            EARLY, VisitCorrections, VisitDetails, VisitKind, VisitMove, VisitPlan, VisitReport, VisitSaid, VisitState, VisitWorkers, check_end, check_minutes,
            moments,
        },
    },
    id::{ClientId, OrganizationId, VisitId},
    machine::Machine,
    noted_field::NotedField,
    outreach::record::{Correction, Voiding},
    person::relation::{RelationBasis, check_reason as check_ground},
    place::Address,
    policy::{Action, works_with_clients},
    private::Private,
    rejection::{Code, Rejection, Rejections},
    scalar,
    text::Language,
};
use entity::{
    SealedText,
    delivery::visit as table,
    person::{client as clients, person},
};
use sea_orm::ColumnTrait;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

const DETAILS: &str = "visit.details";
const REPORT: &str = "visit.report";
const CORRECTIONS: &str = "visit.corrections";
const VOIDED: &str = "visit.voided";

fn open<T: DeserializeOwned>(vault: &Vault, column: &'static str, id: VisitId, sealed: Option<&SealedText>) -> Result<Option<Private<T>>> {
    sealed.map(|sealed| vault.open(Place::new(column, id), sealed)).transpose()
}

/// Opens where a visit goes, and what must be known.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn details(vault: &Vault, row: &table::Model) -> Result<Private<VisitDetails>> {
    vault.open(Place::new(DETAILS, row.id), &row.details)
}

/// Opens what came of a visit.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn report(vault: &Vault, row: &table::Model) -> Result<Option<Private<VisitReport>>> {
    open(vault, REPORT, row.id, row.report.as_ref())
}

/// Opens what a visit said before it was corrected.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn corrections(vault: &Vault, row: &table::Model) -> Result<Option<Private<VisitCorrections>>> {
    open(vault, CORRECTIONS, row.id, row.corrections.as_ref())
}

/// Opens why a visit is void.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn voided(vault: &Vault, row: &table::Model) -> Result<Option<Private<Voiding>>> {
    open(vault, VOIDED, row.id, row.voided.as_ref())
}

/// With whom a visit is, and whose work it is.
#[derive(Clone, Debug, Serialize)]
pub struct Visiting {
    /// Whose work it is: one's own organisation's.
    pub organization: OrganizationId,
    /// The client.
    pub client: ClientId,
    /// The UUID that the device has made.
    pub uuid: Option<Uuid>,
    /// What kind of visit it is.
    pub kind: VisitKind,
}

impl Visiting {
    /// Makes the visit, and then looks at the rest: who may not make it is told nothing of who works there or where the client lives.
    async fn begin(&self, work: &mut Work, row: table::Model, path: &[&str]) -> Result<table::Model> {
        work.unused::<table::Entity>(self.uuid).await?;
        let row = work.insert::<table::Entity>(row).await?;
        check_workers(work, &row, &[], path).await?;
        Ok(row)
    }

    /// A row of it, on a day.
    fn row(&self, work: &Work, id: VisitId, client: &clients::Model, details: &VisitDetails) -> Result<table::Model> {
        let now = work.now();
        Ok(table::Model {
            id,
            network_id: client.network_id,
            organization_id: self.organization,
            client_id: client.id,
            kind: self.kind,
            state: VisitState::Planned,
            effective_date: day(now),
            starts_at: None,
            due_at: None,
            checked_in_at: None,
            checked_out_at: None,
            minutes: None,
            workers: VisitWorkers::default(),
            pair_required: false,
            details: seal_details(work, id, details)?,
            report: None,
            corrections: None,
            voided: None,
            recorded_by: author(work),
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }
}

fn seal_details(work: &Work, id: VisitId, details: &VisitDetails) -> Result<SealedText> {
    work.vault().seal(Place::new(DETAILS, id), details)
}

fn seal_report(work: &Work, id: VisitId, report: &VisitReport) -> Result<Option<SealedText>> {
    work.vault().seal(Place::new(REPORT, id), report).map(Some)
}

/// Each works with clients in the organisation on the day of the visit; those who were named for that day before have been found to.
async fn check_workers(work: &Work, row: &table::Model, before: &[String], path: &[&str]) -> Result<()> {
    let mut out = Rejections::default();
    for (i, worker) in row.workers.0.iter().enumerate() {
        if !before.contains(worker) && !work.worked_with_clients(worker, row.organization_id, row.effective_date).await? {
            out.add(Code::NotColleague, &[path, &["workers", &i.to_string()]].concat());
        }
    }
    Ok(out.into_result()?)
}

/// The details, with the address of the home as it is known now where none is given.
async fn located(work: &Work, client: &clients::Model, kind: VisitKind, details: &VisitDetails) -> Result<VisitDetails> {
    if kind != VisitKind::Home || details.address.is_some() {
        return Ok(details.clone());
    }
    let known = work.find::<person::Entity>(person::Column::Id.eq(client.person_id)).await?;
    let address = match known.first() {
        Some(known) => client::open(work.vault(), known)?.reveal().address.clone(),
        None => None,
    };
    Ok(VisitDetails { address, ..details.clone() })
}

fn check_plan(plan: &VisitPlan, kind: VisitKind, now: DateTime<Utc>) -> Result<()> {
    let mut faults = plan.check(now);
    faults.append(prefixed("details", &plan.details.check(kind)));
    under("plan", &faults)
}

fn planned(row: table::Model, plan: &VisitPlan) -> table::Model {
    table::Model {
        starts_at: Some(plan.starts_at.0),
        due_at: Some(plan.due_at.0),
        workers: VisitWorkers(plan.workers.clone()),
        pair_required: plan.pair_required,
        ..row
    }
}

/// Plans a visit.
///
/// # Errors
/// Faults of the plan, [`Code::PairRequired`], [`Code::NotColleague`], a home whose address is not known, or a caller without the right.
pub async fn plan(caller: &Caller, given: Option<&str>, of: Visiting, plan: VisitPlan) -> Result<table::Model> {
    let plan = plan.led_by(caller.signed_in()?.subject().unwrap_or_default());
    check_plan(&plan, of.kind, caller.now())?;
    let id = device_id(of.uuid);
    caller
        .write_once::<table::Entity>(device_key(given, of.uuid).as_deref(), "planVisit", &(&of, &plan), id, async |work: &mut Work| {
            let client = work.named_client(of.client, Action::Read).await?;
            let details = located(work, &client, of.kind, &plan.details).await?;
            let row = table::Model { effective_date: day(plan.starts_at.0), ..of.row(work, id, &client, &details)? };
            let row = of.begin(work, planned(row, &plan), &["plan"]).await?;
            // Whoever goes must know where.
            let found = of.kind != VisitKind::Home || details.address.is_some();
            if found { Ok(row) } else { Err(Error::reject(Code::Required, &["plan", "details", "address"])) }
        })
        .await
}

/// Plans a visit that is to come anew, or one that is under way for longer.
///
/// # Errors
/// As [`plan`], nobody who goes, a move that its state does not allow, or a stale version.
pub async fn replan(caller: &Caller, key: Option<&str>, which: Which, plan: VisitPlan) -> Result<table::Model> {
    caller.signed_in()?;
    caller
        .write_once::<table::Entity>(key, "replanVisit", &(which, &plan), which.id, async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(which.id, which.expected, Action::Update).await?;
            let next = match before.state.step(VisitMove::Replan)? {
                VisitState::UnderWay => longer(work, &before, plan.clone())?,
                state => table::Model { state, ..anew(work, &before, &plan).await? },
            };
            let next = work.update::<table::Entity>(&before, next, Action::Update).await?;
            let found: &[String] = if next.effective_date == before.effective_date { &before.workers.0 } else { &[] };
            check_workers(work, &next, found, &["plan"]).await?;
            Ok(next)
        })
        .await
}

/// A visit under way that takes longer, or to which more come.
fn longer(work: &Work, before: &table::Model, plan: VisitPlan) -> Result<table::Model> {
    let began = before.starts_at.map(scalar::DateTime).ok_or(Error::Internal)?;
    let known = details(work.vault(), before)?.reveal().clone();
    let plan = plan.under_way(began, before.pair_required, &before.workers, known);
    check_plan(&plan, before.kind, work.now())?;
    Ok(planned(before.clone(), &plan))
}

/// A visit to come as it is planned now. The address of a home that is left out is the one that is known now; where none is, the one before.
async fn anew(work: &Work, before: &table::Model, plan: &VisitPlan) -> Result<table::Model> {
    check_plan(plan, before.kind, work.now())?;
    let client = work.client_behind(before.client_id).await?;
    let said = located(work, &client, before.kind, &plan.details).await?;
    let known = details(work.vault(), before)?;
    let address = said.address.clone().or_else(|| known.reveal().address.clone());
    let sealed = seal_details(work, before.id, &VisitDetails { address, ..said })?;
    Ok(planned(table::Model { effective_date: day(plan.starts_at.0), details: sealed, ..before.clone() }, plan))
}

/// So far a device's clock may be ahead of the server's.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// A moment that somebody tells afterwards: now, when nothing is told.
fn moment(told: Option<scalar::DateTime>, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    told.map_or(Ok(now), |at| past(at, now, "at"))
}

/// A moment that is over, as somebody tells it in a field.
fn past(told: scalar::DateTime, now: DateTime<Utc>, field: &str) -> Result<DateTime<Utc>> {
    if told.0 > now + CLOCKS_DIFFER {
        return Err(Rejection::with(Code::OutOfRange, &[field], moments(None, now)).into());
    }
    Ok(told.0.min(now))
}

/// One visit, and the version that was seen.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Which {
    /// The visit.
    pub id: VisitId,
    /// The version.
    pub expected: i32,
}

impl Which {
    /// Makes a move, with what it changes; sent again under the same key, nothing is done.
    async fn go(
        self,
        caller: &Caller,
        (key, operation): (Option<&str>, &str),
        by: VisitMove,
        said: &impl Serialize,
        change: impl AsyncFnOnce(&mut Work, table::Model) -> Result<table::Model>,
    ) -> Result<table::Model> {
        // More may end a visit than go on it.
        let action = if by.ends() { Action::Transition } else { Action::Update };
        let input = (self, said);
        let done = caller.once(key, operation, &input, self.id.0, async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(self.id, self.expected, action).await?;
            let state = before.state.step(by)?;
            let next = change(work, table::Model { state, ..before.clone() }).await?;
            work.update::<table::Entity>(&before, next, action).await
        });
        match done.await? {
            Once::Now(row) => Ok(row),
            // Whoever has ended it may have it in sight no more, and is told again what came of it.
            Once::Before(id) => caller.write(async |work: &mut Work| work.moved_before::<table::Entity>(id, action, |row| row.updated_at).await).await,
        }
    }
}

/// Checks in: the workers are with the client.
///
/// # Errors
/// A time to come or long before the planned one, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn check_in(caller: &Caller, key: Option<&str>, which: Which, told: Option<scalar::DateTime>) -> Result<table::Model> {
    caller.signed_in()?;
    let change = async |work: &mut Work, row: table::Model| {
        let at = moment(told, work.now())?;
        came(row, at, work.now(), "at")
    };
    which.go(caller, (key, "checkInToVisit"), VisitMove::CheckIn, &told, change).await
}

/// When the workers came: not long before the visit was planned.
fn came(row: table::Model, at: DateTime<Utc>, now: DateTime<Utc>, field: &str) -> Result<table::Model> {
    if let Some(first) = row.starts_at.map(|starts| starts - EARLY).filter(|first| at < *first) {
        return Err(Rejection::with(Code::OutOfRange, &[field], moments(Some(first), now)).into());
    }
    Ok(table::Model { checked_in_at: Some(at), effective_date: day(at), ..row })
}

/// When the workers left, and how long they had been there.
fn left(row: table::Model, at: DateTime<Utc>, field: &str) -> Result<table::Model> {
    let Some(came) = row.checked_in_at else { return Ok(row) };
    let mut faults = Rejections::default();
    check_end((came, at), field, &mut faults);
    faults.into_result()?;
    let minutes = i32::try_from((at - came).num_minutes()).ok();
    Ok(table::Model { checked_out_at: Some(at), minutes, ..row })
}

/// Checks out: the workers have left, and tell what came of it.
///
/// # Errors
/// As [`check_in`], faults of the report, or a time before checking in or more than a day after it.
pub async fn check_out(caller: &Caller, key: Option<&str>, which: Which, told: Option<scalar::DateTime>, report: VisitReport) -> Result<table::Model> {
    caller.signed_in()?;
    under("report", &report.check())?;
    let change = async |work: &mut Work, row: table::Model| {
        let report = seal_report(work, row.id, &report)?;
        left(table::Model { report, ..row }, moment(told, work.now())?, "at")
    };
    which.go(caller, (key, "checkOutOfVisit"), VisitMove::CheckOut, &(told, &report), change).await
}

/// Cancels what was planned with a client whose case is closed; what is under way ends when those who are there have left.
///
/// # Errors
/// A fault of the database.
pub(in crate::act) async fn cancel_planned(work: &mut Work, open: &[table::Model]) -> Result<()> {
    for before in open.iter().filter(|row| row.state == VisitState::Planned) {
        // Those who go along learn no more of the case than that.
        let outcome = ParticipationEnd::CaseClosed.label().in_language(Language::Fi).to_owned();
        let report = seal_report(work, before.id, &VisitReport { outcome, note: None })?;
        let next = table::Model { state: before.state.step(VisitMove::Cancel)?, report, ..before.clone() };
        work.move_visit(before, next).await?;
    }
    Ok(())
}

/// Records that the client was not met, and how that was; whoever had checked in has left with it.
///
/// # Errors
/// As [`check_out`].
pub async fn miss(caller: &Caller, key: Option<&str>, which: Which, told: Option<scalar::DateTime>, words: String) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(&words, "outcome")?;
    let change = async |work: &mut Work, row: table::Model| {
        let report = seal_report(work, row.id, &VisitReport { outcome: words.clone(), note: None })?;
        let at = moment(told, work.now())?;
        let effective_date = row.checked_in_at.map_or_else(|| day(at), |_| row.effective_date);
        left(table::Model { report, effective_date, ..row }, at, "at")
    };
    which.go(caller, (key, "recordVisitNotReached"), VisitMove::Miss, &(told, &words), change).await
}

/// Cancels a visit that is to come, with the reason.
///
/// # Errors
/// No reason, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn cancel(caller: &Caller, key: Option<&str>, which: Which, reason: String) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(&reason, "reason")?;
    let change = async |work: &mut Work, row: table::Model| {
        let report = seal_report(work, row.id, &VisitReport { outcome: reason.clone(), note: None })?;
        Ok(table::Model { report, ..row })
    };
    which.go(caller, (key, "cancelVisit"), VisitMove::Cancel, &reason, change).await
}

/// What is said of a visit that is over and that nobody had planned.
#[derive(Clone, Debug, Serialize)]
pub struct RecordVisit {
    /// With whom, and whose work it was.
    pub of: Visiting,
    /// The day on which it was.
    pub effective_date: scalar::Date,
    /// Who went; whoever records it, where nobody is named.
    pub workers: Vec<String>,
    /// Where it went.
    pub details: VisitDetails,
    /// How many minutes it took.
    pub minutes: i32,
    /// What came of it.
    pub report: VisitReport,
}

/// Records a visit that is over.
///
/// # Errors
/// Faults of what is said, a day to come, [`Code::NotColleague`], or a caller without the right.
pub async fn record(caller: &Caller, given: Option<&str>, mut input: RecordVisit) -> Result<table::Model> {
    let by = caller.signed_in()?.subject().unwrap_or_default().to_owned();
    if input.workers.is_empty() {
        input.workers.push(by);
    }
    let (mut faults, today) = (Rejections::default(), day(caller.now()));
    VisitWorkers(input.workers.clone()).check(false, &mut faults);
    check_minutes(input.minutes, &mut faults);
    if input.effective_date.0 > today {
        faults.add_with(Code::OutOfRange, &["effectiveDate"], format!("–{today}"));
    }
    faults.append(prefixed("details", &input.details.check(input.of.kind)));
    faults.append(prefixed("report", &input.report.check()));
    faults.into_result()?;
    let (id, of) = (device_id(input.of.uuid), &input.of);
    caller
        .write_once::<table::Entity>(device_key(given, of.uuid).as_deref(), "recordVisit", &input, id, async |work: &mut Work| {
            let client = work.named_client(of.client, Action::Read).await?;
            let details = located(work, &client, of.kind, &input.details).await?;
            let row = table::Model {
                state: VisitState::Done,
                effective_date: input.effective_date.0,
                workers: VisitWorkers(input.workers.clone()),
                minutes: Some(input.minutes),
                report: seal_report(work, id, &input.report)?,
                ..of.row(work, id, &client, &details)?
            };
            of.begin(work, row, &[]).await
        })
        .await
}

/// What should have been said of a visit that is over.
#[derive(Clone, Debug, Serialize)]
pub struct Right {
    /// How many minutes it took; without it, as many as before, or as the times tell that are put right.
    pub minutes: Option<i32>,
    /// When the workers checked in; without it, as before.
    pub checked_in_at: Option<scalar::DateTime>,
    /// When they checked out; without it, as before.
    pub checked_out_at: Option<scalar::DateTime>,
    /// What came of it.
    pub report: VisitReport,
}

impl Right {
    /// The visit with the times put right, and how long it took. Nobody has checked in to what was recorded later.
    fn times(&self, row: table::Model, now: DateTime<Utc>) -> Result<table::Model> {
        let (came_in, went_out) = ("checkedInAt", "checkedOutAt");
        let mut faults = Rejections::default();
        for (field, told, before) in [(came_in, self.checked_in_at, row.checked_in_at), (went_out, self.checked_out_at, row.checked_out_at)] {
            if told.is_some() && before.is_none() {
                faults.add(Code::DoesNotAgree, &[field]);
            }
        }
        faults.into_result()?;
        let out = row.checked_out_at;
        let row = match self.checked_in_at {
            Some(at) => came(row, past(at, now, came_in)?, now, came_in)?,
            None => row,
        };
        // The end is judged by the beginning as it is now, and told of where it was put right.
        let row = match (self.checked_out_at, out) {
            (Some(at), _) => left(row, past(at, now, went_out)?, went_out)?,
            (None, Some(at)) if self.checked_in_at.is_some() => left(row, at, came_in)?,
            _ => row,
        };
        Ok(table::Model { minutes: self.minutes.or(row.minutes), ..row })
    }
}

/// Corrects what a visit says that is over, and when that was; what it said before is kept.
///
/// # Errors
/// Faults of what is said, times that cannot be, no reason, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn correct(caller: &Caller, which: Which, right: Right, reason: String) -> Result<table::Model> {
    caller.signed_in()?;
    let mut faults = prefixed("report", &right.report.check());
    if let Some(minutes) = right.minutes {
        check_minutes(minutes, &mut faults);
    }
    faults.into_result()?;
    check_reason(&reason, "reason")?;
    let change = async |work: &mut Work, row: table::Model| {
        let vault = work.vault();
        let said = report(vault, &row)?.ok_or(Error::Internal)?;
        let (checked_in_at, checked_out_at) = (row.checked_in_at, row.checked_out_at);
        let said = VisitSaid { minutes: row.minutes.unwrap_or_default(), checked_in_at, checked_out_at, report: said.reveal().clone() };
        let mut before = corrections(vault, &row)?.map_or_else(Vec::new, |before| before.reveal().clone());
        before.push(Correction { said, reason: reason.clone(), at: work.now(), by: author(work) });
        let corrections = Some(vault.seal(Place::new(CORRECTIONS, row.id), &before)?);
        let report = seal_report(work, row.id, &right.report)?;
        right.times(table::Model { report, corrections, ..row }, work.now())
    };
    which.go(caller, (None, "correctVisit"), VisitMove::Correct, &(&right, &reason), change).await
}

/// Voids a visit that was recorded by mistake: it is kept, and counts for nothing.
///
/// # Errors
/// No reason, a stale version, or a caller without the right.
pub async fn void(caller: &Caller, key: Option<&str>, which: Which, reason: String) -> Result<table::Model> {
    caller.signed_in()?;
    check_reason(&reason, "reason")?;
    let change = async |work: &mut Work, row: table::Model| {
        let voiding = Voiding { reason: reason.clone(), at: work.now(), by: author(work) };
        Ok(table::Model { voided: Some(work.vault().seal(Place::new(VOIDED, row.id), &voiding)?), ..row })
    };
    which.go(caller, (key, "voidVisit"), VisitMove::Void, &reason, change).await
}

/// Opens where a visit to somebody under non-disclosure is, with a reason; the data protection officer sees it. Of one that is overdue, to all who work with
/// clients there.
///
/// # Errors
/// A reason that is too short, or a caller without a relation where nothing is overdue.
pub async fn reveal_address(caller: &Caller, id: VisitId, reason: &str) -> Result<Option<Private<Address>>> {
    caller.signed_in()?;
    check_ground(reason)?;
    caller
        .write(async |work: &mut Work| {
            let row = work.fetch::<table::Entity>(id, Action::Read).await?;
            if !work.actor().is_in(row.organization_id, works_with_clients) {
                return Err(Error::Forbidden);
            }
            let client = if row.is_overdue(work.now()) {
                look_for(work, &row, reason).await?
            } else {
                let client = work.named_client(row.client_id, Action::Update).await?;
                // As in revealing who somebody is: the reason is kept as a relation like the one that is there.
                relation::open_alike(work, &client, row.id.0, reason).await?;
                client
            };
            caller.reader().note_field(client.id, NotedField::VisitProtectedAddress, true);
            Ok(details(work.vault(), &row)?.reveal().address.clone().map(Private::new))
        })
        .await
}

/// Whoever looks for those who have not come back need not have a relation: the reason is kept as an emergency that is over at once and opens nothing else,
/// and is told to those who answer for the organisation.
async fn look_for(work: &mut Work, row: &table::Model, reason: &str) -> Result<clients::Model> {
    let (id, now) = (work.hold_client(row.client_id).await?, work.now());
    let client = work.client_behind(id).await?;
    let subject = author(work);
    let ground = (RelationBasis::BreakGlass, Some(row.id.0), Some(reason));
    let kept = relation::open_until(work, &client, row.organization_id, &subject, ground, now).await?;
    work.notify(row.network_id, Addressee::Officers(row.organization_id), NoticeKind::EmergencyAccess, None, Some(kept.id));
    Ok(client)
}

/// Tells of visits to which nobody has come, or from which nobody has come back, in time, each once for each planned time, as the system itself; how many.
///
/// # Errors
/// A fault of the database.
pub async fn tell_overdue(system: &Caller) -> Result<Tally> {
    let mut told = Tally::default();
    for (id, _) in system.reader().find::<table::Entity>().filter(table::overdue_untold(system.now())).versions().await? {
        told.note("visits", id, system.write(async |work: &mut Work| tell_of(work, id.into()).await).await);
    }
    Ok(told)
}

/// Tells those who went, the own workers of the client and those who answer for the organisation. A notice tells nothing of the client.
async fn tell_of(work: &mut Work, id: VisitId) -> Result<usize> {
    work.hold::<table::Entity>(id).await?;
    let row = work.fetch::<table::Entity>(id, Action::Read).await?;
    // Checked out, or planned for longer, in the meantime.
    let Some(due) = row.due_at.filter(|_| row.is_overdue(work.now())) else { return Ok(0) };
    let cases = work.open_cases(row.client_id, row.organization_id).await?;
    let mut workers = row.workers.0.clone();
    workers.extend(cases.into_iter().filter_map(|case| case.own_worker));
    workers.sort_unstable();
    workers.dedup();
    let key = |whom: &str| format!("visit:{id}:{}:{whom}", due.timestamp());
    for worker in workers {
        let once = key(&worker);
        work.notify_of_visit(row.network_id, Addressee::Worker(row.organization_id, worker), NoticeKind::VisitOverdue, id, once);
    }
    work.notify_of_visit(row.network_id, Addressee::Officers(row.organization_id), NoticeKind::VisitOverdue, id, key(""));
    Ok(1)
}
