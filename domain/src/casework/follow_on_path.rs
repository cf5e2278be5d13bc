//! Follow-on paths (jatkopolut): where the client goes on to, and whether the client arrived and stayed.
use crate::{
    access::NoticeKind,
    catalogue::session::end_of,
    code::Coded,
    deadline::REMIND_DAYS,
    id::FollowOnPathId,
    machine::machine,
    person::relation::LASTS_DAYS,
    rejection::{Code, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

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

    /// Whether the client comes, or has stayed, is still to be seen.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Guided | Self::Transferred | Self::Started | Self::Employed)
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

/// Until when a closed case is seen to for the sake of a path: until the last day on which the arrival is to be verified, and as long after as any care relation goes
/// on. A path on which nobody has arrived is looked at as if the client had arrived when the case was closed.
#[must_use]
pub fn seen_to_until(since: NaiveDate) -> DateTime<Utc> {
    end_of(verification(since).1) + TimeDelta::days(LASTS_DAYS)
}

/// The key under which it is told today that a path is to be verified: once as the time for it begins, and once shortly before it ends; whom it is told follows. None
/// while it is too early.
#[must_use]
pub fn reminder_key(path: FollowOnPathId, since: NaiveDate, today: NaiveDate) -> Option<String> {
    let (first, last) = verification(since);
    let latest = last.checked_sub_days(Days::new(REMIND_DAYS)).unwrap_or(last);
    let about = if today < latest { first } else { last };
    (first <= today).then(|| format!("{}:{path}:{about}:", NoticeKind::PathVerificationDue.code()))
}

/// The days since which a path has to be on its way for there to be a reminder of it today.
#[must_use]
pub fn reminded_of(today: NaiveDate) -> RangeInclusive<NaiveDate> {
    // The months are of different lengths: a few days more on either side lose none.
    let before = |months, days: i64| today.checked_sub_months(Months::new(months)).unwrap_or(today) + TimeDelta::days(days);
    before(VERIFY_BY_MONTHS, -LASTS_DAYS)..=before(VERIFY_AFTER_MONTHS, 3)
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
    fn a_path_is_told_of_as_the_time_for_it_begins_and_once_more_before_it_ends() {
        let (path, since) = (FollowOnPathId::new(), "2026-11-30".parse::<NaiveDate>().unwrap());
        let told = |today: &str| reminder_key(path, since, today.parse().unwrap());
        assert_eq!(told("2027-02-27"), None);
        assert!(told("2027-02-28").is_some() && told("2027-02-28") == told("2027-05-26"));
        assert!(told("2027-05-27") != told("2027-05-26") && told("2027-05-27") == told("2027-06-15"));
        for days in 0..210 {
            let today = since + TimeDelta::days(days);
            assert!(reminder_key(path, since, today).is_none() || reminded_of(today).contains(&since), "{today}");
        }
        assert_eq!(seen_to_until(since).to_rfc3339(), "2027-06-29T21:00:00+00:00");
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
