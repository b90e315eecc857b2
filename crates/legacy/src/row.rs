//! A row as the legacy function built it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::LegacyError;
use super::server::{Instance, Server};

pub(super) type Row = HashMap<String, AttributeValue>;

/// The row of a server. Fails where the first network interface has an empty list of addresses.
pub(super) fn build_row(server: &Server, account_id: &str, now: &str) -> Result<Row, LegacyError> {
    let drs = &server.drs;
    let cloud = drs.source_cloud_properties();
    let staging = drs.staging_area().and_then(|staging| staging.staging_account_id());
    let replication = drs.data_replication_info();
    let state = replication.and_then(|info| info.data_replication_state());
    let last_seen = drs.life_cycle().and_then(|life| life.last_seen_by_service_date_time());
    let origin_account = cloud.and_then(|cloud| cloud.origin_account_id());
    let origin_region = cloud.and_then(|cloud| cloud.origin_region());
    let texts = [
        ("sourceServerArn", drs.arn()),
        ("stagingAccountId", Some(staging.unwrap_or(account_id))),
        ("sourceServerID", drs.source_server_id()),
        ("sourceAccountId", Some(origin_account.unwrap_or(account_id))),
        ("sourceRegion", Some(origin_region.unwrap_or(server.region))),
        ("instanceId", server.instance_id()),
        ("agentVersion", drs.agent_version()),
        ("replicationRegion", Some(server.region)),
        ("replicationState", state.map(|state| state.as_str())),
        ("lagDuration", replication.and_then(|info| info.lag_duration())),
        ("lastSnapshot", None),
        ("lastSeen", last_seen),
        ("lastUpdated", Some(now)),
    ];
    let mut row: Row =
        texts.map(|(name, value)| (name.to_owned(), text(value.unwrap_or_default()))).into();
    add_machine(&mut row, server)?;
    if let Some(instance) = &server.ec2 {
        add_ec2(&mut row, instance);
    }
    Ok(row)
}

fn add_machine(row: &mut Row, server: &Server) -> Result<(), LegacyError> {
    let properties = server.drs.source_properties();
    let hints = properties.and_then(|properties| properties.identification_hints());
    let os = properties.and_then(|properties| properties.os());
    let cpus = properties.map(|properties| properties.cpus()).unwrap_or_default();
    let disks = properties.map(|properties| properties.disks()).unwrap_or_default();
    let interfaces = properties.map(|properties| properties.network_interfaces());
    let interface = interfaces.unwrap_or_default().first();
    let address = match interface.and_then(|interface| interface.ips.as_deref()) {
        None => "",
        Some([first, ..]) => first,
        Some([]) => return Err(LegacyError("list index out of range".to_owned())),
    };
    let cores = cpus.iter().map(|cpu| i128::from(cpu.cores())).sum::<i128>();
    let bytes = disks.iter().map(|disk| i128::from(disk.bytes())).sum::<i128>();
    let ram = properties.map_or(0, |properties| properties.ram_bytes());
    for (name, value) in [
        ("hostname", hints.and_then(|hints| hints.hostname())),
        ("fqdn", hints.and_then(|hints| hints.fqdn())),
        ("osName", os.and_then(|os| os.full_string())),
        ("cpuModel", cpus.first().and_then(|cpu| cpu.model_name())),
        ("primaryIp", Some(address)),
        ("macAddress", interface.and_then(|interface| interface.mac_address())),
    ] {
        row.insert(name.to_owned(), text(value.unwrap_or_default()));
    }
    row.insert("cpuCores".to_owned(), AttributeValue::N(cores.to_string()));
    row.insert("ramBytes".to_owned(), AttributeValue::N(ram.to_string()));
    row.insert("totalStorageBytes".to_owned(), AttributeValue::N(bytes.to_string()));
    let disks = disks.iter().map(|disk| {
        let name = text(disk.device_name().unwrap_or_default());
        let bytes = AttributeValue::N(disk.bytes().to_string());
        AttributeValue::M([("deviceName".to_owned(), name), ("bytes".to_owned(), bytes)].into())
    });
    row.insert("disks".to_owned(), AttributeValue::L(disks.collect()));
    Ok(())
}

fn add_ec2(row: &mut Row, instance: &Instance) {
    let groups = instance.security_groups.iter().map(|group| text(group)).collect();
    let network = [
        ("vpcId", text(&instance.vpc_id)),
        ("subnetId", text(&instance.subnet_id)),
        ("privateIp", text(&instance.private_ip)),
        ("securityGroups", AttributeValue::L(groups)),
        ("instanceProfile", text(&instance.instance_profile)),
    ];
    let network = network.map(|(name, value)| (name.to_owned(), value)).into();
    row.insert("networkConfig".to_owned(), AttributeValue::M(network));
    let tags = instance.tags.iter().map(|(key, value)| (key.clone(), text(value)));
    row.insert("sourceTags".to_owned(), AttributeValue::M(tags.collect()));
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
