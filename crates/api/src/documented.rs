//! What of an operation stands in the OpenAPI document, by the types of its parameters and its answer.

pub mod forms;
pub mod mirrors;

use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::answer::Answered;

/// A schema, and those that it names.
#[derive(Clone, Copy)]
pub struct Described {
    /// As the document's components call it.
    pub name: fn() -> String,
    /// The schema itself.
    pub schema: fn() -> RefOr<Schema>,
    /// Adds the schemas that it names.
    pub add_named: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Described {
    /// Of a type.
    pub(crate) const fn of<T: ToSchema>() -> Self {
        Self {
            name: || T::name().into_owned(),
            schema: <T as PartialSchema>::schema,
            add_named: <T as ToSchema>::schemas,
        }
    }

    /// Of what an operation answers, and its status over HTTP.
    pub(crate) const fn of_answer<T: Answered>() -> (u16, Self) {
        (T::STATUS, Self::of::<T::Body>())
    }
}
