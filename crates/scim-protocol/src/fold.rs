//! The one rule by which `caseExact: false` compares.

/// Folds the case of a text, for the comparison of attributes that are not `caseExact` (RFC 7643 §2.2).
///
/// Each character becomes its lower case by Unicode. A character that is not ASCII stays as it is where its lower case
/// would contain an ASCII character: the KELVIN SIGN does not become `k`, nor `İ` an `i` with a dot, so that no such
/// character takes the place of an ASCII one in a user name. Nothing is normalised. Texts are ordered by the code
/// points of what this returns. Whoever keeps folded text in a database has to use this very function.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_ascii() && character.to_lowercase().any(|lower| lower.is_ascii()) {
            folded.push(character);
        } else {
            folded.extend(character.to_lowercase());
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_by_unicode() {
        for (text, folded) in [("BJensen", "bjensen"), ("ÅSA", "åsa"), ("ΔΊΑΣ", "δίασ"), ("ẞ", "ß"), ("日本", "日本")]
        {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn nothing_becomes_an_ascii_character_that_was_none() {
        assert_eq!(fold("\u{212A}ey"), "\u{212A}ey", "the KELVIN SIGN is no k");
        assert_eq!(fold("İd"), "İd", "an I with a dot is no i");
    }

    #[test]
    fn every_character_folds_once_and_for_all() {
        for character in '\0'..=char::MAX {
            let once = fold(&character.to_string());
            assert_eq!(fold(&once), once, "{character:?}");
            assert!(character.is_ascii() || !once.chars().any(|folded| folded.is_ascii()), "{character:?}");
        }
    }
}
