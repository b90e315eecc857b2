//! What is not known of the installation as a whole. No scan of the inventory: the accounts table,
//! three indexed questions to the ledger, and how the last whole sync ended.

use std::collections::BTreeSet;

use futures::FutureExt;
use model::Place;
use store::rows::ledger::{
    ACCOUNT_ENTRY, AccountEntry, LAST_ENTRY, LOCK_ENTRY, LastSync, ORGANIZATION_ENTRY,
    OrganizationEntry, PlaceEntry, SYNC_ENTRIES,
};
use store::tables::{AccountRegionStatusTable, Listing, TROUBLE_INDEX, TargetAccountsTable};
use store::{Item, QueryError, text};
use sync::accounts::{collect_accounts_to_query, merge_listings};
use sync::ledger::known_accounts;

use super::entries::{Key, first_rows, none_where_there_is_no_ledger, read_entries};
use super::freshness::Freshness;
use super::held::held_of;
use super::not_known::{NotKnown, Why};
use super::{Picture, PictureTables};

/// Entries in trouble of one kind that are read: a reader's answer has a limit.
const MOST_TROUBLES: usize = 1000;

/// What is not known of the whole installation, and removals that wait.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn read_picture(
    tables: &PictureTables,
    freshness: &Freshness,
) -> Result<Picture, QueryError> {
    let PictureTables { ledger, accounts } = tables;
    let trouble = |kind| {
        let listing = Listing::of_index(ledger, TROUBLE_INDEX, "trouble", kind);
        // Boxed like the others: together they would be as large as the stack of a thread.
        Box::pin(first_rows(listing, MOST_TROUBLES).map(none_where_there_is_no_ledger))
    };
    let asked = known_accounts(ledger).every_item();
    let sync = Listing::of_partition(ledger, "accountId", SYNC_ENTRIES).every_item();
    let (failed, never_read, held, asked, sync, accounts) = futures::try_join!(
        trouble("FAILED"),
        trouble("NEVER_READ"),
        trouble("HELD"),
        Box::pin(asked.map(none_where_there_is_no_ledger)),
        Box::pin(sync.map(none_where_there_is_no_ledger)),
        Box::pin(account_ids(accounts)),
    )?;
    let troubled = [&failed.0, &never_read.0, &held.0].into_iter().flatten();
    let removals_held = held_of(&sync, troubled);
    let SyncEntries { last, lock, organization } = SyncEntries::of(sync);
    let mut picture = Picture {
        as_of: last.started_at.clone(),
        is_cut: failed.1 || never_read.1,
        removals_held,
        ..Picture::default()
    };
    let asked: BTreeSet<&str> = asked.iter().map(|entry| text(entry, "accountId")).collect();
    picture.add(of_whole(&last, &lock, !asked.is_empty(), freshness));
    let never = accounts.iter().filter(|id| !asked.contains(id.as_str()));
    picture.add(never.map(|id| NotKnown::account(id, Why::NeverAsked)).collect());
    picture.add_never_added(&organization, &accounts);
    for (entries, why) in [(failed.0, Why::Failed), (never_read.0, Why::NeverRead)] {
        let entries = entries.into_iter().map(|entry| NotKnown::of_trouble(entry, why));
        let (accounts, places): (Vec<_>, Vec<_>) =
            entries.partition(|entry| entry.region.is_none());
        picture.add(accounts);
        picture.add(places);
    }
    let unread = unread_by_last(ledger, &last).await?;
    picture.is_cut |= last.not_known > last.not_known_places.len() as u64;
    picture.add(unread);
    Ok(picture)
}

/// The entries of whole syncs.
#[derive(Default)]
struct SyncEntries {
    last: LastSync,
    lock: Item,
    organization: OrganizationEntry,
}

impl SyncEntries {
    fn of(items: Vec<Item>) -> Self {
        let mut entries = Self::default();
        for item in items {
            match text(&item, "region") {
                LAST_ENTRY => entries.last = serde_dynamo::from_item(item).unwrap_or_default(),
                LOCK_ENTRY => entries.lock = item,
                ORGANIZATION_ENTRY => {
                    entries.organization = serde_dynamo::from_item(item).unwrap_or_default();
                }
                _ => {}
            }
        }
        entries
    }
}

impl Picture {
    /// Of what the organization had when it was asked, those that nobody has added since.
    fn add_never_added(&mut self, organization: &OrganizationEntry, accounts: &[String]) {
        let named = &organization.never_added_accounts;
        let added: BTreeSet<&str> = accounts.iter().map(String::as_str).collect();
        let missing = named.iter().filter(|it| !added.contains(it.account_id.as_str()));
        let missing = missing.map(|it| NotKnown {
            since: Some(organization.as_of.clone()),
            ..NotKnown::account(&it.account_id, Why::NeverAdded)
        });
        self.add(missing.collect());
        self.is_cut |= organization.never_added > named.len() as u64;
    }
}

/// Target and staging accounts, each once.
pub(super) async fn account_ids(table: &TargetAccountsTable) -> Result<Vec<String>, QueryError> {
    let collected = collect_accounts_to_query(table).await;
    let (targets, stagings) = collected
        .map_err(|error| QueryError { table: error.table.clone(), source: error.source })?;
    let accounts = merge_listings(&targets, &stagings).into_iter();
    Ok(accounts.map(|account| account.account_id).collect())
}

/// Whether the last sync of all accounts ended, and not too long ago.
fn of_whole(
    last: &LastSync,
    lock: &Item,
    anything_asked: bool,
    freshness: &Freshness,
) -> Vec<NotKnown> {
    let mut whole = Vec::new();
    let started = last.started_at.as_deref();
    if started.is_none() && anything_asked {
        whole.push(NotKnown::whole(Why::NoSync));
    }
    if started.is_some() && freshness.is_stale(started, 1) {
        let last_success = started.map(str::to_owned);
        whole.push(NotKnown { last_success, ..NotKnown::whole(Why::Stale) });
    }
    let until = text(lock, "expiresAt").parse().ok();
    let since = text(lock, "since");
    let has_run_out = until.is_some_and(|until: jiff::Timestamp| until < freshness.now);
    if has_run_out && since > last.finished_at.as_deref().unwrap_or_default() {
        let since = Some(since.to_owned());
        whole.push(NotKnown { since, ..NotKnown::whole(Why::CutShort) });
    }
    whole
}

/// What the last whole sync could not read, and no later one has read since.
async fn unread_by_last(
    ledger: &AccountRegionStatusTable,
    last: &LastSync,
) -> Result<Vec<NotKnown>, QueryError> {
    let places = last.not_known_places.iter();
    let key = |name: &String| match Place::parse(name) {
        Some(place) => (place.account_id, place.region),
        None => (name.clone(), ACCOUNT_ENTRY.to_owned()),
    };
    let keys: BTreeSet<Key> = places.map(key).collect();
    let entries = read_entries(ledger, keys.clone()).await?;
    let unread = keys.into_iter().filter_map(|(account, region)| {
        // Without an entry the account has left.
        let entry = entries.get(&(account.clone(), region.clone()))?.clone();
        if region == ACCOUNT_ENTRY {
            unread_account(entry, last)
        } else {
            unread_place(entry, last)
        }
    });
    Ok(unread.collect())
}

/// Another sync may have been at work in the account at the same time.
fn unread_account(entry: Item, last: &LastSync) -> Option<NotKnown> {
    let entry: AccountEntry = serde_dynamo::from_item(entry).ok()?;
    let was_read = entry.last_success.is_some() && entry.last_success >= last.started_at;
    let last_success = entry.last_success;
    (!was_read)
        .then(|| NotKnown { last_success, ..NotKnown::account(&entry.account_id, Why::NotRead) })
}

/// A place may have answered that very sync with a server that could not be read.
fn unread_place(entry: Item, last: &LastSync) -> Option<NotKnown> {
    let entry: PlaceEntry = serde_dynamo::from_item(entry).ok()?;
    let was_read = entry.last_success.is_some() && entry.last_success > last.finished_at;
    let place = Place::new(&entry.account_id, &entry.region);
    (!was_read).then(|| NotKnown::place(&place, &entry, Why::NotRead))
}
