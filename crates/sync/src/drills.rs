//! Drills that still run, and how long launches took.
//!
//! DRS is asked once per discovery interval in each account and region that lists servers; where it
//! denies that, a day later. Nothing of it fails a sync.
//!
//! - `ask`: what DRS tells.
//! - `entry`: what the ledger keeps of it.
//! - `launches`: what the history keeps of it.

mod ask;
mod entry;
mod launches;

use std::collections::{BTreeMap, HashMap};

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use model::{Failure, RegionStatus};
use store::rows::DAYS_KEPT;
use store::rows::drills::{DrillsEntry, drills_entry};

use super::listed_server::ListedServer;
use super::time::{iso, now};
use super::work::Work;
use super::write_beside::write_beside;
use ask::{Told, ask};
use entry::entry_after;
use launches::launches_of;

/// How soon DRS is asked again where it denied an answer.
const AFTER_A_DENIAL: SignedDuration = SignedDuration::from_hours(24);
/// Jobs older than this are not asked for: the history keeps nothing longer.
const OLDEST_JOB: SignedDuration = SignedDuration::from_hours(DAYS_KEPT * 24);

/// What is asked in one region.
struct Due {
    region: String,
    /// The servers that it lists: their ARNs by id.
    servers: HashMap<String, String>,
    previous: DrillsEntry,
}

/// Asks in those regions of an account that list servers and are due.
pub(super) fn read_drills<'a>(work: &'a Work<'_>, listed: &[ListedServer]) -> BoxFuture<'a, ()> {
    let now = now(&work.run.sync.clock);
    let due = due(work, listed, now).into_iter();
    let asked: Vec<_> = due.map(|due| read_region(work, due, now)).collect();
    let at_once = work.run.sync.settings.limits.regions;
    stream::iter(asked).buffer_unordered(at_once).collect::<()>().boxed()
}

fn due(work: &Work<'_>, listed: &[ListedServer], now: Timestamp) -> Vec<Due> {
    // Where the ledger is not known, nobody knows what the history has.
    let Some(known) = work.known else { return Vec::new() };
    let mut regions: BTreeMap<&str, HashMap<String, String>> = BTreeMap::new();
    for server in listed {
        let servers = regions.entry(&server.region).or_default();
        servers.insert(server.id.clone(), server.arn.clone());
    }
    let due = regions.into_iter().filter_map(|(region, servers)| {
        let previous = known.beside.get(&drills_entry(region)).cloned();
        let previous = previous.and_then(|item| serde_dynamo::from_item(item).ok());
        let previous: DrillsEntry = previous.unwrap_or_default();
        let due = Due { region: region.to_owned(), servers, previous };
        is_due(&due.previous, now).then_some(due)
    });
    due.collect()
}

fn is_due(previous: &DrillsEntry, now: Timestamp) -> bool {
    let next_at: Option<Timestamp> = previous.next_at.as_deref().and_then(|at| at.parse().ok());
    next_at.is_none_or(|next_at| next_at <= now)
}

fn read_region<'a>(work: &'a Work<'_>, due: Due, now: Timestamp) -> BoxFuture<'a, ()> {
    async move {
        let told = told_by(work, &due, now).await;
        record(work, due, told, now).await;
    }
    .boxed()
}

fn told_by<'a>(work: &'a Work<'_>, due: &'a Due, now: Timestamp) -> BoxFuture<'a, Told> {
    let asked = ask(work, &due.region, jobs_from(&due.previous, now));
    let ends = work.run.start.deadline;
    async move { ends.within(asked).await.unwrap_or_else(Into::into) }.boxed()
}

async fn record(work: &Work<'_>, due: Due, answer: Told, now: Timestamp) {
    let Work { run, session, .. } = work;
    let interval = SignedDuration::try_from(run.sync.settings.discovery_interval);
    let interval = interval.unwrap_or(AFTER_A_DENIAL);
    let denied = answer.failure.as_ref().is_some_and(|failure| is_denied(failure.status));
    let next_at = now + if denied { AFTER_A_DENIAL } else { interval };
    let place = (session.account_id.as_str(), due.region.as_str());
    if let Some(Failure { code, message: cause, .. }) = &answer.failure {
        let (account, region) = place;
        tracing::info!(account, region, code, cause, "drills are not known");
    }
    let entry = entry_after(&due.previous, place, &answer, (now, next_at));
    let launches = launches_of(&due, session, &answer.jobs);
    // Told first: what is told twice is folded, what is not told is lost.
    let writing = run.writing(work.claim);
    let done = match run.tell(now, launches, &writing).boxed().await {
        Ok(()) => write_beside(work, &drills_entry(&due.region), &entry).await,
        Err(failure) => Err(failure),
    };
    if let Err(Failure { code, message: cause, .. }) = done {
        let (account, region) = place;
        tracing::warn!(account, region, code, cause, "drills are left to the next sync");
    }
}

/// From when on jobs are asked for: the last answer, or the start of what had not ended by then.
fn jobs_from(previous: &DrillsEntry, now: Timestamp) -> String {
    let oldest = iso(now - OLDEST_JOB);
    let since = [&previous.jobs_as_of, &previous.pending_since].into_iter().flatten().min();
    since.filter(|since| **since > oldest).cloned().unwrap_or(oldest)
}

fn is_denied(status: RegionStatus) -> bool {
    match status {
        RegionStatus::IamPermissionDenied | RegionStatus::ScpDenied => true,
        RegionStatus::Active
        | RegionStatus::Throttled
        | RegionStatus::EndpointUnreachable
        | RegionStatus::Error
        | RegionStatus::RegionNotEnabled
        | RegionStatus::RegionNotOptedIn
        | RegionStatus::NotInitialized => false,
    }
}
