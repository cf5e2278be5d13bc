//! What the entities say of the tables, against what the tables are and keep: entity by entity, past all doors.
use crate::database::{Fresh, Kind, past_all_doors, unguard};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, Database, DbBackend, EntityTrait, IntoActiveModel, Iterable, PaginatorTrait,
    PrimaryKeyToColumn, QueryOrder, Statement,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

/// Calls a function for each entity there is; a table that is missing here is noticed by its columns.
macro_rules! each_entity {
    ($call:ident $arguments:tt) => {
        each_entity!(@ $call $arguments catalogue::network, catalogue::area, catalogue::organization, catalogue::service_unit, catalogue::venue,
            catalogue::transport_route, catalogue::service, catalogue::service_offering, catalogue::publication, catalogue::session_series, catalogue::session,
            catalogue::partnership_agreement, catalogue::agreement_party, access::membership, access::event, access::notice, access::calendar_feed, access::webhook, access::webhook_delivery, outreach::drop_in_day, outreach::outreach_shift, outreach::open_event,
            outreach::anonymous_handle, outreach::anonymous_contact,
            access::use_log_entry, access::disclosure_log_entry, person::person, person::client, person::representation, person::care_relation, person::consent,
            person::subject_request, person::restriction, person::legal_hold, access::destruction,
            person::informing, person::disclosure_permission, person::disclosure_prohibition, casework::feedback,
            casework::referral, casework::case, casework::case_event, casework::intake_baseline, casework::substitution, casework::needs_assessment, casework::client_plan, casework::goal, casework::final_assessment, casework::service_decision,
            casework::follow_on_path, casework::client_entry, casework::follow_up, casework::instrument_response, casework::network_meeting,
            delivery::participation, delivery::attendance, delivery::visit, funding::procurement, funding::framework_contract, funding::contract_line, funding::rulebook, funding::provider_approval, funding::drawdown, funding::invoice, funding::voucher_settlement, funding::purchase_order, funding::voucher, funding::complaint, funding::delivery_event, funding::provider_report, sealed::feed, sealed::audit, sealed::doomed, sealed::doomed_log, sealed::job_run, sealed::idempotency, sealed::key_check, sealed::ledger_head, sealed::person_word, sealed::report_release, sealed::quality_release, sealed::webhook_progress)
    };
    (@ $call:ident $arguments:tt $($context:ident::$table:ident),*) => { $( $call::<entity::$context::$table::Entity> $arguments.await; )* };
}

/// The columns of every table of a database: whether they may be null.
pub async fn columns(kind: Kind) -> (BTreeMap<String, BTreeMap<String, bool>>, BTreeMap<String, BTreeMap<String, bool>>) {
    let (fresh, _) = Fresh::copy(kind).await;
    let conn = Database::connect(past_all_doors(&fresh.url)).await.expect("a connection");
    let (backend, text) = match kind {
        Kind::Sqlite => (
            DbBackend::Sqlite,
            "SELECT m.name, c.name, CASE WHEN c.\"notnull\" = 0 AND c.pk = 0 THEN 1 ELSE 0 END FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
        ),
        Kind::Postgres => (
            DbBackend::Postgres,
            "SELECT table_name::text, column_name::text, CASE WHEN is_nullable = 'YES' THEN 1 ELSE 0 END FROM information_schema.columns WHERE table_schema = 'public'",
        ),
    };
    let mut migrated: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for row in conn.query_all_raw(Statement::from_string(backend, text)).await.expect("the columns") {
        let name = |at: usize| row.try_get_by_index::<String>(at).expect("a name");
        let null = row.try_get_by_index::<i32>(2).expect("yes or no") == 1;
        migrated.entry(name(0)).or_default().insert(name(1), null);
    }
    // The migrations' own.
    migrated.remove("seaql_migrations");
    let mut said = BTreeMap::new();
    each_entity!(say(&mut said));
    conn.close().await.expect("closed");
    fresh.drop().await;
    (migrated, said)
}

async fn say<E: EntityTrait>(said: &mut BTreeMap<String, BTreeMap<String, bool>>) {
    let columns = E::Column::iter().map(|column| (sea_orm::IdenStatic::as_str(&column).to_owned(), column.def().is_null()));
    said.insert(E::default().table_name().to_owned(), columns.collect());
}

/// Carries every row of one database into another and reads it back there; the tables of which there was no row.
pub async fn carried(from: &str, kind: Kind) -> BTreeSet<String> {
    let (fresh, _) = Fresh::copy(kind).await;
    for table in ["use_log_entry", "disclosure_log_entry", "audit", "case_event", "intake_baseline", "destruction"] {
        unguard(kind, &fresh.url, table).await;
    }
    let (from, to) =
        (Database::connect(past_all_doors(from)).await.expect("a connection"), Database::connect(past_all_doors(&fresh.url)).await.expect("a connection"));
    let mut empty = BTreeSet::new();
    each_entity!(carry(&from, &to, &mut empty));
    from.close().await.expect("closed");
    to.close().await.expect("closed");
    fresh.drop().await;
    empty
}

async fn carry<E>(from: &impl ConnectionTrait, to: &impl ConnectionTrait, empty: &mut BTreeSet<String>)
where
    E: EntityTrait,
    E::Model: Clone + Debug + PartialEq + IntoActiveModel<E::ActiveModel> + Send + Sync,
    E::ActiveModel: ActiveModelBehavior + ActiveModelTrait<Entity = E> + Send,
{
    let table = E::default().table_name().to_owned();
    let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).next().expect("a key");
    let rows = E::find().order_by_asc(key).all(from).await.expect("the rows");
    E::delete_many().exec(to).await.expect("none");
    for chunk in rows.chunks(50) {
        let chunk = chunk.iter().map(|row| row.clone().into_active_model().reset_all());
        E::insert_many(chunk).exec_without_returning(to).await.unwrap_or_else(|fault| panic!("{table}: {fault}"));
    }
    let mut back = E::find().order_by_asc(key).all(to).await.expect("the rows");
    assert_eq!(back.len() as u64, E::find().count(to).await.expect("a count"));
    for row in &rows {
        let at = back.iter().position(|other| other == row).unwrap_or_else(|| panic!("{table}: did not come back as it was: {row:?}"));
        back.swap_remove(at);
    }
    assert!(back.is_empty(), "{table}: more came back than was put in");
    if rows.is_empty() {
        empty.insert(table);
    }
}
