//! What nothing protects: EC2 instances of an account that no source server names.
//!
//! - `protected`: the instances that source servers name.
//! - `doubt`: whether all of those are known.
//! - `entry`: what is found in one region.

mod doubt;
mod entry;
mod protected;

use std::collections::BTreeSet;

use aws::{classify, service_error};
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use model::region::all_regions;
use model::{Failure, RegionStatus};
use store::rows::ledger::entry_key;
use store::rows::unprotected::{
    Exclusion, UNPROTECTED_PREFIX, UnprotectedEntry, unprotected_entry,
};

use super::enrich::origin_client;
use super::ledger::KnownPlaces;
use super::listed_server::ListedServer;
use super::patience::Patience;
use super::report::AccountOutcome;
use super::settings::FindUnprotected;
use super::time::{age, now};
use super::work::Work;
use super::write_beside::write_beside;
use doubt::doubt;
use entry::{Found, entry_of};
use protected::{Protected, protected};

/// Looks for instances of the account that nothing protects, and writes what is found into the ledger.
pub(super) fn find_unprotected<'a>(
    work: &'a Work<'_>,
    outcome: &'a AccountOutcome,
    listed: &'a [ListedServer],
) -> BoxFuture<'a, ()> {
    find(work, outcome, listed).boxed()
}

async fn find(work: &Work<'_>, outcome: &AccountOutcome, listed: &[ListedServer]) {
    // Nobody knows then which regions the account has.
    let Some(known) = work.known else { return };
    let (protected, exclusions) =
        tokio::join!(protected(work, listed).boxed(), work.run.exclusions().boxed());
    let doubt = doubt(known, outcome, protected.is_whole, exclusions.is_some());
    let regions = regions(work, known, outcome, &protected);
    let look = Look { protected, exclusions: exclusions.unwrap_or_default(), doubt };
    let at_once = work.run.sync.settings.limits.ec2_groups;
    let asked: Vec<_> = regions.iter().map(|region| look_in(work, known, &look, region)).collect();
    stream::iter(asked).buffer_unordered(at_once).collect::<()>().await;
    if look.doubt.is_none() {
        forget_others(work, known, &regions).await;
    }
}

/// What instances are compared with.
struct Look<'a> {
    protected: Protected,
    exclusions: &'a [Exclusion],
    /// Why not every source server is known; none where each is.
    doubt: Option<String>,
}

/// Where to look.
fn regions(
    work: &Work<'_>,
    known: &KnownPlaces,
    outcome: &AccountOutcome,
    protected: &Protected,
) -> BTreeSet<String> {
    let mut regions = protected.regions.clone();
    let settings = &work.run.sync.settings;
    if settings.find_unprotected == FindUnprotected::All {
        let all = all_regions(settings.regions.as_deref(), &work.session.partition);
        regions.extend(all.into_iter().filter(|region| is_used(known, outcome, region)));
    }
    regions
}

/// Whether an account can have instances in a region, as far as DRS has told.
fn is_used(known: &KnownPlaces, outcome: &AccountOutcome, region: &str) -> bool {
    let now = outcome.places.iter().find(|place| place.place.region == region);
    let now = now.and_then(|place| place.result.as_ref().err()).map(|failure| failure.status);
    let before = known.places.get(region).and_then(|entry| RegionStatus::from_name(&entry.status));
    match now.or(before) {
        Some(
            RegionStatus::RegionNotEnabled
            | RegionStatus::RegionNotOptedIn
            | RegionStatus::ScpDenied,
        ) => false,
        None
        | Some(
            RegionStatus::Active
            | RegionStatus::IamPermissionDenied
            | RegionStatus::Throttled
            | RegionStatus::EndpointUnreachable
            | RegionStatus::Error
            | RegionStatus::NotInitialized,
        ) => true,
    }
}

fn look_in<'a>(
    work: &'a Work<'_>,
    known: &'a KnownPlaces,
    look: &'a Look<'_>,
    region: &'a str,
) -> BoxFuture<'a, ()> {
    look_in_region(work, known, look, region).boxed()
}

async fn look_in_region(work: &Work<'_>, known: &KnownPlaces, look: &Look<'_>, region: &str) {
    let Some(listings) = &work.listings else { return };
    let (account, enrichment) = (work.session.account_id.as_str(), work.enrichment());
    let client = origin_client(&enrichment, account, region);
    let listed = work.run.start.deadline.within(listings.list(region, client)).await;
    let listed = listed.and_then(|listed| listed);
    if let Err(Failure { code, message: cause, .. }) = &listed {
        tracing::info!(account, region, code, cause, "unprotected instances are not known");
    }
    let now = now(&work.run.sync.clock);
    let previous = known.beside.get(&unprotected_entry(region)).cloned();
    let previous: Option<UnprotectedEntry> =
        previous.and_then(|item| serde_dynamo::from_item(item).ok());
    let found = Found { account, region, previous: previous.as_ref(), now };
    let entry = entry_of(&found, look, listed);
    if is_news(work, previous.as_ref(), &entry, now) {
        let written = write_beside(work, &entry.region, &entry).await;
        log_failure(work, region, written);
    }
}

/// Whether the entry says something else, or the one that stands is old.
fn is_news(
    work: &Work<'_>,
    previous: Option<&UnprotectedEntry>,
    entry: &UnprotectedEntry,
    now: Timestamp,
) -> bool {
    let Some(previous) = previous else { return true };
    let as_before = UnprotectedEntry { as_of: previous.as_of.clone(), ..entry.clone() };
    let interval = work.run.sync.settings.discovery_interval;
    let is_recent = age(previous.as_of.as_deref(), now)
        .is_some_and(|age| !age.is_negative() && age.unsigned_abs() < interval);
    as_before != *previous || (entry.as_of != previous.as_of && !is_recent)
}

/// Takes away the entries of regions in which nothing is looked for any more.
async fn forget_others(work: &Work<'_>, known: &KnownPlaces, regions: &BTreeSet<String>) {
    let names = known.beside.keys();
    let looked_in = names.filter_map(|name| name.strip_prefix(UNPROTECTED_PREFIX));
    for region in looked_in.filter(|region| !regions.contains(*region)) {
        let ledger = &work.run.start.ledger;
        let key = entry_key(&work.session.account_id, &unprotected_entry(region));
        let delete = ledger.client.delete_item().table_name(&ledger.name).set_key(Some(key));
        let send =
            || async { delete.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
        let ends = work.run.start.looks_end.or_earlier(work.run.writing(work.claim).deadline);
        let deleted = Patience::until(ends).call(send).await;
        let deleted = deleted.and_then(|deleted| deleted.map_err(|error| classify(&error)));
        log_failure(work, region, deleted);
    }
}

fn log_failure(work: &Work<'_>, region: &str, done: Result<(), Failure>) {
    if let Err(Failure { code, message: cause, .. }) = done {
        let account = &work.session.account_id;
        tracing::warn!(account, region, code, cause, "unprotected instances are not recorded");
    }
}
