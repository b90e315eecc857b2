//! Exit codes. Scripts rely on them.

/// All well.
pub(crate) const OK: u8 = 0;
/// The command failed. Wrong usage is 2, which clap sees to.
pub(crate) const FAILED: u8 = 1;
/// The sync finished, but the picture is incomplete; or `status --fail-on unknown` found that it is.
pub(crate) const INCOMPLETE: u8 = 3;
/// `status --fail-on` found servers that are not ready, or at risk.
pub(crate) const NOT_READY: u8 = 4;
/// Ended by SIGINT. As shells have it: 128 and the signal's number.
pub(crate) const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM.
pub(crate) const TERMINATED: u8 = 143;
