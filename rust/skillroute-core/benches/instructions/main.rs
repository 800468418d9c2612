//! Named amounts of work, for a tool that counts instructions.
//!
//! Callgrind is told to collect inside `counted_operations` alone, so that making a pool
//! costs nothing. What a scenario answers is first compared with a scan (`check`), and its
//! checksum is printed by both commands: whoever counts can see that what was counted is
//! what was checked. `benches/instructions.py`, at the root of the project, does all that.
//!
//! ```text
//! instructions check [NAME...]   compare with a scan; print name, operations, checksum
//! instructions count NAME        do the operations; print the checksum
//! instructions count-slowed NAME the same with every fifth selection made twice
//! ```

mod call;
mod centre;
mod core_pool;
mod draw;
mod scan;
mod scenario;
mod site;

use std::error::Error;
use std::io::{self, Write};

use scenario::Scenario;

const USAGE: &str = "usage: instructions check [NAME...] | count NAME | count-slowed NAME";

/// Not 0, so that the checksum says how many answers there were, whatever they were.
const FIRST_SUM: u64 = 1;

/// One operation; the argument is its number, from 0, and it returns what was answered.
type Operation<'a> = dyn FnMut(u32) -> u64 + 'a;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` to what it is told.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut out = io::stdout();
    match words[..] {
        // As `cargo bench` calls it.
        [] => check(&mut out, &[])?,
        ["check", ref names @ ..] => check(&mut out, names)?,
        ["count", name] => writeln!(out, "{:016x}", Scenario::named(name)?.count::<false>())?,
        ["count-slowed", name] => writeln!(out, "{:016x}", Scenario::named(name)?.count::<true>())?,
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

fn check(out: &mut impl Write, names: &[&str]) -> Result<(), Box<dyn Error>> {
    for scenario in Scenario::all_or(names)? {
        let checksum = scenario.check()?;
        writeln!(out, "{} {} {checksum:016x}", scenario.name, scenario.operations)?;
    }
    Ok(())
}

/// Do operations one after another and return the checksum of their answers.
///
/// What it calls is counted, and nothing else is; its name is known to the runner.
#[inline(never)]
fn counted_operations(operations: u32, operation: &mut Operation<'_>) -> u64 {
    (0..operations).fold(FIRST_SUM, |sum, number| added(sum, operation(number)))
}

/// Add an answer to a checksum, in a few instructions.
fn added(sum: u64, answer: u64) -> u64 {
    (sum ^ answer).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
}
