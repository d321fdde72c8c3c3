//! Histories of pages as archives have them, with what archives bring along: noise, notices, redirects, redesigns,
//! listings and folders. What an import tells has to be true.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::program::Desk;

const LEAD: &str =
    "The harbour counted twelve ships in the morning, and the pilots went home early because of the fog.";
const QUOTE: &str = "Nobody was hurt, the master of the port said on Monday, and the quay will open again tomorrow.";

fn desk() -> Desk {
    Desk::configured(
        "[store]\npath = \"pressdiff.db\"\n\
         [[source]]\nid = \"harbour\"\nname = \"Harbour\"\nlistings = [\"https://harbour.example/news/\"]\n\
         include = [\"/news/*/\"]\nconfirm_removal = { checks = 2, after = \"1h\" }\n\
         [[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\n",
    )
}

/// A page of the harbour office; `beside` is what stands after the text in the same element.
fn page(title: &str, text: &[&str], beside: &str, visitors: u32) -> String {
    let text: String = text.iter().map(|text| format!("<p>{text}</p>")).collect::<Vec<_>>().concat();
    format!(
        "<!doctype html><html><head><title>{title}</title></head><body><ul><li><a href=\"/\">Home</a></li></ul>\
         <div class=\"old\"><h1>{title}</h1>{text}{beside}<p>You are visitor {visitors} of this page</p></div></body></html>"
    )
}

/// The same text on a site that was built anew.
fn rebuilt(title: &str, text: &[&str]) -> String {
    let text: String = text.iter().map(|text| format!("<div class=\"par\">{text}</div>")).collect::<Vec<_>>().concat();
    format!(
        "<!doctype html><html><head><title>{title} | Harbour</title></head><body><header><nav><a href=\"/\">Home</a></nav>\
         </header><main><article><header><h1>{title}</h1><span class=\"kicker\">Press release</span></header>\
         <section>{text}</section></article></main><footer>Quay Street</footer></body></html>"
    )
}

fn answer(status: u16, more: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} Words\r\nContent-Type: text/html; charset=utf-8\r\n{more}\r\n{body}")
}

fn record(day: &str, address: &str, http: &str) -> String {
    format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: {day}T10:00:00Z\r\nWARC-Target-URI: {address}\r\n\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
        http.len()
    )
}

const FOG: &str = "http://harbour.example/news/fog/";

/// The same address as archives spell it, by turns.
const SPELLINGS: [&str; 5] = [
    FOG,
    "https://harbour.example/news/fog/",
    "http://www.harbour.example:80/news/fog/",
    "https://www.harbour.example/news/fog/?utm_source=letter",
    "https://harbour.example/news/fog/?fbclid=1A2B",
];

#[test]
fn a_page_is_one_page_however_its_address_is_spelled() {
    let third = "The council will hear a report about the fog, the ships and the pilots before the end of the month.";
    let shown = |text: &[&str], visitors| page("Fog in the harbour", text, "", visitors);
    let edited = QUOTE.replace("Nobody was", "Four were");
    let mut pages: Vec<String> = (0..10).map(|round| shown(&[LEAD, QUOTE, third], round)).collect();
    pages.extend((10..20).map(|round| shown(&[LEAD, &edited, third], round)));
    pages.extend((20..30).map(|round| shown(&[LEAD, &edited], round)));
    let records = pages.iter().enumerate().map(|(at, body)| {
        let day = format!("2019-{:02}-{:02}", 1 + at / 20, 1 + at % 20);
        record(&day, SPELLINGS[at % SPELLINGS.len()], &answer(200, "", body))
    });
    assert_eq!(imported(&records.collect::<String>()), ["2019-01-11 edited fog/", "2019-02-01 edited fog/"]);
}

/// Captures of the page about the fog, each with its day.
fn captures(pages: &[(&str, String)]) -> String {
    pages.iter().map(|(day, body)| record(day, FOG, &answer(200, "", body))).collect()
}

fn told(desk: &Desk) -> Vec<String> {
    let lines = desk.succeed(&["events", "--format", "jsonl"]);
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .map(|event| {
            assert_eq!(event["reasons"][0], "imported");
            let words = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
            format!("{} {} {}", &words("at")[..10], words("kind"), words("url").rsplit("/news/").next().unwrap())
        })
        .collect()
}

fn imported(archive: &str) -> Vec<String> {
    let desk = desk();
    let file = desk.path("a.warc");
    fs::write(&file, archive).unwrap();
    desk.succeed(&["import", "--source", "harbour", file.to_str().unwrap()]);
    let first = told(&desk);
    desk.succeed(&["import", "--source", "harbour", file.to_str().unwrap()]);
    assert_eq!(told(&desk), first, "a second import adds nothing");
    first
}

#[test]
fn an_edit_is_told_and_what_counts_rotates_or_passes_is_not() {
    let fog = |text: &[&str], beside: &str, visitors| page("Fog in the harbour", text, beside, visitors);
    let edited = QUOTE.replace("Nobody was", "Four were");
    let teaser = |about: &str| format!("<p>In other news, {about}, as our reporter saw on the spot last weekend.</p>");
    let wall =
        page("Before you continue", &["We and our partners keep cookies on your device if you let us do so."], "", 1);
    let archive = captures(&[
        ("2019-01-01", fog(&[LEAD, QUOTE], &teaser("the fish market has a new roof"), 10)),
        ("2019-02-01", fog(&[LEAD, QUOTE], &teaser("a crane was sold to Norway"), 25)),
        ("2019-03-01", wall),
        ("2019-04-01", fog(&[LEAD, &edited], &teaser("the school ship came home"), 31)),
        ("2019-05-01", fog(&[LEAD, &edited], "", 44)),
        ("2019-06-01", fog(&[LEAD, &edited], &teaser("the lighthouse was painted"), 52)),
        ("2019-07-01", fog(&[LEAD, &edited], "", 60)),
    ]);
    assert_eq!(imported(&archive), ["2019-04-01 edited fog/"]);
}

#[test]
fn a_redesign_is_no_edit_and_what_went_with_it_is() {
    let archive = captures(&[
        ("2019-01-01", page("Fog in the harbour", &[LEAD, QUOTE], "", 10)),
        ("2020-01-01", rebuilt("Fog in the harbour", &[LEAD, QUOTE])),
        ("2020-02-01", rebuilt("Fog in the harbour", &[LEAD, QUOTE])),
        ("2020-03-01", rebuilt("Fog in the harbour", &[LEAD])),
        ("2020-04-01", rebuilt("Fog in the harbour", &[LEAD])),
    ]);
    assert_eq!(imported(&archive), ["2020-03-01 edited fog/"]);
}

#[test]
fn a_short_line_that_is_edited_after_a_redesign_is_told() {
    let text = |hours: &str| [LEAD.to_owned(), format!("To be told within {hours} hours"), QUOTE.to_owned()];
    let old = |hours: &str| page("Fog in the harbour", &text(hours).each_ref().map(String::as_str), "", 10);
    let new = |hours: &str| {
        rebuilt("Fog in the harbour", &text(hours).each_ref().map(String::as_str))
            .replace("<span class=\"kicker\">Press release</span>", "")
    };
    let archive = captures(&[
        ("2019-01-01", old("72")),
        ("2019-02-01", old("72")),
        ("2020-01-01", new("72")),
        ("2020-02-01", new("72")),
        ("2020-03-01", new("48")),
        ("2020-04-01", new("48")),
    ]);
    assert_eq!(imported(&archive), ["2020-03-01 edited fog/"]);
}

#[test]
fn what_is_edited_after_a_redesign_is_told_without_the_redesign() {
    let signed = QUOTE.replace("the quay", "<a href=\"/news/quay/\">the quay</a>");
    let dated = |day: &str| {
        let under = format!("</h1><time datetime=\"2020-02-{day}\">{day} February 2020</time>");
        rebuilt("Fog in the harbour", &[LEAD, QUOTE]).replace("</h1>", &under)
    };
    let old = page("Fog in the harbour", &[LEAD, &signed], "<p>12 February 2020</p>", 10);
    let archive = captures(&[
        ("2020-02-12", old.clone()),
        ("2020-02-13", old),
        ("2020-03-01", dated("12")),
        ("2020-04-01", dated("12")),
        ("2020-05-01", dated("14")),
        ("2020-06-01", dated("14")),
    ]);
    let desk = desk();
    let file = desk.path("a.warc");
    fs::write(&file, archive).unwrap();
    desk.succeed(&["import", "--source", "harbour", file.to_str().unwrap()]);
    assert_eq!(told(&desk), ["2020-05-01 edited fog/"]);
    let lines = desk.succeed(&["events", "--format", "jsonl"]);
    let event: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(event["fields"], serde_json::json!(["date"]), "{event}");
}

#[test]
fn an_edit_is_told_without_what_turned_out_to_be_on_all_pages() {
    let campaign =
        "<p>The harbour office looks for pilots who know the coast, and pays for their first winter here.</p>";
    let other = |name: usize| {
        let text = format!("Ship number {name} of the northern line was painted blue and sails again from Friday on.");
        let more =
            format!("Her {name} engines were made in the old yard, whose workers came to see her off in the rain.");
        page(&format!("Ship number {name}"), &[&text, &more], campaign, 7)
    };
    let fog = |quote: &str, beside: &str| page("Fog in the harbour", &[LEAD, quote], beside, 10);
    let edited = QUOTE.replace("Nobody was", "Four were");
    let ships = (1..9).map(|name| {
        record("2019-02-01", &format!("http://harbour.example/news/ship-{name}/"), &answer(200, "", &other(name)))
    });
    let desk = desk();
    for archive in [
        captures(&[("2019-01-01", fog(QUOTE, campaign))]),
        ships.collect(),
        captures(&[("2019-03-01", fog(&edited, "")), ("2019-04-01", fog(&edited, ""))]),
    ] {
        fs::write(desk.path("a.warc"), archive).unwrap();
        desk.succeed(&["import", "--source", "harbour", desk.path("a.warc").to_str().unwrap()]);
    }
    assert_eq!(told(&desk), ["2019-03-01 edited fog/"]);
    let event = desk.succeed(&["events", "--format", "jsonl"]);
    assert!(!event.contains("removed"), "{event}");
}

#[test]
fn a_permanent_redirect_to_the_same_text_is_a_move_and_one_to_the_home_page_a_removal() {
    let fog = page("Fog in the harbour", &[LEAD, QUOTE], "", 10);
    let ice = page(
        "Ice on the river",
        &["The river is closed for ships from Friday on, the harbour office said today."],
        "",
        3,
    );
    let there = "https://www.harbour.example/news/2020-fog/";
    let away = answer(302, "Location: /\r\n", "");
    let archive = [
        record("2019-01-01", FOG, &answer(200, "", &fog)),
        record("2019-01-02", "http://harbour.example/news/ice/", &answer(200, "", &ice)),
        record("2019-02-01", FOG, &answer(301, "Location: https://harbour.example/news/fog/\r\n", "")),
        record("2020-01-01", FOG, &answer(301, &format!("Location: {there}\r\n"), "")),
        record("2020-01-02", there, &answer(200, "", &fog)),
        record("2020-02-02", there, &answer(200, "", &fog.replace("twelve", "eleven"))),
        record("2020-03-01", "http://harbour.example/news/ice/", &away),
        record("2020-03-02", "http://harbour.example/news/ice/", &away),
    ];
    let expected = ["2020-01-01 moved 2020-fog/", "2020-02-02 edited 2020-fog/", "2020-03-02 removed ice/"];
    assert_eq!(imported(&archive.concat()), expected);
}

#[test]
fn a_move_is_told_though_the_archive_came_upon_the_new_address_first() {
    let fog = page("Fog in the harbour", &[LEAD, QUOTE], "", 10);
    let there = "https://www.harbour.example/news/2020-fog/";
    let gone = answer(301, &format!("Location: {there}\r\n"), "");
    let archive = |is_there_still: bool| {
        let between = if is_there_still { answer(200, "", &fog) } else { answer(503, "", "Try later") };
        [
            record("2019-01-01", FOG, &answer(200, "", &fog)),
            record("2020-01-01", there, &answer(200, "", &fog.replace("twelve", "eleven"))),
            record("2020-01-02", FOG, &between),
            record("2020-02-01", FOG, &gone),
            record("2020-02-02", there, &answer(200, "", &fog.replace("twelve", "ten"))),
            record("2020-03-02", there, &answer(200, "", &fog.replace("twelve", "ten"))),
        ]
    };
    let expected = ["2020-01-01 moved 2020-fog/", "2020-02-02 edited 2020-fog/"];
    assert_eq!(imported(&archive(false).concat()), expected);
    assert_eq!(imported(&archive(true).concat()), ["2020-02-02 edited 2020-fog/"], "for a while there were two");
}

#[test]
fn a_page_that_was_cut_off_says_nothing_of_what_came_at_its_end() {
    let fog = page("Fog in the harbour", &[LEAD, QUOTE], "", 10);
    let added = page("Fog in the harbour", &[LEAD, QUOTE, "A report will follow before the end of the month."], "", 11);
    let cut = added[..added.find("A report").unwrap()].to_owned();
    let pages = [("2019-01-01", fog), ("2019-02-01", added.clone()), ("2019-03-01", cut), ("2019-04-01", added)];
    assert_eq!(imported(&captures(&pages)), ["2019-02-01 edited fog/"]);
}

#[test]
fn a_site_that_shows_its_page_for_nothing_has_removed_the_release() {
    let fog = page("Fog in the harbour", &[LEAD, QUOTE], "", 10);
    let nothing = page("Page not found", &["The page that you were looking for is not there, or not any more."], "", 1);
    let pages =
        [("2019-01-01", fog.clone()), ("2019-02-01", nothing.clone()), ("2019-03-01", nothing), ("2019-04-01", fog)];
    assert_eq!(imported(&captures(&pages)), ["2019-03-01 removed fog/", "2019-04-01 restored fog/"]);
}

fn edited_pages() -> [(&'static str, String); 2] {
    let page = |text: &str| page("Fog in the harbour", &[text, QUOTE], "", 10);
    [("20190101100000", page(LEAD)), ("20190201100000", page(&LEAD.replace("twelve", "eleven")))]
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn folders_of_downloaders_are_taken_in_with_their_listing() {
    for layout in ["TIME/harbour.example/news/fog/index.html", "harbour.example/TIME/news/fog/index.html"] {
        let desk = desk();
        let mut listing = String::new();
        for (time, body) in edited_pages() {
            write(&desk.path("captures").join(layout.replace("TIME", time)), &body);
            writeln!(listing, "example,harbour)/news/fog {time} {FOG} text/html 200 {} 900", "A".repeat(32)).unwrap();
        }
        writeln!(listing, "example,harbour)/news/fog 20190301100000 {FOG} text/html 200 {} 900", "B".repeat(32))
            .unwrap();
        listing += "not a line\n";
        fs::write(desk.path("list.cdx"), listing).unwrap();
        let (folder, file) = (desk.path("captures"), desk.path("list.cdx"));
        let ran = desk.run(&["import", "--source", "harbour", folder.to_str().unwrap(), file.to_str().unwrap()]);
        assert!(ran.status == 1 && ran.err.contains("list.cdx: line 4: it has 3 columns"), "{ran:#?}");
        assert!(ran.err.contains("1 lines of the listings name captures that no folder has"), "{ran:#?}");
        assert!(ran.err.contains("2 files are not the bytes that the listings have a digest of"), "{ran:#?}");
        assert_eq!(told(&desk), ["2019-02-01 edited fog/"], "{layout}");
    }
}

#[test]
fn a_listing_leads_to_the_records_beside_it() {
    let desk = desk();
    let (mut archive, mut plain, mut json, mut rows) = (String::new(), String::new(), String::new(), Vec::new());
    for (time, body) in edited_pages() {
        let (offset, day) = (archive.len(), format!("{}-{}-{}", &time[..4], &time[4..6], &time[6..8]));
        archive += &record(&day, FOG, &answer(200, "", &body));
        writeln!(plain, "key {time} {FOG} text/html 200 - - - 9 {offset} a.warc").unwrap();
        writeln!(json, "key {time} {{\"url\": \"{FOG}\", \"offset\": \"{offset}\", \"filename\": \"a.warc\"}}")
            .unwrap();
        rows.push(serde_json::json!([time, FOG, offset.to_string(), "a.warc"]));
    }
    rows.insert(0, serde_json::json!(["timestamp", "original", "offset", "filename"]));
    fs::write(desk.path("a.warc"), archive).unwrap();
    for (name, text) in [
        ("a.cdx", format!(" CDX N b a m s k r M S V g\n{plain}")),
        ("a.cdxj", json),
        ("a.json", serde_json::to_string(&rows).unwrap()),
    ] {
        let file = desk.path(name);
        fs::write(&file, text).unwrap();
        desk.succeed(&["import", "--source", "harbour", file.to_str().unwrap()]);
        assert_eq!(told(&desk), ["2019-02-01 edited fog/"], "{name}");
    }
    let wrong = desk.path("wrong.cdx");
    fs::write(&wrong, format!("key 20190101100000 {FOG} text/html 200 - - - 9 7 a.warc\n")).unwrap();
    let ran = desk.run(&["import", "--source", "harbour", wrong.to_str().unwrap()]);
    assert!(ran.status == 1 && ran.err.contains("wrong.cdx: names a record in a.warc"), "{ran:#?}");
}
