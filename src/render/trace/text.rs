//! Stories as text.

use super::Telling;
use super::words::{self, Words, words};
use crate::correlate::Fate;
use crate::event::Entrance;
use crate::i18n::say;
use crate::knowledge::Party;
use crate::render::layout::{Look, Page, Tone, bytes, number};
use crate::render::text::filter_term;
use crate::report::duration;
use crate::time::Time;
use crate::trace::{Message, Recipient, Step, StepKind};

/// Columns that an address or a name may take.
const NAME: usize = 100;
/// Columns that a reply may take.
const REPLY: usize = 400;
/// Recipients of a message that are shown.
const RECIPIENTS: usize = 20;
/// Lines of a message that are shown, half of them first and half last.
const STEPS: usize = 60;

/// Writes the stories.
pub fn render(telling: Telling<'_>, look: Look) -> String {
    let words = words(telling.language);
    let mut writer = Writer { page: Page::new(look), telling, words };
    writer.head();
    for message in &telling.trace.messages {
        writer.message(message);
    }
    writer.refusals();
    writer.foot();
    writer.page.finish()
}

struct Writer<'t> {
    page: Page,
    telling: Telling<'t>,
    words: &'static Words,
}

impl Writer<'_> {
    fn log(text: &str) -> String {
        Page::log(text, NAME)
    }

    fn duration(&self, from: Time, to: Time) -> String {
        duration(to.seconds().saturating_sub(from.seconds()).max(0), self.telling.language)
    }

    fn head(&mut self) {
        let (trace, words) = (self.telling.trace, self.words);
        let terms: Vec<String> = trace.filter.iter().map(filter_term).collect();
        let mut kinds: Vec<_> = trace.messages.iter().flat_map(|m| &m.found_by).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds: Vec<_> =
            kinds.iter().map(|kind| words::kind(**kind, self.telling.language)).collect();
        let key = match &trace.key {
            Some(key) if kinds.is_empty() => Self::log(key),
            Some(key) => format!("{} ({})", Self::log(key), kinds.join(", ")),
            None => terms.join(" "),
        };
        let text = if trace.found == 0 && trace.refusals_found == 0 {
            say(words.nothing, &[&key])
        } else if trace.at_least {
            say(words.found_at_least, &[&number(trace.found), &key])
        } else {
            say(words.found, &[&number(trace.found), &key])
        };
        self.page.paragraph("", &text);
        if trace.key.is_some() && !terms.is_empty() {
            self.page.paragraph("", &say(words.filter, &[&terms.join(" ")]));
        }
        if let (Some(first), Some(last)) = (trace.first, trace.last) {
            let files: Vec<String> = trace.files.iter().take(4).map(|f| Self::log(f)).collect();
            let more = if trace.files.len() > 4 { ", …" } else { "" };
            let files = format!("{}{more}", files.join(", "));
            let zone = self.telling.zone;
            let text = say(words.looked_through, &[&files, &zone.shown(first), &zone.shown(last)]);
            self.page.paragraph("", &text);
        }
        let shown = trace.messages.len() as u64;
        if trace.found > shown {
            self.page.paragraph("", &say(words.earlier, &[&number(trace.found - shown)]));
        }
    }

    fn fact(&mut self, label: &str, text: &str) {
        self.page.paragraph(&format!("  {label:<7}"), text);
    }

    fn message(&mut self, message: &Message) {
        let words = self.words;
        let ids: Vec<String> = message.queue_ids.iter().take(6).map(|id| Self::log(id)).collect();
        let mut heading = ids.join(" → ");
        if message.queue_ids.len() > 6 {
            heading.push_str(" …");
        }
        if let Some(host) = &message.host {
            heading.push_str(&say(words.on, &[&Self::log(host)]));
        }
        self.page.heading(&heading);
        let from = self.origin(message);
        self.fact(words.from, &from);
        if let Some(id) = &message.message_id {
            self.fact(words.id, &format!("<{}>", Self::log(id)));
        }
        self.recipients(message);
        for notice in &message.notifications {
            let what = match notice.what {
                Some("non-delivery") => words.non_delivery,
                Some("delay") => words.delay_notice,
                Some("status") => words.success_notice,
                Some("postmaster") => words.postmaster_notice,
                _ => words.notification,
            };
            let to: Vec<String> = notice
                .recipients
                .iter()
                .take(3)
                .map(|r| {
                    let fate = words::fate(r.fate, self.telling.language);
                    format!("{}: {fate}", Self::log(&r.address))
                })
                .collect();
            let text = format!("{what} {} {}", Self::log(&notice.queue_id), to.join(", "));
            self.fact(words.told, &text);
        }
        if !message.missing.is_empty() {
            let missing: Vec<_> = message
                .missing
                .iter()
                .map(|missing| words::missing(*missing, self.telling.language))
                .collect();
            let text = say(words.not_in_the_log, &[&missing.join("; ")]);
            let text = self.page.tone(Tone::Late, &text);
            self.page.paragraph("  ", &text);
        }
        self.steps(message);
    }

    fn origin(&self, message: &Message) -> String {
        let words = self.words;
        let mut parts = vec![match message.sender.as_deref() {
            Some("") => words.null_sender.to_owned(),
            Some(sender) => Self::log(sender),
            None => words.unknown_sender.to_owned(),
        }];
        match (&message.client_name, &message.client_address) {
            (Some(name), Some(address)) => {
                let client = format!("{} [{}]", Self::log(name), Self::log(address));
                parts.push(say(words.through, &[&client]));
            }
            (None, Some(client)) | (Some(client), None) => {
                parts.push(say(words.through, &[&Self::log(client)]));
            }
            (None, None) => match message.entrance {
                Some(Entrance::Local) => parts.push(words.local.to_owned()),
                Some(Entrance::Bounce) => parts.push(words.by_this_server.to_owned()),
                _ => {}
            },
        }
        if let Some(user) = &message.user {
            parts.push(say(words.login, &[&Self::log(user)]));
        }
        if let Some(size) = message.size {
            parts.push(bytes(size));
        }
        parts.join(", ")
    }

    fn recipients(&mut self, message: &Message) {
        let words = self.words;
        for (n, recipient) in message.recipients.iter().take(RECIPIENTS).enumerate() {
            let label = if n == 0 { words.to } else { "" };
            let text = self.recipient(message, recipient);
            self.fact(label, &text);
            let step = recipient.decided_by.and_then(|at| message.steps.get(at));
            let good = matches!(recipient.fate, Fate::Delivered | Fate::HandedOver);
            if let Some(why) = step.filter(|_| !good).and_then(|step| self.why(step)) {
                self.page.paragraph("           ", &why);
            }
        }
        let hidden = message.recipients.len().saturating_sub(RECIPIENTS) as u64;
        let left_out = message.recipients_left_out + hidden;
        let label = if message.recipients.is_empty() { words.to } else { "" };
        if left_out > 0 {
            self.fact(label, &say(words.recipients_left_out, &[&number(left_out)]));
        }
        if message.recipients_untried > 0 {
            self.fact(label, &say(words.untried, &[&number(message.recipients_untried)]));
        }
    }

    fn recipient(&self, message: &Message, recipient: &Recipient) -> String {
        let words = self.words;
        let mut text = Self::log(&recipient.address);
        if let Some(original) = &recipient.original {
            text.push_str(&say(words.alias, &[&Self::log(original)]));
        }
        let tone = match recipient.fate {
            Fate::Delivered | Fate::HandedOver => Tone::Good,
            Fate::Queued | Fate::Held | Fate::Unknown => Tone::Late,
            _ => Tone::Bad,
        };
        let fate = words::fate(recipient.fate, self.telling.language);
        text.push_str(": ");
        text.push_str(&self.page.tone(tone, fate));
        let over = !matches!(recipient.fate, Fate::Queued | Fate::Held | Fate::Unknown);
        if let (Some(last), true) = (recipient.last, over) {
            if let Some(arrived) = message.arrived {
                text.push_str(&say(words.after, &[&self.duration(arrived, last)]));
            } else if let Some(first) = recipient.first.filter(|first| *first < last) {
                text.push_str(&say(words.since_first_try, &[&self.duration(first, last)]));
            }
        }
        if recipient.tries > 1 {
            text.push_str(&say(words.tries, &[&number(recipient.tries.into())]));
        }
        text
    }

    /// The cause of a failure and whose move it is.
    fn why(&self, step: &Step) -> Option<String> {
        let title = self.telling.title(step.cause?)?;
        let party = step.party.and_then(|slug| {
            let index = Party::ALL.iter().position(|party| party.slug() == slug)?;
            self.telling.language.labels().parties.get(index).copied()
        });
        Some(match party {
            Some(party) => say(self.words.move_of, &[&title, &party]),
            None => title.to_owned(),
        })
    }

    fn steps(&mut self, message: &Message) {
        let lines = self.telling.lines;
        let shown: Vec<&Step> = message
            .steps
            .iter()
            .filter(|step| lines || !matches!(step.what, StepKind::MessageId | StepKind::Queued))
            .collect();
        // With --lines everything is wanted.
        let most = if lines { usize::MAX } else { STEPS };
        let hidden = shown.len().saturating_sub(most);
        let several = message.queue_ids.len() + message.notifications.len() > 1;
        let mut day = String::new();
        let mut before = None;
        for (n, step) in shown.iter().enumerate() {
            if n >= most / 2 && n < most / 2 + hidden {
                if n == most / 2 {
                    self.page.line("  …");
                }
                before = step.time.or(before);
                continue;
            }
            self.step(step, several, &mut day, &mut before);
        }
        let left_out = message.steps_left_out + hidden as u64;
        if left_out > 0 {
            self.page.paragraph("  ", &say(self.words.steps_left_out, &[&number(left_out)]));
        }
    }

    /// One line of a story: its time of day and the wait before it, then what it says.
    fn step(&mut self, step: &Step, several: bool, day: &mut String, before: &mut Option<Time>) {
        let clock = step.time.map(|time| self.telling.zone.shown(time)).unwrap_or_default();
        let (date, rest) = clock.split_once('T').unwrap_or(("", ""));
        let time = rest.get(..8).unwrap_or("        ");
        if !date.is_empty() && date != day.as_str() {
            let heading = self.page.tone(Tone::Faint, date);
            self.page.line(&format!("  {heading}"));
            date.clone_into(day);
        }
        let wait = match (*before, step.time) {
            (Some(before), Some(time)) if time.seconds() > before.seconds() => {
                format!("+{}", self.duration(before, time))
            }
            _ => String::new(),
        };
        *before = step.time.or(*before);
        let mut text = String::new();
        if several && let Some(id) = &step.queue_id {
            text.push_str(&Self::log(id));
            text.push(' ');
        }
        text.push_str(&self.what(step));
        let pad = 14_usize.saturating_sub(wait.chars().count());
        self.page.paragraph(&format!("  {time} {wait}{}", " ".repeat(pad)), &text);
        let under = " ".repeat(27);
        if let Some(why) = self.why(step) {
            self.page.paragraph(&format!("{under}= "), &why);
        }
        if let Some(raw) = step.raw.as_ref().filter(|_| self.telling.lines) {
            let place = format!("{}:{}", self.telling.file(step.at.source), step.at.line);
            self.page
                .paragraph("    | ", &format!("{}: {}", Self::log(&place), Page::log(raw, 5000)));
        }
    }

    fn what(&self, step: &Step) -> String {
        let words = self.words;
        let tone = match step.what {
            StepKind::Delivered | StepKind::HandedOver => Tone::Good,
            StepKind::Deferred | StepKind::Postponed | StepKind::Held => Tone::Late,
            StepKind::Bounced | StepKind::Expired | StepKind::Rejected | StepKind::LoginFailed => {
                Tone::Bad
            }
            _ => Tone::Strong,
        };
        let mut text = self.page.tone(tone, words::step(step.what, self.telling.language));
        if let Some(recipient) = &step.recipient {
            text.push(' ');
            text.push_str(&Self::log(recipient));
        }
        if let Some(client) = &step.client {
            text.push_str(&say(words.client, &[&Self::log(client)]));
        }
        if step.queue_id.is_none()
            && let Some(sender) = step.sender.as_ref().filter(|sender| !sender.is_empty())
        {
            text.push_str(&say(words.sender, &[&Self::log(sender)]));
        }
        if let Some(relay) = &step.relay {
            text.push_str(&say(words.at, &[&Self::log(relay)]));
        }
        // The reply says it mostly.
        let said = step.text.as_deref().unwrap_or("");
        if let Some(names) = step.names.as_deref().filter(|names| !said.contains(names)) {
            let how = if step.what == StepKind::Arrived { words.of_id } else { words.as_id };
            text.push_str(&say(how, &[&Self::log(names)]));
        }
        if step.count > 1 {
            text.push_str(&say(words.times, &[&number(step.count.into())]));
        }
        if let Some(said) = &step.text {
            text.push_str(": ");
            text.push_str(&Page::log(said, REPLY));
        }
        text
    }

    fn refusals(&mut self) {
        let trace = self.telling.trace;
        if trace.refusals.is_empty() {
            return;
        }
        self.page.heading(&say(self.words.refusals, &[&number(trace.refusals_found)]));
        let shown: u64 = trace.refusals.iter().map(|step| u64::from(step.count)).sum();
        if trace.refusals_found > shown {
            let more = number(trace.refusals_found - shown);
            self.page.paragraph("  ", &say(self.words.earlier_refusals, &[&more]));
        }
        let mut day = String::new();
        for step in &trace.refusals {
            self.step(step, false, &mut day, &mut None);
        }
    }

    fn foot(&mut self) {
        let ids = &self.telling.trace.not_followed;
        if !ids.is_empty() {
            let ids: Vec<String> = ids.iter().map(|id| Self::log(id)).collect();
            self.page.gap();
            self.page.paragraph("", &say(self.words.not_followed, &[&ids.join(", ")]));
        }
    }
}
