//! The outbox: messages until they are delivered, and which events each tells. A claim is a lease with an expiry, so
//! that a message whose deliverer died is tried again; delivery is at least once.
//!
//! `write` makes messages, `deliver` hands them out and notes what became of them, `failing` knows who cannot be
//! reached, `pass_on` tells others in their place, `heartbeat` says that all is well, `collecting` gives other times to
//! those that wait for one, `list` shows them.

mod collecting;
mod deliver;
mod failing;
mod heartbeat;
mod list;
mod pass_on;
mod write;

pub use self::collecting::Collecting;
pub use self::deliver::Claimed;
pub(super) use self::deliver::release_leases;
pub use self::failing::Failing;
pub use self::heartbeat::Heartbeat;
pub use self::list::{MessageCounts, MessageLine};
pub use self::pass_on::FallbackRule;
pub(super) use self::write::dispatch;
