//! How long it takes to compare two documents and to judge the change, each beside the plain word diff of `similar`
//! on the same texts, which finds neither moves nor tables nor cells and stops after [`DEADLINE`].
//! With arguments such as `once unrelated` it makes one comparison and ends, to measure memory: see
//! `benches/README.md`.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use divan::Bencher;
use pressdiff::domain::diff::diff;
use pressdiff::domain::meaning::assess;
use pressdiff::domain::model::{Block, BlockKind, Document};
use similar::{Algorithm, TextDiff};

const DEADLINE: Duration = Duration::from_secs(2);
const CASES: [&str; 6] = [
    "three_edits_25_kb",
    "one_percent_1_mb",
    "unrelated_1_mb",
    "one_block_1_mb",
    "repetition_1_mb",
    "tiny_blocks_1_mb",
];

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "once").skip(1);
    let Some(case) = arguments.next() else { return divan::main() };
    let (old, new) = pair(&case);
    let started = Instant::now();
    let plain = arguments.next().is_some_and(|with| with == "similar");
    let size = if plain { words_of(&text(&old), &text(&new)) } else { diff(&old, &new).blocks.len() };
    divan::black_box((size, started));
}

#[divan::bench(args = CASES, sample_count = 5, sample_size = 1)]
fn compare(bencher: Bencher<'_, '_>, case: &str) {
    let (old, new) = pair(case);
    bencher.bench(|| diff(divan::black_box(&old), divan::black_box(&new)));
}

#[divan::bench(args = CASES, sample_count = 5, sample_size = 1)]
fn compare_and_judge(bencher: Bencher<'_, '_>, case: &str) {
    let (old, new) = pair(case);
    bencher.bench(|| assess(&diff(divan::black_box(&old), divan::black_box(&new))));
}

#[divan::bench(args = CASES, sample_count = 5, sample_size = 1)]
fn words_by_similar(bencher: Bencher<'_, '_>, case: &str) {
    let (old, new) = pair(case);
    let (old, new) = (text(&old), text(&new));
    bencher.bench(|| words_of(divan::black_box(&old), divan::black_box(&new)));
}

fn words_of(old: &str, new: &str) -> usize {
    TextDiff::configure().algorithm(Algorithm::Myers).timeout(DEADLINE).diff_unicode_words(old, new).ops().len()
}

fn text(document: &Document) -> String {
    document.blocks.iter().fold(String::new(), |mut text, block| {
        let _ = writeln!(text, "{}", block.text);
        text
    })
}

fn pair(case: &str) -> (Document, Document) {
    const MB: usize = 1 << 20;
    match case {
        "three_edits_25_kb" => edited(25_000, 3),
        "one_percent_1_mb" => edited(MB, MB / 600),
        "unrelated_1_mb" => (document(paragraphs(MB, 1)), document(paragraphs(MB, 2))),
        "one_block_1_mb" => (document(vec![words(MB, 1)]), document(vec![words(MB, 2)])),
        // A few words in many orders have many ways to be aligned.
        "repetition_1_mb" => (document(repetition(MB, 3)), document(repetition(MB, 5))),
        "tiny_blocks_1_mb" => (document(tiny(MB, 3)), document(tiny(MB, 5))),
        _ => panic!("no case {case}"),
    }
}

fn document(texts: Vec<String>) -> Document {
    let block = |text| Block { kind: BlockKind::Paragraph, text };
    Document { blocks: texts.into_iter().map(block).collect(), ..Document::default() }
}

/// Numbers that look random and are the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn words(bytes: usize, seed: u64) -> String {
    let mut noise = Noise(seed);
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        let _ = write!(
            text,
            "{}{} ",
            ["ship", "quay", "crane", "town", "fee"][usize::try_from(noise.next(5)).unwrap_or(0)],
            noise.next(9_000)
        );
        if noise.next(12) == 0 {
            text.push_str("ended. ");
        }
    }
    text
}

fn paragraphs(bytes: usize, seed: u64) -> Vec<String> {
    (0..bytes as u64 / 600).map(|number| words(600, seed * 1_000_003 + number)).collect()
}

/// A text of which so many words are others.
fn edited(bytes: usize, edits: usize) -> (Document, Document) {
    let old = paragraphs(bytes, 7);
    let mut new = old.clone();
    let count = new.len();
    for edit in 0..edits {
        let text = &mut new[edit * 37 % count];
        *text = text.replacen("ended", "began", 1).replacen("ship", "boat", 1);
    }
    (document(old), document(new))
}

fn repetition(bytes: usize, seed: u64) -> Vec<String> {
    let mut noise = Noise(seed);
    let word = |number| ["yes ", "no ", "and "][usize::try_from(number).unwrap_or(0)];
    (0..bytes / 4_000).map(|_| (0..1_100).map(|_| word(noise.next(3))).collect()).collect()
}

fn tiny(bytes: usize, seed: u64) -> Vec<String> {
    let mut noise = Noise(seed);
    (0..bytes / 4).map(|_| format!("w{}", noise.next(50))).collect()
}
