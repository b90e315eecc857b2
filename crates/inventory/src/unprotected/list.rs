//! What was found that nothing protects.

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use store::rows::unprotected::{
    UNPROTECTED_PREFIX, UnprotectedEntry, UnprotectedInstance, unprotected_entry,
};
use store::tables::{AccountRegionStatusTable, Listing};
use store::{QueryError, text};
use sync::ledger::known_accounts;

use crate::picture::Freshness;

/// Instances that one list names at most.
pub const MOST_INSTANCES: usize = 1_000;
/// Accounts whose entries are read at once.
const ACCOUNTS_AT_ONCE: usize = 16;
/// Entries on a page; an account has one per region.
const PAGE: i32 = 100;

/// Which of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnprotectedFilter {
    /// Of this account only.
    pub account: Option<String>,
    /// In this region only.
    pub region: Option<String>,
}

/// What nothing protects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unprotected {
    /// The first [`MOST_INSTANCES`], by account, region and id.
    pub instances: Vec<FoundInstance>,
    /// How many each account has, the most first.
    pub accounts: Vec<AccountCount>,
    /// Where it is not certain, or not known as of now.
    pub not_known: Vec<NotCertain>,
    /// Whether there are more instances than are named.
    pub is_cut: bool,
}

/// An instance, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundInstance {
    /// Its account.
    pub account_id: String,
    /// Its region.
    pub region: String,
    /// What EC2 told of it.
    #[serde(flatten)]
    pub instance: UnprotectedInstance,
    /// When EC2 told, ISO 8601.
    pub as_of: String,
    /// Whether every source server was known that could name it.
    pub certain: bool,
}

/// How many instances of an account nothing protects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCount {
    /// The account.
    pub account_id: String,
    /// How many.
    pub count: u64,
    /// How many more need not be protected.
    pub excluded: u64,
    /// Regions that were looked at.
    pub regions: u64,
    /// Whether this is certain in all of them, and as of now.
    pub certain: bool,
}

/// A region of an account of which something is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotCertain {
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// When EC2 last told, ISO 8601; none where it never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Why.
    pub because: String,
}

/// Lists what the last syncs found.
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn list_unprotected(
    ledger: &AccountRegionStatusTable,
    filter: &UnprotectedFilter,
    freshness: &Freshness,
) -> Result<Unprotected, QueryError> {
    let accounts = match &filter.account {
        Some(account) => vec![account.clone()],
        None => {
            let known = known_accounts(ledger).every_item().await?;
            let mut known: Vec<String> =
                known.iter().map(|entry| text(entry, "accountId").to_owned()).collect();
            known.sort_unstable();
            known
        }
    };
    let mut found = Unprotected::default();
    let mut read = stream::iter(accounts)
        .map(|account| entries_of(ledger, account, filter.region.as_deref()))
        .buffered(ACCOUNTS_AT_ONCE);
    while let Some(entries) = read.try_next().await? {
        found.add_account(entries, freshness);
    }
    found.accounts.sort_by(|one, another| {
        let key = |it: &AccountCount| (std::cmp::Reverse(it.count), it.account_id.clone());
        key(one).cmp(&key(another))
    });
    Ok(found)
}

/// The entries of one account, by region.
async fn entries_of(
    ledger: &AccountRegionStatusTable,
    account: String,
    region: Option<&str>,
) -> Result<Vec<UnprotectedEntry>, QueryError> {
    let (from, to) = match region {
        Some(region) => (unprotected_entry(region), unprotected_entry(region)),
        // No region's name has a letter beyond it.
        None => (UNPROTECTED_PREFIX.to_owned(), unprotected_entry("~")),
    };
    let entries = Listing::of_partition(ledger, "accountId", &account);
    let items = entries.last_first("region", (&from, &to), PAGE).every_item().await?;
    let entries = items.into_iter().rev().filter_map(|item| serde_dynamo::from_item(item).ok());
    Ok(entries.collect())
}

impl Unprotected {
    fn add_account(&mut self, entries: Vec<UnprotectedEntry>, freshness: &Freshness) {
        let Some(first) = entries.first() else { return };
        let mut account = AccountCount {
            account_id: first.account_id.clone(),
            count: 0,
            excluded: 0,
            regions: 0,
            certain: true,
        };
        for entry in entries {
            account.count += entry.count;
            account.excluded += entry.excluded;
            account.regions += 1;
            account.certain &= self.add(entry, freshness);
        }
        self.accounts.push(account);
    }

    /// Whether the entry is certain, and as of now.
    fn add(&mut self, entry: UnprotectedEntry, freshness: &Freshness) -> bool {
        let region = entry.region.strip_prefix(UNPROTECTED_PREFIX).unwrap_or_default().to_owned();
        // It is written once per discovery interval where nothing changes.
        let is_stale = freshness.is_stale(entry.as_of.as_deref(), 0);
        let because = match (entry.is_certain, is_stale, entry.because) {
            (false, _, because) => Some(because.unwrap_or_else(|| "not certain".to_owned())),
            (true, true, _) => Some("it was last looked at too long ago".to_owned()),
            (true, false, _) => None,
        };
        let certain = because.is_none();
        let room = MOST_INSTANCES.saturating_sub(self.instances.len());
        self.is_cut |= (entry.count as usize) > room.min(entry.instances.len());
        let as_of = entry.as_of.clone().unwrap_or_default();
        self.instances.extend(entry.instances.into_iter().take(room).map(|instance| {
            FoundInstance {
                account_id: entry.account_id.clone(),
                region: region.clone(),
                instance,
                as_of: as_of.clone(),
                certain,
            }
        }));
        if let Some(because) = because {
            let (account_id, as_of) = (entry.account_id, entry.as_of);
            self.not_known.push(NotCertain { account_id, region, as_of, because });
        }
        certain
    }
}
