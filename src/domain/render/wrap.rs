//! Breaks marked text into lines of a terminal. Marks take no room when they are colours; wide characters
//! take two places.

/// A stretch of text that is written in one style.
pub(super) struct Styled<'a> {
    pub(super) text: &'a str,
    pub(super) open: &'a str,
    pub(super) close: &'a str,
    /// Whether the marks are seen and take room.
    pub(super) marks_shown: bool,
}

/// Breaks between words; a word that is longer than a line stands alone, or is cut if `hard`. Every line begins with
/// the indent.
pub(super) fn wrap(parts: &[Styled<'_>], indent: &str, width: usize, hard: bool) -> String {
    let mut wrapper =
        Wrapper { indent, width, hard, lines: indent.to_owned(), used: display_width(indent), fresh: true };
    for part in parts {
        wrapper.add(part);
    }
    wrapper.lines.truncate(wrapper.lines.trim_end_matches(' ').len());
    wrapper.lines.push('\n');
    wrapper.lines
}

struct Wrapper<'a> {
    indent: &'a str,
    width: usize,
    hard: bool,
    lines: String,
    used: usize,
    fresh: bool,
}

impl Wrapper<'_> {
    fn add(&mut self, part: &Styled<'_>) {
        let words = pieces(part.text, if self.hard { self.room(part) } else { usize::MAX });
        let mark_width = |mark: &str| if part.marks_shown { display_width(mark) } else { 0 };
        for (index, word) in words.iter().enumerate() {
            let first = index == 0;
            let last = index + 1 == words.len();
            let open = if first { mark_width(part.open) } else { 0 };
            let close = if last { mark_width(part.close) } else { 0 };
            let needed = display_width(word.trim_end()) + open + close;
            if self.fresh && word.trim().is_empty() && part.close.is_empty() {
                continue;
            }
            let starts_word =
                !first || self.hard || self.lines.ends_with(' ') || word.starts_with([' ']) || is_wide_at(word);
            if !self.fresh && starts_word && !word.trim().is_empty() && self.used + needed > self.width {
                self.break_line(part, first);
            }
            if first {
                self.lines.push_str(part.open);
            }
            self.lines.push_str(word);
            if last {
                self.lines.push_str(part.close);
            }
            self.used += display_width(word) + open + close;
            self.fresh = false;
        }
    }

    /// Places that a piece of a cut word may take, with both marks.
    fn room(&self, part: &Styled<'_>) -> usize {
        let marks = if part.marks_shown { display_width(part.open) + display_width(part.close) } else { 0 };
        self.width.saturating_sub(display_width(self.indent) + marks).max(2)
    }

    /// A colour ends with its line, so that a pager which shows lines one by one keeps it right.
    fn break_line(&mut self, part: &Styled<'_>, first: bool) {
        let within = !first && !part.marks_shown;
        self.lines.truncate(self.lines.trim_end_matches(' ').len());
        if within {
            self.lines.push_str(part.close);
        }
        self.lines.push('\n');
        self.lines.push_str(self.indent);
        if within {
            self.lines.push_str(part.open);
        }
        self.used = display_width(self.indent);
        self.fresh = true;
    }
}

fn is_wide_at(word: &str) -> bool {
    word.chars().next().is_some_and(|first| character_width(first) == 2 && !is_closing(first))
}

/// Marks that begin no line.
fn is_closing(character: char) -> bool {
    matches!(character, '、' | '。' | '，' | '．' | '：' | '；' | '！' | '？' | '）' | '」' | '』' | '》' | '】' | '”')
}

/// Cuts a text where a line may end: after spaces, beside wide characters, and within what is wider than `most`.
fn pieces(text: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut width, mut last) = (0, 0, None);
    for (at, character) in text.char_indices() {
        let own = character_width(character);
        let after_space = last == Some(' ') && character != ' ';
        let beside_wide = last.is_some_and(|last| own == 2 || character_width(last) == 2) && !is_closing(character);
        let visible = if character == ' ' { 0 } else { own };
        if at > start && (after_space || beside_wide && character != ' ' || width + visible > most) {
            pieces.push(&text[start..at]);
            (start, width) = (at, 0);
        }
        width += own;
        last = Some(character);
    }
    pieces.push(&text[start..]);
    pieces
}

/// Places that a line takes, colours aside.
pub(super) fn visible_width(line: &str) -> usize {
    let mut parts = line.split('\u{1b}');
    let plain = parts.next().map_or(0, display_width);
    plain + parts.map(|part| part.split_once('m').map_or(0, |(_, rest)| display_width(rest))).sum::<usize>()
}

/// Places that a text takes on a terminal.
pub(super) fn display_width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

/// Close enough for breaking lines: East Asian wide characters, and marks that sit on another character.
fn character_width(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5bd}'
        | '\u{64b}'..='\u{65f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
