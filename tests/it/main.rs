//! The parts together, against real files and a local server: one binary, one module for each promise.

mod store_contract;
