//! How far a sync is, on a terminal; nothing into a pipe.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sync::progress::Progress;

use super::so_far::SoFar;
use crate::signals::Ended;

/// One line: accounts and regions done, servers found.
pub(crate) struct ProgressBars {
    line: ProgressBar,
    so_far: Arc<Mutex<SoFar>>,
}

impl ProgressBars {
    /// Hidden where stderr is no terminal.
    pub(crate) fn on_stderr() -> Self {
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            line.set_style(style);
        }
        line.enable_steady_tick(Duration::from_millis(120));
        Self { line, so_far: Arc::default() }
    }

    /// Where the sync tells its events.
    pub(crate) fn progress(&self) -> Progress {
        let (line, so_far) = (self.line.clone(), self.so_far.clone());
        Progress::new(move |event| {
            let mut so_far = so_far.lock().unwrap_or_else(PoisonError::into_inner);
            so_far.add(&event);
            line.set_message(so_far.line());
        })
    }

    /// What a sync that a signal ended has done.
    pub(crate) fn ended(&self, ended: Ended) -> String {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner).ended(ended)
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.line.finish_and_clear();
    }
}
