//! Room that is used again: the text of a chunk goes back to where the next one is read into.
//!
//! Chunks are made in one thread and end in another. Without this the allocator gives each one's room back to the
//! system and asks for it again, page by page: over a hundred thousand page faults in a search of 1 GB by two threads.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// So many are kept; there are never more on their way than the threads have room for.
const MOST: usize = 8;

/// Bytes more than are asked for.
const SLACK: usize = 1024;

/// Rooms that nobody uses now.
#[derive(Clone, Debug, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    /// An empty room for `size` bytes.
    pub(super) fn room(&self, size: usize) -> Vec<u8> {
        let known = self.0.lock().ok().and_then(|mut rooms| rooms.pop());
        let mut room = known.unwrap_or_default();
        if room.capacity() < size {
            // Lines that are carried over differ in length.
            room.reserve_exact(size + SLACK);
        }
        room
    }

    fn take_back(&self, mut room: Vec<u8>) {
        room.clear();
        if let Ok(mut rooms) = self.0.lock()
            && rooms.len() < MOST
        {
            rooms.push(room);
        }
    }
}

/// Text in such a room.
#[derive(Debug, Default)]
pub struct Text {
    text: String,
    home: Option<Spare>,
}

impl Text {
    /// `longest` bytes are what a room is for; a larger one is given back to the system.
    pub(super) fn from_room(text: String, home: &Spare, longest: usize) -> Self {
        let home = (text.capacity() <= longest).then(|| home.clone());
        Self { text, home }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { text, home: None }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Text {}

impl Drop for Text {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            home.take_back(std::mem::take(&mut self.text).into_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_used_again_and_a_large_one_is_not() {
        let spare = Spare::default();
        let room = |size| {
            let mut room = spare.room(size);
            room.extend_from_slice(b"text");
            String::from_utf8(room).unwrap()
        };
        let first = room(1000);
        let place = first.as_ptr();
        drop(Text::from_room(first, &spare, 4000));
        assert_eq!(spare.0.lock().unwrap().len(), 1);
        let again = room(500);
        assert_eq!((again.as_str(), again.as_ptr()), ("text", place));
        drop(Text::from_room(again, &spare, 100));
        assert!(spare.0.lock().unwrap().is_empty());
    }

    #[test]
    fn only_so_many_are_kept() {
        let spare = Spare::default();
        let rooms: Vec<_> = (0..MOST + 3).map(|_| spare.room(10)).collect();
        for room in rooms {
            drop(Text::from_room(String::from_utf8(room).unwrap(), &spare, 4000));
        }
        assert_eq!(spare.0.lock().unwrap().len(), MOST);
    }
}
