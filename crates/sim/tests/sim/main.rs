//! The simulator, as any AWS client sees it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod common;
mod drills;
mod edges;
mod organizations;
mod wire;
mod world;
