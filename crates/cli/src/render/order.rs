//! Rows in the order of one attribute: numbers, times, lengths of time, verdicts and texts each by their
//! nature.

use std::cmp::Ordering;

use aws_sdk_dynamodb::types::AttributeValue;
use inventory::as_of::Standing;
use inventory::words;
use jiff::Timestamp;
use model::lag::lag_seconds;
use store::Item;

use super::rows::{Said, attribute};

/// What rows are sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) attribute: String,
    /// The largest first.
    pub(crate) descends: bool,
}

/// Sorts `rows`; equal ones stay as they come, and those without a value come last, whichever way.
pub(crate) fn sort(rows: &mut Vec<Item>, order: Order, said: &dyn Said) {
    let Order { attribute: name, descends } = order;
    let keyed = rows.drain(..).map(|row| (key_of(&row, &name, said), row));
    let mut keyed: Vec<(Option<Key>, Item)> = keyed.collect();
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if descends => b.compare(a),
        (Some(a), Some(b)) => a.compare(b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    rows.extend(keyed.into_iter().map(|(_, row)| row));
}

/// A value in its order. Of different natures, in the order of the variants.
#[derive(Debug, PartialEq, PartialOrd)]
enum Key {
    /// Beyond 2^53 neighbours may count as equal.
    Number(f64),
    Seconds(u64),
    Time(Timestamp),
    /// The best first.
    Verdict(Standing),
    /// Without regard to case, then with it.
    Text(String, String),
}

impl Key {
    fn compare(&self, other: &Self) -> Ordering {
        // No number is NaN: it would be no number in DynamoDB either.
        self.partial_cmp(other).unwrap_or(Ordering::Equal)
    }

    fn of_text(text: String) -> Self {
        let digits = || text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(standing) = Standing::from_name(&text) {
            Self::Verdict(standing)
        } else if let Some(number) = text.parse().ok().filter(|_| digits()) {
            Self::Number(number)
        } else if let Some(seconds) = lag_seconds(&text).filter(|_| text.starts_with('P')) {
            Self::Seconds(seconds)
        } else if let Ok(time) = text.parse() {
            Self::Time(time)
        } else {
            Self::Text(text.to_lowercase(), text)
        }
    }
}

fn key_of(row: &Item, name: &str, said: &dyn Said) -> Option<Key> {
    let value = attribute(row, name, said);
    let text = match value.as_deref() {
        Some(AttributeValue::N(number)) => return number.parse().ok().map(Key::Number),
        Some(value) => words::value(value),
        None => said.words(row, name)?,
    };
    Some(text).filter(|text| !text.is_empty()).map(Key::of_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::rows::AsStored;

    fn sorted(values: &[Option<AttributeValue>], descends: bool) -> Vec<String> {
        let row = |value: &Option<AttributeValue>| {
            value.clone().map(|value| ("it".to_owned(), value)).into_iter().collect::<Item>()
        };
        let mut rows: Vec<Item> = values.iter().map(row).collect();
        sort(&mut rows, Order { attribute: "it".to_owned(), descends }, &AsStored);
        rows.iter().map(|row| words::cell(row, "it")).collect()
    }

    fn texts(values: &[&str], descends: bool) -> Vec<String> {
        let text = |text: &&str| Some(AttributeValue::S((*text).to_owned()));
        sorted(&values.iter().map(text).collect::<Vec<_>>(), descends)
    }

    #[test]
    fn each_value_is_sorted_by_its_nature() {
        assert_eq!(texts(&["PT2H", "PT30S", "PT15M"], false), ["PT30S", "PT15M", "PT2H"]);
        assert_eq!(texts(&["b", "A", "a", "C"], false), ["A", "a", "b", "C"]);
        assert_eq!(texts(&["10", "9", "100"], true), ["100", "10", "9"]);
        let times = ["2026-11-25T10:00:00+01:00", "2026-11-25T09:30:00Z"];
        assert_eq!(texts(&times, false), times);
        let verdicts = ["READY", "NOT_READY", "UNKNOWN", "AT_RISK"];
        assert_eq!(texts(&verdicts, true), ["NOT_READY", "UNKNOWN", "AT_RISK", "READY"]);
        let number = |number: &str| Some(AttributeValue::N(number.to_owned()));
        let numbers = [number("1099511627776"), number("5"), number("-1")];
        assert_eq!(sorted(&numbers, false), ["-1", "5", "1099511627776"]);
    }

    #[test]
    fn what_has_no_value_comes_last_either_way() {
        assert_eq!(texts(&["", "b", "a"], false), ["a", "b", ""]);
        assert_eq!(texts(&["", "b", "a"], true), ["b", "a", ""]);
    }
}
