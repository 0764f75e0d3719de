//! What a database can do with a text that is looked for, where case does not count and folding it goes beyond ASCII.

use crate::domain::text;
use crate::store::{CaseSense, Comparator, Condition, Place};
use scim_protocol::fold;
use std::collections::HashSet;
use std::sync::LazyLock;

/// Those with that value in a namespace of the key index.
pub(super) fn indexed(namespace: &'static str, value: &str) -> Option<Condition> {
    keyed(value, text::key).map(|key| Condition::Key(namespace, key))
}

/// Behind the last letter that has case.
const END_OF_CASE: char = '\u{20000}';

/// The letters, in their folded form, of which some spelling changes more than its case on the way to a key, such as the
/// lunate sigma and the sign of the ohm.
static UNSTEADY: LazyLock<HashSet<char>> = LazyLock::new(|| {
    let mut unsteady = HashSet::new();
    for character in '\u{80}'..END_OF_CASE {
        let text = format!("a{character}b");
        let folded = fold(&text);
        if folded != text && [text::key, text::sort_key].iter().any(|key| key(&text) != key(&folded)) {
            unsteady.extend(folded.chars().filter(|character| !character.is_ascii()));
        }
    }
    unsteady
});

/// The key of a value, if whatever differs from it in case alone has the same one.
pub(super) fn keyed(value: &str, key: fn(&str) -> String) -> Option<String> {
    let is_steady = value.is_ascii() || fold(value).chars().all(|character| !UNSTEADY.contains(&character));
    is_steady.then(|| key(value))
}

/// What a text contains at least that compares so with one whose letters beyond ASCII the database cannot fold: folding
/// makes no ASCII of them, and moves nothing, so each run of ASCII in the needle is one in the text.
pub(super) fn narrowed(place: Place, comparator: Comparator, needle: &str) -> Condition {
    let runs = needle.split(|character: char| !character.is_ascii());
    let Some(run) = runs.max_by_key(|run| run.len()).filter(|run| !run.is_empty()) else {
        return Condition::All(Vec::new());
    };
    let comparator = match comparator {
        Comparator::Equal | Comparator::StartsWith if needle.starts_with(run) => Comparator::StartsWith,
        Comparator::Equal | Comparator::EndsWith if needle.ends_with(run) => Comparator::EndsWith,
        Comparator::Equal | Comparator::StartsWith | Comparator::EndsWith | Comparator::Contains => {
            Comparator::Contains
        }
        _ => return Condition::All(Vec::new()),
    };
    Condition::Text(place, comparator, CaseSense::Folded, run.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_but_for_case_has_the_same_key() {
        let changing = ('\u{80}'..=char::MAX).filter(|character| fold(&character.to_string()) != character.to_string());
        for character in changing {
            let text = format!("a{character}b");
            for key in [text::key, text::sort_key] {
                if let Some(sought) = keyed(&fold(&text), key) {
                    assert_eq!(key(&text), sought, "{character:?}");
                }
            }
        }
        assert_eq!(keyed("Größe", text::key).as_deref(), Some("größe"));
        assert_eq!(keyed("\u{3f9}", text::key), None, "the lunate sigma");
    }

    #[test]
    fn the_longest_run_of_ascii_narrows() {
        let run = |comparator, needle| match narrowed(Place::Column("title"), comparator, needle) {
            Condition::Text(_, comparator, _, run) => Some((comparator, run)),
            _ => None,
        };
        assert_eq!(run(Comparator::Equal, "größe"), Some((Comparator::StartsWith, "gr".to_owned())));
        assert_eq!(run(Comparator::Equal, "öffnung"), Some((Comparator::EndsWith, "ffnung".to_owned())));
        assert_eq!(run(Comparator::StartsWith, "äabcö"), Some((Comparator::Contains, "abc".to_owned())));
        assert_eq!((run(Comparator::Contains, "öä"), run(Comparator::Less, "aö")), (None, None));
    }
}
