//! One file a format. Results go to stdout, everything else to stderr.

pub(crate) mod progress;
pub(crate) mod rows;
pub(crate) mod summary;

use std::io::Write;

/// Writes a result.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Tells a person something that is no result.
pub(crate) fn note(text: &str) {
    // Where stderr is closed there is no one to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
}
