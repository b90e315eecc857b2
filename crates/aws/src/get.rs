//! One document by HTTP, over the HTTP client of the process.

use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use crate::http_client::connector;

/// How long a document may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a document.
const LONGEST: usize = 64 * 1024;

/// Gets small documents. Keeps its connections.
#[derive(Debug, Clone)]
pub struct Getter {
    connector: SharedHttpConnector,
}

/// A document that could not be got.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GetError {
    /// Nobody answered, or not in time.
    #[error("cannot get {url}: {cause}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// Why.
        cause: String,
    },
    /// The answer is not the document.
    #[error("cannot get {url}: HTTP status {status}")]
    Answered {
        /// What was asked for.
        url: String,
        /// Of the answer.
        status: u16,
    },
}

impl Getter {
    /// With TLS by the machine's certificates, and a proxy where `HTTPS_PROXY` names one.
    pub fn new() -> Self {
        let connector = connector(None, Some(SharedAsyncSleep::new(TokioSleep::new())));
        Self { connector: SharedHttpConnector::new(connector) }
    }

    /// The text of a document: 64 KB at most, within five seconds.
    ///
    /// # Errors
    /// [`GetError`] names the address.
    pub async fn text(&self, url: &str) -> Result<String, GetError> {
        let unreachable = |cause: String| GetError::Unreachable { url: url.to_owned(), cause };
        let request = HttpRequest::get(url).map_err(|error| unreachable(error.to_string()))?;
        let text = async {
            let answer = self.connector.call(request).await;
            let answer = answer.map_err(|error| unreachable(error.to_string()))?;
            let status = answer.status().as_u16();
            if status != 200 {
                return Err(GetError::Answered { url: url.to_owned(), status });
            }
            read(answer.into_body()).await.map_err(unreachable)
        };
        let late = TokioSleep::new().sleep(TIMEOUT);
        tokio::select! {
            text = text => text,
            () = late => Err(unreachable(format!("no answer within {} s", TIMEOUT.as_secs()))),
        }
    }
}

impl Default for Getter {
    fn default() -> Self {
        Self::new()
    }
}

async fn read(body: aws_smithy_types::body::SdkBody) -> Result<String, String> {
    let mut stream = aws_smithy_types::byte_stream::ByteStream::new(body);
    let mut bytes = Vec::new();
    while let Some(part) = stream.next().await {
        bytes.extend_from_slice(&part.map_err(|error| error.to_string())?);
        if bytes.len() > LONGEST {
            return Err(format!("more than {LONGEST} bytes"));
        }
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}
