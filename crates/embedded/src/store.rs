//! Opening the store and connecting the SDK's client to it.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;

use crate::faults::{Fault, Faults, StoreCall};
use crate::operations::{Answer, answer};

/// A DynamoDB-compatible database. Clones share it.
///
/// What was acknowledged is in the file, also after the process was killed: every write is one
/// SQLite transaction in write-ahead mode. Several processes may use one file; a writer waits up
/// to 5 s for another.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file could not be made.
    #[error("cannot create the store {path}: {source}")]
    Create {
        /// The store's file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The file is there but is no store, or is damaged.
    #[error(
        "cannot open the store {path}: {reason}; give the path of a store made by this program, or of a new file"
    )]
    Open {
        /// The store's file.
        path: PathBuf,
        /// What the engine said.
        reason: String,
    },
}

impl Store {
    /// A store that lives as long as its last clone.
    ///
    /// # Errors
    /// [`OpenError::Open`] where the engine cannot start.
    pub fn in_memory() -> Result<Self, OpenError> {
        let database = Database::memory().map_err(|e| open_error(Path::new(":memory:"), &e))?;
        Ok(Self::over(database))
    }

    /// Opens the store in the file at `path`, and makes file and folders where there are none.
    /// A new file can be read by its owner only: external ids are in it.
    ///
    /// # Errors
    /// [`OpenError`] names the path and the reason.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        create_private(path)
            .map_err(|source| OpenError::Create { path: path.to_owned(), source })?;
        let text = path.to_str().ok_or_else(|| OpenError::Open {
            path: path.to_owned(),
            reason: "the path is not UTF-8".to_owned(),
        })?;
        let database = Database::new(text).map_err(|e| open_error(path, &e))?;
        Ok(Self::over(database))
    }

    /// An SDK client whose requests this store answers.
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        let connector = SharedHttpConnector::new(self.engine.clone());
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            // They sign requests that never leave the process.
            .credentials_provider(Credentials::new("embedded", "embedded", None, None, "embedded"))
            .endpoint_url("http://embedded.invalid")
            // A write waits its turn in the process; that is no connection that has stalled.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// The next calls that `fault` fits get it instead of the engine's answer.
    pub fn inject(&self, fault: Fault) {
        self.engine.faults.inject(fault);
    }

    /// Every call so far, in the order of arrival.
    pub fn calls(&self) -> Vec<StoreCall> {
        self.engine.faults.calls()
    }

    fn over(database: Database) -> Self {
        Self { engine: Engine { database, faults: Arc::default() } }
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn open_error(path: &Path, error: &dynoxide::DynoxideError) -> OpenError {
    OpenError::Open { path: path.to_owned(), reason: error.to_string() }
}

#[derive(Clone)]
struct Engine {
    database: Database,
    faults: Arc<Faults>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let engine = self.clone();
        HttpConnectorFuture::new(async move {
            let reply = tokio::task::spawn_blocking(move || engine.serve(&request))
                .await
                .map_err(|e| ConnectorError::other(e.into(), None))?;
            let status = StatusCode::try_from(reply.status)
                .map_err(|e| ConnectorError::other(e.into(), None))?;
            Ok(Response::new(status, SdkBody::from(reply.body)))
        })
    }
}

impl Engine {
    fn serve(&self, request: &HttpRequest) -> Answer {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        self.faults.serve(operation, body, |body| answer(&self.database, operation, body))
    }
}
