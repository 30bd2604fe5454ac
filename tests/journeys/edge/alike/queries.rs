//! Queries of `/decide` that are wrong, or only look like it.

use anyhow::Result;
use lotwise_dev::Method;

use super::with_hosts;

#[tokio::test]
async fn bad_queries_are_refused_alike() -> Result<()> {
    with_hosts(&[], async |hosts| {
        let long = "x".repeat(513);
        let deep = format!("{}{}", "%7B%22a%22%3A".repeat(70), "1".to_owned() + &"%7D".repeat(70));
        let large = format!("%7B%22a%22%3A%22{}%22%7D", "x".repeat(8 << 10));
        // As large as it may be, and three times that in the URL.
        let largest = format!("%7B%22a%22%3A%22{}%22%7D", "%78".repeat((8 << 10) - 8));
        for (query, status) in [
            ("env=prod", 400),
            ("user_key=&env=prod", 400),
            (&format!("user_key={long}&env=prod"), 400),
            (&format!("user_key={}&env=prod", &long[1..]), 200),
            (&format!("user_key={}&env=prod", "%C3%A9".repeat(257)), 400),
            ("user_key=a", 400),
            ("user_key=a&env=", 400),
            ("user_key=a&env=UPPER", 400),
            ("user_key=a&env=..", 400),
            ("user_key=a&env=nowhere", 404),
            ("user_key=%ff&env=prod", 400),
            ("user_key=%zz&env=prod", 400),
            ("user_key=a&user_key=b&env=prod", 400),
            ("user_key=a&env=prod&unknown=1", 400),
            ("user_key=a&env=prod&explain=perhaps", 400),
            ("user_key=a&env=prod&explain=true", 403),
            ("user_key=a&env=prod&sticky=%7B%7D", 403),
            ("user_key=a&env=prod&context=", 400),
            ("user_key=a&env=prod&context=%5B%5D", 400),
            ("user_key=a&env=prod&context=null", 400),
            ("user_key=a&env=prod&context=%7B%22a%22%3A1", 400),
            ("user_key=a&env=prod&context=%7B%22a%22%3A1e999%7D", 400),
            ("user_key=a&env=prod&context=%7B%22a%22%3A%22%5Cud800%22%7D", 400),
            (&format!("user_key=a&env=prod&context={deep}"), 400),
            (&format!("user_key=a&env=prod&context={large}"), 400),
            (&format!("user_key=a&env=prod&context={largest}"), 200),
            ("", 400),
            ("context=1&env=%2F&unknown~/name=", 400),
            ("user_key=it's+%22so%22|^`{}<>\\&env=prod", 200),
            ("user_key=日本語&env=prod", 200),
            ("&&user_key=a&&env=prod&&", 200),
        ] {
            let answer = hosts.ask(Method::GET, &format!("/decide?{query}"), &[], None).await?;
            assert_eq!(answer.status, status, "{query:.100}: {}", answer.text);
        }
        Ok(())
    })
    .await
}
