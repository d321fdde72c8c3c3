//! When messages that collect events are due, if their alert has another rhythm than when the first event joined: when
//! they would be, had that rhythm been in force then.

use chrono::{DateTime, Utc};

use crate::domain::route::{Mode, Subscription, plan};
use crate::store::Collecting;

/// When a message is due by the present rhythm of its alert; what is due already stays so.
pub(super) fn due_at(alert: &Subscription, message: &Collecting, now: DateTime<Utc>) -> DateTime<Utc> {
    let planned = plan(std::slice::from_ref(alert), &[vec![0]], message.created_at);
    let planned = planned.first().map_or(message.due_at, |dispatch| dispatch.due_at);
    match alert.rhythm.mode {
        _ if message.due_at <= now || message.due_at == planned => message.due_at,
        // Whoever has just asked for quiet is not woken by what happened before.
        Mode::Immediate { quiet_hours: Some(hours), .. } => {
            hours.end_after(now, alert.rhythm.timezone).map_or(planned, |end| end.max(planned))
        }
        Mode::Immediate { .. } | Mode::Digest(_) => planned,
    }
}
