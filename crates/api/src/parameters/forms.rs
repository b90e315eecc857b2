//! Values that may be written in more than one way.

use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected};
use serde_json::Value;

use crate::documented::forms::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::failure::{ErrorCode, Failure};

/// Most entries on a page, as asked for.
pub(super) fn limit(asked: Option<u64>) -> Result<usize, Failure> {
    let limit = asked.unwrap_or(u64::from(DEFAULT_LIMIT));
    let in_range = (1..=u64::from(MAX_LIMIT)).contains(&limit);
    usize::try_from(limit).ok().filter(|_| in_range).ok_or_else(|| {
        let message = format!("limit: {limit} is not a number from 1 to {MAX_LIMIT}");
        Failure::new(ErrorCode::InvalidParameter, message)
    })
}

/// A number, also as text: the query of a URL has nothing else.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let expected = "a number from 0";
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
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

/// Texts: a list of them, or one with commas between them.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let expected = "a text, or a list of texts";
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(text.split(',').map(|part| part.trim().to_owned()).collect()),
        Value::Array(list) => list
            .into_iter()
            .map(|member| match member {
                Value::String(text) => Ok(text),
                other => Err(D::Error::invalid_type(Unexpected::Other(kind(&other)), &expected)),
            })
            .collect(),
        other => Err(D::Error::invalid_type(Unexpected::Other(kind(&other)), &expected)),
    }
}

/// `KEY=VALUE`, or `{"key": …, "value": …}`.
pub(super) fn tag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<(String, String)>, D::Error> {
    let expected = "KEY=VALUE or {\"key\": \"...\", \"value\": \"...\"}";
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => key_and_value(&text)
            .map(Some)
            .ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &expected)),
        Value::Object(tag) => match (tag.get("key"), tag.get("value"), tag.len()) {
            (Some(Value::String(key)), Some(Value::String(value)), 2) => {
                Ok(Some((key.clone(), value.clone())))
            }
            _ => Err(D::Error::invalid_value(Unexpected::Map, &expected)),
        },
        other => Err(D::Error::invalid_type(Unexpected::Other(kind(&other)), &expected)),
    }
}

/// A tag as `KEY=VALUE`. The value may have an equals sign in it, the key cannot.
pub fn key_and_value(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=')?;
    Some((key.to_owned(), value.to_owned()))
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
