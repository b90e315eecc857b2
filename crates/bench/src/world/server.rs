//! A source server as DRS documents one that replicates, and its EC2 instance.

use fastrand::Rng;
use serde_json::{Value, json};

const GIB: u64 = 1 << 30;

/// What DRS and EC2 call one machine.
pub(super) struct Names<'a> {
    account: &'a str,
    region: &'a str,
    server: String,
    instance: String,
    host: String,
    address: String,
}

impl<'a> Names<'a> {
    /// The machine `number` of the account at `place`.
    pub(super) fn new(account: &'a str, region: &'a str, place: usize, number: usize) -> Self {
        Self {
            account,
            region,
            server: format!("s-3{place:07x}{number:09x}"),
            instance: format!("i-0{place:07x}{number:09x}"),
            host: format!("app-{place:04}-{number:05}"),
            address: format!("10.{}.{}.{}", place % 256, number / 250 % 256, number % 250 + 4),
        }
    }

    /// Of the server.
    pub(super) fn arn_and_id(&self) -> (String, String) {
        let Self { account, region, server, .. } = self;
        (format!("arn:aws:drs:{region}:{account}:source-server/{server}"), server.clone())
    }
}

/// As `DescribeSourceServers` answers it.
pub(super) fn source_server(names: &Names<'_>, random: &mut Rng) -> Value {
    let Names { account, region, server, .. } = names;
    let disks: Vec<(&str, u64)> = ["/dev/nvme0n1", "/dev/nvme1n1", "/dev/nvme2n1"]
        .into_iter()
        .take(random.usize(1..=3))
        .map(|device| (device, random.u64(3..=64) * 8 * GIB))
        .collect();
    json!({
        "sourceServerID": server,
        "arn": names.arn_and_id().0,
        "agentVersion": "6.5.20260914",
        "applicationID": "",
        "dataReplicationInfo": replication(names, &disks, random),
        "lastLaunchResult": "SUCCEEDED",
        "lifeCycle": life_cycle(),
        "replicationDirection": "FAILOVER",
        "sourceCloudProperties": {
            "originAccountID": account,
            "originAvailabilityZone": format!("{region}a"),
            "originRegion": region,
        },
        "sourceProperties": properties(names, &disks, random),
        "stagingArea": { "stagingAccountID": account, "status": "NOT_EXTENDED" },
        "tags": { "Name": names.host, "drs:protection": "tier-1" },
    })
}

/// Into a class of lag that no server is made in.
pub(super) fn falls_behind(server: &mut Value) {
    server["dataReplicationInfo"]["dataReplicationState"] = json!("CONTINUOUS");
    server["dataReplicationInfo"]["lagDuration"] = json!("PT20M");
}

fn replication(names: &Names<'_>, disks: &[(&str, u64)], random: &mut Rng) -> Value {
    let step = |name: &str| json!({ "name": name, "status": "SUCCEEDED" });
    let disk = |(device, bytes): &(&str, u64)| {
        json!({
            "deviceName": device,
            "totalStorageBytes": bytes,
            "replicatedStorageBytes": bytes,
            "rescannedStorageBytes": 0,
            "backloggedStorageBytes": 0,
            "volumeStatus": "REGULAR",
        })
    };
    // Of a hundred servers one is stalled and three lag behind their objective.
    let (state, lag) = match random.u8(0..100) {
        0 => ("STALLED", "PT5H".to_owned()),
        1..=3 => ("CONTINUOUS", "PT40M".to_owned()),
        _ => ("CONTINUOUS", format!("PT{}S", random.u8(0..60))),
    };
    json!({
        "dataReplicationState": state,
        "dataReplicationInitiation": {
            "startDateTime": "2026-03-02T08:11:24.518201+00:00",
            "steps": [
                step("WAIT"),
                step("CREATE_SECURITY_GROUP"),
                step("LAUNCH_REPLICATION_SERVER"),
                step("BOOT_REPLICATION_SERVER"),
                step("AUTHENTICATE_WITH_SERVICE"),
                step("DOWNLOAD_REPLICATION_SOFTWARE"),
                step("CREATE_STAGING_DISKS"),
                step("ATTACH_STAGING_DISKS"),
                step("PAIR_REPLICATION_SERVER_WITH_AGENT"),
                step("CONNECT_AGENT_TO_REPLICATION_SERVER"),
                step("START_DATA_TRANSFER"),
            ],
        },
        "lagDuration": lag,
        "replicatedDisks": disks.iter().map(disk).collect::<Vec<_>>(),
        "stagingAvailabilityZone": format!("{}b", names.region),
    })
}

fn life_cycle() -> Value {
    json!({
        "addedToServiceDateTime": "2026-03-02T08:10:57.002114+00:00",
        "elapsedReplicationDuration": "P12DT4H3M11.482S",
        "firstByteDateTime": "2026-03-02T08:22:40.771930+00:00",
        "lastLaunch": {
            "initiated": {
                "apiCallDateTime": "2026-09-01T06:00:03.140022+00:00",
                "jobID": "drsjob-3d1f6a2b9c8e7d605",
                "type": "DRILL",
            },
            "status": "LAUNCHED",
        },
        // As of when the world is read: an agent that is silent is in trouble.
        "lastSeenByServiceDateTime": "@-1m",
    })
}

fn properties(names: &Names<'_>, disks: &[(&str, u64)], random: &mut Rng) -> Value {
    let Names { instance, host, address, .. } = names;
    let cores = 2 << random.u32(0..4);
    let disks = disks.iter().map(|(device, bytes)| json!({ "deviceName": device, "bytes": bytes }));
    json!({
        "cpus": [{ "cores": cores, "modelName": "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz" }],
        "disks": disks.collect::<Vec<_>>(),
        "identificationHints": {
            "awsInstanceID": instance,
            "fqdn": format!("{host}.corp.example.com"),
            "hostname": host,
        },
        "lastUpdatedDateTime": "2026-11-01T09:31:18.604420+00:00",
        "networkInterfaces": [
            { "ips": [address], "isPrimary": true, "macAddress": mac(random) },
            { "ips": ["169.254.40.2"], "isPrimary": false, "macAddress": mac(random) },
        ],
        "os": { "fullString": "Red Hat Enterprise Linux 9.4 (Plow)" },
        "ramBytes": cores * 4 * GIB,
        "recommendedInstanceType": "m6i.xlarge",
        "supportsNitroInstances": true,
    })
}

fn mac(random: &mut Rng) -> String {
    let [a, b, c, d, e] = [(); 5].map(|()| random.u8(..));
    format!("0a:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
}

/// As the simulator's world describes one.
pub(super) fn instance(names: &Names<'_>, random: &mut Rng) -> Value {
    let Names { account, instance, host, address, .. } = names;
    let id = |kind: &str, random: &mut Rng| format!("{kind}-0{:016x}", random.u64(..));
    let tag = |key: &str, value: &str| json!({ "Key": key, "Value": value });
    json!({
        "InstanceId": instance,
        "VpcId": id("vpc", random),
        "SubnetId": id("subnet", random),
        "PrivateIpAddress": address,
        "SecurityGroups": [
            { "GroupId": id("sg", random) },
            { "GroupId": id("sg", random) },
        ],
        "IamInstanceProfile": {
            "Arn": format!("arn:aws:iam::{account}:instance-profile/app-server"),
        },
        "Tags": [
            tag("Name", host),
            tag("Environment", if random.bool() { "production" } else { "staging" }),
            tag("CostCenter", &format!("cc-{:04}", random.u16(0..2000))),
            tag("Owner", "platform@example.com"),
            tag("dr:tier", &random.u8(1..=3).to_string()),
        ],
        "State": { "Name": "running" },
        "InstanceType": "m6i.xlarge",
        "ImageId": id("ami", random),
        "LaunchTime": "2026-02-27T17:45:09.000Z",
    })
}
