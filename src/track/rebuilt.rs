//! A page that is built in another way than the one of the latest version: a redesign. It brings other lines around
//! the text, other pictures and another way to write the day; what of it is an edit is settled as for captures of an
//! archive, where the page that is there now is all that comes later.

use super::compare::{Comparison, Pages};
use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::classify::{Against, Noise};
use crate::domain::hindsight::{Glimpse, Others, Settled, may_be_rebuilt, settle};
use crate::domain::model::Release;

/// Nothing is known of other releases.
struct Nobody;

impl Others for Nobody {
    fn have(&self, _: &str) -> bool {
        false
    }
}

impl Tracker {
    /// The same comparison without what is only a redesign. Where other pages of the source are built anew with it,
    /// what they share tells that better, and hides no edit made at the same time.
    pub(super) async fn without_redesign(
        &self,
        context: &Context<'_>,
        release: &Release,
        pages: &Pages,
        compared: Comparison,
    ) -> Result<Comparison, TrackError> {
        let (document, Against::Edited { old, .. }, _) = &compared else { return Ok(compared) };
        if !context.knowledge.is_of_few_pages() {
            return Ok(compared);
        }
        let Some(before) = pages.before.as_ref().filter(|before| may_be_rebuilt(before, &pages.now)) else {
            return Ok(compared);
        };
        let (before, after) = (Glimpse::of(before, (**old).clone()), Glimpse::of(&pages.now, document.clone()));
        // What shows nothing of the release is no other design of its page.
        if !before.is_rebuilt(&after) || before.is_unlike(&after) {
            return Ok(compared);
        }
        // What differs since the last look came after the redesign, if that had been seen then.
        if let Some(judged) = self.page_of(context, release.judged).await? {
            let document = self.read_page(&judged, &context.knowledge).await?;
            let judged = document.map(|document| Glimpse::of(&judged, document));
            if judged.and_then(|judged| before.shown_on(&judged)).is_some_and(|judged| !judged.is_rebuilt(&after)) {
                return Ok(compared);
            }
        }
        match settle(&before, &after, &[&after], &Nobody) {
            Settled::Edited(old, document) => self.edited(release, pages, *old, *document).await,
            Settled::Rebuilt(document) => Ok((*document, Against::Technical, Some(Noise::Learned))),
            Settled::Same | Settled::Passing => Ok((after.document, Against::Same, Some(Noise::Learned))),
        }
    }
}
