//! What goes wrong, by status. Each has the same body.

use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, Responses};

use crate::answers::ErrorAnswer;
use crate::operation::{Right, Route};

/// Who can meet an error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    All,
    /// All that do more than read.
    Changes,
    /// All whose body is read, if there is one.
    Bodies,
}

const ERRORS: [(u16, &str, Of, &str); 12] = [
    (400, "BadRequest", Of::All, "A parameter is missing or wrong; the message names it."),
    (401, "Unauthorized", Of::All, "Nobody knows who asks."),
    (403, "Forbidden", Of::All, "Who asks may not, or AWS denied something to the program."),
    (404, "NotFound", Of::All, "The message names what does not exist."),
    (405, "MethodNotAllowed", Of::All, "The path has other methods."),
    (409, "Conflict", Of::Changes, "It exists already, or its state does not allow it now."),
    (413, "TooLarge", Of::Bodies, "The body is too large."),
    (415, "UnsupportedMediaType", Of::Bodies, "The body is no JSON."),
    (429, "TooManyRequests", Of::All, "Too many requests at once."),
    (500, "InternalError", Of::All, "The program's configuration is wrong."),
    (502, "ServiceFailed", Of::All, "AWS failed; `details.code` is its own."),
    (503, "Unavailable", Of::All, "Not now; try again later."),
];

/// Each error as the document's components have it.
pub(super) fn errors() -> impl Iterator<Item = (&'static str, Response)> {
    ERRORS.into_iter().map(|(status, name, _, description)| {
        let schema = Ref::from_schema_name(ErrorAnswer::name());
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let response =
            ResponseBuilder::new().description(description).content("application/json", content);
        let response = if status == 405 { response.header("Allow", allow()) } else { response };
        let can_wait = matches!(status, 409 | 429 | 502 | 503);
        let response =
            if can_wait { response.header("Retry-After", retry_after()) } else { response };
        (name, response.build())
    })
}

fn allow() -> Header {
    let methods = ObjectBuilder::new().schema_type(Type::String);
    let description = "The methods that the path has.";
    HeaderBuilder::new().schema(Some(methods)).description(Some(description)).build()
}

fn retry_after() -> Header {
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0_u32));
    let description = "Seconds to wait, where a retry can help.";
    HeaderBuilder::new().schema(Some(seconds)).description(Some(description)).build()
}

/// Adds the errors that a route can answer.
pub(super) fn add_errors(responses: &mut Responses, route: &Route, right: Right) {
    for (status, name, of, _) in ERRORS {
        let can_be = match of {
            Of::All => true,
            // Of two kinds of groups, for example, one may lack what a plan names.
            Of::Changes => right != Right::Read || route.path.contains('{'),
            Of::Bodies => route.method != "GET",
        };
        if can_be {
            let reference = Ref::from_response_name(name);
            responses.responses.insert(status.to_string(), reference.into());
        }
    }
}
