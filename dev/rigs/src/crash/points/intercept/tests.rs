use super::*;

#[tokio::test]
async fn a_connection_leads_to_its_process() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap().port();
    let stream = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
    let (_held, peer) = listener.accept().await.unwrap();
    assert_eq!(peer, stream.local_addr().unwrap());
    let me = Pid::from_raw(std::process::id().cast_signed()).unwrap();
    assert_eq!(owner(peer.port(), to, &[me]), Some(me));
    assert_eq!(owner(peer.port(), to, &[Pid::INIT]), None);
}
