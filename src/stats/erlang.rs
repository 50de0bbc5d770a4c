//! Erlang's formulas, by recursions that neither overflow nor cancel.

/// Erlang B: the share of calls that a group of `servers` refuses when `offered` Erlang ask for
/// it, whatever the law of the holding time. B(0) = 1, B(k) = a·B(k-1) / (k + a·B(k-1)).
///
/// A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
/// automatic telephone exchanges", Elektroteknikeren 13 (1917).
///
/// ```
/// let refused = spsim::inside::stats::erlang::erlang_b(5_000, 6_005.0);
/// assert!((refused - 0.1682).abs() < 5e-5);
/// ```
pub fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |b, k| offered * b / (f64::from(k) + offered * b))
}

/// Erlang C: the share of calls that wait when none is refused, `offered < servers`:
/// C = B / (1 - ρ (1 - B)).
pub fn erlang_c(servers: u32, offered: f64) -> f64 {
    let b = erlang_b(servers, offered);
    b / (1.0 - offered / f64::from(servers) * (1.0 - b))
}

/// The mean wait of an M/M/c queue in units of the mean service time: C / (c - a).
pub fn mean_wait(servers: u32, offered: f64) -> f64 {
    erlang_c(servers, offered) / (f64::from(servers) - offered)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The traffic tables of every telephone administration: Erlang offered at 1% loss.
    #[test]
    fn the_one_percent_column_of_the_traffic_tables() {
        for (servers, offered) in [
            (1, 0.0101),
            (5, 1.36),
            (10, 4.46),
            (20, 12.03),
            (100, 84.06),
        ] {
            let found = erlang_b(servers, offered);
            assert!((found - 0.01).abs() < 1.2e-4, "{servers}: {found}");
        }
    }

    /// M/M/1: C = ρ, Wq = ρ / (1 - ρ). M/M/2 at ρ = 1/2: C = 1/3, Wq = 1/3.
    #[test]
    fn queues_of_the_textbook() {
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-15);
        assert!((mean_wait(1, 0.7) - 0.7 / 0.3).abs() < 1e-12);
        assert!((erlang_c(2, 1.0) - 1.0 / 3.0).abs() < 1e-15);
        assert!((mean_wait(2, 1.0) - 1.0 / 3.0).abs() < 1e-15);
    }

    /// Against the definition a^c/c! / Σ a^k/k!, where that can be computed at all.
    #[test]
    fn the_recursion_is_the_definition() {
        for (servers, offered) in [(3_u32, 2.0), (17, 25.0), (60, 40.0)] {
            let mut term = 1.0;
            let mut sum = 1.0;
            for k in 1..=servers {
                term *= offered / f64::from(k);
                sum += term;
            }
            let found = erlang_b(servers, offered);
            assert!((found / (term / sum) - 1.0).abs() < 1e-12, "{servers}");
        }
        let huge = erlang_b(1_000_000, 1_000_000.0);
        assert!(huge > 0.0 && huge < 1e-3, "{huge}");
    }
}
