//! Parameters from several places of a request, as one object.

use axum::extract::Query;
use axum::http::Uri;
use serde_json::{Map, Value};

use crate::failure::{ErrorCode, Failure};

/// The object in the text of a body; an empty one has no parameters.
///
/// # Errors
/// `INVALID_INVOCATION` where the text is no JSON object.
pub fn object_in(text: &str) -> Result<Map<String, Value>, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Map::new());
    }
    let message = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(_) => "the body is no JSON object".to_owned(),
        Err(error) => format!("the body is no JSON: {error}"),
    };
    Err(Failure::new(ErrorCode::InvalidInvocation, message))
}

/// Adds a parameter. The same one may be given in several places, but with one value only.
///
/// # Errors
/// `INVALID_PARAMETER` where it is given with two values.
pub fn add(parameters: &mut Map<String, Value>, name: String, value: Value) -> Result<(), Failure> {
    if parameters.get(&name).is_some_and(|other| *other != value) {
        let message = format!("{name} is given twice, with different values");
        return Err(Failure::new(ErrorCode::InvalidParameter, message));
    }
    parameters.insert(name, value);
    Ok(())
}

/// Names and values of the query of an address.
///
/// # Errors
/// `INVALID_INVOCATION` where it is none.
pub(crate) fn in_query(uri: &Uri) -> Result<Vec<(String, String)>, Failure> {
    let query = Query::<Vec<(String, String)>>::try_from_uri(uri);
    query
        .map(|Query(pairs)| pairs)
        .map_err(|rejection| Failure::new(ErrorCode::InvalidInvocation, rejection.body_text()))
}
