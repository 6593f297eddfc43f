//! Tokens that a call used, as it is billed, and money.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

/// Money in millionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "${}.{:06}",
            self.0 / 1_000_000,
            (self.0 % 1_000_000).abs()
        )
    }
}

impl std::ops::Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// The tokens of one answer. Zero values are left out on the wire, and 64-bit numbers may be strings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "camelCase"), default)]
pub struct Usage {
    /// All input, cached input included.
    #[serde(rename(serialize = "input_tokens"), deserialize_with = "count")]
    pub prompt_token_count: u64,
    /// The part of the input that came from the cache.
    #[serde(rename(serialize = "cached_tokens"), deserialize_with = "count")]
    pub cached_content_token_count: u64,
    /// Visible output.
    #[serde(rename(serialize = "output_tokens"), deserialize_with = "count")]
    pub candidates_token_count: u64,
    /// Thinking, billed as output.
    #[serde(rename(serialize = "thinking_tokens"), deserialize_with = "count")]
    pub thoughts_token_count: u64,
    /// Results of tools fed back as input; we send no tools.
    #[serde(rename(serialize = "tool_tokens"), deserialize_with = "count")]
    pub tool_use_prompt_token_count: u64,
    /// The service's own sum.
    #[serde(rename(serialize = "total_tokens"), deserialize_with = "count")]
    pub total_token_count: u64,
}

impl Usage {
    /// Input billed at the full price.
    pub fn billed_input(&self) -> u64 {
        self.prompt_token_count
            .saturating_sub(self.cached_content_token_count)
            + self.tool_use_prompt_token_count
    }

    /// Input billed at the price of cached tokens.
    pub fn billed_cached(&self) -> u64 {
        self.cached_content_token_count.min(self.prompt_token_count)
    }

    /// Output, thinking included.
    pub fn billed_output(&self) -> u64 {
        self.candidates_token_count + self.thoughts_token_count
    }

    /// Both together: for several calls of one generation, never for the chunks of one stream.
    pub fn plus(self, other: Self) -> Self {
        Self {
            prompt_token_count: self.prompt_token_count + other.prompt_token_count,
            cached_content_token_count: self.cached_content_token_count
                + other.cached_content_token_count,
            candidates_token_count: self.candidates_token_count + other.candidates_token_count,
            thoughts_token_count: self.thoughts_token_count + other.thoughts_token_count,
            tool_use_prompt_token_count: self.tool_use_prompt_token_count
                + other.tool_use_prompt_token_count,
            total_token_count: self.total_token_count + other.total_token_count,
        }
    }
}

/// A count in proto JSON: a number, or a string of digits.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let count = match Value::deserialize(deserializer)? {
        Value::Null => Some(0),
        Value::Number(number) => number.as_f64().map(|number| number.max(0.0) as u64),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    count.ok_or_else(|| de::Error::custom("not a count: neither a number nor a text of digits"))
}
