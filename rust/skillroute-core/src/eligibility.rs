//! Eligibility: the tests that an agent must pass to be offered a call.
//!
//! The tests stand in the order of the rules (rule 16); the first that fails is the
//! agent's reason code. Explaining writes all of them down; deciding asks only whether an
//! agent is there (`test_presence`, `test_reachability`) and stops at the first failure
//! ([`NoTrace`]). What an agent holds, and whom a call spares, it leaves to the pool.

use std::ops::ControlFlow::{self, Break, Continue};

use crate::ids::{AgentNumber, TagNumber};
use crate::limits::LEVEL_MAX;
use crate::mutants::broken;
use crate::plan::{Agent, Queue};
use crate::site::Site;
use crate::state::{Call, Needs, OfferPhase, Presence};
use crate::steps::Asked;
use crate::timer::TimerKind;

/// Why an agent is not eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason<'a> {
    HostDown,
    LoggedOut,
    /// With what they said; empty: nothing.
    Paused(&'a str),
    OffShift,
    NoUnit(UnitCode),
    NotInQueue,
    StepNotReached,
    DelayNotReached,
    MissingTag(TagNumber),
    LevelBelow(TagNumber),
    NoTagOf(&'a [TagNumber]),
    ForbiddenTag(TagNumber),
    Declined,
    AlreadyOffered,
    Unreachable,
    Excluded,
    HeldFor(AgentNumber),
    RingLimit,
}

/// What an agent without a unit left does, the first that any unit is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum UnitCode {
    WrapUp,
    Ringing,
    Connecting,
    Busy,
}

impl UnitCode {
    fn of(phase: OfferPhase) -> Self {
        match phase {
            OfferPhase::WrapUp => Self::WrapUp,
            OfferPhase::Ringing | OfferPhase::Withdrawn => Self::Ringing,
            OfferPhase::Connecting => Self::Connecting,
            OfferPhase::Connected | OfferPhase::Over => Self::Busy,
        }
    }
}

/// Who is told of failures, and says whether to go on.
pub(crate) trait Trace<'a> {
    fn fails(&mut self, reason: Reason<'a>) -> ControlFlow<()>;
}

/// Wants to know no more than that there is one.
pub(crate) struct NoTrace;

impl<'a> Trace<'a> for NoTrace {
    fn fails(&mut self, _: Reason<'a>) -> ControlFlow<()> {
        Break(())
    }
}

impl<'a> Trace<'a> for Vec<Reason<'a>> {
    fn fails(&mut self, reason: Reason<'a>) -> ControlFlow<()> {
        self.push(reason);
        Continue(())
    }
}

/// Minds nothing but the want of a unit, which passes.
struct ButUnits;

impl<'a> Trace<'a> for ButUnits {
    fn fails(&mut self, reason: Reason<'a>) -> ControlFlow<()> {
        if let Reason::NoUnit(_) = reason { Continue(()) } else { Break(()) }
    }
}

/// Test an agent for a call.
fn test<'a, T: Trace<'a>>(
    site: &'a Site,
    call: &'a Call,
    asked: &'a Asked,
    agent: AgentNumber,
    trace: &mut T,
) -> ControlFlow<()> {
    if site.is_held(call) || site.is_agent_down(agent) {
        trace.fails(Reason::HostDown)?;
    }
    test_presence(site, agent, trace)?;
    test_units(site, agent, trace)?;
    let holder = call.holder();
    if holder != Some(agent) {
        test_queue(site, call, asked, agent, trace)?;
    }
    test_needs(site, (asked.at(call.step), site.queue_of(call), call.step), agent, trace)?;
    test_pair(site, call, agent, trace)?;
    test_reachability(site, agent, trace)?;
    let by_queue = &site.queue_of(call).exclude;
    if [&call.excluded, by_queue].iter().any(|agents| agents.binary_search(&agent).is_ok()) {
        trace.fails(Reason::Excluded)?;
    }
    if let Some(holder) = holder.filter(|holder| *holder != agent) {
        trace.fails(Reason::HeldFor(holder))?;
    }
    if site.is_full(call) {
        trace.fails(Reason::RingLimit)?;
    }
    Continue(())
}

/// Test whether an agent takes calls at all.
pub(crate) fn test_presence<'a, T: Trace<'a>>(
    site: &'a Site,
    agent: AgentNumber,
    trace: &mut T,
) -> ControlFlow<()> {
    let state = &site.agents[agent.index()];
    match state.presence {
        Presence::Available => {}
        Presence::LoggedOut => trace.fails(Reason::LoggedOut)?,
        Presence::Paused => trace.fails(Reason::Paused(&state.pause_reason))?,
    }
    if broken!(8, !site.is_on_shift(agent), false) {
        trace.fails(Reason::OffShift)?;
    }
    Continue(())
}

/// Test whether an agent has a unit left.
fn test_units<'a, T: Trace<'a>>(
    site: &'a Site,
    agent: AgentNumber,
    trace: &mut T,
) -> ControlFlow<()> {
    let Some(code) = unit_code(site, agent) else {
        return Continue(());
    };
    trace.fails(Reason::NoUnit(code))
}

/// Test whether an agent can be reached.
pub(crate) fn test_reachability<'a, T: Trace<'a>>(
    site: &'a Site,
    agent: AgentNumber,
    trace: &mut T,
) -> ControlFlow<()> {
    let kind = TimerKind::RetryUnreachableEnds;
    let is_spared = site.timers.deadline_ms(kind, u64::from(agent.0)).is_some();
    if is_spared || site.is_cut_off(agent) {
        trace.fails(Reason::Unreachable)
    } else {
        Continue(())
    }
}

/// Test membership, steps and delays: what the pool tests, once more and with reasons.
fn test_queue<'a, T: Trace<'a>>(
    site: &Site,
    call: &Call,
    asked: &Asked,
    agent: AgentNumber,
    trace: &mut T,
) -> ControlFlow<()> {
    let queue = site.queue_of(call);
    let last = queue.last_step();
    let waits_for_step = || {
        !queue.is_member_at(call.step, agent)
            || (call.step < last && asked.earliest(site, call, agent) > Some(call.step))
    };
    if !queue.is_member_at(last, agent) {
        trace.fails(Reason::NotInQueue)?;
    } else if waits_for_step() {
        trace.fails(Reason::StepNotReached)?;
    }
    if site.now_ms() - call.queue_since_ms < queue.delay_ms(agent) {
        trace.fails(Reason::DelayNotReached)?;
    }
    Continue(())
}

/// Test tags: what the pool tests, once more and with reasons.
///
/// A tag that the step of the queue grants them passes at any level; it is not held, so it
/// is not forbidden (rule 18.11).
pub(crate) fn test_needs<'a, T: Trace<'a>>(
    site: &Site,
    (needs, queue, step): (&'a Needs, &Queue, u32),
    agent: AgentNumber,
    trace: &mut T,
) -> ControlFlow<()> {
    let held = &site.plan.agents[agent.index()];
    if !broken!(9, held.wildcard, false) {
        test_wanted_tags(needs, held, |tag| queue.is_granted(step, tag, agent), trace)?;
    }
    test_forbidden_tags(needs, held, trace)
}

/// Test what concerns this agent and this call.
fn test_pair<'a, T: Trace<'a>>(
    site: &'a Site,
    call: &'a Call,
    agent: AgentNumber,
    trace: &mut T,
) -> ControlFlow<()> {
    if call.declined.binary_search(&agent).is_ok() {
        trace.fails(Reason::Declined)?;
    }
    if was_tried(site, call, agent) {
        trace.fails(Reason::AlreadyOffered)?;
    }
    Continue(())
}

/// Return what an agent without a unit left does; `None`: there is a unit left.
pub(crate) fn unit_code(site: &Site, agent: AgentNumber) -> Option<UnitCode> {
    if site.units_left(agent) > 0 {
        return None;
    }
    let state = &site.agents[agent.index()];
    let ours = state.offers.iter().map(|offer| UnitCode::of(site.offer_phase(*offer)));
    let others = (state.occupied > 0).then_some(UnitCode::Busy);
    ours.chain(others).min()
}

/// Tell whether an agent is in a call's tried set (rule 18.5).
///
/// Those who missed, declined or failed it in this round are, and those whose offer for it
/// is open or not confirmed to be gone.
fn was_tried(site: &Site, call: &Call, agent: AgentNumber) -> bool {
    let is_unconfirmed = |offer| {
        let offer = site.offer(offer);
        offer.call == call.sequence && offer.phase.is_unconfirmed()
    };
    let is_in_round = call.tried.binary_search(&agent).is_ok();
    let mut offers = site.agents[agent.index()].offers.iter();
    is_in_round || offers.any(|offer| is_unconfirmed(*offer))
}

/// Test required tags, their levels and any-of groups.
fn test_wanted_tags<'a, T: Trace<'a>>(
    needs: &'a Needs,
    agent: &Agent,
    is_granted: impl Fn(TagNumber) -> bool,
    trace: &mut T,
) -> ControlFlow<()> {
    let level = |tag| if is_granted(tag) { Some(LEVEL_MAX) } else { level(agent, tag) };
    let required = || needs.required.iter().map(|need| (need.tags[0], need.value));
    if let Some((tag, _)) = required().find(|(tag, _)| level(*tag).is_none()) {
        trace.fails(Reason::MissingTag(tag))?;
    }
    let is_low = |level: i64, least: i64| broken!(11, level < least, level <= least);
    let low = required().find(|(tag, least)| level(*tag).is_some_and(|l| is_low(l, *least)));
    if let Some((tag, _)) = low {
        trace.fails(Reason::LevelBelow(tag))?;
    }
    let holds = |tag: &TagNumber| level(*tag).is_some();
    let lacks = |tags: &[TagNumber]| broken!(12, !tags.iter().any(holds), !tags.iter().all(holds));
    if let Some(group) = needs.any_of.iter().find(|need| lacks(&need.tags)) {
        trace.fails(Reason::NoTagOf(&group.tags))?;
    }
    Continue(())
}

/// Test forbidden tags; forbidden beats required, for a wildcard too (rule 5.1).
fn test_forbidden_tags<'a, T: Trace<'a>>(
    needs: &'a Needs,
    agent: &Agent,
    trace: &mut T,
) -> ControlFlow<()> {
    let is_required = |tag| needs.required.iter().any(|need| need.tags[0] == tag);
    let violates = |tag| {
        let by_name = broken!(13, level(agent, tag).is_some(), false);
        by_name || broken!(14, agent.wildcard && is_required(tag), false)
    };
    let mut forbidden = needs.forbidden.iter().map(|need| need.tags[0]);
    match forbidden.find(|tag| violates(*tag)) {
        Some(tag) => trace.fails(Reason::ForbiddenTag(tag)),
        None => Continue(()),
    }
}

/// Return the level of a tag, if it is held by name.
fn level(agent: &Agent, tag: TagNumber) -> Option<i64> {
    let found = agent.tags.binary_search_by_key(&tag, |(held, _)| *held);
    found.ok().map(|place| agent.tags[place].1)
}

/// List why an agent is not eligible for a call; empty: they are.
pub(crate) fn reasons<'a>(
    site: &'a Site,
    call: &'a Call,
    asked: &'a Asked,
    agent: AgentNumber,
) -> Vec<Reason<'a>> {
    let mut reasons = Vec::new();
    let Continue(()) = test(site, call, asked, agent, &mut reasons) else {
        unreachable!("a list of reasons wants all of them");
    };
    reasons
}

/// List why an agent would get no call whatever it asked; empty: they are free.
pub(crate) fn agent_reasons(site: &Site, agent: AgentNumber) -> Vec<Reason<'_>> {
    let mut reasons = Vec::new();
    let mut test = || {
        if site.is_agent_down(agent) {
            reasons.fails(Reason::HostDown)?;
        }
        test_presence(site, agent, &mut reasons)?;
        test_units(site, agent, &mut reasons)?;
        test_reachability(site, agent, &mut reasons)
    };
    let Continue(()) = test() else {
        unreachable!("a list of reasons wants all of them");
    };
    reasons
}

/// Tell whether nothing but a unit stands between an agent and a call.
pub(crate) fn lacks_at_most_a_unit(
    site: &Site,
    call: &Call,
    asked: &Asked,
    agent: AgentNumber,
) -> bool {
    test(site, call, asked, agent, &mut ButUnits).is_continue()
}
