//! How long the steps take that a check repeats for every release: reading a page, finding the release on it,
//! hashing, comparing. `benches/README.md` tells how to measure the whole program.

use divan::Bencher;
use divan::counter::BytesCount;
use pressdiff::domain::diff::diff;
use pressdiff::domain::extract::extract;
use pressdiff::domain::meaning::assess;
use pressdiff::domain::model::{Block, BlockKind, Document};
use pressdiff::domain::normalize::content_hash;
use pressdiff::domain::page::Page;
use pressdiff::domain::rule::ExtractionRule;
use pressdiff::domain::template::{Knowledge, Sample, Template};
use url::Url;

fn main() {
    divan::main();
}

const PAGE_BYTES: usize = 60_000;
const TEXT_BYTES: usize = 25_000;

#[divan::bench]
fn read_page(bencher: Bencher<'_, '_>) {
    let (html, url, rule) = (page(0), address(0), ExtractionRule::default());
    bencher.counter(BytesCount::of_str(&html)).bench(|| Page::read(divan::black_box(&html), &url, &rule));
}

#[divan::bench]
fn extract_alone(bencher: Bencher<'_, '_>) {
    let page = read(0);
    let knowledge = Knowledge::default();
    bencher.bench(|| extract(divan::black_box(&page), &knowledge));
}

#[divan::bench]
fn extract_with_template(bencher: Bencher<'_, '_>) {
    let page = read(0);
    let knowledge = learned().knowledge();
    bencher.bench(|| extract(divan::black_box(&page), &knowledge));
}

#[divan::bench]
fn learn_template(bencher: Bencher<'_, '_>) {
    let template = learned();
    bencher.bench(|| divan::black_box(&template).knowledge());
}

#[divan::bench]
fn diff_three_edits(bencher: Bencher<'_, '_>) {
    let (old, new) = edited();
    bencher.bench(|| diff(divan::black_box(&old), divan::black_box(&new)));
}

#[divan::bench]
fn diff_and_assess_three_edits(bencher: Bencher<'_, '_>) {
    let (old, new) = edited();
    bencher.bench(|| assess(&diff(divan::black_box(&old), divan::black_box(&new))));
}

#[divan::bench]
fn hash_document(bencher: Bencher<'_, '_>) {
    let document = document();
    bencher.counter(BytesCount::new(TEXT_BYTES)).bench(|| content_hash(divan::black_box(&document)));
}

fn address(number: usize) -> Url {
    Url::parse(&format!("https://example.org/news/{number}/")).expect("an address")
}

fn read(number: usize) -> Page {
    Page::read(&page(number), &address(number), &ExtractionRule::default()).expect("a page")
}

/// What a source with twenty pages has taught.
fn learned() -> Template {
    let mut template = Template::default();
    for number in 0..20 {
        let page = read(number);
        let core = extract(&page, &Knowledge::default()).core;
        template.learn(&address(number), Sample::of(&page, core), 0);
    }
    template
}

/// Plain paragraphs that differ from page to page.
fn paragraphs(number: usize, bytes: usize) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut length = 0;
    while length < bytes {
        let at = paragraphs.len();
        let (ships, tons) = (number * 37 + at * 11 + 3, number * 101 + at * 7 + 40);
        let paragraph = format!(
            "On day {at} of the season {ships} ships called at pier {number} and landed {tons} tons of grain, timber \
             and salt. The harbour master said that the new crane saves an hour for each of them, \"and nobody misses \
             the old one\". Repairs of the quay go on until the autumn, and the ferry lands at the western stairs."
        );
        length += paragraph.len();
        paragraphs.push(paragraph);
    }
    paragraphs
}

/// A page of which half is text and half is menus, scripts and teasers.
fn page(number: usize) -> String {
    let text = paragraphs(number, PAGE_BYTES / 2).join("</p>\n<p>");
    let items =
        (0..PAGE_BYTES / 2 / 70).map(|at| format!("<li><a href=\"/section/{at}/\">Section number {at}</a></li>"));
    let menu = items.collect::<Vec<_>>().join("\n");
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Season report {number} | Port</title></head><body>\
         <nav><ul>{menu}</ul></nav><main><article><h1>Season report {number}</h1><p class=\"date\">14 May 2026</p>\
         <div class=\"text\"><p>{text}</p></div></article></main><footer>Port, Quay Street 1</footer></body></html>"
    )
}

fn document() -> Document {
    let block = |text: String| Block { kind: BlockKind::Paragraph, text };
    Document {
        title: "Season report".to_owned(),
        blocks: paragraphs(0, TEXT_BYTES).into_iter().map(block).collect(),
        ..Document::default()
    }
}

/// A number, a word and a sentence.
fn edited() -> (Document, Document) {
    let old = document();
    let mut new = old.clone();
    let count = new.blocks.len();
    let edit = |text: &mut String, from: &str, to: &str| *text = text.replacen(from, to, 1);
    edit(&mut new.blocks[count / 4].text, "tons", "barrels");
    edit(&mut new.blocks[count / 2].text, "an hour", "two hours");
    new.blocks[count - 1].text += " The board regrets the delay.";
    (old, new)
}
