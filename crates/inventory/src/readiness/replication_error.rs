//! What the errors of a replication mean. Source of the codes: DRS API reference,
//! `DataReplicationError`.

/// What an error means; none of one that is not known here.
pub fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "AGENT_NOT_SEEN" => "DRS does not hear of the agent",
        "SNAPSHOTS_FAILURE" => "snapshots of the staging disks fail",
        "NOT_CONVERGING" => "data changes faster than it is replicated",
        "UNSTABLE_NETWORK" => "the connection to the replication server breaks again and again",
        "FAILED_TO_CREATE_SECURITY_GROUP" => "the security group could not be made",
        "FAILED_TO_LAUNCH_REPLICATION_SERVER" => "the replication server could not be launched",
        "FAILED_TO_BOOT_REPLICATION_SERVER" => "the replication server did not start",
        "FAILED_TO_AUTHENTICATE_WITH_SERVICE" => "the replication server could not log in to DRS",
        "FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE" => {
            "the replication server could not load its software"
        }
        "FAILED_TO_CREATE_STAGING_DISKS" => "the staging disks could not be made",
        "FAILED_TO_ATTACH_STAGING_DISKS" => "the staging disks could not be attached",
        "FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT" => {
            "agent and replication server could not be paired"
        }
        "FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER" => {
            "the agent cannot reach the replication server on port 1500"
        }
        "FAILED_TO_START_DATA_TRANSFER" => "the transfer of data did not start",
        _ => return None,
    })
}
