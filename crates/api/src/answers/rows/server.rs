//! A server.

use std::collections::BTreeMap;

use utoipa::ToSchema;
use utoipa::openapi::schema::{OneOfBuilder, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use crate::documented::forms;

/// A number that may pass 2^63; one that does is a text.
#[derive(Debug)]
pub struct BigNumber;

impl utoipa::PartialSchema for BigNumber {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]+$"));
        OneOfBuilder::new().item(number).item(text).into()
    }
}

impl ToSchema for BigNumber {}

/// A source server.
#[derive(Debug, ToSchema)]
#[schema(as = Server, rename_all = "camelCase")]
pub struct ServerRow {
    /// The key: the ARN in DRS.
    pub source_server_arn: String,
    /// The key: the staging account.
    pub staging_account_id: String,
    /// When DRS last answered for the account and region that lists it, ISO 8601;
    /// `lastUpdated` where none is known to.
    pub as_of: String,
    /// Whether the row tells how the server is now.
    pub known: bool,
    /// The id of DRS.
    #[schema(rename = "sourceServerID")]
    pub source_server_id: Option<String>,
    /// The account that it comes from.
    pub source_account_id: Option<String>,
    /// The region that it comes from.
    pub source_region: Option<String>,
    /// Its name.
    pub hostname: Option<String>,
    /// Its full name.
    pub fqdn: Option<String>,
    /// Its EC2 instance.
    pub instance_id: Option<String>,
    /// The version of its agent.
    pub agent_version: Option<String>,
    /// The region that it replicates to.
    pub replication_region: Option<String>,
    /// The state of its replication.
    pub replication_state: Option<String>,
    /// How far its replication lags, ISO 8601.
    pub lag_duration: Option<String>,
    /// Always empty.
    pub last_snapshot: Option<String>,
    /// When DRS last heard of its agent, ISO 8601.
    pub last_seen: Option<String>,
    /// Start of the sync that wrote the row, ISO 8601.
    pub last_updated: Option<String>,
    /// Its first processor.
    pub cpu_model: Option<String>,
    /// Of all processors.
    pub cpu_cores: Option<u64>,
    /// Its memory, bytes.
    pub ram_bytes: Option<BigNumber>,
    /// Its disks, bytes.
    pub total_storage_bytes: Option<BigNumber>,
    /// Its operating system.
    pub os_name: Option<String>,
    /// Its primary address.
    pub primary_ip: Option<String>,
    /// Of its primary interface.
    pub mac_address: Option<String>,
    /// Its disks.
    pub disks: Option<Vec<DiskRow>>,
    /// What EC2 tells of its network.
    pub network_config: Option<NetworkRow>,
    /// Its EC2 tags.
    pub source_tags: Option<BTreeMap<String, String>>,
    /// `current`: EC2 described the instance. `unreachable`: EC2 could not be asked.
    /// `not-found`: EC2 no longer knows the instance.
    pub ec2_status: Option<String>,
    /// The state of its EC2 instance.
    pub ec2_state: Option<String>,
    /// When EC2 last told, ISO 8601.
    pub ec2_as_of: Option<String>,
    /// `ACCOUNT/REGION`: who lists it.
    pub listed_in: Option<String>,
    /// Of what the row says.
    pub content_hash: Option<String>,
    /// Since when DRS no longer lists it, ISO 8601.
    pub missing_since: Option<String>,
    /// `NOT_LISTED` or `ACCOUNT_LEFT`.
    pub missing_because: Option<String>,
    /// Its tags in DRS.
    pub tags: Option<BTreeMap<String, String>>,
    /// Its last drill or recovery.
    pub last_launch: Option<LaunchRow>,
    /// `NOT_STARTED`, `PENDING`, `SUCCEEDED` or `FAILED`.
    pub last_launch_result: Option<String>,
    /// Why its replication fails.
    pub replication_error: Option<ErrorRow>,
    /// The step of its first replication that failed, is under way, or comes first.
    pub initiation: Option<StepRow>,
    /// To replicate.
    pub total_bytes: Option<BigNumber>,
    /// Replicated.
    pub replicated_bytes: Option<BigNumber>,
    /// Waiting to be replicated.
    pub backlog_bytes: Option<BigNumber>,
    /// When the replication is expected to be done, ISO 8601.
    pub eta: Option<String>,
    /// The instance that it was recovered to.
    pub recovery_instance_id: Option<String>,
    /// `FAILOVER` or `FAILBACK`.
    pub replication_direction: Option<String>,
    /// The other side of a failback.
    pub reversed_direction_source_server_arn: Option<String>,
    /// `EXTENDED`, `EXTENSION_ERROR` or `NOT_EXTENDED`.
    pub staging_status: Option<String>,
    /// What a copy is extended from.
    pub staging_source_server_arn: Option<String>,
    /// Why it is not extended.
    pub staging_error: Option<String>,
    /// Of its processor.
    pub architecture: Option<String>,
    /// What DRS recommends.
    pub recommended_instance_type: Option<String>,
    /// When it was added to DRS, ISO 8601.
    pub added_at: Option<String>,
    /// When DRS got its first byte, ISO 8601.
    pub first_byte_at: Option<String>,
    /// Where it comes from.
    pub source_availability_zone: Option<String>,
    /// The verdict; `UNKNOWN` where `known` is false.
    #[schema(value_type = Option<forms::VerdictName>)]
    pub readiness: Option<String>,
    /// The last verdict, where it is not known now.
    #[schema(value_type = Option<forms::VerdictName>)]
    pub last_readiness: Option<String>,
    /// Why, the worst first.
    pub readiness_reasons: Option<Vec<ReasonRow>>,
    /// What the last launch proves: `CURRENT`, `OLD`, `NEVER`, `FAILED` or `CHANGED_SINCE`;
    /// absent while a launch is under way.
    pub drill: Option<String>,
    /// A key of an index; absent where the server is ready.
    pub attention: Option<String>,
    /// The machine as it was when it was last launched.
    #[schema(value_type = Option<Object>)]
    pub facts_at_launch: Option<()>,
}

/// A reason of a verdict.
#[derive(Debug, ToSchema)]
#[schema(as = VerdictReason, rename_all = "camelCase")]
pub struct ReasonRow {
    /// What.
    #[schema(value_type = forms::ReasonName)]
    pub code: String,
    /// How bad it is.
    #[schema(value_type = forms::VerdictName)]
    pub level: String,
    /// Of what, where the code is about one of several.
    pub field: Option<String>,
}

/// A disk.
#[derive(Debug, ToSchema)]
#[schema(as = Disk, rename_all = "camelCase")]
pub struct DiskRow {
    /// Its name.
    pub device_name: Option<String>,
    /// Its size.
    pub bytes: Option<BigNumber>,
}

/// The network of an instance.
#[derive(Debug, ToSchema)]
#[schema(as = Network, rename_all = "camelCase")]
pub struct NetworkRow {
    /// Its VPC.
    pub vpc_id: Option<String>,
    /// Its subnet.
    pub subnet_id: Option<String>,
    /// Its address.
    pub private_ip: Option<String>,
    /// Ids.
    pub security_groups: Option<Vec<String>>,
    /// An ARN.
    pub instance_profile: Option<String>,
}

/// A drill or recovery. Parts that DRS does not give are empty.
#[derive(Debug, ToSchema)]
#[schema(as = Launch, rename_all = "camelCase")]
pub struct LaunchRow {
    /// `DRILL` or `RECOVERY`.
    pub r#type: Option<String>,
    /// When it began, ISO 8601.
    pub at: Option<String>,
    /// Its job.
    pub job_id: Option<String>,
    /// How it went.
    pub status: Option<String>,
}

/// Why a replication fails.
#[derive(Debug, ToSchema)]
#[schema(as = ReplicationError, rename_all = "camelCase")]
pub struct ErrorRow {
    /// In a word.
    pub code: Option<String>,
    /// In the words of DRS.
    pub raw: Option<String>,
}

/// A step of the first replication.
#[derive(Debug, ToSchema)]
#[schema(as = InitiationStep, rename_all = "camelCase")]
pub struct StepRow {
    /// Which.
    pub step: Option<String>,
    /// How it stands.
    pub status: Option<String>,
}
