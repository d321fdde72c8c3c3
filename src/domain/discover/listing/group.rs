//! Links of one kind with the items around them: an item is the largest element that holds no other link of the
//! group. Where items have no element of their own, the text before or after the link is looked at instead.

use std::ops::Range;

use chrono::NaiveDate;

use crate::domain::discover::outline::Outline;

/// How far the item of a lone link may reach up.
const LONE_STEPS: usize = 4;
/// Longest text of the item of a lone link, in bytes.
const LONE_TEXT: usize = 1500;
/// How far from a link its date may stand in a flat list, in bytes.
const FLAT_REACH: usize = 1000;

/// Links in document order with their items.
pub(super) struct Group {
    pub(super) items: Vec<Item>,
    /// The element that holds all items.
    pub(super) list: usize,
}

/// One link and what is around it.
pub(super) struct Item {
    /// Index of the link.
    pub(super) link: usize,
    /// Element around it.
    pub(super) container: usize,
    /// The day shown in it.
    pub(super) day: Option<NaiveDate>,
}

impl Group {
    /// Makes items of links, each with another address.
    pub(super) fn of(outline: &Outline, mut members: Vec<usize>) -> Self {
        members.sort_unstable();
        let element = |index: usize| outline.links[index].element;
        let mut items = Vec::with_capacity(members.len());
        for (place, &link) in members.iter().enumerate() {
            let previous = place.checked_sub(1).map(|place| element(members[place]));
            let next = members.get(place + 1).map(|&next| element(next));
            items.push(Item { link, container: climb(outline, element(link), previous, next), day: None });
        }
        let list = list_of(outline, &items);
        let mut group = Self { items, list };
        group.read_days(outline);
        group
    }

    /// Whether an element stands within one of the items.
    pub(super) fn holds(&self, outline: &Outline, element: usize) -> bool {
        let next = self.items.partition_point(|item| item.container <= element);
        next.checked_sub(1).is_some_and(|place| outline.contains(self.items[place].container, element))
    }

    /// Takes the days from the items, or from before or after them: whichever dates most items.
    fn read_days(&mut self, outline: &Outline) {
        let days = |range: fn(&Self, &Outline, usize) -> Range<usize>| -> Vec<Option<NaiveDate>> {
            (0..self.items.len()).map(|place| outline.day_alone(range(self, outline, place))).collect()
        };
        let readings = [days(Self::inside), days(Self::before), days(Self::after)];
        let dated = |days: &Vec<Option<NaiveDate>>| days.iter().flatten().count();
        let best = readings.into_iter().reduce(|best, next| if dated(&next) > dated(&best) { next } else { best });
        for (item, day) in self.items.iter_mut().zip(best.unwrap_or_default()) {
            item.day = day;
        }
    }

    fn inside(&self, outline: &Outline, place: usize) -> Range<usize> {
        outline.elements[self.items[place].container].text.clone()
    }

    fn before(&self, outline: &Outline, place: usize) -> Range<usize> {
        let end = self.inside(outline, place).start;
        let start = match place.checked_sub(1) {
            Some(previous) => self.inside(outline, previous).end,
            None => outline.elements[self.list].text.start,
        };
        start.max(end.saturating_sub(FLAT_REACH))..end
    }

    fn after(&self, outline: &Outline, place: usize) -> Range<usize> {
        let start = self.inside(outline, place).end;
        let end = if place + 1 < self.items.len() {
            self.inside(outline, place + 1).start
        } else {
            outline.elements[self.list].text.end
        };
        start..end.min(start + FLAT_REACH)
    }
}

fn climb(outline: &Outline, element: usize, previous: Option<usize>, next: Option<usize>) -> usize {
    let is_lone = previous.is_none() && next.is_none();
    let mut container = element;
    let mut steps = 0;
    loop {
        let parent = outline.elements[container].parent;
        let around = &outline.elements[parent];
        let holds_other =
            previous.is_some_and(|previous| previous >= parent) || next.is_some_and(|next| next < around.end);
        let is_whole_page = matches!(around.name.as_str(), "html" | "body" | "main");
        let is_whole_item = matches!(outline.elements[container].name.as_str(), "article" | "li" | "tr");
        let too_far = is_lone && (is_whole_item || steps == LONE_STEPS || holds_several(outline, parent));
        if parent == container || holds_other || is_whole_page || too_far {
            return container;
        }
        container = parent;
        steps += 1;
    }
}

/// Whether an element is too large for one item: by its text, or because it shows several days.
fn holds_several(outline: &Outline, element: usize) -> bool {
    let text = &outline.elements[element].text;
    let mut days = outline.days_alone(text.clone());
    let first = days.next();
    text.len() > LONE_TEXT || days.any(|day| Some(day) != first)
}

/// The smallest element around all items.
fn list_of(outline: &Outline, items: &[Item]) -> usize {
    let (Some(first), Some(last)) = (items.first(), items.last()) else { return 0 };
    let mut around = outline.elements[first.container].parent;
    while around != outline.elements[around].parent && !outline.contains(around, last.container) {
        around = outline.elements[around].parent;
    }
    around
}
