//! Judges one edit: which kinds of fact are among the words that went and came, and, if none are, whether the
//! same words are merely written differently.

use std::collections::{BTreeSet, HashMap};

use super::phrase::{Class, Phrase, Word};
use super::spelling::{is_garbled, is_respelling, is_same_name};
use super::words::are_opposites;
use crate::domain::diff::tokens;
use crate::domain::model::Reason;
use crate::domain::normalize::{STRUCK, canonical_text};

/// An inserted sentence has at least this many words, one less if it ends like one.
const MIN_SENTENCE: usize = 3;

/// Phrases of more words than this are not searched for respellings.
const MAX_PAIRED: usize = 300;

/// Why each edit of a text matters, or what kind of trifle it is. A sentence that went in one place and came
/// in another has moved.
pub(super) fn judge_all(phrases: &[Phrase]) -> Vec<BTreeSet<Reason>> {
    let mut judged: Vec<BTreeSet<Reason>> = phrases.iter().map(judge).collect();
    let is_only = |reasons: &BTreeSet<Reason>, reason| reasons.len() == 1 && reasons.contains(&reason);
    let mut removed: HashMap<String, Vec<usize>> = HashMap::new();
    for index in (0..phrases.len()).filter(|index| is_only(&judged[*index], Reason::SentenceRemoved)) {
        removed.entry(letters_and_digits(&phrases[index].removed)).or_default().push(index);
    }
    for index in 0..phrases.len() {
        if is_only(&judged[index], Reason::SentenceAdded) {
            let places = removed.get_mut(&letters_and_digits(&phrases[index].added));
            if let Some(place) = places.and_then(Vec::pop) {
                judged[place] = BTreeSet::from([Reason::Moved]);
                judged[index] = BTreeSet::from([Reason::Moved]);
            }
        }
    }
    judged
}

fn letters_and_digits(text: &str) -> String {
    canonical_text(text).chars().filter(|character| character.is_alphanumeric()).collect()
}

/// What is struck out, or no longer, says something else, whatever becomes of its words.
fn judge(phrase: &Phrase) -> BTreeSet<Reason> {
    let marks = |text: &str| text.matches(STRUCK).count();
    let mut reasons = judge_words(phrase);
    if marks(&phrase.removed) != marks(&phrase.added) {
        reasons.retain(|reason| super::is_major(*reason));
        reasons.insert(Reason::Wording);
    }
    reasons
}

fn judge_words(phrase: &Phrase) -> BTreeSet<Reason> {
    let (mut old, mut new) = (phrase.removed_words(), phrase.added_words());
    if let Some(reason) = whole_sentence(phrase, &old, &new).or_else(|| same_letters(phrase, &old, &new)) {
        return BTreeSet::from([reason]);
    }
    let more_sentences = sentence_balance(phrase, &old, &new);
    let reordered = drop_common(&mut old, &mut new);
    let mut reasons = judge_difference(old, new);
    if reasons.is_empty() {
        reasons.insert(if reordered { Reason::Wording } else { Reason::Spelling });
    }
    reasons.extend(more_sentences);
    let quoted = phrase.quoted || phrase.removed.contains('"') && phrase.added.contains('"');
    if reasons.iter().any(|reason| super::is_major(*reason)) {
        // The words around a fact change their endings with it.
        reasons.remove(&Reason::Spelling);
        if quoted {
            reasons.insert(Reason::Quote);
        }
    }
    reasons
}

fn is_word(word: &Word) -> bool {
    word.class != Class::Mark
}

fn whole_sentence(phrase: &Phrase, old: &[Word], new: &[Word]) -> Option<Reason> {
    let (words, reason) = match (old.iter().any(is_word), new.iter().any(is_word)) {
        (false, true) => (new, Reason::SentenceAdded),
        (true, false) => (old, Reason::SentenceRemoved),
        _ => return None,
    };
    let is_closed = words.iter().rev().take(2).any(is_end);
    let least = if is_closed { MIN_SENTENCE - 1 } else { MIN_SENTENCE };
    let ends = is_closed || !phrase.is_followed();
    let opens = phrase.opens_sentence() || words.first().is_some_and(is_end);
    (ends && opens && words.iter().filter(|word| is_word(word)).count() >= least).then_some(reason)
}

fn is_end(word: &Word) -> bool {
    word.class == Class::Mark && tokens::is_end(&word.key)
}

/// A replacement that has more sentences on one side also adds or removes some.
fn sentence_balance(phrase: &Phrase, old: &[Word], new: &[Word]) -> Option<Reason> {
    let ends = |words: &[Word]| words.iter().filter(|word| is_end(word)).count();
    let long = |words: &[Word]| words.iter().filter(|word| is_word(word)).count() >= 2 * MIN_SENTENCE;
    match ends(new).cmp(&ends(old)) {
        _ if !phrase.opens_sentence() => None,
        std::cmp::Ordering::Greater if long(new) => Some(Reason::SentenceAdded),
        std::cmp::Ordering::Less if long(old) => Some(Reason::SentenceRemoved),
        _ => None,
    }
}

/// The same letters and the same numbers, written differently.
fn same_letters(phrase: &Phrase, old: &[Word], new: &[Word]) -> Option<Reason> {
    let figures = |words: &[Word]| -> Vec<String> {
        let is_figure = |word: &&Word| word.key.bytes().any(|byte| byte.is_ascii_digit()) || word.class == Class::Money;
        // "5kg" has the figure of "5 kg".
        let figure = |word: &Word| word.key.trim_matches(char::is_alphabetic).to_owned();
        words.iter().filter(is_figure).map(figure).collect()
    };
    if figures(old) != figures(new) {
        return None;
    }
    let squeeze = |text: &str| canonical_text(text).replace([' ', '\t'], "");
    let (old, new) = (squeeze(&phrase.removed), squeeze(&phrase.added));
    if old == new {
        return Some(Reason::Spacing);
    }
    let (old, new) = (old.to_lowercase(), new.to_lowercase());
    if old == new {
        return Some(Reason::Case);
    }
    (letters_and_digits(&old) == letters_and_digits(&new)).then_some(Reason::Punctuation)
}

/// Leaves the words that only one side has; tells whether words that both have changed their order.
fn drop_common(old: &mut Vec<Word>, new: &mut Vec<Word>) -> bool {
    let common_in = |words: &[Word], others: &[Word]| -> Vec<String> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for word in others {
            *counts.entry(&word.key).or_default() += 1;
        }
        let mut common = Vec::new();
        for word in words {
            if let Some(count) = counts.get_mut(word.key.as_str()).filter(|count| **count > 0) {
                *count -= 1;
                common.push(word.key.clone());
            }
        }
        common
    };
    let (old_common, new_common) = (common_in(old, new), common_in(new, old));
    remove_each(old, &old_common);
    remove_each(new, &new_common);
    let letters = |words: Vec<String>| -> Vec<String> {
        words.into_iter().filter(|word| word.chars().any(char::is_alphanumeric)).collect()
    };
    letters(old_common) != letters(new_common)
}

fn remove_each(words: &mut Vec<Word>, keys: &[String]) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    words.retain(|word| match counts.get_mut(word.key.as_str()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    });
}

fn judge_difference(mut old: Vec<Word>, mut new: Vec<Word>) -> BTreeSet<Reason> {
    let mut reasons = BTreeSet::new();
    if old.len().max(new.len()) <= MAX_PAIRED {
        drop_pairs(&mut old, &mut new, &mut reasons);
    }
    let facts = facts(&old, &new);
    if facts.is_empty() && (is_repair(&old, &new) || is_repair(&new, &old)) {
        reasons.insert(Reason::Spelling);
        return reasons;
    }
    reasons.extend(facts);
    let has = |words: &[Word], class| words.iter().any(|word| word.class == class);
    let names = has(&old, Class::Name) && has(&new, Class::Name);
    if names {
        reasons.insert(Reason::Name);
    }
    let told = |word: &Word| word.class == Class::Content || word.class == Class::Name && !names;
    let is_told = old.iter().chain(&new).any(told);
    if is_told {
        // Beside a fact that came or went, the words that carry it are no second reason.
        let carried = reasons.iter().any(|reason| super::is_major(*reason))
            && old.iter().chain(&new).filter(|word| told(word)).count() <= 2;
        if !carried {
            reasons.insert(Reason::Wording);
        }
    } else if has(&old, Class::Light) || has(&new, Class::Light) {
        if reasons.is_empty() {
            reasons.insert(Reason::Spelling);
        }
    } else if reasons.is_empty() && (has(&old, Class::Mark) || has(&new, Class::Mark)) {
        reasons.insert(Reason::Punctuation);
    }
    reasons
}

/// Takes out the words that are the other side's words in another spelling, or their opposites.
fn drop_pairs(old: &mut Vec<Word>, new: &mut Vec<Word>, reasons: &mut BTreeSet<Reason>) {
    let is_plain = |word: &Word| matches!(word.class, Class::Content | Class::Name | Class::Light);
    old.retain(|left| {
        let found = new.iter().position(|right| {
            let reason = if !is_plain(left) || !is_plain(right) {
                None
            } else if are_opposites(&left.key, &right.key) {
                Some(Reason::Negation)
            } else {
                let names = left.class == Class::Name && right.class == Class::Name;
                let same =
                    if names { is_same_name(&left.key, &right.key) } else { is_respelling(&left.key, &right.key) };
                same.then_some(Reason::Spelling)
            };
            reasons.extend(reason);
            reason.is_some()
        });
        if let Some(index) = found {
            new.remove(index);
        }
        found.is_none()
    });
}

fn facts(old: &[Word], new: &[Word]) -> BTreeSet<Reason> {
    let reason = |word: &Word| match word.class {
        Class::Number => Some(Reason::Number),
        Class::Money => Some(Reason::Money),
        Class::Percentage => Some(Reason::Percentage),
        Class::Date => Some(Reason::Date),
        Class::Negation => Some(Reason::Negation),
        Class::Modal => Some(Reason::Modal),
        Class::Mark | Class::Name | Class::Light | Class::Content => None,
    };
    old.iter().chain(new).filter_map(reason).collect()
}

fn is_repair(damaged: &[Word], whole: &[Word]) -> bool {
    let (damaged, whole) = (letters_of(damaged), letters_of(whole));
    damaged.len().max(whole.len()) <= MAX_PAIRED && is_garbled(&damaged, &whole)
}

fn letters_of(words: &[Word]) -> Vec<&str> {
    words.iter().filter(|word| is_word(word)).map(|word| word.key.as_str()).collect()
}
