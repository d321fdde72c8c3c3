//! Listings as content management systems write them, each inside a page full of things that are no listing.

use super::super::{ListingPage, read_listing};
use super::*;
use crate::domain::address::is_reasonable;
use proptest::prelude::*;

const TITLES: [&str; 5] = [
    "Council of Ministers meets in the capital",
    "Joint exercise on search and rescue ends",
    "Secretary General receives the new ambassador",
    "Statement on the anniversary of the treaty",
    "Working group agrees on a common glossary",
];

/// Item number (1 is the newest), title, day of March 2024.
fn items(render: impl Fn(usize, &str, usize) -> String) -> String {
    TITLES.iter().enumerate().map(|(place, title)| render(place + 1, title, 20 - 2 * place)).collect()
}

/// Menus, teasers, lists and links such as surround every listing.
fn page(listing: &str) -> String {
    let paragraph = "On the sidelines of the assembly, heads of delegation discussed the state of regional security, \
        the schedule of joint training for the coming year, and a proposal to hold the next round of consultations \
        in autumn, after which a joint statement was adopted and published on the same evening.";
    let teaser =
        |number: usize| format!("<div class='item'><a href='/news/old-teaser-number-{number}/'>{paragraph}</a></div>");
    let teasers: String = [41, 12, 33, 24].map(teaser).concat();
    format!(
        "<html><head><link rel='alternate' type='application/rss+xml' href='/feed/'></head><body>
        <div class='top'><a href='/ru/'>Русский</a> <a href='/en/'>English</a> <a href='https://social.example/x'>Follow us</a></div>
        <header><ul class='menu'><li class='menu-item'><a href='/about/'>About the organisation</a></li>
        <li><a href='/about/structure-of-the-secretariat/'>Structure of the permanent secretariat</a></li>
        <li class='current'><a href='/news/'>News</a></li></ul></header>
        <div class='path'><a href='/'>Home</a> / <a href='/press/'>Press</a> / <a href='/news/'>News</a></div>
        <div class='block'>{teasers}</div>
        <div class='columns'><div class='col-8'><h1>News</h1>{listing}
        <div class='pages'><b>1</b> <a href='?PAGEN_1=2'>2</a> <a href='?PAGEN_1=3'>3</a> <a href='?PAGEN_1=2'>Next</a></div></div>
        <div class='col-4'><h3>Popular</h3><ul><li><a href='/news/popular-one-of-last-year/'>What everybody read last year</a></li>
        <li><a href='/news/popular-two-of-last-year/'>Second of the most read texts</a></li></ul>
        <div class='tags'><a href='/tag/security/'>security</a> <a href='/tag/rescue/'>rescue</a></div></div></div>
        <aside><h4>Latest</h4><ul><li>21.03.2024 <a href='/news/latest-of-all-sections-1/'>Latest of all sections today</a></li>
        <li>20.03.2024 <a href='/news/latest-of-all-sections-2/'>Another of all sections today</a></li></ul></aside>
        <footer><a href='/contacts/'>Contacts and opening hours of the press office</a> <a href='/rules.pdf'>Rules</a></footer>
        </body></html>"
    )
}

fn read(listing: &str) -> ListingPage {
    read_listing(&page(listing), &Url::parse("https://example.org/news/").unwrap(), 1, &[], None).unwrap()
}

fn shown(page: &ListingPage) -> Vec<(String, String, String)> {
    let day = |entry: &Entry| entry.day.map(|day| day.to_string()).unwrap_or_default();
    page.entries.iter().map(|entry| (entry.url.path().to_owned(), entry.title.clone(), day(entry))).collect()
}

/// The listing is read as the five items, and nothing else is.
fn check(listing: &str, path: impl Fn(usize) -> String, dated: bool) {
    let day = |place: usize| if dated { format!("2024-03-{:02}", 20 - 2 * place) } else { String::new() };
    let titles = TITLES.iter().enumerate();
    let expected: Vec<_> = titles.map(|(place, title)| (path(place + 1), (*title).to_owned(), day(place))).collect();
    assert_eq!(shown(&read(listing)), expected, "{listing}");
}

fn slug(number: usize) -> String {
    format!("/news/release-{number}/")
}

#[test]
fn paragraphs_with_a_date_a_link_and_a_preview() {
    let listing = items(|number, title, day| {
        format!(
            "<p class='news-item' id='{}'><span class='date'>{day:02}.03.2024</span> <a href='/news/release-{number}/'>\
             <b>{title}</b></a><br/>The parties met on 1 February 2024 and agreed on much.</p>",
            title.to_lowercase()
        )
    });
    check(&format!("<div class='news-list'>{listing}</div>"), slug, true);
}

#[test]
fn cards_with_time_and_heading() {
    let listing = items(|number, title, day| {
        format!(
            "<section><time datetime='2024-03-{day:02}T10:00'>{day} March</time><h3><a href='release-{number}/'>{title}</a></h3>\
             <p>Some words of what it is about.</p></section>"
        )
    });
    check(&listing, slug, true);
}

#[test]
fn posts_with_categories_authors_and_comments() {
    let listing = items(|number, title, day| {
        format!(
            "<article id='post-{number}' class='post-{number} post type-post category-{number} hentry'>
            <a href='/2024/03/release-{number}/'><img src='/p{number}.jpg'></a>
            <header><h2 class='entry-title'><a rel='bookmark' href='/2024/03/release-{number}/'>{title}</a></h2>
            <span class='cat'><a href='/category/international-cooperation-and-security-{number}/'>International cooperation
            and regional security</a></span> <a href='/author/press-office-{number}/'>Press office</a> March {day}, 2024</header>
            <p>Some words of it. <a href='/2024/03/release-{number}/'>Read more</a></p>
            <footer><a href='/2024/03/release-{number}/#comments'>No comments</a> <a href='/tag/a-tag-with-words/'>Tagged with
            words</a></footer></article>"
        )
    });
    check(&listing, |number| format!("/2024/03/release-{number}/"), true);
}

#[test]
fn rows_of_a_table() {
    let listing = items(|number, title, day| {
        format!(
            "<tr><td>{day} марта 2024</td><td><a href='/doc.php?id={number}'>{title}</a></td><td><a href='/{number}.pdf'>PDF</a></td></tr>"
        )
    });
    let page = read(&format!("<table><tr><th>Date</th><th>Title</th></tr>{listing}</table>"));
    let found: Vec<_> = page.entries.iter().map(|entry| (entry.url.query().unwrap(), entry.title.as_str())).collect();
    let queries = ["id=1", "id=2", "id=3", "id=4", "id=5"];
    assert_eq!(found, queries.into_iter().zip(TITLES).collect::<Vec<_>>());
    assert_eq!(page.entries[4].day.unwrap().to_string(), "2024-03-12");
}

#[test]
fn a_second_link_in_each_row_never_becomes_the_listing() {
    let row = |number: usize, title: &str, day: usize| {
        format!(
            "<tr><td>{day} March 2024</td><td><a href='/news/{number}'>{title}</a></td>\
             <td><a href='/static/{number}ab{day}'>PDF version</a></td></tr>"
        )
    };
    let html = |count: usize| {
        let titles = TITLES.iter().enumerate().take(count);
        let rows: String = titles.map(|(place, title)| row(place + 1, title, 20 - 2 * place)).collect();
        page(&format!("<table><tr><th>Date</th><th>Title</th><th></th></tr>{rows}</table>"))
    };
    let base = Url::parse("https://example.org/news/").unwrap();
    let first = read_listing(&html(4), &base, 1, &[], None).unwrap();
    assert_eq!(first.entries.len(), 4);
    for count in [2, 3, 4, 5] {
        let again = read_listing(&html(count), &base, 1, &[], first.place).unwrap();
        let paths: Vec<&str> = again.entries.iter().map(|entry| entry.url.path()).collect();
        assert_eq!(paths, &["/news/1", "/news/2", "/news/3", "/news/4", "/news/5"][..count]);
        assert_eq!(again.place, first.place);
    }
}

#[test]
fn plain_lists_with_and_without_dates() {
    let dated =
        items(|number, title, day| format!("<li><a href='/news/release-{number}/'>{title}</a> {day}/03/2024</li>"));
    check(&format!("<ul>{dated}</ul>"), slug, true);
    let plain = items(|number, title, _| format!("<li><a href='/news/release-{number}/'>{title}</a></li>"));
    check(&format!("<ul class='plain'>{plain}</ul>"), slug, false);
}

#[test]
fn cards_that_are_one_link() {
    let listing = items(|number, title, day| {
        format!(
            "<a class='card' href='/news/release-{number}/'><img src='/p.jpg' alt=''><div class='date'>{day}.03.2024</div>\
             <h3>{title}</h3><p>Some words of what it is about.</p></a>"
        )
    });
    check(&format!("<div>{listing}</div>"), slug, true);
    let bare = items(|number, title, day| {
        format!("<div><a href='/news/release-{number}/'><span>{day}.03.2024</span><span>{title}</span></a></div>")
    });
    check(&bare, slug, true);
}

#[test]
fn cards_with_two_links_to_one_address() {
    let listing = items(|number, title, day| {
        format!(
            "<div class='card'><a class='photo' href='/news/release-{number}/'><img src='/p.jpg'></a><div class='text'>\
             <div class='day'>{day}</div><div class='month'>Mar 2024</div><a href='/news/release-{number}/?utm_source=list'>{title}</a>\
             <a href='/news/release-{number}/'>More</a></div></div>"
        )
    });
    check(&listing, slug, true);
}

#[test]
fn items_without_an_element_of_their_own() {
    let after = items(|number, title, day| {
        format!("<h3><a href='/news/release-{number}/'>{title}</a></h3><p>{day}.03.2024</p><p>Some words.</p>")
    });
    check(&format!("<div>{after}</div>"), slug, true);
    let before = items(|number, title, day| {
        format!("<dt>{day}.03.2024</dt><dd><a href='/news/release-{number}/'>{title}</a></dd>")
    });
    check(&format!("<dl>{before}</dl>"), slug, true);
    let lines = items(|number, title, day| format!("{day}.03.2024 <a href='/news/release-{number}/'>{title}</a><br>"));
    check(&format!("<div>{lines}</div>"), slug, true);
}

#[test]
fn a_featured_item_belongs_to_the_list_and_an_advertised_section_does_not() {
    let listing = items(|number, title, day| {
        let class = if number == 1 { "lead wide" } else { "entry" };
        let head = if number == 1 { "h2" } else { "h3" };
        format!(
            "<div class='{class}'><{head}><a href='/news/release-{number}/'>{title}</a></{head}><i>{day}.03.2024</i></div>\
             <div class='promo'><a href='/about/history-of-the-organisation/'>Read the history of the organisation</a></div>"
        )
    });
    check(&format!("<div class='list'>{listing}</div>"), slug, true);
}

#[test]
fn items_need_no_class_in_common() {
    let listing = items(|number, title, day| {
        let class = ["sport", "army", "talks", "law", "words"][number - 1];
        format!("<div class='{class}'><a href='/news/release-{number}/'>{title}</a><span>{day}.03.2024</span></div>")
    });
    check(&format!("<div>{listing}</div>"), slug, true);
}

#[test]
fn links_beside_the_title_are_no_releases() {
    let listing = items(|number, title, day| {
        format!(
            "<li><i>{day}.03.2024</i> <a href='/news/release-{number}/'>{title}</a> \
             <a href='/news/release-{number}/print/'>Print this text</a></li>"
        )
    });
    check(&format!("<ul>{listing}</ul>"), slug, true);
}

#[test]
fn topics_in_the_same_markup_are_no_releases() {
    let listing = items(|number, title, day| {
        format!(
            "<li><i>{day}.03.2024</i> <a href='/news/release-{number}/'>{title}</a> in \
             <a href='/topic/{}/'>Topic of several words</a></li>",
            number % 2
        )
    });
    check(&format!("<ul>{listing}</ul>"), slug, true);
    let dated =
        items(|number, title, day| format!("<li><a href='/news/release-{number}/'>{title}</a> {day}.03.2024</li>"));
    let other = items(|number, title, _| format!("<li><a href='/about/chapter-{number}-of-many/'>{title}</a></li>"));
    check(&format!("<div class='box'><ul>{dated}</ul></div><div class='box'><ul>{other}</ul></div>"), slug, true);
}

#[test]
fn cards_without_days_show_figures_of_other_kinds() {
    let listing = items(|number, title, _| {
        let slug = title.to_lowercase().replace(' ', "-");
        format!(
            "<div class='k1ad'><div><img src='/{number}.jpg'></div><div>{number} months ago</div><div>2 min read</div>\
             <a href='/post/{slug}'><div><p>{title}</p></div></a></div>"
        )
    });
    let paths: Vec<String> = shown(&read(&format!("<div>{listing}</div>"))).into_iter().map(|shown| shown.0).collect();
    assert!(paths.len() == 5 && paths.iter().all(|path| path.starts_with("/post/")), "{paths:?}");
}

#[test]
fn two_releases_may_have_one_short_title() {
    let listing = |count: usize| -> String {
        let row = |number: usize| {
            let title =
                if number < 2 { "Condolences to Arvala".to_owned() } else { format!("Talks in {number} towns") };
            format!("<li><a href='/news/release-{number}/'>{title}</a> <i>{:02}.03.2024</i></li>", 28 - number)
        };
        (0..count).map(row).collect()
    };
    assert_eq!(read(&format!("<ul>{}</ul>", listing(8))).entries.len(), 8);
}

#[test]
fn rows_that_take_turns_may_have_short_titles() {
    let rows = ["Ministers meet in the capital", "Talks held", "Statement on the treaty", "Vessel named"];
    let row = |(at, title): (usize, &str)| {
        format!(
            "<tr class='row{}'><td><a href='/i.php?view=a&id={at}4'>{title}</a></td><td>{}.03.2024</td></tr>",
            at % 2,
            28 - at
        )
    };
    let rows: String = rows.into_iter().enumerate().map(row).collect();
    assert_eq!(read(&format!("<table>{rows}</table>")).entries.len(), 4);
}

#[test]
fn titles_may_be_unlinked() {
    let listing = items(|number, title, day| {
        format!(
            "<div class='c'><h3>{title}</h3><i>{day}.03.2024</i><a href='/news/release-{number}/'>Read more</a></div>"
        )
    });
    check(&listing, slug, true);
    let rows = items(|number, title, day| {
        let links = format!("<a href='/news/release-{number}/'>HTML</a> <a href='/news/release-{number}.pdf'>PDF</a>");
        format!("<tr><td>{day}.03.2024</td><td>{title}</td><td>{links}</td></tr>")
    });
    check(&format!("<table>{rows}</table>"), slug, true);
    check(&format!("<table>{}</table>", rows.replace(".pdf", ".txt")), slug, true);
}

#[test]
fn releases_may_stand_in_several_sections_and_have_long_titles() {
    let listing = items(|number, title, day| {
        let section = if number % 2 == 0 { "session" } else { "news" };
        let long = format!("{title}, {}", "where the parties spoke of the region and of the year to come, ".repeat(6));
        format!("<p><span>{day}.03.2024</span><br><a href='/{section}/r{number}/'>{long}.</a></p>")
    });
    let page = read(&listing);
    let paths: Vec<_> = page.entries.iter().map(|entry| entry.url.path()).collect();
    assert_eq!(paths, ["/news/r1/", "/session/r2/", "/news/r3/", "/session/r4/", "/news/r5/"]);
}

#[test]
fn titles_in_other_scripts() {
    let titles = ["关于地区安全问题的联合声明", "秘书长会见新任大使", "工作组商定共同词汇表"];
    let item = |(place, title): (usize, &str)| {
        format!("<li><a href='/news/{}/'>{title}</a><span>2024年3月{}日</span></li>", 4510 + place, 9 - place)
    };
    let listing: String = titles.into_iter().enumerate().map(item).collect();
    let page = read(&format!("<ul>{listing}</ul>"));
    assert_eq!(page.entries.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>(), titles);
    assert_eq!(page.entries[0].day.unwrap().to_string(), "2024-03-09");
}

#[test]
fn one_dated_item_is_a_listing() {
    let page = read(
        "<div class='news-list'><p><span>18.03.2024</span> <a href='/news/release-1/'>Council of Ministers meets</a></p></div>",
    );
    assert_eq!(
        shown(&page),
        [("/news/release-1/".into(), "Council of Ministers meets".into(), "2024-03-18".to_owned())]
    );
}

#[test]
fn an_empty_listing_is_empty() {
    for listing in
        ["", "<p>No news found.</p>", "<div class='news-list'></div><p><a href='/search/'>Try the search</a></p>"]
    {
        assert_eq!(shown(&read(listing)), [], "{listing}");
    }
}

#[test]
fn patterns_replace_learning() {
    let listing = "<p><a href='/news/a/'>One</a> <a href='/session/b/'>Two</a> <a href='/x/c/'>Three</a></p>
        <nav><a href='/news/in-the-menu/'>Menu</a></nav>";
    let include = ["/news/?/", "/news/a/", "/session/**"].map(|pattern| PathPattern::parse(pattern).unwrap());
    let page =
        read_listing(&page(listing), &Url::parse("https://example.org/news/").unwrap(), 1, &include, None).unwrap();
    let titles: Vec<_> = page.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["One", "Two"]);
}

#[test]
fn the_way_on_and_the_feeds_are_read_from_the_same_page() {
    let page = read("");
    assert_eq!(page.next.unwrap().as_str(), "https://example.org/news/?PAGEN_1=2");
    assert_eq!(page.feeds.iter().map(Url::path).collect::<Vec<_>>(), ["/feed/"]);
}

#[test]
fn the_base_element_is_honoured() {
    let html = "<base href='/press/'><ul>".to_owned()
        + &items(|number, title, day| format!("<li>{day}.03.2024 <a href='release-{number}/'>{title}</a></li>"));
    let page = read_listing(&html, &Url::parse("https://example.org/news/").unwrap(), 1, &[], None).unwrap();
    assert_eq!(page.entries[0].url.path(), "/press/release-1/");
}

#[test]
fn hostile_pages_are_bounded() {
    let base = Url::parse("https://example.org/news/").unwrap();
    let many = (0..15_000)
        .map(|number| format!("<li>12.03.2024 <a href='/news/{number}/'>A title of words {number}</a>"))
        .collect::<Vec<_>>()
        .concat();
    let entries = read_listing(&many, &base, 1, &[], None).unwrap().entries;
    assert_eq!(
        (entries.len(), entries[0].url.path(), entries[1].url.path()),
        (MOST_ENTRIES, "/news/14999/", "/news/0/")
    );
    let newer = many.replacen("12.03.2024 <a href='/news/7000/", "13.03.2024 <a href='/news/7000/", 1);
    assert_eq!(read_listing(&newer, &base, 1, &[], None).unwrap().entries[0].url.path(), "/news/7000/");
    let page = read_listing(&many, &base, 1, &[PathPattern::parse("/news/14999/").unwrap()], None).unwrap();
    assert_eq!((page.entries.len(), page.is_cut), (1, false));
    let beyond =
        many + &"<a href='/elsewhere/'>Elsewhere</a>".repeat(6_000) + "<a href='/news/new/'>A new title of words</a>";
    let page = read_listing(&beyond, &base, 1, &[PathPattern::parse("/news/new/").unwrap()], None).unwrap();
    assert_eq!((page.entries.len(), page.is_cut), (0, true), "not taken for a listing that names nothing");
    let long = format!("<p>12.03.2024 <a href='/news/{}'>Some title of words</a></p>", "x".repeat(1 << 20));
    assert_eq!(read_listing(&long, &base, 1, &[], None).unwrap(), ListingPage::default());
    let wide = (0..20_000)
        .map(|number| format!("<i class='c{} d{number}'><a class='e{number}' href='/news/{number}'>", number % 97))
        .collect::<Vec<_>>()
        .concat();
    assert!(read_listing(&wide[..200_000], &base, 1, &[], None).is_err(), "refused, not taken for an empty listing");
}

const PIECES: [&str; 17] = [
    "<div class='a b'>",
    "</div>",
    "<li>",
    "<ul>",
    "</ul>",
    "<a href='/news/one-two-three/'>",
    "<a href='/news/4512/'>",
    "<a href='http://www.example.org/news/4512'>",
    "<a href='//other.org/x'>",
    "<a href='?page=2'>",
    "</a>",
    "<h3>",
    "12.03.2024",
    "Some words of a title",
    "<table><td>",
    "<time datetime='2024-03-12'>",
    "2",
];

proptest! {
    #[test]
    fn whatever_the_markup_entries_are_pages_of_the_site(picks in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let html: String = picks.into_iter().map(|pick| PIECES[pick]).collect();
        let base = Url::parse("https://example.org/news/").unwrap();
        let page = read_listing(&html, &base, 1, &[], None).unwrap();
        let mut seen = HashSet::new();
        for entry in &page.entries {
            prop_assert!(same_site(&entry.url, &base) && is_reasonable(&entry.url) && seen.insert(identity(&entry.url)));
            prop_assert!(identity(&entry.url) != identity(&base));
        }
        prop_assert!(page.next.is_none_or(|next| identity(&next) != identity(&base)));
    }
}

/// A page of a blog as many systems write it: the body and each item bear classes that depend on what is shown.
fn blog(body: &str, items: &[(u32, &str)]) -> String {
    let item = |(number, topic): &(u32, &str)| {
        format!(
            "<article class='post post-{number} hentry category-{topic}'><h2><a href='/2024/{number}-quay/'>The quay \
             of the port, part {number}</a></h2><time datetime='2024-03-{number:02}'>{number} March</time></article>"
        )
    };
    let items: String = items.iter().map(item).collect();
    format!("<body class='{body}'><main><div class='posts'>{items}</div></main></body>")
}

#[test]
fn the_list_stands_in_the_same_place_on_each_page_whatever_it_lists() {
    let place = |html: &str| {
        read_listing(html, &Url::parse("https://example.org/").unwrap(), 1, &[], None).unwrap().place.unwrap()
    };
    let first = place(&blog("home blog", &[(19, "tides"), (18, "ships"), (17, "tides")]));
    assert_eq!(place(&blog("paged paged-2", &[(16, "ships"), (15, "ships"), (14, "ships")])), first);
    assert_eq!(place(&blog("paged paged-3", &[(13, "weather")])), first);
    let teasers = blog("home", &[(19, "tides"), (18, "ships"), (17, "tides")]).replace("class='posts'", "class='more'");
    assert_ne!(place(&teasers), first);
}

#[test]
fn the_list_is_content_even_in_something_called_sidebar_or_widget() {
    let post = |place: usize, title: &str, day: usize| {
        format!(
            "<div class='post'><h3><a href='/2024/03/entry-{place}.html'>{title}</a></h3><span>{day} March 2024</span>\
             <p>The secretariat made known what the delegates had settled in the last session of the winter.</p></div>"
        )
    };
    let beside = "<div class='widget popular'><h2>Most read</h2><ul><li>1 March 2024 \
        <a href='/2023/01/read-most-of-all-1.html'>What everybody has read this year</a></li><li>2 March 2024 \
        <a href='/2023/01/read-most-of-all-2.html'>What nobody has read this year</a></li></ul></div>";
    for around in ["widget blog", "sidebar_content", "layout sidebar"] {
        let posts = items(post);
        let beside = format!("{}{beside}", " \n".repeat(4_000));
        let html = format!("<body><h1>Notes</h1><div class='{around}' id='posts'>{posts}</div>{beside}</body>");
        let page = read_listing(&html, &Url::parse("https://notes.example/").unwrap(), 1, &[], None).unwrap();
        let paths: Vec<&str> = page.entries.iter().map(|entry| entry.url.path()).collect();
        assert_eq!(paths, [1, 2, 3, 4, 5].map(|place| format!("/2024/03/entry-{place}.html")), "{around}");
    }
}

#[test]
fn releases_that_share_their_title_are_releases() {
    let weekly = |number: usize, _: &str, day: usize| {
        format!(
            "<li>{day} March 2024 <a href='/news/briefing-2024-03-{day:02}'>Weekly briefing</a> <i>{number}</i></li>"
        )
    };
    let found = shown(&read(&format!("<ul>{}</ul>", items(weekly))));
    assert_eq!(found.len(), 5);
    assert_eq!(found[0], ("/news/briefing-2024-03-20".into(), "Weekly briefing".into(), "2024-03-20".into()));
    let mixed = |number: usize, title: &str, day: usize| {
        weekly(number, title, day)
            .replace("Weekly briefing", if number.is_multiple_of(2) { title } else { "Weekly briefing" })
    };
    assert_eq!(shown(&read(&format!("<ul>{}</ul>", items(mixed)))).len(), 5);
}
