//! Composes Postfix and Exim logs of any size from a seed, and says what is in them.
//!
//! The lines are shaped like those of `samples/`; names and addresses are reserved ones. Same arguments, same
//! bytes. What a log holds ([`Truth`]) is counted as each line is written, by what the generator meant, so it
//! shares nothing with the parsers. Messages overlap in time as they do on a server: each story plans its lines,
//! and the lines of all stories are written in the order of their times. To add a story: a function like
//! [`postfix_outbound`], and its share in [`Generator::begin_story`].

use chrono::DateTime;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::{self, Write};

/// Whose lines a log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Postfix,
    Exim,
    Both,
}

/// What became of an attempt, as the log words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Delivered,
    Deferred,
    Bounced,
}

/// What an attempt was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of {
    Mail,
    Notification,
    HandOver,
}

/// What one line counts for.
#[derive(Clone, Copy, Debug)]
enum Fact {
    Nothing,
    Received,
    Attempt(Of, Status, Option<u16>),
    Reject(Option<u16>),
    LoginFailed,
    Closed,
}

/// What a log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    /// Messages that came into the queue; those of a content filter and notifications count again.
    pub(crate) received: u64,
    /// Lines about one try for one recipient; no reply, no code.
    pub(crate) attempts: BTreeMap<(Of, Status, Option<u16>), u64>,
    /// Refusals at our door, by the code that the line states.
    pub(crate) rejects: BTreeMap<Option<u16>, u64>,
    pub(crate) login_failures: u64,
    /// Messages that left the queue.
    pub(crate) closed: u64,
}

impl Truth {
    fn count(&mut self, fact: Fact) {
        match fact {
            Fact::Nothing => {}
            Fact::Received => self.received += 1,
            Fact::Attempt(of, status, code) => {
                *self.attempts.entry((of, status, code)).or_default() += 1;
            }
            Fact::Reject(code) => *self.rejects.entry(code).or_default() += 1,
            Fact::LoginFailed => self.login_failures += 1,
            Fact::Closed => self.closed += 1,
        }
    }

    /// Attempts of a status, hand-overs to the content filter among them.
    pub(crate) fn attempts_of(&self, status: Status) -> u64 {
        self.attempts.iter().filter(|((_, s, _), _)| *s == status).map(|(_, n)| n).sum()
    }

    /// Recipients of mail that ended so (delivered, bounced): each of them once, hand-overs not among them.
    pub(crate) fn recipients(&self, end: Status) -> u64 {
        let ended = |of: &Of, status: &Status| *of == Of::Mail && *status == end;
        self.attempts.iter().filter(|((of, status, _), _)| ended(of, status)).map(|(_, n)| n).sum()
    }

    /// All refusals.
    pub(crate) fn all_rejects(&self) -> u64 {
        self.rejects.values().sum()
    }
}

/// A small generator of pseudo-random numbers (xorshift64*), so that no package can change our bytes.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Any state but 0; the multiplication spreads small seeds.
        Self((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A planned line: when (milliseconds from the begin), in which order of planning, and what it counts for.
type Planned = Reverse<(u64, u64, String, FactCode)>;

/// A [`Fact`] that can stand in a heap: never compared, as the number before it is unique.
#[derive(Clone, Copy, Debug)]
struct FactCode(Fact);

impl PartialEq for FactCode {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for FactCode {}
impl PartialOrd for FactCode {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for FactCode {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// 2026-11-09T00:00:00Z, a Monday.
const BEGIN: i64 = 1_794_182_400;
const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;

/// Writes a log of at least `bytes` bytes: it ends with the line that reaches them.
pub(crate) fn generate(
    out: &mut dyn Write,
    server: Server,
    bytes: u64,
    seed: u64,
) -> io::Result<Truth> {
    let mut generator = Generator {
        random: Random::new(seed),
        server,
        planned: BinaryHeap::new(),
        numbers: 0,
        now: 0,
    };
    let mut truth = Truth::default();
    let mut next_story = 0;
    let mut stamp = Stamp::default();
    while truth.bytes < bytes {
        while generator.planned.peek().is_none_or(|line| line.0.0 >= next_story) {
            generator.now = next_story;
            generator.begin_story();
            next_story += generator.random.next() % 2000;
        }
        let Some(Reverse((time, _, text, FactCode(fact)))) = generator.planned.pop() else { break };
        // Exim's own files begin with Exim's own stamp, the rest is syslog.
        let (exim, text) = match text.strip_prefix("exim ") {
            Some(text) => (true, text),
            None => (false, text.as_str()),
        };
        let line = stamp.before(time, exim);
        writeln!(out, "{line}{text}")?;
        truth.lines += 1;
        truth.bytes += (line.len() + text.len() + 1) as u64;
        truth.count(fact);
    }
    out.flush()?;
    Ok(truth)
}

/// The same in memory.
pub(crate) fn log(server: Server, bytes: u64, seed: u64) -> (String, Truth) {
    let mut out = Vec::new();
    let truth = generate(&mut out, server, bytes, seed).unwrap();
    (String::from_utf8(out).unwrap(), truth)
}

/// Stamps are made once a second.
#[derive(Default)]
struct Stamp {
    second: Option<i64>,
    syslog: String,
    exim: String,
}

impl Stamp {
    fn before(&mut self, time: u64, exim: bool) -> &str {
        let second = BEGIN + i64::try_from(time / SECOND).unwrap();
        if self.second != Some(second) {
            let at = DateTime::from_timestamp(second, 0).unwrap();
            self.syslog = at.format("%b %e %H:%M:%S mx1 ").to_string();
            self.exim = at.format("%Y-%m-%d %H:%M:%S ").to_string();
            self.second = Some(second);
        }
        if exim { &self.exim } else { &self.syslog }
    }
}

struct Generator {
    random: Random,
    server: Server,
    planned: BinaryHeap<Planned>,
    numbers: u64,
    now: u64,
}

/// Replies of servers that put us off.
const LATER: [(u16, &str, &str); 4] = [
    (
        450,
        "4.7.1",
        "<{rcpt}>: Recipient address rejected: Greylisted, please try again in 300 seconds",
    ),
    (451, "4.3.0", "Temporary lookup failure (session {id})"),
    (452, "4.2.2", "<{rcpt}>: Mailbox is over its quota"),
    (421, "4.7.0", "mx.example.net Too many connections from 192.0.2.1, try again later"),
];
/// Replies of servers that refuse.
const NEVER: [(u16, &str, &str); 5] = [
    (550, "5.1.1", "<{rcpt}>: Recipient address rejected: User unknown"),
    (
        550,
        "5.7.26",
        "Unauthenticated email from example.org is not accepted, see https://example.com/550 {id}",
    ),
    (554, "5.7.1", "Service unavailable; Client host [192.0.2.1] blocked using bl.example.org"),
    (552, "5.3.4", "Message size exceeds fixed limit"),
    (521, "5.3.2", "mx.example.com does not accept mail"),
];
const DOMAINS: [&str; 6] = [
    "example.com",
    "example.net",
    "example.org",
    "mail.example.com",
    "big.example.net",
    "a.example",
];

impl Generator {
    fn begin_story(&mut self) {
        let exim = match self.server {
            Server::Postfix => false,
            Server::Exim => true,
            Server::Both => self.random.below(2) == 0,
        };
        let share = self.random.below(100);
        match (exim, share) {
            (false, 0..15) => postfix_inbound(self),
            (false, 15..55) => postfix_outbound(self),
            (false, 55..65) => postfix_through_filter(self),
            (false, 65..85) => postfix_reject(self),
            (false, 85..92) => postfix_login_failure(self),
            (true, 0..65) => exim_message(self),
            (true, 65..90) => exim_reject(self),
            (true, 90..95) => exim_login_failure(self),
            _ => noise(self),
        }
    }

    /// Plans a line `after` milliseconds from the story's begin.
    fn line(&mut self, after: u64, fact: Fact, text: String) {
        self.numbers += 1;
        self.planned.push(Reverse((self.now + after, self.numbers, text, FactCode(fact))));
    }

    /// Plans a Postfix line.
    fn postfix(&mut self, after: u64, fact: Fact, daemon: &str, text: &str) {
        let pid = 800 + self.random.below(64);
        self.line(after, fact, format!("postfix/{daemon}[{pid}]: {text}"));
    }

    /// Plans a line of Exim's main log.
    fn exim(&mut self, after: u64, fact: Fact, text: &str) {
        self.line(after, fact, format!("exim {text}"));
    }

    fn short_queue_id(&mut self) -> String {
        // Microseconds and an inode in hexadecimal; the count keeps open messages apart.
        self.numbers += 1;
        format!("{:05X}{:06X}", self.random.below(1 << 20), self.numbers & 0xFF_FFFF)
    }

    fn exim_id(&mut self) -> String {
        const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        self.numbers += 1;
        let mut number = self.numbers;
        let mut pid = *b"000000";
        for digit in pid.iter_mut().rev() {
            *digit = DIGITS[usize::try_from(number % 62).unwrap()];
            number /= 62;
        }
        let part = |random: &mut Random| char::from(*random.pick(DIGITS));
        let last: String = (0..2).map(|_| part(&mut self.random)).collect();
        format!("1tUAbc-{}-{last}", String::from_utf8_lossy(&pid))
    }

    fn address(&mut self, who: &str) -> String {
        let domain = *self.random.pick(&DOMAINS);
        format!("{who}{}@{domain}", self.random.below(500))
    }

    fn client(&mut self) -> (String, String) {
        let last = self.random.below(256);
        (format!("host{last}.example.net"), format!("198.51.100.{last}"))
    }

    fn reply(
        &mut self,
        from: &[(u16, &'static str, &str)],
        rcpt: &str,
    ) -> (u16, &'static str, String) {
        let (code, enhanced, text) = *self.random.pick(from);
        let id = format!("{:x}", self.random.next());
        (
            code,
            enhanced,
            format!("{code} {enhanced} {}", text.replace("{rcpt}", rcpt).replace("{id}", &id)),
        )
    }
}

/// The birth of a Postfix message, from `connect` to `queue active`.
fn postfix_arrival(
    g: &mut Generator,
    after: u64,
    client: &str,
    sender: &str,
    rcpts: usize,
) -> String {
    let id = g.short_queue_id();
    let (size, number) = (1000 + g.random.below(90_000), g.numbers);
    g.postfix(after, Fact::Nothing, "smtpd", &format!("connect from {client}"));
    g.postfix(after + 20, Fact::Nothing, "smtpd", &format!("{id}: client={client}"));
    g.postfix(
        after + 40,
        Fact::Nothing,
        "cleanup",
        &format!("{id}: message-id=<{number}.{id}@example.net>"),
    );
    g.postfix(
        after + 60,
        Fact::Received,
        "qmgr",
        &format!("{id}: from=<{sender}>, size={size}, nrcpt={rcpts} (queue active)"),
    );
    g.postfix(
        after + 80,
        Fact::Nothing,
        "smtpd",
        &format!("disconnect from {client} ehlo=2 starttls=1 mail=1 rcpt={rcpts} data=1 quit=1 commands=8"),
    );
    id
}

fn postfix_removed(g: &mut Generator, after: u64, id: &str) {
    g.postfix(after, Fact::Closed, "qmgr", &format!("{id}: removed"));
}

/// Mail for a mailbox here: no SMTP reply in the log.
fn postfix_inbound(g: &mut Generator) {
    let (name, address) = g.client();
    let (sender, rcpt) = (g.address("s"), g.address("r"));
    let id = postfix_arrival(g, 0, &format!("{name}[{address}]"), &sender, 1);
    g.postfix(
        200,
        Fact::Attempt(Of::Mail, Status::Delivered, None),
        "virtual",
        &format!(
            "{id}: to=<{rcpt}>, relay=virtual, delay=0.2, delays=0.1/0.02/0/0.08, dsn=2.0.0, \
             status=sent (delivered to maildir)"
        ),
    );
    postfix_removed(g, 220, &id);
}

/// One attempt over SMTP.
fn postfix_attempt(g: &mut Generator, after: u64, of: Of, id: &str, rcpt: &str, status: Status) {
    let host = format!("mx.{}", rcpt.rsplit('@').next().unwrap());
    let start = format!(
        "{id}: to=<{rcpt}>, relay={host}[203.0.113.25]:25, delay=1.4, delays=0.1/0.01/0.8/0.5, "
    );
    let (code, text) = match status {
        Status::Delivered => {
            let next = g.short_queue_id();
            (Some(250), format!("{start}dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {next})"))
        }
        Status::Deferred if g.random.below(3) == 0 => (
            None,
            format!(
                "{id}: to=<{rcpt}>, relay=none, delay=30, delays=0.1/0.01/30/0, dsn=4.4.1, status=deferred \
                 (connect to {host}[203.0.113.25]:25: Connection timed out)"
            ),
        ),
        Status::Deferred | Status::Bounced => {
            let (from, word) = if status == Status::Deferred {
                (&LATER[..], "deferred")
            } else {
                (&NEVER[..], "bounced")
            };
            let (code, enhanced, reply) = g.reply(from, rcpt);
            (
                Some(code),
                format!(
                    "{start}dsn={enhanced}, status={word} (host {host}[203.0.113.25] said: {reply} (in reply to \
                     RCPT TO command))"
                ),
            )
        }
    };
    g.postfix(after, Fact::Attempt(of, status, code), "smtp", &text);
}

/// Mail to other servers: most goes at once, some after deferrals, some comes back as a notification.
fn postfix_outbound(g: &mut Generator) {
    let sender = g.address("s");
    let rcpts: Vec<String> = (0..=g.random.below(3)).map(|n| g.address(&format!("r{n}"))).collect();
    let id = postfix_arrival(g, 0, "app.example.net[192.0.2.20]", &sender, rcpts.len());
    let mut last = 0;
    let mut bounced = false;
    for (n, rcpt) in rcpts.iter().enumerate() {
        let mut after = 500 + 100 * n as u64;
        for _ in 0..g.random.below(8).saturating_sub(4) {
            postfix_attempt(g, after, Of::Mail, &id, rcpt, Status::Deferred);
            after += 5 * MINUTE + g.random.next() % MINUTE;
        }
        let never = g.random.below(8) == 0;
        let status = if never { Status::Bounced } else { Status::Delivered };
        postfix_attempt(g, after, Of::Mail, &id, rcpt, status);
        bounced |= never;
        last = last.max(after);
    }
    if bounced {
        let child = g.short_queue_id();
        g.postfix(
            last + 10,
            Fact::Nothing,
            "cleanup",
            &format!("{child}: message-id=<{child}@mx1.example.net>"),
        );
        g.postfix(
            last + 11,
            Fact::Nothing,
            "bounce",
            &format!("{id}: sender non-delivery notification: {child}"),
        );
        let queued = format!("{child}: from=<>, size=4012, nrcpt=1 (queue active)");
        g.postfix(last + 12, Fact::Received, "qmgr", &queued);
        postfix_attempt(g, last + 700, Of::Notification, &child, &sender, Status::Delivered);
        postfix_removed(g, last + 701, &child);
    }
    postfix_removed(g, last + 20, &id);
}

/// Mail that a content filter takes and brings back under another queue id.
fn postfix_through_filter(g: &mut Generator) {
    let (name, address) = g.client();
    let (sender, rcpt) = (g.address("s"), g.address("r"));
    let id = postfix_arrival(g, 0, &format!("{name}[{address}]"), &sender, 1);
    let child = postfix_arrival(g, 100, "localhost[127.0.0.1]", &sender, 1);
    g.postfix(
        300,
        Fact::Attempt(Of::HandOver, Status::Delivered, Some(250)),
        "smtp",
        &format!(
            "{id}: to=<{rcpt}>, relay=127.0.0.1[127.0.0.1]:10024, delay=0.9, delays=0.2/0.01/0.01/0.68, dsn=2.0.0, \
             status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as {child})"
        ),
    );
    postfix_removed(g, 310, &id);
    postfix_attempt(g, 900, Of::Mail, &child, &rcpt, Status::Delivered);
    postfix_removed(g, 910, &child);
}

fn postfix_reject(g: &mut Generator) {
    let (name, address) = g.client();
    let (sender, rcpt, number) = (g.address("x"), g.address("r"), g.numbers);
    let client = format!("{name}[{address}]");
    let (code, text) = g
        .random
        .pick(&[
            (554, "554 5.7.1 Service unavailable; Client host [{ip}] blocked using bl.example.org"),
            (550, "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown in virtual mailbox table"),
            (450, "450 4.7.1 <{rcpt}>: Recipient address rejected: Greylisted, see https://example.com/g/554"),
            (454, "454 4.7.1 <{rcpt}>: Relay access denied"),
        ])
        .to_owned();
    let text = text.replace("{ip}", &address).replace("{rcpt}", &rcpt);
    g.postfix(0, Fact::Nothing, "smtpd", &format!("connect from {client}"));
    g.postfix(
        10,
        Fact::Reject(Some(code)),
        "smtpd",
        &format!(
            "NOQUEUE: reject: RCPT from {client}: {text}; from=<{sender}> to=<{rcpt}> proto=ESMTP helo=<h{number}.example.org>"
        ),
    );
    g.postfix(
        20,
        Fact::Nothing,
        "smtpd",
        &format!("disconnect from {client} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4"),
    );
}

fn postfix_login_failure(g: &mut Generator) {
    let (_, address) = g.client();
    let user = g.random.below(50);
    g.postfix(
        0,
        Fact::LoginFailed,
        "submission/smtpd",
        &format!(
            "warning: unknown[{address}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=user{user}@example.com"
        ),
    );
}

fn exim_message(g: &mut Generator) {
    let id = g.exim_id();
    let (name, address) = g.client();
    let (sender, rcpt, number) = (g.address("s"), g.address("r"), g.numbers);
    let size = 1000 + g.random.below(90_000);
    let domain = rcpt.rsplit('@').next().unwrap().to_owned();
    g.exim(
        0,
        Fact::Received,
        &format!(
            "{id} <= {sender} H={name} [{address}] P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S={size} id={number}@example.net"
        ),
    );
    let way = format!("R=dnslookup T=remote_smtp H=mx.{domain} [203.0.113.25]");
    let mut after = 400;
    for _ in 0..g.random.below(6).saturating_sub(3) {
        let (code, text) = if g.random.below(3) == 0 {
            (
                None,
                format!(
                    "{id} == {rcpt} R=dnslookup T=remote_smtp defer (110): Connection timed out"
                ),
            )
        } else {
            let (code, _, reply) = g.reply(&LATER, &rcpt);
            let error =
                format!("SMTP error from remote mail server after RCPT TO:<{rcpt}>: {reply}");
            (
                Some(code),
                format!(
                    "{id} == {rcpt} R=dnslookup T=remote_smtp defer (-44) H=mx.{domain} [203.0.113.25]: {error}"
                ),
            )
        };
        g.exim(after, Fact::Attempt(Of::Mail, Status::Deferred, code), &text);
        let early = format!(
            "{id} == {rcpt} R=dnslookup T=remote_smtp defer (-54): retry time not reached for any host for '{domain}'"
        );
        g.exim(after + 5 * MINUTE, Fact::Nothing, &early);
        after += 15 * MINUTE;
    }
    if g.random.below(8) == 0 {
        let (code, _, reply) = g.reply(&NEVER, &rcpt);
        g.exim(
            after,
            Fact::Attempt(Of::Mail, Status::Bounced, Some(code)),
            &format!("{id} ** {rcpt} {way}: SMTP error from remote mail server after RCPT TO:<{rcpt}>: {reply}"),
        );
        let child = g.exim_id();
        g.exim(
            after + 10,
            Fact::Received,
            &format!("{child} <= <> R={id} U=Debian-exim P=local S=3012"),
        );
        exim_delivery(g, after + 500, Of::Notification, &child, &sender);
    } else {
        exim_delivery(g, after, Of::Mail, &id, &rcpt);
        return;
    }
    g.exim(after + 20, Fact::Closed, &format!("{id} Completed"));
}

fn exim_delivery(g: &mut Generator, after: u64, of: Of, id: &str, rcpt: &str) {
    let (domain, next) = (rcpt.rsplit('@').next().unwrap(), g.short_queue_id());
    let text = format!(
        "{id} => {rcpt} R=dnslookup T=remote_smtp H=mx.{domain} [203.0.113.25] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes \
         C=\"250 2.0.0 Ok: queued as {next}\""
    );
    g.exim(after, Fact::Attempt(of, Status::Delivered, Some(250)), &text);
    g.exim(after + 1, Fact::Closed, &format!("{id} Completed"));
}

fn exim_reject(g: &mut Generator) {
    let (name, address) = g.client();
    let (sender, rcpt, number) = (g.address("x"), g.address("r"), g.numbers);
    let (code, text) = *g.random.pick(&[
        (None, "relay not permitted"),
        (None, "Unknown user"),
        (Some(550), "550 5.7.1 listed at bl.example.org"),
        (Some(451), "451 4.7.1 greylisted, try again in 554 seconds"),
    ]);
    let how = if code == Some(451) { "temporarily rejected" } else { "rejected" };
    g.exim(
        0,
        Fact::Reject(code),
        &format!(
            "H={name} (h{number}.example.org) [{address}] F=<{sender}> {how} RCPT <{rcpt}>: {text}"
        ),
    );
}

fn exim_login_failure(g: &mut Generator) {
    let (name, address) = g.client();
    let user = g.numbers;
    g.exim(
        0,
        Fact::LoginFailed,
        &format!("login authenticator failed for {name} (user) [{address}]: 535 Incorrect authentication data (set_id=user{user})"),
    );
}

/// What is in the same file and concerns nobody.
fn noise(g: &mut Generator) {
    if g.server == Server::Exim {
        let pid = g.random.below(30_000);
        g.exim(0, Fact::Nothing, &format!("Start queue run: pid={pid}"));
        g.exim(400, Fact::Nothing, &format!("End queue run: pid={pid}"));
        return;
    }
    let number = g.numbers;
    let text = *g.random.pick(&[
        "dovecot: imap-login: Login: user=<ann>, method=PLAIN, rip=192.0.2.30, lip=192.0.2.1, TLS, session=<",
        "rspamd[701]: <4b2f1c>; task; rspamd_task_write_log: id: <550@example.net>, (default: F (no action): [1.20/15.00] <",
        "postfix/anvil[888]: statistics: max connection rate 1/60s for (smtp:192.0.2.",
    ]);
    g.line(0, Fact::Nothing, format!("{text}{number}>"));
}
