//! A row of the inventory table: what it holds and where each attribute comes from.
//!
//! `docs/attributes.md` is the table of all attributes.

use std::collections::HashMap;

use aws_sdk_drs::types::{NetworkInterface, SourceProperties};
use aws_sdk_dynamodb::types::AttributeValue;
use model::{EarlierMetadata, Ec2Instance, Ec2Knowledge, Failure, RegionStatus, SourceServer};

/// The key of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// Partition key.
    pub source_server_arn: String,
    /// Sort key.
    pub staging_account_id: String,
}

/// One server, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct InventoryRow {
    /// Its key.
    pub key: RowKey,
    /// The account that listed it.
    pub account_id: String,
    /// The region that listed it.
    pub region: String,
    /// `lastSeenByServiceDateTime`, empty where DRS gives none.
    pub last_seen: String,
    /// All attributes, keys included.
    pub item: HashMap<String, AttributeValue>,
    /// Why it is not sent: it has no key, or the row in the table would lose what could not be
    /// read.
    pub not_to_be_written: Option<Failure>,
}

impl InventoryRow {
    /// The row of `server` in the sync that started at `now` (ISO 8601).
    pub fn new(server: &SourceServer, now: &str) -> Self {
        let mut row = Attributes::default();
        let drs = &server.drs;
        let arn = server.arn().unwrap_or_default();
        row.text("sourceServerArn", Some(arn));
        row.text("stagingAccountId", Some(server.staging_account()));
        row.text("sourceServerID", drs.source_server_id());
        row.text("sourceAccountId", Some(server.origin_account()));
        row.text("sourceRegion", Some(server.origin_region()));
        row.text("instanceId", server.instance_id());
        row.text("agentVersion", drs.agent_version());
        row.text("replicationRegion", Some(&server.region));
        row.text("lastUpdated", Some(now));

        let replication = drs.data_replication_info();
        let state = replication.and_then(|info| info.data_replication_state());
        row.text("replicationState", state.map(|state| state.as_str()));
        row.text("lagDuration", replication.and_then(|info| info.lag_duration()));
        // DRS has no such field; readers of the legacy table expect the attribute.
        row.text("lastSnapshot", None);
        let life_cycle = drs.life_cycle();
        let last_seen = life_cycle.and_then(|life| life.last_seen_by_service_date_time());
        row.text("lastSeen", last_seen);

        add_machine(&mut row, drs.source_properties());
        add_ec2(&mut row, &server.ec2, now);

        Self {
            key: RowKey {
                source_server_arn: arn.to_owned(),
                staging_account_id: server.staging_account().to_owned(),
            },
            account_id: server.account_id.clone(),
            region: server.region.clone(),
            last_seen: last_seen.unwrap_or_default().to_owned(),
            item: row.0,
            not_to_be_written: why_not_to_be_written(server),
        }
    }

    /// `sourceServerID`, empty where DRS gives none.
    pub fn source_server_id(&self) -> &str {
        let id = self.item.get("sourceServerID").and_then(|id| id.as_s().ok());
        id.map_or("", String::as_str)
    }

    /// Whether another listing can be of the same server: a row without its key is told apart
    /// from every other.
    pub fn can_have_duplicates(&self) -> bool {
        !self.key.source_server_arn.is_empty()
    }
}

fn why_not_to_be_written(server: &SourceServer) -> Option<Failure> {
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

#[derive(Default)]
struct Attributes(HashMap<String, AttributeValue>);

impl Attributes {
    fn text(&mut self, name: &str, value: Option<&str>) {
        self.value(name, text(value.unwrap_or_default()));
    }

    /// Sums of 64-bit numbers may pass 64 bits; DynamoDB keeps 38 digits.
    fn number(&mut self, name: &str, value: i128) {
        self.value(name, AttributeValue::N(value.to_string()));
    }

    fn value(&mut self, name: &str, value: AttributeValue) {
        self.0.insert(name.to_owned(), value);
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn add_machine(row: &mut Attributes, properties: Option<&SourceProperties>) {
    let hints = properties.and_then(|properties| properties.identification_hints());
    row.text("hostname", hints.and_then(|hints| hints.hostname()));
    row.text("fqdn", hints.and_then(|hints| hints.fqdn()));
    let os = properties.and_then(|properties| properties.os());
    row.text("osName", os.and_then(|os| os.full_string()));

    let cpus = properties.map(|properties| properties.cpus()).unwrap_or_default();
    row.text("cpuModel", cpus.first().and_then(|cpu| cpu.model_name()));
    row.number("cpuCores", cpus.iter().map(|cpu| i128::from(cpu.cores())).sum());
    row.number("ramBytes", properties.map_or(0, |properties| properties.ram_bytes().into()));

    let disks = properties.map(|properties| properties.disks()).unwrap_or_default();
    row.number("totalStorageBytes", disks.iter().map(|disk| i128::from(disk.bytes())).sum());
    let disks = disks.iter().map(|disk| {
        AttributeValue::M(HashMap::from([
            ("deviceName".to_owned(), text(disk.device_name().unwrap_or_default())),
            ("bytes".to_owned(), AttributeValue::N(disk.bytes().to_string())),
        ]))
    });
    row.value("disks", AttributeValue::L(disks.collect()));

    let interfaces = properties.map(|properties| properties.network_interfaces());
    let interface = main_interface(interfaces.unwrap_or_default());
    row.text("primaryIp", interface.and_then(first_address));
    row.text("macAddress", interface.and_then(|interface| interface.mac_address()));
}

/// The interface marked primary where it has an address, else the first that has one, else the
/// first.
fn main_interface(interfaces: &[NetworkInterface]) -> Option<&NetworkInterface> {
    let reachable = |interface: &&NetworkInterface| first_address(interface).is_some();
    let primary = |interface: &&NetworkInterface| interface.is_primary() == Some(true);
    let mut candidates = interfaces.iter().filter(reachable);
    interfaces
        .iter()
        .filter(reachable)
        .find(primary)
        .or_else(|| candidates.next())
        .or_else(|| interfaces.first())
}

fn first_address(interface: &NetworkInterface) -> Option<&str> {
    interface.ips().iter().map(String::as_str).find(|address| !address.is_empty())
}

fn add_ec2(row: &mut Attributes, ec2: &Ec2Knowledge, now: &str) {
    match ec2 {
        Ec2Knowledge::NoInstance | Ec2Knowledge::EarlierUnread(_) => {}
        Ec2Knowledge::Current(instance) => {
            row.text("ec2Status", Some("current"));
            row.text("ec2AsOf", Some(now));
            add_instance(row, instance);
        }
        Ec2Knowledge::Ending(instance, earlier) => {
            row.text("ec2Status", Some("not-found"));
            add_instance(row, instance);
            let network = earlier.network_config.clone().filter(|_| !instance.has_network());
            let tags = earlier.source_tags.clone().filter(|_| instance.tags.is_empty());
            let as_of = earlier.as_of.clone();
            add_earlier(
                row,
                &EarlierMetadata { network_config: network, source_tags: tags, as_of },
            );
        }
        Ec2Knowledge::Unreachable(earlier) => {
            row.text("ec2Status", Some("unreachable"));
            earlier.iter().for_each(|earlier| add_earlier(row, earlier));
        }
        Ec2Knowledge::NotFound(earlier) => {
            row.text("ec2Status", Some("not-found"));
            earlier.iter().for_each(|earlier| add_earlier(row, earlier));
        }
    }
}

fn add_instance(row: &mut Attributes, instance: &Ec2Instance) {
    row.value("networkConfig", network_config(instance));
    row.value("sourceTags", tags(instance));
    if !instance.state.is_empty() {
        row.text("ec2State", Some(&instance.state));
    }
}

/// In place of what stands there.
fn add_earlier(row: &mut Attributes, earlier: &EarlierMetadata) {
    for (name, value) in [
        ("networkConfig", &earlier.network_config),
        ("sourceTags", &earlier.source_tags),
        ("ec2AsOf", &earlier.as_of),
    ] {
        if let Some(value) = value {
            row.value(name, value.clone());
        }
    }
}

fn network_config(instance: &Ec2Instance) -> AttributeValue {
    let groups = instance.security_groups.iter().map(|group| text(group)).collect();
    AttributeValue::M(HashMap::from([
        ("vpcId".to_owned(), text(&instance.vpc_id)),
        ("subnetId".to_owned(), text(&instance.subnet_id)),
        ("privateIp".to_owned(), text(&instance.private_ip)),
        ("securityGroups".to_owned(), AttributeValue::L(groups)),
        ("instanceProfile".to_owned(), text(&instance.instance_profile)),
    ]))
}

fn tags(instance: &Ec2Instance) -> AttributeValue {
    AttributeValue::M(instance.tags.iter().map(|(key, value)| (key.clone(), text(value))).collect())
}
