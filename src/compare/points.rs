//! The fields of both sides, side by side.

use super::phrases as p;
use super::side::Side;
use crate::explain::phrases;
use crate::i18n::{Language, Text};
use crate::words::words;
use serde::Serialize;

words! {
    /// A point of comparison, in the order of the page.
    Point {
        /// First digit.
        Class = "class",
        /// Second number of an enhanced status code.
        Subject = "subject",
        /// What the queue does.
        Permanence = "permanence",
        /// Who speaks.
        Speaker = "speaker",
        /// Where in the session.
        Stage = "stage",
        /// Whether sending again helps.
        Retry = "retry",
        /// Whether the address may be taken off lists.
        Suppress = "suppress",
        /// Who can act.
        Party = "party",
        /// How soon.
        Urgency = "urgency",
        /// How far to trust it.
        Standing = "standing",
    }
}

/// A point with both values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointRow {
    /// The point.
    pub point: Point,
    /// The value of the first.
    pub a: String,
    /// The value of the second.
    pub b: String,
    /// Both are the same.
    pub same: bool,
}

/// All points that at least one side has a value for.
pub(super) fn points(a: &Side, b: &Side, language: Language) -> Vec<PointRow> {
    let row = |&point: &Point| {
        let (left, right) = (value(point, a, language), value(point, b, language));
        if left.is_none() && right.is_none() {
            return None;
        }
        let shown = |value: Option<String>| value.unwrap_or_else(|| "—".to_owned());
        let (a, b) = (shown(left), shown(right));
        Some(PointRow { point, same: a == b, a, b })
    };
    Point::ALL.iter().filter_map(row).collect()
}

/// The label of a point.
pub(super) const fn label(point: Point) -> Text {
    match point {
        Point::Class => p::CLASS,
        Point::Subject => p::SUBJECT,
        Point::Permanence => p::QUEUE,
        Point::Speaker => p::SPEAKER,
        Point::Stage => p::STAGE,
        Point::Retry => p::RETRY,
        Point::Suppress => p::ADDRESS,
        Point::Party => p::WHOSE,
        Point::Urgency => p::URGENCY,
        Point::Standing => p::STANDING,
    }
}

fn value(point: Point, side: &Side, language: Language) -> Option<String> {
    let joined = |texts: Vec<Text>| {
        let texts: Vec<&str> = texts.into_iter().map(|text| text.get(language)).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    let said = |text: Option<Text>| text.map(|text| text.get(language).to_owned());
    match point {
        Point::Class => {
            let permanence = phrases::permanence(side.permanence?).get(language);
            Some(format!("{}, {permanence}", side.class?))
        }
        Point::Subject => side.subject.clone(),
        Point::Permanence => said(side.permanence.map(p::queue)),
        Point::Speaker => joined(side.speakers.iter().map(|&s| phrases::speaker(s)).collect()),
        Point::Stage => joined(side.stages.iter().map(|&s| phrases::said_at(s)).collect()),
        _ if !side.known && side.class.is_none() => None,
        Point::Retry => said(Some(p::retry(side.retry))),
        Point::Suppress => said(Some(p::suppress(side.suppress))),
        Point::Party => joined(side.parties.iter().map(|&party| p::party(party)).collect()),
        Point::Urgency => said(side.urgency.map(p::urgency)),
        Point::Standing => said(side.standing.map(phrases::standing)),
    }
}
