//! Framework contracts (puitesopimukset) of purchased services, and their lines: what is bought of whom, where, in which unit, at which price, up to what.
use super::price::{Quantity, QuantityUnit};
use crate::{
    id::{AreaId, OrganizationId, ProcurementId, ServiceId},
    machine::machine,
    money::Money,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where a framework contract is (puitesopimuksen tila).
    pub enum ContractState ["contract-state"] {
        /// Being written by the orderer; the provider does not see it (luonnos).
        Draft,
        /// Signed by the orderer, and with the provider to be signed (tuottajan allekirjoitettavana).
        Offered,
        /// Signed by both; its time has not begun (allekirjoitettu).
        Signed,
        /// In force (voimassa).
        InForce,
        /// In force, and nothing new is ordered (tilaukset keskeytetty).
        Suspended,
        /// Over, as was agreed (päättynyt).
        Expired,
        /// Ended before its time (irtisanottu tai purettu).
        Terminated,
        /// Never came to be (rauennut).
        Cancelled,
    }
}

machine! {
    /// A move of the framework contract machine.
    ContractState as "Framework contract (puitesopimus)", pub enum ContractMove {
        /// Sign it as the orderer, and put it before the provider.
        Offer,
        /// Take it back, to write on it again.
        TakeBack,
        /// Sign it as the provider.
        Sign,
        /// Its first day has come.
        Begin,
        /// Take up an option: it goes on for longer.
        Extend,
        /// Order nothing new for a while.
        Suspend,
        /// Order again.
        Resume,
        /// End it before its time, with a reason.
        Terminate,
        /// Its last day is over.
        Expire,
        /// Throw a contract away that nobody has signed on both sides.
        Cancel,
    }
    Draft -- Offer -> Offered;
    Draft -- Cancel -> Cancelled;
    Offered -- TakeBack -> Draft;
    Offered -- Sign -> Signed;
    Signed -- Begin -> InForce;
    Signed -- Terminate -> Terminated;
    InForce -- Extend -> InForce;
    InForce -- Suspend -> Suspended;
    InForce -- Terminate -> Terminated;
    InForce -- Expire -> Expired;
    Suspended -- Resume -> InForce;
    Suspended -- Terminate -> Terminated;
    Suspended -- Expire -> Expired;
}

/// On whose side a move of a contract is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractSide {
    /// Those who order.
    Orderer,
    /// Those who provide.
    Provider,
    /// The time itself.
    Time,
}

impl ContractMove {
    /// Whose move it is.
    #[must_use]
    pub const fn side(self) -> ContractSide {
        match self {
            Self::Sign => ContractSide::Provider,
            Self::Begin | Self::Expire => ContractSide::Time,
            Self::Offer | Self::TakeBack | Self::Extend | Self::Suspend | Self::Resume | Self::Terminate | Self::Cancel => ContractSide::Orderer,
        }
    }

    /// A reason in words goes with it.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Suspend | Self::Terminate)
    }
}

/// The most that a contract is worth: 20 million euros.
pub const DEAREST_CONTRACT: Money = Money { amount_cents: 2_000_000_000 };
/// The longest a provider may take for its answer to an order, in days.
const LONGEST_ANSWER_DAYS: i32 = 30;

/// An option (optio): by how much the contract can be prolonged, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ContractOptionInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractOption {
    /// How many months, 1 to 60.
    pub months: i32,
}

/// What is agreed on cancelling an order, or ending its service before its time (peruutusehto): a share of it is paid for where that is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "CancellationTermsInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancellationTerms {
    /// An order that was confirmed is cancelled without a fee until so many days before its first day, and a day of a service that runs until so many days before it;
    /// 1 to 90.
    pub notice_days: i32,
    /// The share that is paid for of what is cancelled later than that, in basis points, 1 to 10000: of all that was ordered, or of what is left of a service and
    /// falls, spread evenly until its last day, on days of which notice is too late.
    pub share_bp: i32,
}

impl CancellationTerms {
    fn check(self, out: &mut Rejections) {
        for (field, value, most) in [("noticeDays", self.notice_days, 90), ("shareBp", self.share_bp, 10_000)] {
            if !(1..=most).contains(&value) {
                out.add_with(Code::OutOfRange, &["cancellation", field], format!("1–{most}"));
            }
        }
    }

    /// How much of what was ordered is paid for where it is cancelled on a day, half a hundredth of the unit rounded up; none where that is early enough.
    #[must_use]
    pub fn fee(self, ordered: Quantity, first: NaiveDate, on: NaiveDate) -> Option<Quantity> {
        let late = (first - on).num_days() < i64::from(self.notice_days);
        self.share(ordered, i64::from(late), 1)
    }

    /// How much of what is left of a service is paid for where those who order end it on a day before its last one: it would have been given evenly on the days to
    /// come, and of some of them notice is too late; none where it is not.
    #[must_use]
    pub fn fee_of_ending(self, left: Quantity, last: NaiveDate, on: NaiveDate) -> Option<Quantity> {
        let days = (last - on).num_days();
        self.share(left, days.min(i64::from(self.notice_days) - 1), days)
    }

    /// The share of what falls on so many of so many days, half a hundredth of the unit rounded up; none where that is nothing.
    fn share(self, of: Quantity, late: i64, days: i64) -> Option<Quantity> {
        if late <= 0 || of.hundredths <= 0 {
            return None;
        }
        let share = (i64::from(of.hundredths) * late * i64::from(self.share_bp) + 5_000 * days) / (10_000 * days);
        let hundredths = i32::try_from(share).ok().filter(|share| *share > 0)?;
        Some(Quantity { hundredths })
    }
}

/// A key figure (mittari, KPI) by which the service is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "KeyFigureInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyFigure {
    /// What is looked at, at most 150 characters a language.
    pub name: LocalizedText,
    /// What it should be, at most 500 characters a language.
    pub target: LocalizedText,
}

/// The agreement on the processing of personal data (henkilötietojen käsittelysopimus, GDPR 28): the provider writes on behalf of the controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ProcessingAgreementInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProcessingAgreement {
    /// Where the document is kept: its number in the register of the orderer, at most 200 characters.
    pub reference: String,
    /// The day of the document.
    pub dated_on: Date,
    /// The provider may let others process.
    pub subprocessors_allowed: bool,
}

/// What is said of a framework contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "FrameworkContractContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameworkContractContent {
    /// Its number in the register of the orderer (sopimusnumero), at most 50 characters; unique in the organisation.
    pub number: String,
    /// What it is called, at most 150 characters a language.
    pub name: LocalizedText,
    /// Who provides.
    pub provider: OrganizationId,
    /// The procurement in which the provider was chosen. Needed from the national threshold on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procurement: Option<ProcurementId>,
    /// The first day.
    pub valid_from: Date,
    /// The last day, before any option is taken up.
    pub valid_to: Date,
    /// The options to go on for longer, in the order in which they can be taken up; at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub options: Vec<ContractOption>,
    /// The most that is ordered by it in all, without value added tax (enimmäisarvo).
    pub ceiling: Money,
    /// Within how many days the provider answers an order, 1 to 30.
    pub answer_days: i32,
    /// Within how many days after the end of a service its report is due, 0 to 365; none when no report is agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_days: Option<i32>,
    /// For how many days orders that are being delivered go on after the contract has ended before its time, 0 to 730.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub wind_down_days: i32,
    /// What is agreed on cancelling an order late; none when that costs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<CancellationTerms>,
    /// What else is agreed on cancelling, notice and fees, at most 5000 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<LocalizedText>,
    /// By what the service is looked at; at most 40.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub key_figures: Vec<KeyFigure>,
    /// The agreement on the processing of personal data. Needed before it is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_agreement: Option<ProcessingAgreement>,
    /// A pilot (kokeilu).
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub pilot: bool,
}

impl FrameworkContractContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        text::check(&self.number, &["number"], 50, &mut out);
        self.name.check("name", 150, &mut out);
        if self.valid_to < self.valid_from {
            out.add(Code::DateOrder, &["validTo"]);
        }
        if self.options.len() > 10 {
            out.add_with(Code::TooLong, &["options"], 10);
        }
        for (i, _) in self.options.iter().enumerate().filter(|(_, option)| !(1..=60).contains(&option.months)) {
            out.add_with(Code::OutOfRange, &["options", &i.to_string(), "months"], "1–60");
        }
        self.ceiling.check("ceiling", DEAREST_CONTRACT, &mut out);
        for (field, value, low, high) in [
            ("answerDays", Some(self.answer_days), 1, LONGEST_ANSWER_DAYS),
            ("reportDays", self.report_days, 0, 365),
            ("windDownDays", Some(self.wind_down_days), 0, 730),
        ] {
            crate::catalogue::check_range(value, &low, &high, field, &mut out);
        }
        if let Some(cancellation) = &self.cancellation {
            cancellation.check(&mut out);
        }
        if let Some(terms) = &self.terms {
            terms.check("terms", 5_000, &mut out);
        }
        if self.key_figures.len() > 40 {
            out.add_with(Code::TooLong, &["keyFigures"], 40);
        }
        for (i, figure) in self.key_figures.iter().enumerate() {
            let mut faults = Rejections::default();
            figure.name.check("name", 150, &mut faults);
            figure.target.check("target", 500, &mut faults);
            for fault in &faults {
                let path = ["keyFigures".to_owned(), i.to_string()].into_iter().chain(fault.path.iter().cloned()).collect();
                out.push(Rejection { path, ..fault.clone() });
            }
        }
        if let Some(agreement) = &self.processing_agreement {
            text::check(&agreement.reference, &["processingAgreement", "reference"], 200, &mut out);
        }
        out
    }

    /// The last day on which orders that run go on when the contract is terminated on a day; none beyond the calendar.
    #[must_use]
    pub fn wound_down_on(&self, terminated_on: NaiveDate) -> Option<NaiveDate> {
        terminated_on.checked_add_days(Days::new(u64::try_from(self.wind_down_days).unwrap_or_default()))
    }

    /// What is missing before it is signed by the orderer.
    #[must_use]
    pub fn missing(&self, lines: usize) -> Rejections {
        let mut out = Rejections::default();
        if self.processing_agreement.is_none() {
            out.add(Code::Required, &["processingAgreement"]);
        }
        if lines == 0 {
            out.add(Code::Required, &["lines"]);
        }
        out
    }

    /// The last day after the next option, where so many have been taken up and `valid_to` is the last day now.
    ///
    /// # Errors
    /// [`Code::NoOptionLeft`].
    pub fn extended(&self, taken: i32, valid_to: NaiveDate) -> Result<NaiveDate, Rejection> {
        let next = usize::try_from(taken).ok().and_then(|taken| self.options.get(taken));
        let months = next.and_then(|option| u32::try_from(option.months).ok()).ok_or_else(|| Rejection::new(Code::NoOptionLeft, &["id"]))?;
        // The day after the last one is prolonged, so that the end of a month stays one.
        let first = valid_to.succ_opt().and_then(|day| day.checked_add_months(Months::new(months)));
        first.and_then(|day| day.pred_opt()).ok_or_else(|| Rejection::new(Code::Invalid, &["id"]))
    }
}

/// By what prices are looked at again (indeksiehto): data, worked out by those who change the price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "IndexRuleInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndexRule {
    /// Which index, as its publisher calls it, at most 200 characters.
    pub index: String,
    /// The point of comparison, as the publisher writes it: `2026Q1`, at most 20 characters.
    pub base_period: String,
    /// The month in which prices are looked at, 1 to 12.
    pub review_month: i32,
    /// The most by which a price changes at once, in basis points of it; none without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_change_bp: Option<i32>,
}

/// What is said of a line (sopimusrivi).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ContractLineContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractLineContent {
    /// The service; it is public.
    pub service: ServiceId,
    /// The lot (osa-alue): where it is given; everywhere when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaId>,
    /// In what it is counted.
    pub unit: QuantityUnit,
    /// The most that is ordered of it; none when only money has a ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Quantity>,
    /// The most that is ordered by it, without value added tax; none when only the contract has a ceiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Money>,
    /// By what its price is looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_rule: Option<IndexRule>,
    /// A pilot (kokeilu), bought to learn from.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub pilot: bool,
}

impl ContractLineContent {
    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        if let Some(most) = self.most {
            most.check("most", &mut out);
        }
        if let Some(ceiling) = self.ceiling {
            ceiling.check("ceiling", DEAREST_CONTRACT, &mut out);
        }
        if let Some(rule) = &self.index_rule {
            text::check(&rule.index, &["indexRule", "index"], 200, &mut out);
            text::check(&rule.base_period, &["indexRule", "basePeriod"], 20, &mut out);
            if !(1..=12).contains(&rule.review_month) {
                out.add_with(Code::OutOfRange, &["indexRule", "reviewMonth"], "1–12");
            }
            if rule.most_change_bp.is_some_and(|bp| !(0..=10_000).contains(&bp)) {
                out.add_with(Code::OutOfRange, &["indexRule", "mostChangeBp"], "0–10000");
            }
        }
        out
    }

    /// A price that follows another keeps within what the index rule allows at once.
    ///
    /// # Errors
    /// [`Code::OutOfRange`] with the prices between which it must be, in cents.
    pub fn check_change(&self, before: Money, next: Money) -> Result<(), Rejection> {
        let Some(most) = self.index_rule.as_ref().and_then(|rule| rule.most_change_bp) else { return Ok(()) };
        let room = i64::from(before.amount_cents) * i64::from(most) / 10_000;
        let (low, high) = (i64::from(before.amount_cents) - room, i64::from(before.amount_cents) + room);
        if (low..=high).contains(&i64::from(next.amount_cents)) {
            return Ok(());
        }
        Err(Rejection::with(Code::OutOfRange, &["price", "price", "amountCents"], format!("{low}–{high}")))
    }
}

/// A contract is in force on a day: by its dates, since the state is moved by time only afterwards.
#[must_use]
pub fn is_in_force(state: ContractState, valid_from: NaiveDate, valid_to: NaiveDate, on: NaiveDate) -> bool {
    matches!(state, ContractState::Signed | ContractState::InForce | ContractState::Suspended) && (valid_from..=valid_to).contains(&on)
}

/// Orders that run are carried by a contract on a day: while it is in force, afterwards for the days before its end, and for a while after it was terminated.
#[must_use]
pub fn carries_on(state: ContractState, valid_from: NaiveDate, valid_to: NaiveDate, wound_down_on: Option<NaiveDate>, on: NaiveDate) -> bool {
    match state {
        ContractState::Expired => (valid_from..=valid_to).contains(&on),
        ContractState::Terminated => wound_down_on.is_some_and(|last| (valid_from..=last.min(valid_to)).contains(&on)),
        _ => is_in_force(state, valid_from, valid_to, on),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::OrganizationId, machine::Machine};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn content() -> FrameworkContractContent {
        FrameworkContractContent {
            number: "HVA-2026-17".to_owned(),
            name: LocalizedText::fi("Ryhmävalmennukset"),
            provider: OrganizationId::new(),
            procurement: None,
            valid_from: Date(day("2026-01-01")),
            valid_to: Date(day("2027-12-31")),
            options: vec![ContractOption { months: 12 }, ContractOption { months: 2 }],
            ceiling: Money { amount_cents: 10_000_000 },
            answer_days: 3,
            report_days: None,
            wind_down_days: 90,
            cancellation: Some(CancellationTerms { notice_days: 7, share_bp: 2_500 }),
            terms: None,
            key_figures: vec![],
            processing_agreement: None,
            pilot: false,
        }
    }

    fn told(faults: &Rejections) -> Vec<String> {
        faults.iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect()
    }

    #[test]
    fn each_part_has_its_own_fault() {
        assert_eq!(told(&content().check()), Vec::<String>::new());
        let bad = FrameworkContractContent {
            number: " ".to_owned(),
            valid_to: Date(day("2025-01-01")),
            options: vec![ContractOption { months: 0 }],
            ceiling: Money { amount_cents: -1 },
            answer_days: 0,
            report_days: Some(366),
            wind_down_days: -1,
            cancellation: Some(CancellationTerms { notice_days: 0, share_bp: 10_001 }),
            key_figures: vec![KeyFigure { name: LocalizedText::fi(""), target: LocalizedText::fi("80 %") }],
            ..content()
        };
        let faults = [
            "Required number",
            "DateOrder validTo",
            "OutOfRange options.0.months",
            "OutOfRange ceiling.amountCents",
            "OutOfRange answerDays",
            "OutOfRange reportDays",
            "OutOfRange windDownDays",
            "OutOfRange cancellation.noticeDays",
            "OutOfRange cancellation.shareBp",
            "Required keyFigures.0.name.fi",
        ];
        assert_eq!(told(&bad.check()), faults);
        assert_eq!(told(&content().missing(0)), ["Required processingAgreement", "Required lines"]);
    }

    #[test]
    fn who_cancels_later_than_agreed_pays_a_share_of_what_was_ordered() {
        let fee = |share_bp, hundredths, on: &str| {
            let terms = CancellationTerms { notice_days: 7, share_bp };
            terms.fee(Quantity { hundredths }, day("2026-12-08"), day(on)).map(|fee| fee.hundredths)
        };
        assert_eq!(fee(2_500, 1_000, "2026-12-01"), None);
        for late in ["2026-12-02", "2026-12-08", "2026-12-20"] {
            assert_eq!(fee(2_500, 1_000, late), Some(250), "{late}");
        }
        assert_eq!([fee(10_000, 333, "2026-12-08"), fee(5_000, 333, "2026-12-08"), fee(1, 100, "2026-12-08")], [Some(333), Some(167), None]);
    }

    #[test]
    fn who_ends_a_service_before_its_time_pays_a_share_of_what_falls_on_the_days_of_notice() {
        let fee = |share_bp, hundredths, on: &str| {
            let terms = CancellationTerms { notice_days: 7, share_bp };
            terms.fee_of_ending(Quantity { hundredths }, day("2026-12-31"), day(on)).map(|fee| fee.hundredths)
        };
        // Six of thirty days, six of six, and three of three.
        assert_eq!([fee(2_500, 1_000, "2026-12-01"), fee(2_500, 1_000, "2026-12-25"), fee(2_500, 1_000, "2026-12-28")], [Some(50), Some(250), Some(250)]);
        // Nothing is left, or no day.
        assert_eq!([fee(2_500, 0, "2026-12-28"), fee(2_500, 1_000, "2026-12-31"), fee(2_500, 1_000, "2027-01-05")], [None; 3]);
        assert_eq!([fee(10_000, 333, "2026-12-28"), fee(5_000, 333, "2026-12-28"), fee(1, 100, "2026-12-28")], [Some(333), Some(167), None]);
        assert_eq!(
            CancellationTerms { notice_days: 1, share_bp: 10_000 }.fee_of_ending(Quantity { hundredths: 100 }, day("2026-12-31"), day("2026-12-01")),
            None
        );
    }

    #[test]
    fn options_are_taken_up_one_after_the_other_and_then_there_is_none() {
        let content = content();
        let once = content.extended(0, day("2027-12-31")).unwrap();
        let twice = content.extended(1, once).unwrap();
        assert_eq!((once, twice), (day("2028-12-31"), day("2029-02-28")));
        assert_eq!(content.extended(2, twice).unwrap_err().code, Code::NoOptionLeft);
    }

    #[test]
    fn a_contract_is_in_force_by_its_dates_and_never_when_it_has_ended() {
        let on = |state, text| is_in_force(state, day("2026-01-01"), day("2026-12-31"), day(text));
        assert!(on(ContractState::Signed, "2026-01-01") && on(ContractState::InForce, "2026-12-31") && on(ContractState::Suspended, "2026-06-01"));
        assert!(!on(ContractState::InForce, "2027-01-01") && !on(ContractState::Signed, "2025-12-31"));
        for state in ContractState::ALL.iter().filter(|state| state.moves().next().is_none()) {
            assert!(!on(*state, "2026-06-01"), "{state:?}");
        }
        assert!(!on(ContractState::Draft, "2026-06-01") && !on(ContractState::Offered, "2026-06-01"));
    }

    #[test]
    fn a_price_changes_at_once_by_no_more_than_the_index_rule_allows() {
        let rule = IndexRule { index: "Palkkasummaindeksi".to_owned(), base_period: "2026Q1".to_owned(), review_month: 1, most_change_bp: Some(300) };
        let line = ContractLineContent {
            service: ServiceId::new(),
            area: None,
            unit: QuantityUnit::Hour,
            most: None,
            ceiling: None,
            index_rule: Some(rule),
            pilot: false,
        };
        let change = |next| line.check_change(Money { amount_cents: 5_000 }, Money { amount_cents: next }).is_ok();
        assert!(change(5_150) && change(4_850) && !change(5_151) && !change(4_849));
    }

    #[test]
    fn a_contract_carries_what_runs_for_a_while_after_it_was_terminated() {
        let (from, to, last) = (day("2026-01-01"), day("2026-12-31"), Some(day("2026-06-30")));
        let carried = |state, on: &str| carries_on(state, from, to, last, day(on));
        assert!(carried(ContractState::Terminated, "2026-06-30") && !carried(ContractState::Terminated, "2026-07-01"));
        assert!(!carries_on(ContractState::Terminated, from, to, None, from), "the day on which it was terminated is not known");
        assert!(!carries_on(ContractState::Terminated, from, to, Some(day("2027-06-30")), day("2027-01-01")), "not beyond its days");
        assert!(carried(ContractState::Expired, "2026-12-31") && !carried(ContractState::Expired, "2027-01-01"));
        assert!(carried(ContractState::InForce, "2026-12-31") && !carried(ContractState::Draft, "2026-02-01"));
    }
}
