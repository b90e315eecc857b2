//! DRS: REST-JSON, `POST /DescribeSourceServers`, `/DescribeRecoveryInstances` and `/DescribeJobs`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply::{JSON, Reply};
use crate::token;
use crate::world::{DrsOperation, DrsRegion, Fault};

const DEFAULT_PAGE_SIZE: usize = 200;

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<DrsOperation> {
    match name {
        "DescribeSourceServers" => Some(DrsOperation::DescribeSourceServers),
        "DescribeRecoveryInstances" => Some(DrsOperation::DescribeRecoveryInstances),
        "DescribeJobs" => Some(DrsOperation::DescribeJobs),
        _ => None,
    }
}

fn members(operation: DrsOperation, region: &DrsRegion) -> &[Value] {
    match operation {
        DrsOperation::DescribeSourceServers => &region.source_servers,
        DrsOperation::DescribeRecoveryInstances => &region.recovery_instances,
        DrsOperation::DescribeJobs => &region.jobs,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Request {
    max_results: Option<i64>,
    next_token: Option<String>,
    filters: Option<Filters>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Filters {
    #[serde(rename = "sourceServerIDs")]
    source_server_ids: Option<Vec<String>>,
    #[serde(rename = "stagingAccountIDs")]
    staging_account_ids: Option<Vec<String>>,
    #[serde(rename = "hardwareId")]
    hardware_id: Option<String>,
    #[serde(rename = "recoveryInstanceIDs")]
    recovery_instance_ids: Option<Vec<String>>,
    #[serde(rename = "jobIDs")]
    job_ids: Option<Vec<String>>,
    #[serde(rename = "fromDate")]
    from_date: Option<String>,
    #[serde(rename = "toDate")]
    to_date: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    items: Vec<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// A request that can be served: its page, and how long that is.
pub(crate) struct Wanted {
    operation: DrsOperation,
    request: Request,
    page: token::Page,
    size: usize,
}

impl Wanted {
    pub(crate) fn parse(
        operation: DrsOperation,
        body: &[u8],
        region: Option<&DrsRegion>,
    ) -> Result<Self, Reply> {
        let body = if body.is_empty() { b"{}" } else { body };
        let request: Request = serde_json::from_slice(body)
            .map_err(|error| Reply::error(400, "ValidationException", error.to_string()))?;
        let page_size = region.and_then(|region| region.page_size).unwrap_or(DEFAULT_PAGE_SIZE);
        let size = match request.max_results.map(usize::try_from) {
            None => page_size,
            Some(Ok(asked @ 1..)) => asked.min(page_size),
            Some(_) => return Err(invalid("maxResults must be 1 or more")),
        };
        // Passed over, it would answer with servers that were not asked for.
        if request.filters.as_ref().is_some_and(|filters| filters.hardware_id.is_some()) {
            return Err(invalid("the filter hardwareId is not simulated"));
        }
        let page = match &request.next_token {
            None => token::Page::FIRST,
            Some(token) => token::Page::of_token(token)
                .ok_or_else(|| invalid("nextToken is not one of mine"))?,
        };
        Ok(Self { operation, request, page, size })
    }

    /// Whether a fault is for this operation.
    pub(crate) fn gets(&self, fault: &Fault) -> bool {
        fault.operation.unwrap_or_default() == self.operation
    }

    /// Which page it is, from 1.
    pub(crate) fn page(&self) -> u64 {
        self.page.number
    }
}

pub(crate) fn describe(region: Option<&DrsRegion>, wanted: &Wanted) -> Reply {
    let Some(region) = region else {
        return Reply::error(400, "UninitializedAccountException", "Account not initialized");
    };
    let mut members = members(wanted.operation, region)
        .iter()
        .filter(|member| wanted.fits(member))
        .skip(wanted.page.start);
    let items = members.by_ref().take(wanted.size).collect();
    let next_token = members.next().map(|_| wanted.page.next_token(wanted.size));
    match serde_json::to_vec(&Page { items, next_token }) {
        Ok(body) => Reply::Answer { content_type: JSON, body },
        Err(error) => Reply::error(500, "InternalServerException", error.to_string()),
    }
}

impl Wanted {
    fn fits(&self, member: &Value) -> bool {
        let Some(filters) = &self.request.filters else { return true };
        let one_of = |wanted: &Option<Vec<String>>, value: &Value| match wanted.as_deref() {
            None | Some([]) => true,
            Some(wanted) => value.as_str().is_some_and(|v| wanted.iter().any(|w| w == v)),
        };
        match self.operation {
            DrsOperation::DescribeSourceServers => {
                one_of(&filters.source_server_ids, &member["sourceServerID"])
                    && one_of(
                        &filters.staging_account_ids,
                        &member["stagingArea"]["stagingAccountID"],
                    )
            }
            DrsOperation::DescribeRecoveryInstances => {
                one_of(&filters.source_server_ids, &member["sourceServerID"])
                    && one_of(&filters.recovery_instance_ids, &member["recoveryInstanceID"])
            }
            DrsOperation::DescribeJobs => {
                let created = &member["creationDateTime"];
                one_of(&filters.job_ids, &member["jobID"])
                    && is_between(created, filters.from_date.as_deref(), filters.to_date.as_deref())
            }
        }
    }
}

/// A time that cannot be read is between all others.
fn is_between(time: &Value, from: Option<&str>, to: Option<&str>) -> bool {
    let parse = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let Some(time) = time.as_str().and_then(parse) else { return true };
    from.and_then(parse).is_none_or(|from| from <= time)
        && to.and_then(parse).is_none_or(|to| time <= to)
}

fn invalid(message: &str) -> Reply {
    Reply::error(400, "ValidationException", message)
}
