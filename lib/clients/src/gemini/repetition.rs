//! A model can fall into a loop: the same words, or white space, until its output is used up and paid for.

/// The finish reason that stands for an answer that was cut off because of it. No reason of the service is called so.
pub(super) const REPETITION: &str = "REPETITION";

/// So much of the same is no style.
const TAIL: usize = 1500;

/// The longest piece that counts as repeated.
const PERIOD: usize = 150;

/// Whether a text ends in one piece over and over.
pub(super) fn ends_in_loop(text: &str) -> bool {
    let Some(tail) = text
        .len()
        .checked_sub(TAIL)
        .map(|start| &text.as_bytes()[start..])
    else {
        return false;
    };
    // The longest proper prefix that is a suffix leaves the shortest period (Knuth, Morris, Pratt).
    let mut borders = vec![0_usize; TAIL];
    for at in 1..TAIL {
        let mut border = borders[at - 1];
        while border > 0 && tail[at] != tail[border] {
            border = borders[border - 1];
        }
        borders[at] = border + usize::from(tail[at] == tail[border]);
    }
    TAIL - borders[TAIL - 1] <= PERIOD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_told_from_a_style() {
        let start = r#"{"titles":[{"title":"One","why":""#;
        for piece in ["ha ", "\n", "and so on and so forth, ", "é…", "\\n\\t"] {
            assert!(
                ends_in_loop(&format!("{start}{}", piece.repeat(1600))),
                "{piece}"
            );
            assert!(
                !ends_in_loop(&format!("{start}{}", piece.repeat(40))),
                "{piece}"
            );
        }
        let list: String = (0..200)
            .map(|n| format!("Chapter {n}: the same again. "))
            .collect();
        assert!(!ends_in_loop(&list));
        let long = "A sentence that is longer than what is taken for a loop, because songs have refrains and lists have entries \
                    that look alike, and nobody would call that a fault of the model.";
        assert!(!ends_in_loop(&long.repeat(20)));
    }
}
