//! The interval of a quantile of observations that hang together within sections.
//!
//! The quantile of all observations has an interval of two order statistics, whatever their law.
//! Their ranks follow from how sure it is that so large a share of all lies below it: were the
//! observations independent, by the binomial distribution. Those of one run are not. How sure it
//! is, is seen in how far the shares of independent sections are from each other (R. S. Woodruff,
//! "Confidence intervals for medians and other position measures", Journal of the American
//! Statistical Association 47 (1952), whose clusters are the sections here).

use super::student;

/// One section: independent of the others, whatever hangs together inside it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Section {
    /// Which share of its observations is at most the quantile.
    pub below: f64,
    /// How many observations it has.
    pub count: f64,
}

/// Of which shares of all observations the quantiles are the ends of the 95% interval of that of
/// `share`. A share below 0 or above 1 is one of which there is none. `None` with fewer than two
/// sections.
///
/// # Example
///
/// ```
/// use spsim::inside::stats::sections::{Section, ends_of_quantile};
///
/// // Two sections of 50 that agree say as much as a hundred independent observations would:
/// // 0.5 ± 12.706 · √(0.25 / 100) with one degree of freedom.
/// let half = Section { below: 0.5, count: 50.0 };
/// let (low, high) = ends_of_quantile(0.5, &[half; 2]).unwrap();
/// assert!((low + 0.135_31).abs() < 1e-4 && (high - 1.135_31).abs() < 1e-4);
/// ```
pub fn ends_of_quantile(share: f64, sections: &[Section]) -> Option<(f64, f64)> {
    let all: f64 = sections.iter().map(|it| it.count).sum();
    let filled = sections.iter().filter(|it| it.count > 0.0).count();
    if filled < 2 {
        return None;
    }
    let below: f64 = sections.iter().map(|it| it.below * it.count).sum();
    let mean = below / all;
    let squares: f64 = (sections.iter())
        .map(|it| it.count * (it.below - mean))
        .map(|it| it * it)
        .sum();
    let sections = filled as f64;
    let between = sections / (sections - 1.0) * squares / (all * all);
    // Sections may agree by chance, or because they are alike to the last observation: no share is
    // known better than by as many independent observations.
    let alone = share * (1.0 - share) / all;
    let half = student::quantile(0.975, sections - 1.0) * libm::sqrt(libm::fmax(between, alone));
    Some((share - half, share + half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(of: &[(f64, f64)]) -> alloc::vec::Vec<Section> {
        let all = of.iter();
        all.map(|&(below, count)| Section { below, count })
            .collect()
    }

    #[test]
    fn sections_that_differ_widen_it_and_empty_ones_do_not_count() {
        // Shares of 0.4 and 0.6 in four sections of 100: their mean has a deviation of
        // √(4/3 · 4 · 100 / 160,000) = 0.057735, and t(3) = 3.18245.
        let apart = sections(&[(0.4, 100.0), (0.6, 100.0), (0.4, 100.0), (0.6, 100.0)]);
        let (low, high) = ends_of_quantile(0.5, &apart).expect("four");
        let half = 3.182_446 * 0.057_735;
        assert!((0.5 - half - low).abs() < 1e-4, "{low}");
        assert!((0.5 + half - high).abs() < 1e-4, "{high}");
        let with_empty = [apart, sections(&[(0.0, 0.0)])].concat();
        assert_eq!(ends_of_quantile(0.5, &with_empty), Some((low, high)));
        assert_eq!(
            ends_of_quantile(0.5, &sections(&[(0.5, 9.0), (0.0, 0.0)])),
            None
        );
        assert_eq!(ends_of_quantile(0.5, &[]), None);
    }
}
