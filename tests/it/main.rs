//! Whole-program tests against real sockets on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fetch;
mod support;
