//! What came of a report that was put into a bucket.

use serde::Serialize;
use utoipa::ToSchema;

/// A report that is whole in a bucket.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WrittenReport {
    /// The bucket.
    pub(crate) bucket: String,
    /// What the keys of its files begin with, the day in UTC included.
    pub(crate) prefix: String,
    /// The files in the order in which they were put.
    #[schema(value_type = Vec<String>)]
    pub(crate) files: Vec<&'static str>,
    /// How many servers it is of.
    pub(crate) servers: u64,
    /// Whether nothing was unknown.
    pub(crate) complete: bool,
}
