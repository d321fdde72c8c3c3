//! The lines of the text: which of those that came or went are an edit.

use std::collections::{HashMap, HashSet};

use super::frame::Frame;
use super::kin::{Form, pair};
use super::stamp::{is_date_alone, is_stamp};
use super::{Case, Glimpse, MOST_SOUGHT, PROSE, texts_beyond};
use crate::domain::extract::is_byline_alone;
use crate::domain::model::Document;
use crate::domain::normalize::{canonical_text, typed_body};
use crate::domain::page::count_words;

/// Takes the lines out of both documents that came or went without an edit.
pub(super) fn settle(case: &Case<'_>, before: &mut Document, after: &mut Document) {
    let gone = texts_beyond(&case.old.document, &case.new.document);
    let come = texts_beyond(&case.new.document, &case.old.document);
    let mut lines = Lines::of(case, &gone, &come);
    let passing = lines.noise();
    lines.rest = (rest_of(&gone, &passing), rest_of(&come, &passing));
    let noise = lines.noise();
    before.blocks.retain(|block| !noise.contains(&canonical_text(&block.text)));
    // What stands around the text from now on is watched from now on.
    let frame = lines.frames.1.lasting(case);
    after.blocks.retain(|block| {
        let text = canonical_text(&block.text);
        !noise.contains(&text) || frame.has(&text)
    });
    frame.put_around(before);
}

/// Lines as one text, without those that are noise: what was part of these is no part of an edit.
fn rest_of(texts: &[String], noise: &HashSet<&String>) -> String {
    let kept: Vec<&str> = texts.iter().filter(|text| !noise.contains(text)).map(String::as_str).collect();
    kept.join(" ")
}

struct Lines<'a> {
    case: &'a Case<'a>,
    /// What differs of the two texts, each as a whole: how that is cut into blocks is markup.
    rest: (String, String),
    /// For each line that went: the line that it became, and the other way round.
    became: HashMap<usize, usize>,
    was: HashMap<usize, usize>,
    gone: &'a [String],
    come: &'a [String],
    forms: (Vec<Form>, Vec<Form>),
    /// The lines of the text in the next capture.
    next: Vec<Form>,
    /// What stands around the text in either design.
    frames: (Frame, Frame),
}

impl<'a> Lines<'a> {
    fn of(case: &'a Case<'a>, gone: &'a [String], come: &'a [String]) -> Self {
        let forms_of = |texts: &[String]| texts.iter().map(|text| Form::of(text)).collect::<Vec<_>>();
        let forms = (forms_of(gone), forms_of(come));
        let pairs = pair(&forms.0, &forms.1);
        let became: HashMap<usize, usize> = pairs.iter().copied().collect();
        let was: HashMap<usize, usize> = pairs.into_iter().map(|(at, to)| (to, at)).collect();
        let next = case.next.map(|next| texts_beyond(&next.document, &case.old.document)).unwrap_or_default();
        let paired = |pairs: &HashMap<usize, usize>, texts: &'a [String]| -> HashSet<&'a String> {
            pairs.keys().map(|at| &texts[*at]).collect()
        };
        let frames = Frame::both(case, &paired(&became, gone), &paired(&was, come));
        Self {
            case,
            rest: (gone.join(" "), come.join(" ")),
            became,
            was,
            gone,
            come,
            next: forms_of(&next),
            forms,
            frames,
        }
    }

    fn noise(&self) -> HashSet<&'a String> {
        let gone = self.gone.iter().enumerate().filter(|(at, text)| !self.is_edit_gone(*at, text));
        let come = self.come.iter().enumerate().filter(|(at, text)| !self.is_edit_come(*at, text));
        gone.chain(come).map(|(_, text)| text).collect()
    }

    fn is_edit_gone(&self, at: usize, text: &str) -> bool {
        let case = self.case;
        if at >= MOST_SOUGHT || self.rest.1.contains(text) {
            return true;
        }
        if is_stamp(text) {
            return false;
        }
        if let Some(to) = self.became.get(&at) {
            return self.is_edit(at, *to);
        }
        let stays_away = self.witnesses(text).iter().all(|later| !later.page.contains(text));
        stays_away && !case.new.page.contains(text) && !self.is_foreign(text)
    }

    fn is_edit_come(&self, at: usize, text: &str) -> bool {
        let case = self.case;
        if at >= MOST_SOUGHT || self.rest.0.contains(text) {
            return true;
        }
        if is_stamp(text) {
            return false;
        }
        if let Some(from) = self.was.get(&at) {
            return self.is_edit(*from, at);
        }
        let witnesses = self.witnesses(text);
        // A line of another release that nobody confirms is quoted here.
        let is_quoted = witnesses.is_empty() && case.others.have(text);
        let stays = witnesses.iter().all(|later| self.confirms(later, text)) || self.lives_on(at);
        stays && !is_quoted && !case.old.page.contains(text) && !self.is_foreign(text)
    }

    /// Whether the next capture has the line in other words: it was edited once more. The very line says nothing of
    /// that, and one of which only the figures change from capture to capture counts something.
    fn lives_on(&self, come: usize) -> bool {
        let form = &self.forms.1[come];
        self.next.iter().any(|next| next.is_kin(form) && !next.has_shape_of(form))
    }

    /// Whether a line that reads otherwise was edited. No page shows two forms of a sentence in turn by itself, but
    /// every counter does.
    fn is_edit(&self, gone: usize, come: usize) -> bool {
        let (old, new) = (&self.gone[gone], &self.come[come]);
        if self.is_foreign(new) {
            return false;
        }
        let is_label = count_words(new) < PROSE;
        if self.forms.0[gone].is_same_but_for_spelling_of_days(&self.forms.1[come]) {
            return false;
        }
        // Two teasers of other releases, one after the other.
        if self.case.others.have(old) && self.case.others.have(new) {
            return false;
        }
        // Where both stand on both pages, only the choice between them differs.
        if self.case.old.page.contains(new.as_str()) && self.case.new.page.contains(old.as_str()) {
            return false;
        }
        let is_figures = self.forms.0[gone].is_same_shape(&self.forms.1[come]);
        match self.case.next {
            None => !(is_figures && is_label),
            Some(next) if next.page.contains(new.as_str()) => true,
            Some(_) if is_figures => !is_label,
            Some(_) if !self.forms.0[gone].is_close(&self.forms.1[come]) => false,
            Some(next) => self.lives_on(come) || !is_label && next.page.contains(old.as_str()),
        }
    }

    /// The captures that have to agree on a line: the next one; where another release has the line, so that chance may
    /// have brought it, all that are known.
    fn witnesses(&self, text: &str) -> &[&'a Glimpse] {
        let later = &self.case.later;
        if self.case.others.have(text) { later } else { &later[..later.len().min(1)] }
    }

    /// Whether a later capture has a line: anywhere, or, where another release has it as well, as part of the text.
    fn confirms(&self, later: &Glimpse, text: &str) -> bool {
        if self.case.others.have(text) { typed_body(&later.document).contains(text) } else { later.page.contains(text) }
    }

    /// A day that stands alone dates a story in a list, and a site names authors in one design and not in the other.
    /// After a redesign labels, lines around the text, and lines that other releases have as well, belong to the new
    /// design or to the old one; at any time short lines of other releases are their headlines.
    fn is_foreign(&self, text: &str) -> bool {
        if self.frames.0.has(text) || self.frames.1.has(text) || is_date_alone(text) || is_byline_alone(text) {
            return true;
        }
        let signs = [self.case.rebuilt, count_words(text) < PROSE, self.case.others.have(text)];
        signs.into_iter().filter(|sign| *sign).count() >= 2
    }
}
