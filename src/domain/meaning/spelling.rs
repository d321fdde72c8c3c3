//! Whether two words, or two phrases, are spellings of the same: a typing error, another transliteration, a
//! phrase that was damaged and repaired. Doubtful pairs are different words, since those matter more.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::words::{are_confusable, are_opposites, is_light};

/// Letters that stand for neighbouring sounds, so that one for the other is a spelling.
const SOUNDS: &[&str] = &["ckq", "szc", "vwfu", "ijy", "aeiouyäöüáéíóúë", "аеёиоуыэюяй", "сз", "гх", "шщ", "ьъ"];

/// Of these alone a word may begin with another one.
const FIRST_SOUNDS: &[&str] = &["kqc", "ijy", "aeiou", "аеёиоуыэюя"];

/// Letters that are written for one sound, in the order in which they are replaced.
const SAME_SOUND: &[(&str, &str)] = &[
    ("shch", "s"),
    ("sch", "s"),
    ("tch", "c"),
    ("ch", "c"),
    ("sh", "s"),
    ("zh", "z"),
    ("kh", "h"),
    ("ph", "f"),
    ("ck", "k"),
    ("tz", "c"),
    ("ts", "c"),
    ("x", "ks"),
    ("yo", "e"),
    ("ye", "e"),
    ("je", "e"),
    ("ae", "a"),
    ("oe", "o"),
    ("ue", "u"),
    ("ou", "u"),
    ("ß", "ss"),
    ("w", "v"),
    ("j", "i"),
    ("y", "i"),
    ("ё", "е"),
    ("э", "е"),
    ("й", "и"),
];

/// Shorter names sound alike by chance.
const MIN_SOUNDING: usize = 4;

/// Whether two different words, in lower case, are the same word spelled in two ways.
pub(super) fn is_respelling(old: &str, new: &str) -> bool {
    if are_confusable(old, new) || are_opposites(old, new) || !is_word(old) || !is_word(new) {
        return false;
    }
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let shorter = old.len().min(new.len());
    let allowed = match shorter {
        0..4 => 0,
        4 => 1,
        _ => 2,
    };
    if old.len().abs_diff(new.len()) > allowed || old.len().max(new.len()) > 60 {
        return false;
    }
    if shorter == 3 {
        return is_scrambled(&old, &new);
    }
    let distance = strsim::generic_damerau_levenshtein(&old, &new);
    distance > 0 && distance <= allowed && is_slip(&old, &new, shorter)
}

/// Whether two different names, in lower case, are one in two spellings: "Alexei" and "Aleksey" sound the same;
/// "Harris" and "Harrison" are two families.
pub(super) fn is_same_name(old: &str, new: &str) -> bool {
    let (longer, shorter) = if old.len() > new.len() { (old, new) } else { (new, old) };
    let longer_by_a_syllable = longer.is_ascii() && longer.len() >= shorter.len() + 2 && longer.starts_with(shorter);
    let sounds_alike = shorter.chars().count() >= MIN_SOUNDING && sound(old) == sound(new);
    !are_confusable(old, new) && !longer_by_a_syllable && (sounds_alike || is_respelling(old, new))
}

/// The sounds of a name, by what transliterations write in several ways.
fn sound(name: &str) -> String {
    let plain: String = name.nfd().filter(|letter| letter.is_alphabetic() && !is_combining_mark(*letter)).collect();
    let mut sound = SAME_SOUND.iter().fold(plain, |name, (from, to)| name.replace(from, to));
    let mut last = None;
    sound.retain(|letter| last.replace(letter) != Some(letter));
    sound
}

/// A little word with its letters out of order: teh.
fn is_scrambled(old: &[char], new: &[char]) -> bool {
    let sorted = |letters: &[char]| {
        let mut letters = letters.to_vec();
        letters.sort_unstable();
        letters
    };
    let is_known = |letters: &[char]| is_light(&letters.iter().collect::<String>());
    (is_known(old) || is_known(new)) && sorted(old) == sorted(new)
}

fn is_word(text: &str) -> bool {
    text.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '-' | '\''))
}

/// Whether the difference looks like a slip or a transliteration and not like another word.
fn is_slip(old: &[char], new: &[char], shorter: usize) -> bool {
    let head = old.iter().zip(new).take_while(|(left, right)| left == right).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(left, right)| left == right).count();
    let (old, new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let swapped = old.len() == 2 && new.len() == 2 && old[0] == new[1] && old[1] == new[0];
    let sound =
        |sounds| old.len() == new.len() && old.iter().zip(new).all(|(left, right)| are_near(sounds, *left, *right));
    if head == 0 {
        // Words differ at their beginning; only a silent or similar first letter is a matter of spelling.
        let silent = |letters: &[char]| matches!(letters, ['h' | 'j' | 'y' | 'й' | 'х']);
        return shorter > 4 && sound(FIRST_SOUNDS) && old.len() == 1
            || old.is_empty() && silent(new)
            || new.is_empty() && silent(old);
    }
    let only_more_or_fewer = old.is_empty() || new.is_empty();
    // Ship, shop: another vowel makes another short word.
    only_more_or_fewer || swapped || shorter > 4 && sound(SOUNDS) || shorter >= 8
}

fn are_near(sounds: &[&str], left: char, right: char) -> bool {
    left == right || sounds.iter().any(|group| group.contains(left) && group.contains(right))
}

/// Whether several words are the damaged form of several others: nearly all their letters are found in these,
/// in order, and a broken-off word is among them. Takes the content words and all letters of both sides.
pub(super) fn is_garbled(damaged: &[&str], whole: &[&str]) -> bool {
    let broken = damaged.iter().any(|piece| {
        let length = piece.chars().count();
        (2..=4).contains(&length)
            && whole.iter().any(|word| word.starts_with(piece) && word.chars().count() >= length + 2)
    });
    let letters = |words: &[&str]| -> Vec<char> {
        words.iter().flat_map(|word| word.chars()).filter(|letter| letter.is_alphabetic()).take(200).collect()
    };
    let (few, many) = (letters(damaged), letters(whole));
    let content = |words: &[&str]| words.iter().filter(|word| !is_light(word)).count();
    broken
        && few.len() >= 4
        && content(whole) <= content(damaged)
        && longest_common_subsequence(&few, &many) * 4 >= few.len() * 3
}

fn longest_common_subsequence(left: &[char], right: &[char]) -> usize {
    let mut row = vec![0; right.len() + 1];
    for letter in left {
        let mut diagonal = 0;
        for (index, other) in right.iter().enumerate() {
            let above = row[index + 1];
            row[index + 1] = if letter == other { diagonal + 1 } else { above.max(row[index]) };
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_transliterations_are_spellings() {
        for (old, new) in [
            ("takhir", "tahir"),
            ("khayrulloyev", "khayrulloev"),
            ("rakhmon", "rahmon"),
            ("recieve", "receive"),
            ("yevgeny", "evgeny"),
            ("colective", "collective"),
            ("организацыя", "организация"),
            ("gemeinsamm", "gemeinsam"),
        ] {
            assert!(is_respelling(old, new), "{old} and {new}");
        }
    }

    #[test]
    fn other_words_are_no_spellings() {
        for (old, new) in [
            ("hired", "fired"),
            ("iran", "iraq"),
            ("austria", "australia"),
            ("completed", "interrupted"),
            ("legal", "illegal"),
            ("increased", "decreased"),
            ("war", "was"),
            ("coal", "goal"),
            ("ship", "shop"),
            ("drain", "train"),
            ("known", "unknown"),
            ("killed", "billed"),
            ("import", "export"),
        ] {
            assert!(!is_respelling(old, new), "{old} and {new}");
        }
    }

    #[test]
    fn damaged_phrases_are_recognised() {
        assert!(is_garbled(&["mee", "tin"], &["meeting", "of", "the"]));
        assert!(!is_garbled(&["man", "made"], &["woman", "made"]));
        assert!(!is_garbled(&["early", "plans"], &["later", "steps"]));
    }
}
