//! The results of a sweep: its table, its charts, its page.

mod page;
#[cfg(feature = "parquet")]
mod parquet;
mod rows;
mod table;

#[cfg(feature = "parquet")]
pub use parquet::parquet;
pub use rows::{json, text};
pub use table::{Table, identity_line, identity_of, is_part, metadata};

use super::{Artifact, PictureFormats, figure_of};
use crate::draw::Look;
use crate::figures::sweep::{self as figures, view};
use crate::study::sweep::Identity;
use crate::study::{Metric, OfPart};
use std::io::Read;

/// What is drawn when nobody says what; the second only where there is a NAT.
pub const DRAWN: [&str; 3] = ["ports_peak_share", "snat_peak_share", "p_exhausted"];

/// The page. Not `README.md`: that is the page of `spsim run` in the same folder.
pub const PAGE: &str = "sweep.md";

/// Every file beside `sweep.csv`, which `table` reads, with pictures of the metrics in `asked`;
/// of [`DRAWN`] where it is empty.
///
/// # Errors
/// The table cannot be read.
pub fn artifacts(
    identity: &Identity,
    table: impl Read,
    asked: &[OfPart],
    (formats, look): (PictureFormats, &Look),
) -> std::io::Result<Vec<Artifact>> {
    let mut files = vec![Artifact::new("sweep.json", metadata(identity))];
    let mut head = rows::Head::default();
    let usual = DRAWN.into_iter().filter_map(Metric::find);
    let mut usual: Vec<OfPart> = usual.map(OfPart::whole).collect();
    usual.extend(identity.of_parts());
    let metrics = if asked.is_empty() { &usual } else { asked };
    let mut views = view::read(identity, head.listen(table), metrics)?;
    // Nobody who has no NAT asked about one.
    views.retain(|it| !asked.is_empty() || it.metric.name != "snat_peak_share" || it.has_values());
    let mut pictures = Vec::new();
    for view in &views {
        if !formats.svg && !formats.png {
            break;
        }
        let picture = figures::plot(identity, view, look);
        let stem = format!("sweep-{}", view.slug().replace('_', "-"));
        let alt = figures::alt(view);
        let ending = if formats.svg { "svg" } else { "png" };
        let caption = figures::caption(identity, view, &look.labels);
        files.extend(figure_of(&stem, &picture, (&alt, &caption), formats, look));
        pictures.push((format!("{stem}.{ending}"), alt));
    }
    let page = page::readme(identity, &pictures, &head);
    files.push(Artifact::new(PAGE, page));
    Ok(files)
}
