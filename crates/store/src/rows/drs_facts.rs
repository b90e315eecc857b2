//! Attributes of a row that DRS tells beside those that the legacy sync knew. Absent where DRS gives
//! none.

use std::collections::BTreeMap;

use model::{LastLaunch, SourceServer};
use serde::{Deserialize, Serialize};

/// What DRS tells of a server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "docs/attributes.md describes each attribute")]
pub struct DrsFacts {
    pub tags: Option<BTreeMap<String, String>>,
    pub last_launch: Option<LastLaunch>,
    pub last_launch_result: Option<String>,
    pub replication_error: Option<ReplicationError>,
    pub initiation: Option<Initiation>,
    pub total_bytes: Option<i64>,
    pub replicated_bytes: Option<i64>,
    pub backlog_bytes: Option<i64>,
    pub eta: Option<String>,
    pub recovery_instance_id: Option<String>,
    pub replication_direction: Option<String>,
    pub reversed_direction_source_server_arn: Option<String>,
    pub staging_status: Option<String>,
    pub staging_source_server_arn: Option<String>,
    pub staging_error: Option<String>,
    pub architecture: Option<String>,
    pub recommended_instance_type: Option<String>,
    pub added_at: Option<String>,
    pub first_byte_at: Option<String>,
    pub source_availability_zone: Option<String>,
}

/// Why a replication does not go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/attributes.md describes each attribute")]
pub struct ReplicationError {
    pub code: String,
    pub raw: String,
}

/// The step of setting a replication up that is under way, or that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/attributes.md describes each attribute")]
pub struct Initiation {
    pub step: String,
    pub status: String,
}

impl DrsFacts {
    /// What DRS told of `server`.
    pub fn of(server: &SourceServer) -> Self {
        let replication = &server.replication;
        let error = ReplicationError {
            code: replication.error_code.clone(),
            raw: replication.error_raw.clone(),
        };
        let initiation = Initiation {
            step: replication.initiation_step.clone(),
            status: replication.initiation_status.clone(),
        };
        let bytes = replication.bytes;
        Self {
            tags: Some(server.tags.clone()).filter(|tags| !tags.is_empty()),
            last_launch: server.last_launch.clone(),
            last_launch_result: given(&server.last_launch_result),
            replication_error: Some(error).filter(|error| *error != ReplicationError::default()),
            initiation: Some(initiation).filter(|it| *it != Initiation::default()),
            total_bytes: bytes.map(|bytes| bytes.total),
            replicated_bytes: bytes.map(|bytes| bytes.replicated),
            backlog_bytes: bytes.map(|bytes| bytes.backlog),
            eta: given(&replication.eta),
            recovery_instance_id: given(&server.recovery_instance_id),
            replication_direction: given(&server.replication_direction),
            reversed_direction_source_server_arn: given(
                &server.reversed_direction_source_server_arn,
            ),
            staging_status: given(&server.staging.status),
            staging_source_server_arn: given(&server.staging.source_server_arn),
            staging_error: given(&server.staging.error),
            architecture: given(&server.machine.architecture),
            recommended_instance_type: given(&server.machine.recommended_instance_type),
            added_at: given(&server.added_at),
            first_byte_at: given(&server.first_byte_at),
            source_availability_zone: given(&server.source_availability_zone),
        }
    }

    /// Tenths of the disks that were copied at least once; none where DRS tells of no disks.
    pub fn tenths_replicated(&self) -> Option<i64> {
        let (replicated, total) = self.replicated_bytes.zip(self.total_bytes)?;
        Some((i128::from(replicated) * 10).checked_div(i128::from(total))?.clamp(0, 10) as i64)
    }

    /// Whether it is a copy of a server in a staging account.
    pub fn is_extended(&self) -> bool {
        self.staging_status.as_deref() == Some("EXTENDED")
    }
}

fn given(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}
