//! Lines that only say that an advertisement follows, or that the text goes on below it.

use super::words;

/// What advertisements are called over them.
const ADVERTS: [&str; 24] = [
    "ad",
    "ads",
    "advert",
    "advertisement",
    "advertisements",
    "advertising",
    "sponsored",
    "anzeige",
    "anzeigen",
    "werbung",
    "реклама",
    "рекламне",
    "publicité",
    "publicidad",
    "publicidade",
    "pubblicità",
    "advertentie",
    "reklama",
    "reklam",
    "reklame",
    "annons",
    "mainos",
    "广告",
    "広告",
];

/// What else such a line says.
const BESIDE: [&str; 27] = [
    "article",
    "story",
    "text",
    "content",
    "links",
    "continue",
    "continues",
    "reading",
    "read",
    "below",
    "after",
    "scroll",
    "to",
    "with",
    "this",
    "the",
    "by",
    "artikel",
    "wird",
    "weiter",
    "nach",
    "unten",
    "der",
    "la",
    "suite",
    "après",
    "на",
];

/// What says that the text goes on, without a word of advertising.
const GOING_ON: [&str; 6] = [
    "article continues below",
    "story continues below",
    "continue reading below",
    "scroll to continue",
    "scroll to continue reading",
    "continue reading the main story",
];

/// `Advertisement`, `Advertisement - scroll to continue`, `Article continues below`.
pub(super) fn is_label_of_advert(text: &str) -> bool {
    let is_beside = |word| ADVERTS.contains(&word) || BESIDE.contains(&word);
    let is_label = words(text).all(is_beside) && words(text).any(|word| ADVERTS.contains(&word));
    is_label || GOING_ON.contains(&text.trim_matches(|letter: char| !letter.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_advertisements_is_a_label() {
        for label in [
            "advertisement",
            "- anzeige -",
            "реклама",
            "advertisement - scroll to continue",
            "article continues below advertisement",
            "article continues below…",
            "sponsored content",
        ] {
            assert!(is_label_of_advert(label), "{label}");
        }
        for text in [
            "",
            "advertisement of vacancies",
            "the article continues the series",
            "advertising tax rises",
            "read the text",
        ] {
            assert!(!is_label_of_advert(text), "{text}");
        }
    }
}
