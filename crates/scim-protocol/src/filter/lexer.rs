//! Words, quoted strings and brackets of filters and paths.

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// The byte at which it starts.
    pub(crate) at: usize,
    /// What it is.
    pub(crate) kind: TokenKind,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// Anything without white space, quotation marks and brackets: names, operators, numbers.
    Word(String),
    /// A JSON string, without its quotation marks and escapes.
    Quoted(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flaw {
    /// The byte at which it is wrong.
    pub(crate) at: usize,
    /// What is wrong: the end of a sentence.
    pub(crate) problem: String,
    /// Whether the text is merely larger than it may be.
    pub(crate) is_too_large: bool,
}

impl Flaw {
    /// Something that does not follow the grammar.
    pub(crate) fn new(at: usize, problem: impl Into<String>) -> Self {
        Self { at, problem: problem.into(), is_too_large: false }
    }

    /// Something that follows the grammar, but is too large.
    pub(crate) fn too_large(at: usize, problem: impl Into<String>) -> Self {
        Self { at, problem: problem.into(), is_too_large: true }
    }

    /// The place in words: `character 7`, counted from 1.
    pub(crate) fn place(&self, text: &str) -> String {
        let before = text.char_indices().take_while(|(at, _)| *at < self.at).count();
        format!("character {}", before + 1)
    }
}

/// Takes a text to pieces.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Flaw> {
    let mut tokens = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let kind = match character {
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            '[' => TokenKind::OpenBracket,
            ']' => TokenKind::CloseBracket,
            '"' => {
                let mut is_escaped = false;
                let end = characters.find(|(_, character)| {
                    let is_end = *character == '"' && !is_escaped;
                    is_escaped = *character == '\\' && !is_escaped;
                    is_end
                });
                let quoted = end.and_then(|(end, _)| text.get(at..=end));
                let quoted = quoted.ok_or_else(|| Flaw::new(at, "the string does not end"))?;
                let unquoted = serde_json::from_str(quoted);
                TokenKind::Quoted(unquoted.map_err(|_| Flaw::new(at, "this is no JSON string"))?)
            }
            character if character.is_ascii_whitespace() => continue,
            first => {
                let mut word = String::from(first);
                while let Some((_, next)) = characters.next_if(|(_, next)| !ends_word(*next)) {
                    word.push(next);
                }
                TokenKind::Word(word)
            }
        };
        tokens.push(Token { at, kind });
    }
    Ok(tokens)
}

fn ends_word(character: char) -> bool {
    character.is_ascii_whitespace() || "()[]\"".contains(character)
}
