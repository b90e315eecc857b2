//! The answer of a sync, as its callers get it.

use serde_json::{Value, json};

/// Status and body.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// As in HTTP.
    pub status_code: u16,
    /// A JSON object.
    pub body: Value,
}

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

    /// As the command line prints it: the body as an object.
    pub fn to_json(&self) -> Value {
        json!({ "statusCode": self.status_code, "body": self.body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_makes_a_picture_incomplete() {
        let complete = |status_code, body| Response::new(status_code, body).is_complete();
        assert!(complete(200, json!({ "totalErrors": 0, "details": { "complete": true } })));
        assert!(!complete(200, json!({ "totalErrors": 1, "details": { "complete": false } })));
        assert!(complete(200, json!({ "totalErrors": 0 })), "the old sync knows no more");
        assert!(!complete(200, json!({ "totalErrors": 2 })));
        assert!(!complete(500, json!({ "error": "X" })));
    }
}
