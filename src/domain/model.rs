//! The values that every part of the program speaks of: source, release, snapshot, document, version,
//! event, alert. Plain data; what is done with it lives in the neighbouring modules.

mod document;
mod event;
mod ids;
mod release;
mod snapshot;
mod source;

pub use self::document::{Block, BlockKind, ContentHash, Document, Image, Link, ShownDate, Version};
pub use self::event::{Addressee, AlertState, Event, EventKind, Field, Reason, RecordedEvent, Significance};
pub use self::ids::{EventId, ReleaseId, SnapshotId, SourceId};
pub use self::release::{Discovery, GoneStreak, ListingRecord, Release, ReleaseState, Standing, VersionHead};
pub use self::snapshot::{Fetched, Redirect, Snapshot, Validators};
pub use self::source::{ConfirmRemoval, Keep, NextCheck, Source, SourceState, Trouble};
