//! The simulator on a thread of its own, so that its processor time can be told from the sync's.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Context;
use sim::{Simulator, World};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::cpu;

/// It ends where it is dropped.
pub(super) struct SimulatorApart {
    pub(super) simulator: Simulator,
    thread_id: Option<String>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl SimulatorApart {
    pub(super) async fn start(world: World) -> anyhow::Result<Self> {
        let (started, starts) = oneshot::channel();
        let (end, ends) = oneshot::channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                let simulator = Simulator::start(world).await;
                // Nobody is left to hear of it where whoever started it has gone.
                let _ = started.send((simulator, cpu::this_thread()));
                let _ = ends.await;
            });
        });
        let (simulator, thread_id) = starts.await.context("the simulator's thread ended")?;
        Ok(Self { simulator: simulator?, thread_id, end: Some(end), thread: Some(thread) })
    }

    /// The processor time that this process has used so far without the simulator's; none where the
    /// system does not tell.
    pub(super) fn cpu_of_the_others(&self) -> Option<Duration> {
        let simulator = cpu::of_thread(self.thread_id.as_deref()?)?;
        cpu::of_this_process()?.checked_sub(simulator)
    }
}

impl Drop for SimulatorApart {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A thread that failed has ended, too.
            let _ = thread.join();
        }
    }
}
