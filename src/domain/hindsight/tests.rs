//! Edits, notices and noise of an archive, each in the light of the captures that follow.

use super::*;
use crate::domain::model::{Block, BlockKind, Link, ShownDate};
use crate::domain::rule::ExtractionRule;
use url::Url;

const LEAD: &str = "The harbour of Riga counted twelve ships in the morning, and the pilots went home early.";
const QUOTE: &str = "Nobody was hurt, the master of the port said on Monday, and the quay will open again tomorrow.";
const TEASER: &str = "Read our story about the new ferry line to the islands, which sails three times a week.";
const OTHER: &str = "See what the council has decided on the budget of the fire brigade for the coming year.";

/// Nobody else.
struct Alone;

impl Others for Alone {
    fn have(&self, _: &str) -> bool {
        false
    }
}

/// Another release has the quote, too.
struct Shared;

impl Others for Shared {
    fn have(&self, text: &str) -> bool {
        text == QUOTE
    }
}

fn document(texts: &[&str]) -> Document {
    let blocks = texts.iter().map(|text| Block { kind: BlockKind::Paragraph, text: (*text).to_owned() });
    Document { title: "Fog in the harbour".to_owned(), blocks: blocks.collect(), ..Document::default() }
}

fn glimpse(texts: &[&str]) -> Glimpse {
    Glimpse::of_document(document(texts))
}

/// Other names are no other design; another depth is.
fn built(design: &str, lines: &str) -> String {
    let around = if design == "b" { ("<main>", "</main>") } else { ("", "") };
    format!("<div class={design}>{}{lines}{}</div>", around.0, around.1)
}

/// A page with lines that were not taken for text.
fn page(texts: &[&str], beside: &[&str], class: &str) -> Glimpse {
    let lines: String =
        texts.iter().chain(beside).map(|text| format!("<p class={class}>{text}</p>")).collect::<Vec<_>>().concat();
    let url = Url::parse("https://quay.example/").unwrap();
    let page = Page::read(&built(class, &lines), &url, &ExtractionRule::default()).unwrap();
    Glimpse::of(&page, document(texts))
}

/// What remains of the old and of the new text.
fn told(settled: &Settled) -> Option<(Vec<&str>, Vec<&str>)> {
    let Settled::Edited(old, new) = settled else { return None };
    Some((
        old.blocks.iter().map(|block| block.text.as_str()).collect(),
        new.blocks.iter().map(|block| block.text.as_str()).collect(),
    ))
}

fn settled(old: &Glimpse, new: &Glimpse, later: &[&Glimpse]) -> Settled {
    let later: Vec<Glimpse> = later.iter().copied().cloned().collect();
    settle(old, new, &later, &Alone)
}

#[test]
fn what_stays_is_an_edit_and_what_rotates_is_none() {
    let (old, new) = (glimpse(&[LEAD, QUOTE]), glimpse(&[LEAD, QUOTE, TEASER]));
    let stays = settled(&old, &new, &[&new]);
    assert_eq!(told(&stays), Some((vec![LEAD, QUOTE], vec![LEAD, QUOTE, TEASER])));
    assert_eq!(settled(&old, &new, &[&glimpse(&[LEAD, QUOTE, OTHER])]), Settled::Same);
    assert_eq!(settled(&new, &old, &[&new]), Settled::Same, "what is back was never gone");
    assert!(told(&settled(&new, &old, &[&old])).is_some(), "what stays away is gone");
}

#[test]
fn a_page_without_its_text_witnesses_nothing() {
    let (old, new) = (glimpse(&[LEAD, QUOTE]), glimpse(&[LEAD, QUOTE, TEASER]));
    let frame = glimpse(&["Harbour office"]);
    assert!(told(&settled(&old, &new, &[&frame, &new])).is_some());
    assert_eq!(settled(&old, &new, &[&frame]), Settled::Same, "nothing else is known");
}

#[test]
fn a_sentence_in_other_words_needs_no_witness() {
    let edited = QUOTE.replace("tomorrow", "next week");
    let (old, new) = (glimpse(&[LEAD, QUOTE]), glimpse(&[LEAD, &edited]));
    assert!(told(&settled(&old, &new, &[])).is_some());
    assert!(told(&settled(&old, &new, &[&old])).is_some(), "an edit that was taken back was one");
}

#[test]
fn an_edit_is_told_without_the_noise_around_it() {
    let edited = QUOTE.replace("Nobody was", "Four were");
    let (old, new) = (glimpse(&[LEAD, QUOTE, TEASER]), glimpse(&[LEAD, &edited, OTHER]));
    let next = glimpse(&[LEAD, &edited]);
    let settled = settled(&old, &new, &[&next]);
    assert_eq!(told(&settled), Some((vec![LEAD, QUOTE, TEASER], vec![LEAD, &edited])));
}

#[test]
fn what_was_part_of_noise_is_noise() {
    let (old, new) = (page(&[LEAD, QUOTE, "By Jane Doe"], &[], "a"), page(&[LEAD, QUOTE, "Jane Doe"], &[], "b"));
    assert!(matches!(settled(&old, &new, &[&new]), Settled::Rebuilt(_)), "a name by itself is a label of the design");
}

#[test]
fn a_counter_counts_on() {
    let counted = |count: u32| glimpse(&[LEAD, QUOTE, &format!("You are visitor {count} of this page")]);
    assert_eq!(settled(&counted(12), &counted(15), &[&counted(19)]), Settled::Same);
    assert_eq!(settled(&counted(12), &counted(15), &[]), Settled::Same);
    let ships = |count: u32| glimpse(&[&LEAD.replace("twelve", &count.to_string()), QUOTE]);
    assert!(told(&settled(&ships(12), &ships(14), &[&ships(14)])).is_some());
}

#[test]
fn a_line_that_is_on_the_other_page_beside_the_text_neither_came_nor_went() {
    let old = page(&[LEAD, QUOTE], &[TEASER], "a");
    let new = page(&[LEAD, QUOTE, TEASER], &[], "a");
    assert_eq!(settled(&old, &new, &[&new]), Settled::Same);
}

#[test]
fn a_redesign_brings_labels_and_no_edit() {
    let (old, new) = (page(&[LEAD, QUOTE], &[], "a"), page(&["Press release", LEAD, QUOTE], &[], "b"));
    let Settled::Rebuilt(document) = settled(&old, &new, &[&new]) else { panic!("built in another way") };
    assert_eq!(*document, old.document, "the label is no text");
    assert_eq!(settled(&old, &new, &[&old]), Settled::Same, "the old design is back");
    let cut = page(&[LEAD], &[], "b");
    assert!(told(&settled(&old, &cut, &[&cut])).is_some(), "a sentence that went with it is told");
    assert!(matches!(settle(&old, &cut, std::slice::from_ref(&cut), &Shared), Settled::Rebuilt(_)), "all pages had it");
}

/// The same with lines before and after the text, in elements of their own, which were taken for text, too.
fn framed(head: &[&str], texts: &[&str], tail: &[&str], class: &str) -> Glimpse {
    let lines = |texts: &[&str]| texts.iter().map(|text| format!("<p>{text}</p>")).collect::<Vec<_>>().concat();
    let parts = [("head", head), ("text", texts), ("tail", tail)];
    let parts = parts.map(|(name, texts)| format!("<div class={name}>{}</div>", lines(texts))).concat();
    let url = Url::parse("https://quay.example/").unwrap();
    let page = Page::read(&built(class, &parts), &url, &ExtractionRule::default()).unwrap();
    Glimpse::of(&page, document(&[head, texts, tail].concat()))
}

#[test]
fn what_stands_around_the_text_of_two_designs_belongs_to_them() {
    let about = "The press office of the port answers questions on weekdays from nine to five.";
    let author = "Anna Berg has written about ships and their crews for more than ten years.";
    let third = "The council will hear a report about the fog, the ships and the pilots in two weeks.";
    let old = framed(&[], &[LEAD, QUOTE, third], &[about], "a");
    let new = framed(&[author], &[LEAD, QUOTE, third], &[], "b");
    let Settled::Rebuilt(document) = settled(&old, &new, &[&new]) else { panic!("no edit") };
    assert_eq!(*document, new.document, "what is there now is watched");
    for (case, edited) in [
        ("on the same page", framed(&[], &[LEAD, QUOTE, third], &[], "a")),
        ("from the midst of the text", framed(&[], &[LEAD, third], &[about], "b")),
        (
            "the last sentence in other words",
            framed(&[], &[LEAD, QUOTE, "In two weeks the council will hear of it."], &[], "b"),
        ),
        ("where the text stands", framed(&[], &[LEAD, QUOTE, third, OTHER], &[], "b")),
    ] {
        assert!(told(&settled(&old, &edited, &[&edited])).is_some(), "{case}");
    }
}

#[test]
fn a_day_alone_is_of_a_story_in_a_list() {
    let (old, new) = (glimpse(&[LEAD, QUOTE]), glimpse(&[LEAD, QUOTE, "12.05.2019"]));
    assert_eq!(settled(&old, &new, &[&new]), Settled::Same);
    assert_eq!(settled(&new, &old, &[&old]), Settled::Same);
}

#[test]
fn who_wrote_it_is_no_text() {
    let (old, new) = (glimpse(&[LEAD, QUOTE]), glimpse(&["By Anna Berg and Jan Olsen", LEAD, QUOTE]));
    assert_eq!(settled(&old, &new, &[&new]), Settled::Same);
    let text = glimpse(&["By Monday all ferries sail", LEAD, QUOTE]);
    assert!(told(&settled(&old, &text, &[&text])).is_some());
}

#[test]
fn short_lines_of_other_releases_are_their_headlines() {
    struct Headline;
    impl Others for Headline {
        fn have(&self, text: &str) -> bool {
            text == "Ice on the river"
        }
    }
    let (old, new) = (glimpse(&[LEAD, QUOTE]), glimpse(&[LEAD, "Ice on the river", QUOTE]));
    assert_eq!(settle(&old, &new, &[new.clone(), new.clone()], &Headline), Settled::Same);
    assert_eq!(settle(&new, &old, &[old.clone(), old.clone()], &Headline), Settled::Same);
    assert!(told(&settled(&old, &new, &[&new])).is_some(), "nobody else has it");
}

#[test]
fn a_line_of_another_release_that_one_capture_confirms_and_the_next_ones_do_not_is_a_teaser() {
    let (old, new) = (glimpse(&[LEAD]), glimpse(&[LEAD, QUOTE]));
    assert_eq!(settle(&old, &new, &[new.clone(), old.clone(), old.clone()], &Shared), Settled::Same);
    let quoted = settle(&old, &new, &[new.clone(), new.clone(), new.clone()], &Shared);
    assert!(told(&quoted).is_some(), "what both releases have to say");
}

#[test]
fn after_a_redesign_links_and_dates_are_those_of_the_new_design() {
    let shown = |mut glimpse: Glimpse, text: &str, target: &str| {
        let day = text.parse().ok();
        glimpse.document.date = Some(ShownDate { text: text.to_owned(), day });
        glimpse.document.links = vec![Link { text: "ferry".to_owned(), target: target.to_owned() }];
        glimpse
    };
    let old = shown(page(&[LEAD, QUOTE], &[], "a"), "2024-05-06", "https://quay.example/ferry");
    let new = shown(page(&[LEAD, QUOTE], &[], "b"), "6 May 2024", "https://quay.example/2024/ferry");
    let Settled::Rebuilt(document) = settled(&old, &new, &[&new]) else { panic!("no edit") };
    assert_eq!(*document, new.document);
    let edited = QUOTE.replace("Nobody was", "Four were");
    let edited = shown(page(&[LEAD, &edited], &[], "b"), "6 May 2024", "https://quay.example/2024/ferry");
    let Settled::Edited(before, after) = settled(&old, &edited, &[&edited]) else { panic!("an edit") };
    assert_eq!((&before.links, &before.date), (&after.links, &after.date), "they were not edited");
    assert_eq!(after.links, edited.document.links);
}

#[test]
fn other_names_of_classes_are_no_redesign_and_hide_no_edit_of_a_link() {
    let linked = |class: &str, target: &str| {
        let mut glimpse = page(&[LEAD, QUOTE], &[TEASER], class);
        glimpse.document.links = vec![Link { text: "the quay".to_owned(), target: target.to_owned() }];
        glimpse
    };
    let old = linked("css-1x9a", "https://quay.example/quay");
    let (same, new) = (linked("css-77b", "https://quay.example/quay"), linked("css-77b", "https://quay.example/files"));
    assert!(!old.is_rebuilt(&same));
    assert_eq!(settled(&old, &same, &[&same]), Settled::Same);
    assert!(told(&settled(&old, &new, &[&new])).is_some());
}

#[test]
fn a_link_that_is_on_the_other_page_beside_the_text_neither_came_nor_went() {
    let linked = |mut glimpse: Glimpse, text: &str| {
        glimpse.document.links = vec![Link { text: text.to_owned(), target: "https://quay.example/ferry".to_owned() }];
        glimpse
    };
    let section = linked(page(&[LEAD, "Ferries", QUOTE], &[], "a"), "Ferries");
    let beside = page(&[LEAD, QUOTE], &["Ferries"], "a");
    assert_eq!(settled(&section, &beside, &[&beside]), Settled::Same);
    assert_eq!(settled(&beside, &section, &[&section]), Settled::Same);
    let words = linked(page(&[LEAD, QUOTE], &[], "a"), "The harbour of Riga");
    let plain = page(&[LEAD, QUOTE], &[], "a");
    assert!(told(&settled(&words, &plain, &[&plain])).is_some(), "a link that was taken away");
}

#[test]
fn how_a_text_is_cut_into_blocks_is_no_edit() {
    let (old, new) = (glimpse(&[LEAD, QUOTE]), glimpse(&[&format!("{LEAD} {QUOTE}")]));
    assert_eq!(settled(&old, &new, &[]), Settled::Same);
}

#[test]
fn a_word_that_stands_in_the_text_as_well_is_not_gone_with_a_label() {
    let old =
        page(&["Photo", LEAD, "Photo of the day: the quay in the fog, seen from the lighthouse.", QUOTE], &[], "a");
    let new = page(&[LEAD, "Photo of the day: the quay in the fog, seen from the lighthouse.", QUOTE], &[], "b");
    assert_eq!(settled(&old, &new, &[&old]), Settled::Same);
    assert!(told(&settled(&old, &new, &[&new])).is_none());
}

#[test]
fn another_way_to_write_a_day_is_no_edit() {
    let dated = |day: &str| glimpse(&[LEAD, &format!("Published in the gazette of {day} by the port"), QUOTE]);
    assert_eq!(settled(&dated("2019-05-06"), &dated("6 May 2019"), &[&dated("6 May 2019")]), Settled::Same);
    assert!(told(&settled(&dated("2019-05-06"), &dated("7 May 2019"), &[&dated("7 May 2019")])).is_some());
}

#[test]
fn a_page_into_which_the_text_was_not_loaded_passes() {
    let third = "The council will hear a report about the fog, the ships and the pilots in two weeks.";
    let (old, empty) = (glimpse(&[LEAD, QUOTE, third]), glimpse(&[TEASER, OTHER]));
    assert_eq!(settled(&old, &empty, &[&old]), Settled::Passing);
    let edited = glimpse(&[LEAD, &QUOTE.replace("Nobody was", "Four were"), third]);
    assert_eq!(settled(&old, &empty, &[&empty, &edited]), Settled::Passing);
    assert!(told(&settled(&old, &empty, &[&empty])).is_some(), "it stays so");
}

#[test]
fn a_notice_passes() {
    let old = glimpse(&[LEAD, QUOTE]);
    let titled =
        |title: &str, text: &str| Glimpse::of_document(Document { title: title.to_owned(), ..document(&[text]) });
    let (notice, other) = (titled("One moment", TEASER), titled("Sorry", OTHER));
    assert_eq!(settled(&old, &notice, &[&old]), Settled::Passing);
    assert_eq!(settled(&old, &notice, &[&other]), Settled::Passing);
    assert!(told(&settled(&old, &notice, &[&notice])).is_some(), "what stays was written anew");
    assert!(is_false_start(&notice, &[old.clone(), old.clone()]));
    assert!(!is_false_start(&old, &[notice, old.clone()]));
}

#[test]
fn a_title_or_date_that_the_next_capture_takes_back_was_chosen_by_lot() {
    let titled = |title: &str| Glimpse::of_document(Document { title: title.to_owned(), ..document(&[LEAD, QUOTE]) });
    let (old, new) = (titled("Fog in the harbour"), titled("Ships wait for better weather"));
    assert_eq!(settled(&old, &new, &[&old]), Settled::Same);
    assert!(told(&settled(&old, &new, &[&new])).is_some());
}
