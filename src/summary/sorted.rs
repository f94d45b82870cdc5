//! A small map in the order of its keys, made for counting in the order of time: the key asked for is nearly
//! always the one asked for last.

/// Keys and values in the order of the keys.
#[derive(Clone, Debug)]
pub struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
    /// Where the last key asked for is.
    last: usize,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), last: 0 }
    }
}

impl<K: Ord + Copy, V: Default> SortedMap<K, V> {
    /// The value of a key, made if it is new. Costs a search where the key is not the one of the last call,
    /// and moves the entries behind a new one.
    #[inline]
    pub fn entry(&mut self, key: K) -> Option<&mut V> {
        let place = self.place_of(key);
        self.value_at(place)
    }

    /// Where the value of a key stands until a new key comes before it; made if it is new.
    #[inline]
    pub(super) fn place_of(&mut self, key: K) -> usize {
        if self.entries.get(self.last).is_none_or(|(known, _)| *known != key) {
            self.last = self.find_or_make(key);
        }
        self.last
    }

    /// The value that stands at a place.
    #[inline]
    pub(super) fn value_at(&mut self, place: usize) -> Option<&mut V> {
        self.entries.get_mut(place).map(|(_, value)| value)
    }

    fn find_or_make(&mut self, key: K) -> usize {
        match self.entries.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => at,
            Err(at) => {
                self.entries.insert(at, (key, V::default()));
                at
            }
        }
    }

    /// Whether there is a value for a key.
    pub fn contains_key(&self, key: K) -> bool {
        let is_last = self.entries.get(self.last).is_some_and(|(known, _)| *known == key);
        is_last || self.entries.binary_search_by(|(known, _)| known.cmp(&key)).is_ok()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_their_order_whatever_the_order_of_the_calls() {
        let mut map = SortedMap::<i64, u64>::default();
        for key in [5, 5, 3, 9, 5, 3, 4] {
            *map.entry(key).unwrap() += 1;
        }
        let all: Vec<(i64, u64)> = map.iter().map(|(key, count)| (*key, *count)).collect();
        assert_eq!(all, [(3, 2), (4, 1), (5, 3), (9, 1)]);
        assert!(map.contains_key(9) && !map.contains_key(8));
    }
}
