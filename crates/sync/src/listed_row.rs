//! The row of a server that one account and region list, and whether it may be written.

use std::time::Duration;

use model::{Ec2Knowledge, Failure, RegionStatus, SourceServer};
use store::rows::{InventoryChange, InventoryRow, RowKey};

/// One server, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
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
    /// What the history is to tell of it before it is written.
    pub change: Option<InventoryChange>,
    /// Whether this place holds the row already. One that it does not hold may be listed by another
    /// place in the same sync, too.
    pub held: bool,
}

impl ListedRow {
    /// The row of `server` as DRS was asked at `now` (ISO 8601); `rpo` is the recovery point
    /// objective that its lag is classed by.
    pub fn new(server: SourceServer, now: &str, rpo: Duration) -> Self {
        Self {
            account_id: server.account_id.clone(),
            region: server.region.clone(),
            kept_back: why_kept_back(&server),
            row: InventoryRow::new(server, now).with_content_hash(rpo),
            change: None,
            held: false,
        }
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
