//! What ends a command before it is done: Ctrl-C, or a service manager.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit;

/// The signal that ended a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl Ended {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }

    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => exit::INTERRUPTED,
            Self::Terminate => exit::TERMINATED,
        }
    }
}

/// The result of `work`, or the signal that came first; `work` is dropped then. A second signal
/// ends the process at once.
///
/// # Errors
/// Where the system does not let signals be watched.
pub(crate) async fn unless_ended<T>(
    work: impl Future<Output = T>,
) -> std::io::Result<Result<T, Ended>> {
    let mut signals = Signals::watch()?;
    let ended = tokio::select! {
        done = work => return Ok(Ok(done)),
        ended = signals.next() => ended,
    };
    tokio::spawn(async move { std::process::exit(signals.next().await.exit_code().into()) });
    Ok(Err(ended))
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn watch() -> std::io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Ended {
        tokio::select! {
            _ = self.interrupt.recv() => Ended::Interrupt,
            _ = self.terminate.recv() => Ended::Terminate,
        }
    }
}
