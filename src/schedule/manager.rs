//! What the service manager is told, by the protocol of `sd_notify(3)`: readiness, reloads, one line on how things are,
//! and signs of life. Without a manager that listens (`NOTIFY_SOCKET`) nothing happens.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sd_notify::NotifyState;

/// The service manager, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Manager {
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    status: String,
    /// What went wrong with the last reload.
    complaint: Option<String>,
    has_failed: bool,
}

impl Manager {
    /// The daemon does its work from now on; also after a reload.
    pub fn ready(&self) {
        self.notify(&[NotifyState::Ready]);
    }

    /// The configuration is read again; [`Manager::ready`] has to follow.
    pub fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => self.notify(&[NotifyState::Reloading, now]),
            Err(error) => tracing::warn!(%error, "the service manager is not told of the reload"),
        }
    }

    /// The end has begun.
    pub fn stopping(&self) {
        self.notify(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
    }

    /// The daemon is alive and can write.
    pub fn alive(&self) {
        self.notify(&[NotifyState::Watchdog]);
    }

    /// How often the manager wants to hear that; none when it does not care.
    pub fn watchdog(&self) -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    /// How things are, in one line; said only when it is another line than before.
    pub fn status(&self, status: &str) {
        self.tell(|told| status.clone_into(&mut told.status));
    }

    /// Adds to the line what went wrong with the last reload, until one succeeds.
    pub fn complain(&self, complaint: Option<String>) {
        self.tell(|told| told.complaint = complaint);
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        let line = {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let before = told.line();
            change(&mut told);
            Some(told.line()).filter(|line| *line != before)
        };
        if let Some(line) = line {
            self.notify(&[NotifyState::Status(&line)]);
        }
    }

    fn notify(&self, states: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(states) {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            // Once is enough: the socket does not come back.
            if !std::mem::replace(&mut told.has_failed, true) {
                tracing::warn!(%error, "the service manager cannot be told");
            }
        }
    }
}

impl Told {
    /// A line end would begin another message.
    fn line(&self) -> String {
        let complaint = self.complaint.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
        format!("{}{complaint}", self.status).replace(['\n', '\r'], " ")
    }
}
