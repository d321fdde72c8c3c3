use std::io::Write as _;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use super::*;
use crate::domain::diff::diff;
use crate::domain::model::{Block, BlockKind, Document, Image, Link, ShownDate};

fn document(lines: &[&str]) -> Document {
    let block = |line: &&str| {
        let kind = if line.contains('\t') { BlockKind::TableRow } else { BlockKind::Paragraph };
        Block { kind, text: (*line).to_owned() }
    };
    Document { title: "Talks".into(), blocks: lines.iter().map(block).collect(), ..Document::default() }
}

const PLAIN: TerminalOptions = TerminalOptions { width: 60, color: false, full: false, side_by_side: false };

fn check(old: &[&str], new: &[&str]) -> String {
    terminal(&diff(&document(old), &document(new)), &PLAIN)
}

fn heading() -> Heading {
    Heading {
        title: "Talks <b>now</b>".into(),
        url: "https://a.org/?a=1&b=\"".into(),
        old_label: "version 1".into(),
        new_label: "version 2".into(),
    }
}

/// The page without its head.
fn page(old: &[&str], new: &[&str]) -> String {
    let page = html(&diff(&document(old), &document(new)), &heading());
    page.split_once("<main class=\"one\">").unwrap().1.split_once("</main>").unwrap().0.trim().to_owned()
}

#[test]
fn one_number_in_a_paragraph() {
    let old = [
        "One.",
        "Two.",
        "Three.",
        "The exercise brought together 3,500 soldiers from six states.",
        "Five.",
        "Six.",
        "Seven.",
    ];
    let mut new = old;
    new[3] = "The exercise brought together 4,000 soldiers from six states.";
    assert_snapshot!(check(&old, &new), @r"
      … 2 paragraphs unchanged …
      Three.
    ~ The exercise brought together [-3,500-]{+4,000+} soldiers
    ~ from six states.
      Five.
      … 2 paragraphs unchanged …
    ");
}

#[test]
fn a_moved_paragraph() {
    let old =
        ["Rain fell on the coast.", "A long paragraph that everybody reads.", "Another paragraph about the talks."];
    let new = [old[1], old[2], old[0]];
    assert_snapshot!(check(&old, &new), @r"
      moved down from here:
    < Rain fell on the coast.
      A long paragraph that everybody reads.
      Another paragraph about the talks.
      moved down to here:
    > Rain fell on the coast.
    ");
}

#[test]
fn a_reworded_sentence() {
    let old = ["The ministers agreed on a plan for the region, and the host thanked them for their patience."];
    let new =
        ["The ministers failed to adopt any decision about the region, and the host thanked them for their patience."];
    assert_snapshot!(check(&old, &new), @r"
    ~ The ministers [-agreed on a plan for-]{+failed to adopt
    ~ any decision about+} the region, and the host thanked them
    ~ for their patience.
    ");
}

#[test]
fn a_table_cell() {
    let (old, new) = (["State\tTanks\tGuns", "North\t12\t15"], ["State\tTanks\tGuns", "North\t14\t15"]);
    assert_snapshot!(check(&old, &new), @r"
      State | Tanks | Guns
    ~ North | [-12-]{+14+} | 15
    ");
}

#[test]
fn russian_text() {
    let old = ["Министры встретились в Минске 12 марта и не подписали соглашение."];
    let new = ["Министры встретились в Ереване 14 марта и подписали соглашение."];
    assert_snapshot!(check(&old, &new), @r"
    ~ Министры встретились в [-Минске 12-]{+Ереване 14+} марта и
    ~ [-не -]подписали соглашение.
    ");
}

#[test]
fn hostile_markup_is_escaped() {
    let old = ["Read <script>alert(1)</script> & weep"];
    let new = ["Read <script>alert(2)</script> & \"weep\" </ins><img src=x onerror='y'>"];
    assert_snapshot!(page(&old, &new), @r#"<p id="b0" class="changed" dir="auto">Read &lt;script&gt;alert(<del>1</del><ins>2</ins>)&lt;/script&gt; &amp; <ins>&quot;</ins>weep<ins>&quot; &lt;/ins&gt;&lt;img src=x onerror=&#39;y&#39;&gt;</ins></p>"#);
    let whole = html(&diff(&document(&old), &document(&new)), &heading());
    assert!(!whole.contains("<script") && !whole.contains("<img") && !whole.contains("<b>"));
    assert!(whole.contains("href=\"https://a.org/?a=1&amp;b=&quot;\""));
    let evil = Heading { url: "javascript:alert(1)".into(), ..heading() };
    assert!(!html(&diff(&document(&old), &document(&new)), &evil).contains("href=\"javascript"));
}

#[test]
fn escape_sequences_do_not_reach_the_terminal() {
    let mut old = document(&["Safe \u{1b}[31mred\u{1b}[0m text\u{7}", "costs 5"]);
    old.title = "One\u{1b}]0;owned\u{7}".into();
    let mut new = document(&["Safe \u{1b}[32mgreen\u{202e} text\u{9b}", "costs 6\r\n\u{8}"]);
    new.title = "Two\u{1b}[2J".into();
    new.contacts = vec!["Call\u{1b}[5m".into()];
    let text = terminal(&diff(&old, &new), &PLAIN);
    assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
    assert!(!text.contains('\u{202e}'));
    assert!(plain_text(&new).chars().all(|character| character == '\n' || !character.is_control()));
}

fn full_pair() -> (Document, Document) {
    let old = Document {
        date: Some(ShownDate { text: "21.03.2024".into(), day: None }),
        links: vec![Link { text: "the report".into(), target: "https://a.org/1".into() }],
        images: vec![Image { source: "https://a.org/photo.jpg".into(), alt: "Hall".into() }],
        contacts: vec!["+7 495 795-27-10".into()],
        ..document(&["Read the report.", "It costs 5 euros."])
    };
    let mut new = old.clone();
    new.title = "Long talks".into();
    new.date = Some(ShownDate { text: "22.03.2024".into(), day: None });
    new.links[0].target = "https://a.org/2".into();
    new.images.clear();
    new.contacts.push("press@a.org".into());
    new.blocks[1].text = "It costs 6 euros.".into();
    (old, new)
}

#[test]
fn every_field_has_its_line() {
    let (old, new) = full_pair();
    assert_snapshot!(terminal(&diff(&old, &new), &PLAIN), @r#"
    Title:    [-Talks-]{+Long talks+}
    Date:     [-21.03.2024-] {+22.03.2024+}
    Links:    "the report" [-<https://a.org/1>-]
    {+<https://a.org/2>+}
    Images:   [-"Hall" <https://a.org/photo.jpg>-]
    Contacts: {+press@a.org+}

      Read the report.
    ~ It costs [-5-]{+6+} euros.
    "#);
    assert_snapshot!(headline_rows(&html(&diff(&old, &new), &heading())), @r#"
    <dt>Title</dt><dd dir="auto"><del>Talks</del><ins>Long talks</ins></dd>
    <dt>Date</dt><dd dir="auto"><del>21.03.2024</del> <ins>22.03.2024</ins></dd>
    <dt>Link</dt><dd dir="auto">“the report” <del>https://a.org/1</del> <ins>https://a.org/2</ins></dd>
    <dt>Picture</dt><dd dir="auto"><del>“Hall” https://a.org/photo.jpg</del></dd>
    <dt>Contact</dt><dd dir="auto"><ins>press@a.org</ins></dd>
    "#);
}

fn headline_rows(page: &str) -> &str {
    page.split_once("<dl>").unwrap().1.split_once("</dl>").unwrap().0.trim()
}

#[test]
fn colours_replace_the_brackets() {
    let options = TerminalOptions { color: true, ..PLAIN };
    let text = terminal(&diff(&document(&["It costs 5 euros."]), &document(&["It costs 6 euros."])), &options);
    assert_eq!(text, "~ It costs \u{1b}[9;31m5\u{1b}[0m\u{1b}[1;32m6\u{1b}[0m euros.\n");
}

#[test]
fn lines_fit_the_terminal() {
    let sentence = "Many words that go on and on in one long paragraph ";
    let (old, new) = (sentence.repeat(5), format!("{} 会议会议会议 {}", sentence.repeat(3), sentence.repeat(3)));
    let options = TerminalOptions { width: 40, ..PLAIN };
    let text = terminal(&diff(&document(&[&old]), &document(&[&new])), &options);
    assert!(text.lines().all(|line| wrap::display_width(line) <= 40), "{text}");
    let full = terminal(&diff(&document(&[&old]), &document(&[&old])), &TerminalOptions { full: true, ..options });
    assert!(full.contains("Many words"));
}

#[test]
fn a_unified_diff_can_be_applied() {
    let (old, new) = full_pair();
    let patch = unified(&old, &new, "version 1", "version 2");
    assert_snapshot!(patch, @r"
    --- version 1
    +++ version 2
    @@ -1,9 +1,9 @@
    -Title: Talks
    -Date: 21.03.2024
    +Title: Long talks
    +Date: 22.03.2024
     
     Read the report.
    -It costs 5 euros.
    +It costs 6 euros.
     
    -Link: the report <https://a.org/1>
    -Image: Hall <https://a.org/photo.jpg>
    +Link: the report <https://a.org/2>
     Contact: +7 495 795-27-10
    +Contact: press@a.org
    ");
    assert_eq!(unified(&old, &old, "a", "b"), "");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("text"), plain_text(&old)).unwrap();
    let Ok(mut child) = Command::new("patch")
        .arg("text")
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
    else {
        return;
    };
    child.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read_to_string(folder.path().join("text")).unwrap(), plain_text(&new));
}

#[test]
fn json_is_for_programs() {
    let value = json(&diff(&document(&["It costs 5."]), &document(&["It costs 6."])));
    assert_snapshot!(serde_json::to_string(&value).unwrap(), @r#"{"blocks":[{"edit":"changed","kind":"paragraph","spans":[{"kind":"equal","text":"It costs "},{"kind":"removed","text":"5"},{"kind":"added","text":"6"},{"kind":"equal","text":"."}]}],"coarse":false,"contacts":[],"date":null,"fields":["body"],"images":[],"links":[],"schema":1,"title":null}"#);
}

#[test]
fn columns_fit_the_terminal() {
    let address = format!("https://a.org/{}", "long/".repeat(20));
    let old =
        format!("Many words that go on and on in one long paragraph about {address} and 会议会议会议会议会议会议会议.");
    let new = old.replace("Many", "Few").replace("会议会", "会会议");
    let options = TerminalOptions { side_by_side: true, width: 60, ..PLAIN };
    let change = diff(&document(&["Same.", &old]), &document(&["Same.", &new]));
    for color in [false, true] {
        let text = terminal(&change, &TerminalOptions { color, ..options });
        assert!(text.lines().all(|line| wrap::visible_width(line) <= 60), "{text}");
    }
}

#[test]
fn chinese_lines_break_between_characters() {
    let (old, new) = ("会议结束了，双方发表声明。".repeat(8), "会议开始了，双方发表声明。".repeat(8));
    let text = check(&[&old], &[&new]);
    assert!(text.lines().all(|line| wrap::display_width(line) <= 60), "{text}");
    assert!(text.lines().all(|line| !line.trim_start_matches("~ ").starts_with(['，', '。'])), "{text}");
}

#[test]
fn long_unchanged_passages_are_left_out() {
    let text = |number: u32| {
        format!("{}It costs {number} euros. {}", "Words go on. ".repeat(400), "Words go on. ".repeat(400))
    };
    let change = diff(&document(&[&text(5)]), &document(&[&text(6)]));
    let short = terminal(&change, &PLAIN);
    assert!(short.contains(" … ") && short.contains("[-5-]{+6+}") && short.len() < 800, "{short}");
    assert!(terminal(&change, &TerminalOptions { full: true, ..PLAIN }).len() > 10_000);
}

#[test]
fn a_long_change_is_cut_in_a_mail_and_says_so() {
    let lines = |extra: &str| {
        (0..180).map(|line| format!("Sentence number {line} tells {extra} of the harbour.")).collect::<Vec<_>>()
    };
    let strs = |lines: &[String]| document(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let change = diff(&strs(&lines("this")), &strs(&lines("that")));
    for mail in [mail_html(&change, &heading()), mail_text(&change, &heading())] {
        assert!(mail.contains("more changes are not shown here. All of them: pressdiff diff https://a.org/"), "{mail}");
        assert!(mail.contains("number 0 ") && !mail.contains("number 179 ") && mail.len() < 60_000);
    }
    let short = diff(&document(&["It costs 5."]), &document(&["It costs 6."]));
    assert!(!mail_text(&short, &heading()).contains("not shown"));
    let huge = diff(&document(&["one"]), &document(&[&"word ".repeat(100_000)]));
    assert!(mail_html(&huge, &heading()).len() < 10_000);
}
