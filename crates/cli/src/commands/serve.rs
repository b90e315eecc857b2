//! `serve`: the page and the HTTP API on this machine.

use std::net::SocketAddr;

use anyhow::bail;
use aws::Aws;
use model::environment::Environment;

use crate::args::ServeArgs;
use crate::serve::{Served, listen, serve};
use crate::store::{open_existing, open_to_read};

pub(crate) async fn run(store: Option<&str>, args: &ServeArgs) -> anyhow::Result<u8> {
    let ServeArgs { listen: address, port, allow_changes, read_only: _ } = *args;
    if !address.is_loopback() {
        bail!(
            "--listen {address} would let other machines in without encryption; expected a loopback \
             address, as 127.0.0.1 (for others there is the page behind a load balancer)"
        );
    }
    let environment = Environment::of_process();
    let store = match allow_changes {
        true => open_existing(store, &environment).await?,
        false => open_to_read(store, &environment).await?,
    };
    let aws = Aws::from_environment(&environment).await;
    let listener = listen(SocketAddr::new(address, port)).await?;
    serve(Served { aws, store, environment, allow_changes }, listener).await
}
