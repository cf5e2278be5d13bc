//! The whole matrix of the policy, and what must hold all over it.
use super::*;
use crate::{actor::Occasion, id::MembershipId, person::purpose::Purpose};

fn occasion(purpose: Option<Purpose>) -> Occasion {
    Occasion { at: "2026-11-27T10:00:00Z".parse().unwrap(), purpose }
}

fn person(role: Role) -> (Actor, Standing) {
    let standing = Standing { membership: MembershipId::new(), network: NetworkId::new(), organization: OrganizationId::new(), role };
    let purpose = Purpose::ALL.iter().copied().find(|purpose| purpose.fits(role));
    (Actor::Person { subject: "s".into(), standings: vec![standing.clone()], occasion: occasion(purpose) }, standing)
}

#[test]
fn the_policy_is_the_printed_table() {
    insta::assert_snapshot!("policy", table());
}

#[test]
fn nobody_writes_without_a_role() {
    for resource in Resource::ALL {
        for action in [Action::Create, Action::Update, Action::Transition] {
            let nobody = reach(&Actor::Anyone, action, *resource);
            assert!(nobody.is_nothing() || nobody == Reach { public: true, ..Reach::default() });
            let stranger = Actor::Person { subject: "s".into(), standings: vec![], occasion: occasion(Some(Purpose::Care)) };
            let reach = reach(&stranger, action, *resource);
            let oneself = Reach { public: true, subject: Some("s".into()), ..Reach::default() };
            // Data about oneself, and calendars of one's own.
            let is_ones_own = resource.is_about_clients() || *resource == Resource::CalendarFeed;
            assert!(reach.is_nothing() || (reach == oneself && is_ones_own), "{action:?} {resource:?}");
        }
    }
}

#[test]
fn no_role_writes_outside_its_network_and_only_admin_outside_its_organisation() {
    for role in Role::ALL {
        let (actor, standing) = person(*role);
        for resource in Resource::ALL {
            for action in [Action::Create, Action::Update, Action::Transition] {
                let reach = reach(&actor, action, *resource);
                assert!(!reach.everything && !reach.covers(NetworkId::new(), Some(OrganizationId::new())));
                if !matches!(role, Role::Admin) {
                    assert!(!reach.covers(standing.network, Some(OrganizationId::new())), "{role:?} {action:?} {resource:?}");
                }
            }
        }
    }
}

#[test]
fn two_standings_give_the_union() {
    let (_, a) = person(Role::PartnerWorker);
    let (_, b) = person(Role::Admin);
    let actor = Actor::Person { subject: "s".into(), standings: vec![a.clone(), b.clone()], occasion: occasion(None) };
    let reach = reach(&actor, Action::Update, Resource::Service);
    assert!(reach.covers(a.network, Some(a.organization)) && reach.covers(b.network, Some(b.organization)));
    assert!(!reach.covers(b.network, Some(OrganizationId::new())));
}

#[test]
fn data_about_clients_is_out_of_reach_without_a_fitting_purpose() {
    for role in Role::ALL {
        let (_, standing) = person(*role);
        for resource in Resource::ALL.iter().filter(|r| r.is_about_clients()) {
            for purpose in [None].into_iter().chain(Purpose::ALL.iter().copied().filter(|p| !p.fits(*role)).map(Some)) {
                let actor = Actor::Person { subject: "s".into(), standings: vec![standing.clone()], occasion: occasion(purpose) };
                let by_role = Reach { public: false, subject: None, ..reach(&actor, Action::Read, *resource) };
                assert!(by_role.is_nothing(), "{role:?} {resource:?} {purpose:?}");
                assert_eq!(lacks_purpose(&actor, Action::Read, *resource), scope(Party::In(*role), Action::Read, *resource) != Scope::Nothing);
            }
        }
    }
}

#[test]
fn no_role_opens_who_a_client_is_without_a_relation() {
    for role in Role::ALL {
        for action in [Action::Read, Action::Update, Action::Transition] {
            assert!(matches!(scope(Party::In(*role), action, Resource::Person), Scope::Nothing | Scope::Related | Scope::Entrusted), "{role:?} {action:?}");
        }
    }
}

#[test]
fn whoever_sees_a_contract_or_its_lines_sees_what_is_drawn_of_it() {
    for role in Role::ALL {
        let read = |resource| scope(Party::In(*role), Action::Read, resource);
        let (contract, line, drawn) = (read(Resource::FrameworkContract), read(Resource::ContractLine), read(Resource::Drawdown));
        assert_eq!(contract == Scope::Nothing && line == Scope::Nothing, drawn == Scope::Nothing, "{role:?}");
        assert!(line == Scope::Nothing || line == drawn, "{role:?}: what is out of reach would be told as nothing");
    }
}

#[test]
fn statistics_open_no_client_and_analysts_nothing_about_any() {
    for role in Role::ALL {
        let (_, standing) = person(*role);
        let actor = Actor::Person { subject: "s".into(), standings: vec![standing], occasion: occasion(Some(Purpose::Statistics)) };
        for resource in Resource::ALL.iter().filter(|resource| resource.is_about_clients()) {
            for action in Action::ALL {
                let by_role = Reach { public: false, subject: None, ..reach(&actor, *action, *resource) };
                assert!(by_role.is_nothing(), "{role:?} {action:?} {resource:?}");
                assert_eq!(scope(Party::In(Role::Analyst), *action, *resource), Scope::Nothing, "{action:?} {resource:?}");
            }
        }
    }
}

#[test]
fn whoever_is_told_reports_as_they_are_may_look_for_statistics() {
    for role in Role::ALL {
        assert_eq!(reads_reports(*role, Rendering::Internal), Purpose::Statistics.fits(*role), "{role:?}");
        assert!(reads_reports(*role, Rendering::Publishable) || !reads_reports(*role, Rendering::Internal), "{role:?}");
    }
}

#[test]
fn at_an_authority_referrals_are_received_by_those_who_work_with_clients_and_elsewhere_by_those_who_give_its_services() {
    for role in Role::ALL {
        for direction in ReferralDirection::ALL {
            let outbound = *direction == ReferralDirection::Outbound;
            let expected = if outbound { gives_ordered(*role) } else { works_with_clients(*role) };
            assert_eq!(receives_referrals(*role, *direction, true), expected, "{role:?} {direction:?}");
            assert_eq!(receives_referrals(*role, *direction, false), gives_ordered(*role), "{role:?} {direction:?}");
            // Whoever receives one can move one.
            let moves = scope(Party::In(*role), Action::Transition, Resource::Referral) != Scope::Nothing;
            assert!(moves || !gives_ordered(*role), "{role:?}");
        }
    }
}
