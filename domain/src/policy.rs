//! Who may do what to which rows: the only place that knows roles. Everything not allowed here is closed.
use crate::{
    actor::{Actor, Role},
    id::{NetworkId, OrganizationId},
    vocabulary::vocabulary,
};
use std::collections::BTreeSet;

/// What can be reached: one variant for each guarded table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// A network.
    Network,
    /// A member organisation.
    Organization,
    /// A service unit.
    ServiceUnit,
    /// An area.
    Area,
    /// A venue of the inventory.
    Venue,
    /// A transport route.
    TransportRoute,
    /// The working copy of a service.
    Service,
    /// The working copy of an offering.
    ServiceOffering,
    /// The published copy of a service or an offering.
    Publication,
    /// A series of sessions.
    SessionSeries,
    /// A session.
    Session,
    /// A partnership agreement.
    PartnershipAgreement,
    /// The bond between an agreement and one of its parties.
    AgreementParty,
    /// A membership: who has which role where.
    Membership,
    /// What happened, for subscribers and feeds.
    Event,
}

impl Resource {
    /// Every resource.
    pub const ALL: &'static [Self] = &[
        Self::Network,
        Self::Organization,
        Self::ServiceUnit,
        Self::Area,
        Self::Venue,
        Self::TransportRoute,
        Self::Service,
        Self::ServiceOffering,
        Self::Publication,
        Self::SessionSeries,
        Self::Session,
        Self::PartnershipAgreement,
        Self::AgreementParty,
        Self::Membership,
        Self::Event,
    ];
}

vocabulary! {
    /// What is done to a row.
    pub enum Action {
        /// Seeing it.
        Read,
        /// Making it.
        Create,
        /// Changing its content.
        Update,
        /// Moving it to another state: publishing, withdrawing, cancelling, ending.
        Transition,
    }
}

/// Which rows a role reaches, before it is known whose role it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No row.
    Nothing,
    /// What everybody may see.
    Public,
    /// What everybody may see, and the rows about oneself.
    Personal,
    /// The rows of the organisation in which one has the role.
    Own,
    /// The rows of the network in which one has the role.
    Network,
    /// Every row.
    Everything,
}

/// For whom a rule speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Anyone, signed in or not.
    Anyone,
    /// A person or machine in a role.
    In(Role),
    /// The system itself.
    System,
}

/// The policy: which rows `party` reaches for `action` on `resource`. Exhaustive, so a new resource does not compile without its rule.
#[must_use]
pub const fn scope(party: Party, action: Action, resource: Resource) -> Scope {
    use Action::{Create, Read, Transition, Update};
    use Resource as R;
    use Scope::{Everything, Network, Nothing, Own, Personal, Public};
    let role = match party {
        Party::System => return Everything,
        Party::Anyone => {
            return match (resource, action) {
                (
                    R::Network
                    | R::Organization
                    | R::ServiceUnit
                    | R::Area
                    | R::TransportRoute
                    | R::Venue
                    | R::Publication
                    | R::SessionSeries
                    | R::Session
                    | R::Event,
                    Read,
                ) => Public,
                (R::Membership, Read) => Personal,
                (R::Service | R::ServiceOffering | R::PartnershipAgreement | R::AgreementParty, Read) | (_, Create | Update | Transition) => Nothing,
            };
        }
        Party::In(role) => role,
    };
    let editor = edits_catalogue(role);
    match resource {
        R::Network => match (action, role) {
            (Update, Role::Admin) => Network,
            _ => Nothing,
        },
        R::Organization => match (action, role) {
            (Create | Update, Role::Admin) => Network,
            (Update, Role::Lead | Role::ProviderManager | Role::PartnerCoordinator) => Own,
            _ => Nothing,
        },
        R::Area => match (action, role) {
            (Create | Update | Transition, Role::Admin) => Network,
            _ => Nothing,
        },
        // The inventory is shared work of the network (VIHTORI): its staff see every venue, each organisation changes its own.
        R::Venue => match action {
            Read if editor => Network,
            Create | Update | Transition if editor => Own,
            _ => Nothing,
        },
        R::Service | R::ServiceOffering | R::SessionSeries | R::Session => match (action, role) {
            (Read, Role::Admin) => Network,
            _ if editor => Own,
            _ => Nothing,
        },
        R::ServiceUnit | R::TransportRoute | R::Publication | R::Event => {
            if editor {
                Own
            } else {
                Nothing
            }
        }
        R::PartnershipAgreement | R::AgreementParty => match (action, role) {
            (Read, Role::Admin | Role::Lead | Role::ProcurementOfficer | Role::DecisionMaker | Role::Dpo | Role::ProjectManager) => Network,
            (Read, _) if editor => Own,
            (Create | Update | Transition, Role::Admin | Role::Lead | Role::ProjectManager | Role::PartnerCoordinator) => Own,
            _ => Nothing,
        },
        R::Membership => match (action, role) {
            (_, Role::Admin) | (Read, Role::Dpo) => Network,
            _ => Nothing,
        },
    }
}

/// Roles whose work is to keep their organisation's part of the catalogue.
const fn edits_catalogue(role: Role) -> bool {
    match role {
        Role::SocialWorker
        | Role::SocialCounsellor
        | Role::ServiceGuide
        | Role::Lead
        | Role::OutreachWorker
        | Role::ProviderManager
        | Role::ProviderStaff
        | Role::PartnerCoordinator
        | Role::PartnerWorker
        | Role::ProjectManager
        | Role::Admin => true,
        Role::Referrer
        | Role::ProcurementOfficer
        | Role::FinanceOfficer
        | Role::Client
        | Role::Representative
        | Role::DecisionMaker
        | Role::Analyst
        | Role::Dpo
        | Role::Integration => false,
    }
}

/// Which rows an actor reaches: the union of what each standing gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reach {
    /// Every row.
    pub everything: bool,
    /// What everybody may see.
    pub public: bool,
    /// Every row of these networks.
    pub networks: BTreeSet<NetworkId>,
    /// Every row of these organisations.
    pub organizations: BTreeSet<OrganizationId>,
    /// The rows about this subject.
    pub subject: Option<String>,
}

impl Reach {
    fn add(&mut self, scope: Scope, network: Option<NetworkId>, organization: Option<OrganizationId>, subject: Option<&str>) {
        match scope {
            Scope::Nothing => {}
            Scope::Public => self.public = true,
            Scope::Personal => {
                self.public = true;
                self.subject = subject.map(str::to_owned);
            }
            Scope::Own => self.organizations.extend(organization),
            Scope::Network => self.networks.extend(network),
            Scope::Everything => self.everything = true,
        }
    }

    /// A row of this network and organisation is reached (beyond what is public).
    #[must_use]
    pub fn covers(&self, network: NetworkId, organization: Option<OrganizationId>) -> bool {
        self.everything || self.networks.contains(&network) || organization.is_some_and(|o| self.organizations.contains(&o))
    }

    /// No row at all is reached.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// The rows that `actor` reaches for `action` on `resource`.
#[must_use]
pub fn reach(actor: &Actor, action: Action, resource: Resource) -> Reach {
    let mut reach = Reach::default();
    reach.add(scope(Party::Anyone, action, resource), None, None, actor.subject());
    if matches!(actor, Actor::System) {
        reach.add(scope(Party::System, action, resource), None, None, None);
    }
    for s in actor.standings() {
        reach.add(scope(Party::In(s.role), action, resource), Some(s.network), Some(s.organization), None);
    }
    reach
}

/// The whole policy as a table, for the documents and for review.
#[must_use]
pub fn table() -> String {
    use std::fmt::Write as _;
    let mut out = String::from("| resource | action | anyone |");
    for role in Role::ALL {
        let _ = write!(out, " {role:?} |");
    }
    let _ = write!(out, "\n|---|---|---|{}\n", "---|".repeat(Role::ALL.len()));
    let word = |scope: Scope| match scope {
        Scope::Nothing => "–".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    for resource in Resource::ALL {
        for action in Action::ALL {
            let _ = write!(out, "| {resource:?} | {action:?} | {} |", word(scope(Party::Anyone, *action, *resource)));
            for role in Role::ALL {
                let _ = write!(out, " {} |", word(scope(Party::In(*role), *action, *resource)));
            }
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actor::Standing, id::MembershipId};

    fn person(role: Role) -> (Actor, Standing) {
        let standing = Standing { membership: MembershipId::new(), network: NetworkId::new(), organization: OrganizationId::new(), role };
        (Actor::Person { subject: "s".into(), standings: vec![standing.clone()] }, standing)
    }

    #[test]
    fn the_policy_is_the_printed_table() {
        insta::assert_snapshot!("policy", table());
    }

    #[test]
    fn nobody_writes_without_a_role() {
        for resource in Resource::ALL {
            for action in [Action::Create, Action::Update, Action::Transition] {
                assert!(reach(&Actor::Anyone, action, *resource).is_nothing());
                let stranger = Actor::Person { subject: "s".into(), standings: vec![] };
                assert!(reach(&stranger, action, *resource).is_nothing());
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
        let actor = Actor::Person { subject: "s".into(), standings: vec![a.clone(), b.clone()] };
        let reach = reach(&actor, Action::Update, Resource::Service);
        assert!(reach.covers(a.network, Some(a.organization)) && reach.covers(b.network, Some(b.organization)));
        assert!(!reach.covers(b.network, Some(OrganizationId::new())));
    }
}
