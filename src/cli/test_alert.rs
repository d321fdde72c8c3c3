//! `pressdiff test-alert`: a sample through one channel, now, past the outbox.

use anyhow::Result;
use clap::Args;

use super::failure::{Status, UsageError};
use super::session::Session;
use crate::config::Config;
use crate::domain::causes::untold_causes;
use crate::domain::discreet::discreet;
use crate::notify::{NotifyError, notifiers, samples};

/// Send a sample through one alert channel.
///
/// Sends a clearly marked sample to everybody whom an alert tells, and prints what went wrong if it is not taken.
#[derive(Debug, Args)]
pub(super) struct TestAlert {
    /// Name of the alert
    #[arg(value_name = "NAME")]
    name: String,
}

impl TestAlert {
    pub(super) async fn run(self, session: &Session) -> Result<Status> {
        let mut config = session.config()?;
        if !config.alerts.iter().any(|alert| alert.name == self.name) {
            return Err(unknown(&config, &self.name).into());
        }
        // Whatever is wrong with another alert is not asked here.
        config.alerts.retain(|alert| alert.name == self.name);
        let notifiers = notifiers(&config)?;
        let mut status = Status::Done;
        for alert in &config.alerts {
            let Some(notifier) = notifiers.find(&alert.name) else { continue };
            for sample in samples(alert, session.clock.now()) {
                let recipient = discreet(&sample.addressee.recipient);
                match notifier.send(&sample).await {
                    Ok(()) => session.output.note(&format!("{}: sample sent to {recipient}", self.name)),
                    Err(error) => {
                        session.output.complain(&format!(
                            "{}: the sample for {recipient} was not taken{}",
                            self.name,
                            explained(&error)
                        ));
                        status = Status::Incomplete;
                    }
                }
            }
        }
        Ok(status)
    }
}

/// The error and its causes, a line each, as far as each says something new.
fn explained(error: &NotifyError) -> String {
    let mut lines = vec![error.to_string()];
    lines.extend(untold_causes(error).into_iter().map(|words| format!("because: {words}")));
    lines.push(if error.is_transient() {
        "this may be temporary: a real alert would be tried again".to_owned()
    } else {
        "it will not pass by itself".to_owned()
    });
    format!("\n  {}", lines.join("\n  "))
}

fn unknown(config: &Config, name: &str) -> UsageError {
    let known: Vec<&str> = config.alerts.iter().map(|alert| alert.name.as_str()).collect();
    let path = config.path.display();
    match known.as_slice() {
        [] => UsageError(format!("{path} has no [[alert]]")),
        known => UsageError(format!("no alert `{name}` in {path}; it has {}", known.join(", "))),
    }
}
