//! Complaints about providers: reported by a client, a worker, procurement or, as an incident, by the provider's own staff; taken up and closed by procurement,
//! answered by the provider.
use super::{member, procurement_of, within};
use crate::{
    act::{
        casework::author,
        person::consent::is_client,
        timed::{Tally, told},
    },
    caller::Caller,
    error::{Error, Result},
    store::{Addressee, Work},
    vault::{Place, Vault},
};
use chrono::{Days, NaiveDate};
use domain::{
    access::NoticeKind,
    catalogue::session::day,
    funding::complaint::{self as rules, ComplaintKind, ComplaintMove, ComplaintReporter, ComplaintState, LONGEST, REMINDED_DAYS, Step},
    id::{ClientId, ComplaintId, FrameworkContractId, OrganizationId, PurchaseOrderId, VoucherId},
    machine::Machine,
    policy::{Action, gives_ordered, handles_complaints, works_with_clients},
    private::Private,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text,
};
use entity::{
    SealedText,
    access::notice,
    catalogue::organization,
    funding::{complaint as table, framework_contract, purchase_order, voucher},
    person::client,
};
use sea_orm::{ColumnTrait, Condition, ExprTrait};
use serde::Serialize;
use uuid::Uuid;

const DESCRIPTION: &str = "complaint.description";
const QUESTION: &str = "complaint.question";
const ANSWER: &str = "complaint.answer";
const OUTCOME: &str = "complaint.outcome";
/// How far ahead the last day of an answer lies at most, in days.
const AHEAD: u64 = 180;

fn open(vault: &Vault, place: &'static str, row: &table::Model, sealed: Option<&SealedText>) -> Result<Option<Private<String>>> {
    sealed.map(|sealed| vault.open(Place::new(place, row.id), sealed)).transpose()
}

/// Opens what was reported; none for whoever is asked about it alone.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn description(caller: &Caller, row: &table::Model) -> Result<Option<Private<String>>> {
    open(caller.vault(), DESCRIPTION, row, Some(&row.description).filter(|_| is_shown_whole(caller, row)))
}

/// Opens what the provider is to answer to.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn question(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    open(vault, QUESTION, row, row.question.as_ref())
}

/// Opens what is done about it.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn answer(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    open(vault, ANSWER, row, row.answer.as_ref())
}

/// Opens what came of it.
///
/// # Errors
/// [`Error::Internal`] when the vault does not open it.
pub fn outcome(vault: &Vault, row: &table::Model) -> Result<Option<Private<String>>> {
    open(vault, OUTCOME, row, row.outcome.as_ref())
}

/// The caller has reported it.
#[must_use]
pub fn is_reporter(caller: &Caller, row: &table::Model) -> bool {
    caller.actor().subject() == Some(row.reported_by.as_str())
}

/// The caller is shown what was reported, and of whom: whoever works for the provider is not, but for those who have reported or handle it.
#[must_use]
pub fn is_shown_whole(caller: &Caller, row: &table::Model) -> bool {
    !caller.actor().is_in(row.provider_id, |_| true) || is_reporter(caller, row) || caller.actor().is_in(row.organization_id, handles_complaints)
}

/// The caller is told that there is one: whoever works for the provider only once it is taken up, whichever way it came before them.
#[must_use]
pub fn is_known(caller: &Caller, row: &table::Model) -> bool {
    row.taken_up_at.is_some() || is_shown_whole(caller, row)
}

/// Those that are known to the caller in this way: as [`is_known`].
#[must_use]
pub fn known_to(caller: &Caller) -> Condition {
    use table::Column as C;
    let actor = caller.actor();
    dated_for(caller).add(C::ProviderId.is_not_in(actor.standings().iter().map(|standing| standing.organization)))
}

/// Those whose last day may be told to the caller, who finds them by it: those that were taken up, that the caller has reported, or handles.
#[must_use]
pub fn dated_for(caller: &Caller) -> Condition {
    use table::Column as C;
    let actor = caller.actor();
    let handles = actor.standings().iter().filter(|standing| handles_complaints(standing.role)).map(|standing| standing.organization);
    let known = Condition::any().add(C::TakenUpAt.is_not_null()).add(C::ReportedBy.eq(actor.subject().unwrap_or_default()));
    known.add(C::OrganizationId.is_in(handles))
}

/// What is reported.
#[derive(Clone, Debug, Serialize)]
pub struct ReportComplaint {
    /// The organisation that arranges the service.
    pub organization: OrganizationId,
    /// Of whom.
    pub provider: OrganizationId,
    /// What is reported.
    pub kind: ComplaintKind,
    /// The client whom it is about.
    pub client: Option<ClientId>,
    /// The contract that it is about.
    pub contract: Option<FrameworkContractId>,
    /// The order that it is about.
    pub order: Option<PurchaseOrderId>,
    /// The voucher that it is about.
    pub voucher: Option<VoucherId>,
    /// The day on which it occurred.
    pub occurred_on: Date,
    /// What occurred, in words.
    pub description: String,
}

/// What a complaint is about, and whether what was named agrees: told once it is known that the caller may report it.
struct Ground {
    client: Option<ClientId>,
    contract: Option<FrameworkContractId>,
    agrees: Vec<(bool, &'static str)>,
}

impl Ground {
    fn check(&self) -> Result<()> {
        self.agrees.iter().find(|(same, _)| !same).map_or(Ok(()), |(_, field)| Err(Error::reject(Code::DoesNotAgree, &[*field])))
    }
}

impl ReportComplaint {
    /// What is named, each the caller's to see: the order or voucher is with this provider, and arranged by this organisation, which keeps the client.
    async fn ground(&self, work: &Work) -> Result<Ground> {
        let of_purchase = self.order.is_some() || self.voucher.is_some();
        let named = match self.client {
            // Only the client of the order or voucher is held: two who each name the other's would wait for each other.
            Some(id) if of_purchase => Some(work.fetch::<client::Entity>(work.merged_into(id).await?.unwrap_or(id), Action::Read).await?),
            Some(id) => Some(work.named_client(id, Action::Read).await?),
            None => None,
        };
        let mut agrees = vec![(self.organization != self.provider, "provider"), (self.order.is_none() || self.voucher.is_none(), "voucher")];
        let (mut client, mut contract) = (None, self.contract);
        if let Some(id) = self.order {
            let seen = work.refer::<purchase_order::Entity>(id, &["order"]).await?;
            work.hold_client_of(seen.case_id).await?;
            let order = work.refer::<purchase_order::Entity>(id, &["order"]).await?;
            agrees.push((order.placed_at.is_some() && (order.organization_id, order.provider_id) == (self.organization, self.provider), "order"));
            agrees.push((self.contract.is_none_or(|contract| contract == order.contract_id), "contract"));
            (client, contract) = (Some(order.client_id), Some(order.contract_id));
        } else if let Some(id) = self.voucher {
            let seen = work.refer::<voucher::Entity>(id, &["voucher"]).await?;
            work.hold_client_of(seen.case_id).await?;
            let voucher = work.refer::<voucher::Entity>(id, &["voucher"]).await?;
            agrees.push(((voucher.organization_id, voucher.provider_id) == (self.organization, Some(self.provider)), "voucher"));
            agrees.push((self.contract.is_none(), "contract"));
            client = Some(voucher.client_id);
        } else if let Some(id) = self.contract {
            let contract = work.refer::<framework_contract::Entity>(id, &["contract"]).await?;
            agrees.push(((contract.organization_id, contract.provider_id) == (self.organization, self.provider), "contract"));
        }
        if let Some(named) = named {
            // One who was merged is the other from then on, as the order or voucher says it.
            let id = work.merged_into(named.id).await?.unwrap_or(named.id);
            agrees.push((client.map_or(named.organization_id == self.organization, |client| client == id), "client"));
            client = client.or(Some(id));
        }
        Ok(Ground { client, contract, agrees })
    }
}

/// As whom the caller reports: as the client whom it is about or who acts for that one, by an office at the organisation that arranges the service, or as one who gives
/// it for the provider.
async fn reporter(work: &Work, client: Option<ClientId>, input: &ReportComplaint) -> Result<ComplaintReporter> {
    let actor = work.actor();
    if is_client(work, client).await? {
        Ok(ComplaintReporter::Client)
    } else if actor.is_in(input.organization, handles_complaints) {
        Ok(ComplaintReporter::Procurement)
    } else if actor.is_in(input.organization, works_with_clients) {
        Ok(ComplaintReporter::Worker)
    } else if actor.is_in(input.provider, gives_ordered) {
        Ok(ComplaintReporter::Provider)
    } else {
        Err(Error::Forbidden)
    }
}

/// The provider's own staff tell of incidents in what they give for the organisation, which the order, voucher or contract tells.
fn check_own(reporter: ComplaintReporter, input: &ReportComplaint) -> Result<()> {
    if reporter != ComplaintReporter::Provider {
        return Ok(());
    }
    if input.kind != ComplaintKind::Incident {
        return Err(Error::reject(Code::DoesNotAgree, &["kind"]));
    }
    let names = input.order.is_some() || input.voucher.is_some() || input.contract.is_some();
    if names { Ok(()) } else { Err(Error::reject(Code::Required, &["order"])) }
}

/// The last day of a step that can be taken from today on.
fn due(work: &Work, step: Step) -> Result<NaiveDate> {
    let today = day(work.now());
    rules::due_on(step, today).ok_or_else(|| Rejection::with(Code::RuleMissing, &[], today.to_string()).into())
}

/// Reports a complaint. The procurement of the organisation that arranges the service is told; the provider is not.
///
/// # Errors
/// Faults of what is said, what does not agree with each other, a client, order, voucher or contract that is not the caller's to see, of the provider's own staff
/// anything but an incident in what they give, or a caller who is neither a client whom it is about nor works at either side.
pub async fn report(caller: &Caller, key: Option<&str>, input: ReportComplaint) -> Result<table::Model> {
    caller.signed_in()?;
    let input = ReportComplaint { description: text::tidy(&input.description), ..input };
    rules::check(input.occurred_on.0, &input.description, day(caller.now())).into_result()?;
    // Any other id tells when it was made: the provider, which is told the id, is not told when it was reported.
    let id = ComplaintId(Uuid::new_v4());
    caller
        .write_once::<table::Entity>(key, "reportComplaint", &input, id, async |work: &mut Work| {
            let keeper = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            let provider = member(work, input.provider, keeper.network_id, &["provider"]).await?;
            let ground = input.ground(work).await?;
            let reporter = reporter(work, ground.client, &input).await?;
            check_own(reporter, &input)?;
            ground.check()?;
            let now = work.now();
            let row = table::Model {
                id,
                network_id: keeper.network_id,
                organization_id: keeper.id,
                client_id: ground.client,
                provider_id: provider.id,
                contract_id: ground.contract,
                order_id: input.order,
                voucher_id: input.voucher,
                kind: input.kind,
                state: ComplaintState::Reported,
                reporter,
                reported_by: author(work),
                occurred_on: input.occurred_on.0,
                description: work.vault().seal(Place::new(DESCRIPTION, id), &input.description)?,
                due_on: due(work, Step::TakeUp)?,
                question: None,
                purchase_told: false,
                answer_due_on: None,
                taken_up_at: None,
                taken_up_by: None,
                answer: None,
                answered_at: None,
                answered_by: None,
                outcome: None,
                ended_at: None,
                ended_by: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<table::Entity>(row).await?;
            tell_procurement(work, &row, NoticeKind::ComplaintReported).await?;
            Ok(row)
        })
        .await
}

/// Words of a move, without what does not belong into a text.
fn said(words: &str, field: &str) -> Result<String> {
    let words = text::tidy(words);
    let mut out = Rejections::default();
    text::check(&words, &[field], LONGEST, &mut out);
    out.into_result()?;
    Ok(words)
}

/// One complaint, and the version that was seen.
#[derive(Clone, Copy, Debug)]
pub struct Which {
    /// The complaint.
    pub id: ComplaintId,
    /// The version.
    pub expected: i32,
}

impl Which {
    /// Makes a move, with what it changes; the reporter is told.
    async fn go(self, caller: &Caller, by: ComplaintMove, change: impl FnOnce(&Work, table::Model) -> Result<table::Model>) -> Result<table::Model> {
        caller.signed_in()?;
        caller
            .write(async |work: &mut Work| {
                let before = work.fetch_at::<table::Entity>(self.id, self.expected, Action::Transition).await?;
                check_side(work, &before, by)?;
                let state = before.state.step(by)?;
                let next = change(work, table::Model { state, ..before.clone() })?;
                let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
                follow(work, &row, by).await?;
                Ok(row)
            })
            .await
    }
}

/// The move is made by its side: procurement tells what is done only where the provider has let its time pass.
fn check_side(work: &Work, row: &table::Model, by: ComplaintMove) -> Result<()> {
    let actor = work.actor();
    let (orders, provides) = (actor.acts_for(row.organization_id, handles_complaints), actor.acts_for(row.provider_id, gives_ordered));
    let fits = if by == ComplaintMove::Answer { orders || provides } else { orders };
    if !fits {
        return Err(Error::reject(Code::OtherSide, &["id"]));
    }
    match row.answer_due_on.filter(|until| by == ComplaintMove::Answer && !provides && *until >= day(work.now())) {
        Some(until) => Err(Rejection::with(Code::TooEarly, &["id"], until.to_string()).into()),
        None => Ok(()),
    }
}

/// How a complaint is taken up.
#[derive(Clone, Debug)]
pub struct TakeUp {
    /// What the provider is to answer to.
    pub question: String,
    /// The provider is told of which order or voucher it is.
    pub purchase_told: bool,
    /// The last day for the answer; by the rule where it is none.
    pub answer_due_on: Option<Date>,
}

/// Takes a complaint up as procurement: the provider is told what it is to answer to, and nothing of what was reported or by whom.
///
/// # Errors
/// No question, a day that is past or far away, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn take_up(caller: &Caller, which: Which, how: TakeUp) -> Result<table::Model> {
    let question = said(&how.question, "question")?;
    let change = |work: &Work, row: table::Model| {
        let today = day(work.now());
        let last = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
        let due_on = match how.answer_due_on {
            Some(on) => within(on.0, today, last, "answerDueOn")?,
            None => due(work, Step::Answer)?,
        };
        if how.purchase_told && row.order_id.is_none() && row.voucher_id.is_none() {
            return Err(Error::reject(Code::DoesNotAgree, &["purchaseTold"]));
        }
        let question = Some(work.vault().seal(Place::new(QUESTION, row.id), &question)?);
        let (taken_up_at, taken_up_by) = (Some(work.now()), Some(author(work)));
        Ok(table::Model { question, purchase_told: how.purchase_told, due_on, answer_due_on: Some(due_on), taken_up_at, taken_up_by, ..row })
    };
    which.go(caller, ComplaintMove::TakeUp, change).await
}

/// Tells what is done about a complaint as the provider; as procurement once the provider has let its time pass.
///
/// # Errors
/// No words, [`Code::TooEarly`], a move that its state does not allow, a stale version, or a caller without the right.
pub async fn reply(caller: &Caller, which: Which, words: &str) -> Result<table::Model> {
    let words = said(words, "answer")?;
    let change = |work: &Work, row: table::Model| {
        let answer = Some(work.vault().seal(Place::new(ANSWER, row.id), &words)?);
        Ok(table::Model { answer, due_on: due(work, Step::Close)?, answered_at: Some(work.now()), answered_by: Some(author(work)), ..row })
    };
    which.go(caller, ComplaintMove::Answer, change).await
}

/// Closes a complaint as procurement, with the outcome, which the provider and whoever has reported are told.
///
/// # Errors
/// No words, a move that its state does not allow, a stale version, or a caller without the right.
pub async fn close(caller: &Caller, which: Which, words: &str) -> Result<table::Model> {
    end(caller, which, ComplaintMove::Close, words).await
}

/// Finds nothing to a complaint as procurement, with the reason, which whoever has reported is told; the provider never learns of it.
///
/// # Errors
/// As [`close`].
pub async fn dismiss(caller: &Caller, which: Which, words: &str) -> Result<table::Model> {
    end(caller, which, ComplaintMove::Dismiss, words).await
}

async fn end(caller: &Caller, which: Which, by: ComplaintMove, words: &str) -> Result<table::Model> {
    let words = said(words, "outcome")?;
    let change = |work: &Work, row: table::Model| {
        let outcome = Some(work.vault().seal(Place::new(OUTCOME, row.id), &words)?);
        Ok(table::Model { outcome, ended_at: Some(work.now()), ended_by: Some(author(work)), ..row })
    };
    which.go(caller, by, change).await
}

/// Tells whoever is to know of a move: the reporter, the provider of what it is to answer and what came of it, and procurement of the answer.
async fn follow(work: &mut Work, row: &table::Model, by: ComplaintMove) -> Result<()> {
    let provider = Addressee::Organization(row.provider_id);
    match by {
        ComplaintMove::TakeUp => work.notify_of_complaint(row.network_id, provider, NoticeKind::ComplaintAsked, row.id, None),
        ComplaintMove::Answer => tell_procurement(work, row, NoticeKind::ComplaintAnswered).await?,
        ComplaintMove::Close => work.notify_of_complaint(row.network_id, provider, NoticeKind::ComplaintMoved, row.id, None),
        ComplaintMove::Dismiss => {}
    }
    if work.actor().subject() != Some(row.reported_by.as_str()) {
        let to = match row.reporter {
            ComplaintReporter::Client => Addressee::Client(row.reported_by.clone()),
            ComplaintReporter::Worker | ComplaintReporter::Procurement => Addressee::Worker(row.organization_id, row.reported_by.clone()),
            ComplaintReporter::Provider => Addressee::Worker(row.provider_id, row.reported_by.clone()),
        };
        work.notify_of_complaint(row.network_id, to, NoticeKind::ComplaintMoved, row.id, None);
    }
    Ok(())
}

/// Tells the procurement of the organisation that arranges the service, but for whoever acts.
async fn tell_procurement(work: &mut Work, row: &table::Model, kind: NoticeKind) -> Result<()> {
    for to in procurement_of(work, row.organization_id).await? {
        work.notify_of_complaint(row.network_id, to, kind, row.id, None);
    }
    Ok(())
}

/// Reminds those whose step is due soon or late, each once, as the system itself; how many complaints that was. Of an answer that is late procurement is told as well:
/// it may tell itself then what is done.
///
/// # Errors
/// A fault of the database.
pub async fn remind(system: &Caller) -> Result<Tally> {
    let today = day(system.now());
    let near = today.checked_add_days(Days::new(REMINDED_DAYS)).unwrap_or(today);
    let due = table::Column::EndedAt.is_null().and(table::Column::DueOn.lte(near));
    let mut tally = Tally::default();
    for row in system.reader().find::<table::Entity>().filter(due).all().await? {
        let Some(key) = rules::reminder_key(row.id, row.state, row.due_on, today) else { continue };
        if told(system, notice::Column::ComplaintId.eq(row.id), &key).await? {
            continue;
        }
        let outcome = system.write(async |work: &mut Work| {
            let answers = row.state == ComplaintState::InHandling;
            let mut all: Vec<_> = if answers { vec![Addressee::Organization(row.provider_id)] } else { Vec::new() };
            if !answers || row.due_on < today {
                all.extend(procurement_of(work, row.organization_id).await?);
            }
            for to in all {
                let once = Some(format!("{key}{}", to.subject().unwrap_or_default()));
                work.notify_of_complaint(row.network_id, to, NoticeKind::ComplaintDue, row.id, once);
            }
            Ok(1)
        });
        tally.note("complaints", row.id, outcome.await);
    }
    Ok(tally)
}
