//! The outcome of a sync as its callers get it: status code and body, made only where they leave.

use legacy::Totals;
use serde_json::{Value, json};
use sync::Report;

use crate::outcome::Outcome;

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

    /// As the command line prints it: the body as an object.
    pub fn to_json(&self) -> Value {
        json!({ "statusCode": self.status_code, "body": self.body })
    }

    /// Keeps the first `most` entries of what failed, and says how many more there are: an answer of
    /// a Lambda function has a limit of size.
    pub fn of_at_most(outcome: &Outcome, most: usize) -> Self {
        match outcome {
            Outcome::Legacy(totals) => Self::of_totals(totals),
            Outcome::Refactored(report) => {
                let left_out = report.failed.len().saturating_sub(most);
                let mut shown = (**report).clone();
                shown.failed.truncate(most);
                let mut response = Self::of_report(&shown, report.failed.len());
                if left_out > 0 {
                    response.body["details"]["failedLeftOut"] = left_out.into();
                }
                response
            }
        }
    }

    fn of_totals(totals: &Totals) -> Self {
        match totals {
            Totals::NotConfigured => {
                Self::new(500, json!({ "error": "SOURCE_SERVER_INVENTORY_TABLE not configured" }))
            }
            Totals::Done { synced, errors, timestamp } => Self::done(*synced, *errors, timestamp),
        }
    }

    fn of_report(report: &Report, errors: usize) -> Self {
        let mut response =
            Self::done(report.servers_synced() as u64, errors as u64, &report.timestamp);
        response.body["details"] = serde_json::to_value(report).unwrap_or(Value::Null);
        response
    }

    fn done(synced: u64, errors: u64, timestamp: &str) -> Self {
        let body = json!({
            "message": "Source server inventory sync complete",
            "totalSynced": synced,
            "totalErrors": errors,
            "timestamp": timestamp,
        });
        Self::new(200, body)
    }
}

impl From<&Outcome> for Response {
    fn from(outcome: &Outcome) -> Self {
        Self::of_at_most(outcome, usize::MAX)
    }
}
