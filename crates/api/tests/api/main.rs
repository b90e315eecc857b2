//! The operations as programs see them: the document of all of them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]
#![allow(unreachable_pub, reason = "a test program has no callers")]

mod answers;
mod document;
mod hostile;
mod over_http;
mod schema;
mod world;
