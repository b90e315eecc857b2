//! Any bytes that are JSON, as an event of both handlers: a request, or an error of the contract.
#![no_main]

use lambda::answer::{Answer, respond};
use lambda::{data, event, query};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(parsed) = serde_json::from_slice::<Value>(bytes) else { return };
    for routes in [query::ROUTES, data::ROUTES] {
        let (caller, request) = event::parse(parsed.clone(), routes);
        let result = request.map(|request| Answer::Object(Value::Object(request.parameters)));
        assert!(respond(caller, result).is_object());
    }
});
