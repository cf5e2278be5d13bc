//! Approval of providers (palveluntuottajaksi hyväksyminen) for vouchers and permits. Source: act 569/2009 on service vouchers, 4–5 §.
use super::{
    contract::ContractSide,
    price::{DatedPrice, Prices, QuantityUnit},
    rulebook::{RulebookContent, RulebookService},
};
use crate::{
    id::{AreaId, RulebookId, ServiceId, ServiceUnitId},
    machine::machine,
    outreach::unnamed_text::{self, PersonalDataKind},
    place::Address,
    rejection::{Code, Rejection, Rejections},
    scalar::{Date, EmailAddress, LanguageTag, PhoneNumber, Url},
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where an approval is (hyväksymisen tila).
    pub enum ApprovalState ["approval-state"] {
        /// Being written by the provider; nobody else sees it (luonnos).
        Draft,
        /// Put before those who approve (hakemus lähetetty).
        Submitted,
        /// Looked at (käsittelyssä).
        UnderReview,
        /// More is asked for (täydennystä pyydetty).
        SupplementRequested,
        /// Approved (hyväksytty).
        Approved,
        /// Approved, and another price waits to be looked at (hinnanmuutos käsittelyssä).
        PricePending,
        /// Nobody chooses the provider for a while (keskeytetty).
        Suspended,
        /// Not approved, with a reason (hylätty).
        Rejected,
        /// Over, by the provider's wish or because the conditions are not met (peruttu).
        Withdrawn,
    }
}

machine! {
    /// A move of the approval machine.
    ApprovalState as "Provider approval (palveluntuottajaksi hyväksyminen)", pub enum ApprovalMove {
        /// Sign the application, and put it before those who approve.
        Submit,
        /// Begin to look at it.
        Review,
        /// Ask for more.
        RequestSupplement,
        /// Approve.
        Approve,
        /// Do not approve, with a reason.
        Reject,
        /// Ask for another price.
        SubmitPrice,
        /// Take the other price back as the provider, before it is looked at.
        RecallPrice,
        /// Approve the other price.
        ApprovePrice,
        /// Do not approve the other price, with a reason: the ones before hold on.
        DeclinePrice,
        /// Let nobody choose the provider for a while, with a reason.
        Suspend,
        /// Let the provider be chosen again.
        Reinstate,
        /// End it, with a reason: the conditions are not met.
        Withdraw,
        /// Give it up as the provider.
        GiveUp,
    }
    Draft -- Submit -> Submitted;
    Draft -- GiveUp -> Withdrawn;
    Submitted -- Review -> UnderReview;
    Submitted -- GiveUp -> Withdrawn;
    UnderReview -- RequestSupplement -> SupplementRequested;
    UnderReview -- Approve -> Approved;
    UnderReview -- Reject -> Rejected;
    UnderReview -- GiveUp -> Withdrawn;
    SupplementRequested -- Submit -> Submitted;
    SupplementRequested -- GiveUp -> Withdrawn;
    Approved -- SubmitPrice -> PricePending;
    Approved -- Suspend -> Suspended;
    Approved -- Withdraw -> Withdrawn;
    Approved -- GiveUp -> Withdrawn;
    PricePending -- RecallPrice -> Approved;
    PricePending -- ApprovePrice -> Approved;
    PricePending -- DeclinePrice -> Approved;
    PricePending -- Suspend -> Suspended;
    PricePending -- Withdraw -> Withdrawn;
    PricePending -- GiveUp -> Withdrawn;
    Suspended -- Reinstate -> Approved;
    Suspended -- Withdraw -> Withdrawn;
    Suspended -- GiveUp -> Withdrawn;
}

impl ApprovalState {
    /// Clients choose the provider.
    pub const IN_FORCE: [Self; 2] = [Self::Approved, Self::PricePending];
    /// It was approved and is not over: in force, or suspended.
    pub const APPROVED_ONCE: [Self; 3] = [Self::Approved, Self::PricePending, Self::Suspended];

    /// The application is still written on by the provider.
    #[must_use]
    pub const fn is_written_on(self) -> bool {
        matches!(self, Self::Draft | Self::SupplementRequested)
    }

    /// Clients choose the provider.
    #[must_use]
    pub fn is_in_force(self) -> bool {
        Self::IN_FORCE.contains(&self)
    }

    /// It has come to its end.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn)
    }
}

impl ApprovalMove {
    /// Whose move it is. Those who approve are the side that orders.
    #[must_use]
    pub const fn side(self) -> ContractSide {
        match self {
            Self::Submit | Self::SubmitPrice | Self::RecallPrice | Self::GiveUp => ContractSide::Provider,
            Self::Review
            | Self::RequestSupplement
            | Self::Approve
            | Self::Reject
            | Self::ApprovePrice
            | Self::DeclinePrice
            | Self::Suspend
            | Self::Reinstate
            | Self::Withdraw => ContractSide::Orderer,
        }
    }

    /// It makes what the provider has submitted hold: that takes somebody else than whoever submitted it.
    #[must_use]
    pub const fn needs_four_eyes(self) -> bool {
        matches!(self, Self::Approve | Self::ApprovePrice)
    }

    /// A reason in words goes with it; the provider reads it.
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::RequestSupplement | Self::Reject | Self::DeclinePrice | Self::Suspend | Self::Withdraw)
    }
}

/// A service that a provider would give, and at which price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "OfferedServiceInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfferedService {
    /// The service; the rulebook names it, and in what it is counted.
    pub service: ServiceId,
    /// The price of a unit, from its day on.
    pub price: DatedPrice,
}

/// Where a provider gives the services (toimipaikka).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ProviderSiteInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProviderSite {
    /// What it is called, at most 150 characters a language.
    pub name: LocalizedText,
    /// The area where it lies.
    pub area: AreaId,
    /// The service unit of the provider that works there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<ServiceUnitId>,
    /// Its street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The languages in which the services are given there, 1 to 40.
    pub languages: Vec<LanguageTag>,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// Its e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// What it is like, at most 2500 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedText>,
}

impl ProviderSite {
    fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        if let Some(address) = &self.address {
            address.check("address", &mut out);
        }
        if self.languages.is_empty() {
            out.add(Code::Required, &["languages"]);
        }
        crate::catalogue::check_distinct(&self.languages, "languages", &mut out);
        if let Some(description) = &self.description {
            description.check("description", 2_500, &mut out);
        }
        // Everybody reads it: telephone and e-mail are the site's own, an identity code is somebody's.
        for (field, said) in [("name", Some(&self.name)), ("description", self.description.as_ref())] {
            let texts = said.into_iter().flat_map(|said| [("fi", Some(&said.fi)), ("sv", said.sv.as_ref()), ("en", said.en.as_ref())]);
            for (language, text) in texts.filter_map(|(language, text)| Some((language, text?))) {
                for found in unnamed_text::find(text).into_iter().filter(|found| found.kind == PersonalDataKind::NationalId) {
                    out.push(Rejection::found(&[field, language], found));
                }
            }
        }
        out
    }

    /// The same with its texts as they are kept.
    #[must_use]
    fn tidy(self) -> Self {
        Self { name: self.name.tidy(), description: self.description.map(LocalizedText::tidy), ..self }
    }
}

/// What a provider says in its application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ProviderApprovalContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProviderApprovalContent {
    /// The services that it would give, at most 40; at least one before it is submitted.
    #[serde(default)]
    pub services: Vec<OfferedService>,
    /// Where it would give them, at most 40; at least one before it is submitted.
    #[serde(default)]
    pub sites: Vec<ProviderSite>,
    /// How the conditions are fulfilled, at most 5000 characters: for those who approve alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

impl ProviderApprovalContent {
    /// The same with its texts as they are kept.
    #[must_use]
    pub fn tidy(self) -> Self {
        let services = self.services.into_iter().map(|offered| OfferedService { price: offered.price.tidy(), ..offered }).collect();
        let sites = self.sites.into_iter().map(ProviderSite::tidy).collect();
        Self { services, sites, statement: self.statement.as_deref().map(text::tidy) }
    }

    /// Every fault of the content.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        let named: Vec<_> = self.services.iter().map(|service| service.service).collect();
        crate::catalogue::check_distinct(&named, "services", &mut out);
        let mut put = |at: [&str; 2], more: Option<&str>, faults: &Rejections| {
            for fault in faults {
                let path = at.into_iter().chain(more).map(str::to_owned).chain(fault.path.iter().cloned()).collect();
                out.push(Rejection { path, ..fault.clone() });
            }
        };
        for (i, service) in self.services.iter().enumerate() {
            put(["services", &i.to_string()], Some("price"), &service.price.check());
        }
        for (i, site) in self.sites.iter().enumerate() {
            put(["sites", &i.to_string()], None, &site.check());
        }
        if self.sites.len() > 40 {
            out.add_with(Code::TooLong, &["sites"], 40);
        }
        text::check_some(self.statement.as_deref(), &["statement"], 5_000, &mut out);
        out
    }

    /// What is missing, or against the rulebook, before it is looked at.
    #[must_use]
    pub fn missing(&self, rulebook: &RulebookContent) -> Rejections {
        let mut out = Rejections::default();
        for (field, none) in [("services", self.services.is_empty()), ("sites", self.sites.is_empty())] {
            if none {
                out.add(Code::Required, &[field]);
            }
        }
        for (i, offered) in self.services.iter().enumerate() {
            let i = i.to_string();
            match rulebook.service(offered.service) {
                None => out.add(Code::DoesNotAgree, &["services", &i, "service"]),
                Some(rule) => {
                    let first = offered.price.valid_from;
                    if let Some(last) = rulebook.valid_to.filter(|last| *last < first) {
                        out.add_with(Code::TooLate, &["services", &i, "price", "validFrom"], last.0.to_string());
                    }
                    if let Err(dear) = rule.check_price(offered.price.gross_cents(), first.0, &["services", &i, "price"]) {
                        out.push(dear);
                    }
                }
            }
        }
        out
    }

    /// No price begins before a day: what is past is not priced anew.
    #[must_use]
    pub fn check_days(&self, today: NaiveDate) -> Rejections {
        let mut out = Rejections::default();
        for (i, _) in self.services.iter().enumerate().filter(|(_, offered)| offered.price.valid_from.0 < today) {
            out.add_with(Code::TooEarly, &["services", &i.to_string(), "price", "validFrom"], today.to_string());
        }
        out
    }

    /// What everybody is told once it is approved, from today on; none where the rulebook does not know a service.
    #[must_use]
    pub fn listing(&self, (series, edition): (RulebookId, i32), rulebook: &RulebookContent, today: NaiveDate) -> Option<Listing> {
        let listed = |offered: &OfferedService| {
            let rule = rulebook.service(offered.service)?.clone();
            Some(ListedService { rule, prices: Prices::of(offered.price.clone().from_no_earlier(today).bare()) })
        };
        Some(Listing {
            rulebook: rulebook.name.clone(),
            series,
            edition,
            url: rulebook.url.clone(),
            valid_from: rulebook.valid_from,
            valid_to: rulebook.valid_to,
            services: self.services.iter().map(listed).collect::<Option<_>>()?,
            sites: self.sites.clone(),
        })
    }
}

/// Another price that a provider asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PendingPrice {
    /// The service.
    pub service: ServiceId,
    /// The price, from its day on.
    pub price: DatedPrice,
}

impl PendingPrice {
    /// The same, from a day on at the earliest: what waited to be looked at never holds before it was approved.
    #[must_use]
    pub fn from_no_earlier(self, day: NaiveDate) -> Self {
        Self { price: self.price.from_no_earlier(day), ..self }
    }
}

/// A service of an approved provider, with the prices that were approved (hinnasto).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListedService {
    /// What the rulebook says of it: unit, value, whether it is free by law.
    pub rule: RulebookService,
    /// The prices that were approved.
    pub prices: Prices,
}

impl ListedService {
    /// In what it is counted.
    #[must_use]
    pub const fn unit(&self) -> QuantityUnit {
        self.rule.unit
    }

    /// The price of a day, and what of it is left for the client to pay, in cents; none where there is none that day.
    #[must_use]
    pub fn on(&self, day: NaiveDate) -> Option<(&DatedPrice, i64)> {
        let price = self.prices.on(day)?;
        Some((price, self.rule.own_share(price.gross_cents(), day)?))
    }
}

/// What everybody is told of an approved provider: by which rulebook, which services at which prices, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Listing {
    /// What the rulebook is called.
    pub rulebook: LocalizedText,
    /// The first version of it.
    pub series: RulebookId,
    /// Which version of it.
    pub edition: i32,
    /// Where its text is read.
    pub url: Option<Url>,
    /// The first day on which the rulebook holds.
    pub valid_from: Date,
    /// The last day on which the rulebook holds.
    pub valid_to: Option<Date>,
    /// The services.
    pub services: Vec<ListedService>,
    /// Where they are given.
    pub sites: Vec<ProviderSite>,
}

impl Listing {
    /// The rulebook holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from.0 <= day && self.valid_to.is_none_or(|last| day <= last.0)
    }

    /// The days of the rulebook are over.
    #[must_use]
    pub fn is_over(&self, day: NaiveDate) -> bool {
        self.valid_to.is_some_and(|last| last.0 < day)
    }

    /// What it says of a service.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> Option<&ListedService> {
        self.services.iter().find(|listed| listed.rule.service == id)
    }

    /// The same with another price of a service from its day on; what has held is never changed.
    ///
    /// # Errors
    /// [`Code::DoesNotAgree`] for a service that is not listed, [`Code::TooEarly`] for a day that is past, [`Code::OutOfRange`] for a price above the value
    /// of a service that is free by law.
    pub fn priced(&self, change: &PendingPrice, today: NaiveDate) -> Result<Self, Rejection> {
        let mut next = self.clone();
        let found = next.services.iter_mut().find(|listed| listed.rule.service == change.service);
        let listed = found.ok_or_else(|| Rejection::new(Code::DoesNotAgree, &["service"]))?;
        listed.prices = listed.prices.with(change.price.clone().bare(), today)?;
        listed.rule.check_price(change.price.gross_cents(), change.price.valid_from.0, &["price"])?;
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{funding::rulebook::VoucherValue, machine::Machine, money::Money};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn price(from: &str, cents: i32, vat_rate_bp: i32) -> DatedPrice {
        DatedPrice { valid_from: Date(day(from)), price: Money { amount_cents: cents }, vat_rate_bp, reason: None }
    }

    fn listing(free_of_charge: bool) -> (Listing, ServiceId) {
        let service = ServiceId::new();
        let values = vec![VoucherValue { valid_from: Date(day("2026-01-01")), value: Money { amount_cents: 4_500 } }];
        let rule = RulebookService { service, unit: QuantityUnit::Session, values, free_of_charge };
        let name = LocalizedText { fi: "Sääntökirja".to_owned(), sv: None, en: None };
        let rulebook =
            RulebookContent { name, services: vec![rule], valid_from: Date(day("2026-01-01")), valid_to: None, text: None, url: None, conditions: Vec::new() };
        let offered = OfferedService { service, price: price("2026-01-01", 4_000, 2_550) };
        (
            ProviderApprovalContent { services: vec![offered], sites: Vec::new(), statement: None }
                .listing((RulebookId::new(), 1), &rulebook, day("2026-01-01"))
                .unwrap(),
            service,
        )
    }

    #[test]
    fn the_own_share_is_what_the_value_leaves_of_the_price_with_its_tax() {
        let (listing, _) = listing(false);
        assert_eq!(listing.services[0].on(day("2026-05-01")).map(|(price, own)| (price.price.amount_cents, own)), Some((4_000, 520)));
        assert_eq!(listing.services[0].on(day("2025-05-01")), None);
    }

    #[test]
    fn another_price_is_neither_of_the_past_nor_above_the_value_of_what_is_free() {
        let today = day("2026-11-28");
        let code = |free, from: &str, cents| {
            let (listing, service) = listing(free);
            listing.priced(&PendingPrice { service, price: price(from, cents, 0) }, today).err().map(|r| r.code)
        };
        assert_eq!((code(false, "2026-11-27", 1), code(false, "2026-11-28", 9_000)), (Some(Code::TooEarly), None));
        assert_eq!((code(true, "2026-11-28", 4_500), code(true, "2026-11-28", 4_501)), (None, Some(Code::OutOfRange)));
        let (listing, _) = listing(false);
        let other = PendingPrice { service: ServiceId::new(), price: price("2026-12-01", 1, 0) };
        assert_eq!(listing.priced(&other, today).unwrap_err().code, Code::DoesNotAgree);
    }

    #[test]
    fn who_is_approved_can_always_be_suspended_and_leave() {
        for state in ApprovalState::ALL {
            let moves: Vec<_> = state.moves().collect();
            assert_eq!(state.is_in_force(), moves.contains(&ApprovalMove::Suspend), "{state:?}");
            assert_eq!(!state.is_over(), moves.contains(&ApprovalMove::GiveUp), "{state:?}");
        }
    }
}
