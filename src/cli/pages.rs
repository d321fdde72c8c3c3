//! Serves the review pages beside the daemon.

use axum::Router;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::WebConfig;
use crate::web::{Parts, Web, WebError};

/// The pages while they are served, or nothing.
pub(super) struct Pages {
    stop: watch::Sender<bool>,
    serving: Option<JoinHandle<()>>,
}

impl Pages {
    /// Serves the pages, and the routes `beside` them, unless the configuration has none. An address that nobody chose
    /// and that is taken, by the pages of another daemon perhaps, is a warning only.
    pub(super) async fn open(config: &WebConfig, parts: Parts, beside: Router) -> Result<Self, WebError> {
        let (stop, stopped) = watch::channel(false);
        if !config.enabled {
            return Ok(Self { stop, serving: None });
        }
        let web = match Web::bind(config, parts, beside).await {
            Ok(web) => web,
            Err(WebError::Bind { address, source }) if !config.is_chosen => {
                let error: &dyn std::error::Error = &source;
                tracing::warn!(%address, error, "review pages are not served; [web] listen chooses another address");
                return Ok(Self { stop, serving: None });
            }
            Err(error) => return Err(error),
        };
        tracing::info!(address = %format!("http://{}/", web.address()), "review pages are served");
        Ok(Self { stop, serving: Some(tokio::spawn(web.serve(stopped))) })
    }

    /// Takes no more requests.
    pub(super) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ends after the answers under way.
    pub(super) async fn close(self) {
        self.stop();
        if let Some(serving) = self.serving {
            // A panic in it has been told by then, and everything else goes on to its end.
            let _ = serving.await;
        }
    }
}
