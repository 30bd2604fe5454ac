//! Reasons are for those who bring a secret key or the explain token.

use anyhow::Result;
use http::Method;
use lotwise_e2e::{Prod, edge};

const EXPLAIN: &str = "/decide?user_key=user-123&env=prod&explain=true";

#[tokio::test]
async fn explanations_need_a_secret_key_or_the_token() -> Result<()> {
    let prod = Prod::new().await?;
    let mut plain = edge(&prod.stack, &[]).await?;
    let keys = [("SECRET_KEYS", "sk_server"), ("PUBLISHABLE_KEYS", "pk_page"), ("EXPLAIN_TOKEN", "et_debug")];
    let mut worker = edge(&prod.stack, &keys).await?;

    for key in ["", "et_debug"] {
        let headers = [("x-api-key", key)];
        let refused = plain.root().send(Method::GET, EXPLAIN, &headers, None).await?.expect(403)?;
        assert_eq!(refused.json()["code"], "explain_not_allowed");
    }
    for (header, value, status) in [
        ("x-api-key", "pk_page", 403),
        ("x-api-key", "sk_guess", 403),
        ("x-api-key", "sk_server", 200),
        ("x-api-key", "et_debug", 200),
        ("authorization", "Bearer et_debug", 200),
    ] {
        let answer = worker.root().send(Method::GET, EXPLAIN, &[(header, value)], None).await?;
        let answer = answer.expect(status)?.json();
        if status == 200 {
            assert_eq!(answer["decisions"][0]["reason"], "SPLIT", "{answer}");
            assert!(answer["decisions"][0]["bucket"].is_u64(), "{answer}");
        }
    }
    plain.stop().await?;
    worker.stop().await?;
    prod.stack.stop().await
}
