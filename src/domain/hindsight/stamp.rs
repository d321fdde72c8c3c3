//! Lines in which a site says when it last touched a page, or how often it was read: no text of the release.

use crate::domain::dates::find_dates;
use crate::domain::page::count_words;

/// Words of a line that is only a stamp.
const LONGEST_STAMP: usize = 15;
/// Bytes before a date in which it is said what it is.
const SAID_BEFORE: usize = 40;

/// What speaks of the page and not of its matter, as parts of words.
const STAMPS: [&str; 22] = [
    "updated",
    "last update",
    "modified",
    "last reviewed",
    "last changed",
    "last build",
    "page generated",
    "visitor",
    "обновлен",
    "обновлён",
    "изменен",
    "изменён",
    "просмотр",
    "посетител",
    "aktualisiert",
    "geändert",
    "zuletzt",
    "mis à jour",
    "modifié",
    "actualiza",
    "aggiorna",
    "zaktualizowan",
];

/// Whether a line with figures speaks of the page itself.
pub(super) fn is_stamp(text: &str) -> bool {
    count_words(text) <= LONGEST_STAMP && text.contains(char::is_numeric) && speaks_of_page(text)
}

/// Whether a line is a day and nothing else.
pub(super) fn is_date_alone(text: &str) -> bool {
    let dates = find_dates(text);
    let [(range, _)] = &dates[..] else { return false };
    ![&text[..range.start], &text[range.end..]].iter().any(|rest| rest.contains(char::is_alphanumeric))
}

/// Whether what is said before a date, somewhere on a page, speaks of the page itself.
pub(super) fn is_stamped(page: &str, date: &str) -> bool {
    !date.is_empty()
        && page.match_indices(date).any(|(at, _)| {
            let start = page.floor_char_boundary(at.saturating_sub(SAID_BEFORE));
            let said = page[start..at].to_lowercase();
            // The day of another line may stand between the two.
            let word = STAMPS.iter().filter_map(|stamp| said.rfind(stamp)).max();
            word.is_some_and(|word| find_dates(&said[word..]).is_empty())
        })
}

fn speaks_of_page(text: &str) -> bool {
    let text = text.to_lowercase();
    STAMPS.iter().any(|stamp| text.contains(stamp))
}

/// Text with every date and every run of figures made one mark.
pub(super) fn shape_of(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    let mut from = 0;
    for (range, _) in find_dates(text) {
        if range.start >= from {
            shape.push_str(&text[from..range.start]);
            shape.push('#');
            from = range.end;
        }
    }
    shape.push_str(&text[from..]);
    let folded = shape.chars().map(|character| if character.is_numeric() { '#' } else { character });
    let mut folded: Vec<char> = folded.collect();
    folded.dedup_by(|one, other| *one == '#' && *other == '#');
    folded.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_stamped_by_what_is_said_right_before_it() {
        let page = "Fog in the harbour Last updated: 17 May 2024, 13:05 August 14, 2020 The pilots went home";
        assert!(is_stamped(page, "17 May 2024"));
        assert!(!is_stamped(page, "August 14, 2020"));
    }
}
