//! What a handler gets beside its context.

/// Query string and body, parsed.
#[expect(missing_docs, reason = "their names say it")]
#[derive(Debug)]
pub struct Input<Q, B> {
    pub query: Q,
    pub body: B,
}

/// No query, no body, or no answer body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Empty;
