//! Participation (osallistuminen): somebody takes a place in an offering, or waits for one.
use super::attendance::AttendanceStatus;
use crate::{
    catalogue::offering::RegistrationUnit,
    id::{ServiceOfferingId, SessionId},
    machine::{IllegalTransition, Machine, machine},
    outreach::unnamed_text,
    rejection::{Code, Rejection, Rejections},
    text,
    vocabulary::vocabulary,
};
use chrono::TimeDelta;

vocabulary! {
    /// Where a participation is (osallistumisen tila).
    pub enum ParticipationState ["participation-state"] {
        /// Proposed to the client (ehdotettu).
        Proposed,
        /// The client has accepted; there is no place yet, nor room on the waiting list (asiakas hyväksynyt).
        AcceptedByClient,
        /// The client does not want it (asiakas kieltäytynyt).
        DeclinedByClient,
        /// On the waiting list (jonossa).
        Waitlisted,
        /// Has left the waiting list (poistunut jonosta).
        LeftQueue,
        /// Has a place and has not come yet (ilmoittautunut).
        Enrolled,
        /// Had a place and did not come (ei saapunut).
        NoShow,
        /// Gave the place up, or lost it, before coming (peruttu).
        Cancelled,
        /// Takes part (aloittanut).
        Started,
        /// Keeps the place and stays away for a while (tauolla).
        Paused,
        /// Took part to the end (päättynyt suunnitellusti).
        Completed,
        /// Broke off (keskeytynyt).
        Discontinued,
        /// Goes on in another offering (siirtynyt).
        Transferred,
    }
}

machine! {
    /// A move of the participation machine.
    ParticipationState as "Participation (osallistuminen)", pub enum ParticipationMove {
        /// The client accepts what is proposed.
        Accept,
        /// The client does not want what is proposed.
        Decline,
        /// Give the client a place.
        Enrol,
        /// Put the client on the waiting list.
        Queue,
        /// Leave the waiting list.
        LeaveQueue,
        /// Give the place up, or what was proposed.
        Cancel,
        /// The client came for the first time.
        Start,
        /// The client did not come.
        NoShow,
        /// Stay away for a while.
        Pause,
        /// Come again.
        Resume,
        /// It has come to its end.
        Complete,
        /// Break it off.
        Discontinue,
        /// Go on in another offering, or at another time of one.
        Transfer,
        /// What was told of the one session was wrong: it is as before the session.
        Correct,
    }
    Proposed -- Accept -> AcceptedByClient;
    Proposed -- Decline -> DeclinedByClient;
    Proposed -- Cancel -> Cancelled;
    AcceptedByClient -- Enrol -> Enrolled;
    AcceptedByClient -- Queue -> Waitlisted;
    AcceptedByClient -- Cancel -> Cancelled;
    Waitlisted -- Enrol -> Enrolled;
    Waitlisted -- LeaveQueue -> LeftQueue;
    Enrolled -- Start -> Started;
    Enrolled -- NoShow -> NoShow;
    Enrolled -- Cancel -> Cancelled;
    Enrolled -- Transfer -> Transferred;
    Started -- Pause -> Paused;
    Started -- Complete -> Completed;
    Started -- Discontinue -> Discontinued;
    Started -- Transfer -> Transferred;
    Paused -- Resume -> Started;
    Paused -- Discontinue -> Discontinued;
    Paused -- Transfer -> Transferred;
    // What the attendance of one session tells is put right like the attendance.
    Cancelled -- Correct -> Enrolled;
    NoShow -- Correct -> Enrolled;
    Started -- Correct -> Enrolled;
    Completed -- Correct -> Enrolled;
}

/// On whose side a move is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client, or somebody who acts for the client.
    Client,
    /// Those who keep the client's register; of somebody whom no register knows, those who give the service, to whom the person has said it.
    Register,
    /// Those who give the service.
    Provider,
}

impl ParticipationMove {
    /// Who makes a move: what the client has to say is the client's, or told to those who keep the register; how it goes is for those who give the service.
    #[must_use]
    pub const fn is_made_by(self, side: Side) -> bool {
        match self {
            Self::Accept | Self::Decline | Self::LeaveQueue => matches!(side, Side::Client | Side::Register),
            Self::Cancel | Self::Discontinue => true,
            Self::Transfer => matches!(side, Side::Register | Side::Provider),
            Self::Enrol | Self::Queue | Self::Start | Self::NoShow | Self::Pause | Self::Resume | Self::Complete | Self::Correct => {
                matches!(side, Side::Provider)
            }
        }
    }

    /// It is a move of a registration of this unit: a time that is booked is changed for another, and whoever has not begun in a group registers anew. Nobody
    /// stays away from a single session for a while, and only what one session tells is put right.
    const fn fits(self, unit: RegistrationUnit, from: ParticipationState) -> bool {
        match unit {
            RegistrationUnit::Offering => !matches!((self, from), (Self::Correct, _) | (Self::Transfer, ParticipationState::Enrolled)),
            RegistrationUnit::Session => !matches!(self, Self::Pause),
        }
    }
}

impl ParticipationState {
    /// Those who have a place.
    pub const WITH_PLACE: [Self; 3] = [Self::Enrolled, Self::Started, Self::Paused];
    /// Those that have not come to an end.
    pub const OPEN: [Self; 6] = [Self::Proposed, Self::AcceptedByClient, Self::Waitlisted, Self::Enrolled, Self::Started, Self::Paused];

    /// It takes one of the places.
    #[must_use]
    pub fn has_place(self) -> bool {
        Self::WITH_PLACE.contains(&self)
    }

    /// It has not come to an end.
    #[must_use]
    pub fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }

    /// How good a place it is, of several that one human being turns out to have: whoever takes part before whoever only may, a place before waiting for one.
    #[must_use]
    pub fn worth(self) -> Option<usize> {
        let by_worth = [Self::Proposed, Self::AcceptedByClient, Self::Waitlisted, Self::Enrolled, Self::Paused, Self::Started];
        by_worth.iter().position(|state| *state == self)
    }

    /// As [`Machine::moves`], of a registration of this unit that has ended for this, if it has: what the attendance has not told, it does not put right.
    pub fn moves_of(self, unit: RegistrationUnit, ended_for: Option<ParticipationEnd>) -> impl Iterator<Item = ParticipationMove> {
        let given_up = self == Self::Cancelled && !self.is_told_by_attendance(ended_for);
        self.moves().filter(move |by| by.fits(unit, self) && !(given_up && *by == ParticipationMove::Correct))
    }

    /// As [`Machine::step`], of a registration of this unit.
    ///
    /// # Errors
    /// [`IllegalTransition`] when there is no such move of it.
    pub fn step_of(self, unit: RegistrationUnit, by: ParticipationMove) -> Result<Self, IllegalTransition> {
        if by.fits(unit, self) { self.step(by) } else { Err(IllegalTransition::of(self, by)) }
    }

    /// The move that ends it before its time, whoever ends it.
    #[must_use]
    pub const fn breaking_off(self) -> Option<ParticipationMove> {
        match self {
            Self::Proposed | Self::AcceptedByClient | Self::Enrolled => Some(ParticipationMove::Cancel),
            Self::Waitlisted => Some(ParticipationMove::LeaveQueue),
            Self::Started | Self::Paused => Some(ParticipationMove::Discontinue),
            Self::DeclinedByClient | Self::LeftQueue | Self::NoShow | Self::Cancelled | Self::Completed | Self::Discontinued | Self::Transferred => None,
        }
    }

    /// It is over for what the attendance of the one session has told, or has not: it is put right with the attendance.
    #[must_use]
    pub const fn is_told_by_attendance(self, ended_for: Option<ParticipationEnd>) -> bool {
        match self {
            Self::NoShow => true,
            Self::Cancelled => matches!(ended_for, Some(ParticipationEnd::AbsenceAnnounced | ParticipationEnd::NotRecorded)),
            _ => false,
        }
    }

    /// What becomes of somebody who has registered for one session once it is over and nobody tells who came: that somebody did not come is for nobody but
    /// those who were there to tell. None for what has come to its end.
    #[must_use]
    pub fn after_untold_session(self) -> Option<(Self, ParticipationEnd)> {
        let (by, why) = match self {
            Self::Started => (ParticipationMove::Complete, ParticipationEnd::Planned),
            _ if self.has_place() => (self.breaking_off()?, ParticipationEnd::NotRecorded),
            _ => (self.breaking_off()?, ParticipationEnd::SessionOver),
        };
        Some((self.step(by).ok()?, why))
    }

    /// What becomes of somebody who has registered for one session, by what its attendance tells now and for what it has ended so far: the session is all
    /// there was of it. Told otherwise before, it is put right; none where something else has ended it, or nothing changes.
    #[must_use]
    pub fn after_session(self, ended_for: Option<ParticipationEnd>, told: AttendanceStatus) -> Option<(Self, ParticipationEnd)> {
        use ParticipationMove::{Cancel, Complete, Correct, NoShow, Start};
        let from = match (self, ended_for) {
            (Self::Enrolled, _) => self,
            (Self::Started, _) if told.was_there() => self,
            (Self::Completed, _) if told.was_there() => return None,
            (Self::Started | Self::Completed, _) => self.step(Correct).ok()?,
            _ if self.is_told_by_attendance(ended_for) => self.step(Correct).ok()?,
            _ => return None,
        };
        let (moves, why): (&[_], _) = match told {
            AttendanceStatus::Present | AttendanceStatus::Late if from == Self::Started => (&[Complete], ParticipationEnd::Planned),
            AttendanceStatus::Present | AttendanceStatus::Late => (&[Start, Complete], ParticipationEnd::Planned),
            AttendanceStatus::AbsentNotified => (&[Cancel], ParticipationEnd::AbsenceAnnounced),
            AttendanceStatus::Absent => (&[NoShow], ParticipationEnd::StayedAway),
        };
        let state = moves.iter().try_fold(from, |state, by| state.step(*by)).ok()?;
        Some((state, why)).filter(|_| (state, Some(why)) != (self, ended_for))
    }
}

vocabulary! {
    /// How somebody has come to a service (mistä osallistuminen tuli).
    pub enum ParticipationSource ["participation-source"] {
        /// By an accepted referral (ohjaus).
        Referral,
        /// To a service of those who keep the client's register (oma palvelu).
        OwnService,
        /// The client registered oneself (itse ilmoittautunut).
        SelfRegistration,
        /// Registered by those who give the service, by name or alias, without any register of clients (tuottajan ilmoittama).
        WalkIn,
    }
}

vocabulary! {
    /// Why a participation ended (päättymisen syy).
    pub enum ParticipationEnd ["participation-end"] {
        /// As was planned (suunnitellusti).
        Planned,
        /// The client wished it (asiakkaan toive).
        ClientWish,
        /// The client moved away (muutto).
        MovedAway,
        /// Health (terveydelliset syyt).
        Health,
        /// Work or studies (työ tai opiskelu).
        WorkOrStudies,
        /// The service does not fit the client (palvelu ei sovi).
        DoesNotFit,
        /// The client stayed away (poissaolot).
        StayedAway,
        /// The client did not come to the one session, and had said so (ilmoitettu poissaolo).
        AbsenceAnnounced,
        /// Nobody has told whether the client came to the one session (läsnäoloa ei kirjattu).
        NotRecorded,
        /// The consent has ended (suostumus päättyi).
        ConsentEnded,
        /// The place was not confirmed in time (paikkaa ei vahvistettu).
        NotConfirmed,
        /// The client was registered there twice, as two who turned out to be one (ilmoittautunut kahdesti).
        RegisteredTwice,
        /// The client's case was closed (asiakkuus päättyi).
        CaseClosed,
        /// It goes on in another offering (siirtyi toiseen ryhmään).
        Transferred,
        /// The session for which it was is not held (kerta peruttiin).
        SessionCancelled,
        /// The session for which it was has been held without it: no place came free, or what was proposed was not answered (kerta pidettiin).
        SessionOver,
        /// The offering has come to its end without it: no place came free, or what was proposed was not answered (tarjonta päättyi).
        OfferingOver,
        /// Another reason (muu).
        Other,
    }
}

impl ParticipationEnd {
    /// It can be said with a move that somebody makes. The others are found out, or are what the attendance, a transfer or the job has told.
    #[must_use]
    pub const fn is_said_with(self, by: ParticipationMove) -> bool {
        match self {
            Self::Planned => matches!(by, ParticipationMove::Complete),
            Self::StayedAway => matches!(by, ParticipationMove::NoShow | ParticipationMove::Discontinue),
            Self::ClientWish | Self::MovedAway | Self::Health | Self::WorkOrStudies | Self::DoesNotFit | Self::Other => {
                !matches!(by, ParticipationMove::NoShow)
            }
            Self::AbsenceAnnounced
            | Self::NotRecorded
            | Self::ConsentEnded
            | Self::NotConfirmed
            | Self::RegisteredTwice
            | Self::CaseClosed
            | Self::Transferred
            | Self::SessionCancelled
            | Self::SessionOver
            | Self::OfferingOver => false,
        }
    }
}

/// For how long a place that came free is held for whoever stood first on the waiting list, before it goes to the next.
pub const HELD_FOR: TimeDelta = TimeDelta::hours(72);
/// How long after a session it can be told who came, before it is held to be told no more; what is told later is put right.
pub const TOLD_WITHIN: TimeDelta = TimeDelta::days(14);
/// The longest alias, in characters.
pub const ALIAS_LENGTH: usize = 100;

/// What has places of its own: an offering, or a session of one that is registered for by session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The offering.
    pub offering: ServiceOfferingId,
    /// Its session; none for the whole offering.
    pub session: Option<SessionId>,
}

impl Spot {
    /// For what one registers to have such a place.
    #[must_use]
    pub const fn unit(self) -> RegistrationUnit {
        if self.session.is_some() { RegistrationUnit::Session } else { RegistrationUnit::Offering }
    }
}

/// Where somebody who registers comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placing {
    /// To a place.
    Place,
    /// To the end of the waiting list.
    Queue,
    /// Nowhere: it is full.
    Full,
}

/// The seats of an offering on a day, and who has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// In all; none without a limit.
    pub capacity: Option<i32>,
    /// Of these, kept for clients of the network.
    pub reserved: i32,
    /// Taken.
    pub taken: i32,
    /// Of these, by clients of the network: they have the kept ones first.
    pub network_taken: i32,
}

impl Seats {
    /// Kept seats that no client of the network has yet.
    const fn kept(self) -> i32 {
        if self.reserved > self.network_taken { self.reserved - self.network_taken } else { 0 }
    }

    /// Free for anybody; none without a limit.
    #[must_use]
    pub fn free(self) -> Option<i32> {
        self.capacity.map(|all| Ord::max(all - self.taken - self.kept(), 0))
    }

    /// Free, and kept for clients of the network.
    #[must_use]
    pub fn reserved_free(self) -> i32 {
        self.capacity.map_or(0, |all| Ord::clamp(all - self.taken, 0, self.kept()))
    }

    /// How many can be taken in all as long as nobody of the network comes: the kept ones are not for others. None without a limit.
    #[must_use]
    pub fn most(self) -> Option<i32> {
        self.capacity.map(|all| all - self.kept())
    }

    /// Free for anybody in all of these; none where one is without a limit.
    #[must_use]
    pub fn all_free(these: impl IntoIterator<Item = Self>) -> Option<i32> {
        these.into_iter().map(Self::free).try_fold(0_i32, |sum, free| Some(sum.saturating_add(free?)))
    }

    /// Free in all of these, and kept for clients of the network.
    #[must_use]
    pub fn all_reserved_free(these: impl IntoIterator<Item = Self>) -> i32 {
        these.into_iter().map(Self::reserved_free).fold(0, i32::saturating_add)
    }

    /// A seat is free for somebody who comes as this kind of guest.
    #[must_use]
    pub fn has_room(self, guest: Guest) -> bool {
        self.free().is_none_or(|free| free > 0) || guest == Guest::OfNetwork && self.reserved_free() > 0
    }
}

/// As what somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guest {
    /// A client of the network: referred, or registered by those who keep the register (verkoston asiakas).
    OfNetwork,
    /// Anybody else: registered oneself, or walked in.
    Other,
}

impl Guest {
    /// As what somebody comes who has come in this way, by a referral or not.
    #[must_use]
    pub const fn of(source: ParticipationSource, referred: bool) -> Self {
        match source {
            ParticipationSource::Referral | ParticipationSource::OwnService => Self::OfNetwork,
            ParticipationSource::SelfRegistration | ParticipationSource::WalkIn if referred => Self::OfNetwork,
            ParticipationSource::SelfRegistration | ParticipationSource::WalkIn => Self::Other,
        }
    }
}

/// The places of an offering, as they are now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// The seats.
    pub seats: Seats,
    /// On the waiting list at most; none is no waiting list.
    pub waitlist: Option<i32>,
    /// On it now.
    pub queued: i32,
    /// Who wait for a place, on the list or for want of room on it.
    pub waiting: i32,
    /// Of these, clients of the network.
    pub network_waiting: i32,
}

impl Places {
    /// Where somebody who registers now comes: nobody passes those who wait for the same places. Kept places are waited for by clients of the network only.
    #[must_use]
    pub fn placing(self, guest: Guest) -> Placing {
        let passed = if guest == Guest::OfNetwork && self.seats.reserved_free() > 0 { self.network_waiting } else { self.waiting };
        if self.seats.has_room(guest) && passed == 0 {
            Placing::Place
        } else if self.queued < self.waitlist.unwrap_or(0) {
            Placing::Queue
        } else {
            Placing::Full
        }
    }
}

/// An alias that is given with a registration.
#[must_use]
pub fn check_alias(alias: &str) -> Rejections {
    let mut out = Rejections::default();
    if alias.trim().is_empty() {
        out.add(Code::Required, &["alias"]);
    } else {
        text::check(alias, &["alias"], ALIAS_LENGTH, &mut out);
    }
    out
}

/// The alias of somebody whom no register knows: it tells no more than what the person wants to be called.
#[must_use]
pub fn check_unnamed_alias(alias: &str) -> Rejections {
    let mut out = check_alias(alias);
    if alias.chars().count() <= ALIAS_LENGTH {
        for found in unnamed_text::find(alias) {
            out.push(Rejection::found(&["alias"], found));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    const OPEN: Seats = Seats { capacity: Some(10), reserved: 0, taken: 0, network_taken: 0 };

    #[test]
    fn nobody_passes_those_who_wait_and_what_is_full_is_full() {
        let places = |taken, waiting| Places { seats: Seats { taken, ..OPEN }, waitlist: Some(2), queued: waiting, waiting, network_waiting: 0 };
        for guest in [Guest::OfNetwork, Guest::Other] {
            assert_eq!(places(9, 0).placing(guest), Placing::Place);
            assert_eq!(places(9, 1).placing(guest), Placing::Queue);
            assert_eq!(places(10, 0).placing(guest), Placing::Queue);
            assert_eq!(places(10, 2).placing(guest), Placing::Full);
            assert_eq!(Places { waitlist: None, ..places(10, 0) }.placing(guest), Placing::Full);
            let none_listed = Places { queued: 0, ..places(9, 1) };
            assert_eq!(none_listed.placing(guest), Placing::Queue, "one who accepted when the list was full is not passed");
            assert_eq!(Places { waitlist: None, ..none_listed }.placing(guest), Placing::Full);
            assert_eq!(Places { seats: Seats { capacity: None, taken: 9_999, ..OPEN }, ..places(0, 0) }.placing(guest), Placing::Place);
        }
    }

    #[test]
    fn kept_places_are_for_clients_of_the_network_and_counted_once() {
        for taken in 0..=10 {
            for network_taken in 0..=taken {
                for reserved in 0..=10 {
                    let seats = Seats { reserved, taken, network_taken, ..OPEN };
                    let (free, kept) = (seats.free().unwrap(), seats.reserved_free());
                    assert!(free >= 0 && kept >= 0 && taken + free + kept <= 10, "{seats:?}");
                    // Where others have not taken kept places before they were kept, every place is told once.
                    if taken - network_taken <= 10 - reserved {
                        assert_eq!(taken + free + kept, 10, "{seats:?}");
                    }
                    assert_eq!(seats.has_room(Guest::OfNetwork), taken < 10, "{seats:?}");
                    assert_eq!(seats.has_room(Guest::Other), taken < seats.most().unwrap(), "{seats:?}");
                }
            }
        }
    }

    #[test]
    fn a_client_of_the_network_passes_only_those_who_may_not_have_the_place() {
        let places = Places { seats: Seats { reserved: 2, taken: 8, ..OPEN }, waitlist: Some(5), queued: 3, waiting: 3, network_waiting: 0 };
        assert_eq!(places.placing(Guest::OfNetwork), Placing::Place);
        assert_eq!(places.placing(Guest::Other), Placing::Queue);
        assert_eq!(Places { network_waiting: 1, ..places }.placing(Guest::OfNetwork), Placing::Queue);
        let none_kept = Places { seats: Seats { reserved: 0, taken: 9, ..OPEN }, ..places };
        assert_eq!(none_kept.placing(Guest::OfNetwork), Placing::Queue, "an open place is for whoever came first");
    }

    #[test]
    fn who_is_referred_comes_as_a_client_of_the_network_whoever_registers() {
        use ParticipationSource::{OwnService, Referral, SelfRegistration, WalkIn};
        let guests = [Referral, OwnService, SelfRegistration, WalkIn].map(|source| [Guest::of(source, false), Guest::of(source, true)]);
        assert_eq!(guests, [[Guest::OfNetwork; 2], [Guest::OfNetwork; 2], [Guest::Other, Guest::OfNetwork], [Guest::Other, Guest::OfNetwork]]);
    }

    #[test]
    fn whatever_is_open_can_be_broken_off_and_only_that() {
        for state in ParticipationState::ALL {
            assert_eq!(state.breaking_off().is_some(), state.is_open(), "{state:?}");
            if let Some(by) = state.breaking_off() {
                assert!(!state.step(by).unwrap().is_open());
            }
        }
    }

    #[test]
    fn one_session_is_all_there_is_of_it_and_what_was_told_wrong_is_put_right() {
        use AttendanceStatus::{Absent, AbsentNotified, Late, Present};
        let tells = |told: AttendanceStatus| match told {
            Present | Late => (ParticipationState::Completed, ParticipationEnd::Planned),
            AbsentNotified => (ParticipationState::Cancelled, ParticipationEnd::AbsenceAnnounced),
            Absent => (ParticipationState::NoShow, ParticipationEnd::StayedAway),
        };
        for state in [ParticipationState::Enrolled, ParticipationState::Started] {
            for first in [Present, Late, AbsentNotified, Absent] {
                let (ended, why) = state.after_session(None, first).unwrap();
                assert_eq!((ended, why), tells(first), "{state:?} {first:?}");
                for then in [Present, Late, AbsentNotified, Absent] {
                    let right = Some(tells(then)).filter(|right| *right != tells(first));
                    assert_eq!(ended.after_session(Some(why), then), right, "{first:?}, then {then:?}");
                }
            }
        }
    }

    #[test]
    fn what_something_else_has_ended_is_not_changed_by_the_attendance() {
        for state in ParticipationState::ALL {
            let ends = [ParticipationEnd::ClientWish, ParticipationEnd::SessionCancelled, ParticipationEnd::ConsentEnded];
            let told = [AttendanceStatus::Present, AttendanceStatus::AbsentNotified, AttendanceStatus::Absent];
            let changes = ends.iter().any(|why| told.iter().any(|told| state.after_session(Some(*why), *told).is_some()));
            let by_attendance = [ParticipationState::Enrolled, ParticipationState::Started, ParticipationState::Completed, ParticipationState::NoShow];
            assert_eq!(changes, by_attendance.contains(state), "{state:?}");
        }
    }

    #[test]
    fn what_nobody_tells_of_a_session_ends_and_makes_nobody_a_no_show() {
        for state in ParticipationState::ALL {
            let ended = state.after_untold_session();
            assert_eq!(ended.is_some(), state.is_open(), "{state:?}");
            if let Some((ended, why)) = ended {
                assert!(!ended.is_open() && ended != ParticipationState::NoShow, "{state:?}");
                let told = ended.after_session(Some(why), AttendanceStatus::Absent);
                assert_eq!(told.is_some(), [ParticipationState::Enrolled, ParticipationState::Started].contains(state), "{state:?} is told late");
            }
        }
    }

    #[test]
    fn the_moves_of_one_session_are_others_than_those_of_a_course() {
        use RegistrationUnit::{Offering, Session};
        for state in ParticipationState::ALL {
            let moves = |unit| state.moves_of(unit, Some(ParticipationEnd::AbsenceAnnounced)).collect::<Vec<_>>();
            assert!(!moves(Offering).contains(&ParticipationMove::Correct), "{state:?}");
            assert!(!moves(Session).contains(&ParticipationMove::Pause), "{state:?}");
            let goes_over = [Offering, Session].map(|unit| moves(unit).contains(&ParticipationMove::Transfer));
            assert_eq!(goes_over, [matches!(state, ParticipationState::Started | ParticipationState::Paused), state.has_place()], "{state:?}");
            for unit in [Offering, Session] {
                for by in state.moves() {
                    assert_eq!(state.step_of(unit, by).is_ok(), moves(unit).contains(&by), "{state:?} {by:?} {unit:?}");
                }
            }
        }
    }

    #[test]
    fn what_was_given_up_is_not_put_right_by_the_attendance() {
        let moves = |why| ParticipationState::Cancelled.moves_of(RegistrationUnit::Session, Some(why)).collect::<Vec<_>>();
        for why in ParticipationEnd::ALL {
            let told = matches!(why, ParticipationEnd::AbsenceAnnounced | ParticipationEnd::NotRecorded);
            assert_eq!(moves(*why), if told { vec![ParticipationMove::Correct] } else { Vec::new() }, "{why:?}");
        }
    }

    #[test]
    fn the_free_places_of_several_are_those_of_each() {
        let taken = |taken| Seats { taken, ..OPEN };
        assert_eq!(Seats::all_free([]), Some(0));
        assert_eq!(Seats::all_free([taken(3), taken(10), taken(8)]), Some(9));
        assert_eq!(Seats::all_free([taken(3), Seats { capacity: None, ..OPEN }]), None);
    }

    #[test]
    fn whatever_goes_on_is_worth_something_and_a_place_more_than_none() {
        for state in ParticipationState::ALL {
            assert_eq!(state.worth().is_some(), state.is_open(), "{state:?}");
        }
        let (with, without): (Vec<_>, Vec<_>) = ParticipationState::OPEN.into_iter().partition(|state| state.has_place());
        assert!(with.iter().map(|state| state.worth()).min() > without.iter().map(|state| state.worth()).max());
    }

    #[test]
    fn a_place_is_taken_from_enrolment_to_the_end() {
        let with: Vec<_> = ParticipationState::ALL.iter().filter(|state| state.has_place()).collect();
        assert_eq!(with, [&ParticipationState::Enrolled, &ParticipationState::Started, &ParticipationState::Paused]);
        assert!(ParticipationState::WITH_PLACE.iter().all(|state| state.is_open()));
    }
}
