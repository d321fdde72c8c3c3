//! Single values: each function reads the text of one and says what is wrong with it and what would be right.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono_tz::{TZ_VARIANTS, Tz};
use lettre::message::Mailbox;
use url::Url;

use super::report::Problem;
use crate::domain::cadence::Cadence;
use crate::domain::route::QuietHours;
use crate::domain::rule::{CssSelector, PathPattern};

/// Longest duration: a year, which no wait here has a use for.
const LONGEST: Duration = Duration::from_hours(366 * 24);
/// Largest size in bytes.
const LARGEST: u64 = 1 << 30;
/// How alike two words have to be for one to be taken for the other.
const ALIKE: f64 = 0.6;

/// The value as it stands, shortened where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// What somebody may have meant by a word, if anything comes near.
pub(super) fn nearest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if word.chars().nth(64).is_some() {
        return None;
    }
    let word = word.to_lowercase();
    let alike = known.into_iter().map(|candidate| (likeness(&word, &candidate.to_lowercase()), candidate));
    alike.filter(|(likeness, _)| *likeness >= ALIKE).max_by(|left, right| left.0.total_cmp(&right.0)).map(|best| best.1)
}

/// For a path such as `Europe/Moscow` its last segment may be enough.
fn likeness(word: &str, candidate: &str) -> f64 {
    let last = candidate.rsplit('/').next().unwrap_or(candidate);
    let whole = strsim::normalized_damerau_levenshtein(word, candidate);
    whole.max(strsim::normalized_damerau_levenshtein(word, last))
}

/// Anything on one line that is not empty.
pub(super) fn words(text: &str) -> Result<String, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::new("empty", "write something or leave the key out"));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::new(format!("{}: more than one line", quoted(text)), "write it on one line"));
    }
    Ok(text.trim().to_owned())
}

pub(super) fn path(text: &str) -> Result<PathBuf, Problem> {
    words(text).map(PathBuf::from)
}

/// `"250ms"`, `"1s"`, `"15m"`, `"1h"`, `"2d"`.
pub(super) fn duration(text: &str) -> Result<Duration, Problem> {
    let mend = "write a number with ms, s, m, h or d, such as \"15m\"";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(Problem::new(format!("{}: not a duration", quoted(text)), mend)),
    };
    let number: u64 = match number.parse() {
        Ok(number) => number,
        Err(_) => return Err(Problem::new(format!("{}: not a duration", quoted(text)), mend)),
    };
    let milliseconds = number.checked_mul(factor).map(Duration::from_millis);
    milliseconds
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| Problem::new(format!("{}: longer than a year", quoted(text)), "write at most \"366d\""))
}

/// A duration other than nothing.
pub(super) fn positive_duration(text: &str) -> Result<Duration, Problem> {
    match duration(text)? {
        Duration::ZERO => Err(Problem::new(format!("{}: too short", quoted(text)), "write at least \"1ms\"")),
        duration => Ok(duration),
    }
}

/// `"16MiB"`, `"500KB"` or plain bytes.
pub(super) fn size(text: &str) -> Result<u64, Problem> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim_start() {
        "" | "B" => Some(1),
        "KB" | "kB" => Some(1000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        _ => None,
    };
    let (Some(factor), Ok(number)) = (factor, number.parse::<u64>()) else {
        let mend = "write bytes, or a number with KB, MB, KiB or MiB, such as \"16MiB\"";
        return Err(Problem::new(format!("{}: not a size", quoted(text)), mend));
    };
    let bytes = number.checked_mul(factor).filter(|bytes| (1..=LARGEST).contains(bytes));
    bytes.ok_or_else(|| Problem::new(format!("{}: out of bounds", quoted(text)), "write \"1B\" to \"1GiB\""))
}

/// An absolute web address. What may hold a password is not repeated in the message.
pub(super) fn address(text: &str) -> Result<Url, Problem> {
    let mend = "write a whole address, such as \"https://example.org/news/\"";
    let shown = if text.contains('@') { "\"…\"".to_owned() } else { quoted(text) };
    let url = Url::parse(text).map_err(|error| Problem::new(format!("{shown}: not a web address ({error})"), mend))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Problem::new("an address with user name or password", "leave out what stands before the @"));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Problem::new(format!("{shown}: not http or https"), mend));
    }
    Ok(url)
}

pub(super) fn timezone(text: &str) -> Result<Tz, Problem> {
    text.parse().map_err(|_| {
        let near = nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())).unwrap_or("Europe/Berlin");
        let mend = format!("write a name of the IANA time zone database, such as {near:?}");
        Problem::new(format!("{}: no such time zone", quoted(text)), mend)
    })
}

pub(super) fn cadence(text: &str) -> Result<Cadence, Problem> {
    Cadence::parse(text).map_err(|error| Problem::new(format!("{}: {}", quoted(text), error.problem), error.mend))
}

/// Two times of day.
pub(super) fn quiet_hours(text: &str) -> Result<QuietHours, Problem> {
    QuietHours::parse(text).ok_or_else(|| {
        let mend = "write when they begin and end, such as \"22:00-07:00\"";
        Problem::new(format!("{}: not a time range", quoted(text)), mend)
    })
}

pub(super) fn selector(text: &str) -> Result<CssSelector, Problem> {
    let mend = "write one such as \".news-detail\" or \"article > p\"";
    CssSelector::parse(text).map_err(|_| Problem::new(format!("{}: not a CSS selector", quoted(text)), mend))
}

pub(super) fn pattern(text: &str) -> Result<PathPattern, Problem> {
    let mend = "start it with a slash, such as \"/news/**\"";
    PathPattern::parse(text).map_err(|_| Problem::new(format!("{}: not a path pattern", quoted(text)), mend))
}

/// A key of the store and the command line: up to 64 of a-z, 0-9, `_` and `-`, not starting with a sign.
pub(super) fn source_id(text: &str) -> Result<String, Problem> {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let starts_well = text.bytes().next().is_some_and(letter);
    if starts_well && text.len() <= 64 && text.bytes().all(|byte| letter(byte) || b"_-".contains(&byte)) {
        return Ok(text.to_owned());
    }
    let mend = "write up to 64 of a-z, 0-9, _ and -, starting with a letter or figure";
    Err(Problem::new(format!("{}: not an id", quoted(text)), mend))
}

/// Who answers for the requests; it is sent in a header, hence ASCII.
pub(super) fn contact(text: &str) -> Result<String, Problem> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if printable && (text.contains('@') || text.starts_with("https://") || text.starts_with("http://")) {
        return Ok(text.to_owned());
    }
    let mend = "write a mail address or a web address, such as \"desk@example.org\"";
    Err(Problem::new(format!("{}: not a contact address", quoted(text)), mend))
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, Problem> {
    let mend = "write address and port, such as \"127.0.0.1:8787\"";
    text.parse().map_err(|_| Problem::new(format!("{}: not an address with a port", quoted(text)), mend))
}

/// A mail address, with or without a name.
pub(super) fn mailbox(text: &str) -> Result<String, Problem> {
    let mend = "write a mail address, such as \"pressdiff <alerts@example.org>\"";
    let text = words(text)?;
    match text.parse::<Mailbox>() {
        Ok(_) => Ok(text),
        Err(_) => Err(Problem::new(format!("{}: not a mail address", quoted(&text)), mend)),
    }
}

/// One word of a closed list.
pub(super) fn one_of<T: Copy>(choices: &[(&'static str, T)]) -> impl Fn(&str) -> Result<T, Problem> {
    move |text| {
        let found = choices.iter().find(|(word, _)| *word == text);
        found.map(|(_, choice)| *choice).ok_or_else(|| {
            let words = || choices.iter().map(|(word, _)| *word);
            let mend = match nearest(text, words()) {
                Some(near) => format!("write {near:?}"),
                None => format!("write one of {}", words().collect::<Vec<_>>().join(", ")),
            };
            Problem::new(format!("{}: not known here", quoted(text)), mend)
        })
    }
}
