//! A young site: three releases, with stories beside their text that are others at each request. What goes round is no
//! edit, also while little is known of the site.

use std::cell::RefCell;

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];
const SUBJECTS: [&str; 8] = ["quay", "pilots", "dredgers", "tides", "ferries", "lock", "cranes", "buoys"];

/// Stories that go round.
const STORIES: usize = 24;

fn story(number: usize) -> String {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    format!(
        "<div><b>The {subject} of the year {}</b><br>Visitors came to see the {subject} in the {number}th week, and \
         {number}7 of them stayed until the evening.</div>",
        1900 + number
    )
}

/// What a place costs, and how often each release was asked for.
#[derive(Default)]
struct Young {
    is_dear: bool,
    asked: RefCell<[usize; 4]>,
}

fn young(state: &Young, path: &str, _: usize) -> Answer {
    let number = path.strip_prefix("/news/").and_then(|path| path.trim_end_matches('/').parse::<usize>().ok());
    let title = |number: usize| format!("Council takes note of the {}", SUBJECTS[number]);
    let Some(number) = number else {
        let item =
            |number: usize| format!("<li>{number} May 2026 <a href='/news/{number}/'>{}</a></li>", title(number));
        let items: String = (1..=3).map(item).collect();
        return Answer::html(format!("<title>News</title><main><h1>News</h1><ul>{items}</ul></main>"));
    };
    let (subject, title) = (SUBJECTS[number], title(number));
    let crowns = if number == 2 && state.is_dear { 14 } else { 12 };
    let count = state.asked.borrow()[number] + 1;
    state.asked.borrow_mut()[number] = count;
    let first = count * 3 + number * 5;
    let beside: String = [0, 1, 2].map(|step| story((first + step) % STORIES)).concat();
    Answer::html(format!(
        "<title>{title}</title><main><h1>{title}</h1><p>{number} May 2026</p><div class=text>\
         <p>The council heard a report about the {subject} and asked the towns of the bay for patience with all of them.</p>\
         <p>A place near the {subject} costs {crowns} crowns from the first of June, as it did before the great storm.</p>\
         </div><p>Seen {count} times</p>{beside}</main>"
    ))
}

#[tokio::test]
async fn stories_beside_few_releases_are_no_edits() {
    let room = Room::watching("listings = [\"ROOT/news/\"]", Young::default(), young).await;
    for _ in 0..4 {
        assert_eq!(room.check().await, NOTHING);
    }
    room.set(|state| state.is_dear = true);
    assert_eq!(room.check().await, ["edited /news/2/"]);
    assert_eq!(room.check().await, NOTHING);
}

/// An advertisement among the paragraphs: on one page another one every day, on two others at every request.
#[derive(Default)]
struct Offers {
    day: usize,
    is_dear: bool,
    asked: RefCell<[usize; 8]>,
}

fn offers(state: &Offers, path: &str, count: usize) -> Answer {
    const OFFERS: [&str; 5] =
        ["a hamper of cheese", "two nights by the sea", "soft shoes", "garden chairs", "fresh eels"];
    let number = path.strip_prefix("/news/").and_then(|path| path.trim_end_matches('/').parse::<usize>().ok());
    let title = |number: usize| format!("Council takes note of the {}", SUBJECTS[number]);
    let Some(number) = number else {
        let item =
            |number: usize| format!("<li>{number} May 2026 <a href='/news/{number}/'>{}</a></li>", title(number));
        let items: String = (1..=6).map(item).collect();
        return Answer::html(format!("<title>News</title><main><h1>News</h1><ul>{items}</ul></main>"));
    };
    let (subject, title) = (SUBJECTS[number], title(number));
    state.asked.borrow_mut()[number] += 1;
    let turn = match number {
        1 | 3 => state.asked.borrow()[number] + number,
        2 => 2 * state.day + 3,
        _ => 0,
    };
    let offer = OFFERS[turn % OFFERS.len()];
    let crowns = if number == 2 && state.is_dear { 14 } else { 12 };
    Answer::html(format!(
        "<title>{title}</title><p>Request {count}</p><main><h1>{title}</h1><p>{number} May 2026</p><div class=text>\
         <p>The council heard a report about the {subject} and asked the towns of the bay for patience with all of them.</p>\
         <p>Only today, and only for readers of these pages: {offer} at half the price.</p>\
         <p>A place near the {subject} costs {crowns} crowns from the first of June, as it did before the great storm.</p>\
         </div></main>"
    ))
}

#[tokio::test]
async fn what_rotates_on_other_pages_is_no_edit_of_one_that_shows_it_twice() {
    for is_dear in [false, true] {
        let room = Room::watching("listings = [\"ROOT/news/\"]", Offers::default(), offers).await;
        room.set(|state| (state.day, state.is_dear) = (1, is_dear));
        let told = if is_dear { &["edited /news/2/"][..] } else { &[] };
        assert_eq!(room.check().await, told);
    }
}
