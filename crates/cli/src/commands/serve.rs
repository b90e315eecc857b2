//! `serve`: the page and the HTTP API on this machine.

use std::net::SocketAddr;

use anyhow::bail;

use crate::args::ServeArgs;
use crate::serve::{Served, listen, serve};
use crate::setup::Setup;
use crate::store::{open_existing, open_to_read};

pub(crate) async fn run(setup: &Setup, args: &ServeArgs) -> anyhow::Result<u8> {
    let ServeArgs { listen: address, port, allow_changes, read_only: _ } = *args;
    if !address.is_loopback() {
        bail!(
            "--listen {address} would let other machines in without encryption; expected a loopback \
             address, as 127.0.0.1 (for others there is the page behind a load balancer)"
        );
    }
    let environment = setup.environment.clone();
    let store = match allow_changes {
        true => open_existing(setup).await?,
        false => open_to_read(setup).await?,
    };
    let aws = setup.aws().await?;
    let listener = listen(SocketAddr::new(address, port)).await?;
    serve(Served { aws, store, environment, allow_changes }, listener).await
}
