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
/// SQLite transaction in write-ahead mode. It is on the disk when the last clone is dropped; a
/// power cut before may take the last writes, never a part of one. Several processes may use one
/// file; a writer waits up to 5 s for another.
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
        wait_for_disk_at_checkpoints(&database).map_err(|e| open_error(path, &e))?;
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

    /// The same store, for a test: from now on it takes faults and keeps a record of the calls,
    /// for which each is read once more.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.engine.faults = Some(Arc::default());
        self
    }

    /// The next calls that `fault` fits get it instead of the engine's answer. Only where the
    /// store is [`watched`](Self::watched).
    pub fn inject(&self, fault: Fault) {
        if let Some(faults) = &self.engine.faults {
            faults.inject(fault);
        }
    }

    /// Every call so far, in the order of arrival; none where the store is not
    /// [`watched`](Self::watched).
    pub fn calls(&self) -> Vec<StoreCall> {
        self.engine.faults.as_ref().map(|faults| faults.calls()).unwrap_or_default()
    }

    fn over(database: Database) -> Self {
        Self { engine: Engine { database, faults: None } }
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

/// By default SQLite waits for the disk at each write, which took a tenth of a sync of 50 servers.
/// The engine's word for `PRAGMA synchronous = NORMAL`, the usual choice in write-ahead mode.
fn wait_for_disk_at_checkpoints(database: &Database) -> dynoxide::Result<()> {
    database.disable_bulk_loading()
}

fn open_error(path: &Path, error: &dynoxide::DynoxideError) -> OpenError {
    OpenError::Open { path: path.to_owned(), reason: error.to_string() }
}

#[derive(Clone)]
struct Engine {
    database: Database,
    /// Of a store that is watched.
    faults: Option<Arc<Faults>>,
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
        let engine = |body: &[u8]| answer(&self.database, operation, body);
        match &self.faults {
            Some(faults) => faults.serve(operation, body, engine),
            None => engine(body),
        }
    }
}
