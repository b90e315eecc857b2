//! EC2: the query protocol, `DescribeInstances`.

mod xml;

use std::collections::HashSet;

use crate::query::Query;
use crate::reply::Reply;
use crate::token::Page;
use crate::world::{Ec2Region, Instance};

/// Source: EC2 API reference, `DescribeInstances`.
const FILTER_VALUES: usize = 200;

/// A request that can be served.
pub(crate) struct Wanted {
    ids: Vec<String>,
    filter: Option<Vec<String>>,
    page: Page,
    size: Option<usize>,
}

impl Wanted {
    pub(crate) fn parse(query: &Query) -> Result<Self, Reply> {
        let ids: Vec<String> = query.list("InstanceId").into_iter().map(str::to_owned).collect();
        let size = query.get("MaxResults");
        if size.is_some() && !ids.is_empty() {
            return Err(Reply::error(
                400,
                "InvalidParameterCombination",
                "The parameter instancesSet cannot be used with the parameter maxResults",
            ));
        }
        let size = size.map(page_size).transpose()?;
        let page = match query.get("NextToken").filter(|token| !token.is_empty()) {
            None => Page::FIRST,
            Some(token) => {
                Page::of_token(token).ok_or_else(|| invalid("NextToken is not one of mine"))?
            }
        };
        Ok(Self { ids, filter: filter(query)?, page, size })
    }

    /// Which page it is, from 1.
    pub(crate) fn page(&self) -> u64 {
        self.page.number
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
    let mut count = 0;
    for n in 1.. {
        let Some(name) = query.get(&format!("Filter.{n}.Name")) else { break };
        if name != "instance-id" {
            return Err(invalid(&format!("The filter '{name}' is not simulated")));
        }
        let values = query.list(&format!("Filter.{n}.Value")).into_iter().map(str::to_owned);
        let values: Vec<String> = values.collect();
        // The limit is one for the whole call.
        count += values.len();
        if count > FILTER_VALUES {
            let message = format!("The maximum number of filter values is {FILTER_VALUES}");
            return Err(Reply::error(400, "FilterLimitExceeded", message));
        }
        // Several filters narrow each other down.
        wanted = Some(match wanted {
            None => values,
            Some(before) => before.into_iter().filter(|id| values.contains(id)).collect(),
        });
    }
    Ok(wanted)
}

pub(crate) fn describe_instances(region: Option<&Ec2Region>, wanted: &Wanted) -> Reply {
    let instances = region.map(|region| region.instances.as_slice()).unwrap_or_default();
    let ids: HashSet<&str> = wanted.ids.iter().map(String::as_str).collect();
    let filter = wanted.filter.as_ref();
    let filter = filter.map(|filter| filter.iter().map(String::as_str).collect::<HashSet<_>>());
    let all = instances.iter().map(|instance| instance.instance_id.as_str());
    let known: HashSet<&str> = all.filter(|id| ids.contains(id)).collect();
    let unknown: Vec<&str> =
        wanted.ids.iter().map(String::as_str).filter(|id| !known.contains(id)).collect();
    match unknown[..] {
        [] => {}
        [id] => return not_found(format!("The instance ID '{id}' does not exist")),
        _ => {
            let ids = unknown.join(", ");
            return not_found(format!("The instance IDs '{ids}' do not exist"));
        }
    }
    let fits = |instance: &&Instance| {
        let id = instance.instance_id.as_str();
        let by_id = ids.is_empty() || ids.contains(id);
        by_id && filter.as_ref().is_none_or(|filter| filter.contains(id))
    };
    let mut fitting = instances.iter().filter(fits).skip(wanted.page.start);
    let size = wanted.size.unwrap_or(usize::MAX);
    let page: Vec<&Instance> = fitting.by_ref().take(size).collect();
    let next_token = fitting.next().map(|_| wanted.page.next_token(size));
    Reply::xml("DescribeInstancesResponse", &xml::Document::of(&page, next_token))
}

fn not_found(message: String) -> Reply {
    Reply::error(400, "InvalidInstanceID.NotFound", message)
}

fn invalid(message: &str) -> Reply {
    Reply::error(400, "InvalidParameterValue", message)
}
