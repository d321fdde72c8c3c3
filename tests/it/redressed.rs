//! The same words in another dress: broken at another margin, in a list of another make, with dates in another order,
//! with characters that nobody sees. None of that is an edit; one figure is.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "a site is a function of a reference to its state")]

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];

/// How the nine releases are shown.
#[derive(Clone, Copy, Debug)]
enum Dress {
    Plain,
    /// The old wire text is broken at another margin.
    Reflowed,
    /// The marks of the list are typed.
    TypedList,
    /// Dates in figures, the month first.
    MonthFirst,
    /// Characters without width within words.
    Invisible,
    /// The picture in a newer format.
    Converted,
}

/// The dress, and whether the third release says another figure.
#[derive(Clone, Copy, Debug)]
struct Shown(Dress, bool);

const SUBJECTS: [&str; 9] =
    ["quay", "pilots", "dredgers", "tides", "ferries", "lock", "cranes", "buoys", "icebreakers"];

/// Words at a margin of so many letters.
fn wrapped(text: &str, margin: usize) -> String {
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        let row = rows.last_mut().unwrap();
        if row.len() + word.len() >= margin {
            rows.push(word.to_owned());
        } else {
            row.push_str(if row.is_empty() { "" } else { " " });
            row.push_str(word);
        }
    }
    rows.join("\n")
}

fn text_of(Shown(dress, is_edited): Shown, number: usize) -> String {
    let subject = SUBJECTS[number];
    let sum = if is_edited && number == 3 { 97 } else { 40 + number };
    let wire = format!(
        "The council heard a long report about the {subject} of the port and took note of {sum} proposals, of which it will \
         not accept any before the towns of the bay have found {number} million crowns for the {subject}, as they said."
    );
    let margin = if matches!(dress, Dress::Reflowed) { 80 } else { 66 };
    let items = [format!("new {subject}"), format!("old {subject} for {number} schools"), "twelve buses".to_owned()];
    let each = |tell: &dyn Fn(usize, &String) -> String| -> String {
        items.iter().enumerate().map(|(at, item)| tell(at, item)).collect()
    };
    let list = if matches!(dress, Dress::TypedList) {
        let numbered = each(&|at, item| format!("{}. {item} later<br>", at + 1));
        format!("{}<p>{numbered}</p>", each(&|_, item| format!("<p>• {item}</p>")))
    } else {
        let later = each(&|_, item| format!("<li>{item} later</li>"));
        format!("<ul>{}</ul><ol>{later}</ol>", each(&|_, item| format!("<li>{item}</li>")))
    };
    let picture = if matches!(dress, Dress::Converted) { "-800x600.jpg.webp" } else { ".jpg" };
    let text = format!("<pre>{}</pre>{list}<p><img src='/files/{subject}{picture}'></p>", wrapped(&wire, margin));
    if matches!(dress, Dress::Invisible) { text.replace("council", "coun\u{200b}cil\u{2060}") } else { text }
}

fn council(shown: &Shown, path: &str, _: usize) -> Answer {
    let title = |number: usize| format!("On the {} of the port", SUBJECTS[number]);
    let Some(number) = path.strip_prefix("/news/").and_then(|path| path.trim_end_matches('/').parse::<usize>().ok())
    else {
        let item =
            |number: usize| format!("<li><a href='/news/{number}/'>{}</a> {}.5.2026</li>", title(number), number + 1);
        return Answer::html(format!(
            "<title>News</title><main><ul>{}</ul></main>",
            (0..9).map(item).collect::<String>()
        ));
    };
    let day = number * 3 + 1;
    let date =
        if matches!(shown.0, Dress::MonthFirst) { format!("05/{day:02}/2026") } else { format!("{day} May 2026") };
    let (title, text) = (title(number), text_of(*shown, number));
    Answer::html(format!(
        "<title>{title}</title><main><h1>{title}</h1><p>{date}</p><div class=text>{text}</div></main><footer>Open data</footer>"
    ))
}

#[tokio::test]
async fn what_only_looks_otherwise_is_nothing_and_hides_nothing() {
    for dress in [Dress::Reflowed, Dress::TypedList, Dress::MonthFirst, Dress::Invisible, Dress::Converted] {
        let room = Room::watching("listings = [\"ROOT/news/\"]", Shown(Dress::Plain, false), council).await;
        assert_eq!(room.check().await, NOTHING);
        room.set(|shown| shown.0 = dress);
        assert_eq!(room.check().await, NOTHING, "{dress:?}");
        room.set(|shown| shown.1 = true);
        assert_eq!(room.check().await, ["edited /news/3/"], "{dress:?}");
        room.set(|shown| shown.0 = Dress::Plain);
        assert_eq!(room.check().await, NOTHING, "{dress:?}");
    }
}

#[tokio::test]
async fn an_edit_is_told_though_the_dress_changes_with_it() {
    for dress in [Dress::Reflowed, Dress::TypedList, Dress::MonthFirst, Dress::Invisible, Dress::Converted] {
        let room = Room::watching("listings = [\"ROOT/news/\"]", Shown(Dress::Plain, false), council).await;
        assert_eq!(room.check().await, NOTHING);
        room.set(|shown| *shown = Shown(dress, true));
        assert_eq!(room.check().await, ["edited /news/3/"], "{dress:?}");
        assert_eq!(room.check().await, NOTHING, "{dress:?}");
    }
}
