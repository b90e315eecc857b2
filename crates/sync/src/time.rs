//! Times as the tables hold them.

use aws_smithy_async::time::SharedTimeSource;
use jiff::{SignedDuration, Timestamp};

/// What the clock says.
pub fn now(clock: &SharedTimeSource) -> Timestamp {
    Timestamp::try_from(clock.now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// As every row carries a time: ISO 8601 with microseconds and `+00:00`. Of two such texts the later
/// time is the greater text.
pub fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// How long ago a time of a table was; none where it is no time.
pub fn age(time: Option<&str>, now: Timestamp) -> Option<SignedDuration> {
    let time: Timestamp = time?.parse().ok()?;
    Some(now.duration_since(time))
}
