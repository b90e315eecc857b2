//! HTTP: one port, one record of calls, latency before every answer.

mod dispatch;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::faults::Faults;
use crate::keys::Keys;
use crate::record;
use crate::recorder::{Call, Outcome, Service};
use crate::reply::Reply;
use crate::signature::scope_of;
use crate::world::World;
use dispatch::Question;

/// A running server. It ends, with all its connections, when it is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    state: Arc<State>,
    started: Instant,
    accepting: AbortHandle,
}

/// How long to wait where no connection can be taken, as when there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Asks another AWS which account an access key belongs to; none where it does not know.
pub type AccountOfKey =
    Box<dyn Fn(String) -> Pin<Box<dyn Future<Output = Option<String>> + Send>> + Send + Sync>;

/// What all connections share.
struct State {
    inner: Mutex<Inner>,
    account_of_key: Option<AccountOfKey>,
}

struct Inner {
    world: Arc<World>,
    keys: Keys,
    faults: Faults,
    calls: Vec<Call>,
    connections: usize,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("State")
    }
}

impl Simulator {
    /// Serves `world` on a free port of this machine.
    ///
    /// # Errors
    /// No port could be had.
    pub async fn start(world: World) -> io::Result<Self> {
        Self::start_on(world, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None).await
    }

    /// Serves `world` on `address`, beside another AWS where `account_of_key` asks one: a key that
    /// was not handed out here is then of the account that it says, and not the hub's.
    ///
    /// # Errors
    /// The port is taken, or not allowed.
    pub async fn start_on(
        world: World,
        address: SocketAddr,
        account_of_key: Option<AccountOfKey>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::of(world, account_of_key));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state))).abort_handle();
        Ok(Self { address, state, started: Instant::now(), accepting })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every call so far, in the order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.state.lock().calls.clone()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        self.state.lock().connections
    }

    /// Writes every call so far to a file, one JSON object per line: see [`crate::RecordedCall`].
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_record(&self, path: &Path) -> io::Result<()> {
        record::write(path, &self.calls(), self.started)
    }

    /// Forgets the calls so far.
    pub fn clear_calls(&self) {
        self.state.lock().calls.clear();
    }

    /// Serves `world` from now on. Faults count anew; keys that were handed out stay good.
    pub fn set_world(&self, world: World) {
        let mut inner = self.state.lock();
        inner.world = Arc::new(world);
        inner.faults = Faults::default();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl State {
    fn of(world: World, account_of_key: Option<AccountOfKey>) -> Self {
        let inner = Inner {
            world: Arc::new(world),
            keys: Keys::default(),
            faults: Faults::default(),
            calls: Vec::new(),
            connections: 0,
        };
        Self { inner: Mutex::new(inner), account_of_key }
    }

    /// Asks once whose key a request is signed with.
    async fn learn_owner(&self, headers: &HeaderMap) {
        let Some(ask) = &self.account_of_key else { return };
        let Some(scope) = scope_of(headers) else { return };
        if self.lock().keys.is_new(&scope.access_key) {
            let account = ask(scope.access_key.clone()).await;
            self.lock().keys.learn(scope.access_key, account);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(self: &Arc<Self>, call: Call) -> UnderWay {
        let mut inner = self.lock();
        let (place, started) = (inner.calls.len(), call.started);
        inner.calls.push(call);
        UnderWay { state: Arc::clone(self), place, started, outcome: Outcome::Hung }
    }
}

/// A call in the record. It ends when it is dropped: with its outcome, or, where the client gave
/// up before there was one, as a call that hung.
struct UnderWay {
    state: Arc<State>,
    place: usize,
    started: Instant,
    outcome: Outcome,
}

impl UnderWay {
    /// The record may have been cleared since.
    fn note(&self, change: impl FnOnce(&mut Call)) {
        let mut inner = self.state.lock();
        let call = inner.calls.get_mut(self.place);
        if let Some(call) = call.filter(|call| call.started == self.started) {
            change(call);
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.note(|call| {
            call.took = Some(self.started.elapsed());
            call.outcome = self.outcome.clone();
        });
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Dropped with this task, and with it every connection.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                match accepted {
                    Ok((stream, _)) => {
                        state.lock().connections += 1;
                        connections.spawn(serve_connection(stream, Arc::clone(&state)));
                    }
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, state: Arc<State>) {
    // A client that cannot be answered at once has no one to tell.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(Arc::clone(&state), request));
    let mut http = http1::Builder::new();
    // With a limit, idle connections would be closed under clients that keep them, and at once
    // where a test advances the clock.
    http.header_read_timeout(None);
    // An error here is a client that went away, or a reset that was asked for.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

/// Closes the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("reset, as the world says")]
struct Reset;

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Reset> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Reset)?.to_bytes();
    state.learn_owner(&head.headers).await;
    let question = match Question::of(&state, &head, &body) {
        Ok(question) => question,
        Err((service, reply)) => return reply.into_response(service).ok_or(Reset),
    };
    let (service, latency) = (question.service, question.latency);
    let mut call = state.begin(question.call(started));
    let reply = question.reply(&state);
    // A sleep of nothing still lasts until the clock's next millisecond.
    if !latency.is_zero() {
        sleep(latency).await;
    }
    if matches!(reply, Reply::Hang) {
        call.note(|call| call.outcome = Outcome::Hung);
        let _: Infallible = std::future::pending().await;
    }
    call.outcome = reply.outcome();
    drop(call);
    reply.into_response(service).ok_or(Reset)
}

/// The delay before every answer of `service`.
fn latency(world: &World, service: Service) -> Duration {
    let milliseconds = match service {
        Service::Drs => world.latency_ms.drs,
        Service::Ec2 => world.latency_ms.ec2,
        Service::Sts => world.latency_ms.sts,
        Service::Organizations | Service::Account => 0,
    };
    Duration::from_millis(milliseconds)
}
