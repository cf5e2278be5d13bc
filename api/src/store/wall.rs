//! The second wall, on PostgreSQL: row-level security for every table with rows of a network, generated from the list of tables, and the role
//! of the application, which can neither go past it nor take it down. It repeats only the coarse rule, the network; the policy is the first wall.
//!
//! What is wanted is compared with what is there, so that a start that changes nothing locks nothing.
#![expect(clippy::disallowed_types, reason = "part of the store")]
#![expect(clippy::disallowed_methods, reason = "what the wall is made of, and how it is looked at, no query builder speaks")]
use super::{
    Store,
    dialect::{fault, state},
};
use crate::error::{Error, Result};
use domain::{actor::Actor, policy::Resource};
use entity::{EachTable, Guarded, each_table};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, FromQueryResult, IdenStatic, Statement, TransactionTrait,
    sea_query::{PostgresQueryBuilder, Query, SimpleExpr},
};
use std::{collections::HashMap, fmt::Write};

/// The role that the application works under, unless the settings name another.
pub const APPLICATION_ROLE: &str = "monituottaja_application";

/// What the setting says for every network.
pub(super) const EVERYTHING: &str = "*";

/// Tells the wall for which networks and for whose own rows a connection is used.
pub(super) const ENTER: &str = "SELECT monituottaja_enter($1, $2)";
/// The function that it calls.
pub(super) const ENTERED_BY: &str = "monituottaja_enter";

/// Tells the wall, until the transaction ends, that every network may be looked at.
pub(super) const LIFT: &str = "SELECT set_config('monituottaja.networks', '*', true)";

/// A person belongs also to the networks in which the person is a client or acts for one: they are looked up here, where the connection is
/// asked for anyway, by the rows that are the person's own.
const ENTERING: &str = "
DECLARE
    own text;
BEGIN
    PERFORM set_config('monituottaja.networks', for_networks, false), set_config('monituottaja.subject', for_subject, false);
    IF for_subject <> '' AND for_networks <> '*' THEN
        SELECT string_agg(found.network_id::text, ',') INTO own FROM (
            SELECT network_id FROM client WHERE account = for_subject
            UNION SELECT network_id FROM representation WHERE subject = for_subject AND ended_at IS NULL
        ) AS found;
        IF own IS NOT NULL THEN
            PERFORM set_config('monituottaja.networks', concat_ws(',', nullif(for_networks, ''), own), false);
        END IF;
    END IF;
END
";

/// Everything is looked at. Asked once a statement, as are the others here: a subquery without a row's columns is not asked again.
const IN_EVERYTHING: &str = "(SELECT current_setting('monituottaja.networks', true) = '*')";

/// The networks that are looked at; none when nobody has said which.
const NETWORKS: &str = "(SELECT CASE WHEN current_setting('monituottaja.networks', true) <> '*' \
                        THEN string_to_array(current_setting('monituottaja.networks', true), ',')::uuid[] END)::uuid[]";

/// Whose own rows are shown besides. Nobody is called by the empty text.
const SUBJECT: &str = "(SELECT nullif(current_setting('monituottaja.subject', true), ''))";

/// Rows come, change and go.
const EDITED: &str = "DELETE, INSERT, SELECT, UPDATE";
/// Rows are added, read, and go when their time is over.
const DESTROYED: &str = "DELETE, INSERT, SELECT";
/// Rows are added and read.
const LOGGED: &str = "INSERT, SELECT";

/// A table, what the application may do with it, and which of its rows.
struct Table {
    name: String,
    granted: &'static str,
    /// Name and rule. A table without any has no rows of a network.
    policies: Vec<(&'static str, String)>,
}

impl Table {
    fn new(name: &str, granted: &'static str) -> Self {
        Self { name: name.to_owned(), granted, policies: Vec::new() }
    }

    fn policy(mut self, name: &'static str, rule: String) -> Self {
        self.policies.push((name, rule));
        // In the order in which the database tells them.
        self.policies.sort_unstable();
        self
    }

    /// Rows of the networks that are looked at; a row of no network is the system's.
    fn by_network(self, column: &str) -> Self {
        let rule = format!("{IN_EVERYTHING} OR \"{column}\" = ANY ({NETWORKS})");
        self.policy("network", format!("FOR ALL USING ({rule}) WITH CHECK ({rule})"))
    }

    /// Nobody's but the system's.
    fn of_system(self) -> Self {
        self.policy("system", format!("FOR ALL USING ({IN_EVERYTHING}) WITH CHECK ({IN_EVERYTHING})"))
    }

    /// Rows that belong to a person, in no network.
    fn of_subject(self, column: &str) -> Self {
        let rule = format!("{IN_EVERYTHING} OR \"{column}\" = {SUBJECT}");
        self.policy("own", format!("FOR ALL USING ({rule}) WITH CHECK ({rule})"))
    }

    /// Whoever a row is about may read it, in whatever network it lies.
    fn own(self, column: &str) -> Self {
        self.policy("own", format!("FOR SELECT USING (\"{column}\" = {SUBJECT})"))
    }

    /// What everybody may read.
    fn public(self, rule: &str) -> Self {
        if rule == "FALSE" { self } else { self.policy("everybody", format!("FOR SELECT USING ({rule})")) }
    }

    /// The policies as the database is asked to tell them: the comment on each says what it was made from.
    fn told(&self) -> String {
        self.policies.iter().map(|(name, rule)| format!("{name} {rule}")).collect::<Vec<_>>().join("\n")
    }
}

/// The guarded tables.
#[derive(Default)]
struct Guardeds(Vec<Table>);

impl EachTable for Guardeds {
    fn table<E: Guarded>(&mut self) {
        let columns = E::columns();
        let name = E::default();
        let granted = match E::RESOURCE {
            // Their triggers let go only of what is destroyed by rule.
            Resource::UseLogEntry | Resource::DisclosureLogEntry => DESTROYED,
            Resource::Event | Resource::Destruction => LOGGED,
            _ => EDITED,
        };
        // A table without a network is the system's: closed until it says whose its rows are.
        let table = Table::new(name.table_name(), granted);
        let table = match columns.network {
            Some(network) => table.by_network(network.as_str()),
            None if E::RESOURCE == Resource::CalendarFeed => table.of_subject("subject"),
            None => table.of_system(),
        };
        let own = match E::RESOURCE {
            Resource::Client => Some("account"),
            Resource::Representation => Some("subject"),
            // Owned already, and not only to be read.
            Resource::CalendarFeed => None,
            _ => columns.subject.as_ref().map(IdenStatic::as_str),
        };
        let table = own.into_iter().fold(table, Table::own);
        self.0.push(table.public(&public::<E>()));
    }
}

/// The rows that everybody may see, as SQL.
fn public<E: Guarded>() -> String {
    // A published copy is there for everybody by being one. That an offering's copy is hidden while its service is withdrawn stays with the
    // policy of the program: a rule that asks its own table is one that PostgreSQL refuses.
    if E::RESOURCE == Resource::Publication {
        return "TRUE".to_owned();
    }
    let select = Query::select().expr(SimpleExpr::from(E::public())).to_string(PostgresQueryBuilder);
    select.strip_prefix("SELECT ").unwrap_or("FALSE").to_owned()
}

/// Every table of the application.
fn tables() -> Vec<Table> {
    let mut guarded = Guardeds::default();
    each_table(&mut guarded);
    let mut tables = guarded.0;
    let everything = || format!("FOR SELECT USING ({IN_EVERYTHING})");
    tables.extend([
        Table::new("person_word", EDITED).by_network("network_id"),
        Table::new("webhook_progress", EDITED).by_network("network_id"),
        // Rows of all networks before and after each change: written by whoever works, and read by nobody but the system, which destroys them by rule.
        Table::new("audit", DESTROYED)
            .policy("added", "FOR INSERT WITH CHECK (TRUE)".to_owned())
            .policy("destroyed", format!("FOR DELETE USING ({IN_EVERYTHING})"))
            .policy("system", everything()),
        // What was published stays so.
        Table::new("report_release", LOGGED).by_network("network_id"),
        Table::new("quality_release", LOGGED).by_network("network_id"),
        // What is being destroyed, and which nights' work was begun: the system's alone.
        Table::new("doomed", DESTROYED).of_system(),
        Table::new("doomed_log", DESTROYED).of_system(),
        Table::new("job_run", DESTROYED).of_system(),
        // Keys belong to whoever claims them, and name rows of any network.
        Table::new("idempotency", EDITED).of_subject("actor"),
        // Two numbers, two hashes, the names of keys and of migrations: no rows of a network.
        Table::new("feed", "SELECT, UPDATE"),
        Table::new("ledger_head", "SELECT, UPDATE"),
        Table::new("key_check", LOGGED),
        Table::new("seaql_migrations", "SELECT"),
    ]);
    tables
}

/// What is there of a table.
#[derive(FromQueryResult)]
struct Standing {
    name: String,
    forced: bool,
    policies: String,
    /// The statements that take the policies away.
    drop: String,
    granted: String,
}

const STANDING: &str = "
SELECT c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
    coalesce((SELECT string_agg(p.polname || ' ' || coalesce(obj_description(p.oid, 'pg_policy'), ''), E'\\n' ORDER BY p.polname COLLATE \"C\")
        FROM pg_policy p WHERE p.polrelid = c.oid), '') AS policies,
    coalesce((SELECT string_agg(format('DROP POLICY %I ON %I;', p.polname, c.relname), ' ') FROM pg_policy p WHERE p.polrelid = c.oid), '') AS drop,
    coalesce((SELECT string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type COLLATE \"C\")
        FROM aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee WHERE r.rolname = $1), '') AS granted
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')";

/// Makes the wall what it should be. Everything that differs changes in one transaction.
pub(super) async fn raise(owner: &DatabaseConnection, role: &str) -> Result<()> {
    let tx = owner.begin().await.map_err(fault)?;
    let found = tx.query_all_raw(asked(STANDING, [role.into()])).await.map_err(fault)?;
    let found = found.iter().map(|row| Standing::from_query_result(row, "").map(|standing| (standing.name.clone(), standing)));
    let found = found.collect::<std::result::Result<HashMap<_, _>, DbErr>>().map_err(fault)?;
    let mut change = String::new();
    for table in tables() {
        let Some(standing) = found.get(&table.name) else { return Err(Error::internal(format!("there is no table {}", table.name))) };
        table.change(standing, role, &mut change);
    }
    let entering = "SELECT prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
                    WHERE n.nspname = current_schema() AND p.proname = 'monituottaja_enter'";
    let entering = tx.query_one_raw(asked(entering, [])).await.map_err(fault)?.map(|row| row.try_get_by_index::<String>(0));
    if entering.transpose().map_err(fault)?.as_deref() != Some(ENTERING) {
        let _ = writeln!(
            change,
            "CREATE OR REPLACE FUNCTION monituottaja_enter(for_networks text, for_subject text) RETURNS void LANGUAGE plpgsql AS $wall${ENTERING}$wall$;"
        );
    }
    let usable = asked("SELECT has_schema_privilege($1, current_schema(), 'USAGE'), quote_ident(current_schema())", [role.into()]);
    if let Some(row) = tx.query_one_raw(usable).await.map_err(fault)?
        && !row.try_get_by_index::<bool>(0).map_err(fault)?
    {
        let _ = writeln!(change, "GRANT USAGE ON SCHEMA {} TO \"{role}\";", row.try_get_by_index::<String>(1).map_err(fault)?);
    }
    if !change.is_empty() {
        tx.execute_unprepared(&change).await.map_err(fault)?;
        tracing::info!(role, "the wall between networks is raised");
    }
    tx.commit().await.map_err(fault)
}

impl Table {
    /// Adds the statements that make the table what it should be; none where it is.
    fn change(&self, standing: &Standing, role: &str, change: &mut String) {
        let name = &self.name;
        // Writing to a text cannot fail.
        if standing.granted != self.granted {
            let _ = writeln!(change, "REVOKE ALL ON \"{name}\" FROM \"{role}\"; GRANT {} ON \"{name}\" TO \"{role}\";", self.granted);
        }
        if self.policies.is_empty() || (standing.forced && standing.policies == self.told()) {
            return;
        }
        let _ = writeln!(change, "ALTER TABLE \"{name}\" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; {}", standing.drop);
        for (policy, rule) in &self.policies {
            let told = rule.replace('\'', "''");
            let _ = writeln!(change, "CREATE POLICY {policy} ON \"{name}\" {rule}; COMMENT ON POLICY {policy} ON \"{name}\" IS '{told}';");
        }
    }
}

/// Makes the role where it is missing, and lets the owner work under it. Roles belong to all databases of a server, so that another process,
/// at work on another database, may have been quicker.
pub(super) async fn have_role(owner: &DatabaseConnection, role: &str) -> Result<()> {
    let known = asked("SELECT 1 FROM pg_roles WHERE rolname = $1", [role.into()]);
    if owner.query_one_raw(known).await.map_err(fault)?.is_none() {
        let made = owner.execute_unprepared(&format!("CREATE ROLE \"{role}\" NOLOGIN NOINHERIT")).await;
        allowed(owner, role, made).await?;
    }
    if !may_be(owner, role).await? {
        let granted = owner.execute_unprepared(&format!("GRANT \"{role}\" TO CURRENT_USER")).await;
        allowed(owner, role, granted).await?;
    }
    if may_be(owner, role).await? { Ok(()) } else { Err(missing(owner, role).await) }
}

/// That another process has made the same is no fault; that this one may not is told with what to do.
async fn allowed<T>(owner: &DatabaseConnection, role: &str, done: std::result::Result<T, DbErr>) -> Result<()> {
    let Err(err) = done else { return Ok(()) };
    match state(&err).as_deref() {
        // Made meanwhile: duplicate object, unique violation, and a row of the catalogue that another one changes.
        Some("42710" | "23505" | "XX000") => Ok(()),
        Some("42501") => Err(missing(owner, role).await),
        _ => Err(fault(err)),
    }
}

/// Whether the connection's login may work under the role.
async fn may_be(conn: &DatabaseConnection, role: &str) -> Result<bool> {
    let tx = conn.begin().await.map_err(fault)?;
    let may = tx.execute_unprepared(&format!("SET LOCAL ROLE \"{role}\"")).await;
    tx.rollback().await.map_err(fault)?;
    match may {
        Ok(_) => Ok(true),
        Err(err) if matches!(state(&err).as_deref(), Some("42501" | "22023")) => Ok(false),
        Err(err) => Err(fault(err)),
    }
}

async fn missing(conn: &DatabaseConnection, role: &str) -> Error {
    let login = conn.query_one_raw(asked("SELECT quote_ident(session_user)", [])).await.ok().flatten();
    let login: String = login.and_then(|row| row.try_get_by_index(0).ok()).unwrap_or_else(|| "the login role".to_owned());
    Error::Unwalled(format!(
        "{login} may not work under the role {role}, or not make it. As an administrator of the database server: \
         CREATE ROLE {role} NOLOGIN; GRANT {role} TO {login};  (docs/operating.md, PostgreSQL)"
    ))
}

impl Store {
    /// What the database is told of an actor, on a connection as the actor's reads get one: the networks that the wall opens, separated by commas,
    /// or `*`. None where there is no wall. It is how the wall is looked at from outside.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn opened_to(&self, actor: &Actor) -> Result<Option<String>> {
        if self.reads.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let told = asked("SELECT current_setting('monituottaja.networks', true)", []);
        let row = self.reads.of(actor).query_one_raw(told).await.map_err(fault)?.ok_or(Error::Internal)?;
        row.try_get_by_index(0).map_err(fault)
    }
}

/// The login owns the tables, or may make the first ones: it may bring them up to date.
pub(super) async fn may_migrate(conn: &DatabaseConnection) -> Result<bool> {
    let may = "SELECT coalesce((SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = to_regclass('seaql_migrations')), \
               has_schema_privilege(current_schema(), 'CREATE'), false)";
    let row = conn.query_one_raw(asked(may, [])).await.map_err(fault)?.ok_or(Error::Internal)?;
    row.try_get_by_index(0).map_err(fault)
}

/// Looks, for a login that may not put it up, whether there is a wall to enter.
///
/// # Errors
/// [`Error::Unwalled`] for a login that may not work under the role, [`Error::Outdated`] where the owner has something to do.
pub(super) async fn stands(conn: &DatabaseConnection, role: &str) -> Result<()> {
    if !may_be(conn, role).await? {
        return Err(missing(conn, role).await);
    }
    let entering = asked("SELECT to_regprocedure('monituottaja_enter(text, text)') IS NOT NULL", []);
    let there = conn.query_one_raw(entering).await.map_err(fault)?.map(|row| row.try_get_by_index(0));
    if there.transpose().map_err(fault)?.unwrap_or(false) { Ok(()) } else { Err(Error::Outdated) }
}

/// Asked as the application asks: every table with rows of a network is walled for it, and none is its own.
///
/// # Errors
/// [`Error::Unwalled`] naming what is open, or a fault of the database.
pub(super) async fn verify(conn: &impl ConnectionTrait) -> Result<()> {
    let walled: Vec<_> = tables().into_iter().filter(|table| !table.policies.is_empty()).map(|table| format!("('{}')", table.name)).collect();
    let open = format!(
        "SELECT current_user::text, string_agg(wanted.name, ', ') FROM (VALUES {}) AS wanted (name) \
         LEFT JOIN pg_class c ON c.oid = to_regclass(quote_ident(wanted.name)) \
         WHERE c.oid IS NULL OR NOT row_security_active(c.oid) OR pg_has_role(c.relowner, 'USAGE')",
        walled.join(", ")
    );
    let row = conn.query_one_raw(asked(&open, [])).await.map_err(fault)?.ok_or(Error::Internal)?;
    let (role, open): (String, Option<String>) = (row.try_get_by_index(0).map_err(fault)?, row.try_get_by_index(1).map_err(fault)?);
    match open {
        None => Ok(()),
        Some(open) => Err(Error::Unwalled(format!(
            "row-level security does not hold for the role {role} on {open}. It must be neither superuser nor BYPASSRLS nor the owner of the tables: \
             name another one with --database-role, and run `monituottaja migrate` as the owner of the tables"
        ))),
    }
}

fn asked(sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}
