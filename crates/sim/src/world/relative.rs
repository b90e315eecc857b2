//! Times that are told from now: `"@-5m"`, `"@-31d"`, `"@-2h14m"`, `"@+30m"`.
//!
//! A text of a world file that is `@`, a sign, and numbers with `d`, `h`, `m` or `s` is that time when
//! the file is read, as DRS writes times. So a fleet looks alive whenever it is shown. Other texts that
//! begin with `@` are left as they are; one with a sign that is no time is an error.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Path and reason.
type Wrong = (String, String);

/// Puts times in place of what is told from `now`, everywhere in `value`.
pub(super) fn resolve(value: &mut Value, path: &str, now: Timestamp) -> Result<(), Wrong> {
    match value {
        Value::String(text) => match time_of(text, now) {
            Some(Ok(time)) => *text = time,
            Some(Err(reason)) => return Err((path.to_owned(), reason)),
            None => {}
        },
        Value::Array(members) => {
            for (position, member) in members.iter_mut().enumerate() {
                resolve(member, &format!("{path}[{position}]"), now)?;
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                resolve(member, &format!("{path}{dot}{key}"), now)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// None where the text is not told from now.
fn time_of(text: &str, now: Timestamp) -> Option<Result<String, String>> {
    let (is_past, length) = match text.strip_prefix('@')?.split_at_checked(1)? {
        ("-", length) => (true, length),
        ("+", length) => (false, length),
        _ => return None,
    };
    let wrong = || format!("{text:?} is no time; expected as in @-31d, @-2h14m or @+30m");
    let time = seconds_of(length).and_then(|seconds| {
        let seconds = if is_past { -seconds } else { seconds };
        now.checked_add(SignedDuration::from_secs(seconds)).ok()
    });
    let time = time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string());
    Some(time.ok_or_else(wrong))
}

fn seconds_of(mut length: &str) -> Option<i64> {
    let mut seconds: i64 = 0;
    while !length.is_empty() {
        let (number, rest) = length.split_at(length.find(|c: char| !c.is_ascii_digit())?);
        let mut rest = rest.chars();
        let unit = match rest.next()? {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds = number.parse::<i64>().ok()?.checked_mul(unit)?.checked_add(seconds)?;
        length = rest.as_str();
    }
    (seconds > 0).then_some(seconds)
}
