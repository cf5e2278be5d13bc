//! Random purchases by several at once, in two processes, over days and months: orders, vouchers, deliveries, invoices, settlements, and what becomes of the
//! contracts, prices, decisions and cases behind them. After each burst no ceiling is passed, what is drawn is what the rows come to, every invoice and settlement
//! equals its deliveries to the cent, nothing was written into a closed month, no row has gone where its machine does not lead, and what is sent once more under the
//! same key changes nothing. One sequence is the same each time, and shows that everything was done; others are new each time: `PROPTEST_CASES` says how many, and
//! `MONITUOTTAJA_TEST_SEED` which ones.
mod asked;
mod beside;
mod sums;
mod tried;
mod vouchers;

use self::{
    asked::World,
    sums::{Books, against_time, illegal},
    tried::{Try, bursts},
};
use super::{
    random::{Seed, cases},
    wrong::nothing_is_wrong,
};
use domain::id::split_public;
use futures_util::future::join_all;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, atomic::Ordering},
};
use tests::{Kind, TestApp, databases};

/// How many new sequences there are on each kind of database, unless the environment names another number.
const CASES: u32 = 1;
/// The sequence that is tried each time.
const SEED: u64 = 12;
/// How many shorter ones are tried of a sequence that fails: what several do at once is not the same each time.
const SHORTER: u32 = 24;
/// What is done in the sequence that is tried each time, whatever else is refused: it would prove little without it.
const DONE: &[&str] = &[
    "placePurchaseOrder",
    "confirmPurchaseOrder",
    "rejectPurchaseOrder",
    "cancelPurchaseOrder",
    "terminatePurchaseOrder",
    "recordDeliveryEvent",
    "disputeDeliveryEvent",
    "correctDeliveryEvent",
    "approveDeliveryEvent",
    "voidDeliveryEvent",
    "sendInvoice",
    "correctInvoice",
    "approveInvoice",
    "payInvoice",
    "creditInvoice",
    "issueVoucher",
    "chooseVoucherProvider",
    "cancelVoucher",
    "drawUpVoucherSettlement",
    "approveVoucherSettlement",
    "payVoucherSettlement",
    "reverseVoucherSettlement",
    "submitApprovedPrice",
    "changeContractPrice",
    "extendFrameworkContract",
    "suspendFrameworkContract",
    "resumeFrameworkContract",
    "signFrameworkContract",
    "terminateFrameworkContract",
    "reportComplaint",
    "closeCase",
];
/// By which rules something is refused in it, by one of each.
const REFUSED: &[&[&str]] = &[&["CEILING_REACHED", "QUANTITY_REACHED"], &["MONTH_LOCKED"]];

/// What was done, and how often, and by which rules something was refused.
#[derive(Debug, Default)]
struct Sum {
    done: BTreeMap<&'static str, usize>,
    refused: BTreeSet<String>,
    /// How often what was done was answered as it was when it was sent once more.
    replayed: usize,
    /// How many fees were charged.
    fees: i64,
}

impl World<'_> {
    /// What must hold after each burst, whoever came first.
    async fn holds(&self) -> Result<(), String> {
        let books = Books::read(self.app).await;
        let mut faults = books.faults();
        for [contract, _] in &self.contracts() {
            let query =
                "query($id: ID!) { frameworkContract(id: $id) { drawdown { ordered { amountCents } delivered { amountCents } invoiced { amountCents } } } }";
            let told = self.told("procurement", query, json!({ "id": contract })).await["frameworkContract"]["drawdown"].clone();
            let told = ["ordered", "delivered", "invoiced"].map(|what| told[what]["amountCents"].as_i64().unwrap());
            let (_, id) = split_public(contract).unwrap();
            let found = books.cents_of(&id.simple().to_string());
            if told != found {
                faults.push(format!("of a contract {told:?} are told, and there are {found:?}"));
            }
        }
        faults.extend(illegal(self.app).await);
        faults.extend(against_time(self.app).await);
        faults.extend(self.app.store().await.verify_drawdown().await.unwrap().iter().map(|difference| format!("{difference:?}")));
        if !faults.is_empty() {
            return Err(faults.join("\n"));
        }
        nothing_is_wrong(self.app.database()).await;
        Ok(())
    }

    fn add_to(&self, sum: &mut Sum) {
        for (mutation, times) in self.done.lock().unwrap().iter() {
            *sum.done.entry(mutation).or_default() += times;
        }
        sum.refused.extend(self.refused.lock().unwrap().iter().cloned());
        sum.replayed += self.replayed.load(Ordering::Relaxed);
    }

    /// How many fees were charged for what was cancelled or ended late.
    async fn fees(&self) -> i64 {
        self.app.count("delivery_event", "kind = 'CANCELLATION_FEE'").await
    }

    /// Tries a burst at once; then all must hold, also when some of it is sent once more.
    async fn burst(&self, tries: &[Try]) -> Result<(), String> {
        join_all(tries.iter().map(|one| self.play(one))).await.into_iter().collect::<Result<(), String>>()?;
        self.holds().await?;
        let again = self.to_replay();
        if again.is_empty() {
            return Ok(());
        }
        let before = Books::read(self.app).await;
        for sent in &again {
            self.replay(sent).await?;
        }
        let differs = before.differs_from(&Books::read(self.app).await);
        if differs.is_empty() { Ok(()) } else { Err(format!("sent once more, {again:?} changed {differs:?}")) }
    }
}

async fn sequence(kind: Kind, bursts: &[Vec<Try>], sum: &Mutex<Sum>) -> Result<(), String> {
    let app = TestApp::start(kind).await;
    let world = World::begin(&app).await;
    let mut outcome = Ok(());
    for (at, burst) in bursts.iter().enumerate() {
        outcome = world.burst(burst).await.map_err(|fault| format!("at {at}, {burst:?}: {fault}"));
        if outcome.is_err() {
            break;
        }
    }
    let fees = world.fees().await;
    {
        let mut sum = sum.lock().unwrap();
        world.add_to(&mut sum);
        sum.fees += fees;
    }
    drop(world);
    app.stop().await;
    outcome
}

/// Tries so many sequences of a seed on a kind of database: what was done in them.
fn tried(seed: &Seed, kind: Kind, cases: u32) -> Sum {
    let sum = Mutex::default();
    seed.tries(cases, SHORTER, &bursts(), async |bursts| Box::pin(sequence(kind, &bursts, &sum)).await.map_err(|fault| format!("{kind:?}: {fault}")));
    sum.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_new_sequence_of_purchases_passes_a_ceiling_or_loses_a_cent() {
    let seed = Seed::any();
    for kind in databases().await {
        tried(&seed, kind, cases(CASES));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sequence_of_purchases_passes_a_ceiling_or_loses_a_cent() {
    let seed = Seed(SEED);
    for kind in databases().await {
        let sum = tried(&seed, kind, 1);
        assert!(sum.replayed > 0 && sum.fees > 0, "{kind:?}: nothing was sent once more, or no fee was charged: {sum:?}");
        for mutation in DONE {
            assert!(sum.done.contains_key(mutation), "{kind:?}: nothing was done by {mutation}: {sum:?}");
        }
        for codes in REFUSED {
            assert!(codes.iter().any(|code| sum.refused.contains(*code)), "{kind:?}: nothing was refused by {codes:?}: {sum:?}");
        }
    }
}
