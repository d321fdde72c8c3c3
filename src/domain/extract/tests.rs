//! Whole pages in, documents out; and what must not change a document.

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::domain::normalize::content_hash;
use crate::domain::rule::ExtractionRule;
use crate::domain::template::{Sample, Template};

fn read(html: &str) -> Document {
    let url = Url::parse("https://example.org/news/2024/harbour").unwrap();
    let page = Page::read(html, &url, &ExtractionRule::default()).unwrap();
    extract(&page, &Knowledge::default()).document
}

/// Title, day and blocks of a page, one per line.
fn check(html: &str, expected: &[&str]) {
    let document = read(html);
    let day = document.date.as_ref().and_then(|date| date.day).map(|day| day.to_string()).unwrap_or_default();
    let head = [document.title, day];
    let blocks = document.blocks.into_iter().map(|block| block.text.replace('\t', " | "));
    let contacts = document.contacts.into_iter().map(|contact| format!("@ {contact}"));
    let shown: Vec<String> = head.into_iter().chain(blocks).chain(contacts).collect();
    assert_eq!(shown, expected);
}

const FIRST: &str = "The harbour authority will deepen the northern channel by two metres before the end of next year.";
const SECOND: &str = "Ships with a draught of up to fourteen metres can then call at the port whatever the tide.";
const THIRD: &str = "Residents can look at the plans in the town hall until the last day of the month.";

fn paragraphs() -> String {
    [FIRST, SECOND, THIRD].map(|text| format!("<p>{text}</p>")).concat()
}

#[test]
fn a_template_with_names() {
    check(
        &format!(
            r#"<title>Channel to be deepened | Port News</title>
            <header class="site"><h1><a href="/">Port News</a></h1><nav><a href="/a">Home</a></nav></header>
            <div class="content"><h1>Channel to be deepened</h1><div class="meta">12 March 2024 · <a href="/by">Desk</a></div>
            <div class="text">{}<p>Read also: <a href="/n/1">Ferry fares rise</a></p></div>
            <div class="share-bar">Share this with everybody you know <a href="/s">now</a></div>
            <div class="bio">More texts <a href="/x">of the desk</a></div>
            <section class="comments"><p>{FIRST}</p><p>I do not believe a word of what the authority says about it.</p></section></div>
            <footer><p>The port news are a service of the harbour authority and of the town, free of charge.</p></footer>"#,
            paragraphs()
        ),
        &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD],
    );
}

/// A text with something among its paragraphs, which is no part of it.
fn check_beside(beside: &str, left: &[&str]) {
    let html = format!(
        "<title>Channel</title><main><h1>Channel</h1><p>{FIRST}</p>{beside}<p>{SECOND}</p><p>{THIRD}</p></main>"
    );
    check(&html, &[&["Channel", "", FIRST][..], left, &[SECOND, THIRD]].concat());
}

#[test]
fn what_is_pulled_out_of_the_text_is_no_more_of_it() {
    check_beside(&format!("<blockquote><p>“{THIRD}”</p></blockquote>"), &[]);
    check_beside("<blockquote>deepen the northern channel by two metres</blockquote>", &[]);
    let other = "Nobody asked us, the pilots say.";
    check_beside(&format!("<blockquote><p>{other}</p></blockquote>"), &[other]);
    check_beside("<blockquote>the northern channel</blockquote>", &["the northern channel"]);
}

#[test]
fn rubrics_labels_of_players_and_tables_of_contents_are_no_text() {
    check_beside("<p>Filed under: <a href=/t/quay>Quay</a>, <a href=/t/pilots>Pilots</a></p>", &[]);
    check_beside("<p>Share this: <a href=https://social.example/s>Social</a> <a href=#>Letter</a></p>", &[]);
    check_beside(
        "<div><div>Play Video</div><div>Current Time 0:00</div><div>/</div><div>Duration 4:58</div></div>",
        &[],
    );
    let contents = "<ul><li><a href=#a>The channel</a></li><li><a href=#b>The plans</a></li></ul>";
    check_beside(&format!("<div><p>In this article</p>{contents}</div>"), &[]);
    let topics = "Topics of the meeting were set by the council.";
    check_beside(&format!("<p>{}</p>", topics.replace("council", "<a href=/c>council</a>")), &[topics]);
}

#[test]
fn words_around_markup_stay_apart_whatever_nobody_sees_between_them() {
    for space in [" ", "\u{200b} ", " \u{200b}", "\n\u{ad}", "\u{feff}\n "] {
        let text = FIRST.replacen(" authority ", &format!("{space}<b>authority</b>{space}"), 1);
        check(&format!("<title>Channel</title><main><h1>Channel</h1><p>{text}</p></main>"), &["Channel", "", FIRST]);
    }
}

#[test]
fn figures_between_links_to_other_stories_are_no_text() {
    check(
        &format!(
            "<title>Channel to be deepened</title><div class=r><h2>Channel to be deepened</h2>{}<p>Ships so far</p><p>5019</p></div><div class=s>
            <p><a href='/n/1'>Ferry fares rise</a></p><p>3430</p><p><a href='/n/2'>Trams stop at the market</a></p><p>128</p>
            <p><a href='/n/3'>Wells are clean</a></p><p>{THIRD}</p></div>",
            paragraphs()
        ),
        &["Channel to be deepened", "", FIRST, SECOND, THIRD, "Ships so far", "5019", THIRD],
    );
}

#[test]
fn the_opening_may_stand_under_a_long_line_of_dates() {
    check(
        &format!(
            r#"<title>Channel to be deepened</title><div class="article"><h3>Channel to be deepened</h3>
            <p>Published on <time>12 March 2024</time> - last updated on 14 March 2024, 10:15</p>
            <div class="teaser-text"><p>{FIRST}</p></div><div class="text"><p>{SECOND}</p><p>{THIRD}</p></div></div>"#
        ),
        &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD],
    );
}

#[test]
fn a_row_of_labels_says_the_day_whatever_else_it_says() {
    for row in [
        "发布时间：2024-03-12 10:33　来源：市水利局　浏览次数：<span>17</span>　字号：[<a href='javascript:z(1)'>大</a> 中 小]",
        "Дата публикации: 12.03.2024 Источник: пресс-служба порта Просмотров: 17 Автор: Анна Петрова",
        "<span>Economy</span><span>12 March 2024</span><span>17 people have read this so far</span>",
        "<span>Economy</span><span>12 March 2024</span><span>5019 views</span>",
    ] {
        check(
            &format!(
                "<title>Channel to be deepened</title><main><h1>Channel to be deepened</h1><p>{row}</p>{}</main>",
                paragraphs()
            ),
            &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD],
        );
    }
    let sentence = "The hearing of <b>12 March 2024</b> in the town hall was moved to the school";
    check(
        &format!(
            "<title>Channel to be deepened</title><main><h1>Channel to be deepened</h1><p>{sentence}</p>{}</main>",
            paragraphs()
        ),
        &["Channel to be deepened", "", &sentence.replace("<b>", "").replace("</b>", ""), FIRST, SECOND, THIRD],
    );
}

#[test]
fn a_release_that_slides_tease_on_its_own_page_has_its_own_headline() {
    check(
        &format!(
            r#"<title>Mayor visits the port and speaks of ferries</title>
            <div class="carousel"><div><h4>Mayor visits the port and speaks of ferries</h4><p>{FIRST}</p></div>
            <div><h4>Trams stop at the market again</h4><p>{THIRD}</p></div></div>
            <div class="item"><span>Mayor visits the port and speaks of ferries</span><div>12 March 2024</div>
            <div><p>{FIRST}</p><p>{SECOND}</p></div></div>"#
        ),
        &["Mayor visits the port and speaks of ferries", "2024-03-12", FIRST, SECOND],
    );
}

#[test]
fn words_of_a_script_without_spaces_are_compared_too() {
    let (first, second) = (
        "本事業には今後三か月間で十億円を投じ、長崎市で実施します。",
        "次回の会議は来年の春に函館市で開催する予定です。",
    );
    check(
        &format!(
            "<title>港湾整備の進捗状況について｜北海水産株式会社</title><div><p align=right>2024年3月12日<br>北海水産株式会社</p>
            <p align=center><strong>港湾整備の進捗状況について</strong></p><p>{first}</p><p>{second}</p></div>"
        ),
        &["港湾整備の進捗状況について", "2024-03-12", "北海水産株式会社", first, second],
    );
}

#[test]
fn a_line_is_the_headline_before_a_heading_that_is_nearly_named() {
    check(
        &format!(
            r#"<title>Mayor visits the port and speaks of ferries</title>
            <div class="slides"><h4>Mayor visits the port and speaks of trams</h4><p>{THIRD}</p></div>
            <div class="item"><span>Mayor visits the port and speaks of ferries</span><div>12 March 2024</div>
            <div><p>{FIRST}</p><p>{SECOND}</p></div></div>"#
        ),
        &["Mayor visits the port and speaks of ferries", "2024-03-12", FIRST, SECOND],
    );
}

#[test]
fn of_two_lines_that_the_title_names_the_one_with_more_of_it_is_the_headline() {
    check(
        &format!(
            "<title>Channel to be deepened next year | Port Authority North</title><div><p align=right>12 March 2024</p>
            <p>Port Authority North</p><p align=center><b>Channel to be deepened next year</b></p>{}</div>",
            paragraphs()
        ),
        &["Channel to be deepened next year", "2024-03-12", "Port Authority North", FIRST, SECOND, THIRD],
    );
}

#[test]
fn what_is_struck_out_says_so() {
    check(
        &format!(
            r#"<title>Channel</title><main><h1>Channel</h1>{}<del><p>Meeting at 5</p> <p>in <s>the</s> <a href="/hall">hall</a></p></del>
            <p>Doors open at <s>4 </s>5, <s></s>not <strike><a href="/later">later</a></strike>.</p>
            <table><tr><th>Berth</th><th>Fee</th></tr><tr><td>North</td><td><del>12</del> 14</td></tr></table></main>"#,
            paragraphs()
        ),
        &[
            "Channel",
            "",
            FIRST,
            SECOND,
            THIRD,
            "~~Meeting at 5~~",
            "~~in the hall~~",
            "Doors open at ~~4~~ 5, not ~~later~~.",
            "Berth | Fee",
            "North | ~~12~~ 14",
        ],
    );
}

#[test]
fn html_of_today() {
    check(
        &format!(
            r#"<title>Port News – Channel to be deepened</title><body><main><article><header><h1>Channel to be deepened</h1>
            <time datetime="2024-03-12T10:00:00Z">two days ago</time></header><p class="lead">{FIRST}</p>
            <figure><picture><source srcset="/p/ship-800.webp 800w"><img src="data:x" alt="A ship"></picture>
            <figcaption>A ship waits for the tide.</figcaption></figure><p>{SECOND}</p><blockquote>{THIRD}</blockquote></article></main>
            <aside><h2>Most read</h2><p>{THIRD}</p></aside>"#
        ),
        &["Channel to be deepened", "2024-03-12", FIRST, "A ship waits for the tide.", SECOND, THIRD],
    );
}

#[test]
fn a_page_builder_with_widgets() {
    let widget =
        |text: &str| format!(r#"<div class="builder-widget"><div class="builder-widget-container">{text}</div></div>"#);
    check(
        &format!(
            r#"<title>Kanal wird vertieft</title><body class="no-sidebar"><div class="page">{}{}{}{}{}</div>
            <div id="secondary"><aside class="widget"><h2>Neueste Beiträge</h2><ul><li><a href="/b">Fähre teurer</a></li></ul></aside></div>"#,
            widget("<h1>Kanal wird vertieft</h1>"),
            widget("<span>Veröffentlicht am 12. März 2024</span>"),
            widget(
                "<p>Die Hafenbehörde lässt den nördlichen Kanal bis Ende des nächsten Jahres um zwei Meter vertiefen.</p>"
            ),
            widget(
                "<p>Danach können Schiffe mit vierzehn Metern Tiefgang den Hafen bei jedem Wasserstand anlaufen.</p>"
            ),
            widget("<p>3 Kommentare</p><p>Lesezeit: 4 Minuten</p>"),
        ),
        &[
            "Kanal wird vertieft",
            "2024-03-12",
            "Die Hafenbehörde lässt den nördlichen Kanal bis Ende des nächsten Jahres um zwei Meter vertiefen.",
            "Danach können Schiffe mit vierzehn Metern Tiefgang den Hafen bei jedem Wasserstand anlaufen.",
        ],
    );
}

#[test]
fn a_layout_of_tables() {
    check(
        r#"<title>Порт: канал станет глубже</title><table><tr><td><a href="/1">Главная</a><br><a href="/2">Новости</a></td><td>
        <table><tr><td><b>Порт: канал станет глубже</b></td></tr><tr><td>12.03.2024</td></tr><tr><td>
        Управление порта углубит северный канал на два метра до конца следующего года.<br><br>
        После этого суда с осадкой до четырнадцати метров смогут заходить в порт при любой воде.<br><br>
        Пресс-служба: <a href="mailto:press@port.example">press@port.example</a>
        </td></tr></table></td><td><a href="/3">Паром подорожал</a><br><a href="/4">Мост закрыт</a></td></tr></table>"#,
        &[
            "Порт: канал станет глубже",
            "2024-03-12",
            "Управление порта углубит северный канал на два метра до конца следующего года.",
            "После этого суда с осадкой до четырнадцати метров смогут заходить в порт при любой воде.",
            "@ Пресс-служба: press@port.example",
        ],
    );
}

#[test]
fn terms_in_lists_tables_and_accordions() {
    check(
        r##"<title>Terms of use - Harbour</title><nav><a href="/">Home</a></nav><main><h1>Terms of use</h1>
        <ul><li><a href="#one">1. Scope</a></li><li><a href="#two">2. Fees</a></li></ul>
        <section id="one"><h2>1. Scope</h2><ol><li>These terms apply to everyone who uses the quays.<ol type="a">
        <li>Berths</li><li>Cranes and other lifting gear of the authority</li></ol></li></ol></section>
        <h2><button aria-controls="two" aria-expanded="false">2. Fees</button></h2>
        <div id="two" hidden><p>Fees are due within thirty days.</p><table><tr><th>Length</th><th>Fee</th></tr>
        <tr><td>up to 12 m</td><td>€ 20</td></tr></table></div>
        <dl><dt>Authority</dt><dd>The harbour authority of the town.</dd></dl>
        <details><summary>3. Law</summary><p>The law of the land applies.</p></details></main>"##,
        &[
            "Terms of use",
            "",
            "1. Scope",
            "These terms apply to everyone who uses the quays.",
            "Berths",
            "Cranes and other lifting gear of the authority",
            "2. Fees",
            "Fees are due within thirty days.",
            "Length | Fee",
            "up to 12 m | € 20",
            "Authority",
            "The harbour authority of the town.",
            "3. Law",
            "The law of the land applies.",
        ],
    );
}

#[test]
fn sections_of_a_policy_are_called_by_what_they_treat() {
    let section = |id: &str, text: &str| {
        format!(r#"<section id="{id}"><h2 id="{id}-title">About {id}</h2><p>{text}</p></section>"#)
    };
    let sections =
        [("data", FIRST), ("cookies", SECOND), ("sharing", THIRD), ("rights", FIRST), ("contact-us", SECOND)];
    let list = r#"<p>These rules are part of this policy as well:</p><ul><li><a href="/quays">Rules of the quays</a></li></ul>"#;
    let policy: String = sections.map(|(id, text)| section(id, text)).concat();
    check(
        &format!(
            r#"<title>Privacy policy</title><div id="content"><h1>Privacy policy</h1>{policy}{list}</div><div id="cookies"><p>{FIRST}</p></div>"#
        ),
        &[
            "Privacy policy",
            "",
            "About data",
            FIRST,
            "About cookies",
            SECOND,
            "About sharing",
            THIRD,
            "About rights",
            FIRST,
            "About contact-us",
            SECOND,
            "These rules are part of this policy as well:",
            "Rules of the quays",
        ],
    );
}

#[test]
fn a_text_in_several_elements_is_one() {
    let long = format!("<p>{FIRST}</p>").repeat(20);
    check(
        &format!(
            r#"<main><section class="part"><h1>Channel to be deepened</h1>{long}</section><section class="part"><h2>Tides</h2>
            <p>{SECOND}</p></section></main>"#
        ),
        &[&["Channel to be deepened", ""][..], &[FIRST; 20], &["Tides", SECOND]].concat(),
    );
}

#[test]
fn cards_and_boxes_are_no_text() {
    let card = |name: &str| {
        format!(
            r#"<li><a href="/n/{name}"><img src="/{name}.jpg"></a><h3><a href="/n/{name}">The story of {name} and the sea</a></h3>
        <p>What happened when {name} went to sea and why nobody was there to see it.</p></li>"#
        )
    };
    let cards = ["Ada", "Bob", "Cid", "Dan"].map(card).concat();
    check(
        &format!("<div><h1>Channel to be deepened</h1>{}<ul>{cards}</ul></div>", paragraphs()),
        &["Channel to be deepened", "", FIRST, SECOND, THIRD],
    );
}

#[test]
fn text_in_the_state_of_a_script() {
    let other = r#"{"title":"Ferry fares rise","slug":"ferry","body":"<p>Ferry fares rise by a tenth, the operator says, because fuel has become dearer and fewer people travel, and because the boats are old and need repair more often than anybody had planned or hoped for.</p>"}"#;
    let own = format!(
        r#"{{"headline":"Channel to be deepened","publishedAt":"2024-03-12T10:00:00Z","body":"{}"}}"#,
        paragraphs()
    );
    let page =
        |script: String| format!(r#"<title>Channel to be deepened – Port</title><body><div id="root"></div>{script}"#);
    let expected = ["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD];
    let state = format!(r#"{{"props":{{"more":[{other}],"article":{own}}}}}"#);
    check(&page(format!(r#"<script type="application/json">{state}</script>"#)), &expected);
    check(&page(format!("<script>window.__STATE__ = {state};</script>")), &expected);
    let quoted = serde_json::to_string(&state).unwrap();
    check(&page(format!("<script>window.__STATE__=JSON.parse({quoted})</script>")), &expected);
    check(
        &page(format!("<noscript><h1>Channel to be deepened</h1>12 March 2024{}</noscript>", paragraphs())),
        &expected,
    );
}

#[test]
fn text_in_a_tree_of_blocks() {
    let line = |text: &str| format!(r#"{{"type":"paragraph","content":[{{"type":"text","text":"{text}"}}]}}"#);
    let blocks = [FIRST, SECOND, THIRD].map(line).join(",");
    check(
        &format!(
            r#"<title>Channel</title><script type="application/json">{{"post":{{"title":"Channel to be deepened",
            "content":{{"type":"doc","content":[{blocks}]}}}}}}</script>"#
        ),
        &["Channel to be deepened", "", FIRST, SECOND, THIRD],
    );
}

#[test]
fn text_cut_into_sections() {
    let sections = [FIRST, SECOND, THIRD].map(|text| format!(r#"{{"type":"text","html":"<p>{text}</p>"}}"#)).join(",");
    let content = format!(r#"{{"title":"Channel to be deepened","date":"2024-03-12","sections":[{sections}]}}"#);
    let menu =
        r#"{"menu":["Home","News"],"notice":"<p>We are not liable for the texts on these pages or on others.</p>"}"#;
    check(
        &format!(
            r#"<title>Channel to be deepened | Port</title><div id="root"></div><script type="application/json">
            {{"props":{{"layout":{menu},"content":{content}}}}}</script>"#
        ),
        &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD],
    );
}

/// A news page whose parts can be dressed up.
fn page(before: &str, inside: &str, after: &str) -> String {
    format!(
        r#"<title>Channel to be deepened | Port</title><body>{before}<div><div><h1>Channel to be deepened</h1><p>12.03.2024</p>
        <div><p>{FIRST} <a href="/plan.pdf">Plan</a></p><p>{SECOND}</p><ul><li>{THIRD}</li></ul></div>{inside}</div></div>{after}"#
    )
}

#[test]
fn chrome_changes_nothing() {
    let plain = content_hash(&read(&page("", "", "")));
    let links: String =
        [1, 2, 3, 4].map(|at| format!(r#"<li><a href="/n/{at}">Another story number {at}</a></li>"#)).concat();
    let nav = format!("<nav><ul>{links}</ul></nav>");
    let footer = format!("<footer><p>{THIRD} {FIRST}</p><ul>{links}</ul></footer>");
    let share = r#"<div class="share"><a href="https://social.example/?u=1">Share</a> 77</div>"#;
    let consent =
        format!(r#"<div id="cookie-consent"><p>We use cookies. {SECOND} {FIRST}</p><button>Yes</button></div>"#);
    let list = format!("<div><h3>More news</h3><ul>{links}</ul></div>");
    let newsletter =
        r#"<form class="newsletter"><p>Sign up and read our letter with all the news every Friday.</p><input></form>"#;
    for (before, inside, after) in [
        (nav.as_str(), "", ""),
        ("", "", footer.as_str()),
        ("", share, ""),
        (consent.as_str(), "", ""),
        ("", "", consent.as_str()),
        ("", list.as_str(), ""),
        ("", "", list.as_str()),
        ("", newsletter, ""),
        (nav.as_str(), list.as_str(), footer.as_str()),
    ] {
        let document = read(&page(before, inside, after));
        assert_eq!(content_hash(&document), plain, "{before}{inside}{after}: {document:#?}");
    }
}

fn dressed(noise: &[(usize, String)], depth: usize) -> String {
    let mut html = page("", "", "");
    for (at, text) in noise {
        let tags: Vec<usize> =
            html.match_indices("<p").chain(html.match_indices("<div")).map(|(at, tag)| at + tag.len()).collect();
        let place = tags[at % tags.len()];
        match at % 3 {
            0 => html.insert_str(place, &format!(r#" class="x{text}" id="{text}" data-{text}="{at}""#)),
            1 => html.insert_str(
                place - html[..place].chars().rev().position(|c| c == '<').unwrap() - 1,
                &format!("\n  <!-- {text} -->"),
            ),
            _ => {
                let before = place - html[..place].chars().rev().position(|c| c == '<').unwrap() - 1;
                html.insert_str(before, &format!("<script>var {text} = {at};</script>"));
            }
        }
    }
    let body = html.replace("<body>", &format!("<body>{}", "<div>".repeat(depth)));
    format!("{body}{}", "</div>".repeat(depth))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn noise_in_the_markup_changes_nothing(
        noise in proptest::collection::vec((0_usize..1_000, "q[0-9a-f]{4,8}"), 0..12),
        depth in 0_usize..5,
    ) {
        let plain = read(&page("", "", ""));
        prop_assert_eq!(read(&dressed(&noise, depth)), plain);
    }
}

#[test]
fn a_box_of_which_only_the_heading_is_left_goes_with_what_it_heads() {
    let page = |count: u32| {
        let author =
            format!("<h4>About Ada Quay</h4><p>Ada Quay writes since 2019 and has published {count} notes.</p>");
        let html = format!(
            "<article><h1>The channel is deepened</h1><p>{FIRST}</p><h4>When</h4><p>{SECOND}</p><p>{THIRD}</p>\
             <div><img src=/ada.png>{author}</div></article>"
        );
        let url = Url::parse("https://example.org/news/2024/harbour").unwrap();
        Page::read(&html, &url, &ExtractionRule::default()).unwrap()
    };
    let (one, other) = (page(100), page(101));
    let knowledge = Knowledge::default().with_volatile(&crate::domain::template::volatile_between(&one, &other));
    let blocks = extract(&one, &knowledge).document.blocks;
    assert_eq!(blocks.iter().map(|block| &block.text[..]).collect::<Vec<_>>(), [FIRST, "When", SECOND, THIRD]);
}

/// What the page says of its dates, and what is left of it in the document.
fn check_dates(meta: &str, day: &str, left: &[&str]) {
    let head = "<title>Channel to be deepened</title><h1>Channel to be deepened</h1>";
    let expected = [&["Channel to be deepened", day], left, &[FIRST, SECOND, THIRD][..]].concat();
    check(&format!("{head}<div class=info>{meta}</div><div class=text>{}</div>", paragraphs()), &expected);
}

#[test]
fn when_a_page_was_last_changed_is_no_part_of_its_release() {
    check_dates("<p>Published 12 March 2024 | Last modified 9 May 2024</p>", "2024-03-12", &[]);
    check_dates("<p>Published 12 March 2024 | Last modified 12 March 2024</p>", "2024-03-12", &[]);
    check_dates("<span>Обновлено: 09.05.2024, 10:15</span> <span>Опубликовано: 12.03.2024</span>", "2024-03-12", &[]);
    check_dates("<p>Last updated on 9 May 2024, 10:15</p><p>12 March 2024</p>", "2024-03-12", &[]);
    check_dates("<p>12. März 2024</p><p>Stand: 9. Mai 2024</p>", "2024-03-12", &[]);
    check_dates("<dl><dd>Published: 12 March 2024</dd><dd>Last Updated: 9 May 2024</dd></dl>", "2024-03-12", &[]);
    check_dates("<p>By: Maud Holt-Ames March 12, 2024 3:21 PM PDT</p>", "2024-03-12", &[]);
    check_dates("<p>By Maud Ames and Ivo Lindqvist | Tuesday March 12, 2024 @ 6:43pm PDT</p>", "2024-03-12", &[]);
    check_dates("<p>Von Maud Ames am 12.03.2024, 11:51 Uhr</p>", "2024-03-12", &[]);
    let rule = "By 12 March 2024 all members of the harbour council have to say yes";
    check_dates(&format!("<p>{rule}</p>"), "", &[rule]);
    check_dates("<div>Submitted by Ada Lindqvist of the desk on Tue, 03/12/2024 - 10:15</div>", "2024-12-03", &[]);
    check_dates("<p>Veröffentlicht von Ada Lindqvist am Dienstag, den 12. März 2024</p>", "2024-03-12", &[]);
    let headline = "Published figures of the port show a new record since 12 March 2024";
    check_dates(&format!("<p>{headline}</p>"), "", &[headline]);
    // Better than none.
    check_dates("<p>Last updated: 9 May 2024</p>", "2024-05-09", &[]);
    let days = "The fair lasts from 12 March 2024 to 9 May 2024";
    check_dates(&format!("<p>{days}</p>"), "", &[days]);
    let sentence = "The plan of 12 March 2024 was modified in some parts on 9 May 2024 by the council";
    check_dates(&format!("<p>{sentence}</p>"), "", &[sentence]);
}

#[test]
fn what_a_page_tells_programs_goes_before_the_stamp_of_a_change() {
    let page = |head: &str, under: &str| {
        let text = paragraphs();
        let html = format!("<title>Channel</title>{head}<main><h1>Channel to be deepened</h1>{under}{text}</main>");
        read(&html).date.and_then(|date| date.day).map(|day| day.to_string()).unwrap_or_default()
    };
    let (told, stamp) = (
        r#"<meta property="article:published_time" content="2024-03-12T08:00">"#,
        "<p>Last updated: 15 March 2024</p>",
    );
    assert_eq!(page(told, stamp), "2024-03-12");
    assert_eq!(page("", &format!(r#"<p>By Jane Doe <time datetime="2024-03-12"></time></p>{stamp}"#)), "2024-03-12");
    assert_eq!(page("", stamp), "2024-03-15");
    assert_eq!(page(told, "<p>14 March 2024</p>"), "2024-03-14");
}

#[test]
fn what_comes_between_the_headline_and_the_date_does_not_hide_it() {
    let page = |between: &str| {
        let meta = "<ul><li>Ness</li><li>by: Jane Doe</li><li>From: Desk</li></ul><div>12 March 2024, 9:00PM</div>";
        let text = paragraphs();
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1>{between}{meta}{text}</main>"))
    };
    let plain = page("");
    assert!(plain.date.is_some());
    for between in [
        "<p>2 hours ago</p><p>1,204 views</p><p>31 comments</p><p>5 min read</p>",
        r#"<div class="share"><p>Send</p><p>Print</p><p>Save</p><p>Post</p></div>"#,
    ] {
        assert_eq!(page(between), plain, "{between}");
    }
}

#[test]
fn a_date_under_the_text_is_none_of_a_release_that_tells_its_age() {
    let page = |under: &str, more: &[&str]| {
        let more: Vec<String> =
            more.iter().map(|who| format!("<p>The {who} have not been asked about any of this.</p>")).collect();
        let text = paragraphs() + &more.concat() + "<p>3 May 2024</p>";
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1>{under}{text}</main>"))
    };
    for more in [&[][..], &["pilots", "ferries", "cranes", "buoys"]] {
        assert!(page("", more).date.is_some());
        assert!(page("<p>6 days ago</p>", more).date.is_none());
    }
}

#[test]
fn the_day_that_it_is_today_over_the_menu_is_not_that_of_the_release() {
    let page = |links: usize, list: &str| {
        let menu = r#"<li><a href="/section">Section</a></li>"#.repeat(links);
        let text = paragraphs();
        let head = "<div>Tuesday, 5 March 2024</div>";
        read(&format!(
            "<title>Channel</title>{head}<{list}>{menu}</ul><main><h1>Channel to be deepened</h1>{text}</main>"
        ))
    };
    assert!(page(3, "ul").date.is_some(), "a trail of links");
    assert!(page(9, "ul").date.is_none() && page(9, "ul class=menu").date.is_none(), "a menu");
}

#[test]
fn addresses_that_no_site_has_are_not_repeated_in_every_line() {
    let long = "x".repeat(20_000);
    let lines = format!("<p>{FIRST}<a href=\"/{long}.pdf\">Plan<br>Map</a><img src=\"/{long}.jpg\"></p>").repeat(20);
    let document =
        read(&format!("<base href=\"/{long}/\"><title>Plans</title><h1>Plans</h1>{lines}<a href=plan.pdf>A plan</a>"));
    assert_eq!(document.images, []);
    assert!(document.links.iter().all(|link| link.target == "https://example.org/news/2024/plan.pdf"));
}

/// What these pages have in common.
fn learned(pages: impl Iterator<Item = (Page, Url)>) -> Template {
    let mut template = Template::default();
    for (page, url) in pages {
        template.learn(&url, Sample::of(&page, core_of(&page, &Knowledge::default())), 1);
    }
    template
}

#[test]
fn what_every_page_offers_by_the_same_words_is_a_file_of_its_own() {
    let page = |number: usize| {
        let html = format!(
            "<title>Plan {number}</title><div><h1>Plan {number}</h1><p>{FIRST} It is the {number}th.</p><p>{SECOND}</p>\
             <p><a href=\"/files/{number}.pdf\">Download the plan</a></p><p><a href=\"/files/{number}\">PDF version</a></p>\
             <p><a href=/contact>Write to us</a></p></div>"
        );
        let url = Url::parse(&format!("https://example.org/news/{number}/")).unwrap();
        (Page::read(&html, &url, &ExtractionRule::default()).unwrap(), url)
    };
    let template = learned((10..20).map(page));
    let document = extract(&page(12).0, &template.knowledge()).document;
    assert!(document.blocks.iter().all(|block| !block.text.contains("Download")), "{document:?}");
    let targets: Vec<&str> = document.links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(targets, ["https://example.org/files/12.pdf", "https://example.org/files/12"]);
}

#[test]
fn pictures_and_files_beside_the_text_belong_to_it() {
    let html = format!(
        "<title>The channel is deepened</title><table><tr><td><b>The channel is deepened</b></td></tr><tr><td>\
         <div align=justify>{}</div><br><img src=/upload/ship_1.jpg> <img src=/upload/ship_2.jpg><br>\
         <a href=/upload/plan.pdf>Download the plan (PDF, 140 KB)</a></td></tr></table><p><a href=/news/>Back</a></p>\
         <table><tr><td><img src=/ad/sale.png>Sale of buoys</td></tr></table>",
        paragraphs()
    );
    let document = read(&html);
    let blocks: Vec<&str> = document.blocks.iter().map(|block| &block.text[..]).collect();
    assert_eq!(blocks, [FIRST, SECOND, THIRD, "Download the plan (PDF, 140 KB)"]);
    assert_eq!(document.images.len(), 2);
    assert_eq!(document.links.len(), 1);
}

#[test]
fn counts_days_rights_and_labels_of_advertisements_are_no_text() {
    let page = |under: &str, between: &str| {
        let text = format!("<p>{FIRST}</p>{between}<p>{SECOND}</p><p>{THIRD}</p>");
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1>{under}{text}</main>"))
    };
    let plain = page("", "");
    for (under, between) in [
        ("<div><span>1,204 views</span> <span>31 comments</span> <span>228 shares</span></div>", ""),
        ("<ul><li>No comments yet</li><li>2 min read</li><li>3 days ago</li><li>Listen</li></ul>", ""),
        ("<div><span>3 days ago</span> <span>Listen, 4:36</span></div>", ""),
        ("<span>Yesterday, 14:05</span>", "<div><p>Advertisement</p></div>"),
        ("", "<p>© 2023–2024 Harbour Authority. All rights reserved.</p>"),
        ("<p>Just now</p>", "<p>Article continues below advertisement</p>"),
    ] {
        assert_eq!(page(under, between), plain, "{under}{between}");
    }
    assert_eq!(page("", "<ul><li>Advertising</li><li>Today</li></ul>").blocks.len(), 5, "what a list names");
}

#[test]
fn two_cards_headed_by_links_are_other_stories() {
    let page = |cards: &str| {
        let text = format!("<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>");
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1>{text}<div>{cards}</div></main>"))
    };
    let plain = page("");
    let card = |number: usize| {
        format!(
            "<div><a href='/news/2024/other-{number}'><h3>Ferry number {number} goes to the islands</h3></a>\
             <p>The fares rise by {number} tenths in May, as they did in the year before.</p><span>{number} May 2024</span></div>"
        )
    };
    assert_eq!(page(&[card(1), card(2)].concat()), plain);
    let unlinked = [card(1), card(2)].concat().replace("<a href", "<b title").replace("</a>", "</b>");
    assert_ne!(page(&unlinked), plain, "sections of this one");
}

#[test]
fn a_paragraph_that_is_the_headline_of_another_story_is_none_of_this_one() {
    let page = |between: &str| {
        let text = format!("<p>{FIRST}</p><p>{SECOND}</p>{between}<p>{THIRD}</p>");
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1>{text}</main>"))
    };
    let plain = page("");
    for story in [
        r#"<p><a href="/news/2024/fares">Ferry fares rise by a tenth in May</a></p>"#,
        r#"<p>&gt;&gt; <a href="/news/2024/fares">Will the ferry fares rise again?</a></p>"#,
        r#"<blockquote><a href="/news/2024/fares">Ferry fares rise by a tenth in May</a></blockquote>"#,
        r#"<div><strong><a href="/news/2024/fares">Ferry fares rise by a tenth in May</a></strong></div>"#,
    ] {
        assert_eq!(page(story), plain, "{story}");
    }
    for text in [
        r#"<p><a href="/news/2024/fares">The ferry fares of the harbour authority rise by a tenth in May.</a></p>"#,
        r#"<p><a href="/news/2024/fares">Register here</a></p>"#,
        r#"<p>The plans that were made before:</p><p><a href="/plans/2019">Plan of the northern channel of 2019</a></p>"#,
        r#"<p><a href="/plans/2024.pdf">Plan of the northern channel of 2024</a></p>"#,
    ] {
        assert!(page(text).blocks.len() > plain.blocks.len(), "{text}");
    }
}

#[test]
fn boxes_in_which_readers_leave_their_address_are_no_text() {
    let page = |between: &str| {
        let text = format!("<p>{FIRST}</p>{between}<p>{SECOND}</p><p>{THIRD}</p>");
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1><div>{text}</div></main>"))
    };
    let plain = page("");
    for field in ["<input type=email>", "<form><input type=text><button>Send</button></form>", "<form><input></form>"] {
        let invitation = "<h4>Stay informed</h4><p>The week in the harbour, in your inbox every Friday at noon.</p>";
        assert_eq!(page(&format!("<div>{invitation}{field}</div>")), plain, "{field}");
    }
    assert_ne!(page("<div><p>Ships of the navy may call at the port, too.</p><input type=checkbox></div>"), plain);
    let whole = format!("<title>Channel</title><form><h1>Channel</h1><input>{}</form>", paragraphs());
    assert_eq!(read(&whole).blocks.len(), 3, "systems that put a form around every page");
    let notice = format!("<title>Channel</title><h1>Channel</h1><div><p>{FIRST}</p><form><input></form></div>");
    assert_eq!(read(&notice).blocks.len(), 1, "a bulletin of one sentence with a form under it");
}

#[test]
fn what_is_said_of_the_author_is_no_text() {
    let page = |after: &str| {
        let text = paragraphs();
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1><div>{text}{after}</div></main>"))
    };
    for name in ["author-bio", "about-author", "AuthorBox", "post__author-biography"] {
        let named = format!(
            r#"<div class="{name}"><img src="/jd.jpg"><p>Jane Doe writes about harbours and lives in Ness.</p></div>"#
        );
        assert_eq!(page(&named), page(""), "{name}");
    }
    assert_ne!(page(r#"<div class="author"><p>By Jane Doe in Ness</p></div>"#), page(""));
    assert_ne!(page(r#"<div class="bio"><p>The ministers who sign are all from Ness.</p></div>"#), page(""));
}

#[test]
fn a_picture_that_leads_to_another_site_is_an_advertisement() {
    let page = |between: &str| {
        let text = format!("<p>{FIRST}</p>{between}<p>{SECOND}</p><p>{THIRD}</p>");
        read(&format!("<title>Channel</title><main><h1>Channel to be deepened</h1>{text}</main>"))
    };
    let linked =
        |href: &str| page(&format!(r#"<div><a href="{href}"><img src="/harbour.jpg" alt="The harbour"></a></div>"#));
    assert_eq!(linked("https://shop.example/offer/7"), page(""));
    assert_eq!(linked("/files/harbour-large.jpg").images.len(), 1);
    assert_eq!(linked("/news/2024/harbour/photo").images.len(), 1);
}

#[test]
fn the_link_of_a_box_goes_with_what_stands_in_it() {
    let read = |gift: &str| {
        let html = format!(
            "<title>The channel is deepened</title><h1>The channel is deepened</h1><div class=text><p>{FIRST}</p>\
             <div class=gift><p>{gift}</p><a href=/donate>Donate</a></div><p>{SECOND}</p><p>{THIRD}</p></div>"
        );
        let url = Url::parse("https://example.org/news/2024/harbour").unwrap();
        Page::read(&html, &url, &ExtractionRule::default()).unwrap()
    };
    let (one, other) = (read("Your gift of 30 crowns heats a boat."), read("A gift of yours paints a whole buoy."));
    let knowledge = Knowledge::default().with_volatile(&crate::domain::template::volatile_between(&one, &other));
    let blocks = extract(&one, &knowledge).document.blocks;
    assert_eq!(blocks.iter().map(|block| &block.text[..]).collect::<Vec<_>>(), [FIRST, SECOND, THIRD]);
}

#[test]
fn the_name_of_the_site_over_all_pages_is_no_headline() {
    let names = ["Northern", "Southern", "Eastern", "Western", "Inner", "Outer", "Upper", "Lower", "Old", "New"];
    let page = |number: usize| {
        let html = format!(
            "<title>Port News</title><h1><a href=/>Port News</a></h1><div class=menu><a href=/news/>News</a></div>\
             <div class=ttl>{} channel to be deepened</div>\
             <div class=dt>{} March 2024</div><div class=text>{}<p>It is the {number}th.</p></div>",
            names[number - 10],
            number - 9,
            paragraphs()
        );
        let url = Url::parse(&format!("https://example.org/news/{number}/")).unwrap();
        (Page::read(&html, &url, &ExtractionRule::default()).unwrap(), url)
    };
    let template = learned((10..20).map(page));
    let document = extract(&page(12).0, &template.knowledge()).document;
    assert_eq!(document.title, "Eastern channel to be deepened");
    assert!(document.blocks.iter().all(|block| !block.text.contains("channel to be")), "{document:?}");
}

#[test]
fn notes_that_all_pages_bear_do_not_make_the_whole_page_the_text() {
    let page = |number: usize, above: &str| {
        let note = "A cookie is a small file that your browser keeps for us, so that we know you when you come back. ";
        let below = format!("<div><b>On cookies</b><p>{}</p></div>", note.repeat(8));
        let html = format!(
            "<title>Plan {number}</title><body>{above}<div><h1>Plan {number}</h1><div><p>{FIRST} It is the {number}th.\
             </p><p>{SECOND} So says plan {number}.</p></div></div>{below}</body>"
        );
        let url = Url::parse(&format!("https://example.org/news/{number}/")).unwrap();
        (Page::read(&html, &url, &ExtractionRule::default()).unwrap(), url)
    };
    let template = learned((10..20).map(|number| page(number, "")));
    let campaign = "<div><p>Win a weekend on the island of Hven: take part in our survey before Sunday.</p></div>";
    let document = extract(&page(12, campaign).0, &template.knowledge()).document;
    let blocks: Vec<&str> = document.blocks.iter().map(|block| &block.text[..]).collect();
    assert_eq!(blocks, [format!("{FIRST} It is the 12th."), format!("{SECOND} So says plan 12.")]);
}

#[test]
fn some_systems_say_below_the_text_when_it_was_published() {
    let head = "<title>Channel to be deepened</title><div><h1>Channel to be deepened</h1>";
    let text = format!("<div class=text>{}</div>", paragraphs());
    check(
        &format!("{head}{text}<div class=submitted>Saved by Ivo on 12 March 2024 - 18:55</div></div>"),
        &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD],
    );
    check(
        &format!("{head}{}<p>Saved by Ivo on 12 March 2024 - 18:55</p></div>", paragraphs()),
        &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD],
    );
    let note = "Harbour plan. Retrieved 12 March 2024.";
    check(
        &format!("{head}{}<ol><li>{note}</li></ol></div>", paragraphs().repeat(2)),
        &["Channel to be deepened", "", FIRST, SECOND, THIRD, FIRST, SECOND, THIRD, note],
    );
    let next = "The next session of the council is on 12 March 2024 in the old town hall.";
    check(
        &format!("{head}{text}<div class=text><p>{next}</p></div></div>"),
        &["Channel to be deepened", "", FIRST, SECOND, THIRD, next],
    );
}

#[test]
fn a_rubric_in_the_headline_is_no_part_of_it() {
    let page = |headline: &str| format!("<title>Channel to be deepened | Port News</title>{headline}{}", paragraphs());
    for headline in [
        "<h1><span>Harbour</span> Channel to be deepened</h1>",
        "<h1>Channel to be deepened <small>Subscribers</small></h1>",
        "<h1><b>Channel</b> to be deepened</h1>",
    ] {
        check(&page(headline), &["Channel to be deepened", "", FIRST, SECOND, THIRD]);
    }
    let stressed = "Not channel to be deepened";
    check(&page("<h1><em>Not</em> channel to be deepened</h1>"), &[stressed, "", FIRST, SECOND, THIRD]);
    // Who knows what the rest is.
    let whole = "Breaking: Channel will not be deepened";
    check(&page("<h1><b>Breaking:</b> Channel will not be deepened</h1>"), &[whole, "", FIRST, SECOND, THIRD]);
}

#[test]
fn where_all_pages_have_the_same_title_the_heading_over_the_text_is_the_headline() {
    let page = format!(
        "<title>port.example</title><p>Win a weekend on the island of Hven: take part in our survey.</p><h1><a href=/><img src=/logo.png></a></h1><h4>Latest</h4>\
         <div><h2>Channel to be deepened</h2><p>Ivo, 12 March 2024</p><div>{}<h3>What comes next</h3><p>{FIRST}</p></div></div>",
        paragraphs()
    );
    check(&page, &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD, "What comes next", FIRST]);
}

#[test]
fn a_teaser_under_the_headline_opens_the_text() {
    let text = format!("<div class=news-text><p>{SECOND}</p><p>{THIRD}</p></div>");
    let page = |teaser: &str| {
        format!("<title>Channel to be deepened</title><div><h1>Channel to be deepened</h1>{teaser}{text}</div>")
    };
    let opening = format!("<p>12 March 2024</p><div class=teaser-text><p>{FIRST}</p></div>");
    check(&page(&opening), &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD]);
    let other = format!("<div class=teaser-text><h3><a href=/n/2>Ferry fares rise</a></h3><p>{FIRST}</p></div>");
    check(&page(&other), &["Channel to be deepened", "", SECOND, THIRD]);
    let below = format!("{text}<div class=teaser-text><p>{FIRST}</p></div>");
    check(&page(&below).replace(&format!("{text}</div>"), "</div>"), &["Channel to be deepened", "", SECOND, THIRD]);
}

#[test]
fn a_headline_may_be_a_heading_of_the_fourth_level() {
    let head = "<title>Channel to be deepened -- Portal</title><h1><a href=/>Portal</a></h1><h3>Fairs</h3>";
    check(
        &format!("{head}<div><h4>Channel to be deepened</h4><p>12 March 2024</p>{}</div>", paragraphs()),
        &["Channel to be deepened", "2024-03-12", FIRST, SECOND, THIRD],
    );
}

#[test]
fn what_heads_all_pages_is_no_headline_where_another_heading_is_named() {
    const NAMES: [&str; 10] = ["Ada", "Bo", "Cleo", "Dag", "Eva", "Finn", "Gro", "Hal", "Ida", "Jon"];
    let page = |number: usize| {
        let name = NAMES[number % 10];
        let html = format!(
            "<title>{name} and the port</title><h1>The port</h1><div><h2>{name} and the port</h2>\
             <p>{FIRST} It is the {number}th.</p><p>{SECOND}</p></div>"
        );
        let url = Url::parse(&format!("https://example.org/news/{number}/")).unwrap();
        (Page::read(&html, &url, &ExtractionRule::default()).unwrap(), url)
    };
    let template = learned((10..20).map(page));
    assert_eq!(extract(&page(12).0, &template.knowledge()).document.title, "Cleo and the port");
}
