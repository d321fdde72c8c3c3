//! For those who watch over the service: whether the process lives (`/healthz`), whether it does its work (`/readyz`),
//! and figures for Prometheus (`/metrics`; docs/metrics.md names them all). What happens in the process is counted by
//! its `Meter`; what the store knows is read when it is asked for.

mod process;
mod stock;

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::metrics::Meter;
use crate::store::{Store, StoreError};

/// How long the store may take to answer before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(5);
/// The text format of `OpenMetrics`, which Prometheus reads as its own.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What the answers are made from.
#[derive(Clone, Debug)]
pub struct Operations {
    /// The record.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// What was counted.
    pub meter: Meter,
}

/// The paths with what answers them.
pub fn routes(operations: Operations) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(operations)
}

async fn healthz() -> Response {
    plain(StatusCode::OK, "alive\n")
}

async fn readyz(State(operations): State<Operations>) -> Response {
    let mut troubles = Vec::new();
    match timeout(PATIENCE, operations.store.answer_as_writer()).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) => troubles.push("the store refuses\n"),
        Err(_) => troubles.push("the store does not answer\n"),
    }
    if !operations.meter.is_turning() {
        troubles.push("the schedule does not run\n");
    }
    if troubles.is_empty() {
        plain(StatusCode::OK, "ready\n")
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, &troubles.concat())
    }
}

async fn metrics(State(operations): State<Operations>) -> Response {
    match timeout(PATIENCE, operations.exposition()).await {
        Ok(Ok(text)) => answer(StatusCode::OK, OPENMETRICS, &text),
        Ok(Err(error)) => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "figures cannot be read");
            plain(StatusCode::SERVICE_UNAVAILABLE, "the store refuses\n")
        }
        Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n"),
    }
}

impl Operations {
    async fn exposition(&self) -> Result<String, StoreError> {
        let stock = stock::read(&self.store, &self.meter).await?;
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.meter.encode(&mut text);
        let _ = stock.encode(&mut text, self.clock.now());
        let _ = process::encode(&mut text);
        let _ = prometheus_client::encoding::text::encode_eof(&mut text);
        Ok(text)
    }
}

fn plain(status: StatusCode, text: &str) -> Response {
    answer(status, "text/plain; charset=utf-8", text)
}

fn answer(status: StatusCode, content_type: &'static str, text: &str) -> Response {
    let headers: [(HeaderName, &str); 2] = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-store")];
    (status, headers, text.to_owned()).into_response()
}
