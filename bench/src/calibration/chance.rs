//! Chance from a seed: `SplitMix64`, and what is drawn from it.

/// A generator. Equal seeds give equal draws on every machine.
pub(super) struct Chance {
    state: u64,
    spare: Option<f64>,
}

impl Chance {
    /// One stream per simulated experiment, so that runs of another length share their beginning.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut chance = Self { state: seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03), spare: None };
        chance.bits();
        chance
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// From 0 to 1, without the 1.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(super) fn happens(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// How many of `n` happen.
    pub(super) fn count(&mut self, n: u64, p: f64) -> u64 {
        (0..n).map(|_| u64::from(self.happens(p))).sum()
    }

    /// Standard normal, by Marsaglia's polar method.
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 && square > 0.0 {
                let scale = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Lognormal with the given spread of its logarithm, median 1.
    pub(super) fn lognormal(&mut self, sigma: f64) -> f64 {
        (sigma * self.normal()).exp()
    }
}
