//! `vercel.json`: redirects, rewrites, headers and durations.

mod condition;
mod config_file;
mod function_pattern;
mod rules;
mod source_pattern;
#[cfg(test)]
mod tests;

pub(crate) use rules::Rules;
