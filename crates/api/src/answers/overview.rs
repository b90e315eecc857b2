//! The whole installation.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use inventory::overview;
use inventory::picture::Freshness;
use serde::{Serialize, Serializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::known::{HeldRemoval, NotKnown};
use crate::documented::forms;

/// The whole installation.
#[derive(Debug)]
pub struct OverviewAnswer(pub(crate) Arc<(overview::Overview, Freshness)>);

impl Serialize for OverviewAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.0.to_json().serialize(serializer)
    }
}

impl PartialSchema for OverviewAnswer {
    fn schema() -> RefOr<Schema> {
        Overview::schema()
    }
}

impl ToSchema for OverviewAnswer {
    fn name() -> Cow<'static, str> {
        Overview::name()
    }

    fn schemas(named: &mut Vec<(String, RefOr<Schema>)>) {
        Overview::schemas(named);
    }
}

/// Can we recover, what do we not know, what to do next. No row of a server is read for it.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Overview {
    /// Start of the last sync of all accounts that ended, ISO 8601; null where none ever did.
    #[schema(required)]
    pub as_of: Option<String>,
    /// Whether every server is ready, and nothing is unknown.
    pub proven: bool,
    /// Whether nothing is unknown.
    pub complete: bool,
    /// Servers by verdict.
    pub verdicts: Verdicts,
    /// The sum of `verdicts`.
    pub servers: u64,
    /// Servers by the code of a reason; a server may have several.
    pub reasons: BTreeMap<String, u64>,
    /// Servers by lag against their recovery point objective: `NONE`, `WITHIN`, `TWICE`, `FOUR_TIMES`
    /// (at most so much), `MORE`.
    pub lag: BTreeMap<String, u64>,
    /// Servers by what their last launch proves, and `UNDER_WAY`.
    pub drills: BTreeMap<String, u64>,
    /// Servers by the time of their last launch: `UNDER_90_DAYS`, `UNDER_180_DAYS`, `OLDER`, `NEVER`.
    pub drill_ages: BTreeMap<String, u64>,
    /// Servers that are copies of one in a staging account.
    pub extended: u64,
    /// Servers whose lag is above their objective.
    pub over_rpo: u64,
    /// EC2 instances that nothing protects; null where nobody looked for them.
    #[schema(required)]
    pub unprotected: Option<u64>,
    /// Instances of drills that still run; null where nobody asked.
    #[schema(required)]
    pub drills_running: Option<RunningDrills>,
    /// Rows of servers that DRS no longer lists.
    pub no_longer_listed: u64,
    /// The fullest accounts and regions, against what DRS allows.
    pub capacity: Capacity,
    /// Pairs of account and region that were asked at some time.
    pub places: u64,
    /// Those of which what is known holds now.
    pub places_known: u64,
    /// What to do next, the worst first.
    pub next: Vec<NextStep>,
    /// The regions with servers, the worst first.
    pub regions: Vec<RegionOverview>,
    /// What is not known.
    pub not_known: Vec<NotKnown>,
    /// Removals that wait for an approval.
    pub removals_held: Vec<HeldRemoval>,
}

/// Servers by verdict. They always add up to the servers that should be there.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Verdicts {
    /// Can be recovered within the objective.
    pub ready: u64,
    /// May not go as expected.
    pub at_risk: u64,
    /// Cannot be recovered to a state of now.
    pub not_ready: u64,
    /// Of which nothing is known now.
    pub unknown: u64,
}

/// Instances of drills that still run.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct RunningDrills {
    /// How many.
    pub instances: u64,
    /// Since when the oldest does, ISO 8601.
    pub oldest_since: Option<String>,
}

/// The fullest accounts and regions, ten of each at most.
#[derive(Debug, ToSchema)]
pub struct Capacity {
    /// Servers that replicate in an account and region.
    pub places: Vec<PlaceCapacity>,
    /// Source servers of an account in all regions.
    pub accounts: Vec<AccountCapacity>,
}

/// How full one account and region is.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct PlaceCapacity {
    /// The account.
    pub account_id: String,
    /// The region.
    pub region: String,
    /// Servers that replicate there; null where nobody counted them.
    #[schema(required)]
    pub replicating: Option<u64>,
    /// How many DRS allows.
    pub of: u64,
}

/// How full one account is.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AccountCapacity {
    /// The account.
    pub account_id: String,
    /// Its source servers in all regions.
    pub source_servers: u64,
    /// How many DRS allows.
    pub of: u64,
}

/// Something to do, for all servers of a region with the same reason.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NextStep {
    /// The reason.
    #[schema(value_type = forms::ReasonName)]
    pub code: String,
    /// How bad it is.
    #[schema(value_type = forms::VerdictName)]
    pub level: String,
    /// Servers with this reason.
    pub servers: u64,
    /// Their region.
    pub region: String,
    /// The account that has the most of them.
    pub account_id: Option<String>,
    /// Accounts that have some of them.
    pub accounts: u64,
    /// What to do.
    pub what_to_do: String,
}

/// One region over all accounts.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct RegionOverview {
    /// As in `us-east-1`.
    pub region: String,
    /// Its servers by verdict.
    pub verdicts: Verdicts,
    /// Accounts that were asked there.
    pub accounts_asked: u64,
    /// Of these, those that could not be read.
    pub accounts_failed: u64,
}
