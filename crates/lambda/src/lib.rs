//! The Lambda functions: an event in, an operation of the API, an answer out.
//!
//! ```text
//! event ─▶ parse (direct, or API Gateway v1 and v2) ─▶ operation with its parameters
//!       ─▶ api ─▶ answer (a JSON object, or an HTTP response around it)
//! ```
//!
//! - [`event`]: an event of any shape, as an operation or as an error of the contract.
//! - [`answer`]: answers for both kinds of callers.
//! - [`query`]: what answers as `query-handler`.
//! - [`data`]: what answers as `data-management-handler`.
//! - [`reads`]: what answers as `read-handler`.
//! - [`front`]: who is answered by `read-handler`.
//! - [`installation`]: which installation this is.
//! - [`bus`]: changes of verdicts, for whoever listens.
//! - [`metrics`]: the metrics of a sync, in CloudWatch's embedded format.
//! - [`runtime`]: what both programs start with.

pub mod answer;
pub mod bus;
pub mod data;
pub mod event;
pub mod front;
pub mod installation;
pub mod metrics;
pub mod query;
pub mod reads;
pub mod runtime;
mod sync_request;
mod told;
