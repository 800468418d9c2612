//! Sites: who is there and what is asked, drawn from a seed.
//!
//! *Realistic*: 40 profiles of 3 to 8 of 64 tags, a few of them common, and 60 needs that
//! ask for 1 to 3 tags of a profile. *Adversarial*: no two agents hold the same 6 tags,
//! and 2,000 needs ask for 1 to 3 tags of some agent. *Sparse*: 100 needs that ask for
//! three rare tags which 1 to 5 agents hold together. Four of five agents are busy; of the
//! sparse site every second one.

use std::collections::BTreeSet;

use crate::draw::Draw;

pub const TAGS: u32 = 64;
const ALL_TAGS: u64 = u64::MAX;
const PROFILES: u32 = 40;
const NEEDS: usize = 60;
const NEEDS_ADVERSARIAL: usize = 2_000;
const NEEDS_SPARSE: usize = 100;
pub const LEVEL_MAX: u8 = 100;
const BUSY_OF_5: u32 = 4;
const IDLE_SPAN_MS: u32 = 1 << 30;

/// What an agent holds, and how well.
#[derive(Clone, Copy, Debug)]
pub struct Tags {
    /// A bit for each tag.
    pub held: u64,
    /// Of each tag; without meaning where it is not held.
    pub levels: [u8; TAGS as usize],
}

/// Somebody to choose.
#[derive(Clone, Debug)]
pub struct Agent {
    pub tags: Tags,
    pub is_free: bool,
    pub idle_since_ms: i64,
    /// Handled calls.
    pub calls: u32,
}

/// How the eligible agents are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    MostSpecific,
    LongestIdle,
    FewestCalls,
}

/// What a kind of call asks; bits are tags.
#[derive(Clone, Debug)]
pub struct Needs {
    pub required: u64,
    /// The least level of each required tag.
    pub level: u8,
    pub forbidden: u64,
    /// Tag and weight.
    pub preferred: Vec<(u32, u32)>,
    pub strategy: Strategy,
    /// None: everybody.
    pub members: Option<BTreeSet<u32>>,
}

/// Who is there and what is asked; an agent's handle is their place.
#[derive(Clone, Debug)]
pub struct Site {
    pub agents: Vec<Agent>,
    pub needs: Vec<Needs>,
    /// For what is drawn later.
    pub seed: u64,
}

impl Tags {
    fn new(held: u64) -> Self {
        Self { held, levels: [LEVEL_MAX; TAGS as usize] }
    }

    /// Go through the tags that are held.
    pub fn each(&self) -> impl Iterator<Item = u32> + use<> {
        each(self.held)
    }
}

/// Go through the tags of a set.
pub fn each(set: u64) -> impl Iterator<Item = u32> {
    (0..TAGS).filter(move |tag| set & (1 << tag) != 0)
}

impl Site {
    /// Make a site of few different sets of tags.
    pub fn realistic(agents: u32) -> Self {
        let mut draw = Draw::new(1);
        let profiles = profiles(&mut draw, ALL_TAGS);
        let held = (0..agents).map(|_| by_rank(&mut draw, &profiles)).collect();
        let asked = (0..NEEDS).map(|_| {
            let profile = *draw.one(&profiles);
            some(&mut draw, profile)
        });
        Self::new(held, asked.collect(), 1)
    }

    /// Make a site where each agent holds one to three of five tags, and each of the needs
    /// asks for one of them.
    pub fn five_skills(agents: u32) -> Self {
        let mut draw = Draw::new(4);
        let five = ALL_TAGS >> (TAGS - 5);
        let mut one_to_three = || {
            let count = draw.between(1, 3);
            draw.bits(count, five)
        };
        let held = (0..agents).map(|_| one_to_three()).collect();
        let asked = each(five).map(|tag| 1 << tag).collect();
        Self::new(held, asked, 4)
    }

    /// Make a site where no two agents hold the same tags.
    pub fn adversarial(agents: u32) -> Self {
        let mut draw = Draw::new(2);
        let mut taken = BTreeSet::new();
        let mut held = Vec::new();
        while held.len() < agents as usize {
            let tags = draw.bits(6, ALL_TAGS);
            if taken.insert(tags) {
                held.push(tags);
            }
        }
        let asked = (0..NEEDS_ADVERSARIAL).map(|_| {
            let tags = *draw.one(&held);
            some(&mut draw, tags)
        });
        let asked = asked.collect();
        Self::new(held, asked, 2)
    }

    /// Make a site where few agents fit.
    pub fn sparse(agents: u32) -> Self {
        let mut draw = Draw::new(3);
        let rare = ALL_TAGS << 40;
        let profiles = profiles(&mut draw, !rare);
        let mut held: Vec<_> = (0..agents).map(|_| by_rank(&mut draw, &profiles)).collect();
        let asked: Vec<_> = (0..NEEDS_SPARSE).map(|_| draw.bits(3, rare)).collect();
        for tags in &asked {
            for _ in 0..draw.between(1, 5) {
                held[draw.below(agents) as usize] |= tags;
            }
        }
        let mut site = Self::new(held, asked, 3);
        for agent in &mut site.agents {
            agent.is_free = draw.below(2) == 0;
        }
        site
    }

    fn new(held: Vec<u64>, asked: Vec<u64>, seed: u64) -> Self {
        let mut draw = Draw::new(seed + 100);
        let agent = |held| Agent {
            tags: Tags::new(held),
            is_free: draw.below(5) >= BUSY_OF_5,
            idle_since_ms: draw.below(IDLE_SPAN_MS).into(),
            calls: draw.below(100),
        };
        let needs = |required| Needs {
            required,
            level: 1,
            forbidden: 0,
            preferred: Vec::new(),
            strategy: Strategy::MostSpecific,
            members: None,
        };
        Self {
            agents: held.into_iter().map(agent).collect(),
            needs: asked.into_iter().map(needs).collect(),
            seed,
        }
    }

    /// Let each of the needs ask for as many tags as are common but never held together.
    pub fn nobody_matches(mut self, tags: u32) -> Self {
        let mut draw = Draw::new(self.seed + 200);
        let fits = |set: u64| self.agents.iter().any(|agent| agent.tags.held & set == set);
        for needs in &mut self.needs {
            needs.required = draw.bits(tags, ALL_TAGS);
            while fits(needs.required) || !each(needs.required).all(|tag| fits(1 << tag)) {
                needs.required = draw.bits(tags, ALL_TAGS);
            }
        }
        self
    }

    /// Let everybody be busy, or everybody free.
    pub fn all_free(mut self, is_free: bool) -> Self {
        self.agents.iter_mut().for_each(|agent| agent.is_free = is_free);
        self
    }

    /// Let a thousand agents each have been idle since the same instant.
    pub fn equal_idle(mut self) -> Self {
        for (place, agent) in (0_i64..).zip(&mut self.agents) {
            agent.idle_since_ms = place / 1_000;
        }
        self
    }

    /// Keep only the first of the needs.
    pub fn few_needs(mut self) -> Self {
        self.needs.truncate(NEEDS);
        self
    }

    /// Let the needs put agents in another order.
    pub fn ordered_by(mut self, strategy: Strategy) -> Self {
        self.needs.iter_mut().for_each(|needs| needs.strategy = strategy);
        self
    }

    /// Let each of the needs ask for one tag less, forbid two and prefer two.
    pub fn forbidding_and_preferring(mut self) -> Self {
        let mut draw = Draw::new(self.seed + 300);
        for needs in &mut self.needs {
            needs.required = draw.bits(1, needs.required);
            needs.forbidden = draw.bits(2, !needs.required);
            let others = draw.bits(2, !needs.required & !needs.forbidden);
            needs.preferred = each(others).zip([7, 3]).collect();
        }
        self
    }

    /// Let agents hold their tags at one of three levels; needs ask for the middle one.
    ///
    /// Agents with the same tags have the same levels, as at a site with profiles.
    pub fn leveled(mut self) -> Self {
        for agent in &mut self.agents {
            let mut draw = Draw::new(agent.tags.held);
            for level in &mut agent.tags.levels {
                *level = *draw.one(&[30, 60, 90]);
            }
        }
        self.needs.iter_mut().for_each(|needs| needs.level = 60);
        self
    }

    /// Let the needs name so many members each.
    pub fn with_members(mut self, members: u32) -> Self {
        let mut draw = Draw::new(self.seed + 400);
        let agents = u32::try_from(self.agents.len()).expect("there are few");
        for needs in &mut self.needs {
            let mut named = BTreeSet::new();
            while named.len() < members as usize {
                named.insert(draw.below(agents));
            }
            needs.members = Some(named);
        }
        self
    }
}

fn profiles(draw: &mut Draw, of: u64) -> Vec<u64> {
    let profile = |_| {
        let tags = draw.between(3, 8);
        draw.bits(tags, of)
    };
    (0..PROFILES).map(profile).collect()
}

/// Draw a profile; the second is half as common as the first, the third a third.
fn by_rank(draw: &mut Draw, profiles: &[u64]) -> u64 {
    let weights: Vec<u32> = (1..=PROFILES).map(|rank| 100_000 / rank).collect();
    let mut point = draw.below(weights.iter().sum());
    for (profile, weight) in profiles.iter().zip(weights) {
        if point < weight {
            return *profile;
        }
        point -= weight;
    }
    profiles[0]
}

fn some(draw: &mut Draw, tags: u64) -> u64 {
    let count = draw.between(1, 3);
    draw.bits(count, tags)
}
