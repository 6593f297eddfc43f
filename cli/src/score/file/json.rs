//! Walks through JSON and keeps what is known of each video.
//!
//! What is not needed is passed over as it is read, so that a large dump needs little more than its titles.

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cells::Cells;
use super::header::Origin;
use super::names;

/// Keys whose value is a list of videos.
const LISTS: [&str; 2] = ["items", "entries"];

/// Keys whose value is a part of a video.
const PARTS: [&str; 4] = ["snippet", "statistics", "contentDetails", "id"];

/// Keys that only yt-dlp writes.
const YT_DLP: [&str; 5] = [
    "_type",
    "ie_key",
    "extractor",
    "extractor_key",
    "webpage_url_basename",
];

/// What the Data API calls things that are videos.
const VIDEO_KINDS: [&str; 3] = [
    "youtube#video",
    "youtube#searchResult",
    "youtube#playlistItem",
];

/// A value that is a video, or holds some.
pub(super) struct Node<'a>(pub(super) &'a mut Cells);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object or a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Node(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let cells = self.0;
        let start = cells.len();
        let (mut holds_videos, mut is_video) = (false, true);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if LISTS.contains(&&*key) {
                if !holds_videos {
                    cells.truncate(start);
                }
                map.next_value_seed(Node(&mut *cells))?;
                holds_videos = true;
            } else if holds_videos {
                map.next_value::<IgnoredAny>()?;
            } else if key == "kind" {
                let kind = map.next_value_seed(Kind)?;
                is_video = kind.is_none_or(|kind| VIDEO_KINDS.contains(&kind.as_str()));
            } else {
                if PARTS[..2].contains(&&*key) {
                    cells.origin = Origin::DataApi;
                } else if YT_DLP.contains(&&*key) {
                    cells.origin = Origin::YtDlp;
                }
                map.next_value_seed(Value {
                    cells: &mut *cells,
                    key: &key,
                    is_part: PARTS.contains(&&*key),
                })?;
            }
        }
        if holds_videos {
            return Ok(());
        }
        if is_video {
            cells.finish();
        } else {
            cells.truncate(start);
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The word after `kind`, where it is one of the Data API's.
struct Kind;

impl<'de> DeserializeSeed<'de> for Kind {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<String>, D::Error> {
        let value: serde_json::Value = serde::Deserialize::deserialize(from)?;
        Ok(value
            .as_str()
            .filter(|kind| kind.starts_with("youtube#"))
            .map(str::to_owned))
    }
}

/// The value of a key.
struct Value<'a, 'k> {
    cells: &'a mut Cells,
    key: &'k str,
    /// Whether an object here belongs to the video around it.
    is_part: bool,
}

impl Value<'_, '_> {
    fn keep(self, value: impl Display) {
        if names::known(self.key).is_some()
            || matches!(self.key, "epoch" | "timestamp" | "upload_date")
        {
            self.cells.set(self.key, value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if !self.is_part {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            // What search.list and playlistItems.list call a video's id and time.
            let key = match &*key {
                "videoPublishedAt" => "publishedAt",
                key => key,
            };
            map.next_value_seed(Value {
                cells: &mut *self.cells,
                key,
                is_part: false,
            })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.keep(number);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.keep(number);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.keep(number);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.keep(text);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
