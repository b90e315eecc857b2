//! What the inventory does not know, and as of when it knows the rest.
//!
//! - `whole`: what is not known of the installation as a whole.
//! - `as_of`: rows of servers, each as of the last answer of the place that lists it.
//! - `account`: one account and its regions.
//! - `freshness`: what time makes of an entry of the ledger.
//! - `not_known`: one thing that is not known.
//! - `held`: removals that wait for an approval.
//! - `regions`: rows of the region status, and of the ledger.
//! - `entries`: entries of the ledger by their keys.
//! - `words`: what is not known, and what waits, as people say it.
//! - `unknown`: the places whose servers are not known, for lists of those alone.

mod account;
mod as_of;
mod entries;
mod freshness;
mod held;
mod not_known;
mod regions;
mod unknown;
mod whole;
mod words;

use std::collections::BTreeSet;

use model::environment::ConfigError;
use store::tables::{
    AccountRegionStatusTable, TargetAccountsTable, get_account_region_status_table,
    get_target_accounts_table,
};
use store::{Item, QueryError, Store};

pub use account::{AccountStatus, account_status};
pub use as_of::{AS_OF, KNOWN, LAST_VERDICT, add_as_of};
pub use freshness::Freshness;
pub use held::{HeldBecause, HeldRemoval};
pub use not_known::{NotKnown, Why};
pub use regions::{query_places, query_regions};
pub use whole::read_picture;

pub(crate) use as_of::Knowledge;
pub(crate) use entries::{entries_of_regions, none_where_there_is_no_ledger, read_entries};
pub(crate) use held::held_of;
pub(crate) use unknown::places_not_known;

/// What every answer of a reader carries beside its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Start of the last whole sync that ended, ISO 8601; none where none ever did.
    pub as_of: Option<String>,
    /// What is not known: first what is of the whole installation, then by account and region.
    pub not_known: Vec<NotKnown>,
    /// Whether more is not known than `not_known` names.
    pub is_cut: bool,
    /// Removals that wait for an approval.
    pub removals_held: Vec<HeldRemoval>,
}

/// The tables that a picture is made of.
#[derive(Debug, Clone)]
pub struct PictureTables {
    /// What was seen when.
    pub ledger: AccountRegionStatusTable,
    /// What there is to see.
    pub accounts: TargetAccountsTable,
}

impl PictureTables {
    /// The tables of `store`.
    ///
    /// # Errors
    /// The variable that names one of them is not set.
    pub fn of(store: &Store) -> Result<Self, ConfigError> {
        let ledger = get_account_region_status_table(store)?;
        Ok(Self { ledger, accounts: get_target_accounts_table(store)? })
    }
}

/// The picture that a list of servers is a part of. Each row gets its [`AS_OF`], and whether what it
/// says is [`KNOWN`].
///
/// # Errors
/// [`QueryError`] names the table.
pub async fn picture_of_servers(
    tables: &PictureTables,
    servers: &mut [Item],
    freshness: &Freshness,
) -> Result<Picture, QueryError> {
    let of_rows = Box::pin(add_as_of(&tables.ledger, servers, freshness));
    let (mut picture, of_rows) =
        futures::try_join!(Box::pin(read_picture(tables, freshness)), of_rows)?;
    picture.add(of_rows);
    Ok(picture)
}

impl Picture {
    /// Whether nothing is missing, as far as the ledger tells.
    pub fn is_complete(&self) -> bool {
        self.not_known.is_empty() && !self.is_cut
    }

    /// Leaves out what does not concern this region.
    pub fn only_region(&mut self, region: &str) {
        self.not_known.retain(|it| it.region.as_deref().is_none_or(|other| other == region));
        self.removals_held.retain(|it| it.region.as_deref().is_none_or(|other| other == region));
    }

    /// Leaves out what does not concern this account.
    pub fn only_account(&mut self, account: &str) {
        self.not_known.retain(|it| it.account_id.as_deref().is_none_or(|id| id == account));
        self.removals_held.retain(|it| it.account_id.as_deref().is_none_or(|id| id == account));
    }

    /// Adds what is not named yet: no place twice, and no place of an account that is not known as a
    /// whole.
    pub(crate) fn add(&mut self, not_known: Vec<NotKnown>) {
        let named: BTreeSet<_> = self.not_known.iter().map(NotKnown::key).collect();
        let is_new = |it: &NotKnown| {
            let (account, _) = it.key();
            let is_whole = account.is_none();
            is_whole || !(named.contains(&it.key()) || named.contains(&(account, None)))
        };
        let new: Vec<NotKnown> = not_known.into_iter().filter(is_new).collect();
        self.not_known.extend(new);
        self.not_known.sort_by_key(NotKnown::key);
    }
}
