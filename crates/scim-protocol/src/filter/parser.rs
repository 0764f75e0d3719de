//! The grammar of filters (RFC 7644 figure 1), and what is tolerated beyond it.
//!
//! Beyond the grammar: a literal without quotation marks (`externalId eq jyoung`), a sub-attribute behind an element
//! (`emails[type eq "work"].value eq "x"`), and no white space next to a quoted string or a bracket. Clients of
//! Microsoft Entra ID and the examples of the standard itself write so.

use super::lexer::{Flaw, Token, TokenKind, tokens};
use super::{AttributePath, Filter, Literal, Operator};
use crate::error::{ScimError, ScimType};

/// How many bytes a filter may have.
pub const MAX_LENGTH: usize = 16_384;
/// How many brackets and negations may be within one another.
pub const MAX_DEPTH: usize = 32;
/// How many comparisons a filter may have.
pub const MAX_TERMS: usize = 250;

/// Parses a filter.
///
/// # Errors
/// `invalidFilter` with the place, if the text does not follow the grammar; `tooMany`, if it is longer, deeper or of
/// more terms than [`MAX_LENGTH`], [`MAX_DEPTH`] and [`MAX_TERMS`] allow.
pub fn parse_filter(text: &str) -> Result<Filter, ScimError> {
    let parsed = Parser::new(text).and_then(|mut parser| {
        let filter = parser.any()?;
        if parser.is_at_end() { Ok(filter) } else { Err(parser.expected("and, or, or the end")) }
    });
    parsed.map_err(|flaw| refusal(&flaw, text))
}

/// The error for a flaw in a filter.
pub(crate) fn refusal(flaw: &Flaw, text: &str) -> ScimError {
    let scim_type = if flaw.is_too_large { ScimType::TooMany } else { ScimType::InvalidFilter };
    ScimError::new(scim_type, format!("The filter cannot be read: {} at {}.", flaw.problem, flaw.place(text)))
}

/// Reads tokens from left to right.
pub(crate) struct Parser {
    /// The tokens, the next one last.
    tokens: Vec<Token>,
    /// The byte after the text.
    end: usize,
    depth: usize,
    terms: usize,
    /// Whether it reads what stands within `attribute[…]`.
    in_element: bool,
}

impl Parser {
    pub(crate) fn new(text: &str) -> Result<Self, Flaw> {
        if text.len() > MAX_LENGTH {
            return Err(Flaw::too_large(MAX_LENGTH, format!("it has more than {MAX_LENGTH} bytes")));
        }
        let mut tokens = tokens(text)?;
        tokens.reverse();
        Ok(Self { tokens, end: text.len(), depth: 0, terms: 0, in_element: false })
    }

    /// Whether nothing follows.
    pub(crate) fn is_at_end(&self) -> bool {
        self.tokens.is_empty()
    }

    /// `filter or filter`
    fn any(&mut self) -> Result<Filter, Flaw> {
        let mut parts = vec![self.all()?];
        while self.take_word("or") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Filter::Or))
    }

    /// `filter and filter`
    fn all(&mut self) -> Result<Filter, Flaw> {
        let mut parts = vec![self.one()?];
        while self.take_word("and") {
            parts.push(self.one()?);
        }
        Ok(one_or(parts, Filter::And))
    }

    /// A negation, a group, or an expression about an attribute.
    fn one(&mut self) -> Result<Filter, Flaw> {
        if self.is_negation() {
            self.tokens.pop();
            return Ok(Filter::Not(Box::new(self.group()?)));
        }
        if self.next_is(&TokenKind::Open) { self.group() } else { self.expression() }
    }

    /// `( filter )`
    fn group(&mut self) -> Result<Filter, Flaw> {
        self.take(&TokenKind::Open, "(")?;
        self.descend()?;
        let filter = self.any()?;
        self.depth -= 1;
        self.take(&TokenKind::Close, "and, or, or )")?;
        Ok(filter)
    }

    /// `attribute operator literal`, `attribute pr`, or `attribute[filter]`.
    fn expression(&mut self) -> Result<Filter, Flaw> {
        let path = self.path()?;
        if self.next_is(&TokenKind::OpenBracket) {
            let filter = Box::new(self.element()?);
            return self.behind_element(path, filter);
        }
        self.condition(path)
    }

    /// The path of an attribute.
    pub(crate) fn path(&mut self) -> Result<AttributePath, Flaw> {
        let at = self.at();
        let word = self.word().ok_or_else(|| self.expected("an attribute"))?;
        AttributePath::new(&word).ok_or_else(|| Flaw::new(at, format!("{word} is no name of an attribute")))
    }

    /// `[ filter ]`
    pub(crate) fn element(&mut self) -> Result<Filter, Flaw> {
        let at = self.at();
        self.take(&TokenKind::OpenBracket, "[")?;
        if self.in_element {
            return Err(Flaw::new(at, "there is a [ within another"));
        }
        self.descend()?;
        self.in_element = true;
        let filter = self.any()?;
        self.in_element = false;
        self.depth -= 1;
        self.take(&TokenKind::CloseBracket, "and, or, or ]")?;
        Ok(filter)
    }

    /// Whether `[` comes next.
    pub(crate) fn is_before_element(&self) -> bool {
        self.next_is(&TokenKind::OpenBracket)
    }

    /// `.name`, directly behind an element; none, if no such word follows.
    pub(crate) fn sub_attribute(&mut self) -> Result<Option<String>, Flaw> {
        let Some(Token { at, kind: TokenKind::Word(word) }) = self.tokens.last() else { return Ok(None) };
        let Some(name) = word.strip_prefix('.') else { return Ok(None) };
        if !super::is_name(name) {
            return Err(Flaw::new(*at, format!("{word} is no name of a sub-attribute")));
        }
        let name = name.to_owned();
        self.tokens.pop();
        Ok(Some(name))
    }

    /// What follows an element: nothing, or `.name` and a condition, which then is one more for the same element.
    fn behind_element(&mut self, path: AttributePath, filter: Box<Filter>) -> Result<Filter, Flaw> {
        let Some(name) = self.sub_attribute()? else { return Ok(Filter::Element { path, filter }) };
        let condition = self.condition(AttributePath(name))?;
        let both = match *filter {
            Filter::And(mut parts) => {
                parts.push(condition);
                parts
            }
            filter => vec![filter, condition],
        };
        Ok(Filter::Element { path, filter: Box::new(Filter::And(both)) })
    }

    /// `pr`, or an operator and a literal.
    fn condition(&mut self, path: AttributePath) -> Result<Filter, Flaw> {
        let at = self.at();
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Flaw::too_large(at, format!("it has more than {MAX_TERMS} comparisons")));
        }
        let word = self.word().ok_or_else(|| self.expected("an operator"))?;
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        let operator =
            Operator::named(&word).ok_or_else(|| Flaw::new(at, format!("the operator {word} is not supported")))?;
        let literal = match self.tokens.pop() {
            Some(Token { kind: TokenKind::Quoted(text), .. }) => Literal::Quoted(text),
            Some(Token { kind: TokenKind::Word(text), .. }) => Literal::Bare(text),
            Some(Token { at, .. }) => return Err(Flaw::new(at, "a literal is missing")),
            None => return Err(Flaw::new(self.end, "a literal is missing")),
        };
        Ok(Filter::Compare { path, operator, literal })
    }

    fn descend(&mut self) -> Result<(), Flaw> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Flaw::too_large(self.at(), format!("more than {MAX_DEPTH} brackets are open")));
        }
        Ok(())
    }

    /// Whether the word `not` and a group come next. Without a group, `not` is the name of an attribute.
    fn is_negation(&self) -> bool {
        let [.., after, next] = self.tokens.as_slice() else { return false };
        after.kind == TokenKind::Open && matches!(&next.kind, TokenKind::Word(word) if word.eq_ignore_ascii_case("not"))
    }

    fn next_is(&self, kind: &TokenKind) -> bool {
        self.tokens.last().is_some_and(|token| token.kind == *kind)
    }

    fn take(&mut self, kind: &TokenKind, expected: &str) -> Result<(), Flaw> {
        if !self.next_is(kind) {
            return Err(self.expected(expected));
        }
        self.tokens.pop();
        Ok(())
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let is_next = matches!(
            self.tokens.last(),
            Some(Token { kind: TokenKind::Word(word), .. }) if word.eq_ignore_ascii_case(wanted)
        );
        if is_next {
            self.tokens.pop();
        }
        is_next
    }

    fn word(&mut self) -> Option<String> {
        let token = self.tokens.pop_if(|token| matches!(token.kind, TokenKind::Word(_)))?;
        if let TokenKind::Word(word) = token.kind { Some(word) } else { None }
    }

    /// The byte at which the next token starts.
    pub(crate) fn at(&self) -> usize {
        self.tokens.last().map_or(self.end, |token| token.at)
    }

    fn expected(&self, what: &str) -> Flaw {
        Flaw::new(self.at(), format!("{what} is expected"))
    }
}

/// The only part, or the parts together.
fn one_or(mut parts: Vec<Filter>, together: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            together(parts)
        }
    }
}
