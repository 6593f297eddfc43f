use super::*;

fn bucket() -> Bucket {
    let secret = || SecretString::from("key");
    let project = "https://project.supabase.co".parse().unwrap();
    Bucket::new(Transport::new(), project, "renders", secret(), secret())
}

#[test]
fn addresses_stand_below_storage_and_escape_what_names_hold() {
    let bucket = bucket();
    let address = bucket.url(&["object", "sign", "renders"], "a b/c?.mp4");
    assert_eq!(
        address.path(),
        "/storage/v1/object/sign/renders/a%20b/c%3F.mp4"
    );
    assert_eq!(
        bucket.url(&[], "").as_str(),
        "https://project.supabase.co/storage/v1/"
    );
}

#[test]
fn a_refusal_has_the_status_of_its_body() {
    let body = json!({"statusCode": "409", "error": "Duplicate", "message": "The resource already exists"});
    let answer = Answer {
        status: http::StatusCode::BAD_REQUEST,
        headers: http::HeaderMap::new(),
        body: Bytes::from(body.to_string()),
        attempts: 1,
    };
    let error = StorageError::of(&answer);
    assert!(error.has_status(409) && !error.is_transient(), "{error}");
}
