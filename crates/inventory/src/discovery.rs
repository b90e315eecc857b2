//! The accounts of the organization beside those of the accounts table: which are new, known,
//! suspended or gone, and adding those that are new.
//!
//! - [`settings`]: whose organization it is, and which of its accounts are wanted.
//! - `organization`: what AWS Organizations says.
//! - `difference`: both beside each other.
//! - `record`: which accounts were never added, for every reader.
//! - `error`: why nothing was found.
//!
//! Nothing is ever removed here: an account that left the organization may still hold servers.

mod difference;
mod error;
mod organization;
mod record;
mod settings;

use aws::Aws;
use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use model::MemberRole;
use store::Store;
use store::tables::{
    TargetAccountsTable, get_account_region_status_table, get_target_accounts_table,
};
use sync::accounts::collect_accounts_to_query;
use sync::check_clock;
use sync::credentials::{Hub, identify_hub};

use crate::accounts::{AccountError, NewAccount, add_target_account};
use difference::difference;
use organization::read_organization;
use record::record;

pub use difference::{Discovered, DiscoveredAccount, Listed};
pub use error::DiscoveryError;
pub use settings::{DiscoverySettings, Selection};

/// Accounts that are added at once.
const ADDED_AT_ONCE: usize = 8;

/// What is asked of a discovery.
#[derive(Debug, Clone)]
pub struct Discovery {
    /// Whose organization, and which of its accounts. `DISCOVER_…`, `ORGANIZATION_…`.
    pub settings: DiscoverySettings,
    /// Which of its accounts, where somebody wants others than the installation does. Then nothing is
    /// recorded of the accounts that were never added: what one person looked for is not what should be
    /// there.
    pub only: Option<Selection>,
    /// Whether this is the installation itself, so that what it selects is what should be there. Else
    /// nothing is recorded over what another selection, or another organization, found: the settings of
    /// a laptop may not be those of the functions.
    pub is_installation: bool,
    /// Whether new accounts are added. Else nothing but the record is written.
    pub applies: bool,
    /// The role that new accounts are given, and their external id.
    pub member_role: MemberRole,
}

/// Asks the organization, and adds what is new where that is wanted.
///
/// # Errors
/// [`DiscoveryError`] where the organization or the accounts table cannot be read as a whole, or the
/// record not written: then nothing was added. An account that cannot be added is in the answer, by name,
/// and keeps no other from being added.
pub async fn discover_accounts(
    aws: &Aws,
    store: &Store,
    discovery: &Discovery,
) -> Result<Discovered, DiscoveryError> {
    let accounts = get_target_accounts_table(store)?;
    let ledger = get_account_region_status_table(store)?;
    let hub = identify_hub(aws).await.map_err(DiscoveryError::Identity)?;
    // Which of two looks is the later one is decided by the time of whoever looks.
    check_clock(hub.clock_off_by)?;
    let asked_at = Timestamp::now();
    let listed = listed_accounts(&accounts).await?;
    let organization = read_organization(aws, &hub, discovery, &listed).await?;
    let mut found = difference(organization, &listed, asked_at);
    // Before anything is added: readers leave out what is in the table by then.
    found.recorded = record(&ledger, &found, discovery).await?;
    if discovery.applies {
        add_new(&accounts, &hub, &discovery.member_role, &mut found).await;
        if found.recorded
            && let Err(error) = record(&ledger, &found, discovery).await
        {
            tracing::warn!(
                cause = error.to_string(),
                "what was added is not recorded; readers see it"
            );
        }
    }
    Ok(found)
}

/// Target and staging accounts alike: a staging account is asked, too.
async fn listed_accounts(table: &TargetAccountsTable) -> Result<Vec<Listed>, DiscoveryError> {
    let (targets, stagings) = collect_accounts_to_query(table).await?;
    let targets = targets.into_iter().map(|it| (it.account_id, it.account_name));
    let stagings = stagings.into_iter().map(|it| (it.account_id, it.account_name));
    Ok(targets.chain(stagings).map(|(account_id, name)| Listed { account_id, name }).collect())
}

/// Each by a write of its own, so that whatever ends this leaves whole rows.
async fn add_new(
    table: &TargetAccountsTable,
    hub: &Hub,
    role: &MemberRole,
    found: &mut Discovered,
) {
    let rows: Vec<NewAccount> =
        found.new.iter().map(|account| row_of(account, hub, role)).collect();
    let mut added = Vec::new();
    for row in &rows {
        added.push(add_target_account(table, row, Some(&hub.account_id)).boxed());
    }
    let added: Vec<_> = stream::iter(added).buffered(ADDED_AT_ONCE).collect().await;
    for (account, result) in found.new.iter_mut().zip(added) {
        account.added = Some(result.is_ok());
        account.error = result.err().map(|error| match error {
            AccountError::AlreadyExists(_) => {
                "somebody else added it at the same time: look at its role".to_owned()
            }
            error => error.to_string(),
        });
    }
}

/// The hub itself is entered with its own credentials.
fn row_of(account: &DiscoveredAccount, hub: &Hub, role: &MemberRole) -> NewAccount {
    let is_hub = account.account_id == hub.account_id;
    let role_arn = (!is_hub).then(|| role.name.arn(&hub.partition, &account.account_id));
    NewAccount {
        account_id: account.account_id.clone(),
        account_name: Some(account.account_name.clone()).filter(|name| !name.is_empty()),
        role_arn,
        external_id: role.external_id.clone().filter(|_| !is_hub),
    }
}
