//! Ids in a prompt, and the properties that refer to them.

/// Ids in order: UUIDs; else short handles such as `V7`; else what looks like YouTube's.
pub(super) fn ids(prompt: &str) -> Vec<String> {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let find = |is_wanted: fn(&str) -> bool| {
        let mut found: Vec<String> = Vec::new();
        for word in prompt
            .split(|c| !is_inside(c))
            .filter(|word| is_wanted(word))
        {
            if !found.iter().any(|known| known == word) {
                found.push(word.to_owned());
            }
        }
        Some(found).filter(|found| !found.is_empty())
    };
    let found = find(is_uuid)
        .or_else(|| find(is_handle))
        .or_else(|| find(is_youtube_id));
    found.unwrap_or_default()
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn is_handle(word: &str) -> bool {
    let digits = word
        .strip_prefix(['v', 'V', 's', 'S', 'r', 'R'])
        .unwrap_or_default();
    (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_youtube_id(word: &str) -> bool {
    let has = |is_wanted: fn(u8) -> bool| word.bytes().any(is_wanted);
    word.len() == 11
        && has(|byte| byte.is_ascii_digit() || byte == b'_' || byte == b'-')
        && has(|byte| byte.is_ascii_uppercase())
}

/// Whether a property, in small letters, refers to something that the prompt names by id.
pub(super) fn is_reference(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "inspired",
        "based_on",
        "basedon",
        "sources",
        "source_id",
        "video_id",
        "videoid",
        "evidence_id",
        "reference",
    ];
    WORDS.iter().any(|word| name.contains(word))
        || matches!(name, "id" | "ids")
        || name.ends_with("_id")
        || name.ends_with("_ids")
}
