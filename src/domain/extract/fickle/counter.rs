//! Lines that count: comments, readers, shares, and the minutes that a text takes.

use super::words;

/// What is counted beside a text, in the forms that follow a number.
const COUNTED: [&str; 91] = [
    "comment",
    "comments",
    "commentaire",
    "commentaires",
    "comentario",
    "comentarios",
    "comentário",
    "comentários",
    "commento",
    "commenti",
    "kommentar",
    "kommentare",
    "kommentaren",
    "kommentarer",
    "komentarz",
    "komentarze",
    "komentarzy",
    "reactie",
    "reacties",
    "yorum",
    "комментарий",
    "комментария",
    "комментариев",
    "комментарии",
    "评论",
    "評論",
    "댓글",
    "view",
    "views",
    "pageviews",
    "hits",
    "visits",
    "aufruf",
    "aufrufe",
    "aufrufen",
    "vue",
    "vues",
    "visita",
    "visitas",
    "visite",
    "visualizzazioni",
    "visualizações",
    "visualizaciones",
    "weergaven",
    "wyświetleń",
    "odsłon",
    "visningar",
    "visninger",
    "görüntülenme",
    "просмотр",
    "просмотра",
    "просмотров",
    "просмотры",
    "浏览",
    "浏览次数",
    "瀏覽",
    "点击",
    "阅读",
    "閱讀",
    "閲覧数",
    "조회",
    "조회수",
    "share",
    "shares",
    "partage",
    "partages",
    "compartido",
    "compartidos",
    "condivisioni",
    "compartilhamentos",
    "tweet",
    "tweets",
    "retweets",
    "like",
    "likes",
    "лайк",
    "лайка",
    "лайков",
    "лайки",
    "reactions",
    "réactions",
    "reaktionen",
    "read",
    "reads",
    "reader",
    "readers",
    "gelesen",
    "lecturas",
    "letture",
    "leituras",
    "прочтений",
];

/// What stands in place of a counter at zero.
const NONE: [&str; 16] = [
    "no comments",
    "no comments yet",
    "keine kommentare",
    "noch keine kommentare",
    "aucun commentaire",
    "pas de commentaire",
    "pas de commentaires",
    "sin comentarios",
    "no hay comentarios",
    "nessun commento",
    "nenhum comentário",
    "geen reacties",
    "brak komentarzy",
    "нет комментариев",
    "комментариев нет",
    "комментариев пока нет",
];

/// The time that a text takes, and what tells that it is the time to read it.
const MINUTES: [&str; 10] =
    ["min", "mins", "minute", "minutes", "minuten", "мин", "минут", "минута", "минуты", "minutos"];
const READING: [&str; 10] =
    ["read", "reading", "time", "lesezeit", "lesedauer", "lesen", "чтения", "чтение", "lecture", "lectura"];

/// Words that are on neither side of the count.
const BESIDE: [&str; 11] = ["mal", "of", "time", "reading", "чтения", "чтение", "время", "ca", "no", "the", "de"];

/// `12 comments`, `1,204 views 37 shares`, `5 min read`, `No comments`: figures and nothing but what is counted.
pub(super) fn is_counter(text: &str) -> bool {
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let is_minutes = |word: &str| MINUTES.contains(&word);
    let is_counted = |word: &str| COUNTED.contains(&word) || READING.contains(&word) && words(text).any(is_minutes);
    let is_of_count = |word| is_number(word) || is_counted(word) || is_minutes(word) || BESIDE.contains(&word);
    let is_count = words(text).any(is_number) && words(text).all(is_of_count) && words(text).any(is_counted);
    is_count || NONE.contains(&text.trim_matches(|letter: char| !letter.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_a_counter() {
        for counter in [
            "12 comments",
            "1,204 views",
            "views: 12 408",
            "1.2k shares",
            "913 views 101 comments 228 shares",
            "3 likes | 14 comments",
            "no comments yet",
            "комментариев нет",
            "1.204 aufrufe · 7 kommentare",
            "阅读：1024",
            "5 min read",
            "reading time: 5 minutes",
            "5 min reading time",
            "lesezeit: 4 minuten",
            "lesezeit ca. 4 min.",
            "время чтения: 5 минут",
            "5 мин. чтения",
            "комментарии: 7",
            "комментариев: 7",
            "120 просмотров",
            "3 commentaires",
            "12 mal gelesen",
        ] {
            assert!(is_counter(counter), "{counter}");
        }
    }

    #[test]
    fn short_sentences_with_a_number_are_text() {
        for text in [
            "12 shares of the company",
            "comments",
            "no comment.",
            "no comments from the ministry",
            "12 ministers.",
            "250 mines.",
            "30 minutes.",
            "12 shareholders.",
            "7 readings.",
            "12 министров.",
            "9 минералов",
            "5 viewpoints",
            "12 votes",
            "12 lectures, 3 excursions",
        ] {
            assert!(!is_counter(text), "{text}");
        }
    }
}
