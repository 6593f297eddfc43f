//! What a prompt offers: subjects to speak of, ids to refer to, and how much is wanted.

use super::subjects::subjects;

pub(crate) struct PromptFacts {
    pub(crate) subjects: Vec<String>,
    pub(crate) ids: Vec<String>,
    /// Words to be spoken, when the prompt says how many.
    pub(crate) spoken_words: Option<usize>,
    prompt: String,
}

impl PromptFacts {
    pub(crate) fn read(prompt: &str) -> Self {
        Self {
            subjects: subjects(prompt),
            ids: ids(prompt),
            spoken_words: spoken_words(prompt),
            prompt: prompt.to_owned(),
        }
    }

    /// Into how many parts a script is cut.
    pub(crate) fn beats(&self) -> usize {
        self.spoken_words
            .map_or(5, |words| (words / 40).clamp(3, 12))
    }

    /// How many entries the prompt asks for: a number right before the list's name.
    pub(crate) fn entries_wanted(&self, name: &str) -> Option<usize> {
        let stem = name.trim_end_matches('s');
        if stem.len() < 3 {
            return None;
        }
        let is_name = |word: &str| {
            let word = word.to_lowercase();
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            bare.trim_end_matches('s') == stem
        };
        let words: Vec<&str> = self.prompt.split_whitespace().collect();
        words.windows(3).rev().find_map(|three| {
            let digits = three[0].trim_matches(|c: char| !c.is_ascii_digit());
            let n = digits.parse().ok().filter(|n| (1..=30).contains(n))?;
            three[1..].iter().any(|word| is_name(word)).then_some(n)
        })
    }
}

/// How many words a prompt wants spoken.
fn spoken_words(prompt: &str) -> Option<usize> {
    let words: Vec<&str> = prompt.split_whitespace().collect();
    words.windows(3).find_map(|three| {
        let is_spoken = three[1] == "spoken" && three[2].starts_with("words");
        let n: usize = three[0].replace(',', "").parse().ok()?;
        let is_count = is_spoken || three[1].starts_with("words");
        (is_count && (20..=20_000).contains(&n)).then_some(n)
    })
}

/// Ids in order: UUIDs; else short handles such as `V7`; else what looks like YouTube's.
pub(crate) fn ids(prompt: &str) -> Vec<String> {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let find = |is_wanted: fn(&str) -> bool| {
        let mut found: Vec<String> = Vec::new();
        for word in prompt.split(|c| !is_inside(c)) {
            if is_wanted(word) && !found.iter().any(|known| known == word) {
                found.push(word.to_owned());
            }
        }
        Some(found).filter(|found| !found.is_empty())
    };
    [is_uuid, is_handle, is_youtube_id]
        .into_iter()
        .find_map(find)
        .unwrap_or_default()
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
pub(crate) fn is_reference(name: &str) -> bool {
    const WORDS: &str =
        "inspired based_on basedon sources source_id video_id videoid evidence_id reference";
    WORDS.split(' ').any(|word| name.contains(word))
        || matches!(name, "id" | "ids")
        || name.ends_with("_id")
        || name.ends_with("_ids")
}
