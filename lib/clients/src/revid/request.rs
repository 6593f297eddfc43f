//! What a render is asked to be, and how RevID wants to hear it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use utoipa::ToSchema;

/// The shape of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RenderAspect)]
pub enum Aspect {
    /// Upright, for Shorts.
    #[default]
    #[serde(rename = "9:16")]
    Portrait,
    /// Square.
    #[serde(rename = "1:1")]
    Square,
    /// Wide.
    #[serde(rename = "16:9")]
    Landscape,
}

/// Where the pictures come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = RenderFootage)]
pub enum Footage {
    /// Stock footage: the least costly and the least surprising.
    #[default]
    StockVideo,
    /// Generated pictures, set in motion.
    MovingImage,
    /// Generated video.
    AiVideo,
}

/// How much is spent on each picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenderQuality)]
pub enum Quality {
    /// Good enough for a draft.
    Standard,
    /// For publishing.
    #[default]
    Pro,
    /// The dearest.
    Ultra,
}

/// Size of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = RenderResolution)]
pub enum Resolution {
    /// 720 lines.
    #[serde(rename = "720p")]
    Hd,
    /// 1080 lines.
    #[default]
    #[serde(rename = "1080p")]
    FullHd,
}

/// Where captions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenderCaptions)]
pub enum Captions {
    /// No captions.
    Off,
    /// At the top.
    Top,
    /// In the middle.
    #[default]
    Middle,
    /// At the bottom.
    Bottom,
}

/// One render, in words that any provider of "script in, video out" understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VideoRequest {
    /// What is spoken.
    pub script: String,
    /// Shape of the picture.
    pub aspect: Aspect,
    /// Language of the voice, such as `en-US`.
    pub language: String,
    /// Where the pictures come from.
    pub footage: Footage,
    /// How much is spent on each picture.
    pub quality: Quality,
    /// Size of the picture.
    pub resolution: Resolution,
    /// Where captions stand.
    pub captions: Captions,
    /// Whether there is music.
    pub music: bool,
    /// The provider's id of a voice; its own choice when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
}

impl VideoRequest {
    /// The script as it is sent: square brackets would direct the pictures and angle brackets the voice, so neither
    /// survives, and each sentence gets a line of its own, which is how scenes are cut.
    pub fn spoken_lines(&self) -> String {
        let mut plain = String::with_capacity(self.script.len());
        for c in self.script.chars() {
            match c {
                '[' | ']' | '<' | '>' | '{' | '}' => {}
                '\n' | '\r' => plain.push('\n'),
                c if c.is_control() => plain.push(' '),
                c => plain.push(c),
            }
        }
        plain
            .lines()
            .flat_map(sentences)
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The body of `render` and, without a callback, of `calculate-credits`.
    pub fn to_body(&self, callback: Option<&Url>) -> Value {
        let captions = match self.captions {
            Captions::Off => json!({ "enabled": false }),
            position => json!({ "enabled": true, "position": position }),
        };
        let mut body = json!({
            "workflow": "script-to-video",
            "source": { "text": self.spoken_lines() },
            "aspectRatio": self.aspect,
            "media": { "type": self.footage, "density": "medium", "quality": self.quality },
            "voice": { "enabled": true, "language": self.language },
            "captions": captions,
            "music": { "enabled": self.music },
            "options": { "summarizationPreference": "no-summarization", "outputCount": 1, "nsfwFilter": true },
            "render": { "resolution": self.resolution, "frameRate": 30 },
        });
        if let Some(voice) = &self.voice {
            body["voice"]["voiceId"] = json!(voice);
        }
        if let Some(callback) = callback {
            body["webhookUrl"] = json!(callback);
        }
        body
    }
}

/// Cuts a line after each sentence's end: `.`, `!`, `?` or `…` (and closing quotes) followed by a space.
fn sentences(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut ended = false;
    for (at, c) in line.char_indices() {
        match c {
            '.' | '!' | '?' | '…' | '。' | '！' | '？' => ended = true,
            '"' | '\'' | '”' | '’' | ')' if ended => {}
            c if c.is_whitespace() && ended => {
                parts.push(&line[start..at]);
                start = at;
                ended = false;
            }
            _ => ended = false,
        }
    }
    parts.push(&line[start..]);
    parts
}
