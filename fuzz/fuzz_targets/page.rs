//! Bytes of an answer to a document, as `track` reads it. The first byte chooses the Content-Type.
#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use pressdiff::domain::diff::diff;
use pressdiff::domain::model::Fetched;
use pressdiff::domain::normalize::{clean_text, content_hash};
use pressdiff::domain::rule::ExtractionRule;
use pressdiff::domain::template::Knowledge;
use pressdiff::track::{Reading, read};
use url::Url;

const TYPES: [&str; 5] =
    ["text/html", "text/html; charset=utf-8", "text/html; charset=shift_jis", "text/plain", "application/pdf"];

fn reading(fetched: &Fetched) -> Option<Reading> {
    read(fetched, &ExtractionRule::default(), &Knowledge::default()).ok()
}

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let url = Url::parse("https://example.org/news/2026/harbour-opens/").unwrap();
    let content_type = TYPES[usize::from(*first) % TYPES.len()].to_owned();
    let fetched = Fetched {
        final_url: url.clone(),
        url,
        redirects: Vec::new(),
        status: 200,
        headers: vec![("content-type".to_owned(), content_type)],
        body: body.to_vec().into(),
        fetched_at: DateTime::UNIX_EPOCH,
    };
    let Some(one) = reading(&fetched) else { return };
    let other = reading(&fetched).expect("what was read once is read again");
    let (one, page, other) = (one.extraction.document, one.page, other.extraction.document);
    assert_eq!(content_hash(&one), content_hash(&other));
    assert!(diff(&one, &other).is_empty());
    for line in &page.lines {
        let _ = (line.linked(), line.own_words());
        assert!(line.spans.iter().all(|span| line.text.get(span.clone()).is_some()));
    }
    for block in &one.blocks {
        // A tab divides the cells of a row.
        assert!(block.text.split('\t').all(|cell| clean_text(cell) == cell), "{:?}", block.text);
    }
});
