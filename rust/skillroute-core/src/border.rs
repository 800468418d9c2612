//! The border: what comes from outside is checked here, before anything changes.
//!
//! Ids are checked against one pattern, numbers against their ranges; names become numbers.
//! A check that fails returns an error and leaves the site as it was.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{Need, Party};
use crate::error::Error;
use crate::event::{CallArrived, Gap, HostResynced};
use crate::ids::{
    AgentNumber, BoxNumber, CallNumber, DialledNumber, OfferNumber, QueueNumber, ScheduleNumber,
};
use crate::limits;
use crate::needs::canonical;
use crate::site::Site;

const ID_EXPECTED: &str = "1 to 128 of the characters A-Z a-z 0-9 . _ : @ + / -";

/// What an id names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdOf {
    Call,
    Host,
    Agent,
    Tag,
    Reason,
    Code,
}

/// A number that has a range.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ranged {
    Priority,
    Level,
    AssumedLevel,
    Weight,
    Length,
    Units,
    Cases,
    Offset,
    Time,
    HeldFor,
}

impl Ranged {
    /// Return the ends of the range, and how errors speak of the number.
    fn rule(self) -> (i64, i64, &'static str, &'static str) {
        match self {
            Self::Priority => (
                -limits::PRIORITY_MAX,
                limits::PRIORITY_MAX,
                "priority out of range",
                "priority_out_of_range",
            ),
            Self::Level => (1, limits::LEVEL_MAX, "level out of range", "level_out_of_range"),
            Self::AssumedLevel => {
                (0, limits::LEVEL_MAX, "level out of range", "level_out_of_range")
            }
            Self::Weight => (1, limits::WEIGHT_MAX, "weight out of range", "weight_out_of_range"),
            Self::Length => {
                (0, limits::TIME_MS_MAX, "length_ms out of range", "length_ms_out_of_range")
            }
            Self::Units => {
                (0, limits::OCCUPIED_UNITS_MAX, "units out of range", "units_out_of_range")
            }
            Self::Cases => (0, limits::OPEN_CASES_MAX, "cases out of range", "cases_out_of_range"),
            Self::Offset => (
                -limits::OFFSET_MS_MAX,
                limits::OFFSET_MS_MAX,
                "offset_ms out of range",
                "offset_ms_out_of_range",
            ),
            Self::HeldFor => {
                (0, limits::PREFER_FOR_MS_MAX, "for_ms out of range", "for_ms_out_of_range")
            }
            Self::Time => (0, limits::TIME_MS_MAX, "time out of range", "time_out_of_range"),
        }
    }
}

/// Tell whether a text is made like an id.
pub(crate) fn is_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@+/-".contains(&byte);
    (1..=limits::ID_LENGTH_MAX).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// Refuse an id that is not well formed.
pub(crate) fn check_id(event: &'static str, of: IdOf, id: &str) -> Result<(), Error> {
    if is_id(id) {
        return Ok(());
    }
    let state = match of {
        IdOf::Call => "malformed call id",
        IdOf::Host => "malformed host id",
        IdOf::Agent => "malformed agent id",
        IdOf::Tag => "malformed tag id",
        IdOf::Reason => "malformed reason id",
        IdOf::Code => "malformed code id",
    };
    Err(illegal("malformed_id", event, state, ID_EXPECTED))
}

/// Refuse a number that cannot be dialled from outside.
pub(crate) fn check_number(event: &'static str, number: &str) -> Result<(), Error> {
    let digits = number.strip_prefix('+').unwrap_or_default().as_bytes();
    let is_number = (7..=15).contains(&digits.len())
        && digits[0] != b'0'
        && digits.iter().all(u8::is_ascii_digit);
    if is_number {
        return Ok(());
    }
    Err(illegal("malformed_number", event, "malformed number", "+ and 7 to 15 digits"))
}

/// Refuse somebody's name, or what they say, if it is too long.
pub(crate) fn check_author(by: &str, reason: &str) -> Result<(), Error> {
    if is_long(by) || is_long(reason) {
        return Err(limit("text_length_max", limits::TEXT_LENGTH_MAX));
    }
    Ok(())
}

/// What a host has told of.
pub(crate) struct HostCalls {
    /// Of each standing: the call in progress; `None`: it has ended.
    pub(crate) calls: Vec<Option<CallNumber>>,
    /// The agents who cannot be reached.
    pub(crate) unreachable: Vec<AgentNumber>,
}

/// Tell whether a gap lies between the clock and now.
pub(crate) fn is_gap(site: &Site, event: &Gap, now_ms: i64) -> bool {
    let start_ms = site.clock_ms.unwrap_or(0);
    start_ms <= event.from_ms && event.from_ms <= event.until_ms && event.until_ms <= now_ms
}

/// Refuse a gap that does not.
pub(crate) fn refused_gap(site: &Site) -> Error {
    let expected = "from_ms not before the clock, then until_ms, and not after now";
    illegal("gap_malformed", "Gap", format!("it is {}", site.now_ms()), expected)
}

/// Refuse a host that may not be named, or is one too many.
pub(crate) fn check_host(site: &Site, event: &'static str, host: &str) -> Result<(), Error> {
    if site.hosts.contains_key(host) {
        return Ok(());
    }
    check_id(event, IdOf::Host, host)?;
    if site.hosts.len() >= limits::HOSTS_MAX {
        return Err(limit("hosts_max", limits::HOSTS_MAX));
    }
    Ok(())
}

/// Find what a host has told of.
pub(crate) fn check_resync(site: &Site, event: &HostResynced) -> Result<HostCalls, Error> {
    let name = "HostResynced";
    check_host(site, name, &event.host)?;
    let calls = event.calls.iter().map(|standing| call_named(site, name, &standing.call));
    let calls = calls.collect::<Result<_, _>>()?;
    for standing in &event.calls {
        if standing.offer != 0 {
            offer_made(site, standing.offer)?;
        }
    }
    let agents = event.unreachable.iter().map(|agent| agent_named(site, name, agent));
    Ok(HostCalls { calls, unreachable: agents.collect::<Result<_, _>>()? })
}

/// Refuse a number outside of its range.
pub(crate) fn check_range(event: &'static str, what: Ranged, value: i64) -> Result<(), Error> {
    let (low, high, state, code) = what.rule();
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(illegal(code, event, state, format!("{low} to {high}")))
}

/// Find a call in progress; `None`: it has ended.
pub(crate) fn call_named(
    site: &Site,
    event: &'static str,
    id: &str,
) -> Result<Option<CallNumber>, Error> {
    check_id(event, IdOf::Call, id)?;
    let known = site.call_ids.get(id);
    known.ok_or_else(|| Error::UnknownId { kind: "call", id: id.to_owned() })
}

/// Find an agent.
pub(crate) fn agent_named(
    site: &Site,
    event: &'static str,
    id: &str,
) -> Result<AgentNumber, Error> {
    check_id(event, IdOf::Agent, id)?;
    let ends_work = || if event == "WrapUpEnded" { still_working(site, id) } else { None };
    let found = site.directory.agents.get(id).copied().or_else(ends_work);
    found.ok_or_else(|| Error::UnknownId { kind: "agent", id: id.to_owned() })
}

/// Find an agent who was removed and has not ended their last call.
fn still_working(site: &Site, id: &str) -> Option<AgentNumber> {
    let agent = site.directory.removed.get(id).copied()?;
    (!site.agents[agent.index()].offers.is_empty()).then_some(agent)
}

/// Find a queue.
pub(crate) fn queue_named(site: &Site, name: &str) -> Result<QueueNumber, Error> {
    let found = site.own_plan.queues.iter().position(|queue| *queue.name == *name);
    found.map(QueueNumber::of).ok_or_else(|| unknown("queue", name))
}

/// Find a voicemail box.
pub(crate) fn box_named(site: &Site, name: &str) -> Result<BoxNumber, Error> {
    let found = site.own_plan.boxes.iter().position(|one| *one.name == *name);
    found.map(BoxNumber::of).ok_or_else(|| unknown("box", name))
}

/// Find a schedule.
pub(crate) fn schedule_named(site: &Site, name: &str) -> Result<ScheduleNumber, Error> {
    let found = site.plan.schedules.iter().position(|schedule| *schedule.name == *name);
    found.map(ScheduleNumber::of).ok_or_else(|| unknown("schedule", name))
}

/// Find a number of ours.
pub(crate) fn number_named(site: &Site, name: &str) -> Result<DialledNumber, Error> {
    let found = site.directory.numbers.get(name).copied();
    found.ok_or_else(|| unknown("number", name))
}

fn unknown(kind: &'static str, id: &str) -> Error {
    Error::UnknownId { kind, id: id.to_owned() }
}

/// Find an endpoint of an agent.
pub(crate) fn endpoint_named(
    site: &Site,
    agent: AgentNumber,
    address: &str,
) -> Result<usize, Error> {
    let found = site.plan.agents[agent.index()].device_named(address);
    found.ok_or_else(|| unknown("endpoint", address))
}

/// Find an offer that was made; it may be over.
pub(crate) fn offer_made(site: &Site, id: i128) -> Result<OfferNumber, Error> {
    match u64::try_from(id) {
        Ok(number) if (1..=site.offer_sequence).contains(&number) => Ok(OfferNumber(number)),
        _ => Err(Error::UnknownId { kind: "offer", id: id.to_string() }),
    }
}

/// Refuse a call that may not arrive like this.
pub(crate) fn check_arrival(site: &Site, event: &CallArrived) -> Result<(), Error> {
    let name = "CallArrived";
    check_id(name, IdOf::Call, &event.call)?;
    check_host(site, name, &event.host)?;
    check_party(&event.caller)?;
    check_party(&event.dialled)?;
    check_range(name, Ranged::Priority, event.priority)?;
    if site.call_ids.get(&event.call).is_some() {
        return Err(illegal("call_exists", name, "the call id is in use", "a new id"));
    }
    if site.calls.len() >= limits::CALLS_MAX {
        return Err(limit("calls_max", limits::CALLS_MAX));
    }
    check_needs(site, name, &event.needs)?;
    check_agents(name, event)
}

/// Refuse who is preferred or excluded if they could be no agents; they may be gone.
fn check_agents(name: &'static str, event: &CallArrived) -> Result<(), Error> {
    if event.preferred.len().max(event.excluded.len()) > limits::AGENTS_PER_CALL_MAX {
        return Err(limit("agents_per_call_max", limits::AGENTS_PER_CALL_MAX));
    }
    for preferred in &event.preferred {
        check_id(name, IdOf::Agent, &preferred.agent)?;
        check_range(name, Ranged::HeldFor, preferred.for_ms)?;
    }
    event.excluded.iter().try_for_each(|agent| check_id(name, IdOf::Agent, agent))
}

/// Refuse needs that are not well formed or beyond the bounds.
pub(crate) fn check_needs(site: &Site, event: &'static str, needs: &[Need]) -> Result<(), Error> {
    if needs.is_empty() {
        return Ok(());
    }
    if needs.len() > limits::NEEDS_PER_CALL_MAX {
        return Err(limit("needs_per_call_max", limits::NEEDS_PER_CALL_MAX));
    }
    let mut names = BTreeSet::new();
    for need in needs {
        check_need(event, need)?;
        names.extend(tags_of(need).iter().map(|tag| canonical(tag)));
    }
    check_new_tags(site, names.iter())
}

/// Return the level of each tag that somebody is to hold, and whether they can do
/// everything; refuse tags that are not well formed, or too many.
pub(crate) fn check_held(
    site: &Site,
    event: &'static str,
    held: &[(String, i64)],
) -> Result<(BTreeMap<String, i64>, bool), Error> {
    let mut levels = BTreeMap::new();
    let mut wildcard = false;
    for (tag, level) in held {
        let is_wildcard = tag == "*";
        if !is_wildcard {
            check_id(event, IdOf::Tag, tag)?;
        }
        check_range(event, Ranged::Level, *level)?;
        if is_wildcard {
            wildcard = true;
        } else {
            let most = levels.entry(canonical(tag)).or_insert(*level);
            *most = (*most).max(*level);
        }
    }
    if levels.len() + usize::from(wildcard) > limits::TAGS_PER_AGENT_MAX {
        return Err(limit("tags_per_agent_max", limits::TAGS_PER_AGENT_MAX));
    }
    check_new_tags(site, levels.keys())?;
    Ok((levels, wildcard))
}

/// Refuse more tags of which the plan knows nothing than there may be.
fn check_new_tags<'a>(site: &Site, names: impl Iterator<Item = &'a String>) -> Result<(), Error> {
    let new = names.filter(|name| site.tags.number(name).is_none()).count();
    if site.tags.extra().len() + new > limits::EXTRA_TAGS_MAX {
        return Err(limit("extra_tags_max", limits::EXTRA_TAGS_MAX));
    }
    Ok(())
}

fn check_need(event: &'static str, need: &Need) -> Result<(), Error> {
    let tags = tags_of(need);
    if tags.is_empty() {
        return Err(illegal("empty_group", event, "empty any-of group", "at least one tag"));
    }
    if tags.len() > limits::TAGS_PER_GROUP_MAX {
        return Err(limit("tags_per_group_max", limits::TAGS_PER_GROUP_MAX));
    }
    for tag in tags {
        check_id(event, IdOf::Tag, tag)?;
    }
    match need {
        Need::Required(need) => check_range(event, Ranged::Level, need.level),
        Need::Preferred(need) => check_range(event, Ranged::Weight, need.weight),
        Need::AnyOf(_) | Need::Forbidden(_) => Ok(()),
    }
}

fn tags_of(need: &Need) -> &[String] {
    match need {
        Need::Required(need) => std::slice::from_ref(&need.tag),
        Need::AnyOf(need) => &need.tags,
        Need::Forbidden(need) => std::slice::from_ref(&need.tag),
        Need::Preferred(need) => std::slice::from_ref(&need.tag),
    }
}

fn check_party(party: &Party) -> Result<(), Error> {
    let texts = [&party.number, &party.raw, &party.region, &party.operator, &party.name];
    if texts.into_iter().chain(&party.zones).any(|text| is_long(text)) {
        return Err(limit("text_length_max", limits::TEXT_LENGTH_MAX));
    }
    Ok(())
}

/// Tell whether a text has too many characters, counting them only where there are enough
/// bytes for that.
fn is_long(text: &str) -> bool {
    text.len() > limits::TEXT_LENGTH_MAX && text.chars().count() > limits::TEXT_LENGTH_MAX
}

/// Make the error for an event that does not fit.
pub(crate) fn illegal(
    code: &'static str,
    event: &'static str,
    state: impl Into<Cow<'static, str>>,
    expected: impl Into<Cow<'static, str>>,
) -> Error {
    Error::Illegal { code, event, state: state.into(), expected: expected.into() }
}

/// Make the error for a bound that was reached.
pub(crate) fn limit(name: &'static str, value: usize) -> Error {
    Error::Limit { limit: name, value }
}
