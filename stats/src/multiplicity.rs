//! Many comparisons at once: Holm 1979 for those that decide, Benjamini & Hochberg 1995 for those that explore.
//!
//! Missing p-values do not count among the m. Significant ⇔ adjusted ≤ alpha. With anytime p-values 1/E,
//! Benjamini–Hochberg is e-BH, which controls false discoveries under any dependence and stopping rule
//! (Wang & Ramdas 2022).

/// Holm's adjusted p-values, `max_{j≤i} min(1, (m−j+1)·p_(j))`, in the order given. What is not from 0 to 1 is missing.
pub fn holm(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let order = rising(p);
    let m = order.len();
    let mut adjusted = vec![None; p.len()];
    let mut largest = 0.0_f64;
    for (place, (index, p)) in order.into_iter().enumerate() {
        largest = largest.max(((m - place) as f64 * p).min(1.0));
        if let Some(slot) = adjusted.get_mut(index) {
            *slot = Some(largest);
        }
    }
    adjusted
}

/// Benjamini–Hochberg adjusted p-values, `min_{j≥i} min(1, m·p_(j)/j)`, in the order given.
pub fn benjamini_hochberg(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let order = rising(p);
    let m = order.len();
    let mut adjusted = vec![None; p.len()];
    let mut smallest = 1.0_f64;
    for (place, (index, p)) in order.into_iter().enumerate().rev() {
        smallest = smallest.min(m as f64 * p / (place + 1) as f64);
        if let Some(slot) = adjusted.get_mut(index) {
            *slot = Some(smallest);
        }
    }
    adjusted
}

/// Which adjusted p-values are significant.
pub fn rejected(adjusted: &[Option<f64>], alpha: f64) -> Vec<bool> {
    adjusted.iter().map(|p| p.is_some_and(|p| p <= alpha)).collect()
}

/// The alpha of each interval in a family that decides: α/m (m = 0 counts as 1).
pub fn bonferroni_alpha(alpha: f64, m: usize) -> f64 {
    alpha / m.max(1) as f64
}

/// The alpha of each interval in a family that explores, of whose m comparisons `rejections` were significant:
/// αR/m, false coverage rate (Benjamini & Yekutieli 2005); α/m where none was.
pub fn false_coverage_alpha(alpha: f64, m: usize, rejections: usize) -> f64 {
    alpha * rejections.max(1) as f64 / m.max(1) as f64
}

/// How many p-values there are.
pub fn present(p: &[Option<f64>]) -> usize {
    rising(p).len()
}

fn rising(p: &[Option<f64>]) -> Vec<(usize, f64)> {
    let sound = |(index, p): (usize, &Option<f64>)| p.filter(|p| (0.0..=1.0).contains(p)).map(|p| (index, p));
    let mut order: Vec<(usize, f64)> = p.iter().enumerate().filter_map(sound).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    order
}

#[cfg(test)]
mod tests {
    use super::{benjamini_hochberg, holm, rejected};

    #[test]
    fn missing_ones_do_not_count() {
        let p = [Some(0.04), None, Some(0.01), Some(f64::NAN)];
        assert_eq!(holm(&p), [Some(0.04), None, Some(0.02), None]);
        assert_eq!(benjamini_hochberg(&p), [Some(0.04), None, Some(0.02), None]);
        assert_eq!(rejected(&holm(&p), 0.02), [false, false, true, false]);
        assert!(holm(&[]).is_empty());
    }
}
