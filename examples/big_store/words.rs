//! Invented text in several languages. Words are drawn by Zipf's law, as in any language: a few stand in nearly every
//! text, most in hardly any.

/// Distinct words of a language.
const VOCABULARY: f64 = 60_000.0;

/// Always the same numbers from the same seed (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end.max(1))).unwrap_or_default()
    }

    /// From 0 up to 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or_default()) / 4_294_967_296.0
    }

    /// Small numbers much more often than large ones: the place of a word by its frequency.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number, never negative")]
    pub(crate) fn zipf(&mut self, end: f64) -> usize {
        ((self.share() * (end + 1.0).ln()).exp() - 1.0) as usize
    }
}

/// The most frequent words, the syllables that rarer ones are made of, and what stands between words.
pub(crate) struct Language {
    frequent: &'static [&'static str],
    syllables: &'static [&'static str],
    between: &'static str,
}

#[rustfmt::skip]
pub(crate) const ENGLISH: Language = Language {
    frequent: &[
        "the", "of", "and", "to", "in", "a", "for", "on", "is", "with", "harbour", "council", "will", "by", "that", "was",
        "minister", "has", "from", "at", "budget", "be", "bridge", "said", "not", "report", "ferry", "were", "quarry",
        "school", "market", "winter", "survey", "tender", "island", "lighthouse", "railway", "museum", "parish", "orchard",
    ],
    syllables: &["ba", "cor", "den", "el", "fir", "gan", "hol", "in", "ker", "lan", "mer", "nor", "os", "per", "quil", "ros"],
    between: " ",
};

#[rustfmt::skip]
pub(crate) const RUSSIAN: Language = Language {
    frequent: &[
        "и", "в", "на", "что", "с", "по", "не", "для", "из", "порт", "совет", "был", "министр", "бюджет", "мост", "года",
        "сообщил", "доклад", "паром", "школа", "рынок", "зима", "остров", "маяк", "музей",
    ],
    syllables: &["ба", "вер", "гол", "да", "ель", "жи", "зор", "ин", "кра", "лев", "мо", "нов", "ось", "пер", "род", "сол"],
    between: " ",
};

#[rustfmt::skip]
pub(crate) const GERMAN: Language = Language {
    frequent: &[
        "der", "die", "und", "in", "den", "von", "zu", "das", "mit", "Hafen", "Rat", "wird", "Brücke", "für", "Minister",
        "Haushalt", "über", "Fähre", "Schule", "Märkte", "Insel", "Leuchtturm",
    ],
    syllables: &["ab", "burg", "chen", "dorf", "ein", "füh", "ge", "heit", "in", "keit", "lös", "müh", "nach", "ober", "pflicht", "rück"],
    between: " ",
};

#[rustfmt::skip]
pub(crate) const ARABIC: Language = Language {
    frequent: &["في", "من", "على", "إلى", "أن", "الميناء", "المجلس", "الوزير", "الجسر", "الميزانية", "المدرسة", "السوق"],
    syllables: &["با", "تر", "جم", "حد", "خر", "دو", "ري", "سا", "شم", "صد", "طب", "عم", "غا", "فر", "قل", "كت"],
    between: " ",
};

#[rustfmt::skip]
pub(crate) const CHINESE: Language = Language {
    frequent: &["的", "在", "和", "是", "港口", "议会", "部长", "预算", "桥", "学校", "市场", "报告", "岛", "灯塔"],
    syllables: &["山", "水", "人", "大", "中", "国", "年", "会", "发", "生", "地", "方", "新", "工", "海", "东"],
    between: "",
};

impl Language {
    /// So many words.
    pub(crate) fn words(&self, dice: &mut Dice, count: usize) -> String {
        let mut text = String::with_capacity(count * 8);
        for at in 0..count {
            if at > 0 {
                text.push_str(self.between);
            }
            self.push(&mut text, dice.zipf(VOCABULARY));
        }
        text
    }

    /// The word at a place by frequency; a rare one spells the place in syllables.
    fn push(&self, text: &mut String, place: usize) {
        if let Some(word) = self.frequent.get(place) {
            text.push_str(word);
            return;
        }
        let mut left = place;
        while left > 0 {
            text.push_str(self.syllables[left % self.syllables.len()]);
            left /= self.syllables.len();
        }
    }
}
