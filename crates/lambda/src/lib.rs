//! The Lambda functions: parse an event, call the inventory, answer.
//!
//! ```text
//! event ─▶ parse (direct, or API Gateway v1 and v2) ─▶ operation and parameters
//!       ─▶ query (reads and the sync) or data (accounts, groups, plans)
//!       ─▶ answer (a JSON object, or an HTTP response around it)
//! ```
//!
//! - [`event`]: an event of any shape, as a request or as an error of the contract.
//! - [`operation`]: every operation once, with its name and its routes.
//! - [`parameters`]: the parameters of an operation, as a type.
//! - [`answer`]: errors, and answers for both kinds of callers.
//! - [`query`]: the operations of `query-handler`.
//! - [`data`]: the operations of `data-management-handler`.
//! - [`metrics`]: the metrics of a sync, in CloudWatch's embedded format.
//! - [`runtime`]: what both programs start with.

pub mod answer;
pub mod data;
pub mod event;
pub mod metrics;
pub mod operation;
pub mod parameters;
pub mod query;
pub mod runtime;

pub use answer::{ErrorCode, Failure};
pub use event::Request;
