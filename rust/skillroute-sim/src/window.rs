//! A table of things that are numbered as they come and go about in that order.
//!
//! As long as the span from the oldest to the newest that is still there; a place is found
//! by one subtraction.

use std::collections::VecDeque;

/// Things by ascending number.
#[derive(Debug)]
pub(crate) struct Window<T> {
    /// Number of the first place.
    base: u64,
    places: VecDeque<Option<T>>,
}

impl<T> Default for Window<T> {
    fn default() -> Self {
        Self { base: 0, places: VecDeque::new() }
    }
}

impl<T> Window<T> {
    /// Put a thing in its place, behind all that were there before.
    pub(crate) fn insert(&mut self, number: u64, thing: T) {
        if self.places.is_empty() {
            self.base = number;
        }
        let place = self.place(number).expect("numbers ascend");
        while self.places.len() < place {
            self.places.push_back(None);
        }
        self.places.push_back(Some(thing));
    }

    /// Look at a thing; `None`: it is gone.
    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        self.places.get(self.place(number)?)?.as_ref()
    }

    /// Change a thing; `None`: it is gone.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let place = self.place(number)?;
        self.places.get_mut(place)?.as_mut()
    }

    /// Take a thing out; `None`: it was gone.
    pub(crate) fn take(&mut self, number: u64) -> Option<T> {
        let place = self.place(number)?;
        let taken = self.places.get_mut(place)?.take();
        while let Some(None) = self.places.front() {
            self.places.pop_front();
            self.base += 1;
        }
        taken
    }

    /// Take all things out, in order.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> + '_ {
        self.places.drain(..).flatten()
    }

    fn place(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.base)?).ok()
    }
}
