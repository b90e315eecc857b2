//! A server that DRS lists, with what EC2 knows of it.

use std::collections::BTreeMap;

use aws_sdk_drs::types::SourceServer as DrsSourceServer;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::Failure;

/// A server as one account and region list it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceServer {
    /// The account that was asked.
    pub account_id: String,
    /// The region that was asked.
    pub region: String,
    /// DRS's own document, untouched.
    pub drs: DrsSourceServer,
    /// What is known from EC2.
    pub ec2: Ec2Knowledge,
}

/// An instance as far as the inventory needs it. Absent texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ec2Instance {
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
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// As EC2 names it: `running`, `shutting-down`, …
    pub state: String,
}

impl Ec2Instance {
    /// Whether the instance is on its way out: its network is given back and its tags vanish
    /// before EC2 forgets it, within the hour.
    pub fn is_ending(&self) -> bool {
        matches!(self.state.as_str(), "shutting-down" | "terminated")
    }

    /// Whether EC2 tells the instance's network: each has a VPC until it ends.
    pub fn has_network(&self) -> bool {
        !self.vpc_id.is_empty()
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

/// `networkConfig` and `sourceTags` of an earlier row, kept as they were.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierMetadata {
    /// `networkConfig`, where the row had one.
    pub network_config: Option<AttributeValue>,
    /// `sourceTags`, where the row had some.
    pub source_tags: Option<AttributeValue>,
    /// When EC2 said so, ISO 8601.
    pub as_of: Option<AttributeValue>,
}

impl EarlierMetadata {
    /// Whether there is any tag.
    pub fn has_tags(&self) -> bool {
        let tags = self.source_tags.as_ref().and_then(|tags| tags.as_m().ok());
        tags.is_some_and(|tags| !tags.is_empty())
    }
}

impl SourceServer {
    /// A server before EC2 is asked.
    pub fn new(account_id: &str, region: &str, drs: DrsSourceServer) -> Self {
        let (account_id, region) = (account_id.to_owned(), region.to_owned());
        Self { account_id, region, drs, ec2: Ec2Knowledge::NoInstance }
    }

    /// Absent where DRS gives none: the server cannot have a row.
    pub fn arn(&self) -> Option<&str> {
        filled(self.drs.arn())
    }

    /// The account the machine runs in: its origin, else the account asked.
    pub fn origin_account(&self) -> &str {
        let cloud = self.drs.source_cloud_properties();
        filled(cloud.and_then(|cloud| cloud.origin_account_id())).unwrap_or(&self.account_id)
    }

    /// The region the machine runs in: its origin, else the region asked.
    pub fn origin_region(&self) -> &str {
        let cloud = self.drs.source_cloud_properties();
        filled(cloud.and_then(|cloud| cloud.origin_region())).unwrap_or(&self.region)
    }

    /// The account that holds the replica's disks, else the account asked.
    pub fn staging_account(&self) -> &str {
        let staging = self.drs.staging_area();
        filled(staging.and_then(|staging| staging.staging_account_id())).unwrap_or(&self.account_id)
    }

    /// `i-…`, where the machine is an EC2 instance.
    pub fn instance_id(&self) -> Option<&str> {
        let properties = self.drs.source_properties();
        let hints = properties.and_then(|properties| properties.identification_hints());
        filled(hints.and_then(|hints| hints.aws_instance_id()))
    }
}

/// Empty reads as absent.
fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}
