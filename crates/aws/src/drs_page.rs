//! One page of `DescribeSourceServers`, and what of it can be read where not all can.
//!
//! The SDK reads a page as a whole: one field of another type costs 200 servers. Where it fails,
//! each member is given to the SDK's own parser as a page of its own.

use aws_sdk_drs::Client;
use aws_sdk_drs::operation::describe_source_servers::{
    DescribeSourceServers, DescribeSourceServersOutput,
};
use aws_sdk_drs::types::SourceServer;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Value, json};

use super::service_error::{INVALID_RESPONSE, ServiceError, causes, service_error};

/// One page of servers.
#[derive(Debug)]
pub struct DrsPage {
    /// Those that could be read.
    pub servers: Vec<SourceServer>,
    /// One for each that could not, with its id.
    pub unreadable: Vec<ServiceError>,
    /// To ask the next page with.
    pub next_token: Option<String>,
}

/// Asks for the page that `token` leads to, the first one without it.
///
/// # Errors
/// The call failed, or more than single members of the answer cannot be read.
pub async fn describe_source_servers(
    client: &Client,
    token: Option<String>,
) -> Result<DrsPage, ServiceError> {
    let answer = client.describe_source_servers().set_next_token(token).send().await;
    match answer {
        Ok(page) => Ok(DrsPage {
            servers: page.items.unwrap_or_default(),
            unreadable: Vec::new(),
            next_token: page.next_token,
        }),
        Err(error) => error.raw_response().and_then(salvage).ok_or_else(|| service_error(&error)),
    }
}

/// The page of an answer of which only members are wrong.
fn salvage(answer: &HttpResponse) -> Option<DrsPage> {
    if !answer.status().is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(answer.body().bytes()?).ok()?;
    let next_token = match body.get("nextToken") {
        None | Some(Value::Null) => None,
        Some(token) => Some(token.as_str()?.to_owned()),
    };
    let mut page = DrsPage { servers: Vec::new(), unreadable: Vec::new(), next_token };
    for (position, member) in body.get("items")?.as_array()?.iter().enumerate() {
        match read(member) {
            Ok(servers) => page.servers.extend(servers),
            Err(cause) => page.unreadable.push(unreadable(position, member, &cause)),
        }
    }
    // Where every member can be read, something else of the answer is wrong.
    (!page.unreadable.is_empty()).then_some(page)
}

/// What the SDK makes of a page with this one member.
fn read(member: &Value) -> Result<Vec<SourceServer>, String> {
    let settings = DescribeSourceServers::new().config();
    let parser = settings.as_ref().and_then(|it| it.load::<SharedResponseDeserializer>());
    let (Some(parser), Ok(status)) = (parser, StatusCode::try_from(200)) else {
        return Err("the SDK has no parser for it".to_owned());
    };
    let body = json!({ "items": [member] }).to_string();
    let page = HttpResponse::new(status, SdkBody::from(body));
    let parsed = parser.deserialize_nonstreaming_with_config(&page, &ConfigBag::base());
    match parsed.map(|page| page.downcast::<DescribeSourceServersOutput>()) {
        Ok(Ok(page)) => Ok(page.items.unwrap_or_default()),
        Ok(Err(_)) => Err("the SDK read something else".to_owned()),
        Err(error) => Err(without_offset(&causes(&error)).to_owned()),
    }
}

/// The place in a page of one member would be sought in the page that DRS sent.
fn without_offset(cause: &str) -> &str {
    let after = cause.strip_prefix("Error at offset ").and_then(|rest| rest.split_once(": "));
    after.map_or(cause, |(_, cause)| cause)
}

fn unreadable(position: usize, member: &Value, cause: &str) -> ServiceError {
    let text = |key: &str| member.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("sourceServerID").or_else(|| text("arn"));
    let name = name.unwrap_or_else(|| format!("{} of its page", position + 1));
    let field = unreadable_field(member, String::new());
    let field = if field.is_empty() { field } else { format!("{field}: ") };
    ServiceError::Unusable {
        code: INVALID_RESPONSE,
        message: format!("source server {name} cannot be read: {field}{cause}"),
    }
}

/// The innermost field without which the member can be read, as in `sourceProperties.ramBytes`;
/// empty where there is no single one. `pointer` is a JSON pointer to where to look.
fn unreadable_field(member: &Value, pointer: String) -> String {
    let keys: Vec<String> = match member.pointer(&pointer) {
        Some(Value::Object(fields)) => fields.keys().cloned().collect(),
        Some(Value::Array(values)) => (0..values.len()).map(|index| index.to_string()).collect(),
        _ => Vec::new(),
    };
    for key in keys {
        let mut without = member.clone();
        match without.pointer_mut(&pointer) {
            Some(Value::Object(fields)) => {
                fields.remove(&key);
            }
            Some(Value::Array(values)) => {
                let _: Option<Value> = key.parse().ok().map(|index: usize| values.remove(index));
            }
            _ => continue,
        }
        if read(&without).is_ok() {
            let key = key.replace('~', "~0").replace('/', "~1");
            return unreadable_field(member, format!("{pointer}/{key}"));
        }
    }
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    keys.collect::<Vec<_>>().join(".")
}
