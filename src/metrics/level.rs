//! How many of something there are just now. What raised a level lowers it when it is dropped, so that nothing that is
//! cut off is counted for ever.

use prometheus_client::metrics::gauge::Gauge;

/// A number that rises and falls.
#[derive(Clone, Debug, Default)]
pub struct Level(Gauge);

/// One of those that are counted, until it is dropped.
#[derive(Debug)]
pub struct Raised(Gauge);

impl Level {
    /// One more.
    pub fn raise(&self) -> Raised {
        self.0.inc();
        Raised(self.0.clone())
    }

    /// How many there are.
    pub fn now(&self) -> i64 {
        self.0.get()
    }

    pub(super) fn gauge(&self) -> Gauge {
        self.0.clone()
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        self.0.dec();
    }
}
