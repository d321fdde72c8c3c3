//! Finds days in running text: numeric dates, and dates with the name of a month in the languages that news
//! pages are written in. Dates without a year are left alone, because only a guess could complete them.

use std::iter;
use std::ops::{Range, RangeInclusive};

use chrono::{Datelike as _, NaiveDate};

const YEARS: RangeInclusive<u32> = 1990..=2100;
/// Letters of the longest word that is looked up as the name of a month.
const LONGEST_WORD: usize = 12;
/// White space and punctuation allowed between two parts of a date.
const WIDEST_GAP: usize = 3;
/// What may stand between day, month and year: `12th of March`, `1er janvier`, `12 de marzo del 2024`.
const FILLERS: [&str; 14] = ["st", "nd", "rd", "th", "er", "of", "de", "del", "di", "the", "º", "ª", "е", "го"];

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
    text[from..].bytes().any(|byte| byte.is_ascii_digit()).then_some(())?;
    let mut previous = text[..from].chars().next_back();
    for (offset, character) in text[from..].char_indices() {
        let at = from + offset;
        if character.is_alphanumeric() && !previous.is_some_and(joins_words) {
            let found = if character.is_ascii_digit() { starting_with_digit(text, at) } else { month_first(text, at) };
            if let Some((end, day)) = found {
                return Some((at..end, day));
            }
        }
        previous = Some(character);
    }
    None
}

/// Whether a date cannot start right after this character; Chinese and Japanese set no spaces.
fn joins_words(character: char) -> bool {
    character.is_alphanumeric() && character < '\u{2e80}'
}

type Found = Option<(usize, NaiveDate)>;

fn starting_with_digit(text: &str, at: usize) -> Found {
    year_first(text, at)
        .or_else(|| year_first_ideographic(text, at))
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
    cursor.gap(&[]);
    cursor.eat(&['年', '년'])?;
    cursor.gap(&[]);
    let month = cursor.number(1..=2)?;
    cursor.gap(&[]);
    cursor.eat(&['月', '월'])?;
    cursor.gap(&[]);
    let day = cursor.number(1..=2)?;
    cursor.gap(&[]);
    cursor.eat(&['日', '号', '號', '일'])?;
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
    let goes_on = after.eat(&[separator]).is_some() && after.peek().is_some_and(|next| next.is_ascii_digit());
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
        let count = self.rest().bytes().take(digits.end() + 1).take_while(u8::is_ascii_digit).count();
        let value = digits.contains(&count).then(|| self.rest()[..count].parse().ok())??;
        self.at += count;
        Some(value)
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

/// English, German, Russian, French, Spanish, Italian, Portuguese, Ukrainian and Kazakh.
#[rustfmt::skip]
fn month_named(word: &str) -> Option<u32> {
    Some(match word {
        "january" | "jan" | "januar" | "jänner" | "jän" | "января" | "январь" | "янв" | "janvier" | "janv" | "enero"
        | "ene" | "gennaio" | "gen" | "janeiro" | "січня" | "січень" | "січ" | "қаңтар" => 1,
        "february" | "feb" | "februar" | "feber" | "февраля" | "февраль" | "фев" | "февр" | "février" | "fevrier"
        | "févr" | "fév" | "febrero" | "febbraio" | "fevereiro" | "fev" | "лютого" | "лютий" | "лют" | "ақпан" => 2,
        "march" | "mar" | "märz" | "maerz" | "mär" | "mrz" | "марта" | "март" | "мар" | "mars" | "marzo" | "março"
        | "marco" | "березня" | "березень" | "бер" | "наурыз" => 3,
        "april" | "apr" | "апреля" | "апрель" | "апр" | "avril" | "avr" | "abril" | "abr" | "aprile" | "квітня"
        | "квітень" | "квіт" | "сәуір" => 4,
        "may" | "mai" | "мая" | "май" | "mayo" | "maggio" | "mag" | "maio" | "травня" | "травень" | "трав"
        | "мамыр" => 5,
        "june" | "jun" | "juni" | "июня" | "июнь" | "июн" | "juin" | "junio" | "giugno" | "giu" | "junho" | "червня"
        | "червень" | "черв" | "маусым" => 6,
        "july" | "jul" | "juli" | "июля" | "июль" | "июл" | "juillet" | "juil" | "julio" | "luglio" | "lug" | "julho"
        | "липня" | "липень" | "лип" | "шілде" => 7,
        "august" | "aug" | "августа" | "август" | "авг" | "août" | "aout" | "agosto" | "ago" | "серпня" | "серпень"
        | "серп" | "тамыз" => 8,
        "september" | "sep" | "sept" | "сентября" | "сентябрь" | "сен" | "сент" | "septembre" | "septiembre"
        | "setiembre" | "settembre" | "set" | "setembro" | "вересня" | "вересень" | "вер" | "қыркүйек" => 9,
        "october" | "oct" | "oktober" | "okt" | "октября" | "октябрь" | "окт" | "octobre" | "octubre" | "ottobre"
        | "ott" | "outubro" | "out" | "жовтня" | "жовтень" | "жовт" | "қазан" => 10,
        "november" | "nov" | "ноября" | "ноябрь" | "ноя" | "нояб" | "novembre" | "noviembre" | "novembro"
        | "листопада" | "листопад" | "лист" | "қараша" => 11,
        "december" | "dec" | "dezember" | "dez" | "декабря" | "декабрь" | "дек" | "décembre" | "decembre" | "déc"
        | "diciembre" | "dic" | "dicembre" | "dezembro" | "грудня" | "грудень" | "груд" | "желтоқсан" => 12,
        _ => return None,
    })
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
