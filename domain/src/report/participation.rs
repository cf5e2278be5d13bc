//! Clients in services (osallistuminen palveluihin): a client counts once in a row, and in each row in which the client has begun. Source: chapters 4.8 and 7.3 of the
//! design of the domain; seed 001.
use super::{
    Moments, ReportName,
    cohort::{Population, count},
    table::{Beside, Row, Section, Table, Whole},
};
use crate::{
    catalogue::service::{ProvisionMode, ReportClass},
    code::Coded,
    id::{ClientId, ServiceId},
    text::LocalizedText,
};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// That a client came to a service for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Who.
    pub client: ClientId,
    /// The day.
    pub on: NaiveDate,
    /// To which service.
    pub service: ServiceId,
    /// How the service is arranged.
    pub provision: ProvisionMode,
    /// Under which row it counts, where it has one.
    pub class: Option<ReportClass>,
}

impl ReportClass {
    /// How services of the row are arranged: one that is arranged otherwise is not counted in it.
    #[must_use]
    pub const fn provision(self) -> ProvisionMode {
        match self {
            Self::GroupWellbeing | Self::GroupEveryday | Self::Workshop | Self::IndividualSocial | Self::TailoredGroup | Self::TailoredIndividual => {
                ProvisionMode::Purchased
            }
            Self::CoopNgo => ProvisionMode::PartnerNgo,
            Self::CoopAdultEducation => ProvisionMode::PartnerCity,
            Self::CoopEducation => ProvisionMode::PartnerEducation,
        }
    }
}

/// Clients in purchased services (ostopalvelut).
#[must_use]
pub fn purchased(population: &Population, begun: &[Begun], moments: Moments) -> Table {
    let title = LocalizedText::of("Ostopalvelut", "Köpta tjänster", "Purchased services");
    participation(ReportName::PurchasedParticipation, title, |class| class.provision() == ProvisionMode::Purchased, population, begun, moments)
}

/// Clients in what is done together with partners (yhteistyötoiminnat).
#[must_use]
pub fn cooperation(population: &Population, begun: &[Begun], moments: Moments) -> Table {
    let title = LocalizedText::of("Yhteistyötoiminnat", "Samarbetsverksamhet", "Co-operation");
    participation(ReportName::CooperationParticipation, title, |class| class.provision() != ProvisionMode::Purchased, population, begun, moments)
}

fn participation(name: ReportName, title: LocalizedText, of: fn(ReportClass) -> bool, population: &Population, begun: &[Begun], moments: Moments) -> Table {
    let counted: Vec<_> = begun.iter().filter(|one| one.on <= moments.as_of && population.has(one.client)).collect();
    let classes: Vec<_> = ReportClass::ALL.iter().copied().filter(|class| of(*class)).collect();
    let in_row = |class: ReportClass| counted.iter().filter(move |one| one.class == Some(class) && one.provision == class.provision());
    let row = |class: &ReportClass| {
        let clients: BTreeSet<_> = in_row(*class).map(|one| one.client).collect();
        let services: BTreeSet<_> = in_row(*class).map(|one| one.service).collect();
        Row { services: Some(count(services.len())), ..Row::of(class.code(), class.label(), count(clients.len())) }
    };
    let distinct: BTreeSet<_> = classes.iter().flat_map(|class| in_row(*class)).map(|one| one.client).collect();
    let rows = classes.iter().map(row).collect();
    let section = Section::overlapping("SERVICES", title, rows, Some(Beside { total: true, distinct: count(distinct.len()) }));
    Table { name, whole: Whole::Clients(population.size()), sections: vec![section] }
}
