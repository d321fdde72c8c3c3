//! What the demo site publishes: the releases of an invented council, and the story of its few days.

use crate::domain::model::EventKind;

/// One state of the site, and what a careful reader would notice of it.
pub(super) struct Step {
    pub(super) description: &'static str,
    pub(super) expected: &'static [(EventKind, &'static str)],
}

pub(super) const STEPS: &[Step] = &[
    Step { description: "eight releases stand on the site: the baseline", expected: &[] },
    Step {
        description: "the banner, the menu, the quotation marks and every counter change, but no release",
        expected: &[],
    },
    Step {
        description: "a sum and a sentence of the tender for the breakwater are edited, silently",
        expected: &[(EventKind::Edited, "/news/north-breakwater-tender/")],
    },
    Step {
        description: "a release about the storm barrier is published",
        expected: &[(EventKind::New, "/news/storm-barrier-test/")],
    },
    Step {
        description: "the statement on the collision disappears",
        expected: &[(EventKind::Removed, "/news/statement-collision-buoy-14/")],
    },
];

/// The step from which on the site looks different although it says the same.
pub(super) const FACELIFT: usize = 1;
/// The step from which on `Release::edits` are in the text.
const EDITING: usize = 2;

/// One release; texts are HTML.
pub(super) struct Release {
    pub(super) slug: &'static str,
    pub(super) day: &'static str,
    pub(super) shown_day: &'static str,
    pub(super) title: &'static str,
    body: &'static str,
    edits: &'static [(&'static str, &'static str)],
    /// The first step that shows it, and the first that does not any more.
    shown: std::ops::Range<usize>,
}

impl Release {
    /// The text at this step.
    pub(super) fn body(&self, step: usize) -> String {
        let edits: &[_] = if step < EDITING { &[] } else { self.edits };
        let body = edits.iter().fold(self.body.to_owned(), |body, (old, new)| body.replace(old, new));
        if step < FACELIFT { body } else { typeset(&body) }
    }

    /// The first paragraph, for listings and teasers.
    pub(super) fn lead(&self) -> &'static str {
        let start = self.body.find("<p>").map_or(0, |at| at + 3);
        let end = self.body.find("</p>").unwrap_or(self.body.len());
        &self.body[start..end]
    }
}

/// The same words with better typography.
fn typeset(body: &str) -> String {
    body.replace("<p>'", "<p>‘").replace('\'', "’").replace(" million", "&nbsp;million")
}

/// What the site shows at this step, newest first.
pub(super) fn releases(step: usize) -> Vec<&'static Release> {
    RELEASES.iter().filter(|release| release.shown.contains(&step)).collect()
}

const ALWAYS: std::ops::Range<usize> = 0..usize::MAX;

const RELEASES: &[Release] = &[
    Release {
        slug: "storm-barrier-test",
        day: "2026-05-21",
        shown_day: "21 May 2026",
        title: "Storm barrier passes its first full test",
        body:
            "<p>The gates of the storm barrier were closed and opened again on Wednesday in 38 minutes, seven minutes \
faster than the plans ask for.</p>
<p>All nine gates moved at the same time for the first time since they were hung in March. Divers checked the \
sills afterwards and found two loose bolts, which have been replaced.</p>
<p>'The barrier works; now the crews have to learn to sleep next to it,' said Ines Calloway, who leads the works.</p>
<p>A second test, at night and at high water, is planned for the autumn.</p>",
        edits: &[],
        shown: 3..usize::MAX,
    },
    Release {
        slug: "north-breakwater-tender",
        day: "2026-05-18",
        shown_day: "18 May 2026",
        title: "Council invites bids for the north breakwater",
        body:
            "<p>The Harbour Council of Eastmere invites bids for raising the north breakwater by 1.8 metres along its \
whole length of 640 metres.</p>
<p>The Council has set aside 12.4 million crowns for the works, a third of which comes from the islands. Bids are \
opened in public on 30 June.</p>
<p>Companies that took part in the study of 2024 may bid as well. The stone has to come from quarries within the \
district.</p>
<p>The drawings lie open in the <a href=\"/office/\">works office</a> on weekdays from nine to noon.</p>",
        edits: &[
            ("12.4 million crowns", "15.9 million crowns"),
            (
                " The stone has to come from quarries within the \
district.",
                " No bid is accepted from a company that is in dispute with the Council.",
            ),
        ],
        shown: ALWAYS,
    },
    Release {
        slug: "night-ferries-resume",
        day: "2026-05-14",
        shown_day: "14 May 2026",
        title: "Night ferries to the Skerries sail again",
        body:
            "<p>From Friday on, two ferries leave the old pier for the Skerries every night, at 22.40 and at 01.15.</p>
<p>The crossing was given up in November, when the winter timetable lost its last mate. Four have been hired since, \
three of them from the islands.</p>
<ul><li>Tickets cost the same as by day.</li><li>Bicycles travel free until the end of June.</li>\
<li>Dogs need a lead and a ticket.</li></ul>
<p>In fog the later ferry waits for the pilot, and passengers may wait in the heated hall.</p>",
        edits: &[],
        shown: ALWAYS,
    },
    Release {
        slug: "electric-pilot-boats",
        day: "2026-05-11",
        shown_day: "11 May 2026",
        title: "Pilots take over two electric boats",
        body:
            "<p>Two pilot boats that run on batteries alone have joined the service after six weeks of trials in the \
outer roads.</p>
<p><img src=\"/media/pilot-boat-tern.svg\" alt=\"The pilot boat Tern at the old pier\"></p>
<p>The Tern and the Plover make 21 knots and need 50 minutes at the quay to be ready for the next ship. Their \
diesel sisters stay in reserve until spring.</p>
<p>'You hear the ship before the ship hears you,' said pilot master Aldo Brandt after the first night.</p>",
        edits: &[],
        shown: ALWAYS,
    },
    Release {
        slug: "statement-collision-buoy-14",
        day: "2026-05-07",
        shown_day: "7 May 2026",
        title: "Statement on the collision near buoy 14",
        body: "<p>Shortly after four on Tuesday morning the dredger Heron and a sailing yacht collided near buoy 14. \
Nobody was hurt.</p>
<p>The light of the buoy had been reported dark on 29 April. It had not been repaired by the time of the \
collision, because the spare lamp did not fit.</p>
<p>The Council regrets this and has asked an inspector from outside the district to look into the matter. His \
report will be published in full.</p>",
        edits: &[],
        shown: 0..4,
    },
    Release {
        slug: "fish-hall-repairs",
        day: "2026-04-30",
        shown_day: "30 April 2026",
        title: "Fish hall closes for repairs until August",
        body:
            "<p>The roof of the fish hall is taken down from Monday on; the auctions move to shed 6 for the summer.</p>
<p>Beams from 1911 have given way to damp in three places. They are copied in larch by a carpenter's shop on the \
east bank, so that the hall keeps its outline.</p>
<p>Buyers find ice, scales and coffee in shed 6 from five in the morning. The stairs on the water side are closed.</p>",
        edits: &[],
        shown: ALWAYS,
    },
    Release {
        slug: "apprentices-certificates",
        day: "2026-04-24",
        shown_day: "24 April 2026",
        title: "Harbour school sends 31 apprentices into work",
        body:
            "<p>In the chart room of the harbour school 31 apprentices received their certificates, more than in any \
year since the school was founded.</p>
<p>Eleven become crane drivers, nine go to the tugs, and the rest to the yards, the signal station and the \
ferries.</p>
<p>The prize for the best splice went to Maren Okafor, who tied it with her eyes covered.</p>",
        edits: &[],
        shown: ALWAYS,
    },
    Release {
        slug: "island-mayors-visit",
        day: "2026-04-16",
        shown_day: "16 April 2026",
        title: "Chair of the Council receives the mayors of the islands",
        body:
            "<p>Chair Leopold Finch and the mayors of the five islands spoke on Thursday about fresh water, the price \
of freight and the school boat.</p>
<p>The mayors asked for a second water barge before the dry months. The Council will decide in May whether the \
barge of the shipyard can be chartered.</p>
<p>On freight the sides agreed to count together before they argue again: a joint list of prices is due in ten \
weeks.</p>",
        edits: &[],
        shown: ALWAYS,
    },
    Release {
        slug: "budget-adopted",
        day: "2026-04-09",
        shown_day: "9 April 2026",
        title: "Council adopts its budget by one vote",
        body: "<p>With eight votes to seven the Harbour Council adopted a budget of 86 million crowns on Thursday \
evening.</p>
<table><tr><th>Purpose</th><th>Crowns</th></tr><tr><td>Dredging</td><td>31 million</td></tr>\
<tr><td>Quays and lights</td><td>24 million</td></tr><tr><td>Ferries</td><td>18 million</td></tr>\
<tr><td>Everything else</td><td>13 million</td></tr></table>
<p>Harbour dues stay as they are for boats under twelve metres. Larger vessels pay two per cent more from July.</p>
<p>The debate lasted until midnight and turned on a single crane.</p>",
        edits: &[],
        shown: ALWAYS,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_finds_what_it_replaces() {
        for release in RELEASES {
            for (old, _) in release.edits {
                assert_eq!(release.body.matches(old).count(), 1, "{old}");
            }
        }
    }

    #[test]
    fn releases_are_listed_newest_first() {
        assert!(RELEASES.is_sorted_by(|one, next| one.day > next.day));
        assert_eq!((0..STEPS.len()).map(|step| releases(step).len()).collect::<Vec<_>>(), [8, 8, 8, 9, 8]);
    }
}
