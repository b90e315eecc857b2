//! EC2 of an account, asked once.

use aws::{AccountSession, classify, service_error};
use model::RegionStatus;

use super::checker::Checker;
use super::mend::Mend;
use super::step::Step;

pub(super) const EC2: &str = "ec2:DescribeInstances";
/// The smallest page. Source: EC2 API reference, `DescribeInstances`.
const FEWEST: i32 = 5;

pub(super) async fn step(
    checker: &Checker<'_>,
    session: &AccountSession,
    region: Option<&str>,
    mend: &Mend<'_>,
) -> Step {
    let Some(region) = region else { return Step::not_reached(EC2) };
    let client = checker.aws.ec2(session, region);
    let asked = client.describe_instances().max_results(FEWEST).send().await;
    match asked.map_err(|error| classify(&service_error(&error))) {
        Ok(_) => Step::ok(EC2, format!("in {region}")),
        Err(failure) => {
            let change = match failure.status {
                RegionStatus::IamPermissionDenied => mend.policy(),
                _ => failure.advice.clone(),
            };
            Step::failed(EC2, format!("{region}: {}: {}", failure.code, failure.message), change)
        }
    }
}
