//! Compares two rows of a table cell by cell. Where a column came or went, the first rows of both tables tell which;
//! a row that has other cells than they is aligned by its own.

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::words::compare;
use super::{Span, SpanKind};
use crate::domain::normalize::canonical_text;

/// Rows of more cells than this are aligned by position.
const MAX_CELLS: usize = 500;

/// The spans of two rows, of which the tables begin with `heads`, and whether a cell was too long to compare.
pub(super) fn compare_rows(old: &str, new: &str, heads: (&str, &str)) -> (Vec<Span>, bool) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\t').collect(), new.split('\t').collect());
    let mut row = Row::default();
    for (left, right) in columns(&old, &new, heads) {
        row.cell(left.map(|index| old[index]), right.map(|index| new[index]));
    }
    (row.spans, row.coarse)
}

type Column = (Option<usize>, Option<usize>);

fn columns(old: &[&str], new: &[&str], heads: (&str, &str)) -> Vec<Column> {
    let (old_head, new_head): (Vec<&str>, Vec<&str>) = (heads.0.split('\t').collect(), heads.1.split('\t').collect());
    if old.len() == new.len() || old.len().max(new.len()) > MAX_CELLS {
        by_position(0..old.len(), 0..new.len())
    } else if old_head.len() == old.len() && new_head.len() == new.len() {
        by_cells(&old_head, &new_head)
    } else {
        by_cells(old, new)
    }
}

fn by_position(old: std::ops::Range<usize>, new: std::ops::Range<usize>) -> Vec<Column> {
    let both = old.len().min(new.len());
    let pairs = old.clone().zip(new.clone()).map(|(left, right)| (Some(left), Some(right)));
    let gone = old.skip(both).map(|left| (Some(left), None));
    pairs.chain(gone).chain(new.skip(both).map(|right| (None, Some(right)))).collect()
}

fn by_cells(old: &[&str], new: &[&str]) -> Vec<Column> {
    let keys = |cells: &[&str]| cells.iter().map(|cell| canonical_text(cell)).collect::<Vec<_>>();
    let (old, new) = (keys(old), keys(new));
    let operations = capture_diff_slices(Algorithm::Myers, &old, &new);
    let columns = |operation: &similar::DiffOp| match operation.tag() {
        DiffTag::Insert => by_position(0..0, operation.new_range()),
        DiffTag::Delete => by_position(operation.old_range(), 0..0),
        DiffTag::Equal | DiffTag::Replace => by_position(operation.old_range(), operation.new_range()),
    };
    operations.iter().flat_map(columns).collect()
}

/// A row as far as it is told.
#[derive(Default)]
struct Row {
    spans: Vec<Span>,
    coarse: bool,
    /// Whether each side has a cell already, and needs a tab before the next one.
    old_begun: bool,
    new_begun: bool,
}

impl Row {
    fn cell(&mut self, old: Option<&str>, new: Option<&str>) {
        let (old_tab, new_tab) = (old.is_some() && self.old_begun, new.is_some() && self.new_begun);
        match (old_tab, new_tab) {
            (true, true) => self.spans.push(Span::new(SpanKind::Equal, "\t")),
            (true, false) => self.spans.push(Span::new(SpanKind::Removed, "\t")),
            (false, true) => self.spans.push(Span::new(SpanKind::Added, "\t")),
            (false, false) => {}
        }
        self.old_begun |= old.is_some();
        self.new_begun |= new.is_some();
        match (old, new) {
            (Some(old), Some(new)) => {
                let (spans, coarse) = compare(old, new);
                self.spans.extend(spans);
                self.coarse |= coarse;
            }
            (Some(gone), None) => self.push(SpanKind::Removed, gone),
            (None, Some(come)) => self.push(SpanKind::Added, come),
            (None, None) => {}
        }
    }

    fn push(&mut self, kind: SpanKind, cell: &str) {
        if !cell.is_empty() {
            self.spans.push(Span::new(kind, cell));
        }
    }
}
