//! What stands on the page of an explanation. How it looks, as text or as Markdown, is the business of
//! [`crate::render::sheet`].
//!
//! The order is that of questions at night: what is it, why, whose move, does waiting help, what to run, what to
//! change, whom to write, what not to confuse it with; sources last.

use super::answer::{Answer, Unfilled, unfilled_words};
use super::cause::{CausePart, Step};
use super::topic::{self, ListPart, ProviderPart, Topic};
use super::{Explanation, Form, LineFacts, phrases as p};
use crate::i18n::{Language, Text};
use crate::knowledge::{Party, SaidAt, Suppress};
use crate::render::sheet::{Block, Sheet};
use crate::smtp::{Disposition, Stage};

/// The page of an explanation.
pub fn page_of(explanation: &Explanation, language: Language) -> Sheet {
    let mut page = Page { language, sheet: Sheet::default() };
    page.explanation(explanation);
    page.sheet
}

struct Page {
    language: Language,
    sheet: Sheet,
}

impl Page {
    fn get(&self, text: Text) -> &'static str {
        text.get(self.language)
    }

    fn row(&mut self, label: Text, text: &str) {
        self.sheet.row(label.get(self.language), text);
    }

    /// Rows under one label.
    fn rows(&mut self, label: Text, texts: impl IntoIterator<Item = String>) {
        for (index, text) in texts.into_iter().enumerate() {
            let label = if index == 0 { self.get(label) } else { "" };
            self.sheet.row(label, &text);
        }
    }

    /// The causes that a code is mostly said for, each with what betrays it.
    fn ranked(&mut self, answer: &Answer) {
        let language = self.language;
        let rows = answer.ranked.iter().enumerate().map(|(index, ranked)| {
            let name = p::MAYBE_CAUSE.say(language, &[&ranked.title, &ranked.cause]);
            format!("{}. {name}: {}", index + 1, ranked.tell)
        });
        self.rows(p::USUAL_CAUSE, rows.collect::<Vec<_>>());
    }

    fn commands(&mut self, label: Text, commands: Vec<String>) {
        if !commands.is_empty() {
            self.sheet.push(Block::Commands(self.get(label).to_owned(), commands));
        }
    }

    fn explanation(&mut self, explanation: &Explanation) {
        if let Some(line) = &explanation.line {
            let summary = self.line_summary(line, explanation.form);
            self.sheet.push(Block::Quote(self.get(p::READ).to_owned(), summary));
            self.sheet.push(Block::Quote(self.get(p::TEXT).to_owned(), line.text.clone()));
            self.sheet.gap();
        }
        if explanation.cut {
            let cut = p::CUT.say(self.language, &[&super::LONGEST_INPUT]);
            self.row(p::NOTE, &cut);
            self.sheet.gap();
        }
        for answer in &explanation.answers {
            self.answer(answer, explanation.line.is_some());
            self.sheet.gap();
        }
        for topic in &explanation.topics {
            match topic {
                Topic::Cause(cause) => self.cause(cause, explanation.line.is_some()),
                Topic::Provider(provider) => self.provider(provider),
                Topic::Blocklist(list) => self.blocklist(list),
            }
            self.sheet.gap();
        }
        let nothing = explanation.answers.is_empty() && explanation.topics.is_empty();
        if nothing {
            let sentence = match &explanation.line {
                Some(_) => p::NOTHING_FAILED,
                None => p::NOTHING,
            };
            self.sheet.push(Block::Paragraph(self.get(sentence).to_owned()));
        }
        let names: Vec<String> =
            explanation.suggestions.iter().map(|s| format!("`{}` ({})", s.ask, s.name)).collect();
        if names.is_empty() {
            return;
        }
        if nothing {
            let question = p::DID_YOU_MEAN.say(self.language, &[&names.join(", ")]);
            self.sheet.push(Block::Paragraph(question));
        } else {
            self.row(p::SEE_ALSO, &names.join(", "));
        }
    }

    fn answer(&mut self, answer: &Answer, is_line: bool) {
        let language = self.language;
        let cause = answer.cause.as_deref();
        let by_words = cause.is_some_and(CausePart::by_words);
        self.sheet.push(Block::Title(title(answer), answer.name.clone()));
        self.sheet.push(Block::Paragraph(self.subtitle(answer)));
        self.sheet.gap();
        match cause {
            Some(cause) if cause.why.is_some() && (by_words || is_line) => {
                self.row(p::CAUSE, &cause_name(cause, language));
                self.why(cause);
            }
            Some(cause) if cause.cause == "unknown" => {
                self.row(p::CAUSE, &cause_name(cause, language));
                self.why(cause);
            }
            _ => {}
        }
        match cause {
            Some(cause) if by_words && cause.cause != "unknown" => {
                self.row(p::MEANING, &cause.meaning);
            }
            _ => {
                self.row(p::MEANING, &answer.meaning);
                if let Some(seen) = answer.seen.as_ref().filter(|_| !is_line) {
                    self.row(p::SEEN, seen);
                }
                if !is_line {
                    let stages = said_at(&answer.stages, language);
                    self.row(p::STAGE, &stages);
                }
                let usual = cause.filter(|c| !by_words && !is_line && c.cause != "unknown");
                if !answer.ranked.is_empty() {
                    self.ranked(answer);
                } else if let Some(cause) = usual {
                    self.row(p::USUAL_CAUSE, &cause_name(cause, language));
                }
                self.row(p::DO_FIRST, &answer.remedy);
            }
        }
        let whose = self.whose(answer);
        self.row(p::WHOSE, &whose);
        self.retry(answer.retry, answer.suppress);
        if let Some(urgency) = answer.urgency.filter(|_| answer.class.digit >= 4) {
            self.row(p::URGENCY, p::urgency(urgency).get(language));
        }
        if !by_words {
            self.commands(p::CHECK, answer.checks.clone());
        }
        match cause {
            Some(cause) if by_words || cause.cause == "unknown" => {
                self.steps(cause, cause.steps.iter().collect(), &[]);
            }
            // What to do first stands above already; the cause adds what each mail server has for it.
            Some(cause) => {
                let steps = cause.steps.iter().filter(|step| step.mta.is_some()).collect();
                self.steps(cause, steps, &answer.checks);
            }
            None => {}
        }
        if let Some(cause) = cause {
            self.around(cause, answer.at.as_ref());
        } else if let Some(at) = &answer.at {
            self.pages(at);
        }
        self.unfilled(&answer.unfilled);
        for note in &answer.notes {
            self.row(p::NOTE, &note.text);
        }
        self.parts(answer, by_words);
        // Who answered is known: what others mean by the code is not asked.
        for other in answer.elsewhere.iter().filter(|_| answer.at.is_none()) {
            let codes = other.codes.join(", ");
            let text = p::AT_PROVIDER
                .say(language, &[&other.provider_name, &codes, &other.meaning, &other.remedy]);
            self.row(p::ELSEWHERE, &text);
        }
        match cause {
            Some(cause) if by_words => self.alike(cause),
            _ => {
                let alike =
                    answer.alike.iter().map(|alike| format!("{}: {}", alike.code, alike.name));
                self.rows(p::UNLIKE, alike);
            }
        }
        self.sources(answer);
    }

    /// A cause that was asked for by its name, or that of a line without codes.
    fn cause(&mut self, cause: &CausePart, is_line: bool) {
        let language = self.language;
        let title = match &cause.detail {
            Some(detail) => format!("{}: {}", cause.title, detail.name),
            None => cause.title.clone(),
        };
        self.sheet.push(Block::Title(cause.cause.clone(), title));
        self.sheet.gap();
        if is_line {
            self.row(p::NOTE, self.get(p::NO_CODE_IN_LINE));
        }
        self.why(cause);
        self.row(p::MEANING, &cause.meaning);
        if cause.why.is_none() {
            self.row(p::TELL, &cause.how_to_tell);
            self.row(p::CODES, &cause.codes.join(", "));
            let details: Vec<String> =
                cause.details.iter().map(|d| format!("`{}` ({})", d.slug, d.name)).collect();
            self.row(p::DETAILS, &details.join(", "));
        }
        let inbound = cause.direction == Some("inbound");
        let act = self.who_can_act(&cause.parties, cause.direction.is_some(), inbound);
        self.row(p::WHOSE, &act);
        let suppress = match (cause.suppress, cause.hard) {
            (true, Some(true)) => Suppress::AtOnce,
            (true, _) => Suppress::AfterRepeated,
            (false, _) => Suppress::Never,
        };
        self.retry(cause.retry, suppress);
        self.row(p::URGENCY, p::urgency(cause.urgency).get(language));
        self.steps(cause, cause.steps.iter().collect(), &[]);
        self.around(cause, None);
        self.unfilled(&unfilled_words(&cause.unfilled, language));
        self.alike(cause);
        self.row(p::SOURCE, &cause.references.join(", "));
    }

    fn provider(&mut self, provider: &ProviderPart) {
        self.sheet.push(Block::Title(provider.provider.clone(), provider.name.clone()));
        self.sheet.push(Block::Paragraph(self.get(p::role(provider.role)).to_owned()));
        self.sheet.gap();
        self.row(p::HOSTS, &provider.hosts.join(", "));
        self.row(p::DOMAINS, &provider.domains.join(", "));
        let tokens: Vec<String> = provider.signatures.iter().map(|s| format!("`{s}`")).collect();
        self.row(p::TOKENS, &tokens.join(", "));
        self.row(p::NOTE, provider.note.as_deref().unwrap_or_default());
        self.row(p::POSTMASTER, provider.postmaster.as_deref().unwrap_or_default());
        self.row(p::DELISTING, provider.delisting.as_deref().unwrap_or_default());
        self.rows(
            p::OWN_CODES,
            provider.codes.iter().map(|code| format!("{}: {}", code.slug, code.name)),
        );
    }

    fn blocklist(&mut self, list: &ListPart) {
        self.sheet.push(Block::Title(list.blocklist.clone(), list.name.clone()));
        let what = format!(
            "{}; {}",
            self.get(topic::lists_what(list.lists)),
            self.get(topic::list_status(list.status))
        );
        self.sheet.push(Block::Paragraph(what));
        self.sheet.gap();
        self.row(p::ZONES, &list.zones.join(", "));
        self.row(p::DETAILS, &list.parts.join(", "));
        self.row(p::WAY_OUT, list.way_out.as_deref().unwrap_or_default());
        self.row(p::PAGE, list.url.as_deref().unwrap_or_default());
        self.row(p::SEE_ALSO, &format!("`mailwhy explain {}`", list.cause));
    }

    fn why(&mut self, cause: &CausePart) {
        if let Some(why) = &cause.why {
            self.row(p::WHY, &why.text);
        }
    }

    fn retry(&mut self, retry: crate::knowledge::Retry, suppress: Suppress) {
        let mut sentences = vec![self.get(p::retry(retry))];
        // For what did not fail, and for what is said of no address, there is nothing to add.
        if suppress != Suppress::Never {
            sentences.push(self.get(p::suppress(suppress)));
        }
        self.row(p::RETRY, &sentences.join(" "));
    }

    /// The steps of a cause; where the direction is not known, first those when another server spoke. Commands
    /// that stand on the page already are left out.
    fn steps(&mut self, cause: &CausePart, steps: Vec<&Step>, shown: &[String]) {
        let (ours, theirs): (Vec<&Step>, Vec<&Step>) =
            steps.into_iter().partition(|step| step.inbound_only);
        let both = cause.direction.is_none() && !ours.is_empty() && !theirs.is_empty();
        let mut shown = shown.to_vec();
        for (heading, steps) in [(p::IF_THEY_SAID_IT, theirs), (p::IF_WE_SAID_IT, ours)] {
            if steps.is_empty() {
                continue;
            }
            if both {
                self.sheet.gap();
                self.sheet.push(Block::Paragraph(format!("{}:", self.get(heading))));
            }
            for step in steps {
                self.step(step, &mut shown);
            }
        }
        if both {
            self.sheet.gap();
        }
    }

    fn step(&mut self, step: &Step, shown: &mut Vec<String>) {
        let label = match step.mta {
            Some("postfix") => p::POSTFIX,
            Some("exim") => p::EXIM,
            _ => p::FIX,
        };
        let text = match p::party_does(step.by) {
            Some(party) => p::BY_PARTY.say(self.language, &[&self.get(party), &step.text]),
            None => step.text.clone(),
        };
        self.row(label, &text);
        let new: Vec<String> =
            step.checks.iter().filter(|check| !shown.contains(check)).cloned().collect();
        shown.extend(new.iter().cloned());
        if !new.is_empty() {
            self.sheet.push(Block::Commands(String::new(), new));
        }
    }

    fn unfilled(&mut self, unfilled: &[Unfilled]) {
        if !unfilled.is_empty() {
            let words: Vec<_> =
                unfilled.iter().map(|u| format!("{}: {}", u.word, u.stands_for)).collect();
            self.sheet.row("", &format!("({})", words.join("; ")));
        }
    }

    /// Whom to ask, and the pages of the provider or blocklist.
    fn around(&mut self, cause: &CausePart, at: Option<&ProviderPart>) {
        if let Some(list) = &cause.blocklist {
            let page = list.url.as_deref().unwrap_or_default();
            let way = list.way_out.as_deref().unwrap_or_default();
            self.row(p::BLOCKLIST, &format!("{}: {way} {page}", list.name));
        }
        if let Some(at) = at {
            self.pages(at);
        }
        self.row(p::ASK, cause.ask.as_deref().unwrap_or_default());
    }

    fn pages(&mut self, at: &ProviderPart) {
        self.row(p::PROVIDER, &format!("{}. {}", at.name, at.note.as_deref().unwrap_or_default()));
        self.row(p::POSTMASTER, at.postmaster.as_deref().unwrap_or_default());
        self.row(p::DELISTING, at.delisting.as_deref().unwrap_or_default());
    }

    fn alike(&mut self, cause: &CausePart) {
        if cause.why.is_some() {
            self.row(p::TELL, &cause.how_to_tell);
        }
        self.rows(
            p::UNLIKE,
            cause.alike.iter().map(|alike| format!("`{}`: {}", alike.slug, alike.name)),
        );
    }

    /// The codes, where their names are not the title.
    fn parts(&mut self, answer: &Answer, by_words: bool) {
        let other_name = answer.parts.first().is_some_and(|part| part.name != answer.name);
        if answer.parts.len() > 1 || other_name {
            for part in &answer.parts {
                // What is told above is not told again.
                let text = if by_words || part.meaning == answer.meaning {
                    part.name.clone()
                } else {
                    format!("{}. {}", part.name, part.meaning)
                };
                self.sheet.row(&part.code, &text);
            }
        }
    }

    fn sources(&mut self, answer: &Answer) {
        let language = self.language;
        for part in &answer.parts {
            let mut text = format!("{}: {}", part.code, self.get(p::standing(part.standing)));
            if !part.defined_in.is_empty() {
                text.push_str(&p::DEFINED_IN.say(language, &[&part.defined_in.join(", ")]));
            }
            if !part.basic_codes.is_empty() {
                text.push_str(&p::GOES_WITH.say(language, &[&part.basic_codes.join(", ")]));
            }
            text.push('.');
            if let Some(source) = &part.source {
                text.push(' ');
                text.push_str(source);
            }
            self.row(p::SOURCE, &text);
        }
        if let Some(cause) = answer.cause.as_ref().filter(|cause| cause.by_words()) {
            self.row(p::SOURCE, &cause.references.join(", "));
        }
    }

    /// What it means for the queue, how far to trust it, and what decided.
    fn subtitle(&self, answer: &Answer) -> String {
        let language = self.language;
        let permanence = self.get(p::permanence(answer.class.permanence));
        let mut parts = vec![p::CLASS.say(language, &[&answer.class.digit, &permanence])];
        let standing = answer.standing.map_or(p::UNKNOWN_CODE, p::standing);
        parts.push(self.get(standing).to_owned());
        let several = answer.code.is_some() && answer.enhanced.is_some();
        if several || answer.provider.is_some() {
            parts.push(p::READ_BY.say(language, &[&self.get(p::level(answer.level))]));
        }
        parts.join("; ")
    }

    /// Whose problem it is, and who can act.
    fn whose(&self, answer: &Answer) -> String {
        let direction = answer.cause.as_ref().and_then(|cause| cause.direction);
        let act =
            self.who_can_act(&answer.parties, direction.is_some(), direction == Some("inbound"));
        match &answer.whose {
            Some(whose) if answer.parties == [Party::Nobody] => whose.clone(),
            Some(whose) => format!("{whose} {act}").trim_end().to_owned(),
            None => act,
        }
    }

    fn who_can_act(&self, parties: &[Party], here: bool, inbound: bool) -> String {
        let names = parties
            .iter()
            .filter(|party| **party != Party::Nobody)
            .map(|&party| if here { p::party_here(party, inbound) } else { p::party(party) });
        let names = names.map(|name| self.get(name)).collect::<Vec<_>>().join(", ");
        match parties {
            [] => String::new(),
            [Party::Nobody] => self.get(p::NOBODY_HAS_TO).to_owned(),
            [Party::Nobody, ..] => p::NOBODY_OR.say(self.language, &[&names]),
            _ => p::WHO_CAN_ACT.say(self.language, &[&names]),
        }
    }

    /// What a log line or a bounce says beside its codes, in one sentence.
    fn line_summary(&self, line: &LineFacts, form: Form) -> String {
        let language = self.language;
        let mta = self.get(match (line.mta, form) {
            (Some("postfix"), Form::Text) => p::BOUNCE_POSTFIX,
            (Some("exim"), Form::Text) => p::BOUNCE_EXIM,
            (Some("postfix"), _) => p::LINE_POSTFIX,
            (Some("exim"), _) => p::LINE_EXIM,
            _ => p::LINE,
        });
        let peer = match line.direction {
            "inbound" => peer(line.client_name.as_deref(), line.client_address.as_deref()),
            _ => peer(line.relay_host.as_deref(), line.relay_address.as_deref()),
        };
        let sentence = match (line.origin, line.direction, &peer) {
            ("remote", _, Some(_)) => p::PEER_SAID_IT,
            ("remote", _, None) => p::OTHER_SAID_IT,
            ("ours", "inbound", Some(_)) => p::WE_SAID_IT_TO,
            ("ours", "inbound", None) => p::WE_SAID_IT,
            ("ours", _, _) => p::OUR_SERVER_SAYS,
            (_, _, Some(_)) => p::NOBODY_SAID_IT_PEER,
            (_, _, None) => p::NOBODY_SAID_IT,
        };
        let mut parts = vec![sentence.say(language, &[&mta, &peer.unwrap_or_default()])];
        let stage = Stage::ALL.iter().find(|stage| Some(stage.slug()) == line.stage);
        if let Some(&stage) = stage {
            parts.push(p::AT_STAGE.say(language, &[&self.get(p::stage(stage))]));
        }
        let disposition =
            Disposition::ALL.iter().find(|known| Some(known.slug()) == line.disposition);
        parts.extend(disposition.map(|&d| self.get(p::disposition(d)).to_owned()));
        for (label, value) in [
            (p::SENDER_IS, &line.sender),
            (p::RECIPIENT_IS, &line.recipient),
            (p::QUEUE_ID_IS, &line.queue_id),
        ] {
            if let Some(value) = value {
                let shown = if value.is_empty() { "<>" } else { value.as_str() };
                parts.push(label.say(language, &[&shown]));
            }
        }
        parts.join("; ")
    }
}

fn title(answer: &Answer) -> String {
    let code = answer.code.map(|code| code.to_string());
    [code, answer.enhanced.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn cause_name(cause: &CausePart, language: Language) -> String {
    match &cause.detail {
        Some(detail) => {
            p::CAUSE_WITH_DETAIL.say(language, &[&cause.title, &cause.cause, &detail.name])
        }
        None => p::MAYBE_CAUSE.say(language, &[&cause.title, &cause.cause]),
    }
}

fn said_at(stages: &[SaidAt], language: Language) -> String {
    stages.iter().map(|&stage| p::said_at(stage).get(language)).collect::<Vec<_>>().join(", ")
}

fn peer(name: Option<&str>, address: Option<&str>) -> Option<String> {
    match (name, address) {
        (Some(name), Some(address)) => Some(format!("{name} [{address}]")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}
