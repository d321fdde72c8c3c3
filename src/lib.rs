//! pressdiff watches the news pages of organisations, keeps every version of every release, and reports what
//! really changed for a reader.
//!
//! In reading order: [`domain`] holds the pure decisions; [`config`] and [`clock`] are the settings and the time;
//! [`fetch`] reads the network; [`store`] keeps the record; [`track`] is one check of one source from start to finish;
//! [`warc`] reads and writes archives; [`feed`] makes feeds of events; [`notify`] delivers alerts; [`schedule`] is the
//! daemon; [`metrics`] counts what it does; [`web`] serves the review pages and answers monitoring; [`cli`] wires
//! everything.

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod feed;
pub mod fetch;
pub mod metrics;
pub mod notify;
pub mod schedule;
pub mod store;
pub mod track;
pub mod warc;
pub mod web;
