//! Watches over the daemon: as long as the loop comes round and the store takes writes, the service manager hears that
//! all is well, and reads in one line how the work stands. When one of them hangs it hears nothing, and acts.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use super::Manager;
use super::work::Status;
use crate::domain::counted::counted;
use crate::metrics::Meter;
use crate::store::{Store, StoreError};

/// How often is looked when nobody wants to hear of it more often.
const INTERVAL: Duration = Duration::from_secs(5);

/// Goes on until the store fails for good, and returns why. One that is busy or full is only told of.
pub(super) async fn watch_over(
    store: &Store,
    meter: &Meter,
    manager: &Manager,
    mut status: watch::Receiver<Status>,
) -> StoreError {
    let pause = manager.watchdog().map_or(INTERVAL, |limit| (limit / 3).min(INTERVAL));
    let mut beat = interval(pause.max(Duration::from_millis(10)));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting = 0;
    loop {
        tokio::select! {
            _ = beat.tick() => {
                match store.answer_as_writer().await {
                    Ok(_) if !meter.is_turning() => tracing::error!("the schedule does not come round any more"),
                    Ok(alerts) => {
                        waiting = alerts;
                        manager.alive();
                    }
                    Err(error) if !error.is_transient() => return error,
                    Err(error) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(error, "the store takes no writes");
                    }
                }
            }
            Ok(()) = status.changed() => {}
        }
        let line = status_line(&status.borrow_and_update(), waiting);
        manager.status(&line);
    }
}

fn status_line(status: &Status, waiting: u64) -> String {
    let sources = counted(status.sources, "source", "sources");
    let checks = match status.under_way {
        0 => String::new(),
        number => format!("; checking {number} now"),
    };
    let next = status.next.as_ref().map(|(source, at)| format!("; next check: {source} at {at}")).unwrap_or_default();
    let alerts = match waiting {
        0 => "no alerts wait".to_owned(),
        number => counted(number, "alert waits", "alerts wait"),
    };
    format!("watching {sources}{checks}{next}; {alerts}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::SourceId;

    #[test]
    fn one_line_tells_how_the_work_stands() {
        let next = Some((SourceId("harbour".into()), "2026-11-22 10:15:00 CET".into()));
        let busy = Status { sources: 3, under_way: 2, next };
        assert_eq!(
            status_line(&busy, 1),
            "watching 3 sources; checking 2 now; next check: harbour at 2026-11-22 10:15:00 CET; 1 alert waits"
        );
        assert_eq!(status_line(&Status { sources: 1, ..Status::default() }, 0), "watching 1 source; no alerts wait");
    }
}
