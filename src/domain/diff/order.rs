//! Which matched blocks kept their order, and which moved: the heaviest sequence that both documents have in
//! the same order stays, so the long text stands still and the short one moves around it.

/// For each of the matches, given as (place in the old document, weight) in the order of the new one, whether
/// it stays. Takes n log n steps.
pub(super) fn staying(matches: &[(usize, usize)]) -> Vec<bool> {
    let size = matches.iter().map(|(place, _)| place + 2).max().unwrap_or(1);
    let mut best = BestBefore { tree: vec![(0, None); size] };
    let mut previous = vec![None; matches.len()];
    let mut heaviest: (usize, Option<usize>) = (0, None);
    for (index, (place, weight)) in matches.iter().enumerate() {
        let (sum, last) = best.before(*place);
        previous[index] = last;
        let total = sum + weight;
        best.raise(*place, (total, Some(index)));
        if total > heaviest.0 {
            heaviest = (total, Some(index));
        }
    }
    let mut stays = vec![false; matches.len()];
    let mut at = heaviest.1;
    while let Some(index) = at {
        stays[index] = true;
        at = previous[index];
    }
    stays
}

/// The heaviest sequence that ends before a place: a Fenwick tree of maxima.
struct BestBefore {
    tree: Vec<(usize, Option<usize>)>,
}

impl BestBefore {
    fn before(&self, place: usize) -> (usize, Option<usize>) {
        let mut node = place;
        let mut best = (0, None);
        while node > 0 {
            if self.tree[node].0 > best.0 {
                best = self.tree[node];
            }
            node &= node - 1;
        }
        best
    }

    fn raise(&mut self, place: usize, value: (usize, Option<usize>)) {
        let mut node = place + 1;
        while node < self.tree.len() {
            if value.0 > self.tree[node].0 {
                self.tree[node] = value;
            }
            node += node & node.wrapping_neg();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_one_moves() {
        assert_eq!(staying(&[(1, 5), (2, 5), (0, 3)]), [true, true, false]);
        assert_eq!(staying(&[(1, 5), (0, 50)]), [false, true]);
        assert_eq!(staying(&[(0, 1), (1, 1), (2, 1)]), [true, true, true]);
        assert!(staying(&[]).is_empty());
    }
}
