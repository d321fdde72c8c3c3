//! Tests of the whole program, in one binary: what a user sees, with real parts on loopback.

#![expect(clippy::unwrap_used, reason = "a test whose helper cannot go on has failed")]

mod architecture;
mod check;
mod cli;
mod demo_site;
mod diff_schema;
mod faults;
mod fetch;
mod kill;
mod meaning;
mod newsrooms;
mod notify;
mod render;
mod run;
mod store_contract;
mod support;
