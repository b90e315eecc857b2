//! The legacy sync, frozen: its order of work, its statuses, its faults.
//!
//! It is what operators go back to, so nothing here is improved. It takes SDK clients and the
//! tables' names and shares nothing else, so that it can be deleted whole.

mod accounts;
mod batch_writer;
mod drs;
mod ec2;
mod row;
mod server;
mod status;
mod sts;

use std::time::Duration;

use aws::{AccountSession, Aws, CallPolicy, take_answers_as_they_come};
use aws_credential_types::provider::SharedCredentialsProvider;
use jiff::Timestamp;
use store::Store;
use store::tables::{
    get_drs_region_status_table, get_source_server_inventory_table, get_target_accounts_table,
};

use accounts::{Account, collect_accounts};
use batch_writer::BatchWriter;
use drs::{query_all_regions, write_region_rows};
use ec2::{Ec2Query, enrich};
use row::build_row;

pub use drs::REGIONS;

/// An error that left the function. Accounts after it were not done.
#[derive(Debug, thiserror::Error)]
#[error("Operation failed: {0}")]
pub struct LegacyError(pub String);

/// What the legacy function tells of a sync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Totals {
    /// `SOURCE_SERVER_INVENTORY_TABLE` is not set: nothing was called.
    NotConfigured,
    /// The accounts were gone through.
    Done {
        /// Rows that were queued without an error, stored or not.
        synced: u64,
        /// Rows that could not be built or sent.
        errors: u64,
        /// When the sync started, ISO 8601: the time that its rows carry.
        timestamp: String,
    },
}

/// One sync as the legacy function did it: one account after another, 28 regions at once. It starts
/// at `now`.
///
/// # Errors
/// [`LegacyError`] where the legacy function raised.
pub async fn handle_sync_source_server_inventory_legacy(
    aws: &Aws,
    store: &Store,
    now: Timestamp,
) -> Result<Totals, LegacyError> {
    let aws = aws.taking_answers_as_they_come();
    let client = take_answers_as_they_come(&store.client);
    let store = Store { client, ..store.clone() };
    let Ok(inventory) = get_source_server_inventory_table(&store) else {
        return Ok(Totals::NotConfigured);
    };
    let now = now.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
    let target_accounts =
        get_target_accounts_table(&store).map_err(|error| LegacyError(error.to_string()))?;
    let region_status = get_drs_region_status_table(&store).ok();

    let (mut synced, mut errors) = (0_u64, 0_u64);
    for account in collect_accounts(&target_accounts).await? {
        let Some(session) = enter(&aws, &account).await else { continue };
        let regions = query_all_regions(&aws, &session).await;
        if let Some(table) = &region_status {
            write_region_rows(table, &account.id, &regions, &now).await;
        }
        let mut servers: Vec<_> = regions.into_iter().flat_map(|region| region.servers).collect();
        let query = Ec2Query { aws: &aws, target_accounts: &target_accounts };
        enrich(&query, &account.id, &mut servers).await;

        let mut writer = BatchWriter::new(&inventory);
        for server in &servers {
            let queued = match build_row(server, &account.id, &now) {
                Ok(row) => writer.put(row).await,
                Err(error) => Err(error),
            };
            match queued {
                Ok(()) => synced += 1,
                Err(LegacyError(error)) => {
                    tracing::error!(account = account.id, error, "cannot write a server");
                    errors += 1;
                }
            }
        }
        writer.finish().await?;
    }
    Ok(Totals::Done { synced, errors, timestamp: now })
}

/// The session of the account's role; the hub's own for the hub, and for an account without a
/// role. None where the role cannot be assumed.
async fn enter(aws: &Aws, account: &Account) -> Option<AccountSession> {
    let aws = aws.with_policy(sts::policy());
    let hub = sts::hub_account(&aws).await;
    let credentials = match &account.role_arn {
        Some(role_arn) if account.id != hub => {
            let external_id = account.external_id.as_deref();
            match sts::assume(&aws, role_arn, "inventory-sync", external_id).await {
                Ok(credentials) => credentials,
                Err(error) => {
                    tracing::error!(
                        account = account.id,
                        role_arn,
                        error,
                        "cannot assume the role"
                    );
                    return None;
                }
            }
        }
        _ => aws.hub_credentials()?,
    };
    Some(session(&account.id, credentials))
}

fn session(account_id: &str, credentials: SharedCredentialsProvider) -> AccountSession {
    AccountSession { account_id: account_id.to_owned(), partition: "aws".to_owned(), credentials }
}

/// DRS and EC2 were tried twice in all. STS has a policy of its own.
fn one_retry() -> CallPolicy {
    CallPolicy {
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(10),
        operation_timeout: Duration::from_secs(60),
        max_attempts: 2,
    }
}
