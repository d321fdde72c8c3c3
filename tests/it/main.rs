//! Tests of the whole program, in one binary: what a user sees, with real parts on loopback.

#![expect(clippy::unwrap_used, reason = "a test whose helper cannot go on has failed")]

mod architecture;
mod archive;
mod backup;
mod check;
mod cli;
mod delivery;
mod delivery_kill;
mod demo_site;
mod diff_schema;
mod documents;
mod email;
mod explain;
mod faults;
mod feed;
mod fetch;
mod histories;
mod init;
mod keep;
mod kill;
mod large;
mod letters;
mod manual;
mod meaning;
mod newsrooms;
mod notify;
mod operations;
mod politeness;
mod recheck;
mod render;
mod run;
mod service;
mod store_contract;
mod support;
mod templates;
mod token;
mod unchanged;
mod web;
mod webhook;
