//! Play a scenario through the whole engine: `play PLAN SCENARIO`, paths of compiled ones.
//!
//! Prints one line of JSON; also what instructions are counted in.

#![allow(clippy::print_stdout, reason = "its result is what it prints")]
#![allow(clippy::disallowed_methods, reason = "it measures time")]

use std::time::Instant;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [plan, scenario] = arguments.as_slice() else {
        println!("{{\"usage\": \"play PLAN SCENARIO\"}}");
        return;
    };
    let read = |path: &String| std::fs::read(path).expect("the file is there");
    let (plan, scenario) = (read(plan), read(scenario));
    let begun = Instant::now();
    let outcome = skillroute_sim::run_replication(&plan, &scenario, 0, false);
    let bytes = outcome.expect("it can be played").tallies.len();
    println!("{{\"ns\": {}, \"bytes\": {bytes}}}", begun.elapsed().as_nanos());
}
