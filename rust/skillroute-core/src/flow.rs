//! The flow of a call, for explaining: which number, which queues, and why on.

use crate::decision::FlowStep;
use crate::ids::QueueNumber;
use crate::plan::End;
use crate::site::Site;
use crate::state::Call;

/// List the blocks that a call has passed, in their order.
pub(crate) fn flow(site: &Site, call: &Call) -> Vec<FlowStep> {
    let Some(number) = call.number else {
        let number = &call.dialled.number;
        let is_ours = site.directory.numbers.contains(number);
        return vec![FlowStep {
            block: "number".into(),
            exit: if call.in_last_resort { "last_resort" } else { "hangup" }.into(),
            why: if is_ours {
                format!("number {number} is closed")
            } else {
                format!("no such number: {number}")
            },
        }];
    };
    let first = call.visits.first().map_or(call.queue, |visit| visit.queue);
    let mut steps = vec![FlowStep {
        block: "number".into(),
        exit: queue_named(site, first),
        why: format!("dialled {}", site.plan.numbers[number.index()].number),
    }];
    steps.extend(call.visits.iter().map(|visit| FlowStep {
        block: queue_named(site, visit.queue),
        exit: named(site, &visit.end),
        why: visit.result.word().to_owned(),
    }));
    steps.extend(refused(site, call));
    steps
}

/// Name the queue that took the call no more, if one did (rule 10.1).
fn refused(site: &Site, call: &Call) -> Option<FlowStep> {
    match call.visits.last()?.end {
        End::Queue(queue) if call.in_last_resort => {
            let why = match site.plan.settings.max_visits {
                1 => "entered once".to_owned(),
                times => format!("entered {times} times"),
            };
            Some(FlowStep { block: queue_named(site, queue), exit: "too_often".into(), why })
        }
        End::Queue(_) | End::LastResort | End::Voicemail(_) | End::Number(_) | End::HangUp(_) => {
            None
        }
    }
}

/// Write a destination as a plan has it.
fn named(site: &Site, end: &End) -> String {
    match end {
        End::LastResort => "last_resort".into(),
        End::Voicemail(place) => format!("voicemail:{}", site.plan.boxes[place.index()].name),
        End::Queue(queue) => queue_named(site, *queue),
        End::Number(number) => format!("number:{number}"),
        End::HangUp(prompt) if prompt.is_empty() => "hangup".into(),
        End::HangUp(prompt) => format!("hangup:{prompt}"),
    }
}

fn queue_named(site: &Site, queue: QueueNumber) -> String {
    let queue = &site.plan.queues[queue.index()];
    if queue.is_direct { queue.name.to_string() } else { format!("queue:{}", queue.name) }
}
