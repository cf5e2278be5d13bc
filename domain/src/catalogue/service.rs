//! A service (palvelu) of the catalogue.
use super::{check_codes, check_distinct, check_range, organization::OrganizationKind};
use crate::{
    id::OrganizationId,
    money::Money,
    rejection::{Code, Rejections},
    scalar::LanguageTag,
    text::{self, LocalizedText},
    vocabulary::vocabulary,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// How the service is arranged and produced (järjestämistapa): the three of PTV and the seed projects' own names.
    pub enum ProvisionMode ["provision-mode"] {
        /// Own production (oma tuotanto).
        Own,
        /// Purchased service (ostopalvelu).
        Purchased,
        /// Service voucher (palveluseteli, act 569/2009).
        Voucher,
        /// Permit procedure (lupamenettely).
        Permit,
        /// Partner service of an association (soskumppanuus, järjestöyhteistyö).
        PartnerNgo,
        /// Partner service of a city department (kaupunkipalveluyhteistyö).
        PartnerCity,
        /// Partner service of a school (oppilaitosyhteistyö).
        PartnerEducation,
        /// Open activity of an association or parish (järjestöjen avoin toiminta).
        OpenNgo,
        /// Open activity of the city (kaupungin avoin toiminta).
        OpenCity,
        /// Other public service: Kela, employment, health (muu julkinen).
        OtherPublic,
    }
}

impl ProvisionMode {
    /// Steering a client here hands data to another body, so it needs the client's consent (sosiaalihuoltolaki; OsUVa).
    #[must_use]
    pub const fn is_partner_or_open(self) -> bool {
        matches!(self, Self::PartnerNgo | Self::PartnerCity | Self::PartnerEducation | Self::OpenNgo | Self::OpenCity)
    }

    /// How an organisation of a kind gives its open activities.
    #[must_use]
    pub const fn of_open_activity(by: OrganizationKind) -> Self {
        match by {
            OrganizationKind::Municipality => Self::OpenCity,
            OrganizationKind::Education => Self::PartnerEducation,
            OrganizationKind::WellbeingCounty | OrganizationKind::EmploymentArea | OrganizationKind::Hospital | OrganizationKind::State => Self::OtherPublic,
            OrganizationKind::Company
            | OrganizationKind::Foundation
            | OrganizationKind::Association
            | OrganizationKind::Parish
            | OrganizationKind::CompetenceCentre
            | OrganizationKind::ResidentsAssociation
            | OrganizationKind::Other => Self::OpenNgo,
        }
    }

    /// Another organisation than the one responsible may produce it.
    #[must_use]
    pub const fn has_producers(self) -> bool {
        matches!(self, Self::Purchased | Self::Voucher | Self::Permit)
    }
}

vocabulary! {
    /// Content of social rehabilitation (sosiaalisen kuntoutuksen sisältö), Social Welfare Act 1301/2014, section 17.
    pub enum RehabContent ["rehab-content"] {
        /// Assessing social functional capacity and the need of rehabilitation (1).
        Assessment,
        /// Counselling and guidance, and co-ordination of rehabilitation services (2).
        CounsellingCoordination,
        /// Coaching in daily activities and life management (3).
        DailyLifeCoaching,
        /// Group activity and support in social interaction (4).
        GroupAndInteraction,
        /// Other measures that further social rehabilitation (5).
        Other,
    }
}

vocabulary! {
    /// Need of support (tuen tarve), Social Welfare Act 1301/2014, section 11.
    pub enum SupportNeed ["support-need"] {
        /// Coping in everyday life (jokapäiväisestä elämästä selviytyminen).
        EverydayLiving,
        /// Housing (asuminen).
        Housing,
        /// Need of financial support (taloudellinen tuki).
        Economic,
        /// Preventing exclusion and furthering participation (syrjäytyminen ja osallisuus).
        ExclusionAndParticipation,
        /// Domestic violence and other abuse (lähisuhde- ja perheväkivalta).
        ViolenceAbuse,
        /// Acute crisis (äkillinen kriisi).
        AcuteCrisis,
        /// Balanced development and wellbeing of a child (lapsen hyvinvointi).
        ChildWellbeing,
        /// Substance abuse, mental health, illness, disability or ageing (päihteet, mielenterveys, sairaus, vamma, ikääntyminen).
        SubstanceMentalIllnessDisabilityAgeing,
        /// Other need of functional capacity (muu toimintakyky).
        OtherFunctionalCapacity,
        /// Support of those near to a person in need (omaisten tuki).
        RelativesSupport,
    }
}

vocabulary! {
    /// In what form the service is given (toimintamuoto).
    pub enum ServiceForm ["service-form"] {
        /// Group (ryhmä).
        Group,
        /// Individual (yksilö).
        Individual,
        /// Workshop group (toimintapaja).
        WorkshopGroup,
        /// Open drop-in (avoin oleskelu).
        OpenDropIn,
        /// Course (kurssi).
        Course,
        /// Consultation or advice (neuvonta, konsultaatio).
        Consultation,
        /// Accompaniment (saattaminen, tukihenkilö).
        Accompaniment,
    }
}

vocabulary! {
    /// How the service reaches the person (toimitustapa).
    pub enum DeliveryForm ["delivery-form"] {
        /// On site (paikan päällä).
        OnSite,
        /// Home visit (kotikäynti).
        HomeVisit,
        /// Mobile service (liikkuva palvelu).
        Mobile,
        /// Remotely (etänä).
        Remote,
        /// Outreach (etsivä ja jalkautuva työ).
        Outreach,
    }
}

vocabulary! {
    /// What it costs (maksullisuus), as in PTV.
    pub enum ChargeType ["charge-type"] {
        /// Free of charge (maksuton).
        Free,
        /// Chargeable (maksullinen).
        Chargeable,
        /// Other (muu).
        Other,
    }
}

vocabulary! {
    /// The row of the OSSI project's report under which participation counts (raportin palveluluokka).
    pub enum ReportClass ["report-class"] {
        /// Wellbeing group coaching (Hyvinvointi-ryhmävalmennus).
        GroupWellbeing,
        /// Everyday group coaching (Arki-ryhmävalmennus).
        GroupEveryday,
        /// Workshop coaching (Toimintapaja-valmennus).
        Workshop,
        /// Social individual coaching (Sosiaalinen-yksilövalmennus).
        IndividualSocial,
        /// Tailored group coaching (räätälöidyt ryhmävalmennukset).
        TailoredGroup,
        /// Tailored individual coaching (räätälöidyt yksilövalmennukset).
        TailoredIndividual,
        /// Co-operation with associations (järjestöyhteistyötoiminnat).
        CoopNgo,
        /// Co-operation with adult education (kansalaisopistoyhteistyö).
        CoopAdultEducation,
        /// Co-operation with schools (oppilaitosyhteistyö).
        CoopEducation,
    }
}

/// The longest response time that a service can promise, in days: whoever is referred is not left waiting after the referral has expired.
pub const LONGEST_RESPONSE_DAYS: i32 = 14;

/// What is said of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "ServiceContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceContent {
    /// What it is called, at most 100 characters a language (PTV).
    pub name: LocalizedText,
    /// In a sentence or two, at most 150 characters a language (PTV). Needed for publishing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<LocalizedText>,
    /// What it is, for whom and what it aims at, at most 2500 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedText>,
    /// How to come to it, at most 2500 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_instruction: Option<LocalizedText>,
    /// Words by which it should be found, beside those of the texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub keywords: Vec<LocalizedText>,
    /// How it is arranged and produced.
    pub provision: ProvisionMode,
    /// Other organisations that may offer it (tuottajat): for purchased, voucher and permit services, named by the organisation whose service it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub producers: Vec<OrganizationId>,
    /// The report row under which it counts, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_class: Option<ReportClass>,
    /// In what form it is given.
    pub form: ServiceForm,
    /// How it reaches the person. Needed for publishing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub delivery_forms: Vec<DeliveryForm>,
    /// Tailored to the person (räätälöity erityispalvelu), as against a low-threshold basic service.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub tailored: bool,
    /// An open activity (avoin toiminta), outside social rehabilitation proper.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub open_activity: bool,
    /// Contents of social rehabilitation. Publishing needs one, or the mark of an open activity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub rehab_contents: Vec<RehabContent>,
    /// Needs of support that it answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub support_needs: Vec<SupportNeed>,
    /// Target groups: codes of the list `target-group` (PTV), for example KR1.3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub target_groups: Vec<String>,
    /// Service classes: codes of the list `service-class` (PTV), for example P5.13.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "serviceClasses")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub classes: Vec<String>,
    /// Life events: codes of the list `life-event` (PTV), for example KE8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub life_events: Vec<String>,
    /// Languages in which it is given. Needed for publishing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub languages: Vec<LanguageTag>,
    /// What it costs.
    pub charge_type: ChargeType,
    /// The usual price to the client.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "priceCents")]
    pub price: Option<Money>,
    /// More on what it costs, at most 500 characters a language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charge_info: Option<LocalizedText>,
    /// One comes by referral only (ohjauksella); otherwise one may walk in.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub referral_required: bool,
    /// Steering here needs the client's consent. Always so for partner and open services that one cannot walk into.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub consent_required: bool,
    /// One may come without giving a name.
    #[serde(default)]
    #[cfg_attr(feature = "graphql", graphql(default))]
    pub anonymous_allowed: bool,
    /// The youngest age in full years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_age: Option<i32>,
    /// The highest age in full years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i32>,
    /// How long it usually takes, in weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_weeks: Option<i32>,
    /// Within how many days a referral to it is answered (palvelulupaus): what the recipient promises, at most the 14 after which a referral expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_days: Option<i32>,
    /// The service task (palvelutehtävä) of social welfare: a code of the list `service-task`.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "serviceTask")]
    pub task: Option<String>,
    /// The law that it rests on, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statutory_basis: Option<String>,
    /// Its id in the Finnish Service Catalogue (PTV).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ptv_id: Option<String>,
    /// The general description of PTV that it follows, for example SOTE-0056.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub general_description_id: Option<String>,
    /// Where this information comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl ServiceContent {
    /// Every fault that keeps even a draft from being kept.
    #[must_use]
    pub fn check(&self) -> Rejections {
        let mut out = Rejections::default();
        self.name.check("name", 100, &mut out);
        for (field, value, max) in [
            ("summary", &self.summary, 150),
            ("description", &self.description, 2_500),
            ("userInstruction", &self.user_instruction, 2_500),
            ("chargeInfo", &self.charge_info, 500),
        ] {
            if let Some(value) = value {
                value.check(field, max, &mut out);
            }
        }
        for keyword in &self.keywords {
            keyword.check("keywords", 150, &mut out);
        }
        for (field, value) in [
            ("statutoryBasis", &self.statutory_basis),
            ("ptvId", &self.ptv_id),
            ("generalDescriptionId", &self.general_description_id),
            ("source", &self.source),
        ] {
            if let Some(value) = value {
                text::check(value, &[field], 200, &mut out);
            }
        }
        check_distinct(&self.producers, "producers", &mut out);
        if !self.producers.is_empty() && !self.provision.has_producers() {
            out.add(Code::NotProducer, &["producers"]);
        }
        check_distinct(&self.keywords, "keywords", &mut out);
        check_distinct(&self.delivery_forms, "deliveryForms", &mut out);
        check_distinct(&self.rehab_contents, "rehabContents", &mut out);
        check_distinct(&self.support_needs, "supportNeeds", &mut out);
        check_distinct(&self.languages, "languages", &mut out);
        check_codes(&self.target_groups, "target-group", "targetGroups", &mut out);
        check_codes(&self.classes, "service-class", "classes", &mut out);
        check_codes(&self.life_events, "life-event", "lifeEvents", &mut out);
        check_codes(self.task.as_slice(), "service-task", "task", &mut out);
        if let Some(price) = self.price {
            price.check("price", Money { amount_cents: 10_000_000 }, &mut out);
        }
        check_range(self.min_age, &0, &120, "minAge", &mut out);
        check_range(self.max_age, &0, &120, "maxAge", &mut out);
        check_range(self.response_days, &1, &LONGEST_RESPONSE_DAYS, "responseDays", &mut out);
        check_range(self.duration_weeks, &1, &520, "durationWeeks", &mut out);
        if self.max_age.zip(self.min_age).is_some_and(|(max, min)| max < min) {
            out.add(Code::DateOrder, &["maxAge"]);
        }
        out
    }

    /// Every part that is missing for publishing: one rejection each.
    #[must_use]
    pub fn missing(&self) -> Rejections {
        let mut out = Rejections::default();
        if self.summary.is_none() {
            out.add(Code::Required, &["content", "summary"]);
        }
        if self.rehab_contents.is_empty() && !self.open_activity {
            out.add(Code::NoContent, &["content", "rehabContents"]);
        }
        if self.delivery_forms.is_empty() {
            out.add(Code::Required, &["content", "deliveryForms"]);
        }
        if self.languages.is_empty() {
            out.add(Code::Required, &["content", "languages"]);
        }
        if self.charge_type == ChargeType::Chargeable && self.price.is_none() && self.charge_info.is_none() {
            out.add(Code::Required, &["content", "price"]);
        }
        if self.provision.is_partner_or_open() && self.referral_required && !self.consent_required {
            out.add(Code::ConsentNeeded, &["content", "consentRequired"]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_under_earlier_names_is_read_and_kept_under_those_of_today() {
        let kept = r#"{"name":{"fi":"Retki"},"provision":"OWN","form":"GROUP","chargeType":"CHARGEABLE","serviceClasses":["P4.12"],"serviceTask":"x","priceCents":300}"#;
        let content: ServiceContent = serde_json::from_str(kept).unwrap();
        assert_eq!((&content.classes[..], content.task.as_deref(), content.price), (&["P4.12".to_owned()][..], Some("x"), Some(Money { amount_cents: 300 })));
        let again = serde_json::to_value(&content).unwrap();
        assert_eq!((&again["classes"][0], &again["task"], &again["price"]["amountCents"]), (&"P4.12".into(), &"x".into(), &300.into()));
    }
}
