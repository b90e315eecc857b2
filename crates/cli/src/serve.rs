//! The page and the HTTP API on this machine, until the program is ended.
//!
//! - `door`: who may come in.
//! - `keys`: what opens the door.
//! - `background`: syncs that were started from here.

mod background;
mod door;
mod keys;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use api::http::{router, with_headers};
use api::site::Changes;
use api::{Data, Queries, Site};
use aws::Aws;
use axum::middleware::from_fn_with_state;
use model::environment::Environment;
use store::Store;
use tokio::net::TcpListener;

use crate::render::{note, print};
use crate::signals::unless_ended;
use background::start_in_background;
use door::Door;

/// Any free port of this machine.
pub(crate) const FREE_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What is served.
pub(crate) struct Served {
    pub(crate) aws: Aws,
    pub(crate) store: Store,
    pub(crate) environment: Environment,
    pub(crate) allow_changes: bool,
}

/// A port to serve on.
///
/// # Errors
/// Where it is taken, or may not be.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot serve on {address}"))
}

/// Serves until a signal ends it. Prints the address that opens the page, and the header for scripts.
///
/// # Errors
/// Where nothing can be printed, or the port is lost.
pub(crate) async fn serve(served: Served, listener: TcpListener) -> anyhow::Result<u8> {
    let address = listener.local_addr()?;
    let door = Arc::new(Door::new(address)?);
    let allow_changes = served.allow_changes;
    let app = router(site(served)).layer(from_fn_with_state(Arc::clone(&door), door::open_for));
    let app = with_headers(app);
    print(&format!("{}\n{}\n", door.first_address(), door.header_for_scripts()))?;
    note(&format!(
        "The address opens the page once, in one browser; the header is for scripts.\n{} \
         Ctrl-C ends it.",
        match allow_changes {
            true => "Changes are allowed.",
            false => "Nothing can be changed; --allow-changes allows it.",
        }
    ));
    match unless_ended(axum::serve(listener, app).into_future()).await? {
        Ok(ended) => ended.context("the page is no longer served").map(|()| crate::exit::OK),
        Err(ended) => Ok(ended.exit_code()),
    }
}

fn site(served: Served) -> Site {
    let Served { aws, store, environment, allow_changes } = served;
    let queries = Queries::of_store(aws.clone(), store.clone(), environment.clone());
    let queries = Arc::new(queries);
    if !allow_changes {
        return Site::read_only(queries);
    }
    let start_sync = Some(start_in_background(Arc::clone(&queries)));
    let data = Data::of_store(aws, store, environment);
    Site::with_changes(queries, Changes { data, hub: None, start_sync })
}
