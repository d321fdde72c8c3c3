//! Makes a minimal list of edits a readable one: a reworded phrase becomes one replacement instead of
//! confetti, and an inserted sentence begins where a sentence begins.

use std::ops::Range;

use super::tokens::{Text, is_end};
use super::words::Edit;

/// How far an insertion is pushed about in search of a better place, in words.
const MAX_SLIDE: usize = 200;

/// From this many edits on a text may be confetti.
const MIN_CONFETTI: usize = 3;

/// Same texts, same difference, fewer and more natural edits.
pub(super) fn tidy(old: &Text, new: &Text, edits: Vec<Edit>) -> Vec<Edit> {
    let mut tidied: Vec<Edit> = Vec::with_capacity(edits.len());
    for mut edit in edits {
        while let Some(last) = tidied.pop_if(|last| absorbs(old, new, last, &edit)) {
            edit = Edit { old: last.old.start..edit.old.end, new: last.new.start..edit.new.end };
        }
        tidied.push(edit);
    }
    if is_confetti(old, new, &tidied) {
        tidied = join_all(&tidied);
    }
    slide_all(old, new, &mut tidied);
    tidied
}

/// Whether many edits leave so little between them that one replacement reads better.
fn is_confetti(old: &Text, new: &Text, edits: &[Edit]) -> bool {
    let kept = edits.windows(2).map(|pair| letters(new, &(pair[0].new.end..pair[1].new.start))).sum::<usize>();
    let changed = edits.iter().map(|edit| size(old, new, edit)).sum::<usize>();
    edits.len() >= MIN_CONFETTI && kept * 5 < changed * 2
}

fn join_all(edits: &[Edit]) -> Vec<Edit> {
    let (Some(first), Some(last)) = (edits.first(), edits.last()) else { return Vec::new() };
    vec![Edit { old: first.old.start..last.old.end, new: first.new.start..last.new.end }]
}

/// Whether two edits and the equal words between them read better as one.
fn absorbs(old: &Text, new: &Text, left: &Edit, right: &Edit) -> bool {
    let inserts = left.old.is_empty() && right.old.is_empty();
    let deletes = left.new.is_empty() && right.new.is_empty();
    if inserts || deletes {
        return false;
    }
    let between = left.new.end..right.new.start;
    let kept = letters(new, &between);
    let strong = between.clone().filter(|&index| is_strong(new.key(index))).count();
    let ends_sentence = between.clone().any(|index| is_end(new.key(index)));
    let weight = size(old, new, left).min(size(old, new, right));
    if strong == 0 && !ends_sentence {
        return between.len() <= 2 && kept <= weight.max(4);
    }
    // Few equal words in much that differs are chance, not kept text.
    strong <= 2 && kept * 3 <= weight && !ends_sentence
}

/// Letters on the larger side.
fn size(old: &Text, new: &Text, edit: &Edit) -> usize {
    letters(old, &edit.old).max(letters(new, &edit.new))
}

fn letters(text: &Text, range: &Range<usize>) -> usize {
    range.clone().map(|index| text.key(index).chars().count()).sum()
}

/// Whether a word carries meaning of its own, so that keeping it tells something.
fn is_strong(key: &str) -> bool {
    key.chars().any(char::is_numeric) || key.chars().filter(|character| character.is_alphabetic()).count() > 3
}

fn slide_all(old: &Text, new: &Text, edits: &mut [Edit]) {
    for index in 0..edits.len() {
        let room_before = edits[index].new.start - index.checked_sub(1).map_or(0, |before| edits[before].new.end);
        let next = edits.get(index + 1).map_or(new.len(), |after| after.new.start);
        let room_after = next - edits[index].new.end;
        let edit = &mut edits[index];
        if edit.old.is_empty() {
            let (back, forth) = best_slide(new, &edit.new, room_before, room_after);
            shift(edit, back, forth);
        } else if edit.new.is_empty() {
            let (back, forth) = best_slide(old, &edit.old, room_before, room_after);
            shift(edit, back, forth);
        }
    }
}

fn shift(edit: &mut Edit, back: usize, forth: usize) {
    for range in [&mut edit.old, &mut edit.new] {
        *range = range.start + forth - back..range.end + forth - back;
    }
}

/// How many words back or forth the same insertion reads best.
fn best_slide(text: &Text, range: &Range<usize>, before: usize, after: usize) -> (usize, usize) {
    let back = (1..=before.min(MAX_SLIDE))
        .take_while(|step| text.key(range.start - step) == text.key(range.end - step))
        .map(|step| (step, 0));
    let forth = (1..=after.min(MAX_SLIDE))
        .take_while(|step| text.key(range.start + step - 1) == text.key(range.end + step - 1))
        .map(|step| (0, step));
    let mut best = (0, 0);
    for (back, forth) in back.chain(forth) {
        let place = |(back, forth): (usize, usize)| range.start + forth - back..range.end + forth - back;
        if fitness(text, &place((back, forth))) > fitness(text, &place(best)) {
            best = (back, forth);
        }
    }
    best
}

/// How natural it is that somebody inserted just these words.
fn fitness(text: &Text, range: &Range<usize>) -> u32 {
    let before = range.start.checked_sub(1).map(|index| text.key(index));
    let first = text.key(range.start);
    let last = text.key(range.end - 1);
    let opens_sentence = before.is_none_or(is_end) || before.is_some_and(|key| key == "\t");
    let ends_sentence = is_end(last) || range.end == text.len() && !is_end(first);
    if opens_sentence && ends_sentence {
        return 4;
    }
    let opens_clause = before.is_some_and(is_pause) && is_pause(last) || is_pause(first) && !is_pause(last);
    let closes_alone = is_pause(last) && !is_pause(first) || is_end(first) || last == "\"" && first != "\"";
    2 + u32::from(opens_clause) - u32::from(closes_alone && !opens_clause)
}

fn is_pause(key: &str) -> bool {
    matches!(key, "," | ";" | ":" | "-")
}

#[cfg(test)]
mod tests {
    use super::super::words::{compare, join_spans, marked};
    use insta::assert_snapshot;

    fn check(old: &str, new: &str) -> String {
        marked(&join_spans(compare(old, new).0))
    }

    #[test]
    fn one_word() {
        assert_snapshot!(check("They sent 3 tanks to the border.", "They sent 5 tanks to the border."), @"They sent [-3-]{+5+} tanks to the border.");
    }

    #[test]
    fn insertions_take_their_space_along() {
        assert_snapshot!(check("Hello world", "Oh Hello world"), @"{+Oh +}Hello world");
        assert_snapshot!(check("Hello", "Hello world"), @"Hello{+ world+}");
        assert_snapshot!(check("the small dog", "the dog"), @"the [-small -]dog");
        assert_snapshot!(check("red blue", "red, blue"), @"red{+,+} blue");
    }

    #[test]
    fn a_reworded_phrase_is_one_replacement() {
        assert_snapshot!(
            check("The ministers agreed on a plan for the region.", "The ministers failed to adopt any decision about the region."),
            @"The ministers [-agreed on a plan for-]{+failed to adopt any decision about+} the region."
        );
        assert_snapshot!(check("signed by the Council", "signed for the Assembly"), @"signed [-by the Council-]{+for the Assembly+}");
    }

    #[test]
    fn little_in_common_is_one_replacement() {
        assert_snapshot!(
            check("Leaders signed the treaty in Rome with great hope for peace", "Experts doubted whether the treaty brought comfort or hope to anybody"),
            @"[-Leaders signed the treaty in Rome with great hope for peace-]{+Experts doubted whether the treaty brought comfort or hope to anybody+}"
        );
    }

    #[test]
    fn separate_edits_stay_separate() {
        assert_snapshot!(check("3 tanks and 5 guns were shown", "4 tanks and 6 guns were shown"), @"[-3-]{+4+} tanks and [-5-]{+6+} guns were shown");
        assert_snapshot!(check("big red house, old garden", "big house, garden"), @"big [-red -]house, [-old -]garden");
    }

    #[test]
    fn sentences_are_inserted_whole() {
        assert_snapshot!(check("He came. He left.", "He came. He ate. He left."), @"He came. {+He ate. +}He left.");
        assert_snapshot!(check("He came.", "He came. He left."), @"He came.{+ He left.+}");
        assert_snapshot!(check("A, B and C", "A, B, D and C"), @"A, B{+, D+} and C");
    }

    #[test]
    fn spaces_are_told_with_their_words() {
        assert_snapshot!(check("one ,two", "one, two"), @"[-one ,two-]{+one, two+}");
        assert_snapshot!(check("the Waron terror", "the War on terror"), @"the [-Waron-]{+War on+} terror");
    }
}
