//! Events of one kind: what an event is counted by when its names and its words are left out.
//!
//! A log has millions of events and a few hundred categories. So an event is counted in its category, found
//! by one number, and the tables by disposition, code and the rest are made of the categories when somebody
//! asks. To count by one thing more: a field in [`Category`], its bits in [`Category::key`], a line in
//! [`LineCounts::add`].

use super::LineCounts;
use super::row::{RowKey, Unstated};
use super::silence::Silence;
use crate::event::{Action, Event, Kind, Mta};
use crate::smtp::{Direction, Disposition, EnhancedCode, ReplyCode, Stage};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// What the counters by line tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Category {
    mta: Option<Mta>,
    kind: Kind,
    action: Option<Action>,
    /// As counted: what was handed over to a content filter is local.
    direction: Direction,
    stage: Option<Stage>,
    disposition: Option<Disposition>,
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedCode>,
    dsn: Option<EnhancedCode>,
    implied_code: Option<ReplyCode>,
    silence: Option<Silence>,
    has_recipient: bool,
    repeated: bool,
    handed_over: bool,
}

impl Category {
    /// `silence_of` is asked where there was no reply and something went wrong.
    #[inline]
    pub(super) fn of(
        mta: Option<Mta>,
        event: &Event<'_>,
        handed_over: bool,
        silence_of: impl FnOnce(&str) -> Silence,
    ) -> Self {
        let direction = if handed_over { Direction::Local } else { event.direction };
        let silent = event.code.is_none() && direction != Direction::Inbound;
        Self {
            mta,
            kind: event.kind,
            action: event.action,
            direction,
            stage: event.stage,
            disposition: event.disposition,
            code: event.code,
            enhanced: event.enhanced,
            dsn: event.dsn,
            implied_code: event.implied_code,
            silence: silent.then(|| match event.disposition {
                // Nothing went wrong, so its words are not about what did.
                Some(Disposition::Delivered) => Silence::Own,
                _ => match silence_of(event.text) {
                    // That needs no name service: Exim has the same words for an unknown user of ours.
                    Silence::Dns if event.is_taken_here() => Silence::Own,
                    silence => silence,
                },
            }),
            has_recipient: event.recipient.is_some(),
            repeated: event.repeated,
            handed_over,
        }
    }

    /// All of it in one number.
    #[inline]
    pub(super) fn key(&self) -> u128 {
        fn code(code: Option<ReplyCode>) -> u64 {
            code.map_or(0, |code| code.value().into())
        }
        fn enhanced(code: Option<EnhancedCode>) -> u64 {
            code.map_or(0, |code| code.packed().into())
        }
        // As two numbers, because to shift one of 128 bits takes several steps.
        let mut facts = Bits(0);
        facts.add(2, self.mta.map_or(0, |mta| mta as u64 + 1));
        facts.add(5, self.kind as u64);
        facts.add(5, self.action.map_or(0, |action| action as u64 + 1));
        facts.add(2, self.direction as u64);
        facts.add(5, self.stage.map_or(0, |stage| stage as u64 + 1));
        facts.add(5, self.disposition.map_or(0, |disposition| disposition as u64 + 1));
        facts.add(5, self.silence.map_or(0, |silence| silence as u64 + 1));
        facts.add(1, u64::from(self.has_recipient));
        facts.add(1, u64::from(self.repeated));
        facts.add(1, u64::from(self.handed_over));
        facts.add(10, code(self.implied_code));
        let mut codes = Bits(0);
        codes.add(10, code(self.code));
        codes.add(23, enhanced(self.enhanced));
        codes.add(23, enhanced(self.dsn));
        u128::from(facts.0) << 64 | u128::from(codes.0)
    }

    /// The row of the tables by code that it belongs to.
    pub(super) fn row_key(&self) -> RowKey {
        let unstated = self.code.is_none() && self.direction == Direction::Inbound;
        RowKey {
            direction: self.direction,
            code: self.code,
            enhanced: if self.code.is_some() { self.enhanced } else { self.enhanced.or(self.dsn) },
            silence: self.silence,
            unstated: unstated.then_some(Unstated {
                kind: self.kind,
                stage: self.stage,
                implied: self.implied_code,
            }),
        }
    }
}

struct Bits(u64);

impl Bits {
    /// Appends `width` bits; `value` must fit.
    #[inline]
    fn add(&mut self, width: u32, value: u64) {
        self.0 = self.0 << width | value;
    }
}

/// More categories than this are folded into the counters made so far; only hostile logs have so many.
const MOST: usize = 4096;

/// The categories met, how often, and the row of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Categories {
    places: HashMap<u128, u32, FixedState>,
    counted: Vec<Counted>,
}

#[derive(Clone, Debug)]
struct Counted {
    category: Category,
    row: u16,
    lines: u64,
}

impl Categories {
    /// Counts an event by its category's number; gives the number of its row where the category is known already.
    #[inline]
    pub(super) fn count(&mut self, key: u128, lines: u64) -> Option<u16> {
        let place = *self.places.get(&key)?;
        let counted = self.counted.get_mut(place as usize)?;
        counted.lines += lines;
        Some(counted.row)
    }

    /// A new category with its first event.
    pub(super) fn insert(
        &mut self,
        category: Category,
        row: u16,
        lines: u64,
        into: &mut LineCounts,
    ) {
        let key = category.key();
        if self.counted.len() == MOST {
            self.add_to(into);
            self.counted.clear();
            self.places.clear();
        }
        let place = u32::try_from(self.counted.len()).unwrap_or(u32::MAX);
        self.places.insert(key, place);
        self.counted.push(Counted { category, row, lines });
    }

    /// Adds what was counted here.
    pub(super) fn add_to(&self, counts: &mut LineCounts) {
        for counted in &self.counted {
            counts.add(&counted.category, counted.lines);
        }
    }
}

impl LineCounts {
    fn add(&mut self, category: &Category, count: u64) {
        match category.kind {
            // A line about the message as a whole (`status=expired`) is no attempt for a recipient.
            Kind::Delivery if !category.has_recipient => {
                *self.other_events.entry(Kind::Delivery).or_default() += count;
            }
            Kind::Delivery => {
                let status = category.disposition;
                *self.attempts.entry(status).or_default() += count;
                *self.attempts_by_code.entry((status, category.code)).or_default() += count;
                let enhanced = match category.mta {
                    Some(Mta::Exim) => category
                        .enhanced
                        .filter(|e| category.code.is_some_and(|c| e.agrees_with(c))),
                    _ => category.dsn,
                };
                *self.attempts_by_enhanced.entry(enhanced).or_default() += count;
                if let Some(dsn) = category.dsn {
                    *self.attempts_by_dsn.entry(dsn).or_default() += count;
                }
                self.repeated += if category.repeated { count } else { 0 };
                self.handed_over += if category.handed_over { count } else { 0 };
            }
            Kind::Postponed => self.postponed += count,
            Kind::Reject => {
                let action = category.action.unwrap_or(Action::Reject);
                *self.rejects.entry(action).or_default() += count;
                *self.rejects_by_code.entry(category.code).or_default() += count;
                *self.rejects_by_enhanced.entry(category.enhanced).or_default() += count;
            }
            Kind::HostReply => match category.code {
                Some(code) => *self.passing.entry(code).or_default() += count,
                None => self.passing_without_reply += count,
            },
            Kind::AuthFailure => self.login_failures += count,
            other => *self.other_events.entry(other).or_default() += count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Relay;
    use crate::smtp::Origin;

    #[test]
    fn an_address_that_a_router_of_ours_took_needs_no_name_service() {
        let router = Relay { host: Some("system_aliases"), ..Relay::default() };
        for (direction, relay, want) in [
            (Direction::Local, Some(router), Silence::Own),
            (Direction::Local, None, Silence::Dns),
            (Direction::Outbound, Some(router), Silence::Dns),
        ] {
            let text = "Unrouteable address";
            let event =
                Event { relay, ..Event::new(Kind::Delivery, direction, Origin::Ours, text) };
            let category = Category::of(Some(Mta::Exim), &event, false, |_| Silence::Dns);
            assert_eq!(category.silence, Some(want), "{direction:?} {relay:?}");
        }
    }

    #[test]
    fn every_field_is_told_apart_by_the_key() {
        let event = Event::new(Kind::Delivery, Direction::Outbound, Origin::Remote, "x");
        let plain = Category::of(Some(Mta::Postfix), &event, false, |_| Silence::Own);
        let code = ReplyCode::new(999);
        let enhanced = EnhancedCode::new(5, 999, 999);
        let mut all = vec![
            plain,
            Category { mta: None, ..plain },
            Category { mta: Some(Mta::Exim), ..plain },
            Category { code, ..plain },
            Category { implied_code: code, ..plain },
            Category { enhanced, ..plain },
            Category { dsn: enhanced, ..plain },
            Category { dsn: EnhancedCode::new(4, 0, 0), ..plain },
            Category { has_recipient: true, ..plain },
            Category { repeated: true, ..plain },
            Category { handed_over: true, ..plain },
        ];
        all.extend(Kind::ALL.iter().skip(1).map(|kind| Category { kind: *kind, ..plain }));
        all.extend(Action::ALL.iter().map(|a| Category { action: Some(*a), ..plain }));
        all.extend(Stage::ALL.iter().map(|s| Category { stage: Some(*s), ..plain }));
        all.extend(Disposition::ALL.iter().map(|d| Category { disposition: Some(*d), ..plain }));
        all.extend(Direction::ALL.iter().filter_map(|d| {
            (*d != plain.direction).then_some(Category { direction: *d, ..plain })
        }));
        let others = Silence::ALL.iter().map(|s| Some(*s)).chain([None]);
        all.extend(
            others.filter(|s| *s != plain.silence).map(|silence| Category { silence, ..plain }),
        );
        let keys: std::collections::BTreeSet<u128> = all.iter().map(Category::key).collect();
        assert_eq!(keys.len(), all.len());
    }
}
