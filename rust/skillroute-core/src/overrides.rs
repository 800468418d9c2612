//! Overrides: a schedule, a queue or a number is opened, closed, or plays a message.
//!
//! An override beats the weekly hours of a schedule (rule 3.2), and turns the calls away
//! that come to a queue or a number from then on: `closed` does with them what the queue or
//! the site does with calls that it cannot take, `play` lets them hear a message and hangs
//! up. Who is in line already stays. It ends by time, or when it is taken back.

use std::sync::Arc;

use crate::border::{check_author, illegal, number_named, queue_named, schedule_named};
use crate::error::Error;
use crate::event::{Overridable, Overridden, OverrideTo};
use crate::ids::{DialledNumber, QueueNumber, ScheduleNumber};
use crate::limits::TIME_MS_MAX;
use crate::mutants::broken;
use crate::plan::{End, Limit};
use crate::site::Site;
use crate::state::{Call, Override, OverrideKind, OverrideWay};
use crate::timer::TimerKind;

/// How many kinds of things can be overridden: the subjects of their timers are told apart.
const KINDS: u64 = 3;

/// Let an override hold from now, in place of a former one.
pub(crate) fn set(site: &mut Site, event: &Overridden) -> Result<(), Error> {
    let subject = subject_named(site, event.kind, &event.name)?;
    check(site, event)?;
    let kind = kind_of(event.kind);
    site.forget_override(kind, subject);
    let (to, prompt) = match event.to {
        OverrideTo::Open => (OverrideWay::Open, Arc::default()),
        OverrideTo::Closed => (OverrideWay::Closed, Arc::default()),
        OverrideTo::Play => (OverrideWay::Play, Arc::from(&*event.prompt)),
    };
    let one = Override { kind, subject, to, prompt, until_ms: event.until_ms };
    let overrides = &mut site.overlay.overrides;
    let place = overrides.partition_point(|other| other.key() < one.key());
    overrides.insert(place, one);
    if let Some(until_ms) = event.until_ms {
        site.timers.set(TimerKind::OverrideEnds, timer_subject(kind, subject), until_ms);
    }
    // Only now: an opening that is prolonged is no shift's start.
    look_at_hours(site, kind, subject);
    Ok(())
}

/// Let the plan hold again, if it was overridden.
pub(crate) fn reset(site: &mut Site, kind: Overridable, name: &str) -> Result<(), Error> {
    let subject = subject_named(site, kind, name)?;
    site.override_over(kind_of(kind), subject);
    Ok(())
}

impl Override {
    /// Return what it overrides.
    pub(crate) fn key(&self) -> (OverrideKind, u32) {
        (self.kind, self.subject)
    }

    /// Return the subject of its timer.
    pub(crate) fn timer_subject(&self) -> u64 {
        timer_subject(self.kind, self.subject)
    }

    /// Say where it sends a call; `None`: it does not.
    fn end(&self, closed: impl FnOnce() -> End) -> Option<End> {
        match self.to {
            OverrideWay::Open => None,
            OverrideWay::Closed => broken!(89, Some(closed()), None),
            OverrideWay::Play => Some(End::HangUp(Arc::clone(&self.prompt))),
        }
    }

    /// Tell whether it holds at an instant.
    fn holds(&self, at_ms: i64) -> bool {
        self.until_ms.is_none_or(|until_ms| at_ms < until_ms)
    }
}

impl Site {
    /// Return what overrides a schedule now.
    pub(crate) fn override_of_schedule(&self, number: ScheduleNumber) -> Option<&Override> {
        self.override_of(OverrideKind::Schedule, number.0)
    }

    /// Return from when on the hours of a schedule hold at or after an instant, and whether
    /// it is open before; `None`: they always do.
    pub(crate) fn forced_until(
        &self,
        number: ScheduleNumber,
        at_ms: i64,
    ) -> Option<(OverrideWay, Option<i64>)> {
        let one = self.override_of_schedule(number).filter(|one| one.holds(at_ms))?;
        Some((one.to, one.until_ms))
    }

    /// An override has held as long as it was to.
    pub(crate) fn override_ends(&mut self, timer_subject: u64) {
        let subject = u32::try_from(timer_subject / KINDS).expect("it was set for a subject");
        let kind = match timer_subject % KINDS {
            0 => OverrideKind::Schedule,
            1 => OverrideKind::Queue,
            _ => OverrideKind::Number,
        };
        self.override_over(kind, subject);
    }

    /// Tell whether a timer's subject is overridden.
    pub(crate) fn is_overridden(&self, timer: u64) -> bool {
        self.overlay.overrides.iter().any(|one| timer_subject(one.kind, one.subject) == timer)
    }

    /// Say where a call goes in place of the queue of its number, and forget the number;
    /// `None`: it is open, or none of ours.
    pub(crate) fn away_from_number(&self, call: &mut Call) -> Option<End> {
        let one = self.override_of(OverrideKind::Number, call.number?.0)?;
        let end = one.end(|| End::LastResort)?;
        call.number = None;
        Some(end)
    }

    /// Tell whether a queue was opened or closed; `None`: neither.
    pub(crate) fn override_of_queue(&self, number: QueueNumber) -> Option<bool> {
        let one = self.override_of(OverrideKind::Queue, number.0)?;
        Some(one.to == OverrideWay::Open)
    }

    /// Say where a call goes that comes to a queue; `None`: nobody has closed it.
    pub(crate) fn away_from_queue(&self, number: QueueNumber) -> Option<End> {
        let one = self.override_of(OverrideKind::Queue, number.0)?;
        one.end(|| self.plan.queues[number.index()].end_of(Limit::Closed).clone())
    }

    fn override_of(&self, kind: OverrideKind, subject: u32) -> Option<&Override> {
        self.overlay.overrides.iter().find(|one| one.key() == (kind, subject))
    }

    fn override_over(&mut self, kind: OverrideKind, subject: u32) {
        if self.forget_override(kind, subject) {
            look_at_hours(self, kind, subject);
        }
    }

    /// Forget an override and its timer; tell whether there was one.
    fn forget_override(&mut self, kind: OverrideKind, subject: u32) -> bool {
        self.timers.cancel(TimerKind::OverrideEnds, timer_subject(kind, subject));
        let count = self.overlay.overrides.len();
        self.overlay.overrides.retain(|one| one.key() != (kind, subject));
        self.overlay.overrides.len() < count
    }
}

/// A schedule may be open or closed from now.
fn look_at_hours(site: &mut Site, kind: OverrideKind, subject: u32) {
    match kind {
        OverrideKind::Schedule => site.shift_changed(ScheduleNumber(subject)),
        OverrideKind::Queue | OverrideKind::Number => {}
    }
}

/// Find what is overridden, by its kind and name.
fn subject_named(site: &Site, kind: Overridable, name: &str) -> Result<u32, Error> {
    match kind {
        Overridable::Schedule => schedule_named(site, name).map(|ScheduleNumber(number)| number),
        Overridable::Queue => queue_named(site, name).map(|QueueNumber(number)| number),
        Overridable::Number => number_named(site, name).map(|DialledNumber(number)| number),
    }
}

fn check(site: &Site, event: &Overridden) -> Result<(), Error> {
    let name = "Overridden";
    if event.to == OverrideTo::Play {
        if event.kind == Overridable::Schedule {
            let state = "a schedule plays nothing";
            return Err(illegal("illegal_event", name, state, "open or closed"));
        }
        check_author(&event.prompt, "")?;
        if event.prompt.is_empty() {
            return Err(illegal("prompt_missing", name, "no prompt to play", "a prompt"));
        }
    }
    let first_ms = site.now_ms() + 1;
    let is_in_range = |until_ms| (first_ms..=TIME_MS_MAX).contains(&until_ms);
    if event.until_ms.is_none_or(is_in_range) {
        return Ok(());
    }
    let expected = format!("{first_ms} to {TIME_MS_MAX}");
    Err(illegal("until_ms_out_of_range", name, "until_ms out of range", expected))
}

fn kind_of(kind: Overridable) -> OverrideKind {
    match kind {
        Overridable::Schedule => OverrideKind::Schedule,
        Overridable::Queue => OverrideKind::Queue,
        Overridable::Number => OverrideKind::Number,
    }
}

fn timer_subject(kind: OverrideKind, subject: u32) -> u64 {
    KINDS * u64::from(subject) + broken!(92, kind as u64, 0)
}
