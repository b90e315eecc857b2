//! `sim`: the simulated AWS on its own, for any AWS client.

use std::net::{Ipv4Addr, SocketAddr};

use ::sim::{AccountOfKey, Simulator, World};
use anyhow::Context;
use aws::{Aws, service_error};
use model::is_account_id;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::SimArgs;
use crate::exit;
use crate::render::note;

pub(crate) async fn run(args: SimArgs) -> anyhow::Result<u8> {
    let world = World::from_file(&args.world)?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let keys = args.accounts_from.as_deref().map(|url| keys_of(url, &world.hub_account_id));
    let simulator = Simulator::start_on(world, address, keys)
        .await
        .with_context(|| format!("cannot serve on {address}"))?;
    let endpoint = simulator.endpoint();
    note(&format!(
        "serving {} on {endpoint}; any access key works\n\
         export AWS_ENDPOINT_URL_DRS={endpoint} AWS_ENDPOINT_URL_EC2={endpoint} \
         AWS_ENDPOINT_URL_STS={endpoint} AWS_ENDPOINT_URL_ORGANIZATIONS={endpoint} \
         AWS_ENDPOINT_URL_ACCOUNT={endpoint}",
        args.world.display()
    ));
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    if let Some(file) = &args.record {
        simulator
            .write_record(file)
            .with_context(|| format!("cannot write the record {}", file.display()))?;
    }
    Ok(exit::OK)
}

/// Asks the STS of an emulator, as the hub.
fn keys_of(endpoint: &str, hub: &str) -> AccountOfKey {
    let sts = Aws::emulated(endpoint, hub).sts();
    Box::new(move |access_key| {
        let sts = sts.clone();
        Box::pin(async move {
            // Emulators take twelve digits as the key of that account.
            if is_account_id(&access_key) {
                return Some(access_key);
            }
            let answer = sts.get_access_key_info().access_key_id(access_key).send().await;
            match answer {
                Ok(answer) => answer.account,
                Err(error) => {
                    let cause = service_error(&error).to_string();
                    tracing::warn!(cause, "nobody knows an access key");
                    None
                }
            }
        })
    })
}
