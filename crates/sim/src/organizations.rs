//! Organizations: JSON 1.1, the operations that list accounts, units and tags.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::reply::{JSON_1_1, Reply};
use crate::sts::Caller;
use crate::token::Page;
use crate::world::organization::{Organization, OrganizationAccount, ROOT};

const DEFAULT_PAGE_SIZE: usize = 20;

/// What an operation is asked with, of whichever operation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    parent_id: Option<String>,
    resource_id: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// A request that can be served.
pub(crate) struct Wanted {
    operation: String,
    request: Request,
    page: Page,
}

impl Wanted {
    /// `operation` is what follows the dot in `X-Amz-Target`.
    pub(crate) fn parse(operation: &str, body: &[u8]) -> Result<Self, Reply> {
        let body = if body.is_empty() { b"{}" } else { body };
        let request: Request =
            serde_json::from_slice(body).map_err(|error| invalid(&error.to_string()))?;
        let page = match &request.next_token {
            None => Page::FIRST,
            Some(token) => {
                Page::of_token(token).ok_or_else(|| invalid("NextToken is not one of mine"))?
            }
        };
        Ok(Self { operation: operation.to_owned(), request, page })
    }

    /// Which page it is, from 1.
    pub(crate) fn page(&self) -> u64 {
        self.page.number
    }
}

fn invalid(message: &str) -> Reply {
    Reply::error(400, "InvalidInputException", message)
}

/// Answers who may ask: the management account and delegated administrators.
pub(crate) fn answer(
    organization: Option<&Organization>,
    caller: &Caller,
    wanted: &Wanted,
) -> Reply {
    let Some(organization) = organization else {
        let message = "Your account is not a member of an organization.";
        return Reply::error(400, "AWSOrganizationsNotInUseException", message);
    };
    let may_ask = organization.management_account_id == caller.account
        || organization.delegated_administrators.contains(&caller.account);
    if !may_ask {
        let message = "You don't have permissions to access this resource.";
        return Reply::error(400, "AccessDeniedException", message);
    }
    match wanted.operation.as_str() {
        "DescribeOrganization" => describe(organization),
        "ListRoots" => {
            let arn = format!("arn:aws:organizations::{}:root", organization.management_account_id);
            list(
                "Roots",
                &[json!({ "Id": ROOT, "Name": "Root", "Arn": arn })],
                organization,
                wanted,
            )
        }
        "ListAccounts" => list("Accounts", &accounts(organization, |_| true), organization, wanted),
        "ListAccountsForParent" => accounts_of_parent(organization, wanted),
        "ListOrganizationalUnitsForParent" => units_of_parent(organization, wanted),
        "ListTagsForResource" => tags(organization, wanted),
        other => {
            let message = format!("the operation {other:?} is not simulated");
            Reply::error(404, "UnknownOperationException", message)
        }
    }
}

fn describe(organization: &Organization) -> Reply {
    let Organization { id, management_account_id: management, .. } = organization;
    json(&json!({ "Organization": {
        "Id": id,
        "MasterAccountId": management,
        "Arn": format!("arn:aws:organizations::{management}:organization/{id}"),
        "FeatureSet": "ALL",
    } }))
}

fn accounts(
    organization: &Organization,
    is_wanted: impl Fn(&OrganizationAccount) -> bool,
) -> Vec<Value> {
    let accounts = organization.accounts.iter().filter(|account| is_wanted(account));
    let shown = accounts.map(|account| {
        let mut shown = json!({ "Id": account.id, "Name": account.name });
        if let Some(state) = &account.state {
            // The retired member says less: whoever still reads it takes a closed account for one
            // that is only suspended.
            let status = if state == "ACTIVE" { "ACTIVE" } else { "SUSPENDED" };
            shown["State"] = json!(state);
            shown["Status"] = json!(status);
        }
        shown
    });
    shown.collect()
}

fn accounts_of_parent(organization: &Organization, wanted: &Wanted) -> Reply {
    let Some(parent) = known_parent(organization, wanted) else { return no_parent() };
    let is_in =
        |account: &OrganizationAccount| account.parent_id.as_deref().unwrap_or(ROOT) == parent;
    list("Accounts", &accounts(organization, is_in), organization, wanted)
}

fn units_of_parent(organization: &Organization, wanted: &Wanted) -> Reply {
    let Some(parent) = known_parent(organization, wanted) else { return no_parent() };
    let units = organization.organizational_units.iter();
    let units = units.filter(|unit| unit.parent_id.as_deref().unwrap_or(ROOT) == parent);
    let units: Vec<Value> = units.map(|unit| json!({ "Id": unit.id, "Name": unit.name })).collect();
    list("OrganizationalUnits", &units, organization, wanted)
}

fn known_parent<'a>(organization: &Organization, wanted: &'a Wanted) -> Option<&'a str> {
    let parent = wanted.request.parent_id.as_deref()?;
    let units = &organization.organizational_units;
    (parent == ROOT || units.iter().any(|unit| unit.id == parent)).then_some(parent)
}

fn no_parent() -> Reply {
    Reply::error(400, "ParentNotFoundException", "You specified parent that doesn't exist.")
}

fn tags(organization: &Organization, wanted: &Wanted) -> Reply {
    let id = wanted.request.resource_id.as_deref().unwrap_or_default();
    let Some(account) = organization.accounts.iter().find(|account| account.id == id) else {
        let message = "You specified a target that doesn't exist.";
        return Reply::error(400, "TargetNotFoundException", message);
    };
    let tags: Vec<Value> =
        account.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    list("Tags", &tags, organization, wanted)
}

fn list(name: &str, members: &[Value], organization: &Organization, wanted: &Wanted) -> Reply {
    let page_size = organization.page_size.unwrap_or(DEFAULT_PAGE_SIZE);
    let size = wanted.request.max_results.unwrap_or(page_size).clamp(1, page_size);
    let rest = members.get(wanted.page.start..).unwrap_or_default();
    let mut answer = json!({ name: &rest[..size.min(rest.len())] });
    if rest.len() > size {
        answer["NextToken"] = json!(wanted.page.next_token(size));
    }
    json(&answer)
}

fn json(answer: &Value) -> Reply {
    Reply::Answer { content_type: JSON_1_1, body: answer.to_string().into_bytes() }
}
