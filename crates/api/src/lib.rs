//! The operations that programs can ask for, whatever brings the question: a Lambda event, or HTTP.
//!
//! ```text
//! name or route, and JSON ─▶ operation with its parameters ─▶ use of the inventory ─▶ answer or failure
//! ```
//!
//! - [`operations`]: every operation once, with its name, routes, parameters and answer.
//! - [`operation`]: how one is found by name or by route.
//! - [`parameters`]: the parameters of an operation, as a type.
//! - [`query`]: reads of the inventory, and the sync.
//! - [`data`]: changes to accounts, groups and plans.
//! - [`answer`]: what an operation gives, and [`answers`]: each answer as a type.
//! - [`openapi`]: the document of all this, made from the table; [`documented`]: what it describes.
//! - [`failure`]: the errors of the contract.
//! - [`site`]: what is served over HTTP, and what may be changed.
//! - [`http`]: all of it over HTTP, and the pages.

pub mod answer;
pub mod answers;
pub mod data;
pub mod documented;
pub mod failure;
pub mod http;
pub mod openapi;
pub mod operation;
pub mod operations;
mod pages;
pub mod parameters;
pub mod query;
pub mod site;

pub use answer::Answer;
pub use data::Data;
pub use failure::{ErrorCode, Failure};
pub use operation::Operation;
pub use operations::{DataOperation, QueryOperation};
pub use query::{Call, Noticed, Queries, Scope, Untold};
pub use site::Site;
