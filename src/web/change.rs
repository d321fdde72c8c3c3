//! Two versions of a release, compared; and the text of one. The comparison and its rendering are the domain's.

use chrono::{DateTime, Utc};

use super::App;
use super::answer::Fault;
use super::guard::Visitor;
use super::layout::Moment;
use crate::domain::diff::{Change, diff};
use crate::domain::model::{BlockKind, Document, Version};
use crate::domain::normalize::clean_text;
use crate::domain::render::{Fragment, Heading, fragment};

/// A change as parts of a page. The parts are HTML that the domain has escaped.
pub(super) struct Shown {
    pub(super) fragment: Fragment,
    pub(super) old: u32,
    pub(super) new: u32,
    pub(super) old_at: Moment,
    pub(super) new_at: Moment,
    pub(super) is_empty: bool,
}

/// Compares two versions for a page.
pub(super) async fn show(app: &App, visitor: Visitor, old: Version, new: Version) -> Result<Shown, Fault> {
    let now = app.clock.now();
    let (old_number, new_number) = (old.number, new.number);
    let (old_at, new_at) = (old.recorded_at, new.recorded_at);
    let zone = visitor.zone;
    let label = |number: u32, at: DateTime<Utc>| {
        format!("version {number}, {}", at.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z"))
    };
    let (old_label, new_label) = (label(old_number, old_at), label(new_number, new_at));
    let (change, fragment) = work(move || {
        let change = diff(&old.document, &new.document);
        let fragment = fragment(&change, &old_label, &new_label);
        (change.is_empty(), fragment)
    })
    .await?;
    Ok(Shown {
        fragment,
        old: old_number,
        new: new_number,
        old_at: Moment::new(old_at, zone, now),
        new_at: Moment::new(new_at, zone, now),
        is_empty: change,
    })
}

/// Compares two versions.
pub(super) async fn compare(old: Version, new: Version) -> Result<Change, Fault> {
    work(move || diff(&old.document, &new.document)).await
}

/// What stands above a change that leaves these pages.
pub(super) fn heading(title: &str, url: &str, old: &Version, new: &Version) -> Heading {
    let label =
        |version: &Version| format!("version {}, {}", version.number, version.recorded_at.format("%Y-%m-%d %H:%M UTC"));
    Heading { title: title.to_owned(), url: url.to_owned(), old_label: label(old), new_label: label(new) }
}

/// One block of a text.
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// The text of a document, block by block.
pub(super) fn lines(document: &Document) -> Vec<Line> {
    let line = |block: &crate::domain::model::Block| {
        let class = match block.kind {
            BlockKind::Heading => "heading",
            BlockKind::Paragraph => "paragraph",
            BlockKind::ListItem => "item",
            BlockKind::Quote => "quote",
            BlockKind::TableRow => "row",
        };
        let cells: Vec<String> = block.text.split('\t').map(clean_text).collect();
        Line { class, text: cells.join(" | ") }
    };
    document.blocks.iter().map(line).collect()
}

/// Work that may take long goes to a thread of its own.
pub(super) async fn work<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::internal("a thread failed", &error))
}
