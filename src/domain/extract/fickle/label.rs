//! Lines that only say that an advertisement follows, that the text goes on below it, or that somebody reads it aloud.

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

/// What calls for listening to the text, with how long that takes.
const ALOUD: [&str; 14] = [
    "listen",
    "anhören",
    "vorlesen",
    "écouter",
    "escuchar",
    "escucha",
    "escuche",
    "ascolta",
    "ouvir",
    "ouça",
    "luister",
    "слушать",
    "прослушать",
    "слухати",
];
/// What else such a line says.
const OF_TEXT: [&str; 24] = [
    "to",
    "this",
    "the",
    "article",
    "story",
    "text",
    "post",
    "now",
    "audio",
    "min",
    "mins",
    "minutes",
    "artikel",
    "beitrag",
    "l",
    "cet",
    "el",
    "este",
    "artículo",
    "questo",
    "articolo",
    "статью",
    "текст",
    "мин",
];

/// What else the label of an advertisement says.
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

/// What players of videos say of themselves to those who do not see them, but for figures.
const OF_PLAYER: [&str; 16] = [
    "now playing",
    "play video",
    "video player is loading",
    "jw player",
    "this is a modal window",
    "beginning of dialog window escape will cancel and close the window",
    "end of dialog window",
    "close modal dialog",
    "current time",
    "remaining time",
    "playback rate",
    "picture in picture",
    "stream type live",
    "captions off selected",
    "descriptions off selected",
    "subtitles off selected",
];

/// `Current Time 0:00`, `This is a modal window.`
fn is_said_by_player(text: &str) -> bool {
    let is_number = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    let said: Vec<&str> = words(text).filter(|word| !is_number(word)).collect();
    let has_time = || words(text).filter(is_number).count() > 1 && text.contains(':');
    OF_PLAYER.contains(&&*said.join(" "))
        || said == ["duration"] && has_time()
        || said == ["volume"] && text.contains('%')
}

/// `Listen to this article 5:32`.
pub(super) fn is_label_of_player(text: &str) -> bool {
    if is_said_by_player(text) {
        return true;
    }
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let is_of_label = |word| ALOUD.contains(&word) || OF_TEXT.contains(&word) || is_number(word);
    words(text).all(is_of_label) && words(text).any(|word| ALOUD.contains(&word))
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

    #[test]
    fn what_is_over_players_is_a_label() {
        for label in [
            "listen",
            "listen to this article 5:32",
            "artikel anhören (4 min)",
            "слушать статью",
            "current time 0:00",
            "duration 4:58",
            "volume 0%",
            "this is a modal window.",
            "video player is loading.",
        ] {
            assert!(is_label_of_player(label), "{label}");
        }
        for text in [
            "",
            "to this article",
            "listen to the minister",
            "5:32",
            "the article",
            "duration: 3 days",
            "duration",
            "volume 3",
        ] {
            assert!(!is_label_of_player(text), "{text}");
        }
    }
}
