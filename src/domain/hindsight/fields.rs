//! Title, date, links, pictures and contacts: which of the differences between two captures are edits. What is none is
//! taken over from the old document; after a redesign from the new one, because that is how it will look from now on.

use super::stamp::is_stamped;
use super::{Case, Glimpse};
use crate::domain::model::{Document, Field};
use crate::domain::normalize::{
    canonical_contact, canonical_date, canonical_image, canonical_link, canonical_text, typed_body,
};

pub(super) fn settle(case: &Case<'_>, before: &mut Document, after: &mut Document) {
    if !is_new_title(case) {
        let is_shown = case.rebuilt && !after.title.is_empty() && !has_old_title(case);
        let (from, to) = if is_shown { (&*after, &mut *before) } else { (&*before, &mut *after) };
        to.title.clone_from(&from.title);
    }
    if !is_new_date(case) {
        let is_shown = case.rebuilt && after.date.is_some();
        let (from, to) = if is_shown { (&*after, &mut *before) } else { (&*before, &mut *after) };
        to.date.clone_from(&from.date);
    }
    // A redesign shows other pictures, links by other words, and contacts elsewhere.
    for field in [Field::Links, Field::Images, Field::Contacts].into_iter().filter(|field| !is_edit(case, *field)) {
        let (from, to) = if case.rebuilt { (&*after, &mut *before) } else { (&*before, &mut *after) };
        take_over(field, from, to);
    }
}

/// A title that the next capture keeps, and that was not there already beside the old one.
fn is_new_title(case: &Case<'_>) -> bool {
    let title = |document: &Document| canonical_text(&document.title);
    let (old, new) = (title(&case.old.document), title(&case.new.document));
    if old.is_empty() || new.is_empty() {
        return false;
    }
    let only_chosen = case.old.page.contains(&new) && case.new.page.contains(&old);
    let is_part = case.rebuilt && (old.contains(&new) || new.contains(&old));
    !only_chosen && !is_part && !has_old_title(case)
}

/// Whether the next capture has the old title again.
fn has_old_title(case: &Case<'_>) -> bool {
    let old = canonical_text(&case.old.document.title);
    case.next.is_some_and(|next| canonical_text(&next.document.title) == old)
}

/// A date that the next capture keeps, in place of another one. "Updated on" has a new one at each.
fn is_new_date(case: &Case<'_>) -> bool {
    let (old, new) = (canonical_date(&case.old.document), canonical_date(&case.new.document));
    if case.rebuilt || old.is_none() || new.is_none() {
        return false;
    }
    let is_stamp =
        case.new.document.date.as_ref().is_some_and(|date| is_stamped(&case.new.page, &canonical_text(&date.text)));
    if is_stamp {
        return false;
    }
    case.next.is_none_or(|next| canonical_date(&next.document) == new)
}

/// Whether the pieces of a field were edited: what came stays, and what went stays away.
fn is_edit(case: &Case<'_>, field: Field) -> bool {
    let (old, new) = (pieces(&case.old.document, field), pieces(&case.new.document, field));
    let next = case.next.map(|next| pieces(&next.document, field));
    let come = new.iter().filter(|piece| !old.contains(piece) && !is_beside(case.old, field, piece));
    let gone = old.iter().filter(|piece| !new.contains(piece) && !is_beside(case.new, field, piece));
    let stays = |piece: &String| next.as_ref().is_none_or(|next| next.contains(piece));
    let returns = |piece: &String| next.as_ref().is_some_and(|next| next.contains(piece));
    let quotes =
        |piece: &String| field == Field::Links && case.others.have(piece.split('\u{0}').next().unwrap_or_default());
    // A whole field that comes or goes is a matter of reading.
    let is_shift = old.is_empty() != new.is_empty() && field != Field::Links;
    let is_quoted = come.clone().chain(gone.clone()).any(quotes);
    let is_any = come.clone().chain(gone.clone()).next().is_some();
    is_any && !case.rebuilt && !is_quoted && !is_shift && come.clone().all(stays) && !gone.clone().any(returns)
}

/// Whether the words of a link are on the page beside the text: what changed is what is taken for text.
fn is_beside(page: &Glimpse, field: Field, link: &str) -> bool {
    let words = link.split('\u{0}').next().unwrap_or_default();
    field == Field::Links && page.page.contains(words) && !typed_body(&page.document).contains(words)
}

/// Takes the pieces of a field over from one document to the other.
fn take_over(field: Field, from: &Document, to: &mut Document) {
    match field {
        Field::Links => to.links.clone_from(&from.links),
        Field::Images => to.images.clone_from(&from.images),
        Field::Contacts => to.contacts.clone_from(&from.contacts),
        Field::Title | Field::Date | Field::Body => {}
    }
}

fn pieces(document: &Document, field: Field) -> Vec<String> {
    let link = |(text, target): (String, String)| format!("{text}\u{0}{target}");
    match field {
        Field::Links => document.links.iter().map(canonical_link).map(link).collect(),
        Field::Images => document.images.iter().map(canonical_image).collect(),
        Field::Contacts => document.contacts.iter().map(|line| canonical_contact(line)).collect(),
        Field::Title | Field::Date | Field::Body => Vec::new(),
    }
}
