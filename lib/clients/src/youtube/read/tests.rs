use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::youtube::uploads_playlist::UploadsPage;

#[test]
fn a_channel_is_read() {
    let body = json!({"kind":"youtube#channelListResponse","pageInfo":{"totalResults":1,"resultsPerPage":5},
     "items":[{"kind":"youtube#channel","id":"UC1",
      "snippet":{"title":"T","customUrl":"@handle","publishedAt":"2015-01-02T03:04:05Z",
                 "thumbnails":{"default":{"url":"https://i/d","width":88,"height":88},"medium":{"url":"https://i/m"}}},
      "contentDetails":{"relatedPlaylists":{"likes":"","uploads":"UU1"}},
      "statistics":{"viewCount":"123","subscriberCount":"1230","hiddenSubscriberCount":false,"videoCount":"42"},
      "status":{"privacyStatus":"public","longUploadsStatus":"eligible"}}]});
    let channel = Item(&body).items().find_map(read_channel).unwrap();
    assert_eq!(channel.uploads_playlist_id.as_deref(), Some("UU1"));
    assert_eq!(channel.subscriber_count, Some(1230));
    assert_eq!(channel.thumbnail_url.as_deref(), Some("https://i/m"));
    assert_eq!(channel.long_uploads, Some(false));
}

#[test]
fn an_account_without_a_channel_has_no_items() {
    let body = json!({"kind":"youtube#channelListResponse","etag":"RuuXzTIr0OoDqI4S0RU6n4FqKEM",
        "pageInfo":{"totalResults":0,"resultsPerPage":5}});
    assert!(Item(&body).items().find_map(read_channel).is_none());
}

#[test]
fn a_video_is_read_with_what_is_hidden_left_out() {
    let body = json!({"items":[{"id":"v1","snippet":{"publishedAt":"2026-01-02T03:04:05Z","title":"A\u{0}B","tags":["x"],
        "categoryId":"22","liveBroadcastContent":"none"},"contentDetails":{"duration":"PT1H1S","caption":"true"},
        "statistics":{"viewCount":"18446744073709551615","commentCount":"0"},
        "status":{"uploadStatus":"processed","privacyStatus":"public","madeForKids":false,"somethingNew":"x"}},
        {"snippet":{"title":"no id"}}]});
    let videos: Vec<_> = Item(&body).items().filter_map(read_video).collect();
    assert_eq!(videos.len(), 1);
    let video = &videos[0];
    assert_eq!(video.title, "AB");
    assert_eq!(video.duration_seconds, Some(3601));
    assert_eq!(
        (video.views, video.likes, video.comments),
        (None, None, Some(0))
    );
    assert_eq!(video.made_for_kids, Some(false));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let name = prop_oneof![
            Just("items".to_owned()),
            Just("id".to_owned()),
            Just("snippet".to_owned()),
            Just("statistics".to_owned()),
            Just("contentDetails".to_owned()),
            Just("videoId".to_owned()),
            "[a-z]{1,4}"
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_breaks_the_readers(body in any_json()) {
        let item = Item(&body);
        let _ = item.items().filter_map(read_video).count();
        let _ = item.items().find_map(read_channel);
        let _ = UploadsPage::read(&body);
    }
}
