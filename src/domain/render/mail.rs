//! A change for a mail. As HTML it is a table with inline styles, which is what Gmail, Outlook and Apple Mail agree
//! on; as text it has lines of 72 columns. A short change is shown whole, of a long one the first screens.

mod table;

use std::fmt::Write as _;

pub(super) use self::table::{Ink, Mail, QUIET, TEXT};
use super::excerpt::{clip, first_screens};
use super::html::Heading;
use super::html::text::{address, escape};
use super::terminal::{Page, TerminalOptions};
use super::{COARSE, fold, has_edits};
use crate::domain::diff::{Change, ItemEdit, Span, TextEdit};

/// Characters of text in one mail, about three screens.
const MOST_TEXT: usize = 6_000;

/// Links, pictures and contacts that one mail lists.
const MOST_ITEMS: usize = 20;

/// Characters of one block, so that a huge one does not hide what follows.
const MOST_IN_BLOCK: usize = 3_000;

const WIDTH: usize = 72;

/// Characters of a title, a link, a picture or a contact.
const MOST_IN_ITEM: usize = 600;

/// The change as a table, to be put into the body of a message.
pub fn mail_html(change: &Change, heading: &Heading) -> String {
    let mut mail = Mail::new();
    let (old, new) = (escape(&heading.old_label), escape(&heading.new_label));
    mail.row(TEXT, "padding:0 0 4px", &format!("<strong style=\"font-size:20px\">{}</strong>", escape(&heading.title)));
    mail.row(QUIET, "padding:0 0 12px", &format!("{}<br>{old} became {new}", address(&heading.url)));
    mail.change(change, &whole_change(heading));
    mail.finish()
}

/// The change as lines of text.
pub fn mail_text(change: &Change, heading: &Heading) -> String {
    let line = |text: &str| super::harmless(&text.replace(['\n', '\t'], " "));
    let mut text = format!("{}\n", line(&heading.title));
    if !heading.url.is_empty() {
        let _ = writeln!(text, "{}", line(&heading.url));
    }
    let _ = writeln!(text, "{} became {}\n", line(&heading.old_label), line(&heading.new_label));
    text + &change_text(change, &whole_change(heading))
}

/// Where all of the change is shown.
fn whole_change(heading: &Heading) -> String {
    format!("pressdiff diff {}", heading.url).trim_end().to_owned()
}

/// The change alone as lines of text; `whole` is where all of it can be seen.
pub(super) fn change_text(change: &Change, whole: &str) -> String {
    let options = TerminalOptions { width: WIDTH, color: false, full: false, side_by_side: false };
    let short = beside_the_text(change);
    let mut page = Page::new(&options);
    page.headlines(&short);
    let mut left = 0;
    if has_edits(&change.blocks) {
        let (shown, rest) = first_screens(fold(&change.blocks, false), MOST_TEXT);
        left = rest;
        page.body(shown);
    }
    let mut text = page.text;
    for note in closing_notes(change, whole, left) {
        let _ = write!(text, "\n{}\n", super::harmless(&note.replace(['\n', '\t'], " ")));
    }
    text
}

/// What changed beside the text, the first of it and none of it endless.
fn beside_the_text(change: &Change) -> Change {
    fn few<T: Clone>(items: &[ItemEdit<T>], shorten: impl Fn(&mut T)) -> Vec<ItemEdit<T>> {
        let mut items: Vec<ItemEdit<T>> = items.iter().take(MOST_ITEMS).cloned().collect();
        for item in &mut items {
            match item {
                ItemEdit::Added { new } => shorten(new),
                ItemEdit::Removed { old } => shorten(old),
                ItemEdit::Replaced { old, new } => [old, new].into_iter().for_each(&shorten),
            }
        }
        items
    }
    let mut date = change.date.clone();
    for date in date.iter_mut().flat_map(|date| [&mut date.old, &mut date.new]).flatten() {
        cut(&mut date.text);
    }
    Change {
        title: change.title.as_ref().map(cut_title),
        date,
        blocks: Vec::new(),
        links: few(&change.links, |link| [&mut link.text, &mut link.target].into_iter().for_each(cut)),
        images: few(&change.images, |image| [&mut image.alt, &mut image.source].into_iter().for_each(cut)),
        contacts: few(&change.contacts, cut),
        coarse: false,
    }
}

fn cut_title(title: &TextEdit) -> TextEdit {
    let parts = title.spans.iter().map(|span| (span.kind, span.text.as_str().into())).collect();
    let spans = clip(parts, 2 * MOST_IN_ITEM).into_iter().map(|(kind, text)| Span::new(kind, text)).collect();
    TextEdit { old: String::new(), new: String::new(), spans }
}

fn cut(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(MOST_IN_ITEM) {
        text.truncate(at);
        text.push('…');
    }
}

/// What the mail does not show, and where it is.
fn closing_notes(change: &Change, whole: &str, left: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if change.coarse {
        notes.push(COARSE.to_owned());
    }
    let items = [change.links.len(), change.images.len(), change.contacts.len()];
    let left = left + items.iter().map(|items| items.saturating_sub(MOST_ITEMS)).sum::<usize>();
    if left > 0 {
        let more = if left == 1 { "One more change is".to_owned() } else { format!("{left} more changes are") };
        notes.push(format!("{more} not shown here. All of them: {whole}"));
    }
    notes
}
