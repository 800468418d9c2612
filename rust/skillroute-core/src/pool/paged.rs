//! Things by handles that count up and are never used twice.
//!
//! They lie in pages, and a page goes when the last thing in it is gone: of those that are
//! gone long since an eighth of a byte each is left.

/// Things by their handles.
#[derive(Clone, Debug)]
pub(super) struct Paged<T> {
    pages: Vec<Option<Box<Page<T>>>>,
    made: usize,
    present: usize,
}

#[derive(Clone, Debug)]
struct Page<T> {
    things: [Option<T>; PAGE],
    present: usize,
}

/// Some kilobytes.
const PAGE: usize = 64;

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), made: 0, present: 0 }
    }
}

impl<T> Paged<T> {
    /// Return how many there are.
    pub(super) fn count(&self) -> usize {
        self.present
    }

    /// Return how many there ever were: the next handle.
    pub(super) fn made(&self) -> usize {
        self.made
    }

    /// Add a thing; return its handle.
    pub(super) fn push(&mut self, thing: T) -> usize {
        let handle = self.made;
        self.made += 1;
        let place = handle / PAGE;
        if place == self.pages.len() {
            self.pages.push(None);
        }
        let empty = || Box::new(Page { things: [const { None }; PAGE], present: 0 });
        let page = self.pages[place].get_or_insert_with(empty);
        page.things[handle % PAGE] = Some(thing);
        page.present += 1;
        self.present += 1;
        handle
    }

    /// Take a thing out, if it is there.
    pub(super) fn remove(&mut self, handle: usize) -> Option<T> {
        let entry = self.pages.get_mut(handle / PAGE)?;
        let page = entry.as_mut()?;
        let thing = page.things[handle % PAGE].take()?;
        self.present -= 1;
        page.present -= 1;
        if page.present == 0 {
            *entry = None;
        }
        Some(thing)
    }

    /// Return a thing, if it is there.
    #[inline]
    pub(super) fn get(&self, handle: usize) -> Option<&T> {
        let page = self.pages.get(handle / PAGE)?.as_ref()?;
        page.things[handle % PAGE].as_ref()
    }

    /// Return a thing to be changed.
    #[inline]
    pub(super) fn get_mut(&mut self, handle: usize) -> Option<&mut T> {
        let page = self.pages.get_mut(handle / PAGE)?.as_mut()?;
        page.things[handle % PAGE].as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_means_one_thing_for_ever() {
        let mut paged = Paged::default();
        let handles: Vec<_> = (0..200).map(|number| paged.push(number)).collect();
        assert_eq!(handles, (0..200).collect::<Vec<_>>());
        for handle in 64..128 {
            assert_eq!(Some(handle), paged.remove(handle));
        }
        assert!(paged.pages[1].is_none());
        assert_eq!(None, paged.remove(70));
        assert_eq!((None, Some(&130)), (paged.get(70), paged.get(130)));
        assert_eq!((200, 136, 200), (paged.push(7), paged.count() - 1, paged.made() - 1));
    }
}
