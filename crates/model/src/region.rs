//! The regions that DRS is asked in.
//!
//! AWS publishes the current list as the public parameters under
//! `/aws/service/global-infrastructure/services/drs/regions`.

/// The regions of the refactored sync.
pub const REFACTORED_REGIONS: [&str; 34] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "ap-east-1",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "me-south-1",
    "me-central-1",
    "af-south-1",
    "il-central-1",
    "ca-central-1",
    "sa-east-1",
    "ca-west-1",
    "mx-central-1",
    "ap-east-2",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
];

const GOV_CLOUD_PARTITION: &str = "aws-us-gov";
const GOV_CLOUD_REGIONS: [&str; 2] = ["us-gov-east-1", "us-gov-west-1"];

/// The regions that are on in every account of their partition and cannot be turned off: those
/// launched before 20 March 2019. Source: AWS Account Management reference, "Enable or disable AWS
/// Regions in your account".
const ON_BY_DEFAULT: [&str; 19] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ca-central-1",
    "sa-east-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// Whether `region` cannot be turned off in any account.
pub fn is_on_by_default(region: &str) -> bool {
    ON_BY_DEFAULT.contains(&region)
}

/// The partition that a region is in, as it stands in ARNs.
pub fn partition_of(region: &str) -> &'static str {
    if region.starts_with("us-gov-") {
        return GOV_CLOUD_PARTITION;
    }
    if region.starts_with("cn-") { "aws-cn" } else { "aws" }
}

/// The regions to choose from for credentials of `partition`: the configured ones, else the
/// built-in list. Credentials of one partition are unknown in every region of another.
pub fn all_regions(configured: Option<&[String]>, partition: &str) -> Vec<String> {
    match configured {
        Some(regions) => regions.to_vec(),
        None if partition == GOV_CLOUD_PARTITION => GOV_CLOUD_REGIONS.map(str::to_owned).to_vec(),
        None => REFACTORED_REGIONS.map(str::to_owned).to_vec(),
    }
}

/// Whether a sync asks in `region` with credentials of any partition.
pub fn is_asked(configured: Option<&[String]>, region: &str) -> bool {
    let partitions = ["aws", GOV_CLOUD_PARTITION];
    partitions.iter().any(|it| all_regions(configured, it).iter().any(|it| it == region))
}

/// Whether `text` has the form of a region's name, so that it can stand in a host name.
pub fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match parts.split_last() {
        Some((last, words)) => words.len() >= 2 && words.iter().all(word) && number(last),
        None => false,
    }
}
