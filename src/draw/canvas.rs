//! An SVG document in the making: layers that plotters draws, and text that we write.

use super::measure;
use super::palette::{self, PAPER};
use crate::words::plain;
use core::fmt::Write as _;
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, PathElement, Polygon, SVGBackend};
use plotters::style::{Color, RGBColor, ShapeStyle};

/// plotters' backend draws at whole coordinates; ours are tenths of a pixel.
const TENTHS: f64 = 10.0;

/// Fonts of the reader's system, sans-serif whatever it has.
const FONTS: &str = "'Segoe UI', 'Noto Sans', Roboto, 'Helvetica Neue', Arial, sans-serif";

/// A point in pixels.
pub(crate) type Point = (f64, f64);

/// A rectangle in pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(self) -> f64 {
        self.left + self.width
    }

    pub(crate) fn bottom(self) -> f64 {
        self.top + self.height
    }

    /// The same so much higher up.
    pub(crate) fn raised(self, by: f64) -> Rect {
        Rect {
            top: self.top - by,
            ..self
        }
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Font {
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) color: RGBColor,
    pub(crate) anchor: Anchor,
    /// A border in the colour of the paper, for text that lies over lines.
    pub(crate) halo: bool,
}

impl Font {
    pub(crate) const fn new(size: f64, color: RGBColor) -> Font {
        Font {
            size,
            bold: false,
            color,
            anchor: Anchor::Start,
            halo: false,
        }
    }

    pub(crate) const fn bold(self) -> Font {
        Font { bold: true, ..self }
    }

    pub(crate) const fn anchored(self, anchor: Anchor) -> Font {
        Font { anchor, ..self }
    }

    pub(crate) const fn halo(self) -> Font {
        Font { halo: true, ..self }
    }
}

/// Which end of a text is at its point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// An SVG document in the making.
pub(crate) struct Canvas {
    width: f64,
    height: f64,
    body: String,
    /// Left and right end of the plot on which a page may move a line.
    clock: Option<(f64, f64)>,
}

impl Canvas {
    /// An empty document of so many pixels.
    pub(crate) const fn new(width: f64, height: f64) -> Canvas {
        Canvas {
            width,
            height,
            body: String::new(),
            clock: None,
        }
    }

    /// How wide it is.
    pub(crate) const fn width(&self) -> f64 {
        self.width
    }

    /// What `draw` draws of it that lies in `rect`; `id` names the rectangle and stands once in a
    /// page.
    pub(crate) fn clipped(&mut self, id: &str, rect: Rect, draw: impl FnOnce(&mut Canvas)) {
        let [left, top, width, height] = [rect.left, rect.top, rect.width, rect.height].map(tenths);
        let _ = writeln!(
            self.body,
            "<clipPath id=\"{id}\"><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" \
             height=\"{height}\"/></clipPath>\n<g clip-path=\"url(#{id})\">"
        );
        draw(self);
        self.body += "</g>\n";
    }

    /// A line across the time axis of `plot`, down to `bottom`, which a page's script shows and
    /// moves.
    pub(crate) fn cursor(&mut self, plot: Rect, bottom: f64) {
        self.clock = Some((plot.left, plot.right()));
        let _ = writeln!(
            self.body,
            "<path class=\"cursor\" visibility=\"hidden\" fill=\"none\" stroke=\"{}\" \
             stroke-width=\"15\" d=\"M0 {}V{}\"/>",
            palette::hex(palette::INK),
            tenths(plot.top),
            tenths(bottom),
        );
    }

    /// What `draw` draws, marked as belonging to the line of this name.
    pub(crate) fn belonging_to(&mut self, name: &str, draw: impl FnOnce(&mut Canvas)) {
        let name = plain::xml(&plain::short(name, 120));
        let _ = writeln!(self.body, "<g data-strategy=\"{name}\">");
        draw(self);
        self.body += "</g>\n";
    }

    /// Draws with plotters into a group of its own. `attributes` are those of the group, already
    /// escaped; strokes in it inherit its dashes.
    fn layer(&mut self, attributes: &str, draw: impl FnOnce(&Area<'_>)) {
        let mut drawing = String::new();
        {
            let size = (tenths(self.width) as u32, tenths(self.height) as u32);
            let area = SVGBackend::with_string(&mut drawing, size).into_drawing_area();
            draw(&area);
            area.present().expect("drawing into a string cannot fail");
        }
        // plotters wraps every drawing in a document of its own.
        let inner = drawing.split_once('\n').map_or("", |(_, rest)| rest);
        let inner = inner.trim_end().trim_end_matches("</svg>");
        if attributes.is_empty() {
            self.body += inner;
        } else {
            let _ = write!(self.body, "<g {attributes}>\n{inner}</g>\n");
        }
    }

    /// A line through `points`, `width` pixels wide; `label` names it for screen readers and for
    /// whoever styles the chart.
    pub(crate) fn line(&mut self, points: &[Point], look: palette::LineLook, label: &str) {
        let mut attributes = String::from("stroke-linejoin=\"round\"");
        if !look.dash.is_empty() {
            let dashes: Vec<String> = look
                .dash
                .iter()
                .map(|length| tenths(*length).to_string())
                .collect();
            let _ = write!(attributes, " stroke-dasharray=\"{}\"", dashes.join(" "));
        }
        if !label.is_empty() {
            let label = plain::xml(&plain::short(label, 120));
            let _ = write!(attributes, " class=\"series\" data-strategy=\"{label}\"");
        }
        let style = ShapeStyle {
            color: look.color.to_rgba(),
            filled: false,
            stroke_width: tenths(look.width) as u32,
        };
        let points: Vec<(i32, i32)> = points.iter().map(grid).collect();
        self.layer(&attributes, |area| {
            area.draw(&PathElement::new(points, style))
                .expect("drawing into a string cannot fail");
        });
    }

    /// Straight solid lines of one colour and width: axes, ticks, grids.
    pub(crate) fn rules(&mut self, rules: &[(Point, Point)], color: RGBColor, width: f64) {
        let style = ShapeStyle {
            color: color.to_rgba(),
            filled: false,
            stroke_width: tenths(width) as u32,
        };
        self.layer("", |area| {
            for (from, to) in rules {
                let ends = vec![grid(from), grid(to)];
                area.draw(&PathElement::new(ends, style))
                    .expect("drawing into a string cannot fail");
            }
        });
    }

    /// A filled shape; `opacity` from 0 to 1.
    pub(crate) fn area(&mut self, points: &[Point], color: RGBColor, opacity: f64) {
        let points: Vec<(i32, i32)> = points.iter().map(grid).collect();
        self.layer("", |area| {
            area.draw(&Polygon::new(points, color.mix(opacity).filled()))
                .expect("drawing into a string cannot fail");
        });
    }

    /// A filled rectangle.
    pub(crate) fn rect(&mut self, rect: Rect, color: RGBColor) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
            tenths(rect.left),
            tenths(rect.top),
            tenths(rect.width),
            tenths(rect.height),
            palette::hex(color),
        );
    }

    /// A rectangle of which what lies below can be seen; `opacity` from 0 to 1.
    pub(crate) fn veil(&mut self, rect: Rect, color: RGBColor, opacity: f64) {
        let [left, top, width, height] = [rect.left, rect.top, rect.width, rect.height].map(tenths);
        let _ = writeln!(
            self.body,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" \
             fill=\"{}\" fill-opacity=\"{opacity}\"/>",
            palette::hex(color),
        );
    }

    /// A dot with a border in the colour of the paper.
    pub(crate) fn dot(&mut self, (x, y): Point, radius: f64, color: RGBColor) {
        let _ = writeln!(
            self.body,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"15\"/>",
            tenths(x),
            tenths(y),
            tenths(radius),
            palette::hex(color),
            palette::hex(PAPER),
        );
    }

    /// One line of text; `y` is its base line.
    pub(crate) fn text(&mut self, (x, y): Point, font: Font, text: &str) {
        let anchor = match font.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if font.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let halo = if font.halo {
            format!(
                " stroke=\"{}\" stroke-width=\"40\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
                palette::hex(PAPER)
            )
        } else {
            String::new()
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{anchor}{weight}{halo}>{}</text>",
            tenths(x),
            tenths(y),
            tenths(font.size),
            palette::hex(font.color),
            plain::xml(text),
        );
    }

    /// One line of text of which is shown what `most` pixels hold.
    pub(crate) fn text_within(&mut self, at: Point, font: Font, text: &str, most: f64) {
        let text = measure::fitted(text, font.size, font.bold, most);
        if !text.is_empty() {
            self.text(at, font, &text);
        }
    }

    /// The document, as a file.
    pub(crate) fn finish(self, id: &str, title: &str, description: &str) -> String {
        self.document(
            "xmlns=\"http://www.w3.org/2000/svg\" ",
            id,
            title,
            description,
        )
    }

    /// The document as part of a page, which knows what SVG is. `id` begins the ids inside it, so
    /// that several can stand in one page.
    pub(crate) fn inline(self, id: &str, title: &str, description: &str) -> String {
        self.document("", id, title, description)
    }

    fn document(self, namespace: &str, id: &str, title: &str, description: &str) -> String {
        let (title, description) = (plain::xml(title), plain::xml(description));
        let (width, height) = (self.width, self.height);
        let clock = self.clock.map_or_else(String::new, |(left, right)| {
            let (left, right) = (tenths(left), tenths(right));
            format!("class=\"chart\" data-left=\"{left}\" data-right=\"{right}\" ")
        });
        format!(
            "<svg {clock}{namespace}width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
             font-family=\"{FONTS}\">\n\
             <title id=\"{id}-title\">{title}</title>\n\
             <desc id=\"{id}-desc\">{description}</desc>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n\
             {}</svg>\n",
            tenths(width),
            tenths(height),
            palette::hex(PAPER),
            self.body
        )
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Pixels to whole tenths. Charts are thousands of pixels at most.
fn tenths(pixels: f64) -> i32 {
    (pixels * TENTHS).round() as i32
}

fn grid((x, y): &Point) -> (i32, i32) {
    (tenths(*x), tenths(*y))
}
