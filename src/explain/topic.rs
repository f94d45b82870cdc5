//! What can be asked for by its name beside codes and causes: providers and blocklists.

use super::cause::{CausePart, DetailPart};
use super::phrases;
use crate::i18n::Language;
use crate::knowledge::blocklist::List;
use crate::knowledge::{Knowledge, ListStatus, Listed, Provider, Role};
use serde::Serialize;

/// Something that was asked for by its name.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// A cause, perhaps one of its sub-kinds.
    Cause(Box<CausePart>),
    /// A provider.
    Provider(ProviderPart),
    /// A public blocklist.
    Blocklist(ListPart),
}

/// A receiver or filter service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderPart {
    /// Its stable word.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// What it does with the mail.
    pub role: Role,
    /// What the names of its mail exchangers end in.
    pub hosts: Vec<String>,
    /// Mailbox domains that are certainly its own.
    pub domains: Vec<String>,
    /// Words that only its replies have; a `9` stands for any digit.
    pub signatures: Vec<String>,
    /// Its page for those who send to it.
    pub postmaster: Option<String>,
    /// Its page for getting off its own list.
    pub delisting: Option<String>,
    /// What is good to know about its replies.
    pub note: Option<String>,
    /// Its own codes, and what they mean there.
    pub codes: Vec<DetailPart>,
}

/// A public blocklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListPart {
    /// Its stable word.
    pub blocklist: String,
    /// Its name.
    pub name: String,
    /// What it lists.
    pub lists: Listed,
    /// Whether it still answers.
    pub status: ListStatus,
    /// DNS zones.
    pub zones: Vec<String>,
    /// The lists that it is made of.
    pub parts: Vec<String>,
    /// Its look-up or home page.
    pub url: Option<String>,
    /// How to get off it.
    pub way_out: Option<String>,
    /// The cause of a reply that names it.
    pub cause: &'static str,
}

pub(super) fn provider_part(provider: &Provider, knowledge: &Knowledge) -> ProviderPart {
    let language = knowledge.language();
    let codes = provider.entries().map(|entry| DetailPart {
        slug: entry.codes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        name: entry.text(language).name.clone(),
    });
    ProviderPart { codes: codes.collect(), ..provider_pages(provider, language) }
}

/// A provider without its codes.
pub(super) fn provider_pages(provider: &Provider, language: Language) -> ProviderPart {
    let note = match language {
        Language::En => provider.note(),
        Language::Ru => provider.note_ru(),
    };
    ProviderPart {
        provider: provider.slug().to_owned(),
        name: provider.name().to_owned(),
        role: provider.role(),
        hosts: provider.hosts().to_vec(),
        domains: provider.domains().to_vec(),
        signatures: provider.signatures().to_vec(),
        postmaster: provider.postmaster().map(str::to_owned),
        delisting: provider.delisting().map(str::to_owned),
        note: note.map(|note| note.note.clone()),
        codes: Vec::new(),
    }
}

pub(super) fn list_part(list: &List, language: Language) -> ListPart {
    ListPart {
        blocklist: list.slug.clone(),
        name: list.name.clone(),
        lists: list.kind,
        status: list.status,
        zones: list.zones.clone(),
        parts: list.parts.clone(),
        url: list.url.clone(),
        way_out: list.way_out().map(|way| match language {
            Language::En => way.en.clone(),
            Language::Ru => way.ru.clone(),
        }),
        cause: match list.kind {
            Listed::Ip => "ip-blocklisted",
            Listed::Domain => "domain-blocklisted",
        },
    }
}

/// What a list lists, in words.
pub(super) const fn lists_what(listed: Listed) -> crate::i18n::Text {
    match listed {
        Listed::Ip => phrases::LISTS_IP,
        Listed::Domain => phrases::LISTS_DOMAIN,
    }
}

/// Whether a list still answers, in words.
pub(super) const fn list_status(status: ListStatus) -> crate::i18n::Text {
    match status {
        ListStatus::Active => phrases::LIST_ACTIVE,
        ListStatus::Closed => phrases::LIST_CLOSED,
    }
}
