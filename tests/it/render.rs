//! What people see of the changes that matter most, in every form that a change is given. Each snapshot holds all
//! forms of one change.

use std::fmt::Write as _;

use pressdiff::domain::diff::diff;
use pressdiff::domain::model::{Block, BlockKind, Document, Image, Link, ShownDate};
use pressdiff::domain::render::{Heading, TerminalOptions, html, json, mail_html, mail_text, terminal, unified};
use serde_json::Value;

const TERMINAL: TerminalOptions = TerminalOptions { width: 80, color: false, full: false, side_by_side: false };

/// Lines as blocks: `# ` heading, `* ` item, `> ` quote, `|` cells of a row.
fn document(lines: &[&str]) -> Document {
    let block = |line: &&str| {
        let marks = [("# ", BlockKind::Heading), ("* ", BlockKind::ListItem), ("> ", BlockKind::Quote)];
        if line.contains('|') {
            return Block { kind: BlockKind::TableRow, text: line.replace('|', "\t") };
        }
        let found = marks.iter().find_map(|(mark, kind)| Some((line.strip_prefix(mark)?, *kind)));
        let (text, kind) = found.unwrap_or((line, BlockKind::Paragraph));
        Block { kind, text: text.to_owned() }
    };
    Document { title: "Talks".to_owned(), blocks: lines.iter().map(block).collect(), ..Document::default() }
}

fn heading() -> Heading {
    Heading {
        title: "Talks".to_owned(),
        url: "https://example.org/news/talks/".to_owned(),
        old_label: "version 1".to_owned(),
        new_label: "version 2".to_owned(),
    }
}

/// All forms of a change, one after the other.
fn forms(old: &Document, new: &Document) -> String {
    let change = diff(old, new);
    let page = html(&change, &heading());
    let page = page.split_once("</header>").unwrap().1.trim_end();
    let mut value = json(&change);
    let is_edit = |block: &Value| block["edit"] != "equal";
    let edits: Vec<Value> =
        value["blocks"].as_array().unwrap().iter().filter(|block| is_edit(block)).cloned().collect();
    value["blocks"] = Value::Array(edits);
    let parts = [
        ("terminal", terminal(&change, &TERMINAL)),
        ("terminal, side by side", terminal(&change, &TerminalOptions { side_by_side: true, ..TERMINAL })),
        ("unified", unified(old, new, "version 1", "version 2")),
        ("page, below its header", page.to_owned()),
        ("mail as text", mail_text(&change, &heading())),
        ("mail as HTML", mail_html(&change, &heading())),
        ("JSON, without unchanged blocks", value.to_string()),
    ];
    parts.iter().fold(String::new(), |mut all, (name, text)| {
        let _ = writeln!(all, "==== {name}\n{}", text.trim_end());
        all
    })
}

fn check(name: &str, old: &[&str], new: &[&str]) {
    insta::assert_snapshot!(name, forms(&document(old), &document(new)));
}

#[test]
fn one_number_in_a_long_release() {
    let lines: Vec<String> = (0..90)
        .map(|day| {
            let (ships, tons) = (day * 11 + 3, day * 7 + 40);
            format!(
                "On day {day} of the season {ships} ships called at the eastern pier and landed {tons} tons of grain, \
                 timber and salt. The harbour master said that the new crane saves an hour for each of them. Repairs of \
                 the quay go on until the autumn, and the ferry lands at the western stairs."
            )
        })
        .collect();
    let mut edited = lines.clone();
    edited[60] = edited[60].replace("663 ships", "636 ships");
    assert!(lines.iter().map(String::len).sum::<usize>() >= 24_000);
    check("one_number", &texts(&lines), &texts(&edited));
}

fn texts(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

#[test]
fn a_moved_paragraph_with_an_inner_edit() {
    check(
        "moved_paragraph",
        &[
            "Heavy rain fell on the whole coast on Monday.",
            "The talks in the old town hall took longer than everybody had thought.",
            "The host thanked all delegations for their patience.",
        ],
        &[
            "The talks in the old town hall took longer than everybody had thought.",
            "The host thanked all delegations for their patience.",
            "Heavy rain fell on the whole coast on Friday.",
        ],
    );
}

#[test]
fn a_split_paragraph() {
    check(
        "split_paragraph",
        &["The talks began in the morning. They ended late in the evening of the same day.", "Nobody left early."],
        &["The talks began in the morning.", "They ended late in the night of the same day.", "Nobody left early."],
    );
}

#[test]
fn a_reworded_sentence() {
    check(
        "reworded_sentence",
        &["The ministers agreed on a plan for the region, and the host thanked them for their patience."],
        &["The ministers failed to adopt any decision about the region, and the host thanked them for their patience."],
    );
}

#[test]
fn a_table_cell_and_a_new_column() {
    check(
        "table_cell",
        &["Strength of the parties:", "State|Tanks|Guns", "North|12|15", "South|3|4", "All figures are estimates."],
        &["Strength of the parties:", "State|Tanks|Guns", "North|14|15", "South|3|4", "All figures are estimates."],
    );
    check(
        "table_column",
        &["State|Tanks|Guns", "North|12|15", "South|3|4"],
        &["State|Ships|Tanks|Guns", "North|7|12|16", "South|0|3|4"],
    );
}

#[test]
fn a_list_with_items_inserted_and_reordered() {
    check(
        "list",
        &[
            "# Programme",
            "* Opening by the mayor of the old town",
            "* Report of the harbour master on the season",
            "* Dinner",
        ],
        &[
            "# Programme",
            "* Report of the harbour master on the season",
            "* Opening by the mayor of the old town",
            "* Vote on the new crane",
            "* Dinner",
        ],
    );
}

#[test]
fn links_images_date_and_contacts() {
    let old = Document {
        date: Some(ShownDate { text: "21.03.2024".into(), day: None }),
        links: vec![Link { text: "the report".into(), target: "https://example.org/1".into() }],
        images: vec![Image { source: "https://example.org/hall.jpg".into(), alt: "Hall".into() }],
        contacts: vec!["+7 495 795-27-10".into()],
        ..document(&["Read the report."])
    };
    let mut new = old.clone();
    new.title = "Long talks".to_owned();
    new.date = Some(ShownDate { text: "22.03.2024".into(), day: None });
    new.links[0].target = "https://example.org/2".to_owned();
    new.images[0].source = "https://example.org/square.jpg".to_owned();
    new.contacts = vec!["+7 495 795-27-44".into(), "press@example.org".into()];
    insta::assert_snapshot!("links_and_images", forms(&old, &new));
}

#[test]
fn russian_text() {
    check(
        "russian",
        &["Министры встретились в Минске 12 марта и не подписали соглашение.", "> «Мы довольны», — сказал министр."],
        &["Министры встретились в Ереване 14 марта и подписали соглашение.", "> «Мы недовольны», — сказал министр."],
    );
}

#[test]
fn text_from_right_to_left() {
    check(
        "right_to_left",
        &["شارك 25 فريقا في البطولة يوم الاثنين.", "הוועדה לא אישרה את התקציב."],
        &["شارك 52 فريقا في البطولة يوم الاثنين.", "הוועדה אישרה את התקציב."],
    );
}

#[test]
fn a_complete_rewrite() {
    check(
        "rewrite",
        &["The ministers met in the old hall.", "They talked about fish.", "A dinner followed."],
        &["Nobody knows where the delegation is.", "Its plane left at noon, and the airport says nothing."],
    );
}

#[test]
fn hostile_markup() {
    let old = document(&["Read <script>alert(1)</script> & weep", "a|<b onclick=x>|c"]);
    let mut new = document(&[
        "Read <script>alert(2)</script> & \"weep\" </ins></td></table><img src=x onerror='y'>\u{1b}[2J\u{202e}",
        "a|<b onclick=y>\"|c",
    ]);
    new.title = "</title><script>\u{1b}]0;owned\u{7}".to_owned();
    new.links = vec![Link { text: "<i>".into(), target: "javascript:alert(1)".into() }];
    let forms = forms(&old, &new);
    let is_markup = |form: &&str| form.starts_with("page") || form.starts_with("mail as HTML");
    for form in forms.split("==== ").filter(is_markup) {
        for harmful in ["<script", "<img", "<b ", "<i>", "href=\"javascript"] {
            assert!(!form.contains(harmful), "{harmful} in {form}");
        }
    }
    assert!(!forms.contains(['\u{1b}', '\u{202e}']));
    insta::assert_snapshot!("hostile_markup", forms);
}
