//! A connection that sends requests, one after the other.

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

pub(super) struct Client {
    sender: SendRequest<Empty<Bytes>>,
    authority: String,
    bearer: String,
}

impl Client {
    pub(super) async fn connect(authority: &str, bearer: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(authority).await.context("serve does not answer")?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender; what went wrong the next request says.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(Self { sender, authority: authority.to_owned(), bearer: bearer.to_owned() })
    }

    /// The body of a page.
    ///
    /// # Errors
    /// Where it is not answered, or with another status than 200.
    pub(super) async fn get(&mut self, path: &str) -> anyhow::Result<Bytes> {
        let request = Request::get(path)
            .header(header::HOST, &self.authority)
            .header(header::AUTHORIZATION, &self.bearer)
            .body(Empty::new())?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        ensure!(status == 200, "GET {path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}
