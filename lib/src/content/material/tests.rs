use super::*;

#[test]
fn a_profile_of_another_form_never_stops_a_generation() {
    let channel = |voice: Value| {
        let row = json!({"title": "t", "brand_voice": voice, "brand_voice_version": 1, "banned_topics": []});
        serde_json::from_value::<Channel>(row).unwrap().brand_voice
    };
    let voice = channel(json!({
        "audience": "makers", "register": 7, "phrases_to_use": ["let's build"], "mood": {}
    }));
    assert_eq!(voice.audience.as_deref(), Some("makers"));
    assert_eq!(voice.register, None);
    assert_eq!(voice.phrases_to_use, ["let's build"]);
    assert_eq!(channel(json!("x")), BrandVoice::default());
}
