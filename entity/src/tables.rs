//! All guarded tables, once: what is done for every table walks them here, so that no table is forgotten.
use crate::{Guarded, access, casework, catalogue, delivery, funding, outreach, person};

/// What is done for each guarded table.
pub trait EachTable {
    /// Does it for one.
    fn table<E: Guarded>(&mut self);
}

macro_rules! each {
    ($walker:ident: $($table:path),* $(,)?) => { $({ use $table as table; $walker.table::<table::Entity>(); })* };
}

/// Walks all guarded tables, parents before what hangs under them.
pub fn each_table(walker: &mut impl EachTable) {
    each!(walker:
        catalogue::network, catalogue::organization, catalogue::service_unit, catalogue::area, catalogue::venue, catalogue::transport_route,
        catalogue::service, catalogue::service_offering, catalogue::publication, catalogue::session_series, catalogue::session,
        catalogue::partnership_agreement, catalogue::agreement_party,
        access::membership, access::event,
        outreach::drop_in_day, outreach::outreach_shift, outreach::open_event, outreach::anonymous_handle, outreach::anonymous_contact,
        person::client, person::person, person::representation, person::care_relation, person::consent,
        person::subject_request, person::restriction, person::legal_hold, person::informing, person::disclosure_permission, person::disclosure_prohibition,
        casework::referral, casework::case, casework::case_event, casework::intake_baseline, casework::substitution, casework::needs_assessment,
        casework::client_plan, casework::goal, casework::final_assessment, casework::service_decision, casework::follow_on_path, casework::client_entry, casework::follow_up,
        casework::instrument_response, casework::network_meeting, casework::feedback,
        delivery::participation, delivery::attendance, delivery::visit,
        funding::procurement, funding::framework_contract, funding::contract_line, funding::rulebook, funding::provider_approval, funding::drawdown, funding::invoice, funding::voucher_settlement, funding::purchase_order, funding::voucher, funding::complaint, funding::delivery_event, funding::provider_report,
        access::use_log_entry, access::disclosure_log_entry, access::notice, access::calendar_feed, access::webhook, access::webhook_delivery, access::destruction,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{noted_field::NotedField, policy::Resource};

    #[derive(Default)]
    struct Resources(Vec<Resource>);

    impl EachTable for Resources {
        fn table<E: Guarded>(&mut self) {
            self.0.push(E::RESOURCE);
        }
    }

    #[test]
    fn every_resource_has_one_table() {
        let mut walked = Resources::default();
        each_table(&mut walked);
        walked.0.sort_unstable();
        let mut all = Resource::ALL.to_vec();
        all.sort_unstable();
        assert_eq!(walked.0, all);
    }

    /// Whoever reads what is sealed of a client is noted with the field, and not with the kind of thing alone.
    #[test]
    fn every_sealed_column_about_clients_is_a_noted_field() {
        // Their parts are noted one by one.
        const FINER: [&str; 2] = ["Person.identity", "Visit.details"];
        struct Unnoted(Vec<String>);
        impl EachTable for Unnoted {
            fn table<E: Guarded>(&mut self) {
                // Whoever has reported a complaint is told to nobody who reads the log: it is named as the client.
                if !E::RESOURCE.is_about_clients() || E::RESOURCE == Resource::Complaint {
                    return;
                }
                for (column, _) in E::sealed() {
                    let mut words = column.split('_');
                    let mut name = format!("{:?}.{}", E::RESOURCE, words.next().unwrap());
                    for word in words {
                        name.push_str(&word[..1].to_uppercase());
                        name.push_str(&word[1..]);
                    }
                    if NotedField::named(&name).is_none() && !FINER.contains(&name.as_str()) {
                        self.0.push(name);
                    }
                }
            }
        }
        let mut unnoted = Unnoted(Vec::new());
        each_table(&mut unnoted);
        assert!(unnoted.0.is_empty(), "{:?}", unnoted.0);
    }

    /// A sealed column that is not named is lost with its key, when keys rotate.
    #[test]
    fn every_sealed_column_is_named() {
        struct Sealed(usize);
        impl EachTable for Sealed {
            fn table<E: Guarded>(&mut self) {
                self.0 += E::sealed().len();
            }
        }
        let mut named = Sealed(0);
        each_table(&mut named);
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = ["person", "casework", "delivery", "catalogue", "access", "outreach", "funding"]
            .into_iter()
            .flat_map(|context| std::fs::read_dir(folder.join(context)).unwrap());
        let sources = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let columns =
            |source: String| source.lines().filter(|line| line.trim_end().ends_with("SealedText,") || line.trim_end().ends_with("SealedText>,")).count();
        assert_eq!(named.0, sources.map(columns).sum::<usize>());
    }
}
