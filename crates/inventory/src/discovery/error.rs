//! Why nothing was discovered.

use aws::ServiceError;
use model::Failure;
use model::environment::ConfigError;
use store::tables::WriteError;
use sync::SyncError;
use sync::accounts::CollectAccountsError;

/// Nothing was found, and no account was added.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// A setting or a table's name is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// This machine's clock is wrong.
    #[error(transparent)]
    Clock(#[from] SyncError),
    /// STS does not say whose credentials these are.
    #[error(
        "cannot find out which account the AWS credentials belong to: {0}; check AWS_PROFILE, AWS_REGION and the credentials"
    )]
    Identity(ServiceError),
    /// The role that reads the organization cannot be assumed.
    #[error(
        "cannot assume the role {role_arn}, which ORGANIZATION_ROLE_ARN or --role-arn names: {}: {}; check that it exists, that it trusts these credentials, and ORGANIZATION_EXTERNAL_ID",
        failure.code, failure.message
    )]
    Role {
        /// The role.
        role_arn: String,
        /// What STS answered.
        failure: Failure,
    },
    /// Organizations refused, or did not answer.
    #[error("cannot {operation}: {source}; {}", what_to_do(source))]
    Organization {
        /// What was attempted, as in `list the accounts of the organization`.
        operation: String,
        /// What it answered.
        source: ServiceError,
    },
    /// The accounts table cannot be read.
    #[error(transparent)]
    Accounts(#[from] CollectAccountsError),
    /// Which accounts were never added could not be recorded for the readers.
    #[error("cannot record what was found: {0}")]
    Record(#[from] WriteError),
}

/// Who may ask Organizations is said in several codes.
fn what_to_do(error: &ServiceError) -> &'static str {
    match error.code() {
        "AWSOrganizationsNotInUseException" => {
            "the account belongs to no organization: add accounts by `accounts add` or `accounts import`, or name a role of the management account with ORGANIZATION_ROLE_ARN"
        }
        code if code.starts_with("AccessDenied") => {
            "only the management account and delegated administrators may ask: name a role there that allows organizations:DescribeOrganization, ListAccounts, ListAccountsForParent, ListOrganizationalUnitsForParent and ListTagsForResource with ORGANIZATION_ROLE_ARN or --role-arn"
        }
        "ParentNotFoundException" => "check the id of the organizational unit",
        _ => "try again; if it stays, look at what AWS says",
    }
}
