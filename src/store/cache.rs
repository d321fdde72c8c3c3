//! Bodies that were decoded lately, by their rows: a page is mostly read, or compared, after the one before it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// Bytes that are kept in all.
const ROOM: usize = 48 << 20;
/// Bodies that are kept.
const MOST: usize = 1024;

/// Clones share their bodies. Only verified bodies go in.
#[derive(Clone, Debug, Default)]
pub(super) struct Cache {
    bodies: Arc<Mutex<Kept>>,
    below: Option<Arc<Cache>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The one that was used last stands last.
    bodies: VecDeque<(i64, Bytes)>,
    size: usize,
}

impl Cache {
    /// An empty cache for bodies whose rows are not committed yet; what it does not have is looked for in the other.
    pub(super) fn above(below: &Self) -> Self {
        Self { bodies: Arc::default(), below: Some(Arc::new(below.clone())) }
    }

    /// A body that is kept.
    pub(super) fn find(&self, id: i64) -> Option<Bytes> {
        self.find_here(id).or_else(|| self.below.as_ref()?.find(id))
    }

    fn find_here(&self, id: i64) -> Option<Bytes> {
        let mut kept = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.bodies.iter().rposition(|(kept, _)| *kept == id)?;
        let found = kept.bodies.remove(place)?;
        let body = found.1.clone();
        kept.bodies.push_back(found);
        Some(body)
    }

    /// Drops a body that is not in the store any more.
    pub(super) fn forget(&self, id: i64) {
        let mut kept = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, dropped)) =
            kept.bodies.iter().position(|(kept, _)| *kept == id).and_then(|place| kept.bodies.remove(place))
        {
            kept.size -= dropped.len();
        }
    }

    /// Takes over what another cache keeps.
    pub(super) fn take_from(&self, other: &Self) {
        let taken = std::mem::take(&mut *other.bodies.lock().unwrap_or_else(PoisonError::into_inner));
        taken.bodies.into_iter().for_each(|(id, body)| self.keep(id, body));
    }

    /// Keeps a body, at the cost of those that were not used for longest.
    pub(super) fn keep(&self, id: i64, body: Bytes) {
        let mut kept = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        if body.len() > ROOM / 4 || kept.bodies.iter().any(|(kept, _)| *kept == id) {
            return;
        }
        kept.size += body.len();
        kept.bodies.push_back((id, body));
        while kept.size > ROOM || kept.bodies.len() > MOST {
            let Some((_, dropped)) = kept.bodies.pop_front() else { break };
            kept.size -= dropped.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_room_is_limited() {
        let cache = Cache::default();
        let body = Bytes::from(vec![0; ROOM / 10]);
        for id in 0..10 {
            cache.keep(id, body.clone());
        }
        assert!(cache.find(0).is_some());
        cache.keep(10, body.clone());
        assert!(cache.find(0).is_some() && cache.find(1).is_none() && cache.find(10).is_some());
        cache.keep(11, Bytes::from(vec![0; ROOM]));
        assert!(cache.find(11).is_none());
    }
}
