//! Gauss–Legendre quadrature.

use std::f64::consts::PI;

/// Nodes and weights on [−1, 1].
pub(crate) struct Rule {
    points: Vec<(f64, f64)>,
}

impl Rule {
    /// The rule with `count` nodes: the roots of the Legendre polynomial, by Newton's method.
    pub(crate) fn new(count: u32) -> Self {
        let n = f64::from(count);
        let points = (0..count).map(|index| {
            let mut x = (PI * (f64::from(index) + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut before, mut last) = (1.0, x);
                for degree in 2..=count {
                    let k = f64::from(degree);
                    (before, last) = (last, ((2.0 * k - 1.0) * x * last - (k - 1.0) * before) / k);
                }
                slope = n * (x * last - before) / (x * x - 1.0);
                let step = last / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        });
        Self { points: points.collect() }
    }

    /// Nodes and weights on [low, high].
    pub(crate) fn on(&self, low: f64, high: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        let (middle, half) = (low.midpoint(high), (high - low) / 2.0);
        self.points.iter().map(move |(x, weight)| (middle + half * x, half * weight))
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn polynomials_are_exact() {
        let cube: f64 = Rule::new(4).on(0.0, 2.0).map(|(x, weight)| weight * x.powi(7)).sum();
        assert!((cube - 32.0).abs() < 1e-12);
        let whole: f64 = Rule::new(200).on(-1.0, 1.0).map(|point| point.1).sum();
        assert!((whole - 2.0).abs() < 1e-12);
    }
}
