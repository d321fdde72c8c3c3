//! Who is told of an event: every alert whose filters all let it through, once for each of its recipients. How
//! they are told is `notify`'s affair; what is filtered out here is in the record all the same.

use unicode_segmentation::UnicodeSegmentation;

use crate::domain::model::{Addressee, Event, EventKind, Significance, SourceId};
use crate::domain::normalize::canonical_text;

/// What one `[[alert]]` of the configuration wants to hear of, and who hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Name of the alert.
    pub alert: String,
    /// Mail addresses, or the one file of a log, `-` for standard output.
    pub recipients: Vec<String>,
    /// Sources that it is about; all when empty.
    pub sources: Vec<SourceId>,
    /// Kinds that it is about; all when empty.
    pub kinds: Vec<EventKind>,
    /// Least significance.
    pub min_significance: Significance,
    /// Words or phrases, one of which stands in the title or the summary; any event when empty.
    pub keywords: Vec<String>,
}

/// Everybody who is told of an event, in the order of the alerts.
///
/// Somebody whom two alerts name is told by both: one of them may be a digest of what the other tells at once.
pub fn addressees(event: &Event, alerts: &[Subscription]) -> Vec<Addressee> {
    let mut addressees: Vec<Addressee> = Vec::new();
    for subscription in alerts.iter().filter(|subscription| subscription.wants(event)) {
        for recipient in &subscription.recipients {
            let addressee = Addressee { alert: subscription.alert.clone(), recipient: recipient.clone() };
            if !addressees.contains(&addressee) {
                addressees.push(addressee);
            }
        }
    }
    addressees
}

impl Subscription {
    /// Whether all filters let the event through.
    pub fn wants(&self, event: &Event) -> bool {
        (self.sources.is_empty() || self.sources.contains(&event.source))
            && (self.kinds.is_empty() || self.kinds.contains(&event.kind))
            && event.significance >= self.min_significance
            && self.names_a_keyword(event)
    }

    fn names_a_keyword(&self, event: &Event) -> bool {
        if self.keywords.is_empty() {
            return true;
        }
        let texts = [folded(&event.title), folded(&event.summary)];
        self.keywords
            .iter()
            .map(|keyword| folded(keyword))
            .any(|keyword| texts.iter().any(|text| stands_in(&keyword, text)))
    }
}

/// Text as keywords are compared with it.
fn folded(text: &str) -> String {
    canonical_text(text).to_lowercase()
}

/// Whether a keyword stands in a text as whole words in a row. Scripts without spaces are words of one character,
/// so there it may stand anywhere; a keyword without letters, such as a currency sign, is looked for as it is.
fn stands_in(keyword: &str, text: &str) -> bool {
    let wanted: Vec<&str> = keyword.unicode_words().collect();
    if wanted.is_empty() {
        return !keyword.is_empty() && text.contains(keyword);
    }
    let words: Vec<&str> = text.unicode_words().collect();
    words.windows(wanted.len()).any(|row| row == wanted)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use url::Url;

    use super::*;

    fn event() -> Event {
        Event {
            at: DateTime::UNIX_EPOCH,
            kind: EventKind::Edited,
            source: SourceId("harbour".into()),
            url: Url::parse("https://example.org/news/1/").unwrap(),
            old_url: None,
            title: "The Pilots’ Office opens in Łódź".into(),
            fields: Vec::new(),
            significance: Significance::Major,
            reasons: Vec::new(),
            summary: "“40 berths” became “45 berths”; 港口开放".into(),
            old_version: Some(1),
            new_version: Some(2),
            explanation: String::new(),
            evidence: Vec::new(),
            release: None,
        }
    }

    fn everything() -> Subscription {
        Subscription {
            alert: "desk".into(),
            recipients: vec!["desk@example.org".into()],
            sources: Vec::new(),
            kinds: Vec::new(),
            min_significance: Significance::Minor,
            keywords: Vec::new(),
        }
    }

    fn source(id: &str) -> SourceId {
        SourceId(id.into())
    }

    fn told(alerts: &[Subscription]) -> Vec<String> {
        let event = event();
        addressees(&event, alerts).into_iter().map(|to| format!("{} {}", to.alert, to.recipient)).collect()
    }

    #[test]
    fn an_empty_filter_lets_everything_through() {
        assert_eq!(told(&[everything()]), ["desk desk@example.org"]);
        assert_eq!(told(&[]), [""; 0]);
    }

    #[test]
    fn each_filter_can_refuse_and_all_have_to_agree() {
        let table = [
            (Subscription { sources: vec![source("port"), source("harbour")], ..everything() }, true),
            (Subscription { sources: vec![source("port")], ..everything() }, false),
            (Subscription { kinds: vec![EventKind::New, EventKind::Edited], ..everything() }, true),
            (Subscription { kinds: vec![EventKind::Removed], ..everything() }, false),
            (Subscription { min_significance: Significance::Major, ..everything() }, true),
            (Subscription { keywords: vec!["whale".into()], ..everything() }, false),
            (Subscription { keywords: vec!["whale".into(), "berths".into()], ..everything() }, true),
            (Subscription { sources: vec![source("harbour")], kinds: vec![EventKind::Site], ..everything() }, false),
        ];
        for (subscription, wanted) in table {
            assert_eq!(subscription.wants(&event()), wanted, "{subscription:?}");
        }
        let minor = Event { significance: Significance::Minor, ..event() };
        assert!(!Subscription { min_significance: Significance::Major, ..everything() }.wants(&minor));
        assert!(everything().wants(&minor));
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
            let subscription = Subscription { keywords: vec![keyword.into()], ..everything() };
            assert_eq!(subscription.wants(&event()), wanted, "{keyword}");
        }
    }

    #[test]
    fn every_recipient_is_told_once_by_each_alert() {
        let two = |alert: &str| Subscription {
            alert: alert.into(),
            recipients: vec!["a@example.org".into(), "b@example.org".into(), "a@example.org".into()],
            ..everything()
        };
        assert_eq!(
            told(&[two("desk"), two("digest")]),
            ["desk a@example.org", "desk b@example.org", "digest a@example.org", "digest b@example.org"]
        );
    }
}
