//! Templates as content management systems bring them along: lists in something called a sidebar, openings called
//! teasers, no heading of the first level, notes about cookies that are longer than the text.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "each site is a function of a reference to its state")]

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];
const SUBJECTS: [&str; 7] = ["quay", "pilots", "dredgers", "tides", "ferries", "lock", "cranes"];

/// What is set on a site.
#[derive(Clone, Copy, Default)]
struct Set {
    /// The third release says another figure in its opening.
    is_edited: bool,
    /// The pages say below the text who saved them.
    is_stamped: bool,
}

fn item(number: usize) -> String {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    format!(
        "<div class=news-item><h3><a href='/notes/{number}-{subject}/'>Report on the {subject} of the bay</a></h3>\
         <span>{} May 2026</span><p>What the harbour council had to say about them.</p></div>",
        20 - number
    )
}

/// The list stands in a "sidebar", the opening of a text is a "teaser" under a heading of the second level. A campaign
/// shows on every third page, and below the text a note that is longer than any of them.
fn page(set: &Set, path: &str, count: usize) -> Answer {
    let note = "A cookie is a small file that your browser keeps for us, so that we know you when you come back. ";
    let campaign =
        "<div><p>Take part in our survey and win a weekend on the island of Hven.</p><a href=/win>Go</a></div>";
    let campaign = if count % 3 == 1 { campaign } else { "" };
    let number = path.strip_prefix("/notes/").and_then(|path| path.split('-').next()?.parse::<usize>().ok());
    let title = number
        .map_or("Notes".to_owned(), |number| format!("Report on the {} of the bay", SUBJECTS[number % SUBJECTS.len()]));
    let main = match number {
        Some(number) => {
            let subject = SUBJECTS[number % SUBJECTS.len()];
            let figure = if set.is_edited && number == 3 { 95 } else { 40 + number };
            let stamp = format!("<p>Saved by the desk, {} May 2026 - 18:5{number}</p>", 20 - number);
            let stamp = if set.is_stamped { stamp } else { String::new() };
            format!(
                "<div class=news-single><h2>Report on the {subject} of the bay</h2>\
                 <div class=teaser-text><p>The council paid {figure} thousand crowns for the {subject} of the bay.</p></div>\
                 <div class=news-text><p>Work on the {subject} will go on until autumn, said the {number} towns.</p>\
                 <p>Residents can look at the plans for the {subject} in the town hall.</p>{stamp}</div></div>"
            )
        }
        None if path == "/notes/" => {
            format!("<h2>Notes</h2><div class='sidebar_content'>{}</div>", (1..=7).map(item).collect::<String>())
        }
        None => return Answer::status(404),
    };
    Answer::html(format!(
        "<title>{title} | bay.example</title><body>{campaign}<h1><a href=/><img src=/logo.png alt=Bay></a></h1>\
         <div class=layout>{main}</div><div><b>On cookies</b><p>{}</p></div></body>",
        note.repeat(8)
    ))
}

#[tokio::test]
async fn an_opening_is_watched_and_a_campaign_is_not() {
    let room = Room::watching("listings = [\"ROOT/notes/\"]", Set::default(), page).await;
    for _ in 0..3 {
        assert_eq!(room.check().await, NOTHING);
    }
    room.set(|set| set.is_edited = true);
    assert_eq!(room.check().await, ["edited /notes/3-tides/"]);
    assert_eq!(room.check().await, NOTHING);
}

#[tokio::test]
async fn a_stamp_on_all_pages_at_once_edits_none_of_them() {
    let room = Room::watching("listings = [\"ROOT/notes/\"]", Set::default(), page).await;
    room.set(|set| set.is_stamped = true);
    let events = room.check().await;
    assert!(events.iter().all(|event| event.starts_with("site ")), "{events:?}");
    room.set(|set| set.is_edited = true);
    assert_eq!(room.check().await, ["edited /notes/3-tides/"]);
}
