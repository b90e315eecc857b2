//! How far a sync is, on a terminal; nothing into a pipe.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use inventory::sync::progress::{Event, Progress};

/// One line: accounts and regions done, servers found.
pub(crate) struct ProgressBars {
    line: ProgressBar,
}

impl ProgressBars {
    /// Hidden where stderr is no terminal.
    pub(crate) fn on_stderr() -> Self {
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            line.set_style(style);
        }
        line.enable_steady_tick(Duration::from_millis(120));
        Self { line }
    }

    /// Where the sync tells its events.
    pub(crate) fn progress(&self) -> Progress {
        let line = self.line.clone();
        let counts = std::sync::Mutex::new(Counts::default());
        Progress::new(move |event| {
            let mut counts = counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            counts.add(&event);
            line.set_message(counts.to_string());
        })
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        self.line.finish_and_clear();
    }
}

#[derive(Default)]
struct Counts {
    accounts: usize,
    accounts_done: usize,
    regions: usize,
    regions_done: usize,
    servers: usize,
}

impl Counts {
    fn add(&mut self, event: &Event) {
        match event {
            Event::AccountsCollected { accounts } => self.accounts = *accounts,
            Event::AccountEntered { regions, .. } => self.regions += regions,
            Event::RegionAnswered { servers, .. } => {
                self.regions_done += 1;
                self.servers += servers;
            }
            Event::AccountDone { .. } => self.accounts_done += 1,
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { accounts, accounts_done, regions, regions_done, servers } = self;
        write!(
            f,
            "accounts {accounts_done}/{accounts}, regions {regions_done}/{regions}, {servers} servers"
        )
    }
}
