//! Labels and sentences of the list of codes, each in every language.

use crate::i18n::{Text, texts};
use crate::knowledge::Standing;

texts! {
    REPLY_CODES = "Reply codes", "Коды ответа";
    ENHANCED_CODES = "Enhanced status codes (X is the class: 2, 4 or 5)", "Расширенные коды (X — класс: 2, 4 или 5)";
    CAUSES = "Causes (`mailwhy explain NAME` tells more)", "Причины (подробнее — `mailwhy explain ИМЯ`)";
    PROVIDER_CODES = "Enhanced status codes as {0} uses them", "Расширенные коды, как их употребляет {0}";
    PROVIDER_RULES = "What {0} means by its words", "Что {0} имеет в виду под своими словами";
    CODE = "Code", "Код";
    NAME = "Name", "Название";
    STANDING = "Standing", "Статус";
    DEFINED_IN = "Defined in", "Документ";
    CAUSE = "Cause", "Причина";
    RULE = "Rule", "Правило";
    EXAMPLE = "Example", "Пример";
    STANDARD = "standard", "стандарт";
    REGISTERED = "registered", "в реестре";
    VENDOR = "vendor", "частный";
    FOLKLORE = "folklore", "молва";
    NOTHING = "Nothing fits.", "Ничего не найдено.";
    NOTHING_OWN = "No code or wording of its own is known: its replies are read by the general rules.",
        "Своих кодов и формулировок не известно: его ответы читаются по общим правилам.";
    DID_YOU_MEAN = "Did you mean: {0}?", "Возможно, вы имели в виду: {0}?";
}

/// How far to trust a code, in a word.
pub(super) const fn standing(standing: Standing) -> Text {
    match standing {
        Standing::Standard => STANDARD,
        Standing::Registered => REGISTERED,
        Standing::Vendor => VENDOR,
        Standing::Folklore => FOLKLORE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_every_language() {
        for &(name, text) in ALL {
            assert_eq!(text.flaw(), None, "{name}: {text:?}");
        }
    }
}
