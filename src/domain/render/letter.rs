//! A message as a letter for people: subject, plain text and a whole HTML page that say the same. Both bodies are
//! written side by side by `sheet`; what stands in headers other than the subject is the affair of `notify::email`.

mod notice;
mod sheet;
mod subject;
mod told;

use url::Url;

use self::sheet::Sheet;
use self::told::Place;
use super::mail::{QUIET, TEXT};
use crate::domain::message::{Content, Message, Occasion, Told};

/// What people read of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line of at most 150 characters, without anything that a header or a screen would obey.
    pub subject: String,
    /// Lines that end in `\n`, broken at 72 columns where words allow it.
    pub text: String,
    /// A page that needs nothing else.
    pub html: String,
}

/// Bytes of HTML in which releases are told in full: Gmail shows no more than 102 KB without being asked.
const IN_FULL: usize = 80_000;

/// Bytes of HTML in which releases are told at all.
const AT_ALL: usize = 400_000;

/// A summary of more releases than this begins with a list of them.
const LISTED_FROM: usize = 4;

/// Lines of that list.
const MOST_LISTED: usize = 100;

/// Writes the letter; `web` is where the review pages are, if they are served.
pub fn letter(message: &Message, web: Option<&Url>) -> Letter {
    let mut sheet = Sheet::new();
    match &message.content {
        Content::Event(told) => told::in_full(&mut sheet, told, None, &Place::at(web)),
        Content::Summary { occasion, told } => summary(&mut sheet, *occasion, told, &Place::at(web)),
        Content::Notice(notice) => notice::write(&mut sheet, notice),
    }
    sheet.rule();
    sheet.line(QUIET, &format!("From pressdiff, by the alert “{}” of its configuration.", message.addressee.alert));
    let subject = subject::subject(&message.content);
    let (text, html) = sheet.finish(&subject);
    Letter { subject, text, html }
}

fn summary(sheet: &mut Sheet, occasion: Occasion, told: &[Told], place: &Place<'_>) {
    sheet.heading(&subject::counts(told));
    sheet.line(
        QUIET,
        match occasion {
            Occasion::Digest => "What happened since the last digest.",
            Occasion::Burst => "One check found all of this, more than the alert tells one by one (burst_limit).",
            Occasion::QuietHours => "What happened in the quiet hours.",
        },
    );
    if told.len() >= LISTED_FROM {
        contents(sheet, told);
    }
    let mut source = None;
    let mut shortened = 0;
    for (index, release) in told.iter().enumerate() {
        if sheet.len() > AT_ALL {
            left_out(sheet, told, index);
            break;
        }
        if source.replace(&release.source_name) != Some(&release.source_name) {
            sheet.section(&release.source_name);
        }
        shortened += usize::from(!add(sheet, release, index + 1, place));
    }
    if shortened > 0 {
        sheet.rule();
        sheet.line(TEXT, &format!("{shortened} of them are told in short, to keep this mail readable."));
    }
}

/// Adds a release, in full where there is room; whether it was in full.
fn add(sheet: &mut Sheet, release: &Told, number: usize, place: &Place<'_>) -> bool {
    let mut entry = Sheet::new();
    entry.rule();
    told::in_full(&mut entry, release, Some(number), place);
    let fits = sheet.len() + entry.len() <= IN_FULL;
    if !fits {
        entry = Sheet::new();
        told::in_short(&mut entry, release, number);
    }
    sheet.append(&entry);
    fits
}

fn contents(sheet: &mut Sheet, told: &[Told]) {
    let mut source = None;
    for (index, release) in told.iter().take(MOST_LISTED).enumerate() {
        if source.replace(&release.source_name) != Some(&release.source_name) {
            sheet.group(&release.source_name);
        }
        sheet.item(&format!("{}. {}", index + 1, told::headline(release)));
    }
    if told.len() > MOST_LISTED {
        sheet.item(&format!("and {} more", told.len() - MOST_LISTED));
    }
}

fn left_out(sheet: &mut Sheet, told: &[Told], from: usize) {
    let first = told[from..].iter().flat_map(|release| &release.events).map(|event| event.id).min();
    let after = first.map_or(0, |id| id.0 - 1);
    let count = told.len() - from;
    sheet.rule();
    sheet.line(TEXT, &format!("{count} more are not in this mail. All of them: pressdiff events --after {after}"));
}

#[cfg(test)]
mod tests;
