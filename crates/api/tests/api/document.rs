//! The document is the committed one, and has every operation with every parameter.

use std::collections::BTreeSet;

use api::operation::{Entry, Operation};
use api::{DataOperation, QueryOperation, openapi};
use serde_json::{Map, Value, json};

/// What writes the document anew.
const WRITE: &str = "`just openapi`, or UPDATE_OPENAPI=1 cargo test --test api";

fn document() -> Value {
    serde_json::to_value(openapi::document()).unwrap()
}

#[test]
fn the_document_is_the_committed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let current = openapi::document().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == current, "docs/openapi.json is not current; write it anew with {WRITE}");
}

/// `METHOD PATH` and the operation's id, of each route of a table.
fn routes<O: Operation>() -> Vec<(String, String)> {
    let routes = |entry: &'static Entry<O>| {
        entry.routes.iter().enumerate().map(move |(place, route)| {
            let suffix = if place == 0 { "" } else { "_one" };
            (format!("{} {}", route.method, route.path), format!("{}{suffix}", entry.name))
        })
    };
    O::TABLE.iter().flat_map(routes).collect()
}

#[test]
fn every_route_is_in_the_document_once_and_nothing_else_is() {
    let document = document();
    let mut documented = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let (method, id) = match method.as_str() {
                "x-data-management-handler" => ("get", &operation["operation"]),
                method => (method, &operation["operationId"]),
            };
            let route = format!("{} {path}", method.to_uppercase());
            documented.push((route, id.as_str().unwrap().to_owned()));
        }
    }
    let mut expected = routes::<QueryOperation>();
    expected.extend(routes::<DataOperation>());
    expected.push(("GET /openapi.json".to_owned(), "get_openapi".to_owned()));
    documented.sort();
    expected.sort();
    assert_eq!(documented, expected);
    let ids: BTreeSet<&String> = documented.iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), documented.len());
}

/// Reads are of both tables; the names that stand on both sides are those of lists and single rows.
#[test]
fn routes_that_both_tables_have_are_reads() {
    for entry in DataOperation::TABLE {
        for route in entry.routes {
            let is_of_both = QueryOperation::at(route.method, route.path).is_ok();
            assert!(!is_of_both || route.method == "GET", "{}", entry.name);
        }
    }
}

/// The names after `expected` in the error of a parameter that is none.
fn names_taken<O>(entry: &Entry<O>) -> BTreeSet<String> {
    let mut given = Map::from_iter([("noSuchParameter".to_owned(), json!(1))]);
    for route in entry.routes {
        // Those of a path are given in any case; others may be taken out before the rest is read.
        for part in route.path.split('/').filter(|part| part.starts_with('{')) {
            given.insert(part.trim_matches(['{', '}']).to_owned(), json!("1"));
        }
    }
    let failure = entry.read(given).err().unwrap();
    let expected = failure.message.split_once("expected").map_or("", |(_, names)| names).to_owned();
    let quoted = expected.split('`').skip(1).step_by(2).map(str::to_owned);
    let in_path = match entry.name {
        "update_protection_group" => Some("groupId"),
        "update_recovery_plan" => Some("planId"),
        _ => None,
    };
    quoted.chain(in_path.map(str::to_owned)).collect()
}

fn check_names<O: Operation>() {
    for entry in O::TABLE {
        let schema = serde_json::to_value((entry.parameters.schema)()).unwrap();
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let described: BTreeSet<String> = properties.keys().cloned().collect();
        assert_eq!(described, names_taken(entry), "{}", entry.name);
    }
}

#[test]
fn every_parameter_is_described_and_nothing_else_is() {
    check_names::<QueryOperation>();
    check_names::<DataOperation>();
}

fn check_required<O: Operation>() {
    for entry in O::TABLE {
        let schema = serde_json::to_value((entry.parameters.schema)()).unwrap();
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let missing = match entry.read(Map::new()) {
            Err(failure) if failure.code.name() == "MISSING_PARAMETER" => failure.message,
            Err(_) | Ok(_) => String::new(),
        };
        assert_eq!(missing.is_empty(), required.is_empty(), "{}: {missing}", entry.name);
        let named = |name: &Value| missing.contains(&format!("`{}`", name.as_str().unwrap()));
        assert!(missing.is_empty() || required.iter().any(named), "{}: {missing}", entry.name);
    }
}

#[test]
fn what_is_required_is_what_is_missed() {
    check_required::<QueryOperation>();
    check_required::<DataOperation>();
}

#[test]
fn every_name_that_the_document_refers_to_is_in_it() {
    fn check(value: &Value, document: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(reference)) = object.get("$ref") {
                    let place = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(place).is_some(), "{reference}");
                }
                object.values().for_each(|value| check(value, document));
            }
            Value::Array(list) => list.iter().for_each(|value| check(value, document)),
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
}

/// A name that two types have would show the one in the place of the other.
#[test]
fn each_name_is_of_one_schema() {
    let mut known = std::collections::BTreeMap::new();
    let mut check = |name: String, schema: Value| {
        let other = known.entry(name.clone()).or_insert_with(|| schema.clone());
        assert_eq!(*other, schema, "{name} is the name of two schemas");
    };
    for described in described::<QueryOperation>().into_iter().chain(described::<DataOperation>()) {
        let mut named = Vec::new();
        (described.add_named)(&mut named);
        named.push(((described.name)(), (described.schema)()));
        // Parameters of reads are no schema of the document; two of them are in a box.
        for (name, schema) in named.into_iter().filter(|(name, _)| name != "Box") {
            check(name, serde_json::to_value(schema).unwrap());
        }
    }
}

fn described<O: Operation>() -> Vec<api::documented::Described> {
    O::TABLE.iter().flat_map(|entry| [entry.parameters, entry.answer.1]).collect()
}
