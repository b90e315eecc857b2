//! Any bytes that are JSON, as an event of both handlers: a request, or an error of the contract.
#![no_main]

use lambda::answer::{Answer, respond};
use lambda::event::{Asked, parse};
use lambda::operation::{DataOperation, Operation, QueryOperation};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = serde_json::from_slice::<Value>(bytes) else { return };
    is_answered::<QueryOperation>(event.clone());
    is_answered::<DataOperation>(event);
});

fn is_answered<O: Operation>(event: Value) {
    let (caller, asked) = parse::<O>(event);
    let result = asked.map(|asked| match asked {
        Asked::Preflight => Answer::Preflight,
        Asked::For(request) => Answer::Object(Value::Object(request.parameters)),
    });
    assert!(respond(caller, result).is_object());
}
