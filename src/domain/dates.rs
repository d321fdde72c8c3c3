//! Finds days in running text: numeric dates, and dates with the name of a month in the languages that news
//! pages are written in. Dates without a year are left alone, because only a guess could complete them.

mod cursor;
mod months;

use std::iter;
use std::ops::Range;

use chrono::{Datelike as _, NaiveDate};

use cursor::Cursor;
use months::month_named;

/// What may stand after a year that comes first: `2024 թ. նոյեմբերի 2`, `2024 жылғы 2 қараша`.
const AFTER_YEAR: [&str; 16] = [
    "թ",
    "թվականի",
    "թվական",
    "թ․",
    "жылғы",
    "жылдын",
    "жылдың",
    "жыл",
    "жылы",
    "года",
    "г",
    "m",
    "gada",
    "yil",
    "yilning",
    "წლის",
];
/// Eras of East Asia, with the year before their first.
const ERAS: [(&str, u32); 3] = [("令和", 2018), ("平成", 1988), ("民國", 1911)];
/// The noughts of the figures that stand beside 0 to 9: Arabic, Persian, Devanagari, and of full width.
const NOUGHTS: [u32; 4] = [0x0660, 0x06f0, 0x0966, 0xff10];

/// The first day that a text names, with its place in bytes.
pub fn find_date(text: &str) -> Option<(Range<usize>, NaiveDate)> {
    next_date(text, 0)
}

/// All days that a text names, in order, with their places in bytes.
pub fn find_dates(text: &str) -> Vec<(Range<usize>, NaiveDate)> {
    let mut from = 0;
    iter::from_fn(|| {
        let found = next_date(text, from)?;
        from = found.0.end;
        Some(found)
    })
    .collect()
}

/// The other day that a numeric date may mean: `04/05/2024` is in April or in May. Nobody writes the month first before
/// a point.
pub fn turned(text: &str, day: NaiveDate) -> Option<NaiveDate> {
    is_numeric(text).then(|| NaiveDate::from_ymd_opt(day.year(), day.day(), day.month())).flatten()
}

/// Whether the month of a numeric date comes first, if that shows: `04/25/2024`.
pub fn month_comes_first(text: &str, day: NaiveDate) -> Option<bool> {
    let first = || text.bytes().take_while(u8::is_ascii_digit).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    (is_numeric(text) && day.day() > 12).then(|| first() == day.month())
}

/// Whether a date is written in figures that may stand in either order.
fn is_numeric(text: &str) -> bool {
    let first = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&first)
        && text.as_bytes().get(first).is_some_and(|byte| matches!(byte, b'/' | b'-'))
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'-' | b' '))
}

fn next_date(text: &str, from: usize) -> Option<(Range<usize>, NaiveDate)> {
    // Every date has a year in figures, and most lines have none.
    has_digit(&text[from..]).then_some(())?;
    let mut previous = text[..from].chars().next_back();
    for (offset, character) in text[from..].char_indices() {
        let at = from + offset;
        if character.is_alphanumeric() && !previous.is_some_and(joins_words) {
            let found = match digit(character) {
                Some(_) => starting_with_digit(text, at),
                None => month_first(text, at).or_else(|| era_first(text, at)),
            };
            if let Some((end, day)) = found {
                return Some((at..end, day));
            }
        }
        previous = Some(character);
    }
    None
}

/// The value of a figure of any script that dates are written in.
fn digit(character: char) -> Option<u32> {
    let other =
        || NOUGHTS.iter().find_map(|nought| u32::from(character).checked_sub(*nought).filter(|value| *value < 10));
    if character.is_ascii() { character.to_digit(10) } else { other() }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        || !text.is_ascii() && text.chars().any(|character| digit(character).is_some())
}

/// Whether a date cannot start right after this character; Chinese and Japanese set no spaces.
fn joins_words(character: char) -> bool {
    character.is_alphanumeric() && character < '\u{2e80}'
}

type Found = Option<(usize, NaiveDate)>;

fn starting_with_digit(text: &str, at: usize) -> Found {
    year_first(text, at)
        .or_else(|| year_first_ideographic(text, at))
        .or_else(|| year_first_named(text, at))
        .or_else(|| day_first_numeric(text, at))
        .or_else(|| day_first_named(text, at))
}

/// `2024-03-12`, also as the start of a timestamp; `2024/03/12`, `2024.03.12`.
fn year_first(text: &str, at: usize) -> Found {
    let mut cursor = Cursor { text, at };
    let year = cursor.number(4..=4)?;
    let separator = cursor.eat(&['-', '/', '.'])?;
    let month = cursor.number(1..=2)?;
    cursor.eat(&[separator])?;
    let day = cursor.number(1..=2)?;
    let ends = match cursor.peek() {
        Some('T' | 't') => cursor.rest()[1..].starts_with(|next: char| next.is_ascii_digit()),
        Some(next) => !next.is_ascii_alphabetic(),
        None => true,
    };
    (ends && !continues_number(text, at, separator)).then_some(())?;
    cursor.finish(year, month, day)
}

/// `2024年3月12日` and `2024년 3월 12일`.
fn year_first_ideographic(text: &str, at: usize) -> Found {
    let mut cursor = Cursor { text, at };
    let year = cursor.number(4..=4)?;
    cursor.month_and_day(year)
}

/// `令和6年11月2日`, `令和元年5月1日`.
fn era_first(text: &str, at: usize) -> Found {
    let (era, before) = ERAS.iter().find(|(era, _)| text[at..].starts_with(era))?;
    let mut cursor = Cursor { text, at: at + era.len() };
    cursor.gap(&[]);
    let year = if cursor.eat(&['元']).is_some() { 1 } else { cursor.number(1..=3)? };
    cursor.month_and_day(before + year)
}

/// `2024. november 2.`, `2024 m. lapkričio 2 d.`, `2024 жылғы 2 қараша`.
fn year_first_named(text: &str, at: usize) -> Found {
    let mut cursor = Cursor { text, at };
    let year = cursor.number(4..=4)?;
    cursor.gap(&['.', '-']);
    let mut after = cursor;
    let says_year = after.word().is_some_and(|word| AFTER_YEAR.contains(&word.as_str()));
    if says_year {
        cursor = after;
        cursor.gap(&['.', ',']);
    }
    let before = if says_year { cursor.number(1..=2) } else { None };
    let month = cursor.month()?;
    cursor.gap(&['-']);
    let day = before.or_else(|| cursor.number(1..=2))?;
    // "In 2024 March 12, 2025 was set as the day."
    let mut next = cursor;
    next.year().is_none().then_some(())?;
    cursor.finish(year, month, day)
}

/// `12.03.2024`, `12/3/2024`, `12-03-2024`, `12. 3. 2024`; month first only where that alone makes a day.
fn day_first_numeric(text: &str, at: usize) -> Found {
    let mut cursor = Cursor { text, at };
    let first = cursor.number(1..=2)?;
    let separator = cursor.eat(&['.', '/', '-'])?;
    cursor.gap(&[]);
    let second = cursor.number(1..=2)?;
    cursor.eat(&[separator])?;
    cursor.gap(&[]);
    let year = cursor.number(4..=4)?;
    let mut after = cursor;
    let goes_on = after.eat(&[separator]).is_some() && after.peek().is_some_and(|next| digit(next).is_some());
    let ends = !goes_on && !cursor.peek().is_some_and(|next| next.is_ascii_alphabetic());
    (ends && !continues_number(text, at, separator)).then_some(())?;
    cursor.finish(year, second, first).or_else(|| cursor.finish(year, first, second))
}

/// `12 March 2024`, `12th of March, 2024`, `12. März 2024`, `12 марта 2024`, `12-Mar-2024`.
fn day_first_named(text: &str, at: usize) -> Found {
    let mut cursor = Cursor { text, at };
    let day = cursor.number(1..=2)?;
    let month = cursor.month()?;
    let year = cursor.year()?;
    cursor.finish(year, month, day)
}

/// `March 12, 2024`.
fn month_first(text: &str, at: usize) -> Found {
    let mut cursor = Cursor { text, at };
    let month = month_named(&cursor.word()?)?;
    cursor.gap(&['.', '-', '/']);
    let day = cursor.number(1..=2)?;
    let year = cursor.year()?;
    cursor.finish(year, month, day)
}

/// Whether the number at this place is itself a part of a longer one, such as `10.12.03.2024`.
fn continues_number(text: &str, at: usize, separator: char) -> bool {
    let mut before = text[..at].chars().rev();
    before.next() == Some(separator) && before.next().is_some_and(|character| character.is_ascii_digit())
}

#[cfg(test)]
mod tests;
