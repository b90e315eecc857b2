//! A service that answers what no service should: each request gets what a script says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws::{AccountSession, Aws};
use serde_json::json;
use tokio::net::TcpStream;

use crate::client::{aws, hub_session};
use crate::fixtures::{HUB, server};
use crate::http::{Serving, listen, ok, read_request, send};

/// An answer of status 200: its content type and its body.
pub type Body = (&'static str, String);

/// A service that answers by a script.
pub struct Scripted {
    /// Clients whose every call reaches the service.
    pub aws: Aws,
    answered: Arc<AtomicUsize>,
    _serving: Serving,
}

impl Scripted {
    /// `script` gets the number of the request, from 1, and its body. Where it answers nothing,
    /// the connection is closed.
    pub async fn start(
        script: impl Fn(usize, &str) -> Option<Body> + Send + Sync + 'static,
    ) -> Self {
        Self::answering(move |number, body| {
            let (content_type, body) = script(number, body)?;
            Some(ok(&[format!("content-type: {content_type}")], &body))
        })
        .await
    }

    /// As [`Scripted::start`], of whole answers: see [`crate::http::answer`].
    pub async fn answering(
        script: impl Fn(usize, &str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let answered = Arc::new(AtomicUsize::new(0));
        let (script, count) = (Arc::new(script), Arc::clone(&answered));
        let serve = move |stream| {
            let (script, count) = (Arc::clone(&script), Arc::clone(&count));
            async move { answer(stream, &*script, &count).await }
        };
        let (endpoint, serving) = listen(serve).await;
        Self { aws: aws(&endpoint), answered, _serving: serving }
    }

    /// How many requests came.
    pub fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// The hub's own session.
    pub fn session(&self) -> AccountSession {
        hub_session(&self.aws)
    }
}

async fn answer(
    mut stream: TcpStream,
    script: &impl Fn(usize, &str) -> Option<String>,
    count: &AtomicUsize,
) {
    let Some(request) = read_request(&mut stream).await else { return };
    let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let number = count.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some(answer) = script(number, body) {
        send(&mut stream, &answer).await;
    }
}

/// A page of DRS with the server of this number, and a token where there is one.
pub fn drs_page(number: usize, token: Option<&str>) -> Body {
    let number = u32::try_from(number).unwrap();
    let mut page = json!({ "items": [server(HUB, "us-east-1", number)] });
    if let Some(token) = token {
        page["nextToken"] = json!(token);
    }
    ("application/json", page.to_string())
}

/// A page of EC2 with this instance, and a token where there is one.
pub fn ec2_page(id: &str, token: Option<&str>) -> Body {
    let token = token.map_or(String::new(), |token| format!("<nextToken>{token}</nextToken>"));
    let body = format!(
        "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <reservationSet><item><instancesSet><item><instanceId>{id}</instanceId></item>\
         </instancesSet></item></reservationSet>{token}</DescribeInstancesResponse>"
    );
    ("text/xml", body)
}
