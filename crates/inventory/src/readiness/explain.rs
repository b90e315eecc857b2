//! What a reason rests on: the fact, in a few words.

use jiff::{SignedDuration, Timestamp};
use model::lag::lag_seconds;
use model::readiness::{Policy, Reason, ReasonCode};
use store::{Item, number, text};

use super::replication_error::meaning;
use crate::words::{ago, grouped, lag, length};

/// The fact that a reason of this row rests on.
pub fn explain(row: &Item, reason: &Reason, policy: &Policy, now: Timestamp) -> String {
    let field = reason.field.as_deref().unwrap_or_default();
    match reason.code {
        ReasonCode::LagAboveRpo => lag_above(text(row, "lagDuration"), policy),
        ReasonCode::LagNotTold => "DRS tells no lag".to_owned(),
        ReasonCode::InitialSync => first_copy(row, now),
        ReasonCode::Initiating => with(field, "being set up", &initiation_status(row)),
        ReasonCode::Stalled => stalled(row, field),
        ReasonCode::Disconnected => with(field, "disconnected", ""),
        ReasonCode::StateNotKnown => match field {
            "" => "DRS tells no state".to_owned(),
            state => format!("state {state} is not known here"),
        },
        ReasonCode::NoLongerListed => {
            format!("no longer listed, {}", ago(Some(text(row, "missingSince")), now))
        }
        ReasonCode::ReplicationStopped => "replication stopped".to_owned(),
        ReasonCode::ExtensionError => match text(row, "stagingError") {
            "" => "the staging server cannot be reached".to_owned(),
            error => format!("the staging server cannot be reached: {error}"),
        },
        ReasonCode::LastLaunchFailed => format!("last launch failed, {}", launched(row, now)),
        ReasonCode::FailingBack => "being failed back".to_owned(),
        ReasonCode::Rescan => "disks are read again".to_owned(),
        ReasonCode::Paused => "replication paused".to_owned(),
        ReasonCode::AgentNotSeen => format!("agent last seen {}", seen(row, now)),
        ReasonCode::SourceGone => "source instance gone".to_owned(),
        ReasonCode::SourceStopped => "source instance stopped".to_owned(),
        ReasonCode::SourceNotKnown => "EC2 could not be asked".to_owned(),
        ReasonCode::NeverDrilled => "never drilled".to_owned(),
        ReasonCode::DrillTooOld => format!("last drill {}", launched(row, now)),
        ReasonCode::DrillUnderWay => "a launch is under way".to_owned(),
        ReasonCode::ChangedSinceDrill => format!("{field} changed since the last drill"),
        ReasonCode::NearQuota => "close to the quota of 300 replicating servers".to_owned(),
    }
}

/// As in `lag 42 m > 15 m, 2.8×`.
fn lag_above(text: &str, policy: &Policy) -> String {
    let objective = i64::try_from(policy.rpo.as_secs()).unwrap_or(i64::MAX);
    let allowed = length(SignedDuration::from_secs(objective));
    let tenths = lag_seconds(text).map(|seconds| seconds.saturating_mul(10));
    match tenths.and_then(|tenths| tenths.checked_div(policy.rpo.as_secs())) {
        // Its group may allow less than the installation does.
        Some(tenths) if tenths < 10 => format!("lag {} is above its group's objective", lag(text)),
        Some(tenths) => {
            format!("lag {} > {allowed}, {}.{}×", lag(text), grouped(tenths / 10), tenths % 10)
        }
        None => format!("lag {} > {allowed}", lag(text)),
    }
}

fn first_copy(row: &Item, now: Timestamp) -> String {
    let bytes = |name| number::<u128>(row, name);
    let copied = bytes("replicatedBytes").zip(bytes("totalBytes"));
    let copied = copied.and_then(|(part, whole)| (part * 100).checked_div(whole));
    let percent = copied.map_or(String::new(), |percent| format!(" {percent} %"));
    let done: Option<Timestamp> = text(row, "eta").parse().ok();
    let left = done.map(|done| done.duration_since(now)).filter(|left| left.is_positive());
    let left = left.map_or(String::new(), |left| format!(", about {} left", length(left)));
    format!("initial sync{percent}{left}")
}

fn stalled(row: &Item, code: &str) -> String {
    let error = row.get("replicationError").and_then(|error| error.as_m().ok());
    let raw = error.map(|error| text(error, "raw")).unwrap_or_default();
    let means = meaning(code).map_or(String::new(), |means| format!(" ({means})"));
    // Often DRS says the same twice.
    let raw = if raw.is_empty() || raw == code { String::new() } else { format!(": {raw}") };
    match code {
        "" => format!("stalled{raw}"),
        code => format!("stalled, {code}{means}{raw}"),
    }
}

fn initiation_status(row: &Item) -> String {
    let initiation = row.get("initiation").and_then(|it| it.as_m().ok());
    initiation.map(|it| text(it, "status").to_owned()).unwrap_or_default()
}

/// As in `being set up, BOOT_REPLICATION_SERVER IN_PROGRESS`.
fn with(field: &str, what: &str, status: &str) -> String {
    match field {
        "" => what.to_owned(),
        field => format!("{what}, {field} {status}").trim_end().to_owned(),
    }
}

fn launched(row: &Item, now: Timestamp) -> String {
    let launch = row.get("lastLaunch").and_then(|launch| launch.as_m().ok());
    let at = launch.map(|launch| text(launch, "at")).filter(|at| at.parse::<Timestamp>().is_ok());
    at.map_or_else(|| "at an unknown time".to_owned(), |at| ago(Some(at), now) + " ago")
}

fn seen(row: &Item, now: Timestamp) -> String {
    match text(row, "lastSeen") {
        "" => "never".to_owned(),
        time => ago(Some(time), now) + " ago",
    }
}
