//! Whether a value fits a schema of the document, as far as the document uses JSON Schema.

use serde_json::{Map, Value};

/// What does not fit, and every name that no schema has, each with where it stands.
pub fn misfits(value: &Value, schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Check { document }.fit(value, schema, "", &mut found);
    found
}

struct Check<'a> {
    document: &'a Value,
}

impl Check<'_> {
    fn fit(&self, value: &Value, schema: &Value, at: &str, found: &mut Vec<String>) {
        let schema = self.resolve(schema);
        for (choice, is_one) in [("oneOf", true), ("anyOf", false)] {
            if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
                let fitting = choices.iter().filter(|it| self.fits(value, it)).count();
                if fitting == 0 || (is_one && fitting > 1) {
                    found.push(format!("{at}: {value} fits {fitting} of {choice}"));
                }
                return;
            }
        }
        if !is_of_type(value, &schema["type"]) && schema.get("allOf").is_none() {
            found.push(format!("{at}: {value} is not of type {}", schema["type"]));
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array)
            && !values.contains(value)
        {
            found.push(format!("{at}: {value} is none of {values:?}"));
        }
        match value {
            Value::Object(object) => self.fit_object(object, schema, at, found),
            Value::Array(list) => {
                for member in list {
                    self.fit(member, &schema["items"], &format!("{at}[]"), found);
                }
            }
            _ => {}
        }
    }

    fn fits(&self, value: &Value, schema: &Value) -> bool {
        let mut found = Vec::new();
        self.fit(value, schema, "", &mut found);
        found.is_empty()
    }

    fn fit_object(
        &self,
        object: &Map<String, Value>,
        schema: &Value,
        at: &str,
        found: &mut Vec<String>,
    ) {
        let mut properties = Map::new();
        let mut required = Vec::new();
        let mut others = None;
        self.gather(schema, &mut properties, &mut required, &mut others);
        for name in required {
            if !object.contains_key(&name) {
                found.push(format!("{at}/{name}: is missing"));
            }
        }
        // What no schema names may be anything where an object says nothing of its names at all.
        let is_free = properties.is_empty() && others.is_none();
        for (name, value) in object {
            let at = format!("{at}/{name}");
            match properties.get(name).or(others.as_ref()) {
                Some(schema) => self.fit(value, schema, &at, found),
                None if is_free => {}
                None => found.push(format!("{at}: is not in the document")),
            }
        }
    }

    fn gather(
        &self,
        schema: &Value,
        properties: &mut Map<String, Value>,
        required: &mut Vec<String>,
        others: &mut Option<Value>,
    ) {
        let schema = self.resolve(schema);
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.gather(part, properties, required, others);
        }
        properties.extend(schema["properties"].as_object().cloned().unwrap_or_default());
        let names = schema["required"].as_array().into_iter().flatten();
        required.extend(names.map(|name| name.as_str().unwrap().to_owned()));
        if let Some(schema @ Value::Object(_)) = schema.get("additionalProperties") {
            *others = Some(schema.clone());
        }
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                self.resolve(self.document.pointer(reference.strip_prefix('#').unwrap()).unwrap())
            }
            None => schema,
        }
    }
}

fn is_of_type(value: &Value, expected: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match expected {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        _ => true,
    }
}
