//! What nothing protects, and what need not be protected.

use inventory::unprotected::{AccountCount, FoundInstance, NotCertain};
use serde::Serialize;
use utoipa::ToSchema;

/// What the last syncs found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnprotectedList {
    /// How many instances nothing protects.
    pub(crate) count: u64,
    /// The first 1,000 of them, by account, region and id.
    #[schema(value_type = Vec<UnprotectedInstance>)]
    pub(crate) instances: Vec<FoundInstance>,
    /// How many each account has, the most first.
    #[schema(value_type = Vec<UnprotectedCount>)]
    pub(crate) accounts: Vec<AccountCount>,
    /// Whether all of this is certain and as of now; false also where no sync has looked.
    pub(crate) complete: bool,
    /// Accounts and regions where it is not.
    #[schema(value_type = Vec<NotCertainPlace>)]
    pub(crate) not_known: Vec<NotCertain>,
    /// Whether there are more instances than are named.
    pub(crate) is_cut: bool,
    /// What need not be protected, those that have ended among them.
    pub(crate) exclusions: Vec<ExclusionAnswer>,
}

/// Something that need not be protected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Exclusion)]
pub struct ExclusionAnswer {
    /// `tag:KEY=VALUE` or `id:i-…`.
    pub(crate) what: String,
    /// Who says so.
    pub(crate) owner: String,
    /// Why.
    pub(crate) reason: String,
    /// Until when, ISO 8601.
    pub(crate) until: String,
    /// When it was made, ISO 8601.
    pub(crate) since: String,
    /// Whether it holds now.
    pub(crate) holds: bool,
}

/// The exclusion that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Excluded {
    /// Which instances.
    pub(crate) what: String,
    /// Until when, ISO 8601.
    pub(crate) until: String,
}

/// The exclusion that was ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct Included {
    /// Which instances.
    pub(crate) what: String,
}

/// An EC2 instance that nothing protects. Texts that EC2 does not tell are empty.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct UnprotectedInstance {
    /// Its account.
    pub account_id: String,
    /// Its region.
    pub region: String,
    /// As in `i-0123456789abcdef0`.
    pub instance_id: String,
    /// Its tag `Name`, cut.
    pub name: String,
    /// Its tag `Owner`, cut.
    pub owner: String,
    /// As in `m6i.large`.
    #[schema(rename = "type")]
    pub kind: String,
    /// ISO 8601.
    pub launch_time: String,
    /// As in `running`.
    pub state: String,
    /// When EC2 told, ISO 8601.
    pub as_of: String,
    /// Whether every source server was known that could name it.
    pub certain: bool,
}

/// How many instances of an account nothing protects.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct UnprotectedCount {
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

/// An account and region of which something is not known.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NotCertainPlace {
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// When EC2 last told, ISO 8601; absent where it never did.
    pub as_of: Option<String>,
    /// Why.
    pub because: String,
}
