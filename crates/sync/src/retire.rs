//! Accounts that left the accounts table: their rows go the way of servers that are no longer listed,
//! and then their entries of the ledger.

use std::collections::{BTreeSet, HashSet};

use aws::{classify, service_error};
use aws_sdk_dynamodb::types::AttributeValue;
use model::{AccountToQuery, Failure, Place};
use store::rows::ledger::{ACCOUNT_ENTRY, PlaceEntry, RecentWrites, entry_key};
use store::rows::{ChangeKind, InventoryChange};
use store::text;

use super::absence::{Absence, flag, held_rows, missing_change, remove_flagged};
use super::ledger::lease::Lease;
use super::ledger::{
    KnownPlaces, claim_account, known_accounts, read_places, update_region_status,
};
use super::patience::Patience;
use super::place_look::PlaceLook;
use super::run::Run;
use crate::time::iso;

/// Why the rows of an account that left are missing.
const ACCOUNT_LEFT: &str = "ACCOUNT_LEFT";

/// What became of the accounts that left.
#[derive(Debug, Default)]
pub(crate) struct Retired {
    /// Accounts that left, and of which something is still known.
    pub(crate) accounts: usize,
    /// Accounts of which nothing is known any more.
    pub(crate) gone: Vec<String>,
    /// Regions whose row is to be rolled up for that.
    pub(crate) regions: BTreeSet<String>,
    /// The entries of those of which something is known.
    pub(crate) entries: Vec<PlaceEntry>,
    /// Rows that are flagged.
    pub(crate) missing: u64,
    /// Rows that were removed.
    pub(crate) removed: u64,
}

/// The accounts that the ledger knows and the accounts table does not; none where the ledger does not
/// answer, or where the table has no account at all.
pub(crate) async fn accounts_that_left(run: &Run<'_>, accounts: &[AccountToQuery]) -> Vec<String> {
    if accounts.is_empty() {
        return Vec::new();
    }
    let there: HashSet<&str> = accounts.iter().map(|it| it.account_id.as_str()).collect();
    match known_accounts(&run.start.ledger).every_item().await {
        Ok(entries) => {
            let known = entries.iter().map(|entry| text(entry, "accountId").to_owned());
            known.filter(|account| !there.contains(account.as_str())).collect()
        }
        Err(error) => {
            let cause = error.to_string();
            tracing::warn!(cause, "accounts that left are left to the next sync");
            Vec::new()
        }
    }
}

/// Flags the rows of accounts that left, and removes rows and entries once they left long enough ago.
pub(crate) async fn retire(run: &Run<'_>, left: &[String]) -> Retired {
    let mut retired = Retired::default();
    for account in left {
        let claimed = claim_account(
            &run.start.ledger,
            account,
            (&run.id, &run.sync.clock),
            (run.start.looks_end, run.request.waits_for_others),
        );
        let done = match claimed.await {
            Ok(claim) => claim.keep(retire_account(run, account, &claim, &mut retired)).await,
            Err(failure) => Err(failure),
        };
        if let Err(Failure { code, message: cause, .. }) = done {
            tracing::warn!(account, code, cause, "an account that left is left to the next sync");
        }
    }
    retired
}

async fn retire_account(
    run: &Run<'_>,
    account: &str,
    claim: &Lease,
    retired: &mut Retired,
) -> Result<(), Failure> {
    let known = read_places(&run.start.ledger, account).await;
    let known = known.map_err(|error| classify(&error.source))?;
    retired.accounts += 1;
    let entry = known.account.clone().unwrap_or_default();
    let remove_after = run.sync.settings.remove_after;
    let is_due = remove_after.has_passed(entry.left_since.as_deref(), run.start.now)
        && !run.removals_are_held();
    let mut left_rows = 0;
    for (region, entry) in &known.places {
        let absence = retire_place(run, Place::new(account, region), is_due, claim).await?;
        retired.entries.push(record(run, entry, &absence).await?);
        retired.missing += absence.missing;
        retired.removed += absence.removed;
        left_rows += absence.missing;
        if let Some(failure) = absence.failure {
            return Err(failure);
        }
    }
    if is_due && left_rows == 0 {
        forget(run, account, &known, claim).await?;
        retired.gone.push(account.to_owned());
        retired.regions.extend(known.places.into_keys());
        return Ok(());
    }
    let since = entry.left_since.unwrap_or_else(|| run.start.time());
    let since = Some(AttributeValue::S(since));
    claim.release(vec![("leftSince", since)]).await.map_err(|error| classify(&error))
}

async fn retire_place(
    run: &Run<'_>,
    place: Place,
    is_due: bool,
    claim: &Lease,
) -> Result<Absence, Failure> {
    let writing = run.writing(claim);
    let look = PlaceLook {
        place,
        asked_at: run.start.now,
        previous: None,
        is_complete: false,
        is_first_after_a_crash: false,
        writing,
    };
    let rows = held_rows(run, &look).await.ok_or_else(unread)?;
    let mut absence = Absence { missing: rows.len() as u64, ..Absence::default() };
    if is_due {
        remove_flagged(run, &look, rows, &mut absence).await;
        return Ok(absence);
    }
    let newly = rows.into_iter().filter(|gone| gone.missing_since.is_none());
    let newly: Vec<_> = newly.collect();
    let told = newly.iter().map(missing_change).collect();
    run.tell(run.start.now, told, &look.writing).await?;
    for gone in newly {
        let change = gone.verdict_change(&look.place);
        if flag(run, &look, gone.key, ACCOUNT_LEFT).await? {
            absence.verdict_changes.extend(change);
        }
    }
    Ok(absence)
}

/// DRS is not asked any more: what is left of the place are rows that are missing.
async fn record(
    run: &Run<'_>,
    before: &PlaceEntry,
    absence: &Absence,
) -> Result<PlaceEntry, Failure> {
    let mut entry = before.clone().emptied(absence.missing);
    // Added again at once, the account must not take its flagged rows for unchanged.
    if entry.counts != before.counts {
        let (at, keys) = (run.start.time(), None);
        entry.recent_writes = vec![RecentWrites { at, keys }];
    }
    (entry.failing_since, entry.trouble, entry.removal_held) = (None, None, None);
    if entry != *before {
        let recorded = update_region_status(&run.start.ledger, &entry, false, run.start.looks_end);
        recorded.await.map_err(|failure| failure.failure)?;
    }
    Ok(entry)
}

fn unread() -> Failure {
    classify(&aws::ServiceError::Unusable {
        code: "IndexUnread",
        message: "the rows of the account cannot be listed now".to_owned(),
    })
}

/// Nothing is left of the account but its history.
async fn forget(
    run: &Run<'_>,
    account: &str,
    known: &KnownPlaces,
    claim: &Lease,
) -> Result<(), Failure> {
    let gone = InventoryChange::of(account, ChangeKind::AccountRemoved);
    run.tell(run.start.now, vec![gone], &run.writing(claim)).await?;
    let entries = known.places.keys().chain(known.beside.keys());
    let entries = entries.map(String::as_str).chain([ACCOUNT_ENTRY]);
    for region in entries {
        let delete = run
            .start
            .ledger
            .client
            .delete_item()
            .table_name(&run.start.ledger.name)
            .set_key(Some(entry_key(account, region)));
        let send =
            || async { delete.clone().send().await.map(drop).map_err(|e| service_error(&e)) };
        let deleted = Patience::until(run.start.looks_end).call(send).await?;
        deleted.map_err(|error| classify(&error))?;
    }
    tracing::info!(account, since = iso(run.start.now), "nothing is left of an account that left");
    Ok(())
}
