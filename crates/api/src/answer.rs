//! What an operation gives.

use inventory::response::Response;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What an operation gives.
#[derive(Debug)]
pub enum Answer {
    /// A JSON object.
    Object(Value),
    /// A JSON object of something that was not there before.
    Created(Value),
    /// A JSON object of something that was begun, and is not done yet.
    Accepted(Value),
    /// A sync: its status and body, however it was asked for.
    Sync(Response),
}

/// What an operation gives, before it is JSON: a type that the OpenAPI document describes.
pub(crate) trait Answered {
    /// What describes the body over HTTP.
    type Body: ToSchema;
    /// The status over HTTP.
    const STATUS: u16;

    fn into_answer(self) -> Answer;
}

impl<T: Serialize + ToSchema> Answered for T {
    type Body = Self;
    const STATUS: u16 = 200;

    fn into_answer(self) -> Answer {
        Answer::Object(object(&self))
    }
}

/// Something that was not there before.
#[derive(Debug)]
pub(crate) struct Created<T>(pub(crate) T);

impl<T: Serialize + ToSchema> Answered for Created<T> {
    type Body = T;
    const STATUS: u16 = 201;

    fn into_answer(self) -> Answer {
        Answer::Created(object(&self.0))
    }
}

pub(crate) fn object(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or(Value::Null)
}
