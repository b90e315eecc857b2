//! The parameters of an operation, as a type.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, Unexpected};
use serde_json::{Map, Value};

use crate::answer::{ErrorCode, Failure};

/// Reads the parameters of an operation.
///
/// # Errors
/// `MISSING_PARAMETER` or `INVALID_PARAMETER`, with the name and what was expected.
pub fn read<T: DeserializeOwned>(parameters: Map<String, Value>) -> Result<T, Failure> {
    serde_path_to_error::deserialize(Value::Object(parameters)).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.inner().to_string());
        let code = match reason.starts_with("missing field") {
            true => ErrorCode::MissingParameter,
            false => ErrorCode::InvalidParameter,
        };
        let message = if path == "." { reason } else { format!("{path}: {reason}") };
        Failure::new(code, message.replace("missing field", "missing parameter"))
    })
}

/// Takes one text out of the parameters.
pub(crate) fn take_text(
    parameters: &mut Map<String, Value>,
    name: &str,
) -> Result<String, Failure> {
    match parameters.remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => {
            let message = format!("{name}: expected a text");
            Err(Failure::new(ErrorCode::InvalidParameter, message))
        }
        Option::None => {
            let message = format!("missing parameter `{name}`");
            Err(Failure::new(ErrorCode::MissingParameter, message))
        }
    }
}

/// No parameters at all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct None {}

/// A number, also as text: the query of a URL has nothing else.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let expected = "a number from 0";
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(Option::None),
        Value::Number(number) => number.as_u64().map(Some).ok_or_else(|| {
            D::Error::invalid_value(Unexpected::Other(&number.to_string()), &expected)
        }),
        Value::String(text) => text
            .parse()
            .map(Some)
            .map_err(|_| D::Error::invalid_value(Unexpected::Str(&text), &expected)),
        other => Err(D::Error::invalid_type(Unexpected::Other(kind(&other)), &expected)),
    }
}

/// `KEY=VALUE`, or `{"key": …, "value": …}`.
pub(crate) fn tag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<(String, String)>, D::Error> {
    let expected = "KEY=VALUE or {\"key\": \"...\", \"value\": \"...\"}";
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(Option::None),
        Value::String(text) => match text.split_once('=') {
            Some((key, value)) => Ok(Some((key.to_owned(), value.to_owned()))),
            Option::None => Err(D::Error::invalid_value(Unexpected::Str(&text), &expected)),
        },
        Value::Object(tag) => match (tag.get("key"), tag.get("value"), tag.len()) {
            (Some(Value::String(key)), Some(Value::String(value)), 2) => {
                Ok(Some((key.clone(), value.clone())))
            }
            _ => Err(D::Error::invalid_value(Unexpected::Map, &expected)),
        },
        other => Err(D::Error::invalid_type(Unexpected::Other(kind(&other)), &expected)),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
