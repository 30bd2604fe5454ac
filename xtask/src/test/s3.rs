//! The publisher against moto: what only our own store understands would not be S3.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Result;

use super::suite::{Built, quoted};
use crate::tool;

/// Waits for moto and makes the bucket.
const PREPARE: &str = r#"
import boto3, sys, time
client = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1",
                      aws_access_key_id="a", aws_secret_access_key="b")
for attempt in range(150):
    try:
        client.create_bucket(Bucket="experiment-configs")
        break
    except Exception:
        time.sleep(0.2)
else:
    sys.exit("moto does not answer")
"#;

/// The control API's publisher tests, told to use moto. It checks no signatures: those are the
/// development store's part.
pub(super) fn moto() -> Result<bool> {
    let built = Built::get()?;
    let programs = tool::moto()?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let program = |name: &str| quoted(&programs.join(name).to_string_lossy());
    let tests = built.line(|test| test.package == "lotwise-control", "publish");
    built.run_with_postgres(&format!(
        "{server} -H 127.0.0.1 -p {port} >/dev/null 2>&1 & moto=$!
         export S3_ENDPOINT=http://127.0.0.1:{port}
         {python} -c {prepare} $S3_ENDPOINT || exit 1
         ({tests}); code=$?
         kill $moto
         exit $code",
        server = program("moto_server"),
        python = program("python"),
        prepare = quoted(PREPARE),
    ))
}
