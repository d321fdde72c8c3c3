//! Learns which links of a page are its releases. Links with the same way from the root form a group; dates,
//! headings, long titles and item-like addresses speak for a group, and the strongest one is the listing. A group
//! without enough evidence is left: a false release raises false alerts, and an empty listing is an answer.

mod group;
mod title;

use std::collections::{HashMap, HashSet};

use url::Url;

use super::outline::{Outline, Zone};
use super::shape::{PagePlace, folder, is_above, is_below, is_file, is_numbered, names_item};
use super::{Entry, ListingPlace, MOST_ENTRIES, latest};
use crate::domain::address::{identity, same_site};
use crate::domain::rule::PathPattern;
use group::Group;
use title::{Titles, is_date, is_title, words};

/// Share of a group that has to show a trait.
const MOST: f64 = 0.6;
/// Bytes of an item in which figures are looked for.
const LONGEST_ITEM: usize = 2000;
/// Least items of a group that shows no dates and no headings.
const LEAST_PLAIN: usize = 3;

/// The releases that a page names, in document order or, of too many, the latest first, and where they stand if that
/// was learned.
pub(super) fn entries(
    outline: &Outline,
    base: &Url,
    include: &[PathPattern],
    expected: Option<ListingPlace>,
) -> (Vec<Entry>, Option<ListingPlace>) {
    let candidates = candidates(outline, base, include);
    let titles = Titles::of(outline, &candidates);
    let page = Page { outline, base, titles: &titles };
    let (members, place) = if include.is_empty() { page.learn(&candidates, expected) } else { (candidates, None) };
    (page.describe(members), place)
}

/// Links that can lead to a release at all.
fn candidates(outline: &Outline, base: &Url, include: &[PathPattern]) -> Vec<usize> {
    let listing = PagePlace::of(base);
    let allowed = if include.is_empty() { Zone::Content } else { Zone::Beside };
    let can_be_release = |index: &usize| {
        let link = &outline.links[*index];
        same_site(&link.url, base)
            && outline.elements[link.element].zone <= allowed
            && !is_file(&link.url)
            && !is_above(&link.url, base)
            && !listing.is_same_listing(&link.url)
            && (link.text.is_empty() || link.text.chars().any(char::is_alphabetic))
            && (include.is_empty() || include.iter().any(|pattern| pattern.matches(&link.url)))
    };
    (0..outline.links.len()).filter(can_be_release).collect()
}

/// What learning looks at.
struct Page<'a> {
    outline: &'a Outline,
    base: &'a Url,
    titles: &'a Titles,
}

/// Shares of a group's items that show a trait, from 0 to 1.
struct Traits {
    count: usize,
    dated: f64,
    headed: f64,
    /// A text of at least two words.
    worded: f64,
    /// A title of at least three words, no paragraph.
    titled: f64,
    /// A title of at least four words, such as menus seldom have.
    long_titled: f64,
    /// The link itself bears the title.
    bearing: f64,
    /// The address is such as an item has.
    pointed: f64,
    /// The address stands below the listing.
    below: f64,
    /// The address bears a number.
    numbered: f64,
    /// In the folder most of them share.
    together: f64,
    /// Figures beside the title: "3 days ago", "2 min read", "02 Nov".
    figured: f64,
    falling: bool,
}

impl Page<'_> {
    /// The links where they are expected; else the group with the best evidence.
    fn learn(&self, candidates: &[usize], expected: Option<ListingPlace>) -> (Vec<usize>, Option<ListingPlace>) {
        let groups = self.groups(candidates);
        if let Some((group, traits)) = expected.and_then(|place| self.group_at(place, &groups)) {
            return (self.with_look_alikes(&group, &traits, candidates), expected);
        }
        let groups = groups.into_iter().map(|members| self.purified(Group::of(self.outline, members)));
        let scored = groups.filter_map(|group| {
            let traits = self.traits(&group);
            traits.is_evidence().then(|| (traits.score(), group, traits))
        });
        let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let Some((_, group, traits)) = best else { return (Vec::new(), None) };
        let links: Vec<usize> = group.items.iter().map(|item| item.link).collect();
        (self.with_look_alikes(&group, &traits, candidates), self.place(&links))
    }

    /// The group at a place that is the listing. Others may stand there: a "PDF" beside each title, in a cell of its
    /// own.
    fn group_at(&self, place: ListingPlace, groups: &[Vec<usize>]) -> Option<(Group, Traits)> {
        let there = groups.iter().filter(|members| self.place(members) == Some(place)).map(|members| {
            let group = self.purified(Group::of(self.outline, members.clone()));
            let traits = self.traits(&group);
            ((!self.is_one_phrase(members), traits.score()), group, traits)
        });
        let best = there.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, group, traits)| (group, traits))
    }

    /// Whether several links all say the same, as "read more" does.
    fn is_one_phrase(&self, members: &[usize]) -> bool {
        let text = |index: usize| &self.outline.links[index].text;
        let first = members.first().map(|first| text(*first));
        members.len() > 1 && members.iter().all(|index| Some(text(*index)) == first)
    }

    fn place(&self, members: &[usize]) -> Option<ListingPlace> {
        let link = &self.outline.links[*members.first()?];
        Some(ListingPlace(self.outline.elements[link.element].place.cast_signed()))
    }

    /// Candidates by their way from the root, each address once, in document order.
    fn groups(&self, candidates: &[usize]) -> Vec<Vec<usize>> {
        let mut places: HashMap<(u64, Option<&str>), usize> = HashMap::new();
        let mut seen: HashSet<((u64, Option<&str>), &Url)> = HashSet::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &index in candidates {
            let link = &self.outline.links[index];
            // "Print" may stand beside the title in the same markup, or "HTML" beside "Text".
            let phrase = Some(link.text.as_str()).filter(|text| self.titles.is_phrase(text));
            let kind = (self.outline.elements[link.element].signature, phrase);
            if seen.insert((kind, &link.url)) {
                let place = *places.entry(kind).or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                groups[place].push(index);
            }
        }
        groups
    }

    /// Where most items have dates, links into folders that never have one are something else in the same markup.
    fn purified(&self, group: Group) -> Group {
        let folder_of = |item: &group::Item| folder(&self.outline.links[item.link].url);
        let dated: HashSet<String> = group.items.iter().filter(|item| item.day.is_some()).map(folder_of).collect();
        let kept = group.items.iter().filter(|item| dated.contains(&folder_of(item))).map(|item| item.link);
        let kept: Vec<usize> = kept.collect();
        if kept.len() < 2 || kept.len() == group.items.len() { group } else { Group::of(self.outline, kept) }
    }

    fn traits(&self, group: &Group) -> Traits {
        let mut sums = Sums::default();
        let mut folders: HashMap<String, usize> = HashMap::new();
        for item in &group.items {
            let link = &self.outline.links[item.link];
            let title = self.titles.of_item(self.outline, item);
            let length = words(&title.text);
            sums.dated += usize::from(item.day.is_some());
            sums.headed += usize::from(title.is_heading);
            sums.bearing += usize::from(title.is_linked && words(&link.text) > 0);
            sums.pointed += usize::from(names_item(&link.url));
            sums.numbered += usize::from(is_numbered(&link.url));
            sums.below += usize::from(is_below(&link.url, self.base));
            sums.worded += usize::from(length >= 2 && !is_date(&title.text));
            sums.titled += usize::from(length >= 3 && is_title(&title.text));
            sums.long_titled += usize::from(length >= 4 && is_title(&title.text));
            sums.figured += usize::from(self.has_figures_beside(item, &title.text));
            *folders.entry(folder(&link.url)).or_default() += 1;
        }
        sums.together = folders.into_values().max().unwrap_or_default();
        sums.shares(group)
    }

    fn has_figures_beside(&self, item: &group::Item, title: &str) -> bool {
        let text = &self.outline.text[self.outline.elements[item.container].text.clone()];
        let beside = text.get(..text.floor_char_boundary(LONGEST_ITEM)).unwrap_or(text).replace(title, "");
        !title.is_empty() && beside.contains(|letter: char| letter.is_numeric())
    }

    /// Links within the same list that a variant of the markup put into another group: a featured first item,
    /// say. They have to show what the others show, and to stand in the folder of a known one, or have a date.
    fn with_look_alikes(&self, group: &Group, traits: &Traits, candidates: &[usize]) -> Vec<usize> {
        let url = |index: usize| &self.outline.links[index].url;
        let mut known: HashSet<&Url> = group.items.iter().map(|item| url(item.link)).collect();
        let folders: HashSet<String> = known.iter().map(|url| folder(url)).collect();
        let mut members: Vec<usize> = group.items.iter().map(|item| item.link).collect();
        for &index in candidates {
            let element = self.outline.links[index].element;
            let outside = !self.outline.contains(group.list, element) || group.holds(self.outline, element);
            let dated = traits.dated >= MOST && (names_item(url(index)) || is_below(url(index), self.base));
            if !outside && !known.contains(url(index)) && (dated || folders.contains(&folder(url(index)))) {
                known.insert(url(index));
                members.push(index);
            }
        }
        let own: HashSet<usize> = group.items.iter().map(|item| item.link).collect();
        let merged = Group::of(self.outline, members);
        let belongs = |item: &&group::Item| own.contains(&item.link) || self.looks_alike(item, traits);
        merged.items.iter().filter(belongs).map(|item| item.link).collect()
    }

    fn looks_alike(&self, item: &group::Item, traits: &Traits) -> bool {
        let title = self.titles.of_item(self.outline, item);
        let dated = traits.dated < MOST || item.day.is_some();
        let headed = traits.dated >= MOST || traits.headed < MOST || title.is_heading;
        // In lists with dates a short title does: rows take turns in their classes.
        let fewest = if traits.dated >= MOST { 2 } else { 3 };
        dated && headed && is_title(&title.text) && words(&title.text) >= fewest
    }

    fn describe(&self, members: Vec<usize>) -> Vec<Entry> {
        let mut seen: HashSet<String> = HashSet::new();
        let members =
            members.into_iter().filter(|&index| seen.insert(identity(&self.outline.links[index].url))).collect();
        let group = Group::of(self.outline, members);
        let entry = |item: &group::Item| Entry {
            url: self.outline.links[item.link].url.clone(),
            title: self.titles.of_item(self.outline, item).text,
            day: item.day,
        };
        latest(group.items.iter().map(entry).collect(), MOST_ENTRIES, |entry: &Entry| entry.day)
    }
}

#[derive(Default)]
struct Sums {
    dated: usize,
    headed: usize,
    worded: usize,
    titled: usize,
    long_titled: usize,
    bearing: usize,
    pointed: usize,
    below: usize,
    numbered: usize,
    together: usize,
    figured: usize,
}

impl Sums {
    fn shares(&self, group: &Group) -> Traits {
        let count = group.items.len();
        #[expect(clippy::cast_precision_loss, reason = "there are at most thousands of links")]
        let share = |sum: usize| sum as f64 / count.max(1) as f64;
        let days: Vec<_> = group.items.iter().filter_map(|item| item.day).collect();
        Traits {
            count,
            dated: share(self.dated),
            headed: share(self.headed),
            worded: share(self.worded),
            titled: share(self.titled),
            long_titled: share(self.long_titled),
            bearing: share(self.bearing),
            pointed: share(self.pointed),
            below: share(self.below),
            numbered: share(self.numbered),
            together: share(self.together),
            figured: share(self.figured),
            falling: days.len() > 1 && days.is_sorted_by(|a, b| a >= b),
        }
    }
}

impl Traits {
    /// Enough to believe that these are releases: dates beside titles, headings over addresses such as items have,
    /// or long titles alone below the listing, with numbers, or beside figures. One item alone has to be dated.
    fn is_evidence(&self) -> bool {
        let item_like = self.pointed.max(self.below) >= MOST;
        match self.count {
            0 => false,
            1 => self.dated > 0.0 && self.titled > 0.0 && item_like,
            count => {
                let dated = self.dated >= MOST && self.worded >= MOST;
                let headed = self.headed >= MOST && self.titled >= MOST && item_like;
                // Side menus have long titles and speaking addresses too.
                let carded = self.pointed.min(self.figured) >= MOST;
                let placed = self.below.max(self.numbered) >= MOST || carded;
                let plain = count >= LEAST_PLAIN && self.long_titled > MOST && self.together > MOST && placed;
                dated || headed || plain
            }
        }
    }

    fn score(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "there are at most thousands of links")]
        let size = (self.count as f64 + 1.0).ln();
        let falling = if self.falling { 0.5 } else { 0.0 };
        let traits = 2.0 * self.dated + self.headed + self.long_titled + self.bearing + falling;
        size * (0.5 + traits + 0.5 * (self.pointed + self.below + self.together))
    }
}

#[cfg(test)]
mod tests;
