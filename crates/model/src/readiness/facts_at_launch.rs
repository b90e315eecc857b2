//! The machine as it was when it was last launched: what a drill proved was proved of that one.

use serde::{Deserialize, Serialize};

use crate::Disk;

/// A machine at its last launch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FactsAtLaunch {
    /// The job of DRS that launched it.
    pub job_id: String,
    /// In the order of DRS.
    pub disks: Vec<Disk>,
    /// The operating system in words.
    pub os_name: String,
    /// Of the first processor.
    pub cpu_model: String,
    /// Of all processors.
    pub cpu_cores: u64,
    /// Bytes.
    pub ram_bytes: i64,
    /// Addresses of the interface that leads to the machine.
    pub network: NetworkAtLaunch,
}

/// The interface that leads to a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkAtLaunch {
    /// Its first address.
    pub primary_ip: String,
    /// Its MAC address.
    pub mac_address: String,
}

impl FactsAtLaunch {
    /// The parts in which the machine is another one `now`, by the names of the row's attributes.
    pub fn differences(&self, now: &Self) -> Vec<&'static str> {
        let parts = [
            ("disks", !same_disks(&self.disks, &now.disks)),
            ("osName", self.os_name != now.os_name),
            ("cpuModel", self.cpu_model != now.cpu_model),
            ("cpuCores", self.cpu_cores != now.cpu_cores),
            ("ramBytes", self.ram_bytes != now.ram_bytes),
            ("network", self.network != now.network),
        ];
        parts.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
    }
}

/// DRS promises no order of disks.
fn same_disks(one: &[Disk], another: &[Disk]) -> bool {
    let sorted = |disks: &[Disk]| {
        let mut disks: Vec<(String, i64)> =
            disks.iter().map(|disk| (disk.device_name.clone(), disk.bytes)).collect();
        disks.sort_unstable();
        disks
    };
    sorted(one) == sorted(another)
}
