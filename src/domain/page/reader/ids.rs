//! What the ids of elements say. A section of a long document is called by what it treats, cookies say; that does not
//! make it a consent note.

use std::collections::{HashMap, HashSet};

use crate::domain::page::{Page, Role};

/// Siblings with text that look the same and make one more of them a section of a document.
const FEWEST_SECTIONS: usize = 3;

/// Gives elements the roles that their ids tell, except for those that stand in a row of sections.
pub(super) fn take_ids(page: &mut Page, ids: &[(usize, Role)]) {
    if ids.is_empty() {
        return;
    }
    let mut texts = vec![0_usize];
    for (at, line) in page.lines.iter().enumerate() {
        texts.push(texts[at] + usize::from(line.own_words() >= 5));
    }
    let is_named: HashSet<usize> = ids.iter().map(|(element, _)| *element).collect();
    let mut sections: HashMap<(usize, u32), usize> = HashMap::new();
    for (at, element) in page.elements.iter().enumerate().filter(|(at, _)| !is_named.contains(at)) {
        if at != element.parent && texts[element.lines.end] > texts[element.lines.start] {
            *sections.entry((element.parent, element.place)).or_default() += 1;
        }
    }
    for (at, role) in ids {
        let element = &mut page.elements[*at];
        let like = sections.get(&(element.parent, element.place)).copied().unwrap_or_default();
        if like < FEWEST_SECTIONS {
            element.role = *role;
        }
    }
}
