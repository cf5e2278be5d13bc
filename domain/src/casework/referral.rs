//! Referrals (ohjaukset, lähetteet): a person is steered to somebody, with consent, and the outcome comes back to the sender.
use crate::{
    catalogue::service::SupportNeed,
    machine::machine,
    person::{consent::DataItem, identity::Identity, relation::SHORTEST_REASON},
    place::Address,
    rejection::{Code, Rejections},
    scalar::{Date, EmailAddress, LanguageTag, MunicipalityCode, PhoneNumber},
    text,
    vocabulary::vocabulary,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

vocabulary! {
    /// Which way a referral goes (ohjauksen suunta).
    pub enum ReferralDirection ["referral-direction"] {
        /// Into the network's social rehabilitation (verkostoon).
        Inbound,
        /// To a service of a producer or partner (palveluun).
        Outbound,
        /// Between workers of one organisation (sisäinen).
        Internal,
        /// The matter moves to another authority (siirto).
        Transfer,
        /// Advice only: the client takes contact alone, and no data of the client goes along (neuvonta).
        AdviceOnly,
    }
}

vocabulary! {
    /// How soon help is needed (kiireellisyys).
    pub enum Urgency ["urgency"] {
        /// At once: the need is assessed at once (SHL 36 §).
        Urgent,
        /// Without undue delay.
        Normal,
    }
}

vocabulary! {
    /// Who steers (ohjaava taho). Source: seeds 001 and 004.
    pub enum ReferrerKind ["referrer-kind"] {
        /// Adult social work (aikuissosiaalityö).
        AdultSocialWork,
        /// Services for families with children (lapsiperhepalvelut).
        ChildFamilyServices,
        /// Substitute and after care (sijais- ja jälkihuolto).
        SubstituteAftercare,
        /// Special housing (erityisasumispalvelut).
        SpecialHousing,
        /// Employment services (työllisyyspalvelut).
        EmploymentServices,
        /// Psychiatry centre (psykiatrian keskus).
        PsychiatryCentre,
        /// Addiction psychiatry (päihdepsykiatria).
        AddictionPsychiatry,
        /// Substance service foundation (päihdepalvelusäätiö).
        SubstanceServiceFoundation,
        /// Health care (terveydenhuolto).
        HealthCare,
        /// Wellbeing services of the city (hyvinvointipalvelut).
        CityWellbeing,
        /// Outreach work (etsivä, jalkautuva työ).
        Outreach,
        /// Association (järjestö).
        Ngo,
        /// Parish (seurakunta).
        Parish,
        /// School (oppilaitos).
        Education,
        /// The person (itse).
        Oneself,
        /// Someone close (läheinen).
        Relative,
        /// Other (muu).
        Other,
    }
}

vocabulary! {
    /// Where a referral is on its way (ohjauksen tila).
    pub enum ReferralState ["referral-state"] {
        /// Being written (luonnos).
        Draft,
        /// On its way; not yet acknowledged (lähetetty).
        Sent,
        /// Acknowledged and being looked at (vastaanotettu).
        Received,
        /// The recipient has asked for more (lisätietoja pyydetty).
        InfoRequested,
        /// The recipient takes the client on (hyväksytty).
        Accepted,
        /// The recipient does not take the client on (hylätty).
        Declined,
        /// Passed on to another recipient, as a new referral (ohjattu edelleen).
        Redirected,
        /// Withdrawn by the client, or for the client (peruutettu).
        Withdrawn,
        /// Nobody acknowledged it in time (vanhentunut).
        Expired,
        /// Thrown away before it was sent (poistettu).
        Cancelled,
    }
}

machine! {
    /// A move of the referral machine.
    ReferralState as "Referral (ohjaus)", pub enum ReferralMove {
        /// Send it to the recipient.
        Send,
        /// Throw a draft away.
        Cancel,
        /// Acknowledge that it has come.
        Acknowledge,
        /// Ask the sender for more.
        RequestInfo,
        /// Answer what was asked.
        SupplyInfo,
        /// Take the client on.
        Accept,
        /// Do not take the client on, with a reason.
        Decline,
        /// Pass it on to another recipient.
        Redirect,
        /// Withdraw it: reading stops at once.
        Withdraw,
        /// Nobody acknowledged it in time.
        Expire,
        /// Tell the sender what became of it.
        ReportOutcome,
    }
    Draft -- Send -> Sent;
    Draft -- Cancel -> Cancelled;
    Sent -- Acknowledge -> Received;
    Received -- RequestInfo -> InfoRequested;
    InfoRequested -- SupplyInfo -> Received;
    Received -- Accept -> Accepted;
    Received -- Decline -> Declined;
    Received -- Redirect -> Redirected;
    Sent -- Withdraw -> Withdrawn;
    Received -- Withdraw -> Withdrawn;
    InfoRequested -- Withdraw -> Withdrawn;
    Sent -- Expire -> Expired;
    Accepted -- ReportOutcome -> Accepted;
}

impl ReferralState {
    /// It is with the recipient, who has not answered yet.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Sent | Self::Received | Self::InfoRequested)
    }
}

vocabulary! {
    /// Why a recipient does not take a client on (hylkäämisen syy).
    pub enum DeclineReason ["decline-reason"] {
        /// No room (ei tilaa).
        NoCapacity,
        /// Not the people that the service is for (ei kohderyhmää).
        NotTargetGroup,
        /// Another area (väärä alue).
        Area,
        /// Another service is needed (tarvitsee muuta palvelua).
        NeedsOtherService,
        /// The client does not want it (asiakas kieltäytyi).
        ClientDeclined,
        /// Too little was told (liian vähän tietoa).
        InsufficientInfo,
        /// There is no consent (ei suostumusta).
        NoConsent,
        /// Other (muu).
        Other,
    }
}

vocabulary! {
    /// What became of an accepted referral, as the sender is told (ohjauksen tulos).
    pub enum ReferralOutcome ["referral-outcome"] {
        /// The client came (saapui).
        Arrived,
        /// The client did not come (ei saapunut).
        DidNotArrive,
        /// The service was completed (suoritettu).
        Completed,
        /// The service ended before its time, with a reason (keskeytynyt).
        Discontinued,
    }
}

impl ReferralOutcome {
    /// What may be told after `before`: first whether the client came, then how it ended. What is told is not taken back.
    #[must_use]
    pub const fn may_follow(self, before: Option<Self>) -> bool {
        match (before, self) {
            // Somebody who did not come at first may come after all.
            (None, Self::Arrived | Self::DidNotArrive)
            | (Some(Self::Arrived), Self::Completed | Self::Discontinued)
            | (Some(Self::DidNotArrive), Self::Arrived) => true,
            (None, Self::Completed | Self::Discontinued) | (Some(_), _) => false,
        }
    }

    /// A reason goes with it.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Discontinued)
    }
}

/// How many days a recipient has to acknowledge a referral before it expires.
pub const ACKNOWLEDGE_DAYS: i64 = 14;
/// How soon an urgent referral is to be acknowledged, in days.
pub const URGENT_DAYS: i64 = 1;
/// How soon a referral is to be acknowledged where the service promises nothing else, in days.
pub const RESPONSE_DAYS: i64 = 7;

/// By when a referral that is sent now is to be acknowledged: within the service's own promise, at once when it is urgent.
#[must_use]
pub fn due(urgency: Urgency, promised_days: Option<i32>, now: DateTime<Utc>) -> DateTime<Utc> {
    let promised = promised_days.map_or(RESPONSE_DAYS, i64::from);
    now + TimeDelta::days(match urgency {
        Urgency::Urgent => promised.min(URGENT_DAYS),
        Urgency::Normal => promised,
    })
}

/// What is said of a referral.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ReferralContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferralContent {
    /// Which way it goes.
    pub direction: ReferralDirection,
    /// Who steers.
    pub referrer: ReferrerKind,
    /// Which support is needed (SHL 11 §): at least one.
    pub needs: BTreeSet<SupportNeed>,
    /// How soon.
    pub urgency: Urgency,
    /// What data of the client is to go along; each must be covered by the consent.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub disclose: BTreeSet<DataItem>,
    /// On which law an authority refers without consent; none where the client has consented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    /// On which law the recipient has a right to the data in spite of a prohibition (kielto) of the client, 20 to 300 characters; with `legalBasis` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub despite_prohibition: Option<String>,
}

impl ReferralContent {
    /// Somebody is only advised: nothing of the person goes along, so there is nothing to consent to and nothing to ask.
    #[must_use]
    pub const fn is_advice(&self) -> bool {
        matches!(self.direction, ReferralDirection::AdviceOnly)
    }

    /// Every fault.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        if self.needs.is_empty() {
            out.add(Code::Required, &["needs"]);
        }
        if let Some(basis) = &self.legal_basis {
            text::check(basis, &["legalBasis"], 300, &mut out);
        }
        if let Some(ground) = &self.despite_prohibition {
            text::check(ground, &["despiteProhibition"], 300, &mut out);
            if ground.trim().chars().count() < SHORTEST_REASON {
                out.add_with(Code::TooShort, &["despiteProhibition"], SHORTEST_REASON.to_string());
            }
            if self.legal_basis.is_none() {
                out.add(Code::Required, &["legalBasis"]);
            }
        }
        if self.is_advice() && !self.disclose.is_empty() {
            out.add(Code::NothingDisclosed, &["disclose"]);
        }
        // How far the case has come is told to the sender by the recipient, and not the other way round.
        if self.disclose.contains(&DataItem::Progress) {
            out.add(Code::DoesNotAgree, &["disclose"]);
        }
        out
    }
}

/// What the recipient of a referral is told of the person (saatetiedot): exactly this, and no more. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "IntroductionInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Introduction {
    /// First name, or an alias, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Full name, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Day of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Municipality of residence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub municipality: Option<MunicipalityCode>,
    /// Language spoken with the services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageTag>,
    /// An interpreter is needed; none when it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_interpreter: Option<bool>,
    /// Why the person is steered, in words, at most 2500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl std::fmt::Debug for Introduction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(crate::private::MASK)
    }
}

impl Introduction {
    /// What tells neither where the person lives nor how to reach it.
    #[must_use]
    pub fn without_whereabouts(self) -> Self {
        Self { phone: None, email: None, address: None, municipality: None, ..self }
    }

    /// What is told of a client whose identity is known: the items that are to go along, and the reason in words.
    #[must_use]
    pub fn of(identity: &Identity, items: &BTreeSet<DataItem>, reason: Option<String>) -> Self {
        let told = |item| items.contains(&item);
        Self {
            alias: told(DataItem::Alias).then(|| identity.service_alias().to_owned()),
            full_name: told(DataItem::FullName).then(|| format!("{} {}", identity.first_names, identity.last_name)),
            birth_date: told(DataItem::BirthDate).then_some(identity.birth_date),
            phone: identity.phone.clone().filter(|_| told(DataItem::Contact)),
            email: identity.email.clone().filter(|_| told(DataItem::Contact)),
            address: identity.address.clone().filter(|_| told(DataItem::Address)),
            municipality: identity.municipality.clone().filter(|_| told(DataItem::Address)),
            language: told(DataItem::Language).then(|| identity.language.clone()),
            needs_interpreter: told(DataItem::Language).then_some(identity.needs_interpreter),
            reason,
        }
    }

    /// The same, with nothing told but these items.
    #[must_use]
    pub fn only(self, items: &BTreeSet<DataItem>) -> Self {
        let told = |item| items.contains(&item);
        Self {
            alias: self.alias.filter(|_| told(DataItem::Alias)),
            full_name: self.full_name.filter(|_| told(DataItem::FullName)),
            birth_date: self.birth_date.filter(|_| told(DataItem::BirthDate)),
            phone: self.phone.filter(|_| told(DataItem::Contact)),
            email: self.email.filter(|_| told(DataItem::Contact)),
            address: self.address.filter(|_| told(DataItem::Address)),
            municipality: self.municipality.filter(|_| told(DataItem::Address)),
            language: self.language.filter(|_| told(DataItem::Language)),
            needs_interpreter: self.needs_interpreter.filter(|_| told(DataItem::Language)),
            reason: self.reason.filter(|_| told(DataItem::Reason)),
        }
    }

    /// Which items of data it tells.
    #[must_use]
    pub fn items(&self) -> BTreeSet<DataItem> {
        [
            (DataItem::Alias, self.alias.is_some()),
            (DataItem::FullName, self.full_name.is_some()),
            (DataItem::BirthDate, self.birth_date.is_some()),
            (DataItem::Contact, self.phone.is_some() || self.email.is_some()),
            (DataItem::Address, self.address.is_some() || self.municipality.is_some()),
            (DataItem::Language, self.language.is_some() || self.needs_interpreter.is_some()),
            (DataItem::Reason, self.reason.is_some()),
        ]
        .into_iter()
        .filter_map(|(item, told)| told.then_some(item))
        .collect()
    }

    /// Every fault. With `named`, the person must be called something.
    #[must_use]
    pub fn check(&self, named: bool) -> Rejections {
        let mut out = Rejections::default();
        if named && self.alias.is_none() && self.full_name.is_none() {
            out.add(Code::Required, &["alias"]);
        }
        for (field, text, most) in [("alias", &self.alias, 100), ("fullName", &self.full_name, 200), ("reason", &self.reason, 2_500)] {
            if let Some(text) = text {
                text::check(text, &[field], most, &mut out);
            }
        }
        if let Some(address) = &self.address {
            address.check("address", &mut out);
        }
        out
    }
}

/// Items that may not be told of a person under non-disclosure (turvakielto) to one who is no authority.
pub const PROTECTED_ITEMS: [DataItem; 4] = [DataItem::FullName, DataItem::Contact, DataItem::Address, DataItem::Entries];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn an_outcome_follows_the_one_before() {
        use ReferralOutcome::{Arrived, Completed, DidNotArrive, Discontinued};
        assert!(Arrived.may_follow(None) && DidNotArrive.may_follow(None));
        assert!(!Completed.may_follow(None) && !Arrived.may_follow(Some(Completed)) && !DidNotArrive.may_follow(Some(Arrived)));
        assert!(Completed.may_follow(Some(Arrived)) && Discontinued.may_follow(Some(Arrived)) && Arrived.may_follow(Some(DidNotArrive)));
    }

    #[test]
    fn a_referral_is_due_by_promise_and_urgency() {
        let now = "2026-11-27T10:00:00Z".parse().unwrap();
        let days = |urgency, promised| (due(urgency, promised, now) - now).num_days();
        assert_eq!((days(Urgency::Normal, None), days(Urgency::Normal, Some(3)), days(Urgency::Urgent, Some(3))), (7, 3, 1));
    }

    #[test]
    fn what_has_ended_is_not_moved() {
        for state in ReferralState::ALL {
            let open = matches!(state, ReferralState::Draft | ReferralState::Accepted) || state.is_open();
            assert_eq!(state.moves().count() > 0, open, "{state:?}");
        }
    }

    #[test]
    fn only_the_items_that_are_to_go_along_are_told() {
        let identity: Identity = serde_json::from_value(serde_json::json!({
            "firstNames": "Aino Esimerkki", "lastName": "Mallinen", "birthDate": "1990-01-01", "gender": "FEMALE", "language": "fi",
            "phone": "+358500000001", "municipality": "297",
        }))
        .unwrap();
        for items in
            [vec![], vec![DataItem::Alias], vec![DataItem::FullName, DataItem::Contact], vec![DataItem::Address, DataItem::Language, DataItem::BirthDate]]
        {
            let items: BTreeSet<_> = items.into_iter().collect();
            assert_eq!(Introduction::of(&identity, &items, None).items(), items);
        }
        assert_eq!(format!("{:?}", Introduction::of(&identity, &[DataItem::Alias].into(), None)), "•••");
    }
}
