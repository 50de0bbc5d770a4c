//! Pixels: our own SVG, rasterised by resvg with a font that comes along in a package, so that
//! they are the same on every machine, with or without installed fonts.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::cmp::Reverse;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::OnceLock;

/// The font's own name, which `sans-serif` at the end of our font stack falls to.
const FAMILY: &str = "Noto Sans";

/// The picture of `svg`, `scale` pixels to a unit.
pub(crate) fn render(svg: &str, scale: f32) -> Vec<u8> {
    let tree = tree(svg);
    let size = tree.size();
    let pixels = |length: f32| (length * scale).ceil() as u32;
    let mut pixmap = Pixmap::new(pixels(size.width()), pixels(size.height()))
        .expect("a chart has a width and a height");
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixmap.as_mut(),
    );
    let indexed = Indexed::of(pixmap.data());
    let mut file = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut file, pixmap.width(), pixmap.height());
    encoder.set_color(::png::ColorType::Indexed);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.set_palette(indexed.palette);
    encoder.set_filter(::png::Filter::NoFilter);
    let mut writer = encoder.write_header().expect(CANNOT_FAIL);
    writer.write_image_data(&indexed.pixels).expect(CANNOT_FAIL);
    writer.finish().expect(CANNOT_FAIL);
    file
}

const CANNOT_FAIL: &str = "a vector takes every byte";

/// A picture of at most 256 colours: a third of the bytes to compress, which is most of the work.
///
/// A chart has a dozen colours and the shades between them at edges. The 256 most frequent stay
/// exactly as they are; what is left, a few pixels at crossings, takes the nearest of them.
struct Indexed {
    /// Red, green, blue of each colour.
    palette: Vec<u8>,
    /// The colour of each pixel.
    pixels: Vec<u8>,
}

impl Indexed {
    /// `rgba` must be opaque: our charts paint their whole background.
    fn of(rgba: &[u8]) -> Indexed {
        let colors: Vec<u32> = rgba
            .chunks_exact(4)
            .map(|pixel| u32::from_be_bytes([0, pixel[0], pixel[1], pixel[2]]))
            .collect();
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        // Neighbours are mostly equal, so a look-up per run is enough.
        for run in colors.chunk_by(|left, right| left == right) {
            *counts.entry(run[0]).or_default() += run.len();
        }
        let mut ranked: Vec<u32> = counts.keys().copied().collect();
        // A stable sort of sorted keys: equal counts stay in the order of their colours.
        ranked.sort_by_key(|color| Reverse(counts[color]));
        let palette = &ranked[..ranked.len().min(256)];
        let nearest = |color: u32| {
            let all = 0..palette.len();
            let best = all.min_by_key(|index| distance(palette[*index], color));
            best.unwrap_or(0) as u8
        };
        let indices: BTreeMap<u32, u8> = ranked
            .iter()
            .enumerate()
            .map(|(rank, color)| {
                (
                    *color,
                    u8::try_from(rank).unwrap_or_else(|_| nearest(*color)),
                )
            })
            .collect();
        let mut pixels = Vec::with_capacity(colors.len());
        for run in colors.chunk_by(|left, right| left == right) {
            pixels.resize(pixels.len() + run.len(), indices[&run[0]]);
        }
        Indexed {
            palette: palette.iter().flat_map(|color| rgb(*color)).collect(),
            pixels,
        }
    }
}

fn rgb(color: u32) -> [u8; 3] {
    let [_, red, green, blue] = color.to_be_bytes();
    [red, green, blue]
}

/// How far apart two colours are: the square of their distance.
fn distance(left: u32, right: u32) -> u32 {
    let pairs = rgb(left).into_iter().zip(rgb(right));
    pairs
        .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
        .sum()
}

/// The drawing that `svg` describes, its text laid out.
pub(crate) fn tree(svg: &str) -> Tree {
    let options = Options {
        fontdb: fonts(),
        font_family: FAMILY.into(),
        ..Options::default()
    };
    Tree::from_str(svg, &options).expect("our own SVG is well-formed")
}

/// Read once per process: finding the font's tables takes longer than drawing a small chart.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let load = || {
        let mut database = fontdb::Database::new();
        for font in [notosans::REGULAR_TTF, notosans::BOLD_TTF] {
            database.load_font_source(fontdb::Source::Binary(Arc::new(font)));
        }
        database.set_sans_serif_family(FAMILY);
        Arc::new(database)
    };
    FONTS.get_or_init(load).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_colours_stay_and_rare_ones_take_the_nearest() {
        let mut rgba: Vec<u8> = Vec::new();
        for shade in 0..=255_u8 {
            for _ in 0..3 {
                rgba.extend([shade, shade, shade, 255]);
            }
        }
        rgba.extend([10, 10, 11, 255]);
        let indexed = Indexed::of(&rgba);
        assert_eq!(indexed.palette.len(), 256 * 3);
        let shown = |pixel: usize| {
            let index = usize::from(indexed.pixels[pixel]) * 3;
            &indexed.palette[index..index + 3]
        };
        assert_eq!(shown(0), [0, 0, 0]);
        assert_eq!(shown(3 * 200), [200, 200, 200]);
        assert_eq!(shown(3 * 256), [10, 10, 10]);
    }
}
