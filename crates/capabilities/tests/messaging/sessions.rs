//! What becomes of a session of MQTT that ends badly, or in which the broker acknowledges nothing.

use bytes::Bytes;
use futures_util::FutureExt;
use plugwright_capabilities::messaging::mqtt::{Link, Publication, PublishError, Settings};

use crate::fake::{Connection, FakeBroker, PUBACK, PUBLISH};
use crate::support::{Outcome, within};

fn message(payload: impl Into<Bytes>) -> Publication {
    Publication { topic: "a".to_owned(), payload: payload.into(), ..Publication::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_in_a_session_is_not_taken_for_the_next_ones() -> Outcome {
    for version in [4, 5] {
        let broker = FakeBroker::start(version).await?;
        let settings = Settings { filters: vec!["a".to_owned()], ..Settings::new("test".to_owned()) };
        let _link = Link::open(&broker.address()?, settings, |link, message| link.acknowledge(&message))?;
        let mut first = broker.accept(&[]).await?;
        first.subscribed().await?;
        // Both are read together: the message has not been handed on when the session is over.
        first.send(&[first.message(1)?, Connection::goodbye()?].concat()).await?;
        let mut second = broker.accept(&[]).await?;
        second.subscribed().await?;
        second.send(&second.message(2)?).await?;
        assert_eq!(second.expect(PUBACK).await?.id(), 2, "MQTT {version}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_may_allow_less_than_the_one_before() -> Outcome {
    let broker = FakeBroker::start(5).await?;
    let link = Link::open(&broker.address()?, Settings::new("test".to_owned()), |_, _| ())?;
    let mut first = broker.accept(&[]).await?;
    for _ in 0..3 {
        let (published, answered) = tokio::join!(within("it", link.publish(message("x"))), async {
            let publish = first.expect(PUBLISH).await?;
            first.acknowledge(&publish).await
        });
        answered?;
        published?;
    }
    first.send(&Connection::goodbye()?).await?;
    // Receive Maximum: two at a time.
    let mut second = broker.accept(&[0x21, 0, 2]).await?;
    for number in 0..150 {
        let (published, answered) = tokio::join!(within("it", link.publish(message("x"))), async {
            let publish = second.expect(PUBLISH).await?;
            second.acknowledge(&publish).await
        });
        answered.map_err(|error| format!("message {number}: {error}"))?;
        published?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_still_counts_until_it_is_acknowledged() -> Outcome {
    const MIB: usize = 1 << 20;
    let broker = FakeBroker::start(5).await?;
    let link = Link::open(&broker.address()?, Settings::new("test".to_owned()), |_, _| ())?;
    let mut connection = broker.accept(&[]).await?;
    within("a session", link.session()).await;
    let large = Bytes::from(vec![0; MIB]);
    for _ in 0..200 {
        assert_eq!(link.publish(message(large.clone())).now_or_never(), None);
        tokio::task::yield_now().await;
    }
    let last = link.publish(message("last"));
    let answered = async {
        let mut large = 0;
        loop {
            let publish = connection.expect(PUBLISH).await?;
            connection.acknowledge(&publish).await?;
            if publish.len() < MIB {
                return Ok::<_, Box<dyn std::error::Error>>(large);
            }
            large += 1;
        }
    };
    let (published, large) = tokio::join!(within("the acknowledgement", last), answered);
    assert_eq!(published, Ok::<(), PublishError>(()));
    // They and what a packet has besides fit into 64 MiB.
    assert_eq!(large?, 63);
    Ok(())
}
