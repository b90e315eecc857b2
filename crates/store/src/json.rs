//! Rows as JSON, numbers exact, keys sorted.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::Value;

use super::Item;

/// A row that serialises as a JSON object.
///
/// A number that fits 128 bits is a JSON number; any other is a string, so that none is changed.
pub struct Json<'a>(pub &'a Item);

/// One attribute, as it stands in the object.
pub struct JsonValue<'a>(pub &'a AttributeValue);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sorted: BTreeMap<_, _> = self.0.iter().map(|(name, v)| (name, JsonValue(v))).collect();
        serializer.collect_map(sorted)
    }
}

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::S(text) => serializer.serialize_str(text),
            AttributeValue::N(number) => serialize_number(number, serializer),
            AttributeValue::Bool(value) => serializer.serialize_bool(*value),
            AttributeValue::M(item) => Json(item).serialize(serializer),
            AttributeValue::L(list) => {
                let mut sequence = serializer.serialize_seq(Some(list.len()))?;
                for value in list {
                    sequence.serialize_element(&JsonValue(value))?;
                }
                sequence.end()
            }
            AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => serializer.collect_seq(texts),
            _ => serializer.serialize_none(),
        }
    }
}

impl Json<'_> {
    /// The same as a value. A number that does not fit 64 bits is a text there.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.iter().map(|(name, v)| (name.clone(), value_of(v))).collect())
    }
}

fn value_of(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::N(number) => match (number.parse::<i64>(), number.parse::<u64>()) {
            (Ok(whole), _) => whole.into(),
            (_, Ok(whole)) => whole.into(),
            _ => number.as_str().into(),
        },
        AttributeValue::M(item) => Json(item).to_value(),
        AttributeValue::L(list) => list.iter().map(value_of).collect(),
        other => serde_json::to_value(JsonValue(other)).unwrap_or(Value::Null),
    }
}

fn serialize_number<S: Serializer>(number: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match number.parse::<i128>() {
        Ok(whole) => serializer.serialize_i128(whole),
        Err(_) => serializer.serialize_str(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_are_exact() {
        let item = Item::from([
            ("b".to_owned(), AttributeValue::N("18446744073709551616".to_owned())),
            ("a".to_owned(), AttributeValue::N("9007199254740993".to_owned())),
            ("c".to_owned(), AttributeValue::N("1.5".to_owned())),
        ]);
        let text = serde_json::to_string(&Json(&item)).unwrap();
        assert_eq!(text, r#"{"a":9007199254740993,"b":18446744073709551616,"c":"1.5"}"#);
        let value = Json(&item).to_value();
        assert_eq!(value["a"], 9_007_199_254_740_993_u64);
        assert_eq!(value["b"], "18446744073709551616");
    }
}
