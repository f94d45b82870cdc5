//! What stands on the page of a check. How it looks is the business of [`crate::render::sheet`].

use super::finding::{CheckReport, Command, Finding, Severity, Subject, SubjectKind};
use super::own_phrases as w;
use super::phrases as p;
use super::seen::Seen;
use crate::i18n::{Language, Text};
use crate::render::sheet::{Block, Sheet};

/// The page of a run: a verdict a subject, what the log says, the findings with their evidence.
pub fn page_of(report: &CheckReport, language: Language) -> Sheet {
    write(report, language, Severity::Ok)
}

/// The same as a part of a report: without findings that ask nobody for anything.
pub fn brief_page_of(report: &CheckReport, language: Language) -> Sheet {
    write(report, language, Severity::Warning)
}

/// What stands beside the spinner while DNS is asked.
pub fn progress(done: usize, language: Language) -> String {
    w::PROGRESS.say(language, &[&done])
}

/// What the part of a report is called.
pub fn heading(language: Language) -> &'static str {
    w::SECTION.get(language)
}

fn write(report: &CheckReport, language: Language, least: Severity) -> Sheet {
    let mut page = Page { language, least, sheet: Sheet::default() };
    for subject in &report.subjects {
        page.subject(subject);
        page.sheet.gap();
    }
    if report.own_unknown > 0 {
        page.sheet.push(Block::Paragraph(w::OWN_UNKNOWN.say(language, &[&report.own_unknown])));
    }
    if report.subjects.is_empty() {
        if report.own_unknown == 0 {
            page.sheet.push(Block::Paragraph(p::NO_TROUBLE.get(language).to_owned()));
        }
        return page.sheet;
    }
    if report.left_out > 0 {
        page.sheet.push(Block::Paragraph(p::LEFT_OUT.say(language, &[&report.left_out])));
    }
    let asked = report.resolvers.join(", ");
    let values: [&dyn std::fmt::Display; 5] =
        [&asked, &report.questions, &report.answered, &report.attempts, &report.timeout];
    page.sheet.push(Block::Paragraph(p::ASKED.say(language, &values)));
    page.sheet
}

struct Page {
    language: Language,
    /// Findings below this are left out.
    least: Severity,
    sheet: Sheet,
}

impl Page {
    fn row(&mut self, label: Text, text: &str) {
        self.sheet.row(label.get(self.language), text);
    }

    fn subject(&mut self, subject: &Subject) {
        let language = self.language;
        let worst = p::severity(subject.worst()).get(language);
        let title = match subject.kind {
            SubjectKind::Own => w::OURS.say(language, &[&subject.subject]),
            SubjectKind::Address | SubjectKind::Domain => subject.subject.clone(),
        };
        self.sheet.push(Block::Title(title, worst.to_owned()));
        self.sheet.gap();
        let verdict = &subject.verdict;
        self.row(p::VERDICT, &verdict.text);
        if let Some(party) = verdict.party {
            self.row(p::WHOSE, p::party(party).get(language));
        }
        self.pages(&verdict.pages);
        if let Some(mail) = &subject.mail {
            self.row(w::MAIL, mail);
        }
        self.commands(p::CONFIRM, &verdict.commands);
        for seen in &subject.log {
            self.seen(seen);
        }
        // Commands and pages that stand there already are not told twice.
        let shown: Vec<&str> = verdict
            .commands
            .iter()
            .map(|command| &command.line)
            .chain(&verdict.pages)
            .map(String::as_str)
            .collect();
        let least = self.least;
        for finding in subject.findings.iter().filter(|f| f.severity >= least) {
            self.sheet.gap();
            self.finding(finding, &shown);
        }
    }

    fn seen(&mut self, seen: &Seen) {
        let mut parts: Vec<String> = seen.name().into_iter().collect();
        if let (Some(address), Some(_)) = (seen.address, &seen.host) {
            parts.push(format!("[{address}]"));
        }
        if !seen.text.is_empty() {
            parts.push(seen.text.clone());
        }
        let mut text = parts.join(" ");
        if seen.count > 0 {
            text = p::TIMES.say(self.language, &[&text, &seen.count]);
        }
        self.sheet.push(Block::Quote(p::IN_LOG.get(self.language).to_owned(), text));
    }

    fn finding(&mut self, finding: &Finding, shown: &[&str]) {
        let label = p::severity(finding.severity).get(self.language);
        self.sheet.row(label, &finding.meaning);
        for row in &finding.evidence {
            self.sheet.push(Block::Quote(p::RECORD.get(self.language).to_owned(), row.as_line()));
        }
        for line in &finding.said {
            self.sheet.push(Block::Quote(p::SAID.get(self.language).to_owned(), line.clone()));
        }
        if finding.severity > Severity::Note
            && let Some(party) = finding.party
        {
            self.row(p::WHOSE, p::party(party).get(self.language));
        }
        self.row(w::REMEDY, finding.remedy.as_deref().unwrap_or_default());
        let pages: Vec<String> =
            finding.pages.iter().filter(|page| !shown.contains(&page.as_str())).cloned().collect();
        self.pages(&pages);
        let new: Vec<Command> = finding
            .commands
            .iter()
            .filter(|command| !shown.contains(&command.line.as_str()))
            .cloned()
            .collect();
        self.commands(p::CONFIRM, &new);
    }

    fn pages(&mut self, pages: &[String]) {
        for page in pages {
            self.row(w::PAGE, page);
        }
    }

    fn commands(&mut self, label: Text, commands: &[Command]) {
        let lines = commands.iter().map(|command| match command.mta {
            // A comment of the shell: the line can be copied as it is.
            Some(mta) => format!("{}  # {mta}", command.line),
            None => command.line.clone(),
        });
        let lines: Vec<String> = lines.collect();
        if !lines.is_empty() {
            self.sheet.push(Block::Commands(label.get(self.language).to_owned(), lines));
        }
    }
}
