//! Changes that a reader sees in places where something else often stands: short sentences, dates in the text, leads in
//! boxes, titles that sound like a notice, sites that come and go.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "each site is a function of a reference to its state")]

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];
const PLACES: [&str; 8] = ["Arvala", "Brunn", "Corvigny", "Dunmore", "Estrel", "Fossvik", "Gessen", "Halden"];

fn page(title: &str, main: &str) -> Answer {
    Answer::html(format!("<title>{title}</title><body><main><article><h1>{title}</h1>{main}</article></main></body>"))
}

fn text_of(number: usize) -> String {
    let place = PLACES[number % PLACES.len()];
    format!(
        "<p>The council of {place} heard a report about its {number}4 wells and took note of all that was proposed.</p>\
         <p>Work on the wells of {place} goes on until autumn, and is paid for by the towns of the valley.</p>"
    )
}

/// Three pages, of which the second has a line more.
fn pages(line: &&str, path: &str, _: usize) -> Answer {
    let Some(number) = path.strip_prefix("/news/").and_then(|number| number.parse::<usize>().ok()) else {
        return Answer::status(404);
    };
    let line = if number == 2 { line } else { "" };
    page(
        &format!("Wells of {}", PLACES[number]),
        &format!("<p class='date'>{number} May 2026</p>{}{line}{}", text_of(number), text_of(number + 3)),
    )
}

/// What is told of lines that follow each other on a page.
async fn told_of(lines: &[&'static str]) -> Vec<Vec<String>> {
    let what = "pages = [\"ROOT/news/1\", \"ROOT/news/2\", \"ROOT/news/3\"]";
    let room = Room::watching(what, lines[0], pages).await;
    let mut told = Vec::new();
    for line in &lines[1..] {
        room.set(|state| *state = line);
        told.push(room.check().await);
    }
    told
}

#[tokio::test]
async fn short_sentences_with_a_number_are_text() {
    for (old, new) in [
        ("<p>The treaty was signed 20 years ago.</p>", "<p>The treaty was signed 25 years ago.</p>"),
        ("<p>12 ministers.</p>", "<p>14 ministers.</p>"),
        ("<p>250 mines.</p>", ""),
        ("<p>12 министров.</p>", "<p>15 министров.</p>"),
        ("<p>Договор подписан 20 лет назад.</p>", ""),
    ] {
        assert_eq!(told_of(&[old, new]).await, [["edited /news/2"]], "{old}");
    }
}

#[tokio::test]
async fn counters_and_ages_are_no_text() {
    let counters = ["<p>12 comments</p>", "<p>19 comments</p>", "<p>Posted 5 minutes ago</p>", "<p>5 min read</p>", ""];
    assert_eq!(told_of(&counters).await, [NOTHING; 4]);
}

#[tokio::test]
async fn a_sentence_about_a_change_is_text() {
    for (old, new) in [
        ("<p>Tariffs were changed on 12 March 2024.</p>", "<p>Tariffs were changed on 19 April 2024.</p>"),
        ("<ul><li>Tariffs changed on 12 March 2024</li></ul>", ""),
        ("<p>Geänderte Tarife gelten ab 12. März 2024.</p>", "<p>Geänderte Tarife gelten ab 19. März 2024.</p>"),
    ] {
        assert_eq!(told_of(&[old, new]).await, [["edited /news/2"]], "{old}");
    }
}

#[tokio::test]
async fn a_stamp_of_the_last_change_is_no_text() {
    let stamps = [
        "<p>This page was last updated on 12 May 2026.</p>",
        "<p>This page was last updated on 19 May 2026.</p>",
        "<p>Zuletzt geändert am 20. Mai 2026</p>",
        "",
    ];
    assert_eq!(told_of(&stamps).await, [NOTHING; 3]);
}

/// A page of which nothing but a stamp tells a day.
fn stamped(day: &u32, path: &str, _: usize) -> Answer {
    match path {
        "/about/wells" => {
            page("Wells of the valley", &format!("<p>Last updated on {day} May 2026</p>{}{}", text_of(1), text_of(2)))
        }
        _ => Answer::status(404),
    }
}

#[tokio::test]
async fn a_stamp_that_is_the_only_day_of_a_page_is_no_edit() {
    let room = Room::watching("pages = [\"ROOT/about/wells\"]", 12, stamped).await;
    room.set(|day| *day = 19);
    assert_eq!(room.check().await, NOTHING);
}

/// A listing of some releases; the newest has a title and a text of its own, and is listed under other words.
#[derive(Clone, Copy)]
struct Newest {
    title: &'static str,
    text: &'static str,
    is_listed: bool,
}

const CHECK: &str = "<p>A room beside the ferry quay holds two scanners since Monday, through which all bags of those who \
    travel to the islands have to go. It takes about four minutes on most days, says Ilse Brandt, who runs it, and costs \
    nothing for anybody who travels with a ticket.</p>";
const TICKETS: &str = "<p>12 April 2026</p><p>Who takes the ferry pays by card or telephone.</p>";

fn ferries(newest: &Newest, path: &str, _: usize) -> Answer {
    if path == "/news/" {
        let item = |number: usize| {
            let words = if number == 6 { "What travellers should know" } else { PLACES[number] };
            format!(
                "<li>{} April 2026 <a href='/news/{number}/'>{words}: a note of the ferry office</a></li>",
                number + 1
            )
        };
        let items: String = (0..6 + usize::from(newest.is_listed)).rev().map(item).collect();
        return Answer::html(format!("<title>News</title><main><h1>News</h1><ul>{items}</ul></main>"));
    }
    match path.trim_matches('/').strip_prefix("news/").and_then(|number| number.parse::<usize>().ok()) {
        Some(6) => page(newest.title, newest.text),
        Some(number) if number < 6 => {
            page(&format!("{}: a note of the ferry office", PLACES[number]), &(text_of(number) + &text_of(number + 3)))
        }
        _ => Answer::status(404),
    }
}

/// What is told of a new release, in so many checks of an hour.
async fn told_of_newest(title: &'static str, text: &'static str, checks: usize) -> Vec<String> {
    let room = Room::watching("listings = [\"ROOT/news/\"]", Newest { title, text, is_listed: false }, ferries).await;
    room.set(|newest| newest.is_listed = true);
    let mut told = Vec::new();
    for _ in 0..checks {
        told.extend(room.check().await);
    }
    told
}

#[tokio::test]
async fn a_title_that_sounds_like_a_notice_is_news() {
    assert_eq!(told_of_newest("New security check opens at the harbour", CHECK, 1).await, ["new /news/6/"]);
    assert_eq!(told_of_newest("Paper tickets are no longer available from May", TICKETS, 1).await, ["new /news/6/"]);
}

#[tokio::test]
async fn what_begins_like_a_wall_is_believed_after_a_day() {
    assert_eq!(told_of_newest("Security check opens at the harbour", CHECK, 12).await, NOTHING);
    assert_eq!(told_of_newest("Security check opens at the harbour", CHECK, 27).await, ["new /news/6/"]);
    let (title, text) = ("Seats are no longer available", "<p>All of them are taken for this summer.</p>");
    assert_eq!(told_of_newest(title, text, 12).await, NOTHING);
    assert_eq!(told_of_newest(title, text, 27).await, ["new /news/6/"]);
}

#[tokio::test]
async fn walls_and_pages_for_nothing_are_no_news() {
    const WALL: &str = "<p>We have to see that you are no machine before you go on. It takes a second.</p>";
    const NOTHING_HERE: &str = "<p>Try the map of the site.</p>";
    assert_eq!(told_of_newest("Security check", WALL, 12).await, NOTHING);
    assert_eq!(told_of_newest("Security check", WALL, 30).await, ["site /"], "a release stays behind it for a day");
    assert_eq!(told_of_newest("Error 404: what now", NOTHING_HERE, 30).await, NOTHING);
}

/// What a small site does with what is asked of it.
#[derive(Clone, Copy, PartialEq)]
enum Works {
    Always,
    /// All leads to one page for a while, the listing included, as the address remembers.
    Redirects(u16),
    /// All releases lead to one page, and the listing names none.
    Empties(u16),
}

fn works(works: &Works, path: &str, _: usize) -> Answer {
    let number = path.strip_prefix("/news/").and_then(|number| number.parse::<usize>().ok());
    match (works, number) {
        (Works::Redirects(status), _) if !path.starts_with("/works") => {
            Answer::redirect(*status, &format!("/works.html?from={path}"))
        }
        (Works::Empties(status), Some(_)) => Answer::redirect(*status, "/works.html"),
        (Works::Empties(_), None) if path == "/news/" => page("News", "<p>There is nothing here.</p>"),
        _ if path.starts_with("/works") => page("We are at work", "<p>The site is being rebuilt. Come back soon.</p>"),
        (_, Some(number)) => {
            let title = format!("Wells of {} are deep", PLACES[number % 8]);
            page(&title, &format!("<p>{} May 2026</p>{}{}", number + 1, text_of(number), text_of(number + 3)))
        }
        (_, None) if path == "/news/" => {
            let item = |at: usize| {
                format!("<li>{} May 2026 <a href='/news/{at}'>Wells of {} are deep</a></li>", at + 1, PLACES[at])
            };
            page("News", &format!("<ul>{}</ul>", (0..8).rev().map(item).collect::<String>()))
        }
        _ => Answer::status(404),
    }
}

async fn told_of_works(what: &str, state: Works, checks: usize) -> Vec<String> {
    let room = Room::watching(what, Works::Always, works).await;
    room.set(|works| *works = state);
    let mut told = Vec::new();
    for _ in 0..checks {
        told.extend(room.check().await);
    }
    told.retain(|event| !event.starts_with("site"));
    told
}

#[tokio::test]
async fn a_site_that_leads_all_to_its_notice_has_removed_nothing() {
    let listing = "listings = [\"ROOT/news/\"]";
    for (status, checks) in [(302, 30), (303, 3), (307, 3)] {
        assert_eq!(told_of_works(listing, Works::Redirects(status), checks).await, NOTHING, "{status}");
    }
    assert_eq!(told_of_works(listing, Works::Empties(302), 30).await, NOTHING);
    for pages in ["\"ROOT/news/1\"", "\"ROOT/news/1\", \"ROOT/news/2\", \"ROOT/news/3\""] {
        assert_eq!(told_of_works(&format!("pages = [{pages}]"), Works::Redirects(302), 20).await, NOTHING, "{pages}");
    }
}

#[tokio::test]
async fn what_leads_away_for_good_is_gone() {
    let pages = "pages = [\"ROOT/news/1\", \"ROOT/news/2\"]";
    let gone = ["removed /news/1", "removed /news/2"];
    assert_eq!(told_of_works(pages, Works::Redirects(301), 3).await, gone);
    assert_eq!(told_of_works(pages, Works::Redirects(302), 27).await, gone, "for longer than a day");
    assert_eq!(told_of_works("listings = [\"ROOT/news/\"]", Works::Redirects(301), 30).await.len(), 8);
}

/// A listing that shows the latest six, with their days or without.
#[derive(Clone, Copy)]
struct Latest {
    newest: usize,
    has_days: bool,
}

fn latest(state: &Latest, path: &str, _: usize) -> Answer {
    if let Some(number) = path.strip_prefix("/news/").and_then(|number| number.parse::<usize>().ok()) {
        let title = format!("Report {number} on the wells of {}", PLACES[number % 8]);
        return page(&title, &(text_of(number) + &text_of(number + 3)));
    }
    let item = |number: usize| {
        let day = if state.has_days { format!("{} June 2026", number + 1) } else { String::new() };
        format!("<li><a href='/news/{number}'>Report {number} on the wells of {}</a> {day}</li>", PLACES[number % 8])
    };
    let items: String = (0..=state.newest).rev().take(6).map(item).collect();
    let more = "<a rel='next' href='/news/?page=2'>Older</a>";
    page("Reports", &format!("<ul>{items}</ul>{more}"))
}

#[tokio::test]
async fn where_all_that_is_listed_is_new_it_is_told() {
    for has_days in [false, true] {
        let state = Latest { newest: 5, has_days };
        let room = Room::watching("listings = [\"ROOT/news/\"]\nlisting_depth = 1", state, latest).await;
        room.set(|state| state.newest = 11);
        let told = room.check().await;
        assert_eq!(told, [11, 10, 9, 8, 7, 6].map(|number| format!("new /news/{number}")), "{has_days}");
        assert_eq!(room.check().await, NOTHING);
    }
}

/// A page whose lead stands in a box of its own; below the text stands what leads to another page.
fn wells(people: &u32, _: &str, count: usize) -> Answer {
    let (text, town) = (text_of(1) + &text_of(4), PLACES[count % 8]);
    page(
        "New wells",
        &format!(
            "<p>4 May 2026</p><div class='teaser-text'><p>Some {people} people of the valley get their water from new \
             wells from June on.</p></div><div class='text'>{text}</div><div class='teaser'><h3><a href='/news/9'>Wells \
             of {town}</a></h3><p>They are dug since May, and cost {count} crowns.</p></div>"
        ),
    )
}

#[tokio::test]
async fn a_lead_in_a_box_called_teaser_is_text() {
    let room = Room::watching("pages = [\"ROOT/wells\"]", 1200, wells).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|people| *people = 1500);
    assert_eq!(room.check().await, ["edited /wells"]);
}

#[tokio::test]
async fn what_is_struck_out_is_told() {
    let lines = [
        "<p>The fair begins at 5 and ends at 9.</p>",
        "<p><s>The fair begins at 5 and ends at 9.</s></p>",
        "<del><p>The fair begins at 5 and ends at 9.</p></del>",
        "<p>The fair begins at <del>5</del> and ends at 9.</p>",
    ];
    let edited = ["edited /news/2".to_owned()];
    assert_eq!(told_of(&lines).await, [&edited[..], &[], &edited]);
}
