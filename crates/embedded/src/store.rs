//! Opening the store and connecting the SDK's client to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime::client::auth::no_auth::NO_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::{Response, StatusCode};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;

use crate::connection::open_error;
use crate::faults::{Fault, Faults, StoreCall};
use crate::file::{self, Content};
use crate::lock::{self, Holder};
use crate::operations::{Answer, InUse, answer};
use crate::units::{Consumed, Meter};

/// A DynamoDB-compatible database. Clones share it.
///
/// What was acknowledged is in the file, also after the process was killed: every write is one
/// SQLite transaction in write-ahead mode. It is on the disk when the last clone is dropped; a
/// power cut before may take the last writes, never a part of one. Several processes may use one
/// file; a writer waits some seconds for another, a reader for none.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    private: bool,
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
    /// The file belongs to somebody else. It was not touched.
    #[error(
        "{path} is no store of this program: {what}; it was left as it is: give the path of a store made by this program, or of a new file"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// There is nothing to read yet.
    #[error("there is no store at {path}, or nothing in it yet")]
    Nothing {
        /// Where the store would be.
        path: PathBuf,
    },
    /// A process that wrote was killed, and what it wrote last is not in the file itself.
    #[error(
        "cannot read the store {path}: its last writes are in {log}, and this folder does not let them be read; copy both files to a folder of yours and read the copy"
    )]
    Unfinished {
        /// The store's file.
        path: PathBuf,
        /// SQLite's write-ahead log.
        log: PathBuf,
    },
    /// Another process writes, and does not come to an end.
    #[error(
        "the store {path} is in use: {by} writes to it, and did not let go for {} s; wait until it is done, or end it, and try again",
        lock::WAIT.as_secs()
    )]
    InUse {
        /// The store's file.
        path: PathBuf,
        /// Who writes.
        by: Holder,
    },
    /// The file cannot be read, or is damaged.
    #[error("cannot open the store {path}: {reason}")]
    Open {
        /// The store's file.
        path: PathBuf,
        /// What SQLite or the engine said.
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

    /// Opens the store in the file at `path` to read and write, and makes file and folders where
    /// there are none. Every path is the path of a file. The file is its owner's alone, or becomes
    /// so: external ids are in it.
    ///
    /// # Errors
    /// [`OpenError`] names the path and the reason. A file that is no store is not touched.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        if file::examine(path)? == Content::Nothing {
            file::create(path)?;
        }
        let private = file::make_private(&crate::connection::real(path));
        lock::wait_for_turn(path)?;
        let database =
            Database::new(&crate::connection::to_write(path)).map_err(|e| open_error(path, &e))?;
        wait_for_disk_at_checkpoints(&database).map_err(|e| open_error(path, &e))?;
        let mut store = Self::over(database);
        store.private = private;
        store.engine.file = Some(path.into());
        Ok(store)
    }

    /// Opens the store in the file at `path` to read. No permission to write is needed, and what
    /// writes meanwhile is not waited for. A request that writes is answered with an error.
    ///
    /// # Errors
    /// [`OpenError`] names the path and the reason; [`OpenError::Nothing`] where there is no file
    /// or an empty one. Nothing is made or changed.
    pub fn open_to_read(path: &Path) -> Result<Self, OpenError> {
        if file::examine(path)? == Content::Nothing {
            return Err(OpenError::Nothing { path: path.to_owned() });
        }
        let database = Database::new(&file::to_read(path)?).map_err(|e| open_error(path, &e))?;
        Ok(Self::over(database))
    }

    /// False where others may read the store's file and the file system does not let that be
    /// changed. Of a store that was opened to write.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// An SDK client whose requests this store answers.
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        let connector = SharedHttpConnector::new(self.engine.clone());
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            // A request that never leaves the process needs no signature.
            .allow_no_auth()
            .auth_scheme_preference([NO_AUTH_SCHEME_ID])
            .endpoint_url("http://embedded.invalid")
            // A write waits its turn in the process; that is no connection that has stalled.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        aws_sdk_dynamodb::Client::from_conf(config)
    }

    /// The same store, for a test: from now on it takes faults and keeps a record of the calls and
    /// of the units they consume, for which each is read once more.
    #[must_use]
    pub fn watched(mut self) -> Self {
        self.engine.faults = Some(Arc::default());
        self.engine.meter = Some(Arc::default());
        self
    }

    /// The next calls that `fault` fits get it instead of the engine's answer. Only where the
    /// store is [`watched`](Self::watched).
    pub fn inject(&self, fault: Fault) {
        if let Some(faults) = &self.engine.faults {
            faults.inject(fault);
        }
    }

    /// Takes back the faults that have not been dealt yet.
    pub fn clear_faults(&self) {
        if let Some(faults) = &self.engine.faults {
            faults.clear();
        }
    }

    /// Every call so far, in the order of arrival; none where the store is not
    /// [`watched`](Self::watched).
    pub fn calls(&self) -> Vec<StoreCall> {
        self.engine.faults.as_ref().map(|faults| faults.calls()).unwrap_or_default()
    }

    /// What the calls so far would have consumed on DynamoDB, by operation, table and index, in
    /// this order; nothing where the store is not [`watched`](Self::watched).
    pub fn units(&self) -> Vec<Consumed> {
        self.engine.meter.as_ref().map(|meter| meter.consumed()).unwrap_or_default()
    }

    /// Counts units from nothing again.
    pub fn clear_units(&self) {
        if let Some(meter) = &self.engine.meter {
            meter.clear();
        }
    }

    fn over(database: Database) -> Self {
        Self { engine: Engine { database, file: None, faults: None, meter: None }, private: true }
    }
}

/// By default SQLite waits for the disk at each write, which took a tenth of a sync of 50 servers.
/// The engine's word for `PRAGMA synchronous = NORMAL`, the usual choice in write-ahead mode.
fn wait_for_disk_at_checkpoints(database: &Database) -> dynoxide::Result<()> {
    database.disable_bulk_loading()
}

#[derive(Clone)]
struct Engine {
    database: Database,
    /// Of a store that is written to and in a file.
    file: Option<Arc<Path>>,
    /// Of a store that is watched.
    faults: Option<Arc<Faults>>,
    /// Of a store that is watched.
    meter: Option<Arc<Meter>>,
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
        let engine = |body: &[u8]| {
            answer(&self.database, operation, body).unwrap_or_else(|InUse| self.in_use())
        };
        let engine = |body: &[u8]| match &self.meter {
            Some(meter) => meter.serve(operation, body, engine),
            None => engine(body),
        };
        match &self.faults {
            Some(faults) => faults.serve(operation, body, engine),
            None => engine(body),
        }
    }

    /// No code of DynamoDB: its client would try again, and each try waits for seconds.
    fn in_use(&self) -> Answer {
        let by = self.file.as_deref().map(Holder::of);
        let by = by.map_or_else(|| "another process".to_owned(), |by| by.to_string());
        let message = format!(
            "{by} writes to the store and does not let go; wait until it is done, or end it, and try again"
        );
        Answer::error(400, "StoreInUse", &message)
    }
}
