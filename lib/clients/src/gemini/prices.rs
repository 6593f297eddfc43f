//! What tokens cost. Prices change and differ by model, prompt length and date, so they are a versioned list: every
//! stored cost names the version it was computed with, and a deployment can bring its own list.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

use super::models;
use super::usage::{Micros, Usage};

/// Prices in US dollars per million tokens, which is the same number as micro-dollars per token.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The beginning of the model id; the longest match wins.
    pub model: String,
    /// Input.
    pub input: f64,
    /// Input read from the cache; the full input price when not given, so that a cost is never understated.
    pub cached: Option<f64>,
    /// Output, thinking included.
    pub output: f64,
    /// Holds for prompts longer than this many tokens.
    #[serde(default)]
    pub above_prompt_tokens: u64,
    /// Holds up to and including this day.
    pub until: Option<Date>,
}

/// A list of prices with the version that is stored beside every cost.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// Names this list.
    pub version: String,
    /// In any order.
    pub prices: Vec<Price>,
}

/// Why a price list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PriceListError {
    /// Not the JSON that is expected.
    #[error("the price list is not valid JSON of the expected form")]
    Form(#[from] serde_json::Error),
    /// There is nothing in it.
    #[error("the price list names no model")]
    Empty,
    /// A price that cannot be.
    #[error("the price of {0} is negative or not a number")]
    Price(String),
}

impl Default for PriceList {
    fn default() -> Self {
        fn price(model: &str, input: f64, output: f64) -> Price {
            Price {
                model: model.to_owned(),
                input,
                cached: None,
                output,
                above_prompt_tokens: 0,
                until: None,
            }
        }
        let introductory = Price {
            until: Some(Date::constant(2026, 11, 30)),
            ..price("gemini-4-argon", 2.0, 10.0)
        };
        let long_prompt = Price {
            above_prompt_tokens: 200_000,
            ..price("gemini-3.1-pro", 4.0, 18.0)
        };
        Self {
            version: "2026-11-22".to_owned(),
            prices: vec![
                introductory,
                price("gemini-4-argon", 4.0, 20.0),
                price("gemini-3.8-flash", 0.75, 3.75),
                price("gemini-3.5-flash", 1.5, 9.0),
                price("gemini-3.1-flash-lite", 0.25, 1.5),
                price("gemini-3.1-pro", 2.0, 12.0),
                long_prompt,
            ],
        }
    }
}

impl PriceList {
    /// Reads a deployment's own list.
    ///
    /// # Errors
    /// When it is not of the expected form, empty, or holds a price that cannot be.
    pub fn parse(json: &str) -> Result<Self, PriceListError> {
        let list: Self = serde_json::from_str(json)?;
        if list.prices.is_empty() {
            return Err(PriceListError::Empty);
        }
        let possible = |price: f64| price.is_finite() && price >= 0.0;
        match list
            .prices
            .iter()
            .find(|p| !(possible(p.input) && possible(p.output) && p.cached.is_none_or(possible)))
        {
            Some(price) => Err(PriceListError::Price(price.model.clone())),
            None => Ok(list),
        }
    }

    /// The price of `model` for a prompt of that length on that day. A model that is not listed costs what the dearest
    /// listed one does: an unknown price must never look cheap.
    fn price(&self, model: &str, prompt_tokens: u64, at: Timestamp) -> Option<&Price> {
        let model = models::bare(model);
        let today = at.to_zoned(TimeZone::UTC).date();
        let current = || {
            self.prices
                .iter()
                .filter(|p| p.until.is_none_or(|until| today <= until))
        };
        let longest = current()
            .filter(|p| model.starts_with(&p.model))
            .map(|p| p.model.len())
            .max();
        let Some(longest) = longest else {
            return self.prices.iter().max_by(|a, b| {
                a.output
                    .total_cmp(&b.output)
                    .then(a.input.total_cmp(&b.input))
            });
        };
        current()
            .filter(|p| model.starts_with(&p.model) && p.model.len() == longest)
            .filter(|p| p.above_prompt_tokens == 0 || prompt_tokens > p.above_prompt_tokens)
            // The narrowest rule wins: the highest threshold, then the one that ends soonest.
            .max_by_key(|p| {
                (
                    p.above_prompt_tokens,
                    std::cmp::Reverse(p.until.unwrap_or(Date::MAX)),
                )
            })
    }

    /// What an answer cost, rounded up.
    pub fn cost(&self, model: &str, usage: &Usage, at: Timestamp) -> Micros {
        let Some(price) = self.price(model, usage.prompt_token_count, at) else {
            return Micros(0);
        };
        sum([
            (usage.billed_input(), price.input),
            (usage.billed_cached(), price.cached.unwrap_or(price.input)),
            (usage.billed_output(), price.output),
        ])
    }

    /// The most that one call can cost: what has to be reserved before it is made.
    pub fn ceiling(
        &self,
        model: &str,
        input_tokens: u64,
        max_output_tokens: u64,
        at: Timestamp,
    ) -> Micros {
        let Some(price) = self.price(model, input_tokens, at) else {
            return Micros(0);
        };
        sum([
            (input_tokens, price.input),
            (max_output_tokens, price.output),
        ])
    }
}

/// Dollars per million tokens times tokens is micro-dollars. Summed in billionths so that only the total is rounded.
fn sum<const N: usize>(items: [(u64, f64); N]) -> Micros {
    let billionths: u128 = items
        .iter()
        .map(|(tokens, price)| u128::from(*tokens) * u128::from((price * 1000.0).round() as u64))
        .sum();
    Micros(i64::try_from(billionths.div_ceil(1000)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
