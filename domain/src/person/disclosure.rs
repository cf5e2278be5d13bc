//! Informing (informointi), disclosure permission (luovutuslupa) and prohibition (kielto) of the act on client data 703/2023, beside the consent, and the
//! one rule that says whether data may go from the register of one controller to another.
use crate::{id::OrganizationId, rejection::Rejections, text, vocabulary::vocabulary};
use chrono::{DateTime, Utc};
use uuid::Uuid;

vocabulary! {
    /// What a client was informed about (informoinnin laji).
    pub enum InformingKind ["informing-kind"] {
        /// The Kanta services: what permission and prohibition mean (Kanta-palvelut). It comes before any disclosure permission.
        Kanta,
        /// The register of clients, and the rights of those in it (asiakasrekisteri).
        Register,
        /// A project that the client takes part in (hanke).
        Project,
    }
}

vocabulary! {
    /// How a client was informed (informointitapa).
    pub enum InformingMethod ["informing-method"] {
        /// In words (suullisesti).
        Oral,
        /// On paper (kirjallisesti).
        Written,
        /// In an electronic service (sähköisesti).
        Electronic,
    }
}

vocabulary! {
    /// Data of which sector a disclosure permission speaks (luovutusluvan toimiala): each has one of its own.
    pub enum DisclosureSector ["disclosure-sector"] {
        /// Social welfare (sosiaalihuolto).
        Social,
        /// Health care (terveydenhuolto).
        Health,
    }
}

vocabulary! {
    /// What a prohibition keeps back (kiellon kohde).
    pub enum ProhibitionTarget ["prohibition-target"] {
        /// One document (asiakirja).
        Document,
        /// Everything of one service task (palvelutehtävä).
        ServiceTask,
        /// Everything, from one controller (rekisterinpitäjä).
        Controller,
    }
}

vocabulary! {
    /// A document of the register that a prohibition can keep back (kiellettävä asiakirja).
    pub enum DocumentKind ["document-kind"] {
        /// A needs assessment (palvelutarpeen arviointi).
        NeedsAssessment,
        /// A version of a client plan (asiakassuunnitelma).
        ClientPlan,
        /// A final assessment (loppuarvio).
        FinalAssessment,
        /// A service decision (palvelupäätös).
        ServiceDecision,
        /// An entry of the client's record (asiakaskertomusmerkintä).
        ClientEntry,
        /// A follow-up (seuranta).
        FollowUp,
        /// A response to an instrument (mittarin vastaus).
        InstrumentResponse,
        /// A network meeting (verkostopalaveri).
        NetworkMeeting,
    }
}

impl DocumentKind {
    /// The document of a public id; none for an id of anything else.
    #[must_use]
    pub fn of_public(id: &str) -> Option<(Self, Uuid)> {
        let (kind, id) = crate::id::split_public(id)?;
        Self::ALL.iter().find(|known| format!("{known:?}") == kind).map(|known| (*known, id))
    }
}

/// A prohibition that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prohibited {
    /// What it keeps back.
    pub what: Kept,
    /// Since when.
    pub set_at: DateTime<Utc>,
}

/// What a prohibition keeps back, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// One document.
    Document(Uuid),
    /// Everything of one service task, by its code.
    ServiceTask(String),
    /// Everything, from one controller.
    Controller(OrganizationId),
}

/// What of the register is about to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What belongs to these service tasks, none of it a document of its own.
    Tasks(Vec<String>),
    /// The whole register: what cannot be left out of it keeps back the whole.
    Register,
    /// The register, but for the documents that are kept back.
    Rest,
}

/// On what ground data is about to go to another controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Will {
    /// The client has consented to this one disclosure at this time.
    Consented(DateTime<Utc>),
    /// The recipient has a right to it by law in spite of the client's prohibition, and the ground is given in words.
    StatutoryRight,
    /// Another ground of law, which a prohibition stands against.
    Other,
}

/// The target of the prohibition that keeps data from going to another controller; none where it may go.
///
/// Not asked about what stays with the controller, nor about its own purchased-service and voucher producers: they process on its behalf, and a
/// prohibition cannot stand between the two (703/2023; design, finding 2). For all others:
///
/// * a consent to one disclosure that is **newer** than the prohibition is the client's newer will for that one thing, and goes before it: the client
///   could remove the prohibition just as well, and has removed it for this. An **older** consent gives way: the prohibition is the newer will;
/// * a right by law that holds whatever the client wills goes before any prohibition, if its ground is given in words. A law that only lets an
///   authority tell without consent is not such a right.
#[must_use]
pub fn prohibits(prohibitions: &[Prohibited], recipient: OrganizationId, extent: &Extent, will: &Will) -> Option<ProhibitionTarget> {
    let newest_will = match will {
        Will::StatutoryRight => return None,
        Will::Consented(at) => Some(*at),
        Will::Other => None,
    };
    prohibitions.iter().filter(|one| newest_will.is_none_or(|at| at <= one.set_at)).find_map(|one| match &one.what {
        Kept::Controller(controller) => (*controller == recipient).then_some(ProhibitionTarget::Controller),
        Kept::ServiceTask(task) => match extent {
            Extent::Register | Extent::Rest => Some(ProhibitionTarget::ServiceTask),
            Extent::Tasks(tasks) => tasks.contains(task).then_some(ProhibitionTarget::ServiceTask),
        },
        Kept::Document(_) => (*extent == Extent::Register).then_some(ProhibitionTarget::Document),
    })
}

/// The text of an informing or a permission that the client was shown, by its version: at most 50 characters.
#[must_use]
pub fn check_text_version(version: &str) -> Rejections {
    let mut out = Rejections::default();
    text::check(version, &["textVersion"], 50, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ClientEntryId, Kinded, ReferralId};

    fn at(hour: &str) -> DateTime<Utc> {
        format!("2026-11-27T{hour}:00:00Z").parse().unwrap()
    }

    #[test]
    fn the_newer_will_goes_before_the_older() {
        let ngo = OrganizationId::new();
        let set = [Prohibited { what: Kept::Controller(ngo), set_at: at("10") }];
        let extent = Extent::Tasks(vec![]);
        assert_eq!(prohibits(&set, ngo, &extent, &Will::Consented(at("09"))), Some(ProhibitionTarget::Controller));
        assert_eq!(prohibits(&set, ngo, &extent, &Will::Consented(at("11"))), None);
        assert_eq!(prohibits(&set, OrganizationId::new(), &extent, &Will::Other), None);
    }

    #[test]
    fn a_right_by_law_needs_no_will_and_another_law_gives_way() {
        let ngo = OrganizationId::new();
        let set = [Prohibited { what: Kept::ServiceTask("WORKING_AGE_SERVICES".into()), set_at: at("10") }];
        let tasks = |task: &str| Extent::Tasks(vec![task.to_owned()]);
        assert_eq!(prohibits(&set, ngo, &tasks("WORKING_AGE_SERVICES"), &Will::StatutoryRight), None);
        assert_eq!(prohibits(&set, ngo, &tasks("WORKING_AGE_SERVICES"), &Will::Other), Some(ProhibitionTarget::ServiceTask));
        assert_eq!(prohibits(&set, ngo, &tasks("CHILD_WELFARE"), &Will::Other), None);
        assert_eq!(prohibits(&set, ngo, &Extent::Register, &Will::Other), Some(ProhibitionTarget::ServiceTask));
    }

    #[test]
    fn a_document_keeps_back_the_whole_that_it_cannot_be_left_out_of() {
        let set = [Prohibited { what: Kept::Document(Uuid::nil()), set_at: at("10") }];
        assert_eq!(prohibits(&set, OrganizationId::new(), &Extent::Register, &Will::Other), Some(ProhibitionTarget::Document));
        for extent in [Extent::Rest, Extent::Tasks(vec!["CHILD_WELFARE".into()])] {
            assert_eq!(prohibits(&set, OrganizationId::new(), &extent, &Will::Other), None);
        }
    }

    #[test]
    fn only_documents_are_documents() {
        let entry = ClientEntryId::new();
        assert_eq!(DocumentKind::of_public(&entry.to_public()), Some((DocumentKind::ClientEntry, entry.0)));
        assert_eq!(DocumentKind::of_public(&ReferralId::new().to_public()), None);
    }
}
