//! Service decisions (palvelupäätökset): what of a service is granted to a client or denied, on which law, and how the client seeks rectification of it.
//! Source: Social Welfare Act 1301/2014, 45 and 46 §; Administrative Procedure Act 434/2003, chapters 7 to 9.
use crate::{
    actor::Role,
    dated,
    deadline::{self, DeadlineEvent},
    funding::{
        contract::DEAREST_CONTRACT,
        price::{Quantity, QuantityUnit},
    },
    id::ServiceId,
    machine::machine,
    money::Money,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text,
    vocabulary::vocabulary,
};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

vocabulary! {
    /// Where a service decision is (palvelupäätöksen tila).
    pub enum DecisionState ["decision-state"] {
        /// Being prepared (valmisteltavana).
        Draft,
        /// Made, and the client is not told yet (tehty).
        Made,
        /// Told to the client; the time for rectification runs (annettu tiedoksi).
        Served,
        /// What it grants holds (voimassa).
        InForce,
        /// What it granted is over, as it said or with the case (päättynyt).
        Expired,
        /// Another decision stands in its place (muutettu).
        Amended,
        /// Taken back, with a reason (peruutettu).
        Revoked,
        /// The client has asked for rectification (oikaisuvaatimus vireillä).
        UnderRectification,
        /// The rectification amends it; it stands until the client is told of the decision that says how (muutettavana).
        ToBeAmended,
        /// It stands after the rectification (pysytetty).
        Upheld,
        /// Denied, and the time for rectification is over (lainvoimainen kielto).
        Closed,
        /// Thrown away before it was made (poistettu).
        Discarded,
    }
}

machine! {
    /// A move of the service decision machine.
    DecisionState as "Service decision (palvelupäätös)", pub enum DecisionMove {
        /// Make it, by one's power to decide.
        Make,
        /// Tell the client (tiedoksianto).
        Serve,
        /// The first day of what it grants has come.
        Begin,
        /// The last day of what it grants is over, or the case is closed in which it was granted.
        Expire,
        /// It denies, and the time for rectification is over.
        Close,
        /// The client asks for rectification (oikaisuvaatimus).
        RequestRectification,
        /// It stands after the rectification.
        Uphold,
        /// The rectification amends it: another decision is to say how.
        Amend,
        /// Another stands in its place.
        GiveWay,
        /// What stood in its place was taken back: it stands again.
        BringBack,
        /// What stood in its place was taken back, and its rectification asks for another one.
        AwaitAnother,
        /// Take it back, with a reason.
        Revoke,
        /// Throw a draft away.
        Discard,
    }
    Draft -- Make -> Made;
    Draft -- Discard -> Discarded;
    Made -- Serve -> Served;
    Made -- Revoke -> Revoked;
    Served -- Begin -> InForce;
    Served -- Expire -> Expired;
    Served -- Close -> Closed;
    Served -- RequestRectification -> UnderRectification;
    Served -- GiveWay -> Amended;
    Served -- Revoke -> Revoked;
    InForce -- Expire -> Expired;
    InForce -- RequestRectification -> UnderRectification;
    InForce -- GiveWay -> Amended;
    InForce -- Revoke -> Revoked;
    Expired -- RequestRectification -> UnderRectification;
    Closed -- RequestRectification -> UnderRectification;
    UnderRectification -- Uphold -> Upheld;
    UnderRectification -- Amend -> ToBeAmended;
    UnderRectification -- Revoke -> Revoked;
    ToBeAmended -- GiveWay -> Amended;
    Upheld -- Expire -> Expired;
    Upheld -- GiveWay -> Amended;
    Upheld -- Revoke -> Revoked;
    Amended -- BringBack -> Served;
    Amended -- AwaitAnother -> ToBeAmended;
}

impl DecisionMove {
    /// Somebody makes it; the others come by time, or of what becomes of another decision or the case.
    #[must_use]
    pub const fn is_somebodys(self) -> bool {
        !matches!(self, Self::Begin | Self::Expire | Self::Close | Self::GiveWay | Self::BringBack | Self::AwaitAnother)
    }
}

impl DecisionState {
    /// The client has not been told: a case is not closed before that.
    #[must_use]
    pub const fn is_unserved(self) -> bool {
        matches!(self, Self::Draft | Self::Made)
    }

    /// It has been told to the client, and nothing stands in its place: what it says holds by its days. Asking for rectification takes nothing from the
    /// client meanwhile.
    #[must_use]
    pub const fn stands(self) -> bool {
        matches!(self, Self::Served | Self::InForce | Self::UnderRectification | Self::ToBeAmended | Self::Upheld)
    }

    /// The client waits for what comes of the rectification: a case is not closed before that.
    #[must_use]
    pub const fn awaits_rectification(self) -> bool {
        matches!(self, Self::UnderRectification | Self::ToBeAmended)
    }
}

vocabulary! {
    /// What a service decision comes to (päätöksen lopputulos).
    pub enum DecisionOutcome ["decision-outcome"] {
        /// Granted (myönteinen).
        Granted,
        /// Granted in part (osittain myönteinen).
        Partly,
        /// Denied (kielteinen).
        Denied,
    }
}

impl DecisionOutcome {
    /// Something is granted.
    #[must_use]
    pub const fn grants(self) -> bool {
        matches!(self, Self::Granted | Self::Partly)
    }
}

vocabulary! {
    /// On which law a service is granted or denied (päätöksen lakiperuste). Sections are those of the Social Welfare Act 1301/2014.
    pub enum DecisionBasis ["decision-basis"] {
        /// Social work, 15 § (sosiaalityö).
        SocialWork,
        /// Social guidance, 16 § (sosiaaliohjaus).
        SocialGuidance,
        /// Social rehabilitation, 17 § (sosiaalinen kuntoutus).
        SocialRehabilitation,
        /// Family work, 18 § (perhetyö).
        FamilyWork,
        /// Services that support mobility, 23 § (liikkumista tukevat palvelut).
        MobilitySupport,
        /// Work with substance use and addiction, 24 § (päihde- ja riippuvuustyö).
        SubstanceWork,
        /// Mental health work, 25 § (mielenterveystyö).
        MentalHealthWork,
        /// Rehabilitative work, act 189/2001 (kuntouttava työtoiminta).
        RehabilitativeWork,
        /// Another law, which is named in words (muu laki).
        Other,
    }
}

vocabulary! {
    /// How a decision is told to the client (tiedoksiantotapa). Source: Administrative Procedure Act 434/2003, 54 to 60 §.
    pub enum NoticeMethod ["notice-method"] {
        /// Handed over (luovutettu henkilökohtaisesti).
        HandedOver,
        /// Verified: by a receipt of the post or a notice server (todisteellinen tiedoksianto).
        Verified,
        /// An ordinary letter (kirje).
        Letter,
        /// An electronic message with the client's agreement (sähköinen viesti).
        Electronic,
    }
}

/// After how many days a client is held to have received what was sent (tiedoksisaantiolettama): dated data beside this crate. What is served verifiably
/// has none: the day is the one on the receipt.
#[derive(Clone, Debug, Deserialize)]
pub struct NoticePresumption {
    /// How it was sent.
    pub method: NoticeMethod,
    /// How many days after that.
    pub days: u64,
    /// The law behind it.
    pub law: String,
    /// It was read in its source; one that was not is to be checked before it is relied on.
    pub confirmed: bool,
    /// The first day on which what is sent falls under it.
    pub valid_from: NaiveDate,
    /// The last such day; none while it holds.
    pub valid_to: Option<NaiveDate>,
}

/// Every presumption, in the order of the table.
pub fn presumptions() -> &'static [NoticePresumption] {
    static ROWS: LazyLock<Vec<NoticePresumption>> = LazyLock::new(|| dated::rows("presumptions", include_str!("../../data/notice-presumptions.csv")));
    &ROWS
}

impl NoticeMethod {
    /// The day of receipt is on the receipt, and nothing is presumed (434/2003, 60 §).
    #[must_use]
    pub const fn has_receipt(self) -> bool {
        matches!(self, Self::Verified)
    }

    /// The day on which a client is held to have received what was sent on a day; none where no rule tells.
    #[must_use]
    pub fn received_on(self, sent_on: NaiveDate) -> Option<NaiveDate> {
        let holds = |row: &&NoticePresumption| row.method == self && dated::holds(row.valid_from, row.valid_to, sent_on);
        presumptions().iter().find(holds).and_then(|row| sent_on.checked_add_days(Days::new(row.days)))
    }
}

/// The last day on which rectification is sought of a decision that was received on a day (oikaisuvaatimusaika); none where no rule knows one.
#[must_use]
pub fn rectification_until(received_on: NaiveDate) -> Option<NaiveDate> {
    deadline::started_by(DeadlineEvent::DecisionServed, received_on).map(|rule| rule.due_on(received_on))
}

/// The power of a role to decide (ratkaisuvalta), for as long as it holds: data beside this crate.
#[derive(Clone, Debug, Deserialize)]
pub struct DecisionPower {
    /// Whose.
    pub role: Role,
    /// Up to which value of what is granted, in cents; none without a limit.
    pub cents: Option<i32>,
    /// What it rests on.
    pub source: String,
    /// It was read in its source; one that was not is to be checked before it is relied on.
    pub confirmed: bool,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; none while it holds.
    pub valid_to: Option<NaiveDate>,
}

impl DecisionPower {
    /// It reaches as far as this value in cents.
    #[must_use]
    pub fn covers(&self, value: i64) -> bool {
        self.cents.is_none_or(|cents| value <= cents.into())
    }
}

/// Every power, in the order of the table.
pub fn powers() -> &'static [DecisionPower] {
    static POWERS: LazyLock<Vec<DecisionPower>> = LazyLock::new(|| dated::rows("powers to decide", include_str!("../../data/decision-powers.csv")));
    &POWERS
}

/// The greatest power to decide among some roles on a day; none where none of them decides.
pub fn power(roles: impl IntoIterator<Item = Role>, on: NaiveDate) -> Option<&'static DecisionPower> {
    let of = |role| powers().iter().filter(move |row| row.role == role && dated::holds(row.valid_from, row.valid_to, on));
    roles.into_iter().flat_map(of).max_by_key(|row| row.cents.unwrap_or(i32::MAX))
}

/// What is granted (myönnetty palvelu).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "GrantedServiceInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantedService {
    /// The first day.
    pub valid_from: Date,
    /// The last day.
    pub valid_to: Date,
    /// How much at most.
    pub quantity: Quantity,
    /// In what that is counted.
    pub unit: QuantityUnit,
    /// What it costs at most, and more than nothing: by this the power to decide is told. Without value added tax where the service is bought; with it where it
    /// is given by voucher, as vouchers are worth what they cover of the price with its tax.
    pub value: Money,
}

/// What a service decision says. Kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ServiceDecisionContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceDecisionContent {
    /// The service; it is public.
    pub service: ServiceId,
    /// What it comes to.
    pub outcome: DecisionOutcome,
    /// On which law.
    pub basis: DecisionBasis,
    /// What else of law and guidelines it rests on, at most 2000 characters; must be there for `OTHER` before it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis_details: Option<String>,
    /// Why (perustelut), at most 10 000 characters. Must be there before it is made (434/2003, 45 §).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// What is granted; must be there before a granting decision is made, and is left out of one that denies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted: Option<GrantedService>,
}

crate::private::masked!(GrantedService, ServiceDecisionContent);

impl ServiceDecisionContent {
    /// Every fault of what is saved on the way.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        text::check_some(self.basis_details.as_deref(), &["basisDetails"], 2_000, &mut out);
        text::check_some(self.reasoning.as_deref(), &["reasoning"], 10_000, &mut out);
        if let Some(granted) = &self.granted {
            let mut faults = Rejections::default();
            granted.quantity.check("quantity", &mut faults);
            granted.value.check("value", DEAREST_CONTRACT, &mut faults);
            if granted.value.amount_cents == 0 {
                faults.add_with(Code::OutOfRange, &["value", "amountCents"], format!("1–{}", DEAREST_CONTRACT.amount_cents));
            }
            if granted.valid_to < granted.valid_from {
                faults.add(Code::DateOrder, &["validTo"]);
            }
            for fault in &faults {
                let path = std::iter::once("granted".to_owned()).chain(fault.path.iter().cloned()).collect();
                out.push(Rejection { path, ..fault.clone() });
            }
            if !self.outcome.grants() {
                out.add(Code::DoesNotAgree, &["granted"]);
            }
        }
        out
    }

    /// Every mandatory part that is not there yet.
    #[must_use]
    pub fn missing(&self) -> Rejections {
        let mut out = Rejections::default();
        if self.reasoning.is_none() {
            out.add(Code::Required, &["reasoning"]);
        }
        if self.basis == DecisionBasis::Other && self.basis_details.is_none() {
            out.add(Code::Required, &["basisDetails"]);
        }
        if self.outcome.grants() && self.granted.is_none() {
            out.add(Code::Required, &["granted"]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn content() -> ServiceDecisionContent {
        ServiceDecisionContent {
            service: ServiceId::new(),
            outcome: DecisionOutcome::Granted,
            basis: DecisionBasis::SocialRehabilitation,
            basis_details: None,
            reasoning: Some("Tarvitsee tukea.".to_owned()),
            granted: Some(GrantedService {
                valid_from: Date(day("2026-12-01")),
                valid_to: Date(day("2027-05-31")),
                quantity: Quantity { hundredths: 2_000 },
                unit: QuantityUnit::Session,
                value: Money { amount_cents: 100_000 },
            }),
        }
    }

    fn told(faults: &Rejections) -> Vec<String> {
        faults.iter().map(|fault| format!("{:?} {}", fault.code, fault.path.join("."))).collect()
    }

    #[test]
    fn a_decision_says_all_that_it_must_and_no_more() {
        assert!(told(&content().check()).is_empty() && told(&content().missing()).is_empty());
        let bare = ServiceDecisionContent { basis: DecisionBasis::Other, reasoning: None, granted: None, ..content() };
        assert_eq!(told(&bare.missing()), ["Required reasoning", "Required basisDetails", "Required granted"]);
        let denied = ServiceDecisionContent { outcome: DecisionOutcome::Denied, ..content() };
        assert_eq!(told(&denied.check()), ["DoesNotAgree granted"]);
        assert!(told(&ServiceDecisionContent { granted: None, ..denied }.missing()).is_empty());
        let mut wrong = content();
        if let Some(granted) = &mut wrong.granted {
            (granted.quantity, granted.value) = (Quantity { hundredths: -1 }, Money { amount_cents: i32::MAX });
            granted.valid_to = Date(day("2026-11-30"));
        }
        let faults = ["OutOfRange granted.quantity.hundredths", "OutOfRange granted.value.amountCents", "DateOrder granted.validTo"];
        assert_eq!(told(&wrong.check()), faults);
        let mut free = content();
        if let Some(granted) = &mut free.granted {
            granted.value = Money { amount_cents: 0 };
        }
        assert_eq!(told(&free.check()), ["OutOfRange granted.value.amountCents"]);
        assert_eq!(format!("{:?}", content()), "•••");
    }

    #[test]
    fn the_time_for_rectification_runs_from_the_day_on_which_the_client_has_it() {
        let sent = day("2026-11-27");
        let received: Vec<_> = NoticeMethod::ALL.iter().map(|method| method.received_on(sent)).collect();
        assert_eq!(received, [Some(sent), None, Some(day("2026-12-04")), Some(day("2026-11-30"))]);
        // Where nothing is presumed there is a receipt, and where no rule held nothing is made up.
        assert!(NoticeMethod::ALL.iter().all(|method| method.has_receipt() == method.received_on(sent).is_none()));
        assert_eq!((NoticeMethod::Letter.received_on(day("2003-12-31")), rectification_until(day("1900-01-01"))), (None, None));
        // The thirtieth day is a Sunday.
        assert_eq!(rectification_until(sent), Some(day("2026-12-28")));
        assert_eq!(rectification_until(day("2026-11-30")), Some(day("2026-12-30")));
        assert!(presumptions().iter().all(|row| row.law.contains('§') && (row.confirmed || row.days < 30)));
    }

    #[test]
    fn who_decides_has_a_limit_and_the_lead_has_none() {
        let on = day("2026-11-28");
        let worker = power([Role::SocialWorker, Role::SocialCounsellor], on).unwrap();
        assert_eq!((worker.role, worker.cents), (Role::SocialWorker, Some(1_500_000)));
        assert!(worker.covers(1_500_000) && !worker.covers(1_500_001) && worker.covers(0));
        assert!(power([Role::SocialWorker, Role::Lead], on).unwrap().covers(i64::MAX));
        assert!(power([Role::ServiceGuide, Role::ProviderManager, Role::DecisionMaker], on).is_none());
        assert!(power([Role::Lead], day("2022-12-31")).is_none(), "there were no wellbeing services counties yet");
        assert!(powers().iter().all(|row| !row.source.is_empty() && !row.confirmed));
    }

    #[test]
    fn what_has_been_taken_back_or_thrown_away_does_not_move() {
        for state in DecisionState::ALL {
            let over = matches!(state, DecisionState::Revoked | DecisionState::Discarded);
            assert_eq!(state.moves().count() == 0, over, "{state:?}");
            assert!(!(state.is_unserved() && state.stands()));
            assert!(state.stands() || !state.awaits_rectification());
        }
        // Nobody but the body for individual cases ends a rectification, and what was replaced is nobody's to move.
        let moves: Vec<_> = DecisionState::UnderRectification.moves().collect();
        assert_eq!(moves, [DecisionMove::Uphold, DecisionMove::Amend, DecisionMove::Revoke]);
        for state in [DecisionState::Amended, DecisionState::ToBeAmended] {
            assert!(!state.moves().any(DecisionMove::is_somebodys), "{state:?}");
        }
    }
}
