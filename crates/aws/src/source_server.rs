//! A server of the DRS API in the words of the inventory.

use aws_sdk_drs::types::{NetworkInterface, SourceProperties, SourceServer as DrsSourceServer};
use model::{Disk, Ec2Knowledge, Machine, SourceServer};

/// The server that one account and region list, before EC2 is asked. Absent texts are empty.
///
/// Its address and MAC address are those of the network interface marked primary where that one
/// has an address, else of the first that has one, else of the first.
pub fn source_server(account_id: &str, region: &str, drs: &DrsSourceServer) -> SourceServer {
    let cloud = drs.source_cloud_properties();
    let replication = drs.data_replication_info();
    let state = replication.and_then(|info| info.data_replication_state());
    let life_cycle = drs.life_cycle();
    let staging_area = drs.staging_area();
    SourceServer {
        account_id: account_id.to_owned(),
        region: region.to_owned(),
        arn: text(drs.arn()),
        source_server_id: text(drs.source_server_id()),
        origin_account_id: text(cloud.and_then(|cloud| cloud.origin_account_id())),
        origin_region: text(cloud.and_then(|cloud| cloud.origin_region())),
        staging_account_id: text(staging_area.and_then(|area| area.staging_account_id())),
        agent_version: text(drs.agent_version()),
        replication_state: text(state.map(|state| state.as_str())),
        lag_duration: text(replication.and_then(|info| info.lag_duration())),
        last_seen: text(life_cycle.and_then(|life| life.last_seen_by_service_date_time())),
        machine: drs.source_properties().map(machine).unwrap_or_default(),
        ec2: Ec2Knowledge::NoInstance,
    }
}

fn machine(properties: &SourceProperties) -> Machine {
    let hints = properties.identification_hints();
    let cpus = properties.cpus();
    let interface = main_interface(properties.network_interfaces());
    Machine {
        hostname: text(hints.and_then(|hints| hints.hostname())),
        fqdn: text(hints.and_then(|hints| hints.fqdn())),
        instance_id: text(hints.and_then(|hints| hints.aws_instance_id())),
        os_name: text(properties.os().and_then(|os| os.full_string())),
        cpu_model: text(cpus.first().and_then(|cpu| cpu.model_name())),
        cpu_cores: cpus.iter().map(|cpu| i128::from(cpu.cores())).sum(),
        ram_bytes: properties.ram_bytes(),
        disks: properties.disks().iter().map(disk).collect(),
        primary_ip: text(interface.and_then(first_address)),
        mac_address: text(interface.and_then(|interface| interface.mac_address())),
    }
}

fn disk(disk: &aws_sdk_drs::types::Disk) -> Disk {
    Disk { device_name: text(disk.device_name()), bytes: disk.bytes() }
}

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

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}
