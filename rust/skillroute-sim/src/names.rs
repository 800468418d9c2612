//! Names of the plan, found by where they are in memory.
//!
//! The engine's orders share the names of its plan instead of copying them, so one that
//! is equal has the same address, and no letters have to be compared.

use std::collections::BTreeMap;
use std::sync::Arc;

/// An odd number whose multiples lie far apart: 2^64 divided by the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
/// No name lies there.
const NOWHERE: (usize, u32) = (0, 0);

/// The numbers of some names.
#[derive(Debug)]
pub(crate) struct Names {
    /// A hash table by address, at most a quarter full: a name stands at its place or behind.
    /// Which place that is differs between runs, what is found does not.
    by_address: Vec<(usize, u32)>,
    by_name: BTreeMap<Arc<str>, u32>,
}

impl Names {
    /// Number names in their order.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a Arc<str>>) -> Self {
        let by_name: BTreeMap<_, _> = names.map(Arc::clone).zip(0..).collect();
        let mut by_address = vec![NOWHERE; (4 * by_name.len()).next_power_of_two().max(2)];
        for (name, number) in &by_name {
            let mut place = place(address(name), by_address.len());
            while by_address[place] != NOWHERE {
                place = (place + 1) & (by_address.len() - 1);
            }
            by_address[place] = (address(name), *number);
        }
        Self { by_address, by_name }
    }

    /// Return the number of a name that an order gives.
    pub(crate) fn number(&self, name: &Arc<str>) -> u32 {
        let (places, address) = (self.by_address.len(), address(name));
        let mut place = place(address, places);
        loop {
            match self.by_address[place] {
                (found, number) if found == address => return number,
                NOWHERE => return self.by_name[name],
                _ => place = (place + 1) & (places - 1),
            }
        }
    }

    /// Return the number of a name; `None`: there is none.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }
}

fn address(name: &Arc<str>) -> usize {
    Arc::as_ptr(name).addr()
}

/// Return where a search begins, in a table of so many places: a power of two, above 1.
fn place(address: usize, places: usize) -> usize {
    let spread = (address as u64).wrapping_mul(SPREAD);
    usize::try_from(spread >> (u64::BITS - places.trailing_zeros())).expect("it is a place")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_place_and_a_copy_by_its_letters() {
        let names: Vec<Arc<str>> = (0..300).map(|n| format!("agent {n}").into()).collect();
        let numbers = Names::new(names.iter());
        for (number, name) in (0..).zip(&names) {
            assert_eq!(number, numbers.number(name));
            assert_eq!(number, numbers.number(&Arc::from(&**name)));
            assert_eq!(Some(number), numbers.find(name));
        }
        assert_eq!(None, numbers.find("nobody"));
    }
}
