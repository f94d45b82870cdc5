//! What the fields of two records come to, in sentences, where nobody has written about the two.

use super::phrases as p;
use super::side::{Side, Sort};
use crate::explain::phrases;
use crate::i18n::Language;
use crate::knowledge::{SaidAt, Standing};
use crate::words::words;

words! {
    /// How two sides stand to each other.
    Relation {
        /// A thing and itself.
        Same = "same",
        /// At least one is not known.
        Unknown = "unknown",
        /// One tells of success, the other of a failure.
        GoodAndBad = "success-and-failure",
        /// One is no reply of SMTP.
        NoReply = "reply-and-no-reply",
        /// Both tell of success, at different moments.
        Moments = "different-moments",
        /// Both tell of success.
        BothGood = "both-success",
        /// The same enhanced status code, or the same last digits, for now and for good.
        SameMatter = "same-matter",
        /// Different matters, one for now and one for good.
        NowAndNever = "transient-and-permanent",
        /// A reply code and an enhanced status code: parts of one reply.
        Layers = "parts-of-one-reply",
        /// A code and a cause.
        CodeAndCause = "code-and-cause",
        /// Two causes.
        Causes = "causes",
        /// Two failures of one class.
        Matters = "different-matters",
    }
}

impl Relation {
    /// No reply could be the one or the other.
    pub(super) const fn never_compete(self) -> bool {
        matches!(self, Self::GoodAndBad | Self::NoReply | Self::Moments)
    }
}

/// How two sides stand to each other.
pub(super) fn relation(a: &Side, b: &Side) -> Relation {
    let apart = |a: &Side, b: &Side| {
        let any = |side: &Side| side.stages.is_empty() || side.stages.contains(&SaidAt::Any);
        !any(a) && !any(b) && !a.stages.iter().any(|stage| b.stages.contains(stage))
    };
    if a.key() == b.key() && a.sort != Sort::Nothing {
        return Relation::Same;
    }
    if !a.known || !b.known {
        return Relation::Unknown;
    }
    match (a.sort == Sort::Cause, b.sort == Sort::Cause) {
        (true, true) => return Relation::Causes,
        (false, false) => {}
        _ => return Relation::CodeAndCause,
    }
    if a.is_smtp() != b.is_smtp() {
        return Relation::NoReply;
    }
    if a.is_good() != b.is_good() {
        return Relation::GoodAndBad;
    }
    if matches!((a.sort, b.sort), (Sort::Reply, Sort::Enhanced) | (Sort::Enhanced, Sort::Reply)) {
        return Relation::Layers;
    }
    if a.is_good() {
        return if apart(a, b) { Relation::Moments } else { Relation::BothGood };
    }
    if a.class == b.class {
        return Relation::Matters;
    }
    let last =
        |code: &Option<String>| code.as_ref().and_then(|code| code.get(1..).map(str::to_owned));
    let same = match (last(&a.enhanced), last(&b.enhanced)) {
        (None, None) => last(&a.code) == last(&b.code) && a.standing == Some(Standing::Standard),
        (one, other) => one == other,
    };
    if same { Relation::SameMatter } else { Relation::NowAndNever }
}

/// What separates the two.
pub(super) fn difference(relation: Relation, a: &Side, b: &Side, language: Language) -> String {
    let say = |text: crate::i18n::Text, of: [&Side; 2]| {
        let [one, other] = of;
        text.say(language, &[&one.label, &short(one), &other.label, &short(other)])
    };
    let sentences: Vec<String> = match relation {
        Relation::Same => vec![say(p::SAME, [a, b])],
        Relation::Unknown => unknown(a, b, language),
        Relation::GoodAndBad => {
            let (good, bad) = if a.is_good() { (a, b) } else { (b, a) };
            let text = match (good.class, bad.class) {
                (Some(3), Some(4)) => p::STEP_AND_NOT_NOW,
                (Some(3), _) => p::STEP_AND_NEVER,
                (_, Some(4)) => p::GOOD_AND_NOT_NOW,
                _ => p::GOOD_AND_NEVER,
            };
            vec![say(text, [good, bad])]
        }
        Relation::NoReply => {
            let (foreign, reply) = if a.is_smtp() { (b, a) } else { (a, b) };
            let speaker =
                foreign.speakers.first().map_or(p::SOME_PROGRAM, |&s| phrases::speaker(s));
            let speaker = speaker.get(language);
            vec![p::NO_REPLY.say(
                language,
                &[&foreign.label, &short(foreign), &reply.label, &short(reply), &speaker],
            )]
        }
        Relation::Moments => {
            let at = |side: &Side| {
                let names = side.stages.iter().map(|&stage| phrases::said_at(stage).get(language));
                names.collect::<Vec<_>>().join(", ")
            };
            vec![
                p::MOMENTS
                    .say(language, &[&a.label, &short(a), &b.label, &short(b), &at(a), &at(b)]),
            ]
        }
        Relation::BothGood => vec![say(p::BOTH_GOOD, [a, b])],
        Relation::SameMatter => vec![say(p::SAME_MATTER, for_now_first(a, b))],
        Relation::NowAndNever => vec![say(p::NOW_AND_NEVER, for_now_first(a, b))],
        Relation::Layers => layers(a, b, language),
        Relation::CodeAndCause => {
            let (code, cause) = if a.sort == Sort::Cause { (b, a) } else { (a, b) };
            vec![say(p::CODE_AND_CAUSE, [code, cause])]
        }
        Relation::Causes => vec![say(p::CAUSES, [a, b])],
        Relation::Matters => {
            let text = match a.class {
                Some(4) => p::MATTERS_FOR_NOW,
                Some(5) => p::MATTERS_FOR_GOOD,
                _ => p::MATTERS_NO_SMTP,
            };
            vec![say(text, [a, b])]
        }
    };
    let moves = matches!(
        relation,
        Relation::Matters | Relation::NowAndNever | Relation::SameMatter | Relation::Causes
    );
    let more = moves.then(|| whose_move(a, b, language)).flatten();
    sentences.into_iter().chain(more).collect::<Vec<_>>().join(" ")
}

/// Whose move it is, where that differs; that there is no difference, where there is none.
fn whose_move(a: &Side, b: &Side, language: Language) -> Option<String> {
    let first =
        |side: &Side| side.parties.first().map(|&party| phrases::party(party).get(language));
    let (one, other) = (first(a)?, first(b)?);
    if one != other {
        return Some(p::OTHERS_MOVE.say(language, &[&a.label, &one, &b.label, &other]));
    }
    let same = a.retry == b.retry && a.suppress == b.suppress && a.class == b.class;
    same.then(|| p::SAME_MOVE.say(language, &[&one]))
}

fn unknown(a: &Side, b: &Side, language: Language) -> Vec<String> {
    let of = |side: &Side| match (side.known, side.class) {
        (true, _) => None,
        (false, Some(_)) => Some(p::UNKNOWN.say(language, &[&side.label])),
        (false, None) => Some(p::NEITHER.say(language, &[&side.label])),
    };
    let mut sentences: Vec<String> = [of(a), of(b)].into_iter().flatten().collect();
    sentences.dedup();
    if let (Some(one), Some(other)) = (a.class, b.class) {
        let text = if one == other { p::ONE_CLASS } else { p::TWO_CLASSES };
        let says = |side: &Side| {
            side.permanence.map_or("", |permanence| phrases::permanence(permanence).get(language))
        };
        sentences.push(text.say(language, &[&a.label, &says(a), &b.label, &says(b)]));
    }
    sentences
}

/// A reply code and an enhanced status code.
fn layers(a: &Side, b: &Side, language: Language) -> Vec<String> {
    let [reply, enhanced] = reply_first(a, b);
    let first =
        p::LAYERS.say(language, &[&reply.label, &short(reply), &enhanced.label, &short(enhanced)]);
    let unsaid: Vec<&Side> =
        [reply, enhanced].into_iter().filter(|side| !side.is_answer()).collect();
    let second = match unsaid.as_slice() {
        [] => {
            let text = if reply.class != enhanced.class {
                p::LAYERS_CONTRADICT
            } else if goes_with(reply, enhanced) {
                p::LAYERS_TOGETHER
            } else {
                p::LAYERS_POSSIBLE
            };
            text.say(language, &[&reply.label, &enhanced.label])
        }
        [one] => p::LAYERS_UNSAID.say(language, &[&one.label]),
        _ => p::LAYERS_BOTH_UNSAID.say(language, &[&reply.label, &enhanced.label]),
    };
    vec![first, second]
}

fn reply_first<'s>(a: &'s Side, b: &'s Side) -> [&'s Side; 2] {
    if a.sort == Sort::Reply { [a, b] } else { [b, a] }
}

/// Whether the registry names the reply code for the enhanced status code, by itself or among others.
fn goes_with(reply: &Side, enhanced: &Side) -> bool {
    let class = format!("{}xx", reply.class.unwrap_or_default());
    let fits = |known: &String| *known == reply.label || *known == class || known == "any";
    enhanced.basic_codes.iter().any(fits)
}

/// A name without what stands behind it in brackets: it is put into brackets itself.
fn short(side: &Side) -> &str {
    side.name.split(" (").next().unwrap_or(&side.name)
}

/// It is in no standard.
fn made_up(side: &Side) -> bool {
    matches!(side.standing, Some(Standing::Folklore | Standing::Vendor))
}

/// When a server's operator uses which; `None` where nobody chooses.
pub(super) fn choose(relation: Relation, a: &Side, b: &Side, language: Language) -> Option<String> {
    let say = |text: crate::i18n::Text, [one, other]: [&Side; 2]| {
        Some(text.say(language, &[&one.label, &short(one), &other.label, &short(other)]))
    };
    match relation {
        Relation::GoodAndBad | Relation::Moments => say(p::CHOOSE_NEVER, [a, b]),
        Relation::Layers => {
            let [reply, enhanced] = reply_first(a, b);
            let by_registry = enhanced.basic_codes.iter().find(|code| {
                enhanced.class.is_some_and(|class| code.starts_with(char::from(b'0' + class)))
                    && !code.ends_with('x')
            });
            match (reply.is_answer(), enhanced.is_answer()) {
                (false, false) => return None,
                (true, false) => return say(p::CHOOSE_ONLY, [reply, enhanced]),
                (false, true) => return say(p::CHOOSE_ONLY, [enhanced, reply]),
                (true, true) => {}
            }
            if reply.class != enhanced.class {
                return say(p::CHOOSE_APART, [a, b]);
            }
            match by_registry {
                Some(code) if !goes_with(reply, enhanced) || made_up(reply) => {
                    Some(p::CHOOSE_REGISTRY.say(language, &[&enhanced.label, code, &reply.label]))
                }
                _ if made_up(reply) => say(p::CHOOSE_NOT_THIS, [reply, enhanced]),
                _ => say(p::CHOOSE_BOTH, [reply, enhanced]),
            }
        }
        Relation::SameMatter | Relation::NowAndNever | Relation::Matters => {
            let [one, other] = for_now_first(a, b);
            match (one.is_answer(), other.is_answer()) {
                (false, false) => return None,
                (true, false) => return say(p::CHOOSE_ONLY, [one, other]),
                (false, true) => return say(p::CHOOSE_ONLY, [other, one]),
                (true, true) => {}
            }
            match (made_up(one), made_up(other)) {
                (true, true) => say(p::CHOOSE_NEITHER, [one, other]),
                (true, false) => say(p::CHOOSE_STANDARD, [other, one]),
                (false, true) => say(p::CHOOSE_STANDARD, [one, other]),
                (false, false) if one.class == other.class => say(p::CHOOSE_BY_NAME, [one, other]),
                (false, false) if relation == Relation::SameMatter => {
                    say(p::CHOOSE_BY_HOPE, [one, other])
                }
                (false, false) => say(p::CHOOSE_BY_REASON, [one, other]),
            }
        }
        _ => None,
    }
}

/// The one that is for now goes first.
fn for_now_first<'s>(a: &'s Side, b: &'s Side) -> [&'s Side; 2] {
    if a.class == Some(5) && b.class == Some(4) { [b, a] } else { [a, b] }
}
