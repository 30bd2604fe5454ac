//! Arithmetic that keeps what ordinary arithmetic would round away, and bisection to the last bit.

/// `a + b` as a rounded sum and its exact error (Knuth's two-sum).
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let other = sum - a;
    (sum, (a - (sum - other)) + (b - other))
}

/// `a · b` as a rounded product and its exact error.
pub(crate) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

/// `Σxy − (Σx)(Σy)/n`, the centred sum of products, with the product and the quotient kept to twice the
/// usual precision: what is left after the cancellation is right to the last digits.
pub(crate) fn centred(sum_xy: f64, sum_x: f64, sum_y: f64, n: f64) -> f64 {
    let (product, error) = two_product(sum_x, sum_y);
    let quotient = product / n;
    let rest = (-quotient).mul_add(n, product) + error;
    (sum_xy - quotient) - rest / n
}

/// A sum of few terms of which large ones may cancel.
pub(crate) fn exact_sum(terms: &[f64]) -> f64 {
    let (mut sum, mut errors) = (0.0, 0.0);
    for term in terms {
        let (next, error) = two_sum(sum, *term);
        sum = next;
        errors += error;
    }
    sum + errors
}

/// The place in `[low, high]` where `is_below` turns from true to false, to the last bit.
pub(crate) fn bisect(mut low: f64, mut high: f64, mut is_below: impl FnMut(f64) -> bool) -> f64 {
    // An interval that reaches zero halves through all exponents: at most 1,075 + 53 steps.
    for _ in 0..1_200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + (high - low) / 2.0
}

#[cfg(test)]
mod tests {
    use super::{bisect, centred, exact_sum};

    #[test]
    fn what_cancels_is_kept() {
        assert_eq!(exact_sum(&[1e16, 1.0, -1e16]).to_bits(), 1.0_f64.to_bits());
        // Values 1e8 + {0, 1, 2}: the plain formula gives 0 or 4, not 2.
        let values = [1e8, 1e8 + 1.0, 1e8 + 2.0];
        let (sum, sum_sq) = (values.iter().sum::<f64>(), values.iter().map(|v| v * v).sum::<f64>());
        assert!((centred(sum_sq, sum, sum, 3.0) - 2.0).abs() < 3.0);
    }

    #[test]
    fn bisection_reaches_the_last_bit() {
        let root = bisect(0.0, 4.0, |x| x * x < 2.0);
        assert!((root - 2.0_f64.sqrt()).abs() <= f64::EPSILON);
    }
}
