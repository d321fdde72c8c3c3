//! What an alert is about: every part of a filter has to let an event through.

use super::texts::{Keyword, Texts};
use crate::domain::model::{Event, EventKind, Reason, Significance, SourceId};

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Sources that it is about; all when empty.
    pub sources: Vec<SourceId>,
    /// Kinds that it is about; all when empty.
    pub kinds: Vec<EventKind>,
    /// Least significance.
    pub min_significance: Significance,
    /// Reasons, one of which the event has; any event when empty.
    pub reasons: Vec<Reason>,
    /// Words or phrases, one of which is named; any event when empty.
    pub keywords: Vec<String>,
    /// Where they are looked for.
    pub keywords_in: KeywordPlace,
}

/// Where keywords are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeywordPlace {
    /// In title, summary and the words that changed.
    Change,
    /// Anywhere in the release, before or after.
    Release,
}

impl Default for Filter {
    /// Lets everything through.
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            kinds: Vec::new(),
            min_significance: Significance::Minor,
            reasons: Vec::new(),
            keywords: Vec::new(),
            keywords_in: KeywordPlace::Change,
        }
    }
}

impl Filter {
    /// Whether every part lets the event through. `texts` are asked for only where keywords decide.
    pub fn wants(&self, event: &Event, texts: &Texts) -> bool {
        self.may_want(event) && (self.keywords.is_empty() || self.names_a_keyword(event, texts))
    }

    /// Whether keywords decide, and beside title and summary the texts of the release have to be looked at.
    pub fn needs_texts(&self, event: &Event) -> bool {
        !self.keywords.is_empty() && self.may_want(event) && !self.names_a_keyword(event, &Texts::default())
    }

    fn may_want(&self, event: &Event) -> bool {
        (self.sources.is_empty() || self.sources.contains(&event.source))
            && (self.kinds.is_empty() || self.kinds.contains(&event.kind))
            && event.significance >= self.min_significance
            && (self.reasons.is_empty() || self.reasons.iter().any(|reason| event.reasons.contains(reason)))
    }

    fn names_a_keyword(&self, event: &Event, texts: &Texts) -> bool {
        let anywhere = self.keywords_in == KeywordPlace::Release;
        let keywords = self.keywords.iter().map(|keyword| Keyword::new(keyword));
        keywords.into_iter().any(|keyword| keyword.is_named_by(event) || texts.have(&keyword, anywhere))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use chrono::DateTime;
    use url::Url;

    use super::*;

    pub(in crate::domain::route) fn event() -> Event {
        Event {
            at: DateTime::UNIX_EPOCH,
            kind: EventKind::Edited,
            source: SourceId("harbour".into()),
            url: Url::parse("https://example.org/news/1/").unwrap(),
            old_url: None,
            title: "The Pilots’ Office opens in Łódź".into(),
            fields: Vec::new(),
            significance: Significance::Major,
            reasons: vec![Reason::Number],
            summary: "“40 berths” became “45 berths”; 港口开放".into(),
            old_version: Some(1),
            new_version: Some(2),
            explanation: String::new(),
            evidence: Vec::new(),
            release: None,
        }
    }

    fn source(id: &str) -> SourceId {
        SourceId(id.into())
    }

    #[test]
    fn each_filter_can_refuse_and_all_have_to_agree() {
        let table = [
            (Filter { sources: vec![source("port"), source("harbour")], ..Filter::default() }, true),
            (Filter { sources: vec![source("port")], ..Filter::default() }, false),
            (Filter { kinds: vec![EventKind::New, EventKind::Edited], ..Filter::default() }, true),
            (Filter { kinds: vec![EventKind::Removed], ..Filter::default() }, false),
            (Filter { min_significance: Significance::Major, ..Filter::default() }, true),
            (Filter { reasons: vec![Reason::Link, Reason::Number], ..Filter::default() }, true),
            (Filter { reasons: vec![Reason::Link], ..Filter::default() }, false),
            (Filter { keywords: vec!["whale".into()], ..Filter::default() }, false),
            (Filter { keywords: vec!["whale".into(), "berths".into()], ..Filter::default() }, true),
            (Filter { sources: vec![source("harbour")], kinds: vec![EventKind::Site], ..Filter::default() }, false),
        ];
        for (filter, wanted) in table {
            assert_eq!(filter.wants(&event(), &Texts::default()), wanted, "{filter:?}");
        }
        let minor = Event { significance: Significance::Minor, ..event() };
        assert!(
            !Filter { min_significance: Significance::Major, ..Filter::default() }.wants(&minor, &Texts::default())
        );
        assert!(Filter::default().wants(&minor, &Texts::default()));
    }

    #[test]
    fn keywords_are_whole_words_in_any_case_and_spelling() {
        let table = [
            ("PILOTS", true),
            ("pilot", false),
            ("pilots' office", true),
            ("office pilots", false),
            ("łódź", true),
            ("Lo\u{301}dz", false),
            ("45 berths", true),
            ("5 berths", false),
            ("开放", true),
            ("关闭", false),
            ("\"45", true),
            ("…", false),
            (";", true),
            ("  ", false),
        ];
        for (keyword, wanted) in table {
            let filter = Filter { keywords: vec![keyword.into()], ..Filter::default() };
            assert_eq!(filter.wants(&event(), &Texts::default()), wanted, "{keyword}");
        }
    }
}
