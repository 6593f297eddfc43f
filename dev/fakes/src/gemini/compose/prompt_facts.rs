//! What a prompt offers: subjects to speak of, ids to refer to, and how much is wanted.

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

/// Words that name no subject.
const STOP_WORDS: &str = include_str!("stop_words.txt");

/// The subjects of a prompt: its topics; else those of the titles in it; else those of its last lines.
fn subjects(prompt: &str) -> Vec<String> {
    let mut found = values(prompt, "topic");
    found.retain(|topic| topic.len() < 80);
    let named = |titles: &[String]| titles.iter().filter_map(|title| subject(title)).collect();
    if found.is_empty() {
        let blocks = ["source", "script", "present_text"].map(|name| block(prompt, name));
        let titles = blocks
            .into_iter()
            .flatten()
            .flat_map(|text| values(text, "title"));
        found = named(&Vec::from_iter(titles));
    }
    if found.is_empty() {
        found = named(&titles(prompt));
    }
    if found.is_empty() {
        found = prompt.lines().rev().filter_map(subject).take(12).collect();
    }
    let banned = block(prompt, "banned_topics")
        .unwrap_or_default()
        .to_lowercase();
    found.retain(|text| {
        !text
            .to_lowercase()
            .split(' ')
            .any(|word| banned.contains(word))
    });
    let mut subjects: Vec<String> = Vec::new();
    for text in found {
        if !subjects.contains(&text) {
            subjects.push(text);
        }
    }
    if subjects.is_empty() {
        subjects.push("small habits".to_owned());
    }
    subjects
}

/// What stands between `<name>` and `</name>`.
fn block<'a>(prompt: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = prompt.split_once(&format!("<{name}>\n"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text)
}

/// The texts that JSON in a prompt gives to members of this name.
fn values(prompt: &str, name: &str) -> Vec<String> {
    let mark = format!("\"{name}\":");
    let read = |rest: &str| {
        serde_json::Deserializer::from_str(rest)
            .into_iter()
            .next()?
            .ok()
    };
    let rests = prompt.split(&mark).skip(1);
    rests
        .filter_map(read)
        .filter(|text: &String| !text.trim().is_empty())
        .collect()
}

/// Titles in a prompt: values of a `title`, and what stands between quotation marks.
fn titles(prompt: &str) -> Vec<String> {
    let mut found = values(prompt, "title");
    for mark in ["title:", "Title:", "title="] {
        if found.is_empty() {
            let lines = prompt
                .split(mark)
                .skip(1)
                .filter_map(|rest| rest.lines().next());
            found = lines.map(|line| line.trim().to_owned()).collect();
        }
    }
    if found.is_empty() {
        let quoted = prompt
            .lines()
            .flat_map(|line| line.split(['"', '“', '”']).skip(1).step_by(2));
        let titles = quoted.filter(|text| text.split_whitespace().count() >= 2);
        found = titles.map(str::to_owned).collect();
    }
    found
}

/// The longest run of telling words in a text, at most three of them.
fn subject(text: &str) -> Option<String> {
    let mut best: Vec<String> = Vec::new();
    let mut run: Vec<String> = Vec::new();
    let length = |words: &[String]| words.iter().map(String::len).sum::<usize>();
    for raw in text.split_whitespace().chain(["."]) {
        let is_kept = |c: &char| c.is_alphanumeric() || "-'’".contains(*c);
        let word: String = raw.chars().filter(is_kept).collect();
        let is_telling = is_telling(&word) && !raw.starts_with('#');
        if is_telling {
            run.push(word);
        }
        if !is_telling || raw.ends_with([',', '.', ':', ';', '!', '?', '|']) {
            run.truncate(3);
            if length(&run) > length(&best) {
                best = std::mem::take(&mut run);
            }
            run.clear();
        }
    }
    (!best.is_empty()).then(|| best.join(" "))
}

fn is_telling(word: &str) -> bool {
    let lower = word.to_lowercase();
    word.chars().count() >= 3
        && !word.contains(char::is_numeric)
        && !STOP_WORDS.split_whitespace().any(|stop| stop == lower)
}
