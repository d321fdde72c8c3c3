//! One event in a list.

use crate::domain::model::Significance;
use crate::domain::review::ReviewedEvent;
use crate::domain::word::{spoken, word};
use crate::web::App;
use crate::web::guard::Visitor;
use crate::web::layout::Moment;
use crate::web::words::spoken_list;

/// Who, what, when and the changed words.
#[expect(clippy::struct_excessive_bools, reason = "each is one mark beside the title")]
pub(in crate::web) struct Row {
    pub(in crate::web) id: i64,
    pub(in crate::web) at: Moment,
    pub(in crate::web) kind: String,
    pub(in crate::web) kind_class: String,
    pub(in crate::web) is_major: bool,
    pub(in crate::web) source_id: String,
    pub(in crate::web) source: String,
    pub(in crate::web) title: String,
    pub(in crate::web) summary: String,
    pub(in crate::web) reasons: String,
    pub(in crate::web) is_reviewed: bool,
    pub(in crate::web) starred: bool,
    pub(in crate::web) has_note: bool,
}

impl Row {
    pub(in crate::web) fn of(app: &App, visitor: Visitor, reviewed: &ReviewedEvent) -> Self {
        let (event, review) = (&reviewed.recorded.event, &reviewed.review);
        Self {
            id: reviewed.recorded.id.0,
            at: Moment::new(event.at, visitor.zone, app.clock.now()),
            kind: spoken(&event.kind),
            kind_class: word(&event.kind),
            is_major: event.significance == Significance::Major,
            source_id: event.source.0.clone(),
            source: app.source_name(&event.source),
            title: event.title.clone(),
            summary: event.summary.clone(),
            reasons: spoken_list(&event.reasons),
            is_reviewed: review.reviewed_at.is_some(),
            starred: review.starred,
            has_note: !review.note.is_empty(),
        }
    }
}
