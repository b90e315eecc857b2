//! A proxy before the simulated AWS that makes something else of its answers, of status 200 still.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use sync::InventorySync;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Lab;
use crate::client::aws;
use crate::http::{Serving, listen, ok, read_request, send};

/// What becomes of the next `count` answers to requests with all of `marks` in their text.
#[derive(Clone)]
pub struct Tamper {
    /// Texts of the request: of its head or its body.
    pub marks: &'static [&'static str],
    /// So many answers; then no more.
    pub count: usize,
    /// Makes another body of the body.
    pub with: fn(&str) -> String,
}

/// Nothing in place of the body.
pub fn empty(_: &str) -> String {
    String::new()
}

/// The first half of the body.
pub fn half(body: &str) -> String {
    body[..body.len() / 2].to_owned()
}

/// A lab whose sync reaches the simulator through the proxy.
pub struct Tampered {
    /// The lab.
    pub lab: Lab,
    _serving: Serving,
}

impl Tampered {
    /// A lab of this world, with these variables.
    pub async fn with(world: Value, variables: &[(&str, &str)], tamper: Tamper) -> Self {
        let mut lab = Lab::with(world, variables).await;
        let upstream = lab.sim.endpoint().trim_start_matches("http://").to_owned();
        let tamper = Arc::new(Mutex::new(tamper));
        let serve = move |stream| {
            let (upstream, tamper) = (upstream.clone(), Arc::clone(&tamper));
            async move { relay(stream, &upstream, &tamper).await }
        };
        let (endpoint, serving) = listen(serve).await;
        let InventorySync { store, settings, clock, .. } = lab.sync;
        lab.sync = InventorySync::new(aws(&endpoint), store, settings, clock);
        Self { lab, _serving: serving }
    }
}

async fn relay(mut client: TcpStream, upstream: &str, tamper: &Mutex<Tamper>) {
    let Some(request) = read_request(&mut client).await else { return };
    let mut service = TcpStream::connect(upstream).await.unwrap();
    let once = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    service.write_all(once.as_bytes()).await.unwrap();
    let mut answer = String::new();
    service.read_to_string(&mut answer).await.unwrap();
    let answer = match due(&request, tamper) {
        Some(with) => {
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            ok(&[], &with(body))
        }
        None => answer,
    };
    send(&mut client, &answer).await;
}

fn due(request: &str, tamper: &Mutex<Tamper>) -> Option<fn(&str) -> String> {
    let mut tamper = tamper.lock().unwrap();
    if tamper.count == 0 || !tamper.marks.iter().all(|mark| request.contains(mark)) {
        return None;
    }
    tamper.count -= 1;
    Some(tamper.with)
}
