//! World files: what a set of AWS accounts looks like.
//!
//! - [`build`]: worlds put together by code.
//! - [`large`]: those too large for a file.
//! - [`organization`]: the organization of the accounts, and the regions that one has enabled.
//! - [`relative`]: times that are told from now, as in `"@-2h14m"`.

pub mod build;
mod check;
pub mod large;
pub mod organization;
mod relative;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use organization::{AccountRegions, Organization};
use serde::Deserialize;
use serde_json::{Map, Value};

/// A set of AWS accounts. Unknown keys are refused, but in `sourceServers`, `recoveryInstances`, `jobs`
/// and `targetAccounts`, whose members are passed on as they are.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct World {
    /// The account of every access key that no `AssumeRole` handed out.
    pub hub_account_id: String,
    /// Delay before each answer.
    #[serde(default)]
    pub latency_ms: Latency,
    /// Items of the target-accounts table. The simulator serves no DynamoDB.
    #[serde(default)]
    pub target_accounts: Vec<Map<String, Value>>,
    /// By account id.
    #[serde(default)]
    pub accounts: BTreeMap<String, Account>,
    /// What the accounts belong to.
    pub organization: Option<Organization>,
}

/// Milliseconds before each answer, by service.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// DRS.
    #[serde(default)]
    pub drs: u64,
    /// EC2.
    #[serde(default)]
    pub ec2: u64,
    /// STS.
    #[serde(default)]
    pub sts: u64,
}

/// One account.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Roles that can be assumed, by name.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// DRS by region. In a region that is not listed it is not initialised.
    #[serde(default)]
    pub drs: BTreeMap<String, DrsRegion>,
    /// EC2 by region. A region that is not listed has no instances.
    #[serde(default)]
    pub ec2: BTreeMap<String, Ec2Region>,
    /// Which regions are enabled; without it nobody may ask.
    pub regions: Option<AccountRegions>,
}

/// A role and what its trust policy asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Role {
    /// Without one the role takes any external id, or none.
    pub external_id: Option<String>,
    /// What `AssumeRole` gets instead of credentials.
    pub fault: Option<Fault>,
}

/// DRS in one region.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DrsRegion {
    /// Members a page; a smaller `maxResults` wins. Default 200.
    pub page_size: Option<usize>,
    /// As the DRS API gives them, in this order.
    #[serde(default)]
    pub source_servers: Vec<Value>,
    /// As the DRS API gives them, in this order.
    #[serde(default)]
    pub recovery_instances: Vec<Value>,
    /// As the DRS API gives them, in this order.
    #[serde(default)]
    pub jobs: Vec<Value>,
    /// What calls get instead of an answer.
    pub fault: Option<Fault>,
}

/// EC2 in one region.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ec2Region {
    /// In this order.
    #[serde(default)]
    pub instances: Vec<Instance>,
    /// What calls get instead of an answer.
    pub fault: Option<Fault>,
}

/// An EC2 instance, as far as the inventory looks at it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the EC2 API's Instance")]
pub struct Instance {
    pub instance_id: String,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub private_ip_address: Option<String>,
    #[serde(default)]
    pub security_groups: Vec<SecurityGroup>,
    pub iam_instance_profile: Option<InstanceProfile>,
    #[serde(default)]
    pub tags: Vec<Tag>,
    pub state: Option<State>,
    pub instance_type: Option<String>,
    pub image_id: Option<String>,
    pub launch_time: Option<String>,
}

/// A security group of an instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the EC2 API's GroupIdentifier")]
pub struct SecurityGroup {
    pub group_id: String,
}

/// The instance profile of an instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the EC2 API's IamInstanceProfile")]
pub struct InstanceProfile {
    pub arn: String,
}

/// A tag of an instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the EC2 API's Tag")]
pub struct Tag {
    pub key: String,
    #[serde(default)]
    pub value: String,
}

/// The state of an instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of the EC2 API's InstanceState")]
pub struct State {
    pub name: String,
}

/// What a call gets instead of an answer: an error (`status`, `code`, `message`), or a
/// `connection` that fails.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// HTTP status.
    pub status: Option<u16>,
    /// The service's error code.
    pub code: Option<String>,
    /// The service's text.
    pub message: Option<String>,
    /// How the connection fails.
    pub connection: Option<Connection>,
    /// Only so many calls get it. Default: all.
    pub count: Option<u64>,
    /// Pages up to this one are served.
    pub after_pages: Option<u64>,
    /// In DRS: the operation that gets it. Default: `DescribeSourceServers`.
    pub operation: Option<DrsOperation>,
}

/// What DRS can be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the DRS API")]
pub enum DrsOperation {
    #[default]
    DescribeSourceServers,
    DescribeRecoveryInstances,
    DescribeJobs,
}

/// How a connection fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// Closed without an answer.
    Reset,
    /// No answer at all, until the client gives up.
    Hang,
}

/// What is wrong with a world file.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// It cannot be read.
    #[error("cannot read the world file {file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the file system said.
        source: std::io::Error,
    },
    /// It is not JSON, or has a wrong key or value.
    #[error("{file}: at {path}: {reason}")]
    Invalid {
        /// The file, or `world`.
        file: String,
        /// Where in the file, as in `accounts.222222222222.drs`.
        path: String,
        /// What was found and what was expected.
        reason: String,
    },
}

impl World {
    /// Reads a world.
    ///
    /// # Errors
    /// [`WorldError::Invalid`] with the path of the first thing that is wrong.
    pub fn from_json(text: &str) -> Result<Self, WorldError> {
        Self::from_json_at(text, Timestamp::now())
    }

    /// Reads a world as it is at `now`: times such as `"@-5m"` are told from then.
    ///
    /// # Errors
    /// [`WorldError::Invalid`] with the path of the first thing that is wrong.
    pub fn from_json_at(text: &str, now: Timestamp) -> Result<Self, WorldError> {
        Self::parse(text, "world", now)
    }

    /// Reads a world file.
    ///
    /// # Errors
    /// [`WorldError`] with the file, and the path of the first thing that is wrong.
    pub fn from_file(path: &Path) -> Result<Self, WorldError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| WorldError::Read { file: file.clone(), source })?;
        Self::parse(&text, &file, Timestamp::now())
    }

    fn parse(text: &str, file: &str, now: Timestamp) -> Result<Self, WorldError> {
        let invalid = |(path, reason)| WorldError::Invalid { file: file.to_owned(), path, reason };
        let world: Self = if text.contains("\"@") {
            let mut json: Value = read(text).map_err(invalid)?;
            relative::resolve(&mut json, "", now).map_err(invalid)?;
            serde_path_to_error::deserialize(json)
                .map_err(|error| invalid((error.path().to_string(), error.inner().to_string())))?
        } else {
            read(text).map_err(invalid)?
        };
        check::check(&world).map_err(invalid)?;
        Ok(world)
    }
}

/// Path and reason where it cannot be read.
fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, (String, String)> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| (error.path().to_string(), error.inner().to_string()))?;
    json.end().map_err(|error| ("the end".to_owned(), error.to_string()))?;
    Ok(read)
}
