use super::*;
use crate::domain::page::Page;
use crate::domain::rule::ExtractionRule;

const PAGES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn url(name: &str) -> Url {
    Url::parse(&format!("https://example.org/news/{name}/")).unwrap()
}

/// Pages of a site whose frame a test chooses; the text of each is its own.
fn page(name: &str, frame: &str) -> Page {
    let html = format!("<main><p>Only page {name} has this sentence of its own.</p></main>{frame}");
    Page::read(&html, &url(name), &ExtractionRule::default()).unwrap()
}

fn template(frame: impl Fn(usize) -> String) -> Template {
    let mut template = Template::default();
    for (at, name) in PAGES.iter().enumerate() {
        template.learn(&url(name), Sample::of(&page(name, &frame(at)), 0), 1);
    }
    template
}

/// What is said of the last line of a page.
fn check(knowledge: &Knowledge, frame: &str) -> Option<Recurring> {
    let page = page("a", frame);
    knowledge.recurring(&page, page.lines.last().unwrap(), None)
}

#[test]
fn what_most_pages_have_is_template() {
    let knowledge = template(|_| "<i>About us</i>".to_owned()).knowledge();
    assert_eq!(check(&knowledge, "<i>About us</i>"), Some(Recurring::Same(5)));
    assert_eq!(check(&knowledge, "<i>About them</i>"), None);
}

#[test]
fn the_same_words_elsewhere_are_text() {
    let knowledge = template(|_| "<div class=x>About us</div>".to_owned()).knowledge();
    assert_eq!(check(&knowledge, "<section>About us</section>"), None);
}

#[test]
fn counters_are_template_whatever_they_count() {
    let knowledge = template(|at| format!("<div class=x>Read {at} times</div>")).knowledge();
    assert_eq!(check(&knowledge, "<div class=x>Read 77 times</div>"), Some(Recurring::Counter(5)));
}

#[test]
fn what_is_replaced_on_most_pages_at_once_is_volatile() {
    let before = template(|at| format!("<div class=x>Story {}</div>", PAGES[at]));
    let mut after = template(|at| format!("<div class=x>Other story {}</div>", PAGES[4 - at]));
    let churn = after.churn_since(&before);
    let found = churn.found();
    assert!(matches!(found[..], [Volatile::Once(_)]), "{found:?}");
    after.learn_volatile(&found, 1);
    assert_eq!(check(&after.knowledge(), "<div class=x>A third story</div>"), Some(Recurring::Volatile));
    after.learn_volatile(&[], 62);
    assert_eq!(check(&after.knowledge(), "<div class=x>A third story</div>"), None, "forgotten after two months");
}

#[test]
fn what_is_replaced_once_is_watched_on_where_releases_stand() {
    let frame = |at: usize, day: &str| format!("<div class=x>{day} story {}</div>", PAGES[at]);
    let (before, mut after) = (template(|at| frame(at, "First")), template(|at| frame(at, "Second")));
    let in_core = |knowledge: &Knowledge| {
        let page = page("a", &frame(0, "Last"));
        knowledge.recurring(&page, page.lines.last().unwrap(), Some(5))
    };
    let churn = after.churn_since(&before);
    assert_eq!(in_core(&after.knowledge().with_churn(churn.clone())), Some(Recurring::Churned), "it is held back");
    after.learn_volatile(&churn.found(), 1);
    assert_eq!(in_core(&after.knowledge()), None, "it may have been one edit of many releases");
    after.learn_volatile(&churn.found(), 2);
    assert_eq!(in_core(&after.knowledge()), Some(Recurring::Volatile), "it is no edit if it happens again");
    assert_eq!(after.volatile.len(), 1);
}

#[test]
fn what_would_take_most_of_the_texts_is_not_volatile() {
    let rewritten = |words: &str| {
        let mut template = Template::default();
        for name in PAGES {
            let html = format!(
                "<main><p>Page {name} {words}.</p><p>What is said of {name} {words}.</p></main><i>{name} {words}</i>"
            );
            let page = Page::read(&html, &url(name), &ExtractionRule::default()).unwrap();
            template.learn(&url(name), Sample::of(&page, 0), 1);
        }
        template
    };
    let churn = rewritten("is another").churn_since(&rewritten("is one"));
    assert!(matches!(churn.found()[..], [Volatile::Once(_)]), "the small print alone: {churn:?}");
}

#[test]
fn stories_that_go_from_page_to_page_are_volatile_however_long_they_are() {
    let telling = |day: usize| {
        let mut template = Template::default();
        for (at, name) in PAGES.iter().enumerate() {
            let story = |number: usize| {
                format!(
                    "<div>The long story number {} is told here in many more words than any release has.</div>",
                    number % 6
                )
            };
            let html = format!("<main><p>Page {name} is short.</p>{}{}</main>", story(at + day), story(at + day + 1));
            let page = Page::read(&html, &url(name), &ExtractionRule::default()).unwrap();
            template.learn(&url(name), Sample::of(&page, 0), 1);
        }
        template
    };
    let (before, mut after) = (telling(0), telling(2));
    let churn = after.churn_since(&before);
    let churn = churn.found();
    assert!(churn.iter().any(|found| matches!(found, Volatile::Once(_))), "{churn:?}");
    after.believe_volatile(&churn, 1);
    let page = Page::read("<main><div>Another story.</div></main>", &url("a"), &ExtractionRule::default()).unwrap();
    assert_eq!(after.knowledge().recurring(&page, &page.lines[0], Some(5)), Some(Recurring::Volatile));
}

#[test]
fn a_sentence_whose_figures_change_once_on_most_pages_is_no_counter() {
    let sentence = |sum: &str| {
        format!(
            "<div>The new berth costs {sum} crowns this year, as the council of the island said when it met at noon.</div>"
        )
    };
    let page = page("a", &sentence("15.9"));
    let line = page.lines.last().unwrap();
    let print = print::Print::of(&page, line);
    let knowledge = Knowledge::default().with_volatile(&[Volatile::Shape(print.place, print.shape)]);
    assert_eq!(knowledge.recurring(&page, line, Some(20)), None);
    assert_eq!(knowledge.recurring(&page, line, None), Some(Recurring::Volatile));
}

#[test]
fn what_was_learned_to_be_volatile_and_takes_most_of_the_texts_is_not_believed() {
    let mut template = template(|_| String::new());
    let page = page("a", "");
    let line = &page.lines[0];
    let place = page.elements[line.element].place;
    for day in [1, 2] {
        template.learn_volatile(&[Volatile::Everywhere(place)], day);
    }
    assert_eq!(template.knowledge().recurring(&page, line, Some(5)), None);
}

#[test]
fn an_edit_of_one_page_is_not_volatile() {
    let before = template(|_| String::new());
    let after = template(|at| if at == 2 { "<p>An addition.</p>".to_owned() } else { String::new() });
    assert_eq!(after.churn_since(&before), Churn::default());
}

#[test]
fn one_edit_of_the_template_is_not_volatile() {
    let before = template(|_| "<div class=x>Phone 12</div>".to_owned());
    for edited in ["Phone number 34", "Phone 34"] {
        let after = template(|_| format!("<div class=x>{edited}</div>"));
        assert_eq!(after.churn_since(&before), Churn::default());
    }
}

#[test]
fn a_redesign_is_not_volatile() {
    let before = template(|at| format!("<div class=x>Story {}</div>", PAGES[at]));
    let mut after = Template::default();
    for name in PAGES {
        let html = format!("<article><section>Only page {name} has this sentence.</section></article>");
        let page = Page::read(&html, &url(name), &ExtractionRule::default()).unwrap();
        after.learn(&url(name), Sample::of(&page, 0), 1);
    }
    assert_eq!(after.churn_since(&before), Churn::default());
}

#[test]
fn text_in_a_new_dress_is_not_volatile() {
    let frame = "<div>Home</div><div class=a>News</div><div class=b>About</div>";
    let dressed = |class: &str| {
        let mut template = Template::default();
        for name in PAGES {
            let html = format!("{frame}<main class={class}><p>Only page {name} has this sentence.</p></main>");
            let page = Page::read(&html, &url(name), &ExtractionRule::default()).unwrap();
            template.learn(&url(name), Sample::of(&page, 0), 1);
        }
        template
    };
    assert_eq!(dressed("wide").churn_since(&dressed("narrow")), Churn::default());
}

#[test]
fn two_fetches_within_seconds_show_what_is_volatile() {
    let fetch = |clock: &str, story: &str| page("a", &format!("<div class=c>{clock}</div><div class=s>{story}</div>"));
    let found = volatile_between(&fetch("At 10:15", "One"), &fetch("At 10:16", "Two"));
    let knowledge = Knowledge::default().with_volatile(&found);
    assert_eq!(check(&knowledge, "<div class=c>At 23:59</div>"), Some(Recurring::Volatile));
    assert_eq!(check(&knowledge, "<div class=s>Three</div>"), Some(Recurring::Volatile));
    assert_eq!(check(&knowledge, "<div class=t>Three</div>"), None);
}

#[test]
fn samples_are_bounded_and_do_not_depend_on_their_order() {
    let names: Vec<String> = (0..60).map(|at| format!("page-{at}")).collect();
    let learn = |names: &mut dyn Iterator<Item = &String>| {
        let mut template = Template::default();
        for name in names {
            template.learn(&url(name), Sample::of(&page(name, ""), 0), 1);
        }
        template
    };
    let one = learn(&mut names.iter());
    let other = learn(&mut names.iter().rev());
    assert_eq!(one, other);
    assert_eq!(one.groups.values().map(BTreeMap::len).sum::<usize>(), MOST_SAMPLES);
}

#[test]
fn pages_that_are_gone_are_forgotten() {
    let mut template = template(|_| "<i>About us</i>".to_owned());
    template.age(61);
    assert!(check(&template.knowledge(), "<i>About us</i>").is_some());
    template.age(62);
    assert_eq!(check(&template.knowledge(), "<i>About us</i>"), None);
}

#[test]
fn a_page_is_unlearned() {
    let before = template(|_| "<i>About us</i>".to_owned());
    let mut after = template(|_| "<h1>Closed</h1>".to_owned());
    for name in PAGES {
        after.unlearn(&url(name), &before);
    }
    assert_eq!(after, before);
}

#[test]
fn a_page_that_is_seen_again_stays_and_tells_nothing_new() {
    let before = template(|_| "<i>About us</i>".to_owned());
    let mut after = before.clone();
    assert!(after.saw_again(&url("a"), 100) && !after.saw_again(&url("unknown"), 100));
    assert!(after.says_the_same_as(&before) && after != before);
    after.age(100);
    assert!(!after.says_the_same_as(&before), "the other pages are forgotten");
    assert!(after.saw_again(&url("a"), 100) && !after.saw_again(&url("b"), 100));
    let mut other = before.clone();
    other.learn(&url("a"), Sample::of(&page("a", "<i>About them</i>"), 0), 1);
    assert!(!other.says_the_same_as(&before));
}

/// What stands in the text of page "a" after pages were read twice.
fn in_text(before: &Template, after: &mut Template, line: &str) -> [Option<Recurring>; 2] {
    let churn = after.churn_since(before);
    let page = page("a", line);
    let say = |knowledge: &Knowledge| knowledge.recurring(&page, page.lines.last().unwrap(), Some(5));
    let now = say(&after.knowledge().with_churn(churn.clone()));
    after.learn_volatile(&churn.found(), 1);
    [now, say(&after.knowledge())]
}

#[test]
fn a_text_that_leaves_one_page_and_comes_to_another_is_two_edits() {
    let status = |open: usize| {
        template(move |at| {
            format!("<p>Tender {}</p><p>It is {}.</p>", PAGES[at], if at == open { "open" } else { "shut" })
        })
    };
    let (before, mut after) = (status(0), status(1));
    assert_eq!(in_text(&before, &mut after, "<p>It is open.</p>"), [None, None]);
}

#[test]
fn figures_that_change_on_most_pages_are_believed_to_be_counters_when_they_change_again() {
    let fees = |year: usize| template(move |at| format!("<div class=x>The fee is {} crowns.</div>", 100 * year + at));
    let (first, mut second, mut third) = (fees(1), fees(2), fees(3));
    let line = "<div class=x>The fee is 777 crowns.</div>";
    assert_eq!(in_text(&first, &mut second, line), [Some(Recurring::Churned), None]);
    third.learn_volatile(&second.churn_since(&first).found(), 1);
    let known = Some(Recurring::Volatile);
    assert_eq!(in_text(&second, &mut third, line)[1], known);
}

#[test]
fn what_changed_on_a_few_pages_is_not_held_back() {
    let story = |at: usize, day: usize| format!("<div class=x>Story {at} of day {day} {}</div>", PAGES[at]);
    let few = |day: usize| {
        let mut template = Template::default();
        for (at, name) in PAGES.iter().enumerate().take(4) {
            template.learn(&url(name), Sample::of(&page(name, &story(at, day)), 0), 1);
        }
        template
    };
    let (before, mut after) = (few(1), few(2));
    assert_eq!(in_text(&before, &mut after, &story(0, 2)), [None, None]);
}
