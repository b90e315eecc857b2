//! Attributes of rows that the legacy sync did not know. `docs/attributes.md` describes each.

pub(super) const FURTHER_ATTRIBUTES: &[&str] = &[
    // Of the sync itself, and of EC2.
    "listedIn",
    "contentHash",
    "ec2Status",
    "ec2AsOf",
    "ec2State",
    // Of DRS.
    "tags",
    "lastLaunch",
    "lastLaunchResult",
    "replicationError",
    "initiation",
    "totalBytes",
    "replicatedBytes",
    "backlogBytes",
    "eta",
    "recoveryInstanceId",
    "replicationDirection",
    "reversedDirectionSourceServerArn",
    "stagingStatus",
    "stagingSourceServerArn",
    "stagingError",
    "architecture",
    "recommendedInstanceType",
    "addedAt",
    "firstByteAt",
    "sourceAvailabilityZone",
    // Of the judgement.
    "readiness",
    "readinessReasons",
    "drill",
    "attention",
    "factsAtLaunch",
];
