//! The words that carry a fact by themselves; all in lower case. What is in no list is a name if it is spelled like
//! one, else an ordinary word. The words stand in `lists`.

mod lists;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word of the lists is; some are several things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Money,
    Percent,
    Unit,
    Month,
    LowerMonth,
    Day,
    Clock,
    BesideYear,
    Negation,
    Modal,
    Light,
    BeforeGermanName,
    German,
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::Money, lists::MONEY),
    (Kind::Percent, lists::PERCENT),
    (Kind::Unit, lists::UNITS),
    (Kind::Month, lists::MONTHS),
    (Kind::LowerMonth, lists::LOWER_MONTHS),
    (Kind::Day, lists::DAYS),
    (Kind::Clock, lists::CLOCK),
    (Kind::BesideYear, lists::BESIDE_YEAR),
    (Kind::Negation, lists::NEGATIONS),
    (Kind::Modal, lists::MODALS),
    (Kind::Light, lists::LIGHT),
    (Kind::BeforeGermanName, lists::BEFORE_GERMAN_NAME),
    (Kind::German, lists::GERMAN),
];

/// Looked up for every word of an edit, so not searched word by word.
static KNOWN: LazyLock<HashMap<&str, Vec<Kind>>> = LazyLock::new(|| {
    let mut known: HashMap<&str, Vec<Kind>> = HashMap::new();
    for (kind, words) in KINDS {
        for word in words.split_ascii_whitespace() {
            known.entry(word).or_default().push(*kind);
        }
    }
    known
});

static NUMBERS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let words = |(number, words): &(&'static str, &'static str)| {
        let number = *number;
        words.split_ascii_whitespace().map(move |word| (word, number))
    };
    lists::NUMBERS.iter().flat_map(words).collect()
});

fn is(kind: Kind, word: &str) -> bool {
    KNOWN.get(word).is_some_and(|kinds| kinds.contains(&kind))
}

/// The number that a word stands for: "five", "fifth", "пятого", "twenty-five", "fünfundzwanzig", "viii" if it was
/// written in capitals.
pub(super) fn number(word: &str) -> Option<Cow<'static, str>> {
    if let Some(number) = NUMBERS.get(word) {
        return Some(Cow::Borrowed(number));
    }
    ordinal(word).map(Cow::Borrowed).or_else(|| compound(word).map(Cow::Owned))
}

fn ordinal(word: &str) -> Option<&'static str> {
    let begins = |stem: &&str| {
        let ending = word.strip_prefix(*stem);
        ending.is_some_and(|ending| lists::ORDINAL_ENDINGS.split_ascii_whitespace().any(|listed| listed == ending))
    };
    let found = lists::ORDINALS.iter().find(|(_, stems)| stems.split_ascii_whitespace().any(|stem| begins(&stem)));
    found.map(|(number, _)| *number)
}

/// Tens and ones, in either order.
fn compound(word: &str) -> Option<String> {
    let (left, right) = word.split_once('-').or_else(|| word.split_once("und"))?;
    let value = |part: &str| if part == "ein" || part == "one" { Some(1) } else { NUMBERS.get(part)?.parse().ok() };
    let (left, right): (u32, u32) = (value(left)?, value(right)?);
    let (ones, tens) = (left.min(right), left.max(right));
    (ones < 10 && (20..100).contains(&tens)).then(|| (tens + ones).to_string())
}

/// Whether capitals are a Roman number of a chapter or a king; longer ones than XXXIX are rarely met.
pub(super) fn is_roman(word: &str) -> bool {
    let ones = word.trim_start_matches('X');
    let tens = word.len() - ones.len();
    let known = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"].contains(&ones);
    known && tens <= 3 && word.len() >= 2
}

pub(super) fn is_money(word: &str) -> bool {
    // French joins "d'euros".
    is(Kind::Money, word.strip_prefix("d'").unwrap_or(word))
}

pub(super) fn is_percent(word: &str) -> bool {
    is(Kind::Percent, word)
}

/// Whether two words together mean "per cent".
pub(super) fn are_per_cent(first: &str, second: &str) -> bool {
    matches!((first, second), ("per" | "pour", "cent") | ("por", "ciento"))
}

pub(super) fn is_unit(word: &str) -> bool {
    is(Kind::Unit, word)
}

/// Whether a word that begins with a capital, or does not, is a date.
pub(super) fn is_date(word: &str, capital: bool) -> bool {
    match word {
        "march" => capital,
        _ if is(Kind::LowerMonth, word) => !capital,
        _ => is_month(word) || is(Kind::Day, word),
    }
}

pub(super) fn is_month(word: &str) -> bool {
    is(Kind::Month, word)
}

pub(super) fn is_clock(word: &str) -> bool {
    is(Kind::Clock, word)
}

pub(super) fn is_beside_year(word: &str) -> bool {
    is(Kind::BesideYear, word)
}

pub(super) fn is_negation(word: &str) -> bool {
    is(Kind::Negation, word) || word.starts_with("n'")
}

/// What "doesn't" is made of, besides "not".
pub(super) fn negated(word: &str) -> Option<&str> {
    match word {
        "cannot" | "can't" => Some("can"),
        "won't" => Some("will"),
        "shan't" => Some("shall"),
        _ => word.strip_suffix("n't").filter(|verb| !verb.is_empty()),
    }
}

/// Whether one word is the other with a "not" in front.
pub(super) fn are_opposites(left: &str, right: &str) -> bool {
    let negates = |long: &str, short: &str| {
        lists::OPPOSITES.iter().any(|(prefix, least)| {
            long.strip_prefix(prefix).is_some_and(|rest| rest == short && rest.chars().count() >= *least)
        })
    };
    negates(left, right) || negates(right, left)
}

pub(super) fn is_modal(word: &str) -> bool {
    is(Kind::Modal, word)
}

pub(super) fn is_light(word: &str) -> bool {
    is(Kind::Light, word)
}

/// Whether two words that are spelled alike are known to be different words.
pub(super) fn are_confusable(left: &str, right: &str) -> bool {
    left != right && lists::CONFUSABLE.iter().any(|group| has(group, left) && has(group, right))
}

pub(super) fn announces_german_name(word: &str) -> bool {
    is(Kind::BeforeGermanName, word)
}

/// Whether a text is German, where nouns are spelled like names.
pub(super) fn is_german(text: &str) -> bool {
    let is_known =
        |word: &&str| is(Kind::German, &word.trim_matches(|mark: char| !mark.is_alphanumeric()).to_lowercase());
    text.split_whitespace().take(400).filter(is_known).take(2).count() == 2 || text.contains('ß')
}

fn has(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}
