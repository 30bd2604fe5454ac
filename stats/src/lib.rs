//! From sums to verdicts: the statistics of experiments.
//!
//! Sums over units go in ([`sums`]), results come out; there are no people in here, no I/O, no clock and no
//! chance, and equal sums give equal results on every host.
//!
//! - [`analysis`] does all of it for one experiment: figures per arm and comparison, sample ratio,
//!   multiplicity, guardrails, and a verdict with its reasons in words.
//! - The methods, each on its own: [`mean`], [`proportion`], [`ratio`], [`quantile`], [`winsor`], [`cuped`] compare
//!   two arms, through the one [`engine`]; [`sequential`], [`group_sequential`] and [`bayes`] say what may be
//!   concluded while data arrive; [`srm`], [`multiplicity`], [`guardrail`] and [`decision`] guard the verdict.
//! - [`planning`] says beforehand how many units it takes.
//! - [`normal`], [`student`] and [`gamma`] are the distributions under it.
//!
//! Arms are indexed. Differences are treatment minus control. What has no number has a [`Status`] instead, and
//! infinite ends of an [`Interval`] are written as `"inf"` and `"-inf"`.
//!
//! ```
//! use lotwise_stats::proportion;
//! use lotwise_stats::sums::ProportionSums;
//!
//! // Newcombe 1998: 56 of 70 against 48 of 80.
//! let (control, treatment) = (ProportionSums { n: 80, x: 48 }, ProportionSums { n: 70, x: 56 });
//! let compared = proportion::compare(control, treatment, 0.05).unwrap();
//! assert!((compared.ci.lo - 0.053_334).abs() < 1e-6 && (compared.ci.hi - 0.337_729).abs() < 1e-6);
//! ```

#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]
#![allow(
    clippy::cast_precision_loss,
    clippy::doc_markdown,
    clippy::many_single_char_names,
    reason = "counts enter formulas as floating point, and formulas call things as the literature does"
)]

pub mod analysis;
pub mod attribution;
pub mod bayes;
pub mod cuped;
pub mod decision;
pub mod engine;
pub mod gamma;
pub mod group_sequential;
pub mod guardrail;
mod interval;
pub mod mean;
mod moments;
pub mod multiplicity;
pub mod normal;
mod numeric;
mod p_value;
pub mod planning;
pub mod proportion;
mod quadrature;
pub mod quantile;
pub mod ratio;
mod score;
pub mod sequential;
pub mod srm;
mod status;
pub mod student;
pub mod sums;
mod wilson;
pub mod winsor;

pub use interval::Interval;
pub use moments::Moments;
pub use p_value::PValue;
pub use status::{Refusal, Status};
