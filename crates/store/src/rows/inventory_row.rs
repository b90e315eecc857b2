//! A row of the inventory table: what it holds.
//!
//! `docs/attributes.md` is the table of all attributes and where each comes from.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use model::readiness::FactsAtLaunch;
use model::readiness::facts_at_launch::NetworkAtLaunch;
use model::{Disk, EarlierMetadata, Ec2Instance, Ec2Knowledge, NetworkConfig, Place, SourceServer};
use serde::{Deserialize, Serialize};

use super::{DrsFacts, Readiness};
use crate::Item;
use crate::item::number;

/// The key of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// Partition key.
    pub source_server_arn: String,
    /// Sort key.
    pub staging_account_id: String,
}

/// One server as the table holds it. Texts that DRS does not give are empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "docs/attributes.md describes each attribute")]
pub struct InventoryRow {
    pub source_server_arn: String,
    pub staging_account_id: String,
    #[serde(rename = "sourceServerID")]
    pub source_server_id: String,
    pub source_account_id: String,
    pub source_region: String,
    pub replication_region: String,
    pub hostname: String,
    pub fqdn: String,
    pub instance_id: String,
    pub os_name: String,
    pub agent_version: String,
    pub replication_state: String,
    pub lag_duration: String,
    /// DRS has no such field; readers of the legacy table expect the attribute.
    pub last_snapshot: String,
    pub last_seen: String,
    pub last_updated: String,
    pub cpu_model: String,
    pub ram_bytes: i64,
    pub disks: Vec<Disk>,
    pub primary_ip: String,
    pub mac_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_config: Option<NetworkConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_tags: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ec2_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ec2_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ec2_as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_hash: Option<String>,
    #[serde(flatten)]
    pub drs: DrsFacts,
    #[serde(flatten)]
    pub readiness: Readiness,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_because: Option<String>,
    /// `cpuCores` and `totalStorageBytes`. Sums of 64-bit numbers may pass 64 bits, which serde's
    /// numbers of DynamoDB do not hold; DynamoDB keeps 38 digits.
    #[serde(skip)]
    pub sums: Sums,
}

/// The numbers of a row that are sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "docs/attributes.md describes each attribute")]
pub struct Sums {
    pub cpu_cores: i128,
    pub total_storage_bytes: i128,
}

impl InventoryRow {
    /// The row of `server` in the sync that started at `now` (ISO 8601).
    pub fn new(server: SourceServer, now: &str) -> Self {
        let staging_account_id = server.staging_account().to_owned();
        let source_account_id = server.origin_account().to_owned();
        let source_region = server.origin_region().to_owned();
        let listed_in = Place::new(&server.account_id, &server.region).to_string();
        let drs = DrsFacts::of(&server);
        let machine = server.machine;
        let disks = machine.disks.iter();
        let sums = Sums {
            cpu_cores: machine.cpu_cores,
            total_storage_bytes: disks.map(|disk| i128::from(disk.bytes)).sum(),
        };
        let mut row = Self {
            source_server_arn: server.arn,
            staging_account_id,
            source_server_id: server.source_server_id,
            source_account_id,
            source_region,
            replication_region: server.region,
            hostname: machine.hostname,
            fqdn: machine.fqdn,
            instance_id: machine.instance_id,
            os_name: machine.os_name,
            agent_version: server.agent_version,
            replication_state: server.replication_state,
            lag_duration: server.lag_duration,
            last_seen: server.last_seen,
            last_updated: now.to_owned(),
            cpu_model: machine.cpu_model,
            ram_bytes: machine.ram_bytes,
            disks: machine.disks,
            primary_ip: machine.primary_ip,
            mac_address: machine.mac_address,
            listed_in: Some(listed_in),
            drs,
            sums,
            ..Self::default()
        };
        row.add_ec2(server.ec2, now);
        row
    }

    /// The machine as it is, for whoever launches it by `job_id`.
    pub fn facts_at_launch(&self, job_id: &str) -> FactsAtLaunch {
        FactsAtLaunch {
            job_id: job_id.to_owned(),
            disks: self.disks.clone(),
            os_name: self.os_name.clone(),
            cpu_model: self.cpu_model.clone(),
            cpu_cores: u64::try_from(self.sums.cpu_cores).unwrap_or_default(),
            ram_bytes: self.ram_bytes,
            network: NetworkAtLaunch {
                primary_ip: self.primary_ip.clone(),
                mac_address: self.mac_address.clone(),
            },
        }
    }

    /// Takes over what a row of the same server under another key has from EC2, where this one has
    /// nothing.
    pub fn inherit(&mut self, earlier: Self) {
        if self.network_config.is_none() && self.instance_id == earlier.instance_id {
            self.network_config = earlier.network_config;
            self.source_tags = earlier.source_tags;
            self.ec2_as_of = earlier.ec2_as_of;
        }
    }

    /// The row's key.
    pub fn key(&self) -> RowKey {
        RowKey {
            source_server_arn: self.source_server_arn.clone(),
            staging_account_id: self.staging_account_id.clone(),
        }
    }

    /// As the table holds it.
    ///
    /// # Errors
    /// A value that DynamoDB has no type for; none of a row is.
    pub fn to_item(&self) -> Result<Item, serde_dynamo::Error> {
        let mut item: Item = serde_dynamo::to_item(self)?;
        item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
        let Sums { cpu_cores, total_storage_bytes } = self.sums;
        for (name, sum) in [("cpuCores", cpu_cores), ("totalStorageBytes", total_storage_bytes)] {
            item.insert(name.to_owned(), AttributeValue::N(sum.to_string()));
        }
        Ok(item)
    }

    /// From the table. Attributes that the type does not know are left out.
    ///
    /// # Errors
    /// The attribute that is of another type.
    pub fn from_item(item: Item) -> Result<Self, serde_dynamo::Error> {
        let sum = |name| number(&item, name);
        let sums = Sums {
            cpu_cores: sum("cpuCores").unwrap_or_default(),
            total_storage_bytes: sum("totalStorageBytes").unwrap_or_default(),
        };
        Ok(Self { sums, ..serde_dynamo::from_item(item)? })
    }

    fn add_ec2(&mut self, ec2: Ec2Knowledge, now: &str) {
        match ec2 {
            Ec2Knowledge::NoInstance | Ec2Knowledge::EarlierUnread(_) => {}
            Ec2Knowledge::Current(instance) => {
                self.ec2_status = Some("current".to_owned());
                self.ec2_as_of = Some(now.to_owned());
                self.add_instance(instance);
            }
            Ec2Knowledge::Ending(instance, mut earlier) => {
                self.ec2_status = Some("not-found".to_owned());
                earlier.network_config.take_if(|_| instance.has_network());
                earlier.source_tags.take_if(|_| !instance.tags.is_empty());
                self.add_instance(instance);
                self.add_earlier(earlier);
            }
            Ec2Knowledge::Unreachable(earlier) => {
                self.ec2_status = Some("unreachable".to_owned());
                earlier.into_iter().for_each(|earlier| self.add_earlier(earlier));
            }
            Ec2Knowledge::NotFound(earlier) => {
                self.ec2_status = Some("not-found".to_owned());
                earlier.into_iter().for_each(|earlier| self.add_earlier(earlier));
            }
        }
    }

    fn add_instance(&mut self, instance: Ec2Instance) {
        self.network_config = Some(instance.network);
        self.source_tags = Some(instance.tags);
        self.ec2_state = Some(instance.state).filter(|state| !state.is_empty());
    }

    /// In place of what stands there.
    fn add_earlier(&mut self, earlier: EarlierMetadata) {
        self.network_config = earlier.network_config.or_else(|| self.network_config.take());
        self.source_tags = earlier.source_tags.or_else(|| self.source_tags.take());
        self.ec2_as_of = earlier.as_of.or_else(|| self.ec2_as_of.take());
    }
}

#[cfg(test)]
mod tests {
    use model::LastLaunch;

    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let server = SourceServer { arn: "arn".to_owned(), ..SourceServer::default() };
        let mut row = InventoryRow::new(server, "2026-11-25T00:00:00.000000+00:00");
        row.disks = vec![Disk { device_name: "sda".to_owned(), bytes: i64::MAX }];
        row.sums = Sums { cpu_cores: i128::from(i64::MAX) * 3, total_storage_bytes: -1 };
        row.network_config = Some(NetworkConfig::default());
        row.drs.last_launch =
            Some(LastLaunch { job_id: "job".to_owned(), ..LastLaunch::default() });
        row.drs.total_bytes = Some(i64::MAX);
        row.readiness = Readiness::no_longer_listed("arn");
        row.readiness.facts_at_launch = Some(row.facts_at_launch("job"));
        let item = row.to_item().unwrap();
        assert_eq!(item["cpuCores"], AttributeValue::N("27670116110564327421".to_owned()));
        assert_eq!(InventoryRow::from_item(item).unwrap(), row);
    }
}
