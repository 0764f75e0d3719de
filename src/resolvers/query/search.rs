//! Search: by the beginnings of words; and where that finds nothing, by words that are spelled almost so.
//!
//! A word of four to seven letters may differ in one place, a longer one in two: a letter too many, too few, another one, or
//! two exchanged (the optimal string alignment distance). Its first letter is taken to be right, as it mostly is, so the
//! words to compare with lie side by side in the index, and nothing has to be kept for it.

use super::Reader;
use crate::domain::{NodeKind, OrganizationId, Page, Result, Slice, text};
use crate::store::{Hit, Scope, Word};

/// The most words of a search that count; more only narrow what is narrow already.
const MAX_WORDS: usize = 8;
/// The most words of the index that one word is compared with.
const MAX_COMPARED: u64 = 20_000;
/// The most words that may stand for one that was misspelled.
const MAX_ALIKE: usize = 20;

impl Reader<'_> {
    /// The nodes in whose texts every word of `query` begins some word, in one organization or all that the viewer sees.
    /// If there are none, those that have words almost like them.
    pub async fn search(
        &self,
        query: &str,
        kinds: &[NodeKind],
        within: Option<OrganizationId>,
        page: &Page,
    ) -> Result<Slice<Hit>> {
        let Some(scope) = self.browse()? else { return Ok(Slice::empty()) };
        let scope = match within {
            Some(organization) if !scope.contains(organization) => return Ok(Slice::empty()),
            Some(organization) => scope.within(organization),
            None => scope,
        };
        let mut words = text::terms(query);
        words.truncate(MAX_WORDS);
        let beginnings: Vec<Word> = words.iter().cloned().map(Word::Beginning).collect();
        let found = self.store().search(scope, &beginnings, kinds, page).await?;
        if !found.items.is_empty() || !self.finds_nothing(scope, &beginnings, kinds, page).await? {
            return Ok(found);
        }
        match self.misspelled(scope, &words).await? {
            Some(words) => self.store().search(scope, &words, kinds, page).await,
            None => Ok(found),
        }
    }

    /// Whether there is nothing to be found, not only nothing on this page.
    async fn finds_nothing(&self, scope: Scope, words: &[Word], kinds: &[NodeKind], page: &Page) -> Result<bool> {
        if page.after.is_none() && page.before.is_none() && page.limit > 0 {
            return Ok(true);
        }
        Ok(self.store().search(scope, words, kinds, &Page::first(1)).await?.items.is_empty())
    }

    /// The words, those that begin no word of the index each replaced by the nearest that are in it; none if there is
    /// nothing to replace, or nothing like it.
    async fn misspelled(&self, scope: Scope, words: &[String]) -> Result<Option<Vec<Word>>> {
        let mut replaced = Vec::with_capacity(words.len());
        let mut any = false;
        for word in words {
            if self.store().words(scope, word, 1).await?.is_empty() {
                let alike = self.alike(scope, word).await?;
                if alike.is_empty() {
                    return Ok(None);
                }
                any = true;
                replaced.push(Word::OneOf(alike));
            } else {
                replaced.push(Word::Beginning(word.clone()));
            }
        }
        Ok(any.then_some(replaced))
    }

    /// The words of the index that are nearest to this one, if there are any that are near.
    async fn alike(&self, scope: Scope, word: &str) -> Result<Vec<String>> {
        let allowed = match word.len() {
            0..4 => return Ok(Vec::new()),
            4..8 => 1,
            _ => 2,
        };
        let mut compared = Vec::new();
        // Words are ASCII letters and digits, so that each is a character. Where too many begin with the same letter, the
        // second is taken to be right too.
        for letters in [1, 2] {
            let prefix: String = word.chars().take(letters).collect();
            compared = self.store().words(scope, &prefix, MAX_COMPARED + 1).await?;
            if u64::try_from(compared.len()).is_ok_and(|count| count <= MAX_COMPARED) {
                break;
            }
        }
        let mut near: Vec<(usize, String)> = compared
            .into_iter()
            .filter(|other| other.len().abs_diff(word.len()) <= allowed)
            .map(|other| (strsim::osa_distance(word, &other), other))
            .filter(|(distance, _)| *distance <= allowed)
            .collect();
        near.sort_unstable();
        near.truncate(MAX_ALIKE);
        Ok(near.into_iter().map(|(_, word)| word).collect())
    }
}
