//! Reads a date part by part.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use super::months::month_named;
use super::{Found, digit};

const YEARS: RangeInclusive<u32> = 1990..=2100;
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
/// White space and punctuation allowed between two parts of a date.
const WIDEST_GAP: usize = 3;
/// Letters of the longest word that is looked up as the name of a month.
const LONGEST_WORD: usize = 12;
/// A place in a text; its readers move on only over what they accept, and look at a bounded stretch.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Cursor<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn eat(&mut self, accepted: &[char]) -> Option<char> {
        let next = self.peek().filter(|next| accepted.contains(next))?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// A whole run of digits, if its length is accepted.
    pub(super) fn number(&mut self, digits: RangeInclusive<usize>) -> Option<u32> {
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
    pub(super) fn month_and_day(mut self, year: u32) -> Found {
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

    pub(super) fn gap(&mut self, also: &[char]) {
        for _ in 0..WIDEST_GAP {
            match self.peek() {
                Some(next) if next.is_whitespace() || also.contains(&next) => self.at += next.len_utf8(),
                _ => return,
            }
        }
    }

    /// A whole word in lower case, if it is short enough to be of use.
    pub(super) fn word(&mut self) -> Option<String> {
        let letters = || self.rest().chars().take_while(|character| character.is_alphabetic()).take(LONGEST_WORD + 1);
        let count = letters().count();
        let length: usize = letters().map(char::len_utf8).sum();
        (1..=LONGEST_WORD).contains(&count).then_some(())?;
        let word = self.rest()[..length].to_lowercase();
        self.at += length;
        Some(word)
    }

    /// The number of the month that is named next, after at most two fillers.
    pub(super) fn month(&mut self) -> Option<u32> {
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

    pub(super) fn year(&mut self) -> Option<u32> {
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

    pub(super) fn finish(&self, year: u32, month: u32, day: u32) -> Found {
        let year = i32::try_from(year).ok().filter(|_| YEARS.contains(&year))?;
        Some((self.at, NaiveDate::from_ymd_opt(year, month, day)?))
    }
}
