//! What is logged, for every program alike.
//!
//! `RUST_LOG` decides about the crates of this workspace. Of all others nothing below `INFO` is
//! logged, whatever it says: the AWS SDKs and the HTTP client log requests and answers there, with
//! external ids and session tokens in them. A release is compiled without all of it, which makes it
//! smaller, too.

use std::io;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, FilterFn, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// How a line of the log looks, and where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people, on stderr.
    Lines {
        /// Whether levels and names are coloured.
        colour: bool,
    },
    /// One JSON object per line, on stdout, as CloudWatch reads it.
    Json,
}

/// The crates of this workspace, as their events name them. None of them logs a secret.
const OWN_CRATES: [&str; 15] = [
    "api",
    "aws",
    "bench",
    "comparison",
    "data_management_handler",
    "drs_inventory",
    "embedded",
    "inventory",
    "lambda",
    "legacy",
    "model",
    "query_handler",
    "sim",
    "store",
    "sync",
];

/// Starts the log of the process. `default` says what is logged where `RUST_LOG` does not, or is
/// no filter, as in `info`. A second call changes nothing.
pub fn start_logging(format: LogFormat, default: &str) {
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Lines { colour } => {
            fmt::layer().with_ansi(colour).with_writer(io::stderr).boxed()
        }
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_current_span(false).boxed(),
    };
    let lines = lines.with_filter(asked.and(without_secrets()));
    // Only another start before this one makes it fail, and that one's log is as good.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// Lets through what can hold no secret.
pub fn without_secrets() -> FilterFn {
    filter_fn(|event: &Metadata<'_>| *event.level() <= Level::INFO || is_own(event.target()))
}

fn is_own(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    OWN_CRATES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_own_by_its_whole_name() {
        assert!(is_own("inventory") && is_own("lambda::query::sync"));
        for target in ["", "lambda_runtime::layers", "inventory2", "hyper", "log", "embedded_io"] {
            assert!(!is_own(target), "{target}");
        }
    }
}
