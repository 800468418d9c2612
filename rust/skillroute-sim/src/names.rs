//! Names of the plan, found by where they are in memory.
//!
//! The engine's orders share the names of its plan instead of copying them, so one that
//! is equal has the same address, and no letters have to be compared.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The numbers of some names.
#[derive(Debug)]
pub(crate) struct Names {
    /// Ascending; which comes first differs between runs, what is found does not.
    by_address: Vec<(usize, u32)>,
    by_name: BTreeMap<Arc<str>, u32>,
}

impl Names {
    /// Number names in their order.
    pub(crate) fn new<'a>(names: impl Iterator<Item = &'a Arc<str>>) -> Self {
        let by_name: BTreeMap<_, _> = names.map(Arc::clone).zip(0..).collect();
        let mut by_address: Vec<_> =
            by_name.iter().map(|(name, number)| (address(name), *number)).collect();
        by_address.sort_unstable();
        Self { by_address, by_name }
    }

    /// Return the number of a name that an order gives.
    pub(crate) fn number(&self, name: &Arc<str>) -> u32 {
        let found = self.by_address.binary_search_by_key(&address(name), |(place, _)| *place);
        found.map_or_else(|_| self.by_name[name], |place| self.by_address[place].1)
    }

    /// Return the number of a name; `None`: there is none.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }
}

fn address(name: &Arc<str>) -> usize {
    Arc::as_ptr(name).addr()
}
