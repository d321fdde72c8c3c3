//! Sites whose links lead to their releases by redirects from the first day on: by numbers in place of names, by
//! addresses that count clicks.

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];
const BY_LISTING: &str = "listings = [\"ROOT/news/\"]\ninclude = [\"/node/*\", \"/news/*\"]";
const BY_BOTH: &str = "listings = [\"ROOT/news/\"]\nfeeds = [\"ROOT/feed\"]\ninclude = [\"/node/*\", \"/news/*\"]";

/// Reports, the third of which is edited, and how many there are.
struct Harbour {
    status: u16,
    ships: usize,
    reports: usize,
}

fn harbour(state: &Harbour, path: &str, _: usize) -> Answer {
    let numbers = (1..=state.reports).rev();
    let node = path.strip_prefix("/node/");
    if let Some(number) = node.filter(|_| state.status != 200) {
        return Answer::redirect(state.status, &format!("/news/report-{number}"));
    }
    if let Some(number) = node.or(path.strip_prefix("/news/report-")).and_then(|number| number.parse::<usize>().ok()) {
        let ships = if number == 3 { state.ships } else { number * 1013 };
        return Answer::html(format!(
            "<title>Report {number} of the harbour</title><main><h1>Report {number} of the harbour</h1>\
             <p>{} is what report {number} is about, and the harbour counted {ships} ships while the pilots waited.</p>\
             <p>The master of the port of {} thanks the crews of basin {number} for their patience.</p></main>",
            ["Fog", "Frost", "Ice", "Rain", "Snow", "Storm", "Tide"][number % 7],
            ["Aldmere", "Bramford", "Calder", "Dunwick", "Eastmere", "Farrow", "Glenby"][number % 7],
        ));
    }
    if path == "/feed" {
        let item = |number: usize| {
            format!("<item><title>Report {number} of the harbour</title><link>/news/report-{number}</link></item>")
        };
        let items: String = numbers.map(item).collect();
        return Answer::with(
            200,
            &[("Content-Type", "application/rss+xml")],
            format!("<rss version=\"2.0\"><channel><title>Harbour</title>{items}</channel></rss>"),
        );
    }
    let item = |number: usize| {
        format!("<li>{number} May 2026 <a href='/node/{number}'>Report {number} of the harbour</a></li>")
    };
    let items: String = numbers.map(item).collect();
    Answer::html(format!("<title>Reports</title><main><h1>Reports</h1><ul>{items}</ul></main>"))
}

async fn room(config: &str, status: u16) -> Room<Harbour> {
    Room::watching(config, Harbour { status, ships: 3039, reports: 6 }, harbour).await
}

#[tokio::test]
async fn a_redirect_that_was_there_from_the_first_day_is_no_move() {
    for status in [301, 302] {
        let room = room(BY_LISTING, status).await;
        assert_eq!(room.check().await, NOTHING, "{status}");
        room.set(|state| state.ships = 7777);
        assert_eq!(room.check().await, ["edited /node/3"], "{status}");
        room.set(|state| state.reports = 7);
        assert_eq!(room.check().await, ["new /node/7"], "{status}");
        assert_eq!(room.check().await, NOTHING, "{status}");
    }
}

#[tokio::test]
async fn a_release_that_links_and_feed_name_by_two_addresses_is_one() {
    for status in [301, 302] {
        let room = room(BY_BOTH, status).await;
        assert_eq!(room.check().await, NOTHING, "{status}");
        room.set(|state| state.ships = 7777);
        assert_eq!(room.check().await, ["edited /news/report-3"], "{status}");
        for _ in 0..3 {
            assert_eq!(room.check().await, NOTHING, "{status}: it is not removed under its other address");
        }
    }
}

#[tokio::test]
async fn a_second_address_that_is_given_up_for_the_first_one_is_no_removal() {
    for status in [301, 302] {
        let room = room(BY_BOTH, 200).await;
        room.set(|state| state.status = status);
        assert_eq!(room.check().await, NOTHING, "{status}");
        room.set(|state| state.ships = 7777);
        assert_eq!(room.check().await, ["edited /news/report-3"], "{status}");
        for _ in 0..3 {
            assert_eq!(room.check().await, NOTHING, "{status}");
        }
    }
}
