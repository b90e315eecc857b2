//! Both implementations on every world.
#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that is not as it expects")]

mod generated;
mod speed;
mod worlds;
