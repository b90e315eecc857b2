//! How far back, as people say it.

use jiff::{SignedDuration, Timestamp};

/// The time that `text` means: so long before `now` (`90m`, `2h`, `3d`, `2w`), a day (`2026-11-25`,
/// from its start, UTC), or a time in ISO 8601. None where it is none of these.
pub fn time_of(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(ago) = ago(text) {
        return now.checked_sub(ago).ok();
    }
    moment(text)
}

/// A day (`2026-11-25`, its start, UTC), or a time in ISO 8601. None where it is neither.
pub fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

fn ago(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().next_back()?;
    let minutes: i64 = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return None,
    };
    let number: u32 = text[..text.len() - 1].parse().ok()?;
    i64::from(number).checked_mul(minutes).map(SignedDuration::from_mins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_several_ways() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (text, time) in [
            ("90m", "2026-11-25T10:30:00Z"),
            ("2h", "2026-11-25T10:00:00Z"),
            ("3d", "2026-11-22T12:00:00Z"),
            ("1w", "2026-11-18T12:00:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T01:02:03+01:00", "2026-11-20T00:02:03Z"),
        ] {
            assert_eq!(time_of(text, now), Some(time.parse().unwrap()), "{text}");
        }
        for text in ["", "d", "-2h", "2 hours", "yesterday", "2026-13-01", "99999999999999d", "é"]
        {
            assert_eq!(time_of(text, now), None, "{text}");
        }
    }
}
