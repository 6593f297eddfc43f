//! What may have been meant by a name that is not known.

/// The candidate that most likely was meant: the nearest, when no more than a third of it is different.
pub fn closest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    let distance = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let begins = given.len() > 2 && candidate.starts_with(&given);
        let distance = strsim::damerau_levenshtein(&given, &candidate);
        if begins { distance.min(1) } else { distance }
    };
    let candidates = candidates.into_iter();
    let nearest = candidates.map(|candidate| (distance(candidate), candidate));
    let (distance, nearest) = nearest.min_by_key(|(distance, _)| *distance)?;
    let longest = given.chars().count().max(nearest.chars().count());
    (distance <= (longest / 3).max(1)).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = ["title", "tags", "description"];
        assert_eq!(closest("titel", known), Some("title"));
        assert_eq!(closest("Description", known), Some("description"));
        assert_eq!(closest("desc", known), Some("description"));
        assert_eq!(closest("colour", known), None);
        assert_eq!(closest("anything", []), None);
    }
}
