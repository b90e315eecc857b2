//! HTTP by hand: one request read whole, one answer written.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A task that ends with its owner.
pub(crate) struct Serving(JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens on a free port and gives each connection to `serve`. The endpoint, and what keeps it.
pub(crate) async fn listen<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> (String, Serving) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let accepting = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    (endpoint, Serving(accepting))
}

/// The whole request, head and body; none where the client goes away.
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

/// Sends an answer. A client that went away has no one to tell.
pub(crate) async fn send(client: &mut TcpStream, answer: &str) {
    let _ = client.write_all(answer.as_bytes()).await;
}

/// An answer of status 200. `headers` are lines of their own.
pub fn ok(headers: &[String], body: &str) -> String {
    answer("200 OK", headers, body)
}

/// An answer of this status, as in `200 OK`.
pub fn answer(status: &str, headers: &[String], body: &str) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}
