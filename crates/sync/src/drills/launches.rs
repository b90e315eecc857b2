//! What the history keeps of launches: it outlives what AWS keeps of its jobs.

use aws::{AccountSession, LaunchJob};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use store::rows::{ChangeKind, InventoryChange};
use store::{Item, string};

use super::Due;
use super::entry::time;
use crate::time::iso;

/// One for each server of each job that ended since DRS last told.
pub(super) fn launches_of(
    due: &Due,
    session: &AccountSession,
    jobs: &Option<Vec<LaunchJob>>,
) -> Vec<InventoryChange> {
    // Those that ended before are in the history.
    let told = due.previous.jobs_as_of.as_deref().and_then(time);
    let jobs = jobs.iter().flatten();
    let ended = jobs.filter_map(|job| Some((job, time(&job.ended_at)?)));
    let ended = ended.filter(|(_, at)| told.is_none_or(|told| *at >= told));
    let launches = ended.flat_map(|(job, at)| {
        let servers = job.servers.iter();
        servers.map(move |(id, status)| {
            let mut change = InventoryChange::of(subject(due, session, id), ChangeKind::Launch);
            change.after = after(job, status, at);
            change
        })
    });
    launches.collect()
}

/// The server's ARN, as its place lists it, or as DRS makes it.
fn subject(due: &Due, session: &AccountSession, id: &str) -> String {
    let listed = due.servers.get(id).filter(|arn| !arn.is_empty());
    listed.cloned().unwrap_or_else(|| {
        let AccountSession { account_id, partition, .. } = session;
        format!("arn:{partition}:drs:{}:{account_id}:source-server/{id}", due.region)
    })
}

fn after(job: &LaunchJob, status: &str, ended_at: Timestamp) -> Item {
    let kind = match job.initiated_by.as_str() {
        "START_DRILL" => "DRILL",
        "START_RECOVERY" => "RECOVERY",
        other => other,
    };
    let status = if status.is_empty() { &job.status } else { status };
    let mut after = Item::from([
        ("jobId".to_owned(), string(&job.id)),
        ("type".to_owned(), string(kind)),
        ("status".to_owned(), string(status)),
        ("endedAt".to_owned(), string(&iso(ended_at))),
    ]);
    if let Some(started_at) = time(&job.created_at) {
        let seconds = ended_at.duration_since(started_at).as_secs().max(0);
        after.insert("startedAt".to_owned(), string(&iso(started_at)));
        after.insert("seconds".to_owned(), AttributeValue::N(seconds.to_string()));
    }
    after
}
