//! A server of the DRS API in the words of the inventory.

use aws_sdk_drs::types::{
    DataReplicationInfo, DataReplicationInitiation, DataReplicationInitiationStep,
    DataReplicationInitiationStepStatus as StepStatus, LifeCycleLastLaunch, NetworkInterface,
    SourceProperties, SourceServer as DrsSourceServer, StagingArea,
};
use model::{
    Disk, Ec2Knowledge, LastLaunch, Machine, ReplicatedBytes, Replication, SourceServer, Staging,
};

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
        replication: replication.map(replication_of).unwrap_or_default(),
        replication_direction: text(drs.replication_direction().map(|it| it.as_str())),
        reversed_direction_source_server_arn: text(drs.reversed_direction_source_server_arn()),
        last_launch: life_cycle.and_then(|life| life.last_launch()).and_then(last_launch),
        last_launch_result: text(drs.last_launch_result().map(|it| it.as_str())),
        recovery_instance_id: text(drs.recovery_instance_id()),
        staging: staging_area.map(staging).unwrap_or_default(),
        source_availability_zone: text(cloud.and_then(|cloud| cloud.origin_availability_zone())),
        added_at: text(life_cycle.and_then(|life| life.added_to_service_date_time())),
        first_byte_at: text(life_cycle.and_then(|life| life.first_byte_date_time())),
        tags: drs.tags().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect(),
        machine: drs.source_properties().map(machine).unwrap_or_default(),
        ec2: Ec2Knowledge::NoInstance,
    }
}

fn replication_of(info: &DataReplicationInfo) -> Replication {
    let error = info.data_replication_error();
    let step = info.data_replication_initiation().and_then(step_under_way);
    let disks = info.replicated_disks();
    let sum = |sizes: fn(&aws_sdk_drs::types::DataReplicationInfoReplicatedDisk) -> i64| {
        disks.iter().map(sizes).fold(0_i64, i64::saturating_add)
    };
    Replication {
        error_code: text(error.and_then(|error| error.error()).map(|code| code.as_str())),
        error_raw: text(error.and_then(|error| error.raw_error())),
        initiation_step: text(step.and_then(|step| step.name()).map(|name| name.as_str())),
        initiation_status: text(step.and_then(|step| step.status()).map(|it| it.as_str())),
        bytes: (!disks.is_empty()).then(|| ReplicatedBytes {
            total: sum(|disk| disk.total_storage_bytes()),
            replicated: sum(|disk| disk.replicated_storage_bytes()),
            backlog: sum(|disk| disk.backlogged_storage_bytes()),
        }),
        eta: text(info.eta_date_time()),
    }
}

/// The step that failed, else the one under way, else the first that is to come; none where all are
/// done.
fn step_under_way(
    initiation: &DataReplicationInitiation,
) -> Option<&DataReplicationInitiationStep> {
    let steps = initiation.steps();
    let of = |status: StepStatus| steps.iter().find(move |step| step.status() == Some(&status));
    of(StepStatus::Failed)
        .or_else(|| of(StepStatus::InProgress))
        .or_else(|| of(StepStatus::NotStarted))
}

/// A launch that DRS tells nothing of is none.
fn last_launch(launch: &LifeCycleLastLaunch) -> Option<LastLaunch> {
    let initiated = launch.initiated();
    let launch = LastLaunch {
        kind: text(initiated.and_then(|it| it.r#type()).map(|kind| kind.as_str())),
        at: text(initiated.and_then(|it| it.api_call_date_time())),
        job_id: text(initiated.and_then(|it| it.job_id())),
        status: text(launch.status().map(|status| status.as_str())),
    };
    (launch != LastLaunch::default()).then_some(launch)
}

fn staging(area: &StagingArea) -> Staging {
    Staging {
        status: text(area.status().map(|status| status.as_str())),
        source_server_arn: text(area.staging_source_server_arn()),
        error: text(area.error_message()),
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
        architecture: text(properties.architecture().map(|it| it.as_str())),
        recommended_instance_type: text(properties.recommended_instance_type()),
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
