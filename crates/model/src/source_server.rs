//! A server that DRS lists, with what EC2 knows of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Ec2Knowledge;

/// A server as one account and region list it. Texts that DRS does not give are empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceServer {
    /// The account that was asked.
    pub account_id: String,
    /// The region that was asked.
    pub region: String,
    /// The server's ARN; without one the server cannot have a row.
    pub arn: String,
    /// `s-…`
    pub source_server_id: String,
    /// The account the machine runs in, where it is an EC2 instance.
    pub origin_account_id: String,
    /// The region the machine runs in, where it is an EC2 instance.
    pub origin_region: String,
    /// The account that holds the replica's disks, where it is another one.
    pub staging_account_id: String,
    /// Of the agent, as in `4.2.1`.
    pub agent_version: String,
    /// As DRS names it, as in `CONTINUOUS`.
    pub replication_state: String,
    /// How far the replica lags behind, ISO 8601, as in `PT1H5M`.
    pub lag_duration: String,
    /// When DRS last heard of the server, ISO 8601.
    pub last_seen: String,
    /// How its replication goes on.
    pub replication: Replication,
    /// `FAILOVER`, or `FAILBACK` where a recovery instance replicates back.
    pub replication_direction: String,
    /// The server of the opposite direction, where a failback is under way or was done.
    pub reversed_direction_source_server_arn: String,
    /// How it was last launched; none where it never was.
    pub last_launch: Option<LastLaunch>,
    /// As DRS names it, as in `SUCCEEDED`.
    pub last_launch_result: String,
    /// `i-…` of the recovery instance, where there is one.
    pub recovery_instance_id: String,
    /// Whether it is a copy of a server in a staging account.
    pub staging: Staging,
    /// Where its machine runs, where it is an EC2 instance.
    pub source_availability_zone: String,
    /// When it was added to DRS, ISO 8601.
    pub added_at: String,
    /// When its first byte was replicated, ISO 8601.
    pub first_byte_at: String,
    /// DRS's own tags.
    pub tags: BTreeMap<String, String>,
    /// What the agent found on the machine.
    pub machine: Machine,
    /// What is known from EC2.
    pub ec2: Ec2Knowledge,
}

/// How a replication goes on. Texts that DRS does not give are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replication {
    /// What is wrong, as in `AGENT_NOT_SEEN`.
    pub error_code: String,
    /// The same in DRS's words.
    pub error_raw: String,
    /// The step of setting it up that is under way, or that failed.
    pub initiation_step: String,
    /// How that step goes, as in `IN_PROGRESS`.
    pub initiation_status: String,
    /// Of all disks; absent where DRS tells of none.
    pub bytes: Option<ReplicatedBytes>,
    /// When it is expected to be in step, ISO 8601.
    pub eta: String,
}

/// Bytes of all disks of a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplicatedBytes {
    /// On the machine.
    pub total: i64,
    /// Of these, copied at least once.
    pub replicated: i64,
    /// Changed since, and waiting.
    pub backlog: i64,
}

/// The last launch of a server. Texts that DRS does not give are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LastLaunch {
    /// `DRILL` or `RECOVERY`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When somebody asked for it, ISO 8601.
    pub at: String,
    /// The job of DRS.
    pub job_id: String,
    /// As DRS names it, as in `LAUNCHED`.
    pub status: String,
}

/// What a copy of a server in a staging account knows of that one. Texts that DRS does not give are
/// empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staging {
    /// `NOT_EXTENDED`, `EXTENDED` or `EXTENSION_ERROR`.
    pub status: String,
    /// The server in the staging account.
    pub source_server_arn: String,
    /// Why DRS cannot reach that one.
    pub error: String,
}

/// A machine as its agent describes it. Texts that DRS does not give are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// Its name.
    pub hostname: String,
    /// Its name with its domain.
    pub fqdn: String,
    /// `i-…`, where the machine is an EC2 instance.
    pub instance_id: String,
    /// The operating system in words.
    pub os_name: String,
    /// As in `x86_64`.
    pub architecture: String,
    /// The instance type that DRS would launch it as.
    pub recommended_instance_type: String,
    /// Of the first processor.
    pub cpu_model: String,
    /// Of all processors. Sums of 64-bit numbers may pass 64 bits.
    pub cpu_cores: i128,
    /// Bytes.
    pub ram_bytes: i64,
    /// In the order of DRS.
    pub disks: Vec<Disk>,
    /// Of the interface that leads to the machine; see `aws::source_server`.
    pub primary_ip: String,
    /// Of the same interface.
    pub mac_address: String,
}

/// A disk that is replicated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Disk {
    /// As in `/dev/xvda`.
    pub device_name: String,
    /// Its size.
    pub bytes: i64,
}

impl SourceServer {
    /// Absent where DRS gives none: the server cannot have a row.
    pub fn arn(&self) -> Option<&str> {
        filled(&self.arn)
    }

    /// The account the machine runs in: its origin, else the account asked.
    pub fn origin_account(&self) -> &str {
        filled(&self.origin_account_id).unwrap_or(&self.account_id)
    }

    /// The region the machine runs in: its origin, else the region asked.
    pub fn origin_region(&self) -> &str {
        filled(&self.origin_region).unwrap_or(&self.region)
    }

    /// The account that holds the replica's disks, else the account asked.
    pub fn staging_account(&self) -> &str {
        filled(&self.staging_account_id).unwrap_or(&self.account_id)
    }

    /// `i-…`, where the machine is an EC2 instance.
    pub fn instance_id(&self) -> Option<&str> {
        filled(&self.machine.instance_id)
    }
}

/// Empty reads as absent.
fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
