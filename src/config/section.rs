//! Walks the TOML tree: a [`Section`] hands out its keys as [`Entry`]s, and what is wrong with them goes into the
//! [`Report`] with its place. Nothing stops at the first mistake, so the reader sees them all.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::report::{Problem, Report};
use super::value::{nearest, quoted};

/// A table of the file. [`Section::finish`] reports the keys that nobody asked for.
pub(super) struct Section<'a> {
    report: &'a Report<'a>,
    name: String,
    at: usize,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
    refused: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub(super) fn root(report: &'a Report<'a>, table: &'a DeTable<'a>) -> Self {
        Self { report, name: String::new(), at: 0, table, known: Vec::new(), refused: Vec::new() }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether there is a value other than an empty list.
    pub(super) fn has_items(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| !value.get_ref().as_array().is_some_and(|items| items.is_empty()))
    }

    pub(super) fn entry(&mut self, key: &'static str) -> Option<Entry<'a>> {
        self.known.push(key);
        let value = self.table.get(key)?;
        Some(Entry::new(self.report, self.key(key), value))
    }

    /// The entry, or a mistake that tells what to write; `example` is a whole line.
    pub(super) fn required(&mut self, key: &'static str, example: &str) -> Option<Entry<'a>> {
        let entry = self.entry(key);
        if entry.is_none() {
            self.missing(key, &Problem::new("missing", format!("write {example}")));
        }
        entry
    }

    /// Reports what is not there, unless it may stand where the file could not be read.
    pub(super) fn missing(&self, key: &str, problem: &Problem) {
        if !self.report.is_partial() {
            self.report.add(self.at, &self.key(key), problem);
        }
    }

    /// Reports a key that is not allowed here; it is not offered as a known key either.
    pub(super) fn refuse(&mut self, key: &'static str, problem: &Problem) {
        self.refused.push(key);
        if let Some((name, _)) = self.table.get_key_value(key) {
            self.report.add(name.span().start, &self.key(key), problem);
        }
    }

    pub(super) fn text<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Result<T, Problem>) -> Option<T> {
        self.entry(key)?.parse(parse)
    }

    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        self.entry(key)?.number(range)
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.entry(key)?.flag()
    }

    /// The usable items of a list; none when it is absent.
    pub(super) fn list<T>(&mut self, key: &'static str, parse: impl Fn(&str) -> Result<T, Problem>) -> Vec<T> {
        let items = self.entry(key).map(|entry| entry.items()).unwrap_or_default();
        items.iter().filter_map(|item| item.parse(&parse)).collect()
    }

    /// A table that may stand there once.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'a>> {
        let entry = self.entry(key)?;
        if entry.value.as_table().is_none() {
            entry.wrong(&Problem::new(entry.instead_of("a table"), format!("write [{}], once", entry.key)));
        }
        entry.into_section()
    }

    /// Tables that may stand there any number of times.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let mend = format!("write [[{key}]]");
        let Some(items) = entry.value.as_array() else {
            entry.wrong(&Problem::new(entry.instead_of("a list of tables"), mend));
            return entry.into_section().into_iter().collect();
        };
        let items = items.iter().map(|item| Entry::new(entry.report, entry.key.clone(), item));
        let (tables, others): (Vec<_>, Vec<_>) = items.partition(|item| item.value.is_table());
        for other in others {
            other.wrong(&Problem::new(other.instead_of("a table"), mend.clone()));
        }
        tables.into_iter().filter_map(Entry::into_section).collect()
    }

    /// Reports the keys that are not known here.
    pub(super) fn finish(self) {
        for name in self.table.keys() {
            let key: &str = name.get_ref();
            if !self.known.contains(&key) && !self.refused.contains(&key) {
                let mend = match nearest(key, self.known.iter().copied()) {
                    Some(near) => format!("write {near}"),
                    None => format!("known here: {}", self.known.join(", ")),
                };
                self.report.add(name.span().start, &self.key(key), &Problem::new("unknown key", mend));
            }
        }
    }

    fn key(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// A value of the file, with its key and place.
pub(super) struct Entry<'a> {
    report: &'a Report<'a>,
    key: String,
    at: usize,
    value: &'a DeValue<'a>,
}

impl<'a> Entry<'a> {
    fn new(report: &'a Report<'a>, key: String, value: &'a Spanned<DeValue<'a>>) -> Self {
        Self { report, key, at: value.span().start, value: value.get_ref() }
    }

    pub(super) fn wrong(&self, problem: &Problem) {
        self.report.add(self.at, &self.key, problem);
    }

    pub(super) fn line(&self) -> usize {
        self.report.line(self.at)
    }

    /// Reads text; where something else stands without quotes, the mend is what its spelling would get.
    pub(super) fn parse<T>(&self, parse: impl Fn(&str) -> Result<T, Problem>) -> Option<T> {
        let Some(text) = self.value.as_str() else {
            let mend = parse(&self.spelling()).err().map_or("put it in quotes".to_owned(), |problem| problem.mend);
            self.wrong(&Problem::new(self.instead_of("text in quotes"), mend));
            return None;
        };
        parse(text).map_err(|problem| self.wrong(&problem)).ok()
    }

    /// As [`Entry::parse`], for a number without quotes too.
    pub(super) fn parse_number_or_text<T>(&self, parse: impl Fn(&str) -> Result<T, Problem>) -> Option<T> {
        match self.value {
            DeValue::Integer(_) => parse(&self.spelling()).map_err(|problem| self.wrong(&problem)).ok(),
            _ => self.parse(parse),
        }
    }

    pub(super) fn number(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let mend = || format!("write a number from {} to {}", range.start(), range.end());
        let DeValue::Integer(integer) = self.value else {
            self.wrong(&Problem::new(self.instead_of("a number"), mend()));
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|value| range.contains(value));
        if number.is_none() {
            self.wrong(&Problem::new(format!("{integer} is out of bounds"), mend()));
        }
        number
    }

    fn flag(&self) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.wrong(&Problem::new(self.instead_of("true or false"), "write true or false, without quotes"));
        }
        flag
    }

    pub(super) fn items(&self) -> Vec<Entry<'a>> {
        let Some(items) = self.value.as_array() else {
            let mend = match self.value.as_str() {
                Some(text) => format!("write [{}]", quoted(text)),
                None => "write a list in square brackets".to_owned(),
            };
            self.wrong(&Problem::new(self.instead_of("a list"), mend));
            return Vec::new();
        };
        items.iter().map(|item| Entry::new(self.report, self.key.clone(), item)).collect()
    }

    fn into_section(self) -> Option<Section<'a>> {
        let Self { report, key, at, value } = self;
        let table = value.as_table()?;
        Some(Section { report, name: key, at, table, known: Vec::new(), refused: Vec::new() })
    }

    fn instead_of(&self, wanted: &str) -> String {
        let kind = match self.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a number",
            DeValue::Float(_) => "a number with a fraction",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        format!("{kind} instead of {wanted}")
    }

    fn spelling(&self) -> String {
        match self.value {
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .map_or_else(|_| integer.to_string(), |n| n.to_string()),
            DeValue::Float(float) => float.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(_) | DeValue::Array(_) | DeValue::Table(_) => String::new(),
        }
    }
}
