//! What describes an error: what `Failure` becomes.

use utoipa::ToSchema;

use crate::documented::forms;

/// An error.
#[derive(Debug, ToSchema)]
#[schema(as = Error, rename_all = "camelCase")]
pub struct ErrorAnswer {
    /// For programs.
    #[schema(value_type = forms::ErrorName)]
    pub error: String,
    /// For people.
    pub message: String,
    /// More for programs.
    #[schema(value_type = Option<Object>)]
    pub details: Option<()>,
    /// Whether the same request can succeed later with nothing changed.
    pub retryable: Option<bool>,
    /// Seconds to wait before that.
    pub retry_after: Option<u64>,
}
