//! Verdicts: of every agent why not, what else, until when, and in which order.
//!
//! The tests and the order are those of `eligibility.rs`, `order.rs` and `matching.rs`; here
//! is only how their reasons are written, and when time alone clears them.

use crate::decision::AgentVerdict;
use crate::declines::decline_ends_ms;
use crate::eligibility::{Reason, UnitCode, agent_reasons, reasons};
use crate::ids::AgentNumber;
use crate::mutants::broken;
use crate::order::Keys;
use crate::plan::Login;
use crate::site::Site;
use crate::state::Call;
use crate::steps::Asked;
use crate::timer::TimerKind;

/// The timers that free a unit where time alone does: not one on a call.
const UNIT_TIMERS: [TimerKind; 3] =
    [TimerKind::WrapUpEnds, TimerKind::RingEnds, TimerKind::CancelGraceEnds];

/// Judge agents: the eligible by rank, then the others in the order of the plan.
///
/// Of those in `only`, ascending; `None`: of all.
pub(crate) fn verdicts(
    site: &mut Site,
    call: &Call,
    only: Option<&[AgentNumber]>,
) -> Vec<AgentVerdict> {
    if only.is_some_and(<[_]>::is_empty) {
        return Vec::new();
    }
    let ranked = site.ranked(call);
    let site = &*site;
    let asked = Asked::of(site, call);
    let mut is_ranked = vec![false; site.agents.len()];
    for agent in &ranked {
        is_ranked[agent.index()] = true;
    }
    let others = site.agent_numbers().filter(|agent| !is_ranked[agent.index()]);
    let places = (1..).map(Some).zip(ranked.iter().copied());
    let everybody = places.chain(others.map(|agent| (None, agent)));
    let is_meant = |agent| only.is_none_or(|only| only.binary_search(&agent).is_ok());
    let meant = everybody.filter(|(_, agent)| is_meant(*agent));
    let keys = Keys::of(site, call, &asked);
    meant.map(|(rank, agent)| verdict(site, call, &asked, (agent, rank), &keys)).collect()
}

/// Return when the step changes next, or the first of these agents becomes eligible.
pub(crate) fn next_change_ms(site: &Site, call: &Call, judged: &[AgentVerdict]) -> Option<i64> {
    let step_ms = site.timers.deadline_ms(TimerKind::StepBegins, call.sequence.0);
    let clears = judged.iter().filter_map(|verdict| verdict.until_ms);
    let changes = clears.chain(step_ms);
    broken!(93, changes.min(), None)
}

/// Return when time alone would make an agent free; `None`: never, or they are.
pub(crate) fn free_ms(site: &Site, agent: AgentNumber) -> Option<i64> {
    let reasons = agent_reasons(site, agent);
    if reasons.is_empty() {
        return None;
    }
    all_clear_ms(site, agent, &reasons, |reason| agent_clears_ms(site, agent, reason))
}

fn verdict(
    site: &Site,
    call: &Call,
    asked: &Asked,
    (agent, rank): (AgentNumber, Option<u32>),
    keys: &Keys<'_>,
) -> AgentVerdict {
    let reasons = reasons(site, call, asked, agent);
    let mut codes = reasons.iter().map(|reason| code(site, *reason));
    let verdict = codes.next();
    let also = codes.collect();
    let clears_ms = |reason| clears_ms(site, call, asked, agent, reason);
    let until_ms = verdict.is_some().then(|| all_clear_ms(site, agent, &reasons, clears_ms));
    AgentVerdict {
        agent: site.agent_id(agent),
        verdict: verdict.unwrap_or_else(|| "eligible".to_owned()),
        also,
        rank,
        keys: keys.shown(agent, rank),
        until_ms: until_ms.flatten(),
    }
}

/// Return the first instant at which nothing stands in the way any more.
fn all_clear_ms<'a>(
    site: &Site,
    agent: AgentNumber,
    reasons: &[Reason<'a>],
    clears_ms: impl Fn(Reason<'a>) -> Option<i64>,
) -> Option<i64> {
    let mut clear_ms = site.now_ms();
    for reason in reasons {
        if *reason != Reason::OffShift {
            clear_ms = clear_ms.max(clears_ms(*reason)?);
        }
    }
    match site.plan.agents[agent.index()].schedule {
        None => Some(clear_ms),
        Some(schedule) => site.opens_ms(schedule, clear_ms),
    }
}

/// Return when time alone clears one reason; `None`: it does not.
fn clears_ms(
    site: &Site,
    call: &Call,
    asked: &Asked,
    agent: AgentNumber,
    reason: Reason<'_>,
) -> Option<i64> {
    match reason {
        Reason::StepNotReached
        | Reason::MissingTag(_)
        | Reason::LevelBelow(_)
        | Reason::NoTagOf(_)
        | Reason::ForbiddenTag(_) => site.lets_in_ms(asked, call, agent),
        Reason::DelayNotReached => Some(call.queue_since_ms + site.queue_of(call).delay_ms(agent)),
        Reason::AlreadyOffered => {
            site.timers.deadline_ms(TimerKind::TriedSetEmptied, call.sequence.0)
        }
        Reason::HostDown
        | Reason::LoggedOut
        | Reason::Paused(_)
        | Reason::OffShift
        | Reason::NoUnit(_)
        | Reason::NotInQueue
        | Reason::Unreachable => agent_clears_ms(site, agent, reason),
        Reason::Declined => decline_ends_ms(call, agent),
        Reason::RingLimit => site.has_room_ms(call),
        Reason::HeldFor(_) => site.turn_ends_ms(call),
        Reason::Excluded => None,
    }
}

/// Return when time alone clears a reason of an agent's own state, whatever the call.
fn agent_clears_ms(site: &Site, agent: AgentNumber, reason: Reason<'_>) -> Option<i64> {
    match reason {
        Reason::LoggedOut => {
            let plan = &site.plan.agents[agent.index()];
            match plan.login {
                Login::Auto => site.starts_ms(plan.schedule?, site.now_ms()),
                Login::Manual => None,
            }
        }
        Reason::NoUnit(_) => unit_frees_ms(site, agent),
        Reason::Unreachable if site.is_cut_off(agent) => None,
        Reason::Unreachable => {
            site.timers.deadline_ms(TimerKind::RetryUnreachableEnds, u64::from(agent.0))
        }
        Reason::Paused(_) => site.timers.deadline_ms(TimerKind::PauseEnds, u64::from(agent.0)),
        Reason::OffShift
        | Reason::NotInQueue
        | Reason::StepNotReached
        | Reason::DelayNotReached
        | Reason::MissingTag(_)
        | Reason::LevelBelow(_)
        | Reason::NoTagOf(_)
        | Reason::ForbiddenTag(_)
        | Reason::Declined
        | Reason::AlreadyOffered
        | Reason::Excluded
        | Reason::HeldFor(_)
        | Reason::HostDown
        | Reason::RingLimit => None,
    }
}

/// Return when the first of an agent's units is free, whatever the others are in.
///
/// Other use of the devices takes units too, maybe more than there are.
fn unit_frees_ms(site: &Site, agent: AgentNumber) -> Option<i64> {
    let state = &site.agents[agent.index()];
    let offers = state.offers.iter();
    let deadlines = offers.flat_map(|offer| {
        UNIT_TIMERS.iter().filter_map(|kind| site.timers.deadline_ms(*kind, offer.0))
    });
    let mut deadlines: Vec<_> = deadlines.collect();
    deadlines.sort_unstable();
    let occupied = usize::try_from(state.occupied).unwrap_or(0);
    let units = site.plan.agents[agent.index()].units as usize;
    // So many more than there are, less one, must be free before one is left.
    deadlines.get((state.offers.len() + occupied).saturating_sub(units)).copied()
}

/// Return the code of a reason.
pub(crate) fn code(site: &Site, reason: Reason<'_>) -> String {
    let name = |tag| site.tags.name(tag);
    match reason {
        Reason::HostDown => "host_down".into(),
        Reason::LoggedOut => "logged_out".into(),
        Reason::Paused("") => "paused".into(),
        Reason::Paused(said) => format!("paused:{said}"),
        Reason::OffShift => "off_shift".into(),
        Reason::NoUnit(UnitCode::WrapUp) => "wrap_up".into(),
        Reason::NoUnit(UnitCode::Ringing) => "ringing".into(),
        Reason::NoUnit(UnitCode::Connecting) => "connecting".into(),
        Reason::NoUnit(UnitCode::Busy) => "busy".into(),
        Reason::NotInQueue => "not_in_queue".into(),
        Reason::StepNotReached => "step_not_reached".into(),
        Reason::DelayNotReached => "delay_not_reached".into(),
        Reason::MissingTag(tag) => format!("missing_tag:{}", name(tag)),
        Reason::LevelBelow(tag) => format!("level_below:{}", name(tag)),
        Reason::NoTagOf(tags) => {
            let names: Vec<_> = tags.iter().map(|tag| name(*tag)).collect();
            format!("no_tag_of:{}", names.join("|"))
        }
        Reason::ForbiddenTag(tag) => format!("forbidden_tag:{}", name(tag)),
        Reason::Declined => "declined".into(),
        Reason::AlreadyOffered => "already_offered".into(),
        Reason::Unreachable => "unreachable".into(),
        Reason::Excluded => "excluded".into(),
        Reason::HeldFor(holder) => format!("held_for:{}", site.agent_id(holder)),
        Reason::RingLimit => "ring_limit".into(),
    }
}
