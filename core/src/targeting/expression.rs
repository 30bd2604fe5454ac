//! Regular expressions, or their absence from small builds.

#[cfg(feature = "json")]
use alloc::string::String;

#[cfg(feature = "json")]
/// The longest expression, in code points.
const MAX_CODE_POINTS: usize = 1000;

#[cfg(feature = "json")]
/// The limit on the compiled form, in bytes, when an expression is written. The size differs between
/// 32- and 64-bit hosts, so readers do not apply it: what one host accepts, all must.
pub(crate) const MAX_COMPILED_BYTES: usize = 1 << 20;

#[cfg(feature = "json")]
/// What readers allow: far above anything that passed the check at writing, on any host.
pub(crate) const MAX_READ_BYTES: usize = 64 << 20;

#[cfg(feature = "json")]
/// Why an expression cannot be used.
#[cfg_attr(not(feature = "regex"), expect(dead_code, reason = "small builds refuse all alike"))]
pub(crate) enum InvalidExpression {
    /// Over [`MAX_CODE_POINTS`].
    TooLong(String),
    /// Not an expression of the dialect.
    Syntax(String),
    /// Compiled, it is over the limit.
    TooLarge(String),
    /// This build has no regular expressions.
    #[cfg_attr(feature = "regex", expect(dead_code, reason = "only small builds say so"))]
    NotInThisBuild,
}

/// A compiled expression of the Rust `regex` dialect.
#[derive(Clone, Debug)]
#[cfg(feature = "regex")]
pub(crate) struct Expression(regex::Regex);

#[cfg(feature = "regex")]
impl Expression {
    /// Compiles `text`, whose compiled form may take `max_bytes`.
    pub(crate) fn compile(text: &str, max_bytes: usize) -> Result<Self, InvalidExpression> {
        use alloc::format;

        if text.chars().nth(MAX_CODE_POINTS).is_some() {
            return Err(InvalidExpression::TooLong(format!("over {MAX_CODE_POINTS} code points")));
        }
        match regex::RegexBuilder::new(text).size_limit(max_bytes).build() {
            Ok(regex) => Ok(Self(regex)),
            Err(regex::Error::CompiledTooBig(limit)) => {
                Err(InvalidExpression::TooLarge(format!("its compiled form is over {limit} bytes")))
            }
            Err(error) => Err(InvalidExpression::Syntax(format!("{error}"))),
        }
    }

    /// Takes an expression from a snapshot that a build with regular expressions has written.
    pub(crate) fn restore(text: &str) -> Option<Self> {
        Self::compile(text, MAX_READ_BYTES).ok()
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is found anywhere in `text`.
    pub(crate) fn is_found_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// A build without regular expressions cannot ask one, and has no experiment that leads to one.
#[derive(Clone, Debug)]
#[cfg(not(feature = "regex"))]
pub(crate) struct Expression(alloc::boxed::Box<str>);

#[cfg(not(feature = "regex"))]
#[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as in the build that has them")]
impl Expression {
    #[cfg(feature = "json")]
    /// Always refused.
    pub(crate) fn compile(text: &str, max_bytes: usize) -> Result<Self, InvalidExpression> {
        let _ = (text, max_bytes, MAX_CODE_POINTS);
        Err(InvalidExpression::NotInThisBuild)
    }

    /// Only kept: experiments that lead here are unsupported.
    pub(crate) fn restore(text: &str) -> Option<Self> {
        Some(Self(text.into()))
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Never.
    pub(crate) fn is_found_in(&self, _text: &str) -> bool {
        false
    }
}
