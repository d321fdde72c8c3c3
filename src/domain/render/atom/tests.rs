use insta::assert_snapshot;
use url::Url;

use super::*;
use crate::domain::diff::diff;
use crate::domain::model::{Block, BlockKind, Document, EventId, Field, Reason, Significance, SourceId};

fn event(title: &str) -> RecordedEvent {
    let event = Event {
        at: at(),
        kind: EventKind::Edited,
        source: SourceId("harbour".into()),
        url: Url::parse("https://example.org/news/?a=1&b=2").unwrap(),
        old_url: None,
        title: title.into(),
        fields: vec![Field::Body],
        significance: Significance::Major,
        reasons: vec![Reason::Number, Reason::SentenceAdded],
        summary: "“12” became “14”".into(),
        old_version: Some(1),
        new_version: Some(2),
        explanation: "Both fetches have it.".into(),
        evidence: Vec::new(),
        release: None,
    };
    RecordedEvent { id: EventId(17), event }
}

fn at() -> DateTime<Utc> {
    "2026-11-21T10:15:00.25Z".parse().unwrap()
}

fn feed(events: &[RecordedEvent], content: &str, source_name: &str) -> String {
    render(events, content, source_name, None)
}

fn render(events: &[RecordedEvent], content: &str, source_name: &str, pages: Option<&str>) -> String {
    let entries = events.iter().map(|event| {
        let id = permanent_id("a1b2", &format!("event {}", event.id));
        let review_url = pages.map(|pages| format!("{pages}/events/{}", event.id));
        AtomEntry { id, event, source_name, review_url, content }
    });
    render_atom(&AtomFeed {
        id: permanent_id("a1b2", "feed all.atom"),
        title: format!("pressdiff: {source_name}"),
        self_url: Some("https://desk.example/feeds/all.atom"),
        page_url: pages,
        updated: at(),
        entries: entries.collect(),
    })
}

fn parse(text: &str) -> feed_rs::model::Feed {
    feed_rs::parser::parse(text.as_bytes()).unwrap()
}

#[test]
fn an_entry_says_what_happened() {
    assert_snapshot!(feed(&[event("Berths")], "<p>12 &amp; 14</p>\n", "Harbour"), @r#"
    <?xml version="1.0" encoding="utf-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom">
    <id>urn:uuid:d102baca-3ce7-846e-a67f-e33a5c67f089</id>
    <title>pressdiff: Harbour</title>
    <updated>2026-11-21T10:15:00Z</updated>
    <author><name>pressdiff</name></author>
    <generator version="0.1.0">pressdiff</generator>
    <link rel="self" type="application/atom+xml" href="https://desk.example/feeds/all.atom"/>
    <entry>
    <id>urn:uuid:86770f86-bf68-8a3b-9709-fa5c9c30b3de</id>
    <title>edited (number, sentence-added): Berths [Harbour]</title>
    <updated>2026-11-21T10:15:00Z</updated>
    <published>2026-11-21T10:15:00Z</published>
    <author><name>Harbour</name></author>
    <link rel="alternate" type="text/html" href="https://example.org/news/?a=1&amp;b=2"/>
    <category scheme="pressdiff:kind" term="edited"/>
    <category scheme="pressdiff:significance" term="major"/>
    <category scheme="pressdiff:source" term="harbour"/>
    <category scheme="pressdiff:reason" term="number"/>
    <category scheme="pressdiff:reason" term="sentence-added"/>
    <category scheme="pressdiff:field" term="body"/>
    <summary>“12” became “14”</summary>
    <content type="html">&lt;p&gt;12 &amp;amp; 14&lt;/p&gt;
    </content>
    </entry>
    </feed>
    "#);
}

#[test]
fn ids_are_permanent_and_their_own() {
    let id = permanent_id("a1b2", "event 17");
    assert_eq!(id, permanent_id("a1b2", "event 17"));
    assert_eq!((&id[9..10].len(), id.len(), &id[23..24]), (&1, 45, "8"), "{id}");
    for other in [permanent_id("a1b3", "event 17"), permanent_id("a1b2", "event 18")] {
        assert_ne!(id, other);
    }
}

#[test]
fn a_hostile_title_is_only_text() {
    let title = "</title><script>alert(1)</script>]]>&bogus;\u{0}\u{b}\u{1b}[2J\u{fffe}\u{202e}\r\nnext\u{85}";
    let text = feed(&[event(title)], &entry_html(&event(title).event, None), title);
    assert!(!text.contains("<script"), "{text}");
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
    let entry = &parse(&text).entries[0];
    let shown = entry.title.as_ref().unwrap().content.as_str();
    assert_eq!(
        shown,
        "edited (number, sentence-added): </title><script>alert(1)</script>]]>&bogus; [2J next [</title><script>alert(1)</script>]]>&bogus; [2J next]"
    );
}

#[test]
fn a_change_is_shown_without_anything_that_runs() {
    let document = |text: &str| Document {
        title: "Berths".into(),
        blocks: vec![Block { kind: BlockKind::Paragraph, text: text.into() }],
        ..Document::default()
    };
    let change = diff(&document("12 <script>x</script> berths."), &document("14 <script>x</script> berths.\u{0}"));
    let text = feed(&[event("Berths")], &entry_html(&event("Berths").event, Some(&change)), "Harbour");
    let feed = parse(&text);
    let content = feed.entries[0].content.as_ref().unwrap();
    let html = content.body.as_ref().unwrap();
    assert_eq!(content.content_type.essence().to_string(), "text/html");
    assert!(html.contains(">12</del>") && html.contains(">14</ins>") && !html.contains("<script"), "{html}");
    assert!(html.contains("version 1</") || html.contains("version 1 became version 2"), "{html}");
    assert!(html.contains("Both fetches have it."), "{html}");
}

#[test]
fn an_entry_leads_to_its_review_and_to_the_site() {
    let text = render(&[event("Berths")], &"y".repeat(MOST_IN_ENTRY + 1), "Harbour", Some("https://desk.example"));
    let feed = parse(&text);
    let links = |links: &[feed_rs::model::Link]| -> Vec<(String, String)> {
        links.iter().map(|link| (link.rel.clone().unwrap_or_default(), link.href.clone())).collect()
    };
    assert_eq!(links(&feed.links)[1], ("alternate".into(), "https://desk.example/".into()));
    assert_eq!(
        links(&feed.entries[0].links),
        [
            ("alternate".into(), "https://desk.example/events/17".into()),
            ("related".into(), "https://example.org/news/?a=1&b=2".into())
        ]
    );
    assert!(text.contains("here: &lt;a href=&quot;https://desk.example/events/17"), "{text}");
}

#[test]
fn a_feed_has_bounds() {
    let long = event(&"x".repeat(10_000));
    assert!(parse(&feed(&[long], "", "Harbour")).entries[0].title.as_ref().unwrap().content.len() < 400);
    let huge = "<p>y</p>".repeat(MOST_IN_ENTRY / 8 + 1);
    let text = feed(&[event("Berths")], &huge, "Harbour");
    assert!(text.len() < 5_000 && text.contains("pressdiff diff 17"), "{text}");
    let events = vec![event("Berths"); 100];
    let text = feed(&events, &huge[..MOST_IN_ENTRY / 3], "Harbour");
    let whole = text.matches("<content type=\"html\">&lt;p&gt;y").count();
    assert!(text.len() < MOST_CONTENT + 200_000 && (30..100).contains(&whole), "{} {whole}", text.len());
    assert_eq!(parse(&text).entries.len(), 100);
}
