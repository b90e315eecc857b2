//! Step 2: credentials for an account, from STS, cached.

mod cache;
mod failure;
mod hub;
mod role;
mod session;

use aws::{AccountSession, Aws};
use model::{AccountToQuery, Failure, Listing};

use failure::own_failure;
use role::Role;

pub use cache::CredentialsCache;
pub use hub::{Hub, identify_hub};
pub use session::get_cross_account_session;

/// Credentials for an account, through the first of its listings that can be entered, or why
/// there are none.
///
/// The hub needs no role. Another account without one is never read with the hub's own
/// credentials: its rows would be the hub's servers under a wrong name.
///
/// # Errors
/// Why the account cannot be entered: of several listings, the last one that STS refused.
pub async fn get_account_credentials(
    aws: &Aws,
    cache: &CredentialsCache,
    hub: &Hub,
    account: &AccountToQuery,
) -> Result<AccountSession, Failure> {
    if account.account_id == hub.account_id {
        return hub_session(aws, hub);
    }
    let mut failure = own_failure("NoRole", "the account is not listed", "add the account");
    for listing in &account.listings {
        match enter(cache, &account.account_id, listing).await {
            Ok(session) => return Ok(session),
            Err(next) => failure = next,
        }
    }
    Err(failure)
}

fn hub_session(aws: &Aws, hub: &Hub) -> Result<AccountSession, Failure> {
    let credentials = aws.hub_credentials().ok_or_else(|| {
        own_failure("NoCredentials", "there are no AWS credentials", "configure the AWS SDK")
    })?;
    let (account_id, partition) = (hub.account_id.clone(), hub.partition.clone());
    Ok(AccountSession { account_id, partition, credentials })
}

async fn enter(
    cache: &CredentialsCache,
    account_id: &str,
    listing: &Listing,
) -> Result<AccountSession, Failure> {
    let role = Role::of(account_id, listing)?;
    let partition = role.arn.split(':').nth(1).unwrap_or_default().to_owned();
    let credentials = cache.enter(role).await?;
    Ok(AccountSession { account_id: account_id.to_owned(), partition, credentials })
}
