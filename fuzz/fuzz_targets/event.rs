//! Any bytes that are JSON, as an event of both handlers: a request, or an error of the contract.
#![no_main]

use api::{Answer, DataOperation, Operation, QueryOperation};
use lambda::answer::respond;
use lambda::event::parse;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = serde_json::from_slice::<Value>(bytes) else { return };
    is_answered::<QueryOperation>(event.clone());
    is_answered::<DataOperation>(event);
});

fn is_answered<O: Operation>(event: Value) {
    let (caller, asked) = parse::<O>(event);
    assert!(respond(caller, asked.map(|_| Answer::Object(json!({})))).is_object());
}
