//! Settlements of vouchers: put together by those who pay from what was given by vouchers and approved, approved by four eyes, paid, given up, reversed.
use super::{delivery::told_by, unnamed_reason, within};
use crate::{
    act::casework::author,
    caller::Caller,
    error::{Error, Result},
    sheet::{self, decimal},
    store::{Settleable, Work},
};
use domain::{
    catalogue::session::day,
    code::Coded,
    funding::settlement::{MOST_SETTLED, SettledLine, SettlementMove, SettlementState, paid_at_once, total},
    id::{Kinded, OrganizationId, VoucherSettlementId},
    machine::Machine,
    policy::{Action, looks_after_invoices},
    rejection::{Code, Rejection},
    scalar::Date,
    text::Language,
};
use entity::{
    catalogue::organization,
    funding::voucher_settlement::{self as table, Reckoned},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is said when a settlement is put together.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct DrawUp {
    /// The organisation that has issued the vouchers, and pays.
    pub organization: OrganizationId,
    /// Who is paid.
    pub provider: OrganizationId,
    /// The last day whose deliveries are paid.
    pub through: Date,
}

/// Puts together what is to be paid to a provider for what it has given by vouchers up to a day: what is approved, and in no other settlement, as much as is paid at once.
///
/// # Errors
/// A day to come, a provider that is not known, [`Code::NothingDelivered`], or a caller without the right.
pub async fn draw_up(caller: &Caller, key: Option<&str>, input: DrawUp) -> Result<table::Model> {
    caller.signed_in()?;
    let id = VoucherSettlementId::new();
    caller
        .write_once::<table::Entity>(key, "drawUpVoucherSettlement", &input, id, async |work: &mut Work| {
            let payer = work.refer::<organization::Entity>(input.organization, &["organization"]).await?;
            if !work.actor().acts_for(payer.id, looks_after_invoices) {
                return Err(Error::Forbidden);
            }
            let provider = super::member(work, input.provider, payer.network_id, &["provider"]).await?;
            let today = day(work.now());
            if input.through.0 > today {
                return Err(Rejection::with(Code::OutOfRange, &["through"], format!("–{today}")).into());
            }
            let mut found = work.settleable(payer.id, provider.id, input.through.0, MOST_SETTLED).await?;
            found.truncate(paid_at_once(found.iter().map(|of| of.event.cost_cents)));
            if found.is_empty() {
                return Err(Error::reject(Code::NothingDelivered, &["through"]));
            }
            let mut barred = BTreeSet::new();
            for of in &found {
                barred.insert(of.voucher.issued_by.clone());
                barred.extend(told_by(work.vault(), &of.event)?);
            }
            let lines: Vec<_> = found.iter().map(line).collect();
            let now = work.now();
            let row = table::Model {
                id,
                network_id: payer.network_id,
                organization_id: payer.id,
                provider_id: provider.id,
                state: SettlementState::DrawnUp,
                through: input.through.0,
                total_cents: total(&lines),
                reckoned: Reckoned { lines, barred },
                drawn_up_by: author(work),
                approved_by: None,
                approved_at: None,
                paid_on: None,
                reason: None,
                created_at: now,
                updated_at: now,
                version: 1,
            };
            let row = work.insert::<table::Entity>(row).await?;
            for of in &found {
                work.settle_delivery(of).await?;
            }
            Ok(row)
        })
        .await
}

fn line(of: &Settleable) -> SettledLine {
    let Settleable { event, voucher, service } = of;
    SettledLine {
        delivery: event.id,
        voucher: voucher.id,
        voucher_number: voucher.number.clone(),
        service: voucher.service_id,
        service_name: service.clone(),
        delivered_on: Date(event.effective_date),
        unit: event.unit,
        quantity: event.quantity(),
        covered_cents: event.cost_cents,
        own_share_cents: event.own_share_cents.unwrap_or_default(),
    }
}

/// What is said with a move of a settlement.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Why, in words, at most 2000 characters.
    pub reason: Option<String>,
    /// The day on which it was paid; today when it is left out.
    pub on: Option<Date>,
}

/// Moves a settlement on.
///
/// # Errors
/// [`Code::FourEyes`] for whoever put it together or had to do with what it pays, a reason that is missing, a day to come, a move that its state does not allow,
/// a stale version, or a caller without the right.
pub async fn move_on(caller: &Caller, id: VoucherSettlementId, expected: i32, by: SettlementMove, said: Said) -> Result<table::Model> {
    caller.signed_in()?;
    let reason = unnamed_reason(said.reason.as_deref(), matches!(by, SettlementMove::Discard | SettlementMove::Reverse))?;
    caller
        .write(async |work: &mut Work| {
            let before = work.fetch_at::<table::Entity>(id, expected, Action::Transition).await?;
            let mut next = table::Model { state: before.state.step(by)?, reason: reason.clone().or_else(|| before.reason.clone()), ..before.clone() };
            match by {
                SettlementMove::Approve => {
                    let who = author(work);
                    if before.drawn_up_by == who || before.reckoned.barred.contains(&who) {
                        return Err(Error::reject(Code::FourEyes, &["id"]));
                    }
                    (next.approved_by, next.approved_at) = (Some(who), Some(work.now()));
                }
                SettlementMove::Pay => {
                    let (today, approved) = (day(work.now()), before.approved_at.map(day).ok_or(Error::Internal)?);
                    next.paid_on = Some(within(said.on.map_or(today, |on| on.0), approved, today, "paidOn")?);
                }
                SettlementMove::Discard | SettlementMove::Reverse => {}
            }
            let row = work.update::<table::Entity>(&before, next, Action::Transition).await?;
            if !row.state.is_counted() {
                let deliveries: BTreeSet<_> = row.reckoned.lines.iter().map(|line| line.delivery).collect();
                work.release_settled(&deliveries).await?;
            }
            Ok(row)
        })
        .await
}

/// The lines as CSV for accounting: semicolons, decimal commas, a heading, one row a line; none where it is not to be paid, or not yet.
///
/// # Errors
/// [`Error::Internal`] when it cannot be written.
pub fn csv(row: &table::Model, language: Language) -> Result<Option<String>> {
    if !matches!(row.state, SettlementState::Approved | SettlementState::Paid) {
        return Ok(None);
    }
    let mut out = sheet::writer("");
    let heads = ["settlement", "through", "provider", "line", "voucher", "delivered on", "service", "unit", "quantity", "own share", "covered"];
    out.write_record(heads).map_err(Error::internal)?;
    for (i, line) in row.reckoned.lines.iter().enumerate() {
        let cells = [
            row.id.to_public(),
            row.through.to_string(),
            row.provider_id.to_public(),
            (i + 1).to_string(),
            line.voucher_number.clone(),
            line.delivered_on.0.to_string(),
            sheet::plain(line.service_name.in_language(language)),
            line.unit.code().clone(),
            decimal(line.quantity.hundredths.into()),
            decimal(line.own_share_cents),
            decimal(line.covered_cents),
        ];
        out.write_record(cells).map_err(Error::internal)?;
    }
    sheet::text(out).map(Some)
}
