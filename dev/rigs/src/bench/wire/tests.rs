use super::*;

#[tokio::test]
async fn answers_with_a_length_and_in_chunks_are_read_on_one_connection() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut given = [0; 1024];
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":2}\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
        ] {
            assert!(stream.read(&mut given).await.unwrap() > 0);
            // In two parts, as networks do.
            let (first, second) = answer.as_bytes().split_at(answer.len() / 2);
            stream.write_all(first).await.unwrap();
            tokio::task::yield_now().await;
            stream.write_all(second).await.unwrap();
        }
    });
    let mut connection = Connection::open(port).await.unwrap();
    let request = Request::new("GET", "/", &[("accept", "*/*")], b"");
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = connection.send(&request).await.unwrap();
        seen.push((answer.status, answer.json()["a"].as_i64()));
    }
    assert_eq!(seen, [(200, Some(1)), (201, Some(2)), (204, None)]);
}
