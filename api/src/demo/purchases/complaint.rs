//! Complaints of the demo: reported by the own worker, taken up by procurement, answered by the provider.
use super::{Buying, OFFICER, OWN_WORKER};
use crate::{
    act::funding::complaint::{self, ReportComplaint, TakeUp, Which},
    error::{Error, Result},
};
use domain::{
    funding::complaint::{ComplaintKind, ComplaintState},
    scalar::Date,
};
use entity::funding::{complaint as table, purchase_order};
use sea_orm::ColumnTrait;
use serde::Deserialize;

/// One complaint about an order.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Complaint {
    order: String,
    kind: ComplaintKind,
    pub(super) reported: i64,
    occurred: i64,
    description: String,
    taken_up: i64,
    question: String,
    answered: i64,
    answer: String,
}

/// A step of a complaint.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Report,
    TakeUp,
    Answer,
}

impl Complaint {
    /// What is done with it, and how many days ago.
    pub(super) const fn steps(&self) -> [(i64, Step); 3] {
        [(self.reported, Step::Report), (self.taken_up, Step::TakeUp), (self.answered, Step::Answer)]
    }

    /// Takes a step of it; none where the order was not placed.
    pub(super) async fn take(&self, buying: &Buying<'_>, ago: i64, step: Step) -> Result<()> {
        let Some(order) = buying.orders.get(self.order.as_str()) else { return Ok(()) };
        let known = buying.known::<table::Entity>(table::Column::OrderId.eq(*order)).await?;
        let caller = match step {
            Step::Report => buying.on(OWN_WORKER, ago).await?,
            Step::TakeUp => buying.on(OFFICER, ago).await?,
            Step::Answer => {
                let order = buying.all.orders.iter().find(|each| each.key == self.order).ok_or(Error::NotFound)?;
                buying.on(&order.contract(buying)?.staff, ago).await?
            }
        };
        let which = known.as_ref().map(|row| (row.state, Which { id: row.id, expected: row.version }));
        match (step, which) {
            (Step::Report, None) => {
                let order = buying.loading.row::<purchase_order::Entity>(*order).await?;
                let what = ReportComplaint {
                    organization: order.organization_id,
                    provider: order.provider_id,
                    kind: self.kind,
                    client: None,
                    contract: None,
                    order: Some(order.id),
                    voucher: None,
                    occurred_on: Date(buying.date(self.occurred)),
                    description: self.description.clone(),
                };
                complaint::report(&caller, None, what).await?;
            }
            (Step::TakeUp, Some((ComplaintState::Reported, which))) => {
                let how = TakeUp { question: self.question.clone(), purchase_told: true, answer_due_on: None };
                complaint::take_up(&caller, which, how).await?;
            }
            (Step::Answer, Some((ComplaintState::InHandling, which))) => {
                complaint::reply(&caller, which, &self.answer).await?;
            }
            // It is so already.
            _ => {}
        }
        caller.finish().await
    }
}
