//! Why the last look at a release made an event, or none.

use crate::support::program::Desk;
use crate::support::server::{Answer, Server};

const COUNT: usize = 8;

fn path(number: usize) -> String {
    format!("/news/{number}/")
}

fn page(number: usize, last: &str) -> Answer {
    let titles = ["tides", "masts", "ropes", "lamps", "pilots", "berths", "cranes", "buoys"];
    let text = format!(
        "<h1>A year of {}</h1><p>The harbour counted its {} in May, and found {number} more than in the year before.</p>\
         <p>{last}</p>",
        titles[number], titles[number]
    );
    Answer::html(format!("<main><article>{text}</article></main>"))
}

/// A listing of releases that have been checked once.
async fn checked_site() -> (Server, Desk) {
    let server = Server::start().await;
    let items = (0..COUNT).map(|number| format!("<li><a href={}>Report {number} of the board</a></li>", path(number)));
    server.on("/news/", Answer::html(format!("<h1>News</h1><ul>{}</ul>", items.collect::<String>())));
    for number in 0..COUNT {
        server.on(&path(number), page(number, "The board is content."));
    }
    let desk = Desk::configured(&format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n\
         [[source]]\nid = \"port\"\nlistings = [\"{}\"]\ninclude = [\"/news/*/\"]\n",
        server.url("/news/")
    ));
    tokio::task::block_in_place(|| desk.succeed(&["check"]));
    (server, desk)
}

/// What stands about the last look after one more check.
fn last_look(server: &Server, desk: &Desk, number: usize) -> String {
    tokio::task::block_in_place(|| {
        desk.run(&["check"]);
        let explained = desk.succeed(&["explain", server.url(&path(number)).as_str()]);
        let line = explained.lines().find(|line| line.starts_with("last look"));
        line.unwrap_or_else(|| panic!("{explained}")).to_owned()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_that_finds_the_same_says_so_until_one_finds_an_edit() {
    let (server, desk) = checked_site().await;
    assert!(last_look(&server, &desk, 3).ends_with("made no event: nothing differs from version 1"));
    server.on(&path(3), page(3, "The board has resigned."));
    assert!(last_look(&server, &desk, 3).ends_with("made the event above"));
    assert!(last_look(&server, &desk, 3).ends_with("made no event: nothing differs from version 2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_waits_says_what_for() {
    let (server, desk) = checked_site().await;
    server.on(&path(5), Answer::status(404));
    let line = last_look(&server, &desk, 5);
    assert!(line.contains("made no event: answers 404, in 1 check so far; a removal takes 2"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_while_we_are_refused_says_what_withholds_it() {
    let (server, desk) = checked_site().await;
    for number in 0..COUNT {
        server.on(&path(number), Answer::status(if number == 5 { 404 } else { 403 }));
    }
    let line = last_look(&server, &desk, 5);
    assert!(line.contains("counts as nothing while the source is in trouble: 7 of 8 releases were refused"), "{line}");
    let line = last_look(&server, &desk, 6);
    assert!(line.contains("shows no release (answers 403), which is no edit and no removal"), "{line}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_at_every_fetch_says_so() {
    let (server, desk) = checked_site().await;
    let things = ["an oar", "a sail", "a keel", "an anchor", "a rudder", "a hatch"];
    server.on_each(&path(2), things.map(|thing| page(2, &format!("The thing of the hour is {thing}."))));
    let line = last_look(&server, &desk, 2);
    assert!(line.contains("nothing differs once what is noise on this site is left out"), "{line}");
}
