//! What is said of a goal before anything is run.

use super::{PlanArgs, Points, most};
use crate::cli::render::Shell;
use crate::study::draws_nothing;
use crate::study::plan::{ERROR, MOST_DECIDED};
use crate::study::rare::{RARE, can_estimate};
use crate::words::number::count;
use anyhow::Result;

/// Says before anything is run what no number of runs can show, which is refused, or not so few.
pub(super) fn decidable(shell: &Shell, args: &PlanArgs, points: &mut Points) -> Result<()> {
    let is_drawn = |points: &mut Points| {
        let variant = points.variant(points.range.low(), 0);
        variant.is_ok_and(|it| !draws_nothing(&it))
    };
    let is_rare = args.goal.by_run().is_some_and(|it| it.share <= RARE);
    let is_estimated = |points: &mut Points| {
        let mut strategies = 0..points.first.strategies.len();
        let low = points.range.low();
        is_rare
            && strategies.all(|it| {
                points
                    .variant(low, it)
                    .is_ok_and(|it| can_estimate(&it).is_ok())
            })
    };
    let error = ERROR / f64::from(MOST_DECIDED);
    for condition in args.goal.conditions() {
        let name = condition.metric.name;
        let needed = condition.metric.runs_needed(condition.number, error);
        let is_exact = condition.is_exact() && needed.is_finite();
        let is_within = needed <= f64::from(most(args)) || is_estimated(points);
        if !is_drawn(points) || !is_exact && is_within {
            continue;
        }
        if is_exact {
            shell.say(&format!(
                "warning: no number of runs shows that `{name}` is exactly {}, of a scenario that \
                 draws at random: that end stays open; ask for less than something",
                condition.number
            ));
            continue;
        }
        if needed.is_infinite() {
            return Err(shell.wrong(&format!(
                "no number of runs shows that `{name}` is exactly {}, of a scenario that draws at \
                 random; ask for a share that is small enough, as in `{name} < 0.01`",
                condition.number
            )));
        }
        shell.say(&format!(
            "warning: it takes about {} runs of a value to show on which side of {} `{name}` is, \
             and --replications allows {}: where none shows the other, that stays open",
            count(needed),
            condition.number,
            count(f64::from(most(args)))
        ));
    }
    Ok(())
}
