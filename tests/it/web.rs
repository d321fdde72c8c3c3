//! The review pages as a browser meets them: a real server on loopback and a real client.

mod api;
mod feeds;
mod guard;
mod reading;
mod site;
