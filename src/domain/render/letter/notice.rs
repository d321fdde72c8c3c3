//! Letters about pressdiff itself.

use super::super::mail::{QUIET, TEXT};
use super::sheet::{Fact, Sheet};
use super::subject::count;
use super::told::minute;
use crate::domain::diff::diff;
use crate::domain::message::Notice;
use crate::domain::model::{Block, BlockKind, Document};

/// Troubles that a heartbeat lists.
const MOST_TROUBLES: usize = 50;

/// Writes a notice.
pub(super) fn write(sheet: &mut Sheet, notice: &Notice) {
    match notice {
        Notice::Heartbeat { releases, sources, events, troubles } => {
            heartbeat(sheet, [*releases, *sources, *events], troubles);
        }
        Notice::ChannelFailing { alert, since, waiting, error } => {
            sheet.heading(&format!("The alert “{alert}” cannot be delivered"));
            let waiting = count(*waiting, "message");
            sheet.line(TEXT, &format!("Nothing got through since {}; {waiting} not delivered.", minute(*since)));
            sheet.facts(&[("Error", Fact::Words(error.clone()))]);
            sheet.line(TEXT, "Waiting messages are tried again for days, and nothing is lost from the record.");
            sheet.line(TEXT, "pressdiff alerts --failed shows what failed; pressdiff test-alert tests the repair.");
        }
        Notice::ChannelRecovered { alert, since } => {
            sheet.heading(&format!("The alert “{alert}” is delivered again"));
            sheet.line(TEXT, &format!("It had failed since {}. Waiting messages are on their way.", minute(*since)));
        }
        Notice::Sample => sample(sheet),
    }
}

fn heartbeat(sheet: &mut Sheet, [releases, sources, events]: [u64; 3], troubles: &[String]) {
    sheet.heading(&format!("Still watching {} of {}", count(releases, "release"), count(sources, "source")));
    sheet.line(TEXT, &format!("{} since the last message like this one.", sentence(events)));
    if troubles.is_empty() {
        sheet.line(TEXT, "No source is in trouble.");
    } else {
        sheet.line(TEXT, "In trouble:");
    }
    for trouble in troubles.iter().take(MOST_TROUBLES) {
        sheet.item(trouble);
    }
    if troubles.len() > MOST_TROUBLES {
        sheet.item(&format!("and {} more: pressdiff sources", troubles.len() - MOST_TROUBLES));
    }
    sheet.line(QUIET, "If this message does not arrive on time, pressdiff is not running or cannot send mail.");
}

fn sentence(events: u64) -> String {
    if events == 0 { "No events".to_owned() } else { count(events, "event") }
}

/// A test that shows how a real alert looks.
fn sample(sheet: &mut Sheet) {
    sheet.heading("This is a test");
    sheet.line(TEXT, "Nothing has happened: somebody ran pressdiff test-alert, and alerts with this name reach you.");
    sheet.line(TEXT, "The words that changed in a release look like this:");
    let [old, new] = ["3,500", "4,000"].map(|number| {
        let text = format!("The harbour expects {number} visitors on the day of the opening.");
        Document { blocks: vec![Block { kind: BlockKind::Paragraph, text }], ..Document::default() }
    });
    sheet.change(&diff(&old, &new), "pressdiff diff");
}
