//! Puts versions into the search beside everything else, a few at a time with pauses, so that checks are recorded as
//! fast as without it.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::App;

/// Versions that are put in at once.
const AT_ONCE: u32 = 100;
/// Pause between them while there are more.
const BREATH: Duration = Duration::from_millis(20);
/// Pause when all are in.
const REST: Duration = Duration::from_secs(3);
/// Pause after a failure.
const RECOVERY: Duration = Duration::from_mins(1);

/// Goes on until `stop` is true or gone.
pub(super) async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let pause = match app.store.index_versions(AT_ONCE).await {
            Ok(0) => REST,
            Ok(_) => BREATH,
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "versions could not be read into the search; it is tried again");
                RECOVERY
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = sleep(pause) => {}
        }
    }
}
