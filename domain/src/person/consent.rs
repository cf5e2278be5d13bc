//! Consent (suostumus): given for one purpose, to one recipient, for named items of data, and withdrawn as easily as given.
use crate::{
    id::OrganizationId,
    machine::machine,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

vocabulary! {
    /// What a consent is given for (suostumuksen tarkoitus). Source: GDPR articles 6(1)(a) and 9(2)(a); in the authority's own work consent is no ground.
    pub enum ConsentPurpose ["consent-purpose"] {
        /// One referral to one recipient (ohjaus).
        Referral,
        /// A network meeting and those who take part in it (verkostopalaveri).
        NetworkMeeting,
        /// Reporting of a project (hankeraportointi).
        ProjectReporting,
        /// Answering an instrument (mittari).
        Instrument,
        /// Research (tutkimus).
        Research,
        /// Photographs (valokuvaus).
        Photo,
        /// Another purpose (muu).
        Other,
        /// Taking part in a service that one has registered for oneself, or been registered for by those who give it (palveluun osallistuminen).
        Participation,
    }
}

vocabulary! {
    /// How a consent was given (antotapa).
    pub enum ConsentMethod ["consent-method"] {
        /// On paper, signed (kirjallinen).
        Written,
        /// In words, recorded by a worker (suullinen, kirjattu).
        OralRecorded,
        /// In an electronic service, signed in (sähköinen).
        Electronic,
    }
}

vocabulary! {
    /// What data a consent lets be disclosed (tietosisältö).
    pub enum DataItem ["data-item"] {
        /// First name, or the alias (etunimi tai nimimerkki).
        Alias,
        /// Full name (koko nimi).
        FullName,
        /// Day of birth (syntymäaika).
        BirthDate,
        /// Telephone number and e-mail address (yhteystiedot).
        Contact,
        /// Address and municipality (osoite ja kotikunta).
        Address,
        /// Language, and whether an interpreter is needed (asiointikieli ja tulkkaus).
        Language,
        /// Why the client is steered, in codes and words (ohjauksen syy).
        Reason,
        /// The entries of the client's record that are shared with providers, as they are written (palveluntuottajalle jaettavat merkinnät).
        Entries,
        /// How far the client's case has come at the recipient, told back to the one who has referred the client (asian eteneminen ohjaajalle).
        Progress,
    }
}

/// A set of data items, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "orm", derive(sea_orm::FromJsonQueryResult))]
#[serde(transparent)]
pub struct DataItems(pub BTreeSet<DataItem>);

vocabulary! {
    /// What has become of a consent (suostumuksen tila). It is never deleted.
    pub enum ConsentState ["consent-state"] {
        /// Given, and in force until it expires.
        Given,
        /// Withdrawn by the client.
        Withdrawn,
        /// Its time is over.
        Expired,
        /// A newer one has taken its place.
        Superseded,
    }
}

machine! {
    /// A move of the consent machine.
    ConsentState as "Consent (suostumus)", pub enum ConsentMove {
        /// Withdraw it: reading ends at once.
        Withdraw,
        /// Its time is over.
        Expire,
        /// A newer one takes its place.
        Supersede,
    }
    Given -- Withdraw -> Withdrawn;
    Given -- Expire -> Expired;
    Given -- Supersede -> Superseded;
}

/// The longest that a consent lasts, in days: two years.
pub const LONGEST_DAYS: i64 = 731;

/// What is said when a consent is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentTerms {
    /// What for.
    pub purpose: ConsentPurpose,
    /// To whom the data is disclosed.
    pub recipient: OrganizationId,
    /// What data.
    pub scope: BTreeSet<DataItem>,
    /// How it was given.
    pub method: ConsentMethod,
    /// The version of the text that the client was shown, for example `ohjaus-2026-1`.
    pub text_version: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl ConsentTerms {
    /// Every fault, as of `now`.
    #[must_use]
    pub fn check(&self, now: DateTime<Utc>) -> Rejections {
        let mut out = Rejections::default();
        if self.scope.is_empty() {
            out.add(Code::Required, &["scope"]);
        }
        text::check(&self.text_version, &["textVersion"], 50, &mut out);
        let latest = now + TimeDelta::days(LONGEST_DAYS);
        if self.expires_at <= now || self.expires_at > latest {
            out.add_with(Code::OutOfRange, &["expiresAt"], format!("{}–{}", now.date_naive(), latest.date_naive()));
        }
        out
    }
}

/// The items that are wanted and that no consent covers, in order.
#[must_use]
pub fn uncovered(wanted: &BTreeSet<DataItem>, scope: &BTreeSet<DataItem>) -> Vec<DataItem> {
    // Whoever may have the full name may have the alias too.
    wanted.iter().copied().filter(|item| !(scope.contains(item) || *item == DataItem::Alias && scope.contains(&DataItem::FullName))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn terms() -> ConsentTerms {
        ConsentTerms {
            purpose: ConsentPurpose::Referral,
            recipient: OrganizationId::new(),
            scope: [DataItem::Alias, DataItem::Contact].into(),
            method: ConsentMethod::Written,
            text_version: "ohjaus-2026-1".into(),
            expires_at: "2027-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_consent_has_a_scope_a_text_and_an_end_to_come() {
        let now = "2026-11-27T10:00:00Z".parse().unwrap();
        assert!(terms().check(now).into_result().is_ok());
        let codes = |terms: ConsentTerms| terms.check(now).iter().map(|r| r.code).collect::<Vec<_>>();
        assert_eq!(codes(ConsentTerms { scope: BTreeSet::new(), ..terms() }), [Code::Required]);
        assert_eq!(codes(ConsentTerms { expires_at: now, ..terms() }), [Code::OutOfRange]);
        assert_eq!(codes(ConsentTerms { expires_at: "2032-01-01T00:00:00Z".parse().unwrap(), ..terms() }), [Code::OutOfRange]);
    }

    #[test]
    fn only_what_is_named_is_covered() {
        let wanted = [DataItem::Alias, DataItem::Address].into();
        assert_eq!(uncovered(&wanted, &terms().scope), [DataItem::Address]);
        assert_eq!(uncovered(&wanted, &[DataItem::FullName, DataItem::Address].into()), []);
    }

    #[test]
    fn a_consent_that_has_ended_stays_ended() {
        for ended in [ConsentState::Withdrawn, ConsentState::Expired, ConsentState::Superseded] {
            assert_eq!(ended.moves().count(), 0, "{ended:?}");
        }
    }
}
