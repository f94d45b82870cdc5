//! What lists an address and what never does, cause by cause.

use super::{Collector, Ending, List, MAY_BE_ADDED, Rules, Scope};
use crate::classify::{Basis, CauseId, Judge, Level, Retry, Verdict};
use crate::event::{Content, Event, Header, Kind, Mta};
use crate::i18n::Language;
use crate::knowledge::{Knowledge, cause_slugs};
use crate::record::{Location, Raw, Record, Sink};
use crate::smtp::{Direction, Disposition, EnhancedCode, Origin, ReplyCode};
use crate::time::{Time, Zone};

/// An event, when, and what is judged of it.
#[derive(Clone, Copy)]
struct Said {
    kind: Kind,
    direction: Direction,
    disposition: Disposition,
    cause: &'static str,
    hard: bool,
    level: Level,
    repeated: bool,
    duplicate: bool,
    address: &'static str,
    day: i64,
}

/// A final refusal of the kind that lists an address, if its cause may.
const REFUSED: Said = Said {
    kind: Kind::Delivery,
    direction: Direction::Outbound,
    disposition: Disposition::Bounced,
    cause: "recipient-unknown",
    hard: true,
    level: Level::Text,
    repeated: false,
    duplicate: false,
    address: "ann@example.com",
    day: 1,
};

const ACCEPTED: Said = Said { disposition: Disposition::Delivered, ..REFUSED };

fn list_of(rules: Rules, story: &[Said]) -> List {
    let knowledge = Knowledge::in_language(Language::En);
    let mut collector = Collector::new(Judge::builtin(), &knowledge, rules);
    for (line, said) in story.iter().enumerate() {
        let verdict = Verdict {
            cause: CauseId::new(said.cause),
            detail: None,
            basis: Basis { level: said.level, rule: "" },
            party: None,
            hard: said.hard,
            retry: Retry::Wait,
        };
        let content = Content::Event(Event {
            disposition: Some(said.disposition),
            recipient: Some(said.address),
            repeated: said.repeated,
            code: ReplyCode::new(550),
            enhanced: EnhancedCode::new(5, 1, 1),
            ..Event::new(said.kind, said.direction, Origin::Remote, "550 5.1.1 no")
        });
        let record = Record {
            at: Location { source: 0, line: line as u64 + 1 },
            time: Some(Time::from_parts(said.day * 86_400, 0)),
            header: Header::default(),
            mta: Some(Mta::Postfix),
            count: 1,
            duplicate: said.duplicate,
            content: &content,
            verdict: Some(&verdict),
            provider: None,
            prepared: None,
            selected: true,
            raw: Raw::begin_of(""),
        };
        assert!(collector.record(&record).is_continue());
    }
    let ending = Ending {
        files: &["log".to_owned()],
        zone: Zone::utc(),
        knowledge: &knowledge,
        language: Language::En,
    };
    collector.finish(&ending)
}

fn listed(story: &[Said]) -> Vec<String> {
    let list = list_of(Rules::default(), story);
    list.addresses.into_iter().map(|listed| listed.address).collect()
}

#[test]
fn only_causes_that_are_about_the_address_list_it() {
    let address =
        ["recipient-unknown", "recipient-moved", "recipient-disabled"].map(|s| (s, Scope::Address));
    let domain = ["recipient-domain-missing", "domain-accepts-no-mail"].map(|s| (s, Scope::Domain));
    let may: Vec<(&str, Scope)> = address.into_iter().chain(domain).collect();
    // So much that any rule would list it.
    let story = |cause| -> Vec<Said> {
        let hard = (0..30).map(|day| Said { cause, day, ..REFUSED });
        let soft = hard.clone().map(|said| Said {
            hard: false,
            disposition: Disposition::Deferred,
            ..said
        });
        hard.chain(soft).collect()
    };
    let mut seen = 0;
    for cause in cause_slugs() {
        let list = list_of(Rules::default(), &story(cause));
        let want = may.iter().find(|(slug, _)| *slug == cause).map(|(_, scope)| *scope);
        assert_eq!(list.addresses.first().map(|listed| listed.scope), want, "{cause}");
        assert_eq!(list.causes.contains(&cause), want.is_some(), "{cause}");
        seen += usize::from(want.is_some());
    }
    assert_eq!(seen, may.len(), "a cause of the table is gone");
}

#[test]
fn nobody_can_add_a_cause_that_is_about_us() {
    for cause in cause_slugs() {
        let rules = Rules { also: vec![cause.to_owned()], ..Rules::default() };
        let knowledge = Knowledge::in_language(Language::En);
        let by_default = Rules::default().scope(&knowledge, cause).is_some();
        let may = by_default || MAY_BE_ADDED.contains(&cause);
        assert_eq!(rules.scope(&knowledge, cause).is_some(), may, "{cause}");
    }
    let reputation = ["ip-blocklisted", "provider-blocked", "domain-blocklisted", "auth-failed"];
    assert!(reputation.iter().all(|cause| !MAY_BE_ADDED.contains(cause)));
}

#[test]
fn what_is_no_evidence_lists_nobody() {
    let many = |said: Said| -> Vec<Said> { (0..30).map(|day| Said { day, ..said }).collect() };
    for (case, said) in [
        ("a quotation", Said { repeated: true, ..REFUSED }),
        ("a copy of an entry in another log", Said { duplicate: true, ..REFUSED }),
        (
            "a refusal of ours",
            Said { kind: Kind::Reject, direction: Direction::Inbound, ..REFUSED },
        ),
        (
            "a refusal of ours, as it is logged",
            Said {
                kind: Kind::Reject,
                direction: Direction::Inbound,
                disposition: Disposition::Rejected,
                ..REFUSED
            },
        ),
        ("a delivery to us", Said { direction: Direction::Inbound, ..REFUSED }),
        ("a probe", Said { kind: Kind::Probe, disposition: Disposition::Undeliverable, ..REFUSED }),
        ("told in passing", Said { kind: Kind::HostReply, ..REFUSED }),
        (
            "not tried",
            Said { kind: Kind::Postponed, disposition: Disposition::Deferred, ..REFUSED },
        ),
        ("a warning", Said { kind: Kind::RejectWarning, direction: Direction::Inbound, ..REFUSED }),
        ("an expiry", Said { disposition: Disposition::Expired, ..REFUSED }),
        ("held", Said { disposition: Disposition::Held, ..REFUSED }),
        ("nobody", Said { address: "", ..REFUSED }),
    ] {
        assert!(listed(&many(said)).is_empty(), "{case}");
    }
    assert_eq!(listed(&[REFUSED]), ["ann@example.com"], "the table differs from what lists");
}

#[test]
fn thresholds_are_kept() {
    let soft = Said { hard: false, disposition: Disposition::Deferred, ..REFUSED };
    let on = |said: Said, days: &[i64]| -> Vec<Said> {
        days.iter().map(|day| Said { day: *day, ..said }).collect()
    };
    let code = Said { level: Level::Code, ..REFUSED };
    for (case, rules, story, want) in [
        ("one final refusal", Rules::default(), on(REFUSED, &[1]), true),
        ("two are wanted", Rules { hard: 2, ..Rules::default() }, on(REFUSED, &[1]), false),
        ("two are there", Rules { hard: 2, ..Rules::default() }, on(REFUSED, &[1, 2]), true),
        ("no hard rule", Rules { hard: 0, ..Rules::default() }, on(REFUSED, &[1, 2]), false),
        ("three, too near", Rules::default(), on(soft, &[1, 2, 3]), false),
        ("two, a week apart", Rules::default(), on(soft, &[1, 8]), false),
        ("three in a week", Rules::default(), on(soft, &[1, 2, 8]), true),
        ("no soft rule", Rules { soft: 0, ..Rules::default() }, on(soft, &[1, 2, 8]), false),
        ("no days", Rules { soft_days: 0, ..Rules::default() }, on(soft, &[1, 1, 1]), true),
        ("a bare code is not final", Rules::default(), on(code, &[1, 2]), false),
        ("but a failure", Rules::default(), on(code, &[1, 2, 9]), true),
    ] {
        assert_eq!(!list_of(rules, &story).addresses.is_empty(), want, "{case}");
    }
}

#[test]
fn who_accepted_mail_later_is_not_listed() {
    let neighbour = Said { address: "bob@example.com", ..ACCEPTED };
    let gone = Said { cause: "recipient-domain-missing", ..REFUSED };
    let upper = Said { address: "Ann@EXAMPLE.com", ..ACCEPTED };
    let at = |said: Said, day| Said { day, ..said };
    for (case, story, want) in [
        ("accepted later", vec![at(REFUSED, 1), at(ACCEPTED, 2)], 0),
        ("in other letters", vec![at(REFUSED, 1), at(upper, 2)], 0),
        ("accepted before", vec![at(ACCEPTED, 1), at(REFUSED, 2)], 1),
        ("refused again", vec![at(REFUSED, 1), at(ACCEPTED, 2), at(REFUSED, 3)], 1),
        ("read before, accepted later", vec![at(ACCEPTED, 9), at(REFUSED, 2)], 0),
        ("somebody else", vec![at(REFUSED, 1), at(neighbour, 2)], 1),
        ("somebody else of the domain", vec![at(gone, 1), at(neighbour, 2)], 0),
        ("before it was gone", vec![at(neighbour, 1), at(gone, 2)], 1),
        ("read before, of the domain", vec![at(neighbour, 9), at(gone, 2)], 0),
    ] {
        assert_eq!(listed(&story).len(), want, "{case}");
    }
    let again = list_of(
        Rules { hard: 2, ..Rules::default() },
        &[at(REFUSED, 1), at(ACCEPTED, 2), at(REFUSED, 3)],
    );
    assert!(again.addresses.is_empty(), "what lies before the acceptance does not count");
}

#[test]
fn the_evidence_is_told() {
    let soft = Said { hard: false, disposition: Disposition::Deferred, ..REFUSED };
    let story = [Said { day: 2, ..REFUSED }, Said { day: 3, ..soft }, Said { day: 1, ..soft }];
    let list = list_of(Rules::default(), &story);
    let [listed] = list.addresses.as_slice() else { panic!("{list:?}") };
    assert_eq!((listed.hard, listed.soft, listed.line), (1, 2, 1), "the final one is the sample");
    assert_eq!(listed.first.as_deref(), Some("1970-01-02T00:00:00Z"));
    assert_eq!(listed.last.as_deref(), Some("1970-01-04T00:00:00Z"));
    assert_eq!(listed.codes.len(), 1);
    assert_eq!(listed.codes[0].count, 3);
    assert_eq!((listed.file.as_str(), listed.text.as_str()), ("log", "550 5.1.1 no"));
}

#[test]
fn more_addresses_than_are_followed_are_said() {
    let rules = Rules { most: 2, ..Rules::default() };
    let names = ["a@example.com", "b@example.com", "c@example.com", "d@example.com"];
    let story: Vec<Said> =
        names.iter().chain(&names).map(|address| Said { address, ..REFUSED }).collect();
    let list = list_of(rules.clone(), &story);
    assert_eq!(list.addresses.len(), 2);
    assert_eq!(list.addresses[0].hard, 2, "those that are followed are followed to the end");
    assert_eq!(list.incomplete.map(|i| i.left_out.count), Some(2));
    let fits = list_of(rules, &story[..2]);
    assert_eq!(fits.incomplete, None);
}
