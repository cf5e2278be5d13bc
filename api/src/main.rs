//! The command line: everything that the program does, and how it starts and stops.
// The futures of merged roots lie inside one another, one layer for each group of fields.
#![recursion_limit = "512"]
use anyhow::{Context, Result, bail};
use api::{
    App, Parts, act,
    caller::Caller,
    clock::Clock,
    config::{
        AuditCommand, Cli, Command, ContractsCommand, Database, DemoCommand, Errand, Found, ImportCommand, ImportFile, KeysCommand, RetentionCommand, Serve,
    },
    demo, graphql,
    http::{self, ImportKind, Introspection, Limits},
    identity::{Identity, demo::DemoIssuer},
    import, job,
    store::{Difference, Store, Wrong},
    telemetry,
    vault::{self, Vault},
    webhook::{self, Sender},
};
use chrono::TimeDelta;
use clap::parser::ValueSource;
use domain::{
    access::Grant,
    actor::Role,
    catalogue::{organization::OrganizationContent, session::day},
    funding::purchase_order::Drawn,
    id::Kinded,
    person::purpose::Purpose,
    text::LocalizedText,
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::Duration,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Deep documents are refused before they are parsed; a large stack is the belt to those braces.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> Result<()> {
    let (mut cli, matches) = Cli::read();
    if let Command::Serve(settings) = &mut cli.command {
        let named = matches.subcommand_matches("serve").and_then(|serve| serve.value_source("introspection"));
        // The demo is there to be looked at: unless told otherwise, everybody may ask it for its schema.
        if settings.demo && named == Some(ValueSource::DefaultValue) {
            settings.limits.introspection = Introspection::Open;
        }
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()?;
    let outcome = runtime.block_on(run(cli.command));
    runtime.shutdown_timeout(Duration::from_secs(5));
    outcome
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(settings) => Box::pin(serve(*settings)).await,
        Command::Migrate(Errand { database, telemetry }) => {
            let _told = telemetry::init(&telemetry)?;
            open(&database).await?;
            say("The tables are up to date.")
        }
        Command::Token(settings) => {
            if !demo::network().actors().any(|actor| actor.name == settings.actor) {
                let known: Vec<_> = demo::network().actors().map(|actor| actor.name).collect();
                bail!("there is no actor {:?} in the demo; there are: {}", settings.actor, known.join(", "));
            }
            let issuer = DemoIssuer::open(&settings.data)?;
            say(&issuer.mint(&settings.actor, Clock::real().now(), TimeDelta::hours(settings.hours))?)
        }
        Command::Schema => {
            let schema = http::harden(graphql::schema(), &Limits::default()).finish();
            say(http::sdl(&schema).trim_end())
        }
        Command::Healthcheck(settings) => healthcheck(settings.address),
        Command::Demo(settings) => {
            let DemoCommand::Load(Errand { database, telemetry }) = settings.what;
            let _told = telemetry::init(&telemetry)?;
            let store = open(&database).await?;
            demo::load(&Caller::system(&store)).await.context("the demo network could not be loaded")?;
            say("The demo network is there.")
        }
        Command::Import(settings) => match settings.what {
            ImportCommand::Attendance(file) => take_in(ImportKind::Attendance, None, file).await,
            ImportCommand::DropInCounts { organization, file } => take_in(ImportKind::DropInCounts, Some(organization), file).await,
        },
        Command::Found(settings) => found(settings).await,
        Command::Keys(settings) => match settings.what {
            KeysCommand::Generate { id } => {
                let line = vault::generate(&id)?;
                Vault::parse(&line.clone().into())?;
                say(&line)
            }
            KeysCommand::Rotate(Errand { database, telemetry }) => {
                let _told = telemetry::init(&telemetry)?;
                let moved = open(&database).await?.rotate_keys().await.context("the data keys could not be rotated")?;
                say(&format!("{moved} values are sealed with the current key now."))
            }
        },
        Command::Audit(settings) => {
            let AuditCommand::Verify(Errand { database, telemetry }) = settings.what;
            let _told = telemetry::init(&telemetry)?;
            verify(&database).await
        }
        Command::Contracts(settings) => {
            let ContractsCommand::Verify(Errand { database, telemetry }) = settings.what;
            let _told = telemetry::init(&telemetry)?;
            verify_drawdown(&database).await
        }
        Command::Retention(settings) => {
            let RetentionCommand::Run { dry_run, errand } = settings.what;
            let _told = telemetry::init(&errand.telemetry)?;
            let done = open(&errand.database).await?.destroy_due(dry_run).await.context("what is due could not be destroyed")?;
            let verb = if dry_run { "would be destroyed" } else { "were destroyed" };
            say(&format!(
                "{} clients, {} referrals of people who did not become clients, {} complaints that are about no client and {} entries of the logs {verb}. {} clients are due and held, and {} could not be destroyed.",
                done.clients, done.referrals, done.complaints, done.log_entries, done.held, done.failed
            ))
        }
    }
}

/// Tells of each log whether its chain holds; a broken one makes the exit status tell.
async fn verify(database: &Database) -> Result<()> {
    let mut broken = false;
    for verdict in open(database).await?.verify_logs().await.context("the logs could not be read")? {
        let (position, hash) = &verdict.head;
        match verdict.broken {
            None => say(&format!("{}: {} entries hold. Keep this elsewhere: {position} {hash}", verdict.log, verdict.entries))?,
            Some((at, how)) => {
                broken = true;
                say(&format!("{}: broken at entry {at}: {how}; the {} before it hold", verdict.log, verdict.entries))?;
            }
        }
    }
    anyhow::ensure!(!broken, "a log does not hold");
    Ok(())
}

/// Tells of each counter of a contract that does not say what its orders and deliveries come to, and of each contract of which more was ordered than it allows; one makes the
/// exit status tell.
async fn verify_drawdown(database: &Database) -> Result<()> {
    let wrong = open(database).await?.verify_drawdown().await.context("the orders could not be counted")?;
    for found in &wrong {
        let Difference { of, what } = found;
        say(&match what {
            Wrong::Counter { line, month, counted, found } => {
                let told = [
                    ("ordered", counted.ordered, found.ordered),
                    ("delivered", counted.delivered, found.delivered),
                    ("invoiced", counted.invoiced, found.invoiced),
                ];
                let told = told.into_iter().filter(|(_, counted, found)| counted != found);
                let told: Vec<_> = told.map(|(what, counted, found)| differs(what, counted, found)).collect();
                format!("{of}, {}, {}: {}.", line.to_public(), month.format("%Y-%m"), told.join("; "))
            }
            Wrong::Order { order, counted, found } => format!("{of}, {}: {}.", order.to_public(), differs("delivered", *counted, *found)),
            Wrong::Voucher { counted, found } => format!("{of}: {}.", differs("used", *counted, *found)),
            Wrong::Ceiling { ceiling, ordered } => format!("{of}: {ordered} cents are ordered, {ceiling} are allowed."),
        })?;
    }
    anyhow::ensure!(wrong.is_empty(), "{} counters, orders, vouchers or contracts do not say what is ordered and delivered", wrong.len());
    say("Every counter says what is ordered, delivered and invoiced, every voucher what is used of it, and no contract is passed.")
}

/// What is counted and what was found, in words.
fn differs(what: &str, counted: Drawn, found: Drawn) -> String {
    format!("{} hundredths and {} cents are counted as {what}, {} and {} are", counted.hundredths, counted.cents, found.hundredths, found.cents)
}

async fn open(database: &Database) -> Result<Store> {
    let (address, vault) = (database.address()?, database.vault()?);
    let store = Store::open_as(&database.database_role, &address, database.database_connections, Clock::real(), vault);
    let store = store.await.context("the database cannot be opened")?;
    store.migrate().await.context("the tables could not be brought up to date")?;
    act::catalogue::area::register_national(&Caller::system(&store)).await.context("the national areas could not be registered")?;
    Ok(store)
}

async fn serve(mut settings: Serve) -> Result<()> {
    settings.identity.validate()?;
    settings.limits.read_files().context("--metrics-token-file")?;
    let _told = telemetry::init(&settings.telemetry)?;
    let listener = tokio::net::TcpListener::bind(settings.bind).await.with_context(|| format!("cannot listen on {}", settings.bind))?;
    let clock = Clock::real();
    let store = open(&settings.database).await?.allowing(settings.webhooks.allowed_hosts());
    let sender = Sender::new(Arc::clone(store.allowed_hosts()), settings.webhooks.pace()).context("nothing can be sent to webhooks")?;
    let demo = if settings.demo {
        demo::load(&Caller::system(&store)).await.context("the demo network could not be loaded")?;
        Some(DemoIssuer::open(&settings.database.data)?)
    } else {
        None
    };
    let identity = Identity::start(&settings.identity, demo.as_ref(), clock.clone())?;
    let metrics = Some(http::recorder()?);
    let with_demo = demo.is_some();
    let by_time = [job::run(store.clone(), settings.nightly.clone()), webhook::run(store.clone(), sender)];
    let parts = Parts { store, identity, demo, limits: settings.limits.clone(), clock, gdpr: settings.gdpr.clone(), metrics };
    let app = App::assemble(parts).await.context("the server could not be put together")?;
    greet(listener.local_addr()?, with_demo)?;
    http::serve(listener, app.routes.clone(), &settings.limits, told_to_stop()).await;
    for task in by_time {
        task.abort();
    }
    Ok(())
}

fn greet(address: SocketAddr, demo: bool) -> Result<()> {
    let how = if demo {
        "A token of a made-up actor:  monituottaja token partner   (or: cargo run --release -- token partner)"
    } else {
        "Tokens come from your OpenID Connect issuer (--oidc-issuer)."
    };
    say(&format!("Monituottaja listens on http://{address}/graphql\nThe explorer:                http://{address}/graphiql\n{how}"))
}

/// Ends when the process is asked to stop, from the keyboard or by its supervisor.
async fn told_to_stop() {
    let supervisor = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut asked) => {
                asked.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = supervisor => {}
    }
}

fn healthcheck(address: SocketAddr) -> Result<()> {
    let patience = Duration::from_secs(3);
    let mut stream = TcpStream::connect_timeout(&address, patience).context("nobody listens")?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(1_000).read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 2") { Ok(()) } else { bail!("not ready") }
}

async fn found(settings: Found) -> Result<()> {
    let _told = telemetry::init(&settings.errand.telemetry)?;
    let store = open(&settings.errand.database).await?;
    let system = Caller::system(&store);
    let organizer: OrganizationContent = serde_json::from_value(serde_json::json!({
        "name": { "fi": settings.organizer }, "kind": "WELLBEING_COUNTY", "networkRoles": ["ORGANISER"],
    }))?;
    let what = act::catalogue::network::FoundNetwork { name: LocalizedText::fi(settings.network), organizer };
    let network = act::catalogue::network::found(&system, None, what).await?;
    let first =
        Grant { subject: settings.admin, organization: network.content.organizer, role: Role::Admin, valid_from: day(Clock::real().now()), valid_to: None };
    act::access::membership::grant(&system, None, first).await?;
    say("The network is founded, and its first administrator may sign in.")
}

/// A file of so many bytes at the most.
fn small_enough(path: &Path, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    anyhow::ensure!(bytes.len() <= most, "it has more than {most} bytes");
    Ok(bytes)
}

/// Takes in a file in the name of an account: by the same doors and with the same traces as if it had been uploaded.
async fn take_in(kind: ImportKind, organization: Option<String>, settings: ImportFile) -> Result<()> {
    let _told = telemetry::init(&settings.errand.telemetry)?;
    let purpose = Purpose::parse(&settings.purpose).with_context(|| format!("there is no purpose {:?}", settings.purpose))?;
    let bytes = small_enough(&settings.file, settings.import_bytes).with_context(|| format!("cannot read {}", settings.file.display()))?;
    let store = open(&settings.errand.database).await?;
    let caller = Caller::system(&store).acting_as(&settings.account, Some(purpose), Clock::real().now()).await?;
    if caller.actor().standings().is_empty() {
        bail!("{:?} is no member of any organisation today", settings.account);
    }
    let report = import::file(&caller, kind, organization.as_deref(), bytes.into(), settings.dry_run).await.context("the file could not be taken in")?;
    caller.finish().await.context("what was read could not be written down")?;
    for line in import::lines(&report, caller.language()) {
        say(&line)?;
    }
    anyhow::ensure!(report.is_whole(), "not all of it was taken");
    Ok(())
}

/// Tells the person at the keyboard.
fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot write")
}
