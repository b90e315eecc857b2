//! A service that answers what no service should: each request gets what a script says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws::{AccountSession, Aws};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::common::*;

/// An answer of status 200: its content type and its body.
pub(crate) type Body = (&'static str, String);

pub(crate) struct Scripted {
    pub(crate) aws: Aws,
    answered: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Scripted {
    /// `script` gets the number of the request, from 1, and its body. Where it answers nothing,
    /// the connection is closed.
    pub(crate) async fn start(
        script: impl Fn(usize, &str) -> Option<Body> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let answered = Arc::new(AtomicUsize::new(0));
        let (script, count) = (Arc::new(script), Arc::clone(&answered));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, count) = (Arc::clone(&script), Arc::clone(&count));
                tokio::spawn(async move { answer(stream, &*script, &count).await });
            }
        });
        let aws = Aws::new(sdk_config(&endpoint), impatient());
        Self { aws, answered, accepting }
    }

    /// How many requests came.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    pub(crate) fn session(&self) -> AccountSession {
        AccountSession {
            account_id: HUB.to_owned(),
            partition: "aws".to_owned(),
            credentials: self.aws.hub_credentials().unwrap(),
        }
    }
}

async fn answer(
    mut stream: TcpStream,
    script: &impl Fn(usize, &str) -> Option<Body>,
    count: &AtomicUsize,
) {
    let request = read_body(&mut stream).await;
    let number = count.fetch_add(1, Ordering::SeqCst) + 1;
    let Some((content_type, body)) = script(number, &request) else { return };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // A client that went away has no one to tell.
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

async fn read_body(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return body.to_owned();
            }
        }
        let mut part = [0; 8192];
        match stream.read(&mut part).await {
            Ok(read @ 1..) => request.extend(&part[..read]),
            _ => return String::new(),
        }
    }
}

/// A page of DRS with the server of this number, and a token where there is one.
pub(crate) fn drs_page(number: usize, token: Option<&str>) -> Body {
    let number = u32::try_from(number).unwrap();
    let mut page = json!({ "items": [server(HUB, "us-east-1", number)] });
    if let Some(token) = token {
        page["nextToken"] = json!(token);
    }
    ("application/json", page.to_string())
}

/// A page of EC2 with this instance, and a token where there is one.
pub(crate) fn ec2_page(id: &str, token: Option<&str>) -> Body {
    let token = token.map_or(String::new(), |token| format!("<nextToken>{token}</nextToken>"));
    let body = format!(
        "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <reservationSet><item><instancesSet><item><instanceId>{id}</instanceId></item>\
         </instancesSet></item></reservationSet>{token}</DescribeInstancesResponse>"
    );
    ("text/xml", body)
}
