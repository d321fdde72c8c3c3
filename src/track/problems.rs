//! What a check could not read, for whoever looks at its report.

use std::fmt;

use url::Url;

use crate::domain::classify::Judgement;
use crate::domain::counted::counted;
use crate::domain::model::ListingRecord;

/// Something of a source that a check could not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The listing, feed or sitemap that could not be read; none for what is wrong otherwise.
    pub listing: Option<Url>,
    /// What is wrong, for people.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.listing {
            Some(listing) => write!(formatter, "{listing}: {}", self.text),
            None => formatter.write_str(&self.text),
        }
    }
}

/// What the listings, robots.txt and the host kept from being read.
pub(super) fn problems_of(judgement: &Judgement) -> Vec<Problem> {
    let problem = |record: &ListingRecord| {
        let text = record.problem.clone()?;
        // A listing of which some was left out was read.
        let was_read = record.failures == 0;
        Some(if was_read {
            Problem { listing: None, text: format!("{}: {text}", record.url) }
        } else {
            Problem { listing: Some(record.url.clone()), text }
        })
    };
    let forbidden = judgement.state.forbidden;
    let text = || format!("robots.txt forbids reading {forbidden} of the releases");
    let forbidden = (forbidden > 0).then(|| Problem { listing: None, text: text() });
    let unasked = (judgement.unasked > 0).then(|| Problem { listing: None, text: tell_unasked(judgement.unasked) });
    judgement.listings.iter().filter_map(problem).chain(forbidden).chain(unasked).collect()
}

fn tell_unasked(count: usize) -> String {
    let (releases, were) = (counted(count, "release", "releases"), if count == 1 { "was" } else { "were" });
    format!("{releases} {were} not asked for: the host left requests without an answer, or asked for a pause")
}
