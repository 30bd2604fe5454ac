//! Who may do what: anybody reads objects of the public bucket, everything else is signed.

use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::PutObjectInput;
use s3s::path::S3Path;
use s3s::{S3Request, S3Result, s3_error};

use super::faults::{ConditionalWrites, Faults};
use crate::config::BUCKET;

pub(super) struct Access {
    pub(super) faults: Faults,
}

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let reads_object = matches!(context.s3_op().name(), "GetObject" | "HeadObject");
        let public = matches!(context.s3_path(), S3Path::Object { bucket, .. } if **bucket == *BUCKET);
        if context.credentials().is_some() || (reads_object && public) {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "a signature is required"))
    }

    // A condition cannot be taken off a request before its signature is checked: it is part of
    // what was signed. So this fault lives here.
    async fn put_object(&self, request: &mut S3Request<PutObjectInput>) -> S3Result<()> {
        let input = &mut request.input;
        if input.if_match.is_none() && input.if_none_match.is_none() {
            return Ok(());
        }
        match self.faults.conditional_writes() {
            ConditionalWrites::Honoured => Ok(()),
            ConditionalWrites::Ignored => {
                (input.if_match, input.if_none_match) = (None, None);
                Ok(())
            }
            ConditionalWrites::Refused => Err(s3_error!(NotImplemented, "no conditional writes")),
        }
    }
}
