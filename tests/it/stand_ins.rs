//! Pages that stand in for a release for a while: an apology of the site, another release, a search for its words. A
//! reader sees no edit of the release in them.

use chrono::TimeDelta;

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];

/// What one of nine releases shows, the fourth.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shows {
    Itself,
    /// A page of the site that says sorry, in the site's frame.
    Apology,
    /// The release of this number.
    Other(usize),
    /// A notice that it was withdrawn, with its title and day.
    Tombstone,
    /// Itself, with a sentence more.
    Edited,
    /// A redirect to a page that asks who we are; a script draws its fields.
    Login,
    /// What the site shows for all that does not exist: a search for the words of the address.
    Search,
}

const PLACES: [&str; 10] =
    ["Arvala", "Brunn", "Corvigny", "Dunmore", "Estrel", "Fossvik", "Gessen", "Halden", "Ilmen", "Jelgava"];

fn title_of(number: usize) -> String {
    format!("Bridge of {} is open again", PLACES[number])
}

fn address_of(number: usize) -> String {
    format!("/news/bridge-of-{}-is-open-again/", PLACES[number].to_lowercase())
}

fn text_of(number: usize) -> String {
    format!("<p>{}</p><p>{}</p>", TEXTS[number], TEXTS[number + 1])
}

const TEXTS: [&str; 11] = [
    "Cars and trains cross the river again since four o'clock this morning, says the engineer on duty, Ilse Brandt.",
    "Crews replaced 640 metres of rail within three weeks, in spite of the deepest snow that anybody there remembers.",
    "Whoever lives on the left bank pays nothing until Easter; lorries pay 25 crowns for each crossing, as they used to.",
    "The mayor thanked the bakers of the old town, who kept the night shift warm, and promised them a plaque.",
    "Divers found that two of the nine pillars stand deeper than the drawings of 1911 had made everybody believe.",
    "Buses of line 12 return to their former stops, while the ferry goes on for hikers during the summer months.",
    "An insurance of the contractor bears the costs of the crane that fell into the water on the second of February.",
    "Swans have built a nest below the northern arch, so that the painters will begin on the other side in July.",
    "The new lamps need a tenth of the power and are dimmed after midnight, which astronomers had asked for since long.",
    "A school class from the valley has drawn all the ships that passed, 318 of them, and shows the sheets in the library.",
    "Tickets that were bought before the accident are valid for another year and can be exchanged at every counter.",
];

fn frame(title: &str, main: &str) -> Answer {
    Answer::html(format!(
        "<html><head><title>{title} - Office of bridges</title></head><body><nav><a href='/'>Home</a></nav><main>\
         <h1>{title}</h1>{main}</main><footer><p>Open data</p></footer></body></html>"
    ))
}

fn release(number: usize) -> Answer {
    frame(&title_of(number), &format!("<p>{} May 2026</p>{}", number + 1, text_of(number)))
}

/// A search for the words of an address; what it finds differs from request to request.
fn search(path: &str, count: usize) -> Answer {
    let words = path.trim_matches('/').rsplit('/').next().unwrap_or_default().replace('-', " ");
    let found = |at: usize| {
        let number = (count + at) % 9;
        format!("<h3>{}</h3><p>{}…</p>", title_of(number), TEXTS[number].get(..50).unwrap_or_default())
    };
    let found: String = (0..3).map(found).collect();
    frame(
        &format!("Search: {words}"),
        &format!("<p>That page is not here. We looked for {words} in its place, and found this.</p>{found}"),
    )
}

fn office(shows: &Shows, path: &str, count: usize) -> Answer {
    if path == "/news/" {
        let item = |number: usize| {
            format!("<li>{} May 2026 <a href='{}'>{}</a></li>", number + 1, address_of(number), title_of(number))
        };
        let there = (0..9).filter(|number| *number != 4 || *shows != Shows::Search);
        return frame("News", &format!("<ul>{}</ul>", there.map(item).collect::<String>()));
    }
    if path.starts_with("/login") {
        return frame("Sign in", "<p>User name</p><p>Password</p>");
    }
    match (shows, (0..9).find(|number| address_of(*number) == path)) {
        (Shows::Apology, Some(4)) => {
            frame("We are sorry", "<p>Something went wrong on our side. Please come back in some minutes.</p>")
        }
        (Shows::Other(number), Some(4)) => release(*number),
        (Shows::Tombstone, Some(4)) => {
            frame("Withdrawn", "<p>5 May 2026</p><p>This press release was withdrawn by the office.</p>")
        }
        (Shows::Edited, Some(4)) => {
            let more = "<p>The office regrets what it wrote about the pillars.</p>";
            frame(&title_of(4), &format!("<p>5 May 2026</p>{}{more}", text_of(4)))
        }
        (Shows::Login, Some(4)) => Answer::redirect(302, "/login?next=4"),
        (Shows::Search, Some(4)) | (_, None) => search(path, count),
        (_, Some(number)) => release(number),
    }
}

/// The same without the days of its releases.
fn undated(shows: &Shows, path: &str, count: usize) -> Answer {
    match (0..9).find(|number| address_of(*number) == path) {
        Some(number) if number != 4 || *shows == Shows::Itself => frame(&title_of(number), &text_of(number)),
        _ => office(shows, path, count),
    }
}

async fn watching() -> Room<Shows> {
    Room::watching("listings = [\"ROOT/news/\"]", Shows::Itself, office).await
}

#[tokio::test]
async fn what_stands_in_for_one_release_for_a_while_is_nothing() {
    let room = watching().await;
    for shows in [Shows::Apology, Shows::Itself, Shows::Other(1), Shows::Other(7), Shows::Itself] {
        room.set(|state| *state = shows);
        assert_eq!(room.check().await, NOTHING, "{shows:?}");
    }
}

#[tokio::test]
async fn an_apology_in_place_of_a_release_without_a_day_is_nothing() {
    let room = Room::watching("listings = [\"ROOT/news/\"]", Shows::Itself, undated).await;
    for shows in [Shows::Itself, Shows::Apology, Shows::Itself] {
        room.set(|state| *state = shows);
        assert_eq!(room.check().await, NOTHING, "{shows:?}");
    }
}

#[tokio::test]
async fn a_page_that_stays_in_place_of_a_release_is_told() {
    for (shows, told) in [(Shows::Apology, "edited"), (Shows::Other(1), "removed")] {
        let room = watching().await;
        room.set(|state| *state = shows);
        assert_eq!(room.check().await, NOTHING);
        room.wait(TimeDelta::days(1));
        let mut events = room.check().await;
        events.extend(room.check().await);
        assert_eq!(events, [format!("{told} {}", address_of(4))]);
    }
}

#[tokio::test]
async fn a_cache_that_is_behind_takes_no_edit_back() {
    let room = watching().await;
    room.set(|state| *state = Shows::Edited);
    assert_eq!(room.check().await, [format!("edited {}", address_of(4))]);
    for shows in [Shows::Itself, Shows::Edited, Shows::Itself, Shows::Edited] {
        room.set(|state| *state = shows);
        assert_eq!(room.check().await, NOTHING);
    }
    room.set(|state| *state = Shows::Itself);
    assert_eq!(room.check().await, NOTHING);
    assert_eq!(room.check().await, [format!("edited {}", address_of(4))], "it stays");
    assert_eq!(room.check().await, NOTHING);
}

#[tokio::test]
async fn what_returns_long_after_it_was_edited_is_told_at_once() {
    let room = watching().await;
    room.set(|state| *state = Shows::Edited);
    assert_eq!(room.check().await, [format!("edited {}", address_of(4))]);
    room.wait(TimeDelta::hours(6));
    room.set(|state| *state = Shows::Itself);
    assert_eq!(room.check().await, [format!("edited {}", address_of(4))]);
}

#[tokio::test]
async fn a_page_that_asks_who_we_are_is_no_removal() {
    let room = watching().await;
    room.set(|state| *state = Shows::Login);
    for _ in 0..4 {
        assert_eq!(room.check().await, NOTHING);
    }
    room.set(|state| *state = Shows::Itself);
    assert_eq!(room.check().await, NOTHING);
}

#[tokio::test]
async fn a_withdrawal_that_keeps_the_day_is_an_edit_at_once() {
    let room = watching().await;
    room.set(|state| *state = Shows::Tombstone);
    assert_eq!(room.check().await, [format!("edited {}", address_of(4))]);
}

#[tokio::test]
async fn a_search_for_the_words_of_the_address_says_that_nothing_is_there() {
    let room = watching().await;
    room.set(|state| *state = Shows::Search);
    assert_eq!(room.check().await, NOTHING, "not confirmed yet");
    assert_eq!(room.check().await, [format!("removed {}", address_of(4))]);
    assert_eq!(room.check().await, NOTHING);
    room.set(|state| *state = Shows::Itself);
    assert_eq!(room.check().await, [format!("restored {}", address_of(4))]);
}
