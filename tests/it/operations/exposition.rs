//! Reads the text format of `OpenMetrics`, and refuses what a strict reader would refuse.

use std::collections::{BTreeMap, BTreeSet};

/// A metric with all its samples.
#[derive(Clone, Debug, Default)]
pub(super) struct Family {
    pub(super) kind: String,
    pub(super) help: String,
    samples: Vec<Sample>,
}

#[derive(Clone, Debug)]
struct Sample {
    suffix: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Family {
    /// The sample with exactly these labels.
    pub(super) fn value(&self, labels: &[(&str, &str)]) -> f64 {
        let wanted: BTreeMap<String, String> =
            labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.samples.iter().find(|sample| sample.labels == wanted).unwrap_or_else(|| panic!("no {labels:?}")).value
    }

    /// All samples together.
    pub(super) fn sum(&self) -> f64 {
        self.samples.iter().map(|sample| sample.value).sum()
    }

    /// All labels with their values.
    pub(super) fn labels(&self) -> Vec<(String, String)> {
        self.samples.iter().flat_map(|sample| sample.labels.clone()).collect()
    }

    /// Bounds rise, counts do not fall, and the last one is the count of all.
    fn check_buckets(&self, name: &str) {
        let buckets = || self.samples.iter().filter(|sample| sample.suffix == "_bucket");
        let bound = |sample: &Sample| match sample.labels["le"].as_str() {
            "+Inf" => f64::INFINITY,
            number => number.parse().unwrap(),
        };
        assert!(buckets().zip(buckets().skip(1)).all(|(a, b)| bound(a) < bound(b) && a.value <= b.value), "{name}");
        let last = buckets().next_back().unwrap();
        let count = self.samples.iter().find(|sample| sample.suffix == "_count").unwrap();
        assert!(bound(last).is_infinite() && last.value.total_cmp(&count.value).is_eq(), "{name}");
    }
}

/// All metrics by name; panics where the text breaks a rule of the format.
pub(super) fn read(text: &str) -> BTreeMap<String, Family> {
    let body = text.strip_suffix("# EOF\n").expect("the mark of the end");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut open = String::new();
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (what, name, said) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            assert!(name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'), "{line}");
            if name != open {
                assert!(families.insert(name.to_owned(), Family::default()).is_none(), "{name} comes twice");
                name.clone_into(&mut open);
            }
            let family = families.get_mut(name).unwrap();
            match what {
                "HELP" => said.clone_into(&mut family.help),
                "TYPE" => said.clone_into(&mut family.kind),
                "UNIT" => assert!(name.ends_with(said), "{line}"),
                _ => panic!("{line}"),
            }
        } else {
            let sample = read_sample(line, &open);
            families.get_mut(&open).unwrap().samples.push(sample);
        }
    }
    families.iter().for_each(|(name, family)| check(name, family));
    families
}

fn read_sample(line: &str, family: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
        None => (series, ""),
    };
    let suffix = name.strip_prefix(family).unwrap_or_else(|| panic!("{line} stands under {family}")).to_owned();
    let label = |label: &str| {
        let (key, value) = label.split_once('=').unwrap();
        (key.to_owned(), value.strip_prefix('"').unwrap().strip_suffix('"').unwrap().to_owned())
    };
    let labels = labels.split(',').filter(|text| !text.is_empty()).map(label).collect();
    Sample { suffix, labels, value: value.parse().unwrap() }
}

fn check(name: &str, family: &Family) {
    assert!(family.help.ends_with('.') && !family.samples.is_empty(), "{name}: {family:?}");
    let suffixes: &[&str] = match family.kind.as_str() {
        "counter" => &["_total"],
        "gauge" => &[""],
        "info" => &["_info"],
        "histogram" => &["_bucket", "_count", "_sum"],
        other => panic!("{name} is a {other}"),
    };
    assert!(family.samples.iter().all(|sample| suffixes.contains(&sample.suffix.as_str())), "{name}: {family:?}");
    let series: BTreeSet<_> = family.samples.iter().map(|sample| (&sample.suffix, &sample.labels)).collect();
    assert_eq!(series.len(), family.samples.len(), "{name} has a series twice");
    if family.kind == "histogram" {
        family.check_buckets(name);
    }
}
