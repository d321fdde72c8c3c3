use insta::assert_snapshot;
use proptest::prelude::*;

use super::words::marked;
use super::*;
use crate::domain::model::Block;
use crate::domain::normalize::{canonical_body, content_hash, typed_body};

/// A document from lines: `# ` a heading, `* ` an item, `| ` a row with cells separated by ` | `.
fn document(lines: &[&str]) -> Document {
    let block = |line: &&str| {
        let (kind, text) = match line.split_once(' ') {
            Some(("#", text)) => (BlockKind::Heading, text.to_owned()),
            Some(("*", text)) => (BlockKind::ListItem, text.to_owned()),
            Some(("|", text)) => (BlockKind::TableRow, text.replace(" | ", "\t")),
            _ => (BlockKind::Paragraph, (*line).to_owned()),
        };
        Block { kind, text }
    };
    Document { blocks: lines.iter().map(block).collect(), ..Document::default() }
}

fn tell(change: &Change) -> String {
    let line = |edit: &BlockEdit| match edit {
        BlockEdit::Equal { text, .. } => format!("  {text}"),
        BlockEdit::Changed { spans, .. } => format!("~ {}", marked(spans)),
        BlockEdit::Added { text, .. } => format!("+ {text}"),
        BlockEdit::Removed { text, .. } => format!("- {text}"),
        BlockEdit::MovedAway { text, to, .. } => format!("> {text} ({to})"),
        BlockEdit::MovedHere { spans, from, .. } => format!("< {} ({from})", marked(spans)),
    };
    change.blocks.iter().map(line).collect::<Vec<_>>().join("\n").replace('\t', " | ")
}

fn check(old: &[&str], new: &[&str]) -> String {
    tell(&diff(&document(old), &document(new)))
}

#[test]
fn a_changed_paragraph_is_found_by_likeness() {
    assert_snapshot!(check(
        &["First of all.", "The ministers met in Rome on Monday.", "They left."],
        &["First of all.", "A new paragraph came here.", "The ministers met in Oslo on Monday.", "They left."],
    ), @r"
      First of all.
    + A new paragraph came here.
    ~ The ministers met in [-Rome-]{+Oslo+} on Monday.
      They left.
    ");
}

#[test]
fn a_moved_paragraph_is_told_in_both_places() {
    assert_snapshot!(check(
        &["Rain fell on the coast.", "Long paragraph that everybody reads.", "Another long paragraph about the talks."],
        &["Long paragraph that everybody reads.", "Another long paragraph about the talks.", "Rain fell on the coast."],
    ), @r"
    > Rain fell on the coast. (3)
      Long paragraph that everybody reads.
      Another long paragraph about the talks.
    < Rain fell on the coast. (0)
    ");
}

#[test]
fn a_moved_paragraph_may_be_reworded() {
    assert_snapshot!(check(
        &["Heavy rain fell on the whole coast on Monday.", "Long paragraph that everybody reads.", "The talks go on, said the host."],
        &["Long paragraph that everybody reads.", "The talks go on, said the host.", "Heavy rain fell on the whole coast on Friday."],
    ), @r"
    > Heavy rain fell on the whole coast on Monday. (3)
      Long paragraph that everybody reads.
      The talks go on, said the host.
    < Heavy rain fell on the whole coast on [-Monday-]{+Friday+}. (0)
    ");
}

#[test]
fn how_text_is_cut_is_no_change() {
    let old = document(&["# One heading", "One two three. Four five six."]);
    let new = document(&["One heading", "One two three.", "Four five six."]);
    assert!(diff(&old, &new).is_empty());
    assert_snapshot!(check(
        &["One two three. Four five six.", "Same here.", "It costs 5 euros."],
        &["One two three.", "Four five six.", "Same here.", "It costs 6 euros."],
    ), @r"
      One two three.
      Four five six.
      Same here.
    ~ It costs [-5-]{+6+} euros.
    ");
}

#[test]
fn a_split_paragraph_shows_only_its_new_words() {
    assert_snapshot!(check(
        &["The talks began in the morning. They ended late in the evening of the same day."],
        &["The talks began in the morning.", "They ended late in the night of the same day."],
    ), @r"
      The talks began in the morning.
    ~ They ended late in the [-evening-]{+night+} of the same day.
    ");
    assert_snapshot!(check(
        &["The talks began in the morning.", "They ended late in the evening of the same day."],
        &["The talks began in the morning. They ended late in the night of the same day."],
    ), @"~ The talks began in the morning. They ended late in the [-evening-]{+night+} of the same day.");
}

#[test]
fn tables_are_compared_cell_by_cell() {
    assert_snapshot!(check(
        &["| State | Tanks | Guns", "| North | 12 | 15", "| South | 3 | 4"],
        &["| State | Tanks | Guns", "| North | 14 | 15", "| East | 9 | 9", "| South | 3 | 4"],
    ), @r"
      State | Tanks | Guns
    ~ North | [-12-]{+14+} | 15
    + East | 9 | 9
      South | 3 | 4
    ");
}

#[test]
fn a_new_column_is_told_by_the_first_row() {
    assert_snapshot!(check(
        &["| State | Tanks | Guns", "| North | 12 | 15", "| South | 3 | 4"],
        &["| State | Ships | Tanks | Guns", "| North | 15 | 13 | 15", "| South | 3 | 3 | 5"],
    ), @r"
    ~ State{+ | Ships+} | Tanks | Guns
    ~ North{+ | 15+} | [-12-]{+13+} | 15
    ~ South{+ | 3+} | 3 | [-4-]{+5+}
    ");
    assert_snapshot!(check(
        &["| State | Ships | Tanks | Guns", "| North | 15 | 13 | 15"],
        &["| State | Tanks | Guns", "| North | 12 | 15"],
    ), @r"
    ~ State[- | Ships-] | Tanks | Guns
    ~ North[- | 15-] | [-13-]{+12+} | 15
    ");
}

#[test]
fn a_short_line_is_compared_with_what_took_its_place() {
    assert_snapshot!(check(&["# Programme", "12", "See you there."], &["# Programme", "14", "See you there."]), @r"
      Programme
    ~ [-12-]{+14+}
      See you there.
    ");
    assert_snapshot!(check(&["| Year | Sum", "| 12 | 7"], &["| Year | Sum", "| 14 | 9"]), @r"
      Year | Sum
    ~ [-12-]{+14+} | [-7-]{+9+}
    ");
}

#[test]
fn lists_are_compared_item_by_item() {
    assert_snapshot!(check(
        &["* apples from Spain", "* pears", "* 3 plums"],
        &["* apples from Italy", "* 3 plums", "* grapes"],
    ), @r"
    ~ apples from [-Spain-]{+Italy+}
    - pears
      3 plums
    + grapes
    ");
}

#[test]
fn typography_is_shown_but_is_no_change() {
    let old = document(&["He said \"yes\" - twice.", "It cost 5 euros."]);
    let new = document(&["He said “yes” – twice.", "It cost 6 euros."]);
    assert_snapshot!(tell(&diff(&old, &new)), @r"
      He said “yes” – twice.
    ~ It cost [-5-]{+6+} euros.
    ");
    let change = diff(&document(&["\"A\" costs 5"]), &document(&["“A” costs 6"]));
    let BlockEdit::Changed { spans, .. } = &change.blocks[0] else { panic!("one changed block") };
    assert_eq!(spans.iter().map(Span::old_text).collect::<String>(), "\"A\" costs 5");
}

#[test]
fn a_huge_rewritten_block_is_replaced_and_marked() {
    let words = |prefix: &str| {
        (0..6_000)
            .map(|word| if word % 2 == 0 { format!("{word} ") } else { format!("{prefix}{word} ") })
            .collect::<String>()
    };
    let old = document(&["Same.", &format!("kept kept kept {}", words("a"))]);
    let new = document(&["Same.", &format!("kept kept kept {}", words("b"))]);
    assert!(diff(&old, &new).coarse);
}

#[test]
fn many_changed_blocks_are_paired_by_position() {
    let lines = |extra: &str| (0..300).map(|line| format!("Sentence number {line} tells {extra}.")).collect::<Vec<_>>();
    let (old, new) = (lines("this"), lines("that"));
    let document = |lines: &[String]| document(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let change = diff(&document(&old), &document(&new));
    assert!(change.coarse);
    assert!(change.blocks.iter().all(|edit| matches!(edit, BlockEdit::Changed { .. })));
}

fn link(text: &str, target: &str) -> Link {
    Link { text: text.into(), target: target.into() }
}

fn with_links(lines: &[&str], linked: &[Link]) -> Document {
    Document { links: linked.to_vec(), ..document(lines) }
}

#[test]
fn a_link_that_leads_elsewhere_is_replaced() {
    let old = with_links(&["Read the report."], &[link("the report", "https://a.org/1")]);
    let new = with_links(&["Read the report."], &[link("the report", "https://a.org/2")]);
    let change = diff(&old, &new);
    assert_eq!(change.fields(), [Field::Links]);
    assert!(matches!(&change.links[..], [ItemEdit::Replaced { new, .. }] if new.target == "https://a.org/2"));
}

#[test]
fn a_link_that_comes_with_its_words_is_part_of_the_text() {
    let old = with_links(&["Read on."], &[]);
    let new = with_links(&["Read on.", "See also the annex."], &[link("the annex", "https://a.org/annex")]);
    assert_eq!(diff(&old, &new).fields(), [Field::Body]);
    let reworded = with_links(&["Read further."], &[link("further", "https://a.org/1")]);
    let old = with_links(&["Read on."], &[link("on", "https://a.org/1")]);
    assert_eq!(diff(&old, &reworded).fields(), [Field::Body]);
}

#[test]
fn a_link_added_to_words_that_stayed_is_told_beside_the_text() {
    let old = with_links(&["Read the report.", "It costs 5."], &[]);
    let new = with_links(&["Read the report.", "It costs 6."], &[link("the report", "https://a.org/1")]);
    assert_eq!(diff(&old, &new).fields(), [Field::Body, Field::Links]);
}

#[test]
fn an_address_as_its_own_words_is_no_link_of_its_own() {
    let old = with_links(&["Write to press@a.org or see https://a.org/x."], &[]);
    let links = [link("press@a.org", "mailto:press@a.org"), link("https://a.org/x", "https://www.a.org/x/")];
    let new = with_links(&["Write to press@a.org or see https://a.org/x."], &links);
    assert!(diff(&old, &new).is_empty());
    assert_eq!(content_hash(&old), content_hash(&new));
}

#[test]
fn contacts_and_pictures_are_sets() {
    let old = Document {
        contacts: vec!["Press office".into(), "+7 (495) 795-27-10".into()],
        images: vec![Image { source: "https://a.org/one.jpg".into(), alt: "Talks".into() }],
        ..Document::default()
    };
    let mut new = old.clone();
    new.contacts = vec!["+7 495 795 27 44".into(), "Press office".into()];
    new.images[0].source = "https://a.org/cache/other.jpg".into();
    let change = diff(&old, &new);
    assert_eq!(change.fields(), [Field::Images, Field::Contacts]);
    assert!(matches!(&change.contacts[..], [ItemEdit::Replaced { .. }]));
    assert!(matches!(&change.images[..], [ItemEdit::Replaced { .. }]));
}

#[test]
fn titles_and_dates_are_fields() {
    let dated = |title: &str, text: &str| Document {
        title: title.into(),
        date: Some(ShownDate { text: text.into(), day: None }),
        ..Document::default()
    };
    let change = diff(&dated("Talks in Rome", "21.03.2024"), &dated("Talks in Oslo", "22.03.2024"));
    assert_eq!(change.fields(), [Field::Title, Field::Date]);
    assert_eq!(marked(&change.title.unwrap().spans), "Talks in [-Rome-]{+Oslo+}");
}

fn block() -> impl Strategy<Value = Block> {
    let kinds = prop_oneof![Just(BlockKind::Paragraph), Just(BlockKind::Heading), Just(BlockKind::TableRow)];
    let word = prop::sample::select(vec![
        "the",
        "Council",
        "met",
        "5",
        "20 000",
        "не",
        "«да»",
        "-",
        "end.",
        "\t",
        ",then",
        "co-op",
        "…",
        "会议",
        "",
        "A b c d e",
    ]);
    (kinds, prop::collection::vec(word, 0..8)).prop_map(|(kind, words)| Block { kind, text: words.join(" ") })
}

fn any_document() -> impl Strategy<Value = Document> {
    let links = prop::collection::vec((0..3_u8, 0..3_u8), 0..3).prop_map(|links| {
        links.iter().map(|(a, b)| link(&format!("met {a}"), &format!("https://a.org/{b}"))).collect()
    });
    let contacts =
        prop::collection::vec(prop::sample::select(vec!["+7 495 1".to_owned(), "+7-495-1".into(), "Ann".into()]), 0..3);
    let title = prop::sample::select(vec!["One", "One ", "“One”", "Two"]);
    let date = prop::option::of(prop::sample::select(vec!["", "1 May", "2 May"]));
    (title, date, prop::collection::vec(block(), 0..6), links, contacts).prop_map(
        |(title, date, blocks, links, contacts)| {
            let date = date.map(|text| ShownDate { text: text.into(), day: None });
            Document { title: title.into(), date, blocks, links, images: vec![], contacts }
        },
    )
}

/// Two documents that have something to do with each other.
fn related() -> impl Strategy<Value = (Document, Document)> {
    (any_document(), any_document(), prop::collection::vec(0..6_usize, 0..5)).prop_map(|(old, mut new, kept)| {
        for place in kept {
            if let Some(block) = old.blocks.get(place) {
                new.blocks.insert(place.min(new.blocks.len()), block.clone());
            }
        }
        (old, new)
    })
}

/// The text of one side, as the change tells it.
fn replay(change: &Change, side: fn(&Span) -> &str, new: bool) -> String {
    let text = |spans: &[Span]| spans.iter().map(side).collect::<String>();
    let mut document = Document::default();
    for edit in &change.blocks {
        let text = match edit {
            BlockEdit::Equal { text, .. } => text.clone(),
            BlockEdit::Changed { spans, .. } => text(spans),
            BlockEdit::Added { text, .. } if new => text.clone(),
            BlockEdit::Removed { text, .. } | BlockEdit::MovedAway { text, .. } if !new => text.clone(),
            BlockEdit::MovedHere { spans, .. } if new => text(spans),
            _ => continue,
        };
        document.blocks.push(Block { kind: edit.kind(), text });
    }
    typed_body(&document)
}

/// The words without lone dashes: where a block reads the same but for the mark of a list, only the new one is told.
fn unmarked(text: &str) -> String {
    text.split(' ').filter(|word| *word != "-").collect::<Vec<_>>().join(" ")
}

proptest! {
    #[test]
    fn applying_a_change_gives_the_new_text_and_back((old, new) in related()) {
        let change = diff(&old, &new);
        prop_assert_eq!(replay(&change, Span::new_text, true), typed_body(&new));
        if !canonical_body(&old).is_empty() && change.fields().contains(&Field::Body) {
            prop_assert_eq!(unmarked(&replay(&change, Span::old_text, false)), unmarked(&typed_body(&old)));
        }
    }

    #[test]
    fn any_text_survives(old in "\\PC{0,30}|[a-z .\"“\u{301}\u{ad}\t0-9,-]{0,30}", new in "\\PC{0,30}|[a-z .\"”\u{301}\u{ad}\t0-9,–]{0,30}") {
        let (old, new) = (document(&["Kept.", &old, &format!("both {old}")]), document(&["Kept.", &new, &format!("both {new}")]));
        let change = diff(&old, &new);
        prop_assert_eq!(change.is_empty(), content_hash(&old) == content_hash(&new));
        prop_assert_eq!(replay(&change, Span::new_text, true), typed_body(&new));
        if !change.is_empty() {
            prop_assert_eq!(unmarked(&replay(&change, Span::old_text, false)), unmarked(&typed_body(&old)));
        }
    }

    #[test]
    fn a_change_is_empty_just_when_the_hashes_are_equal((old, new) in related()) {
        prop_assert_eq!(diff(&old, &new).is_empty(), content_hash(&old) == content_hash(&new));
        prop_assert!(diff(&old, &old).is_empty());
    }

    #[test]
    fn a_moved_block_is_never_removed_and_added((old, new) in related()) {
        let change = diff(&old, &new);
        let texts = |wanted: fn(&BlockEdit) -> Option<&String>| -> Vec<String> {
            change.blocks.iter().filter_map(wanted).map(|text| canonical_text(text)).collect()
        };
        let removed = texts(|edit| if let BlockEdit::Removed { text, .. } = edit { Some(text) } else { None });
        let added = texts(|edit| if let BlockEdit::Added { text, .. } = edit { Some(text) } else { None });
        prop_assert!(removed.iter().all(|text| !added.contains(text)));
    }

    #[test]
    fn moves_name_each_other((old, new) in related()) {
        let change = diff(&old, &new);
        for (place, edit) in change.blocks.iter().enumerate() {
            if let BlockEdit::MovedHere { from, .. } = edit {
                let linked = matches!(change.blocks[*from], BlockEdit::MovedAway { to, .. } if to == place);
                prop_assert!(linked);
            }
        }
    }
}
