//! What the tests have in common.

pub(crate) mod program;
pub(crate) mod server;
