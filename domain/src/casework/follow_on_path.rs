//! Follow-on paths (jatkopolut): where the client goes on to, and whether the client arrived and stayed.
use crate::{
    machine::machine,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where a follow-on path is (jatkopolun tila).
    pub enum PathState ["path-state"] {
        /// Planned (suunniteltu).
        Planned,
        /// The client has been guided to it (ohjattu).
        Guided,
        /// The client has been transferred to it (siirtynyt).
        Transferred,
        /// The client has started there (aloittanut).
        Started,
        /// The client works there (työllistynyt).
        Employed,
        /// Looked at after three to six months: the client is there (varmistettu).
        Verified,
        /// The client is not there any more (katkennut).
        Lapsed,
        /// Given up before the client came (luovuttu).
        Dropped,
    }
}

machine! {
    /// A move of the follow-on path machine.
    PathState as "Follow-on path (jatkopolku)", pub enum PathMove {
        /// Guide the client to it.
        Guide,
        /// The client has been transferred.
        Transfer,
        /// The client has started.
        Start,
        /// The client works there.
        Employ,
        /// Looked at after three to six months: the client is there.
        Verify,
        /// The client is not there any more.
        Lapse,
        /// Give it up.
        Drop,
    }
    Planned -- Guide -> Guided;
    Planned -- Drop -> Dropped;
    Guided -- Transfer -> Transferred;
    Guided -- Start -> Started;
    Guided -- Employ -> Employed;
    Guided -- Drop -> Dropped;
    Transferred -- Verify -> Verified;
    Transferred -- Lapse -> Lapsed;
    Started -- Verify -> Verified;
    Started -- Lapse -> Lapsed;
    Employed -- Verify -> Verified;
    Employed -- Lapse -> Lapsed;
}

impl PathState {
    /// The client has come to where the path leads.
    #[must_use]
    pub const fn has_arrived(self) -> bool {
        matches!(self, Self::Transferred | Self::Started | Self::Employed | Self::Verified)
    }
}

vocabulary! {
    /// Where a follow-on path leads (jatkopolun kohde). Source: seed 001.
    pub enum PathDestination ["path-destination"] {
        /// Open wellbeing activities of the city (kaupungin avoin hyvinvointitoiminta).
        CityOpen,
        /// Open activities of associations (järjestöjen avoin toiminta).
        NgoOpen,
        /// Vocational rehabilitation by Kela (Kelan ammatillinen kuntoutus).
        KelaVocational,
        /// Mapping service of the employment services (työllisyyspalvelujen kartoittava palvelu).
        EmploymentMapping,
        /// Rehabilitative work (kuntouttava työtoiminta).
        RehabWork,
        /// Paid work (palkkatyö).
        PaidWork,
        /// Education (koulutus).
        Education,
        /// Health care (terveydenhuolto).
        HealthCare,
        /// Substance abuse care (päihdehoito).
        SubstanceCare,
        /// Other social service (muu sosiaalipalvelu).
        SocialService,
        /// Volunteering (vapaaehtoistyö).
        Volunteering,
        /// A party that goes on supporting (jatkotukitaho).
        ContinuedSupport,
        /// No follow-on path; the reason is recorded (ei jatkopolkua).
        None,
    }
}

vocabulary! {
    /// From whom it is known that a client arrived (tiedon lähde).
    pub enum KnowledgeSource ["knowledge-source"] {
        /// The client told (asiakas).
        Client,
        /// The place told (vastaanottava taho).
        Recipient,
        /// Seen by the worker (työntekijän havainto).
        Worker,
        /// Told by somebody else (muu).
        Other,
    }
}

/// What is said of a follow-on path. Kept sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject), graphql(name = "FollowOnPathContentInput"))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FollowOnPathContent {
    /// The place in words, at most 200 characters, where it is no organisation of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// More in words, at most 2000 characters; with NONE, the reason why there is no path, which must be given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

crate::private::masked!(FollowOnPathContent);

impl FollowOnPathContent {
    /// Every fault.
    #[must_use]
    pub fn check(&self, destination: PathDestination) -> Rejections {
        let mut out = Rejections::default();
        text::check_some(self.place.as_deref(), &["place"], 200, &mut out);
        text::check_some(self.note.as_deref(), &["note"], 2_000, &mut out);
        if destination == PathDestination::None && self.note.is_none() {
            out.add(Code::Required, &["note"]);
        }
        out
    }
}

/// After how many months an arrival may be verified.
pub const VERIFY_AFTER_MONTHS: u32 = 3;
/// By how many months after the arrival it is to be verified. Later is late, and better than never.
pub const VERIFY_BY_MONTHS: u32 = 6;

/// The days between which an arrival is to be verified.
#[must_use]
pub fn verification(arrived_on: NaiveDate) -> (NaiveDate, NaiveDate) {
    let after = |months| arrived_on.checked_add_months(Months::new(months)).unwrap_or(arrived_on);
    (after(VERIFY_AFTER_MONTHS), after(VERIFY_BY_MONTHS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    #[test]
    fn an_arrival_is_verified_after_three_to_six_months() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(verification(day("2026-11-30")), (day("2027-02-28"), day("2027-05-30")));
    }

    #[test]
    fn only_an_arrival_is_verified() {
        for state in PathState::ALL {
            let verifies = state.moves().any(|by| by == PathMove::Verify);
            assert_eq!(verifies, state.has_arrived() && *state != PathState::Verified, "{state:?}");
        }
    }

    #[test]
    fn that_there_is_no_path_needs_a_reason() {
        for destination in PathDestination::ALL {
            assert_eq!(FollowOnPathContent::default().check(*destination).into_result().is_ok(), *destination != PathDestination::None);
        }
    }
}
