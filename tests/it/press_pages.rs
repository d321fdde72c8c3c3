//! Press pages as authorities and companies of many countries have them: lists of the latest alone, rows of labels
//! under the title, cards without days, addresses that all change at once.

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];
const SUBJECTS: [&str; 9] = ["quay", "pilots", "dredgers", "tides", "ferries", "lock", "cranes", "buoys", "nets"];
const THOUGHTS: &str = "Our thoughts are with all those who are affected.";

/// What such a site shows; releases have the numbers from 0, the newest last.
#[derive(Clone, Default)]
struct Press {
    newest: usize,
    withdrawn: Option<usize>,
    moved_date: Option<usize>,
    edited: Option<usize>,
    is_new_look: bool,
}

impl Press {
    fn listed(&self) -> impl Iterator<Item = usize> {
        let withdrawn = self.withdrawn;
        (0..=self.newest).rev().filter(move |number| Some(*number) != withdrawn)
    }

    fn day(&self, number: usize) -> String {
        format!("2026-03-{:02}", 2 * number + 1 + usize::from(self.moved_date == Some(number)))
    }

    fn body(&self, number: usize) -> String {
        let count = if self.edited == Some(number) { 77 } else { 30 + number };
        let subject = SUBJECTS[number];
        format!(
            "<p>The council heard a report about the {subject} of the port and took note of {count} proposals.</p>\
             <p>Work on the {subject} will go on until autumn and is paid for by the {number} towns of the bay.</p>"
        )
    }
}

fn title(number: usize) -> String {
    format!("Report on the {} of the port", SUBJECTS[number])
}

fn number_in(path: &str, before: &str) -> Option<usize> {
    path.strip_prefix(before)?.trim_end_matches(".html").parse().ok()
}

/// Under each title stands a row of labels, over it what day it is today; the list has as many as fit, and a button.
fn authority(press: &Press, path: &str, count: usize) -> Answer {
    let frame = |title: &str, main: &str| {
        let today = format!("您是第{}位访问者 今天是2026年06月{:02}日 多云", 900 + count, 1 + count / 20 % 28);
        Answer::html(format!("<title>{title}_信息网</title><div class=tj>{today}</div><div class=main>{main}</div>"))
    };
    match number_in(path, "/t2026_") {
        Some(number) if Some(number) == press.withdrawn => Answer::status(404),
        Some(number) => {
            let row = format!(
                "发布时间：{} 10:33　来源：港务局　浏览次数：<span>{count}</span>　字号：[<a href='javascript:z(1)'>大</a> 小]",
                press.day(number)
            );
            let title = title(number);
            frame(
                &title,
                &format!("<div class=bt>{title}</div><div>{row}</div><div class=nr>{}</div>", press.body(number)),
            )
        }
        None => {
            let item = |number: usize| {
                format!(
                    "<li><span>[{}]</span><a href='/t2026_{number}.html'>{}</a></li>",
                    press.day(number),
                    title(number)
                )
            };
            let items: String = press.listed().take(6).map(item).collect();
            frame("News", &format!("<ul>{items}</ul><button data-offset=6>加载更多</button>"))
        }
    }
}

#[tokio::test]
async fn a_row_of_labels_says_the_day_and_the_clock_over_it_does_not() {
    let room =
        Room::watching("listings = [\"ROOT/xwzx.html\"]", Press { newest: 6, ..Press::default() }, authority).await;
    for _ in 0..3 {
        assert_eq!(room.check().await, NOTHING);
    }
    room.set(|press| press.moved_date = Some(4));
    assert_eq!(room.check().await, ["edited /t2026_4.html"]);
    assert_eq!(room.check().await, NOTHING);
}

#[tokio::test]
async fn what_fills_up_a_list_of_the_latest_is_not_new() {
    let room =
        Room::watching("listings = [\"ROOT/xwzx.html\"]", Press { newest: 7, ..Press::default() }, authority).await;
    room.set(|press| press.withdrawn = Some(5));
    let (first, second) = (room.check().await, room.check().await);
    assert_eq!([first, second].concat(), ["removed /t2026_5.html"]);
    room.set(|press| press.newest = 8);
    assert_eq!(room.check().await, ["new /t2026_8.html"]);
    room.set(|press| press.withdrawn = None);
    assert_eq!(room.check().await, ["restored /t2026_5.html"]);
    for _ in 0..3 {
        assert_eq!(room.check().await, NOTHING, "what was pushed off the end is still listed");
    }
}

/// Cards of a site builder: no headings, no days, a link to more of them; later all built in another way.
fn builder(press: &Press, path: &str, count: usize) -> Answer {
    let slug = |number: usize| title(number).to_lowercase().replace(' ', "-");
    let (path, start) = path.split_once("?offset=").map_or((path, 0), |(path, start)| (path, start.parse().unwrap()));
    if let Some(slug) = path.strip_prefix("/post/") {
        let number = SUBJECTS.iter().position(|subject| slug.contains(subject)).unwrap();
        let (title, body) = (title(number), press.body(number));
        let thoughts = if number % 3 == 1 { format!("<p>{THOUGHTS}</p>") } else { String::new() };
        return Answer::html(if press.is_new_look {
            format!(
                "<title>{title} - Port</title><main><h1>{title}</h1><p class=when>{}</p><img src='/files/{number}.webp'>{body}{thoughts}</main>",
                press.day(number)
            )
        } else {
            format!(
                "<title>{title} | Port</title><div class=r><div class=t>{title}</div><div class=x>{}</div>\
                 <div class=x><img src='/media/{number}/w_{}.jpg'>{body}{thoughts}</div><div>{count} views</div></div>",
                press.day(number),
                800
            )
        });
    }
    let card = |number: usize| {
        format!(
            "<div class=c><div><img src='/media/{number}.jpg'></div><div>{} months ago</div><div>2 min read</div>\
             <a href='/post/{}'><div><p>{}</p></div></a></div>",
            10 - number,
            slug(number),
            title(number)
        )
    };
    let cards: String = press.listed().skip(start).take(3).map(card).collect();
    let more = format!("<a class=btn href='/newsroom?offset={}'>Mehr laden</a>", start + 3);
    let more = if start + 3 <= press.newest { more } else { String::new() };
    Answer::html(format!("<title>Newsroom</title><div>{cards}</div>{more}"))
}

#[tokio::test]
async fn cards_without_days_are_found_on_all_pages_of_a_list_that_loads_more() {
    let room = Room::watching("listings = [\"ROOT/newsroom\"]", Press { newest: 7, ..Press::default() }, builder).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|press| press.edited = Some(0));
    assert_eq!(room.check().await, ["edited /post/report-on-the-quay-of-the-port"]);
    room.set(|press| press.newest = 8);
    assert_eq!(room.check().await, ["new /post/report-on-the-nets-of-the-port"]);
}

#[tokio::test]
async fn a_redesign_with_other_addresses_of_all_pictures_is_no_edit() {
    let room = Room::watching("listings = [\"ROOT/newsroom\"]", Press { newest: 7, ..Press::default() }, builder).await;
    room.set(|press| press.is_new_look = true);
    let kinds: Vec<String> =
        room.check().await.iter().map(|event| event.split(' ').next().unwrap().to_owned()).collect();
    assert!(!kinds.contains(&"edited".to_owned()), "{kinds:?}");
    room.set(|press| press.edited = Some(2));
    assert_eq!(room.check().await, ["edited /post/report-on-the-dredgers-of-the-port"]);
}
