//! Text that most pages have replaced since they were last read. What is another one at the next fetch, too, is no news
//! for anybody; of what stays for a while the check tells once that it was left out.

use std::collections::HashSet;

use super::Context;
use crate::domain::classify::{Noise, Observation, Seen, Sighting};
use crate::domain::extract::{Verdict, Why};
use crate::domain::model::{Release, Validators};
use crate::track::{TrackError, Tracker};

/// Pages that are asked for once more: what rotates on one rotates on all.
const MOST_PROBED: usize = 3;

impl Tracker {
    /// Finds out whether the text that was held back changes within seconds: then it is nothing. Some of it may be
    /// there again by chance.
    pub(super) async fn mark_churned(
        &self,
        context: &Context<'_>,
        sightings: &mut [Sighting],
    ) -> Result<(), TrackError> {
        let (mut gone, mut held_back) = (0, 0);
        for (release, seen) in sightings.iter().filter_map(churned).take(MOST_PROBED) {
            let probe = self.probe_again(context, release, seen).await?;
            (gone, held_back) = (gone + probe.0, held_back + probe.1);
        }
        if held_back > 0 && gone * 3 >= held_back {
            sightings.iter_mut().filter_map(churned_mut).for_each(|seen| seen.noise = Some(Noise::Learned));
        }
        Ok(())
    }

    /// How many of the lines that were held back on a page are gone when it is asked for again, and how many there
    /// were.
    async fn probe_again(
        &self,
        context: &Context<'_>,
        release: &Release,
        seen: &Seen,
    ) -> Result<(usize, usize), TrackError> {
        let Some(snapshot) = self.store.find_snapshot(seen.snapshot).await? else { return Ok((0, 0)) };
        let Ok(again) = self.fetcher.fetch(&release.url, &Validators::default()).await else { return Ok((0, 0)) };
        let one = self.extract(context, &snapshot.fetched).await?;
        let other = self.extract(context, &again.into()).await?;
        let (Ok(one), Ok(other)) = (one, other) else { return Ok((0, 0)) };
        let there: HashSet<&str> = other.page.lines.iter().map(|line| line.text.as_str()).collect();
        let lines = one.page.lines.iter().zip(&one.extraction.verdicts);
        let held_back = lines.filter(|(_, verdict)| **verdict == Verdict::LeftOut(Why::Churned));
        let (stay, gone): (Vec<_>, Vec<_>) = held_back.partition(|(line, _)| there.contains(line.text.as_str()));
        Ok((gone.len(), gone.len() + stay.len()))
    }
}

fn churned(sighting: &Sighting) -> Option<(&Release, &Seen)> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    (seen.noise == Some(Noise::Churned)).then_some((&*sighting.release, &**seen))
}

fn churned_mut(sighting: &mut Sighting) -> Option<&mut Seen> {
    let Observation::Seen(seen) = &mut sighting.observation else { return None };
    (seen.noise == Some(Noise::Churned)).then_some(seen)
}
