//! Plain sentences about an invented harbour: as many as a test needs, the same ones for the same number.

/// Numbers that look random and are the same every time (the generator `SplitMix64`).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn word(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len())]
    }
}

const WHO: [&str; 12] = [
    "The harbour board",
    "The pilot station",
    "The dredging office",
    "A crew of volunteers",
    "The lock keeper",
    "The town council",
    "The survey vessel",
    "The school of navigation",
    "The fish market",
    "The lifeboat crew",
    "The museum ship",
    "The customs house",
];
const DID: [&str; 12] = [
    "repaired",
    "inspected",
    "reopened",
    "measured",
    "painted",
    "insured",
    "enlarged",
    "cleared",
    "leased",
    "rebuilt",
    "mapped",
    "lit",
];
const WHAT: [&str; 12] = [
    "the north quay",
    "the old slipway",
    "two mooring dolphins",
    "the outer lighthouse",
    "the ferry landing",
    "a stretch of the breakwater",
    "the tide gauge",
    "the grain elevator",
    "the eastern basin",
    "the swing bridge",
    "the rope walk",
    "the ice house",
];
const WHEN: [&str; 10] = [
    "before the spring tide",
    "in the second week of May",
    "during the night shift",
    "after a long delay",
    "in calm weather",
    "ahead of the regatta",
    "with the help of divers",
    "at its own expense",
    "for the first time since 1987",
    "without stopping the traffic",
];
const THEN: [&str; 10] = [
    "Vessels of more than forty metres wait outside meanwhile.",
    "The charges of the past year remain in force.",
    "Nobody was hurt and nothing was spilled.",
    "The reports can be read at the office on weekdays.",
    "Anglers are asked to keep to the western side.",
    "A second crew takes over at noon.",
    "The insurers have seen the plans.",
    "Two bids were received, and both were refused.",
    "The work is paid from the reserve.",
    "Swimmers keep away from the marked area.",
];
const SAID: [&str; 6] = ["Ana Brik", "Tomas Edvin", "Rosa Halvard", "Piet Lund", "Mira Osten", "Jon Sarek"];

/// A headline.
pub(crate) fn title(numbers: &mut Numbers) -> String {
    let (who, did, what) = (numbers.word(&WHO), numbers.word(&DID), numbers.word(&WHAT));
    format!("{who} has {did} {what}")
}

/// Paragraphs of a release.
pub(crate) fn paragraphs(numbers: &mut Numbers) -> Vec<String> {
    let count = 3 + numbers.below(4);
    (0..count).map(|_| paragraph(numbers)).collect()
}

fn paragraph(numbers: &mut Numbers) -> String {
    let sentences = 2 + numbers.below(3);
    (0..sentences).map(|_| sentence(numbers)).collect::<Vec<_>>().join(" ")
}

fn sentence(numbers: &mut Numbers) -> String {
    let (who, did, what, when) = (numbers.word(&WHO), numbers.word(&DID), numbers.word(&WHAT), numbers.word(&WHEN));
    let count = 3 + numbers.below(900);
    match numbers.below(5) {
        0 => format!("{who} {did} {what} {when}."),
        1 => format!("{who} spent {count} crowns and {did} {what}."),
        2 => format!("\"It took {count} hours\", said {}, \"and {what} was {did} {when}.\"", numbers.word(&SAID)),
        3 => format!("In all, {count} ships called while {} {did} {what} - {when}.", who.to_lowercase()),
        _ => numbers.word(&THEN).to_owned(),
    }
}
