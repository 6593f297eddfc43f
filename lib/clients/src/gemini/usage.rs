//! Tokens that a call used, as it is billed.

use serde::{Deserialize, Deserializer, Serialize, de};
use std::fmt;

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
    #[must_use]
    pub fn billed_input(&self) -> u64 {
        self.prompt_token_count
            .saturating_sub(self.cached_content_token_count)
            + self.tool_use_prompt_token_count
    }

    /// Input billed at the price of cached tokens.
    #[must_use]
    pub fn billed_cached(&self) -> u64 {
        self.cached_content_token_count.min(self.prompt_token_count)
    }

    /// Output, thinking included.
    #[must_use]
    pub fn billed_output(&self) -> u64 {
        self.candidates_token_count + self.thoughts_token_count
    }

    /// Both together: for several calls of one generation, never for the chunks of one stream.
    #[must_use]
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
    struct Count;
    impl de::Visitor<'_> for Count {
        type Value = u64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a count as a number or as a string of digits")
        }
        fn visit_u64<E>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }
        fn visit_i64<E>(self, value: i64) -> Result<u64, E> {
            Ok(u64::try_from(value).unwrap_or(0))
        }
        fn visit_f64<E>(self, value: f64) -> Result<u64, E> {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "counts are far below 2^53"
            )]
            Ok(value.max(0.0) as u64)
        }
        fn visit_str<E: de::Error>(self, value: &str) -> Result<u64, E> {
            value
                .parse()
                .map_err(|_| E::invalid_value(de::Unexpected::Str(value), &self))
        }
        fn visit_unit<E>(self) -> Result<u64, E> {
            Ok(0)
        }
    }
    deserializer.deserialize_any(Count)
}
