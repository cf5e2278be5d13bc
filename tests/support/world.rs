//! The fixed cast: two networks, their organisations, and one of each role. Made through the use cases, as everything is.
use api::{
    act::{
        access::membership,
        catalogue::{area, network, organization},
    },
    caller::Caller,
    identity::{demo::ISSUER, subject_key},
    store::Store,
};
use domain::{
    access::Grant,
    actor::Role,
    catalogue::{area::AreaKind, organization::OrganizationContent},
    id::{AreaId, Kinded, NetworkId, OrganizationId},
    text::LocalizedText,
};
use std::collections::BTreeMap;

/// Who and what there is in every test.
#[derive(Debug)]
pub struct World {
    /// The networks: `kuopio` and `savo`.
    pub networks: BTreeMap<&'static str, NetworkId>,
    /// The organisations.
    pub organizations: BTreeMap<&'static str, OrganizationId>,
}

/// Each actor: name, role, organisation.
pub const CAST: &[(&str, Role, &str)] = &[
    ("admin", Role::Admin, "county"),
    ("lead", Role::Lead, "county"),
    ("social-worker", Role::SocialWorker, "county"),
    ("service-guide", Role::ServiceGuide, "county"),
    ("procurement", Role::ProcurementOfficer, "county"),
    ("analyst", Role::Analyst, "county"),
    ("dpo", Role::Dpo, "county"),
    ("client", Role::Client, "county"),
    ("integration", Role::Integration, "county"),
    ("provider", Role::ProviderStaff, "company"),
    ("partner", Role::PartnerCoordinator, "ngo"),
    ("partner-b", Role::PartnerWorker, "parish"),
    ("admin-x", Role::Admin, "county-x"),
    ("partner-x", Role::PartnerCoordinator, "ngo-x"),
];

impl World {
    /// The public id of an organisation.
    pub fn organization(&self, name: &str) -> String {
        self.organizations[name].to_public()
    }

    /// The public id of a network.
    pub fn network(&self, name: &str) -> String {
        self.networks[name].to_public()
    }

    /// The public id of a municipality.
    pub fn municipality(&self, code: &str) -> String {
        let id: AreaId = area::national_id(AreaKind::Municipality, code);
        id.to_public()
    }
}

/// Builds the world as the system itself.
pub async fn build(store: &Store) -> World {
    let system = Caller::system(store);
    area::register_national(&system).await.expect("areas");
    let mut world = World { networks: BTreeMap::new(), organizations: BTreeMap::new() };
    for (name, organizer, members) in [("kuopio", "county", &["company", "ngo", "parish"][..]), ("savo", "county-x", &["ngo-x"])] {
        let what = network::FoundNetwork { name: LocalizedText::fi(name), organizer: content(organizer, "WELLBEING_COUNTY") };
        let row = network::found(&system, None, what).await.expect("a network");
        world.networks.insert(name, row.id);
        world.organizations.insert(organizer, row.content.organizer);
        for member in members {
            let what = organization::AddOrganization { network: row.id, content: content(member, "ASSOCIATION") };
            let row = organization::add(&system, None, what).await.expect("an organisation");
            world.organizations.insert(member, row.id);
        }
    }
    for (name, role, organization) in CAST {
        let grant = Grant {
            subject: subject_key(ISSUER, name),
            organization: world.organizations[organization],
            role: *role,
            valid_from: "2020-01-01".parse().expect("a date"),
            valid_to: None,
        };
        membership::grant(&system, None, grant).await.expect("a membership");
    }
    world
}

fn content(name: &str, kind: &str) -> OrganizationContent {
    serde_json::from_value(serde_json::json!({ "name": { "fi": name, "en": name }, "kind": kind })).expect("a content")
}
