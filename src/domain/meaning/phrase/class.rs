//! What a word tells beside its neighbours: a number, a date, a name, or no more than any other word.

use super::{Class, Word};
use crate::domain::diff::tokens::{is_currency, is_end};
use crate::domain::meaning::words;

/// One word among the others.
pub(super) struct Neighbourhood<'a> {
    pub(super) keys: &'a [&'a str],
    pub(super) folded: &'a [String],
    pub(super) at: usize,
    /// Where the edit begins.
    pub(super) start: usize,
    pub(super) german: bool,
}

impl Neighbourhood<'_> {
    pub(super) fn word(&self) -> Word {
        let own = &self.folded[self.at];
        if own.chars().any(|character| character.is_ascii_digit()) {
            let class = self.class_of_figure(own);
            let value = value(own);
            // "5%" and "5 per cent" are the same.
            let key = if class == Class::Percentage { value.trim_end_matches('%').to_owned() } else { value };
            return Word { key, class };
        }
        if let Some(number) = words::number(own) {
            return Word { key: number.into_owned(), class: self.class_of_number() };
        }
        let class = if words::is_roman(self.keys[self.at]) { Class::Number } else { self.class_of_word(own) };
        Word { key: own.clone(), class }
    }

    fn folded(&self, offset: isize) -> &str {
        self.at.checked_add_signed(offset).and_then(|at| self.folded.get(at)).map_or("", String::as_str)
    }

    fn class_of_word(&self, own: &str) -> Class {
        if self.is_per_cent(own) {
            // The number tells it, if the number belongs to the edit.
            return if self.at > self.start && self.is_beside_number() { Class::Light } else { Class::Percentage };
        }
        if !own.chars().any(char::is_alphanumeric) {
            return if own.chars().any(is_currency) { Class::Money } else { Class::Mark };
        }
        let is_may = own == "may" && self.is_capital() && (!self.opens_sentence() || has_digit(self.folded(1)));
        if is_may || words::is_date(own, self.is_capital()) {
            return Class::Date;
        }
        let has_to = matches!(own, "have" | "has" | "had") && self.folded(1) == "to";
        match own {
            _ if words::is_clock(own) && self.is_beside_number() => Class::Date,
            _ if words::is_negation(own) => Class::Negation,
            _ if words::is_modal(own) || has_to => Class::Modal,
            _ if words::is_money(own) => Class::Money,
            _ if words::is_unit(own) && self.is_beside_number() => Class::Number,
            _ if words::is_light(own) => Class::Light,
            _ if self.is_name() => Class::Name,
            _ => Class::Content,
        }
    }

    fn is_per_cent(&self, own: &str) -> bool {
        words::is_percent(own) || words::are_per_cent(own, self.folded(1)) || words::are_per_cent(self.folded(-1), own)
    }

    fn is_beside_number(&self) -> bool {
        let is_number = |offset| has_digit(self.folded(offset)) || words::number(self.folded(offset)).is_some();
        is_number(-1) || words::are_per_cent(self.folded(-1), self.folded(0)) && is_number(-2)
    }

    fn class_of_figure(&self, own: &str) -> Class {
        if self.is_date(own) {
            return Class::Date;
        }
        if own.contains(['%', '‰']) {
            return Class::Percentage;
        }
        if own.chars().any(is_currency) { Class::Money } else { self.class_of_number() }
    }

    fn is_date(&self, own: &str) -> bool {
        let is_time = own.split_once(':').is_some_and(|(hour, minute)| has_digit(hour) && has_digit(minute));
        let digits = own.strip_suffix('s').unwrap_or(own);
        let is_year = digits.parse().is_ok_and(|year: u32| (1900..=2100).contains(&year) && digits.len() == 4);
        let (before, after) = (self.folded(-1), self.folded(1));
        let ends = !after.chars().any(char::is_alphanumeric);
        let year = is_year
            && (own != digits
                || words::is_beside_year(before)
                || words::is_beside_year(after)
                || before == "of" && ends);
        let is_month = |word: &str| words::is_month(word) || word == "may";
        // German and Spanish put something between: 3. Mai, 3 de mayo.
        let between = matches!(after, "." | "de") && is_month(self.folded(2));
        let month = between || is_month(after) || is_month(before) || is_year && is_month(self.folded(-2));
        is_day(own) || is_time || year || words::is_clock(after) || month
    }

    /// A number is what the unit behind it says: three million dollars.
    fn class_of_number(&self) -> Class {
        if words::is_month(self.folded(1)) {
            return Class::Date;
        }
        for offset in 1..=3 {
            let next = self.folded(offset);
            if words::is_percent(next) || words::are_per_cent(next, self.folded(offset + 1)) {
                return Class::Percentage;
            }
            if words::is_money(next) || next.chars().any(is_currency) {
                return Class::Money;
            }
            if words::number(next).is_none() && !matches!(next, "." | "us" | "de" | "美" | "欧" | "日") {
                break;
            }
        }
        if words::is_money(self.folded(-1)) || self.folded(-1).chars().any(is_currency) {
            return Class::Money;
        }
        Class::Number
    }

    fn is_capital(&self) -> bool {
        self.keys[self.at].chars().next().is_some_and(char::is_uppercase)
    }

    fn opens_sentence(&self) -> bool {
        let mut before = self.folded[..self.at].iter().rev().skip_while(|key| matches!(key.as_str(), "\"" | "'" | "("));
        before.next().is_none_or(|key| is_end(key) || key.as_str() == "\t")
    }

    fn is_name(&self) -> bool {
        let own = self.keys[self.at];
        if own.chars().filter(|character| character.is_uppercase()).count() > 1 {
            return true;
        }
        let next_is_capital = self.keys.get(self.at + 1).is_some_and(|next| next.starts_with(char::is_uppercase));
        let last_is_capital = self.at > 0 && self.keys[self.at - 1].starts_with(char::is_uppercase);
        if !self.is_capital() || own.chars().count() < 2 {
            false
        } else if self.opens_sentence() {
            next_is_capital && !self.german
        } else {
            !self.german || last_is_capital || words::announces_german_name(self.folded(-1))
        }
    }
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether a figure is a date such as 21.03.2024, 3/5/24 or 2024-03-21; a phone number is none.
fn is_day(figure: &str) -> bool {
    let parts: Vec<&str> = figure.split(['.', '/', '-']).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    match (&numbers[..], &parts[..]) {
        ([day, month, _], [_, _, year]) if matches!(year.len(), 2 | 4) => {
            (1..=31).contains(day) && (1..=31).contains(month)
        }
        ([_, month, day], [year, _, _]) if year.len() == 4 => (1..=12).contains(month) && (1..=31).contains(day),
        _ => false,
    }
}

/// A number without the separators between its thousands, and without the ending of an ordinal.
fn value(figure: &str) -> String {
    let endings = ["st", "nd", "rd", "th", "-й", "-я", "-е", "-го", "-м", "-ю", "-му", "-х"];
    let figure = endings.iter().find_map(|ending| figure.strip_suffix(ending)).unwrap_or(figure);
    let separator = figure.chars().find(|character| matches!(character, ' ' | ',' | '.' | '\''));
    let Some(separator) = separator else { return figure.to_owned() };
    let mut groups = figure.split(separator);
    let head = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let grouped = rest.iter().all(|group| group.bytes().take_while(u8::is_ascii_digit).count() == 3)
        && (1..=3).contains(&head.bytes().filter(u8::is_ascii_digit).count())
        && !head.ends_with('0') | (head.len() > 1);
    if grouped { format!("{head}{}", rest.concat()) } else { figure.to_owned() }
}
