//! `sim`: the simulated AWS on its own, for any AWS client.

use std::net::{Ipv4Addr, SocketAddr};

use ::sim::{Simulator, World};
use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::SimArgs;
use crate::exit;
use crate::render::note;

pub(crate) async fn run(args: SimArgs) -> anyhow::Result<u8> {
    let world = World::from_file(&args.world)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let simulator = Simulator::start_on(world, address)
        .await
        .with_context(|| format!("cannot serve on {address}"))?;
    let endpoint = simulator.endpoint();
    note(&format!(
        "serving {} on {endpoint}; any access key works\n\
         export AWS_ENDPOINT_URL_DRS={endpoint} AWS_ENDPOINT_URL_EC2={endpoint} \
         AWS_ENDPOINT_URL_STS={endpoint}",
        args.world.display()
    ));
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(exit::OK)
}
