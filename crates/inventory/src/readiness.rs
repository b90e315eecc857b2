//! The verdict of a server in words, made when it is read.
//!
//! - `explain`: what a reason rests on.
//! - `replication_error`: what the errors of DRS mean.

mod explain;
mod replication_error;

use jiff::Timestamp;
use model::readiness::{Policy, Reason, ReasonCode, UNKNOWN, is_in_step};
use serde::Serialize;
use store::{Item, attribute, text};

use crate::words::ago;

pub use explain::explain;
pub use replication_error::meaning;

/// A reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// As in `LAG_ABOVE_RPO`.
    pub code: &'static str,
    /// As in `AT_RISK`.
    pub level: model::readiness::Level,
    /// The attribute or the error that it is about, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The fact that it rests on, as in `lag 42 m > 15 m, 2.8×`.
    pub fact: String,
    /// What to do.
    pub what_to_do: &'static str,
}

/// The verdict of a row as an answer carries it: `UNKNOWN` where its place is not known.
pub fn verdict(row: &Item) -> &str {
    match text(row, "readiness") {
        "" => UNKNOWN,
        verdict => verdict,
    }
}

/// The verdict as people say it.
pub fn in_words(verdict: &str) -> &'static str {
    match verdict {
        "READY" => "ready",
        "AT_RISK" => "at risk",
        "NOT_READY" => "not ready",
        _ => "unknown",
    }
}

/// The reasons of a row. What cannot be read is none.
pub fn reasons(row: &Item) -> Vec<Reason> {
    attribute(row, "readinessReasons").unwrap_or_default()
}

/// The reasons of a row in words, as they stand at `now`.
pub fn explained(row: &Item, policy: &Policy, now: Timestamp) -> Vec<Explained> {
    let explained = reasons(row).into_iter().map(|reason| Explained {
        code: reason.code.name(),
        level: reason.level,
        fact: explain(row, &reason, policy, now),
        what_to_do: reason.code.what_to_do(),
        field: reason.field,
    });
    explained.collect()
}

/// Why a server is not simply ready, in one line: the first reason, and how many others there are.
pub fn why(row: &Item, policy: &Policy, now: Timestamp) -> String {
    let reasons = explained(row, policy, now);
    match reasons.as_slice() {
        [] => String::new(),
        [only] => only.fact.clone(),
        [first, others @ ..] => format!("{}, and {} more", first.fact, others.len()),
    }
}

/// As [`why`]; of a server that is not known, what it was judged last, which is still worth to know.
pub fn why_shown(row: &Item, policy: &Policy, now: Timestamp) -> String {
    match (text(row, "readiness"), text(row, "lastReadiness")) {
        (UNKNOWN, "") => "not read".to_owned(),
        (UNKNOWN, last) => format!("not read; was {}", in_words(last)),
        _ => why(row, policy, now),
    }
}

/// How long ago the last launch of a server was, and what it proves, as in `31 d, ok`.
pub fn last_drill(row: &Item, now: Timestamp) -> String {
    let launch = row.get("lastLaunch").and_then(|launch| launch.as_m().ok());
    let Some(launch) = launch else { return "never".to_owned() };
    let result = match text(row, "drill") {
        "CURRENT" | "OLD" => "ok",
        "FAILED" => "failed",
        "CHANGED_SINCE" => "ok, changed since",
        _ => "under way",
    };
    format!("{}, {result}", ago(Some(text(launch, "at")), now))
}

/// The replication state of a row in the words of the DRS console.
pub fn console_word(row: &Item) -> &'static str {
    let lags = reasons(row).iter().any(|reason| reason.code == ReasonCode::LagAboveRpo);
    match (text(row, "replicationState"), lags) {
        (state, false) if is_in_step(state) => "Ready",
        (state, true) if is_in_step(state) => "Ready with lag",
        ("INITIATING", _) => "Initiating",
        ("INITIAL_SYNC", _) => "Initial sync",
        ("RESCAN", _) => "Rescan",
        ("PAUSED", _) => "Paused",
        ("STALLED", _) => "Stalled",
        ("STOPPED", _) => "Stopped",
        ("DISCONNECTED", _) => "Disconnected",
        _ => "Unknown",
    }
}
