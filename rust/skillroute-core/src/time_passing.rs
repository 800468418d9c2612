//! Time passing: the site's start, and the timers that fire as time goes on.
//!
//! Every timer fires at its own deadline as the current time, and whoever can be matched is
//! matched after each distinct instant; so one step over an hour equals many small ones
//! (rule 1.1).

use crate::agent::AgentEvent;
use crate::call::CallEvent;
use crate::ids::{AgentNumber, CallNumber, OfferNumber, ScheduleNumber};
use crate::mutants::broken;
use crate::offer::OfferEvent;
use crate::offering::Why;
use crate::plan::{Limit, Login};
use crate::site::Site;
use crate::timer::{Timer, TimerKind};

impl Site {
    /// Let time pass up to an instant, and fire every timer that is due by then.
    ///
    /// The first time that is told to a site is its start.
    #[inline]
    pub(crate) fn pass_time(&mut self, now_ms: i64) {
        if self.clock_ms.is_none() || self.next_due_ms(now_ms).is_some() {
            self.fire_until(now_ms);
        }
        self.clock_ms = Some(now_ms);
    }

    fn fire_until(&mut self, now_ms: i64) {
        if self.clock_ms.is_none() {
            self.clock_ms = Some(now_ms);
            self.start();
        }
        while let Some(deadline_ms) = self.next_due_ms(now_ms) {
            // What should have happened in a gap is late, and the clock never goes back.
            let instant_ms = self.now_ms().max(deadline_ms);
            self.clock_ms = Some(instant_ms);
            while let Some(timer) = self.timers.pop_due(instant_ms) {
                self.begin_firing();
                self.fire(timer);
            }
            self.settle();
        }
    }

    /// Return the deadline of the next timer, if it is due by an instant.
    fn next_due_ms(&self, now_ms: i64) -> Option<i64> {
        let last_ms = broken!(29, now_ms, now_ms - 1);
        self.timers.next_deadline_ms().filter(|deadline_ms| *deadline_ms <= last_ms)
    }

    /// Open the site: schedules are read for the first time, and agents whose log-in is
    /// automatic are there since their shift's start (rule 18.12).
    fn start(&mut self) {
        for number in self.schedules() {
            self.schedules_open[number.index()] = self.is_open_now(number);
            self.watch_schedule(number);
        }
        self.touched.extend(self.agent_numbers());
        for agent in self.agent_numbers() {
            match self.plan.agents[agent.index()].login {
                Login::Manual => {}
                Login::Auto => self.start_agent(agent),
            }
        }
    }

    /// Let an agent whose log-in is automatic be there since their shift's start.
    pub(crate) fn start_agent(&mut self, agent: AgentNumber) {
        let schedule = self.plan.agents[agent.index()].schedule;
        let logged_in = self.agent_event(agent, AgentEvent::LoggedIn, "");
        logged_in.expect("an agent may log in at any time");
        if let Some(opened_ms) = schedule.and_then(|number| self.opened_at_ms(number)) {
            self.agent_mut(agent).login_ms = broken!(30, opened_ms, self.now_ms());
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer.kind {
            TimerKind::WrapUpEnds | TimerKind::CancelGraceEnds | TimerKind::ConnectLeaseEnds => {
                let offer = OfferNumber(timer.subject);
                let ended = self.offer_event(offer, OfferEvent::TimedOut, Why::Unsaid);
                ended.expect("an offer has the timers of its phase only");
            }
            TimerKind::RingEnds => self.ring_ended(OfferNumber(timer.subject)),
            TimerKind::PauseEnds => self.pause_ended(timer.subject_agent()),
            TimerKind::RetryUnreachableEnds => self.touched.push(timer.subject_agent()),
            TimerKind::OverrideEnds => self.override_ends(timer.subject),
            TimerKind::ShiftChanges => {
                let number = u32::try_from(timer.subject).map(ScheduleNumber);
                self.shift_changed(number.expect("it was set for a schedule of the plan"));
            }
            TimerKind::DeclineEnds => self.decline_ends(CallNumber(timer.subject)),
            TimerKind::TriedSetEmptied => self.tried_set_emptied(CallNumber(timer.subject)),
            TimerKind::StepBegins => {
                self.step_begins(CallNumber(timer.subject));
                self.await_width(CallNumber(timer.subject));
            }
            TimerKind::PreferredTurnEnds => self.next_turn(CallNumber(timer.subject)),
            TimerKind::RingWidens => self.ring_widens(CallNumber(timer.subject)),
            TimerKind::DelayEnds => self.delay_ended(CallNumber(timer.subject)),
            TimerKind::MaxWaitEnds => {
                let call = CallNumber(timer.subject);
                self.limit_reached(call, CallEvent::MaxWaitEnded, Limit::MaxWait);
            }
            TimerKind::AnnouncementDue => self.announce(CallNumber(timer.subject)),
            TimerKind::DemandCounted => self.count_demand(),
        }
    }
}
