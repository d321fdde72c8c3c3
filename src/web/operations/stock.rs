//! What the store knows, as metrics: the outbox, the releases, how the sources are, and the size of it all.

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::metrics::Meter;
use crate::store::{OutboxFigures, SourceLine, Store, StoreError};

type Labelled = Family<Vec<(&'static str, String)>, Gauge>;

/// The store at one moment.
pub(super) struct Stock {
    outbox: OutboxFigures,
    bytes: u64,
    /// Those of the configuration.
    sources: Vec<SourceLine>,
}

pub(super) async fn read(store: &Store, meter: &Meter) -> Result<Stock, StoreError> {
    let (outbox, bytes, mut sources) = tokio::try_join!(store.outbox_figures(), store.size(), store.list_sources())?;
    sources.retain(|source| meter.is_watched(&source.id));
    Ok(Stock { outbox, bytes, sources })
}

impl Stock {
    pub(super) fn encode(&self, text: &mut String, now: DateTime<Utc>) -> std::fmt::Result {
        let mut registry = Registry::with_prefix("pressdiff");
        self.register_outbox(&mut registry, now);
        self.register_sources(&mut registry);
        register(&mut registry, "store_bytes", "Size of the store, its free pages included", self.bytes);
        encode_registry(text, &registry)
    }

    fn register_outbox(&self, registry: &mut Registry, now: DateTime<Utc>) {
        let OutboxFigures { pending, failed, oldest_at } = self.outbox;
        let age = oldest_at.map_or(0, |at| (now - at).num_seconds().max(0).unsigned_abs());
        register(registry, "alerts_pending", "Alerts that wait to be delivered", pending);
        register(registry, "alerts_failed", "Alerts that were given up", failed);
        register(registry, "alerts_oldest_pending_age_seconds", "Age of the oldest waiting alert, 0 without one", age);
    }

    fn register_sources(&self, registry: &mut Registry) {
        let (releases, degraded, checked_at) = (Labelled::default(), Labelled::default(), Labelled::default());
        registry.register("releases", "Releases of the configured sources, by state", releases.clone());
        let help = "1 while something is wrong with the source as a whole or one of its listings";
        registry.register("source_degraded", help, degraded.clone());
        let help = "When the last check of the source ended, in seconds since 1970; 0 for never";
        registry.register("source_last_check_timestamp_seconds", help, checked_at.clone());
        for state in ["found", "present", "suspect", "removed"] {
            drop(releases.get_or_create(&vec![("state", state.to_owned())]));
        }
        let mut degraded_sources = 0;
        for source in &self.sources {
            let counts = &source.releases;
            let states = [
                ("found", counts.found),
                ("present", counts.present),
                ("suspect", counts.suspect),
                ("removed", counts.removed),
            ];
            for (state, count) in states {
                releases.get_or_create(&vec![("state", state.to_owned())]).inc_by(i64::from(count));
            }
            let labels = vec![("source", source.id.0.clone())];
            degraded.get_or_create(&labels).set(i64::from(is_degraded(source)));
            degraded_sources += u64::from(is_degraded(source));
            let ended = source.state.checked_at.map_or(0, |at| at.timestamp());
            checked_at.get_or_create(&labels).set(ended);
        }
        register(registry, "sources_degraded", "Sources with which something is wrong", degraded_sources);
    }
}

fn is_degraded(source: &SourceLine) -> bool {
    !source.state.troubles.is_empty() || source.listings.iter().any(|listing| listing.problem.is_some())
}

fn register(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
    registry.register(name, help, gauge);
}
