//! What EC2 knows of the instance behind a server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Failure;

/// An instance as far as the inventory needs it. Absent texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ec2Instance {
    /// Where the instance is in its network.
    pub network: NetworkConfig,
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// As EC2 names it: `running`, `shutting-down`, …
    pub state: String,
}

/// Where an instance is in its network. Absent texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkConfig {
    /// `vpc-…`
    pub vpc_id: String,
    /// `subnet-…`
    pub subnet_id: String,
    /// Primary private IPv4 address.
    pub private_ip: String,
    /// Ids of the security groups.
    pub security_groups: Vec<String>,
    /// ARN of the instance profile.
    pub instance_profile: String,
}

impl Ec2Instance {
    /// Whether the instance is on its way out: its network is given back and its tags vanish
    /// before EC2 forgets it, within the hour.
    pub fn is_ending(&self) -> bool {
        matches!(self.state.as_str(), "shutting-down" | "terminated")
    }

    /// Whether EC2 tells the instance's network: each has a VPC until it ends.
    pub fn has_network(&self) -> bool {
        !self.network.vpc_id.is_empty()
    }
}

/// What the inventory knows of a server's instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Ec2Knowledge {
    /// The server names no instance: it is no EC2 machine.
    #[default]
    NoInstance,
    /// EC2 answered in this sync.
    Current(Ec2Instance),
    /// EC2 answered in this sync, of an instance that is ending, and no longer tells its network
    /// or its tags; an earlier row does.
    Ending(Ec2Instance, EarlierMetadata),
    /// EC2 could not be asked; an earlier row may know.
    Unreachable(Option<EarlierMetadata>),
    /// EC2 does not know the instance any more; an earlier row may.
    NotFound(Option<EarlierMetadata>),
    /// EC2 did not tell, and the earlier row, which may know, could not be read.
    EarlierUnread(Failure),
}

/// What an earlier row has from EC2.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierMetadata {
    /// `networkConfig`, where the row had one.
    pub network_config: Option<NetworkConfig>,
    /// `sourceTags`, where the row had some.
    pub source_tags: Option<BTreeMap<String, String>>,
    /// When EC2 said so, ISO 8601.
    pub as_of: Option<String>,
}

impl EarlierMetadata {
    /// Whether there is any tag.
    pub fn has_tags(&self) -> bool {
        self.source_tags.as_ref().is_some_and(|tags| !tags.is_empty())
    }
}
