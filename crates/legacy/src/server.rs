//! A server as one region lists it, with what EC2 knows of it.

use std::collections::HashMap;

use aws_sdk_drs::types::SourceServer;

/// A server as one region lists it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) drs: SourceServer,
    pub(super) region: &'static str,
    pub(super) ec2: Option<Instance>,
}

/// An instance as a row shows it.
#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) vpc_id: String,
    pub(super) subnet_id: String,
    pub(super) private_ip: String,
    pub(super) security_groups: Vec<String>,
    pub(super) instance_profile: String,
    pub(super) tags: HashMap<String, String>,
}

impl Server {
    /// `i-…`, where the machine is an EC2 instance.
    pub(super) fn instance_id(&self) -> Option<&str> {
        let hints = self.drs.source_properties()?.identification_hints()?;
        hints.aws_instance_id().filter(|id| !id.is_empty())
    }
}
