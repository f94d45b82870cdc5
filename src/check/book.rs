//! The answers of a run, and the questions that are still open.
//!
//! A judging function looks up what it needs; what is not there yet is noted as wanted. Whoever drives it
//! ([`super::ask`]) answers what is wanted and has it judged again until nothing is wanted any more. So judging
//! needs no network, each question is asked once in a run, and questions that do not hang on one another are asked
//! side by side.

use super::answer::{Answer, Outcome, QueryType, Question};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Questions that one run asks at most, for one subject. A domain with fifty exchangers needs a hundred.
pub const MOST_QUESTIONS: usize = 150;

static PENDING: Answer = Answer::without_rows(Outcome::Pending);
static NOT_ASKED: Answer = Answer::without_rows(Outcome::NotAsked);

/// Answers, and what is wanted.
#[derive(Debug)]
pub struct Book {
    answers: BTreeMap<Question, Answer>,
    wanted: RefCell<BTreeSet<Question>>,
    room: usize,
}

impl Book {
    /// An empty one for so many subjects.
    pub fn for_subjects(subjects: usize) -> Self {
        let room = subjects.max(1).saturating_mul(MOST_QUESTIONS);
        Self { answers: BTreeMap::new(), wanted: RefCell::default(), room }
    }

    /// The answer to a question; where it is not known yet, [`Outcome::Pending`], and it is wanted now.
    pub fn look(&self, kind: QueryType, name: &str) -> &Answer {
        let question = Question { name: name.to_ascii_lowercase(), kind };
        if let Some(answer) = self.answers.get(&question) {
            return answer;
        }
        let mut wanted = self.wanted.borrow_mut();
        if !wanted.contains(&question) && self.answers.len() + wanted.len() >= self.room {
            return &NOT_ASKED;
        }
        wanted.insert(question);
        &PENDING
    }

    /// Takes what is wanted, in a fixed order.
    pub fn take_wanted(&mut self) -> Vec<Question> {
        std::mem::take(self.wanted.get_mut()).into_iter().collect()
    }

    /// Enters an answer.
    pub fn enter(&mut self, question: Question, answer: Answer) {
        self.answers.insert(question, answer);
    }

    /// How many questions the resolver answered, and how many there were. SERVFAIL is an answer: the resolver works.
    pub fn tally(&self) -> (usize, usize) {
        let answered = self
            .answers
            .values()
            .filter(|answer| answer.outcome.is_certain() || answer.outcome == Outcome::ServFail)
            .count();
        (answered, self.answers.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_wants_each_question_once_and_not_without_end() {
        let mut book = Book::for_subjects(1);
        assert_eq!(book.look(QueryType::A, "a.example.com").outcome, Outcome::Pending);
        assert_eq!(book.look(QueryType::A, "A.example.com").outcome, Outcome::Pending);
        let wanted = book.take_wanted();
        assert_eq!(wanted.len(), 1, "{wanted:?}");
        for question in wanted {
            book.enter(question, Answer::without_rows(Outcome::NoData));
        }
        assert_eq!(book.look(QueryType::A, "a.example.com").outcome, Outcome::NoData);
        assert_eq!(book.take_wanted(), []);
        for n in 0..2 * MOST_QUESTIONS {
            book.look(QueryType::A, &format!("{n}.example.com"));
        }
        assert_eq!(book.take_wanted().len(), MOST_QUESTIONS - 1);
    }
}
