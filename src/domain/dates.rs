//! Finds days in running text: numeric dates, and dates with the name of a month in the languages that news
//! pages are written in. Dates without a year are left alone, because only a guess could complete them.

mod months;

use std::iter;
use std::ops::{Range, RangeInclusive};

use chrono::{Datelike as _, NaiveDate};

use months::month_named;

const YEARS: RangeInclusive<u32> = 1990..=2100;
/// Letters of the longest word that is looked up as the name of a month.
const LONGEST_WORD: usize = 12;
/// White space and punctuation allowed between two parts of a date.
const WIDEST_GAP: usize = 3;
/// What may stand between day, month and year: `12th of March`, `1er janvier`, `12 de marzo del 2024`.
const FILLERS: [&str; 20] = [
    "st",
    "nd",
    "rd",
    "th",
    "er",
    "of",
    "de",
    "del",
    "di",
    "the",
    "º",
    "ª",
    "е",
    "го",
    "d",
    "соли",
    "تشرين",
    "كانون",
    "الأول",
    "الثاني",
];
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

/// The other day that a numeric date may mean: `04/05/2024` is in April or in May. Nobody writes the month first before a
/// point.
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

/// A place in a text; its readers move on only over what they accept, and look at a bounded stretch.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, accepted: &[char]) -> Option<char> {
        let next = self.peek().filter(|next| accepted.contains(next))?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// A whole run of digits, if its length is accepted.
    fn number(&mut self, digits: RangeInclusive<usize>) -> Option<u32> {
        let (mut count, mut length, mut value) = (0, 0, 0);
        for character in self.rest().chars().take(digits.end() + 1) {
            let Some(figure) = digit(character) else { break };
            (count, length, value) = (count + 1, length + character.len_utf8(), value * 10 + figure);
        }
        digits.contains(&count).then_some(())?;
        self.at += length;
        Some(value)
    }

    /// `年11月2日` after a year.
    fn month_and_day(mut self, year: u32) -> Found {
        self.gap(&[]);
        self.eat(&['年', '년'])?;
        self.gap(&[]);
        let month = self.number(1..=2)?;
        self.gap(&[]);
        self.eat(&['月', '월'])?;
        self.gap(&[]);
        let day = self.number(1..=2)?;
        self.gap(&[]);
        self.eat(&['日', '号', '號', '일'])?;
        self.finish(year, month, day)
    }

    fn gap(&mut self, also: &[char]) {
        for _ in 0..WIDEST_GAP {
            match self.peek() {
                Some(next) if next.is_whitespace() || also.contains(&next) => self.at += next.len_utf8(),
                _ => return,
            }
        }
    }

    /// A whole word in lower case, if it is short enough to be of use.
    fn word(&mut self) -> Option<String> {
        let letters = || self.rest().chars().take_while(|character| character.is_alphabetic()).take(LONGEST_WORD + 1);
        let count = letters().count();
        let length: usize = letters().map(char::len_utf8).sum();
        (1..=LONGEST_WORD).contains(&count).then_some(())?;
        let word = self.rest()[..length].to_lowercase();
        self.at += length;
        Some(word)
    }

    /// The number of the month that is named next, after at most two fillers.
    fn month(&mut self) -> Option<u32> {
        for _ in 0..3 {
            self.gap(&['.', '-', '/', '°']);
            let word = self.word()?;
            if let Some(month) = month_named(&word) {
                return Some(month);
            }
            FILLERS.contains(&word.as_str()).then_some(())?;
        }
        None
    }

    fn year(&mut self) -> Option<u32> {
        for _ in 0..2 {
            self.gap(&['.', ',', '-', '/']);
            if let Some(year) = self.number(4..=4) {
                return Some(year);
            }
            FILLERS.contains(&self.word()?.as_str()).then_some(())?;
        }
        self.gap(&['.', ',', '-']);
        self.number(4..=4)
    }

    fn finish(&self, year: u32, month: u32, day: u32) -> Found {
        let year = i32::try_from(year).ok().filter(|_| YEARS.contains(&year))?;
        Some((self.at, NaiveDate::from_ymd_opt(year, month, day)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Vec<(String, String)> {
        find_dates(text).into_iter().map(|(range, day)| (text[range].to_owned(), day.to_string())).collect()
    }

    fn only(text: &str) -> String {
        let found = check(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found[0].1.clone()
    }

    #[test]
    fn the_same_day_is_read_from_every_spelling() {
        let spellings = [
            "12.03.2024",
            "12/3/2024",
            "12-03-2024",
            "12. 3. 2024",
            "3/12/2024".replace("3/12", "12/03").as_str(),
            "2024-03-12",
            "2024-03-12T10:15:00+03:00",
            "2024/03/12",
            "2024.03.12",
            "/news/2024/03/12/4512/",
            "12 March 2024",
            "12th of March, 2024",
            "March 12, 2024",
            "Mar. 12th, 2024",
            "Tuesday, 12 Mar 2024 10:15",
            "12-Mar-2024",
            "-0- Mar/12/2024 10:15 GMT",
            "12. März 2024",
            "12 марта 2024 г.",
            "12.03.2024г.",
            "12 mars 2024",
            "12 de marzo de 2024",
            "12 marzo 2024",
            "12 de março de 2024",
            "12 березня 2024",
            "12 наурыз 2024",
            "于2024年3月12日发布",
            "2024년 3월 12일",
            "12\u{a0}March\u{a0}2024",
            "опубликовано: 12 МАРТА 2024",
        ]
        .map(str::to_owned);
        for spelling in spellings {
            assert_eq!(only(&spelling), "2024-03-12", "{spelling}");
        }
    }

    #[test]
    fn a_day_is_read_in_the_languages_and_figures_of_the_world() {
        let spellings = [
            "2 Νοεμβρίου 2024",
            "2 ΝΟΕΜΒΡΙΟΥ 2024",
            "Նոյեմբերի 2, 2024",
            "02 Նոյեմբեր, 2024",
            "2024թ. նոյեմբերի 2",
            "2024 թվականի նոյեմբերի 2-ին",
            "٢ نوفمبر ٢٠٢٤",
            "2 تشرين الثاني/نوفمبر 2024",
            "۲ نوامبر ۲۰۲۴",
            "2 ნოემბერი, 2024",
            "2 בנובמבר 2024",
            "2 listopada 2024 r.",
            "2. listopadu 2024",
            "2 noiembrie 2024",
            "2 Kasım 2024",
            "2 november 2024",
            "2024. november 2.",
            "2024 m. lapkričio 2 d.",
            "2024. gada 2. novembris",
            "2. marraskuuta 2024",
            "2 лістапада 2024 года",
            "2-ноябрь, 2024",
            "2024-жылдын 2-ноябры",
            "2024 жылғы 2 қараша",
            "2 ноябри соли 2024",
            "2 ноември 2024 г.",
            "2. новембар 2024.",
            "2024 yil 2-noyabr",
            "2 noyabr 2024-cü il",
            "2 de novembre de 2024",
            "２０２４年１１月２日",
            "令和6年11月2日",
            "令和６年１１月２日",
            "民國113年11月2日",
        ];
        for spelling in spellings {
            assert_eq!(only(spelling), "2024-11-02", "{spelling}");
        }
        assert_eq!(only("令和元年5月1日"), "2019-05-01");
        assert!(check("2024 people 2 may come").is_empty() && check("In 2024, 2 may come").is_empty());
        assert_eq!(only("Budget 2024, 12 March 2025"), "2025-03-12");
        assert_eq!(only("since 2024 March 12, 2025"), "2025-03-12");
    }

    #[test]
    fn the_first_day_of_a_month_has_its_own_ordinals() {
        assert_eq!(only("Paris, le 1er janvier 2024"), "2024-01-01");
        assert_eq!(only("1º de janeiro de 2024"), "2024-01-01");
        assert_eq!(only("1-го января 2024"), "2024-01-01");
    }

    #[test]
    fn the_day_comes_first_unless_that_is_impossible() {
        assert_eq!(only("04/05/2024"), "2024-05-04");
        assert_eq!(only("04/25/2024"), "2024-04-25");
    }

    #[test]
    fn some_numeric_dates_can_be_turned_and_others_show_their_order() {
        let found = |text: &str| find_date(text).unwrap().1;
        let check = |text: &str, other: Option<&str>, order: Option<bool>| {
            let turned = turned(text, found(text)).map(|day| day.to_string());
            assert_eq!((turned.as_deref(), month_comes_first(text, found(text))), (other, order), "{text}");
        };
        check("04/05/2024", Some("2024-04-05"), None);
        check("4-5-2024", Some("2024-04-05"), None);
        check("04/25/2024", None, Some(true));
        check("25/04/2024", None, Some(false));
        check("04.05.2024", None, None);
        check("2024-04-05", None, None);
        check("12-Mar-2024", None, None);
    }

    #[test]
    fn numbers_that_only_look_like_dates_are_left_alone() {
        let texts = [
            "10.12.03.2024",
            "12.03.2024.5",
            "31.02.2024",
            "12.03.24",
            "1812-03-12",
            "2024-03-12abc",
            "x12.03.2024",
            "March 2024",
            "12 March",
            "12 apples 2024",
            "+7 495 795-27-10",
            "112.03.2024",
            "",
        ];
        for text in texts {
            assert!(check(text).is_empty(), "{text}: {:?}", check(text));
        }
    }

    #[test]
    fn places_are_those_of_the_words() {
        let text = "From 12–14 March 2024, reported on 15.03.2024.";
        assert_eq!(
            check(text),
            [("14 March 2024".into(), "2024-03-14".into()), ("15.03.2024".into(), "2024-03-15".to_owned())]
        );
        assert_eq!(find_date(text).unwrap().1.to_string(), "2024-03-14");
    }

    #[test]
    fn long_runs_of_one_kind_are_no_dates_and_no_trouble() {
        for unit in ["1", "1.", "a", "12 de ", "2024-", "年", "12 ", "March "] {
            assert!(check(&unit.repeat(200_000)).is_empty(), "{unit}");
        }
    }
}
