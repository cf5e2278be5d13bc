//! The command line: everything that the program does, and how it starts and stops.
use crate::{
    App, Parts, act,
    caller::Caller,
    clock::Clock,
    config::{
        AuditCommand, Cli, Command, ContractsCommand, Database, DemoCommand, Errand, Found, ImportCommand, ImportFeed, KeysCommand, RetentionCommand, Serve,
        Taking,
    },
    demo,
    http::{self, Beside, ImportKind, Introspection, Limits},
    identity::{Identity, demo::DemoIssuer},
    import, job, schema,
    store::{Difference, Store, Wrong},
    telemetry,
    vault::{self, Vault},
    webhook::{self, Sender},
};
use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use clap::parser::ValueSource;
use domain::{
    access::Grant,
    actor::Role,
    catalogue::{organization::OrganizationContent, session::day},
    funding::purchase_order::{Drawn, Room},
    id::Kinded,
    person::purpose::Purpose,
    text::LocalizedText,
};
use indicatif::ProgressBar;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use url::Url;

/// Deep documents are refused before they are parsed; a large stack is the belt to those braces.
const STACK: usize = 16 * 1024 * 1024;

/// Does what the command line says, to the end.
///
/// # Errors
/// Whatever keeps it from that, for the person at the keyboard.
pub fn main() -> Result<()> {
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
        Command::Schema => say(http::sdl(&schema(&Limits::default())).trim_end()),
        Command::Healthcheck(settings) => healthcheck(settings.address),
        Command::Demo(settings) => {
            let DemoCommand::Load(Errand { database, telemetry }) = settings.what;
            let _told = telemetry::init(&telemetry)?;
            let store = open(&database).await?;
            demo::load(&Caller::system(&store)).await.context("the demo network could not be loaded")?;
            say("The demo network is there.")
        }
        Command::Import(settings) => match settings.what {
            ImportCommand::Attendance(file) => take_in(ImportKind::Attendance, Beside::default(), &Place::File(file.file), file.taking).await,
            ImportCommand::DropInCounts { organization, file } => {
                let beside = Beside { organization: Some(organization), ..Beside::default() };
                take_in(ImportKind::DropInCounts, beside, &Place::File(file.file), file.taking).await
            }
            ImportCommand::Hsds(feed) => {
                let ImportFeed { from, organization, source, language, feed_organization, taking } = feed;
                let beside = Beside { organization: Some(organization), source, language, feed_organization };
                take_in(ImportKind::Hsds, beside, &Place::either(&from), taking).await
            }
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

/// Tells of each counter of a contract that does not say what its orders and deliveries come to, of each contract, line and decision of which more was ordered than it
/// allows, and of each delivery that is not on one invoice or in one settlement where it says it is invoiced; one makes the exit status tell.
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
            Wrong::Line { line, room } => format!("{of}, {}: {}.", line.to_public(), passed(room)),
            Wrong::Decision { room } => format!("{of}: {}.", passed(room)),
            Wrong::Billed { delivery, on } => format!("{of}, {}: is on {on} invoices or settlements, and does not say so.", delivery.to_public()),
        })?;
    }
    anyhow::ensure!(wrong.is_empty(), "{} counters, orders, vouchers, deliveries, contracts, lines or decisions do not hold", wrong.len());
    say(
        "Every counter says what is ordered, delivered and invoiced, every voucher what is used of it, every delivery whether it is asked for, and no contract, line or decision is passed.",
    )
}

/// What was ordered of something, and what it allows, in words.
fn passed(room: &Room) -> String {
    let bound = |most: Option<i64>| most.map_or_else(|| "any number of".to_owned(), |most| most.to_string());
    let Room { ordered, most_hundredths, ceiling_cents } = room;
    format!("{} hundredths and {} cents are ordered, {} and {} are allowed", ordered.hundredths, ordered.cents, bound(*most_hundredths), bound(*ceiling_cents))
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

/// Where something lies that is taken in.
enum Place {
    File(PathBuf),
    Address(Url),
}

impl Place {
    /// An address of the web, or else a file.
    fn either(text: &str) -> Self {
        match Url::parse(text) {
            Ok(address) if matches!(address.scheme(), "http" | "https") => Self::Address(address),
            _ => Self::File(text.into()),
        }
    }

    /// So many bytes of it at the most.
    async fn read(&self, most: usize) -> Result<Vec<u8>> {
        match self {
            Self::File(file) => small_enough(file, most).with_context(|| format!("cannot read {}", file.display())),
            Self::Address(address) => import::fetch::pages(address, most).await.context("the feed could not be fetched"),
        }
    }
}

/// Takes in a file or a feed in the name of an account: by the same doors and with the same traces as if it had been uploaded.
async fn take_in(kind: ImportKind, beside: Beside, place: &Place, taking: Taking) -> Result<()> {
    let _told = telemetry::init(&taking.errand.telemetry)?;
    let purpose = Purpose::parse(&taking.purpose).with_context(|| format!("there is no purpose {:?}", taking.purpose))?;
    let bytes = place.read(taking.import_bytes).await?;
    let store = open(&taking.errand.database).await?;
    let caller = Caller::system(&store).acting_as(&taking.account, Some(purpose), Clock::real().now()).await?;
    if caller.actor().standings().is_empty() {
        bail!("{:?} is no member of any organisation today", taking.account);
    }
    // Drawn on the terminal, and nowhere where there is none.
    let bar = ProgressBar::new(0);
    let drawn = bar.clone();
    let tell = move |done: usize, of: usize| {
        drawn.set_length(of as u64);
        drawn.set_position(done as u64);
    };
    let report = import::file(&caller, kind, &beside, bytes.into(), taking.dry_run, &tell).await.context("the file could not be taken in")?;
    bar.finish_and_clear();
    caller.finish().await.context("what was read could not be written down")?;
    if taking.json {
        say(&import::told(&report, caller.language()).to_string())?;
    } else {
        for line in import::lines(&report, caller.language()) {
            say(&line)?;
        }
    }
    anyhow::ensure!(report.is_whole(), "not all of it was taken");
    Ok(())
}

/// Tells the person at the keyboard.
fn say(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{text}").context("cannot write")
}
