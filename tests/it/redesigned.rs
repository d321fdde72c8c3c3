//! A site that is built anew while one page of it is watched: what stands around the text is another, and none of that
//! is an edit; a word in the text is.

#![expect(clippy::trivially_copy_pass_by_ref, reason = "a site is a function of a reference to its state")]

use crate::support::room::Room;
use crate::support::server::Answer;

const NOTHING: [&str; 0] = [];

/// Whether the site is built anew, whether the text is edited, and whether nothing stands around it.
#[derive(Clone, Copy, Debug)]
struct Site {
    is_new: bool,
    is_edited: bool,
    is_bare: bool,
}

fn text(is_edited: bool) -> [String; 4] {
    let ships = if is_edited { "thirteen" } else { "twelve" };
    [
        format!("The harbour counted {ships} ships in the morning, and the pilots went home early because of the fog."),
        "Nobody was hurt, the master of the port said on Monday, and the quay will open again tomorrow.".to_owned(),
        "The council will hear a report about the fog, the ships and the pilots before the end of the month."
            .to_owned(),
        "Until then no ferry sails after dark, and the school boat stays in the inner harbour.".to_owned(),
    ]
}

fn page(site: &Site, path: &str, _: usize) -> Answer {
    if path != "/news/fog/" {
        return Answer::status(404);
    }
    let title = "Fog in the harbour";
    let paragraphs = text(site.is_edited).map(|text| format!("<p>{text}</p>")).concat();
    let page = if site.is_bare {
        let hours = if site.is_edited { 48 } else { 72 };
        let text = format!("<p>{}</p><p>To be told within {hours} hours</p><p>{}</p>", text(false)[0], text(false)[1]);
        let design = if site.is_new {
            "<main class=m><article class=story>"
        } else {
            "<table class=frame><tr><td class=middle>"
        };
        format!("<title>{title}</title><body>{design}<h1>{title}</h1>{text}")
    } else if site.is_new {
        format!(
            "<title>{title} | Port</title><body class=v2><header class=top><a href=/>Port</a></header><main class=m>\
             <article class=story><h1 class=headline>{title}</h1><div class=meta>12 May 2026</div><div class=lead-box>\
             <p>From our correspondent Anna Berg in the harbour office</p></div><div class=prose>{paragraphs}</div>\
             </article></main></body>"
        )
    } else {
        format!(
            "<title>{title}</title><body><table class=frame><tr><td class=left><a href=/>Start</a></td><td class=middle>\
             <h2>{title}</h2><img src=/files/quay-in-fog.jpg>{paragraphs}<div class=office><p>The press office answers \
             questions on weekdays from nine to five, by telephone and by letter.</p></div></td></tr></table></body>"
        )
    };
    Answer::html(page)
}

#[tokio::test]
async fn a_redesign_of_the_one_page_that_is_watched_is_no_edit() {
    let old = Site { is_new: false, is_edited: false, is_bare: false };
    let room = Room::watching("pages = [\"ROOT/news/fog/\"]", old, page).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|site| site.is_new = true);
    assert_eq!(room.check().await, NOTHING);
    assert_eq!(room.check().await, NOTHING);
    room.set(|site| site.is_edited = true);
    assert_eq!(room.check().await, ["edited /news/fog/"]);
    assert_eq!(room.check().await, NOTHING);
}

#[tokio::test]
async fn an_edit_is_told_though_the_site_is_built_anew_with_it() {
    let old = Site { is_new: false, is_edited: false, is_bare: false };
    let room = Room::watching("pages = [\"ROOT/news/fog/\"]", old, page).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|site| *site = Site { is_new: true, is_edited: true, is_bare: false });
    assert_eq!(room.check().await, ["edited /news/fog/"]);
    assert_eq!(room.check().await, NOTHING);
}

#[tokio::test]
async fn a_short_line_that_is_edited_after_a_redesign_is_told() {
    let old = Site { is_new: false, is_edited: false, is_bare: true };
    let room = Room::watching("pages = [\"ROOT/news/fog/\"]", old, page).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|site| site.is_new = true);
    assert_eq!(room.check().await, NOTHING);
    room.set(|site| site.is_edited = true);
    assert_eq!(room.check().await, ["edited /news/fog/"]);
}

/// What became of a page.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Whole,
    /// The text is not there.
    Hollow,
    /// A word took the place of the text.
    Withdrawn,
}

fn page_or_frame(fate: &Fate, path: &str, _: usize) -> Answer {
    if path != "/news/fog/" {
        return Answer::status(404);
    }
    let text = match fate {
        Fate::Whole => text(false).map(|text| format!("<p>{text}</p>")).concat(),
        Fate::Hollow => String::new(),
        Fate::Withdrawn => "<p>Withdrawn</p>".to_owned(),
    };
    Answer::html(format!(
        "<title>Fog in the harbour</title><body><h1>Fog in the harbour</h1><p>12 May 2026</p><div class=text>{text}</div>\
         <div class=office><p>The press office answers questions on weekdays from nine to five.</p></div></body>"
    ))
}

#[tokio::test]
async fn the_frame_of_a_page_without_its_text_is_waited_for() {
    let room = Room::watching("pages = [\"ROOT/news/fog/\"]", Fate::Whole, page_or_frame).await;
    room.set(|fate| *fate = Fate::Hollow);
    assert_eq!(room.check().await, NOTHING);
    room.set(|fate| *fate = Fate::Whole);
    assert_eq!(room.check().await, NOTHING);
}

#[tokio::test]
async fn a_text_that_is_gone_for_a_day_is_gone() {
    let room = Room::watching("pages = [\"ROOT/news/fog/\"]", Fate::Whole, page_or_frame).await;
    room.set(|fate| *fate = Fate::Hollow);
    assert_eq!(room.check().await, NOTHING);
    room.wait(chrono::TimeDelta::hours(25));
    assert_eq!(room.check().await, ["edited /news/fog/"]);
}

#[tokio::test]
async fn a_word_in_place_of_a_text_is_told_at_once() {
    let room = Room::watching("pages = [\"ROOT/news/fog/\"]", Fate::Whole, page_or_frame).await;
    room.set(|fate| *fate = Fate::Withdrawn);
    assert_eq!(room.check().await, ["edited /news/fog/"]);
}

/// The page, or the notice of a site that is being mended.
fn page_or_notice(is_down: &bool, path: &str, _: usize) -> Answer {
    if path != "/news/fog/" {
        return Answer::status(404);
    }
    let paragraphs = text(false).map(|text| format!("<p>{text}</p>")).concat();
    Answer::html(if *is_down {
        "<title>Back soon</title><body><h1>Back soon</h1><p>We are mending our pages tonight, and are with you again \
         as soon as that is done.</p></body>"
            .to_owned()
    } else {
        format!(
            "<title>Fog in the harbour</title><body><table class=frame><tr><td class=left><a href=/>Start</a></td>\
             <td class=middle><h2>Fog in the harbour</h2><p>12 May 2026</p>{paragraphs}</td></tr></table></body>"
        )
    })
}

#[tokio::test]
async fn a_notice_is_no_other_design_of_the_page() {
    let room = Room::watching("pages = [\"ROOT/news/fog/\"]", false, page_or_notice).await;
    assert_eq!(room.check().await, NOTHING);
    room.set(|is_down| *is_down = true);
    assert_eq!(room.check().await, ["site /"]);
    room.set(|is_down| *is_down = false);
    assert_eq!(room.check().await, ["site /"]);
}

/// Six pages in a frame that stays. Their text stands elsewhere in the other design, and among its paragraphs stands an
/// advertisement, another one at every fetch.
fn framed((design, years): &(u32, u32), path: &str, count: usize) -> Answer {
    const NAMES: [&str; 6] = ["anchor", "buoy", "crane", "dyke", "ferry", "gull"];
    const OFFERS: [&str; 5] = ["hampers of cheese", "nights by the sea", "soft shoes", "garden chairs", "fresh eels"];
    let frame = |title: &str, main: &str| {
        let boxes = ["weather", "rates", "tides", "polls", "games"];
        let boxes = boxes.map(|name| format!("<div class={name}><p>{name} for the day, number {count}</p></div>"));
        Answer::html(format!("<title>{title}</title><body>{}<main>{main}</main></body>", boxes.concat()))
    };
    let Some(at) = NAMES.iter().position(|name| path == format!("/news/the-{name}/")) else {
        let item =
            |name: &&str| format!("<li><span>3 May 2026</span><a href='/news/the-{name}/'>News of the {name}</a></li>");
        return frame("News", &format!("<h1>News</h1><ul>{}</ul>", NAMES.iter().map(item).collect::<String>()));
    };
    let name = NAMES[at];
    let text = [
        format!("The {name} of the port was looked at by {at}1 people, who wrote nothing down about it."),
        format!(
            "Only today, for readers from the whole of the coast: {} with {}, at half the price.",
            OFFERS[count % OFFERS.len()],
            OFFERS[count / OFFERS.len() % OFFERS.len()]
        ),
        format!("It was agreed that the {name} may stay where it has been for the last {years}{at} years."),
        format!("Nobody asked what the {name} thinks of that, and the meeting closed at {at} in the evening."),
    ];
    let (title, day) = (format!("News of the {name}"), format!("{} May 2026", at + 3));
    if design.is_multiple_of(2) {
        let text = text.map(|text| format!("<p>{text}</p>")).concat();
        let head = format!("<h1>{title}</h1><div class=day>{day}</div>");
        return frame(&title, &format!("<article class=node>{head}<div>{text}</div></article>"));
    }
    let text = text.join("<br><br>");
    frame(&title, &format!("<header><h1>{title}</h1><p>{day}</p></header><section>{text}</section>"))
}

#[tokio::test]
async fn a_text_that_went_elsewhere_on_all_pages_at_once_can_be_read() {
    let room = Room::watching("listings = [\"ROOT/news/\"]", (0, 3), framed).await;
    assert_eq!(room.check().await, NOTHING);
    for design in 1..4 {
        room.set(|site| site.0 = design);
        assert_eq!(room.check().await, NOTHING, "design {design}");
        room.set(|site| site.1 += 1);
        assert_eq!(room.check().await.len(), 6, "design {design}");
    }
}
