//! What a form or an address sent, as a type.

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::frame::PageFailure;
use crate::failure::{ErrorCode, Failure};
use crate::parameters::{Parameters, add, in_query};

/// The parameters of a page. A field that was left empty counts as not sent.
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = PageFailure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageFailure> {
        Ok(Self(read(in_query(&parts.uri)?)?))
    }
}

/// The fields of a form that was sent. A field that was left empty counts as not sent.
pub(super) struct Sent<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = PageFailure;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageFailure> {
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(pairs) = form.map_err(|rejection| {
            Failure::new(ErrorCode::InvalidInvocation, rejection.body_text())
        })?;
        Ok(Self(read(pairs)?))
    }
}

fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Failure> {
    let mut parameters = Map::new();
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()) {
        add(&mut parameters, name, Value::from(value))?;
    }
    T::read(parameters)
}
