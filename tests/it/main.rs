//! The parts together, against real files and a local server: one binary, one module for each promise.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, in its helpers too")]

mod store_contract;
