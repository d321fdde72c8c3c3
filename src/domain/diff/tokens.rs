//! Cuts a text into the words that are compared. A number with its separators, a percentage, a hyphenated
//! word, a web or mail address is one word; Chinese and Japanese characters stand alone; white space is no
//! word but is remembered. The cuts are made in the canonical text, so typography cannot move them.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::domain::normalize::canonical_text;

/// A cleaned text with its cuts.
pub(crate) struct Text {
    shown: String,
    canonical: String,
    tokens: Vec<Token>,
}

#[derive(Clone, Debug)]
struct Token {
    canonical: Range<usize>,
    shown: Range<usize>,
    spaced: bool,
}

impl Text {
    /// Cuts a text as `clean_text` leaves it; tabs between table cells are words of their own.
    pub(crate) fn new(shown: &str) -> Self {
        let (canonical, places) = fold(shown);
        let mut found = Vec::new();
        let mut start = 0;
        for chunk in canonical.split(' ') {
            cut_cells(&canonical, start..start + chunk.len(), start > 0, &mut found);
            start += chunk.len() + 1;
        }
        let tokens = join_digit_groups(&canonical, found)
            .into_iter()
            .map(|(range, spaced)| Token { shown: places[range.start]..places[range.end], canonical: range, spaced })
            .collect();
        Self { shown: shown.to_owned(), canonical, tokens }
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// What the token is compared by.
    pub(crate) fn key(&self, index: usize) -> &str {
        &self.canonical[self.tokens[index].canonical.clone()]
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        (0..self.len()).map(|index| self.key(index)).collect()
    }

    /// Whether white space stands before the token.
    pub(crate) fn is_spaced(&self, index: usize) -> bool {
        self.tokens[index].spaced
    }

    /// Where the token begins in the shown text, its length for the end.
    pub(crate) fn start(&self, index: usize) -> usize {
        self.tokens.get(index).map_or(self.shown.len(), |token| token.shown.start)
    }

    /// Where the token ends in the shown text.
    pub(crate) fn end(&self, index: usize) -> usize {
        self.tokens[index].shown.end
    }

    pub(crate) fn shown(&self, range: Range<usize>) -> &str {
        &self.shown[range]
    }
}

/// The canonical text, and for each of its bytes where the character comes from.
fn fold(shown: &str) -> (String, Vec<usize>) {
    let mut canonical = String::with_capacity(shown.len());
    let mut places = Vec::with_capacity(shown.len() + 1);
    for (place, character) in shown.char_indices() {
        if character.is_ascii_alphanumeric() || matches!(character, ' ' | '\t') {
            canonical.push(character);
        } else {
            let folded = canonical_text(character.encode_utf8(&mut [0; 4]));
            let is_more_of_dash = folded == "-" && canonical.ends_with('-');
            canonical.push_str(if is_more_of_dash { "" } else { &folded });
        }
        places.resize(canonical.len(), place);
    }
    places.push(shown.len());
    (canonical, places)
}

type Found = Vec<(Range<usize>, bool)>;

fn cut_cells(text: &str, chunk: Range<usize>, mut spaced: bool, found: &mut Found) {
    let mut start = chunk.start;
    for (index, part) in text[chunk].split('\t').enumerate() {
        if index > 0 {
            found.push((start - 1..start, spaced));
            spaced = false;
        }
        if !part.is_empty() {
            cut_chunk(text, start..start + part.len(), spaced, found);
            spaced = false;
        }
        start += part.len() + 1;
    }
}

/// Cuts what stands between two spaces.
fn cut_chunk(text: &str, chunk: Range<usize>, spaced: bool, found: &mut Found) {
    let first = found.len();
    if let Some(address) = find_address(&text[chunk.clone()]) {
        let address = chunk.start + address.start..chunk.start + address.end;
        cut_words(text, chunk.start..address.start, found);
        found.push((address.clone(), false));
        cut_words(text, address.end..chunk.end, found);
    } else {
        cut_words(text, chunk, found);
    }
    if let Some((_, is_spaced)) = found.get_mut(first) {
        *is_spaced = spaced;
    }
}

/// A web or mail address without the punctuation around it.
fn find_address(chunk: &str) -> Option<Range<usize>> {
    let around = |character: char| !character.is_alphanumeric() && !matches!(character, '/' | '#' | '=' | '_');
    let tail = chunk.trim_start_matches(around);
    let address = tail.trim_end_matches(around);
    let is_mail = address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let is_web = address.starts_with("www.") || address.contains("://");
    let start = chunk.len() - tail.len();
    (is_mail || is_web).then(|| start..start + address.len())
}

fn cut_words(text: &str, range: Range<usize>, found: &mut Found) {
    let first = found.len();
    let begin = range.start;
    for (at, piece) in text[range.clone()].split_word_bound_indices() {
        let piece = begin + at..begin + at + piece.len();
        match found[first..].last_mut() {
            Some((last, _)) if belongs(text, last, &piece, range.end) => last.end = piece.end,
            _ => found.push((piece, false)),
        }
    }
}

/// Whether a piece continues the word before it.
fn belongs(text: &str, last: &Range<usize>, piece: &Range<usize>, end: usize) -> bool {
    let (Some(before), Some(first)) = (text[last.clone()].chars().next_back(), text[piece.clone()].chars().next())
    else {
        return false;
    };
    let opens = text[last.clone()].chars().next().is_some_and(char::is_alphanumeric);
    let next = text[piece.end..end].chars().next();
    match first {
        '-' => opens && before.is_alphanumeric() && next.is_some_and(char::is_alphanumeric),
        '/' | ':' => before.is_ascii_digit() && next.is_some_and(|next| next.is_ascii_digit()),
        '%' | '‰' | '°' => before.is_numeric(),
        _ if is_currency(first) => before.is_numeric(),
        _ if first.is_numeric() => {
            is_currency(before)
                || matches!(before, '№' | '#' | '+')
                || matches!(before, '-' | '/' | ':') && (opens || last.len() == 1 && before == '-')
        }
        _ if first.is_alphanumeric() => before == '-' && opens,
        _ => first == before && !first.is_alphanumeric(),
    }
}

/// Whether a character is a currency sign.
pub(crate) fn is_currency(character: char) -> bool {
    matches!(character, '$' | '¢' | '£' | '¤' | '¥' | '\u{20a0}'..='\u{20cf}')
}

/// Whether a word ends a sentence.
pub(crate) fn is_end(key: &str) -> bool {
    key.starts_with(['.', '!', '?', '。', '！', '？', '؟', '۔', '।'])
}

/// `20 000` is one number.
fn join_digit_groups(text: &str, found: Found) -> Found {
    let mut joined: Found = Vec::with_capacity(found.len());
    let mut open = false;
    for (range, spaced) in found {
        let token = &text[range.clone()];
        match joined.last_mut() {
            Some((last, _)) if open && spaced && is_group(token) => last.end = range.end,
            _ => {
                open = token.len() <= 3 && token.bytes().all(|byte| byte.is_ascii_digit()) && !token.starts_with('0');
                joined.push((range, spaced));
            }
        }
    }
    joined
}

/// Three digits, perhaps with decimals or a sign behind them.
fn is_group(token: &str) -> bool {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    digits == 3 && !token[3..].starts_with(|next: char| next.is_alphabetic() || matches!(next, '-' | '/' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(Text::new(text).keys(), expected);
    }

    #[test]
    fn a_number_is_one_word() {
        check("1.200,50 und 25% or 20,000", &["1.200,50", "und", "25%", "or", "20,000"]);
        check("paid $5.5 (€10) at 10:30", &["paid", "$5.5", "(", "€10", ")", "at", "10:30"]);
        check("20 000 people in 2014 300 more", &["20 000", "people", "in", "2014", "300", "more"]);
        check("on 21.03.2024, 12/04/2025; -5°", &["on", "21.03.2024", ",", "12/04/2025", ";", "-5°"]);
    }

    #[test]
    fn joined_words_stay_joined() {
        check("don’t re–enter the 21st-century", &["don't", "re-enter", "the", "21st-century"]);
        check("end… Well - no", &["end", "...", "Well", "-", "no"]);
    }

    #[test]
    fn addresses_are_one_word() {
        check(
            "see (https://a.org/b?c=d), or press@a.org.",
            &["see", "(", "https://a.org/b?c=d", ")", ",", "or", "press@a.org", "."],
        );
    }

    #[test]
    fn chinese_is_cut_into_characters() {
        check("会议2024年", &["会", "议", "2024", "年"]);
    }

    #[test]
    fn cells_are_kept_apart() {
        check("a b\tc\t\td", &["a", "b", "\t", "c", "\t", "\t", "d"]);
    }

    #[test]
    fn tokens_point_into_the_shown_text() {
        let text = Text::new("“Hi”… there");
        let shown: Vec<&str> = (0..text.len()).map(|at| text.shown(text.start(at)..text.end(at))).collect();
        assert_eq!(shown, ["“", "Hi", "”", "…", "there"]);
    }
}
