//! Each route of each operation.

use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, Operation as Documented, OperationBuilder, PathItem};
use utoipa::openapi::response::{ResponseBuilder, Responses};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Paths, RefOr};

use super::BEARER;
use super::components::Components;
use super::parameters::{Taken, taken};
use super::responses::add_errors;
use crate::answers::ErrorAnswer;
use crate::documented::Described;
use crate::operation::{Entry, Operation, Right, Route};

/// Where the document itself is.
const DOCUMENT: &str = "/openapi.json";
/// What another function answers to a read of the same route.
const BESIDE: &str = "x-data-management-handler";

/// Adds every route of a table that is not there yet.
pub(super) fn add<O: Operation>(paths: &mut Paths, components: &mut Components) {
    components.add(&Described::of::<ErrorAnswer>());
    for entry in O::TABLE {
        for route in entry.routes {
            let Some(method) = method(route) else { continue };
            let operation = documented::<O>(entry, route, components);
            match of_another_table(paths, route) {
                Some(item) => add_beside(item, entry, components),
                None => paths.add_path_operation(route.path, vec![method], operation),
            }
        }
    }
}

/// The path of a read that is there already: only reads have a route in both tables.
fn of_another_table<'a>(paths: &'a mut Paths, route: &Route) -> Option<&'a mut PathItem> {
    let item = paths.paths.get_mut(route.path).filter(|_| route.method == "GET")?;
    item.get.is_some().then_some(item)
}

/// Tells what `data-management-handler` answers where it alone stands behind a route. It is told of the
/// path: extensions have no order, and an operation has one already.
fn add_beside<O>(item: &mut PathItem, entry: &Entry<O>, components: &mut Components) {
    let answer = components.add(&entry.answer.1);
    let beside = json!({ "operation": entry.name, "answer": { "$ref": answer.ref_location } });
    item.extensions = Some(ExtensionsBuilder::new().add(BESIDE, beside).build());
}

fn method(route: &Route) -> Option<HttpMethod> {
    match route.method {
        "GET" => Some(HttpMethod::Get),
        "POST" => Some(HttpMethod::Post),
        "PUT" => Some(HttpMethod::Put),
        "DELETE" => Some(HttpMethod::Delete),
        _ => None,
    }
}

fn documented<O: Operation>(
    entry: &Entry<O>,
    route: &Route,
    components: &mut Components,
) -> Documented {
    let right = O::right(route);
    let Taken { parameters, body } = taken(&entry.parameters, route, components);
    let requirement: [&str; 0] = [];
    OperationBuilder::new()
        .operation_id(Some(id(entry, route)))
        .summary(Some(entry.summary))
        .tag(tag(right))
        .parameters(Some(parameters))
        .request_body(body)
        .responses(responses(entry, route, right, components))
        .security(SecurityRequirement::new(BEARER, requirement))
        .extensions(Some(ExtensionsBuilder::new().add("x-scope", right.scope()).build()))
        .build()
}

/// The name of the operation; of a second route, which is that of one thing, with a suffix.
fn id<O>(entry: &Entry<O>, route: &Route) -> String {
    let place = entry.routes.iter().position(|other| other.path == route.path);
    match place {
        None | Some(0) => entry.name.to_owned(),
        Some(1) => format!("{}_one", entry.name),
        Some(more) => format!("{}_{more}", entry.name),
    }
}

fn tag(right: Right) -> &'static str {
    match right {
        Right::Read => "reads",
        Right::Write => "changes",
        Right::Sync => "sync",
    }
}

fn responses<O>(
    entry: &Entry<O>,
    route: &Route,
    right: Right,
    components: &mut Components,
) -> Responses {
    let (status, body) = entry.answer;
    let reference = components.add(&body);
    let mut responses = Responses::new();
    responses.responses.insert(status.to_string(), answer(done(status), reference.into()));
    add_errors(&mut responses, route, right);
    responses
}

fn done(status: u16) -> &'static str {
    match status {
        201 => "It was made.",
        202 => "It has begun.",
        _ => "What was asked for.",
    }
}

fn answer(
    description: &str,
    schema: RefOr<utoipa::openapi::Schema>,
) -> RefOr<utoipa::openapi::Response> {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(description);
    response.content("application/json", content).build().into()
}

/// Adds where the document itself is: whoever may read may have it.
pub(super) fn add_document(paths: &mut Paths) {
    let object = ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object)).build();
    let route = Route { method: "GET", path: DOCUMENT };
    let mut responses = Responses::new();
    let schema = RefOr::T(object.into());
    responses.responses.insert("200".to_owned(), answer("This document.", schema));
    add_errors(&mut responses, &route, Right::Read);
    let requirement: [&str; 0] = [];
    let operation = OperationBuilder::new()
        .operation_id(Some("get_openapi"))
        .summary(Some("Shows this document."))
        .tag(tag(Right::Read))
        .responses(responses)
        .security(SecurityRequirement::new(BEARER, requirement))
        .extensions(Some(ExtensionsBuilder::new().add("x-scope", Right::Read.scope()).build()))
        .build();
    paths.add_path_operation(DOCUMENT, vec![HttpMethod::Get], operation);
}
