//! One file per format. Results go to stdout, everything else to stderr.

pub(crate) mod checks;
pub(crate) mod history;
pub(crate) mod listing;
mod markdown;
mod order;
pub(crate) mod past;
pub(crate) mod picture;
pub(crate) mod progress;
pub(crate) mod rows;
mod so_far;
pub(crate) mod status;
pub(crate) mod summary;

use std::io::{ErrorKind, IsTerminal, Write};

use crate::text::for_terminal;

/// Writes a result. Into a file or a pipe it goes as it is: it is data there.
///
/// A reader that has seen enough, as `head`, is no failure. It must not change the exit code
/// either: a sync that is incomplete stays so, whoever reads its summary.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    let shown = if stdout.is_terminal() { for_terminal(text) } else { text.to_owned() };
    match stdout.write_all(shown.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to stdout"))
        }
        _ => Ok(()),
    }
}

/// Clears the screen, where there is one.
pub(crate) fn clear(sequence: &str) {
    let mut stdout = std::io::stdout().lock();
    if stdout.is_terminal() {
        // Where it cannot be cleared, what follows is shown below.
        let _ = stdout.write_all(sequence.as_bytes());
    }
}

/// Tells a person something that is no result.
pub(crate) fn note(text: &str) {
    // Where stderr is closed there is no one to tell.
    let _ = writeln!(std::io::stderr(), "{}", for_terminal(text));
}
