//! One page each of `DescribeRecoveryInstances` and `DescribeJobs`, in the words of the inventory.

use aws_sdk_drs::Client;
use aws_sdk_drs::types::{DescribeJobsRequestFilters, Job, JobType, RecoveryInstance};

use super::service_error::{ServiceError, service_error};

/// Members of one page. Source: DRS API reference, `maxResults` of both operations.
const PAGE_SIZE: i32 = 200;

/// An instance that DRS launched. Absent texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaunchedInstance {
    /// Of DRS.
    pub recovery_instance_id: String,
    /// Of EC2.
    pub ec2_instance_id: String,
    /// As in `RUNNING`.
    pub state: String,
    /// The server that it was launched from.
    pub source_server_id: String,
    /// Whether it was launched in a drill, and not in earnest.
    pub is_drill: bool,
    /// The job that launched it.
    pub job_id: String,
    /// The point in time that it was launched from, ISO 8601.
    pub snapshot_at: String,
}

/// A job of DRS that launches servers. Absent texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LaunchJob {
    /// As in `drsjob-…`.
    pub id: String,
    /// As in `START_DRILL`.
    pub initiated_by: String,
    /// As in `COMPLETED`.
    pub status: String,
    /// ISO 8601.
    pub created_at: String,
    /// ISO 8601; empty while it is under way.
    pub ended_at: String,
    /// The ids of the servers that take part, and what became of each, as in `LAUNCHED`.
    pub servers: Vec<(String, String)>,
}

/// Some members of a list, and the token that leads to the next ones.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// The instances on the page that `token` leads to, the first one without it.
///
/// # Errors
/// The call failed.
pub async fn describe_recovery_instances(
    client: &Client,
    token: Option<String>,
) -> Result<Page<LaunchedInstance>, ServiceError> {
    let call = client.describe_recovery_instances().max_results(PAGE_SIZE).set_next_token(token);
    let page = call.send().await.map_err(|error| service_error(&error))?;
    Ok((page.items().iter().map(launched).collect(), page.next_token.clone()))
}

/// The jobs that launch servers, of those since `from` (ISO 8601) on the page that `token` leads to.
///
/// # Errors
/// The call failed.
pub async fn describe_launch_jobs(
    client: &Client,
    from: &str,
    token: Option<String>,
) -> Result<Page<LaunchJob>, ServiceError> {
    let filters = DescribeJobsRequestFilters::builder().from_date(from).build();
    let call = client.describe_jobs().filters(filters).max_results(PAGE_SIZE);
    let page = call.set_next_token(token).send().await.map_err(|error| service_error(&error))?;
    let launches = page.items().iter().filter(|job| job.r#type() == Some(&JobType::Launch));
    Ok((launches.map(launch_job).collect(), page.next_token.clone()))
}

fn launched(instance: &RecoveryInstance) -> LaunchedInstance {
    LaunchedInstance {
        recovery_instance_id: text(instance.recovery_instance_id()),
        ec2_instance_id: text(instance.ec2_instance_id()),
        state: text(instance.ec2_instance_state().map(|state| state.as_str())),
        source_server_id: text(instance.source_server_id()),
        is_drill: instance.is_drill() == Some(true),
        job_id: text(instance.job_id()),
        snapshot_at: text(instance.point_in_time_snapshot_date_time()),
    }
}

fn launch_job(job: &Job) -> LaunchJob {
    let servers = job.participating_servers().iter();
    let server = |it: &aws_sdk_drs::types::ParticipatingServer| {
        let status = it.launch_status().map(|status| status.as_str());
        (text(it.source_server_id()), text(status))
    };
    LaunchJob {
        id: job.job_id().to_owned(),
        initiated_by: text(job.initiated_by().map(|by| by.as_str())),
        status: text(job.status().map(|status| status.as_str())),
        created_at: text(job.creation_date_time()),
        ended_at: text(job.end_date_time()),
        servers: servers.map(server).collect(),
    }
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}
