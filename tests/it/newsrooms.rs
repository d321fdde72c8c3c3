//! Newsrooms of other makes than the evolving site: a blog, a ministry that answers with one script, terms of
//! service. Each is a function of what is set and of the number of the request, which no reader cares about.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "each site is a function of a reference to its state"
)]

use std::cell::Cell;

use chrono::TimeDelta;

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];
const SUBJECTS: [&str; 8] = ["quay", "pilots", "dredgers", "tides", "ferries", "lock", "cranes", "buoys"];

fn body_of(number: usize) -> String {
    let subject = SUBJECTS[number % SUBJECTS.len()];
    format!(
        "<p>The council heard a report about the {subject} of the port and took note of {number}4 proposals.</p>\
         <p>Work on the {subject} will go on until autumn and is paid for by the {number} towns of the bay.</p>"
    )
}

/// A blog: the body and the items bear classes that depend on what is shown, and a banner comes and goes.
fn blog(newest: &usize, path: &str, count: usize) -> Answer {
    let banner = if count.is_multiple_of(2) { "<div class='cookie-notice'><p>We bake biscuits.</p></div>" } else { "" };
    let number = path.trim_matches('/').strip_prefix("2026/entry-").and_then(|number| number.parse::<usize>().ok());
    if let Some(number) = number {
        return Answer::html(format!(
            "<title>Entry {number} on the port</title><body class='single postid-{number} visit-{}'>{banner}<main><article>\
             <h1>Entry {number} on the port</h1><div class='entry-content'>{}</div></article></main>",
            if count.is_multiple_of(2) { "a" } else { "b" },
            body_of(number)
        ));
    }
    let page = path.trim_matches('/').strip_prefix("page/").map_or(1, |page| page.parse::<usize>().unwrap());
    let item = |number: usize| {
        let topic = if number < 3 { "bay" } else { ["town", "sea"][number % 2] };
        format!(
            "<article class='post post-{number} hentry category-{topic}'><h2><a href='/2026/entry-{number}/'>Entry {number} on \
             the port</a></h2><time datetime='2026-05-{number:02}'>{number} May</time></article>"
        )
    };
    let shown = (1..=*newest).rev().skip((page - 1) * 5).take(5);
    let older = format!("<a class='next' href='/page/{}/'>Older posts</a>", page + 1);
    let older = if *newest > page * 5 { older } else { String::new() };
    let items: String = shown.map(item).collect();
    Answer::html(format!("<title>Port</title><body class='blog paged-{page}'>{banner}<main>{items}{older}</main>"))
}

#[tokio::test]
async fn the_last_page_of_a_blog_may_list_little() {
    let room = Room::watching("listings = [\"ROOT/\"]", 14, blog).await;
    for newest in 15..=17 {
        room.set(|state| *state = newest);
        assert_eq!(room.check().await, [format!("new /2026/entry-{newest}/")]);
        assert_eq!(room.check().await, NOTHING);
    }
}

/// One script answers for all releases, and with a friendly page where there is none.
fn script(missing: &Option<usize>, path: &str, count: usize) -> Answer {
    let frame = |title: &str, main: &str| {
        let visitors = format!("Visitors today: {}", 500 + count);
        Answer::html(format!(
            "<title>Ministry</title><table><tr><td><a href='/'>Home</a><br>{visitors}</td><td><h1>{title}</h1>{main}</td></tr></table>"
        ))
    };
    let number = path.strip_prefix("/news.asp?id=").and_then(|number| number.parse::<usize>().ok());
    match number {
        Some(number) if number < SUBJECTS.len() && Some(number) != *missing => {
            frame(&format!("On the {} of the port", SUBJECTS[number]), &body_of(number))
        }
        Some(_) => frame(
            "News",
            ["Nothing is stored here.", "Nothing is stored here. Our new map of all berths is out, have a look."]
                [count % 2],
        ),
        None => {
            let listed = (0..SUBJECTS.len()).rev().filter(|number| Some(*number) != *missing);
            let row = |number: usize| {
                let subject = SUBJECTS[number];
                format!(
                    "<tr><td>{:02}.05.2026</td><td><a href='news.asp?id={number}'>On the {subject} of the port</a></td></tr>",
                    number + 1
                )
            };
            frame("News", &format!("<table>{}</table>", listed.map(row).collect::<String>()))
        }
    }
}

#[tokio::test]
async fn what_a_script_shows_for_a_missing_number_is_no_release() {
    let room = Room::watching("listings = [\"ROOT/news.asp\"]", None, script).await;
    room.set(|missing| *missing = Some(4));
    assert_eq!(room.check().await, NOTHING, "not confirmed yet");
    assert_eq!(room.check().await, ["removed /news.asp?id=4"]);
    for _ in 0..3 {
        assert_eq!(room.check().await, NOTHING);
    }
    room.set(|missing| *missing = None);
    assert_eq!(room.check().await, ["restored /news.asp?id=4"]);
}

/// Terms whose every fetch differs in ids, promises and the hour.
fn terms(days: &u32, _: &str, count: usize) -> Answer {
    let promise = ["<p>Summer sale until Friday!</p>", "<p>Now with berths in three ports.</p>", ""][count % 3];
    let id = |name: &str| format!("{name}{count}ad{}f", count * 7);
    Answer::html(format!(
        "<title>Terms of service</title><body class='v-{}'><div class='offer'>{promise}</div><div class='doc'><h1>Terms of service</h1>\
         <h2 id='{}'>1. Scope</h2><p id='{}'>1.1 These terms apply to all who rent a berth.</p>\
         <h2 id='{}'>2. Fees</h2><p>2.1 Fees are due within {days} days of the invoice.</p>\
         <p>2.2 We do not refund fees for months that have begun.</p></div><div class='seen'>You were here at 9:{:02}</div>",
        ["one", "two"][count % 2],
        id("a"),
        id("b"),
        id("c"),
        count % 60
    ))
}

#[tokio::test]
async fn an_edit_of_terms_is_told_though_every_fetch_differs() {
    let room = Room::watching("pages = [\"ROOT/terms\"]", 30, terms).await;
    let mut told = Vec::new();
    for days in [30, 30, 30, 14, 14, 14] {
        room.set(|state| *state = days);
        told.extend(room.check().await);
    }
    assert_eq!(told, ["edited /terms"]);
}

/// One page at two addresses, which begins to name the second one as its own.
fn copies(has_moved: &bool, path: &str, count: usize) -> Answer {
    let named = if *has_moved { "/rules/fees/" } else { "/fees/" };
    let at_second = path == "/rules/fees/" && *has_moved;
    if path != "/fees/" && !at_second {
        return Answer::status(404);
    }
    Answer::html(format!(
        "<title>Fees</title><link rel='canonical' href='{named}'><p>{count} visits</p><main><h1>Fees of the port</h1>\
         <p>A berth costs twelve crowns a night, a buoy costs four, and anchoring is free of charge for everybody.</p></main>"
    ))
}

#[tokio::test]
async fn a_page_that_names_another_address_as_its_own_has_moved() {
    let room = Room::watching("pages = [\"ROOT/fees/\"]", false, copies).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|has_moved| *has_moved = true);
    assert_eq!(room.check().await, ["moved /rules/fees/"]);
    assert_eq!(room.check().await, NOTHING);
}

/// Three pages of law in one folder, which are rewritten on the same day, and one of them later.
fn laws(edition: &usize, path: &str, _: usize) -> Answer {
    let Some(number) = path.strip_prefix("/law/").and_then(|number| number.parse::<usize>().ok()) else {
        return Answer::status(404);
    };
    let subject = SUBJECTS[number];
    let days = if *edition > 1 && number == 2 { 21 } else { 14 };
    let text = match edition {
        0 => format!(
            "<p>The {subject} office keeps the data of its guests.</p><p>It gives them to no other {subject} office.</p>"
        ),
        _ => format!(
            "<p>From now on the {subject} office deletes all data after {days} days.</p><p>Whoever asks why the {subject} \
             office has data is told so.</p>"
        ),
    };
    Answer::html(format!(
        "<title>Law {number}</title><main><h1>Law of the {subject}</h1><p class=date>1 May 2026</p><div>\
         <p>This law is about the {subject} of the port.</p>{text}</div></main>"
    ))
}

#[tokio::test]
async fn pages_that_are_rewritten_on_one_day_are_told_and_watched_on() {
    let room = Room::watching("pages = [\"ROOT/law/1\", \"ROOT/law/2\", \"ROOT/law/3\"]", 0, laws).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|edition| *edition = 1);
    assert_eq!(room.check().await, ["edited /law/1", "edited /law/2", "edited /law/3"]);
    assert_eq!(room.check().await, NOTHING);
    room.set(|edition| *edition = 2);
    assert_eq!(room.check().await, ["edited /law/2"]);
    assert_eq!(room.check().await, NOTHING);
}

/// A decision that one of two servers, which answer in turn, may not have heard of.
#[derive(Default)]
struct Decision {
    is_taken: bool,
    is_late: bool,
    requests: Cell<usize>,
}

fn caches(state: &Decision, path: &str, _: usize) -> Answer {
    let Some(number) = path.strip_prefix("/news/").and_then(|number| number.parse::<usize>().ok()) else {
        return Answer::status(404);
    };
    state.requests.set(state.requests.get() + usize::from(number == 3));
    let shows_decision = state.is_taken && !(state.is_late && state.requests.get().is_multiple_of(2));
    let decision = if shows_decision { "approved 9.7" } else { "did not approve 4.2" };
    let decision =
        if number == 3 { format!("<p>The council {decision} million crowns for it.</p>") } else { String::new() };
    Answer::html(format!(
        "<title>{number}</title><main><h1>On the {}</h1>{}{decision}</main>",
        SUBJECTS[number % 8],
        body_of(number)
    ))
}

#[tokio::test]
async fn an_edit_that_one_of_two_servers_shows_later_is_told() {
    let room =
        Room::watching("pages = [\"ROOT/news/1\", \"ROOT/news/2\", \"ROOT/news/3\"]", Decision::default(), caches)
            .await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|state| *state = Decision { is_taken: true, is_late: true, requests: Cell::default() });
    assert_eq!(room.check().await, NOTHING, "the first server has it, the second one does not");
    room.set(|state| state.is_late = false);
    assert_eq!(room.check().await, ["edited /news/3"]);
    assert_eq!(room.check().await, NOTHING);
}

/// What a listing shows.
#[derive(Default)]
struct Shown {
    /// The newest release; older ones have lower numbers.
    newest: usize,
    /// The newest that the second page knows of.
    newest_behind: usize,
    taken_off: Option<usize>,
    /// Where the list stands: the layout of each page.
    layouts: [usize; 2],
}

const TO_A_PAGE: usize = 6;

/// A page of a release, if that is what the path asks for.
fn release_page(path: &str) -> Option<Answer> {
    let number: usize = path.strip_prefix("/news/")?.split(['/', '?']).next()?.parse().ok()?;
    let body = body_of(number) + &body_of(number + 3);
    Some(Answer::html(format!("<title>Report {number}</title><main><h1>Report {number} on the port</h1>{body}</main>")))
}

/// A page of the listing; `query` is what the addresses of the releases end with.
fn listing_page(shown: &Shown, page: usize, has_more: bool, query: &str) -> Answer {
    let newest = if page == 1 { shown.newest } else { shown.newest_behind };
    let listed = (1..=newest).rev().filter(|number| Some(*number) != shown.taken_off);
    let item = |number: usize| {
        format!("<div><a href='/news/{number}/{query}'>Report {number} on the port</a> {number} May 2026</div>")
    };
    let items: String = listed.skip((page - 1) * TO_A_PAGE).take(TO_A_PAGE).map(item).collect();
    let more = if has_more { "<a class='older' href='/news/?page=2'>Older posts</a>" } else { "" };
    let list = format!("<h1>Reports</h1>{items}{more}");
    Answer::html(match shown.layouts[page - 1] {
        0 => format!("<title>Reports</title><main><section class='page'>{list}</section></main>"),
        _ => format!("<title>Reports</title><div class='wrap'><div class='content'>{list}</div></div>"),
    })
}

/// A listing of the latest six; a script that we do not run shows the others.
fn latest(shown: &Shown, path: &str, _: usize) -> Answer {
    release_page(path).unwrap_or_else(|| listing_page(shown, 1, false, ""))
}

#[tokio::test]
async fn what_newer_releases_push_off_a_listing_of_the_latest_is_nothing() {
    let room = Room::watching("listings = [\"ROOT/news/\"]", Shown { newest: 9, ..Shown::default() }, latest).await;
    for newest in [10, 12] {
        room.set(|shown| shown.newest = newest);
        assert_eq!(room.check().await.len(), if newest == 10 { 1 } else { 2 }, "the new ones are told");
        for _ in 0..3 {
            assert_eq!(room.check().await, NOTHING);
        }
    }
    room.set(|shown| shown.taken_off = Some(10));
    assert_eq!(room.check().await, NOTHING, "not confirmed yet");
    assert_eq!(room.check().await, ["unlisted /news/10/"]);
}

/// A listing of two pages.
fn paged(shown: &Shown, path: &str, _: usize) -> Answer {
    let page = if path.ends_with("?page=2") { 2 } else { 1 };
    release_page(path).unwrap_or_else(|| listing_page(shown, page, page == 1, ""))
}

#[tokio::test]
async fn what_is_lost_between_a_new_page_and_an_old_one_is_nothing() {
    let shown = Shown { newest: 14, newest_behind: 14, ..Shown::default() };
    let room = Room::watching("listings = [\"ROOT/news/\"]", shown, paged).await;
    room.set(|shown| shown.newest = 15);
    assert_eq!(room.check().await, ["new /news/15/"]);
    for _ in 0..3 {
        assert_eq!(room.check().await, NOTHING, "the second page is a copy from before");
    }
    room.set(|shown| shown.newest_behind = 15);
    assert_eq!(room.check().await, NOTHING);
    room.set(|shown| shown.taken_off = Some(9));
    assert_eq!(room.check().await, NOTHING, "not confirmed yet");
    assert_eq!(room.check().await, ["unlisted /news/9/"], "at the border, and no newer one came");
}

#[tokio::test]
async fn a_last_page_in_another_layout_makes_nothing_new() {
    let shown = Shown { newest: 9, newest_behind: 9, layouts: [0, 1], ..Shown::default() };
    let room = Room::watching("listings = [\"ROOT/news/\"]", shown, paged).await;
    for layouts in [[0, 0], [1, 0], [1, 1], [0, 1], [0, 1], [1, 1]] {
        room.set(|shown| shown.layouts = layouts);
        assert_eq!(room.check().await, NOTHING, "{layouts:?}");
    }
}

/// Two pages whose links say from which of them one came.
fn pointing_back(shown: &Shown, path: &str, _: usize) -> Answer {
    let page = if path.ends_with("?page=2") { 2 } else { 1 };
    release_page(path).unwrap_or_else(|| listing_page(shown, page, page == 1, &format!("?from={page}")))
}

#[tokio::test]
async fn a_release_that_is_listed_by_another_address_is_listed() {
    let shown = Shown { newest: 9, newest_behind: 9, ..Shown::default() };
    let room = Room::watching("listings = [\"ROOT/news/\"]", shown, pointing_back).await;
    for newest in [10, 11] {
        room.set(|shown| (shown.newest, shown.newest_behind) = (newest, newest));
        assert_eq!(room.check().await, [format!("new /news/{newest}/?from=1")]);
        for _ in 0..2 {
            assert_eq!(room.check().await, NOTHING);
        }
    }
}

/// Weekly reports that read alike but for their numbers.
#[derive(Default)]
struct Weekly {
    /// Leads from the first report to another one, with a status.
    redirect: Option<(u16, usize)>,
    has_figures: bool,
}

fn weekly(state: &Weekly, path: &str, _: usize) -> Answer {
    let report = |number: usize| {
        let people = if state.has_figures && number == 3 { 7777 } else { number * 1013 };
        Answer::html(format!(
            "<title>Flood report No. {number}</title><main><h1>Flood report No. {number}</h1><p>This week {people} people were brought \
             to dry places by the boats of the harbour.</p><p>The pumps along the northern dike ran for {} hours without a \
             break, and the mayor thanks the crews, the cooks and the neighbours who came to help them.</p></main>",
            number * 7
        ))
    };
    match (path.strip_prefix("/news/report-").and_then(|number| number.parse().ok()), state.redirect) {
        (Some(1), Some((status, to))) => Answer::redirect(status, &format!("/news/report-{to}")),
        (Some(number), _) => report(number),
        (None, _) => {
            let oldest = if state.redirect.is_some() { 2 } else { 1 };
            let item = |number: usize| {
                format!("<li>{number} May 2026 <a href='/news/report-{number}'>Flood report No. {number}</a></li>")
            };
            Answer::html(format!(
                "<title>Reports</title><main><ul>{}</ul></main>",
                (oldest..=6).rev().map(item).collect::<String>()
            ))
        }
    }
}

#[tokio::test]
async fn a_release_that_leads_to_another_one_is_removed() {
    for status in [301, 302] {
        let room = Room::watching("listings = [\"ROOT/news/\"]", Weekly::default(), weekly).await;
        room.set(|state| state.redirect = Some((status, 6)));
        assert_eq!(room.check().await, NOTHING, "not confirmed yet");
        assert_eq!(room.check().await, ["removed /news/report-1"]);
        room.set(|state| state.has_figures = true);
        assert_eq!(room.check().await, ["edited /news/report-3"]);
        assert_eq!(room.check().await, NOTHING);
        room.set(|state| state.redirect = None);
        assert_eq!(room.check().await, ["restored /news/report-1"]);
    }
}

/// What goes wrong on some pages of a site.
#[derive(Clone, Copy)]
enum Fault {
    None,
    /// Three of nine pages quote a number of our request.
    Refused,
    /// A page shows an error under a title in turn, and the day of a clock.
    Failed,
    /// The second half of one page is missing.
    Cut,
    /// One page is shortened by its author.
    Shortened,
}

fn faulty(fault: &Fault, path: &str, count: usize) -> Answer {
    let Some(number) = path.strip_prefix("/news/").and_then(|path| path.trim_end_matches('/').parse::<usize>().ok())
    else {
        let item = |number: usize| {
            format!("<li>{number} May 2026 <a href='/news/{number}/'>Report {number} on the port</a></li>")
        };
        let items: String = (1..10).rev().map(item).collect();
        return Answer::html(format!("<html><title>Reports</title><body><main><ul>{items}</ul></main></body></html>"));
    };
    let body = body_of(number) + &body_of(number + 3);
    let promise = "<p>Mayor Lindqvist promised that no fisherman will pay for ice again.</p>";
    let body = if number == 5 && !matches!(fault, Fault::Shortened) { body + promise } else { body };
    let page = format!(
        "<html><title>Report {number}</title><body><main><h1>Report {number} on the port</h1><p>{number} May 2026</p>{body}</main><p>Open data</p></body></html>"
    );
    match fault {
        Fault::Refused if number % 3 == 0 => Answer::html(format!(
            "<html><title>Oh no</title><body>Something is wrong with your visit. Tell our office about it, by this number: \
             {count}{number}</body></html>"
        )),
        Fault::Failed if number == 5 => Answer::html(format!(
            "<html><title>Error{}</title><body><p>12 June 2026, request {count}</p><main><p>The database has left us, after \
             {count} requests.</p></main></body></html>",
            if count.is_multiple_of(2) { " | Port" } else { " - The Port" }
        )),
        Fault::Cut if number == 5 => Answer::html(&page[..page.len() * 6 / 10]),
        _ => Answer::html(page),
    }
}

#[tokio::test]
async fn faults_of_some_pages_are_no_edits() {
    let room = Room::watching("listings = [\"ROOT/news/\"]", Fault::None, faulty).await;
    for fault in [Fault::Refused, Fault::None, Fault::Failed, Fault::None, Fault::Cut, Fault::None] {
        room.set(|state| *state = fault);
        assert_eq!(room.check().await, NOTHING);
    }
    room.set(|state| *state = Fault::Shortened);
    assert_eq!(room.check().await, ["edited /news/5/"]);
}

#[tokio::test]
async fn what_stays_is_no_fault() {
    for (fault, edited) in [(Fault::Refused, vec![3, 6, 9]), (Fault::Cut, vec![5])] {
        let room = Room::watching("listings = [\"ROOT/news/\"]", Fault::None, faulty).await;
        room.set(|state| *state = fault);
        for _ in 0..3 {
            assert_eq!(room.check().await, NOTHING);
        }
        room.wait(TimeDelta::days(1));
        let expected: Vec<String> = edited.iter().map(|number| format!("edited /news/{number}/")).collect();
        let mut told = room.check().await;
        // That one sentence came to several is told of the site besides.
        told.retain(|event| event != "site /");
        told.sort();
        assert_eq!(told, expected);
    }
}

/// Whether a release was withdrawn, and whether the listing knows of it.
#[derive(Clone, Copy)]
struct Withdrawal {
    is_shown: bool,
    is_listed: bool,
}

/// A site that says in words of its own that something is not there any more, and with other ones that nothing ever
/// was.
fn withdrawing(state: &Withdrawal, path: &str, count: usize) -> Answer {
    let frame = |title: &str, main: &str| {
        Answer::html(format!(
            "<html><title>{title}</title><body><main><h1>{title}</h1>{main}</main><p>{count}</p></body></html>"
        ))
    };
    let number = path.strip_prefix("/news/").and_then(|path| path.trim_end_matches('/').parse::<usize>().ok());
    match number {
        Some(4) if !state.is_shown => frame("Gone fishing", "<p>What stood here has been taken down by the desk.</p>"),
        Some(number) => frame(
            &format!("Report {number} on the port"),
            &format!("<p>{number} May 2026</p>{}{}", body_of(number), body_of(number + 3)),
        ),
        None if path == "/news/" => {
            let item = |number: usize| {
                format!("<li>{number} May 2026 <a href='/news/{number}/'>Report {number} on the port</a></li>")
            };
            let numbers = (1..10).rev().filter(|number| *number != 4 || state.is_listed);
            frame("Reports", &format!("<ul>{}</ul>", numbers.map(item).collect::<String>()))
        }
        None => frame("Oh no", "<p>Nobody has ever written a page of this name.</p>"),
    }
}

#[tokio::test]
async fn what_is_taken_off_the_listing_and_replaced_by_a_notice_is_removed() {
    let all = Withdrawal { is_shown: true, is_listed: true };
    let room = Room::watching("listings = [\"ROOT/news/\"]", all, withdrawing).await;
    room.set(|state| *state = Withdrawal { is_shown: false, is_listed: true });
    for _ in 0..3 {
        assert_eq!(room.check().await, NOTHING, "a fault may pass");
    }
    room.set(|state| state.is_listed = false);
    assert_eq!(room.check().await, NOTHING);
    assert_eq!(room.check().await, ["removed /news/4/"]);
    assert_eq!(room.check().await, NOTHING);
    room.set(|state| *state = all);
    assert_eq!(room.check().await, ["restored /news/4/"]);
    assert_eq!(room.check().await, NOTHING);
}

/// A page with three stories under its text, which rotate; the amount in the text changes at times.
fn stories(amount: &u32, path: &str, count: usize) -> Answer {
    if path != "/fees" {
        return Answer::status(404);
    }
    let story = |at: usize| {
        let (subject, number) = (SUBJECTS[(count * 3 + at) % 8], count * 3 + at);
        format!(
            "<div><b>Story {number} of the {subject}</b><br>The {subject} of story {number} were seen by {number} guests of the bay.</div>"
        )
    };
    Answer::html(format!(
        "<title>Fees</title><main><h1>Fees of the port</h1><div class=text>{}<p>A berth costs {amount} crowns.</p></div>{}</main>",
        body_of(5),
        (0..3).map(story).collect::<String>()
    ))
}

#[tokio::test]
async fn stories_that_rotate_under_the_text_of_a_single_page_are_nothing() {
    let room = Room::watching("pages = [\"ROOT/fees\"]", 12, stories).await;
    for amount in [12, 12, 12, 14] {
        assert_eq!(room.check().await, NOTHING);
        room.set(|state| *state = amount);
    }
    assert_eq!(room.check().await, ["edited /fees"]);
    assert_eq!(room.check().await, NOTHING);
}
