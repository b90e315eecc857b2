//! The pages: what a browser shows. Server-side HTML that works without scripts, at 320 px, in the dark
//! and on paper.
//!
//! Every page is read from region rows, the ledger and indexes; none scans the inventory. Every figure
//! links to the list behind it, and an address holds the whole question. The templates are in
//! `templates/`; they escape every text by themselves.
//!
//! - `overview`: can we recover, what do we not know, what to do next.
//! - `places`: accounts × regions.
//! - `servers`, `server`: the list with its filters, and one of them.
//! - `changes`: what happened.
//! - `removals`: what waits for an approval.
//! - `accounts`: how each can be read.
//! - `groups`: protection groups and recovery plans.
//! - `unprotected`: instances that nothing protects.
//! - `report`: evidence on paper.
//! - `what_to_do`: what each reason and status means.
//!
//! - `frame`: what all pages have in common.
//! - `link`: addresses. `badge`: verdicts as word, shape and colour. `form`: what a form sent.
//! - `assets`: the style sheet and the icon.

mod accounts;
mod assets;
mod badge;
mod changes;
mod form;
mod frame;
mod groups;
mod link;
mod overview;
mod places;
mod removals;
mod report;
mod server;
mod servers;
mod unprotected;
mod what_to_do;

use axum::Router;
use axum::routing::{get, post};

use crate::site::Site;

/// Every page at its address.
pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/", get(overview::page))
        .route("/pages/places", get(places::page))
        .route("/pages/servers", get(servers::page))
        .route("/pages/servers.csv", get(servers::csv))
        .route("/pages/server", get(server::page))
        .route("/pages/changes", get(changes::page))
        .route("/pages/removals", get(removals::page))
        .route("/pages/removals/approve", post(removals::approve))
        .route("/pages/regions/acknowledge", post(removals::acknowledge))
        .route("/pages/accounts", get(accounts::list))
        .route("/pages/account", get(accounts::one))
        .route("/pages/groups", get(groups::list))
        .route("/pages/group", get(groups::one))
        .route("/pages/unprotected", get(unprotected::page))
        .route("/pages/report", get(report::page))
        .route("/pages/what-to-do", get(what_to_do::page))
        .route("/assets/{name}", get(assets::asset))
}
