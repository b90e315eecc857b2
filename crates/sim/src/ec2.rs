//! EC2: the query protocol, `DescribeInstances`.

mod xml;

use crate::query::Query;
use crate::reply::Reply;
use crate::world::{Ec2Region, Instance};

const TOKEN_PREFIX: &str = "sim-from-";
/// Source: EC2 API reference, `DescribeInstances`.
const FILTER_VALUES: usize = 200;

/// A request that can be served.
pub(crate) struct Wanted {
    ids: Vec<String>,
    filter: Option<Vec<String>>,
    start: usize,
    size: Option<usize>,
}

impl Wanted {
    pub(crate) fn parse(query: &Query) -> Result<Self, Reply> {
        let ids: Vec<String> = query.list("InstanceId").into_iter().map(str::to_owned).collect();
        let size = query.get("MaxResults").map(page_size).transpose()?;
        if size.is_some() && !ids.is_empty() {
            return Err(Reply::error(
                400,
                "InvalidParameterCombination",
                "The parameter instancesSet cannot be used with the parameter maxResults",
            ));
        }
        let start = match query.get("NextToken").filter(|token| !token.is_empty()) {
            None => 0,
            Some(token) => token
                .strip_prefix(TOKEN_PREFIX)
                .and_then(|start| start.parse().ok())
                .ok_or_else(|| invalid("NextToken is not one of mine"))?,
        };
        Ok(Self { ids, filter: filter(query)?, start, size })
    }

    /// Which page it is, from 1.
    pub(crate) fn page(&self) -> u64 {
        (self.start / self.size.unwrap_or(usize::MAX)) as u64 + 1
    }

    /// How many ids it asks for.
    pub(crate) fn id_count(&self) -> usize {
        self.ids.len() + self.filter.as_ref().map_or(0, Vec::len)
    }
}

fn page_size(text: &str) -> Result<usize, Reply> {
    match text.parse() {
        Ok(size @ 5..=1000) => Ok(size),
        _ => Err(invalid(&format!(
            "Value ( {text} ) for parameter maxResults is invalid. Expecting a value from 5 to 1000"
        ))),
    }
}

/// The values of all `instance-id` filters; none where there is no filter.
fn filter(query: &Query) -> Result<Option<Vec<String>>, Reply> {
    let mut wanted: Option<Vec<String>> = None;
    for n in 1.. {
        let Some(name) = query.get(&format!("Filter.{n}.Name")) else { break };
        if name != "instance-id" {
            return Err(invalid(&format!("The filter '{name}' is not simulated")));
        }
        let values = query.list(&format!("Filter.{n}.Value")).into_iter().map(str::to_owned);
        let values: Vec<String> = values.collect();
        // Several filters narrow each other down.
        wanted = Some(match wanted {
            None => values,
            Some(before) => before.into_iter().filter(|id| values.contains(id)).collect(),
        });
        let count = query.list(&format!("Filter.{n}.Value")).len();
        if count > FILTER_VALUES {
            let message = format!("The maximum number of filter values is {FILTER_VALUES}");
            return Err(Reply::error(400, "FilterLimitExceeded", message));
        }
    }
    Ok(wanted)
}

pub(crate) fn describe_instances(region: Option<&Ec2Region>, wanted: &Wanted) -> Reply {
    let instances = region.map(|region| region.instances.as_slice()).unwrap_or_default();
    let unknown: Vec<&str> = wanted
        .ids
        .iter()
        .filter(|id| !instances.iter().any(|instance| instance.instance_id == **id))
        .map(String::as_str)
        .collect();
    match unknown[..] {
        [] => {}
        [id] => return not_found(format!("The instance ID '{id}' does not exist")),
        _ => {
            let ids = unknown.join(", ");
            return not_found(format!("The instance IDs '{ids}' do not exist"));
        }
    }
    let mut fitting = instances.iter().filter(|instance| fits(instance, wanted)).skip(wanted.start);
    let size = wanted.size.unwrap_or(usize::MAX);
    let page: Vec<&Instance> = fitting.by_ref().take(size).collect();
    let next = wanted.start.saturating_add(size);
    let next_token = fitting.next().map(|_| format!("{TOKEN_PREFIX}{next}"));
    Reply::xml("DescribeInstancesResponse", &xml::Document::of(&page, next_token))
}

fn fits(instance: &Instance, wanted: &Wanted) -> bool {
    let id = &instance.instance_id;
    let by_id = wanted.ids.is_empty() || wanted.ids.contains(id);
    by_id && wanted.filter.as_ref().is_none_or(|filter| filter.contains(id))
}

fn not_found(message: String) -> Reply {
    Reply::error(400, "InvalidInstanceID.NotFound", message)
}

fn invalid(message: &str) -> Reply {
    Reply::error(400, "InvalidParameterValue", message)
}
