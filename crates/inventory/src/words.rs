//! Times, lengths of time, shares and values as people say them.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use store::Item;
use store::json::JsonValue;
use sync::time::age;

/// As in `42 s`, `3 m`, `2 h 14 m`, `23 d`. Of a negative one its length.
pub fn length(of: SignedDuration) -> String {
    let seconds = of.unsigned_abs().as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} m"),
        (0, _, _) if minutes % 60 == 0 => format!("{hours} h"),
        (0, _, _) => format!("{hours} h {} m", minutes % 60),
        (1, _, _) => format!("1 d {} h", hours % 24),
        _ => format!("{days} d"),
    }
}

/// How long ago a time was, as in `3 m`; `never` where there is none.
pub fn ago(time: Option<&str>, now: Timestamp) -> String {
    age(time.filter(|time| !time.is_empty()), now).map_or_else(|| "never".to_owned(), length)
}

/// A time as it is read, as in `2026-11-28 02:09 UTC`. What is no time stays as it is.
pub fn moment(time: &str) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => time.to_owned(),
    }
}

/// An ISO 8601 length, as in `PT1H5M`; empty where it is none.
pub fn lag(text: &str) -> String {
    let seconds = model::lag::lag_seconds(text).and_then(|seconds| i64::try_from(seconds).ok());
    seconds.map(|seconds| length(SignedDuration::from_secs(seconds))).unwrap_or_default()
}

/// A cell that a spreadsheet would run as a formula is marked as text.
pub fn csv_cell(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    }
}

/// Marks that turn the direction of writing: with them one host name reads as another. Source: Unicode
/// Standard Annex 9, table 4.
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}')
}

/// The attribute of a row: text as it is, anything else as JSON; empty where there is none.
pub fn cell(row: &Item, name: &str) -> String {
    row.get(name).map(value).unwrap_or_default()
}

/// An attribute: text as it is, anything else as JSON; empty where it is null.
pub fn value(attribute: &AttributeValue) -> String {
    match attribute {
        AttributeValue::Null(_) => String::new(),
        AttributeValue::S(text) => text.clone(),
        AttributeValue::N(number) => number.clone(),
        // By way of a `serde_json::Value`, a number above 64 bits would be lost.
        other => serde_json::to_string(&JsonValue(other)).unwrap_or_default(),
    }
}

/// A number with its noun, as in `1 server` and `12 servers`.
pub fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// With a comma between thousands, as in `90,000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Per cent with one decimal, cut and not rounded: 99.96 % is not all.
pub fn percent(part: u64, whole: u64) -> String {
    let tenths = (u128::from(part) * 1000).checked_div(u128::from(whole)).unwrap_or(1000);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_as_people_say_them() {
        let of = |seconds| length(SignedDuration::from_secs(seconds));
        assert_eq!(of(0), "0 s");
        assert_eq!(of(59), "59 s");
        assert_eq!(of(180), "3 m");
        assert_eq!(of(3600), "1 h");
        assert_eq!(of(8040), "2 h 14 m");
        assert_eq!(of(86_400 + 7200), "1 d 2 h");
        assert_eq!(of(23 * 86_400), "23 d");
        assert_eq!(lag("PT2H14M"), "2 h 14 m");
        assert_eq!(lag("soon"), "");
        assert_eq!(moment("2026-11-28T02:09:05.081932+00:00"), "2026-11-28 02:09 UTC");
        assert_eq!(moment("some day"), "some day");
    }

    #[test]
    fn numbers_are_grouped_and_shares_are_cut() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1234), "1,234");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(count(1, "server"), "1 server");
        assert_eq!(percent(198, 204), "97.0 %");
        assert_eq!(percent(9999, 10_000), "99.9 %");
        assert_eq!(percent(0, 0), "100.0 %");
    }
}
