//! Pixels: our own SVG, rasterised by resvg with a font that comes along in a package, so that
//! they are the same on every machine, with or without installed fonts.

use alloc::sync::Arc;
use alloc::vec::Vec;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::OnceLock;

/// The font's own name, which `sans-serif` at the end of our font stack falls to.
const FAMILY: &str = "Noto Sans";

/// The picture of `svg`, `scale` pixels to a unit.
pub(super) fn render(svg: &str, scale: f32) -> Vec<u8> {
    let options = Options {
        fontdb: fonts(),
        font_family: FAMILY.into(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).expect("our own SVG is well-formed");
    let size = tree.size();
    let pixels = |length: f32| (length * scale).ceil() as u32;
    let mut pixmap = Pixmap::new(pixels(size.width()), pixels(size.height()))
        .expect("a chart has a width and a height");
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixmap.as_mut(),
    );
    pixmap
        .encode_png()
        .expect("encoding into a vector cannot fail")
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
