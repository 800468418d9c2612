//! Acts: what supervisors do to calls and agents while the site runs (rule 15.2).
//!
//! Each act says who did it and why; both are recorded with the event and decide nothing.
//! After each, matching runs; an offer that is already out stands, but for that of a call
//! which is moved or ended: nobody can take it any more, and nobody has missed it.

use std::sync::Arc;

use crate::action::Order;
use crate::agent::{AgentEvent, expected};
use crate::border::{
    IdOf, Ranged, agent_named, box_named, call_named, check_author, check_held, check_id,
    check_needs, check_number, check_range, illegal, limit, queue_named,
};
use crate::call::CallEvent;
use crate::contract::{Destination, DestinationKind};
use crate::eligibility::{Reason, reasons};
use crate::error::Error;
use crate::event::{
    CallAssigned, CallEndOrdered, CallMoved, CallPicked, MembershipSet, NeedsSet, OverlayReset,
    Overridable, Overridden, PresenceSet, PrioritySet, SetPresence, TagsSet,
};
use crate::ids::{AgentNumber, CallNumber, QueueNumber};
use crate::limits::{NEEDS_PER_CALL_MAX, PREFER_FOR_MS_MAX};
use crate::mutants::broken;
use crate::overrides;
use crate::plan::End;
use crate::site::Site;
use crate::state::{CallPhase, Presence, TagsOverlay, VisitResult};
use crate::steps::Asked;
use crate::verdicts::code;

/// Replace the sum of priorities; the call goes on aging.
pub(crate) fn set_priority(site: &mut Site, event: &PrioritySet) -> Result<(), Error> {
    let name = "PrioritySet";
    check_author(&event.by, &event.reason)?;
    let call = call_named(site, name, &event.call)?;
    check_range(name, Ranged::Priority, event.priority)?;
    let Some(number) = call else {
        return Ok(());
    };
    site.call_step(number, CallEvent::PrioritySet)?;
    site.adjust(number, |call| call.set_priority = Some(event.priority));
    Ok(())
}

/// Replace the needs that were set before; the other sources stay (rule 5.1).
pub(crate) fn set_needs(site: &mut Site, event: &NeedsSet) -> Result<(), Error> {
    let name = "NeedsSet";
    check_author(&event.by, &event.reason)?;
    let call = call_named(site, name, &event.call)?;
    check_needs(site, name, &event.needs)?;
    let Some(number) = call else {
        return Ok(());
    };
    site.call_step(number, CallEvent::NeedsSet)?;
    let needs = site.compiled_needs(&event.needs);
    site.adjust(number, |call| call.set_needs = needs);
    Ok(())
}

/// Send a call somewhere else; in a line it has waited as long as it has.
pub(crate) fn move_call(site: &mut Site, event: &CallMoved) -> Result<(), Error> {
    let name = "CallMoved";
    check_author(&event.by, &event.reason)?;
    let call = call_named(site, name, &event.call)?;
    check_needs(site, name, &event.to.needs)?;
    let place = place(site, &event.to)?;
    let Some(number) = call else {
        return Ok(());
    };
    site.call_step(number, CallEvent::Moved)?;
    if site.call(number).own_needs.len() + event.to.needs.len() > NEEDS_PER_CALL_MAX {
        return Err(limit("needs_per_call_max", NEEDS_PER_CALL_MAX));
    }
    let mut queue = site.call(number).queue;
    match place {
        Place::Agent(agent) => {
            if let Some(code) = in_the_way(site, number, agent) {
                let expected = "an agent who may take the call";
                return Err(illegal("not_eligible", name, format!("agent {code}"), expected));
            }
        }
        Place::Queue(other) => queue = other,
        Place::Tags | Place::End(_) => {}
    }
    site.recall(number, "moved");
    if let Place::End(end) = place {
        site.leave_for(number, VisitResult::Transferred, end.clone());
        site.send(number, end, true);
        return Ok(());
    }
    site.leave_for(number, VisitResult::Transferred, End::Queue(queue));
    let asked = site.compiled_needs(&event.to.needs);
    if let Place::Agent(agent) = place {
        let call = site.call_mut(number);
        (call.preferred, call.turn) = (vec![(agent, PREFER_FOR_MS_MAX)], 1);
    }
    site.enter(number, queue, asked, true);
    site.start_waiting(number);
    Ok(())
}

/// Return why a call that begins anew in its queue could not wait for an agent: the first
/// code that is neither a unit of theirs nor passed by preferred agents.
fn in_the_way(site: &Site, number: CallNumber, agent: AgentNumber) -> Option<String> {
    let mut anew = site.call(number).clone();
    anew.phase = CallPhase::Waiting;
    anew.step = 0;
    anew.offers.clear();
    anew.tried.clear();
    anew.declined.clear();
    anew.preferred = vec![(agent, PREFER_FOR_MS_MAX)];
    anew.turn = u32::from(site.queue_of(&anew).is_direct);
    let asked = Asked::of(site, &anew);
    let reasons = reasons(site, &anew, &asked, agent);
    let is_hard = |reason: &&Reason<'_>| {
        !broken!(123, matches!(reason, Reason::NoUnit(_)), matches!(reason, Reason::Paused(_)))
    };
    reasons.iter().find(is_hard).map(|reason| code(site, *reason))
}

/// Give a call to an agent, whatever the tests say (rule 18.9).
pub(crate) fn assign(site: &mut Site, event: &CallAssigned) -> Result<(), Error> {
    let name = "CallAssigned";
    check_author(&event.by, &event.reason)?;
    let call = call_named(site, name, &event.call)?;
    let agent = agent_named(site, name, &event.agent)?;
    let Some(number) = call else {
        return Ok(());
    };
    site.call_step(number, CallEvent::Assigned)?;
    let is_hard = |reason: &Reason<'_>| {
        matches!(reason, Reason::HostDown | Reason::LoggedOut | Reason::NoUnit(_))
    };
    let (refused, overridden) = failures(site, number, agent, is_hard);
    if let Some(code) = refused {
        let expected = "an agent who is logged in and has a unit left";
        return Err(illegal("not_assignable", name, format!("agent {code}"), expected));
    }
    give(site, number, agent, "assign", overridden, &event.by);
    Ok(())
}

/// Let an agent take a certain call (rule 18.9), also one that they missed or declined: who
/// picks it has thought better of it. At rest nobody who passes those tests too is left for a
/// waiting call.
pub(crate) fn pick(site: &mut Site, event: &CallPicked) -> Result<(), Error> {
    let name = "CallPicked";
    check_author(&event.by, &event.reason)?;
    let call = call_named(site, name, &event.call)?;
    let agent = agent_named(site, name, &event.agent)?;
    let Some(number) = call else {
        return Ok(());
    };
    site.call_step(number, CallEvent::Picked)?;
    let is_own_answer = |reason: &Reason<'_>| {
        matches!(reason, Reason::Declined) || broken!(88, *reason == Reason::AlreadyOffered, false)
    };
    let is_hard = |reason: &Reason<'_>| !is_own_answer(reason);
    let (refused, overridden) = failures(site, number, agent, is_hard);
    if let Some(code) = refused {
        let expected = "an agent who may take the call";
        return Err(illegal("not_eligible", name, format!("agent {code}"), expected));
    }
    give(site, number, agent, "pick", overridden, &event.by);
    Ok(())
}

/// End a call, whatever it is in.
pub(crate) fn stop(site: &mut Site, event: &CallEndOrdered) -> Result<(), Error> {
    check_author(&event.by, &event.reason)?;
    let Some(number) = call_named(site, "CallEndOrdered", &event.call)? else {
        return Ok(());
    };
    site.call_step(number, CallEvent::EndOrdered)?;
    let phase = site.call(number).phase;
    site.recall(number, "ended");
    if phase == CallPhase::Connected {
        return Ok(());
    }
    if phase.is_in_line() {
        site.leave_line(number, VisitResult::Ended);
    }
    site.hang_up(number, "end_ordered", Arc::default());
    site.end(number, if phase == CallPhase::Forwarded { "forwarded" } else { "hung_up" });
    Ok(())
}

/// Let an agent log in or out, pause or resume, as if they had done it.
pub(crate) fn set_presence(site: &mut Site, event: &PresenceSet) -> Result<(), Error> {
    let name = "PresenceSet";
    check_author(&event.by, &event.reason)?;
    let agent = agent_named(site, name, &event.agent)?;
    if !event.pause_reason.is_empty() {
        check_id(name, IdOf::Reason, &event.pause_reason)?;
    }
    let presence = site.agents[agent.index()].presence;
    match event.presence {
        SetPresence::Available => site.agent_event(agent, AgentEvent::LoggedIn, ""),
        SetPresence::LoggedOut => site.agent_event(agent, AgentEvent::LoggedOut, ""),
        SetPresence::Paused if presence == Presence::LoggedOut => {
            Err(illegal("illegal_event", name, presence.state(), expected(presence)))
        }
        SetPresence::Paused => site.agent_event(agent, AgentEvent::Paused, &event.pause_reason),
    }
}

/// Give an agent other tags, in place of all former ones.
pub(crate) fn set_tags(site: &mut Site, event: &TagsSet) -> Result<(), Error> {
    let name = "TagsSet";
    check_author(&event.by, &event.reason)?;
    let agent = agent_named(site, name, &event.agent)?;
    let (levels, wildcard) = check_held(site, name, &event.tags)?;
    // In the order of their names, so that new ones get the same numbers everywhere.
    let mut tags: Vec<_> =
        levels.iter().map(|(name, level)| (site.tags.add(name), *level)).collect();
    tags.sort_unstable();
    site.set_tags(agent, Some(TagsOverlay { agent, wildcard, tags }));
    Ok(())
}

/// Put an agent into a queue, or take them out.
pub(crate) fn set_membership(site: &mut Site, event: &MembershipSet) -> Result<(), Error> {
    check_author(&event.by, &event.reason)?;
    let agent = agent_named(site, "MembershipSet", &event.agent)?;
    let queue = queue_named(site, &event.queue)?;
    site.set_member(queue, agent, Some(event.member));
    Ok(())
}

/// Open or close something, or let it play a message.
pub(crate) fn set_override(site: &mut Site, event: &Overridden) -> Result<(), Error> {
    check_author(&event.by, &event.reason)?;
    overrides::set(site, event)
}

/// Take back what was changed while running; what was not is left as it is.
pub(crate) fn reset(site: &mut Site, event: &OverlayReset) -> Result<(), Error> {
    let name = "OverlayReset";
    check_author(&event.by, &event.reason)?;
    match event.kind.as_str() {
        "call" => {
            let call = call_named(site, name, &event.name)?;
            if let Some(call) = call.filter(|call| site.call(*call).phase.is_in_line()) {
                site.adjust(call, |call| {
                    call.set_priority = None;
                    call.set_needs.clear();
                });
            }
        }
        kind @ ("agent" | "tags" | "membership") => {
            let agent = agent_named(site, name, &event.name)?;
            if kind != "membership" {
                site.set_tags(agent, None);
            }
            if kind != "tags" {
                site.reset_members(agent);
            }
        }
        "schedule" => return overrides::reset(site, Overridable::Schedule, &event.name),
        "queue" => return overrides::reset(site, Overridable::Queue, &event.name),
        "number" => return overrides::reset(site, Overridable::Number, &event.name),
        kind => {
            let state = format!("no overlay {kind}");
            let expected = "schedule, queue, number, agent, tags, membership or call";
            return Err(illegal("unknown_overlay", name, state, expected));
        }
    }
    Ok(())
}

/// Where a call can be moved to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Queue(QueueNumber),
    /// Its own queue, with other needs.
    Tags,
    /// Its own queue, for one agent.
    Agent(AgentNumber),
    /// Out of all queues.
    End(End),
}

/// Find the queue, box or agent of a destination.
fn place(site: &Site, to: &Destination) -> Result<Place, Error> {
    let name = "CallMoved";
    match to.kind {
        DestinationKind::Voicemail => {
            box_named(site, &to.name).map(|place| Place::End(End::Voicemail(place)))
        }
        DestinationKind::Queue => queue_named(site, &to.name).map(Place::Queue),
        DestinationKind::Agent => agent_named(site, name, &to.name).map(Place::Agent),
        DestinationKind::Number => {
            check_number(name, &to.name)?;
            Ok(Place::End(End::Number(Arc::from(to.name.as_str()))))
        }
        DestinationKind::Tags => Ok(Place::Tags),
        DestinationKind::Flow | DestinationKind::None => {
            let state = format!("a move to kind {}", to.kind.word());
            let expected = "kind queue, tags, agent, number or voicemail";
            Err(illegal("not_yet", name, state, expected))
        }
    }
}

/// Return the code of the first test that an agent fails for a call and nobody can override,
/// and the codes of all that the agent fails.
fn failures(
    site: &Site,
    call: CallNumber,
    agent: AgentNumber,
    is_hard: impl Fn(&Reason<'_>) -> bool,
) -> (Option<String>, Vec<String>) {
    let call = site.call(call);
    let asked = Asked::of(site, call);
    let reasons = reasons(site, call, &asked, agent);
    let hard = reasons.iter().find(|reason| is_hard(reason));
    let refused = hard.map(|reason| code(site, *reason));
    (refused, reasons.into_iter().map(|reason| code(site, reason)).collect())
}

/// Offer a call to one agent alone, whatever others wait or could take it.
fn give(
    site: &mut Site,
    call: CallNumber,
    agent: AgentNumber,
    act: &'static str,
    overridden: Vec<String>,
    by: &str,
) {
    let offer = site.offer_call(call, agent, act == "assign");
    let (call, agent, by) = (site.call_id(call), site.agent_id(agent), Arc::from(by));
    site.order(Order::RecordAssignment { call, offer, agent, act, overridden, by });
}
