//! One field of a cron expression: checked against crontab(5) and written out as a plain list, so that no
//! reading of the `cron` crate that differs from crontab(5) can come into play.

use std::collections::BTreeSet;

use super::CadenceError;

/// What may stand in a field.
pub(super) struct CronField {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

pub(super) const MINUTE: CronField = CronField { name: "minute", least: 0, most: 59, names: &[] };
pub(super) const HOUR: CronField = CronField { name: "hour", least: 0, most: 23, names: &[] };
pub(super) const DAY: CronField = CronField { name: "day of month", least: 1, most: 31, names: &[] };
pub(super) const MONTH: CronField = CronField {
    name: "month",
    least: 1,
    most: 12,
    names: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/// 0 and 7 are both Sunday.
pub(super) const WEEKDAY: CronField =
    CronField { name: "weekday", least: 0, most: 7, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

impl CronField {
    /// The field as the `cron` crate reads it: `*` or a list of numbers, weekdays by name.
    pub(super) fn translate(&self, text: &str) -> Result<String, CadenceError> {
        if text == "*" {
            return Ok(text.to_owned());
        }
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            values.extend(self.expand(part)?);
        }
        let words: BTreeSet<String> = values.into_iter().map(|value| self.spell(value)).collect();
        Ok(words.into_iter().collect::<Vec<_>>().join(","))
    }

    fn spell(&self, value: u32) -> String {
        match self.names.get(value as usize % 7) {
            Some(name) if self.least == 0 => (*name).to_owned(),
            _ => value.to_string(),
        }
    }

    /// `*`, a value or a range; the first and the last may have a step.
    fn expand(&self, part: &str) -> Result<impl Iterator<Item = u32> + use<>, CadenceError> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, self.step(part, step)?),
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (self.value(part, first)?, self.value(part, last)?),
            None if range == "*" => (self.least, self.most),
            None if step > 1 || part.contains('/') => return Err(self.step_without_range(part)),
            None => (self.value(part, range)?, self.value(part, range)?),
        };
        // Sunday ends a week as well as it begins one.
        let last = if self.most == 7 && last == 0 && first > 0 { 7 } else { last };
        if first > last {
            return Err(self.wrong(part, "the range runs backwards"));
        }
        Ok((first..=last).step_by(step as usize))
    }

    fn step(&self, part: &str, text: &str) -> Result<u32, CadenceError> {
        match number(text) {
            Some(step) if (1..=self.most).contains(&step) => Ok(step),
            _ => Err(self.wrong(part, &format!("a step is a number from 1 to {}", self.most))),
        }
    }

    fn value(&self, part: &str, text: &str) -> Result<u32, CadenceError> {
        if let Some(place) = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Ok(self.least + u32::try_from(place).unwrap_or_default());
        }
        match number(text) {
            Some(value) if (self.least..=self.most).contains(&value) => Ok(value),
            Some(_) => Err(self.wrong(part, &format!("not within {} to {}", self.least, self.most))),
            None => Err(self.wrong(part, "not understood")),
        }
    }

    fn step_without_range(&self, part: &str) -> CadenceError {
        let (first, step) = part.split_once('/').unwrap_or((part, "2"));
        let problem = format!("{} {part:?}: a step needs a range", self.name);
        CadenceError::new(problem, format!("write {first}-{}/{step}", self.most))
    }

    fn wrong(&self, part: &str, problem: &str) -> CadenceError {
        let names = match self.names {
            [first, .., last] => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        let mend = format!("write {} to {}{names}, *, a range such as 1-5, */2 or a list", self.least, self.most);
        CadenceError::new(format!("{} {part:?}: {problem}", self.name), mend)
    }
}

/// Digits only: `u32::from_str` takes a sign as well.
fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
