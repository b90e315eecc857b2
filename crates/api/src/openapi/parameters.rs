//! What an operation takes: each of its parameters stands in the path, in the query, or, where there
//! is one, in the body.

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{Object, SchemaType, Type};
use utoipa::openapi::{RefOr, Required, Schema};

use super::components::Components;
use crate::documented::Described;
use crate::operation::Route;

/// What is asked of a route.
pub(super) struct Taken {
    /// In the path and in the query.
    pub(super) parameters: Vec<Parameter>,
    /// The JSON body.
    pub(super) body: Option<RequestBody>,
}

/// What a route takes, of the parameters of its operation.
pub(super) fn taken(described: &Described, route: &Route, components: &mut Components) -> Taken {
    components.add_named_by(described);
    let RefOr::T(Schema::Object(all)) = (described.schema)() else {
        return Taken { parameters: Vec::new(), body: None };
    };
    let is_in_path = |name: &str| route.path.contains(&format!("{{{name}}}"));
    let (in_path, others): (Vec<_>, Vec<_>) =
        all.properties.clone().into_iter().partition(|(name, _)| is_in_path(name));
    let mut parameters: Vec<Parameter> = in_path
        .into_iter()
        .map(|(name, schema)| parameter(name, schema, ParameterIn::Path, true, components))
        .collect();
    if has_body(route) {
        let body = body(described, all, others, components);
        return Taken { parameters, body };
    }
    parameters.extend(others.into_iter().map(|(name, schema)| {
        let is_required = all.required.contains(&name);
        parameter(name, schema, ParameterIn::Query, is_required, components)
    }));
    Taken { parameters, body: None }
}

/// Whether a route takes a body.
fn has_body(route: &Route) -> bool {
    matches!(route.method, "POST" | "PUT")
}

fn parameter(
    name: String,
    schema: RefOr<Schema>,
    place: ParameterIn,
    is_required: bool,
    components: &Components,
) -> Parameter {
    let (schema, description) = never_null(schema);
    let is_list = matches!(components.resolve(&schema), Some(Schema::Array(_)));
    let required = if is_required { Required::True } else { Required::False };
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(description)
        .schema(Some(schema));
    // With commas between them.
    let (style, explode) = (is_list.then_some(ParameterStyle::Form), is_list.then_some(false));
    parameter.style(style).explode(explode).build()
}

/// A parameter of a path or a query is there or is not. What is said of the parameter is said once.
fn never_null(schema: RefOr<Schema>) -> (RefOr<Schema>, Option<String>) {
    match schema {
        RefOr::Ref(mut reference) => {
            let said = std::mem::take(&mut reference.description);
            (RefOr::Ref(reference), Some(said).filter(|said| !said.is_empty()))
        }
        RefOr::T(Schema::Object(mut object)) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let Some(only) = types.iter().find(|it| **it != Type::Null)
            {
                object.schema_type = SchemaType::Type(only.clone());
            }
            let said = object.description.take();
            (RefOr::T(Schema::Object(object)), said)
        }
        RefOr::T(Schema::OneOf(one_of)) => {
            let mut others = one_of.items.clone().into_iter().filter(|item| !is_null(item));
            match others.next() {
                Some(item) => never_null(item),
                None => (RefOr::T(Schema::OneOf(one_of)), None),
            }
        }
        other => (other, None),
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    let null = SchemaType::Type(Type::Null);
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == null)
}

/// All that is not in the path; none where that is nothing.
fn body(
    described: &Described,
    all: Object,
    others: Vec<(String, RefOr<Schema>)>,
    components: &mut Components,
) -> Option<RequestBody> {
    if others.is_empty() {
        return None;
    }
    let mut object = all;
    object.properties = others.into_iter().collect();
    object.required.retain(|name| object.properties.contains_key(name));
    let required = if object.required.is_empty() { Required::False } else { Required::True };
    let name = (described.name)();
    let reference = components.add_as(name, RefOr::T(Schema::Object(object)));
    let content = ContentBuilder::new().schema(Some(reference)).build();
    let body = RequestBodyBuilder::new().content("application/json", content);
    Some(body.required(Some(required)).build())
}
