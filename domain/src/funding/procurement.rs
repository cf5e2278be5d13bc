//! Procurement (hankinta): from the plan over the market dialogue and the tendering to the award. Source: act 1397/2016 on public procurement.
use super::{contract::DEAREST_CONTRACT, threshold};
use crate::{
    id::{AreaId, OrganizationId, ServiceId},
    machine::machine,
    money::Money,
    rejection::{Code, Rejection, Rejections},
    scalar::Date,
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where a procurement is (hankinnan tila).
    pub enum ProcurementState ["procurement-state"] {
        /// Being planned (suunnitteilla).
        Planned,
        /// Talked of with those who could provide it (markkinavuoropuhelu).
        MarketDialogue,
        /// Tenders are asked for (tarjouspyyntö julkaistu).
        Tendering,
        /// Tenders are being compared (tarjousten vertailu).
        Evaluation,
        /// Decided (hankintapäätös tehty).
        Awarded,
        /// An appeal or a request for correction of the decision is pending (muutoksenhaku vireillä).
        Appealed,
        /// Given up, with a reason (keskeytetty).
        Interrupted,
    }
}

machine! {
    /// A move of the procurement machine.
    ProcurementState as "Procurement (hankinta)", pub enum ProcurementMove {
        /// Talk with the market. It may be left out (1397/2016, 65 §).
        OpenDialogue,
        /// Ask for tenders.
        Tender,
        /// Begin to compare what was tendered.
        Evaluate,
        /// Decide who provides.
        Award,
        /// The decision is appealed against.
        Appeal,
        /// The decision stands after the appeal.
        Uphold,
        /// Give it up.
        Interrupt,
    }
    Planned -- OpenDialogue -> MarketDialogue;
    Planned -- Tender -> Tendering;
    MarketDialogue -- Tender -> Tendering;
    Tendering -- Evaluate -> Evaluation;
    Evaluation -- Award -> Awarded;
    Awarded -- Appeal -> Appealed;
    Appealed -- Uphold -> Awarded;
    Planned -- Interrupt -> Interrupted;
    MarketDialogue -- Interrupt -> Interrupted;
    Tendering -- Interrupt -> Interrupted;
    Evaluation -- Interrupt -> Interrupted;
    Appealed -- Interrupt -> Interrupted;
}

impl ProcurementState {
    /// What is asked for may still be written on: tenderers have not seen it yet.
    #[must_use]
    pub const fn is_written_on(self) -> bool {
        matches!(self, Self::Planned | Self::MarketDialogue)
    }
}

vocabulary! {
    /// What is bought, by the thresholds of the act (hankinnan laji).
    pub enum ProcurementCategory ["procurement-category"] {
        /// Social and health services (sosiaali- ja terveyspalvelut; annex E 1 to 4).
        SocialAndHealth,
        /// Other special services (muut erityiset palvelut; annex E 5 to 15).
        OtherSpecial,
        /// Other services (muut palvelut).
        OtherServices,
    }
}

vocabulary! {
    /// By which procedure it is bought (hankintamenettely).
    pub enum ProcurementProcedure ["procurement-procedure"] {
        /// A small purchase below the national threshold (pienhankinta).
        SmallPurchase,
        /// A procurement of social and health and other special services (12 luvun menettely).
        SpecialServices,
        /// Negotiated with one provider, for a reason that the act knows (suorahankinta).
        DirectAward,
    }
}

/// What is said of a procurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ProcurementContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProcurementContent {
    /// What it is called, at most 150 characters a language.
    pub name: LocalizedText,
    /// What is needed, for whom and why, at most 5000 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedText>,
    /// What is bought.
    pub category: ProcurementCategory,
    /// By which procedure.
    pub procedure: ProcurementProcedure,
    /// What it is worth over its whole time with all options, without value added tax, as it is estimated before.
    pub estimated_value: Money,
    /// The services that are bought, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub services: Vec<ServiceId>,
    /// Where, each area once; everywhere when none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub areas: Vec<AreaId>,
    /// A pilot (kokeilu), bought to learn from.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub pilot: bool,
    /// The number of its notice (hankintailmoitus) in the national channel. Needed for asking for tenders by the procedure of special services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// The last day for tenders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenders_due_on: Option<Date>,
    /// How those who use the service were heard, at most 2500 characters a language. Needed for an award by the procedure of special services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_consultation: Option<LocalizedText>,
    /// By what tenders are compared: quality, continuity, accessibility, affordability, availability, at most 2500 characters a language. Needed for an award
    /// by the procedure of special services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criteria: Option<LocalizedText>,
    /// The ground of a direct award in words, at most 2500 characters a language. Needed with that procedure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_award_ground: Option<LocalizedText>,
}

impl ProcurementContent {
    /// Every fault of the content, when the procurement begins on a day.
    #[must_use]
    pub fn check(&self, begins_on: NaiveDate) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 150, &mut out);
        for (field, value, max) in [
            ("description", &self.description, 5_000),
            ("userConsultation", &self.user_consultation, 2_500),
            ("criteria", &self.criteria, 2_500),
            ("directAwardGround", &self.direct_award_ground, 2_500),
        ] {
            if let Some(value) = value {
                value.check(field, max, &mut out);
            }
        }
        text::check_some(self.notice.as_deref(), &["notice"], 200, &mut out);
        self.estimated_value.check("estimatedValue", DEAREST_CONTRACT, &mut out);
        crate::catalogue::check_distinct(&self.services, "services", &mut out);
        crate::catalogue::check_distinct(&self.areas, "areas", &mut out);
        if self.procedure == ProcurementProcedure::SmallPurchase
            && let Some(bound) = threshold::binding(self.category, self.estimated_value, begins_on)
        {
            out.add_with(Code::AboveThreshold, &["procedure"], euros(bound.cents));
        }
        if self.procedure == ProcurementProcedure::DirectAward && self.direct_award_ground.is_none() {
            out.add(Code::Required, &["directAwardGround"]);
        }
        out
    }

    /// What a move needs that is not there yet.
    #[must_use]
    pub fn missing(&self, by: ProcurementMove) -> Rejections {
        let mut out = Rejections::default();
        let mut needed: Vec<(&str, bool)> = Vec::new();
        if by == ProcurementMove::Tender {
            needed.push(("description", self.description.is_some()));
            needed.push(("services", !self.services.is_empty()));
        }
        if self.procedure == ProcurementProcedure::SpecialServices {
            match by {
                ProcurementMove::Tender => needed.extend([("notice", self.notice.is_some()), ("tendersDueOn", self.tenders_due_on.is_some())]),
                ProcurementMove::Award => needed.extend([("userConsultation", self.user_consultation.is_some()), ("criteria", self.criteria.is_some())]),
                _ => {}
            }
        }
        for (field, _) in needed.into_iter().filter(|(_, there)| !there) {
            out.add(Code::Required, &[field]);
        }
        out
    }

    /// What tenderers were told is the same: only how users were heard, what was weighed and the ground of a direct award may differ.
    #[must_use]
    pub fn same_tender(&self, other: &Self) -> bool {
        let told = |content: &Self| Self { user_consultation: None, criteria: None, direct_award_ground: None, ..content.clone() };
        told(self) == told(other)
    }

    /// Tenders are asked for as long as there is a day for them.
    ///
    /// # Errors
    /// [`Code::TooEarly`] with the first day that can be their last one.
    pub fn check_due(&self, today: NaiveDate) -> Result<(), Rejection> {
        match self.tenders_due_on.filter(|due| due.0 < today) {
            Some(_) => Err(Rejection::with(Code::TooEarly, &["content", "tendersDueOn"], today.to_string())),
            None => Ok(()),
        }
    }

    /// Tenders are not opened before their last day is over.
    ///
    /// # Errors
    /// [`Code::TooEarly`] with the first day on which they are.
    pub fn check_opened(&self, today: NaiveDate) -> Result<(), Rejection> {
        let first = self.tenders_due_on.and_then(|due| due.0.succ_opt());
        match first.filter(|first| today < *first) {
            Some(first) => Err(Rejection::with(Code::TooEarly, &["id"], first.to_string())),
            None => Ok(()),
        }
    }
}

/// Whole euros, as they are told.
fn euros(cents: i32) -> String {
    format!("{} €", cents / 100)
}

/// Who provides (hankintapäätös), and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(rename_all = "camelCase")]
pub struct Award {
    /// Those who were chosen, each once.
    pub providers: Vec<OrganizationId>,
    /// Why they.
    pub reasoning: String,
    /// The day of the decision.
    pub decided_on: Date,
    /// Who decided, by the stable key.
    pub decided_by: String,
}

impl Award {
    /// Every fault of an award.
    #[must_use]
    pub fn check(providers: &[OrganizationId], reasoning: &str) -> Rejections {
        let mut out = Rejections::default();
        crate::catalogue::check_distinct(providers, "providers", &mut out);
        if providers.is_empty() {
            out.add(Code::Required, &["providers"]);
        }
        text::check(reasoning, &["reasoning"], 5_000, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn content(procedure: ProcurementProcedure, cents: i32) -> ProcurementContent {
        ProcurementContent {
            name: LocalizedText::fi("Ryhmävalmennukset"),
            description: None,
            category: ProcurementCategory::SocialAndHealth,
            procedure,
            estimated_value: Money { amount_cents: cents },
            services: vec![],
            areas: vec![],
            pilot: false,
            notice: None,
            tenders_due_on: None,
            user_consultation: None,
            criteria: None,
            direct_award_ground: None,
        }
    }

    fn told(faults: &Rejections) -> Vec<String> {
        faults.iter().map(|r| format!("{:?} {}", r.code, r.path.join("."))).collect()
    }

    #[test]
    fn a_small_purchase_ends_where_the_threshold_begins() {
        let on = day("2026-11-28");
        assert_eq!(told(&content(ProcurementProcedure::SmallPurchase, 39_999_999).check(on)), Vec::<String>::new());
        assert_eq!(told(&content(ProcurementProcedure::SmallPurchase, 40_000_000).check(on)), ["AboveThreshold procedure"]);
        assert_eq!(told(&content(ProcurementProcedure::SpecialServices, 40_000_000).check(on)), Vec::<String>::new());
        assert_eq!(told(&content(ProcurementProcedure::DirectAward, 1).check(on)), ["Required directAwardGround"]);
        assert_eq!(told(&content(ProcurementProcedure::SpecialServices, -1).check(on)), ["OutOfRange estimatedValue.amountCents"]);
    }

    #[test]
    fn each_step_asks_for_what_the_act_asks_for() {
        let special = content(ProcurementProcedure::SpecialServices, 50_000_000);
        assert_eq!(
            told(&special.missing(ProcurementMove::Tender)),
            ["description", "services", "notice", "tendersDueOn"].map(|field| format!("Required {field}"))
        );
        assert_eq!(told(&special.missing(ProcurementMove::Award)), ["Required userConsultation", "Required criteria"]);
        let small = content(ProcurementProcedure::SmallPurchase, 1);
        assert_eq!(told(&small.missing(ProcurementMove::Tender)), ["Required description", "Required services"]);
        assert_eq!(told(&small.missing(ProcurementMove::Award)), Vec::<String>::new());
    }

    #[test]
    fn tenders_are_opened_when_their_time_is_over() {
        let content = ProcurementContent { tenders_due_on: Some(Date(day("2026-11-28"))), ..content(ProcurementProcedure::SpecialServices, 1) };
        assert_eq!(content.check_opened(day("2026-11-28")).unwrap_err().code, Code::TooEarly);
        assert!(content.check_opened(day("2026-11-29")).is_ok());
        assert!(content.check_due(day("2026-11-28")).is_ok());
        assert_eq!(content.check_due(day("2026-11-29")).unwrap_err().code, Code::TooEarly, "nobody could tender any more");
    }
}
