//! Runs parsers on threads of their own, few at once, and keeps what happens to them apart: a page that makes one
//! panic is a page that cannot be read, and harms no other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{PARSERS, TrackError, Tracker};

/// Pages of so many bytes are parsed alone: a tree is up to 85 times as large.
const LARGE: usize = 1 << 20;

/// A parser that panicked on what it read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("makes the parser panic ({0}): a fault of pressdiff, which keeps the page for those who will mend it")]
pub struct ParserPanic(String);

impl From<ParserPanic> for String {
    fn from(panic: ParserPanic) -> Self {
        panic.to_string()
    }
}

/// The threads of parsers. Trees are 40 to 85 times as large as their pages: few at once.
#[derive(Clone)]
pub(super) struct Parsers(Arc<Semaphore>);

impl Parsers {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(PARSERS)))
    }

    /// Runs a parser on so many bytes.
    pub(super) async fn run<T, E>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, TrackError>
    where
        T: Send + 'static,
        E: From<ParserPanic> + Send + 'static,
    {
        let weight = if bytes > LARGE { PARSERS } else { 1 };
        let _permits = self.0.acquire_many(u32::try_from(weight).unwrap_or(1)).await;
        Ok(tokio::task::spawn_blocking(|| guarded(work)).await?)
    }
}

impl Tracker {
    /// Runs a parser on so many bytes.
    pub(super) async fn parse<T, E>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, TrackError>
    where
        T: Send + 'static,
        E: From<ParserPanic> + Send + 'static,
    {
        self.parsers.run(bytes, work).await
    }
}

/// The outcome of a parser, whatever becomes of it.
pub(super) fn guarded<T, E: From<ParserPanic>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // Nothing that the parser had in hand is used any more.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(ParserPanic(words(payload.as_ref())).into()))
}

/// The words that a panic carries.
fn words(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_outcome_with_its_words() {
        let broken = guarded::<(), String>(|| panic!("index {} out of range", 7));
        assert!(broken.unwrap_err().starts_with("makes the parser panic (index 7 out of range)"));
        assert_eq!(guarded::<_, String>(|| Ok(7)), Ok(7));
        assert_eq!(guarded::<(), _>(|| Err("no feed".to_owned())), Err("no feed".to_owned()));
    }
}
