//! What somebody looks at personal data for (käyttötarkoitus): named in every request, and kept in the use log.
use crate::{actor::Role, vocabulary::vocabulary};

vocabulary! {
    /// What personal data is looked at for (käyttötarkoitus); a worker names it in the header `X-Purpose`. Source: 703/2023, the ground of processing.
    pub enum Purpose ["purpose"] {
        /// Work with the client: guidance, assessment, planning, services (asiakastyö).
        Care,
        /// Leading and supervising that work, and those who give services for it (johtaminen ja valvonta).
        Supervision,
        /// Data protection: logs, and requests of those whom the data is about (tietosuoja).
        DataProtection,
        /// Looking after invoices: what was delivered, at which price (laskujen tarkastus).
        Invoicing,
        /// Making statistics: figures of clients, and no client (tilastointi).
        Statistics,
    }
}

impl Purpose {
    /// A role may look at personal data for this purpose.
    #[must_use]
    pub const fn fits(self, role: Role) -> bool {
        match self {
            Self::Care => matches!(
                role,
                Role::SocialWorker
                    | Role::SocialCounsellor
                    | Role::ServiceGuide
                    | Role::Lead
                    | Role::Referrer
                    | Role::OutreachWorker
                    | Role::ProviderManager
                    | Role::ProviderStaff
                    | Role::PartnerCoordinator
                    | Role::PartnerWorker
            ),
            Self::Supervision => matches!(role, Role::Lead | Role::ProcurementOfficer),
            Self::DataProtection => matches!(role, Role::Dpo),
            Self::Invoicing => matches!(role, Role::FinanceOfficer),
            Self::Statistics => matches!(role, Role::Analyst | Role::Lead),
        }
    }

    /// Rows about clients are looked at for it. Statistics are made of counts: for them no client is looked at.
    #[must_use]
    pub const fn opens_clients(self) -> bool {
        !matches!(self, Self::Statistics)
    }

    /// Reads the word of the header, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim().to_ascii_uppercase().replace('-', "_");
        Self::ALL.iter().copied().find(|purpose| crate::code::Coded::code(*purpose) == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_read_in_any_case_and_nothing_else_is() {
        assert_eq!(Purpose::parse(" care "), Some(Purpose::Care));
        assert_eq!(Purpose::parse("data-protection"), Some(Purpose::DataProtection));
        for none in ["", "CURIOSITY", "CARE,SUPERVISION"] {
            assert_eq!(Purpose::parse(none), None, "{none}");
        }
    }

    #[test]
    fn every_purpose_is_somebodys_and_nobody_looks_for_all() {
        for purpose in Purpose::ALL {
            assert!(Role::ALL.iter().any(|role| purpose.fits(*role)));
        }
        for role in Role::ALL {
            assert!(!Purpose::ALL.iter().all(|purpose| purpose.fits(*role)), "{role:?}");
        }
    }
}
