//! Scenarios: a site and what is done there, over and over.

use std::collections::VecDeque;
use std::error::Error;

use crate::core_pool::{CorePool, written};
use crate::draw::Draw;
use crate::scan::Scan;
use crate::site::{Site, Strategy, Tags};
use crate::{FIRST_SUM, Operation, added, call, centre, counted_operations};

/// A pool, or what stands for one.
pub trait Chooser {
    /// Choose a free agent; those excluded are ascending handles.
    fn select(&mut self, needs: u32, exclude: &[i64]) -> Option<u32>;
    /// Choose a free agent, who is then busy.
    fn reserve(&mut self, needs: u32) -> Option<u32>;
    /// Let an agent be free.
    fn release(&mut self, agent: u32, idle_since_ms: i64);
    /// Give an agent other tags; *written* says the same in words.
    fn retag(&mut self, agent: u32, tags: &Tags, written: &[String]);
    /// Return the place of the waiting call that an agent should take first.
    fn best_waiting(&mut self, agent: u32) -> Option<u64>;
}

/// A call that waits; its ticket is its place.
#[derive(Debug)]
pub struct WaitingCall {
    pub needs: u32,
    pub priority: u32,
    pub since_ms: u32,
}

/// A named amount of work.
#[derive(Debug)]
pub struct Scenario {
    /// What is done, to what, and how large that is.
    pub name: &'static str,
    /// How often.
    pub operations: u32,
    act: Act,
    site: fn() -> Site,
    /// Whether some of the answers name somebody.
    is_answered: bool,
}

/// What one operation is.
#[derive(Clone, Copy, Debug)]
enum Act {
    Select,
    /// Without the three agents who would come first.
    SelectExcluding,
    /// Reserve an agent and release the one who has been busy longest.
    ReserveRelease,
    /// Give an agent another one's tags, or tags of nobody's.
    Retag,
    BestWaiting,
    /// A call's five events, through the engine.
    Call,
    /// A call that comes to a busy centre, and one that ends there.
    Centre,
    /// An event of that centre, as it was recorded.
    Replay,
}

const AGENTS: u32 = 10_000;
const WAITING: u32 = 10_000;
const AGENTS_OF_ENGINE: u32 = 1_000;
const OPERATIONS: u32 = 2_000;
/// Of what looks at all who are eligible.
const OPERATIONS_LINEAR: u32 = 200;
const NOW_MS: i64 = 1 << 31;

/// Everything that is counted.
const ALL: &[Scenario] = &[
    // The choice alone.
    select("select_realistic_10k", || Site::realistic(AGENTS)),
    select("select_adversarial_10k", || Site::adversarial(AGENTS)),
    select("select_sparse_10k", || Site::sparse(AGENTS)),
    select("select_unmatched_realistic_10k", || Site::realistic(AGENTS).nobody_matches(3))
        .by_nobody(),
    select("select_unmatched_adversarial_10k", || {
        Site::adversarial(AGENTS).few_needs().nobody_matches(4)
    })
    .by_nobody(),
    select("select_all_busy_realistic_10k", || Site::realistic(AGENTS).all_free(false)).by_nobody(),
    select("select_all_busy_adversarial_10k", || Site::adversarial(AGENTS).all_free(false))
        .by_nobody(),
    select("select_equal_idle_realistic_10k", || Site::realistic(AGENTS).equal_idle()),
    select("select_equal_idle_adversarial_10k", || Site::adversarial(AGENTS).equal_idle()),
    // What else needs may say.
    excluding("select_excluding_realistic_10k", || Site::realistic(AGENTS)),
    excluding("select_excluding_adversarial_10k", || Site::adversarial(AGENTS).few_needs()),
    select("select_preferring_realistic_10k", || {
        Site::realistic(AGENTS).forbidding_and_preferring()
    }),
    select("select_preferring_adversarial_10k", || {
        Site::adversarial(AGENTS).forbidding_and_preferring()
    }),
    select("select_leveled_realistic_10k", || Site::realistic(AGENTS).leveled()),
    select("select_leveled_adversarial_10k", || Site::adversarial(AGENTS).leveled()),
    select("select_20_members_realistic_10k", || Site::realistic(AGENTS).with_members(20)),
    select("select_1k_members_realistic_10k", || Site::realistic(AGENTS).with_members(1_000)),
    select("select_1k_members_adversarial_10k", || {
        Site::adversarial(AGENTS).few_needs().with_members(1_000)
    }),
    // Other orders.
    select("select_longest_idle_realistic_10k", || {
        Site::realistic(AGENTS).ordered_by(Strategy::LongestIdle)
    }),
    select("select_longest_idle_adversarial_10k", || {
        Site::adversarial(AGENTS).ordered_by(Strategy::LongestIdle)
    }),
    linear("select_fewest_calls_realistic_10k", || {
        Site::realistic(AGENTS).ordered_by(Strategy::FewestCalls)
    }),
    linear("select_fewest_calls_adversarial_10k", || {
        Site::adversarial(AGENTS).ordered_by(Strategy::FewestCalls)
    }),
    // What changes the pool.
    reserve("reserve_release_realistic_10k", || Site::realistic(AGENTS)),
    reserve("reserve_release_adversarial_10k", || Site::adversarial(AGENTS)),
    reserve("reserve_release_equal_idle_10k", || Site::adversarial(AGENTS).equal_idle()),
    retag("retag_realistic_10k", || Site::realistic(AGENTS)),
    retag("retag_adversarial_10k", || Site::adversarial(AGENTS)),
    // The calls that wait, and all of it together.
    best_waiting("best_waiting_realistic_10k", || Site::realistic(AGENTS)),
    best_waiting("best_waiting_adversarial_10k", || Site::adversarial(AGENTS)),
    scenario(Act::Call, "call_whole_1k", 500, || Site::realistic(AGENTS_OF_ENGINE).all_free(true)),
    scenario(Act::Centre, "call_whole_5skill", OPERATIONS, || all_idle(Site::five_skills(100))),
    scenario(Act::Replay, "replay_events", OPERATIONS, || all_idle(Site::five_skills(100))),
];

impl Scenario {
    /// Expect that all answers are: nobody.
    const fn by_nobody(self) -> Self {
        Self { is_answered: false, ..self }
    }

    /// Find scenarios by their names; without names, all.
    ///
    /// # Errors
    /// As `named`.
    pub fn all_or(names: &[&str]) -> Result<Vec<&'static Self>, String> {
        if names.is_empty() {
            return Ok(ALL.iter().collect());
        }
        names.iter().map(|name| Self::named(name)).collect()
    }

    /// Find a scenario by its name.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<&'static Self, String> {
        let found = ALL.iter().find(|scenario| scenario.name == name);
        found.ok_or_else(|| format!("there is no scenario named {name}"))
    }

    /// Do the operations where they are counted, and return the checksum.
    pub fn count<const SLOWED: bool>(&self) -> u64 {
        let site = (self.site)();
        if let Some(mut operation) = self.through_engine(&site) {
            return counted_operations(self.operations, &mut *operation);
        }
        let waiting = self.waiting(&site);
        let mut pool = CorePool::<SLOWED>::new(&site, &waiting);
        let mut operation = self.operation(&site, &mut pool);
        counted_operations(self.operations, &mut *operation)
    }

    /// Compare the answers with those of a scan, and return the checksum.
    ///
    /// # Errors
    /// An answer differs, or nobody was ever chosen where somebody should be.
    pub fn check(&self) -> Result<u64, Box<dyn Error>> {
        let site = (self.site)();
        if let Some(mut core) = self.through_engine(&site) {
            let mut other = match self.act {
                Act::Centre => centre::through_scan(&site, self.operations),
                Act::Replay => centre::retold(&site, self.operations),
                Act::Select
                | Act::SelectExcluding
                | Act::ReserveRelease
                | Act::Retag
                | Act::BestWaiting
                | Act::Call => call::through_scan(&site, self.operations),
            };
            return self.compare(&mut *core, &mut *other);
        }
        let waiting = self.waiting(&site);
        let mut pool = CorePool::<false>::new(&site, &waiting);
        let mut scan = Scan::new(&site, &waiting);
        let mut core_operation = self.operation(&site, &mut pool);
        let mut scan_operation = self.operation(&site, &mut scan);
        let checksum = self.compare(&mut *core_operation, &mut *scan_operation)?;
        drop((core_operation, scan_operation));
        // What the operations have changed shows in later choices.
        for needs in 0..site.needs_count() {
            let (core, scan) = (pool.select(needs, &[]), scan.select(needs, &[]));
            if core != scan {
                let name = self.name;
                return Err(format!("{name}: then {core:?} for needs {needs}, not {scan:?}").into());
            }
        }
        Ok(checksum)
    }

    /// Return what is done with an engine; `None`: it is done with a pool.
    fn through_engine(&self, site: &Site) -> Option<Box<Operation<'static>>> {
        match self.act {
            Act::Call => Some(call::through_engine(site, self.operations)),
            Act::Centre => Some(centre::through_engine(site, self.operations)),
            Act::Replay => Some(centre::replayed(site, self.operations)),
            Act::Select
            | Act::SelectExcluding
            | Act::ReserveRelease
            | Act::Retag
            | Act::BestWaiting => None,
        }
    }

    /// Draw the calls that wait, where they are looked at.
    fn waiting(&self, site: &Site) -> Vec<WaitingCall> {
        let mut draw = Draw::new(site.seed + 600);
        let call = |_| WaitingCall {
            needs: draw.below(site.needs_count()),
            priority: draw.below(3),
            since_ms: draw.below(1 << 20),
        };
        let count = if matches!(self.act, Act::BestWaiting) { WAITING } else { 0 };
        (0..count).map(call).collect()
    }

    fn compare(
        &self,
        core: &mut Operation<'_>,
        scan: &mut Operation<'_>,
    ) -> Result<u64, Box<dyn Error>> {
        let (name, mut sum, mut is_answered) = (self.name, FIRST_SUM, false);
        for number in 0..self.operations {
            let (answer, expected) = (core(number), scan(number));
            if answer != expected {
                let place = format!("{name}: answer {number} is {answer}, not {expected}");
                return Err(place.into());
            }
            sum = added(sum, answer);
            is_answered |= answer != 0;
        }
        if is_answered != self.is_answered {
            return Err(format!("{name}: that there are answers is {is_answered}").into());
        }
        Ok(sum)
    }

    fn operation<'a, C: Chooser>(&self, site: &Site, chooser: &'a mut C) -> Box<Operation<'a>> {
        let asked = drawn(site, self.operations, site.needs_count());
        let agents = drawn(site, self.operations, site.agents_count());
        match self.act {
            Act::Select => {
                Box::new(move |number| answer(chooser.select(asked[number as usize], &[])))
            }
            Act::SelectExcluding => {
                let excluded: Vec<_> =
                    (0..site.needs_count()).map(|needs| first_three(chooser, needs)).collect();
                Box::new(move |number| {
                    let needs = asked[number as usize];
                    answer(chooser.select(needs, &excluded[needs as usize]))
                })
            }
            Act::ReserveRelease => {
                let mut busy: VecDeque<u32> = site.busy().collect();
                Box::new(move |number| {
                    let reserved = chooser.reserve(asked[number as usize]);
                    if let Some(agent) = reserved {
                        busy.push_back(agent);
                        let released = busy.pop_front().unwrap_or(agent);
                        chooser.release(released, NOW_MS + i64::from(number));
                    }
                    answer(reserved)
                })
            }
            Act::Retag => {
                let others = other_tags(site, self.operations);
                Box::new(move |number| {
                    let (tags, written) = &others[number as usize];
                    chooser.retag(agents[number as usize], tags, written);
                    0
                })
            }
            Act::BestWaiting => {
                Box::new(move |number| answer(chooser.best_waiting(agents[number as usize])))
            }
            Act::Call | Act::Centre | Act::Replay => unreachable!("the engine is no pool"),
        }
    }
}

impl Site {
    /// Return how many needs there are.
    pub fn needs_count(&self) -> u32 {
        u32::try_from(self.needs.len()).expect("there are few")
    }

    fn agents_count(&self) -> u32 {
        u32::try_from(self.agents.len()).expect("there are few")
    }

    fn busy(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.agents).filter(|(_, agent)| !agent.is_free).map(|(handle, _)| handle)
    }
}

const fn scenario(act: Act, name: &'static str, operations: u32, site: fn() -> Site) -> Scenario {
    Scenario { name, operations, act, site, is_answered: true }
}

const fn select(name: &'static str, site: fn() -> Site) -> Scenario {
    scenario(Act::Select, name, OPERATIONS, site)
}

const fn linear(name: &'static str, site: fn() -> Site) -> Scenario {
    scenario(Act::Select, name, OPERATIONS_LINEAR, site)
}

const fn excluding(name: &'static str, site: fn() -> Site) -> Scenario {
    scenario(Act::SelectExcluding, name, OPERATIONS, site)
}

const fn reserve(name: &'static str, site: fn() -> Site) -> Scenario {
    scenario(Act::ReserveRelease, name, OPERATIONS, site)
}

const fn retag(name: &'static str, site: fn() -> Site) -> Scenario {
    scenario(Act::Retag, name, OPERATIONS, site).by_nobody()
}

const fn best_waiting(name: &'static str, site: fn() -> Site) -> Scenario {
    scenario(Act::BestWaiting, name, OPERATIONS, site)
}

/// Let everybody be free since the same instant.
fn all_idle(site: Site) -> Site {
    let mut site = site.all_free(true);
    site.agents.iter_mut().for_each(|agent| agent.idle_since_ms = 0);
    site
}

/// Make one number of an answer; nobody is 0.
fn answer(chosen: Option<impl Into<u64>>) -> u64 {
    chosen.map_or(0, |handle| handle.into() + 1)
}

/// Draw which needs, or which agent, each operation is about.
pub fn drawn(site: &Site, operations: u32, bound: u32) -> Vec<u32> {
    let mut draw = Draw::new(site.seed + 500);
    (0..operations).map(|_| draw.below(bound)).collect()
}

fn first_three(chooser: &mut impl Chooser, needs: u32) -> Vec<i64> {
    let mut first = Vec::new();
    while let Some(agent) = chooser.select(needs, &first).filter(|_| first.len() < 3) {
        first.push(agent.into());
    }
    first
}

/// Draw other tags: of a realistic site somebody's, of another nobody's.
fn other_tags(site: &Site, operations: u32) -> Vec<(Tags, Vec<String>)> {
    let mut draw = Draw::new(site.seed + 700);
    let is_realistic = site.needs.len() < 100;
    let other = |_| {
        let mut tags = draw.one(&site.agents).tags;
        if !is_realistic {
            tags.held = draw.bits(6, u64::MAX);
        }
        (tags, written(&tags))
    };
    (0..operations).map(other).collect()
}
