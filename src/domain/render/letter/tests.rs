use chrono::DateTime;
use proptest::prelude::*;

use super::subject::shorten;
use super::*;
use crate::domain::message::{MessageId, Notice};
use crate::domain::model::{Addressee, Event, EventId, EventKind, Reason, RecordedEvent, Significance, SourceId};
use crate::domain::render::is_harmful;

fn told(kind: EventKind, title: &str, source: &str) -> Told {
    let event = Event {
        at: DateTime::UNIX_EPOCH,
        kind,
        source: SourceId("harbour".into()),
        url: Url::parse("https://example.org/news/1/").unwrap(),
        old_url: None,
        title: title.to_owned(),
        fields: Vec::new(),
        significance: Significance::Major,
        reasons: vec![Reason::Number, Reason::Date, Reason::Name, Reason::Quote],
        summary: "the site does not answer".to_owned(),
        old_version: None,
        new_version: None,
        explanation: String::new(),
        evidence: Vec::new(),
        release: None,
    };
    let events = vec![RecordedEvent { id: EventId(1), event }];
    Told { events, source_name: source.to_owned(), change: None, thread: "1".into() }
}

fn write(content: Content) -> Letter {
    let addressee = Addressee { alert: "desk".into(), recipient: "ada@example.org".into() };
    let message = Message {
        id: MessageId(1),
        key: "1".into(),
        addressee,
        content,
        created_at: DateTime::UNIX_EPOCH,
        attempts: 1,
    };
    letter(&message, None)
}

fn subject_of(told: Told) -> String {
    write(Content::Event(Box::new(told))).subject
}

#[test]
fn a_subject_names_kind_reasons_title_and_source() {
    let edited = subject_of(told(EventKind::Edited, "A new pier", "CSTO"));
    assert_eq!(edited, "edited (number, date, name, …): A new pier [CSTO]");
    assert_eq!(subject_of(told(EventKind::Removed, "A new pier", "CSTO")), "removed: A new pier [CSTO]");
    assert_eq!(subject_of(told(EventKind::New, "", "CSTO")), "new: https://example.org/news/1/ [CSTO]");
}

#[test]
fn a_subject_of_many_counts_and_names_the_first_sources() {
    let source = |name| told(EventKind::Edited, "A", name);
    let told =
        vec![told(EventKind::Removed, "B", "One"), source("One"), source("Two"), source("Three"), source("Four")];
    let summary = |occasion| write(Content::Summary { occasion, told: told.clone() }).subject;
    assert_eq!(summary(Occasion::Digest), "4 edited, 1 removed [One, Two, Three, …]");
    assert_eq!(summary(Occasion::QuietHours), "4 edited, 1 removed in the quiet hours [One, Two, Three, …]");
}

#[test]
fn titles_are_cut_between_words_and_never_within_a_character() {
    assert_eq!(shorten("one two three", 13), "one two three");
    assert_eq!(shorten("one two three", 12), "one two…");
    assert_eq!(shorten("Grüße aus dem Hafen", 8), "Grüße…");
    assert_eq!(shorten("e\u{301}e\u{301}e\u{301}", 4), "e\u{301}…");
}

#[test]
fn what_an_explanation_says_is_not_said_twice() {
    let mut removed = told(EventKind::Removed, "A", "B");
    removed.events[0].event.summary = "removed: the address answers 404".into();
    removed.events[0].event.explanation = "the address answers 404, in 2 checks".into();
    let text = write(Content::Event(Box::new(removed))).text;
    assert_eq!(text.matches("nswers 404").count(), 1, "{text}");
    assert!(text.contains("\nThe address answers 404, in 2 checks.\n"), "{text}");
}

proptest! {
    #[test]
    fn every_title_makes_a_short_harmless_subject_and_text(title in any::<String>(), source in any::<String>()) {
        let letter = write(Content::Event(Box::new(told(EventKind::Edited, &title, &source))));
        prop_assert!(letter.subject.chars().count() <= 160);
        prop_assert!(!letter.subject.contains(is_harmful) && !letter.subject.contains("=?"));
        prop_assert!(!letter.text.contains(|character: char| is_harmful(character) && character != '\n'));
        prop_assert!(!letter.html.contains("<script"));
    }

    #[test]
    fn every_notice_can_be_read(alert in any::<String>(), error in any::<String>()) {
        let notice = Notice::ChannelFailing { alert, since: DateTime::UNIX_EPOCH, waiting: 1, error };
        let letter = write(Content::Notice(notice));
        prop_assert!(!letter.subject.contains(is_harmful) && letter.subject.chars().count() <= MOST_OF_SUBJECT);
        prop_assert!(letter.text.lines().count() > 5);
    }
}

const MOST_OF_SUBJECT: usize = 160;
