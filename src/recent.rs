//! Remembers what was found of the last texts: a log repeats itself.

use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// The last values by their keys, which are hashes: those of the same place push each other out.
#[derive(Clone, Debug)]
pub(crate) struct ByKey<V, const PLACES: usize> {
    /// Empty until the first one.
    known: Vec<Option<(u64, V)>>,
}

impl<V, const PLACES: usize> Default for ByKey<V, PLACES> {
    fn default() -> Self {
        Self { known: Vec::new() }
    }
}

impl<V, const PLACES: usize> ByKey<V, PLACES> {
    /// The value of a key.
    #[inline]
    pub(crate) fn get(&self, key: u64) -> Option<&V> {
        let (known, value) = self.known.get(Self::place_of(key))?.as_ref()?;
        (*known == key).then_some(value)
    }

    /// The place of a key, with what stands there: its own value, or another one's, whose room can be used again.
    #[inline]
    pub(crate) fn place(&mut self, key: u64) -> Option<&mut Option<(u64, V)>> {
        if self.known.is_empty() {
            self.known.resize_with(PLACES, || None);
        }
        self.known.get_mut(Self::place_of(key))
    }

    #[inline]
    fn place_of(key: u64) -> usize {
        usize::try_from(key % PLACES as u64).unwrap_or(0)
    }
}

/// What was found of the last texts, which are kept as they stood: what is remembered of a text is what would be found
/// again. Keeps at most `PLACES` of at most `LONGEST` bytes each; longer ones are not remembered.
#[derive(Clone, Debug)]
pub(crate) struct Recent<V, const PLACES: usize, const LONGEST: usize> {
    known: ByKey<(String, V), PLACES>,
    hasher: FixedState,
}

impl<V, const PLACES: usize, const LONGEST: usize> Default for Recent<V, PLACES, LONGEST> {
    fn default() -> Self {
        Self { known: ByKey::default(), hasher: FixedState::default() }
    }
}

impl<V: Copy, const PLACES: usize, const LONGEST: usize> Recent<V, PLACES, LONGEST> {
    /// What `find` finds of the text, which must hang on the text alone.
    pub(crate) fn of(&mut self, text: &str, find: impl FnOnce(&str) -> V) -> V {
        if text.len() > LONGEST {
            return find(text);
        }
        let key = self.hasher.hash_one(text.as_bytes());
        match self.known.place(key) {
            Some(Some((of, (known, value)))) => {
                if known != text {
                    *value = find(text);
                    // In the same room: nothing is allocated.
                    known.clear();
                    known.push_str(text);
                    *of = key;
                }
                *value
            }
            Some(free) => free.insert((key, (text.to_owned(), find(text)))).1.1,
            None => find(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_would_be_found() {
        let mut recent = Recent::<usize, 2, 3>::default();
        for text in ["", "a", "", "bb", "a", "ccc", "dddd", "dddd", "bb", "ccc", "é", "", "a"] {
            assert_eq!(recent.of(text, str::len), text.len(), "{text}");
        }
        let texts: Vec<_> =
            recent.known.known.iter().flatten().map(|(_, (text, _))| text.len()).collect();
        assert!(texts.len() == 2 && texts.iter().all(|length| *length <= 3), "{texts:?}");
    }

    #[test]
    fn a_text_is_looked_at_once_while_it_is_remembered() {
        let mut recent = Recent::<usize, 4, 8>::default();
        let mut looks = 0;
        for text in ["a", "a", "too long for that", "too long for that"] {
            recent.of(text, |_| {
                looks += 1;
                looks
            });
        }
        assert_eq!(looks, 3);
    }
}
