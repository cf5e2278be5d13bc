//! What the process tells about itself: log lines on stderr, and traces for an OpenTelemetry collector when one is named.
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::io::{self, IsTerminal};
use std::panic;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Layer, registry};
use url::Url;

/// The settings of logs and traces, as flags or environment variables.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Telemetry")]
pub struct TelemetrySettings {
    /// What is logged: a level (`error`, `warn`, `info`, `debug`, `trace`), or a list of them by module, e.g.
    /// `info,api::identity=debug`
    #[arg(long, env = "MONITUOTTAJA_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// How a log line is written
    #[arg(long, env = "MONITUOTTAJA_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// OpenTelemetry collector that is sent the traces by OTLP over HTTP, e.g. `http://127.0.0.1:4318`; none if left
    /// out. The other `OTEL_EXPORTER_OTLP_...` and `OTEL_TRACES_SAMPLER` variables are followed too
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
}

impl TelemetrySettings {
    /// The collector, if there is one: an empty variable counts as none (OpenTelemetry specification).
    fn collector(&self) -> Option<&str> {
        self.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty())
    }
}

/// How a log line is written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line, with every control character escaped: for collecting.
    #[default]
    Json,
    /// For a person at a terminal.
    Pretty,
}

/// Why logs and traces cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `--log` cannot be read.
    #[error("--log")]
    Filter(#[from] ParseError),
    /// `--otlp-endpoint` cannot be used.
    #[error("--otlp-endpoint: must be an http:// or https:// URL without a password")]
    Endpoint,
    /// The exporter of the traces cannot be made.
    #[error("--otlp-endpoint")]
    Exporter(#[from] ExporterBuildError),
    /// Something else already receives this process's logs.
    #[error("logging has begun already")]
    Begun(#[from] TryInitError),
}

/// Keeps the traces flowing: sends what is left when dropped, which may take up to five seconds.
#[must_use = "traces stop when this is dropped"]
pub struct Guard(Option<SdkTracerProvider>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.take().map(|traces| traces.shutdown()) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Begins logs and traces for the whole process: once, as early as possible. Keep the [`Guard`] until the end.
pub fn init(settings: &TelemetrySettings) -> Result<Guard, TelemetryError> {
    let traces = settings.collector().map(exporting).transpose()?;
    subscriber(settings, traces.as_ref(), io::stderr)?.try_init()?;
    // What a panic says may hold what a caller sent; where it happened does not.
    panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string);
        tracing::error!(location, "a handler panicked");
    }));
    Ok(Guard(traces))
}

/// Where spans go: to the collector at `endpoint`, in batches, from a thread of its own.
fn exporting(endpoint: &str) -> Result<SdkTracerProvider, TelemetryError> {
    let url = Url::parse(endpoint).map_err(|_| TelemetryError::Endpoint)?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(TelemetryError::Endpoint);
    }
    // An endpoint given in code is used as it is: the path of the traces has to be added (OTLP/HTTP specification).
    let traces = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(traces).build()?;
    Ok(SdkTracerProvider::builder().with_resource(Resource::builder().with_service_name("monituottaja").build()).with_batch_exporter(exporter).build())
}

fn subscriber<W>(settings: &TelemetrySettings, traces: Option<&SdkTracerProvider>, writer: W) -> Result<impl Subscriber + Send + Sync + use<W>, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse(&settings.log)?;
    let lines = fmt::layer().with_writer(writer);
    let lines = match settings.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Pretty => lines.with_ansi(io::stderr().is_terminal()).boxed(),
    };
    let spans = traces.map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer("monituottaja")));
    Ok(registry().with(filter).with(lines).with(spans))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args, FromArgMatches};
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::{Arc, Mutex, mpsc};
    use std::thread;
    use std::time::Duration;

    fn parsed(flags: &[&str]) -> TelemetrySettings {
        let command = TelemetrySettings::augment_args(clap::Command::new("test"));
        let matches = command.get_matches_from([&["test"], flags].concat());
        TelemetrySettings::from_arg_matches(&matches).unwrap()
    }

    /// Keeps what is logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(flags: &[&str], work: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(&parsed(flags), None, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_json_line_stays_one_line_whatever_it_holds() {
        let hostile = "a\r\n{\"level\":\"ERROR\"}\u{1b}[31m\0\u{7f}\u{2028}é";
        let log = logged(&[], || {
            let _span = tracing::info_span!("request", client = hostile).entered();
            tracing::info!(value = hostile, shown = %hostile, "happened");
            tracing::debug!("not asked for");
        });
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(!log.trim_end().contains(|letter: char| letter.is_ascii_control() && letter != '\u{7f}'), "{log:?}");
        let line: serde_json::Value = serde_json::from_str(&log).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["message"], "happened");
        assert_eq!(line["value"], hostile);
        assert_eq!(line["shown"], hostile);
        assert_eq!(line["span"]["client"], hostile);
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn the_filter_decides_what_is_logged() {
        let work = || {
            tracing::warn!("seen");
            tracing::debug!("detail");
            tracing::debug!(target: "other", "detail of another");
        };
        assert_eq!(logged(&["--log", "error"], work).lines().count(), 0);
        assert_eq!(logged(&["--log", "warn"], work).lines().count(), 1);
        assert_eq!(logged(&["--log", "warn,api=debug"], work).lines().count(), 2);
        assert_eq!(logged(&["--log", "debug"], work).lines().count(), 3);
        let broken = subscriber(&parsed(&["--log", "api=loud"]), None, io::sink);
        assert!(matches!(broken, Err(TelemetryError::Filter(_))));
    }

    #[test]
    fn a_pretty_line_is_for_people() {
        let log = logged(&["--log-format", "pretty"], || {
            tracing::info!(answer = 42, "happened");
        });
        assert!(log.contains("INFO") && log.contains("happened answer=42"), "{log}");
        assert!(serde_json::from_str::<serde_json::Value>(&log).is_err());
    }

    #[test]
    fn a_collector_must_be_reachable_by_http() {
        let named = "http://127.0.0.1:4318";
        assert_eq!(parsed(&["--otlp-endpoint", named]).collector(), Some(named));
        assert_eq!(parsed(&["--otlp-endpoint", ""]).collector(), None);
        for endpoint in ["", "127.0.0.1:4318", "grpc://127.0.0.1:4317", "http://user:secret@127.0.0.1:4318"] {
            assert!(matches!(exporting(endpoint), Err(TelemetryError::Endpoint)), "{endpoint}");
        }
    }

    #[test]
    fn spans_reach_the_collector_when_the_guard_is_dropped() {
        let collector = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/", collector.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            let (mut socket, _) = collector.accept().unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while !contains(&request, b"accept-referral") {
                match socket.read(&mut part).unwrap() {
                    0 => break,
                    read => request.extend_from_slice(&part[..read]),
                }
            }
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            sender.send(request).unwrap();
        });
        let traces = exporting(&endpoint).unwrap();
        let subscriber = subscriber(&parsed(&[]), Some(&traces), io::sink).unwrap();
        let guard = Guard(Some(traces));
        tracing::subscriber::with_default(subscriber, || {
            drop(tracing::info_span!("accept-referral").entered());
        });
        assert!(requests.try_recv().is_err(), "spans go in batches");
        drop(guard);
        let request = requests.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(request.starts_with(b"POST /v1/traces HTTP/1.1\r\n"));
        for part in [&b"application/x-protobuf"[..], b"accept-referral", b"service.name", b"monituottaja"] {
            assert!(contains(&request, part), "{part:?}");
        }
    }

    fn contains(text: &[u8], part: &[u8]) -> bool {
        text.windows(part.len()).any(|window| window == part)
    }

    #[tokio::test]
    async fn a_collector_that_is_down_harms_nobody() {
        let traces = exporting("http://127.0.0.1:9").unwrap();
        let subscriber = subscriber(&parsed(&[]), Some(&traces), io::sink).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            drop(tracing::info_span!("lost").entered());
        });
        let dropped = panic::catch_unwind(panic::AssertUnwindSafe(|| drop(Guard(Some(traces)))));
        assert!(dropped.is_ok());
    }
}
