//! The thumbnails of a video or channel.

use serde_json::{Value, json};

pub(super) fn thumbnails(id: &str) -> Value {
    let one = |name: &str, width: u32, height: u32| json!({"url": format!("https://i.ytimg.com/vi/{id}/{name}.jpg"), "width": width, "height": height});
    json!({"default": one("default", 120, 90), "medium": one("mqdefault", 320, 180), "high": one("hqdefault", 480, 360)})
}
