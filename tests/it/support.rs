//! What the tests have in common.

pub(crate) mod app;
pub(crate) mod evolving;
pub(crate) mod program;
pub(crate) mod room;
pub(crate) mod server;
pub(crate) mod smtp;
pub(crate) mod watched;
