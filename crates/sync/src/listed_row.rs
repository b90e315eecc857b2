//! The row of a server that one account and region list, and whether it may be written.

use model::readiness::{Context, Policy, Verdict, judge};
use model::{Ec2Knowledge, Failure, RegionStatus, SourceServer};
use store::rows::{InventoryChange, InventoryRow, Readiness, RowKey};

/// One server, ready to be stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListedRow {
    /// What the table is to hold.
    pub row: InventoryRow,
    /// The account that listed it.
    pub account_id: String,
    /// The region that listed it.
    pub region: String,
    /// Why it is not sent: it has no key, or the row in the table would lose what could not be
    /// read.
    pub kept_back: Option<Failure>,
    /// What it was judged by.
    pub policy: Policy,
    /// What the history is to tell of it before it is written.
    pub changes: Vec<InventoryChange>,
    /// The verdict of the row that stands, where it is another one.
    pub other_verdict: Option<Verdict>,
    /// Whether this place holds the row already. One that it does not hold may be listed by another
    /// place in the same sync, too.
    pub held: bool,
}

impl ListedRow {
    /// The row of `server` in the sync that started at `now` (ISO 8601), judged in this context.
    pub fn new(server: SourceServer, now: &str, context: &Context<'_>) -> Self {
        let (account_id, region) = (server.account_id.clone(), server.region.clone());
        let kept_back = why_kept_back(&server);
        let readiness = Readiness::of(judge(&server, context), &server.arn);
        let row = InventoryRow { readiness, ..InventoryRow::new(server, now) };
        let policy = *context.policy;
        let row = row.with_content_hash(&policy);
        Self { row, account_id, region, kept_back, policy, ..Self::default() }
    }

    /// The row's key.
    pub fn key(&self) -> RowKey {
        self.row.key()
    }

    /// Whether another listing can be of the same server: a row without its key is told apart
    /// from every other.
    pub fn can_have_duplicates(&self) -> bool {
        !self.row.source_server_arn.is_empty()
    }
}

fn why_kept_back(server: &SourceServer) -> Option<Failure> {
    if server.arn().is_none() {
        return Some(no_arn());
    }
    match &server.ec2 {
        Ec2Knowledge::EarlierUnread(failure) => Some(failure.clone()),
        Ec2Knowledge::NoInstance
        | Ec2Knowledge::Current(_)
        | Ec2Knowledge::Ending(..)
        | Ec2Knowledge::Unreachable(_)
        | Ec2Knowledge::NotFound(_) => None,
    }
}

fn no_arn() -> Failure {
    Failure {
        status: RegionStatus::Error,
        code: "NoArn".to_owned(),
        message: "DRS lists the server without an ARN, which is the key of its row".to_owned(),
        retryable: false,
        advice: "look at the server in DRS; if it has an ARN there, ask AWS support why \
                 DescribeSourceServers leaves it out"
            .to_owned(),
    }
}
