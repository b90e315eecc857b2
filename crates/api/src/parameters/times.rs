//! Times, as somebody writes them.

use inventory::changes::{moment, time_of};
use jiff::Timestamp;

use crate::failure::{ErrorCode, Failure};

/// A time that was, as in `2h`, counted back from now, or `2026-11-25`.
///
/// # Errors
/// `INVALID_PARAMETER`, with the name of the parameter and what was given.
pub(crate) fn time(name: &str, text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let example = "as in 2h, 3d, 2026-11-25 or 2026-11-25T10:00:00Z";
    time_of(text, now).ok_or_else(|| no_time(name, text, example))
}

/// Until when something holds, as in `2027-01-31`.
///
/// # Errors
/// `INVALID_PARAMETER`, with what was given.
pub(super) fn until(text: &str) -> Result<Timestamp, Failure> {
    moment(text).ok_or_else(|| no_time("until", text, "as in 2027-01-31"))
}

fn no_time(name: &str, text: &str, example: &str) -> Failure {
    let text: String = text.chars().take(100).collect();
    let message = format!("{name}: {text:?} is no time; expected one {example}");
    Failure::new(ErrorCode::InvalidParameter, message)
}
