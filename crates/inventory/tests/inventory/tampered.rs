//! A proxy before the simulated AWS that makes something else of its answers, of status 200 still.

use std::sync::{Arc, Mutex};

use aws::Aws;
use serde_json::Value;
use sync::InventorySync;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::common::*;

/// What becomes of the next `count` answers to requests with all of `marks` in their text.
#[derive(Clone)]
pub(crate) struct Tamper {
    pub(crate) marks: &'static [&'static str],
    pub(crate) count: usize,
    pub(crate) with: fn(&str) -> String,
}

pub(crate) fn empty(_: &str) -> String {
    String::new()
}

pub(crate) fn half(body: &str) -> String {
    body[..body.len() / 2].to_owned()
}

/// A lab whose sync reaches the simulator through the proxy.
pub(crate) struct Tampered {
    pub(crate) lab: Lab,
    accepting: JoinHandle<()>,
}

impl Drop for Tampered {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Tampered {
    pub(crate) async fn with(world: Value, variables: &[(&str, &str)], tamper: Tamper) -> Self {
        let mut lab = Lab::with(world, variables).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let upstream = lab.sim.endpoint().trim_start_matches("http://").to_owned();
        let tamper = Arc::new(Mutex::new(tamper));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (upstream, tamper) = (upstream.clone(), Arc::clone(&tamper));
                tokio::spawn(async move { relay(stream, &upstream, &tamper).await });
            }
        });
        let aws = Aws::new(sdk_config(&endpoint), impatient());
        let InventorySync { store, settings, clock, .. } = lab.sync;
        lab.sync = InventorySync::new(aws, store, settings, clock);
        Self { lab, accepting }
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
    // A client that went away has no one to tell.
    let _ = client.write_all(answer.as_bytes()).await;
}

fn due(request: &str, tamper: &Mutex<Tamper>) -> Option<fn(&str) -> String> {
    let mut tamper = tamper.lock().unwrap();
    if tamper.count == 0 || !tamper.marks.iter().all(|mark| request.contains(mark)) {
        return None;
    }
    tamper.count -= 1;
    Some(tamper.with)
}

pub(crate) fn ok(headers: &[String], body: &str) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

/// The whole request; none where the client goes away.
pub(crate) async fn read_request(client: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text.into_owned());
            }
        }
        let mut part = [0; 8192];
        match client.read(&mut part).await {
            Ok(read @ 1..) => request.extend(&part[..read]),
            _ => return None,
        }
    }
}
