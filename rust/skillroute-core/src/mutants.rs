//! Cores that are broken on purpose, one decision at a time.
//!
//! A test suite that finds nothing may be unable to find anything. So each decision that
//! matters is written as `broken!(N, right, wrong)`. In a build with the feature
//! `mutants` the number in force (0: none) makes mark N take its wrong side; one build
//! serves all marks, and a differential run must tell each from the specification.
//! Without the feature the macro is its right side, and nothing else is compiled.

#[cfg(feature = "mutants")]
use std::sync::atomic::{AtomicU32, Ordering};

#[cfg(feature = "mutants")]
static IN_FORCE: AtomicU32 = AtomicU32::new(0);

/// Break the decision of one mark in all engines that the process makes from now on; 0: none.
#[cfg(feature = "mutants")]
pub fn set(number: u32) {
    IN_FORCE.store(number, Ordering::Relaxed);
}

/// Tell whether a mark is to take its wrong side.
#[cfg(feature = "mutants")]
pub(crate) fn is_in_force(number: u32) -> bool {
    IN_FORCE.load(Ordering::Relaxed) == number
}

/// Decide rightly, or wrongly where a test asks for it.
#[cfg(feature = "mutants")]
macro_rules! broken {
    ($number:literal, $right:expr, $wrong:expr $(,)?) => {
        if $crate::mutants::is_in_force($number) { $wrong } else { $right }
    };
}

/// Decide rightly.
#[cfg(not(feature = "mutants"))]
macro_rules! broken {
    ($number:literal, $right:expr, $wrong:expr $(,)?) => {
        $right
    };
}

pub(crate) use broken;
