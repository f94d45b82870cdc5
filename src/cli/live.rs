//! `mailwhy report --follow`: the report of a log that is being written, drawn or told again and again.
//!
//! On a terminal the other screen of the terminal is drawn on, as pagers do, so that what stood there before comes
//! back at the end. Each drawing goes over the one before it, line by line and within a synchronised update, so
//! nothing flickers, and takes the size that the terminal has by then. Six escape sequences do that, which every
//! terminal and multiplexer of the last twenty years knows; those that it does not know are passed over.

use super::args::{Color, ReportArgs, ReportFormat};
use super::between::Between;
use super::follow::{Following, Shared, Turn};
use super::reading::{inputs_of, with_bar};
use super::report::{TOP, problems, top_of, write};
use super::status::{Status, complain};
use super::terminal::{look, size};
use crate::classify::Judge;
use crate::error::Error;
use crate::event::{Content, Event};
use crate::i18n::Language;
use crate::knowledge::Knowledge;
use crate::pipeline::{Options, Outcome};
use crate::record::{Judging, Record, Sink};
use crate::render::layout::Look;
use crate::render::live::{Counts, Latest, Moment, line, screen};
use crate::report::{About, Collector, Report, build, incident_rows};
use crate::summary::is_failure;
use crate::time::Time;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often a screen is drawn, and a line printed, where nobody says.
const A_SCREEN_EVERY: Duration = Duration::from_secs(2);
const A_LINE_EVERY: Duration = Duration::from_secs(60);
/// A report that takes long to make is made more seldom: at most this part of the time goes into it.
const SHARE_OF_TIME: u32 = 10;
/// Seconds are rounded.
const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// So many failures are kept to be shown; a higher terminal has empty lines.
const KEPT: usize = 100;
/// More text of a reply is on no screen.
const TEXT: usize = 1000;

/// The collector of the report, and the failures that came last.
struct Live {
    collector: Collector,
    latest: VecDeque<Latest>,
}

impl Sink for Live {
    fn judging(&self) -> Option<Judging> {
        self.collector.judging()
    }

    fn record(&mut self, record: &Record<'_>) -> ControlFlow<()> {
        if let Content::Event(event) = record.content
            && record.selected
            && !record.duplicate
            && is_failure(event)
        {
            self.latest.truncate(KEPT - 1);
            self.latest.push_front(latest(record, event));
        }
        self.collector.record(record)
    }
}

fn latest(record: &Record<'_>, event: &Event<'_>) -> Latest {
    let code = event.code.map(|code| code.to_string());
    let enhanced = event.enhanced.map(|code| code.to_string());
    let client = event.client.and_then(|client| client.address.or(client.name));
    let who = event.recipient.or(event.sasl_user).or(client).or(event.sender);
    let owned = |text: &str| text.chars().take(TEXT).collect();
    Latest {
        time: record.time,
        direction: event.direction,
        code: [code, enhanced].into_iter().flatten().collect::<Vec<_>>().join(" "),
        who: who.map_or_else(String::new, owned),
        cause: record.verdict.map_or("", |verdict| verdict.cause.slug()),
        text: owned(event.text),
    }
}

/// Runs the command.
///
/// # Errors
///
/// The input cannot be followed.
pub(super) fn run(
    args: &ReportArgs,
    (color, language): (Color, Language),
    judge: Judge,
    between: &Between,
) -> Result<Status, Error> {
    let options = args.input.options();
    let mut following = Following::begin(&args.input, None)?;
    let live = Live { collector: Collector::new(options.zone, judge), latest: VecDeque::new() };
    let live = RefCell::new(live);
    let maker = Maker { args, between, knowledge: Knowledge::in_language(language), language };
    let mut shown = Shown::new(args, color);
    let gone: io::Result<()> = between.before(&mut Shared::new(&live, &following), |sink| {
        let mut turn = first_turn(args, &options, &mut following, sink);
        while turn.is_some() {
            shown.show(&live.borrow(), following.total().outcome(), &maker)?;
            turn = following.turn(&options, sink, &|_| {});
        }
        Ok(())
    });
    let is_screen = shown.screen.take().is_some();
    let live = live.into_inner();
    let outcome = following.total().outcome();
    if outcome.stopped {
        complain("stopped before the log was read to its end: there is no report");
        return Ok(Status::Failed);
    }
    let status = problems(outcome);
    let report = maker.report(&live, outcome, TOP);
    let passed = report.thresholds.iter().any(|row| row.passed);
    let mut written = maker.write_files(&live, outcome);
    if gone.is_ok() {
        let last = if is_screen {
            write(&report, args, (ReportFormat::Text, None), color, false)
        } else {
            Status::of_output(shown.print(&report))
        };
        written = written.and(last);
    }
    let alarm = if passed { Status::No } else { Status::Done };
    Ok(alarm.and(status).and(written).and(Status::of_output(gone)).and(following.end()?))
}

/// What is there already may take a while, and has a bar.
fn first_turn(
    args: &ReportArgs,
    options: &Options,
    following: &mut Following,
    sink: &mut dyn Sink,
) -> Option<Turn> {
    if args.input.files.is_empty() || args.input.journal {
        return following.turn(options, sink, &|_| {});
    }
    let inputs = inputs_of(&args.input);
    with_bar(&args.input, &inputs, options, || following.turn(options, sink, &|_| {}))
}

/// Makes reports of what is there so far.
struct Maker<'a> {
    args: &'a ReportArgs,
    between: &'a Between,
    knowledge: Knowledge,
    language: Language,
}

impl Maker<'_> {
    fn report(&self, live: &Live, outcome: &Outcome, top: usize) -> Report {
        // The end of the log is not there yet: messages end with a copy.
        let (summary, incidents) = live.collector.clone().finish_with_incidents();
        let about = About {
            outcome,
            zone: self.args.input.tz,
            top: self.args.top.unwrap_or(top),
            filter: self.between.filter.as_ref(),
            knowledge: &self.knowledge,
            language: self.language,
        };
        let mut report = build(&summary, about);
        report.incidents = incident_rows(&incidents, about, about.top);
        report.incidents_found = incidents.len();
        report.filter = self.between.told();
        report.thresholds = self.args.fail_on.iter().map(|limit| limit.look(&report)).collect();
        report
    }

    fn write_files(&self, live: &Live, outcome: &Outcome) -> Status {
        let mut status = Status::Done;
        for (format, file) in &self.args.write {
            let report = self.report(live, outcome, top_of(self.args, *format));
            let to = (*format, Some(file.as_os_str()));
            status = status.and(write(&report, self.args, to, Color::Never, false));
        }
        status
    }
}

/// What was shown, and when the next time comes.
struct Shown {
    color: Color,
    /// On a terminal; else lines are printed.
    draws: bool,
    screen: Option<Screen>,
    begun: bool,
    every: Option<Duration>,
    last: Instant,
    next: Instant,
    counts: Counts,
}

impl Shown {
    fn new(args: &ReportArgs, color: Color) -> Self {
        let now = Instant::now();
        Self {
            color,
            draws: size().is_some(),
            screen: None,
            begun: false,
            every: args.interval,
            last: now,
            next: now,
            counts: Counts::default(),
        }
    }

    fn interval(&self) -> Duration {
        let usual = if self.draws { A_SCREEN_EVERY } else { A_LINE_EVERY };
        self.every.unwrap_or(usual)
    }

    /// Shows what is there when the time has come.
    fn show(&mut self, live: &Live, outcome: &Outcome, maker: &Maker<'_>) -> io::Result<()> {
        let begin = Instant::now();
        if begin < self.next {
            return Ok(());
        }
        let report = maker.report(live, outcome, TOP);
        // The first time what is there already counts as known.
        let is_first = !std::mem::replace(&mut self.begun, true);
        if is_first {
            self.counts = Counts::of(&report);
        }
        if self.draws {
            self.draw(&report, live)?;
        } else if !is_first {
            self.print(&report)?;
        }
        // What cannot be written now may be written later.
        let _ = maker.write_files(live, outcome);
        self.next = begin + self.interval().max(begin.elapsed() * SHARE_OF_TIME);
        Ok(())
    }

    fn moment<'a>(&'a self, report: &'a Report) -> Moment<'a> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let seconds = (self.last.elapsed() + HALF_A_SECOND).as_secs();
        Moment { report, before: &self.counts, seconds, now: Time::from_parts(now, 0) }
    }

    fn draw(&mut self, report: &Report, live: &Live) -> io::Result<()> {
        let Some((width, height)) = size() else { return Ok(()) };
        let look = Look { width, ..look(self.color) };
        let text = screen(self.moment(report), look, height.into(), live.latest.iter());
        self.screen.get_or_insert_with(Screen::open);
        Screen::draw(&text)?;
        self.shown(report);
        Ok(())
    }

    fn print(&mut self, report: &Report) -> io::Result<()> {
        let text = line(self.moment(report));
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()?;
        self.shown(report);
        Ok(())
    }

    fn shown(&mut self, report: &Report) {
        self.counts = Counts::of(report);
        self.last = Instant::now();
    }
}

/// The other screen of the terminal, until this is dropped.
struct Screen;

impl Screen {
    const OPEN: &str = "\u{1b}[?1049h\u{1b}[?25l";
    const CLOSE: &str = "\u{1b}[?25h\u{1b}[?1049l";

    fn open() -> Self {
        say(Self::OPEN);
        Self
    }

    /// Draws lines over those before.
    fn draw(text: &str) -> io::Result<()> {
        // Begin of an update, first place; each line to its end, the rest of the screen; end of the update.
        let mut all = "\u{1b}[?2026h\u{1b}[H".to_owned();
        for (at, line) in text.lines().enumerate() {
            if at > 0 {
                all += "\r\n";
            }
            all += line;
            all += "\u{1b}[K";
        }
        all += "\u{1b}[J\u{1b}[?2026l";
        let mut out = io::stdout().lock();
        out.write_all(all.as_bytes())?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        say(Self::CLOSE);
    }
}

/// A terminal that has gone cannot be told.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
