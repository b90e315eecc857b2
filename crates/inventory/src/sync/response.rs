//! The answer of a sync, as callers of the Lambda function and of the command line get it.

use serde_json::{Value, json};

/// Status and body. `body` is an object here; on the wire of Lambda it is a JSON string.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// As in HTTP.
    pub status_code: u16,
    /// A JSON object.
    pub body: Value,
}

/// The headers of every response.
pub const HEADERS: [(&str, &str); 6] = [
    ("Content-Type", "application/json"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "Content-Type,Authorization"),
    ("Access-Control-Allow-Methods", "GET,POST,PUT,DELETE,OPTIONS"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
];

impl Response {
    /// A response.
    pub fn new(status_code: u16, body: Value) -> Self {
        Self { status_code, body }
    }

    /// Whether the sync said that its picture is complete. The legacy sync does not know; it
    /// counts only rows that it could not build or send.
    pub fn is_complete(&self) -> bool {
        let errors = self.body["totalErrors"].as_u64();
        let complete = self.body["details"]["complete"].as_bool();
        self.status_code == 200 && complete.unwrap_or(errors == Some(0))
    }

    /// As Lambda answers: headers, and the body as a string.
    pub fn to_lambda(&self) -> Value {
        let headers: serde_json::Map<String, Value> =
            HEADERS.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({
            "statusCode": self.status_code,
            "headers": headers,
            "body": self.body.to_string(),
        })
    }

    /// As the command line prints it: the body as an object.
    pub fn to_json(&self) -> Value {
        json!({ "statusCode": self.status_code, "body": self.body })
    }
}
