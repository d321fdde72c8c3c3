//! What the log hears of checks.

use chrono::{DateTime, Utc};

use super::is_unreachable;
use crate::domain::model::Source;
use crate::track::CheckReport;

/// What a check came to.
pub(super) fn log_report(source: &Source, report: &CheckReport) {
    // Those of listings were told when they were met.
    for problem in report.problems.iter().filter(|problem| problem.listing.is_none()) {
        tracing::warn!(source = %source.id, error = problem.text, "releases not read");
    }
    for recorded in &report.events {
        let event = &recorded.event;
        tracing::info!(source = %source.id, event = %recorded.id, kind = ?event.kind, url = %event.url, "event");
    }
    let (answered, asked, events) = (report.state.answered, report.state.asked, report.events.len());
    if is_unreachable(source, report) {
        tracing::warn!(source = %source.id, answered, asked, "source cannot be reached; it is tried again at its next time");
    } else {
        tracing::info!(source = %source.id, answered, asked, events, "source checked");
    }
}

/// When a source is checked next.
pub(super) fn log_next(source: &Source, due_at: Option<DateTime<Utc>>) {
    if let Some(due_at) = due_at {
        tracing::debug!(source = %source.id, due_at = %due_at.with_timezone(&source.timezone), "next check");
    } else {
        tracing::warn!(source = %source.id, "the schedule has no more times; the source is not checked again");
    }
}
