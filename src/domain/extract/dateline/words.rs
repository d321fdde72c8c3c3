//! The words by which lines say that something was published, changed or written, and by whom.

/// What words begin with that say of a date that it is the one of the last change.
pub(super) const CHANGED: [&str; 24] = [
    "updat",
    "modif",
    "changed",
    "revised",
    "aktualis",
    "geändert",
    "bearbeitet",
    "actualis",
    "actualiz",
    "aggiorna",
    "atualiza",
    "aktualiz",
    "zmodyfikowan",
    "обновл",
    "измен",
    "оновлен",
    "змінен",
    "更新",
    "修改",
    "最終更新",
    "最后更新",
    "最後更新",
    "수정",
    "기사수정",
];
/// The same, as whole words.
pub(super) const CHANGED_WORDS: [&str; 3] = ["stand", "mis", "mise"];

/// What stands before the word of a change: that it is the last one, and of what.
pub(super) const LEADS: [&str; 48] = [
    "last",
    "latest",
    "recent",
    "recently",
    "most",
    "first",
    "this",
    "page",
    "site",
    "website",
    "article",
    "story",
    "post",
    "document",
    "content",
    "text",
    "press",
    "release",
    "statement",
    "news",
    "version",
    "information",
    "time",
    "date",
    "zuletzt",
    "seite",
    "artikel",
    "inhalt",
    "fassung",
    "datum",
    "meldung",
    "jour",
    "fecha",
    "data",
    "página",
    "pagina",
    "strona",
    "дата",
    "страница",
    "материал",
    "новость",
    "статья",
    "текст",
    "документ",
    "время",
    "letzte",
    "letzter",
    "letztes",
];
/// The same, as starts of words.
pub(super) const LAST: [&str; 9] =
    ["derni", "ultim", "últim", "ostatni", "posled", "naposled", "послед", "останн", "diese"];
/// Small words before and after it.
pub(super) const BESIDE_CHANGE: [&str; 41] = [
    "the", "was", "were", "has", "have", "been", "is", "on", "at", "in", "of", "by", "and", "der", "die", "das", "des",
    "am", "um", "vom", "und", "wurde", "von", "durch", "le", "la", "de", "du", "à", "été", "el", "il", "em", "a",
    "dia", "в", "от", "и", "о", "about", "online",
];

/// What a line begins with that says who wrote.
pub(super) const BY: [&str; 12] =
    ["by", "posted", "published", "written", "von", "par", "publié", "por", "publicado", "di", "автор", "текст"];
/// Small words between names.
pub(super) const BETWEEN_NAMES: [&str; 20] = [
    "by", "on", "at", "in", "for", "of", "and", "the", "von", "van", "de", "und", "am", "um", "et", "le", "à", "y",
    "el", "и",
];
/// What stands beside times of day, and the names of their zones.
pub(super) const CLOCK: [&str; 5] = ["am", "pm", "uhr", "hrs", "h"];
pub(super) const ZONES: [&str; 20] = [
    "EST", "EDT", "ET", "CST", "CDT", "CT", "MST", "MDT", "PST", "PDT", "PT", "GMT", "UTC", "BST", "IST", "CET",
    "CEST", "MEZ", "MESZ", "MSK",
];

/// What lines begin with that say who published something, and when: "Submitted by".
pub(super) const PUBLISHED: [&str; 13] = [
    "submitted",
    "posted",
    "published",
    "written",
    "created",
    "added",
    "veröffentlicht",
    "erstellt",
    "eingestellt",
    "geschrieben",
    "publié",
    "publicado",
    "pubblicato",
];
/// What labels say as one word.
pub(super) const SAYS_WHEN: [&str; 19] = [
    "发布时间",
    "发布日期",
    "发表时间",
    "更新时间",
    "日期",
    "时间",
    "發佈日期",
    "發布日期",
    "公開日",
    "掲載日",
    "投稿日",
    "등록일",
    "작성일",
    "게시일",
    "опубликовано",
    "публикации",
    "размещения",
    "размещено",
    "добавлено",
];
/// What follows these.
pub(super) const WHOM: [&str; 6] = ["by", "von", "durch", "par", "por", "da"];
