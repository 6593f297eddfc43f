//! Keys never stay in a text that came from outside.

/// Takes keys out of a message of the service: one of its own messages quotes the key.
#[must_use]
pub fn redact(text: &str) -> String {
    const MARK: &str = "[redacted]";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let named = rest
            .find("api_key:")
            .map(|at| (at + "api_key:".len(), usize::MAX));
        let bare = rest.find("AIza").map(|at| (at, 39));
        let Some((start, cap)) = named
            .into_iter()
            .chain(bare)
            .min_by_key(|(start, _)| *start)
        else {
            out.push_str(rest);
            return out;
        };
        let (before, after) = rest.split_at(start);
        let length = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .unwrap_or(after.len());
        out.push_str(before);
        if cap == usize::MAX || length >= cap {
            out.push_str(MARK);
            rest = &after[length..];
        } else {
            // Four letters that begin like a key but are none.
            let keep = length.max(4).min(after.len());
            out.push_str(&after[..keep]);
            rest = &after[keep..];
        }
    }
}
