//! The OpenAPI document, made from the tables of operations.
//!
//! - `paths`: each route of each operation.
//! - `parameters`: what an operation takes, in the path, the query and the body.
//! - `responses`: what can go wrong.
//! - `components`: every schema once.

mod components;
mod parameters;
mod paths;
mod responses;

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths, Server, Tag,
};

use components::Components;

use crate::operations::{DataOperation, QueryOperation};

/// The name of the security scheme: a token in the header `Authorization`.
const BEARER: &str = "bearer";

/// The document of all operations, OpenAPI 3.1. Where both tables have a route, it is the one of
/// [`QueryOperation`].
pub fn document() -> OpenApi {
    let mut components = Components::default();
    let mut paths = Paths::new();
    paths::add::<QueryOperation>(&mut paths, &mut components);
    paths::add::<DataOperation>(&mut paths, &mut components);
    paths::add_document(&mut paths);
    let mut named = ComponentsBuilder::new()
        .schemas_from_iter(components.schemas())
        .security_scheme(BEARER, bearer());
    for (name, response) in responses::errors() {
        named = named.response(name, response);
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("drs-inventory")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "The inventory of AWS DRS over accounts and regions. What no schema can say \
                     is in docs/api.md.",
                )),
        )
        .servers(Some([Server::new("/")]))
        .tags(Some([
            tag("reads", "What the inventory knows."),
            tag("changes", "Accounts, groups, plans, and what is let go."),
            tag("sync", "Reading AWS anew."),
        ]))
        .paths(paths)
        .components(Some(named.build()))
        .build()
}

fn tag(name: &str, description: &str) -> Tag {
    TagBuilder::new().name(name).description(Some(description)).build()
}

fn bearer() -> SecurityScheme {
    let http = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some(
        "A token of the issuer that the API trusts, or the one that `serve` prints. x-scope of an \
         operation is the scope that it needs.",
    ));
    SecurityScheme::Http(http.build())
}
